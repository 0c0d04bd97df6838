//! The symbols of a finished ELF file, for `--just-symbols`: gABI chapter 4, "Symbol Table".

#![forbid(unsafe_code)]

use std::sync::Arc;

use object::elf;

use crate::error::{Place, Problem};
use crate::resolve::scope::{Foreign, ForeignKind};

const HEADER: u64 = 64;
const SYMBOL: u64 = 24;

struct Reader<'d> {
    data: &'d [u8],
    name: &'d Arc<str>,
}

impl<'d> Reader<'d> {
    fn malformed(&self, at: u64, what: &str) -> Problem {
        Problem::malformed(Place::file(self.name.clone()).at(at), what)
    }

    fn bytes(&self, at: u64, size: u64) -> Result<&'d [u8], Problem> {
        let start = usize::try_from(at).ok();
        let end = at.checked_add(size).and_then(|end| usize::try_from(end).ok());
        let bytes = start.zip(end).and_then(|(start, end)| self.data.get(start..end));
        bytes.ok_or_else(|| self.malformed(at, "a table that reaches beyond the end of the file"))
    }

    fn number(&self, at: u64, size: u64) -> Result<u64, Problem> {
        Ok(self.bytes(at, size)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}

/// The global symbols that the file defines, with their values as addresses.
pub(crate) fn read(name: &Arc<str>, data: &[u8]) -> Result<Vec<(Vec<u8>, Foreign)>, Problem> {
    let reader = Reader { data, name };
    let machine = elf::EM_X86_64.0.to_le_bytes();
    if !super::elf::is_elf(data) || data.get(4..6) != Some(&[2, 1]) || data.get(18..20) != Some(&machine) {
        let what = "--just-symbols of a file that is no 64-bit ELF file for x86-64";
        return Err(Problem::unsupported(Place::file(name.clone()), what));
    }
    let sections = reader.number(40, 8)?;
    let count = match reader.number(60, 2)? {
        // The number does not fit the header.
        0 if sections != 0 => reader.number(sections.saturating_add(32), 8)?,
        count => count,
    };
    let header = |index: u64| index.checked_mul(HEADER).and_then(|at| at.checked_add(sections));
    let header = |index: u64| {
        let at = header(index).ok_or_else(|| reader.malformed(sections, "too many sections"))?;
        reader.bytes(at, HEADER).map(|_| at)
    };
    let mut found = Vec::new();
    for index in 0..count {
        let at = header(index)?;
        if reader.number(at + 4, 4)? != u64::from(elf::SHT_SYMTAB.0) {
            continue;
        }
        let (table, size) = (reader.number(at + 24, 8)?, reader.number(at + 32, 8)?);
        let strings = header(reader.number(at + 40, 4)?)?;
        let strings = reader.bytes(reader.number(strings + 24, 8)?, reader.number(strings + 32, 8)?)?;
        reader.bytes(table, size)?;
        let first_global = reader.number(at + 44, 4)?;
        for symbol in first_global..size / SYMBOL {
            let at = table + symbol * SYMBOL;
            let (info, visibility) = (reader.number(at + 4, 1)?, reader.number(at + 5, 1)? & 3);
            let is_undefined = reader.number(at + 6, 2)? == u64::from(elf::SHN_UNDEF.0);
            // STV_INTERNAL and STV_HIDDEN: names of that file alone.
            if is_undefined || matches!(visibility, 1 | 2) {
                continue;
            }
            let kind = match info & 15 {
                2 => ForeignKind::Function,
                0 | 1 => ForeignKind::Data,
                // A thread-local variable's value is no address, an ifunc's that of its resolver.
                _ => continue,
            };
            let name = usize::try_from(reader.number(at, 4)?).ok().and_then(|start| strings.get(start..));
            let name = name.ok_or_else(|| reader.malformed(at, "a name beyond the string table"))?;
            let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
            if !name.is_empty() {
                // Without a size: it must not be copied.
                let definition = Foreign { kind, ..Foreign::data(reader.number(at + 8, 8)?, 0) };
                found.push((name.to_vec(), definition));
            }
        }
    }
    Ok(found)
}
