//! The sets of a session: who uses whom, and taking sets away.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::{Content, Core, EntryPlace, Set};
use crate::error::{Error, Place, Problem, ProblemKind};
use crate::host::fork::{self, Here};
use crate::session::Inner;

/// The linked sets, by number.
#[derive(Default)]
pub(crate) struct Registry {
    next: u64,
    sets: BTreeMap<u64, Arc<Core>>,
    /// Which linked sets use a set; those that nobody uses are left out.
    users: BTreeMap<u64, BTreeSet<u64>>,
    /// Sets that are being linked: their names, the sets that they may come to use, and who links them.
    linking: BTreeMap<u64, (Arc<str>, BTreeSet<u64>, Here)>,
}

/// A set that is being linked. The sets that it may come to use stay until it is published or given up.
pub(super) struct Beginning<'s> {
    session: &'s Arc<Inner>,
    id: u64,
    is_done: bool,
}

impl<'s> Beginning<'s> {
    /// Begins a set named `name` that may use `sets`.
    ///
    /// # Errors
    /// One of these has been removed, or belongs to another session.
    pub fn new<'c>(
        session: &'s Arc<Inner>,
        name: Arc<str>,
        sets: impl Iterator<Item = &'c Arc<Core>>,
    ) -> Result<Self, Error> {
        // What can be made before is: the lock is every thread's.
        let by = Here::now();
        let mut uses = BTreeSet::new();
        let mut registry = lock(session);
        for core in sets {
            let there = Arc::ptr_eq(&core.session, session) && registry.sets.contains_key(&core.id);
            if !there {
                let what = format!("set `{}` is not a linked set of this session", core.name);
                return Err(Problem::new(Place::default(), ProblemKind::Usage { what }).into());
            }
            uses.insert(core.id);
        }
        registry.next += 1;
        let id = registry.next;
        registry.linking.insert(id, (name, uses, by));
        drop(registry);
        Ok(Beginning { session, id, is_done: false })
    }

    /// The set's number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Makes the finished set visible.
    pub fn publish(mut self, core: &Arc<Core>) {
        let mut registry = lock(self.session);
        // First, so that a set that is given up half-way is forgotten as one that is removed.
        registry.sets.insert(core.id, core.clone());
        for used in &core.dependencies {
            registry.users.entry(used.id).or_default().insert(core.id);
        }
        self.is_done = true;
        let linked = registry.linking.remove(&core.id);
        drop(registry);
        drop(linked);
    }
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            let mut registry = lock(self.session);
            registry.linking.remove(&self.id);
            registry.remove(self.id);
        }
    }
}

impl Registry {
    /// The sets in the order in which they were begun.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Core>> {
        self.sets.values()
    }

    /// Numbers and names of the sets that use, or may come to use, the set `id`.
    fn users(&self, id: u64) -> impl Iterator<Item = (u64, &str)> {
        let linked = self.users.get(&id).into_iter().flatten().filter_map(|user| self.sets.get(user));
        // A set that another thread was about to link when this process was forked will never be.
        let linking = self.linking.iter();
        let linking = linking.filter(move |(_, (_, uses, by))| uses.contains(&id) && by.is_left());
        linked.map(|core| (core.id, &*core.name)).chain(linking.map(|(id, (name, ..))| (*id, &**name)))
    }

    /// Forgets a set.
    fn remove(&mut self, id: u64) {
        let Some(core) = self.sets.remove(&id) else { return };
        self.users.remove(&id);
        for used in &core.dependencies {
            if let Some(users) = self.users.get_mut(&used.id) {
                users.remove(&id);
                if users.is_empty() {
                    self.users.remove(&used.id);
                }
            }
        }
    }
}

/// The registry, whatever a thread that held it did.
pub(crate) fn lock(session: &Inner) -> fork::Locked<'_, Registry> {
    fork::lock(&session.sets)
}

/// Every entry of `symbol` in all sets, as objects spell it or demangled, out of the list that `of` picks.
pub(crate) fn places(
    session: &Inner,
    symbol: &str,
    of: impl Fn(&Core) -> &[super::OwnEntry],
) -> Vec<EntryPlace> {
    let registry = lock(session);
    let mut found = Vec::new();
    for core in registry.iter() {
        let is_of = |name: &[u8]| name == symbol.as_bytes() || crate::resolve::demangle(name) == symbol;
        let own = of(core).iter().filter(|entry| is_of(&entry.symbol));
        found.extend(own.map(|entry| EntryPlace {
            set: core.name.to_string(),
            island: entry.island as usize,
            address: entry.address,
        }));
    }
    found
}

/// Removes sets of one session, all or none, users before what they use. Nothing is allocated, but for the words of a
/// refusal.
pub(super) fn remove(sets: &mut [Set]) -> Result<(), Error> {
    // A set can only use sets that were linked before it, so the latest goes first.
    sets.sort_unstable_by_key(|set| std::cmp::Reverse(set.core.id));
    let sets = &*sets;
    let Some(session) = sets.first().map(|set| &set.core.session) else { return Ok(()) };
    let mut problems = Vec::new();
    let usage = |kind| Problem::new(Place::default(), kind);
    // Nobody who holds the sets runs their code any more, so what pins them can only become less.
    for core in sets.iter().map(|set| &set.core) {
        let reason = match fork::lock(&core.content).as_deref() {
            Some(Content::Running(running)) => running.pinned(),
            _ => None,
        };
        if let Some(reason) = reason {
            let what = format!("set `{}` cannot be removed: {reason}", core.name);
            problems.push(usage(ProblemKind::Usage { what }));
        }
    }
    let goes = |id: u64| sets.binary_search_by(|set| id.cmp(&set.core.id)).is_ok();
    let mut registry = lock(session);
    for core in sets.iter().map(|set| &set.core) {
        let staying = registry.users(core.id).filter(|(user, _)| !goes(*user));
        let users: Vec<String> = staying.map(|(_, name)| format!("`{name}`")).collect();
        if !users.is_empty() {
            let kind = ProblemKind::InUse { set: core.name.to_string(), users: users.join(", ") };
            problems.push(usage(kind).with_remedy("remove these first, or all together"));
        }
        if !Arc::ptr_eq(&core.session, session) {
            let what = format!("set `{}` belongs to another session", core.name);
            problems.push(usage(ProblemKind::Usage { what }));
        }
    }
    Error::check(problems, ())?;
    // From here on nobody can begin to use them.
    sets.iter().for_each(|set| registry.remove(set.core.id));
    drop(registry);
    for core in sets.iter().map(|set| &set.core) {
        let Some(mut content) = fork::lock(&core.content).take() else { continue };
        let mut is_back = true;
        if let (Content::Running(running), Some(host)) = (&mut *content, session.world.host()) {
            // SAFETY: whoever took a symbol of the set promised that none of its code runs when it is removed.
            unsafe { running.finalise() };
            is_back = running.give_back(host);
        }
        // What the process still refers to stays where it is.
        if is_back {
            drop(ManuallyDrop::into_inner(content));
        }
    }
    Ok(())
}
