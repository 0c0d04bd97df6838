//! Rust programs of many crates, in `target/programs/rust`: each as the script that `tools/setlink-linker` leaves, and as
//! the executable (`NAME.native`) that the system's linker makes of the same objects and rlibs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{capture, cargo, root};
use crate::programs::folder;

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// A program of the registry, and its version.
const RIPGREP: (&str, &str, &str) = ("ripgrep", "15.2.0", "rg");

/// What stands for `setlink` in a script so that it links with the system's linker instead.
const NATIVE_LINKER: &str = r#"#!/bin/sh
# run INPUT… --
shift
for word do
    shift
    if [ "$word" = -- ]; then break; fi
    set -- "$@" "$word"
done
exec "${CC:-cc}" "$@" -o "$NATIVE"
"#;

/// Builds what is not there yet.
pub fn programs() -> Result<()> {
    let folder = folder().join("rust");
    fs::create_dir_all(&folder)?;
    let linker = folder.join("native-linker");
    fs::write(&linker, NATIVE_LINKER)?;
    fs::set_permissions(&linker, fs::Permissions::from_mode(0o755))?;
    let (package, version, name) = RIPGREP;
    if !folder.join("rg.native").exists() {
        let mut install = with_linker(&folder);
        install.args([
            "install",
            package,
            "--version",
            version,
            "--locked",
            "--debug",
            "--force",
            "--no-track",
        ]);
        capture(install.arg("--root").arg(&folder))?;
        keep(&folder.join("bin").join(name), &folder, name)?;
    }
    let manifest = root().join("tests/programs/rust/Cargo.toml");
    let mut build = with_linker(&folder);
    capture(build.args(["build", "--locked", "--manifest-path"]).arg(manifest))?;
    keep(&folder.join("target").join(TARGET).join("debug/crates"), &folder, "crates")
}

/// A cargo that links with tools/setlink-linker.
fn with_linker(folder: &Path) -> Command {
    let mut command = cargo();
    command.env("CARGO_TARGET_DIR", folder.join("target")).env("CARGO_BUILD_TARGET", TARGET);
    command.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", root().join("tools/setlink-linker"));
    command.env_remove("SETLINK");
    command
}

/// Copies a script to `folder/name`, and makes the executable beside it, if the script is a new one.
fn keep(script: &Path, folder: &Path, name: &str) -> Result<()> {
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    let made = changed(script).with_context(|| script.display().to_string())?;
    let (own, native) = (folder.join(name), folder.join(format!("{name}.native")));
    if changed(&native).is_ok_and(|native| native > made) {
        return Ok(());
    }
    fs::copy(script, &own)?;
    capture(Command::new(&own).env("SETLINK", folder.join("native-linker")).env("NATIVE", &native))?;
    println!("Rust program {name}");
    Ok(())
}
