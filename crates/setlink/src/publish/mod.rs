//! Phase 7, publish: bytes → running. In order: host variables are copied, code becomes executable, ifunc resolvers
//! fill their GOT entries, the GOT and constants become read-only, the unwinder learns of the set, the host's own
//! references move to what the set took over, the libraries that waited for it begin, finalisers are registered, debuggers
//! and profilers learn of the set, initialisers run.
//!
//! Whatever fails before the initialisers leaves no trace: each step's result undoes the step when it is dropped.
//! Allocations may panic (`std::alloc::set_alloc_error_hook`), so nothing is allocated between a step and the moment when
//! its result is where dropping undoes it.

pub(crate) mod asked;
mod debugger;
pub(crate) mod dladdr;
pub(crate) mod headers;
pub(crate) mod initialise;
mod jitdump;
mod known;
pub(crate) mod libraries;
mod moves;
pub(crate) mod next;
pub(crate) mod offer;
pub(crate) mod own_file;
mod perf_map;
mod roots;
pub(crate) mod searched;
pub(crate) mod startup;
pub(crate) mod thread_exit;
pub(crate) mod tls;
pub(crate) mod unwind;

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::error::{Problem, Result};
use crate::host::{Host, Image, ImageFile, OpenLibrary, WaitingLibraries};
use crate::memory::{Region, SegmentKind};
use crate::place::layout::Contents;
use crate::place::{Holds, Plan};
use crate::resolve::Extra;
use crate::write::debug::Function;
use initialise::{Arguments, Finalisation, Functions};
use libraries::Opened;
use offer::Offered;
use own_file::{Maker, Readers};
use unwind::{Registration, Unwinder};

/// A set that runs: what has to be taken back, in the order in which it is.
pub(crate) struct Running {
    finalisation: Finalisation,
    taken: moves::Taken,
    listed: Option<known::Listed>,
    frames: Registrations,
    _debugger: Option<debugger::Registration>,
    _roots: roots::Roots,
    _region: Box<dyn Region>,
    _tls: tls::Reserved,
    images: Vec<Image>,
    libraries: Vec<OpenLibrary>,
    waiting: Option<WaitingLibraries>,
}

/// A set's call frame information: most sets have one section of it.
#[derive(Default)]
struct Registrations {
    first: Option<Registration>,
    others: Vec<Registration>,
}

/// A set that nobody sees yet. Dropping it takes the set back.
pub(crate) struct Ready<'h> {
    /// None once it has been handed on.
    running: Option<Box<Running>>,
    /// The set stands for the process's program.
    is_program: bool,
    initialisers: [Functions; 2],
    finalisers: Functions,
    stage: Stage,
    host: &'h Host,
}

/// How far a set has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Published,
    /// Its initialisers run.
    Initialising,
    Initialised,
}

/// What others than the process itself are to learn of a set.
#[derive(Default)]
pub(crate) struct News<'f> {
    /// The loader: which names, and the image that has them.
    pub offered: Option<Offered>,
    pub image: Option<ImageFile<'f>>,
    /// Without the former, the image is for sets only.
    pub listed: Option<Listing<'f>>,
    /// Debuggers: an ELF file.
    pub debugger: Option<Box<[u8]>>,
    /// Profilers.
    pub functions: Vec<Function>,
    /// In which ways.
    pub perf_map: bool,
    pub jitdump: Option<&'f Path>,
}

/// How sets that ask find a set.
pub(crate) struct Listing<'n> {
    pub name: &'n str,
    /// With the names that the image has.
    pub has_names: bool,
    /// As a program that is linked with `-no-pie`.
    pub is_fixed: bool,
    /// Libraries that ask find it, too.
    pub for_libraries: bool,
}

/// Makes `region`, filled by the write phase, executable and known to the process, and tells others the `news`.
///
/// # Errors
/// The system or the host refused a step; all earlier ones are undone.
pub(crate) fn publish<'h>(
    plan: &Plan<'_, '_>,
    mut region: Box<dyn Region>,
    host: &'h Host,
    interpose: bool,
    permanent: bool,
    news: News<'_>,
    tls: tls::Reserved,
) -> Result<Ready<'h>> {
    copy_variables(plan, &mut *region);
    let protect = |region: &mut dyn Region, constants: bool| {
        for (index, segment) in plan.segments.iter().enumerate() {
            let is_constants = matches!(segment.kind, SegmentKind::Constants | SegmentKind::LargeConstants);
            if is_constants == constants {
                region.protect(index).map_err(|problem| blame(plan, index, problem))?;
            }
        }
        Ok::<(), Problem>(())
    };
    protect(&mut *region, false)?;
    resolve_ifuncs(plan);
    protect(&mut *region, true)?;
    let zone = region.zone();
    let running = Running {
        finalisation: Finalisation::default(),
        taken: moves::Taken::default(),
        listed: None,
        frames: Registrations::default(),
        _debugger: None,
        // SAFETY: the region is mapped, and dropped behind this.
        _roots: unsafe { roots::Roots::new(&plan.segments) },
        _region: region,
        _tls: tls,
        images: Vec::new(),
        libraries: Vec::new(),
        waiting: None,
    };
    let mut ready = Ready {
        is_program: interpose,
        initialisers: Functions::initialisers(plan),
        finalisers: Functions::finalisers(plan),
        stage: Stage::Published,
        host,
        running: Some(Box::new(running)),
    };
    let Some(running) = &mut ready.running else { unreachable!("it was put there just now") };
    let kept = plan.frames.has_entries();
    let mut sections = plan.outputs.iter().filter(|output| kept && output.contents == Contents::Frames);
    let mut register = || {
        let address = plan.output_address(sections.next()?);
        // SAFETY: the section is written, ends in a terminator, and the registration is dropped before the region.
        Some(unsafe { Registration::new(Unwinder::of_process(), address, zone) })
    };
    running.frames.first = register().transpose()?;
    while let Some(registered) = register() {
        running.frames.others.push(registered?);
    }
    running.libraries = pin(plan, host);
    moves::take_over(plan, host, interpose, news.offered.as_ref(), permanent, &mut running.taken)?;
    if let Some(image) = news.image {
        running.images.push(image.open(news.offered.is_some())?);
    }
    if let Some(Listing { name, has_names, is_fixed, for_libraries }) = news.listed {
        let mut about = known::About::new(plan, name, interpose, is_fixed);
        if has_names && let Some(image) = running.images.last() {
            about.names = image.names;
        }
        running.listed = Some(known::Listed::new(about));
        if for_libraries {
            asked::lead_libraries_here(host)?;
        }
    }
    let mut handles = plan.handles();
    let owner = handles.next().unwrap_or(plan.base);
    running.finalisation = Finalisation::new(owner, handles.collect());
    running._debugger = news.debugger.map(debugger::Registration::new);
    // Last, as what is in there stays.
    if news.perf_map {
        perf_map::append(&news.functions)?;
    }
    if let Some(directory) = news.jitdump {
        // SAFETY: the functions are in the region, which is published, and which `running` keeps.
        unsafe { jitdump::append(&news.functions, directory)? };
    }
    Ok(ready)
}

/// Names the section that takes most of segment `index`, where the memory manager gives no place.
fn blame(plan: &Plan<'_, '_>, index: usize, problem: Problem) -> Problem {
    if problem.place.file.is_some() {
        return problem;
    }
    let resolution = plan.resolution;
    let members =
        plan.outputs.iter().filter(|output| output.slot == index).flat_map(|output| &output.members);
    let sections = members.map(|&member| {
        let (object, section) = resolution.section_origin(member);
        (&resolution.added[object].object, section)
    });
    let largest = sections.max_by_key(|(object, section)| object.sections[*section as usize].size());
    let place = largest.map(|(object, section)| object.place_in(section));
    // A segment may have nothing but entries.
    Problem { place: place.unwrap_or_else(|| crate::place::constraints::largest(resolution)), ..problem }
}

impl Ready<'_> {
    /// Keeps what was opened as long as the set.
    pub fn keep(&mut self, opened: Opened) {
        if let Some(running) = &mut self.running {
            running.libraries.extend(opened.libraries);
            running.images.extend(opened.promised);
            running.waiting = opened.waiting;
        }
    }

    /// Has `maker` tell `readers` about the set's names and lines, when they ask.
    pub fn explain_by(&self, maker: Maker, readers: Readers) {
        if let Some(listed) = self.running.as_ref().and_then(|running| running.listed.as_ref()) {
            listed.about().own_file.explain_by(maker, readers);
        }
    }

    /// The set, for good.
    pub fn finish(mut self) -> Box<Running> {
        match self.running.take() {
            Some(running) => running,
            None => unreachable!("only this hands it on, and takes all of it"),
        }
    }

    /// Runs the initialisers of the set, which may be `position_dependent`, and of the libraries that waited for it.
    ///
    /// # Safety
    /// The set's code, and the libraries', keeps the rules of the languages it comes from.
    pub unsafe fn initialise(&mut self, arguments: Arguments, position_dependent: bool) {
        self.stage = Stage::Initialising;
        if self.is_program {
            initialise::start_afresh();
        }
        if let Some(listed) = self.running.as_ref().and_then(|running| running.listed.as_ref()) {
            // SAFETY: the caller's promise: there is an array, whose end is a null pointer.
            listed.call(unsafe { *arguments.values });
        }
        let [before, own] = &self.initialisers;
        // SAFETY: the caller's promise.
        unsafe {
            before.run(arguments);
            if let Some(running) = &self.running {
                let waiting = running.waiting.as_ref();
                let begun = waiting.map(|waiting| libraries::initialise(waiting, arguments));
                // The libraries are behind it: its finalisers may use what they have.
                let finalisers = std::mem::take(&mut self.finalisers);
                running.finalisation.register(finalisers, begun, position_dependent);
            }
            own.run(arguments);
        }
        self.stage = Stage::Initialised;
    }
}

impl Drop for Ready<'_> {
    /// A step failed, or a hook or an initialiser did not return. What initialisers registered runs; the finalisers of a
    /// set that was never initialised do not.
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        if self.stage != Stage::Initialised {
            running.finalisation.forget();
        }
        let is_held = running.finalisation.owners().any(thread_exit::others_hold);
        if !is_held {
            // SAFETY: the functions that were running are left for good.
            unsafe { running.finalise() };
        }
        let is_back = running.give_back(self.host);
        // Another language's exception may be of the set's own types, and on its way to somebody who looks at them.
        let may_be_looked_at = self.stage == Stage::Initialising && !std::thread::panicking();
        if is_held || !is_back || may_be_looked_at {
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

    /// Points the process back to its own definitions, where the set had taken them over. False: it could not, and the
    /// set's memory has to stay.
    pub fn give_back(&mut self, host: &Host) -> bool {
        // That takes memory, of which there may be none left.
        catch_unwind(AssertUnwindSafe(|| self.taken.give_back(host))).unwrap_or(false)
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
