//! A memory manager of one's own: it keeps account of what sets take, allows them so much, and leaves the rest to the
//! process's memory.
//!
//!     cargo run --example memory -- FILE.o…

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use setlink::memory::process::ProcessMemory;
use setlink::memory::{Demand, Memory, Region, SegmentNeed, SegmentSpec, Site};
use setlink::{Place, Problem, ProblemKind, Session};

/// Bytes that all sets together may have.
const ALLOWED: u64 = 64 << 20;

struct Counted {
    inner: ProcessMemory,
    used: Arc<AtomicU64>,
}

impl Memory for Counted {
    fn page(&self) -> u64 {
        self.inner.page()
    }

    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem> {
        self.inner.sites(demand)
    }

    fn sketch(&self, site: &Site, needs: &[SegmentNeed]) -> Vec<SegmentSpec> {
        self.inner.sketch(site, needs)
    }

    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem> {
        let region = self.inner.reserve(site, needs)?;
        let bytes = region.reserved();
        let counted = CountedRegion { inner: region, bytes, used: self.used.clone() };
        if self.used.fetch_add(bytes, Relaxed) + bytes > ALLOWED {
            // Dropping the region gives it back, and takes it off the account.
            let what = format!("{bytes:#x} bytes are more than is left of {ALLOWED:#x}");
            return Err(Problem::new(Place::default(), ProblemKind::Memory { what }));
        }
        Ok(Box::new(counted))
    }
}

struct CountedRegion {
    inner: Box<dyn Region>,
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Region for CountedRegion {
    fn segments(&self) -> &[SegmentSpec] {
        self.inner.segments()
    }

    fn bytes(&mut self) -> Vec<&mut [u8]> {
        self.inner.bytes()
    }

    fn protect(&mut self, index: usize) -> Result<(), Problem> {
        self.inner.protect(index)
    }

    fn reserved(&self) -> u64 {
        self.inner.reserved()
    }

    fn zone(&self) -> Option<u64> {
        self.inner.zone()
    }
}

impl Drop for CountedRegion {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Relaxed);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let used = Arc::new(AtomicU64::new(0));
    let session = Session::host_with(Counted { inner: ProcessMemory::new(), used: used.clone() })?;
    let mut set = session.set("counted");
    for path in std::env::args_os().skip(1) {
        set.push_file(path)?;
    }
    let set = set.link()?;
    println!("{} of {ALLOWED} bytes in use", used.load(Relaxed));
    set.remove()?;
    println!("{} after removal", used.load(Relaxed));
    Ok(())
}
