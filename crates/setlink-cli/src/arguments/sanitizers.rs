//! `-fsanitize=` and its companions, as GCC adds them up (`opts.cc`, `parse_sanitizer_options`; the libraries: `LINK_COMMAND_SPEC`
//! in `gcc.cc`). Clang has kinds of its own.

use std::collections::BTreeSet;

use super::{Item, Parser};

/// What a kind needs of a linker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// The library of this name.
    Library(&'static str),
    /// UndefinedBehaviorSanitizer's library, as part of `undefined`.
    Undefined,
    /// The same, but not as part of `undefined`.
    Besides,
    Nothing,
    /// A library that is an archive, and takes over the C library's functions.
    Archive,
}

const KINDS: &[(&str, Needs)] = &[
    ("address", Needs::Library("asan")),
    ("hwaddress", Needs::Library("hwasan")),
    ("thread", Needs::Library("tsan")),
    ("leak", Needs::Library("lsan")),
    ("kernel-address", Needs::Nothing),
    ("kernel-hwaddress", Needs::Nothing),
    ("pointer-compare", Needs::Nothing),
    ("pointer-subtract", Needs::Nothing),
    ("shadow-call-stack", Needs::Nothing),
    ("alignment", Needs::Undefined),
    ("bool", Needs::Undefined),
    ("bounds", Needs::Undefined),
    ("builtin", Needs::Undefined),
    ("enum", Needs::Undefined),
    ("integer-divide-by-zero", Needs::Undefined),
    ("nonnull-attribute", Needs::Undefined),
    ("null", Needs::Undefined),
    ("object-size", Needs::Undefined),
    ("pointer-overflow", Needs::Undefined),
    ("return", Needs::Undefined),
    ("returns-nonnull-attribute", Needs::Undefined),
    ("shift", Needs::Undefined),
    ("shift-base", Needs::Undefined),
    ("shift-exponent", Needs::Undefined),
    ("signed-integer-overflow", Needs::Undefined),
    ("unreachable", Needs::Undefined),
    ("vla-bound", Needs::Undefined),
    ("vptr", Needs::Undefined),
    ("bounds-strict", Needs::Besides),
    ("float-cast-overflow", Needs::Besides),
    ("float-divide-by-zero", Needs::Besides),
    // Clang's.
    ("array-bounds", Needs::Undefined),
    ("function", Needs::Undefined),
    ("implicit-bitfield-conversion", Needs::Besides),
    ("implicit-conversion", Needs::Besides),
    ("implicit-integer-arithmetic-value-change", Needs::Besides),
    ("implicit-integer-conversion", Needs::Besides),
    ("implicit-integer-sign-change", Needs::Besides),
    ("implicit-integer-truncation", Needs::Besides),
    ("implicit-signed-integer-truncation", Needs::Besides),
    ("implicit-unsigned-integer-truncation", Needs::Besides),
    ("integer", Needs::Besides),
    ("nullability", Needs::Besides),
    ("nullability-arg", Needs::Besides),
    ("nullability-assign", Needs::Besides),
    ("nullability-return", Needs::Besides),
    ("unsigned-integer-overflow", Needs::Besides),
    ("unsigned-shift-base", Needs::Besides),
    ("fuzzer-no-link", Needs::Nothing),
    ("kcfi", Needs::Nothing),
    ("local-bounds", Needs::Nothing),
    ("dataflow", Needs::Archive),
    ("fuzzer", Needs::Archive),
    ("memory", Needs::Archive),
    ("numerical", Needs::Archive),
    ("safe-stack", Needs::Archive),
    ("scudo", Needs::Archive),
];

/// What a command line asks for so far.
#[derive(Default)]
pub(super) struct Sanitizers {
    on: BTreeSet<&'static str>,
    /// Undefined behaviour traps, and calls no library.
    traps: bool,
    static_undefined: bool,
}

/// The libraries that a set needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Libraries {
    /// Before all others.
    pub first: Option<&'static str>,
    /// UndefinedBehaviorSanitizer's, and whether from its archive.
    pub undefined: Option<bool>,
}

impl Sanitizers {
    /// Whether `word` is an option about sanitizers; then it counts from now on.
    pub fn take(&mut self, word: &str) -> Result<bool, String> {
        if let Some(kinds) = word.strip_prefix("-fsanitize=") {
            self.switch(word, kinds, true)?;
        } else if let Some(kinds) = word.strip_prefix("-fno-sanitize=") {
            self.switch(word, kinds, false)?;
        } else {
            match word {
                "-fsanitize-undefined-trap-on-error"
                | "-fsanitize-trap"
                | "-fsanitize-trap=all"
                | "-fsanitize-trap=undefined" => self.traps = true,
                "-fno-sanitize-undefined-trap-on-error" | "-fno-sanitize-trap" | "-fno-sanitize-trap=all" => {
                    self.traps = false;
                }
                "-static-libubsan" => self.static_undefined = true,
                // The process has begun when the set's code comes to it: of these, only the shared library can have been
                // there before. Clang's name for all of them.
                "-static-libasan" | "-static-libtsan" | "-static-liblsan" | "-static-libhwasan" => {}
                "-shared-libasan" | "-shared-libsan" | "-static-libsan" => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn switch(&mut self, word: &str, kinds: &str, on: bool) -> Result<(), String> {
        for kind in kinds.split(',') {
            let chosen = |&&(name, needs): &&(&str, Needs)| match kind {
                "undefined" => needs == Needs::Undefined,
                "all" => !on,
                kind => name == kind,
            };
            let mut chosen = KINDS.iter().filter(chosen).peekable();
            match chosen.peek() {
                None => return Err(format!("{word}: there is no sanitizer `{kind}`")),
                Some((_, Needs::Archive)) if on => {
                    return Err(format!(
                        "{word}: the library of the sanitizer `{kind}` is an archive, which cannot come into a process late"
                    ));
                }
                Some(_) => {}
            }
            for &(name, _) in chosen {
                if on {
                    self.on.insert(name)
                } else {
                    self.on.remove(name)
                };
            }
        }
        Ok(())
    }

    /// The libraries for what was asked for in the end. Those that look for addresses look for leaks, too.
    pub fn libraries(&self) -> Result<Libraries, String> {
        let is_on = |kind: &str| self.on.contains(kind);
        let mut whole = ["address", "hwaddress", "thread"].into_iter().filter(|kind| is_on(kind));
        if let (Some(one), Some(other)) = (whole.next(), whole.next()) {
            return Err(format!("-fsanitize={one} is incompatible with -fsanitize={other}"));
        }
        let needs = |kind: &&str| KINDS.iter().find(|(name, _)| name == kind).map(|(_, needs)| *needs);
        // In the order of the table, in which `leak` is the last.
        let first = KINDS.iter().find_map(|(name, needs)| match needs {
            Needs::Library(library) if is_on(name) => Some(*library),
            _ => None,
        });
        let undefined =
            self.on.iter().any(|kind| matches!(needs(kind), Some(Needs::Undefined | Needs::Besides)));
        Ok(Libraries { first, undefined: (undefined && !self.traps).then_some(self.static_undefined) })
    }
}

impl Parser {
    /// Adds the sanitizers' libraries to each set, where GCC has them: what is to be first before the inputs, the other
    /// behind them.
    pub(super) fn sanitize(&mut self) -> Result<(), String> {
        let Libraries { first, undefined } = self.sanitizers.libraries()?;
        let items = std::mem::take(&mut self.out.items);
        let mut all = Vec::with_capacity(items.len());
        let begin = |all: &mut Vec<Item>| all.extend(first.map(|name| Item::Library(name.into())));
        let end = |all: &mut Vec<Item>| {
            if let Some(from_archive) = undefined {
                let modes =
                    [Item::StaticOnly(from_archive), Item::AsNeeded(false), Item::WholeArchive(false)];
                all.extend(modes.into_iter().chain([Item::Library("ubsan".into())]));
            }
        };
        // The first set may have no name.
        let mut is_begun = false;
        for item in items {
            let is_name = matches!(item, Item::Set(_));
            if is_name && is_begun {
                end(&mut all);
            } else if !is_name && !is_begun && !matches!(item, Item::Search(_)) {
                begin(&mut all);
                is_begun = true;
            }
            all.push(item);
            if is_name {
                begin(&mut all);
                is_begun = true;
            }
        }
        end(&mut all);
        self.out.items = all;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn libraries(words: &[&str]) -> Result<Libraries, String> {
        let mut sanitizers = Sanitizers::default();
        for word in words {
            assert!(sanitizers.take(word)?, "{word}");
        }
        sanitizers.libraries()
    }

    #[test]
    fn kinds_add_up_to_libraries() {
        for (words, first, undefined) in [
            (&["-fsanitize=undefined,bounds"][..], None, Some(false)),
            (&["-fsanitize=undefined,leak,address"], Some("asan"), Some(false)),
            (&["-fsanitize=leak", "-fsanitize=address"], Some("asan"), None),
            (&["-fsanitize=leak,thread"], Some("tsan"), None),
            (&["-fsanitize=leak"], Some("lsan"), None),
            (&["-fsanitize=address,thread", "-fno-sanitize=address"], Some("tsan"), None),
            (&["-fsanitize=address,vptr,shift", "-fno-sanitize=undefined"], Some("asan"), None),
            (&["-fsanitize=undefined,bounds-strict", "-fno-sanitize=undefined"], None, Some(false)),
            (&["-fsanitize=address,undefined", "-fno-sanitize=all"], None, None),
            (&["-fsanitize=undefined", "-fno-sanitize=vptr", "-static-libubsan"], None, Some(true)),
            (&["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"], None, None),
            (&["-fsanitize=address", "-static-libasan"], Some("asan"), None),
            (&["-fsanitize=kernel-address", "-fsanitize=implicit-conversion"], None, Some(false)),
            (&["-shared-libasan"], None, None),
        ] {
            assert_eq!(libraries(words), Ok(Libraries { first, undefined }), "{words:?}");
        }
    }

    #[test]
    fn what_gcc_refuses_is_refused() {
        for (words, message) in [
            (&["-fsanitize=adress"][..], "there is no sanitizer `adress`"),
            (&["-fno-sanitize=foo"], "there is no sanitizer `foo`"),
            (&["-fsanitize=all"], "there is no sanitizer `all`"),
            (&["-fsanitize="], "there is no sanitizer ``"),
            (&["-fsanitize=memory"], "the library of the sanitizer `memory` is an archive"),
            (
                &["-fsanitize=thread", "-fsanitize=address"],
                "-fsanitize=address is incompatible with -fsanitize=thread",
            ),
        ] {
            let error = libraries(words).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
