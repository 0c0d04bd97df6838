//! The parts of a small ELF file with dynamic symbols, and writing it to a file in memory from its start to its end.

#![forbid(unsafe_code)]

use std::os::fd::OwnedFd;

use rustix::fs::MemfdFlags;

use super::elf::*;
use super::image::{ImageSymbol, ImageSymbolKind};
use crate::error::{Error, Place, Problem, ProblemKind, Result};

pub(super) const FILE_HEADER: u64 = 64;
pub(super) const PROGRAM_HEADER: u64 = 56;

/// A symbol table entry.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub name: &'a [u8],
    pub value: u64,
    pub size: u64,
    /// `STB_*`.
    pub binding: u8,
    /// `STT_*`.
    pub kind: u8,
    pub section: u16,
}

impl<'a> Entry<'a> {
    pub fn of(symbol: &ImageSymbol<'a>) -> Entry<'a> {
        let (kind, section) = match symbol.kind {
            ImageSymbolKind::Function => (STT_FUNC, SHN_ABS),
            ImageSymbolKind::Data => (STT_OBJECT, SHN_ABS),
            // There are no section headers; any number that is not special says that it is defined.
            ImageSymbolKind::Tls => (STT_TLS, 1),
        };
        Entry {
            name: symbol.name,
            value: symbol.value,
            size: symbol.size,
            binding: STB_GLOBAL,
            kind,
            section,
        }
    }

    /// gABI figure 4-16, with the name at `name` in the string table.
    pub fn bytes(&self, name: u32) -> [u8; SYM_SIZE as usize] {
        let mut bytes = [0; SYM_SIZE as usize];
        bytes[..4].copy_from_slice(&name.to_ne_bytes());
        bytes[4] = (self.binding << 4) | self.kind;
        bytes[6..8].copy_from_slice(&self.section.to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.value.to_ne_bytes());
        bytes[16..24].copy_from_slice(&self.size.to_ne_bytes());
        bytes
    }
}

/// A `DT_GNU_HASH` table, and the places of the symbols that it wants side by side.
pub(super) struct HashTable {
    first: u32,
    filter: Vec<u64>,
    /// The symbol behind the last of each bucket; once all have their places, the first of each.
    next: Vec<u32>,
    chains: Vec<u32>,
}

impl HashTable {
    const SHIFT: u32 = 6;

    /// For `count` symbols with these hashes, numbered from `first` on.
    pub fn new(hashes: impl Iterator<Item = u32>, count: u32, first: u32) -> HashTable {
        let mut next = vec![0u32; (count / 4).max(1) as usize];
        let buckets = next.len() as u32;
        // About 8 bits of filter for each symbol.
        let mut filter = vec![0u64; (count / 8).max(1).next_power_of_two() as usize];
        let mask = filter.len() - 1;
        for hash in hashes {
            next[(hash % buckets) as usize] += 1;
            filter[(hash / 64) as usize & mask] |= (1 << (hash % 64)) | (1 << ((hash >> Self::SHIFT) % 64));
        }
        let mut end = first;
        for bucket in &mut next {
            end += *bucket;
            *bucket = end;
        }
        HashTable { first, filter, next, chains: vec![0; count as usize] }
    }

    pub fn size(&self) -> u64 {
        16 + 8 * self.filter.len() as u64 + 4 * (self.next.len() + self.chains.len()) as u64
    }

    /// The number of the next symbol with this hash. A bucket is filled from its end.
    pub fn place(&mut self, hash: u32) -> u32 {
        let bucket = hash % self.next.len() as u32;
        let next = &mut self.next[bucket as usize];
        *next -= 1;
        self.chains[(*next - self.first) as usize] = hash & !1;
        *next
    }

    /// Writes the table, once each symbol has its place.
    pub fn write(mut self, file: &mut Writer) -> Result<()> {
        let ends = self.next.iter().skip(1).copied().chain([self.first + self.chains.len() as u32]);
        let buckets: Vec<u32> = self
            .next
            .iter()
            .zip(ends)
            .map(|(&start, end)| {
                if start == end {
                    return 0;
                }
                self.chains[(end - 1 - self.first) as usize] |= 1;
                start
            })
            .collect();
        for word in [buckets.len() as u32, self.first, self.filter.len() as u32, Self::SHIFT] {
            file.add(&word.to_ne_bytes())?;
        }
        file.words(&self.filter)?;
        buckets.iter().chain(&self.chains).try_for_each(|word| file.add(&word.to_ne_bytes()))
    }
}

/// A file in memory that is written from its start to its end.
pub(super) struct Writer {
    file: OwnedFd,
    /// What is not yet written, and how much is.
    pending: Vec<u8>,
    written: u64,
}

impl Writer {
    /// Few enough bytes to stay in a processor's cache.
    const AT_ONCE: usize = 128 << 10;

    pub fn new() -> Result<Writer> {
        // Kernels before 6.3 do not know the flag that says that nothing here is to be executed; newer ones may insist.
        let quiet = MemfdFlags::CLOEXEC | MemfdFlags::NOEXEC_SEAL;
        let file = rustix::fs::memfd_create(c"setlink", quiet)
            .or_else(|_| rustix::fs::memfd_create(c"setlink", MemfdFlags::CLOEXEC))
            .map_err(refused)?;
        Ok(Writer { file, pending: Vec::new(), written: 0 })
    }

    pub fn add(&mut self, content: &[u8]) -> Result<()> {
        if self.pending.len() + content.len() > Self::AT_ONCE {
            self.flush()?;
        }
        if content.len() > Self::AT_ONCE {
            return self.write(content);
        }
        self.pending.extend_from_slice(content);
        Ok(())
    }

    /// Adds zeroes up to `offset`, which is not before the end.
    pub fn fill(&mut self, offset: u64) -> Result<()> {
        let count = offset - self.written - self.pending.len() as u64;
        let zeroes = [0; 512];
        for _ in 0..count / 512 {
            self.add(&zeroes)?;
        }
        self.add(&zeroes[..(count % 512) as usize])
    }

    pub fn words(&mut self, words: &[u64]) -> Result<()> {
        words.iter().try_for_each(|word| self.add(&word.to_ne_bytes()))
    }

    fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.write(&pending)?;
        self.pending = pending;
        self.pending.clear();
        Ok(())
    }

    fn write(&mut self, mut rest: &[u8]) -> Result<()> {
        self.written += rest.len() as u64;
        while !rest.is_empty() {
            match rustix::io::write(&self.file, rest) {
                Ok(written) => rest = &rest[written..],
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<OwnedFd> {
        self.flush()?;
        Ok(self.file)
    }

    /// gABI figure 4-3: a shared object of this machine, without sections.
    pub fn file_header(&mut self, program_headers: u16) -> Result<()> {
        let data = if cfg!(target_endian = "little") { 1 } else { 2 };
        self.add(&[0x7f, b'E', b'L', b'F', 2, data, 1, 0])?;
        self.words(&[0])?;
        for half in [3, MACHINE.number] {
            self.add(&half.to_ne_bytes())?;
        }
        self.add(&1u32.to_ne_bytes())?;
        // Entry point, program headers, section headers.
        self.words(&[0, FILE_HEADER, 0])?;
        self.add(&MACHINE.flags.to_ne_bytes())?;
        for half in [FILE_HEADER as u16, PROGRAM_HEADER as u16, program_headers, 64, 0, 0] {
            self.add(&half.to_ne_bytes())?;
        }
        Ok(())
    }

    /// gABI figure 5-1. Addresses equal offsets.
    pub fn program_header(
        &mut self,
        kind: u32,
        flags: u32,
        at: u64,
        file_size: u64,
        memory_size: u64,
        align: u64,
    ) -> Result<()> {
        self.add(&kind.to_ne_bytes())?;
        self.add(&flags.to_ne_bytes())?;
        self.words(&[at, at, at, file_size, memory_size, align])
    }
}

/// A file in memory with these bytes. Its descriptor is not among the first ones: programs count on the next one that is free.
pub(crate) fn file_in_memory(bytes: &[u8]) -> Result<OwnedFd> {
    /// More than programs count.
    const FIRST: i32 = 100;
    let mut writer = Writer::new()?;
    writer.add(bytes)?;
    let file = writer.finish()?;
    Ok(rustix::io::fcntl_dupfd_cloexec(&file, FIRST).unwrap_or(file))
}

fn refused(error: rustix::io::Errno) -> Error {
    host_problem(format!("cannot make a library in memory: {error}")).into()
}

pub(super) fn host_problem(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Host { what })
}
