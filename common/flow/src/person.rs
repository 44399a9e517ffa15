//! Whoever a flow tells and asks.

use pki::rules::Finding;
use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

/// Whoever a flow tells and asks: somebody at a terminal, or [`Nobody`].
pub trait Person {
    /// Why a question was not answered, or work not waited for.
    type Silence;

    /// Takes note of what needs no answer.
    fn tell(&mut self, news: News<'_>);

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

/// A person who is not there: takes note of nothing, waits for everything, and never stops a flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Person for Nobody {
    type Silence = Infallible;

    fn tell(&mut self, _news: News<'_>) {}
}
