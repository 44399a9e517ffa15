//! A chain in any order: put in order once it stays in order, and nothing it says gets out unescaped.
#![no_main]

use pki::Chain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(chain) = Chain::read(data) else { return };
    let ordered = chain.in_order(&chain.path(None));
    if let Ok(again) = Chain::read(ordered.to_pem().as_bytes()) {
        assert_eq!(again.in_order(&again.path(None)).to_pem(), ordered.to_pem());
    }
    for certificate in chain.certificates() {
        let said = format!("{} {}", certificate.subject(), certificate.issuer());
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
});
