//! Evaluating rules against a snapshot.

#![forbid(unsafe_code)]

use super::language::{Expression, Operator, Rule};
use super::operands::{self, Operand};
use super::snapshot::{File, Snapshot, Symbol};

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Both sides are equal.
    Holds,
    /// They are not.
    Differs {
        /// The left side.
        left: Side,
        /// The right side.
        right: Side,
    },
    /// A side has no value: an unknown symbol, a load from outside the set, an instruction without such an operand.
    Unknown(String),
}

/// The value of one side of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The value.
    pub value: u64,
    /// The symbols, loads and instructions it was made of, one a line.
    pub sources: Vec<String>,
}

/// Evaluates rules against a linked set.
#[derive(Clone, Copy, Debug)]
pub struct Checker<'s> {
    snapshot: &'s Snapshot,
}

impl<'s> Checker<'s> {
    /// A checker for the set that `snapshot` shows.
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Checker { snapshot }
    }

    /// Evaluates both sides of `rule` and compares them.
    pub fn check(&self, rule: &Rule) -> Outcome {
        // To RuntimeDyld's checker a symbol goes on to the end of its section.
        let unsized_too = rule.name.starts_with("rtdyld");
        let side = |expression| {
            let mut sources = Vec::new();
            Evaluation { snapshot: self.snapshot, unsized_too }
                .value(expression, &mut sources)
                .map(|value| Side { value, sources })
        };
        match (side(&rule.left), side(&rule.right)) {
            (Ok(left), Ok(right)) if left.value == right.value => Outcome::Holds,
            (Ok(left), Ok(right)) => Outcome::Differs { left, right },
            (Err(what), _) | (_, Err(what)) => Outcome::Unknown(what),
        }
    }
}

/// The evaluation of one rule.
struct Evaluation<'s> {
    snapshot: &'s Snapshot,
    /// Whether instructions at symbols without a size may be decoded.
    unsized_too: bool,
}

impl Evaluation<'_> {
    fn value(&self, expression: &Expression, sources: &mut Vec<String>) -> Result<u64, String> {
        let mut note = |what: String, value: u64| {
            let place = self.snapshot.describe(value).map(|place| format!(" ({place})")).unwrap_or_default();
            let line = format!("{what} = {value:#x}{place}");
            if !sources.contains(&line) {
                sources.push(line);
            }
            value
        };
        Ok(match expression {
            Expression::Number(value) => *value,
            Expression::Symbol(name) => note(name.clone(), self.symbol(name)?.address),
            Expression::Load(size, address) => {
                let address = self.value(address, sources)?;
                let value = self.load(address, *size)?;
                let place = self.snapshot.describe(address).unwrap_or_default();
                sources.push(format!("*{{{size}}}{address:#x} = {value:#x} ({place})"));
                value
            }
            Expression::Slice(of, high, low) => {
                let mask = u64::MAX >> (63 - (high - low));
                (self.value(of, sources)? >> low) & mask
            }
            Expression::Chain(first, rest) => {
                let mut left = self.value(first, sources)?;
                for (operator, right) in rest {
                    let right = self.value(right, sources)?;
                    left = match operator {
                        Operator::Add => left.wrapping_add(right),
                        Operator::Subtract => left.wrapping_sub(right),
                        Operator::And => left & right,
                        Operator::Or => left | right,
                        Operator::ShiftLeft => shift(right).map_or(0, |by| left << by),
                        Operator::ShiftRight => shift(right).map_or(0, |by| left >> by),
                    };
                }
                left
            }
            Expression::DecodeOperand { symbol, offset, index } => {
                let (address, decoded) = self.decode(symbol, *offset)?;
                let text = &decoded.text;
                let operands = decoded.operands.as_ref().map_err(|what| format!("`{text}`: {what}"))?;
                let operand = usize::try_from(*index).ok().and_then(|index| operands.get(index));
                match operand {
                    Some(Operand::Immediate(value)) => {
                        sources.push(format!("operand {index} of `{text}` at {address:#x} = {value:#x}"));
                        *value as u64
                    }
                    Some(_) => {
                        return Err(format!(
                            "operand {index} of `{text}` at `{symbol}` is not a number; its operands are {}",
                            list(operands)
                        ));
                    }
                    None => {
                        return Err(format!(
                            "`{text}` at `{symbol}` has no operand {index}, only {} operands: {}",
                            operands.len(),
                            list(operands)
                        ));
                    }
                }
            }
            Expression::NextPc(symbol) => {
                let (address, decoded) = self.decode(symbol, 0)?;
                note(format!("next_pc({symbol})"), address.wrapping_add(decoded.length))
            }
            Expression::Stub { file, symbol, kind } => {
                let reference = self.reference(file, symbol)?;
                let stub = reference.stub.ok_or_else(|| {
                    format!("`{file}` needs no stub for `{symbol}`: its calls go directly to it")
                })?;
                if let Some(kind) = kind.as_deref().filter(|kind| *kind != "0") {
                    return Err(format!("`{symbol}` has one stub, number 0; there is no stub `{kind}`"));
                }
                note(format!("stub_addr({file}, {symbol})"), stub)
            }
            Expression::Entry { file, symbol } => {
                let reference = self.reference(file, symbol)?;
                let entry = reference.entry.ok_or_else(|| {
                    format!(
                        "`{file}` uses no GOT entry of `{symbol}`: its references became direct ones; --no-relax \
                         keeps it"
                    )
                })?;
                note(format!("got_addr({file}, {symbol})"), entry)
            }
            Expression::Section { file, section } => {
                note(format!("section_addr({file}, {section})"), self.section(file, section)?)
            }
        })
    }

    fn load(&self, address: u64, size: u8) -> Result<u64, String> {
        let size = usize::from(size);
        let bytes = self
            .snapshot
            .bytes(address, size)
            .ok_or_else(|| format!("a load of {size} bytes at {address:#x}, where the set has none"))?;
        let mut word = [0; 8];
        word[..size].copy_from_slice(bytes);
        Ok(u64::from_le_bytes(word))
    }

    /// A global symbol, or the only local one of that name.
    fn symbol(&self, name: &str) -> Result<Symbol, String> {
        if let Some(symbol) = self.snapshot.globals.get(name) {
            return Ok(*symbol);
        }
        let mut locals = self.snapshot.files.iter().filter_map(|file| Some((file, file.locals.get(name)?)));
        match (locals.next(), locals.next()) {
            (Some((_, symbol)), None) => Ok(*symbol),
            (Some((first, _)), Some((second, _))) => {
                Err(format!("`{name}` is local to both {} and {}", first.shown(), second.shown()))
            }
            (None, _) if name == "_GLOBAL_OFFSET_TABLE_" => {
                Ok(Symbol { address: self.snapshot.got, size: 0, kind: "linker" })
            }
            (None, _) if name.starts_with(".L") || name.starts_with('L') => {
                Err(format!("no symbol `{name}`; the assembler keeps no labels that begin with .L"))
            }
            (None, _) => Err(format!("no symbol `{name}`")),
        }
    }

    /// The instruction `offset` bytes behind the symbol's address.
    fn decode(&self, name: &str, offset: u64) -> Result<(u64, operands::Decoded), String> {
        let mut symbol = self.symbol(name)?;
        if symbol.size == 0 && self.unsized_too {
            let section =
                self.snapshot.sections.iter().find(|s| symbol.address.wrapping_sub(s.address) < s.size);
            symbol.size = section.map_or(0, |section| section.address + section.size - symbol.address);
        }
        if symbol.size == 0 {
            return Err(format!("`{name}` has no size (.size), so its instructions have no end"));
        }
        let left = symbol.size.checked_sub(offset).filter(|left| *left > 0);
        let left =
            left.ok_or_else(|| format!("`{name}` is {} bytes long, and ends before +{offset}", symbol.size))?;
        let address = symbol.address.wrapping_add(offset);
        let length = left.min(operands::LONGEST) as usize;
        let bytes = self.snapshot.bytes(address, length).ok_or_else(|| {
            format!("`{name}` at {address:#x} is not in the set's memory, so nothing can be decoded there")
        })?;
        let decoded = operands::decode(bytes, address).ok_or_else(|| {
            let shown: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let what = match operands::is_rex2(bytes) {
                true => "have a REX2 prefix (APX), which is not decoded; read the field with *{4}(…)",
                false => "are no instruction",
            };
            format!("the bytes at `{name}`+{offset} {what}: {}", shown.join(" "))
        })?;
        Ok((address, decoded))
    }

    fn files(&self, name: &str) -> Result<Vec<(usize, &File)>, String> {
        let files = self.snapshot.files.iter().enumerate();
        let mut found: Vec<_> = files.clone().filter(|(_, file)| file.is_called(name)).collect();
        if let (true, Some((file_part, _section))) = (found.is_empty(), name.rsplit_once('/')) {
            // RuntimeDyld's tests name stubs by file and section.
            found = files.filter(|(_, file)| file.is_called(file_part)).collect();
        }
        if found.is_empty() {
            let known: Vec<String> = self.snapshot.files.iter().map(File::shown).collect();
            return Err(format!("no file `{name}` in the set, which is made of {}", known.join(", ")));
        }
        Ok(found)
    }

    fn reference(&self, file: &str, symbol: &str) -> Result<super::snapshot::Reference, String> {
        let files = self.files(file)?;
        let found = files.iter().find_map(|(_, file)| file.references.get(symbol));
        found.copied().ok_or_else(|| format!("no relocation of `{file}` refers to `{symbol}`"))
    }

    fn section(&self, file: &str, section: &str) -> Result<u64, String> {
        let files = self.files(file)?;
        let own = |index: usize| files.iter().any(|(file, _)| *file == index);
        if let Some(found) = self.snapshot.sections.iter().find(|s| own(s.file) && s.name == section) {
            return Ok(found.address);
        }
        // The linker's own, as JITLink and RuntimeDyld call them.
        match section {
            "$__GOT" | ".got" => Ok(self.snapshot.got),
            "$__STUBS" => self.snapshot.stub_base.ok_or_else(|| "the set has no stubs".into()),
            _ => Err(format!("`{file}` has no section `{section}`")),
        }
    }
}

/// How far to shift, if anything is left then.
fn shift(by: u64) -> Option<u32> {
    u32::try_from(by).ok().filter(|by| *by < 64)
}

fn list(operands: &[Operand]) -> String {
    let shown: Vec<String> = operands
        .iter()
        .enumerate()
        .map(|(index, operand)| match operand {
            Operand::Register => format!("{index} register"),
            Operand::Immediate(value) => format!("{index} {value:#x}"),
        })
        .collect();
    shown.join(", ")
}
