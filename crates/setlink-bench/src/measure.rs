//! Running a program and asking the kernel what it took.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::Options;
use crate::tools;

/// One run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processor time, the kernel's for it included.
    pub cpu: f64,
    /// Peak resident memory, KiB.
    pub peak: f64,
}

/// How a program is started.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub words: Vec<String>,
    /// Its stack may grow to a gigabyte.
    pub deep: bool,
    /// It finds one processor.
    pub single: bool,
}

/// A finished run.
pub struct Finished {
    pub sample: Sample,
    pub status: ExitStatus,
    pub stderr: String,
    pub stdout: String,
}

/// Memory touched before each run; more than most contenders take.
const TOUCHED_MIB: &str = "512";

/// Runs `line` in `folder`, with its output in `scratch`. `setlink-bench-start` does it: see there why.
pub fn run(line: &Line, folder: &Path, options: &Options) -> Result<Finished> {
    let [out, err, report] = ["stdout", "stderr", "report"].map(|name| options.scratch.join(name));
    let _ = std::fs::remove_file(&report);
    Command::new(options.binary("setlink-bench-start")).arg("touch").arg(TOUCHED_MIB).status()?;
    let how = format!("-{}{}", if line.deep { "d" } else { "" }, if line.single { "s" } else { "" });
    let mut command = Command::new(options.binary("setlink-bench-start"));
    command.arg(&report).arg(how).args(&line.words).current_dir(folder).stdin(Stdio::null());
    command.stdout(File::create(&out)?).stderr(File::create(&err)?);
    let status = command.status()?;
    let read = |path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let (stdout, stderr) = (read(out)?, read(err)?);
    ensure!(status.success(), "{}", stderr.trim());
    let report = read(report)?;
    let words: Vec<&str> = report.split(' ').collect();
    let [wall, cpu, peak, status] = *words else { bail!("a strange report: {report}") };
    let sample = Sample { wall: wall.parse()?, cpu: cpu.parse()?, peak: peak.parse()? };
    Ok(Finished { sample, status: ExitStatus::from_raw(status.parse()?), stderr, stdout })
}

/// The order of `count` contenders in a round: another one each time, and the same in each run of the benchmark. Were it
/// only rotated, everyone would always run behind the same neighbour.
pub fn order(count: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = (round as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for left in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(left, (state >> 33) as usize % (left + 1));
    }
    order
}

/// Instructions that linking a set on paper executes, without reading its files, by valgrind's callgrind: good for seeing
/// regressions on a noisy machine, and where there are no counters. The kernel's own instructions are not among them.
pub fn instructions(options: &Options) -> Result<Vec<(String, u64)>> {
    let mut counts = Vec::new();
    let Some(valgrind) = tools::find("valgrind") else {
        println!("   valgrind is not installed: no instruction counts");
        return Ok(counts);
    };
    for name in ["tiny", "libcrypto"] {
        let mut folders = options.corpora.iter().map(|folder| folder.join(name));
        let Some(folder) = folders.find(|folder| folder.join("main.o").exists()) else { continue };
        let mut words = vec![valgrind.clone(), "--tool=callgrind".into()];
        let out = options.scratch.join(format!("{name}.callgrind"));
        words.push(format!("--callgrind-out-file={}", out.display()));
        words.push("--toggle-collect=measured_link".into());
        words.push(options.binary("setlink-bench-paper"));
        words.extend(crate::works::files(&folder, ".o")?);
        // What other threads do would not be counted: one processor, no threads.
        let finished = run(&Line { words, single: true, ..Line::default() }, &folder, options)?;
        if !finished.status.success() {
            println!("   {name}: valgrind: {}", finished.status);
            continue;
        }
        let found = finished.stderr.lines().find_map(|line| line.split("Collected : ").nth(1));
        let count = found.context("callgrind did not say what it collected")?.trim().parse()?;
        println!("   {name}: {:.1} million instructions; {}", count as f64 / 1e6, finished.stdout.trim());
        counts.push((name.to_owned(), count));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn orders_differ_and_are_whole() {
        let orders: Vec<Vec<usize>> = (0..9).map(|round| order(12, round)).collect();
        for one in &orders {
            let mut sorted = one.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..12));
        }
        for contender in 0..12 {
            let mut before: Vec<usize> = orders
                .iter()
                .filter_map(|one| {
                    let at = one.iter().position(|other| *other == contender)?;
                    one.get(at.checked_sub(1)?).copied()
                })
                .collect();
            before.sort_unstable();
            before.dedup();
            assert!(before.len() >= 4, "{contender} runs behind {before:?} only");
        }
    }
}
