//! Requests, chains and moves for a store over any medium.

use super::Medium;
use common::{Pair, Role, Secret, Timestamp};
use pki::pem::Block;
use pki::verdict::{Anchors, Expectation, VerifiedChain, verify};
use pki::{Certificate, Chain, Csr, KeyAlgorithm, KeyPair, Passphrase, SealedKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SanType,
};
use std::sync::LazyLock;
use store::rotation::{self, Mode, Staging};
use store::{Commit, Operation, PlanError, Snapshot, Store, StoreError, SysadminAccount};
use zeroize::Zeroizing;

/// 2026-06-01, within the validity of every certificate here.
pub const NOW: Timestamp = Timestamp::from_unix(1_780_272_000);

/// Sealing is slow on purpose; what a store keeps need not open.
static SEALED: LazyLock<SealedKey> = LazyLock::new(|| {
    let passphrase = Secret::new(Zeroizing::new(b"correct horse battery staple".to_vec()));
    SealedKey::seal(&key(), &Passphrase::existing(passphrase).unwrap()).unwrap()
});

/// The trust anchor.
static ROOT: LazyLock<(Certificate, Issuer<'static, KeyPair>)> = LazyLock::new(|| {
    let (key, params) = (key(), ca("Example Root"));
    let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
    (certificate, Issuer::new(params, key))
});

/// The intermediate, which ends a month before what it signs: at [`CHAIN_ENDS`].
static CA: LazyLock<(Certificate, Issuer<'static, KeyPair>)> = LazyLock::new(|| {
    let (key, mut params) = (key(), ca("Example CA"));
    params.not_after = rcgen::date_time_ymd(2026, 12, 1);
    let certificate = params.signed_by(&key, &ROOT.1).unwrap();
    (Certificate::from_der(certificate.der()).unwrap(), Issuer::new(params, key))
});

/// When the first certificate of every chain here ends: 2026-12-01.
pub const CHAIN_ENDS: Timestamp = Timestamp::from_unix(1_796_083_200);

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn key() -> KeyPair {
    KeyPair::generate(KeyAlgorithm::NistP256).unwrap()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    params
}

fn server(role: Role) -> CertificateParams {
    let name = format!("{}.example.com", role.stem());
    let mut params = params(&name);
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// One fresh key's request and the chain for it.
fn request_and_chain(role: Role) -> (Csr, Chain) {
    let key = key();
    let params = server(role);
    let end_entity = params.signed_by(&key, &CA.1).unwrap().der().to_vec();
    let request = Csr::from_der(params.serialize_request(&key).unwrap().der()).unwrap();
    let chain = [end_entity, CA.0.der().to_vec()].map(Block::Certificate);
    (request, Chain::from_blocks(chain.to_vec()).unwrap())
}

/// Who does it: always the same id, for two stores that look alike.
pub fn operation(command: &str) -> Operation {
    Operation {
        id: "00112233445566778899aabbccddeeff".into(),
        command: command.into(),
        by: "root@node1 (pid 1234)".into(),
        at: NOW,
    }
}

/// The first sysadmin.
pub fn account() -> SysadminAccount {
    SysadminAccount {
        email: "root@example.com".into(),
        password_verifier: "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA".into(),
        created_at: NOW,
    }
}

/// Chains that verify for a snapshot's staged requests.
pub fn verified(snapshot: &Snapshot, chains: &Pair<Chain>) -> Pair<VerifiedChain> {
    let staged = snapshot.staged.as_ref().unwrap();
    let expected = Expectation {
        requests: staged.requests.as_ref(),
        generation: staged.manifest.generation,
        known_keys: &snapshot.known_keys(),
        reorder: false,
    };
    let judgement = verify(chains, &expected, &Anchors::Given(vec![ROOT.0.clone()]), NOW);
    judgement.verified.unwrap_or_else(|| panic!("{:?}", judgement.findings))
}

/// A store to move, over any medium.
pub struct Bench<'a> {
    medium: &'a dyn Medium,
    store: Store,
    /// Chains for what is staged.
    chains: Option<Pair<Chain>>,
}

/// Why a move was not made.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NotMoved {
    Plan(PlanError),
    Store(StoreError),
}

impl<'a> Bench<'a> {
    /// A store in which nothing has happened.
    pub fn new(medium: &'a dyn Medium) -> Self {
        Self { medium, store: Store::over(medium.open()), chains: None }
    }

    /// A store with a history: `s` stage, `i` install; upper case with `--rotate`, `K` keeps the
    /// old pair; `r` stages again in place of what is staged, `b` rolls back.
    pub fn after(medium: &'a dyn Medium, history: &str) -> Self {
        let mut bench = Self::new(medium);
        bench.play(history);
        bench
    }

    /// Goes on with the history.
    pub fn play(&mut self, history: &str) {
        for step in history.chars() {
            let done = match step {
                's' => self.stage(Mode::First, false),
                'S' => self.stage(Mode::Rotate, false),
                'r' => self.stage(Mode::Rotate, true),
                'i' => self.install(Mode::First, false),
                'I' => self.install(Mode::Rotate, false),
                'K' => self.install(Mode::Rotate, true),
                'b' => self.roll_back(NOW),
                step => panic!("unknown step {step}"),
            };
            done.unwrap_or_else(|error| panic!("step {step} of {history}: {error:?}"));
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The medium under it.
    pub fn medium(&self) -> &'a dyn Medium {
        self.medium
    }

    /// What it holds; it must hold something.
    pub fn snapshot(&self) -> Snapshot {
        self.store.read().unwrap().expect("something was committed")
    }

    /// Chains for what is staged.
    pub fn chains(&self) -> &Pair<Chain> {
        self.chains.as_ref().unwrap()
    }

    /// The commit of a staging, not made yet.
    pub fn staging(
        &mut self,
        mode: Mode,
        replace_staged: bool,
        account: Option<SysadminAccount>,
    ) -> Result<Commit, PlanError> {
        let Pair { main, assets } = Pair::from_fn(request_and_chain);
        self.chains = Some(Pair { main: main.1, assets: assets.1 });
        let requests = Pair { main: main.0, assets: assets.0 };
        let staging = Staging { mode, replace_staged, account, ..staging(requests) };
        let snapshot = self.store.read().unwrap();
        let commit = rotation::stage(snapshot.as_ref(), staging, operation("get_csrs"));
        assert_eq!(
            rotation::may_stage(snapshot.as_ref(), mode, replace_staged).err(),
            commit.as_ref().err().cloned().filter(|error| !is_about_account(error)),
            "the early check agrees with the plan"
        );
        commit
    }

    /// Stages; brings the account when the store has none.
    pub fn stage(&mut self, mode: Mode, replace_staged: bool) -> Result<(), NotMoved> {
        let account = self.store.read().unwrap().is_none().then(account);
        self.stage_with(mode, replace_staged, account)
    }

    /// Stages with or without an account.
    pub fn stage_with(
        &mut self,
        mode: Mode,
        replace_staged: bool,
        account: Option<SysadminAccount>,
    ) -> Result<(), NotMoved> {
        let kept = self.chains.clone();
        let commit = self.staging(mode, replace_staged, account);
        let done = commit.map_err(NotMoved::Plan).and_then(|commit| self.apply(&commit));
        if done.is_err() {
            self.chains = kept;
        }
        done
    }

    /// The commit of an install, not made yet.
    pub fn installation(&self, mode: Mode, keep_previous: bool) -> Result<Commit, PlanError> {
        let snapshot = self.snapshot();
        rotation::may_install(&snapshot, mode)?;
        let chains = verified(&snapshot, self.chains());
        rotation::install(&snapshot, &chains, mode, keep_previous, operation("install_certs"))
    }

    /// Installs.
    pub fn install(&mut self, mode: Mode, keep_previous: bool) -> Result<(), NotMoved> {
        let commit = self.installation(mode, keep_previous).map_err(NotMoved::Plan)?;
        self.apply(&commit)
    }

    /// Rolls back.
    pub fn roll_back(&mut self, now: Timestamp) -> Result<(), NotMoved> {
        let operation = operation("install_certs --rollback");
        let commit = rotation::roll_back(&self.snapshot(), now, operation).map_err(NotMoved::Plan)?;
        self.apply(&commit)
    }

    /// Makes a move; what it says of itself is what is read afterwards.
    pub fn apply(&self, commit: &Commit) -> Result<(), NotMoved> {
        let applied = self.store.apply(commit).map_err(NotMoved::Store)?;
        assert_eq!(applied.warnings, [""; 0]);
        assert_eq!(format!("{:?}", applied.snapshot), format!("{:?}", self.snapshot()));
        Ok(())
    }

    /// Numbers of what is staged, current, previous.
    pub fn numbers(&self) -> [Option<u64>; 3] {
        let Some(Snapshot { state, .. }) = self.store.read().unwrap() else { return [None; 3] };
        [state.staged, state.current, state.previous].map(|reference| reference.map(|it| it.number))
    }

    /// Numbers of the generations of which anything is kept.
    pub fn kept(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self
            .medium
            .objects()
            .iter()
            .filter_map(|name| name.strip_prefix("generations/")?.split('/').next()?.parse().ok())
            .collect();
        numbers.dedup();
        numbers
    }
}

/// A staging of these requests.
pub fn staging(requests: Pair<Csr>) -> Staging {
    Staging {
        cluster_name: "prod".into(),
        keys: Pair::from_fn(|_| SEALED.clone()),
        requests,
        account: None,
        mode: Mode::First,
        replace_staged: false,
    }
}

/// Fresh requests for both roles.
pub fn requests() -> Pair<Csr> {
    Pair::from_fn(|role| request_and_chain(role).0)
}

const fn is_about_account(error: &PlanError) -> bool {
    matches!(error, PlanError::AccountMissing | PlanError::AccountExists)
}
