//! The planner against a model: random sets of objects are linked on paper, and the bytes that were written are read
//! back as a processor would. Every reference lands on its target, nothing overlaps, alignments hold, every GOT entry and
//! stub has a user, and the sizes that were planned are those in use.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use object::write::{Comdat, Object, Relocation, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, ComdatKind, Endianness, RelocationFlags, SectionKind, SymbolKind, SymbolScope,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use setlink::check::Snapshot;
use setlink::memory::fake::FakeMemory;
use setlink::{Definitions, Foreign, Reach, Session, Set};

/// How an instruction (or word of data) refers to a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `.quad symbol + addend`
    Word(i8),
    /// `lea symbol(%rip), %rax`
    Lea,
    /// `call symbol`
    Call,
    /// `jmp symbol`
    Jump,
    /// `mov symbol@GOTPCREL(%rip), %rax`, by the old type
    OldLoad,
    /// `mov symbol@GOTPCREL(%rip), %r14`
    Load,
    /// `test %r14, symbol@GOTPCREL(%rip)`
    Test,
    /// `add symbol@GOTPCREL(%rip), %r14`
    Add,
    /// `call *symbol@GOTPCREL(%rip)`
    CallEntry,
    /// `jmp *symbol@GOTPCREL(%rip)`
    JumpEntry,
    /// `mov $symbol, %rdi`, which needs the set in the low 2 GiB
    Constant,
}

/// Bytes between the starts of two references.
const SLOT: usize = 16;
const FILL: u8 = 0x90;

impl Form {
    /// The instruction with an empty field, the field's offset, the relocation's type and addend.
    fn encoding(self) -> (&'static [u8], u64, u32, i64) {
        match self {
            Form::Word(addend) => (&[0; 8], 0, 1, addend.into()),
            Form::Lea => (&[0x48, 0x8d, 0x05, 0, 0, 0, 0], 3, 2, -4),
            Form::Call => (&[0xe8, 0, 0, 0, 0], 1, 4, -4),
            Form::Jump => (&[0xe9, 0, 0, 0, 0], 1, 4, -4),
            Form::OldLoad => (&[0x48, 0x8b, 0x05, 0, 0, 0, 0], 3, 9, -4),
            Form::Load => (&[0x4c, 0x8b, 0x35, 0, 0, 0, 0], 3, 42, -4),
            Form::Test => (&[0x4c, 0x85, 0x35, 0, 0, 0, 0], 3, 42, -4),
            Form::Add => (&[0x4c, 0x03, 0x35, 0, 0, 0, 0], 3, 42, -4),
            Form::CallEntry => (&[0xff, 0x15, 0, 0, 0, 0], 2, 41, -4),
            Form::JumpEntry => (&[0xff, 0x25, 0, 0, 0, 0], 2, 41, -4),
            Form::Constant => (&[0x48, 0xc7, 0xc7, 0, 0, 0, 0], 3, 11, 0),
        }
    }

    fn transfers(self) -> bool {
        matches!(self, Form::Call | Form::Jump | Form::CallEntry | Form::JumpEntry)
    }
}

#[derive(Clone, Debug)]
struct SectionSpec {
    kind: SectionKind,
    align_log2: u32,
    tail: usize,
    /// The number of a COMDAT group, which consists of this section.
    group: Option<u8>,
    /// The number of a weak symbol that the section defines, besides its own.
    weak: Option<u8>,
    /// Forms, and which of the symbols that there are.
    references: Vec<(Form, u16)>,
}

#[derive(Clone, Debug)]
struct ObjectSpec {
    sections: Vec<SectionSpec>,
    /// Number, size, log2 of the alignment.
    commons: Vec<(u8, u8, u32)>,
}

#[derive(Clone, Debug)]
struct SetSpec {
    objects: Vec<ObjectSpec>,
    /// Whether forms that need low addresses are used as they are.
    low: bool,
    relax: bool,
    /// How far references are taken to reach.
    reach: u64,
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        any::<i8>().prop_map(Form::Word),
        Just(Form::Lea),
        Just(Form::Call),
        Just(Form::Jump),
        Just(Form::OldLoad),
        Just(Form::Load),
        Just(Form::Test),
        Just(Form::Add),
        Just(Form::CallEntry),
        Just(Form::JumpEntry),
        Just(Form::Constant),
    ]
}

fn section() -> impl Strategy<Value = SectionSpec> {
    let kind = prop_oneof![
        4 => Just(SectionKind::Text),
        2 => Just(SectionKind::Data),
        1 => Just(SectionKind::ReadOnlyData),
        1 => Just(SectionKind::UninitializedData),
    ];
    let group = prop::option::weighted(0.2, 0..4u8);
    let weak = prop::option::weighted(0.3, 0..4u8);
    let references = prop::collection::vec((form(), any::<u16>()), 0..8);
    (kind, 0..14u32, 0..300usize, group, weak, references).prop_map(
        |(kind, align_log2, tail, group, weak, references)| {
            let bss = kind == SectionKind::UninitializedData;
            let references = if bss { Vec::new() } else { references };
            // A name defined only in a group that is discarded would be an error.
            let weak = weak.filter(|_| group.is_none());
            SectionSpec { kind, align_log2, tail, group, weak, references }
        },
    )
}

fn set() -> impl Strategy<Value = SetSpec> {
    let commons = prop::collection::vec((0..4u8, 1..200u8, 0..9u32), 0..3);
    let object = (prop::collection::vec(section(), 1..6), commons)
        .prop_map(|(sections, commons)| ObjectSpec { sections, commons });
    (prop::collection::vec(object, 1..5), any::<bool>(), prop::bool::weighted(0.8))
        .prop_map(|(objects, low, relax)| SetSpec { objects, low, relax, reach: u64::MAX })
}

/// Sets of more objects, most of them in several islands.
fn scattered() -> impl Strategy<Value = SetSpec> {
    let commons = prop::collection::vec((0..4u8, 1..200u8, 0..9u32), 0..3);
    let object = (prop::collection::vec(section(), 1..6), commons)
        .prop_map(|(sections, commons)| ObjectSpec { sections, commons });
    let objects = prop::collection::vec(object, 1..24);
    (objects, any::<bool>(), prop::bool::weighted(0.8), 20..100u64)
        .prop_map(|(objects, low, relax, reach)| SetSpec { objects, low, relax, reach: reach << 10 })
}

/// Host definitions: near each other, far from those, data, and nothing.
const HOST: [(&str, u64); 4] = [
    ("near", 0x7fff_7000_1000),
    ("near2", 0x7fff_7123_4567),
    ("far", 0x2000_0000_0040),
    ("variable", 0x7fff_7100_0040),
];
const MISSING: &str = "missing";

fn session() -> Session {
    let mut host = Definitions::new();
    for (name, address) in HOST {
        let definition = match name {
            "variable" => Foreign::data(address, 24),
            _ => Foreign::function(address),
        };
        host.define(name, definition);
    }
    Session::on_paper(FakeMemory::default(), host)
}

/// Where a name is defined, in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defined {
    /// Object, section, offset.
    At(usize, usize, u64),
    Common,
    Host,
    Nowhere,
}

fn section_name(object: usize, section: usize, kind: SectionKind) -> String {
    let prefix = match kind {
        SectionKind::Text => ".text",
        SectionKind::Data => ".data",
        SectionKind::ReadOnlyData => ".rodata",
        _ => ".bss",
    };
    format!("{prefix}.o{object}s{section}")
}

fn size(section: &SectionSpec) -> u64 {
    (section.references.len() * SLOT + section.tail) as u64
}

/// The definition that each name stands for: the first strong one, else the first weak one, as the ABI has it.
struct Model {
    names: BTreeMap<String, Defined>,
    /// Sections that gave way to another object's copy of their group.
    discarded: BTreeSet<(usize, usize)>,
    /// Per common name the greatest size and alignment.
    commons: BTreeMap<String, (u64, u64)>,
}

impl Model {
    fn of(spec: &SetSpec) -> Model {
        let mut model =
            Model { names: BTreeMap::new(), discarded: BTreeSet::new(), commons: BTreeMap::new() };
        for (name, _) in HOST {
            model.names.insert(name.into(), Defined::Host);
        }
        model.names.insert(MISSING.into(), Defined::Nowhere);
        let mut groups = BTreeSet::new();
        for (number, object) in spec.objects.iter().enumerate() {
            for (index, section) in object.sections.iter().enumerate() {
                let here = Defined::At(number, index, 0);
                if let Some(group) = section.group {
                    if groups.insert(group) {
                        model.names.insert(format!("group{group}"), here);
                    } else {
                        model.discarded.insert((number, index));
                        continue;
                    }
                } else {
                    let at = Defined::At(number, index, size(section) / 2);
                    model.names.insert(format!("strong{number}_{index}"), at);
                }
                if let Some(weak) = section.weak {
                    model.names.entry(format!("weak{weak}")).or_insert(here);
                }
            }
            let mut own = BTreeSet::new();
            for (common, size, align) in object.commons.iter().filter(|(common, ..)| own.insert(*common)) {
                let name = format!("common{common}");
                let entry = model.commons.entry(name.clone()).or_insert((0, 1));
                *entry = (entry.0.max((*size).into()), entry.1.max(1 << align));
                model.names.insert(name, Defined::Common);
            }
        }
        model
    }

    /// The symbol and form that a reference is made with: not every form suits every symbol.
    fn choose(&self, spec: &SetSpec, object: usize, form: Form, pick: u16) -> (Form, &str) {
        let names: Vec<&String> = self.names.keys().collect();
        let name = names[usize::from(pick) % names.len()].as_str();
        let form = match form {
            Form::Constant if !spec.low => Form::Lea,
            form => form,
        };
        // What is to be in several islands cannot refer to everything directly.
        let local = matches!(self.names[name], Defined::At(at, ..) if at == object);
        let form = match form {
            Form::Lea if spec.reach < u64::MAX && !local && !pick.is_multiple_of(512) => Form::Load,
            form => form,
        };
        match name {
            "variable" if form == Form::Lea && spec.reach < u64::MAX => (Form::Load, name),
            "variable" if form.transfers() => (form, "far"),
            MISSING if matches!(form, Form::Lea | Form::Constant) => (form, "near"),
            _ => (form, name),
        }
    }
}

/// The object files. A name is a symbol of an object once, defined where it is first.
fn build(spec: &SetSpec, model: &Model) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for (number, object) in spec.objects.iter().enumerate() {
        let mut out = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let mut symbols: HashMap<String, SymbolId> = HashMap::new();
        let mut sections = Vec::new();
        for (index, section) in object.sections.iter().enumerate() {
            let id =
                out.add_section(Vec::new(), section_name(number, index, section.kind).into(), section.kind);
            let align = 1 << section.align_log2;
            if section.kind == SectionKind::UninitializedData {
                out.append_section_bss(id, size(section), align);
            } else {
                let mut data = vec![FILL; size(section) as usize];
                for (slot, (form, pick)) in section.references.iter().enumerate() {
                    let (code, ..) = model.choose(spec, number, *form, *pick).0.encoding();
                    data[slot * SLOT..][..code.len()].copy_from_slice(code);
                }
                out.append_section_data(id, &data, align);
            }
            sections.push(id);
            let mut define = |out: &mut Object, name: String, value, weak| {
                let symbol = Symbol {
                    name: name.clone().into(),
                    value,
                    size: 0,
                    kind: SymbolKind::Text,
                    scope: SymbolScope::Dynamic,
                    weak,
                    section: SymbolSection::Section(id),
                    flags: object::SymbolFlags::None,
                };
                *symbols.entry(name).or_insert_with(|| out.add_symbol(symbol))
            };
            match section.group {
                Some(group) => {
                    let symbol = define(&mut out, format!("group{group}"), 0, true);
                    out.add_comdat(Comdat { kind: ComdatKind::Any, symbol, sections: vec![id] });
                }
                None => {
                    define(&mut out, format!("strong{number}_{index}"), size(section) / 2, false);
                }
            }
            if let Some(weak) = section.weak {
                define(&mut out, format!("weak{weak}"), 0, true);
            }
        }
        let undefined = |name: &str, section, value, size| Symbol {
            name: name.into(),
            value,
            size,
            kind: if section == SymbolSection::Common { SymbolKind::Data } else { SymbolKind::Unknown },
            scope: if section == SymbolSection::Common { SymbolScope::Dynamic } else { SymbolScope::Unknown },
            weak: name == MISSING,
            section,
            flags: object::SymbolFlags::None,
        };
        for (common, size, align) in &object.commons {
            let name = format!("common{common}");
            let symbol = undefined(&name, SymbolSection::Common, 1 << align, (*size).into());
            symbols.entry(name).or_insert_with(|| out.add_symbol(symbol));
        }
        for (index, section) in object.sections.iter().enumerate() {
            for (slot, (form, pick)) in section.references.iter().enumerate() {
                let (form, name) = model.choose(spec, number, *form, *pick);
                let symbol = *symbols
                    .entry(name.into())
                    .or_insert_with(|| out.add_symbol(undefined(name, SymbolSection::Undefined, 0, 0)));
                let (_, field, kind, addend) = form.encoding();
                let flags = RelocationFlags::Elf { r_type: object::elf::RelocationType(kind) };
                let relocation = Relocation { offset: (slot * SLOT) as u64 + field, symbol, addend, flags };
                out.add_relocation(sections[index], relocation).unwrap();
            }
        }
        files.push(out.write().unwrap());
    }
    files
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Reads what was written, as a processor would.
struct Reader<'s> {
    set: &'s Set,
    snapshot: &'s Snapshot,
    reach: u64,
    cells: BTreeSet<u64>,
    stubs: BTreeSet<u64>,
    /// Per host name, the address that stands for it where that is not its own.
    stand_ins: BTreeMap<String, u64>,
}

impl Reader<'_> {
    fn bytes(&self, address: u64, length: usize) -> &[u8] {
        self.snapshot.bytes(address, length).unwrap_or_else(|| panic!("{address:#x} is not in the set"))
    }

    /// `address` plus the signed 32-bit number stored there and `after` bytes.
    fn relative(&self, address: u64, after: u64) -> u64 {
        let distance = number(self.bytes(address, 4)) as u32 as i32;
        assert!(
            u64::from(distance.unsigned_abs()) <= self.reach,
            "{distance:#x} from {address:#x} is too far"
        );
        address.wrapping_add(after).wrapping_add_signed(distance.into())
    }

    fn cell(&mut self, address: u64) -> u64 {
        assert_eq!(address % 8, 0);
        self.cells.insert(address);
        number(self.bytes(address, 8))
    }

    /// Where the stub at `address` jumps, if it is one.
    fn stub(&mut self, address: u64) -> Option<u64> {
        let is_stub = self.snapshot.describe(address).is_some_and(|text| text.starts_with("stub of"));
        if !is_stub {
            return None;
        }
        assert_eq!(self.bytes(address, 2), [0xff, 0x25]);
        self.stubs.insert(address);
        let cell = self.relative(address + 2, 4);
        Some(self.cell(cell))
    }

    /// Checks that going to `address` leads to the name, perhaps through a stub.
    fn leads(&mut self, address: u64, name: &str, definition: u64) {
        if address != definition {
            let mut target = self.stub(address);
            // Another island's stub may stand for the name.
            if let Some(next) = target.filter(|&next| next != definition) {
                assert_eq!(self.stand_ins.get(name).copied().unwrap_or(next), next);
                target = self.stub(next);
            }
            assert_eq!(target, Some(definition), "{name}: {address:#x} leads elsewhere");
        }
    }

    /// Checks that `address` is what the set takes for the name's.
    fn is(&mut self, address: u64, name: &str, defined: Defined, definition: u64) {
        if address == definition {
            // A stub or copy that stands for a name does so everywhere.
            assert_eq!(self.stand_ins.get(name), None, "{name} has two addresses");
            return;
        }
        assert_eq!(defined, Defined::Host, "{name}: {address:#x} instead of {definition:#x}");
        let before = *self.stand_ins.entry(name.into()).or_insert(address);
        assert_eq!(before, address, "{name} has two addresses");
        match name {
            "variable" => {
                assert_eq!(address % 8, 0, "a copy that is not aligned");
                self.bytes(address, 24);
            }
            _ => assert_eq!(self.stub(address), Some(definition), "{name}: no stub at {address:#x}"),
        }
    }

    /// Follows the reference at `at`.
    fn reference(&mut self, at: u64, form: Form, name: &str, defined: Defined, definition: u64) {
        let code = self.bytes(at, 8).to_vec();
        match (form, &code[..]) {
            (Form::Word(addend), word) => {
                let address = number(word).wrapping_sub_signed(addend.into());
                self.is(address, name, defined, definition);
            }
            (Form::Lea, [0x48, 0x8d, 0x05, ..])
            | (Form::OldLoad, [0x48, 0x8d, 0x05, ..])
            | (Form::Load, [0x4c, 0x8d, 0x35, ..]) => {
                let address = self.relative(at + 3, 4);
                self.is(address, name, defined, definition);
            }
            (Form::Call, [0xe8, ..])
            | (Form::Jump, [0xe9, ..])
            | (Form::JumpEntry, [0xe9, .., 0x90, _, _]) => {
                let address = self.relative(at + 1, 4);
                self.leads(address, name, definition);
            }
            (Form::CallEntry, [0x67, 0xe8, ..]) => {
                let address = self.relative(at + 2, 4);
                self.leads(address, name, definition);
            }
            (Form::OldLoad, [0x48, 0x8b, 0x05, ..])
            | (Form::Load, [0x4c, 0x8b, 0x35, ..])
            | (Form::Test, [0x4c, 0x85, 0x35, ..])
            | (Form::Add, [0x4c, 0x03, 0x35, ..]) => {
                let cell = self.relative(at + 3, 4);
                let address = self.cell(cell);
                self.is(address, name, defined, definition);
            }
            (Form::CallEntry, [0xff, 0x15, ..]) | (Form::JumpEntry, [0xff, 0x25, ..]) => {
                let cell = self.relative(at + 2, 4);
                let address = self.cell(cell);
                self.leads(address, name, definition);
            }
            (Form::Constant, [0x48, 0xc7, 0xc7, field @ ..])
            | (Form::Load, [0x49, 0xc7, 0xc6, field @ ..])
            | (Form::Test, [0x49, 0xf7, 0xc6, field @ ..])
            | (Form::Add, [0x49, 0x81, 0xc6, field @ ..]) => {
                let address = i64::from(number(&field[..4]) as u32 as i32) as u64;
                self.is(address, name, defined, definition);
            }
            _ => panic!("{form:?} became {code:x?}"),
        }
    }
}

/// Returns the number of islands, or what is wrong with the set.
fn check(spec: &SetSpec) -> Result<usize, String> {
    let model = Model::of(spec);
    let files = build(spec, &model);
    let session = session();
    let builder = || {
        let set = session.set("random").relax(spec.relax).reach(Reach::uniform(spec.reach));
        let set = set.snapshot(true).map(true);
        let mut inputs = files.iter().enumerate();
        inputs
            .try_fold(set, |set, (number, file)| set.add_bytes(format!("{number}.o"), file.clone()))
            .unwrap()
    };
    let plan = builder().plan().map_err(|error| error.to_string())?;
    let set = builder().link().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(&plan.summary, set.summary());
    assert_eq!(Some(plan.map.as_str()), set.map());
    let snapshot = set.snapshot().unwrap();

    // Sections: all that are not discarded, aligned, beside each other.
    let placed: HashMap<(String, &str), (u64, u64)> =
        snapshot.sections().map(|(file, name, address, size)| ((file, name), (address, size))).collect();
    let mut ranges: Vec<(u64, u64, String)> = Vec::new();
    let mut address_of = HashMap::new();
    let mut live = 0;
    for (number, object) in spec.objects.iter().enumerate() {
        for (index, section) in object.sections.iter().enumerate() {
            let name = section_name(number, index, section.kind);
            let found = placed.get(&(format!("{number}.o"), name.as_str())).copied();
            if model.discarded.contains(&(number, index)) {
                assert_eq!(found, None, "{name} is of a discarded group");
                continue;
            }
            let (address, bytes) = found.unwrap_or_else(|| panic!("{name} is missing"));
            assert_eq!(bytes, size(section));
            assert_eq!(address % (1 << section.align_log2), 0, "{name} at {address:#x}");
            address_of.insert((number, index), address);
            ranges.push((address, bytes, name));
            live += 1;
        }
    }
    // The writer adds empty sections of its own to none of the objects but these.
    assert!(set.summary().sections >= live);
    for (name, (bytes, align)) in &model.commons {
        let address = set.address(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(address % align, 0, "{name} at {address:#x}");
        ranges.push((address, *bytes, name.clone()));
    }

    // References.
    let mut reader = Reader {
        set: &set,
        snapshot,
        reach: spec.reach,
        cells: BTreeSet::new(),
        stubs: BTreeSet::new(),
        stand_ins: BTreeMap::new(),
    };
    for (number, object) in spec.objects.iter().enumerate() {
        for (index, section) in object.sections.iter().enumerate() {
            let Some(&start) = address_of.get(&(number, index)) else { continue };
            for (slot, (form, pick)) in section.references.iter().enumerate() {
                let (form, name) = model.choose(spec, number, *form, *pick);
                let defined = model.names[name];
                let definition = match defined {
                    Defined::At(object, section, offset) => address_of[&(object, section)] + offset,
                    Defined::Common => reader.set.address(name).unwrap(),
                    Defined::Host => HOST.iter().find(|(host, _)| *host == name).unwrap().1,
                    Defined::Nowhere => 0,
                };
                let at = start + (slot * SLOT) as u64;
                reader.reference(at, form, name, defined, definition);
                // The instruction is no longer than it was, and nothing else is touched.
                let used = form.encoding().0.len();
                assert!(reader.bytes(at + used as u64, SLOT - used).iter().all(|&byte| byte == FILL));
            }
            if section.kind != SectionKind::UninitializedData && section.tail > 0 {
                let tail = reader.bytes(start + (section.references.len() * SLOT) as u64, section.tail);
                assert!(tail.iter().all(|&byte| byte == FILL));
            }
        }
    }

    // Entries and stubs: those that were read are all that there are.
    let summary = set.summary();
    assert_eq!(reader.cells.len() as u64, summary.got_entries, "GOT entries without a user");
    assert_eq!(reader.stubs.len() as u64, summary.stubs, "stubs without a user");
    ranges.extend(reader.cells.iter().map(|&cell| (cell, 8, "GOT entry".to_owned())));
    ranges.extend(reader.stubs.iter().map(|&stub| (stub, 8, "stub".to_owned())));
    let copies = reader.stand_ins.get("variable").map(|&copy| (copy, 24, "copy".to_owned()));
    assert_eq!(u64::from(copies.is_some()), summary.copies, "copies without a user");
    ranges.extend(copies);

    // No island has two of the same.
    for name in model.names.keys() {
        let entries = session.got_entries(name);
        let kinds: BTreeSet<_> =
            entries.iter().map(|place| (place.island, number(reader.bytes(place.address, 8)))).collect();
        assert_eq!(kinds.len(), entries.len(), "{name}: {entries:x?}");
        let stubs = session.stubs(name);
        let islands: BTreeSet<_> = stubs.iter().map(|place| place.island).collect();
        assert_eq!(islands.len(), stubs.len(), "{name}: {stubs:x?}");
    }

    // Nothing overlaps, everything is in a segment, and what is not used is counted as padding.
    ranges.retain(|(_, bytes, _)| *bytes > 0);
    ranges.sort();
    for pair in ranges.windows(2) {
        let [(address, bytes, first), (next, _, second)] = pair else { unreachable!() };
        assert!(address + bytes <= *next, "{first} and {second} overlap at {next:#x}");
    }
    for (address, bytes, name) in &ranges {
        let inside = summary
            .segments
            .iter()
            .any(|segment| *address >= segment.address && address + bytes <= segment.address + segment.bytes);
        assert!(inside, "{name} is in no segment");
    }
    let used: u64 = ranges.iter().map(|(_, bytes, _)| bytes).sum();
    assert_eq!(used + summary.padding_bytes, summary.total_bytes, "bytes neither used nor padding");
    if spec.low
        && (0..spec.objects.len()).any(|number| spec.objects[number].uses_constants(spec, &model, number))
    {
        let end = summary.segments.iter().map(|segment| segment.address + segment.bytes).max();
        assert!(end.is_none_or(|end| end <= 1 << 31));
    }
    let islands = summary.islands.len();
    set.remove().unwrap();
    Ok(islands)
}

impl ObjectSpec {
    /// Whether a reference to the set's own needs low addresses. Groups that are discarded do not count.
    fn uses_constants(&self, spec: &SetSpec, model: &Model, number: usize) -> bool {
        let sections = self.sections.iter().filter(|section| section.group.is_none());
        let mut references = sections.flat_map(|section| &section.references);
        references.any(|(form, pick)| {
            let (form, name) = model.choose(spec, number, *form, *pick);
            form == Form::Constant && !matches!(model.names[name], Defined::Nowhere)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_reference_lands_on_its_target(spec in set()) {
        check(&spec).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn every_reference_lands_on_its_target_in_any_number_of_islands() {
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let (several, refused) = (Cell::new(0), Cell::new(0));
    TestRunner::new(config)
        .run(&scattered(), |spec| {
            match check(&spec) {
                Ok(islands) => several.set(several.get() + u32::from(islands > 1)),
                // Objects that refer to each other directly can be too large for their reach.
                Err(error) => {
                    assert!(error.contains("a reach of"), "{error}");
                    refused.set(refused.get() + 1);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    eprintln!("{} sets of several islands, {} refused", several.get(), refused.get());
    assert!(several.get() > 150 && refused.get() < 100, "{several:?} {refused:?}");
}
