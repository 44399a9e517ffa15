//! URIs as certificates hold them: absolute, ASCII, with a host
//! ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6),
//! [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986)).

use super::{DnsName, DnsNameError};
use common::Untrusted;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Checks a URI and writes scheme and host in lower case
/// ([RFC 3986 §6.2.2.1](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.1)).
pub(super) fn normalise(text: &str) -> Result<String, UriError> {
    refuse_characters(text)?;
    let shown = || Untrusted::new(text);
    let parts = Parts::of(text).ok_or_else(|| UriError::Scheme(shown()))?;
    let Parts { scheme, user, host, port, path } = parts;
    if !is_scheme(scheme) {
        return Err(UriError::Scheme(shown()));
    }
    if !port.is_empty() && port.get(1..).and_then(|digits| digits.parse::<u16>().ok()).is_none() {
        return Err(UriError::Port(shown()));
    }
    let host = normalise_host(host)?.ok_or_else(|| UriError::NoHost(shown()))?;
    Ok(format!("{}://{user}{host}{port}{path}", scheme.to_ascii_lowercase()))
}

/// The host in the authority of a URI ([RFC 3986 §3.2](https://www.rfc-editor.org/rfc/rfc3986#section-3.2)),
/// as found: perhaps empty, an IPv6 address in its brackets; `None` without `://`.
pub(crate) fn host(text: &str) -> Option<&str> {
    Parts::of(text).map(|parts| parts.host)
}

/// A URI with an authority, taken apart: what stands between is in none of them but the `@` of the user
/// and the colon of the port.
struct Parts<'a> {
    scheme: &'a str,
    user: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, host_and_port) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let end = host_and_port.rfind(']').unwrap_or(0);
        let after = host_and_port.get(end..).and_then(|rest| rest.find(':'));
        let (host, port) = host_and_port.split_at(after.map_or(host_and_port.len(), |colon| end + colon));
        Some(Self { scheme, user, host, port, path })
    }
}

fn normalise_host(host: &str) -> Result<Option<String>, DnsNameError> {
    if host.is_empty() {
        return Ok(None);
    }
    let v6 = host.strip_prefix('[').and_then(|t| t.strip_suffix(']')).map(str::parse::<Ipv6Addr>);
    match (v6, host.parse::<Ipv4Addr>()) {
        (Some(Ok(address)), _) => Ok(Some(format!("[{address}]"))),
        (_, Ok(address)) => Ok(Some(address.to_string())),
        (_, Err(_)) => DnsName::parse(host).map(|name| Some(name.to_string())),
    }
}

/// `urn`, `https`: [RFC 3986 §3.1](https://www.rfc-editor.org/rfc/rfc3986#section-3.1).
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// The characters of [RFC 3986 §2](https://www.rfc-editor.org/rfc/rfc3986#section-2), `%` only
/// before two hex digits.
fn refuse_characters(text: &str) -> Result<(), UriError> {
    let mut rest = text.chars().enumerate();
    while let Some((index, c)) = rest.next() {
        let fits = match c {
            '%' => {
                [rest.next(), rest.next()].iter().all(|hex| hex.is_some_and(|(_, c)| c.is_ascii_hexdigit()))
            }
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => false,
            c => c.is_ascii_graphic(),
        };
        if !fits {
            let (position, character) = (index + 1, Untrusted::new(c));
            return Err(UriError::Character { uri: Untrusted::new(text), position, character });
        }
    }
    Ok(())
}

/// Why a text is not a URI a certificate may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// No `scheme://` in front.
    #[error("{0} is not a URI of the form scheme://host/path")]
    Scheme(Untrusted),
    /// Nothing between `//` and the path.
    #[error("the URI {0} names no host")]
    NoHost(Untrusted),
    /// Its host.
    #[error("the host of the URI is not usable")]
    Host(#[from] DnsNameError),
    /// Its port is not a number up to 65535.
    #[error("the port of the URI {0} is not a number up to 65535")]
    Port(Untrusted),
    /// A character no URI has, or a `%` without two hex digits.
    #[error("the URI {uri} holds \"{character}\" at position {position}, which must be percent-encoded")]
    Character {
        /// As typed.
        uri: Untrusted,
        /// 1-based, in characters.
        position: usize,
        /// The character.
        character: Untrusted,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_host_become_lower_case_and_nothing_else_changes() {
        for (typed, expected) in [
            ("HTTPS://KMS.Example:8443/Path?Q#F", "https://kms.example:8443/Path?Q#F"),
            ("spiffe://trust.example/ns/KMS", "spiffe://trust.example/ns/KMS"),
            ("https://[2001:DB8::1]:443", "https://[2001:db8::1]:443"),
            ("https://[2001:DB8::]:443/a:b", "https://[2001:db8::]:443/a:b"),
            ("https://[2001:DB8::]", "https://[2001:db8::]"),
            ("ldap://u%40x@192.0.2.1/", "ldap://u%40x@192.0.2.1/"),
        ] {
            assert_eq!(normalise(typed).unwrap(), expected);
        }
    }

    #[test]
    fn the_host_is_found_without_user_and_port() {
        for (uri, found) in [
            ("https://u@KMS.example:8443/path?q#f", Some("KMS.example")),
            ("ldap://a@b@c.example", Some("c.example")),
            ("https://[2001:db8::1]:443/", Some("[2001:db8::1]")),
            ("https://kms.example?a:b@c", Some("kms.example")),
            ("https://kms.example:x:80/", Some("kms.example")),
            ("https:///path", Some("")),
            ("urn:uuid:1", None),
            ("kms.example", None),
        ] {
            assert_eq!(host(uri), found, "{uri}");
        }
    }

    #[test]
    fn refuses_what_names_no_host_or_holds_what_no_uri_holds() {
        for (typed, start) in [
            ("https:///path", "the URI https:///path names no host"),
            ("urn:uuid:1", "urn:uuid:1 is not a URI of the form"),
            ("1a://x", "1a://x is not a URI of the form"),
            ("https://a_b/", "the host of the URI is not usable"),
            ("https://x:70000/", "the port of the URI"),
            ("https://[::1/", "the port of the URI"),
            ("https://[::z]/", "the host of the URI"),
            ("https://x/a b", "the URI https://x/a b holds \" \" at position 12"),
            ("https://x/%4", "the URI https://x/%4 holds \"%\" at position 11"),
            ("https://x/ä", "the URI https://x/ä holds \"ä\" at position 11"),
            ("https://x/\u{1b}", "the URI https://x/\\u{1b} holds \"\\u{1b}\" at position 11"),
        ] {
            let message = normalise(typed).unwrap_err().to_string();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
