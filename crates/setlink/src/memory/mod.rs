//! Memory: the only door to the target's address space.
//!
//! A set's memory is one region of up to six segments, contiguous and page-aligned. The planner asks for a candidate
//! address, plans with it, and then reserves exactly that; nobody reserves more than the plan says.

pub mod fake;
pub(crate) mod file;
pub mod process;

use std::ops::Range;

use crate::error::Problem;
pub use crate::place::layout::SegmentKind;

/// What the planner needs of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Upper bound of the region's size in bytes. The plan that follows may need less.
    pub size: u64,
    /// The region's alignment, a power of two and at least a page.
    pub align: u64,
    /// The region must lie inside these addresses.
    pub window: Range<u64>,
    /// Addresses the set refers to most: the closer, the more references are direct.
    pub near: Option<Range<u64>>,
}

/// One segment of a region, page-aligned.
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

    /// Addresses at which a region could be reserved now, the best first.
    ///
    /// # Errors
    /// No address satisfies the demand.
    fn candidates(&self, demand: &Demand) -> Result<Vec<u64>, Problem>;

    /// Reserves the segments, zeroed and writable, where the specification says, and nothing else.
    ///
    /// # Errors
    /// The addresses are taken or there is no memory; nothing is left reserved.
    fn reserve(&self, segments: &[SegmentSpec]) -> Result<Box<dyn Region>, Problem>;
}

/// The memory of one set. Dropping it gives everything back.
pub trait Region: Send + Sync {
    /// The bytes of each segment, in the order of the specification, to be filled.
    fn bytes(&mut self) -> Vec<&mut [u8]>;

    /// The bytes of segment `index`, where they can be read without being the target's own memory: on paper.
    fn contents(&self, index: usize) -> Option<&[u8]> {
        let _ = index;
        None
    }

    /// Gives segment `index` its final protection.
    ///
    /// # Errors
    /// The system refused.
    fn protect(&mut self, index: usize) -> Result<(), Problem>;

    /// Bytes reserved in all, page rounding included.
    fn reserved(&self) -> u64;
}
