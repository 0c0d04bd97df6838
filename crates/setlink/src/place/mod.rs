//! Phases 3 and 4, scan and place: relocations → needs → plan. Sets that direct references do not span are cut into
//! islands (`references.rs`, `cluster.rs`, `islands.rs`); all others have one.

#![forbid(unsafe_code)]

mod cluster;
pub(crate) mod constraints;
pub(crate) mod frames;
mod islands;
pub(crate) mod layout;
pub(crate) mod map;
mod order;
pub(crate) mod plan;
pub(crate) mod reach;
mod references;
pub(crate) mod scan;
mod settle;
pub(crate) mod share;
pub(crate) mod summary;
pub(crate) mod symbols;
pub(crate) mod tls;
mod unite;

use crate::error::{Error, Place, Problem, Result};
use crate::isa::Isa;
use crate::memory::{Demand, Memory, SegmentSpec, Site};
use crate::resolve::Resolution;
use cluster::Partition;
use constraints::Low;
use islands::Islands;
use reach::Reach;
use share::Shared;
use tls::{Variables, Wishes};

pub(crate) use plan::{Plan, Sized};
pub(crate) use settle::{Entry, Holds};

/// All of a plan that does not depend on where the set will lie.
pub(crate) struct Draft<'r, 'd> {
    resolution: &'r Resolution<'d>,
    symbols: symbols::Symbols<'d>,
    frames: frames::Frames<'d>,
    scan: scan::Scan<'d>,
    wanted: constraints::Wanted,
    /// The layout by which that was found, for the first site to be tried.
    laid: Option<layout::Layout<'d>>,
    tls: tls::Tls,
    partition: Partition,
    /// What the islands need, where there may be several.
    islands: Option<Islands>,
    reach: Reach,
    page: u64,
    permanent: bool,
    wish: Wish,
}

/// Where users would have the set and its thread-local storage, if they can lie there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    /// In the low 2 GiB.
    pub low: bool,
    /// At this address, or as near to it as can be.
    pub near: Option<u64>,
    /// Static thread-local storage, where the set stays: libraries may know no other.
    pub static_tls: bool,
}

impl<'r, 'd> Draft<'r, 'd> {
    /// A draft of which nothing is known yet; [`Draft::scan`] is next. References reach as far as both `reach` and the
    /// instruction set say.
    pub fn new<I: Isa>(resolution: &'r Resolution<'d>, page: u64, reach: Reach, permanent: bool) -> Self {
        Draft {
            resolution,
            symbols: symbols::Symbols::default(),
            frames: frames::Frames::default(),
            scan: scan::Scan::default(),
            wanted: constraints::Wanted::default(),
            laid: None,
            tls: tls::Tls::default(),
            partition: Partition::whole(),
            islands: None,
            reach: reach.min(I::REACH),
            page,
            permanent,
            wish: Wish::default(),
        }
    }

    /// Before [`Draft::scan`].
    pub fn wish(&mut self, wish: Wish) {
        self.wish = wish;
    }

    /// Does without the low addresses, where they are only a wish. Whether that leaves others to try.
    ///
    /// # Errors
    /// As for [`Draft::scan`].
    pub fn give_up_low<I: Isa>(&mut self) -> Result<bool> {
        let wished = std::mem::take(&mut self.wish.low);
        if wished {
            self.constrain::<I>(self.layout::<I>())?;
        }
        Ok(wished && self.wanted.low == Low::No)
    }

    /// Scans the set and works out what it demands of an address. (In place: a draft has a kilobyte, and copying it time
    /// and again is felt by small sets.)
    ///
    /// # Errors
    /// Every undefined symbol, unsupported or malformed relocation, and contradiction between constraints.
    pub fn scan<I: Isa>(&mut self, relax: bool, variables: &dyn Variables) -> Result<()> {
        let resolution = self.resolution;
        self.symbols = symbols::Symbols::of(resolution);
        let mut problems = resolution.duplicates.clone();
        self.frames = frames::select(resolution, &self.symbols, &mut problems);
        let (mut laid, scan) = resolution.threads.beside(
            || layout::layout::<I>(resolution, &self.frames, &self.partition),
            || scan::scan::<I>(resolution, &self.symbols, &self.frames),
        );
        self.scan = scan;
        problems.append(&mut self.scan.problems);
        if !problems.is_empty() {
            return Err(Error::from(problems));
        }
        let static_tls = self.wish.static_tls;
        let wishes = Wishes { permanent: self.permanent, static_tls, relax, variables };
        self.tls.decide(resolution, &self.symbols, &mut self.scan, wishes)?;
        self.tls_entries::<I>(&mut laid);
        self.constrain::<I>(laid)?;
        let least = self.reach.less_margin().less_margin().least();
        if self.wanted.demand.size > least {
            self.split::<I>()?;
        }
        Ok(())
    }

    /// Cuts the set into islands.
    fn split<I: Isa>(&mut self) -> Result<()> {
        let (resolution, symbols) = (self.resolution, &self.symbols);
        let objects = references::collect::<I>(resolution, symbols, &self.frames);
        self.partition = Partition::decide::<I>(resolution, symbols, &objects, self.reach, self.page);
        let mut islands = Islands::new(resolution, symbols, &self.partition, objects);
        self.tls.begin();
        for island in 0..islands.references.len() {
            let mut needs = Vec::new();
            let tls = &islands.references[island].tls;
            self.tls.island(symbols, tls, &mut |callee, need| needs.push((callee, need)))?;
            islands.note(island, &needs);
        }
        self.islands = Some(islands);
        self.constrain::<I>(self.layout::<I>())?;
        self.wanted.demand.own_pages = true;
        Ok(())
    }

    fn layout<I: Isa>(&self) -> layout::Layout<'d> {
        let mut laid = layout::layout::<I>(self.resolution, &self.frames, &self.partition);
        self.tls_entries::<I>(&mut laid);
        laid
    }

    fn tls_entries<I: Isa>(&self, layout: &mut layout::Layout<'d>) {
        for island in 0..self.partition.islands() {
            layout.add_tls_entries::<I>(island, self.tls.words_of(island));
        }
    }

    fn constrain<I: Isa>(&mut self, laid: layout::Layout<'d>) -> Result<()> {
        self.wanted = match constraints::demand::<I>(self, &laid) {
            Err(_) if self.wish.low => {
                self.wish.low = false;
                constraints::demand::<I>(self, &laid)?
            }
            wanted => wanted?,
        };
        self.laid = Some(laid);
        Ok(())
    }

    /// Whether the set wants static thread-local storage that it can do without.
    pub fn can_drop_static_tls(&self) -> bool {
        self.tls.is_static && self.tls.demand.is_none()
    }

    /// Bytes and alignment of the static thread-local storage that the set cannot do without, and what demands it.
    pub fn demanded_static_tls(&self) -> Option<(u64, u64, Place)> {
        self.tls.demand.clone().map(|place| (self.tls.block.size, self.tls.block.align, place))
    }

    /// Does without static thread-local storage.
    ///
    /// # Errors
    /// As for [`Draft::scan`].
    pub fn drop_static_tls<I: Isa>(&mut self) -> Result<()> {
        self.tls.without_static(&self.symbols, &mut self.scan)?;
        if self.islands.is_some() {
            return self.split::<I>();
        }
        self.constrain::<I>(self.layout::<I>())
    }

    /// What the set asks of memory.
    pub fn demand(&self) -> &Demand {
        &self.wanted.demand
    }

    /// The problem of a set that memory has no room for, with the section that takes most of it.
    pub fn blame(&self, problem: Problem) -> Problem {
        match problem.place.file {
            None => Problem { place: constraints::largest(self.resolution), ..problem },
            Some(_) => problem,
        }
    }

    /// Decides and sizes everything for `site` of `memory`. [`Sized::check`] tells whether that is possible there.
    pub fn size<I: Isa>(
        &mut self,
        site: &Site,
        memory: &dyn Memory,
        relax: bool,
        shared: &Shared,
    ) -> Sized<'d> {
        if let Some(islands) = &self.islands {
            return islands::size::<I>(self, islands, site, memory, relax, shared);
        }
        let settled = settle::settle::<I>(
            self.resolution,
            &self.symbols,
            &self.scan,
            site.span.clone(),
            self.wanted.low,
            relax,
            self.reach,
            shared,
        );
        // A second site is rare: laying out again costs less than a copy every time.
        let laid = self.laid.take().unwrap_or_else(|| self.layout::<I>());
        Sized::of::<I>(laid, settled)
    }

    /// Finishes the plan, whose segments lie at `segments`, in granules of `granule` bytes.
    pub fn place<I: Isa>(&self, sized: Sized<'d>, segments: &[SegmentSpec], granule: u64) -> Plan<'_, 'd> {
        plan::assemble::<I>(self, sized, segments, granule)
    }
}
