//! What the integration tests share.
#![allow(dead_code)] // each test program uses a part

pub mod ring;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;
use std::time::{Duration, Instant};

/// Whether there is a C compiler; says so once where there is none.
pub fn compiler() -> bool {
    static SAID: Once = Once::new();
    let there = Command::new("cc").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        SAID.call_once(|| eprintln!("skipped: no C compiler (`cc`) is installed"));
    }
    there
}

/// The object that the C compiler makes of `source`.
pub fn compile(source: &str, flags: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("source.c"), folder.path().join("object.o"));
    std::fs::write(&input, source).unwrap();
    let mut command = Command::new("cc");
    let result = command.arg("-c").args(flags).arg(&input).arg("-o").arg(&output).output().unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    std::fs::read(&output).unwrap()
}

/// The executable mappings of this process that belong to no file: where sets have their code.
pub fn mappings() -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let anonymous = |line: &&str| line.contains(" r-xp ") && line.split_whitespace().count() == 5;
    maps.lines().filter(anonymous).map(str::to_owned).collect()
}

/// Runs `test` in a process that has nothing else to do, so that its mappings can be compared.
pub fn alone(name: &str, test: impl FnOnce()) {
    alone_in(name, &[], test);
}

/// The same, with these environment variables.
pub fn alone_in(name: &str, environment: &[(&str, &str)], test: impl FnOnce()) {
    if std::env::var_os("SETLINK_TEST_ALONE").is_some() {
        return test();
    }
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", name, "--test-threads=1", "--nocapture"]).env("SETLINK_TEST_ALONE", "1");
    command.envs(environment.iter().copied());
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}{said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    println!("{said}");
}

/// Runs `work` in a forked child, in which there is no other thread, and which has to succeed, and soon.
pub fn in_child(work: impl FnOnce()) {
    // SAFETY: a child may go on to link; it ends without the parent's exit handlers.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let done = catch_unwind(AssertUnwindSafe(work)).is_ok();
        // SAFETY: as above.
        unsafe { libc::_exit(i32::from(!done)) };
    }
    /// Far longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(20);
    let start = Instant::now();
    let mut status = 0;
    // SAFETY: the child is this process's own.
    while unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == 0 {
        if start.elapsed() > PATIENCE {
            // SAFETY: as above.
            unsafe { libc::kill(child, libc::SIGKILL) };
            panic!("the child waits for a lock that nobody holds");
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(status, 0, "the child's status");
}

/// Processor time of this process so far: other work on the machine does not count.
pub fn processor_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the time, and a clock that every process has.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The least processor time that `work` takes.
pub fn least(rounds: usize, work: &dyn Fn()) -> f64 {
    let once = |_| {
        let start = processor_seconds();
        work();
        processor_seconds() - start
    };
    (0..rounds).map(once).fold(f64::MAX, f64::min)
}

/// A shared library that `cc` makes of `source`, in a folder of its own, or none where there is no compiler.
pub fn shared(name: &str, source: &str, flags: &[&str]) -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("source.c"), folder.path().join(name));
    std::fs::write(&from, source).expect("the source is written");
    let soname = format!("-Wl,-soname,{name}");
    let mut command = Command::new("cc");
    let status =
        command.args(["-shared", "-fPIC", &soname, "-o"]).arg(&to).arg(&from).args(flags).status().ok()?;
    assert!(status.success(), "cc failed");
    Some((folder, to))
}
