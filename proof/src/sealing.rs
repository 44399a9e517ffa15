//! F3 to F5: sealed keys, manifests and records that somebody changed, cut, swapped or made
//! expensive.

use super::run::{Rig, Tally, Verdict};
use super::scene::{Deed, Files, Kit, Place, Ran, command};
use common::Sha256;
use common::secret::Secret;
use pki::{KeyAlgorithm, KeyPair, Passphrase, SealedKey, Spki, pem};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{Manifest, State, Store};
use zeroize::Zeroizing;

pub(super) const PASSPHRASE: &str = "fifteen letters";

/// One change to some bytes.
#[derive(Clone, Copy, Debug)]
enum Change {
    Flip(usize),
    Cut(usize),
}

impl Change {
    /// Every single bit, every length, every `step`th of them.
    fn all(length: usize, step: usize) -> Vec<Self> {
        let flips = (0..length * 8).map(Self::Flip);
        flips.chain((0..length).map(Self::Cut)).step_by(step).collect()
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        match self {
            Self::Flip(bit) => changed[bit / 8] ^= 1 << (bit % 8),
            Self::Cut(length) => changed.truncate(length),
        }
        changed
    }
}

/// F3, the library: sealed keys of all six types, each bit of PEM and of DER.
pub fn keys(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let step = if rig.effort == super::Effort::All { 1 } else { 40 };
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
fn refused_or_same(text: &[u8], spki: &Spki) -> Result<(), String> {
    let open = || SealedKey::from_pem(text).ok()?.open(&passphrase(), spki).ok();
    let opened = catch_unwind(AssertUnwindSafe(open)).map_err(|_| "a panic".to_owned())?;
    let Some(key) = opened else { return Ok(()) };
    if key.spki() != spki {
        return Err("another key".to_owned());
    }
    // What opened works: a damaged private half must not pass for the public one.
    key.prove().map_err(|error| format!("a key that cannot sign: {error}"))
}

pub(super) fn passphrase() -> Passphrase {
    Passphrase::existing(Secret::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()))).unwrap()
}

/// A key under two rounds of PBKDF2, so that tens of thousands can be tried; else as ours.
fn sealed_cheaply(rig: &Rig, algorithm: KeyAlgorithm) -> Result<(Vec<u8>, Spki), &'static str> {
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

fn run(program: &str, arguments: &[&str]) -> Result<Ran, &'static str> {
    let program = tests::find_program(program).ok_or("openssl is not installed")?;
    let line: Vec<_> =
        std::iter::once(program.into_os_string()).chain(arguments.iter().map(Into::into)).collect();
    Ok(Ran::of(command(&[], &line)))
}

pub(super) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn decoded(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok()
}

fn encoded(der: &[u8]) -> Vec<u8> {
    pem::encode("ENCRYPTED PRIVATE KEY", der).into_bytes()
}

/// F3, the store: every bit of every file that a record accounts for, read by the library.
pub fn store(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let step = if rig.effort == super::Effort::All { 1 } else { 60 };
    let base = rig.kit.base(Deed::RollBack);
    for (name, bytes) in files_of_record(base) {
        let cases = Change::all(bytes.len(), step);
        let all = cases.len();
        let label = name.display().to_string();
        let place = |worker| {
            let place = rig.kit.place(&format!("flips-{worker}"));
            base.write(&place.store());
            place
        };
        tally.add(rig.each(&label, &cases, all, place, |place, change| {
            let file = place.store().join(&name);
            fs::write(&file, change.of(&bytes)).unwrap();
            let read = catch_unwind(|| Store::on_disk(place.store()).read().map(drop));
            fs::write(&file, &bytes).unwrap();
            match read {
                Ok(Err(_)) => Verdict::Held,
                Ok(Ok(())) => Verdict::Bad(format!("{label} {change:?}: the store was read")),
                Err(_) => Verdict::Bad(format!("{label} {change:?}: a panic")),
            }
        }));
    }
    tally
}

fn files_of_record(base: &Files) -> Vec<(PathBuf, Vec<u8>)> {
    let files = base.0.iter().filter_map(|(path, bytes)| Some((path.clone(), bytes.clone()?)));
    files.filter(|(path, _)| path != Path::new("audit.log")).collect()
}

/// F3, the commands: a sample through the binaries, each of which must refuse and change nothing.
pub fn commands(rig: &Rig) -> Tally {
    let deeds = [Deed::Rotate, Deed::RequestRotation, Deed::RollBack, Deed::Install];
    let mut cases = vec![];
    for deed in deeds {
        for (name, bytes) in files_of_record(rig.kit.base(deed)) {
            let some = Change::all(bytes.len(), bytes.len() * 9 / 24 + 1);
            cases.extend(some.into_iter().map(|change| (deed, name.clone(), change)));
        }
    }
    rig.each(
        "flips, commands",
        &cases,
        60,
        |worker| rig.kit.place(&format!("flipped-{worker}")),
        |place, case| {
            let (deed, name, change) = case;
            rig.kit.base(*deed).write(&place.store());
            let file = place.store().join(name);
            fs::write(&file, change.of(&fs::read(&file).unwrap())).unwrap();
            let before = Files::read(&place.store());
            let runs = [rig.kit.command(*deed, place), command(&[], &rig.kit.status_line(place))];
            let judged = runs.into_iter().map(Ran::of).try_for_each(|ran| {
                if ran.code != Some(4) || ran.stderr.is_empty() {
                    Err(format!("not refused as damage: {ran}"))
                } else {
                    Ok(())
                }
            });
            let same = if Files::read(&place.store()) == before {
                Ok(())
            } else {
                Err("the store changed".to_owned())
            };
            judged.and(same).map_err(|what| format!("{} {name:?} {change:?}: {what}", deed.name())).into()
        },
    )
}

/// F4: files in each other's place, records of another day or another store, digests corrected by
/// somebody who can write.
pub fn swaps(rig: &Rig) -> Tally {
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
            let text = SealedKey::seal(&key, &kit_passphrase()).unwrap().to_pem();
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
            rig.kit.base(Deed::Rotate).write(&place.store());
            swap(&rig.kit, &place.store());
            refuses(&rig.kit, place, None).map_err(|what| format!("{name}: {what}")).into()
        },
    )
}

/// F5: sealed keys that ask for too much work, put into a store with all digests right.
pub fn costs(rig: &Rig) -> Tally {
    let pbkdf2 = |rounds: u64| kdf_pbkdf2(rounds);
    let scrypt = |n: u64, r: u64, p: u64| kdf_scrypt(n, r, p);
    let cases = [
        ("2^31 - 1 rounds", pbkdf2((1 << 31) - 1)),
        ("2^32 - 1 rounds", pbkdf2((1 << 32) - 1)),
        ("2^63 rounds", pbkdf2(1 << 63)),
        ("ten million and one rounds", pbkdf2(10_000_001)),
        ("no round", pbkdf2(0)),
        ("scrypt N=2^40", scrypt(1 << 40, 8, 1)),
        ("scrypt N=2^21", scrypt(1 << 21, 8, 1)),
        ("scrypt r=2^20", scrypt(1 << 14, 1 << 20, 1)),
        ("scrypt p=2^24", scrypt(1 << 14, 8, 1 << 24)),
        ("scrypt N=3", scrypt(3, 8, 1)),
        ("scrypt N=0", scrypt(0, 0, 0)),
    ];
    rig.each(
        "costs",
        &cases,
        cases.len(),
        |worker| rig.kit.place(&format!("costs-{worker}")),
        |place, (name, kdf)| {
            rig.kit.base(Deed::Rotate).write(&place.store());
            let sealed = encoded(&sealed_with(kdf));
            rewrite(&place.store(), "main.key", &sealed);
            rewrite(&place.store(), "assets.key", &sealed);
            refuses(&rig.kit, place, Some(Duration::from_secs(2)))
                .map_err(|what| format!("{name}: {what}"))
                .into()
        },
    )
}

/// The rotation is refused, the store stays as it is, in time.
fn refuses(kit: &Kit, place: &Place, within: Option<Duration>) -> Result<(), String> {
    let before = Files::read(&place.store());
    let began = Instant::now();
    let ran = Ran::of(kit.command(Deed::Rotate, place));
    if !matches!(ran.code, Some(3..=5)) {
        return Err(format!("not refused: {ran}"));
    }
    if within.is_some_and(|within| began.elapsed() > within) {
        return Err(format!("took {:?}", began.elapsed()));
    }
    if Files::read(&place.store()) == before { Ok(()) } else { Err("the store changed".to_owned()) }
}

fn kit_passphrase() -> Passphrase {
    let bytes = super::scene::PASSPHRASE.as_bytes().to_vec();
    Passphrase::existing(Secret::new(Zeroizing::new(bytes))).unwrap()
}

fn staged(store: &Path) -> PathBuf {
    let state = State::decode(&fs::read(store.join("STATE")).unwrap()).unwrap();
    store.join(format!("generations/{:08}", state.staged.unwrap().number))
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
    let bytes = kit.base(from).0.get(Path::new(name)).cloned().flatten().unwrap();
    fs::write(store.join(name), bytes).unwrap();
}

/// Replaces a file of the staged generation and corrects every digest up to the record, as anyone
/// who can write to the store could.
fn rewrite(store: &Path, name: &str, bytes: &[u8]) {
    let folder = staged(store);
    let mut state = State::decode(&fs::read(store.join("STATE")).unwrap()).unwrap();
    let reference = state.staged.clone().unwrap();
    let mut manifest =
        Manifest::decode(&fs::read(folder.join("manifest.json")).unwrap(), &reference).unwrap();
    let entry = manifest.files.iter_mut().find(|entry| entry.name == name).unwrap();
    (entry.length, entry.sha256) = (bytes.len() as u64, Sha256::of(bytes));
    let encoded = manifest.encode();
    state.staged.as_mut().unwrap().manifest = Sha256::of(&encoded);
    fs::write(folder.join(name), bytes).unwrap();
    fs::write(folder.join("manifest.json"), encoded).unwrap();
    fs::write(store.join("STATE"), state.encode()).unwrap();
}

/// EncryptedPrivateKeyInfo with a key derivation of one's choice.
fn sealed_with(kdf: &[u8]) -> Vec<u8> {
    use tests::der::{oid, sequence, tlv};
    let cipher = sequence(&[oid("2.16.840.1.101.3.4.1.42"), tlv(4, &[7; 16])]);
    let scheme = sequence(&[oid("1.2.840.113549.1.5.13"), sequence(&[kdf.to_vec(), cipher])]);
    sequence(&[scheme, tlv(4, &[9; 144])])
}

fn number(value: u64) -> Vec<u8> {
    let octets: Vec<u8> = value.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    tests::der::integer(&octets)
}

fn kdf_pbkdf2(rounds: u64) -> Vec<u8> {
    use tests::der::{oid, sequence, tlv};
    let prf = sequence(&[oid("1.2.840.113549.2.9"), vec![5, 0]]);
    sequence(&[oid("1.2.840.113549.1.5.12"), sequence(&[tlv(4, &[1; 16]), number(rounds), prf])])
}

fn kdf_scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
    use tests::der::{oid, sequence, tlv};
    let parameters = sequence(&[tlv(4, &[1; 16]), number(n), number(r), number(p)]);
    sequence(&[oid("1.3.6.1.4.1.11591.4.11"), parameters])
}
