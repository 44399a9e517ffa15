//! DER without armour, and the certificates inside PKCS#7
//! ([RFC 2315 §9.1](https://www.rfc-editor.org/rfc/rfc2315#section-9.1),
//! [RFC 5652 §5.1](https://www.rfc-editor.org/rfc/rfc5652#section-5.1)).
//!
//! BER is read here too: some programs write PKCS#7 with indefinite lengths. The certificates and
//! requests inside are handed on untouched to a strict decoder.

use super::{Block, PemError};
use x509_parser::asn1_rs::{Any, Class, FromBer, Oid, Tag, oid};

const SIGNED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.2);

/// A SEQUENCE with a length in long or indefinite form, which no text begins like, or one that
/// fills the input exactly.
pub(super) fn looks_like_der(input: &[u8]) -> bool {
    match input {
        [0x30, 0x80..=0x84, ..] => true,
        [0x30, length, content @ ..] => usize::from(*length) == content.len(),
        _ => false,
    }
}

/// Whether the input ends before its first object does.
pub(super) fn is_cut(der: &[u8]) -> bool {
    matches!(Any::from_ber(der), Err(x509_parser::nom::Err::Incomplete(_)))
}

/// Objects one behind the other.
pub(super) fn read(der: &[u8], line: usize) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    let mut rest = der;
    // A file that passed through an editor may have gained a line end.
    while !rest.iter().all(u8::is_ascii_whitespace) {
        refuse_private_key(rest, line)?;
        let (after, raw) = match split_first(rest) {
            Some(split) => split,
            None if is_cut(rest) && blocks.is_empty() => return Err(PemError::Incomplete { line }),
            None => return Err(PemError::TrailingData { line }),
        };
        match Shape::of(raw) {
            Shape::Certificate => blocks.push(Block::Certificate(raw.to_vec())),
            Shape::Request => blocks.push(Block::Request(raw.to_vec())),
            Shape::Pkcs7 => blocks.extend(read_pkcs7(raw, line)?),
            Shape::Pkcs12 => return Err(PemError::Pkcs12),
            Shape::PrivateKey { encrypted } => return Err(PemError::PrivateKey { line, encrypted }),
            Shape::Unknown if blocks.is_empty() => return Err(PemError::UnknownObject { line }),
            Shape::Unknown => return Err(PemError::TrailingData { line }),
        }
        rest = after;
    }
    Ok(blocks)
}

/// A private key under whatever label.
pub(super) fn refuse_private_key(der: &[u8], line: usize) -> Result<(), PemError> {
    match Shape::of(der) {
        Shape::PrivateKey { encrypted } => Err(PemError::PrivateKey { line, encrypted }),
        Shape::Certificate | Shape::Request | Shape::Pkcs7 | Shape::Pkcs12 | Shape::Unknown => Ok(()),
    }
}

/// The certificates of a SignedData, in the order of its SET.
pub(super) fn read_pkcs7(der: &[u8], line: usize) -> Result<Vec<Block>, PemError> {
    let malformed = || PemError::Pkcs7Malformed { line };
    let content_info = Any::from_ber(der).map(|(_, any)| any).map_err(|_| malformed())?;
    let [(kind, _), (wrapped, _)] =
        <[_; 2]>::try_from(children(content_info.data).ok_or_else(malformed)?).map_err(|_| malformed())?;
    if kind.tag() != Tag::Oid || Oid::new(kind.data.into()) != SIGNED_DATA {
        return Err(PemError::Pkcs7Kind { line });
    }
    let (_, signed_data) = Any::from_ber(wrapped.data).map_err(|_| malformed())?;
    let fields = children(signed_data.data).ok_or_else(malformed)?;
    // version, digestAlgorithms, contentInfo, then certificates [0]
    let set = fields.iter().skip(3).map(|(field, _)| field).find(|field| is_context(field, 0));
    let choices = set.map_or_else(|| Some(Vec::new()), |set| children(set.data)).ok_or_else(malformed)?;
    let is_certificate =
        |choice: &Any<'_>| choice.tag() == Tag::Sequence && choice.class() == Class::Universal;
    let blocks: Vec<_> = choices
        .into_iter()
        .filter(|(choice, _)| is_certificate(choice))
        .map(|(_, raw)| Block::Certificate(raw.to_vec()))
        .collect();
    if blocks.is_empty() { Err(PemError::Pkcs7Empty { line }) } else { Ok(blocks) }
}

/// What an object is, by its outermost fields.
enum Shape {
    Certificate,
    Request,
    Pkcs7,
    Pkcs12,
    PrivateKey { encrypted: bool },
    Unknown,
}

impl Shape {
    fn of(der: &[u8]) -> Self {
        Self::recognise(der).unwrap_or(Self::Unknown)
    }

    /// The first field decides: an OID is a ContentInfo; an INTEGER is the version of a private key
    /// (0 or 1) or of a PKCS#12 (3); else it is a SEQUENCE, and its own first fields decide.
    fn recognise(der: &[u8]) -> Option<Self> {
        let (_, outer) = Any::from_ber(der).ok()?;
        let (rest, first) = Any::from_ber(outer.data).ok()?;
        match first.tag() {
            Tag::Oid => Some(Self::Pkcs7),
            Tag::Integer if first.data == [3] => Some(Self::Pkcs12),
            Tag::Integer => Some(Self::PrivateKey { encrypted: false }),
            Tag::Sequence => Self::of_sequence(first.data, rest),
            _ => None,
        }
    }

    /// `body` of the first field, and what follows that field.
    fn of_sequence(body: &[u8], rest: &[u8]) -> Option<Self> {
        let (after, first) = Any::from_ber(body).ok()?;
        if is_context(&first, 0) {
            return Some(Self::Certificate); // its version, [0] EXPLICIT
        }
        match first.tag() {
            // An AlgorithmIdentifier: before an OCTET STRING that is EncryptedPrivateKeyInfo.
            Tag::Oid => {
                let (_, second) = Any::from_ber(rest).ok()?;
                (second.tag() == Tag::OctetString).then_some(Self::PrivateKey { encrypted: true })
            }
            // The serial number of a v1 certificate, before an AlgorithmIdentifier; or the version
            // of a request, before a Name, which is empty or begins with a SET.
            Tag::Integer => {
                let (_, second) = Any::from_ber(after).ok()?;
                let is_name = second.data.is_empty() || second.data.starts_with(&[0x31]);
                Some(if is_name { Self::Request } else { Self::Certificate })
            }
            _ => None,
        }
    }
}

fn is_context(any: &Any<'_>, tag: u32) -> bool {
    any.class() == Class::ContextSpecific && any.tag() == Tag(tag)
}

/// The first object and what follows it.
fn split_first(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, _) = Any::from_ber(data).ok()?;
    data.split_at_checked(data.len() - rest.len()).map(|(raw, rest)| (rest, raw))
}

/// Everything in a constructed value, each with its whole encoding.
fn children(mut data: &[u8]) -> Option<Vec<(Any<'_>, &[u8])>> {
    let mut all = Vec::new();
    while !data.is_empty() {
        let (_, any) = Any::from_ber(data).ok()?;
        let (rest, raw) = split_first(data)?;
        all.push((any, raw));
        data = rest;
    }
    Some(all)
}
