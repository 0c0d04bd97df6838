//! One trial: build, let the system's linker and `setlink` link and run, and compare with the case.

use crate::build::{Built, Toolchain, build, tool};
use crate::directives::{Case, End, Oracle, PlanCheck};
use crate::process::{Finished, RUN_LIMIT, run};
use std::path::Path;

/// Runs the trial in a fresh folder; the error is everything one needs to see.
pub fn trial(case: &Case, toolchain: &Toolchain, flags: &[String], oracle_only: bool) -> Result<(), String> {
    let folder =
        tempfile::Builder::new().prefix("setlink-case-").tempdir().map_err(|error| error.to_string())?;
    let judge = |folder: &Path| {
        let built = build(case, toolchain, flags, folder)?;
        let judge = Judge { case, toolchain, flags, folder, built };
        if !case.checks.is_empty() || !case.jitlinks.is_empty() {
            return if oracle_only { Ok(()) } else { judge.checks().and_then(|()| judge.jitlinks()) };
        }
        let oracle = judge.oracle().map_err(|problem| format!("system's linker: {problem}"))?;
        if oracle_only { Ok(()) } else { judge.setlink(oracle.as_ref()) }
    };
    judge(folder.path()).map_err(|problem| {
        let mut report = format!("[flags: {}]\n{problem}", flags.join(" "));
        if std::env::var_os("SETLINK_CASES_KEEP").is_some() {
            report = format!("{report}\nkept: {}", folder.keep().display());
        }
        report
    })
}

struct Judge<'a> {
    case: &'a Case,
    toolchain: &'a Toolchain,
    flags: &'a [String],
    folder: &'a Path,
    built: Built,
}

impl Judge<'_> {
    /// What `setlink` gets: inputs and options.
    fn arguments(&self) -> Vec<String> {
        let default = ["{objects}", "{archives}", "{libs}"].map(String::from).to_vec();
        let mut arguments = self.case.args.clone().unwrap_or(default);
        arguments.extend_from_slice(&self.case.link);
        self.built.expand(&arguments, self.folder)
    }

    /// Links and runs with the system's linker. The finished program, when there was one.
    fn oracle(&self) -> Result<Option<Finished>, String> {
        let case = self.case;
        if let Oracle::Skipped(_) = case.oracle {
            return Ok(None);
        }
        let mut arguments = match &case.oracle_args {
            Some(arguments) => self.built.expand(arguments, self.folder),
            None => driver_arguments(self.arguments()),
        };
        if self.flags.iter().any(|flag| flag == "-fno-pic" || flag == "-fno-pie") {
            arguments.push("-no-pie".to_owned());
        }
        arguments.extend(["-o", "program", "-Wl,-rpath,."].map(String::from));
        arguments.extend_from_slice(&case.oracle_flags);
        let driver = if case.is_cxx() { &self.toolchain.cxx } else { &self.toolchain.cc };
        let link = self.run(driver, &arguments, &[])?;
        match case.oracle {
            Oracle::Fails if link.succeeded() => return Err(format!("it links\n{}", link.report())),
            Oracle::Fails => {
                let missing = case.oracle_errors.iter().find(|text| !link.stderr.contains(*text));
                return match missing {
                    Some(text) => Err(format!("it does not say `{text}`\n{}", link.report())),
                    None => Ok(None),
                };
            }
            _ if !link.succeeded() => return Err(format!("it does not link\n{}", link.report())),
            _ => {}
        }
        let finished = self.run("./program", &case.run_args, &case.env)?;
        self.compare(&finished, (!case.stdout_from_oracle).then_some(&case.stdout))?;
        Ok(Some(finished))
    }

    /// Everything that the case says about `setlink`.
    fn setlink(&self, oracle: Option<&Finished>) -> Result<(), String> {
        let case = self.case;
        let inputs = self.arguments();
        // A compiler driver adds its language's runtime by itself.
        let runtime = if case.is_cxx() { &["-lstdc++", "-lm"][..] } else { &[] };
        let inputs = [inputs, runtime.iter().copied().map(String::from).collect()].concat();

        let mut arguments = [vec!["run".to_owned()], inputs.clone()].concat();
        if !case.run_args.is_empty() {
            arguments.push("--".to_owned());
            arguments.extend_from_slice(&case.run_args);
        }
        let finished = self.run(SETLINK, &arguments, &case.env)?;
        if case.errors.is_empty() {
            let expected = match case.stdout_from_oracle {
                true => oracle.map(|program| &program.stdout),
                false => Some(&case.stdout),
            };
            self.compare(&finished, expected)?;
        } else {
            self.refused(&finished)?;
        }
        for (file, text) in &case.file_has {
            let content = std::fs::read_to_string(self.folder.join(file))
                .map_err(|error| format!("{file}: {error}\n{}", finished.report()))?;
            if !content.contains(text) {
                return Err(format!("{file} does not contain `{text}`:\n{content}"));
            }
        }
        if !case.plan.is_empty() {
            self.plan(&inputs)?;
        }
        if !case.symbols.is_empty() {
            let finished = self.run(SETLINK, &[vec!["symbols".to_owned()], inputs].concat(), &[])?;
            let missing = case.symbols.iter().find(|&text| !finished.stdout.contains(text));
            match missing {
                Some(text) => return Err(format!("`symbols` does not say `{text}`\n{}", finished.report())),
                None if !finished.succeeded() => return Err(finished.report()),
                None => {}
            }
        }
        Ok(())
    }

    /// Every `setlink check` of the case, on its objects and archives.
    fn checks(&self) -> Result<(), String> {
        let case = self.case;
        let inputs = self.built.expand(&["{objects}", "{archives}"].map(String::from), self.folder);
        for check in &case.checks {
            let mut arguments = vec!["check".to_owned()];
            if !check.iter().any(|word| word == "--check" || word == "--show-graph") {
                let rules = case.files.first().map_or("main.s", |file| file.0.as_str());
                arguments.extend(["--check".to_owned(), rules.to_owned()]);
            }
            arguments.extend(self.built.expand(check, self.folder));
            arguments.extend_from_slice(&inputs);
            self.checked(&self.run(SETLINK, &arguments, &[])?)?;
        }
        Ok(())
    }

    /// Every line of `setlink jitlink`; LLVM's tool, where there is one, ends alike.
    fn jitlinks(&self) -> Result<(), String> {
        for line in &self.case.jitlinks {
            let arguments = self.built.expand(line, self.folder);
            let ours = self.run(SETLINK, &[vec!["jitlink".to_owned()], arguments.clone()].concat(), &[])?;
            self.checked(&ours)?;
            if let (Ok(llvm), None) = (tool("llvm-jitlink"), &self.case.jitlink_alone) {
                let theirs = self.run(&llvm, &arguments, &[])?;
                if theirs.end != ours.end {
                    return Err(format!(
                        "LLVM's tool ends otherwise\n{}\n{}",
                        theirs.report(),
                        ours.report()
                    ));
                }
            }
        }
        Ok(())
    }

    /// A check ended as the case says, and printed what it should.
    fn checked(&self, finished: &Finished) -> Result<(), String> {
        let case = self.case;
        let end = if case.check_errors.is_empty() { case.end } else { End::Exit(1) };
        if finished.end != Some(end) {
            return Err(format!("expected {end:?}\n{}", finished.report()));
        }
        if let Some(text) = case.check_errors.iter().find(|&text| !finished.stderr.contains(text)) {
            return Err(format!("expected on stderr: {text}\n{}", finished.report()));
        }
        match case.check_prints.iter().find(|&text| !finished.stdout.contains(text)) {
            Some(text) => Err(format!("expected on stdout: {text}\n{}", finished.report())),
            None => Ok(()),
        }
    }

    fn plan(&self, inputs: &[String]) -> Result<(), String> {
        let arguments = [&["plan", "--json"].map(String::from), inputs].concat();
        let finished = self.run(SETLINK, &arguments, &[])?;
        if !finished.succeeded() {
            return Err(finished.report());
        }
        let plan: serde_json::Value = serde_json::from_str(&finished.stdout)
            .map_err(|error| format!("plan: {error}\n{}", finished.report()))?;
        let broken: Vec<String> = self.case.plan.iter().filter_map(|check| check.broken(&plan)).collect();
        if broken.is_empty() {
            Ok(())
        } else {
            Err(format!("plan: {}\n{}", broken.join("; "), finished.report()))
        }
    }

    /// The program ended as the case says and printed what it should.
    fn compare(&self, finished: &Finished, expected: Option<&String>) -> Result<(), String> {
        if finished.end != Some(self.case.end) {
            return Err(format!("expected {:?}\n{}", self.case.end, finished.report()));
        }
        if let Some(expected) = expected.filter(|&expected| *expected != finished.stdout) {
            return Err(format!("expected on stdout:\n{expected}but:\n{}", finished.report()));
        }
        match self.case.stderr.iter().find(|&text| !finished.stderr.contains(text)) {
            Some(text) => Err(format!("expected on stderr: {text}\n{}", finished.report())),
            None => Ok(()),
        }
    }

    /// `setlink run` said what the case expects and ran nothing.
    fn refused(&self, finished: &Finished) -> Result<(), String> {
        let case = self.case;
        if finished.end != Some(End::Exit(1)) || !finished.stdout.is_empty() {
            return Err(format!("expected an error, exit status 1, and nothing run\n{}", finished.report()));
        }
        if let Some(text) = case.errors.iter().find(|&text| !finished.stderr.contains(text)) {
            return Err(format!("expected an error with `{text}`\n{}", finished.report()));
        }
        match case.no_errors.iter().find(|&text| finished.stderr.contains(text)) {
            Some(text) => Err(format!("expected no error with `{text}`\n{}", finished.report())),
            None => Ok(()),
        }
    }

    fn run(&self, program: &str, arguments: &[String], env: &[(String, String)]) -> Result<Finished, String> {
        run(self.folder, program, arguments, env, &self.case.stdin, RUN_LIMIT)
    }
}

const SETLINK: &str = env!("CARGO_BIN_EXE_setlink");

impl PlanCheck {
    /// What is wrong, if anything.
    fn broken(&self, plan: &serde_json::Value) -> Option<String> {
        let found = if self.key.starts_with('/') { plan.pointer(&self.key) } else { plan.get(&self.key) };
        let Some(number) = found.and_then(serde_json::Value::as_i64) else {
            return Some(format!("`{}` is not a number in the plan", self.key));
        };
        let holds = match self.comparison.as_str() {
            "==" => number == self.value,
            "!=" => number != self.value,
            "<=" => number <= self.value,
            ">=" => number >= self.value,
            "<" => number < self.value,
            _ => number > self.value,
        };
        (!holds).then(|| format!("`{}` does not hold, it is {number}", self.text))
    }
}

/// Translates arguments of `setlink run` into those of a compiler driver.
fn driver_arguments(arguments: Vec<String>) -> Vec<String> {
    let mut translated = Vec::new();
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().unwrap_or_default();
        match argument.as_str() {
            "--defsym" | "--abs" => translated.push(format!("-Wl,--defsym={}", value())),
            "--wrap" => translated.push(format!("-Wl,--wrap={}", value())),
            // The linker's own `--entry` names the start of the process; ours is the function called as main.
            "--entry" => translated.push(format!("-Wl,--defsym=main={}", value())),
            "--map" => drop(value()),
            "--no-exec" | "--stats" | "--stats=json" => {}
            "--gc-sections" | "--whole-archive" | "--no-whole-archive" | "--start-group" | "--end-group"
            | "--no-relax" => translated.push(format!("-Wl,{argument}")),
            _ => translated.push(argument),
        }
    }
    translated
}
