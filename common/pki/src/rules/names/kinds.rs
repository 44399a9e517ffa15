//! SANs that are no DNS names: addresses, mailboxes, URIs, and forms no TLS client looks at.

use crate::name::uri::is_scheme;
use crate::name::{GeneralName, San};
use crate::rules::case::NamesCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "san.odd_address",
        severity: Severity::Warning,
        title: "an IP SAN is an address at which one host can be reached from another",
        citation: "RFC 6890 section 2.2: loopback, unspecified, broadcast; RFC 5771 and RFC 4291 section 2.7: multicast",
        why: "every machine answers at loopback, none at the others: the certificate proves nothing there",
        fix: "ask for the address clients connect to",
        turns_clients_away: false,
        check: Check::Names(odd_address),
    },
    Rule {
        id: "san.reserved_address",
        severity: Severity::Error,
        title: "every IP SAN is globally reachable",
        citation: "CA/B BR 4.2.2: no reserved IP addresses; RFC 6890; iana-ipv4-special-registry",
        why: "such an address is another host in every network: nobody can prove it is theirs",
        fix: "ask for public addresses, or a private CA for the certificate",
        turns_clients_away: false,
        check: Check::Names(reserved_address),
    },
    Rule {
        id: "san.email",
        severity: Severity::Warning,
        title: "an email SAN is a mailbox of ASCII characters",
        citation: "RFC 5280 section 4.2.1.6: rfc822Name is local-part@domain; RFC 5321 section 4.1.2",
        why: "programs read what is no mailbox in different ways",
        fix: "write the address without a display name, its domain with A-labels",
        turns_clients_away: false,
        check: Check::Names(email),
    },
    Rule {
        id: "san.uri",
        severity: Severity::Warning,
        title: "a URI SAN is absolute, and its host is a host name or an address",
        citation: "RFC 5280 section 4.2.1.6; RFC 3986 sections 3 and 4.3",
        why: "programs read what is no URI in different ways",
        fix: "write scheme, host and path, other characters percent-encoded",
        turns_clients_away: false,
        check: Check::Names(uri),
    },
    Rule {
        id: "san.other_kind",
        severity: Severity::Warning,
        title: "SANs are DNS names, addresses, mailboxes and URIs only",
        citation: "RFC 9525 section 6.1.1: a client looks for DNS-ID, IP-ID, SRV-ID or URI-ID",
        why: "no TLS client looks at other forms, but other programs do, and trust them",
        fix: "leave the name out, or say what it is for",
        turns_clients_away: false,
        check: Check::Names(other_kind),
    },
    Rule {
        id: "san.public_kind",
        severity: Severity::Error,
        title: "SANs are DNS names and addresses only",
        citation: "CA/B BR 7.1.2.7.12",
        why: "a public CA has validated nothing else",
        fix: "leave out mailboxes, URIs and other forms",
        turns_clients_away: false,
        check: Check::Names(public_kind),
    },
];

fn addresses(case: &NamesCase<'_>, fault: &str, is_faulty: fn(IpAddr) -> bool) -> Outcome {
    Outcome::of(
        case.sans
            .iter()
            .filter_map(GeneralName::address)
            .filter(|address| is_faulty(*address))
            .map(|address| Evidence::new(format!("the IP SAN {address} {fault}"))),
    )
}

fn odd_address(case: &NamesCase<'_>) -> Outcome {
    addresses(case, "is loopback, unspecified, multicast or broadcast", |address| {
        address.is_loopback()
            || address.is_unspecified()
            || address.is_multicast()
            || matches!(address, IpAddr::V4(address) if address.is_broadcast())
    })
}

fn reserved_address(case: &NamesCase<'_>) -> Outcome {
    addresses(case, "is not globally reachable", |address| match address {
        IpAddr::V4(address) => is_reserved_v4(address),
        IpAddr::V6(address) => is_reserved_v6(address),
    })
}

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// What the IANA IPv4 special-purpose address registry calls not globally reachable, multicast, and
/// class E.
const RESERVED_V4: [Ipv4Net; 14] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

fn is_reserved_v4(address: Ipv4Addr) -> bool {
    RESERVED_V4.iter().any(|network| network.contains(&address))
}

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 3);

/// Within it: benchmarking, and documentation twice.
const RESERVED_V6: [Ipv6Net; 3] = [v6(0x2001, 2, 32), v6(0x2001, 0x0db8, 32), v6(0x3fff, 0, 20)];

fn is_reserved_v6(address: Ipv6Addr) -> bool {
    !GLOBAL_UNICAST.contains(&address) || RESERVED_V6.iter().any(|network| network.contains(&address))
}

fn email(case: &NamesCase<'_>) -> Outcome {
    Outcome::of(case.sans.iter().filter_map(|san| {
        let GeneralName::Email(mailbox) = san else { return None };
        let fault = San::parse(&format!("email:{}", mailbox.raw())).err()?;
        Some(Evidence::new(format!("the email SAN {mailbox}: {fault}")))
    }))
}

fn uri(case: &NamesCase<'_>) -> Outcome {
    Outcome::of(case.sans.iter().filter_map(|san| {
        let GeneralName::Uri(uri) = san else { return None };
        let fault = uri_fault(uri.raw())?;
        Some(Evidence::new(format!("the URI SAN {uri}: {fault}")))
    }))
}

/// A URI with an authority is read as we read our own; one without (`urn:uuid:…`) needs a scheme
/// and something behind it.
fn uri_fault(uri: &str) -> Option<String> {
    if uri.contains("://") {
        return San::parse(&format!("URI:{uri}")).err().map(|error| error.to_string());
    }
    let whole = uri.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    let printable = uri.bytes().all(|b| b.is_ascii_graphic());
    (!(whole && printable)).then(|| "it is not absolute, or has characters no URI has".to_owned())
}

fn other_kind(case: &NamesCase<'_>) -> Outcome {
    forms(case, |san| matches!(san, GeneralName::Directory(_) | GeneralName::Other(_)))
}

fn public_kind(case: &NamesCase<'_>) -> Outcome {
    forms(case, |san| matches!(san, GeneralName::Email(_) | GeneralName::Uri(_)))
}

fn forms(case: &NamesCase<'_>, is_faulty: fn(&GeneralName) -> bool) -> Outcome {
    Outcome::of(
        case.sans
            .iter()
            .filter(|san| is_faulty(san))
            .map(|san| Evidence::new(format!("a SAN of the form {}: {san}", san.kind()))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::Untrusted;

    #[test]
    fn the_special_ranges_are_those_of_the_registries() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "255.255.255.255"),
        ] {
            let [first, last]: [Ipv4Addr; 2] = [first, last].map(|text| text.parse().unwrap());
            assert!(is_reserved_v4(first) && is_reserved_v4(last), "{first}");
            for outside in
                [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)].into_iter().flatten()
            {
                let outside = Ipv4Addr::from_bits(outside);
                // 223.255.255.255 is beside multicast, 1.0.0.0 beside this network.
                assert!(!is_reserved_v4(outside), "{outside}");
            }
        }
        for (first, last) in [
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:2::", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            let [first, last]: [Ipv6Addr; 2] = [first, last].map(|text| text.parse().unwrap());
            assert!(is_reserved_v6(first) && is_reserved_v6(last), "{first}");
            for outside in
                [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)].into_iter().flatten()
            {
                let outside = Ipv6Addr::from_bits(outside);
                assert!(!is_reserved_v6(outside), "{outside}");
            }
        }
    }

    fn judged(check: fn(&NamesCase<'_>) -> Outcome, san: GeneralName) -> bool {
        let subject = crate::name::DistinguishedName::from_der(&[0x30, 0]).unwrap();
        matches!(check(&NamesCase { subject: &subject, sans: &[san] }), Outcome::Fail(_))
    }

    #[test]
    fn an_address_of_no_server_is_odd() {
        for (address, odd) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("0.0.0.0", true),
            ("::", true),
            ("224.0.0.1", true),
            ("ff02::1", true),
            ("255.255.255.255", true),
            ("10.0.0.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(judged(odd_address, GeneralName::Ip(address.parse().unwrap())), odd, "{address}");
        }
    }

    #[test]
    fn a_uri_without_authority_has_a_scheme_and_something_behind_it() {
        for (text, faulty) in [
            ("urn:uuid:1", false),
            ("tag+x-y.z1:a", false),
            ("https://kms.example/", false),
            ("https://", true),
            ("urn:", true),
            (":a", true),
            ("1urn:a", true),
            ("u_rn:a", true),
            ("urn", true),
            ("urn:a b", true),
            ("", true),
        ] {
            assert_eq!(judged(uri, GeneralName::Uri(Untrusted::new(text))), faulty, "{text}");
        }
    }
}
