//! What debuggers and profilers learn of a set: an ELF file in memory, and a list of functions.
//!
//! The file is what a linker would write of the set, but without contents that are in memory anyway: section headers with
//! the sections' addresses, a symbol table, call frame information, and the objects' debug information. Documents: gABI,
//! chapter 4; GDB's manual, "JIT Compilation Interface".

#![forbid(unsafe_code)]

mod dwarf;
mod symbols;

use object::elf::{self, FileHeader64, SectionHeader64, Sym64};
use object::pod::bytes_of;
use object::{LittleEndian as LE, U16, U32, U64};

use crate::isa::Isa;
use crate::memory::SegmentKind;
use crate::place::Plan;
use crate::place::layout::{Contents, Output};
use crate::read::elf::DEBUG_SECTIONS;
use crate::read::object::{Binding, SymbolKind};
use crate::resolve::demangle;
use dwarf::Dwarf;
use symbols::{Named, each};

type Header = SectionHeader64<LE>;

/// More output sections than anybody has get no header; what is in them, no section: beyond 65,279 their numbers would need
/// another table.
const MOST_SECTIONS: usize = 65_000;
const SYMBOL_BYTES: u64 = size_of::<Sym64<LE>>() as u64;

/// A table of names.
struct Names(Vec<u8>);

impl Names {
    fn new() -> Names {
        Names(vec![0])
    }

    /// Adds a name, and tells where it is. Beyond 4 GiB there are none.
    fn add(&mut self, parts: &[&[u8]]) -> U32<LE> {
        let at = u32::try_from(self.0.len()).unwrap_or(0);
        if at != 0 {
            parts.iter().for_each(|part| self.0.extend_from_slice(part));
            self.0.push(0);
        }
        U32::new(LE, at)
    }
}

/// The output sections that are in memory, by address, with the number of each one's header.
struct Sections(Vec<(u64, u64, u16)>);

impl Sections {
    /// The number of the section that holds an address, or ends there.
    fn number(&self, address: u64) -> u16 {
        let at = self.0.partition_point(|(start, ..)| *start <= address);
        let holds = |(_, end, number): &(u64, u64, u16)| (address <= *end).then_some(*number);
        at.checked_sub(1).and_then(|at| holds(&self.0[at])).unwrap_or(elf::SHN_ABS.0)
    }
}

/// The file that describes a set to debuggers, whose segments hold `bytes`. They look for thread-local variables in the block
/// that is `first_block` bytes from the thread pointer. In the file all addresses of the set are lower by `bias`.
pub(crate) fn file<I: Isa>(
    plan: &Plan<'_, '_>,
    bytes: &[&mut [u8]],
    first_block: Option<i64>,
    bias: u64,
) -> Box<[u8]> {
    let mut names = Names::new();
    let mut headers = vec![header(U32::new(LE, 0), elf::SHT_NULL, 0, 0, 0)];
    let mut sections = Sections(Vec::new());
    let mut at = size_of::<FileHeader64<LE>>() as u64;
    let mut frames = Vec::new();
    let has_frames = plan.frames.has_entries();
    let present = plan.outputs.iter().filter(|output| output.size > 0);
    for output in present.take(MOST_SECTIONS) {
        let address = plan.output_address(output);
        let name = names.add(&[if output.contents == Contents::Stubs { b".plt" } else { output.name }]);
        let mut own = header(name, elf::SHT_NOBITS, at, output.size, output.align);
        if has_frames
            && output.contents == Contents::Frames
            && let Some(contents) = contents(plan, bytes, address, output.size)
        {
            at = at.next_multiple_of(8);
            own.sh_type.set(LE, elf::SHT_PROGBITS);
            own.sh_offset.set(LE, at);
            frames.push((at, contents));
            at += output.size;
        }
        own.sh_addr.set(LE, address - bias);
        own.sh_flags.set(LE, flags(output));
        sections.0.push((address, address + output.size, headers.len() as u16));
        headers.push(own);
    }
    sections.0.sort_unstable();

    let dwarf = Dwarf::of(plan, first_block, bias);
    let debug_start = at;
    for (name, &size) in DEBUG_SECTIONS.iter().zip(&dwarf.sizes).filter(|(_, size)| **size > 0) {
        headers.push(header(names.add(&[name]), elf::SHT_PROGBITS, at, size, 1));
        at += size;
    }

    let (symbols, first_global, strings) = symbol_table::<I>(plan, &sections, bias);
    let symbols_at = at.next_multiple_of(8);
    let size = symbols.len() as u64;
    let mut own = header(names.add(&[b".symtab"]), elf::SHT_SYMTAB, symbols_at, size, 8);
    own.sh_entsize.set(LE, SYMBOL_BYTES);
    own.sh_link.set(LE, headers.len() as u32 + 1);
    own.sh_info.set(LE, first_global);
    headers.push(own);
    at = symbols_at + size;
    let size = strings.0.len() as u64;
    headers.push(header(names.add(&[b".strtab"]), elf::SHT_STRTAB, at, size, 1));
    let strings_at = at;
    at += size;
    let name = names.add(&[b".shstrtab"]);
    let size = names.0.len() as u64;
    headers.push(header(name, elf::SHT_STRTAB, at, size, 1));
    let names_at = at;
    at = (at + size).next_multiple_of(8);

    let mut file = vec![0; at as usize + size_of_val(&*headers)].into_boxed_slice();
    let mut put = |at: u64, bytes: &[u8]| file[at as usize..][..bytes.len()].copy_from_slice(bytes);
    // Where the addresses are final, nobody is to add anything to them.
    let kind = if bias == 0 { elf::ET_EXEC } else { elf::ET_DYN };
    put(0, bytes_of(&file_header(kind, at, headers.len())));
    frames.iter().for_each(|(at, contents)| put(*at, contents));
    put(symbols_at, &symbols);
    put(strings_at, &strings.0);
    put(names_at, &names.0);
    put(at, object::bytes_of_slice(&headers));
    let mut rest = &mut file[debug_start as usize..];
    let to = dwarf.sizes.map(|size| {
        let (own, behind) = std::mem::take(&mut rest).split_at_mut(size as usize);
        rest = behind;
        own
    });
    dwarf.write::<I>(plan, to);
    file
}

fn file_header(kind: elf::FileType, headers_at: u64, headers: usize) -> FileHeader64<LE> {
    FileHeader64 {
        e_ident: elf::Ident {
            magic: elf::ELFMAG,
            class: elf::ELFCLASS64,
            data: elf::ELFDATA2LSB,
            version: elf::EV_CURRENT,
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            padding: [0; 7],
        },
        e_type: U16::new(LE, kind),
        e_machine: U16::new(LE, elf::EM_X86_64),
        e_version: U32::new(LE, 1),
        e_entry: U64::new(LE, 0),
        e_phoff: U64::new(LE, 0),
        e_shoff: U64::new(LE, headers_at),
        e_flags: U32::new(LE, elf::FileFlags(0)),
        e_ehsize: U16::new(LE, size_of::<FileHeader64<LE>>() as u16),
        e_phentsize: U16::new(LE, 0),
        e_phnum: U16::new(LE, 0),
        e_shentsize: U16::new(LE, size_of::<Header>() as u16),
        e_shnum: U16::new(LE, headers as u16),
        e_shstrndx: U16::new(LE, elf::SymbolSection(headers as u16 - 1)),
    }
}

fn header(name: U32<LE>, kind: elf::SectionType, at: u64, size: u64, align: u64) -> Header {
    SectionHeader64 {
        sh_name: name,
        sh_type: U32::new(LE, kind),
        sh_flags: U64::new(LE, elf::SectionFlags(0)),
        sh_addr: U64::new(LE, 0),
        sh_offset: U64::new(LE, at),
        sh_size: U64::new(LE, size),
        sh_link: U32::new(LE, 0),
        sh_info: U32::new(LE, 0),
        sh_addralign: U64::new(LE, align),
        sh_entsize: U64::new(LE, 0),
    }
}

fn flags(output: &Output<'_>) -> elf::SectionFlags {
    let more = match output.segment {
        SegmentKind::Code | SegmentKind::LargeCode => elf::SHF_EXECINSTR.0,
        SegmentKind::Constants | SegmentKind::LargeConstants => 0,
        SegmentKind::Data | SegmentKind::LargeData => elf::SHF_WRITE.0,
    };
    elf::SectionFlags(elf::SHF_ALLOC.0 | more)
}

/// The `size` bytes at `address`, out of those of all segments.
fn contents<'b>(plan: &Plan<'_, '_>, bytes: &'b [&mut [u8]], address: u64, size: u64) -> Option<&'b [u8]> {
    let mut segments = plan.segments.iter().zip(bytes);
    segments.find_map(|(segment, bytes)| {
        let start = usize::try_from(address.checked_sub(segment.address)?).ok()?;
        bytes.get(start..)?.get(..size as usize)
    })
}

/// The symbol table, the number of its first symbol that is not local, and its names.
fn symbol_table<I: Isa>(plan: &Plan<'_, '_>, sections: &Sections, bias: u64) -> (Vec<u8>, u32, Names) {
    let mut names = Names::new();
    let mut locals = vec![0; SYMBOL_BYTES as usize];
    let mut globals = Vec::new();
    each::<I>(plan, |named| {
        let (binding, table) = match named.binding {
            Binding::Local => (elf::STB_LOCAL, &mut locals),
            Binding::Global => (elf::STB_GLOBAL, &mut globals),
            Binding::Weak => (elf::STB_WEAK, &mut globals),
        };
        let kind = match named.kind {
            SymbolKind::Function => elf::STT_FUNC,
            SymbolKind::Ifunc => elf::STT_GNU_IFUNC,
            SymbolKind::Data => elf::STT_OBJECT,
            _ => elf::STT_NOTYPE,
        };
        let symbol = Sym64 {
            st_name: names.add(&[named.name, named.suffix()]),
            st_info: elf::SymbolInfo::new(binding, kind),
            st_other: elf::SymbolOther(0),
            st_shndx: U16::new(LE, elf::SymbolSection(sections.number(named.address))),
            st_value: U64::new(LE, named.address.wrapping_sub(bias)),
            st_size: U64::new(LE, named.size),
        };
        table.extend_from_slice(bytes_of(&symbol));
    });
    let first_global = (locals.len() as u64 / SYMBOL_BYTES) as u32;
    locals.append(&mut globals);
    (locals, first_global, names)
}

/// A piece of code with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// As its source has it.
    pub name: String,
    pub address: u64,
    /// Bytes, not 0.
    pub size: u64,
}

/// The functions of a set, by address. Each ends where its section does, at the latest; a label without a size goes as far as
/// the next name.
pub(crate) fn functions<I: Isa>(plan: &Plan<'_, '_>) -> Vec<Function> {
    let mut found = Vec::new();
    each::<I>(plan, |named| {
        let is_function = matches!(named.kind, SymbolKind::Function | SymbolKind::Ifunc | SymbolKind::NoType);
        if named.in_code && is_function {
            found.push(named);
        }
    });
    // Of several names of one place, those with a size, and others see before local ones.
    found.sort_by_key(|named| (named.address, named.size == 0, named.binding == Binding::Local));
    found.dedup_by_key(|named| named.address);
    let spans = plan.outputs.iter().map(|output| (plan.output_address(output), output.size));
    let mut spans: Vec<(u64, u64)> = spans.map(|(start, size)| (start, start.saturating_add(size))).collect();
    spans.sort_unstable();
    let nexts = found.iter().skip(1).map(|next| next.address).chain([u64::MAX]);
    let function = |(named, next): (&Named<'_>, u64)| {
        let address = named.address;
        let section = spans.partition_point(|(start, _)| *start <= address).checked_sub(1)?;
        let room = spans[section].1.checked_sub(address)?;
        let size = if named.size == 0 { next - address } else { named.size }.min(room);
        let name = demangle(named.name) + str::from_utf8(named.suffix()).unwrap_or_default();
        (size > 0).then_some(Function { name, address, size })
    };
    found.iter().zip(nexts).filter_map(function).collect()
}
