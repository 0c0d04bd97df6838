//! Options that name inputs or say what they are: `-l`, `-b`, `-R`.

use std::path::PathBuf;

use super::{Item, Parser, State};

impl Parser {
    /// `-b FORMAT`, for the files behind it.
    pub(super) fn format(&mut self, format: &str) -> Result<(), String> {
        let is_binary = match format {
            "binary" => true,
            // lld's and GNU ld's names of what a file tells itself.
            "default" | "elf" | "elf64-x86-64" => false,
            other => return Err(format!("--format={other}: only `binary` and `default` are supported")),
        };
        self.out.items.push(Item::Binary(is_binary));
        Ok(())
    }

    /// `-R DIRECTORY` is `-rpath`; `-R FILE` takes addresses from a program.
    pub(super) fn directory_or_symbols(&mut self, path: String) {
        if PathBuf::from(&path).is_file() {
            self.out.items.push(Item::Symbols(path.into()));
        } else {
            self.out.rpath.push(path);
        }
    }

    /// `-lNAME`
    pub(super) fn library(&mut self, name: String) {
        let only = self.static_cxx && matches!(&*name, "stdc++" | "c++");
        let before = State::behind(&self.out.items).static_only;
        if only {
            self.out.items.push(Item::StaticOnly(true));
        }
        self.out.items.push(Item::Library(name));
        if only {
            self.out.items.push(Item::StaticOnly(before));
        }
    }
}
