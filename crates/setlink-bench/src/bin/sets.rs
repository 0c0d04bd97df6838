//! `setlink-bench-sets THROWER [threads]`: many small sets in one process, or only what threads make of them. Prints a
//! list of facts as JSON: what, figure, unit.
//!
//! THROWER is an object with `throws(n, f)`, which calls itself n deep and then `f`, and is compiled with unwind tables.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

use setlink::{Session, Set};
use setlink_bench::objects::functions;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// What, figure, unit.
type Fact = (String, f64, &'static str);
type Function = extern "C" fn(i32) -> i32;
type Throws = extern "C-unwind" fn(i32, extern "C-unwind" fn(i32) -> i32) -> i32;

/// Live sets: more than a process may have mappings.
const LIVE: usize = 100_000;
const CYCLES: usize = 1_000_000;
const BY_THREADS: usize = 40_000;

/// Seconds of processor time of this process.
fn processor() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the time, and a clock that every process has.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// How often threads of this process have waited, for a lock most likely.
fn waits() -> f64 {
    // SAFETY: a structure of numbers.
    let mut usage = unsafe { std::mem::zeroed::<libc::rusage>() };
    // SAFETY: a place for the figures of this process.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    usage.ru_nvcsw as f64
}

fn mappings() -> Result<usize> {
    Ok(std::fs::read_to_string("/proc/self/maps")?.lines().count())
}

fn resident_kib() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    Ok(text.split(' ').nth(1).ok_or("statm has no second word")?.parse::<f64>()? * 4.0)
}

fn link(session: &Session, object: &[u8]) -> Result<Set> {
    Ok(session.set("tiny").add_bytes("tiny.o", object)?.link()?)
}

fn call(set: &Set) -> Result<()> {
    // SAFETY: `objects::functions` made it, of this type.
    match unsafe { set.get::<Function>("tiny")? }(3) {
        10 => Ok(()),
        answer => Err(format!("wrong answer {answer}").into()),
    }
}

extern "C-unwind" fn panics(_: i32) -> i32 {
    resume_unwind(Box::new(()))
}

fn main() -> Result<()> {
    let thrower = std::fs::read(std::env::args().nth(1).ok_or("which object throws?")?)?;
    let object = functions(&[("tiny".into(), "tiny".into(), 7)]);
    let mut facts: Vec<Fact> = Vec::new();
    let session = Session::host()?;
    link(&session, &object)?;
    if std::env::args().nth(2).is_some_and(|part| part == "threads") {
        threads(&session, &object, &mut facts);
        println!("{}", serde_json::to_string(&facts)?);
        return Ok(());
    }
    let throwing = link(&session, &thrower)?;
    // SAFETY: it has this type.
    let throws = unsafe { throwing.get::<Throws>("throws")? };
    let throw = |frames: i32| {
        let start = Instant::now();
        let caught = catch_unwind(AssertUnwindSafe(|| throws(frames, panics))).is_err();
        assert!(caught, "nothing was thrown");
        start.elapsed().as_secs_f64()
    };
    let before = mappings()?;
    let empty = resident_kib()?;
    let mut sets: Vec<Set> = Vec::new();
    let (mut from, mut start) = (0, processor());
    for count in [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, LIVE] {
        while sets.len() < count {
            let set = link(&session, &object)?;
            call(&set)?;
            sets.push(set);
        }
        let each = (processor() - start) / (count - from) as f64;
        facts.push((format!("link, processor time a set, sets {from} to {count}"), each * 1e6, "µs"));
        (from, start) = (count, processor());
    }
    facts.push((format!("mappings that {LIVE} sets added"), (mappings()? - before) as f64, ""));
    facts.push((format!("resident memory a set, of {LIVE}"), (resident_kib()? - empty) / LIVE as f64, "KiB"));
    facts.push(("first throw, which sorts the tables".into(), throw(10) * 1e3, "ms"));
    let (few, many) = (throw(10), throw(1010));
    facts.push((format!("throw, a frame, {LIVE} sets live"), (many - few) / 1000.0 * 1e6, "µs"));
    let start = processor();
    for set in sets.drain(..) {
        set.remove()?;
    }
    facts.push(("remove, processor time a set".into(), (processor() - start) / LIVE as f64 * 1e6, "µs"));
    let mut levels = Vec::new();
    for tenth in 0..10 {
        let start = processor();
        for _ in 0..CYCLES / 10 {
            link(&session, &object)?.remove()?;
        }
        if [0, 9].contains(&tenth) {
            let each = (processor() - start) / (CYCLES / 10) as f64 * 1e6;
            facts.push((
                format!("link and remove, processor time, tenth {} of {CYCLES}", tenth + 1),
                each,
                "µs",
            ));
        }
        levels.push(resident_kib()?);
    }
    let growth = (levels[9] / levels[0] - 1.0) * 100.0;
    facts.push((
        format!("growth of resident memory over {CYCLES} cycles, after the first tenth"),
        growth,
        "%",
    ));
    threads(&session, &object, &mut facts);
    println!("{}", serde_json::to_string(&facts)?);
    Ok(())
}

/// Links and removals by several threads, each its own sets.
fn threads(session: &Session, object: &[u8], facts: &mut Vec<Fact>) {
    let mut alone = 0.0;
    for threads in [1, 2, 4] {
        #[cfg(feature = "locks")]
        setlink::locks::take();
        let (start, before, waited) = (Instant::now(), processor(), waits());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for _ in 0..BY_THREADS / threads {
                        link(session, object).and_then(|set| Ok(set.remove()?)).unwrap();
                    }
                });
            }
        });
        let rate = BY_THREADS as f64 / start.elapsed().as_secs_f64();
        alone = if threads == 1 { rate } else { alone };
        facts.push((format!("links and removals a second, {threads} threads"), rate, ""));
        facts.push((format!("speed-up of {threads} threads"), rate / alone, "×"));
        // Where others use the processors, too, threads that do not wait for each other are not faster for it.
        let used = processor() - before;
        let each = used / BY_THREADS as f64 * 1e6;
        facts.push((format!("processor time of a link and removal, {threads} threads"), each, "µs"));
        facts.push((
            format!("processors in use, {threads} threads"),
            used / start.elapsed().as_secs_f64(),
            "",
        ));
        let waits = (waits() - waited) / BY_THREADS as f64;
        facts.push((format!("waits for another thread, a link and removal, {threads} threads"), waits, ""));
        #[cfg(feature = "locks")]
        for (lock, waited, held) in setlink::locks::take() {
            let share = |seconds: f64| seconds / (start.elapsed().as_secs_f64() * threads as f64) * 100.0;
            facts.push((format!("lock of {lock}, held, {threads} threads"), share(held), "%"));
            facts.push((format!("lock of {lock}, waited for, {threads} threads"), share(waited), "%"));
        }
    }
}
