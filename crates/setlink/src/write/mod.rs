//! Phase 6, write: plan → bytes. Each section is copied once and fixed up while it is in cache, sections in parallel.

#![forbid(unsafe_code)]

#[cfg(feature = "fuzzing")]
pub(crate) mod audit;
mod header;
mod narrow;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::error::{Error, Problem, ProblemKind, Result};
use crate::isa::{Crowd, Isa, Misfit, RelocationType, Value};
use crate::place::Plan;
use crate::place::frames::KeptFrames;
use crate::place::layout::{Contents, Output};
use crate::place::scan::REPORTED;
use crate::read::elf::Relocations;
use crate::read::object::{Relocation, SectionFlags, SectionKind};
use crate::resolve::{SectionId, SymbolId};

/// Images below this many bytes are written by one thread.
const PARALLEL_FROM: u64 = 1 << 20;
/// Sections that a thread writes before it asks for more.
const WRITTEN_AT_ONCE: usize = 128;

/// Checks, without writing, the relocations whose range the plan does not guarantee by construction.
///
/// # Errors
/// Every relocation whose number does not fit its field.
pub(crate) fn check<I: Isa>(plan: &Plan<'_, '_>) -> Result<()> {
    let found = AtomicUsize::new(0);
    let check = |id: SectionId| {
        if found.load(Relaxed) >= REPORTED {
            return Vec::new();
        }
        let (object, index) = plan.resolution.section_origin(id);
        let section = &plan.resolution.added[object].object.sections[index as usize];
        if section.has(SectionFlags::NOBITS) {
            return Vec::new();
        }
        let size = plan.kept_frames(id).map_or(section.data.len(), |kept| kept.size as usize);
        let mut problems = Vec::new();
        write_section::<I>(plan, id, &mut vec![0; size], &mut problems);
        found.fetch_add(problems.len(), Relaxed);
        problems
    };
    let threads = plan.resolution.threads.when(plan.exact.len() > 256);
    let problems = threads.map(plan.exact.clone(), 64, check);
    let mut problems: Vec<Problem> = problems.into_iter().flatten().collect();
    if plan.reach != I::REACH {
        problems.extend(narrow::check::<I>(plan));
    }
    Error::check(problems, ())
}

/// Fills the segments of a region (in the order of the plan's) with the set's bytes. GOT entries whose contents only a
/// resolver knows stay 0.
///
/// # Errors
/// Every relocation that could not be applied. The plan has checked them, so an error here is a defect; but of distances
/// from the thread pointer it could only assume that the block ends there, and the loader has decided.
pub(crate) fn write<I: Isa>(plan: &Plan<'_, '_>, segments: Vec<&mut [u8]>) -> Result<()> {
    let threads = plan.resolution.threads.when(plan.summary.total_bytes >= PARALLEL_FROM);
    let run = |job: Job<'_>, bytes: &mut [u8], problems: &mut Vec<Problem>| match job {
        Job::Section(id) => write_section::<I>(plan, id, bytes, problems),
        Job::Output(output) => write_output::<I>(plan, output, bytes, problems),
    };
    let mut problems = Vec::new();
    let mut jobs: Vec<(Job<'_>, &mut [u8])> = Vec::new();
    let mut batches = Vec::new();
    let mut give = |job, bytes| {
        if threads.is_one() {
            return run(job, bytes, &mut problems);
        }
        jobs.push((job, bytes));
        if jobs.len() == WRITTEN_AT_ONCE {
            batches.push(std::mem::take(&mut jobs));
        }
    };
    for (number, (spec, mut rest)) in plan.segments.iter().zip(segments).enumerate() {
        let mut at = 0u64;
        for output in plan.outputs_in(number).filter(|output| !output.nobits) {
            if output.contents == Contents::Sections || output.contents == Contents::Frames {
                let framed = output.lead.len() + output.trail.len() > 0;
                if framed {
                    let (_, lead) = cut(&mut rest, &mut at, output.offset, output.lead.len() as u64);
                    lead.copy_from_slice(output.lead);
                }
                for &id in &output.members {
                    let (object, index) = plan.resolution.section_origin(id);
                    let section = &plan.resolution.added[object].object.sections[index as usize];
                    let kept = if section.kind == SectionKind::Frames { plan.kept_frames(id) } else { None };
                    let size = kept.map_or(section.data.len() as u64, |kept| kept.size);
                    let offset = plan.section_address(id) - spec.address;
                    if size > 0 {
                        let (gap, bytes) = cut(&mut rest, &mut at, offset, size);
                        if framed {
                            // Fragments of one function: what lies between them is run through.
                            gap.fill(I::CODE_FILL);
                        }
                        give(Job::Section(id), bytes);
                    }
                }
                if framed {
                    let length = output.trail.len() as u64;
                    let (gap, trail) = cut(&mut rest, &mut at, output.offset + output.size - length, length);
                    gap.fill(I::CODE_FILL);
                    trail.copy_from_slice(output.trail);
                }
                continue;
            }
            if output.size > 0 {
                let (_, bytes) = cut(&mut rest, &mut at, output.offset, output.size);
                give(Job::Output(output), bytes);
            }
        }
    }
    if !jobs.is_empty() {
        batches.push(jobs);
    }
    let written = threads.map(batches, 1, |jobs| {
        let mut problems = Vec::new();
        jobs.into_iter().for_each(|(job, bytes)| run(job, bytes, &mut problems));
        problems
    });
    problems.extend(written.into_iter().flatten());
    Error::check(problems, ())
}

/// The initial values of the set's thread-local storage.
///
/// # Errors
/// As for [`write`].
pub(crate) fn tls_image<I: Isa>(plan: &Plan<'_, '_>) -> Result<Vec<u8>> {
    let mut image = vec![0; plan.tls.block.image as usize];
    let mut problems = Vec::new();
    for &(id, offset) in &plan.tls.block.sections {
        let (object, index) = plan.resolution.section_origin(id);
        let section = &plan.resolution.added[object].object.sections[index as usize];
        if !section.has(SectionFlags::NOBITS) {
            let start = offset as usize;
            let bytes = &mut image[start..start + section.data.len()];
            write_section::<I>(plan, id, bytes, &mut problems);
        }
    }
    Error::check(problems, image)
}

enum Job<'p> {
    Section(SectionId),
    Output(&'p Output<'p>),
}

/// Takes the bytes at `offset`, `size` long, off the front of `rest`, which starts at `at`; and the gap before them.
fn cut<'b>(rest: &mut &'b mut [u8], at: &mut u64, offset: u64, size: u64) -> (&'b mut [u8], &'b mut [u8]) {
    let all = std::mem::take(rest);
    let (gap, tail) = all.split_at_mut((offset - *at) as usize);
    let (bytes, tail) = tail.split_at_mut(size as usize);
    *rest = tail;
    *at = offset + size;
    (gap, bytes)
}

fn write_section<I: Isa>(plan: &Plan<'_, '_>, id: SectionId, bytes: &mut [u8], problems: &mut Vec<Problem>) {
    let (object, index) = plan.resolution.section_origin(id);
    let section = &plan.resolution.added[object].object.sections[index as usize];
    let kept = if section.kind == SectionKind::Frames { plan.kept_frames(id) } else { None };
    let writer = Writer { plan, object, index, address: plan.section_address(id), kept };
    match kept {
        None => bytes.copy_from_slice(section.data),
        Some(kept) => {
            for run in kept.runs {
                let from = run.from as usize..(run.from + run.size) as usize;
                let to = run.to as usize..(run.to + run.size) as usize;
                bytes[to].copy_from_slice(&section.data[from]);
            }
            for &(at, distance, width) in kept.distances {
                let (at, width) = (at as usize, usize::from(width));
                bytes[at..at + width].copy_from_slice(&distance.to_le_bytes()[..width]);
            }
        }
    }
    match section.relocations {
        Relocations::None => {}
        Relocations::Rela(raw) => writer.apply::<I>(bytes, raw.iter().map(Relocation::from), problems),
        other => writer.apply::<I>(bytes, other.iter(), problems),
    }
}

/// Applies the relocations of one section.
struct Writer<'p, 'r, 'd> {
    plan: &'p Plan<'r, 'd>,
    object: usize,
    index: u32,
    address: u64,
    kept: Option<&'p KeptFrames<'d>>,
}

impl Writer<'_, '_, '_> {
    fn apply<I: Isa>(
        &self,
        bytes: &mut [u8],
        relocations: impl Iterator<Item = Relocation>,
        problems: &mut Vec<Problem>,
    ) {
        let enough = problems.len() + REPORTED;
        let mut crowd = Crowd::default();
        // What relaxing thread-local references has rewritten lately: the calls that were there have relocations, too.
        let mut rewritten: Range<u64> = 0..0;
        let targets = self.plan.resolution.targets(self.object);
        let mut cursor = self.kept.map(KeptFrames::cursor);
        for relocation in relocations {
            let Some(row) = I::relocation_type(relocation.kind).filter(|row| row.value != Value::None) else {
                continue; // the scan has refused unknown types
            };
            let mut offset = relocation.offset;
            if let Some(cursor) = &mut cursor {
                let Some(moved) = cursor.place(offset, 0) else { continue };
                offset = moved.to;
            }
            let Some(symbol) = targets.of(relocation.symbol) else {
                continue; // the scan has refused these
            };
            if row.ordinary
                && !rewritten.contains(&offset)
                && let Some(target) = self.plan.plain_target(symbol, row.value)
                && store_plain(row, bytes, offset, self.address + offset, relocation.addend, target)
            {
                crowd.pass(row, relocation.offset);
                continue;
            }
            if problems.len() >= enough {
                break;
            }
            let (clear, start) = crowd.admit::<I>(row, relocation.offset);
            let framed = cursor.is_some();
            // Records that are left out move the rest; nothing of them is looked at.
            let start = if framed { 0 } else { start };
            if rewritten.contains(&offset) {
                continue;
            }
            let (fixed, at) = (!clear || framed, self.address + offset);
            let bytes = &mut bytes[start as usize..];
            match self.one::<I>(bytes, row, &relocation, symbol, offset - start, at, fixed) {
                Ok(0) => {}
                Ok(length) => rewritten = offset..offset + length as u64,
                Err(misfit) => problems.push(self.explain(misfit, row, &relocation, symbol, at)),
            }
        }
    }

    /// Applies a relocation whose place is at `offset` of `bytes`. The instruction around it stays as it is when `fixed`.
    #[allow(clippy::too_many_arguments)] // one call site, in a hot loop
    fn one<I: Isa>(
        &self,
        bytes: &mut [u8],
        row: &RelocationType,
        relocation: &Relocation,
        symbol: SymbolId,
        offset: u64,
        place: u64,
        fixed: bool,
    ) -> Result<usize, Misfit> {
        let plan = self.plan;
        if row.value.is_tls() {
            let mut target = plan.tls_target(self.object, row.value, symbol);
            target.relaxed = target.relaxed.filter(|_| !fixed || row.value == Value::TlsCall);
            return I::apply_tls(row, bytes, offset as usize, place, relocation.addend, &target);
        }
        let mut target = plan.target(self.object, symbol);
        if fixed {
            (target.near, target.near_branch, target.low) = (false, false, false);
        }
        if row.value == Value::Size {
            target.size = plan.size(symbol);
        }
        I::apply(row, bytes, offset as usize, place, relocation.addend, &target).map(|_| 0)
    }

    #[cold]
    fn explain(
        &self,
        misfit: Misfit,
        row: &RelocationType,
        relocation: &Relocation,
        symbol: SymbolId,
        at: u64,
    ) -> Problem {
        let plan = self.plan;
        let name = plan.resolution.describe(self.object, relocation.symbol);
        let place = plan.resolution.added[self.object].object.place_in(self.index).at(relocation.offset);
        match misfit {
            Misfit::Overflow(value) => {
                let target = plan.target(self.object, symbol).address;
                let kind = ProblemKind::OutOfRange {
                    relocation: row.name.into(),
                    value,
                    field: row.field.describe(),
                    distance: format!("target `{name}` at {target:#x}, place at {at:#x}"),
                };
                let problem = Problem::new(place.of_symbol(name), kind);
                if plan.is_split() { problem.with_remedy(BEYOND_REACH) } else { problem }
            }
            Misfit::Outside => Problem::malformed(place.of_symbol(name), "a relocation outside its section"),
            Misfit::NoEntry => {
                let what = format!("internal error: {} has no planned GOT entry", row.name);
                Problem::new(place.of_symbol(name), ProblemKind::Usage { what })
            }
        }
    }
}

/// Stores the number of an ordinary relocation. Returns whether it did: what is not obviously in range is left to those
/// who know what is wrong with it.
#[inline]
fn store_plain(
    row: &RelocationType,
    bytes: &mut [u8],
    offset: u64,
    place: u64,
    addend: i64,
    target: u64,
) -> bool {
    let Some(rest) = bytes.get_mut(offset as usize..) else { return false };
    if row.value == Value::Address {
        let Some(field) = rest.first_chunk_mut::<8>() else { return false };
        *field = target.wrapping_add_signed(addend).to_le_bytes();
        return true;
    }
    // Below 2^62 neither sum nor difference wraps round.
    let (Some(field), Ok(addend), true) =
        (rest.first_chunk_mut::<4>(), i32::try_from(addend), (target | place) >> 62 == 0)
    else {
        return false;
    };
    let Ok(number) = i32::try_from(target as i64 + i64::from(addend) - place as i64) else { return false };
    *field = number.to_le_bytes();
    true
}

/// What helps where a set is larger than direct references reach.
const BEYOND_REACH: &str = "compile this object with -fPIC, or with -mcmodel=medium or large if its own data is what is \
                            large";

fn write_output<I: Isa>(
    plan: &Plan<'_, '_>,
    output: &Output<'_>,
    bytes: &mut [u8],
    problems: &mut Vec<Problem>,
) {
    match output.contents {
        Contents::Stubs => {
            let stubs = plan.stubs_of(plan.island_of(output));
            for (index, bytes) in stubs.zip(bytes.chunks_exact_mut(I::STUB_BYTES as usize)) {
                let address = plan.stub_address(index as u32);
                let entry = plan.entry_address(plan.stubs[index].entry);
                if I::write_stub(bytes, address, entry).is_err() {
                    let what = "stubs and the GOT are out of each other's reach".into();
                    return problems.push(Problem::new(Default::default(), ProblemKind::Conflict { what }));
                }
            }
        }
        Contents::Got => {
            let entries = &plan.entries[plan.entries_of(plan.island_of(output))];
            for (entry, bytes) in entries.iter().zip(bytes.chunks_exact_mut(I::ENTRY_BYTES as usize)) {
                let value = plan.entry_contents(entry).unwrap_or(0);
                bytes.copy_from_slice(&value.to_le_bytes());
            }
        }
        Contents::TlsGot => {
            let island = plan.island_of(output);
            let contents = plan.tls.contents(island, |id| plan.class(id), |id| plan.address(id));
            for (value, bytes) in contents.zip(bytes.chunks_exact_mut(I::ENTRY_BYTES as usize)) {
                bytes.copy_from_slice(&value.to_le_bytes());
            }
        }
        Contents::DsoHandle => bytes.copy_from_slice(&plan.output_address(output).to_le_bytes()),
        Contents::FileHeader => header::write(plan, bytes),
        // Copied from the host when the set is published.
        Contents::Copies | Contents::Commons => {}
        Contents::Sections | Contents::Frames => {}
    }
}
