//! The libraries' `dlsym` and `dlvsym` on x86-64.
//!
//! The loader tells who asks by the return address. So these leave to it by a jump, with the registers as they came, where
//! its answer is right: the System V ABI for AMD64, 3.2.3, passes the arguments in `%rdi`, `%rsi` and `%rdx`.

use std::arch::naked_asm;
use std::ffi::{c_char, c_void};

use super::{LOADERS, for_library};

/// Comes back in `%rax` and `%rdx`.
#[repr(C)]
struct Answer {
    is_there: usize,
    address: *mut c_void,
}

unsafe extern "C" fn answer(
    handle: *mut c_void,
    name: *const c_char,
    version: *const c_char,
    caller: *mut c_void,
) -> Answer {
    // SAFETY: the caller's promises are those of dlsym and dlvsym.
    let found = unsafe { for_library(handle, name, version, caller) };
    Answer { is_there: usize::from(found.is_some()), address: found.unwrap_or(std::ptr::null_mut()) }
}

/// Asks `answer`, with `%rdx` as `$version` leaves it, and leaves to the word `$loaders` of `LOADERS` what has none.
macro_rules! ask {
    ($version:literal, $loaders:literal) => {
        naked_asm!(
            "push rdi",
            "push rsi",
            "push rdx",
            $version,
            "mov rcx, [rsp + 24]",
            "call {answer}",
            "test rax, rax",
            "mov rax, rdx",
            "pop rdx",
            "pop rsi",
            "pop rdi",
            "jne 2f",
            concat!("jmp [rip + {loaders} + 8 * ", $loaders, "]"),
            "2:",
            "ret",
            answer = sym answer,
            loaders = sym LOADERS,
        )
    };
}

/// `dlsym(3)`
#[unsafe(naked)]
pub(super) extern "C" fn symbol() {
    ask!("xor edx, edx", 0)
}

/// `dlvsym(3)`
#[cfg(target_env = "gnu")]
#[unsafe(naked)]
pub(super) extern "C" fn versioned() {
    ask!("", 1)
}
