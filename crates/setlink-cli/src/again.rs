//! Starting again with more static thread-local storage.
//!
//! The C library sets static storage aside when the process starts, and how much it is nobody can change later. A
//! program whose variables do not fit gets a process in which they do: this one, executed again, once, before any of
//! the program has run. The C library takes the size from a tunable in the environment; the program does not see it.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use setlink::{Error, ProblemKind};

/// Tells the second process what `GLIBC_TUNABLES` was in the first: nothing, or `=` and the value.
const GUARD: &str = "SETLINK_STARTED_AGAIN";
const TUNABLES: &str = "GLIBC_TUNABLES";
const TUNABLE: &str = "glibc.rtld.optional_static_tls";
/// The tunable's value if it is not set.
const DEFAULT: u64 = 512;
/// The strictest alignment that static storage has: that of the strictest variable that is there at the start.
const ALIGN: u64 = std::mem::align_of::<Page>() as u64;

/// A page, so that the program's variables may be aligned to one in static storage.
#[repr(align(4096))]
struct Page([u8; 4096]);

thread_local! {
    static PAGE: Page = const { Page([0; 4096]) };
}

/// What the first process left in the environment.
pub(crate) struct Start {
    is_second: bool,
}

impl Start {
    /// Puts the environment back to what it was.
    pub fn of_process() -> Start {
        // Keeps it in the executable.
        PAGE.with(|page| std::hint::black_box(page.0.as_ptr()));
        let Some(before) = std::env::var_os(GUARD) else { return Start { is_second: false } };
        // SAFETY: the process has one thread.
        unsafe {
            std::env::remove_var(GUARD);
            match before.as_bytes().strip_prefix(b"=") {
                Some(value) => std::env::set_var(TUNABLES, OsString::from_vec(value.to_vec())),
                None => std::env::remove_var(TUNABLES),
            }
        }
        Start { is_second: true }
    }

    /// Starts the process again if that cures `error`; else returns.
    pub fn again(&self, error: &Error) {
        let wanted = error.problems().iter().find_map(|problem| match problem.kind {
            ProblemKind::StaticTls { need, align, .. } if align <= ALIGN => Some(need + align),
            _ => None,
        });
        let (Some(more), false) = (wanted, self.is_second) else { return };
        let Ok(program) = std::env::current_exe() else { return };
        let old = std::env::var_os(TUNABLES);
        let guard = old.as_ref().map_or_else(OsString::new, |old| {
            let mut guard = OsString::from("=");
            guard.push(old);
            guard
        });
        let mut arguments = std::env::args_os();
        let mut command = Command::new(program);
        command.arg0(arguments.next().unwrap_or_default()).args(arguments);
        command.env(GUARD, guard).env(TUNABLES, raised(old.unwrap_or_default(), more));
        // Returns only if it fails; then the error stands.
        let _ = command.exec();
    }
}

/// The tunables with `more` bytes of static storage.
fn raised(tunables: OsString, more: u64) -> OsString {
    let mut set = DEFAULT;
    let mut words: Vec<&[u8]> = Vec::new();
    for word in tunables.as_bytes().split(|&byte| byte == b':').filter(|word| !word.is_empty()) {
        match word.strip_prefix(TUNABLE.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
            Some(value) => set = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()).unwrap_or(set),
            None => words.push(word),
        }
    }
    let own = format!("{TUNABLE}={}", set.saturating_add(more));
    words.push(own.as_bytes());
    OsString::from_vec(words.join(&b':'))
}
