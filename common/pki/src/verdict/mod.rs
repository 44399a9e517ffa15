//! Chain + anchors + time + expectation → [`VerifiedChain`], or every [`Finding`].
//!
//! [`verify`] answers for a pair that is to be installed; [`examine_chain`] judges one chain by the same
//! catalogue and the same path validation, whatever is known about it.

mod spec;

use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::name::{DnsName, GeneralName};
use crate::path::{PathError, Question, Validator, routes};
use crate::rules::chain::{self, ChainCase};
use crate::rules::pair::{self, PairCase};
use crate::rules::policy::Profile;
use crate::rules::{Finding, Severity, errors_first};
use common::{Pair, Role, Timestamp};

pub use crate::rules::asked::{Anchors, Asked, Expectation, KnownKey};
pub use crate::rules::csr::{
    ExaminedRequest, examine as examine_request, judge_requests, judge_together as judge_requests_together,
};
pub use crate::rules::history::judge as judge_history;
pub use rustls::pki_types::ServerName;
pub use spec::judge_specs;

/// A chain that verified: end entity first, path order, no trailing anchor, key of the staged
/// request, valid at the time it was judged. Only [`verify`] makes one:
///
/// ```compile_fail,E0451
/// use pki::{Certificate, Chain, DnsName, verdict::VerifiedChain};
///
/// fn forge(chain: Chain, end_entity: Certificate, anchor: Certificate, primary: DnsName) -> VerifiedChain {
///     let (role, name_is_covered) = (common::Role::Main, true);
///     VerifiedChain { chain, end_entity, anchor, primary, role, name_is_covered }
/// }
/// ```
///
/// while everybody may look at one:
///
/// ```
/// use pki::{Certificate, verdict::VerifiedChain};
///
/// fn look(verified: &VerifiedChain) -> &Certificate {
///     verified.end_entity()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedChain {
    chain: Chain,
    end_entity: Certificate,
    anchor: Certificate,
    primary: DnsName,
    role: Role,
    name_is_covered: bool,
}

impl VerifiedChain {
    /// What a server presents: end entity first, the anchor left out.
    pub const fn served(&self) -> &Chain {
        &self.chain
    }

    /// The end entity.
    pub const fn end_entity(&self) -> &Certificate {
        &self.end_entity
    }

    /// What the path ended in.
    pub const fn anchor(&self) -> &Certificate {
        &self.anchor
    }

    /// The name clients connect to.
    pub const fn primary(&self) -> &DnsName {
        &self.primary
    }

    /// Whether a client that follows [RFC 9525](https://www.rfc-editor.org/rfc/rfc9525) finds the
    /// primary name in the end entity. False only when it has no SAN at all, which installs with a
    /// warning: no TLS library of today matches a CN, so a rehearsal must then leave the name out.
    pub const fn name_is_covered(&self) -> bool {
        self.name_is_covered
    }

    /// Its role.
    pub const fn role(&self) -> Role {
        self.role
    }
}

/// The answer to "may this pair be installed?".
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Every finding of both chains, errors first, then Main before Assets, then in catalogue order.
    pub findings: Vec<Finding>,
    /// Present exactly when no finding is an error.
    pub verified: Option<Pair<VerifiedChain>>,
}

/// Judges both chains completely.
pub fn verify(
    chains: &Pair<Chain>,
    expected: &Expectation<'_>,
    anchors: &Anchors,
    now: Timestamp,
) -> Judgement {
    let asked = Pair::from_fn(|role| expected.of(role, chains));
    let cases = Pair::from_fn(|role| ChainCase::new(chains.of(role), asked.of(role), anchors, now));
    let validated = cases.as_ref().map(|case| validate(case, Validator::TlsClient));
    let mut findings = Vec::new();
    for (role, case) in cases.iter() {
        findings.extend(chain::judge(case, validated.of(role).as_ref().err()));
    }
    findings.extend(judge_together(&cases, expected));
    let findings = errors_first(findings);
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    let verified = if refused { None } else { admit(cases.zip(validated)) };
    Judgement { findings, verified }
}

/// What was found out about one chain.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Every finding, errors first, then in catalogue order.
    pub findings: Vec<Finding>,
    /// The path that was judged, end entity first, the trust anchor left out.
    pub path: Vec<Certificate>,
    /// What it ends in, if in anything.
    pub anchor: Option<Certificate>,
}

/// Judges one chain completely. Where the profile is that of a validator, which may be handed more
/// certificates than it needs, every way to an anchor is tried and the first without an error
/// taken; else the one path there is to serve is judged, as a TLS client would.
pub fn examine_chain(chain: &Chain, asked: &Asked<'_>, anchors: &Anchors, now: Timestamp) -> Examination {
    let mut first = None;
    for case in candidates(chain, asked, anchors, now) {
        let examination = examine_case(&case);
        if examination.findings.iter().all(|finding| finding.severity != Severity::Error) {
            return examination;
        }
        first.get_or_insert(examination);
    }
    first.unwrap_or_else(|| examine_case(&ChainCase::new(chain, asked, anchors, now)))
}

/// The paths worth judging; none when only the best guess is left.
fn candidates<'a>(
    chain: &'a Chain,
    asked: &'a Asked<'a>,
    anchors: &'a Anchors,
    now: Timestamp,
) -> Vec<ChainCase<'a>> {
    if !asked.policy.profile().is_rfc5280() {
        return Vec::new();
    }
    routes(chain.certificates(), anchors.given())
        .into_iter()
        .map(|route| ChainCase::along(chain, route, asked, anchors, now))
        .collect()
}

fn examine_case(case: &ChainCase<'_>) -> Examination {
    let path = match case.asked.policy.profile() {
        Profile::Cluster | Profile::Private | Profile::Public => validate(case, Validator::TlsClient),
        Profile::TlsServer => {
            validate(case, Validator::TlsClient).and_then(|()| validate(case, Validator::Rfc5280))
        }
        Profile::Rfc5280 | Profile::Rfc5280Host => validate(case, Validator::Rfc5280),
    };
    let mut findings = chain::judge(case, path.as_ref().err());
    findings.extend(judge_beside_other(case));
    Examination {
        findings: errors_first(findings),
        path: case.below_anchor().into_iter().map(|(_, certificate)| certificate.clone()).collect(),
        anchor: case.anchor().cloned(),
    }
}

/// The pair rules, for one chain beside the request or chain of the other role; they say the same
/// whichever of the two is Main. That it covers a DNS name of the other is `role.covers_other`.
fn judge_beside_other(case: &ChainCase<'_>) -> Vec<Finding> {
    let below = case.below_anchor();
    let (Some((_, end_entity)), Some((key, names))) = (below.first(), chain::other(case.asked)) else {
        return Vec::new();
    };
    let no_dns = |names: &[GeneralName]| -> Vec<GeneralName> {
        names.iter().filter(|name| !matches!(name, GeneralName::Dns(_))).cloned().collect()
    };
    let (own, theirs) = (no_dns(end_entity.extensions().names()), no_dns(names));
    let beside = PairCase {
        keys: Some(Pair { main: end_entity.spki(), assets: key }),
        names: Pair { main: &own, assets: &theirs },
    };
    pair::judge_by(&beside, case.asked.policy)
}

/// The pair rules, for what neither chain's own rules say: keys as requested (a certificate with
/// another key is `spki.mismatch`), and SANs that neither request asked for but both CAs added
/// (the others are `role.covers_other`).
fn judge_together(cases: &Pair<ChainCase<'_>>, expected: &Expectation<'_>) -> Vec<Finding> {
    let requested = |san: &GeneralName| {
        expected.requests.iter().any(|(_, csr)| {
            csr.extensions()
                .names()
                .iter()
                .any(|name| chain::same(name, san) && matches!(name, GeneralName::Dns(_)))
        })
    };
    let names = cases.as_ref().map(|case| {
        let sans = case.served().first().map_or(&[][..], |(_, end_entity)| end_entity.extensions().names());
        sans.iter().filter(|san| !requested(san)).cloned().collect::<Vec<_>>()
    });
    pair::judge(&PairCase {
        keys: Some(expected.requests.map(|csr| csr.spki())),
        names: names.as_ref().map(Vec::as_slice),
    })
}

fn validate(case: &ChainCase<'_>, validator: Validator) -> Result<(), PathError> {
    let anchor = case.anchor().ok_or(PathError::NoPath)?;
    let name = case.asked.request.and_then(chain::primary).filter(|_| has_sans(case));
    validator.validate(&Question { path: case.below_anchor(), anchor, name, now: case.now })
}

/// Without any SAN there is no name a client could compare: that is `san.absent`.
fn has_sans(case: &ChainCase<'_>) -> bool {
    case.served().first().is_some_and(|(_, one)| !one.extensions().names().is_empty())
}

/// Makes the verified pair out of cases without an error.
fn admit(cases: Pair<(ChainCase<'_>, Result<(), PathError>)>) -> Option<Pair<VerifiedChain>> {
    let admitted = cases.map(|(case, path)| {
        path.ok()?;
        let mut order = case.order.clone();
        order.path.truncate(case.served().len());
        let chain = case.chain.in_order(&order);
        Some(VerifiedChain {
            end_entity: chain.certificates().first()?.clone(),
            chain,
            anchor: case.anchor()?.clone(),
            primary: chain::primary(case.asked.request?)?,
            role: case.asked.role?,
            name_is_covered: has_sans(&case),
        })
    });
    Some(Pair { main: admitted.main?, assets: admitted.assets? })
}
