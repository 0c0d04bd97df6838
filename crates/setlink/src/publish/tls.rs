//! Thread-local storage in this process. The dynamic loader gives it out: to it, the set's block is that of a tiny
//! library (see `host/image.rs`), so it numbers the block, initialises it in all threads, those that run already
//! included, and frees it with the library. The same kind of library asks it where variables of the host are. Where
//! there is no loader, or not one that does it, the blocks are Setlink's own (`tls_own.rs`).

use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};

use crate::error::{Error, Place, Problem, ProblemKind, Result};
use crate::host::{
    Host, HostKind, Image, ImageBuilder, ImageSymbol, ThreadLocal, TlsModule, TlsReference, TlsTemplate, fork,
};
use crate::place::Plan;
use crate::place::symbols::Class;
use crate::place::tls::{Kind, Numbers, Variable, Variables};
use crate::resolve::SymbolId;

#[cfg(target_arch = "x86_64")]
#[path = "tls_x86_64.rs"]
mod descriptor;
#[path = "tls_own.rs"]
mod own;

/// What glibc leaves for libraries that are loaded later if nobody asks for more (`glibc.rtld.optional_static_tls`).
const OPTIONAL_STATIC_TLS: u64 = 512;

/// Who gives out blocks of thread-local storage.
trait Storage: Sync {
    /// Makes a block known, in all threads.
    ///
    /// # Errors
    /// It cannot have such a block, or not in static storage, if that is asked for.
    fn block(&self, template: TlsTemplate, symbols: Shown<'_>) -> Result<Given>;
}

/// The variables of a block that libraries find, and the names of their versions.
type Shown<'n> = (Vec<ImageSymbol<'n>>, Vec<&'n [u8]>);

/// A block, and what holds it: dropping that gives it back.
type Given = (Numbers, Box<dyn Held>);

trait Held: Debug + Send + Sync {}
impl Held for Image {}
impl Held for own::Module {}

/// The dynamic loader.
struct Loader;

impl Storage for Loader {
    fn block(&self, template: TlsTemplate, (symbols, versions): Shown<'_>) -> Result<Given> {
        let global = !symbols.is_empty();
        let opened = ImageBuilder {
            symbols: vec![symbols],
            versions: global.then_some(versions),
            tls: Some(template),
            ..ImageBuilder::default()
        }
        .open(global)?;
        Ok((opened.tls.as_ref().map(numbers).unwrap_or_default(), Box::new(opened)))
    }
}

/// Setlink itself. Libraries do not learn of its blocks.
struct Own;

impl Storage for Own {
    fn block(&self, template: TlsTemplate, _: Shown<'_>) -> Result<Given> {
        if template.is_static {
            let kind = ProblemKind::StaticTls { need: template.size, align: template.align, have: 0 };
            return Err(Problem::new(Place::default(), kind).into());
        }
        let module = own::Module::new(template)?;
        let numbers = Numbers { module: module.number, ..Numbers::default() };
        Ok((numbers, Box::new(module)))
    }
}

/// Whether the loader gives out blocks. musl's could, but never takes one back.
fn is_loaders() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    if !cfg!(all(target_env = "gnu", not(target_feature = "crt-static"))) {
        return false;
    }
    if let Some(&answer) = ANSWER.get() {
        return answer;
    }
    let template = TlsTemplate { image: Vec::new(), size: 8, align: 8, is_static: false };
    let answer = Loader.block(template, Shown::default()).is_ok();
    let _hold = fork::hold();
    *ANSWER.get_or_init(|| answer)
}

fn storage() -> &'static dyn Storage {
    if is_loaders() { &Loader } else { &Own }
}

/// What sets call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    (name == b"__tls_get_addr" && !is_loaders()).then_some(variable as *const () as u64)
}

/// `__tls_get_addr` for the modules of both: this thread's copy of the variable with these module and offset.
///
/// # Safety
/// Such a module exists.
unsafe extern "C" fn variable(index: *const [u64; 2]) -> *mut u8 {
    unsafe extern "C" {
        fn __tls_get_addr(index: *const [u64; 2]) -> *mut u8;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let [module, offset] = *index;
        if own::is_own(module) {
            let address = own::block(module).wrapping_add(offset);
            return std::ptr::with_exposed_provenance_mut(address as usize);
        }
        __tls_get_addr(index)
    }
}

/// The host's variables, as the loader knows them.
pub(crate) struct HostVariables<'k> {
    /// Static storage may be asked for, where a variable can do without: the set stays.
    permanent: bool,
    /// Variables of other sets, which the loader does not know by name.
    known: &'k (dyn Fn(&[u8]) -> Option<Numbers> + Sync),
    host: Option<&'k Host>,
    images: Mutex<Vec<Image>>,
}

impl<'k> HostVariables<'k> {
    pub fn new(
        permanent: bool,
        known: &'k (dyn Fn(&[u8]) -> Option<Numbers> + Sync),
        host: Option<&'k Host>,
    ) -> Self {
        HostVariables { permanent, known, host, images: Mutex::default() }
    }

    /// The numbers of another set's variable.
    fn of_set(&self, variable: &Variable) -> Option<Result<Numbers>> {
        let numbers = (self.known)(&variable.name)?;
        Some(match (&variable.demand, numbers.from_thread_pointer) {
            (Some(place), None) => {
                let name = String::from_utf8_lossy(&variable.name).into_owned();
                let what = format!("`{name}` of another set is not in static thread-local storage");
                let problem = Problem::new(place.clone(), ProblemKind::Conflict { what });
                Err(problem.with_remedy("compile this object with -fPIC -ftls-model=global-dynamic").into())
            }
            _ => Ok(numbers),
        })
    }

    /// The numbers of the variable with the version that is wanted, where the loader, asked without one, gave those of another
    /// one in the same library: it takes `NAME@` before `NAME@@VERSION`.
    fn of_version(&self, variable: &Variable, found: Numbers) -> Numbers {
        let wanted = self.host.and_then(|host| host.lookup(&variable.name, variable.version.as_deref()));
        match wanted.map(|wanted| wanted.kind) {
            Some(HostKind::Tls { module, offset }) if module == found.module => {
                let distance = offset.wrapping_sub(found.offset) as i64;
                let from_thread_pointer = found.from_thread_pointer.map(|from| from.wrapping_add(distance));
                Numbers { module, offset, from_thread_pointer }
            }
            _ => found,
        }
    }

    fn ask(&self, wanted: &[(&Variable, bool)]) -> Result<Vec<Numbers>> {
        let reference = |(variable, is_static): &(&Variable, bool)| TlsReference {
            name: variable.name.clone(),
            is_static: *is_static,
        };
        let references = wanted.iter().map(reference).collect();
        let image = ImageBuilder { references, ..ImageBuilder::default() }.open(false)?;
        let answers = wanted.iter().zip(&image.references);
        let numbers = answers.map(|((variable, _), module)| self.of_version(variable, numbers(module)));
        let numbers = numbers.collect();
        self.images.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(image);
        Ok(numbers)
    }
}

fn numbers(module: &TlsModule) -> Numbers {
    Numbers { module: module.module_id, offset: module.offset, from_thread_pointer: module.static_offset }
}

impl Variables for HostVariables<'_> {
    fn numbers(&self, wanted: &[Variable]) -> Result<Vec<Numbers>, Vec<Problem>> {
        let all: Vec<_> = wanted.iter().map(|v| (v, self.permanent || v.demand.is_some())).collect();
        let any_of_sets = wanted.iter().any(|variable| (self.known)(&variable.name).is_some());
        if !any_of_sets && let Ok(numbers) = self.ask(&all) {
            return Ok(numbers);
        }
        // The loader refuses all of them for one; so one by one.
        let mut problems = Vec::new();
        let mut numbers = Vec::new();
        for (variable, is_static) in all {
            let answer = match self.of_set(variable) {
                Some(answer) => answer.map(|numbers| vec![numbers]),
                None => self.ask(&[(variable, is_static)]).or_else(|error| match variable.demand {
                    None if is_static => self.ask(&[(variable, false)]),
                    _ => Err(error),
                }),
            };
            match answer {
                Ok(answer) => numbers.extend(answer),
                Err(error) => problems.extend(error.into_problems().into_iter().map(|mut problem| {
                    let name = String::from_utf8_lossy(&variable.name).into_owned();
                    let place = match problem.kind {
                        ProblemKind::Library { .. } => std::mem::take(&mut problem.place),
                        _ => variable.demand.clone().unwrap_or_default(),
                    };
                    problem.place = place.of_symbol(name);
                    problem
                })),
            }
        }
        if problems.is_empty() { Ok(numbers) } else { Err(problems) }
    }
}

/// Variables of a host that is not asked, or is none: all are taken to have static storage.
pub(crate) struct Assumed;

impl Variables for Assumed {
    fn numbers(&self, wanted: &[Variable]) -> Result<Vec<Numbers>, Vec<Problem>> {
        let numbers = Numbers { module: 1, offset: 0, from_thread_pointer: Some(0) };
        Ok(vec![numbers; wanted.len()])
    }
}

/// What a set holds of the loader's. Dropping it gives all of it back.
#[derive(Debug, Default)]
pub(crate) struct Reserved {
    /// What descriptors point to.
    #[expect(clippy::vec_box, reason = "descriptors hold their addresses, and the list grows")]
    _arguments: Vec<Box<[u64; 3]>>,
    _block: Option<Box<dyn Held>>,
    _images: Vec<Image>,
}

/// Makes the set's block known, with the initial values `image`, and enters the numbers in the plan. Libraries that are
/// loaded later find the variables `symbols`, whose values are offsets in the block.
///
/// # Errors
/// There is no such block; for a static block, most likely because it has no more room for one.
pub(crate) fn reserve(
    plan: &mut Plan<'_, '_>,
    image: Vec<u8>,
    symbols: Shown<'_>,
    variables: &mut HostVariables<'_>,
) -> Result<Reserved, Refused> {
    let mut reserved = Reserved::default();
    let tls = &plan.tls;
    if tls.is_used {
        let template = TlsTemplate {
            image,
            // A block without a size is none.
            size: tls.block.size.max(1),
            align: tls.block.align,
            is_static: tls.is_static,
        };
        let is_static = tls.is_static;
        let given = storage().block(template, symbols).map_err(|error| Refused { error, is_static })?;
        (plan.tls.numbers, reserved._block) = (given.0, Some(given.1));
    }
    let asked = variables.images.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
    reserved._images.append(asked);
    let wanted: Vec<_> =
        plan.tls.entries.iter().filter(|e| e.kind == Kind::Descriptor).filter_map(|e| e.symbol).collect();
    for symbol in wanted {
        let class = plan.class(symbol);
        let numbers = plan.tls.numbers(symbol, class, plan.address(symbol));
        let descriptor = match numbers.from_thread_pointer {
            _ if matches!(class, Class::WeakUndefined | Class::Undefined) => descriptor::undefined(),
            Some(distance) => descriptor::constant(distance),
            None => {
                let (argument, descriptor) = descriptor::dynamic(numbers);
                reserved._arguments.push(argument);
                descriptor
            }
        };
        plan.tls.descriptors.push(descriptor);
    }
    Ok(reserved)
}

/// The loader does not take the set's block.
pub(crate) struct Refused {
    error: Error,
    /// A static one was asked for.
    pub is_static: bool,
}

impl Refused {
    /// The refusal in words: what the set needs, what there is, and how to get more.
    pub fn explain(self, plan: &Plan<'_, '_>) -> Error {
        let tls = &plan.tls;
        let mut problems = self.error.into_problems();
        let is_exhausted = |problem: &Problem| match &problem.kind {
            ProblemKind::StaticTls { .. } => true,
            kind => kind.to_string().contains("static TLS block"),
        };
        if !self.is_static || !problems.iter().any(is_exhausted) {
            for problem in &mut problems {
                problem.place = tls.demand.clone().unwrap_or_default();
            }
            return problems.into();
        }
        exhausted(tls.block.size, tls.block.align, tls.demand.clone().unwrap_or_default()).into()
    }
}

/// Whether the process has room for a static block.
///
/// # Errors
/// It has not; the reference at `place` demands it.
pub(crate) fn check_room(need: u64, align: u64, place: Place) -> Result<(), Problem> {
    let template = TlsTemplate { image: Vec::new(), size: need, align, is_static: true };
    match storage().block(template, Shown::default()) {
        Ok(_) => Ok(()),
        Err(_) => Err(exhausted(need, align, place)),
    }
}

/// There is no room for a static block.
fn exhausted(need: u64, align: u64, place: Place) -> Problem {
    let have = if is_loaders() { available(need, align) } else { 0 };
    let remedy = if !is_loaders() {
        "only what is there when the process starts has it here; compile this object with -fPIC \
         -ftls-model=global-dynamic"
            .into()
    } else if available(1, align) == 0 && available(1, 64) > 0 {
        "the process aligns it to less; compile this object with -fPIC -ftls-model=global-dynamic, or ask for less \
         alignment"
            .into()
    } else {
        format!(
            "start the program with GLIBC_TUNABLES=glibc.rtld.optional_static_tls={}, or compile this object with -fPIC \
             -ftls-model=global-dynamic",
            OPTIONAL_STATIC_TLS + need + align
        )
    };
    Problem::new(place, ProblemKind::StaticTls { need, align, have }).with_remedy(remedy)
}

/// The set's thread-local variable, for libraries that refer to it.
pub(crate) fn for_libraries(plan: &Plan<'_, '_>, symbol: SymbolId) -> ThreadLocal {
    let numbers = plan.tls.numbers(symbol, plan.class(symbol), plan.address(symbol));
    let module = TlsModule {
        module_id: numbers.module,
        offset: numbers.offset,
        static_offset: numbers.from_thread_pointer,
    };
    let distance = numbers.from_thread_pointer.filter(|_| cfg!(target_arch = "x86_64"));
    let block = &plan.tls.block;
    ThreadLocal { module, descriptor: distance.map(descriptor::constant), block: (block.size, block.align) }
}

/// Says of libraries that know a thread-local variable of the set by its distance from the thread pointer, where it has none,
/// how to get more room.
pub(crate) fn explain(error: Error) -> Error {
    let explained = |problem: Problem| match problem.kind {
        ProblemKind::StaticTls { need, align, .. } => exhausted(need, align, problem.place),
        _ => problem,
    };
    error.into_problems().into_iter().map(explained).collect::<Vec<_>>().into()
}

/// Bytes of static thread-local storage that the loader would still give, up to `most`.
fn available(most: u64, align: u64) -> u64 {
    let fits = |size: u64| {
        let template = TlsTemplate { image: Vec::new(), size, align, is_static: true };
        ImageBuilder { tls: Some(template), ..ImageBuilder::default() }.open(false).is_ok()
    };
    let (mut low, mut high) = (0, most.min(1 << 20) + 1);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// This thread's copy of a variable.
pub(crate) fn address(numbers: Numbers) -> u64 {
    // Not through the function that sets call: a first block may panic for lack of memory, which must not pass through it.
    if own::is_own(numbers.module) {
        return own::block(numbers.module).wrapping_add(numbers.offset);
    }
    // SAFETY: the module's number was given out, and whoever asks keeps the module.
    unsafe { variable(&[numbers.module, numbers.offset]) }.expose_provenance() as u64
}

/// How far the process's first thread-local block is from the thread pointer, in every thread. GDB takes thread-local
/// variables to be in that one which are of no library of the loader's (its `thread_get_thread_local_address`; for static
/// executables, whose block it is).
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
pub(crate) fn first_block() -> Option<i64> {
    let block = address(Numbers { module: 1, offset: 0, from_thread_pointer: None });
    let pointer: u64;
    // SAFETY: x86-64 psABI: the word at the thread pointer is the thread pointer.
    unsafe {
        std::arch::asm!("mov {}, fs:[0]", out(reg) pointer, options(nostack, readonly, preserves_flags))
    };
    Some(block.wrapping_sub(pointer) as i64)
}

/// Nobody asks.
#[cfg(not(all(target_arch = "x86_64", target_env = "gnu")))]
pub(crate) fn first_block() -> Option<i64> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
mod descriptor {
    use super::Numbers;

    /// No descriptors are planned on other machines yet.
    pub fn undefined() -> [u64; 2] {
        [0; 2]
    }

    pub fn constant(_: i64) -> [u64; 2] {
        [0; 2]
    }

    pub fn dynamic(_: Numbers) -> (Box<[u64; 3]>, [u64; 2]) {
        (Box::default(), [0; 2])
    }
}
