//! The passphrase, and the two sealed keys it must open.

use crate::install::InstallError;
use crate::person::Person;
use common::{Pair, Role};
use pki::KeyPair;
use pki::{OpenError, Passphrase};
use std::panic::resume_unwind;
use std::thread;
use store::{Purpose, Staged};

/// How often a passphrase may be tried.
const ATTEMPTS: usize = 3;

/// Why the keys of a staged generation were not opened.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The passphrase opens neither.
    #[error("the passphrase opens neither private key")]
    Passphrase {
        /// Why the keys were made.
        purpose: Purpose,
        /// As both keys say it.
        source: OpenError,
    },
    /// Both keys are sealed under one passphrase: where it opens one, the other is at fault.
    #[error("{role}: cannot open the sealed key of generation {generation}")]
    Key {
        /// Whose.
        role: Role,
        /// The staged generation.
        generation: u64,
        /// Why the keys were made.
        purpose: Purpose,
        /// Why it does not open.
        source: OpenError,
    },
}

/// Asks for the passphrase until it opens both keys, three times at most.
pub(crate) fn unlock<P: Person + ?Sized>(
    staged: &Staged,
    person: &mut P,
) -> Result<Pair<KeyPair>, InstallError<P::Silence>> {
    let mut passphrase = person.passphrase().map_err(InstallError::Silent)?;
    for _ in 1..ATTEMPTS {
        let refused = match open(staged, &passphrase) {
            Err(refused @ UnlockError::Passphrase { .. }) => refused,
            end @ (Ok(_) | Err(UnlockError::Key { .. })) => return Ok(end?),
        };
        passphrase = person.another_passphrase().map_err(InstallError::Silent)?.ok_or(refused)?;
    }
    Ok(open(staged, &passphrase)?)
}

/// Opens both keys at once, because deriving the key that unseals is what takes the time; each is
/// compared with the public key of its request.
fn open(staged: &Staged, passphrase: &Passphrase) -> Result<Pair<KeyPair>, UnlockError> {
    let open = |role: Role| staged.keys.of(role).open(passphrase, staged.requests.of(role).spki());
    let (main, assets) = thread::scope(|scope| {
        let main = scope.spawn(|| open(Role::Main));
        let assets = open(Role::Assets);
        (main.join().unwrap_or_else(|panic| resume_unwind(panic)), assets)
    });
    let (generation, purpose) = (staged.manifest.generation, staged.manifest.purpose);
    match (main, assets) {
        (Ok(main), Ok(assets)) => Ok(Pair { main, assets }),
        (Err(source @ OpenError::WrongPassphraseOrDamaged), Err(OpenError::WrongPassphraseOrDamaged)) => {
            Err(UnlockError::Passphrase { purpose, source })
        }
        (Err(source), _) => Err(UnlockError::Key { role: Role::Main, generation, purpose, source }),
        (_, Err(source)) => Err(UnlockError::Key { role: Role::Assets, generation, purpose, source }),
    }
}
