//! Rust programs, made of their own objects and the toolchain's rlibs, without a system linker: rustc gets the linker of
//! `tools/`, as docs/rust.md says.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SETLINK: &str = env!("CARGO_BIN_EXE_setlink");

fn build(folder: &Path, name: &str, source: &str, flags: &[&str], linker: Option<PathBuf>) -> PathBuf {
    let from = folder.join("main.rs");
    let to = folder.join(name);
    std::fs::write(&from, source).unwrap();
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--edition", "2024"]).args(flags).arg("-o").arg(&to).arg(&from);
    if let Some(linker) = linker {
        command.arg("-C").arg(format!("linker={}", linker.display())).env("SETLINK", SETLINK);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    to
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).env("SETLINK", SETLINK).env("RUST_BACKTRACE", "0").output().unwrap()
}

const SOURCE: &str = r#"
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Read, Write};
struct Own(&'static str);
impl Drop for Own {
    fn drop(&mut self) { println!("gone {}", self.0); }
}
thread_local! {
    static NUMBER: Cell<i32> = const { Cell::new(40) };
    static OWN: RefCell<Own> = RefCell::new(Own("main"));
}
fn main() {
    NUMBER.set(NUMBER.get() + 2);
    let in_thread = std::thread::spawn(|| {
        OWN.with(|own| own.borrow_mut().0 = "thread");
        NUMBER.get()
    });
    println!("{} {}", in_thread.join().unwrap(), NUMBER.get());
    OWN.with(|own| println!("own {}", own.borrow().0));
    let map: HashMap<&str, usize> = "to be or not to be".split(' ').map(|word| (word, word.len())).collect();
    let mut words: Vec<_> = map.iter().collect();
    words.sort();
    println!("{words:?}");
    let caught = std::panic::catch_unwind(|| Vec::<i32>::new()[std::env::args().count()]);
    println!("caught {}", caught.is_err());
    println!("joined {}", std::thread::spawn(|| panic!("in a thread")).join().is_err());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = std::thread::spawn(move || {
        std::net::TcpStream::connect(address).unwrap().write_all(b"hello").unwrap();
    });
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    client.join().unwrap();
    println!("received {text}, arguments {:?}", std::env::args().skip(1).collect::<Vec<_>>());
    if std::env::args().len() > 1 { panic!("at the end"); }
}
"#;

#[test]
fn programs_run() {
    let folder = tempfile::tempdir().unwrap();
    let linker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/setlink-linker");
    for flags in [&[][..], &["-O", "-C", "codegen-units=1"], &["-C", "relocation-model=static"]] {
        let ours = build(folder.path(), "ours", SOURCE, flags, Some(linker.clone()));
        let theirs = build(folder.path(), "theirs", SOURCE, flags, None);
        for arguments in [&[][..], &["an", "argument"]] {
            let (ours, theirs) = (run(&ours, arguments), run(&theirs, arguments));
            let text = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(text(&ours), text(&theirs), "{}", String::from_utf8_lossy(&ours.stderr));
            assert_eq!(ours.status.code(), theirs.status.code());
            assert_eq!(ours.status.code(), Some(if arguments.is_empty() { 0 } else { 101 }));
        }
    }
}

const BACKTRACE: &str = r#"
mod inner {
    #[inline(never)]
    pub fn fails(number: usize) -> usize {
        let all: Vec<usize> = (0..number).collect();
        all[number + 1]
    }
}
#[inline(never)]
fn middle(number: usize) -> usize { inner::fails(number) + 1 }
fn main() {
    let captured = std::backtrace::Backtrace::force_capture().to_string();
    // What called `main` is not the program's.
    println!("{}", captured.split("lang_start_internal").next().unwrap());
    let threads: Vec<_> = (2..4).map(|number| std::thread::spawn(move || middle(number))).collect();
    threads.into_iter().for_each(|thread| println!("{}", thread.join().is_err()));
    let descriptor = std::os::fd::AsRawFd::as_raw_fd(&std::fs::File::open("/dev/null").unwrap());
    println!("{}", descriptor < 20);
    middle(5);
}
"#;

/// Without numbers that differ from run to run: of threads, in `thread 'main' (123) panicked`, and addresses. Threads come in
/// any order.
fn frames(text: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = String::from_utf8_lossy(text)
        .lines()
        .map(|line| match line.split_once(" (") {
            Some((before, after)) if after.contains(") panicked") => before.to_owned(),
            _ => line.to_owned(),
        })
        .filter(|line| !line.starts_with("index out of bounds"))
        .collect();
    if let Some(last) = lines.iter().position(|line| line == "thread 'main'") {
        lines[..last].sort();
    }
    lines
}

#[test]
fn backtraces_have_names_and_lines() {
    let folder = tempfile::tempdir().unwrap();
    let linker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/setlink-linker");
    for flags in [&["-g"][..], &["-g", "-C", "relocation-model=static"], &["-O"]] {
        let ours = build(folder.path(), "ours", BACKTRACE, flags, Some(linker.clone()));
        let theirs = build(folder.path(), "theirs", BACKTRACE, flags, None);
        let run = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir("/").env("SETLINK", SETLINK).env("RUST_BACKTRACE", "1").output().unwrap()
        };
        let (ours, theirs) = (run(&ours), run(&theirs));
        assert_eq!(frames(&ours.stdout), frames(&theirs.stdout), "{flags:?}");
        assert_eq!(frames(&ours.stderr), frames(&theirs.stderr), "{flags:?}");
        let text = String::from_utf8_lossy(&ours.stderr);
        assert!(text.contains("::inner::fails"), "{text}");
        assert_eq!(ours.status.code(), Some(101));
    }
}

#[test]
fn backtraces_of_changed_files_have_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let linker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/setlink-linker");
    let source = r#"
fn main() {
    // As who builds it anew, into the same files.
    for file in std::fs::read_dir(std::env::args().nth(1).unwrap()).unwrap() {
        std::fs::OpenOptions::new().write(true).open(file.unwrap().path()).unwrap().set_len(100).unwrap();
    }
    let captured = std::backtrace::Backtrace::force_capture().to_string();
    println!("{}", !captured.is_empty() && !captured.contains("main::main"));
}
"#;
    let program = build(folder.path(), "main", source, &["-g"], Some(linker));
    let objects = folder.path().join("main.objects");
    let output = run(&program, &[objects.to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "true\n", "{output:?}");
}
