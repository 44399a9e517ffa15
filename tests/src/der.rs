//! Certificates and requests as no builder would make them: DER written by hand, so that any octet
//! can stand in any field as any string type.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

/// One value: tag, length, contents.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => der.push(short),
        _ => {
            let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
            der.push(0x80 | u8::try_from(octets.len()).unwrap());
            der.extend(octets);
        }
    }
    der.extend_from_slice(content);
    der
}

/// The first value of some DER: tag, contents, what follows.
pub fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..=0x7f => (usize::from(*short), rest),
        long => {
            let (octets, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// SEQUENCE.
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// OBJECT IDENTIFIER, in dots.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = vec![];
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let septets: Vec<u8> = (0..10).rev().map(|i| (arc >> (7 * i) & 0x7f) as u8).collect();
        let first = septets.iter().position(|septet| *septet != 0).unwrap_or(9);
        let last = septets.len() - 1;
        content.extend((first..=last).map(|i| if i == last { septets[i] } else { septets[i] | 0x80 }));
    }
    tlv(6, &content)
}

/// INTEGER that is not negative.
pub fn integer(octets: &[u8]) -> Vec<u8> {
    let sign = octets.first().is_none_or(|first| *first >= 0x80);
    tlv(2, &[if sign { &[0][..] } else { &[] }, octets].concat())
}

/// BIT STRING of whole octets.
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(3, &[&[0], octets].concat())
}

/// A string type of X.509.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum StringType {
    Utf8,
    Numeric,
    Printable,
    T61,
    Ia5,
    Visible,
    Universal,
    Bmp,
}

impl StringType {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Utf8,
        Self::Numeric,
        Self::Printable,
        Self::T61,
        Self::Ia5,
        Self::Visible,
        Self::Universal,
        Self::Bmp,
    ];

    /// A text in it, allowed there or not.
    pub fn encode(self, text: &str) -> Vec<u8> {
        let utf8 = || text.as_bytes().to_vec();
        // Of one octet a character; C1 controls are octets of their own there.
        let narrow = || {
            text.chars()
                .flat_map(|c| {
                    u8::try_from(u32::from(c)).map_or_else(|_| c.to_string().into_bytes(), |o| vec![o])
                })
                .collect()
        };
        let (tag, content): (u8, Vec<u8>) = match self {
            Self::Utf8 => (12, utf8()),
            Self::Numeric => (18, utf8()),
            Self::Printable => (19, utf8()),
            Self::T61 => (20, narrow()),
            Self::Ia5 => (22, narrow()),
            Self::Visible => (26, utf8()),
            Self::Universal => (28, text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
            Self::Bmp => (30, text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        };
        tlv(tag, &content)
    }
}

/// Attribute types a subject is likely to have.
pub const ATTRIBUTES: [(&str, &str); 11] = [
    ("C", "2.5.4.6"),
    ("ST", "2.5.4.8"),
    ("L", "2.5.4.7"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("CN", "2.5.4.3"),
    ("serialNumber", "2.5.4.5"),
    ("street", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("title", "2.5.4.12"),
];

/// A Name: one attribute per RDN.
pub fn name(attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let rdns: Vec<_> =
        attributes.iter().map(|(type_, value)| tlv(0x31, &sequence(&[oid(type_), value.clone()]))).collect();
    sequence(&rdns)
}

/// An Extension.
pub fn extension(type_: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { tlv(1, &[0xff]) } else { vec![] };
    sequence(&[oid(type_), flag, tlv(4, value)])
}

/// subjectAltName of these GeneralNames.
pub fn san(names: &[Vec<u8>]) -> Vec<u8> {
    extension("2.5.29.17", false, &sequence(names))
}

/// A dNSName.
pub fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text.as_bytes())
}

/// basicConstraints of a CA, or of none.
pub fn basic_constraints(ca: bool) -> Vec<u8> {
    extension("2.5.29.19", true, &sequence(&[if ca { tlv(1, &[0xff]) } else { vec![] }]))
}

/// A key that signs anything.
pub struct Key(EcdsaKeyPair);

impl Key {
    /// A new one, NIST P-256.
    pub fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    /// SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = sequence(&[oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")]);
        sequence(&[algorithm, bit_string(self.0.public_key().as_ref())])
    }

    /// Signs what is to be signed, in the form certificates and requests have.
    pub fn signed(&self, to_be_signed: Vec<u8>) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), &to_be_signed).unwrap();
        sequence(&[to_be_signed, ecdsa_sha256(), bit_string(signature.as_ref())])
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

fn ecdsa_sha256() -> Vec<u8> {
    sequence(&[oid("1.2.840.10045.4.3.2")])
}

/// What a certificate says.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Certificate {
    pub serial: Vec<u8>,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub spki: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
}

impl Certificate {
    /// Its DER, valid from yesterday's decade to the next, signed.
    pub fn signed_by(&self, key: &Key) -> Vec<u8> {
        let validity = sequence(&[tlv(23, b"260101000000Z"), tlv(23, b"360101000000Z")]);
        key.signed(sequence(&[
            tlv(0xa0, &integer(&[2])),
            integer(&self.serial),
            ecdsa_sha256(),
            self.issuer.clone(),
            validity,
            self.subject.clone(),
            self.spki.clone(),
            tlv(0xa3, &sequence(&self.extensions)),
        ]))
    }
}

/// A request: subject, key, extensions, further attributes (whole DER).
pub fn request(key: &Key, subject: &[u8], extensions: &[Vec<u8>], attributes: &[Vec<u8>]) -> Vec<u8> {
    let asked = sequence(&[oid("1.2.840.113549.1.9.14"), tlv(0x31, &sequence(extensions))]);
    let attributes = [&[asked], attributes].concat().concat();
    key.signed(sequence(&[integer(&[0]), subject.to_vec(), key.spki(), tlv(0xa0, &attributes)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_split_as_they_were_put_together() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let der = [tlv(4, &vec![7; length]), vec![9]].concat();
            let (tag, content, rest) = split(&der).unwrap();
            assert_eq!((tag, content.len(), rest), (4, length, &[9][..]));
        }
        assert_eq!(oid("1.2.840.113549.1.9.1"), [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]);
        assert_eq!(oid("2.5.4.3"), [6, 3, 0x55, 4, 3]);
    }

    #[test]
    fn the_product_reads_what_is_well_made() {
        let key = Key::new();
        let subject = name(&[("2.5.4.3", StringType::Utf8.encode("kms.example.com"))]);
        let extensions = vec![san(&[dns("kms.example.com")])];
        let certificate = Certificate {
            serial: vec![1],
            issuer: subject.clone(),
            subject: subject.clone(),
            spki: key.spki(),
            extensions: extensions.clone(),
        };
        assert!(pki::Certificate::from_der(&certificate.signed_by(&key)).is_ok());
        let request = request(&key, &subject, &extensions, &[]);
        assert!(pki::Csr::from_der(&request).unwrap().verify_signature().is_ok());
    }
}
