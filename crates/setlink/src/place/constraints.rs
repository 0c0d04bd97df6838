//! Constraints: where the set may lie, from what its relocations demand; and where it had best lie.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::Draft;
use super::layout::{Layout, SegmentKind};
use super::symbols::{Class, Symbols};
use crate::error::{Place, Problem, ProblemKind};
use crate::isa::{Isa, Needs};
use crate::memory::Demand;
use crate::read::object::SymbolSection;
use crate::resolve::{Resolution, SymbolId};

/// Nothing is placed below: the page at 0 stays unmapped so that null pointers fault.
const LOWEST: u64 = 0x1_0000;
/// The end of the lower half of the address space, where user memory lies.
const HIGHEST: u64 = 0x7fff_ffff_f000;

/// Whether the set must lie in the low part of the address space, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Low {
    #[default]
    No,
    /// Below 2^32.
    Unsigned,
    /// Below 2^31.
    Signed,
}

/// What the planner asks of memory.
#[derive(Default)]
pub(crate) struct Wanted {
    pub demand: Demand,
    pub low: Low,
}

/// Collects the set's constraints into one demand.
///
/// # Errors
/// Every constraint that contradicts another, with a relocation that makes it.
pub(super) fn demand<I: Isa>(draft: &Draft<'_, '_>, layout: &Layout<'_>) -> Result<Wanted, Vec<Problem>> {
    let Draft { resolution, symbols, scan, page, permanent, .. } = draft;
    let (page, reach) = (*page, draft.reach.less_margin().direct);
    let mut low = if draft.wish.low { Low::Signed } else { Low::No };
    let mut windows: Vec<(SymbolId, Range<u64>)> = Vec::new();
    let mut friends: Vec<u64> = Vec::new();
    // Per island, the symbols that need something and bytes of copies.
    let mut needy = vec![(0u64, 0u64); layout.islands as usize];
    let mut own_pages = *permanent;
    for (id, needs) in scan.needy() {
        let class = symbols.class(id);
        let address = symbols.value[id.0 as usize];
        needy[0].0 += 1;
        let constant = i128::from(address as i64);
        let fits_low = class == Class::Absolute || class == Class::WeakUndefined || class.is_foreign();
        let is_low = |bits: u32| fits_low && constant >= 0 && constant < 1 << bits;
        // Absolute symbols have the value they have: the range check will tell.
        let pinned = matches!(class, Class::Absolute | Class::WeakUndefined);
        if needs.contains(Needs::LOW_SIGNED) && !is_low(31) && !pinned {
            low = Low::Signed;
        } else if needs.contains(Needs::LOW_UNSIGNED) && !is_low(32) && !pinned && low == Low::No {
            low = Low::Unsigned;
        }
        // A resolver runs when the set's constants are in place, and its answer is stored among them.
        own_pages |= class == Class::Ifunc;
        if class.is_foreign() {
            friends.push(address);
            if needs.intersects(Needs::DIRECT) {
                let home = draft.partition.home(resolution, symbols, id) as usize;
                needy[home].1 = needy[home].1.saturating_add(copy_bound(resolution, id));
            }
        }
        let by_address = matches!(
            class,
            Class::ForeignData | Class::ForeignUnknown | Class::Absolute | Class::WeakUndefined
        );
        if needs.contains(Needs::NEAR) && by_address {
            // Less than the reach away from both ends: see `within`.
            let far = reach.saturating_sub(1);
            windows.push((id, address.saturating_sub(far)..address.saturating_add(far)));
        }
    }
    if let Some(islands) = &draft.islands {
        // Each has its own entries and stubs.
        for (needy, found) in needy.iter_mut().zip(&islands.references) {
            needy.0 = found.symbols.len() as u64;
        }
    }
    let growth = |(needy, copies): (u64, u64)| {
        let copies = if low == Low::No { 0 } else { copies };
        let code = needy.saturating_mul(I::STUB_BYTES).saturating_add(I::STUB_ALIGN);
        let constants = needy.saturating_mul(2 * I::ENTRY_BYTES).saturating_add(I::ENTRY_BYTES);
        [code, constants.saturating_add(copies), copies]
    };
    let size = layout.span(page, needy.into_iter().map(growth)).saturating_add(4 * page);
    if size > HIGHEST - LOWEST {
        let what = format!(
            "the set takes {size:#x} bytes, more than the address space; this is its largest section"
        );
        return Err(vec![Problem::new(largest(resolution), ProblemKind::Conflict { what })]);
    }
    let mut window = match low {
        Low::No => LOWEST..HIGHEST,
        // The lower half of it is as good, and lets constants be sign-extended too.
        Low::Unsigned if size < 1 << 30 => LOWEST..1 << 31,
        Low::Unsigned => LOWEST..1 << 32,
        Low::Signed => LOWEST..1 << 31,
    };
    own_pages |= layout.segments[SegmentKind::LargeCode as usize..].iter().any(|extent| extent.size > 0);
    let mut conflict = None;
    for (id, allowed) in &windows {
        let both = window.start.max(allowed.start)..window.end.min(allowed.end);
        let fits = both.start.saturating_add(size) <= both.end;
        if fits {
            window = both;
        } else if !(low != Low::No && symbols.class(*id).is_foreign()) {
            // A foreign variable out of the low region's reach is copied into it; nothing else can give way.
            conflict.get_or_insert(*id);
        }
    }
    if window.start.saturating_add(size) > window.end {
        let (start, end) = (window.start, window.end);
        let what = format!(
            "{size:#x} bytes in {start:#x}..{end:#x}, where 32-bit fields reach; this is the largest section"
        );
        let remedy = "compile with -fPIC, or with -mcmodel=medium when data is what is large";
        let problem = Problem::new(largest(resolution), ProblemKind::Conflict { what });
        return Err(vec![problem.with_remedy(remedy)]);
    }
    if conflict.is_some() {
        return Err(explain::<I>(resolution, symbols, &windows, low));
    }
    let wished = draft.wish.near.map(|near| near..near.saturating_add(1));
    let near = wished.or_else(|| densest(friends));
    let demand = Demand { size, align: layout.align(), window, near, reach, own_pages };
    Ok(Wanted { demand, low })
}

/// The set's largest section that takes part.
pub(crate) fn largest(resolution: &Resolution<'_>) -> Place {
    let sections = resolution.added.iter().flat_map(|added| {
        added.live_sections().map(|(index, section)| (section.size(), &added.object, index))
    });
    sections
        .max_by_key(|section| section.0)
        .map_or_else(Place::default, |(_, object, index)| object.place_in(index))
}

/// Bytes that a copy of the symbol takes at most.
fn copy_bound(resolution: &Resolution<'_>, id: SymbolId) -> u64 {
    let index = id.0.checked_sub(resolution.object_symbols()).map(|index| index as usize);
    match index.and_then(|index| resolution.extras.get(index)) {
        Some((_, crate::resolve::Extra::Foreign(foreign))) => {
            foreign.size.saturating_add(foreign.copy_align())
        }
        _ => 0,
    }
}

/// The stretch of 1 GiB that holds most of the addresses, narrowed to those it holds.
fn densest(mut addresses: Vec<u64>) -> Option<Range<u64>> {
    addresses.sort_unstable();
    let mut best = 0..0;
    let mut start = 0;
    for end in 0..addresses.len() {
        while addresses[end] - addresses[start] > 1 << 30 {
            start += 1;
        }
        if end + 1 - start > best.len() {
            best = start..end + 1;
        }
    }
    Some(*addresses.get(best.start)?..addresses.get(best.end.checked_sub(1)?)?.saturating_add(1))
}

/// So many relocations explain any conflict; a set can have a million.
const EXPLAINED: usize = 100;

/// The relocations that make the constraints in conflict.
fn explain<I: Isa>(
    resolution: &Resolution<'_>,
    symbols: &Symbols,
    windows: &[(SymbolId, Range<u64>)],
    low: Low,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let wanted: Vec<SymbolId> = windows.iter().map(|(id, _)| *id).collect();
    for (object, added) in resolution.added.iter().enumerate() {
        for (index, section) in added.live_sections() {
            for relocation in section.relocations() {
                if problems.len() >= EXPLAINED {
                    return problems;
                }
                let Some(target) = resolution.target(object, relocation.symbol) else { continue };
                let Some(row) = I::relocation_type(relocation.kind) else { continue };
                let needs = I::needs(row, section.data(), relocation.offset as usize, relocation.addend);
                let name = resolution.describe(object, relocation.symbol);
                let place = added.object.place_in(index).at(relocation.offset);
                let what = if needs.contains(Needs::NEAR) && wanted.contains(&target) {
                    let at = symbols.value[target.0 as usize];
                    format!("{} needs the set within 2 GiB of `{name}` at {at:#x}", row.name)
                } else if low != Low::No && needs.intersects(Needs::LOW_SIGNED | Needs::LOW_UNSIGNED) {
                    let defined = added.object.symbols.get(relocation.symbol).map(|symbol| symbol.section);
                    let of =
                        if matches!(defined, Some(SymbolSection::Undefined)) { "" } else { "the set's own " };
                    format!("{} needs {of}`{name}` in the low 2 GiB", row.name)
                } else {
                    continue;
                };
                let problem = Problem::new(place, ProblemKind::Conflict { what });
                problems.push(problem.with_remedy("compile this object with -fPIC"));
            }
        }
    }
    problems
}
