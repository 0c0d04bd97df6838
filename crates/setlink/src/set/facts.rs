//! What a set keeps of its resolution and its plan when its inputs are released: names, and what it shares.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;

use super::builder::SetBuilder;
use super::{Core, OwnEntry};
use crate::place::share::{Shared, SharedPlace};
use crate::place::symbols::Class;
use crate::place::tls::Numbers;
use crate::place::{Entry, Plan, map};
use crate::publish::offer;
use crate::read::object::SymbolKind;
use crate::resolve::names::{AddressBook, Listed, ListedKind, NameId};
use crate::resolve::{Origin, Resolution, SymbolId};

/// What a set keeps of its resolution when its inputs are released.
pub(super) struct Facts {
    pub names: AddressBook,
    pub thread_locals: HashMap<Box<[u8]>, Numbers, foldhash::fast::FixedState>,
    pub map: Option<String>,
    pub entries: Vec<OwnEntry>,
    pub stubs: Vec<OwnEntry>,
    /// Which of the sets that are shared with provide entries or stubs.
    pub providers: Vec<usize>,
}

/// What sets offer for sharing.
pub(super) fn shared(sets: &[Arc<Core>]) -> Shared {
    let mut shared = Shared::default();
    for (provider, core) in sets.iter().enumerate() {
        for (own, places) in [(&core.entries, &mut shared.entries), (&core.stubs, &mut shared.stubs)] {
            for entry in own {
                if let Some(leads_to) = entry.leads_to {
                    let place = SharedPlace { address: entry.address, provider };
                    places.entry(leads_to).or_default().push(place);
                }
            }
        }
    }
    shared
}

/// The plan's own entries and stubs, with what they are for.
fn own_entries(plan: &Plan<'_, '_>) -> (Vec<OwnEntry>, Vec<OwnEntry>) {
    let own = |symbol, address, entry: &Entry| OwnEntry {
        symbol: plan.label_of(symbol).into(),
        island: entry.island,
        address,
        leads_to: plan.entry_contents(entry),
    };
    let entries = plan.entries.iter().zip(0..);
    let stubs = plan.stubs.iter().zip(0..);
    (
        entries.map(|(entry, index)| own(entry.symbol, plan.entry_address(index), entry)).collect(),
        stubs
            .map(|(stub, index)| {
                own(stub.symbol, plan.stub_address(index), &plan.entries[stub.entry as usize])
            })
            .collect(),
    )
}

/// The facts of a set that is linked as planned.
pub(super) fn facts(builder: &SetBuilder<'_>, resolution: &Resolution<'_>, plan: &Plan<'_, '_>) -> Facts {
    let mut names = AddressBook::default();
    if builder.export {
        // Not every name of a large set is its own definition; of a small one, most are.
        names.reserve(resolution.names.len() / 2);
    }
    let mut thread_locals = HashMap::default();
    let mut file = |(name, symbol, origin): (NameId, SymbolId, Origin)| {
        let (address, kind) = match plan.class(symbol) {
            class @ Class::ThreadLocal => {
                let numbers = plan.tls.numbers(symbol, class, plan.address(symbol));
                thread_locals.insert(resolution.names[name].text.into(), numbers);
                return;
            }
            Class::Ifunc if plan.stub_of(symbol).is_none() => (plan.place_of(symbol), ListedKind::Resolver),
            _ => (plan.address(symbol), kind(plan, origin)),
        };
        names.insert(resolution.names[name].text, Listed { address, size: plan.size_at(origin), kind });
    };
    if builder.export {
        offer::exported(plan).for_each(file);
    } else {
        // Asked for by name: visibility is about others.
        for name in builder.recipe.undefined.iter().chain(&builder.told).collect::<BTreeSet<_>>() {
            let name = resolution.names.find(name);
            name.and_then(|name| offer::defined(plan, name)).into_iter().for_each(&mut file);
        }
    }
    let (entries, stubs) = own_entries(plan);
    Facts {
        names,
        thread_locals,
        map: builder.map.then(|| map::text(plan)),
        entries,
        stubs,
        providers: plan.providers().collect(),
    }
}

/// What other sets may take a symbol for.
fn kind(plan: &Plan<'_, '_>, origin: Origin) -> ListedKind {
    match (origin, plan.kind_at(origin)) {
        (_, SymbolKind::Function | SymbolKind::Ifunc) => ListedKind::Function,
        (Origin::Extra(_), _) | (_, SymbolKind::Data) => ListedKind::Data,
        _ => ListedKind::Unknown,
    }
}
