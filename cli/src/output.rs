//! stdout and stderr: the result goes to stdout, everything else to stderr; closed or full is an error, not a panic.

use crate::plain::{self, line as one_line};
use crate::{Exit, Failure, advice, terminal};
use pki::pem::Remark;
use pki::rules::{Finding, Severity};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::process::ExitCode;
use textwrap::core::display_width;

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Most findings shown to a person at once.
const MOST_FINDINGS: usize = 60;
/// Most lines of detail shown of one finding.
const MOST_LINES: usize = 20;

/// Writes the result.
/// # Errors
/// [`Failure`] with [`Exit::Unexpected`] when stdout is closed or full. It says nothing about the
/// work: the caller adds what is true now, and how to see the result again.
pub fn result(text: &str) -> Result<(), Failure> {
    write_all(&plain::text(text)).map_err(|error| unwritten(&error))
}

/// The failure of a result that could not be written.
pub fn unwritten(error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, "cannot write the result to standard output").because(error)
}

/// Writes lines of progress or explanation to stderr, folded where it is a terminal; failures to
/// write are ignored.
pub fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let text = plain::text(text);
    match terminal::columns() {
        Some(width) => writeln!(stderr, "{}", folded(&text, width)),
        None => writeln!(stderr, "{text}"),
    }
    .ok();
}

/// Long lines broken between words; what continues stands under the text it belongs to.
fn folded(text: &str, width: usize) -> String {
    text.split('\n').map(|line| fold(line, width)).collect::<Vec<_>>().join("\n")
}

fn fold(line: &str, width: usize) -> String {
    let indent = hanging_indent(line);
    match line.split_at_checked(indent) {
        Some((label, text)) if display_width(line) > width && indent * 2 <= width => {
            folded_behind(label, text, width)
        }
        Some(_) | None => line.to_owned(),
    }
}

/// Text behind a label, broken between words; what continues stands under the text.
pub fn folded_behind(label: &str, text: &str, width: usize) -> String {
    let under = " ".repeat(display_width(label));
    let options = textwrap::Options::new(width)
        .initial_indent(label)
        .subsequent_indent(&under)
        // A word that fits nowhere (a digest) stays whole, to be copied.
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// The column of the text behind an indented label (`  spki.mismatch     Main: …`), else the
/// indentation.
fn hanging_indent(line: &str) -> usize {
    if let Some(prefix) = ["hint: ", "caused by: "].iter().find(|prefix| line.starts_with(**prefix)) {
        return prefix.len();
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let label = line.get(indent..).unwrap_or_default();
    let gap = label.find("  ").filter(|&gap| indent > 0 && label.get(..gap).is_some_and(str::is_ascii));
    gap.map_or(indent, |gap| {
        let behind = label.get(gap..).unwrap_or_default();
        indent + gap + behind.len() - behind.trim_start_matches(' ').len()
    })
}

/// Writes a `command: warning: …` line to stderr.
pub fn warn(command: &str, text: &str) {
    say(&format!("{command}: warning: {}", one_line(text)));
}

/// Writes a `command: note: …` line to stderr.
pub fn note(command: &str, text: &str) {
    say(&format!("{command}: note: {}", one_line(text)));
}

/// Says as notes what of an input was passed over, or read although it is not as it should be.
pub fn remarks(command: &str, place: &str, remarks: &[Remark]) {
    for remark in remarks.iter().take(MOST_LINES) {
        note(command, &format!("{place}: {remark}"));
    }
    if remarks.len() > MOST_LINES {
        note(command, &format!("{place}: and {} more like these", remarks.len() - MOST_LINES));
    }
}

/// The JSON document of a command that ended with `exit`: `schema`, `exit`, `outcome`, and `fields`.
pub fn document(command: &str, exit: Exit, fields: Value) -> String {
    let mut document = Map::new();
    document.insert("schema".into(), format!("{command}/1").into());
    document.insert("exit".into(), exit.code().into());
    document.insert("outcome".into(), exit.word().into());
    if let Value::Object(fields) = fields {
        document.extend(fields);
    }
    format!("{:#}\n", plain::document(Value::Object(document)))
}

/// Turns the end of a command into its exit code: prints the failure to stderr, and with
/// `Format::Json` one JSON document (schema `{command}/1`) to stdout, failures included.
/// (A command that succeeds has printed its own [`document`].)
pub fn finish(command: &str, format: Format, end: Result<Exit, Failure>) -> ExitCode {
    let exit = match end {
        Ok(exit) => exit,
        Err(failure) => {
            say(failure.render(command).trim_end());
            if format == Format::Json {
                // Nothing is left to say it to when this fails too: stderr has it.
                write_all(&document(command, failure.exit, failure.to_json())).ok();
            }
            failure.exit
        }
    };
    ExitCode::from(exit.code())
}

/// Findings as JSON, the one schema of all commands: rule, severity, role, certificate, evidence, detail, citation, fix.
pub fn findings_json(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "role": finding.role,
            "certificate": finding.evidence.certificate,
            "evidence": finding.evidence.text,
            "detail": finding.evidence.detail,
            "citation": finding.citation,
            "fix": advice::fix(finding.rule, finding.fix),
        })
    };
    findings.iter().map(one).collect()
}

/// Findings as the indented lines of a refusal or warning, errors first; what is no error says
/// what to do about it (errors do so in the hints of a [`Failure`]).
pub fn findings_text(findings: &[Finding]) -> String {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let shown = sorted.get(..MOST_FINDINGS).unwrap_or(&sorted);
    // As wide as most rules are long, so that two refusals look alike.
    let width = shown.iter().map(|finding| finding.rule.len()).fold(16, usize::max);
    let mut text: String = shown.iter().map(|finding| finding_text(finding, width)).collect();
    if sorted.len() > MOST_FINDINGS {
        let more = sorted.len() - MOST_FINDINGS;
        text.push_str(&format!("  … and {more} more findings (--format json gives all)\n"));
    }
    text
}

fn finding_text(finding: &Finding, width: usize) -> String {
    let severity = match finding.severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
        Severity::Info => "info: ",
    };
    let role = finding.role.map(|role| format!("{role}: ")).unwrap_or_default();
    let indent = width + 4;
    let mut text = format!(
        "  {:<width$}  {severity}{role}{} ({})\n",
        finding.rule,
        one_line(&finding.evidence.placed()),
        finding.citation
    );
    let fix = advice::fix(finding.rule, finding.fix);
    let fix = (finding.severity != Severity::Error && !fix.is_empty()).then_some(fix);
    let detail = &finding.evidence.detail;
    let more = detail.len().saturating_sub(MOST_LINES);
    let more = (more > 0).then(|| format!("… and {more} more (--format json gives all)"));
    let lines = detail.iter().take(MOST_LINES).map(String::as_str).chain(more.as_deref()).chain(fix);
    for line in lines {
        text.push_str(&format!("{:indent$}{}\n", "", one_line(line)));
    }
    text
}

fn write_all(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_names_its_schema_and_its_outcome() {
        let text = document("get_csrs", Exit::Store, json!({"error": "x"}));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, json!({"schema": "get_csrs/1", "exit": 4, "outcome": "store", "error": "x"}));
    }

    #[test]
    fn a_long_line_is_folded_between_words_under_its_text() {
        for (line, expected) in [
            ("short", "short"),
            ("one two three four five", "one two three four\nfive"),
            ("  a.rule  one two three", "  a.rule  one two\n          three"),
            ("    one two three four", "    one two three\n    four"),
            ("hint: one two three", "hint: one two three"),
            ("hint: one two three four", "hint: one two three\n      four"),
            ("to: 0123456789012345678901234567890", "to:\n0123456789012345678901234567890"),
            ("one two  three four five", "one two  three four\nfive"),
            ("", ""),
        ] {
            assert_eq!(folded(line, 20), expected);
        }
        assert_eq!(folded("a b c\nd", 3), "a b\nc\nd");
    }

    #[test]
    fn errors_come_before_warnings() {
        let finding = |rule, severity| Finding {
            rule,
            severity,
            role: None,
            evidence: pki::rules::Evidence { certificate: Some(2), text: "t".into(), detail: vec![] },
            citation: "RFC 1",
            fix: "mend it",
            turns_clients_away: false,
        };
        let text = findings_text(&[
            finding("a.info", Severity::Info),
            finding("b.error", Severity::Error),
            finding("c.warning", Severity::Warning),
        ]);
        let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with("   ")).collect();
        assert_eq!(
            rules,
            [
                "  b.error           certificate 2: t (RFC 1)",
                "  c.warning         warning: certificate 2: t (RFC 1)",
                "  a.info            info: certificate 2: t (RFC 1)",
            ]
        );
        assert_eq!(text.matches("mend it").count(), 2);
    }
}
