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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::resolve_ifunc;
use crate::error::Result;
use crate::host::{self, Host, Move, MoveOptions, Moved, Moves, Object, Redefined, fork};

#[cfg(target_arch = "x86_64")]
#[path = "next_x86_64.rs"]
mod libraries;

/// A library's definition for which a set's stands in.
struct Own {
    definition: Redefined,
    /// The library, by its number in `Names::order`.
    library: usize,
}

/// An exported definition of a set for which the loader, asked for it, would give a library's: that has another version, or is
/// a function where the set has a variable.
pub(crate) struct First {
    /// Its name and version.
    pub name: (Vec<u8>, Option<Vec<u8>>),
    /// Whether who asks for no version gets it.
    pub is_default: bool,
    pub address: u64,
}

/// What a set replaced.
struct Names {
    /// By name, in the order in which the program finds them.
    definitions: HashMap<Vec<u8>, Vec<Own>>,
    /// What comes before all libraries' definitions, by name.
    first: HashMap<Vec<u8>, Vec<First>>,
    /// The libraries in which it looks, in this order.
    order: Vec<Object>,
}

impl Names {
    /// The number of the library that holds an address.
    fn library_of(&self, address: u64) -> Option<usize> {
        self.order.iter().position(|library| library.span.contains(&address))
    }
}

/// Of all sets.
static REPLACED: Mutex<Vec<Arc<Names>>> = Mutex::new(Vec::new());

/// What a set replaced, until it is dropped.
#[derive(Default)]
pub(crate) struct Replaced(Option<Arc<Names>>);

impl std::fmt::Debug for Replaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Replaced").field(&self.0.as_ref().map(|names| names.definitions.len())).finish()
    }
}

impl Replaced {
    /// Makes known what `moved` did of `moves`, and what of the set is to be found `first`.
    ///
    /// # Errors
    /// The libraries cannot be made to ask here.
    pub fn new(host: &Host, moves: &[Move], moved: Option<&Moves>, first: Vec<First>) -> Result<Self> {
        // What was only promised to libraries is none's.
        let is_of_library = |own: &&Redefined| own.is_resolver || own.holder.contains(&own.address);
        let of_libraries = moved.into_iter().flat_map(|moved| &moved.definitions).filter(is_of_library);
        let mut of_libraries = of_libraries.peekable();
        if of_libraries.peek().is_none() && first.is_empty() {
            return Ok(Replaced::default());
        }
        let order = host::order_of_program();
        let mut names = Names { definitions: HashMap::new(), first: HashMap::new(), order };
        for first in first {
            names.first.entry(first.name.0.clone()).or_default().push(first);
        }
        for own in of_libraries {
            // One that is gone by now is nobody's.
            let Some(library) = names.library_of(own.holder.start) else { continue };
            for (name, _) in &moves[own.target].names {
                let list = names.definitions.entry(name.clone()).or_default();
                list.push(Own { definition: own.clone(), library });
            }
        }
        // Of one library, glibc gives who asks for no version what has none.
        let place = |own: &Own| (own.library, own.definition.version.is_some());
        names.definitions.values_mut().for_each(|list| list.sort_by_key(place));
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
        let is_replaced =
            |name: &[u8]| moves.iter().any(|moved| moved.names.iter().any(|(own, _)| own == name));
        lead_libraries_here(host, is_replaced)?;
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
fn replaced<R>(name: *const c_char, look: impl FnOnce(&Names, &[Own]) -> R) -> Option<R> {
    let known = fork::lock(&REPLACED);
    if known.is_empty() {
        return None;
    }
    let name = text(name)?;
    known
        .iter()
        .find_map(|names| Some((names, names.definitions.get(name)?)))
        .map(|(names, own)| look(names, own))
}

/// A set's definition that the program finds before all libraries'.
fn first_of_all(name: *const c_char, version: *const c_char) -> Option<*mut c_void> {
    let known = fork::lock(&REPLACED);
    if known.iter().all(|names| names.first.is_empty()) {
        return None;
    }
    let (name, version) = (text(name)?, text(version));
    let is_wanted = |first: &&First| match version {
        None => first.is_default,
        wanted => first.name.1.as_deref() == wanted,
    };
    let found = known.iter().find_map(|names| names.first.get(name)?.iter().find(is_wanted))?;
    Some(std::ptr::with_exposed_provenance_mut(found.address as usize))
}

/// What somebody asks for; none where he does not ask.
fn text<'n>(text: *const c_char) -> Option<&'n [u8]> {
    // SAFETY: who asks for a name or a version gives one that is terminated, and stays until he has an answer.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The process's `dlsym` and `dlvsym`, once the libraries' lead elsewhere: this code may lie in a library itself.
static LOADERS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// The moves that lead libraries here, which stay.
static LED_HERE: Mutex<Option<Moves>> = Mutex::new(None);

/// Makes libraries ask here, but for what the set has a function of its own for.
///
/// # Errors
/// Memory cannot be written.
fn lead_libraries_here(host: &Host, is_replaced: impl Fn(&[u8]) -> bool) -> Result<()> {
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
            let mut moves = vec![
                function(b"dlsym", libraries::symbol as *const ()),
                #[cfg(target_env = "gnu")]
                function(b"dlvsym", libraries::versioned as *const ()),
            ];
            moves.retain(|moved| !is_replaced(&moved.names[0].0));
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
    if let Some(found) = first(name, version, |_, _| true) {
        return found;
    }
    // To the loader this is the program that asks: the call does not return into the set.
    // SAFETY: the caller's promise.
    let found = unsafe { ask(libc::RTLD_NEXT, name, version) };
    if found.is_null() || is_in_library(found) {
        return found;
    }
    // A library behind those that sets have made known.
    let names = host::names();
    // SAFETY: the caller's promise; the library's name is terminated.
    let mut behind = names.iter().map(|library| unsafe { ask_once(library.as_ptr(), name, version) });
    let behind = behind.find(|found| !found.is_null() && is_in_library(*found));
    // SAFETY: the caller's promise.
    behind.unwrap_or_else(|| unsafe { fail(name, version) })
}

/// A search without success, for `dlerror(3)` to tell of.
unsafe fn fail(name: *const c_char, version: *const c_char) -> *mut c_void {
    /// Libraries that are never unloaded, so that their handles may stay open; of which the first has none of the names that a set
    /// stands in for, and needs no other.
    const WITHOUT_IT: &CStr = match cfg!(all(target_env = "gnu", target_arch = "x86_64")) {
        true => c"ld-linux-x86-64.so.2",
        false => c"libc.so",
    };
    // SAFETY: the name is terminated, and nothing is loaded; the caller's promise.
    unsafe {
        let handle = libc::dlopen(WITHOUT_IT.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if !handle.is_null() {
            ask(handle, name, version);
        }
    }
    std::ptr::null_mut()
}

/// The definition of the first library that has one for which a set's stands in, and that `wanted` picks.
fn first(
    name: *const c_char,
    version: *const c_char,
    wanted: impl Fn(&Names, &Own) -> bool,
) -> Option<*mut c_void> {
    let version = text(version);
    for passed_over in 0.. {
        let (address, is_resolver, library) = replaced(name, |names, own| {
            let mut own = own.iter().filter(|own| own.definition.answers(version) && wanted(names, own));
            let own = own.nth(passed_over)?;
            let Redefined { address, is_resolver, .. } = own.definition;
            Some((address, is_resolver, names.order[own.library].dynamic))
        })??;
        // Others may have closed it.
        if host::is_loaded(library) {
            let address = if is_resolver { resolve_ifunc(address) } else { address };
            return Some(std::ptr::with_exposed_provenance_mut(address as usize));
        }
    }
    None
}

/// The same in the first of these libraries that has it.
fn first_of(libraries: &[Object], name: *const c_char, version: *const c_char) -> Option<*mut c_void> {
    let of = |library: &Object| {
        first(name, version, |names, own| names.order[own.library].dynamic == library.dynamic)
    };
    libraries.iter().find_map(of)
}

/// What the library with this handle has itself, or one that it needs; none where the loader's answer is right.
unsafe fn by_handle(handle: *mut c_void, name: *const c_char, version: *const c_char) -> Option<*mut c_void> {
    if (handle == libc::RTLD_DEFAULT || host::is_program(handle))
        && let Some(found) = first_of_all(name, version)
    {
        return Some(found);
    }
    replaced(name, |_, _| ())?;
    // The program's handle stands for all, and a set comes first. But who asks for a version does not get what has none.
    let of_all = |found| match version.is_null() {
        true => found,
        // SAFETY: the caller's promises.
        false => Some(unsafe { next(name, version) }),
    };
    if handle == libc::RTLD_DEFAULT {
        return of_all(None);
    }
    // SAFETY: the caller's promises.
    let found = unsafe { ask(handle, name, version) };
    if found.is_null() || is_in_library(found) {
        return Some(found);
    }
    // SAFETY: the loader has found something by it.
    let library = unsafe { host::LinkMap::of(handle) }?;
    if library.name().is_empty() {
        return of_all(Some(found));
    }
    let is_one = || replaced(name, |_, own| own.len() == 1).unwrap_or(true);
    let own = match is_one() {
        true => first(name, version, |_, _| true),
        false => first_of(&host::order_of(library.dynamic()), name, version),
    };
    Some(own.unwrap_or(found))
}

/// What the code at `caller` finds, which asks as a library does; none where the loader's answer to it is right.
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
    let address = caller.expose_provenance() as u64;
    let library = replaced(name, |names, _| {
        names.library_of(address).map(|number| (number, names.order[number].dynamic))
    })?;
    let found = match library.filter(|(_, dynamic)| host::is_loaded(*dynamic)) {
        Some((number, _)) => first(name, version, |_, own| own.library > number),
        // It was opened later, or is none: a set that was given the function's address.
        None => match host::order_behind(address) {
            // So may others have been, of which the loader's answer is right.
            Some(order) => order.iter().find_map(|library| {
                let own = first_of(std::slice::from_ref(library), name, version);
                // SAFETY: the caller's promises.
                own.or_else(|| unsafe { of_library(library, name, version) })
            }),
            // SAFETY: the caller's promises.
            None => return Some(unsafe { next(name, version) }),
        },
    };
    // SAFETY: the caller's promises.
    Some(found.unwrap_or_else(|| unsafe { fail(name, version) }))
}

/// What a library has itself, as the loader finds it.
unsafe fn of_library(library: &Object, name: *const c_char, version: *const c_char) -> Option<*mut c_void> {
    let file = about(std::ptr::with_exposed_provenance_mut(library.dynamic as usize))?.dli_fname;
    // SAFETY: the caller's promises; the loader's name is terminated.
    let found = unsafe { ask_once(file, name, version) };
    (library.span.contains(&(found.expose_provenance() as u64))).then_some(found)
}

/// The loader's answer for the library that it knows by the name `library`, which is closed again.
unsafe fn ask_once(library: *const c_char, name: *const c_char, version: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promise. Nothing is loaded.
    unsafe {
        let handle = libc::dlopen(library, libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if handle.is_null() {
            return handle;
        }
        let found = ask(handle, name, version);
        libc::dlclose(handle);
        found
    }
}

/// Whether a library of the loader's holds the address, rather than a set.
fn is_in_library(address: *mut c_void) -> bool {
    about(address).is_some()
}

/// What the loader tells of the object that holds the address.
fn about(address: *mut c_void) -> Option<libc::Dl_info> {
    let mut about = std::mem::MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: any address may be asked about, and there is room for the answer.
    unsafe { (libc::dladdr(address, about.as_mut_ptr()) != 0).then(|| about.assume_init()) }
}
