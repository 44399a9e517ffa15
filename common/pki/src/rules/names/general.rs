//! What the product asks of all names.

use crate::name::{GeneralName, SanSet};
use crate::rules::case::NamesCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use common::Untrusted;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "san.wildcard",
        severity: Severity::Error,
        title: "no name is a wildcard",
        citation: "product guide: no catch-all name in either certificate; RFC 9525 section 7.1",
        why: "a catch-all certificate speaks for hosts nobody thought of: whoever takes it over can play any of them",
        fix: "name every host by itself",
        turns_clients_away: false,
        check: Check::Names(wildcard),
    },
    Rule {
        id: "san.syntax",
        severity: Severity::Error,
        title: "every DNS SAN is a host name in preferred name syntax, every IP SAN has 4 or 16 octets",
        citation: "RFC 5280 section 4.2.1.6; RFC 1034 section 3.5; RFC 1123 section 2.1",
        why: "clients compare names letter by letter in preferred syntax; another spelling never matches",
        fix: "write host names with letters, digits and hyphens, without a trailing dot, international ones as A-labels; addresses as IP SANs",
        turns_clients_away: false,
        check: Check::Names(syntax),
    },
    Rule {
        id: "san.too_many",
        severity: Severity::Error,
        title: "there are at most 250 SANs",
        citation: "product guide: at most 250 SANs in one request",
        why: "every handshake carries all names, and one lost key puts all of them at risk",
        fix: "ask for fewer names",
        turns_clients_away: false,
        check: Check::Names(too_many),
    },
    Rule {
        id: "name.control",
        severity: Severity::Error,
        title: "no name contains control, bidirectional or invisible characters",
        citation: "CWE-150 and CVE-2021-42574: such characters forge lines of logs and terminals; CVE-2009-2408: NUL in a name",
        why: "the text shown to the person who approves differs from the text that is certified",
        fix: "have the document made again with names typed by hand",
        turns_clients_away: false,
        check: Check::Names(control),
    },
];

fn wildcard(case: &NamesCase<'_>) -> Outcome {
    let sans: Vec<_> = case.sans.iter().filter_map(GeneralName::as_dns).collect();
    // A CN that repeats a SAN is the same name.
    let common_names = case.subject.common_names().into_iter().filter(|name| !sans.contains(name));
    let named = sans.iter().map(|name| ("DNS SAN", *name)).chain(common_names.map(|name| ("CN", name)));
    Outcome::of(
        named
            .filter(|(_, name)| name.raw().contains('*'))
            .map(|(kind, name)| Evidence::new(format!("the {kind} {name} is a wildcard"))),
    )
}

fn syntax(case: &NamesCase<'_>) -> Outcome {
    Outcome::of(case.sans.iter().filter_map(|san| {
        match san {
            GeneralName::Dns(name) => dns_fault(name.raw())
                .map(|fault| Evidence::new(format!("the DNS SAN {name} is no host name: {fault}"))),
            GeneralName::MalformedIp(octets) => {
                Some(Evidence::new(format!("an IP SAN has {} octets, expected 4 or 16", octets.len())))
            }
            GeneralName::Ip(_)
            | GeneralName::Uri(_)
            | GeneralName::Email(_)
            | GeneralName::Directory(_)
            | GeneralName::Other(_) => None,
        }
    }))
}

/// Why a text is not in preferred name syntax. Asterisks are left to `san.wildcard`, underscores and
/// U-labels to rules of their own; one label alone is a name too.
fn dns_fault(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("*.").unwrap_or(name);
    let ldh = |label: &str| {
        label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b) || !b.is_ascii())
    };
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > 253 {
        Some("it is longer than 253 octets")
    } else if name.parse::<std::net::IpAddr>().is_ok() {
        Some("it is an IP address")
    } else if name.ends_with('.') {
        Some("it ends in a dot")
    } else if name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        Some("a label is empty or longer than 63 octets")
    } else if name.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        Some("a label begins or ends with a hyphen")
    } else if !name.split('.').all(ldh) {
        Some("only letters, digits and hyphens may stand in it")
    } else {
        None
    }
}

fn too_many(case: &NamesCase<'_>) -> Outcome {
    let count = case.sans.len();
    Outcome::of(
        (count > SanSet::MAX)
            .then(|| Evidence::new(format!("{count} SANs, expected at most {}", SanSet::MAX))),
    )
}

fn control(case: &NamesCase<'_>) -> Outcome {
    let subject = case.subject.rdns().iter().flatten().map(|attribute| ("subject", &attribute.value));
    let sans = case.sans.iter().filter_map(text).map(|value| ("SAN", value));
    Outcome::of(subject.chain(sans).filter(|(_, value)| hides_something(value)).map(|(kind, value)| {
        Evidence::new(format!(
            "the {kind} {value} has characters that hide or reorder text, shown as \\u{{…}}"
        ))
    }))
}

/// Whether printing needs an escape: [`Untrusted`] knows which characters do. A backslash alone,
/// which it doubles, hides nothing.
fn hides_something(value: &Untrusted) -> bool {
    value.to_string() != value.raw().replace('\\', "\\\\")
}

const fn text(san: &GeneralName) -> Option<&Untrusted> {
    match san {
        GeneralName::Dns(value) | GeneralName::Uri(value) | GeneralName::Email(value) => Some(value),
        GeneralName::Ip(_)
        | GeneralName::MalformedIp(_)
        | GeneralName::Directory(_)
        | GeneralName::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_told_why() {
        let label = |octets: usize| format!("{}.example", "a".repeat(octets));
        let name = |last: usize| [63, 63, 63, last].map(|octets| "a".repeat(octets)).join(".");
        for (name, fault) in [
            ("kms.example", ""),
            ("*.example", ""),
            ("kms", ""),
            ("k_m-s.example", ""),
            ("k\u{e4}se.example", ""),
            (&label(63), ""),
            (&label(64), "a label is empty or longer than 63 octets"),
            ("kms..example", "a label is empty or longer than 63 octets"),
            (".example", "a label is empty or longer than 63 octets"),
            (&name(61), ""),
            (&name(62), "it is longer than 253 octets"),
            ("", "it is empty"),
            ("*.", "it is empty"),
            ("192.0.2.1", "it is an IP address"),
            ("kms.example.", "it ends in a dot"),
            ("-kms.example", "a label begins or ends with a hyphen"),
            ("kms-.example", "a label begins or ends with a hyphen"),
            ("k ms.example", "only letters, digits and hyphens may stand in it"),
        ] {
            assert_eq!(dns_fault(name).unwrap_or_default(), fault, "{name}");
        }
    }
}
