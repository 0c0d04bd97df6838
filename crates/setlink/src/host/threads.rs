//! The threads of the host process.

/// How many threads the process has now, by `/proc/self/task`; none when that cannot be read.
///
/// Only a count of 1 is a fact that lasts: the caller is that thread, and nobody else can start another.
pub(crate) fn count() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
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
