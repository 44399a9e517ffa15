//! F6: keys sealed here and opened by OpenSSL, GnuTLS and Python, and the other way round.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::Place;
use crate::secrets::passphrase;
use crate::tool::{shell, text};
use pki::{KeyAlgorithm, KeyPair, SealedKey, pem};
use std::fs;
use std::path::Path;
use tests::World;
use tests::judges::Judge;
use tests::world::PASSPHRASE;

/// Another program that seals and opens keys.
#[derive(Clone, Copy, Debug)]
enum Other {
    Openssl,
    OpensslDefault,
    OpensslScrypt,
    Gnutls,
    Python,
}

/// F6: keys sealed by others opened here, keys sealed here opened by others.
pub(crate) fn travel(rig: &Rig) -> Tally {
    use Other::{Gnutls, Openssl, OpensslDefault, OpensslScrypt, Python};
    let others = [Openssl, OpensslDefault, OpensslScrypt, Gnutls, Python];
    let cases: Vec<_> =
        KeyAlgorithm::ALL.iter().flat_map(|algorithm| others.map(|other| (*algorithm, other))).collect();
    rig.each(
        "travel",
        &cases,
        10,
        |worker| rig.kit.place(&format!("travel-{worker}")),
        |place, (algorithm, other)| {
            if !other.is_here() {
                return Verdict::LeftOut("openssl, certtool or Python's cryptography is not installed");
            }
            let there_and_back = there(rig.kit.world(), place, *algorithm, *other)
                .and_then(|()| back(place, *algorithm, *other));
            there_and_back.map_err(|what| format!("{algorithm} {other:?}: {what}")).into()
        },
    )
}

impl Other {
    /// Whether this machine has it.
    fn is_here(self) -> bool {
        match self {
            Self::Openssl | Self::OpensslDefault | Self::OpensslScrypt => {
                tests::find_program("openssl").is_some()
            }
            Self::Gnutls => tests::find_program("certtool").is_some(),
            Self::Python => shell(&["python3", "-c", "import cryptography"]).is_ok(),
        }
    }

    /// Opens a sealed key and gives its SubjectPublicKeyInfo.
    fn open(self, world: &World, sealed: &Path) -> Result<Vec<u8>, String> {
        let judged = match self {
            Self::Openssl | Self::OpensslDefault | Self::OpensslScrypt => {
                let pass = format!("pass:{PASSPHRASE}");
                shell(&["openssl", "pkey", "-in", text(sealed), "-passin", &pass, "-pubout"]).map(Some)
            }
            Self::Gnutls => Judge::Gnutls.open(world, sealed, PASSPHRASE),
            Self::Python => Judge::Python.open(world, sealed, PASSPHRASE),
        };
        let pem = judged?.ok_or("this judge has no keys")?;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        data_encoding::BASE64.decode(body.as_bytes()).map_err(|_| format!("no public key: {pem}"))
    }

    /// Seals a key that lies there in the clear.
    fn seal(self, clear: &Path) -> Result<Vec<u8>, String> {
        let pass = format!("pass:{PASSPHRASE}");
        let openssl = |more: &[&str]| {
            shell(&[&["openssl", "pkcs8", "-topk8", "-in", text(clear), "-passout", &pass], more].concat())
        };
        let said = match self {
            Self::Openssl => openssl(&["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "600000"]),
            Self::OpensslDefault => openssl(&[]),
            Self::OpensslScrypt => openssl(&["-scrypt"]),
            Self::Gnutls => {
                let words = ["certtool", "--load-privkey", text(clear), "--to-p8", "--password", PASSPHRASE];
                shell(&[&words[..], &["--pkcs-cipher", "aes-256"]].concat())
            }
            Self::Python => shell(&["python3", "-c", SEAL, text(clear), PASSPHRASE]),
        }?;
        let from = said.find("-----BEGIN ENCRYPTED").ok_or_else(|| format!("nothing sealed: {said}"))?;
        Ok(said.as_bytes()[from..].to_vec())
    }
}

const SEAL: &str = "
import sys
from cryptography.hazmat.primitives import serialization as s
key = s.load_pem_private_key(open(sys.argv[1], 'rb').read(), None)
sealed = s.BestAvailableEncryption(sys.argv[2].encode())
print(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, sealed).decode())
";

fn there(world: &World, place: &Place, algorithm: KeyAlgorithm, other: Other) -> Result<(), String> {
    let key = KeyPair::generate(algorithm).map_err(|error| error.to_string())?;
    let sealed = SealedKey::seal(&key, &passphrase()).map_err(|error| error.to_string())?;
    let file = place.path().join("ours.pem");
    fs::write(&file, sealed.to_pem()).map_err(|error| error.to_string())?;
    if other.open(world, &file)? == key.spki().der() {
        Ok(())
    } else {
        Err("they opened another key".to_owned())
    }
}

fn back(place: &Place, algorithm: KeyAlgorithm, other: Other) -> Result<(), String> {
    let key = KeyPair::generate(algorithm).map_err(|error| error.to_string())?;
    let clear = place.path().join("clear.pem");
    let pkcs8 = key.to_pkcs8().map_err(|error| error.to_string())?;
    fs::write(&clear, pem::encode("PRIVATE KEY", &pkcs8)).map_err(|error| error.to_string())?;
    let sealed = SealedKey::from_pem(&other.seal(&clear)?).map_err(|error| error.to_string())?;
    let opened = sealed.open(&passphrase(), key.spki()).map_err(|error| error.to_string())?;
    opened.prove().map_err(|error| error.to_string())
}
