//! Running a program and asking the kernel what it took.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
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

/// Runs `line` in `folder`, with its output in `scratch`.
pub fn run(line: &Line, folder: &Path, scratch: &Path) -> Result<Finished> {
    let (out, err) = (scratch.join("stdout"), scratch.join("stderr"));
    let mut command = Command::new(&line.words[0]);
    command.args(&line.words[1..]).current_dir(folder).stdin(Stdio::null());
    command.stdout(File::create(&out)?).stderr(File::create(&err)?);
    let before = line.deep.then(|| stack(1 << 30)).transpose()?;
    let processors = line.single.then(pin).transpose()?;
    let start = Instant::now();
    let child = command.spawn();
    let waited = child.map(|child| {
        let mut status = 0;
        // SAFETY: a structure of numbers, for which zeroes are good.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the child is ours and nobody else waits for it; both places live through the call.
        let pid = unsafe { libc::wait4(child.id() as i32, &mut status, 0, &mut usage) };
        (pid, start.elapsed().as_secs_f64(), status, usage)
    });
    before.map(stack).transpose()?;
    if let Some(set) = processors {
        affinity(&set)?;
    }
    let (pid, wall, status, usage) = waited.with_context(|| line.words[0].clone())?;
    ensure!(pid > 0, "wait4 failed");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    let read = |path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Finished {
        sample: Sample { wall, cpu, peak: usage.ru_maxrss as f64 },
        status: ExitStatus::from_raw(status),
        stderr: read(err)?,
        stdout: read(out)?,
    })
}

/// Sets the stack's limit, which children inherit; returns what it was. Not unlimited: that changes where the kernel
/// puts mappings.
fn stack(bytes: u64) -> Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` lives through both calls.
    unsafe {
        ensure!(libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0, "getrlimit failed");
        let before = limit.rlim_cur;
        limit.rlim_cur = bytes.min(limit.rlim_max);
        ensure!(libc::setrlimit(libc::RLIMIT_STACK, &limit) == 0, "setrlimit failed");
        Ok(before)
    }
}

/// Leaves one processor to what is started from now on; returns which there were.
fn pin() -> Result<libc::cpu_set_t> {
    // SAFETY: a set of bits, for which zeroes are good.
    let (mut before, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: the sets live through the calls and have the size given.
    unsafe {
        ensure!(
            libc::sched_getaffinity(0, size_of_val(&before), &mut before) == 0,
            "sched_getaffinity failed"
        );
        let first = (0..libc::CPU_SETSIZE as usize).find(|&cpu| libc::CPU_ISSET(cpu, &before));
        libc::CPU_SET(first.unwrap_or(0), &mut one);
    }
    affinity(&one)?;
    Ok(before)
}

fn affinity(set: &libc::cpu_set_t) -> Result<()> {
    // SAFETY: the set lives through the call and has the size given.
    let result = unsafe { libc::sched_setaffinity(0, size_of_val(set), set) };
    ensure!(result == 0, "sched_setaffinity failed");
    Ok(())
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
        let finished = run(&Line { words, single: true, ..Line::default() }, &folder, &options.scratch)?;
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
