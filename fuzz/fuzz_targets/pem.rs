//! Whatever people paste: read without a panic, and what was read comes back from its encoding.
#![no_main]

use pki::pem::{Block, blocks, encode, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(reading) = read(data) else { return };
    for placed in reading.blocks {
        let text = match &placed.block {
            Block::Certificate(der) => encode("CERTIFICATE", der),
            Block::Request(der) => encode("CERTIFICATE REQUEST", der),
        };
        assert_eq!(blocks(text.as_bytes()), Ok(vec![placed.block]));
    }
});
