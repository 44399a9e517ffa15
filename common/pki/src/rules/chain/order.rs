//! Rules about the order of a chain, and about what does not belong in it.

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
    if case.order.is_ascending() {
        return Outcome::Pass;
    }
    let path = case.path();
    let mut given = path.clone();
    given.sort_by_key(|(number, _)| *number);
    let text = match (path.first(), given.first()) {
        (Some((end_entity, _)), Some((first, _))) if end_entity != first => {
            format!("certificate {end_entity} is the end entity, expected before certificate {first}")
        }
        (Some(_) | None, Some(_) | None) => "a certificate does not certify the one before it".to_owned(),
    };
    let show = |certificates: &[(usize, &crate::certificate::Certificate)]| {
        let names: Vec<_> =
            certificates.iter().map(|(number, one)| format!("{number} ({})", one.subject())).collect();
        names.join(", ")
    };
    Outcome::Fail(vec![
        Evidence::new(text)
            .detail(vec![format!("order found: {}", show(&given)), format!("order wanted: {}", show(&path))]),
    ])
}

fn duplicate(case: &ChainCase<'_>) -> Outcome {
    let certificates = case.chain.certificates();
    Outcome::of(case.order.duplicates.iter().filter_map(|index| {
        let certificate = certificates.get(*index)?;
        let first = certificates.iter().position(|other| other == certificate)?;
        let text = format!("certificate {} is the same as certificate {}", index + 1, first + 1);
        Some(Evidence::new(text).about(Some(index + 1)))
    }))
}

/// A CA's certificate that is unconnected because the link below it is missing is part of that
/// fault, not one of its own.
fn stranger(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.order.strangers.iter().filter_map(|index| {
        let certificate = case.chain.certificates().get(*index)?;
        let text = format!(
            "certificate {} ({}) issued nothing on the path of the end entity",
            index + 1,
            certificate.subject()
        );
        (case.gap().is_none() || !certificate.is_ca()).then(|| Evidence::new(text).about(Some(index + 1)))
    }))
}

fn alternative(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.order.alternatives.iter().filter_map(|index| {
        let certificate = case.chain.certificates().get(*index)?;
        let text = format!(
            "certificate {} ({}, issued by {}) is on another way, which is not taken",
            index + 1,
            certificate.subject(),
            certificate.issuer()
        );
        Some(Evidence::new(text).about(Some(index + 1)))
    }))
}

fn anchor_included(case: &ChainCase<'_>) -> Outcome {
    // A root that nobody trusts is `anchor.unknown`.
    let included = case.anchor().is_some() && case.served().len() < case.path().len();
    let last = case.path().pop().filter(|_| included);
    Outcome::of(last.map(|(number, certificate)| {
        let text = format!("certificate {number} ({}) is the trust anchor", certificate.subject());
        Evidence::new(text).about(Some(number))
    }))
}
