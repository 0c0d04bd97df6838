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

/// The free parts of a range of addresses. Most that is taken is cut off the front of a range, which then keeps its end.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// The start of the range that ends there.
    by_end: BTreeMap<u64, u64>,
    /// Bytes and end.
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
        let fits = |&(bytes, end): &(u64, u64)| {
            let address = align_up(end - bytes, align);
            (address.checked_add(size)? <= end).then_some((end - bytes, end, address))
        };
        let close = self.by_size.range((size, 0)..).take(TRIES).find_map(fits);
        let (start, end, address) =
            close.or_else(|| self.by_size.range((size.checked_add(align)?, 0)..).find_map(fits))?;
        let rest = address + size;
        let sizes = [(address - start, address), (end - rest, end)];
        let mut entering = Entering { ranges: self, sizes, end: None };
        entering.sizes();
        if start < address {
            entering.end(start..address);
        }
        std::mem::forget(entering);
        self.by_size.remove(&(end - start, end));
        match self.by_end.get_mut(&end) {
            Some(start) if rest < end => *start = rest, // in place
            _ => drop(self.by_end.remove(&end)),
        }
        Some(address)
    }

    /// Gives a range back that was taken.
    pub fn give(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let before = self.by_end.get(&range.start).map(|&start| start..range.start);
        let after = self.by_end.range(range.end + 1..).next().map(|(&end, &start)| start..end);
        let after = after.filter(|after| after.start == range.end);
        let start = before.as_ref().map_or(range.start, |before| before.start);
        let end = after.as_ref().map_or(range.end, |after| after.end);
        let mut entering = Entering { ranges: self, sizes: [(end - start, end), (0, 0)], end: None };
        entering.sizes();
        if after.is_none() {
            entering.end(start..end);
        }
        std::mem::forget(entering);
        if let Some(before) = before {
            self.by_size.remove(&(before.end - before.start, before.end));
            self.by_end.remove(&before.end);
        }
        if let Some(after) = after {
            self.by_size.remove(&(after.end - after.start, after.end));
            self.by_end.insert(end, start); // in place
        }
    }
}

/// What is being entered. Dropping it takes it out again.
struct Entering<'r> {
    ranges: &'r mut Ranges,
    /// Sizes of 0 are none.
    sizes: [(u64, u64); 2],
    end: Option<u64>,
}

impl Entering<'_> {
    fn sizes(&mut self) {
        self.ranges.by_size.extend(self.sizes.iter().filter(|size| size.0 > 0));
    }

    fn end(&mut self, range: Range<u64>) {
        self.end = Some(range.end);
        self.ranges.by_end.insert(range.end, range.start);
    }
}

impl Drop for Entering<'_> {
    fn drop(&mut self) {
        for size in &self.sizes {
            self.ranges.by_size.remove(size);
        }
        if let Some(end) = self.end {
            self.ranges.by_end.remove(&end);
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
                let free: u64 = ranges.by_end.iter().map(|(end, start)| end - start).sum();
                prop_assert_eq!(used + free, whole.end - whole.start);
                prop_assert_eq!(ranges.by_end.len(), ranges.by_size.len());
            }
            for range in taken {
                ranges.give(range);
            }
            prop_assert_eq!(ranges.largest(), whole.end - whole.start);
        }
    }
}
