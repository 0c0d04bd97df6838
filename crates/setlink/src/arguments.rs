//! The arguments of a program: what `main` and initialisers get, in the surroundings that a process's start gives them.

use std::ffi::{CString, c_char};
use std::sync::atomic::AtomicPtr;
use std::sync::{Arc, Mutex, OnceLock};

use crate::host::fork;
use crate::publish::initialise::{Arguments, environment};

/// C's view of the arguments, as on the stack of a process that starts with them (System V psABI for AMD64, 3.4.1): pointers
/// to strings and a null pointer; behind these, the same of the environment as it is when the list is made; and then the
/// auxiliary vector. There are runtimes that go on behind the arguments to find out about the process (Go's, as GCC has it).
#[derive(Debug)]
pub struct ArgumentList {
    strings: Vec<CString>,
    /// Each is a pointer that a program may change.
    words: Vec<AtomicPtr<c_char>>,
}

impl ArgumentList {
    /// A list of `strings`, the first of which is the program's name.
    pub fn new(strings: Vec<CString>) -> ArgumentList {
        let vector = std::fs::read("/proc/self/auxv").unwrap_or_default();
        let (vector, _) = vector.as_chunks::<{ size_of::<usize>() }>();
        let mut words = Vec::with_capacity(strings.len() + 1 + vector.len() + 2);
        words.extend(strings.iter().map(|string| string.as_ptr().cast_mut()));
        words.push(std::ptr::null_mut());
        let mut next = environment();
        // SAFETY: a list of pointers that ends in null, or none at all, which no other thread changes (POSIX forbids it).
        while !next.is_null() && !unsafe { *next }.is_null() {
            // SAFETY: likewise.
            words.push(unsafe { *next }.cast_mut());
            next = next.wrapping_add(1);
        }
        words.push(std::ptr::null_mut());
        let numbers = vector.iter().map(|word| usize::from_ne_bytes(*word));
        words.extend(numbers.chain([0, 0]).map(std::ptr::with_exposed_provenance_mut));
        ArgumentList { strings, words: words.into_iter().map(AtomicPtr::new).collect() }
    }

    /// The arguments of this process.
    pub(crate) fn of_process() -> Arguments {
        static LIST: OnceLock<ArgumentList> = OnceLock::new();
        if let Some(list) = LIST.get() {
            return list.as_arguments();
        }
        let _hold = fork::hold();
        let list = LIST.get_or_init(|| {
            use std::os::unix::ffi::OsStringExt;
            let strings = std::env::args_os().filter_map(|argument| CString::new(argument.into_vec()).ok());
            ArgumentList::new(strings.collect())
        });
        list.as_arguments()
    }

    /// The same for good: a program may keep pointers to its arguments, in exit handlers and threads too. Leak checkers
    /// find the list of them.
    pub(crate) fn keep(self: Arc<Self>) -> Arguments {
        static KEPT: Mutex<Vec<Arc<ArgumentList>>> = Mutex::new(Vec::new());
        let arguments = self.as_arguments();
        let mut kept = fork::lock(&KEPT);
        // Sets of one program have one list.
        if kept.last().is_none_or(|last| !Arc::ptr_eq(last, &self)) {
            kept.push(self);
        }
        arguments
    }

    fn as_arguments(&self) -> Arguments {
        Arguments { count: self.strings.len() as i32, values: self.words.as_ptr().cast() }
    }

    /// The arguments.
    pub fn strings(&self) -> &[CString] {
        &self.strings
    }

    /// All the words, from the first argument's to the end of the auxiliary vector.
    pub fn words(&self) -> &[AtomicPtr<c_char>] {
        &self.words
    }

    /// The words of the environment, and all behind them.
    pub fn environment(&self) -> &[AtomicPtr<c_char>] {
        self.words.get(self.strings.len() + 1..).unwrap_or_default()
    }
}
