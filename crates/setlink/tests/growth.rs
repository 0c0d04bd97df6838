//! How planning grows with what a set has many of, and with the number of sets: twice as much is at most 2.3 times the
//! work. What is checked is the number of instructions, as valgrind's callgrind counts them: it is the same whatever else
//! the machine does. Without valgrind the test says so and passes.
//!
//! Time is a measurement: `cargo test --release -p setlink --test growth -- --ignored --nocapture`. Linear work with
//! tables that outgrow the processor's caches doubles to about 2.3.

mod support;

use std::process::Command;

use object::write::{Object, Relocation, Symbol, SymbolId, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolKind, SymbolScope};
use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, Reach, Session};
use support::ring::{ALL_OVER, NEIGHBOURS, Other, REACH, host, ring_of_bytes};

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

type Work = Box<dyn Fn()>;
/// What there is more and more of, from how many on, how often they are doubled, and the work.
type Axis = (&'static str, usize, usize, fn(usize) -> Work);

const AXES: [Axis; 8] = [
    ("sections", 2_000, 2, |count| of(count, 1, 2)),
    ("symbols", 8_000, 2, |count| of(1, count, 1)),
    ("relocations", 50_000, 2, |count| of(1, 1, count)),
    ("sets", 500, 2, |count| {
        let small = object(1, 1, 2);
        Box::new(move || link_all(count, &small))
    }),
    ("objects among neighbours", 1_000, 1, |count| islands(count, NEIGHBOURS)),
    ("objects all over", 2_000, 1, |count| islands(count, ALL_OVER)),
    ("members that pull one another", 2_000, 2, chain),
    ("members that leave another out", 500, 2, left_out),
];

fn of(sections: usize, symbols: usize, calls: usize) -> Work {
    let bytes = object(sections, symbols, calls);
    Box::new(move || plan(&bytes))
}

/// Sets of many islands.
fn islands(count: usize, other: Other) -> Work {
    let objects = ring_of_bytes(count, other);
    Box::new(move || {
        let session = Session::on_paper(FakeMemory::default(), host());
        let set = session.set("ring").reach(Reach::uniform(REACH));
        let set = objects.iter().enumerate().fold(set, |set, (number, object)| {
            set.add_bytes(format!("{number}.o"), object.as_slice()).unwrap()
        });
        set.plan().unwrap();
    })
}

/// An object that defines and refers to symbols of these names; the definitions of `weak` are weak.
fn names(defined: &[String], weak: &[String], undefined: &[String]) -> Vec<u8> {
    let mut out = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = out.add_section(Vec::new(), b".text".to_vec(), SectionKind::Text);
    out.append_section_data(text, &[0xc3; 16], 16);
    for name in defined {
        out.add_symbol(symbol(name.clone(), 0, SymbolSection::Section(text)));
    }
    for name in weak {
        let weak = Symbol { weak: true, ..symbol(name.clone(), 0, SymbolSection::Section(text)) };
        out.add_symbol(weak);
    }
    for name in undefined {
        let kind = SymbolKind::Unknown;
        out.add_symbol(Symbol { kind, size: 0, ..symbol(name.clone(), 0, SymbolSection::Undefined) });
    }
    out.write().unwrap()
}

/// An archive, without an index: what its members define is found by reading them, in their order.
fn archive(members: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (number, member) in members.enumerate() {
        let name = format!("{number}.o/");
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, member.len());
        archive.extend(header.bytes().chain(member));
        archive.extend(b"\n".iter().take(archive.len() % 2));
    }
    archive
}

fn pull(archive: Vec<u8>, wanted: [String; 2], members: usize) -> Work {
    let main = names(&[], &[], &wanted);
    Box::new(move || {
        let session = Session::on_paper(FakeMemory::default(), Definitions::new());
        let set = session.set("pull").add_bytes("members.a", archive.as_slice()).unwrap();
        let plan = set.add_bytes("main.o", main.as_slice()).unwrap().plan().unwrap();
        assert_eq!(plan.summary.objects, members as u64 + 1);
    })
}

/// Each member wants the one behind it.
fn chain(count: usize) -> Work {
    let name = |number: usize| [format!("s{number}")];
    let members = (0..count).map(|number| names(&name(number), &[], &name((number + 1) % count)));
    pull(archive(members), ["s0".into(), "s0".into()], count)
}

/// The first member defines all of `d`, but whenever one of these is wanted, so is a member that turns out to define it: the
/// first is always left out.
fn left_out(count: usize) -> Work {
    let both = |number: usize| [format!("a{number}"), format!("d{number}")];
    let all: Vec<String> = (0..count).map(|number| format!("d{number}")).collect();
    let others = (0..count).map(|number| {
        let [a, d] = both(number);
        names(&[a], &[d], &both(number + 1)[..if number + 1 < count { 2 } else { 0 }])
    });
    let members = std::iter::once(names(&all, &[], &[])).chain(others);
    pull(archive(members), both(0), count)
}

/// Callgrind counts in here.
#[inline(never)]
#[unsafe(no_mangle)]
extern "C" fn setlink_growth_measured(work: &Work) {
    work();
}

/// The instructions of some work; None without valgrind.
fn instructions(axis: &str, count: usize) -> Option<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg("--toggle-collect=setlink_growth_measured").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "what_doubles_costs_twice_the_instructions", "--test-threads=1"]);
    command.env("SETLINK_GROWTH", format!("{axis}={count}"));
    let output = command.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let counted = said.lines().find_map(|line| line.split_once("Collected : "));
    Some(counted.expect("it counts").1.trim().parse().unwrap())
}

#[test]
fn what_doubles_costs_twice_the_instructions() {
    if let Ok(wanted) = std::env::var("SETLINK_GROWTH") {
        let (name, count) = wanted.split_once('=').unwrap();
        let (.., make) = AXES.iter().find(|axis| axis.0 == name).unwrap();
        setlink_growth_measured(&make(count.parse().unwrap()));
        return;
    }
    for (name, start, doublings, _) in AXES {
        let mut before = None;
        for count in (0..=doublings).map(|doubling| start << doubling) {
            let Some(now) = instructions(name, count) else {
                return eprintln!("skipped: valgrind is not installed");
            };
            let ratio = before.replace(now).map_or(0.0, |before| now as f64 / before as f64);
            println!("{name} {count}: {now} instructions, ×{ratio:.2}");
            assert!(ratio <= 2.3, "{name}: {count} are {ratio:.2} times the work of half as many");
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn what_doubles_costs_twice() {
    for (name, start, _, make) in AXES {
        let mut before = None;
        for factor in [1, 2, 4, 8] {
            let work = make(start * factor);
            let seconds = support::least(5, &*work);
            let ratio = before.replace(seconds).map_or(0.0, |before: f64| seconds / before);
            println!("{name} {}: {:.2} ms, ×{ratio:.2}", start * factor, seconds * 1e3);
        }
    }
}
