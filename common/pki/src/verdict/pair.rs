//! The product's verdict: may this pair of chains be installed?

use super::chain::{self, Judged, has_sans};
use super::together;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::name::{DnsName, GeneralName};
use crate::request::Csr;
use crate::rules::case::PairCase;
use crate::rules::{Anchors, Asked, Finding, KnownKey, Policy, Severity, errors_first};
use common::{Pair, Role, Timestamp};

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

/// What the installed pair should be. Everything the store knows that a verifier needs.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// The staged requests.
    pub requests: Pair<&'a Csr>,
    /// Number of the staged generation, for messages.
    pub generation: u64,
    /// Keys of other generations (current, previous and earlier ones), so that a certificate for
    /// the wrong one can be named.
    pub known_keys: &'a [KnownKey],
    /// Whether unordered chains are put in order instead of refused.
    pub reorder: bool,
}

impl<'a> Expectation<'a> {
    /// What is asked of the chain of one role.
    fn of(&self, role: Role, chains: &'a Pair<Chain>) -> Asked<'a> {
        let other = role.other();
        Asked {
            role: Some(role),
            request: Some(self.requests.of(role)),
            generation: Some(self.generation),
            other_request: Some(self.requests.of(other)),
            other_chain: Some(chains.of(other)),
            known_keys: self.known_keys,
            reorder: self.reorder,
            ..Asked::default()
        }
    }
}

/// Judges both chains completely.
pub fn verify(
    chains: &Pair<Chain>,
    expected: &Expectation<'_>,
    anchors: &Anchors,
    now: Timestamp,
) -> Judgement {
    let asked = Pair::from_fn(|role| expected.of(role, chains));
    let policy = Policy::product();
    let judged = Pair::from_fn(|role| chain::best(chains.of(role), asked.of(role), policy, anchors, now));
    // A chain has at least one way through it.
    let Pair { main: Some(main), assets: Some(assets) } = judged else {
        return Judgement { findings: Vec::new(), verified: None };
    };
    let judged = Pair { main, assets };
    let mut findings: Vec<_> = judged.iter().flat_map(|(_, judged)| judged.findings.clone()).collect();
    findings.extend(judge_together(&judged, expected, policy));
    let findings = errors_first(findings);
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    let verified = if refused { None } else { admit(judged) };
    Judgement { findings, verified }
}

/// The pair rules, for what neither chain's own rules say: keys as requested (a certificate with
/// another key is `spki.mismatch`), and SANs that neither request asked for but both CAs added
/// (the others are `role.covers_other`).
fn judge_together(judged: &Pair<Judged<'_>>, expected: &Expectation<'_>, policy: &Policy) -> Vec<Finding> {
    let requested = |san: &GeneralName| {
        expected.requests.iter().any(|(_, csr)| {
            csr.extensions().names().iter().any(|name| name.is_same(san) && name.as_dns().is_some())
        })
    };
    let names = judged.as_ref().map(|judged| {
        let sans =
            judged.case.served().first().map_or(&[][..], |(_, end_entity)| end_entity.extensions().names());
        sans.iter().filter(|san| !requested(san)).cloned().collect::<Vec<_>>()
    });
    let keys = Some(expected.requests.map(|csr| csr.spki()));
    together::judge(&PairCase { keys, names: names.as_ref().map(Vec::as_slice) }, policy)
}

/// Makes the verified pair out of what was judged without an error.
fn admit(judged: Pair<Judged<'_>>) -> Option<Pair<VerifiedChain>> {
    let admitted = judged.map(|Judged { case, path, .. }| {
        path.ok()?;
        let chain = Chain::along(&case.served())?;
        Some(VerifiedChain {
            end_entity: chain.first().clone(),
            chain,
            anchor: case.anchor()?.clone(),
            primary: case.asked.request?.primary_name()?,
            role: case.asked.role?,
            name_is_covered: has_sans(&case),
        })
    });
    Some(Pair { main: admitted.main?, assets: admitted.assets? })
}
