//! Encodings that a text was put into on its way: quoted-printable of mail, percent signs of addresses and
//! proxies, backslashes of JSON, source code and RTF, entities and tags of HTML.
//!
//! None of their signs stands in base64, so undoing what was never done spoils no block.

use super::octets::{eight_bit, windows_1252};
use super::text::Text;

/// Encodings inside each other that are undone.
const DEPTH: usize = 4;

/// What stands for some octets of a text.
enum Put {
    Text(String),
    Character(char),
    Nothing,
}

/// Undoes every encoding, also several inside each other.
pub(super) fn undo(mut text: Text) -> Text {
    for _ in 0..DEPTH {
        let mut changed = false;
        for one in [quoted_printable, percent, backslashes, html] {
            if let Some(plain) = one(&text) {
                (text, changed) = (plain, true);
            }
        }
        if !changed {
            break;
        }
    }
    text
}

/// Rewrites what `read` knows at one of these characters; it says how many octets it has read. `None` when there
/// is none.
fn rewrite(text: &Text, at: &[char], read: impl Fn(&str, usize) -> Option<(usize, Put)>) -> Option<Text> {
    let source = text.as_str();
    let mut plain = None;
    let (mut copied, mut from) = (0, 0);
    while let Some(here) = source.get(from..)?.find(at).map(|found| from + found) {
        let Some((length, put)) = read(source, here) else {
            from = here + 1; // all of them are ASCII
            continue;
        };
        let plain = plain.get_or_insert_with(|| Text::with_capacity(source.len()));
        plain.append(text, copied..here);
        let line = text.line_at(here);
        match put {
            Put::Text(put) => put.chars().for_each(|c| plain.push(if c == '\r' { '\n' } else { c }, line)),
            Put::Character(c) => plain.push(c, line),
            Put::Nothing => {}
        }
        (copied, from) = (here + length, here + length);
    }
    plain.map(|mut plain| {
        plain.append(text, copied..source.len());
        plain
    })
}

/// [RFC 2045 §6.7](https://www.rfc-editor.org/rfc/rfc2045#section-6.7). A line that ends in `=` goes on below: it is
/// joined only where it breaks something but base64, whose lines may break anywhere.
fn quoted_printable(text: &Text) -> Option<Text> {
    let source = text.as_str();
    let evident = source.match_indices('=').any(|(at, _)| hex_octets(source, at, '=').is_some());
    rewrite(text, &['='], |source, at| match hex_octets(source, at, '=') {
        Some((length, octets)) => Some((length, Put::Text(eight_bit(&octets)))),
        None if evident && source.get(at + 1..)?.starts_with('\n') && breaks_something(source, at) => {
            Some((2, Put::Nothing))
        }
        None => None,
    })
}

/// Whether something else than base64 ends here.
fn breaks_something(source: &str, at: usize) -> bool {
    let line = source.get(..at).unwrap_or_default().chars().rev().take(40).take_while(|c| *c != '\n');
    line.into_iter().any(|c| matches!(c, '-' | '&' | '<' | '\\' | '%' | '"'))
}

/// [RFC 3986 §2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1), as proxies hand certificates on in a header; in
/// a form `+` is a blank ([the WHATWG's URL standard](https://url.spec.whatwg.org/#urlencoded-parsing)).
fn percent(text: &Text) -> Option<Text> {
    let form = text.as_str().contains("-BEGIN+") && text.as_str().contains("%0A");
    rewrite(text, &['%', '+'], |source, at| match hex_octets(source, at, '%') {
        Some((length, octets)) => Some((length, Put::Text(eight_bit(&octets)))),
        None => (form && source.get(at..)?.starts_with('+')).then_some((1, Put::Character(' '))),
    })
}

/// A run of octets written as a sign and two hexadecimal digits each, and its length.
fn hex_octets(source: &str, at: usize, sign: char) -> Option<(usize, Vec<u8>)> {
    let octet = |triple: &[u8]| match triple {
        [first, digits @ ..] if char::from(*first) == sign => hex(digits),
        _ => None,
    };
    let octets: Vec<u8> = source.as_bytes().get(at..)?.chunks_exact(3).map_while(octet).collect();
    (!octets.is_empty()).then(|| (octets.len() * 3, octets))
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(text, 16).ok()
}

/// Escapes of JSON ([RFC 8259 §7](https://www.rfc-editor.org/rfc/rfc8259#section-7)), of strings in source code, of
/// Markdown and of RTF; several backslashes are escapes of escapes.
fn backslashes(text: &Text) -> Option<Text> {
    rewrite(text, &['\\'], |source, at| {
        // A row of them is looked at once.
        let rest = source.get(at..).filter(|_| !source.get(..at).unwrap_or_default().ends_with('\\'))?;
        let behind = rest.trim_start_matches('\\');
        let count = rest.len() - behind.len();
        let digits = |from: usize, to: usize| u32::from_str_radix(behind.get(from..to)?, 16).ok();
        let (length, put) = match behind.as_bytes() {
            [b'n' | b'r', ..] if !behind.starts_with("rtf") => (1, Put::Character('\n')),
            [b't', ..] => (1, Put::Character(' ')),
            [b'u', ..] => (5, Put::Character(char::from_u32(digits(1, 5)?)?)),
            [b'x', ..] => (3, Put::Character(char::from_u32(digits(1, 3)?)?)),
            [b'\'', first, second, ..] if hex(&[*first, *second]).is_some() => {
                (3, Put::Character(windows_1252(hex(&[*first, *second])?)))
            }
            [b'p', b'a', b'r', after, ..] if !after.is_ascii_lowercase() => (3, Put::Character('\n')),
            [b'l', b'i', b'n', b'e', after, ..] if !after.is_ascii_lowercase() => (4, Put::Character('\n')),
            [sign, ..] if sign.is_ascii_punctuation() => (1, Put::Character(char::from(*sign))),
            _ => return None,
        };
        Some((count + length, put))
    })
}

/// Tags and character references of [HTML](https://html.spec.whatwg.org/multipage/syntax.html).
fn html(text: &Text) -> Option<Text> {
    rewrite(text, &['<', '&'], |source, at| {
        let rest = source.get(at..)?;
        if rest.starts_with('<') { tag(rest) } else { reference(rest) }
    })
}

/// Octets within which a tag or a character reference ends.
const MAX_TAG: usize = 1000;
const MAX_REFERENCE: usize = 12;

/// A tag: those inside a line are nothing, others end it. `<anna>` is somebody in a chat.
fn tag(rest: &str) -> Option<(usize, Put)> {
    const INLINE: [&str; 14] =
        ["a", "b", "i", "u", "s", "em", "tt", "wbr", "span", "font", "code", "strong", "small", "o:p"];
    const BLOCK: [&str; 18] = [
        "br",
        "p",
        "div",
        "pre",
        "li",
        "ul",
        "ol",
        "tr",
        "td",
        "th",
        "table",
        "tbody",
        "blockquote",
        "body",
        "html",
        "head",
        "hr",
        "title",
    ];
    let end = 1 + rest.bytes().skip(1).take(MAX_TAG).position(|octet| matches!(octet, b'<' | b'>'))?;
    let inner = rest.get(1..end).filter(|_| rest.as_bytes().get(end) == Some(&b'>'))?;
    let name = inner.trim_start_matches('/').split([' ', '\n', '/']).next()?.to_ascii_lowercase();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.'));
    let put = if INLINE.contains(&name.as_str()) { Put::Nothing } else { Put::Character('\n') };
    let known = is_name
        && (inner.starts_with('/') || INLINE.contains(&name.as_str()) || BLOCK.contains(&name.as_str()));
    known.then_some((end + 1, put))
}

fn reference(rest: &str) -> Option<(usize, Put)> {
    let end = rest.bytes().take(MAX_REFERENCE).position(|octet| octet == b';')?;
    let name = rest.get(1..end)?;
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    let c = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16)?,
            None => number(digits, 10)?,
        },
        None => named(name)?,
    };
    Some((end + 1, Put::Character(if c == '\r' { '\n' } else { c })))
}

/// The character references that stand in for characters of a block or its surroundings.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" => ' ',
        "NewLine" => '\n',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "num" => '#',
        "vert" | "verbar" => '|',
        "hyphen" | "dash" => '\u{2010}',
        "ndash" => '\u{2013}',
        "mdash" => '\u{2014}',
        "minus" => '\u{2212}',
        "shy" | "zwj" | "zwnj" => '\u{200b}',
        _ => return None,
    })
}
