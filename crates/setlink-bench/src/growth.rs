//! How time and memory grow with what a set has many of.

use anyhow::{Result, ensure};
use setlink_bench::objects::Axis;

use crate::Options;
use crate::measure::{Line, order, run};
use crate::results::{Curve, spread};
use crate::tools;
use crate::works::files;

const FACTORS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Measures every axis from ×1 to ×64.
pub fn measure(options: &Options) -> Result<Vec<Curve>> {
    let rounds = options.rounds.min(5);
    let mut tools =
        vec![("Setlink", vec![options.binary("setlink"), "run".into(), "--no-exec".into()], false)];
    if let Some(jitlink) = tools::find("llvm-jitlink-19 llvm-jitlink") {
        tools.push(("JITLink", vec![jitlink, "-noexec".into()], true));
    }
    let mut curves = Vec::new();
    for (_, name, unit) in Axis::ALL {
        let start = curves.len();
        for (tool, ..) in &tools {
            curves.push(Curve { axis: name.into(), tool: (*tool).into(), points: Vec::new() });
        }
        for factor in FACTORS {
            let count = unit * factor;
            let folder = options.scratch.join("growth").join(format!("{name}-{count}"));
            std::fs::create_dir_all(&folder)?;
            let words = vec![
                options.binary("setlink-bench-synthetic"),
                name.to_owned(),
                count.to_string(),
                folder.display().to_string(),
            ];
            let made = run(&Line { words, ..Line::default() }, &folder, options)?;
            ensure!(made.status.success(), "setlink-bench-synthetic: {}", made.stderr);
            let files = files(&folder, ".o")?;
            let mut samples = vec![Vec::new(); tools.len()];
            for round in 0..rounds {
                for index in order(tools.len(), round) {
                    let ((tool, words, deep), samples) = (&tools[index], &mut samples[index]);
                    let words = words.iter().chain(&files).cloned().collect();
                    let finished = run(&Line { words, deep: *deep, single: true }, &folder, options)?;
                    ensure!(finished.status.success(), "{tool}: {}", finished.stderr);
                    samples.push(finished.sample);
                }
            }
            for (curve, samples) in curves[start..].iter_mut().zip(samples) {
                let middle = |value: fn(&crate::measure::Sample) -> f64| {
                    spread(samples.iter().map(value).collect()).median
                };
                curve.points.push((count, middle(|s| s.cpu), middle(|s| s.peak)));
            }
            std::fs::remove_dir_all(&folder)?;
        }
        println!("   {name}: ×1 to ×64");
    }
    Ok(curves)
}
