//! The works: which inputs, which contenders, and how each shows that it did the work.

mod program;
mod set;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use program::program;
use set::set;

use crate::Options;
use crate::measure::Line;

/// The name of the contender that all others are compared with.
pub const SETLINK: &str = "Setlink";
/// The same, on one processor.
pub const ONE_PROCESSOR: &str = "Setlink, one processor";
/// What the names of contenders end with whose work is done by a process that outlives theirs.
pub const FORKING: &str = ", forking";
/// What neither resolves nor decides anything.
pub const FLOOR: &str = "the floor";
/// A contender that is given files where others are given an archive.
pub const JITLINK_FILES: &str = "llvm-jitlink, the files";
/// The only work's that removes what is not reached.
pub const COLLECTED: &str = "whole-llvm-gc";

/// One set, linked by many.
pub struct Work {
    pub name: String,
    pub what: String,
    pub folder: PathBuf,
    pub contenders: Vec<Contender>,
    pub absent: Vec<String>,
}

/// One way to do the work.
pub struct Contender {
    pub name: String,
    pub version: String,
    /// What it does and does not do.
    pub does: String,
    pub line: Line,
    /// Run once before all rounds; must succeed.
    pub prepare: Option<Line>,
    /// Run once after the first run; must succeed. And in words what it shows.
    pub check: Option<(Line, String)>,
    /// The file it writes.
    pub output: Option<PathBuf>,
    /// Run in each round behind the other, and not measured: it tells its own parts.
    pub parts: Option<Line>,
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The works whose inputs there are.
pub fn all(options: &Options) -> Result<Vec<Work>> {
    let mut works = Vec::new();
    let corpus =
        |name: &str| options.corpora.iter().map(|c| c.join(name)).find(|c| c.join("main.o").exists());
    for (name, what) in [
        ("tiny", "2,000 objects of one small function, and `main`, which calls them all"),
        ("libcrypto", "the members of libcrypto.a, and a `main` that refers to each"),
        (
            "llvm-notls",
            "862 objects of LLVM 19 without thread-local variables, and a `main` that refers to each",
        ),
    ] {
        let Some(folder) = corpus(name) else {
            println!("   there is no corpus {name}");
            continue;
        };
        let objects = files(&folder, ".o")?;
        works.push(set(options, name, what, folder.clone(), objects)?);
        if name == "tiny" {
            let archive = options.scratch.join("libtiny.a");
            if !archive.exists() {
                let members = files(&folder, ".o")?.into_iter().filter(|file| file != "main.o");
                let mut command = Command::new("ar");
                command.arg("crsD").arg(&archive).args(members).current_dir(&folder);
                ensure!(command.status()?.success(), "ar failed");
            }
            let inputs = vec!["main.o".to_owned(), archive.display().to_string()];
            let mut work =
                set(options, "tiny-archive", "the same objects, from one archive", folder.clone(), inputs)?;
            // What the archive saves, within a round.
            let files = set(options, name, what, folder, files(&works[works.len() - 1].folder, ".o")?)?;
            let jitlink = files.contenders.into_iter().find(|contender| contender.name == "llvm-jitlink");
            work.contenders
                .extend(jitlink.map(|jitlink| Contender { name: JITLINK_FILES.into(), ..jitlink }));
            works.push(work);
        }
    }
    if let Some(folder) = corpus("whole-llvm") {
        let inputs = words(&["main.o", "@libs.rsp", "@syslibs.rsp"]);
        let what = "a program with all of LLVM 19's static libraries: from nothing to the entry of `main`";
        works.push(program(options, "whole-llvm", what, folder.clone(), inputs.clone())?);
        let what = "the same, without what is not reached: everyone with `--gc-sections`";
        works.push(program(options, COLLECTED, what, folder, inputs)?);
    }
    if let Some(list) = &options.rust_program {
        let inputs = vec![format!("@{}", list.display())];
        let what =
            "a Rust program of many crates (this project's xtask): from nothing to the entry of `main`";
        works.push(program(options, "rust", what, options.scratch.clone(), inputs)?);
    }
    Ok(works)
}

/// The files in a folder whose names end so, sorted.
pub fn files(folder: &Path, suffix: &str) -> Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<Result<_>>()?;
    names.retain(|name| name.ends_with(suffix));
    names.sort();
    Ok(names)
}

fn file_name(compiler: &str, name: &str) -> Result<String> {
    let output = Command::new(compiler).arg(format!("-print-file-name={name}")).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The C++ library: its path, and where linkers look for it.
fn cxx_library() -> Result<(String, String)> {
    let path = file_name("c++", "libstdc++.so")?;
    let folder = Path::new(&path).parent().context("c++ has no libstdc++")?.display().to_string();
    let real = fs::canonicalize(&path).unwrap_or_else(|_| path.into());
    Ok((real.display().to_string(), folder))
}

/// What a compiler's driver adds to a library, and Setlink to a set: an object for the linkers of files, where the
/// inputs do not have it.
fn support(options: &Options) -> Result<String> {
    let source = options.scratch.join("support.c");
    let object = options.scratch.join("support.o");
    fs::write(
        &source,
        "#define OURS __attribute__((weak, visibility(\"hidden\")))
OURS void *__dso_handle = &__dso_handle;
extern int __cxa_atexit(void (*)(void *), void *, void *);
OURS int atexit(void (*then)(void)) { return __cxa_atexit((void (*)(void *))then, 0, &__dso_handle); }\n",
    )?;
    let mut command = Command::new("cc");
    command.args(["-O1", "-fPIC", "-w", "-c", "-o"]).arg(&object).arg(&source);
    ensure!(command.status()?.success(), "cc failed");
    Ok(object.display().to_string())
}

fn floor(options: &Options, name: &str, inputs: &[String]) -> Contender {
    let list = options.scratch.join(format!("{name}.floor")).display().to_string();
    let floor = options.binary("setlink-floor");
    let mut prepare = words(&[&floor, "prepare", &list]);
    prepare.extend(inputs.iter().cloned());
    let line = |mode| Line { words: words(&[&floor, mode, &list]), ..Line::default() };
    Contender {
        name: FLOOR.into(),
        version: String::new(),
        does: "opens the inputs, touches headers, symbols and relocations, hashes each global name once, copies and relocates by a ready list; one thread, Setlink's pages; resolves, checks, protects, registers nothing".into(),
        line: line("run"),
        prepare: Some(Line { words: prepare, ..Line::default() }),
        check: Some((line("check"), "every byte and number read back".into())),
        output: None,
        parts: Some(line("parts")),
    }
}
