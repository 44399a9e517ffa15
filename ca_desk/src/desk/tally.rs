//! What a run found, in numbers: its size does not depend on the number of documents.

use super::entry::{Entry, Trouble, Verdict};
use cli::Exit;
use pki::rules::Severity;
use std::collections::BTreeMap;

/// How often one rule was violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleCount {
    /// The worst severity it was reported with.
    pub(crate) severity: Severity,
    /// Documents that violate it.
    pub(crate) documents: usize,
    /// Findings.
    pub(crate) findings: usize,
}

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    clean: usize,
    warned: usize,
    refused: usize,
    unreadable: usize,
    no_document: usize,
    pairs: usize,
    pairs_warned: usize,
    pairs_refused: usize,
    rules: BTreeMap<&'static str, RuleCount>,
}

impl Tally {
    /// Counts one entry.
    pub(crate) fn add(&mut self, entry: &Entry) {
        match (&entry.trouble, entry.verdict()) {
            _ if entry.is_pair => self.add_pair(entry.verdict()),
            (Some(Trouble::Unreadable(_)), _) => self.unreadable += 1,
            (Some(Trouble::NoDocument(_)), _) | (None, Verdict::NotJudged) => self.no_document += 1,
            (None, Verdict::Clean) => self.clean += 1,
            (None, Verdict::Warning) => self.warned += 1,
            (None, Verdict::Error) => self.refused += 1,
        }
        let mut seen: Vec<&str> = Vec::new();
        for finding in &entry.findings {
            let fresh = RuleCount { severity: finding.severity, documents: 0, findings: 0 };
            let count = self.rules.entry(finding.rule).or_insert(fresh);
            count.severity = count.severity.max(finding.severity);
            count.findings += 1;
            if !seen.contains(&finding.rule) {
                seen.push(finding.rule);
                count.documents += 1;
            }
        }
    }

    fn add_pair(&mut self, verdict: Verdict) {
        self.pairs += 1;
        match verdict {
            Verdict::Clean => {}
            Verdict::Warning => self.pairs_warned += 1,
            Verdict::Error | Verdict::NotJudged => self.pairs_refused += 1,
        }
    }

    /// Pairs, and how many of them have warnings at worst, and errors.
    pub(crate) const fn pairs(&self) -> (usize, usize, usize) {
        (self.pairs, self.pairs_warned, self.pairs_refused)
    }
    /// All documents.
    pub(crate) const fn total(&self) -> usize {
        self.clean + self.warned + self.refused + self.not_judged()
    }
    /// Entries without errors and warnings.
    pub(crate) const fn clean(&self) -> usize {
        self.clean
    }
    /// Entries with warnings at worst.
    pub(crate) const fn warned(&self) -> usize {
        self.warned
    }
    /// Entries with errors.
    pub(crate) const fn refused(&self) -> usize {
        self.refused
    }
    /// Entries that could not be judged.
    pub(crate) const fn not_judged(&self) -> usize {
        self.unreadable + self.no_document
    }

    /// Rules that were violated, the most severe and most frequent first.
    pub(crate) fn rules(&self) -> Vec<(&'static str, RuleCount)> {
        let mut rules: Vec<_> = self.rules.iter().map(|(id, count)| (*id, *count)).collect();
        rules.sort_by_key(|(id, count)| {
            (std::cmp::Reverse((count.severity, count.documents, count.findings)), *id)
        });
        rules
    }

    /// 0 clean; 3 when a document is at fault, with `strict` also for warnings; 2 when all there is
    /// to say is that something could not be read, or that there was nothing.
    pub(crate) const fn exit(&self, strict: bool) -> Exit {
        let refused = self.refused > 0 || self.no_document > 0 || self.pairs_refused > 0;
        if refused || (strict && (self.warned > 0 || self.pairs_warned > 0)) {
            Exit::Rejected
        } else if self.unreadable > 0 || self.total() == 0 {
            Exit::Usage
        } else {
            Exit::Done
        }
    }
}
