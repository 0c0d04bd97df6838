//! The loaded objects of this process (the executable, its shared libraries, the vDSO) and their dynamic symbols.
//!
//! The list comes from `dl_iterate_phdr(3)`, the tables from each object's `PT_DYNAMIC` (gABI chapter 5, the Linux
//! Standard Base for `DT_GNU_HASH` and symbol versions). All of it is memory that somebody else may unmap with
//! `dlclose`, so it is only ever read through a [`View`]: a snapshot together with the loader's lock, as unwinders
//! do. Every table is cut to the readable segment that holds it before anything in it is read, because an object's
//! dynamic section is only as good as the tool that wrote it.

use std::any::Any;
use std::ffi::{CStr, c_int, c_void};
use std::marker::PhantomData;
use std::ops::{ControlFlow, Range};
use std::os::unix::ffi::OsStringExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::elf::*;
use super::fork;
use super::tables::{Symbol, Tables};

/// How the names of Setlink's own images begin that export nothing: snapshots leave them out, since a session may
/// have very many of them.
pub(super) const PRIVATE_IMAGES: &[u8] = b"/proc/self/./task/";
/// And of those that do.
pub(super) const OFFERED_IMAGES: &[u8] = b"/proc/self/task/";

/// A loadable segment, at its addresses in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The first byte.
    pub start: u64,
    /// One past the last byte (`p_memsz`, not rounded to pages).
    pub end: u64,
    /// `PF_R`, `PF_W` and `PF_X`.
    pub flags: u32,
}

/// Addresses of a readable part of one segment, from which values may be read while the loader's lock is held.
///
/// All reads are checked against the bounds. The type is `Copy` and carries no lifetime because snapshots store it;
/// the functions that read through it are reachable only from a [`View`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub start: u64,
    pub end: u64,
}

impl Window {
    /// The part that begins `offset` bytes in and has `size` bytes, if it is inside.
    pub fn part(self, offset: u64, size: u64) -> Option<Window> {
        let start = self.start.checked_add(offset)?;
        let end = start.checked_add(size)?;
        (end <= self.end).then_some(Window { start, end })
    }

    /// The value at `offset`, in the host's byte order and at any alignment.
    ///
    /// # Safety
    /// The window's memory is mapped and readable, and nobody writes to it: a [`View`] of the object is alive.
    pub unsafe fn read<T: Plain>(self, offset: u64) -> Option<T> {
        let part = self.part(offset, size_of::<T>() as u64)?;
        // SAFETY: `part` is inside the window, which the caller promises to be readable; `T` is an integer type.
        Some(unsafe { std::ptr::with_exposed_provenance::<T>(part.start as usize).read_unaligned() })
    }

    /// The window's bytes.
    ///
    /// # Safety
    /// As for [`Window::read`], for as long as the result lives.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        let start = std::ptr::with_exposed_provenance::<u8>(self.start as usize);
        // SAFETY: the caller promises that the memory is readable and unchanging for 'a; a segment's size fits isize.
        unsafe { std::slice::from_raw_parts(start, (self.end - self.start) as usize) }
    }
}

/// Integers that any bytes are a value of.
pub(super) trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for u16 {}
impl Plain for u32 {}
impl Plain for u64 {}

/// One loaded object.
#[derive(Debug)]
pub(crate) struct Library {
    /// The path the loader opened it by; for the executable, what `/proc/self/exe` points to.
    pub name: String,
    /// What is added to the object's virtual addresses.
    pub bias: u64,
    /// The loadable segments in the order of the program headers.
    pub segments: Vec<Segment>,
    /// What is read-only after relocation (`PT_GNU_RELRO`). The loader protects only the whole pages in it.
    pub relro: Option<Range<u64>>,
    /// The first to one past the last address of its segments.
    pub span: Range<u64>,
    /// The number of its TLS module, 0 when it has none.
    pub tls_module: usize,
    /// It is the program itself.
    pub is_executable: bool,
    /// It is the kernel's vDSO, whose symbols are not in any scope and whose memory is not to be written.
    pub is_vdso: bool,
    /// Its dynamic section (`PT_DYNAMIC`).
    pub dynamic: Option<Range<u64>>,
    /// The dynamic symbols and relocations; none when the object has no dynamic section or one that cannot be read.
    pub(super) tables: Option<Tables>,
    /// There is a dynamic section, but it cannot be read: only the loader knows what is in it.
    pub is_opaque: bool,
}

impl Library {
    /// Whether Setlink made it, for others to find its symbols.
    pub fn is_made(&self) -> bool {
        self.name.as_bytes().starts_with(OFFERED_IMAGES)
    }

    /// The segment that holds `address`.
    pub fn segment_at(&self, address: u64) -> Option<&Segment> {
        if !self.span.contains(&address) {
            return None;
        }
        self.segments.iter().find(|segment| segment.start <= address && address < segment.end)
    }

    /// Whether nothing may write the `size` bytes at `address` any more: they lie in a segment without write
    /// permission, or in the part that is read-only after relocation. False for addresses outside of the object.
    pub fn is_constant(&self, address: u64, size: u64) -> bool {
        let end = address.saturating_add(size.max(1));
        let in_relro = || self.relro.as_ref().is_some_and(|relro| relro.start <= address && end <= relro.end);
        match self.segment_at(address) {
            Some(segment) => segment.flags & PF_W == 0 || in_relro(),
            None => false,
        }
    }

    /// Reads the object that the loader describes by `info`.
    ///
    /// # Safety
    /// `info` comes from `dl_iterate_phdr`, whose callback is still running.
    pub(super) unsafe fn from_loader(info: &libc::dl_phdr_info, is_first: bool, vdso: u64) -> Library {
        let bias = info.dlpi_addr;
        // SAFETY: the callback is running.
        let headers = unsafe { headers(info) };
        let mut segments = Vec::new();
        let mut relro = None;
        let mut dynamic = None;
        for header in headers {
            let start = bias.wrapping_add(header.p_vaddr);
            let Some(end) = start.checked_add(header.p_memsz) else { continue };
            match header.p_type {
                PT_LOAD => segments.push(Segment { start, end, flags: header.p_flags }),
                PT_GNU_RELRO => relro = Some(start..end),
                PT_DYNAMIC => dynamic = Some(start..end),
                _ => {}
            }
        }
        let span = segments.iter().map(|s| s.start).min().unwrap_or(0)
            ..segments.iter().map(|s| s.end).max().unwrap_or(0);
        let is_vdso = vdso != 0 && span.contains(&vdso);
        let window = dynamic.as_ref().map(|range| Window { start: range.start, end: range.end });
        // SAFETY: the callback is running, so the object stays mapped, and its segments are as the headers say.
        let tables = window.and_then(|dynamic| unsafe { Tables::parse(dynamic, bias, &segments) });
        let name = if is_first {
            std::env::current_exe().ok().map(|path| path.into_os_string().into_vec())
        } else {
            None
        };
        let name = name.unwrap_or_else(|| match info.dlpi_name.is_null() {
            true => Vec::new(),
            // SAFETY: the loader gives a terminated string.
            false => unsafe { CStr::from_ptr(info.dlpi_name) }.to_bytes().to_vec(),
        });
        Library {
            name: String::from_utf8_lossy(&name).into_owned(),
            bias,
            segments,
            relro,
            span,
            tls_module: info.dlpi_tls_modid,
            is_executable: is_first,
            is_vdso,
            is_opaque: dynamic.is_some() && tables.is_none() && !is_vdso,
            dynamic,
            tables,
        }
    }
}

/// An object's program headers.
///
/// # Safety
/// `info` comes from `dl_iterate_phdr`, whose callback is still running for as long as the result is used.
pub(super) unsafe fn headers(info: &libc::dl_phdr_info) -> &[libc::Elf64_Phdr] {
    if info.dlpi_phdr.is_null() {
        return &[];
    }
    // SAFETY: the loader says that there are `dlpi_phnum` headers at `dlpi_phdr`.
    unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) }
}

/// Whether it is a library that Setlink made for the loader.
fn is_private(info: &libc::dl_phdr_info) -> bool {
    // SAFETY: the loader's name is null or a terminated string.
    !info.dlpi_name.is_null()
        && unsafe { CStr::from_ptr(info.dlpi_name) }.to_bytes().starts_with(PRIVATE_IMAGES)
}

/// Whether it is a library that Setlink made, for some to find its symbols or for itself.
///
/// # Safety
/// `info` comes from `dl_iterate_phdr`, whose callback is still running.
pub(crate) unsafe fn is_made(info: &libc::dl_phdr_info) -> bool {
    // SAFETY: the loader's name is null or a terminated string.
    is_private(info)
        || !info.dlpi_name.is_null()
            && unsafe { CStr::from_ptr(info.dlpi_name) }.to_bytes().starts_with(OFFERED_IMAGES)
}

/// The loaded objects at one moment, in the loader's order: the executable first.
///
/// An index into it (`u32`) means something only together with the snapshot.
#[derive(Debug)]
pub(crate) struct Libraries {
    list: Vec<Library>,
    /// The loader's counts of loads and unloads, which change whenever the list does.
    version: (u64, u64),
}

impl Libraries {
    /// The objects that are loaded now.
    pub fn snapshot() -> Libraries {
        let mut list = Vec::new();
        let mut version = (0, 0);
        let vdso = vdso_address();
        let mut is_first = true;
        iterate(&mut |info| {
            version = (info.dlpi_adds, info.dlpi_subs);
            if !is_private(info) {
                // SAFETY: called from the loader's iteration.
                list.push(unsafe { Library::from_loader(info, is_first, vdso) });
            }
            is_first = false;
            ControlFlow::Continue(())
        });
        Libraries { list, version }
    }

    /// [`Libraries::libraries_span`] of the objects that are loaded now, for who wants nothing else of them.
    pub fn span_now() -> Option<Range<u64>> {
        let vdso = vdso_address();
        let mut is_first = true;
        let mut all: Option<Range<u64>> = None;
        iterate(&mut |info| {
            if !std::mem::take(&mut is_first) && !is_private(info) {
                // SAFETY: called from the loader's iteration.
                let loaded = unsafe { headers(info) }.iter().filter(|header| header.p_type == PT_LOAD);
                let segments = loaded.filter_map(|header| {
                    let start = info.dlpi_addr.wrapping_add(header.p_vaddr);
                    Some(start..start.checked_add(header.p_memsz)?)
                });
                let join = |a: Range<u64>, b: Range<u64>| a.start.min(b.start)..a.end.max(b.end);
                let own = segments.reduce(join).filter(|own| !own.is_empty());
                if let Some(own) = own.filter(|own| vdso == 0 || !own.contains(&vdso)) {
                    all = Some(all.take().map_or(own.clone(), |all| join(all, own)));
                }
            }
            ControlFlow::Continue(())
        });
        all
    }

    /// Whether no object was loaded or unloaded since the snapshot. Costs about 0.1 µs.
    pub fn is_current(&self) -> bool {
        let mut version = (0, 0);
        iterate(&mut |info| {
            version = (info.dlpi_adds, info.dlpi_subs);
            ControlFlow::Break(())
        });
        version == self.version
    }

    /// The objects, the executable first.
    pub fn iter(&self) -> impl Iterator<Item = &Library> {
        self.list.iter()
    }

    /// The object with number `index` of this snapshot.
    pub fn get(&self, index: u32) -> Option<&Library> {
        self.list.get(index as usize)
    }

    /// The number of the object that has `address` in one of its segments.
    pub fn holding(&self, address: u64) -> Option<u32> {
        self.list.iter().position(|library| library.segment_at(address).is_some()).map(|index| index as u32)
    }

    /// From the lowest to the highest address of the shared libraries: all but the executable and the vDSO.
    /// Their definitions are what a set most often refers to.
    pub fn libraries_span(&self) -> Option<Range<u64>> {
        let others = || self.list.iter().filter(|l| !l.is_executable && !l.is_vdso && !l.span.is_empty());
        Some(others().map(|l| l.span.start).min()?..others().map(|l| l.span.end).max()?)
    }

    /// Runs `read` on the objects' tables while the loader's lock keeps them mapped; none when the snapshot is out
    /// of date. `read` must not call the loader (`dlopen`, `dlsym`): another thread inside of it may wait for the
    /// lock in the opposite order.
    fn try_view<R>(&self, read: impl FnOnce(&View<'_>) -> R) -> Option<R> {
        let mut read = Some(read);
        let mut outcome = None;
        iterate(&mut |info| {
            if (info.dlpi_adds, info.dlpi_subs) == self.version
                && let Some(read) = read.take()
            {
                let view = View { libraries: self, _lock: PhantomData };
                outcome = Some(read(&view));
            }
            ControlFlow::Break(())
        });
        outcome
    }
}

/// The newest snapshot, shared by the threads of a session.
#[derive(Debug)]
pub(crate) struct LibraryCache {
    newest: std::sync::RwLock<Arc<Libraries>>,
}

impl LibraryCache {
    /// A cache that holds the objects loaded now.
    pub fn new() -> LibraryCache {
        LibraryCache { newest: std::sync::RwLock::new(Arc::new(Libraries::snapshot())) }
    }

    /// The snapshot of the objects loaded now: the cached one while it is current.
    pub fn libraries(&self) -> Arc<Libraries> {
        let cached = self.cached();
        if cached.is_current() { cached } else { self.renew() }
    }

    /// Runs `read` on an up-to-date snapshot whose tables can be read. `read` must not call the loader, and should
    /// be short: other threads cannot load libraries or throw exceptions meanwhile.
    pub fn view<R>(&self, mut read: impl FnMut(&View<'_>) -> R) -> R {
        let mut libraries = self.cached();
        loop {
            if let Some(value) = libraries.try_view(&mut read) {
                return value;
            }
            libraries = self.renew();
        }
    }

    fn cached(&self) -> Arc<Libraries> {
        let _hold = fork::hold();
        self.newest.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn renew(&self) -> Arc<Libraries> {
        let fresh = Arc::new(Libraries::snapshot());
        let _hold = fork::hold();
        *self.newest.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = fresh.clone();
        fresh
    }
}

/// A snapshot together with the proof that its objects stay mapped: the loader's lock is held.
pub(crate) struct View<'a> {
    libraries: &'a Libraries,
    /// The lock belongs to this thread.
    _lock: PhantomData<*const ()>,
}

impl<'a> View<'a> {
    /// The snapshot.
    pub fn libraries(&self) -> &'a Libraries {
        self.libraries
    }

    /// The tables of object `index`.
    pub(super) fn tables(&self, index: u32) -> Option<TablesView<'_>> {
        let library = self.libraries.get(index)?;
        let tables = library.tables.as_ref()?;
        Some(TablesView { library, tables, _view: PhantomData })
    }

    /// The definition of `name` in object `index` that a reference with `version`, or without one, would get.
    #[cfg(test)]
    pub fn find(&self, index: u32, name: &[u8], version: Option<&[u8]>) -> Option<Symbol<'_>> {
        self.tables(index)?.find(name, gnu_hash(name), version)
    }

    /// The names by which the object that holds `address` offers the datum there: all its dynamic symbols with that
    /// address that are data. With their versions, where they have one. For `stdout`, say, also `_IO_stdout`.
    pub fn aliases(&self, address: u64) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let Some(tables) = self.libraries.holding(address).and_then(|index| self.tables(index)) else {
            return Vec::new();
        };
        let same = tables.definitions_at(address);
        let same = same.filter(|symbol| matches!(symbol.kind, STT_OBJECT | STT_COMMON | STT_NOTYPE));
        same.map(|symbol| (symbol.name.to_vec(), symbol.version.map(<[u8]>::to_vec))).collect()
    }
}

/// The tables of one object, readable.
#[derive(Clone, Copy)]
pub(super) struct TablesView<'a> {
    pub library: &'a Library,
    tables: &'a Tables,
    _view: PhantomData<*const ()>,
}

// The SAFETY reason of all that follows: a `TablesView` comes from a `View`, so the loader's lock is held, the object
// is mapped, and the windows lie in its readable segments.
impl<'a> TablesView<'a> {
    /// The definition of `name`, whose GNU hash is `hash`, for a reference with `version`, or without one. An empty version
    /// (`NAME@`) means a definition without one, in an object with versions.
    pub fn find(self, name: &[u8], hash: u32, version: Option<&[u8]>) -> Option<Symbol<'a>> {
        // SAFETY: see above.
        let symbols = unsafe { self.tables.candidates(name, hash) }.filter_map(|index| self.symbol(index));
        if version == Some(b"") && !self.tables.defines_versions {
            return None;
        }
        let mut base = None;
        for symbol in symbols.filter(|symbol| symbol.is_definition() && symbol.answers(version)) {
            // Beside `NAME@@VERSION`, `NAME@` is for those who were linked before there were versions.
            if version.is_some() || symbol.version.is_some() {
                return Some(symbol);
            }
            base = base.or(Some(symbol));
        }
        base
    }

    /// Whether the object defines `name` without a version.
    pub fn has_base(self, name: &[u8], hash: u32) -> bool {
        // SAFETY: see above.
        let symbols = unsafe { self.tables.candidates(name, hash) }.filter_map(|index| self.symbol(index));
        symbols.filter(Symbol::is_definition).any(|symbol| symbol.version.is_none())
    }

    /// The definitions of `name`, whose GNU hash is `hash`, of all versions.
    pub fn all<'n>(self, name: &'n [u8], hash: u32) -> impl Iterator<Item = Symbol<'a>> + use<'a, 'n>
    where
        'a: 'n,
    {
        // SAFETY: see above.
        let symbols = unsafe { self.tables.candidates(name, hash) };
        symbols.filter_map(move |index| self.symbol(index)).filter(Symbol::is_definition)
    }

    /// The names of the objects that this one needs (`DT_NEEDED`): sonames, or paths.
    pub fn needed(self) -> impl Iterator<Item = &'a [u8]> {
        // SAFETY: see above.
        self.tables.needed.iter().filter_map(move |&offset| unsafe { self.tables.string(offset) })
    }

    /// Every symbol that the object defines and exports.
    pub fn definitions(self) -> impl Iterator<Item = Symbol<'a>> {
        // SAFETY: see above.
        let count = unsafe { self.tables.symbol_count() };
        (1..count).filter_map(move |index| self.symbol(index)).filter(Symbol::is_definition)
    }

    /// Those of them whose names `wanted` picks, and that `may_be` does not exclude by their names' GNU hashes, whose lowest bit
    /// is not known and zero. Of others, no more is looked at.
    pub fn definitions_of(
        self,
        may_be: impl Fn(u32) -> bool,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> impl Iterator<Item = Symbol<'a>> {
        // SAFETY: see above.
        let count = unsafe { self.tables.symbol_count() };
        // SAFETY: see above.
        let hash = move |index: u32| unsafe { self.tables.hash_of(index) };
        // SAFETY: see above.
        let name = move |index: u32| unsafe { self.tables.name(index) };
        let picked = (1..count).filter(move |&index| hash(index).is_none_or(&may_be));
        let picked = picked.filter(move |&index| name(index).is_some_and(&wanted));
        picked.filter_map(move |index| self.symbol(index)).filter(Symbol::is_definition)
    }

    /// The numbers of all symbols that the object refers to and does not define, and maybe of others.
    pub fn references(self) -> std::ops::Range<u32> {
        1..self.tables.reference_count().max(1)
    }

    /// The symbols that the object defines at `address`.
    pub fn definitions_at(self, address: u64) -> impl Iterator<Item = Symbol<'a>> {
        let (biased, entries) = (address.wrapping_sub(self.library.bias), self.tables.symbols);
        // SAFETY: see above.
        let count = unsafe { self.tables.symbol_count() };
        // Looking at the values alone first leaves the strings' pages untouched.
        let is_there = move |index: &u32| {
            // SAFETY: see above. Elf64_Sym: the value follows 8 bytes.
            let value = unsafe { entries.read::<u64>(u64::from(*index) * SYM_SIZE + 8) };
            value == Some(biased) || value == Some(address)
        };
        let symbols = (1..count).filter(is_there).filter_map(move |index| self.symbol(index));
        symbols.filter(move |symbol| symbol.is_definition() && symbol.address == address)
    }

    /// Symbol number `index`.
    pub fn symbol(self, index: u32) -> Option<Symbol<'a>> {
        // SAFETY: see above.
        unsafe { self.tables.symbol(index, self.library.bias) }
    }

    /// Whether symbol `index` has `name`.
    pub fn is_named(self, index: u32, name: &[u8]) -> bool {
        // SAFETY: see above.
        unsafe { self.tables.is_named(index, name) }
    }

    /// The first byte of the name of symbol `index`.
    pub fn first_byte(self, index: u32) -> Option<u8> {
        // SAFETY: see above.
        unsafe { self.tables.first_byte(index) }
    }

    /// The address of the table entry of symbol `index`, if it is inside the object.
    pub fn symbol_entry(self, index: u32) -> Option<u64> {
        self.tables.symbols.part(u64::from(index) * SYM_SIZE, SYM_SIZE).map(|entry| entry.start)
    }

    /// The dynamic relocations with symbols: (address of the field, type, symbol, addend).
    pub fn relocations(self) -> impl Iterator<Item = (u64, u32, u32, i64)> {
        let bias = self.library.bias;
        self.tables.relocations.iter().flatten().flat_map(move |table| {
            // SAFETY: see above.
            let entries = unsafe { table.bytes() }.chunks_exact(RELA_SIZE as usize);
            entries.filter_map(move |entry| {
                let word = |at: usize| u64::from_ne_bytes(entry[at..at + 8].try_into().unwrap_or_default());
                let info = word(8);
                let symbol = (info >> 32) as u32;
                (symbol != 0).then(|| (bias.wrapping_add(word(0)), info as u32, symbol, word(16) as i64))
            })
        })
    }

    /// Whether references inside of the object to its own definitions go past all other objects.
    pub fn is_symbolic(self) -> bool {
        self.tables.is_symbolic
    }

    /// The word that is stored at `address`, which must be aligned and lie in one of the object's readable segments.
    pub fn load(self, address: u64) -> Option<u64> {
        let segment = self.library.segment_at(address).filter(|segment| segment.flags & PF_R != 0)?;
        if !address.is_multiple_of(8) || segment.end - address < 8 {
            return None;
        }
        let word = std::ptr::with_exposed_provenance::<AtomicU64>(address as usize);
        // SAFETY: see above. Whoever writes the word meanwhile is the loader or a lazily bound call, each with one
        // store of the whole word.
        Some(unsafe { &*word }.load(Ordering::Relaxed))
    }
}

/// Calls `visit` for each loaded object until it breaks, with the loader's lock held.
pub(super) fn iterate(visit: &mut dyn FnMut(&libc::dl_phdr_info) -> ControlFlow<()>) {
    struct Visit<'a> {
        visit: &'a mut dyn FnMut(&libc::dl_phdr_info) -> ControlFlow<()>,
        panic: Option<Box<dyn Any + Send>>,
    }
    unsafe extern "C" fn callback(info: *mut libc::dl_phdr_info, _size: usize, data: *mut c_void) -> c_int {
        // SAFETY: `data` is the `Visit` below, and the loader passes a valid `info` for the time of the call.
        let (data, info) = unsafe { (&mut *data.cast::<Visit<'_>>(), &*info) };
        // A panic must not unwind through the loader's frames: they hold its lock.
        match catch_unwind(AssertUnwindSafe(|| (data.visit)(info))) {
            Ok(flow) => c_int::from(flow.is_break()),
            Err(panic) => {
                data.panic = Some(panic);
                1
            }
        }
    }
    let mut visit = Visit { visit, panic: None };
    // The loader's lock is a short one here: only the lists are behind it, no library's code.
    let hold = fork::hold();
    // SAFETY: the callback has the signature that dl_iterate_phdr(3) asks for; `visit` outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(callback), (&raw mut visit).cast()) };
    drop(hold);
    if let Some(panic) = visit.panic {
        resume_unwind(panic);
    }
}

/// A module of thread-local storage as the loader lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TlsListed {
    /// Where its initial contents are.
    pub template: u64,
    /// Bytes of these, and of a block.
    pub initialised: u64,
    pub size: u64,
    pub align: u64,
    /// This thread's block; null where it has none yet.
    pub block: *mut c_void,
}

/// The module with this number.
pub(crate) fn tls_listed(module: u64) -> Option<TlsListed> {
    let mut found = None;
    iterate(&mut |info| {
        if info.dlpi_tls_modid as u64 != module {
            return ControlFlow::Continue(());
        }
        // SAFETY: called from the loader's iteration.
        let header = unsafe { headers(info) }.iter().find(|header| header.p_type == PT_TLS);
        found = header.map(|header| TlsListed {
            template: info.dlpi_addr.wrapping_add(header.p_vaddr),
            initialised: header.p_filesz,
            size: header.p_memsz,
            align: header.p_align,
            block: info.dlpi_tls_data,
        });
        ControlFlow::Break(())
    });
    found
}

/// Where the kernel mapped the vDSO, 0 when it did not.
fn vdso_address() -> u64 {
    // SAFETY: getauxval has no preconditions.
    unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) as u64 }
}
