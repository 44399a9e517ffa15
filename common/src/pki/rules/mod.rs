//! The catalogue: what is required of keys, names, requests, chains and pairs, as data.
//!
//! A rule has an id `area.fault`, a severity, a citation and a check. The same rule serves a
//! request and a certificate where the requirement is the same.

pub mod chain;
pub mod csr;
pub mod key;
pub mod names;
pub mod pair;

use crate::Role;

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
    /// What to do about it, imperative, for the person who can.
    pub fix: &'static str,
    /// The check.
    pub check: Check,
}

/// What a check looks at. (Owner H2 refines; contexts are borrowed views.)
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Check {
    Key(fn(&key::KeyCase<'_>) -> Outcome),
    Names(fn(&names::NamesCase<'_>) -> Outcome),
    Request(fn(&csr::RequestCase<'_>) -> Outcome),
    Chain(fn(&chain::ChainCase<'_>) -> Outcome),
    Pair(fn(&pair::PairCase<'_>) -> Outcome),
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Check")
    }
}

/// The four answers of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Applies and holds.
    Pass,
    /// Says nothing about this document.
    DoesNotApply,
    /// Applies and is violated: one evidence per violation.
    Fail(Vec<Evidence>),
    /// Applies, but the document could not be read far enough.
    CouldNotJudge(String),
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
}

/// Every rule, in the order findings are reported.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    key::RULES.iter().chain(names::RULES).chain(csr::RULES).chain(chain::RULES).chain(pair::RULES)
}
