//! `docs/BENCHMARKS.md` and its plots, from the results.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::plot::{self, seconds};
use crate::results::{Measured, Results, Row, spread};
use crate::works::{FORKING, SETLINK};

/// Works in which wall time counts: a person waits for the program to start.
fn by_wall(work: &str) -> bool {
    matches!(work, "whole-llvm" | "rust")
}

/// Work, whose row, other row, must, stretch: Setlink takes at most 1/must of what the other takes.
const TARGETS: &[(&str, &str, f64, f64)] = &[
    ("llvm-notls", "llvm-jitlink", 10.0, 15.0),
    ("llvm-notls", "ld.lld, one thread", 2.5, 4.0),
    ("libcrypto", "llvm-jitlink", 7.0, 10.0),
    ("libcrypto", "ld.lld, one thread", 3.0, 4.0),
    ("tiny", "llvm-jitlink", 6.0, 10.0),
    ("tiny", "ld.lld, one thread", 2.0, 3.0),
    ("whole-llvm", "mold, forking", 4.0, 6.0),
    ("whole-llvm", "ld.lld", 7.0, 10.0),
];

const INTRODUCTION: &str = "\
# Benchmarks

`cargo xtask bench` writes this page; `cargo xtask bench libcrypto` measures a part anew and leaves the rest. All
contenders run in turns, round by round; figures are medians, with quartiles in brackets, and ratios are medians of the
ratios within a round. Every contender is checked before it is measured: the linked program runs, or the same number of
relocations is applied. Processor time includes the kernel's for the process; it is what moves least on a busy machine.

What is compared differs, and the tables say how: JIT linkers end with code in memory, file linkers with a file that
somebody has yet to load, `dlopen` begins with that file. *The floor* is no linker: it is what is left when all decisions
have been taken before (`crates/setlink-bench/src/bin/floor`), on one processor, with small pages. Peaks of
memory are the kernel's for the process; those of 7 MiB and less are the measuring program's, from which they start.
";

pub fn write(results: &Results, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = String::from(INTRODUCTION);
    text.push_str("\n## The machine\n\n");
    for fact in &results.machine {
        writeln!(text, "- {fact}")?;
    }
    if !results.works.is_empty() {
        fs::write(folder.join("benchmarks.svg"), plot::bars(results, &by_wall))?;
        text.push_str("\n![bars for every work and contender](benchmarks.svg)\n");
    }
    targets(&mut text, results)?;
    for (name, work) in &results.works {
        section(&mut text, name, work)?;
    }
    jit(&mut text, results)?;
    sets(&mut text, results)?;
    growth(&mut text, results, folder)?;
    if !results.instructions.is_empty() {
        text.push_str("\n## Instructions\n\nOf linking the set on paper, one thread, files read before, counted by valgrind's callgrind: for regressions.\n\n| work | instructions |\n| --- | ---: |\n");
        for (name, count) in &results.instructions {
            writeln!(text, "| {name} | {:.1} million |", *count as f64 / 1e6)?;
        }
    }
    fs::write(folder.join("BENCHMARKS.md"), text)?;
    println!("Wrote {}", folder.join("BENCHMARKS.md").display());
    Ok(())
}

fn sets(text: &mut String, results: &Results) -> Result<()> {
    if results.sets.is_empty() {
        return Ok(());
    }
    text.push_str(
        "\n## Many small sets\n\nOne function a set, from bytes in memory; each is called. Unwind tables and names included. \
         Threads gain as long as processors are free: compare the processors in use. What they wait for each other \
         for is the allocator of slabs, the registry, the unwinder's list (`--features locks` measures how long), and, \
         in the kernel, the lock of the address space.\n\n| | |\n| --- | ---: |\n",
    );
    for (what, figure, unit) in &results.sets {
        let digits = if figure.abs() >= 100.0 { 0 } else { 2 };
        writeln!(text, "| {what} | {figure:.digits$} {unit} |")?;
    }
    Ok(())
}

fn row<'w>(work: &'w Measured, name: &str) -> Option<&'w Row> {
    work.rows.iter().find(|row| row.name == name)
}

fn verdict(ratio: f64, must: f64, stretch: f64) -> &'static str {
    match ratio {
        ratio if ratio >= stretch => "stretch",
        ratio if ratio >= must => "met",
        _ => "**missed**",
    }
}

fn targets(text: &mut String, results: &Results) -> Result<()> {
    text.push_str("\n## Targets\n\nHow many times Setlink's time the other takes; the floor's line is the other way round.\n\n| work | against | measured | must | stretch | |\n| --- | --- | ---: | ---: | ---: | --- |\n");
    for (name, other, must, stretch) in TARGETS {
        let Some(work) = results.works.get(*name) else { continue };
        let (Some(own), Some(peer)) = (row(work, SETLINK), row(work, other)) else { continue };
        let ratio = if by_wall(name) { peer.ratio(own, |s| s.wall) } else { peer.ratio(own, |s| s.cpu) };
        let kind = if by_wall(name) { "wall" } else { "CPU" };
        let verdict = verdict(ratio, *must, *stretch);
        writeln!(text, "| {name} | {other}, {kind} | {ratio:.1} | {must} | {stretch} | {verdict} |")?;
    }
    // One archive against the same objects as files: what JITLink needs for them.
    if let (Some(archive), Some(files)) = (results.works.get("tiny-archive"), results.works.get("tiny"))
        && let (Some(own), Some(jitlink)) = (row(archive, SETLINK), row(files, "llvm-jitlink"))
    {
        let ratio = jitlink.spread(|s| s.cpu).median / own.spread(|s| s.cpu).median;
        let verdict = verdict(ratio, 25.0, 50.0);
        writeln!(
            text,
            "| tiny-archive | llvm-jitlink with the files, CPU | {ratio:.1} | 25 | 50 | {verdict} |"
        )?;
    }
    for (name, work) in &results.works {
        let (Some(own), Some(floor)) = (row(work, SETLINK), row(work, "the floor")) else { continue };
        let ratio = own.ratio(floor, |s| s.cpu);
        let verdict = verdict(1.0 / ratio, 1.0 / 2.0, 1.0 / 1.4);
        writeln!(text, "| {name} | the floor, CPU | {ratio:.2} | ≤ 2 | ≤ 1.4 | {verdict} |")?;
    }
    if let Some(rust) = results.works.get("rust")
        && let Some(own) = row(rust, SETLINK)
    {
        let linkers = rust.rows.iter().filter(|row| !row.name.starts_with(SETLINK));
        let fastest =
            linkers.min_by(|a, b| a.spread(|s| s.wall).median.total_cmp(&b.spread(|s| s.wall).median));
        if let Some(fastest) = fastest {
            let ratio = fastest.ratio(own, |s| s.wall);
            let verdict = verdict(ratio, 5.0, 10.0);
            writeln!(
                text,
                "| rust | {} (without exec), wall | {ratio:.1} | 5 | 10 | {verdict} |",
                fastest.name
            )?;
        }
    }
    if let Some(jit) = &results.jit {
        let median = |name: &str| spread(jit.get(name).cloned().unwrap_or_default()).median;
        let (own, peer) = (median("one/setlink"), median("one/cranelift-jit"));
        let result = if own <= peer {
            "stretch"
        } else if own <= 10e-6 {
            "met"
        } else {
            "**missed**"
        };
        writeln!(
            text,
            "| one function | cranelift-jit's {} | {} | ≤ 10 µs | ≤ 1 × | {result} |",
            seconds(peer),
            seconds(own)
        )?;
        let ratio = median("many/setlink") / median("many/cranelift-jit");
        let verdict = verdict(1.0 / ratio, 1.0 / 1.5, 1.0);
        writeln!(text, "| 2,000 functions | cranelift-jit | {ratio:.2} | ≤ 1.5 | ≤ 1 | {verdict} |")?;
    }
    Ok(())
}

fn section(text: &mut String, name: &str, work: &Measured) -> Result<()> {
    writeln!(text, "\n## {name}\n\n{}.\n\n{}.\n", capital(&work.what), capital(&work.counts))?;
    text.push_str("| | CPU | wall | peak | CPU ÷ Setlink | wall ÷ Setlink | checked |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n");
    let own = row(work, SETLINK);
    for row in &work.rows {
        let [cpu, wall] = [row.spread(|s| s.cpu), row.spread(|s| s.wall)]
            .map(|s| format!("{} ({} – {})", seconds(s.median), seconds(s.low), seconds(s.high)));
        let peak = row.spread(|s| s.peak).median / 1024.0;
        let ratios = own.map(|own| (row.ratio(own, |s| s.cpu), row.ratio(own, |s| s.wall)));
        let (by_cpu, by_wall) = ratios.unwrap_or_default();
        if row.name.ends_with(FORKING) {
            writeln!(text, "| {} | | {wall} | | | {by_wall:.2} | {} |", row.name, row.checked)?;
            continue;
        }
        writeln!(
            text,
            "| {} | {cpu} | {wall} | {peak:.0} MiB | {by_cpu:.2} | {by_wall:.2} | {} |",
            row.name, row.checked
        )?;
    }
    text.push('\n');
    let rounds = work.rows.iter().map(|row| row.samples.iter().flatten().count()).max().unwrap_or(0);
    writeln!(text, "{rounds} rounds, fewer for the slowest. What each did:\n")?;
    let mut known: Vec<&str> = Vec::new();
    for row in &work.rows {
        if !known.contains(&&*row.does) {
            known.push(&row.does);
            let version = if row.version.is_empty() { String::new() } else { format!(" ({})", row.version) };
            writeln!(text, "- {}{version}: {}", row.name, row.does)?;
        }
    }
    if !work.absent.is_empty() {
        writeln!(text, "- not here: {}", work.absent.join("; "))?;
    }
    if !work.phases.is_empty() {
        let total: f64 = work.phases.iter().map(|(_, s)| s).sum();
        let phases: Vec<String> =
            work.phases.iter().map(|(name, s)| format!("{name} {}", seconds(*s))).collect();
        writeln!(text, "\nSetlink's phases, wall: {}; together {}.", phases.join(", "), seconds(total))?;
    }
    Ok(())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn jit(text: &mut String, results: &Results) -> Result<()> {
    let Some(jit) = &results.jit else { return Ok(()) };
    text.push_str(
        "\n## JIT\n
In one warm process, in turns. *one*: the bytes of an object with one function to a callable pointer; *many*: 2,000
functions in one object; *sets*: 2,000 sets of one such object each, all of them. Setlink parses the object, resolves
names, registers unwind tables and protects the pages. cranelift-jit is given the same machine code and relocations by
`define_function_bytes` and finalizes; it parses nothing, registers no unwind tables and frees only whole modules.
`dlopen` and elf_loader load a shared library that was linked before.

| | median | quartiles |
| --- | ---: | ---: |
",
    );
    for (name, list) in jit {
        let s = spread(list.clone());
        writeln!(text, "| {name} | {} | {} – {} |", seconds(s.median), seconds(s.low), seconds(s.high))?;
    }
    Ok(())
}

fn growth(text: &mut String, results: &Results, folder: &Path) -> Result<()> {
    if results.growth.is_empty() {
        return Ok(());
    }
    fs::write(folder.join("growth.svg"), plot::curves(&results.growth))?;
    text.push_str(
        "\n## Growth\n
![time and memory from ×1 to ×64](growth.svg)

Synthetic objects that have many of one thing; whole processes on one processor. *Exponent*: of the power law through
the last three doublings; 1 is linear.

| | | from | to | exponent | memory from | to |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
",
    );
    for curve in &results.growth {
        let points = &curve.points;
        let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
        let before = points[points.len().saturating_sub(4)];
        let exponent = (last.1 / before.1).ln() / (last.0 as f64 / before.0 as f64).ln();
        writeln!(
            text,
            "| {} × {} to {} | {} | {} | {} | {exponent:.2} | {:.0} MiB | {:.0} MiB |",
            curve.axis,
            first.0,
            last.0,
            curve.tool,
            seconds(first.1),
            seconds(last.1),
            first.2 / 1024.0,
            last.2 / 1024.0
        )?;
    }
    Ok(())
}
