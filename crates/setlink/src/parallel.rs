//! Work shared among threads that live as long as the work.
//!
//! No pool outlives a phase: the set's program finds the process as it was, and moving the host's variables needs a single
//! thread. Nor does a thread spin while it waits, as those of a work-stealing pool do.

#![forbid(unsafe_code)]

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// How many threads may share a link's work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threads(NonZeroUsize);

impl Threads {
    /// The calling thread alone.
    pub const ONE: Threads = Threads(NonZeroUsize::MIN);

    /// One for each processor that this process may use.
    pub fn all() -> Threads {
        Threads(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// Whether there is nobody to share with.
    pub fn is_one(self) -> bool {
        self.0 == NonZeroUsize::MIN
    }

    /// These threads for work that is `large`, otherwise the calling one alone.
    pub fn when(self, large: bool) -> Threads {
        if large { self } else { Threads::ONE }
    }

    /// Hands what `work` makes of the numbers below `count`, in ranges of `batch`, to `take`, in their order. Where there is
    /// nobody to share with, it is one range, and what is found is put together once.
    pub fn over<R: Send>(
        self,
        count: usize,
        batch: usize,
        work: impl Fn(Range<usize>) -> R + Sync,
        mut take: impl FnMut(R),
    ) {
        if self.is_one() {
            return take(work(0..count));
        }
        let ranges = (0..count).step_by(batch).map(|start| start..(start + batch).min(count));
        self.map(ranges.collect(), 1, work).into_iter().for_each(take);
    }

    /// What `work` makes of each item, in the order of the items, of which a thread takes `batch` at a time.
    pub fn map<T: Send, R: Send>(self, items: Vec<T>, batch: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        if self.is_one() || items.len() <= batch {
            return items.into_iter().map(work).collect();
        }
        let total = items.len();
        let queue = Mutex::new(items.into_iter());
        let finished: Mutex<Vec<(usize, Vec<R>)>> = Mutex::new(Vec::new());
        let run = || {
            let mut own = Vec::new();
            loop {
                let (number, items): (usize, Vec<T>) = {
                    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                    (total - queue.len(), queue.by_ref().take(batch).collect())
                };
                if items.is_empty() {
                    break;
                }
                own.push((number, items.into_iter().map(&work).collect()));
            }
            finished.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
        };
        std::thread::scope(|scope| {
            for _ in 1..self.0.get() {
                // Where there is no thread to be had, the others do its part.
                if std::thread::Builder::new().spawn_scoped(scope, run).is_err() {
                    break;
                }
            }
            run();
        });
        let mut finished = finished.into_inner().unwrap_or_else(PoisonError::into_inner);
        finished.sort_unstable_by_key(|part| part.0);
        finished.into_iter().flat_map(|part| part.1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for threads in 1..5 {
            let threads = Threads(NonZeroUsize::new(threads).expect("it is not 0"));
            for count in [0, 1, 7, 8, 9, 1000] {
                let doubled = threads.map((0..count).collect(), 8, |item: usize| item * 2);
                assert_eq!(doubled, (0..count).map(|item| item * 2).collect::<Vec<_>>());
                let mut all = Vec::new();
                threads.over(count, 8, |range| range.collect::<Vec<_>>(), |part| all.extend(part));
                assert_eq!(all, (0..count).collect::<Vec<_>>());
            }
        }
    }
}
