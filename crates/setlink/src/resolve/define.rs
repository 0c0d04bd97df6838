//! Definitions for the names that are left once all objects are in: commons, the user's assignments, the linker's own
//! symbols, and the scope outside the set.

#![forbid(unsafe_code)]

use hashbrown::HashMap;

use super::names::{Marks, NameId, Strength};
use super::pull::{Added, Pull};
use super::scope::{Foreign, ForeignKind};
use super::versions::{self, OwnVersions};
use super::{Assigned, Extra, LinkerSymbol, Origin, Request, Resolution, SymbolId, demangle};
use crate::error::{Place, Problem, ProblemKind};
use crate::read::object::{Section, SectionFlags, Visibility};

/// Objects that a thread takes to fill in what their symbols stand for, before it asks for more.
const TARGETED_AT_ONCE: usize = 32;

/// The definition of a name that nothing refers to: an archive's offer that nobody took.
pub(crate) const UNUSED: SymbolId = SymbolId(u32::MAX);

pub(super) fn define<'d>(pull: Pull<'d, '_>, request: &Request<'d>) -> Resolution<'d> {
    let Pull { mut names, added, commons, duplicates, arena, .. } = pull;
    for (name, assigned) in request.assigned.iter().chain(request.provided) {
        names.intern(name);
        if let Assigned::Symbol(target, _) = assigned {
            let target = names.intern(target);
            names[target].marks |= Marks::REFERENCE | Marks::DEMAND;
        }
    }
    let base = |count: &dyn Fn(usize) -> u32| {
        let mut total = 0u32;
        let mut bases = Vec::with_capacity(added.len() + 1);
        for index in 0..added.len() {
            bases.push(total);
            total += count(index);
        }
        bases.push(total);
        bases
    };
    let symbol_base = base(&|index| added[index].object.symbols.len());
    let section_base = base(&|index| added[index].object.sections.len() as u32);
    let of_object =
        |(object, added): (u32, &Added<'_>)| std::iter::repeat_n(object, added.object.sections.len());
    let section_count = section_base.last().map_or(0, |count| *count as usize);
    let section_object = arena.collect(section_count, (0..).zip(&added).flat_map(of_object));
    let mut sections: HashMap<&[u8], NameId, foldhash::fast::FixedState> = HashMap::default();
    for (_, section) in with(&added, SectionFlags::IDENTIFIER) {
        sections.entry(section.name).or_insert_with(|| names.intern(section.name));
    }
    let mut resolution = Resolution {
        added,
        definitions: arena.fill(names.len(), UNUSED),
        names,
        symbol_base,
        section_base,
        section_object,
        extras: Vec::new(),
        allowed: Vec::new(),
        first_and_last: [None, None],
        duplicates,
        versions: OwnVersions::default(),
        threads: request.threads,
        arena,
    };
    let fragments = Fragments::of(&resolution);
    for index in 0..resolution.names.len() {
        let id = NameId(index as u32);
        let name = resolution.names[id];
        let definition = match name.holder() {
            Some(holder) if holder.strength == Strength::Common => {
                let (size, align) = commons.get(&id).copied().unwrap_or((0, 1));
                let is_exported = name.visibility < Visibility::Hidden;
                let theirs = if is_exported { request.scope.library_variable(name.text) } else { None };
                push(&mut resolution, id, common(size, align, theirs))
            }
            Some(holder) => SymbolId(resolution.symbol_base[holder.object as usize] + holder.symbol),
            None if !name.marks.contains(Marks::REFERENCE) => UNUSED,
            None => {
                let extra = linker_symbol(name.text, &sections, &fragments)
                    .map(Extra::Linker)
                    .or_else(|| outside(name.text, name.visibility, request).map(Extra::Foreign));
                let extra = extra.unwrap_or_else(|| {
                    // A hidden symbol can only be the set's own, as GNU ld and lld see it.
                    let can_be_allowed = name.visibility < Visibility::Hidden;
                    let is_listed = || request.may_be_undefined.iter().any(|other| other == name.text);
                    if !name.is_wanted() || can_be_allowed && is_listed() {
                        Extra::WeakUndefined
                    } else if can_be_allowed && request.allow_undefined {
                        resolution.allowed.push(id);
                        Extra::WeakUndefined
                    } else {
                        Extra::Undefined
                    }
                });
                push(&mut resolution, id, extra)
            }
        };
        resolution.definitions[index] = definition;
    }
    unite(&mut resolution);
    assign(&mut resolution, request);
    require(&mut resolution, request);
    versions::settle(&mut resolution, request);
    let definitions = &*resolution.definitions;
    let targets = |added: &mut Added<'d>| {
        for (target, name) in added.targets.iter_mut().zip(added.names) {
            *target = definitions[name.0 as usize];
        }
    };
    request.threads.map(resolution.added.iter_mut().collect(), TARGETED_AT_ONCE, targets);
    resolution
}

/// Sees to what has to be defined, and finds what is to run first and last.
fn require(resolution: &mut Resolution<'_>, request: &Request<'_>) {
    let defined = |resolution: &Resolution<'_>, name: &[u8]| {
        let symbol = resolution.names.find(name).and_then(|id| resolution.definition(id))?;
        let is_defined = match resolution.origin(symbol) {
            Origin::Object { .. } => true,
            Origin::Extra(index) => {
                !matches!(resolution.extras[index].1, Extra::Undefined | Extra::WeakUndefined)
            }
        };
        is_defined.then_some(symbol)
    };
    for name in request.required {
        if defined(resolution, name).is_none() {
            let kind = ProblemKind::NotFound { symbol: demangle(name) };
            resolution.duplicates.push(Problem::new(Place::default(), kind));
        }
    }
    resolution.first_and_last = request.first_and_last.map(|name| {
        let symbol = defined(resolution, name?);
        let is_own = |symbol: &SymbolId| match resolution.origin(*symbol) {
            Origin::Object { .. } => true,
            Origin::Extra(index) => !matches!(resolution.extras[index].1, Extra::Foreign(_)),
        };
        Some(symbol.filter(is_own))
    });
}

/// What a common symbol stands for where libraries have a variable of its name, too, maybe weakly: for GNU ld, that is the
/// definition, and the common symbol a reference to it, unless it is weak; where neither has a value, one variable with
/// room for both. Here a library's variable that has the room serves whether it has a value or not.
fn common(size: u64, align: u64, theirs: Option<(Foreign, bool)>) -> Extra {
    match theirs {
        Some((theirs, false)) if theirs.size >= size => Extra::Foreign(theirs),
        Some((theirs, _)) => {
            Extra::Common { size: size.max(theirs.size), align: align.max(theirs.copy_align()) }
        }
        None => Extra::Common { size, align },
    }
}

/// The sections that take part and are so.
fn with<'a, 'd>(
    added: &'a [Added<'d>],
    flag: SectionFlags,
) -> impl Iterator<Item = (u32, &'d Section<'d>)> + use<'a, 'd> {
    let objects = added.iter().filter(move |added| added.object.any.contains(flag));
    objects.flat_map(Added::live_sections).filter(move |(_, section)| section.has(flag))
}

/// Host variables with several names (`environ`, `__environ`) are one variable, which is moved once.
fn unite(resolution: &mut Resolution<'_>) {
    let mut by_address: HashMap<u64, usize, foldhash::fast::FixedState> = HashMap::default();
    for index in 0..resolution.extras.len() {
        let (name, Extra::Foreign(foreign)) = resolution.extras[index] else { continue };
        // What has no size is a place, like `__start_NAME`: whatever begins there may be a part of what is meant.
        if foreign.kind != ForeignKind::Data || foreign.size == 0 {
            continue;
        }
        let first = *by_address.entry(foreign.address).or_insert(index);
        if first == index {
            continue;
        }
        if let Extra::Foreign(kept) = &mut resolution.extras[first].1 {
            kept.size = kept.size.max(foreign.size);
            kept.align = kept.align.max(foreign.align);
            kept.constant &= foreign.constant;
        }
        resolution.definitions[name.0 as usize] = resolution.extra_id(first);
    }
}

fn push(resolution: &mut Resolution<'_>, name: NameId, extra: Extra) -> SymbolId {
    let id = resolution.extra_id(resolution.extras.len());
    resolution.extras.push((name, extra));
    id
}

/// `--defsym` and `--abs`, in the order given, but one that uses what only a later one defines comes behind that; a circle is
/// cut where it was entered. Then what scripts provide.
fn assign(resolution: &mut Resolution<'_>, request: &Request<'_>) {
    let mut first: HashMap<&[u8], usize, foldhash::fast::FixedState> = HashMap::default();
    for (index, (name, _)) in request.assigned.iter().enumerate() {
        first.entry(name).or_insert(index);
    }
    let mut is_done = vec![false; request.assigned.len()];
    let mut chain = Vec::new();
    for index in 0..request.assigned.len() {
        let mut next = Some(index);
        while let Some(index) = next.filter(|&index| !std::mem::replace(&mut is_done[index], true)) {
            chain.push(index);
            next = match &request.assigned[index].1 {
                Assigned::Symbol(target, _) => first.get(&**target).copied(),
                Assigned::Address(_) => None,
            };
        }
        while let Some(index) = chain.pop() {
            let (name, assigned) = &request.assigned[index];
            if let Some(id) = resolution.names.find(name) {
                resolution.definitions[id.0 as usize] = assignment(resolution, id, assigned);
            }
        }
    }
    for (name, assigned) in request.provided {
        let Some(id) = resolution.names.find(name) else { continue };
        let Some(Origin::Extra(index)) = resolution.definition(id).map(|symbol| resolution.origin(symbol))
        else {
            continue;
        };
        if matches!(resolution.extras[index].1, Extra::Undefined | Extra::WeakUndefined) {
            resolution.definitions[id.0 as usize] = assignment(resolution, id, assigned);
        }
    }
}

fn assignment(resolution: &mut Resolution<'_>, id: NameId, assigned: &Assigned) -> SymbolId {
    match assigned {
        Assigned::Address(address) => push(resolution, id, Extra::Absolute(*address)),
        Assigned::Symbol(target, offset) => {
            let target = resolution.names.find(target).and_then(|target| resolution.definition(target));
            match target {
                Some(target) if *offset == 0 => target,
                Some(target) => push(resolution, id, Extra::Offset(target, *offset)),
                None => push(resolution, id, Extra::Undefined),
            }
        }
    }
}

/// The definition outside the set. A hidden symbol has none: its definition is in the same component by definition.
pub(super) fn outside(text: &[u8], visibility: Visibility, request: &Request<'_>) -> Option<Foreign> {
    if visibility == Visibility::Hidden {
        return None;
    }
    match text.iter().position(|&byte| byte == b'@') {
        Some(at) => {
            let version = &text[at..];
            let version = version.strip_prefix(b"@@").or(version.strip_prefix(b"@"));
            request.scope.find(&text[..at], version)
        }
        None => request.scope.find(text, None),
    }
}

/// Whether the set has its own `_init` and `_fini`, or fragments to make them of.
struct Fragments {
    init: bool,
    fini: bool,
}

impl Fragments {
    fn of(resolution: &Resolution<'_>) -> Self {
        let has = |wanted: &[u8]| {
            with(&resolution.added, SectionFlags::FRAGMENT).any(|(_, section)| section.name == wanted)
        };
        Fragments { init: has(b".init"), fini: has(b".fini") }
    }
}

/// Whether the linker makes a name that objects leave undefined: `__start_` and `__stop_` where it has such a section, and
/// nobody else makes those.
pub(super) fn is_linkers(text: &[u8]) -> bool {
    let fragments = Fragments { init: false, fini: false };
    linker_symbol(text, &HashMap::default(), &fragments).is_some()
        || text.starts_with(b"__start_")
        || text.starts_with(b"__stop_")
}

fn linker_symbol(
    text: &[u8],
    sections: &HashMap<&[u8], NameId, foldhash::fast::FixedState>,
    fragments: &Fragments,
) -> Option<LinkerSymbol> {
    let section = |name: &[u8]| sections.get(name).copied();
    Some(match text {
        b"_GLOBAL_OFFSET_TABLE_" => LinkerSymbol::GotBase,
        b"__dso_handle" => LinkerSymbol::DsoHandle,
        b"_TLS_MODULE_BASE_" => LinkerSymbol::TlsBase,
        b"__ehdr_start" => LinkerSymbol::FileHeader,
        b"__executable_start" => LinkerSymbol::ImageStart,
        b"__preinit_array_start" => LinkerSymbol::PreinitStart,
        b"__preinit_array_end" => LinkerSymbol::PreinitEnd,
        b"__init_array_start" => LinkerSymbol::InitStart,
        b"__init_array_end" => LinkerSymbol::InitEnd,
        b"__fini_array_start" => LinkerSymbol::FiniStart,
        b"__fini_array_end" => LinkerSymbol::FiniEnd,
        b"_etext" | b"etext" | b"__etext" => LinkerSymbol::TextEnd,
        b"__data_start" | b"data_start" => LinkerSymbol::DataStart,
        // `crtend.o` ends an empty table with it.
        b"_edata" | b"edata" | b"__TMC_END__" => LinkerSymbol::DataEnd,
        b"__bss_start" => LinkerSymbol::BssStart,
        b"_end" | b"end" => LinkerSymbol::ImageEnd,
        b"__EH_FRAME_BEGIN__" => LinkerSymbol::FramesStart,
        b"_init" if fragments.init => LinkerSymbol::Init,
        b"_fini" if fragments.fini => LinkerSymbol::Fini,
        // A static executable's relocations for ifuncs, which Setlink has applied itself: an empty range.
        b"__rela_iplt_start" | b"__rela_iplt_end" => LinkerSymbol::ImageStart,
        _ => {
            if let Some(name) = text.strip_prefix(b"__start_") {
                LinkerSymbol::SectionStart(section(name)?)
            } else {
                LinkerSymbol::SectionStop(section(text.strip_prefix(b"__stop_")?)?)
            }
        }
    })
}
