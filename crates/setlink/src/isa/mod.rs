//! Instruction sets. Each is a table of relocation types (value, field, range) plus a handful of encoders; scanning and
//! writing are one generic pass over that table, compiled once per instruction set.

#![forbid(unsafe_code)]

use crate::place::reach::Reach;

pub(crate) mod x86_64;
#[cfg(test)]
mod x86_64_tests;
mod x86_64_tls;
#[cfg(test)]
mod x86_64_tls_tests;

/// The number a relocation computes, in the notation of the psABIs: S symbol, A addend, P place, G address of the
/// symbol's GOT entry, GOT the base of the GOT, L the symbol's stub (or the symbol, when it needs none), Z its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing is computed or stored.
    None,
    /// S + A
    Address,
    /// S + A - P
    Relative,
    /// L + A - P
    Branch,
    /// G + A - P
    EntryRelative,
    /// G + A - GOT
    EntryOffset,
    /// S + A - GOT
    GotOffset,
    /// L + A - GOT
    StubOffset,
    /// GOT + A - P
    GotRelative,
    /// Z + A
    Size,
    /// TLS: the address of the entry {module, offset} of the symbol + A - P (general dynamic).
    TlsPair,
    /// TLS: the address of the entry {module, 0} of the set + A - P (local dynamic).
    TlsModule,
    /// TLS: S + A relative to the start of the set's own block.
    TlsOffset,
    /// TLS: the address of the entry that holds the symbol's distance from the thread pointer + A - P (initial exec).
    TlsEntry,
    /// TLS: S + A relative to the thread pointer (local exec).
    TlsStatic,
    /// TLS: the address of the symbol's descriptor + A - P.
    TlsDescriptor,
    /// TLS: marks the call through a descriptor.
    TlsCall,
    /// Belongs in files that a dynamic loader reads, never in a relocatable object.
    DynamicOnly,
}

impl Value {
    /// Whether it is a number about thread-local storage.
    pub const fn is_tls(self) -> bool {
        matches!(
            self,
            Value::TlsPair
                | Value::TlsModule
                | Value::TlsOffset
                | Value::TlsEntry
                | Value::TlsStatic
                | Value::TlsDescriptor
                | Value::TlsCall
        )
    }
}

/// Which numbers a field can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// Every number, truncated to the field.
    Any,
    /// -2^(n-1) ..= 2^(n-1)-1
    Signed,
    /// 0 ..= 2^n-1
    Unsigned,
    /// -2^(n-1) ..= 2^n-1: the field is read either way.
    Either,
}

/// Where and how a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Width in bytes.
    pub bytes: u8,
    pub range: Range,
}

impl Field {
    /// Whether `value` can be stored without loss.
    #[inline]
    pub fn holds(self, value: i128) -> bool {
        let bits = u32::from(self.bytes) * 8;
        match self.range {
            Range::Any => true,
            Range::Signed => value >= -(1 << (bits - 1)) && value < 1 << (bits - 1),
            Range::Unsigned => value >= 0 && value < 1 << bits,
            Range::Either => value >= -(1 << (bits - 1)) && value < 1 << bits,
        }
    }

    /// The field in words, for messages.
    pub fn describe(self) -> String {
        let bits = u32::from(self.bytes) * 8;
        match self.range {
            Range::Signed => format!("{bits} bits signed"),
            Range::Unsigned => format!("{bits} bits unsigned"),
            Range::Any | Range::Either => format!("{bits} bits"),
        }
    }
}

/// A row of an instruction set's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RelocationType {
    pub number: u32,
    pub name: &'static str,
    pub value: Value,
    pub field: Field,
}

/// The types that most relocations have: stored as a little-endian word, whatever stands around it. Between places of a
/// set, layout alone keeps them in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ordinary {
    /// S + A, in 64 bits.
    Address,
    /// S + A - P, in 32 bits, signed.
    Relative,
    /// L + A - P, in 32 bits, signed.
    Branch,
}

impl Ordinary {
    pub const fn of(row: &RelocationType) -> Option<Ordinary> {
        match (row.value, row.field) {
            (Value::Address, Field { bytes: 8, range: Range::Any }) => Some(Ordinary::Address),
            (Value::Relative, Field { bytes: 4, range: Range::Signed }) => Some(Ordinary::Relative),
            (Value::Branch, Field { bytes: 4, range: Range::Signed }) => Some(Ordinary::Branch),
            _ => None,
        }
    }

    /// Width of the field in bytes.
    #[inline]
    pub const fn bytes(self) -> u64 {
        match self {
            Ordinary::Address => 8,
            Ordinary::Relative | Ordinary::Branch => 4,
        }
    }
}

bitflags::bitflags! {
    /// What the relocations that refer to one symbol need, collected over the whole set.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Needs: u16 {
        /// Its address, in a field that holds any address.
        const ADDRESS = 1;
        /// Its address, in a field that holds numbers below 2^31 (sign-extended).
        const LOW_SIGNED = 2;
        /// Its address, in a field that holds numbers below 2^32 (zero-extended).
        const LOW_UNSIGNED = 4;
        /// Its distance from the place.
        const NEAR = 8;
        /// To be called or jumped to: directly, or through a stub.
        const BRANCH = 16;
        /// A GOT entry, whatever the layout.
        const ENTRY = 32;
        /// A GOT entry, unless it is near or low (a load that can become an address computation).
        const ENTRY_LOAD = 64;
        /// A GOT entry, unless it is near (a call or jump through the entry that can become direct).
        const ENTRY_BRANCH = 128;
        /// A GOT entry, unless it is low (arithmetic on the entry that can become arithmetic on a constant).
        const ENTRY_OPERAND = 256;
    }
}

impl Needs {
    /// References that must have the symbol's own address, rather than a way to get there.
    pub const DIRECT: Needs = Needs::LOW_SIGNED.union(Needs::LOW_UNSIGNED).union(Needs::NEAR);
    /// References to a GOT entry that disappear when the symbol is where they can reach it.
    pub const RELAXABLE: Needs = Needs::ENTRY_LOAD.union(Needs::ENTRY_BRANCH).union(Needs::ENTRY_OPERAND);
}

/// The target of a relocation, as the plan has settled it. All addresses are final.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Target {
    /// S
    pub address: u64,
    /// L; equals `address` where no stub is needed.
    pub branch: u64,
    /// G, where there is an entry.
    pub entry: Option<u64>,
    /// GOT
    pub got: u64,
    /// Z
    pub size: u64,
    /// References through the entry may compute the address relative to the place instead.
    pub near: bool,
    /// Calls and jumps through the entry, and what stands where one could, may go there directly.
    pub near_branch: bool,
    /// References through the entry may use the address as a 32-bit constant instead.
    pub low: bool,
}

/// The place of a relocation about thread-local storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsSite {
    /// The instructions are known, and can become ones that need no entry.
    pub relaxable: bool,
    /// Where the section holds the field of the call of `__tls_get_addr` that relaxing removes.
    pub call: Option<u64>,
}

/// The thread-local target of a relocation, as the plan has settled it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsTarget {
    /// The address of the entry of the kind that the relocation wants, where there is one.
    pub entry: Option<u64>,
    /// The variable's distance from the thread pointer (for [`Value::TlsModule`], that of the set's block), where
    /// relaxable instructions may use it instead.
    pub relaxed: Option<i64>,
    /// The number of [`Value::TlsOffset`] and [`Value::TlsStatic`], without the addend.
    pub number: i64,
}

/// Why a relocation could not be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The number does not fit the field.
    Overflow(i128),
    /// The field lies outside the section.
    Outside,
    /// The plan holds no entry for a symbol that needs one: a defect of Setlink, reported rather than ignored.
    NoEntry,
}

/// Whether relocations of one section, in their order, may rewrite their instructions: those whose instruction no
/// earlier relocation has stored into. What the scan finds in the input's bytes is then what writing finds.
#[derive(Default)]
pub(crate) struct Crowd {
    end: u64,
}

impl Crowd {
    /// [`Crowd::admit`] for a relocation that rewrites nothing, whose field ends at `end`.
    #[inline]
    pub fn pass(&mut self, end: u64) {
        self.end = self.end.max(end);
    }

    /// Whether the instruction around the next relocation, at `offset`, is as it is in the input; and where the bytes
    /// begin that no earlier relocation has stored into, at `offset` at the latest. What stands before them is not to be
    /// looked at: a field's last byte is no prefix.
    #[inline]
    pub fn admit<I: Isa>(&mut self, row: &RelocationType, offset: u64) -> (bool, u64) {
        let clear = offset.saturating_sub(I::instruction_before(row)) >= self.end;
        let start = self.end.min(offset);
        self.pass(offset.saturating_add(u64::from(row.field.bytes)));
        (clear, start)
    }
}

/// What an instruction set provides.
pub(crate) trait Isa: Sync + Send + 'static {
    /// Bytes of one stub.
    const STUB_BYTES: u64;
    /// Alignment of stubs, bytes.
    const STUB_ALIGN: u64;
    /// Bytes of one GOT entry.
    const ENTRY_BYTES: u64;
    /// Fills alignment gaps between code.
    const CODE_FILL: u8;
    /// How far references reach.
    const REACH: Reach;
    /// The addend of a call or jump to the start of its symbol, the only one that a stub can serve.
    const BRANCH_ADDEND: i64;
    /// What `_init` and `_fini` begin and end with around their fragments (the bodies of crti.o and crtn.o).
    const FRAGMENT_PROLOGUE: &'static [u8];
    /// See [`Isa::FRAGMENT_PROLOGUE`].
    const FRAGMENT_EPILOGUE: &'static [u8];

    /// The row of the table for a type's number.
    fn relocation_type(number: u32) -> Option<&'static RelocationType>;

    /// What the type with this number is, where it is an ordinary one.
    fn ordinary(number: u32) -> Option<Ordinary>;

    /// How many bytes before the field of a relocation of type `row` [`Isa::needs`] and [`Isa::apply`] look at: what of
    /// the instruction lies there.
    fn instruction_before(row: &RelocationType) -> u64;

    /// What a relocation of type `row` at `offset` of `bytes` needs of its symbol. The field lies inside `bytes`.
    fn needs(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> Needs;

    /// Stores the relocation's number at `offset` of `bytes`, which lie at `place - offset`, relaxing the instruction
    /// around it where `target` allows. Returns whether it relaxed.
    fn apply(
        row: &RelocationType,
        bytes: &mut [u8],
        offset: usize,
        place: u64,
        addend: i64,
        target: &Target,
    ) -> Result<bool, Misfit>;

    /// Writes the stub at address `stub`, which jumps through the GOT entry at address `entry`.
    fn write_stub(bytes: &mut [u8], stub: u64, entry: u64) -> Result<(), Misfit>;

    /// What stands at a relocation about thread-local storage. The field lies inside `bytes`.
    fn tls_site(row: &RelocationType, bytes: &[u8], offset: usize, addend: i64) -> TlsSite;

    /// [`Isa::apply`] for relocations about thread-local storage. Returns how many bytes from `offset` on it rewrote when
    /// it relaxed, the field of the call that was there included, else 0.
    fn apply_tls(
        row: &RelocationType,
        bytes: &mut [u8],
        offset: usize,
        place: u64,
        addend: i64,
        target: &TlsTarget,
    ) -> Result<usize, Misfit>;
}
