//! The plan: the finished answer for a set, before any memory is written. Every address and every size is final.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::Draft;
use super::cluster::{Partition, is_own, linker_symbol};
use super::frames::{Frames, KeptFrames};
use super::layout::{Contents, Extras, Hooks, Layout, NO_OUTPUT, Output, SegmentKind, of_slot, slot};
use super::reach::{MARGIN, Reach};
use super::settle::{Copy, Decision, Entry, Holds, Served, Settled, Stub};
use super::summary::{Summary, summary};
use super::symbols::{Class, NO_SECTION, Symbols};
use super::tls::{TlsEntry, Told};
use crate::error::{Error, Result};
use crate::isa::{Isa, Ordinary, Target, TlsTarget, Value};
use crate::memory::{SegmentNeed, SegmentSpec};
use crate::read::object::SymbolKind;
use crate::resolve::{Extra, LinkerSymbol, Origin, Resolution, SectionId, SymbolId};

/// Where an island's entries and stubs are.
#[derive(Clone, Copy, Debug, Default)]
struct Ground {
    got: u64,
    tls_got: u64,
    stubs: u64,
    /// Its first entry's and stub's numbers among the set's.
    first_entry: u32,
    first_stub: u32,
    /// Its `__dso_handle`.
    handle: u64,
}

/// A set's plan.
pub(crate) struct Plan<'r, 'd> {
    pub resolution: &'r Resolution<'d>,
    pub outputs: Vec<Output<'d>>,
    pub frames: &'r Frames<'d>,
    pub hooks: Hooks,
    pub entries: Vec<Entry>,
    pub stubs: Vec<Stub>,
    pub copies: Vec<(Copy, u64)>,
    pub tls: Told<'r>,
    /// Sections to be checked relocation by relocation before anything is written.
    pub exact: Vec<SectionId>,
    pub base: u64,
    /// The segments in use.
    pub segments: Vec<SegmentSpec>,
    /// Their numbers.
    slots: Vec<usize>,
    pub summary: Summary,
    pub reach: Reach,
    partition: &'r Partition,
    grounds: Vec<Ground>,
    /// By the numbers of all segments.
    segment_base: Vec<u64>,
    /// The output sections, by the numbers of their segments.
    by_slot: Vec<u32>,
    output_of: &'d [u32],
    /// Per section id; 0 for those that take no part.
    section_address: &'d [u64],
    /// Per symbol id.
    address: &'d [u64],
    symbols: &'r Symbols<'d>,
    settled: Settled<'d>,
    stub_bytes: u64,
    entry_bytes: u64,
}

/// A plan of which only the addresses are missing: every size is final.
pub(crate) struct Sized<'d> {
    pub(super) laid: Layout<'d>,
    pub(super) settled: Settled<'d>,
    pub(super) copies: Vec<Copy>,
    /// The number of the segment of each copy, and its offset there.
    pub(super) copy_places: Vec<(usize, u64)>,
    /// What the segments in use ask for.
    pub needs: Vec<SegmentNeed>,
    /// Their numbers.
    pub(super) slots: Vec<usize>,
    /// Where the segments have to be, if that was decided by.
    pub(super) segments: Option<Vec<SegmentSpec>>,
}

/// Adds what was settled to a layout. Returns what the segments in use ask for, their numbers, and the segment and offset
/// of each copy.
pub(super) fn finish<I: Isa>(
    laid: &mut Layout<'_>,
    extras: &[Extras],
    copies: &[Copy],
) -> (Vec<SegmentNeed>, Vec<usize>, Vec<(usize, u64)>) {
    let shape = |copy: &Copy| {
        let segment = if copy.from.constant { SegmentKind::Constants } else { SegmentKind::Data };
        (copy.island, segment, copy.from.copy_align(), copy.from.size)
    };
    let shapes: Vec<_> = copies.iter().map(shape).collect();
    let offsets = laid.finish::<I>(extras.iter().copied(), &shapes);
    let place = |(shape, offset): (&(u32, SegmentKind, u64, u64), u64)| {
        (slot(shape.1, shape.0, laid.islands), offset)
    };
    let places = shapes.iter().zip(offsets).map(place).collect();
    let (needs, slots) = laid.needs();
    (needs, slots, places)
}

impl<'d> Sized<'d> {
    pub(super) fn of<I: Isa>(mut laid: Layout<'d>, mut settled: Settled<'d>) -> Sized<'d> {
        let copies = std::mem::take(&mut settled.copies);
        let extras = Extras { stubs: settled.stubs.len() as u64, entries: settled.entries.len() as u64 };
        let (needs, slots, copy_places) = finish::<I>(&mut laid, &[extras], &copies);
        Sized { laid, settled, copies, copy_places, needs, slots, segments: None }
    }

    /// Whether everything reaches.
    ///
    /// # Errors
    /// Every reference that cannot reach its target from there.
    pub fn check(&mut self) -> Result<()> {
        Error::check(std::mem::take(&mut self.settled.problems), ())
    }

    /// Whether the plan holds for segments that lie at `segments`.
    pub fn suits(&self, segments: &[SegmentSpec]) -> bool {
        self.segments.as_ref().is_none_or(|expected| expected == segments)
    }
}

pub(super) fn assemble<'r, 'd, I: Isa>(
    draft: &'r Draft<'_, 'd>,
    sized: Sized<'d>,
    segments: &[SegmentSpec],
    granule: u64,
) -> Plan<'r, 'd> {
    let resolution = draft.resolution;
    let Sized { mut laid, mut settled, copies, copy_places, slots, .. } = sized;
    let base = segments.iter().map(|segment| segment.address).min().unwrap_or(0);
    let end = segments.iter().map(|segment| segment.address.saturating_add(segment.size)).max().unwrap_or(0);
    let segment_base = laid.bases(&slots, segments, granule);
    // In place: a large set has 200,000 sections.
    let section_address = std::mem::take(&mut laid.offset);
    for (&output, place) in laid.output.iter().zip(&mut *section_address) {
        *place = match output {
            NO_OUTPUT => 0,
            _ => laid.outputs[output as usize].address(&segment_base) + *place,
        };
    }
    // A thread-local section's address is its offset in the block.
    for &(section, offset) in &draft.tls.block.sections {
        section_address[section.0 as usize] = offset;
    }
    let grounds = grounds(&laid, &settled, &segment_base);
    let copies: Vec<(Copy, u64)> = copies
        .into_iter()
        .zip(copy_places)
        .map(|(copy, (slot, offset))| (copy, segment_base[slot] + offset))
        .collect();
    let mut by_slot: Vec<u32> = (0..laid.outputs.len() as u32).collect();
    by_slot.sort_by_key(|&output| laid.outputs[output as usize].slot);

    let mut plan = Plan {
        summary: summary(draft, &laid, &settled, copies.len(), (segments, &slots), granule),
        segments: segments.into(),
        slots,
        exact: exact(draft, &laid, end - base),
        resolution,
        frames: &draft.frames,
        hooks: laid.hooks,
        entries: std::mem::take(&mut settled.entries),
        stubs: std::mem::take(&mut settled.stubs),
        copies,
        tls: Told::assumed(&draft.tls),
        base,
        reach: draft.reach,
        partition: &draft.partition,
        grounds,
        segment_base,
        by_slot,
        output_of: laid.output,
        section_address,
        address: &[],
        symbols: &draft.symbols,
        settled,
        stub_bytes: I::STUB_BYTES,
        entry_bytes: I::ENTRY_BYTES,
        outputs: laid.outputs,
    };
    plan.addresses(draft, &laid.commons);
    plan
}

fn grounds(laid: &Layout<'_>, settled: &Settled<'_>, segment_base: &[u64]) -> Vec<Ground> {
    let nowhere = |island| {
        let constants = segment_base[slot(SegmentKind::Constants, island, laid.islands)];
        Ground {
            got: constants,
            tls_got: constants,
            stubs: constants,
            handle: constants,
            ..Ground::default()
        }
    };
    let mut grounds: Vec<Ground> = (0..laid.islands).map(nowhere).collect();
    for output in &laid.outputs {
        let address = output.address(segment_base);
        let (_, Some(island)) = of_slot(output.slot, laid.islands) else { continue };
        let ground = &mut grounds[island as usize];
        match output.contents {
            Contents::Got => ground.got = address,
            Contents::TlsGot => ground.tls_got = address,
            Contents::Stubs => ground.stubs = address,
            Contents::DsoHandle => ground.handle = address,
            _ => {}
        }
    }
    for (island, ground) in (0..).zip(&mut grounds) {
        // Both are in the order of the islands.
        ground.first_entry = settled.entries.partition_point(|entry| entry.island < island) as u32;
        ground.first_stub = settled.stubs.partition_point(|stub| stub.island < island) as u32;
    }
    grounds
}

/// Sections whose relocations the layout does not keep in range by itself.
fn exact(draft: &Draft<'_, '_>, laid: &Layout<'_>, span: u64) -> Vec<SectionId> {
    if !draft.partition.is_split() && span.saturating_add(2 * MARGIN) < draft.reach.least() {
        return draft.scan.exact.clone();
    }
    let live = laid.output.iter().enumerate().filter(|(_, output)| **output != NO_OUTPUT);
    live.map(|(index, _)| SectionId(index as u32)).collect()
}

/// Symbols that a thread gives their addresses before it asks for more.
const ADDRESSES_AT_ONCE: usize = 1 << 15;

impl<'d> Plan<'_, 'd> {
    fn addresses(&mut self, draft: &Draft<'_, '_>, commons: &[(usize, u32, u64)]) {
        let symbols = &draft.symbols;
        let of = |at: usize| match (symbols.class[at], symbols.section[at]) {
            (Class::Discarded, _) => 0,
            (_, NO_SECTION) => symbols.value[at],
            (_, section) => self.section_address[section as usize].wrapping_add(symbols.value[at]),
        };
        let threads = self.resolution.threads.when(symbols.len() > ADDRESSES_AT_ONCE);
        let address = if threads.is_one() {
            self.resolution.arena.all((0..symbols.len()).map(of))
        } else {
            let address = self.resolution.arena.zeroes(symbols.len());
            let parts = address.chunks_mut(ADDRESSES_AT_ONCE).zip((0..).step_by(ADDRESSES_AT_ONCE));
            threads.map(parts.collect(), 1, |(part, start)| {
                part.iter_mut().zip(start..).for_each(|(address, at)| *address = of(at));
            });
            address
        };
        let extra = |index: usize| self.resolution.extra_id(index).0 as usize;
        let mut common_base = vec![0; if commons.is_empty() { 0 } else { self.grounds.len() }];
        for output in self.outputs.iter().filter(|output| output.contents == Contents::Commons) {
            common_base[self.island_of(output) as usize] = self.output_address(output);
        }
        for &(index, island, offset) in commons {
            address[extra(index)] = common_base[island as usize] + offset;
        }
        for &(index, offset) in &self.tls.block.commons {
            address[extra(index)] = offset;
        }
        let is_linkers = |extra: &(_, Extra)| matches!(extra.1, Extra::Linker(_));
        let mut outputs: HashMap<&[u8], usize, foldhash::fast::FixedState> = HashMap::default();
        if self.resolution.extras.iter().any(is_linkers) {
            for (index, output) in self.outputs.iter().enumerate() {
                outputs.entry(output.name).or_insert(index);
            }
        }
        for (index, (_, definition)) in self.resolution.extras.iter().enumerate() {
            if let Extra::Linker(symbol) = definition {
                address[extra(index)] = self.linker_symbol(*symbol, &outputs);
            }
        }
        for (copy, at) in &self.copies {
            address[copy.symbol.0 as usize] = *at;
        }
        // Offsets from symbols whose address came only now.
        for (index, (_, definition)) in self.resolution.extras.iter().enumerate() {
            if let Extra::Offset(target, offset) = definition {
                address[extra(index)] = address[target.0 as usize].wrapping_add_signed(*offset);
            }
        }
        for (index, stub) in self.stubs.iter().enumerate() {
            let own = Some(Served::Own(index as u32));
            if self.is_canonical(stub.symbol) && self.settled.stub(stub.symbol) == own {
                address[stub.symbol.0 as usize] = self.stub_address(index as u32);
            }
        }
        for (alias, original) in &self.symbols.aliases {
            address[alias.0 as usize] = address[original.0 as usize];
        }
        self.address = address;
    }

    fn linker_symbol(
        &self,
        symbol: LinkerSymbol,
        outputs: &HashMap<&[u8], usize, foldhash::fast::FixedState>,
    ) -> u64 {
        let constants = self.segment_base[SegmentKind::Constants as usize];
        let named = |name: &[u8]| outputs.get(name).map(|&index| &self.outputs[index]);
        let start = |name: &[u8]| named(name).map_or(constants, |output| self.output_address(output));
        let stop =
            |name: &[u8]| named(name).map_or(constants, |output| self.output_address(output) + output.size);
        let contents =
            |contents| self.output(contents).map_or(constants, |output| self.output_address(output));
        let end = |kind: SegmentKind| {
            let used = self.segments.iter().rfind(|segment| segment.kind == kind);
            used.map_or(self.segment_base[kind as usize], |segment| segment.address + segment.size)
        };
        let data = || self.outputs.iter().filter(|output| output.segment == SegmentKind::Data);
        let data_end = || {
            let last = data().rfind(|output| !output.nobits && output.contents != Contents::Copies);
            last.map_or(self.segment_base[SegmentKind::Data as usize], |o| self.output_address(o) + o.size)
        };
        match symbol {
            LinkerSymbol::GotBase => self.got(),
            LinkerSymbol::TlsBase => 0,
            LinkerSymbol::DsoHandle => contents(Contents::DsoHandle),
            LinkerSymbol::FileHeader => contents(Contents::FileHeader),
            LinkerSymbol::SectionStart(name) => start(self.resolution.names[name].text),
            LinkerSymbol::SectionStop(name) => stop(self.resolution.names[name].text),
            LinkerSymbol::PreinitStart => start(b".preinit_array"),
            LinkerSymbol::PreinitEnd => stop(b".preinit_array"),
            LinkerSymbol::InitStart => start(b".init_array"),
            LinkerSymbol::InitEnd => stop(b".init_array"),
            LinkerSymbol::FiniStart => start(b".fini_array"),
            LinkerSymbol::FiniEnd => stop(b".fini_array"),
            LinkerSymbol::ImageStart => self.base,
            LinkerSymbol::TextEnd => end(SegmentKind::Code),
            LinkerSymbol::DataStart => self.segment_base[SegmentKind::Data as usize],
            LinkerSymbol::DataEnd => data_end(),
            LinkerSymbol::BssStart => data()
                .find(|output| output.nobits)
                .map_or_else(data_end, |output| self.output_address(output)),
            LinkerSymbol::ImageEnd => end(SegmentKind::Data),
            LinkerSymbol::FramesStart => contents(Contents::Frames),
            LinkerSymbol::Init => start(b".init"),
            LinkerSymbol::Fini => start(b".fini"),
        }
    }

    /// The first output section with these contents.
    pub fn output(&self, contents: Contents) -> Option<&Output<'d>> {
        self.outputs.iter().find(|output| output.contents == contents)
    }

    pub fn output_address(&self, output: &Output<'_>) -> u64 {
        output.address(&self.segment_base)
    }

    /// The address of a section that takes part.
    #[inline]
    pub fn section_address(&self, id: SectionId) -> u64 {
        self.section_address[id.0 as usize]
    }

    /// The output section a section is in, if it takes part.
    #[allow(dead_code, reason = "`setlink check` asks")]
    pub fn output_of(&self, id: SectionId) -> Option<&Output<'d>> {
        self.outputs.get(self.output_of[id.0 as usize] as usize)
    }

    /// What is kept of a section of call frame information.
    pub fn kept_frames(&self, id: SectionId) -> Option<&KeptFrames<'d>> {
        self.frames.of(self.resolution.section_origin(id).0, id)
    }

    #[inline]
    pub fn address(&self, id: SymbolId) -> u64 {
        self.address[id.0 as usize]
    }

    /// Where the symbol's section holds it, even where a stub stands for it.
    pub fn place_of(&self, id: SymbolId) -> u64 {
        match self.symbols.section[id.0 as usize] {
            NO_SECTION => self.address(id),
            section => self.section_address[section as usize].wrapping_add(self.symbols.value[id.0 as usize]),
        }
    }

    pub fn class(&self, id: SymbolId) -> Class {
        self.symbols.class[id.0 as usize]
    }

    /// The symbol that has the entries and stubs of this one.
    pub fn original(&self, id: SymbolId) -> SymbolId {
        self.symbols.original(id)
    }

    /// The address of the GOT, of the first one where there are several.
    #[allow(dead_code, reason = "`setlink check` asks")]
    pub fn got(&self) -> u64 {
        self.grounds[0].got
    }

    pub fn entry_address(&self, index: u32) -> u64 {
        let ground = &self.grounds[self.entries[index as usize].island as usize];
        ground.got + u64::from(index - ground.first_entry) * self.entry_bytes
    }

    pub fn stub_address(&self, index: u32) -> u64 {
        let ground = &self.grounds[self.stubs[index as usize].island as usize];
        ground.stubs + u64::from(index - ground.first_stub) * self.stub_bytes
    }

    /// What an entry holds, where no resolver tells.
    pub fn entry_contents(&self, entry: &Entry) -> Option<u64> {
        match entry.holds {
            Holds::Address => Some(self.address_in(entry.island, entry.symbol)),
            Holds::Outside(address) => Some(address),
            Holds::Resolved => None,
        }
    }

    /// The numbers of an island's entries.
    pub fn entries_of(&self, island: u32) -> std::ops::Range<usize> {
        let start =
            |island: usize| self.grounds.get(island).map_or(self.entries.len(), |g| g.first_entry as usize);
        start(island as usize)..start(island as usize + 1)
    }

    /// The numbers of an island's stubs.
    pub fn stubs_of(&self, island: u32) -> std::ops::Range<usize> {
        let start =
            |island: usize| self.grounds.get(island).map_or(self.stubs.len(), |g| g.first_stub as usize);
        start(island as usize)..start(island as usize + 1)
    }

    /// The island of an output section; the first for what is in none.
    pub fn island_of(&self, output: &Output<'_>) -> u32 {
        of_slot(output.slot, self.grounds.len() as u32).1.unwrap_or(0)
    }

    /// The island whose entries and stubs an object uses.
    pub fn island_of_object(&self, object: usize) -> u32 {
        self.partition.of_object(object)
    }

    /// Whether references were settled island by island.
    pub fn is_split(&self) -> bool {
        self.partition.is_split()
    }

    /// The output sections of segment `index` of those in use, in the order of their addresses.
    pub fn outputs_in(&self, index: usize) -> impl Iterator<Item = &Output<'d>> {
        let wanted = self.slots[index];
        let slot = |output: &u32| self.outputs[*output as usize].slot;
        let start = self.by_slot.partition_point(|output| slot(output) < wanted);
        let own = self.by_slot[start..].iter().take_while(move |output| slot(output) == wanted);
        own.map(|&output| &self.outputs[output as usize])
    }

    /// The addresses of the set's own `__dso_handle`, one in each island that refers to it.
    pub fn handles(&self) -> impl Iterator<Item = u64> {
        let handles = self.outputs.iter().filter(|output| output.contents == Contents::DsoHandle);
        handles.map(|output| self.output_address(output))
    }

    /// The address of a symbol as an island knows it.
    fn address_in(&self, island: u32, id: SymbolId) -> u64 {
        if self.is_split() && is_own(self.resolution, id) {
            let ground = &self.grounds[island as usize];
            return match linker_symbol(self.resolution, id) {
                Some(LinkerSymbol::GotBase) => ground.got,
                _ => ground.handle,
            };
        }
        self.address(id)
    }

    /// The sets whose entries or stubs this one uses, by their index in what was offered.
    pub fn providers(&self) -> impl Iterator<Item = usize> + '_ {
        self.settled.providers.iter().copied()
    }

    /// A symbol's name for messages and lists.
    pub fn name_of(&self, id: SymbolId) -> String {
        crate::resolve::demangle(self.label_of(id))
    }

    /// The name as objects spell it, or the section's for a section symbol.
    pub fn label_of(&self, id: SymbolId) -> &'d [u8] {
        match self.resolution.origin(id) {
            Origin::Object { object, symbol } => self.resolution.label(object, symbol),
            Origin::Extra(index) => match self.resolution.extras.get(index) {
                Some((name, _)) => self.resolution.names[*name].text,
                None => &[],
            },
        }
    }

    /// Whether the symbol's stub stands for it.
    pub fn is_canonical(&self, id: SymbolId) -> bool {
        self.settled.decision(id).contains(Decision::CANONICAL)
    }

    /// The symbol's stub, where it has one; in sets of several islands, the one that stands for it.
    pub fn stub_of(&self, id: SymbolId) -> Option<u64> {
        self.settled.stub(id).map(|stub| self.stub(stub))
    }

    /// The symbols that use entries of other sets, and those entries; in no order.
    pub fn shared_entries(&self) -> impl Iterator<Item = (SymbolId, u64)> + '_ {
        let seen = self.settled.seen.iter().flatten().filter_map(|(id, seen)| Some((*id, seen.entry?)));
        let all = self.settled.entry_of.iter().map(|(id, served)| (*id, *served)).chain(seen);
        all.filter_map(|(id, served)| Some((id, served.shared()?)))
    }

    /// The same for stubs.
    pub fn shared_stubs(&self) -> impl Iterator<Item = (SymbolId, u64)> + '_ {
        let seen = self.settled.seen.iter().flatten().filter_map(|(id, seen)| Some((*id, seen.stub?)));
        let all = self.settled.stub_of.iter().map(|(id, served)| (*id, *served)).chain(seen);
        all.filter_map(|(id, served)| Some((id, served.shared()?)))
    }

    /// The entries about thread-local storage, and where each lies.
    pub fn tls_entries(&self) -> impl Iterator<Item = (&TlsEntry, u64)> {
        let words = |island| (0..island).map(|island| self.tls.words_of(island)).sum::<u64>();
        self.tls.entries.iter().zip(self.tls.entries_by_island()).map(move |(entry, island)| {
            let got = self.grounds[island as usize].tls_got;
            (entry, got + self.entry_bytes * (entry.word - words(island)))
        })
    }

    /// The stub that an object's calls of the symbol use.
    pub fn stub_for(&self, object: usize, id: SymbolId) -> Option<u64> {
        match self.settled.seen.get(self.partition.of_object(object) as usize) {
            None => self.stub_of(id),
            Some(seen) => seen.get(&id)?.stub.map(|stub| self.stub(stub)),
        }
    }

    fn stub(&self, stub: Served) -> u64 {
        match stub {
            Served::Own(index) => self.stub_address(index),
            Served::Shared(address) => address,
        }
    }

    fn entry(&self, entry: Served) -> u64 {
        match entry {
            Served::Own(index) => self.entry_address(index),
            Served::Shared(address) => address,
        }
    }

    /// The targets of ordinary relocations.
    pub fn ordinary(&self) -> OrdinaryTargets<'_> {
        OrdinaryTargets {
            // In a set of several islands, there is more to each.
            address: if self.is_split() { &[] } else { self.address },
            stubs: (!self.settled.stub_of.is_empty()).then_some(&self.settled),
        }
    }

    /// All that a relocation of an object has to know of its symbol, but its size.
    #[inline]
    pub fn target(&self, object: usize, id: SymbolId) -> Target {
        if self.partition.is_split() {
            return self.target_in(self.partition.of_object(object), id);
        }
        let decision = self.settled.decision(id);
        let address = self.address[id.0 as usize];
        let mut target = Target {
            address,
            branch: address,
            entry: None,
            got: self.grounds[0].got,
            size: 0,
            near: decision.contains(Decision::NEAR),
            near_branch: decision.contains(Decision::NEAR_BRANCH),
            low: decision.contains(Decision::LOW),
        };
        if decision.intersects(Decision::STUB | Decision::ENTRY) {
            target.branch = self.stub_of(id).unwrap_or(address);
            target.entry = self.settled.entry(id).map(|entry| self.entry(entry));
        }
        target
    }

    fn target_in(&self, island: u32, id: SymbolId) -> Target {
        let address = self.address_in(island, id);
        let seen = self.settled.seen[island as usize].get(&id).copied().unwrap_or_default();
        Target {
            address,
            branch: seen.stub.map_or(address, |stub| self.stub(stub)),
            entry: seen.entry.map(|entry| self.entry(entry)),
            got: self.grounds[island as usize].got,
            size: 0,
            near: seen.decision.contains(Decision::NEAR),
            near_branch: seen.decision.contains(Decision::NEAR_BRANCH),
            low: seen.decision.contains(Decision::LOW),
        }
    }

    /// [`Plan::target`] for relocations about thread-local storage.
    pub fn tls_target(&self, object: usize, value: Value, id: SymbolId) -> TlsTarget {
        let island = self.partition.of_object(object);
        let got = self.grounds[island as usize].tls_got;
        self.tls.target(value, id, self.class(id), self.address(id), (island, got))
    }

    /// The symbol's size, for the relocations that ask for it.
    pub fn size(&self, id: SymbolId) -> u64 {
        self.size_at(self.resolution.origin(id))
    }

    /// What the symbol that comes from there is, as far as the set says.
    pub fn kind_at(&self, origin: Origin) -> SymbolKind {
        match origin {
            Origin::Object { object, symbol } => {
                let symbol = self.resolution.added[object].object.symbols.get(symbol);
                symbol.map_or(SymbolKind::NoType, |symbol| symbol.kind)
            }
            Origin::Extra(index) => match self.resolution.extras.get(index) {
                Some((_, Extra::Common { .. })) => SymbolKind::Data,
                _ => SymbolKind::NoType,
            },
        }
    }

    /// The size of the symbol that comes from there.
    pub fn size_at(&self, origin: Origin) -> u64 {
        match origin {
            Origin::Object { object, symbol } => {
                self.resolution.added[object].object.symbols.get(symbol).map_or(0, |symbol| symbol.size)
            }
            Origin::Extra(index) => match self.resolution.extras.get(index) {
                Some((_, Extra::Foreign(foreign))) => foreign.size,
                Some((_, Extra::Common { size, .. })) => *size,
                _ => 0,
            },
        }
    }
}

/// See [`Plan::ordinary`].
#[derive(Clone, Copy)]
pub(crate) struct OrdinaryTargets<'p> {
    /// Per symbol id.
    address: &'p [u64],
    /// Where there are stubs.
    stubs: Option<&'p Settled<'p>>,
}

impl OrdinaryTargets<'_> {
    /// What a relocation leads to; None where there is more to it.
    #[inline]
    pub fn target(&self, id: SymbolId, kind: Ordinary) -> Option<u64> {
        if kind == Ordinary::Branch
            && let Some(settled) = self.stubs
            && settled.decision(id).contains(Decision::STUB)
        {
            return None;
        }
        self.address.get(id.0 as usize).copied()
    }
}
