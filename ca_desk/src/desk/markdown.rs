//! `--format markdown`: for a ticket.

use super::catalogue::word;
use super::entry::Entry;
use super::form::{Form, Header};
use super::tally::Tally;
use super::text::{sentence, shown};
use cli::{Exit, advice};
use std::fmt::Write;

/// The page.
pub(super) struct Page {
    header: Header,
    show: bool,
}

impl Page {
    pub(super) const fn new(header: Header, show: bool) -> Self {
        Self { header, show }
    }
}

impl Form for Page {
    fn head(&mut self) -> String {
        format!("# {}, profile {}\n", escaped(self.header.command), self.header.profile)
    }

    fn entry(&mut self, entry: &Entry) -> String {
        let mut text = format!("\n## {}: {}\n", escaped(&entry.place()), entry.verdict().word());
        // Writing to a String does not fail.
        let _ = self.write(entry, &mut text);
        text
    }

    fn tail(&mut self, tally: &Tally, _: Exit) -> String {
        let mut text = format!("\n## Summary\n\n{}\n", sentence(tally, self.header.document));
        let rules = tally.rules();
        if !rules.is_empty() {
            text.push_str("\n| rule | severity | documents | findings |\n|---|---|---:|---:|\n");
        }
        for (rule, count) in rules {
            let severity = word(Some(count.severity));
            let _ = writeln!(text, "| `{rule}` | {severity} | {} | {} |", count.documents, count.findings);
        }
        text
    }
}

impl Page {
    fn write(&self, entry: &Entry, text: &mut String) -> std::fmt::Result {
        if !entry.title.is_empty() {
            writeln!(text, "\n{}", escaped(&entry.title))?;
        }
        if let Some(trouble) = &entry.trouble {
            writeln!(text, "\n{}", escaped(trouble.text()))?;
        }
        for remark in &entry.remarks {
            writeln!(text, "\nNote: {}", escaped(remark))?;
        }
        if let Some(view) = entry.view.as_ref().filter(|_| self.show) {
            writeln!(text)?;
            for (name, value) in shown(view) {
                writeln!(text, "* {name}: {}", escaped(&value))?;
            }
        }
        if !entry.findings.is_empty() {
            writeln!(text, "\n| severity | rule | finding | source | fix |\n|---|---|---|---|---|")?;
        }
        for finding in &entry.findings {
            let severity = word(Some(finding.severity));
            let first = finding.evidence.placed();
            let lines = std::iter::once(&first).chain(&finding.evidence.detail);
            let evidence: Vec<_> = lines.map(|line| escaped(line)).collect();
            writeln!(
                text,
                "| {severity} | `{}` | {} | {} | {} |",
                finding.rule,
                evidence.join("<br>"),
                escaped(finding.citation),
                escaped(advice::fix(finding.rule, finding.fix))
            )?;
        }
        Ok(())
    }
}

/// Text that means nothing in Markdown, and cannot begin HTML, a link or a cell.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // An address or a mention would become a link.
            '@' => out.push_str("&#64;"),
            c if c.is_ascii_punctuation() && !"-,.:;/()'=%".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("://", ":&#47;/")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_a_document_is_markdown() {
        for (text, expected) in [
            ("kms.example.com", "kms.example.com"),
            ("a|b", "a\\|b"),
            ("<img src=x>", "&lt;img src=x\\>"),
            ("[x](y)", "\\[x\\](y)"),
            ("`*_~#!", "\\`\\*\\_\\~\\#\\!"),
            ("https://x", "https:&#47;/x"),
            ("@all &lt;", "&#64;all &amp;lt;"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
