//! Objects that refer to each other, for sets of several islands on paper.

use setlink::{Definitions, Foreign};

/// A host on paper.
pub fn host() -> Definitions {
    let mut host = Definitions::new();
    host.define("getpid", Foreign::function(0x7fff_7000_1000));
    host
}

/// In which of so many objects the one with number `n` finds what it refers to with `slot`.
pub type Other = fn(n: usize, slot: usize, count: usize) -> usize;
pub const NEIGHBOURS: Other = |n, slot, count| (n + 2 * slot * slot) % count;
pub const ALL_OVER: Other = |n, slot, count| (n * 7 + slot * slot * 31 + 1) % count;
pub const REACH: u64 = 256 << 10;

/// The objects, without a compiler for each.
pub fn ring_of_bytes(count: usize, other: Other) -> Vec<Vec<u8>> {
    use object::write::{Object, Relocation, Symbol, SymbolSection};
    use object::{
        Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolKind, SymbolScope,
    };
    let make = |n: usize| {
        let mut out = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let text = out.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
        let data = out.add_section(Vec::new(), b".data".to_vec(), SectionKind::Data);
        out.append_section_data(text, &[0xe8, 0, 0, 0, 0, 0x90, 0x4c, 0x8b, 0x35, 0, 0, 0, 0].repeat(20), 16);
        out.append_section_data(data, &[0; 2000], 16);
        let symbol = |name: String, section| Symbol {
            name: name.into(),
            value: 0,
            size: 0,
            kind: SymbolKind::Text,
            scope: SymbolScope::Dynamic,
            weak: false,
            section,
            flags: object::SymbolFlags::None,
        };
        out.add_symbol(symbol(format!("f{n}"), SymbolSection::Section(text)));
        out.add_symbol(symbol(format!("v{n}"), SymbolSection::Section(data)));
        for slot in 0..20 {
            let other = other(n, slot, count);
            for (prefix, offset, kind) in [("f", 1, 4), ("v", 9, 42)] {
                let symbol = match other == n {
                    true => "getpid".to_owned(),
                    false => format!("{prefix}{other}"),
                };
                let symbol = out.symbol_id(symbol.as_bytes()).unwrap_or_else(|| {
                    let undefined = self::undefined(symbol);
                    out.add_symbol(undefined)
                });
                let flags = RelocationFlags::Elf { r_type: object::elf::RelocationType(kind) };
                let offset = slot as u64 * 13 + offset;
                out.add_relocation(text, Relocation { offset, symbol, addend: -4, flags }).unwrap();
            }
        }
        out.write().unwrap()
    };
    (0..count).map(make).collect()
}

fn undefined(name: String) -> object::write::Symbol {
    object::write::Symbol {
        name: name.into(),
        value: 0,
        size: 0,
        kind: object::SymbolKind::Unknown,
        scope: object::SymbolScope::Unknown,
        weak: false,
        section: object::write::SymbolSection::Undefined,
        flags: object::SymbolFlags::None,
    }
}
