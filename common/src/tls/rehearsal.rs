//! The in-memory handshake every chain and key complete, in TLS 1.3 and TLS 1.2, before they are installed.

use crate::Timestamp;
use crate::pki::key::KeyPair;
use crate::pki::verify::VerifiedChain;

/// What a rehearsal showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// Cipher suite as IANA names it.
    pub cipher_suite: String,
}

/// Completes a TLS 1.3 and a TLS 1.2 handshake, client trusting the chain's anchor and asking for the primary name.
/// # Errors
/// [`RehearsalError`].
pub fn rehearse(
    chain: &VerifiedChain,
    key: &KeyPair,
    now: Timestamp,
) -> Result<[Handshake; 2], RehearsalError> {
    let _ = (chain, key, now);
    todo!()
}

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {version} handshake failed on the {side} side: {reason}")]
pub struct RehearsalError {
    /// `TLS 1.3` or `TLS 1.2`.
    pub version: &'static str,
    /// `client` or `server`.
    pub side: &'static str,
    /// As rustls says it.
    pub reason: String,
}
