//! May this pair be installed? Anchors come from the flags, judgement from the library; a person
//! is offered the repair that would help.

use crate::session::Session;
use cli::output::{findings_text, say};
use cli::{Exit, Failure, clock, prompt};
use common::Pair;
use pki::Chain;
use pki::rules::{Finding, Severity};
use pki::verdict::{Anchors, Expectation, Judgement, VerifiedChain, verify};
use store::{Snapshot, Staged};

/// A pair that may be installed, and what there is to say about it nevertheless.
pub(crate) struct Judged {
    pub(crate) verified: Pair<VerifiedChain>,
    pub(crate) findings: Vec<Finding>,
}

/// Judges both chains for the staged requests.
///
/// # Errors
/// [`Exit::Rejected`] with every finding.
pub(crate) fn judge(
    session: &Session<'_>,
    snapshot: &Snapshot,
    staged: &Staged,
    anchors: &Anchors,
    chains: &Pair<Chain>,
) -> Result<Judged, Failure> {
    let known_keys = snapshot.known_keys();
    let now = clock::now();
    let judgement = |chains: &Pair<Chain>, reorder: bool| {
        let expectation = Expectation {
            requests: staged.requests.as_ref(),
            generation: staged.manifest.generation,
            known_keys: &known_keys,
            reorder,
        };
        verify(chains, &expectation, anchors, now)
    };
    let first = judgement(chains, session.args.reorder);
    let judged = match first.verified {
        Some(verified) => Judged { verified, findings: first.findings },
        None if session.person => offer(chains, first.findings, judgement)?,
        None => return Err(refusal(first.findings)),
    };
    accept_warnings(session, &judged.findings)?;
    Ok(judged)
}

/// Looks for a repair that makes the pair acceptable, and asks.
fn offer(
    chains: &Pair<Chain>,
    findings: Vec<Finding>,
    judgement: impl Fn(&Pair<Chain>, bool) -> Judgement,
) -> Result<Judged, Failure> {
    let swapped = Pair { main: chains.assets.clone(), assets: chains.main.clone() };
    let repairs = [
        (chains, true, "Install the certificates in path order?"),
        (&swapped, false, "The two chains are swapped: take them the other way round?"),
        (&swapped, true, "The two chains are swapped and out of order: put both right?"),
    ];
    for (chains, reorder, question) in repairs {
        let second = judgement(chains, reorder);
        let Some(verified) = second.verified else { continue };
        let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error).cloned().collect();
        say(findings_text(&errors).trim_end());
        return match prompt::confirm(question, false)? {
            true => Ok(Judged { verified, findings: second.findings }),
            false => Err(refusal(findings)),
        };
    }
    Err(refusal(findings))
}

fn refusal(findings: Vec<Finding>) -> Failure {
    let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error).collect();
    let role = errors
        .first()
        .and_then(|first| first.role.filter(|_| errors.iter().all(|finding| finding.role == first.role)));
    let plural = if errors.len() == 1 { "" } else { "s" };
    let subject = role.map_or_else(|| "Main and Assets: chains".to_owned(), |role| format!("{role}: chain"));
    let what = format!("{subject} refused by {} finding{plural}", errors.len());
    Failure::new(Exit::Rejected, what).with_findings(findings)
}

/// Shows warnings; those that mean clients will be turned away are for a person to accept.
fn accept_warnings(session: &Session<'_>, findings: &[Finding]) -> Result<(), Failure> {
    if !findings.is_empty() {
        say(findings_text(findings).trim_end());
    }
    if !session.person || session.args.dry_run || !findings.iter().any(turns_clients_away) {
        return Ok(());
    }
    session.confirm("Some clients will refuse this pair: go on in spite of the warnings?")
}

/// Whether a warning means that common clients will not connect.
fn turns_clients_away(finding: &Finding) -> bool {
    const RULES: [&str; 3] = ["key.p521", "key.p521_ui", "san.absent"];
    finding.severity == Severity::Warning && RULES.contains(&finding.rule)
}
