//! Setlink: a runtime linker for sets of relocatable objects.
mod error;
mod host;
pub use error::{Error, Place, Problem, ProblemKind, Result};
