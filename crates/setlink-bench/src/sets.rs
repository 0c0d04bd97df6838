//! Many small sets in one process: `setlink-bench-sets` does it, in a process of its own.

use anyhow::{Context, Result, ensure};

use crate::Options;
use crate::measure::{Line, run};
use crate::tools;

const THROWER: &str = "int throws(int n, int (*f)(int)) { return n ? throws(n - 1, f) + 1 : f(n); }\n";

/// What, figure, unit.
pub type Fact = (String, f64, String);

/// The facts that the program prints.
pub fn measure(options: &Options) -> Result<Vec<Fact>> {
    let (source, object) = (options.scratch.join("thrower.c"), options.scratch.join("thrower.o"));
    std::fs::write(&source, THROWER)?;
    let compiler = tools::find("cc gcc clang clang-19").context("no compiler makes the throwing object")?;
    let flags = ["-O1", "-fPIC", "-fexceptions", "-fno-optimize-sibling-calls", "-c", "-o"];
    let paths = [&object, &source].map(|path| path.display().to_string());
    let words = [compiler].into_iter().chain(flags.map(str::to_owned)).chain(paths).collect();
    let made = run(&Line { words, ..Line::default() }, &options.scratch, options)?;
    ensure!(made.status.success(), "the throwing object: {}", made.stderr);
    let words = vec![options.binary("setlink-bench-sets"), object.display().to_string()];
    let finished = run(&Line { words, ..Line::default() }, &options.scratch, options)?;
    ensure!(finished.status.success(), "setlink-bench-sets: {}\n{}", finished.status, finished.stderr);
    Ok(serde_json::from_str(&finished.stdout)?)
}
