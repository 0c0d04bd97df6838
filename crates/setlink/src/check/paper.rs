//! An address space for checks: sets lie where the user says, however the planner would have liked it.

#![forbid(unsafe_code)]

use crate::error::Problem;
use crate::memory::fake::FakeMemory;
use crate::memory::{Demand, Memory, Region, SegmentNeed, Site};
use crate::resolve::scope::{Definitions, Foreign, ForeignKind};
use crate::session::{Inner, Session, World};

/// Where sets lie unless the user says otherwise: far from what 32 bits can hold, so that a truncated address shows.
const BASE: u64 = 0x10_0000_0000;
/// The end of user memory.
const END: u64 = 0x7fff_ffff_f000;

/// Says how an address space for checks is made.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    base: Option<u64>,
    page: u64,
    limit: u64,
    phony: bool,
}

impl Paper {
    /// Pages of 4096 bytes, 1 GiB for a set, which lies at a fixed address, or at the lowest that its relocations allow
    /// where they do not allow that one.
    pub fn new() -> Self {
        Paper { base: None, page: 4096, limit: 1 << 30, phony: false }
    }

    /// The set lies at `base`, rounded up to its alignment, and nowhere else.
    pub fn base(mut self, base: u64) -> Self {
        self.base = Some(base);
        self
    }

    /// Pages of `page` bytes, a power of two.
    pub fn page(mut self, page: u64) -> Self {
        self.page = page;
        self
    }

    /// The set may fill `limit` bytes.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Whether names that nothing defines have the address 0, instead of being errors.
    pub fn phony_externals(mut self, phony: bool) -> Self {
        self.phony = phony;
        self
    }

    /// The session.
    pub fn session(self) -> Session {
        let mut definitions = Definitions::new();
        if self.phony {
            let kind = ForeignKind::Unknown;
            let phony = Foreign { kind, ..Foreign::function(0) };
            definitions = definitions.or_else(phony);
        }
        let at = |start: u64| FakeMemory::new(start..END.max(start), self.page, self.limit);
        let spaces = match self.base {
            Some(base) => vec![at(base)],
            None => vec![at(BASE), at(0)],
        };
        let inner = Inner::new(Box::new(Pinned { spaces }), World::Paper(definitions));
        Session { inner }
    }
}

impl Default for Paper {
    fn default() -> Self {
        Paper::new()
    }
}

/// Fake memory whose lowest address is the best one, whatever lies near.
struct Pinned {
    /// In the order in which they are tried; the same but for their start.
    spaces: Vec<FakeMemory>,
}

impl Memory for Pinned {
    fn page(&self) -> u64 {
        self.spaces[0].page()
    }

    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem> {
        let demand = Demand { near: None, ..demand.clone() };
        let mut result = self.spaces[0].sites(&demand);
        for space in &self.spaces[1..] {
            result = result.or_else(|_| space.sites(&demand));
        }
        result
    }

    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem> {
        self.spaces[0].reserve(site, needs)
    }
}
