//! Records: canonical JSON, one line, read only exactly as written.

/// The format this program reads and writes, of `STATE`, manifests, documents and the audit log alike.
pub(crate) const FORMAT: u32 = 1;

/// Why bytes are no record of ours. Never quotes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Over the limit.
    #[error("{length} bytes are over the limit of {limit}")]
    TooLarge {
        /// Found.
        length: usize,
        /// Allowed.
        limit: usize,
    },
    /// Not the JSON we write.
    #[error("malformed")]
    Malformed,
    /// The digest is of other bytes.
    #[error("its digest does not fit its contents")]
    Digest,
    /// Written by a later program.
    #[error("it has format {found}, this program reads format {FORMAT}: use the newer program that wrote it")]
    Format {
        /// Found.
        found: u32,
    },
    /// Fields that cannot all be true.
    #[error("its fields contradict each other")]
    Contradiction,
}

/// One line of JSON, fields in the order declared.
pub(crate) fn canonical(record: &impl serde::Serialize) -> Vec<u8> {
    // Only maps with other keys than strings and failing `Serialize` impls can fail; records have neither.
    let mut bytes = serde_json::to_vec(record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads what [`canonical`] writes: no unknown field, no other order, no spare space.
pub(crate) fn from_canonical<T>(bytes: &[u8]) -> Result<T, RecordError>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    /// The one field every format will keep.
    #[derive(serde::Deserialize)]
    struct Versioned {
        format: u32,
    }
    match serde_json::from_slice(bytes) {
        Ok(Versioned { format: FORMAT }) => {}
        Ok(Versioned { format: found }) => return Err(RecordError::Format { found }),
        Err(_) => return Err(RecordError::Malformed),
    }
    match serde_json::from_slice(bytes) {
        Ok(record) if canonical(&record) == bytes => Ok(record),
        Ok(_) | Err(_) => Err(RecordError::Malformed),
    }
}
