//! Textual encodings: the only place that knows PEM labels, paste forgiveness and input limits.

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

/// Reads everything people paste or save: PEM with CRLF, CR, BOM, indentation, `>` quoting, bag
/// attributes and text around it, PKCS#7 as PEM or DER, one DER object, base64 without armour.
/// # Errors
/// See [`PemError`]. A private key anywhere in the input is [`PemError::PrivateKey`].
pub fn read(input: &[u8]) -> Result<Vec<Block>, PemError> {
    todo!("{}", input.len())
}

/// Encodes DER under a label, 64 columns, LF ([RFC 7468 §2](https://www.rfc-editor.org/rfc/rfc7468#section-2)).
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = ::pem::EncodeConfig::new().set_line_ending(::pem::LineEnding::LF);
    ::pem::encode_config(&::pem::Pem::new(label, der), config)
}

/// Why an input is not usable. (To be completed by the owner; no contents, only label, line, size.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// More than [`MAX_INPUT`] bytes.
    #[error("input of {0} bytes is over the limit of 1048576")]
    TooLarge(usize),
    /// Nothing in it.
    #[error("input is empty")]
    Empty,
    /// A private key was pasted.
    #[error("a private key stands in this input (line {line})")]
    PrivateKey {
        /// 1-based line of the BEGIN.
        line: usize,
        /// Whether it is under a passphrase, by its label or header.
        encrypted: bool,
    },
}
