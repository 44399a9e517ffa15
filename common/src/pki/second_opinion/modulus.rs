//! What the digits of an RSA modulus give away.

use super::KeyFault;
use rsa::BigUint;

/// Primes above this are left to the CA's own checks; the cost of trial division grows with it.
const TRIAL_LIMIT: u32 = 1 << 13;

/// Rounds of Fermat's method: enough for every key known to have been made with close primes.
const FERMAT_ROUNDS: u32 = 100;

/// The first fault of an odd, big-endian modulus without leading zeros; each further test would
/// only repeat it.
pub(super) fn fault(modulus: &[u8]) -> Option<KeyFault> {
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Some(KeyFault::ModulusEven);
    }
    small_factor(modulus)
        .map(KeyFault::SmallFactor)
        .or_else(|| is_roca(modulus).then_some(KeyFault::Roca))
        .or_else(|| perfect_power(modulus).map(KeyFault::PerfectPower))
        .or_else(|| fermat(modulus).map(KeyFault::FermatClose))
}

/// `number` mod `divisor`, 32 bits at a time, without a big integer.
fn remainder(number: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let (head, words) = number.as_rchunks::<4>();
    let head = head.iter().fold(0, |value: u64, byte| (value << 8) | u64::from(*byte)) % divisor;
    let rest =
        words.iter().fold(head, |rest, word| ((rest << 32) | u64::from(u32::from_be_bytes(*word))) % divisor);
    u32::try_from(rest).unwrap_or_default() // below `divisor`, which is a u32
}

fn odd_primes() -> impl Iterator<Item = u32> {
    (3..TRIAL_LIMIT).step_by(2).filter(|n| (3..).step_by(2).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

/// The smallest prime factor below [`TRIAL_LIMIT`]. One division of the long number serves several
/// primes: it is divided by their product first.
fn small_factor(modulus: &[u8]) -> Option<u32> {
    let mut primes = odd_primes().peekable();
    let mut group = Vec::new();
    while primes.peek().is_some() {
        group.clear();
        let mut product: u32 = 1;
        while let Some(larger) = primes.peek().and_then(|prime| product.checked_mul(*prime)) {
            product = larger;
            group.extend(primes.next());
        }
        let rest = remainder(modulus, product);
        if let Some(prime) = group.iter().find(|prime| rest.is_multiple_of(**prime)) {
            return (modulus != prime.to_be_bytes().trim_ascii_start()).then_some(*prime);
        }
    }
    None
}

/// Primes modulo which 65537 generates only a part of the residues. Infineon's primes are
/// k·M + 65537^a mod M with M the product of the first primes, so the modulus is a power of 65537
/// modulo each of them; a sound modulus is so for all seventeen with a chance of 2^-28
/// (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, §3).
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

fn is_roca(modulus: &[u8]) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| is_power_of_65537(remainder(modulus, prime), prime))
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * (65_537 % prime) % prime));
    powers.take(prime as usize).any(|power| power == residue)
}

/// The exponent, when the modulus is a power of one number. A prime factor has more than 13 bits
/// here, which bounds the exponents; a root is taken only when residues allow it.
fn perfect_power(modulus: &[u8]) -> Option<u32> {
    let bits = u32::try_from(modulus.len() * 8).unwrap_or(u32::MAX);
    let number = BigUint::from_bytes_be(modulus);
    let exponents = std::iter::once(2).chain(odd_primes()).take_while(|exponent| *exponent <= bits / 13);
    exponents.filter(|exponent| may_be_power(modulus, *exponent)).find(|exponent| {
        let root = number.nth_root(*exponent);
        let mut power = root.clone();
        (1..*exponent).for_each(|_| power *= &root);
        power == number
    })
}

/// Modulo a prime p = 1 + 2jk a k-th power is 1 when raised to (p-1)/k (Euler's criterion); of
/// other numbers one in k is. Four such primes let few of those through.
fn may_be_power(modulus: &[u8], exponent: u32) -> bool {
    let primes = (1..)
        .map(|j| 2 * j * exponent + 1)
        .filter(|p| (3..).step_by(2).take_while(|d| d * d <= *p).all(|d| p % d != 0));
    primes.take(4).all(|prime| power_mod(remainder(modulus, prime), (prime - 1) / exponent, prime) == 1)
}

fn power_mod(base: u32, exponent: u32, modulus: u32) -> u32 {
    let modulus = u64::from(modulus);
    let (mut result, mut square, mut rest) = (1, u64::from(base) % modulus, exponent);
    while rest > 0 {
        if rest % 2 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        rest /= 2;
    }
    u32::try_from(result).unwrap_or_default() // below `modulus`, which is a u32
}

/// Looks for n = a² - b² with a just above the square root of n; the number of rounds it took.
fn fermat(modulus: &[u8]) -> Option<u32> {
    let number = BigUint::from_bytes_be(modulus);
    let one = BigUint::from(1_u32);
    let mut a = number.sqrt() + &one;
    let mut b_squared = &a * &a - &number;
    for round in 1..=FERMAT_ROUNDS {
        if is_square(&b_squared) {
            return Some(round);
        }
        b_squared += (&a << 1) + &one;
        a += &one;
    }
    None
}

/// Only one number in about 700 gets as far as the square root: the others are no squares modulo
/// 64, 63, 65 or 11 (Cohen, "A Course in Computational Algebraic Number Theory", §1.7.2).
fn is_square(number: &BigUint) -> bool {
    let bytes = number.to_bytes_be();
    let residues_allow =
        [64, 63, 65, 11].into_iter().all(|m: u32| (0..m).any(|root| root * root % m == remainder(&bytes, m)));
    residues_allow && {
        let root = number.sqrt();
        &root * &root == *number
    }
}
