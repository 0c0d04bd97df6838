//! `setlink jitlink`: the options of LLVM's llvm-jitlink, so that a line of one of its tests runs with the tool's name
//! changed.
//!
//! Options have one dash or two, and their value is joined by `=` or is the next word. Without `-noexec` the set runs
//! as under `setlink run`.

use std::collections::VecDeque;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::arguments::{Arguments, Command, Item};
use crate::check::size;

/// Switches that say nothing about the linked code.
const IGNORED: &[&str] = &[
    "debugger-support",
    "debug",
    "no-process-syms",
    "perf-support",
    "preload",
    "show-entry-es",
    "show-init-es",
    "show-sizes",
    "show-times",
    "use-shared-memory",
    "vtune-support",
    "write-symtab",
];
/// The same with a value.
const IGNORED_WITH_VALUE: &[&str] = &["num-threads", "show-err-failed-to-materialize", "slab-allocate-delta"];

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
}

/// Reads the words behind `jitlink` into `out`.
pub(crate) fn parse(words: impl Iterator<Item = Vec<u8>>, out: &mut Arguments) -> Result<(), String> {
    let mut words = Words(words.collect());
    out.check.as_jitlink = true;
    out.default_libraries = false;
    while let Some(word) = words.0.pop_front() {
        let long =
            word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-")).filter(|rest| !rest.is_empty());
        let Some(long) = long else {
            out.items.push(Item::File(OsString::from_vec(word).into()));
            continue;
        };
        let long = std::str::from_utf8(long).map_err(|_| "an option is not UTF-8")?;
        let (name, joined) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let mut value = || words.text(joined, name);
        if name != "base" && name != "reserve" && out.check.take(name, &mut value)? {
            continue;
        }
        match name {
            "noexec" => out.no_exec = joined != Some("false"),
            "slab-allocate" => out.check.reserve = Some(size("-slab-allocate", &value()?)?),
            "slab-address" => out.check.base = Some(size("-slab-address", &value()?)?),
            "slab-page-size" => {
                let page = value()?;
                out.check.take("page-size", &mut || Ok(page.clone()))?;
            }
            "abs" | "define-abs" => {
                let text = value()?;
                let (symbol, address) =
                    text.split_once('=').ok_or_else(|| format!("-{name} {text}: expected NAME=ADDRESS"))?;
                out.absolute.push((symbol.into(), size("-abs", address)?));
            }
            "alias" => {
                let text = value()?;
                let (symbol, target) =
                    text.split_once('=').ok_or_else(|| format!("-alias {text}: expected NAME=SYMBOL"))?;
                out.aliases.push((symbol.into(), target.into(), 0));
            }
            "entry" => out.entry = Some(value()?),
            "args" => {
                for word in std::mem::take(&mut words.0) {
                    out.program.push(CString::new(word).map_err(|_| "an argument holds a NUL byte")?);
                }
            }
            // The harness's objects are those that define the test's outside: inputs like others here.
            "harness" => {}
            "show-addrs" => out.check.show_graph = true,
            "no-relax" => out.relax = false,
            "L" => out.items.push(Item::Search(value()?.into())),
            "l" => {
                let library = value()?;
                out.items.push(Item::Library(library));
            }
            _ if IGNORED.contains(&name) => {}
            _ if IGNORED_WITH_VALUE.contains(&name) => drop(value()?),
            _ if long.starts_with('L') => out.items.push(Item::Search(long[1..].into())),
            _ if long.starts_with('l') => out.items.push(Item::Library(long[1..].into())),
            _ => return Err(format!("jitlink: unknown option -{long}")),
        }
    }
    if !out.no_exec {
        out.default_libraries = true;
    }
    out.command = Command::Jitlink;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::arguments::{Arguments, Command, Item, Parsed, parse};

    fn read(line: &str) -> Arguments {
        match parse(line.split(' ').map(Into::into)) {
            Ok(Parsed::Run(arguments)) => *arguments,
            other => panic!("{other:?}"),
        }
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
        assert_eq!(arguments.absolute, [("x".to_owned(), 0x12)]);
        assert_eq!(arguments.aliases, [("a".to_owned(), "b".to_owned(), 0)]);
        assert_eq!(arguments.items[0], Item::Library("m".into()));
        assert_eq!(arguments.items[2], Item::File("x.o".into()));
        assert_eq!(arguments.program.len(), 2);
    }
}
