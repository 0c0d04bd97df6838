//! A compiler's back end in miniature: polynomials become objects, sets of objects become callable functions, and a
//! function that is not needed any more gives its memory back.
//!
//!     cargo run --example jit

use std::error::Error;

use object::write::{Object, Relocation, StandardSection, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SymbolFlags, SymbolKind, SymbolScope, elf,
};
use setlink::{Foreign, Session};

/// Compiled code calls this.
extern "C" fn trace(value: i64) -> i64 {
    println!("  the value is {value}");
    value
}

fn symbol(object: &mut Object<'_>, name: &str, section: SymbolSection, size: u64) -> SymbolId {
    object.add_symbol(Symbol {
        name: name.into(),
        value: 0,
        size,
        kind: SymbolKind::Text,
        scope: SymbolScope::Dynamic,
        weak: false,
        section,
        flags: SymbolFlags::None,
    })
}

/// An object whose function `name` computes the polynomial, highest coefficient first, at its argument, and ends with a
/// call of `trace`.
fn compile(name: &str, coefficients: &[i32]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut code = vec![0x31, 0xc0]; // xor eax, eax
    for coefficient in coefficients {
        code.extend([0x48, 0x0f, 0xaf, 0xc7]); // imul rax, rdi
        code.extend([0x48, 0x05]); // add rax, coefficient
        code.extend(coefficient.to_le_bytes());
    }
    code.extend([0x48, 0x89, 0xc7]); // mov rdi, rax
    code.push(0xe9); // jmp trace
    let field = code.len() as u64;
    code.extend([0; 4]);

    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(StandardSection::Text);
    object.append_section_data(text, &code, 16);
    symbol(&mut object, name, SymbolSection::Section(text), code.len() as u64);
    let trace = symbol(&mut object, "trace", SymbolSection::Undefined, 0);
    let flags = RelocationFlags::Elf { r_type: elf::R_X86_64_PLT32 };
    object.add_relocation(text, Relocation { offset: field, symbol: trace, addend: -4, flags })?;
    Ok(object.write()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let session = Session::host()?;
    for (name, coefficients) in [("square", &[1, 0, 0][..]), ("line", &[3, 1]), ("cubic", &[2, -1, 0, 5])] {
        let set = session
            .set(name)
            .add_bytes(format!("{name}.o"), compile(name, coefficients)?)?
            .define("trace", Foreign::function(trace as *const () as u64))
            .link()?;
        // SAFETY: `compile` made the function, of this type; it is called only while the set is there.
        let function = unsafe { set.get::<extern "C" fn(i64) -> i64>(name)? };
        println!("{name}(10), compiled at {:#x}:", *function as usize);
        function(10);
        set.remove()?;
    }
    Ok(())
}
