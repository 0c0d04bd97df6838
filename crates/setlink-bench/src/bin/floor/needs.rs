//! Which bytes of the inputs a linker cannot do without: what its memory is compared with.

use std::ops::Range;

use object::LittleEndian as LE;
use object::elf;

use crate::list::{MAP_FROM, PAGE};

/// Ranges of files, in any order and overlapping.
#[derive(Default)]
pub struct Needs(Vec<(usize, Range<usize>)>);

/// How much that is.
#[derive(Default)]
pub struct Counted {
    /// Bytes, each once.
    pub bytes: usize,
    /// The same in whole pages, where a file is mapped; whole files, where they are read.
    pub pages: usize,
}

impl Needs {
    /// The index of an archive's symbols, and its long names.
    pub fn archive(&mut self, file: usize, data: &[u8]) {
        let mut at = 8;
        while let Some(header) = data.get(at..at + 60)
            && (header.starts_with(b"/ ") || header.starts_with(b"//") || header.starts_with(b"/SYM64/"))
        {
            let size = std::str::from_utf8(&header[48..58]).ok().and_then(|text| text.trim().parse().ok());
            let end = at + 60 + size.unwrap_or(0);
            self.0.push((file, at..end));
            at = end.next_multiple_of(2);
        }
        self.0.push((file, 0..8));
    }

    /// Of the object at `start`: headers, names, symbols, groups, and of the sections that have places their contents
    /// and relocations.
    pub fn object(
        &mut self,
        file: usize,
        start: usize,
        header: &elf::FileHeader64<LE>,
        sections: &[elf::SectionHeader64<LE>],
        places: &[Option<usize>],
    ) {
        // The header of an archive's member lies before it.
        let before = start.min(60);
        self.0.push((file, start - before..start + 64));
        let mut add = |offset: usize, size: usize| {
            self.0.push((file, start + offset..start + offset + size));
        };
        let mut section = |index: usize| {
            if let Some(section) = sections.get(index)
                && section.sh_type.get(LE) != elf::SHT_NOBITS
            {
                add(section.sh_offset.get(LE) as usize, section.sh_size.get(LE) as usize);
            }
        };
        // Where there are too many sections for the field, the first section says which it is.
        let names = match header.e_shstrndx.get(LE).0 {
            0xffff => sections.first().map_or(0, |first| first.sh_link.get(LE) as usize),
            names => usize::from(names),
        };
        section(names);
        for (index, header) in sections.iter().enumerate() {
            match header.sh_type.get(LE) {
                elf::SHT_SYMTAB => {
                    section(index);
                    section(header.sh_link.get(LE) as usize);
                }
                elf::SHT_GROUP | elf::SHT_SYMTAB_SHNDX => section(index),
                elf::SHT_RELA if places.get(header.sh_info.get(LE) as usize).is_some_and(Option::is_some) => {
                    section(index);
                }
                _ if places[index].is_some() => section(index),
                _ => {}
            }
        }
        add(header.e_shoff.get(LE) as usize, size_of_val(sections));
    }

    /// Adds up, each byte and each page once.
    pub fn count(&mut self, files: &[Vec<u8>]) -> Counted {
        self.0.sort_by_key(|(file, range)| (*file, range.start));
        let mut counted = Counted::default();
        let (mut last, mut end, mut page_end) = (usize::MAX, 0, 0);
        for (file, range) in &self.0 {
            let mapped = files[*file].len() as u64 >= MAP_FROM;
            if *file != last {
                (last, end, page_end) = (*file, 0, 0);
                counted.pages += if mapped { 0 } else { files[*file].len() };
            }
            counted.bytes += range.end.saturating_sub(range.start.max(end));
            end = end.max(range.end);
            if mapped && !range.is_empty() {
                let pages = range.start / PAGE * PAGE..range.end.next_multiple_of(PAGE);
                counted.pages += pages.end.saturating_sub(pages.start.max(page_end));
                page_end = page_end.max(pages.end);
            }
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_pages_count_once() {
        let files = [vec![0; 100], vec![0; 4 * PAGE.max(MAP_FROM as usize)]];
        let mapped = (1, 0..10);
        let needs = vec![
            mapped,
            (1, 5..20),
            (1, PAGE - 1..PAGE + 1),
            (1, 2 * PAGE..2 * PAGE + 1),
            (0, 0..30),
            (0, 10..20),
        ];
        let counted = Needs(needs).count(&files);
        assert_eq!(counted.bytes, 30 + 20 + 2 + 1);
        assert_eq!(counted.pages, 100 + 3 * PAGE);
    }
}
