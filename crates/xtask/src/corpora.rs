//! TODO
pub fn corpora() -> anyhow::Result<()> { Ok(()) }
