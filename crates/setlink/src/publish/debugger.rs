//! Telling debuggers of a set: GDB's manual, "JIT Compilation Interface", which LLDB reads too.
//!
//! A process has a *descriptor*: a list of files in memory, and which of them comes or goes. A debugger stops the process in
//! a function that does nothing, and looks at the descriptor then; one that comes late reads the whole list. Both are known
//! by their names. Where the host or a library of it defines them already (LLVM does), theirs are used: LLDB looks at one
//! descriptor only. Those of this library are weak, so that a host may have its own.
//!
//! The lock is Setlink's. Another JIT that has the same descriptor has one of its own, and must not change the list at the
//! same moment: the interface knows of no lock.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{NonNull, null_mut};
use std::sync::{Mutex, OnceLock};

use super::unwind::find;
use crate::host::fork;

/// `struct jit_code_entry`.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    file: *const u8,
    size: u64,
}

/// `struct jit_descriptor`.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

/// The one version of the interface.
const VERSION: u32 = 1;
/// `jit_actions_t`.
const NONE: u32 = 0;
const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

unsafe extern "C" {
    static mut __jit_debug_descriptor: Descriptor;
    fn __jit_debug_register_code();
}

// In assembly, as no Rust that is stable defines weak symbols.
std::arch::global_asm!(
    ".pushsection .text.setlink_debugger,\"ax\",@progbits",
    ".weak __jit_debug_register_code",
    ".type __jit_debug_register_code,@function",
    "__jit_debug_register_code:",
    ".cfi_startproc",
    "ret",
    ".cfi_endproc",
    ".size __jit_debug_register_code, . - __jit_debug_register_code",
    ".popsection",
    ".pushsection .data.setlink_debugger,\"aw\",@progbits",
    ".weak __jit_debug_descriptor",
    ".type __jit_debug_descriptor,@object",
    ".balign 8",
    "__jit_debug_descriptor:",
    ".4byte {version}, 0",
    ".8byte 0, 0",
    ".size __jit_debug_descriptor, . - __jit_debug_descriptor",
    ".popsection",
    version = const VERSION,
);

/// The process's descriptor, and the function in which debuggers wait.
#[derive(Clone, Copy)]
struct Interface {
    descriptor: NonNull<Descriptor>,
    announce: unsafe extern "C" fn(),
}

// SAFETY: the descriptor is looked at behind the lock only.
unsafe impl Send for Interface {}
// SAFETY: as above.
unsafe impl Sync for Interface {}

impl Interface {
    fn of_process() -> Interface {
        static FOUND: OnceLock<Interface> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return *found;
        }
        let others = || {
            let descriptor = NonNull::new(find(c"__jit_debug_descriptor")?.cast::<Descriptor>())?;
            let announce = find(c"__jit_debug_register_code")?;
            if !is_in_library(descriptor.as_ptr().cast()) {
                return None;
            }
            // SAFETY: what has these names is what the interface says, whose descriptor begins with its version.
            unsafe {
                let announce = std::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(announce);
                (descriptor.as_ref().version == VERSION).then_some(Interface { descriptor, announce })
            }
        };
        let own = || Interface {
            // SAFETY: only its address is taken.
            descriptor: unsafe { NonNull::new_unchecked(&raw mut __jit_debug_descriptor) },
            announce: __jit_debug_register_code,
        };
        let found = others().unwrap_or_else(own);
        let _hold = fork::hold();
        *FOUND.get_or_init(|| found)
    }

    /// Tells debuggers of a change of `entry`.
    ///
    /// # Safety
    /// The lock is held, and `entry` is in the list or was.
    unsafe fn tell(self, action: u32, entry: *mut Entry) {
        let descriptor = self.descriptor.as_ptr();
        // SAFETY: the descriptor is there as long as the process, or the host's library that has it; the function does
        // nothing but to be stopped in.
        unsafe {
            (*descriptor).action = action;
            (*descriptor).relevant = entry;
            (self.announce)();
            // Who comes later finds nothing left to do.
            (*descriptor).action = NONE;
            (*descriptor).relevant = null_mut();
        }
    }
}

/// Whether the loader has an object at this address. A set that has a JIT offers its descriptor too, of which debuggers would
/// learn by itself only.
fn is_in_library(address: *const c_void) -> bool {
    let mut found = MaybeUninit::<libc::Dl_info>::uninit();
    let _hold = fork::in_loader();
    // SAFETY: any address may be asked about; there is room for the answer.
    unsafe { libc::dladdr(address, found.as_mut_ptr()) != 0 }
}

/// In the way of everybody who changes the list.
static LIST: Mutex<()> = Mutex::new(());

/// A file that debuggers know; they forget it when this is dropped.
pub(crate) struct Registration {
    interface: Interface,
    entry: NonNull<Entry>,
    /// What the entry points to.
    _file: Box<[u8]>,
}

// SAFETY: the entry is the registration's own, and looked at behind the lock only.
unsafe impl Send for Registration {}
// SAFETY: as above.
unsafe impl Sync for Registration {}

impl Registration {
    /// Registers an ELF file that describes what is in memory until this is dropped.
    pub fn new(file: Box<[u8]>) -> Registration {
        let interface = Interface::of_process();
        let entry =
            Entry { next: null_mut(), previous: null_mut(), file: file.as_ptr(), size: file.len() as u64 };
        let entry = NonNull::from(Box::leak(Box::new(entry)));
        let registration = Registration { interface, entry, _file: file };
        let _list = fork::lock(&LIST);
        let (descriptor, entry) = (interface.descriptor.as_ptr(), entry.as_ptr());
        // SAFETY: the entries of the list are there until they are taken out of it; ours until it is dropped.
        unsafe {
            let first = (*descriptor).first;
            (*entry).next = first;
            if let Some(first) = first.as_mut() {
                first.previous = entry;
            }
            (*descriptor).first = entry;
            interface.tell(REGISTER, entry);
        }
        registration
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let (descriptor, entry) = (self.interface.descriptor.as_ptr(), self.entry.as_ptr());
        let list = fork::lock(&LIST);
        // SAFETY: as in `new`; the entry is in the list, once.
        unsafe {
            let (next, previous) = ((*entry).next, (*entry).previous);
            if let Some(next) = next.as_mut() {
                next.previous = previous;
            }
            match previous.as_mut() {
                Some(previous) => previous.next = next,
                None => (*descriptor).first = next,
            }
            self.interface.tell(UNREGISTER, entry);
        }
        drop(list);
        // SAFETY: it was leaked by `new`, and is in no list any more.
        drop(unsafe { Box::from_raw(entry) });
    }
}
