//! Writing into pages that are not writable: through `/proc/self/mem`, so that code is never mapped for writing.
//!
//! The kernel copies the page first where it has to, as for a debugger's breakpoint, so a process and its forked
//! children never see each other's writes, and files stay what they are. The descriptor belongs to the address space
//! of the process that opened it: a child opens its own.

use std::mem::ManuallyDrop;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{Mode, OFlags, SeekFrom};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};

use crate::host::fork;

#[derive(Debug, Default)]
pub(super) struct Door {
    opened: Mutex<Option<Arc<Opened>>>,
    /// Taken where only one thread may write at a time.
    writing: Mutex<()>,
}

#[derive(Debug)]
pub(super) struct Opened {
    /// Never closed but when the door is: once it is somebody else's, its number may be that of a file of theirs.
    file: ManuallyDrop<OwnedFd>,
    /// Where the file is, which no other file is: a host may close all descriptors (`closefrom(3)`), and the number go to
    /// another file. Reading and writing at places of their own leave it, and asking takes half as long as for the
    /// device and inode.
    position: u64,
    /// The process, and a mark that its children do not see.
    process: u32,
    mark: Option<Mark>,
    one_at_a_time: bool,
}

/// A page with a word that is 0 in a forked child. (Numbers of processes are no proof: in nested namespaces, parent and
/// child can both be 1.)
#[derive(Debug)]
struct Mark(NonNull<u64>);

const PAGE: usize = 4096;

// SAFETY: the page is the mark's own, and after it was made it is only read.
unsafe impl Send for Mark {}
// SAFETY: as above.
unsafe impl Sync for Mark {}

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
        // A random number, as a file offset can be one.
        let position = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ()) >> 2;
        if rustix::fs::seek(&file, SeekFrom::Start(position))? != position {
            return Err(Errno::SPIPE);
        }
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Ok(Opened {
            file: ManuallyDrop::new(file),
            position,
            process: std::process::id(),
            mark: Mark::new(),
            one_at_a_time: loses_writes(&release),
        })
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
        self.is_here() && rustix::fs::tell(&*self.file) == Ok(self.position)
    }
}

/// Whether a kernel of this release, as far as it can be read, loses what one of two threads writes into a page that is not
/// writable: from 5.9 to 5.18 it copies such a page anew for the second one.
fn loses_writes(release: &str) -> bool {
    let mut numbers = release.split('.').map(|number| {
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse::<u32>().ok()
    });
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => ((5, 9)..(5, 19)).contains(&(major, minor)),
        _ => true,
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let opened = self.opened.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = opened.take().and_then(Arc::into_inner)
            && opened.is_own()
        {
            drop(ManuallyDrop::into_inner(opened.file));
        }
    }
}

impl Door {
    /// The open file, if what is open is `fit`, or else a new one. System calls are made without the lock.
    fn open(&self, fit: impl Fn(&Opened) -> bool) -> Result<Arc<Opened>, Errno> {
        let known = fork::lock(&self.opened).clone();
        let known = match known {
            Some(opened) if fit(&opened) => return Ok(opened),
            known => known,
        };
        // Its place first: a file that is open is not to be lost for lack of memory.
        let mut new = Arc::new_uninit();
        if let Some(place) = Arc::get_mut(&mut new) {
            place.write(Opened::new()?);
        }
        // SAFETY: nobody else has the place, so it was written.
        let new = unsafe { new.assume_init() };
        let mut opened = fork::lock(&self.opened);
        match &*opened {
            // Another thread was quicker.
            Some(other) if !known.is_some_and(|known| Arc::ptr_eq(&known, other)) => {
                if let Some(new) = Arc::into_inner(new) {
                    drop(ManuallyDrop::into_inner(new.file));
                }
                Ok(other.clone())
            }
            _ => Ok(opened.insert(new).clone()),
        }
    }

    /// The open memory, for [`Door::write`]: there is no asking twice what a number stands for.
    ///
    /// # Errors
    /// The kernel does not let this process: `/proc` is not there, it has given up rights, it may open no more files.
    pub fn ready(&self) -> Result<Arc<Opened>, Errno> {
        self.open(Opened::is_own)
    }

    /// Stores `bytes` at `address`, through what [`Door::ready`] gave; if it was the parent's, through what is open here.
    ///
    /// # Errors
    /// The kernel does not allow it, or nothing is mapped there.
    ///
    /// # Safety
    /// The addresses are the caller's own to write, and nobody reads them meanwhile.
    pub unsafe fn write(&self, ready: &Arc<Opened>, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        let own;
        let opened = match ready.is_here() {
            true => ready,
            false => {
                own = self.open(Opened::is_here)?;
                &own
            }
        };
        let _alone = opened.one_at_a_time.then(|| fork::lock(&self.writing));
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

#[cfg(test)]
mod tests {
    use super::loses_writes;

    #[test]
    fn kernels_that_lose_writes() {
        for release in
            ["5.9.0", "5.10.0-28-amd64", "5.15.167.4-microsoft-standard-WSL2", "5.18-rc1", "", "odd", "5"]
        {
            assert!(loses_writes(release), "{release}");
        }
        for release in ["4.19.0", "5.8.18", "5.19.0", "6.1.0-18-amd64", "6.18.44", "10.0"] {
            assert!(!loses_writes(release), "{release}");
        }
    }
}
