//! Every way from a certificate to a trust anchor, for a verifier that may try more than one.
//!
//! A search in depth over what was presented: names match by RFC 5280 §7.1, each signature is
//! checked once, no certificate stands twice on a way, and both the steps and the ways found are
//! bounded: a heap of cross-certificates has more ways than anybody can try.

use crate::certificate::Certificate;
use crate::chain::may_have_signed;

/// Most ways that are tried.
pub(crate) const MAX_ROUTES: usize = 16;
/// Most certificates looked at while searching.
const MAX_STEPS: usize = 2_000;

/// A way: indices of what was presented, the first certificate first, and the anchor it ends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    pub(crate) path: Vec<usize>,
    pub(crate) anchor: &'a Certificate,
}

/// The ways from the first certificate, shorter sections first where they part.
pub(crate) fn routes<'a>(certificates: &[Certificate], anchors: &'a [Certificate]) -> Vec<Route<'a>> {
    let among = |candidates: &[Certificate], below: &Certificate| -> Vec<usize> {
        candidates.iter().enumerate().filter(|(_, one)| issued(one, below)).map(|(index, _)| index).collect()
    };
    let mut search = Search {
        issuers: certificates.iter().map(|one| among(certificates, one)).collect(),
        roots: certificates.iter().map(|one| among(anchors, one)).collect(),
        anchors,
        steps: 0,
        found: Vec::new(),
    };
    if !certificates.is_empty() {
        search.extend(&mut vec![0]);
    }
    search.found
}

struct Search<'a> {
    /// For each certificate, which others issued it.
    issuers: Vec<Vec<usize>>,
    /// For each certificate, which anchors issued it.
    roots: Vec<Vec<usize>>,
    anchors: &'a [Certificate],
    steps: usize,
    found: Vec<Route<'a>>,
}

impl Search<'_> {
    fn extend(&mut self, path: &mut Vec<usize>) {
        let Some(&top) = path.last() else { return };
        self.steps += 1;
        for root in self.roots.get(top).into_iter().flatten() {
            if let Some(anchor) = self.anchors.get(*root) {
                self.found.push(Route { path: path.clone(), anchor });
            }
        }
        for issuer in self.issuers.get(top).cloned().unwrap_or_default() {
            if self.found.len() >= MAX_ROUTES || self.steps >= MAX_STEPS {
                return;
            }
            if !path.contains(&issuer) {
                path.push(issuer);
                self.extend(path);
                path.pop();
            }
        }
    }
}

/// As [`crate::chain::issued`], but names match as RFC 5280 §7.1 has it.
fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject().matches(certificate.issuer()) && may_have_signed(issuer, certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixtures::{Ca, World, ca_params, p256};

    #[test]
    fn every_way_is_found_and_none_goes_in_a_circle() {
        let world = World::sound();
        let second = Ca::root(ca_params("Second root"), p256());
        let cross = |issuer: &Ca, subject: &Ca| issuer.issue(&subject.params, &subject.key);
        let heap = [
            world.chains.main[0].clone(),
            world.intermediate.certificate.clone(),
            cross(&second, &world.intermediate),
            cross(&world.root, &second),
            cross(&second, &world.root),
        ];
        let anchors = [world.root.certificate.clone(), second.certificate];
        let mut paths: Vec<_> = routes(&heap, &anchors).into_iter().map(|route| route.path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(
            paths,
            [vec![0, 1], vec![0, 1, 4], vec![0, 1, 4, 3], vec![0, 2], vec![0, 2, 3], vec![0, 2, 3, 4]]
        );
    }

    #[test]
    fn a_heap_with_countless_ways_takes_no_time() {
        let ca = Ca::root(ca_params("Root"), p256());
        let heap: Vec<_> = (0..10).map(|_| ca.issue(&ca.params, &ca.key)).collect();
        assert!(routes(&heap, std::slice::from_ref(&ca.certificate)).len() <= MAX_ROUTES);
        assert_eq!(routes(&heap, &[]), []);
        assert_eq!(routes(&[], &[ca.certificate]), []);
    }

    #[test]
    fn names_that_differ_in_case_and_spaces_lead_on() {
        let root = Ca::root(ca_params("Test Root"), p256());
        let key = rcgen::KeyPair::try_from(root.key.serialize_der()).unwrap();
        let spelt = Ca::root(ca_params("TEST  root"), key);
        let world = World::under(root, Ca::below(&spelt, ca_params("Intermediate"), p256()));
        let found = routes(&world.chains.main, std::slice::from_ref(&world.root.certificate));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn the_search_ends_after_its_steps_where_nothing_is_found() {
        let everybody: Vec<_> = (0..40).collect();
        let mut search = Search {
            issuers: vec![everybody; 40],
            roots: vec![Vec::new(); 40],
            anchors: &[],
            steps: 0,
            found: Vec::new(),
        };
        search.extend(&mut vec![0]);
        assert_eq!((search.steps, search.found), (MAX_STEPS, Vec::new()));
    }
}
