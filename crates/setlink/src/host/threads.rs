//! The threads of the host process.

/// The kernel's number of the calling thread; -1 where the system does not tell.
pub(crate) fn id() -> i32 {
    // By its number: glibc has a function for it since 2.30.
    // SAFETY: the call has no arguments.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

/// How many threads the process has now, by `/proc/self/task`; none when that cannot be read.
///
/// Only a count of 1 is a fact that lasts: the caller is that thread, and nobody else can start another.
pub(crate) fn count() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

/// Whether the caller is the only thread. One that has just been joined may still be listed for a moment.
pub(crate) fn is_alone() -> bool {
    /// Far longer than the kernel takes to reap a thread that has ended.
    const PATIENCE: std::time::Duration = std::time::Duration::from_millis(20);
    let start = std::time::Instant::now();
    loop {
        match count() {
            Some(1) => return true,
            Some(_) if start.elapsed() < PATIENCE => {
                std::thread::sleep(std::time::Duration::from_micros(100))
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_one_more() {
        let (stop, wait) = std::sync::mpsc::channel::<()>();
        let before = super::count().unwrap();
        let thread = std::thread::spawn(move || {
            let _ = wait.recv();
        });
        // Other tests' threads come and go meanwhile: at least this one and the main thread are there.
        assert!(before >= 1 && super::count().unwrap() >= 2);
        drop(stop);
        thread.join().unwrap();
    }
}
