//! Entering a program: at its `main`, as the C library's start does, or at a start of its own, as the kernel does.

use std::ffi::{c_char, c_int};

use setlink::ArgumentList;

use crate::environ;

/// A program that is linked and ready to start.
pub(crate) struct Program {
    /// The function, and whether it is a process's start rather than one to be called.
    pub main: u64,
    pub is_start: bool,
    pub arguments: &'static ArgumentList,
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

impl Program {
    /// What `main` gets of the arguments.
    fn arguments(&self) -> (c_int, *const *const c_char) {
        (self.arguments.strings().len() as c_int, self.arguments.words().as_ptr().cast())
    }
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
        // What the kernel leaves on the stack of a new process.
        let count = program.arguments.strings().len() as u64;
        let words = program
            .arguments
            .words()
            .iter()
            .map(|word| word.load(std::sync::atomic::Ordering::Relaxed).expose_provenance() as u64);
        let words: Vec<u64> = std::iter::once(count).chain(words).collect();
        // SAFETY: running the program is what the user asked for. The words are copied, and nothing comes back.
        unsafe { setlink_begin(program.main, words.as_ptr(), words.len()) }
    }
    let (count, values) = program.arguments();
    // SAFETY: running the program is what the user asked for; `main` has C's type.
    unsafe { setlink_enter(program.main, count, values, environ) }
}

/// Calls the program's `main` and exits with its result.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn start(program: Program) -> ! {
    type Main = unsafe extern "C-unwind" fn(c_int, *const *const c_char, *const *const c_char) -> c_int;
    let (count, values) = program.arguments();
    // SAFETY: running the program is what the user asked for; `main` has C's type.
    unsafe {
        let main: Main = std::mem::transmute(std::ptr::with_exposed_provenance::<()>(program.main as usize));
        libc::exit(main(count, values, environ))
    }
}
