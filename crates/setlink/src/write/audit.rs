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
        for (index, section) in added.object.sections.iter().enumerate().filter(|(i, _)| added.live[*i]) {
            let id = plan.resolution.section_id(object, index as u32);
            let Some(output) = plan.output_of(id) else { continue };
            let size = plan.kept_frames(id).map_or(section.size, |kept| kept.size);
            let (start, end) = (plan.section_address(id), plan.section_address(id) + size);
            let inside = plan.output_address(output)..=plan.output_address(output) + output.size;
            assert!(inside.contains(&start) && inside.contains(&end), "a section outside its output section");
            if size > 0 {
                ranges.push((start, end));
            }
            if !section.has(SectionFlags::NOBITS) {
                used.section::<I>(object, index, id);
            }
        }
    }
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "sections overlap");
    for (index, stub) in plan.stubs.iter().enumerate() {
        assert!(used.stubs[index], "stub {index} has no user");
        used.entries[stub.entry as usize] = true;
    }
    let unused = used.entries.iter().position(|used| !used);
    assert!(unused.is_none(), "GOT entry {unused:?} has no user");
}

impl Used<'_, '_, '_> {
    fn section<I: Isa>(&mut self, object: usize, index: usize, id: SectionId) {
        let plan = self.plan;
        let section = &plan.resolution.added[object].object.sections[index];
        let kept = plan.kept_frames(id);
        let mut bytes = section.data.to_vec();
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
            let mut target = plan.target(symbol);
            if fixed {
                (target.near, target.low) = (false, false);
            }
            // Where the place is does not matter here, except that nothing may overflow.
            let place = plan.section_address(id) + relocation.offset;
            let (code, at) = (&mut bytes[start as usize..], (relocation.offset - start) as usize);
            let relaxed = I::apply(row, code, at, place, relocation.addend, &target);
            match row.value {
                Value::EntryRelative | Value::EntryOffset if relaxed != Ok(true) => self.entry::<I>(symbol),
                Value::Branch | Value::StubOffset => self.stub::<I>(symbol),
                Value::Size | Value::GotRelative => {}
                _ => self.address::<I>(symbol),
            }
        }
    }

    fn entry<I: Isa>(&mut self, symbol: SymbolId) {
        let Some(address) = self.plan.target(symbol).entry else { return };
        let index = address.checked_sub(self.plan.got()).map(|offset| (offset / I::ENTRY_BYTES) as usize);
        let Some(index) = index.filter(|&index| index < self.entries.len()) else { return };
        self.entries[index] = true;
        if self.plan.entries[index].holds == Holds::Address {
            self.address::<I>(symbol);
        }
    }

    fn stub<I: Isa>(&mut self, symbol: SymbolId) {
        let stub = self.plan.stubs.iter().position(|stub| stub.symbol == symbol);
        if let Some(index) = stub.filter(|_| self.plan.stub_of(symbol).is_some()) {
            self.stubs[index] = true;
        }
    }

    fn address<I: Isa>(&mut self, symbol: SymbolId) {
        if self.plan.is_canonical(symbol) {
            self.stub::<I>(symbol);
        }
    }
}
