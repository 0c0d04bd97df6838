//! The exact requirements of a set, in numbers.

#![forbid(unsafe_code)]

use super::Draft;
use super::layout::{Layout, SegmentKind, align_up, of_slot};
use super::scan::Scan;
use super::settle::Settled;
use crate::memory::SegmentSpec;

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
    /// Times that the set was laid out until no decision changed any more; 1 for sets of one island.
    pub rounds: u64,
    /// The islands: clusters of objects with GOT entries and stubs of their own. Most sets have one.
    pub islands: Vec<IslandSummary>,
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
    /// The number of the island that it is part of; none for the segments of the medium and large models.
    pub island: Option<u32>,
    /// `r-x`, `r--` or `rw-`, once the set runs.
    pub permissions: &'static str,
    /// Its planned address.
    pub address: u64,
    /// Bytes in use, alignment between sections included.
    pub bytes: u64,
}

/// One island of a [`Summary`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IslandSummary {
    /// Counted from 0, in the order of addresses.
    pub number: u32,
    /// The first address of its first segment.
    pub address: u64,
    /// Objects, archive members included, that take part in it.
    pub objects: u64,
    /// Bytes of its code, stubs included.
    pub code_bytes: u64,
    /// Bytes of its constants, GOT entries included.
    pub constants_bytes: u64,
    /// Bytes of its data.
    pub data_bytes: u64,
    /// GOT entries.
    pub got_entries: u64,
    /// Stubs.
    pub stubs: u64,
}

pub(super) fn summary(
    draft: &Draft<'_, '_>,
    laid: &Layout<'_>,
    settled: &Settled<'_>,
    copies: usize,
    (specs, slots): (&[SegmentSpec], &[usize]),
    granule: u64,
) -> Summary {
    let summarise = |(segment, &slot): (&SegmentSpec, &usize)| SegmentSummary {
        name: segment.kind.name(),
        island: of_slot(slot, laid.islands).1,
        permissions: segment.kind.permissions(),
        address: segment.address,
        bytes: segment.size,
    };
    let segments: Vec<SegmentSummary> = specs.iter().zip(slots).map(summarise).collect();
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
        shared: settled.shared,
        copies: copies as u64,
        tls_bytes: draft.tls.block.size,
        tls_static_bytes: if draft.tls.is_static { draft.tls.block.size } else { 0 },
        total_bytes: total,
        padding_bytes: total - bytes + inner,
        mappings: if granule < draft.page { 0 } else { segments.len() as u64 },
        rounds: settled.rounds,
        islands: islands(draft, laid, settled, specs, slots),
        segments,
    }
}

fn islands(
    draft: &Draft<'_, '_>,
    laid: &Layout<'_>,
    settled: &Settled<'_>,
    specs: &[SegmentSpec],
    slots: &[usize],
) -> Vec<IslandSummary> {
    let island = |number| IslandSummary { number, ..IslandSummary::default() };
    let mut islands: Vec<IslandSummary> = (0..laid.islands).map(island).collect();
    for (spec, &slot) in specs.iter().zip(slots).rev() {
        let (kind, Some(island)) = of_slot(slot, laid.islands) else { continue };
        let island = &mut islands[island as usize];
        island.address = spec.address;
        match kind {
            SegmentKind::Code => island.code_bytes = spec.size,
            SegmentKind::Constants => island.constants_bytes = spec.size,
            _ => island.data_bytes = spec.size,
        }
    }
    for object in 0..draft.resolution.added.len() {
        islands[draft.partition.of_object(object) as usize].objects += 1;
    }
    settled.entries.iter().for_each(|entry| islands[entry.island as usize].got_entries += 1);
    settled.stubs.iter().for_each(|stub| islands[stub.island as usize].stubs += 1);
    draft.tls.entries_by_island().for_each(|island_of| islands[island_of as usize].got_entries += 1);
    islands
}

fn relocations(scan: &Scan) -> u64 {
    scan.relocations.load(std::sync::atomic::Ordering::Relaxed)
}
