//! Free ranges of addresses: best fit, and what is given back joins its neighbours.
//!
//! What is new is entered before what is old is taken out: where entering panics for lack of memory, the ranges are as
//! they were.

#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::align_up;

/// So many ranges are tried whose alignment may spoil the fit, before one is taken that fits anyhow.
const TRIES: usize = 8;

/// The free parts of a range of addresses.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    by_start: BTreeMap<u64, u64>,
    by_size: BTreeSet<(u64, u64)>,
}

impl Ranges {
    /// All of `range` is free.
    pub fn new(range: Range<u64>) -> Ranges {
        let mut ranges = Ranges::default();
        ranges.give(range);
        ranges
    }

    /// The largest free range's bytes.
    pub fn largest(&self) -> u64 {
        self.by_size.last().map_or(0, |last| last.0)
    }

    /// Takes `size` bytes at a multiple of `align`, a power of two: of the smallest range in which they fit.
    pub fn take(&mut self, size: u64, align: u64) -> Option<u64> {
        let fits = |&(bytes, start): &(u64, u64)| {
            let address = align_up(start, align);
            (address.checked_add(size)? <= start + bytes).then_some((start, bytes, address))
        };
        let close = self.by_size.range((size, 0)..).take(TRIES).find_map(fits);
        let (start, bytes, address) =
            close.or_else(|| self.by_size.range((size.checked_add(align)?, 0)..).find_map(fits))?;
        let rest = address + size..start + bytes;
        let mut entering =
            Entering { ranges: self, sizes: [(address - start, start), key(&rest)], start: None };
        entering.sizes();
        if !rest.is_empty() {
            entering.start(rest);
        }
        std::mem::forget(entering);
        self.by_size.remove(&(bytes, start));
        match self.by_start.get_mut(&start) {
            Some(end) if address > start => *end = address,
            _ => drop(self.by_start.remove(&start)),
        }
        Some(address)
    }

    /// Gives a range back that was taken.
    pub fn give(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let before = self.by_start.range(..range.start).next_back().map(|(&start, &end)| start..end);
        let before = before.filter(|before| before.end == range.start);
        let after = self.by_start.get(&range.end).map(|&end| range.end..end);
        let start = before.as_ref().map_or(range.start, |before| before.start);
        let end = after.as_ref().map_or(range.end, |after| after.end);
        let mut entering = Entering { ranges: self, sizes: [(end - start, start), (0, 0)], start: None };
        entering.sizes();
        if before.is_none() {
            entering.start(start..end);
        }
        std::mem::forget(entering);
        if let Some(before) = before {
            self.by_size.remove(&key(&before));
            self.by_start.insert(start, end); // in place
        }
        if let Some(after) = after {
            self.by_size.remove(&key(&after));
            self.by_start.remove(&after.start);
        }
    }
}

/// A range's place among the sizes.
fn key(range: &Range<u64>) -> (u64, u64) {
    (range.end - range.start, range.start)
}

/// What is being entered. Dropping it takes it out again.
struct Entering<'r> {
    ranges: &'r mut Ranges,
    /// Sizes of 0 are none.
    sizes: [(u64, u64); 2],
    start: Option<u64>,
}

impl Entering<'_> {
    fn sizes(&mut self) {
        self.ranges.by_size.extend(self.sizes.iter().filter(|size| size.0 > 0));
    }

    fn start(&mut self, range: Range<u64>) {
        self.start = Some(range.start);
        self.ranges.by_start.insert(range.start, range.end);
    }
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        for size in &self.sizes {
            self.ranges.by_size.remove(size);
        }
        if let Some(start) = self.start {
            self.ranges.by_start.remove(&start);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_taken_is_apart_and_all_comes_back(
            steps in prop::collection::vec((1u64..5000, 0u32..13, any::<bool>(), any::<usize>()), 1..200)
        ) {
            let whole = 0x1000..0x20_0000u64;
            let mut ranges = Ranges::new(whole.clone());
            let mut taken: Vec<Range<u64>> = Vec::new();
            for (size, shift, give, which) in steps {
                if give && !taken.is_empty() {
                    let range = taken.swap_remove(which % taken.len());
                    ranges.give(range);
                } else if let Some(start) = ranges.take(size, 1 << shift) {
                    prop_assert_eq!(start % (1 << shift), 0);
                    let range = start..start + size;
                    prop_assert!(range.start >= whole.start && range.end <= whole.end);
                    prop_assert!(taken.iter().all(|other| other.end <= range.start || range.end <= other.start));
                    taken.push(range);
                }
                let used: u64 = taken.iter().map(|range| range.end - range.start).sum();
                let free: u64 = ranges.by_start.iter().map(|(start, end)| end - start).sum();
                prop_assert_eq!(used + free, whole.end - whole.start);
                prop_assert_eq!(ranges.by_start.len(), ranges.by_size.len());
            }
            for range in taken {
                ranges.give(range);
            }
            prop_assert_eq!(ranges.largest(), whole.end - whole.start);
        }
    }
}
