//! Runs every file of `tests/cases` as a test: build it, link and run it with the system's linker (the oracle) and
//! with `setlink`, and compare both with what the file's directives say. The directives are documented in
//! `tests/cases/README.md`.
//!
//! - `SETLINK_CASES_ORACLE_ONLY=1` leaves `setlink` out: it checks the cases themselves.
//! - `SETLINK_CASES_KEEP=1` keeps the directory of every failing trial and says where it is.
mod build;
mod directives;
mod judge;
mod process;

use build::Toolchain;
use directives::{Case, Oracle};
use libtest_mimic::{Arguments, Trial};
use std::collections::BTreeMap;
use std::path::Path;

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let oracle_only = std::env::var_os("SETLINK_CASES_ORACLE_ONLY").is_some_and(|value| value != "0");

    let mut trials = Vec::new();
    let mut notes = BTreeMap::new();
    for (name, text) in read_cases(&folder) {
        match Case::parse(&name, &text) {
            Ok(case) => trials.extend(case_trials(case, oracle_only, &mut notes)),
            Err(problem) => {
                trials.push(Trial::test(name, move || Err(format!("bad directives: {problem}").into())))
            }
        }
    }

    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for (note, trials) in notes {
            let plural = if trials == 1 { "" } else { "s" };
            println!("{trials} trial{plural} {note}");
        }
    }
    conclusion.exit()
}

/// The case files, as (name without extension, text), sorted by name.
fn read_cases(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut cases: Vec<_> = entries
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|extension| extension != "md"))
        .map(|path| {
            let text =
                std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, text)
        })
        .collect();
    cases.sort();
    cases
}

/// One trial for each compiler and each set of flags. What is left out, and why, is counted in `notes`.
fn case_trials(case: Case, oracle_only: bool, notes: &mut BTreeMap<String, usize>) -> Vec<Trial> {
    let case: &'static Case = Box::leak(Box::new(case));
    let mut trials = Vec::new();
    for &compiler in &case.compilers {
        let toolchain = Toolchain::find(compiler, &case.needs);
        for (index, flags) in case.flag_sets.iter().enumerate() {
            let name = format!("{}::{}::{index}", case.stem, compiler.name());
            trials.push(match &toolchain {
                Ok(toolchain) => {
                    if let Oracle::Skipped(reason) = &case.oracle {
                        *notes
                            .entry(format!("not compared with the system's linker: {reason}"))
                            .or_default() += 1;
                    }
                    let toolchain = toolchain.clone();
                    Trial::test(name, move || {
                        judge::trial(case, &toolchain, flags, oracle_only).map_err(Into::into)
                    })
                }
                Err(missing) => {
                    *notes.entry(format!("skipped: this machine has no {missing}")).or_default() += 1;
                    Trial::test(name, || Ok(())).with_ignored_flag(true).with_kind(format!("no {missing}"))
                }
            });
        }
    }
    trials
}
