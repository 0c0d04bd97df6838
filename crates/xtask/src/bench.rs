//! The benchmarks: builds what they need, and leaves the measuring to `setlink-bench`.
//!
//! Corpora are looked for in `SETLINK_CORPORA` first (folders `tiny`, `libcrypto`, `llvm-notls`, `whole-llvm`), then in
//! `target/corpora`, where what is missing is made.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::corpora;
use crate::process::{capture, cargo, root, run, target};

/// Measures the parts named (none named: all) and writes docs/BENCHMARKS.md.
pub fn bench(only: &[String], rounds: Option<usize>) -> Result<()> {
    println!("Building, optimised.");
    run(cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "setlink-cli",
        "--package",
        "setlink-bench",
    ]))?;
    let mut folders: Vec<PathBuf> = env::var_os("SETLINK_CORPORA").map(PathBuf::from).into_iter().collect();
    let wants = |name: &str| only.is_empty() || only.iter().any(|part| part.starts_with(name));
    for name in ["tiny", "libcrypto", "llvm-notls", "whole-llvm"] {
        let there = folders.iter().any(|folder| folder.join(name).join("main.o").exists());
        if wants(name) && !there {
            corpora::corpus(name)?;
        }
    }
    folders.push(target().join("corpora"));
    let rust = wants("rust")
        .then(rust_program)
        .and_then(|made| made.inspect_err(|error| println!("Skipped: the Rust program: {error:#}")).ok());
    let binaries = target().join("release");
    let mut bench = std::process::Command::new(binaries.join("setlink-bench"));
    bench.args(only).arg("--binaries").arg(&binaries).arg("--scratch").arg(target().join("bench"));
    bench.arg("--documents").arg(root().join("docs"));
    for folder in folders {
        bench.arg("--corpora").arg(folder);
    }
    if let Some(rounds) = rounds {
        bench.arg("--rounds").arg(rounds.to_string());
    }
    if let Some(list) = rust {
        bench.arg("--rust-program").arg(list);
    }
    run(&mut bench)
}

/// What rustc gives its linker for this very program, as a response file. The objects are kept beside it.
fn rust_program() -> Result<PathBuf> {
    let folder = target().join("bench/rust");
    fs::create_dir_all(&folder)?;
    let list = folder.join("link.rsp");
    // The tool leaves a script whose second line is the command.
    let mut build = cargo();
    build.args([
        "rustc",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--target",
        "x86_64-unknown-linux-gnu",
    ]);
    build.arg("--target-dir").arg(&folder);
    build.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", root().join("tools/setlink-linker"));
    // Build scripts may go the same way.
    build.env("SETLINK", target().join("release/setlink"));
    capture(&mut build)?;
    let script = fs::read_to_string(folder.join("x86_64-unknown-linux-gnu/release/xtask"))?;
    let line = script.lines().nth(1).and_then(|line| line.split_once(" run '")).context("not a script")?.1;
    let words = line.strip_suffix("' -- \"$@\"").context("not the tool's script")?;
    let mut kept = Vec::new();
    let mut words = words.split("' '");
    while let Some(word) = words.next() {
        match word {
            "-o" => drop(words.next()),
            // Which linker it is, is the benchmark's to say.
            word if word.starts_with("-fuse-ld=") || word.starts_with("-B") => {}
            word => kept.push(word),
        }
    }
    fs::write(&list, kept.join("\n"))?;
    Ok(list)
}
