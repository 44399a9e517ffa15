//! Base64 between two marks, or without any: lines to DER.
//!
//! An object says how long it is, so the end of a body is known without an END, and padding says nothing.

use super::content;
use super::decoration::Decoration;
use super::fault::Damage;
use super::text::Line;
use common::Untrusted;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Base64 without padding; what is left of the last character is ignored.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.check_trailing_bits = false;
    specification.encoding().ok()
});

/// Characters of base64 that are certainly no word of a sentence.
const EVIDENT: usize = 24;
/// Words in a line of base64 that lost its line ends to blanks are at least this long, but for the last.
const LONG_WORD: usize = 12;
/// Characters that hold the tag and the length of an object.
const HEADER: usize = 8;

/// Whether a character may stand in base64.
pub(super) const fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// What characters of base64 stand for; a last one that is too many is ignored.
pub(super) fn decode(characters: &str) -> Zeroizing<Vec<u8>> {
    let whole = if characters.len() % 4 == 1 { characters.len() - 1 } else { characters.len() };
    let characters = characters.as_bytes().get(..whole).unwrap_or_default();
    let decoded = BASE64.as_ref().and_then(|base64| base64.decode(characters).ok());
    Zeroizing::new(decoded.unwrap_or_default())
}

/// A line of a body.
pub(super) struct Piece<'a> {
    /// Of the input.
    pub(super) line: usize,
    /// Without what stands about it.
    pub(super) core: &'a str,
    /// What makes it no base64.
    foreign: Option<char>,
    /// What stands about it, if that is not the decoration of the BEGIN.
    stray: Option<char>,
}

impl<'a> Piece<'a> {
    /// A part of a line that is base64.
    pub(super) const fn pure(line: usize, core: &'a str) -> Self {
        Self { line, core, foreign: None, stray: None }
    }

    /// `None` for a line with nothing in it, or nothing but ornament: a border, the end of a string.
    pub(super) fn of(line: Line<'a>, decoration: Decoration<'_>, below: usize) -> Option<Self> {
        let bare = decoration.strip(line.text, below);
        let core = bare.trim_matches(|c| !is_base64(c));
        let stray = bare.chars().find(|c| *c != ' ' && !is_base64(*c));
        let foreign = if core.is_empty() { stray } else { foreign(core) };
        let signs = !core.is_empty() && !core.contains(|c: char| c.is_ascii_alphanumeric());
        let ornament = signs && (stray.is_some() || core.len() < 4);
        (!ornament && !bare.trim().is_empty()).then_some(Self { line: line.number, core, foreign, stray })
    }

    /// Whether all of it is base64.
    pub(super) const fn is_pure(&self) -> bool {
        self.foreign.is_none()
    }

    /// Whether it is too long and too plain for anything but base64.
    pub(super) fn is_evident(&self) -> bool {
        self.is_pure() && self.core.len() >= EVIDENT
    }

    /// Whether an object may begin here: the tag of a SEQUENCE is `M` and a letter up to `P`.
    pub(super) fn may_begin(&self) -> bool {
        self.is_pure() && matches!(self.core.as_bytes(), [b'M', b'A'..=b'P', _, _, ..])
    }

    fn characters(&self) -> impl Iterator<Item = char> {
        self.core.chars().filter(|c| *c != ' ')
    }
}

/// The first character of a line that is no base64: a blank too, unless the line is several of base64.
fn foreign(core: &str) -> Option<char> {
    let odd = core.chars().find(|c| *c != ' ' && !is_base64(*c));
    let words = || core.split(' ').map(str::len);
    let several = !core.contains(' ') || words().any(|word| word >= LONG_WORD);
    odd.or_else(|| (!several).then_some(' '))
}

/// What to do with a line that is no base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AtForeign {
    /// The body ends there.
    Stop,
    /// It is left out.
    Skip,
}

/// What lines of base64 gave.
pub(super) struct Decoded {
    /// Whole objects one behind the other, and what follows them.
    pub(super) der: Zeroizing<Vec<u8>>,
    /// Whether nothing but whole objects is in it.
    pub(super) whole: bool,
    /// How many pieces were taken.
    pub(super) taken: usize,
    /// Characters of base64 that the last object still wants.
    missing: usize,
    /// The piece at which it stopped.
    stopped: Option<(usize, char)>,
}

/// Decodes a body. Headers ([RFC 1421 §4.4](https://www.rfc-editor.org/rfc/rfc1421#section-4.4)) and other text
/// before the first object are passed over. With `all`, lines behind a whole object belong to the body too.
pub(super) fn read(pieces: &[Piece<'_>], at: AtForeign, all: bool) -> Decoded {
    let start = pieces.iter().position(Piece::may_begin);
    let start = start.or_else(|| pieces.iter().position(Piece::is_evident)).unwrap_or(pieces.len());
    let mut stream = Stream::default();
    let (mut taken, mut stopped) = (start, None);
    for piece in pieces.iter().skip(start) {
        if let Some(character) = piece.foreign {
            if at == AtForeign::Stop {
                stopped = Some((piece.line, character)).filter(|_| !stream.is_whole());
                break;
            }
        } else {
            piece.characters().for_each(|c| stream.push(c));
        }
        taken += 1;
        if !all && stream.is_whole() {
            break;
        }
    }
    let missing = stream.missing();
    let (der, whole) = stream.end();
    Decoded { der, whole, taken, missing, stopped }
}

impl Decoded {
    /// What is wrong with a body that is not whole.
    pub(super) fn damage(&self, pieces: &[Piece<'_>]) -> Damage {
        let at = |(line, character): (usize, char)| Damage::Character {
            line,
            character: Untrusted::new(character),
        };
        let begins =
            content::length(&self.der).is_some() || matches!(*self.der.as_slice(), [0x30, _] | [0x30, _, _]);
        let stray = || pieces.iter().find_map(|piece| Some((piece.line, piece.stray?)));
        let broken = pieces.iter().filter(|piece| piece.core.len() >= EVIDENT);
        let broken = broken.filter_map(|piece| Some((piece.line, piece.foreign?))).next();
        match self.stopped.or(broken).or_else(stray) {
            Some(found) => at(found),
            None if !begins => Damage::NoBeginning,
            None if self.missing > 0 => Damage::Incomplete { missing: self.missing, uneven: uneven(pieces) },
            None => Damage::Trailing,
        }
    }
}

/// The first line but the last that is shorter than the longest.
fn uneven(pieces: &[Piece<'_>]) -> Option<(usize, usize, usize)> {
    let pieces: Vec<_> = pieces.iter().filter(|piece| piece.is_pure()).collect();
    let (_, inner) = pieces.split_last()?;
    let width = inner.iter().map(|piece| piece.core.len()).max()?;
    let piece = inner.iter().find(|piece| piece.core.len() < width)?;
    Some((piece.line, piece.core.len(), width))
}

/// Characters of base64 on their way to objects. Padding between characters may end an object, or be what
/// quoted-printable writes at the end of a line.
#[derive(Default)]
struct Stream {
    done: Zeroizing<Vec<u8>>,
    characters: Zeroizing<String>,
    /// How many characters the object takes that begins them.
    wanted: Option<usize>,
    padded: bool,
    /// Padding was taken for the end of this object once, and was not.
    tried: bool,
}

impl Stream {
    fn push(&mut self, c: char) {
        if c == '=' {
            self.padded = true;
            return;
        }
        if std::mem::take(&mut self.padded) && self.is_whole() && !std::mem::replace(&mut self.tried, true) {
            self.close();
        }
        self.characters.push(c);
        if self.characters.len() == HEADER {
            self.wanted = self.announced();
        }
    }

    /// How many characters the object takes by its own length.
    fn announced(&self) -> Option<usize> {
        content::length(&decode(&self.characters)).map(|octets| (octets * 8).div_ceil(6))
    }

    /// Whether the characters hold one object, or more.
    fn is_whole(&self) -> bool {
        self.wanted.is_some_and(|wanted| self.characters.len() >= wanted)
    }

    fn missing(&self) -> usize {
        let wanted = self.wanted.or_else(|| self.announced()).unwrap_or(HEADER);
        wanted.saturating_sub(self.characters.len())
    }

    /// Takes the characters as whole objects, if they are.
    fn close(&mut self) -> bool {
        let der = decode(&self.characters);
        let (objects, rest) = content::objects(&der);
        let whole = der.first() == Some(&0x30) && !objects.is_empty() && rest.is_empty();
        if whole {
            self.done.extend_from_slice(&der);
            (self.wanted, self.tried) = (None, false);
            self.characters = Zeroizing::default();
        }
        whole
    }

    fn end(mut self) -> (Zeroizing<Vec<u8>>, bool) {
        if self.close() || self.characters.is_empty() {
            let whole = !self.done.is_empty();
            return (self.done, whole);
        }
        let rest = decode(&self.characters);
        self.done.extend_from_slice(&rest);
        (self.done, false)
    }
}
