//! `--gc-sections`: only what the roots reach takes part.
//!
//! Roots are the names asked for, those that shared libraries refer to, what the gABI and GNU ld's script keep
//! (initialisers, finalisers, `.init` and `.fini` fragments, notes, retained sections) and, once they are alive, whole groups. Call frame information keeps nothing by
//! describing a function, but what it refers to besides (language-specific data, personality routines) stays, as in lld.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::names::NameId;
use super::{Extra, LinkerSymbol, Origin, Request, Resolution, SectionId, SymbolId};
use crate::memory::near;
use crate::read::elf::Relocations;
use crate::read::frames::{self, Record};
use crate::read::object::{Section, SectionFlags, SectionKind, SymbolSection, Visibility};

pub(super) fn collect(resolution: &mut Resolution<'_>, roots: &[Vec<u8>], request: &Request<'_>) {
    let mut reach = Reach::new(resolution, !request.start_stop_gc);
    for name in roots {
        let target = resolution.names.find(name).and_then(|name| resolution.definition(name));
        if let Some(target) = target {
            reach.symbol(target);
        }
    }
    for target in resolution.first_and_last.into_iter().flatten().flatten() {
        reach.symbol(target);
    }
    let exported = |id: NameId| {
        let is_visible = resolution.names[id].visibility < Visibility::Hidden;
        resolution.definition(id).filter(|_| is_visible)
    };
    let seen = |name: &[u8]| resolution.names.find(name).and_then(exported);
    for name in request.scope.referenced(&|name| seen(name).is_some()) {
        seen(&name).into_iter().for_each(|target| reach.symbol(target));
    }
    if request.keep_exported || !request.dynamic_list.is_empty() {
        let kept = |name: &[u8]| request.keep_exported || request.dynamic_list.lists(name);
        let all = resolution.names.iter().filter(|(_, name)| kept(name.text));
        let all = all.filter_map(|(id, _)| exported(id));
        all.for_each(|target| reach.symbol(target));
    }
    let mut records = Vec::new();
    for (object, added) in resolution.added.iter().enumerate() {
        for (index, section) in added.object.sections.iter().enumerate() {
            if added.live[index] && is_root(section) {
                reach.section(resolution.section_id(object, index as u32));
            }
            if section.kind == SectionKind::Frames {
                reach.frames(object, section, &mut records);
            }
        }
    }
    reach.drain();
    let reached = std::mem::take(&mut reach.reached);
    for (object, added) in resolution.added.iter_mut().enumerate() {
        let base = resolution.section_base[object] as usize;
        for (index, live) in added.live.iter_mut().enumerate() {
            let frames = added.object.sections[index].kind == SectionKind::Frames;
            *live &= frames || reached[base + index];
        }
    }
}

fn is_root(section: &Section<'_>) -> bool {
    section.has(SectionFlags::RETAIN | SectionFlags::HOOK)
        || matches!(section.kind, SectionKind::PreinitArray | SectionKind::InitArray | SectionKind::FiniArray)
        || (section.kind == SectionKind::Note && !section.has(SectionFlags::GROUP))
}

/// In no group, or no section.
const NONE: u32 = u32::MAX;

struct Reach<'r, 'd> {
    resolution: &'r Resolution<'d>,
    /// Per section id; also true of those that take no part, so that nobody goes there.
    reached: Vec<bool>,
    /// Sections in the order in which they were reached.
    worklist: Vec<SectionId>,
    /// Per symbol of an object the section it is in, or [`NONE`].
    section_of: Vec<u32>,
    /// Per section id the next member of its group, all of which live together: whoever reaches one reaches all.
    next_member: Vec<u32>,
    /// What else lives with a section: those ordered after it, and members of a second group.
    companions: HashMap<SectionId, Vec<SectionId>, foldhash::fast::FixedState>,
    /// Sections named by a C identifier, which `__start_` and `__stop_` symbols keep.
    named: HashMap<&'d [u8], Vec<SectionId>, foldhash::fast::FixedState>,
}

impl<'r, 'd> Reach<'r, 'd> {
    /// Whether `__start_` and `__stop_` symbols keep sections, is `keeps_named`.
    fn new(resolution: &'r Resolution<'d>, keeps_named: bool) -> Self {
        let mut reach = Reach {
            resolution,
            reached: Vec::with_capacity(resolution.section_count() as usize),
            worklist: Vec::new(),
            section_of: Vec::with_capacity(resolution.object_symbols() as usize),
            next_member: vec![NONE; resolution.section_count() as usize],
            companions: HashMap::default(),
            named: HashMap::default(),
        };
        for (object, added) in resolution.added.iter().enumerate() {
            let id = |section: u32| resolution.section_id(object, section);
            reach.reached.extend(added.live.iter().map(|live| !live));
            let table = &added.object.symbols;
            reach.section_of.extend((0..table.len()).map(|index| {
                match table.get(index).map(|symbol| symbol.section) {
                    Some(SymbolSection::Loaded(section)) => id(section).0,
                    _ => NONE,
                }
            }));
            for group in added.object.groups() {
                let members = group.members;
                for (&member, &next) in members.iter().zip(members.iter().cycle().skip(1)) {
                    match &mut reach.next_member[id(member).0 as usize] {
                        own if *own == NONE => *own = id(next).0,
                        _ => reach.companions.entry(id(member)).or_default().push(id(next)),
                    }
                }
            }
            for (index, section) in (0..).zip(added.object.sections) {
                // What is ordered after another section goes with that one.
                let follows = || added.object.ordered().binary_search_by_key(&index, |pair| pair.0).is_ok();
                if keeps_named && section.has(SectionFlags::IDENTIFIER) && !follows() {
                    reach.named.entry(section.name).or_default().push(id(index));
                }
            }
            for &(section, other) in added.object.ordered() {
                reach.companions.entry(id(other)).or_default().push(id(section));
            }
        }
        reach
    }

    fn section(&mut self, id: SectionId) {
        if !std::mem::replace(&mut self.reached[id.0 as usize], true) {
            self.worklist.push(id);
        }
    }

    fn symbol(&mut self, mut id: SymbolId) {
        let extra = |id| match self.resolution.origin(id) {
            Origin::Extra(index) => self.resolution.extras.get(index).map(|(_, extra)| *extra),
            Origin::Object { .. } => None,
        };
        if id.0 as usize >= self.section_of.len() {
            while let Some(Extra::Offset(target, _)) = extra(id) {
                id = target;
            }
        }
        match self.section_of.get(id.0 as usize) {
            Some(&NONE) => {}
            Some(&section) => self.section(SectionId(section)),
            None => {
                if let Some(Extra::Linker(
                    LinkerSymbol::SectionStart(name) | LinkerSymbol::SectionStop(name),
                )) = extra(id)
                {
                    let name = self.resolution.names[name].text;
                    for section in self.named.remove(name).unwrap_or_default() {
                        self.section(section);
                    }
                }
            }
        }
    }

    /// What the call frame information in `section` keeps. `records` is room for its records.
    fn frames(&mut self, object: usize, section: &Section<'_>, records: &mut Vec<Record>) {
        if frames::read(section.data(), records).is_err() {
            return;
        }
        let targets = self.resolution.targets(object);
        let mut last = 0;
        for relocation in section.relocations() {
            // Most lie in the record of the one before them, or in the next.
            let near = (last..records.len()).take(2).find(|&index| records[index].holds(relocation.offset));
            let found = near.or_else(|| frames::containing(records, relocation.offset));
            let Some(index) = found else { continue };
            last = index;
            let record = &records[index];
            let Some(target) = targets.of(relocation.symbol) else { continue };
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
        let Some(&section) = self.section_of.get(id.0 as usize).filter(|section| **section != NONE) else {
            return;
        };
        let (object, index) = self.resolution.section_origin(SectionId(section));
        let section_of = &self.resolution.added[object].object.sections[index as usize];
        if !section_of.has(SectionFlags::GROUP | SectionFlags::LINK_ORDER) {
            self.section(SectionId(section));
        }
    }

    fn drain(&mut self) {
        let mut next = 0;
        while let Some(&id) = self.worklist.get(next) {
            self.bring_near(next);
            next += 1;
            let section = self.section_at(id);
            let (object, _) = self.resolution.section_origin(id);
            match self.next_member[id.0 as usize] {
                NONE => {}
                next => self.section(SectionId(next)),
            }
            for companion in self.companions.remove(&id).unwrap_or_default() {
                self.section(companion);
            }
            let targets = self.resolution.targets(object);
            for target in section.relocations().filter_map(|relocation| targets.of(relocation.symbol)) {
                self.symbol(target);
            }
        }
    }

    fn section_at(&self, id: SectionId) -> &'r Section<'d> {
        let (object, index) = self.resolution.section_origin(id);
        &self.resolution.added[object].object.sections[index as usize]
    }

    /// Brings near what sections further down the list are looked at for: their headers, and then their relocations, of which
    /// each section's are somewhere else.
    fn bring_near(&self, at: usize) {
        if let Some(&id) = self.worklist.get(at + 2 * AHEAD) {
            near::bring(self.section_at(id));
        }
        if let Some(&id) = self.worklist.get(at + AHEAD)
            && let Relocations::Rela(raw) = self.section_at(id).relocations
        {
            // The first two lines.
            raw.iter().step_by(3).take(2).for_each(near::bring);
        }
    }
}

/// How far ahead of the one that is looked at sections are brought near.
const AHEAD: usize = 4;
