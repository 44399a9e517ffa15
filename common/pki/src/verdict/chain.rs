//! The verdict on one chain, whatever is known about it.

use super::report::Report;
use super::together;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::name::GeneralName;
use crate::path::{PathError, Question, Validator};
use crate::request::Csr;
use crate::rules::case::{
    ChainCase, ExtensionsCase, Holder, KeyCase, Link, NamesCase, PairCase, PathCase, Place, PolicyCase,
};
use crate::rules::chain::REPAIRED_BY_REORDER;
use crate::rules::{Anchors, Asked, Check, Finding, Outcome, Policy, Profile, Rule, Severity, errors_first};
use common::{Pair, Timestamp};

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

/// Judges one chain completely, on the best way through it.
pub fn examine_chain(
    chain: &Chain,
    asked: &Asked<'_>,
    policy: &Policy,
    anchors: &Anchors,
    now: Timestamp,
) -> Examination {
    let Some(Judged { case, mut findings, .. }) = best(chain, asked, policy, anchors, now) else {
        return Examination { findings: Vec::new(), path: Vec::new(), anchor: None };
    };
    findings.extend(judge_beside_other(&case, policy));
    Examination {
        findings: errors_first(findings),
        path: case.below_anchor().into_iter().map(|(_, certificate)| certificate.clone()).collect(),
        anchor: case.anchor().cloned(),
    }
}

/// One way, with all that was found about it.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) case: ChainCase<'a>,
    /// What path validation said.
    pub(super) path: Result<(), PathError>,
    pub(super) findings: Vec<Finding>,
}

impl Judged<'_> {
    /// Errors that another way might not have: order and what is left over are judged of the whole.
    fn errors(&self) -> usize {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.filter(|finding| !REPAIRED_BY_REORDER.contains(&finding.rule)).count()
    }
}

/// Of all ways through a chain the likeliest without an error, else the one that came closest. A
/// chain has at least one.
pub(super) fn best<'a>(
    chain: &'a Chain,
    asked: &'a Asked<'a>,
    policy: &Policy,
    anchors: &'a Anchors,
    now: Timestamp,
) -> Option<Judged<'a>> {
    let mut closest: Option<(usize, Judged<'a>)> = None;
    for case in ChainCase::ways(chain, asked, policy.profile(), anchors, now) {
        let judged = judge_way(case, policy);
        let errors = judged.errors();
        if errors == 0 {
            return Some(judged);
        }
        if closest.as_ref().is_none_or(|(fewest, _)| errors < *fewest) {
            closest = Some((errors, judged));
        }
    }
    closest.map(|(_, judged)| judged)
}

fn judge_way<'a>(case: ChainCase<'a>, policy: &Policy) -> Judged<'a> {
    let path = match policy.profile() {
        Profile::Cluster | Profile::Private | Profile::Public => validate(&case, Validator::TlsClient),
        Profile::TlsServer => {
            validate(&case, Validator::TlsClient).and_then(|()| validate(&case, Validator::Rfc5280))
        }
        Profile::Rfc5280 | Profile::Rfc5280Host => validate(&case, Validator::Rfc5280),
    };
    let findings = judge(&case, policy, path.as_ref().err());
    Judged { case, path, findings }
}

/// The pair rules, for one chain beside the request or chain of the other role; they say the same
/// whichever of the two is Main. That it covers a DNS name of the other is `role.covers_other`.
fn judge_beside_other(case: &ChainCase<'_>, policy: &Policy) -> Vec<Finding> {
    let below = case.below_anchor();
    let (Some((_, end_entity)), Some((key, names))) = (below.first(), case.asked.other()) else {
        return Vec::new();
    };
    let no_dns = |names: &[GeneralName]| -> Vec<GeneralName> {
        names.iter().filter(|name| name.as_dns().is_none()).cloned().collect()
    };
    let (own, theirs) = (no_dns(end_entity.extensions().names()), no_dns(names));
    let beside = PairCase {
        keys: Some(Pair { main: end_entity.spki(), assets: key }),
        names: Pair { main: &own, assets: &theirs },
    };
    together::judge(&beside, policy)
}

fn validate(case: &ChainCase<'_>, validator: Validator) -> Result<(), PathError> {
    let anchor = case.anchor().ok_or(PathError::NoPath)?;
    let name = case.asked.request.and_then(Csr::primary_name).filter(|_| has_sans(case));
    validator.validate(&Question { path: case.below_anchor(), anchor, name, now: case.now })
}

/// Without any SAN there is no name a client could compare: that is `san.absent`.
pub(super) fn has_sans(case: &ChainCase<'_>) -> bool {
    case.served().first().is_some_and(|(_, one)| !one.extensions().names().is_empty())
}

/// How bad a violation is here: what a new order repairs is no fault where one is accepted, but told.
fn weight(case: &ChainCase<'_>, rule: &Rule, in_force: Severity) -> Severity {
    let repaired = case.asked.reorder && REPAIRED_BY_REORDER.contains(&rule.id);
    if repaired { Severity::Info } else { in_force }
}

/// All findings of one chain; `path` is the error of path validation.
fn judge(case: &ChainCase<'_>, policy: &Policy, path: Option<&PathError>) -> Vec<Finding> {
    let mut report = Report::new(case.asked.role);
    for (rule, in_force) in policy.rules() {
        let severity = weight(case, rule, *in_force);
        match rule.check {
            Check::Chain(check) => report.add(rule, severity, None, check(case)),
            Check::Names(check) => {
                if let Some((number, certificate)) = case.end_entity() {
                    let sans = certificate.extensions().names();
                    let outcome = check(&NamesCase { subject: certificate.subject(), sans });
                    report.add(rule, severity, number, outcome);
                }
            }
            Check::Key(check) => add_for(&mut report, (rule, severity), case.links(), |link| {
                let (spki, ca) = (link.certificate.spki(), link.place != Place::EndEntity);
                check(&KeyCase::new(spki, ca, case.asked.role))
            }),
            Check::Extensions(check) => add_for(&mut report, (rule, severity), case.judged_links(), |link| {
                let holder = match link.place {
                    Place::EndEntity => Holder::EndEntity,
                    Place::Issuer | Place::Anchor => Holder::Issuer,
                };
                let extensions = link.certificate.extensions();
                check(&ExtensionsCase { extensions, holder })
            }),
            Check::Path(check) => {
                let explained = report.error_ids();
                report.add(rule, severity, None, check(&PathCase { error: path, explained: &explained }));
            }
            Check::Policy(check) => {
                if let Some((number, certificate)) = case.end_entity() {
                    let outcome = check(&PolicyCase {
                        demands: policy.demands(),
                        subject: certificate.subject(),
                        sans: certificate.extensions().names(),
                        key: &certificate.spki().kind(),
                    });
                    report.add(rule, severity, number, outcome);
                }
            }
            Check::Encoding(_) | Check::Request(_) | Check::Pair(_) | Check::History(_) => {}
        }
    }
    report.into_findings()
}

fn add_for<'a>(
    report: &mut Report,
    (rule, severity): (&Rule, Severity),
    links: impl IntoIterator<Item = Link<'a>>,
    check: impl Fn(Link<'a>) -> Outcome,
) {
    for link in links {
        report.add(rule, severity, link.number, check(link));
    }
}
