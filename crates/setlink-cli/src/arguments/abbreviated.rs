//! Long options that are cut short.

use super::ignored::{IGNORED, IGNORED_WITH_VALUE};

/// GNU ld's long options with a meaning, which may be cut short.
const MEANT: &[&str] = &[
    "Bdynamic",
    "Bstatic",
    "Map",
    "allow-multiple-definition",
    "allow-shlib-undefined",
    "as-needed",
    "defsym",
    "disable-new-dtags",
    "dynamic-list",
    "dynamic-list-cpp-new",
    "dynamic-list-cpp-typeinfo",
    "dynamic-list-data",
    "enable-new-dtags",
    "entry",
    "error-unresolved-symbols",
    "exclude-libs",
    "export-dynamic",
    "export-dynamic-symbol",
    "export-dynamic-symbol-list",
    "format",
    "gc-sections",
    "help",
    "ignore-unresolved-symbol",
    "image-base",
    "just-symbols",
    "library",
    "library-path",
    "no-allow-shlib-undefined",
    "no-as-needed",
    "no-export-dynamic",
    "no-gc-sections",
    "no-pie",
    "no-relax",
    "no-whole-archive",
    "noinhibit-exec",
    "output",
    "pie",
    "pop-state",
    "push-state",
    "require-defined",
    "rpath",
    "static",
    "sysroot",
    "stats",
    "undefined",
    "unresolved-symbols",
    "version",
    "version-script",
    "warn-unresolved-symbols",
    "whole-archive",
    "wrap",
];

/// `--gc-section`: a long option may be cut short as long as there is one that it can be; or one, and others that begin with
/// it.
pub(super) fn spelled_out(word: &[u8]) -> Option<Vec<u8>> {
    let long = word.strip_prefix(b"--")?;
    let (name, value) = long.split_at(long.iter().position(|&byte| byte == b'=').unwrap_or(long.len()));
    let all = MEANT.iter().chain(IGNORED).chain(IGNORED_WITH_VALUE);
    let like: Vec<&[u8]> =
        all.map(|other| other.as_bytes()).filter(|other| other.starts_with(name)).collect();
    let full = like.iter().min_by_key(|other| other.len()).filter(|_| !name.is_empty())?;
    like.iter().all(|other| other.starts_with(full)).then(|| [b"--", *full, value].concat())
}
