//! `STATE`, its digest always right: whoever can write there can do that.
#![no_main]

use common::Sha256;
use store::State;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = State::decode(data);
    let line: Vec<u8> = data.iter().copied().take_while(|octet| *octet != b'\n').chain(*b"\n").collect();
    let record = [&line[..], format!("sha256:{}\n", Sha256::of(&line)).as_bytes()].concat();
    if let Ok(state) = State::decode(&record) {
        assert_eq!(state.encode(), record);
    }
});
