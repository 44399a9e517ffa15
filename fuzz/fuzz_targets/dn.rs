//! The three spellings of a subject: what was understood is printed so that it is understood again.
#![no_main]

use pki::Subject;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(subject) = Subject::parse(text) else { return };
    assert_eq!(Subject::parse(&subject.to_string()).as_ref(), Ok(&subject));
});
