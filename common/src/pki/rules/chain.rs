//! Rules about a chain presented for a request, and the judgement of one.

mod identity;
mod issuers;
mod names;
mod order;
mod trust;
mod validity;

use super::extensions::{ExtensionsCase, Holder};
use super::key::KeyCase;
use super::names::NamesCase;
use super::path::{PathCase, PathError};
use super::policy::Policy;
use super::{Check, Finding, Outcome, Report, Rule, Severity};
use crate::pki::certificate::Certificate;
use crate::pki::chain::{Chain, PathOrder};
use crate::pki::csr::Csr;
use crate::pki::expectation::{Anchors, Expectation};
use crate::{Role, Timestamp};
use trust::Gap;

pub(in crate::pki) use names::{primary, same};

/// Rules about chains, by topic in the order of reporting: order, identity, trust, validity,
/// names, issuers.
pub static RULES: [&[Rule]; 6] =
    [order::RULES, identity::RULES, trust::RULES, validity::RULES, names::RULES, issuers::RULES];

/// One chain, and what it should answer.
#[derive(Debug)]
pub struct ChainCase<'a> {
    /// As given.
    pub chain: &'a Chain,
    /// The chain presented for the other role, to tell swapped pastes.
    pub other_chain: &'a Chain,
    /// How the certificates belong together.
    pub order: PathOrder,
    /// The role it was presented for.
    pub role: Role,
    /// What was staged, and what is known from before.
    pub expected: &'a Expectation<'a>,
    /// What it may end in.
    pub anchors: &'a Anchors,
    /// The moment it is judged at.
    pub now: Timestamp,
    anchor: Option<&'a Certificate>,
    gap: Option<Gap<'a>>,
}

/// What a certificate does on the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first one, whose key the server uses.
    EndEntity,
    /// Between the end entity and the trust anchor.
    Issuer,
    /// What the path ends in.
    Anchor,
}

/// One certificate of the path.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Its number as given, from 1; `None` for an anchor that was not presented.
    pub number: Option<usize>,
    /// The certificate.
    pub certificate: &'a Certificate,
    /// What it does there.
    pub place: Place,
}

impl<'a> ChainCase<'a> {
    /// Puts the chain in order, finds what it ends in, or where it breaks off.
    pub fn new(
        chain: &'a Chain,
        other_chain: &'a Chain,
        role: Role,
        expected: &'a Expectation<'a>,
        anchors: &'a Anchors,
        now: Timestamp,
    ) -> Self {
        let order = chain.path_to(Some(expected.requests.of(role).spki()), anchors.given());
        let mut case =
            Self { chain, other_chain, order, role, expected, anchors, now, anchor: None, gap: None };
        case.anchor = trust::anchor(&case);
        case.gap = trust::gap(&case);
        if case.gap.is_some() {
            case.anchor = None;
        }
        case
    }

    /// The staged request of the role.
    pub fn request(&self) -> &'a Csr {
        self.expected.requests.of(self.role)
    }

    /// The path as presented, with numbers from 1.
    pub fn path(&self) -> Vec<(usize, &'a Certificate)> {
        let certificates = self.chain.certificates();
        self.order.path.iter().filter_map(|index| Some((index + 1, certificates.get(*index)?))).collect()
    }

    /// What a server presents: the path without the trust anchor that was presented along.
    pub fn served(&self) -> Vec<(usize, &'a Certificate)> {
        let mut path = self.path();
        if self.order.ends_in_anchor {
            path.pop();
        }
        path
    }

    /// What the path ends in, when it ends in something that may be trusted.
    pub const fn anchor(&self) -> Option<&'a Certificate> {
        self.anchor
    }

    /// The certificates judged: what is served, then what it ends in.
    pub fn links(&self) -> Vec<Link<'a>> {
        let mut links: Vec<_> = self
            .served()
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
    /// its name and key alone ([RFC 5280 §6.2](https://www.rfc-editor.org/rfc/rfc5280#section-6.2)).
    fn judged_links(&self) -> impl Iterator<Item = Link<'a>> {
        let given = matches!(self.anchors, Anchors::Given(_));
        self.links().into_iter().filter(move |link| link.place != Place::Anchor || !given)
    }

    /// The first certificate of the path; a chain always has one.
    fn end_entity(&self) -> Option<(usize, &'a Certificate)> {
        self.path().first().copied()
    }

    /// Whether the end entity has the key of the staged request. When it has not, it is another
    /// certificate altogether, and comparing its names would only repeat that.
    fn answers_request(&self) -> bool {
        self.end_entity().is_some_and(|(_, certificate)| certificate.spki() == self.request().spki())
    }
}

/// All findings of one chain; `path` is the error of path validation.
pub fn judge(case: &ChainCase<'_>, path: Option<&PathError>) -> Vec<Finding> {
    let mut report = Report::new(Some(case.role));
    for (rule, in_force) in Policy::product().rules() {
        let weight = severity(rule, *in_force, case);
        match rule.check {
            Check::Chain(check) => report.add(rule, weight, None, check(case)),
            Check::Names(check) => {
                if let Some((number, certificate)) = case.end_entity() {
                    let sans = certificate.extensions().names();
                    let outcome = check(&NamesCase { subject: certificate.subject(), sans });
                    report.add(rule, weight, Some(number), outcome);
                }
            }
            Check::Key(check) => add_for(&mut report, (rule, weight), case.links(), |link| {
                let (spki, ca) = (link.certificate.spki(), link.place != Place::EndEntity);
                check(&KeyCase::new(spki, ca, Some(case.role)))
            }),
            Check::Extensions(check) => add_for(&mut report, (rule, weight), case.judged_links(), |link| {
                let holder = match link.place {
                    Place::EndEntity => Holder::EndEntity,
                    Place::Issuer | Place::Anchor => Holder::Issuer,
                };
                let extensions = link.certificate.extensions();
                check(&ExtensionsCase { extensions, holder })
            }),
            Check::Path(check) => {
                let explained = report.error_ids();
                report.add(rule, weight, None, check(&PathCase { error: path, explained: &explained }));
            }
            Check::Encoding(_)
            | Check::Request(_)
            | Check::Pair(_)
            | Check::Policy(_)
            | Check::History(_) => {}
        }
    }
    report.into_findings()
}

fn add_for<'a>(
    report: &mut Report,
    (rule, weight): (&Rule, Severity),
    links: impl IntoIterator<Item = Link<'a>>,
    check: impl Fn(Link<'a>) -> Outcome,
) {
    for link in links {
        report.add(rule, weight, link.number, check(link));
    }
}

/// What `--reorder` repairs is no fault then, but still told.
fn severity(rule: &Rule, in_force: Severity, case: &ChainCase<'_>) -> Severity {
    if case.expected.reorder && order::REPAIRED_BY_REORDER.contains(&rule.id) {
        Severity::Info
    } else {
        in_force
    }
}
