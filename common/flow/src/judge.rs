//! May these chains be installed? Judging is pure; what a person can decide is asked afterwards.

use crate::install::{InstallError, InstallOrder};
use crate::person::{News, Person, Question};
use common::{Pair, Timestamp};
use pki::Chain;
use pki::rules::Finding;
use pki::verdict::{Anchors, Expectation, KnownKey, VerifiedChain, verify};
use store::Staged;

/// Chains that may be installed, and what there is to say about them nevertheless.
pub(crate) struct Sound {
    pub(crate) verified: Pair<VerifiedChain>,
    pub(crate) findings: Vec<Finding>,
}

/// What would make refused chains acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// To put the certificates of each in path order.
    Reorder,
    /// To take each for the other role.
    Swap,
    /// Both.
    SwapAndReorder,
}

/// What chains are judged against.
struct Case<'a> {
    staged: &'a Staged,
    known_keys: &'a [KnownKey],
    anchors: &'a Anchors,
    now: Timestamp,
}

impl Case<'_> {
    /// Judges both chains completely; every finding when there is an error among them.
    fn judge(&self, chains: &Pair<Chain>, reorder: bool) -> Result<Sound, Vec<Finding>> {
        let expectation = Expectation {
            requests: self.staged.requests.as_ref(),
            generation: self.staged.manifest.generation,
            known_keys: self.known_keys,
            reorder,
        };
        let judgement = verify(chains, &expectation, self.anchors, self.now);
        match judgement.verified {
            Some(verified) => Ok(Sound { verified, findings: judgement.findings }),
            None => Err(judgement.findings),
        }
    }

    /// The least that would make refused chains acceptable, and what they are then.
    fn repair(&self, chains: &Pair<Chain>) -> Option<(Repair, Sound)> {
        let swapped = Pair { main: chains.assets.clone(), assets: chains.main.clone() };
        let repairs = [
            (Repair::Reorder, chains, true),
            (Repair::Swap, &swapped, false),
            (Repair::SwapAndReorder, &swapped, true),
        ];
        repairs
            .into_iter()
            .find_map(|(repair, chains, reorder)| Some((repair, self.judge(chains, reorder).ok()?)))
    }
}

/// Judges both chains, and has a person decide what is for a person to decide.
pub(crate) fn judge<P: Person + ?Sized>(
    order: &InstallOrder<'_>,
    staged: &Staged,
    chains: &Pair<Chain>,
    now: Timestamp,
    person: &mut P,
) -> Result<Sound, InstallError<P::Silence>> {
    let known_keys = order.snapshot.known_keys();
    let case = Case { staged, known_keys: &known_keys, anchors: order.anchors, now };
    let sound = match case.judge(chains, order.reorder) {
        Ok(sound) => sound,
        Err(findings) => repaired(case.repair(chains), findings, person)?,
    };
    if !sound.findings.is_empty() {
        person.tell(News::Findings(&sound.findings));
    }
    if sound.findings.iter().any(Finding::needs_second_yes) {
        agreed(Question::Warnings, person)?;
    }
    Ok(sound)
}

/// Refuses chains, unless there is a repair and a person wants it.
fn repaired<P: Person + ?Sized>(
    repaired: Option<(Repair, Sound)>,
    findings: Vec<Finding>,
    person: &mut P,
) -> Result<Sound, InstallError<P::Silence>> {
    let Some((repair, sound)) = repaired else { return Err(InstallError::Rejected(findings)) };
    let question = Question::Repair { repair, refused: &findings };
    match person.confirm(question).map_err(InstallError::Silent)? {
        true => Ok(sound),
        false => Err(InstallError::Rejected(findings)),
    }
}

/// Goes on after a yes.
fn agreed<P: Person + ?Sized>(
    question: Question<'_>,
    person: &mut P,
) -> Result<(), InstallError<P::Silence>> {
    match person.confirm(question).map_err(InstallError::Silent)? {
        true => Ok(()),
        false => Err(InstallError::Declined),
    }
}
