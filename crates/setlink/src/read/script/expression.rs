//! Expressions of linker scripts and of `--defsym` (the ld manual, "Expressions in Linker Scripts"): those of numbers, with
//! C's operators, and sums of them and one symbol, whose address nobody knows yet.

/// Parentheses and operators in front inside of each other, deeper than anybody nests them.
const DEPTH: usize = 64;

/// What an expression comes to: a number, and a symbol's address in front of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The symbol whose address is added.
    pub symbol: Option<String>,
    /// A number of 64 bits.
    pub number: u64,
}

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing where an operand belongs.
    Missing,
    /// A number that has other digits, or more than 64 bits.
    Number,
    /// An operation that there is not, or not on a symbol's address.
    Unsupported,
}

/// Reads the expression at the beginning of `text`, up to what cannot belong to it: what it comes to, and how many bytes it
/// takes.
///
/// # Errors
/// Where it is wrong, and how.
pub fn expression(text: &[u8]) -> Result<(Sum, usize), (usize, Wrong)> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let sum = parser.ternary()?;
    Ok((sum, parser.at))
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

type Found = Result<Sum, (usize, Wrong)>;

/// C's operators with two operands, from the loosest to the tightest; of two that begin alike, the longer one first.
const OPERATORS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'t> Parser<'t> {
    fn rest(&mut self) -> &'t [u8] {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            if rest.first().is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            } else if rest.starts_with(b"/*")
                && let Some(end) = memchr::memmem::find(&rest[2..], b"*/")
            {
                self.at += end + 4;
            } else {
                return rest;
            }
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token.as_bytes());
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Found) -> Found {
        if self.depth == DEPTH {
            return Err((self.at, Wrong::Unsupported));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn ternary(&mut self) -> Found {
        let condition = self.binary(0)?;
        let at = self.at;
        if !self.take("?") {
            return Ok(condition);
        }
        let first = self.nested(Self::ternary)?;
        if !self.take(":") {
            return Err((self.at, Wrong::Missing));
        }
        let second = self.nested(Self::ternary)?;
        Ok(if number(condition, at)? != 0 { first } else { second })
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        let rest = self.rest();
        let found =
            OPERATORS[level].iter().copied().find(|operator| rest.starts_with(operator.as_bytes()))?;
        // `&` of `&&`, `<` of `<<`, and assignments are others.
        let behind = rest.get(found.len()).copied();
        let is_longer = match found {
            "|" | "&" => behind == found.bytes().next(),
            "<" | ">" => behind == found.bytes().next(),
            _ => false,
        };
        if is_longer {
            return None;
        }
        self.at += found.len();
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Found {
        if level == OPERATORS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            let _ = self.rest();
            let at = self.at;
            let Some(operator) = self.operator(level) else { return Ok(left) };
            let right = self.binary(level + 1)?;
            left = apply(operator, left, right, at)?;
        }
    }

    fn unary(&mut self) -> Found {
        let _ = self.rest();
        let at = self.at;
        if self.take("-") {
            let operand = self.nested(Self::unary)?;
            return Ok(constant(number(operand, at)?.wrapping_neg()));
        }
        if self.take("+") {
            return self.nested(Self::unary);
        }
        if self.take("~") {
            let operand = self.nested(Self::unary)?;
            return Ok(constant(!number(operand, at)?));
        }
        if self.take("!") {
            let operand = self.nested(Self::unary)?;
            return Ok(constant(u64::from(number(operand, at)? == 0)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Found {
        if self.take("(") {
            let found = self.nested(Self::ternary)?;
            return if self.take(")") { Ok(found) } else { Err((self.at, Wrong::Missing)) };
        }
        let rest = self.rest();
        let at = self.at;
        if let Some(body) = rest.strip_prefix(b"\"") {
            let end = memchr::memchr(b'"', body).filter(|&end| end > 0).ok_or((at, Wrong::Missing))?;
            self.at += end + 2;
            return symbol(&body[..end], at);
        }
        let length = rest.iter().position(|&byte| !super::is_symbol_byte(byte)).unwrap_or(rest.len());
        let word = &rest[..length];
        let Some(first) = word.first() else { return Err((at, Wrong::Missing)) };
        self.at += length;
        if first.is_ascii_digit() {
            let text = std::str::from_utf8(word).map_err(|_| (at, Wrong::Number))?;
            return super::number(text).map(constant).ok_or((at, Wrong::Number));
        }
        // The location counter, and functions such as `SIZEOF`.
        if word == b"." || self.rest().starts_with(b"(") {
            return Err((at, Wrong::Unsupported));
        }
        symbol(word, at)
    }
}

fn constant(number: u64) -> Sum {
    Sum { symbol: None, number }
}

fn symbol(name: &[u8], at: usize) -> Found {
    let name = std::str::from_utf8(name).ok().filter(|name| !name.contains('\0'));
    let name = name.ok_or((at, Wrong::Unsupported))?;
    Ok(Sum { symbol: Some(name.to_owned()), number: 0 })
}

fn number(sum: Sum, at: usize) -> Result<u64, (usize, Wrong)> {
    if sum.symbol.is_some() { Err((at, Wrong::Unsupported)) } else { Ok(sum.number) }
}

fn apply(operator: &str, left: Sum, right: Sum, at: usize) -> Found {
    match (operator, &left.symbol, &right.symbol) {
        ("+", _, None) => return Ok(Sum { number: left.number.wrapping_add(right.number), ..left }),
        ("+", None, _) => return Ok(Sum { number: left.number.wrapping_add(right.number), ..right }),
        ("-", _, None) => return Ok(Sum { number: left.number.wrapping_sub(right.number), ..left }),
        // Wherever it is.
        ("-", Some(one), Some(other)) if one == other => {
            return Ok(constant(left.number.wrapping_sub(right.number)));
        }
        _ => {}
    }
    let (left, right) = (number(left, at)?, number(right, at)?);
    let shift = |shift: fn(u64, u32) -> Option<u64>| {
        u32::try_from(right).ok().and_then(|bits| shift(left, bits)).unwrap_or(0)
    };
    let is_zero = || (at, Wrong::Unsupported);
    Ok(constant(match operator {
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right).ok_or_else(is_zero)?,
        "%" => left.checked_rem(right).ok_or_else(is_zero)?,
        "<<" => shift(u64::checked_shl),
        ">>" => shift(u64::checked_shr),
        "<" => u64::from(left < right),
        ">" => u64::from(left > right),
        "<=" => u64::from(left <= right),
        ">=" => u64::from(left >= right),
        "==" => u64::from(left == right),
        "!=" => u64::from(left != right),
        "&" => left & right,
        "^" => left ^ right,
        "|" => left | right,
        "&&" => u64::from(left != 0 && right != 0),
        "||" => u64::from(left != 0 || right != 0),
        _ => return Err((at, Wrong::Unsupported)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_in_c() {
        for (text, value) in [
            ("1 + 2 * 3", 7),
            ("(1 + 2) * 3 - -4", 13),
            ("1 << 4 | 0x0f & ~3", 0x1c),
            ("10 - 4 - 3", 3),
            ("1 ? 2 : 0 ? 3 : 4", 2),
            ("2 > 1 && 3 != 4 || 1 / 1", 1),
            ("!0 + !5", 1),
            ("4K / 010 % 5 ^ 6", 4),
            ("1 << 64", 0),
            ("a + 5 - a /* its address */ + 1", 6),
        ] {
            assert_eq!(expression(text.as_bytes()), Ok((constant(value), text.len())), "{text}");
        }
        let sum = Sum { symbol: Some("x y".into()), number: 6 };
        assert_eq!(expression(b"2 * 4 + \"x y\" - 2; rest"), Ok((sum, 17)));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (text, wrong) in [
            ("", (0, Wrong::Missing)),
            ("1 +", (3, Wrong::Missing)),
            ("(1", (2, Wrong::Missing)),
            ("08", (0, Wrong::Number)),
            ("a * 2", (2, Wrong::Unsupported)),
            ("a - b", (2, Wrong::Unsupported)),
            ("1 / 0", (2, Wrong::Unsupported)),
            (". + 1", (0, Wrong::Unsupported)),
            ("SIZEOF(.text)", (0, Wrong::Unsupported)),
        ] {
            assert_eq!(expression(text.as_bytes()), Err(wrong), "{text}");
        }
        assert!(expression("-".repeat(100_000).as_bytes()).is_err());
        assert!(expression("(".repeat(100_000).as_bytes()).is_err());
    }
}
