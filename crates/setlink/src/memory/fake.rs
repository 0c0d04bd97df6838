//! Fake memory: sets are planned and written as if at an address, into a buffer that nobody runs.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::{Demand, Memory, Region, SegmentSpec};
use crate::error::{Place, Problem, ProblemKind};

/// An address space on paper.
#[derive(Clone, Debug)]
pub struct FakeMemory {
    space: Range<u64>,
    page: u64,
    limit: u64,
}

impl FakeMemory {
    /// Addresses `space`, in pages of `page` bytes (a power of two), of which one set may fill `limit` bytes.
    pub fn new(space: Range<u64>, page: u64, limit: u64) -> Self {
        FakeMemory { space, page: page.checked_next_power_of_two().unwrap_or(1 << 63), limit }
    }
}

impl Default for FakeMemory {
    /// The 47-bit address space of a Linux process, and 1 GiB for a set.
    fn default() -> Self {
        FakeMemory::new(0x1_0000..0x7fff_ffff_f000, 4096, 1 << 30)
    }
}

impl Memory for FakeMemory {
    fn page(&self) -> u64 {
        self.page
    }

    fn candidates(&self, demand: &Demand) -> Result<Vec<u64>, Problem> {
        let low = demand.window.start.max(self.space.start);
        let high = demand.window.end.min(self.space.end);
        let wanted = demand.near.as_ref().map_or(low, |near| near.end.clamp(low, high.max(low)));
        let fits = |start: u64| {
            let base = start.checked_add(demand.align - 1)? & !(demand.align - 1);
            (base >= low && base.checked_add(demand.size)? <= high).then_some(base)
        };
        let below = high.checked_sub(demand.size).map(|start| start & !(demand.align - 1));
        match fits(wanted).or(below.and_then(fits)).or(fits(low)) {
            Some(base) => Ok(vec![base]),
            None => Err(problem(format!("{:#x} bytes do not fit {low:#x}..{high:#x}", demand.size))),
        }
    }

    fn reserve(&self, segments: &[SegmentSpec]) -> Result<Box<dyn Region>, Problem> {
        let total = segments.iter().try_fold(0u64, |total, segment| total.checked_add(segment.size));
        match total {
            Some(total) if total <= self.limit => {
                let pages = |size: u64| size.next_multiple_of(self.page);
                let reserved = segments.iter().map(|segment| pages(segment.size)).sum();
                let buffers = segments.iter().map(|segment| vec![0; segment.size as usize]).collect();
                Ok(Box::new(FakeRegion { buffers, reserved }))
            }
            _ => Err(problem(format!("the set exceeds the limit of {:#x} bytes", self.limit))),
        }
    }
}

fn problem(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Memory { what })
}

struct FakeRegion {
    buffers: Vec<Vec<u8>>,
    reserved: u64,
}

impl Region for FakeRegion {
    fn bytes(&mut self) -> Vec<&mut [u8]> {
        self.buffers.iter_mut().map(Vec::as_mut_slice).collect()
    }

    fn contents(&self, index: usize) -> Option<&[u8]> {
        self.buffers.get(index).map(Vec::as_slice)
    }

    fn protect(&mut self, _index: usize) -> Result<(), Problem> {
        Ok(())
    }

    fn reserved(&self) -> u64 {
        self.reserved
    }
}
