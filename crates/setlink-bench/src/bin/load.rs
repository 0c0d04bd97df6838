//! `setlink-bench-load [--run] [LIBRARY...] FILE`: opens a ready shared library as `dlopen` does, after the libraries that
//! it was linked without, looks `main` up and, with `--run`, returns what it returns. The check that a linker's output
//! works, and the price of loading it.

use std::ffi::{CString, c_int};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let run = arguments.first().is_some_and(|first| first == "--run");
    if run {
        arguments.remove(0);
    }
    let Some(file) = arguments.pop().and_then(|file| CString::new(file).ok()) else {
        eprintln!("usage: setlink-bench-load [--run] [LIBRARY...] FILE");
        return ExitCode::FAILURE;
    };
    for library in arguments.into_iter().filter_map(|library| CString::new(library).ok()) {
        // SAFETY: a library of the system's.
        unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    }
    // SAFETY: the library was linked from objects that the benchmark trusts enough to run.
    let main = unsafe {
        let library = libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            eprintln!("{}", std::ffi::CStr::from_ptr(libc::dlerror()).to_string_lossy());
            return ExitCode::FAILURE;
        }
        libc::dlsym(library, c"main".as_ptr())
    };
    if main.is_null() {
        eprintln!("it does not export main");
        return ExitCode::FAILURE;
    }
    if !run {
        return ExitCode::SUCCESS;
    }
    // SAFETY: `main` has C's type.
    let status = unsafe {
        let main: extern "C" fn(c_int, *const *const i8) -> c_int = std::mem::transmute(main);
        main(0, [std::ptr::null()].as_ptr())
    };
    ExitCode::from(status as u8)
}
