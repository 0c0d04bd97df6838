//! Tiny shared libraries, made in memory, by which the dynamic loader learns of a set.
//!
//! The loader is the only one who can offer symbols to libraries that it loads later, and the only one who can give
//! out thread-local storage in every thread. It does both for shared libraries only, so it gets one: a file without a
//! name (memfd_create(2)), with one segment and nothing to execute, whose dynamic symbols are absolute addresses in
//! the set and whose `PT_TLS` segment is the set's. What the loader decides (the TLS module's number, its place in
//! static TLS, the numbers of other libraries' variables) comes back in words of the segment that ask for it by
//! dynamic relocations. Format: gABI chapters 4 and 5; TLS: U. Drepper, "ELF Handling For Thread-Local Storage".

use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use super::elf::*;
use super::image_file::{Entry, FILE_HEADER, HashTable, PROGRAM_HEADER, Writer, host_problem};
use super::image_versions::{ImageVersion, UNDEFINED, VersionTables};
use super::libraries::{OFFERED_IMAGES, PRIVATE_IMAGES};
use super::open::{OpenLibrary, open, open_early};
use super::symbol_table::SymbolTable;
use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::memory::find::find;

/// A symbol that the library offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageSymbol<'n> {
    pub(super) name: &'n [u8],
    pub(super) value: u64,
    pub(super) size: u64,
    hash: u32,
    pub(super) kind: ImageSymbolKind,
    version: ImageVersion,
}

impl<'n> ImageSymbol<'n> {
    /// A symbol called `name`, without a version, so that it answers references with any. `value` is its address in this
    /// process; for a thread-local one, its offset in the image's TLS block. It has `size` bytes, 0 when that is unknown.
    pub fn new(name: &'n [u8], value: u64, size: u64, kind: ImageSymbolKind) -> Self {
        ImageSymbol { name, value, size, hash: gnu_hash(name), kind, version: ImageVersion::NONE }
    }

    /// The same with a version, for an image that has [`ImageBuilder::versions`].
    pub fn with_version(self, version: ImageVersion) -> Self {
        ImageSymbol { version, ..self }
    }
}

/// What an [`ImageSymbol`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageSymbolKind {
    /// Code at an absolute address.
    Function,
    /// A datum at an absolute address.
    Data,
    /// A datum in the image's own thread-local storage.
    Tls,
}

/// The initial contents of a set's thread-local storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsTemplate {
    /// The initialised part, with all relocations applied.
    pub image: Vec<u8>,
    /// Bytes of the whole block; what is beyond `image` is zero.
    pub size: u64,
    /// A power of two.
    pub align: u64,
    /// The block must lie in static TLS, at one offset from the thread pointer in every thread (initial and local
    /// exec). The loader has little of it, and glibc takes it back only in the order last in, first out.
    pub is_static: bool,
}

/// A thread-local variable of the host, to be looked up by the loader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsReference {
    /// Its name.
    pub name: Vec<u8>,
    /// Its offset from the thread pointer is wanted too. That fails, and so does opening, when it has none.
    pub is_static: bool,
}

/// A library to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageBuilder<'n> {
    /// What it offers, in parts as threads find it.
    pub symbols: Vec<Vec<ImageSymbol<'n>>>,
    /// The names of the versions of its symbols. Where there is not even an empty list, the symbols answer who asks for any.
    pub versions: Option<Vec<&'n [u8]>>,
    /// Its thread-local storage.
    pub tls: Option<TlsTemplate>,
    /// The host's variables whose numbers are wanted.
    pub references: Vec<TlsReference>,
    /// Paths of the libraries that it needs, which the loader opens with it, in this order.
    pub needed: Vec<Vec<u8>>,
    /// A function without arguments that the loader calls when it has relocated the image, which it does last: after what
    /// the image needs, and before the initialisers. What it returns is of no matter.
    pub relocated: Option<u64>,
}

/// What the loader made of thread-local storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TlsModule {
    /// The module's number, the first argument of `__tls_get_addr`.
    pub module_id: u64,
    /// The offset of the block, or of the variable, in the module: the second argument.
    pub offset: u64,
    /// The distance from the thread pointer, if it was asked for.
    pub static_offset: Option<i64>,
}

/// A library that was made and is loaded. Dropping it unloads it.
#[derive(Debug)]
pub(crate) struct Image {
    /// Keeps it loaded.
    pub library: OpenLibrary,
    /// Its own thread-local storage.
    #[cfg_attr(not(test), allow(dead_code, reason = "native thread-local storage reads it"))]
    pub tls: Option<TlsModule>,
    /// The host's variables, in the order of [`ImageBuilder::references`].
    #[cfg_attr(not(test), allow(dead_code, reason = "as above"))]
    pub references: Vec<TlsModule>,
    /// Its dynamic symbols, as long as it is loaded.
    pub names: SymbolTable,
}

/// A library that was made, and that the loader does not know yet.
#[derive(Debug)]
pub(crate) struct ImageFile<'n> {
    made_of: ImageBuilder<'n>,
    /// No other has the same.
    number: u64,
    /// The name of its first word.
    marker: String,
    built: Built,
}

/// Where strings are, counted from the first.
struct Strings<'n> {
    marker: u64,
    /// Entries of the dynamic section.
    needed: Vec<(u64, u64)>,
    versions: Vec<(&'n [u8], u64)>,
    /// Of all of them.
    size: u64,
}

/// A library's file, and where in there things are.
#[derive(Debug)]
struct Built {
    file: OwnedFd,
    /// The first word that the loader fills in.
    cells: u64,
    names: SymbolTable,
}

impl<'n> ImageBuilder<'n> {
    /// Makes the library.
    ///
    /// # Errors
    /// The system refuses a file in memory, or the loader would refuse what is to be in it.
    pub fn write(self) -> Result<ImageFile<'n>> {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = format!("setlink_image_{number}");
        let built = self.build(marker.as_bytes())?;
        Ok(ImageFile { made_of: self, number, marker, built })
    }

    /// [`ImageBuilder::write`] and [`ImageFile::open`].
    ///
    /// # Errors
    /// As these.
    pub fn open(self, global: bool) -> Result<Image> {
        self.write()?.open(global)
    }

    fn count(&self) -> usize {
        self.symbols.iter().map(Vec::len).sum()
    }
}

impl ImageFile<'_> {
    /// Loads the library. With `global`, libraries that are loaded later, and lookups in the global scope, find its
    /// symbols, after those of everything that is in the scope already.
    ///
    /// # Errors
    /// `/proc` is not mounted, a reference has no definition, or there is not enough static TLS.
    pub fn open(self, global: bool) -> Result<Image> {
        self.open_by(global, |name| open(name, global))
    }

    /// As [`ImageFile::open`], for all to see, but functions that those call which the library needs may be missing until
    /// they are called.
    ///
    /// # Errors
    /// As there.
    pub fn open_lazily(self) -> Result<Image> {
        self.open_by(true, open_early)
    }

    fn open_by(self, global: bool, open: impl FnOnce(&[u8]) -> Result<OpenLibrary>) -> Result<Image> {
        let ImageFile { made_of, number, marker, built: Built { file, cells: at, names } } = self;
        let name = unique_name(number, file.as_raw_fd(), !global || made_of.count() == 0);
        let marker = CString::new(marker).unwrap_or_default();
        let symbols = made_of.symbols.iter().flatten();
        let fixed = symbols.filter(|symbol| symbol.kind != ImageSymbolKind::Tls && symbol.value != 0);
        let fixed = fixed.filter(|symbol| !symbol.version.is_hidden());
        // Where they stay where they are, one of them tells for all.
        let looked_at = if super::tables::ABSOLUTE_SYMBOLS_MOVE { usize::MAX } else { 1 };
        let fixed = fixed.take(looked_at);
        let fixed: Vec<(CString, u64)> =
            fixed.map(|symbol| (CString::new(symbol.name).unwrap_or_default(), symbol.value)).collect();
        // Nothing is allocated from here on, which may panic: the libraries that wait (`wait.rs`) must not be closed as if
        // they had begun.
        let library = open(&name).map_err(|error| made_of.explain(error))?;
        // The loader has mapped the file. As no other library ever gets this name, the descriptor may be reused.
        drop(file);
        let cells = library.symbol(&marker);
        let cells = cells
            .ok_or_else(|| host_problem("the loader took a library in memory for another one".into()))?;
        let image = made_of.read_back(library, cells, names.at(cells.wrapping_sub(at)));
        if fixed.iter().any(|(name, value)| image.library.symbol(name) != Some(*value)) {
            return Err(host_problem("the dynamic loader moves absolute symbols".into())
                .with_remedy("glibc 2.28 or newer does not; musl does")
                .into());
        }
        Ok(image)
    }
}

impl<'n> ImageBuilder<'n> {
    /// What the loader wrote into the words at `cells`.
    fn read_back(&self, library: OpenLibrary, cells: u64, names: SymbolTable) -> Image {
        let mut next = cells;
        let mut word = || {
            let cell = std::ptr::with_exposed_provenance::<u64>(next as usize);
            next += 8;
            // SAFETY: `build` laid out one aligned word for each call that follows, in a library that is loaded, and
            // the loader has finished writing them.
            unsafe { cell.read() }
        };
        let tls = self.tls.as_ref().map(|tls| TlsModule {
            module_id: word(),
            offset: 0,
            static_offset: tls.is_static.then(|| word() as i64),
        });
        let references = self.references.iter().map(|reference| TlsModule {
            module_id: word(),
            offset: word().wrapping_add(MACHINE.dtp_bias),
            static_offset: reference.is_static.then(|| word() as i64),
        });
        let references = references.collect();
        Image { library, tls, references, names }
    }

    /// Adds to the loader's complaint what the image asked for.
    fn explain(&self, error: Error) -> Error {
        let mut problems = error.into_problems();
        for problem in &mut problems {
            let ProblemKind::Library { what } = &problem.kind else { continue };
            if let Some(first) = self.needed.first() {
                problem.place = Place::file(String::from_utf8_lossy(first).as_ref());
                continue;
            }
            // A library's variable is to be static, and that library came too late for it.
            if self.tls.is_none()
                && let Some(library) = what.strip_suffix(": cannot allocate memory in static TLS block")
            {
                problem.place = Place::file(library);
                continue;
            }
            let mut what = format!("the dynamic loader refuses a library in memory: {what}");
            if let Some(tls) = self.tls.as_ref().filter(|tls| tls.is_static) {
                what = format!("{what} (needs {} bytes of static TLS, aligned to {})", tls.size, tls.align);
            }
            if let Some(needed) = self.tls.as_ref().filter(|_| what.contains("static TLS block")) {
                let room = (needed.size + needed.align).next_multiple_of(512) + 1024;
                problem.remedy = Some(format!(
                    "start the program with GLIBC_TUNABLES=glibc.rtld.optional_static_tls={room}"
                ));
            } else if what.contains("/proc/") && what.contains("No such file") {
                problem.remedy = Some("Setlink needs /proc to be mounted".into());
            }
            problem.place = Place::default();
            problem.kind = ProblemKind::Host { what };
        }
        problems.into()
    }

    /// Writes the file: headers, symbols, hash table, versions, relocations, dynamic section, words, strings, TLS image.
    fn build(&self, marker: &[u8]) -> Result<Built> {
        let (count, page) = (self.count(), rustix::param::page_size() as u64);
        let tls = self.tls.as_ref();
        if let Some(tls) = tls
            && (!tls.align.is_power_of_two() || tls.align > 1 << 30 || tls.size < tls.image.len() as u64)
        {
            let what = format!("thread-local storage of {} bytes aligned to {}", tls.size, tls.align);
            return Err(Problem::unsupported(Place::default(), what).into());
        }
        let Strings { marker: marker_at, needed, versions, size: strings_size } = self.strings(marker)?;
        // No name leads to the empty symbol, to undefined ones and to the local one: the hash table covers the rest, sorted
        // by bucket, and the marker.
        let first_defined = 1 + (self.references.len() + usize::from(self.relocated.is_some())) as u32;
        let table_size = (u64::from(first_defined) + count as u64 + 1) * SYM_SIZE;
        if strings_size > u64::from(u32::MAX) || table_size > u64::from(u32::MAX) {
            let what = format!("{count} symbols with names of {strings_size} bytes for the dynamic loader");
            return Err(Problem::unsupported(Place::default(), what).into());
        }
        let marker_hash = gnu_hash(marker);
        let hashes = self.symbols.iter().flatten().map(|symbol| symbol.hash).chain([marker_hash]);
        let mut hash_table = HashTable::new(hashes, count as u32 + 1, first_defined);
        let requests = self.requests();
        let versions = self.versions.is_some().then(|| {
            let symbols = (table_size / SYM_SIZE) as usize;
            VersionTables::new(symbols, (marker, marker_at), versions.into_iter())
        });
        let mut versions = versions.transpose()?;

        // Offsets in the file are addresses in the segment.
        let header_count = 4 + u64::from(tls.is_some());
        let symbols_at = FILE_HEADER + header_count * PROGRAM_HEADER;
        let hash_at = symbols_at + table_size;
        let versions_at = hash_at + hash_table.size();
        let definitions_at = versions_at + versions.as_ref().map_or(0, VersionTables::words_size);
        let definitions_size = versions.as_ref().map_or(0, VersionTables::definitions_size);
        let relocations_at = (definitions_at + definitions_size).next_multiple_of(8);
        let relocations_size = requests.len() as u64 * RELA_SIZE;
        let dynamic_at = relocations_at + relocations_size;
        let mut dynamic = needed;
        if let Some(versions) = &versions {
            dynamic.extend([
                (DT_VERSYM, versions_at),
                (DT_VERDEF, definitions_at),
                (DT_VERDEFNUM, versions.count()),
            ]);
        }
        dynamic.extend([
            (DT_SYMTAB, symbols_at),
            (DT_SYMENT, SYM_SIZE),
            (DT_GNU_HASH, hash_at),
            (DT_RELA, relocations_at),
            (DT_RELASZ, relocations_size),
            (DT_RELAENT, RELA_SIZE),
            (DT_STRSZ, strings_size),
            (DT_STRTAB, 0),
            (DT_NULL, 0),
        ]);
        let dynamic_size = dynamic.len() as u64 * DYN_SIZE;
        let cells = dynamic_at + dynamic_size;
        // At least one, for the marker.
        let strings_at = cells + (requests.len().max(1) as u64) * 8;
        let tls_at = (strings_at + strings_size).next_multiple_of(tls.map_or(1, |tls| tls.align));
        let tls_image = tls.map_or(&[][..], |tls| &tls.image);
        let size = (tls_at + tls_image.len() as u64).next_multiple_of(page);

        let (binding, kind) = (STB_GLOBAL, STT_OBJECT);
        let last = Entry { name: marker, value: cells, size: 8, binding, kind, section: 1 };
        let table = self.fill_table((last, marker_hash), first_defined, &mut hash_table, versions.as_mut());

        let mut file = Writer::new()?;
        file.file_header(header_count as u16)?;
        file.program_header(PT_LOAD, PF_R | PF_W, 0, size, size, page)?;
        file.program_header(PT_DYNAMIC, PF_R | PF_W, dynamic_at, dynamic_size, dynamic_size, 8)?;
        // Without this header, the loader would make all stacks executable.
        file.program_header(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16)?;
        file.program_header(PT_GNU_RELRO, PF_R, 0, size, size, 1)?;
        if let Some(tls) = tls {
            file.program_header(PT_TLS, PF_R, tls_at, tls_image.len() as u64, tls.size, tls.align)?;
        }
        file.fill(symbols_at)?;
        file.add(&table)?;
        file.fill(hash_at)?;
        hash_table.write(&mut file)?;
        versions.iter().try_for_each(|versions| versions.write(&mut file))?;
        file.fill(relocations_at)?;
        for (cell, (kind, symbol)) in (cells..).step_by(8).zip(requests) {
            file.words(&[cell, (u64::from(symbol) << 32) | u64::from(kind), 0])?;
        }
        for (tag, value) in dynamic {
            file.words(&[tag, if tag == DT_STRTAB { strings_at } else { value }])?;
        }
        // The words that the loader fills in, and the empty string.
        file.fill(strings_at + 1)?;
        let needed = self.needed.iter().map(|path| &**path);
        let versions = self.versions.iter().flatten().copied();
        for name in self.names().chain([marker]).chain(needed).chain(versions) {
            file.add(name)?;
            file.add(&[0])?;
        }
        file.fill(tls_at)?;
        file.add(tls_image)?;
        file.fill(size)?;
        let names =
            SymbolTable { entries: symbols_at, count: (table_size / SYM_SIZE) as u32, strings: strings_at };
        Ok(Built { file: file.finish()?, cells, names })
    }

    /// Where the strings are that follow the symbols' names.
    ///
    /// # Errors
    /// A name has a zero byte.
    fn strings(&self, marker: &[u8]) -> Result<Strings<'n>> {
        // They begin with the empty one.
        let mut size = 1u64;
        for name in self.names() {
            if find(0, name).is_some() {
                let name = String::from_utf8_lossy(name);
                let what = "a symbol's name cannot contain a zero byte";
                return Err(Problem::malformed(Place::default().of_symbol(name), what).into());
            }
            size += name.len() as u64 + 1;
        }
        let mut place = |text: &[u8]| {
            let at = size;
            size += text.len() as u64 + 1;
            at
        };
        let marker = place(marker);
        let needed = self.needed.iter().map(|path| (DT_NEEDED, place(path))).collect();
        let versions = self.versions.iter().flatten().map(|name| (*name, place(name))).collect();
        Ok(Strings { marker, needed, versions, size })
    }

    /// The symbol table, with the `marker` and its hash. The first that names lead to has the number `first_defined`.
    fn fill_table(
        &self,
        (marker, marker_hash): (Entry<'_>, u32),
        first_defined: u32,
        hash_table: &mut HashTable,
        mut versions: Option<&mut VersionTables>,
    ) -> Vec<u8> {
        // Each goes to its place by its hash; to sort them, and then to gather them, waits for memory more often.
        let mut table = vec![0; (first_defined as usize + self.count() + 1) * SYM_SIZE as usize];
        let mut name = 1u32;
        let mut put = |place: u32, entry: Entry<'_>, version: u16| {
            versions.iter_mut().for_each(|versions| versions.put(place, version));
            let at = place as usize * SYM_SIZE as usize;
            table[at..at + SYM_SIZE as usize].copy_from_slice(&entry.bytes(name));
            name += entry.name.len() as u32 + 1;
        };
        for (place, reference) in (1..).zip(&self.references) {
            let name = &reference.name;
            put(
                place,
                Entry { name, value: 0, size: 0, binding: STB_GLOBAL, kind: STT_TLS, section: SHN_UNDEF },
                UNDEFINED,
            );
        }
        if let Some(value) = self.relocated {
            let (binding, kind) = (STB_LOCAL, STT_GNU_IFUNC);
            let entry = Entry { name: &[], value, size: 0, binding, kind, section: SHN_ABS };
            put(first_defined - 1, entry, UNDEFINED);
        }
        for symbol in self.symbols.iter().flatten() {
            put(hash_table.place(symbol.hash), Entry::of(symbol), symbol.version.word());
        }
        put(hash_table.place(marker_hash), marker, ImageVersion::NONE.word());
        table
    }

    /// The names of the references, the nameless symbol, and the other symbols, in the order in which the file has them.
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        let references = self.references.iter().map(|reference| &*reference.name);
        let nameless = self.relocated.map(|_| &[][..]);
        references.chain(nameless).chain(self.symbols.iter().flatten().map(|symbol| symbol.name))
    }

    /// The relocations of the words that the loader fills in: type and symbol. Symbol 0 is the image itself.
    fn requests(&self) -> Vec<(u32, u32)> {
        let mut requests = Vec::new();
        if let Some(tls) = &self.tls {
            requests.push((MACHINE.dtpmod64, 0));
            if tls.is_static {
                requests.push((MACHINE.tpoff64, 0));
            }
        }
        for (symbol, reference) in (1..).zip(&self.references) {
            requests.push((MACHINE.dtpmod64, symbol));
            requests.push((MACHINE.dtpoff64, symbol));
            if reference.is_static {
                requests.push((MACHINE.tpoff64, symbol));
            }
        }
        // The last, behind which no word is read back.
        requests.extend(self.relocated.map(|_| (MACHINE.glob_dat, 1 + self.references.len() as u32)));
        requests
    }
}

/// A path, for this thread, of the open file `descriptor` that no other image ever had or will have: the loader would take a
/// library with a name that it knows for the one it has loaded. The number's bits, lowest first, become `./` and `/`.
///
/// For others it is a path of nothing. Debuggers open the libraries of a process by their names, and `/proc/self/fd/3` is a
/// pipe of GDB's own: it waited for ever to read something from that.
fn unique_name(number: u64, descriptor: i32, is_private: bool) -> Vec<u8> {
    let mut name = if is_private { PRIVATE_IMAGES.to_vec() } else { OFFERED_IMAGES.to_vec() };
    name.extend_from_slice(format!("{}/fd/", super::thread_id()).as_bytes());
    let mut rest = number;
    while rest != 0 {
        name.extend_from_slice(if rest & 1 == 1 { b"./" } else { b"/" });
        rest >>= 1;
    }
    name.extend_from_slice(descriptor.to_string().as_bytes());
    name
}

#[cfg(test)]
#[cfg_attr(not(target_env = "gnu"), allow(unused_imports))]
mod tests {
    use super::super::testing::{Workshop, function};
    use super::super::{Host, HostKind};
    use super::*;

    fn symbol(name: &str, value: u64, kind: ImageSymbolKind) -> ImageSymbol<'_> {
        ImageSymbol::new(name.as_bytes(), value, 8, kind)
    }

    /// This thread's address of `offset` in `module`.
    fn thread_local(module: TlsModule, offset: u64) -> u64 {
        unsafe extern "C" {
            fn __tls_get_addr(index: *const [u64; 2]) -> *mut u8;
        }
        let offset = (module.offset + offset).wrapping_sub(MACHINE.dtp_bias);
        // SAFETY: the loader gave out the module's number, and its image is still loaded.
        unsafe { __tls_get_addr(&[module.module_id, offset]) }.expose_provenance() as u64
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn offers_absolute_symbols_to_later_libraries() {
        let Some(workshop) = Workshop::new() else { return };
        extern "C" fn seven() -> i64 {
            7
        }
        static DATUM: i64 = 35;
        let numbered: Vec<String> =
            (0..20_000).map(|i| format!("setlink_image_{}{i}", "x".repeat(i % 97))).collect();
        let numbered = numbered.iter().zip(1..);
        let builder = ImageBuilder {
            symbols: vec![
                vec![
                    symbol("setlink_image_f", seven as *const () as u64, ImageSymbolKind::Function),
                    symbol("setlink_image_d", &raw const DATUM as u64, ImageSymbolKind::Data),
                ],
                Vec::new(),
                numbered.map(|(name, i)| symbol(name, i * 0x1234 + 1, ImageSymbolKind::Data)).collect(),
            ],
            ..ImageBuilder::default()
        };
        let image = builder.clone().open(true).unwrap();
        let host = Host::new();
        for symbol in builder.symbols.iter().flatten() {
            let found = host.lookup(symbol.name, None).unwrap();
            assert_eq!((found.address, found.size), (symbol.value, 8));
            // The loader itself, which reads the table too.
            let name = CString::new(symbol.name).unwrap();
            assert_eq!(image.library.symbol(&name), Some(symbol.value));
        }
        assert!(host.lookup(b"setlink_image_y", None).is_none());
        assert_eq!(host.lookup(b"setlink_image_f", None).unwrap().kind, HostKind::Function);
        let user = workshop.load(
            "imageuser",
            "extern long setlink_image_f(void), setlink_image_d;\n\
             long image_user(void) { return setlink_image_f() + setlink_image_d; }",
            &[],
            false,
        );
        assert_eq!(function(&user, c"image_user")(), 42);
        drop(user);
        drop(image);
        assert!(host.lookup(b"setlink_image_f", None).is_none());
    }

    #[test]
    #[cfg(not(target_feature = "crt-static"))]
    fn is_never_writable_and_opens_often() {
        let builder = ImageBuilder {
            tls: Some(TlsTemplate { image: vec![1, 2, 3], size: 5000, align: 8192, is_static: false }),
            ..ImageBuilder::default()
        };
        let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let before = open_files();
        let mut kept: Vec<Image> = Vec::new();
        for round in 0..300 {
            let image = builder.clone().open(false).unwrap();
            let module = image.tls.unwrap();
            assert!(kept.iter().all(|other| other.tls.unwrap().module_id != module.module_id));
            let block = thread_local(module, 0);
            assert_eq!(block % 8192, 0);
            // SAFETY: this thread's block of the module, whose image is loaded.
            let bytes = unsafe { std::slice::from_raw_parts(block as *const u8, 5000) };
            assert!(bytes[..3] == [1, 2, 3] && bytes[3..].iter().all(|&byte| byte == 0));
            if round % 3 == 0 {
                kept.push(image);
            }
        }
        let maps = super::super::Maps::of_process().unwrap();
        let images: Vec<_> = maps.iter().filter(|mapping| mapping.path.contains("memfd:setlink")).collect();
        assert!(images.len() >= 100);
        // Other tests may be loading an image just now.
        let writable = images.iter().filter(|mapping| mapping.write).count();
        assert!(writable <= 2, "{writable}");
        assert!(open_files() < before + 50);
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn tells_numbers_of_thread_local_storage() {
        let Some(workshop) = Workshop::new() else { return };
        let library = workshop.load(
            "tlsowner",
            "__thread long pad[3]; __thread long setlink_tls_owned = 11; long *owned(void) { return &setlink_tls_owned; }",
            &[],
            true,
        );
        let mut builder = ImageBuilder::default();
        let template = TlsTemplate { image: vec![7; 24], size: 32, align: 16, is_static: true };
        builder.tls = Some(template);
        builder.references.push(TlsReference { name: b"setlink_tls_owned".to_vec(), is_static: false });
        builder.references.push(TlsReference { name: b"errno".to_vec(), is_static: true });
        builder.symbols.push(vec![symbol("setlink_tls_own", 8, ImageSymbolKind::Tls)]);
        let (stop, wait) = std::sync::mpsc::channel::<TlsModule>();
        // A thread that runs already finds the image's block at the same distance, initialised.
        let earlier = std::thread::spawn(move || wait.recv().map(check_block).is_ok());
        let image = builder.clone().open(false).unwrap();
        let module = image.tls.unwrap();
        check_block(module);
        stop.send(module).unwrap();
        assert!(earlier.join().unwrap());
        std::thread::spawn(move || check_block(module)).join().unwrap();
        assert_eq!(image.library.symbol(c"setlink_tls_own"), Some(thread_local(module, 8)));

        let owned = function(&library, c"owned")() as u64;
        assert_eq!(thread_local(image.references[0], 0), owned);
        // SAFETY: errno always exists.
        assert_eq!(thread_local(image.references[1], 0), unsafe { libc::__errno_location() } as u64);
        let found = Host::new().lookup(b"setlink_tls_owned", None).unwrap();
        let reference = image.references[0];
        assert_eq!(found.kind, HostKind::Tls { module: reference.module_id, offset: reference.offset });
        // errno lies at one distance from the thread pointer, as does the block.
        let distance =
            |module: TlsModule| thread_local(module, 0).wrapping_sub(module.static_offset.unwrap() as u64);
        assert_eq!(distance(module), distance(image.references[1]));
    }

    fn check_block(module: TlsModule) {
        let block = thread_local(module, 0);
        assert_eq!(block % 16, 0);
        // SAFETY: this thread's block of the module, whose image is loaded.
        let bytes = unsafe { std::slice::from_raw_parts(block as *const u8, 32) };
        assert!(bytes[..24] == [7; 24] && bytes[24..] == [0; 8]);
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn explains_what_it_cannot_get() {
        let mut builder = ImageBuilder {
            tls: Some(TlsTemplate { image: Vec::new(), size: 1 << 20, align: 16, is_static: true }),
            ..ImageBuilder::default()
        };
        let error = builder.clone().open(false).unwrap_err().to_string();
        assert!(
            error.contains("1048576 bytes of static TLS") && error.contains("optional_static_tls="),
            "{error}"
        );
        builder.tls = Some(TlsTemplate { image: Vec::new(), size: 8, align: 3, is_static: false });
        assert!(builder.clone().open(false).is_err());
        let mut builder = ImageBuilder::default();
        builder.references.push(TlsReference { name: b"no_such_variable".to_vec(), is_static: false });
        assert!(builder.clone().open(false).unwrap_err().to_string().contains("no_such_variable"));
        builder.references[0].name.push(0);
        assert!(builder.clone().open(false).is_err());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = (1..500).map(|number| unique_name(number, 3, true)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 499);
    }
}
