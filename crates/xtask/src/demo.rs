//! The first thing to see: QuickJS, a JavaScript engine that others wrote, goes from its C sources to objects, and from
//! objects straight into a running process. No linker is involved and no executable is written.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::{cargo, quote, root, run, seconds, target};
use crate::programs;

const SCRIPT: &str = r#"
const prime = (n) => n > 1 && !/^(11+?)\1+$/.test("1".repeat(n));
console.log("Hello from QuickJS, linked in memory.");
console.log("Primes:", Array.from({ length: 60 }, (_, i) => i).filter(prime).join(" "));
console.log("2^200 =", 2n ** 200n);
console.log(JSON.stringify({ closures: [1, 2, 3].map((n) => (m) => n * m).map((f) => f(7)) }));
try { null.x } catch (e) { console.log("Caught:", e.message); }
"#;

/// Compiles, links, runs, and shows what happened.
pub fn demo(script: Option<&str>) -> Result<()> {
    let script = script.unwrap_or(SCRIPT).trim();
    println!(
        "Compiling QuickJS (the crate rquickjs-sys) with the system's C compiler: half a minute the first time."
    );
    let build = programs::one("qjs", "cc-O2")?;
    println!("Building setlink.");
    let start = Instant::now();
    run(cargo().args(["build", "--quiet", "--release", "--package", "setlink-cli"]))?;
    println!("Built in {}.", seconds(start.elapsed()));
    // `SETLINK` names another executable to show, as it does for the tests.
    let setlink = std::env::var_os("SETLINK").map_or_else(|| target().join("release/setlink"), Into::into);

    let relative = |path: &std::path::Path| path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let folder = build.inputs[0].parent().context("an object without folder")?;
    println!("\n$ setlink run {}/*.o {} -- -e {}", relative(folder), build.libs.join(" "), quote(script));
    let start = Instant::now();
    let mut command = Command::new(&setlink);
    command.args(["run", "--stats=json"]).args(&build.inputs).args(&build.libs).args(["--", "-e", script]);
    let child = command.stderr(Stdio::piped()).spawn().context("setlink does not start")?;
    let output = child.wait_with_output()?;
    let time = start.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let (stats, rest): (Vec<_>, Vec<_>) = stderr.lines().partition(|line| line.starts_with('{'));
    rest.iter().for_each(|line| eprintln!("{line}"));
    ensure!(output.status.success(), "setlink run ended with {}", output.status);

    let mut command = Command::new(&setlink);
    command.args(["plan", "--json"]).args(&build.inputs).args(&build.libs);
    let plan = command.stderr(Stdio::inherit()).output().context("setlink does not start")?;
    ensure!(plan.status.success(), "setlink plan ended with {}", plan.status);
    show_plan(&serde_json::from_slice(&plan.stdout).context("the plan is no JSON")?);
    if let Some(stats) = stats.last().and_then(|line| serde_json::from_str(line).ok()) {
        show_stats(&stats);
    }
    println!("Linked and ran in {} altogether.", seconds(time));
    Ok(())
}

fn show_plan(plan: &Value) {
    let n = |key: &str| plan[key].as_u64().unwrap_or(0);
    println!("\nThe plan for this set:");
    println!(
        "  {} objects, {} sections, {} symbols, {} relocations",
        n("objects"),
        n("sections"),
        n("symbols"),
        n("relocations")
    );
    println!(
        "  {} GOT entries and {} stubs for all of them; {} references relaxed",
        n("got_entries"),
        n("stubs"),
        n("relaxed")
    );
    for segment in plan["segments"].as_array().into_iter().flatten() {
        let text = |key: &str| segment[key].as_str().unwrap_or("").to_owned();
        let bytes = segment["bytes"].as_u64().unwrap_or(0);
        println!("  {:<12} {:<4} {bytes:>9} bytes", text("name"), text("permissions"));
    }
    println!(
        "  {} bytes in {} mappings, {} of them padding",
        n("total_bytes"),
        n("mappings"),
        n("padding_bytes")
    );
}

/// Every member that is a number of seconds, wherever it is.
fn show_stats(stats: &Value) {
    let phases = ["phases", "seconds", "times"].iter().find_map(|key| stats[*key].as_object());
    let Some(phases) = phases.or(stats.as_object()) else { return };
    let times = phases.iter().filter_map(|(name, value)| {
        let time = value.as_f64().filter(|_| value.is_f64())?;
        Some(format!(
            "{} {}",
            name.trim_end_matches("_seconds"),
            seconds(std::time::Duration::from_secs_f64(time))
        ))
    });
    let times: Vec<_> = times.collect();
    if !times.is_empty() {
        println!("Times: {}.", times.join(", "));
    }
}
