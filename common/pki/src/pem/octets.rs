//! Octets to text: which encoding each part of an input is in, and where DER lies between the text.
//!
//! One file may hold several. Windows PowerShell's `>>` appends UTF-16 to a file of ASCII,
//! `copy /b` joins what it is given, and editors keep what they do not understand.

use super::content;
use super::text::Text;

/// A part of an input.
pub(super) enum Part<'a> {
    Text(Text),
    /// Begins as DER does; the line it begins in.
    Der(&'a [u8], usize),
}

/// The parts of an input, in their order. Lines are counted through text alone.
pub(super) fn parts(input: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut reader = Reader { input, at: 0, line: 1 };
    let mut only_der = true;
    while !reader.rest().is_empty() {
        if let Some(length) = content::begins(reader.rest(), only_der) {
            parts.push(Part::Der(reader.take(length), reader.line));
        } else {
            only_der = false;
            parts.push(Part::Text(reader.text()));
        }
    }
    parts
}

/// Eight-bit text in any encoding that has ASCII in it: UTF-8, and where it is none Windows-1252.
pub(super) fn eight_bit(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|octet| windows_1252(*octet)));
    }
    text
}

/// The character of an octet: Latin-1 but for 0x80 to 0x9f
/// ([the WHATWG's index](https://encoding.spec.whatwg.org/#index-windows-1252)).
pub(super) fn windows_1252(octet: u8) -> char {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let upper = octet.checked_sub(0x80).and_then(|index| UPPER.get(usize::from(index)));
    upper.copied().unwrap_or(char::from(octet))
}

/// How a stretch of text is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    EightBit,
    Little,
    Big,
}

impl Encoding {
    /// Of the text that begins here, with or without a byte order mark: what people write in UTF-16 begins with two
    /// characters of Latin-1, and every other octet of those is zero.
    fn of(octets: &[u8]) -> Self {
        match octets {
            [0xff, 0xfe, ..] | [1..=0xff, 0, 1..=0xff, 0, ..] => Self::Little,
            [0xfe, 0xff, ..] | [0, 1..=0xff, 0, 1..=0xff, ..] => Self::Big,
            _ => Self::EightBit,
        }
    }

    /// The code unit of UTF-16 at the start, if it goes on there: neither ASCII nor the other order of octets.
    fn unit(self, octets: &[u8]) -> Option<u16> {
        let (&pair, ahead) = (octets.first_chunk::<2>()?, octets.get(..16).unwrap_or(octets));
        let ascii = |octet: &u8| matches!(octet, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        let other = match self {
            Self::EightBit => return None,
            Self::Little => matches!(octets, [0, 1..=0x7f, 0, 1..=0x7f, ..]),
            Self::Big => matches!(octets, [1..=0x7f, 0, 1..=0x7f, 0, ..]),
        };
        let line_end = pair.iter().all(|octet| matches!(octet, b'\r' | b'\n'));
        let left = line_end || other || ahead.len() >= 8 && ahead.iter().all(ascii);
        (!left)
            .then(|| if self == Self::Little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    }
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, octets: usize) -> &'a [u8] {
        let rest = self.rest();
        let taken = rest.get(..octets).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    /// Text up to a DER object or the end of the input, without the escape codes of terminals.
    fn text(&mut self) -> Text {
        let mut text = Text::with_capacity(self.rest().len());
        let mut after_cr = false;
        loop {
            for c in without_escape_codes(&self.stretch()) {
                let second_half = c == '\n' && std::mem::take(&mut after_cr);
                after_cr = c == '\r';
                match c {
                    _ if second_half => {}
                    '\n' | '\r' => {
                        text.push('\n', self.line);
                        self.line += 1;
                    }
                    c => text.push(c, self.line),
                }
            }
            if self.rest().is_empty() || content::begins(self.rest(), false).is_some() {
                return text;
            }
        }
    }

    /// Text in one encoding; at least one octet is taken.
    fn stretch(&mut self) -> String {
        let encoding = Encoding::of(self.rest());
        if encoding == Encoding::EightBit {
            let rest = self.rest().get(1..).unwrap_or_default();
            let length = rest.iter().enumerate().position(|(at, octet)| ends_eight_bit(rest, at, *octet));
            return eight_bit(self.take(1 + length.unwrap_or(rest.len())));
        }
        let mut units = Vec::with_capacity(self.rest().len() / 2);
        while let Some(unit) = encoding.unit(self.rest()) {
            units.push(unit);
            self.at += 2;
        }
        if units.is_empty() {
            return eight_bit(self.take(1));
        }
        String::from_utf16_lossy(&units)
    }
}

/// Whether text of eight bits ends before this octet: UTF-16 or DER begins there.
fn ends_eight_bit(octets: &[u8], at: usize, octet: u8) -> bool {
    let here = octets.get(at..).unwrap_or_default();
    let begins_utf16 = match octet {
        0 | 0xfe | 0xff => Encoding::of(here) != Encoding::EightBit,
        _ => here.get(1) == Some(&0) && Encoding::of(here) != Encoding::EightBit,
    };
    begins_utf16 || octet == 0x30 && content::begins(here, false).is_some()
}

/// Characters without control sequences of terminals (ECMA-48 §5.4), such as those around a paste, also as they are
/// shown, `^[[200~`.
fn without_escape_codes(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let after = rest.strip_prefix("\x1b[").or_else(|| rest.strip_prefix("^[["));
            let length = after.and_then(|after| after.find(|c: char| matches!(c, '@'..='~')));
            match (after, length.filter(|length| *length < 16)) {
                (Some(after), Some(length)) => rest = after.get(length + 1..).unwrap_or_default(),
                _ => break,
            }
        }
        let c = rest.chars().next()?;
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    })
}
