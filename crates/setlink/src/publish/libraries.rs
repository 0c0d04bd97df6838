//! A set's shared libraries, which begin with it.

use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::initialise::{Arguments, Functions, at_exit};
use crate::error::Problem;
use crate::host::{self, End, Image, OpenLibrary, WaitingLibraries};

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

/// The loader's function that ends all libraries, where it is known.
static LOADERS_END: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
/// The number of those that began first; 0 before that.
static FIRST: AtomicU64 = AtomicU64::new(0);

/// Tells of the function that the loader gave to the process, to end all libraries with. It knows which have begun and
/// which need which, holds them meanwhile, and does nothing when it is called again.
pub fn libraries_end_with(function: extern "C" fn()) {
    LOADERS_END.store(function as *mut c_void, Ordering::Release);
}

extern "C" fn end(number: *mut c_void) {
    let number = number.expose_provenance() as u64;
    // The loader's function ends what other sets need, too: it is for the set whose turn is the last.
    let loaders = match number == FIRST.load(Ordering::Relaxed) {
        true => LOADERS_END.load(Ordering::Acquire),
        false => std::ptr::null_mut(),
    };
    for end in host::ending(number, !loaders.is_null()) {
        match end {
            // SAFETY: the process ends, the library has begun and stays, and nobody else ends it.
            End::Library(finalisers) => unsafe {
                Functions::of_ending_library(&finalisers).run(Arguments::NONE);
            },
            End::Loader => {
                // SAFETY: it is a function of this type: only `libraries_end_with` sets it.
                let end = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(loaders) };
                end();
            }
        }
    }
}

/// Initialises the libraries, before the set's own initialisers.
///
/// # Safety
/// All that they refer to is published, and their code keeps the rules of the languages it comes from.
pub(super) unsafe fn initialise(waiting: &WaitingLibraries, arguments: Arguments) {
    // One that does not return has had its turn.
    while let Some(next) = waiting.next() {
        // SAFETY: the caller's promise.
        unsafe { Functions::of_library(&next).run(arguments) };
    }
    let number = waiting.number();
    // Others were first, where it fails.
    let _ = FIRST.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
    at_exit(end, std::ptr::with_exposed_provenance_mut(number as usize));
}
