//! Rules about the order of a chain, and about what does not belong in it.

use crate::chain::Step;
use crate::rules::case::ChainCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

/// Rules whose violations the computed order repairs.
pub(crate) const REPAIRED_BY_REORDER: [&str; 3] = ["chain.order", "chain.duplicate", "chain.stranger"];

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "chain.order",
        severity: Severity::Error,
        title: "the end entity comes first, and each certificate certifies the one before it",
        citation: "RFC 5246 section 7.4.2; RFC 8446 section 4.4.2",
        why: "TLS 1.2 demands this order, and clients exist that do not sort",
        fix: "put the certificates in the order wanted",
        turns_clients_away: false,
        check: Check::Chain(order),
    },
    Rule {
        id: "chain.duplicate",
        severity: Severity::Error,
        title: "no certificate occurs twice",
        citation: "RFC 5246 section 7.4.2; RFC 8446 section 4.4.2",
        why: "every handshake would carry it twice, and strict clients refuse",
        fix: "leave the repetition out",
        turns_clients_away: false,
        check: Check::Chain(duplicate),
    },
    Rule {
        id: "chain.stranger",
        severity: Severity::Error,
        title: "every certificate belongs to the path of the end entity",
        citation: "RFC 5246 section 7.4.2; RFC 8446 section 4.4.2",
        why: "every handshake would carry it for nothing, and strict clients refuse; often it shows a wrong paste",
        fix: "leave the certificate out",
        turns_clients_away: false,
        check: Check::Chain(stranger),
    },
    Rule {
        id: "chain.alternative",
        severity: Severity::Info,
        title: "there is one way from the end entity to the trust anchor",
        citation: "RFC 5246 section 7.4.2; RFC 5280 section 3.2 (cross-certificates)",
        why: "which way a client takes is its own choice; both have to hold",
        fix: "nothing needs to be done; the certificate is not served",
        turns_clients_away: false,
        check: Check::Chain(alternative),
    },
    Rule {
        id: "chain.lent_issuer",
        severity: Severity::Info,
        title: "every intermediate was presented",
        citation: "RFC 8446 section 4.4.2: only the trust anchor may be left out",
        why: "clients that trust only the root above it refuse the connection without it",
        fix: "nothing needs to be done; the intermediate among the trust anchors is served",
        turns_clients_away: false,
        check: Check::Chain(lent),
    },
    Rule {
        id: "chain.anchor_included",
        severity: Severity::Info,
        title: "the trust anchor is left out of the chain",
        citation: "RFC 8446 section 4.4.2: the trust anchor may be omitted",
        why: "clients have the trust anchor already; sending it costs every handshake a round of bytes",
        fix: "nothing needs to be done; the trust anchor is not served",
        turns_clients_away: false,
        check: Check::Chain(anchor_included),
    },
];

fn order(case: &ChainCase<'_>) -> Outcome {
    if case.chain.is_unordered() {
        return Outcome::DoesNotApply;
    }
    if case.way.is_ascending() {
        return Outcome::Pass;
    }
    let wanted: Vec<_> = case.path().into_iter().filter(|(number, _)| number.is_some()).collect();
    let mut given = wanted.clone();
    given.sort_by_key(|(number, _)| *number);
    let text = match (wanted.first(), given.first()) {
        (Some((Some(end_entity), _)), Some((Some(first), _))) if end_entity != first => {
            format!("certificate {end_entity} is the end entity, expected before certificate {first}")
        }
        (Some(_) | None, Some(_) | None) => "a certificate does not certify the one before it".to_owned(),
    };
    let show = |steps: &[Step<'_>]| {
        let named =
            steps.iter().filter_map(|(number, one)| Some(format!("{} ({})", (*number)?, one.subject())));
        named.collect::<Vec<_>>().join(", ")
    };
    Outcome::Fail(vec![
        Evidence::new(text).detail(vec![
            format!("order found: {}", show(&given)),
            format!("order wanted: {}", show(&wanted)),
        ]),
    ])
}

fn duplicate(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.way.duplicates.iter().filter_map(|number| {
        let certificate = case.numbered(*number)?;
        let first = case.chain.certificates().iter().position(|other| other == certificate)?;
        let text = format!("certificate {number} is the same as certificate {}", first + 1);
        Some(Evidence::new(text).about(Some(*number)))
    }))
}

/// A CA's certificate that is unconnected because the link below it is missing is part of that
/// fault, not one of its own.
fn stranger(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.way.strangers.iter().filter_map(|number| {
        let certificate = case.numbered(*number)?;
        let text = format!(
            "certificate {number} ({}) issued nothing on the path of the end entity",
            certificate.subject()
        );
        (case.gap().is_none() || !certificate.is_ca()).then(|| Evidence::new(text).about(Some(*number)))
    }))
}

fn alternative(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.way.alternatives.iter().filter_map(|number| {
        let certificate = case.numbered(*number)?;
        let text = format!(
            "certificate {number} ({}, issued by {}) is on another way, which is not taken",
            certificate.subject(),
            certificate.issuer()
        );
        Some(Evidence::new(text).about(Some(*number)))
    }))
}

fn lent(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.served().into_iter().filter(|(number, _)| number.is_none()).map(|(_, certificate)| {
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        Evidence::new(format!(
            "{subject}, issued by {issuer}, was not presented, but is among the trust anchors: it is served"
        ))
    }))
}

fn anchor_included(case: &ChainCase<'_>) -> Outcome {
    // A root that nobody trusts is `anchor.unknown`.
    let included = case.anchor().is_some() && case.served().len() < case.path().len();
    let last = case.path().pop().filter(|_| included);
    Outcome::of(last.and_then(|(number, certificate)| {
        let text = format!("certificate {} ({}) is the trust anchor", number?, certificate.subject());
        Some(Evidence::new(text).about(number))
    }))
}
