//! What a set of objects and archives would need in this process, to the byte, without reserving any of it.
//!
//!     cargo run --example plan -- main.o libthings.a

use setlink::{Result, Session};

fn main() -> Result<()> {
    let session = Session::host()?;
    let mut set = session.set("planned");
    for path in std::env::args_os().skip(1) {
        set.push_file(path)?;
    }
    let summary = set.add_default_libraries().plan()?.summary;
    println!("{} objects with {} relocations", summary.objects, summary.relocations);
    println!("{} GOT entries, {} stubs, for all of them together", summary.got_entries, summary.stubs);
    for segment in &summary.segments {
        println!(
            "{} {:<10} {:>9} bytes at {:#x}",
            segment.permissions, segment.name, segment.bytes, segment.address
        );
    }
    println!("{} bytes in all, {} of them padding", summary.total_bytes, summary.padding_bytes);
    Ok(())
}
