//! What sets learn of sets by `dladdr` and `dl_iterate_phdr`: of themselves, and of those that are listed.
//!
//! The objects are compiled by the system's C compiler; without one the tests say so and pass.

#![cfg(target_env = "gnu")]

mod support;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use setlink::{Session, Set};
use support::compile;

/// Asks in the name of a set.
const ASKING: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <string.h>
int own(void) { return 1; }
const char *file_of(void *address) {
    Dl_info info;
    return dladdr(address ? address : (void *)own, &info) ? info.dli_fname : 0;
}
const char *name_of(void *address) {
    Dl_info info;
    return dladdr(address ? address : (void *)own, &info) ? info.dli_sname : 0;
}
struct asked { const void *address; int entries; int (*then)(void *); void *data; };
static int look(struct dl_phdr_info *info, size_t size, void *data) {
    struct asked *asked = data;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && (ElfW(Addr))asked->address - info->dlpi_addr - header->p_vaddr < header->p_memsz) {
            asked->entries++;
            return asked->then ? asked->then(asked->data) : 0;
        }
    }
    return 0;
}
int entries(const void *address, int (*then)(void *), void *data) {
    struct asked asked = {address ? address : (void *)own, 0, then, data};
    dl_iterate_phdr(look, &asked);
    return asked.entries;
}
"#;

type Text = extern "C" fn(*const c_void) -> *const c_char;
type Entries =
    extern "C" fn(*const c_void, Option<extern "C" fn(*mut c_void) -> c_int>, *mut c_void) -> c_int;

fn link(session: &Session, name: &str, source: &str, listed: bool) -> Set {
    let set = session.set(name).add_bytes(format!("{name}.o"), compile(source, &["-fPIC"]));
    set.and_then(|set| set.listed(listed).link()).unwrap_or_else(|error| panic!("{error}"))
}

fn text(set: &Set, function: &str, address: u64) -> Option<String> {
    // SAFETY: the function has this type, and the set is there.
    let function = *unsafe { set.get::<Text>(function) }.unwrap();
    let text = function(std::ptr::with_exposed_provenance(address as usize));
    // SAFETY: what `dladdr` tells is terminated.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

fn entries(set: &Set, address: u64) -> i32 {
    // SAFETY: as above.
    let function = *unsafe { set.get::<Entries>("entries") }.unwrap();
    function(std::ptr::with_exposed_provenance(address as usize), None, std::ptr::null_mut())
}

const OTHER: &str = "int other(void) { return 2; } static int hidden(void) { return 3; } void *h(void) { return (void *)hidden; }";

#[test]
fn sets_find_themselves_and_those_that_are_listed() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let asking = link(&session, "asking", ASKING, false);
    let listed = link(&session, "listed", OTHER, true);
    let silent = link(&session, "silent", OTHER, false);
    assert_eq!(text(&asking, "file_of", 0).as_deref(), Some("asking"));
    assert_eq!(text(&asking, "name_of", 0).as_deref(), Some("own"));
    assert_eq!(entries(&asking, 0), 1);
    let other = listed.address("other").unwrap();
    assert_eq!(text(&asking, "file_of", other).as_deref(), Some("listed"));
    assert_eq!(text(&asking, "name_of", other + 1).as_deref(), Some("other"));
    assert_eq!(entries(&asking, other), 1);
    let unknown = silent.address("other").unwrap();
    assert_eq!(text(&asking, "file_of", unknown), None);
    assert_eq!(entries(&asking, unknown), 0);
    let own = sets_find_themselves_and_those_that_are_listed as fn() as usize as u64;
    let file = text(&asking, "file_of", own).unwrap();
    assert!(file.contains("listed-"), "{file}: the host's executable");
    assert_eq!(entries(&asking, own), 1);
    // A set's names are no others' to find.
    // SAFETY: the name is terminated.
    assert!(unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"other".as_ptr()) }.is_null());
    support::in_child(|| assert_eq!(text(&asking, "file_of", other).as_deref(), Some("listed")));
    listed.remove().unwrap();
    assert_eq!(text(&asking, "file_of", other), None);
    assert_eq!(entries(&asking, other), 0);
    asking.remove().unwrap();
}

#[test]
fn a_callback_may_remove_the_set_that_it_is_told_of() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let asking = link(&session, "asks", ASKING, false);
    let mut others: Vec<Set> = (0..5).map(|n| link(&session, &format!("other{n}"), OTHER, true)).collect();
    let address = others[1].address("other").unwrap();
    extern "C" fn remove(data: *mut c_void) -> c_int {
        // SAFETY: the vector below, which nobody else uses meanwhile.
        let others = unsafe { &mut *data.cast::<Vec<Set>>() };
        // What comes next, too.
        others.drain(1..4).for_each(|set| set.remove().unwrap());
        0
    }
    // SAFETY: the function has this type.
    let function = *unsafe { asking.get::<Entries>("entries") }.unwrap();
    let data = (&raw mut others).cast();
    assert_eq!(function(std::ptr::with_exposed_provenance(address as usize), Some(remove), data), 1);
    assert_eq!(entries(&asking, address), 0);
    let left: Vec<i32> = others.iter().map(|set| entries(&asking, set.address("other").unwrap())).collect();
    assert_eq!(left, [1, 1]);
}

#[test]
fn threads_ask_while_others_link_and_remove() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let asking = link(&session, "questions", ASKING, false);
    let object: std::sync::Arc<[u8]> = compile(OTHER, &["-fPIC"]).into();
    let done = AtomicBool::new(false);
    let own = asking.address("own").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    assert_eq!(text(&asking, "name_of", own).as_deref(), Some("own"));
                    assert_eq!(entries(&asking, own), 1);
                }
            });
        }
        let links = || {
            for _ in 0..200 {
                let set =
                    session.set("comes").add_bytes("o.o", &*object).unwrap().listed(true).link().unwrap();
                let other = set.address("other").unwrap();
                assert_eq!(text(&asking, "file_of", other).as_deref(), Some("comes"));
                set.remove().unwrap();
            }
        };
        let linking: Vec<_> = (0..2).map(|_| scope.spawn(links)).collect();
        let ended: Vec<bool> = linking.into_iter().map(|thread| thread.join().is_ok()).collect();
        done.store(true, SeqCst);
        assert_eq!(ended, [true, true]);
    });
}
