//! The part that is not measured: a linker of a hundred lines, which knows just enough to say what the set consists of.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use object::LittleEndian as LE;
use object::elf;
use object::read::archive::ArchiveFile;
use object::read::elf::{FileHeader as _, SectionHeader as _, Sym as _};

use crate::list::{NONE, Writer};

type Header = elf::FileHeader64<LE>;
type SectionHeader = elf::SectionHeader64<LE>;

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
    let mut set = Set::default();
    let mut archives = Vec::new();
    for (file, data) in files.iter().enumerate() {
        if data.starts_with(b"!<arch>") {
            let archive = ArchiveFile::parse(&**data)?;
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
    set.write(list, &paths, &files)
}

#[derive(Default)]
struct Set<'d> {
    members: Vec<Member<'d>>,
    /// A name, and where it is in the image.
    defined: HashMap<&'d [u8], usize>,
    offers: HashMap<&'d [u8], (usize, object::read::archive::ArchiveOffset)>,
    wanted: Vec<&'d [u8]>,
    groups: HashSet<&'d [u8]>,
    end: usize,
}

impl<'d> Set<'d> {
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
                let align = (section.sh_addralign.get(LE) as usize).max(1);
                let place = self.end.next_multiple_of(align);
                places[index] = Some(place);
                self.end = place + section.sh_size.get(LE) as usize;
            }
        }
        for (index, symbol) in symbols.enumerate() {
            if symbol.st_bind() == elf::STB_LOCAL {
                continue;
            }
            let name = symbols.symbol_name(LE, symbol)?;
            let place = match symbols.symbol_section(LE, symbol, index)? {
                Some(section) => places[section.0].map(|place| place + symbol.st_value.get(LE) as usize),
                None if symbol.is_common(LE) => {
                    self.end = self.end.next_multiple_of(16) + symbol.st_size.get(LE) as usize;
                    Some(self.end)
                }
                None => None,
            };
            match place {
                Some(place) => drop(self.defined.entry(name).or_insert(place)),
                None if symbol.st_bind() != elf::STB_WEAK => self.wanted.push(name),
                None => {}
            }
        }
        let sections = header.section_headers(LE, data)?;
        self.members.push(Member { file, data, sections, places });
        Ok(())
    }

    fn write(&self, list: &str, paths: &[std::path::PathBuf], files: &[Vec<u8>]) -> Result<()> {
        let mut out = Writer::default();
        out.word(self.end + 16)?;
        let used: Vec<usize> =
            (0..paths.len()).filter(|file| self.members.iter().any(|m| m.file == *file)).collect();
        out.word(used.len())?;
        for file in used {
            out.text(paths[file].to_str().context("a path that is not UTF-8")?)?;
            let members: Vec<_> = self.members.iter().filter(|member| member.file == file).collect();
            out.word(members.len())?;
            for member in members {
                let start = member.data.as_ptr().addr() - files[file].as_ptr().addr();
                // Members of archives are at even places: archives of up to 8 GiB fit.
                out.word(start >> 1)?;
                out.word(member.data.len())?;
                self.object(member, &mut out)?;
            }
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
        out.word(member.sections.len())?;
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
            out.word(place)?;
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
                out.word(target.unwrap_or(0))?;
            }
        }
        Ok(())
    }
}
