//! SubjectPublicKeyInfo ([RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)): compared whole, shown as sha256.

use crate::encoding;
use crate::oid::{self, ObjectIdentifier};
use common::Sha256;
use der::asn1::{AnyRef, UintRef};
use der::{Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use std::fmt;

/// What kind of key an SPKI holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PublicKeyKind {
    /// RSA with the bits of its modulus.
    Rsa {
        /// Bit length of the modulus.
        bits: usize,
    },
    /// NIST P-256 (named curve).
    P256,
    /// NIST P-384 (named curve).
    P384,
    /// NIST P-521 (named curve).
    P521,
    /// Ed25519.
    Ed25519,
    /// Anything else: algorithm OID, and curve or parameters as far as readable.
    Other(String),
}

/// As messages show it: `RSA with 2048 bits`, `P-256`.
impl fmt::Display for PublicKeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA with {bits} bits"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// One public key, as DER.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spki {
    der: Vec<u8>,
    /// Where the contents of subjectPublicKey begin: they are the end of the encoding.
    key_at: usize,
    kind: PublicKeyKind,
}

impl Spki {
    /// Takes the DER of a SubjectPublicKeyInfo, strictly decoded.
    /// # Errors
    /// [`SpkiError`] when it is not one, when it does not encode to the same bytes again, or when
    /// its key is not a whole number of octets.
    pub fn from_der(der: &[u8]) -> Result<Self, SpkiError> {
        let info = SubjectPublicKeyInfoRef::from_der(der)?;
        let key = info
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| SpkiError("the key is not a whole number of octets".to_owned()))?;
        if info.to_der()? != der {
            return Err(SpkiError("not in distinguished encoding".to_owned()));
        }
        Ok(Self { der: der.to_vec(), key_at: der.len() - key.len(), kind: kind_of(&info.algorithm, key) })
    }
    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// The contents of subjectPublicKey: an RSAPublicKey
    /// ([RFC 8017 §A.1.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1)), a curve point
    /// ([RFC 5480 §2.2](https://www.rfc-editor.org/rfc/rfc5480#section-2.2)) or what the algorithm says.
    pub fn key_bytes(&self) -> &[u8] {
        self.der.get(self.key_at..).unwrap_or_default()
    }
    /// sha256 of the encoding: what both sides of a round trip compare.
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.der)
    }
    /// Whether it is on an elliptic curve that is described instead of named.
    pub fn has_explicit_curve(&self) -> bool {
        matches!(self.kind, PublicKeyKind::Other(_))
            && SubjectPublicKeyInfoRef::from_der(&self.der).is_ok_and(|info| {
                let parameters = info.algorithm.parameters;
                info.algorithm.oid == oid::EC
                    && parameters.is_some_and(|any| any.decode_as::<ObjectIdentifier>().is_err())
            })
    }
    /// The kind of key.
    pub fn kind(&self) -> PublicKeyKind {
        self.kind.clone()
    }
}

/// Not a SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed SubjectPublicKeyInfo: {0}")]
pub struct SpkiError(pub String);

impl From<der::Error> for SpkiError {
    fn from(error: der::Error) -> Self {
        Self(encoding::fault(&error))
    }
}

/// Modulus and exponent ([RFC 8017 §A.1.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1)),
/// big-endian, without leading zeros.
#[derive(Clone, Copy, Sequence)]
pub(super) struct RsaPublicKey<'a> {
    pub(super) modulus: UintRef<'a>,
    pub(super) exponent: UintRef<'a>,
}

impl RsaPublicKey<'_> {
    pub(super) fn bits(&self) -> usize {
        bit_length(self.modulus.as_bytes())
    }
}

/// Bits of a big-endian number without leading zeros.
pub(super) fn bit_length(bytes: &[u8]) -> usize {
    let bits: usize = bytes.len().saturating_mul(8);
    bytes.first().map_or(0, |first| bits.saturating_sub(first.leading_zeros() as usize))
}

fn kind_of(algorithm: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> PublicKeyKind {
    let oid = algorithm.oid;
    match (oid, algorithm.parameters) {
        (oid::RSA, parameters) if parameters.is_none_or(|any| any.is_null()) => {
            match RsaPublicKey::from_der(key) {
                Ok(rsa) => PublicKeyKind::Rsa { bits: rsa.bits() },
                Err(_) => PublicKeyKind::Other(format!("{oid} with an unreadable key")),
            }
        }
        (oid::EC, Some(parameters)) => kind_of_curve(parameters),
        (oid::ED25519, None) => PublicKeyKind::Ed25519,
        (_, None) => PublicKeyKind::Other(oid.to_string()),
        (_, Some(_)) => PublicKeyKind::Other(format!("{oid} with parameters")),
    }
}

/// Only named curves ([RFC 5480 §2.1.1](https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1)):
/// explicit parameters let an attacker choose the generator (CVE-2020-0601).
fn kind_of_curve(parameters: AnyRef<'_>) -> PublicKeyKind {
    match parameters.decode_as::<ObjectIdentifier>() {
        Ok(oid::P256) => PublicKeyKind::P256,
        Ok(oid::P384) => PublicKeyKind::P384,
        Ok(oid::P521) => PublicKeyKind::P521,
        Ok(curve) => PublicKeyKind::Other(format!("{} on curve {curve}", oid::EC)),
        Err(_) => PublicKeyKind::Other(format!("{} with explicit curve parameters", oid::EC)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER_PERMISSIVE as HEX;

    const RSA_NULL: &str = "300d06092a864886f70d0101010500";
    const RSA_ABSENT: &str = "300b06092a864886f70d010101";
    const EC_P256: &str = "301306072a8648ce3d020106082a8648ce3d030107";

    /// SEQUENCE { algorithm, BIT STRING { 0 unused bits, key } }, all short enough for one length octet.
    fn spki(algorithm: &str, key: &str) -> Vec<u8> {
        let (algorithm, key) =
            (HEX.decode(algorithm.as_bytes()).unwrap(), HEX.decode(key.as_bytes()).unwrap());
        let mut body = algorithm;
        body.extend([3, u8::try_from(key.len() + 1).unwrap(), 0]);
        body.extend(key);
        let mut der = vec![0x30, u8::try_from(body.len()).unwrap()];
        der.extend(body);
        der
    }

    #[test]
    fn names_the_kind_of_key() {
        for (algorithm, key, kind) in [
            (RSA_NULL, "3009020400900001020103", PublicKeyKind::Rsa { bits: 24 }),
            (RSA_NULL, "30080203010001020103", PublicKeyKind::Rsa { bits: 17 }),
            (RSA_ABSENT, "30080203010001020103", PublicKeyKind::Rsa { bits: 17 }),
            (
                RSA_NULL,
                "3003020101",
                PublicKeyKind::Other("1.2.840.113549.1.1.1 with an unreadable key".into()),
            ),
            (
                "300d06092a864886f70d0101013000",
                "30080203010001020103",
                PublicKeyKind::Other("1.2.840.113549.1.1.1 with parameters".into()),
            ),
            (EC_P256, "04", PublicKeyKind::P256),
            ("301006072a8648ce3d020106052b81040022", "04", PublicKeyKind::P384),
            ("301006072a8648ce3d020106052b81040023", "04", PublicKeyKind::P521),
            (
                "301006072a8648ce3d020106052b8104000a",
                "04",
                PublicKeyKind::Other("1.2.840.10045.2.1 on curve 1.3.132.0.10".into()),
            ),
            (
                "300b06072a8648ce3d02013000",
                "04",
                PublicKeyKind::Other("1.2.840.10045.2.1 with explicit curve parameters".into()),
            ),
            ("300506032b6570", "00", PublicKeyKind::Ed25519),
            ("300706032b65700500", "00", PublicKeyKind::Other("1.3.101.112 with parameters".into())),
        ] {
            let spki = Spki::from_der(&spki(algorithm, key)).unwrap();
            assert_eq!(spki.kind(), kind, "{algorithm} {key}");
        }
    }

    #[test]
    fn the_key_is_the_end_of_the_encoding() {
        let spki = Spki::from_der(&spki(EC_P256, "04aabb")).unwrap();
        assert_eq!(spki.key_bytes(), [4, 0xaa, 0xbb]);
    }

    #[test]
    fn anything_but_one_strict_encoding_is_refused() {
        let good = spki(EC_P256, "04aabb");
        let mut trailing = good.clone();
        trailing.push(0);
        let mut unused_bits = good.clone();
        let at = unused_bits.len() - 4;
        unused_bits[at] = 1;
        let mut wrong_class = good.clone();
        wrong_class[0] = 0xb0;
        let long_length = [&[0x30, 0x81][..], &good[1..]].concat();
        for bad in [&good[..good.len() - 1], &[], &trailing, &unused_bits, &wrong_class, &long_length] {
            assert!(Spki::from_der(bad).is_err(), "{bad:02x?}");
        }
    }
}
