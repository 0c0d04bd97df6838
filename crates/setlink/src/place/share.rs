//! Entries and stubs of other sets that a set may use instead of its own, where the user said so.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

/// An entry or stub of another set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SharedPlace {
    pub address: u64,
    /// Index of the set in the list of those that are shared with.
    pub provider: usize,
}

/// What other sets offer, by the address that an entry holds or a stub jumps to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    pub entries: HashMap<u64, Vec<SharedPlace>, foldhash::fast::FixedState>,
    pub stubs: HashMap<u64, Vec<SharedPlace>, foldhash::fast::FixedState>,
}

impl Shared {
    /// An entry that holds `address`, in reach of everything in `region`.
    pub fn entry(&self, address: u64, within: impl Fn(u64) -> bool) -> Option<SharedPlace> {
        find(&self.entries, address, within)
    }

    /// A stub that jumps to `address`, in reach of everything in `region`.
    pub fn stub(&self, address: u64, within: impl Fn(u64) -> bool) -> Option<SharedPlace> {
        find(&self.stubs, address, within)
    }
}

fn find(
    places: &HashMap<u64, Vec<SharedPlace>, foldhash::fast::FixedState>,
    address: u64,
    within: impl Fn(u64) -> bool,
) -> Option<SharedPlace> {
    places.get(&address)?.iter().find(|place| within(place.address)).copied()
}
