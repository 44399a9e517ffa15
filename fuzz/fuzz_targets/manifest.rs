//! `manifest.json`, its digest always right: whoever can write there can do that.
#![no_main]

use common::Sha256;
use store::{GenerationRef, Manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for number in [1, 2] {
        let reference = GenerationRef { number, manifest: Sha256::of(data) };
        if let Ok(manifest) = Manifest::decode(data, &reference) {
            assert_eq!(manifest.encode(), data);
        }
    }
});
