//! What a CN says about hosts.
//!
//! A CN is text for people: no TLS client of today reads a host name out of it
//! ([RFC 9525 §2](https://www.rfc-editor.org/rfc/rfc9525#section-2)). People, old clients and CAs do, each in
//! its own way, so "is this CN a host name" is four questions:
//!
//! | question | asked by | `kms` | `kms.example` | `*.example` | `a_b.example` | `v1.0` |
//! |---|---|---|---|---|---|---|
//! | [`host`]: which host does it name? | what is requested, `csr.cn_not_in_san` | | yes | | | |
//! | [`is_host_or_wildcard`]: could a client find a host in it? | name constraints | | yes | yes | | |
//! | [`is_meant_as_host`]: did somebody mean to write one? | `csr.cn_faulty` | | yes | | yes | |
//! | [`could_pass_for_host`]: must it keep to a list of hosts? | `policy.name` | | yes | yes | yes | yes |
//!
//! Where a request has no other name, a CN of one label is its primary name too:
//! [`Csr::primary_name`](crate::Csr::primary_name), [`RequestSpec::distinguished`](crate::RequestSpec::distinguished).

use super::DnsName;
use std::net::IpAddr;

/// The host it names, when that is one of two labels or more: a single word may be just a word.
pub(crate) fn host(cn: &str) -> Option<DnsName> {
    DnsName::parse(cn).ok().filter(|host| !host.is_single_label())
}

/// Whether it is a host name, or a wildcard over a domain, as a client that looks at CNs reads them.
pub(crate) fn is_host_or_wildcard(cn: &str) -> bool {
    let name = cn.strip_prefix("*.").unwrap_or(cn);
    name.contains('.') && !name.ends_with('.') && DnsName::parse(name).is_ok()
}

/// Whether it looks as host names do: labels with dots between them, the last one of letters
/// (`kms_1.example.com`, not `KMS-2.0`). A wildcard is `san.wildcard`.
pub(crate) fn is_meant_as_host(cn: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    cn.chars().all(plain)
        && cn
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Whether anybody could take it for a host name: who denies names must not be slipped one.
pub(crate) fn could_pass_for_host(cn: &str) -> bool {
    cn.contains('.') && !cn.contains(' ') && cn.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_has_its_own_answer() {
        for (cn, names_one, for_clients, meant, could_pass) in [
            ("kms.example", true, true, true, true),
            ("KMS.Example", true, true, true, true),
            ("k\u{e4}se.example", true, true, false, true),
            ("kms", false, false, false, false),
            ("kms.example.", true, false, false, true),
            ("*.example", false, false, false, true),
            ("*.kms.example", false, true, false, true),
            ("a_b.example", false, false, true, true),
            ("v1.0", false, false, false, true),
            ("Example Server v1.0", false, false, false, false),
            ("192.0.2.1", false, false, false, false),
        ] {
            assert_eq!(host(cn).is_some(), names_one, "{cn} names a host");
            assert_eq!(is_host_or_wildcard(cn), for_clients, "{cn} is one for clients");
            assert_eq!(is_meant_as_host(cn), meant, "{cn} was meant as one");
            assert_eq!(could_pass_for_host(cn), could_pass, "{cn} could pass for one");
        }
    }
}
