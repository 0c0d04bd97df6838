//! The order of the command's functions in its file: makes `crates/setlink-cli/order.ld` anew. What links of some kinds run
//! is listed together, as valgrind sees it; `crates/setlink-cli/build.rs` says why, and hands the list to the linker.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSymbol, SymbolKind};

use crate::corpora;
use crate::packages::on_path;
use crate::process::{capture, cargo, root, run, target};

/// Throws, has threads, and variables of theirs.
const PROGRAM: &str = "#include <iostream>\n#include <thread>\nthread_local int x = 3;\n\
    int main() { try { std::thread t([] { x++; }); t.join(); throw 3; } catch (int i) { std::cout << i + x << std::endl; } }\n";

const HEAD: &str = "/* The functions that links run, those of small ones first: see build.rs.\n   \
    `cargo xtask order` writes this list. */\nSECTIONS {\n.text : {\n\
    *crt*.o(.text .text.*)\n*libc_nonshared.a:*(.text .text.*)\n*.rcgu.o(.text)\n";
const END: &str = "*(.text .text.*)\n}\n} INSERT BEFORE .init;\n";

/// Writes the list.
pub fn order() -> Result<()> {
    ensure!(on_path("valgrind").is_some(), "valgrind is not installed");
    run(cargo().args(["build", "--quiet", "--release", "--package", "setlink-cli"]))?;
    let folder = target().join("order");
    fs::create_dir_all(&folder)?;
    let tiny = objects("tiny")?;
    let (main, others): (Vec<PathBuf>, Vec<PathBuf>) =
        tiny.iter().cloned().partition(|path| path.ends_with("main.o"));
    let archive = folder.join("libtiny.a");
    let _ = fs::remove_file(&archive);
    capture(Command::new("ar").arg("rcs").arg(&archive).args(others))?;
    let (source, program) = (folder.join("program.cc"), folder.join("program.o"));
    fs::write(&source, PROGRAM)?;
    capture(Command::new("c++").arg("-O1").arg("-c").arg(source).arg("-o").arg(&program))?;
    let small = [words("--no-exec", &tiny), words("--no-exec", main.iter().chain([&archive]))];
    let larger = [words("--no-exec", &objects("libcrypto")?), words("-lstdc++", [&program])];

    let binary = target().join("release/setlink");
    let functions = functions(&binary)?;
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    functions.iter().for_each(|(name, bytes)| *all.entry(pattern(name)).or_default() += bytes);
    let mut listed = HashSet::new();
    let mut text = HEAD.to_owned();
    for works in [small, larger] {
        let mut executed = BTreeSet::new();
        for words in works {
            executed.extend(executed_functions(&binary, &words, &folder.join("callgrind"))?);
        }
        let mut bytes: BTreeMap<String, u64> = BTreeMap::new();
        for name in executed.iter().filter(|name| functions.contains_key(*name)) {
            *bytes.entry(pattern(name)).or_default() += functions[name];
        }
        // A generic function has one name in all its instances, most of which may not be run: such lie behind the others.
        let (few, most): (Vec<_>, Vec<_>) = bytes
            .into_iter()
            .filter(|(name, _)| listed.insert(name.clone()))
            .partition(|(name, bytes)| bytes * 2 < all[name]);
        for (name, _) in most.iter().chain(&few) {
            // Cold functions have sections of their own kind.
            writeln!(text, "*(.text.{name} .text.unlikely.{name})")?;
        }
    }
    text.push_str(END);
    fs::write(root().join("crates/setlink-cli/order.ld"), text)?;
    println!("{} names", listed.len());
    Ok(())
}

/// The objects of the corpus `name`, which is made if it is not there.
fn objects(name: &str) -> Result<Vec<PathBuf>> {
    let given = std::env::var_os("SETLINK_CORPORA").map(|folder| PathBuf::from(folder).join(name));
    let folder = match given.filter(|folder| folder.join("main.o").exists()) {
        Some(folder) => folder,
        None => {
            corpora::corpus(name)?;
            target().join("corpora").join(name)
        }
    };
    let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut objects: Vec<_> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "o")).collect();
    objects.sort();
    Ok(objects)
}

fn words<'p>(option: &str, files: impl IntoIterator<Item = &'p PathBuf>) -> Vec<PathBuf> {
    let files = files.into_iter().cloned();
    ["run".into()].into_iter().chain(files).chain([option.into()]).collect()
}

/// The functions of a program, and their sizes.
fn functions(binary: &Path) -> Result<HashMap<String, u64>> {
    let data = fs::read(binary)?;
    let file = object::File::parse(&*data)?;
    let symbols = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition());
    symbols.map(|symbol| Ok((symbol.name()?.to_owned(), symbol.size()))).collect()
}

/// The functions of `binary` that run when it is called with `words`.
fn executed_functions(binary: &Path, words: &[PathBuf], out: &Path) -> Result<BTreeSet<String>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--demangle=no"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(binary).args(words);
    capture(&mut valgrind)?;
    let text = fs::read_to_string(out)?;
    let mut executed = BTreeSet::new();
    // A name is told once, with a number that stands for it from there on.
    let (mut files, mut names) = (HashMap::new(), HashMap::new());
    let mut is_own = false;
    for line in text.lines() {
        let Some((key, (number, name))) =
            line.split_once("=(").and_then(|(key, rest)| Some((key, rest.split_once(')')?)))
        else {
            continue;
        };
        let table = match key {
            "ob" | "cob" => &mut files,
            "fn" | "cfn" => &mut names,
            _ => continue,
        };
        if let Some(name) = name.strip_prefix(' ') {
            table.insert(number, name);
        }
        let name = table.get(number).copied().unwrap_or_default();
        match key {
            "ob" => is_own = Path::new(name) == binary,
            // Behind a mark is how deep it calls itself.
            "fn" if is_own => drop(executed.insert(name.split('\'').next().unwrap_or(name).to_owned())),
            _ => {}
        }
    }
    ensure!(!executed.is_empty(), "{}: valgrind saw nothing of {}", out.display(), binary.display());
    Ok(executed)
}

/// A function's name, with `*` for what depends on the compiler: the hash of the legacy scheme, those of crates in the v0
/// scheme, and the number of a name that was made unique.
fn pattern(name: &str) -> String {
    const HASH: usize = "0123456789abcdefE".len();
    let name = name.split(".llvm.").next().unwrap_or(name);
    if let Some(at) = name.rfind("17h").filter(|at| name.starts_with("_ZN") && at + 3 + HASH == name.len()) {
        return format!("{}*", &name[..at + 3]);
    }
    let mut out = String::new();
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once("Cs").filter(|_| name.starts_with("_R")) {
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
        let is_crate = digits > 0 && behind[digits..].starts_with('_');
        out.push_str(before);
        out.push_str(if is_crate { "Cs*" } else { "Cs" });
        rest = &behind[if is_crate { digits } else { 0 }..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn hashes_are_left_open() {
        let legacy = "_ZN7setlink3set4link4line17h4120f9f500a6ef45E";
        assert_eq!(pattern(legacy), "_ZN7setlink3set4link4line17h*");
        assert_eq!(pattern(&format!("{legacy}.llvm.278584")), "_ZN7setlink3set4link4line17h*");
        assert_eq!(
            pattern("_RNvMs0_NtNtCsjrHSEGnQ3l9_3std4sync4onceNtCsgEmf_4core"),
            "_RNvMs0_NtNtCs*_3std4sync4onceNtCs*_4core"
        );
        assert_eq!(pattern("main"), "main");
    }
}
