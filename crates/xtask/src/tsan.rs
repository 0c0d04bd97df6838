//! The library's tests that use threads, under ThreadSanitizer. The stable compiler has it, though not as a stable option.
//!
//! The standard library is not built with it, so what is synchronised in there is not seen: Setlink tells it of its own
//! locks (`host/fork.rs`), and `tsan.txt` names what else is reported for that reason alone.

use std::fs;
use std::process::Command;

use crate::process::{cargo, root, stdout, target};

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Tests that count the process's mappings or limit them: the sanitizer has its own.
const NOT_WITH: [&str; 3] =
    ["a_hundred_thousand_sets_live", "limits_are_kept", "removal_in_any_order_leaves_nothing"];

/// The test command, or why there is none. What it builds has a folder of its own.
pub fn command() -> Result<Command, String> {
    let library = stdout(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    let files = library.ok().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    if !files.into_iter().any(|file| file.file_name().to_string_lossy().ends_with("tsan.a")) {
        return Err(format!("rustc has no ThreadSanitizer for {TARGET}"));
    }
    let mut command = cargo();
    command.args(["test", "-p", "setlink", "--target", TARGET]);
    command.args(["--test", "sets", "--test", "removal", "--test", "slabs", "--no-fail-fast", "--"]);
    command.args(NOT_WITH.iter().flat_map(|name| ["--skip", name]));
    command.env("RUSTC_BOOTSTRAP", "1");
    let flags = "--cfg thread_sanitizer -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";
    command.env("RUSTFLAGS", flags);
    let suppressions = root().join("crates/xtask/tsan.txt");
    command.env("TSAN_OPTIONS", format!("suppressions={} history_size=4", suppressions.display()));
    command.env("CARGO_TARGET_DIR", target().join("tsan"));
    Ok(command)
}
