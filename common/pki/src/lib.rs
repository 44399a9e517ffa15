//! Names, keys, requests, certificates, chains, the rules they are judged by, and the verifier.
//!
//! Order of dependence: `pem`, `name`, `spki`, `key` before `sealed`, `extensions`, `csr`,
//! `certificate`, `chain`, `constraints`, `expectation` before `rules` before
//! `rfc5280` before `verdict`.

mod certificate;
mod chain;
mod dsa;
mod encoding;
mod extensions;
mod key;
mod name;
mod path;
pub mod pem;
mod request;
pub mod rules;
mod sealed;
pub mod second_opinion;
mod signature;
mod spki;
pub mod verdict;

pub use certificate::{Certificate, CertificateError};
pub use chain::{Chain, ChainError, PathOrder};
pub use extensions::{BasicConstraints, Extensions, Found, KeyUsage, NameConstraints, SERVER_AUTH};
pub use key::{KeyAlgorithm, KeyAlgorithmError, KeyError, KeyPair};
pub use name::{
    Attribute, AttributeType, DistinguishedName, DnsName, DnsNameError, Email, GeneralName, MailboxError,
    Reading, San, SanError, SanSet, SanSetError, Subject, SubjectError, UriError,
};
pub use request::{ClusterName, ClusterNameError, ClusterSpec, Csr, CsrError, RequestSpec, SpecError};
pub use sealed::{OpenError, Passphrase, PassphraseError, SealError, SealedKey};
pub use signature::{SignatureAlgorithm, SignatureError};

pub use spki::{PublicKeyKind, Spki, SpkiError};

#[cfg(test)]
mod tests;
