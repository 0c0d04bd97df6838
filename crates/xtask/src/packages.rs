//! What the tests need from the machine, and where it comes from.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process::{capture, run};

/// Something that tests need, and the Debian package that has it.
struct Need {
    /// A program on the PATH, or the path of a file.
    what: &'static str,
    package: &'static str,
    /// What is skipped without it.
    purpose: &'static str,
}

const NEEDS: &[Need] = &[
    Need { what: "cc", package: "gcc", purpose: "every test that compiles" },
    Need { what: "g++", package: "g++", purpose: "C++ programs and the fuzzers" },
    Need { what: "clang-19", package: "clang-19", purpose: "variants made by clang" },
    Need { what: "ld.lld-19", package: "lld-19", purpose: "comparisons with lld" },
    Need { what: "llvm-mc-19", package: "llvm-19", purpose: "cases written in assembly" },
    Need { what: "mold", package: "mold", purpose: "comparisons with mold" },
    Need { what: "valgrind", package: "valgrind", purpose: "the test of how planning grows" },
    Need { what: "gdb", package: "gdb", purpose: "the tests of programs in a debugger" },
    Need { what: "perf", package: "linux-perf", purpose: "the tests of programs under a profiler" },
    Need { what: "ar", package: "binutils", purpose: "static libraries" },
    Need { what: "libcrypto.a", package: "libssl-dev", purpose: "the libcrypto tests" },
    Need { what: "libz.a", package: "zlib1g-dev", purpose: "the zlib test" },
    Need { what: "libpng16.a", package: "libpng-dev", purpose: "the libpng test" },
    Need { what: "libxml2.a", package: "libxml2-dev", purpose: "the libxml2 test" },
    Need { what: "musl-gcc", package: "musl-tools", purpose: "the tests in a process with musl" },
];

/// Where a program is, if it is on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// A library file that the C compiler would find.
pub fn library(name: &str) -> Option<PathBuf> {
    let output = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    (path.is_absolute() && path.exists()).then(|| path.canonicalize().unwrap_or(path))
}

fn missing() -> Vec<&'static Need> {
    let there = |need: &&Need| match need.what.ends_with(".a") {
        true => library(need.what).is_some(),
        false => on_path(need.what).is_some(),
    };
    NEEDS.iter().filter(|need| !there(need)).collect()
}

/// Debian or a relative of it, and we may install.
fn can_install() -> bool {
    let root = capture(Command::new("id").arg("-u")).is_ok_and(|o| o.stdout.trim_ascii() == b"0");
    root && Path::new("/etc/debian_version").exists() && on_path("apt-get").is_some()
}

/// Installs what is missing where that is possible, and names what stays missing. Never fails: tests that lack
/// something say so and are skipped.
pub fn provide(install: bool) -> Result<()> {
    let lacking = missing();
    if lacking.is_empty() {
        return Ok(());
    }
    if install && can_install() {
        let mut packages: Vec<_> = lacking.iter().map(|need| need.package).collect();
        packages.dedup();
        println!("Installing what the tests need: {}", packages.join(" "));
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
            run(&mut command)
        };
        let options = ["install", "--yes", "--quiet", "--no-install-recommends"];
        if let Err(error) = apt(&["update", "--quiet"]) {
            println!("{error:#}; going on with the lists that are there");
        }
        if apt(&[&options[..], &packages].concat()).is_err() {
            // One unknown package fails the whole command: take them one by one.
            for package in packages {
                if let Err(error) = apt(&[&options[..], &[package]].concat()) {
                    println!("{error:#}");
                }
            }
        }
    }
    for need in missing() {
        println!("Missing: {} (Debian package {}), so without {}.", need.what, need.package, need.purpose);
    }
    Ok(())
}
