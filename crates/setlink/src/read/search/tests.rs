use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(18, 0);
    bytes.extend(machine.to_le_bytes());
    bytes
}

/// A system root with these files; a path that ends in `@TARGET` is a link.
fn tree(files: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let (file, link) = file.split_once('@').map_or((*file, None), |(file, link)| (file, Some(link)));
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match link {
            Some(link) => symlink(link, path).unwrap(),
            None if file.contains(".so") => fs::write(path, elf(X86_64.machine)).unwrap(),
            None => fs::write(path, "!<arch>\n").unwrap(),
        }
    }
    root
}

fn search(root: &TempDir) -> SearchPath {
    SearchPath::new(X86_64, Some(root.path().to_owned()))
}

fn found(path: Result<PathBuf, Problem>, root: &TempDir) -> String {
    path.unwrap().strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn shared_before_static_directory_by_directory() {
    let root = tree(&["a/libx.a", "b/libx.so", "b/libx.a", "b/liby.so"]);
    let mut path = search(&root);
    path.push("=/a");
    path.push(root.path().join("b"));
    assert_eq!(found(path.library("x", false), &root), "a/libx.a");
    assert_eq!(found(path.library("y", false), &root), "b/liby.so");
    assert_eq!(found(path.library(":libx.so", true), &root), "b/libx.so");
    assert!(path.library("y", true).is_err());
}

#[test]
fn given_directories_come_before_the_defaults() {
    let root = tree(&["mine/libx.so", "usr/lib/x86_64-linux-gnu/libx.so", "lib@usr/lib"]);
    let mut path = search(&root);
    assert_eq!(found(path.library("x", false), &root), "lib/x86_64-linux-gnu/libx.so");
    path.push("$SYSROOT/mine");
    assert_eq!(found(path.library("x", false), &root), "mine/libx.so");
    let listed: Vec<_> = path.directories().collect();
    assert_eq!(listed.len(), 3, "a directory and its link count once: {listed:?}");
}

#[test]
fn other_machines_are_passed_over() {
    let root = tree(&["usr/lib64/liby.so", "usr/lib/liby.so"]);
    fs::write(root.path().join("usr/lib64/libx.so"), elf(183)).unwrap();
    assert_eq!(found(search(&root).library("y", false), &root), "usr/lib64/liby.so");
    let problem = search(&root).library("x", false).unwrap_err().to_string();
    assert!(problem.contains("another machine"), "{problem}");
    fs::copy(root.path().join("usr/lib/liby.so"), root.path().join("usr/lib/libx.so")).unwrap();
    assert_eq!(found(search(&root).library("x", false), &root), "usr/lib/libx.so");
}

#[test]
fn a_runtime_library_serves_as_last_resort() {
    let root = tree(&[
        "usr/lib64/libx.so.9.0.1",
        "usr/lib64/libx.so.10@libx.so.10.2",
        "usr/lib64/libx.so.10.2",
        "usr/lib64/libx.so.11.debug",
        "usr/lib64/libxy.so.99",
        "usr/lib64/libs.so.1",
        "usr/lib/libs.a",
    ]);
    assert_eq!(found(search(&root).library("x", false), &root), "usr/lib64/libx.so.10");
    assert_eq!(found(search(&root).library("s", false), &root), "usr/lib/libs.a");
    assert!(search(&root).library("x", true).is_err());
}

#[test]
fn the_compilers_own_directory() {
    let root = tree(&[
        "usr/lib/gcc/x86_64-linux-gnu/9/libgcc.a",
        "usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a",
        "usr/lib/gcc/x86_64-linux-gnu/14/cc1",
        "usr/lib/gcc/x86_64-w64-mingw32/20/libgcc.a",
        "usr/lib/gcc/x86_64-linux-gnux32/20/libgcc.a",
        "usr/lib/gcc/aarch64-linux-gnu/20/libgcc.a",
    ]);
    assert_eq!(found(search(&root).library("gcc", false), &root), "usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a");
    let root = tree(&["usr/lib/gcc/x86_64-redhat-linux/13.2.1/libgcc.a"]);
    assert!(search(&root).library("gcc", true).is_ok());
}

#[test]
fn the_loaders_configuration() {
    let root = tree(&["opt/one/libone.so", "opt/two/libtwo.so", "opt/three/libthree.so", "etc/conf.d/x"]);
    let etc = root.path().join("etc");
    fs::write(etc.join("ld.so.conf"), "# nothing\ninclude conf.d/*.conf\n/opt/one # yes\nhwcap 1 nosegneg\n")
        .unwrap();
    fs::write(etc.join("conf.d/a.conf"), "/opt/two:/opt/three\ninclude /etc/ld.so.conf\n").unwrap();
    fs::write(etc.join("conf.d/b.txt"), "/opt/none\n").unwrap();
    for name in ["one", "two", "three"] {
        assert!(search(&root).library(name, false).is_ok(), "{name}");
    }
    assert_eq!(search(&root).directories().count(), 3);
}

#[test]
fn wildcards() {
    for (pattern, name, expected) in [
        ("*.conf", "a.conf", true),
        ("*.conf", ".a.conf", false),
        ("*.conf", "a.conf~", false),
        ("?.c*f", "a.cf", true),
        ("*a*b*c", "xxaybzcxc", true),
        ("*a*b*c", "xxaybzcx", false),
        ("**", "", true),
        ("?", "", false),
    ] {
        assert_eq!(wildcard(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
    }
    assert!(!wildcard(&b"*a".repeat(500), &b"a".repeat(499)));
}

#[test]
fn items_of_scripts() {
    let root = tree(&["s/libx.so", "s/beside.a", "d/libz.so", "d/elsewhere.a", "abs/f.a"]);
    let mut path = search(&root);
    path.push("=/d");
    let script = root.path().join("s/libx.so");
    let item = |name: &str, library| Item { name: name.into(), library, as_needed: false };
    assert_eq!(found(path.item(&script, &item("beside.a", false), false), &root), "s/beside.a");
    assert_eq!(found(path.item(&script, &item("elsewhere.a", false), false), &root), "d/elsewhere.a");
    assert_eq!(found(path.item(&script, &item("z", true), false), &root), "d/libz.so");
    assert_eq!(found(path.item(&script, &item("/abs/f.a", false), false), &root), "abs/f.a");
    assert_eq!(found(path.item(&script, &item("=/abs/f.a", false), false), &root), "abs/f.a");
    let outside = Path::new("/somewhere/libx.so");
    let problem = path.item(outside, &item("/abs/f.a", false), false).unwrap_err();
    assert_eq!(problem.to_string(), "/somewhere/libx.so: cannot find library: no file `/abs/f.a`");
    assert!(path.item(outside, &item("nowhere", true), false).unwrap_err().place.file.is_some());
}

#[test]
fn failures_list_the_directories() {
    let root = tree(&["usr/lib64/none", "d/none"]);
    let mut path = search(&root);
    path.push("/given/and/missing");
    let problem = path.library("nope", false).unwrap_err().to_string();
    let default = root.path().join("usr/lib64");
    for part in
        ["-lnope", "`libnope.so` or `libnope.a`", "/given/and/missing", default.to_str().unwrap(), "-L"]
    {
        assert!(problem.contains(part), "{problem}");
    }
    let root = tree(&[]);
    assert!(search(&root).library("x", true).unwrap_err().to_string().contains("no directory to search"));
    assert!(search(&root).library("", true).is_err());
}

#[test]
fn this_systems_c_library() {
    let path = SearchPath::new(X86_64, None);
    if path.directories().any(|directory| directory.join("libc.so.6").exists()) {
        assert!(path.library("c", false).is_ok());
    }
}

#[test]
fn clangs_own_libraries() {
    let root = tree(&[
        "usr/lib/llvm-9/lib/clang/9.0.1/lib/linux/libclang_rt.profile-x86_64.a",
        "usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.profile-x86_64.a",
        "usr/lib/llvm-20/lib/clang/20/lib/linux/libclang_rt.profile-i386.a",
        "usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-x86_64.a",
        "usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.asan-x86_64.so",
        "usr/lib64/clang/18/lib/x86_64-redhat-linux-gnu/libclang_rt.ubsan_standalone.so",
    ]);
    let path = search(&root);
    let directory = "usr/lib/llvm-19/lib/clang/19/lib/linux";
    let profile = found(path.library("clang_rt.profile", false), &root);
    assert_eq!(profile, format!("{directory}/libclang_rt.profile-x86_64.a"));
    let sanitizer = found(path.library("asan", false), &root);
    assert_eq!(sanitizer, format!("{directory}/libclang_rt.asan-x86_64.so"));
    assert!(found(path.library("asan", true), &root).ends_with("asan-x86_64.a"));
    assert!(
        found(path.library("ubsan", false), &root)
            .ends_with("redhat-linux-gnu/libclang_rt.ubsan_standalone.so")
    );
    assert!(path.library("profile", false).is_err() && path.library("tsan", false).is_err());
}
