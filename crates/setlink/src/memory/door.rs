//! Writing into pages that are not writable: through `/proc/self/mem`, so that code is never mapped for writing.
//!
//! The kernel copies the page first where it has to, as for a debugger's breakpoint, so a process and its forked
//! children never see each other's writes, and files stay what they are. The descriptor belongs to the address space
//! of the process that opened it: a child opens its own.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

#[derive(Debug, Default)]
pub(super) struct Door {
    opened: Mutex<Option<(u32, Arc<OwnedFd>)>>,
}

impl Door {
    fn file(&self) -> Result<Arc<OwnedFd>, Errno> {
        let own = std::process::id();
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        match &*opened {
            Some((process, file)) if *process == own => Ok(file.clone()),
            _ => {
                let flags = OFlags::RDWR | OFlags::CLOEXEC;
                let file = Arc::new(rustix::fs::open("/proc/self/mem", flags, Mode::empty())?);
                *opened = Some((own, file.clone()));
                Ok(file)
            }
        }
    }

    /// Stores `bytes` at `address`.
    ///
    /// # Errors
    /// The kernel does not allow it, or nothing is mapped there.
    ///
    /// # Safety
    /// The addresses are the caller's own to write, and nobody reads them meanwhile.
    pub unsafe fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        let file = self.file()?;
        let mut done = 0;
        while done < bytes.len() {
            match rustix::io::pwrite(&file, &bytes[done..], address + done as u64) {
                Ok(0) => return Err(Errno::IO),
                Ok(written) => done += written,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
