//! What the product sees otherwise than the authors of a suite, and why.

use crate::agreement::Disagreement;

const TIMESTAMPS: &str =
    "signed certificate timestamps (RFC 6962) are not read: a browser's business, not a path's";
const POLICIES: &str =
    "certificate policies are not processed; a critical extension of theirs is refused as unknown";
const PARAMETERS: &str = "the NULL beside the algorithm makes the signature unsupported where it is verified; here there is no issuer to do so";
const KEY_BESIDE: &str =
    "a private key stands in the same file: such input is refused whatever else it holds";

const fn of_certificates(case: &'static str, found: &'static str, reason: &'static str) -> Disagreement {
    Disagreement { suite: "certificates", case, found, reason }
}

const fn of_requests(case: &'static str, found: &'static str, reason: &'static str) -> Disagreement {
    Disagreement { suite: "requests", case, found, reason }
}

pub(crate) static DISAGREEMENTS: &[Disagreement] = &[
    of_certificates("badssl-sct-anonymous-sig.der", "judged", TIMESTAMPS),
    of_certificates("badssl-sct-none-hash.der", "judged", TIMESTAMPS),
    of_certificates("custom/invalid-sct-length.der", "judged", TIMESTAMPS),
    of_certificates("custom/invalid-sct-version.der", "judged", TIMESTAMPS),
    of_certificates("belgian-eid-invalid-visiblestring.pem", "judged", POLICIES),
    of_certificates("custom/cp_invalid.pem", "judged", POLICIES),
    of_certificates("custom/cp_invalid2.der", "judged", POLICIES),
    of_certificates("custom/dsa_null_alg_params.pem", "judged", PARAMETERS),
    of_certificates("custom/ecdsa_null_alg.pem", "judged", PARAMETERS),
    of_certificates("cryptography.io.chain_with_garbage.pem", "not judged", KEY_BESIDE),
    of_certificates("cryptography.io.with_garbage.pem", "not judged", KEY_BESIDE),
    of_certificates("cryptography.io.with_headers.pem", "not judged", KEY_BESIDE),
    of_certificates(
        "custom/malformed-ian.pem",
        "judged",
        "issuerAltName is not read: no path and no TLS client depends on it",
    ),
    of_certificates(
        "custom/malformed-san.pem",
        "judged",
        "an otherName is told as a name of another kind (san.other_kind) and never matched, so its inside is not read",
    ),
    of_requests(
        "freeipa-bad-critical.pem",
        "warning: csr.false_written",
        "a FALSE written out in a requested extension breaks DER but is common (FreeIPA) and harmless: a CA encodes its own",
    ),
];
