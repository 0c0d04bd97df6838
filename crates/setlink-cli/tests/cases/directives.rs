//! The directive language: from the text of a case file to a [`Case`].

use std::collections::BTreeMap;

/// Which compiler driver builds a trial's sources and is its system linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    Gcc,
    Clang,
}

impl Compiler {
    /// The name used in directives and in trial names.
    pub fn name(self) -> &'static str {
        match self {
            Compiler::Gcc => "gcc",
            Compiler::Clang => "clang",
        }
    }
}

/// What the system's linker is expected to make of the case.
#[derive(Debug, PartialEq, Eq)]
pub enum Oracle {
    /// It links, and the program does what the case says.
    Runs,
    /// It refuses to link.
    Fails,
    /// It cannot judge; the reason.
    Skipped(String),
}

/// One step of building, in the order of the file, after all sources are compiled.
#[derive(Debug)]
pub enum Step {
    Archive { name: String, options: Vec<String>, members: Vec<String> },
    Shared { name: String, arguments: Vec<String> },
    Shell(String),
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Signal(i32),
}

/// A condition on a number of `setlink plan --json`.
#[derive(Debug)]
pub struct PlanCheck {
    pub text: String,
    /// A top-level key, or a JSON pointer when it begins with `/`.
    pub key: String,
    pub comparison: String,
    pub value: i64,
}

/// A case file, parsed.
#[derive(Debug)]
pub struct Case {
    /// The file's name without its extension.
    pub stem: String,
    /// The files it consists of: name, text.
    pub files: Vec<(String, String)>,
    pub compilers: Vec<Compiler>,
    /// The product of all `flags` directives.
    pub flag_sets: Vec<Vec<String>>,
    /// Extra flags for single files.
    pub file_flags: BTreeMap<String, Vec<String>>,
    /// Files that the runner does not compile by itself.
    pub manual: Vec<String>,
    /// Shell commands that run before compiling; sources that they leave are compiled too.
    pub generate: Vec<String>,
    pub steps: Vec<Step>,
    pub needs: Vec<String>,
    /// Replaces the default `{objects} {archives} {libs}`.
    pub args: Option<Vec<String>>,
    /// Appended for both linkers.
    pub link: Vec<String>,
    pub oracle: Oracle,
    pub oracle_args: Option<Vec<String>>,
    pub oracle_flags: Vec<String>,
    pub oracle_errors: Vec<String>,
    pub run_args: Vec<String>,
    pub env: Vec<(String, String)>,
    pub stdin: String,
    pub stdout: String,
    /// Expect exactly what the oracle's program printed, instead of `stdout`.
    pub stdout_from_oracle: bool,
    pub stderr: Vec<String>,
    pub end: End,
    /// Texts that `setlink run` must print while refusing the case.
    pub errors: Vec<String>,
    /// Texts that `setlink run` must not print while refusing the case.
    pub no_errors: Vec<String>,
    pub plan: Vec<PlanCheck>,
    /// Arguments of `setlink check`, one run each. With any, the case is neither linked nor run otherwise.
    pub checks: Vec<Vec<String>>,
    /// Arguments of `setlink jitlink` and of LLVM's tool, one run each; such a case is not run otherwise either.
    pub jitlinks: Vec<Vec<String>>,
    /// Why LLVM's tool is not asked.
    pub jitlink_alone: Option<String>,
    /// Texts that `setlink check` must print while failing.
    pub check_errors: Vec<String>,
    /// Texts that `setlink check` must print on standard output.
    pub check_prints: Vec<String>,
    /// Each must be contained in a line of `setlink symbols`.
    pub symbols: Vec<String>,
    /// (file, text): the file exists after `setlink run` and contains the text.
    pub file_has: Vec<(String, String)>,
}

impl Case {
    /// Parses the file `name`; an error says which line is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Case, String> {
        let (stem, extension) = name.rsplit_once('.').ok_or("a case file needs an extension")?;
        let marker = match extension {
            "s" | "S" => "##",
            "c" | "cc" => "//#",
            _ => return Err(format!("unknown extension .{extension}")),
        };
        let mut case = Case::empty(stem);
        let mut seen_oracle = false;
        let mut current = (format!("main.{extension}"), String::new());
        for (number, line) in text.lines().enumerate() {
            let at = |problem: String| format!("line {}: {problem}", number + 1);
            let Some(directive) = line.strip_prefix(marker) else {
                current.1.push_str(line);
                current.1.push('\n');
                continue;
            };
            let (key, value) = directive
                .trim_start()
                .split_once(':')
                .ok_or_else(|| at(format!("`{line}` has no colon after its key")))?;
            let value = value.strip_prefix(' ').unwrap_or(value);
            if key == "file" {
                let next = (value.trim().to_owned(), String::new());
                case.files.push(std::mem::replace(&mut current, next));
                continue;
            }
            seen_oracle |= matches!(key, "oracle" | "skip-oracle");
            case.directive(key, value).map_err(at)?;
            // Keeps the line numbers of compiler messages.
            current.1.push('\n');
        }
        case.files.push(current);
        // A case may consist of named files only.
        case.files.retain(|(name, text)| !(name.starts_with("main.") && text.trim().is_empty()));
        if case.compilers.is_empty() {
            case.compilers.push(Compiler::Gcc);
        }
        if !seen_oracle && !case.errors.is_empty() {
            case.oracle = Oracle::Fails;
        }
        Ok(case)
    }

    fn empty(stem: &str) -> Case {
        Case {
            stem: stem.to_owned(),
            files: Vec::new(),
            compilers: Vec::new(),
            flag_sets: vec![Vec::new()],
            file_flags: BTreeMap::new(),
            manual: Vec::new(),
            generate: Vec::new(),
            steps: Vec::new(),
            needs: Vec::new(),
            args: None,
            link: Vec::new(),
            oracle: Oracle::Runs,
            oracle_args: None,
            oracle_flags: Vec::new(),
            oracle_errors: Vec::new(),
            run_args: Vec::new(),
            env: Vec::new(),
            stdin: String::new(),
            stdout: String::new(),
            stdout_from_oracle: false,
            stderr: Vec::new(),
            end: End::Exit(0),
            errors: Vec::new(),
            no_errors: Vec::new(),
            plan: Vec::new(),
            checks: Vec::new(),
            jitlinks: Vec::new(),
            jitlink_alone: None,
            check_errors: Vec::new(),
            check_prints: Vec::new(),
            symbols: Vec::new(),
            file_has: Vec::new(),
        }
    }

    fn directive(&mut self, key: &str, value: &str) -> Result<(), String> {
        if let Some(file) = key.strip_prefix("flags(").and_then(|rest| rest.strip_suffix(')')) {
            self.file_flags.entry(file.to_owned()).or_default().extend(words(value)?);
            return Ok(());
        }
        match key {
            "about" => {}
            "compilers" => {
                for word in value.split_whitespace() {
                    self.compilers.push(match word {
                        "gcc" => Compiler::Gcc,
                        "clang" => Compiler::Clang,
                        other => return Err(format!("unknown compiler `{other}`")),
                    });
                }
            }
            "flags" => {
                let choices = value.split('|').map(words).collect::<Result<Vec<_>, _>>()?;
                let product = |set: &Vec<String>| {
                    let set = set.clone();
                    choices.iter().map(move |choice| [set.as_slice(), choice].concat()).collect::<Vec<_>>()
                };
                self.flag_sets = self.flag_sets.iter().flat_map(product).collect();
            }
            "manual" => self.manual.extend(words(value)?),
            "generate" => self.generate.push(value.to_owned()),
            "sh" => self.steps.push(Step::Shell(value.to_owned())),
            "archive" => {
                let mut parts = words(value)?.into_iter();
                let name = parts.next().ok_or("archive needs a name")?;
                let (options, members) = parts.partition::<Vec<_>, _>(|part| part.starts_with('['));
                self.steps.push(Step::Archive { name, options, members });
            }
            "shared" => {
                let mut parts = words(value)?.into_iter();
                let name = parts.next().ok_or("shared needs a name")?;
                self.steps.push(Step::Shared { name, arguments: parts.collect() });
            }
            "needs" => self.needs.extend(words(value)?),
            "args" => self.args.get_or_insert_default().extend(words(value)?),
            "link" => self.link.extend(words(value)?),
            "oracle" => {
                self.oracle = match value.trim() {
                    "runs" => Oracle::Runs,
                    "fails" => Oracle::Fails,
                    other => return Err(format!("oracle is `runs` or `fails`, not `{other}`")),
                }
            }
            "skip-oracle" => self.oracle = Oracle::Skipped(value.trim().to_owned()),
            "oracle-args" => self.oracle_args.get_or_insert_default().extend(words(value)?),
            "oracle-flags" => self.oracle_flags.extend(words(value)?),
            "oracle-error" => self.oracle_errors.push(value.to_owned()),
            "run-args" => self.run_args.extend(words(value)?),
            "env" => {
                let (name, value) = value.split_once('=').ok_or("env is NAME=VALUE")?;
                self.env.push((name.to_owned(), value.to_owned()));
            }
            "stdin" => add_line(&mut self.stdin, value),
            "stdout" => add_line(&mut self.stdout, value),
            "stdout-from" if value.trim() == "oracle" => self.stdout_from_oracle = true,
            "stderr" => self.stderr.push(value.to_owned()),
            "exit" => self.end = End::Exit(value.trim().parse().map_err(|error| format!("exit: {error}"))?),
            "signal" => self.end = End::Signal(signal_number(value.trim())?),
            "error" => self.errors.push(value.to_owned()),
            "no-error" => self.no_errors.push(value.to_owned()),
            "plan" => self.plan.push(plan_check(value)?),
            "check" => self.checks.push(words(value)?),
            "jitlink" => self.jitlinks.push(words(value)?),
            "jitlink-alone" => self.jitlink_alone = Some(value.trim().to_owned()),
            "check-error" => self.check_errors.push(value.to_owned()),
            "check-prints" => self.check_prints.push(value.to_owned()),
            "symbols" => self.symbols.push(value.to_owned()),
            "file-has" => {
                let (file, text) = value.split_once(' ').ok_or("file-has is FILE TEXT")?;
                self.file_has.push((file.to_owned(), text.to_owned()));
            }
            other => return Err(format!("unknown directive `{other}`")),
        }
        Ok(())
    }

    /// Whether a C++ driver has to link it.
    pub fn is_cxx(&self) -> bool {
        self.files.iter().any(|(name, _)| name.ends_with(".cc"))
    }
}

fn add_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn plan_check(text: &str) -> Result<PlanCheck, String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [key, comparison, value] = parts[..] else {
        return Err(format!("`{text}` is not KEY COMPARISON NUMBER"));
    };
    if !["==", "!=", "<=", ">=", "<", ">"].contains(&comparison) {
        return Err(format!("unknown comparison `{comparison}`"));
    }
    let value = value.parse().map_err(|error| format!("plan: {error}"))?;
    Ok(PlanCheck { text: text.to_owned(), key: key.to_owned(), comparison: comparison.to_owned(), value })
}

fn signal_number(name: &str) -> Result<i32, String> {
    Ok(match name {
        "SIGABRT" => libc::SIGABRT,
        "SIGALRM" => libc::SIGALRM,
        "SIGBUS" => libc::SIGBUS,
        "SIGFPE" => libc::SIGFPE,
        "SIGILL" => libc::SIGILL,
        "SIGINT" => libc::SIGINT,
        "SIGKILL" => libc::SIGKILL,
        "SIGPIPE" => libc::SIGPIPE,
        "SIGSEGV" => libc::SIGSEGV,
        "SIGTERM" => libc::SIGTERM,
        "SIGTRAP" => libc::SIGTRAP,
        "SIGUSR1" => libc::SIGUSR1,
        other => return Err(format!("unknown signal `{other}`")),
    })
}

/// Splits like a shell does: blanks separate, single and double quotes hold together, nothing is expanded.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        match quote {
            Some(mark) if mark == character => quote = None,
            Some(_) => word.get_or_insert_default().push(character),
            None if character == '\'' || character == '"' => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            None if character.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is left open in `{text}`"));
    }
    words.extend(word);
    Ok(words)
}
