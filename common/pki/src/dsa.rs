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
pub(crate) struct Parameters {
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
pub(crate) fn parameters(spki: &Spki, inherited: Option<&Parameters>) -> Option<Parameters> {
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
pub(crate) fn verify(
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
pub(crate) mod tests {
    use super::*;
    use der::asn1::{Any, BitString};

    const WITH_SHA1: &str = "1.2.840.10040.4.3";
    const WITH_SHA256: &str = "2.16.840.1.101.3.4.3.2";

    /// Toy numbers: p = 7879, q = 101, g = 170, x = 75, y = 4567.
    const P: u64 = 7879;
    const Q: u64 = 101;
    const G: u64 = 170;
    const X: u64 = 75;
    const Y: u64 = 4567;

    fn integer(value: &BigUint) -> Vec<u8> {
        UintRef::new(&value.to_bytes_be()).unwrap().to_der().unwrap()
    }

    fn key(oid: ObjectIdentifier, domain: Option<Any>) -> spki::SubjectPublicKeyInfoOwned {
        let algorithm = spki::AlgorithmIdentifierOwned { oid, parameters: domain };
        let subject_public_key = BitString::from_bytes(&integer(&BigUint::from(Y))).unwrap();
        spki::SubjectPublicKeyInfo { algorithm, subject_public_key }
    }

    fn with_domain(numbers: [&BigUint; 3]) -> Spki {
        let [p, q, g] = numbers.map(BigUint::to_bytes_be);
        let [p, q, g] = [&p, &q, &g].map(|octets| UintRef::new(octets).unwrap());
        let domain = Any::encode_from(&RawParameters { p, q, g }).unwrap();
        Spki::from_der(&key(DSA, Some(domain)).to_der().unwrap()).unwrap()
    }

    fn toy_domain() -> Parameters {
        Parameters { p: P.into(), q: Q.into(), g: G.into() }
    }

    /// The toy key, with its domain parameters or with none.
    pub(crate) fn toy_key(with_parameters: bool) -> spki::SubjectPublicKeyInfoOwned {
        if with_parameters {
            let own = with_domain([&P.into(), &Q.into(), &G.into()]);
            spki::SubjectPublicKeyInfo::from_der(own.der()).unwrap()
        } else {
            key(DSA, None)
        }
    }

    pub(crate) fn toy_algorithm() -> spki::AlgorithmIdentifierOwned {
        spki::AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap(WITH_SHA256), parameters: None }
    }

    fn power(base: u64, exponent: u64, modulus: u64) -> u64 {
        (0..exponent).fold(1, |power, _| power * base % modulus)
    }

    fn octets(r: u64, s: u64) -> Vec<u8> {
        let body = [integer(&r.into()), integer(&s.into())].concat();
        [&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
    }

    /// The toy key's signature over a message, by the formula of FIPS 186-4 §4.6.
    fn toy_signature_of(digest: &[u8]) -> Vec<u8> {
        let z = u64::from(digest[0] >> 1);
        (2..Q)
            .map(|k| {
                let r = power(G, k, P) % Q;
                (r, power(k, Q - 2, Q) * (z + X * r) % Q)
            })
            .find(|(r, s)| *r != 0 && *s != 0)
            .map(|(r, s)| octets(r, s))
            .unwrap()
    }

    pub(crate) fn toy_signature(message: &[u8]) -> Vec<u8> {
        toy_signature_of(digest::digest(&digest::SHA256, message).as_ref())
    }

    /// k = 50, hash 22: r = 94, s = 97.
    #[test]
    fn the_textbook_signature_holds_and_its_neighbours_do_not() {
        // 22 as the leftmost seven bits of one octet.
        let hash = [22 << 1];
        let judge = |y: u64, hash: &[u8], r, s| holds(&toy_domain(), &y.into(), hash, &octets(r, s));
        assert!(judge(Y, &hash, 94, 97));
        for (r, s) in [(93, 97), (94, 96), (0, 97), (94, 0), (Q, 97), (94, Q)] {
            assert!(!judge(Y, &hash, r, s), "{r} {s}");
        }
        assert!(!judge(Y + 1, &hash, 94, 97));
        assert!(!judge(Y, &[23 << 1], 94, 97));
        assert!(!holds(&toy_domain(), &Y.into(), &hash, b"no signature"));
    }

    /// Each of these satisfies the equation; FIPS 186-4 §4.7 refuses it by its range alone.
    #[test]
    fn numbers_out_of_range_are_no_signature_though_the_equation_holds() {
        for (y, hash, r, s) in [(Y, 22, 1, 0), (Y, 1, 0, 52), (Y, 22, 94, 97 + Q), (Y + P, 22, 94, 97)] {
            assert!(!holds(&toy_domain(), &y.into(), &[hash << 1], &octets(r, s)), "{y} {r} {s}");
        }
    }

    /// Nobody proved that a CA's g has the order q; the exponents are reduced by q all the same.
    #[test]
    fn a_generator_of_another_order_is_computed_with_as_the_standard_says() {
        let domain = Parameters { g: 3_u8.into(), ..toy_domain() };
        assert!(holds(&domain, &3_u8.into(), &[22 << 1], &octets(1, 10)));
        assert!(holds(&domain, &3_u8.into(), &[22 << 1], &octets(5, 86)));
    }

    #[test]
    fn both_algorithms_verify_and_no_other_is_dsa() {
        let spki = with_domain([&P.into(), &Q.into(), &G.into()]);
        let judge = |oid: &str, signature: &[u8]| {
            let by = SignatureAlgorithm { oid: oid.to_owned(), parameters: None };
            verify(&spki, &toy_domain(), &by, b"message", signature)
        };
        for (oid, hash) in [(WITH_SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY), (WITH_SHA256, &digest::SHA256)] {
            let signature = toy_signature_of(digest::digest(hash, b"message").as_ref());
            assert_eq!(judge(oid, &signature), Some(true), "{oid}");
            assert_eq!(judge(oid, &octets(94, 0)), Some(false), "{oid}");
        }
        assert_eq!(judge("1.2.840.10045.4.3.2", &octets(94, 97)), None);
    }

    #[test]
    fn domain_parameters_are_taken_only_when_they_can_be_some() {
        let [one, p, q, g] = [1, P, Q, G].map(BigUint::from);
        let largest = |bits: usize| (BigUint::from(1_u8) << bits) - BigUint::from(1_u8);
        let (p3072, q256) = (largest(MAX_P), largest(MAX_Q));
        for (p, q, g, sound) in [
            (&p, &q, &g, true),
            (&p3072, &q256, &g, true),
            (&largest(MAX_P + 1), &q256, &g, false),
            (&p3072, &largest(MAX_Q + 1), &g, false),
            (&p, &one, &g, false),
            (&p, &q, &one, false),
            (&p, &q, &p, false),
            (&p, &p, &g, false),
            (&p, &q, &(&p + &one), false),
            (&p, &(&p + &one), &g, false),
        ] {
            let expected = sound.then(|| Parameters { p: p.clone(), q: q.clone(), g: g.clone() });
            assert_eq!(parameters(&with_domain([p, q, g]), None), expected, "{p} {q} {g}");
        }
    }

    #[test]
    fn a_dsa_key_without_parameters_inherits_them_and_another_key_ends_that() {
        let inherited = toy_domain();
        let spki = |key: spki::SubjectPublicKeyInfoOwned| Spki::from_der(&key.to_der().unwrap()).unwrap();
        for domain in [None, Some(Any::null())] {
            let key = spki(key(DSA, domain));
            assert_eq!(parameters(&key, Some(&inherited)), Some(inherited.clone()));
            assert_eq!(parameters(&key, None), None);
        }
        let rsa = spki(key(ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"), None));
        assert_eq!(parameters(&rsa, Some(&inherited)), None);
    }
}
