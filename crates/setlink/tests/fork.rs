//! Forks: whatever other threads link meanwhile, and whoever forks, a child links sets of its own. Each test has a process
//! of its own.
//!
//! The objects are compiled by the system's C compiler; without one the tests say so and pass.

#![cfg(target_os = "linux")]

mod support;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use setlink::{Foreign, Session, Set};
use support::{alone, compile, compiler, in_child};

type Function = extern "C" fn(i32) -> i32;

const SMALL: &str =
    "extern int getpid(void); int f(int x) { static int calls; return x + ++calls + 0 * getpid(); }";
const THREAD_LOCAL: &str = "__thread int own = 1; int f(int x) { return x + own; }";

fn link(session: &Session, object: &[u8]) -> Set {
    session.set("small").add_bytes("small.o", object).unwrap().link().unwrap()
}

fn cycle(session: &Session, object: &[u8]) {
    let set = link(session, object);
    // SAFETY: the function has this type, and its set is there.
    assert_eq!(unsafe { set.get::<Function>("f").unwrap()(4) }, 5);
    set.remove().unwrap();
}

#[test]
fn children_link_whatever_other_threads_do() {
    alone("children_link_whatever_other_threads_do", || {
        if !compiler() {
            return;
        }
        let [small, thread_local] = [SMALL, THREAD_LOCAL].map(|source| compile(source, &["-O1", "-fPIC"]));
        let session = Session::host().unwrap();
        let (stop, cycles) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (session, small, thread_local, stop, cycles) =
                    (&session, &small, &thread_local, &stop, &cycles);
                scope.spawn(move || {
                    while !stop.load(Relaxed) {
                        match thread {
                            // A first access takes the C library's lock of thread-local storage, by itself.
                            0 => link(session, thread_local).remove().unwrap(),
                            _ => cycle(session, small),
                        }
                        cycles.fetch_add(1, Relaxed);
                    }
                });
            }
            let forks = catch_unwind(AssertUnwindSafe(|| {
                for round in 0..200 {
                    in_child(|| {
                        cycle(&session, if round % 4 == 0 { &thread_local } else { &small });
                        // A session of the child's own, and a child of the child's.
                        cycle(&Session::host().unwrap(), &small);
                        if round % 20 == 0 {
                            in_child(|| cycle(&session, &small));
                        }
                    });
                }
            }));
            stop.store(true, Relaxed);
            forks.unwrap();
        });
        println!("200 forks, {} cycles meanwhile", cycles.load(Relaxed));
        assert!(cycles.load(Relaxed) > 100);
    });
}

thread_local! {
    static FORKS: Cell<u32> = const { Cell::new(0) };
}

/// What a set's initialiser calls: the child goes on with the link that its thread is in.
extern "C" fn forks() {
    FORKS.set(FORKS.get() + 1);
    in_child(|| ());
}

/// User code runs in the middle of a link: none of it finds a lock held, by its own thread or by others that fork.
#[test]
fn whatever_runs_in_a_link_may_fork() {
    alone("whatever_runs_in_a_link_may_fork", || {
        if !compiler() {
            return;
        }
        let initialiser = "extern void forks(void); int done;
            __attribute__((constructor)) static void begin(void) { forks(); done = 1; }
            __attribute__((destructor)) static void end(void) { forks(); }
            static int chosen(int x) { return x + done; }
            static void *choose(void) { forks(); return chosen; }
            int f(int x) __attribute__((ifunc(\"choose\")));
            int (*pointer)(int) = f;";
        let initialiser = compile(initialiser, &["-O1", "-fPIC"]);
        let small = compile(SMALL, &["-O1", "-fPIC"]);
        let session = Session::host().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let set = session.set("forks").add_bytes("forks.o", initialiser.as_slice()).unwrap();
                        let set = set.define("forks", Foreign::function(forks as *const () as u64));
                        let set = set.observe(|_| in_child(|| cycle(&session, &small)));
                        let set = set.before_initialisers(|| in_child(|| cycle(&session, &small)));
                        let set = set.link().unwrap();
                        in_child(|| cycle(&session, &small));
                        // SAFETY: the function has this type, and its set is there.
                        assert_eq!(unsafe { set.get::<Function>("f").unwrap()(4) }, 5);
                        set.remove().unwrap();
                    }
                    // Initialiser, finaliser and resolver.
                    assert_eq!(FORKS.get(), 5 * 3);
                });
            }
        });
    });
}

/// What another thread was linking when the process forked is never linked in the child, and keeps nothing there.
#[test]
fn a_child_removes_what_a_lost_link_would_have_used() {
    alone("a_child_removes_what_a_lost_link_would_have_used", || {
        if !compiler() {
            return;
        }
        let user = compile("extern int f(int); int g(int x) { return f(x); }", &["-O1", "-fPIC"]);
        let session = Session::host().unwrap();
        let base = link(&session, &compile(SMALL, &["-O1", "-fPIC"]));
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let (session, base) = (&session, &base);
            scope.spawn(move || {
                let set = session.set("user").add_bytes("user.o", user).unwrap().scope([base]);
                let mut begun = Some(begun);
                let wait = |_| {
                    if let Some(begun) = begun.take() {
                        begun.send(()).unwrap();
                        may_go_on.recv().unwrap();
                    }
                };
                set.observe(wait).link().unwrap().remove().unwrap();
            });
            has_begun.recv().unwrap();
            // SAFETY: the child has a copy of the handle, and the parent keeps its own.
            let theirs = std::mem::ManuallyDrop::new(unsafe { std::ptr::read(base) });
            in_child(|| {
                let theirs: std::mem::ManuallyDrop<Set> = theirs;
                std::mem::ManuallyDrop::into_inner(theirs).remove().unwrap();
            });
            go_on.send(()).unwrap();
        });
        base.remove().unwrap();
    });
}
