//! Inputs as the user gave them, identified by their first bytes.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::sync::Arc;

use super::{archive, elf, script};
use crate::memory::file::Bytes;

/// One input of a set, in the order in which the user gave them.
pub(crate) enum Input {
    Object { name: Arc<str>, data: Bytes },
    Archive { name: Arc<str>, path: PathBuf, data: Bytes, mode: ArchiveMode },
    Library(LibraryInput),
}

/// Which members of an archive take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArchiveMode {
    /// Those that define what is otherwise undefined.
    Needed,
    /// All.
    Whole,
    /// Those that define what neither the other inputs nor the host do.
    LastResort,
}

/// A shared library: opened in the process when the set is linked.
pub(crate) struct LibraryInput {
    pub name: Arc<str>,
    pub path: PathBuf,
    pub data: Bytes,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Archive,
    Library,
    Script,
    Bitcode,
    Empty,
    Unknown,
}

/// What the bytes of a file are, by their first ones.
pub(crate) fn identify(data: &[u8]) -> Kind {
    if data.is_empty() {
        Kind::Empty
    } else if archive::is_archive(data) {
        Kind::Archive
    } else if elf::is_shared(data) {
        Kind::Library
    } else if elf::is_elf(data) {
        Kind::Object
    } else if data.starts_with(b"BC\xc0\xde") || data.starts_with(&[0xde, 0xc0, 0x17, 0x0b]) {
        Kind::Bitcode
    } else if script::looks_like_script(data) {
        Kind::Script
    } else {
        Kind::Unknown
    }
}
