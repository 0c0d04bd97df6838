//! What is wanted and not there yet, and where it comes from: members, shared libraries that are there for who needs them,
//! the last resort.

#![forbid(unsafe_code)]

use hashbrown::HashSet;

use super::{ArchiveMode, Chosen, Marks, Name, NameId, Pull, Visibility, is_linkers, outside};
use crate::memory::find::find;
use crate::read::pattern::Pattern;

impl<'d> Pull<'d, '_> {
    /// Adds what has to come from the scope's last resort, and numbers all there is.
    pub fn finish(mut self) -> Self {
        let scope = self.request.scope;
        if scope.has_last_resort() && self.unresolved().any(|name| !self.is_in_scope(name)) {
            self.inputs(scope.last_resort(), self.input_count);
            self.settle();
        }
        self.count();
        if !self.added.is_sorted_by_key(|added| added.object.position) {
            self.added.sort_by_key(|added| added.object.position);
            self.forget_order();
        }
        self
    }

    /// Adds the members that are wanted. They may need shared libraries that nobody needed before, and these more members.
    pub(super) fn settle(&mut self) {
        let mut wanted = Vec::new();
        loop {
            self.drain();
            self.replace_commons();
            let unresolved = self.unresolved().filter(|name| name.visibility < Visibility::Hidden);
            let defined = |name: &[u8]| self.names.find(name).is_some_and(|id| self.names[id].is_held());
            let needed = self.request.scope.attach(&mut unresolved.map(|name| name.text), &defined);
            if needed == wanted {
                break;
            }
            for name in &needed {
                if let Some(id) = self.names.find(name) {
                    self.want(id);
                }
            }
            wanted = needed;
        }
    }

    pub(super) fn want(&mut self, id: NameId) {
        let name = &mut self.names[id];
        name.marks |= Marks::REFERENCE | Marks::DEMAND;
        if !name.is_held() && name.has_offer() {
            self.worklist.push(id);
        }
    }

    /// Wants what an archive offers and one of the patterns matches.
    pub(super) fn want_matching(&mut self, patterns: &[Pattern]) {
        if patterns.is_empty() {
            return;
        }
        let matches = |name: &Name<'_>| patterns.iter().any(|pattern| pattern.matches(name.text, &mut None));
        let offered = self.names.iter().filter(|(_, name)| name.has_offer() && matches(name));
        let offered: Vec<NameId> = offered.map(|(id, _)| id).collect();
        offered.into_iter().for_each(|id| self.want(id));
    }

    /// Adds the members that define what is wanted, then those that define what these want, until nothing more is.
    pub(super) fn drain(&mut self) {
        while !self.worklist.is_empty() {
            let mut names = std::mem::take(&mut self.worklist);
            // Most are wanted for one name each.
            let mut members = Vec::with_capacity(names.len());
            members.extend(names.iter().filter_map(|&id| self.wanted(id)));
            if self.take(members) {
                // A member that was left out may define something else that is wanted. Such names, and no others, are
                // looked at again: rounds are many, and what one carries into the next, all that follow could carry.
                // They come first, so that one of these members is added for sure.
                names.retain(|&id| self.is_left_out(id));
                names.append(&mut self.worklist);
                self.worklist = names;
            }
        }
    }

    /// What is wanted and has no definition in the set, by the user or the linker.
    fn unresolved(&self) -> impl Iterator<Item = &Name<'d>> {
        let request = self.request;
        let by_user: HashSet<&[u8], foldhash::fast::FixedState> =
            request.assigned.iter().chain(request.provided).map(|(name, _)| name.as_slice()).collect();
        let names = self.names.iter().map(|(_, name)| name);
        let open = names.filter(|name| name.is_wanted() && !name.is_held());
        open.filter(move |name| !is_linkers(name.text) && !by_user.contains(name.text))
    }

    /// Whether a name has a definition outside the set.
    fn is_in_scope(&self, name: &Name<'_>) -> bool {
        if find(b'@', name.text).is_some() {
            return outside(name.text, name.visibility, self.request).is_some();
        }
        name.visibility < Visibility::Hidden && self.request.scope.defines(name.text)
    }

    /// Whether a name lacks its definition because the member that has it was left out.
    fn is_left_out(&self, id: NameId) -> bool {
        let offer = self.names.offer(id).filter(|_| !self.names[id].is_held());
        offer.is_some_and(|offer| self.archives[offer.archive as usize].left_out.contains_key(&offer.member))
    }

    /// The member that is to define a name, unless that is on its way.
    fn wanted(&mut self, id: NameId) -> Option<Chosen<'d>> {
        let name = &self.names[id];
        let offer = self.names.offer(id).filter(|_| !name.is_held())?;
        let archive = &mut self.archives[offer.archive as usize];
        if archive.taken.contains(offer.member) {
            return None;
        }
        // A shared library that stands before the archive provides the name, as it does for other linkers.
        // A hidden reference never leaves the set.
        let provided = name.visibility < Visibility::Hidden
            && match archive.mode {
                ArchiveMode::LastResort | ArchiveMode::Process => self.request.scope.defines(name.text),
                _ => self
                    .request
                    .scope
                    .library_defines(name.text, self.sources[offer.archive as usize].position),
            };
        if provided { None } else { self.once(offer.archive as usize, offer.member, Some(id)) }
    }
}
