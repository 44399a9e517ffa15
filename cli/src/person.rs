//! The person who started a command, with the answers the flags hold.

use crate::spinner::Spinner;
use crate::{Exit, Failure, SecretSource, output, prompt, terminal};
use flow::{News, Person, Question, Repair, Work};
use pki::Passphrase;
use pki::rules::{Finding, Severity};
use std::time::{Duration, Instant};

/// How long a wait stays without comment.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a wait looks for a signal.
const SLICE: Duration = Duration::from_millis(50);

/// Who started a command: is told on standard error, asked at the terminal, and interrupts with a signal.
#[derive(Debug)]
pub struct Operator {
    /// The name of the command, in front of warnings.
    pub command: &'static str,
    /// Whether somebody can be asked.
    pub present: bool,
    /// Whether warnings are accepted beforehand, because of a flag or because nothing will change.
    pub accepts_warnings: bool,
    /// Where the passphrase of the private keys comes from when it is not asked for.
    pub passphrase: Option<SecretSource>,
}

impl Operator {
    /// Who started a command and left no answers.
    pub fn of(command: &'static str) -> Self {
        Self { command, present: terminal::interactive(), accepts_warnings: false, passphrase: None }
    }

    fn type_passphrase(&self) -> Result<Passphrase, Failure> {
        loop {
            match Passphrase::existing(prompt::secret("Passphrase of the private keys")?) {
                Ok(passphrase) => return Ok(passphrase),
                Err(error) => output::warn(self.command, &error.to_string()),
            }
        }
    }

    fn offer(&self, repair: Repair, refused: &[Finding]) -> Result<bool, Failure> {
        if !self.present {
            return Ok(false);
        }
        let errors: Vec<_> = refused.iter().filter(|f| f.severity == Severity::Error).cloned().collect();
        output::say(output::findings_text(&errors).trim_end());
        let question = match repair {
            Repair::Reorder => "Install the certificates in path order?",
            Repair::Swap => "The two chains are swapped: take them the other way round?",
            Repair::SwapAndReorder => "The two chains are swapped and out of order: put both right?",
        };
        prompt::confirm(question, false)
    }
}

impl Person for Operator {
    type Silence = Failure;

    fn tell(&mut self, news: News<'_>) {
        match news {
            News::Findings(findings) => output::say(output::findings_text(findings).trim_end()),
        }
    }

    fn confirm(&mut self, question: Question<'_>) -> Result<bool, Failure> {
        match question {
            Question::Repair { repair, refused } => self.offer(repair, refused),
            Question::Warnings if self.accepts_warnings || !self.present => Ok(true),
            Question::Warnings => {
                prompt::confirm("Some clients will refuse this pair: go on in spite of the warnings?", false)
            }
        }
    }

    fn passphrase(&mut self) -> Result<Passphrase, Failure> {
        let Some(source) = &self.passphrase else { return self.type_passphrase() };
        Passphrase::existing(source.read("passphrase")?)
            .map_err(|error| Failure::new(Exit::Passphrase, "the passphrase cannot be used").because(&error))
    }

    fn another_passphrase(&mut self) -> Result<Option<Passphrase>, Failure> {
        if self.passphrase.is_some() {
            return Ok(None);
        }
        output::warn(self.command, "the passphrase opens neither private key");
        self.type_passphrase().map(Some)
    }

    /// A spinner goes round at a terminal when it takes longer than half a second.
    fn wait(&mut self, work: Work, done: &mut dyn FnMut(Duration) -> bool) -> Result<(), Failure> {
        let began = Instant::now();
        let mut spinner = None;
        loop {
            terminal::check_interrupted()?;
            if done(SLICE) {
                return Ok(());
            }
            if spinner.is_none() && began.elapsed() >= PATIENCE && self.present {
                spinner = Some(Spinner::show(&work.to_string()));
            }
        }
    }

    fn go_on(&mut self) -> Result<(), Failure> {
        terminal::check_interrupted()
    }
}
