//! The libraries that are there without being named, and archives of what the process has.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::OnceLock;

use super::builder::SetBuilder;
use crate::read::input::{ArchiveMode, Input};
use crate::read::search::SearchPath;
use crate::session::Session;

/// What C programs are linked with without saying so: read when it is needed, which takes as long as many a small set.
pub(super) struct DefaultLibraries<'s> {
    pub session: &'s Session,
    pub search: SearchPath,
    pub inputs: OnceLock<Vec<Input>>,
}

impl DefaultLibraries<'_> {
    pub(super) fn inputs(&self) -> &[Input] {
        self.inputs.get_or_init(|| {
            let mut inputs = Vec::new();
            for (name, static_only) in [("gcc", true), ("c", false)] {
                let Ok(path) = self.search.library(name, static_only) else { continue };
                let mut reader = SetBuilder::new(self.session, name.into());
                reader.recipe.search = self.search.clone();
                reader.archive_mode = ArchiveMode::LastResort;
                if reader.file(&path, 0).is_ok() {
                    inputs.extend(
                        reader
                            .recipe
                            .inputs
                            .into_iter()
                            .filter(|input| matches!(input, Input::Archive { .. })),
                    );
                }
            }
            inputs
        })
    }
}

/// Whether the members of an archive give way to what the process has (`-static`, `-static-libgcc`,
/// `-unwindlib=libunwind`): there is one unwinder, which is told of the sets, and another would find no frame of theirs; and
/// one C library, which has begun the process and its threads, and without which a second one cannot begin.
pub(super) fn is_the_processes(path: &Path) -> bool {
    const OF_C_LIBRARY: [&str; 8] =
        ["libc.a", "libm.a", "libmvec.a", "libpthread.a", "libdl.a", "librt.a", "libutil.a", "libanl.a"];
    let Some(file) = path.file_name().and_then(OsStr::to_str) else { return false };
    // glibc's `libm.a` is a script that names `libm-VERSION.a`. A project may have a `libutil.a` of its own: the C library's
    // is where its startup files are.
    matches!(file, "libgcc_eh.a" | "libunwind.a")
        || (OF_C_LIBRARY.contains(&file) || file.starts_with("libm-") && file.ends_with(".a"))
            && path.with_file_name("crt1.o").exists()
}
