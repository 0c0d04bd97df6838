//! `setlink-floor`: what any linker has to do at least, measured. `prepare LIST INPUT...` lays the set out and decides
//! every relocation's target; that is not measured, and says in numbers what the set is. `run LIST` then does what is left:
//! opens the inputs, touches their headers, symbols and relocations, hashes each global name once, copies the sections into
//! fresh pages, stores every relocation's number, and exits. No name is compared, nothing is checked, relaxed, protected or
//! registered. `parts LIST` does the same and keeps apart what copying and what relocating takes; `check LIST` does the
//! same and then reads everything back.

mod check;
mod list;
mod needs;
mod prepare;
mod run;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["prepare", list, inputs @ ..] => prepare::prepare(list, inputs),
        ["run", list] => run::run::<false>(list, false),
        ["parts", list] => run::run::<true>(list, false),
        ["check", list] => run::run::<false>(list, true),
        _ => Err(anyhow::anyhow!(
            "usage: setlink-floor prepare LIST INPUT... | run LIST | parts LIST | check LIST"
        )),
    };
    if let Err(error) = result {
        eprintln!("setlink-floor: {error:#}");
        std::process::exit(1);
    }
}
