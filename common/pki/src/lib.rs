//! Names, keys, requests, certificates and chains, and what is required of them. Everything a CA or a browser would
//! look at is read strictly, judged by rules that each cite their source, and answered with every finding at once. Pure:
//! bytes, moments and trust anchors come in, values and findings go out.
//!
//! Order of dependence: `oid`, `pem`, `name`, `spki`, `signature`, `key`, `sealed`; the documents `extensions`, `certificate`,
//! `request`, `chain`; `path`; `rules`; `verdict`.

mod certificate;
mod chain;
mod dsa;
mod encoding;
mod extensions;
mod key;
mod name;
pub mod oid;
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
pub use chain::{Chain, ChainError};
pub use extensions::{BasicConstraints, Extensions, Found, KeyUsage, NameConstraints};
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
