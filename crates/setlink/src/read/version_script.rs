//! Version scripts (`--version-script`; the ld manual, "VERSION Command"): which names are local to what is linked, and which
//! versions the others have.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::pattern::Pattern;
use crate::error::{Place, Problem};

/// Nodes with patterns in braces inside of patterns in braces: `extern "C++" { … }` and no deeper.
const DEPTH: usize = 2;

/// What the scripts of a set say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VersionScript {
    entries: Vec<Entry>,
    /// The names of the versions, in their order.
    versions: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    pattern: Pattern,
    is_local: bool,
    /// The number of the version in whose braces it is, unless these have none.
    version: Option<usize>,
}

/// What a script says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Local,
    /// For all to see, with the version of this number in [`VersionScript::versions`], or without one.
    Global(Option<usize>),
}

impl VersionScript {
    /// Adds the script with this text, called `name` in problems.
    pub(crate) fn add(&mut self, name: &Arc<str>, text: &[u8]) -> Result<(), Problem> {
        let mut words = Words { name, text, at: 0 };
        // Per open brace, whether names are local and demangled.
        let mut open: Vec<(bool, bool)> = Vec::new();
        let mut language = None;
        // The name in front of the braces, and its number in them.
        let (mut label, mut version) = (None, None);
        while let Some(word) = words.next()? {
            let malformed =
                |what: &str| Problem::malformed(Place::file(name.clone()).at(word.at as u64), what);
            match (word.text, word.is_quoted) {
                (b"{", false) if open.len() == DEPTH => return Err(malformed("braces inside of braces")),
                (b"{", false) => {
                    if open.is_empty() {
                        version = label.take().map(|label: &[u8]| self.version(label));
                    }
                    let is_local = open.last().is_some_and(|(is_local, _)| *is_local);
                    open.push((is_local, language.take().unwrap_or(false)));
                }
                (b"}", false) => drop(open.pop().ok_or_else(|| malformed("a brace too many"))?),
                (b";", false) => label = None,
                (b"extern", false) => {
                    language = Some(match words.next()? {
                        Some(Word { text: b"C++", .. }) => true,
                        Some(Word { text: b"C", .. }) => false,
                        _ => return Err(malformed("`extern` of a language other than C and C++")),
                    });
                }
                (keyword @ (b"global" | b"local"), false) if words.skip_colon()? => {
                    let last = open.last_mut().ok_or_else(|| malformed("no brace in front"))?;
                    last.0 = keyword == b"local";
                }
                (text, is_quoted) => {
                    // Outside of braces, the name of a version: before them its own, behind them that of an older one.
                    let Some(&(is_local, is_demangled)) = open.last() else {
                        label = Some(text);
                        continue;
                    };
                    let pattern = match is_quoted {
                        true => Pattern::name(text, is_demangled),
                        false => Pattern::new(text, is_demangled),
                    };
                    self.entries.push(Entry { pattern, is_local, version });
                }
            }
        }
        match open.is_empty() {
            true => Ok(()),
            false => Err(Problem::malformed(Place::file(name.clone()), "a brace without an end")),
        }
    }

    /// The number of the version of this name.
    fn version(&mut self, name: &[u8]) -> usize {
        let known = self.versions.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.versions.push(name.to_vec());
            self.versions.len() - 1
        })
    }

    /// The versions' names, in the order in which the scripts name them first.
    pub(crate) fn versions(&self) -> &[Vec<u8>] {
        &self.versions
    }

    /// Whether a name can be local, or have a version.
    pub(crate) fn distinguishes(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_local || entry.version.is_some())
    }

    /// Adds a name, or a pattern of names.
    pub(crate) fn add_pattern(&mut self, pattern: Pattern) {
        self.entries.push(Entry { pattern, is_local: false, version: None });
    }

    /// Whether the script says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether `name` is listed, but not as local: what a dynamic list, which is written as these scripts are, means.
    pub(crate) fn lists(&self, name: &[u8]) -> bool {
        let mut demangled = None;
        let mut listed = self.entries.iter().filter(|entry| !entry.is_local);
        listed.any(|entry| entry.pattern.matches(name, &mut demangled))
    }

    /// What becomes of `name`. As in GNU ld, a name itself counts before patterns, what is global before what is local, and a
    /// mere `*` last; of several names the first, of several patterns the last.
    pub(crate) fn verdict(&self, name: &[u8]) -> Verdict {
        let mut demangled = None;
        let matching = self.entries.iter().filter(|entry| entry.pattern.matches(name, &mut demangled));
        let rank = |entry: &Entry| (entry.pattern.breadth(), entry.is_local);
        let decisive = matching.reduce(|best, entry| {
            let is_better =
                rank(entry) < rank(best) || rank(entry) == rank(best) && entry.pattern.breadth() > 0;
            if is_better { entry } else { best }
        });
        match decisive {
            Some(entry) if entry.is_local => Verdict::Local,
            decisive => Verdict::Global(decisive.and_then(|entry| entry.version)),
        }
    }
}

#[derive(Clone, Copy)]
struct Word<'t> {
    at: usize,
    text: &'t [u8],
    is_quoted: bool,
}

struct Words<'t> {
    name: &'t Arc<str>,
    text: &'t [u8],
    at: usize,
}

impl<'t> Words<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) -> Result<(), Problem> {
        loop {
            let rest = self.rest();
            if rest.first().is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            } else if rest.starts_with(b"#") {
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if rest.starts_with(b"/*") {
                let end = memchr::memmem::find(rest.get(2..).unwrap_or_default(), b"*/");
                let at = self.at as u64;
                let place = || Place::file(self.name.clone()).at(at);
                self.at += 4 + end.ok_or_else(|| Problem::malformed(place(), "a comment without an end"))?;
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Option<Word<'t>>, Problem> {
        self.skip_blanks()?;
        let (at, rest) = (self.at, self.rest());
        let Some(&first) = rest.first() else { return Ok(None) };
        if first == b'"' {
            let body = rest.get(1..).unwrap_or_default();
            let place = Place::file(self.name.clone()).at(at as u64);
            let end = memchr::memchr(b'"', body);
            let end = end.ok_or_else(|| Problem::malformed(place, "a quoted name without an end"))?;
            self.at += end + 2;
            return Ok(Some(Word { at, text: body.get(..end).unwrap_or_default(), is_quoted: true }));
        }
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"{};\"".contains(byte);
        // `local:*` are two words, `ns::name` is one.
        let is_label = |end: usize| {
            rest.get(end) == Some(&b':') && matches!(rest.get(..end), Some(b"global" | b"local"))
        };
        let mut length = rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
        length = [5, 6].into_iter().find(|&end| is_label(end)).unwrap_or(length);
        self.at += length;
        Ok(Some(Word { at, text: rest.get(..length).unwrap_or_default(), is_quoted: false }))
    }

    fn skip_colon(&mut self) -> Result<bool, Problem> {
        self.skip_blanks()?;
        let is_there = self.rest().starts_with(b":");
        self.at += usize::from(is_there);
        Ok(is_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_before_patterns_and_a_star_last() {
        let mut script = VersionScript::default();
        let text = b"V1 { global: api_*; extern \"C++\" { \"ns::f(int)\"; other::*; };\n\
                     local:*; api_internal; hid?[a-c]*; };\nV2 { /* more */ kept; } V1;";
        script.add(&"a.map".into(), text).expect("it is well-formed");
        let is_local = |name: &str| script.verdict(name.as_bytes()) == Verdict::Local;
        assert!(script.distinguishes());
        assert!(
            !is_local("api_open") && is_local("api_internal") && is_local("anything") && !is_local("kept")
        );
        assert!(
            is_local("hid1b")
                && !is_local("_ZN2ns1fEi")
                && is_local("_ZN2ns1fEl")
                && !is_local("_ZN5other1gEv")
        );
    }

    #[test]
    fn names_have_the_version_of_the_first_that_names_them_or_the_last_pattern() {
        let mut script = VersionScript::default();
        let text = b"V1 { global: a; b*; *; local: c; };V2{a;b?;}V1 V0;\nV3 { b; };";
        script.add(&"a.map".into(), text).expect("it is well-formed");
        script.add(&"b.map".into(), b"{ global: d; };").expect("it is well-formed");
        assert_eq!(script.versions(), [b"V1", b"V2", b"V3"]);
        let verdict = |name: &str| script.verdict(name.as_bytes());
        for (name, version) in [("a", 0), ("b", 2), ("bc", 1), ("bcd", 0), ("other", 0)] {
            assert_eq!(verdict(name), Verdict::Global(Some(version)), "{name}");
        }
        assert_eq!((verdict("c"), verdict("d")), (Verdict::Local, Verdict::Global(None)));
    }

    #[test]
    fn a_script_that_is_none_is_told() {
        for text in [&b"{ local: *;"[..], b"}", b"{ \"a }", b"/* {", b"extern \"Ada\" { };", b"{ { { } } };"]
        {
            assert!(VersionScript::default().add(&"a.map".into(), text).is_err(), "{}", text.escape_ascii());
        }
    }
}
