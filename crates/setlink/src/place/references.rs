//! What each object's relocations need of symbols that its own layout does not settle: what the scan finds for a set as
//! a whole, kept apart by object. Only sets that one island may not hold are looked at this way.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::frames::{Frames, KeptFrames};
use super::symbols::{Class, Symbols};
use super::tls::TlsScan;
use crate::isa::{Crowd, Isa, Needs, TlsSite, Value};
use crate::read::object::{Section, SectionFlags, SectionKind};
use crate::resolve::{Origin, Resolution, SymbolId};

/// How one object, or one island, refers to one symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    pub needs: Needs,
    /// Relaxable references: those that need the symbol near, near or low, low.
    pub relaxable: [u64; 3],
}

impl Reference {
    pub fn add(&mut self, other: Reference) {
        self.needs |= other.needs;
        self.relaxable.iter_mut().zip(other.relaxable).for_each(|(total, count)| *total += count);
    }
}

/// The references of one object, each symbol once, in the order of their ids.
pub(super) struct References {
    pub symbols: Vec<(SymbolId, Reference)>,
    pub tls: TlsScan,
}

/// Collects the references of every object. The scan has found nothing wrong with them.
pub(super) fn collect<I: Isa>(
    resolution: &Resolution<'_>,
    symbols: &Symbols,
    frames: &Frames<'_>,
) -> Vec<References> {
    let collect = |object| {
        let mut collector =
            Collector { resolution, symbols, object, found: HashMap::default(), tls: TlsScan::default() };
        let added = &resolution.added[object];
        for (index, section) in added.live_sections() {
            let id = resolution.section_id(object, index);
            let kept = match section.kind {
                SectionKind::Frames => match frames.of(object, id) {
                    Some(kept) => Some(kept),
                    None => continue,
                },
                _ => None,
            };
            collector.section::<I>(index, section, kept);
        }
        let mut symbols: Vec<_> = collector.found.into_iter().collect();
        symbols.sort_unstable_by_key(|(id, _)| *id);
        References { symbols, tls: collector.tls }
    };
    let threads = resolution.threads.when(resolution.added.len() > 64);
    threads.map((0..resolution.added.len()).collect(), 8, collect)
}

struct Collector<'c, 'd> {
    resolution: &'c Resolution<'d>,
    symbols: &'c Symbols<'d>,
    object: usize,
    found: HashMap<SymbolId, Reference, foldhash::fast::FixedState>,
    tls: TlsScan,
}

impl Collector<'_, '_> {
    fn section<I: Isa>(&mut self, index: u32, section: &Section<'_>, kept: Option<&KeptFrames<'_>>) {
        let mut crowd = Crowd::default();
        let mut tls_call: Option<(u64, Option<SymbolId>)> = None;
        for relocation in section.relocations() {
            if kept.is_some_and(|kept| kept.place(relocation.offset).is_none()) {
                continue;
            }
            let Some(row) = I::relocation_type(relocation.kind).filter(|row| row.value != Value::None) else {
                continue;
            };
            let Some(target) = self.resolution.target(self.object, relocation.symbol) else { continue };
            let offset = relocation.offset as usize;
            let (clear, start) = crowd.admit::<I>(row, relocation.offset);
            let (code, at) =
                (section.data().get(start as usize..).unwrap_or_default(), offset - start as usize);
            let needs = |addend| I::needs(row, code, at, addend);
            if let Some((at, symbol)) = tls_call.take()
                && at == relocation.offset
            {
                self.tls.note_call(symbol, target, needs(relocation.addend));
                continue;
            }
            if row.value.is_tls() {
                if section.has(SectionFlags::TLS) {
                    continue;
                }
                let site = match clear && kept.is_none() {
                    true => I::tls_site(row, section.data(), offset, relocation.addend),
                    false => TlsSite::default(),
                };
                let symbol = (row.value != Value::TlsModule).then_some(target);
                tls_call = site.call.map(|offset| (offset, symbol));
                let object = &self.resolution.added[self.object].object;
                let place = || {
                    let name = self.resolution.describe(self.object, relocation.symbol);
                    object.place_in(index).at(relocation.offset).of_symbol(name)
                };
                self.tls.note(row.value, target, site, place);
                continue;
            }
            let mut needs = needs(relocation.addend);
            if needs.intersects(Needs::RELAXABLE) && (!clear || kept.is_some()) {
                needs = Needs::ENTRY;
            }
            // Only jumps to the start of a symbol can go through a stub; small fields hold distances, too.
            let misses = needs == Needs::BRANCH && relocation.addend != I::BRANCH_ADDEND;
            if misses || (row.value == Value::Relative && row.field.bytes < 8) {
                needs = Needs::NEAR;
            }
            if self.matters(target, needs) {
                let target = self.symbols.original(target);
                let relaxable = [Needs::ENTRY_BRANCH, Needs::ENTRY_LOAD, Needs::ENTRY_OPERAND];
                let relaxable = relaxable.map(|kind| u64::from(needs == kind));
                self.found.entry(target).or_default().add(Reference { needs, relaxable });
            }
        }
    }

    /// Whether the layout of this object alone does not settle the reference.
    fn matters(&self, target: SymbolId, needs: Needs) -> bool {
        if needs.is_empty() || self.symbols.class(target) != Class::Inside {
            return !needs.is_empty();
        }
        match needs {
            Needs::ADDRESS | Needs::LOW_SIGNED | Needs::LOW_UNSIGNED => false,
            Needs::NEAR | Needs::BRANCH => match self.own_index(target) {
                // A stub can only serve symbols that have names; others are in reach, or in error.
                Some(symbol) => {
                    let first_global = self.resolution.added[self.object].object.symbols.first_global();
                    needs == Needs::BRANCH && symbol >= first_global
                }
                None => true,
            },
            _ => true,
        }
    }
}

impl Collector<'_, '_> {
    /// The index of one of this object's symbols.
    fn own_index(&self, id: SymbolId) -> Option<u32> {
        let index = id.0.checked_sub(self.resolution.symbol_base[self.object])?;
        (id.0 < self.resolution.symbol_base[self.object + 1]).then_some(index)
    }
}

/// The object that holds a symbol's section, where it is in one.
pub(super) fn object_of(resolution: &Resolution<'_>, symbols: &Symbols, id: SymbolId) -> Option<usize> {
    match resolution.origin(id) {
        Origin::Object { object, .. } => Some(object),
        Origin::Extra(_) => match symbols.section[id.0 as usize] {
            super::symbols::NO_SECTION => None,
            section => Some(resolution.section_origin(crate::resolve::SectionId(section)).0),
        },
    }
}
