//! Trust anchors from a file and from the system.

use crate::{Exit, Failure, input, output};
use pki::Certificate;
use pki::pem::{self, Certificates, MAX_INPUT, PemError};
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
    /// What a chain may end in; without any source, the topmost certificate presented. What is passed over in the
    /// file is said as a note of the command.
    ///
    /// # Errors
    /// [`Exit::Usage`] when a file cannot be read, holds no certificate, or one that cannot be read.
    pub fn read(&self, command: &str) -> Result<Anchors, Failure> {
        if self.file.is_none() && !self.system {
            return Ok(Anchors::Presented);
        }
        let mut anchors =
            self.file.as_deref().map(|path| from_file(path, command)).transpose()?.unwrap_or_default();
        if self.system {
            anchors.extend(from_system()?);
        }
        Ok(Anchors::Given(anchors))
    }
}

fn from_file(path: &Path, command: &str) -> Result<Vec<Certificate>, Failure> {
    let refused = || Failure::new(Exit::Usage, format!("no trust anchors in {}", path.display()));
    let bytes = input::read(path, MAX_INPUT)
        .map_err(|failure| Failure { what: format!("--trust-anchors: {}", failure.what), ..failure })?;
    let Certificates { all, remarks, .. } = pem::certificates(&bytes).map_err(|error| {
        let only_requests = matches!(error, PemError::OnlyRequests { .. });
        let advice = if only_requests {
            Some("give certificates to --trust-anchors, not requests")
        } else {
            error.advice()
        };
        advice.into_iter().fold(refused().because(&error), Failure::hint)
    })?;
    output::remarks(command, &path.display().to_string(), &remarks);
    let anchor = |(line, der): &(usize, Vec<u8>)| {
        Certificate::from_der(der).map_err(|error| {
            let mut failure = refused();
            failure.causes.push(format!("the certificate in line {line} cannot be read"));
            failure.because(&error)
        })
    };
    all.iter().map(anchor).collect()
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
