//! Object identifiers ([X.660](https://www.itu.int/rec/T-REC-X.660)): those the product knows, and how those of
//! somebody's document are read. A name comes from the database of `const-oid`; one it lacks stands here by its
//! numbers, with the standard that assigns it.

pub use const_oid::ObjectIdentifier;

use common::Untrusted;
use std::borrow::Cow;
use std::fmt;
use x509_parser::asn1_rs;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

// Extensions (RFC 5280 section 4.2), and what stands in one.
pub use const_oid::db::rfc5280::{
    ID_CE_BASIC_CONSTRAINTS as BASIC_CONSTRAINTS, ID_CE_EXT_KEY_USAGE as EXTENDED_KEY_USAGE,
    ID_CE_KEY_USAGE as KEY_USAGE, ID_CE_SUBJECT_ALT_NAME as SUBJECT_ALT_NAME,
    ID_CE_SUBJECT_KEY_IDENTIFIER as SUBJECT_KEY_ID,
};

pub(crate) use const_oid::db::rfc5280::{
    ID_AD_CA_ISSUERS as CA_ISSUERS, ID_CE_AUTHORITY_KEY_IDENTIFIER as AUTHORITY_KEY_ID,
    ID_CE_CERTIFICATE_POLICIES as CERTIFICATE_POLICIES,
    ID_CE_CRL_DISTRIBUTION_POINTS as CRL_DISTRIBUTION_POINTS, ID_CE_INHIBIT_ANY_POLICY as INHIBIT_ANY_POLICY,
    ID_CE_NAME_CONSTRAINTS as NAME_CONSTRAINTS, ID_CE_POLICY_CONSTRAINTS as POLICY_CONSTRAINTS,
    ID_PE_AUTHORITY_INFO_ACCESS as INFORMATION_ACCESS,
};

/// The TLS feature extension, must-staple (RFC 7633 section 4).
pub const TLS_FEATURE: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.24");

// Purposes of a key (RFC 5280 section 4.2.1.12).
pub use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH as CLIENT_AUTH, ID_KP_SERVER_AUTH as SERVER_AUTH};

pub(crate) use const_oid::db::rfc5280::{
    ANY_EXTENDED_KEY_USAGE as ANY_PURPOSE, ID_KP_CODE_SIGNING as CODE_SIGNING,
    ID_KP_EMAIL_PROTECTION as EMAIL_PROTECTION, ID_KP_OCSP_SIGNING as OCSP_SIGNING,
    ID_KP_TIME_STAMPING as TIME_STAMPING,
};

// Attributes of a request (RFC 2985 sections 5.2 and 5.4).
pub use const_oid::db::rfc2985::{
    PKCS_9_AT_CHALLENGE_PASSWORD as CHALLENGE_PASSWORD, PKCS_9_AT_EXTENSION_REQUEST as EXTENSION_REQUEST,
    PKCS_9_AT_UNSTRUCTURED_ADDRESS as UNSTRUCTURED_ADDRESS, PKCS_9_AT_UNSTRUCTURED_NAME as UNSTRUCTURED_NAME,
};

/// What Microsoft used for extensionRequest before there was one (MS-WCCE, szOID_CERT_EXTENSIONS).
const MICROSOFT_EXTENSION_REQUEST: ObjectIdentifier = oid("1.3.6.1.4.1.311.2.1.14");

/// What a request may ask for extensions in.
pub(crate) const EXTENSION_REQUESTS: [ObjectIdentifier; 2] = [EXTENSION_REQUEST, MICROSOFT_EXTENSION_REQUEST];

/// The arc of Microsoft (IANA, private enterprise numbers).
pub(crate) const MICROSOFT: ObjectIdentifier = oid("1.3.6.1.4.1.311");

/// The arc of attributes (RFC 2985, appendix A).
pub(crate) const PKCS_9: ObjectIdentifier = oid("1.2.840.113549.1.9");

// Attributes of a name (RFC 4519 section 2; emailAddress RFC 2985 section 5.2.1).
pub(crate) use const_oid::db::rfc2985::PKCS_9_AT_EMAIL_ADDRESS as EMAIL_ADDRESS;
pub(crate) use const_oid::db::rfc4519::{
    BUSINESS_CATEGORY, COMMON_NAME, COUNTRY_NAME, DESCRIPTION, DN_QUALIFIER, DOMAIN_COMPONENT, GIVEN_NAME,
    LOCALITY_NAME, ORGANIZATION_NAME, ORGANIZATIONAL_UNIT_NAME, POSTAL_CODE, SERIAL_NUMBER, ST as STATE,
    STREET, SURNAME, TITLE, USER_ID,
};

/// organizationIdentifier (X.520; ETSI EN 319 412-1 section 5.1.4).
pub(crate) const ORGANIZATION_IDENTIFIER: ObjectIdentifier = oid("2.5.4.97");

/// jurisdictionLocalityName (CA/B EV Guidelines, jurisdiction of incorporation).
pub(crate) const JURISDICTION_LOCALITY: ObjectIdentifier = oid("1.3.6.1.4.1.311.60.2.1.1");

/// jurisdictionStateOrProvinceName (likewise).
pub(crate) const JURISDICTION_STATE: ObjectIdentifier = oid("1.3.6.1.4.1.311.60.2.1.2");

/// jurisdictionCountryName (likewise).
pub(crate) const JURISDICTION_COUNTRY: ObjectIdentifier = oid("1.3.6.1.4.1.311.60.2.1.3");

// Kinds of keys (RFC 3279 section 2.3, RFC 4055 section 1.2, RFC 8410 section 3, FIPS 204).
pub(crate) use const_oid::db::fips204::{
    ID_ML_DSA_44 as ML_DSA_44, ID_ML_DSA_65 as ML_DSA_65, ID_ML_DSA_87 as ML_DSA_87,
};
pub(crate) use const_oid::db::rfc5912::{
    ID_DSA as DSA, ID_EC_PUBLIC_KEY as EC, ID_RSASSA_PSS as RSASSA_PSS, RSA_ENCRYPTION as RSA,
};
pub(crate) use const_oid::db::rfc8410::{
    ID_ED_448 as ED448, ID_ED_25519 as ED25519, ID_X_448 as X448, ID_X_25519 as X25519,
};

/// dhKeyAgreement (PKCS #3 section 9).
pub(crate) const DIFFIE_HELLMAN: ObjectIdentifier = oid("1.2.840.113549.1.3.1");

// Curves (RFC 5480 section 2.1.1.1, RFC 5639 section 4.1).
pub(crate) use const_oid::db::rfc5639::{
    BRAINPOOL_P_256_R_1 as BRAINPOOL_P256R1, BRAINPOOL_P_384_R_1 as BRAINPOOL_P384R1,
    BRAINPOOL_P_512_R_1 as BRAINPOOL_P512R1,
};
pub(crate) use const_oid::db::rfc5912::{
    SECP_224_R_1 as P224, SECP_256_R_1 as P256, SECP_384_R_1 as P384, SECP_521_R_1 as P521,
};

/// secp192r1, as X9.62 numbers it (RFC 5480 section 2.1.1.1).
pub(crate) const P192: ObjectIdentifier = oid("1.2.840.10045.3.1.1");

/// secp256k1 (SEC 2 section 2.4.1).
pub(crate) const SECP256K1: ObjectIdentifier = oid("1.3.132.0.10");

// Signatures (RFC 3279 section 2.2, RFC 4055 section 5, RFC 5758 section 3).
pub(crate) use const_oid::db::rfc5912::{
    DSA_WITH_SHA_1 as DSA_WITH_SHA1, DSA_WITH_SHA_256 as DSA_WITH_SHA256,
    MD_2_WITH_RSA_ENCRYPTION as MD2_WITH_RSA, MD_5_WITH_RSA_ENCRYPTION as MD5_WITH_RSA,
    SHA_1_WITH_RSA_ENCRYPTION as SHA1_WITH_RSA, SHA_224_WITH_RSA_ENCRYPTION as SHA224_WITH_RSA,
};
pub use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_224 as ECDSA_WITH_SHA224, ECDSA_WITH_SHA_256 as ECDSA_WITH_SHA256,
    ECDSA_WITH_SHA_384 as ECDSA_WITH_SHA384, ECDSA_WITH_SHA_512 as ECDSA_WITH_SHA512,
    SHA_256_WITH_RSA_ENCRYPTION as SHA256_WITH_RSA, SHA_384_WITH_RSA_ENCRYPTION as SHA384_WITH_RSA,
    SHA_512_WITH_RSA_ENCRYPTION as SHA512_WITH_RSA,
};

/// md4WithRSAEncryption (RFC 2313 section 11).
pub(crate) const MD4_WITH_RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.3");

/// sha1WithRSASignature (OIW Stable Implementation Agreements, part 12).
pub(crate) const SHA1_WITH_RSA_OIW: ObjectIdentifier = oid("1.3.14.3.2.29");

/// ecdsa-with-SHA1 (RFC 3279 section 2.2.3).
pub(crate) const ECDSA_WITH_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");

// Ways to seal a key (RFC 8018 appendices A to C, RFC 7292 appendix C).
pub(crate) use const_oid::db::rfc5911::{
    DES_EDE_3_CBC as DES_EDE3_CBC, ID_AES_128_CBC as AES_128_CBC, ID_AES_128_GCM as AES_128_GCM,
    ID_AES_192_CBC as AES_192_CBC, ID_AES_192_GCM as AES_192_GCM, ID_AES_256_CBC as AES_256_CBC,
    ID_AES_256_GCM as AES_256_GCM, ID_PBKDF_2 as PBKDF2, RC_2_CBC as RC2_CBC,
};
pub(crate) use const_oid::db::rfc7292::{
    PBE_WITH_SHA_AND_2_KEY_TRIPLE_DES_CBC as PKCS12_SHA1_2DES,
    PBE_WITH_SHA_AND_3_KEY_TRIPLE_DES_CBC as PKCS12_SHA1_3DES,
    PBE_WITH_SHA_AND_40_BIT_RC_4 as PKCS12_SHA1_RC4_40,
    PBE_WITH_SHA_AND_128_BIT_RC_2_CBC as PKCS12_SHA1_RC2_128,
    PBE_WITH_SHA_AND_128_BIT_RC_4 as PKCS12_SHA1_RC4_128,
    PBEWITH_SHA_AND_40_BIT_RC_2_CBC as PKCS12_SHA1_RC2_40,
};

/// pbeWithMD2AndDES-CBC and its like (RFC 8018 appendix A.3).
pub(crate) const PBES1_MD2_DES: ObjectIdentifier = oid("1.2.840.113549.1.5.1");
pub(crate) const PBES1_MD5_DES: ObjectIdentifier = oid("1.2.840.113549.1.5.3");
pub(crate) const PBES1_MD2_RC2: ObjectIdentifier = oid("1.2.840.113549.1.5.4");
pub(crate) const PBES1_MD5_RC2: ObjectIdentifier = oid("1.2.840.113549.1.5.6");
pub(crate) const PBES1_SHA1_DES: ObjectIdentifier = oid("1.2.840.113549.1.5.10");
pub(crate) const PBES1_SHA1_RC2: ObjectIdentifier = oid("1.2.840.113549.1.5.11");

/// id-PBES2 (RFC 8018 appendix A.4).
pub(crate) const PBES2: ObjectIdentifier = oid("1.2.840.113549.1.5.13");

/// id-scrypt (RFC 7914 section 7).
pub(crate) const SCRYPT: ObjectIdentifier = oid("1.3.6.1.4.1.11591.4.11");

/// desCBC (RFC 8018 appendix B.2.1).
pub(crate) const DES_CBC: ObjectIdentifier = oid("1.3.14.3.2.7");

/// An object identifier as it stands in somebody's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oid {
    /// In the fewest octets, whatever the document spends on it.
    Held(ObjectIdentifier),
    /// Too long for [`ObjectIdentifier`], or with a number it cannot hold: as text.
    Long(Untrusted),
}

impl Oid {
    pub(crate) fn read(found: &asn1_rs::Oid<'_>) -> Self {
        ObjectIdentifier::from_bytes(found.as_bytes()).map_or_else(
            |_| Self::Long(Untrusted::new(found.to_id_string())),
            |oid| Self::Held(shortest(oid)),
        )
    }

    /// Unless it is too long, and so none of those the product knows.
    pub(crate) const fn held(&self) -> Option<ObjectIdentifier> {
        match self {
            Self::Held(oid) => Some(*oid),
            Self::Long(_) => None,
        }
    }
}

/// Dotted decimal.
impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(oid) => oid.fmt(f),
            Self::Long(text) => text.fmt(f),
        }
    }
}

/// What people call an extension, the purpose of a key, or an attribute of a request, else its dotted decimal.
pub fn name(oid: ObjectIdentifier) -> Cow<'static, str> {
    Cow::Borrowed(match oid {
        KEY_USAGE => "keyUsage",
        SUBJECT_ALT_NAME => "subjectAltName",
        BASIC_CONSTRAINTS => "basicConstraints",
        EXTENDED_KEY_USAGE => "extendedKeyUsage",
        SUBJECT_KEY_ID => "subjectKeyIdentifier",
        TLS_FEATURE => "TLS feature",
        ANY_PURPOSE => "anyExtendedKeyUsage",
        SERVER_AUTH => "serverAuth",
        CLIENT_AUTH => "clientAuth",
        CODE_SIGNING => "codeSigning",
        EMAIL_PROTECTION => "emailProtection",
        TIME_STAMPING => "timeStamping",
        OCSP_SIGNING => "OCSPSigning",
        EXTENSION_REQUEST => "extensionRequest",
        CHALLENGE_PASSWORD => "challengePassword",
        UNSTRUCTURED_NAME => "unstructuredName",
        UNSTRUCTURED_ADDRESS => "unstructuredAddress",
        other => return Cow::Owned(other.to_string()),
    })
}

/// The same numbers in the fewest octets ([X.690 §8.19.2](https://www.itu.int/rec/T-REC-X.690)): the decoders let
/// octets pass that add nothing, and nobody shall hide an extension behind them.
pub(crate) fn shortest(oid: ObjectIdentifier) -> ObjectIdentifier {
    ObjectIdentifier::from_arcs(oid.arcs()).unwrap_or(oid)
}

/// Dotted decimal as a person writes it, without leading zeros
/// ([RFC 4512 §1.4](https://www.rfc-editor.org/rfc/rfc4512#section-1.4), numericoid).
pub(crate) fn read_dotted(text: &str) -> Option<ObjectIdentifier> {
    let arcs = text.split('.').map(|arc| arc.parse().ok()).collect::<Option<Vec<_>>>()?;
    ObjectIdentifier::from_arcs(arcs).ok().filter(|oid| oid.to_string() == text)
}

/// Whether it is assigned below an arc.
pub(crate) fn is_below(oid: ObjectIdentifier, arc: ObjectIdentifier) -> bool {
    oid.starts_with(arc) && oid != arc
}
