//! Errors: typed values that say where (file, member, section, offset, symbol), what, and what to do about it.
//!
//! A failed operation reports *every* problem it found, not just the first, so [`Error`] is a list of [`Problem`]s.

use std::fmt;
use std::sync::Arc;

/// Where in the inputs a problem lies. Every part is optional; what is known is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, or the name given to bytes in memory.
    pub file: Option<Arc<str>>,
    /// The archive member, when the file is an archive.
    pub member: Option<Arc<str>>,
    /// The section's name.
    pub section: Option<String>,
    /// The byte offset inside the section, or inside the file when no section is named.
    pub offset: Option<u64>,
    /// The symbol the place belongs to or refers to.
    pub symbol: Option<String>,
}

impl Place {
    /// A place that is a whole file.
    pub fn file(name: impl Into<Arc<str>>) -> Self {
        Place { file: Some(name.into()), ..Place::default() }
    }

    /// The same place, inside the archive member `name`.
    pub fn in_member(mut self, name: impl Into<Arc<str>>) -> Self {
        self.member = Some(name.into());
        self
    }

    /// The same place, inside the section `name`.
    pub fn in_section(mut self, name: impl Into<String>) -> Self {
        self.section = Some(name.into());
        self
    }

    /// The same place, at byte `offset`.
    pub fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same place, concerning the symbol `name`.
    pub fn of_symbol(mut self, name: impl Into<String>) -> Self {
        self.symbol = Some(name.into());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, &self.member) {
            (Some(file), Some(member)) => write!(f, "{file}({member})")?,
            (Some(file), None) => write!(f, "{file}")?,
            (None, _) => write!(f, "setlink")?,
        }
        match (&self.section, self.offset) {
            (Some(section), Some(offset)) => write!(f, ": {section}+{offset:#x}")?,
            (Some(section), None) => write!(f, ": {section}")?,
            (None, Some(offset)) => write!(f, ": offset {offset:#x}")?,
            (None, None) => {}
        }
        Ok(())
    }
}

/// What is wrong, without the place where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The operating system refused to give the file's bytes.
    #[error("cannot read: {reason}")]
    Io {
        /// The system's own message.
        reason: String,
    },
    /// The bytes are not what the format's document allows.
    #[error("malformed input: {what}")]
    Malformed {
        /// The rule that the bytes break.
        what: String,
    },
    /// Well-formed input that Setlink cannot link yet, or never will.
    #[error("{what} is not supported")]
    Unsupported {
        /// The feature, named as its document names it.
        what: String,
    },
    /// Nothing in the set's scope defines the symbol.
    #[error("undefined symbol `{symbol}`{}", count_suffix(*references))]
    Undefined {
        /// The symbol, demangled where its name is a mangled one.
        symbol: String,
        /// How many relocations refer to it in all.
        references: usize,
    },
    /// Two strong definitions of one symbol in a set.
    #[error("symbol `{symbol}` is defined twice; first in {first}")]
    Duplicate {
        /// The symbol's name.
        symbol: String,
        /// The place of the other definition.
        first: Box<Place>,
    },
    /// The computed number does not fit its field.
    #[error("relocation {relocation} out of range: {value:#x} does not fit {field} ({distance})")]
    OutOfRange {
        /// The relocation type's name.
        relocation: String,
        /// The number, as computed.
        value: i128,
        /// The field, for example `32 bits signed`.
        field: String,
        /// How far the target is beyond reach, in words.
        distance: String,
    },
    /// No placement satisfies all the relocations; each of the conflicting demands is one problem.
    #[error("no address satisfies the set: {what}")]
    Conflict {
        /// The demand, with the relocation it comes from.
        what: String,
    },
    /// A library named by `-l` or by path could not be found or loaded.
    #[error("cannot find library: {what}")]
    Library {
        /// What was looked for, and where.
        what: String,
    },
    /// A library that has to be in the process before all others: a sanitizer's, which watches them, or, with
    /// [`SetBuilder::libraries_first`](crate::SetBuilder::libraries_first), one that has what they have.
    #[error("`{library}` has to be in the process before all other libraries")]
    NotFirst {
        /// Its path, or its name where another library needs it.
        library: String,
        /// Likewise libraries that it looks for functions in when it is loaded, and that are not in the process either.
        before: Vec<String>,
    },
    /// Memory could not be reserved, protected or written.
    #[error("memory: {what}")]
    Memory {
        /// The operation and the system's message.
        what: String,
    },
    /// The host process cannot do what the set needs.
    #[error("host process: {what}")]
    Host {
        /// The missing or failing facility.
        what: String,
    },
    /// The set's thread-local variables do not fit into static storage, where its code demands them.
    #[error(
        "static thread-local storage: the set needs {need} bytes aligned to {align}, and the process has {have} left"
    )]
    StaticTls {
        /// Bytes.
        need: u64,
        /// Bytes, a power of two. Static storage is aligned as the process's own is, to 64 at least.
        align: u64,
        /// Bytes.
        have: u64,
    },
    /// A name that was asked for is not among the definitions.
    #[error("no definition of `{symbol}`")]
    NotFound {
        /// The name asked for.
        symbol: String,
    },
    /// The set cannot be removed because others depend on it.
    #[error("set `{set}` is in use by {users}")]
    InUse {
        /// The set to be removed.
        set: String,
        /// The sets that depend on it.
        users: String,
    },
    /// A request that contradicts itself or the session's state.
    #[error("{what}")]
    Usage {
        /// What is wrong with the request.
        what: String,
    },
}

fn count_suffix(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        n => format!(" ({n} references)"),
    }
}

/// One thing that is wrong: where, what, and a remedy when there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub kind: ProblemKind,
    /// What the user can do about it.
    pub remedy: Option<String>,
}

impl Problem {
    /// A problem of `kind` at `place`.
    pub fn new(place: Place, kind: ProblemKind) -> Self {
        Problem { place, kind, remedy: None }
    }

    /// Bytes at `place` that break a rule of their format.
    pub fn malformed(place: Place, what: impl Into<String>) -> Self {
        Problem::new(place, ProblemKind::Malformed { what: what.into() })
    }

    /// Input at `place` that Setlink cannot link.
    pub fn unsupported(place: Place, what: impl Into<String>) -> Self {
        Problem::new(place, ProblemKind::Unsupported { what: what.into() })
    }

    /// The same problem with a remedy.
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)?;
        if let Some(symbol) = &self.place.symbol {
            write!(f, " [in reference to `{symbol}`]")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

/// Why an operation failed: at least one problem, in the order of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    /// Every problem found, in the order of the inputs. Never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems, by value.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// `Ok(value)` when nothing was found, the collected problems otherwise.
    pub(crate) fn check<T>(problems: Vec<Problem>, value: T) -> Result<T> {
        if problems.is_empty() { Ok(value) } else { Err(Error { problems }) }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error { problems: vec![problem] }
    }
}

impl From<Vec<Problem>> for Error {
    /// Panics never: an empty list becomes a generic problem, so that an `Error` always says something.
    fn from(mut problems: Vec<Problem>) -> Self {
        if problems.is_empty() {
            problems.push(Problem::new(
                Place::default(),
                ProblemKind::Usage { what: "failed without a reason".into() },
            ));
        }
        Error { problems }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The result of an operation that can find problems.
pub type Result<T, E = Error> = std::result::Result<T, E>;
