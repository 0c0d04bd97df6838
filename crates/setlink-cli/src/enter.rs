//! Entering a program: at its `main`, as the C library's start does, or at a start of its own, as the kernel does.

use std::ffi::{c_char, c_int};

use crate::environ;

/// A program that is linked and ready to start.
pub(crate) struct Program {
    /// The function, and whether it is a process's start rather than one to be called.
    pub main: u64,
    pub is_start: bool,
    /// The program's arguments.
    pub count: c_int,
    pub values: *const *const c_char,
}

// Calls the program's `main` and exits with its result. Unwinding ends here, as it does in the C library's start: who
// walks the stack is told that nobody called this function.
#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".pushsection .text.setlink_enter,\"ax\",@progbits",
    ".type setlink_enter,@function",
    "setlink_enter:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "and rsp, -16",
    "mov rax, rdi",
    "mov edi, esi",
    "mov rsi, rdx",
    "mov rdx, rcx",
    "call rax",
    "mov edi, eax",
    "call {exit}",
    "ud2",
    ".cfi_endproc",
    ".size setlink_enter, . - setlink_enter",
    ".popsection",
    exit = sym libc::exit,
);

// Enters a program's own start with the words `rsi`, so many as `rdx`, where the kernel leaves them (System V psABI for AMD64,
// 3.4.1). No function is there to be called at the end (`rdx`), nor a frame before this one.
#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    ".pushsection .text.setlink_begin,\"ax\",@progbits",
    ".type setlink_begin,@function",
    "setlink_begin:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "mov rax, rdi",
    "mov rcx, rdx",
    "shl rdx, 3",
    "sub rsp, rdx",
    "and rsp, -16",
    "mov rdi, rsp",
    "cld",
    "rep movsq",
    "xor edx, edx",
    "xor ebp, ebp",
    "jmp rax",
    ".cfi_endproc",
    ".size setlink_begin, . - setlink_begin",
    ".popsection",
);

/// What the kernel leaves on the stack of a new process: the arguments, the environment and the auxiliary vector, which tells
/// of this process.
#[cfg(target_arch = "x86_64")]
fn words(program: &Program) -> Vec<u64> {
    let pointers = |list: *const *const c_char, words: &mut Vec<u64>| {
        let mut next = list;
        // SAFETY: a list of pointers that ends in null, or none at all; the process has one thread, or none that changes it.
        while !next.is_null() && !unsafe { *next }.is_null() {
            // SAFETY: likewise.
            words.push(unsafe { *next }.expose_provenance() as u64);
            next = next.wrapping_add(1);
        }
        words.push(0);
    };
    let mut words = vec![program.count as u64];
    pointers(program.values, &mut words);
    // SAFETY: POSIX's variable, which no thread changes now.
    pointers(unsafe { environ }, &mut words);
    let vector = std::fs::read("/proc/self/auxv").unwrap_or_default();
    let (vector, _) = vector.as_chunks::<8>();
    words.extend(vector.iter().map(|word| u64::from_ne_bytes(*word)));
    words.extend([0, 0]);
    words
}

/// Runs the program and exits with its result.
#[cfg(target_arch = "x86_64")]
pub(crate) fn start(program: Program) -> ! {
    unsafe extern "C-unwind" {
        fn setlink_begin(start: u64, words: *const u64, count: usize) -> !;
        fn setlink_enter(
            main: u64,
            count: c_int,
            values: *const *const c_char,
            env: *const *const c_char,
        ) -> !;
    }
    if program.is_start {
        let words = words(&program);
        // SAFETY: running the program is what the user asked for. The words are copied, and nothing comes back.
        unsafe { setlink_begin(program.main, words.as_ptr(), words.len()) }
    }
    // SAFETY: running the program is what the user asked for; `main` has C's type.
    unsafe { setlink_enter(program.main, program.count, program.values, environ) }
}

/// Calls the program's `main` and exits with its result.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn start(program: Program) -> ! {
    type Main = unsafe extern "C-unwind" fn(c_int, *const *const c_char, *const *const c_char) -> c_int;
    // SAFETY: running the program is what the user asked for; `main` has C's type.
    unsafe {
        let main: Main = std::mem::transmute(std::ptr::with_exposed_provenance::<()>(program.main as usize));
        libc::exit(main(program.count, program.values, environ))
    }
}
