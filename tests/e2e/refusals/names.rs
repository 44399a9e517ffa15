//! Names nobody can have a certificate for, or not like that.

use super::requests_nothing;
use crate::world;
use tests::world::{ASSETS, MAIN};

/// Letters in a row.
fn letters(count: usize) -> String {
    "a".repeat(count)
}

#[test]
fn a_host_name_that_is_none_is_refused_with_what_is_wrong_with_it() {
    let world = world();
    for (name, says) in [
        ("", &["--main", "empty"][..]),
        (" ", &["--main"]),
        ("*.example.com", &["*.example.com", "catch-all", "name each host"]),
        ("*", &["catch-all"]),
        ("kms_1.example.com", &["kms_1.example.com", "underscore", "position 4"]),
        ("kms..example.com", &["empty label"]),
        (".example.com", &["empty label"]),
        ("kms-.example.com", &["hyphen"]),
        ("192.0.2.1", &["192.0.2.1 is an IP address"]),
        ("2001:db8::1", &["2001:db8::1 is an IP address"]),
        ("[2001:db8::1]", &["IP address"]),
        ("192.0.2.300", &["192.0.2.300", "IP address"]),
        ("0x7f.1", &["IP address"]),
        ("https://kms.example.com/", &["URL", "host name alone"]),
        ("kms.example.com:443", &["port", "host name alone"]),
        ("kms.example.com/", &["/"]),
        ("kms.example.com, kms2.example.com", &["\",\""]),
        ("kms example com", &["\" \""]),
        ("\"kms.example.com\"", &["position 1"]),
        ("admin@example.com", &["@"]),
        ("kms\u{1b}[2J.example.com", &["\\u{1b}"]),
        ("kms.example.com\n", &["\\u{a}"]),
        ("kms.example.com\r\nverified: OK", &["\\u{d}"]),
        ("kms\u{202e}.example.com", &["\\u{202e}"]),
        ("kms\u{200b}.example.com", &["\\u{200b}"]),
        ("kms\u{a0}.example.com", &["--main"]),
        ("kms\u{2011}ui.example.com", &["typographic", "U+2011", "position 4"]),
        ("\u{201c}kms.example.com\u{201d}", &["typographic", "U+201C"]),
        ("xn--.example.com", &["no valid international label"]),
        (&format!("{}.example.com", letters(64)), &["64 octets", "63"]),
        (&format!("{}.example.com", letters(60)), &["72 characters", "64", "distinguished", "SAN"]),
        (&format!("{}com", "label.".repeat(50)), &["253"]),
    ] {
        requests_nothing(&world, &world.get_csrs_for(name, ASSETS, &[]), 2, says);
    }
}

#[test]
fn a_san_that_is_none_is_refused_with_what_is_wrong_with_it() {
    let world = world();
    for (san, says) in [
        ("*.example.com", &["--main-san", "catch-all"][..]),
        ("DNS:192.0.2.1", &["192.0.2.1 is an IP address"]),
        ("192.0.2.300", &["192.0.2.300 is not a valid IP address"]),
        ("10.0.0.0/8", &["network", "single addresses"]),
        ("fe80::1%eth0", &["fe80::1%eth0"]),
        ("a@b@c", &["more than one @"]),
        ("ops@", &["the domain of the e-mail address is not usable: the host name is empty\n"]),
        ("kms2.example.com,kms3.example.com", &["several SANs", "each by itself"]),
        ("https://", &["https://"]),
        ("IP:kms.example.com", &["kms.example.com"]),
        ("kms2.example.com\u{7}", &["\\u{7}"]),
    ] {
        requests_nothing(&world, &world.get_csrs_for(MAIN, ASSETS, &["--main-san", san]), 2, says);
    }
    let many: Vec<String> = (0..250).map(|n| format!("--main-san=n{n}.example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    requests_nothing(&world, &world.get_csrs_for(MAIN, ASSETS, &many), 2, &["251", "250"]);
}

#[test]
fn a_name_that_both_roles_would_have_is_refused_in_any_spelling() {
    let world = world();
    for (main, assets, more) in [
        (MAIN, MAIN, &[][..]),
        (MAIN, "KMS.Example.COM.", &[]),
        (MAIN, ASSETS, &["--main-san", ASSETS]),
        (MAIN, ASSETS, &["--assets-san", "KMS.EXAMPLE.COM"]),
        (MAIN, ASSETS, &["--main-san", "b.example.com", "--assets-san", "b.example.com"]),
        (MAIN, "CN=kms.example.com O=Example", &[]),
        ("b\u{fc}cher.example", "xn--bcher-kva.example", &[]),
    ] {
        let run = world.get_csrs_for(main, assets, more);
        requests_nothing(&world, &run, 2, &["role.shared_name", "one role only"]);
    }
}

#[test]
fn a_subject_that_is_ambiguous_or_faulty_is_refused_with_how_it_was_understood() {
    let world = world();
    for (subject, says) in [
        ("CN=kms.example.com C=USA", &["C is USA", "two letters"][..]),
        ("CN=kms.example.com C=U1", &["two letters"]),
        ("CN=kms.example.com,O=Example, Corp", &["understood as \"Example, Corp\"", "\\,"]),
        ("CN=kms.example.com,O=Ex ST=California", &["ambiguous", "understood as", "ST=\"California\""]),
        ("/CN=kms.example.com/O=a/b", &["understood as \"a/b\"", "\\/"]),
        ("CN=kms.example.com CN=other.example.com", &["CN is given more than once"]),
        ("CN=kms.example.com FOO=x", &["unknown attribute FOO", "known are"]),
        ("CN=", &["CN is empty"]),
        ("O=Example", &["host name", "add the name"]),
        ("CN=Key Manager", &["host name", "add the name"]),
        ("CN=192.0.2.1", &["host name"]),
        ("CN=*.example.com", &["catch-all"]),
        ("CN=kms.example.com emailAddress=x", &["no @"]),
        ("CN=kms.example.com O=a\r\nverified: OK", &["\\u{d}"]),
        ("CN=kms.example.com O=\u{1b}]0;owned\u{7}", &["\\u{1b}"]),
        ("CN=kms.example.com O=a\0b", &["\\u{0}"]),
        ("CN=kms.example.com,O=\"Example", &["--main"]),
        ("CN=kms.example.com,O=#0c0141", &["--main"]),
        ("/kms.example.com", &["does not begin with an attribute"]),
        (&format!("CN={}.ex.com", letters(58)), &["65 characters", "64"]),
        (&format!("CN=kms.example.com O={}", letters(65)), &["O", "64"]),
    ] {
        // A NUL cannot be an argument of a process; it arrives in an answers file.
        let run = if subject.contains('\0') {
            world.write("answers.toml", "main = \"CN=kms.example.com O=a\\u0000b\"\n");
            world.get_csrs(["--answers", "answers.toml", "--assets", ASSETS, "--yes"])
        } else {
            world.get_csrs_for(subject, ASSETS, &[])
        };
        requests_nothing(&world, &run, 2, says);
    }
}

#[test]
fn what_has_one_meaning_is_understood_and_shown_as_it_was_understood() {
    let world = world();
    for (name, more, shows) in [
        ("KMS.Example.COM", &[][..], &["CN=kms.example.com\n", "DNS   kms.example.com\n"][..]),
        ("kms.example.com.", &[], &["CN=kms.example.com\n"]),
        ("b\u{fc}cher.example", &[], &["xn--bcher-kva.example (b\u{fc}cher.example)"]),
        ("CN=kms.example.com C=us", &[], &["CN=kms.example.com,C=US"]),
        ("CN=kms.example.com O=Example Corp, Inc.", &[], &["O=Example Corp\\, Inc."]),
        ("cn=kms.example.com", &[], &["CN=kms.example.com\n"]),
        (
            "O=Example",
            &["--main-san", "kms.example.com"],
            &["subject   O=Example\n", "DNS   kms.example.com"],
        ),
        (MAIN, &["--main-san", "KMS.example.com."], &["SANs      DNS   kms.example.com\n  key type"]),
        (MAIN, &["--main-san", "[2001:DB8::1]"], &["IP    2001:db8::1\n"]),
    ] {
        let run = world.get_csrs_for(name, ASSETS, &[more, &["--dry-run"]].concat());
        run.refused(0, &[]);
        for part in shows {
            assert!(run.stdout.contains(part), "stdout does not show {part:?}\n{run}");
        }
        assert!(run.stdout.ends_with("dry run: nothing was written\n"), "{run}");
        assert!(!world.store().exists() && !world.path("csr").exists(), "{run}");
    }
}

#[test]
fn a_cn_with_a_slip_beside_a_sound_san_is_a_warning() {
    let world = world();
    let run = world.get_csrs_for("CN=kms_1.example.com", ASSETS, &["--main-san", MAIN]);
    run.refused(0, &["csr.cn_faulty", "warning", "underscore at position 4", "correct the CN"]);
}

#[test]
fn a_key_type_the_ui_cannot_be_loaded_with_is_a_warning() {
    let world = world();
    let run = world.get_csrs_for(MAIN, ASSETS, &["--dry-run", "--key-type", "NISTP521"]);
    run.ended(0);
    assert!(run.stdout.contains("key.p521_ui") && run.stdout.contains("warning"), "{run}");
}
