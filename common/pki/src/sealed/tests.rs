use super::*;
use crate::key::KeyAlgorithm;
use common::Secret;
use proptest::prelude::*;

/// Few rounds: these tests are about everything but the cost.
const ROUNDS: u32 = 2;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::existing(Secret::new(Zeroizing::new(text.as_bytes().to_vec()))).unwrap()
}

fn example() -> Passphrase {
    passphrase("correct horse battery staple")
}

fn key() -> KeyPair {
    KeyPair::generate(KeyAlgorithm::NistP256).unwrap()
}

#[test]
fn a_sealed_key_opens_again_through_pem() {
    for algorithm in
        [KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521, KeyAlgorithm::Rsa2048]
    {
        let key = KeyPair::generate(algorithm).unwrap();
        let sealed = SealedKey::seal_with(&key, &example(), ROUNDS).unwrap();
        let again = SealedKey::from_pem(sealed.to_pem().as_bytes()).unwrap();
        assert_eq!(again, sealed);
        let opened = again.open(&example(), key.spki()).ok().unwrap();
        assert_eq!(opened.to_pkcs8().unwrap(), key.to_pkcs8().unwrap());
    }
}

#[test]
fn a_key_is_sealed_at_the_full_cost() {
    let sealed = SealedKey::seal(&key(), &example()).unwrap();
    let pbkdf2 = sealed.parameters.kdf.pbkdf2().unwrap();
    assert_eq!((pbkdf2.iteration_count, pbkdf2.prf), (600_000, pkcs5::pbes2::Pbkdf2Prf::HmacWithSha256));
    assert!(matches!(sealed.parameters.encryption, pbes2::EncryptionScheme::Aes256Cbc { .. }));
}

#[test]
fn salt_and_iv_are_fresh_each_time() {
    let key = key();
    let [one, two] = [(); 2].map(|()| SealedKey::seal_with(&key, &example(), ROUNDS).unwrap());
    assert_ne!(one.parameters.kdf, two.parameters.kdf);
    assert_ne!(one.parameters.encryption, two.parameters.encryption);
}

#[test]
fn the_library_opens_what_we_seal() {
    let key = key();
    let sealed = SealedKey::seal_with(&key, &example(), ROUNDS).unwrap();
    let plain = pkcs8::EncryptedPrivateKeyInfoRef::from_der(&sealed.der)
        .unwrap()
        .decrypt("correct horse battery staple")
        .unwrap();
    assert_eq!(plain.as_bytes(), key.to_pkcs8().unwrap().as_slice());
}

#[test]
fn a_wrong_passphrase_and_another_key_are_told() {
    let (key, other) = (key(), key());
    let sealed = SealedKey::seal_with(&key, &example(), ROUNDS).unwrap();
    assert_eq!(
        sealed.open(&passphrase("wrong"), key.spki()).err(),
        Some(OpenError::WrongPassphraseOrDamaged)
    );
    assert_eq!(
        sealed.open(&example(), other.spki()).err(),
        Some(OpenError::OtherKey { found: key.spki().sha256(), expected: other.spki().sha256() })
    );
}

#[test]
fn no_wrong_passphrase_gets_past_the_padding_into_a_key() {
    let key = key();
    let sealed = SealedKey::seal_with(&key, &example(), ROUNDS).unwrap();
    for attempt in 0..1000 {
        let opened = sealed.open(&passphrase(&attempt.to_string()), key.spki());
        assert_eq!(opened.err(), Some(OpenError::WrongPassphraseOrDamaged), "{attempt}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// CBC lets a flip in one block through into the next one, and a private key has no checksum:
    /// what does open must be refused for its public half.
    #[test]
    fn a_damaged_sealed_key_never_opens_to_another_key(from_end in 0_usize..96, bit in 0_u8..8) {
        let key = key();
        let mut sealed = SealedKey::seal_with(&key, &example(), ROUNDS).unwrap();
        let at = sealed.der.len() - 1 - from_end;
        sealed.der[at] ^= 1 << bit;
        if let Ok(opened) = sealed.open(&example(), key.spki()) {
            prop_assert_eq!(opened.spki(), key.spki());
        }
    }

    #[test]
    fn reading_never_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = SealedKey::from_pem(&text);
        let _ = SealedKey::from_der(&text);
    }

    #[test]
    fn a_changed_header_is_refused_or_read_without_work(at in 0_usize..120, value in any::<u8>()) {
        let mut der = SealedKey::seal_with(&key(), &example(), ROUNDS).unwrap().der;
        der[at] = value;
        if let Ok(sealed) = SealedKey::from_der(&der) {
            let affordable = sealed.parameters.kdf.pbkdf2().is_none_or(|k| k.iteration_count <= 10_000_000);
            prop_assert!(affordable);
        }
    }
}

fn costing(kdf: impl Into<pbes2::Kdf>) -> Result<SealedKey, SealError> {
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [7; BLOCK] };
    let made = SealedKey::from_parts(pbes2::Parameters { kdf: kdf.into(), encryption }, &[0; 48]).unwrap();
    SealedKey::from_pem(made.to_pem().as_bytes())
}

#[test]
fn hostile_costs_are_refused_before_any_work() {
    let pbkdf2 = |iteration_count| pkcs5::pbes2::Pbkdf2Params {
        iteration_count,
        ..pkcs5::pbes2::Pbkdf2Params::hmac_sha256(1, &[1; 16]).unwrap()
    };
    assert!(costing(pbkdf2(10_000_000)).is_ok());
    assert!(matches!(costing(pbkdf2(10_000_001)), Err(SealError::Cost(..))));
    assert!(matches!(costing(pbkdf2(u32::MAX)), Err(SealError::Cost(..))));
    assert!(matches!(costing(pbkdf2(0)), Err(SealError::Malformed(_))));

    let scrypt = |cost_parameter, block_size, parallelization| pkcs5::pbes2::ScryptParams {
        salt: pbkdf2(1).salt,
        cost_parameter,
        block_size,
        parallelization,
        key_length: None,
    };
    assert!(costing(scrypt(1 << 20, 8, 16)).is_ok());
    for over in [scrypt(1 << 21, 8, 1), scrypt(1 << 20, 9, 1), scrypt(1 << 14, 8, 17), scrypt(u64::MAX, 1, 1)]
    {
        assert!(matches!(costing(over), Err(SealError::Cost(..))), "{over:?}");
    }
    assert!(costing(scrypt(2, 1, 1)).is_ok());
    for nonsense in [scrypt(0, 8, 1), scrypt(1, 8, 1), scrypt(3, 8, 1), scrypt(4, 0, 1), scrypt(4, 8, 0)] {
        assert!(matches!(costing(nonsense), Err(SealError::Malformed(_))), "{nonsense:?}");
    }
    let wrong_length = pkcs5::pbes2::ScryptParams { key_length: Some(16), ..scrypt(4, 8, 1) };
    assert!(matches!(costing(wrong_length), Err(SealError::Malformed(_))));
}

/// Made with OpenSSL 3.0 from one P-256 key, passphrase `fifteen letters`.
const VECTORS: &str = include_str!("vectors.txt");

/// The blocks of [`VECTORS`], by the comment in front of each.
fn vector(name: &str) -> Vec<u8> {
    let (_, after) = VECTORS.split_once(&format!("# {name}\n")).unwrap();
    after.split("# ").next().unwrap().as_bytes().to_vec()
}

#[test]
fn keys_openssl_sealed_are_opened() {
    let expected = Spki::from_der(::pem::parse(vector("public")).unwrap().contents()).unwrap();
    for name in
        ["pbkdf2 sha256 aes-256", "pbkdf2 sha512 aes-128", "pbkdf2 sha384 aes-192", "pbkdf2 sha1", "scrypt"]
    {
        let sealed = SealedKey::from_pem(&vector(name)).unwrap();
        let opened = sealed.open(&passphrase("fifteen letters"), &expected).ok().unwrap();
        assert_eq!(opened.spki(), &expected, "{name}");
        let wrong = sealed.open(&passphrase("fifteen lettera"), &expected).err();
        assert_eq!(wrong, Some(OpenError::WrongPassphraseOrDamaged), "{name}");
    }
}

#[test]
fn what_is_not_accepted_is_named_and_can_be_converted() {
    for (name, message) in [
        ("3des", "the key is sealed with 3DES, which is not accepted"),
        ("pbes1", "the key is sealed with PBES1 with MD5 and DES, which is not accepted"),
        ("pkcs12", "the key is sealed with PKCS#12 encryption with SHA-1 and 3DES, which is not accepted"),
        (
            "traditional",
            "the key is sealed with traditional PEM encryption (Proc-Type: 4,ENCRYPTED), which is not accepted",
        ),
        ("clear sec1", "the private key is not sealed (SEC 1)"),
        ("clear pkcs8", "the private key is not sealed (PKCS#8)"),
    ] {
        let error = SealedKey::from_pem(&vector(name)).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.advice().unwrap().contains("openssl pkcs8 -topk8"));
    }
}

#[test]
fn a_key_of_openssh_is_named_and_can_be_converted() {
    let text = "-----BEGIN OPENSSH PRIVATE KEY-----\naHVudGVyMg==\n-----END OPENSSH PRIVATE KEY-----\n";
    let error = SealedKey::from_pem(text.as_bytes()).unwrap_err();
    assert_eq!(error, SealError::OpenSsh);
    assert!(error.advice().unwrap().contains("ssh-keygen -p -m PKCS8"));
}

#[test]
fn what_is_no_key_is_refused_without_quoting_it() {
    let pem = SealedKey::seal_with(&key(), &example(), ROUNDS).unwrap().to_pem();
    let oversized = [pem.as_bytes(), &[b'\n'; SealedKey::MAX_FILE]].concat();
    assert!(matches!(SealedKey::from_pem(&oversized), Err(SealError::TooLarge(_))));
    let (longest, rest) = oversized.split_at(SealedKey::MAX_FILE);
    assert!(!rest.is_empty() && SealedKey::from_pem(longest).is_ok());
    for text in [
        String::new(),
        "hunter2".to_owned(),
        "-----BEGIN hunter2-----".to_owned(),
        vector_text("public"),
        pem.replacen("MI", "NJ", 1),
        pem.replace("-----END", ""),
        format!("-----BEGIN {LABEL}-----\nhunter2\n-----END {LABEL}-----\n"),
    ] {
        let error = SealedKey::from_pem(text.as_bytes()).unwrap_err();
        assert!(matches!(error, SealError::Malformed(_)), "{error:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

fn vector_text(name: &str) -> String {
    String::from_utf8(vector(name)).unwrap()
}

#[test]
fn carriage_returns_and_text_around_the_key_are_forgiven() {
    let sealed = SealedKey::seal_with(&key(), &example(), ROUNDS).unwrap();
    let mailed =
        format!("Bag Attributes\r\n    friendlyName: x\r\n{}", sealed.to_pem().replace('\n', "\r\n"));
    assert_eq!(SealedKey::from_pem(mailed.as_bytes()).unwrap(), sealed);
}

/// [RFC 7914 §11](https://www.rfc-editor.org/rfc/rfc7914#section-11), and the inputs of
/// [RFC 6070 §2](https://www.rfc-editor.org/rfc/rfc6070#section-2) with the hashes accepted here.
#[test]
fn key_derivation_gives_the_known_answers() {
    use pkcs5::pbes2::Pbkdf2Prf::{HmacWithSha256, HmacWithSha384, HmacWithSha512};
    for (prf, password, salt, rounds, answer) in [
        (
            HmacWithSha256,
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            HmacWithSha256,
            "Password",
            "NaCl",
            80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
        (
            HmacWithSha256,
            "password",
            "salt",
            1,
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b",
        ),
        (
            HmacWithSha256,
            "password",
            "salt",
            4096,
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
        ),
        (
            HmacWithSha384,
            "password",
            "salt",
            1,
            "c0e14f06e49e32d73f9f52ddf1d0c5c7191609233631dadd76a567db42b78676b38fc800cc53ddb642f5c74442e62be4",
        ),
        (
            HmacWithSha512,
            "password",
            "salt",
            1,
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce",
        ),
    ] {
        let salt = pkcs5::pbes2::Salt::new(salt.as_bytes()).unwrap();
        let parameters = pkcs5::pbes2::Pbkdf2Params { salt, iteration_count: rounds, key_length: None, prf };
        let key = scheme::derive(&parameters, &passphrase(password), answer.len() / 2).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&key), answer, "{password} {rounds}");
    }
}

#[test]
fn sealing_and_opening_is_the_identity_for_any_passphrase() {
    let key = key();
    proptest!(ProptestConfig::with_cases(64), |(text in "[^\\x00]{1,64}", rounds in 1_u32..5)| {
        let sealed = SealedKey::seal_with(&key, &passphrase(&text), rounds).unwrap();
        let again = SealedKey::from_pem(sealed.to_pem().as_bytes()).unwrap();
        let opened = again.open(&passphrase(&text), key.spki()).ok().unwrap();
        prop_assert_eq!(opened.to_pkcs8().unwrap(), key.to_pkcs8().unwrap());
    });
}
