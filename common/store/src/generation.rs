//! The two kinds of generation, read from an image and checked against their manifests, byte for byte.

use crate::damage::{Damage, Fault};
use crate::image::Image;
use crate::layout::{GenerationFile, ObjectName, Stage};
use crate::manifest::{FileEntry, Manifest};
use crate::state::{GenerationRef, files};
use common::{Pair, Role, Timestamp};
use pki::pem::{self, Block};
use pki::{Certificate, Chain, Csr, SealedKey};

/// A generation that waits for its chains.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Staged {
    pub manifest: Manifest,
    pub keys: Pair<SealedKey>,
    pub requests: Pair<Csr>,
}

/// A generation that is being served, or was and is kept.
#[derive(Clone, Debug)]
pub struct Installed {
    /// What it holds, and who installed it.
    pub manifest: Manifest,
    /// The sealed keys.
    pub keys: Pair<SealedKey>,
    /// The requests the chains answer.
    pub requests: Pair<Csr>,
    /// What is served: the end entity first, the trust anchor left out.
    pub chains: Pair<Chain>,
    /// The trust anchor each chain was verified under, so that it can be verified again.
    pub anchors: Pair<Certificate>,
}

impl Installed {
    /// When the first certificate of either chain ends.
    pub fn ends(&self) -> Timestamp {
        self.chains.main.ends().min(self.chains.assets.ends())
    }
}

impl Staged {
    pub(crate) fn decode(image: &Image, reference: &GenerationRef) -> Result<Self, Damage> {
        let files = Files::of(image, reference, Stage::Staged)?;
        let keys = Pair::try_from_fn(|role| files.key(role))?;
        let requests = Pair::try_from_fn(|role| files.request(role))?;
        Ok(Self { manifest: files.manifest, keys, requests })
    }
}

impl Installed {
    pub(crate) fn decode(image: &Image, reference: &GenerationRef) -> Result<Self, Damage> {
        let files = Files::of(image, reference, Stage::Installed)?;
        let keys = Pair::try_from_fn(|role| files.key(role))?;
        let requests = Pair::try_from_fn(|role| files.request(role))?;
        let chains = Pair::try_from_fn(|role| files.chain(role))?;
        let anchors = Pair::try_from_fn(|role| files.anchor(role))?;
        Ok(Self { manifest: files.manifest, keys, requests, chains, anchors })
    }
}

/// The files of one generation, each the one its manifest names.
struct Files<'a> {
    image: &'a Image,
    manifest: Manifest,
}

impl<'a> Files<'a> {
    fn of(image: &'a Image, reference: &GenerationRef, stage: Stage) -> Result<Self, Damage> {
        let name = ObjectName::Generation { number: reference.number, file: GenerationFile::Manifest };
        let manifest = Manifest::decode(image.object(name)?, reference);
        let manifest = manifest.map_err(|error| Damage::of(name, error))?;
        if manifest.stage() != stage {
            return Err(Damage::of(name, Fault::Stage { found: manifest.stage(), named: stage }));
        }
        // The manifest was decoded, so it lists just these files in just this order.
        for (name, expected) in files(reference.number, stage).zip(&manifest.files) {
            matches_entry(name, image.object(name)?, expected)?;
        }
        Ok(Self { image, manifest })
    }

    /// The bytes of a file, and what reading it as something calls for.
    fn read<T>(
        &self,
        file: GenerationFile,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Damage> {
        let name = ObjectName::Generation { number: self.manifest.generation, file };
        read(self.image.object(name)?).map_err(|fault| Damage::of(name, fault))
    }

    fn key(&self, role: Role) -> Result<SealedKey, Damage> {
        self.read(GenerationFile::Key(role), |bytes| SealedKey::from_pem(bytes).map_err(Fault::Key))
    }

    fn request(&self, role: Role) -> Result<Csr, Damage> {
        let expected = self.manifest.roles.of(role);
        self.read(GenerationFile::Request(role), |bytes| {
            let blocks = pem::blocks(bytes).map_err(Fault::Pem)?;
            let [Block::Request(der)] = blocks.as_slice() else { return Err(Fault::NotOneRequest) };
            let request = Csr::from_der(der).map_err(Fault::Request)?;
            let fits = request.sha256() == expected.request && request.spki().sha256() == expected.spki;
            if fits { Ok(request) } else { Err(Fault::OtherRequest) }
        })
    }

    fn chain(&self, role: Role) -> Result<Chain, Damage> {
        let expected = self.manifest.roles.of(role).spki;
        self.read(GenerationFile::Chain(role), |bytes| {
            let chain = Chain::read(bytes).map_err(Fault::Chain)?;
            match chain.certificates().first() {
                Some(end_entity) if end_entity.spki().sha256() == expected => Ok(chain),
                Some(_) | None => Err(Fault::OtherKey),
            }
        })
    }

    fn anchor(&self, role: Role) -> Result<Certificate, Damage> {
        self.read(GenerationFile::Anchor(role), |bytes| {
            let blocks = pem::blocks(bytes).map_err(Fault::Pem)?;
            let [Block::Certificate(der)] = blocks.as_slice() else { return Err(Fault::NotOneAnchor) };
            Certificate::from_der(der).map_err(Fault::Anchor)
        })
    }
}

fn matches_entry(name: ObjectName, bytes: &[u8], expected: &FileEntry) -> Result<(), Damage> {
    let found = FileEntry::named(expected.name.clone(), bytes);
    if found == *expected {
        return Ok(());
    }
    Err(Damage::of(name, Fault::Bytes { found, expected: expected.clone() }))
}
