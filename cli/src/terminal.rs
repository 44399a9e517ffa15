//! The terminal: is there one, put it back as it was on every way out (echo, cursor), signals.
//!
//! Measured: an interrupted prompt leaves the terminal without echo or without cursor unless a
//! handler is installed and the mode is restored, so both happen before the first question.

use crate::{Exit, Failure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::{stderr, stdin};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// Set by the signal handlers.
static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
/// Whether a prompt or a spinner has changed the terminal, so that there is something to restore.
static TOUCHED: AtomicBool = AtomicBool::new(false);

/// Whether a person can be asked: stdin and stderr are terminals.
pub fn interactive() -> bool {
    isatty(stdin()) && isatty(stderr())
}

/// The width of the terminal that standard error is, in columns.
pub(crate) fn columns() -> Option<usize> {
    let size = isatty(stderr()).then(|| tcgetwinsize(stderr()).ok())??;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Restores the terminal's mode on drop; SIGINT, SIGTERM and SIGHUP become a flag that every
/// wait of this crate looks at, so that the drop is reached. Made once, first thing in main.
pub struct Guard {
    mode: Option<Termios>,
}

impl Guard {
    /// Saves the mode and installs the handlers.
    pub fn install() -> Self {
        let flag = INTERRUPTED.get_or_init(Arc::default);
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // Without a handler the signal simply ends the process, which is safe at every point.
            signal_hook::flag::register(signal, Arc::clone(flag)).ok();
        }
        Self { mode: tcgetattr(stdin()).ok() }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !TOUCHED.load(Ordering::SeqCst) {
            return;
        }
        if let Some(mode) = &self.mode {
            tcsetattr(stdin(), OptionalActions::Now, mode).ok();
        }
        if isatty(stderr()) {
            rustix::io::write(stderr(), b"\x1b[?25h").ok();
        }
    }
}

/// Says that the terminal is about to be changed (mode or cursor).
pub fn touch() {
    TOUCHED.store(true, Ordering::SeqCst);
}

/// Whether SIGINT, SIGTERM or SIGHUP has arrived.
pub fn interrupted() -> bool {
    INTERRUPTED.get().is_some_and(|flag| flag.load(Ordering::SeqCst))
}

/// Stops here when a signal has arrived: for the points between two steps.
/// # Errors
/// [`Exit::Interrupted`].
pub fn check_interrupted() -> Result<(), Failure> {
    if interrupted() { Err(interruption()) } else { Ok(()) }
}

/// The failure of a command that was interrupted.
pub fn interruption() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted")
}

/// Waits until a descriptor can be read (or has ended), at most `timeout` milliseconds;
/// `Ok(false)` when the time is over.
///
/// Signal handlers restart an interrupted `read`, so whoever reads from a pipe or a terminal
/// waits here first: a Ctrl-C ends the wait.
/// # Errors
/// [`Exit::Interrupted`]; [`Exit::Usage`] when the descriptor cannot be waited for.
pub fn wait_readable(descriptor: BorrowedFd<'_>, timeout: Option<u64>) -> Result<bool, Failure> {
    /// A signal between the look at the flag and the poll is seen after this many milliseconds.
    const SLICE: u64 = 100;
    let mut left = timeout;
    loop {
        check_interrupted()?;
        let slice = left.map_or(SLICE, |left| left.min(SLICE));
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::try_from(slice).unwrap_or(0) * 1_000_000 };
        match poll(&mut [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)], Some(&wait)) {
            Ok(0) => {}
            Ok(_) => return Ok(true),
            Err(Errno::INTR) => continue,
            Err(error) => {
                return Err(
                    Failure::new(Exit::Usage, "cannot wait for input").because(&std::io::Error::from(error))
                );
            }
        }
        left = left.map(|left| left.saturating_sub(slice));
        if left == Some(0) {
            return Ok(false);
        }
    }
}

/// Throws away what was typed or pasted before the next question was shown, also what is still on
/// its way; says whether there was anything. A second pasted line must never answer a question
/// nobody has read.
/// # Errors
/// As [`wait_readable`].
pub fn discard_type_ahead() -> Result<bool, Failure> {
    /// Milliseconds of silence that end a paste.
    const QUIET: u64 = 40;
    // Without ICANON the queue shows every byte, not only whole lines.
    let Some(_raw) = Raw::enter(Echo::Off) else { return Ok(false) };
    let mut any = false;
    let mut thrown_away = Zeroizing::new([0; 1024]);
    while wait_readable(stdin(), Some(QUIET))? {
        match rustix::io::read(stdin(), &mut thrown_away[..]) {
            Ok(0) | Err(_) => break,
            // A Ctrl-C typed while a prompt had signals switched off waits here as a character.
            Ok(count) if thrown_away[..count].contains(&0x03) => return Err(interruption()),
            Ok(_) => any = true,
        }
    }
    Ok(any)
}

/// Whether typed characters are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Echo {
    On,
    Off,
}

/// The terminal without line editing while this lives: nothing is cut at 4096 bytes, signals
/// still come, Ctrl-D arrives as `0x04`.
pub struct Raw {
    before: Termios,
}

impl Raw {
    /// Leaves canonical mode; `None` when standard input is no terminal.
    pub fn enter(echo: Echo) -> Option<Self> {
        use rustix::termios::{LocalModes, SpecialCodeIndex};
        let before = tcgetattr(stdin()).ok()?;
        let mut mode = before.clone();
        mode.local_modes.remove(LocalModes::ICANON);
        mode.local_modes.set(LocalModes::ECHO, echo == Echo::On);
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        touch();
        tcsetattr(stdin(), OptionalActions::Now, &mode).ok()?;
        Some(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        tcsetattr(stdin(), OptionalActions::Now, &self.before).ok();
    }
}
