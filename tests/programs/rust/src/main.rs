//! Threads, panics, thread-local variables, maps, sockets, rayon. The first argument picks one, the rest are its.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use rayon::prelude::*;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static NAMES: RefCell<Vec<Gone>> = RefCell::default();
}

struct Gone(&'static str);

impl Drop for Gone {
    fn drop(&mut self) {
        println!("gone {}", self.0);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map_or("", String::as_str) {
        "rayon" => rayon(),
        "threads" => threads(),
        "panics" => panics(),
        "uncaught" => panic!("nobody catches it"),
        "in-thread" => std::thread::spawn(|| panic!("nobody asks")).join().unwrap(),
        "destructor" => {
            NAMES.with(|names| names.borrow_mut().push(Gone("as main unwinds")));
            let _gone = Gone("a local of main");
            let nothing: Option<u8> = None;
            println!("{}", nothing.expect("something"));
        }
        "exit" => std::process::exit(arguments.len() as i32),
        "net" => net(),
        "map" => map(&arguments),
        "regex" => regex(&arguments),
        other => println!("no such test: {other:?}"),
    }
}

fn rayon() {
    let sum: u64 = (0..1_000_000u64).into_par_iter().map(|n| n * n % 1_000_003).sum();
    let mut words: Vec<String> =
        (0..20_000).map(|n: u32| format!("{:08x}", n.wrapping_mul(2_654_435_761))).collect();
    words.par_sort();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    let counts = pool.broadcast(|_| {
        COUNT.set(COUNT.get() + 1);
        COUNT.get()
    });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        pool.install(|| (0..100).into_par_iter().for_each(|n| assert_ne!(n, 57)))
    }));
    println!("{sum} {} {} {counts:?} {}", words[0], words[19_999], caught.is_err());
}

fn threads() {
    let threads = (0..64u64).map(|n| {
        std::thread::spawn(move || {
            NAMES.with(|names| names.borrow_mut().push(Gone("in a thread")));
            (0..=n).for_each(|_| COUNT.set(COUNT.get() + 1));
            COUNT.get()
        })
    });
    let threads: Vec<_> = threads.collect();
    let sum: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    println!("{sum} {}", COUNT.get());
}

fn panics() {
    let caught = std::panic::catch_unwind(|| {
        let _gone = Gone("while unwinding");
        std::panic::panic_any(42);
    });
    println!("{:?}", caught.unwrap_err().downcast_ref::<i32>());
    let joined = std::thread::spawn(|| Vec::<u8>::new()[3]).join();
    println!("{}", joined.unwrap_err().downcast_ref::<String>().unwrap());
}

fn net() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let echo = std::thread::spawn(move || {
        for stream in listener.incoming().take(4) {
            let mut stream = stream.unwrap();
            let mut text = Vec::new();
            stream.read_to_end(&mut text).unwrap();
            text.reverse();
            stream.write_all(&text).unwrap();
        }
    });
    for text in ["one", "two", "three", "four"] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        println!("{answer}");
    }
    echo.join().unwrap();
    println!("{:?}", TcpStream::connect(address).map(drop).map_err(|error| error.kind()));
}

fn map(words: &[String]) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort();
    println!("{counts:?}");
}

fn regex(words: &[String]) {
    let regex = regex_automata::meta::Regex::new(&words[1]);
    match regex {
        Ok(regex) => {
            words[2..].iter().for_each(|word| println!("{:?}", regex.find(word).map(|found| found.range())))
        }
        Err(error) => println!("{error}"),
    }
}
