//! What the dynamic loader hands to a program when that starts, and only then: the function that ends all libraries
//! (System V psABI for AMD64, 3.4.1: `%rdx` at the entry; the C library's start gets it as its sixth argument, and registers
//! it with `atexit` when the libraries have begun).
//!
//! Libraries of the programs that `setlink run` runs begin later. So that they end as natively, the function is to be registered
//! then, if at all: Setlink keeps it, and the C library's start gets one that calls it where no program has.

// In place of the C library's start, which goes on. It has no frame: nothing is between the process's entry and `main`.
std::arch::global_asm!(
    ".pushsection .text.setlink_start,\"ax\",@progbits",
    ".globl __libc_start_main",
    ".type __libc_start_main,@function",
    "__libc_start_main:",
    "push rdi",
    "push rsi",
    "push rdx",
    "push rcx",
    "push r8",
    "mov rdi, r9",
    "call {next}",
    "mov r9, rdx",
    "pop r8",
    "pop rcx",
    "pop rdx",
    "pop rsi",
    "pop rdi",
    "jmp rax",
    ".size __libc_start_main, . - __libc_start_main",
    ".popsection",
    next = sym next,
);

/// What the entry goes on with, in `%rax` and `%rdx`.
#[repr(C)]
struct Next {
    /// The C library's start.
    start: usize,
    /// What that is to register.
    end: Option<extern "C" fn()>,
}

/// Keeps the loader's function.
extern "C" fn next(end: Option<extern "C" fn()>) -> Next {
    if let Some(end) = end {
        setlink::libraries_end_with(end);
    }
    // SAFETY: the name is terminated. The loader has done its work when it enters a program.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"__libc_start_main".as_ptr()) };
    if found.is_null() {
        std::process::abort();
    }
    Next { start: found.expose_provenance(), end: end.map(|_| setlink::end_libraries as extern "C" fn()) }
}
