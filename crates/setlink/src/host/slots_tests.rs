//! Tests of `slots.rs`, on libraries that are compiled on the spot and on libc.

use std::ffi::CString;

use super::elf::{STT_FUNC, STT_GNU_IFUNC};
use super::open::{OpenLibrary, open, open_with};
use super::testing::{Workshop, alone, function};
use super::{Host, HostKind, Maps, Move, MoveOptions, Moved, Versions};

const OWNER: &str = "
    long moved_datum = 5, moved_array[4] = {1, 2, 3, 4};
    extern long moved_alias __attribute__((alias(\"moved_datum\")));
    extern long moved_weak __attribute__((weak, alias(\"moved_datum\")));
    long *const owner_pointer = &moved_datum;
    long owner_get(void) { return moved_datum; }
    long owner_alias(void) { return moved_alias; }
    long owner_pointed(void) { return **(long *const volatile *)&owner_pointer; }
    long owner_add(void) { return moved_datum += 10; }
";
const USER: &str = "
    extern long moved_datum, moved_weak, moved_array[4];
    long *const user_table[] = {&moved_weak, &moved_array[2]};
    long user_get(void) { return moved_datum; }
    long user_weak(void) { return **(long *const volatile *)&user_table[0]; }
    long user_third(void) { return **(long *const volatile *)&user_table[1]; }
";

fn data(host: &Host, name: &str, new: &'static mut [i64]) -> Move {
    let found = host.lookup(name.as_bytes(), None).expect("the host has it");
    assert_eq!(found.kind, HostKind::Data);
    assert!(found.size as usize <= size_of_val(new));
    // SAFETY: the loader says that the datum is there; `new` has room for it.
    unsafe {
        std::ptr::copy_nonoverlapping(
            found.address as *const u8,
            new.as_mut_ptr().cast(),
            found.size as usize,
        )
    };
    Move {
        names: vec![(name.into(), None)],
        what: Moved::Data { old: found.range(), is_constant: false },
        new: new.as_mut_ptr().expose_provenance() as u64,
    }
}

fn words(count: usize) -> &'static mut [i64] {
    Vec::leak(vec![0; count])
}

/// The words of writable mappings are not `RELRO`; all others must have the protection they had.
fn protections() -> Vec<(u64, u64, bool, bool)> {
    let maps = Maps::of_process().unwrap();
    let files = maps.iter().filter(|mapping| mapping.path.contains(".so"));
    files.map(|m| (m.start, m.end, m.write, m.execute)).collect()
}

#[test]
fn moves_data_with_aliases_and_back() {
    let Some(workshop) = Workshop::new() else { return };
    alone("host::slots_tests::moves_data_with_aliases_and_back", || {
        let owner = workshop.load("owner", OWNER, &["-Wl,-z,relro,-z,now"], true);
        let user = workshop.load("user", USER, &["-Wl,-z,relro,-z,now"], false);
        let host = Host::new();
        let before = protections();
        let new = words(1);
        let place = &raw mut new[0];
        let array = words(4);
        let moves = [data(&host, "moved_alias", new), data(&host, "moved_array", array)];
        // SAFETY: the new places live forever and hold the bytes.
        let moved = unsafe { host.apply_moves(&moves, MoveOptions::default()) }.unwrap();
        // owner: GOT and pointer; user: GOT, table of two. moved_array's own GOT entry does not exist.
        assert!(moved.slots >= 5, "{moved:?}");
        assert_eq!(moved.definitions.len(), 4, "{moved:?}");
        assert_eq!(before, protections());

        // SAFETY: single-threaded, and the place lives forever.
        unsafe { place.write(77) };
        let all = |expected: i64| {
            for name in [c"owner_get", c"owner_alias", c"owner_pointed"] {
                assert_eq!(function(&owner, name)(), expected, "{name:?}");
            }
            for name in [c"user_get", c"user_weak"] {
                assert_eq!(function(&user, name)(), expected, "{name:?}");
            }
            assert_eq!(function(&user, c"user_third")(), 3);
        };
        all(77);
        assert_eq!(function(&owner, c"owner_add")(), 87);
        // SAFETY: as above.
        assert_eq!(unsafe { place.read() }, 87);
        // Who comes later finds it too.
        let later = workshop.load("later_user", &USER.replace("user_", "later_"), &[], false);
        assert_eq!(function(&later, c"later_get")(), 87);
        assert_eq!(function(&later, c"later_weak")(), 87);
        assert_eq!(function(&later, c"later_third")(), 3);
        let found = host.lookup(b"moved_datum", None).unwrap();
        assert_eq!((found.address, found.size, found.constant), (place.addr() as u64, 8, false));
        drop(later);

        // SAFETY: the old datum is still there.
        unsafe { host.restore_moves(moved) }.unwrap();
        assert_eq!(before, protections());
        all(5);
        assert_ne!(host.lookup(b"moved_datum", None).unwrap().address, place.addr() as u64);
    });
}

#[test]
#[cfg(target_env = "gnu")]
fn moves_data_of_libc() {
    alone("host::slots_tests::moves_data_of_libc", || {
        let host = Host::new();
        let new = words(1);
        let place = &raw mut new[0];
        let (optind, stdout) = (words(1), words(1));
        let moves =
            [data(&host, "environ", new), data(&host, "optind", optind), data(&host, "stdout", stdout)];
        let start = std::time::Instant::now();
        // SAFETY: the new places live forever and hold the bytes.
        let moved = unsafe { host.apply_moves(&moves, MoveOptions::default()) }.unwrap();
        eprintln!(
            "moved three: {} slots, {} definitions in {:?}",
            moved.slots,
            moved.definitions.len(),
            start.elapsed()
        );
        let environment = [c"SETLINK_MOVED=yes".as_ptr(), std::ptr::null()];
        let old = words(1);
        // SAFETY: the place is `environ` now, and this thread is the only one.
        unsafe {
            old[0] = place.read();
            place.write(environment.as_ptr().expose_provenance() as i64);
            assert!(!libc::getenv(c"SETLINK_MOVED".as_ptr()).is_null());
            assert!(libc::getenv(c"PATH".as_ptr()).is_null());
            // libc's own setenv writes to the new place.
            assert_eq!(libc::setenv(c"SETLINK_SET".as_ptr(), c"1".as_ptr(), 1), 0);
            assert_ne!(place.read(), environment.as_ptr().addr() as i64);
            assert!(libc::puts(c"through the moved stdout".as_ptr()) >= 0);
            place.write(old[0]);
            host.restore_moves(moved).unwrap();
            assert!(libc::getenv(c"SETLINK_MOVED".as_ptr()).is_null());
        }
    });
}

#[test]
fn refuses_what_cannot_be_moved() {
    let Some(workshop) = Workshop::new() else { return };
    alone("host::slots_tests::refuses_what_cannot_be_moved", || {
        let host = Host::new();
        let _protected = workshop.load(
        "protected",
        "long direct_a __attribute__((visibility(\"protected\"))) = 1; long get_a(void) { return direct_a; }",
        &[],
        true,
    );
        let _symbolic = workshop.load(
            "symbolic",
            "long direct_b = 1; long get_b(void) { return direct_b; }",
            &["-Wl,-Bsymbolic"],
            true,
        );
        let _plain =
            workshop.load("plain", "long movable = 1; long get_c(void) { return movable; }", &[], true);
        let refused = |moves: &[Move]| {
            // SAFETY: it is refused; and the new places live forever.
            unsafe { host.apply_moves(moves, MoveOptions::default()) }.map(|_| ()).unwrap_err()
        };
        let error = refused(&[data(&host, "direct_a", words(1)), data(&host, "direct_b", words(1))]);
        assert_eq!(error.problems().len(), 2);
        assert!(error.to_string().contains("addresses its `direct_a` directly"), "{error}");
        static OWN: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
        let start = (&raw const OWN).addr() as u64;
        let own = Move {
            names: vec![(b"own".to_vec(), None)],
            what: Moved::Data { old: start..start + 8, is_constant: true },
            new: words(1).as_ptr().addr() as u64,
        };
        assert!(refused(&[own]).to_string().contains("executable"));

        let movable = data(&host, "movable", words(1));
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || wait.recv());
        assert!(refused(std::slice::from_ref(&movable)).to_string().contains("other threads"));
        drop(stop);
        let _ = thread.join();
        // The kernel may still be taking the thread down.
        while super::thread_count() != Some(1) {
            std::thread::yield_now();
        }
        // SAFETY: the new place lives forever and holds the bytes.
        let moved = unsafe { host.apply_moves(&[movable], MoveOptions::default()) }.unwrap();
        assert!(moved.slots > 0);
    });
}

extern "C" fn replacement() -> i64 {
    1000
}

fn replace(name: &str, version: Option<&str>) -> Move {
    Move {
        names: vec![(name.into(), version.map(Into::into))],
        what: Moved::Function,
        new: replacement as *const () as u64,
    }
}

#[test]
fn interposes_functions_in_all_libraries() {
    let Some(workshop) = Workshop::new() else { return };
    let source = "
        long interposed_f(void) { return 1; }
        long callee_calls(void) { return interposed_f() + 1; }";
    let callee = workshop.load("callee", source, &[], true);
    let source = "
        extern long interposed_f(void);
        long (*const table[])(void) = {interposed_f};
        long caller_calls(void) { return interposed_f() + 2; }
        long caller_points(void) { return (*(long (*const volatile *)(void))&table[0])() + 3; }";
    // Its slot still leads to the PLT when the function is replaced.
    let path = workshop.library("caller", source, &["-Wl,-z,lazy,-z,relro"]);
    let path = path.to_str().unwrap().as_bytes();
    let caller = open_with(path, libc::RTLD_LAZY | libc::RTLD_LOCAL).unwrap();
    let values = |callee: &OpenLibrary, caller: &OpenLibrary| {
        [(callee, c"callee_calls"), (caller, c"caller_calls"), (caller, c"caller_points")]
            .map(|(library, name)| function(library, name)())
    };
    let host = Host::new();
    let before = protections();
    let names = [&b"interposed_f"[..], b"callee_calls"];
    assert_eq!(host.referenced(Versions::All, |name| names.contains(&name)), [b"interposed_f"]);
    // SAFETY: the replacement has the function's type.
    let moved =
        unsafe { host.apply_moves(&[replace("interposed_f", None)], MoveOptions::default()) }.unwrap();
    assert_eq!((moved.slots, moved.definitions.len()), (3, 1));
    assert_eq!(values(&callee, &caller), [1001, 1002, 1003]);
    assert_eq!(host.lookup(b"interposed_f", None).unwrap().address, replacement as *const () as u64);
    // SAFETY: the old function is still there.
    unsafe { host.restore_moves(moved) }.unwrap();
    assert_eq!(values(&callee, &caller), [2, 3, 4]);

    let options = MoveOptions { keep_definitions: true, ..MoveOptions::default() };
    // SAFETY: as above.
    let moved = unsafe { host.apply_moves(&[replace("interposed_f", None)], options) }.unwrap();
    assert_eq!((moved.slots, moved.definitions.len()), (3, 0));
    assert_ne!(host.lookup(b"interposed_f", None).unwrap().address, replacement as *const () as u64);
    drop(caller);
    // SAFETY: as above. The library that is gone is left alone.
    unsafe { host.restore_moves(moved) }.unwrap();
    assert_eq!(function(&callee, c"callee_calls")(), 2);
    // Tests on other threads load libraries meanwhile, but these pages are as they were.
    let after = protections();
    assert!(before.iter().filter(|m| after.iter().all(|a| a.0 != m.0 || a.2 == m.2)).count() > 0);
}

#[test]
#[cfg(target_env = "gnu")]
fn honours_versions() {
    let Some(workshop) = Workshop::new() else { return };
    let script = workshop.library("script", "int unused;", &[]).with_extension("map");
    std::fs::write(&script, "V1 { global: versioned_f; };\nV2 { global: versioned_f; } V1;\n").unwrap();
    let source = "
        long old_f(void) { return 1; }
        long new_f(void) { return 2; }
        __asm__(\".symver old_f, versioned_f@V1\\n.symver new_f, versioned_f@@V2\");";
    let library =
        workshop.library("versioned", source, &[&format!("-Wl,--version-script={}", script.display())]);
    let _versioned = open(library.to_str().unwrap().as_bytes(), true).unwrap();
    let user = "extern long versioned_f(void); long calls_versioned(void) { return versioned_f(); }";
    let user = workshop.load("versionuser", user, &[library.to_str().unwrap()], false);
    let calls = function(&user, c"calls_versioned");
    let host = Host::new();
    let version = |version: Option<&str>| host.lookup(b"versioned_f", version.map(str::as_bytes));
    assert_eq!(version(None).unwrap().address, version(Some("V2")).unwrap().address);
    assert_ne!(version(None).unwrap().address, version(Some("V1")).unwrap().address);
    assert!(version(Some("V3")).is_none());
    for (name, expected) in [("V1", 2), ("V2", 1000)] {
        // SAFETY: the replacement has the function's type.
        let moved =
            unsafe { host.apply_moves(&[replace("versioned_f", Some(name))], MoveOptions::default()) }
                .unwrap();
        assert_eq!(calls(), expected);
        assert_eq!(version(Some(name)).unwrap().address, replacement as *const () as u64);
        // SAFETY: the old functions are still there.
        unsafe { host.restore_moves(moved) }.unwrap();
        assert_eq!(calls(), 2);
    }
}

#[test]
#[cfg(all(target_env = "gnu", target_arch = "x86_64"))]
fn replaces_ifuncs() {
    let Some(workshop) = Workshop::new() else { return };
    alone("host::slots_tests::replaces_ifuncs", || {
        let source = "
        static long chosen(void) { return 4; }
        static void *resolve(void) { return chosen; }
        long indirect_f(void) __attribute__((ifunc(\"resolve\")));
        long calls_indirect(void) { return indirect_f(); }";
        let library = workshop.load("indirect", source, &[], true);
        let host = Host::new();
        let before = host.lookup(b"indirect_f", None).unwrap();
        assert_eq!(before.kind, HostKind::Function);
        let kind = || {
            host.view(|view| (0..).find_map(|index| view.find(index, b"indirect_f", None)).map(|s| s.kind))
        };
        assert_eq!(kind(), Some(STT_GNU_IFUNC));
        // SAFETY: the replacement has the function's type.
        let moved =
            unsafe { host.apply_moves(&[replace("indirect_f", None)], MoveOptions::default()) }.unwrap();
        assert_eq!((moved.slots, moved.definitions.len(), kind()), (1, 1, Some(STT_FUNC)));
        assert_eq!(function(&library, c"calls_indirect")(), 1000);
        let name = CString::new("indirect_f").unwrap();
        assert_eq!(library.symbol(&name), Some(replacement as *const () as u64));
        // SAFETY: the old function is still there.
        unsafe { host.restore_moves(moved) }.unwrap();
        assert_eq!((function(&library, c"calls_indirect")(), kind()), (4, Some(STT_GNU_IFUNC)));
        assert_eq!(host.lookup(b"indirect_f", None), Some(before));
    });
}

/// `cargo test --release -- --ignored --nocapture move_times`
#[test]
#[ignore = "a measurement"]
#[cfg(target_env = "gnu")]
fn move_times() {
    alone("host::slots_tests::move_times", || {
        let _stdcxx = open(b"libstdc++.so.6", true);
        let host = Host::new();
        for names in [&["stdout"][..], &["environ", "optind", "stdout"], &["environ", "optind", "stdout"]] {
            let moves: Vec<Move> = names.iter().map(|name| data(&host, name, words(1))).collect();
            let start = std::time::Instant::now();
            // SAFETY: the new places live forever and hold the bytes.
            let moved = unsafe { host.apply_moves(&moves, MoveOptions::default()) }.unwrap();
            let there = start.elapsed();
            let (slots, definitions) = (moved.slots, moved.definitions.len());
            // SAFETY: the old data are still there, and nobody wrote to the new.
            unsafe { host.restore_moves(moved) }.unwrap();
            eprintln!(
                "{names:?}: {slots} slots, {definitions} definitions, {there:?}, back {:?}",
                start.elapsed() - there
            );
        }
    });
}
