//! F6: keys sealed here and opened by OpenSSL, GnuTLS and Python, and the other way round.

use super::damaged_keys::{PASSPHRASE, passphrase, path};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Place, Ran, command};
use pki::{KeyAlgorithm, KeyPair, SealedKey, pem};
use std::fs;
use std::path::Path;

/// Another program that seals and opens keys.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Other {
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
            let there_and_back =
                there(place, *algorithm, *other).and_then(|()| back(place, *algorithm, *other));
            there_and_back.map_err(|what| format!("{algorithm} {other:?}: {what}")).into()
        },
    )
}

impl Other {
    pub(crate) fn is_here(self) -> bool {
        match self {
            Self::Openssl | Self::OpensslDefault | Self::OpensslScrypt => {
                tests::find_program("openssl").is_some()
            }
            Self::Gnutls => tests::find_program("certtool").is_some(),
            Self::Python => said("python3", &["-c", "import cryptography"]).is_ok(),
        }
    }

    /// Opens a sealed key and gives its SubjectPublicKeyInfo.
    pub(crate) fn open(self, sealed: &Path) -> Result<Vec<u8>, String> {
        let pem = match self {
            Self::Openssl | Self::OpensslDefault | Self::OpensslScrypt => said(
                "openssl",
                &["pkey", "-in", path(sealed), "-passin", &format!("pass:{PASSPHRASE}"), "-pubout"],
            )?,
            Self::Gnutls => said(
                "certtool",
                &["--load-privkey", path(sealed), "--password", PASSPHRASE, "--pubkey-info"],
            )?,
            Self::Python => said("python3", &["-c", OPEN, path(sealed), PASSPHRASE])?,
        };
        let body: Vec<_> =
            pem.lines().skip_while(|line| !line.starts_with("-----BEGIN PUBLIC")).skip(1).collect();
        let body: String = body.into_iter().take_while(|line| !line.starts_with('-')).collect();
        data_encoding::BASE64.decode(body.as_bytes()).map_err(|_| format!("no public key: {pem}"))
    }

    /// Seals a key that lies there in the clear.
    pub(crate) fn seal(self, clear: &Path) -> Result<Vec<u8>, String> {
        let pass = format!("pass:{PASSPHRASE}");
        let openssl = |more: &[&str]| {
            said("openssl", &[&["pkcs8", "-topk8", "-in", path(clear), "-passout", &pass], more].concat())
        };
        let text = match self {
            Self::Openssl => openssl(&["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "600000"]),
            Self::OpensslDefault => openssl(&[]),
            Self::OpensslScrypt => openssl(&["-scrypt"]),
            Self::Gnutls => said(
                "certtool",
                &[
                    "--load-privkey",
                    path(clear),
                    "--to-p8",
                    "--password",
                    PASSPHRASE,
                    "--pkcs-cipher",
                    "aes-256",
                ],
            ),
            Self::Python => said("python3", &["-c", SEAL, path(clear), PASSPHRASE]),
        }?;
        let from = text.find("-----BEGIN ENCRYPTED").ok_or_else(|| format!("nothing sealed: {text}"))?;
        Ok(text.as_bytes()[from..].to_vec())
    }
}

pub(crate) const OPEN: &str = "
import sys
from cryptography.hazmat.primitives import serialization as s
key = s.load_pem_private_key(open(sys.argv[1], 'rb').read(), sys.argv[2].encode())
print(key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode())
";

pub(crate) const SEAL: &str = "
import sys
from cryptography.hazmat.primitives import serialization as s
key = s.load_pem_private_key(open(sys.argv[1], 'rb').read(), None)
sealed = s.BestAvailableEncryption(sys.argv[2].encode())
print(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, sealed).decode())
";

pub(crate) fn said(program: &str, arguments: &[&str]) -> Result<String, String> {
    let line: Vec<_> = std::iter::once(&program).chain(arguments).map(Into::into).collect();
    let mut run = command(&[], &line);
    // A Python kept in a home directory finds itself there.
    run.envs(std::env::vars_os().filter(|(name, _)| name == "HOME"));
    let ran = Ran::of(run);
    if ran.code == Some(0) { Ok(ran.stdout) } else { Err(format!("{program}: {ran}")) }
}

pub(crate) fn there(place: &Place, algorithm: KeyAlgorithm, other: Other) -> Result<(), String> {
    let key = KeyPair::generate(algorithm).map_err(|error| error.to_string())?;
    let sealed = SealedKey::seal(&key, &passphrase()).map_err(|error| error.to_string())?;
    let file = place.path().join("ours.pem");
    fs::write(&file, sealed.to_pem()).map_err(|error| error.to_string())?;
    if other.open(&file)? == key.spki().der() { Ok(()) } else { Err("they opened another key".to_owned()) }
}

pub(crate) fn back(place: &Place, algorithm: KeyAlgorithm, other: Other) -> Result<(), String> {
    let key = KeyPair::generate(algorithm).map_err(|error| error.to_string())?;
    let clear = place.path().join("clear.pem");
    let pkcs8 = key.to_pkcs8().map_err(|error| error.to_string())?;
    fs::write(&clear, pem::encode("PRIVATE KEY", &pkcs8)).map_err(|error| error.to_string())?;
    let sealed = SealedKey::from_pem(&other.seal(&clear)?).map_err(|error| error.to_string())?;
    let opened = sealed.open(&passphrase(), key.spki()).map_err(|error| error.to_string())?;
    opened.prove().map_err(|error| error.to_string())
}
