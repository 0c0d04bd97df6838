//! Files that are elsewhere than the command line says: `-C` of mold, `--remap-inputs` of lld and GNU ld.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use setlink::matches;

use super::{Item, Parser};

/// Where to look for inputs.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    /// What relative paths begin with.
    directory: Option<PathBuf>,
    /// Patterns of paths, and the file that is read in their place.
    files: Vec<(Vec<u8>, PathBuf)>,
}

impl Parser {
    /// Whether it is an option about that; then it counts for all files.
    pub(super) fn renamed(&mut self, name: &str, joined: Option<&[u8]>, shown: &str) -> Result<bool, String> {
        match name {
            "C" | "directory" => self.renamed.directory = Some(self.path(joined, shown)?),
            "remap-inputs" => {
                let text = self.value(joined, shown)?;
                self.remap(&text).ok_or_else(|| format!("{shown}: expected PATTERN=FILE"))?;
            }
            "remap-inputs-file" => {
                let file = self.path(joined, shown)?;
                let text = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                for line in text.split(|&byte| byte == b'\n') {
                    let line = line.split(|&byte| byte == b'#').next().unwrap_or_default();
                    let line = line.trim_ascii();
                    if !line.is_empty() {
                        let wrong = || format!("{}: expected lines of PATTERN=FILE", file.display());
                        self.remap(line).ok_or_else(wrong)?;
                    }
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn remap(&mut self, text: &[u8]) -> Option<()> {
        let at = text.iter().position(|&byte| byte == b'=')?;
        let file = std::ffi::OsStr::from_bytes(&text[at + 1..]).into();
        self.renamed.files.push((text[..at].to_vec(), file));
        Some(())
    }

    /// Gives all inputs the paths that they are read from. One that is mapped to nothing is none.
    pub(super) fn rename(&mut self) {
        let Renamed { directory, files } = std::mem::take(&mut self.renamed);
        let moved = |path: &mut PathBuf| {
            if let Some(directory) = &directory {
                *path = directory.join(&*path);
            }
        };
        self.out.items.retain_mut(|item| {
            if let Item::File(path) = item {
                let of = |(pattern, _): &&(Vec<u8>, PathBuf)| matches(pattern, path.as_os_str().as_bytes());
                if let Some((_, file)) = files.iter().find(of) {
                    *path = file.clone();
                }
                if path == Path::new("/dev/null") {
                    return false;
                }
            }
            if let Item::File(path) | Item::Search(path) | Item::Symbols(path) = item {
                moved(path);
            }
            true
        });
        let lists = self.out.version_scripts.iter_mut().chain(&mut self.out.exported.lists);
        lists.chain(&mut self.out.map).for_each(moved);
    }
}
