//! The operands of x86-64 instructions, numbered as LLVM numbers them.
//!
//! Rules say `decode_operand(symbol, 4)`, and mean operand 4 of LLVM's own form of the instruction (MCInst), which is
//! neither what the assembler's text shows nor what the manuals list:
//!
//! - what the instruction writes comes first, then what it reads, in the order of Intel's syntax;
//! - a register that is both counts twice: `addl $1, %eax` is register, register, number;
//! - an address counts five times: base, scale, index, displacement, segment;
//! - operands that the opcode implies (`%al`, `%cl`, the 1 of a shift by one) do not count;
//! - the condition of a conditional jump, set or move is a last, numeric operand;
//! - the target of a relative branch is its displacement.
//!
//! `tests/operands.rs` compares the numbering with `llvm-mc -show-inst`, over the legacy and VEX maps: with and without
//! REX, with prefixes for the operand's size, repetition, lock, segment and the address's size. Instructions of other
//! encodings (EVEX, XOP, 3DNow!) are decoded, so that their length is known, but have no operands here; nor have
//! branches and returns with a 16-bit operand. REX2 (APX) is not decoded at all.

#![forbid(unsafe_code)]

use iced_x86::{
    Code, ConditionCode, Decoder, DecoderOptions, EncodingKind, Formatter, GasFormatter, Instruction,
    InstructionInfoFactory, Mnemonic, OpAccess, OpCodeOperandKind as Spec, OpKind, Register,
};

/// The longest instruction, bytes.
pub const LONGEST: u64 = 15;

/// An operand, as far as rules can ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A register, or none where an address could have one.
    Register,
    /// A number, sign-extended where the instruction does so.
    Immediate(i64),
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Its length, bytes.
    pub length: u64,
    /// Its text, in AT&T syntax.
    pub text: String,
    /// Its operands, or why they have no numbers.
    pub operands: Result<Vec<Operand>, String>,
}

/// Whether the bytes begin, behind older prefixes, with the REX2 prefix of APX, which is not decoded.
pub(super) fn is_rex2(bytes: &[u8]) -> bool {
    let older = |byte: &&u8| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3);
    bytes.iter().find(|byte| !older(byte)) == Some(&0xd5)
}

/// Decodes the instruction at the start of `bytes`, which lie at `address`. None: the bytes are no instruction, or end
/// too early.
pub fn decode(bytes: &[u8], address: u64) -> Option<Decoded> {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let instruction = decoder.decode();
    if instruction.is_invalid() {
        return None;
    }
    let mut text = String::new();
    GasFormatter::new().format(&instruction, &mut text);
    let operands = match has_short_operand(bytes, &instruction) {
        true => Err("a branch or return with a 16-bit operand has no known numbers".to_owned()),
        false => operands(&instruction),
    };
    Some(Decoded { length: instruction.len() as u64, text, operands })
}

fn operands(instruction: &Instruction) -> Result<Vec<Operand>, String> {
    match instruction.encoding() {
        EncodingKind::Legacy | EncodingKind::VEX => {}
        other => {
            return Err(format!(
                "operands of instructions with the {other:?} encoding have no known numbers; read the field with \
                 *{{4}}(…)"
            ));
        }
    }
    let mut list = Vec::with_capacity(8);
    if matches!(instruction.mnemonic(), Mnemonic::Xchg | Mnemonic::Xadd) && !implies(instruction) {
        exchange(instruction, &mut list);
        return Ok(list);
    }
    for index in 0..instruction.op_count() {
        push(instruction, index, &mut list);
    }
    if let Some(condition) = condition(instruction) {
        list.push(Operand::Immediate(condition));
    }
    Ok(list)
}

/// Whether an operand is implied by the opcode.
fn implies(instruction: &Instruction) -> bool {
    (0..instruction.op_count()).any(|index| implied(instruction.op_code().op_kind(index)))
}

/// Both operands are read and written; a register comes before an address.
fn exchange(instruction: &Instruction, list: &mut Vec<Operand>) {
    let memory = instruction.op0_kind() == OpKind::Memory;
    list.extend(vec![Operand::Register; if memory { 2 } else { 4 }]);
    if memory {
        push(instruction, 0, list);
    }
}

fn push(instruction: &Instruction, index: u32, list: &mut Vec<Operand>) {
    let spec = instruction.op_code().op_kind(index);
    // The register of a long no-operation does not count.
    if implied(spec) || (instruction.mnemonic() == Mnemonic::Reservednop && index == 1) {
        return;
    }
    let register = Operand::Register;
    match instruction.op_kind(index) {
        OpKind::Register => {
            let times = if index == 0 { times(instruction) } else { 1 };
            list.extend(vec![register; times]);
        }
        OpKind::Memory if spec == Spec::mem_offs => {
            list.push(Operand::Immediate(instruction.memory_displacement64() as i64));
            list.push(register);
        }
        OpKind::Memory => {
            let displacement = match instruction.memory_base() {
                Register::RIP | Register::EIP => {
                    instruction.memory_displacement64().wrapping_sub(instruction.next_ip()) as i64
                }
                _ => instruction.memory_displacement64() as i64,
            };
            list.push(register);
            list.push(Operand::Immediate(i64::from(instruction.memory_index_scale())));
            list.push(register);
            list.push(Operand::Immediate(i64::from(displacement as i32)));
            list.push(register);
        }
        OpKind::MemorySegSI | OpKind::MemorySegESI | OpKind::MemorySegRSI => {
            list.push(register);
            list.push(register);
        }
        // The destination of a masked store is implied.
        OpKind::MemorySegDI | OpKind::MemorySegEDI | OpKind::MemorySegRDI => {}
        OpKind::MemoryESDI | OpKind::MemoryESEDI | OpKind::MemoryESRDI => list.push(register),
        OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
            let target = instruction.near_branch_target();
            list.push(Operand::Immediate(target.wrapping_sub(instruction.next_ip()) as i64));
        }
        OpKind::FarBranch16 | OpKind::FarBranch32 => {
            list.push(Operand::Immediate(i64::from(instruction.far_branch32())));
            list.push(Operand::Immediate(i64::from(instruction.far_branch_selector())));
        }
        kind => list.push(Operand::Immediate(number(instruction, index, kind))),
    }
}

/// Operands that the opcode implies, which LLVM does not list.
fn implied(spec: Spec) -> bool {
    matches!(
        spec,
        Spec::al
            | Spec::cl
            | Spec::ax
            | Spec::dx
            | Spec::eax
            | Spec::rax
            | Spec::es
            | Spec::cs
            | Spec::ss
            | Spec::ds
            | Spec::fs
            | Spec::gs
            | Spec::st0
            | Spec::imm8_const_1
            | Spec::seg_rBX_al
    )
}

/// How often the register that comes first counts: once more when the instruction also reads it.
fn times(instruction: &Instruction) -> usize {
    use Mnemonic::*;
    let legacy = instruction.encoding() == EncodingKind::Legacy;
    match instruction.mnemonic() {
        // LLVM lists what is written, and implies the rest.
        Cmpxchg => 1,
        // Written as a whole, or not at all.
        Insertq | Rdsspd | Rdsspq => 2,
        // The mask is written, too.
        Vgatherdpd | Vgatherdps | Vgatherqpd | Vgatherqps | Vpgatherdd | Vpgatherdq | Vpgatherqd
        | Vpgatherqq => 3,
        // Of a register with itself these do not depend on it, but count the same.
        Sub | Xor | Psubb | Psubw | Psubd | Psubq | Psubsb | Psubsw | Psubusb | Psubusw | Pxor | Xorps
        | Xorpd
            if legacy =>
        {
            2
        }
        _ if instruction.op0_register().is_st() => 1,
        // A conditional move may leave it as it was.
        _ if instruction.condition_code() != ConditionCode::None && instruction.op_count() == 2 => 2,
        _ => {
            let access = InstructionInfoFactory::new().info(instruction).op0_access();
            if matches!(access, OpAccess::ReadWrite | OpAccess::ReadCondWrite) { 2 } else { 1 }
        }
    }
}

/// Whether a relative branch or a return has a prefix for a 16-bit operand. What that means depends on the processor's maker.
fn has_short_operand(bytes: &[u8], instruction: &Instruction) -> bool {
    let branch =
        matches!(instruction.op0_kind(), OpKind::NearBranch64 | OpKind::NearBranch32 | OpKind::NearBranch16);
    let prefixes = bytes.iter().take_while(
        |byte| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3),
    );
    let (mut short, mut wide) = (false, false);
    for byte in prefixes {
        short |= *byte == 0x66;
        wide |= matches!(byte, 0x48..=0x4f);
    }
    let one_byte = instruction.code().is_jmp_short() || instruction.code().is_jcc_short();
    // Calls and jumps take the wider of two prefixes.
    let code = instruction.code();
    let narrow = !wide || code.is_jcc_near();
    short && ((branch && narrow && !one_byte) || code == Code::Retnq_imm16)
}

/// A number operand, extended as LLVM does it.
fn number(instruction: &Instruction, index: u32, kind: OpKind) -> i64 {
    let raw = instruction.immediate(index);
    match kind {
        OpKind::Immediate8 if signed_byte(instruction.mnemonic()) => i64::from(raw as i8),
        OpKind::Immediate8_2nd if instruction.mnemonic() == Mnemonic::Enter => i64::from(raw as i8),
        OpKind::Immediate8 | OpKind::Immediate8_2nd => i64::from(raw as u8),
        OpKind::Immediate16
            if matches!(
                instruction.code(),
                Code::Enterw_imm16_imm8
                    | Code::Enterq_imm16_imm8
                    | Code::Retnq_imm16
                    | Code::Retfd_imm16
                    | Code::Retfq_imm16
            ) =>
        {
            i64::from(raw as i16)
        }
        OpKind::Immediate16 => i64::from(raw as u16),
        OpKind::Immediate32 => i64::from(raw as u32),
        _ => raw as i64,
    }
}

/// Whether a byte that the instruction neither extends nor treats as a set of bits is signed to LLVM.
fn signed_byte(mnemonic: Mnemonic) -> bool {
    use Mnemonic::*;
    matches!(mnemonic, Add | Or | Adc | Sbb | And | Sub | Xor | Cmp | Mov | Test)
}

/// The number of the condition that a jump, set or move depends on: the low half of its opcode.
fn condition(instruction: &Instruction) -> Option<i64> {
    let code = instruction.code();
    let condition = code.condition_code() as i64;
    (condition > 0 && !code.is_loopcc()).then(|| condition - 1)
}
