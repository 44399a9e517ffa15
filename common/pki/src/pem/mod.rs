//! Textual encodings: the only place that knows PEM labels, paste forgiveness and input limits.

mod armour;
mod binary;
mod plain;
mod text;

use common::Untrusted;
use text::Text;

/// The largest input read at all: 1 MiB (design limit).
pub const MAX_INPUT: usize = 1 << 20;

/// One object found in an input, DER inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A certificate (`CERTIFICATE`, `X509 CERTIFICATE`, `TRUSTED CERTIFICATE` refused), also out of PKCS#7.
    Certificate(Vec<u8>),
    /// A certification request (`CERTIFICATE REQUEST`, `NEW CERTIFICATE REQUEST`).
    Request(Vec<u8>),
}

/// Reads everything people paste or save: PEM ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468))
/// with CRLF, CR, BOM, indentation, `>` quoting, bag attributes and text around it, as UTF-16, on one line, with a
/// terminal's paste codes or a program's `\n` in it; PKCS#7 as PEM or DER; DER; base64 without armour.
///
/// Certificates of a PKCS#7 come in the order of its SET, which means nothing (DER sorts it).
/// # Errors
/// See [`PemError`]. A private key anywhere in the input is [`PemError::PrivateKey`], whatever else
/// is wrong with it.
pub fn read(input: &[u8]) -> Result<Vec<Block>, PemError> {
    if input.len() > MAX_INPUT {
        return Err(PemError::TooLarge(input.len()));
    }
    if let Some(der) = plain::request(input) {
        return Ok(vec![Block::Request(der)]);
    }
    if binary::looks_like_der(input) {
        return binary::read(input, 1);
    }
    let text = Text::decode(input);
    text.refuse_private_key()?;
    if text.is_blank() {
        return Err(PemError::Empty);
    }
    let armoured = armour::find(&text)?;
    if armoured.is_empty() {
        return read_bare(&text);
    }
    let mut blocks = Vec::new();
    for block in armoured {
        blocks.extend(read_armoured(&text, &block)?);
    }
    Ok(blocks)
}

/// Encodes DER under a label, 64 columns, LF ([RFC 7468 §2](https://www.rfc-editor.org/rfc/rfc7468#section-2)).
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF).set_line_wrap(64);
    pem::encode_config(&pem::Pem::new(label, der), config)
}

fn read_armoured(text: &Text, block: &armour::Armoured<'_>) -> Result<Vec<Block>, PemError> {
    let (label, line) = (block.label, block.line);
    let unsupported = || PemError::Label { label: Untrusted::new(label), line };
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" => {
            Ok(vec![Block::Certificate(decode(text, block.body, block.body_line)?)])
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            Ok(vec![Block::Request(decode(text, block.body, block.body_line)?)])
        }
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => {
            binary::read_pkcs7(&decode(text, block.body, block.body_line)?, line)
        }
        "TRUSTED CERTIFICATE" => Err(PemError::TrustedCertificate { line }),
        _ => Err(unsupported()),
    }
}

/// Base64 without armour: all of the text, if it begins as DER does (`M` is the tag of a SEQUENCE).
fn read_bare(text: &Text) -> Result<Vec<Block>, PemError> {
    let first = text.lines().find(|(_, line)| !line.is_empty()).map_or("", |(_, line)| line);
    if first.starts_with('M') && first.len() > 3 && first.bytes().all(armour::is_base64) {
        return binary::read(&decode(text, text.as_str(), 1)?, 1);
    }
    let start = first.to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Err(PemError::Html);
    }
    Err(PemError::NothingFound)
}

/// The bytes of a base64 body that begins on this line, complete by its own DER length.
fn decode(text: &Text, body: &str, line: usize) -> Result<Vec<u8>, PemError> {
    let cut = |error| text.cut_by_terminal(line, body).unwrap_or(error);
    let der = armour::decode(body, line).map_err(cut)?;
    binary::refuse_private_key(&der, line)?;
    if binary::is_cut(&der) { Err(cut(PemError::Incomplete { line })) } else { Ok(der) }
}

/// Why an input is not usable: label, line and size, never contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// More than [`MAX_INPUT`] bytes.
    #[error("input of {0} bytes is over the limit of {MAX_INPUT}")]
    TooLarge(usize),
    /// Nothing in it.
    #[error("input is empty")]
    Empty,
    /// A private key was pasted.
    #[error("a private key stands in this input (line {line})")]
    PrivateKey {
        /// 1-based line of the BEGIN.
        line: usize,
        /// Whether it is under a passphrase, by its label, header or encoding.
        encrypted: bool,
    },
    /// A PKCS#12 file, which exists to hold a private key.
    #[error("input is a PKCS#12 file, which may hold a private key; export the certificates alone")]
    Pkcs12,
    /// The paste ended too early.
    #[error("BEGIN {label} in line {line} has no END: the paste was cut")]
    Unfinished {
        /// Of the BEGIN.
        label: Untrusted,
        /// Of the BEGIN.
        line: usize,
    },
    /// The paste began too late.
    #[error("END {label} in line {line} has no BEGIN: the start is missing")]
    Headless {
        /// Of the END.
        label: Untrusted,
        /// Of the END.
        line: usize,
    },
    /// BEGIN and END disagree.
    #[error("BEGIN {begin} is closed by END {end} in line {line}")]
    LabelMismatch {
        /// Of the BEGIN.
        begin: Untrusted,
        /// Of the END.
        end: Untrusted,
        /// Of the END.
        line: usize,
    },
    /// Dashes lost or changed into typographic ones, label cut.
    #[error("line {line} is a damaged BEGIN or END line: five hyphens, the label, five hyphens are expected")]
    DamagedArmour {
        /// 1-based.
        line: usize,
    },
    /// Not base64.
    #[error("invalid base64 in line {line}")]
    Base64 {
        /// 1-based; the first line of the body when the fault is its length or padding.
        line: usize,
    },
    /// A line as long as a terminal lets one be (N_TTY keeps 4095 characters of a line).
    #[error("line {line} has {length} characters, where a terminal cuts lines: it is not complete")]
    CutByTerminal {
        /// 1-based.
        line: usize,
        /// 4095 or 4096.
        length: usize,
    },
    /// Shorter than its DER says.
    #[error("the object in line {line} is not complete")]
    Incomplete {
        /// Where its base64 begins; 1 for DER.
        line: usize,
    },
    /// Something follows a DER object that is not another one.
    #[error("the object in line {line} is followed by something else")]
    TrailingData {
        /// Where its base64 begins; 1 for DER.
        line: usize,
    },
    /// `TRUSTED CERTIFICATE`: a certificate with OpenSSL's local trust settings behind it.
    #[error(
        "line {line} is an OpenSSL TRUSTED CERTIFICATE; convert it with \"openssl x509 -in FILE -out FILE\""
    )]
    TrustedCertificate {
        /// Of the BEGIN.
        line: usize,
    },
    /// A label we have no use for.
    #[error("{label} in line {line} is neither a certificate, a request nor a PKCS#7 bundle")]
    Label {
        /// Of the BEGIN.
        label: Untrusted,
        /// Of the BEGIN.
        line: usize,
    },
    /// DER that is something else.
    #[error("the object in line {line} is neither a certificate, a request nor a PKCS#7 bundle")]
    UnknownObject {
        /// Where its base64 begins; 1 for DER.
        line: usize,
    },
    /// PKCS#7, but enveloped, encrypted or otherwise not SignedData.
    #[error("the PKCS#7 object in line {line} is not of the kind that carries certificates (SignedData)")]
    Pkcs7Kind {
        /// Of the BEGIN; 1 for DER.
        line: usize,
    },
    /// PKCS#7 that does not decode.
    #[error("the PKCS#7 object in line {line} is malformed")]
    Pkcs7Malformed {
        /// Of the BEGIN; 1 for DER.
        line: usize,
    },
    /// PKCS#7 with CRLs only, or with nothing.
    #[error("the PKCS#7 object in line {line} holds no certificate")]
    Pkcs7Empty {
        /// Of the BEGIN; 1 for DER.
        line: usize,
    },
    /// A web page, saved instead of the file.
    #[error("input is a web page, not a certificate or request")]
    Html,
    /// Text without any PEM block.
    #[error("input holds no certificate and no request (no -----BEGIN line)")]
    NothingFound,
}

impl PemError {
    /// The same fault in an input that begins in this line of a longer one.
    #[must_use]
    pub fn in_input_at(mut self, first: usize) -> Self {
        match &mut self {
            Self::PrivateKey { line, .. }
            | Self::Unfinished { line, .. }
            | Self::Headless { line, .. }
            | Self::LabelMismatch { line, .. }
            | Self::DamagedArmour { line }
            | Self::Base64 { line }
            | Self::CutByTerminal { line, .. }
            | Self::Incomplete { line }
            | Self::TrailingData { line }
            | Self::TrustedCertificate { line }
            | Self::Label { line, .. }
            | Self::UnknownObject { line }
            | Self::Pkcs7Kind { line }
            | Self::Pkcs7Malformed { line }
            | Self::Pkcs7Empty { line } => *line += first.saturating_sub(1),
            Self::TooLarge(_) | Self::Empty | Self::Pkcs12 | Self::Html | Self::NothingFound => {}
        }
        self
    }
}

#[cfg(test)]
mod tests;
