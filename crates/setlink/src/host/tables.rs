//! The tables of one loaded object's dynamic section: symbols, their hash tables and versions, relocations.
//!
//! Functions here read memory of an object that must stay mapped meanwhile; each says so by being unsafe, and
//! `libraries.rs` offers them safely behind the loader's lock.

use super::elf::*;
use super::libraries::{Segment, Window};
use crate::memory::find::find;

/// Where an object's dynamic tables are. Each window lies in one of its readable segments.
#[derive(Debug)]
pub(super) struct Tables {
    /// From the first symbol to the end of its segment: the format does not say how many there are.
    pub symbols: Window,
    strings: Window,
    pub hash: Hash,
    version_indexes: Option<Window>,
    /// By version index, the offset of the version's name in `strings`; definitions' and references' alike.
    version_names: Vec<u32>,
    /// `DT_RELA` and `DT_JMPREL`.
    pub relocations: [Option<Window>; 2],
    /// `DT_SYMBOLIC` or `DF_SYMBOLIC`.
    pub is_symbolic: bool,
    /// Its definitions may have versions.
    pub defines_versions: bool,
    /// `DT_NEEDED`: offsets of names in `strings`.
    pub needed: Vec<u64>,
}

/// The hash table by which an object's definitions are found.
#[derive(Debug)]
pub(super) enum Hash {
    /// `DT_GNU_HASH`.
    Gnu(GnuHash),
    /// `DT_HASH`: symbols in no order, chains linked by index.
    SysV { buckets: Window, chains: Window, bucket_count: u32, symbol_count: u32 },
}

/// `DT_GNU_HASH`: a Bloom filter, then buckets; definitions are sorted by bucket, from `first_symbol` on.
#[derive(Debug)]
pub(super) struct GnuHash {
    filter: Window,
    filter_mask: u32,
    filter_shift: u32,
    buckets: Window,
    bucket_count: u32,
    /// From the first chain word to the end of the segment.
    chains: Window,
    first_symbol: u32,
}

/// A dynamic symbol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol<'a> {
    /// Its index in the object's dynamic symbol table.
    pub index: u32,
    /// The name.
    pub name: &'a [u8],
    /// Its address in this process; for thread-local ones, its offset in the TLS module.
    pub address: u64,
    /// The datum's or function's bytes.
    pub size: u64,
    /// `STT_*`.
    pub kind: u8,
    /// `STB_*`.
    pub binding: u8,
    /// `STV_*`.
    pub visibility: u8,
    /// The section's number: `SHN_UNDEF` for references, `SHN_ABS` for values that are not moved.
    pub section: u16,
    /// The version of the definition or reference; none for the base version.
    pub version: Option<&'a [u8]>,
    pub answers: Answers,
    /// The table's value is not 0.
    has_value: bool,
}

impl Symbol<'_> {
    /// Whether the loader would bind a reference to it (glibc's `do_lookup_x`): a global definition, or an undefined
    /// symbol with a value, by which an executable offers its PLT stub as the function's address.
    pub fn is_definition(&self) -> bool {
        let has_place = match self.kind {
            STT_TLS => self.section != SHN_UNDEF,
            STT_NOTYPE | STT_OBJECT | STT_FUNC | STT_COMMON | STT_GNU_IFUNC => {
                self.has_value || self.section == SHN_ABS
            }
            _ => false,
        };
        has_place && matches!(self.binding, STB_GLOBAL | STB_WEAK | STB_GNU_UNIQUE)
    }

    /// Whether it answers a reference with `version`, or one without; see [`Answers::to`].
    pub fn answers(&self, version: Option<&[u8]>) -> bool {
        self.answers.to(self.version, version)
    }
}

/// Which references a definition answers, besides those to its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    /// Only those to its version.
    is_hidden: bool,
    /// It has no version (`NAME@`), and does not answer for others.
    is_hidden_base: bool,
    /// Its object tells of versions (`DT_VERSYM`).
    is_among_versions: bool,
}

impl Answers {
    /// Whether a definition with the version `own`, or without one, answers a reference with `version`, or one without. An
    /// empty version is that of definitions without one.
    pub fn to(self, own: Option<&[u8]>, version: Option<&[u8]>) -> bool {
        match (version, own) {
            (None, _) => !self.is_hidden,
            (Some(b""), None) => true,
            // An object without versions offers its definitions to every reference.
            (Some(_), None) => !self.is_hidden_base,
            (Some(wanted), Some(offered)) => wanted == offered,
        }
    }

    /// Likewise who asks for a version by `dlvsym(3)`: glibc gives that one, or what an object has that knows no versions.
    pub fn to_asker(self, own: Option<&[u8]>, version: Option<&[u8]>) -> bool {
        match (version, own) {
            (Some(_), None) => !self.is_among_versions,
            _ => self.to(own, version),
        }
    }
}

impl GnuHash {
    unsafe fn parse(table: Window) -> Option<GnuHash> {
        // SAFETY: the caller keeps the object mapped.
        let word = |offset| unsafe { table.read::<u32>(offset) };
        let (bucket_count, first_symbol, filter_words, filter_shift) =
            (word(0)?, word(4)?, word(8)?, word(12)?);
        if bucket_count == 0 || !filter_words.is_power_of_two() || filter_shift >= 32 {
            return None;
        }
        let filter_size = u64::from(filter_words) * 8;
        let buckets_size = u64::from(bucket_count) * 4;
        let chains =
            table.start.checked_add(16 + filter_size + buckets_size).filter(|&at| at <= table.end)?;
        Some(GnuHash {
            filter: table.part(16, filter_size)?,
            filter_mask: filter_words - 1,
            filter_shift,
            buckets: table.part(16 + filter_size, buckets_size)?,
            bucket_count,
            chains: Window { start: chains, end: table.end },
            first_symbol,
        })
    }

    /// The first symbol of the chain that `hash` is in, unless the filter excludes it.
    unsafe fn chain(&self, hash: u32) -> Option<u32> {
        // SAFETY: the caller keeps the object mapped.
        let word: u64 = unsafe { self.filter.read(u64::from((hash / 64) & self.filter_mask) * 8) }?;
        let bits = (1u64 << (hash % 64)) | (1u64 << ((hash >> self.filter_shift) % 64));
        if word & bits != bits {
            return None;
        }
        // SAFETY: as above.
        let first: u32 = unsafe { self.buckets.read(u64::from(hash % self.bucket_count) * 4) }?;
        (first >= self.first_symbol).then_some(first)
    }

    /// The chain word of `symbol`: its hash, with the lowest bit set on the last of a chain.
    unsafe fn word(&self, symbol: u32) -> Option<u32> {
        // SAFETY: the caller keeps the object mapped.
        unsafe { self.chains.read(u64::from(symbol.checked_sub(self.first_symbol)?) * 4) }
    }

    /// One past the last symbol: the end of the chain that begins last.
    unsafe fn symbol_count(&self) -> u32 {
        // SAFETY: the caller keeps the object mapped.
        let bucket = |index: u32| unsafe { self.buckets.read::<u32>(u64::from(index) * 4) };
        let mut last = (0..self.bucket_count).filter_map(bucket).max().unwrap_or(0);
        if last < self.first_symbol {
            return self.first_symbol;
        }
        // SAFETY: as above. The chains' window bounds the walk.
        while let Some(word) = unsafe { self.word(last) } {
            last += 1;
            if word & 1 != 0 {
                break;
            }
        }
        last
    }
}

impl Tables {
    /// Reads the dynamic section in `dynamic` of the object at `bias`; none unless it has symbols, strings and a
    /// hash table that all lie in its readable segments.
    ///
    /// # Safety
    /// The object is mapped, as `segments` says, and stays so during the call.
    pub unsafe fn parse(dynamic: Window, bias: u64, segments: &[Segment]) -> Option<Tables> {
        let holder = |address: u64| {
            segments.iter().find(|s| s.flags & PF_R != 0 && s.start <= address && address < s.end)
        };
        // Most loaders put addresses into the section when they load it; for some machines and for the vDSO it is
        // read-only and keeps virtual addresses.
        let window = |value: u64| {
            let moved = value.wrapping_add(bias);
            let (address, segment) =
                holder(value).map(|s| (value, s)).or_else(|| holder(moved).map(|s| (moved, s)))?;
            Some(Window { start: address, end: segment.end })
        };
        let sized = |value: u64, size: u64| window(value)?.part(0, size);
        let dynamic = Window { start: dynamic.start, end: holder(dynamic.start)?.end }
            .part(0, dynamic.end - dynamic.start)?;

        let mut table = [0u64; 12];
        const TAGS: [u64; 12] = [
            DT_SYMTAB,
            DT_STRTAB,
            DT_STRSZ,
            DT_GNU_HASH,
            DT_HASH,
            DT_VERSYM,
            DT_VERDEF,
            DT_VERNEED,
            DT_RELA,
            DT_RELASZ,
            DT_JMPREL,
            DT_PLTRELSZ,
        ];
        let mut pltrel = DT_RELA;
        let mut entry_size = RELA_SIZE;
        let mut is_symbolic = false;
        let mut needed = Vec::new();
        let mut version_counts = (0, 0);
        for entry in 0..(dynamic.end - dynamic.start) / DYN_SIZE {
            // SAFETY: the caller keeps the object mapped.
            let (tag, value): (u64, u64) =
                unsafe { (dynamic.read(entry * DYN_SIZE)?, dynamic.read(entry * DYN_SIZE + 8)?) };
            match tag {
                DT_NULL => break,
                DT_PLTREL => pltrel = value,
                DT_RELAENT => entry_size = value,
                DT_SYMBOLIC => is_symbolic = true,
                DT_NEEDED => needed.push(value),
                DT_FLAGS => is_symbolic |= value & DF_SYMBOLIC != 0,
                DT_VERDEFNUM => version_counts.0 = value,
                DT_VERNEEDNUM => version_counts.1 = value,
                _ => {
                    if let Some(slot) = TAGS.iter().position(|&known| known == tag) {
                        table[slot] = value;
                    }
                }
            }
        }
        let [symtab, strtab, strsz, gnu_hash, hash, versym, verdef, verneed, rela, relasz, jmprel, pltrelsz] =
            table;

        let gnu = window(gnu_hash).filter(|_| gnu_hash != 0);
        // SAFETY: the caller keeps the object mapped.
        let gnu = gnu.and_then(|table| unsafe { GnuHash::parse(table) });
        let hash = match gnu {
            Some(gnu) => Hash::Gnu(gnu),
            // SAFETY: as above.
            None if hash != 0 => unsafe { sysv_table(window(hash)?) }?,
            None => return None,
        };
        let strings = sized(strtab, strsz)?;
        let relocations = |at: u64, size: u64, is_rela: bool| match at != 0 && size != 0 && is_rela {
            true => sized(at, size - size % RELA_SIZE),
            false => None,
        };
        let mut version_names = Vec::new();
        if versym != 0 {
            for (at, count, is_definition) in
                [(verdef, version_counts.0, true), (verneed, version_counts.1, false)]
            {
                if let Some(window) = window(at).filter(|_| at != 0) {
                    // SAFETY: as above.
                    unsafe { read_versions(window, count, is_definition, &mut version_names) };
                }
            }
        }
        Some(Tables {
            symbols: window(symtab)?,
            strings,
            hash,
            version_indexes: if versym != 0 { window(versym) } else { None },
            version_names,
            relocations: [
                relocations(rela, relasz, entry_size == RELA_SIZE),
                relocations(jmprel, pltrelsz, pltrel == DT_RELA),
            ],
            is_symbolic,
            defines_versions: versym != 0 && verdef != 0,
            needed,
        })
    }

    /// The string at `offset` of the string table.
    ///
    /// # Safety
    /// The object is mapped for as long as the result lives.
    pub unsafe fn string<'a>(&self, offset: u64) -> Option<&'a [u8]> {
        let rest = self.strings.start.checked_add(offset).filter(|&start| start < self.strings.end)?;
        // SAFETY: `rest` is inside of the table, and the caller keeps the object mapped.
        let rest = unsafe { Window { start: rest, end: self.strings.end }.bytes() };
        Some(&rest[..find(0, rest)?])
    }

    /// Whether the string at `offset` is `name`, without searching for its end.
    unsafe fn is_string(&self, offset: u64, name: &[u8]) -> bool {
        let size = name.len() as u64;
        let Some(found) = size.checked_add(1).and_then(|all| self.strings.part(offset, all)) else {
            return false;
        };
        // SAFETY: the caller keeps the object mapped.
        let found = unsafe { found.bytes() };
        found[..name.len()] == *name && found[name.len()] == 0
    }

    /// The name of symbol `index`.
    ///
    /// # Safety
    /// The object is mapped while the name is used.
    pub unsafe fn name<'a>(&self, index: u32) -> Option<&'a [u8]> {
        let entry = self.symbols.part(u64::from(index) * SYM_SIZE, SYM_SIZE)?;
        // SAFETY: the caller keeps the object mapped. Elf64_Sym begins with the name's offset.
        unsafe { self.string(u64::from(entry.read::<u32>(0)?)) }
    }

    /// The GNU hash of the name of symbol `index`, but for its lowest bit, which is zero; none where the object does not tell.
    ///
    /// # Safety
    /// The object is mapped.
    pub unsafe fn hash_of(&self, index: u32) -> Option<u32> {
        match &self.hash {
            // SAFETY: the caller keeps the object mapped.
            Hash::Gnu(table) => unsafe { table.word(index) }.map(|word| word & !1),
            Hash::SysV { .. } => None,
        }
    }

    /// Whether symbol `index` has `name`.
    ///
    /// # Safety
    /// The object is mapped.
    pub unsafe fn is_named(&self, index: u32, name: &[u8]) -> bool {
        // SAFETY: the caller keeps the object mapped.
        unsafe {
            let offset: Option<u32> = self.symbols.read(u64::from(index) * SYM_SIZE);
            offset.is_some_and(|offset| self.is_string(u64::from(offset), name))
        }
    }

    /// The first byte of the name of symbol `index`.
    ///
    /// # Safety
    /// The object is mapped.
    pub unsafe fn first_byte(&self, index: u32) -> Option<u8> {
        // SAFETY: the caller keeps the object mapped.
        unsafe {
            let offset: u32 = self.symbols.read(u64::from(index) * SYM_SIZE)?;
            self.strings.read(u64::from(offset))
        }
    }

    /// The symbols that have `name`, whose GNU hash is `hash`, by the object's hash table.
    ///
    /// # Safety
    /// The object is mapped for as long as the result lives.
    pub unsafe fn candidates<'t>(&'t self, name: &'t [u8], hash: u32) -> impl Iterator<Item = u32> + 't {
        let (mut next, mut steps) = match &self.hash {
            // SAFETY: the caller keeps the object mapped, here and in the closure.
            Hash::Gnu(table) => (unsafe { table.chain(hash) }, u32::MAX),
            Hash::SysV { buckets, bucket_count, symbol_count, .. } => {
                let bucket = u64::from(sysv_hash(name) % bucket_count) * 4;
                // SAFETY: as above. A chain that is longer than the table is a cycle.
                (unsafe { buckets.read::<u32>(bucket) }.filter(|&first| first != 0), *symbol_count)
            }
        };
        std::iter::from_fn(move || {
            loop {
                let index = next?;
                steps = steps.checked_sub(1)?;
                let is_alike;
                // SAFETY: as above.
                unsafe {
                    match &self.hash {
                        Hash::Gnu(table) => {
                            let word = table.word(index)?;
                            is_alike = (word ^ hash) >> 1 == 0;
                            next = if word & 1 == 0 { index.checked_add(1) } else { None };
                        }
                        Hash::SysV { chains, .. } => {
                            is_alike = true;
                            next = chains.read::<u32>(u64::from(index) * 4).filter(|&after| after != 0);
                        }
                    }
                    let entry = u64::from(index) * SYM_SIZE;
                    if is_alike && self.is_string(u64::from(self.symbols.read::<u32>(entry)?), name) {
                        return Some(index);
                    }
                }
            }
        })
    }

    /// Symbol `index` of the object at `bias`; none when the table, or what it refers to, ends before it.
    ///
    /// # Safety
    /// The object is mapped for as long as the result lives.
    pub unsafe fn symbol<'a>(&self, index: u32, bias: u64) -> Option<Symbol<'a>> {
        let entry = self.symbols.part(u64::from(index) * SYM_SIZE, SYM_SIZE)?;
        // SAFETY: the caller keeps the object mapped. Elf64_Sym: name, info, other, section, value, size.
        unsafe {
            let [info, other] = entry.read::<u16>(4)?.to_ne_bytes();
            let section: u16 = entry.read(6)?;
            let (value, size): (u64, u64) = (entry.read(8)?, entry.read(16)?);
            let version_index =
                self.version_indexes.and_then(|table| table.read::<u16>(u64::from(index) * 2));
            let version_index = version_index.unwrap_or(0);
            // Index 0 is a local symbol, 1 the object's base version, which is no version for a reference.
            let version = match version_index & !VERSYM_HIDDEN {
                0 | 1 => None,
                number => self.version_names.get(usize::from(number)).filter(|&&offset| offset != 0),
            };
            let kind = info & 0xf;
            let is_fixed = section == SHN_ABS && !ABSOLUTE_SYMBOLS_MOVE || kind == STT_TLS;
            Some(Symbol {
                index,
                name: self.name(index)?,
                address: if is_fixed { value } else { value.wrapping_add(bias) },
                size,
                kind,
                binding: info >> 4,
                visibility: other & 3,
                section,
                version: version.and_then(|&offset| self.string(u64::from(offset))),
                answers: Answers {
                    is_hidden: version_index & VERSYM_HIDDEN != 0 && version_index & !VERSYM_HIDDEN > 1,
                    is_hidden_base: version_index & VERSYM_HIDDEN != 0 && version_index & !VERSYM_HIDDEN <= 1,
                    is_among_versions: self.version_indexes.is_some(),
                },
                has_value: value != 0,
            })
        }
    }

    /// From which number on there are no symbols that the object only refers to. Those are not in its hash table, and GNU's
    /// holds what comes last.
    pub fn reference_count(&self) -> u32 {
        match &self.hash {
            Hash::Gnu(table) => table.first_symbol,
            Hash::SysV { symbol_count, .. } => *symbol_count,
        }
    }

    /// One past the last symbol that the hash table knows of.
    ///
    /// # Safety
    /// The object is mapped.
    pub unsafe fn symbol_count(&self) -> u32 {
        match &self.hash {
            // SAFETY: the caller keeps the object mapped.
            Hash::Gnu(table) => unsafe { table.symbol_count() },
            Hash::SysV { symbol_count, .. } => *symbol_count,
        }
    }
}

/// musl adds an object's bias to absolute symbols too.
pub(super) const ABSOLUTE_SYMBOLS_MOVE: bool = cfg!(target_env = "musl");

/// `DT_HASH` (gABI figure 5-12): the numbers of buckets and of symbols, buckets, chains.
unsafe fn sysv_table(table: Window) -> Option<Hash> {
    // SAFETY: the caller keeps the object mapped.
    let (bucket_count, symbol_count): (u32, u32) = unsafe { (table.read(0)?, table.read(4)?) };
    let buckets = table.part(8, u64::from(bucket_count) * 4)?;
    let chains = table.part(8 + u64::from(bucket_count) * 4, u64::from(symbol_count) * 4)?;
    (bucket_count != 0).then_some(Hash::SysV { buckets, chains, bucket_count, symbol_count })
}

/// Enters the names of `DT_VERDEF` or `DT_VERNEED` by version index. Both are lists of entries that each have a list
/// of auxiliary ones, linked by byte distances (Linux Standard Base Core, "Symbol Versioning").
unsafe fn read_versions(table: Window, count: u64, is_definition: bool, names: &mut Vec<u32>) -> Option<()> {
    let mut enter = |index: u16, name: u32| {
        let index = usize::from(index & !VERSYM_HIDDEN);
        if names.len() <= index {
            names.resize(index + 1, 0);
        }
        names[index] = name;
    };
    let mut entry = 0u64;
    // Version indexes have 15 bits; more entries than that are a lie.
    for _ in 0..count.min(0x8000) {
        // SAFETY: the caller keeps the object mapped.
        unsafe {
            if is_definition {
                // Verdef: version, flags, index, count (16 bits), hash, aux, next (32 bits). Verdaux: name, next.
                // The first auxiliary entry is the version itself, later ones its parents.
                let aux = entry.checked_add(u64::from(table.read::<u32>(entry + 12)?))?;
                enter(table.read(entry + 4)?, table.read(aux)?);
            } else {
                // Verneed: version, count (16 bits), file, aux, next (32 bits).
                let mut aux = entry.checked_add(u64::from(table.read::<u32>(entry + 8)?))?;
                for _ in 0..table.read::<u16>(entry + 2)? {
                    // Vernaux: hash (32 bits), flags, other (16 bits), name, next (32 bits).
                    enter(table.read(aux + 6)?, table.read(aux + 8)?);
                    let next = table.read::<u32>(aux + 12)?;
                    if next == 0 {
                        break;
                    }
                    aux = aux.checked_add(u64::from(next))?;
                }
            }
            let next = table.read::<u32>(entry + if is_definition { 16 } else { 12 })?;
            if next == 0 {
                break;
            }
            entry = entry.checked_add(u64::from(next))?;
        }
    }
    Some(())
}
