//! What the process's loader learns of a set: the symbols that libraries and `dlsym` are to find.

use std::ops::Range;

use crate::error::Result;
use crate::host::{
    Host, Image, ImageBuilder, ImageFile, ImageSymbol, ImageSymbolKind, ImageVersion, TlsTemplate, Versions,
};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::object::{SymbolKind, Visibility};
use crate::resolve::names::NameId;
use crate::resolve::versions::split;
use crate::resolve::{Extra, Origin, SymbolId};

/// Names that a thread looks through before it asks for more.
const NAMES_AT_ONCE: usize = 1 << 14;

/// A name's definition, and where that comes from.
type Defined = (NameId, SymbolId, Origin);

/// Which of the names that a set defines and exports the loader is to learn of.
pub(crate) enum Offered {
    All,
    /// Those with these numbers.
    Listed(Vec<NameId>),
}

impl Offered {
    fn count(&self, plan: &Plan<'_, '_>) -> usize {
        match self {
            Offered::All => plan.resolution.names.len(),
            Offered::Listed(names) => names.len(),
        }
    }

    /// The definitions among those from `range`.
    fn definitions<'p>(
        &'p self,
        plan: &'p Plan<'_, '_>,
        range: Range<usize>,
    ) -> impl Iterator<Item = Defined> + 'p {
        let name = move |index: usize| match self {
            Offered::All => NameId(index as u32),
            Offered::Listed(names) => names[index],
        };
        range.map(name).filter_map(move |name| {
            let is_visible = plan.resolution.names[name].visibility < Visibility::Hidden;
            defined(plan, name).filter(|_| is_visible)
        })
    }
}

/// The names that the set defines and exports, with their definitions.
pub(crate) fn exported<'p>(plan: &'p Plan<'_, '_>) -> impl Iterator<Item = Defined> + 'p {
    Offered::All.definitions(plan, 0..Offered::All.count(plan))
}

/// The names that a set knows, `wanted` picks, and libraries of the process define. In no order.
pub(crate) fn in_libraries(
    plan: &Plan<'_, '_>,
    host: &Host,
    versions: Versions,
    wanted: impl Fn(&[u8]) -> bool,
) -> Vec<Vec<u8>> {
    let names = &plan.resolution.names;
    host.defined((0..names.len()).map(|name| names[NameId(name as u32)].text), versions, wanted)
}

/// Names of the set that are only to be had by a version, and whose plain names libraries of the process refer to or define.
pub(crate) fn versioned_in_libraries(plan: &Plan<'_, '_>, host: &Host) -> Vec<NameId> {
    let versions = &plan.resolution.versions;
    let plain: Vec<&[u8]> = versions.plain_names().collect();
    if plain.is_empty() {
        return Vec::new();
    }
    let is_plain = |name: &[u8]| !versions.others(name).is_empty();
    let mut found = host.referenced(Versions::All, is_plain);
    found.extend(host.defined(plain.iter().copied(), Versions::All, is_plain));
    found.iter().flat_map(|name| versions.others(name)).copied().collect()
}

/// The set's own definition of a name, whatever its visibility.
pub(crate) fn defined(plan: &Plan<'_, '_>, name: NameId) -> Option<Defined> {
    let (symbol, origin) = plan.resolution.origin_of(name)?;
    let own = match origin {
        Origin::Object { .. } => true,
        Origin::Extra(index) => matches!(
            plan.resolution.extras[index].1,
            Extra::Absolute(_) | Extra::Common { .. } | Extra::Linker(_) | Extra::Offset(..)
        ),
    };
    (own && !matches!(plan.class(symbol), Class::Discarded | Class::Undefined))
        .then_some((name, symbol, origin))
}

/// The functions by which code asks the loader for symbols or libraries.
const ASKING: [&[u8]; 4] = [b"dlopen", b"dlmopen", b"dlsym", b"dlvsym"];
/// The one by which it asks for the symbol at an address.
const ASKING_BACK: &[u8] = b"dladdr";

/// Whether code that refers to `name` asks the loader for symbols or libraries.
pub(super) fn is_asking(name: &[u8]) -> bool {
    name.starts_with(b"dl") && (ASKING.contains(&name) || name == ASKING_BACK)
}

/// Whether the set's program asks the loader for symbols or libraries, or a library does. Others cannot tell what the loader
/// knows, and an image of many symbols takes time.
pub(crate) fn asks(plan: &Plan<'_, '_>, host: &Host) -> bool {
    let resolution = plan.resolution;
    let is_asked = |name: &&[u8]| {
        let symbol = resolution.names.find(name).and_then(|name| resolution.definition(name));
        symbol.is_some_and(|symbol| plan.class(symbol).is_foreign())
    };
    // Where a library calls `dladdr`, sets are asked, not the loader.
    ASKING.iter().chain([&ASKING_BACK]).any(is_asked) || host.is_referenced(&ASKING)
}

/// The `offered` thread-local variables for the loader to know: offsets in the set's block.
pub(crate) fn thread_local<'d>(plan: &Plan<'_, 'd>, offered: &Offered) -> Vec<ImageSymbol<'d>> {
    if !plan.tls.is_used {
        return Vec::new();
    }
    let own = offered.definitions(plan, 0..offered.count(plan));
    let own = own.filter(|(_, symbol, _)| plan.class(*symbol) == Class::ThreadLocal);
    own.filter_map(|defined| image_symbol(plan, defined, ImageSymbolKind::Tls)).collect()
}

/// A definition as an image shows it; none for one that it shows by another name.
fn image_symbol<'d>(
    plan: &Plan<'_, 'd>,
    (name, symbol, origin): Defined,
    kind: ImageSymbolKind,
) -> Option<ImageSymbol<'d>> {
    let text = plan.resolution.names[name].text;
    let version = plan.resolution.versions.shown(name, text)?;
    let plain = if version.is_some() { split(text).0 } else { text };
    let version =
        version.map_or(ImageVersion::NONE, |version| ImageVersion::new(version.number, version.is_default));
    let shown = ImageSymbol::new(plain, plan.address(symbol), plan.size_at(origin), kind);
    Some(shown.with_version(version))
}

/// What shows the set's other `offered` symbols to the loader.
///
/// # Errors
/// There is no image for them.
pub(crate) fn offer<'d>(plan: &Plan<'_, 'd>, offered: &Offered) -> Result<Option<ImageFile<'d>>> {
    let resolution = plan.resolution;
    let has_address = |symbol: SymbolId| match plan.class(symbol) {
        Class::ThreadLocal => false,
        Class::Ifunc => plan.stub_of(symbol).is_some(),
        _ => true,
    };
    let part = |names: Range<usize>| -> Vec<ImageSymbol<'d>> {
        let symbols = offered.definitions(plan, names).filter(|(_, symbol, _)| has_address(*symbol));
        let symbols = symbols.filter_map(|defined| {
            let is_function = is_function(plan, defined.2);
            let kind = if is_function { ImageSymbolKind::Function } else { ImageSymbolKind::Data };
            image_symbol(plan, defined, kind)
        });
        symbols.collect()
    };
    let count = offered.count(plan);
    let starts = (0..count).step_by(NAMES_AT_ONCE);
    let parts = starts.map(|start| start..(start + NAMES_AT_ONCE).min(count)).collect();
    let symbols = resolution.threads.map(parts, 1, part);
    if symbols.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    ImageBuilder { symbols, versions: Some(versions(plan)), ..ImageBuilder::default() }.write().map(Some)
}

/// The versions of what images show of the set.
pub(crate) fn versions<'d>(plan: &Plan<'_, 'd>) -> Vec<&'d [u8]> {
    plan.resolution.versions.texts().to_vec()
}

fn is_function(plan: &Plan<'_, '_>, origin: Origin) -> bool {
    let kind = plan.kind_at(origin);
    matches!(origin, Origin::Object { .. })
        && matches!(kind, SymbolKind::Function | SymbolKind::Ifunc | SymbolKind::NoType)
}

/// Names that a library needs and only the set's program has.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// Of functions and variables.
    pub addresses: Vec<Vec<u8>>,
    /// Of thread-local variables.
    pub thread_local: Vec<Vec<u8>>,
}

impl Promised {
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.thread_local.is_empty()
    }

    pub fn contains(&self, name: &[u8]) -> bool {
        self.addresses.iter().chain(&self.thread_local).any(|other| other == name)
    }
}

/// Shows the names to the loader, so that it can open the library before the program has addresses. They lead to a function
/// that says what went wrong if the library calls one so early, and to a thread-local word that nobody uses; publishing the
/// set gives them their own addresses.
///
/// # Errors
/// The loader refuses the image.
pub(crate) fn promise(promised: &Promised) -> Result<Image> {
    let value = too_early as *const () as u64;
    let function = |name| ImageSymbol::new(name, value, 0, ImageSymbolKind::Function);
    let functions = promised.addresses.iter().map(|name| function(name)).collect();
    let variable = |name| ImageSymbol::new(name, 0, 0, ImageSymbolKind::Tls);
    let variables: Vec<_> = promised.thread_local.iter().map(|name| variable(name)).collect();
    let tls = (!variables.is_empty()).then(|| TlsTemplate {
        image: Vec::new(),
        size: 8,
        align: 8,
        is_static: false,
    });
    ImageBuilder { symbols: vec![functions, variables], tls, ..ImageBuilder::default() }.open(true)
}

extern "C" fn too_early() -> ! {
    eprintln!("setlink: a library called the program while that was not there");
    std::process::abort()
}
