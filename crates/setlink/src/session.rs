//! A session: one target address space with its memory, its symbols and its sets.

use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::host::{Host, HostKind, HostSymbol, fork};
use crate::memory::Memory;
use crate::memory::fake::FakeMemory;
use crate::memory::process::ProcessMemory;
use crate::resolve::scope::{Definitions, Foreign, ForeignKind, Scope, alignment_of};
use crate::set::builder::SetBuilder;
use crate::set::{EntryPlace, Registry, registry};

/// One address space into which sets are linked.
///
/// Cloning a session gives another handle to the same one; it can be used from many threads.
#[derive(Clone)]
pub struct Session {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub memory: Box<dyn Memory>,
    pub world: World,
    pub sets: Mutex<Registry>,
}

impl Inner {
    pub fn new(memory: Box<dyn Memory>, world: World) -> Arc<Self> {
        Arc::new(Inner { memory, world, sets: Mutex::default() })
    }
}

/// What is around the sets.
pub(crate) enum World {
    /// This process: its symbols, its unwinder, its loader.
    Process(Host),
    /// Nothing but some definitions. Sets are planned and written, and never run.
    Paper(Definitions),
}

impl Session {
    /// This process: sets are linked into its memory, see its symbols and run in it.
    ///
    /// # Errors
    /// There is no memory to have forks wait for what other threads hold of Setlink's.
    pub fn host() -> Result<Session> {
        Session::host_with(ProcessMemory::new())
    }

    /// This process, with a memory manager of one's own: what it reserves must be memory of this process, in which sets
    /// can run once their segments are protected. (`examples/memory.rs` has one that keeps account.)
    ///
    /// # Errors
    /// As for [`Session::host`].
    pub fn host_with(memory: impl Memory + 'static) -> Result<Session> {
        fork::prepare()?;
        Ok(Session { inner: Inner::new(Box::new(memory), World::Process(Host::new())) })
    }

    /// An address space on paper: sets are planned and written as if they lay in `memory`, among the host definitions
    /// `definitions`, and none of their code runs.
    pub fn on_paper(memory: FakeMemory, definitions: Definitions) -> Session {
        Session { inner: Inner::new(Box::new(memory), World::Paper(definitions)) }
    }

    /// Begins a set named `name`; the name is for messages.
    pub fn set(&self, name: impl Into<Arc<str>>) -> SetBuilder<'_> {
        SetBuilder::new(self, name.into())
    }

    /// The names of the linked sets, in the order in which they were begun.
    pub fn sets(&self) -> Vec<String> {
        registry::lock(&self.inner).iter().map(|core| core.name.to_string()).collect()
    }

    /// Every GOT entry of `symbol` (its name as objects spell it, or demangled), in all sets.
    pub fn got_entries(&self, symbol: &str) -> Vec<EntryPlace> {
        registry::places(&self.inner, symbol, |core| &core.entries)
    }

    /// Every stub of `symbol` (its name as objects spell it, or demangled), in all sets.
    pub fn stubs(&self, symbol: &str) -> Vec<EntryPlace> {
        registry::places(&self.inner, symbol, |core| &core.stubs)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let world = match &self.inner.world {
            World::Process(_) => "process",
            World::Paper(_) => "paper",
        };
        f.debug_struct("Session").field("world", &world).finish_non_exhaustive()
    }
}

impl World {
    /// The process, where there is one.
    pub fn host(&self) -> Option<&Host> {
        match self {
            World::Process(host) => Some(host),
            World::Paper(_) => None,
        }
    }
}

impl Scope for World {
    fn find(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign> {
        match self {
            World::Process(host) => host.lookup(name, version).map(foreign),
            World::Paper(definitions) => definitions.find(name, version),
        }
    }
}

fn foreign(symbol: HostSymbol) -> Foreign {
    Foreign {
        address: symbol.address,
        size: symbol.size,
        align: alignment_of(symbol.address),
        kind: match symbol.kind {
            HostKind::Function => ForeignKind::Function,
            HostKind::Data => ForeignKind::Data,
            HostKind::Tls { .. } => ForeignKind::ThreadLocal,
            HostKind::NoType => ForeignKind::Unknown,
        },
        constant: symbol.constant,
        in_executable: symbol.in_executable,
    }
}
