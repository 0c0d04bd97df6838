//! The `setlink` command: a thin user of the library.
//!
//! The program it runs is to find an ordinary process. So Rust's runtime is kept out: `main` is C's, and with it
//! SIGPIPE, the signal stack and the handlers for stack overflow are as `exec` left them.

#![cfg_attr(not(test), no_main)]
#![cfg_attr(test, allow(dead_code))]

mod again;
mod arguments;
mod check;
mod enter;
mod jitlink;
mod once;
mod progress;
mod report;
#[cfg(all(not(test), target_arch = "x86_64", target_env = "gnu", not(target_feature = "crt-static")))]
mod start;

use std::ffi::{CString, OsStr, c_char, c_int};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arguments::{Arguments, Command, Exported, Item, Parsed, Report, Stats};
use enter::Program;
use setlink::{ArgumentList, Session, Set, SetBuilder};

/// The exit status for a command line or a set with problems.
const FAILURE: c_int = 1;

/// Where a process begins, unless that is told.
const OWN_START: &str = "_start";

/// Where linkers put a program that has a fixed address.
const IMAGE_BASE: u64 = 0x40_0000;

/// The process's entry, and the program's: the program is called from here, so that nothing of Setlink's is between it
/// and the end of the stack. An exception that nobody catches finds no handler, and `pthread_exit` and cancellation
/// unwind through no frame but this.
#[cfg(not(test))]
#[unsafe(no_mangle)]
extern "C-unwind" fn main(_argc: c_int, _argv: *const *const c_char, _envp: *const *const c_char) -> c_int {
    match command() {
        Ok(status) => {
            let _ = std::io::stdout().flush();
            status
        }
        Err(program) => {
            setlink::start_afresh();
            enter::start(program)
        }
    }
}

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

/// Does what the command line says: an exit status, or a program to start.
fn command() -> Result<c_int, Program> {
    once::take_over();
    Ok(match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Parsed::Run(arguments)) => return perform(*arguments),
        Ok(Parsed::Help) => say(arguments::HELP),
        Ok(Parsed::Version) => say(concat!("setlink ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(problem) => {
            complain(format_args!("setlink: {problem}"));
            FAILURE
        }
    })
}

fn perform(mut arguments: Arguments) -> Result<c_int, Program> {
    if matches!(arguments.command, Command::Check | Command::Jitlink) {
        let runs = arguments.command == Command::Jitlink && !arguments.no_exec;
        let checks = !runs
            || !arguments.check.files.is_empty()
            || arguments.check.show_graph
            || arguments.check.show_addresses;
        let status = if checks { check::perform(&arguments, &inputs) } else { 0 };
        if status != 0 || !runs {
            return Ok(status);
        }
        arguments.command = Command::Run;
    }
    // What the program may come to need stays where a leak checker finds it.
    static SESSION: OnceLock<Session> = OnceLock::new();
    let session = match Session::host() {
        Ok(session) => SESSION.get_or_init(|| session),
        Err(error) => return Ok(fail(&error)),
    };
    let result = match arguments.command {
        Command::Run | Command::Check | Command::Jitlink => return run(session, arguments),
        Command::Plan => inputs(session, &arguments).and_then(SetBuilder::plan).map(|plan| {
            let text = if arguments.json {
                report::plan_json(&plan.summary)
            } else {
                report::plan_text(&plan.summary)
            };
            say(&format!("{text}\n")).max(write_map(&arguments, Some(&plan.map)))
        }),
        Command::Symbols => inputs(session, &arguments)
            .and_then(SetBuilder::symbols)
            .map(|symbols| say(&report::symbols(&symbols))),
    };
    Ok(result.unwrap_or_else(|error| fail(&error)))
}

fn fail(error: &setlink::Error) -> c_int {
    complain(error);
    FAILURE
}

/// Prints to standard output. `print!` panics where nobody can be written to.
fn say(text: &str) -> c_int {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => 0,
        Err(error) => {
            complain(format_args!("setlink: standard output: {error}"));
            FAILURE
        }
    }
}

/// Prints a line to standard error, if that can be written to.
fn complain(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The set that the command line describes.
fn inputs<'s>(session: &'s Session, arguments: &Arguments) -> setlink::Result<SetBuilder<'s>> {
    describe(session, arguments, &arguments.items, &[], true)
}

/// The items of each set: those behind its name. Directories to search are for all sets behind them, too.
fn split(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut sets = Vec::new();
    let mut current: Vec<Item> = Vec::new();
    for item in items {
        let is_begun = current.iter().any(|item| !matches!(item, Item::Search(_)));
        if matches!(item, Item::Set(_)) && is_begun {
            let searched = current.iter().filter(|item| matches!(item, Item::Search(_))).cloned().collect();
            sets.push(std::mem::replace(&mut current, searched));
        }
        current.push(item);
    }
    sets.push(current);
    sets
}

/// The set that `items` describe, with `earlier` to refer to. The last one has the program's entry.
fn describe<'s>(
    session: &'s Session,
    arguments: &Arguments,
    items: &[Item],
    earlier: &[Set],
    is_last: bool,
) -> setlink::Result<SetBuilder<'s>> {
    let name = items.iter().find_map(|item| match item {
        Item::Set(name) => Some(name.as_str()),
        _ => None,
    });
    let mut set = session.set(name.unwrap_or("program"));
    if let Some(root) = &arguments.sysroot {
        set = set.sysroot(root);
    }
    set = add_inputs(set, items, earlier);
    if arguments.default_libraries {
        set = set.static_only(false).whole_archive(false).lazy(false).add_default_libraries();
    }
    for (name, address) in &arguments.absolute {
        set = set.absolute(name.as_str(), *address);
    }
    for (name, target, offset) in &arguments.aliases {
        set = set.alias(name.as_str(), target.as_str(), *offset);
    }
    for name in &arguments.wrap {
        set = set.wrap(name.as_str());
    }
    for name in &arguments.undefined {
        set = set.undefined(name.as_str());
    }
    for pattern in &arguments.undefined_patterns {
        set = set.undefined_matching(pattern);
    }
    for script in &arguments.version_scripts {
        set = set.try_add(|set| set.push_version_script(script));
    }
    for name in &arguments.required {
        set = set.require(name.as_str());
    }
    if let Some(name) = &arguments.first_initialiser {
        set = set.first_initialiser(name.as_str());
    }
    if let Some(name) = &arguments.last_finaliser {
        set = set.last_finaliser(name.as_str());
    }
    let entry = &*entry_of(arguments, &set);
    set = set.tell(OWN_START);
    if !arguments.start_files {
        set = set.undefined(OWN_START);
    }
    if is_last && (arguments.command == Command::Run || arguments.entry.is_some()) {
        set = set.undefined(entry);
    }
    if arguments.collect {
        let roots = [entry, OWN_START];
        let roots = roots.into_iter().chain(arguments.required.iter().map(String::as_str));
        let roots = roots.chain(arguments.keep.iter().chain(&arguments.undefined).map(String::as_str));
        set = set.collect(roots);
    }
    if let Some(bytes) = arguments.reach {
        set = set.reach(setlink::Reach::uniform(bytes));
    }
    if arguments.fixed {
        let base = arguments.base.unwrap_or(IMAGE_BASE);
        set = set.low(base < 1 << 31).near(base).position_dependent(true);
    }
    // What a program is linked for ends with the process.
    let mut set = export(set.permanent(true).interpose(true), &arguments.exported);
    for name in &arguments.may_be_undefined {
        set = set.allow_undefined_symbol(name.as_str());
    }
    let unresolved = arguments.unresolved;
    if [unresolved.in_objects(), unresolved.in_libraries()].contains(&Report::Warning) {
        set = set.observe_undefined(move |undefined, in_library| {
            let report = if in_library { unresolved.in_libraries() } else { unresolved.in_objects() };
            if report == Report::Warning {
                complain(format_args!("setlink: warning: {undefined}"));
            }
        });
    }
    Ok(set
        .ignore_stack_notes(arguments.ignore_stack_notes)
        .relax(arguments.relax)
        .dependent_libraries(arguments.dependent_libraries)
        .start_stop_gc(arguments.start_stop_gc)
        .allow_multiple_definition(arguments.allow_multiple_definition)
        .allow_undefined(arguments.unresolved.in_objects() != Report::Error)
        .allow_undefined_in_libraries(arguments.unresolved.in_libraries() != Report::Error))
}

/// The set with the inputs that the command line names, each in the manner that is told before it. Other sets that it uses are
/// `earlier` ones.
fn add_inputs<'s>(mut set: SetBuilder<'s>, items: &[Item], earlier: &[Set]) -> SetBuilder<'s> {
    let mut is_binary = false;
    let known = |name: &str| earlier.iter().find(|set| set.name() == name);
    // They are for all of the set's libraries, wherever they stand: rustc names them last.
    for item in items {
        if let Item::Search(directory) = item {
            set = set.search(directory);
        }
    }
    for item in items {
        set = match item {
            Item::Set(_) | Item::Search(_) => set,
            Item::Use(name) => set.scope(known(name)),
            Item::Share(name) => {
                let set = set.scope(known(name));
                match known(name) {
                    Some(earlier) => set.share_with(earlier),
                    None => set,
                }
            }
            Item::PreferExisting => set.prefer_existing(true),
            Item::WholeArchive(whole) => set.whole_archive(*whole),
            Item::StaticOnly(only) => set.static_only(*only),
            Item::AsNeeded(as_needed) => set.as_needed(*as_needed),
            Item::Lazy(lazy) => set.lazy(*lazy),
            Item::Binary(binary) => {
                is_binary = *binary;
                set
            }
            Item::Symbols(path) => set.try_add(|set| set.push_symbols(path)),
            Item::File(path) if is_binary => set.try_add(|set| set.push_binary(path)),
            Item::File(path) => set.try_add(|set| match once::read(path) {
                Some(Ok(bytes)) => set.push_shared_bytes(&*path.to_string_lossy(), bytes),
                // The library tells what the matter is.
                _ => set.push_file(path),
            }),
            Item::Library(name) => set.try_add(|set| set.push_library(name)),
        };
    }
    set
}

/// The set with the names that are the loader's to find.
fn export<'s>(set: SetBuilder<'s>, exported: &Exported) -> SetBuilder<'s> {
    let mut set = set.export_dynamic(exported.all).export_dynamic_data(exported.data);
    for archive in &exported.excluded {
        set = set.exclude_library(archive);
    }
    for pattern in &exported.symbols {
        set = set.export_dynamic_symbol(pattern);
    }
    for pattern in &exported.cxx_symbols {
        set = set.export_dynamic_cxx_symbol(pattern);
    }
    for list in &exported.lists {
        set = set.try_add(|set| set.push_dynamic_list(list));
    }
    set
}

/// The function with which the program begins. `_start` is the C library's, which has done its work.
fn entry_of(arguments: &Arguments, set: &SetBuilder<'_>) -> String {
    let of_script = set.entry().filter(|entry| *entry != "_start");
    arguments.entry.as_deref().or(of_script).unwrap_or("main").to_owned()
}

fn run(session: &Session, mut arguments: Arguments) -> Result<c_int, Program> {
    let mut entry = String::new();
    let name = program_name(&arguments);
    let mut program = vec![name];
    program.append(&mut arguments.program);
    // It puts the environment back to what the program is to have.
    let mut start = again::Start::of_process();
    // The program keeps pointers to its arguments, in exit handlers and threads too, or puts others in their place.
    static PROGRAM: OnceLock<Arc<ArgumentList>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| Arc::new(ArgumentList::new(program)));
    let directories = rpath(&arguments).into_iter().map(Into::into).collect();
    setlink::programs_search(origin(&arguments), directories, arguments.rpath_first);
    let bar = progress::Bar::new();
    let groups = split(std::mem::take(&mut arguments.items));
    let count = groups.len();
    let mut sets: Vec<Set> = Vec::new();
    // Once a set has run, it is too late to start the process again for another.
    for items in groups.iter().skip(1).filter(|_| !arguments.no_exec) {
        let set = describe(session, &arguments, items, &sets, false);
        let set = set.map(|set| set.interpose(true).libraries_first(!start.has_preloaded()));
        if let Err(error) = set.and_then(SetBuilder::check_start) {
            start.again(&error, &[]);
        }
    }
    for items in groups {
        let set = describe(session, &arguments, &items, &sets, sets.len() + 1 == count);
        // The link has use for the room: 2,000 paths take 128 KiB.
        drop(items);
        let set = set.and_then(|set| {
            entry = entry_of(&arguments, &set);
            let set = match &arguments.jitdump {
                Some(directory) => set.jitdump(directory),
                None => set,
            };
            set.observe(bar.observer())
                .argument_list(program)
                .map(arguments.map.is_some())
                .export(sets.len() + 1 < count)
                .interpose(!arguments.no_exec)
                .libraries_first(!start.has_preloaded())
                .debugger(arguments.gdb)
                .listed(count > 1)
                .perf_map(arguments.perf_map)
                .initialise(!arguments.no_exec)
                .before_initialisers(|| begin(program, sets.is_empty()))
                .link()
        });
        match set {
            Ok(set) => sets.push(set),
            Err(error) => {
                bar.finish();
                start.again(&error, &rpath(&arguments));
                return Ok(fail(&error));
            }
        }
    }
    bar.finish();
    once::forget();
    sets.iter().for_each(|set| report_link(&arguments, set));
    let maps: Vec<&str> = sets.iter().filter_map(Set::map).collect();
    if write_map(&arguments, Some(&maps.join("\n"))) != 0 {
        return Ok(FAILURE);
    }
    let Some(set) = sets.last() else { return Ok(FAILURE) };
    if arguments.no_exec {
        return Ok(0);
    }
    let _ = std::io::stdout().flush();
    // A program that has a start of its own begins there, as the process would: it is without the C library's.
    let own_start =
        set.address(OWN_START).filter(|_| arguments.entry.as_deref().is_none_or(|entry| entry == OWN_START));
    let Some(main) = own_start.or_else(|| set.address(&entry)) else {
        complain(format_args!("setlink: the set does not define `{entry}`; name another entry with --entry"));
        return Ok(FAILURE);
    };
    Err(Program { main, is_start: own_start.is_some(), arguments: program })
}

/// The directory in which the program would lie.
fn origin(arguments: &Arguments) -> PathBuf {
    let directory = arguments.output.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    std::path::absolute(Path::new(".").join(directory)).unwrap_or_default()
}

/// The directories of `-rpath`, in which `$ORIGIN` is the program's own.
fn rpath(arguments: &Arguments) -> Vec<String> {
    let origin = origin(arguments);
    let origin = origin.to_string_lossy();
    let rooted = |directory: &String| directory.replace("$ORIGIN", &origin).replace("${ORIGIN}", &origin);
    arguments.rpath.iter().map(rooted).collect()
}

fn report_link(arguments: &Arguments, set: &Set) {
    match arguments.stats {
        Some(Stats::Json) => complain(report::stats_json(set.summary(), set.timings())),
        Some(Stats::Text) => complain(report::stats_text(set.summary(), set.timings())),
        None => {}
    }
}

fn write_map(arguments: &Arguments, map: Option<&str>) -> c_int {
    let (Some(path), Some(map)) = (&arguments.map, map) else { return 0 };
    match std::fs::write(path, map) {
        Ok(()) => 0,
        Err(error) => {
            complain(format_args!("setlink: {}: {error}", path.display()));
            FAILURE
        }
    }
}

/// The program's own name: that of the file it is not written to, or of its first input, without `.o` or `.a`.
fn program_name(arguments: &Arguments) -> CString {
    if let Some(name) =
        arguments.output.as_ref().and_then(|path| CString::new(path.as_os_str().as_bytes()).ok())
    {
        return name;
    }
    let first = arguments.items.iter().find_map(|item| match item {
        Item::File(path) => Some(path.as_path()),
        _ => None,
    });
    let name = first.unwrap_or(Path::new("a.out"));
    let stem = match name.extension().and_then(OsStr::to_str) {
        Some("o" | "a" | "lo" | "obj") => name.with_extension(""),
        _ => name.to_owned(),
    };
    CString::new(stem.as_os_str().as_bytes()).unwrap_or_default()
}

unsafe extern "C" {
    static mut program_invocation_name: *mut c_char;
    static mut program_invocation_short_name: *mut c_char;
}

/// Prepares the process for the program: for its first set, the environment is what lies behind its arguments.
fn begin(program: &'static ArgumentList, is_first: bool) {
    if is_first {
        // SAFETY: the process has one thread now, and the list lives for ever.
        unsafe { environ = program.environment().as_ptr().cast() };
    }
    if let Some(name) = program.strings().first() {
        set_program_name(name);
    }
}

/// Tells the C library the program's name, which it prints in messages (`error(3)`, `getopt(3)`, `assert(3)`); and the
/// kernel, which takes the first 15 bytes of the file's for the process's (`pidof(1)`, `/proc/self/comm`).
fn set_program_name(name: &'static CString) {
    let short = name.as_bytes().iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    // SAFETY: the process has one thread now, and the string lives for ever.
    unsafe {
        program_invocation_name = name.as_ptr().cast_mut();
        program_invocation_short_name = name.as_ptr().add(short).cast_mut();
        libc::prctl(libc::PR_SET_NAME, program_invocation_short_name);
    }
}
