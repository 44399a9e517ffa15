use super::*;
use crate::tests::fixtures::{Ca, World, at, ca_params, p256};
use proptest::prelude::*;
use rcgen::KeyPair;
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

fn likeliest<'a>(certificates: &'a [Certificate], key: Option<&Spki>, anchors: &'a [Certificate]) -> Way<'a> {
    ways(certificates, Start::EndEntity(key), anchors).remove(0)
}

fn numbers(way: &Way<'_>) -> Vec<Option<usize>> {
    way.steps.iter().map(|(number, _)| *number).collect()
}

fn numbered<const N: usize>(numbers: [usize; N]) -> Vec<Option<usize>> {
    numbers.map(Some).to_vec()
}

#[test]
fn a_chain_in_order_is_its_own_way() {
    let world = World::sound();
    let chain = [world.chains.main[0].clone(), world.intermediate.certificate, world.root.certificate];
    let expected = Way {
        steps: (1..).map(Some).zip(&chain).collect(),
        ends_in_anchor: true,
        anchor: None,
        duplicates: Vec::new(),
        alternatives: Vec::new(),
        strangers: Vec::new(),
    };
    assert_eq!(ways(&chain, Start::EndEntity(None), &[]), [expected]);
    assert_eq!(ways(&[], Start::First, &chain), []);
}

#[test]
fn the_same_name_with_another_key_is_not_the_issuer() {
    let world = World::sound();
    let namesake = Ca::below(&world.root, ca_params("Intermediate"), p256()).certificate;
    let heap = [world.chains.main[0].clone(), namesake];
    let way = likeliest(&heap, None, &[]);
    assert_eq!((numbers(&way), way.strangers), (numbered([1]), vec![2]));
}

#[test]
fn the_key_chooses_the_end_entity() {
    let world = World::sound();
    let heap = [
        world.chains.main[0].clone(),
        world.chains.assets[0].clone(),
        world.intermediate.certificate.clone(),
    ];
    for (end_entity, other) in [(1, 2), (2, 1)] {
        let way = likeliest(&heap, Some(heap[end_entity - 1].spki()), &[]);
        assert_eq!((numbers(&way), way.strangers), (numbered([end_entity, 3]), vec![other]));
    }
}

#[test]
fn a_repetition_in_front_moves_no_number() {
    let world = World::sound();
    let (first, second) = (world.chains.main[0].clone(), world.chains.assets[0].clone());
    let heap = [first.clone(), first, second.clone(), world.intermediate.certificate];
    assert_eq!(end_entity(&heap, Some(second.spki())), &second);
    let way = likeliest(&heap, Some(second.spki()), &[]);
    assert_eq!((numbers(&way), way.duplicates, way.strangers), (numbered([3, 4]), vec![2], vec![1]));
}

#[test]
fn a_cycle_without_beginning_or_end_has_a_way() {
    let (one, other) = (Ca::root(ca_params("One"), p256()), Ca::root(ca_params("Other"), p256()));
    let heap = [one.issue(&other.params, &other.key), other.issue(&one.params, &one.key)];
    let way = likeliest(&heap, None, &[]);
    assert_eq!((way.steps.len(), way.ends_in_anchor), (2, false));
}

#[test]
fn a_chain_without_its_root_goes_as_far_as_it_leads() {
    let mut issuer = Ca::root(ca_params("0"), p256());
    let mut chain = Vec::new();
    for name in ["1", "2", "3", "4", "5", "6", "7"] {
        issuer = Ca::below(&issuer, ca_params(name), p256());
        chain.insert(0, issuer.certificate.clone());
    }
    assert_eq!(numbers(&likeliest(&chain, None, &[])), numbered([1, 2, 3, 4, 5, 6, 7]));
}

#[test]
fn a_cross_certificate_of_the_anchor_is_no_anchor() {
    let world = World::sound();
    let second = Ca::root(ca_params("Second root"), p256());
    let cross = second.issue(&world.root.params, &world.root.key);
    let heap = [world.chains.main[0].clone(), world.intermediate.certificate.clone(), cross];
    let anchors = [world.root.certificate];
    let way = likeliest(&heap, None, &anchors);
    assert_eq!(
        (numbers(&way), way.alternatives, way.ends_in_anchor, way.anchor),
        (numbered([1, 2]), vec![3], false, Some(&anchors[0]))
    );
}

#[test]
fn every_way_is_found_the_shortest_first_and_none_goes_in_a_circle() {
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
    for start in [Start::EndEntity(None), Start::First] {
        let found = ways(&heap, start, &anchors);
        let mut found: Vec<_> = found.iter().map(numbers).collect();
        assert!(found.is_sorted_by_key(Vec::len), "{found:?}");
        found.sort();
        let expected =
            [vec![1, 2], vec![1, 2, 5], vec![1, 2, 5, 4], vec![1, 3], vec![1, 3, 4], vec![1, 3, 4, 5]];
        assert_eq!(found, expected.map(|way| way.into_iter().map(Some).collect::<Vec<_>>()));
    }
}

#[test]
fn of_two_certificates_of_one_issuer_the_longer_valid_comes_first() {
    let mut world = World::sound();
    let renewed = {
        let mut params = world.intermediate.params.clone();
        params.not_after = at(3_000);
        world.root.issue(&params, &world.intermediate.key)
    };
    let anchors = [world.root.certificate.clone()];
    world.chains.main.push(renewed);
    for order in [[0, 1, 2], [0, 2, 1], [2, 1, 0]] {
        let heap = order.map(|index| world.chains.main[index].clone());
        let found = ways(&heap, Start::EndEntity(None), &anchors);
        let issuers: Vec<_> = found.iter().map(|way| way.steps[1].1.not_after()).collect();
        assert_eq!(issuers, [2, 1].map(|index| world.chains.main[index].not_after()));
    }
}

#[test]
fn an_intermediate_among_the_anchors_is_lent_where_none_was_presented() {
    let world = World::sound();
    let (root, intermediate) = (world.root.certificate, world.intermediate.certificate);
    let heap = &world.chains.main;
    let both = [intermediate.clone(), root.clone()];
    for (presented, anchors, steps, anchor) in [
        (&heap[..1], &both[..], vec![Some(1), None], &root),
        (&heap[..1], &both[..1], vec![Some(1), None], &intermediate),
        (&heap[..], &both[..], numbered([1, 2]), &root),
        (&heap[..], &both[..1], numbered([1, 2]), &intermediate),
        (&heap[..], &both[1..], numbered([1, 2]), &root),
    ] {
        let way = likeliest(presented, None, anchors);
        assert_eq!((numbers(&way), way.anchor), (steps, Some(anchor)));
        assert_eq!(way.steps[1].1, &intermediate);
        assert_eq!(way.ends_in_anchor, anchor == &intermediate);
    }
}

#[test]
fn the_first_may_be_the_anchor_itself() {
    let root = Ca::root(ca_params("Root"), p256()).certificate;
    let heap = [root];
    let way = ways(&heap, Start::First, &heap).remove(0);
    assert_eq!((numbers(&way), way.anchor, way.ends_in_anchor), (numbered([1]), Some(&heap[0]), false));
}

#[test]
fn names_that_differ_in_case_and_spaces_lead_on_by_the_standard_alone() {
    let root = Ca::root(ca_params("Test Root"), p256());
    let key = KeyPair::try_from(root.key.serialize_der()).unwrap();
    let spelt = Ca::root(ca_params("TEST  root"), key);
    let world = World::under(root, Ca::below(&spelt, ca_params("Intermediate"), p256()));
    let anchors = [world.root.certificate];
    let found = |start| ways(&world.chains.main, start, &anchors).remove(0).anchor;
    assert_eq!((found(Start::First), found(Start::EndEntity(None))), (Some(&anchors[0]), None));
}

#[test]
fn certificates_that_all_issue_each_other_end_the_search() {
    let ca = Ca::root(ca_params("Root"), p256());
    let heap: Vec<_> = (0..10).map(|_| ca.issue(&ca.params, &ca.key)).collect();
    let way = likeliest(&heap, None, &[]);
    assert_eq!(way.steps.len() + way.alternatives.len(), 10);
    let anchors = [ca.certificate];
    assert!(ways(&heap, Start::First, &anchors).len() <= MAX_WAYS);
}

#[test]
fn the_search_ends_after_its_steps_where_nothing_is_found() {
    let (one, other) = (Ca::root(ca_params("One"), p256()), Ca::root(ca_params("Other"), p256()));
    let mut heap = vec![one.issue(&crate::tests::fixtures::server_params("kms.example.com"), &p256())];
    for _ in 0..5 {
        heap.push(other.issue(&one.params, &one.key));
        heap.push(one.issue(&other.params, &other.key));
    }
    let (anchored, open) = Heap::new(&heap, &[], false).search(0);
    assert!(anchored.is_empty());
    assert_eq!(open.len(), 1, "the way begun last");
    assert!(open[0].nodes.len() > 4, "{open:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_permutation_has_the_same_ways(
        (some, shuffled) in proptest::sample::subsequence((0..10usize).collect::<Vec<_>>(), 1..=10)
            .prop_flat_map(|some| (Just(some.clone()), Just(some).prop_shuffle())),
        anchors in proptest::sample::subsequence((0..10usize).collect::<Vec<_>>(), 0..=3),
    ) {
        let given: Vec<_> = some.iter().map(|index| HEAP[*index].clone()).collect();
        let permuted: Vec<_> = shuffled.iter().map(|index| HEAP[*index].clone()).collect();
        let anchors: Vec<_> = anchors.iter().map(|index| HEAP[*index].clone()).collect();
        let found = ways(&given, Start::EndEntity(None), &anchors);
        let after = ways(&permuted, Start::EndEntity(None), &anchors);
        prop_assert!(!found.is_empty());
        prop_assert_eq!(found.len(), after.len());
        for (one, other) in found.iter().zip(&after) {
            let certificates = |way: &Way<'_>| way.steps.iter().map(|(_, one)| one.sha256()).collect::<Vec<_>>();
            prop_assert_eq!(certificates(one), certificates(other));
            prop_assert_eq!((one.ends_in_anchor, one.anchor), (other.ends_in_anchor, other.anchor));
            let sorted = |heap: &[Certificate], numbers: &[usize]| {
                let mut digests: Vec<_> = numbers.iter().map(|number| heap[number - 1].sha256()).collect();
                digests.sort();
                digests
            };
            for (one, other) in [
                (&one.duplicates, &other.duplicates),
                (&one.alternatives, &other.alternatives),
                (&one.strangers, &other.strangers),
            ] {
                prop_assert_eq!(sorted(&given, one), sorted(&permuted, other));
            }
            let steps: Vec<_> = other.steps.iter().filter_map(|(number, _)| *number).collect();
            let mut all = [&steps[..], &other.duplicates, &other.alternatives, &other.strangers].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (1..=permuted.len()).collect::<Vec<_>>(), "each certificate stands in one place");
            for pair in other.steps.windows(2) {
                let (below, above) = (pair[0].1, pair[1].1);
                prop_assert_eq!(below.issuer().der(), above.subject().der());
                prop_assert_eq!(below.verify_signed_by(above.spki()), Ok(()));
            }
        }
    }
}
