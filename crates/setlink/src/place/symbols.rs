//! What every symbol of the set is and where, in flat arrays indexed by symbol id, so that the passes over relocations
//! look one thing up instead of decoding a symbol each time.

#![forbid(unsafe_code)]

use std::ops::Range;

use hashbrown::HashMap;

use super::reach::MARGIN;
use super::tls::is_thread_local_common;
use crate::read::object::{SectionFlags, SymbolKind, SymbolSection};
use crate::resolve::scope::ForeignKind;
use crate::resolve::{Extra, LinkerSymbol, Resolution, SymbolId};

/// What a symbol is, as far as placement has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// A place in a section of the set, or in storage that the plan adds to it.
    Inside,
    /// A function of the set whose address its resolver tells.
    Ifunc,
    /// A thread-local variable of the set.
    ThreadLocal,
    /// A place in a section that gave way to another copy.
    Discarded,
    Absolute,
    /// Outside the set.
    ForeignFunction,
    ForeignData,
    ForeignUnknown,
    ForeignThreadLocal,
    WeakUndefined,
    Undefined,
}

impl Class {
    pub fn is_foreign(self) -> bool {
        matches!(self, Class::ForeignFunction | Class::ForeignData | Class::ForeignUnknown)
    }

    /// Moves with the set: its distance to other places of the set is fixed.
    pub fn is_inside(self) -> bool {
        matches!(self, Class::Inside | Class::Ifunc)
    }
}

/// Sets of fewer symbols are looked through by one thread.
const PARALLEL_FROM: usize = 50_000;
/// Objects whose symbols a thread looks through before it asks for more.
const FILLED_AT_ONCE: usize = 8;

/// No section: the value is an address, or will be given one by the layout.
pub(crate) const NO_SECTION: u32 = u32::MAX;

/// The facts, one element per symbol id.
#[derive(Default)]
pub(crate) struct Symbols<'d> {
    pub class: &'d mut [Class],
    /// Section id, or [`NO_SECTION`].
    pub section: &'d mut [u32],
    /// Offset in the section, or address.
    pub value: &'d mut [u64],
    /// Whether any symbol of a section is so far from its start that layout alone does not keep it in reach.
    pub has_far: bool,
    /// Each ifunc at the place of an earlier one, and that one: they are one function by several names.
    pub aliases: HashMap<SymbolId, SymbolId, foldhash::fast::FixedState>,
}

/// What there is among the symbols of some objects.
#[derive(Clone, Copy, Default)]
struct Noticed {
    /// A symbol far from the start of its section.
    far: bool,
    ifunc: bool,
}

impl<'d> Symbols<'d> {
    pub fn of(resolution: &Resolution<'d>) -> Self {
        let in_objects = resolution.object_symbols() as usize;
        let count = in_objects + resolution.extras.len();
        let mut symbols = Symbols {
            class: resolution.arena.fill(count, Class::Absolute),
            section: resolution.arena.fill(count, NO_SECTION),
            value: resolution.arena.zeroes(count),
            has_far: false,
            aliases: HashMap::default(),
        };
        let noticed = symbols.objects(resolution);
        symbols.has_far = noticed.far;
        for (index, (_, extra)) in resolution.extras.iter().enumerate() {
            let id = in_objects + index;
            let (class, value) = match extra {
                Extra::Undefined => (Class::Undefined, 0),
                Extra::WeakUndefined => (Class::WeakUndefined, 0),
                Extra::Absolute(address) => (Class::Absolute, *address),
                Extra::Foreign(foreign) => {
                    let class = match foreign.kind {
                        ForeignKind::Function => Class::ForeignFunction,
                        ForeignKind::Data => Class::ForeignData,
                        ForeignKind::Unknown => Class::ForeignUnknown,
                        ForeignKind::ThreadLocal => Class::ForeignThreadLocal,
                    };
                    (class, foreign.address)
                }
                Extra::Linker(LinkerSymbol::TlsBase) => (Class::ThreadLocal, 0),
                Extra::Common { .. } if is_thread_local_common(resolution, index) => (Class::ThreadLocal, 0),
                Extra::Common { .. } | Extra::Linker(_) => (Class::Inside, 0),
                Extra::Offset(target, offset) => {
                    let target = target.0 as usize;
                    let class = symbols.class.get(target).copied().unwrap_or(Class::Undefined);
                    let section = symbols.section.get(target).copied().unwrap_or(NO_SECTION);
                    let value = symbols.value.get(target).copied().unwrap_or(0);
                    symbols.set(id, class, section, value.wrapping_add_signed(*offset));
                    continue;
                }
            };
            symbols.set(id, class, NO_SECTION, value);
        }
        if noticed.ifunc {
            symbols.find_aliases();
        }
        symbols
    }

    fn find_aliases(&mut self) {
        let mut originals: HashMap<(u32, u64), SymbolId, foldhash::fast::FixedState> = HashMap::default();
        let ifuncs = (0..).zip(&*self.class).filter(|(_, class)| **class == Class::Ifunc);
        for (index, _) in ifuncs {
            let (id, place) = (SymbolId(index as u32), (self.section[index], self.value[index]));
            let original = *originals.entry(place).or_insert(id);
            if original != id {
                self.aliases.insert(id, original);
            }
        }
    }

    /// The symbol by which an ifunc with several names is known; every other symbol itself. A stub that stands for a
    /// function must be one, whatever name a reference has.
    pub fn original(&self, id: SymbolId) -> SymbolId {
        self.aliases.get(&id).copied().unwrap_or(id)
    }

    /// Fills in the symbols of objects.
    fn objects(&mut self, resolution: &Resolution<'_>) -> Noticed {
        let threads = resolution.threads.when(self.class.len() >= PARALLEL_FROM);
        let objects = resolution.added.len();
        let (mut class, mut section, mut value) =
            (&mut self.class[..], &mut self.section[..], &mut self.value[..]);
        let fill =
            |(objects, class, section, value): (Range<usize>, &mut [Class], &mut [u32], &mut [u64])| {
                let mut noticed = Noticed::default();
                let symbols = objects.flat_map(|object| {
                    let added = &resolution.added[object];
                    let base = resolution.section_base[object];
                    let has_tls = added.object.any.contains(SectionFlags::TLS);
                    (0..added.object.symbols.len()).map(move |index| (added, base, has_tls, index))
                });
                for (((class, section), value), (added, base, has_tls, index)) in
                    class.iter_mut().zip(section).zip(value).zip(symbols)
                {
                    let Some(symbol) = added.object.symbols.get(index) else { continue };
                    *value = symbol.value;
                    // Sections that are not loaded lie at 0, as in any linker's output. What is undefined is symbol 0, or a
                    // global, whose references go to its definition instead.
                    let number = match symbol.section {
                        SymbolSection::Loaded(number) => number,
                        SymbolSection::Excluded => {
                            *class = Class::Discarded;
                            continue;
                        }
                        _ => continue,
                    };
                    noticed.far |= symbol.value > MARGIN;
                    *section = base + number;
                    *class = if !added.live[number as usize] {
                        Class::Discarded
                    } else if has_tls && added.object.sections[number as usize].has(SectionFlags::TLS) {
                        // Section symbols stand for variables too.
                        Class::ThreadLocal
                    } else if symbol.kind == SymbolKind::Ifunc {
                        noticed.ifunc = true;
                        Class::Ifunc
                    } else {
                        Class::Inside
                    };
                }
                noticed
            };
        if threads.is_one() {
            return fill((0..objects, class, section, value));
        }
        let mut parts = Vec::new();
        for start in (0..objects).step_by(FILLED_AT_ONCE) {
            let end = (start + FILLED_AT_ONCE).min(objects);
            let at = (resolution.symbol_base[end] - resolution.symbol_base[start]) as usize;
            let own = (class.split_at_mut(at), section.split_at_mut(at), value.split_at_mut(at));
            parts.push((start..end, own.0.0, own.1.0, own.2.0));
            (class, section, value) = (own.0.1, own.1.1, own.2.1);
        }
        let either = |a: Noticed, b: Noticed| Noticed { far: a.far | b.far, ifunc: a.ifunc | b.ifunc };
        threads.map(parts, 1, fill).into_iter().fold(Noticed::default(), either)
    }

    #[inline]
    fn set(&mut self, id: usize, class: Class, section: u32, value: u64) {
        self.has_far |= section != NO_SECTION && value > MARGIN;
        self.class[id] = class;
        self.section[id] = section;
        self.value[id] = value;
    }

    pub fn len(&self) -> usize {
        self.class.len()
    }

    pub fn class(&self, id: SymbolId) -> Class {
        self.class.get(id.0 as usize).copied().unwrap_or(Class::Undefined)
    }
}
