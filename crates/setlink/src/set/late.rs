//! Shared libraries that come too late: those that only a process which starts with them can have.
//!
//! A program's libraries are loaded before it starts, and come before the C library in the order in which names are looked
//! up. So a library can replace `malloc` for all, which memory managers and sanitizers do. A set's libraries are opened when
//! the process has long begun, behind all that it has.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scope::LinkScope;
use crate::error::{Place, Problem, ProblemKind};
use crate::host;
use crate::memory::file::{Bytes, Pool};
use crate::read::input::LibraryInput;
use crate::read::shared::SharedLibrary;

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
    /// By which the loader knows it.
    soname: Vec<u8>,
    /// By which it finds it.
    library: String,
    place: Place,
}

/// Those among `libraries`, which are given with their numbers, that come too late: sanitizers, and what is to come before
/// what the process has.
pub(super) fn late(scope: &LinkScope<'_>, libraries: &[(usize, &LibraryInput)]) -> Vec<Problem> {
    let mut late = missing(scope, libraries, &SANITIZERS);
    let present = if late.is_empty() && scope.libraries_first { present(scope, &SANITIZERS) } else { None };
    let mut before = Vec::new();
    if !late.is_empty() || present.is_some() {
        before = missing(scope, libraries, &TAKEN_OVER);
        before.extend(missing_behind(scope, libraries, &TAKEN_OVER));
        if let (Some(library), [other, ..]) = (present, &before[..]) {
            late.push(Late { soname: Vec::new(), library, place: other.place.clone() });
        }
    }
    let numbers = scope.late();
    let behind = libraries.iter().filter(|(number, _)| numbers.contains(number));
    late.extend(behind.map(|&(number, library)| Late {
        soname: scope.libraries.loads(number).0.unwrap_or_default().to_vec(),
        library: name_of(library),
        place: place(library),
    }));
    once(&mut late);
    once(&mut before);
    let before: Vec<String> = before.into_iter().map(|Late { library, .. }| library).collect();
    let problem = |Late { library, place, .. }| {
        let all: Vec<&str> = std::iter::once(&library).chain(&before).map(String::as_str).collect();
        let remedy = match all.iter().find(|name| !can_be_named(name)) {
            Some(name) => format!(
                "LD_PRELOAD cannot name it: give `{name}` a path without blanks, colons and `$`, and start the process \
                 with that"
            ),
            None => format!("start the process with LD_PRELOAD={}", quoted(&all.join(":"))),
        };
        Problem::new(place, ProblemKind::NotFirst { library, before: before.clone() }).with_remedy(remedy)
    };
    late.into_iter().map(problem).collect()
}

/// Leaves each library once.
fn once(list: &mut Vec<Late>) {
    let mut seen = BTreeSet::new();
    list.retain(|Late { soname, library, .. }| {
        let key = if soname.is_empty() { library.as_bytes() } else { soname };
        seen.insert(key.to_vec())
    });
}

/// Whether the loader takes a path in `LD_PRELOAD` for what it is (ld.so(8): what ends a name, and "Dynamic string tokens").
fn can_be_named(path: &str) -> bool {
    const TOKENS: [&str; 6] = ["$ORIGIN", "${ORIGIN}", "$LIB", "${LIB}", "$PLATFORM", "${PLATFORM}"];
    !path.contains([' ', ':']) && !TOKENS.iter().any(|token| path.contains(token))
}

/// As a shell reads it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:,=@%".contains(c);
    if text.chars().all(is_plain) { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The path of a library that the process has, whose name begins so.
fn present(scope: &LinkScope<'_>, beginnings: &[&[u8]]) -> Option<String> {
    let libraries = scope.world.host()?.libraries();
    let is_one = |library: &&host::Library| {
        let file = library.name.rsplit('/').next().unwrap_or_default();
        beginnings.iter().any(|beginning| file.as_bytes().starts_with(beginning))
    };
    libraries.iter().find(is_one).map(|library| library.name.clone())
}

/// Those that the process has not, among `libraries` and what these need, whose names begin so.
fn missing(scope: &LinkScope<'_>, libraries: &[(usize, &LibraryInput)], beginnings: &[&[u8]]) -> Vec<Late> {
    let is_one = |name: &&[u8]| is_missing(name, beginnings);
    let mut found = Vec::new();
    for &(number, library) in libraries {
        let (own, needed) = scope.libraries.loads(number);
        let late = |soname: &[u8], library_name| Late {
            soname: soname.to_vec(),
            library: library_name,
            place: place(library),
        };
        found.extend(own.filter(is_one).map(|name| late(name, name_of(library))));
        let by_path = |name: &[u8]| {
            let from = scope.libraries.runpath(number);
            let file = locate(scope, name, &path_of(library), from);
            file.map_or_else(|| lossy(name), |file| file.to_string_lossy().into_owned())
        };
        found.extend(needed.iter().copied().filter(is_one).map(|name| late(name, by_path(name))));
    }
    found
}

fn is_missing(name: &[u8], beginnings: &[&[u8]]) -> bool {
    beginnings.iter().any(|beginning| name.starts_with(beginning)) && host::find_loaded(name, false).is_none()
}

/// Likewise those that libraries need which others need. For this their files are read.
fn missing_behind(
    scope: &LinkScope<'_>,
    libraries: &[(usize, &LibraryInput)],
    beginnings: &[&[u8]],
) -> Vec<Late> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut next: Vec<(PathBuf, Place)> = Vec::new();
    for &(number, library) in libraries {
        let from = scope.libraries.runpath(number);
        for &name in scope.libraries.loads(number).1 {
            if seen.insert(name.to_vec()) && host::find_loaded(name, false).is_none() {
                let file = locate(scope, name, &path_of(library), from);
                next.extend(file.map(|file| (file, place(library))));
            }
        }
    }
    while let Some((path, place)) = next.pop() {
        let name: Arc<str> = path.to_string_lossy().into();
        let Ok(data) = Bytes::load(&path, &name, &mut Pool::default()) else { continue };
        let Ok(library) = SharedLibrary::parse(&name, &data) else { continue };
        for &needed in library.needed() {
            if !seen.insert(needed.to_vec()) || host::find_loaded(needed, false).is_some() {
                continue;
            }
            let Some(file) = locate(scope, needed, &path, library.runpath()) else { continue };
            if is_missing(needed, beginnings) {
                let library = file.to_string_lossy().into_owned();
                found.push(Late { soname: needed.to_vec(), library, place: place.clone() });
            }
            next.push((file, place.clone()));
        }
    }
    found
}

/// The file that the loader finds for what the library at `path`, with the `DT_RUNPATH` or `DT_RPATH` `from`, needs under this
/// name; at last in the directories of the set's libraries.
fn locate(scope: &LinkScope<'_>, name: &[u8], path: &Path, from: Option<&[u8]>) -> Option<PathBuf> {
    let file = Path::new(OsStr::from_bytes(name));
    if name.contains(&b'/') {
        return Some(file.to_owned());
    }
    let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy();
    let rooted = |directory: &[u8]| {
        let directory = String::from_utf8_lossy(directory);
        PathBuf::from(directory.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin))
    };
    let variable = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let first = from.unwrap_or_default().split(|&byte| byte == b':');
    let then = variable.as_bytes().split(|byte| b":;".contains(byte));
    let directories = first.chain(then).filter(|directory| !directory.is_empty()).map(rooted);
    let found = directories.map(|directory| directory.join(file)).find(|file| file.is_file());
    found.or_else(|| scope.search.library(&format!(":{}", lossy(name)), false).ok())
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
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
