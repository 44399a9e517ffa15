//! One certificate to be signed ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)).
//!
//! Built from DER parts, so that a subject and a public key arrive in the certificate byte for
//! byte as they stand in the request; a builder with its own idea of a name would replace
//! repeated attributes and re-encode strings.

use super::AuthorityError;
use common::Timestamp;
use der::asn1::BitString;
use der::{Any, Decode, Encode, Sequence};
use pki::{Certificate, KeyAlgorithm, KeyPair, Spki};
use std::time::Duration;
use x509_cert::Version;
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::{Time, Validity};

/// What a certificate is to say.
pub(super) struct Draft<'a> {
    /// DER of the issuer's subject.
    pub(super) issuer: &'a [u8],
    /// DER of the holder's subject.
    pub(super) subject: &'a [u8],
    /// The holder's public key.
    pub(super) spki: &'a Spki,
    /// First moment of validity.
    pub(super) not_before: Timestamp,
    /// Last moment of validity.
    pub(super) not_after: Timestamp,
    /// In the order they are encoded.
    pub(super) extensions: Vec<Extension>,
}

impl Draft<'_> {
    /// Gives the certificate a serial number, signs it, and reads it back as everybody else will.
    pub(super) fn sign(self, key: &KeyPair) -> Result<Certificate, AuthorityError> {
        let algorithm = signature_algorithm(key.algorithm());
        let tbs = TbsCertificate {
            version: Version::V3,
            serial_number: serial_number()?,
            signature: algorithm.clone(),
            issuer: Any::from_der(self.issuer)?,
            validity: Validity::new(time(self.not_before)?, time(self.not_after)?),
            subject: Any::from_der(self.subject)?,
            spki: Any::from_der(self.spki.der())?,
            extensions: self.extensions,
        };
        let message = tbs.to_der()?;
        let signature = BitString::from_bytes(&key.sign(&message)?)?;
        let signed = SignedCertificate { tbs: Any::from_der(&message)?, algorithm, signature };
        let certificate = Certificate::from_der(&signed.to_der()?)?;
        certificate.verify_signed_by(key.spki())?;
        Ok(certificate)
    }
}

/// TBSCertificate with the parts that are copied left opaque.
#[derive(Sequence)]
struct TbsCertificate {
    #[asn1(context_specific = "0", default = "Default::default")]
    version: Version,
    serial_number: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    validity: Validity,
    subject: Any,
    spki: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

/// Certificate.
#[derive(Sequence)]
struct SignedCertificate {
    tbs: Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// 20 random octets, the most [RFC 5280 §4.1.2.2](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2)
/// allows: positive, and never shortened by a leading zero octet.
fn serial_number() -> Result<SerialNumber, AuthorityError> {
    let mut octets = [0_u8; 20];
    while !matches!(octets.first(), Some(0x01..=0x7f)) {
        aws_lc_rs::rand::fill(&mut octets).map_err(|_| AuthorityError::Random)?;
    }
    Ok(SerialNumber::new(&octets)?)
}

fn time(moment: Timestamp) -> Result<Time, AuthorityError> {
    let since_epoch = Duration::from_secs(u64::try_from(moment.unix()).unwrap_or(0));
    Ok(Time::try_from(std::time::UNIX_EPOCH + since_epoch)?)
}

/// The AlgorithmIdentifier [`KeyPair::sign`] signs with
/// ([RFC 4055 §5](https://www.rfc-editor.org/rfc/rfc4055#section-5),
/// [RFC 5758 §3.2](https://www.rfc-editor.org/rfc/rfc5758#section-3.2)).
fn signature_algorithm(key: KeyAlgorithm) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: key.signature_oid(), parameters: key.is_rsa().then(Any::null) }
}
