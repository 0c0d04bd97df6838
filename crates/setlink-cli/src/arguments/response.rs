//! Response files: `@FILE`.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::{Parser, lossy};
use crate::once;

/// Response files that name response files, deeper than anybody nests them.
const RESPONSE_DEPTH: usize = 16;

impl Parser {
    /// GCC's rules for response files: words between white space; quotes group; a backslash keeps the next byte.
    pub(super) fn response(&mut self, path: &[u8], depth: usize) -> Result<(), String> {
        let name = lossy(path);
        if depth >= RESPONSE_DEPTH {
            return Err(format!("@{name}: response files name each other in a circle"));
        }
        let file = Path::new(std::ffi::OsStr::from_bytes(path));
        let text = match once::read(file) {
            Some(read) => read.map(|bytes| bytes.to_vec()),
            None => fs::read(file),
        };
        let text = text.map_err(|error| format!("@{name}: {error}"))?;
        let mut words: Vec<Vec<u8>> = Vec::new();
        let mut word: Option<Vec<u8>> = None;
        let mut quote = None;
        let mut bytes = text.into_iter();
        while let Some(byte) = bytes.next() {
            match (byte, quote) {
                (b'\\', _) => word.get_or_insert_default().extend(bytes.next()),
                (_, Some(open)) if byte == open => quote = None,
                (_, Some(_)) => word.get_or_insert_default().push(byte),
                (b'"' | b'\'', None) => {
                    word.get_or_insert_default();
                    quote = Some(byte);
                }
                (byte, None) if byte.is_ascii_whitespace() => words.extend(word.take()),
                (byte, None) => word.get_or_insert_default().push(byte),
            }
        }
        if quote.is_some() {
            return Err(format!("@{name}: a quotation mark is not closed"));
        }
        words.extend(word);
        self.put_in_front(words, depth + 1);
        Ok(())
    }
}
