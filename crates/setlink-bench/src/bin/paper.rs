//! `setlink-bench-paper INPUT...`: links a set on paper, for counting instructions: valgrind, which counts them, keeps
//! programs from learning what `setlink run` asks of the process. [`measured_link`] is what counts.

use std::collections::BTreeSet;
use std::error::Error;

use object::{Object, ObjectSymbol};
use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, Foreign, Session, Set, SetBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    let inputs: Vec<String> = std::env::args().skip(1).collect();
    // What no object defines lies outside, all at one place.
    let mut names = BTreeSet::new();
    for input in &inputs {
        let data = std::fs::read(input)?;
        if let Ok(object) = object::File::parse(&*data) {
            let undefined = object.symbols().filter(|symbol| symbol.is_undefined());
            names.extend(undefined.filter_map(|symbol| symbol.name_bytes().ok()).map(<[u8]>::to_vec));
        }
    }
    let mut definitions = Definitions::new();
    for name in names {
        definitions.define(name, Foreign::function(0x7fff_7000_0000));
    }
    let session = Session::on_paper(FakeMemory::default(), definitions);
    let mut set = session.set("paper").export(false);
    for input in &inputs {
        set.push_file(input)?;
    }
    println!("{} relocations", measured_link(set)?.summary().relocations);
    Ok(())
}

/// What callgrind is told to count.
#[unsafe(no_mangle)]
#[inline(never)]
fn measured_link(set: SetBuilder<'_>) -> setlink::Result<Set> {
    set.link()
}
