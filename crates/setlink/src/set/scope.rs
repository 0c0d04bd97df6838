//! The scope of a set's link: the user's definitions, the libraries it opens, the world.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};

use hashbrown::HashSet;
use object::elf;

use crate::error::Problem;
use crate::host::{self, Versions};
use crate::memory::file::Bytes;
use crate::publish::{dladdr, headers, next, searched, startup, thread_exit, tls};
use crate::read::input::{Input, LibraryInput};
use crate::read::search::SearchPath;
use crate::read::shared::{Protection, Reference, SharedLibrary};
use crate::resolve::Surroundings;
use crate::resolve::names::ListedKind;
use crate::resolve::scope::{Definitions, Foreign, ForeignKind, Scope, alignment_of};
use crate::session::World;
use crate::set::Core;
use crate::set::builder::SetBuilder;
use crate::set::default_libraries::DefaultLibraries;
use crate::set::late;

/// Where a set looks up what it does not define, in this order.
pub(super) struct LinkScope<'b> {
    pub definitions: &'b Definitions,
    pub world: &'b World,
    /// Libraries of the set, by their files: all of them for knowing what they define, and those that take part and are not
    /// opened (because the set is only planned) for standing in for themselves.
    pub libraries: Libraries<'b>,
    /// Whether the libraries have been opened, so that the world knows them.
    pub opened: AtomicBool,
    /// Other sets, before the libraries and the world.
    pub sets: &'b [Arc<Core>],
    /// Whether their definitions stand in for the set's weak ones.
    pub prefer_existing: bool,
    default_libraries: Option<&'b DefaultLibraries<'b>>,
    /// The set stays as long as the process.
    pub permanent: bool,
    /// Libraries take what the set defines before what they define themselves.
    is_program: bool,
    /// Whether libraries are to come before what the process has.
    pub(super) libraries_first: bool,
    pub(super) search: &'b SearchPath,
    /// The numbers of those that come too late for that.
    late: Mutex<BTreeSet<usize>>,
    /// What the process's own libraries refer to has been looked at for that.
    has_looked: AtomicBool,
    /// What those need that take part in any case, and only the set can define: as it was before they were opened.
    needed: Vec<Vec<u8>>,
    /// Which of them something was found in.
    pub used: Mutex<BTreeSet<usize>>,
    /// What the set asks about itself and others: [`NAMES`], [`PLACES`].
    asks: AtomicU8,
}

/// What holds an address (`dladdr`).
const NAMES: u8 = 1;
/// What lies where (`dl_iterate_phdr`).
const PLACES: u8 = 2;

impl<'b> LinkScope<'b> {
    pub fn new(builder: &'b SetBuilder<'_>, libraries: Libraries<'b>) -> Self {
        let mut scope = LinkScope {
            definitions: &builder.recipe.definitions,
            world: &builder.session.inner.world,
            libraries,
            opened: AtomicBool::new(false),
            sets: &builder.recipe.scope,
            prefer_existing: builder.recipe.prefer_existing,
            default_libraries: builder.default_libraries.as_deref(),
            permanent: builder.recipe.permanent,
            // A set that is never run is taken for one.
            is_program: builder.recipe.interpose || !builder.recipe.initialise,
            libraries_first: builder.libraries_first,
            search: &builder.recipe.search,
            late: Mutex::default(),
            has_looked: AtomicBool::new(false),
            needed: Vec::new(),
            used: Mutex::default(),
            asks: AtomicU8::new(0),
        };
        scope.needed = scope.needed_of_set();
        scope
    }

    /// Whether the set asks anything about sets, and whether it asks for names.
    pub fn asks(&self) -> (bool, bool) {
        let asks = self.asks.load(Relaxed);
        (asks != 0, asks & NAMES != 0)
    }

    /// What tells about sets, too, in place of the function `name` of the C library, if that has it.
    fn teller(&self, name: &[u8]) -> Option<u64> {
        let names = dladdr::substitute(name).map(|address| (address, NAMES));
        let (address, asks) = names.or_else(|| Some((headers::substitute(name)?, PLACES)))?;
        self.world.find(name, None)?;
        self.asks.fetch_or(asks, Relaxed);
        Some(address)
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
    list: Vec<Listed<'b>>,
}

struct Listed<'b> {
    position: u32,
    input: &'b LibraryInput,
    library: SharedLibrary<'b>,
    /// A library before it has the same name for the loader, which would not know which one a third needs.
    is_duplicate: bool,
    as_needed: bool,
    /// Whether it takes part. Such as are there for who needs them do not, until somebody does.
    used: AtomicBool,
    /// Whether the process has it already, once somebody has asked.
    loaded: OnceLock<bool>,
}

impl<'b> Libraries<'b> {
    pub fn parse(inputs: &'b [Input], problems: &mut Vec<Problem>) -> Self {
        let mut list: Vec<Listed<'b>> = Vec::new();
        for (position, input) in inputs.iter().enumerate() {
            let Input::Library(input) = input else { continue };
            let LibraryInput { name, data, as_needed, .. } = input;
            let library = match parse(name, data) {
                Ok(library) => library,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let same =
                |other: &&Listed<'_>| !other.is_duplicate && other.library.soname() == library.soname();
            let first = list.iter().find(same).filter(|_| library.soname().is_some());
            let used = match first {
                Some(first) => {
                    first.used.fetch_or(!as_needed, Relaxed);
                    false
                }
                None => !as_needed,
            };
            let (is_duplicate, used) = (first.is_some(), AtomicBool::new(used));
            list.push(Listed {
                position: position as u32,
                input,
                library,
                is_duplicate,
                as_needed: *as_needed,
                used,
                loaded: OnceLock::new(),
            });
        }
        Libraries { list }
    }

    /// Those that take part.
    fn used(&self) -> impl Iterator<Item = &SharedLibrary<'b>> + Clone {
        self.list.iter().filter(|listed| listed.used.load(Relaxed)).map(|listed| &listed.library)
    }

    /// Whether the library with this number takes part.
    pub fn is_used(&self, number: usize) -> bool {
        self.list.get(number).is_some_and(|listed| listed.used.load(Relaxed))
    }

    /// The names by which the loader knows the library with this number and those that it needs.
    pub fn loads(&self, number: usize) -> (Option<&'b [u8]>, &[&'b [u8]]) {
        self.list.get(number).map_or((None, &[]), |listed| (listed.library.soname(), listed.library.needed()))
    }

    /// Where the loader looks first for what the library with this number needs.
    pub fn runpath(&self, number: usize) -> Option<&'b [u8]> {
        self.list.get(number).and_then(|listed| listed.library.runpath())
    }

    /// Whether the process has the library with this number already. One without a name is known by its file.
    fn is_loaded(&self, number: usize) -> bool {
        let Listed { input, library, loaded, .. } = &self.list[number];
        *loaded.get_or_init(|| match library.soname() {
            Some(name) => host::find_loaded(name, false).is_some(),
            None => host::find_loaded(late::path_of(input).as_os_str().as_bytes(), false).is_some(),
        })
    }

    /// Whether the process may not have it.
    pub fn may_be_new(&self, number: usize) -> bool {
        self.list[number].library.soname().is_none() || !self.is_loaded(number)
    }

    /// The first that defines the name.
    pub fn first_with(&self, name: &[u8], version: Option<&[u8]>) -> Option<usize> {
        self.list
            .iter()
            .position(|listed| !listed.is_duplicate && listed.library.lookup(name, version).is_some())
    }

    /// Whether some take part only if they are needed.
    fn may_be_left_out(&self) -> bool {
        self.list.iter().any(|listed| listed.as_needed)
    }

    /// Takes in the libraries that define one of `names`, or what those in use refer to and nobody else has, unless others
    /// do before them. As `--as-needed` of GNU ld does it, which lets weak references count for nothing.
    fn attach<'n>(&self, names: impl Iterator<Item = &'n [u8]>, elsewhere: impl Fn(&[u8]) -> bool) {
        if self.list.iter().all(|listed| listed.is_duplicate || listed.used.load(Relaxed)) {
            return;
        }
        let take = |defines: &dyn Fn(&SharedLibrary<'_>) -> bool| {
            if let Some(first) =
                self.list.iter().find(|listed| !listed.is_duplicate && defines(&listed.library))
            {
                first.used.store(true, Relaxed);
            }
        };
        for name in names {
            let (base, version) = split_version(name);
            take(&|library| library.lookup(base, version).is_some());
        }
        let mut looked_at = vec![false; self.list.len()];
        while let Some(next) = (0..looked_at.len()).find(|&at| self.is_used(at) && !looked_at[at]) {
            looked_at[next] = true;
            let needed = self.list[next].library.references().flatten().filter(|reference| !reference.weak);
            for reference in needed.filter(|reference| !elsewhere(reference.name)) {
                take(&|library| answers(library, &reference));
            }
        }
    }

    /// Whether a library before `position` defines the name.
    pub fn defines_before(&self, name: &[u8], position: u32) -> bool {
        let (base, version) = split_version(name);
        let mut earlier = self.list.iter().take_while(|listed| listed.position < position);
        earlier.any(|listed| !listed.is_duplicate && listed.library.lookup(base, version).is_some())
    }

    /// Names that the libraries define or need.
    fn names(&self) -> impl Iterator<Item = &'b [u8]> {
        self.used().flat_map(|library| library.names(true)).flatten()
    }

    /// Names that the libraries that take part need, and that none defines: one that would does take part, or will.
    fn needed(&self) -> Vec<&'b [u8]> {
        let all = || self.list.iter().filter(|listed| !listed.is_duplicate).map(|listed| &listed.library);
        let references = self.used().flat_map(|library| library.references()).flatten();
        let references: Vec<Reference<'b>> = references.filter(|reference| !reference.weak).collect();
        // A library without a good hash table makes each look at it a long one.
        let names: Option<HashSet<&[u8], foldhash::fast::FixedState>> = (references.len() > LOOKED_UP)
            .then(|| all().flat_map(|library| library.names(false)).flatten().collect());
        let mut names: Vec<&[u8]> = references
            .into_iter()
            .filter(|reference| match &names {
                Some(names) => !names.contains(reference.name),
                None => all().all(|library| !answers(library, reference)),
            })
            .map(|reference| reference.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What the library with this number refers to, other than weakly.
    pub fn needed_by(&self, number: usize) -> impl Iterator<Item = Reference<'b>> {
        let references = self.list.get(number).into_iter().flat_map(|listed| listed.library.references());
        references.flatten().filter(|reference| !reference.weak)
    }

    /// Whether the library with this number needs what one behind it defines.
    pub fn needs_later(&self, number: usize) -> bool {
        let (Some(listed), Some(later)) = (self.list.get(number), self.list.get(number + 1..)) else {
            return false;
        };
        let needed = listed.library.references().flatten().filter(|reference| !reference.weak);
        let later = later.iter().filter(|other| other.used.load(Relaxed));
        needed.take(LOOKED_UP).any(|needed| later.clone().any(|other| answers(&other.library, &needed)))
    }

    /// A definition in a library that is not loaded, at an address that it could have if it were: somewhere near the
    /// world's libraries, where all in a set's reach will be.
    fn stand_in(&self, name: &[u8], version: Option<&[u8]>, near: u64) -> Option<Foreign> {
        let (library, found) = self.used().find_map(|l| Some((l, l.lookup(name, version)?)))?;
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
        let align = alignment_of(found.value);
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

    /// Notes the library that a reference to `name` would lead to if it were not for the process.
    fn note_late(&self, name: &[u8]) {
        // The process has no C++, and one unwinder, which knows the sets.
        let Some(host) =
            self.world.host().filter(|_| !name.starts_with(b"_Z") && !name.starts_with(b"_Unwind_"))
        else {
            return;
        };
        let (base, version) = split_version(name);
        let first = self.libraries.first_with(base, version);
        let Some(number) = first.filter(|number| !self.libraries.is_loaded(*number)) else { return };
        let mut late = self.late.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !late.contains(&number) && host.lookup(base, version).is_some_and(|found| !found.in_executable) {
            late.insert(number);
        }
    }

    /// Notes those that have what the process's own libraries refer to: `malloc`, above all. Once, as these stay the same.
    fn note_late_for_process(&self, defined: &dyn Fn(&[u8]) -> bool) {
        if self.has_looked.swap(true, Relaxed) {
            return;
        }
        let is_new = |name: &[u8]| {
            let number = self.libraries.first_with(name, None);
            number.is_some_and(|number| !self.libraries.is_loaded(number))
        };
        let is_of_new = |name: &[u8]| is_new(name) && !defined(name) && !self.defines_before_libraries(name);
        let names = self.world.host().map(|host| host.referenced(Versions::Default, is_of_new));
        names.iter().flatten().for_each(|name| self.note_late(name));
        self.note_late_for_each_other(defined);
    }

    /// Notes those of a program that have what the process has, too, whoever refers to that: they themselves, each other, or what
    /// is opened later. Once, as all of it stays the same.
    fn note_late_for_each_other(&self, defined: &dyn Fn(&[u8]) -> bool) {
        let Some(host) = self.world.host().filter(|_| self.is_program) else { return };
        let new = (0..).zip(&self.libraries.list).filter(|(_, listed)| !listed.is_duplicate);
        for (number, listed) in new.filter(|(number, _)| !self.libraries.is_loaded(*number)) {
            // Not the names of versions, which are symbols of their own.
            let has = |name: &[u8]| listed.library.lookup(name, None).is_some_and(|found| !found.absolute);
            let mut common = host.known(|hash| listed.library.may_define(hash), has);
            common.retain(|name| self.libraries.first_with(name, None) == Some(number));
            common.retain(|name| !defined(name) && !self.defines_before_libraries(name) && !is_led(name));
            common.iter().for_each(|name| self.note_late(name));
        }
    }

    /// Lets libraries come late that need what the set defines: when a process starts, it is not there.
    fn drop_late(&self, defined: &dyn Fn(&[u8]) -> bool) {
        let mut late = self.late.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !late.is_empty() && self.missing().iter().any(|name| defined(name)) {
            late.clear();
        }
    }

    /// The numbers of the libraries that have what the set refers to, but come behind the process's.
    pub fn late(&self) -> Vec<usize> {
        let late = self.late.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        late.iter().copied().filter(|number| self.libraries.is_used(*number)).collect()
    }

    /// Names that the set's libraries need and that neither they nor the world define.
    pub fn missing(&self) -> Vec<Vec<u8>> {
        let unknown = |name: &&[u8]| self.world.find(name, None).is_none();
        self.libraries.needed().into_iter().filter(unknown).map(<[u8]>::to_vec).collect()
    }
}

/// What programs call in place of the loader's function `name`.
fn of_loader(name: &[u8]) -> Option<u64> {
    next::substitute(name).or_else(|| searched::substitute(name))
}

/// Whether others are led to functions of Setlink's in place of this one, which call the process's.
fn is_led(name: &[u8]) -> bool {
    let of_sets = dladdr::substitute(name).or_else(|| headers::substitute_for_library(name));
    of_sets.or_else(|| of_loader(name)).is_some()
}

impl Surroundings for LinkScope<'_> {
    fn library_defines(&self, name: &[u8], position: u32) -> bool {
        self.libraries.defines_before(name, position)
    }

    fn needed(&self) -> &[Vec<u8>] {
        &self.needed
    }

    fn attach(
        &self,
        names: &mut dyn Iterator<Item = &[u8]>,
        defined: &dyn Fn(&[u8]) -> bool,
    ) -> Vec<Vec<u8>> {
        // What is open by now is all there will be.
        if self.opened.load(Relaxed) || !(self.libraries_first || self.libraries.may_be_left_out()) {
            return Vec::new();
        }
        let names: Vec<&[u8]> = names.filter(|name| !self.defines_before_libraries(name)).collect();
        if self.libraries_first {
            names.iter().for_each(|name| self.note_late(name));
            self.note_late_for_process(defined);
        }
        let mut needed = Vec::new();
        if self.libraries.may_be_left_out() {
            let elsewhere = |name: &[u8]| defined(name) || self.world.find(name, None).is_some();
            self.libraries.attach(names.into_iter(), elsewhere);
            needed = self.needed_of_set();
        }
        self.drop_late(defined);
        needed
    }

    fn referenced(&self, wanted: &dyn Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        if !self.is_program {
            return Vec::new();
        }
        let mut names =
            self.world.host().map_or_else(Vec::new, |host| host.referenced(Versions::Default, wanted));
        names.extend(self.libraries.names().filter(|name| wanted(name)).map(<[u8]>::to_vec));
        names
    }

    fn replaces_weak(&self, name: &[u8]) -> bool {
        self.prefer_existing && self.sets.iter().any(|set| set.names.get(name).is_some())
    }

    fn library_variable(&self, name: &[u8]) -> Option<(Foreign, bool)> {
        if !self.is_program || self.defines_before_libraries(name) {
            return None;
        }
        let found = self.find_elsewhere(name, None).filter(|found| found.kind == ForeignKind::Data)?;
        let listed = self.libraries.first_with(name, None).map(|number| &self.libraries.list[number].library);
        if let Some(definition) = listed.and_then(|library| library.lookup(name, None)) {
            return Some((found, definition.binding == elf::STB_WEAK));
        }
        // Nobody names the C library. What others need is not the program's, whose variables come before it.
        let (library, is_weak) = self.world.host()?.definer(name)?;
        let file = library.rsplit('/').next().unwrap_or_default();
        file.starts_with("libc.so").then_some((found, is_weak))
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
        self.defines_before_libraries(name) || self.find_elsewhere(name, None).is_some()
    }
}

impl LinkScope<'_> {
    /// Whether the user or another set defines the name.
    fn defines_before_libraries(&self, name: &[u8]) -> bool {
        // Who only asks does not come to depend on the set that answers.
        let has = |set: &Arc<Core>| set.thread_locals.contains_key(name) || set.find(name).is_some();
        self.definitions.find(name, None).is_some() || self.sets.iter().any(has)
    }

    /// What neither the user nor other sets define.
    fn find_elsewhere(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        let in_process = self.world.host().is_some();
        let at_exit = || thread_exit::substitute(name).filter(|_| in_process).map(Foreign::function);
        let own = if self.permanent { None } else { at_exit() };
        let own = own.or_else(|| {
            let substitute = || tls::substitute(name).or_else(|| of_loader(name));
            let substitute = || substitute().or_else(|| self.teller(name));
            if in_process { substitute().map(Foreign::function) } else { None }
        });
        let of_program = || self.world.host().filter(|_| self.is_program && version.is_none());
        let own = own.or_else(|| startup::find(name, of_program()?));
        // Not every C library has what thread-local objects need.
        own.or_else(|| self.world.find(name, version)).or_else(at_exit).or_else(|| {
            if self.opened.load(Relaxed) {
                return None;
            }
            let near =
                self.world.host().and_then(|host| host.libraries_span()).map_or(1 << 46, |span| span.start);
            self.libraries.stand_in(name, version, near)
        })
    }
}
