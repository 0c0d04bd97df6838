//! What each program is asked to do.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;

use crate::inputs::{Index, here, target};
use crate::process::Outcome;

/// One run of a program, in an empty folder of its own.
#[derive(Clone, Default)]
pub struct Case {
    /// Its name among the program's cases.
    pub name: String,
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// Its standard input.
    pub input: String,
    /// The exit status that it must have.
    pub status: Option<i32>,
    /// Standard output, where the case knows it; otherwise only both linkers' results are compared.
    pub stdout: Option<String>,
    /// Too long for every variant.
    pub long: bool,
}

impl Case {
    fn new(name: &str, arguments: &[&str]) -> Case {
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        Case { name: name.to_owned(), arguments, status: Some(0), ..Case::default() }
    }

    fn input(mut self, input: &str) -> Case {
        self.input = input.to_owned();
        self
    }

    fn status(mut self, status: i32) -> Case {
        self.status = Some(status);
        self
    }

    fn prints(mut self, stdout: &str) -> Case {
        self.stdout = Some(stdout.to_owned());
        self
    }

    /// Runs `command` with this case's arguments and input.
    pub fn run(&self, mut command: Command) -> Result<Outcome, Failed> {
        let folder = tempfile::Builder::new().prefix("program-").tempdir_in(target())?;
        command.args(&self.arguments).current_dir(folder.path()).env("LC_ALL", "C").env("TZ", "UTC");
        Outcome::of(&mut command, self.input.as_bytes())
    }
}

/// All cases of a program.
pub fn cases(program: &str, index: &Index) -> Vec<Case> {
    match program {
        "qjs" => [javascript(), quickjs_own(&index.quickjs)].concat(),
        "lua" => lua(),
        "sqlite" => sql(),
        "cxx" => vec![Case::new("everything", &["."]).status(5)],
        "maps" => vec![], // its output depends on the process; see `growth`
        _ => vec![Case::new("everything", &[])],
    }
}

/// The files of `tests/programs/KIND` that end in `.KIND`'s extension, each with its `status: N` and `.out` file.
fn scripts(kind: &str, extension: &str) -> Vec<(PathBuf, Case)> {
    let mut files: Vec<_> =
        fs::read_dir(here().join(kind)).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files.retain(|path| {
        path.extension() == Some(OsStr::new(extension)) && !path.ends_with("threads_worker.js")
    });
    let case = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let status = text.lines().next().and_then(|line| line.split_once("status: ")).map(|(_, n)| n);
        let case = Case {
            name,
            status: Some(status.and_then(|n| n.trim().parse().ok()).unwrap_or(0)),
            stdout: fs::read_to_string(path.with_extension("out")).ok(),
            ..Case::default()
        };
        (path, case)
    };
    files.into_iter().map(case).collect()
}

fn javascript() -> Vec<Case> {
    let mut all: Vec<_> = scripts("qjs", "js")
        .into_iter()
        .map(|(path, case)| Case { arguments: vec![path.display().to_string(), ".".into()], ..case })
        .collect();
    all.extend([
        Case::new("-e", &["-e", "console.log([1, 2, 3].map((x) => x ** 2).join())"]).prints("1,4,9\n"),
        Case::new("-e with an exception", &["-e", "throw new Error('out')"]).status(1),
        Case::new("-e with std.exit", &["--std", "-e", "std.exit(42)"]).status(42),
        Case::new("-e with a syntax error", &["-e", "let let = 1"]).status(1),
        Case::new("a script from a file of its own", &["--std", "-e", ROUND_TRIP]).prints("6\n"),
        Case::new("a memory limit", &["--memory-limit=2000", "-e", "'x'.repeat(1 << 25)"]).status(1),
        Case::new("--quit", &["-q"]).prints(""),
        Case::new("an unknown option", &["--no-such-option"]).status(1),
    ]);
    all
}

const ROUND_TRIP: &str = "const f = std.open('m.js', 'w'); f.puts('globalThis.x = 2 * 3'); f.close(); std.loadScript('m.js'); print(x)";

/// The tests that QuickJS ships, without those that depend on timing (test_std).
fn quickjs_own(source: &Path) -> Vec<Case> {
    let own = [
        "array_to_gc",
        "bigint",
        "bjson",
        "builtin",
        "closure",
        "language",
        "loop",
        "queue_microtask",
        "worker",
    ];
    let case = |name: &&str| {
        let path = source.join(format!("tests/test_{name}.js"));
        path.exists().then(|| {
            let case = Case::new(&format!("its own test_{name}"), &[&path.display().to_string()]);
            // This one asks for a newer engine than the one beside it.
            let status = if *name == "builtin" { Some(1) } else { Some(0) };
            Case { long: true, status, ..case }
        })
    };
    own.iter().filter_map(case).collect()
}

fn lua() -> Vec<Case> {
    let mut all: Vec<_> = scripts("lua", "lua")
        .into_iter()
        .map(|(path, case)| {
            Case { arguments: vec![path.display().to_string(), ".".into()], ..case }
                .input("in 1\n42 rest\nmore")
        })
        .collect();
    all.extend([
        Case::new("-e", &["-e", "print(_VERSION, ...)", "a", "b"]).prints("Lua 5.5\ta\tb\n"),
        Case::new("from standard input", &["-"]).input("io.write(6 * 7, '\\n')").prints("42\n"),
        Case::new("os.exit", &["-e", "os.exit(99)"]).status(99),
        Case::new("a missing file", &["no-such.lua"]).status(1),
        Case::new("require fails", &["-e", "require 'no.such.module'"]).status(1),
        Case::new("no arguments", &[]).status(2),
    ]);
    all
}

fn sql() -> Vec<Case> {
    let mut all = Vec::new();
    for (path, case) in scripts("sql", "sql") {
        let text = fs::read_to_string(path).unwrap_or_default();
        let memory = Case { name: format!("{} in memory", case.name), ..case.clone() }.input(&text);
        let journal = case.name == "volume"; // its first row is the journal mode, which a memory database has not
        all.push(Case {
            arguments: vec![":memory:".into()],
            stdout: memory.stdout.clone().filter(|_| !journal),
            ..memory
        });
        let file = Case { name: format!("{} in a file", case.name), ..case }.input(&text);
        all.push(Case { arguments: vec!["test.db".into()], ..file });
    }
    all.extend([
        Case::new("arguments", &[":memory:", "SELECT 6 * 7", "SELECT upper('x')"])
            .prints("42\nX\n-- 2 rows\n"),
        Case::new("a syntax error", &[":memory:", "SELECT 1 FROM"]).status(1),
        Case::new("a folder that is not there", &["none/test.db", "CREATE TABLE t(a)"]).status(1),
        Case::new("no arguments", &[]).status(2),
    ]);
    all
}
