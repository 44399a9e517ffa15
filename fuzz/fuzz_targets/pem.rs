//! Whatever people paste: read without a panic, and what was read comes back from its encoding.
#![no_main]

use pki::pem::{Block, encode, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(blocks) = read(data) else { return };
    for block in blocks {
        let text = match &block {
            Block::Certificate(der) => encode("CERTIFICATE", der),
            Block::Request(der) => encode("CERTIFICATE REQUEST", der),
        };
        assert_eq!(read(text.as_bytes()), Ok(vec![block]));
    }
});
