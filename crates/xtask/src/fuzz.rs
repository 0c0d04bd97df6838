//! Runs the fuzz targets for a bounded time. They are libFuzzer programs in cargo-fuzz's layout, but built here by cargo
//! alone, with the instrumentation switched on by hand: neither cargo-fuzz nor a nightly toolchain is needed. The
//! address sanitizer is added where the toolchain has its runtime.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::packages::on_path;
use crate::process::{capture, cargo, display, root, run, seconds, stdout, target};
use crate::summary::Summary;

const TARGETS: &[&str] = &["plan", "link_fake"];

/// Findings above this many bytes are named only.
const LARGEST_PRINTED: usize = 16 << 10;

/// What libFuzzer needs to see which branches an input takes.
const INSTRUMENTATION: &[&str] = &[
    "--cfg=fuzzing",
    "-Cdebug-assertions",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Runs every target, or the one named, for `duration` seconds each. Findings are failures; a machine that cannot
/// build the targets skips them.
pub fn fuzz(duration: u64, only: Option<&str>) -> Result<Summary> {
    if let Some(unknown) = only.filter(|name| !TARGETS.contains(name)) {
        bail!("no fuzz target {unknown}; there are {}", TARGETS.join(", "));
    }
    let mut summary = Summary::default();
    let targets = TARGETS.iter().filter(|name| only.is_none_or(|only| only == **name));
    if let Err(reason) = possible() {
        println!("Skipped: fuzzing: {reason:#}");
        summary.skipped.extend(targets.map(|name| format!("fuzz {name}: {reason}")));
        return Ok(summary);
    }
    let built = build();
    for name in targets {
        match &built {
            Err(error) => {
                println!("{error:#}");
                summary.failed.push(format!("fuzz {name}"));
            }
            Ok(folder) => match one(folder, name, duration) {
                Ok(()) => summary.passed += 1,
                Err(finding) => {
                    println!("{finding:#}");
                    summary.failed.push(format!("fuzz {name}"));
                }
            },
        }
    }
    Ok(summary)
}

/// Whether this machine has what the targets are built with.
fn possible() -> Result<()> {
    ensure!(on_path("c++").is_some(), "libFuzzer needs a C++ compiler");
    let manifest = root().join("fuzz/Cargo.toml");
    let mut fetch = cargo();
    capture(fetch.args(["fetch", "--manifest-path"]).arg(manifest))
        .context("libFuzzer's sources could not be fetched")?;
    Ok(())
}

/// Builds the targets; returns the folder of the executables.
fn build() -> Result<std::path::PathBuf> {
    let sysroot = stdout(Command::new("rustc").args(["--print", "sysroot"]))?;
    let version = stdout(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let runtimes = fs::read_dir(format!("{sysroot}/lib/rustlib/{host}/lib")).into_iter().flatten().flatten();
    let sanitizer =
        runtimes.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with("_rt.asan.a"));

    let folder = target().join("fuzz");
    let mut flags = INSTRUMENTATION.join("\u{1f}");
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--manifest-path"]).arg(root().join("fuzz/Cargo.toml"));
    command.args(["--target", host, "--target-dir"]).arg(&folder);
    if sanitizer {
        // An unstable option, but one that every toolchain has.
        flags.push_str("\u{1f}-Zsanitizer=address");
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", flags);
    println!("Building the fuzz targets{}.", if sanitizer { ", with the address sanitizer" } else { "" });
    run(&mut command).context("the fuzz targets do not build")?;
    Ok(folder.join(host).join("release"))
}

fn one(folder: &std::path::Path, name: &str, duration: u64) -> Result<()> {
    let corpus = target().join("fuzz/corpus").join(name);
    let findings = target().join("fuzz/findings").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&findings)?;
    let mut command = Command::new(folder.join(name));
    command.arg(format!("-max_total_time={duration}"));
    command.args([
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=65536",
        "-print_final_stats=1",
        "-verbosity=0",
    ]);
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    command.arg(&corpus).arg(root().join("fuzz/seeds"));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null());
    println!("Fuzzing {name} for {}.", seconds(Duration::from_secs(duration)));
    let output = command.output().with_context(|| format!("cannot start {}", display(&command)))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let from = [said.find("panicked"), said.find("==")].into_iter().flatten().min().unwrap_or(0);
        let from = said[..from].rfind('\n').unwrap_or(0);
        let input = said.lines().find_map(|line| Some(line.split_once("Test unit written to ")?.1));
        let input = input.map_or_else(String::new, |path| hexadecimal(path).unwrap_or_default());
        bail!("fuzz {name}: {}\n{}\n{input}", output.status, said[from..].trim());
    }
    let executed = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    println!("{name}: {} inputs tried, nothing found.", executed.unwrap_or("no").trim());
    Ok(())
}

/// A finding as text, so that a report suffices to repeat it: `xxd -r -p` makes a file of it again.
fn hexadecimal(path: &str) -> Result<String> {
    let bytes = fs::read(path)?;
    ensure!(bytes.len() <= LARGEST_PRINTED, "too large to print");
    let lines: Vec<String> = bytes
        .chunks(60)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        .collect();
    Ok(lines.join("\n"))
}
