//! The relocations of a section, as they are in the file: RELA (gABI, chapter 4, "Relocation"), or CREL.

#![forbid(unsafe_code)]

use object::LittleEndian as LE;

use super::RawRela;
use crate::memory::near;
use crate::read::object::Relocation;

/// The relocations of one section, in the encoding of the input.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Relocations<'d> {
    Rela(&'d [RawRela]),
    /// Checked once from end to end by [`parse`], so that iterating cannot fail. They are rare, and behind a reference take
    /// no room in sections that have none.
    Crel(&'d &'d [u8]),
}

impl Default for Relocations<'_> {
    fn default() -> Self {
        Relocations::Rela(&[])
    }
}

impl<'d> Relocations<'d> {
    pub fn iter(&self) -> RelocationIter<'d> {
        match *self {
            Relocations::Rela(raw) => RelocationIter::Rela(raw.iter()),
            Relocations::Crel(data) => match object::read::elf::CrelIterator::new(data) {
                Ok(iter) => RelocationIter::Crel(iter),
                Err(_) => RelocationIter::Rela([].iter()),
            },
        }
    }

    /// Asks for the first of them.
    #[inline]
    pub fn bring_near(&self) {
        match self {
            Relocations::Rela(raw) => near::bring(*raw),
            Relocations::Crel(data) => near::bring(**data),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Relocations::Rela(raw) => raw.len(),
            Relocations::Crel(_) => self.iter().count(),
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Relocations::Rela([]))
    }
}

/// Decodes relocations one by one.
pub(crate) enum RelocationIter<'d> {
    Rela(std::slice::Iter<'d, RawRela>),
    Crel(object::read::elf::CrelIterator<'d>),
}

impl Iterator for RelocationIter<'_> {
    type Item = Relocation;

    #[inline]
    fn next(&mut self) -> Option<Relocation> {
        match self {
            RelocationIter::Rela(raw) => raw.next().map(Relocation::from),
            RelocationIter::Crel(iter) => iter.next()?.ok().map(|raw| Relocation {
                offset: raw.r_offset,
                kind: raw.r_type.0,
                symbol: raw.r_sym,
                addend: raw.r_addend,
            }),
        }
    }
}

impl From<&RawRela> for Relocation {
    #[inline]
    fn from(raw: &RawRela) -> Relocation {
        let info = raw.r_info.get(LE);
        Relocation {
            offset: raw.r_offset.get(LE),
            kind: info as u32,
            symbol: (info >> 32) as u32,
            addend: raw.r_addend.get(LE),
        }
    }
}
