//! How documents are judged and printed.

use super::format::Format;
use cli::{Exit, Failure, input};
use pki::rules::{Policy, Profile};
use std::path::{Path, PathBuf};

/// What the flags of the desk say about judging and printing.
pub(crate) struct Settings {
    /// `--policy`.
    pub(crate) policy: Option<PathBuf>,
    /// Whether warnings count as errors in the exit code.
    pub(crate) strict: bool,
    /// Whether people see what is in each document.
    pub(crate) show: bool,
    /// `--format`.
    pub(crate) format: Format,
}

impl Settings {
    /// Whether a decoded view of each document is printed: for people on request, for programs always.
    pub(crate) const fn wants_views(&self) -> bool {
        self.show || matches!(self.format, Format::Json | Format::Ndjson)
    }

    /// The policy in force: that of `--policy`, under `profile` where a flag names one, else under
    /// the file's own, else under `otherwise`.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub(crate) fn policy(&self, profile: Option<Profile>, otherwise: Profile) -> Result<Policy, Failure> {
        let policy = policy(self.policy.as_deref(), otherwise)?;
        Ok(match profile {
            Some(profile) => policy.under(profile),
            None => policy,
        })
    }
}

/// The policy in a file, else that of a profile.
///
/// # Errors
/// [`Exit::Usage`].
pub(crate) fn policy(file: Option<&Path>, otherwise: Profile) -> Result<Policy, Failure> {
    /// A list of 50 000 names fits.
    const LIMIT: usize = 4 << 20;
    let Some(path) = file else { return Ok(Policy::of(otherwise)) };
    let refused = || {
        Failure::new(Exit::Usage, format!("cannot use the policy in {}", path.display()))
            .hint("--print-policy prints a policy with every key explained, --list-rules names all rules")
    };
    let bytes = input::read(path, LIMIT)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refused().caused_by("it is not UTF-8"))?;
    Policy::parse(text, otherwise).map_err(|error| refused().because(&error))
}
