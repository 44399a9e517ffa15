//! The three spellings of a distinguished name, as text to attribute lists, and back.
//!
//! Every place where an attribute could begin (`keyword =` after a space, comma, slash …) is found
//! first; only when all of them are separated the same way is the text unambiguous.

use super::SubjectError;
use common::{Untrusted, is_plain};
use std::fmt::{self, Write as _};
use std::ops::Range;

/// An attribute as written: its keyword, and its value without escapes.
pub(super) type Assignment = (String, String);

/// How a text separates its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// One attribute, nothing to separate.
    Single,
    /// `CN=kms.example.com O=Example Corp`: values are literal.
    Spaces,
    /// RFC 4514: values are escaped, the last RDN comes first.
    Commas,
    /// OpenSSL's `/C=US/CN=…`: a backslash before a character takes it literally.
    Slashes,
}

/// Divides a text into attributes, in the order written.
pub(super) fn read(text: &str) -> Result<(Spelling, Vec<Assignment>), SubjectError> {
    let text = without_heading(text.trim_matches(' '));
    if text.is_empty() {
        return Err(SubjectError::Empty);
    }
    if let Some((index, c)) = text.chars().enumerate().find(|(_, c)| !is_visible(*c)) {
        return Err(SubjectError::Character { position: index + 1, character: Untrusted::new(c) });
    }
    let starts = attribute_starts(text);
    if starts.first().is_none_or(|first| first.begin > 0) {
        return Err(SubjectError::NoAttribute(Untrusted::new(text)));
    }
    let raw = divide(text, &starts);
    let spelling = spelling(&starts, &raw)?;
    let unescaped =
        raw.into_iter().map(|(keyword, value)| Ok((keyword.to_owned(), spelling.unescape(keyword, value)?)));
    Ok((spelling, unescaped.collect::<Result<_, SubjectError>>()?))
}

/// A name without what programs print before it: `subject=C = US, …` (OpenSSL), `Owner: CN=…` (keytool), and without
/// quotes around all of it.
fn without_heading(text: &str) -> &str {
    let word = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(word);
    let heads = ["subject", "owner"].iter().any(|heading| word.eq_ignore_ascii_case(heading));
    let rest =
        rest.trim_start_matches(' ').strip_prefix(['=', ':']).filter(|rest| heads && rest.contains('='));
    let text = rest.unwrap_or(text).trim_matches(' ');
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

/// Whether a character may stand in a name we request: visible, or a combining mark (many scripts
/// cannot do without), but nothing that hides or reorders text, joiners included.
pub(crate) fn is_visible(c: char) -> bool {
    is_plain(c) || is_combining(c)
}

/// A visible combining mark: what `escape_debug` escapes only where nothing stands before it.
pub(super) fn is_combining(c: char) -> bool {
    let hides = matches!(c,
        '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ff9e}'..='\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
    !hides && c.escape_debug().count() > 1 && !c.is_ascii() && format!("a{c}").escape_debug().count() == 2
}

/// Writes a value as [RFC 4514 §2.4](https://www.rfc-editor.org/rfc/rfc4514#section-2.4) asks, and
/// `=` too (which it allows), so that no value looks like another attribute; characters that are
/// not `plain` become `\u{…}`.
pub(super) fn write_escaped(f: &mut fmt::Formatter<'_>, value: &str, plain: fn(char) -> bool) -> fmt::Result {
    let last = value.chars().count().saturating_sub(1);
    for (index, c) in value.chars().enumerate() {
        let at_edge = c == ' ' && (index == 0 || index == last) || c == '#' && index == 0;
        if at_edge || is_special(c) {
            f.write_char('\\')?;
        }
        if plain(c) {
            f.write_char(c)?;
        } else {
            write!(f, "\\u{{{:x}}}", u32::from(c))?;
        }
    }
    Ok(())
}

/// What must be escaped anywhere in a value, and the `=` we add.
const fn is_special(c: char) -> bool {
    matches!(c, '"' | '+' | ',' | ';' | '<' | '=' | '>' | '\\')
}

/// A place where an attribute begins.
struct Start {
    /// The separator before it; `None` at the start of the text.
    separator: Option<char>,
    /// Where the separator, and spaces before it, begin.
    begin: usize,
    keyword: Range<usize>,
    /// Where the value begins.
    value: usize,
}

fn attribute_starts(text: &str) -> Vec<Start> {
    let free = unescaped(text);
    let equals = free.iter().enumerate().filter(|(_, c)| **c == Some(b'=')).map(|(index, _)| index);
    equals.filter_map(|equals| attribute_start(&free, equals)).collect()
}

/// Each byte that neither a backslash nor quotes take literally.
fn unescaped(text: &str) -> Vec<Option<u8>> {
    let mut escaped = false;
    let free = text.bytes().map(|b| {
        let free = !escaped && b != b'\\';
        escaped = b == b'\\' && !escaped;
        free.then_some(b)
    });
    let mut free: Vec<_> = free.collect();
    let mut at = 0;
    while let Some(open) = free.iter().skip(at).position(|b| *b == Some(b'"')).map(|open| at + open) {
        at = match closing_quote(&free, open) {
            Some(close) => {
                free.iter_mut().take(close + 1).skip(open).for_each(|b| *b = None);
                close + 1
            }
            None => open + 1,
        };
    }
    free
}

/// The quote that closes the one here, when the two enclose a value whole.
fn closing_quote(free: &[Option<u8>], open: usize) -> Option<usize> {
    let mut before = free.get(..open)?.iter().rev().skip_while(|b| **b == Some(b' '));
    let close = open + 1 + free.get(open + 1..)?.iter().position(|b| *b == Some(b'"'))?;
    let behind = free.get(close + 1..)?.first();
    let ends = behind.is_none_or(|b| matches!(b, Some(b' ' | b',' | b';' | b'+' | b'/')));
    (before.next() == Some(&Some(b'=')) && ends).then_some(close)
}

/// The attribute whose `=` this is, if a keyword stands before it and a separator before that.
fn attribute_start(free: &[Option<u8>], equals: usize) -> Option<Start> {
    let back_while = |from: usize, fits: fn(u8) -> bool| {
        let before = free.get(..from).unwrap_or_default();
        from - before.iter().rev().take_while(|b| b.is_some_and(fits)).count()
    };
    let is_space = |b: u8| b == b' ';
    let end = back_while(equals, is_space);
    let start = back_while(end, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let before = back_while(start, is_space);
    let previous = before.checked_sub(1).and_then(|index| free.get(index).copied().flatten());
    let (separator, begin) = match previous {
        _ if start == end => return None,
        _ if before == 0 => (None, 0),
        Some(b @ (b',' | b';' | b'+' | b'/')) => (Some(char::from(b)), back_while(before - 1, is_space)),
        _ if before < start => (Some(' '), before),
        _ => return None,
    };
    Some(Start { separator, begin, keyword: start..end, value: equals + 1 })
}

/// Keywords and values as written, spaces around them off.
fn divide<'a>(text: &'a str, starts: &[Start]) -> Vec<(&'a str, &'a str)> {
    let ends = starts.iter().skip(1).map(|next| next.begin).chain([text.len()]);
    let part = |range: Range<usize>| text.get(range).unwrap_or_default().trim_matches(' ');
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| (part(start.keyword.clone()), part(start.value..end)))
        .collect()
}

fn spelling(starts: &[Start], raw: &[(&str, &str)]) -> Result<Spelling, SubjectError> {
    let mut separators: Vec<char> = starts.iter().filter_map(|start| start.separator).collect();
    separators.sort_unstable();
    separators.dedup();
    // `/CN=x` has its only separator in front; `CN=x/O=y` is no spelling at all.
    let leading_slash = starts.first().is_some_and(|first| first.separator == Some('/'));
    match separators.as_slice() {
        [] => Ok(Spelling::Single),
        [' '] => Ok(Spelling::Spaces),
        [','] => Ok(Spelling::Commas),
        ['/'] if leading_slash => Ok(Spelling::Slashes),
        ['+'] => Err(SubjectError::MultiValued),
        _ => Err(SubjectError::Ambiguous { separators, reading: Reading::of(raw) }),
    }
}

impl Spelling {
    fn unescape(self, keyword: &str, value: &str) -> Result<String, SubjectError> {
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        if let Some(quoted) = quoted.filter(|quoted| !unescaped(quoted).contains(&Some(b'"'))) {
            return literal_or_escaped(keyword, quoted, |_| false);
        }
        let escaped = value.contains('\\');
        match self {
            Self::Single if escaped => unescape_rfc4514(keyword, value),
            Self::Single | Self::Spaces => literal(keyword, value),
            Self::Commas => unescape_rfc4514(keyword, value),
            Self::Slashes => unescape_openssl(keyword, value),
        }
    }
}

/// A value that knows no escapes, and so holds nothing that looks like one.
fn literal(keyword: &str, value: &str) -> Result<String, SubjectError> {
    let bad = value.chars().find(|c| matches!(c, '\\' | '"'));
    let trailing = value.chars().next_back().filter(|c| matches!(c, ',' | ';' | '+'));
    // Hex, or an equals sign typed twice.
    let leading = value.chars().next().filter(|c| matches!(c, '#' | '='));
    match bad.or(trailing).or(leading) {
        Some(character) => Err(SubjectError::NotLiteral {
            keyword: Untrusted::new(keyword),
            value: Untrusted::new(value),
            character,
        }),
        None => Ok(value.to_owned()),
    }
}

/// [RFC 4514 §3](https://www.rfc-editor.org/rfc/rfc4514#section-3): a backslash before a special character or
/// before two hex digits, which are one octet of UTF-8.
fn unescape_rfc4514(keyword: &str, value: &str) -> Result<String, SubjectError> {
    if value.starts_with('#') {
        return Err(SubjectError::HexValue { keyword: Untrusted::new(keyword) });
    }
    refuse_unescaped('=', value.starts_with('='), keyword, value)?;
    literal_or_escaped(keyword, value, |c| c != '=' && is_special(c))
}

/// A value in which a backslash takes a special character literally or stands before the hex of an octet, and in
/// which some characters may not stand by themselves.
fn literal_or_escaped(keyword: &str, value: &str, refused: fn(char) -> bool) -> Result<String, SubjectError> {
    let bad_escape =
        || SubjectError::BadEscape { keyword: Untrusted::new(keyword), value: Untrusted::new(value) };
    let mut octets = Vec::new();
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            let mut utf8 = [0; 4];
            refuse_unescaped(c, refused(c), keyword, value)?;
            octets.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
            continue;
        }
        let first = rest.next().ok_or_else(bad_escape)?;
        if is_special(first) || matches!(first, ' ' | '#') {
            octets.extend(u8::try_from(first));
            continue;
        }
        let second = rest.next().and_then(|c| c.to_digit(16)).ok_or_else(bad_escape)?;
        let octet = first.to_digit(16).ok_or_else(bad_escape)? * 16 + second;
        octets.extend(u8::try_from(octet));
    }
    String::from_utf8(octets).map_err(|_| bad_escape())
}

/// As `openssl req -subj` reads it: a backslash takes the next character literally.
fn unescape_openssl(keyword: &str, value: &str) -> Result<String, SubjectError> {
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        refuse_unescaped(c, matches!(c, '/' | '+' | '"'), keyword, value)?;
        text.push(match c {
            '\\' => rest.next().ok_or_else(|| SubjectError::BadEscape {
                keyword: Untrusted::new(keyword),
                value: Untrusted::new(value),
            })?,
            c => c,
        });
    }
    Ok(text)
}

fn refuse_unescaped(c: char, refused: bool, keyword: &str, value: &str) -> Result<(), SubjectError> {
    if !refused {
        return Ok(());
    }
    let (keyword, value) = (Untrusted::new(keyword), Untrusted::new(value));
    Err(SubjectError::NotEscaped { keyword, value, character: c })
}

/// How a text was understood, to be shown when it is ambiguous.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading(Vec<(Untrusted, Untrusted)>);

impl Reading {
    fn of(raw: &[(&str, &str)]) -> Self {
        Self(raw.iter().map(|(keyword, value)| (Untrusted::new(*keyword), Untrusted::new(*value))).collect())
    }
}

/// `CN="kms.example.com" O="Example"`.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (keyword, value)) in self.0.iter().enumerate() {
            write!(f, "{}{keyword}=\"{value}\"", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(text: &str) -> Vec<(String, String)> {
        read(text).unwrap_or_else(|e| panic!("{text}: {e}")).1
    }

    #[test]
    fn the_separators_tell_the_spelling() {
        for (text, expected) in [
            ("CN=kms.example.com", Spelling::Single),
            ("O=Acme, Inc.", Spelling::Single),
            (r"O=Acme\, Inc.", Spelling::Single),
            ("CN=kms.example.com O=Example Corp L=Mountain View ST=California", Spelling::Spaces),
            ("CN=a O=Acme, Inc. L=Zug", Spelling::Spaces),
            ("CN=a,O=b", Spelling::Commas),
            ("C = US, O = Example Corp, CN = a", Spelling::Commas),
            ("/CN=a", Spelling::Slashes),
            ("/C=US/O=Example Corp/CN=a", Spelling::Slashes),
        ] {
            assert_eq!(read(text).map(|(spelling, _)| spelling), Ok(expected), "{text}");
        }
    }

    #[test]
    fn values_come_out_as_they_were_meant() {
        for (text, values) in [
            (
                "CN=kms.example.com  O=Example Corp L=Mountain View",
                vec!["kms.example.com", "Example Corp", "Mountain View"],
            ),
            ("CN=a O=Acme, Inc. L=Zug", vec!["a", "Acme, Inc.", "Zug"]),
            (r"CN=a , O=Acme\, Inc.", vec!["a", "Acme, Inc."]),
            (r"CN=a,O=Z\C3\BCrich \#1 \= \\", vec!["a", r"Zürich #1 = \"]),
            (r"CN=a,O=x OU\=y", vec!["a", "x OU=y"]),
            (r"CN=a,O=x\,OU=y", vec!["a", "x,OU=y"]),
            (r"CN=a,O=x\\,OU=y", vec!["a", r"x\", "y"]),
            (r"/O=A\/S \\ b/CN=a, b", vec![r"A/S \ b", "a, b"]),
            ("O=a=b", vec!["a=b"]),
            ("2.5.4.3=a 2.5.4.10=b", vec!["a", "b"]),
            (r#"C=DE, O="Example, Inc.", CN=a"#, vec!["DE", "Example, Inc.", "a"]),
            (r#"O = "Sue, Grabbit + Runn" , CN=a"#, vec!["Sue, Grabbit + Runn", "a"]),
            (r#"O="x, OU=y",CN=a"#, vec!["x, OU=y", "a"]),
            (r#"O="a \"b\" \\ \C3\BC",CN=a"#, vec![r#"a "b" \ ü"#, "a"]),
            (r#"O="Example Corp" CN="kms.example.com""#, vec!["Example Corp", "kms.example.com"]),
            (r#"/O="Example/Inc."/CN=a"#, vec!["Example/Inc.", "a"]),
            (r#"CN="kms.example.com""#, vec!["kms.example.com"]),
            (r#"CN="""#, vec![""]),
            (r#""CN=a, O=b""#, vec!["a", "b"]),
            ("subject=C = US, O = Example, CN = a", vec!["US", "Example", "a"]),
            ("subject= /C=US/O=Example/CN=a", vec!["US", "Example", "a"]),
            ("Subject: CN=a,O=Example", vec!["a", "Example"]),
            ("Owner: CN=a, OU=\"b, c\"", vec!["a", "b, c"]),
            ("O=Müller & Söhne CN=a", vec!["Müller & Söhne", "a"]),
        ] {
            let found: Vec<_> = divided(text).into_iter().map(|(_, value)| value).collect();
            assert_eq!(found, values, "{text}");
        }
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused_and_shown() {
        for (text, message) in [
            (
                "CN=a,O=Example OU=b",
                r#"ambiguous: attributes are separated by " " and ","; understood as CN="a" O="Example" OU="b""#,
            ),
            (
                "CN=a O=Example,OU=b",
                r#"ambiguous: attributes are separated by " " and ","; understood as CN="a" O="Example" OU="b""#,
            ),
            (
                "/CN=a/O=b, OU=c",
                r#"ambiguous: attributes are separated by "," and "/"; understood as CN="a" O="b" OU="c""#,
            ),
            ("CN=a;O=b", r#"ambiguous: attributes are separated by ";"; understood as CN="a" O="b""#),
            ("CN=a/O=b", r#"ambiguous: attributes are separated by "/"; understood as CN="a" O="b""#),
            (
                "CN=a O=x+OU=b",
                r#"ambiguous: attributes are separated by " " and "+"; understood as CN="a" O="x" OU="b""#,
            ),
        ] {
            assert_eq!(read(text).map_err(|e| e.to_string()), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_does_not_follow_its_spelling_is_refused() {
        for (text, message) in [
            ("", "the subject is empty"),
            ("kms.example.com", "kms.example.com does not begin with an attribute such as CN="),
            ("Example CN=a", "Example CN=a does not begin with an attribute such as CN="),
            ("=a", "=a does not begin with an attribute such as CN="),
            ("CN=a+O=b", "attributes joined by + (a multi-valued RDN) cannot be requested"),
            (
                "CN=a,O=Acme, Inc.,C=US",
                r#"the value of O is understood as "Acme, Inc.", in which , must be written \,"#,
            ),
            (
                r#"CN=a,O="Acme, Inc.,C=US"#,
                r#"the value of O is understood as ""Acme, Inc.", in which " must be written \""#,
            ),
            (
                r#"CN=a,O="Acme" Inc.,C=US"#,
                r#"the value of O is understood as ""Acme" Inc.", in which " must be written \""#,
            ),
            ("/O=A/S/CN=a", r#"the value of O is understood as "A/S", in which / must be written \/"#),
            (
                r#"O=The "Example" CN=a"#,
                r#"the value of O is understood as "The "Example"", in which " can only be written in the comma spelling, as \""#,
            ),
            (r#"O="a\b",CN=a"#, r#"the value of O, "a\\b", has a backslash that escapes nothing"#),
            (
                r"O=A\, B CN=a",
                r#"the value of O is understood as "A\\, B", in which \ can only be written in the comma spelling, as \\"#,
            ),
            (
                "CN=a,",
                r#"the value of CN is understood as "a,", in which , can only be written in the comma spelling, as \,"#,
            ),
            (
                "CN=#0c01",
                r##"the value of CN is understood as "#0c01", in which # can only be written in the comma spelling, as \#"##,
            ),
            (
                "CN==a",
                r#"the value of CN is understood as "=a", in which = can only be written in the comma spelling, as \="#,
            ),
            ("CN==a,O=b", r#"the value of CN is understood as "=a", in which = must be written \="#),
            ("O=b,CN=#0c01", "the value of CN is hex of an encoding (#…), which cannot be requested"),
            (r"CN=a\zz", r#"the value of CN, "a\\zz", has a backslash that escapes nothing"#),
            (r"CN=a\", r#"the value of CN, "a\\", has a backslash that escapes nothing"#),
            (r"CN=\FF", r#"the value of CN, "\\FF", has a backslash that escapes nothing"#),
            (r"/CN=a\", r#"the value of CN, "a\\", has a backslash that escapes nothing"#),
            ("CN=a\u{1b}[2J", r#"the subject holds "\u{1b}" at position 5, which no subject may hold"#),
            ("CN=a\u{202e}b", r#"the subject holds "\u{202e}" at position 5, which no subject may hold"#),
            ("CN=a\tO=b", r#"the subject holds "\u{9}" at position 5, which no subject may hold"#),
            ("CN=a\u{a0}O=b", r#"the subject holds "\u{a0}" at position 5, which no subject may hold"#),
            ("CN=a\u{200d}b", r#"the subject holds "\u{200d}" at position 5, which no subject may hold"#),
        ] {
            assert_eq!(read(text).map_err(|e| e.to_string()), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn marks_of_living_scripts_are_visible_and_hiding_ones_are_not() {
        assert!("हिन्दी ไทย é e\u{301} Ελλάς".chars().all(is_visible));
        for hidden in
            "\u{34f}\u{180b}\u{200b}\u{200c}\u{200d}\u{fe0f}\u{e0100}\u{feff}\u{ad}\u{3164}\u{7}\u{2066}"
                .chars()
        {
            assert!(!is_visible(hidden), "{hidden:?}");
        }
    }
}
