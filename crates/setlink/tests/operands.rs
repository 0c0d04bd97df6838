//! Compares the numbering of operands with LLVM's, over some hundred thousand encodings: every opcode of the legacy and
//! VEX maps with several prefixes and operands. Skipped, and says so, where there is no `llvm-mc`.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use setlink::check::operands::{Operand, decode};

/// Instructions that one run of llvm-mc gets.
const CHUNK: usize = 20_000;

fn llvm_mc() -> Option<String> {
    let versions = (17..=24).rev().map(|version| format!("llvm-mc-{version}"));
    let path = std::env::var_os("PATH")?;
    std::iter::once("llvm-mc".to_owned())
        .chain(versions)
        .find(|name| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// The bytes behind an opcode: operands of every shape, and an immediate whose sign bits tell how it is extended.
fn tails() -> Vec<Vec<u8>> {
    let immediate = [0x9a, 0x12, 0xbc, 0x8d, 0x77, 0x66, 0x55, 0x94];
    let mut tails = Vec::new();
    for register in 0..8u8 {
        // %rip; a register; base + disp8; base, index, scale + disp32; base, index, scale + disp8
        for address in [
            &[0x05, 0xf0, 0x34, 0x12, 0x80][..],
            &[0xc3],
            &[0x43, 0x85],
            &[0x84, 0x8b, 1, 2, 3, 0x84],
            &[0x44, 0x51, 7],
        ] {
            let mut tail = address.to_vec();
            tail[0] |= register << 3;
            tail.extend(immediate);
            tails.push(tail);
        }
    }
    tails
}

/// Encodings, one for each that iced-x86 takes for a whole instruction.
fn encodings() -> Vec<Vec<u8>> {
    let mut heads: Vec<Vec<u8>> = Vec::new();
    // The last of these say nothing about operands: a lock, a segment, an address of 32 bits.
    for prefix in
        [&[][..], &[0x66], &[0xf2], &[0xf3], &[0xf0], &[0x64], &[0x67], &[0xf0, 0x66], &[0x65, 0xf3]]
    {
        for rex in [&[][..], &[0x48], &[0x45]] {
            for map in [&[][..], &[0x0f], &[0x0f, 0x38], &[0x0f, 0x3a]] {
                for opcode in 0..=255u8 {
                    // Prefixes, VEX, EVEX and REX come by themselves.
                    let prefixes = [
                        0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xd5, 0xf0, 0xf2,
                        0xf3,
                    ];
                    if map.is_empty() && (prefixes.contains(&opcode) || opcode & 0xf0 == 0x40) {
                        continue;
                    }
                    // LLVM takes `pause` with a REX prefix for an exchange, which no processor does.
                    if map.is_empty() && opcode == 0x90 && prefix.ends_with(&[0xf3]) && !rex.is_empty() {
                        continue;
                    }
                    heads.push([prefix, rex, map, &[opcode]].concat());
                }
            }
        }
    }
    for map in 1..=3u8 {
        for last in (0..32u8).map(|bits| (bits & 1) << 7 | (bits >> 1 & 7) | 0x78 & !((bits >> 4) << 6)) {
            heads.extend((0..=255u8).map(|opcode| vec![0xc4, 0xe0 | map, last, opcode]));
        }
    }
    let tails = tails();
    let mut list: Vec<Vec<u8>> = heads
        .iter()
        .flat_map(|head| {
            tails.iter().filter_map(move |tail| {
                let mut bytes = [head.as_slice(), tail].concat();
                bytes.truncate(decode(&bytes, 0)?.length as usize);
                Some(bytes)
            })
        })
        .collect();
    // LLVM takes this fence, behind a prefix for addresses that it does not have, for a `tpause`.
    list.retain(|bytes| !matches!(bytes[..], [0x67, 0x41 | 0x45 | 0x48, 0x0f, 0xae, 0xf3]));
    list.sort();
    list.dedup();
    list
}

/// LLVM's name and operands for each of the instructions that it takes for one, too.
fn llvm(program: &str, list: &[Vec<u8>]) -> Vec<Option<(String, Vec<Operand>)>> {
    let mut input = String::new();
    for (index, bytes) in list.iter().enumerate() {
        let line: Vec<String> = bytes.iter().map(|byte| format!("{byte:#x}")).collect();
        input.push_str(&format!("[{}]\n", line.join(" ")));
        // movabsq $index, %rcx: what follows is the next.
        let mark: Vec<String> =
            (index as u64).to_le_bytes().iter().map(|byte| format!("{byte:#x}")).collect();
        input.push_str(&format!("[0x48 0xb9 {}]\n", mark.join(" ")));
    }
    let arguments = ["-disassemble", "-triple=x86_64", "-mattr=+avx512f", "-show-inst"];
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("llvm-mc starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("llvm-mc ends");
    writer.join().expect("the writer ends").expect("llvm-mc reads");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found = vec![None; list.len()];
    let mut pending: Vec<(String, Vec<Operand>)> = Vec::new();
    for part in text.split("<MCInst #").skip(1) {
        let mut lines = part.lines();
        let name = lines.next().unwrap_or_default().split_whitespace().nth(1).unwrap_or_default();
        let operands: Vec<Operand> = part
            .split("<MCOperand ")
            .skip(1)
            .map(|operand| match operand.strip_prefix("Imm:") {
                Some(number) => {
                    let end = number.find('>').expect("a closing bracket");
                    Operand::Immediate(number[..end].parse().expect("a number"))
                }
                None => Operand::Register,
            })
            .collect();
        if let ("MOV64ri", [Operand::Register, Operand::Immediate(index)]) = (name, &operands[..]) {
            if let (1, Some(slot)) = (pending.len(), found.get_mut(*index as usize)) {
                *slot = pending.pop();
            }
            pending.clear();
            continue;
        }
        pending.push((name.trim_end_matches('>').to_owned(), operands));
    }
    found
}

#[test]
fn operands_have_llvms_numbers() {
    let Some(program) = llvm_mc() else {
        eprintln!("skipped: this machine has no llvm-mc");
        return;
    };
    let list = encodings();
    let (mut same, mut unnumbered, mut not_llvms) = (0, 0, 0);
    let mut wrong: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut right: BTreeMap<String, usize> = BTreeMap::new();
    for chunk in list.chunks(CHUNK) {
        for (bytes, theirs) in chunk.iter().zip(llvm(&program, chunk)) {
            let Some((name, theirs)) = theirs else {
                not_llvms += 1;
                continue;
            };
            let decoded = decode(bytes, 0).expect("it was decoded before");
            match decoded.operands {
                Err(_) => unnumbered += 1,
                Ok(ours) if ours == theirs => {
                    same += 1;
                    *right.entry(name).or_default() += 1;
                }
                Ok(ours) => {
                    let shown =
                        format!("{} {bytes:02x?}\n    ours   {ours:?}\n    LLVM's {theirs:?}", decoded.text);
                    wrong.entry(name).or_insert((0, shown)).0 += 1;
                }
            }
        }
    }
    let summary = format!(
        "{same} instructions of {} kinds agree, {} kinds do not, {unnumbered} have no numbers, {not_llvms} are not LLVM's",
        right.len(),
        wrong.len()
    );
    println!("{summary}");
    let report: Vec<String> =
        wrong.iter().map(|(name, (count, shown))| format!("{name} ({count}): {shown}")).collect();
    assert!(wrong.is_empty(), "{summary}\n{}", report.join("\n"));
    assert!(same > 50_000 && right.len() > 1_000, "{summary}");
}
