//! Rules a policy file fills with its own wishes.

use super::case::PolicyCase;
use super::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::name::{Attribute, AttributeType, GeneralName, common_name, uri};
use common::Untrusted;

const CITATION: &str = "the policy file";

/// Rules a policy file fills with its own wishes.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "policy.key_type",
        severity: Severity::Error,
        title: "the key is of a type the policy allows",
        citation: CITATION,
        why: "those who judge decided which keys they certify",
        fix: "make a new key of an allowed type",
        turns_clients_away: false,
        check: Check::Policy(key_type),
    },
    Rule {
        id: "policy.name",
        severity: Severity::Error,
        title: "every host name is one the policy allows and does not deny",
        citation: CITATION,
        why: "those who judge decided which names they certify",
        fix: "ask for names within the policy, or have it changed",
        turns_clients_away: false,
        check: Check::Policy(name),
    },
    Rule {
        id: "policy.address",
        severity: Severity::Error,
        title: "every IP address is in a range the policy allows and does not deny",
        citation: CITATION,
        why: "those who judge decided which addresses they certify",
        fix: "ask for addresses within the policy, or have it changed",
        turns_clients_away: false,
        check: Check::Policy(address),
    },
    Rule {
        id: "policy.too_many_names",
        severity: Severity::Error,
        title: "there are at most as many SANs as the policy allows",
        citation: CITATION,
        why: "those who judge decided how much one key may stand for",
        fix: "ask for fewer names, or for several certificates",
        turns_clients_away: false,
        check: Check::Policy(too_many_names),
    },
    Rule {
        id: "policy.subject",
        severity: Severity::Error,
        title: "the subject has the attributes the policy requires, none it forbids, and only values it allows",
        citation: CITATION,
        why: "those who judge decided what they vouch for",
        fix: "make the request again with the subject the policy asks for",
        turns_clients_away: false,
        check: Check::Policy(subject),
    },
];

fn key_type(case: &PolicyCase<'_>) -> Outcome {
    let allowed = &case.demands.keys;
    if allowed.is_empty() {
        return Outcome::DoesNotApply;
    }
    let words: Vec<_> = allowed.iter().map(|pattern| pattern.word.as_str()).collect();
    Outcome::of(
        (!allowed.iter().any(|pattern| pattern.matches(case.key))).then(|| {
            Evidence::new(format!("the key is {}, the policy allows {}", case.key, words.join(", ")))
        }),
    )
}

fn name(case: &PolicyCase<'_>) -> Outcome {
    let (allowed, denied) = (&case.demands.names_allowed, &case.demands.names_denied);
    if allowed.is_empty() && denied.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(host_names(case).filter_map(|(kind, host)| {
        let shown = Untrusted::new(host);
        if let Some(pattern) = denied.iter().find(|pattern| pattern.matches(host)) {
            return Some(Evidence::new(format!("the {kind} {shown} is denied by {pattern}")));
        }
        let refused = !allowed.is_empty() && !allowed.iter().any(|pattern| pattern.matches(host));
        refused.then(|| Evidence::new(format!("the {kind} {shown} matches no allowed name")))
    }))
}

/// DNS SANs, the hosts of e-mail and URI SANs, and CNs that could be host names and are no SAN.
fn host_names<'a>(case: &PolicyCase<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let sans = case.sans;
    let of_sans = sans.iter().filter_map(|san| match san {
        GeneralName::Dns(name) => Some(("DNS SAN", name.raw())),
        GeneralName::Email(mailbox) => Some(("host of the email SAN", after_at(mailbox.raw()))),
        GeneralName::Uri(text) => Some(("host of the URI SAN", uri::host(text.raw()).unwrap_or(text.raw()))),
        GeneralName::Ip(_)
        | GeneralName::MalformedIp(_)
        | GeneralName::Directory(_)
        | GeneralName::Other(_) => None,
    });
    let is_san = move |cn: &&Untrusted| sans.iter().filter_map(GeneralName::as_dns).any(|san| san == *cn);
    let host = |cn: &&Untrusted| common_name::could_pass_for_host(cn.raw());
    let common_names = case.subject.common_names().into_iter().filter(host).filter(move |cn| !is_san(cn));
    of_sans.chain(common_names.map(|cn| ("CN", cn.raw())))
}

fn after_at(mailbox: &str) -> &str {
    mailbox.rsplit_once('@').map_or(mailbox, |(_, host)| host)
}

fn address(case: &PolicyCase<'_>) -> Outcome {
    let (allowed, denied) = (&case.demands.addresses_allowed, &case.demands.addresses_denied);
    if allowed.is_empty() && denied.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(case.sans.iter().filter_map(|san| {
        let GeneralName::Ip(address) = san else { return None };
        if let Some(range) = denied.iter().find(|range| range.contains(*address)) {
            return Some(Evidence::new(format!("the IP SAN {address} is denied by {range}")));
        }
        let refused = !allowed.is_empty() && !allowed.iter().any(|range| range.contains(*address));
        refused.then(|| Evidence::new(format!("the IP SAN {address} is in no allowed range")))
    }))
}

fn too_many_names(case: &PolicyCase<'_>) -> Outcome {
    let Some(most) = case.demands.max_names else { return Outcome::DoesNotApply };
    let count = case.sans.len();
    Outcome::of((count > most).then(|| Evidence::new(format!("{count} SANs, the policy allows {most}"))))
}

fn subject(case: &PolicyCase<'_>) -> Outcome {
    let demands = case.demands;
    let of = |kind: AttributeType| {
        let is_kind = move |attribute: &&Attribute| attribute.kind() == Some(kind);
        case.subject.rdns().iter().flatten().filter(is_kind)
    };
    let missing = demands.subject_required.iter().filter(|kind| of(**kind).next().is_none());
    let forbidden = demands.subject_forbidden.iter().filter(|kind| of(**kind).next().is_some());
    let values = demands.subject_values.iter().flat_map(|(kind, allowed)| {
        of(*kind).filter(|found| !allowed.iter().any(|value| value == found.value.raw())).map(move |found| {
            Evidence::new(format!("{kind} is {}, expected {}", found.value, allowed.join(" or ")))
        })
    });
    Outcome::of(
        missing
            .map(|kind| Evidence::new(format!("the subject has no {kind}, which the policy requires")))
            .chain(
                forbidden
                    .map(|kind| Evidence::new(format!("the subject has {kind}, which the policy forbids"))),
            )
            .chain(values),
    )
}
