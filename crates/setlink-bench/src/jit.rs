//! From bytes in memory to callable pointers: `setlink-bench-jit` does it, in a process of its own.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use setlink_bench::objects;

use crate::Options;
use crate::measure::{Line, run};
use crate::tools;

/// Seconds per row.
pub fn measure(options: &Options) -> Result<BTreeMap<String, Vec<f64>>> {
    let object = options.scratch.join("ready.o");
    std::fs::write(&object, objects::functions(&[("ready".into(), "ready".into(), 7)]))?;
    let library = options.scratch.join("ready.so");
    let linker = tools::find("ld.lld ld.lld-19 mold ld").context("no linker makes the ready library")?;
    let words = [&*linker, "-shared", "-Bsymbolic", "-o"].map(str::to_owned);
    let words = words.into_iter().chain([&library, &object].map(|path| path.display().to_string()));
    let made = run(&Line { words: words.collect(), ..Line::default() }, &options.scratch, options)?;
    ensure!(made.status.success(), "{linker}: {}", made.stderr);
    let words =
        vec![options.binary("setlink-bench-jit"), options.rounds.to_string(), library.display().to_string()];
    let finished = run(&Line { words, ..Line::default() }, &options.scratch, options)?;
    ensure!(finished.status.success(), "setlink-bench-jit: {}\n{}", finished.status, finished.stderr);
    Ok(serde_json::from_str(&finished.stdout)?)
}
