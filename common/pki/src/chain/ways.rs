//! Every way from the end entity of a heap of certificates to what it may end in.
//!
//! A search in breadth, so that the shortest ways are met first: every pair of matching names costs
//! one signature check, no certificate stands twice on a way, and both the steps and the ways are
//! bounded, since a heap of cross-certificates has more ways than anybody can try. Ties are broken
//! by validity and digest, never by position: every permutation of a heap gives the same ways.
//!
//! An intermediate among the trust anchors given is lent: clients that trust only the root above it
//! need it from the server, presented or not.

use super::issuer::may_have_signed;
use crate::certificate::Certificate;
use crate::spki::Spki;
use common::{Sha256, Timestamp};
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};

/// Most ways that are tried.
const MAX_WAYS: usize = 16;
/// Most beginnings of ways looked at while searching.
const MAX_STEPS: usize = 2_000;

/// A certificate with the number it was given under, from 1; `None` where it was not presented, but
/// is one of the trust anchors given.
pub(crate) type Step<'a> = (Option<usize>, &'a Certificate);

/// `certificate 2` or `the trust anchor`, as evidence speaks of it.
pub(crate) fn place(number: Option<usize>) -> String {
    number.map_or_else(|| "the trust anchor".to_owned(), |number| format!("certificate {number}"))
}

/// One way through what was given, and what it leaves aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way<'a> {
    /// End entity first; each is issued by the next.
    pub(crate) steps: Vec<Step<'a>>,
    /// The last step is a trust anchor: self-signed, or one of those given. Never for a way of one.
    pub(crate) ends_in_anchor: bool,
    /// The trust anchor given that it ends in.
    pub(crate) anchor: Option<&'a Certificate>,
    /// Numbers of certificates that occur a second time.
    pub(crate) duplicates: Vec<usize>,
    /// Numbers of certificates that lead on from the end entity by another way
    /// (cross-certificates, [RFC 5280 §3.2](https://www.rfc-editor.org/rfc/rfc5280#section-3.2)).
    pub(crate) alternatives: Vec<usize>,
    /// Numbers of certificates that belong to no way from the end entity.
    pub(crate) strangers: Vec<usize>,
}

impl Way<'_> {
    /// Whether the certificates of the way were given in its order, whatever stood between them.
    pub(crate) fn is_ascending(&self) -> bool {
        self.steps.iter().filter_map(|(number, _)| *number).is_sorted()
    }
}

/// Where ways begin, and how names are compared on them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'k> {
    /// At the certificate for this key, else at the one that issues no other; names are compared
    /// octet by octet, as TLS clients do.
    EndEntity(Option<&'k Spki>),
    /// At the first; names match by [RFC 5280 §7.1](https://www.rfc-editor.org/rfc/rfc5280#section-7.1).
    First,
}

/// The ways, the likeliest first; those to an anchor given alone, when there are any. There is
/// always one where there is a certificate.
pub(crate) fn ways<'a>(
    certificates: &'a [Certificate],
    start: Start<'_>,
    anchors: &'a [Certificate],
) -> Vec<Way<'a>> {
    if certificates.is_empty() {
        return Vec::new();
    }
    let heap = Heap::new(certificates, anchors, matches!(start, Start::First));
    let start = match start {
        Start::EndEntity(key) => heap.end_entity(key),
        Start::First => 0,
    };
    let (mut ways, open) = heap.search(start);
    if ways.is_empty() {
        ways = open;
    }
    ways.sort_by_cached_key(|way| heap.rank(way));
    ways.into_iter().map(|way| heap.tell(&way)).collect()
}

/// The certificate for `key` when present, else the one that issues no other.
pub(super) fn end_entity<'a>(certificates: &'a [Certificate], key: Option<&Spki>) -> &'a Certificate {
    let heap = Heap::new(certificates, &[], false);
    heap.certificate(heap.end_entity(key))
}

/// Nodes from the end entity up, and the anchor given that issued the last.
#[derive(Debug)]
struct Found {
    nodes: Vec<usize>,
    anchor: Option<usize>,
}

/// The certificates with what is found out about each pair of them, when it is asked for.
struct Heap<'a> {
    /// Those presented, each once, with their numbers; then the intermediates among the anchors.
    nodes: Vec<Step<'a>>,
    digests: Vec<Sha256>,
    anchors: &'a [Certificate],
    duplicates: Vec<usize>,
    /// Whether names are compared by the matching rules.
    matching: bool,
    /// For each node, those that issued it, the longest valid first; its own signature apart.
    issuers: Vec<OnceCell<Vec<usize>>>,
    /// For each node, the anchors given that issued it.
    roots: Vec<OnceCell<Vec<usize>>>,
}

impl<'a> Heap<'a> {
    fn new(certificates: &'a [Certificate], anchors: &'a [Certificate], matching: bool) -> Self {
        let mut seen = BTreeSet::new();
        let (mut nodes, mut digests, mut duplicates) = (Vec::new(), Vec::new(), Vec::new());
        for (number, certificate) in (1..).zip(certificates) {
            let digest = certificate.sha256();
            if seen.insert(digest) {
                nodes.push((Some(number), certificate));
                digests.push(digest);
            } else {
                duplicates.push(number);
            }
        }
        for anchor in anchors.iter().filter(|anchor| !anchor.is_self_issued()) {
            let digest = anchor.sha256();
            if seen.insert(digest) {
                nodes.push((None, anchor));
                digests.push(digest);
            }
        }
        let (issuers, roots) = nodes.iter().map(|_| (OnceCell::new(), OnceCell::new())).unzip();
        Self { nodes, digests, anchors, duplicates, matching, issuers, roots }
    }

    fn certificate(&self, node: usize) -> &'a Certificate {
        self.nodes[node].1
    }

    fn is_presented(&self, node: usize) -> bool {
        self.nodes[node].0.is_some()
    }

    fn presented(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|node| self.is_presented(*node))
    }

    fn issued(&self, issuer: &Certificate, certificate: &Certificate) -> bool {
        let (above, below) = (issuer.subject(), certificate.issuer());
        (above.der() == below.der() || self.matching && above.matches(below))
            && may_have_signed(issuer, certificate)
    }

    fn issuers(&self, node: usize) -> &[usize] {
        self.issuers[node].get_or_init(|| {
            let issued = |other: &usize| {
                *other != node && self.issued(self.certificate(*other), self.certificate(node))
            };
            let mut issuers: Vec<_> = (0..self.nodes.len()).filter(issued).collect();
            issuers.sort_by_key(|issuer| {
                let ends = self.certificate(*issuer).not_after();
                (!self.is_presented(*issuer), Reverse(ends), self.digests[*issuer])
            });
            issuers
        })
    }

    /// Of several anchors the longest valid first.
    fn roots(&self, node: usize) -> &[usize] {
        self.roots[node].get_or_init(|| {
            let below = self.certificate(node);
            let issued = |root: &usize| self.anchors.get(*root).is_some_and(|root| self.issued(root, below));
            let mut roots: Vec<_> = (0..self.anchors.len()).filter(issued).collect();
            roots.sort_by_key(|root| {
                self.anchors.get(*root).map(|root| (Reverse(root.not_after()), root.sha256()))
            });
            roots
        })
    }

    /// The certificate for `key`, else the one that issues no other, else (everything issues
    /// something) any; among several the one that is no CA, leads furthest, began last.
    fn end_entity(&self, key: Option<&Spki>) -> usize {
        let holds_key = |node: usize| key.is_some_and(|key| self.certificate(node).spki() == key);
        let issues_none = |node: usize| !self.presented().any(|other| self.issuers(other).contains(&node));
        let choose = |wanted: &dyn Fn(usize) -> bool| {
            self.presented().filter(|node| wanted(*node)).max_by_key(|node| {
                let certificate = self.certificate(*node);
                let reach = self.reach(*node).len();
                (!certificate.is_ca(), reach, certificate.not_before(), Reverse(self.digests[*node]))
            })
        };
        choose(&holds_key).or_else(|| choose(&issues_none)).or_else(|| choose(&|_| true)).unwrap_or_default()
    }

    /// Everything presented that ways from this node can pass.
    fn reach(&self, start: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            let next = self.issuers(node).iter().copied();
            open.extend(next.filter(|issuer| self.is_presented(*issuer) && reached.insert(*issuer)));
        }
        reached
    }

    /// The ways to an anchor given, and those that end without one: at a self-signed certificate, or
    /// where nothing leads on. When the steps run out, the last way begun is one of the latter.
    fn search(&self, start: usize) -> (Vec<Found>, Vec<Found>) {
        let (mut anchored, mut open) = (Vec::new(), Vec::new());
        let mut queue = VecDeque::from([vec![start]]);
        let mut steps = 0;
        while let Some(nodes) = queue.pop_front() {
            let Some(&top) = nodes.last() else { break };
            steps += 1;
            // A root that was presented is met as what issued the one below it; alone it ends in itself.
            let alone = nodes.len() == 1;
            let top_itself = |root: &usize| self.anchors.get(*root) == Some(self.certificate(top));
            let roots = self.roots(top).iter().filter(|root| alone || !top_itself(root));
            anchored.extend(roots.map(|root| Found { nodes: nodes.clone(), anchor: Some(*root) }));
            if anchored.len() >= MAX_WAYS {
                break;
            }
            let next: Vec<_> =
                self.issuers(top).iter().copied().filter(|issuer| !nodes.contains(issuer)).collect();
            let ends = next.is_empty() || self.certificate(top).is_self_signed();
            let out_of_steps = steps >= MAX_STEPS;
            if (ends && open.len() < MAX_WAYS) || out_of_steps {
                open.push(Found { nodes: nodes.clone(), anchor: None });
            }
            if out_of_steps {
                break;
            }
            queue.extend(next.into_iter().map(|issuer| [&nodes[..], &[issuer]].concat()));
        }
        anchored.truncate(MAX_WAYS);
        (anchored, open)
    }

    /// The least is the likeliest: up to a root where there is one, with what was presented alone,
    /// the shortest, the longest valid (what ends first decides, then what ends next). Without an anchor, as far as it leads.
    fn rank(&self, way: &Found) -> impl Ord + use<> {
        let top = way.nodes.last().copied().unwrap_or_default();
        let anchor = way.anchor.and_then(|anchor| self.anchors.get(anchor));
        let halfway = anchor.map_or(!self.certificate(top).is_self_signed(), |anchor| {
            let issued = |above: &Certificate| above != anchor && self.issued(above, anchor);
            !anchor.is_self_signed() && self.anchors.iter().any(issued)
        });
        let lent = way.nodes.iter().filter(|node| !self.is_presented(**node)).count();
        let length = way.nodes.len();
        let length = if way.anchor.is_none() && halfway { usize::MAX - length } else { length };
        let certificates = || way.nodes.iter().map(|node| self.certificate(*node)).chain(anchor);
        let mut ends: Vec<Timestamp> = certificates().map(Certificate::not_after).collect();
        ends.sort();
        let digests: Vec<_> = certificates().map(Certificate::sha256).collect();
        (halfway, lent, length, Reverse(ends), digests)
    }

    /// The way with what it leaves aside. An anchor that was presented stands at its end; so does
    /// one that is no root, which is to be served.
    fn tell(&self, found: &Found) -> Way<'a> {
        let mut nodes = found.nodes.clone();
        let top = nodes.last().copied().unwrap_or_default();
        let start = nodes.first().copied().unwrap_or_default();
        let anchor = found.anchor.and_then(|anchor| self.anchors.get(anchor));
        let above = anchor.and_then(|anchor| {
            let candidates = || self.issuers(top).iter().copied().filter(|issuer| !nodes.contains(issuer));
            candidates().find(|issuer| self.certificate(*issuer) == anchor).or_else(|| {
                candidates()
                    .find(|issuer| self.is_presented(*issuer) && self.certificate(*issuer).is_self_signed())
            })
        });
        let is_anchor =
            |certificate: &Certificate| certificate.is_self_signed() || self.anchors.contains(certificate);
        let ends_in_anchor =
            above.is_some() || anchor.is_none() && nodes.len() > 1 && is_anchor(self.certificate(top));
        nodes.extend(above);
        let reached = self.reach(start);
        let (alternatives, strangers) = self
            .presented()
            .filter(|node| !nodes.contains(node))
            .partition::<Vec<_>, _>(|node| reached.contains(node));
        let numbers = |nodes: Vec<usize>| nodes.into_iter().filter_map(|node| self.nodes[node].0).collect();
        Way {
            steps: nodes.iter().map(|node| self.nodes[*node]).collect(),
            ends_in_anchor,
            anchor,
            duplicates: self.duplicates.clone(),
            alternatives: numbers(alternatives),
            strangers: numbers(strangers),
        }
    }
}

#[cfg(test)]
mod tests;
