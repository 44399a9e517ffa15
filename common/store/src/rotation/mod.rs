//! The four moves, as plans: stage, install, roll back, prune. Pure; the disk only applies them.

mod error;
mod plan;

pub use error::PlanError;
pub use plan::Plan;
pub(crate) use plan::{Move, NewAccount, NewGeneration};

use super::layout;
use super::manifest::{EarlierKey, Manifest, Purpose, RoleEntry};
use super::snapshot::{Generation, Snapshot};
use super::state::{FORMAT, Operation, State};
use crate::account::SysadminAccount;
use common::{Pair, Role, Timestamp};
use pki::verdict::VerifiedChain;
use pki::{Certificate, Chain, Csr, KeyAlgorithm, SealedKey};

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
    if let (Some(Generation { manifest, .. }), false) = (staged, replace_staged) {
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
fn staged_for(snapshot: &Snapshot, mode: Mode) -> Result<&Generation, PlanError> {
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
/// Those of [`may_stage`]; [`PlanError::AccountMissing`], [`PlanError::AccountExists`].
pub fn stage(snapshot: Option<&Snapshot>, staging: Staging, operation: Operation) -> Result<Plan, PlanError> {
    may_stage(snapshot, staging.mode, staging.replace_staged)?;
    let operation = operation.recordable();
    let before = match snapshot {
        Some(snapshot) => snapshot.state.clone(),
        None => State::initial(operation.clone()),
    };
    let account = new_account(&before, staging.account.as_ref())?;
    let mut next = successor(&before, &operation);
    next.last_generation += 1;
    let manifest = staged_manifest(&staging, &next, snapshot.map(Snapshot::all_keys).unwrap_or_default());
    let (generation, reference) =
        NewGeneration::new(manifest, staged_files(&staging.keys, &staging.requests));
    let replaced = next.staged.replace(reference);
    next.accounts = account.as_ref().map(NewAccount::reference).or(next.accounts);
    Ok(Plan {
        expected_sequence: before.sequence,
        action: Move::Stage,
        create: snapshot.is_none(),
        account,
        generation: Some(generation),
        next,
        prune: replaced.iter().map(|replaced| replaced.number).collect(),
    })
}

/// The account of a store that has none.
fn new_account(before: &State, account: Option<&SysadminAccount>) -> Result<Option<NewAccount>, PlanError> {
    match (&before.accounts, account) {
        (None, Some(account)) => Ok(Some(NewAccount::new(1, account))),
        (Some(_), None) => Ok(None),
        (None, None) => Err(PlanError::AccountMissing),
        (Some(_), Some(_)) => Err(PlanError::AccountExists),
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
        sans: names.iter().map(|name| format!("{}:{name}", name.kind())).collect(),
        key_algorithm: KeyAlgorithm::of(request.spki()).map_or("other", KeyAlgorithm::name).to_owned(),
        request: request.sha256(),
    }
}

/// Keys and requests in the order of [`layout::files`].
fn staged_files(keys: &Pair<SealedKey>, requests: &Pair<Csr>) -> Vec<(String, Vec<u8>)> {
    let of = |role| {
        [
            (layout::key(role), keys.of(role).to_pem().into_bytes()),
            (layout::request(role), requests.of(role).to_pem().into_bytes()),
        ]
    };
    Role::BOTH.into_iter().flat_map(of).collect()
}

/// Plans `install_certs`: one new generation with keys, requests and chains, one commit, then
/// the staged generation and, unless `keep_previous`, the old pair are pruned.
///
/// # Errors
/// Those of [`may_install`]; [`PlanError::ForeignChain`].
pub fn install(
    snapshot: &Snapshot,
    verified: &Pair<VerifiedChain>,
    mode: Mode,
    keep_previous: bool,
    operation: Operation,
) -> Result<Plan, PlanError> {
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
    files.extend(verified.iter().map(|(role, chain)| (layout::chain(role), chain.served().to_pem().into())));
    let (generation, reference) = NewGeneration::new(manifest, files);
    next.staged = None;
    next.current = Some(reference);
    next.previous = before.current.clone().filter(|_| keep_previous);
    Ok(Plan {
        expected_sequence: before.sequence,
        action: Move::Install,
        create: false,
        account: None,
        generation: Some(generation),
        prune: before.generations().map(|old| old.number).filter(|old| !next.names(*old)).collect(),
        next,
    })
}

/// The last look before a chain is stored: it is for this role's staged key.
fn belongs(staged: &Generation, role: Role, chain: &VerifiedChain) -> Result<(), PlanError> {
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
/// [`PlanError::NoPrevious`], [`PlanError::PreviousExpired`].
pub fn roll_back(snapshot: &Snapshot, now: Timestamp, operation: Operation) -> Result<Plan, PlanError> {
    let chains = snapshot.previous.as_ref().and_then(|previous| previous.chains.as_ref());
    let not_after = chains.and_then(earliest_end).ok_or(PlanError::NoPrevious)?;
    if not_after < now {
        return Err(PlanError::PreviousExpired { not_after });
    }
    let before = &snapshot.state;
    let mut next = successor(before, &operation.recordable());
    std::mem::swap(&mut next.current, &mut next.previous);
    Ok(Plan {
        expected_sequence: before.sequence,
        action: Move::RollBack,
        create: false,
        account: None,
        generation: None,
        next,
        prune: vec![],
    })
}

/// When the first of two end entities ends.
fn earliest_end(chains: &Pair<Chain>) -> Option<Timestamp> {
    let ends = chains.iter().map(|(_, chain)| chain.certificates().first().map(Certificate::not_after));
    ends.min().flatten()
}
