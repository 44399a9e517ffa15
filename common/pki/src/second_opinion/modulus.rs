//! What the digits of an RSA modulus give away. It is looked at in a fraction of the time its
//! signature takes to verify: a desk judges a hundred thousand in a row.

use super::KeyFault;
use super::natural::Natural;
use rsa::BigUint;
use std::sync::LazyLock;

/// Primes below this are tried
/// ([NIST SP 800-89 §5.3.3](https://doi.org/10.6028/NIST.SP.800-89), CA/B BR 6.1.6: at least those below 752).
const TRIAL_LIMIT: u32 = 2048;

/// Rounds of Fermat's method: enough for every key known to have been made with close primes.
const FERMAT_ROUNDS: u32 = 100;

/// The first fault of an odd, big-endian modulus without leading zeros; each further test would
/// only repeat it.
pub(super) fn fault(modulus: &[u8]) -> Option<KeyFault> {
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Some(KeyFault::ModulusEven);
    }
    let number = Natural::from_be_bytes(modulus);
    if let Some(prime) = small_factor(&number) {
        return Some(KeyFault::SmallFactor(prime));
    }
    if is_roca(&number) {
        return Some(KeyFault::Roca);
    }
    let root = number.square_root();
    let beyond = number.minus(&root.squared());
    if beyond == Natural::from(0) {
        return Some(KeyFault::PerfectPower(2));
    }
    odd_power(&number, modulus)
        .map(KeyFault::PerfectPower)
        .or_else(|| fermat(&number, &root, &beyond).map(KeyFault::FermatClose))
}

fn is_prime(number: u32) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| !number.is_multiple_of(d))
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

/// The primes to be tried, and as products that fill a limb.
static GROUPS: LazyLock<Vec<(Odd, Vec<Odd>)>> = LazyLock::new(|| {
    let mut groups: Vec<(u64, Vec<Odd>)> = Vec::new();
    for prime in (3..TRIAL_LIMIT).filter(|number| is_prime(*number)).map(u64::from) {
        match groups.last_mut() {
            Some((product, primes)) if *product < u64::MAX / prime => {
                *product *= prime;
                primes.push(Odd::new(prime));
            }
            Some(_) | None => groups.push((prime, vec![Odd::new(prime)])),
        }
    }
    groups.into_iter().map(|(product, primes)| (Odd::new(product), primes)).collect()
});

/// The smallest prime factor below [`TRIAL_LIMIT`]. What an exact division by a product carries out
/// of the highest limb is divisible by just those of its primes that divide the number.
fn small_factor(number: &Natural) -> Option<u32> {
    let groups = &**GROUPS;
    let mut carries = vec![0; groups.len()];
    for limb in number.limbs() {
        for (carry, (product, _)) in carries.iter_mut().zip(groups) {
            *carry = product.carry(*limb, *carry);
        }
    }
    let primes = carries.iter().zip(groups).flat_map(|(carry, (_, primes))| {
        primes.iter().filter(|prime| prime.divides(*carry)).map(|prime| prime.value)
    });
    primes.filter(|prime| number.limbs() != [*prime]).find_map(|prime| u32::try_from(prime).ok())
}

/// Primes modulo which 65537 generates only a part of the residues. Infineon's primes are
/// k·M + 65537^a mod M with M the product of the first primes, so the modulus is a power of 65537
/// modulo each of them; a sound modulus is so for all seventeen with a chance of 2^-28
/// (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, §3).
const ROCA_PRIMES: [u64; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

fn is_roca(number: &Natural) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| {
        let next = move |power: &u64| Some(power * 65_537 % prime).filter(|power| *power != 1);
        let mut powers = std::iter::successors(Some(1), next);
        let rest = number.remainder(prime);
        powers.any(|power| power == rest)
    })
}

/// A prime with the powers of 2^32 modulo it: a remainder is then a sum of products, without a
/// division for every word.
struct Divisor {
    prime: u32,
    powers: [u32; Self::WORDS],
}

impl Divisor {
    /// As many words as an RSA modulus of 2048 bits has. Products of a word and a power of a prime
    /// below 2^26 fit as often into 64 bits.
    const WORDS: usize = 64;

    fn new(prime: u32) -> Self {
        let mut powers = [0; Self::WORDS];
        let mut power = 1;
        for place in &mut powers {
            *place = u32::try_from(power).unwrap_or_default();
            power = (power << 32) % u64::from(prime);
        }
        Self { prime, powers }
    }

    /// `words` modulo the prime.
    fn remainder(&self, words: &[u32]) -> u64 {
        let prime = u64::from(self.prime);
        let next = self.powers.last().map_or(0, |power| (u64::from(*power) << 32) % prime);
        words.chunks(Self::WORDS).rev().fold(0, |above, words| {
            let products =
                words.iter().zip(&self.powers).map(|(word, power)| u64::from(*word) * u64::from(*power));
            (above * next + products.sum::<u64>() % prime) % prime
        })
    }
}

/// The longest exponent looked at, for the longest modulus: a factor is above [`TRIAL_LIMIT`].
const MOST_EXPONENT: u32 = most_exponent(super::MAX_MODULUS_BITS as u32);

const fn most_exponent(bits: u32) -> u32 {
    bits / TRIAL_LIMIT.ilog2()
}

/// Odd prime exponents k, each with four primes p = 1 + 2jk: modulo such a prime, one number in k
/// is a k-th power.
static POWERS: LazyLock<Vec<(u32, Vec<Divisor>)>> = LazyLock::new(|| {
    let primes = |k| (1..).map(move |j| 2 * j * k + 1).filter(|p| is_prime(*p)).take(4);
    let exponents = (3..=MOST_EXPONENT).filter(|exponent| is_prime(*exponent));
    exponents.map(|k| (k, primes(k).map(Divisor::new).collect())).collect()
});

/// The exponent, when the modulus is a power of one number with an odd exponent.
fn odd_power(number: &Natural, modulus: &[u8]) -> Option<u32> {
    let word = |octets: &[u8]| octets.iter().fold(0, |word, octet| (word << 8) | u32::from(*octet));
    let words: Vec<u32> = modulus.rchunks(4).map(word).collect();
    let most = most_exponent(u32::try_from(number.bits()).unwrap_or(u32::MAX));
    let exponents = POWERS.iter().take_while(|(exponent, _)| *exponent <= most);
    // By Euler's criterion a k-th power is 1 when raised to (p-1)/k.
    let may_be = |k: u32, by: &Divisor| power_mod(by.remainder(&words), (by.prime - 1) / k, by.prime) == 1;
    exponents
        .filter(|(exponent, primes)| primes.iter().all(|prime| may_be(*exponent, prime)))
        .map(|(exponent, _)| *exponent)
        .find(|exponent| is_power(&BigUint::from_bytes_be(modulus), *exponent))
}

fn is_power(number: &BigUint, exponent: u32) -> bool {
    let root = number.nth_root(exponent);
    let mut power = root.clone();
    (1..exponent).for_each(|_| power *= &root);
    power == *number
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
/// small numbers (Cohen, "A Course in Computational Algebraic Number Theory", §1.7.2), and residues
/// are carried from round to round without a big integer.
fn fermat(number: &Natural, root: &Natural, beyond: &Natural) -> Option<u32> {
    let first = root.plus(&Natural::from(1));
    let mut a = first.remainder(SIEVE);
    // (root + 1)² - n
    let mut b_squared = (a + root.remainder(SIEVE) + SIEVE - beyond.remainder(SIEVE)) % SIEVE;
    for round in 1..=FERMAT_ROUNDS {
        if may_be_square(b_squared) {
            let a = first.plus(&Natural::from(u64::from(round - 1)));
            let b_squared = a.squared().minus(number);
            if b_squared.square_root().squared() == b_squared {
                return Some(round);
            }
        }
        b_squared = (b_squared + 2 * a + 1) % SIEVE;
        a = (a + 1) % SIEVE;
    }
    None
}

const SIEVE_PARTS: [u64; 11] = [64, 63, 65, 11, 17, 19, 23, 29, 31, 37, 41];
/// Their product: three times as much fits into 64 bits.
const SIEVE: u64 = 64 * 63 * 65 * 11 * 17 * 19 * 23 * 29 * 31 * 37 * 41;

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

    #[test]
    fn primes_are_those_of_the_sieve() {
        let primes: Vec<_> = (0..50).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]);
    }

    #[test]
    fn close_factors_are_found_in_every_round() {
        let a = (BigUint::from(1_u32) << 1023) + BigUint::from(0x1234_5677_u32);
        let natural = |number: &BigUint| Natural::from_be_bytes(&number.to_bytes_be());
        for round in 1..=FERMAT_ROUNDS {
            // a - sqrt(a² - b²) is about b²/2a.
            let b = (BigUint::from(2 * round - 1) * &a).nth_root(2);
            let number = (&a - &b) * (&a + &b);
            let root = number.nth_root(2);
            let beyond = &number - &root * &root;
            assert_eq!(&root + BigUint::from(round), a);
            assert_eq!(fermat(&natural(&number), &natural(&root), &natural(&beyond)), Some(round));
        }
    }

    #[test]
    fn remainders_are_those_of_a_division() {
        let octets: Vec<u8> = (0..1200_u32).map(|index| (index * index % 251) as u8).collect();
        for words in [1, 2, 63, 64, 65, 128, 129, 300] {
            let octets = &octets[..words * 4];
            let little_endian: Vec<u32> = octets
                .rchunks(4)
                .map(|word| word.iter().fold(0, |word, octet| (word << 8) | u32::from(*octet)))
                .collect();
            for prime in [3, 7, 65_537, 67_108_859] {
                let rest = BigUint::from_bytes_be(octets) % BigUint::from(prime);
                assert_eq!(BigUint::from(Divisor::new(prime).remainder(&little_endian)), rest);
            }
        }
    }
}
