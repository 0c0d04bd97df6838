//! The symbols of a set as debuggers and profilers list them: functions and variables, local ones too.

#![forbid(unsafe_code)]

use crate::isa::Isa;
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::read::object::{Binding, SectionFlags, SymbolKind, SymbolSection};
use crate::resolve::{Extra, SymbolId};

/// A place of the set that has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'d> {
    pub name: &'d [u8],
    /// The name is that of a stub for it.
    pub is_stub: bool,
    pub address: u64,
    /// Bytes; 0 where unknown.
    pub size: u64,
    pub kind: SymbolKind,
    pub binding: Binding,
    /// It lies among code.
    pub in_code: bool,
}

impl Named<'_> {
    /// What comes behind the name.
    pub fn suffix(&self) -> &'static [u8] {
        if self.is_stub { b"@plt" } else { b"" }
    }
}

/// Hands each to `see`. Thread-local variables, which have no one address, are left out, and labels that assemblers make up.
pub(super) fn each<'d, I: Isa>(plan: &Plan<'_, 'd>, mut see: impl FnMut(Named<'d>)) {
    let resolution = plan.resolution;
    for (object, added) in resolution.added.iter().enumerate() {
        let (symbols, targets) = (&added.object.symbols, resolution.targets(object));
        for index in 1..symbols.len() {
            let Some(symbol) = symbols.get(index) else { break };
            let SymbolSection::Loaded(section) = symbol.section else { continue };
            if matches!(symbol.kind, SymbolKind::Section | SymbolKind::File | SymbolKind::Tls) {
                continue;
            }
            // Of several definitions of a name, the one that counts.
            let own = SymbolId(resolution.symbol_base[object] + index);
            if targets.of(index) != Some(own) || !matches!(plan.class(own), Class::Inside | Class::Ifunc) {
                continue;
            }
            let name = symbols.name(index);
            if name.is_empty() || name.starts_with(b".L") {
                continue;
            }
            see(Named {
                name,
                is_stub: false,
                address: plan.place_of(own),
                size: symbol.size,
                kind: symbol.kind,
                binding: symbol.binding,
                in_code: added.object.sections[section as usize].has(SectionFlags::EXEC),
            });
        }
    }
    let data = |symbol, address, size| Named {
        name: plan.label_of(symbol),
        is_stub: false,
        address,
        size,
        kind: SymbolKind::Data,
        binding: Binding::Global,
        in_code: false,
    };
    for (index, (_, extra)) in resolution.extras.iter().enumerate() {
        let symbol = resolution.extra_id(index);
        if let Extra::Common { size, .. } = extra
            && plan.class(symbol) == Class::Inside
        {
            see(data(symbol, plan.address(symbol), *size));
        }
    }
    for (copy, address) in &plan.copies {
        see(data(copy.symbol, *address, copy.from.size));
    }
    for (index, stub) in (0..).zip(&plan.stubs) {
        see(Named {
            name: plan.label_of(stub.symbol),
            is_stub: true,
            address: plan.stub_address(index),
            size: I::STUB_BYTES,
            kind: SymbolKind::Function,
            binding: Binding::Local,
            in_code: true,
        });
    }
}
