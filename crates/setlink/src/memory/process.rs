//! This process's own memory: anonymous private pages.
//!
//! Large sets, and those that stay, have pages of their own, filled while they are writable and protected once. Small
//! sets share the pages of slabs, into which they are written through `/proc/self/mem`: a set that has its own pages
//! takes a dozen system calls and faults, some 25 µs, and three of the 65,530 mappings that a process may have.

use std::ops::Range;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, OnceLock};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};

use super::door::{Door, Opened};
use super::slab::{GRANULE, Slab, Taken};
use super::{Demand, Memory, Region, SegmentKind, SegmentNeed, SegmentSpec, Site, contiguous};
use crate::error::{Place, Problem, ProblemKind};
use crate::host::{Libraries, Limits, Maps, fork};

/// Sets up to this many bytes share the pages of slabs. (Larger ones would use up 65,530 mappings only with 40 GiB.)
const SHARES_UP_TO: u64 = 2 << 20;
/// Address space of a slab, where it is not scarce.
const SLAB_BYTES: u64 = 256 << 20;
/// The smallest slab: three stripes that hold a set of the largest size that shares.
const LEAST_SLAB_BYTES: u64 = 8 * SHARES_UP_TO;
/// Segments of this size and more ask for huge pages: first touching 2 MiB costs a quarter of what 512 small pages do.
const HUGE_FROM: usize = 4 << 20;

/// Smaller segments of which every page will be written to get them all at once, if there are some: for the 935 pages of
/// libcrypto that takes 0.7 ms less than a fault for each, of the 21 of the process.
const POPULATE_FROM: usize = 64 << 10;

/// Segments of a set that shares pages: it has one island, hence at most six.
const MOST_SEGMENTS: usize = 64;

/// The memory of the process that Setlink runs in.
#[derive(Debug)]
pub struct ProcessMemory {
    page: u64,
    slabs: Arc<Slabs>,
}

/// The slabs of one memory. They are unmapped when neither it nor a set needs them any more.
#[derive(Debug, Default)]
struct Slabs {
    list: Mutex<Vec<Slab>>,
    door: Door,
    /// Bytes of each slab; 0 if there can be none.
    bytes: OnceLock<u64>,
}

impl ProcessMemory {
    /// This process.
    pub fn new() -> Self {
        ProcessMemory { page: rustix::param::page_size() as u64, slabs: Arc::default() }
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

    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem> {
        let shares = !demand.own_pages && demand.size <= SHARES_UP_TO && demand.align <= self.page;
        if shares {
            let list = self.slabs.list();
            let fitting = list.iter().filter(|slab| suits(demand, &slab.range) && demand.size < slab.refused);
            let sites: Vec<Site> = fitting.map(|slab| shared_site(slab.range.clone())).collect();
            if !sites.is_empty() {
                return Ok(sites);
            }
        }
        let maps = Maps::of_process().map_err(|error| problem(error.to_string()))?;
        let limits = Limits::of_process(&maps);
        // Without a preference, near the libraries: what is linked next will want to call them.
        let near = demand.near.clone().or_else(Libraries::span_now).unwrap_or(0..1);
        let size = demand.size.checked_next_multiple_of(self.page);
        let size = size.ok_or_else(|| problem("the set is larger than the address space".into()))?;
        let choose =
            |size: u64, align| maps.choose(&limits, size, align, demand.window.clone(), near.clone());
        let mut sites = Vec::new();
        let slab = match (shares, demand.window.end <= 1 << 32) {
            (false, _) => 0,
            // The low addresses are few.
            (true, true) => self.slabs.bytes().min(LEAST_SLAB_BYTES),
            (true, false) => self.slabs.bytes(),
        };
        if slab > 0 {
            let ranges = choose(slab, self.page).into_iter().map(|start| start..start + slab);
            sites.extend(ranges.filter(|range| suits(demand, range)).take(1).map(shared_site));
        }
        let own = choose(size.max(self.page), demand.align);
        let site = |base| Site { span: base..base + demand.size, granule: self.page };
        sites.extend(own.into_iter().map(site));
        if sites.is_empty() {
            return Err(problem(format!(
                "no free range of {size:#x} bytes in {:#x}..{:#x}",
                demand.window.start, demand.window.end
            )));
        }
        Ok(sites)
    }

    fn sketch(&self, site: &Site, needs: &[SegmentNeed]) -> Vec<SegmentSpec> {
        if site.granule >= self.page {
            return contiguous(site, needs);
        }
        let mut segments = Vec::with_capacity(needs.len());
        match self.slabs.take(site, needs, None) {
            Ok(taken) => {
                segments.extend(specs(needs, &taken));
                self.slabs.give(site.span.start, needs.iter().map(|need| need.kind).zip(taken));
                segments
            }
            // There is no such slab yet, and planning makes none: its sizes are the same at other addresses.
            Err(_) => contiguous(site, needs),
        }
    }

    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem> {
        if site.granule < self.page {
            return Ok(Box::new(SharedRegion::new(&self.slabs, site, needs, self.page)?));
        }
        let segments = contiguous(site, needs);
        let mut region = OwnRegion { parts: Vec::with_capacity(segments.len()), segments };
        for segment in &region.segments {
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
            let is_written = matches!(
                segment.kind,
                SegmentKind::Code
                    | SegmentKind::LargeCode
                    | SegmentKind::Constants
                    | SegmentKind::LargeConstants
            );
            if is_written && (POPULATE_FROM..HUGE_FROM).contains(&length) {
                // SAFETY: likewise. Kernels before Linux 5.14 refuse; a page that could not be had now is asked for again
                // when it is written to.
                let _ =
                    unsafe { rustix::mm::madvise(mapped, length, rustix::mm::Advice::LinuxPopulateWrite) };
            }
            if mapped.addr() != start {
                return Err(problem(format!("the kernel gave {:#x} instead of {start:#x}", mapped.addr())));
            }
        }
        Ok(Box::new(region))
    }
}

/// Whether a set that is anywhere in `range` has what it demands.
fn suits(demand: &Demand, range: &Range<u64>) -> bool {
    let near = demand.near.as_ref().unwrap_or(range);
    let span = range.end.max(near.end) - range.start.min(near.start);
    demand.window.start <= range.start && range.end <= demand.window.end && span < demand.reach
}

fn shared_site(span: Range<u64>) -> Site {
    Site { span, granule: GRANULE }
}

fn specs(needs: &[SegmentNeed], taken: &[Taken]) -> impl Iterator<Item = SegmentSpec> {
    needs.iter().zip(taken).map(|(need, taken)| SegmentSpec {
        kind: need.kind,
        address: taken.address,
        size: need.size,
    })
}

impl Slabs {
    fn list(&self) -> fork::Locked<'_, Vec<Slab>> {
        fork::lock(&self.list)
    }

    /// The size of slabs; 0 where the kernel does not let pages be written that are not writable.
    fn bytes(&self) -> u64 {
        let _hold = fork::hold();
        *self.bytes.get_or_init(|| {
            static PROBE: u64 = 0x7365_746c_696e_6b00;
            let address = (&raw const PROBE).expose_provenance() as u64;
            let allowed = self.door.ready().is_ok_and(|ready| {
                // SAFETY: what is written into the constant is what it is already.
                unsafe { self.door.write(&ready, address, &PROBE.to_ne_bytes()) }.is_ok()
            });
            let strict =
                std::fs::read("/proc/sys/vm/overcommit_memory").is_ok_and(|mode| mode.starts_with(b"2"));
            let limit = rustix::process::getrlimit(rustix::process::Resource::As).current;
            match limit {
                _ if !allowed => 0,
                Some(limit) => ((limit / 64) & !(LEAST_SLAB_BYTES - 1)).clamp(LEAST_SLAB_BYTES, SLAB_BYTES),
                // Where memory is promised, not only handed out when touched, the writable stripe counts.
                None if strict => LEAST_SLAB_BYTES,
                None => SLAB_BYTES,
            }
        })
    }

    /// Takes ranges for all of `needs` in the slab at `site`; if it is not there, it comes to be, given the size of pages.
    fn take(&self, site: &Site, needs: &[SegmentNeed], page: Option<u64>) -> Result<Vec<Taken>, Problem> {
        let mut list = self.list();
        let at = match list.iter().position(|slab| slab.range == site.span) {
            Some(at) => at,
            None => {
                let Some(page) = page else { return Err(problem("there is no slab".into())) };
                list.reserve(1);
                let bytes = site.span.end - site.span.start;
                let slab = Slab::reserve(site.span.start, bytes, page);
                list.push(
                    slab.map_err(|error| problem(format!("cannot reserve {bytes:#x} bytes: {error}")))?,
                );
                list.len() - 1
            }
        };
        let slab = &mut list[at];
        let Some(taken) = slab.take_all(needs) else {
            slab.refused = slab.refused.min(needs.iter().map(|need| need.size).sum());
            return Err(problem("a slab is full".into()));
        };
        slab.users += 1;
        Ok(taken)
    }

    /// Gives ranges back to the slab at `start`. One slab without sets is kept, with few pages.
    fn give(&self, start: u64, taken: impl Iterator<Item = (SegmentKind, Taken)>) {
        let mut list = self.list();
        let Some(at) = list.iter().position(|slab| slab.range.start == start) else { return };
        taken.for_each(|(kind, range)| list[at].give(kind, &range));
        list[at].users -= 1;
        let unused = list.iter().filter(|slab| slab.users == 0).count();
        match list[at].users {
            0 if unused > 1 => drop(list.swap_remove(at)),
            0 => list[at].release(),
            _ => {}
        }
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

struct OwnRegion {
    segments: Vec<SegmentSpec>,
    parts: Vec<Part>,
}

// SAFETY: the parts are mappings owned by this value; nothing about them is bound to a thread.
unsafe impl Send for OwnRegion {}
// SAFETY: shared access to the value reads lengths only; the bytes are reached through `&mut self`.
unsafe impl Sync for OwnRegion {}

impl Region for OwnRegion {
    fn segments(&self) -> &[SegmentSpec] {
        &self.segments
    }

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

impl Drop for OwnRegion {
    fn drop(&mut self) {
        for part in &self.parts {
            // SAFETY: the range was mapped by `reserve` and is unmapped only here. Whoever could still run or read it
            // has promised not to: see `Set::remove`.
            let _ = unsafe { rustix::mm::munmap(part.start.as_ptr().cast(), part.length) };
        }
    }
}

/// A set in a slab.
struct SharedRegion {
    /// Before the slabs, whose door it is.
    unwritten: Option<Unwritten>,
    slabs: Arc<Slabs>,
    slab: u64,
    segments: Vec<SegmentSpec>,
    taken: Vec<Taken>,
}

/// What code and constants will be, until they are put in place.
struct Unwritten {
    /// One segment behind the other.
    bytes: Vec<u8>,
    /// A bit for each segment that is still to be put in place.
    waiting: u64,
    opened: Arc<Opened>,
}

impl SharedRegion {
    fn new(slabs: &Arc<Slabs>, site: &Site, needs: &[SegmentNeed], page: u64) -> Result<Self, Problem> {
        if needs.len() > MOST_SEGMENTS {
            return Err(problem(format!("a set of {} segments shares no pages", needs.len())));
        }
        let closed = |error| problem(format!("cannot open the process's own memory: {error}"));
        let opened = slabs.door.ready().map_err(closed)?;
        let buffered = || needs.iter().enumerate().filter(|(_, need)| !is_data(need.kind));
        let bytes = zeroed(buffered().map(|(_, need)| need.size as usize).sum());
        let waiting = buffered().fold(0, |bits, (index, _)| bits | 1 << index);
        let mut segments = Vec::with_capacity(needs.len());
        // Nothing more is allocated until the region has what is taken.
        let taken = slabs.take(site, needs, Some(page))?;
        segments.extend(specs(needs, &taken));
        let mut region = SharedRegion {
            unwritten: Some(Unwritten { bytes, waiting, opened }),
            slabs: slabs.clone(),
            slab: site.span.start,
            segments,
            taken,
        };
        for index in 0..region.taken.len() {
            if region.taken[index].written && is_data(region.segments[index].kind) {
                region.in_place(index).fill(0);
            }
        }
        Ok(region)
    }

    /// Where the bytes of segment `index`, which is not data, are among those that are not written yet.
    fn buffered(&self, index: usize) -> Range<usize> {
        let before = self.segments[..index].iter().filter(|segment| !is_data(segment.kind));
        let start = before.map(|segment| segment.size as usize).sum();
        start..start + self.segments[index].size as usize
    }

    /// The bytes of a data segment.
    fn in_place(&mut self, index: usize) -> &mut [u8] {
        let segment = &self.segments[index];
        let start = std::ptr::with_exposed_provenance_mut(segment.address as usize);
        // SAFETY: the range is in the slab's writable stripe, this region's own until it is dropped, and behind
        // `&mut self`.
        unsafe { std::slice::from_raw_parts_mut(start, segment.size as usize) }
    }
}

/// `vec![0; count]`, but for little: up to version 2.40, glibc keeps no memory at hand for `calloc`, as it does for
/// `malloc`.
fn zeroed(count: usize) -> Vec<u8> {
    if count <= 1024 { [0].repeat(count) } else { vec![0; count] }
}

fn is_data(kind: SegmentKind) -> bool {
    matches!(kind, SegmentKind::Data | SegmentKind::LargeData)
}

impl Region for SharedRegion {
    fn segments(&self) -> &[SegmentSpec] {
        &self.segments
    }

    fn bytes(&mut self) -> Vec<&mut [u8]> {
        let mut buffered = self.unwritten.as_mut().map_or(&mut [][..], |unwritten| &mut unwritten.bytes);
        let slice = |segment: &SegmentSpec| {
            let size = segment.size as usize;
            if !is_data(segment.kind) {
                return buffered.split_off_mut(..size).unwrap_or(&mut []);
            }
            let start = std::ptr::with_exposed_provenance_mut(segment.address as usize);
            // SAFETY: as for `in_place`; the ranges do not overlap, and all are borrowed with `self`.
            unsafe { std::slice::from_raw_parts_mut(start, size) }
        };
        self.segments.iter().map(slice).collect()
    }

    fn protect(&mut self, index: usize) -> Result<(), Problem> {
        let Some(segment) = self.segments.get(index).filter(|segment| !is_data(segment.kind)) else {
            return Ok(()); // data is written in place
        };
        let range = self.buffered(index);
        let waits = |unwritten: &&mut Unwritten| unwritten.waiting & 1 << index != 0;
        let Some(unwritten) = self.unwritten.as_mut().filter(waits) else { return Ok(()) };
        // SAFETY: the range is this region's own, and no set runs or reads it before it is published.
        unsafe { self.slabs.door.write(&unwritten.opened, segment.address, &unwritten.bytes[range]) }
            .map_err(|error| problem(format!("cannot write the {} segment: {error}", segment.kind.name())))?;
        unwritten.waiting &= !(1 << index);
        if unwritten.waiting == 0 {
            self.unwritten = None;
        }
        Ok(())
    }

    fn reserved(&self) -> u64 {
        self.taken.iter().map(|taken| taken.bytes).sum()
    }

    fn zone(&self) -> Option<u64> {
        self.taken.iter().find_map(|taken| taken.zone)
    }
}

impl Drop for SharedRegion {
    fn drop(&mut self) {
        let kinds = self.segments.iter().map(|segment| segment.kind);
        self.slabs.give(self.slab, kinds.zip(self.taken.iter().copied()));
    }
}
