//! Destructors of thread-local objects of sets that may be removed.
//!
//! C++ and Rust register them with the C library, by `__cxa_thread_atexit_impl`, and it runs them when the thread ends.
//! It keeps a shared library loaded as long as there are any; a set it does not know. So sets that are not permanent get
//! this function in place of the C library's: it passes them on, and knows whose are still to come. musl has no such
//! function; there the thread's end is that of a key.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::sync::Mutex;

use crate::host::fork;

type Destructor = unsafe extern "C" fn(*mut c_void);

/// A destructor that this thread is to run.
struct Pending {
    function: Option<Destructor>,
    object: *mut c_void,
    /// The set's `__dso_handle`.
    owner: u64,
    next: *mut Pending,
}

thread_local! {
    /// The latest one. Plain, so that it is there until the thread is gone.
    static LATEST: Cell<*mut Pending> = const { Cell::new(std::ptr::null_mut()) };
}

/// How many destructors of each owner are pending in all threads.
static COUNTS: Mutex<BTreeMap<u64, usize>> = Mutex::new(BTreeMap::new());

/// One destructor of the owner's less.
fn count_down(owner: u64) {
    let mut counts = fork::lock(&COUNTS);
    let Some(count) = counts.get_mut(&owner) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(&owner);
    }
}

/// What sets that may be removed call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    let own = name == b"__cxa_thread_atexit_impl" || name == b"__cxa_thread_atexit";
    own.then_some(register as *const () as u64)
}

/// `__cxa_thread_atexit_impl`, see the Itanium C++ ABI's `__cxa_thread_atexit`.
unsafe extern "C" fn register(function: Destructor, object: *mut c_void, owner: *mut c_void) -> c_int {
    let owner = owner.expose_provenance() as u64;
    let next = LATEST.get();
    let pending = Box::into_raw(Box::new(Pending { function: Some(function), object, owner, next }));
    // SAFETY: `finish` takes what is passed.
    let status = unsafe { at_end_of_thread(pending.cast()) };
    if status == 0 {
        LATEST.set(pending);
        *fork::lock(&COUNTS).entry(owner).or_default() += 1;
    } else {
        // SAFETY: the C library did not take it.
        drop(unsafe { Box::from_raw(pending) });
    }
    status
}

/// Has `finish` called with `pending` when the thread ends. Not 0: it will not be.
///
/// # Safety
/// `finish` may be called with it.
#[cfg(target_env = "gnu")]
unsafe fn at_end_of_thread(pending: *mut c_void) -> c_int {
    unsafe extern "C" {
        fn __cxa_thread_atexit_impl(function: Destructor, object: *mut c_void, owner: *mut c_void) -> c_int;
    }
    let here: *mut c_void = std::ptr::with_exposed_provenance_mut(register as *const () as usize);
    // SAFETY: the caller's promise. The C library only looks up which library holds the last argument: Setlink's own
    // code, which stays as long as there are destructors.
    unsafe { __cxa_thread_atexit_impl(finish, pending, here) }
}

/// As above, with a key whose value is the first that was registered, whatever it is.
#[cfg(not(target_env = "gnu"))]
unsafe fn at_end_of_thread(pending: *mut c_void) -> c_int {
    static KEY: std::sync::OnceLock<Option<libc::pthread_key_t>> = std::sync::OnceLock::new();
    unsafe extern "C" fn finish_all(_: *mut c_void) {
        while !LATEST.get().is_null() {
            // SAFETY: an element of the thread's list. Destructors may add others.
            unsafe { finish(LATEST.get().cast()) };
        }
    }
    let _hold = fork::hold();
    let key = KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: the function takes whatever is set.
        (unsafe { libc::pthread_key_create(&raw mut key, Some(finish_all)) } == 0).then_some(key)
    });
    // SAFETY: the key exists.
    key.map_or(-1, |key| unsafe { libc::pthread_setspecific(key, pending) })
}

/// Runs at the end of the thread, once for each.
unsafe extern "C" fn finish(pending: *mut c_void) {
    let pending: *mut Pending = pending.cast();
    // SAFETY: the thread's list consists of boxes that `register` made, and only this function takes one out, in the
    // thread whose list it is.
    unsafe {
        let mut link = LATEST.get();
        if link == pending {
            LATEST.set((*pending).next);
        } else {
            while !link.is_null() && (*link).next != pending {
                link = (*link).next;
            }
            if !link.is_null() {
                (*link).next = (*pending).next;
            }
        }
        run(pending);
        drop(Box::from_raw(pending));
    }
}

/// Runs the destructor, unless it has been.
///
/// # Safety
/// `pending` is an element of this thread's list.
unsafe fn run(pending: *mut Pending) {
    // SAFETY: the caller's promise; the set that registered the function is there as long as its count is not 0.
    unsafe {
        if let Some(function) = (*pending).function.take() {
            function((*pending).object);
            count_down((*pending).owner);
        }
    }
}

/// Runs this thread's destructors of the set with this `__dso_handle`, the latest first.
///
/// # Safety
/// No code of the set runs in this thread.
pub(crate) unsafe fn run_own(owner: u64) {
    loop {
        let mut link = LATEST.get();
        // SAFETY: the thread's list, see `finish`. A destructor may register others, so the search starts anew.
        unsafe {
            while !link.is_null() && ((*link).owner != owner || (*link).function.is_none()) {
                link = (*link).next;
            }
            if link.is_null() {
                return;
            }
            run(link);
        }
    }
}

/// Whether threads other than this one have destructors of the set still to run.
pub(crate) fn others_hold(owner: u64) -> bool {
    let mut own = 0;
    let mut link = LATEST.get();
    // SAFETY: the thread's list, see `finish`.
    unsafe {
        while !link.is_null() {
            own += usize::from((*link).owner == owner && (*link).function.is_some());
            link = (*link).next;
        }
    }
    fork::lock(&COUNTS).get(&owner).is_some_and(|&all| all > own)
}
