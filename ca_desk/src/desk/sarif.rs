//! `--format sarif`: SARIF 2.1.0 ([OASIS](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)),
//! one run, one result per finding.

use super::entry::{Entry, Source, Trouble};
use super::form::{Form, Header};
use super::tally::Tally;
use cli::{Exit, advice};
use pki::rules::{Finding, Rule, Severity, catalogue};
use serde_json::{Value, json};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The log, written as the entries come.
pub(super) struct Log {
    header: Header,
    any: bool,
}

impl Log {
    pub(super) const fn new(header: Header) -> Self {
        Self { header, any: false }
    }
}

/// The id of what was passed over in an input, with what it means.
const REMARK: (&str, &str) = ("input.remark", "everything in the input is needed and as it should be");

impl Form for Log {
    fn head(&mut self) -> String {
        let rules = catalogue().map(descriptor).chain(Trouble::IDS.map(|(id, title)| {
            json!({ "id": id, "shortDescription": { "text": title }, "defaultConfiguration": { "level": "error" } })
        }));
        let remark = json!({
            "id": REMARK.0, "shortDescription": { "text": REMARK.1 }, "defaultConfiguration": { "level": "note" },
        });
        let rules = rules.chain([remark]);
        let driver = json!({
            "name": self.header.command,
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules.collect::<Value>(),
        });
        format!(
            "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{{\
             \"tool\":{{\"driver\":{driver}}},\"columnKind\":\"unicodeCodePoints\",\"results\":["
        )
    }

    fn entry(&mut self, entry: &Entry) -> String {
        let found = entry.findings.iter().map(|finding| result(entry, finding));
        let trouble = entry.trouble.iter().map(|trouble| {
            let (id, text) = (trouble.id(), trouble.text());
            json!({
                "ruleId": id, "level": "error", "message": { "text": text },
                "locations": [location(&entry.source)],
            })
        });
        let mut text = String::new();
        let remarks = entry.remarks.iter().map(|remark| {
            json!({
                "ruleId": REMARK.0, "level": "note", "message": { "text": remark },
                "locations": [location(&entry.source)],
            })
        });
        for one in found.chain(trouble).chain(remarks) {
            text.push_str(if std::mem::replace(&mut self.any, true) { ",\n" } else { "\n" });
            text.push_str(&one.to_string());
        }
        text
    }

    fn tail(&mut self, tally: &Tally, exit: Exit) -> String {
        let invocation = json!({
            "executionSuccessful": exit != Exit::Unexpected,
            "exitCode": exit.code(),
            "properties": { "documents": tally.total(), "notJudged": tally.not_judged() },
        });
        format!("\n],\"invocations\":[{invocation}]}}]}}\n")
    }
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": advice::fix(rule.id, rule.fix) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "citation": rule.citation },
    })
}

fn result(entry: &Entry, finding: &Finding) -> Value {
    let first = finding.evidence.placed();
    let lines = std::iter::once(&first).chain(&finding.evidence.detail);
    let text = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
    let whom = if entry.title.is_empty() { String::new() } else { format!("{}: ", entry.title) };
    json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{whom}{text} ({})", finding.citation) },
        "locations": [location(&entry.source)],
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn location(source: &Source) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&source.path) } });
    if let (Some(line), Value::Object(physical)) = (source.line, &mut physical) {
        physical.insert("region".to_owned(), json!({ "startLine": line }));
    }
    match source.position {
        Some(number) => json!({
            "physicalLocation": physical,
            "logicalLocations": [{ "name": format!("document {number}"), "kind": "object" }],
        }),
        None => json!({ "physicalLocation": physical }),
    }
}

/// A relative reference or a `file:` URI ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2)).
fn uri(path: &Path) -> String {
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    for octet in path.as_os_str().as_bytes() {
        match octet {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*octet)),
            octet if octet.is_ascii_alphanumeric() => uri.push(char::from(*octet)),
            octet => uri.push_str(&format!("%{octet:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        for (path, expected) in [
            ("a/b.csr", "a/b.csr"),
            ("/tmp/a b", "file:///tmp/a%20b"),
            ("ä:#%\n", "%C3%A4%3A%23%25%0A"),
            ("-", "-"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
    }
}
