//! What the set takes over from the process: variables that it had to copy, and functions that it replaces.

use std::ptr::with_exposed_provenance;

use super::next::{First, Replaced};
use super::offer::{Offered, in_libraries, is_asking, versioned_in_libraries};
use super::{resolve_ifunc, tls};
use crate::error::Result;
use crate::host::{Host, HostKind, HostSymbol, Move, MoveOptions, Moved, Moves, Versions, thread_count};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::object::{SymbolKind, Visibility};
use crate::resolve::names::NameId;
use crate::resolve::{Extra, Origin};

/// What was taken over.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Of variables, of functions, and of constants.
    moves: [Option<Moves>; 3],
    /// Of functions and variables, what libraries had.
    replaced: Replaced,
    /// The variables that may change: where they were, where they are, and their bytes.
    variables: Vec<(u64, u64, u64)>,
    /// Variables of the process lie in the set's memory now.
    pub holds_variables: bool,
}

/// Makes the process use the set's copies of its variables and, with `interpose`, the set's functions in place of its
/// own, and notes that in `taken`, where nothing is yet. Of the `offered` names the loader is told.
///
/// With `interpose`, the copies of constants in a `permanent` set are the process's, too: a library may compare a pointer that
/// the set passes with its own. Where not all of them can be moved, or the set may go, they stay in both places.
///
/// # Errors
/// A variable cannot be moved for the whole process. What has been moved is in `taken`.
pub(crate) fn take_over(
    plan: &Plan<'_, '_>,
    host: &Host,
    interpose: bool,
    offered: Option<&Offered>,
    permanent: bool,
    taken: &mut Taken,
) -> Result<()> {
    let copies = |is_constant| {
        let copies = plan.copies.iter().filter(move |(copy, _)| copy.from.constant == is_constant);
        copies.map(|(copy, new)| (copy, copy.from.address..copy.from.address + copy.from.size, *new))
    };
    let copied = |is_constant| -> Vec<Move> {
        let moved = copies(is_constant).map(|(copy, old, new)| {
            let names = vec![(name_of(plan, copy.symbol), None)];
            Move { names, what: Moved::Data { old, is_constant }, new }
        });
        moved.collect()
    };
    let mut moves = copied(false);
    let holds_variables = !moves.is_empty();
    // What is copied may hold the address of what is moved.
    let copied_to = |(_, old, new)| (old, new);
    let mirrors: Vec<_> = copies(true).map(copied_to).chain(copies(false).map(copied_to)).collect();
    let mut options =
        MoveOptions { skip_executable: !holds_variables, mirrors: &mirrors, ..MoveOptions::default() };
    let variables = copies(false).map(|(copy, old, new)| (old.start, new, copy.from.size)).collect();
    *taken = Taken { variables, holds_variables, ..Taken::default() };
    if holds_variables {
        // SAFETY: the copies hold the variables' bytes, and the set that holds them is never removed.
        taken.moves[0] = Some(unsafe { host.apply_moves(&moves, options)? });
    }
    if interpose {
        options.skip_executable = true;
        let replacing = replaced(plan, host, offered);
        moves = replacing.moves;
        if !moves.is_empty() {
            // SAFETY: the set's definitions stand in for those of the same name, as an executable's do; they are taken
            // back before the set goes.
            let moved = unsafe { host.apply_moves(&moves, options) }.map_err(tls::explain)?;
            taken.moves[1] = Some(moved);
        }
        if replacing.is_looked_up {
            taken.replaced = Replaced::new(host, &moves, taken.moves[1].as_ref(), replacing.first)?;
        }
        moves = if permanent { copied(true) } else { Vec::new() };
        if !moves.is_empty() {
            let options = MoveOptions { if_possible: true, ..options };
            // SAFETY: the copies hold what the constants do, which changes in both; the set that holds them is never
            // removed.
            taken.moves[2] = unsafe { host.apply_moves(&moves, options) }.ok();
        }
    }
    Ok(())
}

impl Taken {
    /// Points the process back to its own definitions. False: it could not.
    pub fn give_back(&mut self, host: &Host) -> bool {
        if self.moves.iter().all(Option::is_none) {
            return true;
        }
        // Another thread might write a variable in one place or the other meanwhile.
        if !self.variables.is_empty() && thread_count() != Some(1) {
            return false;
        }
        for &(old, new, bytes) in &self.variables {
            let old = std::ptr::with_exposed_provenance_mut::<u8>(old as usize);
            // SAFETY: the process's variable, which is writable, and the set's copy of it.
            unsafe {
                std::ptr::copy_nonoverlapping(with_exposed_provenance(new as usize), old, bytes as usize)
            };
        }
        // The latest first: a word that was moved twice goes back twice.
        let mut is_back = true;
        for moves in self.moves.iter_mut().rev().filter_map(Option::take) {
            // SAFETY: the process's own definitions are where they were, and hold what the set's did.
            is_back &= unsafe { host.restore_moves(moves) }.is_ok();
        }
        is_back
    }
}

/// Whether it is a library's; what was only promised is none's.
fn is_of_library(found: &HostSymbol) -> bool {
    found.library.is_some() && !found.in_executable
}

fn name_of(plan: &Plan<'_, '_>, id: crate::resolve::SymbolId) -> Vec<u8> {
    match plan.resolution.origin(id) {
        Origin::Extra(index) => plan.resolution.names[plan.resolution.extras[index].0].text.to_vec(),
        Origin::Object { object, symbol } => {
            plan.resolution.added[object].object.symbols.name(symbol).to_vec()
        }
    }
}

/// What a set takes over of names that libraries have.
struct Replacing {
    /// The set's definitions of names that loaded libraries refer to, and the host's functions for which a stub of the set
    /// stands, so that their addresses are equal everywhere. Where somebody may look names up later, or open a library, also
    /// those that libraries define.
    moves: Vec<Move>,
    /// Whether that is so.
    is_looked_up: bool,
    /// Of the set's exported definitions those that the loader finds behind libraries' ones.
    first: Vec<First>,
}

fn replaced(plan: &Plan<'_, '_>, host: &Host, offered: Option<&Offered>) -> Replacing {
    let resolution = plan.resolution;
    let own = |id: NameId| {
        let symbol =
            resolution.definition(id).filter(|_| resolution.names[id].visibility < Visibility::Hidden)?;
        let replaces = match (resolution.origin(symbol), plan.class(symbol)) {
            (Origin::Object { .. }, Class::Inside | Class::Ifunc | Class::ThreadLocal) => true,
            (Origin::Extra(_), Class::ForeignFunction) => plan.is_canonical(symbol),
            (Origin::Extra(index), _) => matches!(resolution.extras[index].1, Extra::Common { .. }),
            _ => false,
        };
        replaces.then_some(symbol)
    };
    // A variable does not stand in for a function, nor the other way round: who refers to the name means something else.
    let is_other_kind = |name: &[u8], own: SymbolKind| {
        let found = host.lookup(name, None).filter(is_of_library).map(|found| found.kind);
        matches!(
            (own, found),
            (SymbolKind::Data, Some(HostKind::Function)) | (SymbolKind::Function, Some(HostKind::Data))
        )
    };
    let (names, is_looked_up): (Vec<NameId>, bool) = match offered {
        // All that libraries refer to or define is among them.
        Some(Offered::Listed(names)) => (names.clone(), true),
        _ => {
            let is_own = |name: &[u8]| resolution.names.find(name).and_then(own).is_some();
            // What is exported for everybody is found by references of any version.
            let versions = if offered.is_some() { Versions::All } else { Versions::Default };
            let mut names = host.referenced(versions, |name| is_own(name) || is_asking(name));
            let is_looked_up = offered.is_some() || names.iter().any(|name| is_asking(name));
            if is_looked_up {
                names.extend(in_libraries(plan, host, versions, is_own));
                names.sort();
                names.dedup();
            }
            let mut names: Vec<NameId> =
                names.iter().filter_map(|name| resolution.names.find(name)).collect();
            names.extend(versioned_in_libraries(plan, host));
            (names, is_looked_up)
        }
    };
    let moved = |id: NameId| {
        let symbol = own(id)?;
        let (name, version) = resolution.versions.name(id, resolution.names[id].text);
        let kind = plan.kind_at(resolution.origin(symbol));
        let what = match kind {
            _ if plan.class(symbol) == Class::ThreadLocal => {
                Moved::ThreadLocal(tls::for_libraries(plan, symbol))
            }
            SymbolKind::Data => Moved::Variable,
            _ => Moved::Function,
        };
        // Without a stub, the set's entries hold what the resolver chose, which is the function's address then.
        let is_chosen = plan.class(symbol) == Class::Ifunc && plan.stub_of(symbol).is_none();
        let new = if is_chosen { resolve_ifunc(plan.place_of(symbol)) } else { plan.address(symbol) };
        let moved = Move { names: vec![(name.to_vec(), version.map(<[u8]>::to_vec))], what, new };
        Some((id, moved, is_other_kind(name, kind)))
    };
    let mut first = Vec::new();
    let mut moves = Vec::with_capacity(names.len());
    for (id, moved, is_other_kind) in names.into_iter().filter_map(moved) {
        let version = resolution.versions.of(id);
        if (is_other_kind || version.is_some()) && !matches!(moved.what, Moved::ThreadLocal(_)) {
            let is_default = version.is_none_or(|version| version.is_default);
            first.push(First { name: moved.names[0].clone(), is_default, address: moved.new });
        }
        if !is_other_kind {
            moves.push(moved);
        }
    }
    Replacing { moves, is_looked_up, first }
}
