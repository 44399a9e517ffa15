//! The same at a real terminal: a person types, mistypes, pastes from mail, and presses Ctrl-C.

use crate::{signed, staged, world};
use common::Role;
use tests::World;
use tests::openssl::{self, Profile, openssl};
use tests::terminal::{Ended, Terminal, is_here};
use tests::world::{ASSETS, MAIN, PASSPHRASE, PASSWORD};

const PASTE_MAIN: &str = "Paste the signed chain for Main (Cluster)";
const PASTE_ASSETS: &str = "Paste the signed chain for Assets (UI)";
const ASK_PASSPHRASE: &str = "Passphrase of the private keys";

fn start_get_csrs(world: &World) -> Terminal {
    let mut command = world.get_csrs_command();
    command.args(["--out", "csr"]);
    Terminal::start(command)
}

fn start_install_certs(world: &World) -> Terminal {
    let mut command = world.install_certs_command();
    command.args(["--trust-anchors", "ca/root.pem"]);
    Terminal::start(command)
}

/// Answers everything up to the cluster's name.
fn answer_requests(terminal: &mut Terminal) {
    terminal.answer("Main (Cluster): name format", "");
    terminal.answer("Main (Cluster): host name", "kms_1.example.com");
    terminal.answer("Main (Cluster): host name", MAIN);
    terminal.answer("Main (Cluster): further SANs", "192.0.2.1");
    terminal.answer("SAN:", "");
    terminal.answer("Assets (UI): name format", "");
    terminal.answer("Assets (UI): host name", ASSETS);
    terminal.answer("Assets (UI): further SANs", "");
    terminal.answer("Key type", "\u{1b}[B\u{1b}[B\u{1b}[B"); // three down: NISTP256
}

#[test]
fn the_round_trip_as_a_person_makes_it() {
    if !is_here() {
        return;
    }
    let world = world();
    let mut terminal = start_get_csrs(&world);
    answer_requests(&mut terminal);
    terminal.answer("Cluster name", "lab");
    terminal.answer("Sysadmin e-mail", "admin@example.com");
    terminal.answer("Sysadmin password", PASSWORD);
    terminal.answer("Sysadmin password again", PASSWORD);
    answer_passphrase(&mut terminal);
    terminal.answer("Make both keys and request both certificates?", "y");
    let ended = terminal.end();
    ended.ended(0, &["Cluster Certificate Request", "UI Certificate Request", "the two are not the same"]);
    ended.never_showed(PASSPHRASE);
    ended.never_showed(PASSWORD);
    for role in Role::BOTH {
        let text = openssl::verified_request_text(&world, &world.csr(role));
        assert!(text.contains("prime256v1"), "{text}");
        let request = world.read(world.csr(role));
        assert!(ended.screen.replace('\r', "").contains(request.trim()), "{}", ended.screen);
    }
    install_by_pasting(&world);
}

/// Mistypes the second time, then gets it right.
fn answer_passphrase(terminal: &mut Terminal) {
    terminal.answer("Passphrase", PASSPHRASE);
    terminal.answer("Passphrase again", "something else entirely");
    terminal.expect("the two are not the same");
    terminal.answer("Passphrase", PASSPHRASE);
    terminal.answer("Passphrase again", PASSPHRASE);
}

fn install_by_pasting(world: &World) {
    let ca = world.openssl_ca();
    let quoted: String =
        ca.sign(&world.csr(Role::Main)).chain().lines().map(|line| format!("> {line}\r\n")).collect();
    let mut terminal = start_install_certs(world);
    terminal.paste(PASTE_MAIN, &format!("Hello,\r\nhere is your certificate:\r\n\r\n{quoted}"));
    terminal.paste(PASTE_ASSETS, &ca.sign(&world.csr(Role::Assets)).chain());
    terminal.answer(ASK_PASSPHRASE, "not the right passphrase");
    terminal.expect("the passphrase opens neither private key");
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer("Install both certificates now?", "y");
    let ended = terminal.end();
    ended.ended(0, &["2 certificates read", MAIN, ASSETS]);
    ended.never_showed(PASSPHRASE);
    world.install_certs(["--status"]).success();
}

#[test]
fn a_line_longer_than_a_terminal_takes_arrives_whole() {
    if !is_here() {
        return;
    }
    let world = staged();
    let ca = world.openssl_ca();
    let extensions = format!("{}nsComment = {}\n", Profile::default().extensions, "x".repeat(4000));
    let long = ca.sign_as(&world.csr(Role::Main), &Profile { extensions, ..Profile::default() });
    let chain = world.write("long.pem", long.chain()).display().to_string();
    let pkcs7 = openssl(&world, &["crl2pkcs7", "-nocrl", "-certfile", &chain]).success();
    let line: String = pkcs7.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(line.len() > 4095);
    let mut terminal = start_install_certs(&world);
    terminal.paste(PASTE_MAIN, &format!("-----BEGIN PKCS7-----\n{line}\n-----END PKCS7-----\n"));
    terminal.paste(PASTE_ASSETS, &ca.sign(&world.csr(Role::Assets)).chain());
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer("Install both certificates now?", "y");
    terminal.end().ended(0, &["2 certificates read"]);
}

#[test]
fn a_pasted_private_key_is_refused_and_not_shown() {
    if !is_here() {
        return;
    }
    let world = staged();
    world.sign_with_openssl();
    let before = world.snapshot();
    let key =
        openssl(&world, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]).success();
    let mut terminal = start_install_certs(&world);
    terminal.expect(PASTE_MAIN);
    terminal.settle();
    terminal.send(&key);
    let ended = terminal.end();
    ended.ended(3, &["private key", "exposed", "nothing is installed yet"]);
    ended.never_showed(key.lines().nth(1).unwrap());
    before.assert_same(&world.store());
}

#[test]
fn a_pasted_sealed_key_is_refused_with_what_still_protects_it() {
    if !is_here() {
        return;
    }
    let world = signed();
    let mut terminal = start_install_certs(&world);
    terminal.expect(PASTE_MAIN);
    terminal.settle();
    terminal.send(&world.read("store/generations/00000001/main.key"));
    terminal
        .end()
        .ended(3, &["private key", "only its passphrase still protects it", "nothing is installed yet"]);
}

#[test]
fn a_refused_chain_is_explained_and_can_be_pasted_again() {
    if !is_here() {
        return;
    }
    let world = signed();
    let before = world.snapshot();
    let [main, assets] = Role::BOTH.map(|role| world.read(world.chain(role)));
    let alone = world.openssl_ca().sign(&world.csr(Role::Main)).end_entity;
    let mut terminal = start_install_certs(&world);
    terminal.paste(PASTE_MAIN, &alone);
    terminal.paste(PASTE_ASSETS, &assets);
    terminal.expect("chain.missing_issuer");
    terminal.answer("Paste again", ""); // Main, because only Main is at fault
    terminal.paste(PASTE_MAIN, &alone);
    terminal.answer("Paste again", "\u{1b}[B\u{1b}[B"); // both
    before.assert_same(&world.store());
    terminal.paste(PASTE_MAIN, &main);
    terminal.paste(PASTE_ASSETS, &assets);
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer("Install both certificates now?", "y");
    terminal.end().ended(0, &["2 certificates read", MAIN, ASSETS]);
}

#[test]
fn a_refused_chain_that_is_not_pasted_again_ends_with_its_findings() {
    if !is_here() {
        return;
    }
    let world = signed();
    let before = world.snapshot();
    let main = world.read(world.chain(Role::Main));
    let expired = Profile { from_days: -9, to_days: -1, ..Profile::default() };
    let expired = world.openssl_ca().sign_as(&world.csr(Role::Assets), &expired).chain();
    let mut terminal = start_install_certs(&world);
    terminal.paste(PASTE_MAIN, &main);
    terminal.paste(PASTE_ASSETS, &expired);
    terminal.expect("validity.expired");
    terminal.answer("Paste again", "\u{1b}[B\u{1b}[B"); // Assets is proposed; two down: stop
    terminal.end().ended(3, &["validity.expired", "nothing is installed yet; generation 1 stays staged"]);
    // A chain that came from a file is not there to be pasted again.
    world.write("signed/assets.pem", expired);
    let mut command = world.install_certs_command();
    command.args(["--main", "signed/main.pem", "--assets", "signed/assets.pem"]);
    Terminal::start(command).end().ended(3, &["validity.expired", "nothing is installed yet"]);
    before.assert_same(&world.store());
}

#[test]
fn a_refused_paste_is_explained_and_asked_again() {
    if !is_here() {
        return;
    }
    let world = signed();
    let chain = world.read(world.chain(Role::Main));
    let mut terminal = start_install_certs(&world);
    for (paste, says) in [
        (world.read(world.csr(Role::Main)) + "\n", "certification request"),
        ("see the attachment\n\n".to_owned(), "no certificate"),
        (chain.repeat(6), "over the limit of 10"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n\u{4}".to_owned(), "has no END"),
    ] {
        terminal.expect("Main (Cluster)");
        terminal.settle();
        terminal.send(&paste);
        terminal.expect(says);
    }
    interrupted(terminal, "again, or press Ctrl-C").ended(130, &["nothing is installed yet"]);
}

#[test]
fn a_refused_secret_is_explained_and_asked_again() {
    if !is_here() {
        return;
    }
    let world = world();
    let mut terminal = start_get_csrs(&world);
    answer_requests(&mut terminal);
    terminal.answer("Cluster name", "lab");
    terminal.answer("Sysadmin e-mail", "admin");
    terminal.expect("is not an e-mail address");
    terminal.answer("Sysadmin e-mail", "admin@example.com");
    for (refused, says) in [
        ("short", "the password has 5 characters"),
        ("Admin@Example.com", "the password is the e-mail address"),
        ("aaaaaaaaaaaaaaaa", "first to be guessed"),
    ] {
        terminal.answer("Sysadmin password", refused);
        terminal.expect(says);
    }
    terminal.answer("Sysadmin password", PASSWORD);
    terminal.answer("Sysadmin password again", PASSWORD);
    for (refused, says) in [
        ("short", "the passphrase has 5 characters"),
        ("", "the passphrase is empty"),
        (PASSWORD, "must not be the sysadmin's password"),
        ("passwordpassword", "first to be guessed"),
    ] {
        terminal.answer("Passphrase", refused);
        terminal.expect(says);
    }
    let ended = interrupted(terminal, "Passphrase");
    ended.ended(130, &["nothing was staged"]);
    ended.never_showed(PASSWORD);
    assert!(!world.store().exists() && !world.path("csr").exists());
}

#[test]
fn no_installs_nothing() {
    if !is_here() {
        return;
    }
    let world = staged();
    let before = world.snapshot();
    let ca = world.openssl_ca();
    let mut terminal = start_install_certs(&world);
    terminal.paste(PASTE_MAIN, &ca.sign(&world.csr(Role::Main)).chain());
    terminal.paste(PASTE_ASSETS, &ca.sign(&world.csr(Role::Assets)).chain());
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer("Install both certificates now?", "n");
    terminal.end().ended(130, &["nothing is installed yet"]);
    before.assert_same(&world.store());
}

/// Presses Ctrl-C at a question and gives how that ended.
fn interrupted(mut terminal: Terminal, question: &str) -> Ended {
    terminal.expect(question);
    terminal.interrupt();
    terminal.end()
}

#[test]
fn ctrl_c_at_any_question_leaves_nothing_behind_and_gives_the_echo_back() {
    if !is_here() {
        return;
    }
    let world = world();
    interrupted(start_get_csrs(&world), "Main (Cluster): name format").ended(130, &[]);

    let mut terminal = start_get_csrs(&world);
    terminal.answer("Main (Cluster): name format", "");
    interrupted(terminal, "Main (Cluster): host name").ended(130, &[]);

    let mut terminal = start_get_csrs(&world);
    answer_requests(&mut terminal);
    terminal.answer("Cluster name", "lab");
    terminal.answer("Sysadmin e-mail", "admin@example.com");
    interrupted(terminal, "Sysadmin password").ended(130, &[]);
    assert!(!world.store().exists());
    assert!(!world.path("csr").exists());
}

#[test]
fn ctrl_c_during_an_installation_leaves_the_store_as_it_was() {
    if !is_here() {
        return;
    }
    let world = staged();
    world.sign_with_openssl();
    let before = world.snapshot();
    interrupted(start_install_certs(&world), PASTE_MAIN).ended(130, &[]);
    let mut command = world.install_certs_command();
    command.args([
        "--trust-anchors",
        "ca/root.pem",
        "--main",
        "signed/main.pem",
        "--assets",
        "signed/assets.pem",
    ]);
    interrupted(Terminal::start(command), ASK_PASSPHRASE).ended(130, &[]);
    before.assert_same(&world.store());
}

/// Every signal that ends a prompt, and Ctrl-Z, which only interrupts it: the shell that follows
/// must never be one without echo.
#[test]
fn no_signal_takes_the_echo_away() {
    if !is_here() {
        return;
    }
    use rustix::process::{Signal, kill_process};
    let world = staged();
    let ca = world.openssl_ca();
    for role in Role::BOTH {
        world.write(&format!("signed/{}.pem", role.stem()), ca.sign(&world.csr(role)).chain());
    }
    let before = world.snapshot();
    let at_passphrase = || {
        let mut command = world.install_certs_command();
        command.args(["--trust-anchors", "ca/root.pem", "--main", "signed/main.pem"]);
        command.args(["--assets", "signed/assets.pem"]);
        let mut terminal = Terminal::start(command);
        terminal.expect(ASK_PASSPHRASE);
        terminal.settle();
        assert!(!terminal.echoes());
        terminal
    };
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut terminal = at_passphrase();
        terminal.signal(signal);
        terminal.end().ended(130, &["interrupted"]);
    }
    let mut terminal = at_passphrase();
    terminal.signal(Signal::TSTP);
    terminal.stopped();
    assert!(terminal.echoes(), "a stopped command leaves the terminal without echo");
    kill_process(terminal.pid(), Signal::CONT).unwrap();
    terminal.settle();
    assert!(!terminal.echoes(), "a continued prompt shows what is typed");
    terminal.interrupt();
    terminal.end().ended(130, &["interrupted"]);
    before.assert_same(&world.store());
}
