//! What the digits of an RSA modulus give away. It is looked at in a fraction of the time its
//! signature takes to verify: a desk judges a hundred thousand in a row.

use super::KeyFault;
use rsa::BigUint;
use std::sync::LazyLock;

/// Primes below this are tried
/// ([NIST SP 800-89 §5.3.3](https://doi.org/10.6028/NIST.SP.800-89), CA/B BR 6.1.6: no factor below 752).
const TRIAL_LIMIT: u32 = 752;

/// Rounds of Fermat's method: enough for every key known to have been made with close primes.
const FERMAT_ROUNDS: u32 = 100;

/// The first fault of an odd, big-endian modulus without leading zeros; each further test would
/// only repeat it.
pub(super) fn fault(modulus: &[u8]) -> Option<KeyFault> {
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Some(KeyFault::ModulusEven);
    }
    let words = words(modulus);
    if let Some(prime) = small_factor(modulus, &words) {
        return Some(KeyFault::SmallFactor(prime));
    }
    if is_roca(&words) {
        return Some(KeyFault::Roca);
    }
    let number = BigUint::from_bytes_be(modulus);
    let root = isqrt(&number);
    perfect_power(&number, &root, &words)
        .map(KeyFault::PerfectPower)
        .or_else(|| fermat(&number, &root).map(KeyFault::FermatClose))
}

/// 32-bit words, the lowest first.
fn words(number: &[u8]) -> Vec<u32> {
    let word = |octets: &[u8]| octets.iter().fold(0, |word, octet| (word << 8) | u32::from(*octet));
    number.rchunks(4).map(word).collect()
}

/// A divisor with the powers of 2^32 modulo it: a remainder is then a sum of products, without a
/// division for every word.
struct Divisor {
    value: u64,
    powers: Vec<u64>,
}

impl Divisor {
    /// Products of a word and a power below this fit 64 times into 64 bits.
    const LIMIT: u32 = 1 << 26;
    const WORDS: usize = 64;

    fn new(value: u32) -> Self {
        let value = u64::from(value.min(Self::LIMIT));
        let powers = std::iter::successors(Some(1 % value), |power| Some((power << 32) % value));
        Self { value, powers: powers.take(Self::WORDS).collect() }
    }

    /// `words` modulo this.
    fn remainder(&self, words: &[u32]) -> u64 {
        let highest = words.chunks(Self::WORDS).rev();
        let next = self.powers.last().map_or(0, |power| (power << 32) % self.value);
        highest.fold(0, |above, words| {
            let sum: u64 = words.iter().zip(&self.powers).map(|(word, power)| u64::from(*word) * power).sum();
            (above * next + sum % self.value) % self.value
        })
    }
}

fn is_prime(number: u32) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| !number.is_multiple_of(d))
}

/// The primes to be tried, several to a divisor.
static GROUPS: LazyLock<Vec<(Divisor, Vec<u32>)>> = LazyLock::new(|| {
    let mut groups: Vec<(u32, Vec<u32>)> = Vec::new();
    for prime in (3..TRIAL_LIMIT).filter(|number| is_prime(*number)) {
        match groups.last_mut() {
            Some((product, primes)) if *product < Divisor::LIMIT / prime => {
                *product *= prime;
                primes.push(prime);
            }
            Some(_) | None => groups.push((prime, vec![prime])),
        }
    }
    groups.into_iter().map(|(product, primes)| (Divisor::new(product), primes)).collect()
});

/// The smallest prime factor below [`TRIAL_LIMIT`].
fn small_factor(modulus: &[u8], words: &[u32]) -> Option<u32> {
    GROUPS.iter().find_map(|(divisor, primes)| {
        let rest = divisor.remainder(words);
        let prime = primes.iter().find(|prime| rest.is_multiple_of(u64::from(**prime)))?;
        (modulus != prime.to_be_bytes().trim_ascii_start()).then_some(*prime)
    })
}

/// Primes modulo which 65537 generates only a part of the residues. Infineon's primes are
/// k·M + 65537^a mod M with M the product of the first primes, so the modulus is a power of 65537
/// modulo each of them; a sound modulus is so for all seventeen with a chance of 2^-28
/// (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, §3).
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Each of those primes with the powers of 65537 modulo it.
static ROCA: LazyLock<Vec<(Divisor, Vec<u64>)>> = LazyLock::new(|| {
    let powers = |prime: u32| {
        let next = move |power: &u64| Some(power * 65_537 % u64::from(prime));
        std::iter::successors(Some(1), next).take(prime as usize).collect()
    };
    ROCA_PRIMES.into_iter().map(|prime| (Divisor::new(prime), powers(prime))).collect()
});

fn is_roca(words: &[u32]) -> bool {
    ROCA.iter().all(|(prime, powers)| powers.contains(&prime.remainder(words)))
}

/// The longest modulus looked at, over the bits that a factor above [`TRIAL_LIMIT`] has at least.
const MOST_EXPONENT: u32 = 16_384 / 9;

/// Odd prime exponents k, each with a prime p = 1 + 2jk and the few residues that are k-th powers
/// modulo it: 2j of them, so one number in k has such a residue.
static POWERS: LazyLock<Vec<(u32, Divisor, Vec<u64>)>> = LazyLock::new(|| {
    let exponents = (3..=MOST_EXPONENT).filter(|exponent| is_prime(*exponent));
    exponents
        .filter_map(|k| Some((k, prime_above(k, 1)?)))
        .map(|(k, p)| (k, Divisor::new(p), powers(k, p)))
        .collect()
});

/// The k-th powers modulo a prime p, without 0: a group of (p-1)/k elements.
fn powers(exponent: u32, prime: u32) -> Vec<u64> {
    let mut powers = Vec::new();
    let all = ((prime - 1) / exponent) as usize;
    for power in (1..u64::from(prime)).map(|base| power_mod(base, exponent, prime)) {
        if powers.len() == all {
            break;
        }
        if !powers.contains(&power) {
            powers.push(power);
        }
    }
    powers
}

/// The `count`th prime of the form 1 + 2jk.
fn prime_above(exponent: u32, count: usize) -> Option<u32> {
    (1..).map(|j| 2 * j * exponent + 1).filter(|p| is_prime(*p)).nth(count.saturating_sub(1))
}

/// The exponent, when the modulus is a power of one number.
fn perfect_power(number: &BigUint, square_root: &BigUint, words: &[u32]) -> Option<u32> {
    if square_root * square_root == *number {
        return Some(2);
    }
    let most = u32::try_from(words.len() * 32 / 9).unwrap_or(u32::MAX);
    let exponents = POWERS.iter().take_while(|(exponent, ..)| *exponent <= most);
    let suspects = exponents.filter(|(exponent, prime, powers)| {
        powers.contains(&prime.remainder(words)) && may_be_power(*exponent, words)
    });
    suspects.map(|(exponent, ..)| *exponent).find(|exponent| {
        let root = number.nth_root(*exponent);
        let mut power = root.clone();
        (1..*exponent).for_each(|_| power *= &root);
        power == *number
    })
}

/// The same modulo three more primes, by Euler's criterion: a k-th power is 1 when raised to
/// (p-1)/k. What passes is worth taking a root of.
fn may_be_power(exponent: u32, words: &[u32]) -> bool {
    (2..=4)
        .filter_map(|count| prime_above(exponent, count))
        .all(|prime| power_mod(Divisor::new(prime).remainder(words), (prime - 1) / exponent, prime) == 1)
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

/// Looks for n = a² - b² with a just above the square root of n; the number of rounds it took.
///
/// Only one b² in about 700 needs a look at its digits: the others are no squares modulo 64, 63, 65
/// or 11 (Cohen, "A Course in Computational Algebraic Number Theory", §1.7.2), and residues are
/// carried from round to round without a big integer.
fn fermat(number: &BigUint, root: &BigUint) -> Option<u32> {
    let first = root + BigUint::from(1_u32);
    let first_square = &first * &first - number;
    let (mut a, mut b_squared) = (residue(&first), residue(&first_square));
    for round in 1..=FERMAT_ROUNDS {
        if may_be_square(b_squared) {
            let a = &first + BigUint::from(round - 1);
            let b_squared = &a * &a - number;
            let b = isqrt(&b_squared);
            if &b * &b == b_squared {
                return Some(round);
            }
        }
        b_squared = (b_squared + 2 * a + 1) % SIEVE;
        a = (a + 1) % SIEVE;
    }
    None
}

const SIEVE_PARTS: [u32; 4] = [64, 63, 65, 11];
const SIEVE: u32 = 64 * 63 * 65 * 11;

fn residue(number: &BigUint) -> u32 {
    let rest = number % BigUint::from(SIEVE);
    words(&rest.to_bytes_be()).first().copied().unwrap_or(0)
}

fn may_be_square(residue: u32) -> bool {
    /// For each part a bit per residue that is a square.
    static SQUARES: LazyLock<[u128; 4]> = LazyLock::new(|| {
        SIEVE_PARTS.map(|part| (0..part).fold(0, |bits, root| bits | (1 << (root * root % part))))
    });
    SIEVE_PARTS.iter().zip(*SQUARES).all(|(part, squares)| squares >> (residue % part) & 1 == 1)
}

/// The integer square root, by Newton's method with a precision that doubles with every step
/// (Python's `math.isqrt`, whose source has the proof).
fn isqrt(number: &BigUint) -> BigUint {
    let half = number.bits().saturating_sub(1) / 2;
    let mut root = BigUint::from(1_u32);
    let mut precision = 0;
    for shift in (0..usize::BITS - half.leading_zeros()).rev() {
        let before = precision;
        precision = half >> shift;
        let quotient = (number >> (2 * half - before - precision + 1)) / &root;
        root = (root << (precision - before - 1)) + quotient;
    }
    if &root * &root > *number { root - BigUint::from(1_u32) } else { root }
}
