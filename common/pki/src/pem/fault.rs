//! What was found beside the blocks that could be read: what was passed over, and what is damaged.

use common::Untrusted;
use std::fmt;

/// What a block is, by its content or, where that cannot be read, by its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A certificate.
    Certificate,
    /// A certification request.
    Request,
    /// Certificates in a bundle.
    Pkcs7,
    /// A list of revoked certificates.
    Crl,
    /// A public key alone.
    PublicKey,
    /// Something else, with its label.
    Other(Untrusted),
    /// Something else, without a label.
    Unknown,
}

impl Kind {
    /// What a label promises.
    pub(super) fn of_label(label: &str) -> Self {
        match label {
            "" => Self::Unknown,
            label if label.ends_with("CERTIFICATE REQUEST") => Self::Request,
            label if label.ends_with("CERTIFICATE") => Self::Certificate,
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => Self::Pkcs7,
            "X509 CRL" | "CRL" => Self::Crl,
            label if label.ends_with("PUBLIC KEY") => Self::PublicKey,
            label => Self::Other(Untrusted::new(label)),
        }
    }

    /// Whether a certificate may be lost with it.
    pub(super) const fn may_hold_certificate(&self) -> bool {
        match self {
            Self::Certificate | Self::Pkcs7 | Self::Other(_) | Self::Unknown => true,
            Self::Request | Self::Crl | Self::PublicKey => false,
        }
    }
}

/// Without its article: `certificate`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => f.write_str("certificate"),
            Self::Request => f.write_str("certification request"),
            Self::Pkcs7 => f.write_str("PKCS#7 bundle"),
            Self::Crl => f.write_str("certificate revocation list"),
            Self::PublicKey => f.write_str("public key"),
            Self::Other(label) => write!(f, "block named {label}"),
            Self::Unknown => f.write_str("object of unknown kind"),
        }
    }
}

/// Something in an input that is not needed, or that was read although it is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// 1-based line of the input.
    pub line: usize,
    /// What is there.
    pub what: Remarked,
}

impl Remark {
    /// The same in a longer input, so many lines further down.
    #[must_use]
    pub fn moved_down(self, lines: usize) -> Self {
        Self { line: self.line + lines, ..self }
    }
}

/// What a [`Remark`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remarked {
    /// Not of a kind that is read here.
    PassedOver(Kind),
    /// Its lines begin with the mark of a comment.
    CommentedOut(Kind),
    /// A BEGIN and its END with no base64 between them, as in an explanation.
    NoBase64(Untrusted),
    /// A BEGIN or END alone in its line, without a block.
    Alone(Untrusted),
    /// Dashes lost, added or changed, an END missing or with another label; the block is whole.
    Armour(Kind),
    /// Lines between those of the block that are not its own; the block is whole without them.
    Interrupted(Kind),
    /// What OpenSSL puts behind the certificate in a `TRUSTED CERTIFICATE`.
    TrustSettings,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.what {
            Remarked::PassedOver(kind) => write!(f, "the {kind} in line {line} is passed over"),
            Remarked::CommentedOut(kind) => {
                write!(f, "the {kind} in line {line} is commented out and passed over")
            }
            Remarked::NoBase64(label) => {
                write!(f, "BEGIN {label} in line {line} and its END have no base64 between them")
            }
            Remarked::Alone(label) => {
                write!(f, "line {line} is the BEGIN or END of {label}, without a block")
            }
            Remarked::Armour(kind) => {
                write!(f, "the {kind} in line {line} was read although its BEGIN or END is damaged")
            }
            Remarked::Interrupted(kind) => {
                write!(f, "the {kind} in line {line} was read without the foreign lines in it")
            }
            Remarked::TrustSettings => {
                write!(f, "the certificate in line {line} was read without OpenSSL's trust settings")
            }
        }
    }
}

/// A block that cannot be read: where it begins and what is wrong with it, never its contents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {kind} in line {line} {damage}")]
pub struct Fault {
    /// What it is, as far as that can be told.
    pub kind: Kind,
    /// 1-based line of the input that it begins in.
    pub line: usize,
    /// What is wrong with it.
    pub damage: Damage,
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character is".to_owned() } else { format!("{count} characters are") }
}

impl Fault {
    /// Counts these lines of a longer input too.
    pub(super) fn move_down(&mut self, lines: usize) {
        self.line += lines;
        match &mut self.damage {
            Damage::Character { line, .. }
            | Damage::CutByTerminal { line, .. }
            | Damage::Incomplete { uneven: Some((line, ..)), .. } => *line += lines,
            Damage::Incomplete { uneven: None, .. }
            | Damage::Short { .. }
            | Damage::NoEnd
            | Damage::NoBeginning
            | Damage::Trailing
            | Damage::Distrusted
            | Damage::Pkcs7Kind
            | Damage::Pkcs7Malformed
            | Damage::Pkcs7Empty => {}
        }
    }
}

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A character that is no base64.
    Character {
        /// Where it stands.
        line: usize,
        /// The character.
        character: Untrusted,
    },
    /// DER that is shorter than its own length says.
    Short {
        /// Octets.
        missing: usize,
    },
    /// Base64 of an object that is shorter than its own length says.
    Incomplete {
        /// Characters.
        missing: usize,
        /// A line shorter than others, its length and theirs.
        uneven: Option<(usize, usize, usize)>,
    },
    /// The input ends before the block.
    NoEnd,
    /// Something that is not the beginning of an object stands where one should begin.
    NoBeginning,
    /// A line as long as a terminal lets one be (N_TTY keeps 4095 characters of a line).
    CutByTerminal {
        /// Where.
        line: usize,
        /// 4095 or 4096.
        length: usize,
    },
    /// Something follows the object that is not another one.
    Trailing,
    /// OpenSSL's trust settings (`openssl x509 -addreject`, `-addtrust`) refuse it for TLS servers.
    Distrusted,
    /// PKCS#7, but enveloped, encrypted or otherwise not SignedData.
    Pkcs7Kind,
    /// PKCS#7 that does not decode.
    Pkcs7Malformed,
    /// PKCS#7 with CRLs only, or with nothing.
    Pkcs7Empty,
}

/// What follows `the certificate in line 3`.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { line, character } => {
                write!(f, "holds \"{character}\" in line {line}, which is no base64")
            }
            Self::Short { missing: 1 } => f.write_str("is not complete: 1 octet is missing"),
            Self::Short { missing } => write!(f, "is not complete: {missing} octets are missing"),
            Self::Incomplete { missing, uneven: None } => {
                write!(f, "is not complete: {} missing", characters(*missing))
            }
            Self::Incomplete { missing, uneven: Some((line, length, others)) } => {
                let missing = characters(*missing);
                write!(
                    f,
                    "is not complete: {missing} missing, and line {line} has {length} where others have {others}"
                )
            }
            Self::NoEnd => f.write_str("has no END: the input was cut"),
            Self::NoBeginning => {
                f.write_str("is damaged where it begins: its first line is missing or changed")
            }
            Self::CutByTerminal { line, length } => {
                write!(f, "is cut in line {line}, at {length} characters, where a terminal cuts lines")
            }
            Self::Trailing => f.write_str("is followed by something that is no other one"),
            Self::Distrusted => f.write_str("has trust settings of OpenSSL that refuse it for TLS servers"),
            Self::Pkcs7Kind => f.write_str("is not of the kind that carries certificates (SignedData)"),
            Self::Pkcs7Malformed => f.write_str("is malformed"),
            Self::Pkcs7Empty => f.write_str("holds no certificate"),
        }
    }
}
