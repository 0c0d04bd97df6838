//! Options with addresses: `--abs`, `--defsym`, `--image-base` and its like.

use super::Parser;
use setlink::{Wrong, expression, number};

impl Parser {
    /// `NAME=ADDRESS`, and for `--defsym` also expressions.
    pub(super) fn assign(&mut self, text: &str, option: &str) -> Result<(), String> {
        let wrong = || format!("--{option} {text}: expected NAME=ADDRESS");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || value.is_empty() {
            return Err(wrong());
        }
        if option == "abs" {
            self.out.absolute.push((name.into(), number(value).ok_or_else(wrong)?));
            return Ok(());
        }
        let unsupported = || {
            let what =
                "expressions other than those of numbers, and sums of them and one symbol, are not supported";
            format!("--{option} {text}: {what}")
        };
        match expression(value.as_bytes()) {
            Ok((sum, length)) if length == value.len() => match sum.symbol {
                Some(symbol) => self.out.aliases.push((name.into(), symbol, sum.number as i64)),
                None => self.out.absolute.push((name.into(), sum.number)),
            },
            Err((at, Wrong::Number)) => {
                let word = value[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
                let word = word.unwrap_or_default();
                return Err(format!("--{option} {text}: `{word}` is not a number of 64 bits"));
            }
            _ => return Err(unsupported()),
        }
        Ok(())
    }

    /// Where the program lies if it has a fixed address. Its code comes first, so that this is where `.text` begins, too.
    pub(super) fn base(&mut self, option: &str, text: &str) -> Option<()> {
        // GNU ld takes the digits for hexadecimal ones, whatever stands before them.
        let hexadecimal = |text: &str| u64::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok();
        let base = match option {
            "image-base" => number(text)?,
            "section-start" => {
                let (section, address) = text.split_once('=')?;
                let address = hexadecimal(address)?;
                if section != ".text" {
                    return Some(());
                }
                address
            }
            _ => hexadecimal(text)?,
        };
        self.out.base = Some(base);
        Some(())
    }
}
