//! A snapshot in text: stable, so that tests can compare it, and made for reading.

#![forbid(unsafe_code)]

use std::fmt;

use super::snapshot::{Cell, Relocation, Snapshot};

impl fmt::Display for Snapshot {
    /// Segments; sections with their relocations, the numbers these stored last; GOT entries, stubs, symbols.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            let (name, permissions) = (segment.name, segment.permissions);
            writeln!(
                f,
                "segment {name} {permissions} {:#x} {:#x} bytes",
                segment.address,
                segment.bytes.len()
            )?;
        }
        for section in &self.sections {
            let file = self.files[section.file].shown();
            let nobits = if section.nobits { " zeroes" } else { "" };
            writeln!(
                f,
                "section {file}: {} {:#x} {:#x} bytes align {}{nobits}",
                section.name, section.address, section.size, section.align
            )?;
            for relocation in &section.relocations {
                self.relocation(f, relocation, section.address)?;
            }
        }
        for (what, cells) in [("got", &self.entries), ("stub", &self.stubs)] {
            for cell in cells {
                let holds =
                    if what == "got" { format!(" holds {:#x}", self.word(cell)) } else { String::new() };
                writeln!(f, "{what} {:#x} {}{holds}", cell.address, cell.symbol)?;
            }
        }
        for shared in &self.shared {
            let what = if shared.bytes.is_empty() { "stub" } else { "got" };
            writeln!(f, "shared {what} {:#x} {}", shared.cell.address, shared.cell.symbol)?;
        }
        for (name, symbol) in &self.globals {
            writeln!(f, "symbol {name} {:#x} {:#x} bytes {}", symbol.address, symbol.size, symbol.kind)?;
        }
        for file in &self.files {
            for (name, symbol) in &file.locals {
                let (address, size, shown) = (symbol.address, symbol.size, file.shown());
                writeln!(f, "symbol {name} {address:#x} {size:#x} bytes local to {shown}")?;
            }
        }
        Ok(())
    }
}

impl Snapshot {
    /// The addresses of symbols, sections, GOT entries and stubs, as `llvm-jitlink -show-addrs` lists them; sorted.
    /// Each file has the entries and stubs that its references use.
    pub fn addresses(&self) -> String {
        fn item(text: &mut String, head: &str, name: &str, address: u64, size: u64) {
            text.push_str(&format!("  {head}\"{name}\" target addr = {address:#018x} ({size} bytes)\n"));
        }
        let mut text = String::from("Registered addresses:\nSymbols:\n");
        let locals = self.files.iter().flat_map(|file| &file.locals);
        let mut symbols: Vec<_> = self.globals.iter().chain(locals).collect();
        symbols.sort_by_key(|(name, symbol)| (name.as_str(), symbol.address));
        for (name, symbol) in symbols {
            item(&mut text, "", name, symbol.address, symbol.size);
        }
        for (index, file) in self.files.iter().enumerate() {
            text.push_str(&format!("File \"{}\":\n", file.shown()));
            for section in self.sections.iter().filter(|section| section.file == index) {
                item(&mut text, "Section ", &section.name, section.address, section.size);
            }
            for (head, pick) in [("GOT ", true), ("Stubs ", false)] {
                for (name, reference) in &file.references {
                    let address = if pick { reference.entry } else { reference.stub };
                    if let Some(address) = address {
                        item(&mut text, head, name, address, 8);
                    }
                }
            }
        }
        text
    }

    fn relocation(&self, f: &mut fmt::Formatter<'_>, relocation: &Relocation, section: u64) -> fmt::Result {
        let Relocation { place, name, formula, width, symbol, addend, relaxed } = relocation;
        write!(f, "  {:#x} {name} {symbol}", place - section)?;
        match addend {
            0 => {}
            addend if *addend < 0 => write!(f, "-{:#x}", addend.unsigned_abs())?,
            addend => write!(f, "+{addend:#x}")?,
        }
        if *relaxed {
            // The instruction is another one now, whose field is where that has it.
            let start = place.wrapping_sub(3);
            let bytes = self.bytes(start, 7).unwrap_or_default();
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            return writeln!(f, " {formula} relaxed: {}", bytes.join(" "));
        }
        let field = self.bytes(*place, usize::from(*width)).unwrap_or_default();
        let mut word = [0; 8];
        word[..field.len()].copy_from_slice(field);
        writeln!(f, " {formula} in {} bits: {:#x}", u32::from(*width) * 8, u64::from_le_bytes(word))
    }

    fn word(&self, cell: &Cell) -> u64 {
        let bytes = self.bytes(cell.address, 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u64::from_le_bytes)
    }
}
