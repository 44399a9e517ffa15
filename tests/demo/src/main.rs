//! `cargo demo`: the whole job on a store in a temporary folder, with the real commands. Every
//! command line is shown with what it printed, so that it doubles as the tour; every step asserts
//! what it shows.
//!
//! The commands are this program under their names, so that one build has them all.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tour is printed")]

mod handshake;

use common::{Pair, Secret};
use pki::{Certificate, KeyPair, Passphrase, SealedKey};
use std::error::Error;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use store::Store;
use zeroize::Zeroizing;

type Outcome<T> = Result<T, Box<dyn Error>>;

const NAMES: Pair<&str> = Pair { main: "kms.example.com", assets: "kms-ui.example.com" };
const PASSPHRASE: &str = "a fence painted green, twice";

#[global_allocator]
static ALLOCATOR: cli::harden::Wiping = cli::harden::WIPING;

/// A command by the name it is called by.
type Called = (&'static str, fn() -> ExitCode);

const COMMANDS: [Called; 3] =
    [("get_csrs", get_csrs::main), ("sign_csrs", ca_desk::sign_csrs), ("install_certs", install_certs::main)];

fn main() -> ExitCode {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let command = COMMANDS.iter().find(|(name, _)| called.file_name().is_some_and(|called| called == *name));
    command.map_or_else(play, |(_, command)| command())
}

fn play() -> ExitCode {
    match Tour::begin().and_then(|tour| tour.play()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Tour {
    folder: tempfile::TempDir,
    /// Holds a link to this program for each of [`COMMANDS`].
    commands: tempfile::TempDir,
}

/// The pair a handshake has seen.
struct Served {
    generation: u64,
    certificates: Pair<Certificate>,
}

impl Tour {
    fn begin() -> Outcome<Self> {
        let (folder, commands) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let this = std::env::current_exe()?;
        for (name, _) in COMMANDS {
            symlink(&this, commands.path().join(name))?;
        }
        for (name, secret) in [
            ("passphrase", PASSPHRASE),
            ("sysadmin-password", "a password nobody else has"),
            ("ca-passphrase", "a passphrase for the lab CA"),
        ] {
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(folder.path().join(name))?;
            std::io::Write::write_all(&mut file, secret.as_bytes())?;
        }
        Ok(Self { folder, commands })
    }

    fn play(&self) -> Outcome<()> {
        heading("1. Make both private keys and both requests");
        let mut words = vec!["--store", "store", "--main", NAMES.main, "--main-san", "192.0.2.10"];
        words.extend(["--assets", NAMES.assets, "--key-type", "NISTP256", "--cluster-name", "Demo cluster"]);
        words.extend([
            "--sysadmin-email",
            "admin@example.com",
            "--sysadmin-password-file",
            "sysadmin-password",
        ]);
        words.extend(["--passphrase-file", "passphrase", "--out", "requests", "--yes", "--log-file", "log"]);
        self.run("get_csrs", &words)?;

        heading("2. Have them signed (here by a lab CA; usually a CA team takes days)");
        self.sign()?;

        heading("3. Judge both chains and install them in one step");
        self.install(&[])?;

        heading("4. Serve what is installed: a TLS handshake by each name");
        let first = self.handshakes()?;

        heading("5. Rotate: new keys and requests, while the installed pair goes on serving");
        let mut words = vec!["--rotate", "--store", "store", "--passphrase-file", "passphrase"];
        words.extend(["--out", "requests", "--yes", "--log-file", "log"]);
        self.run("get_csrs", &words)?;
        let meanwhile = self.handshakes()?;
        check(first.certificates == meanwhile.certificates, "the installed pair is untouched")?;
        self.sign()?;
        self.install(&["--rotate"])?;

        heading("6. Serve the new pair; the old one is gone");
        let second = self.handshakes()?;
        self.old_pair_is_gone(&first, &second)?;

        heading("7. What the store holds now");
        self.run("install_certs", &["--status", "--store", "store", "--log-file", "log"])?;
        println!("\nThe whole round trip and a rotation worked.");
        Ok(())
    }

    fn sign(&self) -> Outcome<()> {
        let mut words = vec!["--ca", "lab-ca", "--ca-passphrase-file", "ca-passphrase"];
        words.extend(["requests/main.csr", "requests/assets.csr", "--out", "signed"]);
        self.run("sign_csrs", &words)
    }

    fn install(&self, more: &[&str]) -> Outcome<()> {
        let mut words = more.to_vec();
        words.extend(["--store", "store", "--main", "signed/main.pem", "--assets", "signed/assets.pem"]);
        words.extend(["--trust-anchors", "signed/root.pem", "--passphrase-file", "passphrase", "--yes"]);
        words.extend(["--log-file", "log"]);
        self.run("install_certs", &words)
    }

    /// Shows a command line, runs it in the folder, shows what it printed.
    fn run(&self, name: &str, words: &[&str]) -> Outcome<()> {
        println!("\n$ {}", shown(name, words));
        let mut command = Command::new(self.commands.path().join(name));
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        let output = command.output()?;
        for text in [&output.stdout, &output.stderr] {
            print!("{}", String::from_utf8_lossy(text));
        }
        check(output.status.success(), &format!("{name} ended with {}", output.status))
    }

    /// One handshake over loopback for each role, with what the store holds.
    fn handshakes(&self) -> Outcome<Served> {
        let store = Store::on_disk(self.folder.path().join("store"));
        let snapshot = store.read()?.ok_or("there is no store")?;
        let current = snapshot.current.ok_or("nothing is installed")?;
        let root = self.read("signed/root.pem")?;
        println!();
        let certificates = Pair::try_from_fn(|role| -> Outcome<Certificate> {
            let chain = current.chains.of(role);
            let end_entity = chain.certificates().first().ok_or("an empty chain")?;
            let key = open(current.keys.of(role), end_entity)?;
            let seen = handshake::over_loopback(&chain.to_pem(), &key, &root, NAMES.of(role))?;
            check(seen.end_entity == end_entity.der(), "the client saw the installed certificate")?;
            println!("{}: {} with {}", NAMES.of(role), seen.version, seen.cipher_suite);
            println!("    serial {}", end_entity.serial());
            println!("    SPKI sha256 {}", end_entity.spki().sha256());
            Ok(end_entity.clone())
        })?;
        Ok(Served { generation: current.manifest.generation, certificates })
    }

    fn old_pair_is_gone(&self, first: &Served, second: &Served) -> Outcome<()> {
        for (role, (old, new)) in first.certificates.as_ref().zip(second.certificates.as_ref()).iter() {
            check(old.spki() != new.spki(), &format!("{role} has a new key"))?;
            check(old.serial() != new.serial(), &format!("{role} has a new certificate"))?;
        }
        let generations = self.folder.path().join("store/generations");
        let gone = |stale: u64| !generations.join(format!("{stale:08}")).exists();
        check(gone(first.generation), "the old generation's directory is gone")?;
        check(!gone(second.generation), "the new generation is there")?;
        println!("\nboth keys and certificates are new; generation {} is gone", first.generation);
        Ok(())
    }

    fn read(&self, name: &str) -> Outcome<String> {
        Ok(std::fs::read_to_string(self.folder.path().join(name))?)
    }
}

fn open(key: &SealedKey, certificate: &Certificate) -> Outcome<KeyPair> {
    let secret = Secret::new(Zeroizing::new(PASSPHRASE.as_bytes().to_vec()));
    Ok(key.open(&Passphrase::existing(secret)?, certificate.spki())?)
}

fn heading(text: &str) {
    println!("\n== {text} ==");
}

/// A command line as one would type it.
fn shown(name: &str, words: &[&str]) -> String {
    let quoted = |word: &&str| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() };
    std::iter::once(name.to_owned()).chain(words.iter().map(quoted)).collect::<Vec<_>>().join(" ")
}

/// Ends the tour when something does not hold.
fn check(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("this does not hold: {what}").into()) }
}
