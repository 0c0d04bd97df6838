//! Initialisers and finalisers: the functions that run when a set starts and when it ends. gABI, chapter 5,
//! "Initialization and Termination Functions".

use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_void};
use std::sync::Mutex;

use super::libraries::Begun;
use crate::host::{Finalisers, Initialisers, fork};
use crate::place::Plan;
use crate::place::layout::{Contents, PointerArray};

/// Arguments of `main`, which initialisers get too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments {
    pub count: c_int,
    pub values: *const *const c_char,
}

impl Arguments {
    /// Those of functions that end something.
    pub const NONE: Arguments = Arguments { count: 0, values: std::ptr::null() };
}

unsafe extern "C" {
    static environ: *const *const c_char;
    fn __cxa_atexit(function: extern "C" fn(*mut c_void), argument: *mut c_void, owner: *mut c_void)
    -> c_int;
    fn __cxa_finalize(owner: *mut c_void);
    // Of libm, which the command is to load with this: libc has some of its functions, too (`frexp`), and for programs that
    // name libm, as all of g++'s do, it has to stand before libc. Loaded later it does not, and the process starts again.
    fn feclearexcept(exceptions: c_int) -> c_int;
}

/// Leaves this thread's `errno` and floating-point status as a program finds them when it starts (C17, 7.5 and F.8.3): to link
/// it, files were looked for and times computed.
pub fn start_afresh() {
    // SAFETY: the first leads to a variable of this thread; the second takes any number, of which only bits that are
    // exceptions count.
    unsafe {
        *libc::__errno_location() = 0;
        feclearexcept(!0);
    }
}

/// The environment as it is now.
pub(crate) fn environment() -> *const *const c_char {
    // SAFETY: POSIX defines the variable; reading the pointer races only with a program that sets the environment from
    // another thread, which POSIX forbids.
    unsafe { environ }
}

/// An array of pointers to functions.
#[derive(Clone, Copy, Debug)]
struct Array {
    start: u64,
    count: u64,
    /// From the last to the first.
    backwards: bool,
}

/// Functions in the order in which they run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Functions {
    arrays: Vec<Array>,
    /// Runs before the arrays.
    before: Option<u64>,
    /// Runs after the arrays.
    after: Option<u64>,
}

impl Functions {
    fn arrays(plan: &Plan<'_, '_>, hooks: &[PointerArray], reverse: bool) -> Vec<Array> {
        let array = |array: &PointerArray| {
            let (object, index) = plan.resolution.section_origin(array.section);
            let size = plan.resolution.added[object].object.sections[index as usize].size();
            Array {
                start: plan.section_address(array.section),
                count: size / 8,
                backwards: array.backwards != reverse,
            }
        };
        let arrays = hooks.iter().map(array);
        if reverse { arrays.rev().collect() } else { arrays.collect() }
    }

    /// The function that was named to run first (`number` 0) or last (1), or else the fragments'.
    fn single(plan: &Plan<'_, '_>, number: usize, section: &[u8], symbol: &[u8]) -> Option<u64> {
        match plan.resolution.first_and_last[number] {
            Some(named) => named.map(|id| plan.address(id)),
            None => Self::fragments(plan, section, symbol),
        }
    }

    /// The function made of the fragments in `section`, or the input's own named `symbol`.
    fn fragments(plan: &Plan<'_, '_>, section: &[u8], symbol: &[u8]) -> Option<u64> {
        let output = plan
            .outputs
            .iter()
            .find(|output| output.name == section && output.contents == Contents::Sections)?;
        if !output.lead.is_empty() {
            return Some(plan.output_address(output));
        }
        let name = plan.resolution.names.find(symbol)?;
        plan.resolution.definition(name).map(|id| plan.address(id))
    }

    /// What runs before `main`: `preinit_array`; then `_init`, `init_array` and `ctors`.
    pub fn initialisers(plan: &Plan<'_, '_>) -> [Functions; 2] {
        let preinit = Self::arrays(plan, &plan.hooks.preinit, false);
        let init = Self::arrays(plan, &plan.hooks.init, false);
        let before = Self::single(plan, 0, b".init", b"_init");
        [Functions { arrays: preinit, ..Self::default() }, Functions { arrays: init, before, after: None }]
    }

    /// What runs at the end: `fini_array` and `dtors`, backwards, then `_fini`.
    pub fn finalisers(plan: &Plan<'_, '_>) -> Functions {
        let arrays = Self::arrays(plan, &plan.hooks.fini, true);
        Functions { arrays, before: None, after: Self::single(plan, 1, b".fini", b"_fini") }
    }

    /// What a library begins with.
    pub fn of_library(library: &Initialisers) -> Functions {
        let (start, count) = library.array;
        let arrays = vec![Array { start, count, backwards: false }];
        Functions { arrays, before: library.first, after: None }
    }

    /// What a library ends with.
    pub fn of_ending_library(library: &Finalisers) -> Functions {
        let (start, count) = library.array;
        let arrays = vec![Array { start, count, backwards: true }];
        Functions { arrays, before: None, after: library.last }
    }

    fn is_empty(&self) -> bool {
        self.arrays.is_empty() && self.before.is_none() && self.after.is_none()
    }

    /// Runs them.
    ///
    /// # Safety
    /// The set is published up to its initialisers, and its functions keep the rules of the language they come from.
    pub unsafe fn run(&self, arguments: Arguments) {
        type Function = unsafe extern "C-unwind" fn(c_int, *const *const c_char, *const *const c_char);
        let call = |address: u64| {
            // 0 and -1 mark the ends of old `.ctors` sections.
            if address != 0 && address != u64::MAX {
                // SAFETY: the array holds addresses of functions, by the gABI; the caller vouches for what they do.
                // More arguments than a function declares are harmless in the C calling conventions Setlink has.
                unsafe {
                    let function: Function =
                        std::mem::transmute(std::ptr::with_exposed_provenance::<c_void>(address as usize));
                    function(arguments.count, arguments.values, environment());
                }
            }
        };
        self.before.into_iter().for_each(call);
        for array in &self.arrays {
            for index in 0..array.count {
                let index = if array.backwards { array.count - 1 - index } else { index };
                let cell = std::ptr::with_exposed_provenance::<u64>((array.start + 8 * index) as usize);
                // SAFETY: the array lies in the set's memory, `count` words long.
                call(unsafe { cell.read_unaligned() });
            }
        }
        self.after.into_iter().for_each(call);
    }
}

/// A set's finalisers, known to the C library: they run at `exit` or when the set is removed, whichever comes first.
#[derive(Debug, Default)]
pub(crate) struct Finalisation {
    /// The handle of the first island; none before anything is registered. The C library takes 0 for everybody's.
    owner: Option<u64>,
    /// Those of the others.
    others: Vec<u64>,
}

/// What ends with a set at `exit`.
struct Pending {
    set: SetsEnd,
    libraries: Option<Begun>,
}

/// What runs when a set ends, at `exit` or when it is removed.
pub(super) struct SetsEnd {
    functions: Functions,
    /// The set's handle.
    owner: u64,
    /// Handlers of its own code that were registered before it began, by constructors of its libraries, run with it.
    with_handlers: bool,
}

impl SetsEnd {
    /// Ends the set.
    ///
    /// # Safety
    /// The set is still in memory.
    pub unsafe fn run(self) {
        // SAFETY: the caller's promise.
        unsafe {
            self.functions.run(Arguments::NONE);
            if self.with_handlers {
                __cxa_finalize(std::ptr::with_exposed_provenance_mut(self.owner as usize));
            }
        }
    }
}

/// Finalisers that have not run, by the set's handle. The C library's handler is told that, and finds nothing here once
/// the set is gone: musl never forgets a handler, not even when a library is closed.
static PENDING: Mutex<BTreeMap<u64, Pending>> = Mutex::new(BTreeMap::new());

extern "C" fn finalise(owner: *mut c_void) {
    let pending = fork::lock(&PENDING).remove(&(owner.expose_provenance() as u64));
    let Some(Pending { set, libraries }) = pending else { return };
    // SAFETY: the set is still in memory: it takes its functions with it.
    unsafe {
        match libraries {
            Some(libraries) => libraries.end(set),
            None => set.run(),
        }
    }
}

impl Finalisation {
    /// Of the set whose `__dso_handle` in its first island is `owner`; `others` are those of the others.
    pub fn new(owner: u64, others: Vec<u64>) -> Finalisation {
        Finalisation { owner: Some(owner), others }
    }

    /// Registers the set's finalisers, and behind them the end of its libraries, if these have begun with it. What its
    /// initialisers register after this runs before them, and what the process has registered already, behind. So does what
    /// the libraries' constructors registered for the set itself, if the set is `position_dependent`; that of others runs with
    /// their finalisers, as when a program ends (`__do_global_dtors_aux` of GCC's `crtbeginS.o`, not of `crtbegin.o`).
    pub(super) fn register(&self, functions: Functions, libraries: Option<Begun>, position_dependent: bool) {
        let Some(owner) = self.owner.filter(|_| libraries.is_some() || !functions.is_empty()) else { return };
        let set = SetsEnd { functions, owner, with_handlers: !position_dependent };
        fork::lock(&PENDING).insert(owner, Pending { set, libraries });
        let handle = std::ptr::with_exposed_provenance_mut(owner as usize);
        let _hold = fork::hold();
        // SAFETY: `finalise` takes what is passed. If the C library does not take it, only `exit` forgets the set.
        unsafe { __cxa_atexit(finalise, handle, handle) };
    }

    /// Forgets the finalisers: the set's initialisers have not run. The libraries have begun.
    pub fn forget(&self) {
        let mut pending = fork::lock(&PENDING);
        for owner in self.owners() {
            if let Some(pending) = pending.get_mut(&owner) {
                pending.set.functions = Functions::default();
            }
        }
    }

    /// The set's `__dso_handle`, one in each of its islands.
    pub fn owners(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.owner.into_iter().chain(self.others.iter().copied())
    }

    /// Runs everything that was registered under the set's handles, latest first, and forgets it. Between islands,
    /// the latest island is first and what the first one's handle owns, the finalisers, last.
    ///
    /// # Safety
    /// No code of the set runs in any thread.
    pub unsafe fn run(&self) {
        // The libraries are the loader's to end, when they are closed.
        let libraries = self.owner.and_then(|owner| fork::lock(&PENDING).get_mut(&owner)?.libraries.take());
        drop(libraries);
        for owner in self.owners().rev() {
            #[cfg(not(target_env = "gnu"))]
            finalise(std::ptr::with_exposed_provenance_mut(owner as usize));
            // The C library's lock of all handlers is not held while they run, but before and after.
            let _hold = fork::in_loader();
            // SAFETY: the handlers are the set's, which is still in memory.
            unsafe { __cxa_finalize(std::ptr::with_exposed_provenance_mut(owner as usize)) };
        }
    }
}
