//! Textual encodings: the only place that knows PEM labels, paste forgiveness and input limits.
//!
//! An input passes five layers. `octets` finds encodings, and DER between text; `transport` undoes what mail,
//! JSON and web pages did to the text; `armour` divides it at BEGIN and END; `body` takes base64 out of what
//! stands about it; `content` says what the DER is, whatever its label. Each keeps the lines of the input.

mod armour;
mod blocks;
mod body;
mod content;
mod decoration;
mod fault;
mod foreign;
mod objects;
mod octets;
mod plain;
mod private_key;
mod text;
mod transport;

pub use fault::{Damage, Fault, Kind, Remark, Remarked};
pub use foreign::Foreign;

/// The largest input read at all: 1 MiB (design limit).
pub const MAX_INPUT: usize = 1 << 20;

/// One object found in an input, DER inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A certificate, also out of PKCS#7.
    Certificate(Vec<u8>),
    /// A certification request.
    Request(Vec<u8>),
}

/// A block, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// 1-based line of the input that it begins in.
    pub line: usize,
    /// The block.
    pub block: Block,
}

/// Everything an input holds, each in the order it stands there. What a fault means is for the reader of this to
/// say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// What could be read.
    pub blocks: Vec<Placed>,
    /// What was passed over, and what was read although it is not as it should be.
    pub remarks: Vec<Remark>,
    /// What is a block and could not be read.
    pub faults: Vec<Fault>,
    /// Several certificates came in the SET of a PKCS#7, whose order means nothing (DER sorts it).
    pub unordered: bool,
}

/// Reads everything people paste or save: PEM ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)), PKCS#7 and
/// DER, alone or in mail, in source code, in JSON, in web pages, in several encodings, damaged or not.
///
/// What a block is, its content says; its label does where the content is nothing known. The time it takes grows
/// with the length of the input alone.
/// # Errors
/// [`PemError`] when there is nothing to read, or a private key, whole or in part, whatever else is in the input.
pub fn read(input: &[u8]) -> Result<Reading, PemError> {
    if input.len() > MAX_INPUT {
        return Err(PemError::TooLarge(input.len()));
    }
    if let Some(der) = plain::request(input) {
        let blocks = vec![Placed { line: 1, block: Block::Request(der) }];
        return Ok(Reading { blocks, ..Reading::default() });
    }
    if let Some(foreign) = Foreign::of(input) {
        return Err(PemError::Foreign(foreign));
    }
    let mut collector = blocks::Collector::default();
    collector.read(input, None)?;
    let reading = collector.reading;
    if !reading.blocks.is_empty() || !reading.faults.is_empty() {
        return Ok(reading);
    }
    if !collector.anything {
        return Err(PemError::Empty);
    }
    let text = octets::eight_bit(input);
    match collector.foreign.or_else(|| Foreign::of_fruitless(input, &text)) {
        Some(foreign) if reading.remarks.is_empty() => Err(PemError::Foreign(foreign)),
        _ => Err(PemError::NothingFound(reading.remarks)),
    }
}

/// The blocks of an input in which nothing is damaged; what was passed over is not told.
/// # Errors
/// [`PemError`].
pub fn blocks(input: &[u8]) -> Result<Vec<Block>, PemError> {
    let reading = read(input)?;
    if reading.faults.is_empty() {
        Ok(reading.blocks.into_iter().map(|placed| placed.block).collect())
    } else {
        Err(PemError::Damaged(reading.faults))
    }
}

/// DER with the 1-based line that it begins in.
pub type PlacedDer = (usize, Vec<u8>);

/// The certificates of an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificates {
    /// All of them, at least one, with the line each begins in.
    pub all: Vec<PlacedDer>,
    /// As [`Reading::unordered`].
    pub unordered: bool,
    /// What was passed over, and what was read although it is not as it should be.
    pub remarks: Vec<Remark>,
}

/// The certificates of an input, and what was said or passed over beside them:
/// requests, lists and keys of others belong to no chain and spoil none.
/// # Errors
/// [`PemError::Damaged`] when a certificate may be lost; [`PemError::OnlyRequests`]; else those of [`read`].
pub fn certificates(input: &[u8]) -> Result<Certificates, PemError> {
    let Reading { blocks, mut remarks, faults, unordered } = read(input)?;
    let (lost, spared): (Vec<_>, Vec<_>) =
        faults.into_iter().partition(|fault| fault.kind.may_hold_certificate());
    if !lost.is_empty() {
        return Err(PemError::Damaged(lost));
    }
    let mut all = Vec::new();
    let passed_over = |kind, line| Remark { line, what: Remarked::PassedOver(kind) };
    remarks.extend(spared.into_iter().map(|fault| passed_over(fault.kind, fault.line)));
    for Placed { line, block } in blocks {
        match block {
            Block::Certificate(der) => all.push((line, der)),
            Block::Request(_) => remarks.push(passed_over(Kind::Request, line)),
        }
    }
    remarks.sort_by_key(|remark| remark.line);
    let request = |remark: &Remark| remark.what == Remarked::PassedOver(Kind::Request);
    match remarks.iter().find(|remark| request(remark)) {
        _ if !all.is_empty() => Ok(Certificates { all, unordered, remarks }),
        Some(request) => Err(PemError::OnlyRequests { line: request.line }),
        None => Err(PemError::NothingFound(remarks)),
    }
}

/// Encodes DER under a label, 64 columns, LF ([RFC 7468 §2](https://www.rfc-editor.org/rfc/rfc7468#section-2)).
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF).set_line_wrap(64);
    pem::encode_config(&pem::Pem::new(label, der), config)
}

/// Why an input is not usable: label, line, size and character, never contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// More than [`MAX_INPUT`] bytes.
    #[error("input of {0} bytes is over the limit of {MAX_INPUT}")]
    TooLarge(usize),
    /// Nothing in it.
    #[error("input is empty")]
    Empty,
    /// A private key was given, whole or in part.
    #[error("a private key stands in this input (line {line})")]
    PrivateKey {
        /// 1-based line it begins in.
        line: usize,
        /// Whether it is under a passphrase, by its label, header or encoding.
        encrypted: bool,
    },
    /// A file of another kind.
    #[error("input is {0}")]
    Foreign(Foreign),
    /// Blocks that cannot be read.
    #[error("{}", listed(.0))]
    Damaged(Vec<Fault>),
    /// Where a certificate is wanted, a request and no certificate.
    #[error("input holds a certification request (line {line}) and no certificate")]
    OnlyRequests {
        /// 1-based line the first begins in.
        line: usize,
    },
    /// No certificate and no request; what was passed over.
    #[error("input holds no certificate and no request{}", passed_over(.0))]
    NothingFound(Vec<Remark>),
}

/// Most faults or remarks told at once.
const MOST_TOLD: usize = 20;

fn listed(all: &[impl ToString]) -> String {
    let more = all.len().saturating_sub(MOST_TOLD);
    let more = (more > 0).then(|| format!("and {more} more like these"));
    all.iter().take(MOST_TOLD).map(ToString::to_string).chain(more).collect::<Vec<_>>().join("; ")
}

fn passed_over(remarks: &[Remark]) -> String {
    if remarks.is_empty() { String::new() } else { format!(": {}", listed(remarks)) }
}

impl PemError {
    /// What to do about it, imperative, where that is not to give the input whole.
    pub const fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(foreign) => Some(foreign.advice()),
            Self::TooLarge(_)
            | Self::Empty
            | Self::PrivateKey { .. }
            | Self::OnlyRequests { .. }
            | Self::Damaged(_)
            | Self::NothingFound(_) => None,
        }
    }

    /// The same fault in an input that begins in this line of a longer one.
    #[must_use]
    pub fn in_input_at(mut self, first: usize) -> Self {
        let more = first.saturating_sub(1);
        match &mut self {
            Self::PrivateKey { line, .. } | Self::OnlyRequests { line } => *line += more,
            Self::Damaged(faults) => faults.iter_mut().for_each(|fault| fault.move_down(more)),
            Self::NothingFound(remarks) => remarks.iter_mut().for_each(|remark| remark.line += more),
            Self::TooLarge(_) | Self::Empty | Self::Foreign(_) => {}
        }
        self
    }
}

#[cfg(test)]
mod tests;
