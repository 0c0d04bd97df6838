//! How time and memory grow with what a set has many of.

use anyhow::{Result, ensure};
use setlink_bench::objects::Axis;

use crate::Options;
use crate::measure::{Line, order, run};
use crate::results::Curve;
use crate::tools;
use crate::works::files;

const FACTORS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Measures every axis from ×1 to ×64.
pub fn measure(options: &Options) -> Result<Vec<Curve>> {
    let mut tools =
        vec![("Setlink", vec![options.binary("setlink"), "run".into(), "--no-exec".into()], false)];
    if let Some(jitlink) = tools::find("llvm-jitlink-19 llvm-jitlink") {
        tools.push(("JITLink", vec![jitlink, "-noexec".into()], true));
    }
    let mut curves = Vec::new();
    for (_, name, unit) in Axis::ALL {
        let counts = FACTORS.map(|factor| unit * factor);
        let mut inputs = Vec::new();
        for count in counts {
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
            inputs.push((files(&folder, ".o")?, folder));
        }
        let curve = |tool: &str| Curve {
            axis: name.into(),
            tool: tool.into(),
            counts: counts.to_vec(),
            rounds: Vec::new(),
        };
        let mut own: Vec<Curve> = tools.iter().map(|(tool, ..)| curve(tool)).collect();
        for round in 0..options.rounds {
            own.iter_mut().for_each(|curve| curve.rounds.push(Vec::new()));
            // From the smallest up, everyone at each size: neighbours are compared, and are measured close together.
            for (files, folder) in &inputs {
                for index in order(tools.len(), round) {
                    let (tool, words, deep) = &tools[index];
                    let words = words.iter().chain(files).cloned().collect();
                    let finished = run(&Line { words, deep: *deep, single: true }, folder, options)?;
                    ensure!(finished.status.success(), "{tool}: {}", finished.stderr);
                    own[index].rounds[round].push(finished.sample);
                }
            }
        }
        curves.append(&mut own);
        for (_, folder) in inputs {
            std::fs::remove_dir_all(folder)?;
        }
        println!("   {name}: ×1 to ×64");
    }
    Ok(curves)
}
