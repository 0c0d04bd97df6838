//! The `setlink` command: a thin user of the library.
//!
//! The program it runs is to find an ordinary process. So Rust's runtime is kept out: `main` is C's, and with it
//! SIGPIPE, the signal stack and the handlers for stack overflow are as `exec` left them.

#![no_main]

mod arguments;
mod progress;
mod report;

use std::ffi::{CString, OsStr, c_char, c_int};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use arguments::{Arguments, Command, Item, Parsed, Stats};
use setlink::{Session, Set, SetBuilder};

/// The exit status for a command line or a set with problems.
const FAILURE: c_int = 1;

#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char, _envp: *const *const c_char) -> c_int {
    let status = match std::panic::catch_unwind(command) {
        Ok(status) => status,
        Err(_) => 101,
    };
    let _ = std::io::stdout().flush();
    // SAFETY: ends the process, as returning would; but explicitly, so that the program's exit handlers run now.
    unsafe { libc::exit(status) }
}

fn command() -> c_int {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Parsed::Run(arguments)) => perform(*arguments),
        Ok(Parsed::Help) => {
            print!("{}", arguments::HELP);
            0
        }
        Ok(Parsed::Version) => {
            println!("setlink {}", env!("CARGO_PKG_VERSION"));
            0
        }
        Err(problem) => {
            eprintln!("setlink: {problem}");
            FAILURE
        }
    }
}

fn perform(arguments: Arguments) -> c_int {
    let session = match Session::host() {
        Ok(session) => session,
        Err(error) => return fail(&error),
    };
    let result = match arguments.command {
        Command::Run => return run(&session, arguments),
        Command::Plan => inputs(&session, &arguments).and_then(SetBuilder::plan).map(|plan| {
            if arguments.json {
                println!("{}", report::plan_json(&plan.summary));
            } else {
                println!("{}", report::plan_text(&plan.summary));
            }
            write_map(&arguments, Some(&plan.map))
        }),
        Command::Symbols => inputs(&session, &arguments).and_then(SetBuilder::symbols).map(|symbols| {
            print!("{}", report::symbols(&symbols));
            0
        }),
    };
    result.unwrap_or_else(|error| fail(&error))
}

fn fail(error: &setlink::Error) -> c_int {
    eprintln!("{error}");
    FAILURE
}

/// The set that the command line describes.
fn inputs<'s>(session: &'s Session, arguments: &Arguments) -> setlink::Result<SetBuilder<'s>> {
    let mut problems = Vec::new();
    let mut set = session.set("program");
    for item in &arguments.items {
        set = match item {
            Item::Search(directory) => set.search(directory),
            Item::WholeArchive(whole) => set.whole_archive(*whole),
            Item::StaticOnly(only) => set.static_only(*only),
            Item::File(path) => set.try_add(&mut problems, |set| set.push_file(path)),
            Item::Library(name) => set.try_add(&mut problems, |set| set.push_library(name)),
        };
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    if arguments.default_libraries {
        set = set.static_only(false).whole_archive(false).add_default_libraries();
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
    let entry = arguments.entry.as_deref().unwrap_or("main");
    if arguments.command == Command::Run || arguments.entry.is_some() {
        set = set.undefined(entry);
    }
    if arguments.collect {
        let roots =
            [entry].into_iter().chain(arguments.keep.iter().chain(&arguments.undefined).map(String::as_str));
        set = set.collect(roots);
    }
    Ok(set.relax(arguments.relax).allow_multiple_definition(arguments.allow_multiple_definition))
}

fn run(session: &Session, mut arguments: Arguments) -> c_int {
    let entry = arguments.entry.clone().unwrap_or_else(|| "main".into());
    let name = program_name(&arguments);
    let mut program = vec![name];
    program.append(&mut arguments.program);
    let bar = progress::Bar::new();
    let set = inputs(session, &arguments).and_then(|set| {
        set.observe(bar.observer())
            .arguments(program.clone())
            .map(arguments.map.is_some())
            .export(false)
            .interpose(!arguments.no_exec)
            .initialise(!arguments.no_exec)
            .before_initialisers(|| set_program_name(&program[0]))
            .link()
    });
    bar.finish();
    let set = match set {
        Ok(set) => set,
        Err(error) => return fail(&error),
    };
    report_link(&arguments, &set);
    if write_map(&arguments, set.map()) != 0 {
        return FAILURE;
    }
    if arguments.no_exec {
        return 0;
    }
    let _ = std::io::stdout().flush();
    // SAFETY: running the program is what the user asked for.
    match unsafe { set.call_main(&entry, program) } {
        Ok(status) => status,
        Err(error) => fail(&error),
    }
}

fn report_link(arguments: &Arguments, set: &Set) {
    match arguments.stats {
        Some(Stats::Json) => eprintln!("{}", report::stats_json(set.summary(), set.timings())),
        Some(Stats::Text) => eprintln!("{}", report::stats_text(set.summary(), set.timings())),
        None => {}
    }
}

fn write_map(arguments: &Arguments, map: Option<&str>) -> c_int {
    let (Some(path), Some(map)) = (&arguments.map, map) else { return 0 };
    match std::fs::write(path, map) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("setlink: {}: {error}", path.display());
            FAILURE
        }
    }
}

/// The program's own name: that of its first input, without `.o` or `.a`.
fn program_name(arguments: &Arguments) -> CString {
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

/// Tells the C library the program's name, which it prints in messages (`error(3)`, `getopt(3)`, `assert(3)`).
fn set_program_name(name: &CString) {
    let name: &'static CString = Box::leak(Box::new(name.clone()));
    let bytes = name.as_bytes();
    let short = bytes.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    // SAFETY: the process has one thread now, and the strings live for ever.
    unsafe {
        program_invocation_name = name.as_ptr().cast_mut();
        program_invocation_short_name = name.as_ptr().add(short).cast_mut();
    }
}
