//! `-----BEGIN label-----` and `-----END label-----`: where they stand, and what lies between two.
//!
//! A mark only says that a block may be here: sentences name marks too, and mail programs damage them.

use super::decoration::{self, Decoration};
use super::text::Text;
use std::ops::Range;

/// Dashes on either side of a mark.
const DASHES: usize = 5;
/// Longer labels are sentences: the longest in use has 24 characters.
const MAX_LABEL: usize = 64;
/// Longer beginnings and ends of a line are no decoration.
const MAX_DECORATION: usize = 160;

/// One BEGIN or END.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    pub(super) begins: bool,
    pub(super) label: &'a str,
    /// Of the input, 1-based.
    pub(super) line: usize,
    /// Of the first dash, and behind the last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands before it in its line, and behind it.
    pub(super) about: Decoration<'a>,
    /// Whether it is as RFC 7468 has it.
    pub(super) sound: bool,
    /// Whether it is all there is in its line, decoration and names of fields apart: no sentence.
    pub(super) alone: bool,
}

/// A part of a text.
pub(super) enum Region<'a> {
    /// Between a BEGIN and its END.
    Closed { begin: Mark<'a>, end: Mark<'a> },
    /// Outside of blocks, from here to there; behind a BEGIN without an END, or before an END without a BEGIN.
    Open { range: Range<usize>, begin: Option<Mark<'a>>, end: Option<Mark<'a>> },
}

/// Divides a text at its marks. What PGP puts around a signed mail is passed over.
pub(super) fn regions(text: &Text) -> Vec<Region<'_>> {
    let mut regions = Vec::new();
    let mut before: Option<Mark<'_>> = None;
    let mut from = 0;
    for mark in marks(text) {
        let range = from..mark.start;
        let begin = before.take().filter(|begin| begin.begins);
        regions.push(match begin {
            Some(begin) if !mark.begins => Region::Closed { begin, end: mark },
            begin => Region::Open { range, begin, end: Some(mark).filter(|mark| !mark.begins) },
        });
        (before, from) = (Some(mark), mark.end);
    }
    let begin = before.filter(|begin| begin.begins);
    regions.push(Region::Open { range: from..text.as_str().len(), begin, end: None });
    regions
}

fn marks(text: &Text) -> Vec<Mark<'_>> {
    let source = text.as_str();
    let mut marks: Vec<Mark<'_>> = Vec::new();
    let mut lines = Lines { source, start: 0, end: 0 };
    for (at, _) in source.match_indices(['B', 'E']) {
        let rest = source.get(at..).unwrap_or_default();
        let begins = rest.starts_with("BEGIN");
        if !begins && !rest.starts_with("END") {
            continue;
        }
        let after = at + if begins { "BEGIN".len() } else { "END".len() };
        let line = lines.around(at);
        let from = marks.last().map_or(line.start, |last| last.end.max(line.start));
        let Some(mark) = mark(source, from..line.end, at, after) else { continue };
        if !mark.label.starts_with("PGP ") {
            marks.push(Mark { begins, line: text.line_at(mark.start), ..mark });
        }
    }
    marks
}

/// The line around an offset, for ascending offsets.
struct Lines<'a> {
    source: &'a str,
    start: usize,
    end: usize,
}

impl Lines<'_> {
    fn around(&mut self, at: usize) -> Range<usize> {
        while at >= self.end {
            self.start = self.end;
            let rest = self.source.get(self.start..).unwrap_or_default();
            self.end += rest.find('\n').map_or(rest.len() + 1, |length| length + 1);
        }
        self.start..(self.end - 1).min(self.source.len())
    }
}

/// The mark whose word stands at `at` and ends at `after`, if there are dashes on a side of it and a label.
fn mark(source: &str, line: Range<usize>, at: usize, after: usize) -> Option<Mark<'_>> {
    let before = source.get(line.start..at)?;
    let bare = before.trim_end_matches(' ');
    let dashes = bare.chars().rev().take(DASHES).take_while(|c| is_dash(*c)).collect::<Vec<_>>();
    let start = line.start + bare.len() - dashes.iter().map(|c| c.len_utf8()).sum::<usize>();
    let joined = dashes.is_empty() && before.ends_with(char::is_alphanumeric);
    let behind = source.get(after..line.end)?;
    let label_length = label_length(behind)?;
    let (raw, rest) = behind.split_at_checked(label_length)?;
    let closing: Vec<char> = rest.chars().take(DASHES).take_while(|c| is_dash(*c)).collect();
    let end = after + raw.len() + closing.iter().map(|c| c.len_utf8()).sum::<usize>();
    let label = raw.trim();
    // Without closing dashes, a label goes to the end of its line.
    let ends = !closing.is_empty() || rest.trim().is_empty();
    if joined || label.is_empty() || !ends || dashes.is_empty() && closing.is_empty() {
        return None;
    }
    let five = |dashes: &[char]| dashes == ['-'; DASHES];
    let sound = five(&dashes) && five(&closing) && before.len() == bare.len() && raw == format!(" {label}");
    let (before, behind) = (source.get(line.start..start)?, source.get(end..line.end)?);
    let alone = [before, behind].iter().all(|text| text.len() <= MAX_DECORATION)
        && decoration::words(before) < 3
        && decoration::words(behind) == 0;
    let short = |text| if str::len(text) <= MAX_DECORATION { text } else { "" };
    let about = Decoration { before: short(before), behind: short(behind) };
    Some(Mark { begins: false, label, line: 0, start, end, about, sound, alone })
}

/// How far a label reaches: capital letters, digits and what stands in labels, not further than labels reach.
/// An input may be one line with a hundred thousand marks in it.
fn label_length(behind: &str) -> Option<usize> {
    let fits =
        |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '#' | '.' | '/' | '_');
    let length = behind.chars().take(MAX_LABEL + 1).take_while(fits).count();
    (length <= MAX_LABEL).then_some(length)
}

/// A hyphen, or what word processors make of one or several.
pub(super) const fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' | '\u{fe58}' | '\u{fe63}'
    )
}
