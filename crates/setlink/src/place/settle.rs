//! Settling, once the region's address is known: which symbols get a GOT entry, a stub or a copy, and which references
//! relax. Every symbol gets at most one stub; entries exist only for references that nothing else can serve.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::HashMap;

use super::constraints::Low;
use super::reach::{Reach, within};
use super::scan::Scan;
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
        /// Calls and jumps through the GOT may go to the symbol directly.
        const NEAR_BRANCH = 64;
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
    pub island: u32,
}

/// Jumps through `entry`, an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stub {
    pub symbol: SymbolId,
    pub entry: u32,
    pub island: u32,
}

/// A host variable copied into the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub symbol: SymbolId,
    pub from: Foreign,
    pub island: u32,
}

/// An entry or stub that serves a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// By its number among the set's.
    Own(u32),
    /// Another set's, by its address.
    Shared(u64),
}

impl Served {
    /// The address, where it is another set's.
    pub fn shared(self) -> Option<u64> {
        match self {
            Served::Own(_) => None,
            Served::Shared(address) => Some(address),
        }
    }
}

/// How the references of one island to a symbol go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub decision: Decision,
    pub entry: Option<Served>,
    pub stub: Option<Served>,
}

type Map<V> = HashMap<SymbolId, V, foldhash::fast::FixedState>;

/// All decisions for a set. Where it has several islands, the decisions of the set as a whole are those that hold
/// everywhere: what stands for a symbol, and where.
pub(crate) struct Settled<'d> {
    pub decisions: &'d mut [u8],
    pub entries: Vec<Entry>,
    pub stubs: Vec<Stub>,
    pub copies: Vec<Copy>,
    pub entry_of: Map<Served>,
    pub stub_of: Map<Served>,
    /// What each island decided for itself, where there are several.
    pub seen: Vec<Map<Seen>>,
    /// Uses of entries and stubs of other sets.
    pub shared: u64,
    /// The sets whose entries or stubs are used, by their index in what was offered.
    pub providers: BTreeSet<usize>,
    pub relaxed: u64,
    /// Times that the set was laid out until nothing changed any more.
    pub rounds: u64,
    pub problems: Vec<Problem>,
}

impl<'d> Settled<'d> {
    #[inline]
    pub fn decision(&self, id: SymbolId) -> Decision {
        Decision::from_bits_retain(self.decisions[id.0 as usize])
    }

    /// The entry that holds the symbol's address.
    pub fn entry(&self, id: SymbolId) -> Option<Served> {
        self.entry_of.get(&id).copied()
    }

    pub fn stub(&self, id: SymbolId) -> Option<Served> {
        self.stub_of.get(&id).copied()
    }

    /// What was decided for an ifunc holds for its other names.
    pub(super) fn extend_to_aliases(&mut self, symbols: &Symbols<'_>) {
        for (&alias, original) in &symbols.aliases {
            self.decisions[alias.0 as usize] = self.decisions[original.0 as usize];
            for served in [&mut self.entry_of, &mut self.stub_of] {
                if let Some(&by) = served.get(original) {
                    served.insert(alias, by);
                }
            }
            for seen in &mut self.seen {
                if let Some(&of_original) = seen.get(original) {
                    seen.insert(alias, of_original);
                }
            }
        }
    }

    /// Only `decisions` yet.
    pub(super) fn new(decisions: &'d mut [u8]) -> Self {
        Settled {
            decisions,
            entries: Vec::new(),
            stubs: Vec::new(),
            copies: Vec::new(),
            entry_of: HashMap::default(),
            stub_of: HashMap::default(),
            seen: Vec::new(),
            shared: 0,
            providers: BTreeSet::new(),
            relaxed: 0,
            rounds: 1,
            problems: Vec::new(),
        }
    }
}

/// A symbol, as references from one island find it.
pub(super) struct View {
    pub symbol: SymbolId,
    pub class: Class,
    pub island: u32,
    /// What the references of this island need of it.
    pub needs: Needs,
    /// What those of the whole set do.
    pub all: Needs,
    /// Its storage, or what stands for it, is in this island if it is in the set.
    pub is_home: bool,
    /// Something in another island stands for it.
    pub stood_in: bool,
    /// Its address outside the set.
    pub outside: u64,
    /// In reach of what computes its address.
    pub near: bool,
    /// In reach of calls and jumps.
    pub near_branch: bool,
    pub is_low: bool,
}

/// What is to stand for a symbol everywhere.
pub(super) enum StandIn {
    None,
    Stub,
    Copy(Foreign),
    /// Something that cannot be had.
    Missing(&'static str),
}

impl View {
    /// What is to stand for the symbol, by the needs of the whole set and its distance from its home.
    pub fn stand_in(&self, resolution: &Resolution<'_>, ground: &Ground<'_>) -> StandIn {
        let wants_low = self.all.intersects(Needs::LOW_SIGNED | Needs::LOW_UNSIGNED) && !self.is_low;
        let wants_near = self.all.contains(Needs::NEAR) && !self.near;
        match self.class {
            Class::Ifunc => StandIn::Stub,
            Class::ForeignFunction if wants_low || wants_near => StandIn::Stub,
            Class::ForeignData | Class::ForeignUnknown
                if ground.low != Low::No && (wants_low || wants_near) =>
            {
                match foreign(resolution, self.symbol) {
                    Some(from) if from.size > 0 => StandIn::Copy(from),
                    // An address without a size is taken for a function's: a stub can stand for it.
                    Some(_) if self.class == Class::ForeignUnknown => StandIn::Stub,
                    _ => StandIn::Missing("a copy, but its size is not known"),
                }
            }
            Class::WeakUndefined if wants_near => {
                StandIn::Missing("address 0 within reach, as it is undefined and weak")
            }
            _ => StandIn::None,
        }
    }
}

/// What a region is like, for deciding in it.
pub(super) struct Ground<'g> {
    pub low: Low,
    /// All of it is in the low 2 GiB.
    pub region_low: bool,
    pub relax: bool,
    pub shared: &'g Shared,
}

impl Settled<'_> {
    /// Decides how references to a symbol go, and gives them an entry and a stub if they need them. Relaxable references
    /// are counted: those that need it near, near or low, low.
    pub(super) fn decide(
        &mut self,
        resolution: &Resolution<'_>,
        ground: &Ground<'_>,
        view: &View,
        relaxable: Option<[u64; 3]>,
        reaches: impl Fn(u64) -> bool,
        branches_reach: impl Fn(u64) -> bool,
    ) -> Seen {
        let View { symbol: id, class, island, needs, .. } = *view;
        let (mut near, mut near_branch, mut is_low) = (view.near, view.near_branch, view.is_low);
        let mut outside = match class {
            Class::Inside => Holds::Address,
            _ => Holds::Outside(view.outside),
        };
        match class {
            _ if view.stood_in => outside = Holds::Address,
            Class::Ifunc if view.is_home => outside = Holds::Resolved,
            _ => {}
        }
        let mut decision = Decision::empty();
        match view.stand_in(resolution, ground) {
            _ if !view.is_home => {}
            StandIn::None => {}
            StandIn::Stub => decision |= Decision::STUB | Decision::CANONICAL,
            StandIn::Copy(from) => {
                decision |= Decision::COPY;
                self.copies.push(Copy { symbol: id, from, island });
            }
            StandIn::Missing(what) => self.problems.push(unplaceable(resolution, id, what)),
        }
        if class.is_foreign() && decision.intersects(Decision::CANONICAL | Decision::COPY) {
            (near, near_branch, is_low) = (true, true, ground.region_low);
        }
        if needs.contains(Needs::BRANCH) && !near_branch && !decision.contains(Decision::COPY) {
            decision |= Decision::STUB;
        }
        if ground.relax {
            decision.set(Decision::NEAR, near);
            decision.set(Decision::NEAR_BRANCH, near && near_branch);
            decision.set(Decision::LOW, is_low);
        }
        let by_near = decision.contains(Decision::NEAR);
        let by_branch = decision.contains(Decision::NEAR_BRANCH);
        let by_low = decision.contains(Decision::LOW);
        let entry = needs.contains(Needs::ENTRY)
            || (needs.contains(Needs::ENTRY_BRANCH) && !by_branch)
            || (needs.contains(Needs::ENTRY_LOAD) && !by_near && !by_low)
            || (needs.contains(Needs::ENTRY_OPERAND) && !by_low);
        if let Some([branch, load, operand]) = relaxable {
            self.relaxed += if by_branch { branch } else { 0 }
                + if by_near || by_low { load } else { 0 }
                + if by_low { operand } else { 0 };
        }
        let mut seen = Seen::default();
        let mut address_entry = None;
        // Another set's entry or stub serves as well as one's own, for a place outside both.
        let replaced = view.stood_in || decision.intersects(Decision::CANONICAL | Decision::COPY);
        let elsewhere = class.is_foreign() && !replaced;
        let address = view.outside;
        if let Some(place) = ground.shared.entry(address, reaches).filter(|_| entry && elsewhere) {
            decision |= Decision::ENTRY;
            seen.entry = Some(Served::Shared(place.address));
            self.shared += 1;
            self.providers.insert(place.provider);
        } else if entry {
            decision |= Decision::ENTRY;
            let index = self.entries.len() as u32;
            self.entries.push(Entry { symbol: id, holds: Holds::Address, island });
            seen.entry = Some(Served::Own(index));
            address_entry = Some(index);
        }
        let has_stub = decision.contains(Decision::STUB);
        if let Some(place) = ground.shared.stub(address, branches_reach).filter(|_| has_stub && elsewhere) {
            seen.stub = Some(Served::Shared(place.address));
            self.shared += 1;
            self.providers.insert(place.provider);
        } else if has_stub {
            // Where the stub stands for the symbol, the stub's own way out needs an entry of its own.
            let shared = address_entry.filter(|_| !decision.contains(Decision::CANONICAL));
            let entry = shared.unwrap_or_else(|| {
                self.entries.push(Entry { symbol: id, holds: outside, island });
                self.entries.len() as u32 - 1
            });
            seen.stub = Some(Served::Own(self.stubs.len() as u32));
            self.stubs.push(Stub { symbol: id, entry, island });
        }
        seen.decision = decision;
        seen
    }
}

/// Decides for a set that lies inside `region` and has one island.
#[expect(clippy::too_many_arguments, reason = "all that there is to decide by, once")]
pub(crate) fn settle<'d, I: Isa>(
    resolution: &Resolution<'d>,
    symbols: &Symbols<'_>,
    scan: &Scan<'_>,
    region: Range<u64>,
    low: Low,
    relax: bool,
    reach: Reach,
    shared: &Shared,
) -> Settled<'d> {
    let reach = reach.less_margin();
    let reaches = |address: u64, reach: u64| within(address, &region, reach);
    let region_low = region.end <= 1 << 31;
    // Inside the set, everything small is in reach; what is large is checked relocation by relocation.
    let inside = if relax {
        Decision::NEAR | Decision::NEAR_BRANCH | if region_low { Decision::LOW } else { Decision::empty() }
    } else {
        Decision::empty()
    };
    let inside = |class: &Class| if class.is_inside() { inside.bits() } else { 0 };
    let mut settled = Settled::new(resolution.arena.all(symbols.class.iter().map(inside)));
    let ground = Ground { low, region_low, relax, shared };
    for (id, needs) in scan.needy() {
        let class = symbols.class(id);
        let address = symbols.value[id.0 as usize];
        let view = View {
            symbol: id,
            class,
            island: 0,
            needs,
            all: needs,
            is_home: true,
            stood_in: false,
            outside: address,
            near: class.is_inside() || reaches(address, reach.direct),
            near_branch: class.is_inside() || reaches(address, reach.branch),
            is_low: match class {
                Class::Inside | Class::Ifunc => region_low,
                _ => i32::try_from(address as i64).is_ok(),
            },
        };
        let relaxable = scan.relaxable_outside.get(&id).copied();
        let entries_reach = |address| reaches(address, reach.entry);
        let branches_reach = |address| reaches(address, reach.branch);
        let seen = settled.decide(resolution, &ground, &view, relaxable, entries_reach, branches_reach);
        settled.entry_of.extend(seen.entry.map(|served| (id, served)));
        settled.stub_of.extend(seen.stub.map(|served| (id, served)));
        settled.decisions[id.0 as usize] = seen.decision.bits();
    }
    if relax {
        let [branch, load, operand] =
            scan.relaxable.each_ref().map(|count| count.load(std::sync::atomic::Ordering::Relaxed));
        settled.relaxed += branch + load + if region_low { operand } else { 0 };
    }
    settled.extend_to_aliases(symbols);
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
