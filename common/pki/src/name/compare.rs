//! When two distinguished names are the same ([RFC 5280 §7.1](https://www.rfc-editor.org/rfc/rfc5280#section-7.1)).

use super::{Attribute, DistinguishedName};
use common::Untrusted;

impl DistinguishedName {
    /// Whether both have the same RDNs in the same order. Text compares without case and without
    /// regard to the amount of white space or to the string type; what is no text, byte for byte.
    pub fn matches(&self, other: &Self) -> bool {
        self.rdns().len() == other.rdns().len() && self.is_within(other)
    }

    /// Whether `base` is this name or one above it: its RDNs are the first ones of this name
    /// ([RFC 5280 §4.2.1.10](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.10)).
    pub fn is_within(&self, base: &Self) -> bool {
        self.rdns().len() >= base.rdns().len()
            && base.rdns().iter().zip(self.rdns()).all(|(base, own)| same_rdn(base, own))
    }
}

/// An RDN is a set: the order of its attributes says nothing.
fn same_rdn(one: &[Attribute], other: &[Attribute]) -> bool {
    one.len() == other.len() && one.iter().all(|wanted| other.iter().any(|found| same(wanted, found)))
}

fn same(one: &Attribute, other: &Attribute) -> bool {
    one.oid == other.oid
        && match (one.is_hex, other.is_hex) {
            (false, false) => prepared(&one.value) == prepared(&other.value),
            (true, true) => one.string_tag == other.string_tag && one.value == other.value,
            (true, false) | (false, true) => false,
        }
}

/// As compared: lower case, each run of white space one space, none at either end.
fn prepared(value: &Untrusted) -> String {
    value.raw().to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Name of one-attribute RDNs: last octet of the 2.5.4 OID, string tag, value.
    fn name(rdns: &[(u8, u8, &str)]) -> DistinguishedName {
        let tlv =
            |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()][..], content].concat();
        let rdn = |(oid, tag, value): &(u8, u8, &str)| {
            let attribute = [tlv(6, &[0x55, 4, *oid]), tlv(*tag, value.as_bytes())].concat();
            tlv(0x31, &tlv(0x30, &attribute))
        };
        DistinguishedName::from_der(&tlv(0x30, &rdns.iter().flat_map(rdn).collect::<Vec<_>>())).unwrap()
    }

    const O: u8 = 10;
    const CN: u8 = 3;
    const UTF8: u8 = 12;
    const PRINTABLE: u8 = 19;

    #[test]
    fn case_white_space_and_string_type_make_no_difference() {
        let one = name(&[(O, PRINTABLE, "Test  Certificates"), (CN, UTF8, "Müller CA")]);
        for other in [
            name(&[(O, UTF8, "test certificates"), (CN, UTF8, "MÜLLER ca")]),
            name(&[(O, PRINTABLE, " Test Certificates "), (CN, UTF8, "müller  CA")]),
        ] {
            assert!(one.matches(&other) && other.matches(&one));
        }
    }

    #[test]
    fn order_type_number_and_value_of_the_attributes_do() {
        let one = name(&[(O, UTF8, "Example"), (CN, UTF8, "CA")]);
        for other in [
            name(&[(CN, UTF8, "CA"), (O, UTF8, "Example")]),
            name(&[(CN, UTF8, "Example"), (CN, UTF8, "CA")]),
            name(&[(O, UTF8, "Example")]),
            name(&[(O, UTF8, "Example"), (CN, UTF8, "CA1")]),
            name(&[(O, UTF8, "Exam ple"), (CN, UTF8, "CA")]),
            name(&[]),
        ] {
            assert!(!one.matches(&other) && !other.matches(&one));
        }
    }

    #[test]
    fn a_name_is_within_itself_and_every_name_above_it() {
        let one = name(&[(O, UTF8, "Example"), (CN, UTF8, "CA")]);
        for (base, within) in [
            (name(&[]), true),
            (name(&[(O, PRINTABLE, "EXAMPLE")]), true),
            (one.clone(), true),
            (name(&[(CN, UTF8, "CA")]), false),
            (name(&[(O, UTF8, "Example"), (CN, UTF8, "CA"), (CN, UTF8, "x")]), false),
        ] {
            assert_eq!(one.is_within(&base), within, "{base}");
        }
    }

    #[test]
    fn what_is_no_text_compares_byte_for_byte_with_its_type() {
        const OCTETS: u8 = 4;
        const BITS: u8 = 3;
        let one = name(&[(O, OCTETS, "ab")]);
        assert!(one.matches(&name(&[(O, OCTETS, "ab")])));
        for other in [
            name(&[(O, OCTETS, "AB")]),
            name(&[(O, BITS, "ab")]),
            name(&[(O, UTF8, "#6162")]),
            name(&[(CN, OCTETS, "ab")]),
        ] {
            assert!(!one.matches(&other) && !other.matches(&one), "{other}");
        }
    }
}
