//! The one shape in which every later phase sees an input: sections, symbols and relocations, whatever the format.
//!
//! Nothing is copied out of the input. Sections that take no part in a running program (symbol tables, debug
//! information, notes for the linker) are left behind here; symbols and relocations are decoded when they are looked
//! at, because most are looked at once or twice and a decoded copy of each would cost more memory than the image.

#![forbid(unsafe_code)]

use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;
use std::sync::Arc;

use super::elf::{RelocationIter, Relocations, SymbolTable};
use super::section_name::Collected;
use crate::error::Place;

bitflags::bitflags! {
    /// What a section is made of and how the program may use it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct SectionFlags: u16 {
        /// Holds instructions.
        const EXEC = 1;
        /// The program writes to it.
        const WRITE = 2;
        /// A template of thread-local storage.
        const TLS = 4;
        /// Occupies memory but has no bytes in the file.
        const NOBITS = 8;
        /// May lie beyond the reach of a 32-bit displacement (SHF_X86_64_LARGE).
        const LARGE = 16;
        /// Kept by `--gc-sections` (SHF_GNU_RETAIN).
        const RETAIN = 32;
        /// Lives and dies with the section that [`Object::ordered`] names (SHF_LINK_ORDER).
        const LINK_ORDER = 64;
        /// Member of a section group.
        const GROUP = 128;
        /// Named by a C identifier: `__start_NAME` and `__stop_NAME` are its ends.
        const IDENTIFIER = 256;
        /// `.gnu.linkonce.*`: of all of one name, one takes part.
        const LINK_ONCE = 512;
        /// A piece of `_init` or `_fini`.
        const FRAGMENT = 1024;
        /// The process runs it, though nothing refers to it, by its name.
        const HOOK = 2048;
    }
}

/// What a section is for, as far as the linker has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    /// Bytes or zeroes with no meaning to the linker.
    Plain,
    /// Call frame information (`.eh_frame`).
    Frames,
    /// Pointers to functions run before, at start of, or after the program.
    PreinitArray,
    /// See [`SectionKind::PreinitArray`].
    InitArray,
    /// See [`SectionKind::PreinitArray`].
    FiniArray,
    /// A note.
    Note,
}

/// A section that takes part in the running program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section<'d> {
    pub name: &'d [u8],
    pub contents: Contents<'d>,
    pub relocations: Relocations<'d>,
    pub flags: SectionFlags,
    /// log2 of the alignment.
    pub align_log2: u8,
    pub kind: SectionKind,
    /// Which output section it goes to, by its name.
    pub collected: Collected,
}

/// What a section holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Contents<'d> {
    Bytes(&'d [u8]),
    /// So many zeroes, of which the file has none ([`SectionFlags::NOBITS`]).
    Zeroes(u64),
}

// A large set has 200,000 sections, which each phase reads one after the other.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Section<'_>>() == 56 && size_of::<Group<'_>>() == 40);
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Object<'_>>() == 152);

impl<'d> Section<'d> {
    /// The bytes in the file.
    #[inline]
    pub fn data(&self) -> &'d [u8] {
        match self.contents {
            Contents::Bytes(bytes) => bytes,
            Contents::Zeroes(_) => &[],
        }
    }

    /// Size in memory, bytes.
    #[inline]
    pub fn size(&self) -> u64 {
        match self.contents {
            Contents::Bytes(bytes) => bytes.len() as u64,
            Contents::Zeroes(size) => size,
        }
    }

    pub fn align(&self) -> u64 {
        1 << self.align_log2
    }

    /// The name of the output section it goes to.
    pub fn output_name(&self) -> &'d [u8] {
        self.collected.name(self.name)
    }

    pub fn has(&self, flags: SectionFlags) -> bool {
        self.flags.intersects(flags)
    }

    pub fn relocations(&self) -> RelocationIter<'d> {
        self.relocations.iter()
    }
}

/// Where a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SymbolSection {
    Undefined,
    Absolute,
    /// Common storage; the symbol's value is its alignment.
    Common,
    /// The index in [`Object::sections`].
    Loaded(u32),
    /// A section that is not part of the program.
    NotLoaded,
    /// A section that no linker takes over (SHF_EXCLUDE).
    Excluded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Local,
    Global,
    Weak,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SymbolKind {
    NoType,
    Data,
    Function,
    Section,
    File,
    Tls,
    /// A function whose address is what calling it returns (STT_GNU_IFUNC).
    Ifunc,
}

/// From the least to the most constraining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Visibility {
    Default,
    Protected,
    Hidden,
}

/// A symbol, decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol {
    pub value: u64,
    pub size: u64,
    pub section: SymbolSection,
    pub binding: Binding,
    pub kind: SymbolKind,
    pub visibility: Visibility,
}

impl Symbol {
    pub fn is_undefined(&self) -> bool {
        self.section == SymbolSection::Undefined
    }
}

/// One relocation, decoded: *at `offset` of its section, the number that `kind` says, of `symbol` plus `addend`*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relocation {
    pub offset: u64,
    /// The type's number, as the ABI of the object's machine has it.
    pub kind: u32,
    /// Index in the object's symbol table; 0 is the absolute symbol of value 0.
    pub symbol: u32,
    pub addend: i64,
}

/// The hash of a name, under which a set files it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameHash(pub u32);

impl NameHash {
    #[inline]
    pub fn of(text: &[u8]) -> NameHash {
        let mut hasher = foldhash::fast::FixedState::default().build_hasher();
        hasher.write(text);
        NameHash(hasher.finish() as u32)
    }
}

/// What reading has found out about the name of a symbol, and need not be found out again. Small: a set has more of them
/// than of anything else but relocations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownName {
    key: u32,
    /// Bytes, below [`KnownName::NUMBERED`]; that is added where the key is a number.
    length: u32,
}

impl KnownName {
    /// Names are shorter than this.
    pub const NUMBERED: u32 = 1 << 31;

    /// A name of `length` bytes; None if it has too many.
    #[inline]
    pub fn hashed(hash: NameHash, length: usize) -> Option<KnownName> {
        let length = u32::try_from(length).ok().filter(|length| *length < Self::NUMBERED)?;
        Some(KnownName { key: hash.0, length })
    }

    pub fn nameless() -> KnownName {
        KnownName { key: NameHash::of(b"").0, length: 0 }
    }

    #[inline]
    pub fn expected(name: ExpectedName) -> KnownName {
        KnownName { key: name.number, length: name.length | Self::NUMBERED }
    }

    #[inline]
    pub fn key(self) -> NameKey {
        match self.length & Self::NUMBERED {
            0 => NameKey::Hash(NameHash(self.key)),
            _ => NameKey::Number(self.key),
        }
    }

    #[inline]
    pub fn length(self) -> u32 {
        self.length & !Self::NUMBERED
    }
}

/// What a name is found by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NameKey {
    Hash(NameHash),
    /// It was [`Expected`], and this is its number.
    Number(u32),
}

/// A name that an object may define.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExpectedName {
    /// By which the reader's caller knows it.
    pub number: u32,
    /// Bytes.
    pub length: u32,
}

/// Names that an object may define, in the order of its symbols, as an archive's index tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected<'d> {
    /// The names, one behind the other with a zero behind each.
    pub text: &'d [u8],
    pub names: &'d [ExpectedName],
}

impl Expected<'_> {
    /// The next name, if `text` begins with it and the zero behind it, byte for byte.
    #[inline]
    pub fn take(&mut self, text: &[u8]) -> Option<ExpectedName> {
        let (first, names) = self.names.split_first()?;
        let (name, behind) = self.text.split_at_checked((first.length as usize).checked_add(1)?)?;
        if !text.starts_with(name) {
            return None;
        }
        (self.text, self.names) = (behind, names);
        Some(*first)
    }
}

/// Sections that are kept or dropped together; of all COMDAT groups of one signature, one is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'d> {
    pub signature: &'d [u8],
    /// Indices into [`Object::sections`].
    pub members: &'d [u32],
    /// The symbol of that name, unless a section's name stands in for it.
    pub symbol: Option<NonZeroU32>,
    pub comdat: bool,
}

/// Which sections of an object do not stand for themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tied<'d> {
    pub groups: &'d [Group<'d>],
    /// Sections that go where another one goes ([`SectionFlags::LINK_ORDER`]): their index, and the other's. In
    /// the order of the former.
    pub ordered: &'d [(u32, u32)],
    /// Some sections name libraries.
    pub names_libraries: bool,
}

/// A relocatable object. What is rare is behind references: a set may have 100,000 objects with two sections each.
pub(crate) struct Object<'d> {
    pub file: &'d Arc<str>,
    pub member: Option<&'d [u8]>,
    /// The whole of it.
    pub data: &'d [u8],
    /// Position in the order of the inputs; members of an archive share the archive's.
    pub position: u32,
    /// The sections that take part in the running program.
    pub sections: &'d [Section<'d>],
    /// What any of them has.
    pub any: SectionFlags,
    pub symbols: SymbolTable<'d>,
    /// The names of the symbols from the first that is not local on.
    pub known_names: &'d [KnownName],
    pub tied: Option<&'d Tied<'d>>,
    /// It puts code on the stack (`.note.GNU-stack`, executable).
    pub executable_stack: bool,
}

/// An input, or a member of it.
pub(super) fn place(file: &Arc<str>, member: Option<&[u8]>) -> Place {
    let place = Place::file(file.clone());
    match member {
        Some(member) => place.in_member(String::from_utf8_lossy(member)),
        None => place,
    }
}

impl<'d> Object<'d> {
    pub fn place(&self) -> Place {
        place(self.file, self.member)
    }

    pub fn groups(&self) -> &'d [Group<'d>] {
        self.tied.map_or(&[], |tied| tied.groups)
    }

    /// See [`Tied::names_libraries`].
    pub fn names_libraries(&self) -> bool {
        self.tied.is_some_and(|tied| tied.names_libraries)
    }

    /// See [`Tied::ordered`].
    pub fn ordered(&self) -> &'d [(u32, u32)] {
        self.tied.map_or(&[], |tied| tied.ordered)
    }

    pub fn place_in(&self, section: u32) -> Place {
        match self.sections.get(section as usize) {
            Some(section) => self.place().in_section(String::from_utf8_lossy(section.name)),
            None => self.place(),
        }
    }
}
