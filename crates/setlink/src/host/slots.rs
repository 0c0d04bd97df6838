//! Moving a definition for the whole process.
//!
//! A set may have to own a definition that loaded libraries already use: non-PIC code that addresses `stdout` with 32
//! bits needs the datum itself in reach (a copy relocation, made late), and a program may replace `operator new` or
//! any other function that libraries call by name. The linker of an ordinary program settles that before the program
//! starts. Here it is done afterwards: every word that the loader filled in with the definition's address, as the
//! relocations of each object tell, is given the new address. The symbol tables are changed too, so that libraries
//! which are loaded later, and `dlsym`, are given the new one. (Offering a second definition would not do: the
//! first one stays first in the global scope.)
//!
//! What cannot be changed is code that addresses the definition directly, without such a word. The executable does so
//! with data of its own, a `protected` or `-Bsymbolic` library too: these moves are refused.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::elf::*;
use super::fork;
use super::image::TlsModule;
use super::libraries::{LibraryCache, TablesView, View};
use super::tables::{Answers, Symbol};
use super::threads;
use super::words::{Change, Direction, WRITING, write};
use crate::error::{Error, Place, Problem, ProblemKind, Result};

/// A definition that is to be somewhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// Its names. One with a version takes the references to that version and those without any; one without a
    /// version takes all. For data, the other names of the same datum are found and need not be given.
    pub names: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// What is moved.
    pub what: Moved,
    /// Its new address.
    pub new: u64,
}

/// What a [`Move`] moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// A datum in a shared library. Only words that hold its old address are changed. The caller has copied the bytes
    /// to the new place, and has written nothing since.
    Data {
        /// Where it was.
        old: Range<u64>,
        /// Nobody writes to it, so it may be in two places at once for a moment.
        is_constant: bool,
    },
    /// A function. All words are changed, whatever they hold: a lazily bound one holds the address of a stub.
    Function,
    /// A variable in place of which another one counts. All words are changed, whatever they hold.
    Variable,
    /// A thread-local variable of a set. All words about it are changed, whatever they hold; the move's address is of no
    /// matter.
    ThreadLocal(ThreadLocal),
}

/// Where a thread-local variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThreadLocal {
    pub module: TlsModule,
    /// What leads there, if it has a distance from the thread pointer; its second word is that.
    pub descriptor: Option<[u64; 2]>,
    /// Bytes and alignment of its block, for which there is no static storage where it has no such distance.
    pub block: (u64, u64),
}

impl ThreadLocal {
    /// The contents of the words that a dynamic relocation of type `kind` fills in.
    ///
    /// # Errors
    /// They hold its distance from the thread pointer, which it does not have.
    fn words(&self, kind: u32, addend: i64) -> Result<(u64, Option<u64>), ProblemKind> {
        let (need, align) = self.block;
        let refusal = ProblemKind::StaticTls { need, align, have: 0 };
        if kind == MACHINE.dtpmod64 {
            return Ok((self.module.module_id, None));
        }
        if kind == MACHINE.dtpoff64 {
            return Ok((self.module.offset.wrapping_add_signed(addend).wrapping_sub(MACHINE.dtp_bias), None));
        }
        if kind == MACHINE.tpoff64 {
            let distance = self.module.static_offset.ok_or(refusal)?;
            return Ok((distance.wrapping_add(addend) as u64, None));
        }
        let [function, distance] = self.descriptor.ok_or(refusal)?;
        Ok((function, Some(distance.wrapping_add_signed(addend))))
    }
}

/// How to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MoveOptions<'m> {
    /// Leave the executable as it is: it is not part of what the set links with.
    pub skip_executable: bool,
    /// Leave the symbol tables as they are: libraries loaded later will still find the old definition.
    pub keep_definitions: bool,
    /// Nobody refers to what is moved: only libraries loaded later are to find the new definition.
    pub definitions_only: bool,
    /// Leave what cannot be moved where it is, without an error.
    pub if_possible: bool,
    /// Where data of the process are, and where copies of them: a word that changes in one changes in the other, if it is
    /// still the same there.
    pub mirrors: &'m [(Range<u64>, u64)],
}

/// What was changed, and can be changed back.
#[derive(Debug)]
#[must_use = "the changes cannot be undone without it"]
pub(crate) struct Moves {
    changes: Vec<Change>,
    /// How many words with addresses were changed.
    pub slots: usize,
    /// The symbol table entries that were changed.
    pub definitions: Vec<Redefined>,
}

/// A definition that another one stands in for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redefined {
    /// The index of the move.
    pub target: usize,
    /// From the first to the last address of the object that has it.
    pub holder: Range<u64>,
    /// Where it is, or the function that chooses that.
    pub address: u64,
    /// Whether it is that function (`STT_GNU_IFUNC`).
    pub is_resolver: bool,
    /// Its version, and who else gets it than those who ask for that.
    pub version: Option<Vec<u8>>,
    pub others: Answers,
}

impl Redefined {
    /// Whether who asks the loader for `version`, or for none, gets it (`dlvsym(3)`, `dlsym(3)`).
    pub fn answers(&self, version: Option<&[u8]>) -> bool {
        self.others.to_asker(self.version.as_deref(), version)
    }
}

/// Moves definitions for all objects that are loaded: all of them, or none.
///
/// # Errors
/// A datum that may change is to be moved while there are other threads; a datum belongs to the executable, or its
/// library addresses it directly; memory cannot be written.
///
/// # Safety
/// Each new address holds what the names promise (the datum's bytes; a function of the same type) until the move is
/// undone, or for the life of the process. The mirrors are mapped, and nobody else uses them yet.
pub(crate) unsafe fn apply(cache: &LibraryCache, moves: &[Move], options: MoveOptions<'_>) -> Result<Moves> {
    let _guard = fork::lock(&WRITING);
    let is_alone = threads::is_alone();
    cache.view(|view| {
        let plan = plan(view, moves, options, is_alone)?;
        write(&plan.changes, Direction::Forth, is_alone)?;
        Ok(plan)
    })
}

impl Moves {
    /// Changes all words back that still have the value they were given and whose library is still loaded.
    ///
    /// # Errors
    /// Memory cannot be written; then nothing was changed back.
    ///
    /// # Safety
    /// The old definitions are still there, and hold what the new ones do.
    pub unsafe fn restore(self, cache: &LibraryCache) -> Result<()> {
        let _guard = fork::lock(&WRITING);
        let is_alone = threads::is_alone();
        cache.view(|view| {
            let still_ours = |change: &&Change| {
                let holder = view.libraries().holding(change.address).and_then(|index| view.tables(index));
                holder.and_then(|tables| tables.load(change.address)) == Some(change.new)
            };
            let changes: Vec<Change> = self.changes.iter().filter(still_ours).copied().collect();
            write(&changes, Direction::Back, is_alone)
        })
    }
}

/// Which versions of a name lead to a definition without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// All, as for the loader.
    All,
    /// Those that references without a version get, as for linkers: to them, a library's `NAME@OLD` is another name.
    Default,
}

/// The names that loaded objects other than the executable refer to by words that [`apply`] would change, and that `wanted` picks: a replacement
/// of others concerns nobody but the set.
pub(crate) fn referenced(
    cache: &LibraryCache,
    versions: Versions,
    wanted: impl Fn(&[u8]) -> bool,
) -> Vec<Vec<u8>> {
    cache.view(|view| {
        let mut found = HashSet::new();
        for (_, tables) in objects(view, true) {
            let symbols = tables.relocations();
            let symbols = symbols.filter(|(_, kind, ..)| is_by_name(*kind) || is_about_thread_local(*kind));
            for symbol in symbols.filter_map(|(_, _, symbol, _)| tables.symbol(symbol)) {
                let is_meant = || versions == Versions::All || !is_hidden(view, &symbol);
                if !symbol.name.is_empty()
                    && wanted(symbol.name)
                    && !found.contains(symbol.name)
                    && is_meant()
                {
                    found.insert(symbol.name.to_vec());
                }
            }
        }
        let mut names: Vec<Vec<u8>> = found.into_iter().collect();
        names.sort();
        names
    })
}

/// Whether loaded objects other than the executable refer to one of `names`, which they do not define.
pub(crate) fn is_referenced(cache: &LibraryCache, names: &[&[u8]]) -> bool {
    let is_first = |byte: u8| names.iter().any(|name| name.first() == Some(&byte));
    let is_meant = |tables: TablesView<'_>, symbol| {
        tables.first_byte(symbol).is_some_and(is_first)
            && names.iter().any(|name| tables.is_named(symbol, name))
            && tables.symbol(symbol).is_some_and(|symbol| symbol.section == SHN_UNDEF)
    };
    cache.view(|view| {
        objects(view, true).any(|(_, tables)| tables.references().any(|symbol| is_meant(tables, symbol)))
    })
}

/// Whether one of the loaded objects other than the executable refers to all of `names`.
pub(crate) fn is_one_referring(cache: &LibraryCache, names: &[&[u8]]) -> bool {
    let refers = |tables: TablesView<'_>, name: &[u8]| {
        tables
            .references()
            .any(|symbol| tables.first_byte(symbol) == name.first().copied() && tables.is_named(symbol, name))
    };
    cache.view(|view| objects(view, true).any(|(_, tables)| names.iter().all(|name| refers(tables, name))))
}

/// Whether a symbol of a library is, or refers to, a definition that only references with its version get.
fn is_hidden(view: &View<'_>, symbol: &Symbol<'_>) -> bool {
    let Some(version) = symbol.version else { return false };
    if symbol.section != SHN_UNDEF {
        return !symbol.answers(None);
    }
    let hash = gnu_hash(symbol.name);
    let mut found =
        objects(view, true).filter_map(|(_, tables)| tables.find(symbol.name, hash, Some(version)));
    found.next().is_some_and(|found| !found.answers(None))
}

/// Names that are looked up in each object one by one; with more, the objects' definitions are gone through: the C and the
/// C++ library have 10,000, which takes 0.5 ms.
const FEW: usize = 1 << 12;

/// Those of the `names` that `wanted` picks and that loaded objects other than the executable define. What nobody needs but
/// the executable is left out: to a program that the set stands for it might not be there.
pub(crate) fn defined<'n>(
    cache: &LibraryCache,
    names: impl ExactSizeIterator<Item = &'n [u8]>,
    versions: Versions,
    wanted: impl Fn(&[u8]) -> bool,
) -> Vec<Vec<u8>> {
    let is_meant = |symbol: &Symbol<'_>| versions == Versions::All || symbol.answers(None);
    let few: Option<Vec<(&[u8], u32)>> = (names.len() <= FEW)
        .then(|| names.filter(|name| wanted(name)).map(|name| (name, gnu_hash(name))).collect());
    cache.view(|view| {
        let (mut of_executable, mut of_others) = (HashSet::new(), HashSet::new());
        for (_, tables) in objects(view, false) {
            let needed = if tables.library.is_executable { &mut of_executable } else { &mut of_others };
            needed.extend(tables.needed().map(file_name));
        }
        let mut found = HashSet::new();
        for (_, tables) in objects(view, true) {
            let file = file_name(tables.library.name.as_bytes());
            if of_executable.contains(file) && !of_others.contains(file) {
                continue;
            }
            match &few {
                Some(few) => {
                    let names =
                        few.iter().filter(|(name, hash)| tables.all(name, *hash).any(|s| is_meant(&s)));
                    found.extend(names.map(|(name, _)| name.to_vec()));
                }
                None => {
                    let names = tables.definitions().filter(is_meant).map(|symbol| symbol.name);
                    found.extend(names.filter(|name| wanted(name)).map(<[u8]>::to_vec));
                }
            }
        }
        found.into_iter().collect()
    })
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// Whether a dynamic relocation stores the address of what its symbol's name leads to.
fn is_by_name(kind: u32) -> bool {
    kind == MACHINE.abs64 || kind == MACHINE.glob_dat || kind == MACHINE.jump_slot
}

/// Whether a dynamic relocation stores where the thread-local variable is that its symbol's name leads to.
fn is_about_thread_local(kind: u32) -> bool {
    [MACHINE.dtpmod64, MACHINE.dtpoff64, MACHINE.tpoff64, MACHINE.tlsdesc].contains(&kind)
}

/// A name that is moved: of which move, and for references to which version.
struct Name {
    name: Vec<u8>,
    version: Option<Vec<u8>>,
    target: usize,
}

/// All names that are moved, by first byte: most symbols are told apart by that alone.
struct Wanted {
    names: Vec<Name>,
    by_first: HashMap<u8, Vec<usize>>,
}

impl Wanted {
    fn new(view: &View<'_>, moves: &[Move], is_movable: &[bool]) -> Wanted {
        let mut names: Vec<Name> = Vec::new();
        for (target, moved) in moves.iter().enumerate().filter(|(target, _)| is_movable[*target]) {
            let aliases = match &moved.what {
                Moved::Data { old, .. } => view.aliases(old.start),
                Moved::Function | Moved::Variable | Moved::ThreadLocal(_) => Vec::new(),
            };
            for (name, version) in moved.names.iter().cloned().chain(aliases) {
                let mut own = names.iter().rev().take_while(|known| known.target == target);
                if !name.is_empty() && !own.any(|known| known.name == name && known.version == version) {
                    names.push(Name { name, version, target });
                }
            }
        }
        let mut by_first: HashMap<u8, Vec<usize>> = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            by_first.entry(name.name[0]).or_default().push(index);
        }
        Wanted { names, by_first }
    }

    /// The move that takes a reference to symbol `index` of an object.
    fn target(&self, tables: TablesView<'_>, index: u32) -> Option<usize> {
        let candidates = self.by_first.get(&tables.first_byte(index)?)?;
        let mut same = candidates.iter().map(|&i| &self.names[i]).filter(|n| tables.is_named(index, &n.name));
        let first = same.next()?;
        let version = tables.symbol(index)?.version;
        let takes = |name: &&Name| match (&name.version, version) {
            (Some(moved), Some(wanted)) => moved == wanted,
            _ => true,
        };
        std::iter::once(first).chain(same).find(takes).map(|name| name.target)
    }
}

/// A word that holds the address of a moved definition plus `addend`, or where a thread-local one is.
struct Reference {
    slot: u64,
    kind: u32,
    addend: i64,
    target: usize,
}

/// The objects whose words may be changed.
fn objects<'v>(view: &'v View<'_>, skip_executable: bool) -> impl Iterator<Item = (u32, TablesView<'v>)> {
    (0..).zip(view.libraries().iter()).filter_map(move |(index, library)| {
        let is_left = library.is_vdso || library.is_executable && skip_executable;
        if is_left { None } else { Some((index, view.tables(index)?)) }
    })
}

/// The words of one object that the loader filled in by a moved name.
fn references<'v>(tables: TablesView<'v>, wanted: &'v Wanted) -> impl Iterator<Item = Reference> + 'v {
    tables.relocations().filter_map(move |(slot, kind, symbol, addend)| {
        if !is_by_name(kind) && !is_about_thread_local(kind) {
            return None;
        }
        let target = wanted.target(tables, symbol)?;
        let symbol = tables.symbol(symbol)?;
        // What the loader binds to the object's own definition, whatever comes first in the scope. Unique ones it does not.
        let is_symbolic = tables.is_symbolic() && symbol.binding != STB_GNU_UNIQUE;
        let is_bound = symbol.binding == STB_LOCAL
            || symbol.section != SHN_UNDEF && (symbol.visibility == STV_PROTECTED || is_symbolic);
        (!is_bound).then_some(Reference { slot, kind, addend, target })
    })
}

/// All changes, before any of them is made.
fn plan(view: &View<'_>, moves: &[Move], options: MoveOptions<'_>, is_alone: bool) -> Result<Moves> {
    let refusals: Vec<Option<Problem>> = moves.iter().map(|moved| refusal(view, moved, is_alone)).collect();
    let is_movable: Vec<bool> = refusals.iter().map(Option::is_none).collect();
    if !options.if_possible {
        Error::check(refusals.into_iter().flatten().collect(), ())?;
    }
    let wanted = Wanted::new(view, moves, &is_movable);
    let mut planned = Moves { changes: Vec::new(), slots: 0, definitions: Vec::new() };
    let mut problems = Vec::new();
    let referring = objects(view, options.skip_executable).filter(|_| !options.definitions_only);
    for (_, tables) in referring {
        for Reference { slot, kind, addend, target } in references(tables, &wanted) {
            let moved = &moves[target];
            if is_about_thread_local(kind) != matches!(moved.what, Moved::ThreadLocal(_)) {
                continue;
            }
            let Some(old) = tables.load(slot) else { continue };
            let (new, second) = match &moved.what {
                Moved::ThreadLocal(variable) => match variable.words(kind, addend) {
                    Ok(words) => words,
                    Err(kind) => {
                        let name =
                            moved.names.first().map(|(name, _)| String::from_utf8_lossy(name).into_owned());
                        let place =
                            Place::file(tables.library.name.as_str()).of_symbol(name.unwrap_or_default());
                        problems.push(Problem::new(place, kind));
                        continue;
                    }
                },
                _ => (moved.new.wrapping_add_signed(addend), None),
            };
            let is_moved = match &moved.what {
                Moved::Data { old: range, .. } => old == range.start.wrapping_add_signed(addend),
                Moved::Function | Moved::Variable | Moved::ThreadLocal(_) => true,
            };
            if is_moved && old != new {
                planned.changes.push(Change { address: slot, old, new });
                planned.slots += 1;
            }
            if let Some(new) = second
                && let Some(old) = tables.load(slot + 8)
            {
                planned.changes.push(Change { address: slot + 8, old, new });
            }
        }
    }
    Error::check(problems, ())?;
    if !options.keep_definitions {
        let mut changed: HashSet<u64> = planned.changes.iter().map(|change| change.address).collect();
        for (_, tables) in objects(view, options.skip_executable) {
            for name in &wanted.names {
                let moved = &moves[name.target];
                let is_taken = |symbol: &Symbol<'_>| match (&name.version, &moved.what) {
                    (None, Moved::Function | Moved::Variable | Moved::ThreadLocal(_)) => true,
                    (version, _) => symbol.answers(version.as_deref()),
                };
                for symbol in tables.all(&name.name, gnu_hash(&name.name)).filter(is_taken) {
                    let Some(changes) = redefinition(tables, symbol, moved, is_alone) else { continue };
                    let before = planned.changes.len();
                    planned
                        .changes
                        .extend(changes.into_iter().filter(|change| changed.insert(change.address)));
                    // A library goes on having its own thread-local variable.
                    if planned.changes.len() > before && symbol.kind != STT_TLS {
                        planned.definitions.push(Redefined {
                            target: name.target,
                            holder: tables.library.span.clone(),
                            address: symbol.address,
                            is_resolver: symbol.kind == STT_GNU_IFUNC,
                            version: symbol.version.map(<[u8]>::to_vec),
                            others: symbol.answers,
                        });
                    }
                }
            }
        }
    }
    let mirrored = |change: Change| {
        let of = move |(old, new): &(Range<u64>, u64)| {
            let address =
                new + change.address.checked_sub(old.start).filter(|_| old.contains(&change.address))?;
            let is_same = || {
                // SAFETY: whoever moves vouches for the copies.
                unsafe { std::ptr::with_exposed_provenance::<u64>(address as usize).read() == change.old }
            };
            (address.is_multiple_of(8) && is_same()).then_some(Change { address, ..change })
        };
        options.mirrors.iter().filter_map(of)
    };
    let mirrored: Vec<Change> = planned.changes.iter().copied().flat_map(mirrored).collect();
    planned.changes.extend(mirrored);
    Ok(planned)
}

/// Why `moved` cannot be moved.
fn refusal(view: &View<'_>, moved: &Move, is_alone: bool) -> Option<Problem> {
    let Moved::Data { old, is_constant } = &moved.what else { return None };
    let name = moved.names.first().map(|(name, _)| String::from_utf8_lossy(name).into_owned());
    let name = name.unwrap_or_else(|| format!("{:#x}", old.start));
    let problem = |what: String, remedy: &str| {
        let kind = ProblemKind::Host { what };
        Some(Problem::new(Place::default().of_symbol(&name), kind).with_remedy(remedy))
    };
    const POSITION_INDEPENDENT: &str = "compile the objects that use it with -fPIC";
    if !is_constant && !is_alone {
        let what = format!("`{name}` may change, and cannot be moved while other threads run");
        return problem(what, "link the set before starting threads, or compile it with -fPIC");
    }
    let holder = view.libraries().holding(old.start)?;
    let library = view.libraries().get(holder)?;
    if library.is_executable {
        let what = format!("`{name}` lies in the executable, whose code addresses it directly");
        return problem(what, POSITION_INDEPENDENT);
    }
    let tables = view.tables(holder)?;
    let is_direct = |name: &[u8]| {
        let symbol = tables.find(name, gnu_hash(name), None);
        symbol.is_some_and(|symbol| symbol.address == old.start && symbol.visibility == STV_PROTECTED)
    };
    if tables.is_symbolic() || view.aliases(old.start).iter().any(|(name, _)| is_direct(name)) {
        let what = format!("{} addresses its `{name}` directly", library.name);
        return problem(what, POSITION_INDEPENDENT);
    }
    None
}

/// The changes that make `symbol` of an object the new definition; none when it is another one or cannot be changed.
fn redefinition(
    tables: TablesView<'_>,
    symbol: Symbol<'_>,
    moved: &Move,
    is_alone: bool,
) -> Option<Vec<Change>> {
    let entry = tables.symbol_entry(symbol.index)?;
    // Elf64_Sym: name (32 bits), info, other, section | value | size.
    let (head, value) = (tables.load(entry)?, tables.load(entry + 8)?);
    let bias = symbol.address.wrapping_sub(value);
    let mut changes = Vec::with_capacity(2);
    // Elf64_Sym's `info`: binding and type.
    let with_type = |kind: u8| {
        let mut bytes = head.to_ne_bytes();
        bytes[4] = (bytes[4] & 0xf0) | kind;
        Change { address: entry, old: head, new: u64::from_ne_bytes(bytes) }
    };
    match &moved.what {
        // The value is one of the object's own block, so an image that promised the name has it no more, and the loader goes
        // on to the set's. What a library has stays.
        Moved::ThreadLocal(variable) => {
            let is_own = tables.library.tls_module as u64 == variable.module.module_id;
            let is_promised = symbol.kind == STT_TLS && tables.library.is_made() && !is_own;
            return is_promised.then(|| vec![with_type(STT_FILE)]);
        }
        Moved::Data { old, .. } if symbol.address != old.start || symbol.kind == STT_TLS => return None,
        Moved::Variable if !matches!(symbol.kind, STT_OBJECT | STT_COMMON | STT_NOTYPE) => return None,
        Moved::Function if !matches!(symbol.kind, STT_FUNC | STT_GNU_IFUNC | STT_NOTYPE) => return None,
        Moved::Function if symbol.kind == STT_GNU_IFUNC => {
            // Two words cannot change at once: another thread would call the function as a resolver.
            if !is_alone {
                return None;
            }
            changes.push(with_type(STT_FUNC));
        }
        _ => {}
    }
    let new = moved.new.wrapping_sub(bias);
    if new != value {
        changes.push(Change { address: entry + 8, old: value, new });
    }
    Some(changes)
}
