//! Which of the program's names libraries that it opens, and `dlsym`, find.

use std::path::PathBuf;

use super::Parser;

/// What of the program is the process's loader's to find.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exported {
    /// All that is exported.
    pub all: bool,
    /// All variables.
    pub data: bool,
    pub symbols: Vec<String>,
    /// For names as C++ has them.
    pub cxx_symbols: Vec<&'static str>,
    /// Archives whose definitions are none of this.
    pub excluded: Vec<String>,
    /// Files of names and patterns.
    pub lists: Vec<PathBuf>,
}

impl Parser {
    /// Whether it is an option about that; then it counts from now on.
    pub(super) fn exported(
        &mut self,
        name: &str,
        joined: Option<&[u8]>,
        shown: &str,
    ) -> Result<bool, String> {
        match name {
            "rdynamic" | "export-dynamic" | "E" => self.out.exported.all = true,
            "no-export-dynamic" => self.out.exported.all = false,
            "export-dynamic-symbol" => {
                let pattern = self.text(joined, shown)?;
                self.out.exported.symbols.push(pattern);
            }
            "export-dynamic-symbol-list" | "dynamic-list" => {
                let file = self.path(joined, shown)?;
                self.out.exported.lists.push(file);
            }
            "exclude-libs" => {
                let archives = self.text(joined, shown)?;
                let archives = archives.split([',', ':']).filter(|archive| !archive.is_empty());
                self.out.exported.excluded.extend(archives.map(str::to_owned));
            }
            "dynamic-list-data" => self.out.exported.data = true,
            // GNU ld's built-in lists.
            "dynamic-list-cpp-new" => {
                self.out.exported.cxx_symbols.extend(["operator new*", "operator delete*"]);
            }
            "dynamic-list-cpp-typeinfo" => {
                self.out.exported.cxx_symbols.extend(["typeinfo name for*", "typeinfo for*"]);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
