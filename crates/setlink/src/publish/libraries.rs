//! A set's shared libraries, which begin with it.

use super::initialise::{Arguments, Functions};
use crate::host::{Image, OpenLibrary, WaitingLibraries};
use crate::session::ArgumentList;

/// What has been opened for a set.
#[derive(Default)]
pub(crate) struct Opened {
    /// Libraries that have begun.
    pub libraries: Vec<OpenLibrary>,
    /// Names that the set will define.
    pub promised: Option<Image>,
    /// Libraries that are to begin when the set is published.
    pub waiting: Waiting,
}

/// Libraries that are initialised when the set's program is there, before its own initialisers; they are closed with it.
#[derive(Default)]
pub(crate) struct Waiting(pub Option<WaitingLibraries>);

impl Waiting {
    /// Initialises the libraries.
    ///
    /// # Safety
    /// All that they refer to is published, and their code keeps the rules of the languages it comes from.
    pub unsafe fn initialise(&mut self, arguments: Arguments) {
        // One that does not return has had its turn.
        while let Some(next) = self.0.as_mut().and_then(WaitingLibraries::next) {
            // SAFETY: the caller's promise.
            unsafe { Functions::of_library(&next).run(arguments) };
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(waiting) = &mut self.0 {
            waiting.close();
            // The set came to nothing. What stays in the process all the same is to be of use to the next one.
            // SAFETY: the libraries were opened for being initialised; what they need of the set tells what is wrong.
            unsafe { self.initialise(ArgumentList::of_process().as_arguments()) };
        }
    }
}
