//! `setlink check`: links into fake memory and evaluates the rules of a file.

use std::path::PathBuf;

use setlink::check::{Checker, Outcome, Paper, Rule, Side, rules};
use setlink::{Set, SetBuilder, SymbolStatus};

use crate::arguments::Arguments;

/// The options that only `check` has.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub files: Vec<PathBuf>,
    pub name: Option<String>,
    pub base: Option<u64>,
    pub page: Option<u64>,
    pub reserve: Option<u64>,
    pub phony_externals: bool,
    pub show_graph: bool,
    /// Whether to list addresses as LLVM's tool does.
    pub show_addresses: bool,
    /// As LLVM's tool: a link without rules to check is fine, and rules may count on entries that JITLink keeps.
    pub as_jitlink: bool,
}

impl Options {
    /// Takes the option `name`, whose value `value` gets; whether it is one of these.
    pub fn take(
        &mut self,
        name: &str,
        value: &mut dyn FnMut() -> Result<String, String>,
    ) -> Result<bool, String> {
        match name {
            "check" => self.files.push(value()?.into()),
            "check-name" => self.name = Some(value()?),
            "base" => self.base = Some(size("--base", &value()?)?),
            "page-size" => {
                let page = size("--page-size", &value()?)?;
                if !page.is_power_of_two() {
                    return Err(format!("--page-size {page}: expected a power of two"));
                }
                self.page = Some(page);
            }
            "reserve" => self.reserve = Some(size("--reserve", &value()?)?),
            "phony-externals" => self.phony_externals = true,
            "show-graph" => self.show_graph = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn paper(&self) -> Paper {
        let mut paper = Paper::new().phony_externals(self.phony_externals);
        if let Some(base) = self.base {
            paper = paper.base(base);
        }
        if let Some(page) = self.page {
            paper = paper.page(page);
        }
        if let Some(limit) = self.reserve {
            paper = paper.limit(limit);
        }
        paper
    }
}

/// A number, in decimal or with 0x, and perhaps with Kb, Mb or Gb behind it.
pub(crate) fn size(option: &str, text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let (digits, unit) = [("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1u64 << 30)]
        .into_iter()
        .find_map(|(suffix, unit)| Some((lower.strip_suffix(suffix)?, unit)))
        .filter(|_| !lower.starts_with("0x"))
        .unwrap_or((&lower, 1));
    let number = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    };
    number
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| format!("option {option}: `{text}` is not a number"))
}

/// Links the set that `inputs` adds to a builder, and checks it. The exit status.
pub(crate) fn perform(
    arguments: &Arguments,
    inputs: &dyn for<'s> Fn(&'s setlink::Session, &Arguments) -> setlink::Result<SetBuilder<'s>>,
) -> i32 {
    let options = &arguments.check;
    let list = match read_rules(options) {
        Ok(list) => list,
        Err(problems) => {
            crate::complain(problems);
            return 1;
        }
    };
    let session = options.paper().session();
    let link = |relax: bool| {
        let mut set = inputs(&session, arguments)?.relax(relax).snapshot(true);
        if options.as_jitlink {
            // JITLink leaves out sections that no global symbol leads to, and whatever is wrong with them.
            set = set.collect(defined(inputs(&session, arguments)?)?);
        }
        set.link()
    };
    let set = match link(arguments.relax) {
        Ok(set) => set,
        Err(error) => {
            crate::complain(error);
            return 1;
        }
    };
    if let (true, Some(entry)) = (options.as_jitlink && !options.phony_externals, &arguments.entry)
        && set.address(entry).is_none()
    {
        eprintln!("setlink: undefined symbol `{entry}`, the entry");
        return 1;
    }
    if let Some(snapshot) = set.snapshot() {
        if options.show_addresses {
            print!("{}", snapshot.addresses());
        }
        if options.show_graph {
            print!("{snapshot}");
        }
    }
    let mut failed = failing(&set, &list);
    if !failed.is_empty() && options.as_jitlink && arguments.relax {
        // JITLink leaves some loads and entries that Setlink does without.
        if let Ok(plain) = link(false) {
            let before = failed.len();
            let still = failing(&plain, &list);
            failed.retain(|(index, _)| still.iter().any(|(other, _)| other == index));
            let kept = before - failed.len();
            if kept > 0 {
                let all = list.len();
                crate::complain(format_args!("setlink: {kept} of {all} rules hold without relaxation only"));
            }
        }
    }
    for (index, report) in &failed {
        let (file, rule) = &list[*index];
        crate::complain(format_args!("{file}:{}: {report}", rule.line));
    }
    if failed.is_empty() {
        if !list.is_empty() && !options.as_jitlink {
            return crate::say(&format!("{} rules hold\n", list.len()));
        }
        0
    } else {
        crate::complain(format_args!("{} of {} rules fail", failed.len(), list.len()));
        1
    }
}

/// The names of the global symbols that the objects define.
fn defined(set: SetBuilder<'_>) -> setlink::Result<Vec<String>> {
    let own = |status| matches!(status, SymbolStatus::Defined | SymbolStatus::Weak | SymbolStatus::Common);
    Ok(set.symbols()?.into_iter().filter(|symbol| own(symbol.status)).map(|symbol| symbol.name).collect())
}

/// The rules of all files, with their files.
fn read_rules(options: &Options) -> Result<Vec<(String, Rule)>, String> {
    let mut list = Vec::new();
    let mut problems = Vec::new();
    let names: Vec<&str> = match &options.name {
        Some(name) => vec![name],
        None if options.as_jitlink => vec!["jitlink-check"],
        None => vec!["jitlink-check", "rtdyld-check"],
    };
    for path in &options.files {
        let file = path.display().to_string();
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                problems.push(format!("setlink: {file}: {error}"));
                continue;
            }
        };
        let mut found = 0;
        for name in &names {
            match rules(&text, name) {
                Ok(rules) => {
                    found += rules.len();
                    list.extend(rules.into_iter().map(|rule| (file.clone(), rule)));
                }
                Err(errors) => {
                    let shown = |e: &setlink::check::SyntaxError| {
                        format!("{file}:{}:{}: {}", e.line, e.column, e.what)
                    };
                    problems.extend(errors.iter().map(shown));
                    found += 1;
                }
            }
        }
        if found == 0 {
            problems.push(format!("setlink: {file} has no rules `{}:`", names.join(":` or `")));
        }
    }
    if options.files.is_empty() && !options.show_graph && !options.as_jitlink {
        problems.push("setlink: nothing to check; name a file of rules with --check".into());
    }
    if problems.is_empty() { Ok(list) } else { Err(problems.join("\n")) }
}

/// The rules that do not hold, by their index, and why.
fn failing(set: &Set, list: &[(String, Rule)]) -> Vec<(usize, String)> {
    let Some(snapshot) = set.snapshot() else { return Vec::new() };
    let checker = Checker::new(snapshot);
    let report = |rule: &Rule| match checker.check(rule) {
        Outcome::Holds => None,
        Outcome::Unknown(what) => Some(format!("cannot evaluate: {}\n  {what}", rule.text)),
        Outcome::Differs { left, right } => {
            let text = format!("does not hold: {}", rule.text);
            Some(format!("{text}\n{}\n{}", side("left", &left), side("right", &right)))
        }
    };
    list.iter().enumerate().filter_map(|(index, (_, rule))| Some((index, report(rule)?))).collect()
}

fn side(name: &str, side: &Side) -> String {
    let mut text = format!("  {name:<5} {:#x} ({})", side.value, side.value as i64);
    for source in &side.sources {
        text.push_str("\n          ");
        text.push_str(source);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("x", "64Kb"), Ok(65536));
        assert_eq!(size("x", "0x10"), Ok(16));
        assert_eq!(size("x", "2"), Ok(2));
        assert!(size("x", "64Tb").is_err());
        assert!(size("x", "99999999999Gb").is_err());
    }
}
