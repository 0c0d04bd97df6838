//! Inputs as the user gave them, identified by their first bytes.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::sync::Arc;

use super::{archive, elf, script};
use crate::memory::file::Bytes;

/// One input of a set, in the order in which the user gave them.
pub(crate) enum Input {
    Object {
        name: Arc<str>,
        data: Bytes,
        /// Takes part only if it defines what is otherwise undefined.
        lazy: bool,
    },
    Archive {
        name: Arc<str>,
        path: PathBuf,
        data: Bytes,
        mode: ArchiveMode,
    },
    Library(LibraryInput),
}

impl Input {
    pub fn data(&self) -> &Bytes {
        match self {
            Input::Object { data, .. } | Input::Archive { data, .. } => data,
            Input::Library(library) => &library.data,
        }
    }
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
    /// Likewise, of an archive that is the host's own library in another shape: what is hidden in there the host may have.
    Process,
}

/// A shared library: opened in the process when the set is linked.
pub(crate) struct LibraryInput {
    pub name: Arc<str>,
    pub path: PathBuf,
    pub data: Bytes,
    /// Opened only if the set needs it, or another of its libraries.
    pub as_needed: bool,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Archive,
    Library,
    Script,
    Bitcode,
    /// Another system's object or program, in the format named.
    Foreign(&'static str),
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
    } else if let Some(format) = foreign(data) {
        Kind::Foreign(format)
    } else if script::looks_like_script(data) {
        Kind::Script
    } else {
        Kind::Unknown
    }
}

/// The name of the format, if the bytes begin as an object or program of another system. Documents: Apple,
/// `mach-o/loader.h`; Microsoft, "PE Format"; the WebAssembly core specification, section 5.5.
pub(crate) fn foreign(data: &[u8]) -> Option<&'static str> {
    let half = |at: usize| data.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    match data.get(..4)? {
        [0xfe, 0xed, 0xfa, 0xce | 0xcf] | [0xce | 0xcf, 0xfa, 0xed, 0xfe] => return Some("Mach-O"),
        // Java's classes begin likewise; their version, where the number of architectures would be, is above 40.
        [0xca, 0xfe, 0xba, 0xbe | 0xbf] if data.get(4..8)? < &[0, 0, 0, 40] => {
            return Some("Mach-O (universal)");
        }
        [b'M', b'Z', ..] => return Some("PE"),
        [0, b'a', b's', b'm'] => return Some("WebAssembly"),
        // A machine of 0, then 0xffff: a large object, or an import library's member.
        [0, 0, 0xff, 0xff] if half(4)? <= 2 => return Some("COFF"),
        _ => {}
    }
    // An object has no optional header, and its symbol table, if any, lies behind the section headers.
    let word = |at: usize| data.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let known = matches!(half(0)?, 0x014c | 0x01c0 | 0x01c4 | 0x8664 | 0xaa64 | 0xa641);
    let headers = 20 + 40 * u32::from(half(2)?);
    let table = word(8)?;
    let plausible = half(16)? == 0 && (table == 0 || table >= headers) && table as usize <= data.len();
    (known && plausible).then_some("COFF")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_systems_formats_are_known() {
        let coff = |machine: u16, table: u32| {
            let mut bytes = vec![0; 200];
            bytes[..2].copy_from_slice(&machine.to_le_bytes());
            bytes[2..4].copy_from_slice(&2u16.to_le_bytes());
            bytes[8..12].copy_from_slice(&table.to_le_bytes());
            bytes
        };
        assert_eq!(foreign(&coff(0x8664, 100)), Some("COFF"));
        assert_eq!(foreign(&coff(0x8664, 99)), None);
        assert_eq!(foreign(&coff(0x8664, 201)), None);
        assert_eq!(foreign(&coff(0x8663, 100)), None);
        assert_eq!(foreign(b"\xcf\xfa\xed\xfe"), Some("Mach-O"));
        assert_eq!(foreign(b"\xca\xfe\xba\xbe\0\0\0\x02"), Some("Mach-O (universal)"));
        assert_eq!(foreign(b"\xca\xfe\xba\xbe\0\0\0\x34"), None);
        assert_eq!(foreign(b"\0asm\x01\0\0\0"), Some("WebAssembly"));
        assert_eq!(foreign(b"\0\0\xff\xff\x02\0"), Some("COFF"));
        assert_eq!(foreign(b"MZ\x90\0"), Some("PE"));
        assert_eq!(foreign(b"INPUT ( -lc )"), None);
        assert_eq!(foreign(b""), None);
    }
}
