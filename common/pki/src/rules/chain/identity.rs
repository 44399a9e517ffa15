//! Rules about what the end entity is, and whose.

use crate::rules::case::ChainCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "end_entity.ca",
        severity: Severity::Error,
        title: "the end entity is not a CA",
        citation: "RFC 5280 section 4.2.1.9; CA/B BR 7.1.2.7.8",
        why: "a server with a CA certificate can issue certificates for any name in your PKI",
        fix: "paste the certificate issued for the request, or have it issued with CA:FALSE",
        turns_clients_away: false,
        check: Check::Chain(end_entity_ca),
    },
    Rule {
        id: "end_entity.self_signed",
        severity: Severity::Error,
        title: "the end entity is signed by a CA",
        citation: "product guide; RFC 5280 section 3.2",
        why: "no client trusts a certificate that vouches for itself",
        fix: "have the staged request signed by your CA",
        turns_clients_away: false,
        check: Check::Chain(self_signed),
    },
    Rule {
        id: "spki.mismatch",
        severity: Severity::Error,
        title: "the end entity has the key of the staged request",
        citation: "RFC 5280 section 4.1.2.7; RFC 8446 section 4.4.3: the server proves possession of this key",
        why: "the server has another private key: every handshake would fail",
        fix: "paste the chain that answers the staged request of this role",
        turns_clients_away: false,
        check: Check::Chain(mismatch),
    },
    Rule {
        id: "spki.reused",
        severity: Severity::Error,
        title: "the key was never used in another generation",
        citation: "RFC 3647 section 4.4.7: a rotation re-keys; product guide: a rotation makes new keys",
        why: "a rotation is there to leave an old, perhaps copied key behind",
        fix: "stage new requests in place of these",
        turns_clients_away: false,
        check: Check::Chain(reused),
    },
    Rule {
        id: "spki.private_key",
        severity: Severity::Error,
        title: "the end entity has the public half of the private key given",
        citation: "RFC 5280 section 4.1.2.7; RFC 8446 section 4.4.3: the server proves possession of this key",
        why: "a server cannot start, or no handshake completes, with a certificate for another key",
        fix: "give the key the certificate was requested with, or the certificate issued for this key",
        turns_clients_away: false,
        check: Check::Chain(private_key),
    },
];

fn end_entity_ca(case: &ChainCase<'_>) -> Outcome {
    let ca = case.end_entity().filter(|(_, certificate)| certificate.is_ca());
    Outcome::of(ca.map(|(number, certificate)| {
        let text = format!("the end entity ({}) has basicConstraints CA:TRUE", certificate.subject());
        Evidence::new(text).about(number)
    }))
}

fn self_signed(case: &ChainCase<'_>) -> Outcome {
    let found = case.end_entity().filter(|(_, certificate)| certificate.is_self_signed());
    Outcome::of(found.map(|(number, certificate)| {
        let text = format!("the end entity ({}) is signed with its own key", certificate.subject());
        Evidence::new(text).about(number)
    }))
}

fn mismatch(case: &ChainCase<'_>) -> Outcome {
    let foreign = case.end_entity().filter(|_| !case.answers_request());
    Outcome::of(foreign.map(|(number, certificate)| {
        let wanted = case.asked.request.map(|csr| csr.spki().sha256().short()).unwrap_or_default();
        let request = match case.asked.generation {
            Some(generation) => format!("staged generation {generation}"),
            None => "the request".to_owned(),
        };
        let text = format!("certificate {}, {request} has {wanted}", certificate.spki().sha256().short());
        Evidence::new(text).about(number).detail(whose_key(case))
    }))
}

/// Whose certificate it is instead: of the other role, or of another generation.
fn whose_key(case: &ChainCase<'_>) -> Vec<String> {
    let Some((_, certificate)) = case.end_entity() else {
        return Vec::new();
    };
    if case.asked.other_request.is_some_and(|other| other.spki() == certificate.spki()) {
        return vec![format!("it is the certificate for {}", of_the_other_role(case))];
    }
    let spki = certificate.spki().sha256();
    let known = case.asked.known_keys.iter().filter(|known| known.spki == spki);
    known
        .map(|known| {
            format!(
                "it is the certificate for {} of generation {}, an earlier request: it was replaced since, or the rotation is forgotten or needless",
                known.role, known.generation
            )
        })
        .collect()
}

/// `Assets of generation 7: the two pastes are swapped`
fn of_the_other_role(case: &ChainCase<'_>) -> String {
    let own_key = case.asked.request.map(|csr| csr.spki());
    let swapped = case
        .asked
        .other_chain
        .is_some_and(|other| other.certificates().iter().any(|one| Some(one.spki()) == own_key));
    let role = case.asked.role.map_or_else(|| "the other role".to_owned(), |role| role.other().to_string());
    let generation =
        case.asked.generation.map_or_else(String::new, |number| format!(" of generation {number}"));
    let how = if swapped { "the two pastes are swapped" } else { "it was pasted for the wrong role" };
    format!("{role}{generation}: {how}")
}

fn reused(case: &ChainCase<'_>) -> Outcome {
    let (Some(request), true) = (case.asked.request, case.answers_request()) else {
        return Outcome::DoesNotApply;
    };
    let spki = request.spki().sha256();
    Outcome::of(case.asked.known_keys.iter().filter(|known| known.spki == spki).map(|known| {
        Evidence::new(format!(
            "the key {} is already that of {} in generation {}",
            spki.short(),
            known.role,
            known.generation
        ))
    }))
}

fn private_key(case: &ChainCase<'_>) -> Outcome {
    if let Some(kind) = case.asked.foreign_key {
        return Outcome::CouldNotJudge(format!(
            "the private key given is {kind}, not of a type this product uses; its public half is not known"
        ));
    }
    let (Some(key), Some((number, certificate))) = (case.asked.key, case.end_entity()) else {
        return Outcome::DoesNotApply;
    };
    let (found, held) = (certificate.spki().sha256().short(), key.sha256().short());
    Outcome::of((certificate.spki() != key).then(|| {
        Evidence::new(format!("the certificate has the key {found}, the private key given belongs to {held}"))
            .about(number)
    }))
}
