//! What judging requests costs, beside `openssl req -verify` per file and beside the bare
//! verification of the signatures on as many threads as there are processors.
//!
//! The folder is also measured as one file, which shows what opening a file for each request costs,
//! and the results of one thread and of two are compared.
//!
//! `cargo bench -p tests --bench desk` measures all key types and a mixed folder; names of key types
//! behind `--` measure those only. `REQUESTS=n` sets how many requests a folder has. Figures and
//! method: `docs/performance.md`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run must stop")]

use pki::{Csr, DnsName, KeyAlgorithm, KeyPair, RequestSpec};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Keys of one type; making more would measure key generation.
const KEYS: usize = 8;
/// Files in OpenSSL's loop: each starts a process.
const SAMPLE: usize = 200;
/// Rounds, in turn, of which the median counts.
const ROUNDS: usize = 5;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let count = std::env::var("REQUESTS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    println!(
        "requests per second: median of {ROUNDS} rounds in turn, {count} requests, {} threads\n",
        threads()
    );
    println!("load before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim_end());
    println!(
        "{:<10}{:>12}{:>14}{:>12}{:>10}{:>10}{:>12}{:>10}",
        "key type", "check_csrs", "openssl loop", "bare", "ratio", "of bare", "one file", "of bare"
    );
    let mut mixed = Vec::new();
    for algorithm in KeyAlgorithm::ALL {
        if is_wanted(algorithm.name()) || is_wanted("mixed") {
            let requests = requests(algorithm, count);
            if is_wanted(algorithm.name()) {
                row(algorithm.name(), &requests);
            }
            mixed.extend(requests.into_iter().take(count / KeyAlgorithm::ALL.len() + 1));
        }
    }
    if is_wanted("mixed") {
        mixed.truncate(count);
        row("mixed", &mixed);
        same_with_any_threads(&mixed);
        memory(&mixed);
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn requests(algorithm: KeyAlgorithm, count: usize) -> Vec<Csr> {
    let keys: Vec<_> = (0..KEYS).map(|_| KeyPair::generate(algorithm).expect("a key")).collect();
    let one = |number: usize| {
        let name = DnsName::parse(&format!("host{number}.example.com")).expect("a name");
        let spec = RequestSpec::simple(name, vec![], algorithm).expect("a specification");
        Csr::build(&spec, &keys[number % KEYS]).expect("a request")
    };
    std::thread::scope(|scope| {
        let part = count.div_ceil(threads());
        let makers = (0..threads()).map(|thread| {
            let numbers = thread * part..count.min((thread + 1) * part);
            scope.spawn(|| numbers.map(one).collect::<Vec<_>>())
        });
        let makers: Vec<_> = makers.collect();
        makers.into_iter().flat_map(|maker| maker.join().expect("requests")).collect()
    })
}

fn row(name: &str, requests: &[Csr]) {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), requests);
    let bundle = tempfile::NamedTempFile::new().expect("a file");
    fs::write(bundle.path(), requests.iter().map(Csr::to_pem).collect::<String>()).expect("a file");
    let (mut ours, mut theirs, mut bare, mut whole) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        ours.push(rate(requests.len(), || check(folder.path())));
        theirs.push(rate(SAMPLE.min(requests.len()), || openssl(folder.path(), requests.len())));
        bare.push(rate(requests.len(), || verify(requests)));
        whole.push(rate(requests.len(), || check(bundle.path())));
    }
    let [ours, theirs, bare, whole] = [ours, theirs, bare, whole].map(median);
    print!("{name:<10}{ours:>12.0}{theirs:>14.0}{bare:>12.0}{:>10.0}{:>10.2}", ours / theirs, ours / bare);
    println!("{whole:>12.0}{:>10.2}", whole / bare);
}

fn same_with_any_threads(requests: &[Csr]) {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), requests);
    let said = |threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_e2e-check_csrs"));
        command.args(["--threads", threads]).arg(folder.path()).output().expect("a run").stdout
    };
    let same = said("1") == said("2");
    println!("\nthe same result with one thread and with two: {same}");
}

fn write(folder: &Path, requests: &[Csr]) {
    for (number, request) in requests.iter().enumerate() {
        fs::write(folder.join(format!("{number:06}.csr")), request.to_pem()).expect("a file");
    }
}

fn check(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2e-check_csrs"));
    let status = command.arg(folder).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("a run");
    assert!(status.code() == Some(0), "{status}");
}

/// One process per file, as a shell loop has it, without the shell's own cost.
fn openssl(folder: &Path, count: usize) {
    for number in 0..SAMPLE.min(count) {
        let mut command = Command::new("openssl");
        command.args(["req", "-verify", "-noout", "-in"]).arg(folder.join(format!("{number:06}.csr")));
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("openssl");
        assert!(status.success());
    }
}

/// The signatures alone, of requests that are already read, dealt out in turn: some key types take
/// much longer than others.
fn verify(requests: &[Csr]) {
    std::thread::scope(|scope| {
        for thread in 0..threads() {
            let part = requests.iter().skip(thread).step_by(threads());
            scope.spawn(move || part.for_each(|csr| black_box(csr.verify_signature()).expect("sound")));
        }
    });
}

fn rate(count: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    count as f64 / start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Peak resident memory for ten times as many requests, as files and in one file.
fn memory(requests: &[Csr]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bundle = String::new();
    for copy in 0..10 {
        let below = folder.path().join(format!("{copy}"));
        fs::create_dir(&below).expect("a folder");
        write(&below, requests);
        requests.iter().for_each(|request| bundle.push_str(&request.to_pem()));
    }
    let file = folder.path().join("bundle.pem");
    for (what, path) in [("files", folder.path()), ("one file", file.as_path())] {
        if what == "one file" {
            fs::write(&file, &bundle).expect("a file");
        }
        let peak = peak(path).unwrap_or_else(|| "left out: needs GNU time".to_owned());
        println!("memory for {} requests as {what}: {peak}", requests.len() * 10);
    }
}

fn peak(path: &Path) -> Option<String> {
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M"]).arg(env!("CARGO_BIN_EXE_e2e-check_csrs")).arg(path);
    let output = time.stdout(Stdio::null()).stdin(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let kibibytes: f64 = text.lines().last()?.parse().ok()?;
    Some(format!("{:.1} MiB", kibibytes / 1024.0))
}
