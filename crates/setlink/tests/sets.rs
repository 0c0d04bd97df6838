//! Several sets in one session: scopes, dependencies, sharing, removal, weak definitions, threads.
//!
//! The objects are compiled by the system's C compiler; without one the tests say so and pass.

mod support;

use setlink::{Session, Set};
use support::compile;

type Number = extern "C" fn() -> i32;

fn link(session: &Session, name: &str, source: &str, scope: &[&Set]) -> Set {
    let object = compile(source, &["-fPIC"]);
    let set = session.set(name).add_bytes(format!("{name}.o"), object);
    set.and_then(|set| set.scope(scope.iter().copied()).link()).unwrap_or_else(|error| panic!("{error}"))
}

fn number(set: &Set, name: &str) -> i32 {
    // SAFETY: the tests' functions have this type, and are not called once their set is removed.
    let function = unsafe { set.get::<Number>(name) }.unwrap_or_else(|error| panic!("{error}"));
    function()
}

#[test]
fn a_set_finds_symbols_in_the_sets_of_its_scope() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let base = link(&session, "base", "int base(void) { return 40; } int shared = 1;", &[]);
    let source = "extern int base(void), shared; int app(void) { shared++; return base() + shared; }";
    let app = link(&session, "app", source, &[&base]);
    assert_eq!(number(&app, "app"), 42);
    assert_eq!(app.dependencies().collect::<Vec<_>>(), ["base"]);
    assert_eq!(session.sets(), ["base", "app"]);
    app.remove().unwrap();
    base.remove().unwrap();
    assert!(session.sets().is_empty());
}

#[test]
fn the_first_set_in_scope_wins_and_only_it_is_depended_on() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let first = link(&session, "first", "int who(void) { return 1; }", &[]);
    let second = link(&session, "second", "int who(void) { return 2; } int only(void) { return 20; }", &[]);
    let one =
        link(&session, "one", "extern int who(void); int app(void) { return who(); }", &[&first, &second]);
    let two =
        link(&session, "two", "extern int who(void); int app(void) { return who(); }", &[&second, &first]);
    assert_eq!((number(&one, "app"), number(&two, "app")), (1, 2));
    assert_eq!(one.dependencies().collect::<Vec<_>>(), ["first"]);
    assert_eq!(two.dependencies().collect::<Vec<_>>(), ["second"]);
}

#[test]
fn a_set_in_use_is_not_removed_and_names_its_users() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let base = link(&session, "base", "int base(void) { return 1; }", &[]);
    let source = "extern int base(void); int app(void) { return base(); }";
    let one = link(&session, "one", source, &[&base]);
    let two = link(&session, "two", source, &[&base]);
    let refusal = base.remove().unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "setlink: set `base` is in use by `one`, `two`; remove these first, or all together"
    );
    let base = refusal.set;
    assert_eq!(number(&base, "base"), 1, "a refused removal leaves the set as it was");
    assert_eq!(number(&one, "app"), 1);
    one.remove().unwrap();
    base.remove_with_dependents([two]).unwrap();
    assert!(session.sets().is_empty());
}

#[test]
fn dependents_must_be_given_to_go() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let base = link(&session, "base", "int base(void) { return 1; }", &[]);
    let middle = link(&session, "middle", "int base(void); int middle(void) { return base(); }", &[&base]);
    let top = link(&session, "top", "int middle(void); int top(void) { return middle(); }", &[&middle]);
    let error = base.remove_with_dependents([middle]).unwrap_err();
    assert!(error.to_string().contains("`middle` is in use by `top`"), "{error}");
    assert_eq!(number(&top, "top"), 1);
    assert_eq!(session.sets().len(), 3);
}

#[test]
fn a_removed_name_can_be_defined_again() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    for value in 0..20 {
        let set = link(&session, "again", &format!("int value(void) {{ return {value}; }}"), &[]);
        assert_eq!(number(&set, "value"), value);
        set.remove().unwrap();
    }
}

#[test]
fn entries_are_shared_only_when_asked_for() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    // Without relaxation, every call through the GOT needs an entry.
    let build = |name: &str| {
        let source = "extern int getpid(void); int app(void) { return getpid(); }";
        let object = compile(source, &["-fPIC", "-fno-plt"]);
        session.set(name).add_bytes(format!("{name}.o"), object).unwrap().relax(false)
    };
    let base = build("base").link().unwrap();
    let alone = build("alone").link().unwrap();
    let sharing = build("sharing").share_with(&base).link().unwrap();
    let counts = |set: &Set| (set.summary().got_entries, set.summary().shared);
    assert_eq!([counts(&base), counts(&alone), counts(&sharing)], [(1, 0), (1, 0), (0, 1)]);
    assert_eq!(number(&sharing, "app"), std::process::id() as i32);
    assert_eq!(sharing.dependencies().collect::<Vec<_>>(), ["base"]);
    assert!(alone.dependencies().next().is_none());
    let places = session.got_entries("getpid");
    assert_eq!(places.iter().map(|place| place.set.as_str()).collect::<Vec<_>>(), ["base", "alone"]);
    let refusal = base.remove().unwrap_err();
    assert!(refusal.to_string().contains("in use by `sharing`"), "{refusal}");
    sharing.remove().unwrap();
    refusal.set.remove().unwrap();
}

#[test]
fn entries_are_found_by_the_name_in_the_object_and_by_the_demangled_one() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let source = "int _Z5valuev(void) { return 3; } int app(void) { return _Z5valuev(); }";
    let object = compile(source, &["-fPIC", "-fno-plt", "-O0"]);
    let set = session.set("one").add_bytes("one.o", object).unwrap().relax(false).link().unwrap();
    assert_eq!(number(&set, "app"), 3);
    let found = |name: &str| session.got_entries(name).len();
    assert_eq!([found("_Z5valuev"), found("value()"), found("value"), found("")], [1, 1, 0, 0]);
    set.remove().unwrap();
}

#[test]
fn weak_definitions_are_own_copies_unless_existing_ones_are_preferred() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let source = |n: i32| {
        format!("__attribute__((weak)) int weak(void) {{ return {n}; }} int app(void) {{ return weak(); }}")
    };
    let base = link(&session, "base", &source(1), &[]);
    let own = link(&session, "own", &source(2), &[&base]);
    assert_eq!((number(&base, "app"), number(&own, "app")), (1, 2));
    assert!(own.dependencies().next().is_none());
    let preferring = session.set("preferring").add_bytes("p.o", compile(&source(3), &["-fPIC"])).unwrap();
    let preferring = preferring.scope([&base]).prefer_existing(true).link().unwrap();
    assert_eq!(number(&preferring, "app"), 1);
    assert_eq!(preferring.dependencies().collect::<Vec<_>>(), ["base"]);
}

#[test]
fn sets_of_removed_sets_cannot_be_linked() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let other = Session::host().unwrap();
    let base = link(&session, "base", "int base(void) { return 1; }", &[]);
    let object = compile("int base(void); int app(void) { return base(); }", &["-fPIC"]);
    let foreign = other.set("app").add_bytes("app.o", object.clone()).unwrap().scope([&base]);
    let error = foreign.link().unwrap_err();
    assert!(error.to_string().contains("not a linked set of this session"), "{error}");
    let late = session.set("app").add_bytes("app.o", object).unwrap().scope([&base]);
    // A builder holds no set: only linking does.
    base.remove().unwrap();
    let error = late.link().unwrap_err();
    assert!(error.to_string().contains("`base` is not a linked set"), "{error}");
}

/// One round of a thread: sets that use each other, are thrown through, and go, together or one after the other.
fn come_and_go(session: &Session, base: &Set, objects: &[Vec<u8>; 2], name: &str, round: i32) -> Option<Set> {
    let link = |name: String, object: &Vec<u8>, scope: &[&Set]| {
        let set = session.set(name).add_bytes("x.o", object.clone()).unwrap().relax(round % 2 == 0);
        let throw = setlink::Foreign::function(throw as *const () as u64);
        set.define("throw", throw).scope(scope.iter().copied()).share_with(base).link().unwrap()
    };
    let middle = link(format!("{name}-middle"), &objects[0], &[base]);
    let top = link(format!("{name}-top"), &objects[1], &[&middle, base]);
    // SAFETY: the functions have these types and are called before their sets are removed.
    let (function, through) = unsafe {
        let function = *top.get::<extern "C" fn(i32) -> i32>("top").unwrap();
        (function, *top.get::<extern "C-unwind" fn(i32)>("through").unwrap())
    };
    assert_eq!(function(round), 2 * (round + 1) + 5);
    let thrown = std::panic::catch_unwind(|| through(round)).expect_err("it throws");
    assert_eq!(thrown.downcast_ref::<i32>(), Some(&round));
    let middle = match round % 3 {
        0 => {
            let refusal = middle.remove().unwrap_err();
            assert!(refusal.to_string().contains(&format!("in use by `{name}-top`")), "{refusal}");
            refusal.set
        }
        _ => middle,
    };
    if round % 5 == 0 {
        return Some(top);
    }
    if round % 2 == 0 {
        middle.remove_with_dependents([top]).unwrap();
    } else {
        top.remove().unwrap();
        middle.remove().unwrap();
    }
    None
}

extern "C-unwind" fn throw(number: i32) {
    // Nobody is told: the message would be the same a thousand times.
    std::panic::resume_unwind(Box::new(number))
}

#[test]
fn many_threads_link_call_throw_and_remove_at_once() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let flags = ["-O1", "-fPIC", "-fno-plt", "-fexceptions"];
    // Entries to share: without relaxation, every call through the GOT needs one.
    let source = "int getppid(void); int base(int n) { return n + 1 + (getppid() < 0); }";
    let base = session.set("base").add_bytes("base.o", compile(source, &flags)).unwrap().relax(false);
    let base = base.link().unwrap();
    let objects = [
        compile("int base(int); int middle(int n) { return base(n) * 2; }", &flags),
        compile(
            "int middle(int), getppid(void); void throw(int);
             int top(int n) { return middle(n) + 5 + (getppid() < 0); }
             void through(int n) { throw(n); __asm__ volatile (\"\"); }",
            &flags,
        ),
    ];
    let kept: Vec<Set> = std::thread::scope(|scope| {
        let threads = (0..4).map(|thread| {
            let (session, objects, base) = (&session, &objects, &base);
            scope.spawn(move || {
                let rounds = (0..50).filter_map(|round| {
                    come_and_go(session, base, objects, &format!("{thread}-{round}"), round)
                });
                rounds.collect::<Vec<Set>>()
            })
        });
        threads.collect::<Vec<_>>().into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!((kept.len(), session.sets().len()), (4 * 10, 1 + 2 * 4 * 10));
    let refusal = base.remove().unwrap_err();
    assert!(refusal.to_string().contains("in use by"), "{refusal}");
}
