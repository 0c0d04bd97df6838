use proptest::prelude::*;

use super::*;
use crate::error::ProblemKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Gnu,
    Sysv,
    None,
}

/// The tables of a small library, one after the other, in a segment whose addresses are file offsets.
struct Builder {
    bytes: Vec<u8>,
    dynamic: Vec<(i64, u64)>,
}

impl Builder {
    fn put(&mut self, tag: i64, content: &[u8]) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.bytes.len() as u64;
        self.dynamic.push((tag, at));
        self.bytes.extend_from_slice(content);
        at
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn halves(halves: &[u16]) -> Vec<u8> {
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

fn longs(longs: &[u64]) -> Vec<u8> {
    longs.iter().flat_map(|long| long.to_le_bytes()).collect()
}

const HEADERS: usize = 64 + 4 * 56;

fn library(hash: Hash, sections: bool) -> Vec<u8> {
    let mut strings = vec![0];
    let mut string = |text: &str| {
        let at = strings.len() as u32;
        strings.extend_from_slice(text.as_bytes());
        strings.push(0);
        at
    };
    const GLOBAL: u8 = 1 << 4;
    // name, info, other, section, value, size, version
    let table: &[(&str, u8, u8, u16, u64, u64, u16)] = &[
        ("", 0, 0, 0, 0, 0, 0),
        ("puts", GLOBAL, 0, 0, 0, 0, 4),
        ("maybe", 2 << 4, 0, 0, 0, 0, 1),
        ("f", GLOBAL | 2, 0, 7, 0x10, 1, 2 | 0x8000),
        ("f", GLOBAL | 2, 0, 7, 0x20, 2, 3),
        ("g", (2 << 4) | 10, 3, 7, 0x30, 3, 1),
        ("data", GLOBAL | 1, 0, 8, 0x10900, 8, 3),
        ("local", GLOBAL | 2, 0, 7, 0x40, 0, 0),
        ("hidden", GLOBAL | 2, 2, 7, 0x50, 0, 1),
        ("abs", GLOBAL, 0, 0xfff1, 0x60, 0, 1),
    ];
    let count = table.len() as u32;
    let mut symbols = Vec::new();
    for (name, info, other, section, value, size, _) in table {
        symbols.extend(words(&[if name.is_empty() { 0 } else { string(name) }]));
        symbols.extend([*info, *other]);
        symbols.extend(halves(&[*section]));
        symbols.extend(longs(&[*value, *size]));
    }
    let versyms = halves(&table.iter().map(|row| row.6).collect::<Vec<_>>());
    let verdef: Vec<u8> = [("libt.so.1", 1, 1), ("V1", 0, 2), ("V2", 0, 3)]
        .iter()
        .flat_map(|&(name, flags, index)| {
            let next = if index == 3 { 0 } else { 28 };
            [halves(&[1, flags, index, 1]), words(&[0, 20, next, string(name), 0])].concat()
        })
        .collect();
    let (libc, needed) = (string("libc.so.6"), string("GLIBC_2.2.5"));
    let verneed = [halves(&[1, 1]), words(&[libc, 16, 0, 0]), halves(&[0, 4]), words(&[needed, 0])].concat();

    let mut builder = Builder { bytes: vec![0; HEADERS], dynamic: vec![(1, libc.into())] };
    builder.dynamic.push((14, string("libt.so.1").into()));
    builder.dynamic.push((29, string("$ORIGIN").into()));
    let symtab = builder.put(6, &symbols);
    builder.put(5, &strings);
    builder.dynamic.push((10, strings.len() as u64));
    builder.put(0x6fff_fff0, &versyms);
    builder.put(0x6fff_fffc, &verdef);
    builder.put(0x6fff_fffe, &verneed);
    builder.dynamic.extend([(0x6fff_fffd, 3), (0x6fff_ffff, 1)]);
    match hash {
        Hash::Gnu => {
            let mut values: Vec<u32> =
                table.iter().skip(3).map(|row| elf::gnu_hash(row.0.as_bytes()) & !1).collect();
            *values.last_mut().unwrap() |= 1;
            let head = words(&[1, 3, 1, 6, u32::MAX, u32::MAX, 3]);
            builder.put(0x6fff_fef5, &[head, words(&values)].concat());
        }
        Hash::Sysv => {
            let chains: Vec<u32> = (0..count).map(|index| (index + 1) % count).collect();
            builder.put(4, &[words(&[1, count, 1]), words(&chains)].concat());
        }
        Hash::None => {}
    }
    builder.dynamic.push((0, 0));
    let dynamic: Vec<u8> =
        builder.dynamic.iter().flat_map(|&(tag, value)| longs(&[tag as u64, value])).collect();
    let dynamic_at = builder.put(0, &dynamic);
    let mut bytes = builder.bytes;
    let loaded = bytes.len() as u64;
    let sections_at = if sections { loaded } else { 0 };
    if sections {
        bytes.extend([0; 64]);
        bytes.extend(words(&[0, 11]));
        bytes.extend(longs(&[2, symtab, symtab, symbols.len() as u64, 0, 8, 24]));
    }
    let header = [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        halves(&[3, 62]),
        words(&[1]),
        longs(&[0, 64, sections_at]),
        words(&[0]),
        halves(&[64, 56, 4, 64, if sections { 2 } else { 0 }, 0]),
    ];
    let segments = [
        (1, 5, 0, 0, loaded, loaded),
        (2, 4, dynamic_at, dynamic_at, dynamic.len() as u64, dynamic.len() as u64),
        (1, 6, loaded, 0x10000, 0, 0x1000),
        (0x6474_e552, 4, loaded, 0x10000, 0, 0x800),
    ];
    let segments = segments.iter().map(|&(kind, flags, offset, address, size, memory)| {
        [words(&[kind, flags]), longs(&[offset, address, address, size, memory, 8])].concat()
    });
    let head: Vec<u8> = header.into_iter().chain(segments).flatten().collect();
    bytes[..HEADERS].copy_from_slice(&head);
    bytes
}

fn parse(data: &[u8]) -> Result<SharedLibrary<'_>, Problem> {
    SharedLibrary::parse(&"libt.so".into(), data)
}

fn everywhere(check: impl Fn(&SharedLibrary<'_>)) {
    for hash in [Hash::Gnu, Hash::Sysv, Hash::None] {
        for sections in [false, true] {
            let data = library(hash, sections);
            check(&parse(&data).unwrap_or_else(|problem| panic!("{hash:?} {sections}: {problem}")));
            // Nothing depends on where the bytes lie in memory.
            check(&parse(&[b"x", &data[..]].concat()[1..]).unwrap());
        }
    }
}

#[test]
fn names_in_the_dynamic_section() {
    everywhere(|library| {
        assert_eq!(library.soname(), Some(&b"libt.so.1"[..]));
        assert_eq!(library.needed(), [b"libc.so.6"]);
        assert_eq!(library.runpath(), Some(&b"$ORIGIN"[..]));
        assert_eq!(library.machine(), 62);
    });
}

#[test]
fn definitions() {
    everywhere(|library| {
        let found: Vec<_> = library.definitions().map(Result::unwrap).collect();
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.name, it.value, it.size, it.version, it.is_default_version, it.absolute))
            .collect();
        assert_eq!(
            shown,
            [
                (&b"f"[..], 0x10, 1, Some(&b"V1"[..]), false, false),
                (b"f", 0x20, 2, Some(b"V2"), true, false),
                (b"g", 0x30, 3, None, true, false),
                (b"data", 0x10900, 8, Some(b"V2"), true, false),
                (b"abs", 0x60, 0, None, true, true),
            ]
        );
        let g = found[2];
        assert_eq!((g.kind, g.binding), (elf::STT_GNU_IFUNC, elf::STB_WEAK));
        assert_eq!((g.visibility, g.index), (elf::STV_PROTECTED, 5));
    });
}

#[test]
fn references() {
    everywhere(|library| {
        let found: Vec<_> = library.references().map(Result::unwrap).collect();
        let puts = Reference {
            name: b"puts",
            version: Some(b"GLIBC_2.2.5"),
            library: Some(b"libc.so.6"),
            weak: false,
            thread_local: false,
        };
        let maybe =
            Reference { name: b"maybe", version: None, library: None, weak: true, thread_local: false };
        assert_eq!(found, [puts, maybe]);
    });
}

#[test]
fn lookups_bind_as_the_linker_does() {
    everywhere(|library| {
        let value = |name: &str, version: Option<&str>| {
            library.lookup(name.as_bytes(), version.map(str::as_bytes)).map(|found| found.value)
        };
        assert_eq!(value("f", None), Some(0x20));
        assert_eq!(value("f", Some("V1")), Some(0x10));
        assert_eq!(value("f", Some("V2")), Some(0x20));
        assert_eq!(value("f", Some("V3")), None);
        assert_eq!(value("g", None), Some(0x30));
        assert_eq!(value("g", Some("V2")), None);
        for name in ["puts", "maybe", "local", "hidden", "", "ff", "no", "hidde"] {
            assert_eq!(value(name, None), None, "{name}");
        }
        assert_eq!(library.lookup(b"data", None).unwrap().name, b"data");
    });
}

#[test]
fn protections() {
    everywhere(|library| {
        assert_eq!(library.protection(0x10, 4), Some(Protection::ReadOnly));
        assert_eq!(library.protection(0x10000, 0x800), Some(Protection::ReadOnlyAfterRelocation));
        assert_eq!(library.protection(0x107ff, 2), Some(Protection::Writable));
        assert_eq!(library.protection(0x10fff, 2), None);
        assert_eq!(library.protection(u64::MAX, u64::MAX), None);
    });
}

#[test]
fn other_files_are_refused() {
    let edit = |at: usize, byte: u8| {
        let mut data = library(Hash::Gnu, true);
        data[at] = byte;
        parse(&data).map(drop).unwrap_err()
    };
    assert!(matches!(edit(0, 0).kind, ProblemKind::Malformed { .. }));
    assert!(matches!(edit(4, 1).kind, ProblemKind::Unsupported { .. }), "32 bits");
    assert!(matches!(edit(5, 2).kind, ProblemKind::Unsupported { .. }), "big-endian");
    assert!(edit(16, 1).to_string().contains("no shared library"), "a relocatable object");
    assert!(edit(54, 55).to_string().contains("program headers"));
    assert!(edit(64 + 56, 0).to_string().contains("without a dynamic section"));
    assert!(parse(b"\x7fELF").unwrap_err().to_string().contains("truncated"));
    assert!(parse(b"").is_err());
}

#[test]
fn a_circular_chain_ends() {
    let mut data = library(Hash::Sysv, true);
    let chains = words(&(0..10).map(|index| (index + 1) % 10).collect::<Vec<_>>());
    let at = data.windows(chains.len()).position(|window| window == chains).unwrap();
    data[at + 9 * 4] = 1;
    let library = parse(&data).unwrap();
    assert!(library.lookup(b"nowhere", None).is_none());
    assert!(library.lookup(b"abs", None).is_some());
}

/// Reads everything that can be read.
fn exhaust(data: &[u8]) {
    let Ok(library) = parse(data) else { return };
    let limit = data.len() / 24 + 1;
    assert!(library.references().count() <= limit);
    let definitions: Vec<_> = library.definitions().map_while(Result::ok).collect();
    assert!(definitions.len() <= limit);
    for definition in definitions {
        let _ = library.protection(definition.value, definition.size);
        let _ = library.lookup(definition.name, definition.version);
    }
    for name in [&b""[..], b"f", b"puts", b"nowhere"] {
        let _ = library.lookup(name, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn mutated_libraries_never_panic(
        hash in prop::sample::select(vec![Hash::Gnu, Hash::Sysv, Hash::None]),
        sections: bool,
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0), Just(0xff)]), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut data = library(hash, sections);
        for (at, value) in edits {
            let at = at.index(data.len());
            data[at] = value;
        }
        if let Some(cut) = cut {
            data.truncate(cut.index(data.len()));
        }
        exhaust(&data);
    }
}

#[test]
fn every_definition_of_real_libraries_is_found_again() {
    let mut count = 0;
    for path in
        ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"]
    {
        let Ok(data) = std::fs::read(path) else { continue };
        let library = SharedLibrary::parse(&path.into(), &data).unwrap();
        assert!(library.soname().is_some());
        for definition in library.definitions().map(Result::unwrap) {
            let version = definition.version;
            assert_eq!(library.lookup(definition.name, version), Some(definition), "{path}");
            assert!(library.may_define(elf::gnu_hash(definition.name) & !1), "{path}");
            if definition.is_default_version {
                assert_eq!(library.lookup(definition.name, None), Some(definition), "{path}");
            }
            count += 1;
        }
        let others = (0..1000).map(|number| elf::gnu_hash(format!("nobody's {number}").as_bytes()) & !1);
        assert!(others.filter(|&hash| library.may_define(hash)).count() < 500, "{path}");
        // Without its section headers a library reads the same.
        let mut stripped = data.clone();
        stripped[40..48].fill(0);
        let stripped = SharedLibrary::parse(&path.into(), &stripped).unwrap();
        assert_eq!(stripped.tables.symbols.len(), library.tables.symbols.len());
    }
    eprintln!("{count} definitions found again");
}
