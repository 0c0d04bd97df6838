//! What a program may name of the startup files (`crt1.o`, `crti.o`; the gABI's `_DYNAMIC`): Setlink does their work itself.

use std::ffi::{c_int, c_void};
use std::io::Write;

use crate::resolve::scope::{Foreign, ForeignKind};

/// `crt1.o`'s mark of a program that has its `stdin`'s layout, `_G_IO_MAGIC`'s successor: version 2.1.
static STDIN_USED: c_int = 0x2_0001;

/// The definition of a name of the startup files for programs in this process.
pub(crate) fn find(name: &[u8]) -> Option<Foreign> {
    let function = |function: extern "C" fn()| Foreign::function(function as *const () as u64);
    match name {
        b"_start" => Some(function(start)),
        // Those that a program does not make itself have nothing to do.
        b"_init" | b"_fini" => Some(function(nothing)),
        b"_IO_stdin_used" => {
            let address = (&raw const STDIN_USED).expose_provenance() as u64;
            Some(Foreign { constant: true, ..Foreign::data(address, size_of::<c_int>() as u64) })
        }
        b"_DYNAMIC" => dynamic_section(),
        _ => None,
    }
}

extern "C" fn start() {
    let _ = writeln!(std::io::stderr(), "setlink: the program called `_start`, which has done its work");
    std::process::abort()
}

extern "C" fn nothing() {}

/// The dynamic section of the process's executable, in which debuggers and profilers look for `DT_DEBUG`.
fn dynamic_section() -> Option<Foreign> {
    unsafe extern "C" fn first(info: *mut libc::dl_phdr_info, _size: usize, found: *mut c_void) -> c_int {
        // SAFETY: the loader passes a record of an object that is loaded, and what this module passed to it.
        let (info, found) = unsafe { (&*info, &mut *found.cast::<Option<Foreign>>()) };
        for index in 0..usize::from(info.dlpi_phnum) {
            // SAFETY: one of the object's program headers.
            let header = unsafe { &*info.dlpi_phdr.add(index) };
            if header.p_type == libc::PT_DYNAMIC {
                *found = Some(Foreign {
                    address: info.dlpi_addr.wrapping_add(header.p_vaddr),
                    size: header.p_memsz,
                    align: 8,
                    kind: ForeignKind::Data,
                    constant: true,
                    in_executable: true,
                });
            }
        }
        // The executable comes first.
        1
    }
    let mut found: Option<Foreign> = None;
    // SAFETY: the function fits, and `found` lives until it returns.
    unsafe { libc::dl_iterate_phdr(Some(first), (&raw mut found).cast()) };
    found
}
