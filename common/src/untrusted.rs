//! Text that somebody else wrote.

use std::fmt;

/// Text taken from a document (a subject, a SAN, a PEM comment), which may try to draw on the
/// operator's terminal or to forge a line of our output.
///
/// `Display`, `Debug` and the serialised form are the only ways out for printing: they escape
/// every control, bidirectional, zero-width, unassigned or otherwise invisible character as
/// `\u{…}` and double the backslash, so that an escape cannot be forged.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Untrusted(String);

impl Untrusted {
    /// Wraps text as it was found.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Wraps bytes that should be text; what is not UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The text as found: for comparing and parsing, never for printing.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                c if is_plain(c) => fmt::Write::write_char(f, c)?,
                c => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl serde::Serialize for Untrusted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether a character draws exactly one visible glyph in reading order (or is a plain space).
///
/// `char::escape_debug` knows the Unicode tables of unprintable and combining characters; it
/// leaves a few alone that hide or reorder text, and they are named here.
pub fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    let invisible = matches!(c,
        '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{ffa0}'      // Hangul fillers
        | '\u{2800}'                                          // blank braille
        | '\u{fff9}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}'  // annotations, variation selectors
        | '\u{e0000}'..='\u{e0fff}'); // tags
    !invisible && !c.is_whitespace() && c.escape_debug().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_text_stays_as_it_is() {
        for text in ["kms.example.com", "O=Müller & Söhne, C=DE", "日本", "привет"] {
            assert_eq!(Untrusted::new(text).to_string(), text);
        }
    }

    #[test]
    fn nothing_that_moves_or_hides_text_gets_through() {
        let controls = (0u32..0x20).chain(0x7f..0xa1).chain([
            0xad, 0x61c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,
            0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x2800, 0x3164,
            0xfe0f, 0xfeff, 0xfff9, 0xffa0, 0x1d173, 0xe0001, 0xe0041, 0xe000, 0x10ffff, 0x3000, 0x300,
            0x115f,
        ]);
        for code in controls {
            let c = char::from_u32(code).unwrap();
            let shown = Untrusted::new(format!("a{c}b")).to_string();
            assert_eq!(shown, format!("a\\u{{{code:x}}}b"));
        }
    }

    #[test]
    fn an_escape_cannot_be_forged() {
        assert_eq!(Untrusted::new("\\u{1b}").to_string(), "\\\\u{1b}");
        assert_eq!(Untrusted::new("a\r\nverified: OK").to_string(), "a\\u{d}\\u{a}verified: OK");
    }

    #[test]
    fn debug_and_json_escape_too() {
        let text = Untrusted::new("\u{202e}x");
        assert_eq!(format!("{text:?}"), "\"\\u{202e}x\"");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"\\\\u{202e}x\"");
    }
}
