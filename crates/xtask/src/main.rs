//! The project's own tasks. `cargo xtask --help` lists them; each is one module.
//!
//! Everything they make goes under `target/`: real programs and their sources' objects in `target/programs`, the
//! larger inputs for measurements in `target/corpora`, benchmarks in `target/bench`, fuzzing in `target/fuzz`.

mod allocations;
mod bench;
mod corpora;
mod demo;
mod fuzz;
mod musl;
mod order;
mod packages;
mod process;
mod programs;
mod rust;
mod seeds;
mod sources;
mod summary;
mod test;
mod tsan;
mod variant;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Setlink's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Compile QuickJS to objects, link them in memory with setlink, and run a script in it
    Demo {
        /// The script to evaluate instead of the built-in one
        #[arg(short, long, value_name = "SCRIPT")]
        eval: Option<String>,
    },
    /// Run every test of the project; the last line is "N passed, N failed, N skipped"
    Test {
        /// Seconds for each fuzz target (0: none)
        #[arg(long, default_value_t = 30)]
        fuzz_seconds: u64,
        /// Install nothing, even where that is possible
        #[arg(long)]
        no_install: bool,
        /// Passed on to `cargo test`: only tests whose names contain this
        filter: Option<String>,
    },
    /// Build the real programs that the tests link, into target/programs
    Programs {
        /// Build only these (qjs, lua, sqlite, …, or rust)
        names: Vec<String>,
    },
    /// Build the larger inputs for tests and measurements, into target/corpora
    Corpora,
    /// Measure Setlink against what else is installed and write docs/BENCHMARKS.md
    Bench {
        /// Only these parts: tiny, tiny-archive, libcrypto, llvm-notls, whole-llvm, rust, jit, sets, growth, instructions
        only: Vec<String>,
        /// How often each contender runs
        #[arg(long)]
        rounds: Option<usize>,
    },
    /// List the functions that links run, which are to lie side by side in the command, with valgrind
    Order,
    /// Run the library's tests of thread-local storage in processes with musl
    Musl,
    /// Run the library's test in which each allocation of a link fails once in turn
    Allocations,
    /// Run the library's tests with threads under ThreadSanitizer
    Tsan,
    /// Make the fuzzers' seeds (fuzz/seeds) anew from small sources
    Seeds,
    /// Run the fuzz targets for a bounded time, from the seeds in fuzz/seeds
    Fuzz {
        /// Seconds for each target
        #[arg(long, default_value_t = 30)]
        seconds: u64,
        /// Only this target
        #[arg(long)]
        target: Option<String>,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    std::env::set_current_dir(process::root())?;
    match task {
        Task::Demo { eval } => demo::demo(eval.as_deref()),
        Task::Test { fuzz_seconds, no_install, filter } => {
            test::test(fuzz_seconds, !no_install, filter.as_deref())
        }
        Task::Programs { names } => programs::programs(&names).map(drop),
        Task::Corpora => corpora::corpora().map(drop),
        Task::Bench { only, rounds } => bench::bench(&only, rounds),
        Task::Order => order::order(),
        Task::Musl => test::musl().into_result(),
        Task::Allocations => test::allocations().into_result(),
        Task::Tsan => test::tsan().into_result(),
        Task::Seeds => seeds::seeds(),
        Task::Fuzz { seconds, target } => fuzz::fuzz(seconds, target.as_deref())?.into_result(),
    }
}
