//! The phases one by one, and the path of a small set, for seeing what a change does.
//!
//!     cargo bench -p setlink --features stages
//!
//! The inputs are synthetic unless `SETLINK_BENCH` names a folder of objects (`target/corpora/libcrypto`, say).

use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use object::write::{Object, Relocation, StandardSection, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SymbolFlags, SymbolKind, SymbolScope, elf,
};
use setlink::Session;
use setlink::stages::{Stage, stage};

/// An object of `count` functions that call each other in a ring.
fn object(number: usize, count: usize) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(StandardSection::Text);
    let code = [0x48, 0x83, 0xec, 0x08, 0xe8, 0, 0, 0, 0, 0x48, 0x83, 0xc4, 0x08, 0xc3];
    let ids: Vec<_> = (0..count)
        .map(|i| {
            let value = object.append_section_data(text, &code, 16);
            object.add_symbol(Symbol {
                name: format!("a_function_of_object_{number}_{i}").into(),
                value,
                size: code.len() as u64,
                kind: SymbolKind::Text,
                scope: SymbolScope::Dynamic,
                weak: false,
                section: SymbolSection::Section(text),
                flags: SymbolFlags::None,
            })
        })
        .collect();
    for i in 0..count {
        let flags = RelocationFlags::Elf { r_type: elf::R_X86_64_PLT32 };
        let relocation =
            Relocation { offset: 16 * i as u64 + 5, symbol: ids[(i + 1) % count], addend: -4, flags };
        object.add_relocation(text, relocation).expect("the writer knows PLT32");
    }
    object.write().expect("the writer takes what was made above")
}

fn objects() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = std::env::var_os("SETLINK_BENCH") else {
        return (0..200).map(|i| (format!("{i}.o"), object(i, 100))).collect();
    };
    let entries = std::fs::read_dir(Path::new(&folder)).expect("SETLINK_BENCH names a folder");
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "o")).collect();
    paths.sort();
    let read = |path: &Path| (path.display().to_string(), std::fs::read(path).expect("it is readable"));
    paths.iter().map(|path| read(path)).collect()
}

fn phases(criterion: &mut Criterion) {
    let objects = objects();
    let mut group = criterion.benchmark_group("phase");
    group.sample_size(20).throughput(Throughput::Elements(objects.len() as u64));
    for (name, which) in [
        ("parse", Stage::Parse),
        ("parse and resolve", Stage::Resolve),
        ("scan", Stage::Scan),
        ("place", Stage::Place),
        ("write", Stage::Write),
    ] {
        group.bench_function(name, |bencher| {
            stage(&objects, which, &mut |work| bencher.iter(&mut *work)).expect("the objects can be linked");
        });
    }
    group.finish();
}

fn small_sets(criterion: &mut Criterion) {
    let session = Session::host().expect("there is a process");
    let bytes = object(0, 1);
    criterion.bench_function("small set: add, link, look up, remove", |bencher| {
        bencher.iter(|| {
            let builder = session.set("small").add_bytes("small.o", bytes.clone()).expect("it is an object");
            let set = builder.link().expect("it can be linked");
            assert!(set.address("a_function_of_object_0_0").is_some());
            set.remove().expect("nothing uses it");
        });
    });
}

criterion_group!(benches, phases, small_sets);
criterion_main!(benches);
