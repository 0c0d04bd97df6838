//! The symbol versions of a library made in memory: `DT_VERSYM`, a word for each dynamic symbol, and `DT_VERDEF`, the versions
//! (Linux Standard Base, "Symbol Versioning").
//!
//! glibc gives who asks for a version, by a reference or `dlvsym(3)`, only what has that, or, to references, what has none; of
//! an object that tells of no versions, it gives whatever has the name.

#![forbid(unsafe_code)]

use super::elf::{VERSYM_HIDDEN, sysv_hash};
use super::image_file::Writer;
use crate::error::{Place, Problem, Result};

/// The word of a symbol that the library does not define.
pub(super) const UNDEFINED: u16 = 0;
/// The number of what has no version.
const BASE: u16 = 1;
/// Elf64_Verdef's `flags`: that.
const IS_BASE: u16 = 1;
/// Bytes of an Elf64_Verdef and the one Elf64_Verdaux that follows it.
const ENTRY: u32 = 28;
const AUXILIARY: u32 = 20;

/// Which version an image's symbol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageVersion(u16);

impl ImageVersion {
    /// It has none.
    pub const NONE: ImageVersion = ImageVersion(BASE);

    /// That of this number in [`ImageBuilder::versions`](super::ImageBuilder::versions). The default one is that of who asks for
    /// none.
    pub fn new(number: usize, is_default: bool) -> Self {
        // `VersionTables::new` refuses more versions.
        let word = (number as u16).saturating_add(BASE + 1) & !VERSYM_HIDDEN;
        ImageVersion(if is_default { word } else { word | VERSYM_HIDDEN })
    }

    /// Whether only who asks for the version gets it.
    pub fn is_hidden(self) -> bool {
        self.0 & VERSYM_HIDDEN != 0
    }

    pub(super) fn word(self) -> u16 {
        self.0
    }
}

/// The two tables of an image.
pub(super) struct VersionTables {
    /// Per symbol.
    words: Vec<u16>,
    /// Hash and place among the strings of each version's name, the file's own first.
    names: Vec<(u32, u32)>,
}

impl VersionTables {
    /// For `symbols` symbols. The strings are the file's `own` name, and the versions'.
    ///
    /// # Errors
    /// There are more versions than words can tell apart.
    pub fn new<'n>(
        symbols: usize,
        own: (&'n [u8], u64),
        versions: impl Iterator<Item = (&'n [u8], u64)>,
    ) -> Result<Self> {
        let names = std::iter::once(own).chain(versions);
        let names: Vec<_> = names.map(|(name, at)| (sysv_hash(name), at as u32)).collect();
        if names.len() >= usize::from(VERSYM_HIDDEN) - usize::from(BASE) {
            let what = format!("{} symbol versions for the dynamic loader", names.len());
            return Err(Problem::unsupported(Place::default(), what).into());
        }
        Ok(VersionTables { words: vec![UNDEFINED; symbols], names })
    }

    /// Says which version the symbol at this place of the symbol table has.
    pub fn put(&mut self, place: u32, word: u16) {
        self.words[place as usize] = word;
    }

    /// The bytes of the words, and with what makes the definitions begin at a multiple of four.
    pub fn words_size(&self) -> u64 {
        (2 * self.words.len() as u64).next_multiple_of(4)
    }

    pub fn definitions_size(&self) -> u64 {
        u64::from(ENTRY) * self.count()
    }

    /// How many versions there are, with that of what has none.
    pub fn count(&self) -> u64 {
        self.names.len() as u64
    }

    /// Writes both tables, one behind the other.
    pub fn write(&self, file: &mut Writer) -> Result<()> {
        self.words.iter().try_for_each(|word| file.add(&word.to_ne_bytes()))?;
        if !self.words.len().is_multiple_of(2) {
            file.add(&[0; 2])?;
        }
        for (number, (hash, name)) in (BASE..).zip(&self.names) {
            let (is_base, is_last) = (number == BASE, u64::from(number) == self.count());
            for half in [1, if is_base { IS_BASE } else { 0 }, number, 1] {
                file.add(&half.to_ne_bytes())?;
            }
            let next = if is_last { 0 } else { ENTRY };
            for word in [*hash, AUXILIARY, next, *name, 0] {
                file.add(&word.to_ne_bytes())?;
            }
        }
        Ok(())
    }
}
