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
//! it lets nothing be unmapped meanwhile. So where it is known, [`EndOfAll`] leads it astray for all libraries.

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::elf::*;
use super::fork;
use super::libraries::{Library, iterate};
use super::open::find_loaded;
use super::slots::{Change, change};
use super::wait::{Dynamic, Finalisers, KNOWN, Known, LED_TO, OLDER, dynamic_entries};

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
    /// What we know of it, if it waited.
    known: Option<Known>,
    /// It was there before any that waited.
    is_older: bool,
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
            let mut loaded =
                Loaded { library, known: None, is_older: false, names: [path, None], needed: Vec::new() };
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

    /// As they were before the loader was led astray.
    fn finalisers(&self) -> Finalisers {
        self.known.map_or(self.library, |known| known.library).finalisers()
    }

    fn is_later(&self) -> bool {
        self.known.is_none() && !self.is_older
    }
}

/// What is loaded, in the loader's order.
#[derive(Debug)]
struct Objects {
    list: Vec<Loaded>,
    /// Which others each needs, by number.
    needs: Vec<Vec<usize>>,
}

impl Objects {
    fn now() -> Objects {
        let mut list: Vec<Loaded> = Vec::new();
        iterate(&mut |info| {
            // SAFETY: called from the loader's iteration.
            list.extend(unsafe { Loaded::of(info) });
            ControlFlow::Continue(())
        });
        let known: HashMap<u64, Known> =
            fork::lock(&KNOWN).iter().map(|known| (known.library.address, *known)).collect();
        let older: HashSet<u64> = fork::lock(&OLDER).iter().copied().collect();
        let (mut by_address, mut by_name) = (HashMap::new(), HashMap::new());
        for (number, object) in list.iter_mut().enumerate() {
            let address = object.library.address;
            object.known = known.get(&address).copied();
            object.is_older = older.contains(&address);
            by_address.insert(address, number);
            for name in object.names.iter_mut().filter_map(Option::take) {
                by_name.entry(name).or_insert(number);
            }
        }
        // Others that the loader knows: by which an object was needed that has no soname, or that is a symbolic link.
        let found = |name: &[u8]| by_address.get(&find_loaded(name, false)?.dynamic_section()?).copied();
        let mut number = |name: &Vec<u8>| match by_name.get(name) {
            Some(&number) => Some(number),
            None => found(name).inspect(|&number| _ = by_name.insert(name.clone(), number)),
        };
        let needs =
            list.iter().map(|object| object.needed.iter().filter_map(&mut number).collect()).collect();
        Objects { list, needs }
    }
}

/// The order in which the loader ends objects, of which each needs those with the numbers in `needs`: each before what it
/// needs, as far as that goes in a circle, and otherwise as in `list`.
///
/// It is a reverse postorder, from the last object to the first (as glibc's since 2.35).
fn order(list: &[usize], needs: &[Vec<usize>]) -> Vec<usize> {
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
    let mut order = order(&Vec::from_iter(0..list.len()), &needs);
    let mut ends: Vec<bool> = vec![false; list.len()];
    for &object in order.iter().rev() {
        ends[object] = match &list[object].known {
            Some(known) => is_own(known),
            None => list[object].is_later() && needs[object].iter().any(|&needed| ends[needed]),
        };
    }
    let later = list.iter().zip(&ends).filter(|(object, ends)| **ends && object.is_later());
    let changes: Vec<Change> = later.flat_map(|(object, _)| object.library.without_end()).collect();
    // SAFETY: the process ends; who closes libraries now races with the loader's end of them, too. The loader is the only
    // reader of these words.
    let is_ours = unsafe { change(&changes) }.is_ok();
    // Otherwise it ends what came later itself, behind these.
    order.retain(|&object| ends[object] && (is_ours || !list[object].is_later()));
    order.into_iter().map(|object| list[object].finalisers()).collect()
}

/// The end of all that is loaded, for which the loader has a function.
///
/// That comes to the executable first, and is led to another function there. From here it is called again, and led to
/// functions that tell to which libraries it comes: those that have begun. Then they can be ended in whichever order, as it is
/// still in its first call, and keeps them.
#[derive(Debug)]
pub(crate) struct EndOfAll {
    objects: Objects,
    /// Those of which the loader tells whether it comes to them, in this order.
    led: Vec<usize>,
}

/// How often `count` was called since the last `came`.
static COUNTED: AtomicUsize = AtomicUsize::new(0);
/// To which libraries the loader came: numbers in `led`.
static CAME: Mutex<Vec<usize>> = Mutex::new(Vec::new());

extern "C" fn count() {
    COUNTED.fetch_add(1, Ordering::Relaxed);
}

extern "C" fn came() {
    fork::lock(&CAME).push(COUNTED.swap(0, Ordering::Relaxed));
}

impl EndOfAll {
    /// Leads the loader astray. None: it cannot be.
    pub fn new(at_executable: extern "C" fn()) -> Option<EndOfAll> {
        let objects = Objects::now();
        let (executable, others) = objects.list.split_first()?;
        if !executable.library.has_end_array() {
            return None;
        }
        let is_led = |&number: &usize| {
            objects.list[number].known.is_none() && objects.list[number].library.has_end_array()
        };
        let led: Vec<usize> = (1..=others.len()).filter(is_led).collect();
        // The loader goes through an array backwards. That of number `n` has the first `n + 1` of them.
        let mut functions = vec![count as *const () as u64; led.len() + 2];
        functions[0] = at_executable as *const () as u64;
        functions[1] = came as *const () as u64;
        let mut changes: Vec<Change> = executable.library.ending_with(&functions[..1]).collect();
        for (number, &object) in led.iter().enumerate() {
            changes.extend(objects.list[object].library.ending_with(&functions[1..number + 2]));
        }
        let without_array = others.iter().filter(|other| other.known.is_none());
        let without_array = without_array.filter(|other| !other.library.has_end_array());
        changes.extend(without_array.flat_map(|other| other.library.without_end()));
        fork::lock(&LED_TO).push(functions);
        // SAFETY: the process ends; who closes libraries now races with the loader's end of them, too. The loader is the only
        // reader of these words, and calls what it finds there without arguments.
        unsafe { change(&changes) }.ok()?;
        Some(EndOfAll { objects, led })
    }

    /// What is to run now that the loader has come to the executable; the rest of its work is done by `again`, its function.
    /// Those that came later keep their order among themselves: it knows which of them were bound to which.
    pub fn ends(self, again: extern "C" fn()) -> Vec<Finalisers> {
        let EndOfAll { objects: Objects { list, needs }, led } = self;
        again();
        let came: Vec<usize> = fork::lock(&CAME).iter().map(|&number| led[number]).collect();
        let mut has_begun: Vec<bool> = list
            .iter()
            .map(|object| object.known.map_or(!object.library.has_end_array(), |known| known.has_begun))
            .collect();
        has_begun[0] = true;
        came.iter().for_each(|&object| has_begun[object] = true);
        let mut later = came.into_iter().filter(|&object| list[object].is_later());
        let is_later = |&object: &usize| list[object].is_later() && led.binary_search(&object).is_ok();
        let listed = (0..list.len()).map(|object| match is_later(&object) && has_begun[object] {
            true => later.next().unwrap_or(object),
            false => object,
        });
        let order = order(&listed.collect::<Vec<_>>(), &needs);
        order
            .into_iter()
            .filter(|&object| has_begun[object])
            .map(|object| list[object].finalisers())
            .collect()
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
            assert_eq!(order(&Vec::from_iter(0..needs.len()), &needs), expected, "{needs:?}");
        }
    }
}
