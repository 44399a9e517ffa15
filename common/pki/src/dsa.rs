//! DSA signatures, verified and never made ([FIPS 186-4 §4.7](https://doi.org/10.6028/NIST.FIPS.186-4)).
//!
//! No product key is DSA and no TLS 1.3 client takes one; certification paths of RFC 5280 may hold
//! such keys, and a CA may leave the domain parameters to its issuer
//! ([RFC 3279 §2.3.2](https://www.rfc-editor.org/rfc/rfc3279#section-2.3.2)).

use super::signature::SignatureAlgorithm;
use super::spki::Spki;
use crate::oid;
use aws_lc_rs::digest;
use der::asn1::UintRef;
use der::{Decode, Sequence};
use dsa::signature::hazmat::PrehashVerifier;
use dsa::{BoxedUint, Signature, VerifyingKey};
use spki::SubjectPublicKeyInfoRef;

pub(crate) use dsa::Components as Parameters;

/// The lengths of p and q in bits that FIPS 186-4 §4.2 names.
const SIZES: [(u32, u32); 4] = [(1024, 160), (2048, 224), (2048, 256), (3072, 256)];

/// Dss-Parms.
#[derive(Sequence)]
struct Domain<'a> {
    p: UintRef<'a>,
    q: UintRef<'a>,
    g: UintRef<'a>,
}

/// The domain parameters in force after this key: its own, else those it inherits; `None` for a
/// key of another algorithm ([RFC 5280 §6.1.4 (d) to (f)](https://www.rfc-editor.org/rfc/rfc5280#section-6.1.4)).
pub(crate) fn parameters(spki: &Spki, inherited: Option<&Parameters>) -> Option<Parameters> {
    let info = SubjectPublicKeyInfoRef::from_der(spki.der()).ok()?;
    if info.algorithm.oid != oid::DSA {
        return None;
    }
    match info.algorithm.parameters.filter(|any| !any.is_null()) {
        None => inherited.cloned(),
        Some(any) => components(&any.decode_as().ok()?),
    }
}

fn components(domain: &Domain<'_>) -> Option<Parameters> {
    let number = |octets: UintRef<'_>| BoxedUint::from_be_slice_vartime(octets.as_bytes());
    let (p, q) = (number(domain.p), number(domain.q));
    let g = as_wide_as(&p, domain.g)?;
    let is_sound =
        SIZES.contains(&(p.bit_width_vartime(), q.bit_width_vartime())) && g.bit_width_vartime() > 1;
    Parameters::from_components(p, q, g).ok().filter(|_| is_sound)
}

/// A number in as many words as p has: `dsa` 0.7 panics when it meets another width.
fn as_wide_as(p: &BoxedUint, octets: UintRef<'_>) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(octets.as_bytes(), p.bits_precision()).ok()
}

/// Whether the signature is right; `None` when it is none of DSA with SHA-1 or SHA-256.
pub(crate) fn verify(
    spki: &Spki,
    parameters: &Parameters,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let hash = match algorithm.oid {
        oid::DSA_WITH_SHA1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        oid::DSA_WITH_SHA256 => &digest::SHA256,
        _ => return None,
    };
    let holds = || {
        let key = key(UintRef::from_der(spki.key_bytes()).ok()?, parameters)?;
        let signature = Signature::from_der(signature).ok()?;
        key.verify_prehash(digest::digest(hash, message).as_ref(), &signature).ok()
    };
    Some(holds().is_some())
}

fn key(octets: UintRef<'_>, parameters: &Parameters) -> Option<VerifyingKey> {
    let p: &BoxedUint = parameters.p();
    let y = as_wide_as(p, octets).filter(|y| y < p)?;
    VerifyingKey::from_components(parameters.clone(), y).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use data_encoding::HEXUPPER as HEX;
    use der::Encode;
    use der::asn1::{Any, BitString, ObjectIdentifier};
    use proptest::prelude::*;

    /// The key of [RFC 6979 §A.2.1](https://www.rfc-editor.org/rfc/rfc6979#appendix-A.2.1).
    const P: &str = concat!(
        "86F5CA03DCFEB225063FF830A0C769B9DD9D6153AD91D7CE27F787C43278B447E6533B86B18BED6E8A48B784A14C252C",
        "5BE0DBF60B86D6385BD2F12FB763ED8873ABFD3F5BA2E0A8C0A59082EAC056935E529DAF7C610467899C77ADEDFC846C",
        "881870B7B19B2B58F9BE0521A17002E3BDD6B86685EE90B3D9A1B02B782B1779"
    );
    const Q: &str = "996F967F6C8E388D9E28D01E205FBA957A5698B1";
    const G: &str = concat!(
        "07B0F92546150B62514BB771E2A0C0CE387F03BDA6C56B505209FF25FD3C133D89BBCD97E904E09114D9A7DEFDEADFC9",
        "078EA544D2E401AEECC40BB9FBBF78FD87995A10A1C27CB7789B594BA7EFB5C4326A9FE59A070E136DB77175464ADCA4",
        "17BE5DCE2F40D10A46A3A3943F26AB7FD9C0398FF8C76EE0A56826A8A88F1DBD"
    );
    const X: &str = "411602CB19A6CCC34494D79D98EF1E7ED5AF25F7";
    const Y: &str = concat!(
        "5DF5E01DED31D0297E274E1691C192FE5868FEF9E19A84776454B100CF16F65392195A38B90523E2542EE61871C0440C",
        "B87C322FC4B4D2EC5E1E7EC766E1BE8D4CE935437DC11C3C8FD426338933EBFE739CB3465F4D3668C5E473508253B1E6",
        "82F65CBDC4FAE93C2EA212390E54905A86E2223170B44EAA7DA5DD9FFCFB7F3B"
    );

    fn octets(number: &str) -> Vec<u8> {
        HEX.decode(number.as_bytes()).unwrap()
    }

    fn integer(octets: &[u8]) -> Vec<u8> {
        UintRef::new(octets).unwrap().to_der().unwrap()
    }

    fn info(oid: ObjectIdentifier, domain: Option<Any>, y: &[u8]) -> spki::SubjectPublicKeyInfoOwned {
        let algorithm = spki::AlgorithmIdentifierOwned { oid, parameters: domain };
        let subject_public_key = BitString::from_bytes(&integer(y)).unwrap();
        spki::SubjectPublicKeyInfo { algorithm, subject_public_key }
    }

    fn domain([p, q, g]: [&[u8]; 3]) -> Any {
        let [p, q, g] = [p, q, g].map(|octets| UintRef::new(octets).unwrap());
        Any::encode_from(&Domain { p, q, g }).unwrap()
    }

    fn spki(info: &spki::SubjectPublicKeyInfoOwned) -> Spki {
        Spki::from_der(&info.to_der().unwrap()).unwrap()
    }

    /// The key of the RFC, with its domain parameters or with none.
    pub(crate) fn dsa_key(with_parameters: bool) -> spki::SubjectPublicKeyInfoOwned {
        let own = domain([&octets(P), &octets(Q), &octets(G)]);
        info(oid::DSA, with_parameters.then_some(own), &octets(Y))
    }

    pub(crate) fn dsa_algorithm() -> spki::AlgorithmIdentifierOwned {
        spki::AlgorithmIdentifier { oid: oid::DSA_WITH_SHA256, parameters: None }
    }

    /// The signature of the key of the RFC, with SHA-256.
    pub(crate) fn dsa_signature(message: &[u8]) -> Vec<u8> {
        let domain = own_parameters();
        let key = key(UintRef::new(&octets(Y)).unwrap(), &domain).unwrap();
        let x = BoxedUint::from_be_slice_vartime(&octets(X));
        let key = dsa::SigningKey::from_components(key, x).unwrap();
        let digest = digest::digest(&digest::SHA256, message);
        key.sign_prehashed_rfc6979::<sha2::Sha256>(digest.as_ref()).unwrap().to_der().unwrap()
    }

    fn own_parameters() -> Parameters {
        parameters(&spki(&dsa_key(true)), None).unwrap()
    }

    fn signature(r: &[u8], s: &[u8]) -> Vec<u8> {
        let body = [integer(r), integer(s)].concat();
        Any::new(der::Tag::Sequence, body).unwrap().to_der().unwrap()
    }

    fn judge(y: &[u8], oid: ObjectIdentifier, message: &[u8], signature: &[u8]) -> Option<bool> {
        let by = SignatureAlgorithm { oid, parameters: None };
        verify(&spki(&info(oid::DSA, None, y)), &own_parameters(), &by, message, signature)
    }

    const SAMPLE_SHA1: [&str; 2] =
        ["2E1A0C2562B2912CAAF89186FB0F42001585DA55", "29EFB6B0AFF2D7A68EB70CA313022253B9A88DF5"];
    const SAMPLE_SHA256: [&str; 2] =
        ["81F2F5850BE5BC123C43F71A3033E9384611C545", "4CDD914B65EB6C66A8AAAD27299BEE6B035F5E89"];
    const TEST_SHA256: [&str; 2] =
        ["22518C127299B0F6FDC9872B282B9E70D0790812", "6837EC18F150D55DE95B5E29BE7AF5D01E4FE160"];

    #[test]
    fn the_published_signatures_hold_and_their_neighbours_do_not() {
        let y = octets(Y);
        for (oid, message, numbers) in [
            (oid::DSA_WITH_SHA1, "sample", SAMPLE_SHA1),
            (oid::DSA_WITH_SHA256, "sample", SAMPLE_SHA256),
            (oid::DSA_WITH_SHA256, "test", TEST_SHA256),
        ] {
            let [r, s] = numbers.map(octets);
            let judge = |y: &[u8], message: &str, r: &[u8], s: &[u8]| {
                judge(y, oid, message.as_bytes(), &signature(r, s)).unwrap()
            };
            let next = |octets: &[u8]| [&octets[..octets.len() - 1], &[octets.last().unwrap() ^ 1]].concat();
            assert!(judge(&y, message, &r, &s), "{oid} {message}");
            assert!(!judge(&y, "another", &r, &s));
            assert!(!judge(&y, message, &next(&r), &s));
            assert!(!judge(&y, message, &r, &next(&s)));
            assert!(!judge(&next(&y), message, &r, &s));
        }
        assert_eq!(judge(&y, oid::DSA_WITH_SHA256, b"sample", b"no signature"), Some(false));
        assert_eq!(judge(&y, oid::ECDSA_WITH_SHA256, b"sample", &dsa_signature(b"sample")), None);
    }

    /// FIPS 186-4 §4.7 refuses them by their range alone; for the last two the equation holds.
    #[test]
    fn numbers_out_of_range_are_no_signature() {
        use dashu_int::UBig;
        let sum = |a: &str, b: &str| {
            let [a, b] = [a, b].map(|number| UBig::from_be_bytes(&octets(number)));
            (a + b).to_be_bytes().into_vec()
        };
        let [y, q] = [Y, Q].map(octets);
        let [r, s] = SAMPLE_SHA256.map(octets);
        for (y, r, s) in [
            (&y, &[0][..], &s[..]),
            (&y, &r, &[0]),
            (&y, &[0], &[0]),
            (&y, &q, &s),
            (&y, &r, &q),
            (&vec![0], &r, &s),
            (&vec![1], &r, &s),
            (&y, &r, &sum(SAMPLE_SHA256[1], Q)),
            (&sum(Y, P), &r, &s),
        ] {
            assert_eq!(
                judge(y, oid::DSA_WITH_SHA256, b"sample", &signature(r, s)),
                Some(false),
                "{y:?} {r:?} {s:?}"
            );
        }
    }

    #[test]
    fn domain_parameters_are_taken_only_when_they_can_be_some() {
        let [p, q, g] = [P, Q, G].map(octets);
        let longer = |octets: &[u8]| [&[1], octets].concat();
        let even = [&p[..127], &[0x78]].concat();
        for (p, q, g, sound) in [
            (&p[..], &q[..], &g[..], true),
            (&p, &q, &[2], true),
            (&p, &q, &[1], false),
            (&p, &q, &[0], false),
            (&p, &q, &p, false),
            (&p, &q, &longer(&g), false),
            (&p, &q[1..], &g, false),
            (&p, &longer(&q), &g, false),
            (&p[1..], &q, &g[1..], false),
            (&longer(&p), &q, &g, false),
            (&even, &q, &g, false),
            (&p, &[0], &g, false),
        ] {
            let key = spki(&info(oid::DSA, Some(domain([p, q, g])), &octets(Y)));
            assert_eq!(parameters(&key, None).is_some(), sound, "{p:?} {q:?} {g:?}");
        }
    }

    #[test]
    fn a_dsa_key_without_parameters_inherits_them_and_another_key_ends_that() {
        let inherited = own_parameters();
        for domain in [None, Some(Any::null())] {
            let key = spki(&info(oid::DSA, domain, &octets(Y)));
            assert_eq!(parameters(&key, Some(&inherited)), Some(inherited.clone()));
            assert_eq!(parameters(&key, None), None);
        }
        let rsa = spki(&info(oid::RSA, None, &octets(Y)));
        assert_eq!(parameters(&rsa, Some(&inherited)), None);
    }

    /// Any octets, few or many, as an attacker may send them.
    fn any_number() -> impl Strategy<Value = Vec<u8>> {
        let length = prop_oneof![0_usize..3, Just(20), 126_usize..131];
        length.prop_flat_map(|length| prop::collection::vec(any::<u8>(), length))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_numbers_make_it_panic_or_verify(g in any_number(), y in any_number(), q in any::<[u8; 20]>(), r in any_number(), s in any_number()) {
            let p = octets(P);
            let q = [&[q[0] | 0x80], &q[1..]].concat();
            for q in [q, octets(Q)] {
                let key = spki(&info(oid::DSA, Some(domain([&p, &q, &g])), &y));
                let Some(own) = parameters(&key, None) else { continue };
                let by = SignatureAlgorithm { oid: oid::DSA_WITH_SHA1, parameters: None };
                for (r, s) in [(&r, &s), (&octets(SAMPLE_SHA1[0]), &octets(SAMPLE_SHA1[1]))] {
                    prop_assert_eq!(verify(&key, &own, &by, b"sample", &signature(r, s)), Some(false));
                }
            }
        }
    }
}
