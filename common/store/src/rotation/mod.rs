//! The moves, stage, install and roll back, as plans of named parts. Pure: they make every [`Commit`], and media only
//! carry them out.

mod commit;
mod error;
mod plan;

pub use commit::{AuditEntry, Commit};
pub use error::PlanError;

use crate::account::{Accounts, SysadminAccount};
use crate::generation::{Installed, Staged};
use crate::image::Version;
use crate::layout::{DocumentName, GenerationFile, Stage};
use crate::manifest::{EarlierKey, Manifest, Purpose, RoleEntry};
use crate::operation::Operation;
use crate::record::FORMAT;
use crate::snapshot::Snapshot;
use crate::state::State;
use commit::Move;
use common::{Pair, Role, Timestamp};
use pki::verdict::VerifiedChain;
use pki::{Csr, GeneralName, KeyAlgorithm, SealedKey};
use plan::{NewDocument, NewGeneration, Plan};

/// What the operator asked for with or without `--rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Mode {
    First,
    Rotate,
}

/// What `get_csrs` wants stored.
pub struct Staging {
    /// For people.
    pub cluster_name: String,
    /// Sealed keys.
    pub keys: Pair<SealedKey>,
    /// Their requests.
    pub requests: Pair<Csr>,
    /// The first sysadmin; must be there exactly when the store has none.
    pub account: Option<SysadminAccount>,
    /// With or without `--rotate`.
    pub mode: Mode,
    /// Whether a staged generation may be replaced.
    pub replace_staged: bool,
}

/// Checks, before a human or a slow step is bothered, that staging can succeed at all.
/// `None` stands for a store that does not exist yet.
///
/// # Errors
/// [`PlanError::AlreadyStaged`], [`PlanError::AlreadyInstalled`], [`PlanError::NothingInstalled`].
pub fn may_stage(snapshot: Option<&Snapshot>, mode: Mode, replace_staged: bool) -> Result<(), PlanError> {
    let staged = snapshot.and_then(|snapshot| snapshot.staged.as_ref());
    if let (Some(Staged { manifest, .. }), false) = (staged, replace_staged) {
        let (generation, since) = (manifest.generation, manifest.staged_by.at);
        return Err(PlanError::AlreadyStaged { generation, since });
    }
    match (mode, snapshot.and_then(|snapshot| snapshot.current.as_ref())) {
        (Mode::First, Some(current)) => {
            Err(PlanError::AlreadyInstalled { current: current.manifest.generation })
        }
        (Mode::Rotate, None) => Err(PlanError::NothingInstalled),
        (Mode::First, None) | (Mode::Rotate, Some(_)) => Ok(()),
    }
}

/// Checks, before a human is asked to paste, that installing can succeed at all.
///
/// # Errors
/// [`PlanError::NothingStaged`], and the right mode's name in [`PlanError::IsRotation`],
/// [`PlanError::IsFirst`], [`PlanError::NothingInstalled`], [`PlanError::AlreadyInstalled`].
pub fn may_install(snapshot: &Snapshot, mode: Mode) -> Result<(), PlanError> {
    staged_for(snapshot, mode).map(|_| ())
}

/// The staged generation, if this is the mode to install it with.
fn staged_for(snapshot: &Snapshot, mode: Mode) -> Result<&Staged, PlanError> {
    let generation = snapshot.staged.as_ref().ok_or(PlanError::NothingStaged)?;
    let staged = generation.manifest.generation;
    let current = snapshot.current.as_ref().map(|current| current.manifest.generation);
    match (mode, generation.manifest.purpose, current) {
        (Mode::First, Purpose::First, None) | (Mode::Rotate, Purpose::Rotation, Some(_)) => Ok(generation),
        (Mode::First, Purpose::Rotation, Some(current)) => Err(PlanError::IsRotation { staged, current }),
        (Mode::First, Purpose::First, Some(current)) => Err(PlanError::AlreadyInstalled { current }),
        (Mode::Rotate, Purpose::First, _) => Err(PlanError::IsFirst { staged }),
        (Mode::First | Mode::Rotate, Purpose::Rotation, None) => Err(PlanError::NothingInstalled),
    }
}

/// Plans `get_csrs`: one new generation with keys and requests, and the first sysadmin with it.
///
/// # Errors
/// Those of [`may_stage`]; [`PlanError::AccountMissing`], [`PlanError::AccountExists`], [`PlanError::TooLarge`].
pub fn stage(
    snapshot: Option<&Snapshot>,
    staging: Staging,
    operation: Operation,
) -> Result<Commit, PlanError> {
    may_stage(snapshot, staging.mode, staging.replace_staged)?;
    let operation = operation.recordable();
    let (base, before) = match snapshot {
        Some(snapshot) => (snapshot.version.clone(), snapshot.state.clone()),
        None => (Version::Unwritten, State::before_the_first(&operation)),
    };
    let document = first_account(&before, staging.account.as_ref())?;
    let mut next = successor(&before, &operation);
    next.last_generation += 1;
    let manifest = staged_manifest(&staging, &next, snapshot.map(Snapshot::all_keys).unwrap_or_default());
    let generation = NewGeneration::new(manifest, staged_files(&staging.keys, &staging.requests));
    let replaced = next.staged.replace(generation.reference.clone());
    next.documents.extend(document.as_ref().map(|document| document.reference.clone()));
    let retire = replaced.iter().map(|replaced| (replaced.number, Stage::Staged)).collect();
    Plan { base, action: Move::Stage, document, generation: Some(generation), next, retire }.commit()
}

/// The accounts of a store that has none.
fn first_account(
    before: &State,
    account: Option<&SysadminAccount>,
) -> Result<Option<NewDocument>, PlanError> {
    match (before.documents.contains_key(&DocumentName::Accounts), account) {
        (false, Some(account)) => Ok(Some(NewDocument::accounts(1, &Accounts::first(account.clone())))),
        (true, None) => Ok(None),
        (false, None) => Err(PlanError::AccountMissing),
        (true, Some(_)) => Err(PlanError::AccountExists),
    }
}

/// The record after `before`, nothing moved yet.
fn successor(before: &State, operation: &Operation) -> State {
    State { sequence: before.sequence + 1, written_by: operation.clone(), ..before.clone() }
}

fn staged_manifest(staging: &Staging, next: &State, earlier_keys: Vec<EarlierKey>) -> Manifest {
    Manifest {
        format: FORMAT,
        generation: next.last_generation,
        staged_as: next.last_generation,
        purpose: match staging.mode {
            Mode::First => Purpose::First,
            Mode::Rotate => Purpose::Rotation,
        },
        cluster_name: staging.cluster_name.clone(),
        staged_by: next.written_by.clone(),
        installed_by: None,
        roles: staging.requests.as_ref().map(role_entry),
        earlier_keys,
        files: vec![],
    }
}

fn role_entry(request: &Csr) -> RoleEntry {
    let names = request.extensions().names();
    RoleEntry {
        spki: request.spki().sha256(),
        sans: names.iter().map(GeneralName::tagged).collect(),
        key_algorithm: KeyAlgorithm::of(request.spki()).map_or("other", KeyAlgorithm::name).to_owned(),
        request: request.sha256(),
    }
}

/// Keys and requests in the order of [`GenerationFile::of`].
fn staged_files(keys: &Pair<SealedKey>, requests: &Pair<Csr>) -> Vec<(GenerationFile, Vec<u8>)> {
    let of = |role| {
        [
            (GenerationFile::Key(role), keys.of(role).to_pem().into_bytes()),
            (GenerationFile::Request(role), requests.of(role).to_pem().into_bytes()),
        ]
    };
    Role::BOTH.into_iter().flat_map(of).collect()
}

/// Chains and anchors in the order of [`GenerationFile::of`].
fn verified_files(verified: &Pair<VerifiedChain>) -> Vec<(GenerationFile, Vec<u8>)> {
    let of = |role| {
        let chain = verified.of(role);
        [
            (GenerationFile::Chain(role), chain.served().to_pem().into_bytes()),
            (GenerationFile::Anchor(role), chain.anchor().to_pem().into_bytes()),
        ]
    };
    Role::BOTH.into_iter().flat_map(of).collect()
}

/// Plans `install_certs`: one new generation with keys, requests, chains and their anchors, one
/// commit, then the staged generation and, unless `keep_previous`, the old pair are retired.
///
/// # Errors
/// Those of [`may_install`]; [`PlanError::ForeignChain`], [`PlanError::TooLarge`].
pub fn install(
    snapshot: &Snapshot,
    verified: &Pair<VerifiedChain>,
    mode: Mode,
    keep_previous: bool,
    operation: Operation,
) -> Result<Commit, PlanError> {
    let staged = staged_for(snapshot, mode)?;
    for (role, chain) in verified.iter() {
        belongs(staged, role, chain)?;
    }
    let before = &snapshot.state;
    let mut next = successor(before, &operation.recordable());
    next.last_generation += 1;
    let manifest = Manifest {
        generation: next.last_generation,
        installed_by: Some(next.written_by.clone()),
        ..staged.manifest.clone()
    };
    let mut files = staged_files(&staged.keys, &staged.requests);
    files.extend(verified_files(verified));
    let generation = NewGeneration::new(manifest, files);
    next.staged = None;
    next.current = Some(generation.reference.clone());
    next.previous = before.current.clone().filter(|_| keep_previous);
    let old = before.generations().map(|(old, stage)| (old.number, stage));
    let retire = old.filter(|(old, _)| !next.names(*old)).collect();
    let base = snapshot.version.clone();
    Plan { base, action: Move::Install, document: None, generation: Some(generation), next, retire }.commit()
}

/// The last look before a chain is stored: it is for this role's staged key.
fn belongs(staged: &Staged, role: Role, chain: &VerifiedChain) -> Result<(), PlanError> {
    let expected = staged.requests.of(role).spki().sha256();
    let found = chain.end_entity().spki().sha256();
    if found == expected && chain.role() == role {
        Ok(())
    } else {
        Err(PlanError::ForeignChain { role, found, expected })
    }
}

/// Plans `install_certs --rollback`: current and previous change places.
///
/// # Errors
/// [`PlanError::NoPrevious`]; [`PlanError::PreviousExpired`] when any certificate of its chains has
/// ended, an intermediate as well.
pub fn roll_back(snapshot: &Snapshot, now: Timestamp, operation: Operation) -> Result<Commit, PlanError> {
    let not_after = snapshot.previous.as_ref().map(Installed::ends).ok_or(PlanError::NoPrevious)?;
    if not_after < now {
        return Err(PlanError::PreviousExpired { not_after });
    }
    let mut next = successor(&snapshot.state, &operation.recordable());
    std::mem::swap(&mut next.current, &mut next.previous);
    let base = snapshot.version.clone();
    Plan { base, action: Move::RollBack, document: None, generation: None, next, retire: vec![] }.commit()
}
