//! The dynamic symbols of a library made in memory, by the addresses that they name.

use std::ffi::c_char;
use std::ptr::with_exposed_provenance;

use super::elf::{SHN_ABS, STT_TLS};

/// Where the symbols are: in the file, or once that is loaded, in memory. The names are terminated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SymbolTable {
    pub(super) entries: u64,
    pub(super) count: u32,
    pub(super) strings: u64,
}

/// A symbol that names an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub entry: *const libc::Elf64_Sym,
    pub name: *const c_char,
    pub address: u64,
}

impl SymbolTable {
    /// The table of the file that is loaded at `base`.
    pub(super) fn at(self, base: u64) -> SymbolTable {
        let [entries, strings] = [self.entries, self.strings].map(|offset| offset.wrapping_add(base));
        SymbolTable { entries, strings, ..self }
    }

    /// The symbol that holds an address, of several the one that begins last. One without a size holds the address where
    /// it is and no other: glibc's dladdr tells it so, and looks through all symbols, too.
    ///
    /// # Safety
    /// The library is loaded, and stays so as long as the result is used.
    pub unsafe fn holding(self, address: u64) -> Option<Found> {
        let entries = with_exposed_provenance::<libc::Elf64_Sym>(self.entries as usize);
        let mut found: Option<(&libc::Elf64_Sym, u64)> = None;
        for index in 0..self.count as usize {
            // SAFETY: the table has so many entries, aligned to 8, in read-only memory.
            let entry = unsafe { &*entries.add(index) };
            let Some(offset) = address.checked_sub(entry.st_value) else { continue };
            let holds = offset == 0 || offset < entry.st_size;
            // The others are the image's own.
            let is_set = entry.st_shndx == SHN_ABS && entry.st_info & 0xf != STT_TLS && entry.st_name != 0;
            if holds && is_set && found.is_none_or(|(_, nearest)| offset < nearest) {
                found = Some((entry, offset));
            }
        }
        let (entry, _) = found?;
        let name = with_exposed_provenance(self.strings.wrapping_add(u64::from(entry.st_name)) as usize);
        Some(Found { entry, name, address: entry.st_value })
    }
}
