//! DSA signatures, verified and never made ([FIPS 186-4 §4.7](https://doi.org/10.6028/NIST.FIPS.186-4)).
//!
//! No product key is DSA and no TLS 1.3 client takes one; certification paths of RFC 5280 may hold
//! such keys, and a CA may leave the domain parameters to its issuer
//! ([RFC 3279 §2.3.2](https://www.rfc-editor.org/rfc/rfc3279#section-2.3.2)).

use super::signature::SignatureAlgorithm;
use super::spki::Spki;
use aws_lc_rs::digest;
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence};
use rsa::BigUint;
use spki::SubjectPublicKeyInfoRef;

const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// Most bits of p: the largest size FIPS 186-4 §4.2 names.
const MAX_P: usize = 3072;
/// Most bits of q, likewise.
const MAX_Q: usize = 256;

/// Dss-Parms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pki) struct Parameters {
    p: BigUint,
    q: BigUint,
    g: BigUint,
}

#[derive(Sequence)]
struct RawParameters<'a> {
    p: UintRef<'a>,
    q: UintRef<'a>,
    g: UintRef<'a>,
}

#[derive(Sequence)]
struct RawSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

fn number(value: UintRef<'_>) -> BigUint {
    BigUint::from_bytes_be(value.as_bytes())
}

/// The domain parameters in force after this key: its own, else those it inherits; `None` for a
/// key of another algorithm ([RFC 5280 §6.1.4 (d) to (f)](https://www.rfc-editor.org/rfc/rfc5280#section-6.1.4)).
pub(in crate::pki) fn parameters(spki: &Spki, inherited: Option<&Parameters>) -> Option<Parameters> {
    let info = SubjectPublicKeyInfoRef::from_der(spki.der()).ok()?;
    if info.algorithm.oid != DSA {
        return None;
    }
    match info.algorithm.parameters.filter(|any| !any.is_null()) {
        None => inherited.cloned(),
        Some(any) => {
            let der = any.to_der().ok()?;
            let raw = RawParameters::from_der(&der).ok()?;
            let found = Parameters { p: number(raw.p), q: number(raw.q), g: number(raw.g) };
            let one = BigUint::from(1_u8);
            let sane = found.p.bits() <= MAX_P && found.q.bits() <= MAX_Q;
            (sane && found.q > one && found.g > one && found.g < found.p && found.q < found.p)
                .then_some(found)
        }
    }
}

/// Whether the signature is right; `None` when it is none of DSA with SHA-1 or SHA-256.
pub(in crate::pki) fn verify(
    spki: &Spki,
    parameters: &Parameters,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let hash = match algorithm.oid.as_str() {
        "1.2.840.10040.4.3" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "2.16.840.1.101.3.4.3.2" => &digest::SHA256,
        _ => return None,
    };
    let y = number(UintRef::from_der(spki.key_bytes()).ok()?);
    Some(holds(parameters, &y, digest::digest(hash, message).as_ref(), signature))
}

fn holds(Parameters { p, q, g }: &Parameters, y: &BigUint, hash: &[u8], signature: &[u8]) -> bool {
    let Ok(RawSignature { r, s }) = RawSignature::from_der(signature) else { return false };
    let (r, s, zero) = (number(r), number(s), BigUint::from(0_u8));
    if r == zero || s == zero || r >= *q || s >= *q || *y >= *p {
        return false;
    }
    // The leftmost bits of the hash, as many as q has.
    let surplus = (hash.len() * 8).saturating_sub(q.bits());
    let z = BigUint::from_bytes_be(hash) >> surplus;
    // q is prime: the inverse of s is its power q - 2.
    let w = s.modpow(&(q - BigUint::from(2_u8)), q);
    let (u1, u2) = ((z * &w) % q, (&r * w) % q);
    let v = (g.modpow(&u1, p) * y.modpow(&u2, p)) % p % q;
    v == r
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Toy numbers: p = 7879, q = 101, g = 170, x = 75, y = 4567, k = 50, hash 22: r = 94, s = 97.
    #[test]
    fn the_textbook_signature_holds_and_its_neighbours_do_not() {
        let big = |value: u32| BigUint::from(value);
        let parameters = Parameters { p: big(7879), q: big(101), g: big(170) };
        // 22 as the leftmost seven bits of one octet.
        let hash = [22 << 1];
        let signature = |r: u8, s: u8| [0x30, 6, 2, 1, r, 2, 1, s];
        assert!(holds(&parameters, &big(4567), &hash, &signature(94, 97)));
        for (r, s) in [(93, 97), (94, 96), (0, 97), (94, 0), (101, 97), (94, 101)] {
            assert!(!holds(&parameters, &big(4567), &hash, &signature(r, s)), "{r} {s}");
        }
        assert!(!holds(&parameters, &big(4568), &hash, &signature(94, 97)));
        assert!(!holds(&parameters, &big(4567), &[23 << 1], &signature(94, 97)));
        assert!(!holds(&parameters, &big(4567), &hash, b"no signature"));
    }
}
