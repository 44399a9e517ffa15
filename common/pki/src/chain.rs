//! Chains: what was given, and the ways through it. No judgement here.

mod issuer;
mod ways;

pub(crate) use issuer::{authority_key_id, issued, key_identifiers_differ, subject_key_id};
pub(crate) use ways::{Start, Step, Way, place, ways};

use super::certificate::{Certificate, CertificateError};
use super::pem::{self, Block, Certificates, PemError, Remark};
use super::spki::Spki;
use common::Timestamp;

/// Certificates as somebody gave them, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    certificates: Vec<Certificate>,
    unordered: bool,
}

impl Chain {
    /// Most certificates in one chain, and most bytes of DER in all and in the end entity
    /// (the limits of cert-manager after GHSA-r4pg-vg54-wxx4).
    pub const MAX_CERTIFICATES: usize = 10;
    /// 95 kB.
    pub const MAX_BYTES: usize = 95_000;
    /// 36.5 kB.
    pub const MAX_END_ENTITY: usize = 36_500;

    /// Reads a pasted or saved chain with every forgiveness of [`super::pem::read`].
    /// # Errors
    /// [`ChainError`].
    pub fn read(input: &[u8]) -> Result<Self, ChainError> {
        Self::read_with_remarks(input).map(|(chain, _)| chain)
    }

    /// The same, with what there is to say about the rest of the input.
    /// # Errors
    /// [`ChainError`].
    pub fn read_with_remarks(input: &[u8]) -> Result<(Self, Vec<Remark>), ChainError> {
        let Certificates { all, unordered, remarks } = pem::certificates(input).map_err(|error| {
            let request = matches!(error, PemError::OnlyRequests { .. });
            if request { ChainError::Request } else { ChainError::Pem(error) }
        })?;
        Ok((Self { unordered, ..Self::from_encodings(&all)? }, remarks))
    }

    /// Takes blocks already read.
    /// # Errors
    /// [`ChainError`].
    pub fn from_blocks(blocks: Vec<Block>) -> Result<Self, ChainError> {
        let mut encodings = Vec::with_capacity(blocks.len());
        for (block, line) in blocks.into_iter().zip(1..) {
            match block {
                Block::Certificate(der) => encodings.push((line, der)),
                Block::Request(_) => return Err(ChainError::Request),
            }
        }
        Self::from_encodings(&encodings)
    }

    /// Over a limit is an error before anything is decoded, never a truncation.
    fn from_encodings(encodings: &[(usize, Vec<u8>)]) -> Result<Self, ChainError> {
        let bytes = encodings.iter().map(|(_, der)| der.len()).sum();
        match encodings.len() {
            0 => return Err(ChainError::NoCertificate),
            count if count > Self::MAX_CERTIFICATES => return Err(ChainError::TooMany(count)),
            _ if bytes > Self::MAX_BYTES => return Err(ChainError::TooLarge(bytes)),
            _ => {}
        }
        let certificates = encodings
            .iter()
            .enumerate()
            .map(|(index, (line, der))| {
                Certificate::from_der(der).map_err(|source| ChainError::Malformed {
                    number: index + 1,
                    line: *line,
                    source,
                })
            })
            .collect::<Result<_, _>>()?;
        Self { certificates, unordered: false }.with_end_entity_in_limit()
    }

    /// The certificates in the order given.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether they were given in no order: out of a PKCS#7, which holds a set.
    pub const fn is_unordered(&self) -> bool {
        self.unordered
    }

    /// The first certificate: of a chain in path order, the end entity.
    pub fn first(&self) -> &Certificate {
        // A chain is read from at least one certificate, and no order leaves all of them out.
        &self.certificates[0]
    }

    /// When the first of all certificates ends.
    pub fn ends(&self) -> Timestamp {
        self.certificates.iter().map(Certificate::not_after).fold(self.first().not_after(), Ord::min)
    }

    /// The end entity: the certificate whose key is `key` when given and present, else the one that
    /// issues no other; the same for every permutation of the same certificates.
    pub fn end_entity(&self, key: Option<&Spki>) -> &Certificate {
        ways::end_entity(&self.certificates, key)
    }

    /// What a way passes, in its order; nothing when it has no step.
    pub(crate) fn along(steps: &[Step<'_>]) -> Option<Self> {
        let certificates: Vec<_> = steps.iter().map(|(_, one)| (*one).clone()).collect();
        (!certificates.is_empty()).then_some(Self { certificates, unordered: false })
    }

    /// All certificates as PEM, in this order.
    pub fn to_pem(&self) -> String {
        self.certificates.iter().map(Certificate::to_pem).collect()
    }

    /// Which certificate is the end entity takes a path to know, so this limit comes last, and only
    /// when something is over it.
    fn with_end_entity_in_limit(self) -> Result<Self, ChainError> {
        if self.certificates.iter().all(|one| one.der().len() <= Self::MAX_END_ENTITY) {
            return Ok(self);
        }
        match self.end_entity(None).der().len() {
            bytes if bytes > Self::MAX_END_ENTITY => Err(ChainError::EndEntityTooLarge(bytes)),
            _ => Ok(self),
        }
    }
}

/// Why an input is no chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The text is at fault.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A request came where its answer was expected.
    #[error("this is a certification request, expected the certificate signed for it")]
    Request,
    /// Text without any certificate.
    #[error("no certificate in this input")]
    NoCertificate,
    /// One certificate cannot be read.
    #[error("certificate {number}, in line {line}, cannot be read")]
    Malformed {
        /// 1-based, as given.
        number: usize,
        /// Of the input, 1-based.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: CertificateError,
    },
    /// More than [`Chain::MAX_CERTIFICATES`].
    #[error("{0} certificates are over the limit of {limit}", limit = Chain::MAX_CERTIFICATES)]
    TooMany(usize),
    /// More than [`Chain::MAX_BYTES`].
    #[error("{0} bytes of certificates are over the limit of {limit}", limit = Chain::MAX_BYTES)]
    TooLarge(usize),
    /// More than [`Chain::MAX_END_ENTITY`].
    #[error("an end entity of {0} bytes is over the limit of {limit}", limit = Chain::MAX_END_ENTITY)]
    EndEntityTooLarge(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixtures::{World, at, patched, server_params};

    fn blocks(certificates: &[Certificate]) -> Vec<Block> {
        certificates.iter().map(|one| Block::Certificate(one.der().to_vec())).collect()
    }

    #[test]
    fn a_pasted_chain_is_read_in_the_order_given() {
        let world = World::sound();
        let chain = Chain::from_blocks(blocks(&world.chains.main)).unwrap();
        assert_eq!(chain.certificates(), world.chains.main);
        assert_eq!(Chain::read(chain.to_pem().as_bytes()).unwrap(), chain);
    }

    #[test]
    fn what_was_pasted_instead_is_named() {
        let world = World::sound();
        let request = Block::Request(world.requests.main.der().to_vec());
        assert_eq!(Chain::from_blocks(vec![request]), Err(ChainError::Request));
        assert_eq!(Chain::from_blocks(Vec::new()), Err(ChainError::NoCertificate));
        assert_eq!(Chain::read(world.requests.main.to_pem().as_bytes()), Err(ChainError::Request));
        assert!(matches!(Chain::read(b""), Err(ChainError::Pem(_))));
        assert!(matches!(
            Chain::read(b"it is attached to my other mail"),
            Err(ChainError::Pem(_) | ChainError::NoCertificate)
        ));
    }

    #[test]
    fn the_malformed_certificate_is_numbered() {
        let world = World::sound();
        let mut blocks = blocks(&world.chains.main);
        blocks[1] =
            Block::Certificate(patched(world.intermediate.certificate.der(), &[0x30, 0x82], &[0x31, 0x82]));
        let error = Chain::from_blocks(blocks).unwrap_err();
        assert!(matches!(error, ChainError::Malformed { number: 2, .. }), "{error}");
    }

    #[test]
    fn over_a_limit_is_an_error_and_at_it_is_none() {
        let world = World::sound();
        let many = vec![world.chains.main[0].clone(); 11];
        assert_eq!(Chain::from_blocks(blocks(&many)), Err(ChainError::TooMany(11)));
        assert_eq!(Chain::from_blocks(blocks(&many[..10])).unwrap().certificates().len(), 10);
    }

    fn padded(mut params: rcgen::CertificateParams, octets: usize) -> rcgen::CertificateParams {
        let oid = [1, 3, 6, 1, 4, 1, 99999, 1];
        params.custom_extensions.push(rcgen::CustomExtension::from_oid_content(&oid, vec![4; octets]));
        params
    }

    /// A certificate of so many octets: signatures differ in length, so it takes a few.
    fn of_size(octets: usize, issue: impl Fn(usize) -> Certificate) -> Certificate {
        let mut padding = octets - 1000;
        for _ in 0..100 {
            let certificate = issue(padding);
            match certificate.der().len() {
                found if found == octets => return certificate,
                found => padding = padding + octets - found,
            }
        }
        panic!("no certificate of {octets} octets")
    }

    #[test]
    fn octets_are_limited_in_all_and_in_the_end_entity() {
        let world = World::sound();
        let params = || server_params("kms.example.com");
        let end_entity = |octets| {
            of_size(octets, |more| world.intermediate.issue(&padded(params(), more), &world.keys.main))
        };
        let ca = |octets| {
            of_size(octets, |more| {
                world.root.issue(&padded(world.intermediate.params.clone(), more), &world.intermediate.key)
            })
        };
        for (end_entity, ca, told) in [
            (end_entity(36_500), ca(37_000), None),
            (end_entity(36_501), ca(37_000), Some(ChainError::EndEntityTooLarge(36_501))),
            (end_entity(36_501), ca(2_000), Some(ChainError::EndEntityTooLarge(36_501))),
            (end_entity(2_000), ca(93_000), None),
            (end_entity(2_000), ca(93_001), Some(ChainError::TooLarge(95_001))),
        ] {
            assert_eq!(Chain::from_blocks(blocks(&[end_entity, ca])).err(), told);
        }
    }

    #[test]
    fn of_two_certificates_for_one_key_the_newer_is_the_end_entity() {
        let world = World::sound();
        let mut params = world.params.main.clone();
        params.not_before = at(-30);
        let older = world.intermediate.issue(&params, &world.keys.main);
        for certificates in
            [[older.clone(), world.chains.main[0].clone()], [world.chains.main[0].clone(), older.clone()]]
        {
            let chain = Chain::from_blocks(blocks(&certificates)).unwrap();
            assert_eq!(chain.end_entity(Some(world.requests.main.spki())), &world.chains.main[0]);
        }
    }
}
