//! What DER is by its structure, whatever it is called, and the certificates inside PKCS#7
//! ([RFC 2315 §9.1](https://www.rfc-editor.org/rfc/rfc2315#section-9.1),
//! [RFC 5652 §5.1](https://www.rfc-editor.org/rfc/rfc5652#section-5.1)).
//!
//! BER is read here too: some programs write PKCS#7 with indefinite lengths. The certificates and
//! requests inside are handed on untouched to a strict decoder.

use super::MAX_INPUT;
use super::fault::Damage;
use x509_parser::asn1_rs::{Any, Class, FromBer, Oid, Tag, oid};

const SIGNED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.2);

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

/// What an object is, by its outermost fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Certificate,
    Request,
    Crl,
    /// SubjectPublicKeyInfo, or RSAPublicKey of PKCS#1.
    PublicKey,
    /// A ContentInfo.
    Pkcs7,
    Pkcs12,
    PrivateKey {
        encrypted: bool,
    },
    Unknown,
}

impl Shape {
    /// Of an object, of which as little as its first 40 octets need be there.
    pub(super) fn of(der: &[u8]) -> Self {
        Self::recognise(der).unwrap_or(Self::Unknown)
    }

    /// The first field decides: an OID is a ContentInfo; an INTEGER is the version of a private key
    /// (0 or 1) or of a PKCS#12 (3), or a modulus; else it is a SEQUENCE, and its own first fields decide.
    fn recognise(der: &[u8]) -> Option<Self> {
        let first = Value::sequence(der)?.first()?;
        match first.tag {
            OBJECT_IDENTIFIER => Some(Self::Pkcs7),
            INTEGER => Self::of_integer(first),
            SEQUENCE => Self::of_sequence(first),
            _ => None,
        }
    }

    fn of_integer(first: Value<'_>) -> Option<Self> {
        match (first.content, first.next()?.tag) {
            ([3], SEQUENCE) => Some(Self::Pkcs12),
            ([0 | 1], SEQUENCE | OCTET_STRING | INTEGER) => Some(Self::PrivateKey { encrypted: false }),
            (_, INTEGER) => Some(Self::PublicKey),
            _ => None,
        }
    }

    /// A signed object by the fields of what is signed, or an AlgorithmIdentifier before a key.
    fn of_sequence(body: Value<'_>) -> Option<Self> {
        let first = body.first()?;
        match first.tag {
            CONTEXT_0 => Some(Self::Certificate), // its version
            OBJECT_IDENTIFIER => match body.next()?.tag {
                OCTET_STRING => Some(Self::PrivateKey { encrypted: true }),
                BIT_STRING => Some(Self::PublicKey),
                _ => None,
            },
            // The version of a request, before a Name, which is empty or begins with a SET; or, before
            // an AlgorithmIdentifier, the serial number of a v1 certificate or the version of a CRL.
            INTEGER => {
                let second = first.next()?;
                let is_name = second.content.is_empty() || second.content.starts_with(&[SET]);
                Some(if is_name { Self::Request } else { Self::of_signed(second)? })
            }
            SEQUENCE => Self::of_signed(first).filter(|shape| *shape == Self::Crl),
            _ => None,
        }
    }

    /// By what follows the AlgorithmIdentifier and the issuer: a time (thisUpdate) or a SEQUENCE (validity).
    /// Issuers are too long for the start of an object to tell: a certificate is more likely.
    fn of_signed(algorithm: Value<'_>) -> Option<Self> {
        let issuer = algorithm.next()?;
        match issuer.next().map(|third| third.tag) {
            Some(UTC_TIME | GENERALIZED_TIME) => Some(Self::Crl),
            Some(SEQUENCE) | None => Some(Self::Certificate),
            Some(_) => None,
        }
    }
}

/// One value, as far as it is there.
#[derive(Clone, Copy)]
struct Value<'a> {
    tag: u8,
    content: &'a [u8],
    /// Of tag, length and content; `None` for an indefinite length.
    length: Option<usize>,
    rest: &'a [u8],
}

impl<'a> Value<'a> {
    /// The first value in these octets; tags of one octet and lengths of four are all that is known.
    fn read(octets: &'a [u8]) -> Option<Self> {
        let (tag, first, rest) = match octets {
            [tag, first, rest @ ..] if tag & 0x1f != 0x1f => (*tag, *first, rest),
            _ => return None,
        };
        let count = match first {
            0..=0x7f => 0,
            0x80 => return Some(Self { tag, content: rest, length: None, rest: &[] }),
            0x81..=0x84 => usize::from(first - 0x80),
            _ => return None,
        };
        let (length, rest) = rest.split_at_checked(count)?;
        let long = length.iter().fold(0, |value, octet| value << 8 | usize::from(*octet));
        let length = if count == 0 { usize::from(first) } else { long };
        let (content, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        Some(Self { tag, content, length: Some(2 + count + length), rest: after })
    }

    fn sequence(octets: &'a [u8]) -> Option<Self> {
        Self::read(octets).filter(|value| value.tag == SEQUENCE)
    }

    fn first(self) -> Option<Self> {
        Self::read(self.content)
    }

    fn next(self) -> Option<Self> {
        Self::read(self.rest)
    }
}

/// How many octets an object has by its own length; `None` when it does not say so, or more than any input has.
pub(super) fn length(der: &[u8]) -> Option<usize> {
    Value::sequence(der)?.length.filter(|length| *length <= MAX_INPUT)
}

/// How many octets the object has that begins here, between text; more than there are when it is cut.
/// Where nothing but DER has been before (`first`), less is asked of it.
pub(super) fn begins(octets: &[u8], first: bool) -> Option<usize> {
    match octets {
        [0x30, 0x80, ..] if first => {
            let object = Any::from_ber(octets).ok();
            Some(object.map_or(octets.len() + 1, |(rest, _)| octets.len() - rest.len()))
        }
        [0x30, 0x81..=0x84, ..] if first => length(octets),
        [0x30, ..] if Shape::of(octets) != Shape::Unknown => length(octets),
        [0x30, short @ 0..=0x7f, content @ ..] if first && usize::from(*short) == content.len() => {
            Some(octets.len())
        }
        _ => None,
    }
}

/// Objects one behind the other, and what is no whole object behind them.
pub(super) fn objects(mut der: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut all = Vec::new();
    // A file that passed through an editor may have gained a line end.
    while !der.trim_ascii().is_empty() {
        let Some((object, rest)) = split_first(der) else { return (all, der) };
        all.push(object);
        der = rest;
    }
    (all, &[])
}

/// The certificates of a SignedData, in the order of its SET.
pub(super) fn certificates(pkcs7: &[u8]) -> Result<Vec<&[u8]>, Damage> {
    let content_info = Any::from_ber(pkcs7).map(|(_, any)| any).map_err(|_| Damage::Pkcs7Malformed)?;
    let fields = children(content_info.data).ok_or(Damage::Pkcs7Malformed)?;
    let Ok([(kind, _), (wrapped, _)]) = <[_; 2]>::try_from(fields) else {
        return Err(Damage::Pkcs7Malformed);
    };
    if kind.tag() != Tag::Oid || Oid::new(kind.data.into()) != SIGNED_DATA {
        return Err(Damage::Pkcs7Kind);
    }
    let (_, signed_data) = Any::from_ber(wrapped.data).map_err(|_| Damage::Pkcs7Malformed)?;
    let fields = children(signed_data.data).ok_or(Damage::Pkcs7Malformed)?;
    // version, digestAlgorithms, contentInfo, then certificates [0]
    let set = fields.iter().skip(3).map(|(field, _)| field).find(|field| is_context(field, 0));
    let choices = match set {
        Some(set) => children(set.data).ok_or(Damage::Pkcs7Malformed)?,
        None => Vec::new(),
    };
    let is_certificate =
        |choice: &Any<'_>| choice.tag() == Tag::Sequence && choice.class() == Class::Universal;
    let found: Vec<_> =
        choices.into_iter().filter(|(choice, _)| is_certificate(choice)).map(|(_, raw)| raw).collect();
    if found.is_empty() { Err(Damage::Pkcs7Empty) } else { Ok(found) }
}

/// Whether these trust settings (X509_CERT_AUX of `openssl x509 -trustout`: purposes trusted, then
/// [0] purposes rejected) refuse TLS servers.
pub(super) fn refuses_servers(settings: &[u8]) -> bool {
    const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
    const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0];
    let Some(first) = Value::sequence(settings).and_then(Value::first) else { return false };
    let purposes = |list: Value<'_>| {
        let mut all = vec![];
        let mut next = list.first();
        while let Some(purpose) = next {
            all.push([SERVER_AUTH, ANY].contains(&purpose.content));
            next = purpose.next();
        }
        all
    };
    let trusted = (first.tag == SEQUENCE).then(|| purposes(first));
    let rejected = if trusted.is_some() { first.next() } else { Some(first) };
    let rejected = rejected.filter(|list| list.tag == CONTEXT_0).map(purposes).unwrap_or_default();
    rejected.contains(&true) || trusted.is_some_and(|trusted| !trusted.contains(&true))
}

fn is_context(any: &Any<'_>, tag: u32) -> bool {
    any.class() == Class::ContextSpecific && any.tag() == Tag(tag)
}

/// The first object and what follows it.
fn split_first(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, _) = Any::from_ber(data).ok()?;
    data.split_at_checked(data.len() - rest.len())
}

/// Everything in a constructed value, each with its whole encoding.
fn children(mut data: &[u8]) -> Option<Vec<(Any<'_>, &[u8])>> {
    let mut all = Vec::new();
    while !data.is_empty() {
        let (_, any) = Any::from_ber(data).ok()?;
        let (raw, rest) = split_first(data)?;
        all.push((any, raw));
        data = rest;
    }
    Some(all)
}
