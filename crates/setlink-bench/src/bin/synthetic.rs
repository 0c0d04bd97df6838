//! `setlink-bench-synthetic AXIS COUNT FOLDER`: writes the objects of a growth curve. A process of its own, since the
//! memory that a process has had counts for the peak of its children.

use std::error::Error;
use std::path::Path;

use setlink_bench::objects::{Axis, synthetic};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [axis, count, folder] = arguments.as_slice() else {
        return Err("usage: setlink-bench-synthetic AXIS COUNT FOLDER".into());
    };
    let axis = Axis::ALL.iter().find(|(_, name, _)| name == axis).ok_or("there is no such axis")?.0;
    for (i, object) in synthetic(axis, count.parse()?).into_iter().enumerate() {
        std::fs::write(Path::new(folder).join(format!("{i:05}.o")), object)?;
    }
    Ok(())
}
