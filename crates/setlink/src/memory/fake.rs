//! Fake memory: sets are planned and written as if at an address, into a buffer that nobody runs.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::{Demand, Memory, Region, SegmentNeed, SegmentSpec, Site, contiguous};
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

    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem> {
        let low = demand.window.start.max(self.space.start);
        let high = demand.window.end.min(self.space.end);
        let wanted = demand.near.as_ref().map_or(low, |near| near.end.clamp(low, high.max(low)));
        let fits = |start: u64| {
            let align = demand.align.max(self.page);
            let base = start.checked_add(align - 1)? & !(align - 1);
            (base >= low && base.checked_add(demand.size)? <= high).then_some(base)
        };
        let below = high.checked_sub(demand.size).map(|start| start & !(demand.align.max(self.page) - 1));
        match fits(wanted).or(below.and_then(fits)).or(fits(low)) {
            Some(base) => Ok(vec![Site { span: base..base + demand.size, granule: self.page }]),
            None => Err(problem(format!("{:#x} bytes do not fit {low:#x}..{high:#x}", demand.size))),
        }
    }

    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem> {
        let total = needs.iter().try_fold(0u64, |total, need| total.checked_add(need.size));
        match total {
            Some(total) if total <= self.limit => {
                let reserved = needs.iter().map(|need| need.size.next_multiple_of(self.page)).sum();
                let buffers = needs.iter().map(|need| vec![0; need.size as usize]).collect();
                Ok(Box::new(FakeRegion { segments: contiguous(site, needs), buffers, reserved }))
            }
            _ => Err(problem(format!("the set exceeds the limit of {:#x} bytes", self.limit))),
        }
    }
}

fn problem(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Memory { what })
}

struct FakeRegion {
    segments: Vec<SegmentSpec>,
    buffers: Vec<Vec<u8>>,
    reserved: u64,
}

impl Region for FakeRegion {
    fn segments(&self) -> &[SegmentSpec] {
        &self.segments
    }

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
