//! Unwind tables: telling the process's unwinder about a set's functions.
//!
//! libgcc's `__register_frame` takes a whole `.eh_frame`, CIEs and FDEs up to a terminator, and sorts it at the first
//! throw. LLVM's libunwind has a function of that name that takes a single FDE; it is recognised by a function that
//! only it has, and given the whole section through that.

use std::ffi::c_void;

use crate::error::{Place, Problem, ProblemKind};

type Register = unsafe extern "C" fn(*const c_void);

/// The process's unwinder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unwinder {
    register: Register,
    deregister: Register,
}

impl Unwinder {
    /// The unwinder that the process has loaded, if any.
    pub fn of_process() -> Option<Unwinder> {
        let find = |name: &std::ffi::CStr| {
            // SAFETY: the name is terminated, and the program's global scope is always there to search.
            let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            (!address.is_null()).then(|| {
                // SAFETY: functions of these names, in both unwinders, take one pointer to call frame information.
                unsafe { std::mem::transmute::<*mut c_void, Register>(address) }
            })
        };
        let pair = |register, deregister| {
            Some(Unwinder { register: find(register)?, deregister: find(deregister)? })
        };
        pair(c"__unw_add_dynamic_eh_frame_section", c"__unw_remove_dynamic_eh_frame_section")
            .or_else(|| pair(c"__register_frame", c"__deregister_frame"))
    }
}

/// A section of call frame information that the unwinder knows; it forgets it when this is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    unwinder: Unwinder,
    frames: u64,
}

impl Registration {
    /// Registers the terminated section at address `frames`.
    ///
    /// # Safety
    /// The section is complete, well-formed, readable, and stays so as long as the registration lives.
    pub unsafe fn new(unwinder: Option<Unwinder>, frames: u64) -> Result<Registration, Problem> {
        let Some(unwinder) = unwinder else {
            let what = "it has no unwinder to register the set's call frame information with".into();
            let problem = Problem::new(Place::default(), ProblemKind::Host { what });
            return Err(problem.with_remedy("link the host with libgcc_s or libunwind"));
        };
        // SAFETY: the caller's promise is what the unwinder asks for.
        unsafe { (unwinder.register)(std::ptr::with_exposed_provenance(frames as usize)) };
        Ok(Registration { unwinder, frames })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: registered by `new` and deregistered only here; the section is still there, as `new`'s caller
        // promised.
        unsafe { (self.unwinder.deregister)(std::ptr::with_exposed_provenance(self.frames as usize)) };
    }
}
