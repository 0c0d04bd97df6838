//! TODO
pub fn test(_: u64, _: bool, _: Option<&str>) -> anyhow::Result<()> { Ok(()) }
