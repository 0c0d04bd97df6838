//! Opening a set's shared libraries in the process, once its objects have told which it needs.

#![forbid(unsafe_code)]

use std::os::unix::ffi::OsStringExt;

use super::builder::SetBuilder;
use super::late;
use super::link::request;
use super::scope::LinkScope;
use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::host;
use crate::memory::arena::Arena;
use crate::place::tls::is_thread_local;
use crate::publish::libraries::Opened;
use crate::publish::offer::{Promised, promise};
use crate::read::input::{Input, LibraryInput};
use crate::read::object::{SymbolSection, Visibility};
use crate::resolve::{Extra, Origin, SymbolId, demangle, resolve};

/// Opens the set's shared libraries in the process, in their order: that of the scope in which names are looked up. One may
/// need what the set will define, which is promised to it, or a library behind it.
///
/// Those of a program wait for it before they begin, as far as the loader can be brought to that.
pub(super) fn open(builder: &SetBuilder<'_>, scope: &LinkScope<'_>) -> Result<Opened> {
    let mut libraries: Vec<(&LibraryInput, Option<host::OpenLibrary>)> =
        libraries(builder).map(|library| (library, None)).collect();
    let mut promised = None;
    let (mut has_asked, mut is_early) = (false, None);
    let mut closed = Vec::new();
    let mut undefined = Vec::new();
    let used = |number: &usize| scope.libraries.is_used(*number);
    let taking_part = taking_part(builder, scope);
    Error::check(late::late(scope, &taking_part), ())?;
    if let Some(opened) = open_waiting(builder, scope, &taking_part)? {
        return Ok(opened);
    }
    for number in (0..libraries.len()).filter(used) {
        let (library, opened) = &mut libraries[number];
        let mut result = open_library(library, false);
        if result.is_err() && !std::mem::replace(&mut has_asked, true) {
            // Asked again: libraries that are open by now have brought others along.
            let names = promised_names(builder, scope, Some(scope.needed_of_set()))?;
            // These libraries begin before the set has given out its block.
            let refused = |name: &Vec<u8>| thread_local_refusal(name);
            Error::check(names.thread_local.iter().map(refused).collect(), ())?;
            promised = if names.is_empty() { None } else { Some(promise(&names)?) };
            if promised.is_some() {
                result = open_library(library, false);
            }
        }
        if let Err(error) = &result
            && scope.libraries.needs_later(number)
            && let Ok(library) = open_library(library, true)
        {
            is_early = is_early.or(Some(error.clone()));
            result = Ok(library);
        }
        match result {
            Ok(library) => *opened = Some(library),
            Err(_) => closed.push(number),
        }
    }
    // What a later library has may be a variable, which cannot wait.
    while !closed.is_empty() {
        let before = closed.len();
        let mut problems = Vec::new();
        closed.retain(|&number| match open_library(libraries[number].0, false) {
            Ok(library) => {
                libraries[number].1 = Some(library);
                false
            }
            Err(error) => {
                problems.extend(error.into_problems());
                true
            }
        });
        if closed.len() == before
            && let Some(allowed) = allowed(builder, scope, &taking_part)
        {
            undefined = allowed;
            problems.clear();
            for number in closed.drain(..) {
                match open_library(libraries[number].0, true) {
                    Ok(library) => libraries[number].1 = Some(library),
                    Err(error) => problems.extend(error.into_problems()),
                }
            }
            Error::check(problems, ())?;
        } else if closed.len() == before {
            return Err(explained(builder, scope, &taking_part, problems));
        }
    }
    match is_early {
        Some(error) if !scope.missing().is_empty() && allowed(builder, scope, &taking_part).is_none() => {
            Err(error)
        }
        _ => {
            let libraries = libraries.into_iter().filter_map(|(_, opened)| opened).collect();
            let left = builder.recipe.initialise && host::are_left();
            let waiting = left.then(host::WaitingLibraries::left);
            Ok(Opened { libraries, promised, waiting, undefined })
        }
    }
}

fn libraries<'b>(builder: &'b SetBuilder<'_>) -> impl Iterator<Item = &'b LibraryInput> {
    builder.recipe.inputs.iter().filter_map(|input| match input {
        Input::Library(library) => Some(library),
        _ => None,
    })
}

/// The libraries that take part, with their numbers.
pub(super) fn taking_part<'b>(
    builder: &'b SetBuilder<'_>,
    scope: &LinkScope<'_>,
) -> Vec<(usize, &'b LibraryInput)> {
    libraries(builder).enumerate().filter(|(number, _)| scope.libraries.is_used(*number)).collect()
}

/// Opens a library, `early` where functions that it calls are to come.
fn open_library(library: &LibraryInput, early: bool) -> Result<host::OpenLibrary> {
    let name = path_of(library);
    if early { host::open_early(&name) } else { host::open(&name, true) }
}

fn path_of(library: &LibraryInput) -> Vec<u8> {
    late::path_of(library).into_os_string().into_vec()
}

/// Opens all at once, and lets them wait; none where that is not to be.
///
/// # Errors
/// Each library that the loader refuses, or what they need and no set can give them.
fn open_waiting(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'_>,
    libraries: &[(usize, &LibraryInput)],
) -> Result<Option<Opened>> {
    let is_new = |(number, _): &(usize, &LibraryInput)| scope.libraries.may_be_new(*number);
    // Those of a set that is only looked at do not begin.
    let is_waiting = builder.recipe.interpose || !builder.recipe.initialise;
    if !(is_waiting && host::can_wait() && libraries.iter().any(is_new)) {
        return Ok(None);
    }
    let paths: Vec<Vec<u8>> = libraries.iter().map(|(_, library)| path_of(library)).collect();
    let mut promised = None;
    let mut opened = host::open_waiting(&paths, false);
    // What those need that the libraries need is not known before they are open, nor which these are.
    for wanted in [Some(scope.needed_of_set()), None] {
        let Err(error) = &opened else { break };
        if lacks_symbol(error) {
            let names = promised_names(builder, scope, wanted)?;
            // An image of its own: the libraries come to need it, and the loader ends what needs each other in another order.
            promised = if names.is_empty() { None } else { Some(promise(&names)?) };
            opened = host::open_waiting(&paths, false);
        }
    }
    let mut undefined = Vec::new();
    if let Err(error) = &opened
        && lacks_symbol(error)
        && let Some(allowed) = allowed(builder, scope, libraries)
    {
        undefined = allowed;
        opened = host::open_waiting(&paths, true);
    }
    if let Ok(opened) = opened {
        if !builder.recipe.initialise {
            opened.rest();
        }
        return Ok(Some(Opened { promised, waiting: Some(opened), undefined, ..Opened::default() }));
    }
    // Each by itself, behind those that need nothing else, shows what is wrong with which.
    let (mut closed, mut opened) = (paths, Vec::new());
    loop {
        let before = closed.len();
        let mut problems = Vec::new();
        closed.retain(|path| match host::open_waiting(std::slice::from_ref(path), false) {
            Ok(library) => {
                opened.push(library);
                false
            }
            Err(error) => {
                problems.extend(error.into_problems());
                true
            }
        });
        if problems.is_empty() {
            return Ok(None);
        }
        if closed.len() == before {
            return Err(explained(builder, scope, libraries, problems));
        }
    }
}

/// Whether the loader says that it found no definition of a symbol. It has no other way to tell.
fn lacks_symbol(message: &impl ToString) -> bool {
    message.to_string().contains(LACKED)
}

/// Which symbol that is.
fn lacked_symbol(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(LACKED)?;
    rest.trim_start_matches(": ").split([' ', ',', ';', '\n']).next()
}

const LACKED: &str = "undefined symbol";

/// What the loader found wrong; where it lacks symbols, all that the libraries lack, of which it names one for each.
fn explained(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'_>,
    libraries: &[(usize, &LibraryInput)],
    problems: Vec<Problem>,
) -> Error {
    if builder.allow_undefined_in_libraries || !problems.iter().all(lacks_symbol) {
        return problems.into();
    }
    let mut undefined = undefined_in_libraries(builder, scope, libraries).unwrap_or_default();
    undefined.retain(|lack| !lack.is_listed);
    // What a library lacks that is not the set's, but needed by one of these, only the loader knows.
    let is_others = |problem: &&Problem| {
        let message = problem.to_string();
        let Some(name) = lacked_symbol(&message).map(str::as_bytes) else { return true };
        scope.libraries.first_with(name, None).is_none() && undefined.iter().all(|lack| lack.name != name)
    };
    let others: Vec<Problem> = problems.iter().filter(is_others).cloned().collect();
    let all: Vec<Problem> = undefined.into_iter().map(|lack| lack.problem).chain(others).collect();
    if all.is_empty() { problems.into() } else { all.into() }
}

/// What the libraries lack, if all of it is allowed, but for what is so by name.
fn allowed(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'_>,
    libraries: &[(usize, &LibraryInput)],
) -> Option<Vec<Problem>> {
    if !builder.allow_undefined_in_libraries && builder.recipe.may_be_undefined.is_empty() {
        return None;
    }
    let undefined = undefined_in_libraries(builder, scope, libraries).ok()?;
    if builder.allow_undefined_in_libraries {
        let others = undefined.into_iter().filter(|lack| !lack.is_listed);
        return Some(others.map(|lack| Problem { remedy: None, ..lack.problem }).collect());
    }
    undefined.iter().all(|lack| lack.is_listed).then(Vec::new)
}

/// A name that a library refers to, other than weakly, and nobody defines.
struct Lack<'b> {
    name: &'b [u8],
    /// It is allowed by name.
    is_listed: bool,
    problem: Problem,
}

/// All that the libraries lack.
///
/// # Errors
/// The set cannot be resolved.
fn undefined_in_libraries<'b>(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'b>,
    libraries: &[(usize, &LibraryInput)],
) -> Result<Vec<Lack<'b>>> {
    let missing = scope.missing();
    let promised = promised_names(builder, scope, Some(missing.clone()))?;
    let mut problems = Vec::new();
    for &(number, library) in libraries {
        let is_lacking = |name: &&[u8]| {
            missing.binary_search_by(|other| other[..].cmp(name)).is_ok() && !promised.contains(name)
        };
        let needed = scope.libraries.needed_by(number).map(|reference| reference.name);
        problems.extend(needed.filter(is_lacking).map(|name| {
            let is_listed = builder.recipe.may_be_undefined.iter().any(|other| other == name);
            let kind = ProblemKind::Undefined { symbol: demangle(name), references: 1 };
            let problem = Problem::new(Place::file(library.name.clone()), kind);
            let remedy = "name the library that defines it, or allow that with --allow-shlib-undefined";
            Lack { name, is_listed, problem: problem.with_remedy(remedy) }
        }));
    }
    Ok(problems)
}

/// Those of the `wanted` names, or of all, that the set will define for its libraries.
///
/// # Errors
/// The set cannot be resolved, or a library takes a variable for thread-local that is not, or the other way round.
fn promised_names(
    builder: &SetBuilder<'_>,
    scope: &LinkScope<'_>,
    wanted: Option<Vec<Vec<u8>>>,
) -> Result<Promised> {
    if wanted.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Promised::default());
    }
    let request = request(builder, scope);
    let arena = Arena::default();
    let resolution = resolve(&builder.recipe.inputs, &request, &arena)?;
    let symbol = |name: &[u8]| {
        let id = resolution.names.find(name)?;
        resolution.definition(id).filter(|_| resolution.names[id].visibility < Visibility::Hidden)
    };
    // Those that publishing the set will lead to it.
    let is_own = |symbol: SymbolId| match resolution.origin(symbol) {
        Origin::Object { object, symbol } => {
            let symbol = resolution.added[object].object.symbols.get(symbol);
            symbol.is_some_and(|symbol| matches!(symbol.section, SymbolSection::Loaded(_)))
        }
        Origin::Extra(index) => matches!(resolution.extras[index].1, Extra::Common { .. }),
    };
    let mut promised = Promised::default();
    let mut promise = |name: &[u8]| {
        if let Some(symbol) = symbol(name).filter(|&symbol| is_own(symbol)) {
            let is_thread_local = is_thread_local(&resolution, symbol);
            let names = if is_thread_local { &mut promised.thread_local } else { &mut promised.addresses };
            names.push(name.to_vec());
        }
    };
    match wanted {
        Some(wanted) => wanted.iter().for_each(|name| promise(name)),
        None => resolution.names.iter().for_each(|(_, name)| promise(name.text)),
    }
    let mut problems = Vec::new();
    for (number, library) in taking_part(builder, scope) {
        for reference in scope.libraries.needed_by(number) {
            let own = if reference.thread_local { &promised.addresses } else { &promised.thread_local };
            if own.iter().any(|name| name == reference.name) {
                let name = String::from_utf8_lossy(reference.name);
                let what = match reference.thread_local {
                    true => format!("it refers to `{name}` as thread-local, which that is not in the set"),
                    false => {
                        format!("it refers to `{name}`, which is thread-local in the set, as if it were not")
                    }
                };
                problems.push(Problem::malformed(Place::file(library.name.clone()), what));
            }
        }
    }
    Error::check(problems, promised)
}

/// A library that begins before the set has its block refers to the set's thread-local variable `name`.
fn thread_local_refusal(name: &[u8]) -> Problem {
    let what = "a shared library's reference to a thread-local variable of the set";
    let place = Place::default().of_symbol(String::from_utf8_lossy(name));
    Problem::unsupported(place, what)
        .with_remedy("define the variable in a shared library, or have the program open the library (dlopen)")
}
