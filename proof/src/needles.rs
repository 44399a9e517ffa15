//! Looking for secrets in bytes: whole, in pieces, and in the spellings they could leak in.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use std::collections::{BTreeSet, HashMap};

/// Octets of a secret in a row that count as a leak.
const PIECE: usize = 16;

/// Secrets to look for.
#[derive(Default)]
pub(crate) struct Needles {
    names: Vec<String>,
    /// Every piece of every secret, and whose it is.
    pieces: HashMap<[u8; PIECE], usize>,
    /// The pieces by their first two octets: most places can be passed over.
    starts: Vec<bool>,
}

impl Needles {
    /// Looks for every 16 octets in a row of a secret.
    ///
    /// # Panics
    /// When it is shorter than that.
    pub(crate) fn add(&mut self, name: &str, secret: &[u8]) {
        assert!(secret.len() >= PIECE, "{name} is too short to be told from chance");
        self.starts.resize(1 << 16, false);
        for piece in secret.windows(PIECE) {
            // Runs of one octet are padding.
            if piece.iter().any(|octet| *octet != piece[0]) {
                self.starts[start(piece)] = true;
                self.pieces.insert(piece.try_into().unwrap(), self.names.len());
            }
        }
        self.names.push(name.to_owned());
    }

    /// Looks for a secret as it is, backwards (as limbs lie in memory), and in the spellings of text.
    pub(crate) fn add_spelled(&mut self, name: &str, secret: &[u8]) {
        self.add(name, secret);
        let backwards: Vec<u8> = secret.iter().rev().copied().collect();
        self.add(&format!("{name}, backwards"), &backwards);
        let wide: Vec<u8> = secret.iter().flat_map(|octet| [*octet, 0]).collect();
        self.add(&format!("{name}, UTF-16"), &wide);
        for (what, encoding) in [("hex", &HEXLOWER), ("HEX", &HEXUPPER)] {
            self.add(&format!("{name}, {what}"), encoding.encode(secret).as_bytes());
        }
        for (what, encoding) in [("base64", &BASE64), ("base64url", &BASE64URL)] {
            for skip in 0..3 {
                // What is left of the last group depends on what follows the secret.
                let whole = (secret.len() - skip) / 3 * 3;
                let text = encoding.encode(&secret[skip..skip + whole]);
                self.add(&format!("{name}, {what}"), text.as_bytes());
            }
        }
    }

    /// The names of all secrets of which a piece is there.
    pub(crate) fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let here = |piece: &[u8]| {
            let index = self.starts[start(piece)].then(|| self.pieces.get(piece)).flatten()?;
            Some(self.names[*index].as_str())
        };
        if self.starts.is_empty() { BTreeSet::new() } else { bytes.windows(PIECE).filter_map(here).collect() }
    }

    /// Fails when any is there.
    ///
    /// # Errors
    /// Which, and in what.
    pub(crate) fn refuse(&self, bytes: &[u8], place: &str) -> Result<(), String> {
        let found = self.found(bytes);
        if found.is_empty() { Ok(()) } else { Err(format!("{place}: {found:?}")) }
    }
}

fn start(piece: &[u8]) -> usize {
    usize::from(piece[0]) << 8 | usize::from(piece[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling_and_nothing_else_is() {
        let secret = b"a secret of twenty-eight octets.";
        let mut needles = Needles::default();
        needles.add_spelled("it", secret);
        for text in [
            String::from_utf8_lossy(secret).into_owned(),
            format!("x{}", HEXLOWER.encode(secret)),
            BASE64.encode(&[&b"1"[..], secret].concat()),
            BASE64.encode(&[&b"12"[..], secret].concat()),
            BASE64URL.encode(secret),
            "....secret of twenty-eigh....".to_owned(),
        ] {
            // Hexadecimal without letters is the same in both cases, so there may be two names.
            assert!(!needles.found(text.as_bytes()).is_empty(), "{text}");
        }
        for text in ["", "a secret", "another text that is much longer than any piece of it"] {
            assert!(needles.found(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
