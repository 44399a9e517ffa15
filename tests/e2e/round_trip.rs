//! The round trip, unattended, for every key type, with OpenSSL as the certification authority
//! and OpenSSL, nginx and curl as judges.

use crate::world;
use common::{Pair, Role};
use tests::nginx::Nginx;
use tests::openssl;
use tests::world::{ASSETS, MAIN};
use tests::{World, has_programs};

const NAMES: Pair<&str> = Pair { main: MAIN, assets: ASSETS };

/// What `openssl req -text` calls a key and the signature of a request made with it.
struct KeyType {
    name: &'static str,
    key: &'static str,
    signature: &'static str,
}

#[test]
fn rsa_2048() {
    round_trip(&KeyType { name: "RSA2048", key: "(2048 bit)", signature: "sha256WithRSAEncryption" });
}

#[test]
fn rsa_3072() {
    round_trip(&KeyType { name: "RSA3072", key: "(3072 bit)", signature: "sha256WithRSAEncryption" });
}

#[test]
fn rsa_4096() {
    round_trip(&KeyType { name: "RSA4096", key: "(4096 bit)", signature: "sha256WithRSAEncryption" });
}

#[test]
fn nist_p256() {
    round_trip(&KeyType { name: "NISTP256", key: "prime256v1", signature: "ecdsa-with-SHA256" });
}

#[test]
fn nist_p384() {
    round_trip(&KeyType { name: "NISTP384", key: "secp384r1", signature: "ecdsa-with-SHA384" });
}

#[test]
fn nist_p521() {
    round_trip(&KeyType { name: "NISTP521", key: "secp521r1", signature: "ecdsa-with-SHA512" });
}

fn round_trip(key_type: &KeyType) {
    let world = world();
    let shown = world.stage(&["--key-type", key_type.name, "--main-san", "192.0.2.1"]);
    for role in Role::BOTH {
        assert!(shown.contains(role.request_heading()), "{shown}");
        assert!(shown.contains(world.read(world.csr(role)).trim()), "what is printed is what is written");
        requests_satisfy_openssl(&world, role, key_type);
    }
    world.sign_with_openssl();
    std::fs::create_dir(world.path("published")).unwrap();
    world.install(&["--publish", &world.path("published").display().to_string()]).success();
    for role in Role::BOTH {
        installed_key_is_the_certificates(&world, role);
    }
    served_by_nginx(&world, key_type.name);
}

fn requests_satisfy_openssl(world: &World, role: Role, key_type: &KeyType) {
    let text = openssl::verified_request_text(world, &world.csr(role));
    let name = NAMES.of(role);
    for part in [
        key_type.key,
        key_type.signature,
        "Version: 1 (0x0)",
        &format!("Subject: CN = {name}"),
        &format!("DNS:{name}"),
        "X509v3 Key Usage: critical",
        "TLS Web Server Authentication",
        "CA:FALSE",
    ] {
        assert!(text.contains(part), "the request for {role} has no {part:?}\n{text}");
    }
    assert_eq!(text.contains("IP Address:192.0.2.1"), role == Role::Main, "{text}");
    assert_eq!(text.contains("Key Encipherment"), key_type.name.starts_with("RSA"), "{text}");
}

fn installed_key_is_the_certificates(world: &World, role: Role) {
    let generation = current_generation(world);
    let key = world.path(format!("store/generations/{generation}/{}.key", role.stem()));
    let chain = world.path(format!("store/generations/{generation}/{}.pem", role.stem()));
    assert_eq!(
        openssl::sealed_key_public_key(world, &key, &world.passphrase()),
        openssl::certificate_public_key(world, &chain),
    );
    openssl::verify_chain(world, &world.path("ca/root.pem"), &chain, NAMES.of(role));
    let published = world.path("published");
    assert_eq!(
        openssl::sealed_key_public_key(
            world,
            &published.join(format!("{}.key", role.stem())),
            &world.passphrase()
        ),
        openssl::certificate_public_key(world, &published.join(format!("{}.pem", role.stem()))),
    );
}

/// The one generation that holds chains.
fn current_generation(world: &World) -> String {
    let tree = world.snapshot();
    let mut found = tree.paths().filter(|path| path.ends_with("main.pem"));
    let path = found.next().unwrap();
    assert_eq!(found.next(), None, "one installed generation");
    path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

fn served_by_nginx(world: &World, key_type: &str) {
    if !has_programs(&format!("nginx serves what was published ({key_type})"), &["nginx", "curl"]) {
        return;
    }
    let mut nginx = Nginx::configure(world, &world.path("published"), NAMES);
    nginx.test();
    nginx.start();
    for (role, name) in NAMES.iter() {
        let page = nginx.curl(&world.path("ca/root.pem"), name).success();
        assert_eq!(page, format!("{role} here\n"));
    }
    nginx.curl(&world.path("ca/root.pem"), "other.example.com").refused(60, &["certificate"]);
}
