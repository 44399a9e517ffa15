//! The life of a pair, without a command: requested, signed by an authority of the test, installed, rotated and rolled
//! back, over a store in memory.

use crate::{
    Action, CommitError, Due, Facts, InstallError, InstallOrder, Limits, News, Nobody, PendingKeys, Person,
    Plan, PublishedFile, Question, Repair, RequestError, RequestOrder, Requested, Status, Sysadmin,
    Unanswered, UnlockError, plan_install, plan_rollback, request,
};
use common::{DAY, Pair, Role, Secret, Timestamp};
use pki::Certificate;
use pki::Chain;
use pki::Csr;
use pki::Email;
use pki::Passphrase;
use pki::Spki;
use pki::pem::Block;
use pki::verdict::Anchors;
use pki::{ClusterName, ClusterSpec, RequestSpec};
use pki::{KeyAlgorithm, KeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SanType,
};
use std::sync::Arc;
use store::rotation::Mode;
use store::{Memory, Operation, Password, PlanError, Snapshot, Store, StoreError};
use zeroize::Zeroizing;

/// 2026-06-01, within the validity of every certificate here.
const NOW: Timestamp = Timestamp::from_unix(1_780_272_000);
const PASSPHRASE: &str = "a fence painted green";

fn secret(text: &str) -> Secret {
    Secret::new(Zeroizing::new(text.as_bytes().to_vec()))
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::existing(secret(text)).unwrap()
}

/// Somebody who left answers: passphrases to try in turn, and what to say to every question.
struct Prepared {
    passphrases: Vec<&'static str>,
    yes: bool,
    /// What was told and asked.
    heard: Vec<String>,
}

impl Prepared {
    fn with(passphrases: &[&'static str]) -> Self {
        Self { passphrases: passphrases.iter().rev().copied().collect(), yes: false, heard: vec![] }
    }
}

impl Person for Prepared {
    type Silence = &'static str;

    fn tell(&mut self, News::Findings(findings): News<'_>) {
        self.heard.extend(findings.iter().map(|finding| finding.rule.to_owned()));
    }

    fn confirm(&mut self, question: Question<'_>) -> Result<bool, &'static str> {
        self.heard.push(match question {
            Question::Repair { repair, .. } => format!("{repair:?}"),
            Question::Warnings => "in spite of the warnings".to_owned(),
        });
        Ok(self.yes)
    }

    fn passphrase(&mut self) -> Result<Passphrase, &'static str> {
        self.another_passphrase()?.ok_or("no passphrase")
    }

    fn another_passphrase(&mut self) -> Result<Option<Passphrase>, &'static str> {
        Ok(self.passphrases.pop().map(passphrase))
    }
}

/// A public key in a request, as rcgen signs it.
struct Requested256<'a>(&'a Spki);

impl rcgen::PublicKeyData for Requested256<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.key_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// The customer's authority.
struct Authority {
    anchors: Anchors,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
        let mut params = params("Example CA", 400);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
        Self { anchors: Anchors::Given(vec![certificate]), issuer: Issuer::new(params, key) }
    }

    /// Certificates for both requests, valid for so many days.
    fn sign(&self, requests: Pair<&Csr>, days: i64) -> Pair<Chain> {
        requests.map(|request| {
            let mut params = params("issued", days);
            let names = request.extensions().names().iter().map(ToString::to_string);
            params.subject_alt_names =
                names.map(|name| SanType::DnsName(name.as_str().try_into().unwrap())).collect();
            params.is_ca = IsCa::ExplicitNoCa;
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            let signed = params.signed_by(&Requested256(request.spki()), &self.issuer).unwrap();
            Chain::from_blocks(vec![Block::Certificate(signed.der().to_vec())]).unwrap()
        })
    }
}

fn params(name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.not_before = rcgen::date_time_ymd(2026, 5, 1);
    params.not_after =
        rcgen::date_time_ymd(2026, 6, 1) + std::time::Duration::from_secs(days as u64 * 86_400);
    params
}

/// A cluster: its store, and the authority that signs for it.
struct Cluster {
    store: Store,
    authority: Authority,
}

impl Cluster {
    fn new() -> Self {
        Self { store: Store::over(Box::new(Arc::new(Memory::new()))), authority: Authority::new() }
    }

    fn snapshot(&self) -> Snapshot {
        self.store.read().unwrap().unwrap()
    }

    fn operation(&self, command: &str) -> Operation {
        let id = "00112233445566778899aabbccddeeff".into();
        Operation { id, command: command.into(), by: "root@node1 (pid 1234)".into(), at: NOW }
    }

    /// Requests the pair for the first time, or anew for the names it has.
    fn request(&self, mode: Mode) -> Requested {
        self.try_request(mode, specs(), &mut Nobody).unwrap()
    }

    fn try_request<P: Person>(
        &self,
        mode: Mode,
        requests: Pair<RequestSpec>,
        person: &mut P,
    ) -> Result<Requested, RequestError<P::Silence>> {
        let snapshot = self.store.read().unwrap();
        let spec = ClusterSpec { cluster_name: ClusterName::parse("Example").unwrap(), requests };
        let sysadmin = || Sysadmin {
            email: Email::parse("ops@example.com").unwrap(),
            password: Password::new(secret("another fence in blue")).unwrap(),
        };
        let order = RequestOrder {
            keys: PendingKeys::start(spec.requests.as_ref().map(RequestSpec::key_algorithm)),
            spec,
            passphrase: passphrase(PASSPHRASE),
            sysadmin: (mode == Mode::First).then(sysadmin),
            mode,
            replace_staged: false,
        };
        request(&self.store, snapshot.as_ref(), order, self.operation("request"), person)
    }

    fn signed(&self, days: i64) -> Pair<Chain> {
        self.authority.sign(self.snapshot().staged.unwrap().requests.as_ref(), days)
    }

    fn plan<P: Person>(
        &self,
        mode: Mode,
        chains: &Pair<Chain>,
        person: &mut P,
    ) -> Result<Plan, InstallError<P::Silence>> {
        let snapshot = self.snapshot();
        let anchors = &self.authority.anchors;
        let order = InstallOrder { snapshot: &snapshot, mode, keep_previous: true, anchors, reorder: false };
        plan_install(&order, chains, self.operation("install"), person)
    }

    fn install(&self, mode: Mode, days: i64) -> crate::Done {
        let plan = self.plan(mode, &self.signed(days), &mut Prepared::with(&[PASSPHRASE])).unwrap();
        plan.commit(&self.store).unwrap()
    }
}

fn specs() -> Pair<RequestSpec> {
    Pair { main: "kms.example.com", assets: "kms-ui.example.com" }
        .map(|name| RequestSpec::parse(name, vec![], KeyAlgorithm::NistP256).unwrap())
}

#[test]
fn a_pair_lives_from_its_request_to_its_rollback_without_a_command() {
    let cluster = Cluster::new();
    let requested = cluster.request(Mode::First);
    assert_eq!(requested.findings, []);
    assert_eq!(requested.applied.snapshot.staged.unwrap().manifest.generation, 1);
    let status = Status::of(&cluster.snapshot(), NOW);
    assert_eq!(
        status.staged.map(|staged| staged.roles.main.sans),
        Some(vec!["DNS:kms.example.com".to_owned()])
    );

    let done = cluster.install(Mode::First, 90);
    assert_eq!(
        (done.effect.action, done.effect.generation, done.effect.replaced),
        (Action::Install, Some(2), None)
    );
    assert_eq!(done.effect.handshakes.map(|pair| pair.main[0].version.clone()).as_deref(), Some("TLSv1.3"));
    let first = done.current.chains;

    cluster.request(Mode::Rotate);
    let done = cluster.install(Mode::Rotate, 20);
    assert_eq!(
        (done.effect.action, done.effect.replaced, done.effect.removed),
        (Action::Rotate, Some(2), vec![])
    );
    assert_eq!(
        done.effect.changes.main.old.map(|old| old.certificate_sha256),
        Some(first.main.first().sha256())
    );
    assert_eq!(done.state.previous.map(|previous| previous.number), Some(2));
    let status = Status::of(&cluster.snapshot(), NOW);
    let limits = Limits { ends_within: 30 * DAY, staged_longer_than: None };
    assert_eq!(status.due(limits, NOW), [Due::Ending { generation: 4, ends: NOW.plus_seconds(20 * DAY) }]);

    let plan = plan_rollback(&cluster.snapshot(), cluster.operation("roll back")).unwrap();
    assert_eq!((plan.effect.action, plan.effect.generation), (Action::RollBack, Some(2)));
    let done = plan.commit(&cluster.store).unwrap();
    assert_eq!(done.current.chains, first);
    let facts = Facts::of(done.effect.action, &done.current, done.effect.replaced);
    assert_eq!((facts.generation, facts.replaced), (2, Some(4)));
    assert_eq!(facts.names, Pair { main: "kms.example.com".into(), assets: "kms-ui.example.com".into() });
    assert_eq!(facts.not_after.main, NOW.plus_seconds(90 * DAY));
}

/// Waits for everything, and stops the flow before anything changes.
struct Interrupting;

impl Person for Interrupting {
    type Silence = &'static str;

    fn tell(&mut self, _news: News<'_>) {}

    fn confirm(&mut self, _question: Question<'_>) -> Result<bool, &'static str> {
        Err("interrupted")
    }

    fn passphrase(&mut self) -> Result<Passphrase, &'static str> {
        Err("interrupted")
    }

    fn go_on(&mut self) -> Result<(), &'static str> {
        Err("interrupted")
    }
}

#[test]
fn a_request_that_is_stopped_or_breaks_rules_stages_nothing() {
    let cluster = Cluster::new();
    let stopped = cluster.try_request(Mode::First, specs(), &mut Interrupting);
    assert!(matches!(stopped, Err(RequestError::Silent("interrupted"))), "{stopped:?}");
    let same = Pair { main: specs().main, assets: specs().main };
    let refused = cluster.try_request(Mode::First, same, &mut Nobody);
    assert!(matches!(refused, Err(RequestError::Rejected(_))), "{refused:?}");
    let refused = cluster.try_request(Mode::Rotate, specs(), &mut Nobody);
    assert!(matches!(refused, Err(RequestError::Refused(PlanError::NothingInstalled))), "{refused:?}");
    assert!(cluster.store.read().unwrap().is_none());
}

#[test]
fn nobody_is_told_which_answer_is_missing_and_nothing_changes() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let refused = cluster.plan(Mode::First, &cluster.signed(90), &mut Nobody);
    assert!(matches!(refused, Err(InstallError::Silent(Unanswered::Passphrase))), "{refused:?}");
    let refused = cluster.plan(Mode::Rotate, &cluster.signed(90), &mut Nobody);
    assert!(matches!(refused, Err(InstallError::Refused(PlanError::IsFirst { staged: 1 }))), "{refused:?}");
    let snapshot = cluster.snapshot();
    assert_eq!((snapshot.state.sequence, snapshot.current.is_none()), (1, true));
}

#[test]
fn a_repair_is_offered_and_made_only_after_a_yes() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let Pair { main, assets } = cluster.signed(90);
    let swapped = Pair { main: assets, assets: main };
    let refused = cluster.plan(Mode::First, &swapped, &mut Nobody);
    assert!(matches!(refused, Err(InstallError::Rejected(_))), "{refused:?}");
    let mut person = Prepared::with(&[PASSPHRASE]);
    let refused = cluster.plan(Mode::First, &swapped, &mut person);
    assert!(matches!(refused, Err(InstallError::Rejected(_))), "{refused:?}");
    assert_eq!(person.heard, [format!("{:?}", Repair::Swap)]);
    person.yes = true;
    let plan = cluster.plan(Mode::First, &swapped, &mut person).unwrap();
    assert_eq!(plan.effect.changes.main.new.sans, ["DNS:kms.example.com"]);
}

#[test]
fn a_passphrase_may_be_tried_three_times() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let chains = cluster.signed(90);
    let open = |tries: &[&'static str]| cluster.plan(Mode::First, &chains, &mut Prepared::with(tries));
    assert!(open(&["wrong", "wrong again", PASSPHRASE]).is_ok());
    for tries in [&["wrong"][..], &["wrong", "wrong", "wrong", PASSPHRASE]] {
        let refused = open(tries);
        let opened = matches!(refused, Err(InstallError::Unlock(UnlockError::Passphrase { .. })));
        assert!(opened, "{tries:?} {refused:?}");
    }
}

#[test]
fn what_turns_clients_away_takes_a_yes_of_its_own() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let requests = cluster.snapshot().staged.unwrap().requests;
    let nameless = requests.as_ref().map(|request| {
        let mut params = params(&request.extensions().names()[0].to_string(), 90);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let signed = params.signed_by(&Requested256(request.spki()), &cluster.authority.issuer).unwrap();
        Chain::from_blocks(vec![Block::Certificate(signed.der().to_vec())]).unwrap()
    });
    let refused = cluster.plan(Mode::First, &nameless, &mut Nobody);
    assert!(matches!(refused, Err(InstallError::Silent(Unanswered::Warnings))), "{refused:?}");
    let mut person = Prepared::with(&[PASSPHRASE]);
    let refused = cluster.plan(Mode::First, &nameless, &mut person);
    assert!(matches!(refused, Err(InstallError::Declined)), "{refused:?}");
    assert!(person.heard.contains(&"san.absent".to_owned()), "{:?}", person.heard);
    person.yes = true;
    assert!(cluster.plan(Mode::First, &nameless, &mut person).is_ok());
}

#[test]
fn a_plan_made_for_an_older_store_is_not_carried_out() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let chains = cluster.signed(90);
    let plan = || cluster.plan(Mode::First, &chains, &mut Prepared::with(&[PASSPHRASE])).unwrap();
    let (first, second) = (plan(), plan());
    first.commit(&cluster.store).unwrap();
    let refused = second.commit(&cluster.store);
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Conflict { .. }))), "{refused:?}");
}

#[test]
fn what_other_servers_read_comes_chain_before_key() {
    let cluster = Cluster::new();
    cluster.request(Mode::First);
    let current = cluster.install(Mode::First, 90).current;
    let copies = PublishedFile::all(&current);
    let names: Vec<_> = copies.iter().map(|copy| (copy.name, copy.mode)).collect();
    assert_eq!(
        names,
        [("main.pem", 0o644), ("main.key", 0o600), ("assets.pem", 0o644), ("assets.key", 0o600)]
    );
    for (copy, label) in copies.iter().zip(["CERTIFICATE", "ENCRYPTED PRIVATE KEY"].iter().cycle()) {
        assert!(copy.contents.starts_with(&format!("-----BEGIN {label}-----\n")), "{}", copy.name);
    }
    assert_eq!(copies[0].contents, current.chains.of(Role::Main).to_pem());
}
