//! Telling profilers of a set's functions, with their code: the file that `perf inject --jit` reads, `jit-PID.dump`
//! (`jitdump-specification.txt` among perf's documents in the Linux source, version 1). Unlike the map (`perf_map.rs`) it
//! says when a function came, so that what lies at one address one after the other is told apart, and `perf annotate` shows
//! instructions, also of what is gone when the program has ended.
//!
//! perf finds the file by a mapping of it, which is executable as perf records no others: one page of the file's head, which
//! nobody runs.
//!
//! A child of a process begins a file of its own. Its parent's functions are not in there.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::Mutex;

use rustix::mm::{MapFlags, ProtFlags};
use rustix::time::{ClockId, clock_gettime};

use crate::error::{Place, Problem, ProblemKind};
use crate::host::{fork, thread_id};
use crate::write::debug::Function;

/// "JiTD", in the byte order of the machine.
const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 40;
/// `JIT_CODE_LOAD`.
const LOAD: u32 = 0;
const LOAD_BYTES: usize = 56;
/// Bytes of records.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// A file that is being written.
struct Dump {
    process: u32,
    path: PathBuf,
    file: File,
    /// Functions so far: each has a number.
    count: u64,
}

static DUMP: Mutex<Option<Dump>> = Mutex::new(None);

/// Adds functions to the process's file, in `directory` unless it has one elsewhere already.
///
/// # Errors
/// The file cannot be made or written.
///
/// # Safety
/// The functions are in memory, readable, and stay until this returns.
pub(crate) unsafe fn append(functions: &[Function], directory: &Path) -> Result<(), Problem> {
    let process = std::process::id();
    let mut dump = fork::lock(&DUMP);
    let begun = match &mut *dump {
        Some(dump) if dump.process == process => Ok(dump),
        other => Dump::begin(process, directory).map(|begun| other.insert(begun)),
    };
    let written = match begun {
        // SAFETY: the caller's promise.
        Ok(dump) => unsafe { dump.write(functions) }.map_err(|error| (dump.path.clone(), error)),
        Err(failed) => Err(failed),
    };
    written.map_err(|(path, error)| {
        let what = format!("its file for profilers, {}, cannot be written: {error}", path.display());
        Problem::new(Place::default(), ProblemKind::Host { what })
    })
}

impl Dump {
    fn begin(process: u32, directory: &Path) -> Result<Dump, (PathBuf, io::Error)> {
        let path = directory.join(format!("jit-{process}.dump"));
        let begin = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.custom_flags(libc::O_NOFOLLOW).open(&path)?;
            let mut header = Vec::with_capacity(HEADER_BYTES as usize);
            let machine = u32::from(object::elf::EM_X86_64.0);
            for word in [MAGIC, VERSION, HEADER_BYTES, machine, 0, process] {
                header.extend(word.to_ne_bytes());
            }
            header.extend(now().to_ne_bytes());
            header.extend(0u64.to_ne_bytes()); // flags
            file.write_all(&header)?;
            let page = rustix::param::page_size();
            // SAFETY: a mapping where there is room, of which nobody learns. It stays, as perf has it.
            unsafe {
                let (access, flags) = (ProtFlags::READ | ProtFlags::EXEC, MapFlags::PRIVATE);
                rustix::mm::mmap(null_mut(), page, access, flags, &file, 0)?;
            }
            Ok(file)
        };
        match begin() {
            Ok(file) => Ok(Dump { process, path, file, count: 0 }),
            Err(error) => Err((path, error)),
        }
    }

    /// # Safety
    /// The functions are in memory, readable.
    unsafe fn write(&mut self, functions: &[Function]) -> io::Result<()> {
        let mut records = Vec::new();
        let thread = thread_id() as u32;
        for function in functions {
            // SAFETY: the caller's promise.
            unsafe { self.record(function, thread, &mut records) };
            if records.len() > WRITTEN_AT_ONCE {
                self.file.write_all(&records)?;
                records.clear();
            }
        }
        self.file.write_all(&records)
    }

    /// Appends the record of a function to `out`.
    ///
    /// # Safety
    /// The function is in memory, readable.
    unsafe fn record(&mut self, Function { name, address, size }: &Function, thread: u32, out: &mut Vec<u8>) {
        let length = LOAD_BYTES + name.len() + 1 + *size as usize;
        // A function of 4 GiB is more than a record holds.
        let Ok(total) = u32::try_from(length) else { return };
        self.count += 1;
        for word in [LOAD, total] {
            out.extend(word.to_ne_bytes());
        }
        out.extend(now().to_ne_bytes());
        for word in [self.process, thread] {
            out.extend(word.to_ne_bytes());
        }
        for long in [*address, *address, *size, self.count] {
            out.extend(long.to_ne_bytes());
        }
        out.extend(name.bytes().map(|byte| if byte == 0 { b' ' } else { byte }));
        out.push(0);
        let code = std::ptr::with_exposed_provenance::<u8>(*address as usize);
        // SAFETY: the caller's promise; the bytes are a function's, which nobody changes.
        out.extend_from_slice(unsafe { std::slice::from_raw_parts(code, *size as usize) });
    }
}

/// Nanoseconds of the clock that `perf record -k mono` takes, too.
fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
