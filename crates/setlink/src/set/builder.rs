//! Building a set: its inputs and how they are to be linked.

mod inputs;
pub(super) mod kept;
mod recipe;

use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;

use recipe::Recipe;

use super::default_libraries::DefaultLibraries;
use crate::arguments::ArgumentList;
use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::memory::file::Pool;
use crate::place::reach::Reach;
use crate::read::input::{ArchiveMode, Input};
use crate::read::pattern::Pattern;
use crate::resolve::Assigned;
use crate::resolve::scope::Foreign;
use crate::session::Session;
use crate::set::{Plan, Set, link};

/// What an observer is told: the phase that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Libraries are opened, archives and objects parsed.
    Resolve,
    /// Relocations are scanned.
    Scan,
    /// Addresses are planned.
    Place,
    /// Memory is reserved and filled.
    Write,
    /// The set is made executable and known to the process.
    Publish,
    /// Initialisers run.
    Initialise,
}

/// Is told what is undefined and allowed to be, and whether a library refers to it.
pub(super) type UndefinedObserver<'s> = Box<dyn FnMut(&Problem, bool) + 's>;

/// A set being put together. See [`Session::set`].
pub struct SetBuilder<'s> {
    pub(super) session: &'s Session,
    pub(super) recipe: Recipe,
    /// Apart: a builder is moved with each wish.
    pub(super) default_libraries: Option<Box<DefaultLibraries<'s>>>,
    pub(super) archive_mode: ArchiveMode,
    pub(super) dependent_libraries: bool,
    /// Those that were looked for.
    pub(super) named_libraries: Vec<String>,
    lazy: bool,
    as_needed: bool,
    pub(super) static_only: bool,
    /// Names that the linked set is to know.
    pub(super) told: Vec<Vec<u8>>,
    entry: Option<String>,
    pub(super) allow_undefined_in_libraries: bool,
    pub(super) undefined_observer: Option<UndefinedObserver<'s>>,
    pub(super) libraries_first: bool,
    pub(super) position_dependent: bool,
    pub(super) export_dynamic_data: bool,
    pub(super) map: bool,
    pub(super) snapshot: bool,
    pub(super) debugger: bool,
    pub(super) perf_map: bool,
    pub(super) jitdump: Option<Box<Path>>,
    pub(super) listed: bool,
    pub(super) export: bool,
    pub(super) arguments: Option<Arc<ArgumentList>>,
    pub(super) observer: Option<Box<dyn FnMut(Phase) + 's>>,
    pub(super) before_initialisers: Option<Box<dyn FnOnce() + 's>>,
    pub(super) read_seconds: f64,
    pub(super) pool: Pool,
    pub(super) problems: Vec<Problem>,
    /// Linker scripts read.
    scripts: usize,
}

impl<'s> SetBuilder<'s> {
    pub(crate) fn new(session: &'s Session, name: Arc<str>) -> Self {
        SetBuilder {
            session,
            recipe: Recipe::new(name),
            default_libraries: None,
            archive_mode: ArchiveMode::Needed,
            dependent_libraries: true,
            named_libraries: Vec::new(),
            lazy: false,
            as_needed: false,
            static_only: false,
            told: Vec::new(),
            entry: None,
            allow_undefined_in_libraries: false,
            undefined_observer: None,
            libraries_first: false,
            position_dependent: false,
            export_dynamic_data: false,
            map: false,
            snapshot: false,
            debugger: false,
            perf_map: false,
            jitdump: None,
            listed: false,
            export: true,
            arguments: None,
            observer: None,
            before_initialisers: None,
            read_seconds: 0.0,
            pool: Pool::default(),
            problems: Vec::new(),
            scripts: 0,
        }
    }

    /// Offers a definition outside the set, before the libraries' and the host's.
    pub fn define(mut self, name: impl Into<Vec<u8>>, definition: Foreign) -> Self {
        self.recipe.definitions.define(name, definition);
        self
    }

    /// Looks undefined symbols up in these sets, in order, before the libraries and the host. The new set depends on
    /// those that it finds something in.
    pub fn scope<'a>(mut self, sets: impl IntoIterator<Item = &'a Set>) -> Self {
        self.recipe.scope.extend(sets.into_iter().map(|set| set.core.clone()));
        self
    }

    /// Uses GOT entries and stubs of `set` where they are in reach, instead of own ones, and so comes to depend on it.
    pub fn share_with(mut self, set: &Set) -> Self {
        self.recipe.share.push(set.core.clone());
        self
    }

    /// Whether weak definitions (inline functions, templates) give way to those of the sets in scope. Off by default:
    /// a set keeps its own copies and stays independent.
    pub fn prefer_existing(mut self, prefer: bool) -> Self {
        self.recipe.prefer_existing = prefer;
        self
    }

    /// Gives the symbol `name` the address `address`, whatever the objects define.
    pub fn absolute(mut self, name: impl Into<Vec<u8>>, address: u64) -> Self {
        self.recipe.assigned.push((name.into(), Assigned::Address(address)));
        self
    }

    /// Gives the symbol `name` the address of `target` plus `offset`, whatever the objects define.
    pub fn alias(mut self, name: impl Into<Vec<u8>>, target: impl Into<Vec<u8>>, offset: i64) -> Self {
        self.recipe.assigned.push((name.into(), Assigned::Symbol(target.into(), offset)));
        self
    }

    /// Undefined references to `name` become references to `__wrap_name`, and those to `__real_name` to `name`.
    pub fn wrap(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.recipe.wrap.push(name.into());
        self
    }

    /// Counts `name` as referenced, so that an archive member that defines it takes part.
    pub fn undefined(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.recipe.undefined.push(name.into());
        self
    }

    /// Lets the linked set know its definition of `name` by name, if it has one, whatever that is exported. `name` does not
    /// count as referenced.
    pub fn tell(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.told.push(name.into());
        self
    }

    /// Counts all names that `pattern` matches and an input defines as referenced, so that archive members that define them
    /// take part. Wildcards are those of fnmatch(3).
    pub fn undefined_matching(mut self, pattern: impl AsRef<[u8]>) -> Self {
        self.recipe.undefined_patterns.push(Pattern::new(pattern.as_ref(), false));
        self
    }

    /// Like [`SetBuilder::undefined`]; and it is an error if nobody defines `name`.
    pub fn require(mut self, name: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        self.recipe.undefined.push(name.clone());
        self.recipe.required.push(name);
        self
    }

    /// The function `name` of the set runs before its other initialisers (`DT_INIT`), in place of `_init`. One that the set
    /// does not define is not run.
    pub fn first_initialiser(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.recipe.first_and_last[0] = Some(name.into());
        self
    }

    /// The function `name` of the set runs behind its other finalisers (`DT_FINI`), in place of `_fini`. One that the set
    /// does not define is not run.
    pub fn last_finaliser(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.recipe.first_and_last[1] = Some(name.into());
        self
    }

    /// The symbol that the last linker script with `ENTRY` among the inputs names: where a program starts.
    pub fn entry(&self) -> Option<&str> {
        self.entry.as_deref()
    }

    /// Hides the definitions of an archive (`--exclude-libs`): as hidden ones, they replace nobody's, and neither libraries nor
    /// other sets find them. `archive` is its file's name, with `.a` or without; `ALL` means all archives.
    pub fn exclude_library(mut self, archive: impl Into<String>) -> Self {
        self.recipe.excluded.push(archive.into());
        self
    }

    /// Whether libraries that objects name themselves (Clang's `#pragma comment(lib, …)`) are added behind all other inputs,
    /// where they are found. On by default.
    pub fn dependent_libraries(mut self, add: bool) -> Self {
        self.dependent_libraries = add;
        self
    }

    /// Leaves out sections that neither these names nor initialisers reach, nor, in a set that
    /// [interposes](SetBuilder::interpose), names that shared libraries refer to.
    pub fn collect<N: Into<Vec<u8>>>(mut self, roots: impl IntoIterator<Item = N>) -> Self {
        let roots: Vec<Vec<u8>> = roots.into_iter().map(Into::into).collect();
        self.recipe.collect.get_or_insert_default().extend(roots);
        self
    }

    /// Whether [`SetBuilder::collect`] leaves out sections that nothing reaches but `__start_X` and `__stop_X`, where X is
    /// their name. Off by default.
    pub fn start_stop_gc(mut self, collect: bool) -> Self {
        self.recipe.start_stop_gc = collect;
        self
    }

    /// Whether references through the GOT may become direct ones. On by default.
    pub fn relax(mut self, relax: bool) -> Self {
        self.recipe.relax = relax;
        self
    }

    /// How far references are taken to reach, where that is less than they do: see [`Reach`]. For tests.
    pub fn reach(mut self, reach: Reach) -> Self {
        self.recipe.reach = reach;
        self
    }

    /// Whether the first of several strong definitions counts, instead of being an error.
    pub fn allow_multiple_definition(mut self, allow: bool) -> Self {
        self.recipe.allow_multiple_definition = allow;
        self
    }

    /// Whether symbols that are defined nowhere have the address 0, as those have that are only referred to weakly, instead of
    /// being errors.
    pub fn allow_undefined(mut self, allow: bool) -> Self {
        self.recipe.allow_undefined = allow;
        self
    }

    /// Whether functions that the set's shared libraries call may be defined nowhere, as long as nobody calls them: a call ends
    /// the process, with the loader's message. Then libraries with such functions are bound lazily (`RTLD_LAZY`), unless they
    /// were linked with `-z now`; variables have to be there in any case. Off by default: what a library of the set refers to
    /// and nobody defines is an error.
    pub fn allow_undefined_in_libraries(mut self, allow: bool) -> Self {
        self.allow_undefined_in_libraries = allow;
        self
    }

    /// Allows `name` to be defined nowhere, as [`SetBuilder::allow_undefined`] and
    /// [`SetBuilder::allow_undefined_in_libraries`] do all names.
    pub fn allow_undefined_symbol(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.recipe.may_be_undefined.push(name.into());
        self
    }

    /// Calls `tell` for each symbol that is defined nowhere and that [`SetBuilder::allow_undefined`] or
    /// [`SetBuilder::allow_undefined_in_libraries`] let pass, before anything of the set runs: with the first object that
    /// refers to it, or the library, and whether it is a library.
    pub fn observe_undefined(mut self, tell: impl FnMut(&Problem, bool) + 's) -> Self {
        self.undefined_observer = Some(Box::new(tell));
        self
    }

    /// Whether the set's symbols take precedence over those of loaded libraries, in these libraries too, as those of an
    /// executable do: a set with its own `operator new` replaces it for all. Off by default.
    pub fn interpose(mut self, interpose: bool) -> Self {
        self.recipe.interpose = interpose;
        self.recipe.wish.static_tls = interpose;
        self
    }

    /// Whether a set is refused that refers to what one of its shared libraries and the process both have; one that also has
    /// [`SetBuilder::interpose`], whoever refers to it. A program's libraries come before the C library, and replace its
    /// `malloc` for all; those of a set come behind what the process has.
    /// [`ProblemKind::NotFirst`](crate::ProblemKind::NotFirst) names such libraries: in a process that is started with them in
    /// `LD_PRELOAD` they are first. Off by default: what the process has counts.
    pub fn libraries_first(mut self, first: bool) -> Self {
        self.libraries_first = first;
        self
    }

    /// Links objects that say that they put code on the stack (GCC's nested functions whose address is taken). Stacks are
    /// not executable: such code must not run. Off by default: these objects are refused.
    pub fn ignore_stack_notes(mut self, ignore: bool) -> Self {
        self.recipe.ignore_stack_notes = ignore;
        self
    }

    /// Whether libraries that are opened later find all of the set's exported symbols (`-rdynamic`). Then
    /// [`SetBuilder::collect`] leaves none of these out, and the process's loader learns of them if the set
    /// [interposes](SetBuilder::interpose). Without it, they find those that libraries that are there before the set refer to
    /// or define themselves, as long as the set's own code asks the loader for libraries or symbols, and those that are named
    /// one by one, as a linked program's. Off by default.
    pub fn export_dynamic(mut self, export: bool) -> Self {
        self.recipe.export_dynamic = export;
        self
    }

    /// Whether libraries that are opened later find the set's exported variables (`--dynamic-list-data`). Off by default.
    pub fn export_dynamic_data(mut self, export: bool) -> Self {
        self.export_dynamic_data = export;
        self
    }

    /// Lets libraries that are opened later find the exported symbols that `pattern` matches; [`SetBuilder::collect`] leaves
    /// none of them out. Wildcards are those of fnmatch(3).
    pub fn export_dynamic_symbol(mut self, pattern: impl AsRef<[u8]>) -> Self {
        self.recipe.dynamic_list.add_pattern(Pattern::new(pattern.as_ref(), false));
        self
    }

    /// [`SetBuilder::export_dynamic_symbol`] with a pattern for names as C++ has them, `operator new*` say.
    pub fn export_dynamic_cxx_symbol(mut self, pattern: impl AsRef<[u8]>) -> Self {
        self.recipe.dynamic_list.add_pattern(Pattern::new(pattern.as_ref(), true));
        self
    }

    /// Whether the set stays as long as the process, as an executable does: its thread-local variables may then lie in
    /// static storage, where they are reached fastest, and of which the C library has little. Off by default.
    pub fn permanent(mut self, permanent: bool) -> Self {
        self.recipe.permanent = permanent;
        self
    }

    /// Whether the set is to lie in the low 2 GiB of the address space, as a program does that is linked with `-no-pie`, even
    /// if none of its relocations demands that. A set that has no room there lies elsewhere. Off by default.
    pub fn low(mut self, low: bool) -> Self {
        self.recipe.wish.low = low;
        self
    }

    /// Where the set had best lie: at `address` if that is free and its relocations allow it, or as near as can be. By
    /// default near to what it refers to.
    pub fn near(mut self, address: u64) -> Self {
        self.recipe.wish.near = Some(address);
        self
    }

    /// Whether the set stands for a program that is not position-independent (`-no-pie`). What constructors of its libraries
    /// register for it (`atexit`, destructors of an inline function's static variables) then runs behind the ends of all
    /// libraries: the startup code of such programs leaves it to `exit`. Others' runs with the set's finalisers. Off by default.
    pub fn position_dependent(mut self, position_dependent: bool) -> Self {
        self.position_dependent = position_dependent;
        self
    }

    /// Whether to keep a link map.
    pub fn map(mut self, map: bool) -> Self {
        self.map = map;
        self
    }

    /// Whether to keep a snapshot of the linked set, for checks; see [`check`](crate::check).
    pub fn snapshot(mut self, snapshot: bool) -> Self {
        self.snapshot = snapshot;
        self
    }

    /// Whether debuggers are to see the set: its functions and variables by name, its lines, and its call frames. GDB and
    /// LLDB read that by GDB's "JIT Compilation Interface" (`__jit_debug_descriptor`); LLDB after `settings set
    /// plugin.jit-loader.gdb.enable on`. It takes memory for the symbols and for all debug information of the objects, and the
    /// time to relocate that, as long as the set lives. Off by default: debug information is not even looked at.
    ///
    /// The debugger finds the interface by the symbols of the executable, or library, that Setlink is linked into: it must not
    /// be stripped of them.
    pub fn debugger(mut self, tell: bool) -> Self {
        self.debugger = tell;
        self
    }

    /// Whether to write the set's functions to `/tmp/perf-PID.map`, where `perf report` looks them up, and others do. They stay
    /// there when the set is removed, or an initialiser of it does not return. Off by default.
    pub fn perf_map(mut self, write: bool) -> Self {
        self.perf_map = write;
        self
    }

    /// Writes the set's functions, with their code, to `jit-PID.dump` in `directory`: after `perf record -k mono`, `perf inject
    /// --jit` makes of that what `perf report` and `perf annotate` read. All sets of a process are in one file, in the directory
    /// that comes first.
    pub fn jitdump(mut self, directory: impl AsRef<Path>) -> Self {
        self.jitdump = Some(directory.as_ref().into());
        self
    }

    /// Whether sets that ask the loader what holds an address (`dladdr(3)`, `backtrace_symbols(3)`) or what is loaded
    /// (`dl_iterate_phdr(3)`) learn of this one, too, as of a library that has its name. A set that asks itself is known in
    /// any case, and libraries find a program ([`SetBuilder::interpose`]) that they need or that may open them. Otherwise
    /// libraries do not find sets, and the process's own code never does. Off by default: it takes time and memory for each.
    pub fn listed(mut self, listed: bool) -> Self {
        self.listed = listed;
        self
    }

    /// Whether the linked set knows all its exported symbols by name, or only those of [`SetBuilder::undefined`] and
    /// [`SetBuilder::tell`]. On by default.
    pub fn export(mut self, all: bool) -> Self {
        self.export = all;
        self
    }

    /// Whether linking runs the set's initialisers. On by default; a set without them is only good for looking at, and cannot
    /// be initialised later. Its shared libraries begin with the next set that needs them and is initialised; but at once
    /// where the process has other threads, and with musl and glibc before 2.28.
    pub fn initialise(mut self, initialise: bool) -> Self {
        self.recipe.initialise = initialise;
        self
    }

    /// The arguments that initialisers get. By default the process's own.
    pub fn arguments(mut self, arguments: Vec<CString>) -> Self {
        self.arguments = Some(Arc::new(ArgumentList::new(arguments)));
        self
    }

    /// The same, of a list that `main` is to get, too.
    #[doc(hidden)]
    pub fn argument_list(mut self, list: &Arc<ArgumentList>) -> Self {
        self.arguments = Some(Arc::clone(list));
        self
    }

    /// Calls `then` when the set is published, before its initialisers run.
    pub fn before_initialisers(mut self, then: impl FnOnce() + 's) -> Self {
        self.before_initialisers = Some(Box::new(then));
        self
    }

    /// What `add` makes of the builder. Its problems are reported by linking, planning or listing, along with those of
    /// all other inputs.
    pub fn try_add(mut self, add: impl FnOnce(&mut Self) -> Result<()>) -> Self {
        let known = self.recipe.inputs.len();
        if let Err(error) = add(&mut self) {
            self.recipe.inputs.truncate(known);
            self.problems.extend(error.into_problems());
        }
        self
    }

    /// Calls `observer` when a phase begins.
    pub fn observe(mut self, observer: impl FnMut(Phase) + 's) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Links the set: all of it, or none of it.
    ///
    /// # Errors
    /// Every problem found. Whatever was done is undone.
    pub fn link(self) -> Result<Set> {
        link::link(self)
    }

    /// Finds out whether the set needs a process that is started differently
    /// ([`ProblemKind::NotFirst`](crate::ProblemKind::NotFirst), [`ProblemKind::StaticTls`](crate::ProblemKind::StaticTls)),
    /// as far as its inputs tell that, and leaves it at that: where several sets are to be linked, before the first one runs.
    /// Sets in whose scope it will be need not be there yet.
    ///
    /// # Errors
    /// What has to be otherwise. Other problems are linking's.
    pub fn check_start(self) -> Result<()> {
        link::check_start(self)
    }

    /// Plans the set and leaves it at that: nothing is reserved, no library is opened, nothing runs. Symbols of
    /// libraries that the process has not loaded count as being in reach.
    ///
    /// # Errors
    /// Every problem found.
    pub fn plan(self) -> Result<Plan> {
        link::plan(self)
    }

    /// What the set defines and what it needs from elsewhere.
    ///
    /// # Errors
    /// Every malformed input and duplicate definition.
    pub fn symbols(self) -> Result<Vec<link::SymbolInfo>> {
        link::symbols(self)
    }
}

impl std::fmt::Debug for SetBuilder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetBuilder")
            .field("name", &self.recipe.name)
            .field("inputs", &self.recipe.inputs.len())
            .finish_non_exhaustive()
    }
}

/// A request that cannot be met, for messages of the builder.
pub(super) fn usage(what: impl Into<String>) -> Error {
    Problem::new(Place::default(), ProblemKind::Usage { what: what.into() }).into()
}
