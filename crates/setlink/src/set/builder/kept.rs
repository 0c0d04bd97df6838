//! What a set was made of, kept for a second look at it.

use std::sync::OnceLock;

use super::recipe::Recipe;
use super::{Input, SetBuilder};
use crate::read::search::SearchPath;
use crate::session::Session;
use crate::set::default_libraries::DefaultLibraries;

/// All of a builder that decides on how a set is laid out. It can go to another thread.
pub(in crate::set) struct Kept {
    session: Session,
    recipe: Recipe,
    default_libraries: Option<(SearchPath, OnceLock<Vec<Input>>)>,
}

impl Kept {
    pub fn new(builder: SetBuilder<'_>) -> Kept {
        let SetBuilder { session, recipe, default_libraries, .. } = builder;
        let default_libraries = default_libraries.map(|libraries| (libraries.search, libraries.inputs));
        Kept { session: session.clone(), recipe, default_libraries }
    }

    /// Hands the builder to `look`.
    pub fn with<R>(self, look: impl FnOnce(&SetBuilder<'_>) -> R) -> R {
        let session = self.session;
        let libraries = |(search, inputs)| Box::new(DefaultLibraries { session: &session, search, inputs });
        let default_libraries = self.default_libraries.map(libraries);
        let name = self.recipe.name.clone();
        look(&SetBuilder { recipe: self.recipe, default_libraries, ..SetBuilder::new(&session, name) })
    }
}
