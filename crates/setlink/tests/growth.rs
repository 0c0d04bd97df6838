//! How planning grows with what a set has many of, and with the number of sets. A measurement:
//! `cargo test --release -p setlink --test growth -- --ignored --nocapture`. Linear work with tables that outgrow the
//! processor's caches doubles to about 2.3.

mod support;

use object::write::{Object, Relocation, Symbol, SymbolId, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolKind, SymbolScope};
use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, Session};

fn symbol(name: String, value: u64, section: SymbolSection) -> Symbol {
    Symbol {
        name: name.into(),
        value,
        size: 16,
        kind: SymbolKind::Text,
        scope: SymbolScope::Dynamic,
        weak: false,
        section,
        flags: object::SymbolFlags::None,
    }
}

fn call(out: &mut Object<'_>, section: object::write::SectionId, offset: u64, symbol: SymbolId) {
    let flags = RelocationFlags::Elf { r_type: object::elf::R_X86_64_PLT32 };
    out.add_relocation(section, Relocation { offset, symbol, addend: -4, flags }).unwrap();
}

/// An object of so many sections, global symbols for each, and calls in each.
fn object(sections: usize, symbols: usize, calls: usize) -> Vec<u8> {
    let mut out = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let mut last = None;
    for section in 0..sections {
        let name = format!(".text.s{section}").into_bytes();
        let id = out.add_section(Vec::new(), name, SectionKind::Text);
        out.append_section_data(id, &[0xe8, 0, 0, 0, 0, 0xc3, 0x90, 0x90].repeat(calls.max(2 * symbols)), 16);
        for number in 0..symbols {
            let name = format!("s{section}n{number}");
            last = Some(out.add_symbol(symbol(name, 16 * number as u64, SymbolSection::Section(id))));
        }
        for at in 0..calls {
            call(&mut out, id, 8 * at as u64 + 1, last.unwrap());
        }
    }
    out.write().unwrap()
}

fn plan(bytes: &[u8]) {
    let session = Session::on_paper(FakeMemory::default(), Definitions::new());
    session.set("grows").add_bytes("grows.o", bytes).unwrap().plan().unwrap();
}

fn link_all(count: usize, bytes: &[u8]) {
    let session = Session::on_paper(FakeMemory::default(), Definitions::new());
    let sets: Vec<_> =
        (0..count).map(|_| session.set("one").add_bytes("one.o", bytes).unwrap().link().unwrap()).collect();
    sets.into_iter().for_each(|set| set.remove().unwrap());
}

#[test]
#[ignore = "a measurement"]
fn what_doubles_costs_twice() {
    let small = object(1, 1, 2);
    type Work<'w> = Box<dyn Fn() + 'w>;
    type Make<'m> = &'m dyn Fn(usize) -> Work<'m>;
    let of = |sections: usize, symbols: usize, calls: usize| -> Work<'static> {
        let bytes = object(sections, symbols, calls);
        Box::new(move || plan(&bytes))
    };
    let axes: [(&str, usize, Make<'_>); 4] = [
        ("sections", 2_000, &|count| of(count, 1, 2)),
        ("symbols", 8_000, &|count| of(1, count, 1)),
        ("relocations", 100_000, &|count| of(1, 1, count)),
        ("sets", 1_000, &|count| {
            let small = &small;
            Box::new(move || link_all(count, small))
        }),
    ];
    for (name, start, make) in axes {
        let mut before = None;
        for factor in [1, 2, 4, 8, 16] {
            let work = make(start * factor);
            let seconds = support::least(5, &*work);
            let ratio = before.replace(seconds).map_or(0.0, |before: f64| seconds / before);
            println!("{name} {}: {:.2} ms, ×{ratio:.2}", start * factor, seconds * 1e3);
        }
    }
}
