//! Sets that are linked without being run.

use std::path::PathBuf;

use anyhow::Result;

use super::{Contender, ONE_PROCESSOR, SETLINK, Work, cxx_library, file_name, floor, support, words};
use crate::Options;
use crate::measure::Line;
use crate::tools::{find, version};

/// Names of the executable, the title, and the ways to run it with their flags.
type FileLinker<'a> = (&'a str, &'a str, &'a [(&'a str, &'a [&'a str])]);

/// Linking a set without running it.
pub fn set(options: &Options, name: &str, what: &str, folder: PathBuf, inputs: Vec<String>) -> Result<Work> {
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
    let own = |name: &str, single| {
        Contender {
        name: name.into(),
        version: version(&options.binary("setlink")),
        does: "links into memory and registers unwind tables; opens the libraries that the line names; removes and merges \
               nothing; runs no initialisers (`--no-exec`)"
            .into(),
        line: Line { single, ..setlink(&["--no-exec"]) },
        prepare: None,
        check: Some((setlink(&[]), "the program ran".into())),
        output: None,
        parts: None,
    }
    };
    work.contenders.push(own(SETLINK, false));
    work.contenders.push(own(ONE_PROCESSOR, true));
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
            does: "links into memory, object by object, what `main` leads to, without what no global symbol of an object \
                   reaches; runs nothing (`-noexec`); registers no unwind tables without ORC's runtime; takes other \
                   symbols from its own process"
                .into(),
            line: Line { deep: true, ..line(&[&words(&[path, "-noexec"]), &inputs]) },
            prepare: None,
            check: Some((Line { deep: true, ..line(&[&words(&[path]), &inputs]) }, "the program ran".into())),
            output: None,
            parts: None,
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
                does: "links into memory, object by object, registers unwind tables, and runs `main` (it cannot leave that \
                       out)"
                    .into(),
                line: Line { deep: true, ..line(&[&command, &inputs, &support]) },
                prepare: None,
                check: None,
                output: None,
                parts: None,
            });
        });
    }
    let file_linkers: [FileLinker<'_>; 4] = [
        ("ld.lld ld.lld-19", "ld.lld", &[("one thread", &["--threads=1"]), ("", &[])]),
        ("mold", "mold", &[("one thread", &["--no-fork", "--thread-count=1"]), ("", &["--no-fork"])]),
        (
            "wild",
            "wild",
            &[
                ("one thread", &["--no-fork", "--no-gc-sections", "--threads=1"]),
                ("", &["--no-fork", "--no-gc-sections"]),
            ],
        ),
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
                    does: "writes a shared library to a file, with dynamic symbols, hash tables and relocations for the loader, a \
                           table of local symbols, and entries for calls that might be interposed; merges equal strings; removes no \
                           sections; an index of unwind tables only where that is the linker's default (mold); \
                           nothing is loaded"
                        .into(),
                    line: line(&[&command, &inputs, &support]),
                    prepare: None,
                    check: Some((line(&[&load]), "its `main` ran after dlopen".into())),
                    output: Some(output),
                    parts: None,
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
            does: format!(
                "maps what {title} wrote before, binds and relocates it (`RTLD_NOW`), runs its initialisers, looks `main` \
                 up: links nothing"
            ),
            line: load(&[]),
            prepare: None,
            check: Some((load(&["--run"]), "its `main` ran".into())),
            output: None,
            parts: None,
        });
    }
    Ok(work)
}
