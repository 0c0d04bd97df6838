//! Changing words that the loader has filled in, in the pages of loaded objects: all of some, or none.

use std::os::unix::fs::FileExt;
use std::ptr::with_exposed_provenance;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::mm::MprotectFlags;

use super::maps::Maps;
use super::{fork, threads};
use crate::error::{Error, Place, Problem, ProblemKind, Result};

/// One aligned word and its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub address: u64,
    pub old: u64,
    pub new: u64,
}

/// Only one thread may change protections at a time: each puts back what it found.
pub(super) static WRITING: Mutex<()> = Mutex::new(());

/// Makes all changes, or none.
///
/// # Errors
/// Memory cannot be written.
///
/// # Safety
/// The words belong to loaded objects that stay meanwhile, and the new values serve who reads them.
pub(super) unsafe fn change(changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let _guard = fork::lock(&WRITING);
    write(changes, Direction::Forth, threads::is_alone())
}

/// Makes all changes, or none, when the process ends: the program may have closed its doors (`chroot`, `seccomp`), so nothing
/// is opened to look where they are, and a page that has to be writable for it stays so.
///
/// # Errors
/// A page cannot become writable.
///
/// # Safety
/// As for [`change`]. The words are in no code.
pub(super) unsafe fn change_for_good(changes: &[Change]) -> Result<()> {
    let page = rustix::param::page_size();
    let mut pages: Vec<u64> = changes.iter().map(|change| change.address & !(page as u64 - 1)).collect();
    pages.sort_unstable();
    pages.dedup();
    for start in pages {
        let address = std::ptr::with_exposed_provenance_mut(start as usize);
        // SAFETY: the page belongs to a loaded object, whose code is elsewhere; adding a permission takes nothing from its users.
        let status =
            unsafe { rustix::mm::mprotect(address, page, MprotectFlags::READ | MprotectFlags::WRITE) };
        status.map_err(|error| {
            let what = format!("cannot write at {start:#x}: mprotect: {error}");
            Problem::new(Place::default(), ProblemKind::Memory { what })
        })?;
    }
    changes.iter().for_each(store);
    Ok(())
}

fn store(change: &Change) {
    let slot = with_exposed_provenance::<AtomicU64>(change.address as usize);
    // SAFETY: an aligned word of a segment that is mapped and now writable; those who read it meanwhile see either value.
    // That the new value is a good one was promised to `apply`, `change` or `change_for_good`.
    unsafe { &*slot }.store(change.new, Ordering::Release);
}

/// Which value of a [`Change`] is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forth,
    Back,
}

/// Writes all changes, or none. Called with the loader's lock held, so no object goes away.
pub(super) fn write(changes: &[Change], direction: Direction, is_alone: bool) -> Result<()> {
    let mut sorted = changes.to_vec();
    sorted.sort_unstable_by_key(|change| change.address);
    if direction == Direction::Back {
        sorted.iter_mut().for_each(|change| std::mem::swap(&mut change.old, &mut change.new));
    }
    let maps = Maps::of_process()?;
    let page = rustix::param::page_size() as u64;
    let back = sorted.iter().map(|c| Change { old: c.new, new: c.old, ..*c }).collect();
    let mut written = Written { back, count: 0, page, maps: &maps, is_alone };
    for group in sorted.chunk_by(|a, b| a.address / page == b.address / page) {
        // Before: where a page fails, some of it may have been written.
        written.count += group.len();
        write_page(group, page, &maps, is_alone)?;
    }
    written.count = 0;
    Ok(())
}

/// Changes of which the first `count` may have been made. Dropping it makes them undone: what could be written a moment
/// ago can be written back.
struct Written<'m> {
    back: Vec<Change>,
    count: usize,
    page: u64,
    maps: &'m Maps,
    is_alone: bool,
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        let same_page = |a: &Change, b: &Change| a.address / self.page == b.address / self.page;
        for group in self.back[..self.count].chunk_by(same_page) {
            let _ = write_page(group, self.page, self.maps, self.is_alone);
        }
    }
}

/// Writes the changes of one page, which is made writable meanwhile if it is not.
fn write_page(group: &[Change], page: u64, maps: &Maps, is_alone: bool) -> Result<()> {
    let Some(start) = group.first().map(|change| change.address & !(page - 1)) else { return Ok(()) };
    let problem = |what: String| {
        let what = format!("cannot write at {start:#x}: {what}");
        Error::from(Problem::new(Place::default(), ProblemKind::Memory { what }))
    };
    let mapping = maps.at(start).ok_or_else(|| problem("nothing is mapped there".into()))?;
    if mapping.execute {
        // No page may be writable and executable; the kernel writes for us.
        if !is_alone {
            return Err(problem("it is code, and other threads run".into()));
        }
        let memory = std::fs::OpenOptions::new().write(true).open("/proc/self/mem");
        let memory = memory.map_err(|error| problem(error.to_string()))?;
        return group.iter().try_for_each(|change| {
            memory.write_all_at(&change.new.to_ne_bytes(), change.address).map_err(|e| problem(e.to_string()))
        });
    }
    let mut flags = MprotectFlags::empty();
    flags.set(MprotectFlags::READ, mapping.read);
    let protect = |flags: MprotectFlags| {
        let address = std::ptr::with_exposed_provenance_mut(start as usize);
        // SAFETY: the page belongs to a loaded object. Adding the permission to write takes nothing from its users,
        // and taking it away again leaves the page as the loader, which alone may write to it, had left it.
        unsafe { rustix::mm::mprotect(address, page as usize, flags) }
    };
    if !mapping.write {
        protect(flags | MprotectFlags::WRITE).map_err(|error| problem(format!("mprotect: {error}")))?;
    }
    group.iter().for_each(store);
    if mapping.write {
        return Ok(());
    }
    protect(flags).map_err(|error| problem(format!("mprotect: {error}")))
}
