//! Section groups (gABI, chapter 4, "Section Groups").

#![forbid(unsafe_code)]

use std::num::NonZeroU32;

use object::LittleEndian as LE;
use object::elf;
use object::pod::slice_from_bytes;

use super::{Listed, NOT_LOADED, NameBudget, Parser, RawSection, is_loaded, string};
use crate::error::Problem;
use crate::memory::arena::Part;
use crate::read::object::{Group, Object, SymbolSection};

impl<'d> Parser<'d> {
    pub(super) fn groups(
        &mut self,
        headers: &'d [RawSection],
        listed: &Listed,
        names: &'d [u8],
        object: &Object<'d>,
        room: &Part<'d>,
    ) -> &'d [Group<'d>] {
        let groups = || headers.iter().filter(|h| h.sh_type.get(LE) == elf::SHT_GROUP);
        let words = |header| {
            let bytes = self.bytes(header)?;
            slice_from_bytes::<object::U32<LE>>(bytes, bytes.len() / 4).ok().map(|(words, _)| words)
        };
        // Sections do not overlap: there are no more bytes of groups than the file has.
        let mut members = room.fill(listed.group_bytes as usize / 4, NOT_LOADED);
        let mut budget = NameBudget::new(object.symbols.strings, listed.groups);
        let mut found = Vec::new();
        let read = groups().filter_map(|header| {
            let words = words(header);
            let (group, problem) = group(object, words, header.sh_info.get(LE), &mut budget, &mut members);
            found.extend(problem.map(|what| (header, what)));
            group
        });
        let read = room.collect(listed.groups, read);
        for (header, what) in found {
            let name = string(names, header.sh_name.get(LE)).unwrap_or(b".group");
            let place = self.place().in_section(String::from_utf8_lossy(name));
            self.problems.push(Problem::malformed(place, what));
        }
        read
    }
}

/// The group that consists of `words` and has the signature of symbol `index`, and what is wrong with it. Its members go to
/// the front of `room`.
fn group<'d>(
    object: &Object<'d>,
    words: Option<&[object::U32<LE>]>,
    index: u32,
    budget: &mut NameBudget,
    room: &mut &'d mut [u32],
) -> (Option<Group<'d>>, Option<&'static str>) {
    let Some([flags, listed @ ..]) = words else {
        return (None, Some("the group lies beyond the end of the file"));
    };
    let (Some(symbol), Some(raw)) = (object.symbols.get(index), object.symbols.raw.get(index as usize))
    else {
        return (None, Some("the group's signature is not in the symbol table"));
    };
    // gABI: a signature that is a section symbol stands for that section's name.
    let known = index.checked_sub(object.symbols.first_global());
    let mut signature = match known.and_then(|known| object.known_names.get(known as usize)) {
        Some(known) => object.symbols.name_of_length(index, known.length()),
        None if raw.st_name.get(LE) == 0 => b"",
        // Nobody has read the names of local symbols.
        None => match budget.string(object.symbols.strings, raw.st_name.get(LE)) {
            Ok(name) => name,
            Err(_) => {
                return (None, Some("the name of the group's signature shares a very long one with others"));
            }
        },
    };
    let mut own = NonZeroU32::new(index);
    if let (b"", SymbolSection::Loaded(section)) = (signature, symbol.section) {
        signature = object.sections.get(section as usize).map_or(signature, |section| section.name);
        own = None;
    }
    let mut problem = None;
    let mut count = 0;
    for member in listed {
        match object.symbols.loaded.get(member.get(LE) as usize) {
            Some(&section) if !is_loaded(section) => {}
            Some(&section) => {
                room[count] = section;
                count += 1;
            }
            None => {
                problem = Some("the group names a section that does not exist");
                break;
            }
        }
    }
    let (members, rest) = std::mem::take(room).split_at_mut(count);
    *room = rest;
    let comdat = flags.get(LE) & elf::GRP_COMDAT.0 != 0;
    (Some(Group { signature, members, symbol: own, comdat }), problem)
}
