//! G4: text that moves the cursor, hides or reorders other text, or forges a line, in every field
//! of every string type, through the commands as they are: whatever they print is plain.

use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place, command, run};
use common::Role;
use pki::Csr;
use pki::pem::{self, Block};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::Ran;
use tests::der::{self, ATTRIBUTES, Certificate, Key, StringType};

/// How many fields of one chain or request hold the hostile text.
const FIELDS: usize = 2 * ATTRIBUTES.len() + NAMES;
/// Kinds of subject alternative name that do.
const NAMES: usize = 5;

/// Hostile texts: every control character, everything known to hide or reorder, and sequences.
fn payloads() -> Vec<String> {
    let controls = (0..0x20).chain(0x7f..0xa0);
    let invisible =
        [0xad, 0x61c, 0x180e, 0x2028, 0x2029, 0xfeff, 0xfff9, 0xfffa, 0xfffb, 0xe0001, 0xe0041, 0xfe0f];
    let ranges = (0x200b..0x2010).chain(0x202a..0x202f).chain(0x2060..0x2070);
    let single = controls.chain(invisible).chain(ranges).filter_map(char::from_u32).map(String::from);
    let sequences = [
        "\u{1b}[2J\u{1b}[H",
        "\u{1b}[31m",
        "\u{1b}[1A\u{1b}[2K",
        "\u{9b}2J",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
        "\u{1b}]52;c;ZXZpbA==\u{7}",
        "\u{9d}0;title\u{9c}",
        "\u{1b}P+q544e\u{1b}\\",
        "\u{1b}c",
        "\r\nverified: OK",
        "\nverified: OK\n",
        "\u{8}\u{8}\u{8}\u{8}",
        "\u{202e}gro.elpmaxe\u{202c}",
        "\u{feff}\u{200b}\u{2060}",
        "\\u{1b}[2J",
        "\"},{\"x\":\"",
        "%1b%5b2J",
    ];
    single.chain(sequences.map(String::from)).collect()
}

/// G4.
pub(crate) fn escapes(rig: &Rig) -> Tally {
    let payloads = payloads();
    let cases: Vec<_> = payloads
        .iter()
        .enumerate()
        .flat_map(|(number, payload)| StringType::ALL.map(|kind| (number, payload.as_str(), kind)))
        .collect();
    let shown = AtomicUsize::new(0);
    let place = |worker| (rig.kit.place(&format!("escapes-{worker}")), Hostile::new());
    let mut tally = rig.each("escapes", &cases, 60, place, |(place, hostile), (number, payload, kind)| {
        let install = StringType::ALL[number % StringType::ALL.len()] == *kind;
        let judged = judge(&rig.kit, place, hostile, payload, *kind, install);
        let counted = judged.map(|fields| {
            shown.fetch_add(fields, Ordering::Relaxed);
        });
        Verdict::judged(false, counted.map_err(|what| format!("{payload:?} as {kind:?}: {what}")))
    });
    // A strike is a field in which the text was shown, escaped.
    tally.strikes += shown.into_inner();
    tally.notes.push(format!("each case holds the text in {FIELDS} fields"));
    tally.add(arguments(rig, &payloads));
    tally
}

/// Two hostile CAs: what they sign holds the text in every field.
struct Hostile {
    ca: Key,
    requester: Key,
}

impl Hostile {
    fn new() -> Self {
        Self { ca: Key::new(), requester: Key::new() }
    }

    /// A chain for a role's request, and the anchor above it.
    fn chain(
        &self,
        store: &Path,
        role: Role,
        payload: &str,
        kind: StringType,
        names: bool,
    ) -> (String, String) {
        let request = fs::read(store.join(format!("generations/00000001/{}.csr", role.stem()))).unwrap();
        let Some(Block::Request(request)) = pem::blocks(&request).unwrap().pop() else {
            panic!("no request")
        };
        let request = Csr::from_der(&request).unwrap();
        let issuer = subject("i", payload, kind, None);
        let primary = match role {
            Role::Main => "kms.example.com",
            Role::Assets => "kms-ui.example.com",
        };
        let mut sans = vec![der::dns(primary)];
        if names {
            sans.extend(hostile_names(payload, kind));
        }
        let end_entity = Certificate {
            serial: vec![1, role.stem().len() as u8],
            issuer: issuer.clone(),
            subject: subject("s", payload, kind, Some(primary)),
            spki: request.spki().der().to_vec(),
            extensions: vec![
                der::basic_constraints(false),
                der::extension("2.5.29.15", true, &[3, 2, 7, 0x80]),
                der::extension("2.5.29.37", false, &der::sequence(&[der::oid("1.3.6.1.5.5.7.3.1")])),
                der::san(&sans),
            ],
        };
        let anchor = Certificate {
            serial: vec![1],
            issuer: issuer.clone(),
            subject: issuer,
            spki: self.ca.spki(),
            extensions: vec![der::basic_constraints(true), der::extension("2.5.29.15", true, &[3, 2, 1, 6])],
        };
        let pem = |der: Vec<u8>| pem::encode("CERTIFICATE", &der);
        (pem(end_entity.signed_by(&self.ca)), pem(anchor.signed_by(&self.ca)))
    }

    fn request(&self, payload: &str, kind: StringType) -> String {
        let mut names = vec![der::dns("kms.example.com")];
        names.extend(hostile_names(payload, kind));
        let password = der::sequence(&[
            der::oid("1.2.840.113549.1.9.7"),
            der::tlv(0x31, &kind.encode(&format!("a{payload}b"))),
        ]);
        let subject = subject("s", payload, kind, None);
        pem::encode(
            "CERTIFICATE REQUEST",
            &der::request(&self.requester, &subject, &[der::san(&names)], &[password]),
        )
    }
}

/// Every attribute, its value marked so that it can be told where it is shown.
fn subject(mark: &str, payload: &str, kind: StringType, common_name: Option<&str>) -> Vec<u8> {
    let value = |number: usize, keyword: &str| match common_name {
        Some(name) if keyword == "CN" => StringType::Utf8.encode(name),
        _ => kind.encode(&format!("{mark}{number:02}{payload}z")),
    };
    let attributes: Vec<_> = ATTRIBUTES
        .iter()
        .enumerate()
        .map(|(number, (keyword, oid))| (*oid, value(number, keyword)))
        .collect();
    der::name(&attributes)
}

/// dNSName, rfc822Name, URI, directoryName, otherName.
fn hostile_names(payload: &str, kind: StringType) -> Vec<Vec<u8>> {
    let text = |number: usize| format!("n{number:02}{payload}z");
    let utf8 = StringType::Utf8.encode(&text(4));
    let other = [der::oid("1.3.6.1.4.1.311.20.2.3"), der::tlv(0xa0, &utf8)].concat();
    vec![
        der::tlv(0x82, text(0).as_bytes()),
        der::tlv(0x81, text(1).as_bytes()),
        der::tlv(0x86, text(2).as_bytes()),
        der::tlv(0xa4, &der::name(&[("2.5.4.10", kind.encode(&text(3)))])),
        der::tlv(0xa0, &other),
    ]
}

/// Runs everything that could show the text; gives in how many fields it did.
fn judge(
    kit: &Kit,
    place: &Place,
    hostile: &Hostile,
    payload: &str,
    kind: StringType,
    install: bool,
) -> Result<usize, String> {
    fs::remove_file(place.log()).ok();
    kit.prepare(Deed::Install, place);
    let mut seen = BTreeSet::new();
    for names in [true, false] {
        let files = written(place, hostile, payload, kind, names);
        let line = |more: &[&str]| {
            let mut line = kit.line(Deed::Install, place);
            for (flag, file) in ["--main", "--assets", "--trust-anchors"].iter().zip(&files) {
                let at = line.iter().position(|word| word == flag).unwrap() + 1;
                line[at] = file.clone().into();
            }
            line.extend(more.iter().map(OsString::from));
            line
        };
        // With clean SANs a chain may be good, and opening the keys for it takes a while.
        if names || install {
            for more in [&[][..], &["--format", "json"]] {
                let ran = run(command(&[], &line(more)));
                check(&ran, more.len() == 2, &mut seen)?;
                kit.prepare(Deed::Install, place);
            }
        }
        if !names && install {
            drop(run(command(&[], &line(&[]))));
            let status = kit.status_line(place);
            check(&run(command(&[], &status)), true, &mut seen)?;
            let text: Vec<_> =
                status.into_iter().filter(|word| word != "--format" && word != "json").collect();
            check(&run(command(&[], &text)), false, &mut seen)?;
        }
    }
    for json in [false, true] {
        check(&run(command(&[], &sign_line(kit, place, hostile, payload, kind, json))), json, &mut seen)?;
    }
    let log = fs::read(place.log()).map_err(|error| error.to_string())?;
    for line in plain(&log, "log", &mut seen)?.lines() {
        let record: Value =
            serde_json::from_str(line).map_err(|error| format!("log line {line:?}: {error}"))?;
        plain_strings(&record)?;
    }
    Ok(seen.len())
}

fn written(place: &Place, hostile: &Hostile, payload: &str, kind: StringType, names: bool) -> [PathBuf; 3] {
    let [(main, anchor), (assets, _)] =
        Role::BOTH.map(|role| hostile.chain(&place.store(), role, payload, kind, names));
    let files = ["main.pem", "assets.pem", "anchor.pem"].map(|name| place.path().join(name));
    for (file, text) in files.iter().zip([main, assets, anchor]) {
        fs::write(file, text).unwrap();
    }
    files
}

fn sign_line(
    kit: &Kit,
    place: &Place,
    hostile: &Hostile,
    payload: &str,
    kind: StringType,
    json: bool,
) -> Vec<OsString> {
    let request = place.path().join("hostile.csr");
    fs::write(&request, hostile.request(payload, kind)).unwrap();
    let mut line = kit.sign_line(place);
    line.extend([request.clone().into(), request.into(), "--dry-run".into()]);
    if json {
        line.extend(["--format", "json"].map(OsString::from));
    }
    line
}

/// Names given by the operator, or by whoever talked them into it: flags, paths, labels of PEM.
fn arguments(rig: &Rig, payloads: &[String]) -> Tally {
    let cases: Vec<&String> = payloads.iter().filter(|payload| !payload.contains('\0')).collect();
    rig.each(
        "arguments",
        &cases,
        10,
        |worker| rig.kit.place(&format!("arguments-{worker}")),
        |place, payload| {
            let text = format!("x{payload}y");
            let labelled = place.path().join("labelled");
            fs::write(&labelled, format!("-----BEGIN {text}-----\nAAAA\n-----END {text}-----\n")).unwrap();
            let answers = place.path().join("answers");
            fs::write(&answers, format!("{:?} = 1\nmain = {:?}\n", text, text)).unwrap();
            let nowhere = place.path().join(text.replace('/', "_"));
            rig.kit.prepare(Deed::Install, place);
            let request = |flag: &str, value: OsString| {
                let mut line = rig.kit.line(Deed::RequestAgain, place);
                line.extend(["--dry-run".into(), flag.into(), value]);
                line
            };
            let install = |flag: &str, value: &Path| {
                let mut line = rig.kit.line(Deed::Install, place);
                let at = line.iter().position(|word| word == flag).unwrap() + 1;
                line[at] = value.into();
                line
            };
            let mut unknown = rig.kit.line(Deed::Install, place);
            unknown.push(format!("--{text}").into());
            let lines = [
                request("--main-san", text.clone().into()),
                request("--key-type", text.clone().into()),
                request("--cluster-name", text.clone().into()),
                request("--answers", answers.into()),
                request("--out", nowhere.clone().into()),
                install("--main", &labelled),
                install("--main", &nowhere),
                install("--passphrase-file", &nowhere),
                install("--store", &nowhere),
                install("--log-file", &nowhere.join("log")),
                unknown,
            ];
            let mut judged = Ok(());
            for (line, json) in lines.iter().flat_map(|line| [(line, false), (line, true)]) {
                let mut line = line.clone();
                if json {
                    line.extend(["--format", "json"].map(OsString::from));
                }
                let end = check(&run(command(&[], &line)), json, &mut BTreeSet::new());
                judged = judged.and(end.map_err(|what| format!("{:?}: {what}", line.get(1..))));
            }
            Verdict::from(judged.map_err(|what| format!("{payload:?}: {what}")))
        },
    )
}

/// Everything a run said is plain; a document is one, and its strings are plain too.
fn check(ran: &Ran, json: bool, seen: &mut BTreeSet<String>) -> Result<(), String> {
    if !matches!(ran.code, Some(0 | 2..=10)) {
        return Err(format!("no documented end: {ran}"));
    }
    plain(ran.stdout.as_bytes(), "standard output", seen)?;
    plain(ran.stderr.as_bytes(), "standard error", seen)?;
    if json {
        let document: Value =
            serde_json::from_str(&ran.stdout).map_err(|error| format!("not one document: {error}: {ran}"))?;
        plain_strings(&document)?;
    }
    Ok(())
}

fn plain<'a>(bytes: &'a [u8], place: &str, seen: &mut BTreeSet<String>) -> Result<&'a str, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{place} is not UTF-8"))?;
    if let Some(c) = text.chars().find(|c| *c != '\n' && is_hostile(*c)) {
        return Err(format!("{place} holds {c:?}: {text:?}"));
    }
    if text.lines().any(|line| line.starts_with("verified: OK")) {
        return Err(format!("{place} holds a line that is not ours: {text:?}"));
    }
    for number in 0..ATTRIBUTES.len() {
        seen.extend(["i", "s", "n"].map(|mark| format!("{mark}{number:02}")).into_iter().filter(|mark| {
            text.match_indices(mark.as_str()).any(|(at, _)| text[..at].ends_with(['=', ':', ' ', '"', '/']))
        }));
    }
    Ok(text)
}

/// Line feeds are part of the PEM a document carries, and of nothing else.
fn plain_strings(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => {
            let pem = text.starts_with("-----BEGIN CERTIFICATE");
            match text.chars().find(|c| is_hostile(*c) && !(pem && *c == '\n')) {
                Some(c) => Err(format!("a string of the document holds {c:?}: {text:?}")),
                None => Ok(()),
            }
        }
        Value::Array(values) => values.iter().try_for_each(plain_strings),
        Value::Object(fields) => fields.values().try_for_each(plain_strings),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Our own list, not the product's: controls, and what hides or reorders.
fn is_hostile(c: char) -> bool {
    matches!(u32::from(c),
        0..0x20 | 0x7f..0xa0 | 0xad | 0x61c | 0x180e | 0x200b..0x2010 | 0x2028..0x202f | 0x2060..0x2070
        | 0xfe00..0xfe10 | 0xfeff | 0xfff9..0xfffc | 0xe0000..0xe1000)
}
