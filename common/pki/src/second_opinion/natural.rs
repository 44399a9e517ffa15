//! Natural numbers of a few thousand bits: no more than looking at a modulus takes, and fast.

use std::cmp::Ordering;

/// A natural number: limbs of 64 bits, the lowest first, the highest not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

impl Natural {
    /// From octets, the highest first.
    pub(super) fn from_be_bytes(octets: &[u8]) -> Self {
        let limb = |octets: &[u8]| octets.iter().fold(0, |limb, octet| (limb << 8) | u64::from(*octet));
        Self::of(octets.rchunks(8).map(limb).collect())
    }

    fn of(mut limbs: Vec<u64>) -> Self {
        let used = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |last| last + 1);
        limbs.truncate(used);
        Self(limbs)
    }

    /// The limbs, the lowest first.
    pub(super) fn limbs(&self) -> &[u64] {
        &self.0
    }

    /// The number of bits, 0 for zero.
    pub(super) fn bits(&self) -> usize {
        self.0.last().map_or(0, |last| 64 * self.0.len() - last.leading_zeros() as usize)
    }

    /// The rest of a division.
    pub(super) fn remainder(&self, divisor: u64) -> u64 {
        let step = |rest, limb: &u64| join(rest, *limb) % u128::from(divisor);
        self.0.iter().rev().fold(0, |rest, limb| low(step(rest, limb)))
    }

    fn shifted_right(&self, bits: usize) -> Self {
        let kept = self.0.get(bits / 64..).unwrap_or_default();
        let mut limbs: Vec<u64> = neighbours(kept).map(|both| low(both >> (bits % 64))).collect();
        limbs.extend(kept.last().map(|last| last >> (bits % 64)));
        Self::of(limbs)
    }

    fn shifted_left(&self, bits: usize) -> Self {
        let mut limbs = vec![0; bits / 64];
        limbs.extend(self.0.first().map(|first| first << (bits % 64)));
        limbs.extend(neighbours(&self.0).map(|both| high(both << (bits % 64))));
        limbs.extend(self.0.last().map(|last| high(u128::from(*last) << (bits % 64))));
        Self::of(limbs)
    }

    /// The sum.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() < other.0.len() { (other, self) } else { (self, other) };
        let mut limbs = long.0.clone();
        limbs.push(0);
        let mut carry = add(&mut limbs, &short.0);
        for limb in limbs.iter_mut().skip(short.0.len()) {
            (*limb, carry) = limb.overflowing_add(u64::from(carry));
        }
        Self::of(limbs)
    }

    /// The difference from a number that is not larger.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut limbs = self.0.clone();
        let mut borrow = false;
        for (limb, take) in limbs.iter_mut().zip(&other.0) {
            (*limb, borrow) = take_with(*limb, *take, borrow);
        }
        for limb in limbs.iter_mut().skip(other.0.len()) {
            (*limb, borrow) = take_with(*limb, 0, borrow);
        }
        Self::of(limbs)
    }

    /// The product with itself.
    pub(super) fn squared(&self) -> Self {
        let mut product = vec![0; 2 * self.0.len()];
        for (at, factor) in self.0.iter().enumerate() {
            let mut carry = 0;
            let mut places = product.iter_mut().skip(at);
            for (limb, place) in self.0.iter().zip(&mut places) {
                let sum = u128::from(*factor) * u128::from(*limb) + u128::from(*place) + u128::from(carry);
                (*place, carry) = (low(sum), high(sum));
            }
            if let Some(place) = places.next() {
                *place = carry;
            }
        }
        Self::of(product)
    }

    /// The quotient, by a divisor that is not zero: long division (Knuth, TAOCP volume 2, 4.3.1,
    /// algorithm D), each digit estimated from the divisor's highest limb, so at most two too high.
    fn divided(&self, divisor: &Self) -> Self {
        let shift = divisor.0.last().map_or(0, |last| last.leading_zeros() as usize);
        let divisor = divisor.shifted_left(shift).0;
        let Some(highest) = divisor.last() else { return Self::of(Vec::new()) };
        let mut rest = self.shifted_left(shift).0;
        rest.push(0);
        let mut quotient = vec![0; rest.len().saturating_sub(divisor.len())];
        for (at, digit) in quotient.iter_mut().enumerate().rev() {
            let part = rest.get_mut(at..=at + divisor.len()).unwrap_or_default();
            let [.., second, first] = part else { break };
            let estimate = join(*first, *second) / u128::from(*highest);
            *digit = u64::try_from(estimate).unwrap_or(u64::MAX);
            let mut borrowed = take_multiple(part, &divisor, *digit);
            while borrowed {
                *digit -= 1;
                borrowed = !add_back(part, &divisor);
            }
        }
        Self::of(quotient)
    }

    /// The integer square root, by Newton's method with a precision that doubles with every step
    /// (Python's `math.isqrt`, whose source has the proof).
    pub(super) fn square_root(&self) -> Self {
        let half = self.bits().saturating_sub(1) / 2;
        let steps = (0..usize::BITS).find(|steps| half >> steps < 63).unwrap_or_default();
        let mut precision = half >> steps;
        let start = self.shifted_right(2 * (half - precision)).lowest().isqrt();
        let mut root = Self::of(vec![low(start)]);
        for shift in (0..steps).rev() {
            let before = precision;
            precision = half >> shift;
            let quotient = self.shifted_right(2 * half - before - precision + 1).divided(&root);
            root = root.shifted_left(precision - before - 1).plus(&quotient);
        }
        if root.squared() > *self { root.minus(&Self::of(vec![1])) } else { root }
    }

    fn lowest(&self) -> u128 {
        let limb = |at| self.0.get(at).copied().unwrap_or_default();
        join(limb(1), limb(0))
    }
}

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        Self::of(vec![number])
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let by_length = self.0.len().cmp(&other.0.len());
        Some(by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())))
    }
}

const fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | low as u128
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
const fn low(number: u128) -> u64 {
    number as u64
}

const fn high(number: u128) -> u64 {
    low(number >> 64)
}

/// Each two limbs that stand beside each other, as one number.
fn neighbours(limbs: &[u64]) -> impl Iterator<Item = u128> {
    limbs.iter().skip(1).zip(limbs).map(|(high, low)| join(*high, *low))
}

/// Adds limb by limb, from the lowest; whether that carried out of the last one.
fn add(limbs: &mut [u64], more: &[u64]) -> bool {
    let mut carry = false;
    for (limb, add) in limbs.iter_mut().zip(more) {
        let (sum, over) = limb.overflowing_add(*add);
        let (sum, over_again) = sum.overflowing_add(u64::from(carry));
        (*limb, carry) = (sum, over | over_again);
    }
    carry
}

fn take_with(limb: u64, take: u64, borrow: bool) -> (u64, bool) {
    let (rest, under) = limb.overflowing_sub(take);
    let (rest, under_again) = rest.overflowing_sub(u64::from(borrow));
    (rest, under | under_again)
}

/// Subtracts `times` the divisor from one limb more than it has; whether that was too much.
fn take_multiple(part: &mut [u64], divisor: &[u64], times: u64) -> bool {
    let (mut carry, mut borrow) = (0, false);
    for (place, limb) in part.iter_mut().zip(divisor) {
        let product = u128::from(*limb) * u128::from(times) + u128::from(carry);
        carry = high(product);
        (*place, borrow) = take_with(*place, low(product), borrow);
    }
    if let Some(last) = part.last_mut() {
        (*last, borrow) = take_with(*last, carry, borrow);
    }
    borrow
}

/// Adds the divisor to one limb more than it has; whether that carried out of the highest.
fn add_back(part: &mut [u64], divisor: &[u64]) -> bool {
    let carry = add(part, divisor);
    part.last_mut().is_some_and(|last| {
        let (sum, over) = last.overflowing_add(u64::from(carry));
        *last = sum;
        over
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rsa::BigUint;

    fn big(number: &Natural) -> BigUint {
        let octets: Vec<u8> = number.0.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
        BigUint::from_bytes_be(&octets)
    }

    /// Limbs at the edges make carries and wrong estimates; random ones hardly ever do.
    fn number() -> impl Strategy<Value = Natural> {
        let limb =
            prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(1 << 63), Just(u64::MAX - 1), any::<u64>()];
        prop::collection::vec(limb, 0..12).prop_map(Natural::of)
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_another_implementation(a in number(), b in number(), shift in 0_usize..300, small in 1_u64..) {
            prop_assert_eq!(big(&a.plus(&b)), big(&a) + big(&b));
            prop_assert_eq!(big(&a.plus(&b).minus(&b)), big(&a));
            prop_assert_eq!(big(&a.squared()), big(&a) * big(&a));
            prop_assert_eq!(big(&a.shifted_left(shift)), big(&a) << shift);
            prop_assert_eq!(big(&a.shifted_right(shift)), big(&a) >> shift);
            prop_assert_eq!(BigUint::from(a.remainder(small)), big(&a) % BigUint::from(small));
            prop_assert_eq!(a.partial_cmp(&b), big(&a).partial_cmp(&big(&b)));
            if !b.0.is_empty() {
                prop_assert_eq!(big(&a.divided(&b)), big(&a) / big(&b));
            }
        }

        #[test]
        fn a_square_root_is_the_largest_whose_square_is_not_above(a in number()) {
            for square in [a.clone(), a.squared(), a.squared().plus(&1.into())] {
                let root = square.square_root();
                prop_assert!(root.squared() <= square);
                prop_assert!(root.plus(&1.into()).squared() > square);
            }
        }

        #[test]
        fn octets_are_read_with_and_without_zeros_in_front(octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let number = Natural::from_be_bytes(&octets);
            prop_assert_eq!(big(&number), BigUint::from_bytes_be(&octets));
            prop_assert_eq!(number.bits(), big(&number).bits());
        }
    }
}
