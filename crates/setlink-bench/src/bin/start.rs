//! `setlink-bench-start REPORT HOW PROGRAM [ARGUMENT...]`: runs a program and writes into REPORT what the kernel says of
//! it: seconds of wall time and of processor time, peak of resident memory in KiB, and the raw status.
//!
//! A process of its own between the benchmark and what is measured, because the kernel counts the peak of what a process
//! was before `exec` into what it is after: a child's peak starts from its parent's. So this program has no more in it
//! than it must, and its own peak is below that of any program worth measuring.
//!
//! `setlink-bench-start touch MIB` touches as much memory and gives it back: on a virtual machine, memory that nobody has
//! used for some seconds may be the host's again, and whoever gets it next waits for the host, five times as long as for
//! clearing it. So everyone is given memory that was in use just now.
//!
//! HOW holds the letters `d`, a stack that may grow to a gigabyte, and `s`, a single processor, or is `-`.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if std::env::args_os().nth(1).is_some_and(|word| word == "touch") {
        let mebibytes = std::env::args().nth(2).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        return touch(mebibytes << 20);
    }
    let (Some(report), Some(how), Some(program)) = (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: setlink-bench-start REPORT HOW PROGRAM [ARGUMENT...]");
        return ExitCode::FAILURE;
    };
    let how = how.to_string_lossy();
    if (how.contains('d') && !deep()) || (how.contains('s') && !single()) {
        eprintln!("setlink-bench-start: cannot prepare: {}", std::io::Error::last_os_error());
        return ExitCode::FAILURE;
    }
    let mut command = Command::new(&program);
    command.args(arguments);
    let start = Instant::now();
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{}: {error}", program.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    let mut status = 0;
    // SAFETY: a structure of numbers, for which zeroes are good.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the child is ours and nobody else waits for it; both places live through the call.
    let pid = unsafe { libc::wait4(child.id() as i32, &mut status, 0, &mut usage) };
    let wall = start.elapsed().as_secs_f64();
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    let text = format!("{wall} {cpu} {} {}", usage.ru_maxrss, ExitStatus::from_raw(status).into_raw());
    match pid > 0 && std::fs::write(report, text).is_ok() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Touches each page of so many bytes, in huge pages where there are any: it is quicker, and the kernel prefers them when it
/// gives out small ones.
fn touch(bytes: usize) -> ExitCode {
    // SAFETY: fresh memory, which nobody else refers to, written within its bounds.
    unsafe {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let start = libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0);
        if start == libc::MAP_FAILED {
            return ExitCode::FAILURE;
        }
        libc::madvise(start, bytes, libc::MADV_HUGEPAGE);
        for offset in (0..bytes).step_by(4096) {
            start.cast::<u8>().add(offset).write_volatile(1);
        }
    }
    ExitCode::SUCCESS
}

/// Lets the stack grow to a gigabyte, in children too. Not without limit: that changes where the kernel puts mappings.
fn deep() -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` lives through both calls.
    unsafe {
        libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0 && {
            limit.rlim_cur = (1 << 30).min(limit.rlim_max);
            libc::setrlimit(libc::RLIMIT_STACK, &limit) == 0
        }
    }
}

/// Leaves the first of the processors to this process and its children.
fn single() -> bool {
    // SAFETY: sets of bits, for which zeroes are good.
    let (mut all, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: the sets live through the calls and have the size given.
    unsafe {
        libc::sched_getaffinity(0, size_of_val(&all), &mut all) == 0 && {
            let first = (0..libc::CPU_SETSIZE as usize).find(|&cpu| libc::CPU_ISSET(cpu, &all));
            libc::CPU_SET(first.unwrap_or(0), &mut one);
            libc::sched_setaffinity(0, size_of_val(&one), &one) == 0
        }
    }
}
