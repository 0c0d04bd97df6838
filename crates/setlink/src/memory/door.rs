//! Writing into pages that are not writable: through `/proc/self/mem`, so that code is never mapped for writing.
//!
//! The kernel copies the page first where it has to, as for a debugger's breakpoint, so a process and its forked
//! children never see each other's writes, and files stay what they are. The descriptor belongs to the address space
//! of the process that opened it: a child opens its own.

use std::mem::ManuallyDrop;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};

use crate::host::fork;

#[derive(Debug, Default)]
pub(super) struct Door {
    opened: Mutex<Option<Opened>>,
}

#[derive(Debug)]
struct Opened {
    /// Never closed but when the door is: once it is somebody else's, its number may be that of a file of theirs.
    file: ManuallyDrop<OwnedFd>,
    /// What the number stood for when it was opened. A host may close all descriptors (`closefrom(3)`), and the number
    /// go to another file.
    identity: (u64, u64),
    /// The process, and a mark that its children do not see.
    process: u32,
    mark: Option<Mark>,
}

/// A page with a word that is 0 in a forked child. (Numbers of processes are no proof: in nested namespaces, parent and
/// child can both be 1.)
#[derive(Debug)]
struct Mark(NonNull<u64>);

const PAGE: usize = 4096;

// SAFETY: the page is the mark's own, and after it was made it is only read.
unsafe impl Send for Mark {}

impl Mark {
    /// None where the kernel (before 4.14) does not know such pages.
    fn new() -> Option<Mark> {
        // SAFETY: a fresh mapping, wherever the kernel puts it, of which nobody else knows.
        unsafe {
            let flags = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
            let page = rustix::mm::mmap_anonymous(std::ptr::null_mut(), PAGE, flags.0, flags.1).ok()?;
            if rustix::mm::madvise(page, PAGE, Advice::LinuxWipeOnFork).is_err() {
                let _ = rustix::mm::munmap(page, PAGE);
                return None;
            }
            page.cast::<u64>().write(1);
            NonNull::new(page.cast()).map(Mark)
        }
    }

    fn is_seen(&self) -> bool {
        // SAFETY: the page stays mapped as long as the mark lives.
        unsafe { self.0.read_volatile() == 1 }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and unmapped only here.
        let _ = unsafe { rustix::mm::munmap(self.0.as_ptr().cast(), PAGE) };
    }
}

impl Opened {
    fn new() -> Result<Opened, Errno> {
        let file = rustix::fs::open("/proc/self/mem", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
        let identity = identity(&file)?;
        Ok(Opened { file: ManuallyDrop::new(file), identity, process: std::process::id(), mark: Mark::new() })
    }

    /// Whether this is the process that opened it.
    fn is_here(&self) -> bool {
        match &self.mark {
            Some(mark) => mark.is_seen(),
            None => self.process == std::process::id(),
        }
    }

    /// Whether the file is still this process's own memory.
    fn is_own(&self) -> bool {
        self.is_here() && identity(&self.file) == Ok(self.identity)
    }
}

fn identity(file: &OwnedFd) -> Result<(u64, u64), Errno> {
    rustix::fs::fstat(file).map(|status| (status.st_dev, status.st_ino))
}

impl Drop for Door {
    fn drop(&mut self) {
        let opened = self.opened.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = opened.take()
            && opened.is_own()
        {
            drop(ManuallyDrop::into_inner(opened.file));
        }
    }
}

impl Door {
    /// The open file, if what is open is `fit`, or else a new one.
    fn open(&self, fit: impl Fn(&Opened) -> bool) -> Result<fork::Locked<'_, Option<Opened>>, Errno> {
        let mut opened = fork::lock(&self.opened);
        if !opened.as_ref().is_some_and(fit) {
            *opened = Some(Opened::new()?);
        }
        Ok(opened)
    }

    /// Makes sure that the memory is open, as it must be before [`Door::write`]: there is no asking twice what a number
    /// stands for.
    ///
    /// # Errors
    /// The kernel does not let this process: `/proc` is not there, it has given up rights, it may open no more files.
    pub fn ready(&self) -> Result<(), Errno> {
        self.open(Opened::is_own).map(drop)
    }

    /// Stores `bytes` at `address`.
    ///
    /// One thread at a time: kernels from 5.9 to 5.18 copy a page that is not writable anew for a second writer, whose
    /// copy the first one's bytes then miss.
    ///
    /// # Errors
    /// The kernel does not allow it, or nothing is mapped there.
    ///
    /// # Safety
    /// The addresses are the caller's own to write, and nobody reads them meanwhile.
    pub unsafe fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        let opened = self.open(Opened::is_here)?;
        let Some(opened) = &*opened else { return Err(Errno::BADF) };
        let mut done = 0;
        while done < bytes.len() {
            match rustix::io::pwrite(&*opened.file, &bytes[done..], address + done as u64) {
                Ok(0) => return Err(Errno::IO),
                Ok(written) => done += written,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
