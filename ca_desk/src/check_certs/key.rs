//! The private key a chain should belong to.

use super::cli::Against;
use cli::{Exit, Failure, input, secret};
use common::secret::Secret;
use pki::{KeyError, OpenError, Passphrase, SealedKey, Spki};
use std::path::Path;

/// What a sealed file turned out to hold.
pub(super) enum Held {
    /// A key of one of the product's types.
    Key(Box<Spki>),
    /// A key of another type, which is named; its public half is not known.
    Other(String),
}

/// Opens the key of `--key`.
///
/// # Errors
/// [`Exit::Usage`] for a file that cannot be read, [`Exit::Rejected`] for one that is not sealed in
/// a way that is accepted, [`Exit::Passphrase`] when it does not open.
pub(super) fn open(path: &Path, against: &Against) -> Result<Held, Failure> {
    let refused = |exit| Failure::new(exit, format!("cannot open the key in {}", path.display()));
    let sealed = SealedKey::from_pem(&input::read(path, SealedKey::MAX_FILE)?).map_err(|error| {
        let failure = refused(Exit::Rejected).because(&error);
        match error.advice() {
            Some(advice) => failure.hint(advice),
            None => failure,
        }
    })?;
    let passphrase = Passphrase::foreign(passphrase(against)?)
        .map_err(|error| refused(Exit::Passphrase).because(&error))?;
    match sealed.open_any(&passphrase) {
        Ok(key) => Ok(Held::Key(Box::new(key.spki().clone()))),
        Err(OpenError::Key(KeyError::Unsupported(kind))) => Ok(Held::Other(kind)),
        Err(error @ (OpenError::WrongPassphraseOrDamaged | OpenError::OtherKey { .. })) => {
            Err(refused(Exit::Passphrase)
                .because(&error)
                .hint("give the passphrase the key was sealed under"))
        }
        Err(error @ OpenError::Key(_)) => Err(refused(Exit::Rejected).because(&error)),
    }
}

fn passphrase(against: &Against) -> Result<Secret, Failure> {
    const WHAT: &str = "the key's passphrase";
    match (&against.passphrase_file, against.passphrase_fd) {
        (Some(path), _) => secret::of_others_from_file(WHAT, path),
        (None, Some(fd)) => secret::of_others_from_fd(WHAT, fd),
        (None, None) => Err(Failure::new(Exit::Passphrase, "the key is sealed and no passphrase was given")
            .hint("give --passphrase-file or --passphrase-fd")),
    }
}
