//! Archives: the `ar` container in all the dialects that a linker meets on ELF systems.
//!
//! No standard defines the format. The common core (an 8-byte magic, then members with a 60-byte text header, each
//! starting at an even offset) comes from System V, `ar(5)`; the System V ABI, chapter 7, "Archive File", describes the
//! symbol index `/` and the long-name table `//`. What differs between the dialects:
//!
//! | | long names | index |
//! | --- | --- | --- |
//! | System V, GNU | `/N`, an offset into the member `//`; a name ends with `/` | `/` (32-bit) or `/SYM64/` (64-bit), big-endian |
//! | BSD, Darwin | `#1/N`: the content begins with N bytes of name | `__.SYMDEF`, `__.SYMDEF SORTED`, `__.SYMDEF_64`, target's byte order |
//! | COFF (also LLVM's) | as System V, but the names in `//` end with NUL | `/` as in System V, then a second `/` in a different layout, which says nothing new |
//! | thin (GNU, LLVM) | as System V | as System V; the magic is `!<thin>\n`, ordinary members have a header and no bytes |
//!
//! A thin archive's member is a path, relative to the directory of the archive. GNU `ar` flattens archives that are put
//! into a thin archive: `/N:OFFSET` is the member whose header is at OFFSET in the archive that entry N of `//` names.
//!
//! Rust's rlibs are System V archives whose first member, `lib.rmeta`, is compiler metadata and no code.
//!
//! A member's identity is the offset of its header, since names repeat. The index refers to members by that offset, too.
//! Nothing is copied: names, contents and index are slices of the archive's bytes. The reader keeps no record of
//! archives inside archives; whoever opens a [`Content::External`] or a member that is itself an archive must bound the
//! depth, since thin archives can name each other in a circle.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Place, Problem};
use crate::memory::find::find;

const MAGIC: &[u8] = b"!<arch>\n";
const THIN_MAGIC: &[u8] = b"!<thin>\n";
/// AIX's big archives share nothing with the format but the idea.
const BIG_MAGIC: &[u8] = b"<bigaf>\n";
pub(crate) const HEADER: usize = 60;
/// Beyond the path length of any system. Every member can have the same long name, so this bounds what a small archive's
/// names take.
const LONGEST_NAME: usize = 1 << 13;

/// Whether the bytes begin as an archive that [`Archive::parse`] knows.
pub(crate) fn is_archive(data: &[u8]) -> bool {
    data.starts_with(MAGIC) || data.starts_with(THIN_MAGIC)
}

/// An archive whose special members (index, long names) have been found and checked.
#[derive(Clone, Debug)]
pub(crate) struct Archive<'d> {
    name: Arc<str>,
    data: &'d [u8],
    thin: bool,
    long_names: Option<&'d [u8]>,
    index: Option<Index<'d>>,
    first: usize,
}

/// One member, as its header describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member<'d> {
    /// The name, without the terminators and padding of the dialect. In a thin archive, a path.
    pub(crate) name: &'d [u8],
    /// The offset of the member's header in the archive: its identity.
    pub(crate) offset: u64,
    /// The bytes, or where they are.
    pub(crate) content: Content<'d>,
}

/// Where a member's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content<'d> {
    /// In the archive.
    Bytes(&'d [u8]),
    /// In another file (the archive is thin).
    External {
        /// The path, relative to the archive's directory unless it is absolute; see [`external_path`].
        path: &'d [u8],
        /// When the file is itself an archive of which one member is meant: that member's header offset.
        offset: Option<u64>,
    },
}

/// What a member's first bytes (and, for Rust's metadata, its name) say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// An ELF file.
    Elf,
    /// An archive in the archive.
    Archive,
    /// LLVM bitcode, plain or wrapped (objects compiled for link-time optimisation).
    Bitcode,
    /// Rust's `lib.rmeta`: not for the linker, although newer compilers wrap it in an ELF file.
    RustMetadata,
    /// In another file, so not known yet.
    External,
    /// Anything else: not for the linker.
    Other,
}

impl<'d> Member<'d> {
    /// The name for people.
    pub(crate) fn label(&self) -> Cow<'d, str> {
        String::from_utf8_lossy(self.name)
    }

    /// What the member is.
    pub(crate) fn kind(&self) -> MemberKind {
        if self.name.ends_with(b".rmeta") {
            return MemberKind::RustMetadata;
        }
        let Content::Bytes(bytes) = self.content else { return MemberKind::External };
        if bytes.starts_with(b"\x7fELF") {
            MemberKind::Elf
        } else if is_archive(bytes) {
            MemberKind::Archive
        } else if bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(b"\xde\xc0\x17\x0b") {
            MemberKind::Bitcode
        } else {
            MemberKind::Other
        }
    }
}

/// The file that holds a thin archive's member: `path` as found in `archive`.
pub(crate) fn external_path(archive: &Path, path: &[u8]) -> PathBuf {
    let path = Path::new(OsStr::from_bytes(path));
    match archive.parent() {
        Some(directory) => directory.join(path), // an absolute path replaces the directory
        None => path.to_owned(),
    }
}

/// A header after the dialect's name forms are decoded.
struct Entry<'d> {
    name: Name<'d>,
    /// What follows the header (and a BSD name); all that is left of the file in a thin archive's ordinary member.
    body: Body<'d>,
    /// Where the next header is.
    next: usize,
}

enum Name<'d> {
    Index32,
    Index64,
    LongNames,
    /// Named by the System V convention as special, and without use here.
    Reserved,
    Bsd32,
    Bsd64,
    Ordinary(&'d [u8]),
}

enum Body<'d> {
    Inline(&'d [u8]),
    External(Option<u64>),
}

impl<'d> Archive<'d> {
    /// Reads the special members at the head of the archive. `name` is for problems.
    pub(crate) fn parse(name: &Arc<str>, data: &'d [u8]) -> Result<Archive<'d>, Problem> {
        let thin = data.starts_with(THIN_MAGIC);
        let mut archive =
            Archive { name: name.clone(), data, thin, long_names: None, index: None, first: MAGIC.len() };
        if data.starts_with(BIG_MAGIC) {
            return Err(Problem::unsupported(Place::file(name.clone()), "the AIX big archive format"));
        }
        if !thin && !data.starts_with(MAGIC) {
            return Err(archive.malformed(0, "no archive magic"));
        }
        while let Some(entry) = archive.entry(archive.first)? {
            let Body::Inline(body) = entry.body else { break };
            let content = archive.first.saturating_add(HEADER);
            match entry.name {
                // Only the first index counts: COFF's second one is in another layout.
                Name::Index32 | Name::Index64 | Name::Bsd32 | Name::Bsd64 if archive.index.is_some() => {}
                Name::Index32 => archive.index = Some(archive.gnu_index::<4>(body, content)?),
                Name::Index64 => archive.index = Some(archive.gnu_index::<8>(body, content)?),
                Name::Bsd32 => archive.index = Some(archive.bsd_index::<4>(body, content)?),
                Name::Bsd64 => archive.index = Some(archive.bsd_index::<8>(body, content)?),
                Name::LongNames => archive.long_names = Some(body),
                Name::Reserved => {}
                Name::Ordinary(_) => break,
            }
            archive.first = entry.next;
        }
        Ok(archive)
    }

    /// Whether the members' bytes are in other files.
    #[cfg(test)]
    pub(crate) fn is_thin(&self) -> bool {
        self.thin
    }

    /// The ordinary members, in order. Ends after the first problem.
    pub(crate) fn members(&self) -> Members<'_, 'd> {
        Members { archive: self, at: Some(self.first) }
    }

    /// The member whose header is at `offset`, as the index has it.
    pub(crate) fn member_at(&self, offset: u64) -> Result<Member<'d>, Problem> {
        let at = usize::try_from(offset)
            .ok()
            .filter(|at| (MAGIC.len()..self.data.len()).contains(at))
            .ok_or_else(|| self.malformed(offset, "a member's offset lies outside the archive"))?;
        match self.entry(at)? {
            Some(Entry { name: Name::Ordinary(name), body, .. }) => Ok(member(name, at, body)),
            _ => Err(self.malformed(offset, "the index refers to a place that is no member")),
        }
    }

    /// The bytes of the archive.
    pub(crate) fn length(&self) -> usize {
        self.data.len()
    }

    /// The index: names of definitions with their members' header offsets, in the index's order. `None` when the archive
    /// has no index. An index can be present and empty, for example because no member is an object.
    pub(crate) fn symbols(&self) -> Option<Symbols<'d>> {
        self.index.map(|index| Symbols { index, done: 0, names: index.names })
    }

    /// Whether an index that was read to its end had a name for each entry.
    ///
    /// # Errors
    /// It had fewer.
    pub(crate) fn check_read(&self, symbols: &Symbols<'d>) -> Result<(), Problem> {
        match symbols.left() {
            0 => Ok(()),
            _ => {
                let at = (MAGIC.len() + HEADER) as u64;
                Err(self.malformed(at, "an archive index with fewer names than entries"))
            }
        }
    }

    fn malformed(&self, offset: u64, what: impl Into<String>) -> Problem {
        Problem::malformed(Place::file(self.name.clone()).at(offset), what)
    }

    /// The header at `at`; `None` at the end of the archive.
    fn entry(&self, at: usize) -> Result<Option<Entry<'d>>, Problem> {
        let rest = self.data.get(at..).unwrap_or_default();
        let Some((header, rest)) = rest.split_first_chunk::<HEADER>() else {
            // Padding at the very end is harmless, whatever wrote it.
            if rest.iter().all(|byte| matches!(byte, b'\n' | b' ' | 0)) {
                return Ok(None);
            }
            return Err(self.malformed(at as u64, "a truncated member header"));
        };
        let (raw_name, fields) = header.split_at(16);
        let raw_name = trim_spaces(raw_name);
        let place = || Place::file(self.name.clone()).in_member(lossy(raw_name)).at(at as u64);
        let malformed = |what: &str| Problem::malformed(place(), what);
        if !fields.ends_with(b"`\n") {
            return Err(malformed("a member header without its terminator"));
        }
        let size = fields
            .get(32..42)
            .and_then(decimal)
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| malformed("a member's size is no decimal number"))?;
        let content = at.saturating_add(HEADER);

        let (name, origin) = self.plain_name(raw_name).map_err(malformed)?;
        if self.thin && matches!(name, Some(Name::Ordinary(_)) | None) {
            let Some(name) = name else {
                return Err(Problem::unsupported(place(), "a thin archive with BSD names"));
            };
            return Ok(Some(Entry { name, body: Body::External(origin), next: content }));
        }
        let body = rest.get(..size).ok_or_else(|| malformed("a member extends beyond the archive's end"))?;
        // An odd size is followed by one byte of padding, which some writers leave out after the last member.
        let next = content.saturating_add(size);
        let next = next.saturating_add(next & 1);
        let (name, body) = match name {
            Some(name) => (name, body),
            None => {
                let length = raw_name.get(3..).and_then(decimal).and_then(|n| usize::try_from(n).ok());
                let (name, body) = length
                    .and_then(|length| body.split_at_checked(length))
                    .ok_or_else(|| malformed("a member's name is longer than the member"))?;
                let end = name.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                (classify_bsd(name.get(..end).unwrap_or_default()), body)
            }
        };
        Ok(Some(Entry { name, body: Body::Inline(body), next }))
    }

    /// The name field without its padding, decoded: `None` when the name is in the content (`#1/N`); with it, the offset
    /// of `/N:OFFSET`.
    fn plain_name(&self, raw: &'d [u8]) -> Result<(Option<Name<'d>>, Option<u64>), &'static str> {
        if raw.starts_with(b"#1/") {
            return Ok((None, None));
        }
        let Some(special) = raw.strip_prefix(b"/") else {
            let name = raw.strip_suffix(b"/").unwrap_or(raw);
            return Ok((Some(classify_bsd(name)), None));
        };
        if !special.first().is_some_and(u8::is_ascii_digit) {
            let name = match special {
                b"" => Name::Index32,
                b"SYM64/" => Name::Index64,
                b"/" => Name::LongNames,
                _ => Name::Reserved,
            };
            return Ok((Some(name), None));
        }
        let (offset, origin) = match special.iter().position(|&byte| byte == b':') {
            Some(colon) if self.thin => {
                let origin = special.get(colon + 1..).and_then(decimal);
                (special.get(..colon), Some(origin.ok_or("a nested member's offset is no decimal number")?))
            }
            _ => (Some(special), None),
        };
        let offset = offset
            .and_then(decimal)
            .and_then(|offset| usize::try_from(offset).ok())
            .ok_or("a long name's offset is no decimal number")?;
        let table = self.long_names.ok_or("a long name, but no table of long names")?;
        let tail = table.get(offset..).filter(|tail| !tail.is_empty());
        let tail = tail.ok_or("a long name's offset lies outside the table of long names")?;
        // Without a limit, many members that share one endless name would take quadratic time.
        let tail = tail.get(..LONGEST_NAME).unwrap_or(tail);
        let tail = &tail[..find(b'\n', tail).unwrap_or(tail.len())];
        let end = find(0, tail).unwrap_or(tail.len());
        if end == LONGEST_NAME {
            return Err("a long name of more than 8 KiB");
        }
        let name = tail.get(..end).unwrap_or_default();
        Ok((Some(Name::Ordinary(name.strip_suffix(b"/").unwrap_or(name))), origin))
    }
}

fn member<'d>(name: &'d [u8], at: usize, body: Body<'d>) -> Member<'d> {
    let content = match body {
        Body::Inline(bytes) => Content::Bytes(bytes),
        Body::External(offset) => Content::External { path: name, offset },
    };
    Member { name, offset: at as u64, content }
}

fn classify_bsd(name: &[u8]) -> Name<'_> {
    match name {
        b"__.SYMDEF" | b"__.SYMDEF SORTED" => Name::Bsd32,
        b"__.SYMDEF_64" | b"__.SYMDEF_64 SORTED" => Name::Bsd64,
        name => Name::Ordinary(name),
    }
}

fn trim_spaces(field: &[u8]) -> &[u8] {
    let end = field.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    field.get(..end).unwrap_or_default()
}

/// A decimal number padded with spaces on the right.
fn decimal(field: &[u8]) -> Option<u64> {
    let digits = trim_spaces(field);
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|&digit| digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The iterator of [`Archive::members`].
#[derive(Clone, Debug)]
pub(crate) struct Members<'a, 'd> {
    archive: &'a Archive<'d>,
    at: Option<usize>,
}

impl<'d> Iterator for Members<'_, 'd> {
    type Item = Result<Member<'d>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        // Every entry is at least a header long, so this ends.
        loop {
            let at = self.at.take()?;
            let entry = match self.archive.entry(at) {
                Ok(entry) => entry?,
                Err(problem) => return Some(Err(problem)),
            };
            self.at = Some(entry.next);
            if let Name::Ordinary(name) = entry.name {
                return Some(Ok(member(name, at, entry.body)));
            }
        }
    }
}

/// An index. That every entry has its name is checked, but for System V's: counting its names would be a pass over all of
/// them, which whoever reads it takes anyway.
#[derive(Clone, Copy, Debug)]
struct Index<'d> {
    layout: Layout,
    /// The fixed-size entries.
    entries: &'d [u8],
    count: usize,
    /// The names.
    names: &'d [u8],
}

#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Offsets in one array; the names in the same order, one after the other.
    Gnu32,
    Gnu64,
    /// Pairs of name offset and member offset.
    Bsd32(Order),
    Bsd64(Order),
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn number<const WORD: usize>(self, bytes: &[u8; WORD]) -> u64 {
        let push = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        match self {
            Order::Little => bytes.iter().rev().fold(0, push),
            Order::Big => bytes.iter().fold(0, push),
        }
    }
}

/// Splits a word off `bytes`.
fn word<const WORD: usize>(order: Order, bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<WORD>()?;
    Some((usize::try_from(order.number(word)).ok()?, rest))
}

impl<'d> Archive<'d> {
    fn gnu_index<const WORD: usize>(&self, body: &'d [u8], at: usize) -> Result<Index<'d>, Problem> {
        let malformed = |what: &str| self.malformed(at as u64, what);
        let (count, rest) =
            word::<WORD>(Order::Big, body).ok_or_else(|| malformed("a truncated archive index"))?;
        let (entries, names) = count
            .checked_mul(WORD)
            .and_then(|size| rest.split_at_checked(size))
            .ok_or_else(|| malformed("an archive index with more entries than room"))?;
        // How many names there are is found out by reading them, which is enough to do once.
        let layout = if WORD == 4 { Layout::Gnu32 } else { Layout::Gnu64 };
        Ok(Index { layout, entries, count, names })
    }

    fn bsd_index<const WORD: usize>(&self, body: &'d [u8], at: usize) -> Result<Index<'d>, Problem> {
        let malformed = |what: &str| self.malformed(at as u64, what);
        let split = |order| -> Option<(&'d [u8], &'d [u8])> {
            let (size, rest) = word::<WORD>(order, body)?;
            let (entries, rest) = rest.split_at_checked(size)?;
            let (size, rest) = word::<WORD>(order, rest)?;
            Some((entries, rest.get(..size)?))
        };
        // The byte order is the target's, which the archive does not name; the wrong one gives sizes that do not fit.
        let (order, (entries, names)) = [Order::Little, Order::Big]
            .into_iter()
            .find_map(|order| Some((order, split(order)?)))
            .ok_or_else(|| malformed("an archive index with more entries than room"))?;
        if entries.len() % (2 * WORD) != 0 {
            return Err(malformed("an archive index that ends inside an entry"));
        }
        // Entries may share a name. All sharing one very long name would make a small file slow to read, here and
        // wherever the names are hashed.
        let mut budget = names.len().saturating_mul(8).saturating_add(1 << 16);
        for entry in entries.chunks_exact(2 * WORD) {
            let length = word::<WORD>(order, entry)
                .and_then(|(offset, _)| name_at(names, offset))
                .ok_or_else(|| malformed("an archive index entry whose name lies outside the index"))?
                .len();
            budget = budget
                .checked_sub(length)
                .ok_or_else(|| malformed("an archive index with overlapping names"))?;
        }
        let layout = if WORD == 4 { Layout::Bsd32(order) } else { Layout::Bsd64(order) };
        Ok(Index { layout, entries, count: entries.len() / (2 * WORD), names })
    }
}

/// The NUL-terminated name at `offset`.
fn name_at(names: &[u8], offset: usize) -> Option<&[u8]> {
    let tail = names.get(offset..)?;
    tail.get(..find(0, tail)?)
}

/// The iterator of [`Archive::symbols`].
#[derive(Clone, Debug)]
pub(crate) struct Symbols<'d> {
    index: Index<'d>,
    done: usize,
    /// What is left of the names (System V).
    names: &'d [u8],
}

impl<'d> Symbols<'d> {
    /// How many entries are left.
    pub(crate) fn left(&self) -> usize {
        self.index.count.saturating_sub(self.done)
    }

    /// The names that are left, one behind the other with a zero behind each, where the index has them so.
    pub(crate) fn text(&self) -> Option<&'d [u8]> {
        matches!(self.index.layout, Layout::Gnu32 | Layout::Gnu64).then_some(self.names)
    }

    /// Whether there may be a name with a version among them.
    pub(crate) fn may_be_versioned(&self) -> bool {
        find(b'@', self.index.names).is_some()
    }

    fn sequential<const WORD: usize>(&mut self) -> Option<(&'d [u8], u64)> {
        let (word, entries) = self.index.entries.split_first_chunk::<WORD>()?;
        let end = find(0, self.names)?;
        let name = self.names.get(..end)?;
        self.index.entries = entries;
        self.names = self.names.get(end + 1..)?;
        Some((name, Order::Big.number(word)))
    }

    fn paired<const WORD: usize>(&mut self, order: Order) -> Option<(&'d [u8], u64)> {
        let (name, entries) = word::<WORD>(order, self.index.entries)?;
        let (offset, entries) = entries.split_first_chunk::<WORD>()?;
        self.index.entries = entries;
        Some((name_at(self.index.names, name)?, order.number(offset)))
    }
}

/// Ends early, with entries left, where an index has fewer names than entries; see [`Archive::check_read`].
impl<'d> Iterator for Symbols<'d> {
    type Item = (&'d [u8], u64);

    fn next(&mut self) -> Option<Self::Item> {
        let item = match self.index.layout {
            Layout::Gnu32 => self.sequential::<4>(),
            Layout::Gnu64 => self.sequential::<8>(),
            Layout::Bsd32(order) => self.paired::<4>(order),
            Layout::Bsd64(order) => self.paired::<8>(order),
        }?;
        self.done += 1;
        Some(item)
    }
}

#[cfg(test)]
mod tests;
