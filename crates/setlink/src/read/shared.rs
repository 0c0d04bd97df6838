//! Shared libraries, read from their files: what a library offers and what it needs, before it is loaded.
//!
//! The generic ABI, chapter 5 ("Dynamic Linking"), defines the dynamic section, symbol table and `DT_HASH`. Symbol
//! versions are Sun's idea in GNU's form: the Linux Standard Base, Core, chapter "Symbol Versioning". `DT_GNU_HASH` is
//! defined by its implementations in binutils and glibc alone.
//!
//! Everything is found through `PT_DYNAMIC`, as the loader does it, so that a library without section headers, or with
//! misleading ones, reads the same as any other. One thing is not said there: how long the symbol table is. The section
//! header of the same table tells, or a hash table, or at last the place where the string table begins.
//!
//! A definition `name@@VERSION` is its name's default: references that name no version bind to it. `name@VERSION` (the
//! hidden bit in the version table) is for references that ask for VERSION; libraries keep such definitions for programs
//! linked against their older selves. A definition without a version is the default of its name.

#![forbid(unsafe_code)]

mod hash;
mod tables;
mod versions;

use std::sync::Arc;

use object::LittleEndian as Le;
use object::elf::{self, Sym64, SymbolBind, SymbolType, SymbolVisibility};

use self::tables::Tables;
use self::versions::Version;
use crate::error::{Place, Problem};
use crate::memory::find::find;

/// Limit for names of files and versions: longer ones serve only to make reading slow.
const LONGEST_NAME: usize = 4096;

/// A shared library's file, with its dynamic tables located and checked.
#[derive(Debug)]
pub(crate) struct SharedLibrary<'d> {
    name: Arc<str>,
    tables: Tables<'d>,
    versions: Vec<Option<Version<'d>>>,
    soname: Option<&'d [u8]>,
    needed: Vec<&'d [u8]>,
    runpath: Option<&'d [u8]>,
}

/// A dynamic symbol that the library defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Definition<'d> {
    /// Its index in the dynamic symbol table.
    pub(crate) index: u32,
    /// The name, without the version.
    pub(crate) name: &'d [u8],
    /// The address, relative to where the library is loaded; in the TLS segment for `STT_TLS`; as it is for `absolute`.
    pub(crate) value: u64,
    /// In bytes; 0 when unknown.
    pub(crate) size: u64,
    /// `STT_FUNC`, `STT_OBJECT`, `STT_TLS`, `STT_GNU_IFUNC`, …
    pub(crate) kind: SymbolType,
    /// `STB_GLOBAL`, `STB_WEAK` or `STB_GNU_UNIQUE`.
    pub(crate) binding: SymbolBind,
    /// `STV_DEFAULT` or `STV_PROTECTED`; hidden symbols are not exported.
    pub(crate) visibility: SymbolVisibility,
    /// The version, when the definition has one.
    pub(crate) version: Option<&'d [u8]>,
    /// References without a version bind to it.
    pub(crate) is_default_version: bool,
    /// The value does not move with the library.
    pub(crate) absolute: bool,
}

/// A dynamic symbol that the library needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'d> {
    /// The name, without the version.
    pub(crate) name: &'d [u8],
    /// The version asked for.
    pub(crate) version: Option<&'d [u8]>,
    /// The soname of the library that had the version when this one was linked.
    pub(crate) library: Option<&'d [u8]>,
    /// May remain undefined.
    pub(crate) weak: bool,
    /// It is to be a thread-local variable.
    pub(crate) thread_local: bool,
}

/// How a library's memory will be protected once it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Never writable.
    ReadOnly,
    /// Writable until relocated: constants that hold addresses.
    ReadOnlyAfterRelocation,
    /// Variables.
    Writable,
}

impl<'d> SharedLibrary<'d> {
    /// Locates the dynamic tables of a 64-bit little-endian library for any machine. `name` is for problems.
    pub(crate) fn parse(name: &Arc<str>, data: &'d [u8]) -> Result<Self, Problem> {
        let tables = Tables::locate(name, data)?;
        let versions = versions::read(name, &tables)?;
        let mut library = SharedLibrary {
            name: name.clone(),
            tables,
            versions,
            soname: None,
            needed: Vec::new(),
            runpath: None,
        };
        for entry in tables.dynamic {
            let text = || {
                usize::try_from(entry.d_val.get(Le))
                    .ok()
                    .and_then(|offset| string(tables.strings, offset, LONGEST_NAME))
                    .ok_or_else(|| {
                        library.malformed("a name in the dynamic section lies outside the string table")
                    })
            };
            match entry.d_tag.get(Le) {
                elf::DT_SONAME => library.soname = Some(text()?),
                elf::DT_NEEDED => {
                    let text = text()?;
                    library.needed.push(text);
                }
                elf::DT_RUNPATH => library.runpath = Some(text()?),
                elf::DT_RPATH if library.runpath.is_none() => library.runpath = Some(text()?),
                _ => {}
            }
        }
        Ok(library)
    }

    /// ELF's `e_machine`.
    pub(crate) fn machine(&self) -> u16 {
        self.tables.machine
    }

    /// The name by which the loader knows the library.
    pub(crate) fn soname(&self) -> Option<&'d [u8]> {
        self.soname
    }

    /// The names of the libraries that it needs, in order.
    pub(crate) fn needed(&self) -> &[&'d [u8]] {
        &self.needed
    }

    /// Where those are searched first: `DT_RUNPATH`, or `DT_RPATH` where there is no other.
    pub(crate) fn runpath(&self) -> Option<&'d [u8]> {
        self.runpath
    }

    /// The exported definitions, in the order of the symbol table. Ends after the first problem.
    #[cfg(test)]
    pub(crate) fn definitions(&self) -> impl Iterator<Item = Result<Definition<'d>, Problem>> {
        self.symbols(|library, index, symbol| {
            library.exported(index, symbol).then(|| library.definition(index, symbol, &[]))
        })
        .map(|item| item.map(|(name, definition)| Definition { name, ..definition }))
    }

    /// The names of the exported definitions and, if asked for, of the undefined symbols. Ends after the first problem.
    pub(crate) fn names(&self, undefined: bool) -> impl Iterator<Item = Result<&'d [u8], Problem>> {
        self.symbols(move |library, index, symbol| {
            (library.exported(index, symbol) || undefined && is_needed(symbol)).then_some(())
        })
        .map(|item| item.map(|(name, ())| name))
    }

    /// Whether there may be a definition whose name has this GNU hash, of which the lowest bit is not known and zero.
    pub(crate) fn may_define(&self, hash: u32) -> bool {
        self.tables.gnu_hash.is_none_or(|table| table.may_have(hash))
    }

    /// The undefined symbols, in the order of the symbol table. Ends after the first problem.
    pub(crate) fn references(&self) -> impl Iterator<Item = Result<Reference<'d>, Problem>> {
        self.symbols(|library, index, symbol| {
            is_needed(symbol).then(|| {
                let version = library.version(index).0;
                let weak = symbol.st_bind() == elf::STB_WEAK;
                let (version, library) = (version.map(|it| it.name), version.and_then(|it| it.library));
                let thread_local = symbol.st_type() == elf::STT_TLS;
                Reference { name: &[], version, library, weak, thread_local }
            })
        })
        .map(|item| item.map(|(name, reference)| Reference { name, ..reference }))
    }

    /// The definition that a reference to `name` binds to: with a version, the definition of that version, with an empty one
    /// the definition without one in a library that has versions; without one, the default.
    pub(crate) fn lookup(&self, name: &[u8], version: Option<&[u8]>) -> Option<Definition<'d>> {
        hash::find(&self.tables, name, |index, symbol| {
            // A comparison in place, since the name found may be endless.
            let start = usize::try_from(symbol.st_name.get(Le)).ok()?;
            let found = self.tables.strings.get(start..start.checked_add(name.len())?)?;
            let terminated = self.tables.strings.get(start.checked_add(name.len())?) == Some(&0);
            if found != name || !terminated || !self.exported(index, symbol) {
                return None;
            }
            let definition = self.definition(index, symbol, found);
            let matches = match version {
                Some(b"") => definition.version.is_none() && self.tables.verdef.is_some(),
                Some(_) => definition.version == version,
                None => definition.is_default_version,
            };
            matches.then_some(definition)
        })
    }

    /// How `size` bytes at `address` (as in [`Definition::value`]) are protected; `None` if they are not of the library
    /// or not all of one kind.
    pub(crate) fn protection(&self, address: u64, size: u64) -> Option<Protection> {
        let load = self.segment(elf::PT_LOAD, address, size)?;
        Some(if !load.p_flags.get(Le).contains(elf::PF_W) {
            Protection::ReadOnly
        } else if self.segment(elf::PT_GNU_RELRO, address, size).is_some() {
            Protection::ReadOnlyAfterRelocation
        } else {
            Protection::Writable
        })
    }

    /// Whether what lies at `address` can be run; None where nothing will be loaded.
    pub(crate) fn is_executable(&self, address: u64) -> Option<bool> {
        let load = self.segment(elf::PT_LOAD, address, 1)?;
        Some(load.p_flags.get(Le).contains(elf::PF_X))
    }

    /// The segment of this kind that holds all `size` bytes at `address`.
    fn segment(&self, kind: elf::ProgramType, address: u64, size: u64) -> Option<&elf::ProgramHeader64<Le>> {
        let end = address.checked_add(size.max(1))?;
        let contains = |segment: &&elf::ProgramHeader64<Le>| {
            let start = segment.p_vaddr.get(Le);
            let limit = start.checked_add(segment.p_memsz.get(Le));
            start <= address && limit.is_some_and(|limit| end <= limit)
        };
        self.tables.segments.iter().filter(|segment| segment.p_type.get(Le) == kind).find(contains)
    }

    fn malformed(&self, what: impl Into<String>) -> Problem {
        Problem::malformed(Place::file(self.name.clone()), what)
    }

    /// The symbols for which `select` has an answer, with their names.
    fn symbols<T>(
        &self,
        select: impl Fn(&Self, u32, &Sym64<Le>) -> Option<T>,
    ) -> impl Iterator<Item = Result<(&'d [u8], T), Problem>> {
        let strings = self.tables.strings;
        // Names may share a tail. All sharing one very long name would make a small file slow to read.
        let mut budget = strings.len().saturating_mul(8).saturating_add(1 << 16);
        let mut failed = false;
        (0u32..)
            .zip(self.tables.symbols)
            .skip(1)
            .map_while(move |(index, symbol)| {
                if failed {
                    return None;
                }
                let Some(selected) = select(self, index, symbol) else { return Some(None) };
                let start = usize::try_from(symbol.st_name.get(Le)).ok();
                let what = match start.and_then(|start| string(strings, start, budget)) {
                    Some(name) => {
                        budget = budget.saturating_sub(name.len());
                        return Some(Some(Ok((name, selected))));
                    }
                    None => format!(
                        "the name of dynamic symbol {index} is outside the string table or has no end"
                    ),
                };
                failed = true;
                Some(Some(Err(self.malformed(what))))
            })
            .flatten()
    }

    /// The version of the symbol at `index`, and whether the definition is hidden from references without one.
    fn version(&self, index: u32) -> (Option<Version<'d>>, bool) {
        let versym = usize::try_from(index).ok().and_then(|index| self.tables.versyms?.get(index));
        let Some(versym) = versym.map(|versym| versym.0.get(Le)) else { return (None, false) };
        let version = self.versions.get(usize::from(versym.index().0)).copied().flatten();
        (version, versym.is_hidden())
    }

    fn exported(&self, index: u32, symbol: &Sym64<Le>) -> bool {
        let versym = usize::try_from(index).ok().and_then(|index| self.tables.versyms?.get(index));
        symbol.st_shndx.get(Le) != elf::SHN_UNDEF
            && symbol.st_bind() != elf::STB_LOCAL
            && !matches!(symbol.st_visibility(), elf::STV_HIDDEN | elf::STV_INTERNAL)
            && !matches!(symbol.st_type(), elf::STT_SECTION | elf::STT_FILE)
            && !versym.is_some_and(|versym| versym.0.get(Le).is_local())
    }

    fn definition(&self, index: u32, symbol: &Sym64<Le>, name: &'d [u8]) -> Definition<'d> {
        let (version, hidden) = self.version(index);
        Definition {
            index,
            name,
            value: symbol.st_value.get(Le),
            size: symbol.st_size.get(Le),
            kind: symbol.st_type(),
            binding: symbol.st_bind(),
            visibility: symbol.st_visibility(),
            version: version.map(|version| version.name),
            is_default_version: !hidden,
            absolute: symbol.st_shndx.get(Le) == elf::SHN_ABS,
        }
    }
}

/// Whether others have to define it.
fn is_needed(symbol: &Sym64<Le>) -> bool {
    symbol.st_shndx.get(Le) == elf::SHN_UNDEF && symbol.st_bind() != elf::STB_LOCAL
}

/// The NUL-terminated string at `offset`, if it is no longer than `limit`.
fn string(strings: &[u8], offset: usize, limit: usize) -> Option<&[u8]> {
    let tail = strings.get(offset..)?;
    let tail = tail.get(..limit.saturating_add(1)).unwrap_or(tail);
    tail.get(..find(0, tail)?)
}

#[cfg(test)]
mod tests;
