//! Adding objects to a set: direct inputs first, then archive members by a worklist until nothing more is needed.
//!
//! Archives are not searched in an order: every archive of the set offers its members to all objects, as lld and mold
//! do it, and of two offers the earlier input's counts. The worklist holds names, not members, so that chains of any
//! length use constant stack.

#![forbid(unsafe_code)]

mod wants;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use hashbrown::{HashMap, HashSet};

use super::define::{UNUSED, is_linkers, outside};
use super::index::{Entering, Listing};
use super::members::{Contents, Source, Taken};
use super::names::{AT_ONCE, Holder, Marks, Name, NameId, Names, Offer, Strength};
use super::{Assigned, Request, SymbolId};
use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::memory::arena::Arena;
use crate::read::archive::Archive;
use crate::read::elf;
use crate::read::input::{ArchiveMode, Input};
use crate::read::object::{
    Binding, Expected, NameHash, NameKey, Object, Section, SectionFlags, SymbolSection, Visibility,
};

/// Bytes of objects for each name, to begin with: libcrypto has one for 1,100 bytes, LLVM one for 2,000.
const BYTES_A_NAME: usize = 1024;
/// Archives list the names that their members define, many of them several times over.
const ARCHIVE_SHARE: usize = 2;
/// Rust's have a sixth of the names that their bytes suggest, LLVM's half of them.
const LIKELY_ARCHIVE_SHARE: usize = 4;

/// An object that is part of the set.
pub(crate) struct Added<'d> {
    pub object: &'d Object<'d>,
    /// Its number in the order in which objects were added.
    pub serial: u32,
    /// The names of the symbols from `first_global` on, until what they stand for is known.
    pub names: &'d [NameId],
    /// What the symbols from `first_global` on stand for.
    pub targets: &'d mut [SymbolId],
    /// Per section: whether it takes part.
    pub live: &'d mut [bool],
}

impl<'d> Added<'d> {
    /// The sections that take part, with their numbers in the object.
    #[inline]
    pub fn live_sections(&self) -> impl Iterator<Item = (u32, &'d Section<'d>)> {
        let sections: &'d [Section<'d>] = self.object.sections;
        let with_liveness = sections.iter().zip(&*self.live).zip(0..);
        with_liveness.filter_map(|((section, live), number)| live.then_some((number, section)))
    }
}

/// A member that is to be added.
struct Chosen<'d> {
    /// The number of its archive, and where it is in there.
    index: u32,
    offset: u64,
    /// What it is to define.
    name: Option<NameId>,
    /// What is in there, if it was read before.
    read: Option<Box<MemberRead<'d>>>,
}

/// An object, or what is wrong with it.
type Parsed<'d> = Result<&'d Object<'d>, Vec<Problem>>;

/// The object that a member is, if it is one, or what is wrong with it.
type MemberRead<'d> = Result<Option<&'d Object<'d>>, Vec<Problem>>;

struct OpenArchive<'d> {
    mode: ArchiveMode,
    /// What its index lists, if another thread has read that, until it is entered.
    listed: Option<Listing<'d>>,
    taken: Taken,
    /// Members that were read and then left out: one that is wanted again for another name is not read again.
    left_out: HashMap<u64, Box<MemberRead<'d>>, foldhash::fast::FixedState>,
}

/// An input that was read.
enum Read<'d> {
    Object(Parsed<'d>),
    /// And an object that is alone in it.
    Archive(Box<(OpenArchive<'d>, Source<'d>)>, Option<&'d Object<'d>>),
    Nothing,
}

/// The objects and names of a set.
pub(crate) struct Pull<'d, 'r> {
    pub(super) request: &'r Request<'d>,
    pub arena: &'d Arena,
    pub names: Names<'d>,
    pub added: Vec<Added<'d>>,
    /// Inputs that cannot be read: what is found without them is not to be trusted.
    pub problems: Vec<Problem>,
    /// Two strong definitions of one name.
    pub duplicates: Vec<Problem>,
    /// Per common name the size of the largest and the alignment of the strictest symbol.
    pub commons: HashMap<NameId, (u64, u64), foldhash::fast::FixedState>,
    input_count: usize,
    /// Names that the inputs may have, and likely have, until there is room for them.
    estimate: [usize; 2],
    archives: Vec<OpenArchive<'d>>,
    /// What the archives are read from: apart, as members are read, by several threads, while others are added.
    sources: Vec<Arc<Source<'d>>>,
    /// Names of link-once sections that are already in.
    once: HashSet<&'d [u8], foldhash::fast::FixedState>,
    /// What `--wrap` renames in undefined references.
    renamed: HashMap<&'d [u8], &'d [u8], foldhash::fast::FixedState>,
    worklist: Vec<NameId>,
}

impl<'d, 'r> Pull<'d, 'r> {
    /// Adds all inputs and whatever archive members they need.
    pub fn run(inputs: &'d [Input], request: &'r Request<'d>, arena: &'d Arena) -> Self {
        let mut pull = Pull {
            request,
            arena,
            names: Names::new(arena),
            added: Vec::new(),
            problems: Vec::new(),
            duplicates: Vec::new(),
            commons: HashMap::default(),
            input_count: inputs.len(),
            estimate: [0, 0],
            archives: Vec::new(),
            sources: Vec::new(),
            once: HashSet::default(),
            renamed: HashMap::default(),
            worklist: Vec::new(),
        };
        for name in request.wrap {
            pull.renamed.insert(name, pull.join(b"__wrap_", name));
            let real = pull.join(b"__real_", name);
            pull.renamed.insert(real, name);
        }
        pull.inputs(inputs, 0);
        for name in request.undefined {
            let id = pull.names.intern(name);
            pull.want(id);
        }
        pull.want_matching(request.undefined_patterns);
        for name in request.scope.needed() {
            // Others are nobody's here.
            if let Some(id) = pull.names.find(name) {
                pull.want(id);
            }
        }
        for (_, assigned) in request.assigned {
            if let Assigned::Symbol(target, _) = assigned {
                let id = pull.names.intern(target);
                pull.want(id);
            }
        }
        pull.settle();
        pull
    }

    /// # Errors
    /// Inputs that cannot be read, and with them the definitions that there are twice.
    pub fn check(mut self) -> Result<Self> {
        if self.problems.is_empty() {
            return Ok(self);
        }
        self.problems.append(&mut self.duplicates);
        Err(Error::from(self.problems))
    }

    fn join(&self, prefix: &[u8], name: &[u8]) -> &'d [u8] {
        self.arena.collect(prefix.len() + name.len(), prefix.iter().chain(name).copied())
    }

    /// Adds inputs, the first of which has the number `first`.
    fn inputs(&mut self, inputs: &'d [Input], first: usize) {
        let (mut objects, mut archives) = (0, 0);
        for input in inputs {
            match input {
                Input::Object { data, .. } => objects += data.len(),
                Input::Archive { data, .. } => archives += data.len(),
                Input::Library(_) => {}
            }
        }
        self.estimate =
            [ARCHIVE_SHARE, LIKELY_ARCHIVE_SHARE].map(|share| (objects + archives / share) / BYTES_A_NAME);
        self.added.reserve_exact(inputs.iter().filter(|input| matches!(input, Input::Object { .. })).count());
        let (arena, threads) = (self.arena, self.request.threads);
        let open = |index: usize, name: &'d Arc<str>, path: &PathBuf, mode, contents: Contents<'d>| {
            let archive = OpenArchive {
                mode,
                taken: Taken::none(&contents),
                // One thread alone looks at the index when it enters it. Where all members come in, nobody does.
                listed: match &contents {
                    Contents::Archive(archive) if mode != ArchiveMode::Whole && !threads.is_one() => {
                        Listing::of(archive)
                    }
                    _ => None,
                },
                left_out: HashMap::default(),
            };
            let source = Source {
                name,
                path: path.clone(),
                position: (first + index) as u32,
                contents,
                index: OnceLock::new(),
            };
            Box::new((archive, source))
        };
        let read = |(index, input): (usize, &'d Input)| match input {
            Input::Object { name, data, lazy } => {
                match elf::parse(name, None, (first + index) as u32, data, Expected::default(), arena) {
                    Ok(object) if *lazy => {
                        let contents = Contents::Object(data);
                        let archive = open(index, name, &PathBuf::new(), ArchiveMode::Needed, contents);
                        Read::Archive(archive, Some(object))
                    }
                    parsed => Read::Object(parsed),
                }
            }
            Input::Archive { name, path, data, mode } => match Archive::parse(name, data) {
                Ok(archive) => {
                    let archive = open(index, name, path, *mode, Contents::Archive(archive));
                    Read::Archive(archive, None)
                }
                Err(problem) => Read::Object(Err(vec![problem])),
            },
            Input::Library(_) => Read::Nothing,
        };
        threads.ahead(inputs.iter().enumerate(), read, |read| match read {
            Read::Object(parsed) => self.admit(parsed, false),
            Read::Archive(archive, object) => self.archive(*archive, object),
            Read::Nothing => {}
        });
    }

    fn archive(&mut self, (archive, source): (OpenArchive<'d>, Source<'d>), alone: Option<&'d Object<'d>>) {
        let (index, mode) = (self.archives.len(), archive.mode);
        self.archives.push(archive);
        self.sources.push(Arc::new(source));
        match alone {
            Some(object) => self.offer_object(index, 0, object),
            None if mode == ArchiveMode::Whole => self.take_all(index),
            None => self.offer_all(index),
        }
    }

    /// Offers what the object at `offset` of an archive defines, and keeps it until it is wanted.
    fn offer_object(&mut self, index: usize, offset: u64, object: &'d Object<'d>) {
        let first = object.symbols.first_global();
        for (symbol, known) in (first..).zip(object.known_names) {
            if object.symbols.get(symbol).is_some_and(|symbol| !symbol.is_undefined()) {
                let name = object.symbols.name_of_length(symbol, known.length());
                let hash = match known.key() {
                    NameKey::Hash(hash) => hash,
                    NameKey::Number(_) => NameHash::of(name),
                };
                self.offer(index, name, hash, offset);
                if object.symbols.is_versioned() {
                    self.offer_default_version(index, name, offset);
                }
            }
        }
        self.archives[index].left_out.insert(offset, Box::new(Ok(Some(object))));
    }

    fn admit(&mut self, parsed: Parsed<'d>, of_process: bool) {
        match parsed {
            Ok(object) => self.add(object, of_process),
            Err(problems) => self.problems.extend(problems),
        }
    }

    /// Chooses the member at `offset`, once; for `name`, if it is wanted for what it defines.
    fn once(&mut self, index: usize, offset: u64, name: Option<NameId>) -> Option<Chosen<'d>> {
        let archive = &mut self.archives[index];
        archive.taken.insert(offset).then(|| Chosen {
            index: index as u32,
            offset,
            name,
            read: archive.left_out.remove(&offset),
        })
    }

    /// Adds members of archives; those with a name only if nothing has come to define it meanwhile. Returns whether one was
    /// left out for that reason.
    fn take(&mut self, members: Vec<Chosen<'d>>) -> bool {
        self.added.reserve(members.len());
        let arena = self.arena;
        let sources = std::mem::take(&mut self.sources);
        let read = |mut chosen: Chosen<'d>| {
            let read = match chosen.read.take() {
                Some(read) => *read,
                None => sources[chosen.index as usize].read(chosen.offset, arena),
            };
            (chosen, read)
        };
        let mut left_out = false;
        self.request.threads.ahead(members.into_iter(), read, |(chosen, read)| {
            if chosen.name.is_some_and(|name| self.names[name].is_held()) {
                let archive = &mut self.archives[chosen.index as usize];
                archive.taken.remove(chosen.offset);
                archive.left_out.insert(chosen.offset, Box::new(read));
                left_out = true;
            } else if let Some(parsed) = read.transpose() {
                self.admit(parsed, self.archives[chosen.index as usize].mode == ArchiveMode::Process);
            }
        });
        self.sources = sources;
        left_out
    }

    fn take_all(&mut self, index: usize) {
        let source = self.sources[index].clone();
        let Contents::Archive(archive) = &source.contents else { return };
        let mut members = Vec::new();
        for member in archive.members() {
            match member {
                Ok(member) => members.extend(self.once(index, member.offset, None)),
                Err(problem) => self.problems.push(problem),
            }
        }
        self.take(members);
    }

    fn offer_all(&mut self, index: usize) {
        let source = self.sources[index].clone();
        let Contents::Archive(archive) = &source.contents else { return };
        if let Some(Listing { entries, text, versioned, problem }) = self.archives[index].listed.take() {
            let listed = entries.into_iter();
            self.enter(index, text, versioned, listed.len(), listed);
            return self.problems.extend(problem);
        }
        if let Some(mut symbols) = archive.symbols() {
            let (text, versioned, count) = (symbols.text(), symbols.may_be_versioned(), symbols.left());
            let listed = symbols.by_ref().map(|(name, member)| (name, NameHash::of(name), member));
            self.enter(index, text, versioned, count, listed);
            return self.problems.extend(archive.check_read(&symbols).err());
        }
        // Without an index every member is read for what it defines.
        for member in archive.members() {
            let read = member.map_err(|problem| vec![problem]);
            match read.and_then(|member| Ok((member.offset, source.read(member.offset, self.arena)?))) {
                Ok((offset, Some(object))) => self.offer_object(index, offset, object),
                Ok((_, None)) => {}
                Err(problems) => self.problems.extend(problems),
            }
        }
    }

    /// Enters the `count` names that an archive's index lists.
    fn enter(
        &mut self,
        archive: usize,
        text: Option<&'d [u8]>,
        versioned: bool,
        count: usize,
        mut listed: impl Iterator<Item = (&'d [u8], NameHash, u64)>,
    ) {
        self.expect_names(count);
        self.names.reserve_offers(count);
        let mut entering = Entering::new(text, count);
        let (mut some, mut keys) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
        loop {
            some.clear();
            some.extend(listed.by_ref().take(AT_ONCE));
            if some.is_empty() {
                break;
            }
            keys.clear();
            keys.extend(some.iter().map(|&(name, hash, _)| (name, NameKey::Hash(hash))));
            self.names.bring_near(&keys);
            for &(name, hash, member) in &some {
                let id = self.offer(archive, name, hash, member);
                entering.enter(id, name.len(), member);
                if versioned {
                    self.offer_default_version(archive, name, member);
                }
            }
        }
        // An archive is entered once.
        let _ = self.sources[archive].index.set(entering.finish(self.arena));
    }

    /// Makes room for so many names, and at first for those of all inputs. Where more are known, most of these may be among
    /// them.
    fn expect_names(&mut self, count: usize) {
        let more = match std::mem::take(&mut self.estimate) {
            [0, _] if count <= self.names.len() => [0, 0],
            estimate => estimate.map(|estimate| estimate + count),
        };
        if more[0] > self.names.room() {
            self.names.reserve(more[0], more[1]);
        }
    }

    fn offer(&mut self, archive: usize, name: &'d [u8], hash: NameHash, member: u64) -> NameId {
        let id = self.names.intern_hashed(name, hash);
        // Input order decides.
        if self.names.offer(id).is_none() {
            self.names.set_offer(id, Offer { archive: archive as u32, member });
        }
        let name = &self.names[id];
        if name.is_wanted() && !name.is_held() {
            self.worklist.push(id);
        }
        id
    }

    /// Offers what a name besides itself stands for. (Members are compared with what their index lists by that.)
    fn offer_default_version(&mut self, archive: usize, name: &'d [u8], member: u64) {
        for name in self.default_version(name).into_iter().flatten() {
            self.offer(archive, name, NameHash::of(name), member);
        }
    }

    /// What `name@@version`, the default version, defines: the versioned name, `name@version`, and the plain one.
    fn default_version(&self, name: &'d [u8]) -> Option<[&'d [u8]; 2]> {
        let at = memchr::memmem::find(name, b"@@")?;
        let (plain, version) = (&name[..at], &name[at + 1..]);
        Some([self.join(plain, version), plain])
    }

    /// Symbols, sections and names are numbered through with 32 bits.
    fn count(&mut self) {
        let symbols: u64 = self.added.iter().map(|added| u64::from(added.object.symbols.len())).sum();
        let sections: u64 = self.added.iter().map(|added| added.object.sections.len() as u64).sum();
        let text: u64 = self.names.iter().map(|(_, name)| name.text.len() as u64).sum();
        // Every name can have one more definition, from outside the objects.
        let names = self.names.len() as u64;
        for (what, count) in
            [("symbols", symbols + 2 * names), ("sections", sections), ("bytes of symbol names", text)]
        {
            if count >= u64::from(u32::MAX) / 2 {
                let what = format!("a set of {count} {what}, more than 2^31,");
                self.problems.push(Problem::unsupported(Place::default(), what));
            }
        }
    }

    /// A common symbol gives way to a definition in an archive, as with GNU ld.
    fn replace_commons(&mut self) {
        if self.commons.is_empty() {
            return;
        }
        let mut commons: Vec<(u32, u64, NameId)> = self
            .names
            .iter()
            .filter(|(_, name)| name.holder().is_some_and(|holder| holder.strength == Strength::Common))
            .filter_map(|(id, _)| self.names.offer(id).map(|offer| (offer.archive, offer.member, id)))
            .collect();
        // Side by side what one member offers, so that each is read once.
        commons.sort_unstable();
        let mut last = None;
        let mut definitions: HashSet<&[u8], foldhash::fast::FixedState> = HashSet::default();
        for (archive, member, id) in commons {
            let name = self.names[id];
            if name.holder().is_none_or(|holder| holder.strength != Strength::Common) {
                continue;
            }
            let index = archive as usize;
            if last.replace((archive, member)) != Some((archive, member)) {
                definitions.clear();
                let read = self.sources[index].read(member, self.arena);
                let Ok(Some(object)) = read else { continue };
                let symbols = object.symbols;
                let defined = (symbols.first_global()..symbols.len()).filter_map(|number| {
                    let section = symbols.get(number)?.section;
                    let defined = !matches!(
                        section,
                        SymbolSection::Undefined | SymbolSection::Common | SymbolSection::Excluded
                    );
                    defined.then(|| symbols.name(number))
                });
                for name in defined {
                    definitions.insert(name);
                    if symbols.is_versioned() {
                        definitions.extend(self.default_version(name).into_iter().flatten());
                    }
                }
            }
            if definitions.contains(name.text) {
                let chosen = self.once(index, member, None);
                self.take(chosen.into_iter().collect());
                self.drain();
            }
        }
    }

    /// Adds an object. What one of the process's library hides from others it does not hide from itself.
    fn add(&mut self, object: &'d Object<'d>, of_process: bool) {
        if object.executable_stack && !self.request.ignore_stack_notes {
            let what = "code that is put on the stack (.note.GNU-stack is executable)";
            let remedy = "take no address of a nested function that uses its function's variables (-Wtrampolines), or \
                          link with -z noexecstack where no such code runs";
            self.problems.push(Problem::unsupported(object.place(), what).with_remedy(remedy));
        }
        let index = self.added.len() as u32;
        let first = object.symbols.first_global();
        let (globals, sections) = (object.known_names.len(), object.sections.len());
        self.expect_names(globals);
        let bytes = size_of::<NameId>() + size_of::<SymbolId>();
        let room = self.arena.part(globals.saturating_mul(bytes).saturating_add(sections));
        let mut names = room.list(globals);
        let mut some = [(&b""[..], NameKey::Number(0)); AT_ONCE];
        for (start, known) in (first..).step_by(AT_ONCE).zip(object.known_names.chunks(AT_ONCE)) {
            for ((name, number), known) in some.iter_mut().zip(start..).zip(known) {
                *name = (object.symbols.name_of_length(number, known.length()), known.key());
            }
            let some = &some[..known.len()];
            self.names.bring_near(some);
            some.iter().for_each(|&(text, key)| {
                names.push(match key {
                    NameKey::Number(id) => NameId(id),
                    NameKey::Hash(hash) => self.names.intern_hashed(text, hash),
                });
            });
        }
        let names = names.finish();
        let targets = room.fill(globals, UNUSED);
        let live = room.fill(sections, true);
        self.choose(object, names, live);
        for (number, name) in (first..).zip(&mut *names) {
            *name = self.add_symbol(object, live, index, number, *name, of_process);
        }
        self.added.push(Added { object, serial: index, names, targets, live });
    }

    /// Which sections take part. Functions are in once by either means, because compilers have changed from one to the
    /// other: a group that is one section of code, and `.gnu.linkonce.t.NAME`, give way to each other, as with GNU ld.
    fn choose(&mut self, object: &Object<'d>, names: &[NameId], live: &mut [bool]) {
        for group in object.groups().iter().filter(|group| group.comdat) {
            let members = group.members;
            let is_code =
                matches!(members, [only] if object.sections[*only as usize].has(SectionFlags::EXEC));
            let known =
                group.symbol.and_then(|symbol| symbol.get().checked_sub(object.symbols.first_global()));
            let name = match known.and_then(|known| names.get(known as usize)) {
                Some(name) => *name,
                None => self.names.intern(group.signature),
            };
            let marks = &mut self.names[name].marks;
            let superseded = is_code && marks.intersects(Marks::CODE_GROUP | Marks::CODE_SECTION);
            let first = !marks.contains(Marks::GROUP);
            *marks |= Marks::GROUP;
            if !first || superseded || self.request.scope.replaces_weak(group.signature) {
                members.iter().for_each(|&member| live[member as usize] = false);
            } else if is_code {
                self.names[name].marks |= Marks::CODE_GROUP;
            }
        }
        let once = if object.any.contains(SectionFlags::LINK_ONCE) { object.sections } else { &[] };
        for (section, live) in once.iter().zip(&mut *live) {
            if let Some(name) = section.name.strip_prefix(b".gnu.linkonce.") {
                let code = name.strip_prefix(b"t.").map(|name| self.names.intern(name));
                let superseded = code.is_some_and(|name| self.names[name].marks.contains(Marks::CODE_GROUP));
                *live = self.once.insert(section.name) && !superseded;
                if let (Some(name), true) = (code, *live) {
                    self.names[name].marks |= Marks::CODE_SECTION;
                }
            }
        }
        // What describes a section goes where the section goes.
        for &(section, other) in object.ordered() {
            live[section as usize] &= live[other as usize];
        }
    }

    /// Enters symbol `number` of object `index`, whose name in its file is `id`. Returns the name by which the set knows it.
    fn add_symbol(
        &mut self,
        object: &Object<'d>,
        live: &[bool],
        index: u32,
        number: u32,
        id: NameId,
        of_process: bool,
    ) -> NameId {
        let Some(symbol) = object.symbols.get(number) else { return id };
        let strength = match symbol.section {
            SymbolSection::Undefined | SymbolSection::Excluded => None,
            SymbolSection::Loaded(section) if !live[section as usize] => None,
            SymbolSection::Common => Some(Strength::Common),
            _ if symbol.binding == Binding::Weak => Some(Strength::Weak),
            _ => Some(Strength::Strong),
        };
        let replaced = |names: &Names<'_>| self.request.scope.replaces_weak(names[id].text);
        let strength = strength.filter(|strength| *strength != Strength::Weak || !replaced(&self.names));
        let Some(strength) = strength else {
            let id = match symbol.section {
                SymbolSection::Undefined if !self.renamed.is_empty() => {
                    let renamed = self.renamed.get(self.names[id].text);
                    renamed.map_or(id, |renamed| self.names.intern(renamed))
                }
                _ => id,
            };
            let name = &mut self.names[id];
            if !of_process {
                name.visibility = name.visibility.max(symbol.visibility);
            }
            name.marks |= Marks::REFERENCE;
            // A definition in a section that gave way to another copy needs that copy.
            if symbol.binding != Binding::Weak || !symbol.is_undefined() {
                self.want(id);
            }
            return id;
        };
        let holder = Holder { object: index, symbol: number, strength };
        if object.symbols.is_versioned()
            && let Some(names) = self.default_version(self.names[id].text)
        {
            let [versioned, plain] = names.map(|name| self.names.intern(name));
            self.define(versioned, holder, symbol.visibility, object);
            self.define(plain, holder, symbol.visibility, object);
            return plain;
        }
        self.define(id, holder, symbol.visibility, object);
        id
    }

    fn define(&mut self, id: NameId, holder: Holder, visibility: Visibility, object: &Object<'d>) {
        if let (Strength::Common, Some(symbol)) = (holder.strength, object.symbols.get(holder.symbol)) {
            let (size, align) = self.commons.entry(id).or_insert((0, 1));
            *size = symbol.size.max(*size);
            // A common symbol's value is its alignment; a nonsensical one is as good as none.
            *align = (*align).max(if symbol.value.is_power_of_two() { symbol.value.min(1 << 40) } else { 1 });
        }
        let name = &mut self.names[id];
        name.visibility = name.visibility.max(visibility);
        match name.holder() {
            Some(old) if old.strength == Strength::Strong && holder.strength == Strength::Strong => {
                let first = self.added.get(old.object as usize).map_or(object, |added| added.object);
                let is_same = absolute(first, old.symbol)
                    .is_some_and(|value| absolute(object, holder.symbol) == Some(value));
                if !is_same && !self.request.allow_multiple_definition {
                    self.duplicates.push(
                        Problem::new(
                            symbol_place(object, holder.symbol),
                            ProblemKind::Duplicate {
                                symbol: super::demangle(name.text),
                                first: Box::new(symbol_place(first, old.symbol)),
                            },
                        )
                        .with_remedy("make one of them weak, static or inline, or leave one input out"),
                    );
                }
            }
            Some(old) if old.strength >= holder.strength => {}
            _ => name.hold(holder),
        }
    }

    /// Rewrites holders from the order in which objects were added to the order in which they now stand.
    fn forget_order(&mut self) {
        let mut place = vec![0u32; self.added.len()];
        for (now, added) in self.added.iter().enumerate() {
            place[added.serial as usize] = now as u32;
        }
        for name in self.names.all_mut() {
            if let Some(holder) = name.holder() {
                name.hold(Holder { object: place[holder.object as usize], ..holder });
            }
        }
    }
}

/// What an absolute symbol of `object` stands for: of one value there may be several definitions.
fn absolute(object: &Object<'_>, number: u32) -> Option<u64> {
    let symbol = object.symbols.get(number)?;
    matches!(symbol.section, SymbolSection::Absolute).then_some(symbol.value)
}

/// The section and offset where a symbol of `object` is defined.
pub(crate) fn symbol_place(object: &Object<'_>, number: u32) -> Place {
    match object.symbols.get(number) {
        Some(symbol) => match symbol.section {
            SymbolSection::Loaded(section) => object.place_in(section).at(symbol.value),
            SymbolSection::Absolute => object.place().in_section("*ABS*"),
            SymbolSection::Common => object.place().in_section("*COM*"),
            _ => object.place(),
        },
        None => object.place(),
    }
}
