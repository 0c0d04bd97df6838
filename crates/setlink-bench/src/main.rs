//! `setlink-bench`: measures Setlink and whatever else is installed that does a like job, in turns, and writes
//! `docs/BENCHMARKS.md`. `cargo xtask bench` builds and starts it.

mod document;
mod growth;
mod jit;
mod machine;
mod measure;
mod plot;
mod results;
mod rounds;
mod sets;
mod tools;
mod works;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

/// What a run was asked for.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
pub struct Options {
    /// Only these works: tiny, tiny-archive, libcrypto, llvm-notls, whole-llvm, whole-llvm-gc, rust, jit, sets, growth, instructions
    pub only: Vec<String>,
    /// How often each contender runs, in turns with the others
    #[arg(long, default_value_t = 9)]
    pub rounds: usize,
    /// The folders of the corpora
    #[arg(long, required = true)]
    pub corpora: Vec<PathBuf>,
    /// Where executables lie: setlink and this crate's
    #[arg(long)]
    pub binaries: PathBuf,
    /// Where outputs, logs and results are kept
    #[arg(long)]
    pub scratch: PathBuf,
    /// Where the document and its plots go
    #[arg(long)]
    pub documents: PathBuf,
    /// Arguments of the linker for a Rust program, one a line
    #[arg(long)]
    pub rust_program: Option<PathBuf>,
}

impl Options {
    /// Whether the work of this name is to be done.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    /// One of this project's executables.
    pub fn binary(&self, name: &str) -> String {
        self.binaries.join(name).display().to_string()
    }
}

fn main() -> ExitCode {
    match perform(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.scratch)?;
    let store = options.scratch.join("results.json");
    let mut results = results::Results::load(&store);
    results.machine = machine::describe();
    for work in works::all(options)? {
        if options.wants(&work.name) {
            println!("== {}: {}", work.name, work.what);
            let measured = rounds::measure(&work, options).with_context(|| work.name.clone())?;
            results.works.insert(work.name.clone(), measured);
            results.save(&store)?;
        }
    }
    if options.wants("jit") {
        println!("== jit");
        results.jit = Some(jit::measure(options)?);
        results.save(&store)?;
    }
    if options.wants("sets") {
        println!("== sets");
        results.sets = sets::measure(options)?;
        results.save(&store)?;
    }
    if options.wants("growth") {
        println!("== growth");
        results.growth = growth::measure(options)?;
        results.save(&store)?;
    }
    if options.wants("instructions") {
        println!("== instructions");
        results.instructions = measure::instructions(options)?;
        results.save(&store)?;
    }
    document::write(&results, &options.documents)
}
