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
