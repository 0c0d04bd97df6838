//! Setlink: a runtime linker for sets of relocatable objects.

pub mod check;
mod error;
mod host;
mod isa;
pub mod memory;
mod parallel;
mod place;
mod publish;
mod read;
mod resolve;
mod session;
mod set;
mod write;

pub use error::{Error, Place, Problem, ProblemKind, Result};
pub use place::plan::{SegmentSummary, Summary};
pub use resolve::scope::{Definitions, Foreign, ForeignKind, Scope};
pub use session::Session;
pub use set::builder::{Phase, SetBuilder};
pub use set::{EntryPlace, NotRemoved, Plan, Set, Symbol, SymbolInfo, SymbolStatus, Timings};
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
