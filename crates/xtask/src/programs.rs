//! Builds the real programs that the tests link: each in several variants, as objects or a static library, and once
//! more as an executable made by the system's linker, whose output is what setlink's must equal.
//!
//! `target/programs/index.json` tells the tests what there is (`builds`) and what could not be built, with the reason
//! (`skipped`). Building again only compiles what changed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::packages::library;
use crate::process::{capture, display, each, root, seconds, target};
use crate::sources::Sources;
use crate::variant::Variant;

/// One program: its C files, how they want to be compiled, and with what they are linked.
pub struct Program {
    name: &'static str,
    /// The file with `main` first.
    sources: Vec<PathBuf>,
    flags: Vec<String>,
    /// Shared libraries, as `-l` options.
    libs: &'static [&'static str],
    /// Static libraries of the system that it is linked with.
    archives: &'static [&'static str],
    cxx: bool,
    variants: &'static [&'static str],
}

/// A program built in one variant.
pub struct Build {
    /// The program's name.
    pub program: &'static str,
    /// The variant's name.
    pub variant: &'static str,
    /// Objects and archives, in the order of the command line.
    pub inputs: Vec<PathBuf>,
    /// `-L` and `-l` options.
    pub libs: Vec<String>,
    /// The executable made by the system's linker.
    pub native: PathBuf,
}

impl Build {
    fn to_json(&self) -> Value {
        json!({ "program": self.program, "variant": self.variant, "inputs": self.inputs, "libs": self.libs,
                "native": self.native })
    }
}

/// One file to compile.
struct Unit {
    source: PathBuf,
    object: PathBuf,
    compiler: String,
    flags: Vec<String>,
}

/// Where everything about the programs lies.
pub fn folder() -> PathBuf {
    target().join("programs")
}

fn catalogue() -> Result<Vec<Program>> {
    let sources = Sources::fetch()?;
    let here = root().join("tests/programs");
    let quickjs = sources.of("rquickjs-sys")?.0.join("quickjs");
    let sqlite = sources.of("libsqlite3-sys")?.0.join("sqlite3");
    let lua = sources.of("lua-src")?.0.join("lua-5.5.1");
    let include = |dir: &Path| format!("-I{}", dir.display());
    let small = |name: &'static str, file: &str| Program {
        name,
        sources: vec![here.join(file)],
        flags: vec![],
        libs: &[],
        archives: &[],
        cxx: false,
        variants: &["cc-O2", "clang-O0-nopic"],
    };

    let mut lua_files = vec![here.join("lua_main.c")];
    let mut found: Vec<_> = fs::read_dir(&lua)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    found.sort();
    lua_files.extend(found.into_iter().filter(|path| path.extension() == Some(OsStr::new("c"))));

    let quickjs_files = [
        "qjs.c",
        "gen/repl.c",
        "gen/standalone.c",
        "quickjs-libc.c",
        "quickjs.c",
        "libregexp.c",
        "libunicode.c",
        "dtoa.c",
    ];
    Ok(vec![
        Program {
            sources: quickjs_files.iter().map(|file| quickjs.join(file)).collect(),
            flags: vec!["-D_GNU_SOURCE".into(), "-DQUICKJS_NG_BUILD".into(), include(&quickjs)],
            libs: &["-lm", "-ldl", "-lpthread"],
            variants: &[
                "cc-O2",
                "clang-O2-pic-sections",
                "gcc-O0-nopic",
                "clang-O0-pie-noplt",
                "gcc-O0-pic-large",
                "gcc-O0-archive",
            ],
            ..small("qjs", "")
        },
        Program {
            sources: lua_files,
            flags: vec!["-DLUA_USE_LINUX".into(), include(&lua)],
            libs: &["-lm", "-ldl"],
            variants: &[
                "gcc-O0-pic",
                "gcc-O0-pie",
                "gcc-O0-nopic",
                "gcc-O2-pic",
                "gcc-O2-pie",
                "gcc-O2-nopic",
                "clang-O0-pic",
                "clang-O0-pie",
                "clang-O0-nopic",
                "clang-O2-pic",
                "clang-O2-pie",
                "clang-O2-nopic",
                "gcc-O1-nopic-large",
                "clang-O1-pic-large",
                "gcc-O1-pic-noplt-sections",
                "clang-O1-pie-noplt-sections",
                "gcc-O1-archive",
            ],
            ..small("lua", "")
        },
        Program {
            sources: vec![here.join("sqlite_main.c"), sqlite.join("sqlite3.c")],
            flags: [
                "-DSQLITE_ENABLE_FTS5",
                "-DSQLITE_ENABLE_RTREE",
                "-DSQLITE_ENABLE_MATH_FUNCTIONS",
                "-DSQLITE_ENABLE_STAT4",
                "-DSQLITE_THREADSAFE=1",
                "-DHAVE_USLEEP=1",
            ]
            .map(str::to_owned)
            .into_iter()
            .chain([include(&sqlite)])
            .collect(),
            libs: &["-lm", "-ldl"],
            variants: &["cc-O2-archive", "clang-O2-pie", "gcc-O0-nopic", "clang-O0-pic-noplt-sections"],
            ..small("sqlite", "")
        },
        Program {
            flags: vec!["-std=c++17".into()],
            libs: &["-lstdc++", "-lm"],
            cxx: true,
            variants: &[
                "gcc-O0-pie",
                "gcc-O2-pic",
                "gcc-O1-nopic",
                "clang-O0-pic",
                "clang-O2-pie-sections",
                "clang-O1-nopic",
            ],
            ..small("cxx", "cxx_main.cc")
        },
        Program {
            archives: &["libcrypto.a"],
            libs: &["-ldl", "-lpthread"],
            variants: &["cc-O2", "gcc-O0-pic", "clang-O0-pie"],
            ..small("crypto", "crypto_main.c")
        },
        Program { archives: &["libz.a"], ..small("zlib", "zlib_main.c") },
        Program { archives: &["libpng16.a", "libz.a"], libs: &["-lm"], ..small("png", "png_main.c") },
        Program {
            archives: &["libxml2.a"],
            flags: vec!["-I/usr/include/libxml2".into()],
            libs: &["-licuuc", "-llzma", "-lz", "-lm"],
            ..small("xml", "xml_main.c")
        },
        small("maps", "maps_main.c"),
    ])
}

/// Builds the programs named (none named: all) and writes the index. What this machine cannot build is left out.
pub fn programs(names: &[String]) -> Result<Vec<Build>> {
    if names == ["rust"] {
        return crate::rust::programs().map(|()| Vec::new());
    }
    let all = catalogue()?;
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|p| p.name == **name)) {
        bail!(
            "no program {unknown}; there are {}",
            all.iter().map(|p| p.name).collect::<Vec<_>>().join(", ")
        );
    }
    let chosen: Vec<_> =
        all.iter().filter(|p| names.is_empty() || names.iter().any(|name| name == p.name)).collect();
    let mut skipped = Vec::new();
    let mut planned = Vec::new();
    for program in &chosen {
        for name in program.variants {
            let variant = Variant::parse(name)?;
            match plan(program, &variant) {
                Ok(parts) => planned.push((*program, variant, parts)),
                Err(reason) => skipped.push((program.name, *name, format!("{reason:#}"))),
            }
        }
    }
    compile(planned.iter().flat_map(|(_, _, units)| units).collect())?;
    let mut builds = Vec::new();
    for (program, variant, units) in planned {
        match link(program, &variant, &units) {
            Ok(build) => builds.push(build),
            Err(reason) => skipped.push((program.name, variant.name, format!("{reason:#}"))),
        }
    }
    write_index(&builds, &skipped)?;
    for (program, variant, reason) in &skipped {
        println!("Skipped: {program}/{variant}: {reason}");
    }
    if names.is_empty()
        && let Err(reason) = crate::rust::programs()
    {
        println!("Skipped: Rust programs: {reason:#}");
    }
    Ok(builds)
}

/// Builds one program in one variant; no index.
pub fn one(name: &str, variant: &str) -> Result<Build> {
    let all = catalogue()?;
    let program = all.iter().find(|p| p.name == name).with_context(|| format!("no program {name}"))?;
    let variant = program.variants.iter().find(|v| **v == variant).context("no such variant")?;
    let variant = Variant::parse(variant)?;
    let units = plan(program, &variant)?;
    compile(units.iter().collect())?;
    link(program, &variant, &units)
}

fn plan(program: &Program, variant: &Variant) -> Result<Vec<Unit>> {
    let compiler = variant.compiler(program.cxx).context("no such compiler on this machine")?;
    if let Some(archive) = program.archives.iter().find(|archive| library(archive).is_none()) {
        bail!("{archive} is not installed");
    }
    let folder = folder().join(program.name).join(variant.name);
    fs::create_dir_all(&folder)?;
    let unit = |source: &PathBuf| {
        let stem = source.file_stem().context("a source without a name")?;
        // Sources that others wrote are compiled without warnings, ours with.
        let warnings = if source.starts_with(root()) { "-Wall" } else { "-w" };
        Ok(Unit {
            source: source.clone(),
            object: folder.join(stem).with_extension("o"),
            compiler: compiler.clone(),
            flags: variant
                .flags
                .iter()
                .map(|flag| (*flag).to_owned())
                .chain(program.flags.iter().cloned())
                .chain([warnings.to_owned()])
                .collect(),
        })
    };
    program.sources.iter().map(unit).collect()
}

/// Runs the command unless `output` is newer than `inputs` and was made by this very command.
pub fn unless_done(command: &mut Command, output: &Path, inputs: &[&Path]) -> Result<bool> {
    let line = display(command);
    let stamp = PathBuf::from(format!("{}.command", output.display()));
    let time = |path: &Path| fs::metadata(path).and_then(|m| m.modified());
    let current = time(output).is_ok_and(|made| inputs.iter().all(|i| time(i).is_ok_and(|t| t <= made)));
    if current && fs::read_to_string(&stamp).is_ok_and(|old| old == line) {
        return Ok(false);
    }
    let _ = fs::remove_file(&stamp);
    capture(command)?;
    fs::write(&stamp, line)?;
    Ok(true)
}

fn compile(mut units: Vec<&Unit>) -> Result<()> {
    // The longest first, so that no core waits for it at the end.
    units.sort_by_key(|unit| {
        let cost = if unit.flags.iter().any(|flag| flag == "-O0") { 1 } else { 5 };
        std::cmp::Reverse(fs::metadata(&unit.source).map_or(0, |m| m.len()) * cost)
    });
    let start = Instant::now();
    let made = std::sync::atomic::AtomicUsize::new(0);
    each(&units, |unit| {
        let mut command = Command::new(&unit.compiler);
        command.args(&unit.flags).arg("-c").arg(&unit.source).arg("-o").arg(&unit.object);
        if unless_done(&mut command, &unit.object, &[&unit.source])? {
            made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(())
    })?;
    let made = made.into_inner();
    if made > 0 {
        println!("Compiled {made} files of {} in {}.", units.len(), seconds(start.elapsed()));
    }
    Ok(())
}

fn link(program: &Program, variant: &Variant, units: &[Unit]) -> Result<Build> {
    let folder = folder().join(program.name).join(variant.name);
    let mut inputs: Vec<_> = units.iter().map(|unit| unit.object.clone()).collect();
    if variant.archive {
        let archive = folder.join(format!("lib{}.a", program.name));
        let members = inputs.split_off(1);
        let parts: Vec<_> = members.iter().map(PathBuf::as_path).collect();
        let mut command = Command::new("ar");
        command.arg("crsD").arg(&archive).args(&members);
        unless_done(&mut command, &archive, &parts)?;
        inputs.push(archive);
    }
    for archive in program.archives {
        inputs.push(library(archive).with_context(|| format!("{archive} is not installed"))?);
    }
    let mut libs: Vec<String> = Vec::new();
    if program.cxx {
        // Where the compiler keeps its own runtime: it alone searches there.
        let shared = library("libstdc++.so").context("libstdc++ is not installed")?;
        let link = Command::new("c++").arg("-print-file-name=libstdc++.so").output()?;
        let named = PathBuf::from(String::from_utf8(link.stdout)?.trim());
        let folder = named.parent().or(shared.parent()).context("libstdc++ has no folder")?;
        libs.extend(["-L".to_owned(), folder.display().to_string()]);
    }
    libs.extend(program.libs.iter().map(|lib| (*lib).to_owned()));

    let native = folder.join("native");
    let compiler = variant.compiler(program.cxx).context("no such compiler on this machine")?;
    let mut command = Command::new(compiler);
    command.args(&variant.link).arg("-o").arg(&native).args(&inputs).args(program.libs);
    let parts: Vec<_> = inputs.iter().map(PathBuf::as_path).collect();
    unless_done(&mut command, &native, &parts)?;
    Ok(Build { program: program.name, variant: variant.name, inputs, libs, native })
}

/// Writes the index: what was built now, and what an earlier run built of programs not asked for this time.
fn write_index(builds: &[Build], skipped: &[(&str, &str, String)]) -> Result<()> {
    let path = folder().join("index.json");
    let old: Value =
        fs::read(&path).ok().and_then(|old| serde_json::from_slice(&old).ok()).unwrap_or_default();
    let new: Vec<_> = builds.iter().map(Build::to_json).collect();
    let lost: Vec<_> =
        skipped.iter().map(|(p, v, r)| json!({ "program": p, "variant": v, "reason": r })).collect();
    let merge = |key: &str, new: Vec<Value>| -> Vec<Value> {
        let asked = |value: &Value| {
            let name = value["program"].as_str().unwrap_or("");
            builds.iter().any(|b| b.program == name) || skipped.iter().any(|s| s.0 == name)
        };
        let kept = old[key].as_array().cloned().unwrap_or_default().into_iter().filter(|v| !asked(v));
        let all = kept.chain(new).map(|v| (format!("{}/{}", v["program"], v["variant"]), v));
        all.collect::<BTreeMap<_, _>>().into_values().collect()
    };
    let index = json!({
        "builds": merge("builds", new),
        "skipped": merge("skipped", lost),
        "quickjs": Sources::fetch()?.of("rquickjs-sys")?.0.join("quickjs"),
    });
    fs::write(&path, serde_json::to_string_pretty(&index)?)?;
    Ok(())
}
