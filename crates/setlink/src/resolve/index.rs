//! Indexes of archives: which member defines which names. Members are read later, and what each defines is then known
//! already: most have their symbols in the order in which the index lists them.

#![forbid(unsafe_code)]

use super::names::NameId;
use crate::error::Problem;
use crate::memory::arena::Arena;
use crate::read::archive::Archive;
use crate::read::object::{Expected, ExpectedName, KnownName, NameHash};

/// What an index lists, as any thread may read it.
pub(super) struct Listing<'d> {
    /// Each name, its hash, and the member that defines it.
    pub entries: Vec<(&'d [u8], NameHash, u64)>,
    /// The names one behind the other, where the index has them so.
    pub text: Option<&'d [u8]>,
    /// Whether a name may have a version.
    pub versioned: bool,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

impl<'d> Listing<'d> {
    /// None where there is no index.
    pub fn of(archive: &Archive<'d>) -> Option<Self> {
        let mut symbols = archive.symbols()?;
        let text = symbols.text();
        // Before they are read one by one: this brings all of them nearer.
        let versioned = symbols.may_be_versioned();
        let mut entries = Vec::with_capacity(symbols.left());
        entries.extend(symbols.by_ref().map(|(name, member)| (name, NameHash::of(name), member)));
        Some(Listing { entries, text, versioned, problem: archive.check_read(&symbols).err() })
    }
}

/// An index whose names the set knows by number.
#[derive(Default)]
pub(super) struct Index<'d> {
    text: &'d [u8],
    names: &'d [ExpectedName],
    /// In the order of their offsets: a member, the number of its first name, and where in the text that begins.
    members: Vec<(u64, usize, usize)>,
}

impl<'d> Index<'d> {
    /// What the member at `offset` should define.
    pub fn expected(&self, offset: u64) -> Expected<'d> {
        let Ok(at) = self.members.binary_search_by_key(&offset, |member| member.0) else {
            return Expected::default();
        };
        let (_, first, start) = self.members[at];
        let end = self.members.get(at + 1).map_or(self.names.len(), |next| next.1);
        Expected {
            text: self.text.get(start..).unwrap_or_default(),
            names: self.names.get(first..end).unwrap_or_default(),
        }
    }
}

/// After so many names it is decided whether the others are collected.
const LOOKED_AT: usize = 64;

/// Collects an index while its names are entered, in its order.
pub(super) struct Entering<'d> {
    text: &'d [u8],
    /// How much of the text was entered.
    at: usize,
    count: usize,
    names: Vec<ExpectedName>,
    members: Vec<(u64, usize, usize)>,
}

impl<'d> Entering<'d> {
    /// An index of `count` names. Without `text`, nothing is expected of its members.
    pub fn new(text: Option<&'d [u8]>, count: usize) -> Self {
        let text = text.unwrap_or_default();
        Entering { text, at: 0, count, names: Vec::new(), members: Vec::new() }
    }

    /// The next entry: a name of `length` bytes, which the set knows as `id`, is defined by `member`.
    pub fn enter(&mut self, id: NameId, length: usize, member: u64) {
        if self.text.is_empty() || length >= KnownName::NUMBERED as usize {
            self.text = &[];
            return;
        }
        if self.members.last().is_none_or(|last| last.0 != member) {
            self.members.push((member, self.names.len(), self.at));
        }
        self.names.push(ExpectedName { number: id.0, length: length as u32 });
        self.at += length + 1;
        if self.names.len() == LOOKED_AT {
            match self.is_worth_it() {
                true => self.names.reserve(self.count.saturating_sub(LOOKED_AT)),
                false => self.text = &[],
            }
        }
    }

    /// Where members define one name each, finding the member takes longer than finding the name.
    fn is_worth_it(&self) -> bool {
        self.members.len() <= self.names.len() / 2
    }

    pub fn finish(self, arena: &'d Arena) -> Index<'d> {
        // An index that jumps to and fro between its members is not worth sorting.
        let is_sorted = self.members.is_sorted_by(|one, next| one.0 < next.0);
        if self.text.is_empty() || !is_sorted || !self.is_worth_it() {
            return Index::default();
        }
        Index { text: self.text, names: arena.all(self.names.into_iter()), members: self.members }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of members that define so many names each, in this order, named after their places.
    fn entered<'d>(members: &[(u64, usize)], text: &'d mut Vec<u8>, arena: &'d Arena) -> Index<'d> {
        let names =
            || members.iter().flat_map(|&(member, count)| std::iter::repeat_n(member, count)).zip(0u32..);
        names().for_each(|(_, name)| text.extend(format!("name{name}\0").bytes()));
        let mut entering = Entering::new(Some(text), names().count());
        for (member, name) in names() {
            entering.enter(NameId(1000 + name), format!("name{name}").len(), member);
        }
        entering.finish(arena)
    }

    /// The numbers of the names that a member should define, each found in a table of them.
    fn expected(index: &Index<'_>, member: u64) -> Vec<u32> {
        let mut expected = index.expected(member);
        let mut numbers = Vec::new();
        while let Some(first) = expected.names.first() {
            let name = format!("name{}\0", first.number - 1000);
            assert_eq!(first.length as usize, name.len() - 1);
            assert!(expected.take(format!("x{name}").as_bytes()).is_none());
            assert!(expected.take(&name.as_bytes()[..name.len() - 1]).is_none());
            let met = expected.take(format!("{name}more").as_bytes()).expect("it is this one");
            numbers.push(met.number);
        }
        numbers
    }

    #[test]
    fn members_should_define_what_the_index_lists() {
        let arena = Arena::default();
        for counts in [vec![3], vec![2, 5, 40, 1, 7], vec![40, 40, 1, 3], vec![63, 1, 2]] {
            let members: Vec<(u64, usize)> = (1..).map(|at| 100 * at).zip(counts).collect();
            let mut text = Vec::new();
            let index = entered(&members, &mut text, &arena);
            let mut next = 1000;
            for (member, count) in members {
                let names: Vec<u32> = (next..).take(count).collect();
                next += count as u32;
                assert_eq!(expected(&index, member), names);
                assert!(expected(&index, member + 1).is_empty());
            }
        }
    }

    #[test]
    fn other_indexes_tell_nothing() {
        let arena = Arena::default();
        let ones: Vec<(u64, usize)> = (1..200).map(|member| (member, 1)).collect();
        let few_at_first: Vec<(u64, usize)> = ones.iter().copied().chain([(300, 1000)]).collect();
        for members in [vec![(8, 3), (4, 3)], vec![(8, 3), (4, 3), (8, 3)], ones, few_at_first] {
            let mut text = Vec::new();
            let index = entered(&members, &mut text, &arena);
            assert!(members.iter().all(|(member, _)| expected(&index, *member).is_empty()));
        }
        let mut entering = Entering::new(None, 2);
        entering.enter(NameId(0), 3, 8);
        assert!(entering.finish(&arena).expected(8).names.is_empty());
    }
}
