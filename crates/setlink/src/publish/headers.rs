//! What sets call to learn what is loaded and where: `dl_iterate_phdr(3)`, and glibc's `_dl_find_object`, by which unwinders
//! find a frame's call frame information.
//!
//! The loader does not list sets, but lists Setlink's own libraries in memory. A program is to find what it would if the
//! loader had loaded it: itself first, without a name, then its libraries, then sets that are no part of it. The executable
//! that the process really has is one of these libraries, and has its name; the libraries in memory are left out.
//!
//! While a callback runs for a set nothing is locked, and while it runs for others only what the loader locks itself: it may
//! open libraries, throw, link sets and remove them.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use object::elf;

use super::known::{About, LinkMap, Pinned, changes, holding};
use super::tls;
use super::unwind::find;
use crate::host::{is_made, tls_listed};
use crate::memory::SegmentKind;
use crate::place::Plan;
use crate::place::layout::Contents;
use crate::place::tls::Numbers;

type Callback = unsafe extern "C-unwind" fn(*mut libc::dl_phdr_info, usize, *mut c_void) -> c_int;

unsafe extern "C-unwind" {
    // `libc` has it as a function through which nothing is thrown.
    fn dl_iterate_phdr(callback: Option<Callback>, data: *mut c_void) -> c_int;
}

/// The process's `_dl_find_object`.
static FIND_OBJECT: AtomicUsize = AtomicUsize::new(0);

/// What sets call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    match name {
        b"dl_iterate_phdr" => Some(iterate as *const () as u64),
        // Of glibc 2.35.
        b"_dl_find_object" => {
            FIND_OBJECT.store(find(c"_dl_find_object")?.expose_provenance(), SeqCst);
            Some(find_object as *const () as u64)
        }
        _ => None,
    }
}

/// What libraries call instead.
pub(crate) fn substitute_for_library(name: &[u8]) -> Option<u64> {
    (name == b"dl_iterate_phdr").then_some(iterate_for_library as *const () as u64)
}

/// The name of a program for libraries. They would look for one without a name in the process's executable.
const PROGRAM: &CStr = c"setlink-program";

/// The program headers of a set.
pub(crate) struct Headers {
    list: Box<[libc::Elf64_Phdr]>,
    /// Its module of thread-local storage, number 0 for none.
    tls: Numbers,
    frames: Option<Box<FrameHeader>>,
}

/// The front of `.eh_frame_hdr`: Linux Standard Base, "DWARF Extensions". Without a table, unwinders look through the section
/// from its start.
#[repr(C, packed)]
struct FrameHeader {
    version: u8,
    /// An address.
    pointer_encoding: u8,
    count_encoding: u8,
    table_encoding: u8,
    section: u64,
}

/// `DW_EH_PE_absptr` and `DW_EH_PE_omit` there.
const ADDRESS: u8 = 0;
const OMITTED: u8 = 0xff;

impl Headers {
    /// Describes the segments of a set, in a file whose addresses are lower by `bias`.
    pub fn new(plan: &Plan<'_, '_>, bias: u64) -> Headers {
        let header = |kind: elf::ProgramType, flags: u32, address: u64, size: u64, align| libc::Elf64_Phdr {
            p_type: kind.0,
            p_flags: flags,
            p_offset: address.wrapping_sub(plan.base),
            p_vaddr: address.wrapping_sub(bias),
            p_paddr: address.wrapping_sub(bias),
            p_filesz: size,
            p_memsz: size,
            p_align: align,
        };
        // Small sets share pages, and begin anywhere in one.
        let page = rustix::param::page_size() as u64;
        let align = if plan.base.is_multiple_of(page) { page } else { 1 };
        let (read, write, execute) = (elf::PF_R.0, elf::PF_W.0, elf::PF_X.0);
        let mut list = Vec::with_capacity(plan.segments.len() + 2);
        for segment in &plan.segments {
            let flags = match segment.kind {
                SegmentKind::Code | SegmentKind::LargeCode => read | execute,
                SegmentKind::Constants | SegmentKind::LargeConstants => read,
                SegmentKind::Data | SegmentKind::LargeData => read | write,
            };
            list.push(header(elf::PT_LOAD, flags, segment.address, segment.size, align));
        }
        // A set of several islands has several, of which an unwinder would take one.
        let mut sections = plan.outputs.iter().filter(|output| output.contents == Contents::Frames);
        let section = sections.next().filter(|_| plan.frames.has_entries() && sections.next().is_none());
        let frames = section.map(|section| {
            Box::new(FrameHeader {
                version: 1,
                pointer_encoding: ADDRESS,
                count_encoding: OMITTED,
                table_encoding: OMITTED,
                section: plan.output_address(section),
            })
        });
        if let Some(frames) = &frames {
            let address = (&raw const **frames).expose_provenance() as u64;
            list.push(header(elf::PT_GNU_EH_FRAME, read, address, size_of::<FrameHeader>() as u64, 4));
        }
        // The loader has the module, in a library that is not listed.
        let tls = if plan.tls.is_used { plan.tls.numbers } else { Numbers::default() };
        let module = if tls.module == 0 { None } else { tls_listed(tls.module) };
        let tls = module.map_or(Numbers::default(), |_| tls);
        if let Some(tls) = module {
            let kind = header(elf::PT_TLS, read, tls.template, tls.initialised, tls.align);
            list.push(libc::Elf64_Phdr { p_memsz: tls.size, ..kind });
        }
        list.push(libc::Elf64_Phdr {
            p_offset: 0,
            p_vaddr: 0,
            p_paddr: 0,
            ..header(elf::PT_GNU_STACK, read | write, 0, 0, 16)
        });
        Headers { list: list.into(), tls, frames }
    }
}

/// `dl_iterate_phdr(3)`
unsafe extern "C-unwind" fn iterate(callback: Callback, data: *mut c_void) -> c_int {
    // SAFETY: the caller's promises are those of dl_iterate_phdr.
    unsafe { iterate_for(callback, data, false) }
}

/// `dl_iterate_phdr(3)` for libraries.
unsafe extern "C-unwind" fn iterate_for_library(callback: Callback, data: *mut c_void) -> c_int {
    // SAFETY: as above.
    unsafe { iterate_for(callback, data, true) }
}

/// # Safety
/// As for dl_iterate_phdr.
unsafe fn iterate_for(callback: Callback, data: *mut c_void, is_library: bool) -> c_int {
    let mut others =
        Others { callback, data, changes: (0, 0), is_first: true, has_program: false, is_library };
    // SAFETY: the function takes what is passed.
    unsafe { dl_iterate_phdr(Some(count), (&raw mut others.changes).cast()) };
    let sets = |is_program: bool, others: &mut Others| {
        let mut next = Pinned::first(|about| about.is_program == is_program);
        while let Some(set) = next {
            others.has_program |= is_program;
            set.about().own_file.make(set.about().bias, is_library);
            // SAFETY: the caller's promises are those of dl_iterate_phdr.
            let result = unsafe { others.tell(set.about()) };
            if result != 0 {
                return result;
            }
            next = set.next(|about| about.is_program == is_program);
        }
        0
    };
    let mut result = sets(true, &mut others);
    if result == 0 {
        // SAFETY: as above.
        result = unsafe { dl_iterate_phdr(Some(pass_on), (&raw mut others).cast()) };
    }
    if result == 0 { sets(false, &mut others) } else { result }
}

/// Takes the loader's counts of what has come and gone, and ends the iteration.
unsafe extern "C-unwind" fn count(info: *mut libc::dl_phdr_info, _: usize, to: *mut c_void) -> c_int {
    // SAFETY: `iterate` passes the place for it, and the loader an `info` for the time of the call.
    unsafe { to.cast::<(u64, u64)>().write(((*info).dlpi_adds, (*info).dlpi_subs)) };
    1
}

/// Whom to tell of what is loaded.
struct Others {
    callback: Callback,
    data: *mut c_void,
    /// The loader's counts.
    changes: (u64, u64),
    /// The loader's first object is the process's executable.
    is_first: bool,
    /// There is another program.
    has_program: bool,
    /// Who asks is a library.
    is_library: bool,
}

impl Others {
    /// # Safety
    /// The callback takes such information.
    unsafe fn tell(&self, set: &About) -> c_int {
        let (come, gone) = changes();
        // The loader does not know of static blocks that this thread uses already.
        let block = match set.headers.tls {
            Numbers { module: 0, .. } => null_mut(),
            Numbers { module, from_thread_pointer: None, .. } => {
                tls_listed(module).map_or(null_mut(), |tls| tls.block)
            }
            numbers => std::ptr::with_exposed_provenance_mut(tls::address(numbers) as usize),
        };
        let mut info = libc::dl_phdr_info {
            dlpi_addr: set.bias,
            dlpi_name: match self.is_library && set.is_program {
                true => set.own_file.name_for_libraries().unwrap_or(PROGRAM.as_ptr()),
                false => set.listed_name(),
            },
            dlpi_phdr: set.headers.list.as_ptr(),
            dlpi_phnum: set.headers.list.len() as u16,
            dlpi_adds: self.changes.0 + come,
            dlpi_subs: self.changes.1 + gone,
            dlpi_tls_modid: set.headers.tls.module as usize,
            dlpi_tls_data: block,
        };
        // SAFETY: the caller's promise.
        unsafe { (self.callback)(&raw mut info, size_of_val(&info), self.data) }
    }
}

/// Passes on what the loader lists, if it is not Setlink's.
unsafe extern "C-unwind" fn pass_on(info: *mut libc::dl_phdr_info, size: usize, to: *mut c_void) -> c_int {
    // SAFETY: `iterate` passes one, which nobody else uses meanwhile, and the loader an `info` for the time of the call.
    let (others, mut info) = unsafe { (&mut *to.cast::<Others>(), info.read()) };
    let is_first = std::mem::take(&mut others.is_first);
    // SAFETY: the loader's name is terminated.
    if unsafe { is_made(&info) } {
        return 0;
    }
    if is_first && others.has_program {
        // SAFETY: getauxval has no preconditions; the kernel's string stays.
        let name = unsafe { libc::getauxval(libc::AT_EXECFN) };
        if name != 0 {
            info.dlpi_name = std::ptr::with_exposed_provenance::<c_char>(name as usize);
        }
    }
    let (come, gone) = changes();
    info.dlpi_adds += come;
    info.dlpi_subs += gone;
    let (callback, data) = (others.callback, others.data);
    // SAFETY: the caller of `iterate` promised that the callback takes it.
    unsafe { callback(&raw mut info, size, data) }
}

/// `struct dl_find_object` of `<dlfcn.h>`, where it has no other parts.
#[repr(C)]
struct FoundObject {
    flags: u64,
    start: u64,
    end: u64,
    map: *mut LinkMap,
    frames: *const c_void,
}

/// `_dl_find_object`
unsafe extern "C" fn find_object(address: *mut c_void, to: *mut FoundObject) -> c_int {
    let own = holding(address.expose_provenance() as u64, |about| FoundObject {
        flags: 0,
        start: about.spans().iter().map(|span| span.start).min().unwrap_or(0),
        end: about.spans().iter().map(|span| span.end).max().unwrap_or(0),
        map: about.map(),
        frames: about
            .headers
            .frames
            .as_deref()
            .map_or(std::ptr::null(), |frames| (&raw const *frames).cast()),
    });
    // SAFETY: the caller's promises are those of _dl_find_object, whose address was noted before sets came to know this.
    unsafe {
        match own {
            Some(own) => {
                to.write(own);
                0
            }
            None => {
                let process = std::ptr::with_exposed_provenance::<()>(FIND_OBJECT.load(SeqCst));
                let process: unsafe extern "C" fn(*mut c_void, *mut FoundObject) -> c_int =
                    std::mem::transmute(process);
                process(address, to)
            }
        }
    }
}
