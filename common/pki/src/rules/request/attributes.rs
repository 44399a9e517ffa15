//! Rules about the attributes of a request, and extensions a CA should think about.

use crate::extensions::repeated;
use crate::oid::{self, ObjectIdentifier};
use crate::rules::case::RequestCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "csr.duplicate_attribute",
        severity: Severity::Error,
        title: "no attribute occurs twice",
        citation: "RFC 2986 section 4.1: a SET of attributes, of each type one; X.501 section 8.2",
        why: "of two one program reads the first and another the last: what is approved is not what is used",
        fix: "make the request again with each attribute once",
        turns_clients_away: false,
        check: Check::Request(duplicate_attribute),
    },
    Rule {
        id: "csr.attribute_values",
        severity: Severity::Error,
        title: "every attribute has a value, and those of PKCS #9 have one only",
        citation: "RFC 2986 section 4.1: SET SIZE (1..MAX); RFC 2985 sections 5.4.1 and 5.4.2: SINGLE VALUE TRUE",
        why: "of two one program reads the first and another the last: what is approved is not what is used",
        fix: "make the request again with a current tool",
        turns_clients_away: false,
        check: Check::Request(attribute_values),
    },
    Rule {
        id: "csr.attributes_absent",
        severity: Severity::Warning,
        title: "the field for attributes is there, if only empty",
        citation: "RFC 2986 section 4.1: attributes is not OPTIONAL",
        why: "programs that follow the standard to the letter cannot read the request",
        fix: "make the request again with a current tool",
        turns_clients_away: false,
        check: Check::Request(attributes_absent),
    },
    Rule {
        id: "csr.challenge_password",
        severity: Severity::Warning,
        title: "the request has no challengePassword",
        citation: "RFC 2985 section 5.4.1; RFC 8894 section 2.4",
        why: "it is a password in the clear that can revoke the certificate, and everybody who handled the request has read it",
        fix: "make the request again without one, unless your CA asks for it (SCEP)",
        turns_clients_away: false,
        check: Check::Request(challenge_password),
    },
    Rule {
        id: "csr.unstructured_name",
        severity: Severity::Info,
        title: "the request has no unstructuredName or unstructuredAddress",
        citation: "RFC 2985 sections 5.2.2 and 5.2.3",
        why: "a CA that copies it certifies a name nobody validated",
        fix: "nothing needs to be done unless your CA copies it",
        turns_clients_away: false,
        check: Check::Request(unstructured_name),
    },
    Rule {
        id: "csr.microsoft",
        severity: Severity::Info,
        title: "the request has no attributes or extensions of Microsoft's enrolment",
        citation: "MS-WCCE section 2.2.2.7: OS version, client info, certificate template",
        why: "they name the machine and the user that made it, and a template that only a Microsoft CA knows",
        fix: "nothing needs to be done; another CA ignores them",
        turns_clients_away: false,
        check: Check::Request(microsoft),
    },
    Rule {
        id: "csr.unknown_attribute",
        severity: Severity::Info,
        title: "every attribute is one of PKCS #9 or Microsoft's",
        citation: "RFC 2986 section 4.1; RFC 2985 section 5.4",
        why: "nobody knows what the requester expects of it",
        fix: "ask what it is for",
        turns_clients_away: false,
        check: Check::Request(unknown_attribute),
    },
    Rule {
        id: "csr.unknown_critical",
        severity: Severity::Warning,
        title: "every extension requested as critical is one TLS clients process",
        citation: "RFC 5280 section 4.2: a client that does not know a critical extension refuses the certificate",
        why: "copied into the certificate it makes every client refuse it",
        fix: "ask for it without the critical flag, or leave it out",
        turns_clients_away: false,
        check: Check::Request(unknown_critical),
    },
    Rule {
        id: "csr.false_written",
        severity: Severity::Warning,
        title: "no requested extension writes out that it is not critical",
        citation: "RFC 2986 section 4.2; X.690 section 11.5: DER leaves a default out",
        why: "strict programs refuse to read such a request; a CA that encodes its own certificate is not harmed",
        fix: "make the request again with a current tool, if the CA refuses it",
        turns_clients_away: false,
        check: Check::Request(false_written),
    },
    Rule {
        id: "csr.must_staple",
        severity: Severity::Warning,
        title: "the request does not ask for must-staple",
        citation: "RFC 7633 section 4.2.3; RFC 6961",
        why: "a server that does not staple an OCSP response is then refused by clients, and CAs are ending OCSP",
        fix: "leave the TLS feature extension out unless the server is known to staple",
        turns_clients_away: false,
        check: Check::Request(must_staple),
    },
];

const UNSTRUCTURED: [ObjectIdentifier; 2] = [oid::UNSTRUCTURED_NAME, oid::UNSTRUCTURED_ADDRESS];

fn duplicate_attribute(case: &RequestCase<'_>) -> Outcome {
    let repeated = repeated(case.csr.attributes().iter().copied());
    Outcome::of(repeated.iter().map(|oid| Evidence::new(format!("attribute {oid} occurs more than once"))))
}

fn attribute_values(case: &RequestCase<'_>) -> Outcome {
    let counted = case.csr.attributes().iter().zip(case.csr.value_counts());
    Outcome::of(counted.filter_map(|(oid, count)| match count {
        0 => Some(Evidence::new(format!("attribute {oid} has no value"))),
        1 => None,
        more if oid::is_below(*oid, oid::PKCS_9) => {
            Some(Evidence::new(format!("attribute {oid} has {more} values, expected one")))
        }
        _ => None,
    }))
}

fn false_written(case: &RequestCase<'_>) -> Outcome {
    Outcome::of(case.csr.writes_false().then(|| Evidence::new("an extension has critical FALSE written out")))
}

fn attributes_absent(case: &RequestCase<'_>) -> Outcome {
    let absent = !case.csr.has_attributes_field();
    Outcome::of(absent.then(|| Evidence::new("the field for attributes is missing, expected an empty one")))
}

/// One evidence for each attribute that `is_faulty`.
fn attributes(case: &RequestCase<'_>, what: &str, is_faulty: impl Fn(ObjectIdentifier) -> bool) -> Outcome {
    let found = case.csr.attributes().iter().filter(|oid| is_faulty(**oid));
    Outcome::of(found.map(|oid| Evidence::new(format!("the request has {what} ({oid})"))))
}

fn challenge_password(case: &RequestCase<'_>) -> Outcome {
    attributes(case, "a challengePassword", |oid| oid == oid::CHALLENGE_PASSWORD)
}

fn unstructured_name(case: &RequestCase<'_>) -> Outcome {
    attributes(case, "an unstructuredName or unstructuredAddress", |oid| UNSTRUCTURED.contains(&oid))
}

fn microsoft(case: &RequestCase<'_>) -> Outcome {
    let is_microsoft = |oid: &&ObjectIdentifier| {
        oid::is_below(**oid, oid::MICROSOFT) && !oid::EXTENSION_REQUESTS.contains(oid)
    };
    let attributes = case.csr.attributes().iter().filter(is_microsoft);
    let extensions = case.csr.extensions().all.iter().map(|(oid, _)| oid).filter(is_microsoft);
    Outcome::of(
        attributes
            .map(|oid| format!("the request has Microsoft's attribute {oid}"))
            .chain(extensions.map(|oid| format!("the request has Microsoft's extension {oid}")))
            .map(Evidence::new),
    )
}

fn unknown_attribute(case: &RequestCase<'_>) -> Outcome {
    let known = |oid| {
        oid::is_below(oid, oid::MICROSOFT)
            || UNSTRUCTURED.contains(&oid)
            || oid::EXTENSION_REQUESTS.contains(&oid)
            || oid == oid::CHALLENGE_PASSWORD
    };
    attributes(case, "an attribute nobody here knows", |oid| !known(oid))
}

fn unknown_critical(case: &RequestCase<'_>) -> Outcome {
    const PROCESSED: [ObjectIdentifier; 6] = [
        oid::KEY_USAGE,
        oid::SUBJECT_ALT_NAME,
        oid::BASIC_CONSTRAINTS,
        oid::NAME_CONSTRAINTS,
        oid::CERTIFICATE_POLICIES,
        oid::EXTENDED_KEY_USAGE,
    ];
    let unknown = case.csr.extensions().critical().filter(|oid| !PROCESSED.contains(oid));
    Outcome::of(unknown.map(|oid| Evidence::new(format!("extension {oid} is requested as critical"))))
}

fn must_staple(case: &RequestCase<'_>) -> Outcome {
    let asked = case.csr.extensions().all.iter().any(|(oid, _)| *oid == oid::TLS_FEATURE);
    Outcome::of(asked.then(|| Evidence::new("the request asks for the TLS feature extension (must-staple)")))
}
