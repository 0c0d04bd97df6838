//! The same objects at the same addresses, linked by lld and by Setlink, have the same bytes. Where they may not, the
//! reason is here, and what the bytes mean is compared instead. Skipped, and says so, where a tool is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use setlink::check::{Applied, Paper, Snapshot};

const BASE: u64 = 0x40_0000;
/// Where lld's initial values of thread-local storage lie.
const TLS_OF_LLD: u64 = 0x900_0000;
/// Where lld's own GOT lies: in reach, and out of the way.
const GOT_OF_LLD: u64 = 0x800_0000;
const ABSOLUTE: [(&str, u64); 2] = [("absolute", 0x1234_5678), ("small", 0x12)];

/// Why a field may differ between the linkers; what the field leads to is compared then.
fn reason(relocation: &Applied<'_>) -> Option<&'static str> {
    match relocation.formula {
        "G+A-P" | "G+A-GOT" if !relocation.relaxed => {
            Some("each linker has its own order of GOT entries; what the entry holds is compared")
        }
        _ => None,
    }
}

/// Whether the instruction is one that Setlink rewrites and lld does not: `test` and arithmetic without a REX prefix.
/// The psABI (B.2) allows both; lld looks at these only behind the prefix. `before` are lld's bytes before the field.
fn rewritten_by_one(relocation: &Applied<'_>, before: &[u8]) -> bool {
    let opcode = before.len().checked_sub(2).map_or(0, |at| before[at]);
    let untouched = opcode == 0x85 || opcode & 0xc7 == 0x03;
    relocation.relaxed && relocation.name == "R_X86_64_GOTPCRELX" && untouched
}

/// Sections that lld does not copy byte by byte.
fn left_out(name: &str) -> Option<&'static str> {
    match name {
        ".tdata" | ".tbss" => Some("a set's block of thread-local storage is the loader's to place"),
        ".eh_frame" => Some("each linker drops and merges frame entries in its own way"),
        name if name.starts_with(".note") => Some("notes describe the object, and nothing refers to them"),
        _ => None,
    }
}

fn tool(names: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    let exists = |name: &&str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    names.iter().find(|name| exists(name)).map(|name| (*name).to_owned())
}

fn run(folder: &Path, program: &str, arguments: &[String]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}\n{text}", arguments.join(" "));
}

/// The bytes that an executable loads.
struct Image {
    file: Vec<u8>,
    /// Address, offset in the file, bytes.
    loads: Vec<(u64, usize, usize)>,
}

impl Image {
    fn read(path: &Path) -> Image {
        let file = std::fs::read(path).expect("lld's output");
        let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().expect("8 bytes"));
        let half = |at: usize| usize::from(u16::from_le_bytes(file[at..at + 2].try_into().expect("2 bytes")));
        let headers = word(32) as usize;
        let loads = (0..half(56))
            .map(|index| headers + index * half(54))
            .filter(|&at| half(at) == 1)
            .map(|at| (word(at + 16), word(at + 8) as usize, word(at + 32) as usize))
            .collect();
        Image { file, loads }
    }

    fn bytes(&self, address: u64, size: usize) -> Option<&[u8]> {
        self.loads.iter().find_map(|&(start, offset, length)| {
            let from = usize::try_from(address.checked_sub(start)?).ok()?;
            (from + size <= length).then(|| &self.file[offset + from..offset + from + size])
        })
    }
}

/// Links `objects` in `folder` with both and compares. The number of bytes and fields compared.
fn compare(folder: &Path, lld: &str, objects: &[String], relax: bool) -> (usize, usize) {
    let session = Paper::new().base(BASE).session();
    let mut set = session.set("differential").relax(relax).snapshot(true);
    for object in objects {
        set = set.add_file(folder.join(object)).expect("an object");
    }
    for (name, address) in ABSOLUTE {
        set = set.absolute(name, address);
    }
    let set = set.link().unwrap_or_else(|error| panic!("{error}"));
    let ours = set.snapshot().expect("a snapshot");

    let theirs = link_with_lld(folder, lld, objects, ours, relax);
    let (mut bytes, mut fields) = (0, 0);
    let mut problems = Vec::new();
    for (file, section, address, size) in ours.sections() {
        if size == 0 || left_out(section).is_some() {
            continue;
        }
        let size = size as usize;
        let mut mine = ours.bytes(address, size).expect("our bytes").to_vec();
        // What lld's file does not hold is zero.
        let mut other = theirs.bytes(address, size).map_or_else(|| vec![0; size], <[u8]>::to_vec);
        let here = ours.relocations().filter(|r| r.width > 0 && r.place.wrapping_sub(address) < size as u64);
        for relocation in here {
            fields += 1;
            let at = (relocation.place - address) as usize;
            let end = at + usize::from(relocation.width);
            if rewritten_by_one(&relocation, &other[..at]) {
                // Ours has the address as a constant, theirs is to find it in the entry.
                let constant = i32::from_le_bytes(mine[at..end].try_into().expect("4 bytes")) as u64;
                let held = theirs.bytes(entry_of(&relocation, &other[at..end], ours.got()), 8);
                if held != Some(&constant.to_le_bytes()) {
                    problems
                        .push(format!("{file}: {section}: {relocation:x?}: {constant:#x}, lld {held:x?}"));
                }
                mine[at - 2..end].fill(0);
                other[at - 2..end].fill(0);
            }
            if reason(&relocation).is_some() {
                let entry = |field: &[u8]| entry_of(&relocation, field, ours.got());
                let held = ours.bytes(entry(&mine[at..end]), 8);
                let theirs = theirs.bytes(entry(&other[at..end]), 8);
                if held != theirs || held.is_none() {
                    problems.push(format!(
                        "{file}: {section}: {relocation:x?}: entries {held:x?}, lld {theirs:x?}"
                    ));
                }
                mine[at..end].fill(0);
                other[at..end].fill(0);
            }
        }
        bytes += size;
        for at in (0..size).filter(|&at| mine[at] != other[at]) {
            let place = address + at as u64;
            let near = ours.relocations().find(|r| place.wrapping_sub(r.place.wrapping_sub(3)) < 11);
            problems.push(format!(
                "{file}: {section}+{at:#x}: {:02x}, lld {:02x}; {near:x?}",
                mine[at], other[at]
            ));
        }
    }
    assert!(problems.is_empty(), "relax {relax}, {objects:?}\n{}", problems.join("\n"));
    (bytes, fields)
}

/// The address of the GOT entry that a field leads to.
fn entry_of(relocation: &Applied<'_>, field: &[u8], got: u64) -> u64 {
    let mut word = [if field[field.len() - 1] & 0x80 == 0 { 0 } else { 0xff }; 8];
    word[..field.len()].copy_from_slice(field);
    let origin = if relocation.formula == "G+A-P" { relocation.place } else { got };
    u64::from_le_bytes(word).wrapping_sub(relocation.addend as u64).wrapping_add(origin)
}

fn link_with_lld(folder: &Path, lld: &str, objects: &[String], ours: &Snapshot, relax: bool) -> Image {
    let taken = ours.sections().filter(|(_, name, _, size)| *size > 0 && left_out(name).is_none());
    let mut outputs: Vec<(u64, String)> = taken
        .enumerate()
        .map(|(index, (file, section, address, _))| {
            let file = Path::new(&file).file_name().expect("a file").to_string_lossy().into_owned();
            (address, format!("  .s{index} {address:#x} : {{ *{file}({section}) }}\n"))
        })
        .collect();
    // What lld calls _GLOBAL_OFFSET_TABLE_ is the start of .got.plt.
    outputs.push((ours.got(), format!("  .got.plt {:#x} : {{ *(.got.plt) }}\n", ours.got())));
    outputs.push((GOT_OF_LLD, format!("  .got {GOT_OF_LLD:#x} : {{ *(.got) }}\n")));
    outputs.push((
        TLS_OF_LLD,
        format!("  .tdata {TLS_OF_LLD:#x} : {{ *(.tdata) }}\n  .tbss : {{ *(.tbss) }}\n"),
    ));
    // lld wants addresses that grow.
    outputs.sort();
    let mut script = String::from("SECTIONS {\n");
    script.extend(outputs.into_iter().map(|output| output.1));
    script.push_str("  /DISCARD/ : { *(.eh_frame) *(.note*) *(.comment) }\n}\n");
    std::fs::write(folder.join("script"), script).expect("a script");
    let mut arguments: Vec<String> =
        ["-static", "-T", "script", "-o", "out", "-O0", "--no-check-sections", "-e", "0", "-z", "norelro"]
            .map(String::from)
            .to_vec();
    if !relax {
        arguments.push("--no-relax".into());
    }
    arguments.extend(ABSOLUTE.iter().map(|(name, address)| format!("--defsym={name}={address:#x}")));
    arguments.extend_from_slice(objects);
    run(folder, lld, &arguments);
    Image::read(&folder.join("out"))
}

#[test]
fn lld_and_setlink_store_the_same_bytes() {
    let tools = (tool(&["gcc", "cc", "clang"]), tool(&["ld.lld", "ld.lld-19", "ld.lld-18", "ld.lld-17"]));
    let (Some(cc), Some(lld)) = tools else {
        eprintln!("skipped: this machine has no compiler or no lld");
        return;
    };
    let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/differential");
    let builds: [(&str, &[&str]); 8] = [
        ("", &["all-types.s"]),
        ("", &["thread-local.s"]),
        ("-O2 -fPIC", &["first.c", "second.c"]),
        ("-O0 -fno-pic", &["first.c", "second.c"]),
        ("-O2 -fno-pic -ffunction-sections -fdata-sections", &["first.c", "second.c"]),
        ("-O2 -fPIC -fno-plt -ffunction-sections", &["first.c", "second.c"]),
        ("-O1 -fno-pic -mcmodel=large", &["first.c", "second.c"]),
        ("-O2 -fPIC -mcmodel=large", &["first.c", "second.c"]),
    ];
    for (flags, files) in builds {
        let folder = tempfile::tempdir().expect("a folder");
        let mut objects = Vec::new();
        for file in files {
            let mut arguments: Vec<String> = flags.split_whitespace().map(String::from).collect();
            arguments.extend(["-c".into(), sources.join(file).to_string_lossy().into_owned()]);
            let object = Path::new(file).with_extension("o").to_string_lossy().into_owned();
            arguments.extend(["-o".into(), object.clone()]);
            run(folder.path(), &cc, &arguments);
            objects.push(object);
        }
        if *files == ["all-types.s"] {
            let other = "int other(void) { return 3; }";
            std::fs::write(folder.path().join("other.c"), other).expect("a file");
            run(folder.path(), &cc, &["-c".into(), "other.c".into()]);
            objects.push("other.o".into());
        }
        for relax in [true, false] {
            if !relax && *files == ["thread-local.s"] {
                continue; // in executables lld always makes the models simpler
            }
            let (bytes, fields) = compare(folder.path(), &lld, &objects, relax);
            println!("{files:?} {flags} relax={relax}: {fields} fields, {bytes} bytes the same");
            assert!(fields > 10, "{flags}: only {fields} fields");
        }
    }
}
