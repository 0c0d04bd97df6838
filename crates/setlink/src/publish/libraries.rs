//! A set's shared libraries, which begin with it.

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::initialise::{Arguments, Functions, SetsEnd};
use crate::error::Problem;
use crate::host::{self, EndOfAll, Finalisers, Image, OpenLibrary, WaitingLibraries, fork};

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

/// The loader's function that ends all libraries, where it is known and until somebody takes it.
static LOADERS_END: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// Tells of the function that the loader gave to the process, to end all libraries with when it ends. The process's end is to
/// call [`end_libraries`] instead.
pub fn libraries_end_with(function: extern "C" fn()) {
    LOADERS_END.store(function as *mut c_void, Ordering::Release);
}

/// Ends all libraries of the process, unless those of a set began, or were about to begin: then it is the set that ends all, or
/// nobody, as the loader gives its function to a program when the program's libraries have begun.
pub extern "C" fn end_libraries() {
    if let Some(end) = LoadersEnd::take() {
        end.into_function()();
    }
}

/// The loader's function that ends all libraries. Nobody else has it.
struct LoadersEnd(extern "C" fn());

impl LoadersEnd {
    fn take() -> Option<LoadersEnd> {
        let function = LOADERS_END.swap(std::ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: it is a function of this type: only `libraries_end_with` sets it.
        (!function.is_null())
            .then(|| LoadersEnd(unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(function) }))
    }

    fn into_function(self) -> extern "C" fn() {
        std::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for LoadersEnd {
    fn drop(&mut self) {
        libraries_end_with(self.0);
    }
}

/// Libraries that have begun, and end with the process behind the set that they began with.
pub(super) struct Begun {
    number: u64,
    /// All others end with these, too.
    others: Option<(EndOfAll, LoadersEnd)>,
}

/// Initialises the libraries, before the set's own initialisers.
///
/// # Safety
/// All that they refer to is published, and their code keeps the rules of the languages it comes from.
pub(super) unsafe fn initialise(waiting: &WaitingLibraries, arguments: Arguments) -> Begun {
    let loaders = LoadersEnd::take();
    let others = loaders.and_then(|loaders| Some((EndOfAll::new(at_executable).ok()?, loaders)));
    // One that does not return has had its turn.
    while let Some(next) = waiting.next() {
        // SAFETY: the caller's promise.
        unsafe { Functions::of_library(&next).run(arguments) };
    }
    Begun { number: waiting.number(), others }
}

/// What the loader is to come to.
struct Ending {
    set: SetsEnd,
    number: u64,
    others: EndOfAll,
    loaders: extern "C" fn(),
}

static ENDING: Mutex<Option<Ending>> = Mutex::new(None);

/// The loader has come to the end of the executable, for which the set stands.
extern "C" fn at_executable() {
    let Some(Ending { set, number, others, loaders }) = fork::lock(&ENDING).take() else { return };
    let ends = others.ends(loaders);
    // SAFETY: the process ends; the set and the libraries have begun and stay, and nobody else ends them.
    unsafe { end(set, || ends.unwrap_or_else(|| host::ending(number))) };
}

/// # Safety
/// The set is still in memory; the libraries have begun and stay, and nobody else ends them.
unsafe fn end(set: SetsEnd, libraries: impl FnOnce() -> Vec<Finalisers>) {
    // SAFETY: the caller's promise.
    unsafe {
        set.run();
        for library in &libraries() {
            Functions::of_ending_library(library).run(Arguments::NONE);
        }
    }
}

impl Begun {
    /// The process ends.
    ///
    /// # Safety
    /// The set is still in memory.
    pub unsafe fn end(self, set: SetsEnd) {
        let Begun { number, others } = self;
        let Some((others, loaders)) = others else {
            // SAFETY: as in `at_executable`.
            return unsafe { end(set, || host::ending(number)) };
        };
        let loaders = loaders.into_function();
        *fork::lock(&ENDING) = Some(Ending { set, number, others, loaders });
        loaders();
        // Where an executable without finalisers was nothing to come to.
        at_executable();
    }
}
