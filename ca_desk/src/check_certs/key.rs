//! The private key a chain should belong to.

use super::command::KeyFile;
use cli::{Exit, Failure, input};
use pki::{KeyError, OpenError, Passphrase, SealedKey, Spki};

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
pub(super) fn open(KeyFile { path, passphrase }: &KeyFile) -> Result<Held, Failure> {
    let refused = |exit| Failure::new(exit, format!("cannot open the key in {}", path.display()));
    let sealed = SealedKey::from_pem(&input::read(path, SealedKey::MAX_FILE)?).map_err(|error| {
        let failure = refused(Exit::Rejected).because(&error);
        match error.advice() {
            Some(advice) => failure.hint(advice),
            None => failure,
        }
    })?;
    let Some(passphrase) = passphrase else {
        return Err(Failure::new(Exit::Passphrase, "the key is sealed and no passphrase was given")
            .hint("give --passphrase-file or --passphrase-fd"));
    };
    let passphrase = Passphrase::foreign(passphrase.read_chosen_by_others("the key's passphrase")?)
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
