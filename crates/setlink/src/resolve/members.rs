//! Members of archives: found by their offset, and read. Any thread may do it: looking at a member is the first touch of its
//! pages.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use hashbrown::HashSet;

use super::index::Index;
use crate::error::{Place, Problem};
use crate::memory::arena::Arena;
use crate::memory::file::{Bytes, Pool};
use crate::read::archive::{Archive, Content, HEADER, Member, MemberKind, external_path};
use crate::read::elf;
use crate::read::input::foreign;
use crate::read::object::{Expected, Object};

/// An archive among the inputs, or an object that takes part by need as if it were alone in one.
pub(super) struct Source<'d> {
    pub name: &'d Arc<str>,
    pub path: PathBuf,
    /// Position in the order of the inputs.
    pub position: u32,
    pub contents: Contents<'d>,
    /// Its index, once the set knows the names in there.
    pub index: OnceLock<Index<'d>>,
}

pub(super) enum Contents<'d> {
    Archive(Archive<'d>),
    /// At offset 0.
    Object(&'d [u8]),
}

/// The members of an archive that were chosen, by the offsets of their headers.
pub(super) struct Taken {
    /// For each stretch as long as a header, of which members begin in one each: where in it one does, from 1 on. Not of
    /// large archives, in which a page of this has one or two members.
    stretches: Vec<u8>,
    /// Others; in small archives only a malformed index tells of such.
    others: HashSet<u64, foldhash::fast::FixedState>,
}

/// Of so many stretches an archive is large: 4 MB. All of LLVM's had 4.7 million, in 1,150 pages.
const LARGE: usize = 1 << 16;

impl Taken {
    pub fn none(contents: &Contents<'_>) -> Taken {
        let length = match contents {
            Contents::Archive(archive) => archive.length(),
            Contents::Object(_) => 0,
        };
        let stretches = length / HEADER + 1;
        let stretches = if stretches > LARGE { 0 } else { stretches };
        Taken { stretches: vec![0; stretches], others: HashSet::default() }
    }

    fn stretch(&mut self, offset: u64) -> Option<(&mut u8, u8)> {
        let header = HEADER as u64;
        let stretch = self.stretches.get_mut(usize::try_from(offset / header).ok()?)?;
        Some((stretch, (offset % header) as u8 + 1))
    }

    pub fn contains(&mut self, offset: u64) -> bool {
        self.stretch(offset).is_some_and(|(stretch, start)| *stretch == start)
            || self.others.contains(&offset)
    }

    /// Whether it was not among them yet.
    pub fn insert(&mut self, offset: u64) -> bool {
        if self.contains(offset) {
            return false;
        }
        match self.stretch(offset) {
            Some((stretch @ 0, start)) => *stretch = start,
            _ => {
                self.others.insert(offset);
            }
        }
        true
    }

    pub fn remove(&mut self, offset: u64) {
        match self.stretch(offset) {
            Some((stretch, start)) if *stretch == start => *stretch = 0,
            _ => {
                self.others.remove(&offset);
            }
        }
    }
}

impl<'d> Source<'d> {
    /// The object whose member's header is at `offset`; None for a member that is no object (a Rust library's metadata,
    /// say).
    ///
    /// # Errors
    /// Every problem of the member.
    pub fn read(&self, offset: u64, arena: &'d Arena) -> Result<Option<&'d Object<'d>>, Vec<Problem>> {
        let archive = match &self.contents {
            Contents::Archive(archive) => archive,
            Contents::Object(data) => {
                return elf::parse(self.name, None, self.position, data, Expected::default(), arena)
                    .map(Some);
            }
        };
        let found =
            archive.member_at(offset).and_then(|member| Ok((member.name, self.bytes(&member, arena)?)));
        match found.map_err(|problem| vec![problem])? {
            (label, Some(data)) => {
                let expected = self.index.get().map(|index| index.expected(offset)).unwrap_or_default();
                elf::parse(self.name, Some(label), self.position, data, expected, arena).map(Some)
            }
            (_, None) => Ok(None),
        }
    }

    /// The bytes of a member that is an object.
    fn bytes(&self, member: &Member<'d>, arena: &'d Arena) -> Result<Option<&'d [u8]>, Problem> {
        let place = || Place::file(self.name.clone()).in_member(member.label());
        match member.kind() {
            MemberKind::Elf | MemberKind::External => {}
            MemberKind::Other => {
                let Content::Bytes(bytes) = member.content else { return Ok(None) };
                let Some(format) = foreign(bytes) else { return Ok(None) };
                return Err(Problem::unsupported(place(), format!("a file in the format {format}"))
                    .with_remedy("this version links ELF objects"));
            }
            MemberKind::RustMetadata => return Ok(None),
            MemberKind::Archive => return Err(Problem::unsupported(place(), "an archive inside an archive")),
            MemberKind::Bitcode => {
                return Err(Problem::unsupported(place(), "LLVM bitcode")
                    .with_remedy("compile it without link-time optimisation (-fno-lto)"));
            }
        }
        match &member.content {
            Content::Bytes(data) => Ok(Some(data)),
            Content::External { path, offset } => {
                let path = external_path(&self.path, path);
                let name: Arc<str> = path.to_string_lossy().into();
                let loaded = Bytes::load(&path, &name, &mut Pool::default());
                let loaded = arena.keep(loaded.map_err(|problem| Problem { place: place(), ..problem })?);
                // A thin archive may name a member of another archive by its header's offset.
                let Some(offset) = offset else { return Ok(Some(loaded)) };
                match Archive::parse(&name, loaded)?.member_at(*offset)?.content {
                    Content::Bytes(data) => Ok(Some(data)),
                    Content::External { .. } => {
                        let what = "a thin archive's member inside another thin archive";
                        Err(Problem::malformed(place(), what))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_apart_wherever_they_begin() {
        let mut taken = Taken { stretches: vec![0; 10], others: HashSet::default() };
        // The last ones lie outside.
        let offsets = [8, 68, 100, 102, 119, 120, 540, 599, 600, u64::MAX];
        for (index, &offset) in offsets.iter().enumerate() {
            assert!(!taken.contains(offset));
            assert!(taken.insert(offset) && !taken.insert(offset));
            assert!(offsets.iter().enumerate().all(|(other, &at)| taken.contains(at) == (other <= index)));
        }
        for (index, &offset) in offsets.iter().enumerate() {
            taken.remove(offset);
            assert!(offsets.iter().enumerate().all(|(other, &at)| taken.contains(at) == (other > index)));
        }
        assert!(taken.insert(102) && taken.insert(100) && !taken.insert(102) && !taken.insert(100));
    }
}
