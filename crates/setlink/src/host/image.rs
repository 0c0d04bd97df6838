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

use rustix::fs::MemfdFlags;

use super::elf::*;
use super::libraries::PRIVATE_IMAGES;
use super::open::{OpenLibrary, open};
use crate::error::{Place, Problem, ProblemKind, Result};

/// A symbol that the library offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageSymbol {
    /// Its name. It has no version, so it answers references with any.
    pub name: Vec<u8>,
    /// Its address in this process; for a thread-local one, its offset in the image's TLS block.
    pub value: u64,
    /// Bytes, 0 when unknown.
    pub size: u64,
    /// What it is.
    pub kind: ImageSymbolKind,
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
pub(crate) struct ImageBuilder {
    /// What it offers.
    pub symbols: Vec<ImageSymbol>,
    /// Its thread-local storage.
    pub tls: Option<TlsTemplate>,
    /// The host's variables whose numbers are wanted.
    pub references: Vec<TlsReference>,
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
}

const FILE_HEADER: u64 = 64;
const PROGRAM_HEADER: u64 = 56;

impl ImageBuilder {
    /// Makes the library and loads it. With `global`, libraries that are loaded later, and lookups in the global
    /// scope, find its symbols, after those of everything that is in the scope already.
    ///
    /// # Errors
    /// The system refuses a file in memory, `/proc` is not mounted, a reference has no definition, or there is not
    /// enough static TLS.
    pub fn open(&self, global: bool) -> Result<Image> {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = format!("setlink_image_{number}");
        let page = rustix::param::page_size() as u64;
        let bytes = self.build(marker.as_bytes(), page)?;
        let file = memory_file(&bytes)
            .map_err(|error| host_problem(format!("cannot make a library in memory: {error}")))?;
        let name = unique_name(number, file.as_raw_fd(), !global || self.symbols.is_empty());
        let library = open(&name, global).map_err(|error| self.explain(error))?;
        // The loader has mapped the file. As no other library ever gets this name, the descriptor may be reused.
        drop(file);
        let cells = CString::new(marker).ok().and_then(|marker| library.symbol(&marker));
        let cells = cells
            .ok_or_else(|| host_problem("the loader took a library in memory for another one".into()))?;
        let image = self.read_back(library, cells);
        for symbol in &self.symbols {
            let name = CString::new(symbol.name.clone()).unwrap_or_default();
            if symbol.kind != ImageSymbolKind::Tls
                && symbol.value != 0
                && image.library.symbol(&name) != Some(symbol.value)
            {
                return Err(host_problem("the dynamic loader moves absolute symbols".into())
                    .with_remedy("glibc 2.28 or newer does not; musl does")
                    .into());
            }
            if !super::tables::ABSOLUTE_SYMBOLS_MOVE {
                // One of them tells for all.
                break;
            }
        }
        Ok(image)
    }

    /// What the loader wrote into the words at `cells`.
    fn read_back(&self, library: OpenLibrary, cells: u64) -> Image {
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
        Image { library, tls, references }
    }

    /// Adds to the loader's complaint what the image asked for.
    fn explain(&self, error: crate::error::Error) -> crate::error::Error {
        let mut problems = error.into_problems();
        for problem in &mut problems {
            let ProblemKind::Library { what } = &problem.kind else { continue };
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

    /// Lays out the file: headers, symbols, strings, hash table, relocations, dynamic section, words, TLS image.
    fn build(&self, marker: &[u8], page: u64) -> Result<Vec<u8>> {
        let tls = self.tls.as_ref();
        if let Some(tls) = tls
            && (!tls.align.is_power_of_two() || tls.align > 1 << 30 || tls.size < tls.image.len() as u64)
        {
            let what = format!("thread-local storage of {} bytes aligned to {}", tls.size, tls.align);
            return Err(Problem::unsupported(Place::default(), what).into());
        }
        // Undefined symbols come first; the hash table covers the rest, sorted by bucket.
        let bucket_count = (self.symbols.len() as u32 / 4).max(1);
        let mut defined: Vec<(u32, Entry<'_>)> =
            self.symbols.iter().map(Entry::of).map(|e| (gnu_hash(e.name), e)).collect();
        defined.push((
            gnu_hash(marker),
            Entry { name: marker, value: 0, size: 8, info: STT_OBJECT, section: 1 },
        ));
        defined.sort_by_key(|(hash, entry)| (hash % bucket_count, *hash, entry.name));
        let first_defined = 1 + self.references.len() as u32;

        let mut strings = vec![0u8];
        let mut symbols = vec![0u8; SYM_SIZE as usize];
        let mut marker_value = 0;
        let references = self.references.iter().map(|reference| Entry {
            name: &reference.name,
            value: 0,
            size: 0,
            info: STT_TLS,
            section: SHN_UNDEF,
        });
        for entry in references.chain(defined.iter().map(|(_, entry)| *entry)) {
            if entry.name.contains(&0) || strings.len() + entry.name.len() >= u32::MAX as usize {
                return Err(Problem::malformed(
                    Place::default().of_symbol(String::from_utf8_lossy(entry.name)),
                    "a symbol's name cannot contain a zero byte",
                )
                .into());
            }
            if entry.name == marker {
                marker_value = symbols.len() + 8;
            }
            symbols.extend((strings.len() as u32).to_ne_bytes());
            symbols.extend([(STB_GLOBAL << 4) | entry.info, 0]);
            symbols.extend(entry.section.to_ne_bytes());
            symbols.extend(entry.value.to_ne_bytes());
            symbols.extend(entry.size.to_ne_bytes());
            strings.extend(entry.name);
            strings.push(0);
        }
        let hash = hash_table(&defined, bucket_count, first_defined);
        let requests = self.requests();

        // Offsets in the file are addresses in the segment.
        let header_count = 4 + u64::from(tls.is_some());
        let symbols_at = FILE_HEADER + header_count * PROGRAM_HEADER;
        let hash_at = symbols_at + symbols.len() as u64;
        let relocations_at = (hash_at + hash.len() as u64).next_multiple_of(8);
        let relocations_size = requests.len() as u64 * RELA_SIZE;
        let dynamic_at = relocations_at + relocations_size;
        let dynamic = [
            (DT_SYMTAB, symbols_at),
            (DT_SYMENT, SYM_SIZE),
            (DT_GNU_HASH, hash_at),
            (DT_RELA, relocations_at),
            (DT_RELASZ, relocations_size),
            (DT_RELAENT, RELA_SIZE),
            (DT_STRSZ, strings.len() as u64),
            (DT_STRTAB, 0),
            (DT_NULL, 0),
        ];
        let dynamic_size = dynamic.len() as u64 * DYN_SIZE;
        let cells = dynamic_at + dynamic_size;
        // At least one, for the marker.
        let strings_at = cells + (requests.len().max(1) as u64) * 8;
        let tls_at = (strings_at + strings.len() as u64).next_multiple_of(tls.map_or(1, |tls| tls.align));
        let tls_image = tls.map_or(&[][..], |tls| &tls.image);
        let size = (tls_at + tls_image.len() as u64).next_multiple_of(page);

        symbols[marker_value..marker_value + 8].copy_from_slice(&cells.to_ne_bytes());
        let mut bytes = Writer { bytes: Vec::with_capacity(size as usize) };
        bytes.file_header(header_count as u16);
        bytes.program_header(PT_LOAD, PF_R | PF_W, 0, size, size, page);
        bytes.program_header(PT_DYNAMIC, PF_R | PF_W, dynamic_at, dynamic_size, dynamic_size, 8);
        // Without this header, the loader would make all stacks executable.
        bytes.program_header(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
        bytes.program_header(PT_GNU_RELRO, PF_R, 0, size, size, 1);
        if let Some(tls) = tls {
            bytes.program_header(PT_TLS, PF_R, tls_at, tls_image.len() as u64, tls.size, tls.align);
        }
        bytes.at(symbols_at, &symbols);
        bytes.at(hash_at, &hash);
        bytes.at(relocations_at, &[]);
        for (cell, (kind, symbol)) in (cells..).step_by(8).zip(requests) {
            bytes.words(&[cell, (u64::from(symbol) << 32) | u64::from(kind), 0]);
        }
        for (tag, value) in dynamic {
            bytes.words(&[tag, if tag == DT_STRTAB { strings_at } else { value }]);
        }
        bytes.at(strings_at, &strings);
        bytes.at(tls_at, tls_image);
        bytes.at(size, &[]);
        Ok(bytes.bytes)
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
        requests
    }
}

/// A symbol table entry.
#[derive(Clone, Copy)]
struct Entry<'a> {
    name: &'a [u8],
    value: u64,
    size: u64,
    info: u8,
    section: u16,
}

impl<'a> Entry<'a> {
    fn of(symbol: &'a ImageSymbol) -> Entry<'a> {
        let (info, section) = match symbol.kind {
            ImageSymbolKind::Function => (STT_FUNC, SHN_ABS),
            ImageSymbolKind::Data => (STT_OBJECT, SHN_ABS),
            // There are no section headers; any number that is not special says that it is defined.
            ImageSymbolKind::Tls => (STT_TLS, 1),
        };
        Entry { name: &symbol.name, value: symbol.value, size: symbol.size, info, section }
    }
}

/// The `DT_GNU_HASH` table of symbols that are sorted by bucket.
fn hash_table(defined: &[(u32, Entry<'_>)], bucket_count: u32, first: u32) -> Vec<u8> {
    const SHIFT: u32 = 6;
    // About 8 bits of filter for each symbol.
    let filter_words = (defined.len() as u32 / 8).max(1).next_power_of_two();
    let mut filter = vec![0u64; filter_words as usize];
    let mut buckets = vec![0u32; bucket_count as usize];
    let mut chains = Vec::with_capacity(defined.len());
    for (position, (hash, _)) in defined.iter().enumerate() {
        let bits = (1 << (hash % 64)) | (1 << ((hash >> SHIFT) % 64));
        filter[((hash / 64) & (filter_words - 1)) as usize] |= bits;
        let bucket = &mut buckets[(hash % bucket_count) as usize];
        if *bucket == 0 {
            *bucket = first + position as u32;
        }
        let is_last =
            defined.get(position + 1).is_none_or(|(next, _)| next % bucket_count != hash % bucket_count);
        chains.push((hash & !1) | u32::from(is_last));
    }
    let header = [bucket_count, first, filter_words, SHIFT];
    let mut table: Vec<u8> = header.iter().flat_map(|word| word.to_ne_bytes()).collect();
    table.extend(filter.iter().flat_map(|word| word.to_ne_bytes()));
    table.extend(buckets.iter().chain(&chains).flat_map(|word| word.to_ne_bytes()));
    table
}

/// The file's bytes so far.
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends `content` at `offset`, which is not before the end.
    fn at(&mut self, offset: u64, content: &[u8]) {
        self.bytes.resize(offset as usize, 0);
        self.bytes.extend_from_slice(content);
    }

    fn words(&mut self, words: &[u64]) {
        self.bytes.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    }

    /// gABI figure 4-3: a shared object of this machine, without sections.
    fn file_header(&mut self, program_headers: u16) {
        let data = if cfg!(target_endian = "little") { 1 } else { 2 };
        self.bytes.extend([0x7f, b'E', b'L', b'F', 2, data, 1, 0]);
        self.words(&[0]);
        for half in [3, MACHINE.number] {
            self.bytes.extend(half.to_ne_bytes());
        }
        self.bytes.extend(1u32.to_ne_bytes());
        // Entry point, program headers, section headers.
        self.words(&[0, FILE_HEADER, 0]);
        self.bytes.extend(MACHINE.flags.to_ne_bytes());
        for half in [FILE_HEADER as u16, PROGRAM_HEADER as u16, program_headers, 64, 0, 0] {
            self.bytes.extend(half.to_ne_bytes());
        }
    }

    /// gABI figure 5-1. Addresses equal offsets.
    fn program_header(
        &mut self,
        kind: u32,
        flags: u32,
        at: u64,
        file_size: u64,
        memory_size: u64,
        align: u64,
    ) {
        self.bytes.extend(kind.to_ne_bytes());
        self.bytes.extend(flags.to_ne_bytes());
        self.words(&[at, at, at, file_size, memory_size, align]);
    }
}

/// A file in memory with these bytes.
fn memory_file(bytes: &[u8]) -> rustix::io::Result<OwnedFd> {
    // Kernels before 6.3 do not know the flag that says that nothing here is to be executed; newer ones may insist.
    let quiet = MemfdFlags::CLOEXEC | MemfdFlags::NOEXEC_SEAL;
    let file = rustix::fs::memfd_create(c"setlink", quiet)
        .or_else(|_| rustix::fs::memfd_create(c"setlink", MemfdFlags::CLOEXEC))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&file, rest) {
            Ok(written) => rest = &rest[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(file)
}

/// A path of the open file `descriptor` that no other image ever had or will have: the loader would take a library
/// with a name that it knows for the one it has loaded. The number's bits, lowest first, become `./` and `/`.
fn unique_name(number: u64, descriptor: i32, is_private: bool) -> Vec<u8> {
    let mut name = if is_private { PRIVATE_IMAGES.to_vec() } else { b"/proc/self/fd/".to_vec() };
    let mut rest = number;
    while rest != 0 {
        name.extend_from_slice(if rest & 1 == 1 { b"./" } else { b"/" });
        rest >>= 1;
    }
    name.extend_from_slice(descriptor.to_string().as_bytes());
    name
}

fn host_problem(what: String) -> Problem {
    Problem::new(Place::default(), ProblemKind::Host { what })
}

#[cfg(test)]
#[cfg_attr(not(target_env = "gnu"), allow(unused_imports))]
mod tests {
    use super::super::testing::{Workshop, function};
    use super::super::{Host, HostKind};
    use super::*;

    fn symbol(name: &str, value: u64, kind: ImageSymbolKind) -> ImageSymbol {
        ImageSymbol { name: name.into(), value, size: 8, kind }
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
        let mut builder = ImageBuilder::default();
        builder.symbols.push(symbol("setlink_image_f", seven as *const () as u64, ImageSymbolKind::Function));
        builder.symbols.push(symbol("setlink_image_d", &raw const DATUM as u64, ImageSymbolKind::Data));
        builder.symbols.extend(
            (0..500u64)
                .map(|i| symbol(&format!("setlink_image_x{i}"), i * 0x1234 + 1, ImageSymbolKind::Data)),
        );
        let image = builder.open(true).unwrap();
        let host = Host::new();
        for symbol in &builder.symbols {
            let found = host.lookup(&symbol.name, None).unwrap();
            assert_eq!((found.address, found.size), (symbol.value, 8));
        }
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
            let image = builder.open(false).unwrap();
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
        builder.symbols.push(symbol("setlink_tls_own", 8, ImageSymbolKind::Tls));
        let (stop, wait) = std::sync::mpsc::channel::<TlsModule>();
        // A thread that runs already finds the image's block at the same distance, initialised.
        let earlier = std::thread::spawn(move || wait.recv().map(check_block).is_ok());
        let image = builder.open(false).unwrap();
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
        let error = builder.open(false).unwrap_err().to_string();
        assert!(
            error.contains("1048576 bytes of static TLS") && error.contains("optional_static_tls="),
            "{error}"
        );
        builder.tls = Some(TlsTemplate { image: Vec::new(), size: 8, align: 3, is_static: false });
        assert!(builder.open(false).is_err());
        let mut builder = ImageBuilder::default();
        builder.references.push(TlsReference { name: b"no_such_variable".to_vec(), is_static: false });
        assert!(builder.open(false).unwrap_err().to_string().contains("no_such_variable"));
        builder.references[0].name.push(0);
        assert!(builder.open(false).is_err());
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = (1..500).map(|number| unique_name(number, 3, true)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 499);
    }
}
