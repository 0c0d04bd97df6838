//! Setlink: a runtime linker for sets of relocatable objects.
mod error;
pub use error::{Error, Place, Problem, ProblemKind, Result};
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
