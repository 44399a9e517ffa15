//! Reads a store without the product's code: bytes, digests, names and modes as
//! `docs/store-format.md` gives them.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tests::der;

/// What stands in STATE before the first commit.
pub(crate) const NOTHING_YET: &[u8] = b"no commit yet\n";

/// What a store says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sequence: u64,
    pub(crate) staged: Option<Generation>,
    pub(crate) current: Option<Generation>,
    pub(crate) previous: Option<Generation>,
    pub(crate) account: Option<u64>,
    /// Names no record accounts for.
    pub(crate) litter: Vec<String>,
}

/// One generation, every digest checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Generation {
    /// Its number.
    pub(crate) number: u64,
    /// sha256 of each of its files, the manifest included.
    pub(crate) files: BTreeMap<String, String>,
}

impl Seen {
    /// Whether nothing was ever committed.
    pub(crate) fn is_blank(&self) -> bool {
        self.staged.is_none() && self.current.is_none() && self.previous.is_none() && self.account.is_none()
    }

    /// Everything but litter and sequence: what must not change by accident.
    pub(crate) fn holdings(&self) -> [Option<&Generation>; 3] {
        [self.staged.as_ref(), self.current.as_ref(), self.previous.as_ref()]
    }
}

impl Generation {
    /// Whether both keys and both requests are those of the other.
    pub(crate) fn has_keys_of(&self, other: &Self) -> bool {
        ["main.key", "main.csr", "assets.key", "assets.csr"]
            .iter()
            .all(|name| self.files.contains_key(*name) && self.files.get(*name) == other.files.get(*name))
    }
}

/// Looks at a store; `None` when nothing has ever been written to it.
///
/// # Errors
/// The first thing that is not as the format says.
pub(crate) fn look(store: &Path) -> Result<Option<Seen>, String> {
    if !store.exists() {
        return Ok(None);
    }
    let mut litter = vec![];
    let names = names(store)?;
    for name in &names {
        if !["STATE", "generations", "documents", "audit.log"].contains(&name.as_str()) {
            litter.push(name.clone());
        }
    }
    if names.len() == litter.len() {
        return Ok(None);
    }
    let record = read(&store.join("STATE"))?;
    if record == NOTHING_YET {
        return Ok(None);
    }
    let state = state(&record)?;
    let generation = |field: &str| reference(&state[field], field).and_then(|at| generation(store, at));
    let account = reference(&state["documents"]["accounts"], "accounts")?;
    if let Some((number, sha256)) = &account {
        must(
            hash(&read(&store.join(format!("documents/accounts/{number:08}")))?) == *sha256,
            "accounts digest",
        )?;
    }
    let mut seen = Seen {
        sequence: state["sequence"].as_u64().ok_or("no sequence")?,
        staged: generation("staged")?,
        current: generation("current")?,
        previous: generation("previous")?,
        account: account.map(|(number, _)| number),
        litter,
    };
    let expected: Vec<_> =
        seen.holdings().into_iter().flatten().map(|g| format!("{:08}", g.number)).collect();
    seen.litter.extend(strangers(store, "generations", &expected)?);
    let expected: Vec<_> = seen.account.iter().map(|number| format!("{number:08}")).collect();
    seen.litter.extend(strangers(store, "documents/accounts", &expected)?);
    check_stages(&seen)?;
    modes(store)?;
    Ok(Some(seen))
}

fn check_stages(seen: &Seen) -> Result<(), String> {
    for (generation, chains) in [(&seen.staged, false), (&seen.current, true), (&seen.previous, true)] {
        for name in ["main.pem", "main.anchor.pem", "assets.pem", "assets.anchor.pem"] {
            let has = generation.as_ref().map(|generation| generation.files.contains_key(name));
            must(has.is_none_or(|has| has == chains), "a generation in the wrong place")?;
        }
    }
    Ok(())
}

/// One line of JSON, one line with its digest, nothing else.
fn state(bytes: &[u8]) -> Result<Value, String> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("STATE: no line")? + 1;
    let (line, rest) = bytes.split_at(end);
    must(rest == format!("sha256:{}\n", hash(line)).as_bytes(), "STATE: digest")?;
    serde_json::from_slice(line).map_err(|error| format!("STATE: {error}"))
}

fn reference(value: &Value, field: &str) -> Result<Option<(u64, String)>, String> {
    let digest = value.get("manifest").or_else(|| value.get("sha256")).unwrap_or(&Value::Null);
    match (value, value["number"].as_u64(), digest.as_str()) {
        (Value::Null, _, _) => Ok(None),
        (_, Some(number), Some(sha256)) => Ok(Some((number, sha256.to_owned()))),
        _ => Err(format!("STATE: {field}")),
    }
}

fn generation(store: &Path, at: Option<(u64, String)>) -> Result<Option<Generation>, String> {
    let Some((number, sha256)) = at else { return Ok(None) };
    let folder = store.join(format!("generations/{number:08}"));
    let manifest = read(&folder.join("manifest.json"))?;
    must(hash(&manifest) == sha256, &format!("generation {number}: digest of its manifest"))?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|error| error.to_string())?;
    let mut files = BTreeMap::from([("manifest.json".to_owned(), sha256)]);
    for entry in manifest["files"].as_array().ok_or("manifest: files")? {
        let name = entry["name"].as_str().ok_or("manifest: name")?;
        let bytes = read(&folder.join(name))?;
        must(entry["length"].as_u64() == Some(bytes.len() as u64), &format!("{number}/{name}: length"))?;
        must(entry["sha256"].as_str() == Some(&hash(&bytes)), &format!("{number}/{name}: digest"))?;
        files.insert(name.to_owned(), hash(&bytes));
    }
    for role in ["main", "assets"] {
        for kind in ["csr", "pem"] {
            let Ok(bytes) = read(&folder.join(format!("{role}.{kind}"))) else { continue };
            let spki = spki(&bytes).ok_or_else(|| format!("{number}/{role}.{kind}: no SPKI"))?;
            let expected = manifest["roles"][role]["spki"].as_str();
            must(expected == Some(&hash(&spki)), &format!("{number}/{role}.{kind}: SPKI"))?;
        }
        must(
            files.contains_key(&format!("{role}.key")),
            &format!("{number}/{role}.key: not in the manifest"),
        )?;
    }
    let found = names(&folder)?;
    must(found.len() == files.len(), &format!("generation {number} holds {found:?}"))?;
    Ok(Some(Generation { number, files }))
}

fn strangers(store: &Path, folder: &str, expected: &[String]) -> Result<Vec<String>, String> {
    if !store.join(folder).exists() {
        return Ok(vec![]);
    }
    let names = names(&store.join(folder))?;
    Ok(names.into_iter().filter(|n| !expected.contains(n)).map(|n| format!("{folder}/{n}")).collect())
}

/// No file was ever readable by anybody else.
fn modes(path: &Path) -> Result<(), String> {
    let metadata = fs::symlink_metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    let mode = metadata.mode() & 0o7777;
    must(mode == expected, &format!("{} has mode {mode:o}", path.display()))?;
    if metadata.is_dir() {
        names(path)?.iter().try_for_each(|name| modes(&path.join(name)))?;
    }
    Ok(())
}

/// The subjectPublicKeyInfo of the first certificate or request of a PEM file.
fn spki(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text.lines().skip(1).take_while(|line| !line.starts_with("-----")).collect();
    let der = BASE64.decode(body.as_bytes()).ok()?;
    let (_, signed, _) = der::split(&der)?;
    let (_, mut rest, _) = der::split(signed)?;
    // A certificate begins with [0] version and has five fields before the key, a request two.
    let fields = if rest.first() == Some(&0xa0) { 6 } else { 2 };
    for _ in 0..fields {
        rest = der::split(rest)?.2;
    }
    let after = der::split(rest)?.2;
    Some(rest[..rest.len() - after.len()].to_vec())
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| Ok(entry.map_err(failed)?.file_name().to_string_lossy().into_owned())).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// sha256 in hexadecimal digits.
pub(crate) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}
