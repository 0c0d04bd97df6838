//! Each system call of a link fails once in turn, and the session is as it was.
//!
//! The test traces itself: a child links sets, its parent makes the n-th system call of the n-th link fail with ENOMEM,
//! as a debugger can (ptrace(2)). What the child marks by a call that nobody else makes is the stretch in which to do so.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use setlink::Session;
use support::{alone, compile, compiler};

/// getpriority with this `which` begins and ends the stretch; the kernel says EINVAL.
const MARK: u64 = 0x5e71;
/// A link takes fewer calls than this.
const ENOUGH: usize = 400;

fn mark(number: u64) -> bool {
    // SAFETY: an invalid question, whose answer is an error; the tracer answers 1 when it has made a call fail.
    unsafe { libc::syscall(libc::SYS_getpriority, MARK, number) == 1 }
}

type Function = extern "C" fn(i32) -> i32;

fn state() -> Vec<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let of_sets = |line: &&str| {
        let mut words = line.split_whitespace();
        let flags = words.nth(1).unwrap();
        // What the allocator maps has no name either, and is writable.
        words.count() == 3 && !flags.contains('w') && flags != "---p"
    };
    maps.lines().filter(of_sets).map(str::to_owned).collect()
}

/// Links, with faults, sets of `size` bytes of variables until one comes through without any.
fn link_with_faults(size: usize) {
    let source = format!(
        "#include <stdio.h>\n#include <stdlib.h>\nvolatile char data[{size}] = {{ 1 }}; volatile _Thread_local int t = 1;
         static int begun; __attribute__((constructor)) static void begin(void) {{ begun++; }}
         int f(int x) {{ return x + data[0] + t + begun + (stdout == 0) + (&malloc == 0); }}"
    );
    let object = compile(&source, &["-O1", "-fPIC"]);
    let session = Session::host().unwrap();
    let link = |name: &str| session.set(name).add_bytes("f.o", object.as_slice()).unwrap().link();
    let first = link("first").unwrap();
    // What the first round allocates stays.
    link("warm").unwrap().remove().unwrap();
    let before = state();
    let mut failed = 0;
    for round in 0.. {
        assert!(round < ENOUGH, "there is no end of it");
        mark(round as u64 + 1);
        let linked = link("faulty");
        let injected = mark(0);
        match linked {
            Ok(set) => {
                // SAFETY: the function has this type, and its set is there.
                assert_eq!(unsafe { set.get::<Function>("f").unwrap() }(1), 4);
                set.remove().unwrap();
            }
            Err(error) => {
                assert!(injected, "{error}");
                failed += 1;
            }
        }
        assert_eq!(session.sets(), ["first"]);
        assert_eq!(state(), before, "after fault {round}");
        let again = link("again").unwrap();
        // SAFETY: the function has this type, and its set is there.
        assert_eq!(unsafe { again.get::<Function>("f").unwrap() }(1), 4);
        again.remove().unwrap();
        if !injected {
            println!("{round} system calls, {failed} of them needed");
            break;
        }
    }
    assert!(failed > 0, "no fault made a difference");
    // SAFETY: the function has this type, and its set is there.
    assert_eq!(unsafe { first.get::<Function>("f").unwrap() }(1), 4);
}

/// Lets the child `pid` run to its end, making calls fail; its exit status.
fn trace(pid: i32) -> i32 {
    let (mut countdown, mut injected) = (0u64, false);
    let mut entering = true;
    let mut status = 0;
    // SAFETY: ptrace of this process's own child, which waits for it; the registers are a plain structure.
    unsafe {
        libc::waitpid(pid, &mut status, 0);
        libc::ptrace(libc::PTRACE_SETOPTIONS, pid, 0, libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_EXITKILL);
        let mut signal = 0;
        loop {
            libc::ptrace(libc::PTRACE_SYSCALL, pid, 0, signal);
            signal = 0;
            if libc::waitpid(pid, &mut status, 0) != pid
                || libc::WIFEXITED(status)
                || libc::WIFSIGNALED(status)
            {
                return status;
            }
            if libc::WSTOPSIG(status) != libc::SIGTRAP | 0x80 {
                signal = libc::WSTOPSIG(status);
                continue;
            }
            let mut registers: libc::user_regs_struct = std::mem::zeroed();
            libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &mut registers);
            let is_mark = registers.orig_rax == libc::SYS_getpriority as u64 && registers.rdi == MARK;
            if is_mark && !entering {
                if registers.rsi == 0 {
                    registers.rax = u64::from(injected);
                    libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &registers);
                }
                (countdown, injected) = (registers.rsi, false);
            } else if entering && !is_mark && countdown > 0 {
                countdown -= 1;
                // What cannot fail, or is the allocator's own business, is not the link's.
                let number = registers.orig_rax as i64;
                let spared =
                    [libc::SYS_brk, libc::SYS_munmap, libc::SYS_close, libc::SYS_getpid, libc::SYS_futex];
                if countdown == 0 && spared.contains(&number) {
                    injected = true; // counts as done: nothing to see
                } else if countdown == 0 {
                    injected = true;
                    registers.orig_rax = u64::MAX; // no call
                    libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &registers);
                    libc::ptrace(libc::PTRACE_SYSCALL, pid, 0, 0);
                    libc::waitpid(pid, &mut status, 0);
                    libc::ptrace(libc::PTRACE_GETREGS, pid, 0, &mut registers);
                    registers.rax = -i64::from(libc::ENOMEM) as u64;
                    libc::ptrace(libc::PTRACE_SETREGS, pid, 0, &registers);
                    continue; // the exit of this call has been seen
                }
            }
            entering = !entering;
        }
    }
}

#[test]
fn each_system_call_fails_once() {
    alone("each_system_call_fails_once", || {
        if !compiler() {
            return;
        }
        for size in [100, 3 << 20] {
            // SAFETY: the process has no other thread but the harness's, which waits.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                // SAFETY: stops until the parent traces it.
                unsafe {
                    libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
                    libc::raise(libc::SIGSTOP);
                }
                let done = std::panic::catch_unwind(|| link_with_faults(size)).is_ok();
                // SAFETY: the child ends here, without the harness's exit handlers.
                unsafe { libc::_exit(i32::from(!done)) };
            }
            assert_eq!(trace(pid), 0, "size {size}");
        }
    });
}
