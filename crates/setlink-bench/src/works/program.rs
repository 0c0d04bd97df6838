//! Programs, from nothing to the entry of `main`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{
    COLLECTED, Contender, FORKING, ONE_PROCESSOR, SETLINK, Work, cxx_library, file_name, floor, words,
};
use crate::Options;
use crate::measure::Line;
use crate::tools::{find, version};

/// Linking a program, by Setlink up to the entry of `main`, by others into a file.
pub fn program(
    options: &Options,
    name: &str,
    what: &str,
    folder: PathBuf,
    inputs: Vec<String>,
) -> Result<Work> {
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
    // Some remove what is not reached unless they are told not to. A Rust program's line says it anyway.
    let collect: &[&str] = match name {
        COLLECTED => &["--gc-sections"],
        "rust" => &[],
        _ => &["--no-gc-sections"],
    };
    let own = |more: &[&str]| {
        let command = [&[&*binary, "run", "--stats=json"], more, collect, &[&*search]].concat();
        Line { words: [words(&command), inputs.clone()].concat(), ..Line::default() }
    };
    // What the program is asked for when it is run to see whether it does.
    let asked = words(if name == "rust" { &["--help"] } else { &[] });
    let mut full = own(&[]);
    full.words.extend(words(&["--"]).into_iter().chain(asked.iter().cloned()));
    let contender = |name: &str, single, run: Line| {
        Contender {
        name: name.into(),
        version: version(&options.binary("setlink")),
        does: "links into memory, opens shared libraries, registers unwind tables, runs initialisers and enters `main`'s \
               stand-in, which exits; merges nothing"
            .into(),
        line: Line { single, ..own(&["-u", "main", "--entry", "benchmark_stop", &stop]) },
        prepare: None,
        check: Some((run, "the program ran".into())),
        output: None,
        parts: None,
    }
    };
    work.contenders.push(contender(SETLINK, false, full.clone()));
    work.contenders.push(contender(ONE_PROCESSOR, true, full));
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
            command.extend(words(&[flags, collect].concat()));
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
                "writes an executable to a file, with a table of symbols and an index of unwind tables; merges equal strings; \
                 does not start it, so neither loads shared libraries nor runs initialisers"
                    .to_owned()
                    + if name == "rust" { "; by way of `cc`, as rustc does it, some milliseconds of its own" } else { "" }
            },
            line: Line { words: command, ..Line::default() },
            prepare: None,
            check: Some((
                Line { words: [vec![target], asked.clone()].concat(), ..Line::default() },
                "the executable ran".into(),
            )),
            output: Some(output),
            parts: None,
        });
    }
    Ok(work)
}
