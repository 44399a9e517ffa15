//! What is read, from whatever state it is in.

mod content;
mod damage;
mod keys;
mod mail;
mod properties;

use super::*;
use data_encoding::BASE64;

/// Two certificates, CN=a.example and CN=b.example, by `openssl crl2pkcs7 -nocrl` (OpenSSL 3.0.19).
pub(super) const PKCS7: &str = "\
-----BEGIN PKCS7-----
MIIDLQYJKoZIhvcNAQcCoIIDHjCCAxoCAQExADALBgkqhkiG9w0BBwGgggMCMIIB
fTCCASOgAwIBAgIUGM52z/hS3wyKpt3m/kYFo+L2ybgwCgYIKoZIzj0EAwIwFDES
MBAGA1UEAwwJYS5leGFtcGxlMB4XDTI2MTEyMjAxMTYyMloXDTM2MTExOTAxMTYy
MlowFDESMBAGA1UEAwwJYS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE7tqaPBcSDn7c+PxMOWqpF4pAnWAs0tQOPq8ZQud473GKME53s2lL57TmGyW4
1/dh+1wR1+1gY2nm0qm0k7nDAaNTMFEwHQYDVR0OBBYEFLYzx9YHvGyksdfQfrDj
myojmhX3MB8GA1UdIwQYMBaAFLYzx9YHvGyksdfQfrDjmyojmhX3MA8GA1UdEwEB
/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOzNixyox+C7zyFFc02UJhRLoyk+
p3Gw4PDUX15mYsWpAiAHOLpndpKst4R17Hqn1fpdNqBKyC5lK31qRjKjJbjyHjCC
AX0wggEjoAMCAQICFC1SnhU/0TSVs0kHjWZ1RuXmbaT+MAoGCCqGSM49BAMCMBQx
EjAQBgNVBAMMCWIuZXhhbXBsZTAeFw0yNjExMjIwMTE2MjJaFw0zNjExMTkwMTE2
MjJaMBQxEjAQBgNVBAMMCWIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABBUxSZvmTtEBDI+APHzypFpmerAM3xNJZFrpm7zBaJlpzLGSiI7SaC2vSN2n
cHYHyK3B7P6y+g+zvKv8sQFGRACjUzBRMB0GA1UdDgQWBBTqj/MWPQgVSkmyUhF7
EQnu2uGnKDAfBgNVHSMEGDAWgBTqj/MWPQgVSkmyUhF7EQnu2uGnKDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCdZmfZbOlp5Rs4CBByEFiNm75n
n5PwCh89n3jFNiiv5wIgD0GRaaEmWwZj9Qha7Opgbq98C8HV2HOQINBaqbnhPtgx
AA==
-----END PKCS7-----
";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    match content.len() {
        0..=127 => [&[tag, length[1]], content].concat(),
        128..=255 => [&[tag, 0x81, length[1]], content].concat(),
        _ => [&[tag, 0x82, length[0], length[1]], content].concat(),
    }
}

/// What passes for a certificate here: a SEQUENCE in a SEQUENCE that begins with a version.
fn certificate(size: usize) -> Vec<u8> {
    let body = [tlv(0xa0, &[2, 1, 2]), tlv(4, &vec![0x5a; size])].concat();
    tlv(0x30, &[tlv(0x30, &body), tlv(0x30, &[]), tlv(3, &[0])].concat())
}

fn request(size: usize) -> Vec<u8> {
    let body = [vec![2, 1, 0], tlv(0x30, &[]), tlv(4, &vec![0xa5; size])].concat();
    tlv(0x30, &[tlv(0x30, &body), tlv(0x30, &[]), tlv(3, &[0])].concat())
}

/// A SEQUENCE that is signed: its AlgorithmIdentifier, its issuer, a time.
fn crl() -> Vec<u8> {
    let algorithm = tlv(0x30, &tlv(6, &[0x2a, 3]));
    let body = [vec![2, 1, 1], algorithm, tlv(0x30, &[]), tlv(0x17, b"261122120000Z")].concat();
    tlv(0x30, &[tlv(0x30, &body), tlv(0x30, &[]), tlv(3, &[0])].concat())
}

fn public_key() -> Vec<u8> {
    tlv(0x30, &[tlv(0x30, &tlv(6, &[0x2a, 3])), tlv(3, &[0; 40])].concat())
}

fn pem_of(size: usize) -> String {
    encode("CERTIFICATE", &certificate(size))
}

/// One line of base64 of exactly this length.
fn line_of(length: usize) -> String {
    (length / 4 * 3 - 40..)
        .map(|size| BASE64.encode(&certificate(size)))
        .find(|line| line.len() >= length)
        .unwrap()
}

fn certificates(input: impl AsRef<[u8]>) -> Vec<Vec<u8>> {
    let one = |block| match block {
        Block::Certificate(der) => der,
        Block::Request(_) => panic!("a request"),
    };
    blocks(input.as_ref()).unwrap_or_else(|e| panic!("{e}")).into_iter().map(one).collect()
}

/// What an input is read to, one word a line: `certificate 200 in line 1`, then remarks and faults.
fn told(input: impl AsRef<[u8]>) -> Vec<String> {
    match read(input.as_ref()) {
        Err(error) => vec![error.to_string()],
        Ok(reading) => {
            let block = |placed: &Placed| match &placed.block {
                Block::Certificate(der) => format!("certificate of {} in line {}", der.len(), placed.line),
                Block::Request(der) => format!("request of {} in line {}", der.len(), placed.line),
            };
            let remarks = reading.remarks.iter().map(ToString::to_string);
            let faults = reading.faults.iter().map(|fault| format!("fault: {fault}"));
            reading.blocks.iter().map(block).chain(remarks).chain(faults).collect()
        }
    }
}

#[test]
fn encodes_64_columns_with_lf() {
    let text = encode("CERTIFICATE REQUEST", &[0; 60]);
    let expected = format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{}\n{}\n-----END CERTIFICATE REQUEST-----\n",
        "A".repeat(64),
        "A".repeat(16)
    );
    assert_eq!(text, expected);
}

#[test]
fn the_limit_is_one_mebibyte() {
    assert_eq!(read(&vec![b' '; MAX_INPUT]), Err(PemError::Empty));
    assert_eq!(read(&vec![b' '; MAX_INPUT + 1]), Err(PemError::TooLarge(MAX_INPUT + 1)));
    assert_eq!(PemError::TooLarge(9).to_string(), "input of 9 bytes is over the limit of 1048576");
}

#[test]
fn what_stood_in_the_set_of_a_pkcs7_has_no_order() {
    let chain = crate::Chain::read(PKCS7.as_bytes()).unwrap();
    assert!(chain.is_unordered());
    assert!(!crate::Chain::read(chain.to_pem().as_bytes()).unwrap().is_unordered());
}
