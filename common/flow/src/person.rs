//! Whoever a flow tells and asks.

use crate::judge::Repair;
use pki::Passphrase;
use pki::rules::Finding;
use std::fmt;
use std::time::Duration;

/// Whoever a flow tells and asks: somebody at a terminal, somebody who has left answers, or [`Nobody`].
pub trait Person {
    /// Why there is no answer.
    type Silence;

    /// Takes note of what needs no answer.
    fn tell(&mut self, news: News<'_>);

    /// Answers yes or no.
    ///
    /// # Errors
    /// When there is no answer.
    fn confirm(&mut self, question: Question<'_>) -> Result<bool, Self::Silence>;

    /// Gives the passphrase of the private keys.
    ///
    /// # Errors
    /// When there is none.
    fn passphrase(&mut self) -> Result<Passphrase, Self::Silence>;

    /// Gives another passphrase, because the one before opened nothing; `None` when there is no other.
    ///
    /// # Errors
    /// When there is no answer.
    fn another_passphrase(&mut self) -> Result<Option<Passphrase>, Self::Silence> {
        Ok(None)
    }

    /// Waits for slow work: calls `done`, which itself waits at most as long as it is told, until it says yes. Who
    /// can be interrupted looks for that in between, and may show that something is going on.
    ///
    /// # Errors
    /// When the work is not waited for; it then ends unheard.
    fn wait(&mut self, work: Work, done: &mut dyn FnMut(Duration) -> bool) -> Result<(), Self::Silence> {
        let _nobody_watches = work;
        while !done(Duration::from_secs(1)) {}
        Ok(())
    }

    /// Looks, before anything changes, whether the flow is to go on.
    ///
    /// # Errors
    /// When it is to stop.
    fn go_on(&mut self) -> Result<(), Self::Silence> {
        Ok(())
    }
}

/// What a person is told.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// What the rules found, none of it in the way.
    Findings(&'a [Finding]),
}

/// What a person decides.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Whether refused chains are to be repaired. It is an offer: whoever does not answer declines it.
    Repair {
        /// What would make them acceptable.
        repair: Repair,
        /// Why they are refused.
        refused: &'a [Finding],
    },
    /// Whether to go on although some clients will refuse the pair, as was told.
    Warnings,
}

/// What a person waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Generating and proving both keys.
    Keys,
    /// Sealing both keys and signing both requests.
    Sealing,
    /// Deriving the sysadmin's password verifier.
    Verifier,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys => "making both keys",
            Self::Sealing => "sealing both keys",
            Self::Verifier => "deriving the password verifier",
        })
    }
}

/// Somebody who is not there: takes note of nothing, declines every offer, answers no question, waits for
/// everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

/// The answer that was missing when nobody was there to give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// To [`Question::Warnings`].
    #[error("nobody has said that the warnings are accepted")]
    Warnings,
    /// The passphrase of the private keys.
    #[error("nobody has given the passphrase")]
    Passphrase,
}

impl Person for Nobody {
    type Silence = Unanswered;

    fn tell(&mut self, _news: News<'_>) {}

    fn confirm(&mut self, question: Question<'_>) -> Result<bool, Unanswered> {
        match question {
            Question::Repair { .. } => Ok(false),
            Question::Warnings => Err(Unanswered::Warnings),
        }
    }

    fn passphrase(&mut self) -> Result<Passphrase, Unanswered> {
        Err(Unanswered::Passphrase)
    }
}
