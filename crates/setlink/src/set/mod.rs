//! Sets: objects that are linked and live together.

mod audience;
pub(crate) mod builder;
mod default_libraries;
mod dependent;
mod exports;
mod facts;
mod late;
mod link;
mod open;
pub(crate) mod registry;
mod relink;
mod scope;

use std::ffi::CString;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use hashbrown::HashMap;

use crate::arguments::ArgumentList;
use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::place::summary::Summary;
use crate::place::tls::Numbers;
use crate::publish::{Running, resolve_ifunc};
use crate::resolve::names::{AddressBook, Listed, ListedKind};
use crate::session::Inner;

pub use link::{SymbolInfo, SymbolStatus, Timings};
pub(crate) use registry::Registry;

/// A set that is linked.
///
/// Its memory, its names and its unwind tables stay until [`Set::remove`]; dropping the handle leaves the set as it
/// is, for the life of the process.
pub struct Set {
    pub(crate) core: Arc<Core>,
}

/// A linked set, as the session and other sets see it.
pub(crate) struct Core {
    pub id: u64,
    pub name: Arc<str>,
    pub session: Arc<Inner>,
    pub names: AddressBook,
    /// Where exported thread-local variables are.
    pub thread_locals: HashMap<Box<[u8]>, Numbers, foldhash::fast::FixedState>,
    pub summary: Summary,
    pub timings: Timings,
    pub map: Option<String>,
    pub snapshot: Option<Box<crate::check::Snapshot>>,
    pub entries: Vec<OwnEntry>,
    pub stubs: Vec<OwnEntry>,
    /// The sets whose definitions, entries or stubs this one uses.
    pub dependencies: Vec<Arc<Core>>,
    /// Nothing once the set is removed. Never dropped but by removal: code may run in it as long as the process does.
    pub content: Mutex<Option<ManuallyDrop<Content>>>,
    /// Whether the set lies on paper.
    pub written_only: bool,
}

/// A GOT entry or stub of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnEntry {
    /// The symbol it is for, as objects spell it: to demangle the 566 of a Rust program took 2 % of its link.
    pub symbol: Box<[u8]>,
    pub island: u32,
    pub address: u64,
    /// What it holds or where it jumps; none where a resolver tells.
    pub leads_to: Option<u64>,
}

/// What a set holds on to.
pub(crate) enum Content {
    Running(Box<Running>),
    /// Written on paper.
    Written(Box<dyn crate::memory::Region>),
}

/// Where a GOT entry or stub of a symbol is. See [`Session::got_entries`](crate::Session::got_entries).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPlace {
    /// The set it belongs to.
    pub set: String,
    /// The number of its island in the set.
    pub island: usize,
    /// Its address.
    pub address: u64,
}

/// A set that could not be removed: the set as it was, and why.
pub struct NotRemoved {
    /// The set, still linked.
    pub set: Set,
    /// The reason.
    pub error: Error,
}

impl std::fmt::Debug for NotRemoved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::fmt::Display for NotRemoved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for NotRemoved {}

impl From<NotRemoved> for Error {
    fn from(refusal: NotRemoved) -> Error {
        refusal.error
    }
}

impl Core {
    /// The definition of a name, an ifunc's as its resolver chooses.
    pub fn find(&self, name: &[u8]) -> Option<Listed> {
        let listed = self.names.get(name)?;
        match listed.kind {
            ListedKind::Resolver if self.written_only => None,
            ListedKind::Resolver => {
                Some(Listed { address: resolve_ifunc(listed.address), kind: ListedKind::Function, ..listed })
            }
            _ => Some(listed),
        }
    }
}

impl Set {
    /// The set's name, as given to [`Session::set`](crate::Session::set).
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The exact requirements with which the set was linked.
    pub fn summary(&self) -> &Summary {
        &self.core.summary
    }

    /// Seconds that each phase took.
    pub fn timings(&self) -> &Timings {
        &self.core.timings
    }

    /// The link map, if [`SetBuilder::map`](crate::SetBuilder::map) asked for one.
    pub fn map(&self) -> Option<&str> {
        self.core.map.as_deref()
    }

    /// The snapshot, if [`SetBuilder::snapshot`](crate::SetBuilder::snapshot) asked for one.
    pub fn snapshot(&self) -> Option<&crate::check::Snapshot> {
        self.core.snapshot.as_deref()
    }

    /// The names of the sets that this one uses.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.core.dependencies.iter().map(|core| &*core.name)
    }

    /// The address of a symbol that the set defines and exports.
    pub fn address(&self, name: impl AsRef<[u8]>) -> Option<u64> {
        self.core.find(name.as_ref()).map(|listed| listed.address)
    }

    /// The address of the calling thread's copy of a thread-local variable that the set defines and exports. It is good
    /// in this thread only, until the thread ends.
    pub fn thread_local_address(&self, name: impl AsRef<[u8]>) -> Option<u64> {
        let numbers = self.core.thread_locals.get(name.as_ref()).filter(|_| !self.core.written_only)?;
        Some(crate::publish::tls::address(*numbers))
    }

    /// Every symbol that the set exports, with its address, in no order. For an ifunc it is the resolver's.
    pub fn symbols(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.core.names.iter().map(|(name, listed)| (name, listed.address))
    }

    /// The `length` bytes at `address` of a set that was linked on paper, as they would lie in memory; None beyond the
    /// set's segments, and for a set that runs.
    pub fn paper_bytes(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        let content = self.core.content.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Content::Written(region) = content.as_deref()? else { return None };
        let mut segments = self.core.summary.segments.iter().enumerate();
        let inside = |start: u64, bytes: u64| address.checked_sub(start).filter(|&offset| offset < bytes);
        let (index, offset) =
            segments.find_map(|(index, segment)| Some((index, inside(segment.address, segment.bytes)?)))?;
        Some(region.contents(index)?.get(usize::try_from(offset).ok()?..)?.get(..length)?.to_vec())
    }

    /// The symbol `name` as a `T`: a function pointer, or a raw pointer to data.
    ///
    /// # Errors
    /// The set does not define and export the name, or was linked on paper.
    ///
    /// # Safety
    /// The symbol is what `T` says. No call into the set is under way, in any thread, when the set is removed, and no
    /// copy of the pointer is used afterwards.
    pub unsafe fn get<T: Copy>(&self, name: impl AsRef<[u8]>) -> Result<Symbol<'_, T>> {
        const { assert!(size_of::<T>() == size_of::<*const ()>(), "a symbol is taken as a pointer") };
        let name = name.as_ref();
        let missing = || {
            let symbol = String::from_utf8_lossy(name).into_owned();
            let place = Place::file(self.core.name.clone());
            Error::from(Problem::new(place, ProblemKind::NotFound { symbol }))
        };
        if self.core.written_only {
            let what = format!("set `{}` was linked on paper: nothing of it can run", self.core.name);
            return Err(Problem::new(Place::default(), ProblemKind::Usage { what }).into());
        }
        if self.core.thread_locals.contains_key(name) {
            let what = format!("`{}` is thread-local: it has no one address", String::from_utf8_lossy(name));
            let problem = Problem::new(Place::file(self.core.name.clone()), ProblemKind::Usage { what });
            return Err(problem
                .with_remedy("ask for each thread's own by `Set::thread_local_address`")
                .into());
        }
        let address = self.address(name).ok_or_else(missing)?;
        let pointer = std::ptr::with_exposed_provenance::<()>(address as usize);
        // SAFETY: the sizes are equal, as asserted; that the address is a `T` is the caller's promise.
        let value = unsafe { std::mem::transmute_copy::<*const (), T>(&pointer) };
        Ok(Symbol { value, _set: PhantomData })
    }

    /// Calls the set's `entry` as C's `main`, with `arguments` and the process's environment, and returns its result.
    ///
    /// # Errors
    /// The set does not define `entry`.
    ///
    /// # Safety
    /// `entry` has the type of `main`, and the program keeps the rules of the languages it comes from.
    pub unsafe fn call_main(&self, entry: &str, arguments: Vec<CString>) -> Result<i32> {
        type Main = unsafe extern "C-unwind" fn(
            std::ffi::c_int,
            *const *const std::ffi::c_char,
            *const *const std::ffi::c_char,
        ) -> std::ffi::c_int;
        // SAFETY: the caller's promise.
        let main = unsafe { self.get::<Main>(entry)? };
        let arguments = Arc::new(ArgumentList::new(arguments)).keep();
        crate::publish::initialise::start_afresh();
        // SAFETY: the caller's promise.
        Ok(unsafe { main(arguments.count, arguments.values, crate::publish::initialise::environment()) })
    }

    /// Removes the set: its finalisers and exit handlers run, and its unwind tables, names and memory are given back.
    ///
    /// Whoever took a symbol of the set has promised that none of its code runs any more. Memory to which the process still
    /// refers, because it could not be pointed back to its own functions and variables, stays.
    ///
    /// # Errors
    /// Another set depends on this one, or the process has come to depend on it. The set is as it was, and in the
    /// error.
    pub fn remove(self) -> Result<(), NotRemoved> {
        let mut set = self;
        match registry::remove(std::slice::from_mut(&mut set)) {
            Ok(()) => Ok(()),
            Err(error) => Err(NotRemoved { set, error }),
        }
    }

    /// Removes the set together with sets that depend on it, those first that nothing depends on.
    ///
    /// # Errors
    /// A set that is not among `dependents` depends on one that is to be removed. All sets are as they were; their
    /// handles are dropped, which leaves them linked.
    pub fn remove_with_dependents(self, dependents: impl IntoIterator<Item = Set>) -> Result<()> {
        let mut sets = vec![self];
        sets.extend(dependents);
        registry::remove(&mut sets)
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let core = &self.core;
        f.debug_struct("Set")
            .field("name", &core.name)
            .field("summary", &core.summary)
            .finish_non_exhaustive()
    }
}

/// A symbol of a set, usable as a `T` as long as the set is borrowed: a removed set's cannot be used.
///
/// ```compile_fail,E0505
/// # fn example(set: setlink::Set) -> Result<(), setlink::Error> {
/// let add = unsafe { set.get::<extern "C" fn(i32, i32) -> i32>("add")? };
/// set.remove()?; // moves out of `set`, which `add` borrows
/// add(2, 3);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'s, T> {
    value: T,
    _set: PhantomData<&'s Set>,
}

impl<T> Deref for Symbol<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A set's plan, before anything is reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The exact requirements.
    pub summary: Summary,
    /// The link map.
    pub map: String,
}
