//! Inputs that can be read only once: pipes, as `/dev/stdin` and a shell's `<(command)` may be. What was read is kept until
//! the program starts: the process may have to begin again, and gets it then in files without a name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Error, Read, Result, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// The descriptors of what an earlier process read.
pub(crate) const VARIABLE: &str = "SETLINK_PIPES_READ";

/// The contents of all pipes.
static KEPT: Mutex<Vec<(PathBuf, Arc<[u8]>)>> = Mutex::new(Vec::new());

fn kept() -> MutexGuard<'static, Vec<(PathBuf, Arc<[u8]>)>> {
    KEPT.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What is in the pipe at `path`; none where that is no pipe.
pub(crate) fn read(path: &Path) -> Option<Result<Arc<[u8]>>> {
    // Asking what a file is takes a system call, and there may be thousands of these.
    let is_usual =
        path.extension().is_some_and(|extension| ["o", "a", "so", "rlib"].iter().any(|e| extension == *e));
    if is_usual || !std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo()) {
        return None;
    }
    let mut kept = kept();
    if let Some((_, bytes)) = kept.iter().find(|(known, _)| known == path) {
        return Some(Ok(bytes.clone()));
    }
    let read = std::fs::read(path).map(Arc::from);
    if let Ok(bytes) = &read {
        kept.push((path.to_owned(), Arc::clone(bytes)));
    }
    Some(read)
}

/// Takes over what an earlier process read. Before anything is read.
pub(crate) fn take_over() {
    let Some(list) = std::env::var_os(VARIABLE) else { return };
    // SAFETY: no thread has been started that could look at the environment.
    unsafe { std::env::remove_var(VARIABLE) };
    let numbers =
        list.to_str().unwrap_or_default().split(' ').map_while(|number| number.parse::<RawFd>().ok());
    for number in numbers.filter(|&number| number > libc::STDERR_FILENO) {
        // SAFETY: it only asks.
        if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
            return;
        }
        // SAFETY: it is open, and the process that opened it for this one was the only one to know of it.
        let mut file = unsafe { File::from_raw_fd(number) };
        let mut bytes = Vec::new();
        let Ok(_) = file.read_to_end(&mut bytes) else { return };
        // The path, the byte that no path has, and what was read.
        let Some(end) = bytes.iter().position(|&byte| byte == 0) else { return };
        let path = PathBuf::from(OsStr::from_bytes(&bytes[..end]));
        kept().push((path, bytes[end + 1..].into()));
    }
}

/// Opens files for the next process with what was read, if anything was, and returns the value of [`VARIABLE`] for it.
pub(crate) fn hand_over() -> Result<Option<OsString>> {
    let mut files = Vec::new();
    for (path, bytes) in &*kept() {
        // SAFETY: the name is a C string.
        let number = unsafe { libc::memfd_create(c"setlink input".as_ptr(), 0) };
        if number < 0 {
            return Err(Error::last_os_error());
        }
        // SAFETY: it was opened just now.
        let mut file = unsafe { File::from_raw_fd(number) };
        file.write_all(path.as_os_str().as_bytes())?;
        file.write_all(&[0])?;
        file.write_all(bytes)?;
        file.rewind()?;
        files.push(file);
    }
    let numbers: Vec<String> = files.iter().map(|file| file.as_raw_fd().to_string()).collect();
    for file in files {
        let _ = file.into_raw_fd();
    }
    Ok((!numbers.is_empty()).then(|| numbers.join(" ").into()))
}

/// Gives back the memory.
pub(crate) fn forget() {
    *kept() = Vec::new();
}
