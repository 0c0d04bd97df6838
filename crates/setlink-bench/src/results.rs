//! What was measured, kept between runs so that a run of a part leaves the rest as it was.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::measure::Sample;

#[derive(Default, Serialize, Deserialize)]
pub struct Results {
    pub machine: Vec<String>,
    pub works: BTreeMap<String, Measured>,
    /// Per row a block of repetitions for each round.
    pub jit: Option<BTreeMap<String, Vec<Block>>>,
    /// What, figure, unit.
    #[serde(default)]
    pub sets: Vec<(String, f64, String)>,
    pub growth: Vec<Curve>,
    pub instructions: Vec<(String, u64)>,
}

/// A work, done by each contender in turn.
#[derive(Serialize, Deserialize)]
pub struct Measured {
    pub what: String,
    pub rows: Vec<Row>,
    /// What the set consists of, as Setlink counts it.
    pub counts: String,
    /// Of contenders that tell their parts: the name of each, and seconds of wall time, medians.
    pub phases: BTreeMap<String, Vec<(String, f64)>>,
    /// What a linker's memory is compared with, where that is known.
    pub needs: Option<Needs>,
    pub absent: Vec<String>,
}

/// What has to be in memory, whoever links. In bytes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Needs {
    /// Sections that are loaded, without those that are zero.
    pub image: f64,
    pub zeroes: f64,
    /// Of the inputs: headers, names, symbols, and of loaded sections contents and relocations.
    pub inputs: f64,
    /// The same in pages.
    pub touched: f64,
    /// The peak of a process that does nothing.
    #[serde(default)]
    pub process: f64,
}

/// A contender's runs. A slow one may have fewer.
#[derive(Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    pub version: String,
    pub does: String,
    pub checked: String,
    pub samples: Vec<Option<Sample>>,
}

/// Repetitions in one process, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Block {
    pub median: f64,
    pub least: f64,
}

/// Time and memory against the size of one thing.
#[derive(Serialize, Deserialize)]
pub struct Curve {
    pub axis: String,
    pub tool: String,
    pub counts: Vec<usize>,
    /// For each round a run of each count.
    pub rounds: Vec<Vec<Sample>>,
}

impl Results {
    pub fn load(path: &Path) -> Results {
        let Ok(text) = std::fs::read(path) else { return Results::default() };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            println!("   earlier results are of another kind, and dropped: {error}");
            Results::default()
        })
    }

    pub fn save(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }
}

impl Curve {
    /// Count, seconds of processor time, KiB of peak memory; medians.
    pub fn points(&self) -> Vec<(usize, f64, f64)> {
        let middle = |at: usize, value: fn(&Sample) -> f64| {
            spread(self.rounds.iter().map(|samples| value(&samples[at])).collect()).median
        };
        let counts = self.counts.iter().enumerate();
        counts.map(|(at, &count)| (count, middle(at, |s| s.cpu), middle(at, |s| s.peak))).collect()
    }

    /// What each doubling multiplies a figure by: medians of the ratios within a round.
    pub fn doublings(&self, value: fn(&Sample) -> f64) -> Vec<f64> {
        let ratio = |at: usize| {
            self.rounds.iter().map(|samples| value(&samples[at + 1]) / value(&samples[at])).collect()
        };
        (0..self.counts.len().saturating_sub(1)).map(|at| spread(ratio(at)).median).collect()
    }
}

/// The exponent of the power law that fits the last four of the points best: 1 is linear. (The first ones show what a
/// process costs.)
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let last = &points[points.len().saturating_sub(4)..];
    let points: Vec<(f64, f64)> = last.iter().map(|p| (p.0.ln(), p.1.ln())).collect();
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / count, y + p.1 / count));
    let (above, below) = points
        .iter()
        .fold((0.0, 0.0), |(above, below), p| (above + (p.0 - x) * (p.1 - y), below + (p.0 - x) * (p.0 - x)));
    above / below
}

/// The middle, and where the middle half begins and ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// Median and quartiles.
pub fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * values.len().saturating_sub(1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        match (values.get(below), values.get(above)) {
            (Some(a), Some(b)) => a + (b - a) * place.fract(),
            _ => 0.0,
        }
    };
    Spread { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/// The median of the ratios of two lists, round by round.
pub fn ratio(above: &[Block], below: &[Block]) -> f64 {
    spread(above.iter().zip(below).map(|(above, below)| above.median / below.median).collect()).median
}

impl Needs {
    /// All of it, with the inputs' bytes, or with the pages in which these lie.
    pub fn total(&self, pages: bool) -> f64 {
        self.image + self.process + if pages { self.touched } else { self.inputs }
    }
}

impl Row {
    pub fn spread(&self, value: impl Fn(&Sample) -> f64) -> Spread {
        spread(self.samples.iter().flatten().map(value).collect())
    }

    /// The median of the ratios to `other`, round by round.
    pub fn ratio(&self, other: &Row, value: impl Fn(&Sample) -> f64) -> f64 {
        let both = self.samples.iter().zip(&other.samples);
        let ratios = both.filter_map(|(own, other)| Some(value(own.as_ref()?) / value(other.as_ref()?)));
        spread(ratios.collect()).median
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_those_of_power_laws() {
        let points = |power: f64| [1.0, 2.0, 4.0, 8.0, 16.0].map(|x: f64| (x, 3.0 * x.powf(power)));
        assert!((exponent(&points(1.0)) - 1.0).abs() < 1e-9);
        assert!((exponent(&points(2.0)) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // A machine that is ten times slower in the second round.
        let block = |median| Block { median, least: median };
        let (above, below) = ([2.0, 20.0, 2.0].map(block), [1.0, 10.0, 1.0].map(block));
        assert!((ratio(&above, &below) - 2.0).abs() < 1e-9);
    }
}
