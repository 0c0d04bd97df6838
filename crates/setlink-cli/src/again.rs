//! Starting again in a process that was started differently.
//!
//! Three things nobody can change once a process runs. The C library sets static thread-local storage aside when the
//! process starts; it takes the size from a tunable in the environment. A library that takes over the memory manager,
//! a sanitizer's say, has to be the first that is loaded; and the loader remembers where it looks for what libraries need:
//! both it takes from the environment, too. A program that needs one of them gets a process in which it is so: this one,
//! executed again, once for each (for static storage, until there is enough), before any set has run; where only opening a library tells (`-rpath`), initialisers of
//! earlier sets run again. The environment is put back before the program looks at it.

use std::ffi::{CStr, CString, OsStr, OsString, c_char};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use object::Endianness;
use object::elf::{FileHeader64, PT_TLS};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use crate::once;
use setlink::{Error, ProblemKind};

const TUNABLE: &str = "glibc.rtld.optional_static_tls";
/// The tunable's value if it is not set.
const DEFAULT: u64 = 512;
/// The strictest alignment that static storage has: that of the strictest variable that is there at the start.
const ALIGN: u64 = std::mem::align_of::<Page>() as u64;

/// A process that has so many times the static storage that is missing will not get it by more.
const ENOUGH: u64 = 16;

/// What the loaders say of libraries that can be there at the start, and not be opened later; the first, of those for which
/// more static storage does, too.
const ONLY_AT_START: [&str; 2] = ["static TLS block", "cannot be dlopen()ed"];

/// What the loader takes for the end of a name in a list, or replaces (ld.so(8)).
const NOT_IN_NAMES: [&str; 8] =
    [" ", ":", "$ORIGIN", "${ORIGIN}", "$LIB", "${LIB}", "$PLATFORM", "${PLATFORM}"];

/// So that the program's variables may be aligned to a page in static storage. No bytes of it: what this process has in
/// static storage is a part of each thread's stack, of which the smallest has four pages (`PTHREAD_STACK_MIN`).
#[repr(align(4096))]
struct Page([u8; 0]);

thread_local! {
    static PAGE: Page = const { Page([]) };
}

/// A variable of the environment that an earlier process changed for this one.
struct Variable {
    name: &'static str,
    /// Tells what it was before: nothing, or `=` and the value.
    guard: &'static str,
    /// What it was changed to, and the guard.
    changed: Option<(OsString, OsString)>,
}

impl Variable {
    /// Puts it back to what it was.
    fn of_process(name: &'static str, guard: &'static str) -> Variable {
        let Some(before) = std::env::var_os(guard) else { return Variable { name, guard, changed: None } };
        let value = std::env::var_os(name).unwrap_or_default();
        // SAFETY: no thread has been started here that could look at the environment.
        unsafe {
            std::env::remove_var(guard);
            match before.as_bytes().strip_prefix(b"=") {
                Some(value) => std::env::set_var(name, OsStr::from_bytes(value)),
                None => std::env::remove_var(name),
            }
        }
        Variable { name, guard, changed: Some((value, before)) }
    }

    /// Changes it for the next process, by what `change` makes of its value.
    fn change(&mut self, change: impl FnOnce(OsString) -> OsString) {
        let old = std::env::var_os(self.name);
        let guard =
            old.as_ref().map_or_else(OsString::new, |old| [OsStr::new("="), old].into_iter().collect());
        self.changed = Some((change(old.unwrap_or_default()), guard));
    }
}

/// What earlier processes left in the environment.
pub(crate) struct Start {
    tunables: Variable,
    first: Variable,
    searched: Variable,
}

impl Start {
    /// Puts the environment back to what it was.
    pub fn of_process() -> Start {
        // Keeps it in the executable.
        PAGE.with(|page| std::hint::black_box(page.0.as_ptr()));
        Start {
            tunables: Variable::of_process("GLIBC_TUNABLES", "SETLINK_TUNABLES_BEFORE"),
            first: Variable::of_process("LD_PRELOAD", "SETLINK_PRELOAD_BEFORE"),
            searched: Variable::of_process("LD_LIBRARY_PATH", "SETLINK_LIBRARY_PATH_BEFORE"),
        }
    }

    /// Whether libraries were put first already.
    pub fn has_preloaded(&self) -> bool {
        self.first.changed.is_some()
    }

    /// Starts the process again if that cures `error`; else returns. What libraries need is looked for in the directories
    /// `rpath`.
    pub fn again(&mut self, error: &Error, rpath: &[String]) {
        let kinds = || error.problems().iter().map(|problem| &problem.kind);
        let room = error.problems().iter().filter_map(|problem| match &problem.kind {
            ProblemKind::StaticTls { need, align, .. } if *align <= ALIGN => Some(need + align),
            ProblemKind::Library { what } if what.contains(ONLY_AT_START[0]) => {
                static_storage(problem.place.file.as_deref()?)
            }
            _ => None,
        });
        let room: u64 = room.fold(0, u64::saturating_add);
        let mut libraries: Vec<&str> = Vec::new();
        let mut behind: Vec<&str> = Vec::new();
        for problem in error.problems() {
            match &problem.kind {
                ProblemKind::NotFirst { library, before } => {
                    libraries.push(library);
                    behind = before.iter().map(String::as_str).collect();
                }
                ProblemKind::Library { what }
                    if ONLY_AT_START.iter().any(|message| what.contains(message)) =>
                {
                    libraries.extend(problem.place.file.as_deref());
                }
                _ => {}
            }
        }
        let is_missing = kinds().any(
            |kind| matches!(kind, ProblemKind::Library { what } if what.contains("cannot open shared object file")),
        );
        for names in [&mut libraries, &mut behind] {
            names.retain(|name| !NOT_IN_NAMES.iter().any(|part| name.contains(part)));
        }
        match room {
            1.. if self.tunables.changed.is_none() => self.tunables.change(|old| raised(&old, room)),
            1.. if let Some((changed, _)) = &mut self.tunables.changed
                && split(changed).1 <= ENOUGH.saturating_mul(room) =>
            {
                let set = split(changed).1;
                *changed = raised(changed, room.max(set));
            }
            _ if !libraries.is_empty() && self.first.changed.is_none() => {
                libraries.extend(behind);
                self.first.change(|old| in_front(&libraries, &old));
            }
            _ if is_missing && !rpath.is_empty() && self.searched.changed.is_none() => {
                let rpath: Vec<&str> = rpath.iter().map(String::as_str).collect();
                self.searched.change(|old| in_front(&rpath, &old));
            }
            _ => return,
        }
        let Ok(pipes) = once::hand_over() else { return };
        let mut changes: Vec<(&str, &OsStr)> = Vec::new();
        for Variable { name, guard, changed } in [&self.tunables, &self.first, &self.searched] {
            if let Some((value, before)) = changed {
                changes.extend([(*name, value.as_os_str()), (*guard, before)]);
            }
        }
        changes.extend(pipes.as_ref().map(|list| (once::VARIABLE, list.as_os_str())));
        let arguments: Vec<CString> =
            std::env::args_os().filter_map(|argument| CString::new(argument.into_vec()).ok()).collect();
        let pointers = |strings: &[CString]| -> Vec<*const c_char> {
            strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
        };
        let environment = environment(&changes);
        // The file may have another name by now, or none. Not by way of the standard library, which would change which
        // signals are ignored and blocked.
        // SAFETY: the lists end in null and their strings live. Returns only if it fails; then the error stands.
        unsafe {
            libc::execve(
                c"/proc/self/exe".as_ptr(),
                pointers(&arguments).as_ptr(),
                pointers(&environment).as_ptr(),
            );
        }
    }
}

/// Bytes that the thread-local variables of the library at `path` take of static storage.
fn static_storage(path: &str) -> Option<u64> {
    let file = std::fs::read(path).ok()?;
    let header = FileHeader64::<Endianness>::parse(&*file).ok()?;
    let endian = header.endian().ok()?;
    let all = header.program_headers(endian, &*file).ok()?;
    let own = all.iter().find(|header| header.p_type(endian) == PT_TLS)?;
    let (size, align) = (own.p_memsz(endian), own.p_align(endian));
    (align <= ALIGN).then(|| size.saturating_add(align))
}

/// The environment of the next process: this one's, in its order, but for `changes`.
fn environment(changes: &[(&str, &OsStr)]) -> Vec<CString> {
    let mut changes: Vec<(&str, CString)> = changes
        .iter()
        .filter_map(|(name, value)| {
            let all = [name.as_bytes(), b"=", value.as_bytes()].concat();
            Some((*name, CString::new(all).ok()?))
        })
        .collect();
    let mut all = Vec::new();
    // SAFETY: a list of C strings, which ends in null, or none at all; no thread changes it.
    unsafe {
        let mut next = crate::environ;
        while !next.is_null() && !(*next).is_null() {
            let old = CStr::from_ptr(*next);
            let is_of = |name: &str| {
                old.to_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
            };
            match changes.iter().position(|(name, _)| is_of(name)) {
                Some(at) => all.push(changes.remove(at).1),
                None => all.push(old.to_owned()),
            }
            next = next.add(1);
        }
    }
    all.extend(changes.into_iter().map(|(_, new)| new));
    all
}

/// The tunables but for that of static storage, and the bytes that this sets.
fn split(tunables: &OsStr) -> (Vec<&[u8]>, u64) {
    let mut set = DEFAULT;
    let mut others: Vec<&[u8]> = Vec::new();
    for word in tunables.as_bytes().split(|&byte| byte == b':').filter(|word| !word.is_empty()) {
        match word.strip_prefix(TUNABLE.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
            Some(value) => set = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()).unwrap_or(set),
            None => others.push(word),
        }
    }
    (others, set)
}

/// The tunables with `more` bytes of static storage.
fn raised(tunables: &OsStr, more: u64) -> OsString {
    let (mut words, set) = split(tunables);
    let own = format!("{TUNABLE}={}", set.saturating_add(more));
    words.push(own.as_bytes());
    OsString::from_vec(words.join(&b':'))
}

/// A list for the loader: what is new, each once, and behind that what there was.
fn in_front(new: &[&str], old: &OsStr) -> OsString {
    let mut all: Vec<&OsStr> = Vec::new();
    for name in new {
        if !all.contains(&OsStr::new(name)) {
            all.push(OsStr::new(name));
        }
    }
    all.extend(Some(old).filter(|old| !old.is_empty()));
    all.join(OsStr::new(":"))
}
