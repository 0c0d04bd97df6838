//! The test in which each allocation of a link fails once in turn. It needs an allocator's hook that is not stable, which the
//! stable compiler has all the same; nothing else of the project is built so.

use std::process::Command;

use crate::process::{cargo, target};

/// The test command. What it builds has a folder of its own, so that nothing else is built anew.
pub fn command() -> Command {
    let mut command = cargo();
    command.args(["test", "-p", "setlink", "--test", "allocations", "--", "--nocapture"]);
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "--cfg allocation_faults");
    command.env("CARGO_TARGET_DIR", target().join("allocations"));
    command
}
