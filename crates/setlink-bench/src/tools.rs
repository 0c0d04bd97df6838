//! The peers that are installed.

use std::path::Path;
use std::process::Command;

/// The first of the names, separated by blanks, that is an executable on the search path.
pub fn find(names: &str) -> Option<String> {
    let path = std::env::var_os("PATH")?;
    names.split(' ').find_map(|name| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| is_executable(file))
            .map(|file| file.display().to_string())
    })
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// What a tool says of its version.
pub fn version(tool: &str) -> String {
    let Ok(output) = Command::new(tool).arg("--version").output() else { return String::new() };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.chars().any(|c| c.is_ascii_digit())).unwrap_or_default();
    line.trim().to_owned()
}
