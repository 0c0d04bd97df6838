//! Shared libraries of a set that stands for the program: when they begin, and when they end, in a host process.
#![cfg(target_env = "gnu")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use setlink::{Session, SetBuilder};
use support::{alone, compile, compiler, in_child, shared};

/// A library that writes into the file at `log` what happens to it.
fn library(number: u32, log: &Path, flags: &[&str]) -> Option<(tempfile::TempDir, std::path::PathBuf)> {
    let source = format!(
        "#include <fcntl.h>\n#include <unistd.h>\n\
         static void tell(const char *what) {{\n\
         \tint file = open({:?}, O_WRONLY | O_CREAT | O_APPEND, 0600); write(file, what, 1); close(file);\n\
         }}\n\
         __attribute__((constructor)) static void begin(void) {{ tell(\"b\"); }}\n\
         __attribute__((destructor)) static void end(void) {{ tell(\"e\"); }}\n\
         void use{number}(const char *what) {{ tell(what); }}",
        log.display()
    );
    // The process sees all of them at once.
    shared(&format!("libwaits{number}.so"), &source, &[&["-w"], flags].concat())
}

fn told(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// A set that uses the library when it is initialised, if it comes to that, and has `what` besides.
fn program<'s>(session: &'s Session, number: u32, library: &Path, what: &str) -> SetBuilder<'s> {
    let source = format!(
        "void use{number}(const char *); {what}\n\
         __attribute__((constructor)) static void begin(void) {{ use{number}(\"p\"); }}\n\
         __attribute__((destructor)) static void end(void) {{ use{number}(\"q\"); }}"
    );
    let set = session.set("program").add_bytes("program.o", compile(&source, &["-O1", "-fPIC"]));
    set.expect("an object").add_file(library).expect("a library").interpose(true)
}

#[test]
fn libraries_begin_before_the_program_and_end_behind_it() {
    alone("libraries_begin_before_the_program_and_end_behind_it", || {
        in_child(|| {
            if !compiler() {
                return;
            }
            let folder = tempfile::tempdir().expect("a folder");
            let log = folder.path().join("log");
            let Some((_folder, library)) = library(1, &log, &[]) else { return };
            let session = Session::host().expect("a session");
            let seen = log.clone();
            let set =
                program(&session, 1, &library, "").before_initialisers(move || assert_eq!(told(&seen), ""));
            let set = set.link().expect("it links");
            assert_eq!(told(&log), "bp");
            set.remove().expect("it can go");
            assert_eq!(told(&log), "bpqe");
        })
    });
}

#[test]
fn what_comes_to_nothing_neither_begins_nor_ends() {
    alone("what_comes_to_nothing_neither_begins_nor_ends", || {
        in_child(|| {
            if !compiler() {
                return;
            }
            let folder = tempfile::tempdir().expect("a folder");
            let log = folder.path().join("log");
            let Some((_folder, library)) = library(2, &log, &[]) else { return };
            let session = Session::host().expect("a session");
            let missing = "int nowhere(void); int call(void) { return nowhere(); }";
            let error =
                program(&session, 2, &library, missing).link().expect_err("a name is missing").to_string();
            assert!(error.contains("nowhere"), "{error}");
            let panics = program(&session, 2, &library, "").before_initialisers(|| panic!("a hook"));
            assert!(catch_unwind(AssertUnwindSafe(|| panics.link().is_ok())).is_err());
            assert_eq!(told(&log), "");
            let set = program(&session, 2, &library, "").link().expect("it links");
            assert_eq!(told(&log), "bp");
            set.remove().expect("it can go");
        })
    });
}

#[test]
fn what_stays_in_the_process_begins_once() {
    alone("what_stays_in_the_process_begins_once", || {
        in_child(|| {
            if !compiler() {
                return;
            }
            let folder = tempfile::tempdir().expect("a folder");
            let log = folder.path().join("log");
            let Some((_folder, library)) = library(3, &log, &["-Wl,-z,nodelete"]) else { return };
            let session = Session::host().expect("a session");
            let missing = "int nowhere(void); int call(void) { return nowhere(); }";
            assert!(program(&session, 3, &library, missing).link().is_err());
            let set = program(&session, 3, &library, "").link().expect("it links");
            assert_eq!(told(&log), "bp");
            set.remove().expect("it can go");
            assert_eq!(told(&log), "bpq");
        })
    });
}

#[test]
fn a_set_that_stands_for_no_program_gets_libraries_that_have_begun() {
    if !compiler() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let Some((_folder, library)) = library(4, &log, &[]) else { return };
    let session = Session::host().expect("a session");
    let seen = log.clone();
    let set = program(&session, 4, &library, "").interpose(false);
    let set = set.before_initialisers(move || assert_eq!(told(&seen), "b")).link().expect("it links");
    assert_eq!(told(&log), "bp");
    set.remove().expect("it can go");
    assert_eq!(told(&log), "bpqe");
}

#[test]
fn libraries_of_a_set_to_be_looked_at_begin_with_the_set_that_runs() {
    alone("libraries_of_a_set_to_be_looked_at_begin_with_the_set_that_runs", || {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        in_child(|| {
            if !compiler() {
                return;
            }
            let Some((_folder, library)) = library(5, &log, &[]) else { return };
            let session = Session::host().expect("a session");
            let look = || program(&session, 5, &library, "").initialise(false).link().expect("it links");
            look().remove().expect("it can go");
            let looked_at = look();
            assert_eq!(told(&log), "");
            let set = program(&session, 5, &library, "").interpose(false).link().expect("it links");
            assert_eq!(told(&log), "bp");
            set.remove().expect("it can go");
            looked_at.remove().expect("it can go");
            assert_eq!(told(&log), "bpqe");
            std::fs::remove_file(&log).expect("it is there");
            // It is there when the process ends.
            look();
        });
        assert_eq!(told(&log), "");
    });
}

#[test]
fn a_process_that_ends_ends_libraries_behind_the_program_but_not_those_of_a_set_that_is_gone() {
    let name = "a_process_that_ends_ends_libraries_behind_the_program_but_not_those_of_a_set_that_is_gone";
    alone(name, || {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, gone) = (folder.path().join("kept"), folder.path().join("gone"));
        in_child(|| {
            if !compiler() {
                return;
            }
            let libraries = [(6, &gone), (7, &kept)].map(|(number, log)| library(number, log, &[]));
            let [Some((_first, first)), Some((_second, second))] = libraries else { return };
            let session = Session::host().expect("a session");
            let set = program(&session, 6, &first, "").link().expect("it links");
            set.remove().expect("it can go");
            assert_eq!(told(&gone), "bpqe");
            std::fs::remove_file(&gone).expect("it is there");
            std::mem::forget(program(&session, 7, &second, "").link().expect("it links"));
            std::mem::forget(session);
            // SAFETY: the child has one thread, and nothing that its end could disturb.
            unsafe { libc::exit(0) };
        });
        if compiler() {
            assert_eq!((told(&kept).as_str(), told(&gone).as_str()), ("bpqe", ""));
        }
    });
}

/// One that has nothing to begin with.
#[test]
fn a_library_with_nothing_but_an_end_ends_if_the_program_came_to_begin() {
    alone("a_library_with_nothing_but_an_end_ends_if_the_program_came_to_begin", || {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let source = format!(
            "#include <fcntl.h>\n#include <unistd.h>\n\
             __attribute__((destructor)) static void end(void) {{\n\
             \tint file = open({:?}, O_WRONLY | O_CREAT | O_APPEND, 0600); write(file, \"e\", 1); close(file);\n\
             }}\n\
             void use8(const char *what) {{ }}",
            log.display()
        );
        if !compiler() {
            return;
        }
        let Some((_folder, library)) = shared("libends8.so", &source, &["-w", "-nostartfiles"]) else {
            return;
        };
        let end = |what: &'static str| {
            in_child(|| {
                let session = Session::host().expect("a session");
                let set = program(&session, 8, &library, what).add_file(&library).expect("a library");
                std::mem::forget(set.link().map_err(|_| ()));
                std::mem::forget(session);
                // SAFETY: the child has one thread, and nothing that its end could disturb.
                unsafe { libc::exit(0) };
            });
            told(&log)
        };
        assert_eq!(end("int nowhere(void); int call(void) { return nowhere(); }"), "");
        assert_eq!(end(""), "e");
    });
}

#[test]
fn a_library_that_was_closed_is_not_found_behind_the_program() {
    alone("a_library_that_was_closed_is_not_found_behind_the_program", || {
        in_child(|| {
            if !compiler() {
                return;
            }
            let source = "int setlink_test_both(void) { return 1; }";
            let Some((_folder, path)) = shared("libcloses.so", source, &[]) else { return };
            let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).expect("a path");
            // SAFETY: the library has nothing to begin with.
            let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
            assert!(!handle.is_null());
            let session = Session::host().expect("a session");
            let source = "#define _GNU_SOURCE\n#include <dlfcn.h>\n\
                int setlink_test_both(void) { return 2; }\n\
                int next(void) { int (*next)(void) = (int (*)(void))dlsym(RTLD_NEXT, \"setlink_test_both\");\n\
                return next ? next() : 0; }";
            let set = session.set("program").add_bytes("program.o", compile(source, &["-O1", "-fPIC"]));
            let set = set.expect("an object").interpose(true).link().expect("it links");
            let next = set.address("next").expect("it is there");
            // SAFETY: the function's type, and the set is there.
            let next: extern "C" fn() -> i32 =
                unsafe { std::mem::transmute(std::ptr::with_exposed_provenance::<()>(next as usize)) };
            assert_eq!(next(), 1);
            // SAFETY: nobody uses the library.
            assert_eq!(unsafe { libc::dlclose(handle) }, 0);
            assert_eq!(next(), 0);
        })
    });
}
