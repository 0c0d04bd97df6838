//! Options of compiler drivers: what a build gives its compiler to link with holds, besides what is the linker's, what is
//! the compiler's.

/// What a driver's option is to a linker.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Nothing,
    /// Nothing, and neither is the word behind it.
    NothingWithValue,
    /// The libraries that compiled code then calls.
    Libraries(Vec<&'static str>),
    /// Clang's library that writes a profile, which nothing refers to.
    ClangProfile,
    /// The C++ library is linked from its archive.
    StaticCxx,
}

/// Begin options about warnings, debug information, code, machines, dialects, the preprocessor, what else to write.
const BEGINNINGS: &[&str] = &[
    "-W",
    "-g",
    "-f",
    "-m",
    "-std=",
    "-stdlib=",
    "-rtlib=",
    "-unwindlib=",
    "--rtlib=",
    "--unwindlib=",
    "-pedantic",
    "-save-temps",
    "-M",
    "-specs=",
    "--target=",
    "--gcc-toolchain=",
    "-print-",
    "-Qunused",
];

const WORDS: &[&str] = &[
    "-ansi",
    "-pipe",
    "-pg",
    "-p",
    "-nostdinc",
    "-nostdinc++",
    "-nolibc",
    "-no-canonical-prefixes",
    "-shared-libgcc",
    "-w",
    "-###",
];

/// Whose value is joined, or the word behind them.
const JOINED_OR_APART: &[&str] = &["-D", "-U", "-isystem", "-iquote", "-idirafter", "-include", "--param"];

/// Whose value is the word behind them.
const WITH_VALUE: &[&str] = &[
    "-imacros",
    "-MF",
    "-MT",
    "-MQ",
    "-x",
    "-target",
    "-Xclang",
    "-Xpreprocessor",
    "-Xassembler",
    "-arch",
    "-aux-info",
];

/// Changes the machine, which must not be passed over.
const OTHER_MACHINES: &[&str] = &["-m32", "-mx32", "-m16", "-miamcu"];

/// What `word` means, if it is a driver's. To be asked about words that no linker knows.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    if OTHER_MACHINES.contains(&word) {
        return None;
    }
    let is_profile =
        |option: &str| word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    if is_profile("-fprofile-instr-generate") || is_profile("-fcs-profile-generate") {
        return Some(Meaning::ClangProfile);
    }
    let begins = |list: &[&str]| list.iter().any(|beginning| word.starts_with(beginning));
    Some(match word {
        "-static-libstdc++" => Meaning::StaticCxx,
        "-fopenmp" | "-fopenmp=libgomp" => Meaning::Libraries(vec!["gomp"]),
        "-fopenmp=libomp" => Meaning::Libraries(vec!["omp"]),
        "--coverage" | "-coverage" | "-fprofile-arcs" => Meaning::Libraries(vec!["gcov"]),
        _ if is_profile("-fprofile-generate") => Meaning::Libraries(vec!["gcov"]),
        _ if WITH_VALUE.contains(&word) || JOINED_OR_APART.contains(&word) => Meaning::NothingWithValue,
        _ if WORDS.contains(&word) || begins(BEGINNINGS) || begins(JOINED_OR_APART) => Meaning::Nothing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_compilers_is_told_from_what_nobody_knows() {
        let nothing = [
            "-ggdb3",
            "-gdwarf-4",
            "-fno-pic",
            "-fPIE",
            "-march=native",
            "-mcmodel=large",
            "-Wall",
            "-Wa,--noexecstack",
            "-std=c++20",
            "-DNDEBUG",
            "-U_FORTIFY_SOURCE",
            "-isystem/usr/include",
            "-MMD",
            "-pipe",
            "-fsanitize-recover=all",
            "-stdlib=libc++",
            "-mx87",
        ];
        for word in nothing {
            assert_eq!(meaning(word), Some(Meaning::Nothing), "{word}");
        }
        for word in ["-D", "-isystem", "-MF", "-x", "-target"] {
            assert_eq!(meaning(word), Some(Meaning::NothingWithValue), "{word}");
        }
        for word in ["-m32", "-mx32", "-nonsense", "--fantasy", "-z"] {
            assert_eq!(meaning(word), None, "{word}");
        }
        for (word, libraries) in [("-fopenmp", vec!["gomp"]), ("-fprofile-generate=here", vec!["gcov"])] {
            assert_eq!(meaning(word), Some(Meaning::Libraries(libraries)), "{word}");
        }
        assert_eq!(meaning("-fprofile-instr-generate=a.profraw"), Some(Meaning::ClangProfile));
    }
}
