//! What a program may name of the startup files (`crt1.o`, `crti.o`; the gABI's `_DYNAMIC`): Setlink does their work itself.

#![forbid(unsafe_code)]

use std::ffi::c_int;
use std::io::Write;

use crate::host::Host;
use crate::resolve::scope::{Foreign, ForeignKind};

/// `crt1.o`'s mark of a program that has its `stdin`'s layout, `_G_IO_MAGIC`'s successor: version 2.1.
static STDIN_USED: c_int = 0x2_0001;

/// The definition of a name of the startup files for programs in this process.
pub(crate) fn find(name: &[u8], host: &Host) -> Option<Foreign> {
    let function = |function: extern "C" fn()| Foreign::function(function as *const () as u64);
    match name {
        b"_start" => Some(function(start)),
        // Those that a program does not make itself have nothing to do.
        b"_init" | b"_fini" => Some(function(nothing)),
        b"_IO_stdin_used" => {
            let address = (&raw const STDIN_USED).expose_provenance() as u64;
            Some(Foreign { constant: true, ..Foreign::data(address, size_of::<c_int>() as u64) })
        }
        b"_DYNAMIC" => dynamic_section(host),
        _ => None,
    }
}

extern "C" fn start() {
    let _ = writeln!(std::io::stderr(), "setlink: the program called `_start`, which has done its work");
    std::process::abort()
}

extern "C" fn nothing() {}

/// The dynamic section of the process's executable, in which debuggers and profilers look for `DT_DEBUG`.
fn dynamic_section(host: &Host) -> Option<Foreign> {
    // The executable comes first.
    let section = host.libraries().get(0)?.dynamic.clone()?;
    Some(Foreign {
        address: section.start,
        size: section.end - section.start,
        align: 8,
        kind: ForeignKind::Data,
        constant: true,
        in_executable: true,
    })
}
