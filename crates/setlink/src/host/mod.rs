//! The host process: the only code that knows what else is loaded and mapped here.
//!
//! | file | what it knows |
//! | --- | --- |
//! | `libraries.rs`, `tables.rs` | the loaded objects and their dynamic tables, read behind the loader's lock |
//! | `symbols.rs` | where a name leads, and what is there |
//! | `open.rs` | loading a library |
//! | `wait.rs` | loading libraries that are to be initialised later |
//! | `ends.rs` | ending them |
//! | `image.rs` | libraries made in memory, by which the loader learns of a set's symbols and thread-local storage |
//! | `symbol_table.rs` | such a library's symbols, by address |
//! | `maps.rs` | which addresses are free, and which of them to choose |
//! | `slots.rs` | who refers to a definition, and how to move it for the whole process |
//! | `words.rs` | how to change words that the loader has filled in |
//! | `threads.rs` | how many threads there are |
//! | `fork.rs` | the gate in front of all locks, which a fork closes |
//! | `elf.rs` | the format's numbers, and the dynamic relocation types of each machine |
//!
//! It works on Linux with glibc or musl, on any 64-bit machine that `elf.rs` has a table for.

pub(crate) mod elf;
mod ends;
pub(crate) mod fork;
mod image;
mod image_file;
mod image_versions;
mod libraries;
mod maps;
mod objects;
mod open;
mod slots;
#[cfg(test)]
#[cfg_attr(not(target_env = "gnu"), allow(unused_imports))]
mod slots_tests;
mod symbol_table;
mod symbols;
mod tables;
#[cfg(test)]
mod testing;
mod threads;
mod wait;
mod words;

use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;

// The line takes what it needs of these as it is wired to the host.
pub(crate) use ends::{EndOfAll, ending};
#[allow(unused_imports)]
pub(crate) use image::{
    Image, ImageBuilder, ImageFile, ImageSymbol, ImageSymbolKind, TlsModule, TlsReference, TlsTemplate,
};
pub(crate) use image_file::file_in_memory;
pub(crate) use image_versions::ImageVersion;
#[allow(unused_imports)]
pub(crate) use libraries::{Libraries, Library, LibraryCache, Segment, View, is_made, tls_listed};
#[allow(unused_imports)]
pub(crate) use maps::{Limits, Mapping, Maps};
pub(crate) use objects::{Object, is_loaded, names, order_behind, order_of, order_of_program};
#[allow(unused_imports)]
pub(crate) use open::{OpenLibrary, find_loaded, open, open_early};
#[allow(unused_imports)]
pub(crate) use slots::{Move, MoveOptions, Moved, Moves, Redefined, ThreadLocal, Versions};
pub(crate) use symbol_table::{Found, SymbolTable};
#[allow(unused_imports)]
pub(crate) use symbols::{HostKind, HostSymbol, LinkMap, behind_program, is_program};
#[allow(unused_imports)]
pub(crate) use threads::{count as thread_count, id as thread_id};
pub(crate) use wait::{Finalisers, Initialisers, WaitingLibraries, are_left, can_wait, open_waiting};

/// The process that Setlink runs in. Cheap to share; all of it can be used from many threads.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    cache: Arc<LibraryCache>,
}

impl Host {
    /// This process.
    pub fn new() -> Host {
        Host { cache: Arc::new(LibraryCache::new()) }
    }

    /// The objects that are loaded now.
    pub fn libraries(&self) -> Arc<Libraries> {
        self.cache.libraries()
    }

    /// The objects that are loaded now, with their tables readable while `read` runs; it must not call the loader.
    #[cfg(test)]
    pub fn view<R>(&self, read: impl FnMut(&View<'_>) -> R) -> R {
        self.cache.view(read)
    }

    /// The definition that a reference to `name` would get, with `version` where one is asked for.
    pub fn lookup(&self, name: &[u8], version: Option<&[u8]>) -> Option<HostSymbol> {
        symbols::lookup(&self.cache, name, version)
    }

    /// All names, with versions, that the object holding `address` has for the datum there.
    #[cfg(test)]
    pub fn aliases(&self, address: u64) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        self.cache.view(|view| view.aliases(address))
    }

    /// Keeps a shared library loaded as long as the result lives; none for the executable, or when it is gone.
    pub fn pin(&self, library: &Library) -> Option<OpenLibrary> {
        if library.is_executable || library.is_vdso {
            None
        } else {
            open::find_loaded(library.name.as_bytes(), false)
        }
    }

    /// The path of the first library that defines `name`, and whether it does so weakly.
    pub fn definer(&self, name: &[u8]) -> Option<(String, bool)> {
        symbols::definer(&self.cache, name)
    }

    /// From the first to the last address of the shared libraries: what a set is best placed near to.
    pub fn libraries_span(&self) -> Option<Range<u64>> {
        self.libraries().libraries_span()
    }

    /// Moves definitions for the whole process; see [`slots::apply`].
    ///
    /// # Errors
    /// As for [`slots::apply`]: nothing was changed then.
    ///
    /// # Safety
    /// As for [`slots::apply`]: the new addresses hold what the names promise until the moves are undone.
    pub unsafe fn apply_moves(&self, moves: &[Move], options: MoveOptions<'_>) -> Result<Moves> {
        // SAFETY: the caller promises the same.
        unsafe { slots::apply(&self.cache, moves, options) }
    }

    /// Undoes moves.
    ///
    /// # Errors
    /// Memory cannot be written.
    ///
    /// # Safety
    /// As for [`Moves::restore`]: the old definitions are there and up to date.
    pub unsafe fn restore_moves(&self, moves: Moves) -> Result<()> {
        // SAFETY: the caller promises the same.
        unsafe { moves.restore(&self.cache) }
    }

    /// The names that loaded objects other than the executable refer to by words that a move would change and that `wanted` picks.
    pub fn referenced(&self, versions: Versions, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        slots::referenced(&self.cache, versions, wanted)
    }

    /// Whether loaded objects other than the executable refer to one of `names`; see [`slots::is_referenced`].
    pub fn is_referenced(&self, names: &[&[u8]]) -> bool {
        slots::is_referenced(&self.cache, names)
    }

    /// Whether one of the loaded objects other than the executable refers to all of `names`.
    pub fn is_one_referring(&self, names: &[&[u8]]) -> bool {
        slots::is_one_referring(&self.cache, names)
    }

    /// The names that loaded objects other than the executable define and that are wanted; see [`symbols::known`].
    pub fn known(&self, may_be: impl Fn(u32) -> bool, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        symbols::known(&self.cache, may_be, wanted)
    }

    /// Those of the `names` that `wanted` picks and that loaded objects define; see [`slots::defined`].
    pub fn defined<'n>(
        &self,
        names: impl ExactSizeIterator<Item = &'n [u8]>,
        versions: Versions,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Vec<Vec<u8>> {
        slots::defined(&self.cache, names, versions, wanted)
    }
}
