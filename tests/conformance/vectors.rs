//! The package of vectors, and the commands run over it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tests::Ran;

/// A folder of `cryptography_vectors`, where `tests/run` puts it; says what is left out when it is not there.
pub(crate) fn folder(what: &str, name: &str) -> Option<PathBuf> {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors/cryptography_vectors");
    if !package.is_dir() {
        tests::left_out(what, "cryptography_vectors is not installed (tests/run does it)");
        return None;
    }
    Some(package.join(name))
}

/// Every file below a folder, by its name in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, path);
            }
        }
    }
    files
}

/// What a command said of one file.
pub(crate) struct Judged {
    /// `ok`, `warning`, `error`, or `not judged`.
    pub(crate) verdict: String,
    /// The rules with a finding.
    pub(crate) rules: Vec<String>,
}

/// Reads the lines of `--format ndjson`, by file; asserts that the command ended as it should.
#[track_caller]
pub(crate) fn judged(ran: &Ran) -> BTreeMap<String, Judged> {
    assert!(matches!(ran.code, Some(0 | 3)), "{ran}");
    ran.is_safe_to_print();
    assert_eq!(ran.stderr, "", "{}", ran.line);
    ran.stdout.lines().map(|line| entry(&serde_json::from_str(line).unwrap())).collect()
}

fn entry(entry: &Value) -> (String, Judged) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rules = entry["findings"].as_array().unwrap().iter().map(|finding| text(&finding["rule"])).collect();
    (text(&entry["file"]), Judged { verdict: text(&entry["verdict"]), rules })
}

#[test]
fn whatever_lies_in_the_package_is_answered_for_by_both_commands() {
    let Some(package) = folder("every file of the package, under both commands", "") else { return };
    let files = files(&package);
    assert!(files.len() > 2000, "{}", files.len());
    let world = crate::world();
    let words = ["--format", "ndjson", package.to_str().unwrap()];
    for ran in [world.check_certs(words), world.check_csrs(words)] {
        let judged = judged(&ran);
        let missing: Vec<_> =
            files.values().filter(|path| !judged.contains_key(path.to_str().unwrap())).collect();
        assert!(missing.is_empty(), "no word about {missing:?}");
    }
    println!("no crash: {} files, each under both commands", files.len());
}
