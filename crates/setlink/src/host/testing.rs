//! Helpers of the tests in this folder: shared libraries, compiled on the spot.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::open::{OpenLibrary, open};

/// A folder with libraries compiled by the system's C compiler.
pub(super) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// A new folder; none, with a line that says so, when there is no C compiler.
    pub fn new() -> Option<Workshop> {
        match Command::new("cc").arg("--version").output() {
            Ok(output) if output.status.success() => {
                Some(Workshop { folder: TempDir::new().expect("a temporary folder") })
            }
            _ => {
                eprintln!("skipped: there is no C compiler `cc`");
                None
            }
        }
    }

    /// Compiles `source` into `lib<name>.so` with the given options.
    pub fn library(&self, name: &str, source: &str, options: &[&str]) -> PathBuf {
        let file = self.folder.path().join(format!("{name}.c"));
        let library = self.folder.path().join(format!("lib{name}.so"));
        std::fs::write(&file, source).expect("writes the source");
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-fno-builtin", "-o"])
            .args([&library, &file])
            .args(options)
            .output()
            .expect("runs cc");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        library
    }

    /// Compiles and loads a library.
    pub fn load(&self, name: &str, source: &str, options: &[&str], global: bool) -> OpenLibrary {
        let path = self.library(name, source, options);
        open(path.to_str().expect("a plain path").as_bytes(), global).expect("loads")
    }
}

/// The function without arguments that `library` has under `name`.
pub(super) fn function(library: &OpenLibrary, name: &std::ffi::CStr) -> extern "C" fn() -> i64 {
    let address = library.symbol(name).expect("the library defines it");
    // SAFETY: the tests' sources define it as `long name(void)`.
    unsafe {
        std::mem::transmute::<*const (), extern "C" fn() -> i64>(std::ptr::with_exposed_provenance(
            address as usize,
        ))
    }
}

/// Runs `test`, the body of the test whose path is `name`, in a process with one thread.
///
/// That takes two steps: the harness runs every test on a thread of its own, so the test's own process (where no
/// other thread holds a lock meanwhile) has to fork once more.
pub(super) fn alone(name: &str, test: impl FnOnce()) {
    const MARK: &str = "SETLINK_TEST_ALONE";
    if std::env::var_os(MARK).is_none() {
        let output = Command::new(std::env::current_exe().expect("the test's own file"))
            .args(["--exact", name, "--test-threads=1", "--nocapture"])
            .env(MARK, "1")
            .output()
            .expect("runs the test again");
        let text = String::from_utf8_lossy(&output.stdout);
        eprintln!("{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && text.contains("1 passed"), "failed in its own process");
        return;
    }
    // SAFETY: the only other thread, the harness's, waits for this one and holds no lock.
    match unsafe { libc::fork() } {
        0 => {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(test));
            // SAFETY: ends this process without running what belongs to its parent.
            unsafe { libc::_exit(i32::from(outcome.is_err())) }
        }
        child => {
            let mut status = -1;
            // SAFETY: waits for the child that was just made.
            unsafe { libc::waitpid(child, &mut status, 0) };
            assert_eq!(status, 0, "failed in its own process");
        }
    }
}
