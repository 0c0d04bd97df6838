//! ELF relocatable objects, 64-bit little-endian. Document: the System V gABI, chapters 4 (object files: headers,
//! sections, symbol table, relocation), and its 2024 addition CREL (compact relocations).
//!
//! Special about ELF: a section index may be 0xffff ("see SHT_SYMTAB_SHNDX") and a count may be zero ("see section
//! 0"), so that objects can have more than 65,279 sections; names are offsets into string tables; a relocation section
//! names its target with `sh_info`. Every offset and index is checked here, once, so that later phases need not.

#![forbid(unsafe_code)]

mod debug;
mod dependent;
mod groups;
mod names;
mod relocations;
mod symbols;

use std::sync::Arc;

use object::LittleEndian as LE;
use object::elf;
use object::pod::slice_from_bytes;

use super::object::*;
use super::section_name::{self, Collected};
use crate::error::{Place, Problem};
use crate::memory::arena::{Arena, Part};

pub(crate) use debug::{DEBUG_SECTIONS, DebugSection, debug_sections};
pub(crate) use dependent::named_libraries;
use names::{NameBudget, string};
pub(crate) use relocations::{RelocationIter, Relocations};
pub(crate) use symbols::SymbolTable;

type Header = elf::FileHeader64<LE>;
type RawSection = elf::SectionHeader64<LE>;
type RawSymbol = elf::Sym64<LE>;
type RawRela = elf::Rela64<LE>;

/// In place of the index of a section that takes part.
const NOT_LOADED: u32 = u32::MAX;
const EXCLUDED: u32 = u32::MAX - 1;

fn is_loaded(index: u32) -> bool {
    index < EXCLUDED
}

/// SHF_X86_64_LARGE, x86-64 psABI, "Special sections".
const SHT_X86_64_UNWIND: elf::SectionType = elf::SectionType(0x7000_0001);
const SHF_X86_64_LARGE: u64 = 0x1000_0000;
/// Alignments beyond this are taken for corruption: no page, huge page or cache has asked for more.
const MAX_ALIGN_LOG2: u32 = 40;
/// Whether the bytes start like an ELF file.
pub(crate) fn is_elf(data: &[u8]) -> bool {
    data.starts_with(&elf::ELFMAG)
}

/// Whether the bytes are an ELF shared library.
pub(crate) fn is_shared(data: &[u8]) -> bool {
    is_elf(data) && data.get(16..18) == Some(&elf::ET_DYN.0.to_le_bytes())
}

/// Reads the object in `data`, named `file` and, inside an archive, `member`. What is found goes into `arena`. Names that
/// are as `expected` need not be looked up.
///
/// # Errors
/// Every problem found in its headers, sections and symbol table.
pub(crate) fn parse<'d>(
    file: &'d Arc<str>,
    member: Option<&'d [u8]>,
    position: u32,
    data: &'d [u8],
    expected: Expected<'_>,
    arena: &'d Arena,
) -> Result<&'d Object<'d>, Vec<Problem>> {
    Parser { file, member, data, problems: Vec::new() }.parse(position, expected, arena)
}

/// Whether a section is executable, and not loaded.
fn is_executable_note(header: &RawSection) -> bool {
    let flags = header.sh_flags.get(LE);
    flags.contains(elf::SHF_EXECINSTR) && !flags.contains(elf::SHF_ALLOC)
}

struct Parser<'d> {
    file: &'d Arc<str>,
    member: Option<&'d [u8]>,
    data: &'d [u8],
    problems: Vec<Problem>,
}

/// Bytes that may lie between arrays of unlike types.
const PADDING: usize = 16;

/// What the section headers list, found in one look at them: small objects have more headers than anything else.
#[derive(Default)]
struct Listed {
    /// Sections with `SHF_ALLOC`.
    allocated: usize,
    /// The first symbol table.
    symbols: Option<usize>,
    has_more_symbols: bool,
    has_extended_indexes: bool,
    /// Of groups, their number and bytes.
    groups: usize,
    group_bytes: u64,
    /// Among them may be the note that asks for an executable stack.
    has_executable_notes: bool,
    names_libraries: bool,
    /// Bytes of relocations and groups.
    table_bytes: u64,
}

impl Listed {
    fn of(headers: &[RawSection]) -> Listed {
        let mut listed = Listed::default();
        for (index, header) in headers.iter().enumerate() {
            listed.allocated += usize::from(header.sh_flags.get(LE).contains(elf::SHF_ALLOC));
            listed.has_executable_notes |= is_executable_note(header);
            match header.sh_type.get(LE) {
                elf::SHT_SYMTAB => {
                    listed.has_more_symbols = listed.symbols.is_some();
                    listed.symbols.get_or_insert(index);
                }
                dependent::SECTION => listed.names_libraries = true,
                elf::SHT_SYMTAB_SHNDX => listed.has_extended_indexes = true,
                kind @ (elf::SHT_RELA | elf::SHT_CREL | elf::SHT_GROUP) => {
                    if kind == elf::SHT_GROUP {
                        listed.groups += 1;
                        listed.group_bytes = listed.group_bytes.saturating_add(header.sh_size.get(LE));
                    }
                    listed.table_bytes = listed.table_bytes.saturating_add(header.sh_size.get(LE));
                }
                _ => {}
            }
        }
        listed
    }

    /// Bytes of what is made of an object with these headers, but for what few objects have.
    fn bytes(&self, headers: &[RawSection], data: &[u8]) -> usize {
        let table = self.symbols.map(|index| &headers[index]);
        let globals = table.map_or(0, |header| {
            let symbols = header.sh_size.get(LE).min(data.len() as u64) / size_of::<RawSymbol>() as u64;
            symbols.saturating_sub(header.sh_info.get(LE).into()) as usize
        });
        size_of::<Object<'_>>()
            + headers.len() * size_of::<u32>()
            + self.allocated * size_of::<Section<'_>>()
            + globals * size_of::<KnownName>()
            + PADDING
    }
}

impl<'d> Parser<'d> {
    fn parse(
        mut self,
        position: u32,
        expected: Expected<'_>,
        arena: &'d Arena,
    ) -> Result<&'d Object<'d>, Vec<Problem>> {
        let headers = match self.headers() {
            Ok(headers) => headers,
            Err(problem) => return Err(vec![problem]),
        };
        let listed = Listed::of(headers);
        let room = arena.part(listed.bytes(headers, self.data));
        let object = room.one(Object {
            file: self.file,
            member: self.member,
            data: self.data,
            position,
            sections: &[],
            any: SectionFlags::empty(),
            symbols: SymbolTable::default(),
            known_names: &[],
            tied: None,
            executable_stack: false,
        });
        if headers.is_empty() {
            return Ok(object);
        }
        let names = match self.section_names(headers) {
            Ok(names) => names,
            Err(problem) => return Err(vec![problem]),
        };
        let (sections, loaded) = self.sections(headers, listed.allocated, names, &room);
        if let Some(problem) = self.overlap(listed.table_bytes, sections) {
            self.problems.push(problem);
            return Err(self.problems);
        }
        self.relocations(headers, names, loaded, sections, &room);
        let mut tied = Tied::default();
        object.any = sections.iter().map(|section| section.flags).collect();
        if object.any.contains(SectionFlags::LINK_ORDER) {
            let all = headers.iter().zip(loaded).filter(|(_, index)| is_loaded(**index));
            let ordered = all.filter(|(header, _)| header.sh_flags.get(LE).contains(elf::SHF_LINK_ORDER));
            let other = |link: u32| loaded.get(link as usize).copied().filter(|link| is_loaded(*link));
            let pairs = ordered.filter_map(|(header, &index)| Some((index, other(header.sh_link.get(LE))?)));
            tied.ordered = room.collect(sections.len(), pairs);
        }
        object.sections = sections;
        object.symbols.loaded = loaded;
        self.symbols(headers, &listed, names, expected, object, &room);
        if listed.groups > 0 {
            tied.groups = self.groups(headers, &listed, names, object, &room);
        }
        tied.names_libraries = listed.names_libraries;
        if !tied.groups.is_empty() || !tied.ordered.is_empty() || tied.names_libraries {
            object.tied = Some(room.one(tied));
        }
        if listed.has_executable_notes {
            object.executable_stack = headers.iter().any(|header| {
                is_executable_note(header)
                    && string(names, header.sh_name.get(LE)) == Some(b".note.GNU-stack")
            });
        }
        // GCC says so with a common symbol.
        if object.sections.iter().all(|section| section.size() == 0)
            && memchr::memmem::find(object.symbols.strings, b"\0__gnu_lto_slim\0").is_some()
        {
            let problem = self.malformed("the object holds GCC's intermediate code, not machine code");
            let remedy = "compile it without link-time optimisation (-fno-lto), or with -ffat-lto-objects";
            self.problems.push(problem.with_remedy(remedy));
        }
        if self.problems.is_empty() { Ok(object) } else { Err(self.problems) }
    }

    fn place(&self) -> Place {
        place(self.file, self.member)
    }

    fn malformed(&self, what: impl Into<String>) -> Problem {
        Problem::malformed(self.place(), what)
    }

    fn headers(&self) -> Result<&'d [RawSection], Problem> {
        let data = self.data;
        if !is_elf(data) {
            return Err(self.malformed("not an ELF file").with_remedy(
                "inputs are ELF relocatable objects, archives, shared libraries and linker scripts",
            ));
        }
        let header: &Header = object::pod::from_bytes(data)
            .map(|(header, _)| header)
            .map_err(|()| self.malformed("the file ends inside the ELF header"))?;
        let ident = &header.e_ident;
        if ident.class != elf::ELFCLASS64 || ident.data != elf::ELFDATA2LSB {
            return Err(Problem::unsupported(self.place(), "an ELF file that is not 64-bit little-endian"));
        }
        let machine = header.e_machine.get(LE);
        if machine != elf::EM_X86_64 {
            return Err(Problem::unsupported(
                self.place(),
                format!("machine {} (e_machine {})", machine_name(machine), machine.0),
            )
            .with_remedy("this version links x86-64 objects"));
        }
        match header.e_type.get(LE) {
            elf::ET_REL => {}
            other => {
                let what = match other {
                    elf::ET_EXEC => "an executable as input",
                    elf::ET_DYN => "a shared library or executable as a relocatable object",
                    elf::ET_CORE => "a core dump as input",
                    _ => "this ELF file type",
                };
                return Err(Problem::unsupported(self.place(), what)
                    .with_remedy("give the relocatable objects it was linked from"));
            }
        }
        let offset = header.e_shoff.get(LE);
        if offset == 0 {
            return Ok(&[]);
        }
        if usize::from(header.e_shentsize.get(LE)) != size_of::<RawSection>() {
            return Err(self.malformed("e_shentsize is not 64"));
        }
        let tail = usize::try_from(offset)
            .ok()
            .and_then(|offset| data.get(offset..))
            .ok_or_else(|| self.malformed("the section header table lies beyond the end of the file"))?;
        let mut count = usize::from(header.e_shnum.get(LE));
        if count == 0 {
            let (first, _) = object::pod::from_bytes::<RawSection>(tail)
                .map_err(|()| self.malformed("the section header table is truncated"))?;
            count = usize::try_from(first.sh_size.get(LE)).unwrap_or(usize::MAX);
        }
        slice_from_bytes::<RawSection>(tail, count)
            .map(|(headers, _)| headers)
            .map_err(|()| self.malformed(format!("the section header table of {count} entries is truncated")))
    }

    fn section_names(&self, headers: &[RawSection]) -> Result<&'d [u8], Problem> {
        // The header was checked by `headers`; field e_shstrndx is its last two bytes.
        let raw = self.data.get(62..64).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]));
        let index =
            if raw == elf::SHN_XINDEX.0 { headers[0].sh_link.get(LE) as usize } else { usize::from(raw) };
        match headers.get(index) {
            Some(_) if index == 0 => Ok(&[0]),
            Some(header) => self
                .bytes(header)
                .ok_or_else(|| self.malformed("the section name table lies beyond the end of the file")),
            None => Err(self.malformed("e_shstrndx is beyond the section header table")),
        }
    }

    fn bytes(&self, header: &RawSection) -> Option<&'d [u8]> {
        let start = usize::try_from(header.sh_offset.get(LE)).ok()?;
        let size = usize::try_from(header.sh_size.get(LE)).ok()?;
        self.data.get(start..start.checked_add(size)?)
    }

    fn sections(
        &mut self,
        headers: &'d [RawSection],
        count: usize,
        names: &'d [u8],
        room: &Part<'d>,
    ) -> (&'d mut [Section<'d>], &'d [u32]) {
        let loaded = room.fill(headers.len(), NOT_LOADED);
        let mut budget = NameBudget::new(names, count);
        let mut sections = room.list(count);
        for index in 1..headers.len() {
            let header = &headers[index];
            let flags = header.sh_flags.get(LE);
            if flags.0 & (elf::SHF_ALLOC | elf::SHF_EXCLUDE).0 == 0 {
                continue;
            }
            if flags.contains(elf::SHF_EXCLUDE) {
                loaded[index] = EXCLUDED;
                continue;
            }
            let name = match budget.string(names, header.sh_name.get(LE)) {
                Ok(name) => name,
                Err(what) => {
                    self.problems.push(self.malformed(format!("the name of section {index} {what}")));
                    continue;
                }
            };
            // Properties are merged by linkers that write files, and stack trace tables are found by a program header;
            // nothing reads them in memory.
            if name == b".note.gnu.property" || name == b".sframe" {
                continue;
            }
            match self.section(header, name, flags) {
                Ok(section) => {
                    loaded[index] = sections.len() as u32;
                    sections.push(section);
                }
                Err(problem) => self.problems.push(*problem),
            }
        }
        (sections.finish(), loaded)
    }

    fn section(
        &self,
        header: &RawSection,
        name: &'d [u8],
        flags: elf::SectionFlags,
    ) -> Result<Section<'d>, Box<Problem>> {
        let place = || self.place().in_section(String::from_utf8_lossy(name));
        let bit = |flag: elf::SectionFlags| flags.contains(flag);
        if bit(elf::SHF_COMPRESSED) {
            return Err(Problem::unsupported(place(), "compression of a section that is loaded").into());
        }
        let size = header.sh_size.get(LE);
        let align = header.sh_addralign.get(LE).max(1);
        if !align.is_power_of_two() {
            return Err(
                Problem::malformed(place(), format!("alignment {align:#x} is not a power of two")).into()
            );
        }
        if align.trailing_zeros() > MAX_ALIGN_LOG2 {
            return Err(
                Problem::unsupported(place(), format!("alignment {align:#x}, larger than 1 TiB,")).into()
            );
        }
        let kind_number = header.sh_type.get(LE);
        let nobits = kind_number == elf::SHT_NOBITS;
        if nobits && size > 1 << 46 {
            return Err(
                Problem::malformed(place(), format!("size {size:#x} exceeds the address space")).into()
            );
        }
        let contents = if nobits {
            Contents::Zeroes(size)
        } else {
            Contents::Bytes(self.bytes(header).ok_or_else(|| {
                let start = header.sh_offset.get(LE);
                let what = format!("bytes {start:#x}..+{size:#x} lie beyond the end of the file");
                Box::new(Problem::malformed(place(), what))
            })?)
        };
        let kind = match kind_number {
            SHT_X86_64_UNWIND => SectionKind::Frames,
            elf::SHT_PREINIT_ARRAY => SectionKind::PreinitArray,
            elf::SHT_INIT_ARRAY => SectionKind::InitArray,
            elf::SHT_FINI_ARRAY => SectionKind::FiniArray,
            elf::SHT_PROGBITS => match name.get(1) {
                Some(b'e') if name == b".eh_frame" => SectionKind::Frames,
                Some(b'i') if name.starts_with(b".init_array") => SectionKind::InitArray,
                Some(b'f') if name.starts_with(b".fini_array") => SectionKind::FiniArray,
                _ => SectionKind::Plain,
            },
            elf::SHT_NOTE => SectionKind::Note,
            elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL | elf::SHT_DYNAMIC | elf::SHT_DYNSYM => {
                return Err(
                    Problem::malformed(place(), "a dynamic linking section in a relocatable object").into()
                );
            }
            _ => SectionKind::Plain,
        };
        let mut own = section_name::flags(name);
        own.set(SectionFlags::EXEC, bit(elf::SHF_EXECINSTR));
        own.set(SectionFlags::WRITE, bit(elf::SHF_WRITE));
        own.set(SectionFlags::TLS, bit(elf::SHF_TLS));
        own.set(SectionFlags::NOBITS, nobits);
        own.set(SectionFlags::LARGE, flags.0 & SHF_X86_64_LARGE != 0);
        own.set(SectionFlags::RETAIN, bit(elf::SHF_GNU_RETAIN));
        own.set(SectionFlags::LINK_ORDER, bit(elf::SHF_LINK_ORDER));
        own.set(SectionFlags::GROUP, bit(elf::SHF_GROUP));
        Ok(Section {
            name,
            contents,
            align_log2: align.trailing_zeros() as u8,
            kind,
            collected: Collected::of(name),
            flags: own,
            relocations: Relocations::default(),
        })
    }

    /// Refuses an object whose sections hold more bytes in all than there are in the file: they overlap, and reading
    /// each in full could take forever.
    fn overlap(&self, table_bytes: u64, sections: &[Section<'_>]) -> Option<Problem> {
        let contents = sections.iter().map(|section| section.data().len() as u64);
        let total = contents.fold(table_bytes, u64::saturating_add);
        (total > self.data.len() as u64).then(|| {
            let size = self.data.len();
            self.malformed(format!("sections overlap: {total:#x} bytes of them in a file of {size:#x}"))
        })
    }

    fn relocations(
        &mut self,
        headers: &'d [RawSection],
        names: &'d [u8],
        loaded: &[u32],
        sections: &mut [Section<'d>],
        room: &Part<'d>,
    ) {
        for header in headers {
            let kind = header.sh_type.get(LE);
            if !matches!(kind, elf::SHT_RELA | elf::SHT_REL | elf::SHT_CREL) {
                continue;
            }
            let place = || {
                let name = string(names, header.sh_name.get(LE)).unwrap_or(b"?");
                self.place().in_section(String::from_utf8_lossy(name))
            };
            let target = match loaded.get(header.sh_info.get(LE) as usize) {
                Some(&index) if !is_loaded(index) => continue,
                Some(&index) => &mut sections[index as usize],
                None => {
                    let what = "relocations for a section that does not exist";
                    self.problems.push(Problem::malformed(place(), what));
                    continue;
                }
            };
            let relocations = match (kind, self.bytes(header)) {
                (_, None) => {
                    Err(Problem::malformed(place(), "the relocations lie beyond the end of the file"))
                }
                (_, Some([])) => continue,
                (elf::SHT_RELA, Some(bytes)) if bytes.len() % size_of::<RawRela>() != 0 => {
                    Err(Problem::malformed(place(), "the section's size is not a multiple of 24"))
                }
                (elf::SHT_RELA, Some(bytes)) => {
                    slice_from_bytes::<RawRela>(bytes, bytes.len() / size_of::<RawRela>())
                        .map(|(raw, _)| Relocations::Rela(raw))
                        .map_err(|()| Problem::malformed(place(), "the relocations are truncated"))
                }
                (elf::SHT_CREL, Some(bytes)) => check_crel(bytes)
                    .map(|()| Relocations::Crel(room.one(bytes)))
                    .map_err(|what| Problem::malformed(place(), what)),
                _ => Err(Problem::unsupported(place(), "SHT_REL (addends stored in the section) on x86-64")
                    .with_remedy("the x86-64 psABI uses SHT_RELA only")),
            };
            match relocations {
                Err(problem) => self.problems.push(problem),
                Ok(_) if target.has(SectionFlags::NOBITS) => {
                    self.problems
                        .push(Problem::malformed(place(), "relocations for a section without bytes"));
                }
                Ok(_) if !target.relocations.is_empty() => {
                    self.problems
                        .push(Problem::malformed(place(), "a second relocation section for one target"));
                }
                Ok(relocations) => target.relocations = relocations,
            }
        }
    }
}

fn check_crel(bytes: &[u8]) -> Result<(), String> {
    // The header's bit 2 says that addends are there; without it they are in the section, as with SHT_REL.
    if bytes.first().is_some_and(|header| header & 4 == 0) {
        return Err("CREL without addends".into());
    }
    let iter = object::read::elf::CrelIterator::new(bytes).map_err(|error| error.to_string())?;
    for relocation in iter {
        relocation.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn machine_name(machine: elf::Machine) -> &'static str {
    match machine {
        elf::EM_386 => "i386",
        elf::EM_AARCH64 => "AArch64",
        elf::EM_ARM => "ARM",
        elf::EM_RISCV => "RISC-V",
        elf::EM_PPC64 => "PowerPC64",
        elf::EM_S390 => "s390x",
        elf::EM_LOONGARCH => "LoongArch",
        _ => "unknown",
    }
}
