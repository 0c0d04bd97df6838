//! What `RTLD_NEXT` means to a set.
//!
//! Who asks the loader for the *next* definition of a name (`dlsym(3)`: wrappers of `malloc` do) is told apart by the return
//! address, and the search begins behind the library in which that lies. A set lies in none. It stands where a program
//! does, first of all, so the sets' `dlsym` and `dlvsym` are these: they search what comes behind the program, and pass
//! over what the loader was told of sets.

use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;

use crate::host;
use crate::host::fork;

/// Definitions of sets, and those of the process that they replace: the libraries' symbol tables have the former.
static REPLACED: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

/// What a set replaced, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Replaced(Vec<(u64, u64)>);

impl Replaced {
    /// Makes pairs of a definition of the set and the process's known.
    pub fn new(pairs: Vec<(u64, u64)>) -> Self {
        fork::lock(&REPLACED).extend_from_slice(&pairs);
        Replaced(pairs)
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            fork::lock(&REPLACED).retain(|pair| !self.0.contains(pair));
        }
    }
}

/// What sets call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    match name {
        b"dlsym" => Some(symbol as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"dlvsym" => Some(versioned as *const () as u64),
        _ => None,
    }
}

/// `dlsym(3)`
unsafe extern "C" fn symbol(handle: *mut c_void, name: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promises are those of dlsym.
    let find = |handle| unsafe { libc::dlsym(handle, name) };
    if handle == libc::RTLD_NEXT { next(&find) } else { find(handle) }
}

/// `dlvsym(3)`
#[cfg(target_env = "gnu")]
unsafe extern "C" fn versioned(
    handle: *mut c_void,
    name: *const c_char,
    version: *const c_char,
) -> *mut c_void {
    // SAFETY: the caller's promises are those of dlvsym.
    let find = |handle| unsafe { libc::dlvsym(handle, name, version) };
    if handle == libc::RTLD_NEXT { next(&find) } else { find(handle) }
}

/// Searches behind the program. Where a library has the name, nothing is allocated: the caller may be the process's `malloc`.
fn next(find: &dyn Fn(*mut c_void) -> *mut c_void) -> *mut c_void {
    // To the loader this is the program that asks: the call does not return into the set.
    let found = find(libc::RTLD_NEXT);
    if !found.is_null() && is_in_library(found) {
        return found;
    }
    if let Some(replaced) = replaced(found) {
        return replaced;
    }
    // A library behind those that sets have made known.
    let mut behind = host::loaded_files().filter(|file| !file.is_empty()).map(|file| {
        // SAFETY: the name is terminated. Nothing is loaded; the handle is closed when it has served.
        unsafe {
            let handle = libc::dlopen(file.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
            if handle.is_null() {
                return handle;
            }
            let found = find(handle);
            libc::dlclose(handle);
            found
        }
    });
    let own = |found: *mut c_void| match is_in_library(found) {
        true => Some(found),
        false => replaced(found),
    };
    let behind = behind.find_map(|found| if found.is_null() { None } else { own(found) });
    behind.unwrap_or_else(|| fail(find, found.is_null()))
}

/// A search without success, for what `dlerror(3)` says of it: closing the libraries' handles has made that nothing.
fn fail(find: &dyn Fn(*mut c_void) -> *mut c_void, nobody_has_it: bool) -> *mut c_void {
    /// No library has the name, nor this one, which is never unloaded: its handle may stay open.
    const C_LIBRARY: &CStr = if cfg!(target_env = "gnu") { c"libc.so.6" } else { c"libc.so" };
    if nobody_has_it {
        return find(libc::RTLD_NEXT);
    }
    // SAFETY: the name is terminated, and nothing is loaded.
    let handle = unsafe { libc::dlopen(C_LIBRARY.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if !handle.is_null() {
        find(handle);
    }
    std::ptr::null_mut()
}

/// The process's definition in place of which a set's is found.
fn replaced(found: *mut c_void) -> Option<*mut c_void> {
    let found = found.expose_provenance() as u64;
    let replaced = fork::lock(&REPLACED);
    let old = replaced.iter().find(|(new, _)| *new == found)?.1;
    Some(std::ptr::with_exposed_provenance_mut(old as usize))
}

/// Whether a library of the loader's holds the address, rather than a set.
fn is_in_library(address: *mut c_void) -> bool {
    let mut about = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: any address may be asked about, and there is room for the answer, which is not read.
    unsafe { libc::dladdr(address, about.as_mut_ptr()) != 0 }
}
