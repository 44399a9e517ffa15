//! What a format is to the printer: a head, a text for each entry, a tail.

use super::entry::Entry;
use super::tally::Tally;
use cli::Exit;

/// What is said before the first entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// The command, for schemas.
    pub(crate) command: &'static str,
    /// What one document is called: `request`, `chain`.
    pub(crate) document: &'static str,
    /// The profile in force.
    pub(crate) profile: &'static str,
}

/// A format, which may remember whether an entry is the first.
pub(super) trait Form {
    /// What stands before all entries.
    fn head(&mut self) -> String;
    /// One entry.
    fn entry(&mut self, entry: &Entry) -> String;
    /// What stands behind all entries.
    fn tail(&mut self, tally: &Tally, exit: Exit) -> String;
}
