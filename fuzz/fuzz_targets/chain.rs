//! A chain in any order: the way found through it is the way found through that alone, and nothing it
//! says gets out unescaped.
#![no_main]

use common::Timestamp;
use pki::rules::Policy;
use pki::verdict::{Anchors, Asked, examine_chain};
use pki::{Certificate, Chain};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(chain) = Chain::read(data) else { return };
    let found = way(&chain);
    assert_eq!(found.first(), Some(chain.end_entity(None)));
    let alone: String = found.iter().map(Certificate::to_pem).collect();
    if let Ok(alone) = Chain::read(alone.as_bytes()) {
        assert_eq!(way(&alone), found);
    }
    for certificate in chain.certificates() {
        let said = format!("{} {}", certificate.subject(), certificate.issuer());
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
});

fn way(chain: &Chain) -> Vec<Certificate> {
    let (asked, now) = (Asked::default(), Timestamp::from_unix(1_800_000_000));
    examine_chain(chain, &asked, Policy::product(), &Anchors::Presented, now).path
}
