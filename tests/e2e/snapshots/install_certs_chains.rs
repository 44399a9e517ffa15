//! What `install_certs` says of chains it refuses.

use super::told;
use crate::{rotating, signed};
use common::Role;
use std::fs;
use tests::openssl::{OpensslCa, P256, Profile, Signed, openssl};
use tests::world::{ASSETS, MAIN};
use tests::{Transcript, World};

/// Main signed with this profile.
fn sign_main(world: &World, profile: &Profile) -> Signed {
    world.openssl_ca().sign_as(&world.csr(Role::Main), profile)
}

fn with_extensions(extensions: &str) -> Profile {
    Profile { extensions: extensions.to_owned(), ..Profile::default() }
}

fn usages(key_usage: &str, extended: &str) -> Profile {
    with_extensions(&format!(
        "basicConstraints = critical,CA:FALSE\nkeyUsage = {key_usage}\nextendedKeyUsage = {extended}\n"
    ))
}

fn with_names(names: &str) -> Profile {
    let extensions = format!("{}subjectAltName = {names}\n", Profile::default().extensions);
    Profile { extensions, copy_names: false, ..Profile::default() }
}

/// Something that says it is a certificate.
fn pem(body: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// Tells what is said of each content of `signed/main.pem`.
fn of_main<'a>(world: &'a World, cases: impl IntoIterator<Item = (&'a str, String)>) -> Transcript<'a> {
    cases.into_iter().fold(Transcript::of(world), |transcript, (note, content)| {
        world.write("signed/main.pem", content);
        transcript.note(note).run(&world.install(&[]))
    })
}

/// Tells what is said of Main signed in each of these ways.
fn of_profiles<'a>(world: &'a World, cases: impl IntoIterator<Item = (&'a str, Profile)>) -> String {
    let cases = cases.into_iter().map(|(note, profile)| (note, sign_main(world, &profile).chain()));
    of_main(world, cases).end()
}

#[test]
fn keys_are_not_those_of_the_requests() {
    let world = signed();
    let (main, assets) = (world.read("signed/main.pem"), world.read("signed/assets.pem"));
    let install = |note: &str, main: &str, assets: &str, format: &str| {
        world.write("signed/main.pem", main);
        world.write("signed/assets.pem", assets);
        Transcript::of(&world).note(note).run(&world.install(&["--format", format])).end()
    };
    let swapped = install("swapped", &assets, &main, "text");
    let json = install("swapped, as JSON", &assets, &main, "json");
    let twice = install("Main twice", &main, &main, "text");
    openssl(&world, &[&["genpkey", "-out", "own.key"][..], &P256].concat()).ended(0);
    let (subject, san) = (format!("/CN={MAIN}"), format!("subjectAltName=DNS:{MAIN}"));
    let words = ["req", "-x509", "-new", "-key", "own.key", "-subj", &subject, "-addext", &san];
    let own = openssl(&world, &words).success();
    let own = install("a key nobody knows, signed by itself", &own, &assets, "text");
    told("install_certs/keys_are_not_those_of_the_requests", [swapped, json, twice, own]);
}

#[test]
fn certificates_for_an_earlier_request() {
    let world = rotating();
    let run = world.install(&["--rotate"]);
    told("install_certs/certificates_for_an_earlier_request", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn names_are_not_those_of_the_role() {
    let world = signed();
    let text = of_profiles(
        &world,
        [
            ("another name", with_names("DNS:other.example.com")),
            ("an address", with_names("IP:192.0.2.1")),
            ("a wildcard too", with_names(&format!("DNS:{MAIN},DNS:*.example.com"))),
            ("that of Assets too", with_names(&format!("DNS:{MAIN},DNS:{ASSETS}"))),
            ("an underscore", with_names(&format!("DNS:{MAIN},DNS:kms_1.example.com"))),
        ],
    );
    told("install_certs/names_are_not_those_of_the_role", [text]);
}

#[test]
fn validity() {
    let world = signed();
    let valid = |from_days, to_days| Profile { from_days, to_days, ..Profile::default() };
    let text = of_profiles(
        &world,
        [
            ("expired", valid(-90, -3)),
            ("expired some hours ago", valid(-90, -1)),
            ("not valid yet", valid(30, 90)),
            ("longer than its issuer", valid(-1, 4000)),
        ],
    );
    told("install_certs/validity", [text]);
}

#[test]
fn extensions_and_signatures() {
    let world = signed();
    let ca = "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n";
    let unknown = "1.2.3.4 = critical,ASN1:UTF8String:x\nbasicConstraints = CA:FALSE\n";
    let text = of_profiles(
        &world,
        [
            ("SHA-1", Profile { digest: "sha1", ..Profile::default() }),
            ("for code", usages("critical,digitalSignature", "codeSigning")),
            ("for key agreement", usages("critical,keyAgreement", "serverAuth")),
            ("a CA", with_extensions(ca)),
            ("an unknown critical extension", with_extensions(unknown)),
        ],
    );
    told("install_certs/extensions_and_signatures", [text]);
}

#[test]
fn order_of_the_chain() {
    let world = signed();
    let Signed { end_entity, intermediate, root } = sign_main(&world, &Profile::default());
    let stranger = OpensslCa::in_folder(&world, "stranger").sign(&world.csr(Role::Main));
    let cases = [
        ("the wrong way round", [&root, &intermediate, &end_entity].map(String::as_str).concat()),
        ("the root between", [&end_entity, &root, &intermediate].map(String::as_str).concat()),
        ("the intermediate twice", [&end_entity, &intermediate, &intermediate].map(String::as_str).concat()),
        (
            "a stranger behind",
            [&end_entity, &intermediate, &stranger.intermediate].map(String::as_str).concat(),
        ),
        ("the end entity alone", end_entity.clone()),
        ("the intermediate alone", intermediate.clone()),
    ];
    told("install_certs/order_of_the_chain", [of_main(&world, cases).end()]);
}

#[test]
fn trust() {
    let world = signed();
    let Signed { end_entity, intermediate, root } =
        OpensslCa::in_folder(&world, "stranger").sign(&world.csr(Role::Main));
    let cases = [
        ("another CA", format!("{end_entity}{intermediate}")),
        ("another CA, its root included", format!("{end_entity}{intermediate}{root}")),
    ];
    told("install_certs/trust", [of_main(&world, cases).end()]);
}

#[test]
fn warnings() {
    let world = signed();
    let mut added = with_names(&format!("DNS:{MAIN},DNS:more.example.com"));
    added.to_days = 3;
    let Signed { end_entity, intermediate, root } = sign_main(&world, &added);
    let text = of_main(
        &world,
        [("more names, three days, the root included", format!("{end_entity}{intermediate}{root}"))],
    );
    told("install_certs/warnings", [text.end()]);
}

#[test]
fn keys_of_the_ca() {
    let world = signed();
    let kind = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    let weak = OpensslCa::with_intermediate(&world, "weak", &kind).sign(&world.csr(Role::Main));
    world.write("signed/main.pem", weak.chain());
    world.write("roots.pem", world.read("ca/root.pem") + &weak.root);
    let run = world.install(&["--trust-anchors", "roots.pem"]);
    told("install_certs/keys_of_the_ca", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn a_certificate_changed_after_it_was_signed() {
    let world = signed();
    world.write("one.pem", world.read("signed/main.pem"));
    openssl(&world, &["x509", "-in", "one.pem", "-outform", "DER", "-out", "one.der"]).ended(0);
    let mut der = fs::read(world.path("one.der")).unwrap();
    let at = der.windows(MAIN.len()).rposition(|window| window == MAIN.as_bytes()).unwrap();
    *der.get_mut(at).unwrap() = b'x';
    fs::write(world.path("one.der"), der).unwrap();
    let words = ["x509", "-inform", "DER", "-in", "one.der"];
    let forged = openssl(&world, &words).success() + &sign_main(&world, &Profile::default()).intermediate;
    let text = of_main(&world, [("one letter of a SAN", forged)]).end();
    told("install_certs/a_certificate_changed_after_it_was_signed", [text]);
}

#[test]
fn no_chain_at_all() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    let cut: String = chain.lines().take(5).map(|line| format!("{line}\n")).collect();
    let longest = chain.lines().nth(1).unwrap();
    let cases = [
        ("empty", String::new()),
        ("prose", "see the attachment".to_owned()),
        ("the request", world.read("csr/main.csr")),
        ("a web page", "<!DOCTYPE html><html><body>Sign in</body></html>".to_owned()),
        ("cut", cut),
        ("DER of something else", pem("MAIFAA==")),
        ("DER that is cut", pem("MAoFAA==")),
        ("a remark in the middle", chain.replacen(longest, "not base64, but a remark", 1)),
        ("a line too few", chain.replacen(longest, "", 1)),
        ("12 certificates", chain.repeat(6)),
    ];
    told("install_certs/no_chain_at_all", [of_main(&world, cases).end()]);
}

#[test]
fn a_private_key_instead_of_a_chain() {
    let world = signed();
    let plain = openssl(&world, &[&["genpkey"][..], &P256].concat()).success();
    let sealed = world.read("store/generations/00000001/main.key");
    let text = of_main(&world, [("plain", plain), ("sealed", sealed)]).end();
    told("install_certs/a_private_key_instead_of_a_chain", [text]);
}

#[test]
fn files_that_cannot_be_read() {
    let world = signed();
    let install = |files: &str| {
        let flags = format!("{files} --passphrase-file passphrase --yes");
        world.install_certs(flags.split(' '))
    };
    let missing = install("--main nowhere.pem --assets gone.pem");
    let folder = install("--main signed --assets signed/assets.pem");
    world.write("large", "A".repeat(2 << 20));
    let large = install("--main large --assets signed/assets.pem");
    fs::copy(world.csr(Role::Main), world.chain(Role::Main)).unwrap();
    world.write("signed/assets.pem", "");
    let both = world.install(&["--format", "json"]);
    let transcript = Transcript::of(&world).run(&missing).run(&folder).run(&large);
    told(
        "install_certs/files_that_cannot_be_read",
        [transcript.note("neither file holds a chain").run(&both).end()],
    );
}

#[test]
fn both_chains_are_refused() {
    let world = signed();
    let expired = Profile { from_days: -90, to_days: -1, ..Profile::default() };
    world.write("signed/main.pem", sign_main(&world, &expired).chain());
    let sha1 = Profile { digest: "sha1", ..Profile::default() };
    let assets = world.openssl_ca().sign_as(&world.csr(Role::Assets), &sha1);
    world.write("signed/assets.pem", assets.chain());
    let (text, json) = (world.install(&[]), world.install(&["--format", "json"]));
    told("install_certs/both_chains_are_refused", [Transcript::of(&world).run(&text).run(&json).end()]);
}
