//! Setlink: a runtime linker for sets of relocatable objects.
//!
//! A [`Session`] is an address space: this process, or one on paper. A [`SetBuilder`] collects objects, archives and
//! libraries; [`SetBuilder::link`] takes them all through the line (read, resolve, scan, place, reserve, write,
//! publish) or leaves everything as it was; the [`Set`] that comes out hands out symbols and can be removed.
//!
//! # Quick start
//!
//! The bytes may come from a compiler's back end, a file or an archive. Here they are an object with one function, made
//! on the spot:
//!
//! ```
//! # #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use setlink::Session;
//! # use object::write::{Object, Symbol, SymbolSection};
//! # use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};
//! # let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
//! # let text = object.section_id(object::write::StandardSection::Text);
//! # let code = [0x8d, 0x04, 0x37, 0xc3]; // lea eax, [rdi + rsi]; ret
//! # let value = object.append_section_data(text, &code, 16);
//! # object.add_symbol(Symbol {
//! #     name: b"add".to_vec(), value, size: 4, kind: SymbolKind::Text, scope: SymbolScope::Dynamic,
//! #     weak: false, section: SymbolSection::Section(text), flags: SymbolFlags::None,
//! # });
//! # let bytes = object.write()?;
//!
//! let session = Session::host()?;
//!
//! // The exact requirements, before anything is reserved.
//! let plan = session.set("math").add_bytes("add.o", bytes.clone())?.plan()?;
//! assert_eq!((plan.summary.got_entries, plan.summary.stubs), (0, 0));
//!
//! // All of it, or none of it.
//! let math = session.set("math").add_bytes("add.o", bytes)?.link()?;
//! assert_eq!(math.summary().total_bytes, plan.summary.total_bytes);
//!
//! // SAFETY: `add` has this type, and is not called once the set is removed.
//! let add = unsafe { math.get::<extern "C" fn(i32, i32) -> i32>("add")? };
//! assert_eq!(add(2, 3), 5);
//!
//! // Finalisers run; memory, names and unwind tables go back.
//! math.remove()?;
//! # Ok(())
//! # }
//! # #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
//! # fn main() {}
//! ```
//!
//! # Errors
//!
//! An [`Error`] is every [`Problem`] that a phase found, each with its [`Place`]: file, member, section, offset,
//! symbol. Whatever the bytes, there is no panic; a failed link leaves no mapping, symbol or registration behind.
//!
//! An allocation for which there is no memory ends the process, as it does in any Rust program. Where a hook panics
//! instead (`std::alloc::set_alloc_error_hook`, not stable yet), a panic out of [`SetBuilder::link`] leaves everything as it
//! was, and the session can be used as before; what initialisers had registered has run. [`Set::remove`] allocates
//! nothing, but for the words of a refusal and where the set stands in for functions or variables of the process: if it
//! cannot point the process back, the set's memory stays. (The standard library's `BTreeMap` ends the process all the
//! same in the rare case that it fails to grow by a level.)
//!
//! # Debuggers and profilers
//!
//! They see what they are told of: [`SetBuilder::debugger`] for GDB and LLDB, [`SetBuilder::perf_map`] and
//! [`SetBuilder::jitdump`] for perf. Without these, debug information is not looked at, and costs nothing.
//!
//! # Safety
//!
//! Linking a set into the process runs its initialisers, and only [`SetBuilder::initialise`] keeps them from it: add
//! objects that you would also run. Calling into a set is `unsafe` ([`Set::get`], [`Set::call_main`]), and with it
//! comes the promise that no code of the set runs any more when the set is removed.

mod arguments;
pub mod check;
mod error;
mod host;
mod isa;
pub mod memory;
mod parallel;
mod place;
mod publish;
mod read;
mod resolve;
mod session;
mod set;
mod write;

pub use error::{Error, Place, Problem, ProblemKind, Result};
pub use place::reach::Reach;
pub use place::summary::{IslandSummary, SegmentSummary, Summary};
pub use resolve::scope::{Definitions, Foreign, ForeignKind, Scope};
pub use session::Session;
pub use set::builder::{Phase, SetBuilder};
pub use set::{EntryPlace, NotRemoved, Plan, Set, Symbol, SymbolInfo, SymbolStatus, Timings};
// The command's options have numbers as linker scripts do.
#[doc(hidden)]
pub use read::pattern::matches;
#[doc(hidden)]
pub use read::script::{Sum, Wrong, expression, number};
// The command enters a program by itself, so that nothing lies between it and the end of the stack.
#[doc(hidden)]
pub use arguments::ArgumentList;
#[doc(hidden)]
pub use publish::initialise::start_afresh;
#[doc(hidden)]
pub use publish::libraries::{end_libraries, libraries_end_with};
#[doc(hidden)]
pub use publish::searched::programs_search;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
#[cfg(feature = "locks")]
#[doc(hidden)]
pub use host::fork::counts as locks;
#[cfg(feature = "stages")]
#[doc(hidden)]
pub mod stages;
