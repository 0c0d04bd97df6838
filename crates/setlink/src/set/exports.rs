//! Which of a set's names the process's loader finds for libraries that are opened later, and for `dlsym`: what a linked
//! program has in its dynamic symbol table.

use hashbrown::HashSet;

use super::builder::SetBuilder;
use super::scope::LinkScope;
use crate::place::Plan;
use crate::publish::offer;
use crate::read::object::SymbolKind;
use crate::resolve::{Extra, Origin, Surroundings};

/// Whether the loader is to learn of the set's names.
pub(super) fn are_offered(builder: &SetBuilder<'_>, plan: &Plan<'_, '_>) -> bool {
    let is_wished = builder.export_dynamic || builder.export_dynamic_data || !builder.dynamic_list.is_empty();
    builder.interpose && (is_wished || offer::asks(plan))
}

/// Per name, whether the loader is to learn of it; without an answer, of all. As GNU ld does it, those count that a library
/// of the program refers to, those that one defines as well, and those that are listed.
pub(super) fn listed(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'_>,
    plan: &Plan<'_, '_>,
) -> Option<Vec<bool>> {
    if builder.export_dynamic {
        return None;
    }
    let names = &plan.resolution.names;
    let mut listed = vec![false; names.len()];
    let referenced = scope.referenced(&|name| names.find(name).is_some());
    let referenced: HashSet<Vec<u8>, foldhash::fast::FixedState> = referenced.into_iter().collect();
    for (name, _, origin) in offer::exported(plan) {
        let text = names[name].text;
        listed[name.0 as usize] = builder.dynamic_list.lists(text)
            || builder.export_dynamic_data && is_variable(plan, origin)
            || referenced.contains(text)
            || scope.is_in_library(text);
    }
    Some(listed)
}

fn is_variable(plan: &Plan<'_, '_>, origin: Origin) -> bool {
    match origin {
        Origin::Object { .. } => plan.kind_at(origin) == SymbolKind::Data,
        Origin::Extra(index) => matches!(plan.resolution.extras[index].1, Extra::Common { .. }),
    }
}
