//! The rule language: from the lines of a file to rules, from a rule's text to an expression.
//!
//! ```text
//! rule   := expr '=' expr
//! expr   := simple (op simple)*            left-associative, no precedence; op is + - & | << >>
//! simple := ( '(' expr ')' | '*{N}' expr | name | number | call ) [ '[' high ':' low ']' ]
//! call   := decode_operand(symbol [+ offset], index) | next_pc(symbol) | stub_addr(file, symbol [, kind])
//!         | got_addr(file, symbol) | section_addr(file, section)
//! ```
//!
//! A load takes the whole expression to its right: `*{4}a + 3` reads at `a + 3`.

#![forbid(unsafe_code)]

use std::fmt;

/// Parentheses and loads inside each other, deeper than anybody writes them.
const DEPTH: usize = 200;

/// A rule of a file: `left = right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule's name, such as `jitlink-check`; empty for one that is not from a file.
    pub name: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its text, continuation lines joined.
    pub text: String,
    pub(super) left: Expression,
    pub(super) right: Expression,
}

/// Text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in that line, from 1, in characters.
    pub column: usize,
    /// What was expected or is wrong.
    pub what: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

impl std::error::Error for SyntaxError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    And,
    Or,
    ShiftLeft,
    ShiftRight,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Number(u64),
    Symbol(String),
    /// Bytes, address.
    Load(u8, Box<Expression>),
    /// High and low bit.
    Slice(Box<Expression>, u32, u32),
    /// Operators from left to right. A list, as a rule may be longer than a stack is deep.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    DecodeOperand {
        symbol: String,
        offset: u64,
        index: u64,
    },
    NextPc(String),
    Stub {
        file: String,
        symbol: String,
        kind: Option<String>,
    },
    Entry {
        file: String,
        symbol: String,
    },
    Section {
        file: String,
        section: String,
    },
}

/// The rules called `name` in `text`: the lines of the form `# name: rule`, where `//`, `;` and `@` begin a comment
/// as well as `#` does. A line that ends in a backslash goes on in the next one, which repeats the prefix.
///
/// # Errors
/// Every line that is no rule.
pub fn rules(text: &str, name: &str) -> Result<Vec<Rule>, Vec<SyntaxError>> {
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    let mut pending = Text::default();
    for (index, line) in text.lines().enumerate() {
        let Some(body) = body(line, name) else { continue };
        let column = line[..line.len() - body.len()].chars().count() + 1;
        pending.push(index + 1, column, body);
        if pending.text.ends_with('\\') {
            pending.text.pop();
            continue;
        }
        match pending.rule() {
            Ok(rule) => rules.push(Rule { name: name.to_owned(), ..rule }),
            Err(error) => errors.push(error),
        }
        pending = Text::default();
    }
    if let Some(&(_, line, column)) = pending.pieces.last() {
        errors.push(SyntaxError { line, column, what: "the rule goes on, but no line does".into() });
    }
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

/// What follows the prefix, if the line has it.
fn body<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let line = line.trim_end();
    let comment = line.trim_start();
    let inner = comment.strip_prefix("//").or_else(|| {
        let inner = comment.trim_start_matches(['#', ';', '@']);
        (inner.len() < comment.len()).then_some(inner)
    })?;
    inner.trim_start().strip_prefix(name)?.strip_prefix(':')
}

/// A rule's text put together, and where its pieces come from.
#[derive(Default)]
struct Text {
    text: String,
    /// Byte offset in the text, line and column in the file.
    pieces: Vec<(usize, usize, usize)>,
}

impl Text {
    fn push(&mut self, line: usize, column: usize, text: &str) {
        self.pieces.push((self.text.len(), line, column));
        self.text.push_str(text);
    }

    fn error(&self, at: usize, what: String) -> SyntaxError {
        let index = self.pieces.partition_point(|piece| piece.0 <= at).saturating_sub(1);
        let (start, line, column) = self.pieces.get(index).copied().unwrap_or((0, 1, 1));
        let before = self.text.get(start..at).map_or(0, |text| text.chars().count());
        SyntaxError { line, column: column + before, what }
    }

    fn rule(&self) -> Result<Rule, SyntaxError> {
        let mut parser = Parser { text: &self.text, at: 0, depth: 0 };
        parser.blank();
        let both = parser.rule().map_err(|(at, what)| self.error(at, what))?;
        let line = self.pieces.first().map_or(1, |piece| piece.1);
        Ok(Rule { name: String::new(), line, text: self.text.trim().to_owned(), left: both.0, right: both.1 })
    }
}

impl std::str::FromStr for Rule {
    type Err = SyntaxError;

    /// A rule without prefix: `left = right`.
    fn from_str(text: &str) -> Result<Rule, SyntaxError> {
        let mut whole = Text::default();
        whole.push(1, 1, text);
        whole.rule()
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

type Parsed<T> = Result<T, (usize, String)>;

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// What stands here, for messages.
    fn found(&self) -> String {
        match self.rest().chars().next() {
            None => "the end".into(),
            Some(_) => {
                let word: String = self.rest().chars().take_while(|c| is_name(*c)).collect();
                let first = || self.rest().chars().take(1).collect();
                format!("`{}`", if word.is_empty() { first() } else { word })
            }
        }
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        Err((self.at, format!("expected {what}, found {}", self.found())))
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
            self.blank();
        }
        there
    }

    fn need(&mut self, token: &str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { self.expected(&format!("`{token}`")) }
    }

    fn rule(&mut self) -> Parsed<(Expression, Expression)> {
        let left = self.expression()?;
        if !self.take("=") {
            return self.expected("`=` or an operator");
        }
        let right = self.expression()?;
        if self.rest().is_empty() { Ok((left, right)) } else { self.expected("an operator or the end") }
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err((self.at, "the rule is nested too deeply".into()));
        }
        let first = self.simple()?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator() {
            rest.push((operator, self.simple()?));
        }
        self.depth -= 1;
        Ok(if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) })
    }

    fn operator(&mut self) -> Option<Operator> {
        let operators = [
            ("<<", Operator::ShiftLeft),
            (">>", Operator::ShiftRight),
            ("+", Operator::Add),
            ("-", Operator::Subtract),
            ("&", Operator::And),
            ("|", Operator::Or),
        ];
        operators.into_iter().find_map(|(token, operator)| self.take(token).then_some(operator))
    }

    fn simple(&mut self) -> Parsed<Expression> {
        let value = match self.rest().chars().next() {
            Some('(') => {
                self.need("(")?;
                let inner = self.expression()?;
                self.need(")")?;
                inner
            }
            Some('*') => self.load()?,
            Some(c) if c.is_ascii_digit() => Expression::Number(self.number()?),
            Some(c) if is_name(c) => self.name_or_call()?,
            _ => return self.expected("`(`, `*{N}`, a name or a number"),
        };
        if self.take("[") { self.slice(value) } else { Ok(value) }
    }

    fn load(&mut self) -> Parsed<Expression> {
        self.need("*")?;
        self.need("{")?;
        let at = self.at;
        let size = self.number()?;
        if !matches!(size, 1 | 2 | 4 | 8) {
            return Err((at, format!("a load is of 1, 2, 4 or 8 bytes, not {size}")));
        }
        self.need("}")?;
        Ok(Expression::Load(size as u8, Box::new(self.expression()?)))
    }

    fn slice(&mut self, of: Expression) -> Parsed<Expression> {
        let at = self.at;
        let high = self.number()?;
        self.need(":")?;
        let low = self.number()?;
        self.need("]")?;
        if high > 63 || low > high {
            return Err((at, format!("[{high}:{low}] is no slice of a 64-bit number")));
        }
        Ok(Expression::Slice(Box::new(of), high as u32, low as u32))
    }

    fn number(&mut self) -> Parsed<u64> {
        let rest = self.rest();
        let (digits, radix, start) = match rest.strip_prefix("0x") {
            Some(digits) => (digits, 16, 2),
            None => (rest, 10, 0),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        if length == 0 {
            return self.expected("a number");
        }
        let value = u64::from_str_radix(&digits[..length], radix)
            .map_err(|_| (self.at, "the number has more than 64 bits".to_owned()))?;
        self.at += start + length;
        self.blank();
        Ok(value)
    }

    fn name(&mut self) -> Parsed<String> {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        if length == 0 {
            return self.expected("a symbol");
        }
        self.at += length;
        self.blank();
        Ok(rest[..length].to_owned())
    }

    /// Text up to one of `ends`: a file or section name may hold any other character.
    fn until(&mut self, ends: &[char], what: &str) -> Parsed<String> {
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        let text = rest[..length].trim_end().to_owned();
        if text.is_empty() {
            return self.expected(what);
        }
        self.at += length;
        Ok(text)
    }

    fn name_or_call(&mut self) -> Parsed<Expression> {
        let at = self.at;
        let name = self.name()?;
        if !self.rest().starts_with('(') {
            return Ok(Expression::Symbol(name));
        }
        self.need("(")?;
        let call = match name.as_str() {
            "decode_operand" => {
                let symbol = self.name()?;
                let offset = if self.take("+") { self.number()? } else { 0 };
                self.need(",")?;
                Expression::DecodeOperand { symbol, offset, index: self.number()? }
            }
            "next_pc" => Expression::NextPc(self.name()?),
            "stub_addr" | "got_addr" => {
                let file = self.until(&[','], "a file name")?;
                self.need(",")?;
                let symbol = self.name()?;
                let kind = if self.take(",") { Some(self.until(&[')'], "a kind")?) } else { None };
                match name.as_str() {
                    "stub_addr" => Expression::Stub { file, symbol, kind },
                    _ => Expression::Entry { file, symbol },
                }
            }
            "section_addr" => {
                let file = self.until(&[','], "a file name")?;
                self.need(",")?;
                Expression::Section { file, section: self.until(&[')'], "a section name")? }
            }
            _ => return Err((at, format!("there is no function `{name}`"))),
        };
        self.need(")")?;
        Ok(call)
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '.' | '$')
}
