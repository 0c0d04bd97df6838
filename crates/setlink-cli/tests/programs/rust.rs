//! Rust programs of many crates, made of their own objects and rlibs: the script that `tools/setlink-linker` left in place
//! of an executable behaves as the executable that the system's linker makes of the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;

use crate::inputs::{here, target};
use crate::process::{Outcome, check};

const MISSING: &str = "not built: `cargo xtask programs` makes it";

/// Arguments of ripgrep, which runs in the folder of these tests.
const RIPGREP: &[&[&str]] = &[
    &["--version"],
    &["--sort=path", "-n", "main|include", "."],
    &["--sort=path", "--json", "-tc", "static", "."],
    &["-j8", "--count-matches", "--sort=path", r"\b\w{3,5}\b", "."],
    &["--files", "--sort=path", "-g", "*.c"],
    &["-U", "--multiline-dotall", "-o", "#include.*?int", "maps_main.c"],
    &["-i", "--pcre2", "x", "."],
    &["no such text at all", "lib.rs"],
    &["(", "."],
    &["x", "no/such/file"],
    &["--help"],
];

/// Arguments of `tests/programs/rust`.
const CRATES: &[&[&str]] = &[
    &["rayon"],
    &["threads"],
    &["panics"],
    &["uncaught"],
    &["in-thread"],
    &["destructor"],
    &["exit", "1", "2"],
    &["net"],
    &["map", "a", "b", "a"],
    &["regex", "(a+)b|[^x]{2}", "xaab", "zz", "x"],
    &["regex", "("],
    &[],
];

/// The tests, or why there are none.
pub fn trials() -> Vec<Trial> {
    [("rg", RIPGREP), ("crates", CRATES)].into_iter().flat_map(|(name, lines)| program(name, lines)).collect()
}

fn program(name: &'static str, lines: &'static [&'static [&'static str]]) -> Vec<Trial> {
    let folder = target().join("programs/rust");
    let (script, native) = (folder.join(name), folder.join(format!("{name}.native")));
    let is_there = script.exists() && native.exists();
    let trial = |what: String, test: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        Trial::ignorable_test(format!("rust/{name} {what}"), move || {
            if is_there {
                test().map(|()| Completion::Completed)
            } else {
                Ok(Completion::ignored_with(MISSING))
            }
        })
    };
    let mut trials: Vec<Trial> = lines
        .iter()
        .map(|arguments| {
            let (script, native) = (script.clone(), native.clone());
            trial(arguments.join(" "), Box::new(move || compare(&script, &native, arguments)))
        })
        .collect();
    trials.push(trial("plan".into(), Box::new(move || plan(&script))));
    trials
}

fn setlink() -> PathBuf {
    std::env::var_os("SETLINK").unwrap_or_else(|| env!("CARGO_BIN_EXE_setlink").into()).into()
}

fn compare(script: &Path, native: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let run = |program: &Path| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(here()).env("SETLINK", setlink()).env("RUST_BACKTRACE", "0");
        Outcome::of(&mut command, b"").map(|outcome| Outcome {
            stderr: without_thread_numbers(&outcome.stderr),
            stdout: without_times(&outcome.stdout),
            ..outcome
        })
    };
    let (linked, native) = (run(script)?, run(native)?);
    check(linked == native, || {
        format!(
            "setlink's run differs from the system linker's.\n--- setlink\n{linked}\n--- system\n{native}"
        )
    })
}

/// Without what differs from run to run: the thread's number in `thread 'main' (123) panicked`.
fn without_thread_numbers(text: &str) -> String {
    let line = |line: &str| match (line.find(" ("), line.find(") panicked")) {
        (Some(from), Some(to)) if from < to => format!("{}{}\n", &line[..from], &line[to + 1..]),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Without the times that ripgrep measures.
fn without_times(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.split("\"elapsed").next().unwrap_or(line))).collect()
}

/// rustc calls functions of other crates through the GOT, in a way that may not be relaxed; so there are entries for
/// these, and no stub.
fn plan(script: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(script)?;
    let text = text.replacen("}\" run ", "}\" plan --json ", 1).replacen(" -- \"$@\"", "", 1);
    let mut command = Command::new("sh");
    let outcome = Outcome::of(command.args(["-c", &text]).env("SETLINK", setlink()), b"")?;
    check(outcome.status == Some(0), || format!("{outcome}"))?;
    let plan: Value = serde_json::from_str(&outcome.stdout)?;
    let number = |key: &str| plan[key].as_u64().ok_or_else(|| format!("no number `{key}`: {plan}"));
    check(number("got_entries")? * 10 < number("relocations")?, || format!("too many GOT entries: {plan}"))?;
    check(number("stubs")? == 0, || format!("stubs: {plan}"))?;
    check(number("tls_static_bytes")? > 0, || format!("thread-local storage is not static: {plan}"))
}
