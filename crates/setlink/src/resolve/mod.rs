//! Phase 2, resolve: objects → definitions. Every name of the set gets the one definition it stands for.

#![forbid(unsafe_code)]

mod define;
mod index;
mod members;
pub(crate) mod names;
pub(crate) mod pull;
mod reach;
pub(crate) mod scope;
mod table;
pub(crate) mod versions;

use std::collections::BTreeMap;

use crate::error::{Place, Problem, ProblemKind, Result};
use crate::memory::arena::Arena;
use crate::parallel::Threads;
use crate::read::input::Input;
use crate::read::pattern::Pattern;
use crate::read::version_script::VersionScript;
use names::{Holder, NameId, Names};
use pull::{Added, Pull};
use scope::{Foreign, Scope};
use versions::OwnVersions;

/// A symbol of the set: first the symbols of all objects, numbered through, then the [`Extra`] definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SymbolId(pub u32);

/// A section of the set: the sections of all objects, numbered through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SectionId(pub u32);

/// What a user asks for by name on the command line or through the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Assigned {
    /// The address itself.
    Address(u64),
    /// Another symbol of the set or its scope, plus an offset.
    Symbol(Vec<u8>, i64),
}

/// What the user wants resolved, and where to look.
pub(crate) struct Request<'d> {
    /// Names that count as referenced (`-u`, the entry).
    pub undefined: &'d [Vec<u8>],
    /// Likewise what of the inputs' names these match.
    pub undefined_patterns: &'d [Pattern],
    /// Those of them that have to be defined.
    pub required: &'d [Vec<u8>],
    /// What runs in place of `_init` and `_fini` (`-init`, `-fini`).
    pub first_and_last: [Option<&'d [u8]>; 2],
    /// Which of the set's names are its own, and which versions others have.
    pub versions: &'d VersionScript,
    /// Files' names of archives of which they are, or `ALL`.
    pub excluded: &'d [String],
    pub wrap: &'d [Vec<u8>],
    /// `--defsym` and `--abs`: these override the objects' own definitions.
    pub assigned: &'d [(Vec<u8>, Assigned)],
    /// Likewise for names that are referenced and that nothing defines (`PROVIDE` in scripts).
    pub provided: &'d [(Vec<u8>, Assigned)],
    pub allow_multiple_definition: bool,
    /// What is defined nowhere counts as referenced weakly.
    pub allow_undefined: bool,
    /// Likewise these.
    pub may_be_undefined: &'d [Vec<u8>],
    /// Whether what objects say of an executable stack is passed over.
    pub ignore_stack_notes: bool,
    /// Keep only what these names, those that libraries refer to, initialisers and retained sections reach
    /// (`--gc-sections`).
    pub collect: Option<&'d [Vec<u8>]>,
    /// `__start_X` and `__stop_X` keep no section.
    pub start_stop_gc: bool,
    /// Of these names are also all that are exported.
    pub keep_exported: bool,
    /// Or those of them that are listed here.
    pub dynamic_list: &'d VersionScript,
    /// Where undefined names are looked up.
    pub scope: &'d dyn Surroundings,
    pub threads: Threads,
}

/// The scope of a set, as the inputs' order and the user's wishes shape it.
pub(crate) trait Surroundings: Scope {
    /// Whether a shared library before the input at `position` defines the name.
    fn library_defines(&self, name: &[u8], position: u32) -> bool;

    /// Names that shared libraries need and that only the set can define.
    fn needed(&self) -> &[Vec<u8>];

    /// Takes in the shared libraries that are there only for who needs them: told the names that are referred to, other than
    /// weakly, and that the set does not define, and which it does. Returns, sorted, the names that the libraries in use
    /// need, and only the set can define; where all libraries are in use from the start, [`Surroundings::needed`] has them.
    fn attach(&self, names: &mut dyn Iterator<Item = &[u8]>, defined: &dyn Fn(&[u8]) -> bool)
    -> Vec<Vec<u8>>;

    /// Among the names that `wanted` picks those that shared libraries refer to, or define and so would refer to the set's
    /// definition.
    fn referenced(&self, wanted: &dyn Fn(&[u8]) -> bool) -> Vec<Vec<u8>>;

    /// Whether a definition in scope is to stand in for a weak one of the set.
    fn replaces_weak(&self, name: &[u8]) -> bool;

    /// The variable of this name that a program's libraries define, and whether weakly.
    fn library_variable(&self, name: &[u8]) -> Option<(Foreign, bool)>;

    /// Whether there may be a last resort.
    fn has_last_resort(&self) -> bool;

    /// Archives for what neither the set nor its scope defines, read when there is such a name.
    fn last_resort(&self) -> &[Input];
}

/// A symbol that the linker makes, where a program refers to it. Their meanings are those of GNU ld's default script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkerSymbol {
    GotBase,
    /// A cell that holds its own address.
    DsoHandle,
    /// An ELF header of the image in memory.
    FileHeader,
    /// `__start_X`
    SectionStart(NameId),
    /// `__stop_X`
    SectionStop(NameId),
    PreinitStart,
    PreinitEnd,
    InitStart,
    InitEnd,
    FiniStart,
    FiniEnd,
    /// The first address of the image.
    ImageStart,
    TextEnd,
    DataStart,
    DataEnd,
    BssStart,
    ImageEnd,
    FramesStart,
    /// `_TLS_MODULE_BASE_`: the start of the set's thread-local block.
    TlsBase,
    /// `_init`, `_fini`: the functions put together from fragments.
    Init,
    Fini,
}

/// A definition that is no object's symbol.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Extra {
    /// Referenced, and defined nowhere.
    Undefined,
    /// Referenced weakly only, and defined nowhere: its address is 0.
    WeakUndefined,
    Absolute(u64),
    Foreign(Foreign),
    /// Common storage.
    Common {
        size: u64,
        align: u64,
    },
    Linker(LinkerSymbol),
    /// Another symbol plus an offset.
    Offset(SymbolId, i64),
}

/// The finished answer of this phase.
pub(crate) struct Resolution<'d> {
    pub added: Vec<Added<'d>>,
    pub names: Names<'d>,
    /// Per object the number of its first symbol, and behind the last object the number of all.
    pub symbol_base: Vec<u32>,
    /// Likewise for sections.
    pub section_base: Vec<u32>,
    /// Per section its object.
    pub section_object: &'d [u32],
    pub extras: Vec<(NameId, Extra)>,
    /// What runs in place of `_init` and `_fini`: nothing, where the set does not define it.
    pub first_and_last: [Option<Option<SymbolId>>; 2],
    /// Two strong definitions of one name, or none of one that has to be defined: the set cannot be linked.
    pub duplicates: Vec<Problem>,
    /// What the set's own names are called by others.
    pub versions: OwnVersions<'d>,
    /// Names that no object defines, and that [`Request::allow_undefined`] let pass, in their order.
    pub allowed: Vec<NameId>,
    /// Room for what is found out about the set.
    pub arena: &'d Arena,
    /// May share the work of the phases that follow.
    pub threads: Threads,
    /// Per name.
    definitions: &'d mut [SymbolId],
}

impl<'d> Resolution<'d> {
    /// Number of symbols in objects: the first extra definition's id.
    pub fn object_symbols(&self) -> u32 {
        self.symbol_base.last().copied().unwrap_or(0)
    }

    /// Number of sections in objects.
    pub fn section_count(&self) -> u32 {
        self.section_base.last().copied().unwrap_or(0)
    }

    /// The definition that a name stands for, if it is referenced or defined.
    pub fn definition(&self, name: NameId) -> Option<SymbolId> {
        self.definitions.get(name.0 as usize).copied().filter(|&id| id != define::UNUSED)
    }

    /// What symbol `index` of object `object` refers to.
    #[inline]
    pub fn target(&self, object: usize, index: u32) -> Option<SymbolId> {
        self.targets(object).of(index)
    }

    /// What the symbols of object `object` refer to.
    #[inline]
    pub fn targets(&self, object: usize) -> Targets<'_> {
        let added = &self.added[object];
        Targets {
            base: self.symbol_base[object],
            first_global: added.object.symbols.first_global(),
            globals: added.targets,
        }
    }

    /// The object and index of a symbol, or its extra definition.
    pub fn origin(&self, id: SymbolId) -> Origin {
        let first_extra = self.object_symbols();
        if id.0 >= first_extra {
            return Origin::Extra((id.0 - first_extra) as usize);
        }
        let object = self.symbol_base.partition_point(|&base| base <= id.0) - 1;
        Origin::Object { object, symbol: id.0 - self.symbol_base[object] }
    }

    /// The definition that a name stands for, and where it comes from: the same as [`Resolution::origin`] tells, which would
    /// have to look for the object.
    pub fn origin_of(&self, name: NameId) -> Option<(SymbolId, Origin)> {
        let id = self.definition(name)?;
        if let Some(Holder { object, symbol, .. }) = self.names[name].holder()
            && self.symbol_base[object as usize] + symbol == id.0
        {
            return Some((id, Origin::Object { object: object as usize, symbol }));
        }
        Some((id, self.origin(id)))
    }

    pub fn extra_id(&self, index: usize) -> SymbolId {
        SymbolId(self.object_symbols() + index as u32)
    }

    /// What was allowed to be defined nowhere and is so, each with the place of the first object that refers to it.
    pub fn undefined(&self) -> Vec<Problem> {
        let is_undefined = |name: &&NameId| {
            let extra = self.definition(**name).map(|symbol| self.origin(symbol));
            matches!(extra, Some(Origin::Extra(index)) if matches!(self.extras[index].1, Extra::WeakUndefined))
        };
        let undefined: Vec<NameId> = self.allowed.iter().filter(is_undefined).copied().collect();
        if undefined.is_empty() {
            return Vec::new();
        }
        let mut firsts = BTreeMap::new();
        for added in &self.added {
            for name in added.names.iter().filter(|name| undefined.binary_search(name).is_ok()) {
                firsts.entry(*name).or_insert(added);
            }
        }
        let problem = |name: NameId| {
            let place = firsts.get(&name).map_or_else(Place::default, |added| added.object.place());
            let symbol = demangle(self.names[name].text);
            Problem::new(place, ProblemKind::Undefined { symbol, references: 1 })
        };
        undefined.into_iter().map(problem).collect()
    }

    pub fn section_id(&self, object: usize, section: u32) -> SectionId {
        SectionId(self.section_base[object] + section)
    }

    /// The object a section belongs to, and its index there.
    #[inline]
    pub fn section_origin(&self, id: SectionId) -> (usize, u32) {
        let object = self.section_object[id.0 as usize] as usize;
        (object, id.0 - self.section_base[object])
    }

    /// The name of a symbol of an object: of a reference the one that the set knows, which `--wrap` may have changed.
    pub fn name(&self, object: usize, index: u32) -> &'d [u8] {
        let added = &self.added[object];
        let symbols = &added.object.symbols;
        let is_reference = symbols.get(index).is_some_and(|symbol| symbol.is_undefined());
        let global = index.checked_sub(symbols.first_global()).filter(|_| is_reference);
        match global.and_then(|global| added.names.get(global as usize)) {
            Some(name) => self.names[*name].text,
            None => symbols.name(index),
        }
    }

    /// The name of a symbol, or the section's for a section symbol.
    pub fn label(&self, object: usize, index: u32) -> &'d [u8] {
        let name = self.name(object, index);
        if !name.is_empty() {
            return name;
        }
        let object = &self.added[object].object;
        match object.symbols.get(index).map(|symbol| symbol.section) {
            Some(crate::read::object::SymbolSection::Loaded(section)) => {
                object.sections[section as usize].name
            }
            Some(crate::read::object::SymbolSection::Excluded) => b"a section with SHF_EXCLUDE",
            _ => b"*ABS*",
        }
    }

    /// The name for messages: demangled.
    pub fn describe(&self, object: usize, index: u32) -> String {
        demangle(self.label(object, index))
    }
}

/// What the symbols of one object refer to.
#[derive(Clone, Copy)]
pub(crate) struct Targets<'r> {
    base: u32,
    first_global: u32,
    globals: &'r [SymbolId],
}

impl Targets<'_> {
    #[inline]
    pub fn of(&self, index: u32) -> Option<SymbolId> {
        match index.checked_sub(self.first_global) {
            None => Some(SymbolId(self.base + index)),
            Some(global) => self.globals.get(global as usize).copied(),
        }
    }
}

/// Where a symbol id comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Object { object: usize, symbol: u32 },
    Extra(usize),
}

/// Resolves every name of the set made of `inputs`.
///
/// Two strong definitions of a name leave a resolution that is good enough to find more problems with; they are in
/// [`Resolution::duplicates`].
///
/// # Errors
/// Every malformed input, and the duplicate definitions found besides. Undefined symbols are found by the next phase,
/// which knows the places that refer to them.
pub(crate) fn resolve<'d>(
    inputs: &'d [Input],
    request: &Request<'d>,
    arena: &'d Arena,
) -> Result<Resolution<'d>> {
    complete(gather(inputs, request, arena)?)
}

/// The first half of [`resolve`]: the objects that take part, and their names. It settles which shared libraries the set
/// needs, and does without their addresses.
///
/// # Errors
/// Every malformed input, and the duplicate definitions found besides.
pub(crate) fn gather<'d, 'r>(
    inputs: &'d [Input],
    request: &'r Request<'d>,
    arena: &'d Arena,
) -> Result<Pull<'d, 'r>> {
    Pull::run(inputs, request, arena).check()
}

/// The second half of [`resolve`]: what the names stand for, in the set and in its scope.
///
/// # Errors
/// Every malformed input among the scope's last resort.
pub(crate) fn complete<'d>(pull: Pull<'d, '_>) -> Result<Resolution<'d>> {
    let request = pull.request;
    let mut resolution = define::define(pull.finish().check()?, request);
    if let Some(roots) = request.collect {
        reach::collect(&mut resolution, roots, request);
    }
    Ok(resolution)
}

/// A symbol's name as its source has it, where the name is a mangled one; else the name itself. Shortened where it is
/// longer than anybody reads: a mangled name can stand for one that is exponentially longer.
pub(crate) fn demangle(name: &[u8]) -> String {
    let shown = name.get(..Shortened::LONGEST).unwrap_or(name);
    let text = String::from_utf8_lossy(shown);
    if shown.len() < name.len() {
        return format!("{text}… ({} bytes)", name.len());
    }
    if let Ok(demangled) = rustc_demangle::try_demangle(&text) {
        let mut out = Shortened::default();
        let _ = std::fmt::Write::write_fmt(&mut out, format_args!("{demangled:#}"));
        return out.text;
    }
    if name.starts_with(b"_Z") {
        let parse = cpp_demangle::ParseOptions::default().recursion_limit(128);
        let options = cpp_demangle::DemangleOptions::new().recursion_limit(128);
        if let Ok(symbol) = cpp_demangle::Symbol::new_with_options(name, &parse) {
            let mut out = Shortened::default();
            if symbol.structured_demangle(&mut out, &options).is_ok() || out.full {
                return out.text;
            }
        }
    }
    text.into_owned()
}

/// Text that ends after so many bytes.
#[derive(Default)]
struct Shortened {
    text: String,
    full: bool,
}

impl Shortened {
    const LONGEST: usize = 4096;
}

impl std::fmt::Write for Shortened {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        if self.full {
            return Err(std::fmt::Error);
        }
        if self.text.len() + more.len() > Self::LONGEST {
            self.full = true;
            self.text.push('…');
            return Err(std::fmt::Error);
        }
        self.text.push_str(more);
        Ok(())
    }
}
