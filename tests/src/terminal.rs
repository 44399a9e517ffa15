//! A command at a real terminal: types, pastes, and reads what is on the screen.

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

/// A command running in a pseudo-terminal.
pub struct Terminal {
    session: OsSession,
    screen: String,
}

impl Terminal {
    /// Starts a command at a terminal of 120 by 40 characters.
    pub fn start(command: Command) -> Self {
        let mut session = Session::spawn(command).unwrap();
        session.get_process_mut().set_window_size(120, 40).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(30)));
        Self { session, screen: String::new() }
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

    /// Types a line and Enter, after the moment a prompt needs to switch the terminal's mode.
    pub fn type_line(&mut self, line: &str) {
        std::thread::sleep(Duration::from_millis(120));
        self.send(&format!("{line}\r"));
    }

    /// Sends text as it is: a paste, a key.
    pub fn send(&mut self, text: &str) {
        self.session.send(text).unwrap();
        self.session.flush().unwrap();
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        std::thread::sleep(Duration::from_millis(120));
        self.send("\u{3}");
    }

    /// Whether the terminal echoes what is typed.
    pub fn echoes(&self) -> bool {
        self.session.get_process().get_echo().unwrap()
    }

    /// Waits for the command's end; its exit status, and everything the screen showed.
    #[track_caller]
    pub fn end(mut self) -> (i32, String) {
        let rest = self.session.expect(Eof).unwrap_or_else(|error| panic!("{error}\n{}", self.screen));
        self.screen.push_str(&String::from_utf8_lossy(rest.as_bytes()));
        let status = self.session.get_process().wait().unwrap();
        let WaitStatus::Exited(_, code) = status else { panic!("{status:?}\n{}", self.screen) };
        (code, self.screen)
    }
}
