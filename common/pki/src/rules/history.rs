//! Rules about a request against those seen before.

use super::case::{Earlier, HistoryCase};
use super::rule::{Check, Evidence, Outcome, Rule, Severity};

/// Rules about what was seen before (`--history`).
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "history.other_name",
        severity: Severity::Error,
        title: "the key was not requested under another name before",
        citation: "NIST SP 800-57 Part 1 Rev. 5, section 5.2: one key, one purpose; CA/B BR 6.1.1.3",
        why: "two holders share a private key, or one of them copied it",
        fix: "have a new key made for this name, and ask how both came by the same one",
        turns_clients_away: false,
        check: Check::History(other_name),
    },
    Rule {
        id: "history.same_name",
        severity: Severity::Warning,
        title: "the key was not in an earlier, different request of the same name",
        citation: "RFC 3647 section 4.7: re-key with each certificate; NIST SP 800-57 Part 1 Rev. 5, section 5.3",
        why: "a key that is never changed is exposed for as long as all its certificates together",
        fix: "make a new key",
        turns_clients_away: false,
        check: Check::History(same_name),
    },
    Rule {
        id: "history.repeated",
        severity: Severity::Info,
        title: "the request was not seen before",
        citation: "RFC 2986 section 4.2: a request has no number of its own, only its bytes tell",
        why: "somebody may be waiting for a certificate that was issued already",
        fix: "see whether the first one was answered",
        turns_clients_away: false,
        check: Check::History(repeated),
    },
];

fn other_name(case: &HistoryCase<'_>) -> Outcome {
    Outcome::of(case.earlier.iter().filter(|earlier| !is_same(case, earlier)).map(|earlier| {
        Evidence::new(format!("the key was requested for {} at {}", earlier.name, earlier.seen))
    }))
}

fn same_name(case: &HistoryCase<'_>) -> Outcome {
    let mut others = case.earlier.iter().filter(|one| is_same(case, one) && one.request != case.request);
    Outcome::of(others.next().map(|earlier| {
        Evidence::new(format!("request {} of {} had the same key", earlier.request.short(), earlier.seen))
    }))
}

fn repeated(case: &HistoryCase<'_>) -> Outcome {
    let mut same = case.earlier.iter().filter(|one| is_same(case, one) && one.request == case.request);
    Outcome::of(
        same.next().map(|earlier| Evidence::new(format!("the same request came at {}", earlier.seen))),
    )
}

fn is_same(case: &HistoryCase<'_>, earlier: &Earlier) -> bool {
    earlier.name.raw().eq_ignore_ascii_case(case.name)
}
