//! The file in which a set finds its own names and lines (`set/relink.rs`), in memory, under the name that `dl_iterate_phdr`
//! tells.
//!
//! It is made at the first call. Whoever comes while it is being made goes without: it may hold the loader's lock, for which
//! the maker waits. So does who runs on a signal's stack, which is small.

use std::ffi::{CString, c_char};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};
use std::sync::{Mutex, TryLockError};

use crate::host::{file_in_memory, fork};

/// Makes the file's contents, with the set's addresses lower by a number.
pub(crate) type Maker = Box<dyn FnOnce(u64) -> Option<Box<[u8]>> + Send>;

/// The name of a set that would open the file, where there is none: no file's. The executable's, which one without a name
/// is taken for, would have other names for the same addresses.
const NONE: *const c_char = c"[program]".as_ptr();

/// A set's file, or how to make it.
#[derive(Default)]
pub(super) struct OwnFile {
    maker: Mutex<Option<Maker>>,
    /// The set opens files by their names.
    is_read: AtomicBool,
    /// Libraries do.
    is_read_by_libraries: AtomicBool,
    made: AtomicPtr<Made>,
}

/// Who reads a set's debug information.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readers {
    pub itself: bool,
    pub libraries: bool,
}

impl Readers {
    pub fn any(self) -> bool {
        self.itself || self.libraries
    }
}

/// A file that is there.
struct Made {
    name: CString,
    file: ManuallyDrop<OwnedFd>,
    /// Its device and number. A program that closes all descriptors that it does not know closes this one, too.
    identity: (u64, u64),
}

impl Made {
    fn new(contents: &[u8]) -> Option<Made> {
        let file = file_in_memory(contents).ok()?;
        let name = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
        let identity = identity(&file)?;
        Some(Made { name, file: ManuallyDrop::new(file), identity })
    }

    /// Whether the descriptor still is the file's.
    fn is_there(&self) -> bool {
        identity(&self.file) == Some(self.identity)
    }
}

fn identity(file: &OwnedFd) -> Option<(u64, u64)> {
    let status = rustix::fs::fstat(file).ok()?;
    Some((status.st_dev, status.st_ino))
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.is_there() {
            // SAFETY: it is dropped nowhere else.
            unsafe { ManuallyDrop::drop(&mut self.file) };
        }
    }
}

impl OwnFile {
    pub fn explain_by(&self, maker: Maker, readers: Readers) {
        *fork::lock(&self.maker) = Some(maker);
        self.is_read.store(readers.itself, SeqCst);
        self.is_read_by_libraries.store(readers.libraries, SeqCst);
    }

    /// Makes the file, if whoever asks reads it, and that is still to be done and can be done now. Its addresses are lower by
    /// `bias`.
    pub fn make(&self, bias: u64, for_library: bool) {
        let is_read = if for_library { &self.is_read_by_libraries } else { &self.is_read };
        if !is_read.load(SeqCst) || !self.made.load(SeqCst).is_null() || is_on_signal_stack() {
            return;
        }
        if for_library && may_handle_fault() {
            return;
        }
        let maker = {
            let _hold = fork::hold();
            match self.maker.try_lock() {
                Ok(mut maker) => maker.take(),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
                Err(TryLockError::WouldBlock) => None,
            }
        };
        // No lock is held: linking may take threads, which pass the gate of forks, too.
        let Some(maker) = maker else { return };
        let made = catch_unwind(AssertUnwindSafe(|| Some(Box::new(Made::new(&maker(bias)?)?))));
        if let Ok(Some(made)) = made {
            // Nobody else had the maker.
            self.made.store(Box::into_raw(made), SeqCst);
        }
    }

    /// The file's name; none where the set does not read files.
    pub fn name(&self) -> Option<*const c_char> {
        self.is_read.load(SeqCst).then(|| self.made_name().unwrap_or(NONE))
    }

    /// The same for libraries; none where there is no file, too.
    pub fn name_for_libraries(&self) -> Option<*const c_char> {
        if self.is_read_by_libraries.load(SeqCst) { self.made_name() } else { None }
    }

    fn made_name(&self) -> Option<*const c_char> {
        // SAFETY: what is there stays as long as this value.
        let made = unsafe { self.made.load(SeqCst).as_ref() }.filter(|made| made.is_there());
        made.map(|made| made.name.as_ptr())
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        let made = *self.made.get_mut();
        if !made.is_null() {
            // SAFETY: `make` leaked it, and nobody has this value any more.
            drop(unsafe { Box::from_raw(made) });
        }
    }
}

/// Whether the thread may be handling a signal that tells of a fault, which is blocked meanwhile: libgfortran writes a backtrace
/// there. What was interrupted may be the memory manager.
fn may_handle_fault() -> bool {
    let faults =
        [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS];
    // SAFETY: the set is plain data, which is filled in; nothing is changed.
    let mut mask: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let asked = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut mask) };
    // SAFETY: the numbers are signals'.
    asked != 0 || faults.iter().any(|signal| unsafe { libc::sigismember(&raw const mask, *signal) } == 1)
}

/// Whether the thread handles a signal on a stack of its own (`sigaltstack(2)`).
fn is_on_signal_stack() -> bool {
    let mut stack = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: nothing is changed, and there is room for the answer.
    let asked = unsafe { libc::sigaltstack(std::ptr::null(), &raw mut stack) };
    asked != 0 || stack.ss_flags & libc::SS_ONSTACK != 0
}
