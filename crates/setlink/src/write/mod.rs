//! Phase 6, write: plan → bytes. Each section is copied once and fixed up while it is in cache, sections in parallel.

#![forbid(unsafe_code)]

#[cfg(feature = "fuzzing")]
pub(crate) mod audit;
pub(crate) mod debug;
mod header;
mod narrow;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::error::{Error, Problem, ProblemKind, Result};
use crate::isa::{Crowd, Isa, Misfit, Ordinary, RelocationType, Value};
use crate::memory::{HUGE_PAGE, near};
use crate::place::Plan;
use crate::place::frames::{Cursor, KeptFrames, Run};
use crate::place::layout::{Contents, Output};
use crate::place::plan::OrdinaryTargets;
use crate::place::scan::REPORTED;
use crate::read::elf::Relocations;
use crate::read::object::{Relocation, Section, SectionFlags, SectionKind};
use crate::resolve::{SectionId, SymbolId, Targets};

/// Images below this many bytes are written by one thread.
const PARALLEL_FROM: u64 = 1 << 20;
/// Sections of one output section that are written in one go.
const WRITTEN_AT_ONCE: usize = 128;
/// While a section is written, what describes one so far behind it is brought near, and the first bytes of one that is closer:
/// sections are small, and each begins where no processor foresees.
const DESCRIBED_AHEAD: usize = 8;
const READ_AHEAD: usize = 3;
/// Threads ask for work about so often: output sections may be many, and small.
const JOBS: usize = 1024;

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
        let writer = Writer::new(plan, id);
        if writer.section.has(SectionFlags::NOBITS) {
            return Vec::new();
        }
        let mut problems = Vec::new();
        writer.write::<I>(&mut vec![0; writer.size()], &mut problems);
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
    let run = |(job, bytes): (Job<'_>, &mut [u8]), problems: &mut Vec<Problem>| match job {
        Job::Sections(sections, start) => write_sections::<I>(plan, sections, start, bytes, problems),
        Job::Output(output) => write_output::<I>(plan, output, bytes, problems),
    };
    let mut problems = Vec::new();
    let mut jobs: Vec<(Job<'_>, &mut [u8])> = Vec::new();
    let mut give = |job, bytes| match threads.is_one() {
        true => run((job, bytes), &mut problems),
        false => jobs.push((job, bytes)),
    };
    for (number, (spec, mut rest)) in plan.segments.iter().zip(segments).enumerate() {
        let mut at = spec.address;
        let written = |output: &&Output<'_>| !output.nobits && output.size > 0;
        for output in plan.outputs_in(number).filter(written) {
            cut(&mut rest, &mut at, plan.output_address(output));
            let mut bytes = cut(&mut rest, &mut at, plan.output_address(output) + output.size);
            if output.contents != Contents::Sections && output.contents != Contents::Frames {
                give(Job::Output(output), bytes);
                continue;
            }
            if output.lead.len() + output.trail.len() > 0 {
                // Fragments of one function: what lies between them is run through.
                bytes.fill(I::CODE_FILL);
                bytes[..output.lead.len()].copy_from_slice(output.lead);
                let trail = bytes.len() - output.trail.len();
                bytes[trail..].copy_from_slice(output.trail);
            }
            let mut start = plan.output_address(output);
            let mut members = output.members.chunks(WRITTEN_AT_ONCE).peekable();
            while let Some(sections) = members.next() {
                let next = members.peek().and_then(|next| next.first());
                let end = next.map_or(at, |next| plan.section_address(*next));
                give(Job::Sections(sections, start), cut(&mut bytes, &mut start, end));
            }
        }
    }
    let at_once = jobs.len().div_ceil(JOBS);
    let written = threads.map(spread(jobs), at_once, |job| {
        let mut problems = Vec::new();
        run(job, &mut problems);
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
        let writer = Writer::new(plan, id);
        if !writer.section.has(SectionFlags::NOBITS) {
            let start = offset as usize;
            writer.write::<I>(&mut image[start..start + writer.size()], &mut problems);
        }
    }
    Error::check(problems, image)
}

enum Job<'p> {
    /// Sections that lie one behind the other, and the address of the bytes for them.
    Sections(&'p [SectionId], u64),
    Output(&'p Output<'p>),
}

/// The work, in an order in which threads that take one after the other do not first touch the same page. Of threads that do,
/// each has the kernel clear a page, and one page is used: for the 30 huge pages of a link, image and all, two threads had
/// 47 cleared.
fn spread<'p, 'b>(jobs: Vec<(Job<'p>, &'b mut [u8])>) -> Vec<(Job<'p>, &'b mut [u8])> {
    let mut last = None;
    let opens_page = |(_, bytes): &(Job<'_>, &mut [u8])| {
        let start = bytes.as_ptr().addr();
        let page = start / HUGE_PAGE;
        let is_inside = page == (start + bytes.len().saturating_sub(1)) / HUGE_PAGE;
        is_inside && last.replace(page) != Some(page)
    };
    let (mut jobs, others): (Vec<_>, Vec<_>) = jobs.into_iter().partition(opens_page);
    jobs.extend(others);
    jobs
}

/// Takes the bytes up to the address `end` off the front of `rest`, which lies at `at`.
fn cut<'b>(rest: &mut &'b mut [u8], at: &mut u64, end: u64) -> &'b mut [u8] {
    let (bytes, tail) = std::mem::take(rest).split_at_mut((end - *at) as usize);
    (*rest, *at) = (tail, end);
    bytes
}

/// Writes sections that lie one behind the other to `bytes`, which lie at the address `start`.
fn write_sections<I: Isa>(
    plan: &Plan<'_, '_>,
    sections: &[SectionId],
    start: u64,
    bytes: &mut [u8],
    problems: &mut Vec<Problem>,
) {
    let resolution = plan.resolution;
    let section = |ahead: usize| {
        let (object, index) = resolution.section_origin(*sections.get(ahead)?);
        resolution.added[object].object.sections.get(index as usize)
    };
    for (number, &id) in sections.iter().enumerate() {
        section(number + DESCRIBED_AHEAD).into_iter().for_each(near::bring);
        if let Some(next) = section(number + READ_AHEAD) {
            near::bring(next.data());
            next.relocations.bring_near();
        }
        let writer = Writer::new(plan, id);
        let at = (writer.address - start) as usize;
        writer.write::<I>(&mut bytes[at..at + writer.size()], problems);
    }
}

/// Writes one section.
struct Writer<'p, 'r, 'd> {
    plan: &'p Plan<'r, 'd>,
    object: usize,
    index: u32,
    section: &'p Section<'d>,
    address: u64,
    kept: Option<&'p KeptFrames<'d>>,
}

/// A relocation that the ordinary cases do not cover.
struct Reference<'r> {
    relocation: Relocation,
    row: &'r RelocationType,
    symbol: SymbolId,
    /// The address of its field.
    place: u64,
}

impl<'p, 'r, 'd> Writer<'p, 'r, 'd> {
    fn new(plan: &'p Plan<'r, 'd>, id: SectionId) -> Self {
        let (object, index) = plan.resolution.section_origin(id);
        let section = &plan.resolution.added[object].object.sections[index as usize];
        let kept = if section.kind == SectionKind::Frames { plan.kept_frames(id) } else { None };
        Writer { plan, object, index, section, address: plan.section_address(id), kept }
    }

    /// Bytes that it takes.
    fn size(&self) -> usize {
        self.kept.map_or(self.section.data().len(), |kept| kept.size() as usize)
    }

    fn write<I: Isa>(&self, bytes: &mut [u8], problems: &mut Vec<Problem>) {
        let section = self.section;
        match self.kept {
            None => bytes.copy_from_slice(section.data()),
            Some(kept) => {
                for run in kept.runs() {
                    let from = run.from as usize..(run.from + run.size) as usize;
                    let to = run.to as usize..(run.to + run.size) as usize;
                    bytes[to].copy_from_slice(&section.data()[from]);
                }
                for &(at, distance, width) in kept.distances() {
                    let (at, width) = (at as usize, usize::from(width));
                    bytes[at..at + width].copy_from_slice(&distance.to_le_bytes()[..width]);
                }
            }
        }
        match section.relocations {
            Relocations::Rela(raw) => self.apply::<I>(bytes, raw.iter().map(Relocation::from), problems),
            other => self.apply::<I>(bytes, other.iter(), problems),
        }
    }

    fn apply<I: Isa>(
        &self,
        bytes: &mut [u8],
        mut relocations: impl Iterator<Item = Relocation>,
        problems: &mut Vec<Problem>,
    ) {
        let enough = problems.len() + REPORTED;
        let mut crowd = Crowd::default();
        // What relaxing thread-local references has rewritten lately: the calls that were there have relocations, too.
        let mut rewritten: Range<u64> = 0..0;
        let targets = self.plan.resolution.targets(self.object);
        let ordinary = OrdinaryWriter { targets, to: self.plan.ordinary(), address: self.address };
        let all = [Run::whole(bytes.len() as u64)];
        let mut cursor = Cursor::new(self.kept.map_or(&all[..], KeptFrames::runs));
        let framed = self.kept.is_some();
        loop {
            let run = cursor.run().behind(rewritten.end);
            let next = ordinary.apply::<I>(&mut relocations, bytes, run, &mut crowd);
            let Some(relocation) = next else { break };
            let Some(row) = I::relocation_type(relocation.kind).filter(|row| row.value != Value::None) else {
                continue; // the scan has refused unknown types
            };
            let mut offset = relocation.offset;
            if framed {
                let run = cursor.run();
                let Some(moved) = cursor.place(offset, 0) else { continue };
                offset = moved.to;
                let (run, has_moved) = (cursor.run().behind(rewritten.end), cursor.run() != run);
                let mut again = std::iter::once(relocation);
                if has_moved && ordinary.apply::<I>(&mut again, bytes, run, &mut crowd).is_none() {
                    continue;
                }
            }
            let Some(symbol) = targets.of(relocation.symbol) else {
                continue; // the scan has refused these
            };
            if problems.len() >= enough {
                break;
            }
            let (clear, start) = crowd.admit::<I>(row, relocation.offset);
            // Records that are left out move the rest; nothing of them is looked at.
            let start = if framed { 0 } else { start };
            if rewritten.contains(&offset) {
                continue;
            }
            let reference = Reference { relocation, row, symbol, place: self.address + offset };
            let bytes = &mut bytes[start as usize..];
            match self.one::<I>(bytes, offset - start, &reference, !clear || framed) {
                Ok(0) => {}
                Ok(length) => rewritten = offset..offset + length as u64,
                Err(misfit) => problems.push(self.explain(misfit, &reference)),
            }
        }
    }

    /// Applies a relocation whose place is at `offset` of `bytes`. The instruction around it stays as it is when `fixed`.
    fn one<I: Isa>(
        &self,
        bytes: &mut [u8],
        offset: u64,
        &Reference { relocation, row, symbol, place }: &Reference<'_>,
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
        &Reference { relocation, row, symbol, place: at }: &Reference<'_>,
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

/// Applies the ordinary relocations of a section.
struct OrdinaryWriter<'p> {
    targets: Targets<'p>,
    to: OrdinaryTargets<'p>,
    /// Of the section.
    address: u64,
}

impl OrdinaryWriter<'_> {
    /// Applies the relocations that are ordinary and lie in `run`, as most do. Returns the next.
    #[inline(never)] // alone, it keeps all it needs in registers
    fn apply<I: Isa>(
        &self,
        relocations: &mut impl Iterator<Item = Relocation>,
        bytes: &mut [u8],
        run: Run,
        crowd: &mut Crowd,
    ) -> Option<Relocation> {
        relocations.find(|relocation| {
            let stored = I::ordinary(relocation.kind).and_then(|kind| {
                let offset = run.place(relocation.offset, kind.bytes())?;
                let target = self.to.target(self.targets.of(relocation.symbol)?, kind)?;
                let place = self.address.wrapping_add(offset);
                store(kind, bytes, offset, place, relocation.addend, target)?;
                crowd.pass(relocation.offset + kind.bytes());
                Some(())
            });
            stored.is_none()
        })
    }
}

/// Stores the number of an ordinary relocation. None: what is not obviously in range is left to those who know what is wrong
/// with it.
#[inline]
fn store(kind: Ordinary, bytes: &mut [u8], offset: u64, place: u64, addend: i64, target: u64) -> Option<()> {
    let rest = bytes.get_mut(offset as usize..)?;
    if kind == Ordinary::Address {
        *rest.first_chunk_mut::<8>()? = target.wrapping_add_signed(addend).to_le_bytes();
        return Some(());
    }
    // Of two numbers below 2^63 the difference does not wrap round.
    if (target | place) >> 63 != 0 {
        return None;
    }
    let number = (target as i64).wrapping_sub(place as i64).checked_add(addend)?;
    *rest.first_chunk_mut::<4>()? = i32::try_from(number).ok()?.to_le_bytes();
    Some(())
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
