//! `setlink jitlink`: the options of LLVM's llvm-jitlink, so that a line of one of its tests runs with the tool's name
//! changed.
//!
//! Options have one dash or two, and their value is joined by `=` or is the next word. Without `-noexec` the set runs
//! as under `setlink run`. See docs/check.md for what differs.

use std::collections::VecDeque;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::arguments::{Arguments, Command, Item};
use crate::check::size;

/// Switches that say nothing about the linked code, or ask for what Setlink does anyway.
const IGNORED: &[&str] = &[
    "debug",
    "no-process-syms",
    "search-sys-lib",
    "show-entry-es",
    "show-err-failed-to-materialize",
    "show-init-es",
    "show-relocated-section-contents",
    "show-sizes",
    "show-times",
    "use-shared-memory",
    "vtune-support",
    "write-symtab",
];
/// The same with a value.
const IGNORED_WITH_VALUE: &[&str] = &["debug-only", "num-threads", "orc-runtime"];

struct Words(VecDeque<Vec<u8>>);

impl Words {
    fn text(&mut self, joined: Option<&str>, option: &str) -> Result<String, String> {
        match joined {
            Some(value) => Ok(value.to_owned()),
            None => {
                let word = self.0.pop_front().ok_or_else(|| format!("option -{option} needs a value"))?;
                String::from_utf8(word).map_err(|_| format!("option -{option}: not UTF-8"))
            }
        }
    }

    /// The words up to the option `end`, whatever they look like.
    fn up_to(&mut self, end: &str) -> Vec<Vec<u8>> {
        let is_end = |word: &Vec<u8>| {
            let name = word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-"));
            name == Some(end.as_bytes())
        };
        let count = self.0.iter().position(is_end).unwrap_or(self.0.len());
        self.0.drain(..count).collect()
    }
}

/// What the options add up to, beside what goes into [`Arguments`] at once.
#[derive(Default)]
struct Seen {
    harness: Vec<Item>,
    slab: bool,
    /// The first option that only makes sense with a slab.
    of_slab: Option<&'static str>,
}

/// Reads the words behind `jitlink` into `out`.
pub(crate) fn parse(words: impl Iterator<Item = Vec<u8>>, out: &mut Arguments) -> Result<(), String> {
    let mut words = Words(words.collect());
    let mut seen = Seen::default();
    out.command = Command::Jitlink;
    out.check.as_jitlink = true;
    out.default_libraries = false;
    while let Some(word) = words.0.pop_front() {
        let long =
            word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-")).filter(|rest| !rest.is_empty());
        match long {
            None => out.items.push(Item::File(OsString::from_vec(word).into())),
            Some(long) => {
                let long = std::str::from_utf8(long).map_err(|_| "an option is not UTF-8")?;
                option(long, &mut words, out, &mut seen)?;
            }
        }
    }
    if let (Some(option), true) = (seen.of_slab, !seen.slab || !out.no_exec) {
        return Err(format!("jitlink: -{option} requires -slab-allocate and -noexec"));
    }
    if !seen.harness.is_empty() {
        // What the harness defines takes the place of what the objects under test define.
        out.items.splice(0..0, seen.harness);
        out.allow_multiple_definition = true;
    }
    if !out.no_exec {
        out.default_libraries = true;
    }
    Ok(())
}

fn option(long: &str, words: &mut Words, out: &mut Arguments, seen: &mut Seen) -> Result<(), String> {
    let (name, joined) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let on = !matches!(joined, Some("false" | "FALSE" | "False" | "0"));
    let mut value = || words.text(joined, name);
    match name {
        "check" => out.check.files.push(value()?.into()),
        "check-name" => out.check.name = Some(value()?),
        "phony-externals" => out.check.phony_externals = on,
        "noexec" => out.no_exec = on,
        "debugger-support" => out.gdb = on,
        "perf-support" => out.jitdump = on.then(|| ".".into()),
        "slab-allocate" => {
            out.check.reserve = Some(slab_size(&value()?)?);
            seen.slab = true;
        }
        "slab-address" => {
            out.check.base = Some(integer(name, &value()?)?);
            seen.of_slab.get_or_insert("slab-address");
        }
        "slab-page-size" => {
            let page = integer(name, &value()?)?;
            if !page.is_power_of_two() {
                return Err(format!("option -{name} {page}: expected a power of two"));
            }
            out.check.page = Some(page);
            seen.of_slab.get_or_insert("slab-page-size");
        }
        "abs" | "define-abs" => {
            let text = value()?;
            let (symbol, address) =
                pair(&text).ok_or_else(|| format!("option -{name} {text}: expected NAME=ADDRESS"))?;
            out.absolute.push((symbol.into(), integer(name, address)?));
        }
        "alias" => {
            let text = value()?;
            let (symbol, target) =
                pair(&text).ok_or_else(|| format!("option -{name} {text}: expected NAME=SYMBOL"))?;
            out.aliases.push((symbol.into(), target.into(), 0));
        }
        "entry" => out.entry = Some(value()?),
        "args" => {
            for word in words.up_to("harness") {
                out.program.push(CString::new(word).map_err(|_| "an argument holds a NUL byte")?);
            }
        }
        "harness" => {
            let files = words.up_to("args").into_iter();
            seen.harness.extend(files.map(|word| Item::File(OsString::from_vec(word).into())));
        }
        "show-addrs" => out.check.show_addresses = on,
        // Its value says of which files; the text shows all of them.
        "show-graphs" => {
            value()?;
            out.check.show_graph = true;
        }
        "no-relax" => out.relax = !on,
        "jd" => {
            let library = value()?;
            if library != "main" {
                return Err(format!("option -jd {library}: all inputs make one set, `main`"));
            }
        }
        "L" => out.items.push(Item::Search(value()?.into())),
        "l" | "hidden-l" => {
            let library = value()?;
            out.items.push(Item::Library(library));
        }
        "load_hidden" | "preload" => out.items.push(Item::File(value()?.into())),
        _ if IGNORED.contains(&name) => {}
        _ if IGNORED_WITH_VALUE.contains(&name) => drop(value()?),
        _ => match (long.strip_prefix('L'), long.strip_prefix("hidden-l").or(long.strip_prefix('l'))) {
            (Some(folder), _) => out.items.push(Item::Search(folder.into())),
            (_, Some(library)) => out.items.push(Item::Library(library.into())),
            _ => return Err(format!("jitlink: unknown option -{long}")),
        },
    }
    Ok(())
}

/// `NAME=VALUE`, neither empty.
fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// A number whose prefix tells its radix, as LLVM's options read them.
fn integer(option: &str, text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)];
    let (digits, radix) = prefixes
        .into_iter()
        .find_map(|(prefix, radix)| Some((lower.strip_prefix(prefix)?, radix)))
        .filter(|(digits, _)| !digits.is_empty())
        .unwrap_or((&lower, 10));
    u64::from_str_radix(digits, radix)
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .ok_or_else(|| format!("option -{option}: `{text}` is not a number"))
}

/// The size of a slab is in units of 1024 bytes unless it says otherwise.
fn slab_size(text: &str) -> Result<u64, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    size("-slab-allocate", &if plain { format!("{text}Kb") } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{integer, slab_size};
    use crate::arguments::{Arguments, Command, Item, Parsed, parse};

    fn read(line: &str) -> Arguments {
        match parse(line.split_whitespace().map(Into::into)) {
            Ok(Parsed::Run(arguments)) => *arguments,
            other => panic!("{other:?}"),
        }
    }

    fn refused(line: &str) -> String {
        parse(line.split_whitespace().map(Into::into)).expect_err(line)
    }

    #[test]
    fn llvm_spellings_are_understood() {
        let line = "jitlink -noexec -slab-allocate=64Kb -slab-address 0xfff00000 -slab-page-size=4096 --abs x=0x12 \
                    -phony-externals -check=x.s -check-name=jitlink-check-a -entry f -alias a=b -lm -Ldir x.o -args 1 -2";
        let arguments = read(line);
        assert_eq!(arguments.command, Command::Jitlink);
        assert!(arguments.no_exec && arguments.check.phony_externals);
        assert_eq!(arguments.check.reserve, Some(65536));
        assert_eq!(arguments.check.base, Some(0xfff0_0000));
        assert_eq!(arguments.check.page, Some(4096));
        assert_eq!(arguments.check.name.as_deref(), Some("jitlink-check-a"));
        assert_eq!(arguments.check.files, [std::path::Path::new("x.s")]);
        assert_eq!(arguments.entry.as_deref(), Some("f"));
        assert_eq!(arguments.absolute, [("x".to_owned(), 0x12)]);
        assert_eq!(arguments.aliases, [("a".to_owned(), "b".to_owned(), 0)]);
        let items = [Item::Library("m".into()), Item::Search("dir".into()), Item::File("x.o".into())];
        assert_eq!(arguments.items, items);
        assert_eq!(arguments.program, [c"1".to_owned(), c"-2".to_owned()]);
    }

    #[test]
    fn values_are_joined_or_the_next_word() {
        let arguments =
            read("jitlink -noexec=false -L a -L=b -Lc -l d -l=e -lf -hidden-lg -show-graphs .* -entry=f");
        let (search, library) =
            (|name: &str| Item::Search(name.into()), |name: &str| Item::Library(name.into()));
        let items =
            [search("a"), search("b"), search("c"), library("d"), library("e"), library("f"), library("g")];
        assert_eq!(arguments.items, items);
        assert!(!arguments.no_exec && arguments.check.show_graph);
        assert!(refused("jitlink -entry").contains("option -entry needs a value"));
    }

    #[test]
    fn arguments_and_harness_take_all_words_up_to_each_other() {
        let arguments = read("jitlink u.o -args -noexec x -harness h.o i.o");
        assert_eq!(arguments.program, [c"-noexec".to_owned(), c"x".to_owned()]);
        let files = ["h.o", "i.o", "u.o"].map(|name| Item::File(name.into()));
        assert_eq!(arguments.items, files);
        assert!(arguments.allow_multiple_definition && !arguments.no_exec);
        let arguments = read("jitlink u.o --harness h.o --args x");
        assert_eq!((arguments.items.len(), arguments.program.len()), (2, 1));
    }

    #[test]
    fn numbers_have_llvms_radices_and_units() {
        for (text, number) in [("0x1F", 31), ("0b11", 3), ("0o17", 15), ("017", 15), ("0", 0), ("19", 19)] {
            assert_eq!(integer("abs", text), Ok(number), "{text}");
        }
        for text in ["", "x", "0x", "08", "+1", "0x+1", "0x10000000000000000"] {
            assert!(integer("abs", text).is_err(), "{text}");
        }
        assert_eq!((slab_size("64"), slab_size("1Mb")), (Ok(65536), Ok(1 << 20)));
        assert!(slab_size("64Xb").is_err() && slab_size("99999999999999999999").is_err());
    }

    #[test]
    fn what_llvm_refuses_is_refused() {
        assert!(
            refused("jitlink -noexec -slab-address=1 x.o").contains("-slab-address requires -slab-allocate")
        );
        assert!(refused("jitlink -slab-allocate=1 -slab-page-size=4096 x.o").contains("requires"));
        assert!(refused("jitlink -noexec -slab-allocate=1 -slab-page-size=3 x.o").contains("a power of two"));
        assert!(refused("jitlink -abs x").contains("expected NAME=ADDRESS"));
        assert!(refused("jitlink -abs x=y").contains("`y` is not a number"));
        assert!(refused("jitlink -alias x").contains("expected NAME=SYMBOL"));
        assert!(refused("jitlink -jd=other x.o").contains("one set"));
        assert!(refused("jitlink -nonsense x.o").contains("unknown option -nonsense"));
    }
}
