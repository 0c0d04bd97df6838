//! Phase 7, publish: bytes → running. In order: host variables are copied, code becomes executable, ifunc resolvers
//! fill their GOT entries, the GOT and constants become read-only, the unwinder learns of the set, the host's own
//! references move to what the set took over, finalisers are registered, initialisers run.
//!
//! Whatever fails before the initialisers leaves no trace: each step's result undoes the step when it is dropped.

pub(crate) mod initialise;
mod moves;
pub(crate) mod offer;
pub(crate) mod thread_exit;
pub(crate) mod tls;
pub(crate) mod unwind;

use std::collections::BTreeSet;
use std::ffi::c_void;

use crate::error::{Problem, Result};
use crate::host::{Host, Image, OpenLibrary};
use crate::memory::{Region, SegmentKind};
use crate::place::layout::Contents;
use crate::place::{Holds, Plan};
use crate::resolve::Extra;
use initialise::{Arguments, Finalisation, Functions};
use unwind::{Registration, Unwinder};

/// A set that runs: what has to be taken back, in the order in which it is.
pub(crate) struct Running {
    finalisation: Finalisation,
    taken: moves::Taken,
    _frames: Registrations,
    _region: Box<dyn Region>,
    _tls: tls::Reserved,
    images: Vec<Image>,
    _libraries: Vec<OpenLibrary>,
}

/// A set's call frame information: most sets have one section of it.
struct Registrations {
    #[expect(dead_code, reason = "registered until it is dropped")]
    first: Option<Registration>,
    others: Vec<Registration>,
}

/// A set that is complete but has not run any of its initialisers.
/// Dropping it takes the set back.
pub(crate) struct Ready<'h> {
    /// None once it has been handed on.
    running: Option<Box<Running>>,
    initialisers: [Functions; 2],
    host: &'h Host,
}

/// Makes `region`, filled by the write phase, executable and known to the process.
///
/// # Errors
/// The system or the host refused a step; all earlier ones are undone.
pub(crate) fn publish<'h>(
    plan: &Plan<'_, '_>,
    mut region: Box<dyn Region>,
    host: &'h Host,
    interpose: bool,
    tls: tls::Reserved,
) -> Result<Ready<'h>> {
    copy_variables(plan, &mut *region);
    let protect = |region: &mut dyn Region, constants: bool| {
        for (index, segment) in plan.segments.iter().enumerate() {
            let is_constants = matches!(segment.kind, SegmentKind::Constants | SegmentKind::LargeConstants);
            if is_constants == constants {
                region.protect(index)?;
            }
        }
        Ok::<(), Problem>(())
    };
    protect(&mut *region, false)?;
    resolve_ifuncs(plan);
    protect(&mut *region, true)?;
    let kept = plan.frames.iter().any(|frames| frames.entries > 0);
    let mut sections = plan.outputs.iter().filter(|output| kept && output.contents == Contents::Frames);
    let mut register = || {
        let address = plan.output_address(sections.next()?);
        // SAFETY: the section is written, ends in a terminator, and the registration is dropped before the region.
        Some(unsafe { Registration::new(Unwinder::of_process(), address, region.zone()) })
    };
    let mut frames = Registrations { first: register().transpose()?, others: Vec::new() };
    while let Some(registered) = register() {
        frames.others.push(registered?);
    }
    let pinned = pin(plan, host);
    let taken = moves::take_over(plan, host, interpose)?;
    let mut images = Vec::new();
    if interpose {
        match offer::offer(plan) {
            Ok(image) => images.extend(image),
            Err(error) => {
                let mut taken = taken;
                taken.give_back(host);
                return Err(error);
            }
        }
    }
    let mut handles = plan.handles();
    let owner = handles.next().unwrap_or(plan.base);
    let finalisation = Finalisation::register(owner, handles.collect(), Functions::finalisers(plan));
    let initialisers = Functions::initialisers(plan);
    let running = Running {
        finalisation,
        taken,
        _frames: frames,
        _region: region,
        _tls: tls,
        images,
        _libraries: pinned,
    };
    let running = Some(Box::new(running));
    Ok(Ready { running, initialisers, host })
}

impl Ready<'_> {
    /// Keeps libraries, and an image of symbols, open as long as the set.
    pub fn keep(&mut self, libraries: Vec<OpenLibrary>, image: Option<Image>) {
        if let Some(running) = &mut self.running {
            running._libraries.extend(libraries);
            running.images.extend(image);
        }
    }

    /// Leaves the initialisers out.
    pub fn skip(mut self) -> Box<Running> {
        match self.running.take() {
            Some(running) => running,
            None => unreachable!("only this hands it on, and takes all of it"),
        }
    }

    /// Runs the set's initialisers.
    ///
    /// # Safety
    /// The set's code keeps the rules of the languages it comes from.
    pub unsafe fn initialise(self, arguments: Arguments) -> Box<Running> {
        for functions in &self.initialisers {
            // SAFETY: the caller's promise.
            unsafe { functions.run(arguments) };
        }
        self.skip()
    }
}

impl Drop for Ready<'_> {
    /// A hook or an initialiser did not return. What initialisers registered runs; the finalisers of a set that was never
    /// initialised do not.
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.finalisation.forget();
        let is_held = running.finalisation.owners().any(thread_exit::others_hold);
        if !is_held {
            // SAFETY: the functions that were running are left for good.
            unsafe { running.finalise() };
        }
        let is_back = running.give_back(self.host);
        // Another language's exception may be of the set's own types, and on its way to somebody who looks at them.
        if is_held || !is_back || !std::thread::panicking() {
            std::mem::forget(running);
        }
    }
}

impl Running {
    /// Why the set cannot be removed, if so.
    pub fn pinned(&self) -> Option<&'static str> {
        if self.finalisation.owners().any(thread_exit::others_hold) {
            return Some(
                "other threads have yet to destroy thread-local objects of it, which they do when they end",
            );
        }
        self.taken
            .holds_variables
            .then_some("it holds variables of the process, which non-PIC code made it take over")
    }

    /// Points the process back to its own definitions, where the set had taken them over. False: it could not.
    pub fn give_back(&mut self, host: &Host) -> bool {
        self.taken.give_back(host)
    }

    /// Runs the set's finalisers; what remains is to drop it.
    ///
    /// # Safety
    /// No code of the set runs in any thread, or will.
    pub unsafe fn finalise(&self) {
        // SAFETY: the caller's promise.
        unsafe {
            self.finalisation.owners().for_each(|owner| thread_exit::run_own(owner));
            self.finalisation.run();
        }
    }
}

/// Keeps the libraries loaded that the set refers to.
fn pin(plan: &Plan<'_, '_>, host: &Host) -> Vec<OpenLibrary> {
    let foreign = plan.resolution.extras.iter().filter_map(|(_, extra)| match extra {
        Extra::Foreign(foreign) => Some(foreign.address),
        _ => None,
    });
    let mut foreign = foreign.peekable();
    if foreign.peek().is_none() {
        return Vec::new(); // asking what is loaded costs more than a small set
    }
    let libraries = host.libraries();
    let holders: BTreeSet<u32> = foreign.filter_map(|address| libraries.holding(address)).collect();
    holders.into_iter().filter_map(|index| host.pin(libraries.get(index)?)).collect()
}

/// Late copy relocations: the set's own storage for a host variable starts with the variable's present contents.
fn copy_variables(plan: &Plan<'_, '_>, region: &mut dyn Region) {
    if plan.copies.is_empty() {
        return;
    }
    let mut segments = region.bytes();
    for (copy, address) in &plan.copies {
        let holds = |segment: &crate::memory::SegmentSpec| {
            (segment.address..segment.address + segment.size).contains(address)
        };
        let Some(at) = plan.segments.iter().position(holds) else { continue };
        let start = (address - plan.segments[at].address) as usize;
        let Some(to) = segments[at].get_mut(start..start + copy.from.size as usize) else { continue };
        let from = std::ptr::with_exposed_provenance::<u8>(copy.from.address as usize);
        // SAFETY: the host's symbol table says that `size` readable bytes lie there, and the library that holds them
        // is kept loaded; the set's memory is fresh, so the two do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(from, to.as_mut_ptr(), to.len()) };
    }
}

fn resolve_ifuncs(plan: &Plan<'_, '_>) {
    for (index, entry) in plan.entries.iter().enumerate() {
        if entry.holds == Holds::Resolved {
            let target = resolve_ifunc(plan.place_of(entry.symbol));
            let cell =
                std::ptr::with_exposed_provenance_mut::<u64>(plan.entry_address(index as u32) as usize);
            // SAFETY: the entry lies in the set's GOT, which is not yet read-only and aligned to its entries; nobody
            // else looks at it before the set is published.
            unsafe { cell.write(target) };
        }
    }
}

/// The function that an ifunc's resolver chooses.
pub(crate) fn resolve_ifunc(resolver: u64) -> u64 {
    // SAFETY: STT_GNU_IFUNC says that a function without arguments that returns an address is there. That the object's
    // code does what it should is the promise of whoever links it.
    unsafe {
        let function: unsafe extern "C" fn() -> u64 =
            std::mem::transmute(std::ptr::with_exposed_provenance::<c_void>(resolver as usize));
        function()
    }
}
