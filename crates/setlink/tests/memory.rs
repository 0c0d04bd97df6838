//! Each call of a memory manager fails once in turn, and the session is as it was; the error names a section of the set.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod support;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use setlink::memory::process::ProcessMemory;
use setlink::memory::{Demand, Memory, Region, SegmentNeed, SegmentSpec, Site};
use setlink::{Place, Problem, ProblemKind, Session, Set};
use support::{alone, compile, compiler, mappings};

/// What the memory and its regions share.
#[derive(Default)]
struct Account {
    /// Calls that are still to succeed before one fails.
    left: AtomicI64,
    /// And so does every later one of its kind.
    for_good: AtomicBool,
    kind: Mutex<&'static str>,
    regions: AtomicU64,
}

impl Account {
    fn call(&self, name: &'static str) -> Result<(), Problem> {
        let left = self.left.fetch_sub(1, SeqCst);
        let mut kind = self.kind.lock().unwrap();
        if left == 0 {
            *kind = name;
        }
        if left == 0 || left < 0 && *kind == name && self.for_good.load(SeqCst) {
            let what = format!("{name} fails for the test");
            return Err(Problem::new(Place::default(), ProblemKind::Memory { what }));
        }
        Ok(())
    }
}

struct Failing {
    inner: ProcessMemory,
    account: Arc<Account>,
}

impl Memory for Failing {
    fn page(&self) -> u64 {
        self.inner.page()
    }

    fn sites(&self, demand: &Demand) -> Result<Vec<Site>, Problem> {
        self.account.call("sites")?;
        self.inner.sites(demand)
    }

    fn sketch(&self, site: &Site, needs: &[SegmentNeed]) -> Vec<SegmentSpec> {
        self.inner.sketch(site, needs)
    }

    fn reserve(&self, site: &Site, needs: &[SegmentNeed]) -> Result<Box<dyn Region>, Problem> {
        self.account.call("reserve")?;
        let inner = self.inner.reserve(site, needs)?;
        self.account.regions.fetch_add(1, SeqCst);
        Ok(Box::new(FailingRegion { inner, account: self.account.clone() }))
    }
}

struct FailingRegion {
    inner: Box<dyn Region>,
    account: Arc<Account>,
}

impl Region for FailingRegion {
    fn segments(&self) -> &[SegmentSpec] {
        self.inner.segments()
    }

    fn bytes(&mut self) -> Vec<&mut [u8]> {
        self.inner.bytes()
    }

    fn protect(&mut self, index: usize) -> Result<(), Problem> {
        self.account.call("protect")?;
        self.inner.protect(index)
    }

    fn reserved(&self) -> u64 {
        self.inner.reserved()
    }

    fn zone(&self) -> Option<u64> {
        self.inner.zone()
    }
}

impl Drop for FailingRegion {
    fn drop(&mut self) {
        self.account.regions.fetch_sub(1, SeqCst);
    }
}

fn run(set: &Set) {
    // SAFETY: the function has this type, and its set is there.
    assert_eq!(unsafe { set.get::<extern "C" fn() -> i32>("f").unwrap() }(), 6);
}

/// Links sets of `size` bytes of variables until one comes through without a fault; which calls failed.
fn link_with_faults(size: usize, for_good: bool) -> Vec<String> {
    let source = format!(
        "const int table[40] = {{ 5 }}; volatile char data[{size}] = {{ 1 }};
         __thread volatile int t; int f(void) {{ return data[0] + table[0] + t; }}"
    );
    let object = compile(&source, &["-O1", "-fPIC"]);
    let account = Arc::new(Account { left: AtomicI64::new(i64::MAX), ..Account::default() });
    let session =
        Session::host_with(Failing { inner: ProcessMemory::new(), account: account.clone() }).unwrap();
    let link = |name: &str| session.set(name).add_bytes("f.o", object.as_slice()).unwrap().link();
    let kept = link("kept").unwrap();
    link("warm").unwrap().remove().unwrap();
    let before = mappings();
    let again = link("again").unwrap();
    let summary = again.summary().clone();
    again.remove().unwrap();
    let mut failed = Vec::new();
    for round in 0.. {
        assert!(round < 100, "there is no end of it");
        account.for_good.store(for_good, SeqCst);
        account.left.store(round, SeqCst);
        let linked = link("faulty");
        let is_faulty = account.left.swap(i64::MAX, SeqCst) < 0;
        match linked {
            // Where one site is taken, there may be others.
            Ok(set) => {
                run(&set);
                set.remove().unwrap();
            }
            Err(error) => {
                let text = error.to_string();
                let (place, what) = text.split_once(": ").unwrap();
                assert!(place == "f.o" && what.starts_with('.'), "{text}");
                failed.push(what.to_owned());
            }
        }
        assert_eq!((session.sets(), account.regions.load(SeqCst)), (vec!["kept".to_owned()], 1));
        assert_eq!(mappings(), before, "after call {round}");
        let again = link("again").unwrap();
        assert_eq!(again.summary(), &summary);
        run(&again);
        again.remove().unwrap();
        if !is_faulty {
            break;
        }
    }
    run(&kept);
    println!("{size} bytes: {failed:?}");
    failed
}

#[test]
fn each_call_of_a_memory_manager_fails_once() {
    alone("each_call_of_a_memory_manager_fails_once", || {
        if !compiler() {
            return;
        }
        for size in [100, 3 << 20] {
            for for_good in [false, true] {
                let failed = link_with_faults(size, for_good);
                let of = |name: &str| failed.iter().filter(|what| what.contains(name)).count();
                // Code, constants, data.
                assert_eq!((of("sites fails") > 0, of("protect fails")), (true, 3), "{failed:?}");
                assert!(of("reserve fails") > 0 || !for_good, "{failed:?}");
            }
        }
    });
}
