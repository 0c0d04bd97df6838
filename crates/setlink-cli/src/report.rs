//! What the command prints: plans, statistics, lists of symbols.

use serde::Serialize;
use setlink::{Summary, SymbolInfo, SymbolStatus, Timings};

#[derive(Serialize)]
struct Segment {
    name: &'static str,
    island: Option<u32>,
    permissions: &'static str,
    address: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Island {
    number: u32,
    address: u64,
    objects: u64,
    code_bytes: u64,
    constants_bytes: u64,
    data_bytes: u64,
    got_entries: u64,
    stubs: u64,
}

#[derive(Serialize)]
struct Plan {
    objects: u64,
    sections: u64,
    symbols: u64,
    relocations: u64,
    got_entries: u64,
    stubs: u64,
    relaxed: u64,
    copies: u64,
    tls_bytes: u64,
    tls_static_bytes: u64,
    islands: Vec<Island>,
    segments: Vec<Segment>,
    total_bytes: u64,
    padding_bytes: u64,
    mappings: u64,
}

#[derive(Serialize)]
struct Seconds {
    read: f64,
    open: f64,
    resolve: f64,
    scan: f64,
    place: f64,
    reserve: f64,
    write: f64,
    publish: f64,
    initialise: f64,
}

#[derive(Serialize)]
struct Stats {
    seconds: Seconds,
    plan: Plan,
}

fn convert(summary: &Summary) -> Plan {
    let segment = |segment: &setlink::SegmentSummary| Segment {
        name: segment.name,
        island: segment.island,
        permissions: segment.permissions,
        address: segment.address,
        bytes: segment.bytes,
    };
    let island = |island: &setlink::IslandSummary| Island {
        number: island.number,
        address: island.address,
        objects: island.objects,
        code_bytes: island.code_bytes,
        constants_bytes: island.constants_bytes,
        data_bytes: island.data_bytes,
        got_entries: island.got_entries,
        stubs: island.stubs,
    };
    Plan {
        objects: summary.objects,
        sections: summary.sections,
        symbols: summary.symbols,
        relocations: summary.relocations,
        got_entries: summary.got_entries,
        stubs: summary.stubs,
        relaxed: summary.relaxed,
        copies: summary.copies,
        tls_bytes: summary.tls_bytes,
        tls_static_bytes: summary.tls_static_bytes,
        islands: summary.islands.iter().map(island).collect(),
        segments: summary.segments.iter().map(segment).collect(),
        total_bytes: summary.total_bytes,
        padding_bytes: summary.padding_bytes,
        mappings: summary.mappings,
    }
}

/// The plan as JSON, one line.
pub(crate) fn plan_json(summary: &Summary) -> String {
    serde_json::to_string(&convert(summary)).unwrap_or_default()
}

/// The plan for people.
pub(crate) fn plan_text(summary: &Summary) -> String {
    let mut lines = vec![
        format!(
            "{} objects, {} sections, {} symbols, {} relocations",
            summary.objects, summary.sections, summary.symbols, summary.relocations
        ),
        format!(
            "{} GOT entries, {} stubs, {} copies; {} references relaxed",
            summary.got_entries, summary.stubs, summary.copies, summary.relaxed
        ),
    ];
    let several = summary.islands.len() > 1;
    for segment in &summary.segments {
        let island = match segment.island.filter(|_| several) {
            Some(island) => format!("  island {island}"),
            None => String::new(),
        };
        lines.push(format!(
            "  {} {:<16} {:>12} bytes at {:#x}{island}",
            segment.permissions, segment.name, segment.bytes, segment.address
        ));
    }
    for island in summary.islands.iter().filter(|_| several) {
        lines.push(format!(
            "  island {}: {} objects, {} GOT entries, {} stubs",
            island.number, island.objects, island.got_entries, island.stubs
        ));
    }
    lines.push(format!(
        "{} bytes in {} mappings, {} of them padding",
        summary.total_bytes, summary.mappings, summary.padding_bytes
    ));
    lines.join("\n")
}

fn phases(timings: &Timings) -> [(&'static str, f64); 9] {
    [
        ("read", timings.read),
        ("open", timings.open),
        ("resolve", timings.resolve),
        ("scan", timings.scan),
        ("place", timings.place),
        ("reserve", timings.reserve),
        ("write", timings.write),
        ("publish", timings.publish),
        ("initialise", timings.initialise),
    ]
}

/// Phases and plan as JSON, one line.
pub(crate) fn stats_json(summary: &Summary, timings: &Timings) -> String {
    let Timings { read, open, resolve, scan, place, reserve, write, publish, initialise } = *timings;
    let seconds = Seconds { read, open, resolve, scan, place, reserve, write, publish, initialise };
    serde_json::to_string(&Stats { seconds, plan: convert(summary) }).unwrap_or_default()
}

/// Phases and plan for people.
pub(crate) fn stats_text(summary: &Summary, timings: &Timings) -> String {
    let mut lines = Vec::new();
    for (phase, seconds) in phases(timings) {
        lines.push(format!("{phase:<11} {:9.3} ms", seconds * 1e3));
    }
    lines.push(plan_text(summary));
    lines.join("\n")
}

/// A line a symbol: status, size, name, place.
pub(crate) fn symbols(list: &[SymbolInfo]) -> String {
    let mut out = String::new();
    for symbol in list {
        let status = match symbol.status {
            SymbolStatus::Defined => "defined",
            SymbolStatus::Weak => "weak",
            SymbolStatus::Common => "common",
            SymbolStatus::Linker => "linker",
            SymbolStatus::Host => "host",
            SymbolStatus::WeakUndefined => "weak-undefined",
            SymbolStatus::Undefined => "undefined",
        };
        let place = if symbol.place.is_empty() { String::new() } else { format!("  {}", symbol.place) };
        out.push_str(&format!("{status:<14} {:>8} {}{place}\n", symbol.size, symbol.name));
    }
    out
}
