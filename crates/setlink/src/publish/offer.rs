//! What the process's loader learns of a set: the symbols that libraries and `dlsym` are to find.

use crate::error::Result;
use crate::host::{Image, ImageBuilder, ImageSymbol, ImageSymbolKind};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::object::{SymbolKind, Visibility};
use crate::resolve::names::NameId;
use crate::resolve::{Extra, Origin, SymbolId};

/// The names that the set defines and exports, with their definitions.
pub(crate) fn exported<'p>(plan: &'p Plan<'_, '_>) -> impl Iterator<Item = (NameId, SymbolId)> + 'p {
    let resolution = plan.resolution;
    resolution.names.iter().filter_map(move |(id, name)| {
        let symbol = defined(plan, id)?;
        (name.visibility < Visibility::Hidden).then_some((id, symbol))
    })
}

/// The set's own definition of a name, whatever its visibility.
pub(crate) fn defined(plan: &Plan<'_, '_>, name: NameId) -> Option<SymbolId> {
    let symbol = plan.resolution.definition(name)?;
    let own = match plan.resolution.origin(symbol) {
        Origin::Object { .. } => true,
        Origin::Extra(index) => matches!(
            plan.resolution.extras[index].1,
            Extra::Absolute(_) | Extra::Common { .. } | Extra::Linker(_) | Extra::Offset(..)
        ),
    };
    (own && !matches!(plan.class(symbol), Class::Discarded | Class::Undefined)).then_some(symbol)
}

/// Whether the set's program asks the loader for symbols or libraries. Others cannot tell what the loader knows, and an
/// image of many symbols takes time.
fn asks(plan: &Plan<'_, '_>) -> bool {
    const ASKING: [&[u8]; 5] = [b"dlopen", b"dlmopen", b"dlsym", b"dlvsym", b"dladdr"];
    let resolution = plan.resolution;
    ASKING.iter().any(|name| {
        let symbol = resolution.names.find(name).and_then(|name| resolution.definition(name));
        symbol.is_some_and(|symbol| plan.class(symbol).is_foreign())
    })
}

/// The set's thread-local variables that the loader is to know: offsets in the set's block.
pub(crate) fn thread_local(plan: &Plan<'_, '_>) -> Vec<ImageSymbol> {
    if !asks(plan) {
        return Vec::new();
    }
    let own = exported(plan).filter(|(_, symbol)| plan.class(*symbol) == Class::ThreadLocal);
    own.map(|(name, symbol)| ImageSymbol {
        name: plan.resolution.names[name].text.to_vec(),
        value: plan.address(symbol),
        size: plan.size(symbol),
        kind: ImageSymbolKind::Tls,
    })
    .collect()
}

/// Shows the set's other exported symbols to the loader.
///
/// # Errors
/// The loader refuses the image.
pub(crate) fn offer(plan: &Plan<'_, '_>) -> Result<Option<Image>> {
    if !asks(plan) {
        return Ok(None);
    }
    let resolution = plan.resolution;
    let symbols: Vec<ImageSymbol> = exported(plan)
        .filter(|(_, symbol)| plan.class(*symbol) != Class::ThreadLocal)
        .filter(|(_, symbol)| plan.class(*symbol) != Class::Ifunc || plan.stub_of(*symbol).is_some())
        .map(|(name, symbol)| ImageSymbol {
            name: resolution.names[name].text.to_vec(),
            value: plan.address(symbol),
            size: plan.size(symbol),
            kind: if is_function(plan, symbol) { ImageSymbolKind::Function } else { ImageSymbolKind::Data },
        })
        .collect();
    if symbols.is_empty() {
        return Ok(None);
    }
    ImageBuilder { symbols, tls: None, references: Vec::new() }.open(true).map(Some)
}

fn is_function(plan: &Plan<'_, '_>, symbol: SymbolId) -> bool {
    match plan.resolution.origin(symbol) {
        Origin::Object { object, symbol } => {
            let symbol = plan.resolution.added[object].object.symbols.get(symbol);
            symbol.is_some_and(|s| {
                matches!(s.kind, SymbolKind::Function | SymbolKind::Ifunc | SymbolKind::NoType)
            })
        }
        Origin::Extra(_) => false,
    }
}

/// Names that a library needs and only the set's program has, so that the loader can open the library before the
/// program has addresses. They lead to a function that says what went wrong if an initialiser of the library calls one;
/// publishing the set gives them their own addresses.
///
/// # Errors
/// The loader refuses the image.
pub(crate) fn promise(names: Vec<Vec<u8>>) -> Result<Image> {
    let value = too_early as *const () as u64;
    let symbol = |name| ImageSymbol { name, value, size: 0, kind: ImageSymbolKind::Function };
    let symbols = names.into_iter().map(symbol).collect();
    ImageBuilder { symbols, tls: None, references: Vec::new() }.open(true)
}

extern "C" fn too_early() -> ! {
    eprintln!("setlink: a library's initialiser called into the program before the program was linked");
    std::process::abort()
}
