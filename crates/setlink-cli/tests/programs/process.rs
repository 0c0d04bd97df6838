//! Running a program and keeping everything it said. The one place that knows how setlink is called.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde_json::Value;

const TIME_LIMIT: Duration = Duration::from_secs(120);

/// `setlink VERB INPUTS LIBS`. The environment variable `SETLINK` names another executable to test.
pub fn setlink(verb: &str, libs: &[String], inputs: &[String]) -> Command {
    let program = std::env::var_os("SETLINK").unwrap_or_else(|| env!("CARGO_BIN_EXE_setlink").into());
    let mut command = Command::new(program);
    command.arg(verb).args(inputs).args(libs);
    command
}

/// `setlink plan --json` on these inputs.
pub fn plan(libs: &[String], inputs: &[String]) -> Result<Value, Failed> {
    let outcome = Outcome::of(setlink("plan", libs, inputs).arg("--json"), b"")?;
    check(outcome.status == Some(0), || format!("setlink plan failed\n{outcome}"))?;
    Ok(serde_json::from_str(&outcome.stdout)?)
}

/// An error with this text unless `ok`.
pub fn check(ok: bool, text: impl FnOnce() -> String) -> Result<(), Failed> {
    if ok { Ok(()) } else { Err(Failed::from(text())) }
}

/// How a program ended and what it printed.
#[derive(PartialEq, Eq)]
pub struct Outcome {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Runs to the end, or to the time limit, which is an error.
    pub fn of(command: &mut Command, input: &[u8]) -> Result<Outcome, Failed> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input)); // a child that does not read it is no error
            let read = |from: &mut dyn Read| {
                let mut bytes = Vec::new();
                let _ = from.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            };
            let stdout = scope.spawn(move || read(&mut out));
            let stderr = scope.spawn(move || read(&mut err));
            let start = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait()? {
                    break status;
                }
                if start.elapsed() > TIME_LIMIT {
                    child.kill()?;
                    child.wait()?;
                    return Err(Failed::from(format!("still running after {TIME_LIMIT:?}: {command:?}")));
                }
                std::thread::sleep(Duration::from_millis(2));
            };
            let (stdout, stderr) = (stdout.join().expect("no panic"), stderr.join().expect("no panic"));
            Ok(Outcome { status: status.code(), stdout, stderr })
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => writeln!(f, "status {status}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "[stderr] {}", self.stderr)?;
        }
        Ok(())
    }
}
