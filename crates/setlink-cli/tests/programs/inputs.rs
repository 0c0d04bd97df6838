//! What `cargo xtask programs` and `cargo xtask corpora` have built.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A program in one variant.
#[derive(Clone)]
pub struct Build {
    /// Which program.
    pub program: String,
    /// How it was compiled: `clang-O2-pic`.
    pub variant: String,
    /// Objects and static libraries.
    pub inputs: Vec<String>,
    /// `-L` and `-l` options.
    pub libs: Vec<String>,
    /// The executable that the system's linker made.
    pub native: PathBuf,
}

impl Build {
    /// `qjs/clang-O2-pic`
    pub fn name(&self) -> String {
        format!("{}/{}", self.program, self.variant)
    }
}

/// All programs.
pub struct Index {
    /// Those that are there.
    pub builds: Vec<Build>,
    /// Name and reason of those that are not.
    pub skipped: Vec<(String, String)>,
    /// QuickJS' source folder, which holds its own tests.
    pub quickjs: PathBuf,
}

impl Index {
    /// Reads what the build left, or says why there is nothing to test.
    pub fn read() -> Result<Index, String> {
        let path = target().join("programs/index.json");
        let bytes = fs::read(&path).map_err(|_| "not built: `cargo xtask programs` makes them".to_owned())?;
        let index: Value = serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
        let list = |key: &str| index[key].as_array().cloned().unwrap_or_default();
        let build = |value: Value| Build {
            program: text(&value["program"]),
            variant: text(&value["variant"]),
            inputs: texts(&value["inputs"]),
            libs: texts(&value["libs"]),
            native: text(&value["native"]).into(),
        };
        let skip = |value: Value| {
            (format!("{}/{}", text(&value["program"]), text(&value["variant"])), text(&value["reason"]))
        };
        let builds: Vec<_> = list("builds").into_iter().map(build).collect();
        if let Some(gone) = builds.iter().find(|build| !build.native.exists()) {
            return Err(format!("{} is gone: `cargo xtask programs` makes it again", gone.name()));
        }
        let skipped = list("skipped").into_iter().map(skip).collect();
        Ok(Index { builds, skipped, quickjs: text(&index["quickjs"]).into() })
    }
}

/// The target folder, in which this test's own executable lies.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the folder `tmp` lies in the target folder")
        .to_owned()
}

/// The folder `tests/programs` of the workspace.
pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/programs")
        .canonicalize()
        .expect("it is part of the source")
}
