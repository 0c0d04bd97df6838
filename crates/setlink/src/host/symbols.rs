//! Definitions that the host process offers to a set.
//!
//! Where a name leads is the loader's decision, so it is asked (`dlsym(3)`, `dlvsym(3)`): that honours `LD_PRELOAD`,
//! libraries opened with `RTLD_GLOBAL`, and ifunc resolvers. It is asked by the handle of the program, not by
//! `RTLD_DEFAULT`: both search the global scope, but glibc makes a library that it finds for the program by
//! `RTLD_DEFAULT` impossible to unload. What is there (function or data, its size, whether it
//! may change) is not the loader's to tell; it is found in the symbol tables of the loaded objects. These are also
//! asked first, because most names that a set looks up and the host lacks would otherwise cost the loader a search of
//! every object and an error message.

use std::ffi::{CStr, CString, c_void};
#[cfg(test)]
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::elf::*;
use super::fork;
use super::libraries::{LibraryCache, TablesView, View};

/// What a host symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKind {
    /// Code. For an ifunc, the function that its resolver chose.
    Function,
    /// A datum.
    Data,
    /// A thread-local datum.
    Tls {
        /// The number of its TLS module.
        module: u64,
        /// Its offset in the module's block.
        offset: u64,
    },
    /// A symbol without a type.
    NoType,
}

/// A definition in the host process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostSymbol {
    /// Its address; 0 for a thread-local datum, and for a symbol that is really defined to be 0.
    pub address: u64,
    /// Bytes, 0 when unknown.
    pub size: u64,
    /// What it is.
    pub kind: HostKind,
    /// Nothing may change it: it lies in a non-writable segment, or in one that is read-only after relocation.
    pub constant: bool,
    /// The object that defines it, as an index into the snapshot that is current now; none for an address outside of
    /// all objects.
    pub library: Option<u32>,
    /// It lies in the executable. For data that is defined in a library too, this means a copy relocation.
    pub in_executable: bool,
}

#[cfg(test)]
impl HostSymbol {
    /// The bytes of the datum or function.
    pub fn range(&self) -> Range<u64> {
        self.address..self.address.saturating_add(self.size)
    }
}

/// The answer of the symbol tables.
enum Tabled {
    /// No loaded object has the name, and all could be read.
    Absent,
    /// The loader must be asked; the definition is most likely the one described here.
    Likely(Option<Candidate>),
}

/// What the tables say of one definition.
#[derive(Clone, Copy)]
struct Candidate {
    library: u32,
    address: u64,
    size: u64,
    kind: u8,
}

/// The definition that a reference to `name` from a set would get, with `version` if one is asked for. None when the
/// process has no such definition in its global scope.
///
/// The library is not pinned: whoever uses the address keeps it loaded, by [`Host::pin`](super::Host::pin).
///
/// A miss costs a look into each object's Bloom filter, about 0.1 µs; a hit also one `dlsym`, about 0.35 µs.
pub(crate) fn lookup(cache: &LibraryCache, name: &[u8], version: Option<&[u8]>) -> Option<HostSymbol> {
    if name.is_empty() {
        return None;
    }
    // Nearly always the first object that has the name is the one that the loader takes, so it is described at once.
    let first = cache.view(|view| match search(view, name, version, None) {
        Tabled::Likely(Some(found)) => Some(Some((found, describe(view, found.address, Some(found))))),
        Tabled::Likely(None) => Some(None),
        Tabled::Absent => None,
    })?;
    // The loader's answer would be this thread's copy, and asking for that keeps glibc from ever giving the variable's
    // module static storage. Where the variable is, a library in memory finds out (`image.rs`).
    if let Some((Candidate { kind: STT_TLS, .. }, symbol)) = first {
        return Some(symbol);
    }
    // `NAME@` is there, so the loader finds it, asked without a version; or one of a library before that, as for a program.
    let is_base = version == Some(b"");
    if is_base && first.is_none() {
        return None;
    }
    let mut buffer = [0; 128];
    let mut long = None;
    let terminated = terminated(name, &mut buffer, &mut long)?;
    let mut address = ask_loader(terminated, version.filter(|_| !is_base))?;
    if let Some((found, _)) = first
        && version.is_none()
        && (found.address != address || found.kind == STT_GNU_IFUNC)
        && let Some(version) = default_version(cache, found.library, name)
    {
        // Asked without a version, glibc takes `NAME@`, where a library still has that, before `NAME@@VERSION`.
        address = ask_loader(terminated, Some(&version)).unwrap_or(address);
    }
    match first {
        Some((found, symbol)) if found.address == address && found.kind != STT_GNU_IFUNC => {
            return Some(symbol);
        }
        _ => {}
    }
    Some(cache.view(|view| match search(view, name, version, Some(address)) {
        Tabled::Likely(found) => describe(view, address, found),
        Tabled::Absent => describe(view, address, None),
    }))
}

/// The path of the first library that defines `name`, and whether it does so weakly.
pub(crate) fn definer(cache: &LibraryCache, name: &[u8]) -> Option<(String, bool)> {
    let hash = gnu_hash(name);
    cache.view(|view| {
        (0..).zip(view.libraries().iter()).filter(|(_, library)| !library.is_vdso).find_map(
            |(index, library)| {
                let found = view.tables(index)?.find(name, hash, None)?;
                Some((library.name.clone(), found.binding == STB_WEAK))
            },
        )
    })
}

/// The names that loaded objects other than the executable define for references without a version, and that are
/// [wanted](TablesView::definitions_of).
pub(crate) fn known(
    cache: &LibraryCache,
    may_be: impl Fn(u32) -> bool,
    wanted: impl Fn(&[u8]) -> bool,
) -> Vec<Vec<u8>> {
    cache.view(|view| {
        let definitions = shared(view).flat_map(|tables| tables.definitions_of(&may_be, &wanted));
        let default = definitions.filter(|symbol| symbol.answers(None));
        default.map(|symbol| symbol.name.to_vec()).collect()
    })
}

/// The tables of the loaded objects but for the executable.
fn shared<'v>(view: &'v View<'_>) -> impl Iterator<Item = TablesView<'v>> {
    let libraries = (0..).zip(view.libraries().iter());
    let libraries = libraries.filter(|(_, library)| !library.is_executable && !library.is_vdso);
    libraries.filter_map(|(index, _)| view.tables(index))
}

/// The version of the definition that library number `library` has for references without one, if it has a definition
/// without a version besides.
fn default_version(cache: &LibraryCache, library: u32, name: &[u8]) -> Option<Vec<u8>> {
    cache.view(|view| {
        let tables = view.tables(library)?;
        let hash = gnu_hash(name);
        let default = tables.find(name, hash, None)?.version?;
        tables.has_base(name, hash).then(|| default.to_vec())
    })
}

/// Looks for `name` in the tables of all objects: for the definition at `wanted`, or else the one that comes first.
fn search(view: &View<'_>, name: &[u8], version: Option<&[u8]>, wanted: Option<u64>) -> Tabled {
    let hash = gnu_hash(name);
    let mut first = None;
    let mut may_be_hidden = false;
    for (index, library) in (0..).zip(view.libraries().iter()) {
        may_be_hidden |= library.is_opaque;
        if library.is_vdso {
            continue;
        }
        let Some(symbol) = view.tables(index).and_then(|tables| tables.find(name, hash, version)) else {
            continue;
        };
        let candidate =
            Candidate { library: index, address: symbol.address, size: symbol.size, kind: symbol.kind };
        let is_wanted = wanted == Some(candidate.address) && candidate.kind != STT_GNU_IFUNC;
        if wanted.is_none() || is_wanted {
            return Tabled::Likely(Some(candidate));
        }
        first = first.or(Some(candidate));
    }
    if first.is_none() && !may_be_hidden { Tabled::Absent } else { Tabled::Likely(first) }
}

/// The symbol at `address`, which the loader gave, and for which the tables offer `definition`.
fn describe(view: &View<'_>, address: u64, definition: Option<Candidate>) -> HostSymbol {
    let libraries = view.libraries();
    if let Some(Candidate { library, address: offset, size, kind: STT_TLS }) = definition {
        let module = libraries.get(library).map_or(0, |library| library.tls_module as u64);
        return HostSymbol {
            address: 0,
            size,
            kind: HostKind::Tls { module, offset },
            constant: false,
            library: Some(library),
            in_executable: library == 0,
        };
    }
    let holder = libraries.holding(address);
    let segment = holder.and_then(|index| libraries.get(index)?.segment_at(address));
    let is_code = segment.is_some_and(|segment| segment.flags & PF_X != 0);
    let exact = definition.filter(|d| d.address == address && d.kind != STT_GNU_IFUNC);
    let kind = match exact.or(definition).map(|d| d.kind) {
        Some(STT_FUNC | STT_GNU_IFUNC) => HostKind::Function,
        Some(STT_OBJECT | STT_COMMON) => HostKind::Data,
        // A symbol without type, or none that we know of (an opaque object, an interposed dlsym).
        _ if is_code => HostKind::Function,
        // No call leads there: a variable in assembly, or a library's own `__start_NAME`.
        _ if segment.is_some() => HostKind::Data,
        _ => HostKind::NoType,
    };
    let size = exact.map_or(0, |d| d.size);
    // Who defines it: for an ifunc too the object that has the name, even if its resolver chose another's function.
    let library = exact.or(definition).map(|d| d.library).or(holder);
    HostSymbol {
        address,
        size,
        kind,
        constant: holder
            .and_then(|index| libraries.get(index))
            .is_some_and(|library| library.is_constant(address, size)),
        library,
        in_executable: holder == Some(0),
    }
}

/// `name` with a terminating zero, in `buffer` if it fits. None when it contains a zero.
fn terminated<'a>(name: &[u8], buffer: &'a mut [u8; 128], long: &'a mut Option<CString>) -> Option<&'a CStr> {
    if name.len() < buffer.len() {
        buffer[..name.len()].copy_from_slice(name);
        return CStr::from_bytes_with_nul(&buffer[..=name.len()]).ok();
    }
    *long = CString::new(name).ok();
    long.as_deref()
}

/// The address that `dlsym` on the global scope gives for `name`, which may well be 0; none when it finds nothing.
fn ask_loader(name: &CStr, version: Option<&[u8]>) -> Option<u64> {
    let version = match version {
        Some(version) => Some(CString::new(version).ok()?),
        None => None,
    };
    let scope = global_scope()?;
    let ask = || loader_symbol(scope, name, version.as_deref()).expose_provenance() as u64;
    match ask() {
        0 => {
            // Not found, or found with the value 0: only a fresh error tells. Old ones are cleared first.
            clear_error();
            let address = ask();
            (!clear_error()).then_some(address)
        }
        address => Some(address),
    }
}

/// The handle of the program, whose scope is the global one; none when there is no dynamic loader.
fn global_scope() -> Option<*mut c_void> {
    const UNKNOWN: usize = usize::MAX;
    // No lock: all threads get the same handle.
    static PROGRAM: AtomicUsize = AtomicUsize::new(UNKNOWN);
    let mut handle = PROGRAM.load(Relaxed);
    if handle == UNKNOWN {
        let _hold = fork::in_loader();
        // SAFETY: a null name asks for the program itself; nothing is loaded.
        handle = unsafe { libc::dlopen(std::ptr::null(), libc::RTLD_LAZY) }.expose_provenance();
        PROGRAM.store(handle, Relaxed);
    }
    (handle != 0).then(|| std::ptr::with_exposed_provenance_mut(handle))
}

/// Whether this is the program's handle (`dlopen(3)` without a name).
pub(crate) fn is_program(handle: *mut c_void) -> bool {
    global_scope() == Some(handle)
}

/// What the loader tells of an object: `struct link_map`, as far as `link.h` promises it.
#[repr(C)]
pub(crate) struct LinkMap {
    bias: usize,
    name: *const std::ffi::c_char,
    dynamic: *mut c_void,
    next: *mut LinkMap,
}

impl LinkMap {
    /// The path; empty for the program.
    pub fn name(&self) -> &CStr {
        // SAFETY: a name is a terminated string.
        unsafe { CStr::from_ptr(self.name) }
    }

    /// The address of its dynamic section, which lies in it.
    pub fn dynamic(&self) -> u64 {
        self.dynamic.expose_provenance() as u64
    }

    /// That of the object with this handle.
    ///
    /// # Safety
    /// The handle is one, and stays so while the result is used.
    pub unsafe fn of(handle: *mut c_void) -> Option<&'static LinkMap> {
        // SAFETY: glibc's and musl's handle is the record.
        unsafe { handle.cast::<LinkMap>().as_ref() }
    }
}

/// What the loader has loaded next to the program. It stays: it is the kernel's own library, or one of the program's.
pub(crate) fn behind_program() -> Option<&'static LinkMap> {
    // SAFETY: the program stays, and what comes next does.
    unsafe { LinkMap::of(global_scope()?)?.next.as_ref() }
}

/// `dlvsym` where it exists and a version is given, else `dlsym`.
fn loader_symbol(handle: *mut c_void, name: &CStr, version: Option<&CStr>) -> *mut c_void {
    let _hold = fork::in_loader();
    // SAFETY: both take terminated strings. Finding an ifunc runs its resolver, as any use of it would.
    unsafe {
        match version {
            #[cfg(target_env = "gnu")]
            Some(version) => libc::dlvsym(handle, name.as_ptr(), version.as_ptr()),
            // musl has no symbol versions.
            _ => libc::dlsym(handle, name.as_ptr()),
        }
    }
}

/// Forgets the loader's last error of this thread; whether there was one.
fn clear_error() -> bool {
    // SAFETY: dlerror has no preconditions; its message is not used.
    !unsafe { libc::dlerror() }.is_null()
}

#[cfg(test)]
mod tests {
    use super::super::Host;
    use super::super::testing::{Workshop, alone};
    use super::*;

    #[test]
    #[cfg(target_env = "gnu")]
    fn describes_symbols_of_libc() {
        let host = Host::new();
        let find = |name: &str| host.lookup(name.as_bytes(), None);
        let printf = find("printf").unwrap();
        assert_eq!((printf.kind, printf.constant, printf.in_executable), (HostKind::Function, true, false));
        assert!(printf.size > 0);
        let libraries = host.libraries();
        assert!(libraries.get(printf.library.unwrap()).unwrap().name.contains("libc"));

        let stdout = find("stdout").unwrap();
        assert_eq!((stdout.kind, stdout.size, stdout.constant), (HostKind::Data, 8, false));
        let any = find("in6addr_any").unwrap();
        assert_eq!((any.kind, any.size, any.constant), (HostKind::Data, 16, true));

        // An ifunc: the function that the resolver chose.
        let memcpy = find("memcpy").unwrap();
        assert_eq!(memcpy.kind, HostKind::Function);
        let old = host.lookup(b"memcpy", Some(b"GLIBC_2.2.5"));
        assert!(old.is_some_and(|old| old.address != memcpy.address), "{old:?}");
        assert!(host.lookup(b"memcpy", Some(b"GLIBC_0.0")).is_none());

        let errno = find("errno").unwrap();
        assert!(
            matches!(errno.kind, HostKind::Tls { module, offset: 0.. } if module > 0) && errno.size == 4,
            "{errno:?}"
        );
        assert!(find("").is_none() && find("no_such_symbol_here").is_none() && find("a\0b").is_none());
    }

    #[test]
    #[cfg(target_env = "gnu")]
    fn names_aliases_of_data() {
        let host = Host::new();
        let environ = host.lookup(b"environ", None).unwrap();
        let mut names: Vec<_> = host.aliases(environ.address).into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, [&b"__environ"[..], b"_environ", b"environ"]);
        assert!(host.aliases(0x10).is_empty());
    }

    #[test]
    fn agrees_with_the_loader_on_every_definition() {
        // Other tests load libraries meanwhile.
        alone("host::symbols::tests::agrees_with_the_loader_on_every_definition", || {
            let host = Host::new();
            let names: Vec<(Vec<u8>, u8)> = host.view(|view| {
                let indexes = 0..view.libraries().iter().count() as u32;
                let tables = indexes.filter(|&i| !view.libraries().get(i).is_some_and(|l| l.is_vdso));
                tables
                    .filter_map(|index| view.tables(index))
                    .flat_map(|tables| {
                        tables.definitions().map(|s| (s.name.to_vec(), s.kind)).collect::<Vec<_>>()
                    })
                    .collect()
            });
            for (name, kind) in names.iter().filter(|(_, kind)| *kind != STT_TLS) {
                let c_name = CString::new(name.clone()).unwrap();
                let truth = ask_loader(&c_name, None);
                let found = host.lookup(name, None);
                assert_eq!(found.map(|f| f.address), truth, "{c_name:?} of type {kind}");
            }
        });
    }

    #[test]
    fn finds_null_valued_and_later_symbols() {
        let Some(workshop) = Workshop::new() else { return };
        let host = Host::new();
        assert!(host.lookup(b"setlink_test_later", None).is_none());
        let library = workshop.load(
            "later",
            "long setlink_test_later[3] = {1}; const char setlink_test_fixed[5] = \"four\";\n\
             __thread int setlink_test_tls = 3; long *const setlink_test_relro = setlink_test_later;",
            &["-Wl,--defsym=setlink_test_zero=0", "-Wl,-z,relro"],
            true,
        );
        let later = host.lookup(b"setlink_test_later", None).unwrap();
        assert_eq!(Some(later.address), library.symbol(c"setlink_test_later"));
        assert_eq!((later.kind, later.size, later.constant), (HostKind::Data, 24, false));
        assert!(host.lookup(b"setlink_test_fixed", None).unwrap().constant);
        assert!(host.lookup(b"setlink_test_relro", None).unwrap().constant);
        if cfg!(target_env = "gnu") {
            assert_eq!(host.lookup(b"setlink_test_zero", None).map(|zero| zero.address), Some(0));
        }
        assert!(matches!(host.lookup(b"setlink_test_tls", None).unwrap().kind, HostKind::Tls { .. }));
        drop(library);
        assert!(host.lookup(b"setlink_test_later", None).is_none());
    }

    #[test]
    fn finds_by_the_old_hash_table_too() {
        let Some(workshop) = Workshop::new() else { return };
        let source =
            "long setlink_test_a1 = 1; long setlink_test_a2 = 2; long f(void) { return setlink_test_a1; }";
        let _library = workshop.load("oldhash", source, &["-Wl,--hash-style=sysv"], true);
        let host = Host::new();
        assert!(host.lookup(b"setlink_test_a1", None).is_some_and(|symbol| symbol.size == 8));
        assert!(host.lookup(b"setlink_test_a2", None).is_some());
        assert!(host.lookup(b"setlink_test_a3", None).is_none());
    }

    /// `cargo test --release -- --ignored --nocapture lookup_times`
    #[test]
    #[ignore = "a measurement"]
    fn lookup_times() {
        let host = Host::new();
        let names = host.view(|view| {
            let libraries = view.libraries();
            let libc = (0..).zip(libraries.iter()).find(|(_, l)| l.name.contains("libc.so")).unwrap().0;
            let functions = view.tables(libc).unwrap().definitions().filter(|s| s.kind == STT_FUNC);
            functions.map(|s| s.name.to_vec()).take(1000).collect::<Vec<_>>()
        });
        let missing: Vec<_> = names.iter().map(|name| [b"not_", &name[..]].concat()).collect();
        for (what, names) in [("found", &names), ("found again", &names), ("missing", &missing)] {
            let start = std::time::Instant::now();
            let found = names.iter().filter(|name| host.lookup(name, None).is_some()).count();
            let each = start.elapsed().as_secs_f64() * 1e6 / names.len() as f64;
            eprintln!("{what}: {found} of {}, {each:.3} µs each", names.len());
        }
        let names: Vec<_> = names.into_iter().map(|name| CString::new(name).unwrap()).collect();
        let scope = global_scope().unwrap();
        let time = |what: &str, run: &mut dyn FnMut(&CStr)| {
            let start = std::time::Instant::now();
            names.iter().for_each(|name| run(name));
            eprintln!("{what}: {:.3} µs each", start.elapsed().as_secs_f64() * 1e6 / names.len() as f64);
        };
        time("dlsym alone", &mut |name| _ = loader_symbol(scope, name, None));
        time("view alone", &mut |_| host.view(|_| ()));
    }
}
