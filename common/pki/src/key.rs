//! Key pairs: generate, sign, compare. Private keys live in aws-lc-rs types only.

use super::second_opinion;
use super::spki::{PublicKeyKind, Spki, bit_length};
use crate::oid::{self, ObjectIdentifier};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _};
use der::asn1::UintRef;
use der::{Decode, Header, SliceReader};
use pkcs8::PrivateKeyInfoRef;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The six key types of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KeyAlgorithm {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    NistP256,
    NistP384,
    NistP521,
}

impl KeyAlgorithm {
    /// All six, in the order the list at the prompt shows them.
    pub const ALL: [Self; 6] =
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096, Self::NistP256, Self::NistP384, Self::NistP521];
    /// The word flags, prompts and documents use: `RSA2048` … `NISTP521`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA2048",
            Self::Rsa3072 => "RSA3072",
            Self::Rsa4096 => "RSA4096",
            Self::NistP256 => "NISTP256",
            Self::NistP384 => "NISTP384",
            Self::NistP521 => "NISTP521",
        }
    }
    /// Whether it is an RSA key type.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096)
    }
    /// The key type of a public key, if it is one of the six.
    pub fn of(spki: &Spki) -> Option<Self> {
        match spki.kind() {
            PublicKeyKind::Rsa { bits: 2048 } => Some(Self::Rsa2048),
            PublicKeyKind::Rsa { bits: 3072 } => Some(Self::Rsa3072),
            PublicKeyKind::Rsa { bits: 4096 } => Some(Self::Rsa4096),
            PublicKeyKind::P256 => Some(Self::NistP256),
            PublicKeyKind::P384 => Some(Self::NistP384),
            PublicKeyKind::P521 => Some(Self::NistP521),
            PublicKeyKind::Rsa { .. } | PublicKeyKind::Ed25519 | PublicKeyKind::Other(_) => None,
        }
    }
    /// OID of the algorithm this key type signs with (see [`KeyPair::sign`]).
    pub const fn signature_oid(self) -> ObjectIdentifier {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => oid::SHA256_WITH_RSA,
            Self::NistP256 => oid::ECDSA_WITH_SHA256,
            Self::NistP384 => oid::ECDSA_WITH_SHA384,
            Self::NistP521 => oid::ECDSA_WITH_SHA512,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads the words of [`KeyAlgorithm::name`], any case; also `RSA-2048`, `P-256`, `NIST-P256`.
impl FromStr for KeyAlgorithm {
    type Err = KeyAlgorithmError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word: String = s.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect();
        let same = |algorithm: &Self| {
            algorithm.name() == word || algorithm.name().strip_prefix("NIST") == Some(word.as_str())
        };
        Self::ALL.into_iter().find(same).ok_or_else(|| KeyAlgorithmError(common::Untrusted::new(s)))
    }
}

/// Not one of the six key types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown key type {0}, expected one of RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521")]
pub struct KeyAlgorithmError(pub common::Untrusted);

/// A private key and its public key.
///
/// It cannot be shown, copied or written:
///
/// ```compile_fail,E0277
/// fn shows<T: std::fmt::Debug>() {}
/// shows::<pki::KeyPair>();
/// ```
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<pki::KeyPair>();
/// ```
///
/// ```compile_fail,E0277
/// fn writes<T: serde::Serialize>() {}
/// writes::<pki::KeyPair>();
/// ```
pub struct KeyPair {
    algorithm: KeyAlgorithm,
    spki: Spki,
    private: Private,
}

/// What holds the secret: AWS-LC wipes it when it goes.
enum Private {
    Rsa(rsa::KeyPair),
    Ec(EcdsaKeyPair),
}

impl KeyPair {
    /// Makes a new key.
    /// # Errors
    /// [`KeyError::Generate`] when the random source or the prime search fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let private = match mechanism(algorithm) {
            Mechanism::Rsa(size) => rsa::KeyPair::generate(size).map(Private::Rsa),
            Mechanism::Ec(curve) => EcdsaKeyPair::generate(curve).map(Private::Ec),
        };
        Self::new(private.map_err(|_| KeyError::Generate(algorithm))?)
    }

    /// Loads an unencrypted PKCS#8 key of one of the six types.
    /// # Errors
    /// [`KeyError::Unsupported`], [`KeyError::Malformed`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::Malformed)?;
        let private = match (info.algorithm.oid, info.algorithm.parameters_oid().ok()) {
            (oid::RSA, _) => Private::Rsa(
                rsa::KeyPair::from_pkcs8(der).map_err(|_| rejected_rsa(info.private_key.as_bytes()))?,
            ),
            (oid::EC, Some(curve)) => {
                let curve = signing_algorithm(curve)?;
                Private::Ec(EcdsaKeyPair::from_pkcs8(curve, der).map_err(|_| KeyError::Malformed)?)
            }
            (other, _) => return Err(KeyError::Unsupported(algorithm_name(other))),
        };
        Self::new(private)
    }

    fn new(private: Private) -> Result<Self, KeyError> {
        let public: PublicKeyX509Der<'_> = match &private {
            Private::Rsa(key) => key.public_key().as_der(),
            Private::Ec(key) => key.public_key().as_der(),
        }
        .map_err(|_| KeyError::Malformed)?;
        let spki = Spki::from_der(public.as_ref()).map_err(|_| KeyError::Malformed)?;
        let algorithm =
            KeyAlgorithm::of(&spki).ok_or_else(|| KeyError::Unsupported(spki.kind().to_string()))?;
        Ok(Self { algorithm, spki, private })
    }

    /// Its type.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }
    /// Its public half.
    pub const fn spki(&self) -> &Spki {
        &self.spki
    }

    /// Unencrypted PKCS#8, wiped on drop; for sealing and for the TLS configuration in memory only.
    /// # Errors
    /// [`KeyError::Export`].
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // Both buffers AWS-LC hands out wipe themselves; `to_vec` allocates exactly once.
        match &self.private {
            Private::Rsa(key) => AsDer::<Pkcs8V1Der<'_>>::as_der(key).map(|der| der.as_ref().to_vec()),
            Private::Ec(key) => key.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
        }
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Export)
    }

    /// Signs with the key type's own hash: SHA-256 for RSA (PKCS#1 v1.5) and P-256, SHA-384 for
    /// P-384, SHA-512 for P-521; ECDSA in ASN.1 form.
    /// # Errors
    /// [`KeyError::Sign`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature).map(|()| signature)
            }
            Private::Ec(key) => key.sign(&random, message).map(|signature| signature.as_ref().to_vec()),
        }
        .map_err(|_| KeyError::Sign)
    }

    /// The two-way proof used after generating: signs a fresh challenge here, verifies it in the
    /// other implementation ([`second_opinion`]), which must also find no fault in the public key.
    /// # Errors
    /// [`KeyError::Sign`], [`KeyError::SecondOpinion`].
    pub fn prove(&self) -> Result<(), KeyError> {
        if let Some(fault) = second_opinion::key_faults(&self.spki).first() {
            return Err(KeyError::SecondOpinion(fault.to_string()));
        }
        let mut challenge = [0; 32];
        SystemRandom::new().fill(&mut challenge).map_err(|_| KeyError::Sign)?;
        let signature = self.sign(&challenge)?;
        second_opinion::verify(&self.spki, self.algorithm.signature_oid(), &challenge, &signature)
            .map_err(KeyError::SecondOpinion)
    }
}

/// How rcgen sees the key: it encodes the public half and asks for signatures, no more.
impl rcgen::PublicKeyData for KeyPair {
    fn der_bytes(&self) -> &[u8] {
        self.spki.key_bytes()
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.algorithm {
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => &rcgen::PKCS_RSA_SHA256,
            KeyAlgorithm::NistP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyAlgorithm::NistP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyAlgorithm::NistP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
        }
    }
}

impl rcgen::SigningKey for KeyPair {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Self::sign(self, message).map_err(|_| rcgen::Error::RingUnspecified)
    }
}

/// What AWS-LC is asked for.
enum Mechanism {
    Rsa(rsa::KeySize),
    Ec(&'static EcdsaSigningAlgorithm),
}

const fn mechanism(algorithm: KeyAlgorithm) -> Mechanism {
    match algorithm {
        KeyAlgorithm::Rsa2048 => Mechanism::Rsa(rsa::KeySize::Rsa2048),
        KeyAlgorithm::Rsa3072 => Mechanism::Rsa(rsa::KeySize::Rsa3072),
        KeyAlgorithm::Rsa4096 => Mechanism::Rsa(rsa::KeySize::Rsa4096),
        KeyAlgorithm::NistP256 => Mechanism::Ec(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeyAlgorithm::NistP384 => Mechanism::Ec(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeyAlgorithm::NistP521 => Mechanism::Ec(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
    }
}

fn signing_algorithm(curve: ObjectIdentifier) -> Result<&'static EcdsaSigningAlgorithm, KeyError> {
    match curve {
        oid::P256 => Ok(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        oid::P384 => Ok(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        oid::P521 => Ok(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        other => Err(KeyError::Unsupported(format!("elliptic curve {}", curve_name(other)))),
    }
}

/// What people call a kind of key that is not the product's, else its OID
/// (RFC 3279 §2.3, RFC 4055 §1.2, RFC 8410 §3, RFC 9881 §2).
fn algorithm_name(oid: ObjectIdentifier) -> String {
    let name = match oid {
        oid::X25519 => "X25519",
        oid::X448 => "X448",
        oid::ED25519 => "Ed25519",
        oid::ED448 => "Ed448",
        oid::DSA => "DSA",
        oid::DIFFIE_HELLMAN => "Diffie-Hellman",
        oid::RSASSA_PSS => "RSASSA-PSS",
        oid::EC => "elliptic curve with explicit parameters",
        oid::ML_DSA_44 | oid::ML_DSA_65 | oid::ML_DSA_87 => "ML-DSA",
        other => return other.to_string(),
    };
    name.to_owned()
}

/// What people call a curve, else its OID ([RFC 5480 §2.1.1.1](https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1)).
fn curve_name(oid: ObjectIdentifier) -> String {
    let name = match oid {
        oid::P192 => "P-192",
        oid::P224 => "P-224",
        oid::SECP256K1 => "secp256k1",
        oid::BRAINPOOL_P256R1 => "brainpoolP256r1",
        oid::BRAINPOOL_P384R1 => "brainpoolP384r1",
        oid::BRAINPOOL_P512R1 => "brainpoolP512r1",
        other => return other.to_string(),
    };
    name.to_owned()
}

/// Why AWS-LC does not load an RSA key: it takes 2048 to 8192 bits, other sizes are no damage.
fn rejected_rsa(key: &[u8]) -> KeyError {
    match modulus_bits(key) {
        Ok(bits) if !(2048..=8192).contains(&bits) => {
            KeyError::Unsupported(PublicKeyKind::Rsa { bits }.to_string())
        }
        Ok(_) | Err(_) => KeyError::Malformed,
    }
}

/// Second field of RSAPrivateKey ([RFC 8017 §A.1.2](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2)),
/// read in place: nothing secret is copied.
fn modulus_bits(key: &[u8]) -> der::Result<usize> {
    let mut fields = SliceReader::new(key)?;
    Header::decode(&mut fields)?;
    let _version = u8::decode(&mut fields)?;
    Ok(bit_length(UintRef::decode(&mut fields)?.as_bytes()))
}

/// Why a key cannot be made or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Generation failed.
    #[error("cannot generate a {0} key")]
    Generate(KeyAlgorithm),
    /// Not one of the six types.
    #[error("unsupported key: {0}")]
    Unsupported(String),
    /// Not a PKCS#8 key.
    #[error("malformed private key")]
    Malformed,
    /// The private key cannot be encoded.
    #[error("cannot encode the private key")]
    Export,
    /// Signing failed.
    #[error("cannot sign with this key")]
    Sign,
    /// The second implementation disagrees.
    #[error("the second implementation rejects this key: {0}")]
    SecondOpinion(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SignatureAlgorithm;

    #[test]
    fn key_types_are_read_as_people_write_them() {
        for (text, algorithm) in [
            ("RSA2048", KeyAlgorithm::Rsa2048),
            ("rsa-3072", KeyAlgorithm::Rsa3072),
            ("P-256", KeyAlgorithm::NistP256),
            ("p384", KeyAlgorithm::NistP384),
            ("NIST-P521", KeyAlgorithm::NistP521),
        ] {
            assert_eq!(text.parse(), Ok(algorithm), "{text}");
        }
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
        }
        for text in ["", "RSA", "RSA1024", "P-224", "RSA2048 ", "ED25519", "-"] {
            assert_eq!(text.parse::<KeyAlgorithm>(), Err(KeyAlgorithmError(common::Untrusted::new(text))));
        }
    }

    #[test]
    fn a_new_key_proves_itself_signs_and_comes_back_from_pkcs8() {
        for algorithm in
            [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521]
        {
            let key = KeyPair::generate(algorithm).unwrap();
            assert_eq!(key.algorithm(), algorithm);
            assert_eq!(KeyAlgorithm::of(key.spki()), Some(algorithm));
            key.prove().unwrap();

            let again = KeyPair::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
            assert_eq!(again.spki(), key.spki());
            let signature = again.sign(b"message").unwrap();
            let by = SignatureAlgorithm { oid: algorithm.signature_oid(), parameters: None };
            assert_eq!(by.verify(key.spki(), b"message", &signature), Ok(()));
        }
    }

    #[test]
    fn rcgen_encodes_the_same_public_key() {
        for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP256, KeyAlgorithm::NistP521] {
            let key = KeyPair::generate(algorithm).unwrap();
            assert_eq!(rcgen::PublicKeyData::subject_public_key_info(&key), key.spki().der());
        }
    }

    /// PKCS#8 of an RSA key of 1024 bits, made with OpenSSL.
    const RSA_1024: &str = concat!(
        "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMifeDn93wTSA5Mry8/wLX5FvRkYHPas7eRYF7bcgTIzE/v",
        "r/4/aVT95TKgQNCzFh/XKDOc/inI5lOke414gFYEoglFJm1xB+eOvjBVjhMIJonYmKGJ2QtKd0Wrr/63axi3keKrI81fHZr",
        "XCRXYqmebEVQ3zuVAd28MdrjLi8WlrAgMBAAECgYBwYVvwaDRQN/BGtWbCwRBKxnfpoac/ypirq2kFRrmcTB5qpMUQaMYN+",
        "z2kewcu+Sty1E6sDtzXpUez2liUtjY0l0QbOBq4hFJFlFV2uHbSyen+scATDnitUAElFbt4roFMmhJJ/QYw3jj+faVHzjmu",
        "w8SQ8KE9QrJWBEGoe5kBKQJBAPoFX3/VYX0omWusD3xYAC9MwLKqdZ7La5xkSgmZM+xYT5emXA4kRxWdiDPVU/0OnJG8Kg7",
        "QwAuWvGKFE1478XUCQQDNa66VjNJEYE7XqWoBqbYq1II0m4WFKVDeBrPl7pKv4o9tsd+325xwMfSArl4qmtrAuDIeyUt9Ee",
        "KueKnTprNfAkBCSPBjtM+u3fem2ywT3ETYRXIFLDoYyneSM+iJGOvyKguX+gwH18hcy7ITg+hLe/c4j/laii+QIvt45y0WW",
        "7ANAkBt+wkt6IdrNGUB8iJfYY22wLA1mk6STNyPAueuY10F7jb8dA9jUKEhMJ3Hh5PDG8WjCPtMoFlaTQkggFnsh4PhAkEA",
        "sQZkSoF5tha0zUHaWBzG3Axbty6Lc4VEG4mZFESPacEy3OVGXfFzwCkdAV/55RjwI+ozImaw+H/qHN6kLN6cHA==",
    );

    #[test]
    fn a_key_of_another_type_is_named_and_garbage_is_not() {
        // PKCS#8 of RFC 8410 §10.3: Ed25519.
        let ed25519 = data_encoding::BASE64
            .decode(b"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")
            .unwrap();
        let unsupported = KeyPair::from_pkcs8(&ed25519).err();
        assert_eq!(unsupported, Some(KeyError::Unsupported("Ed25519".to_owned())));

        let small = data_encoding::BASE64.decode(RSA_1024.as_bytes()).unwrap();
        let unsupported = KeyPair::from_pkcs8(&small).err();
        assert_eq!(unsupported, Some(KeyError::Unsupported("RSA with 1024 bits".to_owned())));

        let good = KeyPair::generate(KeyAlgorithm::NistP256).unwrap().to_pkcs8().unwrap();
        for bad in [&[][..], b"garbage", good.get(..good.len() - 1).unwrap()] {
            assert_eq!(KeyPair::from_pkcs8(bad).err(), Some(KeyError::Malformed));
        }
    }

    #[test]
    fn a_key_that_does_not_fit_its_public_half_does_not_prove_itself() {
        let mut key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
        key.spki = KeyPair::generate(KeyAlgorithm::NistP256).unwrap().spki;
        assert!(matches!(key.prove(), Err(KeyError::SecondOpinion(_))));
    }

    #[test]
    fn a_damaged_rsa_key_of_a_good_size_is_malformed() {
        let mut pkcs8 = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap().to_pkcs8().unwrap();
        // Far behind the modulus, in a prime.
        let at = pkcs8.len() / 2;
        pkcs8[at] ^= 1;
        assert_eq!(KeyPair::from_pkcs8(&pkcs8).err(), Some(KeyError::Malformed));
    }

    #[test]
    fn types_and_curves_have_the_names_people_know() {
        assert_eq!(format!("{:>9}", KeyAlgorithm::NistP256), " NISTP256");
        for (oid, name) in [
            ("1.2.840.10045.3.1.1", "P-192"),
            ("1.3.132.0.33", "P-224"),
            ("1.3.132.0.10", "secp256k1"),
            ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
            ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
            ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
            ("1.2.3", "1.2.3"),
        ] {
            let other = ObjectIdentifier::new_unwrap(oid);
            let told = signing_algorithm(other).err().map(|error| error.to_string());
            assert_eq!(told, Some(format!("unsupported key: elliptic curve {name}")));
        }
        for (oid, name) in [
            ("1.3.101.110", "X25519"),
            ("1.3.101.111", "X448"),
            ("1.3.101.112", "Ed25519"),
            ("1.3.101.113", "Ed448"),
            ("1.2.840.10040.4.1", "DSA"),
            ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
            ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
            ("1.2.840.10045.2.1", "elliptic curve with explicit parameters"),
            ("2.16.840.1.101.3.4.3.18", "ML-DSA"),
            ("1.2.3", "1.2.3"),
        ] {
            assert_eq!(algorithm_name(ObjectIdentifier::new_unwrap(oid)), name);
        }
    }
}
