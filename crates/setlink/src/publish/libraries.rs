//! A set's shared libraries, which begin with it.

use std::ffi::c_void;
use std::sync::Once;

use super::initialise::{Arguments, Functions, at_exit};
use crate::error::Problem;
use crate::host::{self, Image, OpenLibrary, WaitingLibraries};

/// What has been opened for a set.
#[derive(Default)]
pub(crate) struct Opened {
    /// Libraries that have begun.
    pub libraries: Vec<OpenLibrary>,
    /// Names that the set will define.
    pub promised: Option<Image>,
    /// Libraries that are to begin when the set is published.
    pub waiting: Option<WaitingLibraries>,
    /// What the libraries lack and may lack.
    pub undefined: Vec<Problem>,
}

extern "C" fn forsake(_: *mut c_void) {
    host::forsake();
}

extern "C" fn end(number: *mut c_void) {
    for finalisers in host::ending(number.expose_provenance() as u64) {
        // SAFETY: the process ends, the library has begun, and nobody else ends it.
        unsafe { Functions::of_ending_library(&finalisers).run(Arguments::NONE) };
    }
}

/// Initialises the libraries, before the set's own initialisers.
///
/// # Safety
/// All that they refer to is published, and their code keeps the rules of the languages it comes from.
pub(super) unsafe fn initialise(waiting: &WaitingLibraries, arguments: Arguments) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| at_exit(forsake, std::ptr::null_mut()));
    // One that does not return has had its turn.
    while let Some(next) = waiting.next() {
        // SAFETY: the caller's promise.
        unsafe { Functions::of_library(&next).run(arguments) };
    }
    at_exit(end, std::ptr::with_exposed_provenance_mut(waiting.complete() as usize));
}
