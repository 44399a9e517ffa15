//! The path order of a heap of certificates.
//!
//! A search in breadth over at most [`super::Chain::MAX_CERTIFICATES`] certificates: every pair of
//! matching names costs one signature check, every certificate is visited once, so cycles and
//! cross-signatures cost nothing extra. Ties are broken by digest, never by position, so that every
//! permutation gives the same path.

use crate::certificate::Certificate;
use crate::signature::SignatureError;
use crate::spki::Spki;
use common::Sha256;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// How the certificates of a chain belong together; every number is an index into what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathOrder {
    /// End entity first.
    pub path: Vec<usize>,
    /// Certificates that occur a second time.
    pub duplicates: Vec<usize>,
    /// Certificates that lead on from the end entity by another way than the path takes
    /// (cross-certificates, [RFC 5280 §3.2](https://www.rfc-editor.org/rfc/rfc5280#section-3.2)).
    pub alternatives: Vec<usize>,
    /// Certificates that belong to no path from the end entity.
    pub strangers: Vec<usize>,
    /// The last certificate of the path is a trust anchor presented along: self-signed, or one of
    /// the anchors given. Never true for a path of one.
    pub ends_in_anchor: bool,
}

impl PathOrder {
    /// Whether the given order already is the path order, nothing left over.
    pub fn is_as_given(&self) -> bool {
        self.is_ascending()
            && self.duplicates.is_empty()
            && self.alternatives.is_empty()
            && self.strangers.is_empty()
    }

    /// Whether the certificates of the path were given in path order, whatever stood between them.
    pub fn is_ascending(&self) -> bool {
        self.path.is_sorted()
    }
}

/// Whether `issuer` issued `certificate`: the names chain and its key made the signature. A
/// signature in an algorithm the table does not know is not taken as a denial unless the key
/// identifiers contradict: that it cannot be verified is for the verifier to report.
pub(crate) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject().der() == certificate.issuer().der() && may_have_signed(issuer, certificate)
}

/// The same, whatever the names.
pub(crate) fn may_have_signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    match certificate.verify_signed_by(issuer.spki()) {
        Ok(()) => true,
        Err(SignatureError::Invalid) => false,
        Err(SignatureError::Unsupported(_)) => !key_identifiers_differ(issuer, certificate),
    }
}

/// Whether authorityKeyIdentifier names another key than the issuer's subjectKeyIdentifier
/// ([RFC 5280 §4.2.1.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.1)); false unless both are there.
pub(crate) fn key_identifiers_differ(issuer: &Certificate, certificate: &Certificate) -> bool {
    match (authority_key_id(certificate), subject_key_id(issuer)) {
        (Some(wanted), Some(found)) => wanted != found,
        (None, _) | (_, None) => false,
    }
}

/// The keyIdentifier of authorityKeyIdentifier, when readable.
pub(crate) fn authority_key_id(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions().authority_key_id.as_ref()?.value.as_ref().ok()?.as_deref()
}

/// The subjectKeyIdentifier, when readable.
pub(crate) fn subject_key_id(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions().subject_key_id.as_ref()?.value.as_ref().ok().map(Vec::as_slice)
}

pub(super) fn find(certificates: &[Certificate], key: Option<&Spki>, anchors: &[Certificate]) -> PathOrder {
    let heap = Heap::new(certificates, anchors);
    let start = heap.end_entity(key);
    let tree = heap.search(start);
    let end = heap.best_end(&tree);
    let mut path = tree.path_to(end);
    let mut ends_in_anchor = path.len() > 1 && heap.is_anchor(end);
    if !ends_in_anchor && let Some(anchor) = heap.presented_anchor_over(end, &path) {
        path.push(anchor);
        ends_in_anchor = true;
    }
    let (alternatives, strangers) = heap
        .unique
        .iter()
        .copied()
        .filter(|index| !path.contains(index))
        .partition(|index| tree.reached(*index));
    PathOrder { path, duplicates: heap.duplicates, alternatives, strangers, ends_in_anchor }
}

/// The certificates with what is known about each pair of them.
struct Heap<'a> {
    certificates: &'a [Certificate],
    anchors: &'a [Certificate],
    digests: Vec<Sha256>,
    /// First occurrences, in the order given.
    unique: Vec<usize>,
    duplicates: Vec<usize>,
    /// For each certificate, those that issued it, the smallest digest first; self-signature apart.
    issuers: Vec<Vec<usize>>,
    self_signed: Vec<bool>,
    /// For each certificate, whether an anchor given issued it.
    anchored: Vec<bool>,
}

/// What a search in breadth reached, with the step it came from.
struct Tree {
    /// For each certificate reached: its predecessor (itself for the start) and its distance.
    steps: Vec<Option<(usize, usize)>>,
    start: usize,
}

impl<'a> Heap<'a> {
    fn new(certificates: &'a [Certificate], anchors: &'a [Certificate]) -> Self {
        let digests: Vec<_> = certificates.iter().map(Certificate::sha256).collect();
        let (unique, duplicates): (Vec<_>, Vec<_>) = (0..certificates.len())
            .partition(|index| digests.iter().position(|digest| *digest == digests[*index]) == Some(*index));
        let issuers_of = |index: usize| {
            let mut issuers: Vec<_> = unique
                .iter()
                .copied()
                .filter(|other| *other != index && issued(&certificates[*other], &certificates[index]))
                .collect();
            issuers.sort_by_key(|issuer| digests[*issuer]);
            issuers
        };
        Self {
            issuers: (0..certificates.len()).map(issuers_of).collect(),
            self_signed: certificates.iter().map(Certificate::is_self_signed).collect(),
            anchored: certificates
                .iter()
                .map(|one| anchors.iter().any(|anchor| issued(anchor, one)))
                .collect(),
            certificates,
            anchors,
            digests,
            unique,
            duplicates,
        }
    }

    /// The certificate for `key`, else the one that issues no other, else (everything issues
    /// something) any; among several the one that is no CA, leads furthest, began last.
    fn end_entity(&self, key: Option<&Spki>) -> usize {
        let holds_key = |index: &usize| key.is_some_and(|key| self.certificates[*index].spki() == key);
        let issues_none =
            |index: &usize| !self.unique.iter().any(|other| self.issuers[*other].contains(index));
        let choose = |wanted: &dyn Fn(&usize) -> bool| {
            self.unique.iter().copied().filter(|index| wanted(index)).max_by_key(|index| {
                let certificate = &self.certificates[*index];
                let reach = self.search(*index).steps.iter().flatten().count();
                (!certificate.is_ca(), reach, certificate.not_before(), Reverse(self.digests[*index]))
            })
        };
        choose(&holds_key).or_else(|| choose(&issues_none)).or_else(|| choose(&|_| true)).unwrap_or_default()
    }

    fn search(&self, start: usize) -> Tree {
        let mut steps = vec![None; self.certificates.len()];
        steps[start] = Some((start, 0));
        let mut queue = VecDeque::from([(start, 1)]);
        while let Some((index, next)) = queue.pop_front() {
            for issuer in &self.issuers[index] {
                if steps[*issuer].is_none() {
                    steps[*issuer] = Some((index, next));
                    queue.push_back((*issuer, next + 1));
                }
            }
        }
        Tree { steps, start }
    }

    /// Where the path should end: nearest under an anchor given, else at the nearest self-signed
    /// certificate, else as far away as the certificates lead.
    fn best_end(&self, tree: &Tree) -> usize {
        let reached = || {
            tree.steps
                .iter()
                .enumerate()
                .filter_map(|(index, step)| step.map(|(_, distance)| (index, distance)))
        };
        let nearest = |wanted: &[bool]| {
            reached()
                .filter(|(index, _)| wanted[*index])
                .min_by_key(|(index, distance)| (*distance, self.digests[*index]))
        };
        nearest(&self.anchored)
            .or_else(|| nearest(&self.self_signed))
            .or_else(|| reached().max_by_key(|(index, distance)| (*distance, Reverse(self.digests[*index]))))
            .map_or(tree.start, |(index, _)| index)
    }

    fn is_anchor(&self, index: usize) -> bool {
        self.self_signed[index] || self.anchors.contains(&self.certificates[index])
    }

    fn presented_anchor_over(&self, index: usize, path: &[usize]) -> Option<usize> {
        self.issuers[index].iter().copied().find(|issuer| self.is_anchor(*issuer) && !path.contains(issuer))
    }
}

impl Tree {
    fn reached(&self, index: usize) -> bool {
        self.steps.get(index).is_some_and(Option::is_some)
    }

    fn path_to(&self, end: usize) -> Vec<usize> {
        let mut path = vec![end];
        let mut at = end;
        while let Some(Some((before, distance))) = self.steps.get(at)
            && *distance > 0
        {
            path.push(*before);
            at = *before;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Chain;
    use crate::tests::fixtures::{Ca, World, ca_params, p256};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// An end entity, its intermediate under two roots, both roots, a cycle of cross-certificates
    /// over the first root, a stranger, and a repetition.
    static HEAP: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
        let world = World::sound();
        let second = Ca::root(ca_params("Second root"), p256());
        let cross = |issuer: &Ca, subject: &Ca| issuer.issue(&subject.params, &subject.key);
        vec![
            world.chains.main[0].clone(),
            world.intermediate.certificate.clone(),
            cross(&second, &world.intermediate),
            world.root.certificate.clone(),
            second.certificate.clone(),
            cross(&world.root, &second),
            cross(&second, &world.root),
            cross(&world.intermediate, &world.root),
            World::sound().chains.assets[0].clone(),
            world.chains.main[0].clone(),
        ]
    });

    fn order(certificates: &[Certificate]) -> PathOrder {
        find(certificates, None, &[])
    }

    /// Which certificates stand where, whatever their numbers.
    fn digests(certificates: &[Certificate], indices: &[usize]) -> Vec<Sha256> {
        indices.iter().map(|index| certificates[*index].sha256()).collect()
    }

    #[test]
    fn a_chain_in_order_is_its_own_order() {
        let world = World::sound();
        let found =
            order(&[world.chains.main[0].clone(), world.intermediate.certificate, world.root.certificate]);
        let expected = PathOrder {
            path: vec![0, 1, 2],
            duplicates: Vec::new(),
            alternatives: Vec::new(),
            strangers: Vec::new(),
            ends_in_anchor: true,
        };
        assert_eq!(found, expected);
        assert!(found.is_as_given());
    }

    #[test]
    fn the_same_name_with_another_key_is_not_the_issuer() {
        let world = World::sound();
        let namesake = Ca::below(&world.root, ca_params("Intermediate"), p256()).certificate;
        let found = order(&[world.chains.main[0].clone(), namesake]);
        assert_eq!((found.path, found.strangers), (vec![0], vec![1]));
    }

    #[test]
    fn the_key_chooses_the_end_entity() {
        let world = World::sound();
        let heap = [
            world.chains.main[0].clone(),
            world.chains.assets[0].clone(),
            world.intermediate.certificate.clone(),
        ];
        for end_entity in [0, 1] {
            let found = find(&heap, Some(heap[end_entity].spki()), &[]);
            assert_eq!((found.path, found.strangers), (vec![end_entity, 2], vec![1 - end_entity]));
        }
    }

    #[test]
    fn certificates_that_all_issue_each_other_take_no_time() {
        let ca = Ca::root(ca_params("Root"), p256());
        let heap: Vec<_> = (0..10).map(|_| ca.issue(&ca.params, &ca.key)).collect();
        let found = order(&heap);
        assert_eq!(found.path.len() + found.alternatives.len(), 10);
    }

    #[test]
    fn a_cycle_without_beginning_or_end_has_a_path() {
        let (one, other) = (Ca::root(ca_params("One"), p256()), Ca::root(ca_params("Other"), p256()));
        let heap = [one.issue(&other.params, &other.key), other.issue(&one.params, &one.key)];
        let found = order(&heap);
        assert_eq!(found.path.len(), 2);
        assert!(!found.ends_in_anchor);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_permutation_has_the_same_path(
            (some, shuffled) in proptest::sample::subsequence((0..10usize).collect::<Vec<_>>(), 1..=10)
                .prop_flat_map(|some| (Just(some.clone()), Just(some).prop_shuffle()))
        ) {
            let given: Vec<_> = some.iter().map(|index| HEAP[*index].clone()).collect();
            let permuted: Vec<_> = shuffled.iter().map(|index| HEAP[*index].clone()).collect();
            let (one, other) = (order(&given), order(&permuted));
            prop_assert_eq!(digests(&given, &one.path), digests(&permuted, &other.path));
            let sorted = |mut digests: Vec<Sha256>| { digests.sort(); digests };
            for (one, other) in [
                (&one.duplicates, &other.duplicates),
                (&one.alternatives, &other.alternatives),
                (&one.strangers, &other.strangers),
            ] {
                prop_assert_eq!(sorted(digests(&given, one)), sorted(digests(&permuted, other)));
            }
            prop_assert_eq!(one.ends_in_anchor, other.ends_in_anchor);

            let mut all = [&other.path[..], &other.duplicates, &other.alternatives, &other.strangers].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..permuted.len()).collect::<Vec<_>>(), "each certificate stands in one place");
            for pair in other.path.windows(2) {
                let (below, above) = (&permuted[pair[0]], &permuted[pair[1]]);
                prop_assert_eq!(below.issuer().der(), above.subject().der());
                prop_assert_eq!(below.verify_signed_by(above.spki()), Ok(()));
            }
        }
    }

    #[test]
    fn putting_in_order_twice_changes_nothing() {
        let blocks =
            HEAP.iter().rev().map(|one| crate::pem::Block::Certificate(one.der().to_vec())).collect();
        let chain = Chain::from_blocks(blocks).unwrap();
        let once = chain.in_order(&chain.path(None));
        assert!(once.path(None).is_as_given());
        assert_eq!(once.in_order(&once.path(None)), once);
    }

    #[test]
    fn a_chain_without_its_root_goes_as_far_as_it_leads() {
        let mut issuer = Ca::root(ca_params("0"), p256());
        let mut chain = Vec::new();
        for name in ["1", "2", "3", "4", "5", "6", "7"] {
            issuer = Ca::below(&issuer, ca_params(name), p256());
            chain.insert(0, issuer.certificate.clone());
        }
        assert_eq!(order(&chain).path, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_cross_certificate_of_the_anchor_is_no_anchor() {
        let world = World::sound();
        let second = Ca::root(ca_params("Second root"), p256());
        let cross = second.issue(&world.root.params, &world.root.key);
        let heap = [world.chains.main[0].clone(), world.intermediate.certificate.clone(), cross];
        let found = find(&heap, None, &[world.root.certificate]);
        assert_eq!((found.path, found.alternatives, found.ends_in_anchor), (vec![0, 1], vec![2], false));
    }

    #[test]
    fn an_order_is_as_given_when_nothing_moves_and_nothing_is_left_over() {
        let sound = PathOrder {
            path: vec![0, 2],
            duplicates: Vec::new(),
            alternatives: Vec::new(),
            strangers: Vec::new(),
            ends_in_anchor: false,
        };
        assert!(sound.is_as_given());
        for other in [
            PathOrder { path: vec![2, 0], ..sound.clone() },
            PathOrder { duplicates: vec![1], ..sound.clone() },
            PathOrder { alternatives: vec![1], ..sound.clone() },
            PathOrder { strangers: vec![1], ..sound.clone() },
        ] {
            assert!(!other.is_as_given(), "{other:?}");
        }
    }
}
