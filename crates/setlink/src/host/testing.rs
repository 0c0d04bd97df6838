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
