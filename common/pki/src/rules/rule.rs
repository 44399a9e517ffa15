//! What a rule is, what it says of a document, and what is reported of that.

use super::case::{
    ChainCase, EncodingCase, ExtensionsCase, HistoryCase, KeyCase, NamesCase, PairCase, PathCase, PolicyCase,
    RequestCase,
};
use crate::chain::place;
use common::Role;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// One requirement: its name, its weight, where it is written.
#[derive(Debug)]
pub struct Rule {
    /// `area.fault`, stable: scripts and policies name it.
    pub id: &'static str,
    /// How bad a violation is.
    pub severity: Severity,
    /// One line: what is required.
    pub title: &'static str,
    /// Standard and clause, or the attack it guards against.
    pub citation: &'static str,
    /// What goes wrong when it is violated, one sentence.
    pub why: &'static str,
    /// What to do about it, imperative, for the person who can.
    pub fix: &'static str,
    /// Whether common clients will not connect when it is violated: as a warning, it needs a second yes.
    pub turns_clients_away: bool,
    /// The check.
    pub(crate) check: Check,
}

impl Rule {
    /// What its check looks at.
    pub const fn looks_at(&self) -> LooksAt {
        match self.check {
            Check::Key(_) => LooksAt::Key,
            Check::Names(_) => LooksAt::Names,
            Check::Extensions(_) => LooksAt::Extensions,
            Check::Encoding(_) => LooksAt::Encoding,
            Check::Request(_) => LooksAt::Request,
            Check::Chain(_) => LooksAt::Chain,
            Check::Path(_) => LooksAt::Path,
            Check::Pair(_) => LooksAt::Pair,
            Check::Policy(_) => LooksAt::Policy,
            Check::History(_) => LooksAt::History,
        }
    }
}

/// The part of a document, or of what is known about it, that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksAt {
    /// One public key, of a request or of any certificate on the path.
    Key,
    /// Subject and SANs of a request or an end entity.
    Names,
    /// Extensions of a request or of any certificate on the path.
    Extensions,
    /// The encoding of a request.
    Encoding,
    /// A request as a whole.
    Request,
    /// A chain presented for a request.
    Chain,
    /// What the path validation said.
    Path,
    /// Both documents of a pair.
    Pair,
    /// A request or an end entity, against the reader's own policy.
    Policy,
    /// A request against those seen before.
    History,
}

/// A check, by what it looks at: one borrowed view per kind of document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    /// One public key, of a request or of any certificate on the path.
    Key(fn(&KeyCase<'_>) -> Outcome),
    /// Subject and SANs of a request or an end entity.
    Names(fn(&NamesCase<'_>) -> Outcome),
    /// Extensions of a request or of any certificate on the path.
    Extensions(fn(&ExtensionsCase<'_>) -> Outcome),
    /// The encoding of a request, which may turn out to be none.
    Encoding(fn(&EncodingCase) -> Outcome),
    /// A request as a whole.
    Request(fn(&RequestCase<'_>) -> Outcome),
    /// A chain presented for a request.
    Chain(fn(&ChainCase<'_>) -> Outcome),
    /// What the path validation said.
    Path(fn(&PathCase<'_>) -> Outcome),
    /// Both documents of a pair.
    Pair(fn(&PairCase<'_>) -> Outcome),
    /// What the reader's own policy asks of a request or an end entity.
    Policy(fn(&PolicyCase<'_>) -> Outcome),
    /// A request against those seen before.
    History(fn(&HistoryCase<'_>) -> Outcome),
}

/// The four answers of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Applies and holds.
    Pass,
    /// Says nothing about this document.
    DoesNotApply,
    /// Applies and is violated: one evidence per violation.
    Fail(Vec<Evidence>),
    /// Applies, but the document could not be read far enough.
    CouldNotJudge(String),
}

impl Outcome {
    /// [`Self::Fail`] when there is evidence, else [`Self::Pass`].
    pub(crate) fn of(evidence: impl IntoIterator<Item = Evidence>) -> Self {
        let evidence: Vec<_> = evidence.into_iter().collect();
        if evidence.is_empty() { Self::Pass } else { Self::Fail(evidence) }
    }
}

/// What shows the violation: printable text only (untrusted parts already escaped).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Which certificate of a chain (1-based as given), when the rule is about one.
    pub certificate: Option<usize>,
    /// Expected against found, one line.
    pub text: String,
    /// Further lines.
    pub detail: Vec<String>,
}

impl Evidence {
    /// A document may hold a name of a megabyte: what is longer than a few lines is cut.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if let Some((end, _)) = text.char_indices().nth(Self::MAX_CHARS) {
            text.truncate(end);
            text.push('\u{2026}');
        }
        Self { certificate: None, text, detail: Vec::new() }
    }

    const MAX_CHARS: usize = 500;

    /// The text, with the certificate in front where the text does not name it itself.
    pub fn placed(&self) -> String {
        let place = self.certificate.map(|number| place(Some(number)));
        match place.filter(|place| !self.names(place)) {
            Some(place) => format!("{place}: {}", self.text),
            None => self.text.clone(),
        }
    }

    fn names(&self, place: &str) -> bool {
        let mut found = self.text.match_indices(place);
        found.any(|(at, _)| !self.text[at + place.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()))
    }

    pub(crate) fn about(self, certificate: Option<usize>) -> Self {
        Self { certificate, ..self }
    }

    pub(crate) fn detail(self, detail: Vec<String>) -> Self {
        Self { detail, ..self }
    }
}

/// One violation of one rule in one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Rule id.
    pub rule: &'static str,
    /// The severity in force.
    pub severity: Severity,
    /// The role whose document it is; `None` for the pair as a whole or a document without role.
    pub role: Option<Role>,
    /// Evidence.
    pub evidence: Evidence,
    /// Citation of the rule.
    pub citation: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Whether common clients will not connect.
    pub turns_clients_away: bool,
}

impl Finding {
    /// Whether a person must agree to it apart: it is no error, and common clients will not connect.
    pub fn needs_second_yes(&self) -> bool {
        self.turns_clients_away && self.severity == Severity::Warning
    }
}

/// Findings with the errors first, then the warnings; among equals the order stays.
pub fn errors_first(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}
