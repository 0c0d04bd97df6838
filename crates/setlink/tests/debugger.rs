//! What debuggers and profilers learn of sets: without a debugger, from what one would read. With GDB and perf themselves:
//! `debuggers` of the command's tests.

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::path::PathBuf;

use gimli::{EndianSlice, LittleEndian};
use object::{Object, ObjectSection, ObjectSymbol};
use setlink::{Session, Set, SetBuilder};
use support::{alone, compile, compiler, in_child, shared};

/// GDB's manual, "JIT Compilation Interface", `struct jit_code_entry`.
#[repr(C)]
struct Entry {
    next: *const Entry,
    previous: *const Entry,
    file: *const u8,
    size: u64,
}

/// `struct jit_descriptor`.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *const Entry,
    first: *const Entry,
}

unsafe extern "C" {
    static __jit_debug_descriptor: Descriptor;
}

/// The files that a debugger would find, the latest first.
fn files() -> Vec<&'static [u8]> {
    // A debugger reads what is in memory.
    // SAFETY: no other thread changes the list meanwhile, nor takes a set back while the files are looked at.
    unsafe {
        let descriptor = (&raw const __jit_debug_descriptor).read_volatile();
        assert_eq!((descriptor.version, descriptor.action), (1, 0));
        assert!(descriptor.relevant.is_null());
        let (mut files, mut before) = (Vec::new(), std::ptr::null());
        let mut at = descriptor.first;
        while let Some(entry) = at.as_ref() {
            assert_eq!(entry.previous, before);
            files.push(std::slice::from_raw_parts(entry.file, entry.size as usize));
            (before, at) = (at, entry.next);
        }
        files
    }
}

const SOURCE: &str = "
    int counter = 3;
    static int hidden = 4;
    int common[3];
    static int twice(int n) { int result = n * 2; hidden += result; counter++; common[0] = hidden; return result; }
    int answer(int n) { return twice(n) + hidden - counter; }
";

fn begin<'s>(session: &'s Session, name: &str, flags: &[&str]) -> SetBuilder<'s> {
    let flags = [&["-O0", "-fPIC", "-fcommon"], flags].concat();
    session.set(name).add_bytes(format!("{name}.o"), compile(SOURCE, &flags)).unwrap()
}

fn call(set: &Set) -> c_int {
    // SAFETY: it has this type.
    unsafe { set.get::<extern "C" fn(c_int) -> c_int>("answer").unwrap()(10) }
}

/// Addresses and sizes of a file's symbols, by name.
fn symbols(file: &[u8]) -> BTreeMap<String, (u64, u64)> {
    let file = object::File::parse(file).unwrap();
    let named = file.symbols().filter(|symbol| !symbol.name().unwrap().is_empty());
    let symbols = named.map(|symbol| {
        let section = file.section_by_index(symbol.section_index().unwrap()).unwrap();
        let inside = section.address()..section.address() + section.size();
        assert!(
            inside.contains(&symbol.address()),
            "{} is in {}",
            symbol.name().unwrap(),
            section.name().unwrap()
        );
        (symbol.name().unwrap().to_owned(), (symbol.address(), symbol.size()))
    });
    symbols.collect()
}

#[test]
fn a_file_describes_a_set_while_it_is_there() {
    if !compiler() {
        return;
    }
    alone("a_file_describes_a_set_while_it_is_there", || {
        let session = Session::host().unwrap();
        let unseen = begin(&session, "unseen", &["-g"]).link().unwrap();
        assert!(files().is_empty(), "nobody asked for it");
        let set = begin(&session, "set", &["-g"]).debugger(true).link().unwrap();
        let [file] = files()[..] else { panic!("one set has one file") };
        assert_eq!(call(&set), call(&unseen));
        let found = symbols(file);
        for name in ["answer", "counter", "common"] {
            assert_eq!(Some(found[name].0), set.address(name), "{name}");
        }
        assert_eq!(found["common"].1, 12);
        let answer = set.address("answer").unwrap();
        assert!(found["twice"].0 < answer && found["twice"].0 + found["twice"].1 <= answer);
        assert_eq!(found["hidden"].1, 4);
        // Sections are where the set's are.
        let parsed = object::File::parse(file).unwrap();
        let summary = set.summary();
        let loaded = |section: &object::Section<'_, '_>| section.address() != 0;
        for section in parsed.sections().filter(loaded) {
            let end = section.address() + section.size();
            let holds =
                summary.segments.iter().any(|s| s.address <= section.address() && end <= s.address + s.bytes);
            assert!(holds, "{}", section.name().unwrap());
        }
        let frames = parsed.section_by_name(".eh_frame").unwrap();
        // SAFETY: the set's call frame information is there.
        let there =
            unsafe { std::slice::from_raw_parts(frames.address() as *const u8, frames.size() as usize) };
        assert_eq!(frames.data().unwrap(), there);
        assert!(
            parsed.section_by_name(".text").unwrap().data().unwrap().is_empty(),
            "code is in memory already"
        );
        set.remove().unwrap();
        assert!(files().is_empty());
    });
}

#[test]
fn debug_information_leads_to_the_sets_addresses() {
    if !compiler() {
        return;
    }
    alone("debug_information_leads_to_the_sets_addresses", || {
        let session = Session::host().unwrap();
        for version in ["-gdwarf-5", "-gdwarf-4", "-gdwarf-3"] {
            let second = "extern int answer(int); int other(int n) { return answer(n) + 1; }";
            let set = begin(&session, "set", &[version, "-ffunction-sections", "-fdata-sections"])
                .add_bytes("second.o", compile(second, &[version, "-O2"]))
                .unwrap()
                // Without it, and its like.
                .add_bytes(
                    "unused.o",
                    compile("int unused(int n) { return n; }", &[version, "-ffunction-sections"]),
                )
                .unwrap()
                .collect(["other"])
                .debugger(true)
                .link()
                .unwrap();
            let file = object::File::parse(files()[0]).unwrap();
            let load = |id: gimli::SectionId| -> Result<Cow<'_, [u8]>, gimli::Error> {
                let section = file.section_by_name(id.name());
                Ok(section.map_or(Cow::Borrowed(&[]), |section| section.data().unwrap().into()))
            };
            let dwarf = gimli::DwarfSections::load(load).unwrap();
            let dwarf = dwarf.borrow(|section| EndianSlice::new(section, LittleEndian));
            let (mut units, mut found, mut lines) = (dwarf.units(), BTreeMap::new(), Vec::new());
            while let Some(header) = units.next().unwrap() {
                let unit = dwarf.unit(header).unwrap();
                let mut entries = unit.entries();
                while let Some(entry) = entries.next_dfs().unwrap() {
                    let Some(name) = entry.attr_value(gimli::DW_AT_name) else { continue };
                    let name = dwarf.attr_string(&unit, name).unwrap().to_string().unwrap();
                    let place = match (
                        entry.attr_value(gimli::DW_AT_low_pc),
                        entry.attr_value(gimli::DW_AT_location),
                    ) {
                        (Some(place), _) if entry.tag() == gimli::DW_TAG_subprogram => {
                            dwarf.attr_address(&unit, place).unwrap()
                        }
                        (_, Some(gimli::AttributeValue::Exprloc(expression))) => {
                            let mut operations = expression.operations(unit.encoding());
                            match operations.next().unwrap() {
                                Some(gimli::Operation::Address { address }) => Some(address),
                                _ => None,
                            }
                        }
                        _ => None,
                    };
                    found.extend(place.map(|place| (name.to_owned(), place)));
                }
                let Some(program) = unit.line_program.clone() else { continue };
                let mut rows = program.rows();
                while let Some((_, row)) = rows.next_row().unwrap() {
                    lines.push((row.address(), row.line().map_or(0, u64::from)));
                }
            }
            let listed = symbols(files()[0]);
            for name in ["answer", "twice", "other", "counter", "hidden", "common"] {
                assert_eq!(found.get(name), Some(&listed[name].0), "{version} {name}");
            }
            assert_eq!(found["unused"], 0, "{version}: what is not there is at 0");
            assert!(!listed.contains_key("unused"));
            assert!(
                lines.contains(&(found["answer"], 6)) && lines.contains(&(found["other"], 1)),
                "{lines:x?}"
            );
            set.remove().unwrap();
        }
    });
}

#[test]
fn sets_come_and_go_in_any_order_and_in_children() {
    if !compiler() {
        return;
    }
    alone("sets_come_and_go_in_any_order_and_in_children", || {
        let session = Session::host().unwrap();
        let link = || begin(&session, "set", &[]).debugger(true).link().unwrap();
        let [first, second, third] = [link(), link(), link()];
        assert_eq!(files().len(), 3);
        let answer = |set: &Set| set.address("answer").unwrap();
        let latest_first = |sets: &[&Set]| {
            let known: Vec<u64> = files().iter().map(|file| symbols(file)["answer"].0).collect();
            assert_eq!(known, sets.iter().map(|set| answer(set)).collect::<Vec<_>>());
        };
        latest_first(&[&third, &second, &first]);
        second.remove().unwrap();
        latest_first(&[&third, &first]);
        in_child(|| {
            latest_first(&[&third, &first]);
            let fourth = link();
            latest_first(&[&fourth, &third, &first]);
            first.remove().unwrap();
            latest_first(&[&fourth, &third]);
        });
        let fifth = link();
        fifth.remove().unwrap();
        third.remove().unwrap();
        assert_eq!(files().len(), 1, "a child's list is its own");
        let bytes = compile(SOURCE, &["-fPIC"]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let begin =
                        || session.set("set").add_bytes("set.o", bytes.clone()).unwrap().debugger(true);
                    let _stays = begin().link().unwrap();
                    for _ in 0..50 {
                        begin().link().unwrap().remove().unwrap();
                    }
                });
            }
        });
        assert_eq!(files().len(), 1 + 4);
    });
}

/// Where perf looks for the functions of a process.
fn map() -> PathBuf {
    format!("/tmp/perf-{}.map", std::process::id()).into()
}

#[test]
fn a_set_that_fails_late_is_no_debuggers() {
    if !compiler() {
        return;
    }
    alone("a_set_that_fails_late_is_no_debuggers", || {
        let session = Session::host().unwrap();
        // What is written last cannot be.
        std::fs::create_dir(map()).unwrap();
        let refused = begin(&session, "set", &[]).debugger(true).perf_map(true).link();
        std::fs::remove_dir(map()).unwrap();
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(map().to_str().unwrap()), "{error}");
        assert!(files().is_empty());
        assert!(session.sets().is_empty());
    });
}

#[test]
fn profilers_find_functions_in_a_map() {
    if !compiler() {
        return;
    }
    alone("profilers_find_functions_in_a_map", || {
        let session = Session::host().unwrap();
        let set = begin(&session, "unseen", &[]).link().unwrap();
        assert!(!map().exists(), "nobody asked for it");
        set.remove().unwrap();
        let read = || std::fs::read_to_string(map()).unwrap();
        let set = begin(&session, "set", &[]).perf_map(true).link().unwrap();
        let line = |name: &str| {
            let text = read();
            let lines = text.lines().filter_map(|line| line.strip_suffix(name)?.strip_suffix(' '));
            let numbers = lines.map(|line| {
                let (address, size) = line.split_once(' ').unwrap();
                [address, size].map(|number| u64::from_str_radix(number, 16).unwrap())
            });
            numbers.collect::<Vec<_>>()
        };
        assert!(matches!(line("answer")[..], [[address, 1..100]] if Some(address) == set.address("answer")));
        assert!(matches!(line("twice")[..], [[_, 1..100]]));
        assert!(!read().contains("counter"), "variables have no samples");
        // Labels without a size, a name that demangles, and one that is too short for perf.
        let code = "asm(\".text; .globl label; label: nop; nop; .globl _ZN1a1bEv; _ZN1a1bEv: nop; .globl f; f: nop\");";
        let other = session.set("other").add_bytes("other.o", compile(code, &[])).unwrap();
        let other = other.perf_map(true).link().unwrap();
        assert_eq!(line("label"), [[other.address("label").unwrap(), 2]]);
        assert_eq!(line("a::b()"), [[other.address("_ZN1a1bEv").unwrap(), 1]]);
        assert_eq!(line("f  ").len(), 1);
        let known = read();
        in_child(|| {
            begin(&session, "child's", &[]).perf_map(true).link().unwrap();
            assert!(read().starts_with(&known) && read().len() > known.len());
            std::fs::remove_file(map()).unwrap();
        });
        assert_eq!(read(), known, "a child's map is its own");
        std::fs::remove_file(map()).unwrap();
    });
}

#[test]
fn profilers_find_functions_with_their_code_in_a_file() {
    if !compiler() {
        return;
    }
    alone("profilers_find_functions_with_their_code_in_a_file", || {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::host().unwrap();
        let first = begin(&session, "first", &[]).jitdump(folder.path()).link().unwrap();
        let second = begin(&session, "second", &[]).jitdump(folder.path().join("elsewhere")).link().unwrap();
        let process = std::process::id();
        let path = folder.path().join(format!("jit-{process}.dump"));
        let file = std::fs::read(&path).unwrap();
        let word = |at: usize| u32::from_ne_bytes(file[at..at + 4].try_into().unwrap());
        let long = |at: usize| u64::from_ne_bytes(file[at..at + 8].try_into().unwrap());
        // perf's jitdump-specification.txt: the header, then records.
        assert_eq!([0, 4, 8, 12, 20].map(word), [0x4a69_5444, 1, 40, 62, process]);
        let (mut at, mut found, mut last) = (40, Vec::new(), long(24));
        while at < file.len() {
            let (kind, size) = (word(at), word(at + 4) as usize);
            assert_eq!((kind, word(at + 16)), (0, process));
            assert!(long(at + 8) >= last, "in the order of time");
            last = long(at + 8);
            let (address, length) = (long(at + 32), long(at + 40) as usize);
            let name = file[at + 56..].split(|byte| *byte == 0).next().unwrap();
            assert_eq!(size, 56 + name.len() + 1 + length);
            // SAFETY: both sets are there.
            let code = unsafe { std::slice::from_raw_parts(address as *const u8, length) };
            assert_eq!(&file[at + size - length..at + size], code);
            found.push((String::from_utf8_lossy(name).into_owned(), address));
            at += size;
        }
        for set in [&first, &second] {
            assert!(found.contains(&("answer".into(), set.address("answer").unwrap())), "{found:?}");
        }
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mapped = maps.lines().any(|line| line.contains("r-xp") && line.ends_with(path.to_str().unwrap()));
        assert!(mapped, "perf finds it by that");
    });
}

#[test]
fn a_thread_local_variable_that_debuggers_cannot_find_is_nowhere() {
    if !compiler() {
        return;
    }
    alone("a_thread_local_variable_that_debuggers_cannot_find_is_nowhere", || {
        let session = Session::host().unwrap();
        let source = "__thread int own = 5; int use(void) { return own; }";
        let bytes = compile(source, &["-fPIC", "-g"]);
        for permanent in [false, true] {
            let set = session.set("set").add_bytes("set.o", bytes.clone()).unwrap().permanent(permanent);
            let set = set.debugger(true).link().unwrap();
            let file = object::File::parse(files()[0]).unwrap();
            let info = file.section_by_name(".debug_info").unwrap().data().unwrap();
            // DWARF 5, section 2.5.1: a constant of eight bytes, and either the operation that adds the address of the
            // block, or one that does nothing.
            let is_location =
                |bytes: &&[u8]| bytes[..2] == [10, 0x0e] && [0x96, 0x9b, 0xe0].contains(&bytes[10]);
            let location = info.windows(11).find(is_location).expect("the variable's location");
            let constant = u64::from_le_bytes(location[2..10].try_into().unwrap());
            if location[10] == 0x96 {
                assert_eq!(constant, 1 << 62, "no address");
                assert!(!permanent);
            } else {
                unsafe extern "C" {
                    fn __tls_get_addr(of: *const [u64; 2]) -> *mut u8;
                }
                // SAFETY: the process's first module is there from the start.
                let first = unsafe { __tls_get_addr(&[1, 0]) } as u64;
                assert_eq!(Some(first.wrapping_add(constant)), set.thread_local_address("own"));
            }
        }
    });
}

/// Another JIT's side of the interface.
const OTHERS: &str = "
    struct { unsigned version, action; void *relevant, *first; } __jit_debug_descriptor = { 1 };
    int calls;
    void __jit_debug_register_code(void) { calls++; }
";

#[test]
fn the_descriptor_of_another_jit_is_used_and_no_sets() {
    if !compiler() {
        return;
    }
    alone("the_descriptor_of_another_jit_is_used_and_no_sets", || {
        let session = Session::host().unwrap();
        // A program that has a JIT, and tells the loader so. A debugger cannot know of it yet.
        let bytes = compile(OTHERS, &["-fPIC"]);
        let jit = session.set("jit").add_bytes("jit.o", bytes).unwrap().interpose(true).export_dynamic(true);
        let jit = jit.link().unwrap();
        let Some((_folder, path)) = shared("libjit.so", OTHERS, &[]) else { return };
        let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        let offered = |name: &std::ffi::CStr| {
            // SAFETY: the name is terminated.
            unsafe { !libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()).is_null() }
        };
        in_child(|| {
            let set = begin(&session, "set", &[]).debugger(true).link().unwrap();
            assert_eq!(files().len(), 1);
            set.remove().unwrap();
            // In the parent, glibc would keep for ever what is found here.
            assert!(offered(c"__jit_debug_descriptor"), "it might have been taken");
        });
        jit.remove().unwrap();
        // SAFETY: nothing of it runs but what a test calls.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
        assert!(!library.is_null());
        // SAFETY: the library is open, and has a number of that name.
        let calls = || unsafe { libc::dlsym(library, c"calls".as_ptr()).cast::<c_int>().read_volatile() };
        let set = begin(&session, "set", &[]).debugger(true).link().unwrap();
        assert!(files().is_empty(), "one descriptor for all");
        assert_eq!(calls(), 1);
        set.remove().unwrap();
        assert_eq!(calls(), 2);
    });
}
