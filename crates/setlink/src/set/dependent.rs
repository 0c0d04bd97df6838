//! Libraries that a set's objects name themselves (`.deplibs`). As lld has it, those of an object count once that takes part,
//! stand behind all other inputs, and are searched as `-lNAME` is, then as a file of the search path, and last as a path. One
//! that is nowhere is left out: what it would define is undefined, and for other linkers the section means nothing.

use std::path::Path;

use super::builder::SetBuilder;
use super::link::request;
use super::scope::{Libraries, LinkScope};
use crate::error::Result;
use crate::memory::arena::Arena;
use crate::read::elf::named_libraries;
use crate::resolve::gather;
use crate::resolve::pull::Added;

/// The libraries that objects name, without those that were looked for already.
pub(super) fn named(builder: &SetBuilder<'_>, objects: &[Added<'_>]) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let naming = objects.iter().filter(|added| added.object.names_libraries());
    for added in naming.filter(|_| builder.dependent_libraries) {
        for name in named_libraries(added.object)? {
            let name = String::from_utf8_lossy(name).into_owned();
            if !builder.named_libraries.contains(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// Adds what objects name, and what the objects name that come in with that.
pub(super) fn add_all(builder: &mut SetBuilder<'_>) -> Result<()> {
    loop {
        let mut problems = Vec::new();
        let scope = LinkScope::new(builder, Libraries::parse(&builder.recipe.inputs, &mut problems));
        let arena = Arena::default();
        // What is wrong with the inputs is found later.
        let names = match gather(&builder.recipe.inputs, &request(builder, &scope), &arena) {
            Ok(objects) => named(builder, &objects.added)?,
            Err(_) => return Ok(()),
        };
        if names.is_empty() {
            return Ok(());
        }
        drop(scope);
        add(builder, names)?;
    }
}

/// Adds libraries behind the other inputs.
pub(super) fn add(builder: &mut SetBuilder<'_>, names: Vec<String>) -> Result<()> {
    for name in names {
        let found = builder.recipe.search.library(&name, builder.static_only);
        let found =
            found.or_else(|_| builder.recipe.search.library(&format!(":{name}"), builder.static_only));
        let path = match found {
            Ok(path) => Some(path),
            Err(_) => Some(Path::new(&name)).filter(|path| path.exists()).map(Path::to_owned),
        };
        builder.named_libraries.push(name);
        if let Some(path) = path {
            builder.file(&path, 0)?;
        }
    }
    Ok(())
}
