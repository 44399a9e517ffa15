//! A subject alternative name as typed: printed and parsed again it is the same.
#![no_main]

use common::pki::name::San;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(san) = San::parse(text) else { return };
    let printed = san.to_string();
    let value = printed.split_once(':').map_or(printed.as_str(), |(_, value)| value);
    assert_eq!(San::parse(value).as_ref(), Ok(&san), "{printed}");
});
