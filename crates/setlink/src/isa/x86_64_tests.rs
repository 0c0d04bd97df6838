//! The table of relocation types against independent ones (linker-utils, object), the arithmetic against ld.lld, and the
//! relaxations against a disassembler. What needs LLVM's tools is skipped, with a message, where they are not installed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use linker_utils::elf::{RelocationKind, RelocationSize};
use linker_utils::x86_64::relocation_from_raw;
use object::elf::{NAMES_R_X86_64, RelocationType as Type};
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol};

use super::x86_64::{TABLE, X86_64};
use super::{Isa, Misfit, Needs, RelocationType, Target, Value};
use crate::memory::arena::Arena;
use crate::read::elf;
use crate::read::object::Expected;

fn row(number: u32) -> &'static RelocationType {
    X86_64::relocation_type(number).unwrap()
}

pub(super) fn named(name: &str) -> &'static RelocationType {
    TABLE.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no relocation type {name}"))
}

#[test]
fn numbers_and_names() {
    for (index, row) in TABLE.iter().enumerate() {
        assert_eq!(row.number as usize, index, "{}", row.name);
        // 39 and 40 are withdrawn from the psABI; binutils still has these names for them.
        let expected = match row.number {
            39 => Some("R_X86_64_PC32_BND"),
            40 => Some("R_X86_64_PLT32_BND"),
            number => NAMES_R_X86_64.name(Type(number)),
        };
        assert_eq!(Some(row.name), expected);
    }
    assert_eq!(NAMES_R_X86_64.name(Type(TABLE.len() as u32)), None, "a type that the table does not have");
    for number in [250, 251] {
        assert_eq!(row(number).value, Value::None);
    }
    assert_eq!(X86_64::relocation_type(252), None);
}

/// The value of a linker-utils kind in the notation of the table.
fn value_of(kind: RelocationKind) -> Value {
    match kind {
        RelocationKind::None => Value::None,
        RelocationKind::Absolute => Value::Address,
        RelocationKind::Relative => Value::Relative,
        RelocationKind::PltRelative => Value::Branch,
        RelocationKind::GotRelative => Value::EntryRelative,
        RelocationKind::GotRelGotBase => Value::EntryOffset,
        RelocationKind::SymRelGotBase => Value::GotOffset,
        RelocationKind::PltRelGotBase => Value::StubOffset,
        RelocationKind::TlsGd => Value::TlsPair,
        RelocationKind::TlsLd => Value::TlsModule,
        RelocationKind::DtpOff => Value::TlsOffset,
        RelocationKind::GotTpOff => Value::TlsEntry,
        RelocationKind::TpOff => Value::TlsStatic,
        RelocationKind::TlsDesc => Value::TlsDescriptor,
        RelocationKind::TlsDescCall => Value::TlsCall,
        kind => panic!("{kind:?} is new"),
    }
}

/// Types that linker-utils leaves out: not its own (what a dynamic loader applies), or not implemented in wild.
const UNKNOWN_TO_LINKER_UTILS: [&str; 15] = [
    "R_X86_64_COPY",
    "R_X86_64_GLOB_DAT",
    "R_X86_64_JUMP_SLOT",
    "R_X86_64_RELATIVE",
    "R_X86_64_DTPMOD64",
    "R_X86_64_TPOFF64",
    "R_X86_64_TLSDESC",
    "R_X86_64_IRELATIVE",
    "R_X86_64_RELATIVE64",
    "R_X86_64_GOTPCREL64",
    "R_X86_64_GOTPLT64",
    "R_X86_64_SIZE32",
    "R_X86_64_SIZE64",
    "R_X86_64_PC32_BND",
    "R_X86_64_PLT32_BND",
];

/// Differences in the value, with the reason: type, ours, theirs.
const OTHER_VALUES: [(&str, Value, Value, &str); 2] = [
    ("R_X86_64_GOTPC32", Value::GotRelative, Value::Relative, "theirs relies on the symbol being the GOT's"),
    ("R_X86_64_GOTPC64", Value::GotRelative, Value::Relative, "theirs relies on the symbol being the GOT's"),
];

/// Differences in the range, with the reason.
const OTHER_RANGES: [(&str, &str); 1] = [(
    "R_X86_64_GOT32",
    "an instruction's displacement is sign-extended; lld and GNU ld check it as signed, too",
)];

#[test]
fn table_agrees_with_linker_utils() {
    let mut missing = BTreeSet::new();
    for row in TABLE {
        let Some(theirs) = relocation_from_raw(Type(row.number)) else {
            missing.insert(row.name);
            continue;
        };
        let value = value_of(theirs.kind);
        let allowed = OTHER_VALUES.iter().find(|(name, ..)| *name == row.name);
        match allowed {
            Some((_, ours, other, reason)) => {
                assert_eq!((row.value, value), (*ours, *other), "{}: no longer so: {reason}", row.name);
            }
            None => assert_eq!(row.value, value, "{}", row.name),
        }
        let RelocationSize::ByteSize(width) = theirs.size else { panic!("{}: {:?}", row.name, theirs.size) };
        assert_eq!(usize::from(row.field.bytes), width, "{}", row.name);
        if width == 0 || width == 8 {
            continue; // nothing to check in either
        }
        let (low, high) = (i128::from(theirs.range.min), i128::from(theirs.range.max));
        let holds = [low - 1, low, high - 1, high].map(|number| row.field.holds(number));
        match OTHER_RANGES.iter().find(|(name, _)| *name == row.name) {
            Some((name, reason)) => {
                assert_ne!(holds, [false, true, true, false], "{name}: no longer so: {reason}");
            }
            None => assert_eq!(holds, [false, true, true, false], "{}: {low:#x}..{high:#x}", row.name),
        }
    }
    let expected: BTreeSet<&str> = UNKNOWN_TO_LINKER_UTILS.into_iter().collect();
    assert_eq!(missing, expected);
}

// The tools.

/// A tool of LLVM's, the newest version first; none, and a message, if it is not installed.
pub(super) fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let versions = (19..40).rev().map(|version| format!("{name}-{version}")).chain([name.to_owned()]);
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut candidates = versions.flat_map(|name| folders.iter().map(move |folder| folder.join(&name)));
    let found = candidates.find(|path| {
        let Ok(output) = Command::new(path).arg("--version").output() else { return false };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // "Debian LLVM version 19.1.7", "LLD 19.1.7 (compatible with GNU linkers)"
        let mut numbers =
            said.split_whitespace().filter_map(|word| word.split_once('.')?.0.parse::<u32>().ok());
        numbers.next().is_some_and(|major| major >= 19)
    });
    if found.is_none() {
        println!("skipped: {name} 19 or later is not installed");
    }
    found
}

fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

pub(super) fn assemble(folder: &Path, mc: &Path, source: &str) -> PathBuf {
    let (input, output) = (folder.join("a.s"), folder.join("a.o"));
    std::fs::write(&input, source).unwrap();
    let mut command = Command::new(mc);
    command
        .args(["-triple=x86_64-linux-gnu", "-mattr=+egpr,+ndd,+nf", "-filetype=obj", "-o"])
        .arg(&output)
        .arg(&input);
    let (done, said) = run(&mut command);
    assert!(done, "{said}");
    output
}

/// The instructions in `code`, one per element, as LLVM writes them in AT&T syntax, with single spaces.
pub(super) fn disassemble(folder: &Path, mc: &Path, code: &[u8]) -> Vec<String> {
    let input = folder.join("code");
    let text: Vec<String> = code.iter().map(|byte| format!("{byte:#04x}")).collect();
    std::fs::write(&input, text.join(" ")).unwrap();
    let mut command = Command::new(mc);
    command.args(["-triple=x86_64-linux-gnu", "-mattr=+egpr,+ndd,+nf", "--disassemble"]).arg(&input);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |line: &str| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).filter(|line| !line.is_empty() && line != ".text").collect()
}

// The relaxations.

const REGISTERS: [[&str; 2]; 18] = [
    ["rax", "eax"],
    ["rcx", "ecx"],
    ["rdx", "edx"],
    ["rbx", "ebx"],
    ["rsp", "esp"],
    ["rbp", "ebp"],
    ["rsi", "esi"],
    ["rdi", "edi"],
    ["r8", "r8d"],
    ["r9", "r9d"],
    ["r10", "r10d"],
    ["r11", "r11d"],
    ["r12", "r12d"],
    ["r13", "r13d"],
    ["r14", "r14d"],
    ["r15", "r15d"],
    // APX: a REX2 prefix
    ["r16", "r16d"],
    ["r29", "r29d"],
];

/// Every instruction that may be relaxed, with every register: the instruction, what it becomes when the symbol is near,
/// and when it is low (None: it stays). `N` stands for the displacement, `L` for the symbol's address.
fn instructions() -> Vec<(String, Option<String>, Option<String>)> {
    let mut list = Vec::new();
    for (index, registers) in REGISTERS.into_iter().enumerate() {
        for (register, suffix) in registers.into_iter().zip(["q", "l"]) {
            // REX2: LLVM 19 and later have forms of it that are not rewritten to constants.
            let rex2 = index >= 16;
            let low = |text: String| (!rex2).then_some(text);
            list.push((
                format!("mov{suffix} foo@GOTPCREL(%rip), %{register}"),
                Some(format!("lea{suffix} N(%rip), %{register}")),
                low(format!("mov{suffix} $L, %{register}")),
            ));
            list.push((
                format!("test{suffix} %{register}, foo@GOTPCREL(%rip)"),
                None,
                low(format!("test{suffix} $L, %{register}")),
            ));
            for operation in ["adc", "add", "and", "cmp", "or", "sbb", "sub", "xor"] {
                list.push((
                    format!("{operation}{suffix} foo@GOTPCREL(%rip), %{register}"),
                    None,
                    low(format!("{operation}{suffix} $L, %{register}")),
                ));
            }
        }
    }
    list.push(("call *foo@GOTPCREL(%rip)".into(), Some("addr32 callq N".into()), None));
    // The displacement counts from the end of the jump, one byte before that of the instruction it was.
    list.push(("jmp *foo@GOTPCREL(%rip)".into(), Some("jmp M; nop".into()), None));
    list
}

pub(super) struct Assembled {
    pub code: Vec<u8>,
    /// Number of the type, offset, addend.
    pub relocations: Vec<(u32, usize, i64)>,
}

pub(super) fn assembled(path: &Path) -> Assembled {
    let data = std::fs::read(path).unwrap();
    let arena = Arena::default();
    let file = Arc::from("a.o");
    let object = elf::parse(&file, None, 0, &data, Expected::default(), &arena).ok().unwrap();
    let text = object.sections.iter().find(|section| section.name == b".text").unwrap();
    let relocations = text.relocations().map(|it| (it.kind, it.offset as usize, it.addend)).collect();
    Assembled { code: text.data().to_vec(), relocations }
}

#[test]
fn relaxations_mean_the_same() {
    let Some(mc) = tool("llvm-mc") else { return };
    let folder = tempfile::tempdir().unwrap();
    let list = instructions();
    let source: String = list.iter().map(|(instruction, ..)| format!("{instruction}\n")).collect();
    let input = assembled(&assemble(folder.path(), &mc, &source));
    assert_eq!(input.relocations.len(), list.len());
    let before = disassemble(folder.path(), &mc, &input.code);
    assert_eq!(before.len(), list.len(), "an instruction is read as several");

    for (near, low) in [(true, false), (false, true), (true, true), (false, false)] {
        let (base, symbol, entry) = (0x40_0000, 0x41_2345, 0x60_0008);
        let target = Target {
            address: symbol,
            branch: symbol,
            entry: Some(entry),
            near,
            near_branch: near,
            low,
            ..Target::default()
        };
        let mut code = input.code.clone();
        let mut expected = Vec::new();
        for ((number, offset, addend), (instruction, when_near, when_low)) in
            input.relocations.iter().zip(&list)
        {
            let place = base + *offset as u64;
            let row = row(*number);
            let needs = X86_64::needs(row, &input.code, *offset, *addend);
            let relaxed = X86_64::apply(row, &mut code, *offset, place, *addend, &target);
            let relaxed = relaxed.unwrap_or_else(|misfit| panic!("{instruction}: {misfit:?}"));
            let distance = symbol as i64 - place as i64 - 4;
            let wanted = when_near.as_ref().filter(|_| near).or(when_low.as_ref().filter(|_| low));
            assert_eq!(relaxed, wanted.is_some(), "{instruction}: near {near}, low {low}");
            // What the planner thinks must be what the writer does: an entry exactly where it is used.
            let needs_entry = match needs {
                Needs::ENTRY => true,
                Needs::ENTRY_BRANCH => !near,
                Needs::ENTRY_LOAD => !near && !low,
                Needs::ENTRY_OPERAND => !low,
                other => panic!("{instruction}: {other:?}"),
            };
            assert_eq!(needs_entry, !relaxed, "{instruction}: near {near}, low {low}");
            match wanted {
                Some(text) => {
                    let text =
                        text.replace('N', &distance.to_string()).replace('M', &(distance + 1).to_string());
                    let text = text.replace('L', &symbol.to_string());
                    expected.extend(text.split("; ").map(str::to_owned));
                }
                None => {
                    let distance = entry as i64 - place as i64 - 4;
                    let index = expected_index(&list, instruction);
                    // The instruction as it was, with the entry's distance.
                    expected.push(
                        before[index].replace("(%rip)", &format!("{distance}(%rip)")).replace("*0", "*"),
                    );
                }
            }
        }
        let after = disassemble(folder.path(), &mc, &code);
        for (got, wanted) in after.iter().zip(&expected) {
            assert_eq!(got, wanted, "near {near}, low {low}");
        }
        assert_eq!(after.len(), expected.len());
    }
}

fn expected_index(list: &[(String, Option<String>, Option<String>)], instruction: &str) -> usize {
    list.iter().position(|(other, ..)| other == instruction).unwrap()
}

/// Instructions that look like those that may be rewritten, and are not: data, other addressing modes, prefixes.
#[test]
fn nothing_else_is_rewritten() {
    let near = Target {
        address: 0x41_0000,
        entry: Some(0x60_0000),
        near: true,
        near_branch: true,
        low: true,
        ..Target::default()
    };
    let cases: &[(&str, &[u8], i64)] = &[
        ("R_X86_64_GOTPCREL", &[0xff, 0x15, 0, 0, 0, 0], -4), // call: not by the old type
        ("R_X86_64_GOTPCREL", &[0x48, 0x03, 0x05, 0, 0, 0, 0], -4), // add: nor this
        ("R_X86_64_GOTPCREL", &[0x48, 0x8b, 0x05, 0, 0, 0, 0], 0), // another place in the GOT
        ("R_X86_64_REX_GOTPCRELX", &[0x48, 0x8b, 0x84, 0, 0, 0, 0], -4), // mov with a base and an index
        ("R_X86_64_REX_GOTPCRELX", &[0x66, 0x8b, 0x05, 0, 0, 0, 0], -4), // no REX
        ("R_X86_64_REX_GOTPCRELX", &[0x8b, 0x05, 0, 0, 0, 0], -4), // at the start of the section
        ("R_X86_64_REX_GOTPCRELX", &[0x48, 0xff, 0x15, 0, 0, 0, 0], -4), // call with a REX
        ("R_X86_64_REX_GOTPCRELX", &[0xd5, 0x48, 0x03, 0x25, 0, 0, 0, 0], -4), // add with a REX2
        ("R_X86_64_CODE_4_GOTPCRELX", &[0xd5, 0xc8, 0x8b, 0x25, 0, 0, 0, 0], -4), // REX2, map 1
        ("R_X86_64_CODE_5_GOTPCRELX", &[0, 0x48, 0x8b, 0x05, 0, 0, 0, 0], -4),
        ("R_X86_64_CODE_6_GOTPCRELX", &[0x62, 0, 0, 0, 0x03, 0x05, 0, 0, 0, 0], -4),
        ("R_X86_64_GOTPCRELX", &[0, 0, 0, 0], -4), // data
    ];
    for &(name, code, addend) in cases {
        let offset = code.len() - 4;
        let (row, mut bytes) = (named(name), code.to_vec());
        assert_eq!(X86_64::needs(row, code, offset, addend), Needs::ENTRY, "{name} {code:x?}");
        let place = 0x40_0000 + offset as u64;
        let applied = X86_64::apply(row, &mut bytes, offset, place, addend, &near);
        assert_eq!(applied, Ok(false), "{name} {code:x?}");
        assert_eq!(bytes[..offset], code[..offset], "{name} {code:x?}");
        let distance = (0x60_0000 + addend - place as i64) as i32;
        assert_eq!(bytes[offset..], distance.to_le_bytes(), "{name} {code:x?}");
    }
}

// The arithmetic.

/// ld.lld's output for one relocation of each type, symbol and addend, at the fixed addresses of a static link.
#[test]
fn arithmetic_agrees_with_lld() {
    let (Some(mc), Some(lld)) = (tool("llvm-mc"), tool("ld.lld")) else { return };
    let folder = tempfile::tempdir().unwrap();
    // Symbols in sections, and absolute ones at the limits of the fields.
    let absolute: [u64; 22] = [
        0,
        1,
        0x7e,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0x8000,
        0xffff,
        0x1_0000,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        0x1_0000_0000,
        0xffff_ffff_8000_0000,
        0xffff_ffff_7fff_ffff,
        0xffff_ffff_ffff_8000,
        0xffff_ffff_ffff_7fff,
        0xffff_ffff_ffff_ff80,
        0xffff_ffff_ffff_ff7f,
        u64::MAX,
    ];
    let types: [(&str, u32); 23] = [
        ("R_X86_64_NONE", 0),
        ("R_X86_64_64", 1),
        ("R_X86_64_PC32", 2),
        ("R_X86_64_GOT32", 3),
        ("R_X86_64_PLT32", 4),
        ("R_X86_64_GOTPCREL", 9),
        ("R_X86_64_32", 10),
        ("R_X86_64_32S", 11),
        ("R_X86_64_16", 12),
        ("R_X86_64_PC16", 13),
        ("R_X86_64_8", 14),
        ("R_X86_64_PC8", 15),
        ("R_X86_64_PC64", 24),
        ("R_X86_64_GOTOFF64", 25),
        ("R_X86_64_GOTPC32", 26),
        ("R_X86_64_GOT64", 27),
        ("R_X86_64_GOTPC64", 29),
        ("R_X86_64_PLTOFF64", 31),
        ("R_X86_64_SIZE32", 32),
        ("R_X86_64_SIZE64", 33),
        ("R_X86_64_GOTPCRELX", 41),
        ("R_X86_64_REX_GOTPCRELX", 42),
        ("R_X86_64_CODE_4_GOTPCRELX", 43),
    ];
    let mut source = String::from(
        ".globl code, data, _start\n.type data,@object\n.size data,24\n.data\n.skip 40\ndata: .skip 64\n\
         .section .near,\"aw\"\n_start:\n.skip 100\ncode: .skip 28\n",
    );
    // References lie behind the near section, 16 bytes apart; their offsets tell which is which.
    source.push_str(".section .references,\"aw\"\n");
    let mut references = Vec::new();
    for (name, number) in types {
        let symbols =
            ["code".into(), "data".into()].into_iter().chain((0..absolute.len()).map(|i| format!("abs{i}")));
        for symbol in symbols {
            for addend in [0i64, -4, 5, -200, 0x7000_0000] {
                let offset = references.len() * 16;
                source.push_str(&format!(".reloc {offset}, {name}, {symbol}{addend:+}\n"));
                references.push((number, symbol.clone(), addend));
            }
        }
    }
    source.push_str(&format!(".skip {}\n", references.len() * 16));
    // llvm-mc knows the newest types by number only, if at all.
    let source = source.replace("R_X86_64_CODE_4_GOTPCRELX", "R_X86_64_GOTPCRELX");
    let input = assemble(folder.path(), &mc, &source);
    let output = folder.path().join("a.out");
    let mut command = Command::new(lld);
    command.args(["-static", "--noinhibit-exec", "--error-limit=0", "--section-start=.near=0x400000"]);
    command.args(["--section-start=.references=0x401000", "--section-start=.data=0x800000"]);
    // An assembler would replace absolute symbols that it knows by their values.
    command.args(absolute.iter().enumerate().map(|(index, value)| format!("--defsym=abs{index}={value:#x}")));
    command.arg("--no-relax").arg("-o").arg(&output).arg(&input);
    let (_, said) = run(&mut command);
    let linked = std::fs::read(&output).unwrap_or_else(|error| panic!("{error}: {said:.2000}"));
    // "a.o:(.references+0x10): relocation R_X86_64_8 out of range: …"
    let refused: BTreeSet<usize> = said
        .lines()
        .filter(|line| line.contains("out of range"))
        .filter_map(|line| {
            let hexadecimal = line.split(".references+0x").nth(1)?.split(')').next()?;
            usize::from_str_radix(hexadecimal, 16).ok()
        })
        .collect();
    assert!(refused.len() > 100, "lld's messages have changed: {said:.2000}");
    compare(&linked, &references, &refused);
}

fn compare(linked: &[u8], references: &[(u32, String, i64)], refused: &BTreeSet<usize>) {
    let file = ElfFile64::<LittleEndian>::parse(linked).unwrap();
    let symbols: BTreeMap<&str, (u64, u64)> =
        file.symbols().filter_map(|it| Some((it.name().ok()?, (it.address(), it.size())))).collect();
    let section = |name: &str| {
        let section = file.section_by_name(name).unwrap_or_else(|| panic!("no {name} in lld's output"));
        (section.address(), section.data().unwrap().to_vec())
    };
    let (base, bytes) = section(".references");
    let (got_address, got_bytes) = section(".got");
    let entries: BTreeMap<u64, u64> = (got_address..)
        .step_by(8)
        .zip(got_bytes.chunks_exact(8))
        .map(|(address, bytes)| (u64::from_le_bytes(bytes.try_into().unwrap()), address))
        .collect();
    // The psABI's GOT is where _GLOBAL_OFFSET_TABLE_ is; without the symbol, lld's is at .got.plt.
    let got = symbols.get("_GLOBAL_OFFSET_TABLE_").map_or_else(|| section(".got.plt").0, |symbol| symbol.0);
    let mut compared = 0;
    for (index, (number, symbol, addend)) in references.iter().enumerate() {
        let offset = index * 16;
        let row = row(*number);
        let (address, size) = symbols[symbol.as_str()];
        let target = Target {
            address,
            branch: address,
            entry: entries.get(&address).copied(),
            got,
            size,
            ..Target::default()
        };
        let mut own = vec![0; bytes.len()];
        let place = base + offset as u64;
        let applied = X86_64::apply(row, &mut own, offset, place, *addend, &target);
        let what = format!("{} of {symbol}{addend:+} at {place:#x}", row.name);
        match applied {
            Ok(relaxed) => {
                assert!(!relaxed, "{what}");
                assert!(!refused.contains(&offset), "{what}: lld refuses it");
                assert_eq!(own[offset..offset + 16], bytes[offset..offset + 16], "{what}");
                compared += 1;
            }
            Err(Misfit::Overflow(value)) => {
                // lld computes modulo 2^64, so that the end of the address space is near its start. Here it is far, as
                // no program means that.
                let wraps = i64::try_from(value).is_err();
                // A size is unsigned here, as in GNU ld; lld takes it for signed.
                let negative_size = row.value == Value::Size && value < 0;
                assert!(
                    wraps || negative_size || refused.contains(&offset),
                    "{what}: {value:#x}, which lld accepts"
                );
            }
            Err(other) => panic!("{what}: {other:?}"),
        }
    }
    assert!(compared > references.len() / 3, "{compared} of {}", references.len());
}
