//! A slab: one reservation of address space in three stripes, executable | read-only | writable, that many sets share.
//!
//! Every set takes a range of each stripe, so that all of a slab is in mutual reach and the number of mappings does not
//! grow with the number of sets: three for a slab (mapping each set by itself takes three each, and the kernel's default
//! limit is 65,530). A range that is given back keeps its stripe's protection, so that mappings do not split.
//!
//! Code of small sets lies in *zones*, of which each holds small sets only: one table of unwinding information can
//! then describe all of a zone without overlapping another's addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;

use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};

use super::ranges::Ranges;
use super::{SegmentKind, SegmentNeed, align_up};

/// Segments begin and end at multiples of a cache line: sets do not share any.
pub(super) const GRANULE: u64 = 64;
/// Bytes of a zone of code.
const ZONE: u64 = 32 << 10;
/// Code of more bytes has zones of its own.
const SMALL_CODE: u64 = ZONE / 4;
/// So many pages without any set stay with the process, for the next ones.
const IDLE_PAGES: usize = 64;
/// And so many of each stripe where no set is left at all: a process that links one function after the other, and removes
/// each, would otherwise pay two system calls and three faults for every one.
const SPARE_PAGES: usize = 8;

/// The pages of a stripe.
#[derive(Debug)]
struct Pages {
    range: Range<u64>,
    page: u64,
    /// Per page: how many ranges in use it holds a part of.
    users: Vec<u32>,
    /// Pages that may hold something else than zeroes.
    written: Vec<bool>,
    /// Written pages without users.
    idle: BTreeSet<usize>,
}

impl Pages {
    fn new(range: Range<u64>, page: u64) -> Pages {
        let count = ((range.end - range.start) / page) as usize;
        Pages { range, page, users: vec![0; count], written: vec![false; count], idle: BTreeSet::new() }
    }

    fn of(&self, range: &Range<u64>) -> Range<usize> {
        let first = (range.start - self.range.start) / self.page;
        let end = (range.end - self.range.start).div_ceil(self.page);
        first as usize..end as usize
    }

    /// Counts `range` as in use; tells whether any of it may be other than zero.
    fn take(&mut self, range: &Range<u64>) -> bool {
        let mut written = false;
        for page in self.of(range) {
            if self.users[page] == 0 {
                self.idle.remove(&page);
            }
            self.users[page] += 1;
            written |= std::mem::replace(&mut self.written[page], true);
        }
        written
    }

    /// Counts `range` as free, and returns idle pages to the system once there are many.
    fn give(&mut self, range: &Range<u64>) {
        let pages = self.of(range);
        self.users[pages.clone()].iter_mut().for_each(|users| *users -= 1);
        // Otherwise they are kept until a set has used them again.
        if_possible(|| self.idle.extend(pages.filter(|page| self.users[*page] == 0)));
        if self.idle.len() > IDLE_PAGES {
            self.release();
        }
    }

    /// Returns idle pages to the system; they read as zeroes then.
    fn release(&mut self) {
        let idle = std::mem::take(&mut self.idle);
        let mut pages = idle.into_iter().peekable();
        while let Some(first) = pages.next() {
            let mut end = first + 1;
            while pages.next_if_eq(&end).is_some() {
                end += 1;
            }
            let start = self.range.start + first as u64 * self.page;
            let length = (end - first) * self.page as usize;
            // SAFETY: the pages are the slab's own, and no set uses any part of them.
            let advised =
                unsafe { rustix::mm::madvise(pointer(start).as_ptr(), length, Advice::LinuxDontNeed) };
            if advised.is_ok() {
                self.written[first..end].fill(false);
            }
        }
    }
}

/// A zone of code.
#[derive(Debug)]
struct Zone {
    free: Ranges,
    users: u32,
}

/// A range that a set has of a slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub address: u64,
    /// Bytes, a multiple of the granule.
    pub bytes: u64,
    /// The zone, for code in one.
    pub zone: Option<u64>,
    /// Some of it may not be zero.
    pub written: bool,
}

/// One slab. Dropping it unmaps it.
#[derive(Debug)]
pub(super) struct Slab {
    pub range: Range<u64>,
    /// Sets in it.
    pub users: u64,
    /// A set of this many bytes, or more, did not fit.
    pub refused: u64,
    code: Pages,
    constants: Pages,
    data: Pages,
    /// Whole zones.
    free_zones: Ranges,
    free_constants: Ranges,
    free_data: Ranges,
    zones: BTreeMap<u64, Zone>,
    /// The zones with room: the size of the largest free range, and the start.
    open: BTreeSet<(u64, u64)>,
}

/// The parts of a slab of `bytes` bytes at `start`: three eighths, three eighths, a quarter.
fn stripes(start: u64, bytes: u64) -> [Range<u64>; 3] {
    let third = start + bytes / 8 * 3;
    [start..third, third..third + bytes / 8 * 3, third + bytes / 8 * 3..start + bytes]
}

/// `range` but for an address whose low 32 bits are 0: libgcc takes a table that begins with such a word for empty, and a
/// function there for one that was left out.
fn without_round_address(range: Range<u64>) -> Ranges {
    let round = align_up(range.start, 1 << 32);
    if !range.contains(&round) {
        return Ranges::new(range);
    }
    let mut ranges = Ranges::default();
    [range.start..round, round + GRANULE..range.end].into_iter().for_each(|part| ranges.give(part));
    ranges
}

fn pointer(address: u64) -> NonNull<std::ffi::c_void> {
    NonNull::new(std::ptr::with_exposed_provenance_mut(address as usize)).unwrap_or(NonNull::dangling())
}

impl Slab {
    /// Reserves address space at `start`, in which nothing may be mapped; `bytes` is a multiple of eight zones.
    pub fn reserve(start: u64, bytes: u64, page: u64) -> Result<Slab, Errno> {
        let [code, constants, data] = stripes(start, bytes);
        let mut slab = Slab {
            range: start..start,
            users: 0,
            refused: u64::MAX,
            free_zones: without_round_address(code.clone()),
            free_constants: without_round_address(constants.clone()),
            free_data: Ranges::new(data.clone()),
            code: Pages::new(code.clone(), page),
            constants: Pages::new(constants.clone(), page),
            data: Pages::new(data.clone(), page),
            zones: BTreeMap::new(),
            open: BTreeSet::new(),
        };
        let protections =
            [ProtFlags::READ | ProtFlags::EXEC, ProtFlags::READ, ProtFlags::READ | ProtFlags::WRITE];
        for (stripe, protection) in [code, constants, data].into_iter().zip(protections) {
            let length = (stripe.end - stripe.start) as usize;
            let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE | MapFlags::NORESERVE;
            // SAFETY: MAP_FIXED_NOREPLACE never replaces a mapping; older kernels take the address for a hint, and
            // what they give instead is returned to them below.
            let mapped = unsafe {
                rustix::mm::mmap_anonymous(pointer(stripe.start).as_ptr(), length, protection, flags)
            }?;
            if mapped.addr() as u64 != stripe.start {
                // SAFETY: just mapped, and used by nobody.
                unsafe { rustix::mm::munmap(mapped, length) }?;
                return Err(Errno::EXIST);
            }
            slab.range.end = stripe.end;
            // Huge pages would take two megabytes for the first function. Kernels without them refuse.
            // SAFETY: the range was mapped just now; the advice changes no contents.
            let _ = unsafe { rustix::mm::madvise(mapped, length, Advice::LinuxNoHugepage) };
        }
        Ok(slab)
    }

    fn stripe(&mut self, kind: SegmentKind) -> (&mut Pages, Option<&mut Ranges>) {
        match kind {
            SegmentKind::Code | SegmentKind::LargeCode => (&mut self.code, None),
            SegmentKind::Constants | SegmentKind::LargeConstants => {
                (&mut self.constants, Some(&mut self.free_constants))
            }
            SegmentKind::Data | SegmentKind::LargeData => (&mut self.data, Some(&mut self.free_data)),
        }
    }

    /// Takes `size` bytes for a segment, if there is room.
    pub fn take(&mut self, kind: SegmentKind, size: u64, align: u64) -> Option<Taken> {
        let (bytes, align) = (align_up(size, GRANULE), align.max(GRANULE));
        let (address, zone) = match self.stripe(kind) {
            (_, Some(free)) => (free.take(bytes, align)?, None),
            (_, None) => self.take_code(bytes, align)?,
        };
        let written = self.stripe(kind).0.take(&(address..address + bytes));
        Some(Taken { address, bytes, zone, written })
    }

    fn take_code(&mut self, bytes: u64, align: u64) -> Option<(u64, Option<u64>)> {
        if bytes > SMALL_CODE || align > SMALL_CODE {
            return Some((self.free_zones.take(align_up(bytes, ZONE), align.max(ZONE))?, None));
        }
        // Fits for sure, whatever the alignment.
        let roomy = self.open.range((bytes + align - GRANULE, 0)..).next().map(|zone| zone.1);
        let start = match roomy {
            Some(start) => start,
            None => {
                let start = self.free_zones.take(ZONE, ZONE)?;
                let made = catch_unwind(AssertUnwindSafe(|| {
                    let zone = Zone { free: Ranges::new(start..start + ZONE), users: 0 };
                    self.open.insert((ZONE, start));
                    self.zones.insert(start, zone);
                }));
                if let Err(panic) = made {
                    self.open.remove(&(ZONE, start));
                    if_possible(|| self.free_zones.give(start..start + ZONE));
                    resume_unwind(panic);
                }
                start
            }
        };
        let address = self.change_zone(start, |zone| {
            let address = zone.free.take(bytes, align)?;
            zone.users += 1;
            Some(address)
        })??;
        Some((address, Some(start)))
    }

    fn change_zone<T>(&mut self, start: u64, change: impl FnOnce(&mut Zone) -> T) -> Option<T> {
        let zone = self.zones.get_mut(&start)?;
        let before = (zone.free.largest(), start);
        let result = change(zone);
        let now = (zone.free.largest(), start);
        if zone.users == 0 {
            self.open.remove(&before);
            self.zones.remove(&start);
            if_possible(|| self.free_zones.give(start..start + ZONE));
        } else if now != before {
            self.open.remove(&before);
            if now.0 > 0 {
                // Otherwise nobody is offered its room until it changes again.
                if_possible(|| self.open.insert(now));
            }
        }
        Some(result)
    }

    /// Takes ranges for all of `needs`, or none.
    pub fn take_all(&mut self, needs: &[SegmentNeed]) -> Option<Vec<Taken>> {
        let taken = Vec::with_capacity(needs.len());
        let mut part = Part { slab: self, needs, taken };
        for need in needs {
            let range = part.slab.take(need.kind, need.size, need.align)?;
            part.taken.push(range);
        }
        Some(std::mem::take(&mut part.taken))
    }

    /// Takes a range back.
    pub fn give(&mut self, kind: SegmentKind, taken: &Taken) {
        let range = taken.address..taken.address + taken.bytes;
        self.refused = u64::MAX;
        self.stripe(kind).0.give(&range);
        match (self.stripe(kind).1, taken.zone) {
            (Some(free), _) => if_possible(|| free.give(range)),
            (None, Some(zone)) => {
                self.change_zone(zone, |zone| {
                    zone.users -= 1;
                    if zone.users > 0 {
                        if_possible(|| zone.free.give(range));
                    }
                });
            }
            (None, None) => {
                if_possible(|| self.free_zones.give(range.start..align_up(range.end, ZONE)));
            }
        }
    }

    /// Returns the pages that no set uses to the system, but for a few.
    pub fn release(&mut self) {
        for pages in [&mut self.code, &mut self.constants, &mut self.data] {
            if pages.idle.len() > SPARE_PAGES {
                pages.release();
            }
        }
    }
}

/// Ranges that were taken for the first of `needs`. Dropping it gives them back.
struct Part<'s> {
    slab: &'s mut Slab,
    needs: &'s [SegmentNeed],
    taken: Vec<Taken>,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.needs.iter().zip(&self.taken).for_each(|(need, range)| self.slab.give(need.kind, range));
    }
}

/// Keeps books that are better incomplete than not closed: what a panic for lack of memory keeps `work` from entering is
/// lost until the slab goes.
fn if_possible<T>(work: impl FnOnce() -> T) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

impl Drop for Slab {
    fn drop(&mut self) {
        let length = (self.range.end - self.range.start) as usize;
        if length > 0 {
            // SAFETY: the range was mapped by `reserve`, and no set is left in it.
            let _ = unsafe { rustix::mm::munmap(pointer(self.range.start).as_ptr(), length) };
        }
    }
}

#[cfg(test)]
mod tests;
