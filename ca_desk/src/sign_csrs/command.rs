//! What `sign_csrs` is to do, parsed from its flags.

use cli::SecretSource;
use cli::output::Format;
use common::Pair;
use pki::KeyAlgorithm;
use std::path::PathBuf;

/// What is to be done.
pub(super) enum Command {
    /// Print a text that needs no request.
    Print(String),
    /// Sign a pair of requests.
    Sign(Box<Sign>),
}

/// A pair of requests to sign, and how.
pub(super) struct Sign {
    /// The files of the requests.
    pub(super) requests: Pair<PathBuf>,
    /// The folder of the CA.
    pub(super) ca: PathBuf,
    /// Where the passphrase of its keys comes from.
    pub(super) passphrase: SecretSource,
    /// The folder the chains are written to.
    pub(super) out: PathBuf,
    /// How long the certificates are valid.
    pub(super) days: u32,
    /// The key type of a CA that is made now.
    pub(super) key_type: Option<KeyAlgorithm>,
    /// The policy the requests are judged by.
    pub(super) policy: Option<PathBuf>,
    /// Whether nothing is written.
    pub(super) dry_run: bool,
    /// How the result is printed.
    pub(super) format: Format,
}
