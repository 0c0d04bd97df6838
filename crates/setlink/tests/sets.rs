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

#[test]
fn many_threads_link_call_and_remove_at_once() {
    if !support::compiler() {
        return;
    }
    let session = Session::host().unwrap();
    let base = link(&session, "base", "int base(int n) { return n + 1; }", &[]);
    let object = compile("int base(int); int app(int n) { return base(n) * 2; }", &["-fPIC"]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (session, object, base) = (&session, &object, &base);
            scope.spawn(move || {
                for round in 0..50 {
                    let set = session.set(format!("{thread}-{round}")).add_bytes("app.o", object.clone());
                    let set = set.unwrap().scope([base]).link().unwrap();
                    // SAFETY: the function has this type and is called before its set is removed.
                    let app = unsafe { set.get::<extern "C" fn(i32) -> i32>("app").unwrap() };
                    assert_eq!(app(round), 2 * (round + 1));
                    if round % 5 != 0 {
                        set.remove().unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(session.sets().len(), 1 + 4 * 10);
    assert!(base.remove().is_err());
}
