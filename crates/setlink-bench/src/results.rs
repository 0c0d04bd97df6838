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
    pub jit: Option<BTreeMap<String, Vec<f64>>>,
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
    /// Setlink's phases: name and seconds of wall time, medians.
    pub phases: Vec<(String, f64)>,
    pub absent: Vec<String>,
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

/// Time and memory against the size of one thing.
#[derive(Serialize, Deserialize)]
pub struct Curve {
    pub axis: String,
    pub tool: String,
    /// Count, seconds of CPU, KiB of peak memory; medians.
    pub points: Vec<(usize, f64, f64)>,
}

impl Results {
    pub fn load(path: &Path) -> Results {
        let text = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub fn save(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }
}

/// The middle, and half the distance between the quartiles.
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
