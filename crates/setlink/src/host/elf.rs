//! The few numbers of the ELF format that the running process is read and written with.
//!
//! Sources: System V gABI chapter 5 (dynamic section, hash table), the GNU extensions documented in the Linux
//! Standard Base (symbol versions, `DT_GNU_HASH`), and each machine's psABI for the dynamic relocation types.
//! Only the 64-bit class in the host's own byte order occurs in a 64-bit process.

pub(crate) const PT_LOAD: u32 = 1;
pub(crate) const PT_DYNAMIC: u32 = 2;
pub(crate) const PT_TLS: u32 = 7;
pub(crate) const PT_GNU_STACK: u32 = 0x6474_e551;
pub(crate) const PT_GNU_RELRO: u32 = 0x6474_e552;

pub(crate) const PF_X: u32 = 1;
pub(crate) const PF_W: u32 = 2;
pub(crate) const PF_R: u32 = 4;

pub(crate) const DT_NULL: u64 = 0;
pub(crate) const DT_NEEDED: u64 = 1;
pub(crate) const DT_PLTRELSZ: u64 = 2;
pub(crate) const DT_HASH: u64 = 4;
pub(crate) const DT_STRTAB: u64 = 5;
pub(crate) const DT_SYMTAB: u64 = 6;
pub(crate) const DT_RELA: u64 = 7;
pub(crate) const DT_RELASZ: u64 = 8;
pub(crate) const DT_RELAENT: u64 = 9;
pub(crate) const DT_STRSZ: u64 = 10;
pub(crate) const DT_SYMENT: u64 = 11;
pub(crate) const DT_INIT: u64 = 12;
pub(crate) const DT_FINI: u64 = 13;
pub(crate) const DT_SONAME: u64 = 14;
pub(crate) const DT_SYMBOLIC: u64 = 16;
pub(crate) const DT_PLTREL: u64 = 20;
pub(crate) const DT_JMPREL: u64 = 23;
pub(crate) const DT_INIT_ARRAY: u64 = 25;
pub(crate) const DT_INIT_ARRAYSZ: u64 = 27;
pub(crate) const DT_FINI_ARRAY: u64 = 26;
pub(crate) const DT_FINI_ARRAYSZ: u64 = 28;
pub(crate) const DT_FLAGS: u64 = 30;
pub(crate) const DT_GNU_HASH: u64 = 0x6fff_fef5;
pub(crate) const DT_VERSYM: u64 = 0x6fff_fff0;
pub(crate) const DT_VERDEF: u64 = 0x6fff_fffc;
pub(crate) const DT_VERDEFNUM: u64 = 0x6fff_fffd;
pub(crate) const DT_VERNEED: u64 = 0x6fff_fffe;
pub(crate) const DT_VERNEEDNUM: u64 = 0x6fff_ffff;

pub(crate) const DF_SYMBOLIC: u64 = 2;

pub(crate) const STB_LOCAL: u8 = 0;
pub(crate) const STB_GLOBAL: u8 = 1;
pub(crate) const STB_WEAK: u8 = 2;
pub(crate) const STB_GNU_UNIQUE: u8 = 10;

pub(crate) const STT_NOTYPE: u8 = 0;
pub(crate) const STT_OBJECT: u8 = 1;
pub(crate) const STT_FUNC: u8 = 2;
pub(crate) const STT_FILE: u8 = 4;
pub(crate) const STT_COMMON: u8 = 5;
pub(crate) const STT_TLS: u8 = 6;
pub(crate) const STT_GNU_IFUNC: u8 = 10;

pub(crate) const STV_PROTECTED: u8 = 3;

pub(crate) const SHN_UNDEF: u16 = 0;
pub(crate) const SHN_ABS: u16 = 0xfff1;

/// The bit of a version index that hides a definition from references without a version.
pub(crate) const VERSYM_HIDDEN: u16 = 0x8000;

/// Bytes of an `Elf64_Sym`, an `Elf64_Rela` and an `Elf64_Dyn`.
pub(crate) const SYM_SIZE: u64 = 24;
pub(crate) const RELA_SIZE: u64 = 24;
pub(crate) const DYN_SIZE: u64 = 16;

/// The dynamic relocation types of one machine: what differs between hosts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// `e_machine`.
    pub number: u16,
    /// `e_flags` of a library that any object of the machine may be loaded beside.
    pub flags: u32,
    /// S + A, 64 bits, in data.
    pub abs64: u32,
    /// S, in a GOT entry. The RISC-V psABI has no such type and uses `abs64`.
    pub glob_dat: u32,
    /// S, in the entry of a PLT stub; may be bound lazily.
    pub jump_slot: u32,
    /// The TLS module's number.
    pub dtpmod64: u32,
    /// The symbol's offset in its TLS module.
    pub dtpoff64: u32,
    /// The symbol's offset from the thread pointer.
    pub tpoff64: u32,
    /// Two words: what gives the symbol's offset from the thread pointer, and its argument.
    pub tlsdesc: u32,
    /// What the ABI subtracts from the offset in a `dtpoff64` field.
    pub dtp_bias: u64,
}

/// System V psABI for AMD64, table 4.10.
#[cfg(target_arch = "x86_64")]
pub(crate) const MACHINE: Machine = Machine {
    number: 62,
    flags: 0,
    abs64: 1,
    glob_dat: 6,
    jump_slot: 7,
    dtpmod64: 16,
    dtpoff64: 17,
    tpoff64: 18,
    tlsdesc: 36,
    dtp_bias: 0,
};

/// ELF for the Arm 64-bit Architecture (AAELF64), "Dynamic relocations".
#[cfg(target_arch = "aarch64")]
pub(crate) const MACHINE: Machine = Machine {
    number: 183,
    flags: 0,
    abs64: 257,
    glob_dat: 1025,
    jump_slot: 1026,
    dtpmod64: 1028,
    dtpoff64: 1029,
    tpoff64: 1030,
    tlsdesc: 1031,
    dtp_bias: 0,
};

/// RISC-V ELF psABI, "Relocations". `flags`: RVC and the double-float calling convention.
#[cfg(target_arch = "riscv64")]
pub(crate) const MACHINE: Machine = Machine {
    number: 243,
    flags: 5,
    abs64: 2,
    glob_dat: 2,
    jump_slot: 5,
    dtpmod64: 7,
    dtpoff64: 9,
    tpoff64: 11,
    tlsdesc: 12,
    dtp_bias: 0x800,
};

/// The hash of `DT_GNU_HASH`: h = h * 33 + byte, from 5381.
pub(crate) fn gnu_hash(name: &[u8]) -> u32 {
    // Byte by byte, each would wait for the one before; C++ names have 60.
    const POWERS: [u32; 8] = {
        let mut powers = [1u32; 8];
        let mut at = 7;
        while at > 0 {
            powers[at - 1] = powers[at].wrapping_mul(33);
            at -= 1;
        }
        powers
    };
    const NEXT: u32 = POWERS[0].wrapping_mul(33);
    let (eights, rest) = name.as_chunks::<8>();
    let hash = eights.iter().fold(5381u32, |hash, eight| {
        let terms = eight.iter().zip(POWERS).map(|(&byte, power)| power.wrapping_mul(u32::from(byte)));
        hash.wrapping_mul(NEXT).wrapping_add(terms.fold(0, u32::wrapping_add))
    });
    rest.iter().fold(hash, |hash, &byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte)))
}

/// The hash of `DT_HASH` (gABI, figure 5-13).
pub(crate) fn sysv_hash(name: &[u8]) -> u32 {
    name.iter().fold(0, |hash: u32, &byte| {
        let sum = (hash << 4).wrapping_add(u32::from(byte));
        let high = sum & 0xf000_0000;
        (sum ^ (high >> 24)) & !high
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_known_names() {
        assert_eq!(gnu_hash(b""), 5381);
        assert_eq!(gnu_hash(b"printf"), 0x156b_2bb8);
        assert_eq!(sysv_hash(b"printf"), 0x0779_05a6);
    }
}
