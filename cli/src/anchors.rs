//! Trust anchors from a file and from the system.

use crate::{Exit, Failure, input};
use pki::Certificate;
use pki::pem::{Block, MAX_INPUT, read as read_pem};
use pki::verdict::Anchors;
use std::path::{Path, PathBuf};

/// Where trust anchors come from: `--trust-anchors` and `--system-trust`, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnchorSource {
    /// A file of certificates.
    pub file: Option<PathBuf>,
    /// Whether the system's authorities are trusted.
    pub system: bool,
}

impl AnchorSource {
    /// What a chain may end in; without any source, the topmost certificate presented.
    ///
    /// # Errors
    /// [`Exit::Usage`] when a file cannot be read or holds no certificate.
    pub fn read(&self) -> Result<Anchors, Failure> {
        if self.file.is_none() && !self.system {
            return Ok(Anchors::Presented);
        }
        let mut anchors = self.file.as_deref().map(from_file).transpose()?.unwrap_or_default();
        if self.system {
            anchors.extend(from_system()?);
        }
        Ok(Anchors::Given(anchors))
    }
}

fn from_file(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let refused = || Failure::new(Exit::Usage, format!("no trust anchors in {}", path.display()));
    let bytes = input::read(path, MAX_INPUT)
        .map_err(|failure| Failure { what: format!("--trust-anchors: {}", failure.what), ..failure })?;
    let blocks = read_pem(&bytes).map_err(|error| refused().because(&error))?;
    let mut anchors = vec![];
    for block in blocks {
        match block {
            Block::Certificate(der) => {
                anchors.push(Certificate::from_der(&der).map_err(|error| refused().because(&error))?);
            }
            Block::Request(_) => {
                return Err(refused().hint("give certificates to --trust-anchors, not requests"));
            }
        }
    }
    if anchors.is_empty() { Err(refused()) } else { Ok(anchors) }
}

/// The system's authorities; one that cannot be read cannot end a path, and that is all.
fn from_system() -> Result<Vec<Certificate>, Failure> {
    let loaded = rustls_native_certs::load_native_certs();
    let anchors: Vec<_> = loaded.certs.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    if !anchors.is_empty() {
        return Ok(anchors);
    }
    let failure = Failure::new(Exit::Usage, "the system has no certificate authorities");
    let failure = loaded.errors.iter().fold(failure, |failure, error| failure.because(error));
    Err(failure.hint("install the package ca-certificates, or name a file with --trust-anchors"))
}
