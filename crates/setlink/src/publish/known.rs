//! The sets that a program can ask about, as it asks its loader about libraries: which of them holds an address
//! (`dladdr.rs`), and where each lies (`headers.rs`).
//!
//! Whoever asks may be the handler of a signal that came while its thread changed the list, or hold the loader's lock. So
//! the list is read without a lock: a set that is taken out of it is forgotten, but what describes it is freed only when
//! nobody reads. For a reader that found it there, its names stay a moment longer than that.

use std::ffi::{CString, c_char};
use std::ops::Range;
use std::ptr::{NonNull, null_mut};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::headers::Headers;
use super::own_file::OwnFile;
use crate::host::{self, SymbolTable, fork};
use crate::place::Plan;

/// How long a set that goes waits for those who read of it. It takes them microseconds.
const MOMENT: Duration = Duration::from_millis(100);

/// What a program may learn of a set.
pub(crate) struct About {
    /// Where its segments are.
    spans: Vec<Range<u64>>,
    /// Its first address.
    pub base: u64,
    /// What is added to the addresses in its file, if there were one: 0 for one with a fixed address.
    pub bias: u64,
    /// It is the process's program, or a part of that.
    pub is_program: bool,
    name: CString,
    /// The program's name, once its arguments are known.
    program: AtomicPtr<c_char>,
    /// What the loader knows of its symbols; no entry where that is nothing.
    pub names: SymbolTable,
    pub headers: Headers,
    pub own_file: OwnFile,
    map: LinkMap,
}

// SAFETY: what the pointers lead to stays as long as the value, and is only read.
unsafe impl Send for About {}
// SAFETY: as above.
unsafe impl Sync for About {}

/// `struct link_map` of `<link.h>`, its public part.
#[repr(C)]
pub(crate) struct LinkMap {
    bias: u64,
    name: *const c_char,
    /// The dynamic section: a set's is empty.
    dynamic: *const [u64; 2],
    next: AtomicPtr<LinkMap>,
    previous: *mut LinkMap,
}

impl About {
    /// Describes a set called `name`. One that is the process's program is one of a fixed address if `is_fixed`.
    pub fn new(plan: &Plan<'_, '_>, name: &str, is_program: bool, is_fixed: bool) -> About {
        static NONE: [u64; 2] = [0; 2];
        let bias = if is_fixed { 0 } else { plan.base };
        let name = if is_program { CString::default() } else { CString::new(name).unwrap_or_default() };
        About {
            spans: plan.segments.iter().map(|s| s.address..s.address.saturating_add(s.size)).collect(),
            base: plan.base,
            bias,
            is_program,
            map: LinkMap {
                bias,
                name: name.as_ptr(),
                dynamic: &raw const NONE,
                next: AtomicPtr::new(null_mut()),
                previous: null_mut(),
            },
            name,
            program: AtomicPtr::new(null_mut()),
            names: SymbolTable::default(),
            headers: Headers::new(plan, bias),
            own_file: OwnFile::default(),
        }
    }

    pub fn holds(&self, address: u64) -> bool {
        self.spans.iter().any(|span| span.contains(&address))
    }

    pub fn spans(&self) -> &[Range<u64>] {
        &self.spans
    }

    /// The name of its file: a program's as it was called.
    pub fn file(&self) -> *const c_char {
        let program = self.program.load(SeqCst);
        if program.is_null() { self.name.as_ptr() } else { program }
    }

    /// The name by which the loader lists it: a program has none, if it does not look for itself there.
    pub fn listed_name(&self) -> *const c_char {
        self.own_file.name().unwrap_or(self.name.as_ptr())
    }

    /// Its map, for who asks the loader for maps.
    pub fn map(&self) -> *mut LinkMap {
        (&raw const self.map).cast_mut()
    }

    /// The same, followed by `next` where it is a program's.
    #[cfg(target_env = "gnu")]
    pub fn linked_map(&self, next: *mut LinkMap) -> *mut LinkMap {
        if self.is_program {
            self.map.next.store(next, SeqCst);
        }
        self.map()
    }
}

struct Node {
    next: AtomicPtr<Node>,
    /// Of one that is gone, another that is. Readers do not look at it.
    previous: AtomicPtr<Node>,
    /// Those behind it have greater ones.
    number: usize,
    is_gone: AtomicBool,
    /// Who has it without reading the list.
    pins: AtomicUsize,
    about: About,
}

/// Who changes the list.
struct Writer {
    last: *mut Node,
    /// What is out of the list and not yet freed.
    gone: *mut Node,
}

// SAFETY: nodes belong to no thread.
unsafe impl Send for Writer {}

static FIRST: AtomicPtr<Node> = AtomicPtr::new(null_mut());
static READERS: AtomicUsize = AtomicUsize::new(0);
/// How many sets have come, and how many of these have gone.
static COME: AtomicUsize = AtomicUsize::new(0);
static GONE: AtomicUsize = AtomicUsize::new(0);
static WRITER: Mutex<Writer> = Mutex::new(Writer { last: null_mut(), gone: null_mut() });

/// A thread that reads the list: no node is freed.
struct Reading {
    /// A child of a process has no other thread to end reading.
    _hold: fork::Hold,
}

impl Reading {
    fn begin() -> Reading {
        let hold = fork::hold();
        READERS.fetch_add(1, SeqCst);
        Reading { _hold: hold }
    }

    /// The nodes from `first` on.
    fn from(&self, first: *mut Node) -> impl Iterator<Item = &Node> {
        // SAFETY: what is in the list, or was when reading began, is there as long as this thread reads.
        let mut at = unsafe { first.as_ref() };
        std::iter::from_fn(move || {
            let node = at?;
            // SAFETY: as above.
            at = unsafe { node.next.load(SeqCst).as_ref() };
            Some(node)
        })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        READERS.fetch_sub(1, SeqCst);
    }
}

/// What `look` says of the set that holds an address. It calls nobody else's code.
pub(super) fn holding<R>(address: u64, look: impl FnOnce(&About) -> R) -> Option<R> {
    if FIRST.load(SeqCst).is_null() {
        return None;
    }
    let reading = Reading::begin();
    let node = reading.from(FIRST.load(SeqCst)).find(|node| node.about.holds(address))?;
    Some(look(&node.about))
}

/// How many sets have become known, and how many are no longer.
pub(super) fn changes() -> (u64, u64) {
    (COME.load(SeqCst) as u64, GONE.load(SeqCst) as u64)
}

/// A known set, of which the description stays.
pub(super) struct Pinned(NonNull<Node>);

impl Pinned {
    /// The first that is known and `wanted`.
    pub fn first(wanted: impl Fn(&About) -> bool) -> Option<Pinned> {
        let reading = Reading::begin();
        Pinned::among(reading.from(FIRST.load(SeqCst)), wanted)
    }

    /// The next one.
    pub fn next(self, wanted: impl Fn(&About) -> bool) -> Option<Pinned> {
        let reading = Reading::begin();
        let node = self.node();
        if node.is_gone.load(SeqCst) {
            // What came next may be gone, too.
            let behind = reading.from(FIRST.load(SeqCst)).filter(|other| other.number > node.number);
            return Pinned::among(behind, wanted);
        }
        Pinned::among(reading.from(node.next.load(SeqCst)), wanted)
    }

    fn among<'n>(
        mut nodes: impl Iterator<Item = &'n Node>,
        wanted: impl Fn(&About) -> bool,
    ) -> Option<Pinned> {
        let node = nodes.find(|node| wanted(&node.about))?;
        node.pins.fetch_add(1, SeqCst);
        Some(Pinned(NonNull::from(node)))
    }

    fn node(&self) -> &Node {
        // SAFETY: a node that is pinned is not freed.
        unsafe { self.0.as_ref() }
    }

    pub fn about(&self) -> &About {
        &self.node().about
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        self.node().pins.fetch_sub(1, SeqCst);
    }
}

/// A set that is known, until this is dropped.
pub(crate) struct Listed(NonNull<Node>);

// SAFETY: nodes belong to no thread, and are looked at only as `Sync` values.
unsafe impl Send for Listed {}
// SAFETY: as above.
unsafe impl Sync for Listed {}

impl Listed {
    /// Makes a set known.
    pub fn new(about: About) -> Listed {
        let node = Box::new(Node {
            next: AtomicPtr::new(null_mut()),
            previous: AtomicPtr::new(null_mut()),
            number: 0,
            is_gone: AtomicBool::new(false),
            pins: AtomicUsize::new(0),
            about,
        });
        let mut writer = fork::lock(&WRITER);
        let node = Box::leak(node);
        node.number = COME.fetch_add(1, SeqCst);
        node.previous = AtomicPtr::new(writer.last);
        let node = NonNull::from(node);
        // SAFETY: the last node of the list is there as long as the list is locked.
        let link = unsafe { writer.last.as_ref() }.map_or(&FIRST, |last| &last.next);
        link.store(node.as_ptr(), SeqCst);
        writer.last = node.as_ptr();
        Listed(node)
    }

    pub fn about(&self) -> &About {
        // SAFETY: the node is freed only behind this value.
        unsafe { &self.0.as_ref().about }
    }

    /// Tells the program's name: a string that stays.
    pub fn call(&self, name: *const c_char) {
        let about = self.about();
        if about.is_program {
            about.program.store(name.cast_mut(), SeqCst);
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut writer = fork::lock(&WRITER);
        // SAFETY: the node is in the list until now, and those beside it are.
        unsafe {
            let node = self.0.as_ref();
            let (next, previous) = (node.next.load(SeqCst), node.previous.load(SeqCst));
            previous.as_ref().map_or(&FIRST, |previous| &previous.next).store(next, SeqCst);
            match next.as_ref() {
                Some(next) => next.previous.store(previous, SeqCst),
                None => writer.last = previous,
            }
            node.is_gone.store(true, SeqCst);
        }
        GONE.fetch_add(1, SeqCst);
        let gone = std::mem::replace(&mut writer.gone, self.0.as_ptr());
        // SAFETY: as above.
        unsafe { self.0.as_ref() }.previous.store(gone, SeqCst);
        let begun = Instant::now();
        while READERS.load(SeqCst) > 0 && begun.elapsed() < MOMENT {
            std::thread::sleep(Duration::from_micros(20));
        }
        let mut free = writer.take_free();
        // The allocator has locks of its own.
        drop(writer);
        while !free.is_null() {
            // SAFETY: `new` leaked it, and it is in no list but this one.
            let node = unsafe { Box::from_raw(free) };
            free = node.previous.load(SeqCst);
        }
    }
}

impl Writer {
    /// Takes what nobody looks at any more out of what is gone. That takes no memory.
    fn take_free(&mut self) -> *mut Node {
        let (mut kept, mut free) = (null_mut(), null_mut());
        let mut at = self.gone;
        let is_read = READERS.load(SeqCst) > 0;
        // SAFETY: what is gone is there until it is freed, which this alone decides. It is in no list, and a reader that
        // found it there would still be reading.
        while let Some(node) = unsafe { at.as_ref() } {
            let next = node.previous.load(SeqCst);
            let is_kept = is_read || node.pins.load(SeqCst) > 0;
            let chain = if is_kept { &mut kept } else { &mut free };
            node.previous.store(std::mem::replace(chain, at), SeqCst);
            at = next;
        }
        self.gone = kept;
        free
    }
}

/// The map of the first library. Not to be asked for while the list is read: the loader has a lock.
#[cfg(target_env = "gnu")]
pub(super) fn behind_program() -> *mut LinkMap {
    host::behind_program().map_or(null_mut(), |map| std::ptr::from_ref(map).cast_mut().cast())
}
