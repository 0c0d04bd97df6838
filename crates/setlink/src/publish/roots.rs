//! Telling a leak checker where a set's variables are.
//!
//! LeakSanitizer, alone or in AddressSanitizer, looks for pointers in the variables of the libraries that the loader knows,
//! and takes what only a set's variables lead to for lost. Its runtime has a function for such memory
//! (`sanitizer/lsan_interface.h`, "root regions").

use std::ffi::c_void;
use std::sync::OnceLock;

use super::unwind::find;
use crate::host::fork;
use crate::memory::{SegmentKind, SegmentSpec};

type Tell = unsafe extern "C" fn(*const c_void, usize);

/// The checker's functions that begin to look at a region, and no longer do.
#[derive(Clone, Copy, Debug)]
struct Checker {
    register: Tell,
    unregister: Tell,
}

impl Checker {
    /// That of the process. It is there from the start, or never.
    fn of_process() -> Option<Checker> {
        static FOUND: OnceLock<Option<Checker>> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return *found;
        }
        let pair = || {
            let register = find(c"__lsan_register_root_region")?;
            let unregister = find(c"__lsan_unregister_root_region")?;
            // SAFETY: the functions of these names have this type.
            let [register, unregister] = [register, unregister]
                .map(|found| unsafe { std::mem::transmute::<*mut c_void, Tell>(found) });
            Some(Checker { register, unregister })
        };
        let found = pair();
        let _hold = fork::hold();
        *FOUND.get_or_init(|| found)
    }
}

/// What a leak checker has been told of a set, until it is dropped.
#[derive(Debug, Default)]
pub(super) struct Roots(Vec<(u64, u64)>);

impl Roots {
    /// Makes the variables in the writable among `segments` known, if there is anybody to know them.
    ///
    /// # Safety
    /// The segments are mapped, and stay until this is dropped.
    pub unsafe fn new(segments: &[SegmentSpec]) -> Roots {
        let Some(checker) = Checker::of_process() else { return Roots::default() };
        let is_written = |kind| matches!(kind, SegmentKind::Data | SegmentKind::LargeData);
        let writable = segments.iter().filter(|segment| is_written(segment.kind) && segment.size > 0);
        let roots: Vec<(u64, u64)> = writable.map(|segment| (segment.address, segment.size)).collect();
        roots.iter().for_each(|root| tell(checker.register, root));
        Roots(roots)
    }
}

impl Drop for Roots {
    fn drop(&mut self) {
        if let (Some(checker), false) = (Checker::of_process(), self.0.is_empty()) {
            self.0.iter().for_each(|root| tell(checker.unregister, root));
        }
    }
}

fn tell(function: Tell, &(address, size): &(u64, u64)) {
    // SAFETY: the region is mapped: `Roots::new` asks for that.
    unsafe { function(std::ptr::with_exposed_provenance(address as usize), size as usize) };
}
