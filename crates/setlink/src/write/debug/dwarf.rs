//! The debug information of a set: the sections of all its objects one behind the other, and relocated.
//!
//! What refers to code or data that did not become part of the set gets a number that debuggers pass over, as from lld:
//! 0, or 1 where 0 would end a list.

#![forbid(unsafe_code)]

use crate::isa::{Field, Isa, RelocationType, Value};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::elf::{DEBUG_SECTIONS, DebugSection, debug_sections};

/// What the 32-bit offsets of DWARF reach.
const LARGEST: u64 = u32::MAX as u64;
/// Sections that a thread relocates before it asks for more.
const WRITTEN_AT_ONCE: usize = 16;

/// The debug sections of a set, laid out.
pub(super) struct Dwarf<'d> {
    /// Bytes of each kind.
    pub sizes: [u64; DEBUG_SECTIONS.len()],
    objects: Vec<OfObject<'d>>,
}

struct OfObject<'d> {
    number: usize,
    /// With the offset of each among those of its kind, in the order of their numbers.
    sections: Vec<(DebugSection<'d>, u64)>,
}

/// Which kinds end lists with zeroes, so that what is not there needs another number.
fn tombstone(kind: usize) -> u64 {
    u64::from(matches!(DEBUG_SECTIONS[kind], b".debug_loc" | b".debug_ranges"))
}

impl<'d> Dwarf<'d> {
    /// That of all objects of which anything takes part.
    pub fn of(plan: &Plan<'_, 'd>) -> Dwarf<'d> {
        let mut dwarf = Dwarf { sizes: [0; DEBUG_SECTIONS.len()], objects: Vec::new() };
        for (number, added) in plan.resolution.added.iter().enumerate() {
            if !added.live.contains(&true) {
                continue;
            }
            let mut sizes = dwarf.sizes;
            let place = |section: DebugSection<'d>| {
                let at = sizes[section.kind];
                sizes[section.kind] += section.data.len() as u64;
                (section, at)
            };
            let sections: Vec<_> = debug_sections(added.object).into_iter().map(place).collect();
            if !sections.is_empty() && sizes.iter().all(|size| *size <= LARGEST) {
                dwarf.sizes = sizes;
                dwarf.objects.push(OfObject { number, sections });
            }
        }
        dwarf
    }

    /// Writes the sections of each kind.
    pub fn write<I: Isa>(&self, plan: &Plan<'_, '_>, mut to: [&mut [u8]; DEBUG_SECTIONS.len()]) {
        let mut jobs = Vec::new();
        for object in &self.objects {
            for (section, at) in &object.sections {
                let rest = std::mem::take(&mut to[section.kind]);
                let (bytes, rest) = rest.split_at_mut(section.data.len());
                to[section.kind] = rest;
                jobs.push((object, section, *at, bytes));
            }
        }
        plan.resolution.threads.map(jobs, WRITTEN_AT_ONCE, |(object, section, at, bytes)| {
            bytes.copy_from_slice(section.data);
            object.relocate::<I>(plan, section, at, bytes);
        });
    }
}

impl OfObject<'_> {
    /// Relocates a section, which is at offset `at` of those of its kind.
    fn relocate<I: Isa>(&self, plan: &Plan<'_, '_>, section: &DebugSection<'_>, at: u64, bytes: &mut [u8]) {
        for relocation in section.relocations() {
            let Some(row) = I::relocation_type(relocation.kind) else { continue };
            let place = at.wrapping_add(relocation.offset);
            let target = self.target(plan, relocation.symbol);
            let number = target
                .map(|target| target.wrapping_add_signed(relocation.addend))
                .and_then(|number| fitting(row, number, place))
                .unwrap_or_else(|| tombstone(section.kind));
            let width = match row.value {
                Value::Address | Value::TlsOffset | Value::Relative => usize::from(row.field.bytes),
                _ => continue,
            };
            let field = usize::try_from(relocation.offset).ok().and_then(|offset| bytes.get_mut(offset..));
            if let Some(field) = field.and_then(|rest| rest.get_mut(..width)) {
                field.copy_from_slice(&number.to_le_bytes()[..width]);
            }
        }
    }

    /// What a symbol of the object stands for; None where that did not become part of the set.
    fn target(&self, plan: &Plan<'_, '_>, index: u32) -> Option<u64> {
        let resolution = plan.resolution;
        let symbols = &resolution.added[self.number].object.symbols;
        if let Some(number) = symbols.section_number(index)
            && let Ok(at) = self.sections.binary_search_by_key(&number, |(section, _)| section.index)
        {
            return Some(self.sections[at].1.wrapping_add(symbols.get(index)?.value));
        }
        let symbol = resolution.target(self.number, index)?;
        match plan.class(symbol) {
            Class::Inside | Class::Ifunc => Some(plan.place_of(symbol)).filter(|place| *place != 0),
            Class::ThreadLocal | Class::Absolute => Some(plan.address(symbol)),
            Class::ForeignFunction | Class::ForeignData | Class::ForeignUnknown => Some(plan.address(symbol)),
            Class::Discarded | Class::ForeignThreadLocal | Class::WeakUndefined | Class::Undefined => None,
        }
    }
}

/// The number that the field of a relocation at `place` gets, if it has room for it.
fn fitting(row: &RelocationType, target: u64, place: u64) -> Option<u64> {
    let number = if row.value == Value::Relative { target.wrapping_sub(place) } else { target };
    let Field { bytes, .. } = row.field;
    let fits =
        bytes == 8 || row.field.holds(i128::from(number)) || row.field.holds(i128::from(number as i64));
    fits.then_some(number)
}
