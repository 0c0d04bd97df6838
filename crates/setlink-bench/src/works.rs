//! The works: which inputs, which contenders, and how each shows that it did the work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::Options;
use crate::measure::{Finished, Line, Sample, run};
use crate::results::{Measured, Row, spread};
use crate::tools::{find, version};

/// The name of the contender that all others are compared with.
pub const SETLINK: &str = "Setlink";
/// What the names of contenders end with whose work is done by a process that outlives theirs.
pub const FORKING: &str = ", forking";
/// Contenders that take longer than this, in seconds, run in one round of three.
const SLOW: f64 = 4.0;
/// Those that take longer than this run twice.
const VERY_SLOW: f64 = 20.0;

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
}

/// Names of the executable, the title, and the ways to run it with their flags.
type FileLinker<'a> = (&'a str, &'a str, &'a [(&'a str, &'a [&'a str])]);

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
            works.push(set(options, "tiny-archive", "the same objects, from one archive", folder, inputs)?);
        }
    }
    if let Some(folder) = corpus("whole-llvm") {
        let inputs = words(&["main.o", "@libs.rsp", "@syslibs.rsp"]);
        let what = "a program with all of LLVM 19's static libraries: from nothing to the entry of `main`";
        works.push(program(options, "whole-llvm", what, folder, inputs)?);
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

/// Linking a set without running it.
fn set(options: &Options, name: &str, what: &str, folder: PathBuf, inputs: Vec<String>) -> Result<Work> {
    let mut work =
        Work { name: name.into(), what: what.into(), folder, contenders: Vec::new(), absent: Vec::new() };
    let libraries = if name == "llvm-notls" { vec![cxx_library()?.0] } else { vec![] };
    let line = |parts: &[&[String]]| Line { words: parts.concat(), ..Line::default() };
    let support = vec![support(options)?];
    let binary = options.binary("setlink");
    let setlink = |more: &[&str]| {
        let command = [&[&*binary, "run", "--stats=json"], more].concat();
        line(&[&words(&command), &inputs, &libraries])
    };
    let own = |name: &str, single| Contender {
        name: name.into(),
        version: version(&options.binary("setlink")),
        does: "links into memory with unwind tables; opens the libraries it names".into(),
        line: Line { single, ..setlink(&["--no-exec"]) },
        prepare: None,
        check: Some((setlink(&[]), "the program ran".into())),
        output: None,
    };
    work.contenders.push(own(SETLINK, false));
    work.contenders.push(own("Setlink, one processor", true));
    work.contenders.push(floor(options, name, &inputs));

    let mut peer = |names: &str, contenders: &mut dyn FnMut(&str)| match find(names) {
        Some(path) => contenders(&path),
        None => work.absent.push(names.split(' ').next().unwrap_or(names).to_owned()),
    };
    let mut contenders = Vec::new();
    peer("llvm-jitlink-19 llvm-jitlink", &mut |path| {
        contenders.push(Contender {
            name: "llvm-jitlink".into(),
            version: version(path),
            does: "links into memory, object by object; `-noexec`; registers no unwind tables without ORC's runtime".into(),
            line: Line { deep: true, ..line(&[&words(&[path, "-noexec"]), &inputs]) },
            prepare: None,
            check: Some((Line { deep: true, ..line(&[&words(&[path]), &inputs]) }, "the program ran".into())),
            output: None,
        });
    });
    if name != "tiny-archive" {
        peer("llvm-rtdyld-19 llvm-rtdyld", &mut |path| {
            let libraries = ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"];
            let mut command = words(&[path, "-execute", "-entry=main"]);
            let paths = libraries.iter().filter_map(|library| file_name("c++", library).ok());
            command.extend(paths.map(|path| format!("-dylib={path}")));
            contenders.push(Contender {
                name: "llvm-rtdyld".into(),
                version: version(path),
                does: "links into memory, object by object, and runs `main` (it cannot leave that out)"
                    .into(),
                line: Line { deep: true, ..line(&[&command, &inputs, &support]) },
                prepare: None,
                check: None,
                output: None,
            });
        });
    }
    let file_linkers: [FileLinker<'_>; 4] = [
        ("ld.lld ld.lld-19", "ld.lld", &[("one thread", &["--threads=1"]), ("", &[])]),
        ("mold", "mold", &[("one thread", &["--no-fork", "--thread-count=1"]), ("", &["--no-fork"])]),
        ("wild", "wild", &[("one thread", &["--no-fork", "--threads=1"]), ("", &["--no-fork"])]),
        ("ld.bfd", "ld.bfd", &[("", &[])]),
    ];
    let mut ready = None;
    for (names, title, ways) in file_linkers {
        peer(names, &mut |path| {
            for (way, flags) in ways {
                let output = options.scratch.join(format!("{name}-{title}.so"));
                let target = output.display().to_string();
                let mut command = words(&[path, "-shared", "-o", &target]);
                command.extend(words(flags));
                let mut load = words(&[&options.binary("setlink-bench-load"), "--run"]);
                load.extend(libraries.iter().cloned().chain([target.clone()]));
                ready = ready.take().or(Some((target.clone(), title)));
                contenders.push(Contender {
                    name: [title, way].join(", ").trim_end_matches(", ").to_owned(),
                    version: version(path),
                    does: "writes a shared library to a file; nothing is loaded".into(),
                    line: line(&[&command, &inputs, &support]),
                    prepare: None,
                    check: Some((line(&[&load]), "its `main` ran after dlopen".into())),
                    output: Some(output),
                });
            }
        });
    }
    work.contenders.append(&mut contenders);
    if let Some((library, title)) = ready {
        let loader = options.binary("setlink-bench-load");
        let load = |more: &[&str]| {
            line(&[&words(&[&[&*loader], more].concat()), &libraries, std::slice::from_ref(&library)])
        };
        work.contenders.push(Contender {
            name: "dlopen of a ready .so".into(),
            version: String::new(),
            does: format!("loads what {title} wrote before: links nothing"),
            line: load(&[]),
            prepare: None,
            check: Some((load(&["--run"]), "its `main` ran".into())),
            output: None,
        });
    }
    Ok(work)
}

fn floor(options: &Options, name: &str, inputs: &[String]) -> Contender {
    let list = options.scratch.join(format!("{name}.floor")).display().to_string();
    let floor = options.binary("setlink-floor");
    let mut prepare = words(&[&floor, "prepare", &list]);
    prepare.extend(inputs.iter().cloned());
    Contender {
        name: "the floor".into(),
        version: String::new(),
        does: "opens the inputs, touches headers, symbols and relocations, hashes each global name once, copies and relocates by a ready list; resolves, checks, protects, registers nothing".into(),
        line: Line { words: words(&[&floor, "run", &list]), ..Line::default() },
        prepare: Some(Line { words: prepare, ..Line::default() }),
        check: None,
        output: None,
    }
}

/// Linking a program, by Setlink up to the entry of `main`, by others into a file.
fn program(options: &Options, name: &str, what: &str, folder: PathBuf, inputs: Vec<String>) -> Result<Work> {
    let mut work =
        Work { name: name.into(), what: what.into(), folder, contenders: Vec::new(), absent: Vec::new() };
    // A `main` of its own that ends the process at once: everything before it is measured, initialisers included.
    let source = options.scratch.join("stop.c");
    let stop = options.scratch.join("stop.o").display().to_string();
    fs::write(&source, "#include <unistd.h>\nint benchmark_stop(void) { _exit(0); }\n")?;
    ensure!(
        Command::new("cc").args(["-O1", "-fPIC", "-c", "-o", &stop]).arg(&source).status()?.success(),
        "cc failed"
    );
    let (_, cxx) = cxx_library()?;
    let search = format!("-L{cxx}");
    let binary = options.binary("setlink");
    let own = |more: &[&str]| {
        let command = [&[&*binary, "run", "--stats=json"], more, &[&*search]].concat();
        Line { words: [words(&command), inputs.clone()].concat(), ..Line::default() }
    };
    // What the program is asked for when it is run to see whether it does.
    let asked = words(if name == "rust" { &["--help"] } else { &[] });
    let mut full = own(&[]);
    full.words.extend(words(&["--"]).into_iter().chain(asked.iter().cloned()));
    let contender = |name: &str, single, run: Line| Contender {
        name: name.into(),
        version: version(&options.binary("setlink")),
        does: "links into memory, runs initialisers and enters `main`'s stand-in, which exits".into(),
        line: Line { single, ..own(&["-u", "main", "--entry", "benchmark_stop", &stop]) },
        prepare: None,
        check: Some((run, "the program ran".into())),
        output: None,
    };
    work.contenders.push(contender(SETLINK, false, full.clone()));
    work.contenders.push(contender("Setlink, one processor", true, full));
    if name == "whole-llvm" {
        let libraries = fs::read_to_string(work.folder.join("libs.rsp"))?;
        let mut known = vec!["main.o".to_owned()];
        let mut search = Vec::new();
        for word in libraries.split_whitespace() {
            if let Some(directory) = word.strip_prefix("-L") {
                search.push(directory.to_owned());
            } else if let Some(library) = word.strip_prefix("-l") {
                let files = search.iter().map(|directory| format!("{directory}/lib{library}.a"));
                known.extend({ files }.find(|file| Path::new(file).exists()));
            }
        }
        work.contenders.push(floor(options, name, &known));
    }
    let linkers: [(&str, &str, &[&str]); 7] = [
        ("mold", "mold, forking", &[]),
        ("mold", "mold", &["--no-fork"]),
        ("ld.lld ld.lld-19", "ld.lld", &[]),
        ("ld.lld ld.lld-19", "ld.lld, one thread", &["--threads=1"]),
        ("wild", "wild, forking", &[]),
        ("wild", "wild", &["--no-fork"]),
        ("ld.bfd", "ld.bfd", &[]),
    ];
    let part = |name: &str| file_name("c++", name);
    let (start, init, begin) = (part("Scrt1.o")?, part("crti.o")?, part("crtbeginS.o")?);
    let (end, fini, libc) = (part("crtendS.o")?, part("crtn.o")?, part("libc.so")?);
    let system = format!("-L{}", Path::new(&libc).parent().context("c++ has no libc")?.display());
    for (names, title, flags) in linkers {
        let Some(path) = find(names) else {
            work.absent.push(title.into());
            continue;
        };
        let output = options.scratch.join(format!("{name}-{}", title.replace([' ', ','], "")));
        let target = output.display().to_string();
        let mut command = if name == "rust" {
            // The list is for a compiler's driver, which costs some milliseconds of its own. It takes the linker that lies
            // in the folder of `-B`.
            let folder = options.scratch.join("linker").join(title.replace([' ', ','], ""));
            fs::create_dir_all(&folder)?;
            let _ = fs::remove_file(folder.join("ld"));
            std::os::unix::fs::symlink(&path, folder.join("ld"))?;
            let mut command = words(&["cc", "-B", &folder.display().to_string(), "-o", &target]);
            command.extend(flags.iter().map(|flag| format!("-Wl,{flag}")));
            command
        } else {
            words(&[
                &path,
                "-pie",
                "--eh-frame-hdr",
                "-dynamic-linker",
                "/lib64/ld-linux-x86-64.so.2",
                "-o",
                &target,
            ])
        };
        if name != "rust" {
            command.extend(words(flags));
            command.extend(words(&[&start, &init, &begin, &search, &system, "-L/usr/lib/x86_64-linux-gnu"]));
        }
        command.extend(inputs.iter().cloned());
        if name != "rust" {
            command.extend(words(&["-lgcc_s", "-lgcc", "-lc", &end, &fini]));
        }
        work.contenders.push(Contender {
            name: title.into(),
            version: version(&path),
            does: if title.ends_with(FORKING) {
                "as without, but leaves tidying up to a child: its processor time and memory are nobody's to tell".into()
            } else {
                "writes an executable to a file, and does not start it".into()
            },
            line: Line { words: command, ..Line::default() },
            prepare: None,
            check: Some((
                Line { words: [vec![target], asked.clone()].concat(), ..Line::default() },
                "the executable ran".into(),
            )),
            output: Some(output),
        });
    }
    Ok(work)
}

/// Does the work, everyone in turn, round by round.
pub fn measure(work: &Work, options: &Options) -> Result<Measured> {
    let mut rows = Vec::new();
    let mut contenders = Vec::new();
    let mut absent = work.absent.clone();
    let mut phases: Vec<(String, Vec<f64>)> = Vec::new();
    let mut counts = String::new();
    let start = |line: &Line| run(line, &work.folder, options);
    let mut known_relocations = None;
    for contender in &work.contenders {
        match first_run(contender, work, options, &mut known_relocations, &mut counts) {
            Ok((sample, checked)) => {
                println!("   {}: {:.3} s, {:.3} s CPU; {checked}", contender.name, sample.wall, sample.cpu);
                rows.push(Row {
                    name: contender.name.clone(),
                    version: contender.version.clone(),
                    does: contender.does.clone(),
                    checked,
                    samples: Vec::new(),
                });
                contenders.push((contender, sample));
            }
            Err(error) if contender.name.starts_with(SETLINK) => return Err(error),
            Err(error) => {
                let text = format!("{error:#}");
                let reason = text.lines().next().unwrap_or_default();
                println!("   {}: {reason}", contender.name);
                absent.push(format!(
                    "{} ({})",
                    contender.name,
                    reason.replace(&*options.scratch.display().to_string(), "…")
                ));
            }
        }
    }
    for round in 0..options.rounds {
        for turn in 0..contenders.len() {
            // Nobody always runs behind the same neighbour.
            let index = (turn + round) % contenders.len();
            let (contender, first) = &contenders[index];
            let skipped = (first.cpu > SLOW && round % 3 != 0) || (first.cpu > VERY_SLOW && round > 2);
            if skipped {
                rows[index].samples.push(None);
                continue;
            }
            if let Some(output) = &contender.output {
                let _ = fs::remove_file(output);
            }
            let finished = start(&contender.line)?;
            succeeded(&finished, contender)?;
            rows[index].samples.push(Some(finished.sample));
            if contender.name == SETLINK
                && let Some(stats) = stats(&finished)
            {
                for (name, seconds) in stats["seconds"].as_object().into_iter().flatten() {
                    let seconds = seconds.as_f64().unwrap_or(0.0);
                    match phases.iter_mut().find(|(known, _)| known == name) {
                        Some((_, list)) => list.push(seconds),
                        None => phases.push((name.clone(), vec![seconds])),
                    }
                }
            }
        }
    }
    let phases = phases.into_iter().map(|(name, list)| (name, spread(list).median)).collect();
    Ok(Measured { what: work.what.clone(), rows, counts, phases, absent })
}

fn stats(finished: &Finished) -> Option<Value> {
    finished.stderr.lines().find_map(|line| serde_json::from_str::<Value>(line).ok())
}

fn succeeded(finished: &Finished, contender: &Contender) -> Result<()> {
    if !finished.status.success() {
        let text = finished.stderr.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        bail!("{}: {text}", finished.status);
    }
    if let Some(output) = &contender.output {
        let size = fs::metadata(output).map_or(0, |data| data.len());
        ensure!(size > 10_000, "it wrote {size} bytes only");
    }
    Ok(())
}

/// Prepares, warms up, and finds out whether the contender does the work at all.
fn first_run(
    contender: &Contender,
    work: &Work,
    options: &Options,
    known_relocations: &mut Option<u64>,
    counts: &mut String,
) -> Result<(Sample, String)> {
    let start = |line: &Line| run(line, &work.folder, options);
    if let Some(prepare) = &contender.prepare {
        let prepared = start(prepare)?;
        ensure!(prepared.status.success(), "preparing: {}", prepared.stderr.trim());
    }
    let first = start(&contender.line)?;
    succeeded(&first, contender)?;
    let mut checked = String::new();
    if contender.name == SETLINK {
        let stats = stats(&first).context("setlink printed no statistics")?;
        let plan = &stats["plan"];
        *known_relocations = plan["relocations"].as_u64();
        let of = |key: &str| plan[key].as_u64().unwrap_or(0);
        *counts = format!(
            "{} objects, {} sections, {} symbols, {} relocations ({} relaxed), {} bytes ({} of them padding), {} GOT entries, {} stubs, {} mappings",
            of("objects"),
            of("sections"),
            of("symbols"),
            of("relocations"),
            of("relaxed"),
            of("total_bytes"),
            of("padding_bytes"),
            of("got_entries"),
            of("stubs"),
            of("mappings")
        );
    }
    if let (Some(known), Ok(floor)) = (*known_relocations, serde_json::from_str::<Value>(first.stdout.trim()))
    {
        let own = floor["relocations"].as_u64().unwrap_or(0);
        // Setlink leaves out the call frame information of functions that are not in.
        ensure!(own.abs_diff(known) * 20 < known.max(20), "{own} relocations instead of {known}");
        checked = format!("{own} relocations applied, {} bytes copied", floor["bytes"]);
    }
    if let Some((line, what)) = &contender.check {
        let ran = start(line)?;
        ensure!(ran.status.success(), "linked, and then: {} {}", ran.status, ran.stderr.trim());
        checked.clone_from(what);
    } else if checked.is_empty() {
        checked = "the program ran".into();
    }
    Ok((first.sample, checked))
}
