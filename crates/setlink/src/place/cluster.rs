//! Clusters: which objects lie together. Code reaches its own constants and data directly, so an island is a cluster of
//! objects, each with its own code, constants, data, GOT entries and stubs; references between islands have to be able
//! to go through an entry or a stub.
//!
//! Objects that refer to each other in ways that no entry or stub can serve are joined first. What is joined is packed,
//! in the order of the inputs, into clusters as large as direct references reach, and these are cut into islands as
//! small as all references reach. Objects whose joined parts are too large stay together all the same: their references
//! are checked one by one, and those that do not reach are named.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::reach::Reach;
use super::references::{Reference, References, object_of};
use super::symbols::Symbols;
use crate::isa::{Isa, Needs};
use crate::read::object::{Section, SectionFlags, SectionKind};
use crate::resolve::{Extra, LinkerSymbol, Origin, Resolution, SymbolId};

/// Which objects are in which island.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    islands: u32,
    /// Per object; empty where there is one island.
    island_of: Vec<u32>,
    /// Per extra definition, the island that its storage, or what stands for it, is in; empty likewise.
    home_of: Vec<u32>,
    /// The islands that refer to `__dso_handle`; empty where only the first may.
    handles: Vec<u32>,
}

impl Partition {
    /// One island for all.
    pub fn whole() -> Partition {
        Partition { islands: 1, island_of: Vec::new(), home_of: Vec::new(), handles: Vec::new() }
    }

    pub fn islands(&self) -> u32 {
        self.islands
    }

    /// The islands that have a `__dso_handle` of their own, if the set refers to it.
    pub fn handles(&self) -> &[u32] {
        if self.handles.is_empty() { &[0] } else { &self.handles }
    }

    /// Whether references are settled island by island.
    pub fn is_split(&self) -> bool {
        !self.island_of.is_empty()
    }

    #[inline]
    pub fn of_object(&self, object: usize) -> u32 {
        self.island_of.get(object).copied().unwrap_or(0)
    }

    pub fn of_extra(&self, index: usize) -> u32 {
        self.home_of.get(index).copied().unwrap_or(0)
    }

    /// The island of a symbol's storage, or of what stands for it.
    pub fn home(&self, resolution: &Resolution<'_>, symbols: &Symbols, id: SymbolId) -> u32 {
        match object_of(resolution, symbols, id) {
            Some(object) => self.of_object(object),
            None => match resolution.origin(id) {
                Origin::Extra(index) => self.of_extra(index),
                Origin::Object { object, .. } => self.of_object(object),
            },
        }
    }

    /// Decides which objects lie together.
    pub(super) fn decide<I: Isa>(
        resolution: &Resolution<'_>,
        symbols: &Symbols,
        references: &[References],
        reach: Reach,
        page: u64,
    ) -> Partition {
        let reach = reach.less_margin().less_margin();
        let homes = homes(resolution, references);
        let sizes = sizes::<I>(resolution, references, &homes);
        let mut together = Union::new(references.len());
        contiguous(resolution, &homes, &mut together);
        let mut near = together.clone();
        join(resolution, symbols, references, &homes, &mut near);
        let room = |limit: u64| limit.saturating_sub(3 * page);
        let mut island_of = vec![0; references.len()];
        let mut islands = 0;
        let all: Vec<u32> = (0..references.len() as u32).collect();
        for cluster in pack(&mut near, &all, &sizes, room(reach.direct)) {
            let parts = match reach.least() < reach.direct {
                true => pack(&mut together, &cluster, &sizes, room(reach.least())),
                false => vec![cluster],
            };
            for part in parts {
                part.iter().for_each(|&object| island_of[object as usize] = islands);
                islands += 1;
            }
        }
        let home_of =
            homes.iter().map(|&object| island_of.get(object as usize).copied().unwrap_or(0)).collect();
        let mut handles = Vec::new();
        for (object, found) in references.iter().enumerate() {
            let refers = found.symbols.iter().any(|(id, _)| is_handle(resolution, *id));
            if refers {
                handles.push(island_of[object]);
            }
        }
        handles.sort_unstable();
        handles.dedup();
        Partition { islands: islands.max(1), island_of, home_of, handles }
    }
}

/// Symbols that each island has its own of.
pub(super) fn is_own(resolution: &Resolution<'_>, id: SymbolId) -> bool {
    is_handle(resolution, id) || linker_symbol(resolution, id) == Some(LinkerSymbol::GotBase)
}

fn is_handle(resolution: &Resolution<'_>, id: SymbolId) -> bool {
    linker_symbol(resolution, id) == Some(LinkerSymbol::DsoHandle)
}

pub(super) fn linker_symbol(resolution: &Resolution<'_>, id: SymbolId) -> Option<LinkerSymbol> {
    let index = id.0.checked_sub(resolution.object_symbols())?;
    match resolution.extras.get(index as usize)?.1 {
        Extra::Linker(symbol) => Some(symbol),
        _ => None,
    }
}

/// Per extra definition, the object that it is best near: the first that needs it in direct reach, else the first that
/// refers to it, else the one that it comes from.
fn homes(resolution: &Resolution<'_>, references: &[References]) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let mut homes = vec![NONE; resolution.extras.len()];
    let extra = |id: SymbolId| id.0.checked_sub(resolution.object_symbols()).map(|index| index as usize);
    for direct in [true, false] {
        for (object, found) in references.iter().enumerate() {
            for (id, reference) in &found.symbols {
                let counts = !direct || reference.needs.contains(Needs::NEAR);
                if let (true, Some(index)) = (counts, extra(*id))
                    && homes[index] == NONE
                {
                    homes[index] = object as u32;
                }
            }
        }
    }
    for (home, (name, _)) in homes.iter_mut().zip(&resolution.extras).filter(|(home, _)| **home == NONE) {
        *home = resolution.names[*name].holder().map_or(0, |holder| holder.object);
    }
    homes
}

/// Per object, the bytes that it takes at most in its island, with all entries and stubs that it could need.
fn sizes<I: Isa>(resolution: &Resolution<'_>, references: &[References], homes: &[u32]) -> Vec<u64> {
    let of_references = |found: &References| {
        let each = 2 * (I::STUB_BYTES + I::ENTRY_BYTES);
        (found.symbols.len() as u64).saturating_mul(each).saturating_add(found.tls.most_bytes::<I>())
    };
    let mut sizes: Vec<u64> = references.iter().map(of_references).collect();
    for (size, added) in sizes.iter_mut().zip(&resolution.added) {
        let near = |section: &Section<'_>| !section.has(SectionFlags::TLS | SectionFlags::LARGE);
        for (_, section) in added.live_sections().filter(|(_, section)| near(section)) {
            *size = size.saturating_add(section.size()).saturating_add(section.align() - 1);
        }
    }
    for ((_, extra), home) in resolution.extras.iter().zip(homes) {
        let bytes = match extra {
            Extra::Common { size, align } => size.saturating_add(*align),
            Extra::Foreign(foreign) => foreign.size.saturating_add(foreign.copy_align()),
            _ => 0,
        };
        if let Some(size) = sizes.get_mut(*home as usize) {
            *size = size.saturating_add(bytes);
        }
    }
    sizes
}

/// Joins objects whose sections have to lie side by side: something refers to where they begin and end, or they are
/// parts of one function.
fn contiguous(resolution: &Resolution<'_>, homes: &[u32], union: &mut Union) {
    let mut wanted: HashMap<&[u8], u32, foldhash::fast::FixedState> = HashMap::default();
    let mut frames = None;
    // Code of the large model lies outside the islands, all of it together; its call frame information has to be in
    // one, since unwinders take what is registered at once for one range of addresses.
    let mut large = Some(u32::MAX);
    wanted.insert(b".init", u32::MAX);
    wanted.insert(b".fini", u32::MAX);
    for ((_, extra), &home) in resolution.extras.iter().zip(homes) {
        let Extra::Linker(symbol) = extra else { continue };
        match symbol {
            LinkerSymbol::SectionStart(name) | LinkerSymbol::SectionStop(name) => {
                wanted.insert(resolution.names[*name].text, home);
            }
            LinkerSymbol::PreinitStart | LinkerSymbol::PreinitEnd => {
                wanted.insert(b".preinit_array", home);
            }
            LinkerSymbol::InitStart | LinkerSymbol::InitEnd => {
                wanted.insert(b".init_array", home);
            }
            LinkerSymbol::FiniStart | LinkerSymbol::FiniEnd => {
                wanted.insert(b".fini_array", home);
            }
            LinkerSymbol::FramesStart => frames = Some(home),
            _ => {}
        }
    }
    for (object, added) in resolution.added.iter().enumerate() {
        for (_, section) in added.live_sections() {
            let name = section.output_name();
            let known = match section.kind {
                SectionKind::Frames => frames.as_mut(),
                _ if section.has(SectionFlags::LARGE) && section.has(SectionFlags::EXEC) => large.as_mut(),
                _ => wanted.get_mut(name),
            };
            match known {
                Some(first) if *first == u32::MAX => *first = object as u32,
                Some(first) => union.join(*first, object as u32),
                None => {}
            }
        }
    }
}

/// Joins objects that refer to each other, or to one thing outside, directly.
fn join(
    resolution: &Resolution<'_>,
    symbols: &Symbols,
    references: &[References],
    homes: &[u32],
    union: &mut Union,
) {
    let direct = |reference: &Reference| reference.needs.contains(Needs::NEAR);
    for (object, found) in references.iter().enumerate() {
        for (id, _) in found.symbols.iter().filter(|(_, reference)| direct(reference)) {
            if is_own(resolution, *id) {
                continue;
            }
            let home = object_of(resolution, symbols, *id).map(|object| object as u32);
            let extra = || homes.get(id.0.checked_sub(resolution.object_symbols())? as usize).copied();
            if let Some(home) = home.or_else(extra) {
                union.join(home, object as u32);
            }
        }
    }
}

/// Puts groups of `objects`, in their order, one behind the other into parts of at most `limit` bytes. A group that is
/// larger is a part by itself.
fn pack(union: &mut Union, objects: &[u32], sizes: &[u64], limit: u64) -> Vec<Vec<u32>> {
    let mut number_of: HashMap<u32, usize, foldhash::fast::FixedState> = HashMap::default();
    let mut groups: Vec<(Vec<u32>, u64)> = Vec::new();
    for &object in objects {
        let number = *number_of.entry(union.find(object)).or_insert(groups.len());
        if number == groups.len() {
            groups.push((Vec::new(), 0));
        }
        groups[number].0.push(object);
        groups[number].1 = groups[number].1.saturating_add(sizes[object as usize]);
    }
    let mut parts: Vec<(Vec<u32>, u64)> = Vec::new();
    for (group, size) in groups {
        match parts.last_mut() {
            Some((part, used)) if used.saturating_add(size) <= limit => {
                part.extend(group);
                *used += size;
            }
            _ => parts.push((group, size)),
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

/// Disjoint groups of objects.
#[derive(Clone)]
struct Union {
    parents: Vec<u32>,
}

impl Union {
    fn new(objects: usize) -> Union {
        Union { parents: (0..objects as u32).collect() }
    }

    fn find(&mut self, mut object: u32) -> u32 {
        while self.parents[object as usize] != object {
            let above = self.parents[self.parents[object as usize] as usize];
            self.parents[object as usize] = above;
            object = above;
        }
        object
    }

    /// The earlier object stands for both groups.
    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.find(one), self.find(other));
        self.parents[one.max(other) as usize] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::{Union, pack};

    #[test]
    fn groups_are_packed_in_order_and_stay_whole() {
        let mut union = Union::new(6);
        union.join(4, 1);
        union.join(5, 4);
        let all: Vec<u32> = (0..6).collect();
        let sizes = [10, 10, 10, 10, 10, 10];
        assert_eq!(pack(&mut union, &all, &sizes, 100), [vec![0, 1, 4, 5, 2, 3]]);
        assert_eq!(pack(&mut union, &all, &sizes, 40), [vec![0, 1, 4, 5], vec![2, 3]]);
        // What is too large alone is alone.
        assert_eq!(pack(&mut union, &all, &sizes, 15), [vec![0], vec![1, 4, 5], vec![2], vec![3]]);
        assert_eq!(pack(&mut union, &[], &sizes, 15), Vec::<Vec<u32>>::new());
    }
}
