//! The command line, in the linkers' habits.
//!
//! Linkers' options depend on their order (`--whole-archive` is for the archives behind it), may be spelled with one
//! dash or two, join their value or not, and come wrapped in `-Wl,`. No parser of the usual kind does that, so this is a
//! small one of our own.

mod abbreviated;
mod assign;
mod driver;
mod exported;
mod help;
mod ignored;
mod inputs;
mod renamed;
mod response;
mod sanitizers;
mod unresolved;

use std::collections::VecDeque;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use abbreviated::spelled_out;
use driver::Meaning;
pub(crate) use exported::Exported;
pub(crate) use help::HELP;
use ignored::{IGNORED, IGNORED_LETTERS, IGNORED_WITH_VALUE, NUMBER_APART};
use renamed::Renamed;
use sanitizers::Sanitizers;
use setlink::number;
pub(crate) use unresolved::{Report, Unresolved};

/// What the command is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Run,
    Plan,
    Symbols,
    Check,
    Jitlink,
}

/// An input or a switch that applies to the inputs behind it, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    File(PathBuf),
    Library(String),
    Search(PathBuf),
    /// Files behind it are data.
    Binary(bool),
    /// Of this file the addresses of its symbols count.
    Symbols(PathBuf),
    WholeArchive(bool),
    StaticOnly(bool),
    AsNeeded(bool),
    /// Objects behind it take part by need.
    Lazy(bool),
    /// What follows is a set of its own, of this name.
    Set(String),
    /// The set may use the definitions of an earlier one.
    Use(String),
    /// And its GOT entries and stubs.
    Share(String),
    /// Its weak definitions give way to those of the sets that it uses.
    PreferExisting,
}

/// How `--stats` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stats {
    Text,
    Json,
}

/// A parsed command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub command: Command,
    pub items: Vec<Item>,
    pub entry: Option<String>,
    /// What the program would be called if it were written.
    pub output: Option<PathBuf>,
    pub absolute: Vec<(String, u64)>,
    pub aliases: Vec<(String, String, i64)>,
    pub wrap: Vec<String>,
    pub undefined: Vec<String>,
    /// Patterns of names that count as referenced.
    pub undefined_patterns: Vec<String>,
    /// Names that have to be defined.
    pub required: Vec<String>,
    /// What runs in place of `_init` and `_fini`.
    pub first_initialiser: Option<String>,
    pub last_finaliser: Option<String>,
    pub version_scripts: Vec<PathBuf>,
    /// What `=` stands for at the beginning of directories.
    pub sysroot: Option<PathBuf>,
    /// Directories in which the loader is to look for what libraries need (`-rpath`).
    pub rpath: Vec<String>,
    /// Before those of `LD_LIBRARY_PATH`.
    pub rpath_first: bool,
    pub collect: bool,
    pub keep: Vec<String>,
    /// `__start_X` and `__stop_X` keep no section.
    pub start_stop_gc: bool,
    pub relax: bool,
    /// Bytes that references are taken to reach, for tests.
    pub reach: Option<u64>,
    pub allow_multiple_definition: bool,
    pub unresolved: Unresolved,
    /// Names that may be defined nowhere.
    pub may_be_undefined: Vec<String>,
    pub default_libraries: bool,
    /// Libraries that objects name count.
    pub dependent_libraries: bool,
    pub exported: Exported,
    /// Whether the program has a fixed address (`-no-pie`), and which.
    pub fixed: bool,
    pub base: Option<u64>,
    pub ignore_stack_notes: bool,
    pub no_exec: bool,
    pub stats: Option<Stats>,
    pub map: Option<PathBuf>,
    pub json: bool,
    /// Debuggers are to see the sets.
    pub gdb: bool,
    pub perf_map: bool,
    /// The directory of the file for perf inject.
    pub jitdump: Option<PathBuf>,
    pub check: crate::check::Options,
    pub program: Vec<CString>,
}

/// What the command line came to.
#[derive(Debug)]
pub(crate) enum Parsed {
    Run(Box<Arguments>),
    Help,
    Version,
}

/// Options with a meaning that begin like one whose value may follow its single letter.
const NAMED_BY_LETTER: &[&str] = &[
    "output",
    "library",
    "library-path",
    "entry",
    "undefined",
    "export-dynamic",
    "export-dynamic-symbol",
    "export-dynamic-symbol-list",
    "end-lib",
    "exclude-libs",
    "help",
    "Ttext-segment",
    "Ttext",
];
/// Object files that a compiler driver adds for the start of a program on disk. Setlink starts it itself.
const START_FILES: &[&str] = &[
    "crt1.o",
    "Scrt1.o",
    "rcrt1.o",
    "gcrt1.o",
    "grcrt1.o",
    "Mcrt1.o",
    "crti.o",
    "crtn.o",
    "crtbegin.o",
    "crtbeginS.o",
    "crtbeginT.o",
    "crtend.o",
    "crtendS.o",
];

struct Parser {
    renamed: Renamed,
    words: VecDeque<(Vec<u8>, usize)>,
    /// What `--push-state` put aside.
    pushed: Vec<State>,
    /// Whether `-lstdc++` means the archive.
    static_cxx: bool,
    has_pie_option: bool,
    sanitizers: Sanitizers,
    out: Arguments,
}

/// What stands for the inputs that follow.
#[derive(Clone, Copy, Default)]
struct State {
    whole_archive: bool,
    static_only: bool,
    as_needed: bool,
}

impl State {
    /// Behind these items.
    fn behind(items: &[Item]) -> State {
        let mut state = State::default();
        for item in items {
            match item {
                Item::WholeArchive(whole) => state.whole_archive = *whole,
                Item::StaticOnly(only) => state.static_only = *only,
                Item::AsNeeded(as_needed) => state.as_needed = *as_needed,
                Item::Set(_) => state = State::default(),
                _ => {}
            }
        }
        state
    }
}

/// Reads the words behind the program's name.
pub(crate) fn parse(words: impl Iterator<Item = std::ffi::OsString>) -> Result<Parsed, String> {
    let mut words: VecDeque<(Vec<u8>, usize)> = words.map(|word| (word.into_vec(), 0)).collect();
    let command = match words.pop_front() {
        None => return Ok(Parsed::Help),
        Some((word, _)) => match word.as_slice() {
            b"run" => Command::Run,
            b"plan" => Command::Plan,
            b"symbols" => Command::Symbols,
            b"check" => Command::Check,
            b"jitlink" => Command::Jitlink,
            b"--help" | b"-h" | b"help" => return Ok(Parsed::Help),
            b"--version" | b"-V" => return Ok(Parsed::Version),
            other => return Err(format!("unknown command `{}`; try setlink --help", lossy(other))),
        },
    };
    let mut out = Arguments {
        command,
        items: Vec::new(),
        entry: None,
        output: None,
        absolute: Vec::new(),
        aliases: Vec::new(),
        wrap: Vec::new(),
        undefined: Vec::new(),
        undefined_patterns: Vec::new(),
        required: Vec::new(),
        first_initialiser: None,
        last_finaliser: None,
        version_scripts: Vec::new(),
        sysroot: None,
        rpath: Vec::new(),
        rpath_first: false,
        collect: false,
        keep: Vec::new(),
        start_stop_gc: false,
        relax: true,
        reach: None,
        allow_multiple_definition: false,
        unresolved: Unresolved::default(),
        may_be_undefined: Vec::new(),
        default_libraries: true,
        dependent_libraries: true,
        exported: Exported::default(),
        fixed: false,
        base: None,
        ignore_stack_notes: false,
        no_exec: false,
        stats: None,
        map: None,
        json: false,
        gdb: false,
        perf_map: false,
        jitdump: None,
        check: crate::check::Options::default(),
        program: Vec::new(),
    };
    if command == Command::Jitlink {
        crate::jitlink::parse(words.into_iter().map(|(word, _)| word), &mut out)?;
        words = VecDeque::new();
    }
    if command == Command::Check {
        out.default_libraries = false;
    }
    Parser {
        renamed: Renamed::default(),
        words,
        pushed: Vec::new(),
        static_cxx: false,
        has_pie_option: false,
        sanitizers: Sanitizers::default(),
        out,
    }
    .parse()
}

impl Parser {
    fn parse(mut self) -> Result<Parsed, String> {
        while let Some((word, depth)) = self.words.pop_front() {
            if word == b"--" {
                for (word, _) in std::mem::take(&mut self.words) {
                    self.out.program.push(CString::new(word).map_err(|_| "an argument holds a NUL byte")?);
                }
            } else if let Some(path) = word.strip_prefix(b"@").filter(|path| !path.is_empty()) {
                self.response(path, depth)?;
            } else if let Some(list) = word.strip_prefix(b"-Wl,") {
                self.put_in_front(split(list), depth);
            } else if word == b"-Xlinker" {
                // One may be the value of another, so they are put one behind the other.
                let mut list = vec![self.value(None, "-Xlinker")?];
                while self.words.pop_front_if(|(word, _)| word == b"-Xlinker").is_some() {
                    list.push(self.value(None, "-Xlinker")?);
                }
                self.put_in_front(list, depth);
            } else if word.len() > 1 && word.starts_with(b"-") {
                if let Some(parsed) = self.option(&word)? {
                    return Ok(parsed);
                }
            } else {
                let path = PathBuf::from(std::ffi::OsString::from_vec(word));
                let start_file = path.file_name().and_then(|name| name.to_str());
                if !start_file.is_some_and(|name| START_FILES.contains(&name)) {
                    self.out.items.push(Item::File(path));
                }
            }
        }
        let has_input = self.out.items.iter().any(|item| matches!(item, Item::File(_) | Item::Library(_)));
        if !has_input {
            return Err("no inputs; try setlink --help".into());
        }
        self.rename();
        self.sanitize()?;
        let sets = self.out.items.iter().filter(|item| matches!(item, Item::Set(_))).count();
        if sets > 1 && self.out.command != Command::Run {
            return Err("only `setlink run` takes several sets; `setlink run --no-exec --stats=json` prints the plan \
                        of each"
                .into());
        }
        Ok(Parsed::Run(Box::new(self.out)))
    }

    /// `--set`, `--use`, `--share`.
    fn set(&mut self, option: &str, name: String) -> Result<(), String> {
        let known = self.out.items.iter().filter_map(|item| match item {
            Item::Set(name) => Some(name),
            _ => None,
        });
        let known: Vec<&String> = known.collect();
        if option == "set" {
            if known.contains(&&name) {
                return Err(format!("--set {name}: there is a set of that name already"));
            }
            self.out.items.push(Item::Set(name));
            self.pushed.clear();
            return Ok(());
        }
        // The last one is the set that uses the other.
        if !known.split_last().is_some_and(|(_, earlier)| earlier.contains(&&name)) {
            return Err(format!("--{option} {name}: no set `{name}` comes before this one"));
        }
        self.out.items.push(if option == "use" { Item::Use(name) } else { Item::Share(name) });
        Ok(())
    }

    /// The words are read next, in their order.
    fn put_in_front(&mut self, words: Vec<Vec<u8>>, depth: usize) {
        words.into_iter().rev().for_each(|word| self.words.push_front((word, depth)));
    }

    fn value(&mut self, joined: Option<&[u8]>, option: &str) -> Result<Vec<u8>, String> {
        match joined {
            Some(value) => Ok(value.to_vec()),
            None => {
                // `-Wl,-e -Wl,start`
                if let Some((list, depth)) = self.words.pop_front_if(|(word, _)| word.starts_with(b"-Wl,")) {
                    self.put_in_front(split(&list[4..]), depth);
                }
                let word = self.words.pop_front();
                word.map(|word| word.0).ok_or_else(|| format!("option {option} needs a value"))
            }
        }
    }

    fn path(&mut self, joined: Option<&[u8]>, option: &str) -> Result<PathBuf, String> {
        Ok(std::ffi::OsString::from_vec(self.value(joined, option)?).into())
    }

    fn text(&mut self, joined: Option<&[u8]>, option: &str) -> Result<String, String> {
        String::from_utf8(self.value(joined, option)?).map_err(|_| format!("option {option}: not UTF-8"))
    }

    fn option(&mut self, word: &[u8]) -> Result<Option<Parsed>, String> {
        let shown = lossy(word);
        // A driver's directory of tools, and the choice of linker.
        if let [b'-', b'B', rest @ ..] = word
            && !rest.starts_with(b"static")
            && !rest.starts_with(b"dynamic")
            && !rest.starts_with(b"symbolic")
        {
            self.value((!rest.is_empty()).then_some(rest), "-B")?;
            return Ok(None);
        }
        // Single letters whose value may follow directly.
        if let [b'-', letter, rest @ ..] = word
            && (IGNORED_LETTERS.contains(letter) || b"LlubeoTR".contains(letter))
        {
            // `-export-dynamic` is no entry named `xport-dynamic`.
            let name = word[1..].split(|&byte| byte == b'=').next().unwrap_or_default();
            let known_long = std::str::from_utf8(name).is_ok_and(|name| {
                NAMED_BY_LETTER.contains(&name)
                    || IGNORED.contains(&name)
                    || IGNORED_WITH_VALUE.contains(&name)
            });
            if rest.is_empty() || !known_long {
                let joined = (!rest.is_empty()).then_some(rest);
                match letter {
                    b'L' => {
                        let directory = self.path(joined, "-L")?;
                        self.out.items.push(Item::Search(directory));
                    }
                    b'l' => {
                        let library = self.text(joined, "-l")?;
                        self.library(library);
                    }
                    b'o' => self.out.output = Some(self.path(joined, "-o")?),
                    b'u' => {
                        let symbol = self.text(joined, "-u")?;
                        self.out.undefined.push(symbol);
                    }
                    b'R' => {
                        let directory = self.text(joined, "-R")?;
                        self.directory_or_symbols(directory);
                    }
                    b'b' => {
                        let format = self.text(joined, "-b")?;
                        self.format(&format)?;
                    }
                    b'e' => self.out.entry = Some(self.text(joined, "-e")?),
                    letter if IGNORED_LETTERS.contains(letter) => {
                        self.value(joined, &shown)?;
                    }
                    _ => {
                        return Err(format!(
                            "{shown}: linker scripts that lay out sections are not supported"
                        ));
                    }
                }
                return Ok(None);
            }
        }
        let long = word.strip_prefix(b"--").or(word.strip_prefix(b"-")).unwrap_or(word);
        let (name, joined) = match long.iter().position(|&byte| byte == b'=') {
            Some(at) => (&long[..at], Some(&long[at + 1..])),
            None => (long, None),
        };
        let name = std::str::from_utf8(name).map_err(|_| format!("unknown option {shown}"))?;
        if self.out.command == Command::Check {
            let words = &mut self.words;
            let mut value = || {
                let word = joined.map(<[u8]>::to_vec).or_else(|| words.pop_front().map(|word| word.0));
                let word = word.ok_or_else(|| format!("option {shown} needs a value"))?;
                String::from_utf8(word).map_err(|_| format!("option {shown}: not UTF-8"))
            };
            if self.out.check.take(name, &mut value)? {
                return Ok(None);
            }
        }
        match name {
            "help" => return Ok(Some(Parsed::Help)),
            "version" => return Ok(Some(Parsed::Version)),
            "library-path" => {
                let directory = self.path(joined, &shown)?;
                self.out.items.push(Item::Search(directory));
            }
            "library" => {
                let library = self.text(joined, &shown)?;
                self.library(library);
            }
            "output" => self.out.output = Some(self.path(joined, &shown)?),
            "whole-archive" => self.out.items.push(Item::WholeArchive(true)),
            "no-whole-archive" => self.out.items.push(Item::WholeArchive(false)),
            "push-state" => self.pushed.push(State::behind(&self.out.items)),
            "pop-state" => {
                let state = self.pushed.pop().ok_or("--pop-state without --push-state")?;
                self.out.items.push(Item::WholeArchive(state.whole_archive));
                self.out.items.push(Item::StaticOnly(state.static_only));
                self.out.items.push(Item::AsNeeded(state.as_needed));
            }
            "as-needed" => self.out.items.push(Item::AsNeeded(true)),
            "no-as-needed" => self.out.items.push(Item::AsNeeded(false)),
            "start-lib" => self.out.items.push(Item::Lazy(true)),
            "end-lib" => self.out.items.push(Item::Lazy(false)),
            "Bstatic" | "dn" | "non_shared" => self.out.items.push(Item::StaticOnly(true)),
            "static" => {
                self.out.items.push(Item::StaticOnly(true));
                // A static executable is none that is independent of its position, unless that is said.
                self.out.fixed |= !self.has_pie_option;
            }
            "Bdynamic" | "dy" | "call_shared" => self.out.items.push(Item::StaticOnly(false)),
            "entry" => self.out.entry = Some(self.text(joined, &shown)?),
            "undefined" => {
                let symbol = self.text(joined, &shown)?;
                self.out.undefined.push(symbol);
            }
            "undefined-glob" => {
                let pattern = self.text(joined, &shown)?;
                self.out.undefined_patterns.push(pattern);
            }
            "require-defined" => {
                let symbol = self.text(joined, &shown)?;
                self.out.required.push(symbol);
            }
            "init" => self.out.first_initialiser = Some(self.text(joined, &shown)?),
            "fini" => self.out.last_finaliser = Some(self.text(joined, &shown)?),
            "sysroot" => self.out.sysroot = Some(self.path(joined, &shown)?),
            "version-script" => {
                let script = self.path(joined, &shown)?;
                self.out.version_scripts.push(script);
            }
            "format" => {
                let format = self.text(joined, &shown)?;
                self.format(&format)?;
            }
            "rpath" => {
                let directories = self.text(joined, &shown)?;
                self.out.rpath.extend(directories.split(':').map(str::to_owned));
            }
            "disable-new-dtags" => self.out.rpath_first = true,
            "enable-new-dtags" => self.out.rpath_first = false,
            "dependent-libraries" => self.out.dependent_libraries = true,
            "no-dependent-libraries" => self.out.dependent_libraries = false,
            "just-symbols" => {
                let file = self.text(joined, &shown)?;
                self.out.items.push(Item::Symbols(file.into()));
            }
            "wrap" => {
                let symbol = self.text(joined, &shown)?;
                self.out.wrap.push(symbol);
            }
            "abs" | "defsym" => {
                let text = self.text(joined, &shown)?;
                self.assign(&text, name)?;
            }
            "set" | "use" | "share" => {
                let text = self.text(joined, &shown)?;
                let set = text.strip_suffix(':').unwrap_or(&text).to_owned();
                self.set(name, set)?;
            }
            "prefer-existing" => self.out.items.push(Item::PreferExisting),
            "gc-sections" => self.out.collect = true,
            "no-gc-sections" => self.out.collect = false,
            "keep" | "gc-keep" => {
                let symbol = self.text(joined, &shown)?;
                self.out.keep.push(symbol);
            }
            "no-relax" => self.out.relax = false,
            // Not listed: it serves tests of sets with several islands.
            "reach" => {
                let text = self.text(joined, &shown)?;
                self.out.reach =
                    Some(number(&text).ok_or_else(|| format!("{shown} needs a number of bytes"))?);
            }
            "unresolved-symbols" => {
                let method = self.text(joined, &shown)?;
                self.out.unresolved.method(&method)?;
            }
            "ignore-unresolved-symbol" => {
                let symbol = self.text(joined, &shown)?;
                self.out.may_be_undefined.push(symbol);
            }
            "allow-shlib-undefined" => self.out.unresolved.ignore_in_libraries(true),
            "no-undefined" => self.out.unresolved.ignore_in_objects(false),
            "no-allow-shlib-undefined" => self.out.unresolved.ignore_in_libraries(false),
            "warn-unresolved-symbols" => self.out.unresolved.report(Report::Warning),
            "error-unresolved-symbols" => self.out.unresolved.report(Report::Error),
            // What would be written is good enough.
            "noinhibit-exec" => {
                self.out.unresolved.report(Report::Warning);
                self.out.allow_multiple_definition = true;
            }
            "allow-multiple-definition" => self.out.allow_multiple_definition = true,
            "no-allow-multiple-definition" => self.out.allow_multiple_definition = false,
            "no-pie" | "pie" | "pic-executable" | "static-pie" => {
                self.out.fixed = name == "no-pie";
                self.has_pie_option = true;
            }
            "image-base" | "Ttext-segment" | "Ttext" | "section-start" => {
                let text = self.text(joined, &shown)?;
                self.base(name, &text).ok_or_else(|| format!("{shown} needs an address"))?;
            }
            "nodefaultlibs" | "nostdlib" => self.out.default_libraries = false,
            "no-exec" | "noexec" => self.out.no_exec = true,
            "stats" => {
                self.out.stats = Some(match joined {
                    None => Stats::Text,
                    Some(b"json") => Stats::Json,
                    Some(_) => return Err(format!("{shown}: the only form is --stats=json")),
                });
            }
            "map" | "Map" => self.out.map = Some(self.path(joined, &shown)?),
            "json" => self.out.json = true,
            "gdb" => self.out.gdb = true,
            "perf-map" => self.out.perf_map = true,
            "jitdump" => {
                self.out.jitdump = Some(joined.map_or(".".into(), |path| OsStr::from_bytes(path).into()))
            }
            "z" if joined.is_none() => {
                let word = self.value(None, "-z")?;
                self.keyword(&word);
            }
            "script" | "default-script" | "dT" | "mri-script" | "c" => {
                return Err(format!("{shown}: linker scripts that lay out sections are not supported"));
            }
            "r" | "relocatable" | "Ur" => {
                return Err(format!("{shown}: what is linked is to run; objects are not made"));
            }
            "rsp-quoting" => match &*self.text(joined, &shown)? {
                "posix" => {}
                other => return Err(format!("--rsp-quoting={other}: only `posix` is supported")),
            },
            _ if self.exported(name, joined, &shown)? || self.renamed(name, joined, &shown)? => {}
            _ if IGNORED.contains(&name) => {
                if joined.is_none() && NUMBER_APART.contains(&name) {
                    self.words
                        .pop_front_if(|(word, _)| !word.is_empty() && word.iter().all(u8::is_ascii_digit));
                }
            }
            _ if IGNORED_WITH_VALUE.contains(&name) => {
                self.value(joined, &shown)?;
            }
            _ if name.starts_with('z') => self.keyword(&name.as_bytes()[1..]),
            // -O2, --lto-O2, -melf_x86_64
            _ if name.starts_with('O')
                || name.starts_with("lto-O")
                || name.starts_with("lto-CGO")
                || name.starts_with("melf") => {}
            _ => match spelled_out(word).filter(|_| driver::meaning(&shown).is_none()) {
                Some(word) => return self.option(&word),
                None => self.compilers(&shown)?,
            },
        }
        Ok(None)
    }

    /// An option that is no linker's.
    fn compilers(&mut self, shown: &str) -> Result<(), String> {
        if self.sanitizers.take(shown)? {
            return Ok(());
        }
        match driver::meaning(shown) {
            Some(Meaning::Nothing) => {}
            Some(Meaning::NothingWithValue) => drop(self.value(None, shown)?),
            Some(Meaning::Libraries(names)) => {
                self.out.items.extend(names.into_iter().map(|name| Item::Library(name.into())));
            }
            Some(Meaning::ClangProfile) => {
                self.out.items.push(Item::Library("clang_rt.profile".into()));
                self.out.undefined.push("__llvm_profile_runtime".into());
            }
            Some(Meaning::StaticCxx) => self.static_cxx = true,
            None => return Err(format!("unknown option {shown}; try setlink --help")),
        }
        Ok(())
    }

    /// `-z WORD`: most are about the file that a linker would write.
    fn keyword(&mut self, word: &[u8]) {
        match word {
            b"muldefs" => self.out.allow_multiple_definition = true,
            b"undefs" => self.out.unresolved.ignore_in_objects(true),
            b"defs" => self.out.unresolved.ignore_in_objects(false),
            b"start-stop-gc" => self.out.start_stop_gc = true,
            b"nostart-stop-gc" => self.out.start_stop_gc = false,
            b"noexecstack" => self.out.ignore_stack_notes = true,
            _ => {}
        }
    }
}

/// The words of `-Wl,WORD,WORD`. Among them, `-static` is about the libraries behind it, and not the program.
fn split(list: &[u8]) -> Vec<Vec<u8>> {
    let word = |word: &[u8]| match word {
        b"-static" | b"--static" => b"-Bstatic".to_vec(),
        _ => word.to_vec(),
    };
    list.split(|&byte| byte == b',').map(word).collect()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
