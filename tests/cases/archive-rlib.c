//# about: A real rlib.
//# needs: rustc
//# sh: rustc --crate-type=rlib --edition=2024 -C panic=abort -C opt-level=2 -o libadder.rlib adder.rs
//# link: libadder.rlib
//# stdout: 5
#include <stdio.h>
int adder(int, int);
int main(void) { printf("%d\n", adder(2, 3)); }
//# file: adder.rs
#![no_std]
#[unsafe(no_mangle)]
pub extern "C" fn adder(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}
