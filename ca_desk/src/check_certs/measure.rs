//! Everything chains are measured against, read once.

use super::COMMAND;
use super::command::{Check, KeyFile};
use super::key::{self, Held};
use cli::{Exit, Failure, clock, input};
use common::Timestamp;
use pki::pem::{self, Block, MAX_INPUT};
use pki::rules::{Policy, Profile};
use pki::verdict::{Anchors, Asked, Examination, ServerName, examine_chain};
use pki::{Chain, Csr};
use std::path::Path;

/// Policy, anchors, time, and what is known of the chain that should come.
pub(super) struct Measure<'a> {
    policy: Policy,
    anchors: Anchors,
    request: Option<Csr>,
    other: Option<Other>,
    key: Option<(&'a Path, Held)>,
    hosts: &'a [ServerName<'static>],
    now: Timestamp,
}

/// What is known of the other role.
enum Other {
    Request(Box<Csr>),
    Chain(Chain),
}

impl<'a> Measure<'a> {
    /// # Errors
    /// [`Exit::Usage`] for a file that cannot be used; those of the key.
    pub(super) fn read(check: &'a Check) -> Result<Self, Failure> {
        let compared = &check.compared;
        let open = |file: &'a KeyFile| Ok((file.path.as_path(), key::open(file)?));
        Ok(Self {
            policy: policy(check)?,
            anchors: check.anchors.read(COMMAND)?,
            request: compared.request.as_deref().map(request).transpose()?,
            other: compared.other_role.as_deref().map(other).transpose()?,
            key: compared.key.as_ref().map(open).transpose()?,
            hosts: &compared.hosts,
            now: compared.at.unwrap_or_else(clock::now),
        })
    }

    /// Whose requirements are in force.
    pub(super) const fn profile(&self) -> Profile {
        self.policy.profile()
    }

    /// The key of `--key`, with its file.
    pub(super) fn key(&self) -> Option<(&'a Path, &Held)> {
        self.key.as_ref().map(|(path, held)| (*path, held))
    }

    /// Judges one chain.
    pub(super) fn judge(&self, chain: &Chain) -> Examination {
        let (key, foreign_key) = match self.key() {
            Some((_, Held::Key(spki))) => (Some(&**spki), None),
            Some((_, Held::Other(kind))) => (None, Some(kind.as_str())),
            None => (None, None),
        };
        let (other_request, other_chain) = match &self.other {
            Some(Other::Request(csr)) => (Some(&**csr), None),
            Some(Other::Chain(chain)) => (None, Some(chain)),
            None => (None, None),
        };
        let asked = Asked {
            request: self.request.as_ref(),
            key,
            foreign_key,
            other_request,
            other_chain,
            hosts: self.hosts,
            ..Asked::default()
        };
        examine_chain(chain, &asked, &self.policy, &self.anchors, self.now)
    }
}

/// The policy in force. One written for requests says who signs; a chain is then judged as that of
/// any TLS server.
fn policy(check: &Check) -> Result<Policy, Failure> {
    let policy = check.settings.policy(check.profile, Profile::Cluster)?;
    Ok(match policy.profile() {
        Profile::Private | Profile::Public => policy.under(Profile::TlsServer),
        Profile::Rfc5280 if !check.compared.hosts.is_empty() => policy.under(Profile::Rfc5280Host),
        Profile::Cluster | Profile::TlsServer | Profile::Rfc5280 | Profile::Rfc5280Host => policy,
    })
}

fn request(path: &Path) -> Result<Csr, Failure> {
    let (requests, _) = requests(path, &input::read(path, MAX_INPUT)?)?;
    match requests.as_slice() {
        [der] => Csr::from_der(der).map_err(|error| unusable(path).because(&error)),
        _ => Err(unusable(path).hint("give --csr the one request the chain was issued for")),
    }
}

fn other(path: &Path) -> Result<Other, Failure> {
    let bytes = input::read(path, MAX_INPUT)?;
    let (requests, others) = requests(path, &bytes)?;
    if let ([der], false) = (requests.as_slice(), others) {
        let csr = Csr::from_der(der).map_err(|error| unusable(path).because(&error))?;
        return Ok(Other::Request(Box::new(csr)));
    }
    Chain::read(&bytes).map(Other::Chain).map_err(|error| unusable(path).because(&error))
}

/// The requests in a file, and whether certificates are in it too.
fn requests(path: &Path, bytes: &[u8]) -> Result<(Vec<Vec<u8>>, bool), Failure> {
    let blocks = pem::blocks(bytes).map_err(|error| unusable(path).because(&error))?;
    let count = blocks.len();
    let request = |block| match block {
        Block::Request(der) => Some(der),
        Block::Certificate(_) => None,
    };
    let requests: Vec<_> = blocks.into_iter().filter_map(request).collect();
    let others = requests.len() < count;
    Ok((requests, others))
}

fn unusable(path: &Path) -> Failure {
    Failure::new(Exit::Usage, format!("cannot use {}", path.display()))
}
