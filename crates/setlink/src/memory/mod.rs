//! Memory: the only door to the target's address space.
//!
//! A set's memory is one region of up to six segments. The planner asks for a site, sizes everything for it, and then
//! reserves exactly that; nobody reserves more than the plan says.

pub(crate) mod arena;
mod door;
pub mod fake;
pub(crate) mod file;
pub(crate) mod find;
pub(crate) mod near;
pub mod process;
mod ranges;
mod slab;

use std::ops::Range;

use crate::error::Problem;
pub use crate::place::layout::SegmentKind;
use crate::place::layout::align_up;

/// Bytes of a huge page, where a process has them.
pub(crate) const HUGE_PAGE: usize = 2 << 20;

/// What the planner needs of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Upper bound of the region's size in bytes. The plan that follows may need less.
    pub size: u64,
    /// The region's alignment, a power of two.
    pub align: u64,
    /// The region must lie inside these addresses.
    pub window: Range<u64>,
    /// Addresses the set refers to most: the closer, the more references are direct.
    pub near: Option<Range<u64>>,
    /// Addresses are in reach of each other up to this many bytes.
    pub reach: u64,
    /// The set must not share pages with others: it is there to stay, or some of it runs before all of it is written.
    pub own_pages: bool,
}

/// Addresses at which a set could be reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The set will lie inside these: what is in reach of all of them is in reach of the set.
    pub span: Range<u64>,
    /// Segments there begin and end at multiples of this many bytes: a page, or less where sets share pages.
    pub granule: u64,
}

/// What a segment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentNeed {
    /// What it holds, hence its protection.
    pub kind: SegmentKind,
    /// Bytes in use, not 0.
    pub size: u64,
    /// The alignment of its first address, a power of two.
    pub align: u64,
}

/// One segment of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentSpec {
    /// What it holds, hence its protection.
    pub kind: SegmentKind,
    /// Its first address.
    pub address: u64,
    /// Bytes in use, from `address` on.
    pub size: u64,
}

/// An address space that sets are linked into.
pub trait Memory: Send + Sync {
    /// The granularity of protections, bytes; a power of two.
    fn page(&self) -> u64;

    /// Where a region could be reserved now, the best first.
    ///
    /// # Errors
    /// No address satisfies the demand.
    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem>;

    /// Where [`Memory::reserve`] would put segments of these needs, if nothing else were reserved meanwhile. Without an
    /// implementation of its own: one behind the other, from the start of the site.
    fn sketch(&self, site: &Site, needs: &[SegmentNeed]) -> Vec<SegmentSpec> {
        contiguous(site, needs)
    }

    /// Reserves the segments, in the order of `needs`, zeroed and ready to be filled, at `site` and nothing else.
    ///
    /// # Errors
    /// The addresses are taken or there is no memory; nothing is left reserved.
    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem>;
}

/// Segments one behind the other, from the start of `site`, each at its alignment and at a multiple of the granule.
pub fn contiguous(site: &Site, needs: &[SegmentNeed]) -> Vec<SegmentSpec> {
    let mut at = site.span.start;
    let place = |need: &SegmentNeed| {
        let address = align_up(at, need.align.max(site.granule));
        at = align_up(address.saturating_add(need.size), site.granule);
        SegmentSpec { kind: need.kind, address, size: need.size }
    };
    needs.iter().map(place).collect()
}

/// The memory of one set. Dropping it gives everything back.
pub trait Region: Send + Sync {
    /// Where the segments are, in the order of the needs.
    fn segments(&self) -> &[SegmentSpec];

    /// The bytes of each segment, in the same order, to be filled. They may lie elsewhere until the segment gets its
    /// protection.
    fn bytes(&mut self) -> Vec<&mut [u8]>;

    /// The bytes of segment `index`, where they can be read without being the target's own memory: on paper.
    fn contents(&self, index: usize) -> Option<&[u8]> {
        let _ = index;
        None
    }

    /// Puts the bytes of segment `index` in place, and gives it its final protection.
    ///
    /// # Errors
    /// The system refused.
    fn protect(&mut self, index: usize) -> Result<(), Problem>;

    /// Bytes reserved in all, the unused ends of granules included.
    fn reserved(&self) -> u64;

    /// The first address of a zone: of addresses that hold the code of regions of this zone, and no other code. None where
    /// a region's code lies by itself.
    fn zone(&self) -> Option<u64> {
        None
    }
}
