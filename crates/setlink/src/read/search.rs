//! Where libraries are found.
//!
//! The rules are those of GNU ld ("Command-line Options", `-l` and `-L`; "File Commands" for the names in scripts),
//! because that is what users' build files assume:
//!
//! - `-lNAME` looks in each directory for `libNAME.so`, then `libNAME.a`, before it goes on to the next one; where only
//!   static libraries are wanted, for `libNAME.a` alone. `-l:FILE` looks for exactly FILE.
//! - The directories given with `-L` (and `SEARCH_DIR`) come first, in order, then the defaults. A leading `=` or
//!   `$SYSROOT` stands for the system root.
//! - A library for another machine is passed over, as if it were not there.
//!
//! The default directories depend on the distribution: Debian keeps one per instruction set, Fedora `lib64`; a compiler
//! driver adds its own for `libgcc.a` and, on Debian, `libstdc++`. Here all of them are searched, and those of the dynamic
//! loader (`/etc/ld.so.conf`), since no compiler driver stands between the user and Setlink.
//!
//! One rule is Setlink's own. `libNAME.so` is a link that belongs to a library's development package; the library itself
//! is `libNAME.so.N`. A runtime linker needs no headers, so where nothing else is found the highest version serves.

#![forbid(unsafe_code)]

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::script::Item;
use crate::error::{Place, Problem, ProblemKind};

/// A target's names for directories and files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// ELF's `e_machine`.
    pub(crate) machine: u16,
    /// The first word of GNU's target triplets, as in `/usr/lib/gcc/x86_64-linux-gnu`.
    pub(crate) cpu: &'static str,
    /// The default directories, in the order of search. Those that do not exist are dropped.
    pub(crate) directories: &'static [&'static str],
}

/// x86-64 in the layouts of Debian, Fedora, SUSE, Arch and Alpine. On multilib systems without Debian's directories,
/// `/usr/lib` is for 32 bits: hence `lib64` first.
pub(crate) const X86_64: Target = Target {
    machine: object::elf::EM_X86_64.0,
    cpu: "x86_64",
    directories: &[
        "/usr/local/lib/x86_64-linux-gnu",
        "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/local/lib64",
        "/lib64",
        "/usr/lib64",
        "/usr/local/lib",
        "/lib",
        "/usr/lib",
    ],
};

/// An ordered list of directories, and the rules of searching them.
#[derive(Clone, Debug)]
pub(crate) struct SearchPath {
    target: Target,
    sysroot: Option<PathBuf>,
    given: Vec<PathBuf>,
    /// Found when they are first needed: a link without libraries asks the file system nothing.
    defaults: OnceLock<Vec<PathBuf>>,
}

impl SearchPath {
    /// The default directories of `target`, all of them under `sysroot` if there is one.
    pub(crate) fn new(target: Target, sysroot: Option<PathBuf>) -> Self {
        // "/" is what having none means.
        let sysroot = sysroot.filter(|root| root != Path::new("/") && !root.as_os_str().is_empty());
        SearchPath { target, sysroot, given: Vec::new(), defaults: OnceLock::new() }
    }

    /// From here on, `=` and `$SYSROOT` stand for the directory `root`. The default directories are what they were.
    pub(crate) fn set_sysroot(&mut self, root: PathBuf) {
        let _ = self.directories();
        self.sysroot = Some(root).filter(|root| root != Path::new("/") && !root.as_os_str().is_empty());
    }

    /// Adds a directory of `-L` or `SEARCH_DIR`, after those added before and ahead of the defaults.
    pub(crate) fn push(&mut self, directory: impl AsRef<OsStr>) {
        let directory = self.rooted(directory.as_ref());
        self.given.push(directory);
    }

    /// The file of `-l NAME` (`name` is what follows `-l`).
    pub(crate) fn library(&self, name: &str, static_only: bool) -> Result<PathBuf, Problem> {
        let mut rejected = Vec::new();
        if name.is_empty() {
            return Err(not_found("`-l` without a name".into()));
        }
        let (wanted, names) = match name.strip_prefix(':') {
            Some(file) => (format!("`{file}`"), vec![file.to_owned()]),
            None => {
                let archive = format!("lib{name}.a");
                let shared = (!static_only).then(|| format!("lib{name}.so"));
                let wanted = match &shared {
                    Some(shared) => format!("`{shared}` or `{archive}`"),
                    None => format!("`{archive}`"),
                };
                (wanted, shared.into_iter().chain([archive]).collect())
            }
        };
        if let Some(path) = self.first(&names, &mut rejected) {
            return Ok(path);
        }
        if !static_only && !name.starts_with(':') {
            let prefix = format!("lib{name}.so.");
            let runtime = self.directories().find_map(|dir| self.highest_version(dir, &prefix));
            if let Some(path) = runtime {
                return Ok(path);
            }
        }
        let root = self.sysroot.as_deref().unwrap_or(Path::new("/"));
        if let Some(path) = clang_runtime(&self.target, root, name, static_only) {
            return Ok(path);
        }
        let problem = self.failure(&format!("-l{name}: no {wanted}"), &rejected);
        Err(match package(name, static_only, self.sysroot.is_some()) {
            Some(package) => problem.with_remedy(format!("it is part of the package `{package}`")),
            None => problem.with_remedy("give its directory with -L"),
        })
    }

    /// The file of an item in the linker script at `script`: an absolute name as it is, another one in the script's own
    /// directory or else in the search path; `-l` as on the command line.
    pub(crate) fn item(&self, script: &Path, item: &Item, static_only: bool) -> Result<PathBuf, Problem> {
        let in_script = |problem: Problem| {
            let kind = problem.kind;
            let place = Place::file(script.to_string_lossy().into_owned());
            Problem { place, kind, remedy: problem.remedy }
        };
        if item.library {
            return self.library(&item.name, static_only).map_err(in_script);
        }
        let name = OsStr::new(&item.name);
        let path = self.rooted(name);
        if path.is_absolute() {
            // A script that lives in the system root means the root by `/`.
            let inside = self.sysroot.as_deref().filter(|root| script.starts_with(root) && path == *name);
            let path = match (inside, path.strip_prefix("/")) {
                (Some(root), Ok(relative)) => root.join(relative),
                _ => path,
            };
            if path.is_file() {
                return Ok(path);
            }
            return Err(in_script(not_found(format!("no file `{}`", path.display()))));
        }
        let own = script.parent().map(|directory| directory.join(&path)).filter(|path| path.is_file());
        let mut rejected = Vec::new();
        own.or_else(|| self.first(std::slice::from_ref(&item.name), &mut rejected))
            .ok_or_else(|| in_script(self.failure(&format!("no `{}`", item.name), &rejected)))
    }

    /// The directories, in the order of search.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &Path> {
        let defaults = self.defaults.get_or_init(|| defaults(&self.target, self.sysroot.as_deref()));
        self.given.iter().chain(defaults).map(PathBuf::as_path)
    }

    fn rooted(&self, path: &OsStr) -> PathBuf {
        let bytes = path.as_bytes();
        let Some(rest) = bytes.strip_prefix(b"=").or_else(|| bytes.strip_prefix(b"$SYSROOT")) else {
            return PathBuf::from(path);
        };
        let mut rooted = self.sysroot.clone().unwrap_or_default().into_os_string();
        rooted.push(OsStr::from_bytes(rest));
        PathBuf::from(rooted)
    }

    /// The first of `names` in the first directory that has any of them.
    fn first(&self, names: &[String], rejected: &mut Vec<PathBuf>) -> Option<PathBuf> {
        for directory in self.directories() {
            for name in names {
                let path = directory.join(name);
                if !path.is_file() {
                    continue;
                }
                if self.fits(&path) {
                    return Some(path);
                }
                rejected.push(path);
            }
        }
        None
    }

    /// Whether the file is for the target, as far as its first bytes tell. A file that cannot be read fits: its user
    /// reports why.
    fn fits(&self, path: &Path) -> bool {
        let mut head = Vec::with_capacity(20);
        let Ok(file) = File::open(path) else { return true };
        if file.take(20).read_to_end(&mut head).is_err() {
            return true;
        }
        let Some(head) = head.first_chunk::<20>().filter(|head| head.starts_with(b"\x7fELF")) else {
            return true; // an archive or a script
        };
        let [.., low, high] = *head;
        let class_and_order = head.get(4..6);
        class_and_order == Some(&[2, 1]) && u16::from_le_bytes([low, high]) == self.target.machine
    }

    /// The file in `directory` whose name is `prefix` and the highest version.
    fn highest_version(&self, directory: &Path, prefix: &str) -> Option<PathBuf> {
        let mut found: Vec<(Vec<u64>, PathBuf)> = fs::read_dir(directory)
            .ok()?
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let version = version(path.file_name()?.to_str()?.strip_prefix(prefix)?)?;
                (path.is_file() && self.fits(&path)).then_some((version, path))
            })
            .collect();
        found.sort();
        let (_, highest) = found.pop()?;
        // The loader knows a library by its soname, so of a link and its file take the shorter name: it is that one.
        let same = fs::canonicalize(&highest).ok();
        let soname =
            found.into_iter().find(|(_, path)| same.is_some() && fs::canonicalize(path).ok() == same);
        Some(soname.map_or(highest, |(_, path)| path))
    }

    fn failure(&self, what: &str, rejected: &[PathBuf]) -> Problem {
        let searched: Vec<String> = self.directories().map(|dir| dir.display().to_string()).collect();
        let mut what = if searched.is_empty() {
            format!("{what}: there is no directory to search")
        } else {
            format!("{what} in {}", searched.join(", "))
        };
        for path in rejected {
            what += &format!("; `{}` is for another machine", path.display());
        }
        not_found(what)
    }
}

fn not_found(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Library { what })
}

/// `6.0.30` as numbers; `None` for anything else (a backup file, a debug file).
fn version(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|part| part.parse().ok().filter(|_| !part.starts_with('+'))).collect()
}

/// The default directories that exist, each once.
fn defaults(target: &Target, sysroot: Option<&Path>) -> Vec<PathBuf> {
    let root = sysroot.unwrap_or(Path::new("/"));
    let under = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let mut seen = Vec::new();
    let mut found = Vec::new();
    let configured = loader_directories(root);
    compiler_directory(target, root)
        .into_iter()
        .chain(target.directories.iter().map(|directory| under(Path::new(directory))))
        .chain(configured.iter().map(|directory| under(directory)))
        .for_each(|directory| {
            // `/lib` is a link to `/usr/lib` nearly everywhere. Asking what a name leads to is one system call, spelling that
            // out is one for each of its parts.
            if let Ok(real) = fs::metadata(&directory)
                && real.is_dir()
                && !seen.contains(&(real.dev(), real.ino()))
            {
                seen.push((real.dev(), real.ino()));
                found.push(directory);
            }
        });
    found
}

/// What is in a directory, if it is one.
fn subdirectories(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

/// gcc's directory for the target: the highest version that has `libgcc.a`.
fn compiler_directory(target: &Target, root: &Path) -> Option<PathBuf> {
    ["usr/lib/gcc", "usr/lib64/gcc"]
        .iter()
        .flat_map(|directory| subdirectories(&root.join(directory)))
        .filter(|triplet| {
            // Cross compilers live here as well: `x86_64-w64-mingw32` is for another system, `…gnux32` for another ABI.
            file_name(triplet).is_some_and(|name| {
                let rest = name.strip_prefix(target.cpu).and_then(|rest| rest.strip_prefix('-'));
                rest.is_some_and(|rest| rest.contains("linux") && !rest.ends_with("x32"))
            })
        })
        .flat_map(|triplet| subdirectories(&triplet))
        .filter_map(|path| Some((version(&file_name(&path)?)?, path)))
        .filter(|(_, path)| path.join("libgcc.a").is_file())
        .max()
        .map(|(_, path)| path)
}

/// What Clang calls the library `name` of compiled code, which it keeps for itself, of its highest version:
/// `clang_rt.NAME` where there is nothing else, and the sanitizers' where GCC's are not there.
fn clang_runtime(target: &Target, root: &Path, name: &str, static_only: bool) -> Option<PathBuf> {
    let own = match name {
        "asan" | "hwasan" | "tsan" => name,
        "ubsan" => "ubsan_standalone",
        _ => name.strip_prefix("clang_rt.")?,
    };
    let versions = subdirectories(&root.join("usr/lib"))
        .filter(|path| path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"llvm-")))
        .map(|path| path.join("lib/clang"))
        .chain(["usr/lib/clang", "usr/lib64/clang"].map(|directory| root.join(directory)))
        .flat_map(|directory| subdirectories(&directory));
    let cpu = target.cpu;
    let file = |path: PathBuf| {
        let directory = path.join("lib");
        let for_target = subdirectories(&directory)
            .filter(|path| file_name(path).is_some_and(|name| name.starts_with(&format!("{cpu}-"))));
        let with_cpu = [(directory.join("linux"), format!("libclang_rt.{own}-{cpu}"))];
        let places = with_cpu.into_iter().chain(for_target.map(|path| (path, format!("libclang_rt.{own}"))));
        let ends = if static_only { &[".a"][..] } else { &[".so", ".a"] };
        let mut files = places
            .flat_map(|(directory, name)| ends.iter().map(move |end| directory.join(format!("{name}{end}"))));
        files.find(|file| file.is_file())
    };
    versions.filter_map(|path| Some((version(&file_name(&path)?)?, file(path)?))).max().map(|(_, file)| file)
}

/// The directories in the dynamic loader's configuration (`ldconfig(8)`).
fn loader_directories(root: &Path) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    // Includes can name each other in a circle, so every file is read once; the limit is far above what is usual.
    let mut files = vec![root.join("etc/ld.so.conf")];
    let mut next = 0;
    while let Some(file) = files.get(next).cloned().filter(|_| next < 256) {
        next += 1;
        let mut text = Vec::new();
        if File::open(&file).and_then(|file| file.take(1 << 20).read_to_end(&mut text)).is_err() {
            continue;
        }
        for line in text.split(|&byte| byte == b'\n') {
            let line = line.split(|&byte| byte == b'#').next().unwrap_or_default();
            let mut words = line
                .split(|byte| byte.is_ascii_whitespace() || b":,".contains(byte))
                .filter(|word| !word.is_empty());
            match words.next() {
                None | Some(b"hwcap") => {}
                Some(b"include") => {
                    for pattern in words {
                        for path in matching(root, &file, pattern) {
                            if !files.contains(&path) {
                                files.push(path);
                            }
                        }
                    }
                }
                Some(first) => {
                    let names = [first].into_iter().chain(words).filter(|name| name.starts_with(b"/"));
                    directories.extend(names.map(|name| PathBuf::from(OsString::from_vec(name.to_vec()))));
                }
            }
        }
    }
    directories
}

/// The files that an include pattern in `file` names, sorted. Wildcards are understood in the last component.
fn matching(root: &Path, file: &Path, pattern: &[u8]) -> Vec<PathBuf> {
    let pattern = Path::new(OsStr::from_bytes(pattern));
    let pattern = match pattern.strip_prefix("/") {
        Ok(absolute) => root.join(absolute),
        Err(_) => file.parent().unwrap_or(root).join(pattern),
    };
    let (Some(directory), Some(name)) = (pattern.parent(), pattern.file_name()) else { return Vec::new() };
    let name = name.as_bytes();
    if !name.iter().any(|byte| b"*?".contains(byte)) {
        return vec![pattern];
    }
    let mut found: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|found| wildcard(name, found.as_bytes())))
        .collect();
    found.sort();
    found
}

/// Whether `name` matches `pattern` with `*` and `?`. As in the shell, `*` passes over hidden files.
fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    if name.starts_with(b".") && !pattern.starts_with(b".") {
        return false;
    }
    // Remember the last star, and on a mismatch let it take one byte more.
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while let Some(&byte) = name.get(n) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&expected) if expected == b'?' || expected == byte => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

/// The distribution's package that has the library, where there is no doubt.
fn package(name: &str, static_only: bool, sysroot: bool) -> Option<&'static str> {
    let exists = |path: &str| !sysroot && Path::new(path).exists();
    let glibc = matches!(name, "c" | "m" | "rt" | "dl" | "pthread" | "util" | "resolv");
    if exists("/etc/debian_version") {
        match name {
            "z" => Some("zlib1g-dev"),
            _ => glibc.then_some("libc6-dev"),
        }
    } else if exists("/etc/fedora-release") {
        match name {
            "gcc" => Some("gcc"),
            _ => glibc.then_some(if static_only { "glibc-static" } else { "glibc-devel" }),
        }
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
