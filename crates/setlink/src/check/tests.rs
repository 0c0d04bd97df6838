//! The language by itself; sets are checked by the cases.

use super::operands::{Operand, decode};
use super::{Checker, Outcome, Paper, Rule, Snapshot, rules};

/// What a rule of numbers comes to, on a set that has nothing.
fn outcome(text: &str) -> Outcome {
    Checker::new(&Snapshot::default()).check(&text.parse::<Rule>().expect(text))
}

fn syntax(text: &str) -> (usize, String) {
    let error = text.parse::<Rule>().expect_err(text);
    (error.column, error.what)
}

#[test]
fn operators_have_no_precedence() {
    for rule in [
        "1 + 2 << 3 = 24",
        "1 + (2 << 3) = 17",
        "10 - 3 - 2 = 5",
        "10 - (3 - 2) = 9",
        "6 & 3 | 8 = 10",
        "0x10 >> 2 + 1 = 5",
        "0 - 1 = 0xffffffffffffffff",
        "1 << 64 = 0",
        "0xffffffffffffffff + 2 = 1",
    ] {
        assert_eq!(outcome(rule), Outcome::Holds, "{rule}");
    }
}

#[test]
fn slices_count_from_bit_0_and_include_both_ends() {
    for rule in [
        "0x12345678[15:8] = 0x56",
        "(0x1200 + 0x34)[7:0] = 0x34",
        "0xff[0:0] = 1",
        "0xfedcba9876543210[63:0] = 0xfedcba9876543210",
        "1 + 0xff[3:0] = 16",
    ] {
        assert_eq!(outcome(rule), Outcome::Holds, "{rule}");
    }
}

#[test]
fn unequal_sides_are_both_told() {
    let Outcome::Differs { left, right } = outcome("1 + 1 = 3") else { panic!() };
    assert_eq!((left.value, right.value), (2, 3));
}

#[test]
fn what_is_unknown_is_an_error_of_its_own() {
    let unknown = |text: &str| match outcome(text) {
        Outcome::Unknown(what) => what,
        other => panic!("{text}: {other:?}"),
    };
    assert!(unknown("nowhere = 1").contains("no symbol `nowhere`"));
    assert!(unknown("*{4}0x10 = 1").contains("a load of 4 bytes at 0x10"));
    assert!(unknown("got_addr(x.o, y) = 1").contains("no file `x.o`"));
    assert!(unknown("decode_operand(f, 1) = 1").contains("no symbol `f`"));
}

#[test]
fn syntax_errors_have_columns() {
    assert_eq!(syntax("1 + = 2"), (5, "expected `(`, `*{N}`, a name or a number, found `=`".into()));
    assert_eq!(syntax("1 2 = 3").0, 3);
    assert_eq!(syntax("1 = ").0, 5);
    assert_eq!(syntax("(1 = 2").0, 4);
    assert_eq!(syntax("*{3}a = 1"), (3, "a load is of 1, 2, 4 or 8 bytes, not 3".into()));
    assert_eq!(syntax("a[3:8] = 1"), (3, "[3:8] is no slice of a 64-bit number".into()));
    assert_eq!(syntax("f(a) = 1"), (1, "there is no function `f`".into()));
    assert_eq!(syntax("0x10000000000000000 = 1").0, 1);
    assert_eq!(syntax("next_pc(a, 1) = 1").0, 10);
    let deep = format!("{}1 = 1", "(".repeat(10_000));
    assert!(syntax(&deep).1.contains("nested too deeply"));
}

#[test]
fn long_and_deep_rules_are_answered() {
    let chain = |operator: &str| format!("{}1 = 1", format!("1 {operator} ").repeat(200_000));
    assert_eq!(outcome(&chain("&")), Outcome::Holds);
    assert_eq!(outcome(&format!("{} = 200001", chain("+").trim_end_matches(" = 1"))), Outcome::Holds);
    let nested = |depth: usize| format!("{}7{} = 7", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(outcome(&nested(150)), Outcome::Holds);
    for deep in ["(", "*{8}", "*{1}("] {
        assert!(syntax(&format!("{}1 = 1", deep.repeat(100_000))).1.contains("nested too deeply"));
    }
    let many = "# jitlink-check: 1 + 1 = 2\n".repeat(10_000);
    assert_eq!(rules(&many, "jitlink-check").expect("rules").len(), 10_000);
    assert!(syntax("99999999999999999999999 = 1").1.contains("more than 64 bits"));
    assert!(syntax("a[99999999999:0] = 1").1.contains("no slice"));
}

#[test]
fn lines_may_end_as_elsewhere() {
    let text = "# jitlink-check: 1 = \\\r\n# jitlink-check: 1\r\n# jitlink-check: 2 = 2\r\n";
    let found = rules(text, "jitlink-check").expect("rules");
    assert_eq!(found.iter().map(|rule| rule.line).collect::<Vec<_>>(), [1, 3]);
    let open = rules("# jitlink-check: 1 = 1 \\\r\n", "jitlink-check").expect_err("an error");
    assert_eq!((open[0].line, open[0].what.as_str()), (1, "the rule goes on, but no line does"));
}

/// Rules cut off, doubled and mixed at random: each is a rule or an error with a column inside the text.
#[test]
fn no_text_is_too_bad() {
    let seeds = [
        "decode_operand(f + 4, 1)[31:16] = stub_addr(a.o, g, 0) - next_pc(f)",
        "*{8}(got_addr(a.o, g) + 8) << 3 | 0x7f & section_addr(a.o/.text, .data) >> 64 = ~é\u{2028}*{9}",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..20_000 {
        let mut text: Vec<char> = seeds[random(2)].chars().collect();
        for _ in 0..=random(4) {
            let (from, to) = (random(text.len()), random(text.len()));
            match random(3) {
                0 => drop(text.drain(from.min(to)..from.max(to))),
                1 => text.swap(from, to),
                _ => text.insert(from, text[to]),
            }
            if text.is_empty() {
                text.push('=');
            }
        }
        let text: String = text.into_iter().collect();
        match text.parse::<Rule>() {
            Ok(rule) => drop(Checker::new(&Snapshot::default()).check(&rule)),
            Err(error) => assert!(error.column <= text.chars().count() + 1, "{text}: {error}"),
        }
    }
}

#[test]
fn rules_are_found_behind_any_comment_and_go_on() {
    let text = "
        # jitlink-check: 1 = 1
        // jitlink-check: 2 = \\
        // jitlink-check:   3
        ; jitlink-check: 3 = 3
        ## jitlink-check: 4 = 4
        @ jitlink-check: 5 = 5
        # jitlink-check-other: 6 = 6
        jitlink-check: 7 = 7
        nop # jitlink-check: 8 = 8
    ";
    let found = rules(text, "jitlink-check").expect("rules");
    let lines: Vec<(usize, &str)> = found.iter().map(|rule| (rule.line, rule.text.as_str())).collect();
    assert_eq!(lines, [(2, "1 = 1"), (3, "2 =    3"), (5, "3 = 3"), (6, "4 = 4"), (7, "5 = 5")]);
    assert_eq!(rules(text, "jitlink-check-other").expect("rules").len(), 1);
    assert_eq!(rules(text, "rtdyld-check"), Ok(Vec::new()));
}

#[test]
fn an_error_in_a_continued_rule_is_where_it_stands() {
    let text = "# jitlink-check: 1 + \\\n#  jitlink-check:  ) = 2";
    let errors = rules(text, "jitlink-check").expect_err("an error");
    assert_eq!((errors[0].line, errors[0].column), (2, 20));
    let open = rules("# jitlink-check: 1 = \\", "jitlink-check").expect_err("an error");
    assert_eq!(open[0].line, 1);
}

#[test]
fn operands_are_numbered_as_llvm_does() {
    use Operand::{Immediate, Register};
    let operands = |bytes: &[u8]| decode(bytes, 0x1000).expect("an instruction").operands.expect("numbers");
    // call; movl x(%rip), %eax; addl $-1, %ecx; movabsq; jne
    assert_eq!(operands(&[0xe8, 0xfc, 0xff, 0xff, 0xff]), [Immediate(-4)]);
    let address = [Register, Immediate(1), Register, Immediate(0x10), Register];
    assert_eq!(operands(&[0x8b, 0x05, 0x10, 0, 0, 0]), [&[Register][..], &address].concat());
    assert_eq!(operands(&[0x83, 0xc1, 0xff]), [Register, Register, Immediate(-1)]);
    assert_eq!(operands(&[0x48, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0x80]), [Register, Immediate(i64::MIN + 1)]);
    assert_eq!(operands(&[0x75, 0x02]), [Immediate(2), Immediate(5)]);
    assert_eq!(decode(&[0x0f, 0xff], 0), None);
    assert_eq!(decode(&[0xe8, 0], 0), None);
}

#[test]
fn an_empty_set_has_nothing_to_show() {
    assert_eq!(Snapshot::default().to_string(), "");
    assert_eq!(Snapshot::default().bytes(0, 1), None);
    let _ = Paper::default().page(65536).session();
}
