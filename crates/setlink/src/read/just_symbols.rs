//! The symbols of a finished ELF file, for `--just-symbols`: gABI chapter 4, "Symbol Table".

#![forbid(unsafe_code)]

use std::sync::Arc;

use object::read::elf::{FileHeader, Sym};
use object::{LittleEndian as LE, elf};

use crate::error::{Place, Problem};
use crate::resolve::scope::{Foreign, ForeignKind};

/// The global symbols that the file defines, with their values as addresses.
pub(crate) fn read(name: &Arc<str>, data: &[u8]) -> Result<Vec<(Vec<u8>, Foreign)>, Problem> {
    let place = || Place::file(name.clone());
    let machine = elf::EM_X86_64.0.to_le_bytes();
    if !super::elf::is_elf(data) || data.get(4..6) != Some(&[2, 1]) || data.get(18..20) != Some(&machine) {
        let what = "--just-symbols of a file that is no 64-bit ELF file for x86-64";
        return Err(Problem::unsupported(place(), what));
    }
    let malformed = |error: object::read::Error| Problem::malformed(place(), error.to_string());
    let header = elf::FileHeader64::<LE>::parse(data).map_err(malformed)?;
    let sections = header.sections(LE, data).map_err(malformed)?;
    let symbols = sections.symbols(LE, data, elf::SHT_SYMTAB).map_err(malformed)?;
    let mut found = Vec::new();
    for symbol in symbols.iter().filter(|symbol| symbol.st_bind() != elf::STB_LOCAL) {
        // STV_INTERNAL and STV_HIDDEN: names of that file alone.
        let is_hidden = matches!(symbol.st_visibility(), elf::STV_INTERNAL | elf::STV_HIDDEN);
        if symbol.is_undefined(LE) || is_hidden {
            continue;
        }
        let kind = match symbol.st_type() {
            elf::STT_FUNC => ForeignKind::Function,
            elf::STT_NOTYPE | elf::STT_OBJECT => ForeignKind::Data,
            // A thread-local variable's value is no address, an ifunc's that of its resolver.
            _ => continue,
        };
        let name = symbol.name(LE, symbols.strings()).map_err(malformed)?;
        if !name.is_empty() {
            // Without a size: it must not be copied.
            found.push((name.to_vec(), Foreign { kind, ..Foreign::data(symbol.st_value(LE), 0) }));
        }
    }
    Ok(found)
}
