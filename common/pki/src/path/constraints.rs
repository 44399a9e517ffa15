//! Name constraints ([RFC 5280 §4.2.1.10](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10)):
//! which names a CA's constraints cover. No judgement of certificates here.

use crate::certificate::Certificate;
use crate::extensions::NameConstraints;
use crate::name::{AttributeType, GeneralName, common_name, uri};
use common::Untrusted;
use ipnet::IpNet;
use std::net::IpAddr;

/// What a set of constraints says about one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Within what is permitted, outside what is excluded.
    Allowed,
    /// Constraints of this form permit other names only.
    NotPermitted,
    /// An excluded subtree holds it.
    Excluded,
    /// Names of this form are constrained in a way nobody defined, or the name cannot be read.
    Unprocessable,
}

/// Names a certificate claims, as constraints see them: the SANs, the subject, the e-mail addresses in
/// the subject, and where no SAN is a DNS name the CNs that look like one. The standard asks for the
/// addresses only where there is no SAN and for CNs never, but old clients read both.
pub(crate) fn names(certificate: &Certificate) -> Vec<GeneralName> {
    let subject = certificate.subject();
    let mut names = certificate.extensions().names().to_vec();
    if !names.iter().any(|san| matches!(san, GeneralName::Dns(_))) {
        let hosts =
            subject.common_names().into_iter().filter(|name| common_name::is_host_or_wildcard(name.raw()));
        names.extend(hosts.cloned().map(GeneralName::Dns));
    }
    let attributes = subject.rdns().iter().flatten();
    let mailboxes = attributes.filter(|attribute| attribute.kind() == Some(AttributeType::EmailAddress));
    names.extend(mailboxes.map(|attribute| GeneralName::Email(attribute.value.clone())));
    if !subject.is_empty() {
        names.push(GeneralName::Directory(subject.clone()));
    }
    names
}

impl NameConstraints {
    /// Judges one name.
    pub(crate) fn judge(&self, name: &GeneralName) -> Verdict {
        let permitted: Vec<_> =
            self.permitted.iter().flatten().filter(|base| same_form(base, name)).collect();
        let mut excluded = self.excluded.iter().flatten().filter(|base| same_form(base, name)).peekable();
        if permitted.is_empty() && excluded.peek().is_none() {
            return Verdict::Allowed;
        }
        if is_unprocessable(name) {
            return Verdict::Unprocessable;
        }
        if excluded.any(|base| touches(base, name)) {
            return Verdict::Excluded;
        }
        let allowed = permitted.is_empty() || permitted.iter().any(|base| holds(base, name));
        if allowed { Verdict::Allowed } else { Verdict::NotPermitted }
    }

    /// How many subtrees there are.
    pub(crate) fn len(&self) -> usize {
        self.permitted.iter().chain(&self.excluded).map(Vec::len).sum()
    }

    /// Whether there are none, which no CA may issue.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why a subtree is none: a DNS name with a wildcard or a leading dot, an address without a
/// contiguous mask, a mailbox that is none.
pub(crate) fn subtree_fault(base: &GeneralName) -> Option<&'static str> {
    match base {
        GeneralName::Dns(name) if name.raw().contains('*') => Some("a DNS subtree has no wildcard"),
        GeneralName::Dns(name) if name.raw().starts_with('.') => Some("a DNS subtree has no leading dot"),
        GeneralName::Ip(_) => Some("an IP subtree is an address and a mask"),
        GeneralName::MalformedIp(octets) => match octets.len() {
            8 | 32 => network(octets).is_none().then_some("the mask of an IP subtree is contiguous"),
            _ => Some("an IP subtree has 8 or 32 octets"),
        },
        GeneralName::Email(text) => {
            let parts: Vec<_> = text.raw().split('@').collect();
            let sound = parts.len() <= 2 && (parts.len() == 1 || parts.iter().all(|part| !part.is_empty()));
            (!sound).then_some("an e-mail subtree is a mailbox, a host or a domain with a leading dot")
        }
        GeneralName::Dns(_) | GeneralName::Uri(_) | GeneralName::Directory(_) | GeneralName::Other(_) => None,
    }
}

/// The network of an IP subtree: an address and a contiguous mask.
fn network(subtree: &[u8]) -> Option<IpNet> {
    let (address, mask) = subtree.split_at(subtree.len() / 2);
    IpNet::with_netmask(address_of(address)?, address_of(mask)?).ok()
}

fn address_of(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

fn same_form(base: &GeneralName, name: &GeneralName) -> bool {
    match (base, name) {
        (GeneralName::Other(one), GeneralName::Other(other)) => one == other,
        (one, other) => one.kind() == other.kind(),
    }
}

fn is_unprocessable(name: &GeneralName) -> bool {
    match name {
        GeneralName::Other(_) | GeneralName::MalformedIp(_) => true,
        GeneralName::Email(text) => mailbox(text).is_none(),
        GeneralName::Uri(text) => uri_host(text).is_none(),
        GeneralName::Dns(_) | GeneralName::Ip(_) | GeneralName::Directory(_) => false,
    }
}

/// Whether an excluded subtree holds the name, or for a wildcard any name it stands for. A network
/// nobody can read excludes every address.
fn touches(base: &GeneralName, name: &GeneralName) -> bool {
    let in_part = match (base, name) {
        (GeneralName::MalformedIp(base), GeneralName::Ip(_)) => network(base).is_none(),
        (GeneralName::Dns(base), GeneralName::Dns(name)) => {
            let (base, name) = (base.raw().to_ascii_lowercase(), name.raw().to_ascii_lowercase());
            let parent = base.split_once('.').map(|(_, parent)| parent);
            name.strip_prefix("*.").is_some_and(|domain| parent == Some(domain))
        }
        _ => false,
    };
    in_part || holds(base, name)
}

/// Whether a subtree holds the whole name.
fn holds(base: &GeneralName, name: &GeneralName) -> bool {
    match (base, name) {
        (GeneralName::Dns(base), GeneralName::Dns(name)) => {
            let name = name.raw().strip_prefix("*.").unwrap_or(name.raw());
            is_below(name, base.raw().trim_start_matches('.'))
        }
        (GeneralName::Email(base), GeneralName::Email(name)) => holds_mailbox(base.raw(), name),
        (GeneralName::Uri(base), GeneralName::Uri(name)) => {
            uri_host(name).is_some_and(|host| holds_host(base.raw(), host))
        }
        (GeneralName::MalformedIp(base), GeneralName::Ip(address)) => {
            network(base).is_some_and(|network| network.contains(address))
        }
        (GeneralName::Directory(base), GeneralName::Directory(name)) => name.is_within(base),
        _ => false,
    }
}

/// A DNS name at or below a domain; the empty domain holds every name.
fn is_below(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());
    domain.is_empty() || name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
}

/// `user@host` holds that mailbox, `host` all at that host, `.domain` all at hosts below the domain.
fn holds_mailbox(base: &str, name: &Untrusted) -> bool {
    let Some((local, host)) = mailbox(name) else { return false };
    match base.split_once('@') {
        Some((wanted, at)) => local == wanted && host.eq_ignore_ascii_case(at),
        None => base.is_empty() || holds_host(base, host),
    }
}

/// `host` holds itself, `.domain` every host below it.
fn holds_host(base: &str, host: &str) -> bool {
    match base.strip_prefix('.') {
        Some(domain) => is_below(host, domain) && !host.eq_ignore_ascii_case(domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// Local part and host of a mailbox with exactly one `@`; quoted local parts are not taken apart.
fn mailbox(text: &Untrusted) -> Option<(&str, &str)> {
    let (local, host) = text.raw().split_once('@')?;
    (!local.is_empty() && !host.is_empty() && !host.contains('@')).then_some((local, host))
}

/// The host name in a URI: without one, or with an address, the constraint cannot be met.
fn uri_host(text: &Untrusted) -> Option<&str> {
    let is_name = |host: &&str| !host.is_empty() && !host.starts_with('[') && host.parse::<IpAddr>().is_err();
    uri::host(text.raw()).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::DistinguishedName;
    use crate::tests::fixtures::{Ca, ca_params, p256, server_params};
    use rcgen::{DnType, SanType};

    fn text(kind: &str, value: &str) -> GeneralName {
        let value = Untrusted::new(value);
        match kind {
            "DNS" => GeneralName::Dns(value),
            "email" => GeneralName::Email(value),
            _ => GeneralName::Uri(value),
        }
    }

    fn permits(base: GeneralName, name: &GeneralName) -> Verdict {
        NameConstraints { permitted: Some(vec![base]), excluded: None }.judge(name)
    }

    fn excludes(base: GeneralName, name: &GeneralName) -> Verdict {
        NameConstraints { permitted: None, excluded: Some(vec![base]) }.judge(name)
    }

    #[test]
    fn subtrees_hold_what_the_standard_says() {
        for (kind, base, name, holds) in [
            ("DNS", "example.com", "example.com", true),
            ("DNS", "example.com", "A.EXAMPLE.com", true),
            ("DNS", "example.com", "notexample.com", false),
            ("DNS", "example.com", "com", false),
            ("DNS", "", "anything", true),
            ("DNS", "example.com", "*.example.com", true),
            ("DNS", "a.example.com", "*.example.com", false),
            ("email", "example.com", "u@example.com", true),
            ("email", "example.com", "u@EXAMPLE.com", true),
            ("email", "example.com", "u@a.example.com", false),
            ("email", ".example.com", "u@a.example.com", true),
            ("email", ".example.com", "u@example.com", false),
            ("email", "u@example.com", "u@Example.com", true),
            ("email", "u@example.com", "U@example.com", false),
            ("email", "*@example.com", "u@example.com", false),
            ("email", "*@example.com", "*@example.com", true),
            ("URI", "example.com", "https://u@example.com:8443/path?q#f", true),
            ("URI", "example.com", "https://a.example.com", false),
            ("URI", ".example.com", "ldap://a.b.example.com/dc=x", true),
            ("URI", ".example.com", "ldap://example.com", false),
        ] {
            let (base, name) = (text(kind, base), text(kind, name));
            let verdicts = if holds {
                (Verdict::Allowed, Verdict::Excluded)
            } else {
                (Verdict::NotPermitted, Verdict::Allowed)
            };
            assert_eq!(permits(base.clone(), &name), verdicts.0, "{base} permits {name}");
            if !name.to_string().starts_with("*.") {
                assert_eq!(excludes(base.clone(), &name), verdicts.1, "{base} excludes {name}");
            }
        }
    }

    #[test]
    fn a_wildcard_is_excluded_when_any_name_it_stands_for_is() {
        for (base, excluded) in [
            ("bar.example.com", true),
            ("example.com", true),
            ("com", true),
            ("a.bar.example.com", false),
            ("bar.example.org", false),
        ] {
            let verdict = excludes(text("DNS", base), &text("DNS", "*.example.com"));
            assert_eq!(verdict == Verdict::Excluded, excluded, "{base}");
        }
    }

    #[test]
    fn addresses_are_compared_under_their_mask() {
        let base = |octets: &[u8]| GeneralName::MalformedIp(octets.to_vec());
        let v4 = |octets: [u8; 4]| GeneralName::Ip(octets.into());
        let net = base(&[192, 0, 2, 0, 255, 255, 255, 0]);
        assert_eq!(permits(net.clone(), &v4([192, 0, 2, 7])), Verdict::Allowed);
        assert_eq!(permits(net.clone(), &v4([192, 0, 3, 7])), Verdict::NotPermitted);
        assert_eq!(permits(net, &GeneralName::Ip("::1".parse().unwrap())), Verdict::NotPermitted);
        let mut v6 = [0; 32];
        v6[15] = 1;
        v6[16..].fill(255);
        assert_eq!(permits(base(&v6), &GeneralName::Ip("::1".parse().unwrap())), Verdict::Allowed);
        let with_a_hole = base(&[192, 0, 2, 0, 255, 0, 255, 0]);
        assert_eq!(permits(with_a_hole.clone(), &v4([192, 0, 2, 7])), Verdict::NotPermitted);
        assert_eq!(excludes(with_a_hole, &v4([10, 0, 0, 1])), Verdict::Excluded);
        assert_eq!(permits(base(&[1; 8]), &GeneralName::MalformedIp(vec![1; 5])), Verdict::Unprocessable);
    }

    #[test]
    fn a_form_without_constraint_is_free_and_one_nobody_defined_is_not() {
        let dns = text("DNS", "example.com");
        assert_eq!(permits(dns.clone(), &text("email", "u@example.org")), Verdict::Allowed);
        assert_eq!(excludes(GeneralName::Other(0), &GeneralName::Other(0)), Verdict::Unprocessable);
        assert_eq!(excludes(GeneralName::Other(0), &GeneralName::Other(8)), Verdict::Allowed);
        assert_eq!(excludes(text("email", "x.org"), &text("email", "a@b@c")), Verdict::Unprocessable);
        assert_eq!(permits(text("URI", "x.org"), &text("URI", "urn:x")), Verdict::Unprocessable);
        assert_eq!(permits(text("URI", "x.org"), &text("URI", "https://10.0.0.1/")), Verdict::Unprocessable);
        let empty = DistinguishedName::from_der(&[0x30, 0]).unwrap();
        assert_eq!(excludes(GeneralName::Directory(empty.clone()), &dns), Verdict::Allowed);
        let all = excludes(GeneralName::Directory(empty.clone()), &GeneralName::Directory(empty));
        assert_eq!(all, Verdict::Excluded);
    }

    #[test]
    fn a_subtree_that_is_none_is_told() {
        const NO_MAILBOX: &str = "an e-mail subtree is a mailbox, a host or a domain with a leading dot";
        for (base, told) in [
            (text("DNS", "example.com"), ""),
            (text("DNS", "*.example.com"), "a DNS subtree has no wildcard"),
            (text("DNS", ".example.com"), "a DNS subtree has no leading dot"),
            (text("email", "u@example.com"), ""),
            (text("email", ".example.com"), ""),
            (text("email", "u@v@example.com"), NO_MAILBOX),
            (text("email", "@example.com"), NO_MAILBOX),
            (text("URI", ".example.com"), ""),
            (GeneralName::Ip([127, 0, 0, 1].into()), "an IP subtree is an address and a mask"),
            (GeneralName::MalformedIp(vec![10, 0, 0, 0, 255, 0, 0, 0]), ""),
            (
                GeneralName::MalformedIp(vec![10, 0, 0, 0, 255, 0, 255, 0]),
                "the mask of an IP subtree is contiguous",
            ),
            (GeneralName::MalformedIp(vec![10, 0, 0]), "an IP subtree has 8 or 32 octets"),
        ] {
            assert_eq!(subtree_fault(&base).unwrap_or_default(), told, "{base}");
        }
    }

    #[test]
    fn a_certificate_claims_its_sans_its_subject_and_what_old_clients_read_there() {
        let claimed = |change: fn(&mut rcgen::CertificateParams)| {
            let mut params = server_params("a.example");
            change(&mut params);
            let certificate = Ca::root(ca_params("Root"), p256()).issue(&params, &p256());
            names(&certificate).iter().map(GeneralName::tagged).collect::<Vec<_>>()
        };
        assert_eq!(claimed(|_| ()), ["DNS:a.example", "directory:CN=a.example"]);
        let address = SanType::IpAddress([192, 0, 2, 1].into());
        for (cn, host) in [
            ("b.example", true),
            ("*.b.example", true),
            ("*.b", false),
            ("b", false),
            ("b.example.", false),
            ("a person", false),
            ("Dr. Who", false),
        ] {
            let mut params = server_params(cn);
            params.subject_alt_names = vec![address.clone()];
            let certificate = Ca::root(ca_params("Root"), p256()).issue(&params, &p256());
            let found = names(&certificate).iter().any(|name| name.kind() == "DNS");
            assert_eq!(found, host, "{cn}");
        }
        let with_mailbox = claimed(|params| {
            let email = DnType::CustomDnType(vec![1, 2, 840, 113549, 1, 9, 1]);
            params.distinguished_name.push(email, "ops@example.com");
        });
        assert!(with_mailbox.contains(&"email:ops@example.com".to_owned()), "{with_mailbox:?}");
        assert_eq!(
            claimed(|params| params.distinguished_name = rcgen::DistinguishedName::new()),
            ["DNS:a.example"]
        );
    }
}
