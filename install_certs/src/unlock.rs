//! The passphrase, and the two sealed keys it must open.

use crate::COMMAND;
use crate::session::Session;
use cli::{Exit, Failure, PassphraseArgs, SecretSource, output, prompt};
use common::{Pair, Role};
use pki::{KeyPair, OpenError, Passphrase};
use store::{Purpose, Staged};

/// What messages call it.
const WHAT: &str = "passphrase";
/// How often a person may try.
const ATTEMPTS: usize = 3;

/// Where the passphrase comes from without asking.
fn source(session: &Session<'_>) -> Option<SecretSource> {
    let (passphrase_file, passphrase_fd) = (session.args.passphrase_file.clone(), session.args.passphrase_fd);
    PassphraseArgs { passphrase_file, passphrase_fd }.given_or_credential()
}

/// Whether the passphrase comes from somewhere without asking.
pub(crate) fn is_given(session: &Session<'_>) -> bool {
    source(session).is_some()
}

/// Opens both keys of the staged generation; each is compared with the SPKI of its request.
///
/// # Errors
/// [`Exit::Passphrase`] when the passphrase is wrong, [`Exit::Store`] when a sealed key is at fault.
pub(crate) fn open_keys(session: &Session<'_>, staged: &Staged) -> Result<Pair<KeyPair>, Failure> {
    if let Some(passphrase) = given(session) {
        return open(staged, &passphrase?);
    }
    for left in (0..ATTEMPTS).rev() {
        match open(staged, &asked()?) {
            Err(failure) if failure.exit == Exit::Passphrase && left > 0 => {
                output::warn(COMMAND, &failure.what);
            }
            end @ (Ok(_) | Err(_)) => return end,
        }
    }
    Err(wrong(staged))
}

fn given(session: &Session<'_>) -> Option<Result<Passphrase, Failure>> {
    let secret = source(session)?.read(WHAT);
    Some(secret.and_then(|secret| {
        Passphrase::existing(secret)
            .map_err(|error| Failure::new(Exit::Passphrase, "the passphrase cannot be used").because(&error))
    }))
}

fn asked() -> Result<Passphrase, Failure> {
    loop {
        match Passphrase::existing(prompt::secret("Passphrase of the private keys")?) {
            Ok(passphrase) => return Ok(passphrase),
            Err(error) => output::warn(COMMAND, &error.to_string()),
        }
    }
}

/// Opens both at once: deriving the key that unseals is what takes the time.
fn open(staged: &Staged, passphrase: &Passphrase) -> Result<Pair<KeyPair>, Failure> {
    let open = |role: Role| staged.keys.of(role).open(passphrase, staged.requests.of(role).spki());
    let (main, assets) = std::thread::scope(|scope| {
        let main = scope.spawn(|| open(Role::Main));
        let assets = open(Role::Assets);
        (main.join(), assets)
    });
    let main = main.map_err(|_panic| Failure::new(Exit::Unexpected, "opening the key of Main failed"))?;
    match (main, assets) {
        (Ok(main), Ok(assets)) => Ok(Pair { main, assets }),
        (Err(OpenError::WrongPassphraseOrDamaged), Err(OpenError::WrongPassphraseOrDamaged)) => {
            Err(wrong(staged))
        }
        (Err(error), _) => Err(damaged(staged, Role::Main, &error)),
        (_, Err(error)) => Err(damaged(staged, Role::Assets, &error)),
    }
}

/// The command that begins again when the staged keys are lost.
fn again(staged: &Staged) -> &'static str {
    match staged.manifest.purpose {
        Purpose::First => "get_csrs --replace-staged",
        Purpose::Rotation => "get_csrs --rotate --replace-staged",
    }
}

fn wrong(staged: &Staged) -> Failure {
    Failure::new(Exit::Passphrase, "the passphrase opens neither private key")
        .because(&OpenError::WrongPassphraseOrDamaged)
        .hint("give the passphrase that was chosen in get_csrs; it cannot be recovered")
        .hint(format!("if it is lost, make new requests with {}", again(staged)))
}

/// Both keys are sealed under one passphrase: where it opens one, the other is at fault.
fn damaged(staged: &Staged, role: Role, error: &OpenError) -> Failure {
    let what = format!("{role}: cannot open the sealed key of generation {}", staged.manifest.generation);
    Failure::new(Exit::Store, what)
        .because(error)
        .hint(format!("restore the store from a backup, or make new requests with {}", again(staged)))
}
