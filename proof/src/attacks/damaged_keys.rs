//! F3: every bit and every length of sealed keys of all six types.

use crate::forgery::{Change, encoded};
use crate::rig::{Rig, Tally, Verdict};
use crate::secrets::passphrase;
use crate::tool::{shell, text};
use pki::{KeyAlgorithm, KeyPair, SealedKey, Spki, pem};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tests::world::PASSPHRASE;

/// F3, the library: sealed keys of all six types, each bit of PEM and of DER.
pub(crate) fn keys(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let step = if rig.effort == crate::Effort::All { 1 } else { 40 };
    for algorithm in KeyAlgorithm::ALL {
        let (pem, spki) = match sealed_cheaply(rig, algorithm) {
            Ok(made) => made,
            Err(why) => {
                tally.leave_out(&why, 1);
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
                let changed = if *in_der { encoded(&change.of(&der)) } else { change.of(&pem) };
                match refused_or_same(&changed, &spki) {
                    Ok(refused) => Verdict::judged(refused, Ok(())),
                    Err(what) => Verdict::Bad(format!("{algorithm} {change:?} of DER {in_der}: {what}")),
                }
            },
        ));
    }
    tally
}

/// Whether it was refused. Never a panic, never another key. A change that decodes to the same DER is none.
fn refused_or_same(text: &[u8], spki: &Spki) -> Result<bool, String> {
    let open = || SealedKey::from_pem(text).ok()?.open(&passphrase(), spki).ok();
    let opened = catch_unwind(AssertUnwindSafe(open)).map_err(|_| "a panic".to_owned())?;
    let Some(key) = opened else { return Ok(true) };
    if key.spki() != spki {
        return Err("another key".to_owned());
    }
    // What opened works: a damaged private half must not pass for the public one.
    key.prove().map(|()| false).map_err(|error| format!("a key that cannot sign: {error}"))
}

/// A key under two rounds of PBKDF2, so that tens of thousands can be tried.
fn sealed_cheaply(rig: &Rig, algorithm: KeyAlgorithm) -> Result<(Vec<u8>, Spki), String> {
    let key = KeyPair::generate(algorithm).map_err(|error| error.to_string())?;
    let pkcs8 = key.to_pkcs8().map_err(|error| error.to_string())?;
    let clear = rig.kit.place("sealing").path().join("clear.pem");
    fs::write(&clear, pem::encode("PRIVATE KEY", &pkcs8)).unwrap();
    let pass = format!("pass:{PASSPHRASE}");
    let words =
        ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "2"];
    let sealed = shell(&[&words[..], &["-passout", &pass, "-in", text(&clear)]].concat());
    fs::remove_file(clear).unwrap();
    Ok((sealed?.into_bytes(), key.spki().clone()))
}

fn decoded(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok()
}
