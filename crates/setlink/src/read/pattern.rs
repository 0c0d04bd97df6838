//! Patterns of symbols' names: in version scripts and dynamic lists, and of options (`--export-dynamic-symbol`,
//! `--undefined-glob`).

#![forbid(unsafe_code)]

use crate::resolve::demangle;

/// A name, or a pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Vec<u8>,
    is_literal: bool,
    /// For names as the source has them.
    is_demangled: bool,
}

impl Pattern {
    /// A pattern if there is a wildcard in it, else a name.
    pub fn new(text: &[u8], is_demangled: bool) -> Self {
        let is_literal = !text.iter().any(|byte| b"*?[".contains(byte));
        Pattern { text: text.to_vec(), is_literal, is_demangled }
    }

    /// A name, whatever it looks like.
    pub fn name(text: &[u8], is_demangled: bool) -> Self {
        Pattern { text: text.to_vec(), is_literal: true, is_demangled }
    }

    /// Whether this symbol is meant. `demangled` keeps what the source calls it, once somebody has asked.
    pub fn matches(&self, name: &[u8], demangled: &mut Option<String>) -> bool {
        let name = match self.is_demangled {
            true => demangled.get_or_insert_with(|| demangle(name)).as_bytes(),
            false => name,
        };
        if self.is_literal { self.text == name } else { glob(&self.text, name) }
    }

    /// 0 for a name, 2 for a mere `*`, 1 for other patterns.
    pub fn breadth(&self) -> u8 {
        match (self.is_literal, &*self.text) {
            (true, _) => 0,
            (false, b"*") => 2,
            (false, _) => 1,
        }
    }
}

/// Whether `name` matches the pattern: with wildcards, or literally.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    Pattern::new(pattern, false).matches(name, &mut None)
}

/// Whether `name` matches `pattern` with `*`, `?` and `[…]`, as fnmatch(3) has them.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // The last star, and how much it takes.
    let mut star = None;
    while let Some(&byte) = name.get(n) {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if let Some(length) = single(pattern.get(p..).unwrap_or_default(), byte) {
            p += length;
            n += 1;
        } else {
            let Some((at, taken)) = star else { return false };
            star = Some((at, taken + 1));
            (p, n) = (at + 1, taken + 1);
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

/// The length of the pattern's first part, if it matches this byte.
fn single(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', rest @ ..] => {
            let is_negated = matches!(rest.first(), Some(b'!' | b'^'));
            let start = usize::from(is_negated);
            // A bracket that comes first is one of the bytes.
            let end = rest.iter().skip(start + 1).position(|&byte| byte == b']')? + start + 1;
            let set = rest.get(start..end)?;
            let mut is_in = false;
            let mut at = 0;
            while let Some(&low) = set.get(at) {
                match set.get(at + 1..at + 3) {
                    Some([b'-', high]) => {
                        is_in |= (low..=*high).contains(&byte);
                        at += 3;
                    }
                    _ => {
                        is_in |= low == byte;
                        at += 1;
                    }
                }
            }
            (is_in != is_negated).then_some(end + 2)
        }
        [first, ..] => (*first == byte).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_those_of_file_names_do() {
        for (pattern, name) in
            [("a*c", "abbc"), ("[!a]b", "cb"), ("[]x]", "]"), ("a\\*", "a*"), ("*", ""), ("*x*y", "axby")]
        {
            assert!(glob(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [("a*c", "abbd"), ("[!a]b", "ab"), ("[a-c", "b"), ("?", ""), ("a\\*", "ab")] {
            assert!(!glob(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
    }
}
