//! Work in the background, and a spinner when a person has to wait for it.

use crate::{Exit, Failure, terminal};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How long a wait stays without comment.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a wait looks for a signal.
const SLICE: Duration = Duration::from_millis(50);

/// Something computed on its own thread, while the user still answers questions.
pub struct Task<T> {
    result: Receiver<T>,
}

impl<T: Send + 'static> Task<T> {
    /// Starts the work.
    pub fn start(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (send, result) = sync_channel(1);
        std::thread::spawn(move || {
            // Nobody listens any more when the command was interrupted.
            send.send(work()).ok();
        });
        Self { result }
    }

    /// Waits for the result, with a spinner at a terminal when it takes longer than half a second.
    /// # Errors
    /// [`Exit::Interrupted`] on a signal, [`Exit::Unexpected`] when the work panicked.
    pub fn wait(self, message: &'static str) -> Result<T, Failure> {
        let began = Instant::now();
        let mut spinner = None;
        loop {
            terminal::check_interrupted()?;
            match self.result.recv_timeout(SLICE) {
                Ok(value) => return Ok(value),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new(
                        Exit::Unexpected,
                        format!("{message}: the work ended in a panic"),
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if spinner.is_none() && began.elapsed() >= PATIENCE && terminal::interactive() {
                spinner = Some(Spinner::show(message));
            }
        }
    }
}

/// Runs work with a spinner when it takes longer than half a second.
/// # Errors
/// As [`Task::wait`].
pub fn during<T: Send + 'static>(
    message: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    Task::start(work).wait(message)
}

/// Cleared when dropped.
struct Spinner(ProgressBar);

impl Spinner {
    fn show(message: &'static str) -> Self {
        terminal::touch();
        let bar = ProgressBar::new_spinner().with_message(message);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_comes_back_and_a_panic_is_a_failure() {
        assert_eq!(during("adding", || 1 + 1).unwrap(), 2);
        let panicked = during("failing", || -> u8 { panic!("a test that panics on purpose") });
        assert_eq!(panicked.unwrap_err().exit, Exit::Unexpected);
    }
}
