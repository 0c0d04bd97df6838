//! Each allocation of a link, and of a removal, fails once in turn, and the session is as it was.
//!
//! A failing allocation ends a Rust program, unless a hook panics instead (`std::alloc::set_alloc_error_hook`, which is
//! not stable yet): so this is built by `cargo xtask allocations` only. The allocator counts within a marked stretch, on
//! all threads, and lets the n-th allocation fail; n grows until a stretch comes to its end without a fault.
//!
//! What cannot be tested is what the standard library makes of a panic: its `BTreeMap` ends the process where the root's
//! growth fails, at the twelfth element (`alloc::collections::btree::mem::replace`). None grows so here.

#![cfg(all(allocation_faults, target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#![feature(alloc_error_hook)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use setlink::{Foreign, Session, Set, SetBuilder};
use support::{alone, compile, compiler};

/// A stretch has fewer allocations than this.
const ENOUGH: usize = 20_000;

/// How many allocations are still to succeed before one fails; from there on, none does.
static LEFT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The allocator.
struct Failing;

#[global_allocator]
static ALLOCATOR: Failing = Failing;

fn fails() -> bool {
    // The last one that is counted leaves the counter where nothing fails.
    LEFT.load(SeqCst) != usize::MAX && LEFT.fetch_sub(1, SeqCst) == 0
}

// SAFETY: the system's allocator, or no memory.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if fails() { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        if fails() { std::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        if fails() { std::ptr::null_mut() } else { unsafe { System.realloc(at, layout, size) } }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

/// What the hook panics with.
struct NoMemory;

fn prepare() {
    std::alloc::set_alloc_error_hook(|_| panic_any(NoMemory));
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // A scope says by a panic of its own that one of its threads panicked.
        let expected = info.payload().is::<NoMemory>() || info.payload().is::<Thrown>();
        if !expected && LEFT.load(SeqCst) == usize::MAX {
            shown(info);
        }
    }));
}

/// Runs `work`, whose allocation number `round` fails. How it ended, None for a panic; and whether one failed.
fn with_fault<T>(round: usize, work: impl FnOnce() -> T) -> (Option<T>, bool) {
    LEFT.store(round, SeqCst);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let is_faulty = LEFT.swap(usize::MAX, SeqCst) > round;
    (outcome.ok(), is_faulty)
}

/// What goes through the sets' frames.
struct Thrown;

extern "C-unwind" fn throw() {
    panic_any(Thrown)
}

/// Handlers that initialisers have registered, and those that have run.
static REGISTERED: AtomicUsize = AtomicUsize::new(0);
static RUN: AtomicUsize = AtomicUsize::new(0);

extern "C" fn note(is_end: i32) {
    if is_end == 0 { &REGISTERED } else { &RUN }.fetch_add(1, SeqCst);
}

/// What of the process a set could leave behind.
#[derive(Debug, PartialEq, Eq)]
struct State {
    sets: Vec<String>,
    entries: Vec<setlink::EntryPlace>,
    stubs: Vec<setlink::EntryPlace>,
    mappings: Vec<String>,
    files: Vec<std::path::PathBuf>,
    libraries: usize,
    /// Handlers that have yet to run.
    handlers: usize,
}

fn state(session: &Session) -> State {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let of_sets = |line: &&str| {
        let mut words = line.split_whitespace();
        let flags = words.nth(1).unwrap();
        // What the allocator maps has no name either, and is writable.
        words.count() == 3 && !flags.contains('w') && flags != "---p"
    };
    unsafe extern "C" fn count(_: *mut libc::dl_phdr_info, _: usize, number: *mut libc::c_void) -> i32 {
        // SAFETY: the counter below.
        unsafe { *number.cast::<usize>() += 1 };
        0
    }
    let mut libraries = 0usize;
    // SAFETY: the function counts in what it is given.
    unsafe { libc::dl_iterate_phdr(Some(count), (&raw mut libraries).cast()) };
    let file = |number: i32| std::fs::read_link(format!("/proc/self/fd/{number}")).ok();
    State {
        sets: session.sets(),
        entries: session.got_entries("getpid"),
        stubs: session.stubs("getpid"),
        mappings: maps.lines().filter(of_sets).map(str::to_owned).collect(),
        // A directory that the standard library has just opened, its own `read_dir` loses.
        files: (0..64).filter_map(file).filter(|path| !path.is_dir()).collect(),
        libraries,
        handlers: REGISTERED.load(SeqCst) - RUN.load(SeqCst),
    }
}

fn source(bytes: usize) -> String {
    format!(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>
         extern void note(int), throw(void); extern int base(int);
         volatile char data[{bytes}] = {{ 1 }}; volatile _Thread_local int t = 1;
         __attribute__((weak)) int weak(void) {{ return 1; }}
         static int begun; static void handler(void) {{ note(1); }}
         __attribute__((constructor)) static void begin(void) {{ begun++; note(0); atexit(handler); }}
         __attribute__((destructor)) static void end(void) {{ begun--; }}
         void through(void) {{ throw(); begun += 0; }}
         int f(int x) {{ return base(x) + data[0] + t + begun + weak() + (stdout == 0) + (getpid() <= 0); }}"
    )
}

type Number = extern "C" fn(i32) -> i32;

/// Calls a set, and has it thrown through.
fn check(set: &Set) {
    // SAFETY: the functions have these types, and their set is there.
    let (f, through) =
        unsafe { (set.get::<Number>("f").unwrap(), set.get::<extern "C-unwind" fn()>("through").unwrap()) };
    assert_eq!(f(1), 6);
    let thrown = catch_unwind(AssertUnwindSafe(|| through())).expect_err("it throws");
    assert!(thrown.is::<Thrown>());
}

type Wish = fn(SetBuilder<'_>) -> SetBuilder<'_>;

/// One kind of set.
struct Kind {
    name: &'static str,
    bytes: usize,
    wish: Wish,
    /// It uses entries of another set.
    shares: bool,
    /// It takes over functions of the process.
    interposes: bool,
}

/// Stands in for what libgcc calls at each frame, before and from version 12 on.
const INTERPOSING: &str = "
    extern int forward(void *, void *), forward_find(void *, void *);
    int dl_iterate_phdr(void *callback, void *data) { return forward(callback, data); }
    int _dl_find_object(void *address, void *found) { return forward_find(address, found); }";

/// The function `_dl_find_object`, or another that nobody calls in its place.
fn find_object() -> *const () {
    static FOUND: OnceLock<usize> = OnceLock::new();
    // SAFETY: the name is terminated. Later it leads to what stands in.
    let find = || unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_dl_find_object".as_ptr()) } as usize;
    match *FOUND.get_or_init(find) {
        0 => throw as *const (),
        found => found as *const (),
    }
}

const KINDS: [Kind; 5] = [
    Kind { name: "small", bytes: 100, wish: |set| set, shares: false, interposes: false },
    Kind { name: "large", bytes: 3 << 20, wish: |set| set, shares: false, interposes: false },
    Kind {
        name: "sharing",
        bytes: 100,
        wish: |set| set.relax(false).prefer_existing(true),
        shares: true,
        interposes: false,
    },
    Kind { name: "interposing", bytes: 100, wish: |set| set, shares: false, interposes: true },
    Kind { name: "with a map", bytes: 100, wish: |set| set.map(true), shares: false, interposes: false },
];

struct Bench {
    session: Session,
    objects: Vec<Vec<u8>>,
    /// A set that the others use.
    base: Set,
}

impl Bench {
    fn new(kind: &Kind) -> Bench {
        let session = Session::host().unwrap();
        let mut objects = vec![compile(&source(kind.bytes), &["-O1", "-fPIC", "-fno-plt", "-fexceptions"])];
        if kind.interposes {
            objects.push(compile(INTERPOSING, &["-O1", "-fPIC", "-fexceptions"]));
        }
        let base = compile(
            "extern int getpid(void); int base(int x) { return x + 1 + (getpid() <= 0); }
             __attribute__((weak)) int weak(void) { return 1; }",
            &["-O1", "-fPIC", "-fno-plt"],
        );
        let base = session.set("base").add_bytes("base.o", base).unwrap().relax(false).link().unwrap();
        Bench { session, objects, base }
    }

    fn link(&self, kind: &Kind, name: &str) -> setlink::Result<Set> {
        let mut set = self.session.set(name).scope([&self.base]);
        if kind.shares {
            set = set.share_with(&self.base);
        }
        for (number, object) in self.objects.iter().enumerate() {
            set = set.add_bytes(format!("{number}.o"), object.as_slice())?;
        }
        let function = |address: *const ()| Foreign::function(address as u64);
        let set = set.define("note", function(note as *const ()));
        let set = set.define("throw", function(throw as *const ()));
        let set = set.define("forward", function(libc::dl_iterate_phdr as *const ()));
        let set = set.define("forward_find", function(find_object()));
        (kind.wish)(set).interpose(kind.interposes).add_default_libraries().link()
    }

    /// A link now gives what the very first one gave, at the same addresses.
    fn is_as_it_was(&self, kind: &Kind, summary: &setlink::Summary) {
        let again = self.link(kind, "again").unwrap();
        assert_eq!(again.summary(), summary);
        check(&again);
        again.remove().unwrap();
    }
}

/// What became of the stretches.
#[derive(Default)]
struct Tally {
    faults: usize,
    panics: usize,
    errors: usize,
}

impl Tally {
    fn print(&self, what: &str, name: &str) {
        let Tally { faults, panics, errors } = self;
        println!("{what}, {name}: {faults} allocations failed: {panics} panics, {errors} errors");
    }
}

/// Links of one kind, in a session that knows it already.
fn links(kind: &Kind) {
    let bench = Bench::new(kind);
    let kept = bench.link(kind, "kept").unwrap();
    check(&kept);
    // What the first round allocates stays.
    bench.link(kind, "warm").unwrap().remove().unwrap();
    let warm = bench.link(kind, "warm").unwrap();
    let summary = warm.summary().clone();
    warm.remove().unwrap();
    let before = state(&bench.session);
    let mut tally = Tally::default();
    for round in 0.. {
        assert!(round < ENOUGH, "there is no end of it");
        let (linked, is_faulty) = with_fault(round, || bench.link(kind, "faulty"));
        tally.faults += usize::from(is_faulty);
        match linked {
            Some(Ok(set)) => {
                check(&set);
                set.remove().unwrap();
            }
            Some(Err(error)) => {
                assert!(is_faulty, "{error}");
                tally.errors += 1;
            }
            None => {
                assert!(is_faulty);
                tally.panics += 1;
            }
        }
        assert_eq!(state(&bench.session), before, "after fault {round}");
        bench.is_as_it_was(kind, &summary);
        check(&kept);
        if !is_faulty {
            break;
        }
    }
    tally.print("linking", kind.name);
    assert!(tally.panics > 0, "no fault made a difference");
    kept.remove().unwrap();
    bench.base.remove().unwrap();
}

/// First links of sessions: what is opened and reserved once.
fn first_links(kind: &Kind) {
    let mut tally = Tally::default();
    let mut before = None;
    for round in 0.. {
        assert!(round < ENOUGH, "there is no end of it");
        let object = compile_once();
        let (linked, is_faulty) = with_fault(round, || {
            let session = Session::host()?;
            let set = session.set("first").add_bytes("first.o", object)?.link()?;
            set.remove()?;
            Ok::<_, setlink::Error>(())
        });
        tally.faults += usize::from(is_faulty);
        tally.panics += usize::from(linked.is_none());
        tally.errors += usize::from(linked.is_some_and(|linked| linked.is_err()));
        let after = state(&Session::host().unwrap());
        assert_eq!(
            before.get_or_insert_with(|| state(&Session::host().unwrap())),
            &after,
            "after fault {round}"
        );
        if !is_faulty {
            break;
        }
    }
    tally.print("a session's first link", kind.name);
    assert!(tally.panics > 0, "no fault made a difference");
}

fn compile_once() -> &'static [u8] {
    static OBJECT: OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    OBJECT.get_or_init(|| compile("int one(void) { return 1; }", &["-O1", "-fPIC"]))
}

/// Removals of one kind.
fn removals(kind: &Kind) {
    let bench = Bench::new(kind);
    bench.link(kind, "warm").unwrap().remove().unwrap();
    let warm = bench.link(kind, "warm").unwrap();
    let mut summary = warm.summary().clone();
    warm.remove().unwrap();
    let mut before = state(&bench.session);
    let mut tally = Tally::default();
    // Each failure leaves a set behind that the next one has to find its way through: some will do.
    let step = if kind.interposes { 23 } else { 1 };
    for round in (0..).step_by(step) {
        assert!(round < ENOUGH, "there is no end of it");
        let set = bench.link(kind, "goes").unwrap();
        let (removed, is_faulty) = with_fault(round, || set.remove());
        tally.faults += usize::from(is_faulty);
        tally.panics += usize::from(removed.is_none());
        if let Some(removed) = removed {
            removed.unwrap();
        }
        let after = state(&bench.session);
        if is_faulty && after.libraries > before.libraries {
            // The process could not be pointed back to its own functions, so the set's memory stays.
            assert!(kind.interposes, "after fault {round}");
            let again = bench.link(kind, "again").unwrap();
            check(&again);
            summary = again.summary().clone();
            again.remove().unwrap();
            before.libraries = after.libraries;
        }
        assert_eq!(after, before, "after fault {round}");
        bench.is_as_it_was(kind, &summary);
        if !is_faulty {
            break;
        }
    }
    tally.print("removing", kind.name);
    bench.base.remove().unwrap();
}

fn each_kind(test: &str, run: fn(&Kind)) {
    alone(test, || {
        if compiler() {
            prepare();
            KINDS.iter().for_each(run);
        }
    });
}

#[test]
fn each_allocation_of_a_link_fails_once() {
    each_kind("each_allocation_of_a_link_fails_once", links);
}

#[test]
fn each_allocation_of_a_sessions_first_link_fails_once() {
    alone("each_allocation_of_a_sessions_first_link_fails_once", || {
        if compiler() {
            prepare();
            first_links(&KINDS[0]);
        }
    });
}

#[test]
fn each_allocation_of_a_removal_fails_once() {
    each_kind("each_allocation_of_a_removal_fails_once", removals);
}
