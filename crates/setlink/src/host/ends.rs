//! The end of libraries that began later than the loader thinks.
//!
//! When the loader starts a program, it registers one function with the C library, which is to end all libraries, after
//! they have begun: what their constructors register (gABI and Itanium C++ ABI, 3.3.6: the destructors of C++ statics)
//! runs behind it, or with the library that it belongs to, when that is ended. Libraries that `wait.rs` opens begin later
//! than that function was registered, so what they register would run before any library is ended, and what a library's
//! destructor functions use would be gone. So a function that is registered behind them ends them, in the order in which the
//! loader ends a program's; it finds nothing to end them with itself.
//!
//! The loader's own function would end them in another order: for it they are opened later, and depend on whatever they
//! were bound to, as two libraries do that have the same inline function.

use std::ffi::CStr;
use std::ops::ControlFlow;

use super::elf::*;
use super::fork;
use super::libraries::{Library, iterate};
use super::slots::{Change, change};
use super::wait::{Dynamic, Finalisers, KNOWN, Known, OLDER, dynamic_entries};

/// The loader is to end these again.
pub(super) fn give_back(libraries: &[Dynamic]) {
    let changes: Vec<Change> = libraries
        .iter()
        .flat_map(Dynamic::without_end)
        .map(|change| Change { old: change.new, new: change.old, ..change })
        .collect();
    // SAFETY: who calls this has kept the libraries loaded. The loader, which alone reads these words, finds its own there.
    let _ = unsafe { change(&changes) };
}

/// An object that is loaded.
#[derive(Debug)]
struct Loaded {
    library: Dynamic,
    /// Its path, or what the loader was given, and its soname.
    names: [Option<Vec<u8>>; 2],
    /// What it needs (`DT_NEEDED`).
    needed: Vec<Vec<u8>>,
}

impl Loaded {
    /// Reads the object that the loader describes by `info`; none without a dynamic section.
    ///
    /// # Safety
    /// `info` comes from `dl_iterate_phdr`, whose callback is still running.
    unsafe fn of(info: &libc::dl_phdr_info) -> Option<Loaded> {
        // SAFETY: the callback is running; a name is terminated.
        unsafe {
            let library = Dynamic::of(info)?;
            let tables = Library::from_loader(info, false, 0).tables;
            let text = |offset| tables.as_ref()?.string(offset).map(<[u8]>::to_vec);
            let path =
                (!info.dlpi_name.is_null()).then(|| CStr::from_ptr(info.dlpi_name).to_bytes().to_vec());
            let mut loaded = Loaded { library, names: [path, None], needed: Vec::new() };
            for (tag, value) in dynamic_entries(info) {
                match tag {
                    DT_NEEDED => loaded.needed.extend(text(value.was)),
                    DT_SONAME => loaded.names[1] = text(value.was),
                    _ => {}
                }
            }
            Some(loaded)
        }
    }

    /// Whether the loader takes it where `needed` is needed: names without a directory are sonames, or names of files.
    fn is(&self, needed: &[u8]) -> bool {
        fn last(path: &[u8]) -> &[u8] {
            path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
        }
        self.names.iter().flatten().any(|name| name == needed || last(name) == last(needed))
    }
}

/// The order in which the loader ends objects, of which each needs those with the numbers in `needs`: each before what it
/// needs, as far as that goes in a circle, and otherwise as they are listed.
///
/// It is a reverse postorder, from the last object to the first (as glibc's since 2.35).
fn order(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut postorder = Vec::with_capacity(needs.len());
    let mut is_seen = vec![false; needs.len()];
    for root in (0..needs.len()).rev() {
        if std::mem::replace(&mut is_seen[root], true) {
            continue;
        }
        // Objects on the way, each with how many of its needs have been looked at.
        let mut way = vec![(root, 0)];
        while let Some((object, looked_at)) = way.last_mut() {
            let next = needs[*object].get(*looked_at).copied();
            *looked_at += 1;
            match next {
                Some(next) if !std::mem::replace(&mut is_seen[next], true) => way.push((next, 0)),
                Some(_) => {}
                None => {
                    postorder.push(*object);
                    way.pop();
                }
            }
        }
    }
    postorder.reverse();
    postorder
}

/// What is to be done when the process ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// Running a library's finalisers.
    Library(Finalisers),
    /// Having the loader end all that is its own to end.
    Loader,
}

/// The process ends: how to end the libraries with this number. What was loaded since and needs them is ended before them: by
/// the loader, where its function is known (`is_loader_known`), which looks after what other threads open or close; or else
/// as these are, and is taken for something that has begun. All with the number have begun.
pub(crate) fn ending(number: u64, is_loader_known: bool) -> Vec<End> {
    let known = fork::lock(&KNOWN);
    let is_own = |known: &Known| known.number == number;
    if !known.iter().any(is_own) {
        return Vec::new();
    }
    let mut loaded: Vec<Loaded> = Vec::new();
    iterate(&mut |info| {
        // SAFETY: called from the loader's iteration.
        loaded.extend(unsafe { Loaded::of(info) });
        ControlFlow::Continue(())
    });
    let number_of = |needed: &Vec<u8>| loaded.iter().position(|object| object.is(needed));
    let needs: Vec<Vec<usize>> =
        loaded.iter().map(|object| object.needed.iter().filter_map(number_of).collect()).collect();
    let order = order(&needs);

    let older = fork::lock(&OLDER);
    let known_at = |object: usize| {
        let address = loaded[object].library.address;
        known.iter().find(|known| known.library.address == address)
    };
    // They are of the set, or came later and lead to such.
    let mut lead: Vec<bool> = vec![false; loaded.len()];
    for &object in order.iter().rev() {
        lead[object] = match known_at(object) {
            Some(known) => is_own(known),
            None => {
                let is_later = !older.contains(&loaded[object].library.address);
                is_later && needs[object].iter().any(|&needed| lead[needed])
            }
        };
    }
    drop(older);
    let mut ends: Vec<(End, bool)> = Vec::new();
    let mut changes = Vec::new();
    for object in order.into_iter().filter(|&object| lead[object]) {
        let library = &loaded[object].library;
        match known_at(object) {
            // As it was before the loader was led astray.
            Some(known) => ends.push((End::Library(known.library.finalisers()), true)),
            None if !library.has_end() => {}
            None if is_loader_known => {
                if !ends.iter().any(|(end, _)| matches!(end, End::Loader)) {
                    ends.push((End::Loader, true));
                }
            }
            None => {
                ends.push((End::Library(library.finalisers()), false));
                changes.extend(library.without_end());
            }
        }
    }
    // SAFETY: the process ends; who closes libraries now races with the loader's end of them, too. The loader is the only
    // reader of these words.
    if unsafe { change(&changes) }.is_err() {
        // It ends them itself, later.
        ends.retain(|(_, is_ours)| *is_ours);
    }
    ends.into_iter().map(|(end, _)| end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What glibc 2.36 ends in which order: seen by programs of such libraries, each with a destructor that prints.
    #[test]
    fn each_ends_before_what_it_needs() {
        // Number 0 is the program.
        for (needs, expected) in [
            (vec![vec![1, 2], vec![], vec![]], vec![0, 1, 2]),
            (vec![vec![1, 2], vec![2], vec![]], vec![0, 1, 2]),
            (vec![vec![1, 2], vec![], vec![1]], vec![0, 2, 1]),
            // The last was opened by the program, and needs the first library, or none.
            (vec![vec![1, 2], vec![], vec![], vec![1]], vec![0, 2, 3, 1]),
            (vec![vec![1, 2], vec![], vec![], vec![]], vec![0, 1, 2, 3]),
            // A circle.
            (vec![vec![1, 2], vec![2], vec![1]], vec![0, 2, 1]),
        ] {
            assert_eq!(order(&needs), expected, "{needs:?}");
        }
    }
}
