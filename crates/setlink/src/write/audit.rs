//! Checks a plan against the relocations it was made for: nothing in it is without a use. For fuzzing.

#![forbid(unsafe_code)]

use crate::isa::{Crowd, Isa, Value};
use crate::place::{Holds, Plan};
use crate::read::object::SectionFlags;
use crate::resolve::{SectionId, SymbolId};

struct Used<'p, 'r, 'd> {
    plan: &'p Plan<'r, 'd>,
    entries: Vec<bool>,
    stubs: Vec<bool>,
}

/// Panics if a GOT entry or a stub of the plan has no user, or if sections overlap.
pub(crate) fn audit<I: Isa>(plan: &Plan<'_, '_>) {
    let mut used =
        Used { plan, entries: vec![false; plan.entries.len()], stubs: vec![false; plan.stubs.len()] };
    let mut ranges = Vec::new();
    for (object, added) in plan.resolution.added.iter().enumerate() {
        for (index, section) in added.live_sections() {
            let id = plan.resolution.section_id(object, index);
            let Some(output) = plan.output_of(id) else { continue };
            let size = plan.kept_frames(id).map_or(section.size(), |kept| kept.size());
            let (start, end) = (plan.section_address(id), plan.section_address(id) + size);
            let inside = plan.output_address(output)..=plan.output_address(output) + output.size;
            assert!(inside.contains(&start) && inside.contains(&end), "a section outside its output section");
            if size > 0 {
                ranges.push((start, end));
            }
            if !section.has(SectionFlags::NOBITS) {
                used.section::<I>(object, index as usize, id);
            }
        }
    }
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "sections overlap");
    for stub in &plan.stubs {
        if plan.entries[stub.entry as usize].holds == Holds::Address {
            used.address::<I>(stub.symbol);
        }
        used.entries[stub.entry as usize] = true;
    }
    let unused = used.stubs.iter().position(|used| !used);
    assert!(unused.is_none(), "stub {unused:?} has no user");
    let unused = used.entries.iter().position(|used| !used);
    assert!(unused.is_none(), "GOT entry {unused:?} has no user");
}

impl Used<'_, '_, '_> {
    fn section<I: Isa>(&mut self, object: usize, index: usize, id: SectionId) {
        let plan = self.plan;
        let section = &plan.resolution.added[object].object.sections[index];
        let kept = plan.kept_frames(id);
        let mut bytes = section.data().to_vec();
        let mut crowd = Crowd::default();
        for relocation in section.relocations() {
            if kept.is_some_and(|kept| kept.place(relocation.offset).is_none()) {
                continue;
            }
            let Some(row) = I::relocation_type(relocation.kind) else { continue };
            if row.value == Value::None {
                continue;
            }
            let (clear, start) = crowd.admit::<I>(row, relocation.offset);
            let fixed = !clear || kept.is_some();
            let Some(symbol) = plan.resolution.target(object, relocation.symbol) else { continue };
            let mut target = plan.target(object, symbol);
            if fixed {
                (target.near, target.near_branch, target.low) = (false, false, false);
            }
            // Where the place is does not matter here, except that nothing may overflow.
            let place = plan.section_address(id) + relocation.offset;
            let (code, at) = (&mut bytes[start as usize..], (relocation.offset - start) as usize);
            let relaxed = I::apply(row, code, at, place, relocation.addend, &target);
            match row.value {
                Value::EntryRelative | Value::EntryOffset if relaxed != Ok(true) => {
                    self.entry::<I>(object, symbol)
                }
                Value::Branch | Value::StubOffset => self.stub::<I>(object, symbol),
                Value::Size | Value::GotRelative => {}
                _ => self.address::<I>(symbol),
            }
        }
    }

    fn entry<I: Isa>(&mut self, object: usize, symbol: SymbolId) {
        let Some(address) = self.plan.target(object, symbol).entry else { return };
        let mut own = self.plan.entries_of(self.plan.island_of_object(object));
        let Some(index) = own.find(|&index| self.plan.entry_address(index as u32) == address) else { return };
        self.entries[index] = true;
        if self.plan.entries[index].holds == Holds::Address {
            self.address::<I>(symbol);
        }
    }

    fn stub<I: Isa>(&mut self, object: usize, symbol: SymbolId) {
        let Some(address) = self.plan.stub_for(object, symbol) else { return };
        let mut own = self.plan.stubs_of(self.plan.island_of_object(object));
        if let Some(index) = own.find(|&index| self.plan.stub_address(index as u32) == address) {
            self.stubs[index] = true;
        }
    }

    /// The stub that stands for a symbol is used by whoever wants the symbol's address.
    fn address<I: Isa>(&mut self, symbol: SymbolId) {
        if self.plan.is_canonical(symbol) {
            let address = self.plan.address(symbol);
            let found =
                (0..self.plan.stubs.len()).find(|&index| self.plan.stub_address(index as u32) == address);
            found.into_iter().for_each(|index| self.stubs[index] = true);
        }
    }
}
