//! The person at the terminal, or whoever reads what a command says.

use crate::spinner::Spinner;
use crate::{Failure, output, terminal};
use flow::{News, Person, Work};
use std::time::{Duration, Instant};

/// How long a wait stays without comment.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a wait looks for a signal.
const SLICE: Duration = Duration::from_millis(50);

/// Whoever started the command: is told on standard error, and interrupts with a signal.
#[derive(Debug)]
pub struct Operator;

impl Person for Operator {
    type Silence = Failure;

    fn tell(&mut self, news: News<'_>) {
        match news {
            News::Findings(findings) => output::say(output::findings_text(findings).trim_end()),
        }
    }

    /// A spinner goes round at a terminal when it takes longer than half a second.
    fn wait(&mut self, work: Work, done: &mut dyn FnMut(Duration) -> bool) -> Result<(), Failure> {
        let began = Instant::now();
        let mut spinner = None;
        loop {
            terminal::check_interrupted()?;
            if done(SLICE) {
                return Ok(());
            }
            if spinner.is_none() && began.elapsed() >= PATIENCE && terminal::interactive() {
                spinner = Some(Spinner::show(&work.to_string()));
            }
        }
    }

    fn go_on(&mut self) -> Result<(), Failure> {
        terminal::check_interrupted()
    }
}
