//! Distinguished names as they stand in somebody's document: nothing about them is promised.

use super::AttributeType;
use super::grammar::write_escaped;
use crate::oid::{self, ObjectIdentifier, Oid};
use common::{Untrusted, is_plain};
use data_encoding::HEXLOWER;
use std::borrow::Cow;
use std::fmt;
use x509_parser::asn1_rs::{self, Any, FromDer, Tag};

/// One attribute of a found name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, of any length.
    pub oid: Oid,
    /// ASN.1 universal tag number of the value (12 UTF8String, 19 PrintableString, 20 T61String,
    /// 22 IA5String, 28 UniversalString, 30 BMPString).
    pub string_tag: u32,
    /// The value as text; what does not decode in its own string type is shown as hex.
    pub value: Untrusted,
    /// Whether `value` is such hex (`#` and the content octets) instead of text.
    pub is_hex: bool,
}

impl Attribute {
    fn read(der: &Any<'_>) -> Option<Self> {
        let [oid, value] = children(der.data)?.try_into().ok()?;
        if der.tag() != Tag::Sequence || oid.tag() != Tag::Oid {
            return None;
        }
        let text = decode(value.tag().0, value.data);
        Some(Self {
            oid: Oid::read(&asn1_rs::Oid::new(oid.data.into())),
            string_tag: value.tag().0,
            is_hex: text.is_none(),
            value: Untrusted::new(text.unwrap_or_else(|| format!("#{}", HEXLOWER.encode(value.data)))),
        })
    }

    /// The name RFC 4514 and OpenSSL print for the type, or its dotted decimal OID.
    pub fn keyword(&self) -> Cow<'static, str> {
        let requested = self.kind().map(AttributeType::keyword);
        let known = requested.or_else(|| other_keyword(self.oid.held()?));
        known.map_or_else(|| self.oid.to_string().into(), Cow::Borrowed)
    }

    /// Its type, if a subject may hold it.
    pub fn kind(&self) -> Option<AttributeType> {
        self.oid.held().and_then(AttributeType::from_oid)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.keyword())?;
        if self.is_hex { f.write_str(self.value.raw()) } else { write_escaped(f, self.value.raw(), is_plain) }
    }
}

/// A Name out of a certificate or request
/// ([RFC 5280 §4.1.2.4](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Vec<u8>,
    rdns: Vec<Vec<Attribute>>,
}

impl DistinguishedName {
    /// Decodes a DER Name; `None` when it is not one, or when anything follows it.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let [name] = children(der)?.try_into().ok()?;
        let rdn = |rdn: &Any<'_>| -> Option<Vec<Attribute>> {
            let attributes = children(rdn.data).filter(|attributes| !attributes.is_empty())?;
            if rdn.tag() != Tag::Set {
                return None;
            }
            attributes.iter().map(Attribute::read).collect()
        };
        if name.tag() != Tag::Sequence {
            return None;
        }
        let rdns = children(name.data)?.iter().map(rdn).collect::<Option<_>>()?;
        Some(Self { der: der.to_vec(), rdns })
    }

    /// The encoding, for byte-for-byte comparison (name chaining).
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// RDNs in encoded order.
    pub fn rdns(&self) -> &[Vec<Attribute>] {
        &self.rdns
    }

    /// All values of CN, in order.
    pub fn common_names(&self) -> Vec<&Untrusted> {
        let is_cn = |a: &&Attribute| a.kind() == Some(AttributeType::CommonName);
        self.rdns.iter().flatten().filter(is_cn).map(|attribute| &attribute.value).collect()
    }

    /// Whether it holds no RDN.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }
}

/// [RFC 4514](https://www.rfc-editor.org/rfc/rfc4514#section-2): last RDN first, `+` inside an RDN;
/// what [`Untrusted`] would escape is escaped the same way, and since a backslash of the value is
/// always doubled neither kind of escape can be forged. `(empty)` for the empty name.
impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("(empty)");
        }
        for (index, rdn) in self.rdns.iter().rev().enumerate() {
            for (position, attribute) in rdn.iter().enumerate() {
                f.write_str(match (index, position) {
                    (0, 0) => "",
                    (_, 0) => ",",
                    (_, _) => "+",
                })?;
                attribute.fmt(f)?;
            }
        }
        Ok(())
    }
}

/// Everything in a constructed value, or `None` when it does not divide into DER values.
fn children(mut data: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut all = Vec::new();
    while !data.is_empty() {
        let (rest, any) = Any::from_der(data).ok()?;
        all.push(any);
        data = rest;
    }
    Some(all)
}

/// The text of a string value by its own type ([X.680 §41](https://www.itu.int/rec/T-REC-X.680)).
/// T61String is read as Latin-1, which is what those who still write it mean.
fn decode(tag: u32, octets: &[u8]) -> Option<String> {
    let ascii = || octets.is_ascii().then(|| String::from_utf8_lossy(octets).into_owned());
    match tag {
        12 => String::from_utf8(octets.to_vec()).ok(),
        18 | 19 | 22 | 26 | 27 => ascii(),
        20 => Some(octets.iter().copied().map(char::from).collect()),
        28 => {
            let (units, rest) = octets.as_chunks::<4>();
            let text = units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit))).collect();
            if rest.is_empty() { text } else { None }
        }
        30 => {
            let (units, rest) = octets.as_chunks::<2>();
            let text = char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
                .collect::<Result<_, _>>()
                .ok();
            if rest.is_empty() { text } else { None }
        }
        _ => None,
    }
}

/// Types that are found in names but never requested, as OpenSSL prints them.
const fn other_keyword(oid: ObjectIdentifier) -> Option<&'static str> {
    Some(match oid {
        oid::USER_ID => "UID",
        oid::SURNAME => "SN",
        oid::TITLE => "title",
        oid::DESCRIPTION => "description",
        oid::BUSINESS_CATEGORY => "businessCategory",
        oid::GIVEN_NAME => "GN",
        oid::DN_QUALIFIER => "dnQualifier",
        oid::ORGANIZATION_IDENTIFIER => "organizationIdentifier",
        oid::JURISDICTION_LOCALITY => "jurisdictionL",
        oid::JURISDICTION_STATE => "jurisdictionST",
        oid::JURISDICTION_COUNTRY => "jurisdictionC",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Subject;
    use proptest::prelude::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut der = vec![tag, 0x82];
        der.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        match content.len() {
            0..=127 => der.splice(1.., [u8::try_from(content.len()).unwrap()]).for_each(drop),
            128..=255 => der.splice(1.., [0x81, u8::try_from(content.len()).unwrap()]).for_each(drop),
            _ => {}
        }
        der.extend(content);
        der
    }

    fn attribute(arc: u8, tag: u8, value: &[u8]) -> Vec<u8> {
        tlv(0x30, &[tlv(6, &[0x55, 4, arc]), tlv(tag, value)].concat())
    }

    fn cn(tag: u8, value: &[u8]) -> DistinguishedName {
        DistinguishedName::from_der(&tlv(0x30, &tlv(0x31, &attribute(3, tag, value)))).unwrap()
    }

    #[test]
    fn every_string_type_is_read_as_itself_or_shown_as_hex() {
        for (tag, value, shown) in [
            (12, "Zürich".as_bytes(), "CN=Zürich"),
            (12, b"\xff\xfe", "CN=#fffe"),
            (19, b"Zug", "CN=Zug"),
            (19, b"Z\xfcrich", "CN=#5afc72696368"),
            (20, b"Z\xfcrich", "CN=Zürich"),
            (22, b"a@b", "CN=a@b"),
            (30, b"\0Z\0\xfc", "CN=Zü"),
            (30, b"\xd8\x3d\xde\x00", "CN=😀"),
            (30, b"\xd8\x3d", "CN=#d83d"),
            (30, b"\0Z\0", "CN=#005a00"),
            (28, b"\0\0\0Z\0\x01\xf6\0", "CN=Z😀"),
            (28, b"\0\x11\0\0", "CN=#00110000"),
            (2, b"\x07", "CN=#07"),
            (12, b"#07", "CN=\\#07"),
            (12, b"", "CN="),
        ] {
            assert_eq!(cn(tag, value).to_string(), shown, "{tag} {value:x?}");
        }
    }

    #[test]
    fn no_value_forges_an_attribute_an_escape_or_a_line() {
        for (value, shown) in [
            ("x,O=Bank", r"CN=x\,O\=Bank"),
            ("x+O=Bank", r"CN=x\+O\=Bank"),
            ("x\\,y", r"CN=x\\\,y"),
            ("\\u{1b}", r"CN=\\u{1b}"),
            ("a\r\nverified: OK", r"CN=a\u{d}\u{a}verified: OK"),
            ("\u{202e}x", r"CN=\u{202e}x"),
            (" x ", r"CN=\ x\ "),
            ("\"<>;", r#"CN=\"\<\>\;"#),
        ] {
            assert_eq!(cn(12, value.as_bytes()).to_string(), shown);
        }
    }

    #[test]
    fn prints_the_last_rdn_first_and_knows_types_by_name() {
        let multi = [attribute(3, 12, b"a"), attribute(11, 12, b"b")].concat();
        let odd = tlv(0x30, &[tlv(6, &[0x2a, 3, 4]), tlv(12, b"c")].concat());
        let country = attribute(6, 19, b"DE");
        let name = tlv(0x30, &[tlv(0x31, &country), tlv(0x31, &multi), tlv(0x31, &odd)].concat());
        let name = DistinguishedName::from_der(&name).unwrap();
        assert_eq!(name.to_string(), "1.2.3.4=c,CN=a+OU=b,C=DE");
        assert_eq!(name.common_names(), [&Untrusted::new("a")]);
        assert_eq!(DistinguishedName::from_der(&[0x30, 0]).unwrap().to_string(), "(empty)");
    }

    #[test]
    fn what_is_no_name_is_none() {
        let good = tlv(0x30, &tlv(0x31, &attribute(3, 12, b"a")));
        for bad in [
            vec![],
            vec![0x31, 0],
            vec![0x30, 1],
            [good.clone(), vec![0]].concat(),
            tlv(0x30, &tlv(0x31, &[])),
            tlv(0x30, &tlv(0x30, &attribute(3, 12, b"a"))),
            tlv(0x30, &tlv(0x31, &tlv(0x31, &attribute(3, 12, b"a")[2..]))),
            tlv(0x30, &tlv(0x31, &tlv(0x30, &[tlv(13, &[0x55, 4, 3]), tlv(12, b"a")].concat()))),
            tlv(0x30, &[tlv(0x31, &attribute(3, 12, b"a")), vec![5, 0]].concat()),
            good[..good.len() - 1].to_vec(),
        ] {
            assert_eq!(DistinguishedName::from_der(&bad), None, "{bad:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_no_text_gets_out_unescaped(bytes: Vec<u8>, value: String, tag in 0u8..31) {
            let _ = DistinguishedName::from_der(&bytes);
            let shown = cn(tag, value.as_bytes()).to_string();
            let again = Untrusted::new(shown.replace('\\', "")).to_string();
            prop_assert_eq!(again, shown.replace('\\', ""));
        }

        #[test]
        fn a_printed_name_reads_back_as_one_attribute(value in "[ -~]{1,40}") {
            let printed = cn(12, value.as_bytes()).to_string();
            if let Ok(subject) = Subject::parse(&printed) {
                prop_assert_eq!(subject.attributes().len(), 1);
            }
        }
    }

    #[test]
    fn types_nobody_requests_have_the_keywords_of_openssl() {
        for (oid, keyword) in [
            ("0.9.2342.19200300.100.1.1", "UID"),
            ("2.5.4.4", "SN"),
            ("2.5.4.12", "title"),
            ("2.5.4.13", "description"),
            ("2.5.4.15", "businessCategory"),
            ("2.5.4.42", "GN"),
            ("2.5.4.46", "dnQualifier"),
            ("2.5.4.97", "organizationIdentifier"),
            ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
            ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
            ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
            ("1.2.3.4", "1.2.3.4"),
        ] {
            let attribute = Attribute {
                oid: Oid::Held(ObjectIdentifier::new_unwrap(oid)),
                string_tag: 12,
                value: Untrusted::new(""),
                is_hex: false,
            };
            assert_eq!(attribute.keyword(), keyword);
        }
    }
}
