//! rustls configuration (RFC 8446, RFC 5246) from a verified chain and its opened key.

use common::Timestamp;
use pki::KeyPair;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};
use std::sync::Arc;
use std::time::Duration;

/// The cryptography both sides use: that of AWS-LC, as everywhere.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The chain a server presents, end entity first and without its anchor, together with its key.
/// # Errors
/// When rustls cannot use the key, or it is not the key of the end entity.
pub(crate) fn certified_key<'a>(
    served: impl IntoIterator<Item = &'a [u8]>,
    key: &KeyPair,
) -> Result<CertifiedKey, rustls::Error> {
    let chain = served.into_iter().map(|der| CertificateDer::from(der).into_owned()).collect();
    let pkcs8 = key.to_pkcs8().map_err(|error| rustls::Error::General(error.to_string()))?;
    // Borrowed: the owned form is not wiped when it is dropped.
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.as_slice()));
    let certified = CertifiedKey::new(chain, aws_lc_rs::sign::any_supported_type(&der)?);
    certified.keys_match()?;
    Ok(certified)
}

/// A server that presents one chain whatever name it is asked for.
/// # Errors
/// When the provider has no cipher suite for these versions.
pub(crate) fn server(
    certified: Arc<CertifiedKey>,
    versions: &[&'static SupportedProtocolVersion],
    now: Timestamp,
) -> Result<ServerConfig, rustls::Error> {
    Ok(ServerConfig::builder_with_details(provider(), Arc::new(Fixed(now)))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(certified))))
}

/// Whether a client looks for the name it connects to in the end entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameCheck {
    /// As every client does.
    On,
    /// For an end entity without any SAN, which no TLS library matches with a name: all the rest
    /// of the path is verified.
    Off,
}

/// A client that trusts one anchor only, lives at one moment, and resumes nothing.
/// # Errors
/// When the anchor cannot be one, or the provider has no cipher suite for these versions.
pub(crate) fn client(
    anchor: &[u8],
    versions: &[&'static SupportedProtocolVersion],
    now: Timestamp,
    name_check: NameCheck,
) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(anchor))?;
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(Fixed(now)))
        .with_protocol_versions(versions)?;
    let builder = match name_check {
        NameCheck::On => builder.with_root_certificates(roots),
        NameCheck::Off => {
            let algorithms = provider().signature_verification_algorithms;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Nameless { roots, algorithms }))
        }
    };
    let mut config = builder.with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Verifies everything but the name.
#[derive(Debug)]
struct Nameless {
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Nameless {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let end_entity = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&end_entity, &self.roots, intermediates, now, algorithms)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        end_entity: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, end_entity, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        end_entity: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, end_entity, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A clock that stands still; moments before 1970 are 1970.
#[derive(Debug)]
struct Fixed(Timestamp);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.unix()).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
