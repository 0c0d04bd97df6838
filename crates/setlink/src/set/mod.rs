//! Sets: objects that are linked and live together.

pub(crate) mod builder;
mod link;
mod scope;

use std::ffi::CString;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::place::plan::Summary;
use crate::place::tls::Numbers;
use crate::publish::{Running, resolve_ifunc};
use crate::resolve::names::AddressBook;
use crate::session::{ArgumentList, Inner};

pub use link::{SymbolInfo, SymbolStatus, Timings};

/// A set that is linked.
///
/// Its memory, its names and its unwind tables stay until [`Set::remove`]; dropping the handle leaves the set as it
/// is, for the life of the process.
pub struct Set {
    pub(crate) name: Arc<str>,
    pub(crate) session: Arc<Inner>,
    pub(crate) names: AddressBook,
    /// Addresses of the resolvers of exported ifuncs.
    pub(crate) resolvers: HashMap<Box<[u8]>, u64, foldhash::fast::FixedState>,
    /// Where exported thread-local variables are.
    pub(crate) thread_locals: HashMap<Box<[u8]>, Numbers, foldhash::fast::FixedState>,
    pub(crate) summary: Summary,
    pub(crate) timings: Timings,
    pub(crate) map: Option<String>,
    pub(crate) running: std::mem::ManuallyDrop<Content>,
}

/// What a set holds on to.
pub(crate) enum Content {
    Running(Running),
    /// Written on paper.
    Written(Box<dyn crate::memory::Region>),
}

impl Set {
    /// The set's name, as given to [`Session::set`](crate::Session::set).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The exact requirements with which the set was linked.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Seconds that each phase took.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// The link map, if [`SetBuilder::map`](crate::SetBuilder::map) asked for one.
    pub fn map(&self) -> Option<&str> {
        self.map.as_deref()
    }

    /// The address of a symbol that the set defines and exports.
    pub fn address(&self, name: impl AsRef<[u8]>) -> Option<u64> {
        let name = name.as_ref();
        self.names.get(name).or_else(|| match &*self.running {
            Content::Running(_) => self.resolvers.get(name).copied().map(resolve_ifunc),
            Content::Written(_) => None,
        })
    }

    /// The address of the calling thread's copy of a thread-local variable that the set defines and exports. It is good
    /// in this thread only, until the thread ends.
    pub fn thread_local_address(&self, name: impl AsRef<[u8]>) -> Option<u64> {
        match &*self.running {
            Content::Running(_) => self.thread_locals.get(name.as_ref()).copied().map(crate::publish::tls::address),
            Content::Written(_) => None,
        }
    }

    /// Every symbol that the set exports, with its address, in no order.
    pub fn symbols(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.names.iter()
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
            let place = Place::file(self.name.clone());
            Error::from(Problem::new(place, ProblemKind::NotFound { symbol }))
        };
        if let Content::Written(_) = *self.running {
            let what = format!("set `{}` was linked on paper: nothing of it can run", self.name);
            return Err(Problem::new(Place::default(), ProblemKind::Usage { what }).into());
        }
        if self.thread_locals.contains_key(name) {
            let what = format!("`{}` is thread-local: it has no one address", String::from_utf8_lossy(name));
            let problem = Problem::new(Place::file(self.name.clone()), ProblemKind::Usage { what });
            return Err(problem.with_remedy("ask for each thread's own by `Set::thread_local_address`").into());
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
        // Leaked: the program may keep pointers to its arguments, in exit handlers and threads too.
        let list: &'static ArgumentList = Box::leak(Box::new(ArgumentList::new(arguments)));
        let arguments = list.as_arguments();
        // SAFETY: the caller's promise.
        Ok(unsafe { main(arguments.count, arguments.values, crate::publish::initialise::environment()) })
    }

    /// Removes the set: its finalisers and exit handlers run, and its unwind tables, names and memory are given back.
    ///
    /// Whoever took a symbol of the set has promised that none of its code runs any more.
    ///
    /// # Errors
    /// The set cannot be removed now; it stays as it was.
    pub fn remove(self) -> Result<()> {
        let mut this = self;
        if let (Content::Running(running), Some(host)) = (&mut *this.running, this.session.world.host()) {
            if let Some(reason) = running.pinned() {
                let what = format!("set `{}` cannot be removed: {reason}", this.name);
                return Err(Problem::new(Place::default(), ProblemKind::Usage { what }).into());
            }
            // SAFETY: the promise that `get` and `call_main` ask for.
            unsafe { running.finalise() };
            running.give_back(host);
        }
        // SAFETY: `self` was taken by value, is not used afterwards, and has no destructor of its own.
        unsafe { std::mem::ManuallyDrop::drop(&mut this.running) };
        Ok(())
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Set")
            .field("name", &self.name)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

/// A symbol of a set, usable as a `T` as long as the set is borrowed.
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
