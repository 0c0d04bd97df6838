//! Shared libraries that come too late: those that only a process which starts with them can have.
//!
//! A program's libraries are loaded before it starts, and come before the C library in the order in which names are looked
//! up. So a library can replace `malloc` for all, which memory managers and sanitizers do. A set's libraries are opened when
//! the process has long begun, behind all that it has.

#![forbid(unsafe_code)]

use std::path::PathBuf;

use super::scope::LinkScope;
use crate::error::{Place, Problem, ProblemKind};
use crate::host;
use crate::read::input::LibraryInput;

/// How the names of the sanitizers' libraries begin, which end a process that has begun without them: GCC's, then LLVM's.
const SANITIZERS: [&[u8]; 8] = [
    b"libasan.so.",
    b"libhwasan.so.",
    b"liblsan.so.",
    b"libtsan.so.",
    b"libclang_rt.asan",
    b"libclang_rt.hwasan",
    b"libclang_rt.memprof",
    b"libclang_rt.tsan",
];

/// Likewise of those whose functions these take over where they are loaded already: C++'s, for `__cxa_throw`.
const TAKEN_OVER: [&[u8]; 3] = [b"libstdc++.so.", b"libc++.so.", b"libc++abi.so."];

/// A library to be loaded first, and the input that asks for it.
struct Late {
    library: String,
    place: Place,
}

/// Those among `libraries`, which are given with their numbers, that come too late: sanitizers, and what is to come before
/// what the process has.
pub(super) fn late(scope: &LinkScope<'_>, libraries: &[(usize, &LibraryInput)]) -> Vec<Problem> {
    let mut late = missing(scope, libraries, &SANITIZERS);
    let before = if late.is_empty() { Vec::new() } else { missing(scope, libraries, &TAKEN_OVER) };
    let before: Vec<String> = before.into_iter().map(|Late { library, .. }| library).collect();
    let numbers = scope.late();
    let behind = libraries.iter().filter(|(number, _)| numbers.contains(number));
    late.extend(behind.map(|(_, library)| Late { library: name_of(library), place: place(library) }));
    let problem = |Late { library, place }| {
        let all: Vec<&str> = std::iter::once(&library).chain(&before).map(String::as_str).collect();
        let remedy = format!("start the process with LD_PRELOAD={}", all.join(":"));
        Problem::new(place, ProblemKind::NotFirst { library, before: before.clone() }).with_remedy(remedy)
    };
    late.into_iter().map(problem).collect()
}

/// Those that the process has not, among `libraries` and what these need, whose names begin so.
fn missing(scope: &LinkScope<'_>, libraries: &[(usize, &LibraryInput)], beginnings: &[&[u8]]) -> Vec<Late> {
    let is_one = |name: &&[u8]| {
        beginnings.iter().any(|beginning| name.starts_with(beginning))
            && host::find_loaded(name, false).is_none()
    };
    let mut found = Vec::new();
    for &(number, library) in libraries {
        let (own, needed) = scope.libraries.loads(number);
        let own = own.filter(is_one).map(|_| name_of(library));
        let needed =
            needed.iter().copied().filter(is_one).map(|name| String::from_utf8_lossy(name).into_owned());
        found.extend(own.into_iter().chain(needed).map(|name| Late { library: name, place: place(library) }));
    }
    found
}

/// By which the loader finds it: a name without a slash would be searched for.
pub(super) fn path_of(library: &LibraryInput) -> PathBuf {
    std::path::absolute(&library.path).unwrap_or_else(|_| library.path.clone())
}

fn name_of(library: &LibraryInput) -> String {
    path_of(library).to_string_lossy().into_owned()
}

fn place(library: &LibraryInput) -> Place {
    Place::file(library.path.to_string_lossy().as_ref())
}
