//! This process's own memory: anonymous private pages, filled while they are writable and protected once.

use std::ptr::NonNull;

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};

use super::{Demand, Memory, Region, SegmentKind, SegmentSpec};
use crate::error::{Place, Problem, ProblemKind};
use crate::host::{Libraries, Limits, Maps};

/// Segments of this size and more ask for huge pages: first touching 2 MiB costs a quarter of what 512 small pages do.
const HUGE_FROM: usize = 4 << 20;

/// The memory of the process that Setlink runs in.
#[derive(Debug)]
pub struct ProcessMemory {
    page: u64,
}

impl ProcessMemory {
    /// This process.
    pub fn new() -> Self {
        ProcessMemory { page: rustix::param::page_size() as u64 }
    }
}

impl Default for ProcessMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory for ProcessMemory {
    fn page(&self) -> u64 {
        self.page
    }

    fn candidates(&self, demand: &Demand) -> Result<Vec<u64>, Problem> {
        let maps = Maps::of_process().map_err(|error| problem(error.to_string()))?;
        let limits = Limits::of_process(&maps);
        // Without a preference, near the libraries: what is linked next will want to call them.
        let near = demand.near.clone().or_else(|| Libraries::snapshot().libraries_span()).unwrap_or(0..1);
        let size = demand.size.checked_next_multiple_of(self.page);
        let size = size.ok_or_else(|| problem("the set is larger than the address space".into()))?;
        let found = maps.choose(&limits, size.max(self.page), demand.align, demand.window.clone(), near);
        if found.is_empty() {
            return Err(problem(format!(
                "no free range of {size:#x} bytes in {:#x}..{:#x}",
                demand.window.start, demand.window.end
            )));
        }
        Ok(found)
    }

    fn reserve(&self, segments: &[SegmentSpec]) -> Result<Box<dyn Region>, Problem> {
        let mut region = ProcessRegion { parts: Vec::with_capacity(segments.len()) };
        for segment in segments {
            let length = usize::try_from(segment.size.next_multiple_of(self.page))
                .map_err(|_| problem("a segment is larger than the address space".into()))?;
            let start = segment.address as usize;
            // SAFETY: MAP_FIXED_NOREPLACE never replaces a mapping; older kernels take the address for a hint, and
            // what they give instead is returned to them below.
            let mapped = unsafe {
                rustix::mm::mmap_anonymous(
                    std::ptr::with_exposed_provenance_mut(start),
                    length,
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE | MapFlags::NORESERVE,
                )
            };
            let mapped = mapped
                .map_err(|error| problem(format!("cannot map {length:#x} bytes at {start:#x}: {error}")))?;
            let part = Part {
                start: NonNull::new(mapped.cast()).ok_or_else(|| problem("mapped at address 0".into()))?,
                length,
                used: segment.size as usize,
                kind: segment.kind,
            };
            region.parts.push(part);
            if length >= HUGE_FROM {
                // SAFETY: the range was mapped just now, and advice changes no contents. A kernel without huge pages
                // refuses, which is no matter.
                let _ = unsafe { rustix::mm::madvise(mapped, length, rustix::mm::Advice::LinuxHugepage) };
            }
            if mapped.addr() != start {
                return Err(problem(format!("the kernel gave {:#x} instead of {start:#x}", mapped.addr())));
            }
        }
        Ok(Box::new(region))
    }
}

fn problem(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Memory { what })
}

struct Part {
    start: NonNull<u8>,
    length: usize,
    used: usize,
    kind: SegmentKind,
}

struct ProcessRegion {
    parts: Vec<Part>,
}

// SAFETY: the parts are mappings owned by this value; nothing about them is bound to a thread.
unsafe impl Send for ProcessRegion {}
// SAFETY: shared access to the value reads lengths only; the bytes are reached through `&mut self`.
unsafe impl Sync for ProcessRegion {}

impl Region for ProcessRegion {
    fn bytes(&mut self) -> Vec<&mut [u8]> {
        let slice = |part: &mut Part| {
            // SAFETY: the part is mapped, `used` bytes of it at least, and readable and writable until `protect` says
            // otherwise, which takes `&mut self` too. Parts do not overlap: each was mapped without replacing.
            unsafe { std::slice::from_raw_parts_mut(part.start.as_ptr(), part.used) }
        };
        self.parts.iter_mut().map(slice).collect()
    }

    fn protect(&mut self, index: usize) -> Result<(), Problem> {
        let Some(part) = self.parts.get(index) else { return Ok(()) };
        let flags = match part.kind {
            SegmentKind::Code | SegmentKind::LargeCode => MprotectFlags::READ | MprotectFlags::EXEC,
            SegmentKind::Constants | SegmentKind::LargeConstants => MprotectFlags::READ,
            SegmentKind::Data | SegmentKind::LargeData => return Ok(()),
        };
        // SAFETY: the range is this region's own, and no slice of it is alive: `bytes` borrows `self` mutably.
        unsafe { rustix::mm::mprotect(part.start.as_ptr().cast(), part.length, flags) }
            .map_err(|error| problem(format!("cannot protect the {} segment: {error}", part.kind.name())))
    }

    fn reserved(&self) -> u64 {
        self.parts.iter().map(|part| part.length as u64).sum()
    }
}

impl Drop for ProcessRegion {
    fn drop(&mut self) {
        for part in &self.parts {
            // SAFETY: the range was mapped by `reserve` and is unmapped only here. Whoever could still run or read it
            // has promised not to: see `Set::remove`.
            let _ = unsafe { rustix::mm::munmap(part.start.as_ptr().cast(), part.length) };
        }
    }
}
