//! Work shared among threads that live as long as the work.
//!
//! No pool outlives a phase: the set's program finds the process as it was, and moving the host's variables needs a single
//! thread. Nor does a thread spin while it waits, as those of a work-stealing pool do.

#![forbid(unsafe_code)]

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

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

    /// Hands what `work` makes of each item to `take`, in the order of the items. The calling thread takes; while others work
    /// ahead, it works only when what it is to take next is not begun.
    pub fn ahead<T: Send, R: Send>(
        self,
        items: impl ExactSizeIterator<Item = T>,
        work: impl Fn(T) -> R + Sync,
        mut take: impl FnMut(R),
    ) {
        if self.is_one() || items.len() < AHEAD_FROM {
            // What was worked on is still in cache when it is taken.
            return items.for_each(|item| take(work(item)));
        }
        let line = Line::new(items.collect());
        std::thread::scope(|scope| {
            for _ in 1..self.0.get() {
                let worker = line.enter();
                let run = || {
                    let _worker = worker;
                    while let Some((number, item)) = line.next() {
                        line.finish(number, work(item));
                    }
                };
                if std::thread::Builder::new().spawn_scoped(scope, run).is_err() {
                    break;
                }
            }
            for number in 0..line.length {
                let result = loop {
                    if let Some(result) = line.finished(number) {
                        break Some(result);
                    }
                    match line.next() {
                        Some((own, item)) if own == number => break Some(work(item)),
                        Some((own, item)) => line.finish(own, work(item)),
                        None => break line.wait(number),
                    }
                };
                match result {
                    Some(result) => take(result),
                    // Who had it panicked, and the panic goes on from the end of the scope.
                    None => return,
                }
            }
        });
    }

    /// What both make, `aside` on one more thread, unless there is nobody to share with.
    pub fn beside<A: Send, B>(self, aside: impl FnOnce() -> A + Send, own: impl FnOnce() -> B) -> (A, B) {
        if self.is_one() {
            return (aside(), own());
        }
        let work = Mutex::new(Some(aside));
        let take = || work.lock().unwrap_or_else(PoisonError::into_inner).take();
        std::thread::scope(|scope| {
            let other = || take().map(|aside| aside());
            let other = std::thread::Builder::new().spawn_scoped(scope, other);
            let own = own();
            // Where there is no thread to be had, or it has not begun, this one does its part.
            if let Some(aside) = take() {
                return (aside(), own);
            }
            match other.map(|other| other.join()) {
                Ok(Ok(Some(aside))) => (aside, own),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Ok(Ok(None)) | Err(_) => unreachable!("what was taken was done"),
            }
        })
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

/// For fewer items, starting threads costs more than it gives.
const AHEAD_FROM: usize = 16;

/// Items that are worked on by several threads, and what was made of them, until it is taken.
struct Line<T, R> {
    length: usize,
    items: Mutex<std::iter::Enumerate<std::vec::IntoIter<T>>>,
    results: Mutex<Results<R>>,
    more: Condvar,
}

struct Results<R> {
    finished: Vec<Option<R>>,
    /// Threads that may still finish something.
    workers: usize,
}

/// A thread that works, until it is dropped.
struct Worker<'l, T, R>(&'l Line<T, R>);

impl<T, R> Drop for Worker<'_, T, R> {
    fn drop(&mut self) {
        self.0.results().workers -= 1;
        self.0.more.notify_all();
    }
}

impl<T, R> Line<T, R> {
    fn new(items: Vec<T>) -> Self {
        let finished = std::iter::repeat_with(|| None).take(items.len()).collect();
        Line {
            length: items.len(),
            items: Mutex::new(items.into_iter().enumerate()),
            results: Mutex::new(Results { finished, workers: 0 }),
            more: Condvar::new(),
        }
    }

    fn results(&self) -> MutexGuard<'_, Results<R>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) -> Worker<'_, T, R> {
        self.results().workers += 1;
        Worker(self)
    }

    /// The next item that nobody has begun, with its number.
    fn next(&self) -> Option<(usize, T)> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn finish(&self, number: usize, result: R) {
        self.results().finished[number] = Some(result);
        self.more.notify_all();
    }

    fn finished(&self, number: usize) -> Option<R> {
        self.results().finished[number].take()
    }

    /// Waits for a result. None where all who work have gone without it.
    fn wait(&self, number: usize) -> Option<R> {
        let waits = |results: &mut Results<R>| results.finished[number].is_none() && results.workers > 0;
        let results = self.more.wait_while(self.results(), waits);
        results.unwrap_or_else(PoisonError::into_inner).finished[number].take()
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
                let mut taken = Vec::new();
                threads.ahead(0..count, |item| item * 2, |item| taken.push(item));
                assert_eq!(taken, doubled);
            }
        }
    }

    #[test]
    fn both_are_done() {
        for threads in 1..4 {
            let threads = Threads(NonZeroUsize::new(threads).expect("it is not 0"));
            let here = std::thread::current().id();
            for _ in 0..100 {
                let both = threads.beside(|| std::thread::current().id(), || std::thread::current().id());
                assert_eq!(both.1, here);
                assert!(!threads.is_one() || both.0 == here);
            }
            let culprit = || threads.beside(|| panic!("on purpose"), || 1);
            assert!(std::panic::catch_unwind(culprit).is_err());
            let culprit = || threads.beside(|| 1, || panic!("on purpose"));
            assert!(std::panic::catch_unwind(culprit).is_err());
        }
    }

    #[test]
    fn a_panic_of_one_who_works_ahead_reaches_the_caller() {
        for culprit in [0, 50, 99] {
            let work = |item: usize| if item == culprit { panic!("on purpose") } else { item };
            let all = || Threads(NonZeroUsize::new(3).expect("it is not 0")).ahead(0..100, work, |_| {});
            assert!(std::panic::catch_unwind(all).is_err());
        }
    }
}
