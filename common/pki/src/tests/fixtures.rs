//! Certificates and requests for tests, built by rcgen: sound ones, and every way to spoil one.

use crate::certificate::{Certificate, Strict, StrictTbs};
use crate::chain::Chain;
use crate::pem::Block;
use crate::request::Csr;
use crate::rules::{Policy, Profile};
use crate::verdict::{Anchors, Asked, Expectation, KnownKey};
use crate::verdict::{Examination, Judgement, ServerName, examine_chain, verify};
use common::{DAY, Pair, Timestamp};
use der::Encode as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose as Eku, IsCa, Issuer, KeyPair,
    KeyUsagePurpose as Ku, SigningKey as _,
};
use time::OffsetDateTime;

/// The moment tests judge at.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(crate) fn at(days: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(now().plus_seconds(days * DAY).unix()).unwrap()
}

pub(crate) fn p256() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

/// A CA: its parameters, its key, its certificate.
pub(crate) struct Ca {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) certificate: Certificate,
}

pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![Ku::KeyCertSign, Ku::CrlSign];
    (params.not_before, params.not_after) = (at(-1000), at(1000));
    params.use_authority_key_identifier_extension = true;
    params
}

pub(crate) fn server_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![Ku::DigitalSignature];
    params.extended_key_usages = vec![Eku::ServerAuth];
    (params.not_before, params.not_after) = (at(-1), at(90));
    params
}

impl Ca {
    pub(crate) fn root(params: CertificateParams, key: KeyPair) -> Self {
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
        Self { params, key, certificate }
    }

    pub(crate) fn below(issuer: &Self, params: CertificateParams, key: KeyPair) -> Self {
        let certificate = issuer.issue(&params, &key);
        Self { params, key, certificate }
    }

    pub(crate) fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let mut params = params.clone();
        params.use_authority_key_identifier_extension = true;
        Certificate::from_der(params.signed_by(key, &issuer).unwrap().der()).unwrap()
    }

    /// Changes a certificate of this CA as no builder would, and signs it again.
    pub(crate) fn reissue(
        &self,
        certificate: &Certificate,
        change: impl FnOnce(&mut StrictTbs),
    ) -> Certificate {
        let mut strict = Strict::gate(certificate.der()).unwrap();
        change(&mut strict.tbs);
        let signature = self.key.sign(&strict.tbs.to_der().unwrap()).unwrap();
        strict.signature = der::asn1::BitString::from_bytes(&signature).unwrap();
        Certificate::from_der(&strict.to_der().unwrap()).unwrap()
    }
}

pub(crate) fn request(params: &CertificateParams, key: &KeyPair) -> Csr {
    let mut params = params.clone();
    params.use_authority_key_identifier_extension = false;
    Csr::from_der(params.serialize_request(key).unwrap().der()).unwrap()
}

/// DER with every occurrence of some bytes replaced by as many others.
pub(crate) fn patched(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut der = der.to_vec();
    let places: Vec<_> = (0..der.len() - from.len()).filter(|i| der[*i..].starts_with(from)).collect();
    assert!(!places.is_empty(), "nothing to patch");
    for place in places {
        der[place..place + to.len()].copy_from_slice(to);
    }
    der
}

/// A pair as it comes back from a CA, and all that it is measured against. Sound as made.
pub(crate) struct World {
    pub(crate) root: Ca,
    pub(crate) intermediate: Ca,
    pub(crate) keys: Pair<KeyPair>,
    pub(crate) params: Pair<CertificateParams>,
    pub(crate) requests: Pair<Csr>,
    pub(crate) chains: Pair<Vec<Certificate>>,
    pub(crate) anchors: Anchors,
    pub(crate) known_keys: Vec<KnownKey>,
    pub(crate) reorder: bool,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn sound() -> Self {
        let root = Ca::root(ca_params("Root"), p256());
        let intermediate = Ca::below(&root, ca_params("Intermediate"), p256());
        Self::under(root, intermediate)
    }

    /// A sound pair under given CAs.
    pub(crate) fn under(root: Ca, intermediate: Ca) -> Self {
        let keys = Pair { main: p256(), assets: p256() };
        let params =
            Pair { main: server_params("kms.example.com"), assets: server_params("kms-ui.example.com") };
        let both = params.as_ref().zip(keys.as_ref());
        let requests = both.map(|(params, key)| request(params, key));
        let chains = params
            .as_ref()
            .zip(keys.as_ref())
            .map(|(params, key)| vec![intermediate.issue(params, key), intermediate.certificate.clone()]);
        let anchors = Anchors::Given(vec![root.certificate.clone()]);
        Self {
            root,
            intermediate,
            keys,
            params,
            requests,
            chains,
            anchors,
            known_keys: Vec::new(),
            reorder: false,
            now: now(),
        }
    }

    /// Issues the end entity of Main again, with other parameters.
    pub(crate) fn main_with(&mut self, change: impl FnOnce(&mut CertificateParams)) {
        let mut params = self.params.main.clone();
        change(&mut params);
        self.chains.main[0] = self.intermediate.issue(&params, &self.keys.main);
    }

    /// Changes the end entity of Main as no builder would.
    pub(crate) fn main_changed(&mut self, change: impl FnOnce(&mut StrictTbs)) {
        self.chains.main[0] = self.intermediate.reissue(&self.chains.main[0], change);
    }

    /// Stages another request for Main and has it answered.
    pub(crate) fn main_requested(&mut self, change: impl FnOnce(&mut CertificateParams)) {
        change(&mut self.params.main);
        self.requests.main = request(&self.params.main, &self.keys.main);
        self.main_with(|_| ());
    }

    /// Puts another intermediate, with the same name, between the root and Main.
    pub(crate) fn intermediate_with(&mut self, change: impl FnOnce(&mut CertificateParams)) {
        let mut params = ca_params("Other intermediate");
        change(&mut params);
        let intermediate = Ca::below(&self.root, params, p256());
        let end_entity = intermediate.issue(&self.params.main, &self.keys.main);
        self.chains.main = vec![end_entity, intermediate.certificate.clone()];
        self.intermediate = intermediate;
    }

    pub(crate) fn judge(&self) -> Judgement {
        let chains = self.chains.as_ref().map(|certificates| {
            let blocks = certificates.iter().map(|one| Block::Certificate(one.der().to_vec()));
            Chain::from_blocks(blocks.collect()).unwrap()
        });
        let expected = Expectation {
            requests: self.requests.as_ref(),
            generation: 7,
            known_keys: &self.known_keys,
            reorder: self.reorder,
        };
        verify(&chains, &expected, &self.anchors, self.now)
    }

    /// Rule ids of all findings, sorted, each with the role it is about.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self
            .judge()
            .findings
            .iter()
            .map(|finding| match finding.role {
                Some(role) => format!("{} {}", role.stem(), finding.rule),
                None => finding.rule.to_owned(),
            })
            .collect();
        ids.sort();
        ids
    }

    /// Judges the chain of Main alone: for its host or for none, and for its key.
    pub(crate) fn examine(&self, profile: Profile, host: Option<&str>) -> Examination {
        let blocks = self.chains.main.iter().map(|one| Block::Certificate(one.der().to_vec()));
        let chain = Chain::from_blocks(blocks.collect()).unwrap();
        let hosts: Vec<_> =
            host.map(|host| ServerName::try_from(host.to_owned()).unwrap()).into_iter().collect();
        let policy = Policy::of(profile);
        let asked = Asked { key: Some(self.requests.main.spki()), hosts: &hosts, ..Asked::default() };
        examine_chain(&chain, &asked, &policy, &self.anchors, self.now)
    }

    /// Trusts another root than the one the world was made with.
    pub(crate) fn root_changed(&mut self, change: impl FnOnce(&mut StrictTbs)) {
        let changed = self.root.reissue(&self.root.certificate, change);
        self.anchors = Anchors::Given(vec![changed]);
    }
}
