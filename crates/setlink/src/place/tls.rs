//! Thread-local storage in the plan: the set's block, and which access needs which entry.
//!
//! A variable is reached in one of four ways: by a pair {module, offset} that is handed to `__tls_get_addr`, by a
//! descriptor, by an entry that holds its distance from the thread pointer, or by that distance as a constant. The last
//! two need static storage, of which the loader has little. The set's own block gets it if the set is permanent, or if
//! its code knows no other way; a variable of the host has it or not. Where it is there, all of the first three become
//! the last, as far as the instructions are known, and need no entry. Documents: see `isa/x86_64_tls.rs`.
//!
//! None of this depends on where the set lies, so it is decided once, before the set's address is.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::layout::align_up;
use super::scan::Scan;
use super::symbols::{Class, Symbols};
use crate::error::{Place, Problem, ProblemKind};
use crate::isa::{Isa, Needs, TlsSite, TlsTarget, Value};
use crate::read::object::{Section, SectionFlags, SymbolKind};
use crate::resolve::{Extra, Origin, Resolution, SectionId, SymbolId};

/// Blocks beyond this are refused; offsets from the thread pointer are 32 bits.
const LARGEST: u64 = 1 << 30;
/// The alignment of the thread pointer, and so the strictest that static storage always has.
const STATIC_ALIGN: u64 = 64;

bitflags::bitflags! {
    /// How relocations refer to one thread-local symbol. The `FIXED` ones stand at instructions that cannot be rewritten.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Uses: u8 {
        const PAIR = 1;
        const PAIR_FIXED = 2;
        const DESCRIPTOR = 4;
        const DESCRIPTOR_FIXED = 8;
        const ENTRY = 16;
        const ENTRY_FIXED = 32;
        /// The distance from the thread pointer as a constant.
        const STATIC = 64;
        /// The offset in the block.
        const OFFSET = 128;
    }
}

impl Uses {
    /// Ways that exist for variables in static storage only.
    const DEMANDING: Uses = Uses::ENTRY.union(Uses::ENTRY_FIXED).union(Uses::STATIC);
}

/// The uses of one symbol.
#[derive(Clone, Debug, Default)]
struct Used {
    uses: Uses,
    /// Relocations at instructions that can be rewritten.
    relaxable: u64,
    /// The first relocation that demands static storage.
    demand: Option<Place>,
}

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What the scan found out about thread-local symbols.
#[derive(Default)]
pub(crate) struct TlsScan {
    symbols: Map<SymbolId, Used>,
    /// References to the block as a whole (local dynamic).
    module: Used,
    /// What the calls of `__tls_get_addr` behind references need, which go where the references are relaxed. The key
    /// is the symbol (none: the block) and the called function.
    calls: Map<(Option<SymbolId>, SymbolId), Needs>,
}

impl TlsScan {
    /// Notes a relocation that wants `value` of `symbol`.
    pub fn note(&mut self, value: Value, symbol: SymbolId, site: TlsSite, place: impl FnOnce() -> Place) {
        let pick = |relaxable, fixed| if site.relaxable { relaxable } else { fixed };
        let uses = match value {
            Value::TlsPair | Value::TlsModule => pick(Uses::PAIR, Uses::PAIR_FIXED),
            Value::TlsDescriptor | Value::TlsCall => pick(Uses::DESCRIPTOR, Uses::DESCRIPTOR_FIXED),
            Value::TlsEntry => pick(Uses::ENTRY, Uses::ENTRY_FIXED),
            Value::TlsStatic => Uses::STATIC,
            _ => Uses::OFFSET,
        };
        let used = match value {
            Value::TlsModule => &mut self.module,
            _ => self.symbols.entry(symbol).or_default(),
        };
        used.uses |= uses;
        used.relaxable += u64::from(site.relaxable && value != Value::TlsCall);
        if uses.intersects(Uses::DEMANDING) && used.demand.is_none() {
            used.demand = Some(place());
        }
    }

    /// Notes what the call behind a reference to `symbol`, or to the block, needs of `callee`.
    pub fn note_call(&mut self, symbol: Option<SymbolId>, callee: SymbolId, needs: Needs) {
        *self.calls.entry((symbol, callee)).or_default() |= needs;
    }

    /// Adds what was found elsewhere, later in the set.
    pub fn merge(&mut self, other: TlsScan) {
        let merge = |to: &mut Used, from: Used| {
            to.uses |= from.uses;
            to.relaxable += from.relaxable;
            to.demand = to.demand.take().or(from.demand);
        };
        for (symbol, used) in other.symbols {
            merge(self.symbols.entry(symbol).or_default(), used);
        }
        merge(&mut self.module, other.module);
        for (key, needs) in other.calls {
            *self.calls.entry(key).or_default() |= needs;
        }
    }

    /// Bytes of entries, and of the way to `__tls_get_addr`, that the references need at most.
    pub fn most_bytes<I: Isa>(&self) -> u64 {
        let words = 5 * self.symbols.len() as u64 + 2;
        if self.is_empty() { 0 } else { words * I::ENTRY_BYTES + 2 * (I::STUB_BYTES + I::ENTRY_BYTES) }
    }

    fn is_empty(&self) -> bool {
        self.symbols.is_empty() && self.module.uses.is_empty()
    }
}

/// Whether the common symbol that is extra definition `index` is thread-local.
pub(crate) fn is_thread_local_common(resolution: &Resolution<'_>, index: usize) -> bool {
    let Some((name, Extra::Common { .. })) = resolution.extras.get(index) else { return false };
    let Some(holder) = resolution.names[*name].holder() else { return false };
    let object = resolution.added.get(holder.object as usize);
    let symbol = object.and_then(|added| added.object.symbols.get(holder.symbol));
    symbol.is_some_and(|symbol| symbol.kind == SymbolKind::Tls)
}

/// Whether the definition is a thread-local variable of the set.
pub(crate) fn is_thread_local(resolution: &Resolution<'_>, symbol: SymbolId) -> bool {
    match resolution.origin(symbol) {
        Origin::Object { object, symbol } => {
            let symbol = resolution.added[object].object.symbols.get(symbol);
            symbol.is_some_and(|symbol| symbol.kind == SymbolKind::Tls)
        }
        Origin::Extra(index) => is_thread_local_common(resolution, index),
    }
}

/// The set's block of thread-local storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The sections with their offsets; those with contents first.
    pub sections: Vec<(SectionId, u64)>,
    /// Common symbols: index among the extra definitions, and offset.
    pub commons: Vec<(usize, u64)>,
    /// Bytes of the initialised part.
    pub image: u64,
    pub size: u64,
    /// A power of two.
    pub align: u64,
}

impl Block {
    fn of(resolution: &Resolution<'_>) -> Block {
        let mut block = Block { align: 1, ..Block::default() };
        for nobits in [false, true] {
            let objects = resolution.added.iter().enumerate();
            for (object, added) in objects.filter(|(_, added)| added.object.any.contains(SectionFlags::TLS)) {
                let wanted = |section: &Section<'_>| {
                    section.has(SectionFlags::TLS) && section.has(SectionFlags::NOBITS) == nobits
                };
                for (index, section) in added.live_sections().filter(|(_, section)| wanted(section)) {
                    let offset = block.add(section.size(), section.align());
                    block.sections.push((resolution.section_id(object, index), offset));
                }
            }
            if !nobits {
                block.image = block.size;
            }
        }
        for (index, (_, extra)) in resolution.extras.iter().enumerate() {
            if let Extra::Common { size, align } = *extra
                && is_thread_local_common(resolution, index)
            {
                let offset = block.add(size, align);
                block.commons.push((index, offset));
            }
        }
        block
    }

    fn add(&mut self, size: u64, align: u64) -> u64 {
        let offset = align_up(self.size, align);
        self.size = offset.saturating_add(size);
        self.align = self.align.max(align);
        offset
    }
}

/// Where the loader put a module, or a variable of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The module's number.
    pub module: u64,
    /// The variable's offset in the module's block.
    pub offset: u64,
    /// Its distance from the thread pointer, where the module has static storage.
    pub from_thread_pointer: Option<i64>,
}

/// A variable outside the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub name: Vec<u8>,
    /// The version asked for; an empty one is that of a definition without a version.
    pub version: Option<Vec<u8>>,
    /// Code of the set knows it only by its distance from the thread pointer; and where that code is.
    pub demand: Option<Place>,
}

/// What knows the thread-local variables outside the set.
pub(crate) trait Variables: Sync {
    /// The numbers of the variables, in their order. Those that are demanded have a distance from the thread pointer.
    ///
    /// # Errors
    /// Every variable that does not exist, or has no such distance although it is demanded.
    fn numbers(&self, wanted: &[Variable]) -> Result<Vec<Numbers>, Vec<Problem>>;
}

/// How a set wants its thread-local storage.
#[derive(Clone, Copy)]
pub(crate) struct Wishes<'v> {
    /// The set stays as long as the process, so that it may have static storage.
    pub permanent: bool,
    /// It would have that for others.
    pub static_tls: bool,
    /// Accesses may become simpler ones.
    pub relax: bool,
    pub variables: &'v dyn Variables,
}

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Module and offset of a symbol.
    Pair,
    /// Module of the set, and 0.
    Module,
    /// Resolver and its argument.
    Descriptor,
    /// Distance from the thread pointer.
    Distance,
}

impl Kind {
    fn words(self) -> u64 {
        if self == Kind::Distance { 1 } else { 2 }
    }
}

/// A GOT entry about thread-local storage, of one word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TlsEntry {
    pub kind: Kind,
    /// None for the set's block.
    pub symbol: Option<SymbolId>,
    /// The number of its first word.
    pub word: u64,
}

/// Where an island's part of the entries begins.
#[derive(Clone, Copy, Debug, Default)]
struct TlsIsland {
    word: u64,
    entry: usize,
    descriptor: usize,
}

/// All decisions about thread-local storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tls {
    pub block: Block,
    /// Something refers to the block, or holds initial values: the loader has to know of it.
    pub is_used: bool,
    /// The block lies in static storage.
    pub is_static: bool,
    /// Some code cannot do without static storage: the first such reference.
    pub demand: Option<Place>,
    pub entries: Vec<TlsEntry>,
    pub words: u64,
    /// References that need no entry any more.
    pub relaxed: u64,
    /// Variables outside the set.
    foreign: Map<SymbolId, Numbers>,
    /// The key starts with the island.
    word_of: Map<(u32, Option<SymbolId>, Kind), u64>,
    islands: Vec<TlsIsland>,
    uses: Map<SymbolId, Uses>,
    relax: bool,
}

/// The decisions, and what the loader told.
#[derive(Clone, Debug)]
pub(crate) struct Told<'t> {
    decided: &'t Tls,
    /// The loader's numbers for the block; until it knows it, those of a program's own.
    pub numbers: Numbers,
    /// The contents of the descriptors, in the order of their entries, once they are known.
    pub descriptors: Vec<[u64; 2]>,
}

impl std::ops::Deref for Told<'_> {
    type Target = Tls;

    fn deref(&self) -> &Tls {
        self.decided
    }
}

impl Tls {
    /// Decides for a set. Afterwards, calls of `__tls_get_addr` that remain are noted in `scan`.
    pub fn decide(
        &mut self,
        resolution: &Resolution<'_>,
        symbols: &Symbols,
        scan: &mut Scan<'_>,
        wishes: Wishes<'_>,
    ) -> Result<(), Vec<Problem>> {
        let block = Block::of(resolution);
        if block.size == 0 && block.sections.is_empty() && scan.tls.is_empty() {
            self.block = block;
            return Ok(());
        }
        if block.size > LARGEST || block.align > LARGEST {
            let what = format!("{} bytes of thread-local storage aligned to {}", block.size, block.align);
            return Err(vec![Problem::unsupported(Place::default(), what)]);
        }
        let mut tls = Tls { block, relax: wishes.relax, ..Tls::default() };
        let own = |id: &SymbolId| symbols.class(*id) == Class::ThreadLocal;
        let mut used: Vec<(&SymbolId, &Used)> = scan.tls.symbols.iter().collect();
        used.sort_by_key(|(id, _)| **id);
        tls.uses = used.iter().map(|(id, used)| (**id, used.uses)).collect();
        tls.is_used = tls.block.size > 0 || !scan.tls.module.uses.is_empty();
        tls.demand = used.iter().filter(|(id, _)| own(id)).find_map(|(_, used)| used.demand.clone());
        let refers = !scan.tls.module.uses.is_empty() || used.iter().any(|(id, _)| own(id));
        let is_wished = wishes.static_tls || wishes.relax && refers;
        tls.is_static =
            tls.demand.is_some() || (wishes.permanent && is_wished && tls.block.align <= STATIC_ALIGN);
        tls.ask(resolution, symbols, &used, wishes.variables)?;
        tls.entries(symbols, scan)?;
        *self = tls;
        Ok(())
    }

    /// Decides anew without static storage, which the set wants and can do without.
    pub fn without_static(&mut self, symbols: &Symbols<'_>, scan: &mut Scan<'_>) -> Result<(), Vec<Problem>> {
        self.is_static = false;
        self.entries(symbols, scan)
    }

    fn ask(
        &mut self,
        resolution: &Resolution<'_>,
        symbols: &Symbols,
        used: &[(&SymbolId, &Used)],
        variables: &dyn Variables,
    ) -> Result<(), Vec<Problem>> {
        let foreign: Vec<(SymbolId, Variable)> = used
            .iter()
            .filter(|(id, _)| symbols.class(**id) == Class::ForeignThreadLocal)
            .filter_map(|(id, used)| {
                let index = id.0.checked_sub(resolution.object_symbols())?;
                let name = resolution.names[resolution.extras.get(index as usize)?.0].text;
                let (base, version) = match name.iter().position(|&byte| byte == b'@') {
                    Some(at) => (&name[..at], Some(&name[at + 1..])),
                    None => (name, None),
                };
                let version = version.map(|version| version.strip_prefix(b"@").unwrap_or(version).to_vec());
                Some((**id, Variable { name: base.to_vec(), version, demand: used.demand.clone() }))
            })
            .collect();
        if foreign.is_empty() {
            return Ok(());
        }
        let (ids, wanted): (Vec<SymbolId>, Vec<Variable>) = foreign.into_iter().unzip();
        self.foreign = ids.into_iter().zip(variables.numbers(&wanted)?).collect();
        Ok(())
    }

    /// Whether references to the symbol may use its distance from the thread pointer.
    fn has_distance(&self, id: SymbolId, class: Class) -> bool {
        match class {
            Class::ThreadLocal => self.is_static,
            Class::ForeignThreadLocal => {
                self.foreign.get(&id).is_some_and(|numbers| numbers.from_thread_pointer.is_some())
            }
            // Undefined and weak: as in other linkers, it is where the thread pointer points.
            _ => true,
        }
    }

    fn entries(&mut self, symbols: &Symbols<'_>, scan: &mut Scan<'_>) -> Result<(), Vec<Problem>> {
        self.begin();
        let mut noted = Vec::new();
        self.island(symbols, &scan.tls, &mut |callee, needs| noted.push((callee, needs)))?;
        noted.into_iter().for_each(|(callee, needs)| scan.note_late(callee, needs));
        Ok(())
    }

    /// Forgets all entries; [`Tls::island`] plans them anew.
    pub fn begin(&mut self) {
        self.entries.clear();
        self.word_of.clear();
        self.islands.clear();
        (self.words, self.relaxed) = (0, 0);
    }

    /// Plans the entries of the next island, with the references `tls`. What the calls of `__tls_get_addr` that remain
    /// need is told to `note`.
    pub fn island(
        &mut self,
        symbols: &Symbols,
        tls: &TlsScan,
        note: &mut dyn FnMut(SymbolId, Needs),
    ) -> Result<(), Vec<Problem>> {
        let last = self.islands.last().copied().unwrap_or_default();
        let of_last = self.entries[last.entry..].iter().filter(|entry| entry.kind == Kind::Descriptor);
        let descriptor = last.descriptor + of_last.count();
        self.islands.push(TlsIsland { word: self.words, entry: self.entries.len(), descriptor });
        let mut kept: Vec<Option<SymbolId>> = Vec::new();
        let module = &tls.module;
        let relaxes = self.relax && self.is_static;
        if module.uses.contains(Uses::PAIR_FIXED) || (module.uses.contains(Uses::PAIR) && !relaxes) {
            self.entry(Kind::Module, None);
        }
        if relaxes {
            self.relaxed += module.relaxable;
        } else if module.uses.contains(Uses::PAIR) {
            kept.push(None);
        }
        let mut used: Vec<(&SymbolId, &Used)> = tls.symbols.iter().collect();
        used.sort_by_key(|(id, _)| **id);
        for (&id, used) in used {
            let relaxes = self.relax && self.has_distance(id, symbols.class(id));
            let uses = used.uses;
            let keeps = |relaxable, fixed| uses.contains(fixed) || (uses.contains(relaxable) && !relaxes);
            if keeps(Uses::PAIR, Uses::PAIR_FIXED) {
                self.entry(Kind::Pair, Some(id));
            }
            // See `Tls::target`: where another island's instructions cannot be rewritten, none are.
            let fixed = self.uses.get(&id).is_some_and(|uses| uses.contains(Uses::DESCRIPTOR_FIXED));
            if keeps(Uses::DESCRIPTOR, Uses::DESCRIPTOR_FIXED) || (fixed && uses.contains(Uses::DESCRIPTOR)) {
                self.entry(Kind::Descriptor, Some(id));
            }
            if keeps(Uses::ENTRY, Uses::ENTRY_FIXED) {
                self.entry(Kind::Distance, Some(id));
            }
            if relaxes {
                self.relaxed += used.relaxable;
            } else if uses.contains(Uses::PAIR) {
                kept.push(Some(id));
            }
        }
        let mut problems = Vec::new();
        for (&(symbol, callee), &needs) in &tls.calls {
            if !kept.contains(&symbol) {
                continue;
            }
            if matches!(symbols.class(callee), Class::Undefined | Class::WeakUndefined) {
                let what =
                    "thread-local storage needs `__tls_get_addr`, which the process does not have".into();
                problems = vec![Problem::new(Place::default(), ProblemKind::Host { what })];
            } else if symbols.class(callee) != Class::Inside || !Needs::BRANCH.contains(needs) {
                note(symbols.original(callee), needs);
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn entry(&mut self, kind: Kind, symbol: Option<SymbolId>) {
        self.entries.push(TlsEntry { kind, symbol, word: self.words });
        self.word_of.insert((self.islands.len() as u32 - 1, symbol, kind), self.words);
        self.words += kind.words();
    }

    /// The island of each entry.
    pub fn entries_by_island(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.entries.len())
            .map(|index| self.islands.partition_point(|island| island.entry <= index) as u32 - 1)
    }

    /// Words of entries of an island.
    pub fn words_of(&self, island: u32) -> u64 {
        let start = |island: usize| self.islands.get(island).map_or(self.words, |island| island.word);
        start(island as usize + 1) - start(island as usize)
    }
}

impl<'t> Told<'t> {
    /// Counts the block as that of a program's own module, whose number is 1 and whose block ends at the thread pointer:
    /// what there is to assume until a loader tells.
    pub fn assumed(decided: &'t Tls) -> Self {
        let size = decided.block.size.next_multiple_of(decided.block.align.max(1));
        let from_thread_pointer = decided.is_static.then(|| (size as i64).wrapping_neg());
        let numbers = Numbers { module: 1, offset: 0, from_thread_pointer };
        Told { decided, numbers, descriptors: Vec::new() }
    }

    /// The numbers of a symbol whose offset in the set's block, if it is there, is `offset`.
    pub fn numbers(&self, id: SymbolId, class: Class, offset: u64) -> Numbers {
        match class {
            Class::ThreadLocal => Numbers {
                module: self.numbers.module,
                offset,
                from_thread_pointer: self
                    .is_static
                    .then(|| self.numbers.from_thread_pointer.unwrap_or(0).wrapping_add_unsigned(offset)),
            },
            Class::ForeignThreadLocal => self.foreign.get(&id).copied().unwrap_or_default(),
            _ => Numbers { from_thread_pointer: Some(0), ..Numbers::default() },
        }
    }

    /// All that a relocation of an island has to know of its symbol. The island's entries are at `got`.
    pub fn target(
        &self,
        value: Value,
        id: SymbolId,
        class: Class,
        offset: u64,
        (island, got): (u32, u64),
    ) -> TlsTarget {
        let (symbol, kind) = match value {
            Value::TlsModule => (None, Kind::Module),
            Value::TlsPair => (Some(id), Kind::Pair),
            Value::TlsEntry => (Some(id), Kind::Distance),
            _ => (Some(id), Kind::Descriptor),
        };
        let first = self.islands.get(island as usize).map_or(0, |island| island.word);
        let entry = self.word_of.get(&(island, symbol, kind)).map(|word| got + 8 * (word - first));
        let numbers = match symbol {
            Some(id) => self.numbers(id, class, offset),
            None => self.numbers(id, Class::ThreadLocal, 0),
        };
        let mut relaxed = numbers.from_thread_pointer.filter(|_| self.relax);
        if kind == Kind::Descriptor
            && self.uses.get(&id).is_some_and(|uses| uses.contains(Uses::DESCRIPTOR_FIXED))
        {
            // The two instructions go together.
            relaxed = None;
        }
        let number = match value {
            Value::TlsOffset => numbers.offset as i64,
            _ => numbers.from_thread_pointer.unwrap_or(0),
        };
        TlsTarget { entry, relaxed, number }
    }

    /// The words of an island's entries, as far as the loader's numbers are known.
    pub fn contents(
        &self,
        island: u32,
        class: impl Fn(SymbolId) -> Class,
        offset: impl Fn(SymbolId) -> u64,
    ) -> impl Iterator<Item = u64> {
        let next = self.islands.get(island as usize + 1);
        let island = self.islands.get(island as usize).copied().unwrap_or_default();
        let mut descriptors = self.descriptors.iter().skip(island.descriptor);
        let mut words = Vec::new();
        for entry in &self.entries[island.entry..next.map_or(self.entries.len(), |next| next.entry)] {
            let numbers = match entry.symbol {
                Some(id) => self.numbers(id, class(id), offset(id)),
                None => Numbers { offset: 0, ..self.numbers },
            };
            match entry.kind {
                Kind::Pair | Kind::Module => words.extend([numbers.module, numbers.offset]),
                Kind::Descriptor => words.extend(descriptors.next().copied().unwrap_or_default()),
                Kind::Distance => words.push(numbers.from_thread_pointer.unwrap_or(0) as u64),
            }
        }
        words.into_iter()
    }
}
