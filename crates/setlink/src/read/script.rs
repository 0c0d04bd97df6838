//! Linker scripts that stand in for libraries.
//!
//! Distributions install small text files under library names: glibc's `libc.so` names the shared library and its static
//! rest, `libm.a` two archives, `libncurses.so` the library and what it needs. GNU ld calls them implicit linker scripts
//! ("Linker Scripts", section 3.11 and section 3.4 of the ld manual, which define the commands below). This is that
//! subset of the language, no more:
//!
//! - `INPUT(…)`, `GROUP(…)` and, inside them, `AS_NEEDED(…)`: file names and `-lNAME`, separated by blanks or commas. A
//!   group asks for repeated searching of its archives; Setlink pulls members until nothing more is needed in any case,
//!   so the two commands say the same.
//! - `SEARCH_DIR(…)`, `ENTRY(…)`, `EXTERN(…)`, `OUTPUT_FORMAT(…)`; `OUTPUT_ARCH(…)` and `TARGET(…)` are read and dropped.
//! - `symbol = value;`, also in `PROVIDE(…)`, `PROVIDE_HIDDEN(…)` and `HIDDEN(…)`, and
//!   `ASSERT(value, "message")`, where the value is an expression of numbers, or a sum of them and a symbol.
//!
//! Scripts that lay out sections (`SECTIONS`, `MEMORY`, `PHDRS`, …) describe an output file, and a runtime linker makes none: they are refused by name, line and column.

#![forbid(unsafe_code)]

mod expression;

use std::sync::Arc;

use crate::error::{Place, Problem};
pub use expression::{Sum, Wrong, expression};

/// What a script asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// The files and libraries, in order.
    pub(crate) items: Vec<Item>,
    /// `SEARCH_DIR`: searched for libraries after the directories given before. May begin with `=`.
    pub(crate) search_dirs: Vec<String>,
    /// `ENTRY`: the symbol at which the program starts.
    pub(crate) entry: Option<String>,
    /// `EXTERN`: symbols to treat as undefined, so that archive members which define them are pulled.
    pub(crate) externs: Vec<String>,
    /// Symbols that the script defines.
    pub(crate) assignments: Vec<Assignment>,
    /// `OUTPUT_FORMAT`'s (default) BFD name, for example `elf64-x86-64`: GNU ld passes over a library script of another
    /// format when it searches.
    pub(crate) output_format: Option<String>,
}

/// One file or library of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The file's name as written or, with `library`, what follows `-l` (`c`, or `:libc.so.6` for an exact file name).
    pub(crate) name: String,
    /// The item is `-lNAME`, to be searched for.
    pub(crate) library: bool,
    /// Needed only if it satisfies a reference.
    pub(crate) as_needed: bool,
}

/// One symbol definition of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The symbol.
    pub(crate) symbol: String,
    /// Its value.
    pub(crate) value: Value,
    /// `PROVIDE`: only if the symbol is referenced and nothing else defines it.
    pub(crate) provide: bool,
    /// `HIDDEN`: not exported.
    pub(crate) hidden: bool,
}

/// The right side of an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// An absolute address.
    Number(u64),
    /// Another symbol's value, plus a number.
    Symbol(String, i64),
}

/// Whether bytes that are neither ELF nor an archive look like a text that [`parse`] should see. Errs on the side of yes
/// for any text, since a script's problem is told better than an unknown file's.
pub(crate) fn looks_like_script(data: &[u8]) -> bool {
    let head = data.get(..4096).unwrap_or(data);
    if data.starts_with(b"\x7fELF") || super::archive::is_archive(data) {
        return false;
    }
    let text = head.iter().all(|&byte| byte >= b' ' && byte != 0x7f || byte.is_ascii_whitespace());
    text && head.iter().any(|byte| byte.is_ascii_graphic())
}

/// Reads a script. `name` is for problems.
pub(crate) fn parse(name: &Arc<str>, text: &[u8]) -> Result<Script, Problem> {
    let mut parser = Parser { lexer: Lexer { name, text, at: 0 }, script: Script::default() };
    while parser.statement()? {}
    Ok(parser.script)
}

/// A piece of text and where it starts.
#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    at: usize,
    text: &'t [u8],
    quoted: bool,
}

impl Token<'_> {
    fn is(&self, text: &str) -> bool {
        !self.quoted && self.text == text.as_bytes()
    }
}

/// Splits the text. What belongs to a name depends on where it stands: `=` and `-` are ordinary characters of a file
/// name, and operators elsewhere.
struct Lexer<'t> {
    name: &'t Arc<str>,
    text: &'t [u8],
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Statement,
    FileNames,
}

fn is_symbol_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$') || byte >= 0x80
}

fn is_file_byte(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !byte.is_ascii_control() && !b"(),;\"{}".contains(&byte)
}

impl<'t> Lexer<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn problem(
        &self,
        make: fn(Place, String) -> Problem,
        at: usize,
        what: impl std::fmt::Display,
    ) -> Problem {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1;
        let place = Place::file(self.name.clone()).at(at as u64);
        make(place, format!("{what} (linker script, line {line}, column {column})"))
    }

    fn malformed(&self, at: usize, what: impl std::fmt::Display) -> Problem {
        self.problem(Problem::malformed, at, what)
    }

    fn unsupported(&self, at: usize, what: impl std::fmt::Display) -> Problem {
        self.problem(Problem::unsupported, at, what)
    }

    /// Skips blanks, `/* … */` and, as lld does, `#` to the end of the line.
    fn skip_blanks(&mut self) -> Result<(), Problem> {
        loop {
            let rest = self.rest();
            if rest.starts_with(b"/*") {
                let body = rest.get(2..).unwrap_or_default();
                let end = memchr::memmem::find(body, b"*/")
                    .ok_or_else(|| self.malformed(self.at, "a comment without an end"))?;
                self.at += end + 4;
            } else if rest.starts_with(b"#") {
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            } else if rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0x0b) {
                self.at += 1;
            } else {
                return Ok(());
            }
        }
    }

    /// The next name, quoted string or single character; `None` at the end.
    fn next(&mut self, mode: Mode) -> Result<Option<Token<'t>>, Problem> {
        self.skip_blanks()?;
        let (at, rest) = (self.at, self.rest());
        let Some(&first) = rest.first() else { return Ok(None) };
        if first == b'"' {
            let body = rest.get(1..).unwrap_or_default();
            let end = memchr::memchr2(b'"', b'\n', body).filter(|&end| body.get(end) == Some(&b'"'));
            let end = end.ok_or_else(|| self.malformed(at, "a quoted name without an end"))?;
            self.at += end + 2;
            return Ok(Some(Token { at, text: body.get(..end).unwrap_or_default(), quoted: true }));
        }
        let belongs = match mode {
            Mode::Statement => is_symbol_byte,
            Mode::FileNames => is_file_byte,
        };
        let length = rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len()).max(1);
        self.at += length;
        Ok(Some(Token { at, text: rest.get(..length).unwrap_or_default(), quoted: false }))
    }

    fn expect(&mut self, text: &str) -> Result<(), Problem> {
        match self.next(Mode::Statement)? {
            Some(token) if token.is(text) => Ok(()),
            Some(token) => Err(self.malformed(token.at, format_args!("`{text}` is missing here"))),
            None => Err(self.malformed(self.at, format_args!("`{text}` is missing at the end"))),
        }
    }

    fn text(&self, token: Token<'_>) -> Result<String, Problem> {
        match std::str::from_utf8(token.text) {
            Ok("") => Err(self.malformed(token.at, "an empty name")),
            Ok(text) if text.contains('\0') => Err(self.malformed(token.at, "a name with a NUL in it")),
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(self.malformed(token.at, "a name that is not UTF-8")),
        }
    }
}

fn is_name(token: Token<'_>, belongs: fn(u8) -> bool) -> bool {
    token.quoted || token.text.iter().all(|&byte| belongs(byte))
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    script: Script,
}

impl<'t> Parser<'t> {
    /// One statement; false at the end of the text.
    fn statement(&mut self) -> Result<bool, Problem> {
        let Some(token) = self.lexer.next(Mode::Statement)? else { return Ok(false) };
        if token.is(";") {
            return Ok(true);
        }
        if !is_name(token, is_symbol_byte) {
            let shown = String::from_utf8_lossy(token.text).into_owned();
            return Err(self.lexer.malformed(token.at, format_args!("`{}`", shown.escape_debug())));
        }
        let word = if token.quoted { &b""[..] } else { token.text };
        match word {
            b"INPUT" | b"GROUP" => self.inputs()?,
            b"SEARCH_DIR" => {
                let directory = self.single(Mode::FileNames)?;
                self.script.search_dirs.push(directory);
            }
            b"ENTRY" => self.script.entry = Some(self.single(Mode::Statement)?),
            b"EXTERN" => {
                let names = self.list(Mode::Statement)?;
                self.script.externs.extend(names);
            }
            // Three formats mean: the default, the big-endian and the little-endian one.
            b"OUTPUT_FORMAT" => {
                self.script.output_format = self.list(Mode::FileNames)?.into_iter().next();
            }
            b"OUTPUT_ARCH" | b"TARGET" => drop(self.list(Mode::FileNames)?),
            b"ASSERT" => self.assertion(token.at)?,
            b"PROVIDE" => self.wrapped_assignment(true, false)?,
            b"PROVIDE_HIDDEN" => self.wrapped_assignment(true, true)?,
            b"HIDDEN" => self.wrapped_assignment(false, true)?,
            _ => self.plain_statement(token)?,
        }
        Ok(true)
    }

    /// `symbol = value;`, or a command that is not of the subset.
    fn plain_statement(&mut self, symbol: Token<'t>) -> Result<(), Problem> {
        let next = self.lexer.next(Mode::Statement)?;
        if !next.is_some_and(|next| next.is("=")) {
            let shown = String::from_utf8_lossy(symbol.text).chars().take(40).collect::<String>();
            let what = format_args!("the linker script command `{}`", shown.escape_debug());
            let problem = self.lexer.unsupported(symbol.at, what);
            // A script's commands are in capitals.
            return Err(match symbol.text.iter().any(u8::is_ascii_lowercase) {
                true => {
                    problem.with_remedy("text is read as a linker script; compile sources to objects first")
                }
                false => problem,
            });
        }
        let value = self.value(symbol.at)?;
        self.lexer.expect(";")?;
        self.assign(symbol, value, false, false)
    }

    /// `(symbol = value)` after `PROVIDE` and its relatives.
    fn wrapped_assignment(&mut self, provide: bool, hidden: bool) -> Result<(), Problem> {
        self.lexer.expect("(")?;
        let symbol = self.lexer.next(Mode::Statement)?;
        let symbol = symbol.filter(|&symbol| is_name(symbol, is_symbol_byte));
        let symbol = symbol.ok_or_else(|| self.lexer.malformed(self.lexer.at, "a symbol is missing here"))?;
        self.lexer.expect("=")?;
        let value = self.value(symbol.at)?;
        self.lexer.expect(")")?;
        self.assign(symbol, value, provide, hidden)
    }

    fn assign(
        &mut self,
        symbol: Token<'_>,
        value: Value,
        provide: bool,
        hidden: bool,
    ) -> Result<(), Problem> {
        if symbol.is(".") {
            return Err(self.lexer.unsupported(symbol.at, "an assignment to the location counter"));
        }
        let symbol = self.lexer.text(symbol)?;
        self.script.assignments.push(Assignment { symbol, value, provide, hidden });
        Ok(())
    }

    /// An expression of numbers, or a sum of them and a symbol.
    fn value(&mut self, statement: usize) -> Result<Value, Problem> {
        let lexer = &mut self.lexer;
        lexer.skip_blanks()?;
        let start = lexer.at;
        let (sum, length) = expression(lexer.rest()).map_err(|(at, wrong)| match wrong {
            Wrong::Missing if lexer.peek().is_none_or(|byte| byte == b';') => {
                lexer.malformed(statement, "an assignment without a value")
            }
            Wrong::Missing => lexer.malformed(start + at, "no operand where one belongs"),
            Wrong::Number => lexer.malformed(start + at, "a malformed number"),
            Wrong::Unsupported => lexer.unsupported(
                start + at,
                "an operation other than those on numbers and sums of them and a symbol",
            ),
        })?;
        lexer.at += length;
        Ok(match sum.symbol {
            Some(symbol) => Value::Symbol(symbol, sum.number as i64),
            None => Value::Number(sum.number),
        })
    }

    /// `(expression, "message")` after `ASSERT`.
    fn assertion(&mut self, statement: usize) -> Result<(), Problem> {
        self.lexer.expect("(")?;
        let value = self.value(statement)?;
        self.lexer.expect(",")?;
        let message = self.lexer.next(Mode::Statement)?.filter(|message| message.quoted);
        let message =
            message.ok_or_else(|| self.lexer.malformed(self.lexer.at, "a message is missing here"))?;
        self.lexer.expect(")")?;
        match value {
            Value::Number(0) => {
                let message = String::from_utf8_lossy(message.text).into_owned();
                Err(self.lexer.malformed(statement, format_args!("ASSERT: {message}")))
            }
            Value::Number(_) => Ok(()),
            Value::Symbol(..) => Err(self.lexer.unsupported(statement, "ASSERT of a symbol's address")),
        }
    }

    /// The parenthesised list of `INPUT` and `GROUP`.
    fn inputs(&mut self) -> Result<(), Problem> {
        let start = self.lexer.at;
        self.lexer.expect("(")?;
        // Nested AS_NEEDED says nothing that one does not, so a count serves in place of recursion.
        let mut depth = 0usize;
        loop {
            let Some(token) = self.lexer.next(Mode::FileNames)? else {
                return Err(self.lexer.malformed(start, "a list of files without an end"));
            };
            if token.is(")") {
                match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => return Ok(()),
                }
            } else if token.is("AS_NEEDED") {
                self.lexer.expect("(")?;
                depth += 1;
            } else if !token.is(",") {
                if !is_name(token, is_file_byte) {
                    let shown = String::from_utf8_lossy(token.text).into_owned();
                    let what = format!("`{}` in a list of files", shown.escape_debug());
                    return Err(self.lexer.malformed(token.at, what));
                }
                let text = self.lexer.text(token)?;
                let library = if token.quoted { None } else { text.strip_prefix("-l") };
                let item = match library {
                    Some("") => return Err(self.lexer.malformed(token.at, "`-l` without a name")),
                    Some(name) => Item { name: name.to_owned(), library: true, as_needed: depth > 0 },
                    None => Item { name: text, library: false, as_needed: depth > 0 },
                };
                self.script.items.push(item);
            }
        }
    }

    /// A parenthesised list of names.
    fn list(&mut self, mode: Mode) -> Result<Vec<String>, Problem> {
        let start = self.lexer.at;
        self.lexer.expect("(")?;
        let belongs = if mode == Mode::FileNames { is_file_byte } else { is_symbol_byte };
        let mut names = Vec::new();
        loop {
            match self.lexer.next(mode)? {
                Some(token) if token.is(")") => return Ok(names),
                Some(token) if token.is(",") => {}
                Some(token) if is_name(token, belongs) => names.push(self.lexer.text(token)?),
                Some(token) => return Err(self.lexer.malformed(token.at, "no name where a name belongs")),
                None => return Err(self.lexer.malformed(start, "a list of names without an end")),
            }
        }
    }

    /// A parenthesised name.
    fn single(&mut self, mode: Mode) -> Result<String, Problem> {
        let start = self.lexer.at;
        let mut names = self.list(mode)?;
        match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(name),
            _ => Err(self.lexer.malformed(start, "one name belongs in these parentheses")),
        }
    }
}

/// A number as ld writes them: decimal, `0x…`, octal with a leading 0, each with an optional `K` or `M`.
pub fn number(text: &str) -> Option<u64> {
    let (hexadecimal, digits) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (digits, unit) = match digits.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => digits.strip_suffix(['m', 'M']).map_or((digits, 1), |digits| (digits, 1 << 20)),
    };
    let radix = match (hexadecimal, digits.strip_prefix('0')) {
        (true, _) => 16,
        (false, Some(rest)) if !rest.is_empty() => 8,
        (false, _) => 10,
    };
    // `from_str_radix` takes a sign, ld does not.
    if digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests;
