//! A subject alternative name as typed: printed and parsed again it is the same.
#![no_main]

use pki::San;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(san) = San::parse(text) else { return };
    assert_eq!(San::parse(&san.to_string()).as_ref(), Ok(&san));
});
