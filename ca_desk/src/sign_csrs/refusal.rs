//! Why `sign_csrs` refuses: each error of the library as a failure for the person who must act.

use super::command::Sign;
use crate::authority::AuthorityError;
use crate::authority::folder::FolderError;
use cli::{Exit, Failure, FileError};
use common::{Pair, Role};
use pki::rules::{Finding, Severity};
use pki::{OpenError, PassphraseError};
use std::path::{Path, PathBuf};

const NOTHING_SIGNED: &str = "nothing was signed";

/// The catalogue found errors.
pub(super) fn requests(findings: Vec<Finding>) -> Failure {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let of = |role: Role| errors.clone().any(|finding| finding.role == Some(role) || finding.role.is_none());
    let whose = match (of(Role::Main), of(Role::Assets)) {
        (true, false) => "Main: request",
        (false, true) => "Assets: request",
        (true, true) | (false, false) => "requests",
    };
    let count = errors.count();
    let plural = if count == 1 { "" } else { "s" };
    Failure::new(Exit::Rejected, format!("{whose} refused for {count} error{plural}"))
        .with_findings(findings)
        .now(NOTHING_SIGNED)
}

/// The files bear each other's names.
pub(super) fn swapped(paths: &Pair<PathBuf>) -> Failure {
    let (main, assets) = (paths.main.display(), paths.assets.display());
    Failure::new(Exit::Usage, format!("{main} is given as the request for Main, {assets} as that for Assets"))
        .hint("give the request for Main first; a file with another name than main.csr or assets.csr may be either")
        .now(NOTHING_SIGNED)
}

/// An input file is no request.
pub(super) fn document(role: Role, path: &Path) -> Failure {
    let what = format!("{role}: cannot read the request in {}", path.display());
    Failure::new(Exit::Rejected, what).now(NOTHING_SIGNED)
}

/// An input file holds something else than one request.
pub(super) fn not_a_request(role: Role, path: &Path, instead: &str) -> Failure {
    let mut failure = document(role, path);
    failure.causes.push(format!("expected one certification request, {instead}"));
    failure.hint("give the two files that get_csrs --out wrote, main.csr first")
}

/// Both inputs are at fault: one answer for both.
pub(super) fn both(main: Failure, assets: Failure) -> Failure {
    Failure::both("neither request can be read", main, assets).now(NOTHING_SIGNED)
}

/// The passphrase itself.
pub(super) fn passphrase(error: &PassphraseError) -> Failure {
    Failure::new(Exit::Passphrase, "cannot use the CA's passphrase").because(error).now(NOTHING_SIGNED)
}

/// `--key-type` for a CA that exists.
pub(super) fn needless_key_type(ca: &Path) -> Failure {
    Failure::new(Exit::Usage, format!("--key-type is for a new CA, and {} holds one already", ca.display()))
        .hint("leave out --key-type, or give --ca a directory that does not exist")
        .now(NOTHING_SIGNED)
}

/// The outputs cannot be written.
pub(super) fn output(error: &FileError) -> Failure {
    Failure::new(Exit::Usage, "the certificates cannot be written")
        .because(error)
        .hint("give --out a directory that can be written; signing again gives other serial numbers")
        .now("no certificate was handed out")
}

/// Signing itself.
pub(super) fn authority(error: &AuthorityError, wanted: &Sign) -> Failure {
    let failure = |exit| Failure::new(exit, "cannot sign the requests").because(error).now(NOTHING_SIGNED);
    match error {
        AuthorityError::Outlives { .. } => failure(Exit::Store)
            .hint(format!("give fewer --days than {}, or a new directory to --ca", wanted.days)),
        AuthorityError::Random
        | AuthorityError::Key(_)
        | AuthorityError::Encode(_)
        | AuthorityError::Certificate(_)
        | AuthorityError::Signature(_) => failure(Exit::Unexpected),
    }
}

/// The work is done, but the result cannot be printed.
pub(super) fn unsaid(failure: Failure, wanted: &Sign) -> Failure {
    match wanted.dry_run {
        true => failure.now("nothing was written (--dry-run)"),
        false => failure.now(format!("both certificates are signed and written to {}", wanted.out.display())),
    }
}

/// The CA's folder.
pub(super) fn folder(error: &FolderError) -> Failure {
    let failure = |exit| Failure::new(exit, "cannot use the CA").because(error).now(NOTHING_SIGNED);
    match error {
        FolderError::Interrupted { nursery } => failure(Exit::Store)
            .hint(format!("if no other sign_csrs is running, remove {} and run again", nursery.display())),
        FolderError::Incomplete { .. } => {
            failure(Exit::Store).hint("restore the missing files, or give --ca another directory")
        }
        FolderError::Foreign { .. } => {
            failure(Exit::Store).hint("give --ca a directory that does not exist or is empty")
        }
        FolderError::Open { source, .. } => match source {
            OpenError::WrongPassphraseOrDamaged => {
                failure(Exit::Passphrase).hint("give the passphrase the CA was created with")
            }
            OpenError::OtherKey { .. } | OpenError::Key(_) => failure(Exit::Store),
        },
        FolderError::File(_)
        | FolderError::Pem { .. }
        | FolderError::NotOneCertificate { .. }
        | FolderError::Certificate { .. }
        | FolderError::NotOneFamily { .. }
        | FolderError::SealedKey { .. } => failure(Exit::Store),
        FolderError::Seal(_) | FolderError::Authority(_) => failure(Exit::Unexpected),
    }
}
