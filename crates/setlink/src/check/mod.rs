//! Checking relocated code on any host, in the language of LLVM's RuntimeDyld and JITLink tests.
//!
//! A set that is linked on paper keeps a [`Snapshot`]; rules such as
//!
//! ```text
//! # jitlink-check: decode_operand(load, 4) = got_addr(main.o, data) - next_pc(load)
//! # jitlink-check: *{8}(got_addr(main.o, data)) = data
//! ```
//!
//! are evaluated against it by a [`Checker`]. Nothing of the set runs, so the host may be of any kind.
//!
//! # Examples
//! ```no_run
//! use setlink::check::{Checker, Outcome, Paper, rules};
//!
//! let session = Paper::new().base(0x10_0000).session();
//! let set = session.set("test").add_file("main.o")?.snapshot(true).link()?;
//! let snapshot = set.snapshot().expect("it was asked for");
//! for rule in rules("# jitlink-check: *{4}answer = 42", "jitlink-check").expect("no typing errors") {
//!     assert_eq!(Checker::new(snapshot).check(&rule), Outcome::Holds);
//! }
//! # Ok::<(), setlink::Error>(())
//! ```

#![forbid(unsafe_code)]

mod evaluate;
mod graph;
mod language;
pub mod operands;
mod paper;
mod snapshot;
#[cfg(test)]
mod tests;

pub use evaluate::{Checker, Outcome, Side};
pub use language::{Rule, SyntaxError, rules};
pub use paper::Paper;
pub use snapshot::{Applied, Snapshot};
