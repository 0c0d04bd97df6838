//! The scope of a set's link: the user's definitions, the libraries it opens, the world.

use std::sync::Arc;

use object::elf;

use crate::error::Problem;
use crate::memory::file::Bytes;
use crate::publish::thread_exit;
use crate::read::input::{Input, LibraryInput};
use crate::read::shared::{Protection, SharedLibrary};
use crate::resolve::scope::{Definitions, Foreign, ForeignKind, Scope};
use crate::session::World;

/// Where a set looks up what it does not define, in this order.
pub(super) struct LinkScope<'b> {
    pub definitions: &'b Definitions,
    pub world: &'b World,
    /// Libraries of the set, by their files: all of them for knowing what they define, and those that are not opened
    /// (because the set is only planned) for standing in for themselves.
    pub libraries: Libraries<'b>,
    /// Whether the libraries have been opened, so that the world knows them.
    pub opened: bool,
    /// The set stays as long as the process.
    pub permanent: bool,
}

/// The shared libraries among a set's inputs, parsed, with their positions.
pub(super) struct Libraries<'b> {
    list: Vec<(u32, SharedLibrary<'b>)>,
}

impl<'b> Libraries<'b> {
    pub fn parse(inputs: &'b [Input], problems: &mut Vec<Problem>) -> Self {
        let mut list = Vec::new();
        for (position, input) in inputs.iter().enumerate() {
            if let Input::Library(LibraryInput { name, data, .. }) = input {
                match parse(name, data) {
                    Ok(library) => list.push((position as u32, library)),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        Libraries { list }
    }

    /// Whether a library before `position` defines the name.
    pub fn defines_before(&self, name: &[u8], position: u32) -> bool {
        let (base, version) = split_version(name);
        let mut earlier = self.list.iter().take_while(|(at, _)| *at < position);
        earlier.any(|(_, library)| library.lookup(base, version).is_some())
    }

    /// Names that the libraries need and none of them defines.
    fn needed(&self) -> impl Iterator<Item = &'b [u8]> {
        let references = self.list.iter().flat_map(|(_, library)| library.references()).flatten();
        references
            .filter(|reference| !reference.weak)
            .map(|reference| reference.name)
            .filter(|name| self.list.iter().all(|(_, library)| library.lookup(name, None).is_none()))
    }

    /// A definition in a library that is not loaded, at an address that it could have if it were: somewhere near the
    /// world's libraries, where all in a set's reach will be.
    fn stand_in(&self, name: &[u8], version: Option<&[u8]>, near: u64) -> Option<Foreign> {
        let (library, found) = self.list.iter().find_map(|(_, l)| Some((l, l.lookup(name, version)?)))?;
        let kind = match found.kind {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => ForeignKind::Function,
            elf::STT_OBJECT | elf::STT_COMMON => ForeignKind::Data,
            elf::STT_TLS => ForeignKind::ThreadLocal,
            _ => ForeignKind::Unknown,
        };
        let constant = !matches!(library.protection(found.value, found.size), Some(Protection::Writable));
        let address = if found.absolute { found.value } else { near.wrapping_add(found.value) };
        let align = 1 << found.value.trailing_zeros().min(6);
        Some(Foreign { address, size: found.size, align, kind, constant, in_executable: false })
    }
}

fn parse<'b>(name: &Arc<str>, data: &'b Bytes) -> Result<SharedLibrary<'b>, Problem> {
    let library = SharedLibrary::parse(name, data)?;
    if library.machine() != elf::EM_X86_64.0 {
        let place = crate::error::Place::file(name.clone());
        return Err(Problem::unsupported(place, "a shared library for another machine"));
    }
    Ok(library)
}

/// `name@version` and `name@@version` in their parts.
fn split_version(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    match name.iter().position(|&byte| byte == b'@') {
        Some(at) => {
            let version = &name[at + 1..];
            (&name[..at], Some(version.strip_prefix(b"@").unwrap_or(version)))
        }
        None => (name, None),
    }
}

impl LinkScope<'_> {
    /// Names that the set's libraries need and that neither they nor the world define: the set has to.
    pub fn needed_of_set(&self) -> Vec<Vec<u8>> {
        let unknown = |name: &&[u8]| self.world.find(name, None).is_none();
        let mut names: Vec<Vec<u8>> = self.libraries.needed().filter(unknown).map(<[u8]>::to_vec).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Scope for LinkScope<'_> {
    fn find(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        if let Some(given) = self.definitions.find(name, version) {
            return Some(given);
        }
        if !self.permanent && self.world.host().is_some() {
            if let Some(own) = thread_exit::substitute(name) {
                return Some(Foreign::function(own));
            }
        }
        self.world.find(name, version).or_else(|| {
            if self.opened {
                return None;
            }
            let near =
                self.world.host().and_then(|host| host.libraries_span()).map_or(1 << 46, |span| span.start);
            self.libraries.stand_in(name, version, near)
        })
    }
}
