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
//! were bound to, as two libraries do that have the same inline function. But it alone knows which libraries have begun, and
//! it lets nothing be unmapped meanwhile. So where it is known, it does its work, and ours is a part of it: [`EndOfAll`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fork;
use super::objects::{Loaded, Objects};
use super::wait::{Dynamic, Finalisers, KNOWN, Known, LED_TO, OLDER, loaded};
use super::words::{Change, change, change_for_good};
use crate::error::Result;

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

/// The order in which the loader ends objects, of which each needs those with the numbers in `needs`: each before what it
/// needs, as far as that goes in a circle, and otherwise as in `list`.
///
/// It is a reverse postorder, from the last object to the first (as glibc's since 2.35).
fn order_of(list: &[usize], needs: &[Vec<usize>]) -> Vec<usize> {
    let mut postorder = Vec::with_capacity(needs.len());
    let mut is_seen = vec![false; needs.len()];
    for &root in list.iter().rev() {
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

/// The process ends: how to end the libraries with this number, all of which have begun, and what was loaded since and needs
/// them, before them. That is taken for something that has begun.
pub(crate) fn ending(number: u64) -> Vec<Finalisers> {
    let is_own = |known: &Known| known.number == number;
    if !fork::lock(&KNOWN).iter().any(is_own) {
        return Vec::new();
    }
    let Objects { list, needs } = Objects::now();
    let mut order = order_of(&Vec::from_iter(0..list.len()), &needs);
    let mut ends: Vec<bool> = vec![false; list.len()];
    for &object in order.iter().rev() {
        ends[object] = match &list[object].known {
            Some(known) => is_own(known),
            None => list[object].is_later() && needs[object].iter().any(|&needed| ends[needed]),
        };
    }
    let later =
        || list.iter().zip(&ends).filter(|(o, ends)| **ends && o.is_later()).map(|(object, _)| object);
    let changes: Vec<Change> = later().flat_map(|object| object.library.without_end()).collect();
    let is_code = later().any(|object| object.is_code);
    // SAFETY: the process ends; who closes libraries now races with the loader's end of them, too. The loader is the only
    // reader of these words.
    let is_ours = !is_code && unsafe { change_for_good(&changes) }.is_ok();
    // Otherwise it ends what came later itself, behind these.
    order.retain(|&object| ends[object] && (is_ours || !list[object].is_later()));
    order.into_iter().map(|object| list[object].finalisers()).collect()
}

/// The end of all that is loaded, for which the loader has a function.
///
/// That comes to the executable first, which it finds to end with another function: there, the process can be ended in
/// whichever order, while the loader keeps all libraries. Before, the loader's function is called again, and comes to the
/// others that have begun, which it finds to end with functions that tell to which it came.
///
/// Dropping it gives all back to the loader.
#[derive(Debug)]
pub(crate) struct EndOfAll {
    /// The executable and what else was there before any that waited. All have begun.
    older: Vec<Dynamic>,
    back: Vec<Change>,
}

/// How often `count` was called since the last `came`.
static COUNTED: AtomicUsize = AtomicUsize::new(0);
/// To which of the others the loader came, in this order.
static CAME: Mutex<Vec<usize>> = Mutex::new(Vec::new());

extern "C" fn count() {
    COUNTED.fetch_add(1, Ordering::Relaxed);
}

extern "C" fn came() {
    fork::lock(&CAME).push(COUNTED.swap(0, Ordering::Relaxed));
}

impl EndOfAll {
    /// Leads the loader to `at_executable`, in place of the executable's finalisers.
    ///
    /// # Errors
    /// The loader's tables cannot be written.
    pub fn new(at_executable: extern "C" fn()) -> Result<EndOfAll> {
        let mut older = loaded();
        let addresses = fork::lock(&OLDER);
        older.retain(|library| addresses.contains(&library.address));
        drop(addresses);
        let functions = vec![at_executable as *const () as u64];
        let mut changes: Vec<Change> = Vec::new();
        for (number, library) in older.iter().enumerate() {
            match number {
                0 => changes.extend(library.ending_with(&functions)),
                _ => changes.extend(library.without_end()),
            }
            // The loader takes it for ended when others are not yet. Who opens a library then must not begin it again.
            changes.extend(library.without_begin());
        }
        fork::lock(&LED_TO).push(functions);
        let back =
            changes.iter().map(|change| Change { old: change.new, new: change.old, ..*change }).collect();
        // SAFETY: who was there before others were opened stays. The loader is the only reader of these words, and calls what
        // it finds there without arguments.
        unsafe { change(&changes)? };
        Ok(EndOfAll { older, back })
    }

    /// What is to run now that the loader has come to the executable, with its function for it to come to the others. None
    /// where its tables cannot be written: it goes on, and ends the others itself.
    pub fn ends(mut self, loaders: extern "C" fn()) -> Option<Vec<Finalisers>> {
        self.back.clear();
        let Objects { list, needs } = Objects::now();
        let (led, others): (Vec<usize>, Vec<usize>) = (0..list.len())
            .filter(|&object| list[object].is_later())
            .partition(|&object| list[object].library.has_end_array());
        // The loader goes through an array backwards. That of number `n` has the first `n + 1` of them.
        let mut functions = vec![count as *const () as u64; led.len()];
        functions.first_mut().into_iter().for_each(|first| *first = came as *const () as u64);
        let mut changes: Vec<Change> = Vec::new();
        for (number, &object) in led.iter().enumerate() {
            changes.extend(list[object].library.ending_with(&functions[..=number]));
        }
        changes.extend(others.iter().flat_map(|&object| list[object].library.without_end()));
        fork::lock(&LED_TO).push(functions);
        if led.iter().chain(&others).any(|&object| list[object].is_code) {
            return None;
        }
        // SAFETY: the loader keeps these libraries, and is the only reader of these words; it calls what it finds there without
        // arguments.
        unsafe { change_for_good(&changes) }.ok()?;
        loaders();
        let came: Vec<usize> = fork::lock(&CAME).iter().map(|&number| led[number]).collect();
        let mut ends: Vec<bool> =
            list.iter().map(|object| object.known.map_or(object.is_older, |known| known.has_begun)).collect();
        // Whether the loader would have come to those that have no array is not known.
        came.iter().chain(&others).for_each(|&object| ends[object] = true);
        let all: Vec<usize> = (0..list.len()).collect();
        let mut order = order_of(&all, &needs);
        let has_come = |object: &&usize| ends[**object] && led.binary_search(object).is_ok();
        if !order.iter().filter(has_come).eq(&came) {
            // Among themselves they keep the loader's: it knows that some were bound to others.
            let mut listed = all;
            led.iter()
                .filter(|&&place| ends[place])
                .zip(&came)
                .for_each(|(&place, &object)| listed[place] = object);
            order = order_of(&listed, &needs);
        }
        let original = |object: &Loaded| {
            let is_same = |older: &&Dynamic| older.address == object.library.address;
            self.older.iter().find(is_same).map_or_else(|| object.finalisers(), Dynamic::finalisers)
        };
        Some(order.into_iter().filter(|&object| ends[object]).map(|object| original(&list[object])).collect())
    }
}

impl Drop for EndOfAll {
    fn drop(&mut self) {
        // SAFETY: what was there before others were opened stays. The loader, which alone reads these words, finds its own.
        // Where it fails, they are not ended.
        let _ = unsafe { change(&self.back) };
    }
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
            assert_eq!(order_of(&Vec::from_iter(0..needs.len()), &needs), expected, "{needs:?}");
        }
    }
}
