//! Rules about a CN beside the SANs, which name the same host to other readers.

use super::links::each;
use crate::name::{DnsName, GeneralName};
use crate::rules::case::{ChainCase, Link, Place};
use crate::rules::rule::{Check, Outcome, Rule, Severity};
use common::Untrusted;
use std::net::{IpAddr, Ipv4Addr};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "san.common_name",
        severity: Severity::Error,
        title: "a CN repeats one of the SANs",
        citation: "CA/B BR 7.1.4.3",
        why: "people and old clients read the CN, all others the SANs: both must say the same",
        fix: "have the certificate issued again with a SAN as CN, or without CN",
        turns_clients_away: false,
        check: Check::Chain(common_name),
    },
    Rule {
        id: "san.common_name_spelling",
        severity: Severity::Error,
        title: "a CN that means one of the SANs is spelt as it is",
        citation: "CA/B BR 7.1.4.3: a character-for-character copy",
        why: "software that compares names as text takes them for two hosts",
        fix: "have the certificate issued again with a copy of a SAN as CN, or without CN",
        turns_clients_away: false,
        check: Check::Chain(spelling),
    },
];

fn common_name(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let names = cn_hosts(link);
        let odd = names.iter().find(|name| !is_san(link, name) && !is_san_spelt_otherwise(link, name))?;
        Some(format!("has the CN {odd}, which is none of its SANs"))
    })
}

fn spelling(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let names = cn_hosts(link);
        let odd = names.iter().find(|name| !is_san(link, name) && is_san_spelt_otherwise(link, name))?;
        Some(format!("has the CN {odd}, which its SANs spell otherwise"))
    })
}

/// CNs of the end entity.
fn cn_hosts<'a>(link: &Link<'a>) -> Vec<&'a Untrusted> {
    let end_entity = Some(link.certificate).filter(|_| link.place == Place::EndEntity);
    end_entity.map(|certificate| certificate.subject().common_names()).unwrap_or_default()
}

/// An address is printed as RFC 5952 has it, which is how the CN has to spell it.
fn is_san(link: &Link<'_>, name: &Untrusted) -> bool {
    link.certificate.extensions().names().iter().any(|san| match san {
        GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text) => text == name,
        GeneralName::Ip(address) => address.to_string() == name.raw(),
        GeneralName::MalformedIp(_) | GeneralName::Directory(_) | GeneralName::Other(_) => false,
    })
}

/// Whether a SAN means the same host: in another case, as A-label, or as an address in one of the
/// forms that `inet_aton` takes.
fn is_san_spelt_otherwise(link: &Link<'_>, name: &Untrusted) -> bool {
    let host = DnsName::parse(name.raw()).map(|host| host.as_str().to_owned());
    let host = host.unwrap_or_else(|_| name.raw().to_lowercase());
    let address = name.raw().parse().ok().or_else(|| aton(name.raw()).map(IpAddr::from));
    link.certificate.extensions().names().iter().any(|san| match san {
        GeneralName::Dns(text) => text.raw().eq_ignore_ascii_case(&host),
        GeneralName::Ip(found) => Some(*found) == address,
        GeneralName::Email(text) => text.raw().eq_ignore_ascii_case(name.raw()),
        GeneralName::MalformedIp(_)
        | GeneralName::Uri(_)
        | GeneralName::Directory(_)
        | GeneralName::Other(_) => false,
    })
}

/// One to four numbers, decimal, octal or hexadecimal, of which the last fills the octets left.
fn aton(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if part.len() > 1 && part.starts_with('0') => {
            u32::from_str_radix(part, 8).or_else(|_| part.parse()).ok()
        }
        None => part.parse().ok(),
    };
    let parts = text.split('.').map(number).collect::<Option<Vec<_>>>()?;
    let (last, first) = parts.split_last()?;
    let mut address = *last;
    for (octet, shift) in first.iter().zip([24, 16, 8]) {
        address |= u32::from(u8::try_from(*octet).ok()?) << shift;
    }
    (first.len() <= 3 && u64::from(*last) < 1 << (32 - 8 * first.len())).then(|| Ipv4Addr::from(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_inet_aton_does() {
        for (text, read) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("0xc0.0x0.0x2.0x1", Some("192.0.2.1")),
            ("0xC0000201", Some("192.0.2.1")),
            ("3221225985", Some("192.0.2.1")),
            ("192.513", Some("192.0.2.1")),
            ("0300.0.2.01", Some("192.0.2.1")),
            ("192.000.002.009", Some("192.0.2.9")),
            ("192.0.2.256", None),
            ("256.0.2.1", None),
            ("1.2.3.4.5", None),
            ("example.com", None),
            ("", None),
        ] {
            assert_eq!(aton(text), read.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}
