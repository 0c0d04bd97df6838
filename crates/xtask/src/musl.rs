//! The library's tests of thread-local storage with musl as the C library: as a dynamic executable, with musl's loader,
//! and as a static one, without any.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::packages::on_path;
use crate::process::{cargo, stdout, target};

const TARGET: &str = "x86_64-unknown-linux-musl";

/// Why the tests cannot be built here, if so.
fn missing() -> Option<&'static str> {
    let library = stdout(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    if !library.is_ok_and(|folder| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some())) {
        return Some(
            "rustc has no target x86_64-unknown-linux-musl (rustup target add x86_64-unknown-linux-musl)",
        );
    }
    on_path("musl-gcc").is_none().then_some("musl-gcc is not installed (Debian package musl-tools)")
}

/// The test commands, each with its name; or why there are none.
pub fn commands() -> Result<Vec<(&'static str, Command)>, String> {
    if let Some(reason) = missing() {
        return Err(reason.into());
    }
    let folder = target().join("musl");
    let prepare = || -> Result<String> {
        fs::create_dir_all(&folder)?;
        // A dynamic executable wants libgcc_s, which a glibc system has for glibc only: rustc's own unwinder takes its
        // place.
        let library = stdout(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
        fs::write(folder.join("libgcc_s.so"), format!("INPUT({library}/self-contained/libunwind.a)\n"))?;
        Ok(format!(
            "-C target-feature=-crt-static -C linker=musl-gcc -C link-self-contained=no -L native={}",
            folder.display()
        ))
    };
    let dynamic = prepare().map_err(|error| format!("{error:#}"))?;
    let command = |flags: &str, folder: &str| {
        let mut command = cargo();
        command.args(["test", "-p", "setlink", "--test", "thread_local", "--target", TARGET]);
        command.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS", flags);
        command.env("CARGO_TARGET_DIR", target().join("musl").join(folder));
        command
    };
    Ok(vec![("dynamic", command(&dynamic, "dynamic")), ("static", command("", "static"))])
}
