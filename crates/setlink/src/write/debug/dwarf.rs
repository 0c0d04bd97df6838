//! The debug information of a set: the sections of all its objects one behind the other, and relocated.
//!
//! What refers to code or data that did not become part of the set gets a number that debuggers pass over, as from lld:
//! 0, or 1 where 0 would end a list.

#![forbid(unsafe_code)]

use crate::isa::{Isa, RelocationType, Value};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::elf::{DEBUG_SECTIONS, DebugSection, debug_sections};
use crate::read::object::Relocation;

/// Operations of location expressions, DWARF version 5, section 7.7.1, and GCC's.
const DW_OP_CONST8U: u8 = 0x0e;
const DW_OP_NOP: u8 = 0x96;
const DW_OP_FORM_TLS_ADDRESS: u8 = 0x9b;
const DW_OP_GNU_PUSH_TLS_ADDRESS: u8 = 0xe0;
/// No address, whatever is added to it: that of a variable that debuggers are not to find.
const NOWHERE: u64 = 1 << 62;

/// What the 32-bit offsets of DWARF reach.
const LARGEST: u64 = u32::MAX as u64;
/// Sections that a thread relocates before it asks for more.
const WRITTEN_AT_ONCE: usize = 16;

/// The debug sections of a set, laid out.
pub(super) struct Dwarf<'d> {
    /// Bytes of each kind.
    pub sizes: [u64; DEBUG_SECTIONS.len()],
    /// Where debuggers look for thread-local variables, from the thread pointer.
    first_block: Option<i64>,
    /// What addresses of the set are lower by.
    bias: u64,
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
    pub fn of(plan: &Plan<'_, 'd>, first_block: Option<i64>, bias: u64) -> Dwarf<'d> {
        let sizes = [0; DEBUG_SECTIONS.len()];
        let mut dwarf = Dwarf { sizes, first_block, bias, objects: Vec::new() };
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
            for relocation in section.relocations() {
                let Some((before, field)) = usize::try_from(relocation.offset)
                    .ok()
                    .and_then(|offset| bytes.split_at_mut_checked(offset))
                else {
                    continue;
                };
                let Some(row) = I::relocation_type(relocation.kind) else { continue };
                let width = usize::from(row.field.bytes);
                match row.value {
                    Value::TlsOffset => {
                        // GCC has the upper half of the constant be zeroes.
                        let width = if before.last() == Some(&DW_OP_CONST8U) { 8 } else { width };
                        self.locate(plan, object, relocation, field, width);
                    }
                    Value::Address | Value::Relative => {
                        let place = at.wrapping_add(relocation.offset);
                        let number = object.number(plan, self.bias, row, relocation, place);
                        store(field, width, number.unwrap_or_else(|| tombstone(section.kind)));
                    }
                    _ => {}
                }
            }
        });
    }

    /// The location of a thread-local variable: a constant, the field, and behind it mostly the operation that adds a block's
    /// address. Where the variable is not at the same distance from the block in every thread, it has no address at all:
    /// the debugger would show another variable, and set it.
    fn locate(
        &self,
        plan: &Plan<'_, '_>,
        object: &OfObject<'_>,
        relocation: Relocation,
        field: &mut [u8],
        width: usize,
    ) {
        let symbol = plan.resolution.target(object.number, relocation.symbol);
        let symbol = symbol.filter(|symbol| plan.class(*symbol) == Class::ThreadLocal);
        let distance = symbol.and_then(|symbol| {
            let numbers = plan.tls.numbers(symbol, Class::ThreadLocal, plan.address(symbol));
            Some(numbers.from_thread_pointer?.wrapping_sub(self.first_block?))
        });
        if let Some(distance) = distance {
            return store(field, width, distance.wrapping_add(relocation.addend) as u64);
        }
        store(field, width, NOWHERE);
        let operation = field.get_mut(width);
        if let Some(operation @ &mut (DW_OP_FORM_TLS_ADDRESS | DW_OP_GNU_PUSH_TLS_ADDRESS)) = operation {
            *operation = DW_OP_NOP;
        }
    }
}

/// Puts a number into the field of `width` bytes at the front of `bytes`, if that is there.
fn store(bytes: &mut [u8], width: usize, number: u64) {
    if let Some(field) = bytes.get_mut(..width) {
        field.copy_from_slice(&number.to_le_bytes()[..width]);
    }
}

impl OfObject<'_> {
    /// The number that a relocation at `place` asks for, where there is one and the field has room for it.
    fn number(
        &self,
        plan: &Plan<'_, '_>,
        bias: u64,
        row: &RelocationType,
        relocation: Relocation,
        place: u64,
    ) -> Option<u64> {
        let target = self.target(plan, bias, relocation.symbol)?.wrapping_add_signed(relocation.addend);
        let number = if row.value == Value::Relative { target.wrapping_sub(place) } else { target };
        let fits = |number| row.field.holds(number);
        (row.field.bytes == 8 || fits(i128::from(number)) || fits(i128::from(number as i64)))
            .then_some(number)
    }

    /// What a symbol of the object stands for; None where that did not become part of the set.
    fn target(&self, plan: &Plan<'_, '_>, bias: u64, index: u32) -> Option<u64> {
        let resolution = plan.resolution;
        let symbols = &resolution.added[self.number].object.symbols;
        if let Some(number) = symbols.section_number(index)
            && let Ok(at) = self.sections.binary_search_by_key(&number, |(section, _)| section.index)
        {
            return Some(self.sections[at].1.wrapping_add(symbols.get(index)?.value));
        }
        let symbol = resolution.target(self.number, index)?;
        match plan.class(symbol) {
            Class::Inside | Class::Ifunc => {
                let place = plan.place_of(symbol);
                (place != 0).then(|| place.wrapping_sub(bias))
            }
            Class::Absolute => Some(plan.address(symbol)),
            Class::ForeignFunction | Class::ForeignData | Class::ForeignUnknown => Some(plan.address(symbol)),
            Class::Discarded
            | Class::ThreadLocal
            | Class::ForeignThreadLocal
            | Class::WeakUndefined
            | Class::Undefined => None,
        }
    }
}
