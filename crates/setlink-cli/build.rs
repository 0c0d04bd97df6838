//! Lets the functions that links run lie side by side in the command's file: `order.ld` lists them.
//!
//! The kernel maps 16 pages of a file where one is touched. Of the command's 2.6 MiB of text a small link runs 0.6, which lay
//! in all of it: 2.1 MiB were resident, and are 0.8. Functions that the list does not know (another compiler may name them
//! otherwise) lie where they lay.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=order.ld");
    let of = |name: &str| env::var(name).unwrap_or_default();
    let is_known = of("CARGO_CFG_TARGET_OS") == "linux"
        && of("CARGO_CFG_TARGET_ENV") == "gnu"
        && of("CARGO_CFG_TARGET_ARCH") == "x86_64";
    // Whoever chooses a linker may choose one that takes no script; Rust's own does, and GNU ld.
    let is_usual = of("RUSTC_LINKER").is_empty() && !of("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if is_known && is_usual && of("PROFILE") == "release" {
        println!("cargo::rustc-link-arg-bin=setlink=-Wl,-T,{}/order.ld", of("CARGO_MANIFEST_DIR"));
    }
}
