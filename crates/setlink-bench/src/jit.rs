//! From bytes in memory to callable pointers: `setlink-bench-jit` does it, in a process for each contender and round.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use setlink_bench::objects;

use crate::Options;
use crate::measure::{Line, order, run};
use crate::results::{Block, spread};
use crate::tools;

const CONTENDERS: [&str; 4] = ["setlink", "cranelift-jit", "dlopen", "elf_loader"];

/// Per row a block of repetitions for each round.
pub fn measure(options: &Options) -> Result<BTreeMap<String, Vec<Block>>> {
    let object = options.scratch.join("ready.o");
    std::fs::write(&object, objects::functions(&[("ready".into(), "ready".into(), 7)]))?;
    let library = options.scratch.join("ready.so");
    let linker = tools::find("ld.lld ld.lld-19 mold ld").context("no linker makes the ready library")?;
    let words = [&*linker, "-shared", "-Bsymbolic", "-o"].map(str::to_owned);
    let words = words.into_iter().chain([&library, &object].map(|path| path.display().to_string()));
    let made = run(&Line { words: words.collect(), ..Line::default() }, &options.scratch, options)?;
    ensure!(made.status.success(), "{linker}: {}", made.stderr);
    let mut rows: BTreeMap<String, Vec<Block>> = BTreeMap::new();
    for round in 0..options.rounds {
        for contender in order(CONTENDERS.len(), round) {
            let contender = CONTENDERS[contender];
            let words = [&*options.binary("setlink-bench-jit"), contender, &library.display().to_string()]
                .map(str::to_owned)
                .to_vec();
            let finished = run(&Line { words, ..Line::default() }, &options.scratch, options)?;
            ensure!(finished.status.success(), "{contender}: {}\n{}", finished.status, finished.stderr);
            for (row, list) in serde_json::from_str::<BTreeMap<String, Vec<f64>>>(&finished.stdout)? {
                let least = list.iter().copied().fold(f64::INFINITY, f64::min);
                rows.entry(row).or_default().push(Block { median: spread(list).median, least });
            }
        }
    }
    Ok(rows)
}
