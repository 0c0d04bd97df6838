//! The library in a host process, with objects from the system's C compiler: what crosses the border, what a failed
//! link leaves, what a removed set gives back. Without a compiler each test says so and does nothing.

mod support;

use std::collections::BTreeSet;
use std::ffi::{CString, c_int};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use setlink::{Foreign, Phase, ProblemKind, Session, Set};
use support::shared;

/// The object that `compiler` makes of `source`, or none where there is no such compiler.
fn compile(compiler: &str, extension: &str, flags: &[&str], source: &str) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join(format!("source.{extension}")), folder.path().join("object.o"));
    std::fs::write(&from, source).expect("the source is written");
    let mut command = Command::new(compiler);
    command.args(["-O1", "-fPIC", "-c", "-o"]).arg(&to).args(flags).arg(&from);
    let Ok(status) = command.status() else {
        // Past the test harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "skipped: there is no compiler `{compiler}`");
        return None;
    };
    assert!(status.success(), "{compiler} failed");
    Some(std::fs::read(to).expect("an object"))
}

fn c(source: &str) -> Option<Vec<u8>> {
    compile("cc", "c", &["-fexceptions"], source)
}

fn link(session: &Session, bytes: Vec<u8>) -> Set {
    session.set("test").add_bytes("test.o", bytes).expect("an object").link().expect("it links")
}

/// The process's mappings: range, protection, offset and file.
fn maps() -> Vec<String> {
    // What the allocator holds without need is no mapping of the set's.
    // SAFETY: it only gives free memory back.
    unsafe { libc::malloc_trim(0) };
    let text = std::fs::read_to_string("/proc/self/maps").expect("/proc");
    text.lines().map(str::to_owned).collect()
}

/// The mappings without what the C library's allocator has, which grows as it likes.
fn footprint() -> Vec<String> {
    let of_allocator = |line: &String| {
        let nameless = line.split_whitespace().count() == 5;
        line.contains("[heap]") || nameless && (line.contains(" rw-p ") || line.contains(" ---p "))
    };
    maps().into_iter().filter(|line| !of_allocator(line)).collect()
}

fn alone(name: &str, test: impl FnOnce()) {
    // In other arenas than the first, the allocator keeps free memory whatever it is told.
    support::alone_in(name, &[("MALLOC_ARENA_MAX", "1")], test);
}

extern "C-unwind" fn panicking(number: c_int) -> c_int {
    if number > 2 { std::panic::panic_any(number) } else { number }
}

#[test]
fn a_panic_crosses_the_sets_frames() {
    let source = "int callback(int); int deep(int n) { return n == 0 ? callback(3) + 1 : deep(n - 1) + 1; }";
    let Some(bytes) = c(source) else { return };
    let session = Session::host().unwrap();
    let callback = Foreign::function(panicking as *const () as u64);
    let set =
        session.set("deep").add_bytes("deep.o", bytes).unwrap().define("callback", callback).link().unwrap();
    // SAFETY: the function has this type, and nobody calls it after the set is gone.
    let deep = *unsafe { set.get::<extern "C-unwind" fn(c_int) -> c_int>("deep") }.unwrap();
    let payload = catch_unwind(AssertUnwindSafe(|| deep(10))).expect_err("the callback panics");
    assert_eq!(payload.downcast_ref::<c_int>(), Some(&3));
    set.remove().unwrap();
}

extern "C-unwind" fn bridge(function: extern "C-unwind" fn(c_int), number: c_int) {
    struct Count;
    impl Drop for Count {
        fn drop(&mut self) {
            CLEANED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let _count = Count;
    function(number);
}
static CLEANED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[test]
fn an_exception_crosses_the_hosts_frames() {
    let source = r#"
        extern "C" void bridge(void (*)(int), int);
        static void thrower(int n) { if (n) throw n; }
        extern "C" int through(int n) { try { bridge(thrower, n); } catch (int caught) { return caught + 1; } return 0; }
    "#;
    let Some(bytes) = compile("c++", "cc", &[], source) else { return };
    let session = Session::host().unwrap();
    let set = session.set("thrower").add_bytes("thrower.o", bytes).unwrap();
    let set = set.define("bridge", Foreign::function(bridge as *const () as u64));
    let set = set.add_library("stdc++").unwrap().link().unwrap();
    // SAFETY: as above.
    let through = *unsafe { set.get::<extern "C" fn(c_int) -> c_int>("through") }.unwrap();
    assert_eq!([through(0), through(41), through(1)], [0, 42, 2]);
    assert_eq!(CLEANED.load(std::sync::atomic::Ordering::Relaxed), 3);
    set.remove().unwrap();
}

#[test]
fn threads_call_into_a_set() {
    let Some(bytes) = c("static int count; int next(int by) { return __sync_add_and_fetch(&count, by); }")
    else {
        return;
    };
    let set = link(&Session::host().unwrap(), bytes);
    // SAFETY: as above.
    let next = *unsafe { set.get::<extern "C" fn(c_int) -> c_int>("next") }.unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1000).for_each(|_| assert!(next(1) > 0)));
        }
    });
    assert_eq!(next(0), 4000);
    set.remove().unwrap();
}

#[test]
fn a_failed_link_leaves_nothing() {
    alone("a_failed_link_leaves_nothing", || {
        let Some(fine) = c("int one(void) { return 1; }") else { return };
        let missing = c("int missing(void); int f(void) { return missing(); }").unwrap();
        let mut malformed = fine.clone();
        malformed[0x28..0x30].fill(0xff);
        let far = "__asm__(\".text\\n.globl f\\nf: ret\\n.data\\n.long far\\n\");";
        let far = c(far).unwrap();
        let session = Session::host().unwrap();
        let twice = || {
            let set = session.set("twice").add_bytes("a.o", fine.clone())?;
            set.add_bytes("b.o", fine.clone())?.link().map(drop)
        };
        let one = |bytes: &Vec<u8>| session.set("one").add_bytes("one.o", bytes.clone())?.link().map(drop);
        let out = || {
            let set = session.set("far").add_bytes("far.o", far.clone())?;
            set.absolute("far", 1 << 40).link().map(drop)
        };
        let all = || {
            [
                one(&missing).unwrap_err(),
                one(&malformed).unwrap_err(),
                twice().unwrap_err(),
                out().unwrap_err(),
            ]
        };
        // The first time also loads what stays: the allocator's memory, the loader's.
        let kinds = all().map(|error| error.problems()[0].kind.clone());
        assert!(matches!(kinds[0], ProblemKind::Undefined { .. }), "{}", kinds[0]);
        assert!(matches!(kinds[1], ProblemKind::Malformed { .. }), "{}", kinds[1]);
        assert!(matches!(kinds[2], ProblemKind::Duplicate { .. }), "{}", kinds[2]);
        assert!(
            matches!(kinds[3], ProblemKind::OutOfRange { .. } | ProblemKind::Conflict { .. }),
            "{}",
            kinds[3]
        );
        let mut before = Vec::new();
        for _ in 0..3 {
            (0..50).for_each(|_| drop(all()));
            before = footprint();
        }
        (0..100).for_each(|_| drop(all()));
        assert_eq!(before, footprint());
    });
}

#[test]
fn removal_runs_finalisers_and_returns_memory() {
    alone("removal_runs_finalisers_and_returns_memory", || {
        let source = r#"
            int atexit(void (*)(void));
            int *record;
            static void note(int n) { *record = *record * 10 + n; }
            static void first(void) { note(1); }
            static void second(void) { note(2); }
            __attribute__((destructor)) static void last(void) { note(3); }
            void start(int *to) { record = to; atexit(first); atexit(second); }
            char large[1 << 20];
        "#;
        let Some(bytes) = c(source) else { return };
        let session = Session::host().unwrap();
        let cycle = || {
            let set = session.set("log").add_bytes("log.o", bytes.clone()).unwrap();
            let set = set.add_default_libraries().link().unwrap();
            let mut log = 0;
            // SAFETY: as above.
            let start = *unsafe { set.get::<extern "C" fn(*mut c_int)>("start") }.unwrap();
            start(&mut log);
            set.remove().unwrap();
            // The latest handler first, then the destructors.
            assert_eq!(log, 213);
        };
        // The allocator's own memory grows for some cycles, and for the list, and then no more. Bytes in use were seen to
        // grow for some 1,200 cycles, by 16 KiB in all, and then to stay as they were for 19,000.
        let mut before = Vec::new();
        for _ in 0..3 {
            (0..600).for_each(|_| cycle());
            before = footprint();
        }
        (0..200).for_each(|_| cycle());
        assert_eq!(before, footprint());
    });
}

#[test]
fn no_page_is_writable_and_executable_and_sizes_are_exact() {
    alone("no_page_is_writable_and_executable_and_sizes_are_exact", || {
        let source = r#"
            #include <stdio.h>
            extern int absent __attribute__((weak));
            static int zero(void) { return 0; }
            static int (*const table[])(void) = { zero };
            char data[SIZE] = { 1 };
            int f(void) { puts("f"); return table[data[0] - 1]() + (&absent != 0) + (stdout == 0); }
        "#;
        // A set that shares the pages of a slab, in whole cache lines; and one with pages of its own.
        for (size, granule) in [("9000", 64), ("3 << 20", 4096)] {
            let Some(bytes) = c(&source.replace("SIZE", size)) else { return };
            let session = Session::host().unwrap();
            exact_and_protected(&session, bytes, granule);
        }
    });
}

fn exact_and_protected(session: &Session, bytes: Vec<u8>, granule: u64) {
    let check = |phase| {
        let both =
            maps().into_iter().find(|line| line.split(' ').nth(1).is_some_and(|p| p.starts_with("rwx")));
        assert_eq!(both, None, "{phase:?}");
    };
    let mut seen = Vec::new();
    let builder = session.set("exact").add_bytes("exact.o", bytes).unwrap().relax(false);
    let set = builder
        .observe(|phase| {
            check(Some(phase));
            seen.push(phase);
        })
        .link()
        .unwrap();
    check(None);
    assert_eq!(seen.first(), Some(&Phase::Resolve));
    assert_eq!(seen.last(), Some(&Phase::Initialise));
    let summary = set.summary();
    assert!(summary.got_entries > 0);
    // Each segment is one mapping of its own protection, and their bytes are all that is mapped. Neighbours of the
    // same protection would be one mapping to the kernel; those are the process's, not the set's.
    let mut mapped = 0;
    for segment in &summary.segments {
        let used = segment.bytes.next_multiple_of(granule);
        let mut covered = 0;
        for line in maps() {
            let (range, rest) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
            let overlap = end.min(segment.address + used).saturating_sub(start.max(segment.address));
            if overlap > 0 {
                assert_eq!(&rest[..3], segment.permissions, "{}", segment.name);
                covered += overlap;
            }
        }
        assert_eq!(covered, used, "{}", segment.name);
        mapped += used;
    }
    assert_eq!(mapped, summary.total_bytes);
    let own = if granule == 4096 { summary.segments.len() } else { 0 };
    assert_eq!(summary.mappings, own as u64);
    // The GOT is in a segment that is read-only now, and so is the table of relocated constants.
    let constants = summary.segments.iter().find(|segment| segment.name == "constants").unwrap();
    assert_eq!(constants.permissions, "r--");
    set.remove().unwrap();
}

#[test]
fn names() {
    let source = r#"
        int given(void);
        int call(void) { return given() + 1; }
        __attribute__((visibility("hidden"))) int hidden(void) { return 7; }
        int see(void) { return hidden(); }
        static int chosen(void) { return 11; }
        static int (*choose(void))(void) { return chosen; }
        int indirect(void) __attribute__((ifunc("choose")));
    "#;
    let Some(bytes) = c(source) else { return };
    extern "C" fn given() -> c_int {
        20
    }
    let session = Session::host().unwrap();
    let set = session.set("names").add_bytes("names.o", bytes).unwrap();
    let set = set.define("given", Foreign::function(given as *const () as u64)).alias("also", "call", 0);
    let set = set.link().unwrap();
    // SAFETY: all of them have this type.
    let value = |name: &str| unsafe { set.get::<extern "C" fn() -> c_int>(name) }.map(|function| function());
    assert_eq!(value("call"), Ok(21));
    assert_eq!(value("also"), Ok(21));
    assert_eq!(value("see"), Ok(7));
    assert_eq!(value("indirect"), Ok(11));
    for name in ["hidden", "choose", "given", "nothing"] {
        let problem = value(name).unwrap_err().into_problems().remove(0);
        assert_eq!(problem.kind, ProblemKind::NotFound { symbol: name.into() });
    }
    let exported: BTreeSet<String> =
        set.symbols().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
    assert!(
        exported.contains("call") && exported.contains("also") && !exported.contains("hidden"),
        "{exported:?}"
    );
    set.remove().unwrap();
}

#[test]
fn main_gets_its_arguments() {
    let Some(bytes) = c("int main(int argc, char **argv) { return argc * 100 + argv[1][0]; }") else {
        return;
    };
    let set = link(&Session::host().unwrap(), bytes);
    let arguments = ["program", "a"].map(|text| CString::new(text).unwrap()).to_vec();
    // SAFETY: it is a `main`.
    assert_eq!(unsafe { set.call_main("main", arguments) }, Ok(297));
    set.remove().unwrap();
}

#[test]
fn sets_are_linked_from_many_threads() {
    let Some(bytes) = c("static int n; int step(int by) { return n += by; }") else { return };
    let session = Session::host().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (session, bytes) = (&session, &bytes);
            scope.spawn(move || {
                let sets: Vec<Set> = (0..50).map(|_| link(session, bytes.clone())).collect();
                for (index, set) in sets.iter().enumerate() {
                    let index = index as c_int;
                    // SAFETY: as above.
                    let step = *unsafe { set.get::<extern "C" fn(c_int) -> c_int>("step") }.unwrap();
                    assert_eq!(step(thread) + step(index), 2 * thread + index);
                }
                // Every other set first, so that ranges in between become free.
                let (even, odd): (Vec<_>, Vec<_>) =
                    sets.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
                even.into_iter().chain(odd).for_each(|(_, set)| set.remove().unwrap());
            });
        }
    });
}

#[test]
fn a_sanitizer_that_comes_too_late_is_refused_before_it_ends_the_process() {
    let aborts = "#include <stdlib.h>\n__attribute__((constructor)) static void late(void) { abort(); }\n";
    let session = Session::host().expect("the process");
    let Some((_folder, sanitizer)) = shared("libasan.so.99", aborts, &[]) else { return };
    let needs = |path: &std::path::Path| ["-Wl,--no-as-needed".into(), path.to_string_lossy().into_owned()];
    let flags = needs(&sanitizer);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let Some((_other_folder, user)) = shared("libuser.so.1", "int user;\n", &flags) else { return };
    for (library, named) in [(&sanitizer, &*sanitizer.to_string_lossy()), (&user, "libasan.so.99")] {
        let Some(object) = c("int function(void) { return 1; }") else { return };
        let set = session.set("late").add_bytes("object.o", object).expect("an object");
        let error = set.add_file(library).expect("a library").link().expect_err("it is too late");
        let [problem] = error.problems() else { panic!("{error}") };
        let ProblemKind::NotFirst { library: told, before } = &problem.kind else { panic!("{error}") };
        assert_eq!((&**told, before.len()), (named, 0));
        assert!(error.to_string().contains(&format!("LD_PRELOAD={named}")), "{error}");
    }
}

#[test]
fn what_is_said_of_a_library_that_comes_too_late_can_be_done() {
    let session = Session::host().expect("the process");
    let Some((folder, sanitizer)) = shared("libasan.so.98", "int sanitizer;\n", &[]) else { return };
    let flags = ["-Wl,--no-as-needed", &sanitizer.to_string_lossy(), "-Wl,-rpath,$ORIGIN/deep"];
    let Some((other, user)) = shared("libuser.so.2", "int user;\n", &flags) else { return };
    let late = |libraries: &[&std::path::Path]| {
        let set = session.set("late").add_bytes("object.o", c("int function(void) { return 1; }")?);
        let set = set.expect("an object");
        let set = libraries.iter().fold(set, |set, library| set.add_file(library).expect("a library"));
        Some(set.link().expect_err("it is too late"))
    };
    // By the way by which the other library finds it; told once, by whatever names.
    let deep = other.path().join("deep");
    std::fs::create_dir(&deep).expect("a directory");
    std::fs::copy(&sanitizer, deep.join("libasan.so.98")).expect("a copy");
    let Some(error) = late(&[&user, &sanitizer]) else { return };
    let [problem] = error.problems() else { panic!("{error}") };
    let ProblemKind::NotFirst { library, .. } = &problem.kind else { panic!("{error}") };
    assert_eq!(std::path::Path::new(library), deep.join("libasan.so.98"));
    for (name, said) in [
        ("a$b", Some("LD_PRELOAD='/")),
        ("a b", None),
        ("a:b", None),
        ("$LIB", None),
        ("it's", Some("it'\\''s/libasan.so.98'")),
    ] {
        let directory = folder.path().join(name);
        std::fs::create_dir(&directory).expect("a directory");
        let library = directory.join("libasan.so.98");
        std::fs::copy(&sanitizer, &library).expect("a copy");
        let Some(error) = late(&[&library]) else { return };
        let text = error.to_string();
        assert!(text.contains(said.unwrap_or("LD_PRELOAD cannot name it: ")), "{text}");
    }
}

#[test]
fn a_library_that_has_what_the_process_has_comes_first_or_is_refused() {
    let Some((_folder, library)) = shared("libfirst.so.1", "int rand(void) { return 42; }", &[]) else {
        return;
    };
    let session = Session::host().expect("the process");
    let set = |source: &str| {
        let object = c(source)?;
        let set = session.set("first").add_bytes("object.o", object).expect("an object");
        Some(set.add_file(&library).expect("a library"))
    };
    let refers = "int rand(void); int function(void) { return rand(); }";
    let (Some(first), Some(behind), Some(other)) =
        (set(refers), set(refers), set("int function(void) { return 1; }"))
    else {
        return;
    };
    let error = first.libraries_first(true).link().expect_err("the process has rand");
    let [problem] = error.problems() else { panic!("{error}") };
    let ProblemKind::NotFirst { library: told, .. } = &problem.kind else { panic!("{error}") };
    assert_eq!(**told, *library.to_string_lossy());
    // Whoever does not refer to it may have it, and by default the process's counts.
    other.libraries_first(true).link().expect("it links").remove().expect("nobody uses it");
    let set = behind.link().expect("it links");
    // SAFETY: the function has this type.
    let function = *unsafe { set.get::<extern "C" fn() -> c_int>("function") }.expect("it is there");
    let ours: Vec<c_int> = (0..3).map(|_| function()).collect();
    assert_ne!(ours, [42; 3]);
}
