//! X.509 certificates ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)), parsed but not judged.

use super::extensions::Extensions;
use super::name::{DistinguishedName, display_name};
use super::pem;
use super::signature::{SignatureAlgorithm, SignatureError};
use super::spki::Spki;
use crate::encoding;
use crate::oid;
use common::{Sha256, Timestamp, Untrusted};
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
    names_one_algorithm: bool,
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
                oid: oid::shortest(strict.algorithm.oid),
                parameters: strict.algorithm.parameters.as_ref().map(encode).transpose()?,
            },
            names_one_algorithm: tbs.signature == strict.algorithm,
            signature: strict.signature.as_bytes().ok_or(CertificateError::at("signature"))?.to_vec(),
            extensions: Extensions::parse(rich.extensions()).ok_or(CertificateError::at("extensions"))?,
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

    /// The serial number, upper-case hex pairs joined by colons. The sign octet of a positive number
    /// is left out; a negative one (which no CA may issue) shows its two's complement.
    pub fn serial(&self) -> String {
        let octets = match self.serial.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        octets.iter().map(|octet| HEXUPPER.encode(&[*octet])).collect::<Vec<_>>().join(":")
    }

    /// The content octets of the serial number: two's complement, most significant first.
    pub fn serial_octets(&self) -> &[u8] {
        &self.serial
    }

    /// subject
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// What a list calls it by, whatever that text is worth: its first DNS SAN, else its first CN.
    pub fn display_name(&self) -> Option<&Untrusted> {
        display_name(&self.subject, self.extensions.names())
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

    /// Whether the algorithm inside the signature is the one named outside
    /// ([RFC 5280 §4.1.1.2](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.1.2)).
    pub const fn names_one_algorithm(&self) -> bool {
        self.names_one_algorithm
    }

    /// What is signed, and the signature.
    pub(crate) fn signed(&self) -> (&[u8], &[u8]) {
        (&self.tbs, &self.signature)
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
        self.algorithm.verify(issuer, &self.tbs, &self.signature)
    }
}

/// The shape of a certificate ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)),
/// for the strict decoder. Not `x509_cert::Certificate`: that one rewrites times and refuses long
/// serial numbers, which are for the rules to judge.
#[derive(der::Sequence)]
pub(super) struct Strict {
    pub(super) tbs: StrictTbs,
    pub(super) algorithm: spki::AlgorithmIdentifierOwned,
    pub(super) signature: BitString,
}

#[derive(der::Sequence)]
pub(super) struct StrictTbs {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(super) version: u8,
    pub(super) serial: Int,
    pub(super) signature: spki::AlgorithmIdentifierOwned,
    pub(super) issuer: x509_cert::name::Name,
    pub(super) validity: StrictValidity,
    pub(super) subject: x509_cert::name::Name,
    pub(super) spki: spki::SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) issuer_unique_id: Option<BitString>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) subject_unique_id: Option<BitString>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) extensions: Option<x509_cert::ext::Extensions>,
}

#[derive(der::Sequence)]
pub(super) struct StrictValidity {
    pub(super) not_before: Any,
    pub(super) not_after: Any,
}

impl Strict {
    pub(super) fn gate(der: &[u8]) -> Result<Self, CertificateError> {
        let strict = Self::from_der(der).map_err(|error| CertificateError(encoding::fault(&error)))?;
        if encode(&strict)? == der { Ok(strict) } else { Err(CertificateError::at("encoding (not DER)")) }
    }
}

fn encode(value: &impl der::Encode) -> Result<Vec<u8>, CertificateError> {
    value.to_der().map_err(|error| CertificateError(encoding::fault(&error)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixtures::{Ca, World, ca_params, p256};
    use proptest::prelude::*;

    #[test]
    fn another_decoder_reads_the_same_fields() {
        let world = World::sound();
        let ours = &world.chains.main[0];
        let theirs = x509_cert::Certificate::from_der(ours.der()).unwrap();
        let tbs = theirs.tbs_certificate();
        assert_eq!(ours.subject().to_string(), tbs.subject().to_string());
        assert_eq!(ours.issuer().to_string(), tbs.issuer().to_string());
        assert_eq!(ours.not_after().to_string(), tbs.validity().not_after.to_string());
        assert_eq!(ours.not_before().to_string(), tbs.validity().not_before.to_string());
        assert_eq!(ours.serial().replace(':', ""), HEXUPPER.encode(tbs.serial_number().as_bytes()));
        assert_eq!(ours.spki().der(), encode(tbs.subject_public_key_info()).unwrap());
        assert_eq!((ours.version(), ours.is_ca(), ours.is_self_signed()), (3, false, false));
        assert_eq!(
            pem::blocks(ours.to_pem().as_bytes()).unwrap(),
            [pem::Block::Certificate(ours.der().to_vec())]
        );
    }

    #[test]
    fn a_signature_holds_for_the_issuers_key_alone() {
        let world = World::sound();
        let end_entity = &world.chains.main[0];
        assert_eq!(end_entity.verify_signed_by(world.intermediate.certificate.spki()), Ok(()));
        assert_eq!(end_entity.verify_signed_by(world.root.certificate.spki()), Err(SignatureError::Invalid));
        assert!(world.root.certificate.is_self_signed());
    }

    #[test]
    fn a_self_issued_certificate_is_self_signed_only_by_its_own_key() {
        let old = Ca::root(ca_params("Root"), p256());
        let rekeyed = Ca::below(&old, ca_params("Root"), p256()).certificate;
        assert!(rekeyed.is_self_issued() && !rekeyed.is_self_signed());
    }

    #[test]
    fn serial_numbers_print_without_their_sign_octet() {
        let world = World::sound();
        for (octets, printed) in
            [(&[0x00][..], "00"), (&[0x00, 0x80], "80"), (&[0x0a, 0x1b], "0A:1B"), (&[0x80], "80")]
        {
            let serial = Any::new(Tag::Integer, octets).unwrap();
            let changed = world.intermediate.reissue(&world.chains.main[0], |tbs| {
                tbs.serial = serial.decode_as().unwrap();
            });
            assert_eq!(changed.serial(), printed);
            assert_eq!(changed.serial_octets(), octets);
        }
    }

    #[test]
    fn times_in_any_other_form_are_refused() {
        for text in [
            "2611221200Z",
            "261122120000",
            "261122120000+0100",
            "26112212000Z",
            "261322120000Z",
            "260230120000Z",
            "261122250000Z",
            "2 1122120000Z",
        ] {
            assert_eq!(moment(&Any::new(Tag::UtcTime, text.as_bytes()).unwrap()), None, "{text}");
            let long = format!("20{text}");
            assert_eq!(moment(&Any::new(Tag::GeneralizedTime, long.as_bytes()).unwrap()), None, "{long}");
        }
        assert_eq!(moment(&Any::new(Tag::Utf8String, *b"261122120000Z").unwrap()), None);
        let general = moment(&Any::new(Tag::GeneralizedTime, *b"20261122120000Z").unwrap()).unwrap();
        assert_eq!(moment(&Any::new(Tag::UtcTime, *b"261122120000Z").unwrap()), Some(general));
    }

    #[test]
    fn a_certificate_without_its_own_ca_flag_is_none() {
        let world = World::sound();
        let changed = world.intermediate.reissue(&world.intermediate.certificate, |tbs| {
            let extensions = tbs.extensions.as_mut().unwrap();
            extensions.retain(|one| one.extn_id != oid::BASIC_CONSTRAINTS);
        });
        assert!(!changed.is_ca());
    }

    #[test]
    fn nothing_but_one_whole_certificate_is_read() {
        let der = World::sound().root.certificate.der().to_vec();
        assert!(Certificate::from_der(&[&der[..], &[0]].concat()).is_err());
        for end in 0..der.len() {
            assert!(Certificate::from_der(&der[..end]).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn whatever_is_read_is_kept_to_the_byte(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 64)) {
            let der = World::sound().root.certificate.der().to_vec();
            for (place, octet) in flips {
                let mut altered = der.clone();
                altered[place.index(der.len())] = octet;
                if let Ok(certificate) = Certificate::from_der(&altered) {
                    prop_assert_eq!(certificate.der(), &altered[..]);
                    prop_assert_eq!(encode(&Strict::gate(&altered).unwrap()).unwrap(), altered);
                }
            }
        }
    }
}
