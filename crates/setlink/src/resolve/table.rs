//! Where the names of a set are found: a table of hashes and numbers, with open addressing.
//!
//! Which name lies where depends on nothing but the hash, so that what many look-ups need can be asked for before the first of
//! them waits for it. A large set's table is larger than a processor's caches.

#![forbid(unsafe_code)]

use super::names::NameId;
use crate::memory::arena::Arena;
use crate::memory::near;
use crate::read::object::NameHash;

/// The least number of places.
const SMALLEST: usize = 16;
/// Of so many, 128 KiB, the names of libcrypto had room: asking for them ahead was 4 % of that set's instructions, and no gain.
const NEAR: usize = 1 << 14;

/// Hashes and numbers of names. Names with the same hash are told apart by who asks.
pub(super) struct Table<'d> {
    arena: &'d Arena,
    /// The hash in the upper half, 1 + the number in the lower one; 0 is a free place. A power of two of them, of which a
    /// quarter at least is free.
    places: &'d mut [u64],
    count: usize,
}

impl<'d> Table<'d> {
    pub fn new(arena: &'d Arena) -> Self {
        Table { arena, places: &mut [], count: 0 }
    }

    /// Makes room for so many more names.
    pub fn reserve(&mut self, more: usize) {
        let needed = (self.count + more).saturating_add((self.count + more).div_ceil(3));
        if needed <= self.places.len() {
            return;
        }
        let places = self.arena.zeroes::<u64>(needed.next_power_of_two().max(SMALLEST));
        let old = std::mem::replace(&mut self.places, places);
        for &mut entry in old {
            if entry != 0 {
                let at = self.free(NameHash((entry >> 32) as u32));
                self.places[at] = entry;
            }
        }
    }

    /// The first place at which a name with this hash may be. Of the upper bits, so that a table that has grown is filled
    /// from its beginning to its end.
    #[inline]
    fn first(&self, hash: NameHash) -> usize {
        ((u64::from(hash.0) * self.places.len() as u64) >> 32) as usize
    }

    #[inline]
    fn behind(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }

    fn free(&self, hash: NameHash) -> usize {
        let mut at = self.first(hash);
        while self.places[at] != 0 {
            at = self.behind(at);
        }
        at
    }

    /// The name with this hash that is the one that is looked for.
    #[inline]
    pub fn find(&self, hash: NameHash, is_it: impl Fn(NameId) -> bool) -> Option<NameId> {
        let mut at = self.first(hash);
        loop {
            // An empty table has no places.
            let entry = *self.places.get(at)?;
            if entry == 0 {
                return None;
            }
            let id = NameId((entry as u32).wrapping_sub(1));
            if (entry >> 32) as u32 == hash.0 && is_it(id) {
                return Some(id);
            }
            at = self.behind(at);
        }
    }

    /// As [`Table::find`], or else files `new` under this hash.
    #[inline]
    pub fn find_or_file(&mut self, hash: NameHash, new: NameId, is_it: impl Fn(NameId) -> bool) -> NameId {
        if self.count + self.count.div_ceil(3) >= self.places.len() {
            self.reserve(self.count + 1);
        }
        let mut at = self.first(hash);
        loop {
            let entry = self.places[at];
            if entry == 0 {
                break;
            }
            let id = NameId((entry as u32).wrapping_sub(1));
            if (entry >> 32) as u32 == hash.0 && is_it(id) {
                return id;
            }
            at = self.behind(at);
        }
        self.places[at] = u64::from(hash.0) << 32 | u64::from(new.0 + 1);
        self.count += 1;
        new
    }

    /// Whether the table is small enough to stay in a processor's cache, and asking for it takes longer than waiting.
    #[inline]
    pub fn is_near(&self) -> bool {
        self.places.len() <= NEAR
    }

    /// Asks for the place where a name with this hash may be.
    #[inline]
    pub fn bring_near(&self, hash: NameHash) {
        if let Some(place) = self.places.get(self.first(hash)) {
            near::bring(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_hash_and_told_apart_by_who_asks() {
        let arena = Arena::default();
        // Hashes that are alike, that begin at the last place, and that are spread.
        let hashes: [fn(u32) -> u32; 3] = [|_| 7, |id| u32::MAX - id % 3, |id| id.wrapping_mul(0x9e37_79b9)];
        for hash in hashes {
            for reserved in [0, 1, 500, 2000] {
                let mut table = Table::new(&arena);
                table.reserve(reserved);
                for id in 0..1000 {
                    let hash = NameHash(hash(id));
                    table.bring_near(hash);
                    assert_eq!(table.find(hash, |other| other.0 == id), None);
                    assert_eq!(table.find_or_file(hash, NameId(id), |other| other.0 == id), NameId(id));
                    assert_eq!(table.find_or_file(hash, NameId(id + 1), |other| other.0 == id), NameId(id));
                }
                for id in 0..1000 {
                    assert_eq!(table.find(NameHash(hash(id)), |other| other.0 == id), Some(NameId(id)));
                    assert_eq!(table.find(NameHash(hash(id)), |_| false), None);
                }
                assert!(table.places.len() >= table.count + table.count / 3);
            }
        }
    }
}
