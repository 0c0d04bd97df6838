//! The versions of the set's own names, and which of its names are for others at all: what objects say (`.symver`), version
//! scripts, and `--exclude-libs`. A linked file would have them in its `DT_VERDEF` (Linux Standard Base, "Symbol Versioning").

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::names::NameId;
use super::pull::Added;
use super::{Origin, Request, Resolution};
use crate::memory::find::find;
use crate::read::object::Visibility;
use crate::read::version_script::Verdict;

/// The version of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Among all of them.
    pub number: usize,
    /// It is the one that references without a version get (`name@@version`).
    pub is_default: bool,
}

/// The versions of a set's names.
#[derive(Default)]
pub(crate) struct OwnVersions<'d> {
    /// Their names, by their numbers.
    texts: Vec<&'d [u8]>,
    /// Of names as others call them, without a version, and of those that are only to be had by it (`name@version`).
    of: HashMap<NameId, Version, foldhash::fast::FixedState>,
    /// The latter by the former.
    others: HashMap<&'d [u8], Vec<NameId>, foldhash::fast::FixedState>,
}

/// What comes before the version, and that, with `@` in front of it.
pub(crate) fn split(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match find(b'@', text) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    }
}

impl<'d> OwnVersions<'d> {
    /// Whether no name has one.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Their names, by their numbers.
    pub fn texts(&self) -> &[&'d [u8]] {
        &self.texts
    }

    pub fn of(&self, name: NameId) -> Option<Version> {
        self.of.get(&name).copied()
    }

    /// The version of `name`, whose text is this, as an image is to show it: none for what is another name's duplicate.
    pub fn shown(&self, name: NameId, text: &[u8]) -> Option<Option<Version>> {
        if self.is_empty() {
            return Some(None);
        }
        let version = self.of(name);
        (version.is_some() || find(b'@', text).is_none()).then_some(version)
    }

    /// What `name`, whose text is this, is called by others, and its version.
    pub fn name<'n>(&self, name: NameId, text: &'n [u8]) -> (&'n [u8], Option<&'d [u8]>) {
        match self.of(name) {
            Some(version) => (split(text).0, self.texts.get(version.number).copied()),
            None => (text, None),
        }
    }

    /// The plain names of what is only to be had by a version.
    pub fn plain_names(&self) -> impl Iterator<Item = &'d [u8]> {
        self.others.keys().copied()
    }

    /// What is only to be had by a version and has this plain name, the oldest version first.
    pub fn others(&self, plain: &[u8]) -> &[NameId] {
        self.others.get(plain).map_or(&[], |names| names)
    }

    fn number(&mut self, text: &'d [u8]) -> usize {
        let known = self.texts.iter().position(|known| *known == text);
        known.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        })
    }
}

/// Hides the set's definitions that a version script makes local, or that are in an archive which is excluded, and finds the
/// versions of the others.
pub(super) fn settle<'d>(resolution: &mut Resolution<'d>, request: &Request<'d>) {
    let by_script = request.versions.distinguishes();
    if by_script || !request.excluded.is_empty() {
        let hidden: Vec<bool> = resolution.added.iter().map(|added| is_excluded(added, request)).collect();
        resolution.versions.texts = request.versions.versions().iter().map(|text| &**text).collect();
        for index in 0..resolution.names.len() {
            let id = NameId(index as u32);
            let name = resolution.names[id];
            // One with a version of its own has that.
            let Some(holder) = name.holder().filter(|_| find(b'@', name.text).is_none()) else { continue };
            let verdict = match hidden[holder.object as usize] {
                true => Verdict::Local,
                false if by_script => request.versions.verdict(name.text),
                false => continue,
            };
            match verdict {
                Verdict::Local => {
                    resolution.names[id].visibility = name.visibility.max(Visibility::Hidden);
                }
                Verdict::Global(Some(number)) => {
                    resolution.versions.of.insert(id, Version { number, is_default: true });
                }
                Verdict::Global(None) => {}
            }
        }
    }
    if resolution.added.iter().any(|added| added.object.symbols.is_versioned()) {
        find_named(resolution);
    }
}

/// Finds what objects give versions to.
fn find_named(resolution: &mut Resolution<'_>) {
    let mut versions = std::mem::take(&mut resolution.versions);
    let mut others = Vec::new();
    for (id, name) in resolution.names.iter() {
        let (plain, Some(version)) = split(name.text) else { continue };
        let text = version.strip_prefix(b"@").unwrap_or(version);
        let origin = resolution.origin_of(id).filter(|_| !plain.is_empty() && !text.is_empty());
        let Some((symbol, Origin::Object { object, symbol: index })) = origin else { continue };
        // `name@@version` is filed as `name@version` and `name`, unless that is somebody else's.
        let full = resolution.added[object].object.symbols.name(index);
        let of_plain = resolution.names.find(plain).filter(|_| full.get(plain.len() + 1) == Some(&b'@'));
        match of_plain.filter(|&plain| resolution.definition(plain) == Some(symbol)) {
            Some(plain) => {
                let number = versions.number(text);
                versions.of.insert(plain, Version { number, is_default: true });
            }
            None => others.push((id, plain, text)),
        }
    }
    // Libraries that know no versions get the first one, so that is a default one, unless a script says otherwise.
    for (id, plain, text) in others {
        let number = versions.number(text);
        versions.of.insert(id, Version { number, is_default: false });
        versions.others.entry(plain).or_default().push(id);
    }
    let of = &versions.of;
    let number = |name: &NameId| of.get(name).map(|version| version.number);
    versions.others.values_mut().for_each(|names| names.sort_by_key(number));
    resolution.versions = versions;
}

/// Whether an object is a member of an archive that is excluded.
fn is_excluded(added: &Added<'_>, request: &Request<'_>) -> bool {
    if added.object.member.is_none() || request.excluded.is_empty() {
        return false;
    }
    let file = added.object.file.rsplit('/').next().unwrap_or_default();
    let is_it = |name: &String| name == "ALL" || file == name || file.strip_suffix(".a") == Some(name);
    request.excluded.iter().any(is_it)
}
