//! Requests, chains and a store to move them through.

use crate::account::SysadminAccount;
use crate::layout;
use crate::manifest::Manifest;
use crate::rotation::{self, Mode, Plan, PlanError, Staging};
use crate::snapshot::{Files, Generation};
use crate::state::{GenerationRef, State};
use crate::{Operation, Snapshot, Store};
use common::secret::Secret;
use common::{Pair, Role, Timestamp};
use pki::pem::Block;
use pki::verdict::{Anchors, Expectation, VerifiedChain, verify};
use pki::{Certificate, Chain, Csr, KeyAlgorithm, KeyPair, Passphrase, SealedKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SanType,
};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// 2026-06-01, within the validity of every certificate here.
pub(super) const NOW: Timestamp = Timestamp::from_unix(1_780_272_000);

/// Sealing is slow on purpose; what a store keeps need not open.
static SEALED: LazyLock<SealedKey> = LazyLock::new(|| {
    let passphrase = Secret::new(Zeroizing::new(b"correct horse battery staple".to_vec()));
    SealedKey::seal(&key(), &Passphrase::existing(passphrase).unwrap()).unwrap()
});

static CA: LazyLock<(Certificate, Issuer<'static, KeyPair>)> = LazyLock::new(|| {
    let key = key();
    let mut params = params("Example CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
    (certificate, Issuer::new(params, key))
});

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
    let chain = params.signed_by(&key, &CA.1).unwrap().der().to_vec();
    let request = Csr::from_der(params.serialize_request(&key).unwrap().der()).unwrap();
    (request, Chain::from_blocks(vec![Block::Certificate(chain)]).unwrap())
}

pub(super) fn operation(command: &str) -> Operation {
    Operation {
        id: "00112233445566778899aabbccddeeff".into(),
        command: command.into(),
        by: "root@node1 (pid 1234)".into(),
        at: NOW,
    }
}

pub(super) fn account() -> SysadminAccount {
    SysadminAccount {
        format: 1,
        email: "root@example.com".into(),
        password_verifier: "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA".into(),
        created_at: NOW,
    }
}

/// Chains that verify for a snapshot's staged requests.
pub(super) fn verified(snapshot: &Snapshot, chains: &Pair<Chain>) -> Pair<VerifiedChain> {
    let staged = snapshot.staged.as_ref().unwrap();
    let expected = Expectation {
        requests: staged.requests.as_ref(),
        generation: staged.manifest.generation,
        known_keys: &snapshot.known_keys(),
        reorder: false,
    };
    let judgement = verify(chains, &expected, &Anchors::Given(vec![CA.0.clone()]), NOW);
    judgement.verified.unwrap_or_else(|| panic!("{:?}", judgement.findings))
}

/// The store as a map of bytes: what an object store would do with a plan.
#[derive(Default)]
struct Memory {
    generations: BTreeMap<u64, Files>,
    accounts: BTreeMap<u64, Vec<u8>>,
    state: Option<State>,
}

impl Memory {
    fn apply(&mut self, plan: &Plan) {
        assert_eq!(self.state.as_ref().map_or(0, |state| state.sequence), plan.expected_sequence);
        assert_eq!(self.state.is_none(), plan.create);
        if let Some(generation) = &plan.generation {
            let old = self.generations.insert(generation.number, generation.files.iter().cloned().collect());
            assert!(old.is_none(), "a generation is written once");
        }
        if let Some(account) = &plan.account {
            self.accounts.insert(account.number, account.bytes.clone());
        }
        self.state = Some(plan.next.clone());
        for number in &plan.prune {
            self.generations.remove(number).expect("pruned twice");
        }
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let state = self.state.clone()?;
        let read = |reference: &Option<GenerationRef>| {
            let reference = reference.as_ref()?;
            let files = &self.generations[&reference.number];
            let manifest = Manifest::decode(&files[layout::MANIFEST], reference).unwrap();
            Some(Generation::decode(manifest, files).unwrap())
        };
        let account = state.accounts.as_ref().map(|accounts| &self.accounts[&accounts.number]);
        Some(Snapshot {
            staged: read(&state.staged),
            current: read(&state.current),
            previous: read(&state.previous),
            account: account.map(|bytes| serde_json::from_slice(bytes).unwrap()),
            state,
        })
    }
}

/// A store to move: always in memory, and on disk with the same plans where a test asks for it.
#[derive(Default)]
pub(super) struct Bench {
    memory: Memory,
    disk: Option<(TempDir, Store)>,
    /// Chains for what is staged.
    chains: Option<Pair<Chain>>,
}

impl Bench {
    /// A store with a history: `s` stage, `i` install; upper case with `--rotate`, `K` keeps the
    /// old pair; `r` stages again in place of what is staged, `b` rolls back.
    pub(super) fn after(history: &str) -> Self {
        let mut bench = Self::default();
        bench.play(history);
        bench
    }

    /// The same, also on disk.
    pub(super) fn on_disk(history: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::at(directory.path().join("store"));
        let mut bench = Self { disk: Some((directory, store)), ..Self::default() };
        bench.play(history);
        bench
    }

    pub(super) fn play(&mut self, history: &str) {
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
            done.unwrap();
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.disk.as_ref().unwrap().1
    }

    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        self.memory.snapshot()
    }

    pub(super) fn stage(&mut self, mode: Mode, replace_staged: bool) -> Result<(), PlanError> {
        let account = self.snapshot().is_none().then(account);
        self.stage_with(mode, replace_staged, account)
    }

    pub(super) fn stage_with(
        &mut self,
        mode: Mode,
        replace_staged: bool,
        account: Option<SysadminAccount>,
    ) -> Result<(), PlanError> {
        let Pair { main, assets } = Pair::from_fn(request_and_chain);
        let staging = Staging {
            cluster_name: "prod".into(),
            keys: Pair::from_fn(|_| SEALED.clone()),
            requests: Pair { main: main.0, assets: assets.0 },
            account,
            mode,
            replace_staged,
        };
        let snapshot = self.snapshot();
        let plan = rotation::stage(snapshot.as_ref(), staging, operation("get_csrs"));
        assert_eq!(
            rotation::may_stage(snapshot.as_ref(), mode, replace_staged).err(),
            plan.as_ref().err().cloned().filter(|error| !is_about_account(error)),
            "the early check agrees with the plan"
        );
        self.apply(plan?);
        self.chains = Some(Pair { main: main.1, assets: assets.1 });
        Ok(())
    }

    pub(super) fn install(&mut self, mode: Mode, keep_previous: bool) -> Result<(), PlanError> {
        let snapshot = self.snapshot().unwrap();
        rotation::may_install(&snapshot, mode)?;
        let chains = verified(&snapshot, self.chains.as_ref().unwrap());
        let plan = rotation::install(&snapshot, &chains, mode, keep_previous, operation("install_certs"))?;
        self.apply(plan);
        Ok(())
    }

    pub(super) fn roll_back(&mut self, now: Timestamp) -> Result<(), PlanError> {
        let plan =
            rotation::roll_back(&self.snapshot().unwrap(), now, operation("install_certs --rollback"))?;
        self.apply(plan);
        Ok(())
    }

    pub(super) fn chains(&self) -> &Pair<Chain> {
        self.chains.as_ref().unwrap()
    }

    fn apply(&mut self, plan: Plan) {
        self.memory.apply(&plan);
        let Some((_, store)) = &self.disk else { return };
        let applied = store.apply(plan).unwrap();
        assert_eq!(applied.warnings, [""; 0]);
        let expected = format!("{:?}", self.memory.snapshot().unwrap());
        assert_eq!(format!("{:?}", applied.snapshot), expected);
        assert_eq!(format!("{:?}", store.read().unwrap().unwrap()), expected);
    }

    /// Numbers of what is staged, current, previous.
    pub(super) fn numbers(&self) -> [Option<u64>; 3] {
        let Some(Snapshot { state, .. }) = self.snapshot() else { return [None; 3] };
        [state.staged, state.current, state.previous].map(|reference| reference.map(|it| it.number))
    }

    /// Numbers of the generations whose files exist.
    pub(super) fn kept(&self) -> Vec<u64> {
        self.memory.generations.keys().copied().collect()
    }
}

const fn is_about_account(error: &PlanError) -> bool {
    matches!(error, PlanError::AccountMissing | PlanError::AccountExists)
}
