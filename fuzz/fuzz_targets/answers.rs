//! An answers file: read, or every mistake in it told on one line each, without its values.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for mistake in get_csrs::check_answers(text).err().unwrap_or_default() {
        assert!(!mistake.chars().any(char::is_control), "{mistake:?}");
    }
});
