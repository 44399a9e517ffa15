//! A progress bar for long runs: on a terminal's stderr only, never in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::stdio::stderr;
use rustix::termios::isatty;
use std::time::{Duration, Instant};

/// How long a run stays without comment.
const PATIENCE: Duration = Duration::from_millis(500);

/// Counts what is done, with rate and estimate.
pub struct Progress {
    began: Instant,
    bar: Option<ProgressBar>,
    shown: bool,
}

impl Progress {
    /// Nothing is shown yet, and nothing ever where stderr is no terminal.
    pub fn start() -> Self {
        let bar =
            isatty(stderr()).then(|| ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden()));
        Self { began: Instant::now(), bar, shown: false }
    }

    /// So much is done, of as much as is known so far.
    pub fn at(&mut self, done: u64, known: u64) {
        let Some(bar) = &self.bar else { return };
        if !self.shown && self.began.elapsed() >= PATIENCE {
            self.shown = true;
            crate::terminal::touch();
            bar.set_draw_target(ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}, {per_sec}, {eta} left")
            {
                bar.set_style(style);
            }
        }
        bar.set_length(known.max(done));
        bar.set_position(done);
    }

    /// Does something while the bar is out of the way: printing on the same terminal.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
