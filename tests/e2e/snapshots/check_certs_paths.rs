//! What `check_certs` says of paths that OpenSSL was told to make wrong.

use super::told;
use crate::world;
use tests::openssl::{P256, openssl};
use tests::{Ran, Transcript, World};

const ROOT: &[&str] = &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
const END_ENTITY: &[&str] = &[
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth",
    "subjectAltName=DNS:kms.example.com",
];

/// Makes `{name}.pem` with a key of its own, signed by `issuer` or else by itself.
fn certificate(world: &World, name: &str, issuer: Option<&str>, extensions: &[&str], more: &[&str]) {
    let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
    openssl(world, &[&["genpkey", "-out", &key], &P256[..]].concat()).ended(0);
    let subject = format!("/CN={name}");
    let mut words = vec!["req", "-x509", "-new", "-key", &key, "-subj", &subject, "-out", &certificate];
    for extension in extensions {
        words.extend(["-addext", *extension]);
    }
    let above = issuer.map(|issuer| (format!("{issuer}.pem"), format!("{issuer}.key")));
    if let Some((certificate, key)) = &above {
        words.extend(["-CA", certificate, "-CAkey", key]);
    }
    // Whoever signs lives longer, however slow the machine.
    let days = match issuer {
        None => "3660",
        Some("root") => "500",
        Some("upper") => "400",
        Some(_) => "300",
    };
    words.extend(["-days", days]);
    openssl(world, &[&words, more].concat()).ended(0);
}

/// Judges the end entity with all that stands above it but the root.
fn check(world: &World, above: &[&str]) -> Ran {
    let chain: String = std::iter::once("kms.example.com")
        .chain(above.iter().copied())
        .map(|name| world.read(format!("{name}.pem")))
        .collect();
    world.write("chain.pem", chain);
    world.check_certs(["--trust-anchors", "root.pem", "chain.pem"])
}

/// The end entity below an issuer with these extensions.
fn below(note: &str, issuer: &[&str], end_entity: &[&str]) -> String {
    let world = world();
    certificate(&world, "root", None, ROOT, &[]);
    certificate(&world, "issuer", Some("root"), issuer, &[]);
    certificate(&world, "kms.example.com", Some("issuer"), end_entity, &[]);
    Transcript::of(&world).note(note).run(&check(&world, &["issuer"])).end()
}

#[test]
fn issuers() {
    let with = |extension: &'static str| [ROOT, &[extension]].concat();
    told(
        "check_certs/issuers_that_may_not_issue",
        [
            below(
                "no CA",
                &["basicConstraints=critical,CA:FALSE", "keyUsage=critical,keyCertSign"],
                END_ENTITY,
            ),
            below(
                "may not sign certificates",
                &["basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign"],
                END_ENTITY,
            ),
            below("for other names", &with("nameConstraints=critical,permitted;DNS:example.org"), END_ENTITY),
            below("for e-mail", &with("extendedKeyUsage=emailProtection"), END_ENTITY),
        ],
    );
}

#[test]
fn path_lengths() {
    let world = world();
    certificate(&world, "root", None, ROOT, &[]);
    let short = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign"];
    certificate(&world, "upper", Some("root"), &short, &[]);
    certificate(&world, "lower", Some("upper"), ROOT, &[]);
    certificate(&world, "kms.example.com", Some("lower"), END_ENTITY, &[]);
    let run = check(&world, &["lower", "upper"]);
    told("check_certs/a_path_longer_than_its_issuer_allows", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn extensions() {
    let replaced = |at: usize, extension: &'static str| {
        let mut all = END_ENTITY.to_vec();
        all[at] = extension;
        all
    };
    told(
        "check_certs/extensions_that_cannot_be_read",
        [
            below("keyUsage", ROOT, &replaced(1, "2.5.29.15=critical,DER:0500")),
            below("subjectAltName", ROOT, &replaced(3, "2.5.29.17=DER:3003020101")),
            below("nameConstraints", ROOT, &[END_ENTITY, &["2.5.29.30=critical,DER:0500"]].concat()),
        ],
    );
}

#[test]
fn signatures() {
    let world = world();
    certificate(&world, "root", None, ROOT, &[]);
    let rsa = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "issuer.key"];
    openssl(&world, &rsa).ended(0);
    let mut words =
        vec!["req", "-x509", "-new", "-key", "issuer.key", "-subj", "/CN=issuer", "-out", "issuer.pem"];
    words.extend(["-CA", "root.pem", "-CAkey", "root.key", "-days", "400"]);
    for extension in ROOT {
        words.extend(["-addext", *extension]);
    }
    openssl(&world, &words).ended(0);
    let mut transcript = Transcript::of(&world);
    for (note, more) in [
        ("SHA-224", &["-sha224"][..]),
        ("SHA-3", &["-sha3-256"]),
        ("PSS with a short salt", &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"]),
    ] {
        certificate(&world, "kms.example.com", Some("issuer"), END_ENTITY, more);
        transcript = transcript.note(note).run(&check(&world, &["issuer"]));
    }
    told("check_certs/signatures_that_clients_do_not_verify", [transcript.end()]);
}
