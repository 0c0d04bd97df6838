//! Snapshots of linked sets, and rules about them.

mod support;

use setlink::check::{Checker, Outcome, Paper, Snapshot, rules};
use setlink::{Session, Set};

const BASE: u64 = 0x1000_0000;
const OUTSIDE: u64 = 0x7f00_0000_1000;

fn link(session: &Session, name: &str, assembly: &str) -> Set {
    let object = support::compile(&format!("asm({assembly:?});"), &["-fno-asynchronous-unwind-tables"]);
    let set = session.set(name).add_bytes(format!("{name}.o"), object).unwrap();
    set.absolute("outside", OUTSIDE).snapshot(true).link().unwrap()
}

#[track_caller]
fn holds(snapshot: &Snapshot, text: &str) {
    for rule in rules(&format!("# jitlink-check: {text}"), "jitlink-check").unwrap() {
        assert_eq!(Checker::new(snapshot).check(&rule), Outcome::Holds, "{text}");
    }
}

#[track_caller]
fn unknown(snapshot: &Snapshot, text: &str) -> String {
    let rule = &rules(&format!("# jitlink-check: {text}"), "jitlink-check").unwrap()[0];
    match Checker::new(snapshot).check(rule) {
        Outcome::Unknown(what) => what,
        other => panic!("{text}: {other:?}"),
    }
}

const LOADS: &str = ".globl f; .type f, @function; f: movq outside@GOTPCREL(%rip), %rax; .size f, . - f; \
                     .globl g; .type g, @function; g: call outside@PLT; .size g, . - g";

#[test]
fn entries_of_other_sets_have_addresses_and_contents() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let build = |name: &str| {
        let source = "extern int getpid(void); int app(void) { return getpid(); }";
        let object = support::compile(source, &["-fPIC", "-fno-plt"]);
        let set = session.set(name).add_bytes(format!("{name}.o"), object).unwrap();
        set.relax(false).snapshot(true)
    };
    let base = build("base").link().unwrap();
    let sharing = build("sharing").share_with(&base).link().unwrap();
    assert_eq!(sharing.summary().shared, 1);
    let (own, shared) = (base.snapshot().unwrap(), sharing.snapshot().unwrap());
    holds(own, "*{8}got_addr(base.o, getpid) = getpid");
    holds(shared, "*{8}got_addr(sharing.o, getpid) = getpid");
    holds(shared, "*{4}(got_addr(sharing.o, getpid) + 4) = getpid[63:32]");
    assert!(unknown(shared, "*{8}(got_addr(sharing.o, getpid) + 1) = 0").contains("a load of 8 bytes"));
    let (own, shared) = (own.to_string(), shared.to_string());
    let entry = own.lines().find_map(|line| line.strip_prefix("got ")).unwrap();
    let entry = entry.split(" holds").next().unwrap();
    assert!(shared.contains(&format!("\nshared got {entry}\n")), "{shared}");
    assert!(!shared.contains("\ngot ") && !own.contains("shared"), "{own}\n{shared}");
}

#[test]
fn the_text_of_a_set_is_stable() {
    if !support::compiler() {
        return;
    }
    let wanted = "\
segment code r-x 0x10000000 0x18 bytes
segment constants r-- 0x10001000 0x8 bytes
section base.o: .text 0x10000000 0xc bytes align 1
  0x3 R_X86_64_REX_GOTPCRELX outside-0x4 G+A-P in 32 bits: 0xff9
  0x8 R_X86_64_PLT32 outside-0x4 L+A-P in 32 bits: 0x4
section base.o: .data 0x10002000 0x0 bytes align 1
section base.o: .bss 0x10002000 0x0 bytes align 1
got 0x10001000 outside holds 0x7f0000001000
stub 0x10000010 outside
symbol _GLOBAL_OFFSET_TABLE_ 0x10001000 0x0 bytes linker
symbol f 0x10000000 0x7 bytes defined
symbol g 0x10000007 0x5 bytes defined
symbol outside 0x7f0000001000 0x0 bytes absolute
";
    for _ in 0..3 {
        let session = Paper::new().base(BASE).session();
        let set = link(&session, "base", LOADS);
        assert_eq!(set.snapshot().unwrap().to_string(), wanted);
    }
}

#[test]
fn loads_end_where_the_set_does() {
    if !support::compiler() {
        return;
    }
    let session = Paper::new().base(BASE).session();
    let set = link(&session, "base", &format!(".data; d: .quad 0x1122334455667788; .text; {LOADS}"));
    let snapshot = set.snapshot().unwrap();
    holds(snapshot, "*{8}d = 0x1122334455667788");
    holds(snapshot, "*{1}(d + 7) = 0x11");
    for text in [
        "*{8}(d + 1) = 1",
        "*{1}(d + 8) = 1",
        "*{1}(d - 1) = 1",
        "*{1}0 = 1",
        "*{8}0xffffffffffffffff = 1",
        "*{1}(0 - 1) = 1",
        "*{8}outside = 1",
    ] {
        assert!(unknown(snapshot, text).contains("a load of"), "{text}");
    }
    for text in [
        "decode_operand(f + 7, 0) = 1",
        "decode_operand(f + 0xffffffffffffffff, 0) = 1",
        "decode_operand(f + 1, 0xffffffffffffffff) = 1",
        "decode_operand(d, 0) = 1",
        "decode_operand(outside, 0) = 1",
    ] {
        assert!(!unknown(snapshot, text).is_empty());
    }
}
