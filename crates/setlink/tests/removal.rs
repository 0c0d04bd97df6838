//! Removal, in a process where nothing else is linked meanwhile: what is mapped can be compared.

mod support;

use setlink::Session;
use support::{compile, mappings};

#[test]
fn removal_runs_finalisers_and_gives_memory_back() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let log = compile("int log_[16], logged; void note(int n) { log_[logged++] = n; }", &["-fPIC"]);
    let log = session.set("log").add_bytes("log.o", log).unwrap().link().unwrap();
    let source = "extern void note(int); int atexit(void (*)(void)); static char big[1 << 20];
        static void handler(void) { note(1); }
        __attribute__((constructor)) static void begin(void) { note(0); atexit(handler); }
        __attribute__((destructor)) static void end(void) { note(2); }
        int use(void) { big[5] = 1; return big[5]; }";
    let object = compile(source, &["-fPIC"]);
    // The first round loads and allocates what stays.
    for round in 0..3 {
        let before = mappings();
        let set = session.set("app").add_bytes("app.o", object.clone()).unwrap();
        let set = set.add_default_libraries().scope([&log]).link().unwrap();
        // SAFETY: the function has this type and is not called after its set is removed.
        let function = unsafe { set.get::<extern "C" fn() -> i32>("use").unwrap() };
        assert_eq!(function(), 1);
        set.remove().unwrap();
        if round > 0 {
            assert_eq!(mappings(), before);
        }
    }
    // SAFETY: the variables have these types.
    let (entries, count) =
        unsafe { (log.get::<*const [i32; 16]>("log_").unwrap(), log.get::<*const i32>("logged").unwrap()) };
    // SAFETY: nobody else runs the set's code now.
    let (entries, count) = unsafe { (**entries, **count) };
    assert_eq!((entries[..3].to_vec(), count), (vec![0, 1, 2], 9));
}
