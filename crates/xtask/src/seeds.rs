//! The fuzzers' seeds: small objects and archives, each with something that a linker must handle. They are committed,
//! so that fuzzing needs no compiler; `cargo xtask seeds` makes them anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::packages::on_path;
use crate::process::{capture, root, target};

/// File name, language, source, options.
type Seed = (&'static str, &'static str, &'static str, &'static [&'static str]);

const BASIC: &str = "extern int puts(const char *); static int n = 3; int m; int main(void) { m += n; return puts(\"hi\") + m; }";
const DATA: &str = "extern int far(void), v; int (*table[])(void) = {far, far}; int *const p = &v + 3; char zero[5000];
    __attribute__((weak)) extern int maybe; int *q = &maybe; __thread int t = 4; int use(void) { return t + v; }";
const ATTRIBUTES: &str = "static int impl(void) { return 1; } static void *pick(void) { return impl; }
    int chosen(void) __attribute__((ifunc(\"pick\"))); __attribute__((constructor(200))) static void first(void) {}
    __attribute__((destructor)) static void last(void) {} __attribute__((section(\"set\"))) int item = 1;
    extern int __start_set[], __stop_set[]; int count(void) { return __stop_set - __start_set + chosen(); }
    __attribute__((visibility(\"hidden\"))) int hidden; int alias(void) __attribute__((alias(\"count\")));
    __attribute__((aligned(8192))) char big[1];";
const CXX: &str = "struct A { virtual ~A(); virtual int f() { return 1; } }; inline int counter() { static int n; return ++n; }
    template <class T> T twice(T t) { return t + t; } A::~A() { if (counter() > 3) throw 7; }
    int run(A &a) { try { return twice(a.f()); } catch (int e) { return e; } }";

const SEEDS: &[Seed] = &[
    ("basic.o", "c", BASIC, &["-O1", "-fPIC"]),
    ("basic-nopic.o", "c", BASIC, &["-O0", "-fno-pic", "-fno-pie"]),
    ("basic-noplt.o", "c", BASIC, &["-O2", "-fPIE", "-fno-plt"]),
    ("basic-large.o", "c", BASIC, &["-O1", "-fno-pic", "-mcmodel=large"]),
    ("basic-large-pic.o", "c", BASIC, &["-O1", "-fPIC", "-mcmodel=large"]),
    ("common.o", "c", "int a[7]; long b; int use(void) { return a[1] + (int)b; }", &["-fcommon"]),
    ("data.o", "c", DATA, &["-O1", "-fPIC"]),
    ("data-tlsdesc.o", "c", DATA, &["-O1", "-fPIC", "-mtls-dialect=gnu2"]),
    ("sections.o", "c", DATA, &["-O1", "-fPIE", "-ffunction-sections", "-fdata-sections"]),
    ("attributes.o", "c", ATTRIBUTES, &["-O1", "-fPIC"]),
    ("debug.o", "c", BASIC, &["-O1", "-g", "-gz"]),
    ("debug-plain.o", "c", ATTRIBUTES, &["-O1", "-g"]),
    ("cxx.o", "c++", CXX, &["-O1", "-fPIC"]),
];

/// Other machines and formats, which clang makes; without it they stay as they are.
const FOREIGN: &[(&str, &str)] = &[
    ("aarch64.o", "aarch64-linux-gnu"),
    ("riscv64.o", "riscv64-linux-gnu"),
    ("i386.o", "i386-linux-gnu"),
    ("macho.o", "x86_64-apple-darwin"),
    ("coff.o", "x86_64-pc-windows-msvc"),
];

const SIZE_LIMIT: u64 = 300 << 10;

/// Compiles and packs all seeds.
pub fn seeds() -> Result<()> {
    let folder = root().join("fuzz/seeds");
    let work = target().join("seeds");
    fs::create_dir_all(&work)?;
    fs::create_dir_all(&folder)?;
    // Relative names only, so that no object holds a folder of this machine.
    let compile = |compiler: &str, name: &str, language: &str, text: &str, options: &[&str]| -> Result<()> {
        fs::write(work.join("seed.c"), text)?;
        let mut command = Command::new(compiler);
        command.args(options).args(["-w", "-c", "-x", language, "seed.c", "-o", name]);
        command.arg(format!("-fdebug-prefix-map={}=.", work.display())).current_dir(&work);
        capture(&mut command)?;
        fs::copy(work.join(name), folder.join(name))?;
        Ok(())
    };
    for (name, language, text, options) in SEEDS {
        compile("gcc", name, language, text, options)?;
    }
    let clang = ["clang-19", "clang"].into_iter().find(|name| on_path(name).is_some());
    for (name, triple) in FOREIGN {
        if let Some(clang) = clang {
            compile(clang, name, "c", BASIC, &["-O1", "-ffreestanding", "-target", triple])?;
        }
    }
    for (name, options) in [("plain.a", "crsD"), ("no-index.a", "crSD"), ("thin.a", "crsTD")] {
        let path = work.join(name);
        let _ = fs::remove_file(&path);
        let members = ["basic.o", "common.o", "attributes.o", "basic.o"];
        capture(Command::new("ar").current_dir(&work).arg(options).arg(name).args(members))?;
        fs::copy(&path, folder.join(name))?;
    }
    if on_path("llvm-ar-19").is_some() {
        let _ = fs::remove_file(work.join("bsd.a"));
        let mut ar = Command::new("llvm-ar-19");
        capture(ar.current_dir(&work).args(["--format=bsd", "crsD", "bsd.a", "basic.o", "common.o"]))?;
        fs::copy(work.join("bsd.a"), folder.join("bsd.a"))?;
    }
    fs::write(
        folder.join("script.ld"),
        "/* GNU ld script */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( libc.so.6 AS_NEEDED ( -lm \"x.a\" ) )\n",
    )?;
    let total = size(&folder)?;
    ensure!(total < SIZE_LIMIT, "the seeds take {total} bytes, more than {SIZE_LIMIT}");
    println!("{} seeds, {total} bytes in {}", fs::read_dir(&folder)?.count(), folder.display());
    Ok(())
}

fn size(folder: &Path) -> Result<u64> {
    fs::read_dir(folder)?.try_fold(0, |sum, entry| Ok(sum + entry?.metadata()?.len()))
}
