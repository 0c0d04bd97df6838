//! Checks that references keep to a reach that is shorter than the instruction set's own: for tests of layouts with
//! several islands, which short reaches make out of small objects.

#![forbid(unsafe_code)]

use crate::error::{Problem, ProblemKind};
use crate::isa::{Crowd, Isa, RelocationType, Target, Value};
use crate::place::Plan;
use crate::read::object::SectionFlags;
use crate::resolve::SectionId;

/// Every reference that reaches further than the plan's reach says.
pub(super) fn check<I: Isa>(plan: &Plan<'_, '_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (object, added) in plan.resolution.added.iter().enumerate() {
        for (index, section) in added.live_sections() {
            if !section.has(SectionFlags::NOBITS | SectionFlags::TLS) {
                let id = plan.resolution.section_id(object, index);
                section_of::<I>(plan, object, index, id, &mut problems);
            }
        }
    }
    problems
}

fn section_of<I: Isa>(
    plan: &Plan<'_, '_>,
    object: usize,
    index: u32,
    id: SectionId,
    problems: &mut Vec<Problem>,
) {
    let input = &plan.resolution.added[object].object;
    let section = &input.sections[index as usize];
    let kept = plan.kept_frames(id);
    let mut bytes = section.data().to_vec();
    let mut crowd = Crowd::default();
    // The call of `__tls_get_addr` that relaxing the reference before it has removed.
    let mut removed = None;
    for relocation in section.relocations() {
        let offset = match kept {
            None => Some(relocation.offset),
            Some(kept) => kept.place(relocation.offset),
        };
        let (Some(offset), Some(row)) = (offset, I::relocation_type(relocation.kind)) else { continue };
        let (clear, start) = crowd.admit::<I>(row, relocation.offset);
        let fixed = !clear || kept.is_some();
        let Some(symbol) = plan.resolution.target(object, relocation.symbol) else { continue };
        if row.value.is_tls() {
            let site = I::tls_site(row, section.data(), relocation.offset as usize, relocation.addend);
            let relaxes = !fixed && plan.tls_target(object, row.value, symbol).relaxed.is_some();
            removed = site.call.filter(|_| relaxes);
            continue;
        }
        if row.field.bytes != 4 || removed.take() == Some(relocation.offset) {
            continue;
        }
        let mut target = plan.target(object, symbol);
        if fixed {
            (target.near, target.near_branch, target.low) = (false, false, false);
        }
        let place = plan.section_address(id) + offset;
        let (code, at) = (&mut bytes[start as usize..], (relocation.offset - start) as usize);
        let relaxed = I::apply(row, code, at, place, relocation.addend, &target) == Ok(true);
        let Some((to, reach)) = distance(plan, row, &target, relaxed) else { continue };
        let distance = i128::from(to) - i128::from(place);
        if distance.unsigned_abs() > u128::from(reach) {
            let name = plan.resolution.describe(object, relocation.symbol);
            let kind = ProblemKind::OutOfRange {
                relocation: row.name.into(),
                value: distance,
                field: format!("a reach of {reach:#x} bytes"),
                distance: format!("target `{name}` at {to:#x}, place at {place:#x}"),
            };
            let place = input.place_in(index).at(relocation.offset).of_symbol(name);
            problems.push(Problem::new(place, kind).with_remedy(super::BEYOND_REACH));
        }
    }
}

/// Where a reference leads directly, and how far it may.
fn distance(plan: &Plan<'_, '_>, row: &RelocationType, target: &Target, relaxed: bool) -> Option<(u64, u64)> {
    let reach = plan.reach;
    match row.value {
        Value::Relative => Some((target.address, reach.direct)),
        Value::Branch => Some((target.branch, reach.branch)),
        // A constant has no distance.
        Value::EntryRelative if relaxed => {
            (target.near || target.near_branch).then_some((target.address, reach.direct))
        }
        Value::EntryRelative => Some((target.entry?, reach.entry)),
        _ => None,
    }
}
