//! One way through a chain, with what it ends in or where it breaks off.

use crate::certificate::Certificate;
use crate::chain::{Chain, Start, Step, Way, issued, ways};
use crate::rules::asked::{Anchors, Asked};
use crate::rules::profile::Profile;
use common::Timestamp;

/// One chain, and what it should answer.
#[derive(Debug)]
pub(crate) struct ChainCase<'a> {
    /// As given.
    pub(crate) chain: &'a Chain,
    /// How the certificates belong together.
    pub(crate) way: Way<'a>,
    /// What it should answer.
    pub(crate) asked: &'a Asked<'a>,
    /// Whose requirements are weighed.
    pub(crate) profile: Profile,
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
    /// Its number as given, from 1; `None` for one of the anchors that was not presented.
    pub(crate) number: Option<usize>,
    /// The certificate.
    pub(crate) certificate: &'a Certificate,
    /// What it does there.
    pub(crate) place: Place,
}

impl<'a> ChainCase<'a> {
    /// The likeliest way through a chain, then the others.
    pub(crate) fn ways(
        chain: &'a Chain,
        asked: &'a Asked<'a>,
        profile: Profile,
        anchors: &'a Anchors,
        now: Timestamp,
    ) -> impl Iterator<Item = Self> {
        let start = if profile.is_rfc5280() {
            Start::First
        } else {
            Start::EndEntity(asked.request.map(|csr| csr.spki()).or(asked.key))
        };
        ways(chain.certificates(), start, anchors.given())
            .into_iter()
            .map(move |way| Self::along(way, chain, asked, profile, anchors, now))
    }

    fn along(
        way: Way<'a>,
        chain: &'a Chain,
        asked: &'a Asked<'a>,
        profile: Profile,
        anchors: &'a Anchors,
        now: Timestamp,
    ) -> Self {
        // Where none were given, the topmost certificate presented is trusted.
        let topmost =
            || way.steps.last().filter(|_| way.steps.len() > 1).map(|(_, certificate)| *certificate);
        let anchor = match anchors {
            Anchors::Presented => topmost(),
            Anchors::Given(_) => way.anchor,
        };
        let mut case = Self { chain, way, asked, profile, anchors, now, anchor, gap: None };
        case.gap = gap(&case);
        if case.gap.is_some() {
            case.anchor = None;
        }
        case
    }

    /// The path as presented, what was lent to it included.
    pub(crate) fn path(&self) -> Vec<Step<'a>> {
        self.way.steps.clone()
    }

    /// The path up to the trust anchor, which is left out when it was presented along.
    pub(crate) fn below_anchor(&self) -> Vec<Step<'a>> {
        let mut path = self.path();
        if self.way.ends_in_anchor {
            path.pop();
        }
        path
    }

    /// What a server presents: the path without a self-signed trust anchor. One that is not
    /// self-signed is an intermediate to everybody who trusts only what is above it.
    pub(crate) fn served(&self) -> Vec<Step<'a>> {
        let mut path = self.path();
        if self.way.ends_in_anchor && path.last().is_some_and(|(_, last)| last.is_self_signed()) {
            path.pop();
        }
        path
    }

    /// What the path ends in, when it ends in something that may be trusted.
    pub(crate) const fn anchor(&self) -> Option<&'a Certificate> {
        self.anchor
    }

    /// Where the path breaks off, when it does.
    pub(crate) const fn gap(&self) -> Option<Gap<'a>> {
        self.gap
    }

    /// The certificate given under this number, from 1.
    pub(crate) fn numbered(&self, number: usize) -> Option<&'a Certificate> {
        self.chain.certificates().get(number.checked_sub(1)?)
    }

    /// All certificates presented, with their numbers, then all anchors given.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = (Option<usize>, &'a Certificate)> {
        let presented = self.chain.certificates().iter().zip(1..).map(|(one, number)| (Some(number), one));
        presented.chain(self.anchors.given().iter().map(|anchor| (None, anchor)))
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
                Link { number, certificate, place }
            })
            .collect();
        let top = self.path().pop();
        if let Some(certificate) = self.anchor.or(top.map(|(_, certificate)| certificate))
            && !links.iter().any(|link| link.certificate == certificate)
        {
            let number = top.filter(|(_, top)| *top == certificate).and_then(|(number, _)| number);
            links.push(Link { number, certificate, place: Place::Anchor });
        }
        links
    }

    /// The links that have to be sound in themselves: an anchor that somebody gave is trusted for
    /// its name and key alone ([RFC 5280 §6.2](https://www.rfc-editor.org/rfc/rfc5280#section-6.2)),
    /// unless its form is what is asked about.
    pub(crate) fn judged_links(&self) -> impl Iterator<Item = Link<'a>> {
        let trusted = matches!(self.anchors, Anchors::Given(_)) && !self.judges_anchors();
        self.links().into_iter().filter(move |link| link.place != Place::Anchor || !trusted)
    }

    pub(crate) fn judges_anchors(&self) -> bool {
        self.profile.is_rfc5280()
    }

    /// The first certificate of the path; a chain always has one.
    pub(crate) fn end_entity(&self) -> Option<Step<'a>> {
        self.way.steps.first().copied()
    }

    /// Whether the end entity has the key of the request. When it has not, it is another
    /// certificate altogether, and comparing its names would only repeat that.
    pub(crate) fn answers_request(&self) -> bool {
        self.asked.request.is_none_or(|csr| {
            self.end_entity().is_some_and(|(_, certificate)| certificate.spki() == csr.spki())
        })
    }
}

/// Where the way from the end entity to a trust anchor breaks off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gap<'a> {
    /// Nobody has the issuer of the topmost certificate.
    Missing,
    /// Somebody has the issuer's name, but not the key that signed.
    WrongKey {
        /// Number of the certificate with that name; `None` when it is an anchor given.
        number: Option<usize>,
        /// That certificate.
        candidate: &'a Certificate,
    },
    /// The chain is complete, but nobody gave what it ends in as an anchor.
    Unknown,
}

fn gap<'a>(case: &ChainCase<'a>) -> Option<Gap<'a>> {
    let (_, top) = case.way.steps.last().copied()?;
    let given = matches!(case.anchors, Anchors::Given(_));
    let alone = case.way.steps.len() == 1;
    if top.is_self_signed() {
        // A self-signed end entity is a fault of its own (`end_entity.self_signed`).
        return (given && case.anchor.is_none() && !alone).then_some(Gap::Unknown);
    }
    if given && case.anchor.is_some() {
        return None;
    }
    let unconnected_ca =
        || case.way.strangers.iter().any(|number| case.numbered(*number).is_some_and(Certificate::is_ca));
    namesake(case, top).or_else(|| (given || alone || unconnected_ca()).then_some(Gap::Missing))
}

/// A certificate with the name of `top`'s issuer that nevertheless did not issue it.
fn namesake<'a>(case: &ChainCase<'a>, top: &Certificate) -> Option<Gap<'a>> {
    case.everybody()
        .find(|(_, one)| one.subject().der() == top.issuer().der() && *one != top && !issued(one, top))
        .map(|(number, candidate)| Gap::WrongKey { number, candidate })
}
