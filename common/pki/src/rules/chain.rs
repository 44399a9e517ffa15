//! Rules about a chain, whatever it was presented for, and the judgement of one.

mod common_name;
mod constraints;
mod form;
mod identifiers;
mod identity;
mod issuers;
mod names;
mod order;
mod trust;
mod validity;

use super::extensions::{ExtensionsCase, Holder};
use super::key::KeyCase;
use super::names::NamesCase;
use super::path::PathCase;
use super::policy::PolicyCase;
use super::{Check, Evidence, Finding, Outcome, Report, Rule, Severity, place};
use crate::certificate::Certificate;
use crate::chain::{Chain, PathOrder};
use crate::path::{PathError, Route};
use crate::rules::asked::{Anchors, Asked};
use common::Timestamp;
use trust::Gap;

pub(crate) use names::{other, primary, same};

/// Rules about chains, by topic in the order of reporting: order, identity, trust, validity,
/// names, CN, issuers, key identifiers, name constraints, form.
pub(crate) static RULES: [&[Rule]; 10] = [
    order::RULES,
    identity::RULES,
    trust::RULES,
    validity::RULES,
    names::RULES,
    common_name::RULES,
    issuers::RULES,
    identifiers::RULES,
    constraints::RULES,
    form::RULES,
];

/// One chain, and what it should answer.
#[derive(Debug)]
pub(crate) struct ChainCase<'a> {
    /// As given.
    pub(crate) chain: &'a Chain,
    /// How the certificates belong together.
    pub(crate) order: PathOrder,
    /// What it should answer.
    pub(crate) asked: &'a Asked<'a>,
    /// What it may end in.
    pub(crate) anchors: &'a Anchors,
    /// The moment it is judged at.
    pub(crate) now: Timestamp,
    anchor: Option<&'a Certificate>,
    gap: Option<Gap<'a>>,
}

/// What a certificate does on the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The first one, whose key the server uses.
    EndEntity,
    /// Between the end entity and the trust anchor.
    Issuer,
    /// What the path ends in.
    Anchor,
}

/// One certificate of the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    /// Its number as given, from 1; `None` for an anchor that was not presented.
    pub(crate) number: Option<usize>,
    /// The certificate.
    pub(crate) certificate: &'a Certificate,
    /// What it does there.
    pub(crate) place: Place,
}

impl<'a> ChainCase<'a> {
    /// Puts the chain in order, finds what it ends in, or where it breaks off.
    pub(crate) fn new(chain: &'a Chain, asked: &'a Asked<'a>, anchors: &'a Anchors, now: Timestamp) -> Self {
        let key = if asked.policy.profile().is_rfc5280() {
            // Whatever certificate comes first is the one to validate a path for.
            chain.certificates().first().map(Certificate::spki)
        } else {
            asked.request.map(|csr| csr.spki()).or(asked.key)
        };
        let order = chain.path_to(key, anchors.given());
        let mut case = Self { chain, order, asked, anchors, now, anchor: None, gap: None };
        case.anchor = trust::anchor(&case);
        case.gap = trust::gap(&case);
        if case.gap.is_some() {
            case.anchor = None;
        }
        case
    }

    /// Takes one way to one anchor for granted.
    pub(crate) fn along(
        chain: &'a Chain,
        route: Route<'a>,
        asked: &'a Asked<'a>,
        anchors: &'a Anchors,
        now: Timestamp,
    ) -> Self {
        let order = PathOrder {
            path: route.path,
            duplicates: Vec::new(),
            alternatives: Vec::new(),
            strangers: Vec::new(),
            ends_in_anchor: false,
        };
        Self { chain, order, asked, anchors, now, anchor: Some(route.anchor), gap: None }
    }

    /// The path as presented, with numbers from 1.
    pub(crate) fn path(&self) -> Vec<(usize, &'a Certificate)> {
        let certificates = self.chain.certificates();
        self.order.path.iter().filter_map(|index| Some((index + 1, certificates.get(*index)?))).collect()
    }

    /// The path up to the trust anchor, which is left out when it was presented along.
    pub(crate) fn below_anchor(&self) -> Vec<(usize, &'a Certificate)> {
        let mut path = self.path();
        if self.order.ends_in_anchor {
            path.pop();
        }
        path
    }

    /// What a server presents: the path without a self-signed trust anchor. One that is not
    /// self-signed is an intermediate to everybody who trusts only what is above it.
    pub(crate) fn served(&self) -> Vec<(usize, &'a Certificate)> {
        let mut path = self.path();
        if self.order.ends_in_anchor && path.last().is_some_and(|(_, last)| last.is_self_signed()) {
            path.pop();
        }
        path
    }

    /// What the path ends in, when it ends in something that may be trusted.
    pub(crate) const fn anchor(&self) -> Option<&'a Certificate> {
        self.anchor
    }

    /// The certificates judged: what is served, then what it ends in.
    pub(crate) fn links(&self) -> Vec<Link<'a>> {
        let mut links: Vec<_> = self
            .below_anchor()
            .into_iter()
            .enumerate()
            .map(|(depth, (number, certificate))| {
                let place = match depth {
                    0 => Place::EndEntity,
                    _ if self.anchor == Some(certificate) => Place::Anchor,
                    _ => Place::Issuer,
                };
                Link { number: Some(number), certificate, place }
            })
            .collect();
        let top = self.path().pop();
        if let Some(certificate) = self.anchor.or(top.map(|(_, certificate)| certificate))
            && !links.iter().any(|link| link.certificate == certificate)
        {
            let number = top.filter(|(_, top)| *top == certificate).map(|(number, _)| number);
            links.push(Link { number, certificate, place: Place::Anchor });
        }
        links
    }

    /// The links that have to be sound in themselves: an anchor that somebody gave is trusted for
    /// its name and key alone ([RFC 5280 §6.2](https://www.rfc-editor.org/rfc/rfc5280#section-6.2)),
    /// unless its form is what is asked about.
    fn judged_links(&self) -> impl Iterator<Item = Link<'a>> {
        let trusted = matches!(self.anchors, Anchors::Given(_)) && !self.judges_anchors();
        self.links().into_iter().filter(move |link| link.place != Place::Anchor || !trusted)
    }

    fn judges_anchors(&self) -> bool {
        self.asked.policy.profile().is_rfc5280()
    }

    /// The first certificate of the path; a chain always has one.
    fn end_entity(&self) -> Option<(usize, &'a Certificate)> {
        self.path().first().copied()
    }

    /// Whether the end entity has the key of the request. When it has not, it is another
    /// certificate altogether, and comparing its names would only repeat that.
    fn answers_request(&self) -> bool {
        self.asked.request.is_none_or(|csr| {
            self.end_entity().is_some_and(|(_, certificate)| certificate.spki() == csr.spki())
        })
    }

    /// How bad a violation is here: what `--reorder` repairs is no fault then, but told.
    fn weight(&self, rule: &Rule, in_force: Severity) -> Severity {
        let repaired = self.asked.reorder && order::REPAIRED_BY_REORDER.contains(&rule.id);
        if repaired { Severity::Info } else { in_force }
    }
}

/// Evidence about every link that has to be sound and of which `fault` says it is not.
fn each<'a>(case: &ChainCase<'a>, fault: impl Fn(&Link<'a>) -> Option<String>) -> Outcome {
    Outcome::of(case.judged_links().filter_map(|link| {
        let who = format!("{} ({})", place(link.number), link.certificate.subject());
        Some(Evidence::new(format!("{who} {}", fault(&link)?)).about(link.number))
    }))
}

/// All findings of one chain; `path` is the error of path validation.
pub(crate) fn judge(case: &ChainCase<'_>, path: Option<&PathError>) -> Vec<Finding> {
    let mut report = Report::new(case.asked.role);
    for (rule, in_force) in case.asked.policy.rules() {
        let severity = case.weight(rule, *in_force);
        match rule.check {
            Check::Chain(check) => report.add(rule, severity, None, check(case)),
            Check::Names(check) => {
                if let Some((number, certificate)) = case.end_entity() {
                    let sans = certificate.extensions().names();
                    let outcome = check(&NamesCase { subject: certificate.subject(), sans });
                    report.add(rule, severity, Some(number), outcome);
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
                        demands: case.asked.policy.demands(),
                        subject: certificate.subject(),
                        sans: certificate.extensions().names(),
                        key: &certificate.spki().kind(),
                    });
                    report.add(rule, severity, Some(number), outcome);
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
