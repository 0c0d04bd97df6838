//! Forks: a child has only the thread that forked, and whatever another thread held at that moment is held for ever in
//! it. So a fork waits until no thread holds anything of Setlink's, and no thread takes anything before it is done.
//!
//! One *gate* for the process stands in front of all locks: whoever takes one passes the gate first ([`lock`],
//! [`hold`]), and `pthread_atfork(3)` closes it for the time of a fork. There is then no order of locks to keep, new
//! sessions and sets need not be listed, and what is made once (`OnceLock`) is covered like a lock. Passing costs two
//! atomic additions to a line that few threads share.
//!
//! Nobody waits for ever:
//!
//! - Locks are held for Setlink's own work, the system's and libgcc's registration, and for no initialiser, resolver or
//!   hook. Any of these may fork, and its fork waits only for other threads.
//! - A thread that is behind the gate forks all the same if a signal's handler does. It does not wait at all then.
//! - Calls of the loader, and of exit handlers ([`in_loader`]), are waited for only a moment. The loader has a lock of its
//!   own, which the forking thread may hold, as it may be in the constructor of a library that is being opened, and for
//!   which others wait.
//!
//! What is not Setlink's stays as it is in any process: a child can find the loader's or libgcc's lock held where another
//! thread opens a library by itself, uses a thread-local variable of one for the first time, or throws. Neither lock can
//! be asked for from outside. `vfork`, `posix_spawn` and a bare `clone` tell nobody; their children only go on to `exec`.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::thread::futex;

use crate::error::{Place, Problem, ProblemKind};

/// Threads are spread over so many counters.
const STRIPES: usize = 16;
/// How long a fork waits for calls of the loader. They take microseconds.
const MOMENT: Duration = Duration::from_millis(100);

/// How many threads are behind the gate.
#[repr(align(64))]
struct Stripe {
    holding: AtomicU32,
    in_loader: AtomicU32,
}

static PASSED: [Stripe; STRIPES] =
    [const { Stripe { holding: AtomicU32::new(0), in_loader: AtomicU32::new(0) } }; STRIPES];
/// 1 while a thread forks.
static CLOSED: AtomicU32 = AtomicU32::new(0);
/// Which threads the forks left that led to this process, the latest last.
static SURVIVORS: Mutex<Vec<u64>> = Mutex::new(Vec::new());
static FORKS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How often this thread has passed the gate.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static LOADER_DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The number of this thread; 0: it has none yet.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if NUMBER.get() == 0 {
        NUMBER.set(NEXT.fetch_add(1, Relaxed));
    }
    NUMBER.get()
}

fn stripe() -> &'static Stripe {
    &PASSED[number() as usize % STRIPES]
}

fn wait(word: &AtomicU32, value: u32) {
    // An early return is no matter: all callers look again.
    let _ = futex::wait(word, futex::Flags::PRIVATE, value, None);
}

fn wake(word: &AtomicU32) {
    let _ = futex::wake(word, futex::Flags::PRIVATE, i32::MAX as u32);
}

fn pass(counter: &AtomicU32) {
    loop {
        counter.fetch_add(1, SeqCst);
        if CLOSED.load(SeqCst) == 0 {
            return;
        }
        leave(counter);
        wait(&CLOSED, 1);
    }
}

fn leave(counter: &AtomicU32) {
    if counter.fetch_sub(1, SeqCst) == 1 && CLOSED.load(SeqCst) != 0 {
        wake(counter);
    }
}

/// A thread behind the gate. It stays one as long as this lives.
#[derive(Debug)]
pub(crate) struct Hold {
    depth: &'static std::thread::LocalKey<Cell<u32>>,
    counter: &'static AtomicU32,
    /// The counts are the thread's.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Hold {
    fn new(depth: &'static std::thread::LocalKey<Cell<u32>>, counter: &'static AtomicU32) -> Hold {
        // What is held already keeps forks away; waiting for one that waits for this thread would never end.
        if DEPTH.get() == 0 && depth.get() == 0 {
            pass(counter);
        } else if depth.get() == 0 {
            counter.fetch_add(1, SeqCst);
        }
        depth.set(depth.get() + 1);
        Hold { depth, counter, _thread: std::marker::PhantomData }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.depth.set(self.depth.get() - 1);
        if self.depth.get() == 0 {
            leave(self.counter);
        }
    }
}

/// Keeps other threads from forking until the result is dropped, for something short that no child should find half done.
pub(crate) fn hold() -> Hold {
    Hold::new(&DEPTH, &stripe().holding)
}

/// The same for a call of the loader, or for exit handlers: others' code may run, so forks wait only a moment.
pub(crate) fn in_loader() -> Hold {
    Hold::new(&LOADER_DEPTH, &stripe().in_loader)
}

/// A lock that is held, behind the gate.
#[derive(Debug)]
pub(crate) struct Locked<'m, T> {
    #[cfg(feature = "locks")]
    _held: counts::Held,
    #[cfg(thread_sanitizer)]
    _told: sanitizer::Told,
    guard: MutexGuard<'m, T>,
    _hold: Hold,
}

/// Takes a lock, whatever a thread that held it did. No other code's functions may be called while it is held.
#[cfg_attr(feature = "locks", track_caller)]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Locked<'_, T> {
    #[cfg(feature = "locks")]
    let asked = counts::Asked::now();
    let hold = hold();
    Locked {
        guard: mutex.lock().unwrap_or_else(PoisonError::into_inner),
        _hold: hold,
        #[cfg(thread_sanitizer)]
        _told: sanitizer::Told::new((&raw const *mutex).cast()),
        #[cfg(feature = "locks")]
        _held: asked.got(),
    }
}

/// ThreadSanitizer does not see into the standard library, which is built without it: it is told of each lock.
#[cfg(thread_sanitizer)]
mod sanitizer {
    use std::ffi::c_void;

    unsafe extern "C" {
        fn __tsan_acquire(address: *const c_void);
        fn __tsan_release(address: *const c_void);
    }

    #[derive(Debug)]
    pub(super) struct Told(*const c_void);

    impl Told {
        pub fn new(mutex: *const c_void) -> Told {
            // SAFETY: the address is only a name.
            unsafe { __tsan_acquire(mutex) };
            Told(mutex)
        }
    }

    impl Drop for Told {
        /// Before the lock is let go.
        fn drop(&mut self) {
            // SAFETY: as above.
            unsafe { __tsan_release(self.0) };
        }
    }
}

/// How long locks are waited for and held. The figures hold two looks at the clock for each, some 50 ns.
#[cfg(feature = "locks")]
#[allow(missing_docs)]
pub mod counts {
    use std::panic::Location;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::time::Instant;

    /// Locks, by the file that takes them.
    const FILES: [(&str, &str); 5] = [
        ("memory/process.rs", "slabs"),
        ("memory/door.rs", "door"),
        ("publish/unwind.rs", "unwind tables"),
        ("set/registry.rs", "registry"),
        ("", "others"),
    ];

    static WAITED: [AtomicU64; FILES.len()] = [const { AtomicU64::new(0) }; FILES.len()];
    static HELD: [AtomicU64; FILES.len()] = [const { AtomicU64::new(0) }; FILES.len()];

    pub(super) struct Asked(Instant, usize);

    #[derive(Debug)]
    pub(super) struct Held(Instant, usize);

    impl Asked {
        #[track_caller]
        pub fn now() -> Asked {
            let file = Location::caller().file();
            let kind = FILES.iter().position(|(end, _)| file.ends_with(end)).unwrap_or(0);
            Asked(Instant::now(), kind)
        }

        pub fn got(self) -> Held {
            let now = Instant::now();
            WAITED[self.1].fetch_add((now - self.0).as_nanos() as u64, Relaxed);
            Held(now, self.1)
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            HELD[self.1].fetch_add(self.0.elapsed().as_nanos() as u64, Relaxed);
        }
    }

    /// Per kind of lock, its name and the seconds that threads have waited for it and held it since the last call.
    pub fn take() -> Vec<(&'static str, f64, f64)> {
        let seconds = |nanoseconds: &AtomicU64| nanoseconds.swap(0, Relaxed) as f64 * 1e-9;
        let kinds = FILES.iter().zip(WAITED.iter().zip(&HELD));
        kinds.map(|((_, name), (waited, held))| (*name, seconds(waited), seconds(held))).collect()
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// A thread in a process. A child has only one of its parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
    thread: u64,
    forks: usize,
}

impl Here {
    /// The calling thread.
    pub fn now() -> Here {
        Here { thread: number(), forks: FORKS.load(SeqCst) }
    }

    /// Whether every fork since has left the thread.
    pub fn is_left(self) -> bool {
        self.forks == FORKS.load(SeqCst)
            || lock(&SURVIVORS)[self.forks..].iter().all(|&left| left == self.thread)
    }
}

/// Has forks wait, from now on.
///
/// # Errors
/// There is no memory for it.
pub(crate) fn prepare() -> Result<(), Problem> {
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.swap(true, SeqCst) {
        return Ok(());
    }
    // SAFETY: the functions are of this library, which the C library takes the handlers back with.
    let status = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    if status == 0 {
        return Ok(());
    }
    DONE.store(false, SeqCst);
    let what = "it has no memory left for a handler of forks".into();
    Err(Problem::new(Place::default(), ProblemKind::Host { what }))
}

unsafe extern "C" fn before() {
    if DEPTH.get() > 0 {
        return;
    }
    while CLOSED.compare_exchange(0, 1, SeqCst, SeqCst).is_err() {
        wait(&CLOSED, 1);
    }
    for stripe in &PASSED {
        loop {
            match stripe.holding.load(SeqCst) {
                0 => break,
                some => wait(&stripe.holding, some),
            }
        }
    }
    let own = u32::from(LOADER_DEPTH.get() > 0);
    let others = || PASSED.iter().map(|stripe| stripe.in_loader.load(SeqCst)).sum::<u32>() > own;
    let start = std::time::Instant::now();
    while others() && start.elapsed() < MOMENT {
        std::thread::sleep(Duration::from_micros(20));
    }
}

fn open() {
    CLOSED.store(0, SeqCst);
    wake(&CLOSED);
}

unsafe extern "C" fn in_parent() {
    if DEPTH.get() == 0 {
        open();
    }
}

unsafe extern "C" fn in_child() {
    for stripe in &PASSED {
        stripe.holding.store(0, SeqCst);
        stripe.in_loader.store(0, SeqCst);
    }
    let own = stripe();
    own.holding.store(u32::from(DEPTH.get() > 0), SeqCst);
    own.in_loader.store(u32::from(LOADER_DEPTH.get() > 0), SeqCst);
    CLOSED.store(0, SeqCst);
    // Nobody else is here to hold it.
    if let Ok(mut survivors) = SURVIVORS.try_lock() {
        survivors.push(number());
        FORKS.store(survivors.len(), SeqCst);
    }
}
