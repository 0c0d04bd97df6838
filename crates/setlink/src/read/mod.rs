//! The first phase: bytes become objects.
//!
//! Formats end here. What follows sees sections, symbols and relocations in one shape.

// A problem travels by value, once, on the way out of a failed link; boxing it would only make the readers noisier.
#![allow(clippy::result_large_err)]

pub(crate) mod archive;
pub(crate) mod script;
pub(crate) mod search;
pub(crate) mod shared;
