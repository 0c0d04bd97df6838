//! Hooks and initialisers that panic: the set is taken back, and nothing leads to where it was, neither at exit nor in
//! the process's libraries. Each test has a process of its own, whose exit handlers run when it ends.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod support;

use std::ffi::{c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use setlink::{Foreign, Phase, Session, SetBuilder};
use support::{alone, compile, compiler, mappings};

static NOTES: AtomicUsize = AtomicUsize::new(0);

/// What the sets' functions report: the digits of a number.
extern "C" fn note(digit: c_int) {
    NOTES.store(NOTES.load(Relaxed) * 10 + digit as usize, Relaxed);
}

extern "C-unwind" fn panics() {
    panic_any("out of an initialiser");
}

fn with_host<'s>(set: SetBuilder<'s>, panics: extern "C-unwind" fn()) -> SetBuilder<'s> {
    let set = set.define("note", Foreign::function(note as *const () as u64));
    set.define("panics", Foreign::function(panics as *const () as u64))
}

/// Stands in for `dl_iterate_phdr`, which the unwinder calls through its own table of addresses, and has an exit handler.
const SOURCE: &str = "
    extern void note(int), panics(void);
    extern int forward(void *, void *), atexit(void (*)(void));
    int dl_iterate_phdr(void *callback, void *data) { return forward(callback, data); }
    static void handler(void) { note(3); }
    __attribute__((constructor(101))) static void first(void) { note(1); atexit(handler); }
    __attribute__((constructor(102))) static void second(void) { note(2); panics(); }
    __attribute__((destructor)) static void end(void) { note(4); }";

#[test]
fn a_panic_takes_the_set_back() {
    alone("a_panic_takes_the_set_back", || {
        if !compiler() {
            return;
        }
        let object = compile(SOURCE, &["-O1", "-fPIC", "-fexceptions"]);
        let session = Session::host().unwrap();
        let forward = libc::dl_iterate_phdr as *const () as u64;
        let build = || {
            let set =
                with_host(session.set("panics"), panics).add_bytes("panics.o", object.as_slice()).unwrap();
            let set = set.define("forward", Foreign::function(forward)).add_default_libraries();
            set.interpose(true)
        };
        type Wish<'s> = fn(SetBuilder<'s>) -> SetBuilder<'s>;
        let wishes: [(Wish<'_>, usize); 3] = [
            (|set| set.before_initialisers(|| panic_any("out of a hook")), 0),
            (
                |set| {
                    set.observe(|phase| {
                        if phase == Phase::Initialise {
                            panic_any("out of an observer")
                        }
                    })
                },
                0,
            ),
            // What the first one registered runs; the finalisers do not.
            (|set| set, 123),
        ];
        let mut before = Vec::new();
        for round in 0..3 {
            for (wish, notes) in wishes {
                NOTES.store(0, Relaxed);
                let outcome = catch_unwind(AssertUnwindSafe(|| wish(build()).link().map(drop)));
                let panic = outcome.expect_err("it panics");
                assert!(panic.downcast_ref::<&str>().unwrap().starts_with("out of"));
                assert_eq!(NOTES.load(Relaxed), notes);
                assert!(session.sets().is_empty());
            }
            if round == 0 {
                before = mappings();
            }
        }
        assert_eq!(mappings(), before);
        // Everything is as for a set that was removed: the same again can be linked, and its finalisers run.
        NOTES.store(0, Relaxed);
        extern "C-unwind" fn returns() {}
        let set = with_host(session.set("fine"), returns).add_bytes("fine.o", object.as_slice()).unwrap();
        let set = set.define("forward", Foreign::function(forward)).add_default_libraries();
        set.interpose(true).link().unwrap().remove().unwrap();
        assert_eq!(NOTES.load(Relaxed), 1234);
    });
}

/// Variables of the process that non-PIC code had it take over go back with what they hold.
#[test]
fn a_panic_gives_variables_back() {
    alone("a_panic_gives_variables_back", || {
        if !compiler() {
            return;
        }
        unsafe extern "C" {
            static mut optind: c_int;
            fn getopt(count: c_int, values: *const *const c_char, options: *const c_char) -> c_int;
        }
        // SAFETY: the child goes on with the only thread that it has, and ends without the harness's exit handlers.
        let child = unsafe { libc::fork() };
        if child != 0 {
            let mut status = 0;
            // SAFETY: the child is this process's own.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!(status, 0);
            return;
        }
        let done = catch_unwind(AssertUnwindSafe(|| {
            // An address of 32 bits, where no library's variable is.
            let source = "extern void panics(void); extern int optind; static int *volatile where;
                __attribute__((constructor)) static void begin(void) {
                    where = &optind; *where += 5; panics(); }";
            let object = compile(source, &["-O1", "-fno-pic"]);
            let session = Session::host().unwrap();
            // SAFETY: the only thread; `getopt` gets what it wants.
            unsafe {
                optind = 2;
                let set =
                    with_host(session.set("variables"), panics).add_bytes("variables.o", object).unwrap();
                let outcome = catch_unwind(AssertUnwindSafe(|| set.add_default_libraries().link().map(drop)));
                let panic = outcome.expect_err("it panics");
                assert_eq!(panic.downcast_ref::<&str>(), Some(&"out of an initialiser"));
                assert_eq!((&raw const optind).read(), 7);
                optind = 1;
                let values = [c"program".as_ptr(), c"-a".as_ptr(), std::ptr::null()];
                assert_eq!(getopt(2, values.as_ptr(), c"a".as_ptr()), c_int::from(b'a'));
                assert_eq!((&raw const optind).read(), 2);
            }
        }));
        // SAFETY: as above.
        unsafe { libc::_exit(i32::from(done.is_err())) };
    });
}
