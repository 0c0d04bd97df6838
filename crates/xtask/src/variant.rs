//! The ways in which one program is compiled and linked. A variant's name says all there is to it:
//! `clang-O2-pic-sections` is clang, `-O2 -fPIC -ffunction-sections -fdata-sections`.

use anyhow::{Context, Result, bail};

use crate::packages;

/// One way to compile.
#[derive(Clone)]
pub struct Variant {
    /// Its name, which is also its folder's.
    pub name: &'static str,
    compiler: &'static str,
    /// For the compiler.
    pub flags: Vec<&'static str>,
    /// For the system's linker, so that it accepts the objects.
    pub link: Vec<&'static str>,
    /// All but the main file go into a static library.
    pub archive: bool,
}

impl Variant {
    /// Reads a name: compiler, optimisation, then any of the words below.
    pub fn parse(name: &'static str) -> Result<Variant> {
        let mut words = name.split('-');
        let compiler = words.next().context("a variant without compiler")?;
        let mut variant = Variant { name, compiler, flags: vec![], link: vec![], archive: false };
        for word in words {
            let (flags, link): (&[_], &[_]) = match word {
                "O0" => (&["-O0"], &[]),
                "O1" => (&["-O1"], &[]),
                "O2" => (&["-O2"], &[]),
                "pic" => (&["-fPIC"], &["-pie"]),
                "pie" => (&["-fPIE"], &["-pie"]),
                "nopic" => (&["-fno-pic", "-fno-pie"], &["-no-pie"]),
                "large" => (&["-mcmodel=large"], &[]),
                "noplt" => (&["-fno-plt"], &[]),
                "sections" => (&["-ffunction-sections", "-fdata-sections"], &["-Wl,--gc-sections"]),
                "archive" => {
                    variant.archive = true;
                    (&[], &[])
                }
                other => bail!("variant {name}: {other} has no meaning"),
            };
            variant.flags.extend(flags);
            variant.link.extend(link);
        }
        Ok(variant)
    }

    /// The compiler's command, or `None` if this machine has none.
    pub fn compiler(&self, cxx: bool) -> Option<String> {
        let names: &[&str] = match (self.compiler, cxx) {
            ("cc", false) => &["cc", "gcc", "clang"],
            ("cc", true) => &["c++", "g++", "clang++"],
            ("gcc", false) => &["gcc"],
            ("gcc", true) => &["g++"],
            (_, false) => &["clang-19", "clang", "clang-22", "clang-18", "clang-17", "clang-16", "clang-14"],
            (_, true) => &[
                "clang++-19",
                "clang++",
                "clang++-22",
                "clang++-18",
                "clang++-17",
                "clang++-16",
                "clang++-14",
            ],
        };
        names.iter().find(|name| packages::on_path(name).is_some()).map(|name| (*name).to_owned())
    }
}
