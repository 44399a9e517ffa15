//! A command at a real terminal: types, pastes, and reads what is on the screen.

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Regex, Session};
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Why this machine gives no pseudo-terminal, if so.
pub fn missing() -> Option<&'static str> {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let trial = || Session::spawn(Command::new("true")).err().map(|error| error.to_string());
    MISSING.get_or_init(trial).as_deref()
}

/// Whether this machine has pseudo-terminals; says that the test that asks is left out when not.
pub fn is_here() -> bool {
    let test = std::thread::current();
    let say = |error: &str| {
        crate::left_out(test.name().unwrap_or("a terminal"), &format!("no pseudo-terminal: {error}"));
    };
    missing().inspect(|error| say(error)).is_none()
}

/// A command running in a pseudo-terminal.
pub struct Terminal {
    session: OsSession,
    line: String,
    screen: String,
}

impl Terminal {
    /// Starts a command at a terminal of 120 by 40 characters.
    pub fn start(command: Command) -> Self {
        let mut session = Session::spawn(with_echo(&command)).unwrap();
        session.get_process_mut().set_window_size(120, 40).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(30)));
        let line = crate::ran::shown(&command, command.get_current_dir().unwrap_or(Path::new("/")));
        Self { session, line, screen: String::new() }
    }

    /// Waits until this text appears, and gives everything up to and with it.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> String {
        match self.session.expect(text) {
            Ok(found) => {
                let seen = String::from_utf8_lossy(found.as_bytes()).into_owned();
                self.screen.push_str(&seen);
                seen
            }
            Err(error) => {
                let mut rest = [0; 8192];
                let more = self.session.try_read(&mut rest).unwrap_or(0);
                let rest = String::from_utf8_lossy(rest.get(..more).unwrap_or_default()).into_owned();
                panic!("{error} while waiting for {text:?}; the screen shows:\n{}{rest}", self.screen)
            }
        }
    }

    /// Waits for a question and answers it with a line.
    #[track_caller]
    pub fn answer(&mut self, question: &str, answer: &str) -> String {
        let seen = self.expect(question);
        self.type_line(answer);
        seen
    }

    /// Types a line and Enter.
    pub fn type_line(&mut self, line: &str) {
        self.settle();
        self.send(&format!("{line}\r"));
    }

    /// Waits until the screen is quiet: a prompt needs a moment to switch the terminal's mode and
    /// throws away what was typed before, and an answered prompt is drawn once more.
    pub fn settle(&mut self) {
        let mut quiet = 0;
        while quiet < 150 {
            std::thread::sleep(Duration::from_millis(10));
            let mut drawn = [0; 8192];
            match self.session.try_read(&mut drawn) {
                Ok(length) if length > 0 => {
                    quiet = 0;
                    let drawn = String::from_utf8_lossy(drawn.get(..length).unwrap_or_default());
                    self.screen.push_str(&drawn);
                }
                Ok(_) | Err(_) => quiet += 10,
            }
        }
    }

    /// Sends text as it is: a paste, a key.
    pub fn send(&mut self, text: &str) {
        self.session.send(text).unwrap();
        self.session.flush().unwrap();
    }

    /// Pastes a chain, and presses Enter if the command waits for more.
    #[track_caller]
    pub fn paste(&mut self, question: &str, text: &str) {
        self.expect(question);
        self.settle();
        self.send(text);
        let seen = self.session.expect(Regex("press Enter if this is all|certificates? read"));
        let seen = seen.unwrap_or_else(|error| panic!("{error} after a paste\n{}", self.screen));
        let seen = String::from_utf8_lossy(seen.as_bytes()).into_owned();
        self.screen.push_str(&seen);
        if seen.ends_with("this is all") {
            self.send("\r");
        }
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        self.settle();
        self.send("\u{3}");
    }

    /// Sends a signal to the command once the screen is quiet.
    pub fn signal(&mut self, signal: rustix::process::Signal) {
        self.settle();
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// The command's process.
    pub fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(self.session.get_process().pid().as_raw()).unwrap()
    }

    /// Waits until the command has been stopped.
    #[track_caller]
    pub fn stopped(&mut self) {
        let stat = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let is_stopped = || std::fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") T "));
        for _ in 0..200 {
            if is_stopped() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not stop\n{}", self.screen);
    }

    /// Whether the terminal echoes what is typed.
    pub fn echoes(&self) -> bool {
        self.session.get_process().get_echo().unwrap()
    }

    /// Waits for the command's end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let rest = self.session.expect(Eof).unwrap_or_else(|error| panic!("{error}\n{}", self.screen));
        self.screen.push_str(&String::from_utf8_lossy(rest.as_bytes()));
        let echoes = self.echoes();
        let status = self.session.get_process().wait().unwrap();
        let WaitStatus::Exited(_, code) = status else { panic!("{status:?}\n{}", self.screen) };
        Ended { line: self.line, code, screen: self.screen, echoes }
    }
}

/// A command that has ended at its terminal.
#[must_use = "assert how it ended"]
pub struct Ended {
    /// The command line, the folder of the world shown as `$TMP`.
    pub line: String,
    /// Exit status.
    pub code: i32,
    /// Everything the screen showed, escape sequences included.
    pub screen: String,
    /// Whether the terminal echoes again.
    pub echoes: bool,
}

impl Ended {
    /// Asserts an exit status, an echo that is back, and that the screen says all of this.
    #[track_caller]
    pub fn ended(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{}", self.screen);
        assert!(self.echoes, "the terminal does not echo any more");
        for part in says {
            assert!(self.screen.contains(part), "the screen does not say {part:?}:\n{}", self.screen);
        }
    }

    /// Asserts that something was never shown.
    #[track_caller]
    pub fn never_showed(&self, secret: &str) {
        assert!(!self.screen.contains(secret), "the screen shows {secret:?}:\n{}", self.screen);
    }
}

/// What a person sees after all of this was drawn: what was erased or overwritten is gone.
pub fn seen(screen: &str) -> String {
    let size = |number| NonZero::new(number).unwrap();
    let mut terminal = vt100::Parser::new(size(2_000), size(120), 0);
    terminal.process(screen.as_bytes());
    terminal.screen().contents()
}

/// What a screen shows, without the colours (SGR sequences, ECMA-48 8.3.117).
pub fn without_colours(screen: &str) -> String {
    let mut parts = screen.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// The same command at a terminal that echoes, as terminals do; the library's starts silent.
fn with_echo(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "stty echo; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}
