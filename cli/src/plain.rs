//! The last net under everything that is printed or logged: whoever wrote it (a path, an argument,
//! an error of the system), no character that moves the cursor, hides or reorders text gets
//! through, and no line is endless. (Text of documents is escaped where it is read, by
//! [`common::Untrusted`]; what is escaped already comes out as it is.)

use common::is_plain;
use serde_json::Value;

/// Most characters of one line of a message: what a screen shows and a person reads.
const LONGEST: usize = 2000;

/// One line: everything that is not plain escaped, cut where it gets too long.
pub(crate) fn line(text: &str) -> String {
    let escaped = escape(text, &[]);
    match escaped.char_indices().nth(LONGEST) {
        None => escaped,
        Some((cut, _)) => {
            let (shown, rest) = escaped.split_at(cut);
            format!("{shown}… ({} more characters)", rest.chars().count())
        }
    }
}

/// A text of our own making, of several lines.
pub(crate) fn text(text: &str) -> String {
    escape(text, &['\n', '\t'])
}

/// A JSON document: only a string that is PEM has more than one line. Whoever takes another out
/// of it and prints it gets the line it is.
pub(crate) fn document(value: Value) -> Value {
    strings(value, &|text| escape(text, if text.starts_with("-----BEGIN ") { &['\n'] } else { &[] }))
}

/// A record of a log: no string of it has more than one line.
pub(crate) fn record(value: Value) -> Value {
    strings(value, &|text| escape(text, &[]))
}

fn strings(value: Value, escape: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(escape(&text)),
        Value::Array(values) => values.into_iter().map(|value| strings(value, escape)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, strings(value, escape))).collect()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

fn escape(text: &str, kept: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_plain(c) || kept.contains(&c) {
            escaped.push(c);
        } else {
            escaped.extend(c.escape_unicode());
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_stays_one_and_its_length_ends() {
        for (given, shown) in [
            ("kms.example.com", "kms.example.com"),
            ("a\r\nverified: OK", "a\\u{d}\\u{a}verified: OK"),
            ("\u{1b}[2J \u{9b}2J", "\\u{1b}[2J \\u{9b}2J"),
            ("/tmp/\u{202e}mep.niam", "/tmp/\\u{202e}mep.niam"),
            ("\\u{1b} escaped before", "\\u{1b} escaped before"),
            ("Müller", "Müller"),
        ] {
            assert_eq!(line(given), shown);
        }
        let long = line(&"x".repeat(100_000));
        assert!(long.ends_with("x… (98000 more characters)") && long.len() < 2100, "{}", long.len());
    }

    #[test]
    fn documents_keep_the_lines_of_pem_and_records_none() {
        let value = json!({"pem": "-----BEGIN X\nb", "path": "a\nb", "list": ["\u{1b}", 1, null, true]});
        let plain = |pem| json!({"pem": pem, "path": "a\\u{a}b", "list": ["\\u{1b}", 1, null, true]});
        assert_eq!(document(value.clone()), plain("-----BEGIN X\nb"));
        assert_eq!(record(value), plain("-----BEGIN X\\u{a}b"));
        assert_eq!(text("a\tb\n\r"), "a\tb\n\\u{d}");
    }
}
