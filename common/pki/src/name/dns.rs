//! Host names ([RFC 1123 §2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1)), international
//! ones as A-labels ([RFC 5890 §2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)).

use super::grammar::is_visible;
use common::Untrusted;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::fmt;
use std::net::IpAddr;

/// A host name: lower case LDH labels of 1..=63 octets, at most 253 in all, no trailing dot, no
/// underscore, no wildcard, never an IP address or something a URL parser would take for one.
/// A single label is one too: private CAs do issue for `kms`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName {
    ascii: String,
}

impl DnsName {
    /// Octets in a label, and in a name without its trailing dot
    /// ([RFC 1035 §2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
    const MAX_LABEL: usize = 63;
    const MAX: usize = 253;

    /// Reads a host name as people type it: any case, U-labels (mapped per
    /// [UTS 46](https://www.unicode.org/reports/tr46/), non-transitional, STD3 rules), spaces
    /// around it, one trailing dot (dropped).
    /// # Errors
    /// See [`DnsNameError`].
    pub fn parse(text: &str) -> Result<Self, DnsNameError> {
        let text = text.trim_matches(' ');
        refuse_other_things(text)?;
        refuse_characters(text)?;
        let typed = text.strip_suffix('.').unwrap_or(text);
        let ascii = Uts46::new()
            .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Ignore)
            .map_err(|_| international_fault(typed))?;
        // UTS 46 maps the ideographic full stop to a dot: it may be the trailing one.
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        judge_labels(ascii)?;
        let name = Self { ascii: ascii.to_owned() };
        // Mapping makes a slash of its own of "¾", and an A-label may stand for anything.
        name.unicode().map_or(Ok(()), |unicode| refuse_characters(&unicode))?;
        Ok(name)
    }

    /// The name as A-labels, lower case.
    pub fn as_str(&self) -> &str {
        &self.ascii
    }

    /// The name as U-labels, when it has an A-label.
    pub fn unicode(&self) -> Option<String> {
        let (unicode, outcome) =
            Uts46::new().to_unicode(self.ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
        (outcome.is_ok() && *unicode != *self.ascii).then(|| unicode.into_owned())
    }

    /// Whether it is one label without a dot, which no public CA certifies.
    pub fn is_single_label(&self) -> bool {
        !self.ascii.contains('.')
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

/// What people type where a host name belongs, told by name.
fn refuse_other_things(text: &str) -> Result<(), DnsNameError> {
    let name = || Untrusted::new(text);
    if text.is_empty() {
        return Err(DnsNameError::Empty);
    }
    if text.contains("://") {
        return Err(DnsNameError::Url(name()));
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Err(DnsNameError::IpAddress(name()));
    }
    if text.contains('*') {
        return Err(DnsNameError::Wildcard(name()));
    }
    let port = text.rsplit_once(':').map(|(_, port)| port);
    if port.is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())) {
        return Err(DnsNameError::Port(name()));
    }
    Ok(())
}

fn refuse_characters(text: &str) -> Result<(), DnsNameError> {
    for (index, c) in text.chars().enumerate() {
        let fits = match c {
            '-' | '.' => true,
            c if c.is_ascii() => c.is_ascii_alphanumeric(),
            c => is_visible(c),
        };
        if c == '_' {
            return Err(DnsNameError::Underscore { name: Untrusted::new(text), position: index + 1 });
        }
        if is_typographic(c) {
            return Err(DnsNameError::Typographic {
                name: Untrusted::new(text),
                position: index + 1,
                code: u32::from(c),
            });
        }
        if !fits {
            return Err(DnsNameError::Character {
                name: Untrusted::new(text),
                position: index + 1,
                character: Untrusted::new(c),
            });
        }
    }
    Ok(())
}

/// What word processors make of hyphens, quotes and dots. UTS 46 lets it pass; IDNA 2008
/// ([RFC 5892 §2](https://www.rfc-editor.org/rfc/rfc5892#section-2)) does not, and nobody sees the difference.
const fn is_typographic(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2212}')
}

/// Names the first label that UTS 46 refuses; only together can labels break its bidi rule.
fn international_fault(typed: &str) -> DnsNameError {
    let refused = |label: &&str| {
        Uts46::new()
            .to_ascii(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Ignore)
            .is_err()
    };
    let label = typed.split('.').find(refused).unwrap_or(typed);
    DnsNameError::International { name: Untrusted::new(typed), label: Untrusted::new(label) }
}

/// The rules of DNS itself, on the ASCII form.
fn judge_labels(ascii: &str) -> Result<(), DnsNameError> {
    let name = || Untrusted::new(ascii);
    for label in ascii.split('.') {
        let shown = || Untrusted::new(label);
        if label.is_empty() {
            return Err(DnsNameError::EmptyLabel(name()));
        }
        if label.len() > DnsName::MAX_LABEL {
            return Err(DnsNameError::LabelTooLong { label: shown(), octets: label.len() });
        }
        let reserved = label.get(2..4) == Some("--") && !label.starts_with("xn--");
        if label.starts_with('-') || label.ends_with('-') || reserved {
            return Err(DnsNameError::Hyphen { name: name(), label: shown() });
        }
    }
    if ascii.len() > DnsName::MAX {
        return Err(DnsNameError::TooLong(ascii.len()));
    }
    let last = ascii.rsplit('.').next().unwrap_or(ascii);
    let hex = last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if hex || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DnsNameError::NumericTop { name: name(), label: Untrusted::new(last) });
    }
    Ok(())
}

/// Why a text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsNameError {
    /// Nothing was given.
    #[error("the host name is empty")]
    Empty,
    /// It holds `*`.
    #[error("{0} is a catch-all name, which neither certificate may hold; name each host")]
    Wildcard(Untrusted),
    /// An address, which belongs among the SANs.
    #[error("{0} is an IP address, not a host name")]
    IpAddress(Untrusted),
    /// A URL.
    #[error("{0} is a URL; give the host name alone")]
    Url(Untrusted),
    /// A host name with a port.
    #[error("{0} ends in a port; give the host name alone")]
    Port(Untrusted),
    /// `_`: fit for service records, not for hosts.
    #[error("{name} holds an underscore at position {position}; host names have letters, digits and hyphens")]
    Underscore {
        /// As typed.
        name: Untrusted,
        /// 1-based, in characters.
        position: usize,
    },
    /// A character no host name has: a space, a control character, punctuation.
    #[error("{name} holds \"{character}\" at position {position}, which no host name has")]
    Character {
        /// As typed.
        name: Untrusted,
        /// 1-based, in characters.
        position: usize,
        /// The character.
        character: Untrusted,
    },
    /// A hyphen, quote or dot as word processors write them.
    #[error("{name} holds a typographic sign (U+{code:04X}) at position {position}; type the name by hand")]
    Typographic {
        /// As typed.
        name: Untrusted,
        /// 1-based, in characters.
        position: usize,
        /// Its code point.
        code: u32,
    },
    /// Two dots in a row, or a leading one.
    #[error("{0} has an empty label (two dots in a row, or a dot at the start)")]
    EmptyLabel(Untrusted),
    /// Over 63 octets.
    #[error("label {label} has {octets} octets, at most 63 are allowed")]
    LabelTooLong {
        /// As A-label.
        label: Untrusted,
        /// Its length.
        octets: usize,
    },
    /// Over 253 octets.
    #[error("the host name has {0} octets, at most 253 are allowed")]
    TooLong(usize),
    /// At the start or end of a label, or reserved at its third and fourth place
    /// ([RFC 5890 §2.3.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.1)).
    #[error("label {label} of {name} has a hyphen at its start or end, or two in third and fourth place")]
    Hyphen {
        /// The whole name.
        name: Untrusted,
        /// The label at fault.
        label: Untrusted,
    },
    /// The last label is a number: programs read such names as IPv4 addresses.
    #[error("{name} ends in the number {label}; it looks like a malformed IP address")]
    NumericTop {
        /// The whole name.
        name: Untrusted,
        /// The last label.
        label: Untrusted,
    },
    /// An A-label that does not decode, or a U-label that UTS 46 does not allow.
    #[error("label {label} of {name} is no valid international label (UTS 46)")]
    International {
        /// The whole name.
        name: Untrusted,
        /// The label at fault.
        label: Untrusted,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_names_as_people_type_them() {
        for (typed, expected) in [
            ("kms.example.com", "kms.example.com"),
            ("KMS.Example.COM", "kms.example.com"),
            ("kms.example.com.", "kms.example.com"),
            (" kms.example.com ", "kms.example.com"),
            ("kms", "kms"),
            ("1kms.3com.example", "1kms.3com.example"),
            ("käse.example", "xn--kse-qla.example"),
            ("XN--KSE-QLA.example", "xn--kse-qla.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("例え。テスト。", "xn--r8jz45g.xn--zckzah"),
            ("ｋｍｓ.example", "kms.example"),
        ] {
            assert_eq!(DnsName::parse(typed).unwrap().as_str(), expected, "{typed}");
        }
        let longest = format!("{}{}", format!("{}.", "a".repeat(63)).repeat(3), "b".repeat(61));
        assert_eq!(longest.len(), 253);
        assert_eq!(DnsName::parse(&format!("{longest}.")).unwrap().as_str(), longest);
    }

    #[test]
    fn refuses_what_is_no_host_name_and_says_what_it_is() {
        for (typed, message) in [
            ("", "the host name is empty"),
            ("  ", "the host name is empty"),
            (
                "*.example.com",
                "*.example.com is a catch-all name, which neither certificate may hold; name each host",
            ),
            ("192.0.2.1", "192.0.2.1 is an IP address, not a host name"),
            ("[2001:db8::1]", "[2001:db8::1] is an IP address, not a host name"),
            ("https://kms.example.com", "https://kms.example.com is a URL; give the host name alone"),
            ("kms.example.com:8443", "kms.example.com:8443 ends in a port; give the host name alone"),
            ("kms:", "kms: holds \":\" at position 4, which no host name has"),
            ("kms:x", "kms:x holds \":\" at position 4, which no host name has"),
            (
                "a_b.example",
                "a_b.example holds an underscore at position 2; host names have letters, digits and hyphens",
            ),
            ("a b.example", "a b.example holds \" \" at position 2, which no host name has"),
            ("a\u{1b}[2J", "a\\u{1b}[2J holds \"\\u{1b}\" at position 2, which no host name has"),
            (
                "kms\u{2011}ui.example",
                "kms\u{2011}ui.example holds a typographic sign (U+2011) at position 4; type the name by hand",
            ),
            ("a\u{202e}b", "a\\u{202e}b holds \"\\u{202e}\" at position 2, which no host name has"),
            ("a\u{200b}b", "a\\u{200b}b holds \"\\u{200b}\" at position 2, which no host name has"),
            ("kms..example", "kms..example has an empty label (two dots in a row, or a dot at the start)"),
            (".example", ".example has an empty label (two dots in a row, or a dot at the start)"),
            (".", " has an empty label (two dots in a row, or a dot at the start)"),
            (
                "-a.example",
                "label -a of -a.example has a hyphen at its start or end, or two in third and fourth place",
            ),
            (
                "a-.example",
                "label a- of a-.example has a hyphen at its start or end, or two in third and fourth place",
            ),
            (
                "ab--c.example",
                "label ab--c of ab--c.example has a hyphen at its start or end, or two in third and fourth place",
            ),
            ("kms.1", "kms.1 ends in the number 1; it looks like a malformed IP address"),
            ("10.0.0", "10.0.0 ends in the number 0; it looks like a malformed IP address"),
            ("1.2.3.0x4", "1.2.3.0x4 ends in the number 0x4; it looks like a malformed IP address"),
            ("xn--a.example", "label xn--a of xn--a.example is no valid international label (UTS 46)"),
            (
                "xn--abc-.example",
                "label xn--abc- of xn--abc-.example is no valid international label (UTS 46)",
            ),
            (
                "\u{301}a.example",
                "label \\u{301}a of \\u{301}a.example is no valid international label (UTS 46)",
            ),
        ] {
            assert_eq!(
                DnsName::parse(typed).map_err(|e| e.to_string()),
                Err(message.to_owned()),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn counts_octets_in_the_ascii_form() {
        let long = "a".repeat(64);
        let error = DnsName::parse(&format!("{long}.example")).unwrap_err();
        assert_eq!(error, DnsNameError::LabelTooLong { label: Untrusted::new(long), octets: 64 });
        assert_eq!(DnsName::parse(&vec!["a".repeat(63); 4].join(".")), Err(DnsNameError::TooLong(255)));
        let error = DnsName::parse(&"ü".repeat(60)).unwrap_err();
        assert!(matches!(error, DnsNameError::LabelTooLong { octets: 64.., .. }), "{error:?}");
    }

    #[test]
    fn shows_u_labels_only_where_there_are_some() {
        assert_eq!(DnsName::parse("XN--kse-qla.Example").unwrap().unicode().as_deref(), Some("käse.example"));
        assert_eq!(DnsName::parse("kms.example").unwrap().unicode(), None);
    }

    #[test]
    fn signs_that_only_mapping_brings_in_are_refused() {
        for name in ["¾.example", "xn--34-c6t.example"] {
            assert!(matches!(DnsName::parse(name), Err(DnsNameError::Typographic { .. })), "{name}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent_and_yields_ldh(text in "\\PC{0,40}|[a-zA-Z0-9äß.-]{1,60}") {
            if let Ok(name) = DnsName::parse(&text) {
                prop_assert_eq!(&DnsName::parse(name.as_str()).unwrap(), &name);
                prop_assert!(name.as_str().bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')));
                if let Some(unicode) = name.unicode() {
                    prop_assert_eq!(&DnsName::parse(&unicode).unwrap(), &name);
                }
            }
        }
    }
}
