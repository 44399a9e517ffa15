//! Rules about signatures along the path and about what it ends in.

use crate::certificate::Certificate;
use crate::chain::{authority_key_id, key_identifiers_differ, place};
use crate::rules::asked::Anchors;
use crate::rules::case::{ChainCase, Gap, Place};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use data_encoding::HEXUPPER;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "chain.missing_issuer",
        severity: Severity::Error,
        title: "no intermediate is missing",
        citation: "RFC 8446 section 4.4.2; RFC 5280 section 6.1",
        why: "clients that do not fetch issuers by themselves refuse the connection",
        fix: "add the certificate of the issuer named, or give the trust anchor",
        turns_clients_away: false,
        check: Check::Chain(missing_issuer),
    },
    Rule {
        id: "chain.no_issuer",
        severity: Severity::Error,
        title: "an end entity alone needs trust anchors to be verified",
        citation: "RFC 5280 section 6.1.1 (d)",
        why: "nothing vouches for a certificate that comes alone",
        fix: "paste the intermediate after the end entity, or give the trust anchor",
        turns_clients_away: false,
        check: Check::Chain(no_issuer),
    },
    Rule {
        id: "signature.invalid",
        severity: Severity::Error,
        title: "every certificate is signed with the key of the issuer it names",
        citation: "RFC 5280 section 6.1.3 (a) (1)",
        why: "the certificate was altered, or another CA of the same name issued it",
        fix: "take the chain from the CA again; the CA may have more than one certificate of this name",
        turns_clients_away: false,
        check: Check::Chain(invalid),
    },
    Rule {
        id: "signature.hash",
        severity: Severity::Error,
        title: "no signature below the trust anchor is made over MD5 or SHA-1",
        citation: "RFC 9155; RFC 6194; RFC 6151; CA/B BR 7.1.3.2",
        why: "collisions of MD5 and SHA-1 can be made, so such a signature can be moved to a forged certificate",
        fix: "have the CA sign with SHA-256 or better, and use an intermediate signed so",
        turns_clients_away: false,
        check: Check::Chain(hash),
    },
    Rule {
        id: "anchor.unknown",
        severity: Severity::Error,
        title: "the path ends in one of the trust anchors given",
        citation: "RFC 5280 section 6.1.1 (d)",
        why: "clients that trust these anchors only will refuse the connection",
        fix: "give the trust anchor your clients use, or have the request signed under it",
        turns_clients_away: false,
        check: Check::Chain(unknown),
    },
    Rule {
        id: "anchor.presented",
        severity: Severity::Warning,
        title: "trust anchors are given, not taken from the chain that is to be judged",
        citation: "RFC 5280 section 6.1.1 (d): trust anchor information comes from elsewhere",
        why: "a chain that brings its own root proves nothing about who issued it",
        fix: "compare the digest with the CA over another channel, or say what is trusted",
        turns_clients_away: false,
        check: Check::Chain(presented),
    },
];

fn missing_issuer(case: &ChainCase<'_>) -> Outcome {
    match case.gap() {
        Some(Gap::Missing) if !is_alone_without_anchors(case) => missing(case),
        Some(Gap::Missing | Gap::WrongKey { .. } | Gap::Unknown) | None => Outcome::Pass,
    }
}

fn no_issuer(case: &ChainCase<'_>) -> Outcome {
    match case.gap() {
        Some(Gap::Missing) if is_alone_without_anchors(case) => missing(case),
        Some(Gap::Missing | Gap::WrongKey { .. } | Gap::Unknown) | None => Outcome::Pass,
    }
}

fn is_alone_without_anchors(case: &ChainCase<'_>) -> bool {
    matches!(case.anchors, Anchors::Presented) && case.chain.certificates().len() == 1
}

fn missing(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.path().pop().map(|(number, top)| {
        let among =
            if case.anchors.given().is_empty() { "presented" } else { "presented nor a trust anchor" };
        let neither = if case.anchors.given().is_empty() { "not" } else { "neither" };
        let text = format!("{} was issued by {}, which is {neither} {among}", place(number), top.issuer());
        let detail = key_under_another_name(case, top).into_iter().chain(where_to_find_issuer(top));
        Evidence::new(text).about(number).detail(detail.collect())
    }))
}

/// The issuer's key, when it stands under a name that equals the one wanted only by the matching
/// rules of [RFC 5280 §7.1](https://www.rfc-editor.org/rfc/rfc5280#section-7.1) or not at all:
/// webpki, and so every rustls client, compares names byte for byte.
fn key_under_another_name(case: &ChainCase<'_>, top: &Certificate) -> Option<String> {
    case.everybody().find(|(_, one)| top.verify_signed_by(one.spki()).is_ok()).map(|(number, one)| {
        format!(
            "{} ({}) has the key that signed it, but its name is not the same byte for byte",
            place(number),
            one.subject()
        )
    })
}

/// The key identifier that the missing certificate has, and where its CA publishes it.
fn where_to_find_issuer(certificate: &Certificate) -> Vec<String> {
    let key_id = authority_key_id(certificate).map(|id| {
        format!("the issuer's subjectKeyIdentifier is {}", HEXUPPER.encode(id.get(..20).unwrap_or(id)))
    });
    let uris = certificate.extensions().ca_issuers.iter().map(|uri| format!("the CA publishes it at {uri}"));
    key_id.into_iter().chain(uris).collect()
}

fn invalid(case: &ChainCase<'_>) -> Outcome {
    let (Some(Gap::WrongKey { number, candidate }), Some((below, top))) = (case.gap(), case.path().pop())
    else {
        return Outcome::Pass;
    };
    let issuer = place(number);
    let text = format!("the key of {issuer} ({}) did not sign {}", candidate.subject(), place(below));
    let why = if key_identifiers_differ(candidate, top) {
        "the CA has another key under the same name: that one's certificate is wanted"
    } else {
        "the certificate or its signature was altered, or the CA has another key under the same name"
    };
    let detail = std::iter::once(why.to_owned()).chain(where_to_find_issuer(top)).collect();
    Outcome::Fail(vec![Evidence::new(text).about(below).detail(detail)])
}

fn hash(case: &ChainCase<'_>) -> Outcome {
    Outcome::of(case.links().into_iter().filter_map(|link| {
        let algorithm = link.certificate.signature_algorithm();
        let hash = algorithm.broken_hash()?;
        let unused = link.place == Place::Anchor
            && (link.certificate.is_self_issued() || case.anchors.given().contains(link.certificate));
        let text = format!(
            "{} ({}) is signed over {hash} ({}), expected SHA-256 or better",
            place(link.number),
            link.certificate.subject(),
            algorithm.name()
        );
        (!unused).then(|| Evidence::new(text).about(link.number))
    }))
}

fn unknown(case: &ChainCase<'_>) -> Outcome {
    let (Some(Gap::Unknown), Some((number, top))) = (case.gap(), case.path().pop()) else {
        return Outcome::Pass;
    };
    let namesake = case.anchors.given().iter().find(|anchor| anchor.subject().der() == top.subject().der());
    let detail = namesake.map(|anchor| {
        format!("a trust anchor of the same name has another key, {}", anchor.spki().sha256().short())
    });
    let text = format!(
        "the path ends in {} ({}, key {}), which is none of the trust anchors given ({})",
        place(number),
        top.subject(),
        top.spki().sha256().short(),
        case.anchors.given().len()
    );
    Outcome::Fail(vec![Evidence::new(text).about(number).detail(detail.into_iter().collect())])
}

fn presented(case: &ChainCase<'_>) -> Outcome {
    match (case.anchors, case.anchor()) {
        (Anchors::Given(_), _) => Outcome::DoesNotApply,
        (Anchors::Presented, None) => Outcome::CouldNotJudge("the chain ends nowhere".to_owned()),
        (Anchors::Presented, Some(anchor)) => Outcome::Fail(vec![
            Evidence::new(format!(
                "no trust anchors were given: trusting the topmost certificate ({})",
                anchor.subject()
            ))
            .detail(vec![format!("sha256 of this certificate: {}", anchor.sha256())]),
        ]),
    }
}
