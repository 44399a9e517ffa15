//! The subject of a request: a distinguished name we are willing to ask for.

use super::grammar::{self, Reading, Spelling};
use super::{AttributeType, DistinguishedName, DnsName, MailboxError, order};
use common::Untrusted;
use std::fmt;

/// A distinguished name to request: one attribute per RDN, every value within its upper bound and character set
/// (RFC 5280 Appendix A). The order is fixed (C, ST, L, O, OU, CN, the rest); a name with DC is one of a directory
/// and keeps the order it was given in, its DCs at the root.
///
/// C is upper case, the domain of emailAddress lower case; a CN that is a host name of two labels
/// or more is normalised like every [`DnsName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    attributes: Vec<(AttributeType, String)>,
}

impl Subject {
    /// The subject of the Simple format: `CN=name`.
    /// # Errors
    /// [`SubjectError`] when the name is over 64 characters (ub-common-name).
    pub fn simple(name: &DnsName) -> Result<Self, SubjectError> {
        Self::assemble(vec![(AttributeType::CommonName, name.as_str().to_owned())], Spelling::Single)
    }

    /// Reads the Distinguished format in its three spellings: space separated with spaces inside
    /// values (`CN=kms.example.com O=Example Corp`), RFC 4514 (comma separated, escapes, the quotes of
    /// [RFC 2253 §4](https://www.rfc-editor.org/rfc/rfc2253#section-4)), and OpenSSL (`/C=US/CN=…`).
    /// `subject=` and `Subject:`, as programs print them, may stand before it.
    ///
    /// The end at which the DCs stand is the root, in any spelling. Without DC the root of a comma separated name
    /// is its end (RFC 4514), unless it begins with what stands nearer to the root, as OpenSSL prints names.
    /// # Errors
    /// [`SubjectError`]; ambiguity is an error that shows how the text was understood.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        let (spelling, assignments) = grammar::read(text)?;
        let attributes = assignments
            .into_iter()
            .map(|(keyword, value)| Ok((AttributeType::from_keyword(&keyword)?, value)))
            .collect::<Result<Vec<_>, SubjectError>>()?;
        Self::assemble(attributes, spelling)
    }

    /// The subject of an existing document, to be requested again: brought into our order and
    /// string types.
    /// # Errors
    /// [`SubjectError`] when it holds what we would not request.
    pub fn from_found(found: &DistinguishedName) -> Result<Self, SubjectError> {
        let mut attributes = Vec::new();
        for rdn in found.rdns() {
            let [attribute] = rdn.as_slice() else { return Err(SubjectError::MultiValued) };
            let kind =
                attribute.kind().ok_or_else(|| SubjectError::Unknown(Untrusted::new(attribute.keyword())))?;
            if attribute.is_hex {
                return Err(SubjectError::HexValue { keyword: Untrusted::new(kind.keyword()) });
            }
            attributes.push((kind, attribute.value.raw().to_owned()));
        }
        Self::assemble(attributes, Spelling::Slashes)
    }

    fn assemble(typed: Vec<(AttributeType, String)>, spelling: Spelling) -> Result<Self, SubjectError> {
        if typed.is_empty() {
            return Err(SubjectError::Empty);
        }
        let typed = typed
            .into_iter()
            .map(|(kind, value)| Ok((kind, kind.normalise(value)?)))
            .collect::<Result<Vec<_>, SubjectError>>()?;
        let repeated = |(index, (kind, _)): &(usize, &(AttributeType, String))| {
            !kind.may_repeat() && typed.iter().take(*index).any(|(earlier, _)| earlier == kind)
        };
        if let Some((_, (kind, _))) = typed.iter().enumerate().find(repeated) {
            return Err(SubjectError::Repeated(*kind));
        }
        Ok(Self { attributes: order::from_the_root(typed, spelling)? })
    }

    /// Attributes in encoded order.
    pub fn attributes(&self) -> &[(AttributeType, String)] {
        &self.attributes
    }

    /// The CN, if there is one.
    pub fn common_name(&self) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(kind, _)| *kind == AttributeType::CommonName)
            .map(|(_, value)| value.as_str())
    }

    /// DER of the Name ([RFC 5280 §4.1.2.4](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4)):
    /// PrintableString for C and serialNumber, IA5String for emailAddress and DC, UTF8String else.
    pub fn to_der(&self) -> Vec<u8> {
        let rdn = |(kind, value): &(AttributeType, String)| {
            let attribute = [tlv(0x06, kind.oid().as_bytes()), tlv(kind.tag(), value.as_bytes())].concat();
            tlv(0x31, &tlv(0x30, &attribute))
        };
        tlv(0x30, &self.attributes.iter().flat_map(rdn).collect::<Vec<_>>())
    }
}

/// [RFC 4514](https://www.rfc-editor.org/rfc/rfc4514): last RDN first, special characters escaped,
/// safe to print; [`Subject::parse`] reads it back.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (kind, value)) in self.attributes.iter().rev().enumerate() {
            write!(f, "{}{kind}=", if index == 0 { "" } else { "," })?;
            grammar::write_escaped(f, value, grammar::is_visible)?;
        }
        Ok(())
    }
}

/// One DER value: infallible, unlike a general encoder, because it only ever writes what
/// [`Subject`] bounded.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().skip_while(|octet| **octet == 0).copied().collect::<Vec<_>>();
    let long_form = (content.len() > 0x7f).then(|| 0x80 + significant.len().to_le_bytes()[0]);
    let short_zero = content.is_empty().then_some(0);
    std::iter::once(tag)
        .chain(long_form)
        .chain(short_zero)
        .chain(significant)
        .chain(content.iter().copied())
        .collect()
}

/// Why a text is no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing was given.
    #[error("the subject is empty")]
    Empty,
    /// It begins with something else.
    #[error("{0} does not begin with an attribute such as CN=")]
    NoAttribute(Untrusted),
    /// A control, bidirectional, zero-width or otherwise invisible character.
    #[error("the subject holds \"{character}\" at position {position}, which no subject may hold")]
    Character {
        /// 1-based, in characters.
        position: usize,
        /// The character.
        character: Untrusted,
    },
    /// Two spellings at once, or none that is known.
    #[error("ambiguous: attributes are separated by {}; understood as {reading}", quoted(separators))]
    Ambiguous {
        /// The separators found before attributes.
        separators: Vec<char>,
        /// Keywords and values.
        reading: Reading,
    },
    /// `CN=a+O=b`, or such an RDN in the document a subject is taken from.
    #[error("attributes joined by + (a multi-valued RDN) cannot be requested")]
    MultiValued,
    /// A special character that its spelling wants escaped.
    #[error(
        "the value of {keyword} is understood as \"{value}\", in which {character} must be written \\{character}"
    )]
    NotEscaped {
        /// As written.
        keyword: Untrusted,
        /// As written.
        value: Untrusted,
        /// The one at fault.
        character: char,
    },
    /// A character that a spelling without escapes cannot hold.
    #[error(
        "the value of {keyword} is understood as \"{value}\", in which {character} can only be written in the comma spelling, as \\{character}"
    )]
    NotLiteral {
        /// As written.
        keyword: Untrusted,
        /// As written.
        value: Untrusted,
        /// The one at fault.
        character: char,
    },
    /// A backslash before something that needs none, or octets that are no UTF-8.
    #[error("the value of {keyword}, \"{value}\", has a backslash that escapes nothing")]
    BadEscape {
        /// As written.
        keyword: Untrusted,
        /// As written.
        value: Untrusted,
    },
    /// `CN=#0c03…`, or a found value that does not decode.
    #[error("the value of {keyword} is hex of an encoding (#…), which cannot be requested")]
    HexValue {
        /// As written.
        keyword: Untrusted,
    },
    /// Not an attribute we request.
    #[error(
        "unknown attribute {0}; known are C, ST, L, O, OU, CN, emailAddress, serialNumber, street, postalCode, DC"
    )]
    Unknown(Untrusted),
    /// SN, which many take for the serial number.
    #[error("SN is the surname of a person; write serialNumber for a serial number")]
    Surname,
    /// DCs apart from each other or between other attributes.
    #[error(
        "the DCs must stand together at the beginning or at the end: that end is the root of the directory"
    )]
    DomainInside,
    /// Only OU and DC may stand more than once.
    #[error("{0} is given more than once")]
    Repeated(AttributeType),
    /// `O=`.
    #[error("the value of {0} is empty")]
    EmptyValue(AttributeType),
    /// An escaped space where nobody sees it.
    #[error("the value of {0} begins or ends with a space")]
    SpaceAtEdge(AttributeType),
    /// A character that its string type or we do not allow.
    #[error("the value of {attribute} holds \"{character}\" at position {position}, which it may not hold")]
    ValueCharacter {
        /// Whose value.
        attribute: AttributeType,
        /// 1-based, in characters.
        position: usize,
        /// The character.
        character: Untrusted,
    },
    /// Over its upper bound.
    #[error("the value of {attribute} has {length} characters, at most {} are allowed", attribute.max_chars())]
    TooLong {
        /// Whose value.
        attribute: AttributeType,
        /// In characters.
        length: usize,
    },
    /// Not two letters.
    #[error("C is {0}, but must be a country code of two letters, such as US")]
    Country(Untrusted),
    /// A CN like `*.example.com`.
    #[error("CN {0} is a catch-all name, which neither certificate may hold; name each host")]
    Wildcard(Untrusted),
    /// Not one label.
    #[error("DC is {0}, but must be one label of a domain; write DC=example DC=com for example.com")]
    DomainComponent(Untrusted),
    /// emailAddress.
    #[error(transparent)]
    Email(#[from] MailboxError),
}

/// `"," and " "`.
fn quoted(separators: &[char]) -> String {
    separators.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        Subject::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).to_string()
    }

    #[test]
    fn the_three_spellings_make_the_same_subject() {
        let expected = r"CN=kms.example.com,OU=B,OU=A,O=Example\, Inc.,L=Mountain View,ST=California,C=US";
        for text in [
            "CN=kms.example.com O=Example, Inc. OU=A OU=B L=Mountain View ST=California C=us",
            r"CN=kms.example.com,OU=B,OU=A,O=Example\, Inc.,L=Mountain View,ST=California,C=US",
            "/C=US/ST=California/L=Mountain View/O=Example, Inc./OU=A/OU=B/CN=KMS.example.com",
            "commonName=kms.example.com. organizationName=Example, Inc. ou=A ou=B 2.5.4.7=Mountain View S=California c=US",
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn values_take_the_form_they_are_requested_in() {
        for (text, expected) in [
            ("CN=KMS.Example.com.", "CN=kms.example.com"),
            ("CN=käse.example", "CN=xn--kse-qla.example"),
            ("CN=Appliance", "CN=Appliance"),
            ("CN=Example Key Manager", "CN=Example Key Manager"),
            ("E=Ops@Example.COM", "emailAddress=Ops@example.com"),
            ("SERIALNUMBER=A-42", "serialNumber=A-42"),
            ("O=हिन्दी", "O=हिन्दी"),
            ("DC=example,DC=com", "DC=example,DC=com"),
            ("O=\"Example, Inc.\", CN=a", r"CN=a,O=Example\, Inc."),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn the_end_that_holds_the_domain_is_the_root_and_the_order_typed_is_kept() {
        let expected = "CN=kms.example.com,OU=Servers,DC=example,DC=lan";
        for text in [
            "/DC=lan/DC=example/OU=Servers/CN=kms.example.com",
            "/CN=kms.example.com/OU=Servers/DC=example/DC=lan",
            "CN=kms.example.com,OU=Servers,DC=example,DC=lan",
            "DC=lan,DC=example,OU=Servers,CN=kms.example.com",
            "CN=kms.example.com OU=Servers DC=example DC=lan",
            "DC=lan DC=example OU=Servers CN=kms.example.com",
            "subject=DC = lan, DC = example, OU = Servers, CN = kms.example.com",
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        // Nothing else is put in order: a directory may have its units anywhere.
        assert_eq!(shown("/DC=lan/CN=a/O=b/C=DE/OU=c"), "OU=c,C=DE,O=b,CN=a,DC=lan");
        for (text, expected) in [
            ("/DC=com/DC=example", "DC=example,DC=com"),
            ("DC=com DC=example", "DC=example,DC=com"),
            ("DC=example,DC=com", "DC=example,DC=com"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        for text in ["DC=lan,CN=a,DC=example", "C=DE,DC=lan,CN=a", "/DC=lan/CN=a/DC=example"] {
            assert_eq!(Subject::parse(text), Err(SubjectError::DomainInside), "{text}");
        }
    }

    #[test]
    fn a_name_with_commas_ends_in_its_root_unless_it_begins_with_it() {
        for (text, expected) in [
            ("CN=a,OU=B,OU=A,O=x,C=US", "CN=a,OU=B,OU=A,O=x,C=US"),
            ("C = US, O = x, OU = A, OU = B, CN = a", "CN=a,OU=B,OU=A,O=x,C=US"),
            ("OU=B,OU=A", "OU=B,OU=A"),
            ("OU=B,OU=A,O=x", "OU=B,OU=A,O=x"),
            ("/OU=A/OU=B", "OU=B,OU=A"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_value_out_of_bounds_is_refused() {
        let long = "a".repeat(65);
        for (text, message) in [
            ("C=USA", "C is USA, but must be a country code of two letters, such as US"),
            ("C=U1", "C is U1, but must be a country code of two letters, such as US"),
            (&format!("CN={long}"), "the value of CN has 65 characters, at most 64 are allowed"),
            (&format!("O={long}"), "the value of O has 65 characters, at most 64 are allowed"),
            (&format!("L={}", long.repeat(2)), "the value of L has 130 characters, at most 128 are allowed"),
            (&format!("DC={long}"), "the value of DC has 65 characters, at most 63 are allowed"),
            ("CN=a O=", "the value of O is empty"),
            ("CN=a CN=b", "CN is given more than once"),
            ("CN=a,C=US,C=DE", "C is given more than once"),
            (
                "CN=*.example.com",
                "CN *.example.com is a catch-all name, which neither certificate may hold; name each host",
            ),
            ("CN=a*b", "CN a*b is a catch-all name, which neither certificate may hold; name each host"),
            ("SN=42", "SN is the surname of a person; write serialNumber for a serial number"),
            (
                "UID=42",
                "unknown attribute UID; known are C, ST, L, O, OU, CN, emailAddress, serialNumber, street, postalCode, DC",
            ),
            (
                "1.2.3.4=x",
                "unknown attribute 1.2.3.4; known are C, ST, L, O, OU, CN, emailAddress, serialNumber, street, postalCode, DC",
            ),
            (
                "serialNumber=a_b",
                "the value of serialNumber holds \"_\" at position 2, which it may not hold",
            ),
            (
                "DC=example.com",
                "DC is example.com, but must be one label of a domain; write DC=example DC=com for example.com",
            ),
            ("E=ops", "ops is not an e-mail address: it has no @"),
            (r"O=\ a", "the value of O begins or ends with a space"),
            (r"O=a\1Bb", "the value of O holds \"\\u{1b}\" at position 2, which it may not hold"),
            (
                r"O=a\0D\0Averified: OK",
                "the value of O holds \"\\u{d}\" at position 2, which it may not hold",
            ),
            ("O=\u{301}a", "the value of O holds \"\\u{301}\" at position 1, which it may not hold"),
        ] {
            assert_eq!(Subject::parse(text).map_err(|e| e.to_string()), Err(message.to_owned()), "{text}");
        }
        assert!(Subject::parse(&format!("CN={}", "ü".repeat(64))).is_ok());
    }

    #[test]
    fn simple_is_a_cn_up_to_its_bound() {
        let name = DnsName::parse("kms.example.com").unwrap();
        assert_eq!(Subject::simple(&name).unwrap().to_string(), "CN=kms.example.com");
        let long = DnsName::parse(&format!("{}.example", "a".repeat(60))).unwrap();
        let error = SubjectError::TooLong { attribute: AttributeType::CommonName, length: 68 };
        assert_eq!(Subject::simple(&long), Err(error));
    }

    /// The Name of `openssl req -new -utf8 -subj …` (OpenSSL 3.0.19).
    #[test]
    fn encodes_as_openssl_does() {
        let text = "/DC=com/DC=example/C=US/ST=California/L=Mountain View/O=Exämple, Inc./OU=A/OU=B/CN=kms.example.com\
                    /emailAddress=ops@example.com/serialNumber=42/street=1 Main St/postalCode=94040";
        let openssl = "3082010431133011060a0992268993f22c6401191603636f6d31173015060a0992268993f22c64011916076578616d706c65\
            310b30090603550406130255533113301106035504080c0a43616c69666f726e69613116301406035504070c0d4d6f756e74\
            61696e205669657731173015060355040a0c0e4578c3a46d706c652c20496e632e310a3008060355040b0c0141310a300806\
            0355040b0c01423118301606035504030c0f6b6d732e6578616d706c652e636f6d311e301c06092a864886f70d010901160f\
            6f7073406578616d706c652e636f6d310b30090603550405130234323112301006035504090c0931204d61696e205374310e\
            300c06035504110c053934303430";
        assert_eq!(HEXLOWER.encode(&Subject::parse(text).unwrap().to_der()), openssl);
    }

    #[test]
    fn long_values_have_long_lengths() {
        let subject = Subject::parse(&format!("street={} L=Zug", "ü".repeat(128))).unwrap();
        let found = DistinguishedName::from_der(&subject.to_der()).unwrap();
        assert_eq!(found.to_string(), subject.to_string());
    }

    #[test]
    fn a_found_name_is_requested_again_only_if_we_could_have_asked_for_it() {
        let found =
            |text: &str| DistinguishedName::from_der(&Subject::parse(text).unwrap().to_der()).unwrap();
        let text = "CN=kms.example.com OU=A OU=B O=Example C=US";
        assert_eq!(Subject::from_found(&found(text)), Subject::parse(text));
        let mut der = found("O=a CN=b").der().to_vec();
        let uid = der.len() - 4;
        der[uid] = 4; // 2.5.4.3 becomes 2.5.4.4
        let surname = DistinguishedName::from_der(&der).unwrap();
        assert_eq!(Subject::from_found(&surname), Err(SubjectError::Unknown(Untrusted::new("SN"))));
        let empty = DistinguishedName::from_der(&[0x30, 0]).unwrap();
        assert_eq!(Subject::from_found(&empty), Err(SubjectError::Empty));
    }

    fn any_attribute() -> impl Strategy<Value = (AttributeType, String)> {
        let nasty = "[ -~äß語]{1,12}|(CN|O|OU)= ?[a-z]{1,3}|[a-z]{1,3}[,/ +;](O|OU|CN)=[a-z]|\\PC{1,8}";
        (prop::sample::select(AttributeType::ALL.to_vec()), nasty)
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_the_same_subject(attributes in prop::collection::vec(any_attribute(), 1..5)) {
            if let Ok(subject) = Subject::assemble(attributes, Spelling::Slashes) {
                prop_assert_eq!(&Subject::parse(&subject.to_string()).unwrap(), &subject);
                let found = DistinguishedName::from_der(&subject.to_der()).unwrap();
                prop_assert_eq!(Subject::from_found(&found).unwrap(), subject);
            }
        }

        #[test]
        fn no_text_panics_and_what_is_accepted_is_stable(text in "\\PC{0,40}|((CN|O|C|E|DC)=[ -~]{0,8}[ ,/+;]){1,4}") {
            if let Ok(subject) = Subject::parse(&text) {
                prop_assert_eq!(Subject::parse(&subject.to_string()).unwrap(), subject);
            }
        }
    }

    #[test]
    fn lengths_are_encoded_in_the_shortest_form() {
        for (length, head) in [
            (0, &[4, 0][..]),
            (1, &[4, 1]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (255, &[4, 0x81, 255]),
            (256, &[4, 0x82, 1, 0]),
        ] {
            let der = tlv(4, &vec![7; length]);
            assert_eq!((&der[..der.len() - length], der.len() - head.len()), (head, length));
        }
    }
}
