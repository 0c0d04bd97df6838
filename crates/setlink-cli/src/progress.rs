//! A progress bar on a terminal, for links that last longer than a second.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use setlink::Phase;

/// How long a link lasts before the bar appears.
const PATIENCE: Duration = Duration::from_secs(1);

/// Columns for each phase that is over or to come.
const COLUMNS: usize = 4;

/// The bar. No thread draws it: it moves when a phase begins, so that the program finds the process with one thread.
pub(crate) struct Bar {
    state: Option<Rc<RefCell<State>>>,
}

struct State {
    start: Instant,
    is_drawn: bool,
}

impl Bar {
    pub(crate) fn new() -> Bar {
        let terminal =
            std::io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|t| t != "dumb");
        let state = || Rc::new(RefCell::new(State { start: Instant::now(), is_drawn: false }));
        Bar { state: terminal.then(state) }
    }

    /// What to call when a phase begins.
    pub(crate) fn observer(&self) -> impl FnMut(Phase) + 'static {
        let state = self.state.clone();
        move |phase| {
            let Some(state) = &state else { return };
            let mut state = state.borrow_mut();
            if state.start.elapsed() < PATIENCE {
                return;
            }
            state.is_drawn = true;
            // From a line's start to its end (ECMA-48, EL); what a narrow terminal has no room for does not go to the next
            // one (DECAWM, off and on).
            let _ = write!(std::io::stderr(), "\r\x1b[?7l{}\x1b[K\x1b[?7h", line(phase));
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(state) = &self.state
            && std::mem::take(&mut state.borrow_mut().is_drawn)
        {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// What is shown while `phase` lasts.
fn line(phase: Phase) -> String {
    const PHASES: usize = 6;
    let (over, message) = match phase {
        Phase::Resolve => (0, "resolving names"),
        Phase::Scan => (1, "scanning relocations"),
        Phase::Place => (2, "placing sections"),
        Phase::Write => (3, "writing"),
        Phase::Publish => (4, "publishing"),
        Phase::Initialise => (5, "initialising"),
    };
    let (done, left) = ("█".repeat(over * COLUMNS), "░".repeat((PHASES - over) * COLUMNS));
    format!("{done}{left} {over}/{PHASES} {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_grows_with_the_phases() {
        assert_eq!(line(Phase::Resolve), "░░░░░░░░░░░░░░░░░░░░░░░░ 0/6 resolving names");
        assert_eq!(line(Phase::Initialise), "████████████████████░░░░ 5/6 initialising");
    }
}
