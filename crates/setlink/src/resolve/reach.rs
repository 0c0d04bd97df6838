//! `--gc-sections`: only what the roots reach takes part.
//!
//! Roots are the names asked for, what the gABI and GNU ld's script keep (initialisers, finalisers, `.init` and `.fini`
//! fragments, notes, retained sections) and, once they are alive, whole groups. Call frame information keeps nothing by
//! describing a function, but what it refers to besides (language-specific data, personality routines) stays, as in lld.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::define::is_identifier;
use super::{Extra, LinkerSymbol, Origin, Resolution, SymbolId};
use crate::read::frames;
use crate::read::object::{Section, SectionFlags, SectionKind, SymbolSection};

pub(super) fn collect(resolution: &mut Resolution<'_>, roots: &[Vec<u8>]) {
    let mut reach = Reach::new(resolution);
    for name in roots {
        let target = resolution.names.find(name).and_then(|name| resolution.definition(name));
        if let Some(target) = target {
            reach.symbol(target);
        }
    }
    for (object, added) in resolution.added.iter().enumerate() {
        for (index, section) in added.object.sections.iter().enumerate() {
            if added.live[index] && is_root(section) {
                reach.section(object, index as u32);
            }
            if section.kind == SectionKind::Frames {
                reach.frames(object, section);
            }
        }
    }
    reach.drain();
    let marked = std::mem::take(&mut reach.marked);
    for (object, added) in resolution.added.iter_mut().enumerate() {
        let base = resolution.section_base[object] as usize;
        for (index, live) in added.live.iter_mut().enumerate() {
            let frames = added.object.sections[index].kind == SectionKind::Frames;
            *live &= frames || marked[base + index];
        }
    }
}

fn is_root(section: &Section<'_>) -> bool {
    let kept = |name: &[u8]| {
        [&b".init"[..], b".fini", b".ctors", b".dtors", b".jcr"]
            .iter()
            .any(|root| name == *root || name.strip_prefix(*root).is_some_and(|rest| rest.starts_with(b".")))
    };
    section.has(SectionFlags::RETAIN)
        || matches!(section.kind, SectionKind::PreinitArray | SectionKind::InitArray | SectionKind::FiniArray)
        || (section.kind == SectionKind::Note && !section.has(SectionFlags::GROUP))
        || kept(section.name)
}

/// In no group.
const NONE: u32 = u32::MAX;

struct Reach<'r, 'd> {
    resolution: &'r Resolution<'d>,
    marked: Vec<bool>,
    worklist: Vec<(usize, u32)>,
    /// Per section id the next member of its group, all of which live together: whoever reaches one reaches all.
    next_member: Vec<u32>,
    /// What else lives with a section: those ordered after it, and members of a second group.
    companions: HashMap<(usize, u32), Vec<u32>, foldhash::fast::FixedState>,
    /// Sections named by a C identifier, which `__start_` and `__stop_` symbols keep.
    named: HashMap<&'d [u8], Vec<(usize, u32)>, foldhash::fast::FixedState>,
}

impl<'r, 'd> Reach<'r, 'd> {
    fn new(resolution: &'r Resolution<'d>) -> Self {
        let mut companions: HashMap<_, Vec<u32>, _> = HashMap::default();
        let mut next_member = vec![NONE; resolution.section_count() as usize];
        let mut named: HashMap<_, Vec<_>, _> = HashMap::default();
        for (object, added) in resolution.added.iter().enumerate() {
            for group in &added.object.groups {
                let members = added
                    .object
                    .group_members
                    .get(group.members.start as usize..group.members.end as usize)
                    .unwrap_or(&[]);
                for (&member, &next) in members.iter().zip(members.iter().cycle().skip(1)) {
                    match &mut next_member[resolution.section_id(object, member).0 as usize] {
                        own if *own == NONE => *own = next,
                        _ => companions.entry((object, member)).or_default().push(next),
                    }
                }
            }
            for (index, section) in added.object.sections.iter().enumerate() {
                if is_identifier(section.name) {
                    named.entry(section.name).or_default().push((object, index as u32));
                }
                if section.has(SectionFlags::LINK_ORDER)
                    && let Some(link) = added.object.symbols.loaded_section(section.link)
                {
                    companions.entry((object, link)).or_default().push(index as u32);
                }
            }
        }
        let marked = vec![false; resolution.section_count() as usize];
        Reach { resolution, marked, worklist: Vec::new(), next_member, companions, named }
    }

    fn section(&mut self, object: usize, index: u32) {
        if !self.resolution.added[object].live.get(index as usize).copied().unwrap_or(false) {
            return;
        }
        let id = self.resolution.section_id(object, index).0 as usize;
        if !std::mem::replace(&mut self.marked[id], true) {
            self.worklist.push((object, index));
        }
    }

    fn symbol(&mut self, mut id: SymbolId) {
        while let Origin::Extra(index) = self.resolution.origin(id) {
            let Some((_, Extra::Offset(target, _))) = self.resolution.extras.get(index) else { break };
            id = *target;
        }
        match self.resolution.origin(id) {
            Origin::Object { object, symbol } => {
                let symbol = self.resolution.added[object].object.symbols.get(symbol);
                if let Some(SymbolSection::Loaded(section)) = symbol.map(|symbol| symbol.section) {
                    self.section(object, section);
                }
            }
            Origin::Extra(index) => {
                if let Some((
                    _,
                    Extra::Linker(LinkerSymbol::SectionStart(name) | LinkerSymbol::SectionStop(name)),
                )) = self.resolution.extras.get(index)
                {
                    let name = self.resolution.names[*name].text;
                    for (object, index) in self.named.remove(name).unwrap_or_default() {
                        self.section(object, index);
                    }
                }
            }
        }
    }

    fn frames(&mut self, object: usize, section: &Section<'_>) {
        let Ok(records) = frames::records(section.data) else { return };
        for relocation in section.relocations() {
            let Some(record) = frames::containing(&records, relocation.offset) else { continue };
            let Some(target) = self.resolution.target(object, relocation.symbol) else { continue };
            if !record.is_fde() {
                // A personality routine, or the cell with its address.
                self.symbol(target);
            } else if relocation.offset != record.pc_begin() {
                self.symbol_unless_grouped(target);
            }
        }
    }

    /// Language-specific data in a group lives with its function, which keeps it as a companion.
    fn symbol_unless_grouped(&mut self, id: SymbolId) {
        if let Origin::Object { object, symbol } = self.resolution.origin(id) {
            let owner = &self.resolution.added[object].object;
            if let Some(SymbolSection::Loaded(index)) = owner.symbols.get(symbol).map(|symbol| symbol.section)
            {
                let section = &owner.sections[index as usize];
                if section.has(SectionFlags::GROUP | SectionFlags::LINK_ORDER) {
                    return;
                }
                self.section(object, index);
            }
        }
    }

    fn drain(&mut self) {
        while let Some((object, index)) = self.worklist.pop() {
            let section = &self.resolution.added[object].object.sections[index as usize];
            match self.next_member[self.resolution.section_id(object, index).0 as usize] {
                NONE => {}
                next => self.section(object, next),
            }
            for companion in self.companions.remove(&(object, index)).unwrap_or_default() {
                self.section(object, companion);
            }
            for relocation in section.relocations() {
                if let Some(target) = self.resolution.target(object, relocation.symbol) {
                    self.symbol(target);
                }
            }
        }
    }
}
