//! The plan: the finished answer for a set, before any memory is written. Every address and every size is final.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::frames::KeptFrames;
use super::layout::{Contents, Hooks, Layout, NO_OUTPUT, Output, SegmentKind, align_up, layout};
use super::scan::MARGIN;
use super::settle::{Copy, Decision, Entry, Settled, Stub};
use super::symbols::{Class, NO_SECTION};
use super::tls::{Tls, TlsEntry};
use super::{Draft, scan::Scan};
use crate::isa::{Isa, Target, TlsTarget, Value};
use crate::memory::{SegmentNeed, SegmentSpec};
use crate::resolve::{Extra, LinkerSymbol, Origin, Resolution, SectionId, SymbolId};

/// The exact requirements of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Objects, archive members included.
    pub objects: u64,
    /// Sections that take part in the program.
    pub sections: u64,
    /// Symbols of all objects.
    pub symbols: u64,
    /// Relocations of the sections that take part.
    pub relocations: u64,
    /// GOT entries.
    pub got_entries: u64,
    /// Stubs.
    pub stubs: u64,
    /// References through the GOT that became direct.
    pub relaxed: u64,
    /// Entries and stubs of other sets that serve this one.
    pub shared: u64,
    /// Host variables copied into the set.
    pub copies: u64,
    /// Bytes of thread-local storage, in each thread.
    pub tls_bytes: u64,
    /// Of these, bytes that must lie at one distance from the thread pointer in all threads.
    pub tls_static_bytes: u64,
    /// The segments that hold something, in the order of their addresses.
    pub segments: Vec<SegmentSummary>,
    /// Bytes of memory in all: whole pages, unless the set shares pages with others.
    pub total_bytes: u64,
    /// Bytes of these that only align something, the unused ends of pages included.
    pub padding_bytes: u64,
    /// Mappings of the finished set; none of its own where it shares pages with others.
    pub mappings: u64,
}

/// One segment of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentSummary {
    /// `code`, `constants`, `data` …
    pub name: &'static str,
    /// `r-x`, `r--` or `rw-`, once the set runs.
    pub permissions: &'static str,
    /// Its planned address.
    pub address: u64,
    /// Bytes in use, alignment between sections included.
    pub bytes: u64,
}

/// A set's plan.
pub(crate) struct Plan<'r, 'd> {
    pub resolution: &'r Resolution<'d>,
    pub outputs: Vec<Output<'d>>,
    pub frames: Vec<KeptFrames>,
    pub hooks: Hooks,
    pub entries: Vec<Entry>,
    pub stubs: Vec<Stub>,
    pub copies: Vec<(Copy, u64)>,
    pub tls: Tls,
    /// Sections to be checked relocation by relocation before anything is written.
    pub exact: Vec<SectionId>,
    pub base: u64,
    /// The segments in use.
    pub segments: Vec<SegmentSpec>,
    pub summary: Summary,
    segment_base: [u64; 6],
    output_of: Vec<u32>,
    /// Per section id; 0 for those that take no part.
    section_address: Vec<u64>,
    /// Per symbol id.
    address: Vec<u64>,
    class: Vec<Class>,
    section_of: Vec<u32>,
    value_of: Vec<u64>,
    settled: Settled,
    got: u64,
    tls_got: u64,
    stub_base: u64,
    stub_bytes: u64,
    entry_bytes: u64,
}

/// A plan of which only the addresses are missing: every size is final.
pub(crate) struct Sized<'d> {
    laid: Layout<'d>,
    settled: Settled,
    copies: Vec<Copy>,
    /// The segment of each copy, and its offset there.
    copy_places: Vec<(SegmentKind, u64)>,
}

impl<'d> Sized<'d> {
    pub(super) fn of<I: Isa>(draft: &Draft<'_, 'd>, mut settled: Settled) -> Sized<'d> {
        // Laid out again rather than cloned: a replan is rare, and the draft's layout only served to bound the size.
        let mut laid: Layout<'d> = layout::<I>(draft.resolution, &draft.frames);
        laid.add_tls_entries::<I>(draft.tls.words);
        let copies = std::mem::take(&mut settled.copies);
        let shapes: Vec<_> = copies
            .iter()
            .map(|copy| {
                let segment = if copy.from.constant { SegmentKind::Constants } else { SegmentKind::Data };
                (segment, copy.from.copy_align(), copy.from.size)
            })
            .collect();
        let offsets = laid.finish::<I>(settled.stubs.len() as u64, settled.entries.len() as u64, &shapes);
        let copy_places = shapes.iter().zip(offsets).map(|(shape, offset)| (shape.0, offset)).collect();
        Sized { laid, settled, copies, copy_places }
    }

    /// What the segments in use ask for.
    pub fn needs(&self) -> Vec<SegmentNeed> {
        let need = |kind| {
            let extent = &self.laid.segments[kind as usize];
            SegmentNeed { kind, size: extent.size, align: extent.align }
        };
        SegmentKind::ALL.into_iter().map(need).filter(|need| need.size > 0).collect()
    }
}

pub(super) fn assemble<'r, 'd, I: Isa>(
    draft: &Draft<'r, 'd>,
    sized: Sized<'d>,
    segments: &[SegmentSpec],
    granule: u64,
) -> Plan<'r, 'd> {
    let resolution = draft.resolution;
    let Sized { laid, mut settled, copies, copy_places } = sized;
    let base = segments.iter().map(|segment| segment.address).min().unwrap_or(0);
    let end = segments.iter().map(|segment| segment.address.saturating_add(segment.size)).max().unwrap_or(0);
    // A segment that is not in use is nowhere; what refers to its start gets the end of the one before.
    let mut segment_base = [base; 6];
    for kind in SegmentKind::ALL {
        let before = segments.iter().rfind(|segment| segment.kind < kind);
        let own = segments.iter().find(|segment| segment.kind == kind).map(|segment| segment.address);
        segment_base[kind as usize] = own
            .or_else(|| before.map(|segment| align_up(segment.address + segment.size, granule)))
            .unwrap_or(base);
    }
    let output_address: Vec<u64> =
        laid.outputs.iter().map(|output| segment_base[output.segment as usize] + output.offset).collect();
    let mut section_address: Vec<u64> = laid
        .output
        .iter()
        .zip(&laid.offset)
        .map(
            |(&output, &offset)| {
                if output == NO_OUTPUT { 0 } else { output_address[output as usize] + offset }
            },
        )
        .collect();
    // A thread-local section's address is its offset in the block.
    for &(section, offset) in &draft.tls.block.sections {
        section_address[section.0 as usize] = offset;
    }
    let at = |contents| {
        laid.find(contents)
            .map_or(segment_base[1], |output| segment_base[output.segment as usize] + output.offset)
    };
    let (got, stub_base, tls_got) = (at(Contents::Got), at(Contents::Stubs), at(Contents::TlsGot));
    let copies: Vec<(Copy, u64)> = copies
        .into_iter()
        .zip(copy_places)
        .map(|(copy, (segment, offset))| (copy, segment_base[segment as usize] + offset))
        .collect();

    let mut plan = Plan {
        summary: summary(draft, &laid, &settled, copies.len(), segments, granule),
        segments: segments.to_vec(),
        exact: exact(draft, &laid, end - base, I::REACH),
        resolution,
        frames: draft.frames.clone(),
        hooks: laid.hooks,
        entries: std::mem::take(&mut settled.entries),
        stubs: std::mem::take(&mut settled.stubs),
        copies,
        tls: draft.tls.clone(),
        base,
        segment_base,
        output_of: laid.output,
        section_address,
        address: Vec::new(),
        class: draft.symbols.class.clone(),
        section_of: draft.symbols.section.clone(),
        value_of: draft.symbols.value.clone(),
        settled,
        got,
        tls_got,
        stub_base,
        stub_bytes: I::STUB_BYTES,
        entry_bytes: I::ENTRY_BYTES,
        outputs: laid.outputs,
    };
    plan.addresses(draft, &laid.commons);
    plan
}

/// Sections whose relocations the layout does not keep in range by itself.
fn exact(draft: &Draft<'_, '_>, laid: &Layout<'_>, span: u64, reach: u64) -> Vec<SectionId> {
    if span.saturating_add(2 * MARGIN) < reach {
        return draft.scan.exact.clone();
    }
    let live = laid.output.iter().enumerate().filter(|(_, output)| **output != NO_OUTPUT);
    live.map(|(index, _)| SectionId(index as u32)).collect()
}

fn summary(
    draft: &Draft<'_, '_>,
    laid: &Layout<'_>,
    settled: &Settled,
    copies: usize,
    specs: &[SegmentSpec],
    granule: u64,
) -> Summary {
    let summarise = |segment: &SegmentSpec| SegmentSummary {
        name: segment.kind.name(),
        permissions: segment.kind.permissions(),
        address: segment.address,
        bytes: segment.size,
    };
    let segments: Vec<SegmentSummary> = specs.iter().map(summarise).collect();
    let bytes: u64 = segments.iter().map(|segment| segment.bytes).sum();
    let total: u64 = specs.iter().map(|segment| align_up(segment.size, granule)).sum();
    let inner: u64 = laid.segments.iter().map(|extent| extent.padding).sum();
    Summary {
        objects: draft.resolution.added.len() as u64,
        sections: laid.sections,
        symbols: u64::from(draft.resolution.object_symbols()),
        relocations: relocations(&draft.scan),
        got_entries: (settled.entries.len() + draft.tls.entries.len()) as u64,
        stubs: settled.stubs.len() as u64,
        relaxed: settled.relaxed + draft.tls.relaxed,
        shared: settled.shared(),
        copies: copies as u64,
        tls_bytes: draft.tls.block.size,
        tls_static_bytes: if draft.tls.is_static { draft.tls.block.size } else { 0 },
        total_bytes: total,
        padding_bytes: total - bytes + inner,
        mappings: if granule < draft.page { 0 } else { segments.len() as u64 },
        segments,
    }
}

fn relocations(scan: &Scan) -> u64 {
    scan.relocations.load(std::sync::atomic::Ordering::Relaxed)
}

impl<'d> Plan<'_, 'd> {
    fn addresses(&mut self, draft: &Draft<'_, '_>, commons: &[(usize, u64)]) {
        let symbols = &draft.symbols;
        let mut address: Vec<u64> = Vec::with_capacity(symbols.len());
        address.extend(symbols.section.iter().zip(&symbols.value).map(|(&section, &value)| match section {
            NO_SECTION => value,
            section => self.section_address[section as usize].wrapping_add(value),
        }));
        for (index, class) in symbols.class.iter().enumerate() {
            if *class == Class::Discarded {
                address[index] = 0;
            }
        }
        let extra = |index: usize| self.resolution.extra_id(index).0 as usize;
        let common_base = self.output(Contents::Commons).map_or(0, |output| self.output_address(output));
        for &(index, offset) in commons {
            address[extra(index)] = common_base + offset;
        }
        for &(index, offset) in &self.tls.block.commons {
            address[extra(index)] = offset;
        }
        let mut outputs: HashMap<&[u8], usize, foldhash::fast::FixedState> = HashMap::default();
        for (index, output) in self.outputs.iter().enumerate() {
            outputs.entry(output.name).or_insert(index);
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
            if self.settled.decision(stub.symbol).contains(Decision::CANONICAL) {
                address[stub.symbol.0 as usize] = self.stub_base + index as u64 * self.stub_bytes;
            }
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
            let used = self.segments.iter().find(|segment| segment.kind == kind);
            used.map_or(self.segment_base[kind as usize], |segment| segment.address + segment.size)
        };
        let data = || self.outputs.iter().filter(|output| output.segment == SegmentKind::Data);
        let data_end = || {
            let last = data().rfind(|output| !output.nobits && output.contents != Contents::Copies);
            last.map_or(self.segment_base[SegmentKind::Data as usize], |o| self.output_address(o) + o.size)
        };
        match symbol {
            LinkerSymbol::GotBase => self.got,
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
        self.segment_base[output.segment as usize] + output.offset
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
    pub fn kept_frames(&self, id: SectionId) -> Option<&KeptFrames> {
        let at = self.frames.binary_search_by_key(&id, |frames| frames.section).ok()?;
        self.frames.get(at)
    }

    #[inline]
    pub fn address(&self, id: SymbolId) -> u64 {
        self.address[id.0 as usize]
    }

    /// Where the symbol's section holds it, even where a stub stands for it.
    pub fn place_of(&self, id: SymbolId) -> u64 {
        match self.section_of[id.0 as usize] {
            NO_SECTION => self.address(id),
            section => self.section_address[section as usize].wrapping_add(self.value_of[id.0 as usize]),
        }
    }

    pub fn class(&self, id: SymbolId) -> Class {
        self.class[id.0 as usize]
    }

    #[allow(dead_code, reason = "`setlink check` asks")]
    pub fn got(&self) -> u64 {
        self.got
    }

    pub fn entry_address(&self, index: u32) -> u64 {
        self.got + u64::from(index) * self.entry_bytes
    }

    pub fn stub_address(&self, index: u32) -> u64 {
        self.stub_base + u64::from(index) * self.stub_bytes
    }

    /// The sets whose entries or stubs this one uses, by their index in what was offered.
    pub fn providers(&self) -> impl Iterator<Item = usize> + '_ {
        self.settled.providers.iter().copied()
    }

    /// A symbol's name for messages and lists.
    pub fn name_of(&self, id: SymbolId) -> String {
        match self.resolution.origin(id) {
            Origin::Object { object, symbol } => self.resolution.describe(object, symbol),
            Origin::Extra(index) => match self.resolution.extras.get(index) {
                Some((name, _)) => crate::resolve::demangle(self.resolution.names[*name].text),
                None => String::new(),
            },
        }
    }

    /// Whether the symbol's stub stands for it.
    pub fn is_canonical(&self, id: SymbolId) -> bool {
        self.settled.decision(id).contains(Decision::CANONICAL)
    }

    /// The symbol's stub, where it has one.
    pub fn stub_of(&self, id: SymbolId) -> Option<u64> {
        let own = self.settled.stub(id).map(|index| self.stub_address(index));
        own.or_else(|| self.settled.shared_stub(id))
    }

    /// The symbols that use entries of other sets, and those entries; in no order.
    pub fn shared_entries(&self) -> impl Iterator<Item = (SymbolId, u64)> + '_ {
        self.settled.shared_entry_of.iter().map(|(id, address)| (*id, *address))
    }

    /// The same for stubs.
    pub fn shared_stubs(&self) -> impl Iterator<Item = (SymbolId, u64)> + '_ {
        self.settled.shared_stub_of.iter().map(|(id, address)| (*id, *address))
    }

    /// Where an entry about thread-local storage lies.
    pub fn tls_entry_address(&self, entry: &TlsEntry) -> u64 {
        self.tls_got + self.entry_bytes * entry.word
    }

    /// All that a relocation has to know of its symbol, but its size.
    #[inline]
    pub fn target(&self, id: SymbolId) -> Target {
        let decision = self.settled.decision(id);
        let address = self.address[id.0 as usize];
        let mut target = Target {
            address,
            branch: address,
            entry: None,
            got: self.got,
            size: 0,
            near: decision.contains(Decision::NEAR),
            low: decision.contains(Decision::LOW),
        };
        if decision.intersects(Decision::STUB | Decision::ENTRY) {
            target.branch = self.stub_of(id).unwrap_or(address);
            let own = self.settled.entry(id).map(|index| self.entry_address(index));
            target.entry = own.or_else(|| self.settled.shared_entry(id));
        }
        target
    }

    /// [`Plan::target`] for relocations about thread-local storage.
    pub fn tls_target(&self, value: Value, id: SymbolId) -> TlsTarget {
        self.tls.target(value, id, self.class(id), self.address(id), self.tls_got)
    }

    /// The symbol's size, for the relocations that ask for it.
    pub fn size(&self, id: SymbolId) -> u64 {
        match self.resolution.origin(id) {
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
