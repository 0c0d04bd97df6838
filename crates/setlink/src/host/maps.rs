//! Which addresses of the process are in use, and which free ones suit a new region.
//!
//! The list is `/proc/self/maps` (proc_pid_maps(5)). All choices are pure functions of a parsed list, so that tests
//! can try address spaces that this machine does not have. A choice is a hint: other threads map memory meanwhile,
//! so the caller reserves with `MAP_FIXED_NOREPLACE` and goes on to the next candidate when that fails.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

use crate::error::{Place, Problem, ProblemKind, Result};
use crate::memory::find::find;

/// The program's data segment ends here and grows upward (brk(2)); this much above it is left alone.
const HEAP_ROOM: u64 = 1 << 30;
/// The main thread's stack grows downward; this much below it is left alone.
const STACK_ROOM: u64 = 256 << 20;
/// Addresses below this are never used, whatever the kernel allows: null pointers with offsets must fault.
const LOWEST: u64 = 64 << 10;

/// One mapping of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The first address.
    pub start: u64,
    /// One past the last address.
    pub end: u64,
    /// It can be read.
    pub read: bool,
    /// It can be written.
    pub write: bool,
    /// It can be executed.
    pub execute: bool,
    /// Writes go to the file or to other processes (`MAP_SHARED`).
    pub shared: bool,
    /// The file, or the kernel's name in brackets, or nothing.
    pub path: String,
}

/// What the address space allows, besides what is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of a page.
    pub page: u64,
    /// The lowest address to use: `vm.mmap_min_addr`, but at least 64 KiB.
    pub lowest: u64,
    /// One past the highest address that a process can use.
    pub highest: u64,
    /// Where the data segment ends now (`sbrk(0)`), if that is known. It may end without any `[heap]` mapping.
    pub data_end: Option<u64>,
}

impl Limits {
    /// The limits of this process, whose mappings are `maps`.
    pub fn of_process(maps: &Maps) -> Limits {
        let allowed = std::fs::read_to_string("/proc/sys/vm/mmap_min_addr");
        let allowed = allowed.ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
        // SAFETY: sbrk(0) only asks.
        let data_end = unsafe { libc::sbrk(0) }.addr();
        // Of the machines' address widths only x86-64's default is fixed; elsewhere it depends on the kernel, but
        // the stack is always near the top.
        let highest = match cfg!(target_arch = "x86_64") {
            true => 0x7fff_ffff_f000,
            false => {
                maps.list.iter().map(|mapping| mapping.end).filter(|&end| end < 1 << 63).max().unwrap_or(0)
            }
        };
        Limits {
            page: rustix::param::page_size() as u64,
            lowest: allowed.max(LOWEST),
            highest,
            data_end: (data_end != usize::MAX && data_end != 0).then_some(data_end as u64),
        }
    }
}

/// The mappings of a process, sorted by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Maps {
    list: Vec<Mapping>,
}

impl Maps {
    /// The mappings of this process now.
    ///
    /// # Errors
    /// `/proc/self/maps` cannot be read or has an unknown form.
    pub fn of_process() -> Result<Maps> {
        let problem = |what: String| {
            Problem::new(Place::file("/proc/self/maps"), ProblemKind::Host { what })
                .with_remedy("Setlink needs /proc to be mounted")
        };
        // The file does not say how long it is; with room, it is read by the page and not in small pieces first.
        let mut text = Vec::with_capacity(16 << 10);
        let read = File::open("/proc/self/maps").and_then(|mut file| file.read_to_end(&mut text));
        read.map_err(|error| problem(error.to_string()))?;
        Maps::parse(&text).ok_or_else(|| problem("the list of mappings has an unknown form".into()).into())
    }

    /// Parses the text of a `maps` file; none when it is not one. The kernel lists mappings in order; between two
    /// of its reads the address space may change, so overlaps are cut, not refused.
    pub fn parse(text: &[u8]) -> Option<Maps> {
        let mut list: Vec<Mapping> = Vec::new();
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let mapping = parse_line(line)?;
            let start = mapping.start.max(list.last().map_or(0, |last| last.end));
            if start < mapping.end {
                list.push(Mapping { start, ..mapping });
            }
        }
        Some(Maps { list })
    }

    /// The mappings in the order of their addresses.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.list.iter()
    }

    /// The mapping that holds `address`.
    pub fn at(&self, address: u64) -> Option<&Mapping> {
        let after = self.list.partition_point(|mapping| mapping.end <= address);
        self.list.get(after).filter(|mapping| mapping.start <= address)
    }

    /// The unmapped ranges inside of `within`, in order.
    pub fn gaps(&self, within: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut start = within.start;
        for mapping in self.list.iter().filter(|mapping| mapping.end > within.start) {
            if mapping.start >= within.end {
                break;
            }
            if start < mapping.start {
                gaps.push(start..mapping.start);
            }
            start = mapping.end;
        }
        if start < within.end {
            gaps.push(start..within.end);
        }
        gaps
    }

    /// Addresses for a region of `size` bytes, a multiple of `align` (a power of two; at least a page), inside of
    /// `allowed`: first just above the topmost mapping that intersects `near`, then one in each other gap, those
    /// first with which `near` spans the least. One page next to other mappings stays free, and so does the room
    /// into which the stack and the data segment grow.
    pub fn choose(
        &self,
        limits: &Limits,
        size: u64,
        align: u64,
        allowed: Range<u64>,
        near: Range<u64>,
    ) -> Vec<u64> {
        let align = align.max(limits.page);
        let within = allowed.start.max(limits.lowest)..allowed.end.min(limits.highest);
        if size == 0 || !align.is_power_of_two() || within.is_empty() {
            return Vec::new();
        }
        let top = self.list.iter().rev().find(|m| m.start < near.end && near.start < m.end);
        let top = top.map(|mapping| mapping.end);
        let mut found = Vec::new();
        // Gaps of the whole address space, not of `within`: its borders need no guard.
        let gaps = self.gaps(0..limits.highest);
        // What adjoins the topmost mapping belongs to it, as a library's zeroed data does.
        let first_above = top.and_then(|top| gaps.iter().map(|gap| gap.start).find(|&start| start >= top));
        for gap in gaps {
            let (gap_start, above_top) = (gap.start, Some(gap.start) == first_above);
            for usable in self.usable(limits, gap).into_iter().flatten() {
                let usable = usable.start.max(within.start)..usable.end.min(within.end);
                let Some(base) = nearest(&usable, size, align, &near) else { continue };
                let span = near.end.max(base + size) - near.start.min(base);
                // Not above where the data segment has to have room: that is not near any more.
                let is_best = above_top && (gap_start..gap_start.saturating_add(HEAP_ROOM)).contains(&base);
                found.push((!is_best, span, base));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, _, base)| base).collect()
    }

    /// What may be used of the free range `gap`: not the pages beside mappings, nor where others grow. At most two
    /// parts: the end of the data segment may lie inside of the gap.
    fn usable(&self, limits: &Limits, gap: Range<u64>) -> [Option<Range<u64>>; 2] {
        let below = gap.start.checked_sub(1).and_then(|address| self.at(address));
        let above = self.at(gap.end);
        let mut start = if below.is_some() { gap.start.saturating_add(limits.page) } else { gap.start };
        let mut end = if above.is_some() { gap.end.saturating_sub(limits.page) } else { gap.end };
        if below.is_some_and(|mapping| mapping.path == "[heap]") {
            start = gap.start.saturating_add(HEAP_ROOM);
        }
        if above.is_some_and(|mapping| mapping.path == "[stack]") {
            end = gap.end.saturating_sub(STACK_ROOM);
        }
        let part = |range: Range<u64>| (!range.is_empty()).then_some(range);
        match limits.data_end {
            Some(at) if at >= gap.start && at < gap.end => {
                [part(start..end.min(at)), part(start.max(at.saturating_add(HEAP_ROOM))..end)]
            }
            _ => [part(start..end), None],
        }
    }
}

/// The multiple of `align` in `usable` at which `size` bytes fit and are nearest to `near`: the lowest above it, the
/// highest below it.
fn nearest(usable: &Range<u64>, size: u64, align: u64, near: &Range<u64>) -> Option<u64> {
    let lowest = usable.start.checked_next_multiple_of(align)?;
    let highest = usable.end.checked_sub(size)? & !(align - 1);
    if lowest > highest {
        return None;
    }
    if highest <= near.start {
        Some(highest)
    } else {
        Some(lowest.max(near.start & !(align - 1)).min(highest))
    }
}

/// `start-end perms offset device inode path`, as the kernel's `show_map_vma` prints it.
fn parse_line(line: &[u8]) -> Option<Mapping> {
    let mut rest = line;
    let mut field = |separator: u8| {
        let at = find(separator, rest)?;
        let (field, after) = (&rest[..at], &rest[at + 1..]);
        rest = after;
        Some(field)
    };
    let start = hexadecimal(field(b'-')?)?;
    let end = hexadecimal(field(b' ')?)?;
    let &[read, write, execute, shared] = field(b' ')? else { return None };
    let (_offset, _device) = (field(b' ')?, field(b' ')?);
    // The inode ends the line where there is no path; before one come blanks.
    let path = find(b' ', rest).map_or(&b""[..], |at| rest[at..].trim_ascii_start());
    Some(Mapping {
        start,
        end,
        read: read == b'r',
        write: write == b'w',
        execute: execute == b'x',
        shared: shared == b's',
        path: String::from_utf8_lossy(path).into_owned(),
    })
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits =
        Limits { page: 0x1000, lowest: 0x1_0000, highest: 0x7fff_ffff_f000, data_end: None };

    fn maps(text: &str) -> Maps {
        Maps::parse(text.as_bytes()).expect("valid maps")
    }

    fn sample() -> Maps {
        maps(
            "561a351a6000-561a351a8000 r--p 00000000 fe:00 247030                     /usr/bin/cat\n\
             561a351b1000-561a351b2000 rw-p 0000a000 fe:00 247030                     /usr/bin/cat\n\
             561a6a054000-561a6a075000 rw-p 00000000 00:00 0                          [heap]\n\
             7fd31a571000-7fd31a746000 r-xp 00000000 fe:00 326279                     /usr/lib/lib c.so.6\n\
             7fd31a746000-7fd31a753000 rw-p 00000000 00:00 0 \n\
             7ffc8d1e0000-7ffc8d201000 rw-p 00000000 00:00 0                          [stack]\n\
             ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n",
        )
    }

    #[test]
    fn parses_the_kernels_text() {
        let maps = sample();
        let libc = maps.at(0x7fd3_1a57_1000).unwrap();
        assert_eq!(libc.path, "/usr/lib/lib c.so.6");
        assert!(libc.read && !libc.write && libc.execute && !libc.shared);
        assert_eq!(maps.at(0x7fd3_1a74_6000).unwrap().path, "");
        assert!(maps.at(0x7fd3_1a75_3000).is_none());
        assert!(Maps::parse(b"no maps\n").is_none());
        assert!(Maps::parse(b"1000-2000 rw 0 0 0\n").is_none());
        assert_eq!(Maps::parse(b"").unwrap().iter().count(), 0);
    }

    #[test]
    fn reads_the_process() {
        let maps = Maps::of_process().unwrap();
        let here = maps.at(reads_the_process as *const () as u64).unwrap();
        assert!(here.execute && !here.write);
        let limits = Limits::of_process(&maps);
        let chosen = maps.choose(&limits, 1 << 20, 1, 0..1 << 31, 0..1 << 31);
        assert!(chosen.iter().all(|&base| base >= LOWEST && base + (1 << 20) <= 1 << 31), "{chosen:x?}");
    }

    #[test]
    fn prefers_just_above_the_libraries() {
        let near = 0x7fd3_1a57_1000..0x7fd3_1a74_0000;
        let chosen = sample().choose(&LIMITS, 1 << 30, 0x1000, 0..u64::MAX, near);
        assert_eq!(chosen[0], 0x7fd3_1a75_4000, "one guard page above the topmost mapping");
        assert_eq!(chosen[1], 0x7fd3_1a57_0000 - (1 << 30), "then below");
    }

    #[test]
    fn keeps_off_the_stack_and_the_heap() {
        let maps = sample();
        let stack = 0x7ffc_8d1e_0000;
        let near_stack = maps.choose(&LIMITS, 0x1000, 0x1000, 0..u64::MAX, stack - 0x1000..stack);
        assert!(near_stack.iter().all(|&base| base + 0x1000 <= stack - STACK_ROOM || base >= stack));
        let heap = 0x561a_6a07_5000;
        let near_heap = maps.choose(&LIMITS, 0x1000, 0x1000, 0..u64::MAX, heap..heap + 1);
        assert!(near_heap.iter().all(|&base| base < heap || base >= heap + HEAP_ROOM));
        // A data segment that has not grown yet ends in a gap without a name.
        let limits = Limits { data_end: Some(0x561a_3600_0000), ..LIMITS };
        let chosen = maps.choose(&limits, 0x1000, 0x1000, 0..u64::MAX, 0x561a_3600_0000..0x561a_3600_0001);
        assert_eq!(chosen[0], 0x561a_3600_0000 - 0x1000);
    }

    #[test]
    fn low_memory_starts_at_the_limit() {
        let chosen = sample().choose(&LIMITS, 0x1000, 0x1000, 0..1 << 31, 0..1 << 31);
        assert_eq!(chosen, [0x1_0000]);
        assert!(sample().choose(&LIMITS, 1 << 31, 0x1000, 0..1 << 31, 0..1 << 31).is_empty());
        assert!(sample().choose(&LIMITS, u64::MAX, 0x1000, 0..u64::MAX, 0..1).is_empty());
        assert!(sample().choose(&LIMITS, 1, 1 << 63, 0..u64::MAX, 0..1).is_empty());
    }

    proptest! {
        #[test]
        fn candidates_are_free_and_allowed(
            edges in prop::collection::btree_set(0u64..0x8_0000_0000, 0..40),
            size in 1u64..0x1_0000_0000, shift in 0u32..24,
            a in 0u64..0x8_0000_0000, b in 0u64..0x8_0000_0000, c in 0u64..0x8_0000_0000,
            data_end in prop::option::of(0u64..0x8_0000_0000),
        ) {
            let edges: Vec<u64> = edges.into_iter().map(|edge| edge << 12).collect();
            let list: Vec<Mapping> = edges.chunks_exact(2).enumerate().map(|(index, pair)| Mapping {
                start: pair[0], end: pair[1], read: true, write: false, execute: false, shared: false,
                path: ["", "[stack]", "[heap]"][index % 3].into(),
            }).collect();
            let maps = Maps { list };
            let limits = Limits { data_end: data_end.map(|at| at << 12), ..LIMITS };
            let allowed = (a.min(b) << 12)..(a.max(b) << 12);
            let near = (c << 12)..((c + 1) << 12);
            let align = 1u64 << shift;
            for base in maps.choose(&limits, size, align, allowed.clone(), near) {
                prop_assert!(base % align.max(0x1000) == 0);
                prop_assert!(base >= allowed.start.max(LOWEST) && base + size <= allowed.end);
                for other in maps.iter() {
                    let (below, above) = match other.path.as_str() {
                        "[stack]" => (STACK_ROOM, 0x1000),
                        "[heap]" => (0x1000, HEAP_ROOM),
                        _ => (0x1000, 0x1000),
                    };
                    // Room to grow ends at the next mapping, so only a guard is due beyond that.
                    let next_gap = maps.gaps(0..limits.highest);
                    let gap = next_gap.iter().find(|gap| gap.contains(&base)).unwrap();
                    prop_assert!(base + size <= gap.end);
                    if other.start == gap.end { prop_assert!(base + size + below <= other.start); }
                    if other.end == gap.start { prop_assert!(base >= other.end + above); }
                    prop_assert!(base + size <= other.start || base >= other.end);
                }
            }
            let gaps = maps.gaps(allowed.clone());
            let free: u64 = gaps.iter().map(|gap| gap.end - gap.start).sum();
            let used: u64 = maps.iter()
                .map(|m| m.end.min(allowed.end).saturating_sub(m.start.max(allowed.start))).sum();
            prop_assert_eq!(free + used, allowed.end - allowed.start);
        }
    }
}
