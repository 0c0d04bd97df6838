//! What Setlink is to reach, and whether it does.

use std::fmt::Write as _;

use anyhow::Result;

use super::{by_wall, row};
use crate::plot::seconds;
use crate::results::{Results, ratio, spread};
use crate::works::{FLOOR, JITLINK_FILES, SETLINK};

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

fn verdict(ratio: f64, must: f64, stretch: f64) -> &'static str {
    match ratio {
        ratio if ratio >= stretch => "stretch",
        ratio if ratio >= must => "met",
        _ => "**missed**",
    }
}

pub fn write(text: &mut String, results: &Results) -> Result<()> {
    text.push_str("\n## Targets\n\nHow many times Setlink's time the other takes; where a figure is to be *at most* something, it is Setlink's divided by the other's.\n\n| work | against | measured | must | stretch | |\n| --- | --- | ---: | ---: | ---: | --- |\n");
    for (name, other, must, stretch) in TARGETS {
        let Some(work) = results.works.get(*name) else { continue };
        let (Some(own), Some(peer)) = (row(work, SETLINK), row(work, other)) else { continue };
        let ratio = if by_wall(name) { peer.ratio(own, |s| s.wall) } else { peer.ratio(own, |s| s.cpu) };
        let kind = if by_wall(name) { "wall" } else { "CPU" };
        let verdict = verdict(ratio, *must, *stretch);
        writeln!(text, "| {name} | {other}, {kind} | {ratio:.1} | {must} | {stretch} | {verdict} |")?;
    }
    // One archive against the same objects as files: what JITLink needs for them.
    if let Some(archive) = results.works.get("tiny-archive")
        && let (Some(own), Some(jitlink)) = (row(archive, SETLINK), row(archive, JITLINK_FILES))
    {
        let ratio = jitlink.ratio(own, |s| s.cpu);
        let verdict = verdict(ratio, 25.0, 50.0);
        writeln!(text, "| tiny-archive | {JITLINK_FILES}, CPU | {ratio:.1} | 25 | 50 | {verdict} |")?;
    }
    for (name, work) in &results.works {
        let (Some(own), Some(floor)) = (row(work, SETLINK), row(work, FLOOR)) else { continue };
        let ratio = own.ratio(floor, |s| s.cpu);
        let verdict = verdict(1.0 / ratio, 1.0 / 2.0, 1.0 / 1.4);
        writeln!(text, "| {name} | the floor, CPU | {ratio:.2} | ≤ 2 | ≤ 1.4 | {verdict} |")?;
    }
    for (name, work) in &results.works {
        let (Some(own), Some(needs)) = (row(work, SETLINK), work.needs) else { continue };
        let peak = own.spread(|s| s.peak).median * 1024.0;
        let ratio = peak / needs.total(false);
        let verdict = verdict(1.0 / ratio, 1.0 / 1.5, 1.0 / 1.2);
        let pages = peak / needs.total(true);
        writeln!(
            text,
            "| {name} | what has to be in memory, peak | {ratio:.2} ({pages:.2} in pages) | ≤ 1.5 | ≤ 1.2 | {verdict} |"
        )?;
    }
    for curve in results.growth.iter().filter(|curve| curve.tool == SETLINK) {
        let most = |value| curve.doublings(value).into_iter().fold(0.0, f64::max);
        let (time, memory) = (most(|sample| sample.cpu), most(|sample| sample.peak));
        let verdict = if time.max(memory) <= 2.3 { "met" } else { "**missed**" };
        writeln!(
            text,
            "| growth | twice the {}: times the CPU, the peak; the most | {time:.2}, {memory:.2} | ≤ 2.3 | | {verdict} |",
            curve.axis
        )?;
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
        let blocks = |name: &str| jit.get(name).map_or(&[][..], Vec::as_slice);
        let median = |name: &str| spread(blocks(name).iter().map(|block| block.median).collect()).median;
        let (own, peer) = (median("one/setlink"), median("one/cranelift-jit"));
        let one = ratio(blocks("one/setlink"), blocks("one/cranelift-jit"));
        let result = if one <= 1.0 {
            "stretch"
        } else if own <= 10e-6 {
            "met"
        } else {
            "**missed**"
        };
        writeln!(
            text,
            "| one function, another set live | cranelift-jit's {} | {} ({one:.2} ×); without another set {} | ≤ 10 µs | ≤ 1 × | {result} |",
            seconds(peer),
            seconds(own),
            seconds(median("one/setlink, no other set"))
        )?;
        let ratio = ratio(blocks("many/setlink"), blocks("many/cranelift-jit"));
        let verdict = verdict(1.0 / ratio, 1.0 / 1.5, 1.0);
        writeln!(text, "| 2,000 functions | cranelift-jit | {ratio:.2} | ≤ 1.5 | ≤ 1 | {verdict} |")?;
    }
    Ok(())
}
