//! What libraries of the process ask about sets.
//!
//! Libraries may have to find the program that needs them: a garbage collector looks for pointers in the variables of all that
//! is loaded, and D's runtime for the file that each module is in (`dl_iterate_phdr(3)`); others write where a call came from
//! (`backtrace_symbols(3)`). The loader does not know of a set that stands for the process's program. So libraries that ask
//! are led to the functions that sets have for it, once there is such a set. That is for good, as these functions pass on what
//! is not about sets.

use std::sync::Mutex;

use super::unwind::find;
use super::{dladdr, headers};
use crate::error::Result;
use crate::host::{Host, Move, MoveOptions, Moved, Moves, fork};

/// Which functions libraries are led away from. Not `_dl_find_object`: only unwinders call it, which are told of sets.
const NAMES: [&[u8]; 5] =
    [b"dl_iterate_phdr", b"dladdr", b"dladdr1", b"backtrace_symbols", b"backtrace_symbols_fd"];

/// Whether a library of the process calls one of these functions, or one that the set may open (`may_open`) could, and may be
/// led away from it.
///
/// The runtimes of sanitizers are left alone: they would take a program without a name for the process's executable, and
/// report functions of that. So is a process where Setlink is in a library, which would be led to itself.
pub(crate) fn by_libraries(host: &Host, may_open: bool) -> bool {
    (may_open || host.is_referenced(&NAMES))
        && find(c"__sanitizer_print_stack_trace").is_none()
        && is_in_executable(host)
}

/// What a library refers to that finds the names and lines of its callers by itself, as libgfortran and libgo do, in which
/// libbacktrace is: it walks the stack, asks what is loaded, and opens the files.
const READERS: [&[u8]; 3] = [b"_Unwind_GetIPInfo", b"dl_iterate_phdr", b"open"];

/// Whether a library of the process reads the debug information of who calls it.
pub(crate) fn library_reads(host: &Host) -> bool {
    host.is_one_referring(&READERS)
}

/// Whether this code is the executable's.
fn is_in_executable(host: &Host) -> bool {
    let libraries = host.libraries();
    let own = libraries.holding(is_in_executable as *const () as u64).and_then(|index| libraries.get(index));
    own.is_some_and(|library| library.is_executable)
}

/// The moves that lead libraries here, which stay.
static LED_HERE: Mutex<Option<Moves>> = Mutex::new(None);

/// Makes libraries find sets.
///
/// # Errors
/// Memory cannot be written.
pub(super) fn lead_libraries_here(host: &Host) -> Result<()> {
    let mut led = fork::lock(&LED_HERE);
    if led.is_none() {
        let led_to = |name: &[u8]| {
            let new = dladdr::substitute(name).or_else(|| headers::substitute_for_library(name))?;
            Some(Move { names: vec![(name.to_vec(), None)], what: Moved::Function, new })
        };
        let moves: Vec<Move> = NAMES.iter().filter_map(|name| led_to(name)).collect();
        let options = MoveOptions {
            skip_executable: true,
            definitions_only: !host.is_referenced(&NAMES),
            ..MoveOptions::default()
        };
        // SAFETY: the functions do what the loader's and the C library's do, which they call.
        *led = Some(unsafe { host.apply_moves(&moves, options)? });
    }
    Ok(())
}
