use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::error::ProblemKind;

fn parse(data: &[u8]) -> Result<Archive<'_>, Problem> {
    Archive::parse(&"test.a".into(), data)
}

fn header(name: &str, size: usize) -> Vec<u8> {
    format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).into_bytes()
}

fn member_bytes(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, content.len());
    bytes.extend_from_slice(content);
    if content.len() % 2 == 1 {
        bytes.push(b'\n');
    }
    bytes
}

fn archive_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for (name, content) in members {
        bytes.extend(member_bytes(name, content));
    }
    bytes
}

fn gnu_index(entries: &[(&str, u32)]) -> Vec<u8> {
    let mut bytes = u32::try_from(entries.len()).unwrap().to_be_bytes().to_vec();
    entries.iter().for_each(|(_, offset)| bytes.extend(offset.to_be_bytes()));
    entries.iter().for_each(|(name, _)| bytes.extend_from_slice(format!("{name}\0").as_bytes()));
    bytes
}

fn names(archive: &Archive<'_>) -> Vec<String> {
    archive.members().map(|member| member.unwrap().label().into_owned()).collect()
}

fn symbols(archive: &Archive<'_>) -> Vec<(String, u64)> {
    archive.symbols().unwrap().map(|(name, offset)| (lossy(name), offset)).collect()
}

fn bytes<'d>(member: &Member<'d>) -> &'d [u8] {
    match member.content {
        Content::Bytes(bytes) => bytes,
        Content::External { .. } => panic!("external"),
    }
}

#[test]
fn empty_archives_have_no_members() {
    for data in [&b"!<arch>\n"[..], b"!<thin>\n", b"!<arch>\n\n"] {
        let archive = parse(data).unwrap();
        assert_eq!(archive.members().count(), 0);
        assert!(archive.symbols().is_none());
        assert!(is_archive(data));
    }
}

#[test]
fn other_files_are_refused() {
    assert!(!is_archive(b"\x7fELF"));
    assert!(matches!(parse(b"\x7fELF").unwrap_err().kind, ProblemKind::Malformed { .. }));
    assert!(matches!(parse(b"<bigaf>\n").unwrap_err().kind, ProblemKind::Unsupported { .. }));
}

#[test]
fn gnu_names_index_and_padding() {
    let long = b"a_name_that_is_longer_than_the_field.o/\nanother_one_that_is_longer.o/\n";
    let first = 8 + 60 + 26 + 60 + long.len() as u32;
    let second = first + 60 + 4;
    let index = gnu_index(&[("one", first), ("twoooo", second)]);
    let index = [&index[..], b"\0\0\0"].concat();
    assert_eq!(index.len(), 26);
    let data =
        archive_of(&[("/", &index), ("//", long), ("/0", b"odd"), ("/40", b"even"), ("short.o/", b"x")]);
    let archive = parse(&data).unwrap();
    assert_eq!(
        names(&archive),
        ["a_name_that_is_longer_than_the_field.o", "another_one_that_is_longer.o", "short.o"]
    );
    assert_eq!(symbols(&archive), [("one".into(), u64::from(first)), ("twoooo".into(), u64::from(second))]);
    assert_eq!(bytes(&archive.member_at(first.into()).unwrap()), b"odd");
    assert_eq!(bytes(&archive.member_at(second.into()).unwrap()), b"even");
    assert_eq!(archive.symbols().unwrap().left(), 2);
}

#[test]
fn last_padding_may_be_missing() {
    let mut data = archive_of(&[("a.o/", b"abc")]);
    assert_eq!(data.pop(), Some(b'\n'));
    assert_eq!(names(&parse(&data).unwrap()), ["a.o"]);
}

#[test]
fn members_with_one_name_are_told_apart_by_offset() {
    let data = archive_of(&[("x.o/", b"11"), ("x.o/", b"22")]);
    let archive = parse(&data).unwrap();
    let members: Vec<_> = archive.members().map(Result::unwrap).collect();
    assert_eq!(members.len(), 2);
    assert_eq!((members[0].offset, bytes(&members[0])), (8, &b"11"[..]));
    assert_eq!((members[1].offset, bytes(&members[1])), (70, &b"22"[..]));
    for member in members {
        assert_eq!(archive.member_at(member.offset).unwrap(), member);
    }
}

#[test]
fn sym64_index() {
    let mut index = 1u64.to_be_bytes().to_vec();
    index.extend(98u64.to_be_bytes());
    index.extend(b"f\0padding");
    let data = archive_of(&[("/SYM64/", &index), ("m.o/", b"content")]);
    let archive = parse(&data).unwrap();
    assert_eq!(symbols(&archive), [("f".into(), 98)]);
    assert!(archive.member_at(98).is_err(), "no header there");
    assert!(archive.member_at(u64::MAX).is_err());
    assert!(archive.member_at(8).is_err(), "the index is no member");
}

#[test]
fn coff_second_index_is_ignored_and_names_end_with_nul() {
    let first = gnu_index(&[("f", 8)]);
    let second = [&1u32.to_le_bytes()[..], &[0; 12]].concat();
    let data = archive_of(&[("/", &first), ("/", &second), ("//", b"some_object.obj\0more\0"), ("/0", b"z")]);
    let archive = parse(&data).unwrap();
    assert_eq!(symbols(&archive), [("f".into(), 8)]);
    assert_eq!(names(&archive), ["some_object.obj"]);
}

#[test]
fn endless_names_are_refused() {
    let data = archive_of(&[("//", &[b'x'; LONGEST_NAME + 1]), ("/0", b"")]);
    assert!(parse(&data).unwrap_err().to_string().contains("8 KiB"));
    let data = archive_of(&[("//", &[b'x'; LONGEST_NAME - 1]), ("/0", b"")]);
    assert_eq!(names(&parse(&data).unwrap())[0].len(), LONGEST_NAME - 1);
}

#[test]
fn bsd_names_and_index_in_both_orders() {
    for big in [false, true] {
        let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        // 8 + 60 + 12 of name + 32 of index: the first member's header is at 112.
        let index: Vec<u8> = [&b"__.SYMDEF\0\0\0"[..], &word(16), &word(4), &word(112), &word(0), &word(112)]
            .into_iter()
            .chain([&word(8)[..], b"foo\0bar\0"])
            .collect::<Vec<_>>()
            .concat();
        let data = archive_of(&[
            ("#1/12", &index),
            ("#1/20", b"a long name, padded\0content"),
            ("short name.o", b"s"),
        ]);
        let archive = parse(&data).unwrap();
        assert_eq!(symbols(&archive), [("bar".into(), 112), ("foo".into(), 112)]);
        assert_eq!(names(&archive), ["a long name, padded", "short name.o"]);
        assert_eq!(bytes(&archive.member_at(112).unwrap()), b"content");
    }
}

#[test]
fn sorted_bsd_index_in_the_name_field() {
    let index =
        [&8u32.to_le_bytes()[..], &0u32.to_le_bytes(), &100u32.to_le_bytes(), &2u32.to_le_bytes(), b"f\0"]
            .concat();
    let data = archive_of(&[("__.SYMDEF SORTED", &index)]);
    assert_eq!(symbols(&parse(&data).unwrap()), [("f".into(), 100)]);
}

#[test]
fn overlapping_bsd_names_are_refused() {
    let count = 40_000u32;
    let long = vec![b'x'; 1 << 16];
    let mut index = (count * 8).to_le_bytes().to_vec();
    index.resize(4 + count as usize * 8, 0);
    index.extend((long.len() as u32 + 1).to_le_bytes());
    index.extend(long);
    index.push(0);
    let problem = parse(&archive_of(&[("__.SYMDEF", &index)])).unwrap_err();
    assert!(problem.to_string().contains("overlapping"), "{problem}");
}

#[test]
fn thin_members_are_paths() {
    let mut data = THIN_MAGIC.to_vec();
    data.extend(member_bytes("//", b"dir/a.o/\n/abs/inner.a/\n"));
    data.extend(header("/0", 1 << 30));
    data.extend(header("/9:1332", 7));
    let archive = parse(&data).unwrap();
    assert!(archive.is_thin());
    let members: Vec<_> = archive.members().map(Result::unwrap).collect();
    assert_eq!(members[0].content, Content::External { path: b"dir/a.o", offset: None });
    assert_eq!(members[1].content, Content::External { path: b"/abs/inner.a", offset: Some(1332) });
    assert_eq!(members[0].kind(), MemberKind::External);
    assert_eq!(archive.member_at(members[1].offset).unwrap(), members[1]);
    let path = Path::new("lib/thin.a");
    assert_eq!(external_path(path, members[0].name), Path::new("lib/dir/a.o"));
    assert_eq!(external_path(path, members[1].name), Path::new("/abs/inner.a"));
}

#[test]
fn kinds() {
    let data = archive_of(&[
        ("lib.rmeta/", b"\x7fELF wrapped"),
        ("a.o/", b"\x7fELF"),
        ("b.o/", b"BC\xc0\xde"),
        ("c.a/", b"!<thin>\n"),
        ("d.txt/", b""),
    ]);
    let kinds: Vec<_> = parse(&data).unwrap().members().map(|member| member.unwrap().kind()).collect();
    use MemberKind::*;
    assert_eq!(kinds, [RustMetadata, Elf, Bitcode, Archive, Other]);
}

#[test]
fn lies_are_named_with_member_and_offset() {
    type Members<'m> = &'m [(&'m str, &'m [u8])];
    let cases: &[(Members<'_>, &str)] = &[
        (&[("/", b"\xff\xff\xff\xff")], "more entries than room"),
        (&[("/", b"\0\0")], "truncated archive index"),
        (&[("/SYM64/", b"\xff\xff\xff\xff\xff\xff\xff\xff")], "more entries than room"),
        (&[("/", b"\0\0\0\x01\0\0\0\0f")], "fewer names"),
        (&[("__.SYMDEF", b"\x08\0\0\0\x09\0\0\0\0\0\0\0\x02\0\0\0f\0")], "outside the index"),
        (&[("#1/99", b"short")], "longer than the member"),
        (&[("#1/x", b"short")], "longer than the member"),
        (&[("/7", b"")], "no table"),
        (&[("//", b"x/\n"), ("/7", b"")], "outside the table"),
        (&[("//", b"x/\n"), ("/99999999999999", b"")], "outside the table"),
        (&[("//", b"x/\n"), ("/0:1", b"")], "no decimal number"),
    ];
    for (members, expected) in cases {
        let data = archive_of(members);
        let problem = parse(&data)
            .and_then(|archive| {
                if let Some(mut symbols) = archive.symbols() {
                    symbols.by_ref().for_each(drop);
                    archive.check_read(&symbols)?;
                }
                archive.members().collect::<Result<Vec<_>, _>>().map(drop)
            })
            .expect_err(expected);
        assert!(problem.to_string().contains(expected), "{problem} is not {expected}");
        assert_eq!(problem.place.file.as_deref(), Some("test.a"));
        assert!(problem.place.offset.is_some());
    }
    let mut data = archive_of(&[("a.o/", b"abcd"), ("b.o/", b"efgh")]);
    data.pop();
    let problem = parse(&data).unwrap().members().find_map(Result::err).unwrap();
    assert_eq!((problem.place.member.as_deref(), problem.place.offset), (Some("b.o/"), Some(72)));
    data.truncate(100);
    assert!(parse(&data).unwrap().members().find_map(Result::err).is_some());
}

/// Reads everything that can be read.
fn exhaust(data: &[u8]) {
    let Ok(archive) = parse(data) else { return };
    let mut read = 0;
    for member in archive.members() {
        let Ok(member) = member else { break };
        let _ = (member.kind(), member.label());
        assert_eq!(archive.member_at(member.offset).unwrap(), member);
        read += 1;
    }
    assert!(read <= data.len() / HEADER);
    if let Some(mut symbols) = archive.symbols() {
        let (expected, mut count) = (symbols.left(), 0);
        for (_, offset) in symbols.by_ref() {
            let _ = archive.member_at(offset);
            count += 1;
        }
        assert_eq!(count + symbols.left(), expected);
        assert_eq!(archive.check_read(&symbols).is_ok(), symbols.left() == 0);
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let bsd = b"\x08\0\0\0\0\0\0\0\x5e\0\0\0\x02\0\0\0f\0";
    let mut thin = THIN_MAGIC.to_vec();
    thin.extend(member_bytes("//", b"dir/a.o/\ninner.a/\n"));
    thin.extend(header("/0", 4));
    thin.extend(header("/9:1332", 7));
    vec![
        archive_of(&[
            ("/", &gnu_index(&[("f", 88), ("g", 90)])),
            ("//", b"long/\n"),
            ("/0", b"x"),
            ("a/", b"yy"),
        ]),
        archive_of(&[("__.SYMDEF", bsd), ("#1/4", b"nameabc"), ("b", b"z")]),
        archive_of(&[("/SYM64/", b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x58f\0"), ("a/", b"yy")]),
        thin,
    ]
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut data in prop::collection::vec(any::<u8>(), 0..400), thin: bool) {
        exhaust(&data);
        data.splice(..0, if thin { THIN_MAGIC } else { MAGIC }.iter().copied());
        exhaust(&data);
    }

    #[test]
    fn mutated_archives_never_panic(
        seed in 0..4usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), b'0'..=b'9', Just(b'/')]), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut data = seeds().swap_remove(seed);
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

/// What the system's own tools write, where they are installed.
#[test]
fn archives_by_real_tools() {
    let directory = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .current_dir(&directory)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let names_in = ["short.o", "a_file_name_of_more_than_sixteen_bytes.o"];
    for name in names_in {
        std::fs::write(directory.path().join(name), b"\x7fELF, as far as archives care").unwrap();
    }
    let mut tried = 0;
    for (program, options) in [
        ("ar", &["rcS"][..]),
        ("ar", &["rcST"]),
        ("llvm-ar", &["--format=gnu", "rcS"]),
        ("llvm-ar", &["--format=bsd", "rcS"]),
        ("llvm-ar", &["--format=darwin", "rcS"]),
        ("llvm-ar", &["--thin", "rcS"]),
    ] {
        let _ = std::fs::remove_file(directory.path().join("out.a"));
        let arguments: Vec<&str> = options.iter().copied().chain(["out.a"]).chain(names_in).collect();
        if !run(program, &arguments) {
            continue;
        }
        tried += 1;
        let data = std::fs::read(directory.path().join("out.a")).unwrap();
        let archive = parse(&data).unwrap();
        assert_eq!(names(&archive), names_in, "{program} {options:?}");
        for member in archive.members().map(Result::unwrap) {
            match member.content {
                // Darwin's members are padded to 8 bytes inside their size.
                Content::Bytes(bytes) => assert!(bytes.starts_with(b"\x7fELF, as far as archives care")),
                Content::External { path, offset } => assert_eq!((path, offset), (member.name, None)),
            }
        }
    }
    eprintln!("{tried} kinds of archive read");
}
