//! Images whose digests were corrected by somebody who wants to be believed.

use common::{Role, Sha256};
use std::time::Duration;
use store::{
    Backend, Changed, Commit, Fault, FileEntry, GenerationFile, GenerationRef, Image, Manifest, ObjectName,
    Part, Settled, State, Store, StoreError, Version, Want,
};
use tests::contract::bench::Bench;
use tests::contract::{InMemory, Medium};

/// A medium that holds one image.
struct Fixed(Image);

impl Backend for Fixed {
    fn place(&self) -> &str {
        "a forgery"
    }

    fn read(&self, _: Want) -> Result<Option<Image>, StoreError> {
        Ok(Some(self.0.clone()))
    }

    fn probe(&self, _: usize) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&self, _: &Commit) -> Result<Vec<String>, StoreError> {
        unreachable!("it is only read")
    }

    fn settle(&self, _: &Commit) -> Result<Settled, StoreError> {
        unreachable!("it is only read")
    }

    fn wait(&self, _: &Version, _: Duration) -> Result<Changed, StoreError> {
        unreachable!("it is only read")
    }
}

/// The installed generation of a store.
struct Forgery {
    state: State,
    manifest: Manifest,
    image: Image,
}

impl Forgery {
    fn begin() -> Self {
        let medium = InMemory::default();
        let snapshot = Bench::after(&medium, "si").snapshot();
        let image = medium.open().read(Want::Everything).unwrap().unwrap();
        Self { state: snapshot.state, manifest: snapshot.current.unwrap().manifest, image }
    }

    /// Puts another file in and corrects the list of files.
    fn exchange(&mut self, file: GenerationFile, bytes: Vec<u8>) {
        let entry = self.manifest.files.iter_mut().find(|entry| entry.name == file.name()).unwrap();
        *entry =
            FileEntry { name: entry.name.clone(), length: bytes.len() as u64, sha256: Sha256::of(&bytes) };
        let mut objects = self.image.objects().clone();
        objects.insert(ObjectName::Generation { number: self.manifest.generation, file }, bytes);
        self.image = Image::new(self.image.record().to_vec(), objects);
    }

    fn file(&self, file: GenerationFile) -> Vec<u8> {
        let number = self.manifest.generation;
        self.image.objects()[&ObjectName::Generation { number, file }].clone()
    }

    /// Corrects the record, and reads.
    fn read(mut self) -> Result<(), (GenerationFile, Fault)> {
        let (number, manifest) = (self.manifest.generation, self.manifest.encode());
        self.state.current = Some(GenerationRef { number, manifest: Sha256::of(&manifest) });
        let mut objects = self.image.objects().clone();
        objects.insert(ObjectName::Generation { number, file: GenerationFile::Manifest }, manifest);
        let image = Image::new(self.state.encode(), objects);
        match Store::over(Box::new(Fixed(image))).read() {
            Ok(_) => Ok(()),
            Err(StoreError::Damaged {
                part: Part::Object(ObjectName::Generation { file, .. }),
                fault,
                ..
            }) => Err((file, fault)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_generation_is_what_its_manifest_names() {
    Forgery::begin().read().unwrap();
}

#[test]
fn another_request_is_refused_even_for_the_same_key() {
    let changes: [fn(&mut Manifest); 2] = [
        |manifest| manifest.roles.main.request = Sha256::of(b"another"),
        |manifest| manifest.roles.main.spki = Sha256::of(b"another"),
    ];
    for change in changes {
        let mut forgery = Forgery::begin();
        change(&mut forgery.manifest);
        let refused = forgery.read().unwrap_err();
        assert!(matches!(refused, (GenerationFile::Request(Role::Main), Fault::OtherRequest)), "{refused:?}");
    }
}

#[test]
fn the_chain_of_another_key_is_refused_with_its_digest_corrected() {
    let mut forgery = Forgery::begin();
    let chain = GenerationFile::Chain(Role::Assets);
    forgery.exchange(chain, Forgery::begin().file(chain));
    let refused = forgery.read().unwrap_err();
    assert!(matches!(refused, (GenerationFile::Chain(Role::Assets), Fault::OtherKey)), "{refused:?}");
}

#[test]
fn an_anchor_is_one_certificate() {
    let anchor = GenerationFile::Anchor(Role::Main);
    let twice = Forgery::begin().file(anchor).repeat(2);
    for bytes in [twice, Forgery::begin().file(GenerationFile::Request(Role::Main)), b"nothing\n".to_vec()] {
        let mut forgery = Forgery::begin();
        forgery.exchange(anchor, bytes);
        let (file, fault) = forgery.read().unwrap_err();
        assert_eq!(file, anchor, "{fault}");
    }
}

#[test]
fn a_record_names_each_generation_as_what_it_is() {
    let mut forgery = Forgery::begin();
    forgery.manifest.installed_by = None;
    let (file, _) = forgery.read().unwrap_err();
    assert_eq!(file, GenerationFile::Manifest);
}
