//! What the micro-benchmarks call: one phase at a time, as often as they like. Not part of the public interface.

#![forbid(unsafe_code)]

use crate::isa::Isa;
use crate::isa::x86_64::X86_64;
use crate::memory::Memory;
use crate::memory::arena::Arena;
use crate::memory::fake::FakeMemory;
use crate::memory::file::Bytes;
use crate::parallel::Threads;
use crate::place::Draft;
use crate::place::share::Shared;
use crate::publish::tls::Assumed;
use crate::read::elf;
use crate::read::input::Input;
use crate::read::object::Expected;
use crate::resolve::scope::{Definitions, Foreign, Scope};
use crate::resolve::{Request, Surroundings, resolve};
use crate::{Result, write};

/// A phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Bytes to objects.
    Parse,
    /// The same, and names to definitions.
    Resolve,
    /// Relocations to needs, and the demand.
    Scan,
    /// Needs to the plan.
    Place,
    /// Plan to bytes, in memory that has been touched before.
    Write,
}

/// Takes a set of objects (name and bytes) to just before `stage`, and hands what does the stage once to `measure`. All
/// on one thread and on paper; what the set does not define is found at one address.
///
/// # Errors
/// Every problem found on the way.
pub fn stage(
    objects: &[(String, Vec<u8>)],
    stage: Stage,
    measure: &mut dyn FnMut(&mut dyn FnMut()),
) -> Result<()> {
    let inputs: Vec<Input> = objects
        .iter()
        .map(|(name, bytes)| Input::Object {
            name: name.as_str().into(),
            data: Bytes::Owned(bytes.clone()),
            lazy: false,
        })
        .collect();
    if stage == Stage::Parse {
        measure(&mut || {
            let arena = Arena::default();
            for input in &inputs {
                if let Input::Object { name, data, .. } = input {
                    let parsed = elf::parse(name, None, 0, data, Expected::default(), &arena);
                    std::hint::black_box(parsed.is_ok());
                }
            }
        });
        return Ok(());
    }
    let scope = Everything(Definitions::new().or_else(Foreign::function(0x7fff_7000_0000)));
    let request = Request {
        undefined: &[],
        undefined_patterns: &[],
        wrap: &[],
        assigned: &[],
        provided: &[],
        allow_multiple_definition: false,
        allow_undefined: false,
        may_be_undefined: &[],
        required: &[],
        start_stop_gc: false,
        versions: &Default::default(),
        excluded: &[],
        first_and_last: [None, None],
        ignore_stack_notes: false,
        collect: None,
        keep_exported: false,
        dynamic_list: &Default::default(),
        scope: &scope,
        threads: Threads::ONE,
    };
    if stage == Stage::Resolve {
        measure(&mut || {
            let arena = Arena::default();
            std::hint::black_box(resolve(&inputs, &request, &arena).is_ok());
        });
        return Ok(());
    }
    let arena = Arena::default();
    let resolution = resolve(&inputs, &request, &arena)?;
    let draft = || {
        let mut draft = Draft::new::<X86_64>(&resolution, 4096, X86_64::REACH, true);
        draft.scan::<X86_64>(true, &Assumed).map(|()| draft)
    };
    if stage == Stage::Scan {
        measure(&mut || {
            std::hint::black_box(draft().is_ok());
        });
        return Ok(());
    }
    let memory = FakeMemory::default();
    let shared = Shared::default();
    let mut draft = draft()?;
    let site = memory.sites(draft.demand())?.swap_remove(0);
    if stage == Stage::Place {
        measure(&mut || {
            let sized = draft.size::<X86_64>(&site, &memory, true, &shared);
            let segments = memory.sketch(&site, &sized.needs);
            let plan = draft.place::<X86_64>(sized, &segments, site.granule);
            std::hint::black_box(plan.summary.total_bytes);
        });
        return Ok(());
    }
    let mut sized = draft.size::<X86_64>(&site, &memory, true, &shared);
    sized.check()?;
    let mut region = memory.reserve(&site, &sized.needs)?;
    let plan = draft.place::<X86_64>(sized, region.segments(), site.granule);
    measure(&mut || {
        std::hint::black_box(write::write::<X86_64>(&plan, region.bytes()).is_ok());
    });
    Ok(())
}

/// A scope without libraries and other sets.
struct Everything(Definitions);

impl Scope for Everything {
    fn find(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        self.0.find(name, version)
    }
}

impl Surroundings for Everything {
    fn attach(&self, _: &mut dyn Iterator<Item = &[u8]>, _: &dyn Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn library_defines(&self, _name: &[u8], _position: u32) -> bool {
        false
    }

    fn needed(&self) -> &[Vec<u8>] {
        &[]
    }

    fn referenced(&self, _wanted: &dyn Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn replaces_weak(&self, _name: &[u8]) -> bool {
        false
    }

    fn library_variable(&self, _name: &[u8]) -> Option<(Foreign, bool)> {
        None
    }

    fn has_last_resort(&self) -> bool {
        false
    }

    fn last_resort(&self) -> &[Input] {
        &[]
    }
}
