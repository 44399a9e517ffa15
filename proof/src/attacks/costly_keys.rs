//! F5: sealed keys that ask for too much work.

use crate::forgery::{encoded, refuses, rewrite};
use crate::rig::{Rig, Tally};
use crate::scene::Deed;
use std::time::Duration;

/// F5: sealed keys that ask for too much work, put into a store with all digests right.
pub(crate) fn costs(rig: &Rig) -> Tally {
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
            rig.kit.prepare(Deed::Rotate, place);
            let sealed = encoded(&sealed_with(kdf));
            rewrite(&place.store(), "main.key", &sealed);
            rewrite(&place.store(), "assets.key", &sealed);
            refuses(&rig.kit, place, Some(Duration::from_secs(2)))
                .map_err(|what| format!("{name}: {what}"))
                .into()
        },
    )
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
