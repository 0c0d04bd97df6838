//! Setlink: a runtime linker for sets of relocatable objects.

mod error;
mod isa;
pub mod memory;
mod place;
mod read;
mod resolve;
mod write;
pub use error::{Error, Place, Problem, ProblemKind, Result};
