//! x86-64. Document: System V Application Binary Interface, AMD64 Architecture Processor Supplement, section 4.4
//! (relocation) and appendix B (linker optimization), with the APX additions of 2023.
//!
//! Special about x86-64: instructions have no alignment and fields are whole little-endian words of 1, 2, 4 or 8 bytes,
//! so a field needs no encoder, only a width and a range. Reach is symmetric, ±2 GiB, for calls, jumps and data alike.
//! What is encoded is the *instruction*: a load through the GOT names, by its relocation type (GOTPCRELX and its
//! prefixed forms), that the bytes before the field are one of a few instructions that the linker may rewrite:
//!
//! ```text
//! mov  foo@GOTPCREL(%rip), %reg   → lea foo(%rip), %reg     foo near
//!                                 → mov $foo, %reg          foo low (its address fits 32 bits, sign-extended)
//! call *foo@GOTPCREL(%rip)        → addr32 call foo         foo near
//! jmp  *foo@GOTPCREL(%rip)        → jmp foo; nop            foo near
//! test %reg, foo@GOTPCREL(%rip)   → test $foo, %reg         foo low
//! op   foo@GOTPCREL(%rip), %reg   → op $foo, %reg           foo low; adc add and cmp or sbb sub xor
//! ```
//!
//! The old GOTPCREL promises nothing about its instruction; a `mov` is still recognised, as GNU ld does, because the
//! byte pair is unmistakable when the field ends the instruction (addend -4). Its prefix is unknown, so only the form
//! that leaves prefixes alone is used.

#![forbid(unsafe_code)]

use super::{
    Field, Isa, Misfit, Needs, Ordinary, Range, RelocationType, Target, TlsSite, TlsTarget, Value, x86_64_tls,
};
use crate::place::reach::Reach;

/// The instruction set, as a type parameter of the generic passes.
pub(crate) struct X86_64;

const NONE: Field = Field { bytes: 0, range: Range::Any };
const B8: Field = Field { bytes: 1, range: Range::Either };
const B16: Field = Field { bytes: 2, range: Range::Either };
const S8: Field = Field { bytes: 1, range: Range::Signed };
const S16: Field = Field { bytes: 2, range: Range::Signed };
const U32: Field = Field { bytes: 4, range: Range::Unsigned };
pub(super) const S32: Field = Field { bytes: 4, range: Range::Signed };
const W64: Field = Field { bytes: 8, range: Range::Any };

const fn row(number: u32, name: &'static str, value: Value, field: Field) -> RelocationType {
    RelocationType { number, name, value, field }
}

/// Numbers of the types whose instruction the linker looks at.
const GOTPCREL: u32 = 9;
const GOTPCRELX: u32 = 41;
const REX_GOTPCRELX: u32 = 42;
const CODE_4_GOTPCRELX: u32 = 43;

/// Every type of the psABI, by number. Table 4.10.
pub(crate) const TABLE: &[RelocationType] = &[
    row(0, "R_X86_64_NONE", Value::None, NONE),
    row(1, "R_X86_64_64", Value::Address, W64),
    row(2, "R_X86_64_PC32", Value::Relative, S32),
    row(3, "R_X86_64_GOT32", Value::EntryOffset, S32),
    row(4, "R_X86_64_PLT32", Value::Branch, S32),
    row(5, "R_X86_64_COPY", Value::DynamicOnly, NONE),
    row(6, "R_X86_64_GLOB_DAT", Value::DynamicOnly, W64),
    row(7, "R_X86_64_JUMP_SLOT", Value::DynamicOnly, W64),
    row(8, "R_X86_64_RELATIVE", Value::DynamicOnly, W64),
    row(GOTPCREL, "R_X86_64_GOTPCREL", Value::EntryRelative, S32),
    row(10, "R_X86_64_32", Value::Address, U32),
    row(11, "R_X86_64_32S", Value::Address, S32),
    row(12, "R_X86_64_16", Value::Address, B16),
    row(13, "R_X86_64_PC16", Value::Relative, S16),
    row(14, "R_X86_64_8", Value::Address, B8),
    row(15, "R_X86_64_PC8", Value::Relative, S8),
    row(16, "R_X86_64_DTPMOD64", Value::DynamicOnly, W64),
    row(17, "R_X86_64_DTPOFF64", Value::TlsOffset, W64),
    row(18, "R_X86_64_TPOFF64", Value::TlsStatic, W64),
    row(19, "R_X86_64_TLSGD", Value::TlsPair, S32),
    row(20, "R_X86_64_TLSLD", Value::TlsModule, S32),
    row(21, "R_X86_64_DTPOFF32", Value::TlsOffset, S32),
    row(22, "R_X86_64_GOTTPOFF", Value::TlsEntry, S32),
    row(23, "R_X86_64_TPOFF32", Value::TlsStatic, S32),
    row(24, "R_X86_64_PC64", Value::Relative, W64),
    row(25, "R_X86_64_GOTOFF64", Value::GotOffset, W64),
    row(26, "R_X86_64_GOTPC32", Value::GotRelative, S32),
    row(27, "R_X86_64_GOT64", Value::EntryOffset, W64),
    row(28, "R_X86_64_GOTPCREL64", Value::EntryRelative, W64),
    row(29, "R_X86_64_GOTPC64", Value::GotRelative, W64),
    row(30, "R_X86_64_GOTPLT64", Value::EntryOffset, W64),
    row(31, "R_X86_64_PLTOFF64", Value::StubOffset, W64),
    row(32, "R_X86_64_SIZE32", Value::Size, U32),
    row(33, "R_X86_64_SIZE64", Value::Size, W64),
    row(34, "R_X86_64_GOTPC32_TLSDESC", Value::TlsDescriptor, S32),
    row(35, "R_X86_64_TLSDESC_CALL", Value::TlsCall, NONE),
    row(36, "R_X86_64_TLSDESC", Value::DynamicOnly, NONE),
    row(37, "R_X86_64_IRELATIVE", Value::DynamicOnly, W64),
    row(38, "R_X86_64_RELATIVE64", Value::DynamicOnly, W64),
    // 39 and 40, the MPX forms, are withdrawn from the psABI; older assemblers emit them and mean 2 and 4.
    row(39, "R_X86_64_PC32_BND", Value::Relative, S32),
    row(40, "R_X86_64_PLT32_BND", Value::Branch, S32),
    row(GOTPCRELX, "R_X86_64_GOTPCRELX", Value::EntryRelative, S32),
    row(REX_GOTPCRELX, "R_X86_64_REX_GOTPCRELX", Value::EntryRelative, S32),
    row(CODE_4_GOTPCRELX, "R_X86_64_CODE_4_GOTPCRELX", Value::EntryRelative, S32),
    row(44, "R_X86_64_CODE_4_GOTTPOFF", Value::TlsEntry, S32),
    row(45, "R_X86_64_CODE_4_GOTPC32_TLSDESC", Value::TlsDescriptor, S32),
    row(46, "R_X86_64_CODE_5_GOTPCRELX", Value::EntryRelative, S32),
    row(47, "R_X86_64_CODE_5_GOTTPOFF", Value::TlsEntry, S32),
    row(48, "R_X86_64_CODE_5_GOTPC32_TLSDESC", Value::TlsDescriptor, S32),
    row(49, "R_X86_64_CODE_6_GOTPCRELX", Value::EntryRelative, S32),
    row(50, "R_X86_64_CODE_6_GOTTPOFF", Value::TlsEntry, S32),
    row(51, "R_X86_64_CODE_6_GOTPC32_TLSDESC", Value::TlsDescriptor, S32),
];

/// GNU extensions that mark C++ vtables for old linkers' garbage collection; they store nothing.
const GNU_VTABLE: &[RelocationType] = &[
    row(250, "R_X86_64_GNU_VTINHERIT", Value::None, NONE),
    row(251, "R_X86_64_GNU_VTENTRY", Value::None, NONE),
];

/// Which rows are ordinary, each in a byte: what every relocation is asked first.
static ORDINARY: [Option<Ordinary>; 64] = {
    let mut table = [None; 64];
    let mut at = 0;
    while at < TABLE.len() {
        table[at] = Ordinary::of(&TABLE[at]);
        at += 1;
    }
    table
};

/// The instruction around a reference to a GOT entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Not one that may be rewritten.
    Other,
    /// `mov` whose prefixes are not known or not rewritten: near only.
    Load,
    /// `mov` with no prefix but perhaps a REX, whose offset from the field is 3.
    LoadRex(Option<u8>),
    Call,
    Jump,
    Test(Option<u8>),
    /// The arithmetic instruction's opcode and REX prefix.
    Arithmetic(u8, Option<u8>),
}

fn form(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> Form {
    let Some(&[opcode, modrm]) = offset.checked_sub(2).and_then(|start| bytes.get(start..offset)) else {
        return Form::Other;
    };
    let before = |distance: usize| offset.checked_sub(distance).map(|at| bytes[at]);
    // An immediate after the field makes the addend differ from -4; none of the forms has one.
    if addend != -4 {
        return Form::Other;
    }
    let register_form = modrm & 0xc7 == 0x05;
    let rex = match row.number {
        GOTPCREL => return if opcode == 0x8b && register_form { Form::Load } else { Form::Other },
        GOTPCRELX => None,
        // LLVM up to 19 marks instructions with a REX2 prefix like this, too; their last prefix byte is no REX.
        REX_GOTPCRELX if before(4) == Some(0xd5) => {
            return if opcode == 0x8b && register_form { Form::Load } else { Form::Other };
        }
        REX_GOTPCRELX => match before(3) {
            Some(rex) if rex & 0xf0 == 0x40 => Some(rex),
            _ => return Form::Other,
        },
        // A REX2 prefix is 0xd5 and a byte whose top bit selects the 0x0f map. `mov` and `lea` are both in map 0.
        CODE_4_GOTPCRELX => {
            let map0 = before(4) == Some(0xd5) && before(3).is_some_and(|payload| payload & 0x80 == 0);
            return if map0 && opcode == 0x8b && register_form { Form::Load } else { Form::Other };
        }
        _ => return Form::Other,
    };
    match (opcode, modrm) {
        (0xff, 0x15) if rex.is_none() => Form::Call,
        (0xff, 0x25) if rex.is_none() => Form::Jump,
        (0x8b, _) if register_form => Form::LoadRex(rex),
        (0x85, _) if register_form => Form::Test(rex),
        (op, _) if register_form && op & 0xc7 == 0x03 => Form::Arithmetic(op, rex),
        _ => Form::Other,
    }
}

/// Rewrites `op foo@GOTPCREL(%rip), %reg` to `op $foo, %reg`: the register moves from ModRM.reg to ModRM.rm, and with
/// it its high bit from REX.R to REX.B.
fn to_immediate(bytes: &mut [u8], offset: usize, opcode: u8, extension: u8, rex: Option<u8>) {
    if let Some(rex) = rex {
        bytes[offset - 3] = (rex & !0x05) | ((rex & 0x04) >> 2);
    }
    let register = (bytes[offset - 1] >> 3) & 7;
    bytes[offset - 2] = opcode;
    bytes[offset - 1] = 0xc0 | extension | register;
}

pub(super) fn store(field: Field, bytes: &mut [u8], offset: usize, value: i128) -> Result<(), Misfit> {
    if !field.holds(value) {
        return Err(Misfit::Overflow(value));
    }
    let width = usize::from(field.bytes);
    let place = bytes.get_mut(offset..).and_then(|rest| rest.get_mut(..width)).ok_or(Misfit::Outside)?;
    place.copy_from_slice(&(value as u64).to_le_bytes()[..width]);
    Ok(())
}

/// `base + addend - origin`, exact: addresses are unsigned, and no wrap-around hides an overflow.
pub(super) fn distance(base: u64, addend: i64, origin: u64) -> i128 {
    i128::from(base) + i128::from(addend) - i128::from(origin)
}

impl X86_64 {
    /// Tries to do without the entry. None: it has to be used.
    fn relax(
        row: &RelocationType,
        bytes: &mut [u8],
        offset: usize,
        place: u64,
        addend: i64,
        target: &Target,
    ) -> Option<Result<(), Misfit>> {
        let relative = distance(target.address, addend, place);
        let constant = i128::from(target.address as i64);
        Some(match form(row, bytes, offset, addend) {
            // What a mov without a known REX is has been scanned like a call.
            Form::Load if target.near_branch => {
                bytes[offset - 2] = 0x8d;
                store(S32, bytes, offset, relative)
            }
            Form::LoadRex(_) if target.near => {
                bytes[offset - 2] = 0x8d;
                store(S32, bytes, offset, relative)
            }
            Form::Call if target.near_branch => {
                // `data16 rex.W call`, of `__tls_get_addr`: with another prefix behind it the REX would not count, and
                // processors of AMD would take the call for one of 16 bits. What only looks so is a call all the same.
                let is_padded = offset.checked_sub(4).is_some_and(|at| bytes[at..at + 2] == [0x66, 0x48]);
                bytes[offset - 2] = if is_padded { 0x48 } else { 0x67 };
                bytes[offset - 1] = 0xe8;
                store(S32, bytes, offset, relative)
            }
            Form::Jump if target.near_branch => {
                bytes[offset - 2] = 0xe9;
                // The field moves back by one byte, and a nop fills the byte behind it.
                let stored = store(S32, bytes, offset - 1, relative + 1);
                bytes[offset + 3] = 0x90;
                stored
            }
            Form::LoadRex(rex) if target.low => {
                to_immediate(bytes, offset, 0xc7, 0, rex);
                store(S32, bytes, offset, constant)
            }
            Form::Test(rex) if target.low => {
                to_immediate(bytes, offset, 0xf7, 0, rex);
                store(S32, bytes, offset, constant)
            }
            Form::Arithmetic(opcode, rex) if target.low => {
                to_immediate(bytes, offset, 0x81, opcode & 0x38, rex);
                store(S32, bytes, offset, constant)
            }
            _ => return None,
        })
    }
}

impl Isa for X86_64 {
    const STUB_BYTES: u64 = 8;
    const STUB_ALIGN: u64 = 8;
    const ENTRY_BYTES: u64 = 8;
    const CODE_FILL: u8 = 0x90;
    const REACH: Reach = Reach::uniform(1 << 31);
    const BRANCH_ADDEND: i64 = -4;
    // sub $8, %rsp: calls in the fragments find the stack aligned to 16.
    const FRAGMENT_PROLOGUE: &'static [u8] = &[0x48, 0x83, 0xec, 0x08];
    // add $8, %rsp; ret
    const FRAGMENT_EPILOGUE: &'static [u8] = &[0x48, 0x83, 0xc4, 0x08, 0xc3];

    #[inline]
    fn relocation_type(number: u32) -> Option<&'static RelocationType> {
        TABLE.get(number as usize).or_else(|| GNU_VTABLE.iter().find(|row| row.number == number))
    }

    #[inline]
    fn ordinary(number: u32) -> Option<Ordinary> {
        ORDINARY.get(number as usize).copied().flatten()
    }

    #[inline]
    fn instruction_before(row: &RelocationType) -> u64 {
        match row.number {
            GOTPCREL | GOTPCRELX => 2,
            REX_GOTPCRELX => 3,
            CODE_4_GOTPCRELX => 4,
            _ => x86_64_tls::instruction_before(row),
        }
    }

    #[inline]
    fn needs(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> Needs {
        match (row.value, row.field) {
            (Value::Relative, S32) => Needs::NEAR,
            (Value::Branch, _) => Needs::BRANCH,
            (Value::Address, W64) | (Value::Relative | Value::GotOffset | Value::StubOffset, _) => {
                Needs::ADDRESS
            }
            (Value::Address, S32) => Needs::LOW_SIGNED,
            (Value::Address, _) => Needs::LOW_UNSIGNED,
            (Value::EntryRelative | Value::EntryOffset, _) => match form(row, bytes, offset, addend) {
                Form::Other => Needs::ENTRY,
                // A mov whose REX is unknown can only become lea, like a branch that can only become direct.
                Form::Load | Form::Call | Form::Jump => Needs::ENTRY_BRANCH,
                Form::LoadRex(_) => Needs::ENTRY_LOAD,
                Form::Test(_) | Form::Arithmetic(..) => Needs::ENTRY_OPERAND,
            },
            // The scan keeps what thread-local symbols need by itself.
            _ => Needs::empty(),
        }
    }

    #[inline]
    fn apply(
        row: &RelocationType,
        bytes: &mut [u8],
        offset: usize,
        place: u64,
        addend: i64,
        target: &Target,
    ) -> Result<bool, Misfit> {
        if offset.checked_add(usize::from(row.field.bytes)).is_none_or(|end| end > bytes.len()) {
            return Err(Misfit::Outside);
        }
        let value = match row.value {
            Value::Address => {
                // A symbol whose value is negative as a 64-bit number (an absolute symbol, say) is sign-extended.
                let sum = target.address.wrapping_add(addend as u64);
                match row.field.range {
                    Range::Signed | Range::Either => i128::from(sum as i64),
                    _ => i128::from(sum),
                }
            }
            Value::Relative => distance(target.address, addend, place),
            Value::Branch => distance(target.branch, addend, place),
            Value::EntryRelative | Value::EntryOffset => {
                if row.value == Value::EntryRelative
                    && (target.near || target.near_branch || target.low)
                    && let Some(done) = X86_64::relax(row, bytes, offset, place, addend, target)
                {
                    return done.map(|()| true);
                }
                let origin = if row.value == Value::EntryRelative { place } else { target.got };
                distance(target.entry.ok_or(Misfit::NoEntry)?, addend, origin)
            }
            Value::GotOffset => distance(target.address, addend, target.got),
            Value::StubOffset => distance(target.branch, addend, target.got),
            Value::GotRelative => distance(target.got, addend, place),
            Value::Size => i128::from(target.size) + i128::from(addend),
            _ => return Ok(false),
        };
        store(row.field, bytes, offset, value).map(|()| false)
    }

    fn write_stub(bytes: &mut [u8], stub: u64, entry: u64) -> Result<(), Misfit> {
        // jmp *entry(%rip), and two bytes that trap if ever run
        let instruction = bytes.get_mut(..8).ok_or(Misfit::Outside)?;
        instruction.copy_from_slice(&[0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc]);
        store(S32, instruction, 2, distance(entry, -4, stub + 2))
    }

    fn tls_site(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> TlsSite {
        x86_64_tls::site(row, bytes, offset, addend)
    }

    fn apply_tls(
        row: &RelocationType,
        bytes: &mut [u8],
        offset: usize,
        place: u64,
        addend: i64,
        target: &TlsTarget,
    ) -> Result<usize, Misfit> {
        x86_64_tls::apply(row, bytes, offset, place, addend, target)
    }
}
