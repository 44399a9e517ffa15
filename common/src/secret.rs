//! Secret bytes, and what no chosen secret may be.

use zeroize::Zeroizing;

/// Secret bytes, wiped on drop.
///
/// It cannot be shown, copied or written, as text can:
///
/// ```
/// fn shows_copies_writes<T: std::fmt::Debug + Clone + serde::Serialize>() {}
/// shows_copies_writes::<common::Untrusted>();
/// ```
///
/// ```compile_fail,E0277
/// fn shows<T: std::fmt::Debug>() {}
/// shows::<common::Secret>();
/// ```
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<common::Secret>();
/// ```
///
/// ```compile_fail,E0277
/// fn writes<T: serde::Serialize>() {}
/// writes::<common::Secret>();
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over bytes (the buffer must already be exactly the one to wipe).
    pub const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// Whether a long secret is one that guessing starts with (NIST SP 800-63B-4 §3.1.1.2 asks for
/// a blocklist): a unit of at most eight octets repeated, a run of the alphabet, of digits or of
/// the keyboard, or the one from the comic.
pub fn is_guessed_first(text: &str) -> bool {
    const RUNS: [&str; 5] = [
        "0123456789012345678901234567890123456789",
        "9876543210987654321098765432109876543210",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "correcthorsebatterystaple",
    ];
    let octets = text.as_bytes();
    let repeats = |unit: usize| octets.iter().zip(octets.iter().skip(unit)).all(|(a, b)| a == b);
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    let is_run = plain.len() >= SHORTEST_RUN && RUNS.iter().any(|run| run.contains(plain.as_str()));
    is_run || (1..=8).any(repeats)
}

/// Fewest characters of a run that is the whole secret; shorter ones are too short to be chosen at all.
const SHORTEST_RUN: usize = 15;

/// A byte order mark, which editors on Windows put in front of a file and nobody can type.
pub const BYTE_ORDER_MARK: char = '\u{feff}';
