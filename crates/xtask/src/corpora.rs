//! Larger inputs, in `target/corpora`. `libcrypto`: every member of libcrypto.a as an object of its own, and a `main.o`
//! that takes the address of something in each, so that a linker has to lay out and bind all of it. Its `main` checks
//! that all those addresses differ. For measurements only: `tiny`, 2,000 objects of one function each; `llvm-notls`,
//! members of LLVM's static libraries that use no thread-local storage, with a `main.o` like that of libcrypto;
//! `whole-llvm`, a program that is linked with all of LLVM's static libraries.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use crate::packages::{library, on_path};
use crate::process::{capture, each, root, stdout, target};
use crate::programs::unless_done;

/// Builds what can be built; returns the folders.
pub fn corpora() -> Result<Vec<PathBuf>> {
    let mut made = Vec::new();
    made.extend(libcrypto()?);
    match whole_llvm() {
        Ok(folder) => made.push(folder),
        Err(error) => println!("Skipped: the whole-llvm corpus (Debian packages {LLVM_PACKAGES}): {error:#}"),
    }
    Ok(made)
}

fn libcrypto() -> Result<Option<PathBuf>> {
    let Some(archive) = library("libcrypto.a") else {
        println!("Skipped: the libcrypto corpus: libcrypto.a is not installed (Debian package libssl-dev)");
        return Ok(None);
    };
    members("libcrypto", &[archive], |_| true).map(Some)
}

/// Builds the corpus `name`, or says why it cannot.
pub fn corpus(name: &str) -> Result<()> {
    match name {
        "libcrypto" => libcrypto().map(drop),
        "tiny" => tiny(),
        "whole-llvm" => whole_llvm().map(drop),
        "llvm-notls" => {
            let config = ["llvm-config-19", "llvm-config"].into_iter().find(|tool| on_path(tool).is_some());
            let there = config.and_then(|config| {
                let folder = PathBuf::from(stdout(Command::new(config).arg("--libdir")).ok()?);
                folder.join("libLLVMCore.a").exists().then_some(folder)
            });
            let Some(folder) = there else {
                println!(
                    "Skipped: the corpus {name}: LLVM's static libraries are not installed (llvm-19-dev)"
                );
                return Ok(());
            };
            llvm(&folder)
        }
        _ => bail!("there is no corpus {name}"),
    }
}

fn tiny() -> Result<()> {
    const COUNT: usize = 2000;
    let folder = target().join("corpora/tiny");
    if folder.join("main.o").exists() {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    println!("Compiling the corpus tiny: {COUNT} objects, a minute.");
    let mut main = String::from("int counter;\n");
    let mut sources = Vec::new();
    for i in 0..COUNT {
        let source = format!("t{i:04}.c");
        let text = format!("extern int counter; int f{i}(int x) {{ counter++; return x + {i}; }}\n");
        fs::write(folder.join(&source), text)?;
        writeln!(main, "int f{i}(int);")?;
        sources.push(source);
    }
    main.push_str("int main(void) { long s = 0;\n");
    for i in 0..COUNT {
        writeln!(main, "s += f{i}(1);")?;
    }
    let sum = COUNT * (COUNT - 1) / 2 + COUNT;
    writeln!(main, "return !(s == {sum} && counter == {COUNT}); }}")?;
    fs::write(folder.join("main.c"), main)?;
    let batches: Vec<_> = sources.chunks(50).collect();
    let compile = |files: &[String]| {
        let mut command = Command::new("cc");
        capture(command.args(["-O1", "-fPIC", "-c"]).args(files).current_dir(&folder)).map(drop)
    };
    each(&batches, |batch| compile(batch))?;
    for source in &sources {
        fs::remove_file(folder.join(source))?;
    }
    // Last: where it is, the corpus is whole.
    compile(&["main.c".to_owned()])
}

const LLVM: &[&str] = &[
    "Support",
    "Core",
    "Analysis",
    "TransformUtils",
    "ScalarOpts",
    "InstCombine",
    "CodeGen",
    "SelectionDAG",
    "ipo",
    "X86CodeGen",
    "AArch64CodeGen",
    "MC",
    "MCParser",
    "AsmParser",
    "BitReader",
    "BitWriter",
    "Object",
    "ProfileData",
    "Vectorize",
    "Instrumentation",
    "GlobalISel",
    "Passes",
];

fn llvm(libraries: &Path) -> Result<()> {
    let archives: Vec<_> = LLVM.iter().map(|name| libraries.join(format!("libLLVM{name}.a"))).collect();
    let uses_tls = |object: &object::File<'_>| {
        let relocations = object.sections().flat_map(|section| section.relocations());
        { relocations }.any(|(_, relocation)| match relocation.flags() {
            object::RelocationFlags::Elf { r_type } => {
                use object::elf::*;
                matches!(
                    r_type,
                    R_X86_64_TLSGD
                        | R_X86_64_TLSLD
                        | R_X86_64_DTPOFF32
                        | R_X86_64_DTPOFF64
                        | R_X86_64_GOTTPOFF
                        | R_X86_64_TPOFF32
                        | R_X86_64_TPOFF64
                )
            }
            _ => false,
        })
    };
    members("llvm-notls", &archives, |object| !uses_tls(object)).map(drop)
}

const LLVM_PACKAGES: &str = "llvm-19-dev clang-19 lld-19 libz3-dev zlib1g-dev libzstd-dev libxml2-dev";

/// `main.o`, `libs.rsp` (LLVM's archives in order), `syslibs.rsp`, and `native`, linked by lld.
fn whole_llvm() -> Result<PathBuf> {
    let folder = target().join("corpora/whole-llvm");
    fs::create_dir_all(&folder)?;
    let source = root().join("tests/programs/whole_llvm_main.cc");
    let config = |arguments: &[&str]| -> Result<Vec<String>> {
        let text = stdout(Command::new("llvm-config-19").args(arguments))?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    };
    let mut compile = Command::new("clang++-19");
    compile.args(["-O1", "-fPIC", "-c"]).arg(&source).args(["-o", "main.o"]).args(config(&["--cxxflags"])?);
    unless_done(compile.current_dir(&folder), &folder.join("main.o"), &[&source])?;
    let mut libraries = vec![format!("-L{}", config(&["--libdir"])?.join(" "))];
    libraries.extend(config(&["--link-static", "--libs", "all-targets", "passes", "irreader"])?);
    fs::write(folder.join("libs.rsp"), libraries.join("\n"))?;
    fs::write(folder.join("syslibs.rsp"), "-lstdc++\n-lm\n-lrt\n-ldl\n-lz\n-lzstd\n-lxml2\n-lz3\n")?;
    let mut link = Command::new("clang++-19");
    link.args(["-fuse-ld=lld", "main.o", "@libs.rsp", "@syslibs.rsp", "-o", "native"]).current_dir(&folder);
    unless_done(&mut link, &folder.join("native"), &[&folder.join("main.o")])?;
    println!("Corpus whole-llvm: {} archives in {}", libraries.len() - 1, folder.display());
    Ok(folder)
}

/// The names that an object offers and wants, and one that stands for it.
#[derive(Default)]
struct Names {
    defined: BTreeSet<String>,
    undefined: BTreeSet<String>,
    representatives: Vec<String>,
}

impl Names {
    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        let object = object::File::parse(bytes)?;
        let mut representative = None;
        for symbol in object.symbols().filter(|symbol| symbol.is_global()) {
            let name = symbol.name()?.to_owned();
            if symbol.is_undefined() {
                self.undefined.insert(name);
                continue;
            }
            let addressable =
                matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data) && symbol.size() > 0;
            if representative.is_none() && addressable && !symbol.is_weak() {
                representative = Some(name.clone());
            }
            self.defined.insert(name);
        }
        self.representatives.extend(representative);
        Ok(())
    }
}

/// Unpacks those members of the archives that are `wanted`, and makes a `main.o` for them.
fn members(name: &str, archives: &[PathBuf], wanted: impl Fn(&object::File<'_>) -> bool) -> Result<PathBuf> {
    let folder = target().join("corpora").join(name);
    fs::create_dir_all(&folder)?;
    let mut names = Names::default();
    let mut count = 0;
    for archive in archives {
        let data = fs::read(archive)?;
        for member in ArchiveFile::parse(&*data)?.members() {
            let bytes = member?.data(&*data)?;
            let context = || format!("{}: member {count}", archive.display());
            if bytes.starts_with(b"\x7fELF") && wanted(&object::File::parse(bytes).with_context(context)?) {
                names.add(bytes).with_context(context)?;
                // Members may share a name, so a number takes its place.
                let path = folder.join(format!("{count:05}.o"));
                if fs::metadata(&path).map_or(true, |m| m.len() != bytes.len() as u64) {
                    fs::write(&path, bytes)?;
                }
                count += 1;
            }
        }
    }
    ensure!(count > 0, "{name}: the archives have no members");
    let source = folder.join("main.c");
    let text = main_source(&names)?;
    if fs::read_to_string(&source).map_or(true, |old| old != text) {
        fs::write(&source, text)?;
    }
    let mut compile = Command::new("cc");
    compile.args(["-O1", "-fPIC", "-w", "-c", "main.c", "-o", "main.o"]).current_dir(&folder);
    unless_done(&mut compile, &folder.join("main.o"), &[&source])?;
    println!("Corpus {name}: {} objects in {}", count + 1, folder.display());
    Ok(folder)
}

/// A `main` that refers to every object, and definitions of what neither they nor the system's libraries have.
fn main_source(names: &Names) -> Result<String> {
    let mut known = names.defined.clone();
    for file in ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"] {
        let Some(path) = library(file) else { bail!("{file} is not to be found") };
        let data = fs::read(path)?;
        let library = object::File::parse(&*data)?;
        for symbol in library.dynamic_symbols().filter(|symbol| !symbol.is_undefined()) {
            known.insert(symbol.name()?.to_owned());
        }
    }
    // Made by linkers, and from the part of the C library that is linked statically.
    known.extend(["_GLOBAL_OFFSET_TABLE_", "__dso_handle", "atexit"].map(str::to_owned));
    let mut text = String::from("#include <stdio.h>\n#include <stdlib.h>\n\n");
    for (i, name) in names.undefined.difference(&known).enumerate() {
        writeln!(text, "long nobody_{i} __asm__(\"{name}\") = 1;")?;
    }
    for (i, name) in names.representatives.iter().enumerate() {
        writeln!(text, "extern char member_{i}[] __asm__(\"{name}\");")?;
    }
    text.push_str("\nchar *members[] = {\n");
    for i in 0..names.representatives.len() {
        writeln!(text, "    member_{i},")?;
    }
    text.push_str(
        "};\n
static int compare(const void *a, const void *b) {
    char *x = *(char **)a, *y = *(char **)b;
    return (x > y) - (x < y);
}

int main(void) {
    size_t count = sizeof members / sizeof *members;
    qsort(members, count, sizeof *members, compare);
    if (!members[0]) return 1;
    for (size_t i = 1; i < count; i++)
        if (members[i - 1] == members[i]) return 2;
    printf(\"%zu addresses, all different\\n\", count);
    return 0;
}
",
    );
    Ok(text)
}
