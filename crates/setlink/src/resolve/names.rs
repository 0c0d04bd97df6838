//! The names of a set: each is hashed once, interned, and known by a number from then on.

#![forbid(unsafe_code)]

use std::hash::{BuildHasher, Hasher};

use hashbrown::HashTable;

use crate::read::object::Visibility;

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

/// All that is known of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'d> {
    pub text: &'d [u8],
    pub hash: u64,
    pub holder: Option<Holder>,
    pub offer: Option<Offer>,
    /// Referred to by a symbol that is not weak.
    pub wanted: bool,
    /// Referred to at all, by a symbol or by the user.
    pub referenced: bool,
    /// The most constraining visibility of all symbols of this name.
    pub visibility: Visibility,
}

/// The interned names.
pub(crate) struct Names<'d> {
    table: HashTable<u32>,
    names: Vec<Name<'d>>,
    hasher: foldhash::fast::FixedState,
}

impl<'d> Names<'d> {
    pub fn new() -> Self {
        Names { table: HashTable::new(), names: Vec::new(), hasher: foldhash::fast::FixedState::default() }
    }

    /// The hash under which every table of the session files a name.
    pub fn hash(&self, text: &[u8]) -> u64 {
        hash(&self.hasher, text)
    }

    pub fn intern(&mut self, text: &'d [u8]) -> NameId {
        let hash = self.hash(text);
        let names = &self.names;
        let entry = self.table.entry(
            hash,
            |&id| {
                let name = &names[id as usize];
                name.hash == hash && name.text == text
            },
            |&id| names[id as usize].hash,
        );
        let id = *entry.or_insert_with(|| self.names.len() as u32).get();
        if id as usize == self.names.len() {
            self.names.push(Name {
                text,
                hash,
                holder: None,
                offer: None,
                wanted: false,
                referenced: false,
                visibility: Visibility::Default,
            });
        }
        NameId(id)
    }

    pub fn find(&self, text: &[u8]) -> Option<NameId> {
        let hash = self.hash(text);
        self.table
            .find(hash, |&id| {
                let name = &self.names[id as usize];
                name.hash == hash && name.text == text
            })
            .map(|&id| NameId(id))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NameId, &Name<'d>)> {
        self.names.iter().enumerate().map(|(index, name)| (NameId(index as u32), name))
    }

    pub fn len(&self) -> usize {
        self.names.len()
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

fn hash(state: &foldhash::fast::FixedState, text: &[u8]) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write(text);
    hasher.finish()
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
    table: HashTable<(u32, u32, Listed)>,
    text: Vec<u8>,
    hasher: foldhash::fast::FixedState,
}

impl AddressBook {
    /// Files `name`, which must not be filed yet.
    pub fn insert(&mut self, name: &[u8], listed: Listed) {
        let entry = (self.text.len() as u32, name.len() as u32, listed);
        self.text.extend_from_slice(name);
        let (text, hasher) = (&self.text, &self.hasher);
        self.table.insert_unique(hash(hasher, name), entry, |entry| hash(hasher, slice(text, entry)));
    }

    pub fn get(&self, name: &[u8]) -> Option<Listed> {
        self.table.find(hash(&self.hasher, name), |entry| slice(&self.text, entry) == name).map(|e| e.2)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Listed)> {
        self.table.iter().map(|entry| (slice(&self.text, entry), entry.2))
    }
}

fn slice<'t>(text: &'t [u8], &(start, length, _): &(u32, u32, Listed)) -> &'t [u8] {
    text.get(start as usize..).and_then(|rest| rest.get(..length as usize)).unwrap_or(b"")
}
