//! What sets call to learn what holds an address: `dladdr(3)`, and `backtrace_symbols(3)`, which goes by that.
//!
//! To the loader a set's memory is nobody's. These functions say what the loader would if it had loaded the set: of a
//! program, the name by which it was called, and of its symbols those that libraries find (`-rdynamic`). Of all other
//! addresses they have the process's own functions tell.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

#[cfg(target_env = "gnu")]
use super::known::behind_program;
use super::known::{About, holding};
use crate::host::Found;

/// What sets call instead of the function `name` of the host.
pub(crate) fn substitute(name: &[u8]) -> Option<u64> {
    match name {
        b"dladdr" => Some(address as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"dladdr1" => Some(address_and_more as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"backtrace_symbols" => Some(lines as *const () as u64),
        #[cfg(target_env = "gnu")]
        b"backtrace_symbols_fd" => Some(lines_to_file as *const () as u64),
        _ => None,
    }
}

/// The symbol of the set that holds an address.
fn symbol(about: &About, address: u64) -> Option<Found> {
    // SAFETY: the set's image is closed behind its entry in the list of known sets, and that waits for readers.
    unsafe { about.names.holding(address) }
}

fn information(about: &About, found: Option<&Found>) -> libc::Dl_info {
    libc::Dl_info {
        dli_fname: about.file(),
        dli_fbase: std::ptr::with_exposed_provenance_mut(about.base as usize),
        dli_sname: found.map_or(std::ptr::null(), |found| found.name),
        dli_saddr: found
            .map_or(null_mut(), |found| std::ptr::with_exposed_provenance_mut(found.address as usize)),
    }
}

/// `dladdr(3)`
unsafe extern "C" fn address(address: *const c_void, to: *mut libc::Dl_info) -> c_int {
    let number = address.expose_provenance() as u64;
    let own = holding(number, |about| information(about, symbol(about, number).as_ref()));
    // SAFETY: the caller's promises are those of dladdr.
    unsafe {
        match own {
            Some(own) => {
                to.write(own);
                1
            }
            None => libc::dladdr(address, to),
        }
    }
}

#[cfg(target_env = "gnu")]
unsafe extern "C" {
    fn dladdr1(address: *const c_void, to: *mut libc::Dl_info, more: *mut *mut c_void, what: c_int) -> c_int;
    fn backtrace_symbols(addresses: *const *mut c_void, count: c_int) -> *mut *mut c_char;
    fn backtrace_symbols_fd(addresses: *const *mut c_void, count: c_int, file: c_int);
}

/// `dladdr1(3)`
#[cfg(target_env = "gnu")]
unsafe extern "C" fn address_and_more(
    address: *const c_void,
    to: *mut libc::Dl_info,
    more: *mut *mut c_void,
    what: c_int,
) -> c_int {
    /// `RTLD_DL_SYMENT` and `RTLD_DL_LINKMAP` of `<dlfcn.h>`.
    const SYMBOL_ENTRY: c_int = 1;
    const LINK_MAP: c_int = 2;
    let number = address.expose_provenance() as u64;
    let next = if what == LINK_MAP { behind_program() } else { null_mut() };
    let own = holding(number, |about| {
        let found = symbol(about, number);
        let more = match what {
            SYMBOL_ENTRY => Some(found.map_or(null_mut(), |found| found.entry.cast_mut().cast())),
            LINK_MAP => Some(about.linked_map(next).cast()),
            _ => None,
        };
        (information(about, found.as_ref()), more)
    });
    // SAFETY: the caller's promises are those of dladdr1.
    unsafe {
        match own {
            Some((own, told)) => {
                to.write(own);
                if let Some(told) = told {
                    more.write(told);
                }
                1
            }
            None => dladdr1(address, to, more, what),
        }
    }
}

/// A line of `backtrace_symbols` on an address of a set.
#[cfg(target_env = "gnu")]
struct Line {
    file: *const c_char,
    name: *const c_char,
    /// From the symbol, or else from the file's addresses; None for an address that is one of these.
    offset: Option<u64>,
    address: u64,
}

#[cfg(target_env = "gnu")]
impl Line {
    fn of(address: u64) -> Option<Line> {
        holding(address, |about| {
            let file = about.file();
            match symbol(about, address) {
                Some(found) => {
                    Line { file, name: found.name, offset: Some(address - found.address), address }
                }
                None => {
                    let offset = (about.bias != 0).then(|| address.wrapping_sub(about.bias));
                    Line { file, name: c"".as_ptr(), offset, address }
                }
            }
        })
    }

    /// Hands the line's parts to `put`. The two functions write it a little differently.
    fn write(&self, is_for_file: bool, put: &mut dyn FnMut(&[u8])) {
        // SAFETY: a set's names are terminated, and there as long as the set, of which the caller has an address.
        let [file, name] = [self.file, self.name].map(|text| unsafe { CStr::from_ptr(text) }.to_bytes());
        put(file);
        if !file.is_empty() && (!is_for_file || self.offset.is_some()) {
            put(b"(");
            put(name);
            match self.offset {
                Some(0) if !is_for_file => put(b"+0"),
                Some(offset) => {
                    put(b"+0x");
                    put(Digits::of(offset).text());
                }
                None => {}
            }
            put(b")");
        }
        put(if is_for_file || file.is_empty() { b"[0x" } else { b" [0x" });
        put(Digits::of(self.address).text());
        put(b"]");
    }
}

/// A number in hexadecimal digits, which take no memory of the allocator's: the caller may handle a signal.
#[cfg(target_env = "gnu")]
struct Digits([u8; 16], usize);

#[cfg(target_env = "gnu")]
impl Digits {
    fn of(number: u64) -> Digits {
        let mut digits = [0; 16];
        for (at, digit) in digits.iter_mut().rev().enumerate() {
            *digit = b"0123456789abcdef"[(number >> (4 * at)) as usize & 15];
        }
        Digits(digits, (number.leading_zeros() as usize / 4).min(15))
    }

    fn text(&self) -> &[u8] {
        &self.0[self.1..]
    }
}

/// The memory manager of the process, which may be a set's: who asks for lines frees them by it, and the C library's own lines
/// come from it.
#[cfg(target_env = "gnu")]
struct Allocator {
    malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
}

#[cfg(target_env = "gnu")]
impl Allocator {
    fn of_process() -> Option<Allocator> {
        // SAFETY: the names are terminated. What has them is C's `malloc` and `free`, or stands in for these.
        unsafe {
            let [malloc, free] =
                [c"malloc", c"free"].map(|name| libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()));
            (!malloc.is_null() && !free.is_null()).then(|| Allocator {
                malloc: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(usize) -> *mut c_void>(
                    malloc,
                ),
                free: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(free),
            })
        }
    }
}

/// `backtrace_symbols(3)`: an array of lines and, behind it, the lines, all in one block.
#[cfg(target_env = "gnu")]
unsafe extern "C" fn lines(addresses: *const *mut c_void, count: c_int) -> *mut *mut c_char {
    let number = usize::try_from(count).unwrap_or(0);
    // SAFETY: the caller's promises are those of backtrace_symbols: there are so many addresses.
    unsafe {
        let others = backtrace_symbols(addresses, count);
        let line = |at: usize| Line::of((*addresses.add(at)).expose_provenance() as u64);
        if others.is_null() || (0..number).all(|at| line(at).is_none()) {
            return others;
        }
        let Some(allocator) = Allocator::of_process() else { return others };
        let write = |put: &mut dyn FnMut(usize, &[u8])| {
            for at in 0..number {
                match line(at) {
                    Some(own) => own.write(false, &mut |part| put(at, part)),
                    None => put(at, CStr::from_ptr(*others.add(at)).to_bytes()),
                }
                put(at, b"\0");
            }
        };
        let mut size = number * size_of::<*mut c_char>();
        write(&mut |_, part| size += part.len());
        let block = (allocator.malloc)(size).cast::<*mut c_char>();
        if !block.is_null() {
            let (mut done, mut begun) = (number * size_of::<*mut c_char>(), 0);
            write(&mut |at, part| {
                // Another set may lie there by now, with longer names.
                let length = part.len().min(size - done);
                let end = block.cast::<u8>().add(done);
                if at == begun {
                    block.add(at).write(end.cast());
                    begun += 1;
                }
                std::ptr::copy_nonoverlapping(part.as_ptr(), end, length);
                done += length;
            });
            block.cast::<u8>().add(size - 1).write(0);
        }
        (allocator.free)(others.cast());
        block
    }
}

/// `backtrace_symbols_fd(3)`
#[cfg(target_env = "gnu")]
unsafe extern "C" fn lines_to_file(addresses: *const *mut c_void, count: c_int, file: c_int) {
    for at in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the caller's promises are those of backtrace_symbols_fd: there are so many addresses.
        let address = unsafe { addresses.add(at) };
        // SAFETY: as above.
        let Some(line) = Line::of(unsafe { *address }.expose_provenance() as u64) else {
            // SAFETY: as above: there is one.
            unsafe { backtrace_symbols_fd(address, 1, file) };
            continue;
        };
        line.write(true, &mut |mut part| {
            while !part.is_empty() {
                // SAFETY: the part is there to be read.
                let written = unsafe { libc::write(file, part.as_ptr().cast(), part.len()) };
                let Some(rest) = usize::try_from(written).ok().and_then(|done| part.get(done..)) else {
                    return;
                };
                part = rest;
            }
        });
        // SAFETY: as above.
        unsafe { libc::write(file, c"\n".as_ptr().cast(), 1) };
    }
}
