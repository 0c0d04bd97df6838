//! Opening shared libraries in the host process (`dlopen(3)`).

use std::ffi::{CStr, CString, c_void};
use std::ptr::NonNull;

use super::fork;
use super::symbols::LinkMap;
use crate::error::{Place, Problem, ProblemKind, Result};

/// A shared library that this value keeps loaded. Dropping it closes it: the loader unloads the library when nobody
/// else uses it.
#[derive(Debug)]
pub(crate) struct OpenLibrary {
    handle: NonNull<c_void>,
}

// SAFETY: the loader's handles belong to the process, not to a thread, and its functions lock.
unsafe impl Send for OpenLibrary {}
// SAFETY: as above.
unsafe impl Sync for OpenLibrary {}

/// Loads the library at the path `name` (if it has a slash) or with the soname `name`, binding all its references
/// now, and runs its initialisers. With `global`, libraries that are loaded later, and [`lookup`](super::Host::lookup),
/// find its symbols.
///
/// # Errors
/// The loader's own message, with a remedy where there is a likely one.
pub(crate) fn open(name: &[u8], global: bool) -> Result<OpenLibrary> {
    let scope = if global { libc::RTLD_GLOBAL } else { libc::RTLD_LOCAL };
    open_with(name, libc::RTLD_NOW | scope)
}

/// As [`open`], for all to see, but functions that the library calls may be missing yet: each is looked for when it is first
/// called, and where there is none then, the loader ends the process.
///
/// # Errors
/// As there.
pub(crate) fn open_early(name: &[u8]) -> Result<OpenLibrary> {
    open_with(name, libc::RTLD_LAZY | libc::RTLD_GLOBAL)
}

/// The library `name`, if it is loaded already; nothing is loaded. With `global`, its symbols become visible to
/// libraries that are loaded later.
pub(crate) fn find_loaded(name: &[u8], global: bool) -> Option<OpenLibrary> {
    let scope = if global { libc::RTLD_GLOBAL } else { libc::RTLD_LOCAL };
    open_with(name, libc::RTLD_NOW | libc::RTLD_NOLOAD | scope).ok()
}

/// As [`open`], with the flags of `dlopen(3)`.
pub(super) fn open_with(name: &[u8], flags: i32) -> Result<OpenLibrary> {
    let shown = String::from_utf8_lossy(name);
    let problem = |what: String| {
        let problem = Problem::new(Place::file(shown.as_ref()), ProblemKind::Library { what: what.clone() });
        match remedy(&what) {
            Some(remedy) => problem.with_remedy(remedy),
            None => problem,
        }
    };
    // The loader takes an empty name to mean the program itself.
    let c_name = CString::new(name).ok().filter(|name| !name.is_empty());
    let c_name = c_name.ok_or_else(|| problem("not a file name".into()))?;
    let _hold = fork::in_loader();
    // SAFETY: the name is terminated. The library's initialisers run; that is what the user asked for.
    let handle = NonNull::new(unsafe { libc::dlopen(c_name.as_ptr(), flags) });
    handle.map(|handle| OpenLibrary { handle }).ok_or_else(|| problem(last_error()).into())
}

impl OpenLibrary {
    /// The address that `dlsym` gives for `name` in this library and those it needs.
    pub fn symbol(&self, name: &CStr) -> Option<u64> {
        let _hold = fork::in_loader();
        // SAFETY: the handle is open and the name terminated.
        let address = unsafe { libc::dlsym(self.handle.as_ptr(), name.as_ptr()) };
        (!address.is_null()).then(|| address.expose_provenance() as u64)
    }

    /// Where its dynamic section is.
    pub fn dynamic_section(&self) -> Option<u64> {
        // SAFETY: the handle is open.
        unsafe { LinkMap::of(self.handle.as_ptr()) }.map(LinkMap::dynamic)
    }
}

impl Drop for OpenLibrary {
    fn drop(&mut self) {
        let _hold = fork::in_loader();
        // SAFETY: the handle is open and closed only here. Whoever holds addresses in the library also holds this.
        unsafe { libc::dlclose(self.handle.as_ptr()) };
    }
}

/// The loader's message for the failure that just happened in this thread.
fn last_error() -> String {
    // SAFETY: dlerror has no preconditions.
    let message = unsafe { libc::dlerror() };
    if message.is_null() {
        return "the loader gives no reason".into();
    }
    // SAFETY: a terminated string that lives until the thread's next call of the loader.
    unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned()
}

/// What helps against the failure that the loader describes by `message`, where that is likely to be known.
fn remedy(message: &str) -> Option<&'static str> {
    // Parts of the messages of glibc, then of musl.
    const REMEDIES: [(&[&str], &str); 7] = [
        (&["Dynamic loading not supported"], "use a dynamically linked Setlink, or link static archives"),
        (
            &["static TLS block"],
            "load the library at start (LD_PRELOAD), or start the program with a larger \
             GLIBC_TUNABLES=glibc.rtld.optional_static_tls",
        ),
        (
            &["cannot open shared object file", "No such file or directory"],
            "check the name, or name its directory with -L or LD_LIBRARY_PATH",
        ),
        (
            &["invalid ELF header", "file too short", "Exec format error"],
            "only shared libraries can be loaded; give linker scripts, archives and objects as inputs",
        ),
        (&["wrong ELF class", "ELFCLASS"], "the library is for another kind of processor than this process"),
        (&["undefined symbol", "symbol not found"], "also name the library that defines the symbol"),
        (&["version `"], "the library was made for a newer version of the one it needs"),
    ];
    let known = REMEDIES.iter().find(|(parts, _)| parts.iter().any(|part| message.contains(part)));
    known.map(|&(_, remedy)| remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(target_feature = "crt-static"))]
    fn opens_and_names_what_is_wrong() {
        let error = open(b"/nonexistent/libnothing.so", false).unwrap_err().to_string();
        assert!(error.contains("/nonexistent/libnothing.so"), "{error}");
        assert!(error.contains("-L"), "{error}");
        assert!(open(b"", false).is_err());
        assert!(open(b"a\0b", false).is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "GROUP ( libc.so.6 )\n".repeat(10)).unwrap();
        let error = open(file.path().to_str().unwrap().as_bytes(), false).unwrap_err().to_string();
        assert!(error.contains("linker scripts"), "{error}");
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn finds_what_is_loaded() {
        let libc = find_loaded(b"libc.so.6", false).expect("the process has libc");
        assert!(libc.symbol(c"printf").is_some());
        assert!(find_loaded(b"libnothing.so.77", false).is_none());
    }
}
