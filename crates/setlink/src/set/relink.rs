//! The names and lines of a set that reads them itself: Rust's standard library and libbacktrace look through what
//! `dl_iterate_phdr` lists and open each file. What they need is made when they first ask: the set is linked once more, on
//! paper, at its addresses, and its symbols and debug information become a file in memory (`write/debug/`).
//!
//! Until then that costs what is kept: the inputs, which mostly are mapped, and have given back their pages. Of what the first
//! link found out nothing is kept, as it is much, and few programs ever ask.

use std::sync::atomic::Ordering::Relaxed;

use super::builder::SetBuilder;
use super::builder::kept::Kept;
use super::facts::shared;
use super::link::request;
use super::scope::{Libraries, LinkScope};
use crate::isa::x86_64::X86_64;
use crate::memory::arena::Arena;
use crate::memory::{SegmentSpec, Site};
use crate::place::Draft;
use crate::publish::tls::HostVariables;
use crate::read::input::Input;
use crate::resolve::{Resolution, complete, gather};
use crate::write;

/// Where a set lies that reads its own debug information.
pub(super) struct Placed {
    pub site: Site,
    pub segments: Vec<SegmentSpec>,
}

/// Functions that every program has which reads its own debug information: of Rust's standard library, of libbacktrace, and of
/// the copy of that in libstdc++.
const READERS: [&[u8]; 3] =
    [b"rust_eh_personality", b"backtrace_create_state", b"__glibcxx_backtrace_create_state"];

/// Whether the set has code that reads debug information.
pub(super) fn has_reader(resolution: &Resolution<'_>) -> bool {
    READERS
        .iter()
        .any(|name| resolution.names.find(name).is_some_and(|name| resolution.origin_of(name).is_some()))
}

/// A file with the symbols and debug information of a set that is linked, whose addresses there are lower by `bias`. None where
/// the set would not be the same now: files have changed, or what the process has.
pub(super) fn image(kept: Kept, placed: &Placed, bias: u64) -> Option<Box<[u8]>> {
    kept.with(|builder| {
        let is_whole = |input: &Input| input.data().is_whole();
        if builder.recipe.inputs.iter().all(is_whole) { link(builder, placed, bias) } else { None }
    })
}

fn link(builder: &SetBuilder<'_>, placed: &Placed, bias: u64) -> Option<Box<[u8]>> {
    let inner = &builder.session.inner;
    let mut problems = Vec::new();
    let libraries = Libraries::parse(&builder.recipe.inputs, &mut problems);
    let scope = LinkScope::new(builder, libraries);
    scope.opened.store(true, Relaxed);
    let arena = Arena::default();
    let request = request(builder, &scope);
    let objects = gather(&builder.recipe.inputs, &request, &arena).ok()?;
    let resolution = complete(objects).ok()?;
    let known = |name: &[u8]| scope.sets.iter().find_map(|set| set.thread_locals.get(name).copied());
    let variables = HostVariables::new(builder.recipe.permanent, &known, inner.world.host());
    let page = inner.memory.page();
    let mut draft = Draft::new::<X86_64>(&resolution, page, builder.recipe.reach, builder.recipe.permanent);
    draft.wish(builder.recipe.wish);
    draft.scan::<X86_64>(builder.recipe.relax, &variables).ok()?;
    let Placed { site, segments } = placed;
    let shared = shared(&builder.recipe.share);
    let mut sized = draft.size::<X86_64>(site, &*inner.memory, builder.recipe.relax, &shared);
    sized.check().ok()?;
    // To the byte: there is no padding that would hide a difference.
    let same = sized.needs.len() == segments.len()
        && sized.needs.iter().zip(segments).all(|(need, own)| (need.kind, need.size) == (own.kind, own.size));
    if !same || !sized.suits(segments) {
        return None;
    }
    let plan = draft.place::<X86_64>(sized, segments, site.granule);
    Some(write::debug::file::<X86_64>(&plan, &[], None, bias))
}
