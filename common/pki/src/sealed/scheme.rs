//! Which ways of sealing are accepted, and the ciphers behind them.

use super::{LABEL, Passphrase, SealError, SealedKey};
use crate::encoding;
use crate::oid::{self, ObjectIdentifier};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey,
    PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use pkcs5::pbes2::{self, EncryptionScheme, Kdf, Pbkdf2Params, Pbkdf2Prf, ScryptParams};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{self, Sequence};
use pkcs8::spki::AlgorithmIdentifierRef;
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// EncryptedPrivateKeyInfo with the algorithm still open, so that an old one can be named.
#[derive(Sequence)]
pub(super) struct Outer<'a> {
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) sealed: &'a OctetStringRef,
}

/// Decides by the first label in the text.
pub(super) fn refuse_other_labels(text: &[u8]) -> Result<(), SealError> {
    let text = std::str::from_utf8(text).map_err(|_| SealError::Malformed("not PEM".to_owned()))?;
    let label = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .ok_or_else(|| SealError::Malformed("not PEM".to_owned()))?;
    match label {
        LABEL => Ok(()),
        _ if text.contains("Proc-Type: 4,ENCRYPTED") => {
            Err(SealError::Scheme("traditional PEM encryption (Proc-Type: 4,ENCRYPTED)".to_owned()))
        }
        "PRIVATE KEY" => Err(SealError::NotSealed("PKCS#8")),
        "RSA PRIVATE KEY" => Err(SealError::NotSealed("PKCS#1")),
        "EC PRIVATE KEY" => Err(SealError::NotSealed("SEC 1")),
        "OPENSSH PRIVATE KEY" => Err(SealError::OpenSsh),
        _ => Err(SealError::Malformed(format!("the first PEM label is not {LABEL}"))),
    }
}

/// Takes PBES2 with PBKDF2 (over HMAC with SHA-1, which old files have by default, or SHA-2) or
/// scrypt, and AES in CBC mode, at a cost within the limits.
pub(super) fn accept(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<pbes2::Parameters, SealError> {
    let inner = match (algorithm.oid, algorithm.parameters) {
        (oid::PBES2, Some(parameters)) => parameters,
        (oid, _) => return Err(SealError::Scheme(scheme_name(oid))),
    };
    let (kdf, cipher) =
        inner.sequence(algorithms).map_err(|error| SealError::Malformed(encoding::fault(&error)))?;
    for oid in [kdf.oid, cipher.oid] {
        if !ACCEPTED.contains(&oid) {
            return Err(SealError::Scheme(scheme_name(oid)));
        }
    }
    let parameters =
        pbes2::Parameters::try_from(inner).map_err(|error| SealError::Malformed(encoding::fault(&error)))?;
    let length = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => accept_pbkdf2(pbkdf2)?,
        Kdf::Scrypt(scrypt) => accept_scrypt(scrypt)?,
        _ => return Err(SealError::Scheme(parameters.kdf.oid().to_string())),
    };
    if length.is_some_and(|length| usize::from(length) != parameters.encryption.key_size()) {
        return Err(SealError::Malformed("key length and cipher do not go together".to_owned()));
    }
    Ok(parameters)
}

fn algorithms<'a>(
    reader: &mut der::SliceReader<'a>,
) -> der::Result<(AlgorithmIdentifierRef<'a>, AlgorithmIdentifierRef<'a>)> {
    use der::Decode;
    Ok((AlgorithmIdentifierRef::decode(reader)?, AlgorithmIdentifierRef::decode(reader)?))
}

fn accept_pbkdf2(parameters: &Pbkdf2Params) -> Result<Option<u16>, SealError> {
    let rounds = parameters.iteration_count;
    if rounds > SealedKey::MAX_ITERATIONS {
        return Err(cost(format!("{rounds} rounds of PBKDF2"), SealedKey::MAX_ITERATIONS));
    }
    if rounds == 0 {
        return Err(SealError::Malformed("PBKDF2 without a round".to_owned()));
    }
    Ok(parameters.key_length)
}

fn accept_scrypt(parameters: &ScryptParams) -> Result<Option<u16>, SealError> {
    let (n, r, p) = (parameters.cost_parameter, parameters.block_size, parameters.parallelization);
    if n > SealedKey::MAX_SCRYPT_N {
        return Err(cost(format!("scrypt N={n}"), SealedKey::MAX_SCRYPT_N));
    }
    if r > SealedKey::MAX_SCRYPT_R {
        return Err(cost(format!("scrypt r={r}"), SealedKey::MAX_SCRYPT_R));
    }
    if p > SealedKey::MAX_SCRYPT_P {
        return Err(cost(format!("scrypt p={p}"), SealedKey::MAX_SCRYPT_P));
    }
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
        return Err(SealError::Malformed("scrypt parameters out of range".to_owned()));
    }
    Ok(parameters.key_length)
}

fn cost(asked: String, limit: impl ToString) -> SealError {
    SealError::Cost(asked, limit.to_string())
}

const ACCEPTED: [ObjectIdentifier; 5] =
    [oid::PBKDF2, oid::SCRYPT, oid::AES_128_CBC, oid::AES_192_CBC, oid::AES_256_CBC];

/// What people know a scheme, cipher or PRF by (RFC 8018 Appendix C, RFC 7292 Appendix C).
fn scheme_name(oid: ObjectIdentifier) -> String {
    let name = match oid {
        oid::PBES1_MD2_DES => "PBES1 with MD2 and DES",
        oid::PBES1_MD5_DES => "PBES1 with MD5 and DES",
        oid::PBES1_MD2_RC2 => "PBES1 with MD2 and RC2",
        oid::PBES1_MD5_RC2 => "PBES1 with MD5 and RC2",
        oid::PBES1_SHA1_DES => "PBES1 with SHA-1 and DES",
        oid::PBES1_SHA1_RC2 => "PBES1 with SHA-1 and RC2",
        oid::PBES2 => "PBES2 without parameters",
        oid::PKCS12_SHA1_RC4_128 | oid::PKCS12_SHA1_RC4_40 => "PKCS#12 encryption with SHA-1 and RC4",
        oid::PKCS12_SHA1_3DES | oid::PKCS12_SHA1_2DES => "PKCS#12 encryption with SHA-1 and 3DES",
        oid::PKCS12_SHA1_RC2_128 | oid::PKCS12_SHA1_RC2_40 => "PKCS#12 encryption with SHA-1 and RC2",
        oid::RC2_CBC => "RC2",
        oid::DES_EDE3_CBC => "3DES",
        oid::DES_CBC => "DES",
        oid::AES_128_GCM | oid::AES_192_GCM | oid::AES_256_GCM => "AES-GCM",
        _ => return format!("scheme {oid}"),
    };
    name.to_owned()
}

/// The PRF in AWS-LC, which has no PBKDF2 over HMAC-SHA224.
fn prf(prf: Pbkdf2Prf) -> Option<pbkdf2::Algorithm> {
    match prf {
        Pbkdf2Prf::HmacWithSha1 => Some(pbkdf2::PBKDF2_HMAC_SHA1),
        Pbkdf2Prf::HmacWithSha256 => Some(pbkdf2::PBKDF2_HMAC_SHA256),
        Pbkdf2Prf::HmacWithSha384 => Some(pbkdf2::PBKDF2_HMAC_SHA384),
        Pbkdf2Prf::HmacWithSha512 => Some(pbkdf2::PBKDF2_HMAC_SHA512),
        Pbkdf2Prf::HmacWithSha224 | _ => None,
    }
}

fn cipher(scheme: &EncryptionScheme) -> Option<(&'static Algorithm, [u8; 16])> {
    match scheme {
        EncryptionScheme::Aes128Cbc { iv } => Some((&AES_128, *iv)),
        EncryptionScheme::Aes192Cbc { iv } => Some((&AES_192, *iv)),
        EncryptionScheme::Aes256Cbc { iv } => Some((&AES_256, *iv)),
        EncryptionScheme::Aes128Gcm { .. } | EncryptionScheme::Aes256Gcm { .. } | _ => None,
    }
}

/// The AES key; wiped on drop.
pub(super) fn derive(
    parameters: &Pbkdf2Params,
    passphrase: &Passphrase,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; length]);
    let rounds = NonZeroU32::new(parameters.iteration_count)?;
    pbkdf2::derive(prf(parameters.prf)?, rounds, parameters.salt.as_ref(), passphrase.expose(), &mut key);
    Some(key)
}

/// Encrypts in place, padding included; `None` unless by PBKDF2 and AES-CBC.
pub(super) fn encrypt(
    parameters: &pbes2::Parameters,
    passphrase: &Passphrase,
    buffer: &mut Vec<u8>,
) -> Option<()> {
    let (algorithm, iv) = cipher(&parameters.encryption)?;
    let key = derive(parameters.kdf.pbkdf2()?, passphrase, parameters.encryption.key_size())?;
    let key = UnboundCipherKey::new(algorithm, &key).ok()?;
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    PaddedBlockEncryptingKey::cbc_pkcs7(key).ok()?.less_safe_encrypt(buffer, context).ok().map(drop)
}

/// Decrypts in place; `None` when the padding is wrong.
pub(super) fn decrypt<'a>(
    parameters: &pbes2::Parameters,
    passphrase: &Passphrase,
    buffer: &'a mut [u8],
) -> Option<&'a [u8]> {
    let Some(pbkdf2) = parameters.kdf.pbkdf2().filter(|pbkdf2| prf(pbkdf2.prf).is_some()) else {
        // scrypt, or HMAC-SHA224. The library leaves its derived AES key on the stack, not wiped; keys sealed
        // here never come this way.
        return parameters.decrypt_in_place(passphrase.expose(), buffer).ok();
    };
    let (algorithm, iv) = cipher(&parameters.encryption)?;
    let key = derive(pbkdf2, passphrase, parameters.encryption.key_size())?;
    let key = UnboundCipherKey::new(algorithm, &key).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?.decrypt(buffer, context).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_have_the_names_people_know() {
        for (oid, name) in [
            ("1.2.840.113549.1.5.1", "PBES1 with MD2 and DES"),
            ("1.2.840.113549.1.5.3", "PBES1 with MD5 and DES"),
            ("1.2.840.113549.1.5.4", "PBES1 with MD2 and RC2"),
            ("1.2.840.113549.1.5.6", "PBES1 with MD5 and RC2"),
            ("1.2.840.113549.1.5.10", "PBES1 with SHA-1 and DES"),
            ("1.2.840.113549.1.5.11", "PBES1 with SHA-1 and RC2"),
            ("1.2.840.113549.1.5.13", "PBES2 without parameters"),
            ("1.2.840.113549.1.12.1.1", "PKCS#12 encryption with SHA-1 and RC4"),
            ("1.2.840.113549.1.12.1.3", "PKCS#12 encryption with SHA-1 and 3DES"),
            ("1.2.840.113549.1.12.1.6", "PKCS#12 encryption with SHA-1 and RC2"),
            ("1.2.840.113549.3.7", "3DES"),
            ("1.3.14.3.2.7", "DES"),
            ("2.16.840.1.101.3.4.1.46", "AES-GCM"),
            ("1.2.3", "scheme 1.2.3"),
        ] {
            assert_eq!(scheme_name(ObjectIdentifier::new_unwrap(oid)), name);
        }
    }

    #[test]
    fn a_key_in_clear_is_called_by_its_format() {
        for (label, format) in
            [("PRIVATE KEY", "PKCS#8"), ("RSA PRIVATE KEY", "PKCS#1"), ("EC PRIVATE KEY", "SEC 1")]
        {
            let text = format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
            assert_eq!(refuse_other_labels(text.as_bytes()), Err(SealError::NotSealed(format)));
        }
    }
}
