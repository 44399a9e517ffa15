//! The terminal: is there one, put it back as it was on every way out (echo, cursor), signals.
/// Whether a person can be asked: stdin and stderr are terminals.
pub fn interactive() -> bool {
    todo!()
}
/// Restores the terminal's mode on drop and on SIGINT, SIGTERM, SIGHUP; made once, first thing in main.
pub struct Guard {
    _owner: (),
}
impl Guard {
    /// Saves the mode and installs the handlers.
    pub fn install() -> Self {
        todo!()
    }
}
/// Whether SIGINT, SIGTERM or SIGHUP has arrived.
pub fn interrupted() -> bool {
    todo!()
}
