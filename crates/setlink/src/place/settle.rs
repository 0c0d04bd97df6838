//! Settling, once the region's address is known: which symbols get a GOT entry, a stub or a copy, and which references
//! relax. Every symbol gets at most one stub; entries exist only for references that nothing else can serve.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::HashMap;

use super::constraints::Low;
use super::scan::{MARGIN, Scan};
use super::share::Shared;
use super::symbols::{Class, Symbols};
use crate::error::{Place, Problem, ProblemKind};
use crate::isa::{Isa, Needs};
use crate::resolve::scope::Foreign;
use crate::resolve::{Extra, Resolution, SymbolId};

bitflags::bitflags! {
    /// What was decided for a symbol.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Decision: u8 {
        /// References through the GOT may compute the address from the place.
        const NEAR = 1;
        /// References through the GOT may use the address as a 32-bit constant.
        const LOW = 2;
        /// Calls go through a stub.
        const STUB = 4;
        /// There is a GOT entry that holds the symbol's address.
        const ENTRY = 8;
        /// The stub's address stands for the symbol's own.
        const CANONICAL = 16;
        /// The symbol's storage is copied into the set.
        const COPY = 32;
    }
}

/// What a GOT entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The symbol's address as the set sees it.
    Address,
    /// Where the symbol's stub jumps: the address outside the set.
    Outside(u64),
    /// What the symbol's resolver returns.
    Resolved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub symbol: SymbolId,
    pub holds: Holds,
}

/// Jumps through `entry`, an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stub {
    pub symbol: SymbolId,
    pub entry: u32,
}

/// A host variable copied into the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub symbol: SymbolId,
    pub from: Foreign,
}

/// All decisions for a set.
pub(crate) struct Settled {
    decisions: Vec<u8>,
    pub entries: Vec<Entry>,
    pub stubs: Vec<Stub>,
    pub copies: Vec<Copy>,
    entry_of: HashMap<SymbolId, u32, foldhash::fast::FixedState>,
    stub_of: HashMap<SymbolId, u32, foldhash::fast::FixedState>,
    /// Addresses of entries and stubs of other sets that serve this one.
    pub shared_entry_of: HashMap<SymbolId, u64, foldhash::fast::FixedState>,
    pub shared_stub_of: HashMap<SymbolId, u64, foldhash::fast::FixedState>,
    /// The sets whose entries or stubs are used, by their index in what was offered.
    pub providers: BTreeSet<usize>,
    pub relaxed: u64,
    pub problems: Vec<Problem>,
}

impl Settled {
    #[inline]
    pub fn decision(&self, id: SymbolId) -> Decision {
        Decision::from_bits_retain(self.decisions[id.0 as usize])
    }

    /// The entry that holds the symbol's address.
    pub fn entry(&self, id: SymbolId) -> Option<u32> {
        self.entry_of.get(&id).copied()
    }

    pub fn stub(&self, id: SymbolId) -> Option<u32> {
        self.stub_of.get(&id).copied()
    }

    /// The address of another set's entry that holds the symbol's address.
    pub fn shared_entry(&self, id: SymbolId) -> Option<u64> {
        self.shared_entry_of.get(&id).copied()
    }

    /// The address of another set's stub that jumps to the symbol.
    pub fn shared_stub(&self, id: SymbolId) -> Option<u64> {
        self.shared_stub_of.get(&id).copied()
    }

    /// Entries and stubs of other sets that are used.
    pub fn shared(&self) -> u64 {
        (self.shared_entry_of.len() + self.shared_stub_of.len()) as u64
    }
}

/// Decides for a region that lies inside `region`.
pub(crate) fn settle<I: Isa>(
    resolution: &Resolution<'_>,
    symbols: &Symbols,
    scan: &Scan,
    region: Range<u64>,
    low: Low,
    relax: bool,
    shared: &Shared,
) -> Settled {
    let reach = I::REACH - MARGIN;
    let reaches = |address: u64| {
        address.saturating_add(reach) >= region.end && address < region.start.saturating_add(reach)
    };
    let region_low = region.end <= 1 << 31;
    // Inside the set, everything small is in reach; what is large is checked relocation by relocation.
    let inside = if relax {
        Decision::NEAR | if region_low { Decision::LOW } else { Decision::empty() }
    } else {
        Decision::empty()
    };
    let mut decisions = Vec::with_capacity(symbols.len());
    decisions.extend(symbols.class.iter().map(|class| if class.is_inside() { inside.bits() } else { 0 }));
    let mut settled = Settled {
        decisions,
        entries: Vec::new(),
        stubs: Vec::new(),
        copies: Vec::new(),
        entry_of: HashMap::default(),
        stub_of: HashMap::default(),
        shared_entry_of: HashMap::default(),
        shared_stub_of: HashMap::default(),
        providers: BTreeSet::new(),
        relaxed: 0,
        problems: Vec::new(),
    };
    for (id, needs) in scan.needy() {
        let class = symbols.class(id);
        let address = symbols.value[id.0 as usize];
        let reachable =
            address.saturating_add(reach) >= region.end && address < region.start.saturating_add(reach);
        let mut near = class.is_inside() || reachable;
        let mut is_low = match class {
            Class::Inside | Class::Ifunc => region_low,
            _ => i32::try_from(address as i64).is_ok(),
        };
        let wants_low = needs.intersects(Needs::LOW_SIGNED | Needs::LOW_UNSIGNED) && !is_low;
        let mut decision = Decision::empty();
        let mut outside = Holds::Outside(address);
        match class {
            Class::Ifunc => {
                outside = Holds::Resolved;
                decision |= Decision::STUB | Decision::CANONICAL;
            }
            Class::ForeignFunction if wants_low || (needs.contains(Needs::NEAR) && !near) => {
                decision |= Decision::STUB | Decision::CANONICAL;
                (near, is_low) = (true, region_low);
            }
            Class::ForeignData | Class::ForeignUnknown
                if low != Low::No && (wants_low || (needs.contains(Needs::NEAR) && !near)) =>
            {
                match foreign(resolution, id) {
                    Some(from) if from.size > 0 => {
                        decision |= Decision::COPY;
                        settled.copies.push(Copy { symbol: id, from });
                        (near, is_low) = (true, region_low);
                    }
                    // An address without a size is taken for a function's: a stub can stand for it.
                    Some(_) if class == Class::ForeignUnknown => {
                        decision |= Decision::STUB | Decision::CANONICAL;
                        (near, is_low) = (true, region_low);
                    }
                    _ => settled.problems.push(unplaceable(
                        resolution,
                        id,
                        "a copy, but its size is not known",
                    )),
                }
            }
            Class::WeakUndefined if needs.contains(Needs::NEAR) && !near => {
                settled.problems.push(unplaceable(
                    resolution,
                    id,
                    "address 0 within reach, as it is undefined and weak",
                ));
            }
            _ => {}
        }
        if needs.contains(Needs::BRANCH) && !near && !decision.contains(Decision::COPY) {
            decision |= Decision::STUB;
        }
        if relax {
            decision.set(Decision::NEAR, near);
            decision.set(Decision::LOW, is_low);
        }
        let by_near = decision.contains(Decision::NEAR);
        let by_low = decision.contains(Decision::LOW);
        let entry = needs.contains(Needs::ENTRY)
            || (needs.contains(Needs::ENTRY_BRANCH) && !by_near)
            || (needs.contains(Needs::ENTRY_LOAD) && !by_near && !by_low)
            || (needs.contains(Needs::ENTRY_OPERAND) && !by_low);
        if let Some([branch, load, operand]) = scan.relaxable_outside.get(&id) {
            settled.relaxed += if by_near { *branch } else { 0 }
                + if by_near || by_low { *load } else { 0 }
                + if by_low { *operand } else { 0 };
        }
        let mut address_entry = None;
        // Another set's entry or stub serves as well as one's own, for a place outside both.
        let elsewhere = class.is_foreign() && !decision.intersects(Decision::CANONICAL | Decision::COPY);
        if let Some(place) = shared.entry(address, reaches).filter(|_| entry && elsewhere) {
            decision |= Decision::ENTRY;
            settled.shared_entry_of.insert(id, place.address);
            settled.providers.insert(place.provider);
        } else if entry {
            decision |= Decision::ENTRY;
            let index = settled.entries.len() as u32;
            settled.entries.push(Entry { symbol: id, holds: Holds::Address });
            settled.entry_of.insert(id, index);
            address_entry = Some(index);
        }
        if let Some(place) =
            shared.stub(address, reaches).filter(|_| decision.contains(Decision::STUB) && elsewhere)
        {
            settled.shared_stub_of.insert(id, place.address);
            settled.providers.insert(place.provider);
        } else if decision.contains(Decision::STUB) {
            // Where the stub stands for the symbol, the stub's own way out needs an entry of its own.
            let shared = address_entry.filter(|_| !decision.contains(Decision::CANONICAL));
            let entry = shared.unwrap_or_else(|| {
                settled.entries.push(Entry { symbol: id, holds: outside });
                settled.entries.len() as u32 - 1
            });
            settled.stub_of.insert(id, settled.stubs.len() as u32);
            settled.stubs.push(Stub { symbol: id, entry });
        }
        settled.decisions[id.0 as usize] = decision.bits();
    }
    if relax {
        let [branch, load, operand] =
            scan.relaxable.each_ref().map(|count| count.load(std::sync::atomic::Ordering::Relaxed));
        settled.relaxed += branch + load + if region_low { operand } else { 0 };
    }
    settled
}

fn foreign(resolution: &Resolution<'_>, id: SymbolId) -> Option<Foreign> {
    let index = id.0.checked_sub(resolution.object_symbols())?;
    match resolution.extras.get(index as usize)? {
        (_, Extra::Foreign(foreign)) => Some(*foreign),
        _ => None,
    }
}

fn unplaceable(resolution: &Resolution<'_>, id: SymbolId, needs: &str) -> Problem {
    let name =
        id.0.checked_sub(resolution.object_symbols())
            .and_then(|index| resolution.extras.get(index as usize))
            .map_or_else(String::new, |(name, _)| crate::resolve::demangle(resolution.names[*name].text));
    let what = format!("`{name}` needs {needs}");
    Problem::new(Place::default(), ProblemKind::Conflict { what })
        .with_remedy("compile the reference with -fPIC")
}
