//! Rules about time.

use crate::chain::place;
use crate::rules::case::{ChainCase, Link, Place};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use common::DAY;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "validity.inverted",
        severity: Severity::Error,
        title: "validity begins before it ends",
        citation: "RFC 5280 section 4.1.2.5",
        why: "there is no moment at which the certificate is valid",
        fix: "have the certificate issued again",
        turns_clients_away: false,
        check: Check::Chain(inverted),
    },
    Rule {
        id: "validity.expired",
        severity: Severity::Error,
        title: "no certificate has expired, the trust anchor included",
        citation: "RFC 5280 sections 4.1.2.5 and 6.1.3 (a) (2)",
        why: "clients refuse the connection",
        fix: "have the certificate issued again; for an issuer, get its renewed certificate from the CA",
        turns_clients_away: false,
        check: Check::Chain(expired),
    },
    Rule {
        id: "validity.not_yet",
        severity: Severity::Error,
        title: "every certificate is already valid",
        citation: "RFC 5280 sections 4.1.2.5 and 6.1.3 (a) (2)",
        why: "clients refuse the connection until then; often a clock is wrong",
        fix: "check the clock of this machine; else install when validity has begun",
        turns_clients_away: false,
        check: Check::Chain(not_yet),
    },
    Rule {
        id: "validity.ends_soon",
        severity: Severity::Warning,
        title: "the end entity is valid for another 7 days at least",
        citation: "product guide: a round trip to the CA takes days",
        why: "the next round trip has to begin at once",
        fix: "have a longer validity signed, or plan the next rotation now",
        turns_clients_away: false,
        check: Check::Chain(ends_soon),
    },
    Rule {
        id: "validity.issuer_ends_first",
        severity: Severity::Warning,
        title: "no issuer's validity ends before the end entity's",
        citation: "RFC 5280 section 6.1.3 (a) (2): the path is valid while all of it is",
        why: "the connection is refused when the issuer expires, not when the certificate does",
        fix: "install the renewed certificate of the issuer before that day",
        turns_clients_away: false,
        check: Check::Chain(issuer_ends_first),
    },
];

/// How long before its end a certificate is called short: a CA round trip takes days.
const SOON: i64 = 7 * DAY;

fn is_inverted(link: &Link<'_>) -> bool {
    link.certificate.not_after() < link.certificate.not_before()
}

/// Evidence about every link for which `fault` finds some; an inverted validity has its own rule.
fn each<'a>(case: &ChainCase<'a>, fault: impl Fn(&Link<'a>) -> Option<Evidence>) -> Outcome {
    let links = case.links();
    Outcome::of(
        links
            .iter()
            .filter(|link| !is_inverted(link))
            .filter_map(|link| fault(link).map(|evidence| evidence.about(link.number))),
    )
}

fn who(link: &Link<'_>) -> String {
    format!("{} ({})", place(link.number), link.certificate.subject())
}

fn inverted(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.links().iter().filter(|link| is_inverted(link)).map(|link| {
        let (begins, ends) = (link.certificate.not_before(), link.certificate.not_after());
        let text = format!("{} is valid from {begins} to {ends}, which is earlier", who(link));
        Evidence::new(text).about(link.number)
    }))
}

fn expired(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let ends = link.certificate.not_after();
        let text = format!("{} expired {ends} ({})", who(link), ends.relative_to(case.now));
        let late = case.now.seconds_since(ends);
        (late > 0).then(|| Evidence::new(text).detail(clock_hint(case, late, "fast")))
    })
}

fn not_yet(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let begins = link.certificate.not_before();
        let text = format!("{} is valid from {begins} ({})", who(link), begins.relative_to(case.now));
        let early = begins.seconds_since(case.now);
        (early > 0).then(|| Evidence::new(text).detail(clock_hint(case, early, "slow")))
    })
}

/// Off by less than a day, the clock is the first suspect.
fn clock_hint(case: &ChainCase<'_>, seconds: i64, how: &str) -> Vec<String> {
    if seconds < DAY {
        vec![format!(
            "the clock of this machine says {}: it may be {how}, or in the wrong time zone",
            case.now
        )]
    } else {
        Vec::new()
    }
}

fn ends_soon(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let ends = link.certificate.not_after();
        let left = ends.seconds_since(case.now);
        let text = format!("{} ends {ends} ({})", who(link), ends.relative_to(case.now));
        (link.place == Place::EndEntity && (0..=SOON).contains(&left)).then(|| Evidence::new(text))
    })
}

fn issuer_ends_first(case: &ChainCase<'_>) -> Outcome {
    let Some((_, end_entity)) = case.end_entity() else {
        return Outcome::Pass;
    };
    each(case, |link| {
        let ends = link.certificate.not_after();
        let first = case.now <= ends && ends < end_entity.not_after();
        let text = format!(
            "{} ends {ends} ({}), the end entity {}",
            who(link),
            ends.relative_to(case.now),
            end_entity.not_after()
        );
        first.then(|| Evidence::new(text))
    })
}
