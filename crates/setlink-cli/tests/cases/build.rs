//! From the files of a case to objects, archives and shared libraries in a fresh folder.

use crate::directives::{Case, Compiler, Step, words};
use crate::process::{self, Finished};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs that a trial uses.
#[derive(Clone, Debug)]
pub struct Toolchain {
    pub cc: String,
    pub cxx: String,
    ar: String,
    /// For shell commands: `CC`, `CXX`, `AR`, one for each tool of `needs`, and Python's way to the support modules.
    variables: Vec<(String, String)>,
}

impl Toolchain {
    /// Finds the compiler and every tool and flag of `needs`; the error says what is missing.
    pub fn find(compiler: Compiler, needs: &[String]) -> Result<Toolchain, String> {
        let (cc, cxx) = match compiler {
            Compiler::Gcc => ("gcc", "g++"),
            Compiler::Clang => ("clang", "clang++"),
        };
        let (cc, cxx, ar) = (tool(cc)?, tool(cxx)?, tool("ar")?);
        let mut variables = vec![
            ("CC".to_owned(), cc.clone()),
            ("CXX".to_owned(), cxx.clone()),
            ("AR".to_owned(), ar.clone()),
        ];
        let support = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/support");
        variables.push(("PYTHONPATH".to_owned(), support.to_owned()));
        variables.push(("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
        let (flags, tools): (Vec<_>, Vec<_>) = needs.iter().partition(|need| need.starts_with('-'));
        if !flags.is_empty() && !accepts(&cc, &flags) {
            let flags: Vec<&str> = flags.iter().map(|flag| flag.as_str()).collect();
            return Err(format!("{cc} that accepts {}", flags.join(" ")));
        }
        for need in tools {
            variables.push((need.replace(['-', '.', '+'], "_").to_uppercase(), tool(need)?));
        }
        Ok(Toolchain { cc, cxx, ar, variables })
    }
}

/// Whether the compiler knows all of the flags. Its output goes to a folder: a failing compiler deletes its output, and
/// for root that works on a device, too.
fn accepts(cc: &str, flags: &[&String]) -> bool {
    let Ok(folder) = tempfile::tempdir() else { return false };
    Command::new(cc)
        .args(flags)
        .args(["-x", "c", "-c", "/dev/null", "-o"])
        .arg(folder.path().join("out.o"))
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Finds `name` on the path, or the newest `name-VERSION` as Debian installs LLVM.
pub fn tool(name: &str) -> Result<String, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = (14..=24).rev().map(|version| format!("{name}-{version}"));
    std::iter::once(name.to_owned())
        .chain(versions)
        .find(|candidate| std::env::split_paths(&path).any(|folder| folder.join(candidate).is_file()))
        .ok_or_else(|| name.to_owned())
}

/// What a build made, in the order of the case file.
#[derive(Debug, Default)]
pub struct Built {
    pub objects: Vec<String>,
    pub archives: Vec<String>,
    pub libs: Vec<String>,
}

impl Built {
    /// Replaces the placeholders in a list of arguments.
    pub fn expand(&self, arguments: &[String], folder: &Path) -> Vec<String> {
        let mut expanded = Vec::new();
        for argument in arguments {
            match argument.as_str() {
                "{objects}" => expanded.extend(self.objects.iter().cloned()),
                "{archives}" => expanded.extend(self.archives.iter().cloned()),
                "{libs}" => expanded.extend(self.libs.iter().map(|lib| format!("./{lib}"))),
                other => expanded.push(other.replace("{dir}", &folder.to_string_lossy())),
            }
        }
        expanded
    }
}

/// Builds `case` in `folder`, which is empty.
pub fn build(case: &Case, toolchain: &Toolchain, flags: &[String], folder: &Path) -> Result<Built, String> {
    let work = Work { case, toolchain, flags, folder };
    for (name, text) in &case.files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for command in &case.generate {
        work.shell(command)?;
    }
    work.all()
}

struct Work<'a> {
    case: &'a Case,
    toolchain: &'a Toolchain,
    flags: &'a [String],
    folder: &'a Path,
}

impl Work<'_> {
    fn all(&self) -> Result<Built, String> {
        let mut built = Built::default();
        for source in self.sources()? {
            if !self.belongs_to_step(&source) {
                built.objects.push(self.compile(&source)?);
            }
        }
        let mut consumed = Vec::new();
        for step in &self.case.steps {
            match step {
                Step::Archive { name, options, members } => {
                    self.archive(name, options, members)?;
                    consumed.extend(members);
                    built.archives.push(name.clone());
                }
                Step::Shared { name, arguments } => {
                    self.shared(name, arguments)?;
                    built.libs.push(name.clone());
                }
                Step::Shell(command) => self.shell(command)?,
            }
        }
        built.objects.retain(|object| !consumed.contains(&object));
        Ok(built)
    }

    /// The sources, those of the case file first, then those that `generate` made, sorted.
    fn sources(&self) -> Result<Vec<String>, String> {
        let mut sources: Vec<String> = self.case.files.iter().map(|(name, _)| name.clone()).collect();
        let mut made = Vec::new();
        if !self.case.generate.is_empty() {
            for entry in std::fs::read_dir(self.folder).map_err(|error| error.to_string())? {
                let name =
                    entry.map_err(|error| error.to_string())?.file_name().to_string_lossy().into_owned();
                if !sources.contains(&name) {
                    made.push(name);
                }
            }
        }
        made.sort();
        sources.append(&mut made);
        let compiled = |name: &String| {
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            matches!(extension, Some("c" | "cc" | "s" | "S")) && !self.case.manual.contains(name)
        };
        sources.retain(compiled);
        Ok(sources)
    }

    /// Whether a step compiles the source by itself.
    fn belongs_to_step(&self, source: &String) -> bool {
        self.case.steps.iter().any(|step| match step {
            Step::Shared { arguments, .. } => arguments.contains(source),
            _ => false,
        })
    }

    fn compile(&self, source: &str) -> Result<String, String> {
        let driver = if source.ends_with(".cc") { &self.toolchain.cxx } else { &self.toolchain.cc };
        let object = PathBuf::from(source).with_extension("o").to_string_lossy().into_owned();
        let mut arguments = self.flags.to_vec();
        arguments.extend(self.case.file_flags.get(source).into_iter().flatten().cloned());
        arguments.extend(["-c", source, "-o", object.as_str()].map(String::from));
        self.succeed(driver, &arguments)?;
        Ok(object)
    }

    fn archive(&self, name: &str, options: &[String], members: &[String]) -> Result<(), String> {
        let (mut ar, mut operation) = (self.toolchain.ar.clone(), "qcs");
        let mut arguments = Vec::new();
        for option in options {
            match option.as_str() {
                "[thin]" => operation = "qcsT",
                "[no-index]" => operation = "qcS",
                "[bsd]" => {
                    ar = tool("llvm-ar").map_err(|missing| format!("archive: no {missing}"))?;
                    arguments.push("--format=bsd".to_owned());
                }
                other => return Err(format!("unknown archive option {other}")),
            }
        }
        arguments.extend([operation.to_owned(), name.to_owned()]);
        arguments.extend_from_slice(members);
        self.succeed(&ar, &arguments)
    }

    fn shared(&self, name: &str, arguments: &[String]) -> Result<(), String> {
        let cxx = arguments.iter().any(|argument| argument.ends_with(".cc"));
        let driver = if cxx { &self.toolchain.cxx } else { &self.toolchain.cc };
        let fixed = words("-shared -fPIC -Wl,-rpath,$ORIGIN -o")?;
        self.succeed(driver, &[fixed.as_slice(), &[name.to_owned()], arguments].concat())
    }

    fn shell(&self, command: &str) -> Result<(), String> {
        let variables = &self.toolchain.variables;
        accept(process::run(
            self.folder,
            "sh",
            &["-ec".to_owned(), command.to_owned()],
            variables,
            "",
            process::BUILD_LIMIT,
        )?)
    }

    fn succeed(&self, program: &str, arguments: &[String]) -> Result<(), String> {
        accept(process::run(self.folder, program, arguments, &[], "", process::BUILD_LIMIT)?)
    }
}

fn accept(finished: Finished) -> Result<(), String> {
    if finished.succeeded() { Ok(()) } else { Err(format!("cannot build the case\n{}", finished.report())) }
}
