//! Where the dynamic tables are: from the ELF header over `PT_DYNAMIC` to slices of the file, each checked once.

#![forbid(unsafe_code)]

use std::sync::Arc;

use object::LittleEndian as Le;
use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64, SectionHeader64, Sym64, Versym};
use object::pod::{Pod, from_bytes, slice_from_all_bytes, slice_from_bytes};

use super::hash::{GnuHash, SysvHash};
use crate::error::{Place, Problem};

/// The dynamic tables of a library.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables<'d> {
    pub(super) machine: u16,
    pub(super) segments: &'d [ProgramHeader64<Le>],
    pub(super) dynamic: &'d [Dyn64<Le>],
    pub(super) strings: &'d [u8],
    pub(super) symbols: &'d [Sym64<Le>],
    pub(super) versyms: Option<&'d [Versym<Le>]>,
    /// Version definitions, and how many there are said to be.
    pub(super) verdef: Option<(&'d [u8], u64)>,
    /// Version requirements, and how many files they are for.
    pub(super) verneed: Option<(&'d [u8], u64)>,
    pub(super) gnu_hash: Option<GnuHash<'d>>,
    pub(super) sysv_hash: Option<SysvHash<'d>>,
}

impl<'d> Tables<'d> {
    pub(super) fn locate(name: &Arc<str>, data: &'d [u8]) -> Result<Self, Problem> {
        let malformed = |what: &str| Problem::malformed(Place::file(name.clone()), what);
        let unsupported = |what: &str| Problem::unsupported(Place::file(name.clone()), what);

        let (header, _) = from_bytes::<FileHeader64<Le>>(data).map_err(|()| {
            malformed(if data.starts_with(b"\x7fELF") { "a truncated ELF header" } else { "no ELF file" })
        })?;
        if header.e_ident.magic != elf::ELFMAG {
            return Err(malformed("no ELF file"));
        }
        if header.e_ident.class != elf::ELFCLASS64 || header.e_ident.data != elf::ELFDATA2LSB {
            return Err(unsupported("a shared library that is not 64-bit little-endian ELF"));
        }
        if header.e_type.get(Le) != elf::ET_DYN {
            return Err(malformed("an ELF file that is no shared library"));
        }
        let machine = header.e_machine.get(Le).0;
        let segments: &[ProgramHeader64<Le>] = if header.e_phnum.get(Le) == 0 {
            &[]
        } else if usize::from(header.e_phentsize.get(Le)) != size_of::<ProgramHeader64<Le>>() {
            return Err(malformed("program headers of an unknown size"));
        } else {
            slice_at(data, header.e_phoff.get(Le), header.e_phnum.get(Le).into())
                .ok_or_else(|| malformed("the program headers extend beyond the file's end"))?
        };
        let memory = Memory { data, segments };

        let dynamic = segments
            .iter()
            .find(|segment| segment.p_type.get(Le) == elf::PT_DYNAMIC)
            .ok_or_else(|| malformed("a shared library without a dynamic section"))?;
        let size = dynamic.p_filesz.get(Le) / size_of::<Dyn64<Le>>() as u64;
        let dynamic: &[Dyn64<Le>] = slice_at(data, dynamic.p_offset.get(Le), size)
            .ok_or_else(|| malformed("the dynamic section extends beyond the file's end"))?;
        let end = dynamic.iter().position(|entry| entry.d_tag.get(Le) == elf::DT_NULL);
        let dynamic = dynamic.get(..end.unwrap_or(dynamic.len())).unwrap_or_default();
        let value = |tag| dynamic.iter().find(|it| it.d_tag.get(Le) == tag).map(|it| it.d_val.get(Le));
        // Everything of the file that follows a table's beginning.
        let table = |tag, what: &str| match value(tag) {
            None => Ok(None),
            Some(address) => memory.at(address).map(Some).ok_or_else(|| {
                malformed(&format!("the dynamic section's address of the {what} is not in the file"))
            }),
        };

        if value(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0) {
            return Err(unsupported("a position-independent executable in place of a shared library"));
        }
        let strings = table(elf::DT_STRTAB, "string table")?.unwrap_or_default();
        let strings = match value(elf::DT_STRSZ) {
            None => strings,
            Some(size) => usize::try_from(size)
                .ok()
                .and_then(|size| strings.get(..size))
                .ok_or_else(|| malformed("the dynamic string table extends beyond its segment"))?,
        };
        if value(elf::DT_SYMENT).is_some_and(|size| size != size_of::<Sym64<Le>>() as u64) {
            return Err(malformed("dynamic symbols of an unknown size"));
        }

        let gnu_hash = table(elf::DT_GNU_HASH, "GNU hash table")?
            .map(|bytes| GnuHash::parse(bytes).ok_or_else(|| malformed("a malformed GNU hash table")))
            .transpose()?;
        // Two architectures have 64-bit words in this table, against the generic ABI.
        let wide_words = [elf::EM_ALPHA.0, elf::EM_S390.0].contains(&machine);
        let sysv_hash = table(elf::DT_HASH, "hash table")?
            .filter(|_| !wide_words)
            .map(|bytes| SysvHash::parse(bytes).ok_or_else(|| malformed("a malformed hash table")))
            .transpose()?;

        let symbols: &[Sym64<Le>] = match table(elf::DT_SYMTAB, "symbol table")? {
            None => &[],
            Some(bytes) => {
                let address = value(elf::DT_SYMTAB).unwrap_or_default();
                let count = section_size(data, header, address)
                    .or_else(|| sysv_hash.map(|hash| hash.symbols()))
                    .or_else(|| gnu_hash.and_then(|hash| hash.symbols()))
                    .or_else(|| {
                        let size = value(elf::DT_STRTAB)?.checked_sub(address)?;
                        Some(size / size_of::<Sym64<Le>>() as u64)
                    })
                    .ok_or_else(|| malformed("nothing tells how long the dynamic symbol table is"))?;
                slice_at(bytes, 0, count)
                    .ok_or_else(|| malformed("the dynamic symbol table extends beyond its segment"))?
            }
        };
        let versyms = table(elf::DT_VERSYM, "version table")?
            .map(|bytes| {
                slice_at(bytes, 0, symbols.len() as u64)
                    .ok_or_else(|| malformed("the version table extends beyond its segment"))
            })
            .transpose()?;
        let counted = |bytes: Option<&'d [u8]>, count| bytes.map(|it| (it, value(count).unwrap_or(u64::MAX)));
        let verdef = counted(table(elf::DT_VERDEF, "version definitions")?, elf::DT_VERDEFNUM);
        let verneed = counted(table(elf::DT_VERNEED, "version requirements")?, elf::DT_VERNEEDNUM);
        Ok(Tables {
            machine,
            segments,
            dynamic,
            strings,
            symbols,
            versyms,
            verdef,
            verneed,
            gnu_hash,
            sysv_hash,
        })
    }
}

/// `count` values at `offset`.
pub(super) fn slice_at<T: Pod>(data: &[u8], offset: u64, count: u64) -> Option<&[T]> {
    let tail = data.get(usize::try_from(offset).ok()?..)?;
    slice_from_bytes(tail, usize::try_from(count).ok()?).ok().map(|(slice, _)| slice)
}

/// The loader's view of the file.
struct Memory<'d> {
    data: &'d [u8],
    segments: &'d [ProgramHeader64<Le>],
}

impl<'d> Memory<'d> {
    /// The file's bytes from `address` to the end of its segment.
    fn at(&self, address: u64) -> Option<&'d [u8]> {
        self.segments.iter().filter(|it| it.p_type.get(Le) == elf::PT_LOAD).find_map(|segment| {
            let inside = address.checked_sub(segment.p_vaddr.get(Le))?;
            let left = segment.p_filesz.get(Le).checked_sub(inside).filter(|&left| left > 0)?;
            let start = usize::try_from(segment.p_offset.get(Le).checked_add(inside)?).ok()?;
            let tail = self.data.get(start..)?;
            Some(tail.get(..usize::try_from(left).ok()?).unwrap_or(tail))
        })
    }
}

/// How many symbols the section header of the dynamic symbol table at `address` tells of. Section headers say nothing to
/// the loader, so whatever is wrong with them is no problem.
fn section_size(data: &[u8], header: &FileHeader64<Le>, address: u64) -> Option<u64> {
    if usize::from(header.e_shentsize.get(Le)) != size_of::<SectionHeader64<Le>>() {
        return None;
    }
    let offset = header.e_shoff.get(Le);
    let count = match header.e_shnum.get(Le) {
        0 => slice_at::<SectionHeader64<Le>>(data, offset, 1)?.first()?.sh_size.get(Le),
        count => count.into(),
    };
    let section = slice_at::<SectionHeader64<Le>>(data, offset, count)?
        .iter()
        .find(|it| it.sh_type.get(Le) == elf::SHT_DYNSYM && it.sh_addr.get(Le) == address)?;
    let bytes = data.get(usize::try_from(section.sh_offset.get(Le)).ok()?..)?;
    let bytes = bytes.get(..usize::try_from(section.sh_size.get(Le)).ok()?)?;
    slice_from_all_bytes::<Sym64<Le>>(bytes).ok().map(|symbols| symbols.len() as u64)
}
