//! The terminal: is there one, put it back as it was on every way out (echo, cursor), signals.
//!
//! Measured: an interrupted prompt leaves the terminal without echo or without cursor unless a
//! handler is installed and the mode is restored, so both happen before the first question.

use crate::{Exit, Failure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio::{stderr, stdin};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// Set by the signal handlers.
static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
/// Whether a prompt or a spinner has changed the terminal, so that there is something to restore.
static TOUCHED: AtomicBool = AtomicBool::new(false);
/// The terminal's mode before anything changed it.
static FIRST_MODE: OnceLock<Termios> = OnceLock::new();
/// Ctrl-Z.
static SUSPENSION: OnceLock<Suspension> = OnceLock::new();

/// What a SIGTSTP does: stops the process at once while the terminal is as it was, else asks for
/// it, so that the mode is put back first and no shell is left without echo.
#[derive(Default)]
struct Suspension {
    at_once: Arc<AtomicBool>,
    asked: Arc<AtomicBool>,
}

/// Whether a person can be asked: stdin and stderr are terminals.
pub fn interactive() -> bool {
    isatty(stdin()) && isatty(stderr())
}

/// The width of the terminal that standard error is, in columns.
pub(crate) fn columns() -> Option<usize> {
    let size = isatty(stderr()).then(|| tcgetwinsize(stderr()).ok())??;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// The width of the terminal that standard output is, in columns.
pub fn columns_of_stdout() -> Option<usize> {
    let stdout = rustix::stdio::stdout();
    let size = isatty(stdout).then(|| tcgetwinsize(stdout).ok())??;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Restores the terminal's mode on drop; SIGINT, SIGTERM, SIGHUP and SIGQUIT become a flag that
/// every wait of this crate looks at, so that the drop is reached. Made once, first thing in main.
pub struct Guard {
    mode: Option<Termios>,
}

impl Guard {
    /// Saves the mode and installs the handlers.
    pub fn install() -> Self {
        let flag = INTERRUPTED.get_or_init(Arc::default);
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            // Without a handler the signal simply ends the process, which is safe at every point.
            signal_hook::flag::register(signal, Arc::clone(flag)).ok();
        }
        let suspension = SUSPENSION.get_or_init(Suspension::default);
        suspension.at_once.store(true, Ordering::SeqCst);
        signal_hook::flag::register_conditional_default(SIGTSTP, Arc::clone(&suspension.at_once)).ok();
        signal_hook::flag::register(SIGTSTP, Arc::clone(&suspension.asked)).ok();
        let mode = tcgetattr(stdin()).ok();
        if let Some(mode) = &mode {
            FIRST_MODE.get_or_init(|| mode.clone());
        }
        Self { mode }
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

/// Whether SIGINT, SIGTERM, SIGHUP or SIGQUIT has arrived.
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
        suspend_if_asked();
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

/// Stops here after a Ctrl-Z that came while the terminal was changed; once continued, changes it
/// again.
fn suspend_if_asked() {
    let asked = SUSPENSION.get().is_some_and(|suspension| suspension.asked.swap(false, Ordering::SeqCst));
    let (true, Ok(ours), Some(first)) = (asked, tcgetattr(stdin()), FIRST_MODE.get()) else { return };
    tcsetattr(stdin(), OptionalActions::Now, first).ok();
    kill_process(getpid(), Signal::STOP).ok();
    tcsetattr(stdin(), OptionalActions::Now, &ours).ok();
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
        if let Some(suspension) = SUSPENSION.get() {
            suspension.asked.store(false, Ordering::SeqCst);
            suspension.at_once.store(false, Ordering::SeqCst);
        }
        let raw = Self { before };
        tcsetattr(stdin(), OptionalActions::Now, &mode).ok()?;
        Some(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        tcsetattr(stdin(), OptionalActions::Now, &self.before).ok();
        if let Some(suspension) = SUSPENSION.get() {
            suspension.at_once.store(true, Ordering::SeqCst);
        }
    }
}
