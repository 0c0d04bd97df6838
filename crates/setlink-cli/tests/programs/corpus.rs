//! All of libcrypto as one set: `cargo xtask corpora` takes its members out and writes a `main` that refers to each. And
//! nearly all of LLVM, from its archives; `SETLINK_WHOLE_LLVM` names another folder that holds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Completion, Failed, Trial};

use crate::inputs::target;
use crate::process::{Outcome, check, plan, setlink};

/// GOT entries that the whole of libcrypto may need; planned object by object they would be 17,125.
const GOT_ENTRIES: u64 = 140;
/// Stubs likewise; object by object they would be 16,632.
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
        Trial::ignorable_test("whole-llvm corpus: run", whole_llvm),
    ]
}

/// The program compiles a function for three machines; it prints how long each assembly is.
fn whole_llvm() -> Result<Completion, Failed> {
    let folder = std::env::var_os("SETLINK_WHOLE_LLVM")
        .map_or_else(|| target().join("corpora/whole-llvm"), PathBuf::from);
    if !folder.join("main.o").exists() {
        return Ok(Completion::ignored_with(MISSING));
    }
    let inputs = ["main.o", "@libs.rsp", "@syslibs.rsp"].map(str::to_owned);
    let numbers = plan_in(&folder, &inputs)?;
    // LLVM calls `dlsym`, `dladdr` and `dl_iterate_phdr`. What stands in for them is the command's, far from the libraries near
    // which the set lies.
    check(numbers["stubs"].as_u64() <= Some(3) && numbers["got_entries"].as_u64() < Some(2000), || {
        format!("{numbers}")
    })?;
    let linked = Outcome::of(setlink("run", &[], &inputs).current_dir(&folder), b"")?;
    check(linked.status == Some(0) && linked.stdout.lines().count() == 3, || format!("{linked}"))?;
    for (line, machine) in linked.stdout.lines().zip(["x86_64", "aarch64", "riscv64"]) {
        let bytes = line.strip_prefix(&format!("{machine}-linux-gnu ")).and_then(|n| n.parse::<u64>().ok());
        check(bytes.is_some_and(|bytes| (100..1000).contains(&bytes)), || format!("{linked}"))?;
    }
    let native = folder.join("native");
    if native.exists() {
        let native = Outcome::of(&mut Command::new(native), b"")?;
        check(linked == native, || format!("--- setlink\n{linked}\n--- system\n{native}"))?;
    }
    Ok(Completion::Completed)
}

fn plan_in(folder: &Path, inputs: &[String]) -> Result<serde_json::Value, Failed> {
    let outcome = Outcome::of(setlink("plan", &[], inputs).arg("--json").current_dir(folder), b"")?;
    check(outcome.status == Some(0), || format!("setlink plan failed\n{outcome}"))?;
    Ok(serde_json::from_str(&outcome.stdout)?)
}
