//! The scan: what every relocation of the set needs of its symbol, collected per symbol before anything is sized.
//!
//! Most relocations need nothing: a distance between two places of the set, which the layout keeps in reach. Those leave
//! no trace. The rest set bits in one word per symbol. No relocation is copied.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering::Relaxed};

use hashbrown::HashMap;

use super::frames::{Cursor, Frames, KeptFrames, Run};
use super::reach::MARGIN;
use super::symbols::{Class, NO_SECTION, Symbols};
use super::tls::TlsScan;
use crate::error::{Place, Problem, ProblemKind};
use crate::isa::{Crowd, Isa, Needs, Range, RelocationType, TlsSite, Value};
use crate::read::elf::Relocations;
use crate::read::object::{Binding, Relocation, Section, SectionFlags, SectionKind};
use crate::resolve::{Resolution, SectionId, SymbolId, Targets};

/// Sets below this many relocations are scanned by one thread: starting others costs more.
const PARALLEL_FROM: u64 = 50_000;
/// Objects that a thread scans before it asks for more.
const SCANNED_AT_ONCE: usize = 8;

/// An object with so many problems is not looked at any further: a list that nobody reads could take all memory.
pub(crate) const REPORTED: usize = 1000;

/// What the scan found.
#[derive(Default)]
pub(crate) struct Scan<'d> {
    /// Per symbol id.
    needs: &'d mut [AtomicU16],
    /// The symbols that need something, in the order of their ids.
    needy: Vec<SymbolId>,
    /// The GOT's base address is used, whether or not it has entries.
    pub got_base: AtomicU64,
    /// Relocations in sections that take part.
    pub relocations: AtomicU64,
    /// Relaxable references to symbols inside the set, by what they need to relax: near, near or low, low.
    pub relaxable: [AtomicU64; 3],
    /// Relaxable references to each symbol that is not inside the set.
    pub relaxable_outside: HashMap<SymbolId, [u64; 3], foldhash::fast::FixedState>,
    /// Sections that hold relocations whose range the layout does not guarantee.
    pub exact: Vec<SectionId>,
    /// What refers to thread-local storage.
    pub tls: TlsScan,
    pub problems: Vec<Problem>,
}

impl Scan<'_> {
    /// The symbols that need something, in the order of their ids.
    pub fn needy(&self) -> impl Iterator<Item = (SymbolId, Needs)> + '_ {
        self.needy.iter().map(|&id| (id, Needs::from_bits_retain(self.needs[id.0 as usize].load(Relaxed))))
    }

    /// Notes what a symbol needs, besides what is known.
    pub fn note_late(&mut self, id: SymbolId, needs: Needs) {
        if self.note(id, needs)
            && let Err(place) = self.needy.binary_search(&id)
        {
            self.needy.insert(place, id);
        }
    }

    /// Notes what a symbol needs. Returns whether it needed nothing before.
    fn note(&self, id: SymbolId, needs: Needs) -> bool {
        let word = &self.needs[id.0 as usize];
        word.load(Relaxed) & needs.bits() != needs.bits() && word.fetch_or(needs.bits(), Relaxed) == 0
    }
}

/// What some objects' sections add to the scan.
#[derive(Default)]
struct Found {
    relocations: u64,
    needy: Vec<SymbolId>,
    got_base: bool,
    relaxable: [u64; 3],
    relaxable_outside: HashMap<SymbolId, [u64; 3], foldhash::fast::FixedState>,
    exact: Vec<SectionId>,
    problems: Vec<Problem>,
    /// The number of problems with which the object at hand has had enough.
    enough: usize,
    /// Per undefined symbol, the number of references and the problem at the first.
    undefined: Vec<(SymbolId, usize, Problem)>,
    undefined_at: HashMap<SymbolId, usize, foldhash::fast::FixedState>,
    /// Relocations of the object at hand left unchecked, after too many problems.
    unchecked: u64,
    tls: TlsScan,
    /// The offset of a call of `__tls_get_addr` that belongs to a reference to this symbol, or to the set's block.
    tls_call: Option<(u64, Option<SymbolId>)>,
}

/// Scans all sections that take part.
pub(crate) fn scan<'d, I: Isa>(
    resolution: &Resolution<'d>,
    symbols: &Symbols<'d>,
    frames: &Frames<'d>,
) -> Scan<'d> {
    let mut scan = Scan {
        needs: resolution.arena.collect(symbols.len(), std::iter::repeat_with(AtomicU16::default)),
        needy: Vec::new(),
        got_base: AtomicU64::new(0),
        relocations: AtomicU64::new(0),
        relaxable: Default::default(),
        relaxable_outside: HashMap::default(),
        exact: Vec::new(),
        tls: TlsScan::default(),
        problems: Vec::new(),
    };
    // Counting takes a look at sections, which one thread alone need not take.
    let is_large = || {
        let mut sections = resolution.added.iter().flat_map(|added| added.object.sections);
        let mut left = PARALLEL_FROM;
        sections.any(|section| {
            left = left.saturating_sub(section.relocations.len() as u64);
            left == 0
        })
    };
    let scanner = Scanner { resolution, symbols, frames, scan: &scan };
    let threads = resolution.threads.when(!resolution.threads.is_one() && is_large());
    let find = |objects: std::ops::Range<usize>| {
        let mut found = Found::default();
        objects.for_each(|object| scanner.object::<I>(object, &mut found));
        found
    };
    // Of one thread there is one part, and they are large.
    let mut found = Vec::with_capacity(1);
    threads.over(resolution.added.len(), SCANNED_AT_ONCE, find, |part| found.push(part));
    let mut undefined: HashMap<SymbolId, usize, foldhash::fast::FixedState> = HashMap::default();
    let mut first_references: Vec<(SymbolId, Problem)> = Vec::new();
    for found in found {
        *scan.relocations.get_mut() += found.relocations;
        *scan.got_base.get_mut() |= u64::from(found.got_base);
        for (total, count) in scan.relaxable.iter_mut().zip(found.relaxable) {
            *total.get_mut() += count;
        }
        for (symbol, counts) in found.relaxable_outside {
            let total = scan.relaxable_outside.entry(symbol).or_default();
            total.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        scan.needy.extend(found.needy);
        scan.exact.extend(found.exact);
        scan.tls.merge(found.tls);
        scan.problems.extend(found.problems);
        for (symbol, references, problem) in found.undefined {
            let count = undefined.entry(symbol).or_insert(0);
            *count += references;
            if *count == references {
                first_references.push((symbol, problem));
            }
        }
    }
    scan.needy.sort_unstable();
    for (symbol, mut problem) in first_references {
        if let ProblemKind::Undefined { references, .. } = &mut problem.kind {
            *references = undefined[&symbol];
        }
        scan.problems.push(problem);
    }
    scan
}

struct Scanner<'s, 'd> {
    resolution: &'s Resolution<'d>,
    symbols: &'s Symbols<'d>,
    frames: &'s Frames<'d>,
    scan: &'s Scan<'d>,
}

impl Scanner<'_, '_> {
    fn object<I: Isa>(&self, object: usize, found: &mut Found) {
        found.enough = found.problems.len() + REPORTED;
        found.unchecked = 0;
        let added = &self.resolution.added[object];
        for (index, section) in added.live_sections() {
            let id = self.resolution.section_id(object, index);
            let frames = match section.kind {
                SectionKind::Frames => match self.frames.of(object, id) {
                    Some(frames) => Some(frames),
                    None => continue,
                },
                _ => None,
            };
            let scanned = Scanned { by: self, object, index, id, section };
            match section.relocations {
                Relocations::Rela(raw) => {
                    scanned.relocations::<I>(raw.iter().map(Relocation::from), frames, found);
                }
                other => scanned.relocations::<I>(other.iter(), frames, found),
            }
        }
        if found.unchecked > 0 {
            let what = format!("{} more relocations, unchecked after so many problems,", found.unchecked);
            found.problems.push(Problem::unsupported(added.object.place(), what));
        }
    }

    /// Whether the layout alone does not guarantee that the number fits the field.
    #[inline]
    fn is_odd(&self, reference: &Reference<'_>) -> bool {
        let &Reference { relocation, row, target, class } = reference;
        if row.field.range == Range::Any {
            return false;
        }
        let target = target.0 as usize;
        row.field.bytes < 4
            || relocation.addend.unsigned_abs() > MARGIN
            || row.value == Value::Size
            || class == Class::Absolute
            || matches!(class, Class::WeakUndefined | Class::Undefined)
            || (self.symbols.section[target] != NO_SECTION && self.symbols.value[target] > MARGIN)
    }
}

/// A section whose relocations are scanned.
struct Scanned<'s, 'd> {
    by: &'s Scanner<'s, 'd>,
    object: usize,
    /// Its number in the object, and in the set.
    index: u32,
    id: SectionId,
    section: &'s Section<'d>,
}

/// A relocation that leads somewhere.
struct Reference<'r> {
    relocation: &'r Relocation,
    row: &'r RelocationType,
    target: SymbolId,
    class: Class,
}

impl Scanned<'_, '_> {
    fn relocations<I: Isa>(
        &self,
        mut relocations: impl Iterator<Item = Relocation>,
        frames: Option<&KeptFrames<'_>>,
        found: &mut Found,
    ) {
        found.tls_call = None;
        let mut crowd = Crowd::default();
        let (Scanner { resolution, symbols, .. }, section) = (self.by, self.section);
        let targets = resolution.targets(self.object);
        let class: &[Class] = symbols.class;
        let all = [Run::whole(section.data().len() as u64)];
        let mut cursor = Cursor::new(frames.map_or(&all[..], KeptFrames::runs));
        let skims = !section.has(SectionFlags::TLS) && !symbols.has_far;
        let mut is_call = false;
        loop {
            let next = if skims && !is_call {
                skim::<I>(&mut relocations, cursor.run(), class, targets, &mut crowd, &mut found.relocations)
            } else {
                relocations.next()
            };
            let Some(relocation) = next else { break };
            let width = || I::relocation_type(relocation.kind).map_or(0, |row| u64::from(row.field.bytes));
            let mut whole = true;
            if frames.is_some() {
                let run = cursor.run();
                let Some(moved) = cursor.place(relocation.offset, width()) else { continue };
                whole = moved.whole;
                let (run, has_moved) = (cursor.run(), cursor.run() != run);
                let mut again = std::iter::once(relocation);
                if has_moved
                    && skims
                    && !is_call
                    && skim::<I>(&mut again, run, class, targets, &mut crowd, &mut found.relocations)
                        .is_none()
                {
                    continue;
                }
            }
            let frames = (frames.is_some(), whole);
            self.relocation::<I>(&relocation, frames, &mut crowd, found);
            is_call = found.tls_call.is_some();
        }
    }

    fn place(&self, relocation: &Relocation) -> Place {
        let added = &self.by.resolution.added[self.object];
        added.object.place_in(self.index).at(relocation.offset)
    }

    /// What the relocation leads to, for messages.
    fn name(&self, relocation: &Relocation) -> String {
        self.by.resolution.describe(self.object, relocation.symbol)
    }

    fn relocation<I: Isa>(
        &self,
        relocation: &Relocation,
        (in_frames, whole): (bool, bool),
        crowd: &mut Crowd,
        found: &mut Found,
    ) {
        found.relocations += 1;
        if found.problems.len() >= found.enough {
            found.unchecked += 1;
            return;
        }
        let (Scanner { resolution, symbols, scan, .. }, section) = (self.by, self.section);
        let place = || self.place(relocation);
        let Some(row) = I::relocation_type(relocation.kind) else {
            let what = format!("relocation type {}", relocation.kind);
            return found.problems.push(Problem::unsupported(place(), what));
        };
        if row.value == Value::None {
            return;
        }
        let end = relocation.offset.checked_add(u64::from(row.field.bytes));
        let Some(target) = resolution.target(self.object, relocation.symbol) else {
            let what = format!("{} refers to symbol {}, which does not exist", row.name, relocation.symbol);
            return found.problems.push(Problem::malformed(place(), what));
        };
        if end.is_none_or(|end| end > section.data().len() as u64) {
            let what = format!("{} lies outside its section", row.name);
            return found.problems.push(Problem::malformed(place(), what));
        }
        let (clear, start) = crowd.admit::<I>(row, relocation.offset);
        let (code, at) = (&section.data()[start as usize..], (relocation.offset - start) as usize);
        if !whole {
            let what = format!("{} reaches from one record into another", row.name);
            return found.problems.push(Problem::malformed(place(), what));
        }
        let class = symbols.class(target);
        let reference = Reference { relocation, row, target, class };
        if let Some((offset, symbol)) = found.tls_call.take()
            && offset == relocation.offset
        {
            let needs = I::needs(row, code, at, relocation.addend);
            return found.tls.note_call(symbol, target, needs);
        }
        if row.value.is_tls() || section.has(SectionFlags::TLS) {
            if !self.thread_local(&reference, found) {
                return;
            }
            if row.value.is_tls() {
                let site = match clear && !in_frames {
                    true => I::tls_site(row, code, at, relocation.addend),
                    false => TlsSite::default(),
                };
                let symbol = (row.value != Value::TlsModule).then_some(target);
                found.tls_call = site.call.map(|offset| (start + offset, symbol));
                // A block has at most 1 GiB: only an offset far outside its section can leave the field's range.
                let far =
                    relocation.addend.unsigned_abs() > MARGIN || symbols.value[target.0 as usize] > MARGIN;
                if far && found.exact.last() != Some(&self.id) {
                    found.exact.push(self.id);
                }
                let place = || place().of_symbol(self.name(relocation));
                return found.tls.note(row.value, target, site, place);
            }
        }
        let unusual = row.value == Value::DynamicOnly
            || !matches!(
                class,
                Class::Inside | Class::Absolute | Class::ForeignFunction | Class::ForeignData
            );
        if unusual && !self.admissible(&reference, found) {
            return;
        }
        let mut needs = I::needs(row, code, at, relocation.addend);
        if needs.intersects(Needs::RELAXABLE) && (!clear || in_frames) {
            needs = Needs::ENTRY;
        }
        found.got_base |= matches!(
            row.value,
            Value::GotRelative | Value::GotOffset | Value::StubOffset | Value::EntryOffset
        );
        const PLAIN: Needs = Needs::ADDRESS.union(Needs::NEAR).union(Needs::BRANCH);
        if class != Class::Inside || !PLAIN.contains(needs) {
            let target = if class == Class::Ifunc { symbols.original(target) } else { target };
            if scan.note(target, needs) {
                found.needy.push(target);
            }
            let kind = match needs {
                Needs::ENTRY_BRANCH => Some(0),
                Needs::ENTRY_LOAD => Some(1),
                Needs::ENTRY_OPERAND => Some(2),
                _ => None,
            };
            match kind {
                Some(kind) if class.is_inside() => found.relaxable[kind] += 1,
                Some(kind) => found.relaxable_outside.entry(target).or_default()[kind] += 1,
                None => {}
            }
        }
        if self.by.is_odd(&reference) && found.exact.last() != Some(&self.id) {
            found.exact.push(self.id);
        }
    }

    /// Relocations about thread-local storage, and in it. Returns whether the relocation is to be noted.
    #[cold]
    fn thread_local(&self, reference: &Reference<'_>, found: &mut Found) -> bool {
        let &Reference { relocation, row, class, .. } = reference;
        let (place, name) = (self.place(relocation), || self.name(relocation));
        let in_template = self.section.has(SectionFlags::TLS);
        if in_template && !matches!(row.value, Value::Address | Value::Size | Value::TlsOffset) {
            let what = format!("{} in the initial values of thread-local storage", row.name);
            found.problems.push(Problem::unsupported(place.of_symbol(name()), what));
            return false;
        }
        if !row.value.is_tls() || row.value == Value::TlsModule {
            return true;
        }
        match class {
            Class::ThreadLocal | Class::WeakUndefined => true,
            Class::ForeignThreadLocal if row.value != Value::TlsOffset => true,
            Class::Undefined | Class::Discarded => self.admissible(reference, found),
            Class::ForeignThreadLocal => {
                let what = format!("{} to a variable of another module, `{}`,", row.name, name());
                found.problems.push(Problem::unsupported(place, what));
                false
            }
            _ => {
                let what = format!("{} refers to `{}`, which is not thread-local", row.name, name());
                found.problems.push(Problem::malformed(place, what));
                false
            }
        }
    }

    /// The unusual cases. Returns whether the relocation is to be scanned as usual.
    #[cold]
    fn admissible(&self, reference: &Reference<'_>, found: &mut Found) -> bool {
        let &Reference { relocation, row, target, class } = reference;
        if class == Class::Undefined
            && let Some(&at) = found.undefined_at.get(&target)
        {
            found.undefined[at].1 += 1;
            return false;
        }
        // Most may be, and nobody needs words for them.
        let (place, name) = (|| self.place(relocation), || self.name(relocation));
        if row.value == Value::DynamicOnly {
            let what = format!("{} belongs in files for a dynamic loader", row.name);
            found.problems.push(Problem::malformed(place(), what));
            return false;
        }
        let Scanner { resolution, .. } = self.by;
        let symbol = resolution.added[self.object].object.symbols.get(relocation.symbol);
        // A definition that gave way, and that the copy which was kept does not have.
        let lost = class == Class::Undefined && symbol.is_some_and(|symbol| !symbol.is_undefined());
        match if lost { Class::Discarded } else { class } {
            Class::Undefined => {
                if symbol.is_some_and(|symbol| symbol.binding == Binding::Weak) {
                    return true;
                }
                let mut problem =
                    Problem::new(place(), ProblemKind::Undefined { symbol: name(), references: 0 });
                problem.remedy = remedy(resolution.name(self.object, relocation.symbol));
                found.undefined_at.insert(target, found.undefined.len());
                found.undefined.push((target, 1, problem));
                false
            }
            Class::Discarded => {
                // Information about a function that gave way to another object's copy may stay without it.
                let tolerated = [&b".gcc_except_table"[..], b".stab", b".eh_frame"];
                if tolerated.iter().any(|name| self.section.name.starts_with(name)) {
                    return false;
                }
                let what = format!("{} refers to a discarded section", row.name);
                found.problems.push(Problem::malformed(place().of_symbol(name()), what));
                false
            }
            Class::ThreadLocal if row.value == Value::Size => true,
            Class::ThreadLocal | Class::ForeignThreadLocal => {
                let what = format!("{} to the thread-local symbol `{}`", row.name, name());
                found.problems.push(Problem::unsupported(place(), what));
                false
            }
            _ => true,
        }
    }
}

/// Passes by the relocations that need nothing of their symbol, as most do: it is in the set, and where they look for it,
/// and they lie in `run`. Counts them, and returns the next.
#[inline(never)] // alone, it keeps all it needs in registers
fn skim<I: Isa>(
    relocations: &mut impl Iterator<Item = Relocation>,
    run: Run,
    class: &[Class],
    targets: Targets<'_>,
    crowd: &mut Crowd,
    count: &mut u64,
) -> Option<Relocation> {
    relocations.find(|relocation| {
        let Some(ordinary) = I::ordinary(relocation.kind) else { return true };
        let is_plain = run.place(relocation.offset, ordinary.bytes()).is_some()
            && relocation.addend.unsigned_abs() <= MARGIN
            && targets.of(relocation.symbol).and_then(|id| class.get(id.0 as usize)) == Some(&Class::Inside);
        if is_plain {
            crowd.pass(relocation.offset + ordinary.bytes());
            *count += 1;
        }
        !is_plain
    })
}

/// Libraries whose absence is often the reason.
fn remedy(name: &[u8]) -> Option<String> {
    let known: &[(&[u8], &str)] = &[
        (b"_ZSt", "-lstdc++"),
        (b"_ZNSt", "-lstdc++"),
        (b"_ZNKSt", "-lstdc++"),
        (b"__cxa_", "-lstdc++"),
        (b"__gxx_", "-lstdc++"),
        (b"_Znw", "-lstdc++"),
        (b"_Zdl", "-lstdc++"),
        (b"deflate", "-lz"),
        (b"inflate", "-lz"),
    ];
    let math: &[&[u8]] =
        &[b"sin", b"cos", b"tan", b"pow", b"exp", b"log", b"floor", b"ceil", b"fmod", b"sqrt", b"atan2"];
    let library = known
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map(|(_, library)| *library)
        .or_else(|| math.contains(&name).then_some("-lm"));
    library.map(|library| format!("it is in the library given by {library}"))
}
