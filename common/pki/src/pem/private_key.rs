//! Private keys by what is written about them, however damaged the rest is.

use super::armour::is_dash;
use super::body::is_base64;
use super::decoration::words;
use super::text::Text;

/// How far behind BEGIN or END its label is looked for, line ends and quoting included: the longest is
/// `SSH2 ENCRYPTED PRIVATE KEY`.
const REACH: usize = 48;
/// How far the lines above and below go that are looked at.
const NEAR: usize = 240;
/// Characters of base64 in a row that are certainly no word.
const BODY: usize = 16;

/// A private key somewhere in a text: its line, and whether it is under a passphrase.
///
/// `BEGIN … PRIVATE KEY` or `END …` with dashes about it is judged by its capital letters alone; a sentence that
/// only names the two lines, with no base64 near it, is none. PuTTY's format and OpenSSL's `-text` have no such lines.
pub(super) fn find(text: &Text) -> Option<(usize, bool)> {
    let source = text.as_str();
    let mark = ["BEGIN", "END"].iter().filter_map(|word| {
        source
            .match_indices(word)
            .map(|(at, _)| (at, at + word.len()))
            .find(|(at, end)| names(source, *at, *end))
    });
    let named = mark.map(|(at, _)| at).min();
    let written = ["PuTTY-User-Key-File-", "Private-Key: (", "privateExponent:"];
    let other = written.iter().filter_map(|word| source.find(word)).min();
    let at = named.into_iter().chain(other).min()?;
    let behind: String = source.get(at..)?.chars().take(REACH * 4).collect();
    let headers = behind.lines().take(4).any(|line| line.contains("Proc-Type: 4,ENCRYPTED"));
    Some((text.line_at(at), headers || label(&behind).contains("ENCRYPTED")))
}

/// The capital letters of a label, up to the dashes behind it.
fn label(behind: &str) -> String {
    let mut last = ' ';
    let goes_on = |c: &char| !(is_dash(*c) && is_dash(std::mem::replace(&mut last, *c)));
    behind.chars().take(REACH).take_while(goes_on).filter(char::is_ascii_uppercase).collect()
}

/// Whether a private key is named by the word from `at` to `end`.
fn names(source: &str, at: usize, end: usize) -> bool {
    let (before, behind) = (source.get(..at).unwrap_or_default(), source.get(end..).unwrap_or_default());
    let starts = !before.ends_with(char::is_alphanumeric);
    let near = || before.chars().rev().take(8).chain(behind.chars().take(REACH)).any(is_dash);
    starts && label(behind).contains("PRIVATEKEY") && near() && !is_sentence(before, behind)
}

/// Whether words stand about the name of the line, and no base64 near it.
fn is_sentence(before: &str, behind: &str) -> bool {
    let (mut above, mut below) = (last(before, NEAR).rsplit('\n'), first(behind, NEAR).split('\n'));
    let (start, rest) = (above.next().unwrap_or_default(), below.next().unwrap_or_default());
    let written = |line: &&str| !line.trim().is_empty();
    let near =
        [start, rest, above.find(written).unwrap_or_default(), below.find(written).unwrap_or_default()];
    let is_body =
        |line: &str| line.contains("Proc-Type") || line.split(|c| !is_base64(c)).any(|run| run.len() >= BODY);
    // Among the words of the rest of the line are PRIVATE and KEY, and what stands before them.
    words(start) + words(rest).saturating_sub(3) >= 3 && !near.into_iter().any(is_body)
}

fn first(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

fn last(text: &str, characters: usize) -> &str {
    let start = text.char_indices().rev().nth(characters).map_or(0, |(start, c)| start + c.len_utf8());
    text.get(start..).unwrap_or_default()
}
