//! Any bytes as an input: read, resolved, scanned and placed, or refused with an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| setlink::fuzz::plan(data));
