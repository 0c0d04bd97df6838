//! The instructions that refer to thread-local variables, the APX forms included, which few processors run: assembled by
//! LLVM, relaxed here, and read back by LLVM's disassembler. The relaxed forms are those of the psABI's section on
//! thread-local storage. What needs LLVM's tools is skipped, with a message, where they are not installed.

use super::x86_64::X86_64;
use super::x86_64_tests::{assemble, assembled, disassemble, named, tool};
use super::{Isa, TlsTarget};

/// The variable's distance from the thread pointer.
const DISTANCE: i64 = -0x1234;
const ENTRY: u64 = 0x60_0008;
const BASE: u64 = 0x40_0000;

/// Relocation type, instruction, and what it becomes in static storage.
type Case = (&'static str, String, Option<String>);

const OLD: [&str; 16] = [
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
    "r15",
];
const NEW: [&str; 16] = [
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
    "r31",
];

fn cases() -> Vec<Case> {
    let mut list = Vec::new();
    for (registers, entry, descriptor) in [
        (OLD, "R_X86_64_GOTTPOFF", "R_X86_64_GOTPC32_TLSDESC"),
        (NEW, "R_X86_64_CODE_4_GOTTPOFF", "R_X86_64_CODE_4_GOTPC32_TLSDESC"),
    ] {
        for register in registers {
            let constant = |operation: &str| Some(format!("{operation} ${DISTANCE}, %{register}"));
            list.push((entry, format!("movq x@GOTTPOFF(%rip), %{register}"), constant("movq")));
            list.push((entry, format!("addq x@GOTTPOFF(%rip), %{register}"), constant("addq")));
            list.push((descriptor, format!("leaq x@TLSDESC(%rip), %{register}"), constant("movq")));
            // LLVM 19 has the old types for the new registers, whose prefix they do not tell: left alone.
            if registers == NEW {
                let plain = "R_X86_64_GOTTPOFF";
                list.push((plain, format!("movq x@GOTTPOFF(%rip), %{register}"), None));
                list.push((plain, format!("addq x@GOTTPOFF(%rip), %{register}"), None));
                let plain = "R_X86_64_GOTPC32_TLSDESC";
                list.push((plain, format!("leaq x@TLSDESC(%rip), %{register}"), None));
            }
        }
    }
    let six = "R_X86_64_CODE_6_GOTTPOFF";
    for register in OLD.into_iter().chain(NEW) {
        for other in ["rax", "r9", "r17", "r31"] {
            for flags in ["", "{nf} "] {
                let sum = Some(format!("{flags}addq ${DISTANCE}, %{register}, %{other}"));
                list.push((six, format!("{flags}addq x@GOTTPOFF(%rip), %{register}, %{other}"), sum.clone()));
                list.push((six, format!("{flags}addq %{register}, x@GOTTPOFF(%rip), %{other}"), sum));
            }
        }
        let sum = Some(format!("{{nf}} addq ${DISTANCE}, %{register}"));
        list.push((six, format!("{{nf}} addq x@GOTTPOFF(%rip), %{register}"), sum));
        // These change the entry, or do something else with it.
        list.push((six, format!("{{nf}} addq %{register}, x@GOTTPOFF(%rip)"), None));
        list.push((six, format!("subq x@GOTTPOFF(%rip), %{register}, %rax"), None));
    }
    list
}

#[test]
fn relaxations_mean_the_same() {
    let Some(mc) = tool("llvm-mc") else { return };
    let folder = tempfile::tempdir().unwrap();
    let list = cases();
    let source: String = list.iter().map(|(_, instruction, _)| format!("{instruction}\n")).collect();
    let input = assembled(&assemble(folder.path(), &mc, &source));
    assert_eq!(input.relocations.len(), list.len());
    let before = disassemble(folder.path(), &mc, &input.code);
    assert_eq!(before.len(), list.len(), "an instruction is read as several");
    for relaxed in [Some(DISTANCE), None] {
        let target = TlsTarget { entry: Some(ENTRY), relaxed, number: 0 };
        let mut code = input.code.clone();
        let mut expected = Vec::new();
        for (((name, instruction, constant), &(_, offset, addend)), before) in
            list.iter().zip(&input.relocations).zip(&before)
        {
            // What the assembler calls it depends on its age.
            let row = named(name);
            let place = BASE + offset as u64;
            let site = X86_64::tls_site(row, &input.code, offset, addend);
            assert_eq!((site.relaxable, site.call), (constant.is_some(), None), "{name} {instruction}");
            let written = X86_64::apply_tls(row, &mut code, offset, place, addend, &target);
            let wanted = constant.as_ref().filter(|_| relaxed.is_some());
            assert_eq!(written, Ok(if wanted.is_some() { 4 } else { 0 }), "{name} {instruction}");
            let distance = ENTRY as i64 + addend - place as i64;
            expected.push(match wanted {
                Some(text) => text.clone(),
                None => before.replace("(%rip)", &format!("{distance}(%rip)")),
            });
        }
        let after = disassemble(folder.path(), &mc, &code);
        assert_eq!(after.len(), expected.len());
        for (index, (got, wanted)) in after.iter().zip(&expected).enumerate() {
            assert_eq!(got, wanted, "{} {}", list[index].0, list[index].1);
        }
    }
}

/// The types that the psABI reserves without naming an instruction, and instructions of other shapes: the entry's
/// distance is stored, and nothing else changes.
#[test]
fn nothing_else_is_rewritten() {
    let cases: &[(&str, &[u8], i64)] = &[
        ("R_X86_64_CODE_5_GOTTPOFF", &[0xd5, 0x80, 0, 0x8b, 0x05, 0, 0, 0, 0], -4),
        ("R_X86_64_CODE_5_GOTPC32_TLSDESC", &[0xd5, 0x80, 0, 0x8d, 0x05, 0, 0, 0, 0], -4),
        ("R_X86_64_CODE_6_GOTPC32_TLSDESC", &[0x62, 0xf4, 0xfc, 0x08, 0x8d, 0x05, 0, 0, 0, 0], -4),
        ("R_X86_64_CODE_4_GOTTPOFF", &[0xd5, 0x40, 0x8b, 0x05, 0, 0, 0, 0], -4), // 32 bits
        ("R_X86_64_CODE_4_GOTTPOFF", &[0xd5, 0xc8, 0x8b, 0x05, 0, 0, 0, 0], -4), // map 1
        ("R_X86_64_CODE_4_GOTTPOFF", &[0xd5, 0x48, 0x2b, 0x05, 0, 0, 0, 0], -4), // sub
        ("R_X86_64_CODE_4_GOTTPOFF", &[0xd5, 0x48, 0x8b, 0x05, 0, 0, 0, 0], 0),  // not this entry
        ("R_X86_64_CODE_4_GOTTPOFF", &[0x48, 0x8b, 0x05, 0, 0, 0, 0], -4),       // no REX2
        ("R_X86_64_CODE_4_GOTPC32_TLSDESC", &[0xd5, 0x48, 0x8b, 0x05, 0, 0, 0, 0], -4), // mov
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf4, 0x7c, 0x18, 0x03, 0x05, 0, 0, 0, 0], -4), // 32 bits
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf4, 0xfd, 0x18, 0x03, 0x05, 0, 0, 0, 0], -4), // 16 bits
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf1, 0xfc, 0x18, 0x03, 0x05, 0, 0, 0, 0], -4), // map 1
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf4, 0xfc, 0x38, 0x03, 0x05, 0, 0, 0, 0], -4), // a vector's length
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf4, 0xfc, 0x18, 0x03, 0x45, 0, 0, 0, 0], -4), // another address
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x62, 0xf4, 0xfc, 0x18, 0x03, 0x05, 0, 0, 0, 0], 0),
        ("R_X86_64_CODE_6_GOTTPOFF", &[0x03, 0x05, 0, 0, 0, 0], -4), // at the start of the section
        ("R_X86_64_GOTTPOFF", &[0, 0, 0, 0], -4),
    ];
    let target = TlsTarget { entry: Some(ENTRY), relaxed: Some(DISTANCE), number: 0 };
    for &(name, code, addend) in cases {
        let offset = code.len() - 4;
        let (row, mut bytes) = (named(name), code.to_vec());
        assert!(!X86_64::tls_site(row, code, offset, addend).relaxable, "{name} {code:x?}");
        let place = BASE + offset as u64;
        assert_eq!(X86_64::apply_tls(row, &mut bytes, offset, place, addend, &target), Ok(0));
        assert_eq!(bytes[..offset], code[..offset], "{name} {code:x?}");
        let distance = (ENTRY as i64 + addend - place as i64) as i32;
        assert_eq!(bytes[offset..], distance.to_le_bytes(), "{name} {code:x?}");
    }
}
