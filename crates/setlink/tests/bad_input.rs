//! Bad input, systematically: every field of real objects and archives set to values that break it, and every
//! truncation. Whatever the bytes, planning and linking return, and an error names the file that it is about.

use std::path::Path;
use std::time::{Duration, Instant};

use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, Error, Foreign, Session, SetBuilder};

/// What the malformed files are called; errors must say so.
const NAME: &str = "bad-input.o";
/// Bytes of memory for a set.
const LIMIT: u64 = 1 << 20;

fn seed(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn session() -> Session {
    let mut host = Definitions::new();
    host.define("puts", Foreign::function(0x7fff_7000_0000));
    host.define("v", Foreign::data(0x7fff_7000_1000, 4));
    Session::on_paper(FakeMemory::new(0x1_0000..0x7fff_ffff_f000, 4096, LIMIT), host)
}

/// Plans and links `data`; checks that both agree and that errors name the file. Returns the error, if any.
fn try_all(session: &Session, data: &[u8], what: &dyn Fn() -> String) -> Option<Error> {
    let built = || {
        let set = session.set("bad").whole_archive(true).map(true).debugger(true).perf_map(true);
        set.add_bytes(NAME, data)
    };
    let named = |error: Error| {
        for problem in error.problems() {
            let text = problem.to_string();
            assert!(text.contains(NAME), "{}: the error does not name the file: {text}", what());
        }
        error
    };
    let planned = built().and_then(SetBuilder::plan).map_err(named);
    let linked = built().and_then(SetBuilder::link).map_err(named);
    match (planned, linked) {
        (Ok(plan), Ok(set)) => {
            assert_eq!(&plan.summary, set.summary(), "{}", what());
            assert_eq!(Some(plan.map.as_str()), set.map(), "{}", what());
            set.remove().unwrap();
            None
        }
        (Ok(plan), Err(error)) => {
            let bytes: u64 = plan.summary.segments.iter().map(|segment| segment.bytes).sum();
            assert!(bytes > LIMIT, "{}: planned, and refused: {error}", what());
            Some(error)
        }
        (Err(error), Ok(_)) => panic!("{}: linked, and not to be planned: {error}", what()),
        (Err(_), Err(error)) => Some(error),
    }
}

fn number(data: &[u8], at: usize, width: usize) -> u64 {
    data[at..at + width].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn half(data: &[u8], at: usize) -> usize {
    number(data, at, 2) as usize
}

fn long(data: &[u8], at: usize) -> usize {
    number(data, at, 8) as usize
}

/// A field of a format: offset, width in bytes, and what it is.
type FieldOf = (usize, usize, String);

/// The fields of an ELF object: headers, section headers, symbols, relocations, groups, call frame records.
fn fields(elf: &[u8]) -> Vec<FieldOf> {
    let mut fields: Vec<FieldOf> = Vec::new();
    let header =
        [(4, 1), (5, 1), (6, 1), (7, 1), (16, 2), (18, 2), (20, 4), (24, 8), (32, 8), (40, 8), (48, 4)];
    let header = header.into_iter().chain([(52, 2), (54, 2), (56, 2), (58, 2), (60, 2), (62, 2)]);
    fields.extend(header.map(|(at, width)| (at, width, format!("ELF header+{at}"))));
    let (table, count) = (long(elf, 40), half(elf, 60));
    for index in 0..count {
        let at = table + 64 * index;
        let parts = [(0, 4), (4, 4), (8, 8), (16, 8), (24, 8), (32, 8), (40, 4), (44, 4), (48, 8), (56, 8)];
        fields
            .extend(parts.map(|(part, width)| (at + part, width, format!("section header {index}+{part}"))));
        let (kind, start, size) = (number(elf, at + 4, 4), long(elf, at + 24), long(elf, at + 32));
        let name_table = table + 64 * half(elf, 62);
        let name_at = long(elf, name_table + 24) + number(elf, at, 4) as usize;
        let frames = elf[name_at..].starts_with(b".eh_frame\0");
        let (what, stride, parts): (_, usize, &[(usize, usize)]) = match kind {
            2 => ("symbol", 24, &[(0, 4), (4, 1), (5, 1), (6, 2), (8, 8), (16, 8)]),
            4 => ("relocation", 24, &[(0, 8), (8, 4), (12, 4), (16, 8)]),
            17 => ("group word", 4, &[(0, 4)]),
            1 if frames => ("frame word", 4, &[(0, 4)]),
            _ => continue,
        };
        for entry in 0..size / stride {
            for &(part, width) in parts {
                let at = start + entry * stride + part;
                fields.push((at, width, format!("section {index}, {what} {entry}+{part}")));
            }
        }
    }
    fields
}

/// Values that a field of `width` bytes is set to, besides neighbours of what it holds.
fn values(width: usize, held: u64, file: usize) -> Vec<u64> {
    let mask = u64::MAX >> (64 - 8 * width);
    let file = file as u64;
    let mut values = vec![0, 1, 2, 3, 7, 0x7f, 0xff, 0xfff1, 0xfff2, 0xffff];
    values.extend([held.wrapping_sub(1), held.wrapping_add(1), held ^ 4, held << 8]);
    values.extend([file, file - 1, file + 1, file / 2]);
    values.extend([1 << 31, u64::from(u32::MAX), 1 << 32, 1 << 40, 1 << 46, 1 << 47, i64::MAX as u64]);
    values.extend([1 << 63, u64::MAX, u64::MAX - 1, u64::MAX - file, u64::MAX - 63]);
    values.iter_mut().for_each(|value| *value &= mask);
    values.sort_unstable();
    values.dedup();
    values.retain(|value| *value != held);
    values
}

/// Runs every change of every field; returns how many were refused.
fn mutate(name: &str) -> usize {
    let session = session();
    let mut data = seed(name);
    let mut refused = 0;
    for (at, width, field) in fields(&data) {
        let held = number(&data, at, width);
        for value in values(width, held, data.len()) {
            data[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            let what = || format!("{name}: {field} = {value:#x}");
            refused += usize::from(try_all(&session, &data, &what).is_some());
        }
        data[at..at + width].copy_from_slice(&held.to_le_bytes()[..width]);
    }
    refused
}

#[test]
fn every_field_of_a_position_independent_object() {
    assert!(mutate("basic.o") > 1000);
}

#[test]
fn every_field_of_a_fixed_object() {
    assert!(mutate("basic-nopic.o") > 1000);
}

#[test]
fn every_field_of_common_symbols() {
    assert!(mutate("common.o") > 1000);
}

#[test]
fn every_field_of_attributes() {
    assert!(mutate("attributes.o") > 1000);
}

#[test]
fn every_field_of_groups_and_frames() {
    assert!(mutate("cxx.o") > 1000);
}

#[test]
fn every_field_of_debug_information() {
    assert!(mutate("debug-plain.o") > 1000);
}

#[test]
fn every_truncation() {
    let session = session();
    for name in ["basic.o", "basic-nopic.o", "common.o", "cxx.o", "debug.o", "plain.a", "bsd.a", "no-index.a"]
    {
        let data = seed(name);
        for length in (0..data.len()).step_by(1 + data.len() / 1500) {
            let what = || format!("{name}: cut to {length} bytes");
            let error = try_all(&session, &data[..length], &what);
            // An archive may end behind any of its members.
            assert!(error.is_some() || name.ends_with(".a"), "{}: accepted", what());
        }
    }
}

/// Every byte of an archive's own structure, set to characters that mean something there, and whole fields.
#[test]
fn every_field_of_archives() {
    let session = session();
    for name in ["plain.a", "bsd.a", "no-index.a", "thin.a"] {
        let original = seed(name);
        let thin = original.starts_with(b"!<thin>");
        let mut at = 8;
        let mut data = original.clone();
        while at + 60 <= original.len() {
            let header = &original[at..at + 60];
            let size: usize = std::str::from_utf8(&header[48..58]).unwrap().trim().parse().unwrap();
            let special = header[0] == b'/' && !header[1].is_ascii_digit() || header.starts_with(b"#1/");
            let inline = !thin || special;
            let bytes = if special { 60 + size.min(200) } else { 60 };
            for byte in at..at + bytes {
                for value in [0, 1, b'0', b'9', b' ', b'/', b'\n', 0x7f, 0xff] {
                    data[byte] = value;
                    try_all(&session, &data, &|| format!("{name}: byte {byte:#x} = {value:#x}"));
                }
                data[byte] = original[byte];
            }
            let mut field = |part: std::ops::Range<usize>, text: &str| {
                let padded = format!("{text:<width$.width$}", width = part.len());
                let range = at + part.start..at + part.end;
                data[range.clone()].copy_from_slice(padded.as_bytes());
                try_all(&session, &data, &|| format!("{name}: member at {at:#x}: {text}"));
                data[range.clone()].copy_from_slice(&original[range]);
            };
            let whole = original.len().to_string();
            for text in ["", "0", "1", "-1", "9999999999", "0x10", "10 10", &whole] {
                field(48..58, text);
            }
            for text in
                ["/", "//", "/SYM64/", "/0", "/1", "/999999999", "/18446744073709551615", "#1/", "#1/0"]
            {
                field(0..16, text);
            }
            for text in ["#1/999", "__.SYMDEF", "__.SYMDEF_64", "/0:0", "/0:8", "/0:9999", "../x", "x.rmeta/"]
            {
                field(0..16, text);
            }
            at += 60 + if inline { size + size % 2 } else { 0 };
        }
    }
}

// What follows is made by hand: small files that claim to be enormous, and large ones that are made to be slow.

#[derive(Clone, Default)]
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    /// When it is not that of the bytes.
    size: Option<u64>,
    align: u64,
    link: u32,
    info: u32,
    data: Vec<u8>,
}

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const RELA: u32 = 4;
const NOBITS: u32 = 8;
const GROUP: u32 = 17;
const ALLOC: u64 = 2;
const EXEC: u64 = 4;
const IN_GROUP: u64 = 512;
const ABSOLUTE: u16 = 0xfff1;
const COMMON: u16 = 0xfff2;

/// An object of these sections, of which the first follows the empty one and the last holds the sections' names.
fn object(sections: &[Section]) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x01\0\x3e\0\x01\0\0\0".to_vec();
    out.resize(64, 0);
    let count = sections.len() as u64 + 1;
    let many = count >= 0xff00;
    let mut headers = vec![0u8; 64];
    if many {
        headers[32..40].copy_from_slice(&count.to_le_bytes());
        headers[40..44].copy_from_slice(&(count as u32 - 1).to_le_bytes());
    }
    for section in sections {
        let size = section.size.unwrap_or(section.data.len() as u64);
        headers.extend(section.name.to_le_bytes());
        headers.extend(section.kind.to_le_bytes());
        for word in [section.flags, 0, out.len() as u64, size] {
            headers.extend(word.to_le_bytes());
        }
        headers.extend(section.link.to_le_bytes());
        headers.extend(section.info.to_le_bytes());
        headers.extend(section.align.to_le_bytes());
        headers.extend(24u64.to_le_bytes());
        out.extend(&section.data);
    }
    let at = out.len() as u64;
    out.extend(headers);
    out[40..48].copy_from_slice(&at.to_le_bytes());
    out[52..54].copy_from_slice(&64u16.to_le_bytes());
    out[58..60].copy_from_slice(&64u16.to_le_bytes());
    let (short, names) = if many { (0, 0xffff) } else { (count as u16, count as u16 - 1) };
    out[60..62].copy_from_slice(&short.to_le_bytes());
    out[62..64].copy_from_slice(&names.to_le_bytes());
    out
}

fn names(text: &[u8]) -> Section {
    Section { kind: STRTAB, data: text.to_vec(), align: 1, ..Section::default() }
}

fn symbol(name: u32, info: u8, section: u16, value: u64, size: u64) -> Vec<u8> {
    let mut out = name.to_le_bytes().to_vec();
    out.extend([info, 0]);
    out.extend(section.to_le_bytes());
    out.extend(value.to_le_bytes());
    out.extend(size.to_le_bytes());
    out
}

fn relocation(offset: u64, kind: u32, symbol: u32, addend: i64) -> Vec<u8> {
    let mut out = offset.to_le_bytes().to_vec();
    out.extend((u64::from(symbol) << 32 | u64::from(kind)).to_le_bytes());
    out.extend(addend.to_le_bytes());
    out
}

/// A program section, its symbol table (whose strings are the section names) and its relocations.
fn program(text: Vec<u8>, strings: &[u8], symbols: &[Vec<u8>], relocations: &[Vec<u8>]) -> Vec<u8> {
    let table = [vec![0; 24], symbols.concat()].concat();
    let text = Section { kind: PROGBITS, flags: ALLOC | EXEC, align: 16, data: text, ..Section::default() };
    let symbols = Section { kind: SYMTAB, link: 4, info: 1, data: table, ..Section::default() };
    let rela = Section { kind: RELA, link: 2, info: 1, data: relocations.concat(), ..Section::default() };
    object(&[text, symbols, rela, names(strings)])
}

/// The error with which the object is refused, in good time.
fn refused(data: &[u8]) -> String {
    let start = Instant::now();
    let error = try_all(&session(), data, &|| "made by hand".into()).expect("refused").to_string();
    assert!(start.elapsed() < Duration::from_secs(30), "took {:?}: {error:.300}", start.elapsed());
    error
}

fn bss(size: u64, align: u64) -> Section {
    Section { name: 1, kind: NOBITS, flags: ALLOC | 1, size: Some(size), align, ..Section::default() }
}

#[test]
fn enormous_sections() {
    for size in [1 << 45, 1 << 47, 1 << 62, 1 << 63, u64::MAX] {
        let error = refused(&object(&[bss(size, 16), names(b"\0.bss.x\0")]));
        assert!(error.contains(".bss.x"), "{error}");
        let several = [bss(1 << 46, 1 << 20), bss(1 << 46, 8), bss(size, 1), names(b"\0.bss.x\0")];
        assert!(refused(&object(&several)).contains(".bss.x"));
    }
    for align in [3, 1 << 41, 1 << 62, 1 << 63, u64::MAX] {
        let error = refused(&object(&[bss(16, align), names(b"\0.bss.x\0")]));
        assert!(error.contains(".bss.x") && error.contains("alignment"), "{error}");
    }
}

#[test]
fn sizes_whose_sum_wraps_around() {
    let mut sections = vec![bss(1 << 46, 1 << 40); 300_000];
    sections.push(names(b"\0.bss.x\0"));
    assert!(refused(&object(&sections)).contains(".bss.x"));
}

#[test]
fn a_million_sections() {
    let empty = Section { name: 1, kind: PROGBITS, flags: ALLOC, align: 1, ..Section::default() };
    let mut sections = vec![empty; 1_000_000];
    sections.push(names(b"\0.rodata\0"));
    let start = Instant::now();
    let plan = session().set("many").add_bytes(NAME, object(&sections)).and_then(SetBuilder::plan).unwrap();
    assert_eq!(plan.summary.sections, 1_000_000);
    assert!(start.elapsed() < Duration::from_secs(30), "took {:?}", start.elapsed());
}

#[test]
fn enormous_commons() {
    for (size, align) in [(1 << 63, 16), (u64::MAX, 1 << 63), (u64::MAX - 7, u64::MAX), (1 << 50, 1 << 40)] {
        let symbols = [symbol(1, 0x11, COMMON, align, size), symbol(3, 0x11, COMMON, 64, size)];
        let error = refused(&program(vec![0; 64], b"\0a\0b\0", &symbols, &[]));
        assert!(error.contains("address space"), "{error}");
    }
}

#[test]
fn symbols_and_addends_at_the_end_of_the_address_space() {
    for value in [u64::MAX, 1 << 63, i64::MAX as u64, 1 << 47] {
        for section in [1, ABSOLUTE] {
            for kind in 0..60 {
                for addend in [i64::MIN, i64::MAX, -4, 0] {
                    let symbols = [symbol(1, 0x10, section, value, u64::MAX)];
                    let relocations = [relocation(8, kind, 1, addend), relocation(24, kind, 0, addend)];
                    let mut text = vec![0x90; 64];
                    text[5..8].copy_from_slice(&[0x48, 0x8b, 0x05]);
                    let data = program(text, b"\0a\0", &symbols, &relocations);
                    try_all(&session(), &data, &|| format!("{value:#x} in {section}, type {kind}, {addend}"));
                }
            }
        }
    }
}

/// A megabyte of name, which a great many sections, symbols and problems share.
#[test]
fn endless_names() {
    let mut long = vec![b'x'; 1 << 20];
    long[0] = 0;
    long.push(0);
    let odd = Section { name: 1, kind: PROGBITS, flags: ALLOC, align: 3, ..Section::default() };
    let mut sections = vec![odd; 60_000];
    sections.push(names(&long));
    refused(&object(&sections));
    let symbols: Vec<_> = (0..60_000).map(|n| symbol(1 + n, 0x10, 0, 0, 0)).collect();
    refused(&program(vec![0; 64], &long, &symbols, &[]));

    let many = |kind, offset| (0..100_000).map(|_| relocation(offset, kind, 1, 0)).collect::<Vec<_>>();
    let outside = program(vec![0; 64], &long, &[symbol(1, 0x10, 1, 0, 0)], &many(2, 1 << 40));
    let far = program(vec![0; 64], &long, &[symbol(1, 0x10, ABSOLUTE, 1 << 40, 0)], &many(14, 0));
    let missing = program(vec![0; 64], &long, &[symbol(1, 0x10, 0, 0, 0)], &many(2, 0));
    for data in [outside, far, missing] {
        let error = refused(&data);
        assert!(error.len() < 1 << 24, "{} bytes of message", error.len());
    }
}

/// Mangled names that stand for exponentially longer ones.
#[test]
fn names_that_explode() {
    // Function types, each of which takes the one before twice, as S_, S0_, S1_ …
    let mut cpp = String::from("_Z1fPFvvE");
    for level in 0..36u32 {
        let back = match level {
            0 => "S_".into(),
            n => format!("S{}_", char::from_digit(n - 1, 36).unwrap().to_ascii_uppercase()),
        };
        cpp.push_str(&format!("PFv{back}{back}E"));
    }
    // Pairs of pairs; a back reference is a position in base 62.
    let mut rust = String::from("_RINvC1a1f");
    let mut before = None;
    for _ in 0..40 {
        let here = rust.len() - 2;
        match before {
            None => rust.push_str("TuuE"),
            Some(at) => rust.push_str(&format!("TB{0}B{0}E", base62(at))),
        }
        before = Some(here);
    }
    rust.push('E');
    for name in [cpp, rust] {
        let strings = [b"\0", name.as_bytes(), b"\0"].concat();
        let relocations: Vec<_> = (0..2000).map(|_| relocation(0, 2, 1, 0)).collect();
        let error = refused(&program(vec![0; 64], &strings, &[symbol(1, 0x10, 0, 0, 0)], &relocations));
        assert!(error.contains("undefined") && error.len() < 1 << 16, "{error:.200}");
    }
}

/// A number as Rust's mangling writes it: nothing for 0, else one less in base 62; then an underscore.
fn base62(number: usize) -> String {
    let digit =
        |digit: usize| char::from(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit]);
    match number.checked_sub(1) {
        None => "_".into(),
        Some(rest) if rest < 62 => format!("{}_", digit(rest)),
        Some(rest) => format!("{}{}_", digit(rest / 62), digit(rest % 62)),
    }
}

/// Sections that lie on top of each other, each as long as the file.
#[test]
fn overlapping_sections() {
    let bytes =
        Section { kind: PROGBITS, flags: ALLOC, data: vec![0; 1 << 20], align: 1, ..Section::default() };
    let mut data = object(&[bytes, names(b"\0.x\0")]);
    let (table, first) = (data.len(), long(&data, 40));
    let header = data[first + 64..first + 128].to_vec();
    data.extend(vec![0; 64]);
    data.extend(header.repeat(50_000));
    data[40..48].copy_from_slice(&(table as u64).to_le_bytes());
    data[60..62].copy_from_slice(&50_001u16.to_le_bytes());
    data[62..64].copy_from_slice(&0u16.to_le_bytes());
    assert!(refused(&data).contains("overlap"));
}

/// A group that names one section over and over.
#[test]
fn groups_that_repeat() {
    let data = std::iter::repeat_n(1u32, 200_000).flat_map(u32::to_le_bytes).collect();
    let group = Section { kind: GROUP, link: 3, info: 1, data, ..Section::default() };
    let flags = ALLOC | IN_GROUP;
    let text = Section { name: 1, kind: PROGBITS, flags, data: vec![0; 8], align: 8, ..Section::default() };
    let table = [vec![0; 24], symbol(1, 0x12, 1, 0, 0)].concat();
    let symbols = Section { kind: SYMTAB, link: 4, info: 1, data: table, ..Section::default() };
    let data = object(&[text, group, symbols, names(b"\0main\0")]);
    let start = Instant::now();
    let plan = session().set("groups").collect(["main"]).add_bytes(NAME, data).and_then(SetBuilder::plan);
    assert_eq!(plan.unwrap().summary.sections, 1);
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, data) in members {
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, data.len()).bytes());
        out.extend(*data);
        out.resize(out.len() + out.len() % 2, b'\n');
    }
    out
}

/// Common symbols that an archive's index promises definitions of, which its member does not have.
#[test]
fn commons_and_an_archive_that_lies() {
    let count = 20_000u32;
    let mut strings = vec![0];
    let mut commons = Vec::new();
    for n in 0..count {
        commons.push(symbol(strings.len() as u32, 0x11, COMMON, 8, 8));
        strings.extend(format!("c{n}\0").bytes());
    }
    let user = program(vec![0; 64], &strings, &commons, &[]);
    let length = 4 + 4 * count as usize + strings.len() - 1;
    let member = (8 + 60 + length + length % 2) as u32;
    let mut index = count.to_be_bytes().to_vec();
    index.extend(member.to_be_bytes().repeat(count as usize));
    index.extend(&strings[1..]);
    let archive = archive(&[("/", &index), ("member.o/", &user)]);
    let start = Instant::now();
    let session = session();
    let set = session.set("commons").add_bytes("user.o", user).unwrap().add_bytes(NAME, archive).unwrap();
    assert_eq!(set.plan().unwrap().summary.objects, 1);
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
}

/// An index of which one name leads to a member, and another somewhere beside its start, or nowhere.
#[test]
fn an_index_that_leads_astray() {
    let strings = b"\0one\0puts\0two\0";
    let undefined = [symbol(1, 0x10, 0, 0, 0), symbol(5, 0x10, 0, 0, 0), symbol(10, 0x10, 0, 0, 0)];
    let user = program(vec![0; 16], strings, &undefined, &[]);
    let member = program(vec![0; 16], strings, &[symbol(1, 0x12, 1, 0, 4)], &[]);
    let names = b"one\0puts\0two\0";
    let at = (8 + 60 + 16 + names.len()).next_multiple_of(2) as u32;
    for (puts, two) in [(at + 2, at + 2), (at + 30, at + 58), (1 << 30, u32::MAX), (at - 2, at + 62)] {
        let offsets = [3, at, puts, two];
        let index: Vec<u8> = offsets.iter().flat_map(|word| word.to_be_bytes()).chain(*names).collect();
        let archive = archive(&[("/", &index), ("member.o/", &member)]);
        let session = session();
        let set =
            session.set("astray").add_bytes("user.o", &*user).unwrap().add_bytes(NAME, archive).unwrap();
        let error = set.plan().map(drop).unwrap_err();
        let of_archive = error.problems().iter().filter(|problem| problem.to_string().contains(NAME)).count();
        assert_eq!(of_archive, if puts == two { 1 } else { 2 }, "{error}");
    }
}

/// What a member defines is what its own symbols say, whatever the index lists of it, and in whatever order.
#[test]
fn an_index_that_differs_from_its_members() {
    let strings = b"\0one\0on\0two\0one2\0";
    let names: [&[u8]; 4] = [b"one", b"on", b"two", b"one2"];
    let starts = [1, 5, 8, 12];
    let symbols: Vec<_> = (0..4).map(|at| symbol(starts[at], 0x12, 1, 4 * at as u64, 4)).collect();
    let member = program(vec![0; 16], strings, &symbols, &[]);
    let undefined: Vec<_> = starts.iter().map(|&start| symbol(start, 0x10, 0, 0, 0)).collect();
    let user = program(vec![0; 16], strings, &undefined, &[]);
    // Every sequence of up to five names, the last of which is no symbol.
    for number in 0..6usize.pow(5) {
        let choices: Vec<usize> = (0..5).map(|digit| number / 6usize.pow(digit) % 6).collect();
        // 5 is no name, and stands behind the others.
        if !choices.is_sorted_by_key(|&choice| choice == 5) {
            continue;
        }
        let choices = choices.into_iter().take_while(|&choice| choice < 5);
        let listed: Vec<&[u8]> =
            choices.map(|choice| names.get(choice).copied().unwrap_or(b"onetwo")).collect();
        if !listed.iter().any(|name| names.contains(name)) {
            continue;
        }
        let text: Vec<u8> = listed.iter().flat_map(|name| [name, &b"\0"[..]].concat()).collect();
        let at = (8 + 60 + 4 + 4 * listed.len() + text.len()).next_multiple_of(2) as u32;
        let words = std::iter::once(listed.len() as u32).chain(std::iter::repeat_n(at, listed.len()));
        let index: Vec<u8> = words.flat_map(u32::to_be_bytes).chain(text).collect();
        let session = session();
        let set = session.set("differs").add_bytes("user.o", &*user).unwrap();
        let set = set.add_bytes(NAME, archive(&[("/", &index), ("member.o/", &member)])).unwrap();
        let set = set.link().unwrap();
        let start = set.address("one").unwrap();
        for (name, offset) in names.iter().zip([0, 4, 8, 12]) {
            assert_eq!(set.address(name), Some(start + offset), "{listed:?}");
        }
        set.remove().unwrap();
    }
}

/// A symbol whose name is at offset 0 has none, also where a name stands there that the index lists.
#[test]
fn a_string_table_that_begins_with_a_name() {
    let symbols = [symbol(0, 0x12, 1, 0, 4), symbol(4, 0x12, 1, 4, 4)];
    let member = program(vec![0; 16], b"foo\0bar\0", &symbols, &[]);
    let wanted = [symbol(1, 0x10, 0, 0, 0), symbol(5, 0x10, 0, 0, 0)];
    let user = program(vec![0; 16], b"\0foo\0bar\0", &wanted, &[]);
    let text = b"foo\0bar\0";
    let at = (8 + 60 + 12 + text.len()).next_multiple_of(2) as u32;
    let index: Vec<u8> = [2, at, at].into_iter().flat_map(u32::to_be_bytes).chain(*text).collect();
    let indexed = archive(&[("/", &index), ("member.o/", &member)]);
    let whole = archive(&[("member.o/", &member)]);
    for (archive, is_whole) in [(indexed, false), (whole, true)] {
        let session = session();
        let set = session.set("first").add_bytes("user.o", &*user).unwrap().whole_archive(is_whole);
        let names = set.add_bytes(NAME, archive).unwrap().symbols().unwrap();
        let status = |name: &str| names.iter().find(|symbol| symbol.name == name).unwrap().status;
        assert_eq!(status("foo"), setlink::SymbolStatus::Undefined);
        assert_eq!(status("bar"), setlink::SymbolStatus::Defined);
    }
}

#[test]
fn nested_archives() {
    let mut nested = archive(&[("a.o/", &seed("basic.o"))]);
    for _ in 0..100 {
        nested = archive(&[("inner.a/", &nested)]);
    }
    assert!(refused(&nested).contains("archive inside an archive"));
}

/// Thin archives and linker scripts that name themselves, and files that never end.
#[test]
fn circles_and_devices() {
    let session = session();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("circle.ld");
    std::fs::write(&path, "INPUT(circle.ld circle.ld circle.ld circle.ld circle.ld circle.ld)\n").unwrap();
    let error = session.set("circle").add_file(&path).unwrap_err().to_string();
    assert!(error.contains("circle.ld"), "{error:.300}");

    for member in ["thin.a", "/dev/zero", "/nowhere"] {
        let path = folder.path().join("thin.a");
        let long = format!("{member}/\n");
        let mut data = b"!<thin>\n".to_vec();
        data.extend(format!("{:<48}{:<10}`\n{long}", "//", long.len()).bytes());
        data.resize(data.len() + data.len() % 2, b'\n');
        data.extend(format!("{:<48}{:<10}`\n", "/0", 100).bytes());
        std::fs::write(&path, data).unwrap();
        let set = session.set("thin").whole_archive(true).add_file(&path).unwrap();
        let error = set.plan().unwrap_err().to_string();
        assert!(error.contains("thin.a"), "{error}");
    }
    let error = session.set("zero").add_file("/dev/zero").unwrap_err().to_string();
    assert!(error.contains("/dev/zero"), "{error}");
}
