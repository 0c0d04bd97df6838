//! Layout: sections into output sections, output sections into segments, offsets for all.
//!
//! Offsets are relative to their segment, because they do not depend on where the set will lie; what does depend on it,
//! the number of stubs and GOT entries, stands at the end of its segment and is sized last.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::cluster::Partition;
use super::frames::Frames;
use super::tls::is_thread_local_common;
use super::unite::{United, united};
use crate::isa::Isa;
use crate::memory::{SegmentNeed, SegmentSpec};
use crate::read::object::{Section, SectionFlags, SectionKind};
use crate::read::section_name::Collected;
use crate::resolve::{Extra, LinkerSymbol, Origin, Resolution, SectionId};

/// A part of the image with one protection. In the order of their addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum SegmentKind {
    /// Code and stubs: readable and executable.
    Code,
    /// Constants, relocated constants, unwind tables and the GOT: read-only once the set runs.
    Constants,
    /// Variables: readable and writable.
    Data,
    /// Code of the large model.
    LargeCode,
    /// Constants of the medium and large models.
    LargeConstants,
    /// Variables of the medium and large models.
    LargeData,
}

impl SegmentKind {
    /// All kinds, in the order of their addresses.
    pub const ALL: [SegmentKind; 6] = [
        SegmentKind::Code,
        SegmentKind::Constants,
        SegmentKind::Data,
        SegmentKind::LargeCode,
        SegmentKind::LargeConstants,
        SegmentKind::LargeData,
    ];

    /// A short name: `code`, `constants`, `data`, and these with `large-` before them.
    pub fn name(self) -> &'static str {
        match self {
            SegmentKind::Code => "code",
            SegmentKind::Constants => "constants",
            SegmentKind::Data => "data",
            SegmentKind::LargeCode => "large-code",
            SegmentKind::LargeConstants => "large-constants",
            SegmentKind::LargeData => "large-data",
        }
    }

    /// The protection once the set runs, as `r-x`, `r--` or `rw-`.
    pub fn permissions(self) -> &'static str {
        match self {
            SegmentKind::Code | SegmentKind::LargeCode => "r-x",
            SegmentKind::Constants | SegmentKind::LargeConstants => "r--",
            SegmentKind::Data | SegmentKind::LargeData => "rw-",
        }
    }
}

/// The kinds of segments that each island has; there is one of each of the others.
pub(super) const OF_ISLANDS: usize = 3;

/// The number of a segment in the order of addresses: those of the islands, one island after the other, then the large
/// ones.
pub(crate) fn slot(kind: SegmentKind, island: u32, islands: u32) -> usize {
    let island = if (kind as usize) < OF_ISLANDS { island } else { islands - 1 };
    OF_ISLANDS * island as usize + kind as usize
}

/// The kind and the island of segment number `slot`; no island for large ones.
pub(crate) fn of_slot(slot: usize, islands: u32) -> (SegmentKind, Option<u32>) {
    match slot / OF_ISLANDS {
        island if island < islands as usize => (SegmentKind::ALL[slot % OF_ISLANDS], Some(island as u32)),
        _ => (SegmentKind::ALL[OF_ISLANDS + slot % OF_ISLANDS], None),
    }
}

/// What an output section consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Contents {
    /// Input sections.
    Sections,
    /// Input sections of call frame information, reduced to what is kept, and a terminator.
    Frames,
    /// Common symbols.
    Commons,
    /// Copies of the host's variables (late copy relocations).
    Copies,
    FileHeader,
    DsoHandle,
    Stubs,
    Got,
    /// GOT entries about thread-local storage.
    TlsGot,
}

/// Sections of one name, side by side.
#[derive(Clone, Debug)]
pub(crate) struct Output<'d> {
    pub name: &'d [u8],
    pub segment: SegmentKind,
    /// The number of the segment.
    pub slot: usize,
    pub contents: Contents,
    pub nobits: bool,
    /// Position among the output sections of its segment.
    pub(super) rank: u8,
    pub align: u64,
    /// Offset in the segment.
    pub offset: u64,
    pub size: u64,
    /// Bytes that are not there for alignment.
    used: u64,
    /// Bytes before the first input section and behind the last: the frame of `.init` and `.fini`.
    pub lead: &'static [u8],
    pub trail: &'static [u8],
    pub members: Vec<SectionId>,
}

/// A list of function pointers to run, in one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PointerArray {
    pub section: SectionId,
    /// Smaller runs earlier when starting and later when finishing; sections without one have [`NO_PRIORITY`].
    pub priority: u32,
    /// Run from the end to the start (`.ctors`).
    pub backwards: bool,
}

/// The priority of `.init_array` without a number.
pub(crate) const NO_PRIORITY: u32 = 65536;

/// Functions to run when the set starts and when it ends, in no order yet but that of the inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    pub preinit: Vec<PointerArray>,
    pub init: Vec<PointerArray>,
    pub fini: Vec<PointerArray>,
}

/// Size and alignment of one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub size: u64,
    pub align: u64,
    /// Bytes between the parts, for alignment.
    pub padding: u64,
}

/// The layout of a set.
pub(crate) struct Layout<'d> {
    pub outputs: Vec<Output<'d>>,
    /// Per section id: offset in its output section; meaningless for those that take no part.
    pub offset: &'d mut [u64],
    /// Per section id: index in `outputs`, or [`NO_OUTPUT`].
    pub output: &'d mut [u32],
    /// Common symbols: index among the extra definitions, island, and offset in their output section.
    pub commons: Vec<(usize, u32, u64)>,
    pub hooks: Hooks,
    /// By their numbers; see [`slot`].
    pub segments: Vec<Extent>,
    pub islands: u32,
    /// Live sections.
    pub sections: u64,
}

/// A layout that was not finished.
pub(crate) struct Mark {
    outputs: usize,
    segments: Vec<Extent>,
}

/// Marks sections that take no part.
pub(crate) const NO_OUTPUT: u32 = u32::MAX;

/// What an island needs besides its sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    pub stubs: u64,
    pub entries: u64,
}

/// Lays out everything but stubs and GOT entries; [`Layout::finish`] adds them.
pub(crate) fn layout<'d, I: Isa>(
    resolution: &Resolution<'d>,
    frames: &Frames<'_>,
    partition: &Partition,
) -> Layout<'d> {
    let laid = lay_out::<I>(resolution, frames, partition, &United::default());
    match united(&laid) {
        united if united.is_empty() => laid,
        united => lay_out::<I>(resolution, frames, partition, &united),
    }
}

fn lay_out<'d, I: Isa>(
    resolution: &Resolution<'d>,
    frames: &Frames<'_>,
    partition: &Partition,
    united: &United<'d>,
) -> Layout<'d> {
    let islands = partition.islands();
    let mut builder = Builder {
        resolution,
        partition,
        united,
        by_name: HashMap::default(),
        last: [0; Collected::COUNT],
        frames,
        layout: Layout {
            outputs: Vec::new(),
            offset: resolution.arena.zeroes(resolution.section_count() as usize),
            output: resolution.arena.fill(resolution.section_count() as usize, NO_OUTPUT),
            commons: Vec::new(),
            hooks: Hooks::default(),
            segments: vec![Extent::default(); OF_ISLANDS * (islands as usize + 1)],
            islands,
            sections: 0,
        },
    };
    for (object, added) in resolution.added.iter().enumerate() {
        for (index, section) in added.live_sections().filter(|(_, s)| !s.has(SectionFlags::TLS)) {
            let id = resolution.section_id(object, index);
            builder.section(id, section, partition.of_object(object));
        }
    }
    builder.commons();
    builder.synthetic();
    builder.fragments::<I>();
    builder.order_arrays();
    builder.order_links();
    builder.layout.fill_segments();
    builder.layout
}

/// So many output sections are looked through, others are looked up: most sets have fewer.
const FEW: usize = 8;

pub(super) struct Builder<'r, 'd> {
    pub(super) resolution: &'r Resolution<'d>,
    partition: &'r Partition,
    united: &'r United<'d>,
    /// The output sections behind the first [`FEW`].
    by_name: HashMap<(&'d [u8], usize, bool, Contents), u32, foldhash::fast::FixedState>,
    /// The output section that was found last, by what collects the sections that went there.
    last: [u32; Collected::COUNT],
    frames: &'r Frames<'r>,
    pub(super) layout: Layout<'d>,
}

impl<'d> Builder<'_, 'd> {
    fn section(&mut self, id: SectionId, section: &Section<'d>, island: u32) {
        self.layout.sections += 1;
        let name = section.output_name();
        let (mut segment, mut nobits) = (segment(section, name), section.has(SectionFlags::NOBITS));
        if !self.united.is_empty()
            && let Some(together) = self.united.get(&(name, section.has(SectionFlags::EXEC)))
        {
            (segment, nobits) = *together;
        }
        let contents =
            if section.kind == SectionKind::Frames { Contents::Frames } else { Contents::Sections };
        let last = section.collected.number();
        let output = self.output(Some(last), name, segment, island, nobits, contents);
        self.append(id, section, output);
        let array = |backwards| PointerArray { section: id, priority: priority(section.name), backwards };
        let named = |prefix: &[u8]| name == prefix;
        let hooks = &mut self.layout.hooks;
        match section.kind {
            SectionKind::PreinitArray => hooks.preinit.push(array(false)),
            SectionKind::InitArray => hooks.init.push(array(false)),
            SectionKind::FiniArray => hooks.fini.push(array(false)),
            _ if named(b".ctors") => hooks.init.push(array(true)),
            // Destructors run from the start of their section: finishing reverses all arrays.
            _ if named(b".dtors") => hooks.fini.push(array(true)),
            _ => {}
        }
    }

    /// Puts a section behind the others of its output section.
    fn append(&mut self, id: SectionId, section: &Section<'d>, index: u32) {
        let (size, align) = self.shape(id, section);
        let output = &mut self.layout.outputs[index as usize];
        output.align = output.align.max(align);
        output.size = align_up(output.size, align);
        output.members.push(id);
        self.layout.output[id.0 as usize] = index;
        self.layout.offset[id.0 as usize] = output.size;
        output.size = output.size.saturating_add(size);
        output.used = output.used.saturating_add(size);
    }

    /// What a section takes of its output section, and its alignment there.
    fn shape(&self, id: SectionId, section: &Section<'d>) -> (u64, u64) {
        if section.kind != SectionKind::Frames {
            return (section.size(), section.align());
        }
        let kept = self.frames.of(self.resolution.section_origin(id).0, id);
        // A gap between frames would end them: its zeroes read as a terminator.
        (kept.map_or(section.size(), |kept| kept.size()), 1)
    }

    /// Lays the sections of an output section anew, in their order now, behind what leads them.
    pub(super) fn relay(&mut self, index: usize) {
        let output = &mut self.layout.outputs[index];
        (output.size, output.used) = (output.lead.len() as u64, 0);
        for id in std::mem::take(&mut output.members) {
            let (object, number) = self.resolution.section_origin(id);
            let section = &self.resolution.added[object].object.sections[number as usize];
            self.append(id, section, index as u32);
        }
    }

    /// The output section of these properties, which may be where sections like this one went `last`.
    fn output(
        &mut self,
        last: Option<usize>,
        name: &'d [u8],
        segment: SegmentKind,
        island: u32,
        nobits: bool,
        contents: Contents,
    ) -> u32 {
        let slot = slot(segment, island, self.layout.islands);
        let is_it = |output: &Output<'_>| {
            (output.name, output.slot, output.nobits, output.contents) == (name, slot, nobits, contents)
        };
        let outputs = &mut self.layout.outputs;
        if let Some(&last) = last.and_then(|last| self.last.get(last))
            && outputs.get(last as usize).is_some_and(is_it)
        {
            return last;
        }
        let new = outputs.len() as u32;
        let found = outputs.iter().take(FEW).position(is_it).map(|found| found as u32);
        let found = found.unwrap_or_else(|| match outputs.len() < FEW {
            true => new,
            false => *self.by_name.entry((name, slot, nobits, contents)).or_insert(new),
        });
        if let Some(last) = last.and_then(|last| self.last.get_mut(last)) {
            *last = found;
        }
        if found == new {
            outputs.push(Output {
                name,
                segment,
                slot,
                contents,
                nobits,
                rank: rank(name, nobits, contents),
                align: 1,
                offset: 0,
                size: 0,
                used: 0,
                lead: &[],
                trail: &[],
                members: Vec::new(),
            });
        }
        found
    }

    fn commons(&mut self) {
        for (index, (_, extra)) in self.resolution.extras.iter().enumerate() {
            if let Extra::Common { size, align } = *extra
                && !is_thread_local_common(self.resolution, index)
            {
                let island = self.partition.of_extra(index);
                let output = self.output(None, b"COMMON", SegmentKind::Data, island, true, Contents::Commons);
                let output = &mut self.layout.outputs[output as usize];
                let offset = align_up(output.size, align);
                self.layout.commons.push((index, island, offset));
                output.size = offset.saturating_add(size);
                output.used = output.used.saturating_add(size);
                output.align = output.align.max(align);
            }
        }
    }

    /// Storage for the linker's own symbols that are referred to.
    fn synthetic(&mut self) {
        let refers = |wanted: LinkerSymbol| {
            self.resolution
                .extras
                .iter()
                .any(|(_, extra)| matches!(extra, Extra::Linker(symbol) if *symbol == wanted))
        };
        let segments = self.layout.segments.len() as u64;
        // An image starts with its header, where a program asks for either.
        let header = refers(LinkerSymbol::FileHeader) || refers(LinkerSymbol::ImageStart);
        let handles: &[u32] = match refers(LinkerSymbol::DsoHandle) {
            true => self.partition.handles(),
            false => &[],
        };
        let mut add = |name, segment, island, contents, size| {
            let output = self.output(None, name, segment, island, false, contents);
            let output = &mut self.layout.outputs[output as usize];
            (output.size, output.used, output.align) = (size, size, 8);
        };
        if header {
            let size = FILE_HEADER_BYTES + PROGRAM_HEADER_BYTES * segments;
            add(b".ehdr", SegmentKind::Code, 0, Contents::FileHeader, size);
        }
        for &island in handles {
            add(b".dso_handle", SegmentKind::Constants, island, Contents::DsoHandle, 8);
        }
    }

    /// Puts a frame around the fragments of `.init` and `.fini`, unless an input brings it (crti.o and crtn.o do, and
    /// define the symbols).
    fn fragments<I: Isa>(&mut self) {
        for (section, symbol) in [(&b".init"[..], &b"_init"[..]), (b".fini", b"_fini")] {
            let own = self.resolution.names.find(symbol).and_then(|name| self.resolution.definition(name));
            let own = own.is_some_and(|id| matches!(self.resolution.origin(id), Origin::Object { .. }));
            // Objects with fragments are in one island.
            let is_code = |output: &Output<'_>| {
                (output.name, output.segment, output.contents)
                    == (section, SegmentKind::Code, Contents::Sections)
            };
            if let Some(index) = self.layout.outputs.iter().position(is_code).filter(|_| !own) {
                let output = &mut self.layout.outputs[index];
                output.lead = I::FRAGMENT_PROLOGUE;
                output.trail = I::FRAGMENT_EPILOGUE;
                self.relay(index);
            }
        }
    }
}

/// An ELF header, and what each segment adds.
const FILE_HEADER_BYTES: u64 = 64;
const PROGRAM_HEADER_BYTES: u64 = 56;

impl<'d> Layout<'d> {
    /// Puts the output sections into their segments. Sizes that no address space holds saturate;
    /// [`demand`](super::constraints::demand) refuses them.
    fn fill_segments(&mut self) {
        for output in &mut self.outputs {
            let behind = match output.contents {
                Contents::Sections => output.trail.len() as u64,
                // A length of 0 ends the frames.
                Contents::Frames => {
                    output.align = 8;
                    4
                }
                _ => 0,
            };
            output.size = output.size.saturating_add(behind);
            let used = output.used.saturating_add(output.lead.len() as u64 + behind);
            let extent = &mut self.segments[output.slot];
            output.place(extent);
            extent.padding = extent.padding.saturating_add(output.size.saturating_sub(used));
        }
    }

    /// Adds `words` words of GOT entries about thread-local storage to an island.
    pub fn add_tls_entries<I: Isa>(&mut self, island: u32, words: u64) {
        if words > 0 {
            let size = words * I::ENTRY_BYTES;
            self.add(b".got.tls", SegmentKind::Constants, island, Contents::TlsGot, I::ENTRY_BYTES, size);
        }
    }

    /// What the layout is before it is finished.
    pub fn mark(&self) -> Mark {
        Mark { outputs: self.outputs.len(), segments: self.segments.clone() }
    }

    /// Takes back what was finished since.
    pub fn reset(&mut self, mark: &Mark) {
        self.outputs.truncate(mark.outputs);
        self.segments.clone_from(&mark.segments);
    }

    /// Adds stubs, GOT and copies (island, segment, alignment, size), whose numbers are settled now. Returns the
    /// offsets of the copies in their segments.
    pub fn finish<I: Isa>(
        &mut self,
        extras: impl IntoIterator<Item = Extras>,
        copies: &[(u32, SegmentKind, u64, u64)],
    ) -> Vec<u64> {
        for (island, extras) in (0..).zip(extras) {
            if extras.stubs > 0 {
                let size = extras.stubs * I::STUB_BYTES;
                self.add(b".stubs", SegmentKind::Code, island, Contents::Stubs, I::STUB_ALIGN, size);
            }
            let size = extras.entries * I::ENTRY_BYTES;
            self.add(b".got", SegmentKind::Constants, island, Contents::Got, I::ENTRY_BYTES, size);
        }
        let add = |&(island, segment, align, size): &(u32, SegmentKind, u64, u64)| {
            self.add(b".copies", segment, island, Contents::Copies, align, size)
        };
        copies.iter().map(add).collect()
    }

    /// Adds an output section to the end of a segment. Returns its offset there.
    fn add(
        &mut self,
        name: &'d [u8],
        segment: SegmentKind,
        island: u32,
        contents: Contents,
        align: u64,
        size: u64,
    ) -> u64 {
        let mut output = Output {
            name,
            segment,
            slot: slot(segment, island, self.islands),
            contents,
            nobits: false,
            rank: u8::MAX,
            align,
            offset: 0,
            size,
            used: size,
            lead: &[],
            trail: &[],
            members: Vec::new(),
        };
        output.place(&mut self.segments[output.slot]);
        let offset = output.offset;
        self.outputs.push(output);
        offset
    }

    /// What the segments in use ask for, and their numbers.
    pub fn needs(&self) -> (Vec<SegmentNeed>, Vec<usize>) {
        let used = self.segments.iter().enumerate().filter(|(_, extent)| extent.size > 0);
        let need = |(slot, extent): (usize, &Extent)| {
            let kind = of_slot(slot, self.islands).0;
            (SegmentNeed { kind, size: extent.size, align: extent.align }, slot)
        };
        used.map(need).unzip()
    }

    /// The addresses of all segments, given those in use (by `slots`), in granules of `granule` bytes. A segment that
    /// is not in use is nowhere; what refers to its start gets the end of the one before.
    pub fn bases(&self, slots: &[usize], segments: &[SegmentSpec], granule: u64) -> Vec<u64> {
        let mut next = segments.iter().map(|segment| segment.address).min().unwrap_or(0);
        let mut used = slots.iter().zip(segments).peekable();
        let base = |slot: usize| match used.next_if(|(used, _)| **used == slot) {
            Some((_, segment)) => {
                next = align_up(segment.address + segment.size, granule);
                segment.address
            }
            None => next,
        };
        (0..self.segments.len()).map(base).collect()
    }

    /// Bytes of all segments, each rounded up to `page` and its own alignment, if those of each island grow by at most as
    /// much as `growth` says: code, constants, data. What lies behind moves by its alignment then.
    pub fn span(&self, page: u64, growth: impl Iterator<Item = [u64; OF_ISLANDS]>) -> u64 {
        let grown = growth.flatten().chain(std::iter::repeat(0));
        self.segments.iter().zip(grown).fold(0, |at: u64, (extent, growth)| {
            let size = extent.size.saturating_add(growth);
            let start = align_up(at, extent.align.max(page));
            if size > 0 { align_up(start.saturating_add(size), page) } else { at }
        })
    }

    /// The strictest alignment of any segment.
    pub fn align(&self) -> u64 {
        self.segments.iter().filter(|extent| extent.size > 0).map(|extent| extent.align).fold(1, u64::max)
    }
}

/// Rounds up to a power of two, staying at the end of the address space rather than wrapping.
pub(crate) fn align_up(value: u64, align: u64) -> u64 {
    value.saturating_add(align - 1) & !(align - 1)
}

impl Output<'_> {
    /// Where it lies, given the addresses of all segments.
    pub fn address(&self, segment_base: &[u64]) -> u64 {
        segment_base[self.slot] + self.offset
    }

    fn place(&mut self, extent: &mut Extent) {
        self.offset = align_up(extent.size, self.align);
        // An empty output section is a position, no reason to pad.
        extent.padding = extent.padding.saturating_add(self.offset.saturating_sub(extent.size));
        extent.size = self.offset.saturating_add(self.size);
        extent.align = extent.align.max(self.align);
    }
}

/// The number in `.init_array.N`, or what that in `.ctors.N` means: constructors there run from high to low.
pub(super) fn priority(name: &[u8]) -> u32 {
    let Some(at) = name.iter().skip(1).position(|&byte| byte == b'.') else { return NO_PRIORITY };
    let number = std::str::from_utf8(&name[at + 2..]).ok().and_then(|text| text.parse::<u32>().ok());
    match number {
        Some(number) if name.starts_with(b".ctors") || name.starts_with(b".dtors") => {
            65535u32.saturating_sub(number)
        }
        Some(number) => number,
        None => NO_PRIORITY,
    }
}

fn segment(section: &Section<'_>, output: &[u8]) -> SegmentKind {
    // Data that only relocation writes to: read-only once the set runs (GNU ld: PT_GNU_RELRO).
    const RELRO: [&[u8]; 7] =
        [b".data.rel.ro", b".init_array", b".fini_array", b".preinit_array", b".ctors", b".dtors", b".jcr"];
    let large = section.has(SectionFlags::LARGE);
    let relro = RELRO.contains(&output) || section.kind == SectionKind::Frames;
    let writable = section.has(SectionFlags::WRITE) && !relro;
    match (section.has(SectionFlags::EXEC), writable, large) {
        // A section that is both writable and executable is code: no page of a set is ever both.
        (true, _, false) => SegmentKind::Code,
        (true, _, true) => SegmentKind::LargeCode,
        (_, true, false) => SegmentKind::Data,
        (_, true, true) => SegmentKind::LargeData,
        (_, false, false) => SegmentKind::Constants,
        (_, false, true) => SegmentKind::LargeConstants,
    }
}

fn rank(name: &[u8], nobits: bool, contents: Contents) -> u8 {
    match name {
        _ if contents == Contents::FileHeader => 0,
        b".init" => 1,
        b".fini" => 12,
        b".text" => 10,
        b".rodata" => 10,
        b".data" => 20,
        b".eh_frame" => 30,
        b".gcc_except_table" => 31,
        b".preinit_array" => 40,
        b".init_array" => 41,
        b".fini_array" => 42,
        b".ctors" => 43,
        b".dtors" => 44,
        b".data.rel.ro" => 45,
        _ if contents == Contents::DsoHandle => 60,
        _ if contents == Contents::Commons => 102,
        b".bss" => 101,
        _ if nobits => 100,
        _ => 15,
    }
}
