//! Cuts an input into pieces of one PEM block each, as it is read: a gigabyte of requests passes
//! through a buffer of two mebibytes, and a damaged block spoils no other.
//!
//! What a piece holds is decided by [`pki::pem`] alone; here only `-----BEGIN ` and
//! `-----END ` are looked for.

use common::Role;
use memchr::memmem;
use pki::pem::MAX_INPUT;
use std::io::{self, ErrorKind, Read};

/// One piece of an input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// From a BEGIN to its END, or as far as it goes.
    Block {
        /// The line of the input it begins in, from 1.
        line: usize,
        /// The piece.
        bytes: &'a [u8],
        /// The role, when the heading of `get_csrs` stands above.
        role: Option<Role>,
    },
    /// An input without any PEM block, whole.
    Whole(&'a [u8]),
    /// More than [`MAX_INPUT`] without an end.
    TooLong {
        /// The line it begins in.
        line: usize,
    },
}

/// How much is read at once.
const CHUNK: usize = 64 * 1024;
/// Octets kept of text that was passed: longer than any mark, and room for a heading.
const KEPT: usize = 512;
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// The state of one input.
pub(super) struct Splitter<'a, R> {
    input: R,
    window: Window<'a>,
    ended: bool,
    /// Whether the input begins as DER does.
    is_der: bool,
    /// Whether a block was found: then what is left is only text.
    found: bool,
    /// Whether the END of a block that was given up is still to come.
    orphan: bool,
    /// Whether text was dropped, so that the input can no longer be given whole.
    dropped: bool,
}

/// What to do next, in octets from where we are.
enum Step {
    Give(usize),
    /// A block that never ends.
    GiveUp(usize),
    Skip(usize),
    /// Read on; so much is not needed any more.
    Read(usize),
}

impl<'a, R: Read> Splitter<'a, R> {
    /// Begins; the buffer is used, whatever it holds.
    pub(super) const fn new(input: R, buffer: &'a mut Vec<u8>) -> Self {
        let window = Window { buffer, at: 0, filled: 0, line: 1 };
        Self { input, window, ended: false, is_der: false, found: false, orphan: false, dropped: false }
    }

    /// The input, when no more pieces are wanted.
    pub(super) fn into_input(self) -> R {
        self.input
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            match self.step() {
                Step::Skip(count) => self.window.advance(count),
                Step::Read(_) if self.ended => return Ok(self.last()),
                Step::Read(unneeded) => {
                    self.dropped |= unneeded > 0;
                    self.window.advance(unneeded);
                    self.ended = self.window.fill(&mut self.input)? == 0;
                }
                Step::GiveUp(count) => {
                    let line = self.window.line;
                    (self.found, self.orphan) = (true, true);
                    self.window.advance(count);
                    return Ok(Some(Piece::TooLong { line }));
                }
                Step::Give(count) => {
                    self.found = true;
                    let (line, role) = (self.window.line, self.window.heading());
                    return Ok(Some(Piece::Block { line, bytes: self.window.take(count), role }));
                }
            }
        }
    }

    /// The whole input, when it held no block; after that, nothing.
    fn last(&mut self) -> Option<Piece<'_>> {
        match (std::mem::replace(&mut self.found, true), self.dropped) {
            (true, _) => None,
            (false, true) => Some(Piece::TooLong { line: 1 }),
            (false, false) => Some(Piece::Whole(self.window.take(self.window.rest().len()))),
        }
    }

    fn step(&mut self) -> Step {
        let rest = self.window.rest();
        self.is_der |= self.window.at == 0 && matches!(rest, [0x30, 0x80..=0x84, ..]);
        if self.is_der {
            // What looks like a mark in it is none.
            let large = self.dropped || rest.len() > MAX_INPUT;
            return Step::Read(if large { rest.len() } else { 0 });
        }
        match mark(rest) {
            None if self.found || self.dropped || rest.len() > MAX_INPUT => {
                Step::Read(rest.len().saturating_sub(KEPT))
            }
            None => Step::Read(0),
            Some((0, true)) => self.to_end(rest),
            Some((0, false)) => match self.mark_length(rest) {
                None => Step::Read(0),
                Some(length) if std::mem::take(&mut self.orphan) => Step::Skip(length),
                Some(length) => Step::Give(length),
            },
            Some((start, _)) => Step::Skip(start),
        }
    }

    /// From a BEGIN to the end of its END, to the next BEGIN, or to the end of the input.
    fn to_end(&self, block: &[u8]) -> Step {
        let body = block.get(BEGIN.len()..).unwrap_or_default();
        let next = mark(body).map(|(at, begins)| (at + BEGIN.len(), begins));
        match next {
            Some((at, true)) => Step::Give(at),
            Some((at, false)) => {
                let length = self.mark_length(block.get(at..).unwrap_or_default());
                length.map_or(Step::Read(0), |length| Step::Give(at + length))
            }
            None if block.len() > MAX_INPUT => Step::GiveUp(BEGIN.len()),
            None if self.ended => Step::Give(block.len()),
            None => Step::Read(0),
        }
    }

    /// The length of an END up to its closing dashes, or to the end of its line.
    fn mark_length(&self, mark: &[u8]) -> Option<usize> {
        let label = mark.get(END.len()..)?;
        let line = memchr::memchr2(b'\n', b'\r', label);
        let dashes = memmem::find(label.get(..line.unwrap_or(label.len()))?, b"-----").map(|at| at + 5);
        let length = dashes.or(line).map(|length| END.len() + length);
        length.or(self.ended.then_some(mark.len()))
    }
}

/// Where the first mark is, and whether it is a BEGIN. What PGP puts around a mail is none.
fn mark(bytes: &[u8]) -> Option<(usize, bool)> {
    memmem::find_iter(bytes, b"-----").find_map(|at| {
        let rest = bytes.get(at..)?;
        let begin = rest.strip_prefix(BEGIN);
        let label = begin.or_else(|| rest.strip_prefix(END))?;
        (!label.starts_with(b"PGP ")).then_some((at, begin.is_some()))
    })
}

/// A part of the input in a buffer that is not cleared between inputs.
struct Window<'a> {
    buffer: &'a mut Vec<u8>,
    /// Where we are, and where what was read ends.
    at: usize,
    filled: usize,
    /// The line we are in, from 1.
    line: usize,
}

impl Window<'_> {
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.filled).unwrap_or_default()
    }

    fn advance(&mut self, count: usize) {
        self.take(count);
    }

    fn take(&mut self, count: usize) -> &[u8] {
        let taken = self.buffer.get(self.at..self.at + count).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', taken).count();
        self.at += count;
        taken
    }

    /// Reads on; gives how much.
    fn fill(&mut self, input: &mut impl Read) -> io::Result<usize> {
        if self.at > CHUNK + KEPT {
            let from = self.at - KEPT;
            self.buffer.copy_within(from..self.filled, 0);
            (self.at, self.filled) = (KEPT, self.filled - from);
        }
        if self.buffer.len() < self.filled + CHUNK {
            self.buffer.resize(self.filled + CHUNK, 0);
        }
        loop {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match input.read(room) {
                Ok(count) => {
                    self.filled += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The heading in the lines above, up to another block.
    fn heading(&self) -> Option<Role> {
        let above = self.buffer.get(self.at.saturating_sub(KEPT)..self.at)?;
        let above = memmem::rfind(above, END).and_then(|end| above.get(end..)).unwrap_or(above);
        Role::BOTH.into_iter().find(|role| memmem::find(above, role.request_heading().as_bytes()).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few octets at a time, which reads of files never do.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(out.len());
            let (now, later) = self.0.split_at(count);
            out[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn pieces(input: &[u8], step: usize) -> Vec<String> {
        let mut buffer = vec![b'-'; 100];
        let mut splitter = Splitter::new(Slow(input, step), &mut buffer);
        let mut all = vec![];
        while let Some(piece) = splitter.next().unwrap() {
            all.push(match piece {
                Piece::Block { line, bytes, role } => {
                    let role = role.map_or("", Role::stem);
                    format!("{line}{role} {}", String::from_utf8_lossy(bytes).replace('\n', "|"))
                }
                Piece::Whole(bytes) => format!("whole {}", bytes.len()),
                Piece::TooLong { line } => format!("too long {line}"),
            });
        }
        assert!(splitter.next().unwrap().is_none());
        all
    }

    const A: &str = "-----BEGIN A-----\naa\n-----END A-----";

    #[test]
    fn blocks_are_found_whatever_surrounds_them() {
        let a = A.replace('\n', "|");
        for (input, expected) in [
            (A.to_owned(), vec![format!("1 {a}")]),
            (format!("text\n{A}\ntext\n\n{A}\n"), vec![format!("2 {a}"), format!("7 {a}")]),
            (format!("> {A}{A}"), vec![format!("1 {a}"), format!("3 {a}")]),
            (format!("UI Certificate Request\nx\n{A}\n{A}"), vec![format!("3assets {a}"), format!("6 {a}")]),
            (
                format!("-----BEGIN A-----\nbb\n{A}"),
                vec!["1 -----BEGIN A-----|bb|".to_owned(), format!("3 {a}")],
            ),
            ("-----BEGIN A-----\nbb\n".to_owned(), vec!["1 -----BEGIN A-----|bb|".to_owned()]),
            (format!("x\n-----END B-----\n{A}"), vec!["2 -----END B-----".to_owned(), format!("3 {a}")]),
            (
                format!("-----BEGIN PGP SIGNED MESSAGE-----\n{A}\n-----END PGP SIGNATURE-----"),
                vec![format!("2 {a}")],
            ),
            ("no block".to_owned(), vec!["whole 8".to_owned()]),
            (String::new(), vec!["whole 0".to_owned()]),
            ("0\u{0}-----BEGIN".to_owned(), vec!["whole 12".to_owned()]),
        ] {
            for step in [1, 7, 1000] {
                assert_eq!(pieces(input.as_bytes(), step), expected, "{input:?} by {step}");
            }
        }
        let der = [&[0x30, 0x82][..], A.as_bytes()].concat();
        assert_eq!(pieces(&der, 9), [format!("whole {}", der.len())]);
    }

    #[test]
    fn what_never_ends_is_given_up_and_the_rest_is_still_found() {
        let long = "x".repeat(MAX_INPUT + CHUNK);
        let a = A.replace('\n', "|");
        let input = format!("\n-----BEGIN A-----\n{long}\n-----END A-----\n{A}\n{long}\n{A}");
        let expected = ["too long 2".to_owned(), format!("5 {a}"), format!("9 {a}")];
        assert_eq!(pieces(input.as_bytes(), CHUNK), expected);
        assert_eq!(pieces(long.as_bytes(), CHUNK), ["too long 1"]);
        assert_eq!(
            pieces(&[&[0x30, 0x83][..], long.as_bytes(), A.as_bytes()].concat(), CHUNK),
            ["too long 1"]
        );
    }

    #[test]
    fn the_buffer_does_not_grow_with_the_input() {
        let input = format!("{A}\n{}\n", "text ".repeat(40)).repeat(20_000);
        let mut buffer = Vec::new();
        let mut splitter = Splitter::new(input.as_bytes(), &mut buffer);
        let mut count = 0;
        while splitter.next().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 20_000);
        assert!(buffer.capacity() < 1 << 20, "{}", buffer.capacity());
    }
}
