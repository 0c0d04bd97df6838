//! Settling a set of several islands. Each decides for itself which entries and stubs it needs, as a set of its own would
//! of which the rest lies outside; but only once the rest has addresses, which depend on how many entries and stubs
//! there are. So this is repeated: all is laid out, references that turn out not to reach are marked for good, what they
//! need is added, and so on until nothing changes. Marks are never taken back, so it ends; and each round takes time
//! proportional to the references between objects.

#![forbid(unsafe_code)]

use std::ops::Range;

use hashbrown::HashMap;

use super::Draft;
use super::cluster::{Partition, is_own};
use super::layout::{Contents, Extras, Layout, NO_OUTPUT, SegmentKind, of_slot, slot};
use super::plan::Sized;
use super::reach::within;
use super::references::{Reference, References};
use super::settle::{Decision, Ground, Seen, Served, Settled, StandIn, View};
use super::share::Shared;
use super::symbols::{Class, NO_SECTION, Symbols};
use crate::isa::{Isa, Needs};
use crate::memory::{Memory, Site};
use crate::resolve::{Extra, Resolution, SymbolId};

/// For an address that is not known. Nothing can be there.
const NOWHERE: u64 = u64::MAX;
/// After so many rounds all references between islands count as too far, after twice as many all others, too.
const ROUNDS: usize = 16;

/// What the islands of a set need, before anything has an address.
pub(super) struct Islands {
    /// By island.
    pub references: Vec<References>,
    /// Per symbol, what the whole set needs of it; none where nothing between objects refers to it.
    all: Vec<Option<Needs>>,
}

impl Islands {
    /// Puts the references of the objects of each island together.
    pub fn new(
        resolution: &Resolution<'_>,
        symbols: &Symbols,
        partition: &Partition,
        objects: Vec<References>,
    ) -> Islands {
        let mut references: Vec<References> = Vec::new();
        let empty = || References { symbols: Vec::new(), tls: super::tls::TlsScan::default() };
        references.resize_with(partition.islands() as usize, empty);
        let mut all: Vec<Option<Needs>> = vec![None; symbols.len()];
        for (object, found) in objects.into_iter().enumerate() {
            let island = &mut references[partition.of_object(object) as usize];
            for (id, reference) in &found.symbols {
                *all[id.0 as usize].get_or_insert_default() |= reference.needs;
            }
            island.symbols.extend(found.symbols);
            island.tls.merge(found.tls);
        }
        // What may come to stand for a symbol has a place, whether or not that island refers to it.
        for (id, _) in (0..).map(SymbolId).zip(&all).filter(|(_, needs)| needs.is_some()) {
            let class = symbols.class(id);
            if class == Class::Ifunc || class.is_foreign() {
                let home = partition.home(resolution, symbols, id);
                references[home as usize].symbols.push((id, Reference::default()));
            }
        }
        // Sorting takes no more memory at a time than one island's; tables for all of them would be looked into at random.
        for island in &mut references {
            island.symbols.sort_unstable_by_key(|(id, _)| *id);
            island.symbols.dedup_by(|(id, reference), (earlier, sum)| {
                let is_same = id == earlier;
                if is_same {
                    sum.add(*reference);
                }
                is_same
            });
        }
        Islands { references, all }
    }

    /// Adds needs of symbols to an island.
    pub fn note(&mut self, island: usize, needs: &[(SymbolId, Needs)]) {
        let list = &mut self.references[island].symbols;
        for &(id, needs) in needs {
            let reference = Reference { needs, relaxable: [0; 3] };
            match list.binary_search_by_key(&id, |(id, _)| *id) {
                Ok(at) => list[at].1.add(reference),
                Err(at) => list.insert(at, (id, reference)),
            }
            *self.all[id.0 as usize].get_or_insert_default() |= needs;
        }
    }
}

/// What has turned out about an island's references to a symbol. Never taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Far {
    direct: bool,
    branch: bool,
    /// The island has its own entry, or stub, whatever other sets offer.
    own_entry: bool,
    own_stub: bool,
}

/// Decides and sizes everything for a set of several islands at `site`.
pub(super) fn size<'d, I: Isa>(
    draft: &Draft<'_, 'd>,
    islands: &Islands,
    site: &Site,
    memory: &dyn Memory,
    relax: bool,
    shared: &Shared,
) -> Sized<'d> {
    let mut laid = draft.layout::<I>();
    let mark = laid.mark();
    let region_low = site.span.end <= 1 << 31;
    let ground = Ground { low: draft.wanted.low, region_low, relax, shared };
    let mut far: Vec<Vec<Far>> =
        islands.references.iter().map(|found| vec![Far::default(); found.symbols.len()]).collect();
    let is_home = |island: usize, id: SymbolId| {
        draft.partition.home(draft.resolution, &draft.symbols, id) == island as u32
    };
    let homes: Vec<Vec<bool>> = (0..)
        .zip(&islands.references)
        .map(|(island, found)| found.symbols.iter().map(|(id, _)| is_home(island, *id)).collect())
        .collect();
    let commons = commons(&laid);
    let filled = filled(&laid);
    let mut spans: Option<Vec<Range<u64>>> = None;
    let own: Vec<bool> =
        (0..draft.symbols.len() as u32).map(|id| is_own(draft.resolution, SymbolId(id))).collect();
    let mut at: Vec<u64> = Vec::new();
    for round in 0.. {
        // The first round only finds out where everything lies about.
        let (mut settled, seen) = match &spans {
            None => (Settled::new(draft.resolution.arena.fill(draft.symbols.len(), 0)), Vec::new()),
            Some(spans) => decide(draft, islands, &ground, spans, &homes, &mut far),
        };
        let mut extras = vec![Extras::default(); islands.references.len()];
        settled.entries.iter().for_each(|entry| extras[entry.island as usize].entries += 1);
        settled.stubs.iter().for_each(|stub| extras[stub.island as usize].stubs += 1);
        let copies = std::mem::take(&mut settled.copies);
        laid.reset(&mark);
        let (needs, slots, copy_places) = super::plan::finish::<I>(&mut laid, &extras, &copies);
        let segments = memory.sketch(site, &needs);
        let bases = laid.bases(&slots, &segments, site.granule);
        let addresses = Addresses {
            draft,
            laid: &laid,
            bases: &bases,
            commons: &commons,
            settled: &settled,
            stubs: stubs(&laid, &bases),
            first_stubs: starts(extras.iter().map(|extras| extras.stubs)),
            copies: copies
                .iter()
                .zip(&copy_places)
                .map(|(c, (slot, at))| (c.symbol, bases[*slot] + at))
                .collect(),
            stub_bytes: I::STUB_BYTES,
        };
        // Each once, in their order: islands refer to symbols all over the set.
        let asked = (0..).map(SymbolId).zip(&islands.all);
        at.clear();
        at.extend(asked.map(|(id, needs)| needs.and_then(|_| addresses.of(id)).unwrap_or(NOWHERE)));
        let now: Vec<Range<u64>> =
            (0..laid.islands).map(|island| span(&laid, &bases, &filled, island)).collect();
        let mut changed = mark_far(draft, islands, &at, &own, &seen, &now, &mut far);
        let is_first = spans.replace(now).is_none();
        if round >= ROUNDS {
            changed |= give_up(draft, islands, round >= 2 * ROUNDS, &addresses, &homes, &mut far);
        }
        if !changed && !is_first {
            let by_symbol = |(found, seen): (&References, Vec<Seen>)| {
                found.symbols.iter().map(|(id, _)| *id).zip(seen).collect()
            };
            settled.seen = islands.references.iter().zip(seen).map(by_symbol).collect();
            settled.rounds = round as u64 + 1;
            settled.extend_to_aliases(&draft.symbols);
            return Sized { laid, settled, copies, copy_places, needs, slots, segments: Some(segments) };
        }
    }
    unreachable!("marks are finite")
}

/// Decides with what is known so far.
fn decide<'d>(
    draft: &Draft<'_, 'd>,
    islands: &Islands,
    ground: &Ground<'_>,
    spans: &[Range<u64>],
    homes: &[Vec<bool>],
    far: &mut [Vec<Far>],
) -> (Settled<'d>, Vec<Vec<Seen>>) {
    let (resolution, symbols) = (draft.resolution, &draft.symbols);
    let mut settled = Settled::new(resolution.arena.fill(symbols.len(), 0));
    let view =
        |island: usize, id: SymbolId, reference: &Reference, is_home: bool, far: Far, decisions: &[u8]| {
            let class = symbols.class(id);
            let value = symbols.value[id.0 as usize];
            let replaced = Decision::CANONICAL | Decision::COPY;
            let stood_in =
                !is_home && Decision::from_bits_retain(decisions[id.0 as usize]).intersects(replaced);
            View {
                symbol: id,
                class,
                island: island as u32,
                needs: reference.needs,
                all: islands.all[id.0 as usize].unwrap_or_default(),
                is_home,
                stood_in,
                outside: value,
                near: !far.direct,
                near_branch: !far.branch,
                is_low: match class {
                    Class::Inside | Class::Ifunc => ground.region_low,
                    _ if stood_in => ground.region_low,
                    _ => i32::try_from(value as i64).is_ok(),
                },
            }
        };
    // What stands for symbols is known to all islands.
    for (island, found) in islands.references.iter().enumerate() {
        for (((id, reference), far), &is_home) in found.symbols.iter().zip(&far[island]).zip(&homes[island]) {
            if is_home && symbols.class(*id) != Class::Inside {
                let view = view(island, *id, reference, is_home, *far, settled.decisions);
                let decision = match view.stand_in(resolution, ground) {
                    StandIn::Stub => Decision::CANONICAL,
                    StandIn::Copy(_) => Decision::COPY,
                    StandIn::None | StandIn::Missing(_) => continue,
                };
                settled.decisions[id.0 as usize] = decision.bits();
            }
        }
    }
    let reach = draft.reach.less_margin();
    let mut all = Vec::with_capacity(islands.references.len());
    for (island, found) in islands.references.iter().enumerate() {
        let mut own = Vec::with_capacity(found.symbols.len());
        for (((id, reference), far), &is_home) in
            found.symbols.iter().zip(&mut far[island]).zip(&homes[island])
        {
            let view = view(island, *id, reference, is_home, *far, settled.decisions);
            let entries_reach = |at| !far.own_entry && within(at, &spans[island], reach.entry);
            let branches_reach = |at| !far.own_stub && within(at, &spans[island], reach.branch);
            let relaxable = Some(reference.relaxable);
            let seen = settled.decide(resolution, ground, &view, relaxable, entries_reach, branches_reach);
            far.own_entry |= matches!(seen.entry, Some(Served::Own(_)));
            far.own_stub |= matches!(seen.stub, Some(Served::Own(_)));
            if view.is_home {
                settled.decisions[id.0 as usize] = seen.decision.bits();
                settled.stub_of.extend(seen.stub.map(|stub| (*id, stub)));
            }
            own.push(seen);
        }
        all.push(own);
    }
    (settled, all)
}

/// Marks the references that do not reach. Returns whether there were any that had not been marked before.
fn mark_far(
    draft: &Draft<'_, '_>,
    islands: &Islands,
    at: &[u64],
    own: &[bool],
    seen: &[Vec<Seen>],
    spans: &[Range<u64>],
    far: &mut [Vec<Far>],
) -> bool {
    let reach = draft.reach.less_margin();
    let mut changed = false;
    for ((island, found), far) in islands.references.iter().enumerate().zip(far) {
        let seen = seen.get(island);
        for (index, ((id, _), far)) in found.symbols.iter().zip(far).enumerate() {
            let before = *far;
            if !own[id.0 as usize] {
                let (direct, branch) = match at[id.0 as usize] {
                    // The linker's own symbols may be anywhere.
                    NOWHERE => (false, false),
                    at => {
                        (within(at, &spans[island], reach.direct), within(at, &spans[island], reach.branch))
                    }
                };
                far.direct |= !direct;
                far.branch |= !branch;
            }
            if let Some(seen) = seen.and_then(|seen| seen.get(index)) {
                let lost = |served, reach| match served {
                    Some(Served::Shared(at)) => !within(at, &spans[island], reach),
                    _ => false,
                };
                far.own_entry |= lost(seen.entry, reach.entry);
                far.own_stub |= lost(seen.stub, reach.branch);
            }
            changed |= *far != before;
        }
    }
    changed
}

/// Marks all references between islands, or `all` that there are, so that nothing is left to change.
fn give_up(
    draft: &Draft<'_, '_>,
    islands: &Islands,
    all: bool,
    addresses: &Addresses<'_, '_, '_>,
    homes: &[Vec<bool>],
    far: &mut [Vec<Far>],
) -> bool {
    let mut changed = false;
    for ((island, found), far) in islands.references.iter().enumerate().zip(far) {
        for (((id, _), far), &home) in found.symbols.iter().zip(far).zip(&homes[island]) {
            let moves = draft.symbols.class(*id).is_inside()
                || addresses.settled.decision(*id).intersects(Decision::CANONICAL | Decision::COPY);
            if all || (moves && !home) {
                changed |= !(far.direct && far.branch);
                (far.direct, far.branch) = (true, true);
            }
        }
    }
    changed
}

/// Where things are, as far as a round knows.
struct Addresses<'a, 'r, 'd> {
    draft: &'a Draft<'r, 'd>,
    laid: &'a Layout<'d>,
    /// Per segment.
    bases: &'a [u64],
    /// Per island, the offset of its common symbols in its data.
    commons: &'a [u64],
    settled: &'a Settled<'d>,
    /// Per island.
    stubs: Vec<u64>,
    first_stubs: Vec<u64>,
    copies: HashMap<SymbolId, u64, foldhash::fast::FixedState>,
    stub_bytes: u64,
}

impl Addresses<'_, '_, '_> {
    /// The address that stands for a symbol. None where it is known only when all is done.
    fn of(&self, id: SymbolId) -> Option<u64> {
        let symbols = &self.draft.symbols;
        if let (Some(Served::Own(index)), true) =
            (self.settled.stub(id), self.settled.decision(id).contains(Decision::CANONICAL))
        {
            let island = self.settled.stubs[index as usize].island as usize;
            return Some(
                self.stubs[island] + (u64::from(index) - self.first_stubs[island]) * self.stub_bytes,
            );
        }
        if let Some(at) = self.copies.get(&id) {
            return Some(*at);
        }
        let value = symbols.value[id.0 as usize];
        match symbols.section[id.0 as usize] {
            NO_SECTION if symbols.class(id).is_inside() => self.of_extra(id),
            NO_SECTION => Some(value),
            section => {
                let output = self.laid.output[section as usize];
                let output = self.laid.outputs.get(output as usize).filter(|_| output != NO_OUTPUT)?;
                let at = self.bases[output.slot].wrapping_add(output.offset);
                Some(at.wrapping_add(self.laid.offset[section as usize]).wrapping_add(value))
            }
        }
    }

    fn of_extra(&self, id: SymbolId) -> Option<u64> {
        let index = id.0.checked_sub(self.draft.resolution.object_symbols())? as usize;
        let (_, Extra::Common { .. }) = self.draft.resolution.extras.get(index)? else { return None };
        let at = self.laid.commons.binary_search_by_key(&index, |common| common.0).ok()?;
        let (_, island, offset) = self.laid.commons[at];
        let base = self.bases[slot(SegmentKind::Data, island, self.laid.islands)];
        Some(base.wrapping_add(self.commons[island as usize]).wrapping_add(offset))
    }
}

fn commons(laid: &Layout<'_>) -> Vec<u64> {
    let mut offsets = vec![0; laid.islands as usize];
    for output in laid.outputs.iter().filter(|output| output.contents == Contents::Commons) {
        if let (_, Some(island)) = of_slot(output.slot, laid.islands) {
            offsets[island as usize] = output.offset;
        }
    }
    offsets
}

/// Per island, the bytes of its data in front of those that no relocation writes to.
fn filled(laid: &Layout<'_>) -> Vec<u64> {
    let mut filled = vec![0; laid.islands as usize];
    for output in laid.outputs.iter().filter(|output| output.segment == SegmentKind::Data && !output.nobits) {
        if let (_, Some(island)) = of_slot(output.slot, laid.islands) {
            let filled: &mut u64 = &mut filled[island as usize];
            *filled = (*filled).max(output.offset.saturating_add(output.size));
        }
    }
    filled
}

/// Per island, the address of its stubs.
fn stubs(laid: &Layout<'_>, bases: &[u64]) -> Vec<u64> {
    let mut addresses = vec![0; laid.islands as usize];
    for output in laid.outputs.iter().filter(|output| output.contents == Contents::Stubs) {
        if let (_, Some(island)) = of_slot(output.slot, laid.islands) {
            addresses[island as usize] = bases[output.slot] + output.offset;
        }
    }
    addresses
}

/// The addresses that references of an island, and what they refer to there by way of entries, come from.
fn span(laid: &Layout<'_>, bases: &[u64], filled: &[u64], island: u32) -> Range<u64> {
    let mut span: Option<Range<u64>> = None;
    for kind in [SegmentKind::Code, SegmentKind::Constants, SegmentKind::Data] {
        let slot = slot(kind, island, laid.islands);
        let bytes =
            if kind == SegmentKind::Data { filled[island as usize] } else { laid.segments[slot].size };
        if bytes > 0 {
            let part = bases[slot]..bases[slot].saturating_add(bytes);
            span = Some(match span {
                Some(span) => span.start.min(part.start)..span.end.max(part.end),
                None => part,
            });
        }
    }
    let nowhere = bases[slot(SegmentKind::Code, island, laid.islands)];
    span.unwrap_or(nowhere..nowhere)
}

/// The sums of what goes before.
fn starts(counts: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut total = 0;
    let start = |count| {
        let start = total;
        total += count;
        start
    };
    counts.map(start).collect()
}
