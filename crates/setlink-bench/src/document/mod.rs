//! `docs/BENCHMARKS.md` and its plots, from the results.

mod targets;
mod work;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::plot::{self, seconds};
use crate::results::{Measured, Results, Row, exponent, spread};
use crate::works::COLLECTED;

/// Works in which wall time counts: a person waits for the program to start.
fn by_wall(work: &str) -> bool {
    matches!(work, "whole-llvm" | COLLECTED | "rust")
}

const INTRODUCTION: &str = "\
# Benchmarks

`cargo xtask bench` writes this page; `cargo xtask bench libcrypto` measures a part anew and leaves the rest. All
contenders run once in each round, in an order that changes from round to round; files are in the kernel's cache. Figures
are medians over the rounds, with quartiles in brackets, and ratios are medians of the ratios within a round. Every
contender is checked before it is measured: the linked program runs, or what was written is read back. Processor time
includes the kernel's for the process; it is what moves least on a busy machine. Before each run, another process touches
512 MiB and gives them back: on a virtual machine, memory unused for seconds may have gone back to the host, and to wait
for it costs five times what clearing it does.

What is compared differs, and the tables say how: JIT linkers end with code in memory, file linkers with a file that
somebody has yet to load, `dlopen` begins with that file. *The floor* is no linker: it is what is left when all decisions
have been taken before (`crates/setlink-bench/src/bin/floor`), on one processor, with the page sizes that Setlink uses:
huge pages are asked for in segments of 4 MiB and more, small ones are used elsewhere, and nothing is faulted in before.

*Peak* is the kernel's highest count of resident pages: pages of mapped files that are present are among them, also those
that the kernel maps around one that is touched. Programs are started by a process of 2 MiB, from which their peak begins
(`setlink-bench-start`). *Peak ÷ need* compares it with what has to be in memory, whoever links: the sections that are
loaded, without those that are zero; what must be read of the inputs, each byte once (headers, section names, symbols and
their names, groups, and of sections that are loaded contents and relocations; of an archive the index, the long names,
and the members that are used); and a process that does nothing, which is `setlink --version`. Shared libraries that a
set is linked with are not in it: opening those of whole-llvm takes 5 MiB.
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
    targets::write(&mut text, results)?;
    for (name, work) in &results.works {
        work::write(&mut text, name, work)?;
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

fn jit(text: &mut String, results: &Results) -> Result<()> {
    let Some(jit) = &results.jit else { return Ok(()) };
    text.push_str(
        "\n## JIT\n
Each contender in a warm process of its own, so that none pays for another (`dlclose`, say, makes Setlink ask anew which
libraries there are), started in turns, in an order that changes. *one*: the bytes of an object with one function to a
callable pointer, 200 times to warm up and 500 times to measure; *many*: 2,000 functions in one object; *sets*: 2,000 sets
of one such object each, all of them, that many live; these two once to warm up and five times to measure. *Median* is
that of the rounds' medians, *least* the smallest single figure. Setlink parses the object, resolves names, registers
unwind tables and protects the pages; its set is removed each time, while another stays, as cranelift-jit's earlier
functions do (*no other set*: what it takes when none stays, and pages are given back and faulted in anew). *many* is all
of them callable, *every pointer looked up* asks for each by name. cranelift-jit is given the same machine code and
relocations by `define_function_bytes` and finalizes; it parses nothing, registers no unwind tables and frees only whole
modules: declaring a function, where its names are, is in the rows that say so. `dlopen` and elf_loader load a shared
library that was linked before, and look the function up.

| | median | quartiles | least |
| --- | ---: | ---: | ---: |
",
    );
    for (name, list) in jit {
        let s = spread(list.iter().map(|block| block.median).collect());
        let least = list.iter().map(|block| block.least).fold(f64::INFINITY, f64::min);
        writeln!(
            text,
            "| {name} | {} | {} – {} | {} |",
            seconds(s.median),
            seconds(s.low),
            seconds(s.high),
            seconds(least)
        )?;
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

Synthetic objects that have many of one thing; whole processes on one processor; medians. *Each doubling* says by what it
multiplies the figure: medians of the ratios within a round. *Exponent*: of the power law that fits the last four points
best; 1 is linear.

| | | | from | to | each doubling | exponent |
| --- | --- | --- | ---: | ---: | --- | ---: |
",
    );
    for curve in &results.growth {
        let points = curve.points();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
        let list = |value| {
            let list: Vec<String> =
                curve.doublings(value).iter().map(|ratio| format!("{ratio:.2}")).collect();
            list.join(", ")
        };
        let fit = |value: fn(&(usize, f64, f64)) -> f64| {
            exponent(&points.iter().map(|point| (point.0 as f64, value(point))).collect::<Vec<_>>())
        };
        let axis = format!("{} × {} to {}", curve.axis, first.0, last.0);
        writeln!(
            text,
            "| {axis} | {} | processor time | {} | {} | {} | {:.2} |",
            curve.tool,
            seconds(first.1),
            seconds(last.1),
            list(|sample| sample.cpu),
            fit(|point| point.1)
        )?;
        writeln!(
            text,
            "| | | peak | {} | {} | {} | {:.2} |",
            mebibytes(first.2 * 1024.0),
            mebibytes(last.2 * 1024.0),
            list(|sample| sample.peak),
            fit(|point| point.2)
        )?;
    }
    Ok(())
}

/// `4.9 MiB`, `152 MiB`.
fn mebibytes(bytes: f64) -> String {
    let mebibytes = bytes / f64::from(1 << 20);
    format!("{mebibytes:.*} MiB", if mebibytes < 10.0 { 1 } else { 0 })
}
