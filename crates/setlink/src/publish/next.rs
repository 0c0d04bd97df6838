//! What `dlsym` finds: the next definition, and a library's own.
//!
//! Where a set's definition stands in for a library's, the library's symbol table leads to the set: whoever is loaded later
//! is bound to that, and `RTLD_DEFAULT` finds it. But who asks the library itself, by its handle, means the library's own,
//! and so does who asks for what comes *next* (`dlsym(3)`: wrappers of `malloc` do one or the other). So the sets' `dlsym` and
//! `dlvsym` are functions of this file, and the libraries' lead through it, once there is such a definition.
//!
//! Who asks for the next definition is told apart by the return address, and the search begins behind the library in which
//! that lies. A set lies in none. It stands where a program does, first of all.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::resolve_ifunc;
use crate::error::Result;
use crate::host::{self, Host, Move, MoveOptions, Moved, Moves, Redefined, fork};

#[cfg(target_arch = "x86_64")]
#[path = "next_x86_64.rs"]
mod libraries;

/// By name, the libraries' definitions for which a set's stand in, in the loader's order.
type Names = HashMap<Vec<u8>, Vec<Redefined>>;

/// Of all sets.
static REPLACED: Mutex<Vec<Arc<Names>>> = Mutex::new(Vec::new());

/// What a set replaced, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Replaced(Option<Arc<Names>>);

impl Replaced {
    /// Makes known what `moved` did of `moves`.
    ///
    /// # Errors
    /// The libraries cannot be made to ask here.
    pub fn new(host: &Host, moves: &[Move], moved: &Moves) -> Result<Self> {
        let mut names = Names::new();
        // What was only promised to libraries is none's.
        let is_of_library = |own: &&Redefined| own.is_resolver || own.holder.contains(&own.address);
        for own in moved.definitions.iter().filter(is_of_library) {
            for (name, _) in &moves[own.target].names {
                names.entry(name.clone()).or_default().push(own.clone());
            }
        }
        if names.is_empty() {
            return Ok(Replaced::default());
        }
        let names = Arc::new(names);
        let kept = Replaced(Some(Arc::clone(&names)));
        // Nothing is allocated while it is locked: the process's `malloc` may be a set's, and ask here.
        let mut room = Vec::new();
        loop {
            let mut known = fork::lock(&REPLACED);
            if known.len() < room.capacity() {
                room.append(&mut known);
                room.push(names);
                std::mem::swap(&mut *known, &mut room);
                break;
            }
            let wanted = known.len() + 1;
            drop(known);
            room = Vec::with_capacity(wanted);
        }
        lead_libraries_here(host)?;
        Ok(kept)
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if let Some(names) = self.0.take() {
            let mut known = fork::lock(&REPLACED);
            known.retain(|other| !Arc::ptr_eq(other, &names));
        }
    }
}

/// Looks at the libraries' definitions of `name` that a set's stands in for; none where there is no such.
fn replaced<R>(name: *const c_char, look: impl FnOnce(&[Redefined]) -> R) -> Option<R> {
    let known = fork::lock(&REPLACED);
    if known.is_empty() || name.is_null() {
        return None;
    }
    // SAFETY: who asks for a name gives one that is terminated.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    known.iter().find_map(|names| names.get(name)).map(|own| look(own))
}

/// The process's `dlsym` and `dlvsym`, once the libraries' lead elsewhere: this code may lie in a library itself.
static LOADERS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// The moves that lead libraries here, which stay.
static LED_HERE: Mutex<Option<Moves>> = Mutex::new(None);

/// Makes libraries ask here.
///
/// # Errors
/// Memory cannot be written.
fn lead_libraries_here(host: &Host) -> Result<()> {
    #[cfg(target_arch = "x86_64")]
    {
        let mut led = fork::lock(&LED_HERE);
        if led.is_none() {
            LOADERS[0].store(libc::dlsym as *const () as usize, Ordering::Release);
            #[cfg(target_env = "gnu")]
            LOADERS[1].store(libc::dlvsym as *const () as usize, Ordering::Release);
            let function = |name: &[u8], new: *const ()| Move {
                names: vec![(name.to_vec(), None)],
                what: Moved::Function,
                new: new as u64,
            };
            let moves = [
                function(b"dlsym", libraries::symbol as *const ()),
                #[cfg(target_env = "gnu")]
                function(b"dlvsym", libraries::versioned as *const ()),
            ];
            let options = MoveOptions { skip_executable: true, ..MoveOptions::default() };
            // SAFETY: the functions do what the loader's do, which they call.
            *led = Some(unsafe { host.apply_moves(&moves, options)? });
        }
    }
    Ok(())
}

/// The loader's answer to who is a library's code, or this.
///
/// # Safety
/// As of `dlsym(3)` and `dlvsym(3)`.
unsafe fn ask(handle: *mut c_void, name: *const c_char, version: *const c_char) -> *mut c_void {
    type Symbol = unsafe extern "C" fn(*mut c_void, *const c_char) -> *mut c_void;
    // SAFETY: the caller's promises; and what `LOADERS` holds are these functions.
    unsafe {
        #[cfg(target_env = "gnu")]
        if !version.is_null() {
            type Versioned = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> *mut c_void;
            let versioned: Versioned = match LOADERS[1].load(Ordering::Acquire) {
                0 => libc::dlvsym,
                address => std::mem::transmute::<usize, Versioned>(address),
            };
            return versioned(handle, name, version);
        }
        let _ = version;
        let symbol: Symbol = match LOADERS[0].load(Ordering::Acquire) {
            0 => libc::dlsym,
            address => std::mem::transmute::<usize, Symbol>(address),
        };
        symbol(handle, name)
    }
}

/// What sets call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    match name {
        b"dlsym" => Some(symbol as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"dlvsym" => Some(versioned as *const () as u64),
        _ => None,
    }
}

/// `dlsym(3)`
unsafe extern "C" fn symbol(handle: *mut c_void, name: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promises are those of dlsym.
    unsafe { for_set(handle, name, std::ptr::null()) }
}

/// `dlvsym(3)`
#[cfg(target_env = "gnu")]
unsafe extern "C" fn versioned(
    handle: *mut c_void,
    name: *const c_char,
    version: *const c_char,
) -> *mut c_void {
    // SAFETY: the caller's promises are those of dlvsym.
    unsafe { for_set(handle, name, version) }
}

unsafe fn for_set(handle: *mut c_void, name: *const c_char, version: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe {
        match handle {
            libc::RTLD_NEXT => next(name, version),
            _ => by_handle(handle, name, version).unwrap_or_else(|| ask(handle, name, version)),
        }
    }
}

/// Searches behind the program. Where a library has the name, nothing is allocated: the caller may be the process's `malloc`.
unsafe fn next(name: *const c_char, version: *const c_char) -> *mut c_void {
    if let Some(found) = first(name, version, |_| true) {
        return found;
    }
    // SAFETY: the caller's promise.
    let find = |handle| unsafe { ask(handle, name, version) };
    // To the loader this is the program that asks: the call does not return into the set.
    let found = find(libc::RTLD_NEXT);
    if !found.is_null() && is_in_library(found) {
        return found;
    }
    // A library behind those that sets have made known.
    let mut behind = host::loaded().filter(|map| !map.name().is_empty()).map(|map| {
        // SAFETY: the name is terminated. Nothing is loaded; the handle is closed when it has served.
        unsafe {
            let handle = libc::dlopen(map.name().as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
            if handle.is_null() {
                return handle;
            }
            let found = find(handle);
            libc::dlclose(handle);
            found
        }
    });
    let behind = behind.find(|found| !found.is_null() && is_in_library(*found));
    behind.unwrap_or_else(|| fail(&find, found.is_null()))
}

/// A search without success, for what `dlerror(3)` says of it: closing the libraries' handles has made that nothing.
fn fail(find: &dyn Fn(*mut c_void) -> *mut c_void, nobody_has_it: bool) -> *mut c_void {
    /// No library has the name, nor this one, which is never unloaded: its handle may stay open.
    const C_LIBRARY: &CStr = if cfg!(target_env = "gnu") { c"libc.so.6" } else { c"libc.so" };
    if nobody_has_it {
        return find(libc::RTLD_NEXT);
    }
    // SAFETY: the name is terminated, and nothing is loaded.
    let handle = unsafe { libc::dlopen(C_LIBRARY.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if !handle.is_null() {
        find(handle);
    }
    std::ptr::null_mut()
}

/// The definition of the first library that has one for which a set's stands in, and that `wanted` picks.
fn first(
    name: *const c_char,
    version: *const c_char,
    wanted: impl Fn(&Range<u64>) -> bool,
) -> Option<*mut c_void> {
    // SAFETY: who asks for a version gives one that is terminated.
    let version = unsafe { (!version.is_null()).then(|| CStr::from_ptr(version).to_bytes()) };
    let first = |own: &[Redefined]| {
        let own = own.iter().find(|own| own.answers(version) && wanted(&own.holder));
        own.map(|own| (own.address, own.is_resolver))
    };
    let (address, is_resolver) = replaced(name, first)??;
    let address = if is_resolver { resolve_ifunc(address) } else { address };
    Some(std::ptr::with_exposed_provenance_mut(address as usize))
}

/// What the library with this handle has itself, or one that it needs; none where the loader's answer is right.
unsafe fn by_handle(handle: *mut c_void, name: *const c_char, version: *const c_char) -> Option<*mut c_void> {
    if handle == libc::RTLD_DEFAULT || replaced(name, |_| ()).is_none() {
        return None;
    }
    // SAFETY: the caller's promises.
    let found = unsafe { ask(handle, name, version) };
    if found.is_null() || is_in_library(found) {
        return Some(found);
    }
    // SAFETY: the loader has found something by it.
    let library = unsafe { host::LinkMap::of(handle) }?;
    // The program's handle stands for all, and a set comes first.
    if library.name().is_empty() {
        return Some(found);
    }
    let own = first(name, version, |holder| holder.contains(&library.dynamic()));
    Some(own.or_else(|| first(name, version, |_| true)).unwrap_or(found))
}

/// What the code at `caller`, in a library, finds; none where the loader's answer to that code is right.
unsafe fn for_library(
    handle: *mut c_void,
    name: *const c_char,
    version: *const c_char,
    caller: *mut c_void,
) -> Option<*mut c_void> {
    if handle != libc::RTLD_NEXT {
        // SAFETY: the caller's promises.
        return unsafe { by_handle(handle, name, version) };
    }
    replaced(name, |_| ())?;
    let own = file_of(caller)?;
    let others = || host::loaded().filter(|map| map.name().as_ptr() != own);
    let of = |map: &host::LinkMap| first(name, version, |holder| holder.contains(&map.dynamic()));
    let mut behind = host::loaded().skip_while(|map| map.name().as_ptr() != own).skip(1);
    // One that was opened later needs libraries that come before it.
    behind.find_map(of).or_else(|| others().find_map(of))
}

/// Whether a library of the loader's holds the address, rather than a set.
fn is_in_library(address: *mut c_void) -> bool {
    file_of(address).is_some()
}

/// The name of the object that holds the address, as the loader keeps it.
fn file_of(address: *mut c_void) -> Option<*const c_char> {
    let mut about = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: any address may be asked about, and there is room for the answer.
    unsafe { (libc::dladdr(address, about.as_mut_ptr()) != 0).then(|| about.assume_init().dli_fname) }
}
