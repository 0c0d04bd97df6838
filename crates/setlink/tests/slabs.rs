//! Sets that share pages: many of them, coming and going, through forks, under limits, and with system calls that fail.
//! Each test has a process of its own, so that what is mapped can be compared.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use setlink::{Session, Set};
use support::{alone, compile, compiler};

type Function = extern "C" fn(i32) -> i32;

fn maps() -> Vec<String> {
    std::fs::read_to_string("/proc/self/maps").unwrap().lines().map(str::to_owned).collect()
}

/// Every line of the kernel's list, none of which may be both writable and executable.
fn mappings() -> usize {
    let maps = maps();
    let both = maps.iter().find(|line| line.split(' ').nth(1).is_some_and(|flags| flags.contains("wx")));
    assert_eq!(both, None);
    maps.len()
}

fn link(session: &Session, object: &[u8]) -> Set {
    session.set("small").add_bytes("small.o", object).unwrap().link().unwrap()
}

fn call(set: &Set, argument: i32) -> i32 {
    // SAFETY: the function has this type, and its set is there.
    unsafe { set.get::<Function>("f").unwrap()(argument) }
}

/// Pseudo-random numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

const SMALL: &str = "int f(int x) { static int calls; return x + ++calls; }";

/// More sets than a process may have mappings, and a panic through the frames of one of them.
#[test]
fn a_hundred_thousand_sets_live() {
    alone("a_hundred_thousand_sets_live", || {
        if !compiler() {
            return;
        }
        let thrower = "int f(int x, int (*g)(int)) { return x ? f(x - 1, g) + 1 : g(x); }";
        let flags = ["-O1", "-fPIC", "-fexceptions", "-fno-optimize-sibling-calls"];
        let (object, thrower) = (compile(SMALL, &["-O1", "-fPIC"]), compile(thrower, &flags));
        let session = Session::host().unwrap();
        let first = link(&session, &object);
        let before = mappings();
        let mut sets: Vec<Set> = (0..50_000).map(|_| link(&session, &object)).collect();
        let throws = link(&session, &thrower);
        sets.extend((0..50_000).map(|_| link(&session, &object)));
        assert!(mappings() <= before + 3, "{} mappings, {before} before", mappings());
        for (index, set) in sets.iter().enumerate().step_by(997) {
            assert_eq!(call(set, index as i32), index as i32 + 1);
        }
        extern "C-unwind" fn panics(_: i32) -> i32 {
            std::panic::resume_unwind(Box::new("through"))
        }
        type Throws = extern "C-unwind" fn(i32, extern "C-unwind" fn(i32) -> i32) -> i32;
        // SAFETY: the function has this type, and its set is there.
        let function = unsafe { throws.get::<Throws>("f").unwrap() };
        let throw = |frames| {
            let start = Instant::now();
            let caught = catch_unwind(AssertUnwindSafe(|| function(frames, panics)));
            assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"through"));
            start.elapsed().as_secs_f64()
        };
        throw(10); // sorts the tables
        let (few, many) = (throw(10), throw(510));
        println!("{:.2} µs a frame, {:.1} µs for 10 frames", (many - few) / 500.0 * 1e6, few * 1e6);
        // A registration for each set takes 150 to 1,050.
        assert!((many - few) / 500.0 < 50e-6);
        for set in sets {
            set.remove().unwrap();
        }
        throw(10);
        assert_eq!(call(&first, 5), 6);
        assert!(mappings() <= before + 3);
    });
}

#[test]
fn removal_in_any_order_leaves_nothing() {
    alone("removal_in_any_order_leaves_nothing", || {
        if !compiler() {
            return;
        }
        let mut random = Random(88172645463325252);
        let objects: Vec<Vec<u8>> = [1, 100, 3000, 70_000]
            .map(|size| {
                let source = format!(
                    "static char zero[{size}]; static char some[{size}] = {{ 7 }};
                     const char table[{size}] = {{ 9 }};
                     int f(int x) {{
                         if (zero[0] | zero[{size} - 1]) return -1;
                         zero[0] = zero[{size} - 1] = 1;
                         return x + some[0] + *(volatile const char *)table; }}
                     __asm__(\".section .text\\n.skip {size}\");"
                );
                compile(&source, &["-O1", "-fPIC"])
            })
            .into();
        let session = Session::host().unwrap();
        link(&session, &objects[0]).remove().unwrap();
        let (before, code) = (maps(), support::mappings());
        let resident = || {
            // How much the C library keeps of freed memory depends on the sizes and the order in which it was freed.
            #[cfg(target_env = "gnu")]
            // SAFETY: it gives free memory back, no more.
            unsafe {
                libc::malloc_trim(0)
            };
            let text = std::fs::read_to_string("/proc/self/statm").unwrap();
            text.split(' ').nth(1).unwrap().parse::<u64>().unwrap()
        };
        let mut levels = Vec::new();
        for _ in 0..20 {
            let mut sets: Vec<Set> = Vec::new();
            for _ in 0..600 {
                if sets.is_empty() || random.below(5) < 3 {
                    let set = link(&session, &objects[random.below(objects.len())]);
                    assert_eq!(call(&set, 1), 17, "fresh memory is zero, and constants are there");
                    sets.push(set);
                } else {
                    sets.swap_remove(random.below(sets.len())).remove().unwrap();
                }
            }
            let distinct: BTreeSet<u64> = sets.iter().map(|set| set.address("f").unwrap()).collect();
            assert_eq!(distinct.len(), sets.len());
            assert!(mappings() <= before.len() + 3);
            while !sets.is_empty() {
                sets.swap_remove(random.below(sets.len())).remove().unwrap();
            }
            levels.push(resident());
        }
        assert_eq!(maps().len(), before.len());
        assert_eq!(support::mappings(), code);
        // Free memory in pieces comes and goes with the order; what counts is its most.
        let (first, last) = (levels[..10].iter().max(), levels[10..].iter().max());
        let (first, last) = (first.unwrap(), last.unwrap());
        assert!(*last <= first + 64, "resident pages grow: {levels:?}");
    });
}

#[test]
fn a_forked_child_has_its_own_sets() {
    alone("a_forked_child_has_its_own_sets", || {
        if !compiler() {
            return;
        }
        let object = compile(SMALL, &["-O1", "-fPIC"]);
        let session = Session::host().unwrap();
        let inherited = link(&session, &object);
        assert_eq!(call(&inherited, 0), 1);
        let (mut theirs, mut ours) = ([0; 2], [0; 2]);
        for pipe in [&mut theirs, &mut ours] {
            // SAFETY: there is room for two descriptors.
            assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
        }
        let send = |pipe: [i32; 2], address: u64| {
            // SAFETY: eight readable bytes.
            assert_eq!(unsafe { libc::write(pipe[1], (&raw const address).cast(), 8) }, 8);
        };
        let receive = |pipe: [i32; 2]| {
            let mut address = 0u64;
            // SAFETY: eight writable bytes.
            assert_eq!(unsafe { libc::read(pipe[0], (&raw mut address).cast(), 8) }, 8);
            address
        };
        // SAFETY: this process has a single thread but for the test harness's, which waits.
        let child = unsafe { libc::fork() };
        let go_on = || {
            // Both take the same addresses for different code.
            let own =
                if child == 0 { "int f(int x) { return x * 3; }" } else { "int f(int x) { return x * 5; }" };
            let set = link(&session, &compile(own, &["-O1", "-fPIC"]));
            let factor = if child == 0 { 3 } else { 5 };
            let (to, from) = if child == 0 { (theirs, ours) } else { (ours, theirs) };
            send(to, set.address("f").unwrap());
            assert_eq!(receive(from), set.address("f").unwrap());
            assert_eq!(call(&set, 7), 7 * factor);
            assert_eq!(call(&inherited, 0), 2);
            set.remove().unwrap();
        };
        if child == 0 {
            let done = catch_unwind(AssertUnwindSafe(go_on)).is_ok();
            // SAFETY: the child ends here, without the harness's exit handlers.
            unsafe { libc::_exit(i32::from(!done)) };
        }
        go_on();
        let mut status = 0;
        // SAFETY: the child is this process's own.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
    });
}

#[test]
fn limits_are_kept() {
    alone("limits_are_kept", || {
        if !compiler() {
            return;
        }
        let object = compile(SMALL, &["-O1", "-fPIC"]);
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        let own = pages.split(' ').next().unwrap().parse::<u64>().unwrap() * 4096;
        let limit = |resource, value| {
            let limit = libc::rlimit { rlim_cur: value, rlim_max: libc::RLIM_INFINITY };
            // SAFETY: a limit of this process, given in full.
            assert_eq!(unsafe { libc::setrlimit(resource, &limit) }, 0);
        };
        // No byte may be written into files, and there is room for a small slab, or for none at all.
        limit(libc::RLIMIT_FSIZE, 0);
        for room in [40 << 20, 8 << 20] {
            limit(libc::RLIMIT_AS, own + room);
            let session = Session::host().unwrap();
            let sets: Vec<Set> = (0..20).map(|_| link(&session, &object)).collect();
            assert!(sets.iter().all(|set| call(set, 1) == 2));
            sets.into_iter().for_each(|set| set.remove().unwrap());
            limit(libc::RLIMIT_AS, libc::RLIM_INFINITY);
        }
    });
}

/// A debugger's breakpoint in a set that shares pages: written into this process only, and gone with the set.
#[test]
fn a_debugger_writes_into_code() {
    alone("a_debugger_writes_into_code", || {
        if !compiler() {
            return;
        }
        let object = compile(SMALL, &["-O1", "-fPIC"]);
        let session = Session::host().unwrap();
        let (set, neighbour) = (link(&session, &object), link(&session, &object));
        use std::os::unix::fs::FileExt;
        let memory = std::fs::File::options().read(true).write(true).open("/proc/self/mem").unwrap();
        let address = set.address("f").unwrap();
        memory.write_all_at(&[0xb8, 42, 0, 0, 0, 0xc3], address).unwrap(); // mov $42, %eax; ret
        assert_eq!((call(&set, 1), call(&neighbour, 1)), (42, 2));
        set.remove().unwrap();
        let again = link(&session, &object);
        assert_eq!((again.address("f"), call(&again, 1)), (Some(address), 2));
    });
}
