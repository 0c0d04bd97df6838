//! The ready list, as 32-bit words. First the segments of the image; then the files, each with its objects (where they
//! begin, how long they are, how many sections they have); then for each object its sections, and for each of these where
//! it goes and, per relocation, where the relocation's target is in the image.

use anyhow::{Context, Result};

/// Files below this size are read, others mapped: Setlink's own policy.
pub const MAP_FROM: u64 = 32 << 10;

/// Segments of this size and more ask for huge pages: Setlink's own policy.
pub const HUGE_FROM: usize = 4 << 20;

/// What segments begin at multiples of, as Setlink's do.
pub const PAGE: usize = 4096;

/// What a section has instead of relocations.
pub const NONE: u32 = u32::MAX;

/// Writes words.
#[derive(Default)]
pub struct Writer(pub Vec<u32>);

impl Writer {
    pub fn word(&mut self, word: usize) -> Result<()> {
        self.0.push(u32::try_from(word).context("the floor's image is limited to 4 GiB")?);
        Ok(())
    }

    pub fn text(&mut self, text: &str) -> Result<()> {
        self.word(text.len())?;
        for chunk in text.as_bytes().chunks(4) {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0.push(u32::from_le_bytes(word));
        }
        Ok(())
    }
}

/// Reads words.
pub struct Reader<'w>(pub &'w [u32]);

impl<'w> Reader<'w> {
    pub fn word(&mut self) -> usize {
        let (first, rest) = self.0.split_first().expect("the list is whole");
        self.0 = rest;
        *first as usize
    }

    pub fn words(&mut self, count: usize) -> &'w [u32] {
        let (words, rest) = self.0.split_at(count);
        self.0 = rest;
        words
    }

    pub fn text(&mut self) -> String {
        let length = self.word();
        let bytes: Vec<u8> =
            self.words(length.div_ceil(4)).iter().flat_map(|word| word.to_le_bytes()).collect();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}
