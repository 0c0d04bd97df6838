//! Programs under real debuggers and profilers: GDB, LLDB and perf see what `setlink run` runs. Where one is missing, or
//! may not do its work here, its tests say so.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

const SETLINK: &str = env!("CARGO_BIN_EXE_setlink");
/// A debugger that waits for something that does not come would wait for ever.
const PATIENCE: Duration = Duration::from_secs(100);

const MAIN: &str = r#"#include <stdio.h>
#include <stdlib.h>
int counter = 3;
static int hidden = 4;
struct point { int x, y; } origin = { 7, 9 };
extern int through(int (*)(int), int);
static int inner(int n) {
  int twice = n * 2;
  hidden += twice;
  counter++;
  return twice;
}
static int in_order(const void *a, const void *b) { return *(int *)a - *(int *)b + 0 * inner(1); }
int main(int count, char **arguments) {
  int numbers[2] = { 2, 1 };
  int result = through(inner, 21);
  qsort(numbers, 2, sizeof *numbers, in_order);
  printf("%d %d %d\n", result, hidden, numbers[0]);
  return 0;
}
"#;

const OTHER: &str = "int through(int (*f)(int), int n) {
  int local = n + 1;
  return f(local) + 1;
}
";

/// What the loader learns of by libraries in memory, whose names a debugger meets.
const LIBRARIES: &str = r#"#include <dlfcn.h>
#include <stdio.h>
__thread int own = 5;
int found_by_name(void) { return 40; }
int main(void) {
  int (*found)(void) = dlsym(RTLD_DEFAULT, "found_by_name");
  void *library = dlopen("libm.so.6", RTLD_NOW);
  printf("%d %d\n", own + found(), !!library);
}
"#;

const THREADS: &str = r#"#include <pthread.h>
__thread int own = 5;
static __thread int hidden = 6;
int use(int n) { own += n; hidden += own; return hidden; }
static void *run(void *nothing) { return (void *)(long)use(3); }
int main(void) {
  pthread_t thread;
  own = 30;
  pthread_create(&thread, 0, run, 0);
  pthread_join(thread, 0);
  return use(1) - 37;
}
"#;

const SPINNING: &str = r#"#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) unsigned spin_in_here(unsigned n) {
  unsigned sum = 0;
  for (unsigned i = 0; i < n; i++) sum += i * i % 7;
  return sum;
}
int main(void) {
  printf("%u\n", spin_in_here(100000000));
  return 0;
}
"#;

const WAITING: &str = r#"#include <stdio.h>
#include <unistd.h>
int ticks;
void tick(void) { ticks++; usleep(1000); }
int main(void) {
  puts("here");
  fflush(stdout);
  for (;;) tick();
}
"#;

fn main() {
    let arguments = Arguments::from_args();
    let test = |name: &str, run: fn(&Path) -> Result<Completion, Failed>| {
        Trial::ignorable_test(name, move || {
            let folder = tempfile::tempdir()?;
            run(folder.path())
        })
    };
    let trials = vec![
        test("gdb::names_lines_frames_and_variables", gdb),
        test("gdb::code_without_debug_information", gdb_without),
        test("gdb::optimised_and_collected", gdb_optimised),
        test("gdb::libraries_in_memory", gdb_libraries),
        test("gdb::thread_local_variables", gdb_thread_local),
        test("gdb::a_process_that_runs_already", gdb_attached),
        test("lldb::names_lines_frames_and_variables", lldb),
        test("perf::functions_are_named", perf),
        test("perf::functions_are_kept", perf_inject),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// Compiles `source` to the object `NAME.o` in `folder`.
fn compile(folder: &Path, name: &str, source: &str, flags: &[&str]) -> Result<(), Failed> {
    let from = format!("{name}.c");
    std::fs::write(folder.join(&from), source)?;
    let mut command = Command::new("cc");
    command.current_dir(folder).args(flags).args(["-fPIC", "-c", &from]);
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("cc: {status}").into()) }
}

fn spawn(folder: &Path, command: &mut Command) -> Result<Child, Failed> {
    let said = || File::create(folder.join("said")).and_then(|out| Ok((out.try_clone()?, out)));
    let (out, error) = said()?;
    command.current_dir(folder).stdin(Stdio::null()).stdout(out).stderr(error);
    // Not what users have for themselves, nor what is far away.
    command.env_remove("DEBUGINFOD_URLS").env("LC_ALL", "C");
    command.spawn().map_err(|error| format!("{:?}: {error}", command.get_program()).into())
}

/// All that a command says until it ends.
fn run(folder: &Path, command: &mut Command) -> Result<String, Failed> {
    let mut child = spawn(folder, command)?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            let said = std::fs::read_to_string(folder.join("said"))?;
            return Err(format!("still running after {PATIENCE:?}: {command:?}\n{said}").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(std::fs::read_to_string(folder.join("said"))?)
}

/// Whether a debugger or profiler does its work here; the reason why not.
fn works(folder: &Path, name: &str, arguments: &[&str], answer: &str) -> Result<(), String> {
    match run(folder, Command::new(name).args(arguments)) {
        Ok(said) if said.contains(answer) => Ok(()),
        Ok(said) => {
            Err(format!("{name} cannot work here: {}", said.lines().last().unwrap_or("it says nothing")))
        }
        Err(_) => Err(format!("this machine has no {name}, or it does not work")),
    }
}

fn gdb_works(folder: &Path) -> Result<(), String> {
    works(folder, "gdb", &["-batch", "-nx", "-ex", "run", "true"], "exited normally")
}

/// Runs GDB's commands on what `setlink run` runs.
fn script(folder: &Path, commands: &str, arguments: &[&str]) -> Result<String, Failed> {
    std::fs::write(folder.join("script"), format!("set breakpoint pending on\n{commands}"))?;
    let mut gdb = Command::new("gdb");
    run(folder, gdb.args(["-batch", "-nx", "-x", "script", "--args", SETLINK, "run"]).args(arguments))
}

/// All of `parts` are there, one behind the other.
fn expect(said: &str, parts: &[&str]) -> Result<(), Failed> {
    let mut rest = said;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return Err(format!("no `{part}`, or not behind what comes before it:\n{said}").into()),
        }
    }
    Ok(())
}

fn gdb(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    for version in ["-gdwarf-5", "-gdwarf-4"] {
        compile(folder, "prog", MAIN, &["-O0", version])?;
        compile(folder, "other", OTHER, &["-O0", version])?;
        let commands = "break prog.c:inner\nbreak other.c:2\nrun\ninfo locals\ncontinue\nbacktrace\ninfo args\nprint counter\n\
                        print hidden\nprint origin\nset var counter = 40\nnext\nnext\nnext\nprint counter\nfinish\n\
                        info symbol &origin\ninfo line through\nptype through\ndelete\ncontinue\n";
        let said = script(folder, commands, &["--gdb", "prog.o", "other.o"])?;
        expect(
            &said,
            &[
                "through (f=0x",
                "<inner>, n=21) at other.c:2",
                "local = ",
                "inner (n=22) at prog.c:8",
                "#0  inner (n=22) at prog.c:8",
                "in through (f=0x",
                "at other.c:3",
                "in main (count=1, arguments=0x",
                "at prog.c:16",
                "n = 22",
                "$1 = 3\n",
                "$2 = 4\n",
                "$3 = {x = 7, y = 9}\n",
                "$4 = 41\n",
                "Value returned is $5 = 44",
                "origin in section .data",
                "Line 1 of \"other.c\" starts at address",
                "type = int (int (*)(int), int)",
                "45 50 1\n",
                "exited normally",
            ],
        )?;
        // Nobody sees what nobody asked for.
        let said = script(folder, "break through\nrun\n", &["prog.o", "other.o"])?;
        expect(&said, &["Breakpoint 1 (through) pending", "45 50 1\n", "exited normally"])?;
        if said.contains("Breakpoint 1, ") {
            return Err(said.into());
        }
    }
    Ok(Completion::Completed)
}

/// Functions by name, and frames through the set's functions, those of libraries between them.
fn gdb_without(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    compile(folder, "prog", MAIN, &["-O2", "-fomit-frame-pointer", "-fno-inline", "-g0"])?;
    compile(folder, "other", OTHER, &["-O2", "-fomit-frame-pointer", "-g0"])?;
    let commands = "break in_order\nrun\nbacktrace\nx/2i in_order\n";
    let said = script(folder, commands, &["--gdb", "prog.o", "other.o"])?;
    expect(&said, &["Breakpoint 1, 0x", "#0  0x", " in in_order ()", "qsort", " in main ()", "<in_order>:"])?;
    Ok(Completion::Completed)
}

fn gdb_optimised(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    let unused = format!("{OTHER}int unused(int n) {{ return n; }}\n");
    let flags = ["-O2", "-g3", "-ffunction-sections", "-fdata-sections"];
    compile(folder, "prog", MAIN, &flags)?;
    compile(folder, "other", &unused, &flags)?;
    let commands = "break through\nrun\nbacktrace\nfinish\nprint hidden\nbreak unused\ninfo address unused\n";
    let said = script(folder, commands, &["--gdb", "--gc-sections", "prog.o", "other.o"])?;
    let parts = [
        "through (f=",
        "at other.c:",
        "#1  0x",
        "in main",
        "at prog.c:16",
        "Value returned",
        " = 48",
        "No symbol \"unused\"",
    ];
    expect(&said, &parts)?;
    if said.contains("Breakpoint 2 at") {
        return Err(format!("a breakpoint where there is nothing:\n{said}").into());
    }
    Ok(Completion::Completed)
}

/// GDB opens the libraries of a process by their names: those of Setlink's in memory must not be names of something else.
fn gdb_libraries(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    compile(folder, "prog", LIBRARIES, &["-O0", "-g"])?;
    let commands = "break found_by_name\nrun\nbacktrace\ncontinue\n";
    let said = script(folder, commands, &["--gdb", "-rdynamic", "prog.o"])?;
    expect(
        &said,
        &["#0  found_by_name () at prog.c:4", "in main () at prog.c:8", "45 1\n", "exited normally"],
    )?;
    let said = script(folder, "run\n", &["-rdynamic", "prog.o"])?;
    expect(&said, &["45 1\n", "exited normally"])?;
    Ok(Completion::Completed)
}

/// Each thread's own, and not those of the host that are at the same offset in its storage.
fn gdb_thread_local(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    for version in ["-gdwarf-5", "-gdwarf-4"] {
        compile(folder, "prog", THREADS, &["-O0", version])?;
        let commands =
            "break prog.c:4\nrun\nprint own\nprint hidden\nset var own = 50\nfinish\ncontinue\nprint own\n";
        let said = script(folder, commands, &["--gdb", "prog.o"])?;
        if said.contains("libthread_db") {
            expect(&said, &["use (n=3)", "$1 = 5\n", "$2 = 6\n", "= 59\n", "use (n=1)", "$4 = 30\n"])?;
        }
    }
    Ok(Completion::Completed)
}

/// A debugger that comes later finds what was registered before.
fn gdb_attached(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = gdb_works(folder) {
        return Ok(Completion::ignored_with(reason));
    }
    compile(folder, "prog", WAITING, &["-O0", "-g"])?;
    let inner = folder.join("inner");
    std::fs::create_dir(&inner)?;
    let mut child = spawn(&inner, Command::new(SETLINK).args(["run", "--gdb", "../prog.o"]))?;
    let start = Instant::now();
    while std::fs::read(inner.join("said"))?.is_empty() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut gdb = Command::new("gdb");
    gdb.args(["-batch", "-nx", "-ex", "break prog.c:4", "-ex", "continue", "-ex", "backtrace"]);
    gdb.args(["-ex", "print ticks > 0", "-p", &child.id().to_string()]);
    let said = run(folder, &mut gdb);
    child.kill()?;
    child.wait()?;
    let said = said?;
    if said.contains("Operation not permitted") {
        return Ok(Completion::ignored_with("gdb may not attach to processes here"));
    }
    expect(&said, &["#0  tick () at prog.c:4", "in main () at prog.c:8", "$1 = 1"])?;
    Ok(Completion::Completed)
}

fn lldb(folder: &Path) -> Result<Completion, Failed> {
    let works = |name| works(folder, name, &["-x", "-b", "-o", "run", "true"], "exited with status = 0");
    let name = match ["lldb-19", "lldb"].into_iter().find(|name| works(name).is_ok()) {
        Some(name) => name,
        None => return Ok(Completion::ignored_with("this machine has no lldb, or it does not work")),
    };
    compile(folder, "prog", MAIN, &["-O0", "-g"])?;
    compile(folder, "other", OTHER, &["-O0", "-g"])?;
    let commands = "settings set plugin.jit-loader.gdb.enable on\nbreakpoint set -f prog.c -n inner\nrun\nbt\n\
                    frame variable\ntarget variable counter hidden origin\nfinish\nbreakpoint delete -f\ncontinue\n";
    std::fs::write(folder.join("script"), commands)?;
    let mut command = Command::new(name);
    command.args(["-x", "-b", "-s", "script", "--", SETLINK, "run", "--gdb", "prog.o", "other.o"]);
    let said = run(folder, &mut command)?;
    expect(
        &said,
        &[
            "frame #0:",
            "inner(n=22) at prog.c:8",
            "through(f=",
            "at other.c:3",
            "main(count=1",
            "at prog.c:16",
            "(int) n = 22",
            "(int) counter = 3",
            "(int) hidden = 4",
            "(x = 7, y = 9)",
            "Return value: (int) $0 = 44",
            "exited with status = 0",
        ],
    )?;
    Ok(Completion::Completed)
}

fn perf(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) = works(folder, "perf", &["record", "-o", "data", "true"], "Captured and wrote") {
        return Ok(Completion::ignored_with(reason));
    }
    compile(folder, "prog", SPINNING, &["-O1"])?;
    let mut record = Command::new("perf");
    record.args(["record", "-o", "data", SETLINK, "run", "--perf-map", "prog.o"]);
    expect(&run(folder, &mut record)?, &["Captured and wrote"])?;
    let mut report = Command::new("perf");
    report.args(["report", "-i", "data", "--stdio", "--no-children", "--sort", "pid,sym"]);
    let said = run(folder, &mut report)?;
    let first =
        said.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    if let Some(process) = first.split_ascii_whitespace().nth(1).and_then(|word| word.split(':').next()) {
        let _ = std::fs::remove_file(format!("/tmp/perf-{process}.map"));
    }
    if !first.contains("spin_in_here") {
        return Err(format!("the function that takes all the time has no name:\n{said}").into());
    }
    Ok(Completion::Completed)
}

/// The code too, from the file that a program leaves.
fn perf_inject(folder: &Path) -> Result<Completion, Failed> {
    if let Err(reason) =
        works(folder, "perf", &["record", "-k", "mono", "-o", "data", "true"], "Captured and wrote")
    {
        return Ok(Completion::ignored_with(reason));
    }
    if let Err(reason) = works(folder, "perf", &["inject", "-h"], "--jit") {
        return Ok(Completion::ignored_with(reason));
    }
    compile(folder, "prog", SPINNING, &["-O1"])?;
    let mut record = Command::new("perf");
    record.args(["record", "-k", "mono", "-o", "data", SETLINK, "run", "--jitdump=.", "prog.o"]);
    expect(&run(folder, &mut record)?, &["Captured and wrote"])?;
    let mut inject = Command::new("perf");
    run(folder, inject.args(["inject", "--jit", "-i", "data", "-o", "injected"]))?;
    let mut report = Command::new("perf");
    let said = run(
        folder,
        report.args(["report", "-i", "injected", "--stdio", "--no-children", "--sort", "dso,sym"]),
    )?;
    let first =
        said.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    expect(first, &["jitted-", "spin_in_here"])?;
    Ok(Completion::Completed)
}
