//! Phase 1, read: bytes → objects. Formats end here: what follows sees sections, symbols and relocations in one shape.

pub(crate) mod archive;
pub(crate) mod binary;
pub(crate) mod elf;
pub(crate) mod frames;
pub(crate) mod input;
pub(crate) mod just_symbols;
pub(crate) mod object;
pub(crate) mod pattern;
pub(crate) mod script;
pub(crate) mod search;
pub(crate) mod section_name;
pub(crate) mod shared;
pub(crate) mod version_script;
