//! Unwind tables: telling the process's unwinder about a set's functions.
//!
//! libgcc's `__register_frame` takes a whole `.eh_frame`, CIEs and FDEs up to a terminator, and sorts it at the first
//! throw. LLVM's libunwind has a function of that name that takes a single FDE; it is recognised by a function that
//! only it has, and given the whole section through that.
//!
//! Up to version 12, libgcc looks through a list of all registrations, from the highest address down: with one for each
//! of 100,000 sets, a throw takes 150–1,050 µs a frame. So the sets of one zone of code are registered together, as a
//! table of their sections, which is registered anew when one comes or goes: the new table first, so that at no time
//! another thread's throw finds a frame unknown. Later versions keep a tree, which refuses two tables for the same
//! addresses and is quick for any number: there each set is registered by itself.
//!
//! A throw that has found a frame in a table looks into libgcc's own record of that table once more after it has let
//! libgcc's lock go. libgcc frees the record where it allocated it, so another thread that changed the table meanwhile
//! made the throw read what was freed. So the records are allocated here, and each rests for long after it was used.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CStr, c_void};
use std::sync::{Mutex, OnceLock};

use crate::error::{Place, Problem, ProblemKind};
use crate::host::fork;

type Register = unsafe extern "C" fn(*const c_void);
type RegisterTable = unsafe extern "C" fn(*const c_void, *mut Record);
type DeregisterTable = unsafe extern "C" fn(*const c_void) -> *mut Record;

/// Room for libgcc's `struct object`: six words, and one more in some builds.
type Record = [u64; 8];
/// So many other tables are registered before a record is used again: tens of milliseconds at the least, while a throw
/// takes some nanoseconds from where it lets the lock go to where it has read the record.
const RESTING: usize = 4096;

/// The process's unwinder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unwinder {
    register: Register,
    deregister: Register,
    /// Register a table of sections and forget it, where that is the better way.
    tables: Option<(RegisterTable, DeregisterTable)>,
}

impl Unwinder {
    /// The unwinder that the process has loaded, if any.
    pub fn of_process() -> Option<Unwinder> {
        static FOUND: OnceLock<Unwinder> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Some(*found);
        }
        let pair = |register, deregister| {
            let (register, deregister) = (find(register)?, find(deregister)?);
            // SAFETY: functions of these names, in both unwinders, take one pointer to call frame information.
            let [register, deregister] = [register, deregister]
                .map(|found| unsafe { std::mem::transmute::<*mut c_void, Register>(found) });
            Some(Unwinder { register, deregister, tables: None })
        };
        let found = pair(c"__unw_add_dynamic_eh_frame_section", c"__unw_remove_dynamic_eh_frame_section")
            .or_else(|| {
                let unwinder = pair(c"__register_frame", c"__deregister_frame")?;
                Some(Unwinder { tables: if keeps_list() { tables() } else { None }, ..unwinder })
            })?;
        let _hold = fork::hold();
        Some(*FOUND.get_or_init(|| found))
    }
}

/// The process's function of this name.
pub(super) fn find(name: &CStr) -> Option<*mut c_void> {
    let _hold = fork::in_loader();
    // SAFETY: the name is terminated, and the program's global scope is always there to search.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

/// libgcc's functions for tables, which leave the record to whoever calls.
fn tables() -> Option<(RegisterTable, DeregisterTable)> {
    let (register, deregister) = (find(c"__register_frame_info_table")?, find(c"__deregister_frame_info")?);
    // SAFETY: libgcc's functions of these names take a table and a record, and a table for which they return the record.
    unsafe {
        let register = std::mem::transmute::<*mut c_void, RegisterTable>(register);
        Some((register, std::mem::transmute::<*mut c_void, DeregisterTable>(deregister)))
    }
}

/// Whether libgcc is one that keeps a list: version 13 brought the tree, and the first function of that version's.
#[cfg(target_env = "gnu")]
fn keeps_list() -> bool {
    let _hold = fork::in_loader();
    // SAFETY: both strings are terminated.
    let newer = unsafe { libc::dlvsym(libc::RTLD_DEFAULT, c"__truncsfbf2".as_ptr(), c"GCC_13.0.0".as_ptr()) };
    newer.is_null() && find(c"_Unwind_Find_FDE").is_some()
}

/// Nothing tells which it is; one registration for each set is right for both.
#[cfg(not(target_env = "gnu"))]
fn keeps_list() -> bool {
    false
}

/// What the unwinder has been told of a zone: a table of addresses of sections, ended by a null pointer. The unwinder
/// takes the table's address for its name, so it stays where it is.
#[derive(Debug, Default)]
struct Zone {
    /// Empty until it is registered.
    table: Vec<u64>,
    /// Storage for the next table, with room for as many: taking a set back takes no memory.
    spare: Vec<u64>,
}

/// The tables of zones of code.
#[derive(Default)]
struct Zones {
    tables: BTreeMap<u64, Zone>,
    records: Records,
}

/// For the whole process, as the unwinder is.
fn zones() -> fork::Locked<'static, Zones> {
    static ZONES: Mutex<Zones> = Mutex::new(Zones {
        tables: BTreeMap::new(),
        records: Records { fresh: None, rested: VecDeque::new() },
    });
    fork::lock(&ZONES)
}

/// The records that are not in use.
#[derive(Default)]
struct Records {
    fresh: Option<std::slice::IterMut<'static, Record>>,
    /// Those that have rested longest in front.
    rested: VecDeque<&'static mut Record>,
}

impl Records {
    /// Has one more than so many zones need, so that taking one and giving it back takes no memory.
    fn provide(&mut self, zones: usize) {
        let fresh = self.fresh.get_or_insert_with(|| vec![Record::default(); RESTING].leak().iter_mut());
        self.rested.reserve((RESTING + zones + 1).saturating_sub(self.rested.len()));
        if fresh.len() + self.rested.len() < RESTING {
            self.rested.push_back(Box::leak(Box::default()));
        }
    }

    fn take(&mut self) -> Option<&'static mut Record> {
        self.fresh.as_mut().and_then(Iterator::next).or_else(|| self.rested.pop_front())
    }
}

/// Call frame information that the unwinder knows; it forgets it when this is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    unwinder: Unwinder,
    frames: u64,
    zone: Option<u64>,
}

impl Registration {
    /// Registers the terminated section at address `frames`, of code in zone `zone`.
    ///
    /// # Safety
    /// The section is complete, well-formed, readable, and stays so as long as the registration lives. No code of the
    /// zone belongs to a set that is registered otherwise.
    pub unsafe fn new(
        unwinder: Option<Unwinder>,
        frames: u64,
        zone: Option<u64>,
    ) -> Result<Registration, Problem> {
        let Some(unwinder) = unwinder else {
            let what = "it has no unwinder to register the set's call frame information with".into();
            let problem = Problem::new(Place::default(), ProblemKind::Host { what });
            return Err(problem.with_remedy("link the host with libgcc_s or libunwind"));
        };
        let zone = zone.filter(|_| unwinder.tables.is_some());
        // SAFETY: the caller's promise: a terminated section.
        if zone.is_some() && !unsafe { is_known(frames) } {
            let what = "call frame information of a version that libgcc does not know".into();
            return Err(Problem::new(Place::default(), ProblemKind::Host { what }));
        }
        match zone {
            // SAFETY: the caller's promise is what the unwinder asks for.
            None => unsafe {
                let _hold = fork::hold();
                (unwinder.register)(std::ptr::with_exposed_provenance(frames as usize));
            },
            Some(zone) => unwinder.change(zone, 1, |sections| sections.push(frames)),
        }
        Ok(Registration { unwinder, frames, zone })
    }
}

/// Whether libgcc reads all records of a section: where it meets one that it does not know, it drops the whole table, and
/// with it other sets'.
///
/// # Safety
/// A terminated section of call frame information is at `frames`.
unsafe fn is_known(frames: u64) -> bool {
    let mut at = std::ptr::with_exposed_provenance::<u8>(frames as usize);
    loop {
        // SAFETY: records follow each other up to the terminator; each has its length in front, then whether it is a
        // CIE (0), whose version comes next.
        unsafe {
            let length = at.cast::<u32>().read_unaligned();
            match length {
                0 => return true,
                u32::MAX => return false,
                _ if at.add(4).cast::<u32>().read_unaligned() == 0 && ![1, 3].contains(&*at.add(8)) => {
                    return false;
                }
                _ => at = at.add(4 + length as usize),
            }
        }
    }
}

impl Unwinder {
    /// Replaces the table of a zone by one of up to `more` sections more.
    fn change(&self, number: u64, more: usize, change: impl FnOnce(&mut Vec<u64>)) {
        let Some((register, deregister)) = self.tables else { return };
        let mut zones = zones();
        let Zones { tables, records } = &mut *zones;
        let count = tables.len();
        let Zone { table, spare } = tables.entry(number).or_default();
        // Room is made before anything is done. The table that is registered does not grow, or it would move.
        let needed = table.len().max(1) + more;
        let mut grown = Vec::new();
        if spare.capacity() < needed {
            let room = needed + needed / 4;
            *spare = Vec::with_capacity(room);
            grown = Vec::with_capacity(room);
        }
        if table.is_empty() {
            records.provide(count);
        }
        spare.clear();
        spare.extend_from_slice(table);
        spare.pop(); // the null pointer
        change(spare);
        if !spare.is_empty()
            && let Some(record) = records.take()
        {
            spare.push(0);
            // SAFETY: each section is complete and stays until its registration is dropped, which takes it out of
            // the table; the table stays as it is, and the record, until it is deregistered.
            unsafe { register(spare.as_ptr().cast(), record) };
        }
        if !table.is_empty() {
            // SAFETY: it is registered, once, with a record that `take` gave.
            records.rested.extend(unsafe { deregister(table.as_ptr().cast()).as_mut() });
        }
        std::mem::swap(table, spare);
        if grown.capacity() > 0 {
            std::mem::swap(spare, &mut grown);
        }
        let gone = if table.is_empty() { tables.remove(&number) } else { None };
        // The allocator has locks of its own.
        drop(zones);
        drop((grown, gone));
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        match self.zone {
            // SAFETY: registered by `new` and deregistered only here; the section is still there, as `new`'s caller
            // promised.
            None => unsafe {
                let _hold = fork::hold();
                (self.unwinder.deregister)(std::ptr::with_exposed_provenance(self.frames as usize));
            },
            Some(zone) => {
                self.unwinder.change(zone, 0, |sections| {
                    // In no order: the unwinder sorts what they say.
                    let own = sections.iter().position(|section| *section == self.frames);
                    own.map(|own| sections.swap_remove(own));
                });
            }
        }
    }
}
