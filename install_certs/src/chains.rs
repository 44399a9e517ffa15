//! Where the two chains come from: files, standard input, or a paste.

use crate::COMMAND;
use crate::paste::terminal::{self, Pasted};
use crate::session::Session;
use crate::text::{self, moment};
use cli::{Exit, Failure, input, output, prompt};
use common::{Pair, Role};
use flow::{RequestView, primary_name};
use pki::pem::{MAX_INPUT, PemError};
use pki::rules::Severity;
use pki::{Chain, ChainError};
use std::path::{Path, PathBuf};
use store::Staged;

/// Whether a path means standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdin")
}

/// Gets both chains. Files come first, and what is wrong with both is said at once.
///
/// # Errors
/// [`Exit::Usage`] for a file that cannot be read, [`Exit::Rejected`] for one that holds no chain.
pub(crate) fn read(
    session: &Session,
    given: &Pair<Option<PathBuf>>,
    staged: &Staged,
) -> Result<Pair<Chain>, Failure> {
    let at_terminal = |path: &Path| session.person && is_standard_input(path);
    let file = |role: Role| given.of(role).as_deref().filter(|path| !at_terminal(path));
    let files = Pair::from_fn(|role| file(role).map(|path| from_file(role, path)).transpose());
    let Pair { main, assets } = all(files)?;
    if main.is_none() || assets.is_none() {
        output::say(&waiting(session, staged));
    }
    let or_paste = |given: Option<Chain>, role| given.map_or_else(|| paste(role, staged), Ok);
    Ok(Pair { main: or_paste(main, Role::Main)?, assets: or_paste(assets, Role::Assets)? })
}

fn from_file(role: Role, path: &Path) -> Result<Chain, Failure> {
    let bytes = input::read(path, MAX_INPUT)
        .map_err(|failure| Failure { what: format!("{role}: {}", failure.what), ..failure })?;
    let shown = if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
    let (chain, remarks) = Chain::read_with_remarks(&bytes).map_err(|error| {
        explain(Failure::new(Exit::Rejected, format!("{role}: no chain in {shown}")), &error)
    })?;
    output::remarks(COMMAND, &format!("{role}: {shown}"), &remarks);
    Ok(chain)
}

/// The reason, and what to do about the mistakes people make.
fn explain(failure: Failure, error: &ChainError) -> Failure {
    let failure = failure.because(error);
    match error {
        ChainError::Pem(PemError::PrivateKey { encrypted, .. }) => exposed(failure, *encrypted),
        ChainError::Request => failure
            .hint("give the certificate the CA returned for this request, and its intermediates after it"),
        ChainError::Pem(error) => failure.hint(error.advice().unwrap_or(WHOLE)),
        ChainError::NoCertificate | ChainError::Malformed { .. } => failure.hint(WHOLE),
        ChainError::TooMany(_) | ChainError::TooLarge(_) | ChainError::EndEntityTooLarge(_) => {
            failure.hint("give the end entity and the intermediates above it, nothing else")
        }
    }
}

const WHOLE: &str = "give the CA's answer whole, from the first -----BEGIN CERTIFICATE----- to the last -----END CERTIFICATE-----";

/// What to do when a private key has left its place.
fn exposed(failure: Failure, sealed: bool) -> Failure {
    let failure = if sealed {
        failure.hint("this key is sealed: only its passphrase still protects it; if others may know that, whoever the key belongs to must replace it and have its certificate revoked")
    } else {
        failure.hint("treat this private key as exposed: whoever it belongs to must replace it and have its certificate revoked")
    };
    failure.hint("give the certificates the CA returned, never a key; the keys of the staged requests are in the store already")
}

/// Both values, or the faults of both roles as one failure.
fn all<T>(results: Pair<Result<T, Failure>>) -> Result<Pair<T>, Failure> {
    match (results.main, results.assets) {
        (Ok(main), Ok(assets)) => Ok(Pair { main, assets }),
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        (Err(main), Err(assets)) => Err(Failure::both("neither chain can be read", main, assets)),
    }
}

/// What is staged, as it is shown before the first paste.
fn waiting(session: &Session, staged: &Staged) -> String {
    let manifest = &staged.manifest;
    let mut lines = vec![format!(
        "Generation {} is staged, requested {}:",
        manifest.generation,
        moment(manifest.staged_by.at, session.now)
    )];
    for (role, request) in staged.requests.iter() {
        lines.push(role.title().to_owned());
        lines.extend(text::request(&RequestView::of(request)));
    }
    lines.join("\n")
}

/// Explains why both chains cannot be installed, and asks which of them is to be pasted again.
///
/// # Errors
/// The refusal, when the answer is none; [`Exit::Interrupted`].
pub(crate) fn paste_again(
    staged: &Staged,
    chains: Pair<Chain>,
    refusal: Failure,
) -> Result<Pair<Chain>, Failure> {
    output::say(refusal.render(COMMAND).trim_end());
    let (main, assets) = (Role::Main.title(), Role::Assets.title());
    let answers = [main, assets, "both", "neither: stop here"];
    let choice = prompt::choose("Paste again", &answers, at_fault(&refusal))?;
    let again = |role, given, asked: bool| if asked { paste(role, staged) } else { Ok(given) };
    match choice {
        0..=2 => Ok(Pair {
            main: again(Role::Main, chains.main, choice != 1)?,
            assets: again(Role::Assets, chains.assets, choice != 0)?,
        }),
        _stop => Err(refusal),
    }
}

/// Which answer the findings suggest: the role they are all about, or both.
fn at_fault(refusal: &Failure) -> usize {
    let roles = refusal.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let roles: Vec<_> = roles.map(|finding| finding.role).collect();
    match roles.first() {
        Some(Some(Role::Main)) if roles.iter().all(|role| *role == Some(Role::Main)) => 0,
        Some(Some(Role::Assets)) if roles.iter().all(|role| *role == Some(Role::Assets)) => 1,
        Some(_) | None => 2,
    }
}

/// Asks for a paste until it holds a chain.
fn paste(role: Role, staged: &Staged) -> Result<Chain, Failure> {
    let request = staged.requests.of(role);
    output::say(&format!(
        "\nPaste the signed chain for {}, {}, end entity first.\nAn empty line or Ctrl-D ends it.",
        role.title(),
        primary_name(request)
    ));
    loop {
        let again = match terminal::read()? {
            Pasted::PrivateKey { sealed } => {
                let refused = Failure::new(Exit::Rejected, format!("{role}: a private key was pasted"));
                return Err(exposed(refused, sealed));
            }
            Pasted::TooLarge => "the paste is over the limit of 1 MiB".to_owned(),
            Pasted::Text(paste) => match Chain::read_with_remarks(paste.bytes()) {
                Ok((chain, remarks)) => {
                    output::remarks(COMMAND, role.title(), &remarks);
                    output::say(&understood(&chain, staged, role));
                    return Ok(chain);
                }
                Err(error @ ChainError::Pem(PemError::PrivateKey { .. })) => {
                    let refused = Failure::new(Exit::Rejected, format!("{role}: a private key was pasted"));
                    return Err(explain(refused, &error));
                }
                Err(error) => reasons(&error),
            },
        };
        output::warn(COMMAND, &format!("{role}: {again}"));
        output::say(&format!("Paste the chain for {} again, or press Ctrl-C to stop.", role.title()));
    }
}

/// An error with its causes, on one line.
fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// `2 certificates read: CN=kms.example.com, issued by CN=Issuing CA`
fn understood(chain: &Chain, staged: &Staged, role: Role) -> String {
    let count = chain.certificates().len();
    let plural = if count == 1 { "" } else { "s" };
    let end_entity = chain.end_entity(Some(staged.requests.of(role).spki()));
    let (subject, issuer) = (end_entity.subject(), end_entity.issuer());
    format!("{count} certificate{plural} read: {subject}, issued by {issuer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_both_files_are_said_in_one_failure() {
        let failure = |exit, what: &str| Failure::new(exit, what).hint("the same hint");
        let results: Pair<Result<(), Failure>> = Pair {
            main: Err(failure(Exit::Rejected, "Main: no chain in a.pem")),
            assets: Err(failure(Exit::Usage, "cannot read b.pem")),
        };
        let failure = all(results).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.what, "neither chain can be read");
        assert_eq!(failure.causes, ["Main: no chain in a.pem", "cannot read b.pem"]);
    }

    #[test]
    fn a_dash_and_its_device_are_standard_input() {
        assert!(is_standard_input(Path::new("-")) && is_standard_input(Path::new("/dev/stdin")));
        assert!(!is_standard_input(Path::new("./-")));
    }
}
