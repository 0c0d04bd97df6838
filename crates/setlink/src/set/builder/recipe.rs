//! What a set is made of, and how: what decides on its layout.

use std::sync::Arc;

use crate::place::Wish;
use crate::place::reach::Reach;
use crate::read::input::Input;
use crate::read::pattern::Pattern;
use crate::read::search::{SearchPath, X86_64};
use crate::read::version_script::VersionScript;
use crate::resolve::Assigned;
use crate::resolve::scope::Definitions;
use crate::set::Core;

/// The part of a builder by which a set can be laid out again, from the same inputs to the same addresses.
pub(in crate::set) struct Recipe {
    pub name: Arc<str>,
    pub inputs: Vec<Input>,
    pub search: SearchPath,
    pub definitions: Definitions,
    pub assigned: Vec<(Vec<u8>, Assigned)>,
    pub provided: Vec<(Vec<u8>, Assigned)>,
    pub wrap: Vec<Vec<u8>>,
    pub undefined: Vec<Vec<u8>>,
    pub undefined_patterns: Vec<Pattern>,
    pub required: Vec<Vec<u8>>,
    /// What runs in place of `_init` and `_fini`.
    pub first_and_last: [Option<Vec<u8>>; 2],
    pub versions: VersionScript,
    /// Archives whose definitions are the set's own.
    pub excluded: Vec<String>,
    pub collect: Option<Vec<Vec<u8>>>,
    pub start_stop_gc: bool,
    pub relax: bool,
    pub reach: Reach,
    pub allow_multiple_definition: bool,
    pub allow_undefined: bool,
    pub may_be_undefined: Vec<Vec<u8>>,
    pub interpose: bool,
    pub export_dynamic: bool,
    pub dynamic_list: VersionScript,
    pub ignore_stack_notes: bool,
    pub permanent: bool,
    pub wish: Wish,
    pub initialise: bool,
    pub scope: Vec<Arc<Core>>,
    pub share: Vec<Arc<Core>>,
    pub prefer_existing: bool,
}

impl Recipe {
    pub fn new(name: Arc<str>) -> Recipe {
        Recipe {
            name,
            inputs: Vec::new(),
            search: SearchPath::new(X86_64, None),
            definitions: Definitions::new(),
            assigned: Vec::new(),
            provided: Vec::new(),
            wrap: Vec::new(),
            undefined: Vec::new(),
            undefined_patterns: Vec::new(),
            required: Vec::new(),
            first_and_last: [None, None],
            versions: VersionScript::default(),
            excluded: Vec::new(),
            collect: None,
            start_stop_gc: false,
            relax: true,
            reach: Reach::uniform(u64::MAX),
            allow_multiple_definition: false,
            allow_undefined: false,
            may_be_undefined: Vec::new(),
            interpose: false,
            export_dynamic: false,
            dynamic_list: VersionScript::default(),
            ignore_stack_notes: false,
            permanent: false,
            wish: Wish::default(),
            initialise: true,
            scope: Vec::new(),
            share: Vec::new(),
            prefer_existing: false,
        }
    }
}
