//! Questions at a terminal (dialoguer) and secrets (rpassword). A mistake at one prompt is
//! explained and asked again; Ctrl-C at any prompt is [`crate::Exit::Interrupted`].
//!
//! Every question begins by throwing away what was typed or pasted before it was shown: the
//! second line of a paste must not answer a question nobody has read. Only [`lines`] takes a
//! paste of several lines, because several lines are what it asks for.

use crate::plain::line as one_line;
use crate::terminal::{self, Echo, Raw};
use crate::{Exit, Failure, output};
use common::Secret;
use dialoguer::{Confirm, Input, Select};
use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio::stdin;
use std::io::{self, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use zeroize::Zeroizing;

/// Asks for a line until `parse` accepts it; `parse`'s error is shown and the question repeated.
/// # Errors
/// [`Exit::Interrupted`]; [`Exit::Usage`] when the terminal fails.
pub fn line<T>(
    question: &str,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        settle()?;
        let mut input = Input::<String>::new().with_prompt(question).allow_empty(true);
        if let Some(default) = default {
            input = input.default(default.to_owned());
        }
        match parse(asked(|| input.interact_text())?.trim()) {
            Ok(value) => return Ok(value),
            Err(mistake) => explain(&mistake),
        }
    }
}

/// Asks for lines until a blank one; a refused line is explained and asked again.
/// # Errors
/// As [`line()`].
pub fn lines<T>(question: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Failure> {
    settle()?;
    let mut accepted = vec![];
    loop {
        let input = Input::<String>::new().with_prompt(question).allow_empty(true);
        let typed = asked(|| input.interact_text())?;
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(accepted);
        }
        match parse(typed) {
            Ok(value) => accepted.push(value),
            Err(mistake) => explain(&mistake),
        }
    }
}

/// Asks for one of a list; returns the index.
/// # Errors
/// As [`line()`].
pub fn choose(question: &str, items: &[&str], default: usize) -> Result<usize, Failure> {
    settle()?;
    asked(|| Select::new().with_prompt(question).items(items).default(default).interact())
}

/// Yes or no; the answer counts when Enter is pressed.
/// # Errors
/// As [`line()`].
pub fn confirm(question: &str, default: bool) -> Result<bool, Failure> {
    settle()?;
    asked(|| Confirm::new().with_prompt(question).default(default).wait_for_newline(true).interact())
}

/// Reads a secret without echo.
/// # Errors
/// As [`line()`].
pub fn secret(question: &str) -> Result<Secret, Failure> {
    settle()?;
    rustix::io::write(rustix::stdio::stderr(), format!("{question}: ").as_bytes()).ok();
    let typed = {
        let _raw = Raw::enter(Echo::Off);
        let config = rpassword::ConfigBuilder::new().input_reader(Keys).output_discard().build();
        rpassword::read_password_with_config(config).map(|text| Zeroizing::new(text.into_bytes()))
    };
    let typed = answered(typed.map_err(dialoguer::Error::IO))?;
    output::say("");
    Ok(Secret::new(typed))
}

/// Reads a secret until `accept` takes it, and once more until both agree.
/// # Errors
/// As [`line()`].
pub fn new_secret<T>(
    question: &str,
    again: &str,
    accept: impl Fn(Secret) -> Result<T, String>,
) -> Result<T, Failure> {
    loop {
        let first = secret(question)?;
        let copy = Secret::new(Zeroizing::new(first.expose().to_vec()));
        let accepted = match accept(copy) {
            Ok(value) => value,
            Err(mistake) => {
                explain(&mistake);
                continue;
            }
        };
        if first.expose() == secret(again)?.expose() {
            return Ok(accepted);
        }
        explain("the two are not the same");
    }
}

/// Says what was wrong with an answer before the question is asked again.
fn explain(mistake: &str) {
    output::say(&format!("  {}", one_line(mistake)));
}

/// Throws type-ahead away, and says so.
fn settle() -> Result<(), Failure> {
    terminal::touch();
    if terminal::discard_type_ahead()? {
        output::say("  (what was typed or pasted before this question was thrown away)");
    }
    Ok(())
}

/// Asks, and sees to it that a signal ends the question.
///
/// dialoguer notices a signal only while it waits for a key. One that comes just before is
/// repeated here until it is noticed.
fn asked<T>(ask: impl FnOnce() -> Result<T, dialoguer::Error>) -> Result<T, Failure> {
    let done = AtomicBool::new(false);
    let answer = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                if terminal::interrupted() {
                    kill_process(getpid(), Signal::INT).ok();
                }
                thread::park_timeout(Duration::from_millis(50));
            }
        });
        let _end = OnDrop(|| {
            done.store(true, Ordering::SeqCst);
            watch.thread().unpark();
        });
        ask()
    });
    answered(answer)
}

/// Runs at the end of its scope, after a panic too: the watch must never outlive the question.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Tells a Ctrl-C or a signal from an answer and from a terminal that fails.
fn answered<T>(answer: Result<T, dialoguer::Error>) -> Result<T, Failure> {
    let ended = |kind| matches!(kind, ErrorKind::Interrupted | ErrorKind::UnexpectedEof);
    match answer {
        Ok(answer) if !terminal::interrupted() => Ok(answer),
        Err(dialoguer::Error::IO(error)) if !terminal::interrupted() && !ended(error.kind()) => {
            Err(Failure::new(Exit::Usage, "cannot ask at this terminal")
                .because(&error)
                .hint("give the answers as flags or with --answers FILE"))
        }
        Ok(_) | Err(_) => {
            // What comes next must not stand behind the half-typed answer.
            output::say("");
            Err(terminal::interruption())
        }
    }
}

/// The keyboard, read from the raw descriptor (a buffered reader would keep a copy of the
/// secret) and given up when a signal arrives.
struct Keys;

impl Read for Keys {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match terminal::wait_readable(stdin(), None) {
            Ok(_) => {}
            Err(failure) if failure.exit == Exit::Interrupted => return Err(ErrorKind::Interrupted.into()),
            Err(failure) => return Err(io::Error::other(failure.what)),
        }
        match rustix::io::read(stdin(), buffer)? {
            // rpassword takes the end of the input for Enter: half a secret would be accepted.
            0 => Err(ErrorKind::Interrupted.into()),
            count => Ok(count),
        }
    }
}
