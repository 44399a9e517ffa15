//! The short way for what nearly every program writes: one block exactly as
//! [RFC 7468 §3](https://www.rfc-editor.org/rfc/rfc7468#section-3) has it, and nothing else.

use super::content::{self, Shape};
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

/// Strict base64 between line ends.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.padding = Some('=');
    specification.ignore.push_str("\r\n");
    specification.encoding().ok()
});

/// The DER of a request, or `None` for whatever needs a closer look.
pub(super) fn request(input: &[u8]) -> Option<Vec<u8>> {
    let rest = input.strip_prefix(b"-----BEGIN ")?;
    let rest = rest.strip_prefix(b"NEW ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"CERTIFICATE REQUEST-----")?;
    let rest = rest.trim_ascii_end().strip_suffix(b"CERTIFICATE REQUEST-----")?;
    let rest = rest.strip_suffix(b"NEW ").unwrap_or(rest);
    let body = rest.strip_suffix(b"-----END ")?;
    let same_label = input.starts_with(b"-----BEGIN NEW ") == rest_has_new(input);
    let der = (*BASE64).as_ref()?.decode(body).ok()?;
    let whole = content::length(&der).is_none_or(|length| length <= der.len());
    let request = matches!(Shape::of(&der), Shape::Request | Shape::Unknown);
    (same_label && whole && request).then_some(der)
}

fn rest_has_new(input: &[u8]) -> bool {
    input.trim_ascii_end().ends_with(b"-----END NEW CERTIFICATE REQUEST-----")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pem::{self, Block, encode};

    #[test]
    fn the_short_way_ends_where_the_long_one_does() {
        let der = [&[0x30, 0x82, 1, 0, 0x30, 0x82, 0, 0xfc, 2, 1, 0, 0x30, 0][..], &[5; 247]].concat();
        for label in ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"] {
            let pem = encode(label, &der);
            for pem in [pem.clone(), pem.replace('\n', "\r\n"), format!("{pem}\n\n")] {
                assert_eq!(request(pem.as_bytes()), Some(der.clone()));
            }
            // The same with something the short way does not know: the long way gives the same.
            let quoted: String = pem.lines().map(|line| format!("> {line}\n")).collect();
            assert_eq!(request(quoted.as_bytes()), None);
            assert_eq!(pem::blocks(quoted.as_bytes()), Ok(vec![Block::Request(der.clone())]));
        }
        let pem = encode("CERTIFICATE REQUEST", &der);
        for odd in [
            pem.replace("BEGIN CERT", "BEGIN NEW CERT"),
            pem.replace("END CERT", "END NEW CERT"),
            pem.replace("REQUEST-----\nM", "REQUEST-----\nProc-Type: 4,ENCRYPTED\n\nM"),
            pem.replacen("MIIB", "MIIC", 1),
            format!("x{pem}"),
            format!("{pem}x"),
            pem.repeat(2),
        ] {
            assert_eq!(request(odd.as_bytes()), None, "{odd}");
        }
    }
}
