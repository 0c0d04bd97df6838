//! Which of a set's names the process's loader finds for libraries that are opened later, and for `dlsym`: what a linked
//! program has in its dynamic symbol table.

use super::builder::SetBuilder;
use crate::host::{Host, HostKind, Versions};
use crate::place::Plan;
use crate::publish::offer::{self, Offered};
use crate::read::object::SymbolKind;
use crate::resolve::names::NameId;
use crate::resolve::{Extra, Origin};

/// Whether the loader is to learn of the set's names.
pub(super) fn are_offered(builder: &SetBuilder<'_>, host: &Host, plan: &Plan<'_, '_>) -> bool {
    let is_wished = builder.recipe.export_dynamic
        || builder.export_dynamic_data
        || !builder.recipe.dynamic_list.is_empty();
    builder.recipe.interpose && (is_wished || offer::asks(plan, host))
}

/// Which of them: unless all are asked for, those that a library of the process refers to, those that one defines as well,
/// and those that are listed, as with GNU ld.
pub(super) fn offered(builder: &SetBuilder<'_>, host: &Host, plan: &Plan<'_, '_>) -> Offered {
    if builder.recipe.export_dynamic {
        return Offered::All;
    }
    let names = &plan.resolution.names;
    let is_known = |name: &[u8]| names.find(name).is_some();
    let mut found = host.referenced(Versions::Default, is_known);
    found.extend(offer::in_libraries(plan, host, Versions::Default, is_known));
    // A variable of the set is not what a library calls by its name (`index`).
    let is_meant = |id: &NameId| {
        let is_data = offer::defined(plan, *id)
            .is_some_and(|(.., origin)| matches!(origin, Origin::Object { .. }) && is_variable(plan, origin));
        !is_data || host.lookup(names[*id].text, None).is_none_or(|found| found.kind != HostKind::Function)
    };
    let mut offered: Vec<NameId> =
        found.iter().filter_map(|name| names.find(name)).filter(is_meant).collect();
    offered.extend(offer::versioned_in_libraries(plan, host));
    if builder.export_dynamic_data || !builder.recipe.dynamic_list.is_empty() {
        let is_listed = |name: NameId| builder.recipe.dynamic_list.lists(names[name].text);
        let listed = offer::exported(plan).filter(|&(name, _, origin)| {
            is_listed(name) || builder.export_dynamic_data && is_variable(plan, origin)
        });
        offered.extend(listed.map(|(name, ..)| name));
    }
    offered.sort_unstable();
    offered.dedup();
    Offered::Listed(offered)
}

fn is_variable(plan: &Plan<'_, '_>, origin: Origin) -> bool {
    match origin {
        Origin::Object { .. } => plan.kind_at(origin) == SymbolKind::Data,
        Origin::Extra(index) => matches!(plan.resolution.extras[index].1, Extra::Common { .. }),
    }
}
