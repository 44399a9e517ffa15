//! What mail programs, chats, listings and source code put before and behind every line of a block.

/// Marks of a comment, as configuration files, scripts and SQL have them.
const COMMENTS: [&str; 5] = ["#", "//", ";", "--", "REM "];

/// What stands before the BEGIN and behind it: the lines below have the same about them, numbers
/// counted on.
#[derive(Clone, Copy, Default)]
pub(super) struct Decoration<'a> {
    pub(super) before: &'a str,
    pub(super) behind: &'a str,
}

impl Decoration<'_> {
    /// A line without its decoration; `below` tells how many lines below the BEGIN it is.
    pub(super) fn strip<'l>(&self, line: &'l str, below: usize) -> &'l str {
        let line = line.trim_end();
        let line = strip_like(self.before, line, below).unwrap_or(line);
        let behind = self.behind.trim();
        if behind.is_empty() { line } else { line.strip_suffix(behind).unwrap_or(line) }
    }

    /// The mark of a comment before the BEGIN, if it is one.
    pub(super) fn comment(&self) -> Option<&'static str> {
        comment(self.before)
    }
}

/// The mark of a comment that a line begins with, quoting apart.
pub(super) fn comment(line: &str) -> Option<&'static str> {
    let line = line.trim_start_matches([' ', '>', '|']);
    COMMENTS.into_iter().find(|mark| line.starts_with(mark))
}

/// How many words of two letters or more stand in a text.
pub(super) fn words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(1).is_some()).count()
}

/// What follows a beginning like this pattern: the same characters, any number where it has one, any blanks
/// where it has some. A number with nothing behind it must be the one that counts on.
fn strip_like<'l>(pattern: &str, line: &'l str, below: usize) -> Option<&'l str> {
    let (mut pattern, mut rest) = (pattern, line);
    let mut after_number = false;
    while let Some(c) = pattern.chars().next() {
        let same = |fits: fn(&char) -> bool| pattern.len() - pattern.trim_start_matches(|c| fits(&c)).len();
        let length = if c.is_ascii_digit() {
            let digits = same(char::is_ascii_digit);
            let last = digits == pattern.len();
            let count = pattern.get(..digits)?.parse::<usize>().ok().map(|first| (first + below).to_string());
            let any = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let counted = count.filter(|count| rest.starts_with(count.as_str())).map(|count| count.len());
            rest = rest.get(if last { counted? } else { Some(any).filter(|any| *any > 0)? }..)?;
            digits
        } else if c == ' ' {
            let blanks = rest.trim_start_matches(' ');
            if after_number && !rest.is_empty() && blanks.len() == rest.len() {
                return None;
            }
            rest = blanks;
            same(|c| *c == ' ')
        } else {
            rest = rest.strip_prefix(c)?;
            c.len_utf8()
        };
        after_number = c.is_ascii_digit();
        pattern = pattern.get(length..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_what_the_begin_line_has() {
        for (before, behind, below, line, left) in [
            ("", "", 1, "MIIB", "MIIB"),
            ("> ", "", 1, "> MIIB", "MIIB"),
            ("> ", "", 1, ">MIIB", "MIIB"),
            ("> ", "", 1, "MIIB", "MIIB"),
            ("+", "", 1, "++IIB", "+IIB"),
            (" 9  ", "", 1, "10  MIIB", "MIIB"),
            ("9 ", "", 7, "16 MIIB", "MIIB"),
            ("9 ", "", 1, "9IIB", "9IIB"),
            ("9", "", 1, "1023MIIB", "23MIIB"),
            ("9", "", 1, "23MIIB", "23MIIB"),
            ("[09:10] <a> ", "", 1, "[09:11] <a> MIIB", "MIIB"),
            ("99999999999999999999", "", 1, "99999999999999999999MIIB", "99999999999999999999MIIB"),
            ("| ", " |", 1, "| MIIB   |", "MIIB   "),
            ("\"", "\" +", 1, "\"MII+\" +", "MII+"),
        ] {
            assert_eq!(Decoration { before, behind }.strip(line, below), left, "{before:?} {line:?}");
        }
    }

    #[test]
    fn comments_are_known_behind_quoting() {
        for (line, mark) in [
            ("#MIIB", Some("#")),
            ("> > # MIIB", Some("#")),
            ("//MIIB", Some("//")),
            ("-- MIIB", Some("--")),
            ("; MIIB", Some(";")),
            ("REM MIIB", Some("REM ")),
            ("> MIIB", None),
            ("- MIIB", None),
            ("REMMIIB", None),
        ] {
            assert_eq!(comment(line), mark, "{line}");
        }
    }
}
