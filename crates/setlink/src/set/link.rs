//! The line, from inputs to a running set.

use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::audience::Audience;
use super::builder::kept::Kept;
use super::builder::{Phase, SetBuilder, UndefinedObserver};
use super::facts::{Facts, facts, shared};
use super::open::{open, taking_part};
use super::registry::Beginning;
use super::relink::{self, Placed};
use super::scope::{Libraries, LinkScope};
use super::{Content, Core, Plan, Set};
use super::{dependent, late};
use crate::arguments::ArgumentList;
use crate::check::Snapshot;
use crate::error::{Error, Problem, ProblemKind, Result};
use crate::host::fork;
use crate::isa::x86_64::X86_64;
use crate::memory::arena::Arena;
use crate::memory::{Region, Site};
use crate::parallel::Threads;
use crate::place::summary::Summary;
use crate::place::tls::Variables;
use crate::place::{self, Draft, map};
use crate::publish::libraries::Opened;
use crate::publish::own_file::Readers;
use crate::publish::tls::{Assumed, HostVariables};
use crate::publish::{self, offer};
use crate::read::input::Input;
use crate::read::object::{SectionFlags, SymbolKind, SymbolSection};
use crate::resolve::pull::{Added, Pull};
use crate::resolve::{Extra, Origin, Request, Resolution, complete, demangle, gather, resolve};
use crate::session::Inner;
use crate::write;

/// Inputs of this many bytes and more are linked by several threads. Where processors share a core, two threads on the 8 MiB
/// of libcrypto took a third more processor time than one, and more time; on two cores they took as long.
const PARALLEL_FROM: usize = 32 << 20;
/// Archives are opened in full and used in part.
const ARCHIVE_SHARE: usize = 4;

/// So often the free addresses are asked for anew when other threads have taken all that were proposed.
const ATTEMPTS: usize = 64;

/// Wall-clock seconds of each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Opening and mapping or reading the inputs that were named.
    pub read: f64,
    /// Opening shared libraries.
    pub open: f64,
    /// Parsing objects and archives, resolving names, and reading the default libraries where they are needed.
    pub resolve: f64,
    /// Scanning relocations.
    pub scan: f64,
    /// Laying out and settling addresses.
    pub place: f64,
    /// Reserving memory.
    pub reserve: f64,
    /// Copying sections and applying relocations, and making what the dynamic loader is to learn.
    pub write: f64,
    /// Giving back the inputs' pages, protecting, registering, running ifunc resolvers.
    pub publish: f64,
    /// Running initialisers.
    pub initialise: f64,
}

/// A symbol of a set, as `setlink symbols` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolInfo {
    /// The name in the object.
    pub name: String,
    /// How it is defined, or not.
    pub status: SymbolStatus,
    /// Where: object and section for a definition.
    pub place: String,
    /// Bytes; 0 where unknown.
    pub size: u64,
}

/// Whether and how a symbol is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SymbolStatus {
    /// By an object of the set.
    Defined,
    /// By an object of the set, weakly.
    Weak,
    /// As common storage.
    Common,
    /// By the linker.
    Linker,
    /// Outside the set.
    Host,
    /// Nowhere, and only weak references.
    WeakUndefined,
    /// Nowhere.
    Undefined,
}

/// How far a link is, told to the observer, and how long it took. The clock is read once between two phases: that takes
/// 25 ns, of which a small set would feel more.
struct Progress<'s> {
    timings: Timings,
    last: Instant,
    observer: Option<Box<dyn FnMut(Phase) + 's>>,
    /// Is told what is allowed to be undefined and is so.
    undefined: Option<UndefinedObserver<'s>>,
}

impl Progress<'_> {
    /// What was done since the last call was this part of the link.
    fn spent(&mut self, part: fn(&mut Timings) -> &mut f64) {
        let now = Instant::now();
        *part(&mut self.timings) += (now - self.last).as_secs_f64();
        self.last = now;
    }

    /// Tells that a phase begins. What the observer does takes none of the link's time.
    fn begin(&mut self, phase: Phase) {
        if let Some(observer) = &mut self.observer {
            observer(phase);
            self.last = Instant::now();
        }
    }
}

/// The threads that share the link: those of one phase are gone before the next, and before the set's program runs.
fn threads(inputs: &[Input]) -> Threads {
    let bytes: usize = inputs
        .iter()
        .map(|input| match input {
            Input::Object { data, .. } => data.len(),
            Input::Library(_) => 0,
            Input::Archive { data, .. } => data.len() / ARCHIVE_SHARE,
        })
        .sum();
    // In this order: asking for the number of processors opens three files of the control group, 15 system calls.
    if bytes < PARALLEL_FROM { Threads::ONE } else { Threads::all() }
}

/// So much static thread-local storage is always there.
const STATIC_TLS_FOR_SURE: u64 = 1024;

/// Finds out whether there is room for the set's static thread-local storage before its libraries are opened: who is told
/// that there is none may start the process again, and their initialisers are not to run twice. Only where the `objects`
/// have much of it is that worth a second look at the set.
fn check_static_tls(
    builder: &SetBuilder<'_>,
    inner: &Inner,
    scope: &LinkScope<'_>,
    objects: &[Added<'_>],
) -> Result<()> {
    if !builder.recipe.permanent || tls_bytes(objects) < STATIC_TLS_FOR_SURE {
        return Ok(());
    }
    let request = request(builder, scope);
    let arena = Arena::default();
    // Other problems are found later, with the libraries.
    let Ok(resolution) = resolve(&builder.recipe.inputs, &request, &arena) else { return Ok(()) };
    let mut draft = Draft::new::<X86_64>(&resolution, inner.memory.page(), builder.recipe.reach, true);
    if draft.scan::<X86_64>(builder.recipe.relax, &Assumed).is_err() {
        return Ok(());
    }
    match draft.demanded_static_tls() {
        Some((need, align, place)) => Ok(publish::tls::check_room(need, align, place)?),
        None => Ok(()),
    }
}

pub(super) fn check_start(mut builder: SetBuilder<'_>) -> Result<()> {
    // Other sets may define it.
    builder.recipe.allow_undefined = true;
    dependent::add_all(&mut builder)?;
    let inner: &Arc<Inner> = &builder.session.inner;
    let mut problems = Vec::new();
    let libraries = Libraries::parse(&builder.recipe.inputs, &mut problems);
    if inner.world.host().is_none() || !builder.problems.is_empty() || !problems.is_empty() {
        return Ok(());
    }
    let scope = LinkScope::new(&builder, libraries);
    let request = request(&builder, &scope);
    let arena = Arena::default();
    // Which libraries take part, the objects tell.
    let Ok(objects) = gather(&builder.recipe.inputs, &request, &arena) else { return Ok(()) };
    Error::check(late::late(&scope, &taking_part(&builder, &scope)), ())?;
    check_static_tls(&builder, inner, &scope, &objects.added)
}

/// Bytes of thread-local storage in the objects.
fn tls_bytes(objects: &[Added<'_>]) -> u64 {
    let with_any = objects.iter().filter(|added| added.object.any.contains(SectionFlags::TLS));
    let sections = with_any.flat_map(|added| added.object.sections);
    let own = sections.filter(|section| section.has(SectionFlags::TLS));
    own.fold(0, |bytes, section| bytes.saturating_add(section.size()))
}

/// What is wrong with the inputs, once some could not even be added: the problems of those, and of all others.
fn refuse(builder: &SetBuilder<'_>) -> Result<()> {
    if builder.problems.is_empty() {
        return Ok(());
    }
    let mut problems = builder.problems.clone();
    let scope = LinkScope::new(builder, Libraries::parse(&builder.recipe.inputs, &mut problems));
    let arena = Arena::default();
    if let Err(error) = resolve(&builder.recipe.inputs, &request(builder, &scope), &arena) {
        problems.extend(error.into_problems());
    }
    Err(problems.into())
}

pub(super) fn link(mut builder: SetBuilder<'_>) -> Result<Set> {
    refuse(&builder)?;
    let inner: &Arc<Inner> = &builder.session.inner;
    let used = builder.recipe.scope.iter().chain(&builder.recipe.share);
    let beginning = Beginning::new(inner, builder.recipe.name.clone(), used)?;
    let timings = Timings { read: builder.read_seconds, ..Timings::default() };
    let mut progress = Progress {
        timings,
        last: Instant::now(),
        observer: builder.observer.take(),
        undefined: builder.undefined_observer.take(),
    };
    let arguments = builder.arguments.take();
    let before_initialisers = builder.before_initialisers.take();
    let initialise = builder.recipe.initialise;
    progress.begin(Phase::Resolve);
    builder.pool.trim();
    let mut problems = Vec::new();
    let libraries = Libraries::parse(&builder.recipe.inputs, &mut problems);
    Error::check(problems, ())?;
    let scope = LinkScope::new(&builder, libraries);
    // Before the region, so that they are closed after it is gone.
    let mut opened = Opened::default();
    let arena = Arena::default();
    let request = request(&builder, &scope);
    let objects = gather(&builder.recipe.inputs, &request, &arena)?;
    progress.spent(|timings| &mut timings.resolve);
    let named = dependent::named(&builder, &objects.added)?;
    if !named.is_empty() {
        drop(objects);
        drop(scope);
        drop(beginning);
        (builder.observer, builder.undefined_observer) = (progress.observer, progress.undefined);
        (builder.arguments, builder.before_initialisers) = (arguments, before_initialisers);
        dependent::add(&mut builder, named)?;
        return link(builder);
    }
    let Linked { facts, summary, snapshot, ready, placed } =
        line(&builder, inner, &scope, objects, &mut opened, &mut progress)?;
    let mut dependencies: Vec<Arc<Core>> = Vec::new();
    let used = scope.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let found_in = used.iter().filter_map(|&index| builder.recipe.scope.get(index));
    let shared_with = facts.providers.iter().filter_map(|&index| builder.recipe.share.get(index));
    for core in found_in.chain(shared_with) {
        if !dependencies.iter().any(|known| known.id == core.id) {
            dependencies.push(core.clone());
        }
    }
    drop(used);
    let Facts { names, thread_locals, map, entries, stubs, .. } = facts;
    let mut core = Arc::new(Core {
        id: beginning.id(),
        name: builder.recipe.name.clone(),
        session: inner.clone(),
        names,
        thread_locals,
        summary,
        timings: progress.timings,
        map,
        snapshot,
        entries,
        stubs,
        dependencies,
        written_only: matches!(ready, Prepared::Paper(_)),
        content: Mutex::new(None),
    });
    let content = match ready {
        Prepared::Process(mut ready) => {
            // The libraries stay as long as the set, whose code refers to them.
            ready.keep(opened);
            let position_dependent = builder.position_dependent;
            if let Some((placed, readers)) = placed {
                // Kept for who may ask once; their pages are the file cache's until then.
                builder.recipe.inputs.iter().map(Input::data).for_each(|data| data.give_back(0..data.len()));
                let kept = Kept::new(builder);
                ready.explain_by(Box::new(move |bias| relink::image(kept, &placed, bias)), readers);
            }
            progress.begin(Phase::Initialise);
            if let Some(then) = before_initialisers {
                then();
                progress.last = Instant::now();
            }
            if initialise {
                let own = arguments.map_or_else(ArgumentList::of_process, ArgumentList::keep);
                // SAFETY: linking objects means running their initialisers; that they are sound is what whoever adds
                // them to a set vouches for, as with any linker's output.
                unsafe { ready.initialise(own, position_dependent) };
                progress.spent(|timings| &mut timings.initialise);
            }
            if let Some(core) = Arc::get_mut(&mut core) {
                core.timings = progress.timings;
            }
            beginning.publish(&core);
            Content::Running(ready.finish())
        }
        Prepared::Paper(region) => {
            beginning.publish(&core);
            Content::Written(region)
        }
    };
    // Nobody can have asked for it: there is no handle yet.
    *fork::lock(&core.content) = Some(ManuallyDrop::new(content));
    Ok(Set { core })
}

enum Prepared<'h> {
    Process(publish::Ready<'h>),
    Paper(Box<dyn Region>),
}

struct Linked<'h> {
    facts: Facts,
    summary: Summary,
    snapshot: Option<Box<Snapshot>>,
    ready: Prepared<'h>,
    /// Of a set whose debug information is read, and by whom.
    placed: Option<(Placed, Readers)>,
}

pub(super) fn request<'d>(builder: &'d SetBuilder<'_>, scope: &'d LinkScope<'_>) -> Request<'d> {
    let recipe = &builder.recipe;
    Request {
        undefined: &recipe.undefined,
        undefined_patterns: &recipe.undefined_patterns,
        required: &recipe.required,
        start_stop_gc: recipe.start_stop_gc,
        versions: &recipe.versions,
        excluded: &recipe.excluded,
        first_and_last: [0, 1].map(|index: usize| recipe.first_and_last[index].as_deref()),
        wrap: &recipe.wrap,
        assigned: &recipe.assigned,
        provided: &recipe.provided,
        allow_multiple_definition: recipe.allow_multiple_definition,
        allow_undefined: recipe.allow_undefined,
        may_be_undefined: &recipe.may_be_undefined,
        ignore_stack_notes: recipe.ignore_stack_notes,
        collect: recipe.collect.as_deref(),
        keep_exported: recipe.export_dynamic,
        dynamic_list: &recipe.dynamic_list,
        scope,
        threads: threads(&recipe.inputs),
    }
}

/// From the objects that take part to publishing them.
fn line<'i>(
    builder: &SetBuilder<'_>,
    inner: &'i Inner,
    scope: &LinkScope<'_>,
    objects: Pull<'_, '_>,
    opened: &mut Opened,
    progress: &mut Progress<'_>,
) -> Result<Linked<'i>> {
    // On paper nothing is opened: the libraries go on standing in for themselves.
    if inner.world.host().is_some() {
        if builder.recipe.inputs.iter().any(|input| matches!(input, Input::Library(_))) {
            check_static_tls(builder, inner, scope, &objects.added)?;
            *opened = open(builder, scope)?;
            progress.spent(|timings| &mut timings.open);
        }
        scope.opened.store(true, Relaxed);
    }
    let resolution = complete(objects)?;
    if let Some(tell) = &mut progress.undefined {
        resolution.undefined().iter().for_each(|problem| tell(problem, false));
        opened.undefined.iter().for_each(|problem| tell(problem, true));
    }
    progress.spent(|timings| &mut timings.resolve);
    progress.begin(Phase::Scan);
    let page = inner.memory.page();
    let relax = builder.recipe.relax;
    let reach = builder.recipe.reach;
    let permanent = builder.recipe.permanent;
    let known = |name: &[u8]| scope.sets.iter().find_map(|set| set.thread_locals.get(name).copied());
    let mut variables = HostVariables::new(permanent, &known, inner.world.host());
    let asked: &dyn Variables = if inner.world.host().is_some() { &variables } else { &Assumed };
    let mut draft = Draft::new::<X86_64>(&resolution, page, reach, permanent);
    draft.wish(builder.recipe.wish);
    draft.scan::<X86_64>(relax, asked)?;
    progress.spent(|timings| &mut timings.scan);
    progress.begin(Phase::Place);
    let shared = shared(&builder.recipe.share);
    let mut refused: Option<Problem> = None;
    let mut sites = VecDeque::new();
    let mut attempts = 0;
    loop {
        let Some(site) = sites.pop_front() else {
            if attempts == ATTEMPTS {
                break;
            }
            attempts += 1;
            let mut demand = draft.demand().clone();
            // Where sharing fails again, for lack of room or of rights, it is done without.
            demand.own_pages |= attempts > 2;
            sites = match inner.memory.sites(&demand) {
                Ok(sites) => sites.into(),
                Err(_) if draft.give_up_low::<X86_64>()? => continue,
                Err(problem) => return Err(draft.blame(problem).into()),
            };
            continue;
        };
        let mut sized = draft.size::<X86_64>(&site, &*inner.memory, relax, &shared);
        sized.check()?;
        progress.spent(|timings| &mut timings.place);
        let reserved = inner.memory.reserve(&site, &sized.needs);
        progress.spent(|timings| &mut timings.reserve);
        let region = match reserved {
            Ok(region) => region,
            // Another thread has taken what was free there: the next site.
            Err(problem) => {
                refused = Some(draft.blame(problem));
                continue;
            }
        };
        if !sized.suits(region.segments()) {
            let what = "the segments are not where they were expected".into();
            let problem = Problem::new(Default::default(), ProblemKind::Memory { what });
            refused = Some(draft.blame(problem));
            continue;
        }
        let mut plan = draft.place::<X86_64>(sized, region.segments(), site.granule);
        write::check::<X86_64>(&plan)?;
        debug_assert_eq!(region.reserved(), plan.summary.total_bytes);
        progress.spent(|timings| &mut timings.place);
        progress.begin(Phase::Write);
        let audience = Audience::of(builder, inner.world.host(), scope, &plan);
        let mut reserved_tls = publish::tls::Reserved::default();
        if inner.world.host().is_some() {
            let image = write::tls_image::<X86_64>(&plan)?;
            let offered = audience.offered.as_ref();
            let symbols = offered.map(|offered| offer::thread_local(&plan, offered)).unwrap_or_default();
            let symbols = (symbols, offer::versions(&plan));
            match publish::tls::reserve(&mut plan, image, symbols, &mut variables) {
                Ok(reserved) => reserved_tls = reserved,
                Err(refusal) if refusal.is_static && draft.can_drop_static_tls() => {
                    drop((region, plan));
                    draft.drop_static_tls::<X86_64>()?;
                    sites.clear();
                    continue;
                }
                Err(refusal) => return Err(refusal.explain(&plan)),
            }
        }
        if plan.tls.is_used {
            progress.spent(|timings| &mut timings.reserve);
        }
        let settled = Settled { plan, region, site, tls: reserved_tls };
        return finish(builder, inner, &resolution, settled, audience, progress);
    }
    Err(refused.map_or_else(|| super::builder::usage("no address was tried"), Error::from))
}

/// A set that has its place, and memory there.
struct Settled<'r, 'd> {
    plan: place::Plan<'r, 'd>,
    region: Box<dyn Region>,
    site: Site,
    tls: publish::tls::Reserved,
}

/// Writes and publishes the set, and tells its `audience` of it.
fn finish<'i>(
    builder: &SetBuilder<'_>,
    inner: &'i Inner,
    resolution: &Resolution<'_>,
    settled: Settled<'_, '_>,
    audience: Audience,
    progress: &mut Progress<'_>,
) -> Result<Linked<'i>> {
    let Settled { plan, mut region, site, tls } = settled;
    let recipe = &builder.recipe;
    let names = audience.names();
    let image = || names.map_or(Ok(None), |names| offer::offer(&plan, names));
    let write = || write::write::<X86_64>(&plan, region.bytes());
    let image = match resolution.threads.when(names.is_some()).beside(image, write) {
        (image, Ok(())) => image?,
        (Ok(_), Err(error)) => return Err(error),
        (Err(other), Err(error)) => {
            let problems = error.into_problems().into_iter().chain(other.into_problems());
            return Err(Error::from(problems.collect::<Vec<_>>()));
        }
    };
    progress.spent(|timings| &mut timings.write);
    #[cfg(feature = "fuzzing")]
    write::audit::audit::<X86_64>(&plan);
    progress.begin(Phase::Publish);
    let snapshot = || Box::new(Snapshot::take::<X86_64>(&plan, &region.bytes()));
    let snapshot = builder.snapshot.then(snapshot);
    let is_listed = audience.is_listed;
    let reads = is_listed && (recipe.interpose || builder.listed) && relink::has_reader(resolution);
    let readers = Readers { itself: reads, libraries: audience.library_reads };
    let listing = publish::Listing {
        name: &recipe.name,
        has_names: audience.shows_names && image.is_some(),
        // Rust's standard library takes what is listed without a bias for the process's executable, whatever its name.
        is_fixed: recipe.wish.low && !reads,
        for_libraries: audience.for_libraries,
    };
    let mut news = publish::News {
        listed: is_listed.then_some(listing),
        offered: audience.offered,
        image,
        perf_map: builder.perf_map,
        jitdump: builder.jitdump.as_deref(),
        ..publish::News::default()
    };
    if builder.debugger {
        let first_block = if plan.tls.is_used { publish::tls::first_block() } else { None };
        news.debugger = Some(write::debug::file::<X86_64>(&plan, &region.bytes(), first_block, 0));
    }
    if builder.perf_map || builder.jitdump.is_some() {
        news.functions = write::debug::functions::<X86_64>(&plan);
    }
    let facts = facts(builder, resolution, &plan);
    give_back(&recipe.inputs, resolution.threads);
    let ready = match inner.world.host() {
        Some(host) => {
            let (interpose, permanent) = (recipe.interpose, recipe.permanent);
            Prepared::Process(publish::publish(&plan, region, host, interpose, permanent, news, tls)?)
        }
        None => Prepared::Paper(region),
    };
    let placed = readers.any().then(|| (Placed { site, segments: plan.segments.clone() }, readers));
    progress.spent(|timings| &mut timings.publish);
    Ok(Linked { facts, summary: plan.summary, snapshot, ready, placed })
}

/// Bytes of inputs whose pages a thread gives back before it asks for more.
const GIVEN_BACK_AT_ONCE: usize = 4 << 20;

/// Gives back the inputs' pages, which nobody looks at again, before publishing takes some of its own. All of LLVM has
/// 110,000: unmapping them by one thread took about 13 ms of 144.
fn give_back(inputs: &[Input], threads: Threads) {
    let inputs = inputs.iter().map(Input::data);
    if threads.is_one() {
        return inputs.for_each(|data| data.give_back(0..data.len()));
    }
    let pieces = inputs.flat_map(|data| {
        let starts = (0..data.len()).step_by(GIVEN_BACK_AT_ONCE);
        starts.map(move |start| (data, start..data.len().min(start + GIVEN_BACK_AT_ONCE)))
    });
    threads.map(pieces.collect(), 1, |(data, range)| data.give_back(range));
}

pub(super) fn plan(mut builder: SetBuilder<'_>) -> Result<Plan> {
    dependent::add_all(&mut builder)?;
    refuse(&builder)?;
    let inner = &builder.session.inner;
    let mut problems = Vec::new();
    let libraries = Libraries::parse(&builder.recipe.inputs, &mut problems);
    Error::check(problems, ())?;
    let scope = LinkScope::new(&builder, libraries);
    let request = request(&builder, &scope);
    let arena = Arena::default();
    let resolution = resolve(&builder.recipe.inputs, &request, &arena)?;
    let (relax, permanent) = (builder.recipe.relax, builder.recipe.permanent);
    let shared = shared(&builder.recipe.share);
    let mut draft = Draft::new::<X86_64>(&resolution, inner.memory.page(), builder.recipe.reach, permanent);
    draft.wish(builder.recipe.wish);
    draft.scan::<X86_64>(relax, &Assumed)?;
    let sites = inner.memory.sites(draft.demand()).map_err(|problem| draft.blame(problem))?;
    let site = sites.first().ok_or_else(|| super::builder::usage("no address was proposed"))?;
    let mut sized = draft.size::<X86_64>(site, &*inner.memory, relax, &shared);
    sized.check()?;
    let segments = inner.memory.sketch(site, &sized.needs);
    let plan = draft.place::<X86_64>(sized, &segments, site.granule);
    write::check::<X86_64>(&plan)?;
    Ok(Plan { map: map::text(&plan), summary: plan.summary })
}

pub(super) fn symbols(mut builder: SetBuilder<'_>) -> Result<Vec<SymbolInfo>> {
    dependent::add_all(&mut builder)?;
    refuse(&builder)?;
    let mut problems = Vec::new();
    let libraries = Libraries::parse(&builder.recipe.inputs, &mut problems);
    Error::check(problems, ())?;
    let scope = LinkScope::new(&builder, libraries);
    let request = request(&builder, &scope);
    let arena = Arena::default();
    let resolution = resolve(&builder.recipe.inputs, &request, &arena)?;
    let mut list = Vec::new();
    for (id, name) in resolution.names.iter() {
        let Some(symbol) = resolution.definition(id) else { continue };
        let (status, place, size) = match resolution.origin(symbol) {
            Origin::Object { object, symbol } => {
                let object = &resolution.added[object].object;
                let Some(symbol) = object.symbols.get(symbol) else { continue };
                if symbol.kind == SymbolKind::Section {
                    continue;
                }
                let weak = symbol.binding == crate::read::object::Binding::Weak;
                let place = match symbol.section {
                    SymbolSection::Loaded(section) => object.place_in(section).at(symbol.value),
                    _ => object.place(),
                };
                (
                    if weak { SymbolStatus::Weak } else { SymbolStatus::Defined },
                    place.to_string(),
                    symbol.size,
                )
            }
            Origin::Extra(index) => match resolution.extras[index].1 {
                Extra::Undefined => (SymbolStatus::Undefined, String::new(), 0),
                Extra::WeakUndefined => (SymbolStatus::WeakUndefined, String::new(), 0),
                Extra::Foreign(foreign) => (SymbolStatus::Host, String::new(), foreign.size),
                Extra::Common { size, .. } => (SymbolStatus::Common, String::new(), size),
                Extra::Absolute(address) => (SymbolStatus::Defined, format!("{address:#x}"), 0),
                Extra::Linker(_) => (SymbolStatus::Linker, String::new(), 0),
                Extra::Offset(..) => (SymbolStatus::Defined, String::new(), 0),
            },
        };
        list.push(SymbolInfo { name: demangle(name.text), status, place, size });
    }
    list.sort_by(|a, b| (a.status, &a.name).cmp(&(b.status, &b.name)));
    Ok(list)
}
