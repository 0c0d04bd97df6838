//! The bytes of an input file: mapped when it is large, read when it is small.
//!
//! A mapping costs two system calls and a fault for every 64 KiB; a copy costs a fault for every 4 KiB of fresh memory,
//! 2 µs and more each on a virtual machine. A mapping also counts against the process's limit, and a mapped file that is
//! truncated during a link raises SIGBUS. So files of [`MAP_FROM`] bytes and more are mapped, privately and for the time of
//! the link, smaller ones read.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use rustix::mm::{MapFlags, ProtFlags};

use crate::error::{Place, Problem, ProblemKind};

const MAP_FROM: u64 = 32 << 10;

/// The bytes of a file or a buffer.
pub(crate) enum Bytes {
    Owned(Vec<u8>),
    Shared(Arc<[u8]>),
    Mapped(Mapped),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Owned(bytes) => bytes,
            Bytes::Shared(bytes) => bytes,
            Bytes::Mapped(mapped) => mapped,
        }
    }
}

impl Bytes {
    /// The contents of the file at `path`, called `name` in messages.
    pub fn load(path: &Path, name: &Arc<str>) -> Result<Bytes, Problem> {
        let fail = |error: std::io::Error| {
            Problem::new(Place::file(name.clone()), ProblemKind::Io { reason: error.to_string() })
        };
        let mut file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(fail(std::io::ErrorKind::IsADirectory.into()));
        }
        // Devices have no end (/dev/zero) or wait for somebody; pipes are for `<(command)`.
        use std::os::unix::fs::FileTypeExt;
        if !metadata.is_file() && !metadata.file_type().is_fifo() {
            return Err(fail(std::io::Error::other("neither a file nor a pipe")));
        }
        if metadata.is_file()
            && metadata.len() >= MAP_FROM
            && let Ok(mapped) = Mapped::new(&file, metadata.len())
        {
            return Ok(Bytes::Mapped(mapped));
        }
        if metadata.is_file() && (1..MAP_FROM).contains(&metadata.len()) {
            // As long as the file said it is: asking for its end, as `read_to_end` does, costs three more system calls.
            let length = metadata.len() as usize;
            let mut bytes = Vec::with_capacity(length);
            while bytes.len() < length {
                let room = rustix::buffer::spare_capacity(&mut bytes);
                match rustix::io::read(&file, room) {
                    Ok(0) => break,
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(fail(error.into())),
                }
            }
            return Ok(Bytes::Owned(bytes));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        Ok(Bytes::Owned(bytes))
    }
}

/// A private, read-only mapping of a whole file.
pub(crate) struct Mapped {
    start: NonNull<u8>,
    length: usize,
}

impl Mapped {
    fn new(file: &File, length: u64) -> rustix::io::Result<Mapped> {
        let length = usize::try_from(length).map_err(|_| rustix::io::Errno::FBIG)?;
        // SAFETY: a null hint lets the kernel choose fresh addresses, so no memory of ours is replaced.
        let start = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), length, ProtFlags::READ, MapFlags::PRIVATE, file, 0)?
        };
        let start = NonNull::new(start.cast()).ok_or(rustix::io::Errno::NOMEM)?;
        Ok(Mapped { start, length })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping is readable, `length` bytes long and lives as long as `self`. Another process that
        // writes to the file can change the bytes of pages not yet touched; every reader of these bytes treats them as
        // untrusted and checks at use, and truncation is the documented hazard of mapping inputs.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `new`, is unmapped nowhere else, and no slice of it outlives `self`.
        let _ = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

// SAFETY: the mapping is plain read-only memory that is owned by the value and bound to no thread.
unsafe impl Send for Mapped {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Mapped {}
