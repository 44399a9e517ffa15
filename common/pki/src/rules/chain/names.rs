//! Rules about the names of the end entity against those requested.

use crate::name::{GeneralName, San};
use crate::rules::case::ChainCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use common::Untrusted;
use rustls::pki_types::ServerName;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "san.absent",
        severity: Severity::Warning,
        title: "the end entity has a SAN",
        citation: "RFC 9525 section 2: a service is never identified by its CN; product guide: installs with a warning",
        why: "TLS clients compare the host name with the SANs only; none of today's will accept the certificate",
        fix: "have it issued again with the SANs of the request: modern clients refuse it without",
        turns_clients_away: true,
        check: Check::Chain(absent),
    },
    Rule {
        id: "san.missing",
        severity: Severity::Error,
        title: "every SAN of the request is in the end entity",
        citation: "product guide; RFC 9525 section 6.3",
        why: "a client that connects by the missing name refuses the connection",
        fix: "have it issued again with every SAN of the request",
        turns_clients_away: false,
        check: Check::Chain(missing),
    },
    Rule {
        id: "san.added",
        severity: Severity::Warning,
        title: "the end entity has no SAN that was not requested",
        citation: "product guide: names the CA added are shown before an installation",
        why: "the certificate speaks for hosts nobody asked for",
        fix: "make sure the CA added the name on purpose",
        turns_clients_away: false,
        check: Check::Chain(added),
    },
    Rule {
        id: "san.no_primary",
        severity: Severity::Error,
        title: "the staged request names a host",
        citation: "product guide: each certificate has a primary name",
        why: "without a host name there is nothing a client could verify",
        fix: "stage new requests with get_csrs",
        turns_clients_away: false,
        check: Check::Chain(no_primary),
    },
    Rule {
        id: "role.covers_other",
        severity: Severity::Error,
        title: "the end entity covers no name of the other role, by wildcard or by itself",
        citation: "product guide: no certificate may cover both Main and Assets; RFC 9525 section 6.3",
        why: "one of the two services could stand in for the other",
        fix: "have it issued again with the SANs of its own request only",
        turns_clients_away: false,
        check: Check::Chain(covers_other),
    },
    Rule {
        id: "san.host",
        severity: Severity::Error,
        title: "the end entity names every host that was asked for",
        citation: "RFC 9525 sections 6.3 and 6.5; RFC 6125 before it",
        why: "a client that connects to the host by this name refuses the certificate",
        fix: "have it issued with the name as SAN, or ask for the host by a name it has",
        turns_clients_away: false,
        check: Check::Chain(hosts),
    },
];

fn sans<'a>(case: &ChainCase<'a>) -> &'a [GeneralName] {
    case.end_entity().map_or(&[], |(_, certificate)| certificate.extensions().names())
}

fn unreadable(case: &ChainCase<'_>) -> bool {
    case.end_entity().is_some_and(|(_, certificate)| {
        certificate.extensions().subject_alt_name.as_ref().is_some_and(|found| found.value.is_err())
    })
}

fn absent(case: &ChainCase<'_>) -> Outcome {
    if unreadable(case) {
        return Outcome::CouldNotJudge("subjectAltName cannot be read".to_owned());
    }
    Outcome::of(sans(case).is_empty().then(|| {
        let number = case.end_entity().and_then(|(number, _)| number);
        Evidence::new("the end entity has no SAN: clients that follow RFC 9525 will refuse it").about(number)
    }))
}

fn missing(case: &ChainCase<'_>) -> Outcome {
    let found = sans(case);
    let Some(request) = case.asked.request.filter(|_| case.answers_request() && !found.is_empty()) else {
        return Outcome::DoesNotApply;
    };
    let requested = request.extensions().names();
    let primary = request.primary_name().map(San::Dns);
    Outcome::of(requested.iter().filter(|wanted| !found.iter().any(|name| name.is_same(wanted))).map(
        |wanted| {
            let is_primary = primary.as_ref().is_some_and(|primary| wanted.equals(primary));
            let role = if is_primary { ", the primary name," } else { "" };
            Evidence::new(format!("{}{role} was requested and is not in the end entity", wanted.tagged()))
        },
    ))
}

fn added(case: &ChainCase<'_>) -> Outcome {
    let Some(request) = case.asked.request.filter(|_| case.answers_request()) else {
        return Outcome::DoesNotApply;
    };
    let requested = request.extensions().names();
    let judged_elsewhere = |name: &GeneralName| {
        name.as_dns().is_some_and(|name| name.raw().contains('*')) || covered(case, name).is_some()
    };
    Outcome::of(
        sans(case)
            .iter()
            .filter(|name| !requested.iter().any(|wanted| name.is_same(wanted)) && !judged_elsewhere(name))
            .map(|name| Evidence::new(format!("{} was not requested", name.tagged()))),
    )
}

fn no_primary(case: &ChainCase<'_>) -> Outcome {
    let nameless = case.asked.request.is_some_and(|request| request.primary_name().is_none());
    Outcome::of(
        nameless.then(|| Evidence::new("the staged request has neither a DNS SAN nor a host name as CN")),
    )
}

fn covers_other(case: &ChainCase<'_>) -> Outcome {
    if !case.answers_request() {
        return Outcome::DoesNotApply;
    }
    let whose = case.asked.role.map_or_else(|| "the other role".to_owned(), |role| role.other().to_string());
    Outcome::of(sans(case).iter().filter_map(|name| {
        let other = covered(case, name)?;
        Some(Evidence::new(format!("the SAN {name} covers {}, a name of {whose}", Untrusted::new(other))))
    }))
}

/// The first name of the other role that a SAN covers.
fn covered(case: &ChainCase<'_>, san: &GeneralName) -> Option<String> {
    let san = san.as_dns()?.raw().to_ascii_lowercase();
    let mut names =
        other_names(case).iter().filter_map(GeneralName::as_dns).map(|name| name.raw().to_ascii_lowercase());
    names.find(|name| *name == san || covers(&san, name))
}

fn other_names<'a>(case: &ChainCase<'a>) -> &'a [GeneralName] {
    case.asked.other().map_or(&[], |(_, names)| names)
}

/// Most SANs that are listed as what there is instead.
const MAX_SHOWN: usize = 10;

fn hosts(case: &ChainCase<'_>) -> Outcome {
    if case.asked.hosts.is_empty() {
        return Outcome::DoesNotApply;
    }
    let missing = case.asked.hosts.iter().filter(|host| !sans(case).iter().any(|san| identifies(san, host)));
    let mut found: Vec<_> = sans(case).iter().take(MAX_SHOWN).map(GeneralName::tagged).collect();
    if let Some(more) = sans(case).len().checked_sub(MAX_SHOWN + 1) {
        found.push(format!("and {} more", more + 1));
    }
    let number = case.end_entity().and_then(|(number, _)| number);
    Outcome::of(missing.map(|host| {
        let text = format!("the end entity does not name {}", Untrusted::new(host.to_str()));
        Evidence::new(text).about(number).detail(match found.as_slice() {
            [] => vec!["it has no SAN".to_owned()],
            some => vec![format!("its SANs are {}", some.join(", "))],
        })
    }))
}

/// Whether a SAN identifies a host ([RFC 9525 §6.3 and §6.5](https://www.rfc-editor.org/rfc/rfc9525#section-6.3)):
/// a DNS name without regard to case, with the whole left-most label as the only wildcard; an
/// address octet for octet.
fn identifies(san: &GeneralName, host: &ServerName<'_>) -> bool {
    match (san, host) {
        (GeneralName::Dns(name), ServerName::DnsName(host)) => {
            let (name, host) = (name.raw().to_ascii_lowercase(), host.as_ref().to_ascii_lowercase());
            let host = host.trim_end_matches('.');
            let wildcard = name.strip_prefix("*.").filter(|domain| domain.contains('.'));
            let parent = host.split_once('.').map(|(_, parent)| parent);
            name == host || wildcard.is_some_and(|domain| parent == Some(domain))
        }
        (GeneralName::Ip(address), ServerName::IpAddress(host)) => *address == std::net::IpAddr::from(*host),
        _ => false,
    }
}

/// Whether a wildcard stands for exactly the first label of a name
/// ([RFC 9525 §6.3](https://www.rfc-editor.org/rfc/rfc9525#section-6.3)); one inside the first
/// label, which old clients honour (RFC 6125 section 6.4.3), counts too.
fn covers(wildcard: &str, name: &str) -> bool {
    let (Some((pattern, domain)), Some((label, rest))) = (wildcard.split_once('.'), name.split_once('.'))
    else {
        return false;
    };
    let Some((before, after)) = pattern.split_once('*') else {
        return false;
    };
    domain == rest
        && label.len() >= before.len() + after.len()
        && label.starts_with(before)
        && label.ends_with(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label_and_its_parts_do_not_overlap() {
        for (wildcard, name, covered) in [
            ("*.example", "kms.example", true),
            ("*.example", "kms.test", false),
            ("*.example", "a.kms.example", false),
            ("k*s.example", "kms.example", true),
            ("k*s.example", "ks.example", true),
            ("k*s.example", "kmt.example", false),
            ("ab*ba.example", "aba.example", false),
            ("ab*ba.example", "abba.example", true),
            ("kms.example", "kms.example", false),
            ("*", "kms", false),
        ] {
            assert_eq!(covers(wildcard, name), covered, "{wildcard} {name}");
        }
    }
}
