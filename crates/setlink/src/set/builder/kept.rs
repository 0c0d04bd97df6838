//! What a set was made of, kept for a second look at it.

use std::sync::{Arc, OnceLock};

use super::{ArchiveMode, Input, Pattern, Pool, SetBuilder};
use crate::place::Wish;
use crate::place::reach::Reach;
use crate::read::search::SearchPath;
use crate::read::version_script::VersionScript;
use crate::resolve::Assigned;
use crate::resolve::scope::Definitions;
use crate::session::Session;
use crate::set::Core;
use crate::set::default_libraries::DefaultLibraries;

/// All of a builder that decides on how a set is laid out. It can go to another thread.
pub(in crate::set) struct Kept {
    session: Session,
    name: Arc<str>,
    inputs: Vec<Input>,
    search: SearchPath,
    default_libraries: Option<(SearchPath, OnceLock<Vec<Input>>)>,
    definitions: Definitions,
    assigned: Vec<(Vec<u8>, Assigned)>,
    provided: Vec<(Vec<u8>, Assigned)>,
    wrap: Vec<Vec<u8>>,
    undefined: Vec<Vec<u8>>,
    undefined_patterns: Vec<Pattern>,
    required: Vec<Vec<u8>>,
    first_and_last: [Option<Vec<u8>>; 2],
    versions: VersionScript,
    excluded: Vec<String>,
    dynamic_list: VersionScript,
    collect: Option<Vec<Vec<u8>>>,
    start_stop_gc: bool,
    relax: bool,
    reach: Reach,
    allow_multiple_definition: bool,
    allow_undefined: bool,
    may_be_undefined: Vec<Vec<u8>>,
    interpose: bool,
    export_dynamic: bool,
    ignore_stack_notes: bool,
    permanent: bool,
    wish: Wish,
    initialise: bool,
    scope: Vec<Arc<Core>>,
    share: Vec<Arc<Core>>,
    prefer_existing: bool,
}

impl Kept {
    pub fn new(builder: SetBuilder<'_>) -> Kept {
        // Each field by its name, so that none that is new is forgotten.
        let SetBuilder {
            session,
            name,
            inputs,
            search,
            default_libraries,
            archive_mode: _,
            dependent_libraries: _,
            named_libraries: _,
            export_dynamic_data: _,
            lazy: _,
            as_needed: _,
            static_only: _,
            definitions,
            assigned,
            provided,
            wrap,
            undefined,
            undefined_patterns,
            required,
            first_and_last,
            entry: _,
            versions,
            excluded,
            dynamic_list,
            collect,
            start_stop_gc,
            relax,
            reach,
            allow_multiple_definition,
            allow_undefined,
            allow_undefined_in_libraries: _,
            may_be_undefined,
            undefined_observer: _,
            interpose,
            libraries_first: _,
            export_dynamic,
            ignore_stack_notes,
            permanent,
            wish,
            map: _,
            snapshot: _,
            debugger: _,
            perf_map: _,
            jitdump: _,
            listed: _,
            told: _,
            position_dependent: _,
            export: _,
            initialise,
            arguments: _,
            observer: _,
            before_initialisers: _,
            read_seconds: _,
            pool: _,
            problems: _,
            scope,
            share,
            prefer_existing,
            scripts: _,
        } = builder;
        let default_libraries = default_libraries.map(|libraries| (libraries.search, libraries.inputs));
        Kept {
            session: session.clone(),
            name,
            inputs,
            search,
            default_libraries,
            definitions,
            assigned,
            provided,
            wrap,
            undefined,
            undefined_patterns,
            required,
            first_and_last,
            versions,
            excluded,
            dynamic_list,
            collect,
            start_stop_gc,
            relax,
            reach,
            allow_multiple_definition,
            allow_undefined,
            may_be_undefined,
            interpose,
            export_dynamic,
            ignore_stack_notes,
            permanent,
            wish,
            initialise,
            scope,
            share,
            prefer_existing,
        }
    }

    /// Hands the builder to `look`.
    pub fn with<R>(self, look: impl FnOnce(&SetBuilder<'_>) -> R) -> R {
        let session = self.session;
        let libraries = |(search, inputs)| Box::new(DefaultLibraries { session: &session, search, inputs });
        look(&SetBuilder {
            inputs: self.inputs,
            search: self.search,
            default_libraries: self.default_libraries.map(libraries),
            archive_mode: ArchiveMode::Needed,
            definitions: self.definitions,
            assigned: self.assigned,
            provided: self.provided,
            wrap: self.wrap,
            undefined: self.undefined,
            undefined_patterns: self.undefined_patterns,
            required: self.required,
            first_and_last: self.first_and_last,
            versions: self.versions,
            excluded: self.excluded,
            dynamic_list: self.dynamic_list,
            collect: self.collect,
            start_stop_gc: self.start_stop_gc,
            relax: self.relax,
            reach: self.reach,
            allow_multiple_definition: self.allow_multiple_definition,
            allow_undefined: self.allow_undefined,
            may_be_undefined: self.may_be_undefined,
            interpose: self.interpose,
            export_dynamic: self.export_dynamic,
            ignore_stack_notes: self.ignore_stack_notes,
            permanent: self.permanent,
            wish: self.wish,
            initialise: self.initialise,
            pool: Pool::default(),
            scope: self.scope,
            share: self.share,
            prefer_existing: self.prefer_existing,
            ..SetBuilder::new(&session, self.name)
        })
    }
}
