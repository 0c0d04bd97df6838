//! The version names behind the indices of the version table: those that the library defines (`DT_VERDEF`), and those
//! that it needs of others (`DT_VERNEED`). Both are lists linked by relative offsets, each entry with a list of its own.

#![forbid(unsafe_code)]

use std::sync::Arc;

use object::LittleEndian as Le;
use object::elf::{self, Verdaux, Verdef, Vernaux, Verneed};
use object::pod::{Pod, from_bytes};

use super::tables::Tables;
use super::{LONGEST_NAME, string};
use crate::error::{Place, Problem};

/// A version by its index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version<'d> {
    pub(super) name: &'d [u8],
    /// For a version needed: the library it is needed of.
    pub(super) library: Option<&'d [u8]>,
}

/// All versions; the index is that of the version table, so there are at most 32,768.
pub(super) fn read<'d>(name: &Arc<str>, tables: &Tables<'d>) -> Result<Vec<Option<Version<'d>>>, Problem> {
    let malformed = |what: &str| Problem::malformed(Place::file(name.clone()), what);
    let mut versions = Vec::new();
    if let Some((bytes, count)) = tables.verdef {
        definitions(tables, bytes, count, &mut versions)
            .ok_or_else(|| malformed("malformed version definitions"))?;
    }
    if let Some((bytes, count)) = tables.verneed {
        requirements(tables, bytes, count, &mut versions)
            .ok_or_else(|| malformed("malformed version requirements"))?;
    }
    Ok(versions)
}

fn definitions<'d>(
    tables: &Tables<'d>,
    bytes: &'d [u8],
    count: u64,
    versions: &mut Vec<Option<Version<'d>>>,
) -> Option<()> {
    let mut at = 0;
    let mut budget = steps(bytes);
    for _ in 0..count {
        budget = budget.checked_sub(1)?;
        let entry: &Verdef<Le> = read_at(bytes, at)?;
        // The base version names the library itself, and means no version.
        if !entry.vd_flags.get(Le).contains(elf::VER_FLG_BASE) {
            let first: &Verdaux<Le> = read_at(bytes, advance(at, entry.vd_aux.get(Le))?)?;
            let name = text(tables, first.vda_name.get(Le))?;
            insert(versions, entry.vd_ndx.get(Le).0, Version { name, library: None });
        }
        match entry.vd_next.get(Le) {
            0 => break,
            next => at = advance(at, next)?,
        }
    }
    Some(())
}

fn requirements<'d>(
    tables: &Tables<'d>,
    bytes: &'d [u8],
    count: u64,
    versions: &mut Vec<Option<Version<'d>>>,
) -> Option<()> {
    let mut at = 0;
    let mut budget = steps(bytes);
    for _ in 0..count {
        budget = budget.checked_sub(1)?;
        let entry: &Verneed<Le> = read_at(bytes, at)?;
        let library = Some(text(tables, entry.vn_file.get(Le))?);
        let mut aux_at = advance(at, entry.vn_aux.get(Le))?;
        for _ in 0..entry.vn_cnt.get(Le) {
            budget = budget.checked_sub(1)?;
            let aux: &Vernaux<Le> = read_at(bytes, aux_at)?;
            let name = text(tables, aux.vna_name.get(Le))?;
            insert(versions, aux.vna_other.get(Le).0 & elf::VERSYM_VERSION, Version { name, library });
            match aux.vna_next.get(Le) {
                0 => break,
                next => aux_at = advance(aux_at, next)?,
            }
        }
        match entry.vn_next.get(Le) {
            0 => break,
            next => at = advance(at, next)?,
        }
    }
    Some(())
}

/// More entries than fit side by side are a lie, and lists that run through each other take quadratic time.
fn steps(bytes: &[u8]) -> usize {
    bytes.len() / size_of::<Vernaux<Le>>() + 1
}

fn read_at<T: Pod>(bytes: &[u8], at: usize) -> Option<&T> {
    from_bytes(bytes.get(at..)?).ok().map(|(value, _)| value)
}

fn advance(at: usize, by: u32) -> Option<usize> {
    at.checked_add(usize::try_from(by).ok()?)
}

fn text<'d>(tables: &Tables<'d>, offset: u32) -> Option<&'d [u8]> {
    string(tables.strings, usize::try_from(offset).ok()?, LONGEST_NAME)
}

fn insert<'d>(versions: &mut Vec<Option<Version<'d>>>, index: u16, version: Version<'d>) {
    // 0 and 1 mean local and global; with the hidden bit it would be no index.
    if index <= elf::VER_NDX_GLOBAL.0 || index > elf::VERSYM_VERSION {
        return;
    }
    let index = usize::from(index);
    if versions.len() <= index {
        versions.resize(index + 1, None);
    }
    if let Some(slot) = versions.get_mut(index) {
        *slot = Some(version);
    }
}
