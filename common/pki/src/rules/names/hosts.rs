//! DNS SANs: forms that clients or a public CA refuse.

use crate::name::{DnsName, GeneralName};
use crate::rules::case::NamesCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use common::Untrusted;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "san.wildcard_form",
        severity: Severity::Error,
        title: "a wildcard is the whole first label of a name, and the only one",
        citation: "RFC 9525 section 6.3; CA/B BR 3.2.2.6",
        why: "clients match no other form, and programs that do match it match too much",
        fix: "name every host by itself",
        turns_clients_away: false,
        check: Check::Names(wildcard_form),
    },
    Rule {
        id: "san.underscore",
        severity: Severity::Error,
        title: "no DNS SAN has an underscore",
        citation: "RFC 5280 section 4.2.1.6: preferred name syntax; RFC 1123 section 2.1; CA/B BR 7.1.2.7.12",
        why: "it is no host name, and strict clients refuse the whole certificate",
        fix: "give the host a name with hyphens instead",
        turns_clients_away: false,
        check: Check::Names(underscore),
    },
    Rule {
        id: "san.u_label",
        severity: Severity::Error,
        title: "an international name is written with A-labels (xn--)",
        citation: "RFC 5280 section 7.2; RFC 9549 section 3: dNSName is an IA5String of A-labels",
        why: "clients compare A-labels; a name in Unicode never matches, or matches a look-alike",
        fix: "write the name with A-labels, as idn2 or Python's idna convert it",
        turns_clients_away: false,
        check: Check::Names(u_label),
    },
    Rule {
        id: "san.a_label",
        severity: Severity::Warning,
        title: "an A-label decodes to a name that may be registered",
        citation: "RFC 5891 section 4.2; RFC 5890 section 2.3.2.1; CA/B BR 7.1.2.7.12",
        why: "what does not decode is shown to people as something else than it is",
        fix: "write the name with the A-labels of its registration",
        turns_clients_away: false,
        check: Check::Names(a_label),
    },
    Rule {
        id: "san.single_label",
        severity: Severity::Error,
        title: "every DNS SAN has two labels at least",
        citation: "CA/B BR 4.2.2 and 7.1.2.7.12: no internal names",
        why: "a name such as mail means another host in every network: nobody can prove it is theirs",
        fix: "ask for the fully qualified name",
        turns_clients_away: false,
        check: Check::Names(single_label),
    },
    Rule {
        id: "san.public_suffix",
        severity: Severity::Error,
        title: "no DNS SAN is a public suffix, nor a wildcard over one",
        citation: "CA/B BR 3.2.2.6; publicsuffix.org",
        why: "below a public suffix everybody can register a name: nobody owns them all",
        fix: "ask for the name that was registered, or for names below it",
        turns_clients_away: false,
        check: Check::Names(public_suffix),
    },
    Rule {
        id: "san.reserved_name",
        severity: Severity::Error,
        title: "every DNS SAN ends in a top-level domain of the public DNS",
        citation: "CA/B BR 4.2.2: no internal names; RFC 6761, RFC 6762, RFC 8375",
        why: "nobody can prove to own such a name: it means another host in every network",
        fix: "ask for names in a registered domain, or a private CA for the certificate",
        turns_clients_away: false,
        check: Check::Names(reserved_name),
    },
    Rule {
        id: "san.duplicate",
        severity: Severity::Info,
        title: "no SAN occurs twice",
        citation: "RFC 5280 section 4.2.1.6: repeating a name adds nothing",
        why: "often the second one was meant to be another name",
        fix: "see whether a name is missing",
        turns_clients_away: false,
        check: Check::Names(duplicate),
    },
];

fn hosts<'a>(case: &NamesCase<'a>) -> impl Iterator<Item = &'a Untrusted> {
    case.sans.iter().filter_map(GeneralName::as_dns)
}

/// One evidence for each DNS SAN that `is_faulty`.
fn each(case: &NamesCase<'_>, fault: &str, is_faulty: impl Fn(&str) -> bool) -> Outcome {
    if !case.sans.iter().any(|san| san.as_dns().is_some()) {
        return Outcome::DoesNotApply;
    }
    Outcome::of(
        hosts(case)
            .filter(|name| is_faulty(name.raw()))
            .map(|name| Evidence::new(format!("the DNS SAN {name} {fault}"))),
    )
}

fn wildcard_form(case: &NamesCase<'_>) -> Outcome {
    each(case, "has an asterisk that is not the whole first label, or nothing to stand before", |name| {
        let rest = name.strip_prefix("*.").unwrap_or(name);
        rest.contains('*') || (rest.len() < name.len() && !rest.contains('.'))
    })
}

fn underscore(case: &NamesCase<'_>) -> Outcome {
    each(case, "has an underscore", |name| name.contains('_'))
}

fn u_label(case: &NamesCase<'_>) -> Outcome {
    each(case, "has characters outside ASCII", |name| !name.is_ascii())
}

fn a_label(case: &NamesCase<'_>) -> Outcome {
    each(case, "has an A-label that is none", |name| {
        let is_a_label = |label: &str| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
        name.is_ascii()
            && name
                .split('.')
                .any(|label| is_a_label(label) && DnsName::parse(&format!("{label}.example")).is_err())
    })
}

fn single_label(case: &NamesCase<'_>) -> Outcome {
    each(case, "is one label alone", |name| !name.is_empty() && !name.contains('.'))
}

fn public_suffix(case: &NamesCase<'_>) -> Outcome {
    each(case, "is a public suffix", |name| {
        let name = plain(name);
        psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == name.as_bytes())
    })
}

fn reserved_name(case: &NamesCase<'_>) -> Outcome {
    each(case, "does not end in a public top-level domain", |name| {
        let name = plain(name);
        name.contains('.')
            && name.parse::<IpAddr>().is_err()
            && !psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
    })
}

/// As the list of public suffixes spells names.
fn plain(name: &str) -> String {
    let name = name.strip_prefix("*.").unwrap_or(name);
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn duplicate(case: &NamesCase<'_>) -> Outcome {
    let mut counts = BTreeMap::<String, usize>::new();
    for san in case.sans {
        // A directory name is compared as printed, which is what a reader can do.
        let name = match san {
            GeneralName::Dns(name) => name.raw().to_ascii_lowercase(),
            GeneralName::Other(_) => continue,
            GeneralName::Ip(_)
            | GeneralName::MalformedIp(_)
            | GeneralName::Uri(_)
            | GeneralName::Email(_)
            | GeneralName::Directory(_) => san.to_string(),
        };
        *counts.entry(format!("{}:{name}", san.kind())).or_default() += 1;
    }
    Outcome::of(
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, count)| {
            Evidence::new(format!("{} stands there {count} times", Untrusted::new(name)))
        }),
    )
}
