//! Doing the works: everyone once to see whether they do them, then everyone in each round.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::Options;
use crate::measure::{Finished, Line, Sample, order, run};
use crate::results::{Measured, Needs, Row, spread};
use crate::works::{Contender, FLOOR, SETLINK, Work};

/// Contenders that take longer than this, in seconds, run in one round of three.
const SLOW: f64 = 4.0;
/// Those that take longer than this run twice.
const VERY_SLOW: f64 = 20.0;

/// Does the work, everyone in turn, round by round.
pub fn measure(work: &Work, options: &Options) -> Result<Measured> {
    let mut rows = Vec::new();
    let mut contenders = Vec::new();
    let mut absent = work.absent.clone();
    let mut phases: BTreeMap<String, Vec<(String, Vec<f64>)>> = BTreeMap::new();
    let start = |line: &Line| run(line, &work.folder, options);
    let mut known = Known::default();
    for contender in &work.contenders {
        match first_run(contender, work, options, &mut known) {
            Ok((sample, checked)) => {
                println!("   {}: {:.3} s, {:.3} s CPU; {checked}", contender.name, sample.wall, sample.cpu);
                rows.push(Row {
                    name: contender.name.clone(),
                    version: contender.version.clone(),
                    does: contender.does.clone(),
                    checked,
                    samples: Vec::new(),
                });
                contenders.push((contender, sample));
            }
            Err(error) if contender.name.starts_with(SETLINK) => return Err(error),
            Err(error) => {
                let text = format!("{error:#}");
                let reason = text.lines().next().unwrap_or_default();
                println!("   {}: {reason}", contender.name);
                absent.push(format!(
                    "{} ({})",
                    contender.name,
                    reason.replace(&*options.scratch.display().to_string(), "…")
                ));
            }
        }
    }
    for round in 0..options.rounds {
        for index in order(contenders.len(), round) {
            let (contender, first) = &contenders[index];
            let skipped = (first.cpu > SLOW && round % 3 != 0) || (first.cpu > VERY_SLOW && round > 2);
            if skipped {
                rows[index].samples.push(None);
                continue;
            }
            if let Some(output) = &contender.output {
                let _ = fs::remove_file(output);
            }
            let finished = start(&contender.line)?;
            succeeded(&finished, contender)?;
            rows[index].samples.push(Some(finished.sample));
            let told = contender.parts.as_ref().map(start).transpose()?.unwrap_or(finished);
            let whole = told.sample.wall;
            let Some(told) = stats(&told) else { continue };
            let list = phases.entry(contender.name.clone()).or_default();
            let parts = told["seconds"].as_object().into_iter().flatten();
            let parts = parts.map(|(name, seconds)| (name.clone(), seconds.as_f64().unwrap_or(0.0)));
            for (name, seconds) in parts.chain([("whole".to_owned(), whole)]) {
                match list.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, list)) => list.push(seconds),
                    None => list.push((name, vec![seconds])),
                }
            }
        }
    }
    let middle = |(name, list): (String, Vec<f64>)| (name, spread(list).median);
    let phases =
        phases.into_iter().map(|(who, list)| (who, list.into_iter().map(middle).collect())).collect();
    let idle = Line { words: vec![options.binary("setlink"), "--version".into()], ..Line::default() };
    let idle: Vec<f64> = (0..5).map(|_| Ok(start(&idle)?.sample.peak * 1024.0)).collect::<Result<_>>()?;
    let needs = known.needs.map(|needs| Needs { process: spread(idle).median, ..needs });
    Ok(Measured { what: work.what.clone(), rows, counts: known.counts, phases, needs, absent })
}

/// What first runs say of the set.
#[derive(Default)]
struct Known {
    relocations: Option<u64>,
    bytes: u64,
    counts: String,
    needs: Option<Needs>,
}

fn stats(finished: &Finished) -> Option<Value> {
    let mut lines = finished.stderr.lines().chain(finished.stdout.lines());
    lines.find_map(|line| {
        serde_json::from_str::<Value>(line).ok().filter(|value| value["seconds"].is_object())
    })
}

fn succeeded(finished: &Finished, contender: &Contender) -> Result<()> {
    if !finished.status.success() {
        let text = finished.stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        bail!("{}: {text}", finished.status);
    }
    if let Some(output) = &contender.output {
        let size = fs::metadata(output).map_or(0, |data| data.len());
        ensure!(size > 10_000, "it wrote {size} bytes only");
    }
    Ok(())
}

/// Prepares, warms up, and finds out whether the contender does the work at all.
fn first_run(
    contender: &Contender,
    work: &Work,
    options: &Options,
    known: &mut Known,
) -> Result<(Sample, String)> {
    let start = |line: &Line| run(line, &work.folder, options);
    if let Some(prepare) = &contender.prepare {
        let prepared = start(prepare)?;
        ensure!(prepared.status.success(), "preparing: {}", prepared.stderr.trim());
        known.needs = serde_json::from_str(prepared.stdout.trim()).ok().or(known.needs);
    }
    let first = start(&contender.line)?;
    succeeded(&first, contender)?;
    let mut checked = String::new();
    if contender.name.starts_with(SETLINK) {
        let stats = stats(&first).context("setlink printed no statistics")?;
        let plan = &stats["plan"];
        known.relocations = plan["relocations"].as_u64();
        let of = |key: &str| plan[key].as_u64().unwrap_or(0);
        known.bytes = of("total_bytes");
        known.counts = format!(
            "{} objects, {} sections, {} symbols, {} relocations ({} relaxed), {} bytes ({} of them padding), {} GOT entries, {} stubs, {} mappings",
            of("objects"),
            of("sections"),
            of("symbols"),
            of("relocations"),
            of("relaxed"),
            of("total_bytes"),
            of("padding_bytes"),
            of("got_entries"),
            of("stubs"),
            of("mappings")
        );
    }
    if let (FLOOR, Some(expected), Some(floor)) = (&*contender.name, known.relocations, stats(&first)) {
        let own = floor["relocations"].as_u64().unwrap_or(0);
        // Setlink leaves out the call frame information of functions that are not in.
        ensure!(own.abs_diff(expected) * 20 < expected.max(20), "{own} relocations instead of {expected}");
        checked = format!("{own} relocations applied, {} bytes copied; ", floor["bytes"]);
    }
    if let Some((line, what)) = &contender.check {
        let ran = start(line)?;
        ensure!(ran.status.success(), "linked, and then: {} {}", ran.status, ran.stderr.trim());
        checked.push_str(what);
    } else {
        checked.push_str("the program ran");
    }
    if contender.name.starts_with(SETLINK) {
        checked = format!("{checked}, {:.1} MB loaded", known.bytes as f64 / 1e6);
    }
    if let Some(bytes) = contender.output.as_deref().and_then(loaded) {
        checked = format!("{checked}, {:.1} MB to load", bytes as f64 / 1e6);
    }
    Ok((first.sample, checked))
}

/// What a loader will map of a file that a linker wrote. (Packed programs and scripts have no such thing.)
fn loaded(file: &Path) -> Option<u64> {
    use object::LittleEndian as LE;
    use object::elf;
    use object::read::elf::{FileHeader as _, ProgramHeader as _};
    let mut start = vec![0; 4096];
    std::io::Read::read(&mut fs::File::open(file).ok()?, &mut start).ok()?;
    let header = elf::FileHeader64::<LE>::parse(&*start).ok()?;
    let segments = header.program_headers(LE, &*start).ok()?;
    let loaded = segments.iter().filter(|segment| segment.p_type(LE) == elf::PT_LOAD);
    Some(loaded.map(|segment| segment.p_memsz(LE)).sum())
}
