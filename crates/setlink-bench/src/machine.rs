//! What the figures were measured on.

use std::fs;
use std::process::Command;

/// One line per fact.
pub fn describe() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let memory = memory.lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let huge = read("/sys/kernel/mm/transparent_hugepage/enabled");
    let mut facts = vec![
        format!("{model}, {cores} cores, {} GiB", memory.unwrap_or(0) >> 20),
        format!(
            "Linux {}, transparent huge pages: {}",
            read("/proc/sys/kernel/osrelease").trim(),
            huge.trim()
        ),
        format!("load before the run: {}", read("/proc/loadavg").trim()),
    ];
    for (tool, argument) in [("rustc", "--version"), ("git", "rev-parse")] {
        let arguments: &[&str] = if tool == "git" { &["rev-parse", "--short", "HEAD"] } else { &[argument] };
        if let Ok(output) = Command::new(tool).args(arguments).output() {
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            facts.push(if tool == "git" { format!("Setlink at {text}") } else { text });
        }
    }
    facts
}
