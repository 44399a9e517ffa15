//! Text as it arrives from mail programs, editors and terminals, brought to plain lines.

use super::PemError;
use zeroize::Zeroizing;

/// The lines of an input, without what mail, editors and terminals put around them. Line numbers
/// are those of the input. Wiped on drop: it may turn out to hold a private key.
pub(super) struct Text {
    text: Zeroizing<String>,
    /// Line number and length of lines at which a terminal may have cut.
    suspicious: Vec<(usize, usize)>,
}

/// A line discipline in canonical mode keeps 4095 characters of a line (`N_TTY_BUF_SIZE` less one).
const TERMINAL_LINE: std::ops::RangeInclusive<usize> = 4095..=4096;

impl Text {
    pub(super) fn decode(input: &[u8]) -> Self {
        let decoded = Zeroizing::new(decode_utf(input));
        // ESC[200~ and ESC[201~ stand around a paste, ESC may be shown as ^[.
        let unpasted = ["\x1b[200~", "\x1b[201~", "^[[200~", "^[[201~"]
            .iter()
            .fold(decoded, |text, code| Zeroizing::new(text.replace(code, "")));
        let lines = Zeroizing::new(unpasted.replace("\r\n", "\n").replace('\r', "\n"));
        let mut text = Zeroizing::new(String::with_capacity(lines.len() + 1));
        let mut suspicious = Vec::new();
        for (index, line) in lines.split('\n').enumerate() {
            if TERMINAL_LINE.contains(&line.len()) {
                suspicious.push((index + 1, line.len()));
            }
            text.push_str(strip_decoration(line));
            text.push('\n');
        }
        Self { text, suspicious }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Lines with their 1-based numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The error for a body from this line on that is damaged where a terminal would have cut it.
    pub(super) fn cut_by_terminal(&self, first: usize, body: &str) -> Option<PemError> {
        let lines = first..=first + body.matches('\n').count();
        let cut = self.suspicious.iter().find(|(line, _)| lines.contains(line));
        cut.map(|(line, length)| PemError::CutByTerminal { line: *line, length: *length })
    }

    /// Any armour line of any kind of private key, however damaged the rest is; PuTTY's format.
    pub(super) fn refuse_private_key(&self) -> Result<(), PemError> {
        let found = self.lines().find(|(_, line)| names_private_key(line));
        let Some((line, label)) = found else { return Ok(()) };
        let headers = self.lines().skip(line).take(3);
        let encrypted = label.contains("ENCRYPTED")
            || headers.into_iter().any(|(_, header)| header.contains("Proc-Type: 4,ENCRYPTED"));
        Err(PemError::PrivateKey { line, encrypted })
    }
}

/// Indentation, `>` quoting, trailing blanks, and the invisible characters editors leave behind.
fn strip_decoration(line: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}');
    line.trim_start_matches(|c: char| blank(c) || c == '>').trim_end_matches(blank)
}

/// `BEGIN … PRIVATE KEY` or `END …` with dashes about it, judged by capital letters alone: what
/// stands between the words may have suffered, the key behind it is a key all the same.
fn names_private_key(line: &str) -> bool {
    let near = |word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let (before, after) = line.split_at(at);
            let starts = !before.ends_with(char::is_alphanumeric);
            // At most `SSH ENCRYPTED` stands between the two words.
            let reach = after.chars().skip(word.len()).take(40).filter(char::is_ascii_uppercase);
            starts && reach.collect::<String>().contains("PRIVATEKEY")
        })
    };
    line.starts_with("PuTTY-User-Key-File-") || line.contains(is_dash) && (near("BEGIN") || near("END"))
}

/// A hyphen, or what word processors make of one or several.
pub(super) const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// UTF-8 (its BOM is decoration of the first line), or UTF-16 as Windows programs save it, with BOM
/// or recognisable by its NULs; octets that are neither become U+FFFD, for instance a name in
/// Latin-1 above a block.
fn decode_utf(input: &[u8]) -> String {
    let utf16 = |octets: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = octets.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match input {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => utf16(input, u16::from_le_bytes),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => utf16(input, u16::from_be_bytes),
        _ => String::from_utf8_lossy(input).into_owned(),
    }
}
