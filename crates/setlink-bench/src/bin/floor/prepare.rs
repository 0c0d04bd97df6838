//! The part that is not measured: a linker of a hundred lines, which knows just enough to say what the set consists of.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use object::LittleEndian as LE;
use object::elf;
use object::read::archive::ArchiveFile;
use object::read::elf::{FileHeader as _, SectionHeader as _, Sym as _};

use crate::list::{NONE, PAGE, Writer};
use crate::needs::Needs;

type Header = elf::FileHeader64<LE>;
type SectionHeader = elf::SectionHeader64<LE>;

/// Code, constants, data, and data that is zero at first, which follows the data in its segment.
const KINDS: usize = 4;
const ZEROES: usize = 3;
/// While sections are still being added, a place is a kind, and an offset among the sections of that kind.
const KIND_SHIFT: u32 = 40;

struct Member<'d> {
    file: usize,
    data: &'d [u8],
    sections: &'d [SectionHeader],
    /// Per section its place in the image, where it has one.
    places: Vec<Option<usize>>,
}

pub fn prepare(list: &str, inputs: &[&str]) -> Result<()> {
    let mut paths = Vec::new();
    for input in inputs {
        // Options are for linkers.
        if !input.starts_with('-') {
            paths.push(std::path::absolute(input)?);
        }
    }
    let files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).with_context(|| path.display().to_string()))
        .collect::<Result<_>>()?;
    let mut set = Set { files: &files, ..Set::default() };
    let mut archives = Vec::new();
    for (file, data) in files.iter().enumerate() {
        if data.starts_with(b"!<arch>") {
            let archive = ArchiveFile::parse(&**data)?;
            set.needs.archive(file, data);
            if let Some(symbols) = archive.symbols()? {
                for symbol in symbols {
                    let symbol = symbol?;
                    set.offers.entry(symbol.name()).or_insert((archives.len(), symbol.offset()));
                }
            }
            archives.push((file, archive));
        } else {
            set.add(file, data)?;
        }
    }
    let mut taken = HashSet::new();
    while let Some(name) = set.wanted.pop() {
        let (false, Some(&(index, offset))) = (set.defined.contains_key(name), set.offers.get(name)) else {
            continue;
        };
        if taken.insert((index, offset.0)) {
            let (file, archive) = &archives[index];
            set.add(*file, archive.member(offset)?.data(&*files[*file])?)?;
        }
    }
    set.members.sort_by_key(|member| member.file);
    let needs = set.needs.count(&files);
    println!(
        r#"{{"image":{},"zeroes":{},"inputs":{},"touched":{}}}"#,
        set.ends[..ZEROES].iter().sum::<usize>(),
        set.ends[ZEROES],
        needs.bytes,
        needs.pages
    );
    set.write(list, &paths)
}

#[derive(Default)]
struct Set<'d> {
    files: &'d [Vec<u8>],
    needs: Needs,
    members: Vec<Member<'d>>,
    /// A name, and where it is in the image.
    defined: HashMap<&'d [u8], usize>,
    offers: HashMap<&'d [u8], (usize, object::read::archive::ArchiveOffset)>,
    wanted: Vec<&'d [u8]>,
    groups: HashSet<&'d [u8]>,
    /// Bytes of each kind so far.
    ends: [usize; KINDS],
}

impl<'d> Set<'d> {
    /// Where in its kind the next `size` bytes are.
    fn take(&mut self, kind: usize, align: usize, size: usize) -> usize {
        let offset = self.ends[kind].next_multiple_of(align.max(1));
        self.ends[kind] = offset + size;
        kind << KIND_SHIFT | offset
    }

    /// Where segments begin and how long they are.
    fn segments(&self) -> [(usize, usize); ZEROES] {
        let [code, constants, data, zeroes] = self.ends;
        // A multiple of any alignment that its sections have.
        let data = data.next_multiple_of(PAGE) + zeroes;
        let second = code.next_multiple_of(PAGE);
        let third = second + constants.next_multiple_of(PAGE);
        [(0, code), (second, constants), (third, data)]
    }

    /// A place, now that all sections are known.
    fn finish(&self, place: usize) -> usize {
        let (kind, offset) = (place >> KIND_SHIFT, place & ((1 << KIND_SHIFT) - 1));
        match self.segments() {
            [_, _, (data, _)] if kind == ZEROES => data + self.ends[2].next_multiple_of(PAGE) + offset,
            segments => segments[kind].0 + offset,
        }
    }

    fn add(&mut self, file: usize, data: &'d [u8]) -> Result<()> {
        let Ok(header) = Header::parse(data) else { return Ok(()) };
        let sections = header.sections(LE, data)?;
        let symbols = sections.symbols(LE, data, elf::SHT_SYMTAB)?;
        let mut dropped = HashSet::new();
        for section in sections.iter() {
            if let Some((flags, members)) = section.group(LE, data)? {
                let index = object::SymbolIndex(section.sh_info.get(LE) as usize);
                let signature = symbols.symbol(index)?;
                let name = symbols.symbol_name(LE, signature)?;
                if flags == elf::GRP_COMDAT && !self.groups.insert(name) {
                    dropped.extend(members.iter().map(|member| member.get(LE) as usize));
                }
            }
        }
        let headers: Vec<_> = sections.iter().collect();
        let mut places = vec![None; headers.len()];
        for (index, section) in headers.iter().enumerate() {
            let flags = section.sh_flags.get(LE);
            let name = sections.section_name(LE, section)?;
            let loaded = flags.contains(elf::SHF_ALLOC) && name != b".note.gnu.property";
            if loaded && !dropped.contains(&index) {
                let kind = match flags {
                    flags if flags.contains(elf::SHF_EXECINSTR) => 0,
                    flags if !flags.contains(elf::SHF_WRITE) => 1,
                    _ if section.sh_type.get(LE) != elf::SHT_NOBITS => 2,
                    _ => ZEROES,
                };
                let (align, size) = (section.sh_addralign.get(LE), section.sh_size.get(LE));
                places[index] = Some(self.take(kind, align as usize, size as usize));
            }
        }
        for (index, symbol) in symbols.enumerate() {
            if symbol.st_bind() == elf::STB_LOCAL {
                continue;
            }
            let name = symbols.symbol_name(LE, symbol)?;
            let place = match symbols.symbol_section(LE, symbol, index)? {
                Some(section) => places[section.0].map(|place| place + symbol.st_value.get(LE) as usize),
                None if symbol.is_common(LE) && self.defined.contains_key(name) => continue,
                None if symbol.is_common(LE) => Some(self.take(ZEROES, 16, symbol.st_size.get(LE) as usize)),
                None => None,
            };
            match place {
                Some(place) => drop(self.defined.entry(name).or_insert(place)),
                None if symbol.st_bind() != elf::STB_WEAK => self.wanted.push(name),
                None => {}
            }
        }
        let sections = header.section_headers(LE, data)?;
        let start = data.as_ptr().addr() - self.files[file].as_ptr().addr();
        self.needs.object(file, start, header, sections, &places);
        self.members.push(Member { file, data, sections, places });
        Ok(())
    }

    fn write(&self, list: &str, paths: &[std::path::PathBuf]) -> Result<()> {
        let mut out = Writer::default();
        let segments = self.segments();
        out.word(segments[ZEROES - 1].0 + segments[ZEROES - 1].1 + 16)?;
        for (start, length) in segments {
            out.word(start)?;
            out.word(length)?;
        }
        let used: Vec<usize> =
            (0..paths.len()).filter(|file| self.members.iter().any(|m| m.file == *file)).collect();
        out.word(used.len())?;
        for file in used {
            out.text(paths[file].to_str().context("a path that is not UTF-8")?)?;
            let members: Vec<_> = self.members.iter().filter(|member| member.file == file).collect();
            out.word(members.len())?;
            for member in members {
                let start = member.data.as_ptr().addr() - self.files[file].as_ptr().addr();
                // Members of archives are at even places: archives of up to 8 GiB fit.
                out.word(start >> 1)?;
                out.word(member.data.len())?;
                out.word(member.sections.len())?;
            }
        }
        for member in &self.members {
            self.object(member, &mut out)?;
        }
        let bytes: Vec<u8> = out.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        std::fs::create_dir_all(Path::new(list).parent().unwrap_or(Path::new(".")))?;
        Ok(std::fs::write(list, bytes)?)
    }

    fn object(&self, member: &Member<'_>, out: &mut Writer) -> Result<()> {
        let data = member.data;
        let table = Header::parse(data)?.sections(LE, data)?;
        let symbols = table.symbols(LE, data, elf::SHT_SYMTAB)?;
        let mut relocations = HashMap::new();
        for (index, section) in member.sections.iter().enumerate() {
            if section.sh_type.get(LE) == elf::SHT_RELA && section.sh_size.get(LE) > 0 {
                relocations.insert(section.sh_info.get(LE) as usize, index);
            }
        }
        let copied: Vec<_> = member
            .places
            .iter()
            .enumerate()
            .filter(|(index, _)| member.sections[*index].sh_type.get(LE) != elf::SHT_NOBITS)
            .filter_map(|(index, place)| Some((index, (*place)?)))
            .collect();
        out.word(copied.len())?;
        for (index, place) in copied {
            out.word(index)?;
            out.word(self.finish(place))?;
            let Some(&table) = relocations.get(&index) else {
                out.0.push(NONE);
                continue;
            };
            out.word(table)?;
            let (rela, _) = member.sections[table].rela(LE, data)?.context("it is SHT_RELA")?;
            for relocation in rela {
                let number = object::SymbolIndex((relocation.r_info.get(LE) >> 32) as usize);
                let symbol = symbols.symbol(number)?;
                let target = if symbol.st_bind() == elf::STB_LOCAL {
                    symbols
                        .symbol_section(LE, symbol, number)?
                        .and_then(|section| member.places[section.0])
                        .map(|place| place + symbol.st_value.get(LE) as usize)
                } else {
                    self.defined.get(symbols.symbol_name(LE, symbol)?).copied()
                };
                out.word(target.map_or(0, |place| self.finish(place)))?;
            }
        }
        Ok(())
    }
}
