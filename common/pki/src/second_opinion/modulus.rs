//! What the digits of an RSA modulus give away. It is looked at in a fraction of the time its
//! signature takes to verify: a desk judges a hundred thousand in a row.

use super::KeyFault;
use dashu_int::UBig;
use dashu_int::ops::{BitTest, SquareRoot, SquareRootRem};
use std::sync::LazyLock;

/// Primes below this are tried
/// ([NIST SP 800-89 §5.3.3](https://doi.org/10.6028/NIST.SP.800-89), CA/B BR 6.1.6: at least those below 752).
const TRIAL_LIMIT: u32 = 2048;

/// Rounds of Fermat's method: enough for every key known to have been made with close primes.
const FERMAT_ROUNDS: u32 = 100;

/// The first fault of a big-endian modulus; each further test would only repeat it.
pub(super) fn fault(modulus: &[u8]) -> Option<KeyFault> {
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Some(KeyFault::ModulusEven);
    }
    if let Some(prime) = small_factor(modulus) {
        return Some(KeyFault::SmallFactor(prime));
    }
    let number = UBig::from_be_bytes(modulus);
    if is_roca(&number) {
        return Some(KeyFault::Roca);
    }
    let (root, beyond) = number.sqrt_rem();
    if beyond.is_zero() {
        return Some(KeyFault::PerfectPower(2));
    }
    odd_power(&number).or_else(|| fermat(&root, &beyond).map(KeyFault::FermatClose))
}

fn is_prime(number: u32) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| !number.is_multiple_of(d))
}

/// The product of some primes, and the items they belong to.
type Group<T> = (u64, Vec<T>);

/// The items in their order, as many together as the product of their primes fits into 64 bits.
fn grouped<T>(items: impl Iterator<Item = T>, prime: fn(&T) -> u32) -> Vec<Group<T>> {
    let mut groups: Vec<Group<T>> = Vec::new();
    for item in items {
        let prime = u64::from(prime(&item));
        match groups.last_mut() {
            Some((product, members)) if *product < u64::MAX / prime => {
                *product *= prime;
                members.push(item);
            }
            Some(_) | None => groups.push((prime, vec![item])),
        }
    }
    groups
}

/// An odd number by which one asks for divisibility with a multiplication instead of a division
/// (Warren, "Hacker's Delight", 10-17).
struct Odd {
    value: u64,
    /// Modulo 2^64.
    inverse: u64,
}

impl Odd {
    fn new(value: u64) -> Self {
        // Newton's method: each step doubles the bits that are right, of which an odd number has three.
        let step = |inverse: u64| inverse.wrapping_mul(2_u64.wrapping_sub(value.wrapping_mul(inverse)));
        Self { value, inverse: (0..5).fold(value, |inverse, _| step(inverse)) }
    }

    const fn divides(&self, number: u64) -> bool {
        number.wrapping_mul(self.inverse) <= u64::MAX / self.value
    }

    /// One limb of an exact division from the lowest limb on: what is carried to the next.
    fn carry(&self, limb: u64, carry: u64) -> u64 {
        let (rest, borrow) = limb.overflowing_sub(carry);
        let digit = rest.wrapping_mul(self.inverse);
        let product = u128::from(digit) * u128::from(self.value);
        u64::try_from(product >> 64).unwrap_or_default() + u64::from(borrow)
    }
}

/// The primes to be tried, and their products.
static GROUPS: LazyLock<Vec<(Odd, Vec<Odd>)>> = LazyLock::new(|| {
    let primes = (3..TRIAL_LIMIT).filter(|number| is_prime(*number));
    let odd = |prime: u32| Odd::new(u64::from(prime));
    let groups = grouped(primes, |prime| *prime).into_iter();
    groups.map(|(product, primes)| (Odd::new(product), primes.into_iter().map(odd).collect())).collect()
});

/// The smallest prime factor below [`TRIAL_LIMIT`]. What an exact division by a product carries out
/// of the highest limb is divisible by just those of its primes that divide the number.
///
/// Limb by limb for all products at once, which a processor does side by side, this takes a fifteenth
/// of the time of one remainder after the other.
fn small_factor(modulus: &[u8]) -> Option<u32> {
    let groups = &**GROUPS;
    let mut carries = vec![0; groups.len()];
    for octets in modulus.rchunks(8) {
        let limb = octets.iter().fold(0, |limb, octet| (limb << 8) | u64::from(*octet));
        for (carry, (product, _)) in carries.iter_mut().zip(groups) {
            *carry = product.carry(limb, *carry);
        }
    }
    let mut found = carries.iter().zip(groups).flat_map(|(carry, (_, primes))| {
        primes.iter().filter(|prime| prime.divides(*carry)).map(|prime| prime.value)
    });
    found.find_map(|prime| u32::try_from(prime).ok())
}

/// Primes modulo which 65537 generates only a part of the residues. Infineon's primes are
/// k·M + 65537^a mod M with M the product of the first primes, so the modulus is a power of 65537
/// modulo each of them; a sound modulus is so for all seventeen with a chance of 2^-28
/// (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, §3).
const ROCA_PRIMES: [u64; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

fn is_roca(number: &UBig) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| {
        let next = move |power: &u64| Some(power * 65_537 % prime).filter(|power| *power != 1);
        let mut powers = std::iter::successors(Some(1), next);
        let rest = number % prime;
        powers.any(|power| power == rest)
    })
}

/// The longest exponent looked at, for the longest modulus: a factor is above [`TRIAL_LIMIT`].
const MOST_EXPONENT: usize = most_exponent(super::MAX_MODULUS_BITS);

const fn most_exponent(bits: usize) -> usize {
    bits / TRIAL_LIMIT.ilog2() as usize
}

/// Primes p = 1 + 2jk: modulo each of them one number in k is a k-th power.
fn primes_of(exponent: u32) -> impl Iterator<Item = u32> {
    (1..).map(move |j| 2 * j * exponent + 1).filter(|prime| is_prime(*prime))
}

/// Whether the number may be a k-th power, for all one sees modulo one of these primes. By Euler's
/// criterion a k-th power is 1 when raised to (p-1)/k, or it is divisible by p.
fn may_be_power(residue: u64, exponent: u32, prime: u32) -> bool {
    power_mod(residue, (prime - 1) / exponent, prime) <= 1
}

/// Odd prime exponents and the first prime of each.
static POWERS: LazyLock<Vec<Group<(u32, u32)>>> = LazyLock::new(|| {
    let exponents = (3..).take_while(|exponent| *exponent as usize <= MOST_EXPONENT).filter(|k| is_prime(*k));
    grouped(exponents.flat_map(|k| primes_of(k).take(1).map(move |prime| (k, prime))), |(_, prime)| *prime)
});

/// The fault of a modulus that is a power of one number with an odd exponent. One whose base is
/// divisible by the first prime of the exponent has that small factor.
fn odd_power(number: &UBig) -> Option<KeyFault> {
    let most = most_exponent(number.bit_len());
    let residues = POWERS.iter().flat_map(|(product, members)| {
        let rest = number % *product;
        members.iter().map(move |(exponent, prime)| (*exponent, *prime, rest % u64::from(*prime)))
    });
    residues.take_while(|(exponent, ..)| *exponent as usize <= most).find_map(|(exponent, prime, residue)| {
        match residue {
            0 => Some(KeyFault::SmallFactor(prime)),
            _ if !may_be_power(residue, exponent, prime) => None,
            _ => is_power(number, exponent).then_some(KeyFault::PerfectPower(exponent)),
        }
    })
}

/// Whether the number is a k-th power, in the light of so many primes that another number is taken
/// for one with a chance below 2^-64.
fn is_power(number: &UBig, exponent: u32) -> bool {
    let enough = 64 / exponent.ilog2() as usize + 1;
    primes_of(exponent).take(enough).all(|prime| may_be_power(number % u64::from(prime), exponent, prime))
}

fn power_mod(base: u64, exponent: u32, modulus: u32) -> u64 {
    let modulus = u64::from(modulus);
    let (mut result, mut square, mut rest) = (1, base % modulus, exponent);
    while rest > 0 {
        if rest % 2 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        rest /= 2;
    }
    result
}

/// Looks for n = a² - b² with a just above the square root of n, which is `root`, whose square is
/// `beyond` below n; the number of rounds it took.
///
/// Only one b² in ten thousand needs a look at its digits: the others are no squares modulo a few
/// small numbers (Cohen, "A Course in Computational Algebraic Number Theory", §1.7.2).
fn fermat(root: &UBig, beyond: &UBig) -> Option<u32> {
    let (root_residue, beyond_residue) = (root % SIEVE, beyond % SIEVE);
    // With a = root + round.
    let residue = |round: u64| round * (2 * root_residue + round) + SIEVE - beyond_residue;
    let b_squared = |round: u64| (root * 2_u64 + round) * round - beyond;
    let is_found = |round: u64| may_be_square(residue(round)) && is_square(&b_squared(round));
    (1..=FERMAT_ROUNDS).find(|round| is_found(u64::from(*round)))
}

fn is_square(number: &UBig) -> bool {
    number.sqrt().sqr() == *number
}

const SIEVE_PARTS: [u64; 11] = [64, 63, 65, 11, 17, 19, 23, 29, 31, 37, 41];
/// Their product.
const SIEVE: u64 = 64 * 63 * 65 * 11 * 17 * 19 * 23 * 29 * 31 * 37 * 41;
const _: () =
    assert!(u64::MAX / SIEVE > 3 * FERMAT_ROUNDS as u64, "what `fermat` computes with fits into 64 bits");

fn may_be_square(residue: u64) -> bool {
    /// Each part with a bit per residue that is a square.
    static SQUARES: LazyLock<[(u64, u128); 11]> = LazyLock::new(|| {
        SIEVE_PARTS.map(|part| (part, (0..part).fold(0, |bits, root| bits | (1 << (root * root % part)))))
    });
    SQUARES.iter().all(|(part, squares)| squares >> (residue % part) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn primes_are_those_of_the_sieve() {
        let primes: Vec<_> = (0..50).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]);
    }

    #[test]
    fn close_factors_are_found_in_every_round() {
        let a = (UBig::ONE << 1023) + 0x1234_5677_u32;
        for round in 1..=FERMAT_ROUNDS {
            // a - sqrt(a² - b²) is about b²/2a.
            let b = (&a * (2 * round - 1)).sqrt();
            let (root, beyond) = ((&a - &b) * (&a + &b)).sqrt_rem();
            assert_eq!(&root + round, a);
            assert_eq!(fermat(&root, &beyond), Some(round));
        }
    }

    #[test]
    fn every_prime_below_the_limit_is_found_alone_and_among_others() {
        // 2^2203 - 1 is prime.
        let large = (UBig::ONE << 2203) - 1_u32;
        let primes: Vec<u32> = (3..TRIAL_LIMIT).filter(|number| is_prime(*number)).collect();
        for pair in primes.windows(2) {
            let (small, next) = (pair[0], pair[1]);
            for number in [small.into(), &large * small, &large * small * next, &large * small * small] {
                assert_eq!(small_factor(&number.to_be_bytes()), Some(small));
            }
        }
        assert_eq!(small_factor(&large.to_be_bytes()), None);
        assert_eq!(small_factor(&(large * 2053_u32).to_be_bytes()), None);
    }

    /// Whether one is told that a number is a power, or a small factor that it has.
    fn is_found(number: &UBig, exponent: u32) -> bool {
        match fault(&number.to_be_bytes()) {
            Some(KeyFault::PerfectPower(found)) => found == exponent,
            Some(KeyFault::SmallFactor(found)) => (number % found) == 0,
            _ => false,
        }
    }

    #[test]
    fn a_power_is_found_for_every_exponent_whatever_divides_its_base() {
        let exponents = (3..).filter(|k| is_prime(*k)).take_while(|k| *k as usize <= MOST_EXPONENT);
        for exponent in exponents {
            let above = primes_of(exponent).filter(|prime| *prime > TRIAL_LIMIT).take(12);
            for base in above.chain([2053]) {
                let power = UBig::from(base).pow(exponent as usize);
                if power.bit_len() <= crate::second_opinion::MAX_MODULUS_BITS {
                    assert!(is_found(&power, exponent), "{base}^{exponent}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_power_is_found_and_its_neighbour_is_none(base in 1_u64 << 40.., at in 0_usize..6) {
            let exponent = [3, 5, 7, 31, 101, 251][at];
            // No factor below 2048, so that it is the power that is looked for.
            let base = (0..).map(|more| (base | 1) + 2 * more).find(|base| small_factor(&base.to_be_bytes()).is_none());
            let power = UBig::from(base.unwrap()).pow(exponent as usize);
            prop_assert!(is_power(&power, exponent));
            prop_assert!(!is_power(&(&power + 2_u32), exponent));
            prop_assert!(is_found(&power, exponent), "{power}");
        }
    }
}
