//! Names in string tables (gABI, chapter 4, "String Table").

#![forbid(unsafe_code)]

use crate::memory::find::find;
use crate::read::object::{Expected, ExpectedName};

/// Names may share a tail, or all of themselves. All sharing one very long name would make a small file slow to read, so
/// that the names of a table may be this much longer together than their string table, plus so much for each.
const NAME_SHARING: usize = 16;
const NAME_BYTES: usize = 256;

/// The name at `offset`.
pub(super) fn string(table: &[u8], offset: u32) -> Option<&[u8]> {
    let rest = table.get(offset as usize..)?;
    Some(&rest[..find(0, rest)?])
}

/// How many bytes of names may still be read.
pub(super) struct NameBudget(usize);

impl NameBudget {
    pub fn new(strings: &[u8], names: usize) -> Self {
        let own = names.saturating_mul(NAME_BYTES);
        NameBudget(strings.len().saturating_mul(NAME_SHARING).saturating_add(own))
    }

    /// The name at `offset`, or which rule it breaks.
    pub fn string<'d>(&mut self, table: &'d [u8], offset: u32) -> Result<&'d [u8], &'static str> {
        let rest = table.get(offset as usize..).ok_or("lies outside its string table")?;
        let rest = rest.get(..self.0.saturating_add(1)).unwrap_or(rest);
        let end = find(0, rest);
        let end = end.ok_or("has no end, or shares a very long one with many others")?;
        self.0 -= end;
        Ok(&rest[..end])
    }

    /// The name at `offset`, if it is the next one that is expected.
    #[inline]
    pub fn expected(
        &mut self,
        table: &[u8],
        offset: u32,
        expected: &mut Expected<'_>,
    ) -> Option<ExpectedName> {
        let next = expected.names.first()?;
        let left = self.0.checked_sub(next.length as usize)?;
        let met = expected.take(table.get(offset as usize..)?)?;
        self.0 = left;
        Some(met)
    }
}
