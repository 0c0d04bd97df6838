//! Debug information of an object (DWARF, version 5, appendix B; the gABI's relocation). It takes no part in the running
//! program, and is read only for a set that debuggers are to see.

#![forbid(unsafe_code)]

use std::sync::Arc;

use object::LittleEndian as LE;
use object::elf;
use object::pod::slice_from_bytes;

use super::{Parser, RawRela, RelocationIter};
use crate::read::object::Object;

/// The sections that debuggers read. Left out are indexes: those of single objects, side by side, say nothing of a set.
pub(crate) const DEBUG_SECTIONS: [&[u8]; 16] = [
    b".debug_abbrev",
    b".debug_addr",
    b".debug_aranges",
    b".debug_frame",
    b".debug_info",
    b".debug_line",
    b".debug_line_str",
    b".debug_loc",
    b".debug_loclists",
    b".debug_macinfo",
    b".debug_macro",
    b".debug_ranges",
    b".debug_rnglists",
    b".debug_str",
    b".debug_str_offsets",
    b".debug_types",
];

/// One of an object's.
pub(crate) struct DebugSection<'d> {
    /// Its number among the section headers.
    pub index: u32,
    /// Which it is of [`DEBUG_SECTIONS`].
    pub kind: usize,
    pub data: &'d [u8],
    relocations: Option<(elf::SectionType, &'d [u8])>,
}

impl<'d> DebugSection<'d> {
    /// Up to the first that is malformed.
    pub fn relocations(&self) -> RelocationIter<'d> {
        match self.relocations {
            Some((elf::SHT_CREL, bytes)) => match object::read::elf::CrelIterator::new(bytes) {
                Ok(relocations) => RelocationIter::Crel(relocations),
                Err(_) => RelocationIter::Rela([].iter()),
            },
            Some((_, bytes)) => {
                let raw = slice_from_bytes::<RawRela>(bytes, bytes.len() / size_of::<RawRela>());
                RelocationIter::Rela(raw.map_or(&[][..], |(raw, _)| raw).iter())
            }
            None => RelocationIter::Rela([].iter()),
        }
    }
}

/// Which debug section has the name at `offset` of the section names.
fn kind(names: &[u8], offset: u32) -> Option<usize> {
    let name = names.get(offset as usize..)?;
    let is = |wanted: &&[u8]| name.strip_prefix(*wanted).is_some_and(|rest| rest.first() == Some(&0));
    name.starts_with(b".debug_").then(|| DEBUG_SECTIONS.iter().position(is))?
}

/// An object's debug sections, in the order of their numbers; none where any of them cannot be used: it is compressed, or
/// lies outside the file.
pub(crate) fn debug_sections<'d>(object: &Object<'d>) -> Vec<DebugSection<'d>> {
    read(object.file, object.data).unwrap_or_default()
}

fn read<'d>(file: &'d Arc<str>, data: &'d [u8]) -> Option<Vec<DebugSection<'d>>> {
    let parser = Parser { file, member: None, data, problems: Vec::new() };
    let headers = parser.headers().ok()?;
    let names = parser.section_names(headers).ok()?;
    let mut sections = Vec::new();
    for (index, header) in (0..).zip(headers) {
        let flags = header.sh_flags.get(LE);
        if flags.0 & (elf::SHF_ALLOC | elf::SHF_EXCLUDE).0 != 0 || header.sh_type.get(LE) == elf::SHT_NOBITS {
            continue;
        }
        let Some(kind) = kind(names, header.sh_name.get(LE)) else { continue };
        if flags.contains(elf::SHF_COMPRESSED) {
            return None;
        }
        sections.push(DebugSection { index, kind, data: parser.bytes(header)?, relocations: None });
    }
    if sections.is_empty() {
        return None;
    }
    for header in headers {
        let kind = header.sh_type.get(LE);
        let target = header.sh_info.get(LE);
        if matches!(kind, elf::SHT_RELA | elf::SHT_CREL)
            && let Ok(at) = sections.binary_search_by_key(&target, |section| section.index)
        {
            sections[at].relocations = Some((kind, parser.bytes(header)?));
        }
    }
    // Where they overlap, reading each in full could take forever.
    let bytes = sections.iter().map(|section| {
        section.data.len() as u64 + section.relocations.map_or(0, |(_, bytes)| bytes.len() as u64)
    });
    (bytes.fold(0, u64::saturating_add) <= data.len() as u64).then_some(sections)
}
