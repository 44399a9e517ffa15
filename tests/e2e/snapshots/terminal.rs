//! What a person at a terminal has seen when a command ends.

use super::told;
use crate::{signed, staged, world};
use common::Role;
use rustix::process::Signal;
use tests::openssl::Profile;
use tests::terminal::{Terminal, is_here};
use tests::world::{ASSETS, MAIN, PASSPHRASE, PASSWORD};
use tests::{Transcript, World};

const ASK_PASSPHRASE: &str = "Passphrase of the private keys";
const ASK_INSTALL: &str = "Install both certificates now?";

fn get_csrs(world: &World) -> Terminal {
    let mut command = world.get_csrs_command();
    command.args(["--out", "csr"]);
    Terminal::start(command)
}

fn install_certs(world: &World, files: &str) -> Terminal {
    let mut command = world.install_certs_command();
    command.args(["--trust-anchors", "ca/root.pem"]).args(files.split_whitespace());
    Terminal::start(command)
}

const FILES: &str = "--main signed/main.pem --assets signed/assets.pem";

#[test]
fn an_interview() {
    if !is_here() {
        return;
    }
    let world = world();
    let mut terminal = get_csrs(&world);
    terminal.answer("Main (Cluster): name format", "");
    terminal.answer("Main (Cluster): host name", "kms_1.example.com");
    terminal.answer("Main (Cluster): host name", MAIN);
    terminal.answer("Main (Cluster): further SANs", "192.0.2.1");
    terminal.answer("SAN:", "*.example.com");
    terminal.answer("SAN:", "");
    terminal.answer("Assets (UI): name format", "");
    terminal.answer("Assets (UI): host name", ASSETS);
    terminal.answer("Assets (UI): further SANs", "");
    terminal.answer("Key type", "\u{1b}[B\u{1b}[B\u{1b}[B"); // three down: NISTP256
    terminal.answer("Cluster name", "lab");
    terminal.answer("Sysadmin e-mail", "admin");
    terminal.answer("Sysadmin e-mail", "admin@example.com");
    terminal.answer("Sysadmin password", "short");
    terminal.answer("Sysadmin password", PASSWORD);
    terminal.answer("Sysadmin password again", PASSWORD);
    terminal.answer("Passphrase", PASSPHRASE);
    terminal.answer("Passphrase again", "something else entirely");
    terminal.expect("the two are not the same");
    terminal.answer("Passphrase", PASSPHRASE);
    terminal.answer("Passphrase again", PASSPHRASE);
    terminal.answer("Make both keys and request both certificates?", "y");
    told("get_csrs/an_interview", [Transcript::of(&world).screen(&terminal.end()).end()]);
}

#[test]
fn an_interview_that_is_interrupted() {
    if !is_here() {
        return;
    }
    let world = world();
    let mut terminal = get_csrs(&world);
    terminal.answer("Main (Cluster): name format", "");
    terminal.expect("Main (Cluster): host name");
    terminal.interrupt();
    told("get_csrs/an_interview_that_is_interrupted", [Transcript::of(&world).screen(&terminal.end()).end()]);
}

#[test]
fn requests_that_are_not_confirmed() {
    if !is_here() {
        return;
    }
    let world = crate::installed();
    let mut command = world.get_csrs_command();
    command.args(["--rotate", "--passphrase-file", "passphrase"]);
    let mut terminal = Terminal::start(command);
    terminal.answer("Request the same names and key types again?", "y");
    terminal.answer("Make both keys and request both certificates?", "n");
    let transcript = Transcript::of(&world).screen(&terminal.end());
    told("get_csrs/requests_that_are_not_confirmed", [transcript.end()]);
}

#[test]
fn an_installation_by_pasting() {
    if !is_here() {
        return;
    }
    let world = signed();
    let [main, assets] = Role::BOTH.map(|role| world.read(world.chain(role)));
    let mut terminal = install_certs(&world, "");
    for (question, paste) in
        [("Paste the signed chain for Main", &main), ("Paste the signed chain for Assets", &assets)]
    {
        terminal.expect(question);
        terminal.settle();
        terminal.send(&format!("{paste}\r"));
    }
    terminal.answer(ASK_PASSPHRASE, "not the right passphrase");
    terminal.expect("the passphrase opens neither private key");
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer(ASK_INSTALL, "y");
    told("install_certs/an_installation_by_pasting", [Transcript::of(&world).screen(&terminal.end()).end()]);
}

#[test]
fn an_installation_that_is_not_confirmed() {
    if !is_here() {
        return;
    }
    let world = signed();
    let mut terminal = install_certs(&world, FILES);
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.answer(ASK_INSTALL, "n");
    let no = terminal.end();
    let mut terminal = install_certs(&world, FILES);
    terminal.expect(ASK_PASSPHRASE);
    terminal.signal(Signal::TERM);
    let ended = terminal.end();
    told(
        "install_certs/an_installation_that_is_not_confirmed",
        [Transcript::of(&world).screen(&no).note("SIGTERM at the first question").screen(&ended).end()],
    );
}

#[test]
fn a_passphrase_that_is_wrong_three_times() {
    if !is_here() {
        return;
    }
    let world = signed();
    let mut terminal = install_certs(&world, FILES);
    for _ in 0..3 {
        terminal.answer(ASK_PASSPHRASE, "not the right passphrase");
    }
    let transcript = Transcript::of(&world).screen(&terminal.end());
    told("install_certs/a_passphrase_that_is_wrong_three_times", [transcript.end()]);
}

#[test]
fn chains_that_can_be_put_right() {
    if !is_here() {
        return;
    }
    let world = signed();
    let (main, assets) = (world.read("signed/main.pem"), world.read("signed/assets.pem"));
    world.write("signed/main.pem", &assets);
    world.write("signed/assets.pem", &main);
    let mut terminal = install_certs(&world, FILES);
    terminal.answer("take them the other way round?", "n");
    let transcript = Transcript::of(&world).screen(&terminal.end());
    told("install_certs/chains_that_can_be_put_right", [transcript.end()]);
}

#[test]
fn warnings_that_are_not_accepted() {
    if !is_here() {
        return;
    }
    let world = signed();
    let without = Profile { copy_names: false, ..Profile::default() };
    let signed = world.openssl_ca().sign_as(&world.csr(Role::Main), &without);
    world.write("signed/main.pem", signed.chain());
    let mut terminal = install_certs(&world, FILES);
    terminal.answer("go on in spite of the warnings?", "n");
    let transcript = Transcript::of(&world).screen(&terminal.end());
    told("install_certs/warnings_that_are_not_accepted", [transcript.end()]);
}

#[test]
fn a_paste_that_is_refused() {
    if !is_here() {
        return;
    }
    let world = staged();
    world.openssl_ca();
    let mut terminal = install_certs(&world, "");
    terminal.expect("Paste the signed chain for Main");
    terminal.settle();
    terminal.send("see the attachment\r\r");
    terminal.expect("again, or press Ctrl-C");
    terminal.settle();
    terminal.send(&world.read("store/generations/00000001/main.key"));
    told("install_certs/a_paste_that_is_refused", [Transcript::of(&world).screen(&terminal.end()).end()]);
}

/// The store changes while somebody thinks about the plan.
#[test]
fn a_conflict() {
    if !is_here() {
        return;
    }
    let world = signed();
    let mut terminal = install_certs(&world, FILES);
    terminal.answer(ASK_PASSPHRASE, PASSPHRASE);
    terminal.expect(ASK_INSTALL);
    let words = ["--main", MAIN, "--assets", ASSETS, "--key-type", "NISTP256", "--cluster-name", "lab"];
    let more = ["--passphrase-file", "passphrase", "--replace-staged", "--yes"];
    world.get_csrs([&words[..], &more].concat()).success();
    terminal.type_line("y");
    told("install_certs/a_conflict", [Transcript::of(&world).screen(&terminal.end()).end()]);
}
