//! One work: its table, who did what, and where the time went.

use std::fmt::Write as _;

use anyhow::Result;

use super::{mebibytes, row};
use crate::plot::seconds;
use crate::results::Measured;
use crate::works::{FLOOR, FORKING, ONE_PROCESSOR, SETLINK};

pub fn write(text: &mut String, name: &str, work: &Measured) -> Result<()> {
    writeln!(text, "\n## {name}\n\n{}.\n\n{}.\n", capital(&work.what), capital(&work.counts))?;
    // Nobody says what is needed where there is no floor.
    let (title, rule, none) =
        if work.needs.is_some() { (" peak ÷ need |", " ---: |", " |") } else { ("", "", "") };
    writeln!(text, "| | CPU | wall | peak |{title} CPU ÷ Setlink | wall ÷ Setlink | checked |")?;
    writeln!(text, "| --- | ---: | ---: | ---: |{rule} ---: | ---: | --- |")?;
    let own = row(work, SETLINK);
    for row in &work.rows {
        let [cpu, wall] = [row.spread(|s| s.cpu), row.spread(|s| s.wall)]
            .map(|s| format!("{} ({} – {})", seconds(s.median), seconds(s.low), seconds(s.high)));
        let peak = row.spread(|s| s.peak).median * 1024.0;
        let need = work.needs.map_or(String::new(), |needs| format!(" {:.2} |", peak / needs.total(false)));
        let ratios = own.map(|own| (row.ratio(own, |s| s.cpu), row.ratio(own, |s| s.wall)));
        let (by_cpu, by_wall) = ratios.unwrap_or_default();
        if row.name.ends_with(FORKING) {
            writeln!(text, "| {} | | {wall} | |{none} | {by_wall:.2} | {} |", row.name, row.checked)?;
            continue;
        }
        writeln!(
            text,
            "| {} | {cpu} | {wall} | {} |{need} {by_cpu:.2} | {by_wall:.2} | {} |",
            row.name,
            mebibytes(peak),
            row.checked
        )?;
    }
    text.push('\n');
    let rounds = work.rows.iter().map(|row| row.samples.iter().flatten().count()).max().unwrap_or(0);
    writeln!(text, "{rounds} rounds, fewer for the slowest. What each did:\n")?;
    let mut done: Vec<(&str, Vec<String>)> = Vec::new();
    for row in &work.rows {
        let version = if row.version.is_empty() { String::new() } else { format!(" ({})", row.version) };
        match done.iter_mut().find(|(does, _)| *does == row.does) {
            // The version is said once.
            Some((_, who)) if who.iter().any(|known| known.ends_with(&version) && !version.is_empty()) => {
                who.push(row.name.clone());
            }
            Some((_, who)) => who.push(format!("{}{version}", row.name)),
            None => done.push((&row.does, vec![format!("{}{version}", row.name)])),
        }
    }
    for (does, who) in done {
        writeln!(text, "- {}: {does}", who.join("; "))?;
    }
    if !work.absent.is_empty() {
        writeln!(text, "- not here: {}", work.absent.join("; "))?;
    }
    if let Some(needs) = work.needs {
        writeln!(
            text,
            "\nWhat has to be in memory: {} of sections (and {} of zeroes, which need not be touched), {} of the inputs \
             ({} in whole pages, and whole files where they are smaller than 32 KiB), {} of a process that does nothing: \
             together {} ({}).",
            mebibytes(needs.image),
            mebibytes(needs.zeroes),
            mebibytes(needs.inputs),
            mebibytes(needs.touched),
            mebibytes(needs.process),
            mebibytes(needs.total(false)),
            mebibytes(needs.total(true))
        )?;
    }
    phases(text, work)
}

/// What a part is, its name in Setlink's statistics, and the floor's names for what it has of it.
const PARTS: &[(&str, &str, &[&str])] = &[
    ("inputs: open and map, or read", "read", &["open"]),
    ("shared libraries: open", "open", &[]),
    ("names: parse, hash; resolve", "resolve", &["names"]),
    ("relocations: scan for what they need", "scan", &[]),
    ("places: lay out, decide", "place", &[]),
    ("memory: reserve", "reserve", &["reserve"]),
    ("sections: copy and relocate", "write", &["copy", "relocate"]),
    ("publish: protect, register", "publish", &[]),
    ("initialisers", "initialise", &[]),
];

fn phases(text: &mut String, work: &Measured) -> Result<()> {
    type Parts = [(String, f64)];
    let of = |who: &str| work.phases.get(who).map_or(&[][..], Vec::as_slice);
    let [own, single, floor] = [SETLINK, ONE_PROCESSOR, FLOOR].map(of);
    if own.is_empty() {
        return Ok(());
    }
    let sum = |parts: &Parts, names: &[&str]| -> f64 {
        parts.iter().filter(|(name, _)| names.contains(&&**name)).map(|(_, seconds)| seconds).sum()
    };
    text.push_str("\nWall time by part, medians, as each program tells it:\n\n");
    text.push_str("| | Setlink | one processor | the floor | one processor ÷ floor |\n| --- | ---: | ---: | ---: | ---: |\n");
    let mut rest = [own, single, floor].map(|parts| sum(parts, &["whole"]));
    let mut line = |what: &str, times: [f64; 3]| -> Result<()> {
        let show = |time: f64| if time > 0.0 { seconds(time) } else { String::new() };
        let ratio = if times[2] > 0.0 { format!("{:.2}", times[1] / times[2]) } else { String::new() };
        let [own, single, floor] = times.map(show);
        Ok(writeln!(text, "| {what} | {own} | {single} | {floor} | {ratio} |")?)
    };
    for (what, phase, parts) in PARTS {
        let times = [sum(own, &[*phase]), sum(single, &[*phase]), sum(floor, parts)];
        line(what, times)?;
        rest.iter_mut().zip(times).for_each(|(rest, time)| *rest -= time);
    }
    line("start and end of the process, and what is not told", rest)?;
    line("together", [own, single, floor].map(|parts| sum(parts, &["whole"])))?;
    let (copy, relocate, list) = (sum(floor, &["copy"]), sum(floor, &["relocate"]), sum(floor, &["list"]));
    if copy > 0.0 {
        writeln!(
            text,
            "\nOf the floor's, copying into pages that are touched for the first time is {}, storing relocations {}, and \
             mapping its list, which counts as start, {}.",
            seconds(copy),
            seconds(relocate),
            seconds(list)
        )?;
    }
    Ok(())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
