//! Counting tests over all runners.

use anyhow::{Result, bail};

/// What one or more runners reported.
#[derive(Default)]
pub struct Summary {
    /// Tests that passed.
    pub passed: usize,
    /// Names of tests that failed.
    pub failed: Vec<String>,
    /// Tests that were not run, each with its reason.
    pub skipped: Vec<String>,
}

impl Summary {
    /// Adds one line of libtest's output (`cargo test`, and what imitates it).
    pub fn line(&mut self, line: &str) {
        let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        else {
            return;
        };
        match outcome.split([',', ' ', '<']).next().unwrap_or("") {
            "ok" => self.passed += 1,
            "FAILED" => self.failed.push(name.trim_end().to_owned()),
            "ignored" => {
                let reason = outcome.strip_prefix("ignored").unwrap_or("").trim_start_matches([',', ' ']);
                let reason = if reason.is_empty() { "ignored" } else { reason };
                self.skipped.push(format!("{}: {reason}", name.trim_end()));
            }
            _ => {}
        }
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: Summary) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.skipped.extend(other.skipped);
    }

    /// An error if anything failed.
    pub fn into_result(self) -> Result<()> {
        match self.failed.len() {
            0 => Ok(()),
            _ => bail!("failed: {}", self.failed.join(", ")),
        }
    }

    /// Prints what was skipped and what failed, and the line that closes a test run.
    pub fn print(&self) {
        for (title, names) in [("Skipped", &self.skipped), ("Failed", &self.failed)] {
            if !names.is_empty() {
                println!("\n{title}:");
                names.iter().for_each(|name| println!("  {name}"));
            }
        }
        println!("\n{} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped.len());
    }
}

#[cfg(test)]
mod tests {
    use super::Summary;

    #[test]
    fn counts_lines_of_libtest() {
        let mut summary = Summary::default();
        for line in [
            "running 4 tests",
            "test a::b ... ok",
            "test slow ... ok <1.2s>",
            "test c - with ... dots ... FAILED",
            "test d ... ignored",
            "test e    ... ignored, no compiler",
            "test result: FAILED. 2 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out",
        ] {
            summary.line(line);
        }
        assert_eq!(summary.passed, 2);
        assert_eq!(summary.failed, ["c - with ... dots"]);
        assert_eq!(summary.skipped, ["d: ignored", "e: no compiler"]);
    }
}
