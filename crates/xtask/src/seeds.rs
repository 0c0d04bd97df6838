//! TODO
pub fn seeds() -> anyhow::Result<()> {
    Ok(())
}
