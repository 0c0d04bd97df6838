//! The symbol table of an object (gABI, chapter 4, "Symbol Table").

#![forbid(unsafe_code)]

use object::LittleEndian as LE;
use object::elf;
use object::pod::slice_from_bytes;

use super::names::{NameBudget, string};
use super::{EXCLUDED, Listed, NOT_LOADED, Parser, RawSection, RawSymbol};
use crate::error::Problem;
use crate::memory::arena::Part;
use crate::memory::find::find;
use crate::read::object::{
    Binding, Expected, KnownName, NameHash, Object, Symbol, SymbolKind, SymbolSection, Visibility,
};

const SHN_X86_64_LCOMMON: elf::SymbolSection = elf::SymbolSection(0xff02);

/// Bytes of a local symbol's name that are looked at.
const LONGEST_LOCAL: usize = 4096;

/// The symbols of one object, decoded on demand.
#[derive(Clone, Copy, Default)]
pub(crate) struct SymbolTable<'d> {
    pub(super) raw: &'d [RawSymbol],
    pub(super) strings: &'d [u8],
    /// Of objects with more than 65,279 sections.
    pub(super) extended: Option<&'d &'d [object::U32<LE>]>,
    /// File section index → index in `Object::sections`.
    pub(super) loaded: &'d [u32],
    pub(super) first_global: u32,
    pub(super) versioned: bool,
}

impl<'d> SymbolTable<'d> {
    pub fn len(&self) -> u32 {
        self.raw.len() as u32
    }

    /// Index of the first symbol that is not local.
    pub fn first_global(&self) -> u32 {
        self.first_global
    }

    /// The symbol's name, without its terminator; empty when its string table offset is. Of a local symbol, whose name is for
    /// people and was not read before, no more than they would read.
    pub fn name(&self, index: u32) -> &'d [u8] {
        let Some(raw) = self.raw.get(index as usize) else { return b"" };
        let offset = raw.st_name.get(LE);
        if index >= self.first_global {
            return string(self.strings, offset).unwrap_or(b"");
        }
        let rest = self.strings.get(offset as usize..).unwrap_or_default();
        let shown = rest.get(..LONGEST_LOCAL).unwrap_or(rest);
        find(0, shown).map_or(shown, |end| &shown[..end])
    }

    /// The name of the symbol at `index`, `length` bytes long.
    #[inline]
    pub fn name_of_length(&self, index: u32, length: u32) -> &'d [u8] {
        let offset = self.raw.get(index as usize).map_or(0, |raw| raw.st_name.get(LE)) as usize;
        self.strings.get(offset..).and_then(|rest| rest.get(..length as usize)).unwrap_or(b"")
    }

    /// Whether any name may have a version (`name@version`).
    pub fn is_versioned(&self) -> bool {
        self.versioned
    }

    /// The symbol at `index`, or None beyond the table's end.
    // Out of line, it took 17.5 of the 418.6 million instructions of a set of 244,000 symbols.
    #[inline(always)]
    pub fn get(&self, index: u32) -> Option<Symbol> {
        let raw = self.raw.get(index as usize)?;
        let binding = match raw.st_info.st_bind() {
            elf::STB_LOCAL => Binding::Local,
            elf::STB_WEAK => Binding::Weak,
            _ => Binding::Global,
        };
        let kind = match raw.st_info.st_type() {
            elf::STT_OBJECT | elf::STT_COMMON => SymbolKind::Data,
            elf::STT_FUNC => SymbolKind::Function,
            elf::STT_SECTION => SymbolKind::Section,
            elf::STT_FILE => SymbolKind::File,
            elf::STT_TLS => SymbolKind::Tls,
            elf::STT_GNU_IFUNC => SymbolKind::Ifunc,
            _ => SymbolKind::NoType,
        };
        let visibility = match raw.st_other.visibility() {
            elf::STV_DEFAULT => Visibility::Default,
            elf::STV_PROTECTED => Visibility::Protected,
            _ => Visibility::Hidden,
        };
        let section = match raw.st_shndx.get(LE) {
            elf::SHN_UNDEF => SymbolSection::Undefined,
            elf::SHN_ABS => SymbolSection::Absolute,
            elf::SHN_COMMON => SymbolSection::Common,
            elf::SHN_XINDEX => self.section(self.extended?.get(index as usize)?.get(LE)),
            // x86-64 psABI: common storage of the medium and large models.
            SHN_X86_64_LCOMMON => SymbolSection::Common,
            n => self.section(u32::from(n.0)),
        };
        Some(Symbol {
            value: raw.st_value.get(LE),
            size: raw.st_size.get(LE),
            section,
            binding,
            kind,
            visibility,
        })
    }

    /// The number, among the section headers, of the section that a symbol is in.
    pub fn section_number(&self, index: u32) -> Option<u32> {
        match self.raw.get(index as usize)?.st_shndx.get(LE) {
            elf::SHN_XINDEX => Some(self.extended?.get(index as usize)?.get(LE)),
            n if n.0 >= elf::SHN_LORESERVE => None,
            n => Some(u32::from(n.0)),
        }
    }

    fn section(&self, file_index: u32) -> SymbolSection {
        match self.loaded.get(file_index as usize) {
            Some(&EXCLUDED) => SymbolSection::Excluded,
            Some(&NOT_LOADED) | None => SymbolSection::NotLoaded,
            Some(&index) => SymbolSection::Loaded(index),
        }
    }
}

impl<'d> Parser<'d> {
    /// Reads the symbol table into `object`, whose sections are known. Of a global symbol's name, its hash is told, or its
    /// number where it is the next one that is `expected`.
    pub(super) fn symbols(
        &mut self,
        headers: &'d [RawSection],
        listed: &Listed,
        names: &'d [u8],
        expected: Expected<'_>,
        object: &mut Object<'d>,
        room: &Part<'d>,
    ) {
        let Some(index) = listed.symbols else { return };
        if listed.has_more_symbols {
            self.problems.push(self.malformed("more than one symbol table"));
            return;
        }
        let read = Tables::find(self.data, headers, listed, index).and_then(|tables| {
            let mut budget = NameBudget::new(tables.strings, tables.raw.len());
            tables.check_locals(&mut budget)?;
            let known = room.fill(tables.raw.len() - tables.first_global as usize, KnownName::nameless());
            tables.name_globals(&mut budget, expected, known)?;
            Ok((tables, known))
        });
        match read {
            Ok((Tables { raw, strings, extended, first_global, versioned, .. }, known)) => {
                let loaded = object.symbols.loaded;
                object.known_names = known;
                let extended = if extended.is_empty() { None } else { Some(&*room.one(extended)) };
                object.symbols = SymbolTable { raw, strings, extended, loaded, first_global, versioned };
            }
            Err(what) => {
                let name = string(names, headers[index].sh_name.get(LE)).unwrap_or(b".symtab");
                let place = self.place().in_section(String::from_utf8_lossy(name));
                self.problems.push(Problem::malformed(place, what));
            }
        }
    }
}

/// A symbol table and what belongs to it, as they are in the file.
struct Tables<'d> {
    raw: &'d [RawSymbol],
    strings: &'d [u8],
    /// Where there is no such table, empty.
    extended: &'d [object::U32<LE>],
    first_global: u32,
    versioned: bool,
    /// How many section headers there are.
    sections: usize,
    /// Below this, a symbol's number of a section is that of one that exists. Most are.
    ordinary: usize,
}

impl<'d> Tables<'d> {
    /// The table that section header `index` tells of, and those that go with it.
    fn find(
        data: &'d [u8],
        headers: &'d [RawSection],
        listed: &Listed,
        index: usize,
    ) -> Result<Self, String> {
        let header = &headers[index];
        let whole = |header: &RawSection| {
            let start = usize::try_from(header.sh_offset.get(LE)).ok()?;
            data.get(start..start.checked_add(usize::try_from(header.sh_size.get(LE)).ok()?)?)
        };
        let bytes = whole(header).ok_or("the symbol table lies beyond the end of the file")?;
        if bytes.len() % size_of::<RawSymbol>() != 0 {
            return Err("the symbol table's size is not a multiple of 24".into());
        }
        let (raw, _) = slice_from_bytes::<RawSymbol>(bytes, bytes.len() / size_of::<RawSymbol>())
            .map_err(|()| "the symbol table is truncated")?;
        if u32::try_from(raw.len()).is_err() {
            return Err("a symbol table of 2^32 symbols".into());
        }
        let first_global = header.sh_info.get(LE);
        if first_global as usize > raw.len() || (first_global == 0 && !raw.is_empty()) {
            let what = "sh_info, the index of the first global symbol, is outside the symbol table";
            return Err(what.into());
        }
        let strings = headers.get(header.sh_link.get(LE) as usize).and_then(whole);
        let strings = strings.ok_or("the symbols' string table lies beyond the end of the file")?;
        let is_extended = |other: &&RawSection| {
            other.sh_type.get(LE) == elf::SHT_SYMTAB_SHNDX && other.sh_link.get(LE) as usize == index
        };
        let mut tables = headers.iter().filter(|_| listed.has_extended_indexes);
        let extended = match tables.find(is_extended) {
            None => &[][..],
            Some(header) => whole(header)
                .and_then(|bytes| slice_from_bytes(bytes, raw.len()).ok())
                .map(|(table, _)| table)
                .ok_or("the table of extended section indexes is truncated")?,
        };
        Ok(Tables {
            raw,
            strings,
            extended,
            first_global,
            // Before the names are read one by one, in an order that no processor foresees: this brings all of them nearer.
            versioned: find(b'@', strings).is_some(),
            sections: headers.len(),
            ordinary: headers.len().min(elf::SHN_LORESERVE.into()),
        })
    }

    /// Checks the local symbols. Their names are for messages: where the table ends with a zero, each of them has an end.
    fn check_locals(&self, budget: &mut NameBudget) -> Result<(), String> {
        let ends = self.strings.last() == Some(&0);
        for (index, symbol) in self.raw[..self.first_global as usize].iter().enumerate() {
            let offset = symbol.st_name.get(LE);
            let is_inside = ends && (offset as usize) < self.strings.len();
            if offset != 0 && !is_inside {
                budget.string(self.strings, offset).map_err(|what| wrong_name(index, what))?;
            }
            self.check_section(index, symbol)?;
            if symbol.st_info.st_bind() != elf::STB_LOCAL {
                return Err(wrong_side(index));
            }
        }
        Ok(())
    }

    /// Checks the other symbols, and tells what is known of their names.
    fn name_globals(
        &self,
        budget: &mut NameBudget,
        mut expected: Expected<'_>,
        known: &mut [KnownName],
    ) -> Result<(), String> {
        let first = self.first_global as usize;
        for ((index, symbol), known) in (first..).zip(&self.raw[first..]).zip(known) {
            // Offset 0 is no name, whatever the table.
            let offset = symbol.st_name.get(LE);
            let may_be_expected = offset != 0 && symbol.st_shndx.get(LE) != elf::SHN_UNDEF;
            let met =
                if may_be_expected { budget.expected(self.strings, offset, &mut expected) } else { None };
            if let Some(met) = met {
                *known = KnownName::expected(met);
            } else if offset != 0 {
                let name = budget.string(self.strings, offset).map_err(|what| wrong_name(index, what))?;
                let hashed = KnownName::hashed(NameHash::of(name), name.len());
                *known = hashed.ok_or_else(|| wrong_name(index, "has 2^31 bytes or more"))?;
            }
            self.check_section(index, symbol)?;
            if symbol.st_info.st_bind() == elf::STB_LOCAL {
                return Err(wrong_side(index));
            }
        }
        Ok(())
    }

    /// Checks that the section of the symbol at `index` exists.
    #[inline]
    fn check_section(&self, index: usize, symbol: &RawSymbol) -> Result<(), String> {
        let section = symbol.st_shndx.get(LE);
        if usize::from(section.0) < self.ordinary {
            return Ok(());
        }
        let section = match section {
            elf::SHN_XINDEX => match self.extended.get(index) {
                Some(value) => value.get(LE) as usize,
                None => return Err(format!("symbol {index} has no extended section index")),
            },
            n if n.0 >= elf::SHN_LORESERVE => 0,
            n => usize::from(n.0),
        };
        if section >= self.sections {
            return Err(format!("symbol {index} names section {section}, which does not exist"));
        }
        Ok(())
    }
}

fn wrong_side(index: usize) -> String {
    format!("symbol {index} is on the wrong side of the first global symbol")
}

fn wrong_name(index: usize, what: &str) -> String {
    format!("the name of symbol {index} {what}")
}
