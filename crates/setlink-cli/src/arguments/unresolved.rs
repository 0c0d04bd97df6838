//! What is to become of symbols that are defined nowhere.

/// In objects, and in shared libraries. GNU ld's options set the two apart, and each may mean what is set for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unresolved {
    /// Of none, [`Unresolved::reported`].
    in_objects: Option<Report>,
    in_libraries: Option<Report>,
    reported: Report,
}

/// How an undefined symbol is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Report {
    #[default]
    Error,
    Warning,
    Nothing,
}

impl Unresolved {
    pub fn in_objects(self) -> Report {
        self.in_objects.unwrap_or(self.reported)
    }

    pub fn in_libraries(self) -> Report {
        self.in_libraries.unwrap_or(self.reported)
    }

    /// `--warn-unresolved-symbols`, `--error-unresolved-symbols`
    pub fn report(&mut self, reported: Report) {
        self.reported = reported;
    }

    /// `-z defs`, `-z undefs`
    pub fn ignore_in_objects(&mut self, ignore: bool) {
        self.in_objects = ignore.then_some(Report::Nothing);
    }

    /// `--allow-shlib-undefined`
    pub fn ignore_in_libraries(&mut self, ignore: bool) {
        self.in_libraries = ignore.then_some(Report::Nothing);
    }

    /// `--unresolved-symbols=METHOD`
    pub fn method(&mut self, method: &str) -> Result<(), String> {
        let (in_objects, in_libraries) = match method {
            "ignore-all" => (true, true),
            "ignore-in-object-files" => (true, false),
            "ignore-in-shared-libs" => (false, true),
            "report-all" => (false, false),
            other => return Err(format!("--unresolved-symbols does not know `{other}`")),
        };
        self.ignore_in_objects(in_objects);
        self.ignore_in_libraries(in_libraries);
        Ok(())
    }
}
