//! Objects as a compiler's back end would hand them over: functions that call each other, with unwind tables.

use object::write::{Object, Relocation, SectionId, StandardSection, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope, elf,
};

/// Where in [`body`] the call's 32-bit displacement is.
pub const CALL_FIELD: u32 = 9;

/// The machine code of `int f(int x) { return x <= 0 ? number : callee(x - 1) + 1; }`, to be completed by one call.
pub fn body(number: i32) -> Vec<u8> {
    let mut code = vec![
        0x85, 0xff, // test edi, edi
        0x7e, 0x0d, // jle +13
        0x50, // push rax
        0xff, 0xcf, // dec edi
        0x90, // nop
        0xe8, 0, 0, 0, 0, // call callee
        0xff, 0xc0, // inc eax
        0x59, // pop rcx
        0xc3, // ret
        0xb8, // mov eax, number
    ];
    code.extend(number.to_le_bytes());
    code.push(0xc3); // ret
    code
}

fn empty() -> Object<'static> {
    Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little)
}

fn symbol(name: &str, value: u64, size: u64, kind: SymbolKind, section: SymbolSection) -> Symbol {
    Symbol {
        name: name.into(),
        value,
        size,
        kind,
        scope: SymbolScope::Dynamic,
        weak: false,
        section,
        flags: SymbolFlags::None,
    }
}

fn relocate(
    object: &mut Object<'_>,
    section: SectionId,
    offset: u64,
    symbol: SymbolId,
    addend: i64,
    kind: u32,
) {
    let flags = RelocationFlags::Elf { r_type: elf::RelocationType(kind) };
    object
        .add_relocation(section, Relocation { offset, symbol, addend, flags })
        .expect("the writer knows every ELF relocation");
}

/// An object with one function for each of `functions` (name, callee, number), all in `.text`, each described by
/// `.eh_frame`.
pub fn functions(functions: &[(String, String, i32)]) -> Vec<u8> {
    let mut object = empty();
    let text = object.section_id(StandardSection::Text);
    let frames = object.add_section(vec![], b".eh_frame".to_vec(), SectionKind::ReadOnlyData);
    let mut places = Vec::new();
    let mut symbols = std::collections::HashMap::new();
    for (name, _, number) in functions {
        let code = body(*number);
        let start = object.append_section_data(text, &code, 16);
        let id = object.add_symbol(symbol(
            name,
            start,
            code.len() as u64,
            SymbolKind::Text,
            SymbolSection::Section(text),
        ));
        symbols.insert(name.clone(), id);
        places.push((start, code.len() as u32));
    }
    for ((_, callee, _), (start, _)) in functions.iter().zip(&places) {
        let target = *symbols.entry(callee.clone()).or_insert_with(|| {
            object.add_symbol(symbol(callee, 0, 0, SymbolKind::Text, SymbolSection::Undefined))
        });
        relocate(&mut object, text, start + u64::from(CALL_FIELD), target, -4, elf::R_X86_64_PLT32.0);
    }
    let section = object.section_symbol(text);
    object.append_section_data(frames, CIE, 8);
    for (start, length) in places {
        let at = object.section_mut(frames).data().len() as u32;
        let mut record = vec![20, 0, 0, 0];
        record.extend((at + 4).to_le_bytes());
        record.extend([0; 4]);
        record.extend(length.to_le_bytes());
        // No augmentation data; push rax at 5, pop rcx at 16.
        record.extend([0, 0x45, 0x0e, 16, 0x4b, 0x0e, 8, 0]);
        object.append_section_data(frames, &record, 1);
        relocate(&mut object, frames, u64::from(at) + 8, section, start as i64, elf::R_X86_64_PC32.0);
    }
    object.write().expect("the writer takes what was made above")
}

/// Length 20, CIE, version 1, "zR", code 1, data -8, return address 16, pcrel sdata4; def_cfa rsp+8, offset ra at cfa-8.
const CIE: &[u8] =
    &[20, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0];

/// What an object of [`synthetic`] has many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Objects of one function.
    Objects,
    /// Sections of one function, in one object.
    Sections,
    /// Global symbols, in one object and section.
    Symbols,
    /// Relocations, in one object and section.
    Relocations,
}

impl Axis {
    /// All axes, with what one unit of growth is.
    pub const ALL: [(Axis, &'static str, usize); 4] = [
        (Axis::Objects, "objects", 64),
        (Axis::Sections, "sections", 400),
        (Axis::Symbols, "symbols", 1000),
        (Axis::Relocations, "relocations", 8000),
    ];
}

/// Objects that have `count` of what `axis` says, and `main`, which returns 0.
pub fn synthetic(axis: Axis, count: usize) -> Vec<Vec<u8>> {
    let mut main = empty();
    let text = main.section_id(StandardSection::Text);
    // xor eax, eax; ret; nop; call, which is never reached
    let code = [0x31, 0xc0, 0xc3, 0x90, 0xe8, 0, 0, 0, 0];
    let start = main.append_section_data(text, &code, 16);
    main.add_symbol(symbol("main", start, 9, SymbolKind::Text, SymbolSection::Section(text)));
    match axis {
        Axis::Objects => {
            let one = |i: usize| {
                functions(&[(format!("function_{i}"), format!("function_{}", (i + 1) % count), i as i32)])
            };
            let mut objects: Vec<_> = (0..count).map(one).collect();
            // A reference to the ring: JITLink links no object that nothing reaches.
            let first =
                main.add_symbol(symbol("function_0", 0, 0, SymbolKind::Text, SymbolSection::Undefined));
            relocate(&mut main, text, start + 5, first, -4, elf::R_X86_64_PLT32.0);
            objects.push(main.write().expect("as above"));
            return objects;
        }
        Axis::Sections => {
            let sections: Vec<_> = (0..count)
                .map(|i| {
                    let name = format!(".text.function_{i}").into_bytes();
                    let section = main.add_section(vec![], name, SectionKind::Text);
                    let code = body(i as i32);
                    main.append_section_data(section, &code, 16);
                    let place = SymbolSection::Section(section);
                    let name = format!("function_{i}");
                    (section, main.add_symbol(symbol(&name, 0, code.len() as u64, SymbolKind::Text, place)))
                })
                .collect();
            for (i, (section, _)) in sections.iter().enumerate() {
                let (_, callee) = sections[(i + 1) % count];
                relocate(&mut main, *section, u64::from(CALL_FIELD), callee, -4, elf::R_X86_64_PLT32.0);
            }
        }
        Axis::Symbols => {
            let data = main.section_id(StandardSection::Data);
            main.append_section_data(data, &vec![0; 8 * count], 8);
            for i in 0..count {
                let name = format!("a_variable_of_the_benchmark_{i}");
                let place = SymbolSection::Section(data);
                main.add_symbol(symbol(&name, 8 * i as u64, 8, SymbolKind::Data, place));
            }
        }
        Axis::Relocations => {
            let data = main.section_id(StandardSection::Data);
            main.append_section_data(data, &vec![0; 8 * count], 8);
            let place = SymbolSection::Section(data);
            let target = main.add_symbol(symbol("table", 0, 8, SymbolKind::Data, place));
            for i in 0..count {
                relocate(&mut main, data, 8 * i as u64, target, i as i64, elf::R_X86_64_64.0);
            }
        }
    }
    vec![main.write().expect("as above")]
}
