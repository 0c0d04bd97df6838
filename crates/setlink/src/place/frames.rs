//! Which call frame information goes into the image: the entries of functions that take part, with the CIEs they use.
//!
//! Dropping an entry moves those behind it, so a section is kept as runs of records that move alike; the distance from
//! an entry to its CIE is stored anew where the two moved differently.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::symbols::{Class, Symbols};
use crate::error::Problem;
use crate::read::frames::{self, Record};
use crate::read::object::{SectionKind, SymbolSection};
use crate::resolve::{Resolution, SectionId};

/// Consecutive bytes of a section that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    /// Offset in the input section.
    pub from: u64,
    /// Offset in the section as it is kept.
    pub to: u64,
    pub size: u64,
}

impl Run {
    /// A section of `size` bytes that is kept as it is.
    pub fn whole(size: u64) -> Run {
        Run { from: 0, to: 0, size }
    }

    /// What of it goes to `to` and behind.
    pub fn behind(self, to: u64) -> Run {
        let before = to.saturating_sub(self.to).min(self.size);
        Run { from: self.from + before, to: self.to + before, size: self.size - before }
    }

    /// Where `width` bytes from `offset` of the input section on go, if all of them are in here.
    #[inline]
    pub fn place(&self, offset: u64, width: u64) -> Option<u64> {
        let at = offset.wrapping_sub(self.from);
        let left = self.size.checked_sub(at)?;
        (left >= width).then(|| self.to + at)
    }
}

/// What is kept of one section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptFrames<'d> {
    section: SectionId,
    pub entries: u32,
    pieces: Pieces<'d>,
}

#[derive(Clone, Copy, Debug)]
enum Pieces<'d> {
    /// Of most sections, all is kept.
    One(Run),
    Many {
        runs: &'d [Run],
        distances: &'d [Distance],
    },
}

/// The offset, as kept, of an id field whose distance changed, the new distance and the field's width.
type Distance = (u64, u64, u8);

impl KeptFrames<'_> {
    pub fn runs(&self) -> &[Run] {
        match &self.pieces {
            Pieces::One(run) => std::slice::from_ref(run),
            Pieces::Many { runs, .. } => runs,
        }
    }

    pub fn distances(&self) -> &[Distance] {
        match self.pieces {
            Pieces::One(_) => &[],
            Pieces::Many { distances, .. } => distances,
        }
    }

    /// Bytes, as kept.
    pub fn size(&self) -> u64 {
        self.runs().last().map_or(0, |run| run.to + run.size)
    }

    /// Where the byte at `offset` of the input section goes.
    pub fn place(&self, offset: u64) -> Option<u64> {
        place(self.runs(), offset)
    }
}

/// What is kept of all sections.
#[derive(Debug, Default)]
pub(crate) struct Frames<'d> {
    /// In the order of their sections' ids.
    kept: Vec<KeptFrames<'d>>,
    /// Per object how many of these the objects before it have, and behind the last object, all have.
    first: Vec<u32>,
}

impl<'d> Frames<'d> {
    fn new(resolution: &Resolution<'d>, kept: Vec<KeptFrames<'d>>) -> Self {
        let mut first = vec![0; resolution.added.len() + 1];
        for kept in &kept {
            first[resolution.section_origin(kept.section).0 + 1] += 1;
        }
        let mut total = 0;
        for count in &mut first {
            total += *count;
            *count = total;
        }
        Frames { kept, first }
    }

    /// What is kept of a section of object `object`.
    pub fn of(&self, object: usize, section: SectionId) -> Option<&KeptFrames<'d>> {
        let (first, end) = (*self.first.get(object)? as usize, *self.first.get(object + 1)? as usize);
        let own = self.kept.get(first..end)?;
        own.get(own.binary_search_by_key(&section, |kept| kept.section).ok()?)
    }

    /// Whether any entry is kept.
    pub fn has_entries(&self) -> bool {
        self.kept.iter().any(|kept| kept.entries > 0)
    }
}

/// [`KeptFrames::place`] for sections that are kept as `runs`.
fn place(runs: &[Run], offset: u64) -> Option<u64> {
    let index = runs.partition_point(|run| run.from <= offset).checked_sub(1)?;
    runs.get(index)?.place(offset, 1)
}

/// A place among the runs that are kept of a section, for asking about offsets that mostly grow.
pub(crate) struct Cursor<'f> {
    runs: &'f [Run],
    run: Run,
}

impl<'f> Cursor<'f> {
    pub fn new(runs: &'f [Run]) -> Self {
        Cursor { runs, run: runs.first().copied().unwrap_or_default() }
    }

    /// The run of the last answer.
    pub fn run(&self) -> Run {
        self.run
    }

    /// Where `width` bytes from `offset` of the input section on go. None where the first is not kept.
    pub fn place(&mut self, offset: u64, width: u64) -> Option<Moved> {
        let holds = |run: &Run| run.place(offset, 1).is_some();
        if !holds(&self.run) {
            let index = self.runs.partition_point(|run| run.from <= offset).checked_sub(1)?;
            self.run = self.runs.get(index).copied().filter(holds)?;
        }
        let at = offset - self.run.from;
        Some(Moved { to: self.run.to + at, whole: width <= self.run.size - at })
    }
}

/// Where bytes of an input section went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    /// Of the first, the offset in the section as it is kept.
    pub to: u64,
    /// The others follow it there.
    pub whole: bool,
}

/// Decides for all sections of call frame information. Sections with problems keep nothing.
pub(crate) fn select<'d>(
    resolution: &Resolution<'d>,
    symbols: &Symbols<'_>,
    problems: &mut Vec<Problem>,
) -> Frames<'d> {
    let select = |objects: Range<usize>| {
        let mut problems = Vec::new();
        let mut kept = Vec::with_capacity(objects.len());
        let mut selector = Selector::new(resolution, symbols);
        for object in objects {
            let added = &resolution.added[object];
            for (index, section) in added.live_sections().filter(|(_, s)| s.kind == SectionKind::Frames) {
                match frames::read(section.data(), &mut selector.records) {
                    Ok(()) => kept.push(selector.keep(object, index)),
                    Err((offset, what)) => {
                        let place = added.object.place_in(index).at(offset);
                        problems.push(Problem::malformed(place, what));
                    }
                }
            }
        }
        (kept, problems)
    };
    let threads = resolution.threads.when(resolution.added.len() >= PARALLEL_FROM);
    let mut kept = Vec::new();
    threads.over(resolution.added.len(), 8, select, |(more, more_problems)| {
        if kept.is_empty() {
            kept = more;
        } else {
            kept.extend(more);
        }
        problems.extend(more_problems);
    });
    Frames::new(resolution, kept)
}

/// Sets of fewer objects are looked through by one thread.
const PARALLEL_FROM: usize = 64;

/// Selects, section by section, with lists that are used again for each.
struct Selector<'r, 'd> {
    resolution: &'r Resolution<'d>,
    symbols: &'r Symbols<'r>,
    records: Vec<Record>,
    /// Per record.
    used: Vec<bool>,
    /// Offset and symbol of relocations that had to be sorted.
    starts: Vec<(u64, u32)>,
    runs: Vec<Run>,
    distances: Vec<Distance>,
}

impl<'r, 'd> Selector<'r, 'd> {
    fn new(resolution: &'r Resolution<'d>, symbols: &'r Symbols<'r>) -> Self {
        Selector {
            resolution,
            symbols,
            records: Vec::new(),
            used: Vec::new(),
            starts: Vec::new(),
            runs: Vec::new(),
            distances: Vec::new(),
        }
    }

    /// Decides for a section whose records were read.
    fn keep(&mut self, object: usize, index: u32) -> KeptFrames<'d> {
        let entries = self.mark(object, index);
        self.join();
        let arena = self.resolution.arena;
        let pieces = match (&self.runs[..], &self.distances[..]) {
            (&[run], []) => Pieces::One(run),
            (runs, distances) => Pieces::Many {
                runs: arena.all(runs.iter().copied()),
                distances: arena.all(distances.iter().copied()),
            },
        };
        KeptFrames { section: self.resolution.section_id(object, index), entries, pieces }
    }

    /// Marks the records that are used. Returns the number of entries among them.
    fn mark(&mut self, object: usize, index: u32) -> u32 {
        let Selector { resolution, symbols, records, used, starts, .. } = self;
        let added = &resolution.added[object];
        let section = &added.object.sections[index as usize];
        // Assemblers emit these relocations in the order of their offsets; what is not, is sorted.
        starts.clear();
        let mut in_order = section.relocations().peekable();
        let is_sorted = section.relocations().is_sorted_by_key(|relocation| relocation.offset);
        if !is_sorted {
            starts.extend(section.relocations().map(|relocation| (relocation.offset, relocation.symbol)));
            starts.sort_by_key(|start| start.0);
        }
        let mut sorted = starts.iter().peekable();
        let targets = resolution.targets(object);
        used.clear();
        used.resize(records.len(), false);
        let mut entries = 0;
        // Most entries have the same one as the entry before.
        let mut last_cie = (u64::MAX, 0);
        for (number, record) in records.iter().enumerate() {
            let Some(cie) = record.cie else { continue };
            let at = record.pc_begin();
            let symbol = if is_sorted {
                while in_order.next_if(|relocation| relocation.offset < at).is_some() {}
                in_order
                    .peek()
                    .filter(|relocation| relocation.offset == at)
                    .map(|relocation| relocation.symbol)
            } else {
                while sorted.next_if(|start| start.0 < at).is_some() {}
                sorted.peek().filter(|start| start.0 == at).map(|start| start.1)
            };
            // An entry without a relocation describes a function at a fixed place, which no relocatable object has.
            let Some(symbol) = symbol else { continue };
            let Some(target) = targets.of(symbol) else { continue };
            if matches!(symbols.class(target), Class::Discarded | Class::WeakUndefined | Class::Undefined) {
                continue;
            }
            // Its function may be a global that another object's copy replaced: then this entry describes the lost copy.
            if symbol >= added.object.symbols.first_global()
                && let Some(SymbolSection::Loaded(section)) =
                    added.object.symbols.get(symbol).map(|symbol| symbol.section)
                && !added.live[section as usize]
            {
                continue;
            }
            used[number] = true;
            entries += 1;
            if last_cie.0 != cie {
                let found = records.binary_search_by_key(&cie, |record| record.offset);
                last_cie = (cie, found.unwrap_or(number));
            }
            used[last_cie.1] = true;
        }
        entries
    }

    /// Joins the records that are used to runs.
    fn join(&mut self) {
        let Selector { records, used, runs, distances, .. } = self;
        runs.clear();
        distances.clear();
        if let (true, Some(first), Some(last)) =
            (used.iter().all(|used| *used), records.first(), records.last())
        {
            return runs.push(Run { from: first.offset, to: 0, size: last.end() - first.offset });
        }
        let in_use = || records.iter().zip(&*used).filter(|(_, used)| **used).map(|(record, _)| record);
        let mut size = 0;
        for record in in_use() {
            match runs.last_mut() {
                Some(run) if run.from + run.size == record.offset => run.size += record.size,
                _ => runs.push(Run { from: record.offset, to: size, size: record.size }),
            }
            size += record.size;
        }
        if runs.len() > 1 {
            for record in in_use() {
                let (Some(cie), Some(id)) = (record.cie, place(runs, record.id())) else { continue };
                let Some(cie_now) = place(runs, cie) else { continue };
                if id - cie_now != record.id() - cie {
                    distances.push((id, id - cie_now, (record.pc_begin() - record.id()) as u8));
                }
            }
        }
    }
}
