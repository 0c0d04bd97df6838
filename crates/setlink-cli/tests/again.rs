//! A process that starts again for a program (much static thread-local storage here) hands it what `exec` hands to one that
//! is linked on disk.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SETLINK: &str = env!("CARGO_BIN_EXE_setlink");

/// Tells of signals, the environment in its order, descriptors and arguments.
const SOURCE: &str = r#"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
static __thread char large[65536] = {1};
extern char **environ;
int main(int count, char **arguments) {
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, 0, &blocked);
    for (int number = 1; number < 64; number++) {
        struct sigaction action;
        if (!sigaction(number, 0, &action) && action.sa_handler == SIG_IGN) printf("ignored %d\n", number);
        if (sigismember(&blocked, number) == 1) printf("blocked %d\n", number);
    }
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, "LD_LIBRARY_PATH=", 16)) puts(*variable);
    for (int number = 3; number < 64; number++)
        if (fcntl(number, F_GETFD) >= 0) printf("open %d\n", number);
    for (int i = 1; i < count; i++) puts(arguments[i]);
    printf("%d %d\n", large[0], large[65535]);
}
"#;

fn compile(folder: &Path, to: &str, flags: &[&str]) -> bool {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut child = Command::new(compiler)
        .args(["-xc", "-", "-o", to])
        .args(flags)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(SOURCE.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

/// What the command prints where its parent ignores and blocks signals, and `input` is a pipe.
fn run(command: &mut Command, input: &[u8]) -> Output {
    // `env -i` has no order to speak of: these are the variables.
    command.env_clear().env("B", "1").env("LD_PRELOAD", "").env("A", "2");
    // SAFETY: these calls are safe between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGPIPE, libc::SIG_IGN);
            libc::signal(libc::SIGUSR2, libc::SIG_IGN);
            let mut blocked: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut blocked);
            libc::sigaddset(&raw mut blocked, libc::SIGUSR1);
            libc::sigprocmask(libc::SIG_BLOCK, &raw const blocked, std::ptr::null_mut());
            Ok(())
        });
    }
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let _ = pipe.write_all(input);
    drop(pipe);
    child.wait_with_output().unwrap()
}

#[test]
fn a_process_that_starts_again_is_as_exec_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    if !compile(folder, "native", &[]) || !compile(folder, "a.o", &["-c"]) {
        return;
    }
    let theirs = run(Command::new("./native").arg("argument").current_dir(folder), b"");
    assert!(String::from_utf8_lossy(&theirs.stdout).contains(&format!("ignored {}\n", libc::SIGPIPE)));
    let object = std::fs::read(folder.join("a.o")).unwrap();
    let response = b"'-DUNUSED' a.o";
    for (inputs, pipe) in [
        (&["a.o", "--", "argument"][..], &b""[..]),
        (&["/dev/stdin", "--", "argument"], &object),
        (&["@/dev/stdin", "--", "argument"], response),
    ] {
        let ours = run(Command::new(SETLINK).arg("run").args(inputs).current_dir(folder), pipe);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&ours.stdout), text(&theirs.stdout), "{inputs:?}: {}", text(&ours.stderr));
        assert_eq!(ours.status, theirs.status);
    }
}
