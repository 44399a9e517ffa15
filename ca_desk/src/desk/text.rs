//! `--format text`: for people, as wide as their terminal, in colour only there.

use super::catalogue::word;
use super::entry::{Entry, Field, Verdict, View};
use super::form::{Form, Header};
use super::tally::Tally;
use cli::Exit;
use pki::rules::{Finding, Severity, catalogue};
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::LazyLock;
use textwrap::core::display_width;

/// The table.
pub(super) struct Table {
    header: Header,
    show: bool,
    paper: Paper,
}

impl Table {
    pub(super) fn new(header: Header, show: bool) -> Self {
        Self { header, show, paper: Paper::of_stdout() }
    }
}

impl Form for Table {
    fn head(&mut self) -> String {
        String::new()
    }

    fn entry(&mut self, entry: &Entry) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = self.write(entry, &mut text);
        text
    }

    fn tail(&mut self, tally: &Tally, _: Exit) -> String {
        let mut text = String::from("\n");
        let rules = tally.rules();
        let width = longest_id();
        // Writing to a String does not fail.
        if !rules.is_empty() {
            let _ = writeln!(text, "{:<width$}  severity  documents  findings", "rule");
        }
        for (rule, count) in &rules {
            let severity = self.paper.severity(count.severity, 8);
            let _ =
                writeln!(text, "{rule:<width$}  {severity}  {:>9}  {:>8}", count.documents, count.findings);
        }
        if !rules.is_empty() {
            let _ =
                writeln!(text, "{} --explain RULE: what it means and how to mend it", self.header.command);
        }
        text.push_str(&sentence(tally, self.header.document));
        text.push_str(&format!(", profile {}\n", self.header.profile));
        text
    }
}

impl Table {
    fn write(&self, entry: &Entry, text: &mut String) -> std::fmt::Result {
        let verdict = self.paper.verdict(entry.verdict());
        let whom = if entry.title.is_empty() { String::new() } else { format!("  {}", entry.title) };
        writeln!(text, "{verdict}  {}{whom}", entry.place())?;
        if let Some(trouble) = &entry.trouble {
            self.paper.wrapped(text, "  ", trouble.text())?;
        }
        for remark in &entry.remarks {
            self.paper.wrapped(text, "  note: ", remark)?;
        }
        if let Some(view) = entry.view.as_ref().filter(|_| self.show) {
            for (name, value) in shown(view) {
                self.paper.wrapped(text, &format!("  {name:<20} "), &value)?;
            }
        }
        for finding in &entry.findings {
            self.finding(finding, text)?;
        }
        Ok(())
    }

    fn finding(&self, finding: &Finding, text: &mut String) -> std::fmt::Result {
        let severity = self.paper.severity(finding.severity, 7);
        let line = format!("{} ({})", finding.evidence.placed(), finding.citation);
        let label = format!("  {severity} {:<width$} ", finding.rule, width = longest_id());
        self.paper.wrapped(text, &label, &line)?;
        for line in &finding.evidence.detail {
            self.paper.wrapped(text, &" ".repeat(display_width(&label)), line)?;
        }
        Ok(())
    }
}

/// `3 requests: 1 clean, 1 with warnings, 1 with errors, 0 not judged`.
pub(super) fn sentence(tally: &Tally, document: &str) -> String {
    let plural = if tally.total() == 1 { "" } else { "s" };
    let pairs = match tally.pairs() {
        (0, _, _) => String::new(),
        (1, _, 0) => "; 1 pair without error".to_owned(),
        (pairs, _, refused) => format!("; {pairs} pairs, {refused} of them with errors"),
    };
    format!(
        "{} {document}{plural}: {} clean, {} with warnings, {} with errors, {} not judged{pairs}",
        tally.total(),
        tally.clean(),
        tally.warned(),
        tally.refused(),
        tally.not_judged()
    )
}

/// The fields of a view, one line for each item of a list.
pub(super) fn shown(view: &View) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for (name, field) in &view.0 {
        match field {
            Field::One(text) => lines.push((*name, text.clone())),
            Field::Many(texts) => lines.extend(texts.iter().map(|text| (*name, text.clone()))),
        }
    }
    lines
}

/// Columns for the id of a rule.
fn longest_id() -> usize {
    static LONGEST: LazyLock<usize> =
        LazyLock::new(|| catalogue().map(|rule| rule.id.len()).max().unwrap_or_default());
    *LONGEST
}

/// What is printed on.
struct Paper {
    /// Columns; `None` where nobody looks at lines.
    width: Option<usize>,
    colour: bool,
}

impl Paper {
    fn of_stdout() -> Self {
        if !std::io::stdout().is_terminal() {
            return Self { width: None, colour: false };
        }
        // https://no-color.org
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self { width: cli::terminal::columns_of_stdout(), colour: !plain }
    }

    fn painted(&self, code: &str, text: String) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
    }

    fn verdict(&self, verdict: Verdict) -> String {
        let code = match verdict {
            Verdict::Clean => "32",
            Verdict::Warning => "33",
            Verdict::Error | Verdict::NotJudged => "1;31",
        };
        self.painted(code, format!("{:<10}", verdict.word()))
    }

    fn severity(&self, severity: Severity, width: usize) -> String {
        let code = match severity {
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Info => "36",
        };
        self.painted(code, format!("{:<width$}", word(Some(severity))))
    }

    /// Text behind a label, its further lines indented as far, or a little where it is narrow.
    fn wrapped(&self, out: &mut String, label: &str, text: &str) -> std::fmt::Result {
        /// Columns below which text is not worth wrapping.
        const LEAST: usize = 24;
        let room = |width: &usize| width.saturating_sub(display_width(label));
        match self.width.filter(|width| room(width) >= LEAST) {
            Some(width) => writeln!(out, "{}", cli::output::folded_behind(label, text, width)),
            None => writeln!(out, "{label}{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_words_behind_their_label() {
        let mut out = String::new();
        let paper = Paper { width: Some(34), colour: true };
        let label = paper.severity(Severity::Error, 6) + " ";
        paper.wrapped(&mut out, &label, "one two three four five six seven").unwrap();
        assert_eq!(out, "\x1b[31merror \x1b[0m one two three four five six\n       seven\n");
        for width in [None, Some(10)] {
            let mut out = String::new();
            Paper { width, colour: false }
                .wrapped(&mut out, "label ", "one two three four five six")
                .unwrap();
            assert_eq!(out, "label one two three four five six\n");
        }
    }
}
