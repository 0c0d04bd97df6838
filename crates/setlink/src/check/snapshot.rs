//! A snapshot: what a linked set is made of, taken while its inputs are still there. Everything in it is an owned
//! value, so that it outlives the link.

#![forbid(unsafe_code)]

use std::collections::{BTreeMap, HashMap};

use crate::isa::{Crowd, Isa, Value};
use crate::place::layout::Contents;
use crate::place::symbols::Class;
use crate::place::tls;
use crate::place::{Holds, Plan};
use crate::read::object::SymbolKind;
use crate::resolve::{Extra, Origin, SectionId, SymbolId};

/// A linked set, for looking at: its bytes, sections, symbols, relocations, GOT entries and stubs, with their addresses.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(super) segments: Vec<Segment>,
    pub(super) sections: Vec<Section>,
    pub(super) files: Vec<File>,
    /// By name; the set's own global symbols and what it refers to outside.
    pub(super) globals: BTreeMap<String, Symbol>,
    pub(super) entries: Vec<Cell>,
    pub(super) stubs: Vec<Cell>,
    /// Entries of other sets that this one uses, and what they hold; other sets' stubs, by empty contents.
    pub(super) shared: Vec<SharedCell>,
    pub(super) got: u64,
    pub(super) stub_base: Option<u64>,
}

/// A piece of memory with one protection.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub name: &'static str,
    pub permissions: &'static str,
    pub address: u64,
    pub bytes: Vec<u8>,
}

/// A section of an input.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Index in [`Snapshot::files`].
    pub file: usize,
    pub name: String,
    pub address: u64,
    pub size: u64,
    pub align: u64,
    pub nobits: bool,
    pub relocations: Vec<Relocation>,
}

/// A relocation, applied.
#[derive(Clone, Debug)]
pub(super) struct Relocation {
    /// Where its field lies; a relaxed instruction's field may lie elsewhere.
    pub place: u64,
    pub name: &'static str,
    /// What it computes, in the psABI's notation.
    pub formula: &'static str,
    pub width: u8,
    pub symbol: String,
    pub addend: i64,
    pub relaxed: bool,
}

/// A relocation of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied<'s> {
    /// The address of its field, where the object has it; a relaxed instruction's field may lie elsewhere.
    pub place: u64,
    /// Bytes of its field.
    pub width: u8,
    /// The type's name in the psABI.
    pub name: &'static str,
    /// The number that it computes, in the psABI's notation: `S+A-P`.
    pub formula: &'static str,
    /// The symbol's name, or its section's; demangled.
    pub symbol: &'s str,
    /// A
    pub addend: i64,
    /// Whether the instruction around it became another one.
    pub relaxed: bool,
}

/// An object of the set, with what its relocations refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub name: String,
    pub member: Option<String>,
    pub locals: BTreeMap<String, Symbol>,
    pub references: BTreeMap<String, Reference>,
}

impl File {
    /// Whether rules mean this file by `name`: its path, its last part, or the member's name.
    pub fn is_called(&self, name: &str) -> bool {
        let own = self.member.as_deref().unwrap_or(&self.name);
        own == name || own.rsplit('/').next() == Some(name) || self.shown() == name
    }

    /// The name for people.
    pub fn shown(&self) -> String {
        match &self.member {
            Some(member) => format!("{}({member})", self.name),
            None => self.name.clone(),
        }
    }
}

/// How a file's references to a symbol go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reference {
    pub entry: Option<u64>,
    pub stub: Option<u64>,
}

/// A symbol with its final address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    pub address: u64,
    pub size: u64,
    pub kind: &'static str,
}

/// A GOT entry or a stub.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub address: u64,
    pub symbol: String,
}

/// A GOT entry or stub of another set.
#[derive(Clone, Debug)]
pub(super) struct SharedCell {
    pub cell: Cell,
    /// What the entry holds, as far as this set knows; nothing for a stub, whose code is the other set's affair.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// Takes a snapshot of a set that is written: `segments` are those of the plan, in its order.
    pub(crate) fn take<I: Isa>(plan: &Plan<'_, '_>, segments: &[&mut [u8]]) -> Snapshot {
        let mut snapshot = Snapshot {
            got: plan.got(),
            stub_base: plan.output(Contents::Stubs).map(|output| plan.output_address(output)),
            ..Snapshot::default()
        };
        for (spec, bytes) in plan.segments.iter().zip(segments) {
            snapshot.segments.push(Segment {
                name: spec.kind.name(),
                permissions: spec.kind.permissions(),
                address: spec.address,
                bytes: bytes.to_vec(),
            });
        }
        let stubs = plan.stubs.iter();
        let stubs = stubs.map(|stub| ((stub.island, stub.symbol), plan.entry_address(stub.entry))).collect();
        for (object, added) in plan.resolution.added.iter().enumerate() {
            let mut file = File {
                name: added.object.file.to_string(),
                member: added.object.member.map(|member| String::from_utf8_lossy(member).into_owned()),
                ..File::default()
            };
            for (index, section) in added.object.sections.iter().enumerate() {
                let id = plan.resolution.section_id(object, index as u32);
                if added.live[index] && plan.output_of(id).is_some() {
                    let taken = take_section::<I>(plan, id, object, index, &stubs, &mut file);
                    snapshot.sections.push(Section { name: lossy(section.name), ..taken });
                }
            }
            locals(plan, object, &mut file);
            snapshot.files.push(file);
        }
        globals(plan, &mut snapshot.globals);
        for (index, entry) in plan.entries.iter().enumerate() {
            let name = name_of(plan, entry.symbol);
            let symbol = match entry.holds {
                Holds::Address => name,
                Holds::Outside(_) => format!("{name} (outside)"),
                Holds::Resolved => format!("{name} (resolved)"),
            };
            snapshot.entries.push(Cell { address: plan.entry_address(index as u32), symbol });
        }
        for (entry, address) in plan.tls_entries() {
            let name = entry.symbol.map_or_else(|| "the set".to_owned(), |id| name_of(plan, id));
            let symbol = format!("{name} ({})", tls_kind(entry.kind));
            snapshot.entries.push(Cell { address, symbol });
        }
        for (index, stub) in plan.stubs.iter().enumerate() {
            let address = plan.stub_address(index as u32);
            snapshot.stubs.push(Cell { address, symbol: name_of(plan, stub.symbol) });
        }
        for (id, address) in plan.shared_entries() {
            let bytes = plan.address(id).to_le_bytes().to_vec();
            snapshot.shared.push(SharedCell { cell: Cell { address, symbol: name_of(plan, id) }, bytes });
        }
        for (id, address) in plan.shared_stubs() {
            let cell = Cell { address, symbol: name_of(plan, id) };
            snapshot.shared.push(SharedCell { cell, bytes: Vec::new() });
        }
        snapshot
            .shared
            .sort_by(|a, b| (a.cell.address, &a.cell.symbol).cmp(&(b.cell.address, &b.cell.symbol)));
        snapshot
    }

    /// `length` bytes of the set at `address`, where it has that many there; also those of GOT entries of other sets
    /// that it uses.
    pub fn bytes(&self, address: u64, length: usize) -> Option<&[u8]> {
        let segments = self.segments.iter().map(|segment| (segment.address, &segment.bytes));
        let shared = self.shared.iter().map(|shared| (shared.cell.address, &shared.bytes));
        segments.chain(shared).find_map(|(from, bytes)| {
            let start = usize::try_from(address.checked_sub(from)?).ok()?;
            bytes.get(start..start.checked_add(length)?)
        })
    }

    /// The input section that holds `address`, as `file: section+offset`.
    pub fn describe(&self, address: u64) -> Option<String> {
        let holds = |start: u64, size: u64| address.wrapping_sub(start) < size;
        if let Some(section) = self.sections.iter().find(|section| holds(section.address, section.size)) {
            let offset = address - section.address;
            return Some(format!("{}: {}+{offset:#x}", self.files[section.file].shown(), section.name));
        }
        let cell = |cells: &[Cell], what: &str| {
            let cell = cells.iter().find(|cell| holds(cell.address, 8))?;
            Some(format!("{what} of `{}`+{:#x}", cell.symbol, address - cell.address))
        };
        if let Some(text) = cell(&self.entries, "GOT entry").or_else(|| cell(&self.stubs, "stub")) {
            return Some(text);
        }
        if let Some(shared) = self.shared.iter().find(|shared| holds(shared.cell.address, 8)) {
            return Some(format!("another set's cell for `{}`", shared.cell.symbol));
        }
        let segment = self.segments.iter().find(|s| holds(s.address, s.bytes.len() as u64))?;
        Some(format!("segment {}+{:#x}", segment.name, address - segment.address))
    }

    /// Every relocation, in the order of the inputs.
    pub fn relocations(&self) -> impl Iterator<Item = Applied<'_>> {
        self.sections.iter().flat_map(|section| &section.relocations).map(|relocation| Applied {
            place: relocation.place,
            width: relocation.width,
            name: relocation.name,
            formula: relocation.formula,
            symbol: &relocation.symbol,
            addend: relocation.addend,
            relaxed: relocation.relaxed,
        })
    }

    /// The address of the GOT.
    pub fn got(&self) -> u64 {
        self.got
    }

    /// The input sections, as (file, section, address, bytes), in the order of the inputs. A section of an archive's
    /// member has the file `archive(member)`.
    pub fn sections(&self) -> impl Iterator<Item = (String, &str, u64, u64)> {
        self.sections.iter().map(|section| {
            (self.files[section.file].shown(), section.name.as_str(), section.address, section.size)
        })
    }
}

fn take_section<I: Isa>(
    plan: &Plan<'_, '_>,
    id: SectionId,
    object: usize,
    index: usize,
    stub_entries: &HashMap<(u32, SymbolId), u64>,
    file: &mut File,
) -> Section {
    let input = &plan.resolution.added[object].object;
    let section = &input.sections[index];
    let kept = plan.kept_frames(id);
    let address = plan.section_address(id);
    let mut taken = Section {
        file: object,
        name: String::new(),
        address,
        size: kept.map_or(section.size(), |kept| kept.size()),
        align: section.align(),
        nobits: section.data().is_empty() && section.size() > 0,
        relocations: Vec::new(),
    };
    let mut scratch = section.data().to_vec();
    let mut crowd = Crowd::default();
    let mut rewritten = 0..0;
    for relocation in section.relocations() {
        let offset = match kept {
            None => relocation.offset,
            Some(kept) => match kept.place(relocation.offset) {
                Some(offset) => offset,
                None => continue,
            },
        };
        let (Some(row), Some(symbol)) =
            (I::relocation_type(relocation.kind), plan.resolution.target(object, relocation.symbol))
        else {
            continue;
        };
        let mut target = plan.target(object, symbol);
        let mut tls = plan.tls_target(object, row.value, symbol);
        let place = address.wrapping_add(offset);
        let at = relocation.offset as usize;
        let name = lossy(input.symbols.name(relocation.symbol));
        if !name.is_empty() {
            // A file whose calls go through a stub uses the stub's entry.
            let stub_entry = (plan.island_of_object(object), plan.original(symbol));
            let entry = match row.value.is_tls() {
                true => tls.entry,
                false => target.entry.or_else(|| stub_entries.get(&stub_entry).copied()),
            };
            let reference = file.references.entry(name).or_default();
            reference.entry = reference.entry.or(entry);
            reference.stub = plan.stub_for(object, symbol);
        }
        // What follows is what writing did.
        let (clear, start) = match row.value {
            Value::None => (true, 0),
            _ => crowd.admit::<I>(row, relocation.offset),
        };
        if !clear || kept.is_some() {
            (target.near, target.low) = (false, false);
            tls.relaxed = tls.relaxed.filter(|_| row.value == Value::TlsCall);
        }
        let (code, offset) = (&mut scratch[start as usize..], at - start as usize);
        let relaxed = if rewritten.contains(&at) {
            true
        } else if row.value.is_tls() {
            let length = I::apply_tls(row, code, offset, place, relocation.addend, &tls).unwrap_or(0);
            rewritten = at..at + length;
            length > 0
        } else {
            I::apply(row, code, offset, place, relocation.addend, &target).unwrap_or(false)
        };
        taken.relocations.push(Relocation {
            place,
            name: row.name,
            formula: formula(row.value),
            width: row.field.bytes,
            symbol: plan.resolution.describe(object, relocation.symbol),
            addend: relocation.addend,
            relaxed,
        });
    }
    taken
}

/// The number that a relocation computes, as the psABI writes it.
fn formula(value: Value) -> &'static str {
    match value {
        Value::None => "none",
        Value::Address => "S+A",
        Value::Relative => "S+A-P",
        Value::Branch => "L+A-P",
        Value::EntryRelative => "G+A-P",
        Value::EntryOffset => "G+A-GOT",
        Value::GotOffset => "S+A-GOT",
        Value::StubOffset => "L+A-GOT",
        Value::GotRelative => "GOT+A-P",
        Value::Size => "Z+A",
        Value::TlsPair => "GOT(pair)+A-P",
        Value::TlsModule => "GOT(module)+A-P",
        Value::TlsEntry => "GOT(tpoff)+A-P",
        Value::TlsDescriptor => "GOT(desc)+A-P",
        Value::TlsCall => "call",
        Value::TlsOffset => "dtpoff(S+A)",
        Value::TlsStatic => "tpoff(S+A)",
        _ => "other",
    }
}

/// What an entry about thread-local storage holds.
fn tls_kind(kind: tls::Kind) -> &'static str {
    match kind {
        tls::Kind::Pair => "module and offset",
        tls::Kind::Module => "module",
        tls::Kind::Descriptor => "descriptor",
        tls::Kind::Distance => "distance from the thread pointer",
    }
}

/// The named symbols of an object that no other object sees.
fn locals(plan: &Plan<'_, '_>, object: usize, file: &mut File) {
    let table = &plan.resolution.added[object].object.symbols;
    for index in 1..table.first_global() {
        let Some(symbol) = table.get(index) else { continue };
        let name = lossy(table.name(index));
        let id = SymbolId(plan.resolution.symbol_base[object] + index);
        let known = !matches!(symbol.kind, SymbolKind::File | SymbolKind::Section)
            && plan.class(id) != Class::Discarded;
        if known && !name.is_empty() {
            file.locals.entry(name).or_insert_with(|| symbol_of(plan, id));
        }
    }
}

fn globals(plan: &Plan<'_, '_>, into: &mut BTreeMap<String, Symbol>) {
    for (name, text) in plan.resolution.names.iter() {
        let Some(id) = plan.resolution.definition(name) else { continue };
        if !matches!(plan.class(id), Class::Undefined | Class::Discarded) {
            into.insert(lossy(text.text), symbol_of(plan, id));
        }
    }
}

fn symbol_of(plan: &Plan<'_, '_>, id: SymbolId) -> Symbol {
    let kind = match plan.class(id) {
        Class::Inside => "defined",
        Class::Ifunc => "ifunc",
        Class::ThreadLocal | Class::ForeignThreadLocal => "thread-local",
        Class::Absolute => "absolute",
        Class::WeakUndefined => "weak-undefined",
        _ => "outside",
    };
    let kind = match plan.resolution.origin(id) {
        Origin::Extra(index) => match plan.resolution.extras[index].1 {
            Extra::Linker(_) => "linker",
            Extra::Common { .. } => "common",
            _ => kind,
        },
        Origin::Object { .. } => kind,
    };
    Symbol { address: plan.address(id), size: plan.size(id), kind }
}

fn name_of(plan: &Plan<'_, '_>, id: SymbolId) -> String {
    match plan.resolution.origin(id) {
        Origin::Object { object, symbol } => plan.resolution.describe(object, symbol),
        Origin::Extra(index) => lossy(plan.resolution.names[plan.resolution.extras[index].0].text),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
