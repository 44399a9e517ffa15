//! A CA team judges requests: its own pair, those of other tools, a folder of everything, bad input.

use crate::{staged, world};
use common::Role;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::os::unix::fs::symlink;
use std::process::Command;
use tests::openssl::openssl;
use tests::{Ran, World, has_programs};

/// A request made by OpenSSL as `{name}.csr`, with `more` arguments.
fn openssl_request(world: &World, name: &str, more: &[&str]) {
    let (key, csr, subject) = (format!("{name}.key"), format!("{name}.csr"), format!("/CN={name}"));
    let words = ["req", "-new", "-noenc", "-keyout", &key, "-out", &csr, "-subj", &subject];
    let key_type = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl(world, &[&words[..], &key_type, more].concat()).success();
}

fn sound(world: &World, name: &str) {
    let san = format!("subjectAltName=DNS:{name}");
    openssl_request(world, name, &["-addext", &san]);
}

fn rules(run: &Ran) -> Vec<String> {
    let mut rules = vec![];
    for entry in run.json().pointer("/entries").unwrap().as_array().unwrap() {
        for finding in entry["findings"].as_array().unwrap() {
            rules.push(finding["rule"].as_str().unwrap().to_owned());
        }
    }
    rules
}

#[test]
fn what_get_csrs_made_is_clean_alone_and_as_a_pair() {
    let world = staged();
    let said = world.check_csrs(["csr"]).success();
    assert!(said.contains("Main and Assets as a pair"), "{said}");
    assert!(said.ends_with("2 requests: 2 clean, 0 with warnings, 0 with errors, 0 not judged; 1 pair without error, profile private\n"), "{said}");
    // The same out of a pipe, by the headings get_csrs prints, with the same figures on both sides.
    let shown = world.get_csrs(["--show"]).success();
    let command = world.command(crate::PROGRAMS.check_csrs);
    let piped = world.with_input(command, ["--show", "-"], shown.as_bytes()).success();
    assert!(piped.contains("as a pair"), "{piped}");
    for line in shown.lines().filter_map(|line| line.split_once("sha256").map(|(_, digest)| digest.trim())) {
        assert!(piped.contains(line), "{line} is not in\n{piped}");
    }
}

#[test]
fn two_requests_of_one_key_or_name_are_no_pair() {
    let world = staged();
    std::fs::copy(world.csr(Role::Main), world.csr(Role::Assets)).unwrap();
    for words in
        [&["--format", "json", "csr"][..], &["--format", "json", "--pair", "csr/main.csr", "csr/assets.csr"]]
    {
        let run = world.check_csrs(words);
        run.ended(3);
        assert_eq!(rules(&run), ["role.shared_key", "role.shared_name"]);
    }
}

#[test]
fn requests_of_other_tools_are_judged_like_ours() {
    let world = world();
    sound(&world, "openssl.example.com");
    openssl_request(&world, "bare.example.com", &[]);
    world.check_csrs(["openssl.example.com.csr"]).success();
    let run = world.check_csrs(["bare.example.com.csr"]);
    run.ended(3);
    assert!(run.stdout.contains("csr.san_absent"), "{run}");
    if has_programs("requests made by GnuTLS", &["certtool"]) {
        world.write(
            "template",
            "cn = gnutls.example.com\ndns_name = gnutls.example.com\ntls_www_server\nsigning_key\n",
        );
        let key = ["--generate-privkey", "--key-type", "ecdsa", "--curve", "secp256r1", "--outfile", "g.key"];
        world.run("certtool", key).success();
        let make =
            ["--generate-request", "--load-privkey", "g.key", "--template", "template", "--outfile", "g.csr"];
        world.run("certtool", make).success();
        world.check_csrs(["g.csr"]).success();
    }
    if has_programs("requests made by Java", &["keytool"]) {
        let store = ["-keystore", "j.p12", "-storepass", "a password", "-alias", "a"];
        let key =
            ["-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=java.example.com"];
        world.run("keytool", [&key[..], &store].concat()).success();
        let make = ["-certreq", "-file", "j.csr", "-ext", "san=dns:java.example.com"];
        world.run("keytool", [&make[..], &store].concat()).success();
        // keytool adds a subjectKeyIdentifier and writes NEW CERTIFICATE REQUEST.
        assert!(world.read("j.csr").contains("NEW CERTIFICATE REQUEST"));
        world.check_csrs(["j.csr"]).success();
    }
    of_python(&world);
}

fn of_python(world: &World) {
    const SCRIPT: &str = "
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'python.example.com')])
san = x509.SubjectAlternativeName([x509.DNSName('python.example.com')])
csr = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(san, False).sign(key, hashes.SHA256())
open('p.der', 'wb').write(csr.public_bytes(serialization.Encoding.DER))
";
    if world.python("import cryptography", &[]).code != Some(0) {
        return tests::left_out("requests made by Python", "its cryptography is not installed");
    }
    world.python(SCRIPT, &[]).success();
    world.check_csrs(["p.der"]).success();
}

#[test]
fn every_form_of_input_gives_the_same_answer() {
    let world = world();
    sound(&world, "a.example.com");
    let pem = world.read("a.example.com.csr");
    openssl(&world, &["req", "-in", "a.example.com.csr", "-outform", "DER", "-out", "f/b.der"]).ended(1);
    std::fs::create_dir(world.path("f")).unwrap();
    openssl(&world, &["req", "-in", "a.example.com.csr", "-outform", "DER", "-out", "f/b.der"]).success();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    world.write("f/bare", &body);
    world.write("f/crlf", pem.replace('\n', "\r\n"));
    world.write("f/mail", format!("Dear CA,\n\n> {}\nYours\n{pem}{pem}", pem.replace('\n', "\n> ")));
    world.write("f/new", pem.replace("CERTIFICATE", "NEW CERTIFICATE"));
    let run = world.check_csrs(["f"]);
    run.ended(0);
    assert!(run.stdout.contains("f/mail#3  a.example.com, P-256"), "{run}");
    assert!(run.stdout.contains("7 requests: 7 clean"), "{run}");
    run.is_safe_to_print();
}

#[test]
fn bad_input_costs_its_own_entry_only() {
    let world = world();
    sound(&world, "a.example.com");
    let pem = world.read("a.example.com.csr");
    world.write("f/01garbage", [0xff, 0xfe, 0, 1, 2, 3]);
    world.write("f/02cut", pem.get(..200).unwrap());
    world.write("f/03nested", [0x30, 0x80].repeat(100_000));
    world.write("f/04empty", "");
    world.write("f/05key", world.read("a.example.com.key"));
    world.write("f/06damaged", format!("{}\n{pem}", pem.replacen("REQUEST-----\nMI", "REQUEST-----\nM*", 1)));
    world.write("f/07large", vec![b'x'; 3 << 20]);
    world.write("f/08\x1b[31mname\n", "x");
    symlink(".", world.path("f/09loop")).unwrap();
    symlink("nowhere", world.path("f/10nowhere")).unwrap();
    mknodat(CWD, world.path("f/11pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    world.write("f/12last", &pem);
    let run = world.check_csrs(["f"]);
    run.ended(3);
    run.is_safe_to_print();
    for says in [
        "private key",
        "named pipe",
        "f/06damaged#2  a.example.com",
        "No such file",
        "f/12last  a.example.com",
    ] {
        assert!(run.stdout.contains(says), "{says}: {run}");
    }
    assert!(run.stdout.contains(": 2 clean, 0 with warnings,"), "{run}");
    world.check_csrs(["nowhere"]).ended(2);
}

#[test]
fn one_thread_and_two_say_the_same_in_the_same_order() {
    let world = world();
    sound(&world, "a.example.com");
    openssl_request(&world, "b_c.example.com", &[]);
    let (good, bad) = (world.read("a.example.com.csr"), world.read("b_c.example.com.csr"));
    for number in 0..300 {
        let content = if number % 7 == 0 { bad.clone() } else { good.repeat(1 + number % 3) };
        world.write(&format!("f/{:03}", (number * 37) % 300), content);
    }
    world.write("f/large", good.repeat(4000));
    let one = world.check_csrs(["--threads", "1", "f"]);
    let two = world.check_csrs(["--threads", "2", "f"]);
    one.ended(3);
    assert!(one.stdout == two.stdout);
    assert!(one.stdout.contains("f/large#4000  a.example.com"), "{}", one.stdout.len());
}

#[test]
fn formats_for_programs_hold_the_same_findings() {
    let world = world();
    openssl_request(&world, "bare.example.com", &["-addext", "basicConstraints=CA:TRUE"]);
    let file = "bare.example.com.csr";
    let json = world.check_csrs(["--format", "json", file]);
    assert_eq!(rules(&json), ["csr.san_absent", "csr.ca"]);
    assert_eq!(json.json().pointer("/exit").unwrap(), 3);
    assert_eq!(json.json().pointer("/summary/refused").unwrap(), 1);
    assert_eq!(json.json().pointer("/entries/0/document/key_type").unwrap(), "NISTP256");
    let lines = world.check_csrs(["--format", "ndjson", file, file]);
    assert_eq!(lines.stdout.lines().count(), 2);
    for line in lines.stdout.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["verdict"], "error");
    }
    let sarif = world.check_csrs(["--format", "sarif", file]).json();
    assert_eq!(sarif.pointer("/version").unwrap(), "2.1.0");
    let ids: Vec<_> = sarif
        .pointer("/runs/0/results")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["ruleId"])
        .collect();
    assert_eq!(ids, ["csr.san_absent", "csr.ca"]);
    let markdown = world.check_csrs(["--format", "markdown", file]).stdout;
    assert!(markdown.contains("| error | `csr.ca` |"), "{markdown}");
}

#[test]
fn a_policy_decides_for_both_commands() {
    let world = staged();
    world.write("policy.toml", "[names]\nallow = ['*.example.org']\n[severity]\n'policy.name' = 'warning'\n");
    let run = world.check_csrs(["--policy", "policy.toml", "csr"]);
    run.ended(0);
    assert!(run.stdout.contains("warning policy.name"), "{run}");
    world.check_csrs(["--policy", "policy.toml", "--strict", "csr"]).ended(3);
    world.write("policy.toml", "[keys]\nallow = ['RSA']\n");
    let refused = world.check_csrs(["--policy", "policy.toml", "csr"]);
    let words =
        ["--ca", "ca", "--ca-passphrase-file", "ca-passphrase", "--out", "signed", "--policy", "policy.toml"];
    let signing = world.sign_csrs([&words[..], &["csr/main.csr", "csr/assets.csr"]].concat());
    let words = "the key is P-256, the policy allows RSA";
    assert!(refused.code == Some(3) && refused.stdout.contains(words), "{refused}");
    signing.refused(3, &["policy.key_type", words]);
    let template = world.check_csrs(["--print-policy"]).success();
    world.write("policy.toml", template);
    world.check_csrs(["--policy", "policy.toml", "csr"]).success();
    world.write("policy.toml", "[keys]\nallow = [1]\n");
    world
        .check_csrs(["--policy", "policy.toml", "csr"])
        .refused(2, &["policy.toml", "line 2", "--print-policy"]);
}

#[test]
fn a_key_seen_before_is_told() {
    let world = world();
    sound(&world, "a.example.com");
    let again = [
        "req",
        "-new",
        "-key",
        "a.example.com.key",
        "-out",
        "b.csr",
        "-subj",
        "/CN=b.example.com",
        "-addext",
        "subjectAltName=DNS:b.example.com",
    ];
    openssl(&world, &again).success();
    std::fs::create_dir(world.path("seen")).unwrap();
    let check = |file: &str| world.check_csrs(["--history", "seen", "--format", "json", file]);
    assert_eq!(rules(&check("a.example.com.csr")), [""; 0]);
    assert_eq!(rules(&check("a.example.com.csr")), ["history.repeated"]);
    let run = check("b.csr");
    run.ended(3);
    assert_eq!(rules(&run), ["history.other_name"]);
    let mode = std::os::unix::fs::MetadataExt::mode(&world.path("seen/history.redb").metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
    world.write("no-history", "x".repeat(5000));
    world.check_csrs(["--history", "no-history", "b.csr"]).refused(2, &["no-history", "hint:"]);
}

#[test]
fn questions_about_rules_are_answered() {
    let world = world();
    let said = world.check_csrs(["--explain", "csr.signature"]).success();
    assert!(said.contains("why it matters") && said.contains("RFC 2986"), "{said}");
    world.check_csrs(["--explain", "csr.signatur"]).refused(2, &["no rule", "csr.signature", "--list-rules"]);
    assert!(world.check_csrs(["--list-rules"]).success().lines().count() > 100);
}

#[test]
fn a_result_that_cannot_be_written_ends_the_run() {
    let world = staged();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("'{}' csr >/dev/full", crate::PROGRAMS.check_csrs)])
        .current_dir(world.path("."));
    let run = world.with_input(shell, [""; 0], b"");
    run.refused(1, &["cannot write the result to standard output"]);
}
