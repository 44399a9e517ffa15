//! `-----BEGIN label-----` and `-----END label-----`: finding blocks, decoding what is between.

use super::PemError;
use super::text::{Text, is_dash};
use common::Untrusted;

/// A block between its armour lines.
pub(super) struct Armoured<'a> {
    pub(super) label: &'a str,
    /// Line of the BEGIN.
    pub(super) line: usize,
    pub(super) body: &'a str,
    /// Line the body begins on: that of the BEGIN.
    pub(super) body_line: usize,
}

const DASHES: &str = "-----";
/// Longer labels are damage: the longest in use has 24 characters.
const MAX_LABEL: usize = 64;

/// Finds every block. Armour is searched for anywhere in a line, since some programs drop the line
/// breaks around it. What PGP puts around a signed mail is passed over.
pub(super) fn find(text: &Text) -> Result<Vec<Armoured<'_>>, PemError> {
    refuse_damaged_dashes(text)?;
    let mut blocks = Vec::new();
    let mut open: Option<Mark<'_>> = None;
    for mark in marks(text.as_str())?.into_iter().filter(|mark| !mark.label.starts_with("PGP ")) {
        open = match (open, mark.begins) {
            (None, true) => Some(mark),
            (Some(begin), true) => return Err(unfinished(text, &begin, mark.start)),
            (None, false) => {
                return Err(PemError::Headless { label: Untrusted::new(mark.label), line: mark.line });
            }
            (Some(begin), false) => {
                blocks.push(close(text.as_str(), &begin, &mark)?);
                None
            }
        };
    }
    match open {
        Some(begin) => Err(unfinished(text, &begin, text.as_str().len())),
        None => Ok(blocks),
    }
}

/// The bytes of a base64 body which begins on this line; headers
/// ([RFC 1421 §4.4](https://www.rfc-editor.org/rfc/rfc1421#section-4.4)) are dropped.
pub(super) fn decode(body: &str, line: usize) -> Result<Vec<u8>, PemError> {
    // Text that went through JSON or an environment file has its line breaks written out.
    let body = body.replace("\\r", "").replace("\\n", " ");
    let mut base64 = String::with_capacity(body.len());
    for (index, part) in body.lines().enumerate().skip(header_lines(&body)) {
        let part: String = part.chars().filter(|c| *c != ' ' && *c != '\t').collect();
        // PGP writes "- " before a line that begins with a dash; a blank line would end headers.
        if part.is_empty() || part == "-" {
            continue;
        }
        if !part.bytes().all(is_base64) {
            return Err(PemError::Base64 { line: line + index });
        }
        base64.push_str(&part);
        base64.push('\n');
    }
    // The library is strict about padding and unused bits; the label is of no consequence here.
    match pem::parse(format!("-----BEGIN DER-----\n{base64}-----END DER-----\n")) {
        Ok(pem) => Ok(pem.into_contents()),
        Err(_) => {
            let first = body.lines().position(|part| !part.trim().is_empty()).unwrap_or(0);
            Err(PemError::Base64 { line: line + first })
        }
    }
}

/// Whether an octet may stand in base64.
pub(super) const fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=')
}

/// How many lines at the start of a body are `Name: value` headers and the blank line behind them.
fn header_lines(body: &str) -> usize {
    let blank = |line: &&str| line.trim().is_empty();
    let start = body.lines().take_while(blank).count();
    let headers = body.lines().skip(start).take_while(|line| line.contains(':')).count();
    if headers == 0 { 0 } else { start + headers }
}

/// One BEGIN or END.
struct Mark<'a> {
    begins: bool,
    label: &'a str,
    line: usize,
    /// Of the first dash, and behind the last.
    start: usize,
    end: usize,
}

fn marks(text: &str) -> Result<Vec<Mark<'_>>, PemError> {
    let mut found = Vec::new();
    let (mut offset, mut line) = (0, 1);
    while let Some((start, begins, after)) = next_mark(text, offset) {
        line += text.get(offset..start).map_or(0, |skipped| skipped.matches('\n').count());
        let label = label(text.get(after..).unwrap_or_default()).ok_or(PemError::DamagedArmour { line })?;
        offset = after + label.len() + DASHES.len();
        found.push(Mark { begins, label: label.trim(), line, start, end: offset });
    }
    Ok(found)
}

/// Where the next BEGIN or END starts, which it is, and where its label starts.
fn next_mark(text: &str, mut offset: usize) -> Option<(usize, bool, usize)> {
    loop {
        let start = offset + text.get(offset..)?.find(DASHES)?;
        let after = text.get(start + DASHES.len()..)?;
        for (word, begins) in [("BEGIN ", true), ("END ", false)] {
            if after.starts_with(word) {
                return Some((start, begins, start + DASHES.len() + word.len()));
            }
        }
        offset = start + 1;
    }
}

/// What stands before the closing dashes on the same line. Looks no further than a label reaches:
/// an input may be one line with a hundred thousand marks in it.
fn label(rest: &str) -> Option<&str> {
    let reach = rest.char_indices().nth(MAX_LABEL + DASHES.len()).map_or(rest.len(), |(index, _)| index);
    let line = rest.get(..reach)?.lines().next()?;
    line.split_once(DASHES).map(|(label, _)| label)
}

fn close<'a>(text: &'a str, begin: &Mark<'a>, end: &Mark<'a>) -> Result<Armoured<'a>, PemError> {
    if begin.label != end.label {
        return Err(PemError::LabelMismatch {
            begin: Untrusted::new(begin.label),
            end: Untrusted::new(end.label),
            line: end.line,
        });
    }
    let body = text.get(begin.end..end.start).unwrap_or_default();
    Ok(Armoured { label: begin.label, line: begin.line, body, body_line: begin.line })
}

fn unfinished(text: &Text, begin: &Mark<'_>, end: usize) -> PemError {
    let body = text.as_str().get(begin.end..end).unwrap_or_default();
    let plain = PemError::Unfinished { label: Untrusted::new(begin.label), line: begin.line };
    text.cut_by_terminal(begin.line, body).unwrap_or(plain)
}

/// A line that was an armour line before a word processor improved its dashes, or one was lost.
fn refuse_damaged_dashes(text: &Text) -> Result<(), PemError> {
    let is_label =
        |text: &str| text == "PKCS7" || ["CERTIFICATE", "REQUEST"].iter().any(|end| text.ends_with(end));
    let damaged = |line: &str| {
        let bare = line.trim_matches(|c| is_dash(c) || c == ' ');
        let label = bare.strip_prefix("BEGIN ").or_else(|| bare.strip_prefix("END "));
        let intact = line.contains("-----BEGIN ") || line.contains("-----END ");
        label.is_some_and(is_label) && bare.len() < line.len() && !intact
    };
    match text.lines().find(|(_, line)| damaged(line)) {
        Some((line, _)) => Err(PemError::DamagedArmour { line }),
        None => Ok(()),
    }
}
