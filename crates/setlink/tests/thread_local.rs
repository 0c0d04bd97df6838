//! Thread-local storage of sets that come and go, in a process whose threads come and go too. `cargo xtask musl` runs
//! this with musl as the C library, in a dynamic and in a static executable.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::process::Command;
use std::sync::{Arc, Barrier, Mutex, MutexGuard};

use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, ProblemKind, Session, Set};

/// Static storage is one for the process, and so are the counts of mappings.
fn alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn compile(source: &str, extension: &str, flags: &[&str]) -> Vec<u8> {
    compile_by("cc", source, extension, flags).unwrap()
}

/// None if the compiler is not there, or does not know a flag.
fn compile_by(compiler: &str, source: &str, extension: &str, flags: &[&str]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join(format!("x.{extension}")), folder.path().join("x.o"));
    std::fs::write(&from, source).unwrap();
    let mut command = Command::new(compiler);
    if HAS_LOADER {
        command.arg("-O1");
    } else {
        // Such executables have no unwinder that could be told of a set.
        command.args(["-O1", "-fno-asynchronous-unwind-tables"]);
    }
    let output = command.arg("-c").args(flags).arg("-o").arg(&to).arg(&from).output().ok()?;
    output.status.success().then(|| std::fs::read(to).unwrap())
}

fn link(session: &Session, object: &[u8]) -> Set {
    session.set("thread-local").add_bytes("x.o", object).unwrap().link().unwrap()
}

type Function = extern "C" fn() -> i64;

fn function(set: &Set, name: &str) -> Function {
    // SAFETY: the tests define functions of this type, and join their threads before they remove a set.
    *unsafe { set.get::<Function>(name) }.unwrap()
}

/// Whether the dynamic loader gives out static storage; else there is none for sets.
const HAS_LOADER: bool = cfg!(all(target_env = "gnu", not(target_feature = "crt-static")));

/// The ways to compile that can be linked.
fn ways() -> &'static [&'static [&'static str]] {
    const ALL: &[&[&str]] = &[GNU, NO_PLT, DESCRIPTORS, INITIAL_EXEC, LOCAL_EXEC];
    if HAS_LOADER { ALL } else { &ALL[..3] }
}

const GNU: &[&str] = &["-fPIC", "-mtls-dialect=gnu"];
const NO_PLT: &[&str] = &["-fPIC", "-mtls-dialect=gnu", "-fno-plt"];
const DESCRIPTORS: &[&str] = &["-fPIC", "-mtls-dialect=gnu2"];
const INITIAL_EXEC: &[&str] = &["-fPIC", "-ftls-model=initial-exec"];
const LOCAL_EXEC: &[&str] = &["-fno-pic"];

const COUNTER: &str = "
    static char text[] = \"text\";
    __thread long counter = 40;
    __thread char *relocated = text;
    static __thread long zero, one = 1;
    long count(void) {
        zero += one;
        if (relocated != text || zero + 40 != counter + one) return -1;
        return ++counter;
    }";

/// Counts to 42 in this thread.
fn count(function: Function) {
    assert_eq!((function(), function()), (41, 42));
}

#[test]
fn threads_before_and_after() {
    let _alone = alone();
    let session = Session::host().unwrap();
    for &flags in ways() {
        let object = compile(COUNTER, "c", flags);
        let (start, linked) = (Arc::new(Barrier::new(33)), Arc::new(Barrier::new(33)));
        let shared: Arc<Mutex<Option<Function>>> = Arc::default();
        let before: Vec<_> = (0..32)
            .map(|_| {
                let (start, linked, shared) = (start.clone(), linked.clone(), shared.clone());
                std::thread::spawn(move || {
                    start.wait();
                    linked.wait();
                    let function = shared.lock().unwrap().unwrap();
                    count(function);
                })
            })
            .collect();
        start.wait();
        let set = link(&session, &object);
        *shared.lock().unwrap() = Some(function(&set, "count"));
        linked.wait();
        let counting = function(&set, "count");
        count(counting);
        let after: Vec<_> = (0..32).map(|_| std::thread::spawn(move || count(counting))).collect();
        for thread in before.into_iter().chain(after) {
            thread.join().unwrap();
        }
        let own = set.thread_local_address("counter").unwrap() as *const i64;
        // SAFETY: this thread's copy of the variable, in a set that is still there.
        assert_eq!(unsafe { own.read() }, 42);
        // SAFETY: nothing is done with it.
        let error = unsafe { set.get::<*const i64>("counter") }.unwrap_err().to_string();
        assert!(error.contains("thread-local"), "{error}");
        set.remove().unwrap();
    }
}

fn resident() -> (usize, u64) {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    (maps, statm.split(' ').nth(1).unwrap().parse().unwrap())
}

#[test]
fn comes_and_goes_without_growth() {
    let _alone = alone();
    let session = Session::host().unwrap();
    for &flags in ways() {
        let object = compile(COUNTER, "c", flags);
        let round = || {
            let set = link(&session, &object);
            count(function(&set, "count"));
            set.remove().unwrap();
        };
        (0..500).for_each(|_| round());
        let before = resident();
        (0..9_500).for_each(|_| round());
        let after = resident();
        assert!(after.0 <= before.0 + 8 && after.1 <= before.1 + 256, "{flags:?}: {before:?} {after:?}");
    }
}

#[test]
fn goes_in_any_order() {
    let _alone = alone();
    let session = Session::host().unwrap();
    let objects = [compile(COUNTER, "c", GNU), compile(COUNTER, "c", DESCRIPTORS)];
    let mut sets: Vec<Set> = Vec::new();
    let mut random = 1u32;
    for round in 0..2_000 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pick = (random >> 16) as usize;
        if sets.len() < 50 {
            let set = link(&session, &objects[round % 2]);
            count(function(&set, "count"));
            sets.push(set);
        } else {
            sets.swap_remove(pick % sets.len()).remove().unwrap();
        }
        if !sets.is_empty() {
            let counting = function(&sets[pick % sets.len()], "count");
            std::thread::spawn(move || count(counting)).join().unwrap();
        }
    }
    for set in sets {
        set.remove().unwrap();
    }
}

#[test]
fn static_storage_runs_out() {
    let _alone = alone();
    if !HAS_LOADER {
        return;
    }
    let session = Session::host().unwrap();
    let source = "__thread char large[65536]; long get(void) { return large[9]; }";
    for _ in 0..3 {
        let object = compile(source, "c", LOCAL_EXEC);
        let error = session.set("large").add_bytes("large.o", object).unwrap().link().unwrap_err();
        let ProblemKind::StaticTls { need, have, .. } = error.problems()[0].kind else { panic!("{error}") };
        assert!(need == 65536 && have < need && have > 1000, "{error}");
        let text = error.to_string();
        assert!(text.contains("optional_static_tls=") && text.contains("large.o"), "{text}");
    }
    // Nothing was lost, and other models do not need it.
    let small = link(&session, &compile(COUNTER, "c", LOCAL_EXEC));
    count(function(&small, "count"));
    let large = link(&session, &compile(source, "c", GNU));
    assert_eq!(function(&large, "get")(), 0);
    assert_eq!((large.summary().tls_bytes, large.summary().tls_static_bytes), (65536, 0));
    let permanent = session.set("large").permanent(true).add_bytes("large.o", compile(source, "c", GNU));
    let permanent = permanent.unwrap().link().unwrap();
    assert_eq!((function(&permanent, "get")(), permanent.summary().tls_static_bytes), (0, 0));
    large.remove().unwrap();
    small.remove().unwrap();
}

/// Fills registers, calls a descriptor and compares: first in a new thread (which has no block yet), then again.
#[test]
fn descriptors_keep_registers() {
    let _alone = alone();
    let general =
        ["rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rbx", "rbp", "r12", "r13", "r14", "r15"];
    let has_avx = std::arch::is_x86_feature_detected!("avx");
    let has_avx512 = std::arch::is_x86_feature_detected!("avx512f");
    let mut body = String::from(
        ".text\n.globl check\ncheck:\n push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n sub $8, %rsp\n",
    );
    let (vector, vectors) = match (has_avx512, has_avx) {
        (true, _) => ("zmm", 32),
        (false, true) => ("ymm", 16),
        _ => ("xmm", 16),
    };
    for index in 0..vectors {
        let at = format!("pattern+{}(%rip)", index * 64);
        body += &match vector {
            "zmm" => format!(" vmovdqu64 {at}, %zmm{index}\n"),
            "ymm" => format!(" vmovdqu {at}, %ymm{index}\n"),
            _ => format!(" movdqu {at}, %xmm{index}\n"),
        };
    }
    body += " fldpi\n";
    for (index, register) in general.iter().enumerate() {
        body += &format!(" mov ${}, %{register}\n", 0x1111 * (index + 1));
    }
    body += " lea variable@tlsdesc(%rip), %rax\n call *variable@tlscall(%rax)\n";
    for (index, register) in general.iter().enumerate() {
        body += &format!(" cmp ${}, %{register}\n jne 9f\n", 0x1111 * (index + 1));
    }
    body += " mov %fs:(%rax), %rax\n cmp $77, %rax\n jne 9f\n fldpi\n fcomip %st(1), %st\n jne 9f\n fstp %st(0)\n";
    for index in 0..vectors {
        let at = format!("scratch+{}(%rip)", index * 64);
        body += &match vector {
            "zmm" => format!(" vmovdqu64 %zmm{index}, {at}\n"),
            "ymm" => format!(" vmovdqu %ymm{index}, {at}\n"),
            _ => format!(" movdqu %xmm{index}, {at}\n"),
        };
    }
    let bytes = match vector {
        "zmm" => 64,
        "ymm" => 32,
        _ => 16,
    };
    for index in 0..vectors {
        for word in 0..bytes / 8 {
            let at = index * 64 + word * 8;
            body += &format!(" mov pattern+{at}(%rip), %rcx\n cmp scratch+{at}(%rip), %rcx\n jne 9f\n");
        }
    }
    body += " xor %eax, %eax\n jmp 8f\n9: mov $1, %eax\n8: add $8, %rsp\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n";
    body += ".data\n.balign 64\npattern:\n";
    for word in 0..32 * 8 {
        body += &format!(" .quad {:#x}\n", 0x0123_4567_89ab_cdefu64.wrapping_mul(word + 3));
    }
    body += ".bss\n.balign 64\nscratch: .skip 2048\n.section .tdata,\"awT\",@progbits\n.balign 8\n.skip 4096\n.globl variable\n.type variable,@object\nvariable: .quad 77\n.section .note.GNU-stack,\"\",@progbits\n";
    let session = Session::host().unwrap();
    let set = link(&session, &compile(&body, "s", &[]));
    assert_eq!(set.summary().got_entries, 1);
    let check = function(&set, "check");
    for _ in 0..3 {
        let thread = std::thread::spawn(move || (check(), check(), check()));
        assert_eq!(thread.join().unwrap(), (0, 0, 0));
    }
    assert_eq!((check(), check()), (0, 0));
    set.remove().unwrap();
}

#[test]
fn host_variables_are_shared() {
    let _alone = alone();
    if !HAS_LOADER {
        // musl's errno is no variable that others know.
        return;
    }
    let session = Session::host().unwrap();
    // The C library's own, by its name; and through the set.
    let source =
        "extern __thread int errno; long get(void) { return errno; } void *where(void) { return &errno; }";
    for flags in [GNU, DESCRIPTORS, INITIAL_EXEC] {
        let set = link(&session, &compile(source, "c", flags));
        let find = function(&set, "where");
        let test = move || {
            // SAFETY: errno always exists.
            assert_eq!(find() as u64, unsafe { libc::__errno_location() } as u64);
        };
        test();
        std::thread::spawn(test).join().unwrap();
        set.remove().unwrap();
    }
}

#[test]
fn destructors_at_the_end_of_threads() {
    let _alone = alone();
    let session = Session::host().unwrap();
    let source = "
        static long gone;
        extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
        extern void *__dso_handle;
        static __thread long object;
        static void destroy(void *own) { if (own == &object) gone++; }
        long use(void) { return __cxa_thread_atexit_impl(destroy, &object, &__dso_handle); }
        long destroyed(void) { return gone; }
        extern __attribute__((destructor)) void check(void) { if (gone != 2) __builtin_trap(); }";
    let set = link(&session, &compile(source, "c", GNU));
    let (use_it, destroyed) = (function(&set, "use"), function(&set, "destroyed"));
    assert_eq!((use_it(), destroyed()), (0, 0));
    let (used, end) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    let thread = std::thread::spawn(move || {
        used.0.send(use_it()).unwrap();
        let _ = end.1.recv();
    });
    assert_eq!(used.1.recv().unwrap(), 0);
    // The thread will run the set's code when it ends.
    let refused = session.set("other").add_bytes("x.o", compile(COUNTER, "c", GNU)).unwrap().link().unwrap();
    refused.remove().unwrap();
    drop(end.0);
    thread.join().unwrap();
    assert_eq!(destroyed(), 1);
    // This thread's own destructor runs as the set is removed.
    set.remove().unwrap();
}

#[test]
fn threads_with_destructors_keep_the_set() {
    let _alone = alone();
    let session = Session::host().unwrap();
    let source = "
        extern int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
        extern void *__dso_handle;
        static __thread long object;
        static void destroy(void *own) { *(long *)own = 0; }
        long use(void) { return __cxa_thread_atexit_impl(destroy, &object, &__dso_handle); }";
    let set = link(&session, &compile(source, "c", DESCRIPTORS));
    let use_it = function(&set, "use");
    let (used, end) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    let thread = std::thread::spawn(move || {
        used.0.send(use_it()).unwrap();
        let _ = end.1.recv();
    });
    used.1.recv().unwrap();
    let error = set.remove().unwrap_err().to_string();
    assert!(error.contains("other threads"), "{error}");
    drop(end.0);
    thread.join().unwrap();
}

#[test]
fn other_sets_variables_are_shared() {
    let _alone = alone();
    let session = Session::host().unwrap();
    let user = "extern __thread long counter; long get(void) { return counter; }";
    for flags in [GNU, DESCRIPTORS] {
        let owner = link(&session, &compile(COUNTER, "c", flags));
        let set = session.set("user").scope([&owner]).add_bytes("user.o", compile(user, "c", flags)).unwrap();
        let set = set.link().unwrap();
        let (counting, get) = (function(&owner, "count"), function(&set, "get"));
        let test = move || {
            assert_eq!(get(), 40);
            count(counting);
            assert_eq!(get(), 42);
        };
        test();
        std::thread::spawn(test).join().unwrap();
        if !HAS_LOADER {
            set.remove().unwrap();
            owner.remove().unwrap();
            continue;
        }
        let demanding = session.set("user").scope([&owner]);
        let demanding = demanding.add_bytes("user.o", compile(user, "c", INITIAL_EXEC)).unwrap();
        let error = demanding.link().unwrap_err().to_string();
        assert!(error.contains("`counter` of another set"), "{error}");
        let owner = owner.remove().unwrap_err().set;
        set.remove().unwrap();
        owner.remove().unwrap();
    }
}

#[test]
fn other_sets_variables_in_every_model() {
    let _alone = alone();
    if !HAS_LOADER {
        return;
    }
    let session = Session::host().unwrap();
    let user = "extern __thread long counter; long get(void) { return counter; }";
    let dynamic = link(&session, &compile(COUNTER, "c", GNU));
    let fixed = link(&session, &compile(COUNTER, "c", LOCAL_EXEC));
    assert!(dynamic.summary().tls_static_bytes == 0 && fixed.summary().tls_static_bytes > 0);
    let mut linked = 0;
    for compiler in ["gcc", "clang", "clang-19"] {
        for pic in ["-fPIC", "-fPIE", "-fno-pic"] {
            for dialect in ["-mtls-dialect=gnu", "-mtls-dialect=gnu2"] {
                for model in ["global-dynamic", "initial-exec", "local-exec"] {
                    let flags = [pic, dialect, &format!("-ftls-model={model}")];
                    let Some(object) = compile_by(compiler, user, "c", &flags) else { continue };
                    // Only position-independent code does not know that the variable has static storage.
                    let demands = pic != "-fPIC" || model != "global-dynamic";
                    for owner in [&dynamic, &fixed] {
                        let set = session.set("user").scope([owner]).add_bytes("user.o", &*object).unwrap();
                        let is_static = owner.summary().tls_static_bytes > 0;
                        let set = match set.link() {
                            Ok(set) => set,
                            Err(error) => {
                                assert!(demands && !is_static, "{compiler} {flags:?}: {error}");
                                assert!(error.to_string().contains("`counter` of another set"), "{error}");
                                continue;
                            }
                        };
                        assert!(is_static || !demands, "{compiler} {flags:?}");
                        let (get, counting) = (function(&set, "get"), function(owner, "count"));
                        let test = move || {
                            assert_eq!(get(), 40);
                            count(counting);
                            assert_eq!(get(), 42);
                        };
                        std::thread::spawn(test).join().unwrap();
                        set.remove().unwrap();
                        linked += 1;
                    }
                }
            }
        }
    }
    assert!(linked >= 20, "{linked}");
    fixed.remove().unwrap();
    dynamic.remove().unwrap();
}

/// Where only the loader could have put a set's block, and does not.
#[test]
fn static_storage_is_refused_without_a_loader() {
    let _alone = alone();
    if HAS_LOADER {
        return;
    }
    let session = Session::host().unwrap();
    for flags in [INITIAL_EXEC, LOCAL_EXEC] {
        let set = session.set("thread-local").add_bytes("x.o", compile(COUNTER, "c", flags)).unwrap();
        let error = set.link().unwrap_err();
        let ProblemKind::StaticTls { need, have, .. } = error.problems()[0].kind else { panic!("{error}") };
        let text = error.to_string();
        assert!(need > 0 && have == 0 && text.contains("-ftls-model=global-dynamic"), "{text}");
        assert!(text.contains("x.o"), "{text}");
    }
    let permanent = session.set("thread-local").permanent(true).add_bytes("x.o", compile(COUNTER, "c", GNU));
    count(function(&permanent.unwrap().link().unwrap(), "count"));
}

/// A variable that is said to lie where no block of thread-local storage reaches.
#[test]
fn distances_that_do_not_fit_are_found_by_the_plan() {
    let source = |distance: &str| {
        format!(
            ".globl f, v\nf: movq %fs:0, %rax\nleaq v@tpoff(%rax), %rax\nret\n\
             .section .tbss,\"awT\",@nobits\n.type v, @object\n.zero 64\nv = .tbss + {distance}\n"
        )
    };
    let session = Session::on_paper(FakeMemory::default(), Definitions::new());
    for (distance, fits) in [
        ("8", true),
        ("0x7fffffff", true),
        // The block, of 64 bytes, ends at the thread pointer.
        ("0x8000003f", true),
        ("0x80000040", false),
        ("-0x7fffffc0", true),
        ("-0x7fffffc1", false),
        ("0x400000000000", false),
    ] {
        let object = compile(&source(distance), "s", &[]);
        let set = || session.set("far").add_bytes("x.o", &*object).unwrap();
        let (planned, linked) = (set().plan().map(drop), set().link().map(drop));
        assert_eq!(planned.is_ok(), fits, "{distance}: {planned:?}");
        assert_eq!(linked.is_ok(), fits, "{distance}: {linked:?}");
        if let Err(error) = planned {
            let text = error.to_string();
            assert!(text.contains("R_X86_64_TPOFF32 out of range") && text.contains("`v`"), "{text}");
            assert_eq!(text, linked.unwrap_err().to_string());
        }
    }
}

const NAME_OF_CHILD: &str = "SETLINK_TEST_WITHOUT_FILES";

/// A loader that cannot open a library in memory, as there are no more files to be had.
#[test]
fn a_loader_that_fails_is_done_without() {
    let _alone = alone();
    if std::env::var_os(NAME_OF_CHILD).is_none() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "a_loader_that_fails_is_done_without", "--test-threads=1"]);
        let output = child.env(NAME_OF_CHILD, "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let objects = [compile(COUNTER, "c", GNU), compile(COUNTER, "c", DESCRIPTORS)];
    let demanding = compile(COUNTER, "c", LOCAL_EXEC);
    let user = "extern __thread long counter; long get(void) { return counter; }";
    let user = compile(user, "c", GNU);
    // Opens what stays open, to write into the pages that sets share.
    let session = Session::host().unwrap();
    link(&session, &compile("int nothing;", "c", GNU));
    use std::os::fd::AsRawFd;
    let free = std::fs::File::open("/dev/null").unwrap().as_raw_fd() as libc::rlim_t;
    // One file at a time: enough to read the list of mappings.
    let limit = libc::rlimit { rlim_cur: free + 1, rlim_max: free + 1 };
    // SAFETY: no preconditions.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    for object in &objects {
        let set = link(&session, object);
        let other = session.set("user").scope([&set]).add_bytes("user.o", &*user).unwrap().link().unwrap();
        let (counting, get) = (function(&set, "count"), function(&other, "get"));
        let test = move || {
            count(counting);
            assert_eq!(get(), 42);
        };
        test();
        (0..8).for_each(|_| std::thread::spawn(test).join().unwrap());
        let own = set.thread_local_address("counter").unwrap() as *const i64;
        // SAFETY: this thread's copy of the variable, in a set that is still there.
        assert_eq!(unsafe { own.read() }, 42);
        other.remove().unwrap();
        set.remove().unwrap();
    }
    let error = session.set("thread-local").add_bytes("x.o", demanding).unwrap().link().unwrap_err();
    assert!(matches!(error.problems()[0].kind, ProblemKind::StaticTls { have: 0, .. }), "{error}");
}
