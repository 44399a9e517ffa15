//! Chains of every kind a certification authority, or whoever forwards its answer, gets wrong.

use super::{installs_nothing, would_install};
use crate::{installed, rotating, signed, staged};
use common::Role;
use std::fs;
use tests::World;
use tests::openssl::{OpensslCa, P256, Profile, Signed, openssl};
use tests::world::{ASSETS, MAIN};

/// Main signed with this profile.
fn sign_main(world: &World, profile: &Profile) -> Signed {
    world.openssl_ca().sign_as(&world.csr(Role::Main), profile)
}

fn with_extensions(extensions: &str) -> Profile {
    Profile { extensions: extensions.to_owned(), ..Profile::default() }
}

fn with_names(names: &str) -> Profile {
    let extensions = format!("{}subjectAltName = {names}\n", Profile::default().extensions);
    Profile { extensions, copy_names: false, ..Profile::default() }
}

#[test]
fn an_end_entity_that_breaks_a_rule_is_refused_by_it() {
    let world = signed();
    let valid = |from_days, to_days| Profile { from_days, to_days, ..Profile::default() };
    let usages = |key_usage: &str, extended: &str| {
        with_extensions(&format!(
            "basicConstraints = critical,CA:FALSE\nkeyUsage = {key_usage}\nextendedKeyUsage = {extended}\n"
        ))
    };
    for (profile, says) in [
        (valid(-90, -1), &["validity.expired", "ago"][..]),
        (valid(1, 90), &["validity.not_yet"]),
        (valid(30, 90), &["validity.not_yet"]),
        (Profile { digest: "sha1", ..Profile::default() }, &["signature.hash", "SHA-1"]),
        (usages("critical,digitalSignature", "codeSigning"), &["usage.extended", "serverAuth"]),
        (usages("critical,digitalSignature", "clientAuth"), &["usage.extended", "serverAuth"]),
        (usages("critical,keyAgreement", "serverAuth"), &["usage.key_usage", "digitalSignature"]),
        (
            with_extensions("basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n"),
            &["end_entity.ca"],
        ),
        (with_names("DNS:other.example.com"), &["san.missing", MAIN]),
        (with_names("IP:192.0.2.1"), &["san.missing", MAIN]),
        (with_names(&format!("DNS:{MAIN},DNS:*.example.com")), &["san.wildcard", "*.example.com"]),
        (with_names(&format!("DNS:{MAIN},DNS:{ASSETS}")), &["role.", ASSETS]),
        (with_names(&format!("DNS:{MAIN},DNS:kms_1.example.com")), &["san.underscore", "kms_1"]),
        (with_names(&format!("DNS:{MAIN},email:x\u{7f}@example.com")), &["Main"]),
        (
            with_extensions("1.2.3.4 = critical,ASN1:UTF8String:x\nbasicConstraints = CA:FALSE\n"),
            &["extension.critical", "1.2.3.4"],
        ),
    ] {
        world.write("signed/main.pem", sign_main(&world, &profile).chain());
        installs_nothing(&world, 3, &[&["Main"], says].concat());
    }
}

#[test]
fn an_end_entity_that_some_clients_refuse_is_a_warning() {
    let world = signed();
    let mut added = with_names(&format!("DNS:{MAIN},DNS:more.example.com"));
    added.to_days = 3;
    for (profile, says) in [
        (Profile { copy_names: false, ..Profile::default() }, &["san.absent", "warning"][..]),
        (added, &["san.added", "more.example.com", "validity.ends_soon"]),
    ] {
        world.write("signed/main.pem", sign_main(&world, &profile).chain());
        would_install(&world, &[], says);
    }
}

#[test]
fn a_chain_put_together_wrongly_is_refused_with_the_order_wanted() {
    let world = signed();
    let Signed { end_entity, intermediate, root } = sign_main(&world, &Profile::default());
    let stranger = OpensslCa::in_folder(&world, "stranger").sign(&world.csr(Role::Main));
    let assets = world.read("signed/assets.pem");
    for (parts, says) in [
        (vec![&root, &intermediate, &end_entity], &["chain.order", "--reorder"][..]),
        (vec![&intermediate, &end_entity], &["chain.order", "--reorder"]),
        (vec![&end_entity, &root, &intermediate], &["chain.order"]),
        (vec![&end_entity], &["chain.missing_issuer", "intermediate"]),
        (vec![&end_entity, &root], &["intermediate"]),
        (vec![&end_entity, &intermediate, &intermediate], &["chain.duplicate"]),
        (vec![&end_entity, &end_entity, &intermediate], &["chain.duplicate"]),
        (vec![&end_entity, &intermediate, &stranger.intermediate], &["chain.stranger"]),
        (vec![&end_entity, &stranger.intermediate], &["Main"]),
        (vec![&intermediate], &["Main", "end_entity.ca"]),
        (vec![&root], &["Main"]),
        (vec![&end_entity, &intermediate, &assets], &["chain.stranger"]),
        (vec![&stranger.end_entity, &stranger.intermediate], &["chain.missing_issuer", "--trust-anchors"]),
        (vec![&stranger.end_entity, &stranger.intermediate, &stranger.root], &["anchor.unknown"]),
    ] {
        world.write("signed/main.pem", parts.into_iter().map(String::as_str).collect::<String>());
        installs_nothing(&world, 3, &[&["Main"], says].concat());
    }
}

#[test]
fn a_chain_that_can_be_put_in_order_is_taken_with_reorder_and_its_root_is_not_served() {
    let world = signed();
    let Signed { end_entity, intermediate, root } = sign_main(&world, &Profile::default());
    world.write("signed/main.pem", format!("{root}{intermediate}{intermediate}{end_entity}"));
    would_install(&world, &["--reorder"], &[]);
    world.write("signed/main.pem", format!("{end_entity}{intermediate}{root}"));
    would_install(&world, &[], &["chain.anchor_included"]);
    world.install(&[]).success();
    let served = world.read("store/generations/00000002/main.pem");
    assert_eq!(served.matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn what_comes_out_of_a_pkcs7_needs_no_order() {
    let world = signed();
    let Signed { end_entity, intermediate, root } = sign_main(&world, &Profile::default());
    for parts in [[&root, &intermediate, &end_entity], [&end_entity, &root, &intermediate]] {
        world.write("chain.pem", parts.map(String::as_str).concat());
        let words = ["crl2pkcs7", "-nocrl", "-certfile", "chain.pem"];
        world.write("signed/main.pem", openssl(&world, &words).success());
        would_install(&world, &[], &["chain.anchor_included"]);
    }
}

#[test]
fn a_certificate_for_another_key_is_refused_with_whose_it_is() {
    let world = signed();
    let (main, assets) = (world.read("signed/main.pem"), world.read("signed/assets.pem"));
    let install = |main: &str, assets: &str, says: &[&str]| {
        world.write("signed/main.pem", main);
        world.write("signed/assets.pem", assets);
        installs_nothing(&world, 3, says);
    };
    install(&assets, &main, &["spki.mismatch", "swapped"]);
    install(&main, &main, &["Assets", "spki.mismatch", "for Main"]);
    install(&assets, &assets, &["Main", "spki.mismatch", "for Assets"]);
    openssl(&world, &[&["genpkey", "-out", "own.key"][..], &P256].concat()).ended(0);
    let subject = format!("/CN={MAIN}");
    let san = format!("subjectAltName=DNS:{MAIN}");
    let words = ["req", "-x509", "-new", "-key", "own.key", "-subj", &subject, "-addext", &san];
    let own = openssl(&world, &words).success();
    install(&own, &assets, &["Main", "spki.mismatch"]);
}

#[test]
fn a_certificate_for_an_older_request_is_refused_as_one() {
    let world = signed();
    world.get_csrs_for(MAIN, ASSETS, &["--replace-staged"]).success();
    let before = world.snapshot();
    let run = world.install(&[]);
    run.refused(3, &["Main", "Assets", "spki.mismatch", "of generation 1, an earlier request"]);
    run.now("nothing is installed yet; generation 2 stays staged");
    before.assert_same(&world.store());

    let world = rotating();
    let run = |world: &World| world.install(&["--rotate"]);
    world.refuses(
        run,
        3,
        &["of generation 2, an earlier request", "nothing was installed; generation 2 stays current"],
    );
}

#[test]
fn weak_or_unloadable_keys_above_the_end_entity_are_told() {
    let world = signed();
    let sign = |role: Role, kind: &[&str]| {
        let name = format!("ca-{}", kind.last().unwrap().replace(':', "-"));
        let ca = OpensslCa::with_intermediate(&world, &name, kind);
        let signed = ca.sign(&world.csr(role));
        world.write(&format!("signed/{}.pem", role.stem()), signed.chain());
        world.path(format!("{name}/root.pem")).display().to_string()
    };
    let both = |root: &str| {
        let roots = world.read("ca/root.pem") + &world.read(root);
        world.write("roots.pem", roots).display().to_string()
    };
    let roots = both(&sign(Role::Assets, &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]));
    would_install(&world, &["--trust-anchors", &roots], &["key.p521_ui", "Assets", "warning"]);
    let roots = both(&sign(Role::Assets, &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]));
    let run = |world: &World| world.install(&["--trust-anchors", &roots]);
    world.refuses(run, 3, &["Assets", "key.rsa_size", "1024"]);
}

#[test]
fn faults_of_both_chains_are_told_at_once() {
    let world = signed();
    let expired = Profile { from_days: -90, to_days: -1, ..Profile::default() };
    world.write("signed/main.pem", sign_main(&world, &expired).chain());
    let sha1 = Profile { digest: "sha1", ..Profile::default() };
    let assets = world.openssl_ca().sign_as(&world.csr(Role::Assets), &sha1);
    world.write("signed/assets.pem", assets.chain());
    installs_nothing(&world, 3, &["Main and Assets", "validity.expired", "signature.hash"]);
}

#[test]
fn a_certificate_changed_after_it_was_signed_is_refused() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    world.write("one.pem", &chain);
    openssl(&world, &["x509", "-in", "one.pem", "-outform", "DER", "-out", "one.der"]).ended(0);
    let mut der = fs::read(world.path("one.der")).unwrap();
    let at = der.windows(MAIN.len()).rposition(|window| window == MAIN.as_bytes()).unwrap();
    *der.get_mut(at).unwrap() = b'x';
    fs::write(world.path("one.der"), der).unwrap();
    let words = ["x509", "-inform", "DER", "-in", "one.der"];
    let forged = openssl(&world, &words).success() + &sign_main(&world, &Profile::default()).intermediate;
    world.write("signed/main.pem", forged);
    installs_nothing(&world, 3, &["Main", "signature.invalid"]);
}

#[test]
fn text_of_a_certificate_is_shown_and_never_drawn() {
    let world = staged();
    let ca = OpensslCa::in_folder(&world, "ca\u{1b}[31m");
    for role in Role::BOTH {
        world.write(&format!("signed/{}.pem", role.stem()), ca.sign(&world.csr(role)).chain());
    }
    world.openssl_ca();
    installs_nothing(&world, 3, &["chain.missing_issuer", "\\u{1b}[31m"]);
}

#[test]
fn nothing_staged_is_nothing_to_install() {
    let world = installed();
    world.refuses(|world| world.install(&[]), 4, &["nothing is staged", "generation 2 stays current"]);
}
