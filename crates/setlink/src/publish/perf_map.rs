//! Telling profilers of a set's functions: the map that perf reads of code that is in no file (`jit-interface.txt` among
//! perf's documents in the Linux source): `/tmp/perf-PID.map`, a line for each function: address, size, name.
//!
//! Nothing is ever taken out of it, as samples are looked up when the program has ended; what is linked later at the address
//! of a set that was removed is behind it in the file.
//!
//! A child of a process is another one, whose first set begins a map of its own, with all that its parent knew when it was
//! forked. perf itself looks what lies in memory that the parent has mapped up in the parent's map.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use crate::error::{Place, Problem, ProblemKind};
use crate::host::fork;
use crate::write::debug::Function;

/// A map that is being written.
struct Map {
    process: u32,
    file: File,
    /// Bytes that this process, or its parent before it was forked, has written.
    written: u64,
}

static MAP: Mutex<Option<Map>> = Mutex::new(None);

/// Adds functions to the process's map.
///
/// # Errors
/// The file cannot be written, or somebody else has it.
pub(crate) fn append(functions: &[Function]) -> Result<(), Problem> {
    let mut lines = String::new();
    for Function { name, address, size } in functions {
        // Writing to a String cannot fail. A name with a line break would be two lines, and perf leaves out lines whose name
        // has less than three bytes.
        let _ = writeln!(lines, "{address:x} {size:x} {:3}", name.replace(['\n', '\r'], " "));
    }
    let process = std::process::id();
    let mut map = fork::lock(&MAP);
    let mut write = || {
        let map = match &mut *map {
            Some(map) if map.process == process => map,
            other => {
                let begun = Map::begin(process, other.as_ref())?;
                other.insert(begun)
            }
        };
        map.write(lines.as_bytes())
    };
    write().map_err(|error: io::Error| {
        let what = format!("its map for profilers, {}, cannot be written: {error}", path(process).display());
        Problem::new(Place::default(), ProblemKind::Host { what })
    })
}

/// Where perf looks for it, whatever `TMPDIR` is.
fn path(process: u32) -> PathBuf {
    format!("/tmp/perf-{process}.map").into()
}

impl Map {
    /// Opens the map of a process, a child of the one that wrote `parent`. What is there from a process that had the same
    /// number is left out, and what others of this process have written stays.
    fn begin(process: u32, parent: Option<&Map>) -> io::Result<Map> {
        let mut options = OpenOptions::new();
        // Anybody may have put a link there.
        let options =
            options.append(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = options.open(path(process))?;
        let found = file.metadata()?;
        if !found.is_file() || found.uid() != rustix::process::geteuid().as_raw() || found.nlink() != 1 {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "somebody else has a file of that name",
            ));
        }
        if started().is_some_and(|started| found.modified().is_ok_and(|modified| modified < started)) {
            file.set_len(0)?;
        }
        let mut map = Map { process, file, written: 0 };
        if let Some(parent) = parent {
            let mut known = Vec::new();
            // It may be gone meanwhile.
            if let Ok(file) = File::open(path(parent.process)) {
                file.take(parent.written).read_to_end(&mut known)?;
            }
            map.write(&known)?;
        }
        Ok(map)
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)?;
        self.written += lines.len() as u64;
        Ok(())
    }
}

/// When this process was started, to the second below: proc(5), `/proc/PID/stat`, field 22, in clock ticks since the system
/// was.
fn started() -> Option<SystemTime> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything, comes field 3.
    let ticks: u64 = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(22 - 3)?.parse().ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
    let age = uptime - ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    SystemTime::now().checked_sub(Duration::try_from_secs_f64(age + 1.0).ok()?)
}
