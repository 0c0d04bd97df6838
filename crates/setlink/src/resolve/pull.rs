//! Adding objects to a set: direct inputs first, then archive members by a worklist until nothing more is needed.
//!
//! Archives are not searched in an order: every archive of the set offers its members to all objects, as lld and mold
//! do it, and of two offers the earlier input's counts. The worklist holds names, not members, so that chains of any
//! length use constant stack.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::names::{Holder, NameId, Names, Offer, Strength};
use super::{Assigned, Request};
use crate::error::{Place, Problem, ProblemKind};
use crate::memory::file::Bytes;
use crate::read::archive::{Archive, Content, Member, MemberKind};
use crate::read::elf;
use crate::read::input::{ArchiveMode, Input, foreign};
use crate::read::object::{Binding, Object, SectionFlags, SymbolSection, Visibility};

/// Storage that lives as long as a link.
#[derive(Default)]
pub(crate) struct Arenas {
    files: typed_arena::Arena<Bytes>,
    indexes: elf::IndexArena,
    text: typed_arena::Arena<u8>,
}

/// An object that is part of the set.
pub(crate) struct Added<'d> {
    pub object: Object<'d>,
    /// Its number in the order in which objects were added.
    pub serial: u32,
    /// The names of the symbols from `first_global` on.
    pub names: Vec<NameId>,
    /// Per section: whether it takes part.
    pub live: Vec<bool>,
}

/// What made sure that a function is in once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Once {
    Group,
    Section,
}

/// A member's label and bytes.
type Labelled<'d> = (Arc<str>, &'d [u8]);

struct OpenArchive<'d> {
    name: Arc<str>,
    path: PathBuf,
    position: u32,
    mode: ArchiveMode,
    archive: Archive<'d>,
    taken: HashSet<u64, foldhash::fast::FixedState>,
}

/// The objects and names of a set.
pub(crate) struct Pull<'d, 'r> {
    request: &'r Request<'d>,
    arenas: &'d Arenas,
    pub names: Names<'d>,
    pub added: Vec<Added<'d>>,
    /// Inputs that cannot be read: what is found without them is not to be trusted.
    pub problems: Vec<Problem>,
    /// Two strong definitions of one name.
    pub duplicates: Vec<Problem>,
    /// Per common name the size of the largest and the alignment of the strictest symbol.
    pub commons: HashMap<NameId, (u64, u64), foldhash::fast::FixedState>,
    archives: Vec<OpenArchive<'d>>,
    /// Signatures of COMDAT groups and names of link-once sections that are already in.
    once: HashSet<&'d [u8], foldhash::fast::FixedState>,
    /// Functions that are in by either, because compilers have changed from one to the other: a group that is one section
    /// of code, and `.gnu.linkonce.t.NAME`, give way to each other, as with GNU ld.
    code_once: HashMap<&'d [u8], Once, foldhash::fast::FixedState>,
    /// What `--wrap` renames in undefined references.
    renamed: HashMap<&'d [u8], &'d [u8], foldhash::fast::FixedState>,
    worklist: Vec<NameId>,
}

impl<'d, 'r> Pull<'d, 'r> {
    /// Adds all inputs and whatever archive members they need.
    pub fn run(inputs: &'d [Input], request: &'r Request<'d>, arenas: &'d Arenas) -> Self {
        let mut pull = Pull {
            request,
            arenas,
            names: Names::new(),
            added: Vec::new(),
            problems: Vec::new(),
            duplicates: Vec::new(),
            commons: HashMap::default(),
            archives: Vec::new(),
            once: HashSet::default(),
            code_once: HashMap::default(),
            renamed: HashMap::default(),
            worklist: Vec::new(),
        };
        for name in request.wrap {
            pull.renamed.insert(name, pull.join(b"__wrap_", name));
            let real = pull.join(b"__real_", name);
            pull.renamed.insert(real, name);
        }
        for (position, input) in inputs.iter().enumerate() {
            pull.input(position as u32, input);
        }
        for name in request.undefined {
            let id = pull.names.intern(name);
            pull.want(id);
        }
        for (_, assigned) in request.assigned {
            if let Assigned::Symbol(target, _) = assigned {
                let id = pull.names.intern(target);
                pull.want(id);
            }
        }
        pull.drain();
        pull.replace_commons();
        pull.count();
        pull.added.sort_by_key(|added| added.object.position);
        pull.forget_order();
        pull
    }

    fn join(&self, prefix: &[u8], name: &[u8]) -> &'d [u8] {
        self.arenas.text.alloc_extend(prefix.iter().chain(name).copied())
    }

    fn input(&mut self, position: u32, input: &'d Input) {
        match input {
            Input::Object { name, data } => self.parse(name, None, position, data),
            Input::Archive { name, path, data, mode } => match Archive::parse(name, data) {
                Ok(archive) => {
                    let index = self.archives.len();
                    self.archives.push(OpenArchive {
                        name: name.clone(),
                        path: path.clone(),
                        position,
                        mode: *mode,
                        archive,
                        taken: HashSet::default(),
                    });
                    if *mode == ArchiveMode::Whole { self.take_all(index) } else { self.offer_all(index) }
                }
                Err(problem) => self.problems.push(problem),
            },
            Input::Library(_) => {}
        }
    }

    fn parse(&mut self, file: &Arc<str>, member: Option<&Arc<str>>, position: u32, data: &'d [u8]) {
        match elf::parse(file, member, position, data, &self.arenas.indexes) {
            Ok(object) => self.add(object),
            Err(problems) => self.problems.extend(problems),
        }
    }

    /// Adds a member of an archive, once.
    fn take(&mut self, index: usize, member: Result<Member<'d>, Problem>) {
        let archive = &mut self.archives[index];
        let member = match member {
            Ok(member) => member,
            Err(problem) => return self.problems.push(problem),
        };
        if !archive.taken.insert(member.offset) {
            return;
        }
        let (file, position) = (archive.name.clone(), archive.position);
        match self.member_bytes(index, &member) {
            Ok(Some((label, data))) => self.parse(&file, Some(&label), position, data),
            Ok(None) => {}
            Err(problem) => self.problems.push(problem),
        }
    }

    /// A member's label and bytes, or None for one that is no object (a Rust library's metadata, say).
    fn member_bytes(&self, index: usize, member: &Member<'d>) -> Result<Option<Labelled<'d>>, Problem> {
        let archive = &self.archives[index];
        let label: Arc<str> = member.label().into();
        let place = || Place::file(archive.name.clone()).in_member(label.clone());
        match member.kind() {
            MemberKind::Elf | MemberKind::External => {}
            MemberKind::Other => {
                let Content::Bytes(bytes) = member.content else { return Ok(None) };
                let Some(format) = foreign(bytes) else { return Ok(None) };
                return Err(Problem::unsupported(place(), format!("a file in the format {format}"))
                    .with_remedy("this version links ELF objects"));
            }
            MemberKind::RustMetadata => return Ok(None),
            MemberKind::Archive => return Err(Problem::unsupported(place(), "an archive inside an archive")),
            MemberKind::Bitcode => {
                return Err(Problem::unsupported(place(), "LLVM bitcode")
                    .with_remedy("compile it without link-time optimisation (-fno-lto)"));
            }
        }
        let data = match &member.content {
            Content::Bytes(data) => *data,
            Content::External { path, offset } => {
                let path = crate::read::archive::external_path(&archive.path, path);
                let name: Arc<str> = path.to_string_lossy().into();
                let loaded: &'d Bytes = self.arenas.files.alloc(
                    Bytes::load(&path, &name).map_err(|problem| Problem { place: place(), ..problem })?,
                );
                match offset {
                    None => &loaded[..],
                    // A thin archive may name a member of another archive by its header's offset.
                    Some(offset) => match Archive::parse(&name, loaded)?.member_at(*offset)?.content {
                        Content::Bytes(data) => data,
                        Content::External { .. } => {
                            return Err(Problem::malformed(
                                place(),
                                "a thin archive's member inside another thin archive",
                            ));
                        }
                    },
                }
            }
        };
        Ok(Some((label, data)))
    }

    fn take_all(&mut self, index: usize) {
        let members: Vec<_> = self.archives[index].archive.members().collect();
        for member in members {
            self.take(index, member);
        }
    }

    fn offer_all(&mut self, index: usize) {
        let archive = &self.archives[index].archive;
        if let Some(symbols) = archive.symbols() {
            for (name, member) in symbols {
                self.offer(index, name, member);
            }
            return;
        }
        // Without an index every member is read for what it defines.
        let members: Vec<_> = archive.members().collect();
        for member in members {
            let found = member.and_then(|member| Ok((member.offset, self.member_bytes(index, &member)?)));
            let (offset, label, data) = match found {
                Ok((offset, Some((label, data)))) => (offset, label, data),
                Ok((_, None)) => continue,
                Err(problem) => {
                    self.problems.push(problem);
                    continue;
                }
            };
            let (file, position) = (self.archives[index].name.clone(), self.archives[index].position);
            match elf::parse(&file, Some(&label), position, data, &self.arenas.indexes) {
                Ok(object) => {
                    for symbol in object.symbols.first_global()..object.symbols.len() {
                        if object.symbols.get(symbol).is_some_and(|symbol| !symbol.is_undefined()) {
                            self.offer(index, object.symbols.name(symbol), offset);
                        }
                    }
                }
                Err(problems) => self.problems.extend(problems),
            }
        }
    }

    fn offer(&mut self, archive: usize, name: &'d [u8], member: u64) {
        let id = self.names.intern(name);
        let name = &mut self.names[id];
        // Input order decides; a last resort gives way to every other archive.
        let last_resort = |archive: u32| self.archives[archive as usize].mode == ArchiveMode::LastResort;
        let better = match name.offer {
            None => true,
            Some(old) => last_resort(old.archive) && self.archives[archive].mode == ArchiveMode::Needed,
        };
        if better {
            name.offer = Some(Offer { archive: archive as u32, member });
        }
        if name.wanted && name.holder.is_none() {
            self.worklist.push(id);
        }
    }

    fn want(&mut self, id: NameId) {
        let name = &mut self.names[id];
        name.referenced = true;
        name.wanted = true;
        if name.holder.is_none() && name.offer.is_some() {
            self.worklist.push(id);
        }
    }

    fn drain(&mut self) {
        while let Some(id) = self.worklist.pop() {
            let name = self.names[id];
            let (None, Some(offer)) = (name.holder, name.offer) else { continue };
            let archive = &self.archives[offer.archive as usize];
            // A shared library that stands before the archive provides the name, as it does for other linkers.
            // A hidden reference never leaves the set.
            let provided = name.visibility < Visibility::Hidden
                && match archive.mode {
                    ArchiveMode::LastResort => self.request.scope.defines(name.text),
                    _ => self.request.scope.library_defines(name.text, archive.position),
                };
            if !provided {
                let member = archive.archive.member_at(offer.member);
                self.take(offer.archive as usize, member);
            }
        }
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
        let mut commons: Vec<(u32, u64, NameId)> = self
            .names
            .iter()
            .filter(|(_, name)| name.holder.is_some_and(|holder| holder.strength == Strength::Common))
            .filter_map(|(id, name)| name.offer.map(|offer| (offer.archive, offer.member, id)))
            .collect();
        // Side by side what one member offers, so that each is read once.
        commons.sort_unstable();
        let mut last = None;
        let mut definitions: HashSet<&[u8], foldhash::fast::FixedState> = HashSet::default();
        for (archive, member, id) in commons {
            let name = self.names[id];
            if name.holder.is_none_or(|holder| holder.strength != Strength::Common) {
                continue;
            }
            let index = archive as usize;
            let Ok(found) = self.archives[index].archive.member_at(member) else { continue };
            if last.replace((archive, member)) != Some((archive, member)) {
                definitions.clear();
                let Ok(Some((label, data))) = self.member_bytes(index, &found) else { continue };
                let file = self.archives[index].name.clone();
                let Ok(object) = elf::parse(&file, Some(&label), 0, data, &self.arenas.indexes) else {
                    continue;
                };
                let symbols = object.symbols;
                definitions.extend((symbols.first_global()..symbols.len()).filter_map(|number| {
                    let section = symbols.get(number)?.section;
                    let defined = !matches!(section, SymbolSection::Undefined | SymbolSection::Common);
                    defined.then(|| symbols.name(number))
                }));
            }
            if definitions.contains(name.text) {
                self.take(index, Ok(found));
                self.drain();
            }
        }
    }

    fn add(&mut self, object: Object<'d>) {
        let index = self.added.len() as u32;
        let mut live = vec![true; object.sections.len()];
        for group in object.groups.iter().filter(|group| group.comdat) {
            let members = &object.group_members[group.members.start as usize..group.members.end as usize];
            let code = match members {
                [only] if object.sections[*only as usize].has(SectionFlags::EXEC) => Some(group.signature),
                _ => None,
            };
            let superseded = code.is_some_and(|name| self.code_once.contains_key(name));
            if !self.once.insert(group.signature)
                || superseded
                || self.request.scope.replaces_weak(group.signature)
            {
                members.iter().for_each(|&member| live[member as usize] = false);
            } else if let Some(name) = code {
                self.code_once.insert(name, Once::Group);
            }
        }
        for (section, live) in object.sections.iter().zip(&mut live) {
            if let Some(name) = section.name.strip_prefix(b".gnu.linkonce.") {
                let code = name.strip_prefix(b"t.");
                let superseded = code.is_some_and(|name| self.code_once.get(name) == Some(&Once::Group));
                *live = self.once.insert(section.name) && !superseded;
                if let (Some(name), true) = (code, *live) {
                    self.code_once.insert(name, Once::Section);
                }
            }
        }
        for (index, section) in object.sections.iter().enumerate() {
            // What describes a section goes where the section goes.
            if section.has(SectionFlags::LINK_ORDER)
                && object.symbols.loaded_section(section.link).is_some_and(|link| !live[link as usize])
            {
                live[index] = false;
            }
        }
        let symbols = object.symbols;
        let mut names = Vec::with_capacity((symbols.len() - symbols.first_global()) as usize);
        for symbol in symbols.first_global()..symbols.len() {
            names.push(self.add_symbol(&object, &live, index, symbol));
        }
        self.added.push(Added { object, serial: index, names, live });
    }

    fn add_symbol(&mut self, object: &Object<'d>, live: &[bool], index: u32, number: u32) -> NameId {
        let text = object.symbols.name(number);
        let Some(symbol) = object.symbols.get(number) else { return self.names.intern(text) };
        let strength = match symbol.section {
            SymbolSection::Undefined => None,
            SymbolSection::Loaded(section) if !live[section as usize] => None,
            SymbolSection::Common => Some(Strength::Common),
            _ if symbol.binding == Binding::Weak => Some(Strength::Weak),
            _ => Some(Strength::Strong),
        };
        let strength = strength
            .filter(|strength| *strength != Strength::Weak || !self.request.scope.replaces_weak(text));
        let Some(strength) = strength else {
            let text = match symbol.section {
                SymbolSection::Undefined => self.renamed.get(text).copied().unwrap_or(text),
                _ => text,
            };
            let id = self.names.intern(text);
            self.names[id].visibility = self.names[id].visibility.max(symbol.visibility);
            self.names[id].referenced = true;
            // A definition in a section that gave way to another copy needs that copy.
            if symbol.binding != Binding::Weak || !symbol.is_undefined() {
                self.want(id);
            }
            return id;
        };
        let holder = Holder { object: index, symbol: number, strength };
        // `name@@version`, the default version, defines the plain name and the versioned one.
        // Hardly any name has one, and looking for one byte is quicker than for two.
        if let Some(first) = memchr::memchr(b'@', text)
            && let Some(at) = memchr::memmem::find(&text[first..], b"@@").map(|at| first + at)
        {
            let (base, version) = (&text[..at], &text[at + 1..]);
            let versioned = self.join(base, version);
            self.define(versioned, holder, symbol.visibility, object);
            return self.define(base, holder, symbol.visibility, object);
        }
        self.define(text, holder, symbol.visibility, object)
    }

    fn define(
        &mut self,
        text: &'d [u8],
        holder: Holder,
        visibility: Visibility,
        object: &Object<'d>,
    ) -> NameId {
        let id = self.names.intern(text);
        if let (Strength::Common, Some(symbol)) = (holder.strength, object.symbols.get(holder.symbol)) {
            let (size, align) = self.commons.entry(id).or_insert((0, 1));
            *size = symbol.size.max(*size);
            // A common symbol's value is its alignment; a nonsensical one is as good as none.
            *align = (*align).max(if symbol.value.is_power_of_two() { symbol.value.min(1 << 40) } else { 1 });
        }
        let name = &mut self.names[id];
        name.visibility = name.visibility.max(visibility);
        match name.holder {
            Some(old) if old.strength == Strength::Strong && holder.strength == Strength::Strong => {
                let place = |object: &Object<'d>, number: u32| symbol_place(object, number);
                let first = match self.added.get(old.object as usize) {
                    Some(added) => place(&added.object, old.symbol),
                    None => place(object, old.symbol),
                };
                if !self.request.allow_multiple_definition {
                    self.duplicates.push(
                        Problem::new(
                            place(object, holder.symbol),
                            ProblemKind::Duplicate { symbol: super::demangle(text), first: Box::new(first) },
                        )
                        .with_remedy("make one of them weak, static or inline, or leave one input out"),
                    );
                }
            }
            Some(old) if old.strength >= holder.strength => {}
            _ => name.holder = Some(holder),
        }
        id
    }

    /// Rewrites holders from the order in which objects were added to the order in which they now stand.
    fn forget_order(&mut self) {
        let mut place = vec![0u32; self.added.len()];
        for (now, added) in self.added.iter().enumerate() {
            place[added.serial as usize] = now as u32;
        }
        for index in 0..self.names.len() {
            if let Some(holder) = &mut self.names[NameId(index as u32)].holder {
                holder.object = place[holder.object as usize];
            }
        }
    }
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
