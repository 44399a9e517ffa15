//! Text and DER to blocks: every one that can be read is read, what cannot be is told with its line.

use super::armour::{Mark, Region, regions};
use super::body::{self, AtForeign, Decoded, Piece};
use super::content::{self, Shape};
use super::decoration::{Decoration, comment};
use super::fault::{Damage, Fault, Kind, Remarked};
use super::foreign::Foreign;
use super::objects::Found;
use super::octets::{self, Part};
use super::text::Text;
use super::{PemError, Reading, private_key, transport};
use common::Untrusted;
use std::ops::Range;
use zeroize::Zeroizing;

/// A line discipline in canonical mode keeps 4095 characters of a line (`N_TTY_BUF_SIZE` less one).
const TERMINAL_LINE: std::ops::RangeInclusive<usize> = 4095..=4096;
/// Base64 of this length in a line by itself is looked at although nothing announces it.
const BARE: usize = 40;
/// Base64 of this length among other characters of a line.
const EMBEDDED: usize = 64;
/// Texts in base64 inside each other that are read.
const DEPTH: usize = 2;

/// What was found so far.
#[derive(Default)]
pub(super) struct Collector {
    pub(super) reading: Reading,
    /// A kind of file that lies in base64 among the text.
    pub(super) foreign: Option<Foreign>,
    /// Whether there was anything but blanks.
    pub(super) anything: bool,
    /// Lines of the present text at which a terminal may have cut, with their lengths.
    pub(super) cut: Vec<(usize, usize)>,
    depth: usize,
}

impl Collector {
    /// Reads an input, or what lies in base64 in this line of one.
    pub(super) fn read(&mut self, input: &[u8], within: Option<usize>) -> Result<(), PemError> {
        let mut parts: Vec<Part<'_>> = octets::parts(input);
        let mut cut = Vec::new();
        for part in &mut parts {
            match part {
                Part::Text(text) => {
                    self.anything |= !text.as_str().trim().is_empty();
                    cut.push(cut_lines(text));
                    let undone = transport::undo(std::mem::take(text));
                    *text = match within {
                        Some(line) => undone.within(line),
                        None => undone,
                    };
                }
                Part::Der(_, line) => *line = within.unwrap_or(*line),
            }
        }
        for part in &parts {
            if let Part::Text(text) = part
                && let Some((line, encrypted)) = private_key::find(text)
            {
                return Err(PemError::PrivateKey { line, encrypted });
            }
        }
        let mut cut = cut.into_iter();
        for part in &parts {
            match part {
                Part::Text(text) => {
                    self.cut = cut.next().unwrap_or_default();
                    self.text(text)?;
                }
                Part::Der(der, line) => self.der(der, *line)?,
            }
        }
        Ok(())
    }

    fn der(&mut self, der: &[u8], line: usize) -> Result<(), PemError> {
        self.anything = true;
        let found = Found { line, label: "", sound: true, unended: false, interrupted: false };
        match content::length(der) {
            Some(length) if length > der.len() => {
                let kind = self.kind(der, &found)?;
                let damage = Damage::Short { missing: length - der.len() };
                self.reading.faults.push(Fault { kind, line, damage });
                Ok(())
            }
            _ => self.objects(der, &found),
        }
    }

    fn text(&mut self, text: &Text) -> Result<(), PemError> {
        for region in regions(text) {
            match region {
                Region::Closed { begin, end } => self.closed(text, &begin, &end)?,
                Region::Open { range, begin, end } => self.open(text, range, begin, end)?,
            }
        }
        Ok(())
    }

    /// A BEGIN with its END. In a sentence, only what begins as DER does is a block.
    fn closed(&mut self, text: &Text, begin: &Mark<'_>, end: &Mark<'_>) -> Result<(), PemError> {
        let range = begin.end..end.start;
        let dressed = pieces(text, range.clone(), begin.about);
        let (decoded, interrupted) = decode(text, range.clone(), &dressed);
        let sound = begin.sound && end.sound && begin.label == end.label;
        let found = Found { line: begin.line, label: begin.label, sound, unended: false, interrupted };
        if is_commented(text, range, begin, Some(end)) {
            return self.commented(&decoded, &found);
        }
        if decoded.whole {
            return self.objects(&decoded.der, &found);
        }
        let announced = begin.alone && end.alone;
        if is_block(&dressed, announced) {
            return self.damaged(&decoded, &dressed, &found);
        }
        if announced {
            self.remark(begin.line, Remarked::NoBase64(Untrusted::new(begin.label)));
        }
        Ok(())
    }

    /// Text outside of blocks: a block whose BEGIN or END is lost, or base64 that had neither.
    fn open(
        &mut self,
        text: &Text,
        range: Range<usize>,
        begin: Option<Mark<'_>>,
        end: Option<Mark<'_>>,
    ) -> Result<(), PemError> {
        let about = begin.map_or_else(Decoration::default, |begin| begin.about);
        let whole_text = range == (0..text.as_str().len());
        let is_last = range.end == text.as_str().len();
        let pieces: Vec<_> = pieces(text, range.clone(), about).into_iter().flat_map(embedded).collect();
        let bare = whole_text && pieces.iter().all(Piece::is_pure);
        let commented = begin.is_some_and(|begin| is_commented(text, range.clone(), &begin, None));
        let first = pieces.iter().position(Piece::is_pure);
        let (mut at, mut begun, mut ended) = (0, false, false);
        while let Some(piece) = pieces.get(at) {
            let behind_begin = begin.filter(|_| Some(at) == first);
            let announced = behind_begin.is_some() || bare;
            let rest = pieces.get(at..).unwrap_or_default();
            let taken = if piece.may_begin() && (announced || piece.core.len() >= BARE) {
                let decoded = body::read(rest, AtForeign::Stop, false);
                let reached = at + decoded.taken >= pieces.len();
                let label = behind_begin.or(end.filter(|_| reached)).map_or("", |mark| mark.label);
                let line = behind_begin.map_or(piece.line, |begin| begin.line);
                let unended = behind_begin.is_some() && end.is_none();
                let found = Found { line, label, sound: label.is_empty(), unended, interrupted: false };
                let hidden = commented && behind_begin.is_some();
                let taken = self.run(&decoded, rest, &found, announced, hidden)?;
                begun |= behind_begin.is_some() && taken > 0;
                ended |= reached && taken > 0;
                taken
            } else {
                0
            };
            at += if taken > 0 { taken } else { self.encoded(rest)? };
        }
        if let Some(begin) = begin.filter(|_| !begun) {
            let mut behind = pieces.iter().take_while(|piece| piece.is_pure());
            self.lonely(&begin, behind.find(|piece| piece.is_evident()), is_last && pieces.is_empty());
        }
        if let Some(end) = end.filter(|_| !ended) {
            let before = pieces.iter().rev().take_while(|piece| piece.is_pure());
            self.lonely(&end, before.filter(|piece| piece.is_evident()).last(), false);
        }
        Ok(())
    }

    /// What begins like an object outside of a block; how many pieces it takes, 0 when it is none.
    fn run(
        &mut self,
        decoded: &Decoded,
        pieces: &[Piece<'_>],
        found: &Found<'_>,
        announced: bool,
        commented: bool,
    ) -> Result<usize, PemError> {
        if !announced && Shape::of(&decoded.der) == Shape::Unknown {
            return Ok(0);
        }
        match (commented, decoded.whole) {
            (true, _) => self.commented(decoded, found)?,
            (false, true) => self.objects(&decoded.der, found)?,
            (false, false) => self.damaged(decoded, pieces, found)?,
        }
        Ok(decoded.taken.max(1))
    }

    /// Base64 of a text with blocks in it (a Secret of Kubernetes, a file attached to a mail), or of another kind of
    /// file; how many pieces it has.
    fn encoded(&mut self, pieces: &[Piece<'_>]) -> Result<usize, PemError> {
        let lines = pieces.iter().take_while(|piece| piece.is_evident() && !piece.core.contains(' ')).count();
        let Some(first) = pieces.first().filter(|first| lines > 0 && first.core.len() >= BARE) else {
            return Ok(1);
        };
        // The last line is shorter.
        let lines = lines + usize::from(pieces.get(lines).is_some_and(Piece::is_pure));
        let characters: Zeroizing<String> =
            Zeroizing::new(pieces.iter().take(lines).map(|piece| piece.core.trim_end_matches('=')).collect());
        let octets = body::decode(&characters);
        self.foreign = self.foreign.or(Foreign::of(&octets));
        let is_text = |octet: &u8| octet.is_ascii_graphic() || octet.is_ascii_whitespace();
        let begins = |begin: &&[u8]| octets.windows(begin.len()).any(|window| window == *begin);
        let holds_text =
            octets.iter().all(is_text) || [&b"-----BEGIN "[..], b"-\0B\0E\0G\0I\0N\0"].iter().any(begins);
        if holds_text && self.depth < DEPTH {
            self.depth += 1;
            self.read(&octets, Some(first.line))?;
            self.depth -= 1;
        }
        Ok(lines)
    }

    /// A BEGIN or END without its other half, with or without base64 at it.
    fn lonely(&mut self, mark: &Mark<'_>, body: Option<&Piece<'_>>, cut: bool) {
        let kind = Kind::of_label(mark.label);
        let line = body.map_or(mark.line, |body| body.line);
        match body {
            _ if !mark.alone => {}
            Some(_) => self.reading.faults.push(Fault { kind, line, damage: Damage::NoBeginning }),
            None if cut => self.reading.faults.push(Fault { kind, line, damage: Damage::NoEnd }),
            None if mark.sound => self.remark(line, Remarked::Alone(Untrusted::new(mark.label))),
            None => {}
        }
    }
}

/// The lines at which a terminal may have cut, with their lengths.
fn cut_lines(text: &Text) -> Vec<(usize, usize)> {
    let length = |line: &super::text::Line<'_>| (line.number, line.text.chars().count());
    text.all_lines().map(|line| length(&line)).filter(|(_, length)| TERMINAL_LINE.contains(length)).collect()
}

fn pieces<'t>(text: &'t Text, range: Range<usize>, about: Decoration<'_>) -> Vec<Piece<'t>> {
    let lines = text.lines(range).enumerate();
    lines.filter_map(|(below, line)| Piece::of(line, about, below)).collect()
}

/// The long runs of base64 in a line of something else: `tls.crt: LS0t…`, `<X509Certificate>MIID…`, `["MIID…","MIIE…"]`.
fn embedded(piece: Piece<'_>) -> Vec<Piece<'_>> {
    let runs = || piece.core.split(|c| !body::is_base64(c) || c == '=').filter(|run| run.len() >= EMBEDDED);
    if piece.is_pure() || runs().next().is_none() {
        return vec![piece];
    }
    runs().map(|run| Piece::pure(piece.line, run)).collect()
}

/// Decodes what lies between two marks: as it is dressed, without lines that are no base64, or undressed.
fn decode(text: &Text, range: Range<usize>, dressed: &[Piece<'_>]) -> (Decoded, bool) {
    let decoded = body::read(dressed, AtForeign::Stop, true);
    if decoded.whole {
        return (decoded, false);
    }
    let skipping = body::read(dressed, AtForeign::Skip, true);
    if skipping.whole {
        return (skipping, true);
    }
    let undressed = body::read(&pieces(text, range, Decoration::default()), AtForeign::Stop, true);
    (if undressed.whole { undressed } else { decoded }, false)
}

/// Whether there is a block between two marks: any base64 that no sentence has, if the marks announce one, else what
/// begins as an object does or is long.
fn is_block(pieces: &[Piece<'_>], announced: bool) -> bool {
    let evident = pieces.iter().filter(|piece| piece.is_evident()).count();
    let broken = pieces.iter().any(|piece| piece.core.len() >= BARE && !piece.core.contains(' '));
    let begins = pieces.iter().find(|piece| piece.is_pure()).is_some_and(Piece::may_begin);
    begins || evident >= if announced { 1 } else { 2 } || announced && broken
}

/// Whether the BEGIN and the line below it, or the END, begin with the same mark of a comment.
fn is_commented(text: &Text, body: Range<usize>, begin: &Mark<'_>, end: Option<&Mark<'_>>) -> bool {
    let Some(mark) = begin.about.comment() else { return false };
    let below = text.lines(body).skip(1).map(|line| line.text).find(|line| !line.trim().is_empty());
    let end = end.map(|end| end.about.before);
    below.is_none() || below.into_iter().chain(end).any(|line| comment(line) == Some(mark))
}
