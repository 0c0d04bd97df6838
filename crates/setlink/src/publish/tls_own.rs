//! Thread-local storage without the dynamic loader, for processes that have none (static executables) or whose loader
//! does not take a set's block: musl's never gives one back, and some processes may not make files in memory.
//!
//! A module is a template, and each thread has a table of its blocks: a thread that asks for a variable first makes its
//! block. Numbers of modules are never used twice, so a table that still has the block of a module that is gone cannot
//! be taken for another's. Only the ways that ask (`__tls_get_addr`, descriptors) lead here; nobody but the C library
//! can put a block at a distance from the thread pointer that is the same in all threads.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::{Mutex, OnceLock};

use crate::error::{Place, Problem, Result};
use crate::host::{TlsTemplate, fork};

/// The C library's modules have small numbers.
const OWN: u64 = 1 << 63;
/// Below the serial number is the place in the tables, which is used again.
const SLOT_BITS: u32 = 24;

/// Whether the module is one of these.
pub(super) fn is_own(module: u64) -> bool {
    module & OWN != 0
}

fn slot(module: u64) -> usize {
    (module & ((1 << SLOT_BITS) - 1)) as usize
}

/// A module of the process.
struct Live {
    number: u64,
    image: Box<[u8]>,
    layout: Layout,
    /// The threads' blocks.
    blocks: Vec<u64>,
}

impl Live {
    fn free(&self, block: u64) {
        // SAFETY: `provide` allocated it with this layout; whoever frees it has taken it from the list.
        unsafe { dealloc(std::ptr::with_exposed_provenance_mut(block as usize), self.layout) };
    }
}

#[derive(Default)]
struct Modules {
    slots: Vec<Option<Live>>,
    serial: u64,
}

impl Modules {
    fn find(&mut self, number: u64) -> Option<&mut Live> {
        self.slots.get_mut(slot(number))?.as_mut().filter(|live| live.number == number)
    }
}

fn modules() -> fork::Locked<'static, Modules> {
    static MODULES: Mutex<Modules> = Mutex::new(Modules { slots: Vec::new(), serial: 0 });
    fork::lock(&MODULES)
}

/// A set's block. Dropping it frees the block of every thread.
#[derive(Debug)]
pub(super) struct Module {
    pub number: u64,
}

impl Module {
    /// Makes a module of the template.
    ///
    /// # Errors
    /// No memory can have such a layout, or there are 16 million modules.
    pub fn new(template: TlsTemplate) -> Result<Module> {
        let (size, align) = (template.size, template.align);
        let layout = usize::try_from(size.max(1)).ok().zip(usize::try_from(align).ok());
        let layout = layout.and_then(|(size, align)| Layout::from_size_align(size, align).ok());
        let mut modules = modules();
        let free = modules.slots.iter().position(Option::is_none).unwrap_or(modules.slots.len());
        let (Some(layout), true) = (layout, free < 1 << SLOT_BITS) else {
            let what = format!("thread-local storage of {size} bytes aligned to {align}");
            return Err(Problem::unsupported(Place::default(), what).into());
        };
        modules.serial += 1;
        let number = OWN | modules.serial << SLOT_BITS | free as u64;
        let live = Live { number, image: template.image.into(), layout, blocks: Vec::new() };
        if free == modules.slots.len() {
            modules.slots.push(None);
        }
        modules.slots[free] = Some(live);
        Ok(Module { number })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let live = modules().slots[slot(self.number)].take();
        if let Some(live) = live {
            live.blocks.iter().for_each(|&block| live.free(block));
        }
    }
}

/// What a thread has.
#[derive(Default)]
struct Table {
    /// At the place of each module, its number and the block.
    blocks: Vec<(u64, u64)>,
    /// How often `leave` has let other keys' destructors go first.
    rounds: u32,
}

/// As often as every C library goes through the keys of a thread that ends (POSIX's PTHREAD_DESTRUCTOR_ITERATIONS).
const ROUNDS: u32 = 4;

thread_local! {
    /// Plain, so that it is there until the thread is gone.
    static TABLE: Cell<*mut Table> = const { Cell::new(std::ptr::null_mut()) };
}

/// This thread's block of a module.
pub(super) fn block(module: u64) -> u64 {
    let table = TABLE.get();
    if !table.is_null() {
        // SAFETY: the thread's table lives until `leave` takes it out; nobody else looks into it.
        let blocks = unsafe { &(*table).blocks };
        if let Some(&(number, block)) = blocks.get(slot(module))
            && number == module
        {
            return block;
        }
    }
    provide(module)
}

/// Makes this thread's block. A program that asks for a module that is gone uses memory after it was freed; it ends.
#[cold]
fn provide(module: u64) -> u64 {
    let block = {
        let mut modules = modules();
        let Some(live) = modules.find(module) else { std::process::abort() };
        live.blocks.reserve(1);
        // SAFETY: the layout has a size; the image is not longer, and the block is fresh.
        let at = unsafe {
            let at = alloc_zeroed(live.layout);
            if at.is_null() {
                handle_alloc_error(live.layout);
            }
            std::ptr::copy_nonoverlapping(live.image.as_ptr(), at, live.image.len());
            at.expose_provenance() as u64
        };
        live.blocks.push(at);
        at
    };
    let mut table = TABLE.get();
    if table.is_null() {
        table = Box::into_raw(Box::default());
        TABLE.set(table);
        // SAFETY: the key exists, and its destructor takes a table.
        unsafe { libc::pthread_setspecific(key(), table.cast()) };
    }
    // SAFETY: see `block`.
    let blocks = unsafe { &mut (*table).blocks };
    if blocks.len() <= slot(module) {
        blocks.resize(slot(module) + 1, (0, 0));
    }
    blocks[slot(module)] = (module, block);
    block
}

/// What ends with threads.
fn key() -> libc::pthread_key_t {
    static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();
    let _hold = fork::hold();
    *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: `leave` gets what `provide` sets. Without a key, blocks stay until their modules go.
        unsafe { libc::pthread_key_create(&raw mut key, Some(leave)) };
        key
    })
}

/// The thread ends. The destructors of thread-local objects may be those of keys, too, so this one asks to be called again
/// until the last time. What asks for a variable even later gets a new block, which stays until its module goes.
unsafe extern "C" fn leave(table: *mut c_void) {
    let table: *mut Table = table.cast();
    // SAFETY: `provide` made it, and only this function takes it away.
    unsafe {
        (*table).rounds += 1;
        if (*table).rounds < ROUNDS && libc::pthread_setspecific(key(), table.cast()) == 0 {
            return;
        }
    }
    TABLE.set(std::ptr::null_mut());
    // SAFETY: as above, and the thread has forgotten it.
    let table = unsafe { Box::from_raw(table) };
    let mut modules = modules();
    for (number, block) in table.blocks {
        let Some(live) = modules.find(number) else { continue };
        if let Some(at) = live.blocks.iter().position(|&other| other == block) {
            live.blocks.swap_remove(at);
            live.free(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(first: u8, align: u64) -> Module {
        Module::new(TlsTemplate { image: vec![first; 3], size: 5000, align, is_static: false }).unwrap()
    }

    fn bytes(block: u64) -> &'static mut [u8] {
        // SAFETY: the tests' modules have blocks of this size, which only their threads use.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut(block as usize), 5000) }
    }

    fn blocks(module: &Module) -> usize {
        modules().find(module.number).map_or(0, |live| live.blocks.len())
    }

    #[test]
    fn threads_have_blocks_of_their_own() {
        for align in [1, 64, 4096, 1 << 16] {
            let module = module(7, align);
            let number = module.number;
            assert!(is_own(number) && !is_own(3));
            let own = bytes(block(number));
            assert!(own[..3] == [7; 3] && own[3..] == [0; 4997]);
            own[4999] = 1;
            let threads = (0..8).map(|_| {
                std::thread::spawn(move || {
                    let at = block(number);
                    assert!(at.is_multiple_of(align) && at == block(number));
                    let theirs = bytes(at);
                    assert!(theirs[..3] == [7; 3] && theirs[3..] == [0; 4997]);
                    theirs.fill(9);
                })
            });
            threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
            assert_eq!((bytes(block(number))[4999], blocks(&module)), (1, 1));
        }
    }

    #[test]
    fn places_are_used_again_and_numbers_are_not() {
        let kept = module(1, 8);
        let at = block(kept.number);
        let mut numbers = Vec::new();
        for round in 0..1000 {
            let module = module(round as u8, 8);
            assert_eq!(bytes(block(module.number))[0], round as u8);
            numbers.push(module.number);
        }
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 1000);
        // Other tests have some.
        assert!(modules().slots.len() < 20);
        assert_eq!(block(kept.number), at);
        let impossible = TlsTemplate { image: Vec::new(), size: 1 << 63, align: 8, is_static: false };
        assert!(Module::new(impossible).is_err());
    }
}
