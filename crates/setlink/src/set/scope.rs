//! The scope of a set's link: the user's definitions, the libraries it opens, the world.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use hashbrown::HashSet;
use object::elf;

use crate::error::Problem;
use crate::memory::file::Bytes;
use crate::publish::{thread_exit, tls};
use crate::read::input::{Input, LibraryInput};
use crate::read::shared::{Protection, Reference, SharedLibrary};
use crate::resolve::Surroundings;
use crate::resolve::names::ListedKind;
use crate::resolve::scope::{Definitions, Foreign, ForeignKind, Scope};
use crate::session::World;
use crate::set::Core;
use crate::set::builder::{DefaultLibraries, SetBuilder};

/// Where a set looks up what it does not define, in this order.
pub(super) struct LinkScope<'b> {
    pub definitions: &'b Definitions,
    pub world: &'b World,
    /// Libraries of the set, by their files: all of them for knowing what they define, and those that are not opened
    /// (because the set is only planned) for standing in for themselves.
    pub libraries: Libraries<'b>,
    /// Whether the libraries have been opened, so that the world knows them.
    pub opened: bool,
    /// Other sets, before the libraries and the world.
    pub sets: &'b [Arc<Core>],
    /// Whether their definitions stand in for the set's weak ones.
    pub prefer_existing: bool,
    default_libraries: Option<&'b DefaultLibraries<'b>>,
    /// The set stays as long as the process.
    pub permanent: bool,
    /// Libraries take what the set defines before what they define themselves.
    is_program: bool,
    /// What they need and only the set can define: as it was before they were opened.
    needed: Vec<Vec<u8>>,
    /// Which of them something was found in.
    pub used: Mutex<BTreeSet<usize>>,
}

impl<'b> LinkScope<'b> {
    pub fn new(builder: &'b SetBuilder<'_>, libraries: Libraries<'b>) -> Self {
        let mut scope = LinkScope {
            definitions: &builder.definitions,
            world: &builder.session.inner.world,
            libraries,
            opened: false,
            sets: &builder.scope,
            prefer_existing: builder.prefer_existing,
            default_libraries: builder.default_libraries.as_deref(),
            permanent: builder.permanent,
            // A set that is never run is taken for one.
            is_program: builder.interpose || !builder.initialise,
            needed: Vec::new(),
            used: Mutex::default(),
        };
        scope.needed = scope.needed_of_set();
        scope
    }

    fn find_in_sets(&self, name: &[u8]) -> Option<Foreign> {
        let has = |set: &Core| set.thread_locals.contains_key(name);
        if let Some(index) = self.sets.iter().position(|set| has(set) || set.find(name).is_some())
            && has(&self.sets[index])
        {
            self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(index);
            return Some(Foreign { kind: ForeignKind::ThreadLocal, ..Foreign::data(0, 0) });
        }
        let (index, found) = self.sets.iter().enumerate().find_map(|(i, set)| Some((i, set.find(name)?)))?;
        self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(index);
        let kind = match found.kind {
            ListedKind::Function | ListedKind::Resolver => ForeignKind::Function,
            ListedKind::Data => ForeignKind::Data,
            ListedKind::Unknown => ForeignKind::Unknown,
        };
        Some(Foreign { kind, ..Foreign::data(found.address, found.size) })
    }
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

    /// Names that the libraries define or need.
    fn names(&self) -> impl Iterator<Item = &'b [u8]> {
        self.list.iter().flat_map(|(_, library)| library.names(true)).flatten()
    }

    /// Names that the libraries need and none of them defines.
    fn needed(&self) -> Vec<&'b [u8]> {
        let references = self.list.iter().flat_map(|(_, library)| library.references()).flatten();
        let references: Vec<Reference<'b>> = references.filter(|reference| !reference.weak).collect();
        // A library without a good hash table makes each look at it a long one.
        let all: Option<HashSet<&[u8], foldhash::fast::FixedState>> = (references.len() > LOOKED_UP)
            .then(|| self.list.iter().flat_map(|(_, library)| library.names(false)).flatten().collect());
        let mut names: Vec<&[u8]> = references
            .into_iter()
            .filter(|reference| match &all {
                Some(all) => !all.contains(reference.name),
                None => self.list.iter().all(|(_, library)| !answers(library, reference)),
            })
            .map(|reference| reference.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the library with this number needs what one behind it defines.
    pub fn needs_later(&self, number: usize) -> bool {
        let (Some((_, library)), Some(later)) = (self.list.get(number), self.list.get(number + 1..)) else {
            return false;
        };
        let needed = library.references().flatten().filter(|reference| !reference.weak);
        needed.take(LOOKED_UP).any(|needed| later.iter().any(|(_, other)| answers(other, &needed)))
    }

    /// A definition in a library that is not loaded, at an address that it could have if it were: somewhere near the
    /// world's libraries, where all in a set's reach will be.
    fn stand_in(&self, name: &[u8], version: Option<&[u8]>, near: u64) -> Option<Foreign> {
        let (library, found) = self.list.iter().find_map(|(_, l)| Some((l, l.lookup(name, version)?)))?;
        let kind = match found.kind {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => ForeignKind::Function,
            elf::STT_OBJECT | elf::STT_COMMON => ForeignKind::Data,
            elf::STT_TLS => ForeignKind::ThreadLocal,
            _ if found.absolute => ForeignKind::Unknown,
            _ => match library.is_executable(found.value) {
                Some(true) => ForeignKind::Function,
                Some(false) => ForeignKind::Data,
                None => ForeignKind::Unknown,
            },
        };
        let constant = !matches!(library.protection(found.value, found.size), Some(Protection::Writable));
        let address = if found.absolute { found.value } else { near.wrapping_add(found.value) };
        let align = 1 << found.value.trailing_zeros().min(6);
        Some(Foreign { address, size: found.size, align, kind, constant, in_executable: false })
    }
}

/// So many names are looked up in libraries one by one.
const LOOKED_UP: usize = 4096;

/// Whether a library defines what another refers to.
fn answers(library: &SharedLibrary<'_>, reference: &Reference<'_>) -> bool {
    let with_version = reference.version.and_then(|version| library.lookup(reference.name, Some(version)));
    with_version.is_some() || library.lookup(reference.name, None).is_some()
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
    /// Names that the set's libraries need and that neither they nor the world define, where the set may.
    pub fn needed_of_set(&self) -> Vec<Vec<u8>> {
        if self.is_program { self.missing() } else { Vec::new() }
    }

    /// Names that the set's libraries need and that neither they nor the world define.
    pub fn missing(&self) -> Vec<Vec<u8>> {
        let unknown = |name: &&[u8]| self.world.find(name, None).is_none();
        self.libraries.needed().into_iter().filter(unknown).map(<[u8]>::to_vec).collect()
    }
}

impl Surroundings for LinkScope<'_> {
    fn library_defines(&self, name: &[u8], position: u32) -> bool {
        self.libraries.defines_before(name, position)
    }

    fn needed(&self) -> &[Vec<u8>] {
        &self.needed
    }

    fn referenced(&self, wanted: &dyn Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        if !self.is_program {
            return Vec::new();
        }
        let mut names = self.world.host().map_or_else(Vec::new, |host| host.referenced(true, wanted));
        names.extend(self.libraries.names().filter(|name| wanted(name)).map(<[u8]>::to_vec));
        names
    }

    fn replaces_weak(&self, name: &[u8]) -> bool {
        self.prefer_existing && self.sets.iter().any(|set| set.names.get(name).is_some())
    }

    fn has_last_resort(&self) -> bool {
        self.default_libraries.is_some()
    }

    fn last_resort(&self) -> &[Input] {
        self.default_libraries.map_or(&[], DefaultLibraries::inputs)
    }
}

impl Scope for LinkScope<'_> {
    fn find(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        let own = self.definitions.find(name, version).or_else(|| self.find_in_sets(name));
        own.or_else(|| self.find_elsewhere(name, version))
    }

    fn defines(&self, name: &[u8]) -> bool {
        // Who only asks does not come to depend on the set that answers.
        let has = |set: &Arc<Core>| set.thread_locals.contains_key(name) || set.find(name).is_some();
        self.definitions.find(name, None).is_some()
            || self.sets.iter().any(has)
            || self.find_elsewhere(name, None).is_some()
    }
}

impl LinkScope<'_> {
    /// What neither the user nor other sets define.
    fn find_elsewhere(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        let in_process = self.world.host().is_some();
        let at_exit = || thread_exit::substitute(name).filter(|_| in_process).map(Foreign::function);
        let own = if self.permanent { None } else { at_exit() };
        let own = own.or_else(|| {
            let substitute = if in_process { tls::substitute(name) } else { None };
            substitute.map(Foreign::function)
        });
        // Not every C library has what thread-local objects need.
        own.or_else(|| self.world.find(name, version)).or_else(at_exit).or_else(|| {
            if self.opened {
                return None;
            }
            let near =
                self.world.host().and_then(|host| host.libraries_span()).map_or(1 << 46, |span| span.start);
            self.libraries.stand_in(name, version, near)
        })
    }
}
