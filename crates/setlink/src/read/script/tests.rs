use proptest::prelude::*;

use super::*;
use crate::error::ProblemKind;

fn read(text: &str) -> Result<Script, Problem> {
    parse(&"libx.so".into(), text.as_bytes())
}

fn file(name: &str) -> Item {
    Item { name: name.into(), library: false, as_needed: false }
}

fn library(name: &str) -> Item {
    Item { name: name.into(), library: true, as_needed: false }
}

fn as_needed(item: Item) -> Item {
    Item { as_needed: true, ..item }
}

#[test]
fn glibc() {
    let script = read(
        "/* GNU ld script\n   Use the shared library, but some functions are only in\n   the static library, so try that \
         secondarily.  */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/x86_64-linux-gnu/libc.so.6 \
         /usr/lib/x86_64-linux-gnu/libc_nonshared.a  AS_NEEDED ( /lib64/ld-linux-x86-64.so.2 ) )\n",
    )
    .unwrap();
    assert_eq!(
        script.items,
        [
            file("/lib/x86_64-linux-gnu/libc.so.6"),
            file("/usr/lib/x86_64-linux-gnu/libc_nonshared.a"),
            as_needed(file("/lib64/ld-linux-x86-64.so.2")),
        ]
    );
    assert_eq!(script.output_format.as_deref(), Some("elf64-x86-64"));
}

#[test]
fn libraries_commas_and_quotes() {
    let script = read(
        "INPUT(libncurses.so.6 -ltinfo)INPUT(a.o,b.o, -l:libz.so.1 \"odd, (name).o\" =/lib/x+y-1.o $SYSROOT/q)",
    )
    .unwrap();
    assert_eq!(
        script.items,
        [
            file("libncurses.so.6"),
            library("tinfo"),
            file("a.o"),
            file("b.o"),
            library(":libz.so.1"),
            file("odd, (name).o"),
            file("=/lib/x+y-1.o"),
            file("$SYSROOT/q"),
        ]
    );
}

#[test]
fn as_needed_nests() {
    let script = read("GROUP(AS_NEEDED(a AS_NEEDED(-lb) c)d)").unwrap();
    assert_eq!(
        script.items,
        [as_needed(file("a")), as_needed(library("b")), as_needed(file("c")), file("d")]
    );
}

#[test]
fn the_other_commands() {
    let script = read(
        "TARGET(elf64-x86-64) OUTPUT_ARCH(i386:x86-64) # a comment\nSEARCH_DIR(\"=/usr/local/lib\"); SEARCH_DIR(/opt/my-lib)\n\
         ENTRY(_start) EXTERN(a b, c) OUTPUT_FORMAT(elf64-x86-64, elf64-big, elf64-x86-64)",
    )
    .unwrap();
    assert_eq!(script.search_dirs, ["=/usr/local/lib", "/opt/my-lib"]);
    assert_eq!(script.entry.as_deref(), Some("_start"));
    assert_eq!(script.externs, ["a", "b", "c"]);
    assert_eq!(script.output_format.as_deref(), Some("elf64-x86-64"));
}

#[test]
fn assignments() {
    let script =
        read("a=0x10;b = c ;PROVIDE(d = 4K); PROVIDE_HIDDEN(e = 010)HIDDEN(f=g);\"x y\" = 0;").unwrap();
    let expected = [
        ("a", Value::Number(16), false, false),
        ("b", Value::Symbol("c".into(), 0), false, false),
        ("d", Value::Number(4096), true, false),
        ("e", Value::Number(8), true, true),
        ("f", Value::Symbol("g".into(), 0), false, true),
        ("x y", Value::Number(0), false, false),
    ];
    let expected = expected.map(|(symbol, value, provide, hidden)| Assignment {
        symbol: symbol.into(),
        value,
        provide,
        hidden,
    });
    assert_eq!(script.assignments, expected);
}

#[test]
fn what_is_not_supported_is_named_with_line_and_column() {
    for (text, command, position) in [
        ("/* x */\n\n  SECTIONS { .text : { *(.text) } }", "`SECTIONS`", "line 3, column 3"),
        ("MEMORY { }", "`MEMORY`", "line 1, column 1"),
        ("INCLUDE other.ld", "`INCLUDE`", "line 1, column 1"),
        ("a = b * 1;", "operation", "line 1, column 7"),
        ("a =\n .;", "operation", "line 2, column 2"),
        ("ASSERT(a, \"message\")", "ASSERT", "line 1, column 1"),
        (". = 1;", "location counter", "line 1, column 1"),
    ] {
        let problem = read(text).unwrap_err();
        assert!(matches!(problem.kind, ProblemKind::Unsupported { .. }), "{problem}");
        let shown = problem.to_string();
        assert!(shown.contains(command) && shown.contains(position), "{shown}");
    }
}

#[test]
fn malformed_texts() {
    for (text, expected) in [
        ("GROUP", "`(` is missing at the end"),
        ("GROUP(a", "without an end"),
        ("GROUP(AS_NEEDED(a)", "without an end"),
        ("GROUP(a;b)", "in a list of files"),
        ("INPUT(-l)", "without a name"),
        ("INPUT(\"\")", "empty name"),
        ("/* open", "comment without an end"),
        ("INPUT(\"open\n\")", "quoted name without an end"),
        ("ENTRY(a b)", "one name"),
        ("a = 1", "`;` is missing"),
        ("a = 0xg;", "malformed number"),
        ("a = 99999999999999999999;", "malformed number"),
        ("a = 0x;", "malformed number"),
        (")", "`)`"),
        ("PROVIDE(=1)", "symbol is missing"),
    ] {
        let problem = read(text).expect_err(text);
        assert!(matches!(problem.kind, ProblemKind::Malformed { .. }), "{text}: {problem}");
        assert!(problem.to_string().contains(expected), "{text}: {problem}");
    }
    assert!(parse(&"x".into(), b"INPUT(\xff)").is_err());
    assert!(parse(&"x".into(), b"INPUT(a\0b)").is_err());
}

#[test]
fn deep_nesting_is_no_recursion() {
    assert!(read(&"GROUP(".repeat(100_000)).is_err());
    let text = format!("GROUP({}a{}", "AS_NEEDED(".repeat(100_000), ")".repeat(100_001));
    assert_eq!(read(&text).unwrap().items, [as_needed(file("a"))]);
}

#[test]
fn recognised_by_looks() {
    assert!(looks_like_script(b"/* GNU ld script */\nGROUP(a)"));
    assert!(looks_like_script("INPUT(b\u{fc}cher.o)".as_bytes()));
    for data in [&b""[..], b" \n", b"\x7fELF", b"!<arch>\n", b"BC\xc0\xde\0", b"GROUP\0"] {
        assert!(!looks_like_script(data), "{data:?}");
    }
}

#[test]
fn the_systems_own_scripts() {
    let mut read = 0;
    for directory in ["/usr/lib/x86_64-linux-gnu", "/usr/lib64"] {
        let Ok(entries) = std::fs::read_dir(directory) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let library = path.extension().is_some_and(|extension| extension == "so" || extension == "a");
            let small = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() < 4096);
            if library && small {
                let text = std::fs::read(&path).unwrap();
                if looks_like_script(&text) {
                    let script = parse(&path.to_string_lossy().into(), &text).unwrap();
                    assert!(!script.items.is_empty(), "{path:?}");
                    read += 1;
                }
            }
        }
    }
    eprintln!("{read} scripts read");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (looks_like_script(&data), parse(&"x".into(), &data));
    }

    #[test]
    fn random_scripts_never_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "INPUT", "GROUP", "AS_NEEDED", "(", ")", "=", ";", ",", "-l", "-lc", "a", ".", "\"", "\"q\"", "/*", "*/",
            " ", "\n", "#", "0x", "077", "9K", "PROVIDE", "HIDDEN", "ENTRY", "EXTERN", "SEARCH_DIR", "OUTPUT_FORMAT",
            "{", "}", "+", "\u{fc}", "\0", "\x0b",
        ]), 0..40),
    ) {
        let text = pieces.concat();
        let _ = (looks_like_script(text.as_bytes()), parse(&"x".into(), text.as_bytes()));
    }
}
