//! Who learns of a set besides those that use it: the process's loader, sets that ask what is loaded, and libraries that do.

#![forbid(unsafe_code)]

use super::builder::SetBuilder;
use super::exports;
use super::scope::LinkScope;
use crate::host::Host;
use crate::place::Plan;
use crate::publish::asked;
use crate::publish::offer::Offered;

/// What others are to find of a set.
pub(super) struct Audience {
    /// The names that the loader finds.
    pub offered: Option<Offered>,
    /// The names that sets find which ask, where the loader finds none.
    shown: Option<Offered>,
    /// Sets that ask what is loaded find it.
    pub is_listed: bool,
    /// They find its names as well.
    pub shows_names: bool,
    /// Libraries that ask find it, and its names.
    pub for_libraries: bool,
    /// One of them reads the debug information of what it finds.
    pub library_reads: bool,
}

impl Audience {
    /// That of the set of this plan; `host` is the process that it runs in.
    pub fn of(
        builder: &SetBuilder<'_>,
        host: Option<&Host>,
        scope: &LinkScope<'_>,
        plan: &Plan<'_, '_>,
    ) -> Audience {
        let recipe = &builder.recipe;
        let offering = host.filter(|host| exports::are_offered(builder, host, plan));
        let offered = offering.map(|host| exports::offered(builder, host, plan));
        let (asks, asks_for_names) = scope.asks();
        // A set that is only looked at asks nothing, and nobody is in its code.
        let asking_host = host.filter(|_| recipe.initialise);
        let may_open = offered.is_some();
        let for_libraries =
            recipe.interpose && asking_host.is_some_and(|host| asked::by_libraries(host, may_open));
        let is_listed = asking_host.is_some() && (asks || builder.listed || for_libraries);
        // What the loader learns has the names that a program's own file would have. Where it learns nothing, the image is for
        // sets only; all that other sets export has names, as of a library.
        let shows = is_listed && (asks_for_names || builder.listed);
        let shown = host.filter(|_| shows && offered.is_none()).map(|host| match recipe.interpose {
            true => exports::offered(builder, host, plan),
            false => Offered::All,
        });
        Audience {
            offered,
            shown,
            is_listed,
            shows_names: shows || for_libraries,
            for_libraries,
            library_reads: for_libraries && asking_host.is_some_and(asked::library_reads),
        }
    }

    /// The names that somebody finds.
    pub fn names(&self) -> Option<&Offered> {
        self.offered.as_ref().or(self.shown.as_ref())
    }
}
