//! The test command: everything that tests the project, after making or installing what it needs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::process::{cargo, display, seconds};
use crate::summary::Summary;
use crate::{allocations, corpora, fuzz, musl, packages, programs, tsan};

/// Runs everything, prints the closing line, and fails if anything did.
pub fn test(fuzz_seconds: u64, install: bool, filter: Option<&str>) -> Result<()> {
    let start = Instant::now();
    packages::provide(install)?;
    let mut summary = Summary::default();

    heading("The real programs that the tests link");
    for (what, made) in
        [("programs", programs::programs(&[]).map(drop)), ("corpora", corpora::corpora().map(drop))]
    {
        if let Err(error) = made {
            // Sources that cannot be fetched skip their tests; a program that does not compile is a failure to notice.
            println!("{error:#}");
            summary.failed.push(format!("building the {what}"));
        }
    }

    heading("cargo test");
    summary.add(cargo_test(filter)?);

    if filter.is_none() {
        heading("With musl");
        summary.add(musl());
    }

    if filter.is_none() {
        heading("Each allocation fails once");
        summary.add(allocations());
        heading("ThreadSanitizer");
        summary.add(tsan());
    }

    if fuzz_seconds > 0 && filter.is_none() {
        heading("Fuzzing, bounded");
        summary.add(fuzz::fuzz(fuzz_seconds, None)?);
    }
    println!("\nAll of it took {}.", seconds(start.elapsed()));
    summary.print();
    summary.into_result()
}

fn heading(text: &str) {
    println!("\n== {text}");
}

/// The test in which each allocation fails once.
pub fn allocations() -> Summary {
    one("each allocation fails once", Ok(allocations::command()))
}

/// The tests under ThreadSanitizer, or why they do not run.
pub fn tsan() -> Summary {
    one("ThreadSanitizer", tsan::command())
}

fn one(name: &str, command: Result<Command, String>) -> Summary {
    let mut summary = Summary::default();
    match command.map(|mut command| counted(&mut command)) {
        Ok(Ok(counted)) => summary.add(counted),
        Ok(Err(error)) => summary.failed.push(format!("{name}: {error:#}")),
        Err(reason) => {
            println!("Skipped: {reason}");
            summary.skipped.push(format!("{name}: {reason}"));
        }
    }
    summary
}

/// The tests that run with musl, or why they do not.
pub fn musl() -> Summary {
    let mut all = Summary::default();
    match musl::commands() {
        Err(reason) => {
            println!("Skipped: {reason}");
            all.skipped.push(format!("tests with musl: {reason}"));
        }
        Ok(commands) => {
            for (name, mut command) in commands {
                println!("{name} executable");
                match counted(&mut command) {
                    Ok(summary) => all.add(summary),
                    Err(error) => all.failed.push(format!("tests with musl, {name}: {error:#}")),
                }
            }
        }
    }
    all
}

/// `cargo test` over the workspace, shown as it runs and counted.
fn cargo_test(filter: Option<&str>) -> Result<Summary> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast", "--"]).args(filter);
    let summary = counted(&mut command)?;
    let any = summary.passed + summary.failed.len() + summary.skipped.len() > 0;
    ensure!(any || filter.is_some(), "cargo test ran no test");
    Ok(summary)
}

/// Runs a `cargo test`, shows what it prints, and counts.
fn counted(command: &mut Command) -> Result<Summary> {
    command.env("CARGO_TERM_COLOR", "never").stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", display(command)))?;
    let mut summary = Summary::default();
    let mut shown = std::io::stdout();
    let mut output = BufReader::new(child.stdout.take().context("its output is piped")?);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        shown.write_all(&line)?;
        summary.line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() && summary.failed.is_empty() {
        summary.failed.push(format!("{} ended with {status}", display(command)));
    }
    Ok(summary)
}
