//! Phases 3 and 4, scan and place: relocations → needs → plan.

#![forbid(unsafe_code)]

mod constraints;
pub(crate) mod frames;
pub(crate) mod layout;
pub(crate) mod map;
pub(crate) mod plan;
pub(crate) mod scan;
mod settle;
pub(crate) mod share;
pub(crate) mod symbols;
pub(crate) mod tls;

use std::ops::Range;

use crate::error::{Error, Place, Problem, Result};
use crate::isa::Isa;
use crate::memory::{Demand, SegmentSpec};
use crate::resolve::Resolution;
use share::Shared;

pub(crate) use plan::{Plan, Sized};
pub(crate) use settle::Holds;

/// All of a plan that does not depend on where the set will lie.
pub(crate) struct Draft<'r, 'd> {
    resolution: &'r Resolution<'d>,
    symbols: symbols::Symbols,
    frames: Vec<frames::KeptFrames>,
    scan: scan::Scan,
    wanted: constraints::Wanted,
    tls: tls::Tls,
    page: u64,
    permanent: bool,
}

impl<'r, 'd> Draft<'r, 'd> {
    /// Scans the set and works out what it demands of an address.
    ///
    /// # Errors
    /// Every undefined symbol, unsupported or malformed relocation, and contradiction between constraints.
    pub fn new<I: Isa>(resolution: &'r Resolution<'d>, page: u64, wishes: tls::Wishes<'_>) -> Result<Self> {
        let symbols = symbols::Symbols::of(resolution);
        let mut problems = resolution.duplicates.clone();
        let frames = frames::select(resolution, &symbols, &mut problems);
        let mut scan = scan::scan::<I>(resolution, &symbols, &frames);
        problems.append(&mut scan.problems);
        if !problems.is_empty() {
            return Err(Error::from(problems));
        }
        let permanent = wishes.permanent;
        let tls = tls::Tls::decide(resolution, &symbols, &scan, wishes)?;
        let wanted = wanted::<I>(resolution, &symbols, &frames, &scan, &tls, page, permanent)?;
        Ok(Draft { resolution, symbols, frames, scan, wanted, tls, page, permanent })
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
    /// As for [`Draft::new`].
    pub fn drop_static_tls<I: Isa>(&mut self) -> Result<()> {
        self.tls.without_static(&self.symbols, &self.scan)?;
        let (page, permanent) = (self.page, self.permanent);
        let Draft { resolution, symbols, frames, scan, tls, .. } = self;
        self.wanted = wanted::<I>(resolution, symbols, frames, scan, tls, page, permanent)?;
        Ok(())
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

    /// Decides and sizes everything for a region inside `span`.
    ///
    /// # Errors
    /// Every reference that cannot reach its target from there.
    pub fn size<I: Isa>(&self, span: Range<u64>, relax: bool, shared: &Shared) -> Result<Sized<'d>> {
        let settled = settle::settle::<I>(
            self.resolution,
            &self.symbols,
            &self.scan,
            span,
            self.wanted.low,
            relax,
            shared,
        );
        if !settled.problems.is_empty() {
            return Err(Error::from(settled.problems));
        }
        Ok(Sized::of::<I>(self, settled))
    }

    /// Finishes the plan, whose segments lie at `segments`, in granules of `granule` bytes.
    pub fn place<I: Isa>(&self, sized: Sized<'d>, segments: &[SegmentSpec], granule: u64) -> Plan<'r, 'd> {
        plan::assemble::<I>(self, sized, segments, granule)
    }
}

fn wanted<I: Isa>(
    resolution: &Resolution<'_>,
    symbols: &symbols::Symbols,
    frames: &[frames::KeptFrames],
    scan: &scan::Scan,
    tls: &tls::Tls,
    page: u64,
    permanent: bool,
) -> Result<constraints::Wanted> {
    let mut layout = layout::layout::<I>(resolution, frames);
    layout.add_tls_entries::<I>(tls.words);
    Ok(constraints::demand::<I>(resolution, symbols, scan, &layout, page, permanent)?)
}
