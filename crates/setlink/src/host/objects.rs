//! What is loaded and what needs what: in which order the loader ends libraries (`ends.rs`), and looks through them for a name.
//!
//! The loader keeps to itself for which library it loaded another, and whose scope a library is in. But it loads what a library
//! needs behind that, level by level, and looks through it in this order (gABI, "Shared Object Dependencies").

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::ops::{ControlFlow, Range};

use super::elf::*;
use super::fork;
use super::libraries::{Library, Segment, is_made, iterate};
use super::open::find_loaded;
use super::wait::{Dynamic, Finalisers, KNOWN, Known, OLDER, dynamic_entries, dynamic_section};

/// An object that is loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub library: Dynamic,
    /// What we know of it, if it waited.
    pub known: Option<Known>,
    /// It was there before any that waited.
    pub is_older: bool,
    /// The loader's tables of it are in pages that are code.
    pub is_code: bool,
    /// From its first to its last address.
    span: Range<u64>,
    /// Setlink made it.
    is_made: bool,
    /// Its path, or what the loader was given, and its soname.
    names: [Option<Vec<u8>>; 2],
    /// What it needs (`DT_NEEDED`).
    needed: Vec<Vec<u8>>,
}

impl Loaded {
    /// Reads the object that the loader describes by `info`; none without a dynamic section.
    ///
    /// # Safety
    /// `info` comes from `dl_iterate_phdr`, whose callback is still running.
    unsafe fn of(info: &libc::dl_phdr_info) -> Option<Loaded> {
        // SAFETY: the callback is running; a name is terminated.
        unsafe {
            let library = Dynamic::of(info)?;
            let Library { tables, segments, span, .. } = Library::from_loader(info, false, 0);
            let holds = |segment: &Segment| (segment.start..segment.end).contains(&library.address);
            let is_code = segments.iter().any(|segment| holds(segment) && segment.flags & PF_X != 0);
            let text = |offset| tables.as_ref()?.string(offset).map(<[u8]>::to_vec);
            let path =
                (!info.dlpi_name.is_null()).then(|| CStr::from_ptr(info.dlpi_name).to_bytes().to_vec());
            let mut loaded = Loaded {
                library,
                known: None,
                is_older: false,
                is_code,
                span,
                is_made: is_made(info),
                names: [path, None],
                needed: Vec::new(),
            };
            for (tag, value) in dynamic_entries(info) {
                match tag {
                    DT_NEEDED => loaded.needed.extend(text(value.was)),
                    DT_SONAME => loaded.names[1] = text(value.was),
                    _ => {}
                }
            }
            Some(loaded)
        }
    }

    /// As they were before the loader was led astray.
    pub fn finalisers(&self) -> Finalisers {
        self.known.map_or(self.library, |known| known.library).finalisers()
    }

    pub fn is_later(&self) -> bool {
        self.known.is_none() && !self.is_older
    }
}

/// What is loaded, in the loader's order.
#[derive(Debug)]
pub(super) struct Objects {
    pub list: Vec<Loaded>,
    /// Which others each needs, by number.
    pub needs: Vec<Vec<usize>>,
}

impl Objects {
    pub fn now() -> Objects {
        let mut list: Vec<Loaded> = Vec::new();
        iterate(&mut |info| {
            // SAFETY: called from the loader's iteration.
            list.extend(unsafe { Loaded::of(info) });
            ControlFlow::Continue(())
        });
        let known: HashMap<u64, Known> =
            fork::lock(&KNOWN).iter().map(|known| (known.library.address, *known)).collect();
        let older: HashSet<u64> = fork::lock(&OLDER).iter().copied().collect();
        let (mut by_address, mut by_name) = (HashMap::new(), HashMap::new());
        for (number, object) in list.iter_mut().enumerate() {
            let address = object.library.address;
            object.known = known.get(&address).copied();
            object.is_older = older.contains(&address);
            by_address.insert(address, number);
            for name in object.names.iter_mut().filter_map(Option::take) {
                by_name.entry(name).or_insert(number);
            }
        }
        // Others that the loader knows: by which an object was needed that has no soname, or that is a symbolic link.
        let found = |name: &[u8]| by_address.get(&find_loaded(name, false)?.dynamic_section()?).copied();
        let mut number = |name: &Vec<u8>| match by_name.get(name) {
            Some(&number) => Some(number),
            None => found(name).inspect(|&number| _ = by_name.insert(name.clone(), number)),
        };
        let needs =
            list.iter().map(|object| object.needed.iter().filter_map(&mut number).collect()).collect();
        Objects { list, needs }
    }
}

/// A loaded object, where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// From its first to its last address.
    pub span: Range<u64>,
    /// Where its dynamic section is. No two that are loaded have the same.
    pub dynamic: u64,
}

impl Objects {
    /// The objects with these numbers and what they need, each once, level by level.
    fn with_needs(&self, first: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut is_seen = vec![false; self.list.len()];
        let mut order = Vec::new();
        let mut add = |order: &mut Vec<usize>, number: usize| {
            if !std::mem::replace(&mut is_seen[number], true) {
                order.push(number);
            }
        };
        first.into_iter().for_each(|number| add(&mut order, number));
        let mut looked_at = 0;
        while let Some(&number) = order.get(looked_at) {
            self.needs[number].iter().for_each(|&needed| add(&mut order, needed));
            looked_at += 1;
        }
        order
    }

    /// All but the executable, in the order in which a program finds names in them if a set stands for it: what is loaded before
    /// anything that the executable needs (`LD_PRELOAD`), the libraries of sets, what the executable needs, and what these need;
    /// then all others.
    fn of_program(&self) -> Vec<usize> {
        let Some(by_executable) = self.needs.first() else { return Vec::new() };
        let first = by_executable.iter().copied().min().unwrap_or(1);
        let of_sets = (0..self.list.len()).filter(|&number| self.list[number].is_made);
        let of_sets = of_sets.flat_map(|number| self.needs[number].iter().copied());
        let direct = (1..first).chain(of_sets).chain(by_executable.iter().copied());
        let order = self.with_needs(direct);
        let rest: Vec<usize> = (1..self.list.len()).filter(|number| !order.contains(number)).collect();
        [order, rest].concat()
    }

    /// What the loader looks through for a name that is to come behind this object's: what is behind it of that for which it was
    /// loaded, and of all that this needs.
    fn behind(&self, object: usize) -> Vec<usize> {
        let mut root = 0;
        loop {
            let order = self.with_needs([root]);
            let mut end = root + 1;
            while order.contains(&end) {
                end += 1;
            }
            if (root..end).contains(&object) {
                return order.into_iter().skip_while(|&number| number != object).skip(1).collect();
            }
            root = end;
        }
    }

    fn find(&self, is_it: impl Fn(&Loaded) -> bool) -> Option<usize> {
        self.list.iter().position(is_it)
    }

    fn told(&self, order: Vec<usize>) -> Vec<Object> {
        let object = |loaded: &Loaded| Object { span: loaded.span.clone(), dynamic: loaded.library.address };
        order.into_iter().map(|number| object(&self.list[number])).collect()
    }
}

/// All libraries in the order in which a program finds names in them if a set stands for it.
pub(crate) fn order_of_program() -> Vec<Object> {
    let objects = Objects::now();
    objects.told(objects.of_program())
}

/// In which order the loader looks through libraries for what comes behind (`RTLD_NEXT`) the object that holds `address`; none
/// where no object does.
pub(crate) fn order_behind(address: u64) -> Option<Vec<Object>> {
    let objects = Objects::now();
    let object = objects.find(|object| object.span.contains(&address))?;
    Some(objects.told(objects.behind(object)))
}

/// In which order it does for the object that has its dynamic section at `dynamic`.
pub(crate) fn order_of(dynamic: u64) -> Vec<Object> {
    let objects = Objects::now();
    let object = objects.find(|object| object.library.address == dynamic);
    objects.told(objects.with_needs(object))
}

/// Whether there is an object that has its dynamic section at `dynamic`. Nothing is allocated for it.
pub(crate) fn is_loaded(dynamic: u64) -> bool {
    let mut is_there = false;
    iterate(&mut |info| {
        // SAFETY: called from the loader's iteration.
        is_there = unsafe { dynamic_section(info) }.is_some_and(|section| section.start == dynamic);
        if is_there { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    is_there
}

/// The names of all objects that are loaded but the executable: their paths, or what the loader was given.
pub(crate) fn names() -> Vec<CString> {
    let mut names = Vec::new();
    iterate(&mut |info| {
        // SAFETY: the loader's name is null or a terminated string.
        let name = (!info.dlpi_name.is_null()).then(|| unsafe { CStr::from_ptr(info.dlpi_name) });
        names.extend(name.filter(|name| !name.is_empty()).map(CStr::to_owned));
        ControlFlow::Continue(())
    });
    names
}
