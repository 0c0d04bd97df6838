//! Scopes: where the names are looked up that a set does not define itself.

#![forbid(unsafe_code)]

/// What a definition outside the set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    /// Code. It may be called through a stub, and its stub's address may stand for it.
    Function,
    /// A variable or constant. Only its own address will do.
    Data,
    /// A thread-local variable.
    ThreadLocal,
    /// Not known; treated as a function when called and as data when addressed.
    Unknown,
}

/// A definition outside the set: in the host process, in a shared library, or given by the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Where it is.
    pub address: u64,
    /// Its size in bytes; 0 where that is not known.
    pub size: u64,
    /// Its alignment in bytes, a power of two; matters when it has to be copied.
    pub align: u64,
    /// What it is.
    pub kind: ForeignKind,
    /// The program never writes to it.
    pub constant: bool,
    /// The host's executable holds it, rather than a library.
    pub in_executable: bool,
}

impl Foreign {
    /// A function at `address`.
    pub fn function(address: u64) -> Self {
        Foreign {
            address,
            size: 0,
            align: 1,
            kind: ForeignKind::Function,
            constant: true,
            in_executable: false,
        }
    }

    /// `size` bytes of data at `address`, aligned as its address is.
    pub fn data(address: u64, size: u64) -> Self {
        let align = alignment_of(address);
        Foreign { address, size, align, kind: ForeignKind::Data, constant: false, in_executable: false }
    }

    /// The alignment of a copy; a nonsensical one is as good as none.
    pub(crate) fn copy_align(&self) -> u64 {
        if self.align.is_power_of_two() { self.align.min(1 << 40) } else { 1 }
    }
}

/// The alignment in bytes that `address` suggests: the largest power of two that divides it, at most a page. Symbol tables
/// do not say what was asked for, which may be more than the size; what divides an address beyond a page is where the
/// library happens to lie.
pub(crate) fn alignment_of(address: u64) -> u64 {
    1 << address.trailing_zeros().min(12)
}

/// A place to look names up.
pub trait Scope: Send + Sync {
    /// The definition of `name`, in the version `version` where the reference asks for one.
    fn find(&self, name: &[u8], version: Option<&[u8]>) -> Option<Foreign>;

    /// Whether `name` is defined, which may be cheaper to say than where.
    fn defines(&self, name: &[u8]) -> bool {
        self.find(name, None).is_some()
    }
}

/// A scope that is a list of definitions: user-supplied ones, or a fake host.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    map: hashbrown::HashMap<Vec<u8>, Foreign, foldhash::fast::FixedState>,
    otherwise: Option<Foreign>,
}

impl Definitions {
    /// Nothing defined yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Defines `name`, replacing an earlier definition.
    pub fn define(&mut self, name: impl Into<Vec<u8>>, definition: Foreign) {
        self.map.insert(name.into(), definition);
    }

    /// Defines every name that has no definition of its own.
    pub(crate) fn or_else(mut self, definition: Foreign) -> Self {
        self.otherwise = Some(definition);
        self
    }
}

impl Scope for Definitions {
    fn find(&self, name: &[u8], _version: Option<&[u8]>) -> Option<Foreign> {
        self.map.get(name).copied().or(self.otherwise)
    }
}
