//! The link map: a plan in text, for people.

#![forbid(unsafe_code)]

use std::fmt::Write;

use super::layout::Contents;
use super::plan::Plan;
use crate::resolve::{Extra, Origin, SymbolId, demangle};

/// Segments, output sections and input sections with their addresses; then stubs, GOT entries and copies.
pub(crate) fn text(plan: &Plan<'_, '_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(plan, &mut out);
    out
}

fn write(plan: &Plan<'_, '_>, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{:>16} {:>10} {:>6}  section", "address", "size", "align")?;
    for (number, segment) in plan.summary.segments.iter().enumerate() {
        writeln!(
            out,
            "{:16x} {:10x} {:>6}  {} {}{}",
            segment.address,
            segment.bytes,
            "",
            segment.permissions,
            segment.name,
            match segment.island.filter(|_| plan.summary.islands.len() > 1) {
                Some(island) => format!(" of island {island}"),
                None => String::new(),
            }
        )?;
        for output in plan.outputs_in(number) {
            let name = String::from_utf8_lossy(output.name);
            writeln!(
                out,
                "{:16x} {:10x} {:6}    {name}",
                plan.output_address(output),
                output.size,
                output.align
            )?;
            for &id in &output.members {
                let (object, index) = plan.resolution.section_origin(id);
                let object = &plan.resolution.added[object].object;
                let section = &object.sections[index as usize];
                let size = plan.kept_frames(id).map_or(section.size(), |kept| kept.size());
                let address = plan.section_address(id);
                let place = object.place().in_section(String::from_utf8_lossy(section.name));
                writeln!(out, "{address:16x} {size:10x} {:6}      {place}", section.align())?;
            }
            if output.contents == Contents::Stubs {
                for index in plan.stubs_of(plan.island_of(output)) {
                    let stub = &plan.stubs[index];
                    let address = plan.stub_address(index as u32);
                    writeln!(
                        out,
                        "{address:16x} {:>10} {:>6}      -> {}",
                        "",
                        "",
                        plan.name_of(stub.symbol)
                    )?;
                }
            }
            if output.contents == Contents::Got {
                for index in plan.entries_of(plan.island_of(output)) {
                    let entry = &plan.entries[index];
                    let address = plan.entry_address(index as u32);
                    let holds = match plan.entry_contents(entry) {
                        Some(address) => format!("{address:#x}"),
                        None => "resolved when published".into(),
                    };
                    let name = plan.name_of(entry.symbol);
                    writeln!(out, "{address:16x} {:>10} {:>6}      = {name} ({holds})", "", "")?;
                }
            }
        }
    }
    symbols(plan, out)?;
    for (copy, address) in &plan.copies {
        let name = plan.name_of(copy.symbol);
        writeln!(
            out,
            "{address:16x} {:10x} {:6}  copy of {name} at {:#x}",
            copy.from.size, copy.from.align, copy.from.address
        )?;
    }
    Ok(())
}

/// The set's own global symbols, by address.
fn symbols(plan: &Plan<'_, '_>, out: &mut String) -> std::fmt::Result {
    let resolution = plan.resolution;
    let own = |symbol: SymbolId| match resolution.origin(symbol) {
        Origin::Object { .. } => true,
        Origin::Extra(index) => matches!(resolution.extras[index].1, Extra::Common { .. } | Extra::Linker(_)),
    };
    let mut list: Vec<_> = resolution
        .names
        .iter()
        .filter_map(|(id, name)| Some((resolution.definition(id).filter(|symbol| own(*symbol))?, name.text)))
        .map(|(symbol, text)| (plan.address(symbol), plan.size(symbol), text))
        .collect();
    list.sort();
    writeln!(out, "\n{:>16} {:>10} {:>6}  symbol", "address", "size", "")?;
    for (address, size, text) in list {
        writeln!(out, "{address:16x} {size:10x} {:>6}  {}", "", demangle(text))?;
    }
    Ok(())
}
