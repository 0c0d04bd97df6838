//! What a set is built of: files, bytes, libraries by their names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::SetBuilder;
use crate::error::{Error, Place, Problem, Result};
use crate::memory::file::Bytes;
use crate::read::input::{ArchiveMode, Input, Kind, LibraryInput, identify};
use crate::read::script::{self, Value};
use crate::read::{binary, just_symbols};
use crate::resolve::Assigned;
use crate::set::default_libraries::{DefaultLibraries, is_the_processes};

/// Linker scripts that name linker scripts, deeper than anybody nests them.
const SCRIPT_DEPTH: usize = 16;
/// More linker scripts than anybody gives one set: scripts that name each other repeatedly multiply.
const MOST_SCRIPTS: usize = 1000;

impl SetBuilder<'_> {
    /// Adds a file: a relocatable object, an archive, a shared library or a linker script, as its first bytes tell.
    ///
    /// # Errors
    /// The file cannot be read or is none of these.
    pub fn add_file(mut self, path: impl AsRef<Path>) -> Result<Self> {
        self.push_file(path)?;
        Ok(self)
    }

    /// [`SetBuilder::add_file`] in place.
    ///
    /// # Errors
    /// As there.
    pub fn push_file(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.file(path.as_ref(), 0)
    }

    /// Adds the bytes of an object or archive, called `name` in messages.
    ///
    /// # Errors
    /// The bytes are neither.
    pub fn add_bytes(mut self, name: impl Into<Arc<str>>, bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let name = name.into();
        self.bytes(None, name, Bytes::Owned(bytes.into()), 0)?;
        Ok(self)
    }

    /// Like [`SetBuilder::add_bytes`], sharing the bytes instead of owning them.
    ///
    /// # Errors
    /// The bytes are neither an object nor an archive.
    pub fn add_shared_bytes(mut self, name: impl Into<Arc<str>>, bytes: Arc<[u8]>) -> Result<Self> {
        self.push_shared_bytes(name, bytes)?;
        Ok(self)
    }

    /// [`SetBuilder::add_shared_bytes`] in place.
    ///
    /// # Errors
    /// As there.
    pub fn push_shared_bytes(&mut self, name: impl Into<Arc<str>>, bytes: Arc<[u8]>) -> Result<()> {
        self.bytes(None, name.into(), Bytes::Shared(bytes), 0)
    }

    /// Adds the bytes of the file at `path`, whatever they are, as data between the symbols `_binary_NAME_start` and
    /// `_binary_NAME_end`, with their number as the address of `_binary_NAME_size`; NAME is the path with `_` for each byte
    /// that is neither a letter nor a digit.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn push_binary(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let name: Arc<str> = path.as_ref().to_string_lossy().into();
        let data = Bytes::load(path.as_ref(), &name, &mut self.pool)?;
        let object = binary::object(path.as_ref().as_os_str().as_encoded_bytes(), &data);
        self.bytes(None, name, Bytes::Owned(object), 0)
    }

    /// Defines the symbols of the ELF file at `path`, a program say, at their addresses there (`--just-symbols`), for what
    /// the set does not define itself, before libraries and the host. Nothing else of the file takes part.
    ///
    /// # Errors
    /// The file cannot be read, or is no ELF file for this machine.
    pub fn push_symbols(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let name: Arc<str> = path.as_ref().to_string_lossy().into();
        let data = Bytes::load(path.as_ref(), &name, &mut self.pool)?;
        for (symbol, definition) in just_symbols::read(&name, &data)? {
            self.recipe.definitions.define(symbol, definition);
        }
        Ok(())
    }

    /// Lets the set's definitions that the version script at `path` calls local be its own: as hidden ones, they replace
    /// nobody's, and neither libraries nor other sets find them. Of the script, nothing else counts.
    ///
    /// # Errors
    /// The file cannot be read, or is no version script.
    pub fn push_version_script(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let name: Arc<str> = path.as_ref().to_string_lossy().into();
        let text = Bytes::load(path.as_ref(), &name, &mut self.pool)?;
        Ok(self.recipe.versions.add(&name, &text)?)
    }

    /// Lets libraries that are opened later find the exported symbols that the dynamic list at `path` names
    /// (`--dynamic-list`), as [`SetBuilder::export_dynamic_symbol`] does.
    ///
    /// # Errors
    /// The file cannot be read, or is no such list.
    pub fn push_dynamic_list(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let name: Arc<str> = path.as_ref().to_string_lossy().into();
        let text = Bytes::load(path.as_ref(), &name, &mut self.pool)?;
        Ok(self.recipe.dynamic_list.add(&name, &text)?)
    }

    /// Adds the library that linkers know as `-lNAME`, or the file `FILE` of the search path for `:FILE`.
    ///
    /// # Errors
    /// No directory of the search path has it, or it cannot be read.
    pub fn add_library(mut self, name: &str) -> Result<Self> {
        self.push_library(name)?;
        Ok(self)
    }

    /// [`SetBuilder::add_library`] in place.
    ///
    /// # Errors
    /// As there.
    pub fn push_library(&mut self, name: &str) -> Result<()> {
        let path = self.recipe.search.library(name, self.static_only)?;
        self.file(&path, 0)
    }

    /// Adds what C programs are linked with without saying so, as a last resort behind the host's own symbols: the
    /// compiler's support library and the parts of the C library that are not in its shared half (`atexit`, say).
    /// Whatever of it is not installed is left out.
    /// They are looked for where the set's other libraries are so far, once something is defined nowhere else. Of a linker
    /// script in their place, the archives that it names count.
    pub fn add_default_libraries(mut self) -> Self {
        let search = self.recipe.search.clone();
        let (session, inputs) = (self.session, OnceLock::new());
        self.default_libraries = Some(Box::new(DefaultLibraries { session, search, inputs }));
        self
    }

    /// Adds `directory` to the places where libraries are looked for, before the system's own.
    pub fn search(mut self, directory: impl AsRef<Path>) -> Self {
        self.recipe.search.push(directory.as_ref().as_os_str());
        self
    }

    /// Lets `=` and `$SYSROOT` at the beginning of directories and of files in linker scripts, from here on, stand for the
    /// directory `root`. The system's own directories are searched as without it.
    pub fn sysroot(mut self, root: impl Into<PathBuf>) -> Self {
        self.recipe.search.set_sysroot(root.into());
        self
    }

    /// Whether archives added from here on take part as a whole, rather than by the members that are needed.
    pub fn whole_archive(mut self, whole: bool) -> Self {
        self.archive_mode = if whole { ArchiveMode::Whole } else { ArchiveMode::Needed };
        self
    }

    /// Whether objects added from here on take part only if they define what is otherwise undefined, as members of an
    /// archive do. Archives are [`SetBuilder::whole_archive`]'s.
    pub fn lazy(mut self, lazy: bool) -> Self {
        self.lazy = lazy;
        self
    }

    /// Whether shared libraries added from here on are opened only if they define what the set refers to, other than
    /// weakly, and neither it nor a library before them defines; or what another library of the set so refers to.
    pub fn as_needed(mut self, as_needed: bool) -> Self {
        self.as_needed = as_needed;
        self
    }

    /// Whether libraries added from here on must be archives.
    pub fn static_only(mut self, only: bool) -> Self {
        self.static_only = only;
        self
    }

    pub(in crate::set) fn file(&mut self, path: &Path, depth: usize) -> Result<()> {
        let start = std::time::Instant::now();
        let name: Arc<str> = path.to_string_lossy().into();
        let bytes = Bytes::load(path, &name, &mut self.pool)?;
        self.read_seconds += start.elapsed().as_secs_f64();
        self.bytes(Some(path), name, bytes, depth)
    }

    /// Adds an input; without a `path`, its name is one.
    fn bytes(&mut self, path: Option<&Path>, name: Arc<str>, data: Bytes, depth: usize) -> Result<()> {
        let mode = self.archive_mode;
        let path = || path.map_or_else(|| PathBuf::from(&*name), Path::to_owned);
        match identify(&data) {
            Kind::Archive if mode == ArchiveMode::Needed && is_the_processes(&path()) => {
                let path = path();
                let shared = match path.file_name().and_then(OsStr::to_str) {
                    Some("libmvec.a") => self.recipe.search.library(":libmvec.so.1", false).ok(),
                    _ => None,
                };
                match shared {
                    // It asks the C library by a way that is none of the process's, and is not in the process by itself.
                    Some(shared) => {
                        let as_needed = std::mem::replace(&mut self.as_needed, true);
                        let added = self.file(&shared, depth + 1);
                        self.as_needed = as_needed;
                        added?;
                    }
                    None => self.recipe.inputs.push(Input::Archive {
                        path,
                        name,
                        data,
                        mode: ArchiveMode::Process,
                    }),
                }
            }
            Kind::Object => self.recipe.inputs.push(Input::Object { name, data, lazy: self.lazy }),
            Kind::Archive => self.recipe.inputs.push(Input::Archive { path: path(), name, data, mode }),
            // What is behind the host's own symbols is there already.
            Kind::Library if mode == ArchiveMode::LastResort => {}
            Kind::Library => {
                let as_needed = self.as_needed;
                self.recipe.inputs.push(Input::Library(LibraryInput { path: path(), name, data, as_needed }));
            }
            Kind::Script => self.script(&path(), &name, &data, depth)?,
            Kind::Foreign(format) => {
                let problem =
                    Problem::unsupported(Place::file(name), format!("a file in the format {format}"));
                return Err(problem.with_remedy("this version links ELF objects").into());
            }
            kind => {
                let what = match kind {
                    Kind::Empty => "the file is empty",
                    Kind::Bitcode => "the file holds LLVM bitcode, not machine code",
                    _ => "the file is no object, archive, shared library or linker script",
                };
                let problem = Problem::malformed(Place::file(name), what);
                return Err(match kind {
                    Kind::Bitcode => {
                        problem.with_remedy("compile it without link-time optimisation (-fno-lto)")
                    }
                    _ => problem,
                }
                .into());
            }
        }
        Ok(())
    }

    fn script(&mut self, path: &Path, name: &Arc<str>, text: &[u8], depth: usize) -> Result<()> {
        if depth > SCRIPT_DEPTH {
            let what = "linker scripts name each other in a circle";
            return Err(Problem::malformed(Place::file(name.clone()), what).into());
        }
        self.scripts += 1;
        if self.scripts > MOST_SCRIPTS {
            let what = format!("a set with more than {MOST_SCRIPTS} linker scripts");
            return Err(Problem::unsupported(Place::file(name.clone()), what).into());
        }
        let script = script::parse(name, text)?;
        for directory in &script.search_dirs {
            self.recipe.search.push(directory);
        }
        if script.entry.is_some() {
            self.entry = script.entry;
        }
        self.recipe.undefined.extend(script.externs.iter().map(|name| name.clone().into_bytes()));
        for assignment in script.assignments {
            let assigned = match assignment.value {
                Value::Number(address) => Assigned::Address(address),
                Value::Symbol(symbol, number) => Assigned::Symbol(symbol.into_bytes(), number),
            };
            let list = if assignment.provide { &mut self.recipe.provided } else { &mut self.recipe.assigned };
            list.push((assignment.symbol.into_bytes(), assigned));
        }
        let mut problems = Vec::new();
        let as_needed = self.as_needed;
        for item in &script.items {
            self.as_needed = as_needed || item.as_needed;
            let found = self.recipe.search.item(path, item, self.static_only).map_err(Error::from);
            if let Err(error) = found.and_then(|path| self.file(&path, depth + 1)) {
                // An optional library that is not there is not needed until a symbol is missing.
                if !item.as_needed {
                    problems.extend(error.into_problems());
                }
            }
        }
        self.as_needed = as_needed;
        Error::check(problems, ())
    }
}
