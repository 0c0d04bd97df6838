//! The two hash tables of the dynamic symbol table. GNU's sorts the symbols by bucket and keeps their hashes, so that a
//! lookup rarely touches a symbol that is not the one; a Bloom filter answers most of the others.

#![forbid(unsafe_code)]

use object::LittleEndian as Le;
use object::elf::{self, GnuHashHeader, HashHeader, Sym64};
use object::endian::{U32, U64};
use object::pod::{from_bytes, slice_from_bytes};

use super::tables::Tables;

/// `DT_GNU_HASH`.
#[derive(Clone, Copy, Debug)]
pub(super) struct GnuHash<'d> {
    /// The first symbol that the table knows; undefined ones come before it.
    base: u32,
    shift: u32,
    bloom: &'d [U64<Le>],
    buckets: &'d [U32<Le>],
    /// A hash for each symbol from `base` on, bit 0 set at the end of a bucket. Runs on into what follows the table.
    values: &'d [U32<Le>],
}

impl<'d> GnuHash<'d> {
    pub(super) fn parse(bytes: &'d [u8]) -> Option<Self> {
        let (header, rest) = from_bytes::<GnuHashHeader<Le>>(bytes).ok()?;
        let count = |field: U32<Le>| usize::try_from(field.get(Le)).ok();
        let (bloom, rest) = slice_from_bytes(rest, count(header.bloom_count)?).ok()?;
        let (buckets, rest) = slice_from_bytes(rest, count(header.bucket_count)?).ok()?;
        let (values, _) = slice_from_bytes(rest, rest.len() / 4).ok()?;
        let (base, shift) = (header.symbol_base.get(Le), header.bloom_shift.get(Le));
        Some(GnuHash { base, shift, bloom, buckets, values })
    }

    /// How many symbols the symbol table has, unless all are undefined.
    pub(super) fn symbols(&self) -> Option<u64> {
        let last = self.buckets.iter().map(|bucket| bucket.get(Le)).max().filter(|&last| last != 0)?;
        let tail = self.values.get(usize::try_from(last.checked_sub(self.base)?).ok()?..)?;
        let length = tail.iter().position(|value| value.get(Le) & 1 != 0)?;
        Some(u64::from(last) + length as u64 + 1)
    }

    /// Whether the filter lets pass what has this hash, or the next one: other tables do not tell the lowest bit of theirs.
    pub(super) fn may_have(&self, hash: u32) -> bool {
        let word = usize::try_from(hash / 64).ok().and_then(|word| word.checked_rem(self.bloom.len()));
        let Some(filter) = word.and_then(|word| self.bloom.get(word)) else { return false };
        let has = |hash: u32| {
            let second = hash.checked_shr(self.shift).unwrap_or(0);
            (filter.get(Le) >> (hash % 64)) & (filter.get(Le) >> (second % 64)) & 1 != 0
        };
        has(hash) || has(hash | 1)
    }

    /// The indices of the symbols with this hash, and perhaps of others.
    fn candidates(self, hash: u32) -> impl Iterator<Item = u32> {
        let chain = || {
            let word = usize::try_from(hash / 64).ok()?.checked_rem(self.bloom.len())?;
            let filter = self.bloom.get(word)?.get(Le);
            let second = hash.checked_shr(self.shift).unwrap_or(0);
            if (filter >> (hash % 64)) & (filter >> (second % 64)) & 1 == 0 {
                return None;
            }
            let bucket = usize::try_from(hash).ok()?.checked_rem(self.buckets.len())?;
            let first = self.buckets.get(bucket)?.get(Le);
            let values = self.values.get(usize::try_from(first.checked_sub(self.base)?).ok()?..)?;
            Some((first, values))
        };
        let (first, values) = chain().unwrap_or_default();
        let mut ended = false;
        (first..=u32::MAX)
            .zip(values)
            .map_while(move |(index, value)| {
                let value = value.get(Le);
                let before = std::mem::replace(&mut ended, value & 1 != 0);
                (!before).then_some((index, value))
            })
            .filter(move |(_, value)| value | 1 == hash | 1)
            .map(|(index, _)| index)
    }
}

/// `DT_HASH`.
#[derive(Clone, Copy, Debug)]
pub(super) struct SysvHash<'d> {
    buckets: &'d [U32<Le>],
    /// For each symbol, the next one in its bucket; 0 ends a chain.
    chains: &'d [U32<Le>],
}

impl<'d> SysvHash<'d> {
    pub(super) fn parse(bytes: &'d [u8]) -> Option<Self> {
        let (header, rest) = from_bytes::<HashHeader<Le>>(bytes).ok()?;
        let count = |field: U32<Le>| usize::try_from(field.get(Le)).ok();
        let (buckets, rest) = slice_from_bytes(rest, count(header.bucket_count)?).ok()?;
        let (chains, _) = slice_from_bytes(rest, count(header.chain_count)?).ok()?;
        Some(SysvHash { buckets, chains })
    }

    /// How many symbols the symbol table has.
    pub(super) fn symbols(&self) -> u64 {
        self.chains.len() as u64
    }

    fn candidates(self, hash: u32) -> impl Iterator<Item = u32> {
        let bucket = usize::try_from(hash).ok().and_then(|hash| hash.checked_rem(self.buckets.len()));
        let first = bucket.and_then(|bucket| self.buckets.get(bucket)).map_or(0, |first| first.get(Le));
        std::iter::successors(Some(first), move |&index| {
            Some(self.chains.get(usize::try_from(index).ok()?)?.get(Le))
        })
        .take_while(|&index| index != 0)
        .take(self.chains.len()) // a chain may be a circle
    }
}

/// The first symbol that could be called `name` and for which `accept` has an answer.
pub(super) fn find<T>(
    tables: &Tables<'_>,
    name: &[u8],
    accept: impl Fn(u32, &Sym64<Le>) -> Option<T>,
) -> Option<T> {
    let accept = |index: u32| accept(index, tables.symbols.get(usize::try_from(index).ok()?)?);
    if let Some(table) = tables.gnu_hash {
        table.candidates(elf::gnu_hash(name)).find_map(accept)
    } else if let Some(table) = tables.sysv_hash {
        table.candidates(elf::hash(name)).find_map(accept)
    } else {
        (1..u32::try_from(tables.symbols.len()).unwrap_or(u32::MAX)).find_map(accept)
    }
}
