//# about: An object made by rustc without a standard library.
//# needs: rustc
//# sh: rustc --crate-type=lib --emit=obj --edition=2024 -C panic=abort -C opt-level=1 -o fibonacci.o fibonacci.rs
//# link: fibonacci.o
//# stdout: 832040
#include <stdio.h>
unsigned long fibonacci(unsigned);
int main(void) { printf("%lu\n", fibonacci(30)); }
//# file: fibonacci.rs
#![no_std]
#[unsafe(no_mangle)]
pub extern "C" fn fibonacci(n: u32) -> u64 {
    (0..n).fold((0, 1), |(a, b): (u64, u64), _| (b, a.wrapping_add(b))).0
}
