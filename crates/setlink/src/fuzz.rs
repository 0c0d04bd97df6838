//! What the fuzz targets call. Not part of the public interface.
//!
//! Nothing here runs any code of the input, opens a file that a linker script names, or reserves memory beyond
//! [`LIMIT`]. Errors are the expected answer; a panic, a hang or a huge allocation is a finding, and so is an answer that
//! contradicts itself.

#![forbid(unsafe_code)]

use std::sync::Arc;

use crate::memory::fake::FakeMemory;
use crate::read::input::{Kind, identify};
use crate::read::script;
use crate::{Definitions, Foreign, ForeignKind, Result, Session, SetBuilder};

/// A set's bytes.
const LIMIT: u64 = 64 << 20;

/// How a set is linked, one bit each.
mod option {
    pub const NO_RELAX: u8 = 1;
    pub const WHOLE_ARCHIVE: u8 = 2;
    pub const COLLECT: u8 = 4;
    pub const FIRST_DEFINITION: u8 = 8;
    pub const NO_HOST: u8 = 16;
    pub const MAP: u8 = 32;
    pub const WRAP: u8 = 64;
    pub const ASSIGN: u8 = 128;
}

/// Plans a set that consists of `data`; whatever the bytes, it returns.
pub fn plan(data: &[u8]) {
    let session = session(true);
    for whole in [true, false] {
        let Some(set) = add(session.set("fuzz").whole_archive(whole).undefined("main"), "input", data) else {
            return;
        };
        let _ = std::hint::black_box(set.plan());
    }
    if let Some(set) = add(session.set("fuzz").whole_archive(true), "input", data) {
        let _ = std::hint::black_box(set.symbols());
    }
}

/// Links a set that consists of `data` into fake memory; whatever the bytes, it returns.
///
/// Data that starts like an object or archive is one input. Other data starts with a byte of options and the lengths of
/// the first and the second input (16 bits each, little-endian); the third input is what remains.
pub fn link(data: &[u8]) {
    let (options, inputs) = match (identify(data), data) {
        (Kind::Unknown | Kind::Script, &[options, a, b, c, d, ref rest @ ..]) => {
            let cut = |rest: &'_ [u8], low: u8, high: u8| {
                usize::from(u16::from_le_bytes([low, high])).min(rest.len())
            };
            let (first, rest) = rest.split_at(cut(rest, a, b));
            let (second, third) = rest.split_at(cut(rest, c, d));
            (options, [first, second, third])
        }
        _ => (option::WHOLE_ARCHIVE | option::MAP, [data, &[], &[]]),
    };
    let has = |bit: u8| options & bit != 0;
    let session = session(!has(option::NO_HOST));
    let build = || {
        let mut set = session
            .set("fuzz")
            .relax(!has(option::NO_RELAX))
            .whole_archive(has(option::WHOLE_ARCHIVE))
            .allow_multiple_definition(has(option::FIRST_DEFINITION))
            .map(has(option::MAP))
            .snapshot(has(option::MAP))
            .debugger(has(option::MAP))
            .perf_map(has(option::MAP))
            .undefined("main");
        if has(option::COLLECT) {
            set = set.collect(["main", "run", "use"]);
        }
        if has(option::WRAP) {
            set = set.wrap("puts").wrap("main");
        }
        if has(option::ASSIGN) {
            set = set
                .absolute("v", 0xffff_ffff_ffff_fff0)
                .alias("far", "main", i64::MIN)
                .alias("main", "main", 1);
        }
        let mut any = false;
        for (name, bytes) in
            ["one", "two", "three"].into_iter().zip(inputs).filter(|(_, bytes)| !bytes.is_empty())
        {
            set = add(set, name, bytes)?;
            any = true;
        }
        any.then_some(set)
    };
    let (Some(to_plan), Some(to_link)) = (build(), build()) else { return };
    let (planned, linked) = (to_plan.plan(), to_link.link());
    agree(&planned.map(|plan| plan.summary), &linked);
    if let Ok(set) = linked {
        std::hint::black_box(set.symbols().map(|(name, address)| name.len() as u64 ^ address).max());
        let _ = set.remove();
    }
}

/// Adds an input, unless it is refused at sight. Scripts are read and not followed.
fn add<'s>(set: SetBuilder<'s>, name: &str, data: &[u8]) -> Option<SetBuilder<'s>> {
    if identify(data) == Kind::Script {
        let _ = std::hint::black_box(script::parse(&name.into(), data));
        return None;
    }
    set.add_shared_bytes(name, Arc::from(data)).ok()
}

fn session(with_host: bool) -> Session {
    let mut definitions = Definitions::new();
    if with_host {
        let library = 0x7fff_7000_0000;
        definitions.define("puts", Foreign::function(library));
        definitions.define("printf", Foreign::function(library + 0x1000));
        definitions.define("far", Foreign::function(0x1000_0000));
        definitions.define("stdout", Foreign::data(library + 0x10_0000, 8));
        let v = Foreign { kind: ForeignKind::Unknown, ..Foreign::data(library + 0x20_0000, 4) };
        definitions.define("v", v);
        let huge = Foreign { align: u64::MAX, constant: true, ..Foreign::data(u64::MAX - 7, u64::MAX) };
        definitions.define("zero", huge);
    }
    Session::on_paper(FakeMemory::new(0x1_0000..0x7fff_ffff_f000, 4096, LIMIT), definitions)
}

/// A plan and the set that was linked by it must say the same; only memory may be short in the end.
fn agree(planned: &Result<crate::Summary>, linked: &Result<crate::Set>) {
    match (planned, linked) {
        (Ok(planned), Ok(set)) => assert_eq!(planned, set.summary(), "the plan is not what was linked"),
        (Ok(planned), Err(error)) => {
            let bytes: u64 = planned.segments.iter().map(|segment| segment.bytes).sum();
            assert!(bytes > LIMIT, "planned, and then refused: {error}");
        }
        (Err(error), Ok(_)) => panic!("linked, but not to be planned: {error}"),
        (Err(_), Err(_)) => {}
    }
}
