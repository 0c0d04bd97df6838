//! Members of archives: found by their offset, and read. Any thread may do it: looking at a member is the first touch of its
//! pages.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Place, Problem};
use crate::memory::arena::Arena;
use crate::memory::file::{Bytes, Pool};
use crate::read::archive::{Archive, Content, Member, MemberKind, external_path};
use crate::read::elf;
use crate::read::input::foreign;
use crate::read::object::Object;

/// An archive among the inputs.
pub(super) struct Source<'d> {
    pub name: Arc<str>,
    pub path: PathBuf,
    /// Position in the order of the inputs.
    pub position: u32,
    pub archive: Archive<'d>,
}

/// Members of an archive, by their numbers there: a bit for each.
pub(super) struct Taken(Vec<u64>);

impl Taken {
    pub fn none(archive: &Archive<'_>) -> Taken {
        Taken(vec![0; archive.numbers().div_ceil(64)])
    }

    pub fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }

    /// Whether it was not among them yet.
    pub fn insert(&mut self, number: usize) -> bool {
        let Some(bits) = self.0.get_mut(number / 64) else { return false };
        let before = *bits;
        *bits |= 1 << (number % 64);
        *bits != before
    }

    pub fn remove(&mut self, number: usize) {
        if let Some(bits) = self.0.get_mut(number / 64) {
            *bits &= !(1 << (number % 64));
        }
    }
}

impl<'d> Source<'d> {
    /// The object whose member's header is at `offset`; None for a member that is no object (a Rust library's metadata,
    /// say).
    ///
    /// # Errors
    /// Every problem of the member.
    pub fn read(&self, offset: u64, arena: &'d Arena) -> Result<Option<Object<'d>>, Vec<Problem>> {
        let found =
            self.archive.member_at(offset).and_then(|member| Ok((member.name, self.bytes(&member, arena)?)));
        match found.map_err(|problem| vec![problem])? {
            (label, Some(data)) => elf::parse(&self.name, Some(label), self.position, data, arena).map(Some),
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
