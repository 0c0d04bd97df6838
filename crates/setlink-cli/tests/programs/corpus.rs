//! All of libcrypto as one set: `cargo xtask corpora` takes its members out and writes a `main` that refers to each.

use std::fs;

use libtest_mimic::{Completion, Failed, Trial};

use crate::inputs::target;
use crate::process::{Outcome, check, plan, setlink};

/// GOT entries that the whole of libcrypto may need; planned object by object they would be 17,099.
const GOT_ENTRIES: u64 = 140;
/// Stubs likewise; object by object they would be 16,606.
const STUBS: u64 = 138;
const MISSING: &str = "not built: `cargo xtask corpora` makes it";

fn inputs() -> Vec<String> {
    let files = fs::read_dir(target().join("corpora/libcrypto")).into_iter().flatten().flatten();
    let mut paths: Vec<_> =
        files.map(|entry| entry.path()).filter(|p| p.extension().is_some_and(|e| e == "o")).collect();
    paths.sort();
    paths.into_iter().map(|path| path.display().to_string()).collect()
}

fn unless_missing(test: fn(Vec<String>) -> Result<(), Failed>) -> Result<Completion, Failed> {
    match inputs() {
        inputs if inputs.is_empty() => Ok(Completion::ignored_with(MISSING)),
        inputs => test(inputs).map(|()| Completion::Completed),
    }
}

/// The tests on libcrypto.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::ignorable_test("libcrypto corpus: plan", || {
            unless_missing(|inputs| {
                let plan = plan(&[], &inputs)?;
                let number =
                    |key: &str| plan[key].as_u64().ok_or_else(|| format!("no number `{key}`: {plan}"));
                let (entries, stubs) = (number("got_entries")?, number("stubs")?);
                check(entries <= GOT_ENTRIES, || {
                    format!("{entries} GOT entries, at most {GOT_ENTRIES} are needed")
                })?;
                check(stubs <= STUBS, || format!("{stubs} stubs, at most {STUBS} are needed"))?;
                check(number("objects")? >= inputs.len() as u64, || {
                    format!("of {} objects: {plan}", inputs.len())
                })?;
                check(number("mappings")? <= 10, || format!("too many mappings: {plan}"))
            })
        }),
        Trial::ignorable_test("libcrypto corpus: run", || {
            unless_missing(|inputs| {
                let outcome = Outcome::of(&mut setlink("run", &[], &inputs), b"")?;
                check(outcome.status == Some(0), || format!("{outcome}"))?;
                check(outcome.stdout.ends_with(" addresses, all different\n"), || format!("{outcome}"))
            })
        }),
    ]
}
