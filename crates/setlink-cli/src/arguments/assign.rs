//! `--abs` and `--defsym`.

use super::Parser;
use setlink::number;

impl Parser {
    /// `NAME=ADDRESS`, and for `--defsym` also sums and differences of numbers and one symbol.
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
        let mut symbol = None;
        let mut sum = 0u64;
        let mut negative = value.starts_with('-');
        let mut rest = value.strip_prefix(['+', '-']).unwrap_or(value);
        loop {
            let end = rest.find(['+', '-']);
            let term = rest[..end.unwrap_or(rest.len())].trim();
            match number(term) {
                Some(number) if negative => sum = sum.wrapping_sub(number),
                Some(number) => sum = sum.wrapping_add(number),
                None if is_symbol(term) && !negative && symbol.is_none() => symbol = Some(term),
                None if term.starts_with(|c: char| c.is_ascii_digit())
                    && term.chars().all(|c| c.is_ascii_alphanumeric()) =>
                {
                    return Err(format!("--{option} {text}: `{term}` is not a number of 64 bits"));
                }
                None => {
                    return Err(format!(
                        "--{option} {text}: expressions other than sums and differences of numbers and one symbol are not \
                         supported"
                    ));
                }
            }
            let Some(end) = end else { break };
            negative = rest[end..].starts_with('-');
            rest = &rest[end + 1..];
        }
        match symbol {
            Some(symbol) => self.out.aliases.push((name.into(), symbol.into(), sum as i64)),
            None => self.out.absolute.push((name.into(), sum)),
        }
        Ok(())
    }
}

/// Whether a term of an expression can be a symbol, and is no number in a notation of its own, no place, no other operation.
fn is_symbol(term: &str) -> bool {
    let is_other = |c: char| c.is_whitespace() || "*/%()&|^~?:<>=!,".contains(c);
    !matches!(term, "" | ".") && !term.starts_with(|c: char| c.is_ascii_digit()) && !term.contains(is_other)
}
