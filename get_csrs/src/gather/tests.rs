use super::*;
use crate::answers::Answers;
use std::io::Write;

fn answers(pairs: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for &(key, value) in pairs {
        let value = value.to_owned();
        match key {
            "main" => answers.main = Some(value),
            "assets" => answers.assets = Some(value),
            "main-san" => answers.main_san.get_or_insert_default().push(value),
            "assets-san" => answers.assets_san.get_or_insert_default().push(value),
            "key-type" => answers.key_type = Some(value),
            "assets-key-type" => answers.assets_key_type = Some(value),
            "cluster-name" => answers.cluster_name = Some(value),
            "sysadmin-email" => answers.sysadmin_email = Some(value),
            "sysadmin-password-file" => answers.sysadmin_password_file = Some(value.into()),
            "passphrase-file" => answers.passphrase.passphrase_file = Some(value.into()),
            other => panic!("no key {other}"),
        }
    }
    answers
}

/// The wish of flags that say this.
fn wish(pairs: &[(&str, &str)]) -> Wish {
    let answers = answers(pairs);
    let by_flags = answers.sysadmin();
    answers.stage(by_flags).wish
}

fn secret_file(text: &str) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{text}").unwrap();
    let path = file.path().display().to_string();
    (file, path)
}

const FRESH: Known<'_> = Known { installed: None, accounts: None };

fn gathered(pairs: &[(&str, &str)]) -> Result<Given, Failure> {
    gather(&wish(pairs), &FRESH)
}

#[test]
fn everything_given_is_complete_and_keeps_the_order_as_typed() {
    let (_one, password) = secret_file("a fence painted green");
    let (_two, passphrase) = secret_file("another fence in blue");
    let given = gathered(&[
        ("main", "KMS.example.com."),
        ("main-san", "192.0.2.1"),
        ("main-san", "b.example.com"),
        ("main-san", ""),
        ("assets", "CN=ui.example.com O=Example Corp"),
        ("key-type", "nistp256"),
        ("assets-key-type", "RSA3072"),
        ("cluster-name", "Example"),
        ("sysadmin-email", "admin@example.com"),
        ("sysadmin-password-file", &password),
        ("passphrase-file", &passphrase),
    ])
    .ok()
    .unwrap();
    given.check_complete(true).unwrap();
    let (requests, findings) = given.requests().unwrap();
    assert_eq!(findings, []);
    let sans: Vec<String> = requests.main.names().iter().map(ToString::to_string).collect();
    assert_eq!(sans, ["kms.example.com", "192.0.2.1", "b.example.com"]);
    assert_eq!(requests.main.key_algorithm(), KeyAlgorithm::NistP256);
    assert_eq!(requests.assets.key_algorithm(), KeyAlgorithm::Rsa3072);
    assert_eq!(requests.assets.subject().to_string(), "CN=ui.example.com,O=Example Corp");
    assert!(given.complete(requests).ok().unwrap().sysadmin.is_some());
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_flag() {
    let failure = gathered(&[
        ("main", "bad_name.example.com"),
        ("assets", "ui.example.com"),
        ("assets-san", "*.example.com"),
        ("assets-san", "192.0.2.300"),
        ("key-type", "RSA1024"),
        ("cluster-name", " "),
        ("sysadmin-email", "nobody"),
        ("passphrase-file", "/nowhere"),
    ])
    .err()
    .unwrap();
    assert_eq!(failure.exit, Exit::Usage);
    for flag in ["--main: ", "--assets-san: ", "--key-type: ", "--cluster-name: ", "--sysadmin-email: "] {
        assert!(failure.causes.iter().any(|cause| cause.starts_with(flag)), "{flag} {:?}", failure.causes);
    }
    assert!(failure.causes.iter().any(|cause| cause.contains("/nowhere")));
}

#[test]
fn a_refused_secret_alone_is_a_matter_of_the_passphrase() {
    let (_file, short) = secret_file("too short");
    assert_eq!(gathered(&[("passphrase-file", &short)]).err().unwrap().exit, Exit::Passphrase);
    assert_eq!(gathered(&[("sysadmin-password-file", &short)]).err().unwrap().exit, Exit::Passphrase);
}

#[test]
fn the_passphrase_is_not_the_sysadmins_password() {
    let (_file, path) = secret_file("a fence painted green");
    let failure = gathered(&[("passphrase-file", &path), ("sysadmin-password-file", &path)]).err().unwrap();
    assert_eq!(failure.exit, Exit::Passphrase);
    assert!(failure.what.contains("must not be the sysadmin's password"));
}

#[test]
fn the_password_is_not_the_address() {
    let (_file, path) = secret_file("ADMIN@example.com");
    let failure = gathered(&[("sysadmin-email", "admin@example.com"), ("sysadmin-password-file", &path)]);
    assert_eq!(failure.err().unwrap().exit, Exit::Passphrase);
}

#[test]
fn all_that_is_missing_is_listed_with_flag_and_key() {
    let failure = gathered(&[]).ok().unwrap().check_complete(false).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    let flags: Vec<&str> = failure.hints.iter().filter_map(|hint| hint.split(' ').nth(1)).collect();
    assert_eq!(
        flags,
        [
            "--main",
            "--assets",
            "--key-type",
            "--cluster-name",
            "--sysadmin-email",
            "--sysadmin-password-file",
            "--passphrase-file",
            "--yes"
        ]
    );
    assert!(failure.hints[0].contains("(answers file: main)"));
    let typed = gathered(&[("assets-key-type", "RSA2048")]).ok().unwrap();
    assert!(typed.check_complete(true).unwrap_err().hints[2].contains("--main-key-type"));
}

#[test]
fn one_name_for_both_roles_is_refused_before_any_key_is_made() {
    let given = gathered(&[("main", "a.example.com"), ("assets", "A.example.com"), ("key-type", "NISTP256")])
        .ok()
        .unwrap();
    let failure = given.requests().unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(!failure.findings.is_empty());
}

#[test]
fn an_account_that_exists_stays_and_another_one_is_a_mistake() {
    let accounts = Accounts::first(store::SysadminAccount {
        email: "admin@example.com".into(),
        password_verifier: String::new(),
        created_at: common::Timestamp::from_unix(0),
    });
    let known = Known { installed: None, accounts: Some(&accounts) };
    for (email, fits) in [("admin@EXAMPLE.com", true), ("other@example.com", false)] {
        let by_flags = wish(&[("sysadmin-email", email), ("sysadmin-password-file", "/nowhere")]);
        assert_eq!(gather(&by_flags, &known).is_ok(), fits, "{email}");
        // In an answers file it answers a question that is not asked.
        let by_file = Wish { sysadmin_by_flags: SysadminWish::default(), ..by_flags };
        let given = gather(&by_file, &known).ok().unwrap();
        assert!(!given.account_wanted && given.email.is_none());
    }
}
