//! Where a program's libraries are looked for that it opens itself.
//!
//! `dlopen` searches the directories of who calls it (`DT_RUNPATH`), and knows that by the return address: a call from a
//! set is one of the executable's, which has none of the program's directories, and is in another one (`$ORIGIN`). So a
//! program's `dlopen`, and `dlmopen`, is this one, which looks in these directories where the loader would, and calls the process's.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use object::elf;

use crate::host::elf::MACHINE;

static SEARCHED: OnceLock<Searched> = OnceLock::new();

/// What a program of the process is to have.
struct Searched {
    /// The program's directory.
    origin: PathBuf,
    directories: Vec<PathBuf>,
    /// Those that come before them (`LD_LIBRARY_PATH`), for the loader to search.
    before: Vec<PathBuf>,
}

/// Lets programs of the process search `directories` for libraries that they open by name (`dlopen(3)`), before or behind
/// those of `LD_LIBRARY_PATH` (`DT_RPATH`, or `DT_RUNPATH`); `$ORIGIN` in names of libraries stands for `origin`. The first
/// call counts.
pub fn programs_search(origin: PathBuf, directories: Vec<PathBuf>, is_first: bool) {
    let is_wanted = !is_first && !directories.is_empty();
    let environment = std::env::var_os("LD_LIBRARY_PATH").filter(|_| is_wanted).unwrap_or_default();
    let before = environment.as_bytes().split(|byte| b":;".contains(byte));
    let before = before.filter(|_| !environment.is_empty()).map(|path| OsStr::from_bytes(path).into());
    let before = before.collect();
    SEARCHED.get_or_init(|| Searched { origin, directories, before });
}

/// What a program calls instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    SEARCHED.get()?;
    match name {
        b"dlopen" => Some(open as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"dlmopen" => Some(open_in as *const () as u64),
        _ => None,
    }
}

/// `dlopen(3)`
unsafe extern "C" fn open(name: *const c_char, flags: c_int) -> *mut c_void {
    // SAFETY: the caller's promises are those of dlopen; and a C string of the caller's, or one that lives until the call is
    // over.
    unsafe { with_path(name, is_loaded, |name| libc::dlopen(name, flags)) }
}

/// `dlmopen(3)`
#[cfg(target_env = "gnu")]
unsafe extern "C" fn open_in(space: libc::Lmid_t, name: *const c_char, flags: c_int) -> *mut c_void {
    // What other name spaces have is not looked at: the loader would take it, wherever it is from.
    let is_loaded = |name: &CStr| space == libc::LM_ID_BASE && is_loaded(name);
    // SAFETY: as for `open`.
    unsafe { with_path(name, is_loaded, |name| libc::dlmopen(space, name, flags)) }
}

/// Has `open` open the library `name`, or the one that is to be found for it.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn with_path(
    name: *const c_char,
    is_loaded: impl Fn(&CStr) -> bool,
    open: impl FnOnce(*const c_char) -> *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let path = if name.is_null() { None } else { Some(unsafe { CStr::from_ptr(name) }) };
    let path = SEARCHED.get().zip(path).and_then(|(searched, path)| searched.path(path, is_loaded));
    open(path.as_ref().map_or(name, |path| path.as_ptr()))
}

impl Searched {
    /// Which file the loader is to be asked for in place of `name`, unless it has that.
    fn path(&self, name: &CStr, is_loaded: impl Fn(&CStr) -> bool) -> Option<CString> {
        let bytes = name.to_bytes();
        if bytes.contains(&b'$') {
            let name = name.to_str().ok()?;
            let origin = self.origin.to_str()?;
            return CString::new(name.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)).ok();
        }
        if self.directories.is_empty() || bytes.is_empty() || bytes.contains(&b'/') || is_loaded(name) {
            return None;
        }
        let file = Path::new(OsStr::from_bytes(bytes));
        let has = |directory: &&PathBuf| is_library(&directory.join(file));
        if self.before.iter().any(|directory| has(&directory)) {
            return None;
        }
        let found = self.directories.iter().find(has)?;
        // With a slash, so that it is no name to search for. An empty directory is the current one.
        let directory = found.as_os_str().as_bytes();
        let directory = if directory.is_empty() { b"." } else { directory };
        CString::new([directory, b"/", bytes].concat()).ok()
    }
}

/// Whether the process has a library of this name.
fn is_loaded(name: &CStr) -> bool {
    // SAFETY: nothing is loaded; the handle is closed.
    unsafe {
        let handle = libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        !handle.is_null() && libc::dlclose(handle) == 0
    }
}

/// Whether the loader takes the file, or refuses it: it passes over those of another class or for another machine (gABI, "ELF
/// Header").
fn is_library(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let mut header = [0; 20];
    let is_elf = file.read_exact(&mut header).is_ok() && header.starts_with(b"\x7fELF");
    let machine = u16::from_le_bytes([header[18], header[19]]);
    !is_elf || header[4] == elf::ELFCLASS64.0 && machine == MACHINE.number
}
