//! X.509 certificates ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)), parsed but not judged.

use super::extensions::Extensions;
use super::name::DistinguishedName;
use super::pem;
use super::signature::{self, SignatureAlgorithm, SignatureError};
use super::spki::{Sha256, Spki};
use crate::Timestamp;
use data_encoding::HEXUPPER;
use der::asn1::{Any, BitString, Int};
use der::{Decode as _, Tag, Tagged as _};
use time::{Date, Month, Time, UtcDateTime};
use x509_parser::prelude::FromDer as _;

/// One certificate: strictly decoded, every field read once, nothing judged. A version other than
/// v3, a serial number of zero or of a hundred octets, a validity that ends before it begins: all
/// can be held, because the rules must be able to speak about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    version: u8,
    serial: Vec<u8>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    not_before: Timestamp,
    not_after: Timestamp,
    spki: Spki,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
    extensions: Extensions,
}

impl Certificate {
    /// Decodes DER: the strict gate first (DER that encodes back to itself, no trailing data, no
    /// partial octets), then the rich view.
    /// # Errors
    /// [`CertificateError`] names the part that cannot be read, never its contents.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let strict = Strict::gate(der)?;
        let (_, rich) = x509_parser::certificate::X509Certificate::from_der(der)
            .map_err(|_| CertificateError::at("structure"))?;
        let name = |name: &x509_cert::name::Name, part| {
            encode(name)
                .ok()
                .and_then(|der| DistinguishedName::from_der(&der))
                .ok_or(CertificateError::at(part))
        };
        let tbs = &strict.tbs;
        Ok(Self {
            der: der.to_vec(),
            tbs: encode(tbs)?,
            version: tbs.version,
            serial: rich.raw_serial().to_vec(),
            subject: name(&tbs.subject, "subject")?,
            issuer: name(&tbs.issuer, "issuer")?,
            not_before: moment(&tbs.validity.not_before).ok_or(CertificateError::at("notBefore"))?,
            not_after: moment(&tbs.validity.not_after).ok_or(CertificateError::at("notAfter"))?,
            spki: Spki::from_der(&encode(&tbs.spki)?)
                .map_err(|_| CertificateError::at("subjectPublicKeyInfo"))?,
            algorithm: SignatureAlgorithm {
                oid: strict.algorithm.oid.to_string(),
                parameters: strict.algorithm.parameters.as_ref().map(encode).transpose()?,
            },
            signature: strict.signature.as_bytes().ok_or(CertificateError::at("signature"))?.to_vec(),
            extensions: Extensions::parse(rich.extensions()),
        })
    }

    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM, label `CERTIFICATE`.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// sha256 of the DER.
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.der)
    }

    /// The version as people count it: 3 for v3, encoded as 2.
    pub const fn version(&self) -> u16 {
        self.version as u16 + 1
    }

    /// The serial number, upper-case hex pairs joined by colons, as `openssl x509 -text` prints a
    /// long one; the sign octet of a positive number is left out.
    pub fn serial(&self) -> String {
        let magnitude = match self.serial.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        magnitude.iter().map(|octet| HEXUPPER.encode(&[*octet])).collect::<Vec<_>>().join(":")
    }

    /// The content octets of the serial number: two's complement, most significant first.
    pub fn serial_octets(&self) -> &[u8] {
        &self.serial
    }

    /// subject
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// issuer
    pub const fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// First moment of validity.
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last moment of validity.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The public key.
    pub const fn spki(&self) -> &Spki {
        &self.spki
    }

    /// The algorithm the issuer signed with.
    pub const fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    /// The extensions.
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Whether basicConstraints says CA:TRUE.
    pub fn is_ca(&self) -> bool {
        self.extensions
            .basic_constraints
            .as_ref()
            .is_some_and(|found| found.value.as_ref().is_ok_and(|constraints| constraints.ca))
    }

    /// Whether issuer and subject are the same name, byte for byte.
    pub fn is_self_issued(&self) -> bool {
        self.issuer.der() == self.subject.der()
    }

    /// Whether it is self-issued and its own key made its signature
    /// ([RFC 5280 §3.2](https://www.rfc-editor.org/rfc/rfc5280#section-3.2)).
    pub fn is_self_signed(&self) -> bool {
        self.is_self_issued() && self.verify_signed_by(&self.spki) != Err(SignatureError::Invalid)
    }

    /// Verifies this certificate's signature with an issuer's key.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signed_by(&self, issuer: &Spki) -> Result<(), SignatureError> {
        signature::verify(issuer, &self.algorithm, &self.tbs, &self.signature)
    }
}

/// The shape of a certificate ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)),
/// for the strict decoder. Not `x509_cert::Certificate`: that one rewrites times and refuses long
/// serial numbers, which are for the rules to judge.
#[derive(der::Sequence)]
struct Strict {
    tbs: StrictTbs,
    algorithm: spki::AlgorithmIdentifierOwned,
    signature: BitString,
}

#[derive(der::Sequence)]
struct StrictTbs {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: u8,
    serial: Int,
    signature: spki::AlgorithmIdentifierOwned,
    issuer: x509_cert::name::Name,
    validity: StrictValidity,
    subject: x509_cert::name::Name,
    spki: spki::SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    issuer_unique_id: Option<BitString>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    subject_unique_id: Option<BitString>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<x509_cert::ext::Extensions>,
}

#[derive(der::Sequence)]
struct StrictValidity {
    not_before: Any,
    not_after: Any,
}

impl Strict {
    fn gate(der: &[u8]) -> Result<Self, CertificateError> {
        let strict = Self::from_der(der).map_err(|error| CertificateError(error.kind().to_string()))?;
        if encode(&strict)? == der { Ok(strict) } else { Err(CertificateError::at("encoding (not DER)")) }
    }
}

fn encode(value: &impl der::Encode) -> Result<Vec<u8>, CertificateError> {
    value.to_der().map_err(|error| CertificateError(error.kind().to_string()))
}

/// Reads a Time in the one form the profile allows, `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`
/// ([RFC 5280 §4.1.2.5](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5)).
fn moment(time: &Any) -> Option<Timestamp> {
    let digits = time.value().strip_suffix(b"Z")?;
    let century = match (time.tag(), digits) {
        (Tag::UtcTime, [b'0'..=b'4', ..]) => 2000,
        (Tag::UtcTime, _) => 1900,
        _ => 0,
    };
    let (year, rest) = digits.split_at_checked(if time.tag() == Tag::UtcTime { 2 } else { 4 })?;
    if !matches!(time.tag(), Tag::UtcTime | Tag::GeneralizedTime) || rest.len() != 10 {
        return None;
    }
    let fields = rest.chunks(2).map(decimal).collect::<Option<Vec<_>>>()?;
    let [month, day, hour, minute, second] = <[u16; 5]>::try_from(fields).ok()?;
    let octet = |field: u16| u8::try_from(field).ok();
    let date = Date::from_calendar_date(
        i32::from(century + decimal(year)?),
        Month::try_from(octet(month)?).ok()?,
        octet(day)?,
    );
    let clock = Time::from_hms(octet(hour)?, octet(minute)?, octet(second)?);
    Some(Timestamp::from_unix(UtcDateTime::new(date.ok()?, clock.ok()?).unix_timestamp()))
}

fn decimal(digits: &[u8]) -> Option<u16> {
    digits
        .iter()
        .try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u16::from(digit - b'0')))
}

/// Not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed certificate: {0}")]
pub struct CertificateError(pub String);

impl CertificateError {
    fn at(part: &str) -> Self {
        Self(format!("{part} cannot be read"))
    }
}
