//! Thread-local storage on x86-64. Documents: the psABI's section on thread-local storage; U. Drepper, "ELF Handling For
//! Thread-Local Storage"; A. Oliva, "Thread-Local Storage Descriptors for IA32 and AMD64/EM64T".
//!
//! Special about x86-64: variant II, so a module's block lies below the thread pointer and static offsets are negative;
//! `%fs:0` holds the thread pointer itself. The dynamic models are calls whose instructions are padded with prefixes, so
//! that a linker can recognise them by their bytes and write others of the same length:
//!
//! ```text
//! general dynamic   data16 lea x@tlsgd(%rip),%rdi           → mov %fs:0,%rax
//!                   data16 data16 rex64 call __tls_get_addr   lea x@tpoff(%rax),%rax
//! local dynamic     lea x@tlsld(%rip),%rdi                  → xor %eax,%eax; add %fs:(%rax),%rax
//!                   call __tls_get_addr                       add $block@tpoff,%rax
//! initial exec      mov x@gottpoff(%rip),%reg               → mov $x@tpoff,%reg
//!                   add x@gottpoff(%rip),%reg               → add $x@tpoff,%reg
//!                   add %reg,x@gottpoff(%rip),%other (APX)  → add $x@tpoff,%reg,%other
//! descriptor        lea x@tlsdesc(%rip),%reg                → mov $x@tpoff,%reg
//!                   call *x@tlscall(%rax)                   → xchg %ax,%ax
//! ```
//!
//! The calls have a second form, through the GOT (`-fno-plt`), and a third, in the large code model. Other linkers turn
//! local dynamic into `mov %fs:0,%rax` and `x@dtpoff` into `x@tpoff` with it, wherever it stands. Here the result is the
//! address of the set's block in both cases, so that `x@dtpoff` means one thing.

#![forbid(unsafe_code)]

use super::x86_64::{S32, distance, store};
use super::{Misfit, RelocationType, TlsSite, TlsTarget, Value};

const CODE_4_GOTTPOFF: u32 = 44;
const CODE_4_TLSDESC: u32 = 45;
const CODE_6_GOTTPOFF: u32 = 50;

/// How the call of `__tls_get_addr` behind a `lea` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    /// From the relocated field of the `lea` to the first byte of the `lea`.
    before: usize,
    /// From the field of the `lea` to the field of the call.
    field: usize,
    /// From the field of the `lea` to the end of the call.
    end: usize,
}

fn has(bytes: &[u8], at: usize, wanted: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(wanted))
}

/// `movabs $__tls_get_addr@pltoff,%rax; add %rbx,%rax (or %r15); call *%rax`, 15 bytes.
fn is_large_call(bytes: &[u8], at: usize) -> bool {
    has(bytes, at, &[0x48, 0xb8])
        && (has(bytes, at + 10, &[0x48, 0x01, 0xd8, 0xff, 0xd0])
            || has(bytes, at + 10, &[0x4c, 0x01, 0xf8, 0xff, 0xd0]))
}

/// The call behind the field at `offset`, if the whole is one of the sequences of the psABI.
fn call(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> Option<Call> {
    let lea = [0x48, 0x8d, 0x3d];
    let start = offset.checked_sub(3)?;
    if addend != -4 || !has(bytes, start, &lea) {
        return None;
    }
    let next = offset + 4;
    if is_large_call(bytes, next) {
        return Some(Call { before: 3, field: 6, end: 19 });
    }
    if row.value == Value::TlsModule {
        if has(bytes, next, &[0xe8]) && bytes.len() >= next + 5 {
            return Some(Call { before: 3, field: 5, end: 9 });
        }
        let through_got = has(bytes, next, &[0xff, 0x15]) || has(bytes, next, &[0x67, 0xe8]);
        return (through_got && bytes.len() >= next + 6).then_some(Call { before: 3, field: 6, end: 10 });
    }
    let padded = start.checked_sub(1).is_some_and(|start| bytes[start] == 0x66);
    // The last two: before and after the way through the GOT is relaxed.
    let calls = [
        [0x66, 0x66, 0x48, 0xe8],
        [0x66, 0x48, 0x67, 0xe8],
        [0x66, 0x48, 0xff, 0x15],
        [0x66, 0x48, 0x48, 0xe8],
    ];
    let known = calls.iter().any(|call| has(bytes, next, call));
    (padded && known && bytes.len() >= next + 8).then_some(Call { before: 4, field: 8, end: 12 })
}

/// The instruction with a `%rip`-relative operand that ends at a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Load,
    Add,
    Address,
}

/// An `add` with an EVEX prefix (map 4, 64-bit): 0x62, three payload bytes, opcode, ModRM. With a new destination (ND)
/// the operands of the sum are in either order; without one, the first opcode would change the entry.
fn extended_add(bytes: &[u8], offset: usize) -> Option<Operand> {
    let &[0x62, p0, p1, p2, opcode, modrm] =
        offset.checked_sub(6).and_then(|start| bytes.get(start..offset))?
    else {
        return None;
    };
    let has_destination = p2 & 0x10 != 0;
    let known = p0 & 7 == 4 && p1 & 0x87 == 0x84 && p2 & 0xe3 == 0 && modrm & 0xc7 == 0x05;
    (known && (opcode == 0x03 || opcode == 0x01 && has_destination)).then_some(Operand::Add)
}

/// The instruction whose field is at `offset`, if it is one that can be rewritten.
fn operand(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> Option<Operand> {
    let &[prefix, opcode, modrm] = offset.checked_sub(3).and_then(|start| bytes.get(start..offset))? else {
        return None;
    };
    let is_rex2 = offset.checked_sub(4).is_some_and(|at| bytes[at] == 0xd5);
    let known_prefix = match row.number {
        // REX2: a payload byte whose top bit selects the 0x0f map.
        CODE_4_GOTTPOFF | CODE_4_TLSDESC => prefix & 0x88 == 0x08 && is_rex2,
        CODE_6_GOTTPOFF => return extended_add(bytes, offset).filter(|_| addend == -4),
        number if number > CODE_4_TLSDESC => false,
        // LLVM up to 19 marks instructions with a REX2 prefix like this, too; their last prefix byte is no REX.
        _ => prefix & 0xfb == 0x48 && !is_rex2,
    };
    if addend != -4 || !known_prefix || modrm & 0xc7 != 0x05 {
        return None;
    }
    match (row.value, opcode) {
        (Value::TlsEntry, 0x8b) => Some(Operand::Load),
        (Value::TlsEntry, 0x03) => Some(Operand::Add),
        (Value::TlsDescriptor, 0x8d) => Some(Operand::Address),
        _ => None,
    }
}

/// Rewrites `op field(%rip),%reg` to `opcode /extension $imm32,%reg`: the register moves from ModRM.reg to ModRM.rm, and
/// with it its extension bits, from R to B (REX), from R4 and R3 to B4 and B3 (REX2).
fn to_immediate(row: &RelocationType, bytes: &mut [u8], offset: usize, opcode: u8, extension: u8) {
    let at = if row.number == CODE_6_GOTTPOFF { offset - 5 } else { offset - 3 };
    let prefix = bytes[at];
    bytes[at] = match row.number {
        CODE_4_GOTTPOFF | CODE_4_TLSDESC => (prefix & !0x55) | ((prefix & 0x44) >> 2),
        CODE_6_GOTTPOFF => (prefix & 7) | 0xd0 | ((prefix & 0x80) >> 2) | ((!prefix & 0x10) >> 1),
        _ => (prefix & !0x05) | ((prefix & 0x04) >> 2),
    };
    bytes[offset - 2] = opcode;
    bytes[offset - 1] = 0xc0 | extension | ((bytes[offset - 1] >> 3) & 7);
}

/// See [`Isa::instruction_before`](super::Isa::instruction_before).
pub(super) fn instruction_before(row: &RelocationType) -> u64 {
    match row.value {
        Value::TlsPair => 4,
        Value::TlsModule => 3,
        Value::TlsEntry | Value::TlsDescriptor => match row.number {
            CODE_6_GOTTPOFF => 6,
            CODE_4_GOTTPOFF | CODE_4_TLSDESC => 4,
            _ => 3,
        },
        _ => 0,
    }
}

pub(super) fn site(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> TlsSite {
    match row.value {
        Value::TlsPair | Value::TlsModule => {
            let call = call(row, bytes, offset, addend);
            TlsSite { relaxable: call.is_some(), call: call.map(|call| (offset + call.field) as u64) }
        }
        Value::TlsEntry | Value::TlsDescriptor => {
            TlsSite { relaxable: operand(row, bytes, offset, addend).is_some(), call: None }
        }
        Value::TlsCall => TlsSite { relaxable: has(bytes, offset, &[0xff, 0x10]), call: None },
        _ => TlsSite::default(),
    }
}

/// Fills `bytes` with the recommended no-ops.
fn pad(bytes: &mut [u8]) {
    const NOPS: [&[u8]; 6] = [
        &[0x90],
        &[0x66, 0x90],
        &[0x0f, 0x1f, 0x00],
        &[0x0f, 0x1f, 0x40, 0x00],
        &[0x0f, 0x1f, 0x44, 0x00, 0x00],
        &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    ];
    for chunk in bytes.chunks_mut(NOPS.len()) {
        chunk.copy_from_slice(NOPS[chunk.len() - 1]);
    }
}

/// mov %fs:0,%rax; lea 0(%rax),%rax
const GENERAL: [u8; 16] = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x48, 0x8d, 0x80, 0, 0, 0, 0];
/// xor %eax,%eax; add %fs:(%rax),%rax; add $0,%rax
const LOCAL: [u8; 12] = [0x31, 0xc0, 0x64, 0x48, 0x03, 0x00, 0x48, 0x05, 0, 0, 0, 0];

pub(super) fn apply(
    row: &RelocationType,
    bytes: &mut [u8],
    offset: usize,
    place: u64,
    addend: i64,
    target: &TlsTarget,
) -> Result<usize, Misfit> {
    if offset.checked_add(usize::from(row.field.bytes)).is_none_or(|end| end > bytes.len()) {
        return Err(Misfit::Outside);
    }
    if let Some(constant) = target.relaxed {
        let constant = i128::from(constant);
        match row.value {
            Value::TlsPair | Value::TlsModule => {
                if let Some(call) = call(row, bytes, offset, addend) {
                    let written = if row.value == Value::TlsPair { &GENERAL[..] } else { &LOCAL };
                    let place = &mut bytes[offset - call.before..offset + call.end];
                    let (code, rest) = place.split_at_mut(written.len());
                    code.copy_from_slice(written);
                    pad(rest);
                    store(S32, code, written.len() - 4, constant)?;
                    return Ok(call.end);
                }
            }
            Value::TlsEntry | Value::TlsDescriptor => {
                if let Some(operand) = operand(row, bytes, offset, addend) {
                    let (opcode, extension) = if operand == Operand::Add { (0x81, 0) } else { (0xc7, 0) };
                    to_immediate(row, bytes, offset, opcode, extension);
                    store(S32, bytes, offset, constant)?;
                    return Ok(4);
                }
            }
            Value::TlsCall => {
                let call =
                    bytes.get_mut(offset..).and_then(|rest| rest.get_mut(..2)).ok_or(Misfit::Outside)?;
                call.copy_from_slice(&[0x66, 0x90]);
                return Ok(2);
            }
            _ => {}
        }
    }
    let value = match row.value {
        Value::TlsOffset | Value::TlsStatic => i128::from(target.number) + i128::from(addend),
        Value::TlsCall => return Ok(0),
        _ => distance(target.entry.ok_or(Misfit::NoEntry)?, addend, place),
    };
    store(row.field, bytes, offset, value).map(|()| 0)
}
