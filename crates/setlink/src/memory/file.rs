//! The bytes of an input file: mapped when it is large, read when it is small.
//!
//! A mapping costs two system calls and a fault for every 64 KiB; a copy costs a fault for every 4 KiB of fresh memory,
//! 2 µs and more each on a virtual machine. A mapping also counts against the process's limit, and a mapped file that is
//! truncated during a link raises SIGBUS. So files of [`MAP_FROM`] bytes and more are mapped, privately and for the time of
//! the link, smaller ones read: the first few each into a buffer, more of them side by side into pools, in which a huge page
//! takes the place of 512 faults once there is some use for it.

use std::fs::File;
use std::io::Read;
use std::ops::{Deref, Range};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Arc;

use rustix::mm::{MapFlags, ProtFlags};

use super::HUGE_PAGE;
use crate::error::{Place, Problem, ProblemKind};

const MAP_FROM: u64 = 32 << 10;
/// Bytes of the smallest page that a processor has.
const SMALL_PAGE: usize = 4 << 10;

/// The bytes of a file or a buffer.
pub(crate) enum Bytes {
    Owned(Vec<u8>),
    Shared(Arc<[u8]>),
    Mapped(Mapped),
    /// A part of a pool.
    Pooled(Arc<Mapped>, Range<u32>),
}

// Each of a set's inputs has one.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Bytes>() == 24);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Owned(bytes) => bytes,
            Bytes::Shared(bytes) => bytes,
            Bytes::Mapped(mapped) => mapped,
            Bytes::Pooled(pool, range) => pool.part(range.start as usize..range.end as usize),
        }
    }
}

/// Room for small files.
#[derive(Default)]
pub(crate) struct Pool {
    /// Files that asked for room.
    files: usize,
    map: Option<Arc<Mapped>>,
    /// Bytes handed out of `map`.
    used: usize,
}

impl Pool {
    /// Of the first mapping, in small pages: with a huge one, 32 files of 1 KiB took 2 MiB. With 4 MiB of these, libcrypto took
    /// 6 to 10 % more processor time.
    const FIRST: usize = 256 << 10;
    /// Of each other one.
    const BYTES: usize = HUGE_PAGE;
    /// A set of fewer files is better off without.
    const FROM: usize = 32;

    /// Has `fill` read up to `length` bytes into fresh room; it returns how many it did. None where there is no room.
    fn read<E>(
        &mut self,
        length: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Option<Result<Bytes, E>> {
        self.files += 1;
        if self.files < Self::FROM {
            return None;
        }
        if self.map.as_ref().is_none_or(|map| map.length - self.used < length) {
            let map = match self.map {
                None => Mapped::small(Self::FIRST),
                Some(_) => Mapped::fresh(Self::BYTES),
            };
            self.map = Some(Arc::new(map?));
            self.used = 0;
        }
        let map = self.map.as_ref()?;
        let start = self.used;
        // A mapping has less than 4 GiB.
        let at = |offset: usize| offset as u32;
        // SAFETY: the mapping is writable and has `start + length` bytes at least; what is handed out of it begins before
        // `start` and is only read, and this part is handed out when it is filled.
        let room = unsafe { std::slice::from_raw_parts_mut(map.start.as_ptr().add(start), length) };
        Some(fill(room).map(|filled| {
            self.used = (start + filled).next_multiple_of(16).min(map.length);
            Bytes::Pooled(map.clone(), at(start)..at(start + filled))
        }))
    }

    /// Gives back the pages behind the last file, once no more are expected: most of a huge page may be unused.
    pub fn trim(&self) {
        if let Some(map) = &self.map {
            map.discard(self.used.next_multiple_of(SMALL_PAGE)..map.length);
        }
    }
}

impl Bytes {
    /// The contents of the file at `path`, called `name` in messages.
    pub fn load(path: &Path, name: &Arc<str>, pool: &mut Pool) -> Result<Bytes, Problem> {
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
            if let Some(read) = pool.read(length, |room| read_all(&file, room)) {
                return read.map_err(fail);
            }
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

impl Bytes {
    /// Whether all of a mapped file is still there. Who looks at one that was truncated is sent SIGBUS; the kernel, asked to
    /// look, says so.
    pub fn is_whole(&self) -> bool {
        let Bytes::Mapped(mapped) = self else { return true };
        let last = mapped.start.as_ptr().wrapping_add(mapped.length.saturating_sub(1));
        let mut byte = 0u8;
        let to = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
        let from = libc::iovec { iov_base: last.cast(), iov_len: 1 };
        // SAFETY: one byte is copied, from the process's own memory, to where there is room for it.
        unsafe { libc::process_vm_readv(libc::getpid(), &raw const to, 1, &raw const from, 1, 0) == 1 }
    }

    /// Gives back the pages of a mapped file that lie in `range`; whoever looks there again waits for them. Unmapping does
    /// it too, but of all threads only one at a time.
    pub fn give_back(&self, range: Range<usize>) {
        if let Bytes::Mapped(mapped) = self {
            mapped.discard(range);
        }
    }
}

/// Reads until `room` is full or the file ends. Returns how much there was.
fn read_all(file: &File, room: &mut [u8]) -> std::io::Result<usize> {
    let mut done = 0;
    while done < room.len() {
        match rustix::io::read(file, &mut room[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// A private mapping: of a whole file, to be read, or of fresh memory.
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

    /// The bytes of `range`; none beyond the mapping's end. Of a pool, only what is filled may be asked for.
    fn part(&self, range: Range<usize>) -> &[u8] {
        if range.start > range.end || range.end > self.length {
            return &[];
        }
        // SAFETY: the mapping is readable, `length` bytes long and lives as long as `self`; `Pool::read` writes to no part
        // that it has handed out. Another process that writes to the file can change the bytes of pages not yet touched;
        // every reader of these bytes treats them as untrusted and checks at use, and truncation is the documented hazard
        // of mapping inputs.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().add(range.start), range.end - range.start) }
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Gives back the pages in `range`: of a file's mapping, or of fresh memory what nobody has been handed.
    fn discard(&self, range: Range<usize>) {
        if !self.part(range.clone()).is_empty() {
            // SAFETY: the range lies in the mapping. Nobody wrote to a file's, which is private, and the file still has what
            // the pages held, as far as `part` can promise that. Of a pool, nobody has a part that is in the range.
            let _ = unsafe {
                let start = self.start.as_ptr().add(range.start);
                rustix::mm::madvise(start.cast(), range.len(), rustix::mm::Advice::LinuxDontNeed)
            };
        }
    }

    /// So many bytes of zeroes, a multiple of [`HUGE_PAGE`], in huge pages if the kernel has them; None where there is no
    /// memory.
    pub(super) fn fresh(length: usize) -> Option<Mapped> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // A huge page more than is asked for holds as much from a multiple of its size on.
        // SAFETY: a null hint lets the kernel choose fresh addresses, so no memory of ours is replaced.
        let whole = unsafe {
            let length = length.checked_add(HUGE_PAGE)?;
            rustix::mm::mmap_anonymous(std::ptr::null_mut(), length, protection, MapFlags::PRIVATE).ok()?
        };
        let before = whole.addr().next_multiple_of(HUGE_PAGE) - whole.addr();
        let start = whole.wrapping_byte_add(before);
        for (start, length) in [(whole, before), (start.wrapping_byte_add(length), HUGE_PAGE - before)] {
            if length > 0 {
                // SAFETY: an end of what was mapped just now, of which nobody knows.
                let _ = unsafe { rustix::mm::munmap(start, length) };
            }
        }
        // SAFETY: the range was mapped just now, and advice changes no contents.
        let _ = unsafe { rustix::mm::madvise(start, length, rustix::mm::Advice::LinuxHugepage) };
        Some(Mapped { start: NonNull::new(start.cast())?, length })
    }

    /// So many bytes of zeroes in pages of the usual size, all of which are there; None where there is no memory.
    fn small(length: usize) -> Option<Mapped> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::POPULATE;
        // SAFETY: a null hint lets the kernel choose fresh addresses, so no memory of ours is replaced.
        let start =
            unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), length, protection, flags).ok()? };
        Some(Mapped { start: NonNull::new(start.cast())?, length })
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.part(0..self.length)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_keep_what_was_read() {
        let mut pool = Pool::default();
        let mut files = Vec::new();
        // Fills the first mapping and two more, with ends that are given back and used after all.
        for file in 0..400usize {
            let length = 1 + file * 7919 % (MAP_FROM as usize - 1);
            let fill = |room: &mut [u8]| {
                room.fill(file as u8);
                Ok::<_, ()>(length - file % 2)
            };
            if let Some(Ok(bytes)) = pool.read(length, fill) {
                files.push((file, length - file % 2, bytes));
            }
            if file % 50 == 0 {
                pool.trim();
            }
        }
        assert_eq!(files.len(), 400 + 1 - Pool::FROM);
        let sum: usize = files.iter().map(|(_, length, _)| length).sum();
        assert!(sum > Pool::FIRST + Pool::BYTES);
        for (file, length, bytes) in &files {
            assert!(bytes.len() == *length && bytes.iter().all(|byte| *byte == *file as u8));
        }
    }
}
