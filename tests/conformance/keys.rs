//! The sealed keys of the package, each with the password that pyca/cryptography's tests publish and
//! with a wrong one: opened, or refused by the name of what seals it; a wrong password is never
//! called damage, nor does it open anything.

use crate::agreement::{Case, agree};
use crate::vectors;
use pki::pem;
use std::collections::BTreeSet;
use std::path::Path;
use tests::{Ran, World};

#[test]
fn keys() {
    let Some(folder) = vectors::folder("sealed keys of cryptography_vectors", "asymmetric") else { return };
    let listed: BTreeSet<_> = KEYS.iter().map(|(file, ..)| (*file).to_owned()).collect();
    let sealed = vectors::files(&folder).into_iter().filter(|(file, path)| is_sealed(file, path));
    assert_eq!(sealed.map(|(file, _)| file).collect::<BTreeSet<_>>(), listed);
    let world = crate::world();
    let mut cases = vec![];
    for (file, password, expected) in KEYS {
        let content = std::fs::read(folder.join(file)).unwrap();
        let key = if file.ends_with(".der") { as_pem(&content) } else { content };
        world.write("key", key);
        let wrong = if expected.starts_with(OPENS) { "wrong passphrase or damaged file" } else { expected };
        for (kind, password, expected) in
            [("", password.to_owned(), expected), (", wrong password", format!("{password}~"), wrong)]
        {
            let found = found(&open(&world, &password), expected);
            cases.push(Case { name: format!("{file}{kind}"), expected: expected.to_owned(), found });
        }
    }
    agree("keys", &cases);
}

/// By its label or, in DER, by its name; keys in the clear are not what this is about.
fn is_sealed(file: &str, path: &Path) -> bool {
    let content = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&content);
    let sealed = text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED");
    sealed
        || text.contains("BEGIN OPENSSH PRIVATE KEY")
        || file.ends_with("-enc.der")
        || file.ends_with("_encrypted.der")
        || file.starts_with("DER_Serialization/enc")
}

fn as_pem(der: &[u8]) -> Vec<u8> {
    pem::encode("ENCRYPTED PRIVATE KEY", der).into_bytes()
}

fn open(world: &World, password: &str) -> Ran {
    world.write("password", format!("{password}\n"));
    world.check_certs(["--key", "key", "--passphrase-file", "password"])
}

/// What is expected, when the run ended so and said so; else all of the run.
fn found(ran: &Ran, expected: &str) -> String {
    ran.is_safe_to_print();
    let (code, text) = match expected {
        _ if expected.starts_with(OPENS) => (0, &ran.stdout),
        "wrong passphrase or damaged file" => (5, &ran.stderr),
        _ => (3, &ran.stderr),
    };
    if ran.code == Some(code) && text.contains(expected) { expected.to_owned() } else { ran.to_string() }
}

const OPENS: &str = "sealed key, ";
const TRADITIONAL: &str = "traditional PEM encryption";
const PKCS12_3DES: &str = "PKCS#12 encryption with SHA-1 and 3DES";
const RSA_1024: &str = "sealed key, RSA with 1024 bits";
const OPENSSH: &str = "OpenSSH's own format";

/// File, password, and what is said of it.
#[rustfmt::skip]
const KEYS: [(&str, &str, &str); 64] = [
    ("DER_Serialization/ec_private_key_encrypted.der", "123456", "sealed key, P-256"),
    ("DER_Serialization/enc-rsa-pkcs8.der", "foobar", PKCS12_3DES),
    ("DER_Serialization/enc2-rsa-pkcs8.der", "baz", RSA_1024),
    ("Ed25519/ed25519-pkcs8-enc.der", "password", "sealed key, Ed25519"),
    ("Ed25519/ed25519-pkcs8-enc.pem", "password", "sealed key, Ed25519"),
    ("Ed448/ed448-pkcs8-enc.der", "password", "sealed key, Ed448"),
    ("Ed448/ed448-pkcs8-enc.pem", "password", "sealed key, Ed448"),
    ("OpenSSH/dsa-nopsw.key", "password", OPENSSH),
    ("OpenSSH/dsa-psw.key", "password", OPENSSH),
    ("OpenSSH/ecdsa-nopsw.key", "password", OPENSSH),
    ("OpenSSH/ecdsa-psw.key", "password", OPENSSH),
    ("OpenSSH/ed25519-aesgcm-psw.key", "password", OPENSSH),
    ("OpenSSH/ed25519-nopsw.key", "password", OPENSSH),
    ("OpenSSH/ed25519-psw.key", "password", OPENSSH),
    ("OpenSSH/rsa-nopsw.key", "password", OPENSSH),
    ("OpenSSH/rsa-psw.key", "password", OPENSSH),
    ("OpenSSH/sk-ecdsa-nopsw.key", "password", OPENSSH),
    ("OpenSSH/sk-ecdsa-psw.key", "password", OPENSSH),
    ("OpenSSH/sk-ed25519-nopsw.key", "password", OPENSSH),
    ("OpenSSH/sk-ed25519-psw.key", "password", OPENSSH),
    ("PEM_Serialization/dsa_private_key.pem", "123456", TRADITIONAL),
    ("PEM_Serialization/ec_private_key_encrypted.pem", "123456", TRADITIONAL),
    ("PEM_Serialization/rsa_private_key.pem", "123456", TRADITIONAL),
    ("PKCS8/bad-encryption-oid.pem", "password", "scheme 0.24.97.792.97.792.97.792"),
    ("PKCS8/ec_private_key_encrypted.pem", "123456", "sealed key, P-256"),
    ("PKCS8/ed25519-scrypt.pem", "hunter42", "sealed key, Ed25519"),
    ("PKCS8/enc-ec-sha1-128-rc4.pem", "password", "PKCS#12 encryption with SHA-1 and RC4"),
    ("PKCS8/enc-rsa-3des.pem", "password", "sealed with 3DES"),
    ("PKCS8/enc-rsa-pkcs8-pbkdf2-0iter.pem", "password", "PBKDF2 without a round"),
    ("PKCS8/enc-rsa-pkcs8.pem", "foobar", PKCS12_3DES),
    ("PKCS8/enc-unknown-algorithm.pem", "password", "scheme 1.2.840.113549.3.7.23.321.3"),
    ("PKCS8/enc-unknown-kdf.pem", "password", "scheme 1.2.840.113549.1.5.12.321.321"),
    ("PKCS8/enc-unknown-pbkdf2-prf.pem", "password", "sealed with 3DES"),
    ("PKCS8/enc2-rsa-pkcs8.pem", "baz", RSA_1024),
    ("PKCS8/pkcs12_s2k_pem-X_9607.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9671.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9925.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9926.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9927.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9928.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9929.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9930.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9931.pem", "123456", PKCS12_3DES),
    ("PKCS8/pkcs12_s2k_pem-X_9932.pem", "123456", PKCS12_3DES),
    ("PKCS8/rsa-40bitrc2.pem", "baz", "PKCS#12 encryption with SHA-1 and RC2"),
    ("PKCS8/rsa-aes-192-cbc.pem", "PolarSSLTest", "sealed key, RSA with 2048 bits"),
    ("PKCS8/rsa-pbe-3des-long-salt.pem", "password", PKCS12_3DES),
    ("PKCS8/rsa-pbewithmd5anddescbc.pem", "hunter2", "PBES1 with MD5 and DES"),
    ("PKCS8/rsa-rc2-cbc-effective-key-length.pem", "password", "sealed with RC2"),
    ("PKCS8/rsa-rc2-cbc.pem", "Red Hat Enterprise Linux 7.4", "sealed with RC2"),
    ("PKCS8/rsa_pkcs8_pbes2_pbkdf2_2048_3des_sha224.pem", "PolarSSLTest", "sealed with 3DES"),
    ("PKCS8/rsa_pkcs8_pbes2_pbkdf2_2048_3des_sha384.pem", "PolarSSLTest", "sealed with 3DES"),
    ("PKCS8/rsa_pkcs8_pbes2_pbkdf2_2048_3des_sha512.pem", "PolarSSLTest", "sealed with 3DES"),
    ("Traditional_OpenSSL_Serialization/key1-malformed-dek-info.pem", "123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/key1-malformed-iv.pem", "123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/key1-no-dek-info.pem", "123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/key1-short-iv.pem", "123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/key1.pem", "123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/key2.pem", "a123456", TRADITIONAL),
    ("Traditional_OpenSSL_Serialization/testrsa-encrypted.pem", "password", TRADITIONAL),
    ("X25519/x25519-pkcs8-enc.der", "password", "sealed key, X25519"),
    ("X25519/x25519-pkcs8-enc.pem", "password", "sealed key, X25519"),
    ("X448/x448-pkcs8-enc.der", "password", "sealed key, X448"),
    ("X448/x448-pkcs8-enc.pem", "password", "sealed key, X448"),
];
