//! Any bytes as an input: the whole line, into fake memory; nothing is executed.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| setlink::fuzz::link(data));
