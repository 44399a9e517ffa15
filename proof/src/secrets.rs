//! The secrets of a run, to be looked for. Every secret is a canary: it is looked for in what the
//! process was given, said, wrote, and kept in memory.

use crate::needles::Needles;
use crate::scene::{Deed, Kit, Place};
use common::Secret;
use pki::pem::{self, Block};
use pki::{Csr, Passphrase, SealedKey};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tests::world::{PASSPHRASE, PASSWORD};
use zeroize::Zeroizing;

/// What a run is to be: a deed, with these flags added.
pub(crate) type Run = (Deed, &'static [&'static str]);

pub(crate) fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The command line of a run; a key type given twice counts the last time only for people.
pub(crate) fn line(kit: &Kit, (deed, more): Run, place: &Place) -> Vec<OsString> {
    let mut line = kit.line(deed, place);
    if let (Some(at), Some(new)) =
        (line.iter().position(|word| *word == "--key-type"), more.strip_prefix(&["--key-type"]))
    {
        line[at + 1] = new[0].into();
    } else {
        line.extend(words(more));
    }
    line
}

/// How secrets are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    Raw,
    All,
}

/// The passphrase of every sealed key, as the library takes it.
pub(crate) fn passphrase() -> Passphrase {
    Passphrase::existing(Secret::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()))).unwrap()
}

/// Passphrase, password, and every private key of the store.
pub(crate) fn needles(place: &Place, spelling: Spelling) -> Result<Needles, String> {
    let mut needles = Needles::default();
    let mut add = |name: &str, secret: &[u8]| match spelling {
        Spelling::All => needles.add_spelled(name, secret),
        Spelling::Raw => {
            needles.add(name, secret);
            needles.add(&format!("{name}, backwards"), &secret.iter().rev().copied().collect::<Vec<_>>());
        }
    };
    add("passphrase", PASSPHRASE.as_bytes());
    add("password", PASSWORD.as_bytes());
    let passphrase = passphrase();
    for (path, key) in sealed_keys(&place.store()) {
        let request = fs::read(path.with_extension("csr")).map_err(|error| error.to_string())?;
        let blocks = pem::blocks(&request).map_err(|error| error.to_string())?;
        let Some(Block::Request(request)) = blocks.first() else { return Err("no request".to_owned()) };
        let request = Csr::from_der(request).map_err(|error| error.to_string())?;
        let opened = key.open(&passphrase, request.spki()).map_err(|error| error.to_string())?;
        let pkcs8 = opened.to_pkcs8().map_err(|error| error.to_string())?;
        for (number, integer) in private_integers(&pkcs8, request.spki().der()).into_iter().enumerate() {
            add(&format!("key integer {number} of {}", path.file_name().unwrap().display()), &integer);
        }
    }
    Ok(needles)
}

pub(crate) fn sealed_keys(store: &Path) -> Vec<(PathBuf, SealedKey)> {
    let generations = fs::read_dir(store.join("generations")).into_iter().flatten().flatten();
    let paths = generations.flat_map(|entry| ["main.key", "assets.key"].map(|name| entry.path().join(name)));
    paths.filter_map(|path| Some((path.clone(), SealedKey::from_pem(&fs::read(path).ok()?).ok()?))).collect()
}

/// The octet strings and integers of a PKCS#8 key that are long enough and not public.
pub(crate) fn private_integers(pkcs8: &[u8], public: &[u8]) -> Vec<Vec<u8>> {
    let mut found = vec![];
    collect(pkcs8, &mut found);
    found.retain(|integer| !public.windows(integer.len()).any(|window| window == integer));
    found
}

/// Leaves of a DER tree; octet strings that hold DER are looked into.
pub(crate) fn collect(der: &[u8], found: &mut Vec<Vec<u8>>) {
    let mut rest = der;
    while let Some((tag, content, after)) = tests::der::split(rest) {
        match tag {
            0x30 | 0xa0 | 0xa1 => collect(content, found),
            0x04 if content.first() == Some(&0x30) => collect(content, found),
            0x02 | 0x04 if content.len() >= 32 => {
                found.push(content.iter().copied().skip_while(|octet| *octet == 0).collect());
            }
            _ => {}
        }
        rest = after;
    }
}
