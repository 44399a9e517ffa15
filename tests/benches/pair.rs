//! What the commands cost, side by side with the OpenSSL command line doing the same work.
//!
//! `cargo bench -p tests` measures all key types, `cargo bench -p tests -- NISTP256 RSA2048` some;
//! `ROUNDS=n` overrides how often. In every round each contender runs once, in turn, so that a
//! machine whose speed drifts drifts for all of them. Prime search varies tenfold: read medians,
//! and the spread beside them. Figures and method: `docs/performance.md`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use common::{Pair, Role, Secret, Timestamp};
use pki::rules::Policy;
use pki::verdict::{Anchors, Expectation, judge_requests, verify};
use pki::{Certificate, Chain, Csr, KeyAlgorithm, KeyPair, Passphrase, SealedKey};
use std::fs;
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    println!("milliseconds: median (lowest .. highest); ratio of the medians\n");
    println!("{:<10}{:<26}{:>27}{:>27}{:>8}", "key type", "work", "ours", "openssl", "ratio");
    let chosen =
        KEY_TYPES.iter().filter(|k| wanted.is_empty() || wanted.iter().any(|w| w == k.algorithm.name()));
    for key_type in chosen {
        let bench = Bench::prepare(key_type);
        bench.requests();
        bench.installs();
        bench.library();
    }
    memory_and_size();
}

/// One key type, as OpenSSL spells it, and how many rounds give a steady median.
struct KeyType {
    algorithm: KeyAlgorithm,
    openssl: &'static str,
    rounds: usize,
}

const KEY_TYPES: [KeyType; 6] = [
    KeyType { algorithm: KeyAlgorithm::Rsa2048, openssl: "RSA -pkeyopt rsa_keygen_bits:2048", rounds: 41 },
    KeyType { algorithm: KeyAlgorithm::Rsa3072, openssl: "RSA -pkeyopt rsa_keygen_bits:3072", rounds: 31 },
    KeyType { algorithm: KeyAlgorithm::Rsa4096, openssl: "RSA -pkeyopt rsa_keygen_bits:4096", rounds: 21 },
    KeyType { algorithm: KeyAlgorithm::NistP256, openssl: "EC -pkeyopt ec_paramgen_curve:P-256", rounds: 15 },
    KeyType { algorithm: KeyAlgorithm::NistP384, openssl: "EC -pkeyopt ec_paramgen_curve:P-384", rounds: 15 },
    KeyType { algorithm: KeyAlgorithm::NistP521, openssl: "EC -pkeyopt ec_paramgen_curve:P-521", rounds: 15 },
];

const PASSPHRASE: &str = "a fence painted green, twice";

/// A folder with an installed pair in `store`, and everything the contenders need.
struct Bench {
    key_type: &'static KeyType,
    dir: tempfile::TempDir,
    rounds: usize,
}

impl Bench {
    fn prepare(key_type: &'static KeyType) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(key_type.rounds);
        let bench = Self { key_type, dir, rounds };
        for (name, secret) in [("passphrase", PASSPHRASE), ("password", "a password of its own")] {
            fs::write(bench.path(name), secret).expect("a secret file");
            fs::set_permissions(bench.path(name), fs::Permissions::from_mode(0o600)).expect("mode 0600");
        }
        bench.stage_and_sign("store", "signed");
        timed(&mut bench.install("store", "signed"));
        bench
    }

    /// `get_csrs` against two keys, two requests and two sealed keys.
    fn requests(&self) {
        let (mut rotation, mut first, mut serial, mut parallel) = (vec![], vec![], vec![], vec![]);
        for round in 0..self.rounds {
            rotation.push(timed(&mut self.rotate()));
            first.push(timed(&mut self.first(&format!("fresh{round}"))));
            serial.push(timed(&mut self.openssl_requests(";")));
            parallel.push(timed(&mut self.openssl_requests("&")));
        }
        let name = self.key_type.algorithm.name();
        row(name, "get_csrs --rotate", &rotation, &serial);
        row(name, "  openssl on both cores", &rotation, &parallel);
        row(name, "get_csrs, with account", &first, &serial);
    }

    /// `install_certs` against verifying both chains and opening both keys.
    fn installs(&self) {
        let (mut ours, mut theirs) = (vec![], vec![]);
        for round in 0..self.rounds.min(15) {
            let (store, signed) = (format!("store{round}"), format!("signed{round}"));
            self.stage_and_sign(&store, &signed);
            theirs.push(timed(&mut self.openssl_check(&store, &signed)));
            ours.push(timed(&mut self.install(&store, &signed)));
        }
        row(self.key_type.algorithm.name(), "install_certs", &ours, &theirs);
    }

    /// The library's own steps, no process around them.
    fn library(&self) {
        let algorithm = self.key_type.algorithm;
        let key = KeyPair::generate(algorithm).expect("a key");
        let passphrase =
            || Passphrase::new(Secret::new(PASSPHRASE.as_bytes().to_vec().into())).expect("long enough");
        let sealed = SealedKey::seal(&key, &passphrase()).expect("sealed");
        let requests = Pair::from_fn(|role| self.request("requests", role));
        let chains = Pair::from_fn(|role| {
            Chain::read(&self.read(&format!("signed/{}.pem", role.stem()))).expect("a chain")
        });
        let root = pki::pem::blocks(&self.read("signed/root.pem")).expect("a root");
        let anchors = Anchors::Given(
            root.iter()
                .filter_map(|block| match block {
                    pki::pem::Block::Certificate(der) => Certificate::from_der(der).ok(),
                    pki::pem::Block::Request(_) => None,
                })
                .collect(),
        );
        let expected =
            Expectation { requests: requests.as_ref(), generation: 1, known_keys: &[], reorder: false };
        let name = algorithm.name();
        step(name, "generate one key", self.rounds, || drop(black_box(KeyPair::generate(algorithm))));
        step(name, "prove a key", 15, || drop(black_box(key.prove())));
        step(name, "seal a key", 15, || drop(black_box(SealedKey::seal(&key, &passphrase()))));
        step(name, "open a key", 15, || drop(black_box(sealed.open(&passphrase(), key.spki()))));
        step(name, "read a request", 101, || drop(black_box(Csr::from_der(requests.main.der()))));
        step(name, "judge both requests", 101, || {
            drop(black_box(judge_requests(requests.as_ref(), Policy::product())))
        });
        step(name, "verify both chains", 101, || {
            drop(black_box(verify(&chains, &expected, &anchors, now())))
        });
    }

    fn stage_and_sign(&self, store: &str, signed: &str) {
        timed(&mut self.first(store));
        let mut sign = tool("sign_csrs");
        sign.arg("--ca").arg(self.path("ca")).arg("--ca-passphrase-file").arg(self.path("passphrase"));
        sign.arg("--out").arg(self.path(signed));
        timed(sign.args([self.path("requests/main.csr"), self.path("requests/assets.csr")]));
    }

    fn first(&self, store: &str) -> Command {
        let mut command = self.get_csrs(store);
        command.args([
            "--main",
            "kms.example.com",
            "--assets",
            "kms-ui.example.com",
            "--cluster-name",
            "bench",
        ]);
        command.args(["--key-type", self.key_type.algorithm.name(), "--sysadmin-email", "ops@example.com"]);
        command.arg("--sysadmin-password-file").arg(self.path("password"));
        command
    }

    fn rotate(&self) -> Command {
        let mut command = self.get_csrs("store");
        command.args(["--rotate", "--replace-staged"]);
        command
    }

    fn get_csrs(&self, store: &str) -> Command {
        let mut command = tool("get_csrs");
        command.arg("--store").arg(self.path(store)).arg("--out").arg(self.path("requests"));
        command
            .arg("--passphrase-file")
            .arg(self.path("passphrase"))
            .arg("--log-file")
            .arg(self.path("log"))
            .arg("--yes");
        fs::create_dir_all(self.path("requests")).expect("a folder for requests");
        command
    }

    fn install(&self, store: &str, signed: &str) -> Command {
        let mut command = tool("install_certs");
        command.arg("--store").arg(self.path(store)).arg("--log-file").arg(self.path("log")).arg("--yes");
        command.arg("--passphrase-file").arg(self.path("passphrase"));
        for role in Role::BOTH {
            command
                .arg(format!("--{}", role.stem()))
                .arg(self.path(&format!("{signed}/{}.pem", role.stem())));
        }
        command.arg("--trust-anchors").arg(self.path(&format!("{signed}/root.pem")));
        command
    }

    /// What a careful person types: key, request, sealed key; for each role.
    fn openssl_requests(&self, separator: &str) -> Command {
        let one = |role: &str, name: &str| {
            format!(
                "(openssl genpkey -quiet -algorithm {} -out {role}.plain \
                 && openssl req -new -key {role}.plain -subj /CN={name} -addext subjectAltName=DNS:{name} -out {role}.csr \
                 && openssl pkcs8 -topk8 -in {role}.plain -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 \
                 -passout file:passphrase -out {role}.key)",
                self.key_type.openssl
            )
        };
        self.shell(&format!(
            "{} {separator} {} {separator} wait",
            one("main", "kms.example.com"),
            one("assets", "kms-ui.example.com")
        ))
    }

    fn openssl_check(&self, store: &str, signed: &str) -> Command {
        let one = |role: &str| {
            format!(
                "openssl verify -CAfile {signed}/root.pem -untrusted {signed}/{role}.pem {signed}/{role}.pem \
                 && openssl pkey -in {store}/generations/*/{role}.key -passin file:passphrase -noout"
            )
        };
        self.shell(&format!("{} && {}", one("main"), one("assets")))
    }

    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).current_dir(self.dir.path());
        command
    }

    fn request(&self, folder: &str, role: Role) -> Csr {
        let text = self.read(&format!("{folder}/{}.csr", role.stem()));
        let der = pem_der(&text);
        Csr::from_der(&der).expect("our own request")
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file the bench made")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// The binaries of this build, optimised like the released ones.
fn tool(name: &str) -> Command {
    let mut command = Command::new(match name {
        "get_csrs" => env!("CARGO_BIN_EXE_e2e-get_csrs"),
        "install_certs" => env!("CARGO_BIN_EXE_e2e-install_certs"),
        _ => env!("CARGO_BIN_EXE_e2e-sign_csrs"),
    });
    command.env_remove("CLUSTER_CERTS_STORE");
    command
}

fn pem_der(text: &[u8]) -> Vec<u8> {
    match pki::pem::blocks(text).expect("PEM").remove(0) {
        pki::pem::Block::Certificate(der) | pki::pem::Block::Request(der) => der,
    }
}

/// Runs a command that must succeed; milliseconds of wall time.
fn timed(command: &mut Command) -> f64 {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("a command that starts");
    let elapsed = start.elapsed().as_secs_f64() * 1e3;
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    elapsed
}

fn step(key_type: &str, what: &str, rounds: usize, mut work: impl FnMut()) {
    let times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    println!("{key_type:<10}{what:<26}{:>27}", figure(&times));
}

fn row(key_type: &str, what: &str, ours: &[f64], theirs: &[f64]) {
    let ratio = median(ours) / median(theirs);
    println!("{key_type:<10}{what:<26}{:>27}{:>27}{ratio:>8.2}", figure(ours), figure(theirs));
}

fn figure(times: &[f64]) -> String {
    let lowest = times.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = times.iter().copied().fold(0.0, f64::max);
    format!("{:.3} ({lowest:.2} .. {highest:.2})", median(times))
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    Timestamp::from_unix(i64::try_from(seconds).expect("a clock before year 292 billion"))
}

/// Peak resident memory by GNU time, and the size of the binaries.
fn memory_and_size() {
    let bench = Bench::prepare(&KEY_TYPES[2]);
    bench.stage_and_sign("memory", "memory-signed");
    println!();
    for (what, command) in [
        ("get_csrs --rotate", bench.rotate()),
        ("get_csrs, with account", bench.first("memory2")),
        ("install_certs", bench.install("memory", "memory-signed")),
    ] {
        println!("{what:<26}{}", peak(command).unwrap_or_else(|| "left out: needs GNU time".to_owned()));
    }
    for name in ["get_csrs", "install_certs", "sign_csrs"] {
        let size = fs::metadata(tool(name).get_program()).expect("a binary").len();
        println!("{name:<26}{:.1} MiB on disk", size as f64 / f64::from(1 << 20));
    }
}

fn peak(command: Command) -> Option<String> {
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args());
    let output = time.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let kibibytes: f64 = text.lines().last()?.parse().ok()?;
    Some(format!("{:.1} MiB at the peak (RSA4096)", kibibytes / 1024.0))
}
