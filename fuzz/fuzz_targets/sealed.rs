//! A sealed key: read or refused, and never expensive to refuse.
#![no_main]

use pki::SealedKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(sealed) = SealedKey::from_pem(data) {
        assert_eq!(SealedKey::from_pem(sealed.to_pem().as_bytes()), Ok(sealed));
    }
});
