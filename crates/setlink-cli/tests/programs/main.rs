//! Programs that others wrote, linked and run by setlink: each behaves as the executable that the system's linker makes
//! of the same objects. `cargo xtask programs` builds them (several compilers, options, as objects and as static
//! libraries); what is not there is skipped, with the reason.

mod corpus;
mod inputs;
mod process;
mod rust;
mod scripts;

use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use inputs::{Build, Index};
use process::{Outcome, check, setlink};
use scripts::{Case, cases};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = corpus::trials();
    trials.extend(rust::trials());
    match Index::read() {
        Ok(index) => {
            let index = Arc::new(index);
            for build in &index.builds {
                trials.extend(trials_of(&index, build));
            }
            for (name, reason) in &index.skipped {
                trials.push(skipped(name, reason));
            }
            trials.push(growth(&index));
        }
        Err(reason) => trials.push(skipped("programs", &reason)),
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test that only says why it is not run.
fn skipped(name: &str, reason: &str) -> Trial {
    let reason = reason.to_owned();
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

fn trials_of(index: &Arc<Index>, build: &Build) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: String, options: &'static [&'static str], case: Case| {
        let build = build.clone();
        trials.push(Trial::test(name, move || compare(&build, options, &case)));
    };
    for case in cases(&build.program, index) {
        // QuickJS' own test suite is long: only where it is compiled with optimisation.
        if case.long && !build.variant.contains("-O2") {
            continue;
        }
        if build.variant.contains("sections") {
            add(format!("{} {} --gc-sections", build.name(), case.name), &["--gc-sections"], case.clone());
        }
        add(format!("{} {}", build.name(), case.name), &[], case);
    }
    let plan = build.clone();
    trials.push(Trial::test(format!("{} plan", build.name()), move || check_plan(&plan)));
    let no_exec = build.clone();
    trials.push(Trial::test(format!("{} --no-exec", build.name()), move || {
        let mut command = setlink("run", &no_exec.libs, &no_exec.inputs);
        let outcome = Outcome::of(command.args(["--no-exec", "--", "-e", "1"]), b"")?;
        check(outcome.status == Some(0) && outcome.stdout.is_empty(), || format!("{outcome}"))
    }));
    trials
}

/// Runs one case both ways.
fn compare(build: &Build, options: &[&str], case: &Case) -> Result<(), Failed> {
    let native = case.run(std::process::Command::new(&build.native))?;
    let mut command = setlink("run", &build.libs, &build.inputs);
    command.args(options).arg("--");
    let linked = case.run(command)?;
    check(linked == native, || {
        format!(
            "setlink's run differs from the system linker's.\n--- setlink\n{linked}\n--- system\n{native}"
        )
    })?;
    check(linked.status == case.status, || format!("expected status {:?}\n{linked}", case.status))?;
    if let Some(expected) = &case.stdout {
        check(linked.stdout == *expected, || format!("unexpected output\n{linked}"))?;
    }
    Ok(())
}

/// What every plan must say of itself.
fn check_plan(build: &Build) -> Result<(), Failed> {
    let plan = process::plan(&build.libs, &build.inputs)?;
    let number =
        |key: &str| plan[key].as_u64().ok_or_else(|| Failed::from(format!("no number `{key}`: {plan}")));
    for key in
        ["objects", "sections", "symbols", "relocations", "got_entries", "stubs", "relaxed", "padding_bytes"]
    {
        number(key)?;
    }
    let segments = plan["segments"].as_array().ok_or("no list `segments`")?;
    let mut bytes = 0;
    for segment in segments {
        let permissions =
            segment["permissions"].as_str().ok_or("a segment without `permissions`")?.to_lowercase();
        check(!(permissions.contains('w') && permissions.contains('x')), || format!("W+X: {segment}"))?;
        check(segment["name"].is_string(), || format!("no name: {segment}"))?;
        bytes += segment["bytes"].as_u64().ok_or("a segment without `bytes`")?;
    }
    let objects = number("objects")?;
    let given = build.inputs.iter().filter(|path| path.ends_with(".o")).count() as u64;
    check(objects >= given, || format!("{given} objects were given: {plan}"))?;
    check(bytes <= number("total_bytes")?, || format!("the segments exceed the total: {plan}"))?;
    check(number("mappings")? <= 10, || format!("too many mappings: {plan}"))
}

/// A large set needs hardly more mappings than a small one.
fn growth(index: &Arc<Index>) -> Trial {
    let index = index.clone();
    Trial::ignorable_test("mappings: libcrypto against a small program", move || {
        let find = |name: &str| index.builds.iter().find(|b| b.program == name && b.variant == "cc-O2");
        let (Some(small), Some(large)) = (find("maps"), find("crypto")) else {
            return Ok(Completion::ignored_with("the programs `maps` and `crypto` are not built"));
        };
        let count = |outcome: &Outcome, text: &str| -> Result<i64, Failed> {
            let line = text.lines().find_map(|line| line.strip_prefix("mappings "));
            line.and_then(|n| n.parse().ok()).ok_or_else(|| Failed::from(format!("no count\n{outcome}")))
        };
        let outcome = Outcome::of(&mut setlink("run", &small.libs, &small.inputs), b"")?;
        let few = count(&outcome, &outcome.stdout)?;
        check(outcome.stdout.ends_with("writable and executable 0\n"), || format!("{outcome}"))?;
        let mut command = setlink("run", &large.libs, &large.inputs);
        let outcome = Outcome::of(command.args(["--", "maps"]), b"")?;
        let many = count(&outcome, &outcome.stderr)?;
        check(many - few <= 10, || format!("{few} mappings with a small program, {many} with libcrypto"))?;
        Ok(Completion::Completed)
    })
}
