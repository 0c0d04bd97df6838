//! How far references reach: what decides whether a set is one cluster or several.

#![forbid(unsafe_code)]

/// How far references reach on either side, in bytes. What an instruction set has is the most; less makes sets of
/// several islands out of small objects, which is good for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// From an instruction to the data, or the function, whose address it computes.
    pub direct: u64,
    /// From a call or jump to its target or stub.
    pub branch: u64,
    /// From an instruction, or a stub, to a GOT entry.
    pub entry: u64,
}

/// Addends and offsets beyond their section up to this size are covered by the layout's safety margin; relocations with
/// larger ones are checked one by one.
pub(crate) const MARGIN: u64 = 16 << 20;

impl Reach {
    /// The same for all references.
    pub const fn uniform(bytes: u64) -> Reach {
        Reach { direct: bytes, branch: bytes, entry: bytes }
    }

    /// The shorter of both, kind by kind.
    pub(crate) fn min(self, other: Reach) -> Reach {
        Reach {
            direct: self.direct.min(other.direct),
            branch: self.branch.min(other.branch),
            entry: self.entry.min(other.entry),
        }
    }

    /// The shortest.
    pub(crate) fn least(self) -> u64 {
        self.direct.min(self.branch).min(self.entry)
    }

    /// What is left for distances between symbols once addends have their share.
    pub(crate) fn less_margin(self) -> Reach {
        let less = |reach: u64| reach - MARGIN.min(reach / 8);
        Reach { direct: less(self.direct), branch: less(self.branch), entry: less(self.entry) }
    }
}

/// Whether `address` is less than `reach` bytes from everything in `region`.
pub(crate) fn within(address: u64, region: &std::ops::Range<u64>, reach: u64) -> bool {
    address.saturating_add(reach) >= region.end && address < region.start.saturating_add(reach)
}
