//! Where the C sources of the real programs are: in crates that cargo fetches for `tests/programs/Cargo.toml`.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::process::{capture, cargo, root};

/// The unpacked source folders of the crates that carry C programs.
pub struct Sources {
    metadata: serde_json::Value,
}

impl Sources {
    /// Downloads what is not there yet (cargo's own cache holds it) and finds it.
    pub fn fetch() -> Result<Sources> {
        let manifest = root().join("tests/programs/Cargo.toml");
        let mut fetch = cargo();
        fetch.args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(manifest);
        let output = capture(&mut fetch).context("the programs' sources could not be fetched")?;
        Ok(Sources { metadata: serde_json::from_slice(&output.stdout)? })
    }

    /// The folder of the crate `name`, and its version.
    pub fn of(&self, name: &str) -> Result<(PathBuf, String)> {
        let packages = self.metadata["packages"].as_array().context("cargo metadata lists no packages")?;
        let package = packages.iter().find(|p| p["name"] == name);
        let package = package.with_context(|| format!("tests/programs does not depend on {name}"))?;
        let manifest = package["manifest_path"].as_str().context("a package without manifest_path")?;
        let folder = PathBuf::from(manifest).parent().context("a manifest without folder")?.to_owned();
        ensure!(folder.is_dir(), "{} is not there", folder.display());
        Ok((folder, package["version"].as_str().unwrap_or("?").to_owned()))
    }
}
