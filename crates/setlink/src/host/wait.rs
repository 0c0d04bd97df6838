//! Opening libraries whose initialisers wait until the program is there that they belong to.
//!
//! When a process starts, its libraries are relocated to the program's definitions, and then initialised. A set has
//! addresses only when its libraries are open, and `dlopen(3)` has run their initialisers by then. But between these and the
//! relocations, it calls the resolvers of ifuncs. So the loader is given one image that needs all the libraries
//! (`image.rs`), which it relocates last: that image's resolver leads the entries of each new library's dynamic section that
//! tell of initialisers (gABI chapter 5, "Initialization and Termination Functions") to functions that do nothing but
//! write down in which order the loader comes to them. Then whoever has opened the libraries runs the real ones in this order.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::with_exposed_provenance;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::elf::*;
use super::ends;
use super::fork;
use super::image::{Image, ImageBuilder};
use super::libraries::{headers, iterate};
use super::threads;
use super::words::{Change, change};
use crate::error::Result;

/// Libraries that are loaded and relocated, and of which some wait for being initialised.
///
/// Dropping it closes them. Those that have not begun are not ended either. One that others keep in the process goes on
/// waiting, for whoever opens libraries next.
#[derive(Debug)]
pub(crate) struct WaitingLibraries {
    /// Keeps them loaded.
    image: Option<Image>,
    /// No other has the same.
    number: u64,
}

/// A library that waits for being initialised, or was so by us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub library: Dynamic,
    /// Of the [`WaitingLibraries`] that are to initialise it; 0 if these gave up, and it waits for whoever opens libraries
    /// next.
    pub number: u64,
    pub has_begun: bool,
}

/// In the order in which they are to begin. The loader finds nothing to end them with.
pub(super) static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
/// The dynamic sections of what was there before any of them.
pub(super) static OLDER: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// What is to run when a library begins, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Initialisers {
    /// The function of `DT_INIT`.
    pub first: Option<u64>,
    /// Where the array of `DT_INIT_ARRAY` is, and how many functions it has.
    pub array: (u64, u64),
}

/// What is to run when a library ends, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finalisers {
    /// Where the array of `DT_FINI_ARRAY` is, and how many functions it has, of which the last is the first to run.
    pub array: (u64, u64),
    /// The function of `DT_FINI`.
    pub last: Option<u64>,
}

/// What the dynamic section of a library tells of its beginning and its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dynamic {
    /// Where the section is. No two libraries that are loaded have the same.
    pub address: u64,
    bias: u64,
    init: Option<Value>,
    init_array: Option<(Value, Value)>,
    fini: Option<Value>,
    fini_array: Option<(Value, Value)>,
}

/// A value in a dynamic section: where it is, and what it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    at: u64,
    pub was: u64,
}

impl Value {
    fn to(self, new: u64) -> Change {
        Change { address: self.at, old: self.was, new }
    }
}

impl Dynamic {
    /// Reads the section of the object that the loader describes by `info`.
    ///
    /// # Safety
    /// `info` comes from `dl_iterate_phdr`, whose callback is still running.
    pub unsafe fn of(info: &libc::dl_phdr_info) -> Option<Dynamic> {
        // SAFETY: the callback is running.
        let section = unsafe { dynamic_section(info) }?;
        let mut entries = Dynamic {
            address: section.start,
            bias: info.dlpi_addr,
            init: None,
            init_array: None,
            fini: None,
            fini_array: None,
        };
        let (mut array, mut size) = (None, None);
        let (mut last_array, mut last_size) = (None, None);
        // SAFETY: the callback is running.
        for (tag, value) in unsafe { dynamic_entries(info) } {
            let value = Some(value);
            match tag {
                DT_INIT => entries.init = value,
                DT_INIT_ARRAY => array = value,
                DT_INIT_ARRAYSZ => size = value,
                DT_FINI => entries.fini = value,
                DT_FINI_ARRAY => last_array = value,
                DT_FINI_ARRAYSZ => last_size = value,
                _ => {}
            }
        }
        entries.init_array = array.zip(size);
        entries.fini_array = last_array.zip(last_size);
        Some(entries)
    }

    fn initialisers(&self) -> Initialisers {
        let (array, size) = self.init_array.map_or((0, 0), |(array, size)| (array.was, size.was));
        Initialisers {
            first: self.init.map(|init| self.bias.wrapping_add(init.was)),
            array: (self.bias.wrapping_add(array), size / 8),
        }
    }

    pub fn finalisers(&self) -> Finalisers {
        let (array, size) = self.fini_array.map_or((0, 0), |(array, size)| (array.was, size.was));
        Finalisers {
            array: (self.bias.wrapping_add(array), size / 8),
            last: self.fini.map(|fini| self.bias.wrapping_add(fini.was)),
        }
    }

    pub fn has_end(&self) -> bool {
        self.fini.is_some() || self.fini_array.is_some()
    }

    /// Lets the loader find no function to initialise the library with.
    pub fn without_begin(&self) -> impl Iterator<Item = Change> {
        let init = self.init.map(|init| init.to(self.entry(nothing)));
        init.into_iter().chain(self.init_array.map(|(_, size)| size.to(0)))
    }

    /// Whether there is an array to lead elsewhere: see [`ending_with`](Dynamic::ending_with).
    pub fn has_end_array(&self) -> bool {
        self.fini_array.is_some()
    }

    /// Lets the loader find no function to end the library with.
    pub fn without_end(&self) -> impl Iterator<Item = Change> {
        let fini = self.fini.map(|fini| fini.to(self.entry(nothing)));
        fini.into_iter().chain(self.fini_array.map(|(_, size)| size.to(0)))
    }

    /// Lets the loader find these functions to end the library with, of which the last is the first to run. They stay.
    pub fn ending_with(&self, functions: &[u64]) -> impl Iterator<Item = Change> {
        let array = (functions.as_ptr() as u64).wrapping_sub(self.bias);
        let bytes = size_of_val(functions) as u64;
        let fini = self.fini.map(|fini| fini.to(self.entry(nothing)));
        let changes = self.fini_array.map(|(start, size)| [start.to(array), size.to(bytes)]);
        fini.into_iter().chain(changes.into_iter().flatten())
    }

    /// As an entry has it that tells where `function` is.
    fn entry(&self, function: extern "C" fn()) -> u64 {
        (function as *const () as u64).wrapping_sub(self.bias)
    }
}

/// Where the dynamic section of an object is.
///
/// # Safety
/// `info` comes from `dl_iterate_phdr`, whose callback is still running.
pub(super) unsafe fn dynamic_section(info: &libc::dl_phdr_info) -> Option<Range<u64>> {
    // SAFETY: the caller's promise.
    let header = unsafe { headers(info) }.iter().find(|header| header.p_type == PT_DYNAMIC)?;
    let address = info.dlpi_addr.wrapping_add(header.p_vaddr);
    Some(address..address.checked_add(header.p_memsz)?)
}

/// The tags and values of an object's dynamic section.
///
/// # Safety
/// `info` comes from `dl_iterate_phdr`, whose callback is still running for as long as the result is used.
pub(super) unsafe fn dynamic_entries(info: &libc::dl_phdr_info) -> impl Iterator<Item = (u64, Value)> {
    // SAFETY: the caller's promise.
    let section = unsafe { dynamic_section(info) }.unwrap_or(0..0);
    // SAFETY: the section is mapped and readable: the loader has relocated the object by it.
    let word = |at: u64| unsafe { with_exposed_provenance::<u64>(at as usize).read_unaligned() };
    let entries = (0..(section.end - section.start) / DYN_SIZE).map(move |index| {
        let entry = section.start + index * DYN_SIZE;
        (word(entry), Value { at: entry + 8, was: word(entry + 8) })
    });
    entries.take_while(|&(tag, _)| tag != DT_NULL)
}

/// The libraries that are loaded now.
pub(super) fn loaded() -> Vec<Dynamic> {
    let mut list = Vec::new();
    iterate(&mut |info| {
        // SAFETY: called from the loader's iteration.
        list.extend(unsafe { Dynamic::of(info) });
        ControlFlow::Continue(())
    });
    list
}

/// Where their dynamic sections are.
fn addresses() -> Vec<u64> {
    loaded().iter().map(|library| library.address).collect()
}

/// The functions that libraries were led to; a leak checker finds them here.
pub(super) static LED_TO: Mutex<Vec<Vec<u64>>> = Mutex::new(Vec::new());

/// What an opening that is under way knows.
#[derive(Debug, Default)]
struct Opening {
    /// The dynamic sections of what was loaded before.
    before: Vec<u64>,
    /// The libraries that the loader is about to initialise.
    found: Vec<Dynamic>,
    /// Those with an array, and those without one: numbers in `found`.
    with_array: Vec<usize>,
    without_array: Vec<usize>,
    /// How often `count` was called since the last `initialise`.
    counted: usize,
    /// The order in which the loader came to them: numbers in `found`.
    order: Vec<usize>,
}

thread_local! {
    /// Whoever sets it takes it away again. A value that is dropped when the thread ends would be registered with the C library,
    /// in a block that this frees then: by the program's own `free`, if it has one by now.
    static OPENING: RefCell<ManuallyDrop<Option<Opening>>> = const { RefCell::new(ManuallyDrop::new(None)) };
}

extern "C" fn nothing() {}

/// None is under way when a library that has been ended is opened again.
fn with_opening(then: impl FnOnce(&mut Opening)) {
    OPENING.with_borrow_mut(|opening| _ = opening.as_mut().map(then));
}

extern "C" fn count() {
    with_opening(|opening| opening.counted += 1);
}

extern "C" fn initialise() {
    with_opening(|opening| {
        let number = std::mem::take(&mut opening.counted);
        // There is room: see `lead_astray`.
        opening.order.extend(opening.with_array.get(number));
    });
}

/// In place of the function of `DT_INIT` of the library with number `NUMBER` among those that have no array.
extern "C" fn initialise_without<const NUMBER: usize>() {
    with_opening(|opening| opening.order.extend(opening.without_array.get(NUMBER)));
}

/// Compilers have made no such library for long; more of them in one set begin when they are opened.
const WITHOUT_ARRAY: [extern "C" fn(); 8] = [
    initialise_without::<0>,
    initialise_without::<1>,
    initialise_without::<2>,
    initialise_without::<3>,
    initialise_without::<4>,
    initialise_without::<5>,
    initialise_without::<6>,
    initialise_without::<7>,
];

/// The loader has relocated all that it opens.
extern "C" fn relocated() -> u64 {
    // Where it fails, the initialisers run as the loader finds them. A panic must not unwind through its frames.
    let _ = catch_unwind(AssertUnwindSafe(|| with_opening(|opening| drop(opening.lead_astray()))));
    relocated as *const () as u64
}

impl Opening {
    fn new() -> Opening {
        let before = addresses();
        forget_gone(&before);
        let mut older = fork::lock(&OLDER);
        if older.is_empty() {
            older.clone_from(&before);
        }
        Opening { before, ..Opening::default() }
    }

    /// Leads what is to be initialised to the functions above.
    fn lead_astray(&mut self) -> Result<()> {
        let mut found = loaded();
        found.retain(|library| {
            let has_any = library.init.is_some() || library.init_array.is_some() || library.has_end();
            has_any && !self.before.contains(&library.address)
        });
        let (with, without): (Vec<usize>, Vec<usize>) =
            (0..found.len()).partition(|&number| found[number].init_array.is_some());
        let (mut without, only_end): (Vec<usize>, Vec<usize>) =
            without.into_iter().partition(|&number| found[number].init.is_some());
        without.truncate(WITHOUT_ARRAY.len());
        // Later there will be no way back.
        self.order.reserve_exact(found.len());
        fork::lock(&KNOWN).reserve(found.len());
        // `count` so often as there are libraries with an array, and then `initialise`. That with number `n` among these is led
        // to the last `n + 1` of them: the loader tells nobody for which library it calls a function. They stay: the loader
        // comes here again when a library that it has ended is opened, by a thread that does not know that the process ends.
        let mut functions = vec![count as *const () as u64; with.len()];
        functions.push(initialise as *const () as u64);
        let end = functions.as_ptr_range().end as u64;
        fork::lock(&LED_TO).push(functions);
        let mut changes = Vec::with_capacity(5 * found.len());
        // Whoever initialises them ends them, too: see `ends.rs`.
        let waiting = with.iter().chain(&without).chain(&only_end);
        changes.extend(waiting.flat_map(|&library| found[library].without_end()));
        for (number, library) in (1..).zip(with.iter().map(|&library| &found[library])) {
            changes.extend(library.init.map(|init| init.to(library.entry(nothing))));
            if let Some((array, size)) = library.init_array {
                let bytes = 8 * number;
                changes.extend([array.to((end - bytes).wrapping_sub(library.bias)), size.to(bytes)]);
            }
        }
        for (&library, function) in without.iter().zip(WITHOUT_ARRAY) {
            let library = &found[library];
            changes.extend(library.init.map(|init| init.to(library.entry(function))));
        }
        // SAFETY: the loader is in the middle of `dlopen`, and lets nothing go. It is the only reader of these words, of
        // which it will read the new values once: to call functions that take no arguments, or none of it.
        unsafe { change(&changes)? };
        // The loader does not come to those that have nothing to begin with.
        self.order.extend(only_end);
        (self.found, self.with_array, self.without_array) = (found, with, without);
        Ok(())
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Whether the loader does what that takes (it knows ifuncs, and lets absolute symbols be, as glibc does since 2.28), and no
/// other thread can open a library that waits, for which it would wait in vain.
pub(crate) fn can_wait() -> bool {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: the C library gives a terminated string that stays.
        let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
        let mut numbers = version.to_bytes().split(|&byte| byte == b'.').map(|number| {
            std::str::from_utf8(number).ok().and_then(|number| number.parse::<u32>().ok()).unwrap_or(0)
        });
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 28) && threads::is_alone()
    }
    #[cfg(not(target_env = "gnu"))]
    false
}

/// Opens the libraries at `paths` together, for all to see: each finds what any other defines, in this order, and behind
/// them what they need. Their initialisers, and those of what they need, wait. `lazily`, functions that they call may be
/// missing until they are called.
///
/// # Errors
/// The loader's own message, about any of them.
pub(crate) fn open_waiting(paths: &[Vec<u8>], lazily: bool) -> Result<WaitingLibraries> {
    let builder = ImageBuilder {
        needed: paths.to_vec(),
        relocated: Some(relocated as *const () as u64),
        ..ImageBuilder::default()
    };
    let file = builder.write()?;
    /// The thread opens nothing any more.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            ManuallyDrop::into_inner(OPENING.take());
        }
    }
    let _end = End;
    OPENING.set(ManuallyDrop::new(Some(Opening::new())));
    let image = if lazily { file.open_lazily()? } else { file.open(true)? };
    let Opening { found, order, .. } = ManuallyDrop::into_inner(OPENING.take()).unwrap_or_default();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let opened = WaitingLibraries { image: Some(image), number };
    let libraries = order.into_iter().filter_map(|library| found.get(library).copied());
    let known = |library| Known { library, number, has_begun: false };
    fork::lock(&KNOWN).extend(libraries.map(known));
    Ok(opened)
}

/// Whether libraries wait that those who had opened them gave up, or let [rest](WaitingLibraries::rest).
pub(crate) fn are_left() -> bool {
    let are_left = || fork::lock(&KNOWN).iter().any(|known| known.number == 0);
    if are_left() {
        forget_gone(&addresses());
    }
    are_left()
}

/// What those who had opened it gave up may be gone by now, or as soon as others close it.
fn forget_gone(loaded: &[u64]) {
    fork::lock(&KNOWN).retain(|known| known.number != 0 || loaded.contains(&known.library.address));
}

impl WaitingLibraries {
    /// What stayed of others', and waits.
    pub fn left() -> WaitingLibraries {
        WaitingLibraries { image: None, number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// Those who opened them will not initialise them. Whoever opens libraries next does, and needs one of them to be
    /// initialised.
    pub fn rest(&self) {
        let mut known = fork::lock(&KNOWN);
        let own = known.iter_mut().filter(|known| known.number == self.number && !known.has_begun);
        own.for_each(|known| known.number = 0);
    }

    /// What the next library that waits is initialised with: it does not wait any more.
    pub fn next(&self) -> Option<Initialisers> {
        let mut known = fork::lock(&KNOWN);
        let first = |number| known.iter().position(|known| !known.has_begun && known.number == number);
        let next = first(0).or_else(|| first(self.number))?;
        known[next].has_begun = true;
        known[next].number = self.number;
        Some(known[next].library.initialisers())
    }

    /// By which [`ending`](super::ends::ending) knows them.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for WaitingLibraries {
    fn drop(&mut self) {
        self.rest();
        let mut known = fork::lock(&KNOWN);
        let begun = known.extract_if(.., |known| known.number == self.number);
        let begun: Vec<Dynamic> = begun.map(|known| known.library).collect();
        drop(known);
        // Where that fails, they are closed without their finalisers.
        ends::give_back(&begun);
        self.image = None;
        are_left();
    }
}
