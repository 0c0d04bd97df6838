//! The names of a set: each is hashed once, interned, and known by a number from then on.

#![forbid(unsafe_code)]

use std::num::NonZeroU32;

use allocator_api2::vec::Vec;
use hashbrown::HashTable;

use super::table::Table;
use crate::memory::arena::Arena;
use crate::memory::near;
use crate::read::object::{NameHash, NameKey, Visibility};

/// An interned name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameId(pub u32);

/// How strongly a definition holds its name; the greater wins. A common symbol beats a weak definition, as in GNU ld
/// and lld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    Weak,
    Common,
    Strong,
}

/// A symbol of an object that holds a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub object: u32,
    pub symbol: u32,
    pub strength: Strength,
}

/// A member of an archive that would define a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub archive: u32,
    pub member: u64,
}

bitflags::bitflags! {
    /// What has been seen of a name.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Marks: u8 {
        /// A COMDAT group of this signature is in.
        const GROUP = 1;
        /// A function of this name is in, as a group that is one section of code.
        const CODE_GROUP = 2;
        /// A function of this name is in, as `.gnu.linkonce.t.NAME`.
        const CODE_SECTION = 4;
        /// A reference, by a symbol or by the user.
        const REFERENCE = 8;
        /// A reference that is not weak.
        const DEMAND = 16;
    }
}

/// All that is known of a name. Small: a large set has 100,000 of them, met in no order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'d> {
    pub text: &'d [u8],
    /// Of the holder; [`Name::NOBODY`] where there is none.
    object: u32,
    symbol: u32,
    /// 1 + index in the list of offers.
    offer: Option<NonZeroU32>,
    strength: Strength,
    /// The most constraining visibility of all symbols of this name.
    pub visibility: Visibility,
    pub marks: Marks,
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Name<'_>>() == 32);

impl<'d> Name<'d> {
    const NOBODY: u32 = u32::MAX;

    fn new(text: &'d [u8]) -> Self {
        Name {
            text,
            object: Self::NOBODY,
            symbol: 0,
            offer: None,
            strength: Strength::Weak,
            visibility: Visibility::Default,
            marks: Marks::empty(),
        }
    }

    #[inline]
    pub fn holder(&self) -> Option<Holder> {
        let Name { object, symbol, strength, .. } = *self;
        (object != Self::NOBODY).then_some(Holder { object, symbol, strength })
    }

    pub fn is_held(&self) -> bool {
        self.object != Self::NOBODY
    }

    pub fn hold(&mut self, holder: Holder) {
        (self.object, self.symbol, self.strength) = (holder.object, holder.symbol, holder.strength);
    }

    /// Whether an archive has a member that would define it.
    pub fn has_offer(&self) -> bool {
        self.offer.is_some()
    }

    /// Referred to by a symbol that is not weak.
    pub fn is_wanted(&self) -> bool {
        self.marks.contains(Marks::DEMAND)
    }
}

/// So many names are brought near at once.
pub(crate) const AT_ONCE: usize = 16;

/// The interned names.
pub(crate) struct Names<'d> {
    table: Table<'d>,
    names: Vec<Name<'d>, &'d Arena>,
    offers: std::vec::Vec<Offer>,
}

/// The hash as the table wants it, which looks at the lowest and the highest bits.
fn spread(hash: NameHash) -> u64 {
    u64::from(hash.0) << 32 | u64::from(hash.0)
}

impl<'d> Names<'d> {
    pub fn new(arena: &'d Arena) -> Self {
        Names { table: Table::new(arena), names: Vec::new_in(arena), offers: std::vec::Vec::new() }
    }

    /// Makes room for up to `more` more names, of which `likely` are likely. The table, which is cleared, has room for these:
    /// it grows fast, and one that is too large is far from any cache.
    pub fn reserve(&mut self, more: usize, likely: usize) {
        self.table.reserve(likely);
        self.names.reserve(more);
    }

    /// Makes room for so many more offers.
    pub fn reserve_offers(&mut self, more: usize) {
        self.offers.reserve(more);
    }

    /// For how many more names there is room.
    pub fn room(&self) -> usize {
        self.names.capacity() - self.names.len()
    }

    pub fn intern(&mut self, text: &'d [u8]) -> NameId {
        self.intern_hashed(text, NameHash::of(text))
    }

    /// Interns a name whose hash is known.
    #[inline]
    pub fn intern_hashed(&mut self, text: &'d [u8], hash: NameHash) -> NameId {
        let names = &self.names;
        let new = NameId(names.len() as u32);
        let id = self.table.find_or_file(hash, new, |id| names[id.0 as usize].text == text);
        if id == new {
            self.names.push(Name::new(text));
        }
        id
    }

    /// Brings near what interning these names needs. Where they are new, that is a place in the table; where they are known,
    /// each leads to another name's text, which leads to the known one's: three waits for memory, for each of 300,000 names.
    pub fn bring_near(&self, names: &[(&[u8], NameKey)]) {
        if self.table.is_near() {
            return;
        }
        for (text, key) in names {
            near::bring(*text);
            match *key {
                NameKey::Hash(hash) => self.table.bring_near(hash),
                NameKey::Number(id) => self.bring_name_near(NameId(id)),
            }
        }
        let mut known = [NameId(u32::MAX); AT_ONCE];
        let hashes = names.iter().map(|(_, key)| key);
        for (known, key) in known.iter_mut().zip(hashes) {
            if let NameKey::Hash(hash) = *key
                && let Some(id) = self.table.find(hash, |_| true)
            {
                self.bring_name_near(id);
                *known = id;
            }
        }
        for name in known.iter().filter_map(|id| self.names.get(id.0 as usize)) {
            near::bring(name.text);
            name.text.last().into_iter().for_each(near::bring);
        }
    }

    fn bring_name_near(&self, id: NameId) {
        self.names.get(id.0 as usize).into_iter().for_each(near::bring);
    }

    pub fn find(&self, text: &[u8]) -> Option<NameId> {
        self.table.find(NameHash::of(text), |id| self.names[id.0 as usize].text == text)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NameId, &Name<'d>)> {
        self.names.iter().enumerate().map(|(index, name)| (NameId(index as u32), name))
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The member of an archive that would define the name.
    pub fn offer(&self, id: NameId) -> Option<Offer> {
        self[id].offer.and_then(|number| self.offers.get(number.get() as usize - 1)).copied()
    }

    /// Files the offer of a name that has none.
    pub fn set_offer(&mut self, id: NameId, offer: Offer) {
        self.offers.push(offer);
        self[id].offer = NonZeroU32::new(self.offers.len() as u32);
    }

    /// The names, to be changed in the order of their numbers.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Name<'d>> {
        self.names.iter_mut()
    }
}

impl<'d> std::ops::Index<NameId> for Names<'d> {
    type Output = Name<'d>;

    fn index(&self, id: NameId) -> &Name<'d> {
        &self.names[id.0 as usize]
    }
}

impl std::ops::IndexMut<NameId> for Names<'_> {
    fn index_mut(&mut self, id: NameId) -> &mut Self::Output {
        &mut self.names[id.0 as usize]
    }
}

/// What a name of a linked set stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub address: u64,
    pub size: u64,
    pub kind: ListedKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListedKind {
    Function,
    Data,
    Unknown,
    /// The address is that of a resolver, which tells the function's.
    Resolver,
}

/// Names and what they stand for, owned: what remains of a set's names once its inputs are released. All texts lie in
/// one buffer.
#[derive(Default)]
pub(crate) struct AddressBook {
    /// Start and length of the name, its hash, and what it stands for.
    table: HashTable<(u32, u32, NameHash, Listed)>,
    text: std::vec::Vec<u8>,
}

impl AddressBook {
    /// Makes room for so many more names.
    pub fn reserve(&mut self, more: usize) {
        self.table.reserve(more, |entry| spread(entry.2));
    }

    /// Files `name`, which must not be filed yet.
    pub fn insert(&mut self, name: &[u8], listed: Listed) {
        let hash = NameHash::of(name);
        let entry = (self.text.len() as u32, name.len() as u32, hash, listed);
        self.text.extend_from_slice(name);
        self.table.insert_unique(spread(hash), entry, |entry| spread(entry.2));
    }

    pub fn get(&self, name: &[u8]) -> Option<Listed> {
        let hash = NameHash::of(name);
        let found =
            self.table.find(spread(hash), |entry| entry.2 == hash && slice(&self.text, entry) == name);
        found.map(|entry| entry.3)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Listed)> {
        self.table.iter().map(|entry| (slice(&self.text, entry), entry.3))
    }
}

fn slice<'t>(text: &'t [u8], &(start, length, ..): &(u32, u32, NameHash, Listed)) -> &'t [u8] {
    text.get(start as usize..).and_then(|rest| rest.get(..length as usize)).unwrap_or(b"")
}
