//! A progress bar on a terminal, for links that last longer than a second.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use setlink::Phase;

/// How long a link lasts before the bar appears.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bar. No thread draws it: it moves when a phase begins, so that the program finds the process with one thread.
pub(crate) struct Bar {
    state: Option<Rc<RefCell<State>>>,
}

struct State {
    start: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    pub(crate) fn new() -> Bar {
        let terminal = std::io::stderr().is_terminal();
        let state = || Rc::new(RefCell::new(State { start: Instant::now(), bar: None }));
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
            let bar = state.bar.get_or_insert_with(|| {
                let bar = ProgressBar::with_draw_target(Some(6), ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}");
                bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            });
            let (position, message) = match phase {
                Phase::Resolve => (0, "resolving names"),
                Phase::Scan => (1, "scanning relocations"),
                Phase::Place => (2, "placing sections"),
                Phase::Write => (3, "writing"),
                Phase::Publish => (4, "publishing"),
                Phase::Initialise => (5, "initialising"),
            };
            bar.set_message(message);
            bar.set_position(position);
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = self.state.as_ref().and_then(|state| state.borrow_mut().bar.take()) {
            bar.finish_and_clear();
        }
    }
}
