//! Rules about the encoding of a request, which may turn out to be none.

use crate::rules::case::{EncodingCase, Fault};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "csr.malformed",
        severity: Severity::Error,
        title: "the document is a certification request",
        citation: "RFC 2986 section 4.2",
        why: "what cannot be read cannot be judged, and another program may read something into it",
        fix: "take the request from its source again, or make it again with a current tool",
        turns_clients_away: false,
        check: Check::Encoding(malformed),
    },
    Rule {
        id: "csr.not_der",
        severity: Severity::Error,
        title: "the request is in distinguished encoding",
        citation: "RFC 2986 section 4.2: the signed part is DER-encoded; X.690 sections 10 and 11",
        why: "two programs that decode and encode it again would sign different things",
        fix: "make the request again with a current tool",
        turns_clients_away: false,
        check: Check::Encoding(not_der),
    },
    Rule {
        id: "csr.trailing_data",
        severity: Severity::Error,
        title: "nothing follows the request in its encoding",
        citation: "RFC 2986 section 4.2; RFC 7468 section 7",
        why: "the signature does not cover what follows, and nobody knows who added it",
        fix: "take the request from its source again",
        turns_clients_away: false,
        check: Check::Encoding(trailing_data),
    },
];

fn malformed(case: &EncodingCase) -> Outcome {
    match &case.fault {
        Some(Fault::Malformed(why)) => Outcome::Fail(vec![Evidence::new(why.as_str())]),
        Some(Fault::NotDer(_)) | None => Outcome::Pass,
    }
}

fn not_der(case: &EncodingCase) -> Outcome {
    match &case.fault {
        Some(Fault::NotDer(why)) => Outcome::Fail(vec![Evidence::new(why.as_str())]),
        Some(Fault::Malformed(_)) | None => Outcome::Pass,
    }
}

fn trailing_data(case: &EncodingCase) -> Outcome {
    Outcome::of(
        (case.trailing > 0)
            .then(|| Evidence::new(format!("{} octets follow the request in its encoding", case.trailing))),
    )
}
