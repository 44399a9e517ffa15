//! F4: files in each other's place, records of another day or another store, digests corrected by
//! somebody who can write.

use crate::forgery::{refuses, rewrite, staged};
use crate::rig::{Rig, Tally};
use crate::scene::{Deed, Kit};
use crate::secrets::passphrase;
use pki::{KeyAlgorithm, KeyPair, SealedKey};
use std::fs;
use std::path::Path;

/// F4: files in each other's place, records of another day or another store, digests corrected by
/// somebody who can write.
pub(crate) fn swaps(rig: &Rig) -> Tally {
    type Swap = (&'static str, fn(&Kit, &Path));
    let swaps: [Swap; 9] = [
        ("keys of Main and Assets", |_, store| exchange(store, "main.key", "assets.key", false)),
        ("keys of Main and Assets, digests corrected", |_, store| {
            exchange(store, "main.key", "assets.key", true)
        }),
        ("requests of Main and Assets, digests corrected", |_, store| {
            exchange(store, "main.csr", "assets.csr", true)
        }),
        ("Main's key for both, digests corrected", |_, store| {
            rewrite(store, "assets.key", &fs::read(staged(store).join("main.key")).unwrap());
        }),
        ("another store's record", |kit, store| put(kit, store, Deed::Install, "STATE")),
        ("an older record", |kit, store| put(kit, store, Deed::RequestRotation, "STATE")),
        ("the key of the current generation, digests corrected", |_, store| {
            rewrite(store, "main.key", &fs::read(store.join("generations/00000002/main.key")).unwrap());
        }),
        ("a key of nobody, digests corrected", |_, store| {
            let key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
            let text = SealedKey::seal(&key, &passphrase()).unwrap().to_pem();
            rewrite(store, "main.key", text.as_bytes());
        }),
        ("no key, digests corrected", |_, store| rewrite(store, "main.key", b"nothing\n")),
    ];
    rig.each(
        "swaps",
        &swaps,
        swaps.len(),
        |worker| rig.kit.place(&format!("swaps-{worker}")),
        |place, (name, swap)| {
            rig.kit.prepare(Deed::Rotate, place);
            swap(&rig.kit, &place.store());
            refuses(&rig.kit, place, None).map_err(|what| format!("{name}: {what}")).into()
        },
    )
}

fn exchange(store: &Path, one: &str, other: &str, correct: bool) {
    let folder = staged(store);
    let [a, b] = [one, other].map(|name| fs::read(folder.join(name)).unwrap());
    if correct {
        rewrite(store, one, &b);
        rewrite(store, other, &a);
    } else {
        fs::write(folder.join(one), b).unwrap();
        fs::write(folder.join(other), a).unwrap();
    }
}

fn put(kit: &Kit, store: &Path, from: Deed, name: &str) {
    let bytes = kit.base(from).content(name).unwrap();
    fs::write(store.join(name), bytes).unwrap();
}
