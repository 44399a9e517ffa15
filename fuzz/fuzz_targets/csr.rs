//! A request: kept to the byte, judged by every rule, and nothing it says gets out unescaped.
#![no_main]

use pki::Csr;
use pki::rules::Policy;
use pki::verdict::examine_request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(request) = Csr::from_der(data) else { return };
    assert_eq!(request.der(), data);
    let _ = request.verify_signature();
    let mut said = request.subject().to_string();
    for finding in examine_request(data, None, Policy::product()).findings {
        said.push_str(&finding.evidence.text);
        finding.evidence.detail.iter().for_each(|line| said.push_str(line));
    }
    assert!(!said.chars().any(char::is_control), "{said:?}");
});
