//! Running a process with a time limit, its output kept in files so that nothing can block on it.

use crate::directives::{End, words};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than any program of a case needs, on a loaded machine too.
pub const RUN_LIMIT: Duration = Duration::from_secs(20);
/// The same for compilers.
pub const BUILD_LIMIT: Duration = Duration::from_secs(120);

/// What a process left behind.
pub struct Finished {
    /// The command, as one could type it.
    pub command: String,
    /// `None` when it took too long and was killed.
    pub end: Option<End>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn succeeded(&self) -> bool {
        self.end == Some(End::Exit(0))
    }

    /// Everything one wants to see when it went wrong.
    pub fn report(&self) -> String {
        let end = self.end.map_or_else(|| "killed, it took too long".to_owned(), |end| format!("{end:?}"));
        format!("$ {}\n{end}\n-- stdout\n{}-- stderr\n{}", self.command, self.stdout, self.stderr)
    }
}

/// Runs `program arguments…` in `folder`, with `stdin` as its input, for at most `limit`.
pub fn run(
    folder: &Path,
    program: &str,
    arguments: &[String],
    env: &[(String, String)],
    stdin: &str,
    limit: Duration,
) -> Result<Finished, String> {
    let command = std::iter::once(program)
        .chain(arguments.iter().map(String::as_str))
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" ");
    let run = || -> io::Result<Finished> {
        let output = |name: &str| File::create_new(folder.join(name));
        // A process may still be writing when the next one starts (a killed one's child), so names are unique.
        let number = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (out_name, err_name) = (format!(".stdout-{number}"), format!(".stderr-{number}"));
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .envs(env.iter().map(|(name, value)| (name, value)))
            .env("LC_ALL", "C")
            .stdin(if stdin.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(output(&out_name)?)
            .stderr(output(&err_name)?)
            .process_group(0)
            .spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            // Cases feed a few lines, which fit into the pipe; a program that does not read them is its own affair.
            let _ = pipe.write_all(stdin.as_bytes());
        }
        let status = wait(&mut child, limit)?;
        let end = status.map(|status| match (status.code(), status.signal()) {
            (Some(code), _) => End::Exit(code),
            (None, signal) => End::Signal(signal.unwrap_or(0)),
        });
        let text = |name: &str| {
            std::fs::read(folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        Ok(Finished { command: command.clone(), end, stdout: text(&out_name)?, stderr: text(&err_name)? })
    };
    run().map_err(|error| format!("$ {command}\n{error}"))
}

static COUNTER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Waits until the child ends, or kills its whole group when it takes too long.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > deadline {
            // SAFETY: a plain system call; the group is the child's own and the child has not been waited for.
            unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL) };
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

fn quoted(word: &str) -> String {
    match words(word) {
        Ok(parts) if parts == [word] && !word.contains(['$', '*', '&', ';', '(', '|', '<', '>']) => {
            word.to_owned()
        }
        _ => format!("'{word}'"),
    }
}
