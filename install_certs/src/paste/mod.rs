//! The paste reader, pure: bytes as the terminal delivers them and moments of silence go in,
//! what to do next comes out. [`terminal`] owns the descriptor.
//!
//! A paste arrives in bursts. It has ended when nothing follows for a moment and either a blank
//! line closed it or at least two blocks did, when a person presses Enter on an empty line, or on
//! Ctrl-D. A blank line between two certificates of one burst ends nothing.

pub(crate) mod terminal;

use pki::pem::MAX_INPUT;
use zeroize::Zeroizing;

/// Ctrl-D: without canonical mode it arrives as a byte.
const END_OF_TRANSMISSION: u8 = 0x04;

/// What the reader wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Keep reading.
    More,
    /// The paste has ended.
    Done,
    /// A private key has begun: nothing from this line on may be shown.
    PrivateKey {
        /// Whether its BEGIN says that it is under a passphrase.
        sealed: bool,
    },
    /// More than [`MAX_INPUT`] bytes.
    TooLarge,
}

/// What a silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Nothing to say; keep waiting.
    Wait,
    /// The paste has ended.
    Done,
    /// One whole block is there: say that more may follow and how to end. Said once per block.
    Complete,
    /// A block has begun and not ended: say so. Said once per block.
    Unfinished,
}

/// How much of an unfinished line is searched for a BEGIN: quoting, indentation, and the longest label.
const LONGEST_BEGIN: usize = 256;

/// Milliseconds without a byte after which a paste that a blank line closed has ended.
const QUIET_AFTER_BLANK: u32 = 250;
/// Milliseconds after which a paste of two or more blocks has ended, or an open block is remarked on.
const QUIET_AFTER_BLOCKS: u32 = 1_000;

/// One paste, as far as it has arrived.
pub(crate) struct Paste {
    // Wiped on drop, and never reallocated: what was pasted may be a private key.
    bytes: Zeroizing<Vec<u8>>,
    line_start: usize,
    open: bool,
    blocks: usize,
    /// Some text other than blank lines has arrived.
    begun: bool,
    /// The last complete line was blank and came after text.
    blank: bool,
    /// A remark about the present situation has been made.
    remarked: bool,
}

impl Paste {
    pub(crate) fn new() -> Self {
        let bytes = Zeroizing::new(Vec::with_capacity(MAX_INPUT));
        Self { bytes, line_start: 0, open: false, blocks: 0, begun: false, blank: false, remarked: false }
    }

    /// What was pasted.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes bytes as they arrived; what follows the end of the paste is dropped.
    pub(crate) fn feed(&mut self, burst: &[u8]) -> Step {
        for &byte in burst {
            if byte == END_OF_TRANSMISSION {
                return Step::Done;
            }
            if self.bytes.len() == MAX_INPUT {
                return Step::TooLarge;
            }
            let after_cr = self.line_start > 0 && self.line().is_empty() && self.bytes.ends_with(b"\r");
            self.bytes.push(byte);
            if byte == b'\n' && after_cr {
                self.line_start = self.bytes.len(); // the second half of a CRLF
            } else if matches!(byte, b'\n' | b'\r') {
                match self.end_line() {
                    Step::More => {}
                    end @ (Step::Done | Step::PrivateKey { .. } | Step::TooLarge) => return end,
                }
            }
        }
        // A line need not end before it gives a private key away.
        let start = self.line().get(..LONGEST_BEGIN).unwrap_or(self.line());
        begun_private_key(start).unwrap_or(Step::More)
    }

    /// How much of what was pasted may be shown: everything before a line that begins a private key.
    pub(crate) fn showable(&self, step: Step) -> &[u8] {
        let end = match step {
            Step::PrivateKey { .. } => self.line_start,
            Step::More | Step::Done | Step::TooLarge => self.bytes.len(),
        };
        self.bytes.get(..end).unwrap_or_default()
    }

    fn line(&self) -> &[u8] {
        self.bytes.get(self.line_start..).unwrap_or_default()
    }

    fn end_line(&mut self) -> Step {
        let line = unquoted(self.line());
        let (blank, begins, ends) =
            (line.is_empty(), line.starts_with(b"-----BEGIN "), line.starts_with(b"-----END "));
        if let Some(key) = begun_private_key(line) {
            return key;
        }
        self.line_start = self.bytes.len();
        if begins {
            self.open = true;
            self.remarked = false;
        } else if ends && self.open {
            self.open = false;
            self.blocks += 1;
            self.remarked = false;
        }
        // A blank line answers the remark that everything is there: a person pressed Enter.
        if blank && self.remarked && !self.open {
            return Step::Done;
        }
        self.begun |= !blank;
        self.blank = blank && self.begun;
        Step::More
    }

    /// Judges a silence of that many milliseconds.
    pub(crate) fn silence(&mut self, millis: u32) -> Silence {
        let ended = !self.open && self.begun;
        if ended && self.blank && millis >= QUIET_AFTER_BLANK {
            return Silence::Done;
        }
        if millis < QUIET_AFTER_BLOCKS || !self.line().is_empty() {
            return Silence::Wait;
        }
        if ended && self.blocks >= 2 {
            return Silence::Done;
        }
        let remark = if self.open {
            Silence::Unfinished
        } else if self.blocks > 0 {
            Silence::Complete
        } else {
            return Silence::Wait;
        };
        if std::mem::replace(&mut self.remarked, true) { Silence::Wait } else { remark }
    }
}

/// A line without its ending, bracketed-paste marks, mail quoting and indentation.
fn unquoted(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    for mark in [b"\x1b[200~".as_slice(), b"\x1b[201~"] {
        line = line.strip_prefix(mark).unwrap_or(line);
        line = line.strip_suffix(mark).unwrap_or(line);
    }
    let start = line.iter().position(|b| !matches!(b, b'>' | b' ' | b'\t')).unwrap_or(line.len());
    line.get(start..).unwrap_or_default().trim_ascii()
}

/// The private key of any kind (PKCS#8, sealed or not, SEC 1, PKCS#1, OpenSSH, PGP) that a line,
/// complete or not, begins.
fn begun_private_key(line: &[u8]) -> Option<Step> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|w| w == what);
    let label = line.get(find(line, b"BEGIN ")?..)?;
    let kind = label.get(..find(label, b"PRIVATE KEY")?)?;
    Some(Step::PrivateKey { sealed: find(kind, b"ENCRYPTED").is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERT: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    fn pasted(text: &[u8]) -> Paste {
        let mut paste = Paste::new();
        assert_eq!(paste.feed(text), Step::More);
        paste
    }

    #[test]
    fn a_blank_line_after_the_chain_ends_it_once_nothing_follows() {
        let mut paste = pasted(&[CERT, b"\n"].concat());
        assert_eq!(paste.silence(100), Silence::Wait);
        assert_eq!(paste.silence(250), Silence::Done);
    }

    #[test]
    fn a_blank_line_between_certificates_of_one_burst_ends_nothing() {
        let mut paste = pasted(&[CERT, b"\n\n"].concat());
        assert_eq!(paste.silence(100), Silence::Wait);
        assert_eq!(paste.feed(CERT), Step::More);
        assert_eq!(paste.silence(250), Silence::Wait);
        assert_eq!(paste.silence(1_000), Silence::Done);
        assert_eq!(paste.bytes(), [CERT, b"\n\n", CERT].concat());
    }

    #[test]
    fn a_second_end_with_nothing_after_it_ends_the_paste() {
        let mut paste = pasted(&[CERT, CERT].concat());
        assert_eq!(paste.silence(999), Silence::Wait);
        assert_eq!(paste.silence(1_000), Silence::Done);
    }

    #[test]
    fn one_certificate_is_remarked_on_once_and_enter_ends_it() {
        let mut paste = pasted(CERT);
        assert_eq!(paste.silence(1_000), Silence::Complete);
        assert_eq!(paste.silence(2_000), Silence::Wait);
        assert_eq!(paste.feed(b"\n"), Step::Done);
    }

    #[test]
    fn more_may_follow_the_remark() {
        let mut paste = pasted(CERT);
        assert_eq!(paste.silence(1_000), Silence::Complete);
        assert_eq!(paste.feed(CERT), Step::More);
        assert_eq!(paste.silence(1_000), Silence::Done);
    }

    #[test]
    fn ctrl_d_ends_everywhere() {
        for text in [b"\x04".as_slice(), b"-----BEGIN CERTIFICATE-----\nMIIB\n\x04", b"half a line\x04"] {
            assert_eq!(Paste::new().feed(text), Step::Done);
        }
    }

    #[test]
    fn blank_lines_before_the_paste_are_nothing() {
        let mut paste = pasted(b"\n \r\n\t\n");
        assert_eq!(paste.silence(60_000), Silence::Wait);
        assert_eq!(paste.feed(CERT), Step::More);
        assert_eq!(paste.silence(1_000), Silence::Complete);
    }

    #[test]
    fn a_blank_line_inside_a_block_ends_nothing_and_a_missing_end_is_remarked_on() {
        let mut paste = pasted(b"-----BEGIN CERTIFICATE-----\n\nMIIB\n\n");
        assert_eq!(paste.silence(250), Silence::Wait);
        assert_eq!(paste.silence(1_000), Silence::Unfinished);
        assert_eq!(paste.feed(b"\n"), Step::More);
    }

    #[test]
    fn text_without_armour_ends_with_a_blank_line() {
        let mut paste = pasted(b"MIIBszCC\n\n");
        assert_eq!(paste.silence(250), Silence::Done);
        let mut line = pasted(b"MIIBszCC");
        assert_eq!(line.silence(60_000), Silence::Wait);
    }

    #[test]
    fn quoted_indented_and_bracketed_lines_are_recognised() {
        for (begin, end, eol) in
            [("> ", "> ", "\n"), ("  \t", "  ", "\r\n"), (">> >", "", "\r"), ("\x1b[200~", "", "\n")]
        {
            let text = format!(
                "{begin}-----BEGIN CERTIFICATE-----{eol}MIIB{eol}{end}-----END CERTIFICATE-----{eol}"
            );
            assert_eq!(pasted(text.as_bytes()).silence(1_000), Silence::Complete, "{text:?}");
        }
    }

    #[test]
    fn a_private_key_is_seen_before_its_line_ends() {
        for label in ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
            let line = format!("> -----BEGIN {label}-----");
            let key = Step::PrivateKey { sealed: label.starts_with("ENCRYPTED") };
            assert_eq!(Paste::new().feed(line.as_bytes()), key, "{label}");
            let whole = [CERT, line.as_bytes(), b"\nMIIE\n"].concat();
            assert_eq!(Paste::new().feed(&whole), key, "{label}");
        }
        assert_eq!(Paste::new().feed(b"-----BEGIN PUBLIC KEY-----\n"), Step::More);
    }

    #[test]
    fn every_split_of_a_paste_into_bursts_reads_the_same() {
        let text = [CERT, b"\r\n", CERT, b"\n"].concat();
        for at in 0..text.len() {
            let (first, second) = text.split_at(at);
            let mut paste = pasted(first);
            assert_eq!(paste.feed(second), Step::More);
            assert_eq!(paste.bytes(), text);
            assert_eq!(paste.silence(250), Silence::Done, "split at {at}");
        }
    }

    #[test]
    fn over_the_limit_is_said_and_never_cut() {
        let mut paste = pasted(&vec![b'A'; MAX_INPUT]);
        assert_eq!(paste.feed(b"A"), Step::TooLarge);
    }
}
