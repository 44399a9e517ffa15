//! F3: every bit and every length of sealed keys of all six types.

use crate::forgery::{Change, encoded};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Ran, command};
use common::Secret;
use pki::{KeyAlgorithm, KeyPair, Passphrase, SealedKey, Spki, pem};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use zeroize::Zeroizing;

pub(crate) const PASSPHRASE: &str = "fifteen letters";

/// F3, the library: sealed keys of all six types, each bit of PEM and of DER.
pub(crate) fn keys(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let step = if rig.effort == crate::Effort::All { 1 } else { 40 };
    for algorithm in KeyAlgorithm::ALL {
        let (pem, spki) = match sealed_cheaply(rig, algorithm) {
            Ok(made) => made,
            Err(why) => {
                tally.leave_out(why, 1);
                continue;
            }
        };
        let Some(der) = decoded(&pem) else {
            tally.count(Verdict::Bad("openssl sealed no key".to_owned()));
            continue;
        };
        let cases: Vec<_> = Change::all(pem.len(), step)
            .into_iter()
            .map(|change| (false, change))
            .chain(Change::all(der.len(), step).into_iter().map(|change| (true, change)))
            .collect();
        let all = cases.len();
        tally.add(rig.each(
            algorithm.name(),
            &cases,
            all,
            |_| (),
            |(), (in_der, change)| {
                let text = if *in_der { encoded(&change.of(&der)) } else { change.of(&pem) };
                refused_or_same(&text, &spki)
                    .map_err(|what| format!("{algorithm} {change:?} of DER {in_der}: {what}"))
                    .into()
            },
        ));
    }
    tally
}

/// Never a panic, never another key. A change that decodes to the same DER is none.
pub(crate) fn refused_or_same(text: &[u8], spki: &Spki) -> Result<(), String> {
    let open = || SealedKey::from_pem(text).ok()?.open(&passphrase(), spki).ok();
    let opened = catch_unwind(AssertUnwindSafe(open)).map_err(|_| "a panic".to_owned())?;
    let Some(key) = opened else { return Ok(()) };
    if key.spki() != spki {
        return Err("another key".to_owned());
    }
    // What opened works: a damaged private half must not pass for the public one.
    key.prove().map_err(|error| format!("a key that cannot sign: {error}"))
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::existing(Secret::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()))).unwrap()
}

/// A key under two rounds of PBKDF2, so that tens of thousands can be tried; else as ours.
pub(crate) fn sealed_cheaply(rig: &Rig, algorithm: KeyAlgorithm) -> Result<(Vec<u8>, Spki), &'static str> {
    let key = KeyPair::generate(algorithm).map_err(|_| "no key")?;
    let place = rig.kit.place("sealing");
    let clear = place.path().join("clear.pem");
    fs::write(&clear, pem::encode("PRIVATE KEY", &key.to_pkcs8().map_err(|_| "no key")?)).unwrap();
    let pass = format!("pass:{PASSPHRASE}");
    let arguments =
        ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "2", "-passout"];
    let sealed = run("openssl", &[&arguments[..], &[&pass, "-in", path(&clear)]].concat())?;
    fs::remove_file(clear).unwrap();
    if sealed.code == Some(0) {
        Ok((sealed.stdout.into_bytes(), key.spki().clone()))
    } else {
        Err("openssl fails")
    }
}

pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<Ran, &'static str> {
    let program = tests::find_program(program).ok_or("openssl is not installed")?;
    let line: Vec<_> =
        std::iter::once(program.into_os_string()).chain(arguments.iter().map(Into::into)).collect();
    Ok(Ran::of(command(&[], &line)))
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn decoded(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok()
}
