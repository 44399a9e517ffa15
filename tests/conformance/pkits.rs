//! The [NIST PKITS](https://csrc.nist.gov/projects/pki-testing) (version 1.0.1): its paths under
//! `check_certs --profile rfc5280`.
//!
//! Here are the sections that need neither revocation lists nor a policy engine, which `check_certs`
//! does not have: 4.1 to 4.3, 4.5 to 4.7, 4.13, and 4.16. Of these, five cases are left out because
//! their only fault is in a list: 4.5.2, 4.5.5, 4.5.7, 4.7.4, and 4.7.5.

use crate::agreement::{Case, agree};
use crate::vectors;
use pki::pem;
use std::path::Path;

const VALID: &str = "valid";
const INVALID: &str = "invalid";
/// Within the validity of what shall be valid: most of it ends in 2030.
const MOMENT: &str = "2024-01-01T00:00:00Z";

#[test]
fn pkits() {
    let Some(certificates) = vectors::folder("NIST PKITS", "x509/PKITS_data/certs") else { return };
    let world = crate::world();
    let read = |name: &str| pem_of(&certificates.join(format!("{name}.crt")));
    world.write("root.pem", read("TrustAnchorRootCertificate"));
    for (case, _, path) in CASES {
        // From the end entity up, as a server sends them.
        let chain: String = path.split(' ').rev().map(read).collect();
        world.write(&format!("chains/{case}"), chain);
    }
    let words = ["--profile", "rfc5280", "--at-time", MOMENT, "--trust-anchors", "root.pem"];
    let judged =
        vectors::judged(&world.check_certs([&words[..], &["--format", "ndjson", "chains"]].concat()));
    let cases: Vec<_> = CASES
        .iter()
        .map(|(case, expected, _)| {
            let verdict = &judged[&format!("chains/{case}")].verdict;
            let is_valid = verdict == "ok" || verdict == "warning";
            let found = if is_valid { VALID } else { INVALID };
            Case { name: (*case).into(), expected: (*expected).into(), found: found.into() }
        })
        .collect();
    agree("pkits", &cases);
}

fn pem_of(path: &Path) -> String {
    pem::encode("CERTIFICATE", &std::fs::read(path).unwrap())
}

/// Case, verdict, and path from below the trust anchor to the end entity.
#[rustfmt::skip]
const CASES: [(&str, &str, &str); 90] = [
    // 4.1: signature verification.
    ("4.1.1", VALID, "GoodCACert ValidCertificatePathTest1EE"),
    ("4.1.2", INVALID, "BadSignedCACert InvalidCASignatureTest2EE"),
    ("4.1.3", INVALID, "GoodCACert InvalidEESignatureTest3EE"),
    ("4.1.4", VALID, "DSACACert ValidDSASignaturesTest4EE"),
    ("4.1.5", VALID, "DSACACert DSAParametersInheritedCACert ValidDSAParameterInheritanceTest5EE"),
    ("4.1.6", INVALID, "DSACACert InvalidDSASignatureTest6EE"),
    // 4.2: validity periods.
    ("4.2.1", INVALID, "BadnotBeforeDateCACert InvalidCAnotBeforeDateTest1EE"),
    ("4.2.2", INVALID, "GoodCACert InvalidEEnotBeforeDateTest2EE"),
    ("4.2.3", VALID, "GoodCACert Validpre2000UTCnotBeforeDateTest3EE"),
    ("4.2.4", VALID, "GoodCACert ValidGeneralizedTimenotBeforeDateTest4EE"),
    ("4.2.5", INVALID, "BadnotAfterDateCACert InvalidCAnotAfterDateTest5EE"),
    ("4.2.6", INVALID, "GoodCACert InvalidEEnotAfterDateTest6EE"),
    ("4.2.7", INVALID, "GoodCACert Invalidpre2000UTCEEnotAfterDateTest7EE"),
    ("4.2.8", VALID, "GoodCACert ValidGeneralizedTimenotAfterDateTest8EE"),
    // 4.3: name chaining.
    ("4.3.1", INVALID, "GoodCACert InvalidNameChainingTest1EE"),
    ("4.3.2", INVALID, "NameOrderingCACert InvalidNameChainingOrderTest2EE"),
    ("4.3.3", VALID, "GoodCACert ValidNameChainingWhitespaceTest3EE"),
    ("4.3.4", VALID, "GoodCACert ValidNameChainingWhitespaceTest4EE"),
    ("4.3.5", VALID, "GoodCACert ValidNameChainingCapitalizationTest5EE"),
    ("4.3.6", VALID, "UIDCACert ValidNameUIDsTest6EE"),
    ("4.3.7", VALID, "RFC3280MandatoryAttributeTypesCACert ValidRFC3280MandatoryAttributeTypesTest7EE"),
    ("4.3.8", VALID, "RFC3280OptionalAttributeTypesCACert ValidRFC3280OptionalAttributeTypesTest8EE"),
    ("4.3.9", VALID, "UTF8StringEncodedNamesCACert ValidUTF8StringEncodedNamesTest9EE"),
    ("4.3.10", VALID, "RolloverfromPrintableStringtoUTF8StringCACert ValidRolloverfromPrintableStringtoUTF8StringTest10EE"),
    ("4.3.11", VALID, "UTF8StringCaseInsensitiveMatchCACert ValidUTF8StringCaseInsensitiveMatchTest11EE"),
    // 4.5: self-issued certificates.
    ("4.5.1", VALID, "BasicSelfIssuedNewKeyCACert BasicSelfIssuedNewKeyOldWithNewCACert ValidBasicSelfIssuedOldWithNewTest1EE"),
    ("4.5.3", VALID, "BasicSelfIssuedOldKeyCACert BasicSelfIssuedOldKeyNewWithOldCACert ValidBasicSelfIssuedNewWithOldTest3EE"),
    ("4.5.4", VALID, "BasicSelfIssuedOldKeyCACert BasicSelfIssuedOldKeyNewWithOldCACert ValidBasicSelfIssuedNewWithOldTest4EE"),
    ("4.5.6", VALID, "BasicSelfIssuedCRLSigningKeyCACert BasicSelfIssuedCRLSigningKeyCRLCert ValidBasicSelfIssuedCRLSigningKeyTest6EE"),
    ("4.5.8", INVALID, "BasicSelfIssuedCRLSigningKeyCACert BasicSelfIssuedCRLSigningKeyCRLCert InvalidBasicSelfIssuedCRLSigningKeyTest8EE"),
    // 4.6: basic constraints.
    ("4.6.1", INVALID, "MissingbasicConstraintsCACert InvalidMissingbasicConstraintsTest1EE"),
    ("4.6.2", INVALID, "basicConstraintsCriticalcAFalseCACert InvalidcAFalseTest2EE"),
    ("4.6.3", INVALID, "basicConstraintsNotCriticalcAFalseCACert InvalidcAFalseTest3EE"),
    ("4.6.4", VALID, "basicConstraintsNotCriticalCACert ValidbasicConstraintsNotCriticalTest4EE"),
    ("4.6.5", INVALID, "pathLenConstraint0CACert pathLenConstraint0subCACert InvalidpathLenConstraintTest5EE"),
    ("4.6.6", INVALID, "pathLenConstraint0CACert pathLenConstraint0subCACert InvalidpathLenConstraintTest6EE"),
    ("4.6.7", VALID, "pathLenConstraint0CACert ValidpathLenConstraintTest7EE"),
    ("4.6.8", VALID, "pathLenConstraint0CACert ValidpathLenConstraintTest8EE"),
    ("4.6.9", INVALID, "pathLenConstraint6CACert pathLenConstraint6subCA0Cert pathLenConstraint6subsubCA00Cert InvalidpathLenConstraintTest9EE"),
    ("4.6.10", INVALID, "pathLenConstraint6CACert pathLenConstraint6subCA0Cert pathLenConstraint6subsubCA00Cert InvalidpathLenConstraintTest10EE"),
    ("4.6.11", INVALID, "pathLenConstraint6CACert pathLenConstraint6subCA1Cert pathLenConstraint6subsubCA11Cert pathLenConstraint6subsubsubCA11XCert InvalidpathLenConstraintTest11EE"),
    ("4.6.12", INVALID, "pathLenConstraint6CACert pathLenConstraint6subCA1Cert pathLenConstraint6subsubCA11Cert pathLenConstraint6subsubsubCA11XCert InvalidpathLenConstraintTest12EE"),
    ("4.6.13", VALID, "pathLenConstraint6CACert pathLenConstraint6subCA4Cert pathLenConstraint6subsubCA41Cert pathLenConstraint6subsubsubCA41XCert ValidpathLenConstraintTest13EE"),
    ("4.6.14", VALID, "pathLenConstraint6CACert pathLenConstraint6subCA4Cert pathLenConstraint6subsubCA41Cert pathLenConstraint6subsubsubCA41XCert ValidpathLenConstraintTest14EE"),
    ("4.6.15", VALID, "pathLenConstraint0CACert pathLenConstraint0SelfIssuedCACert ValidSelfIssuedpathLenConstraintTest15EE"),
    ("4.6.16", INVALID, "pathLenConstraint0CACert pathLenConstraint0SelfIssuedCACert pathLenConstraint0subCA2Cert InvalidSelfIssuedpathLenConstraintTest16EE"),
    ("4.6.17", VALID, "pathLenConstraint1CACert pathLenConstraint1SelfIssuedCACert pathLenConstraint1subCACert pathLenConstraint1SelfIssuedsubCACert ValidSelfIssuedpathLenConstraintTest17EE"),
    // 4.7: key usage.
    ("4.7.1", INVALID, "keyUsageCriticalkeyCertSignFalseCACert InvalidkeyUsageCriticalkeyCertSignFalseTest1EE"),
    ("4.7.2", INVALID, "keyUsageNotCriticalkeyCertSignFalseCACert InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE"),
    ("4.7.3", VALID, "keyUsageNotCriticalCACert ValidkeyUsageNotCriticalTest3EE"),
    // 4.13: name constraints.
    ("4.13.1", VALID, "nameConstraintsDN1CACert ValidDNnameConstraintsTest1EE"),
    ("4.13.2", INVALID, "nameConstraintsDN1CACert InvalidDNnameConstraintsTest2EE"),
    ("4.13.3", INVALID, "nameConstraintsDN1CACert InvalidDNnameConstraintsTest3EE"),
    ("4.13.4", VALID, "nameConstraintsDN1CACert ValidDNnameConstraintsTest4EE"),
    ("4.13.5", VALID, "nameConstraintsDN2CACert ValidDNnameConstraintsTest5EE"),
    ("4.13.6", VALID, "nameConstraintsDN3CACert ValidDNnameConstraintsTest6EE"),
    ("4.13.7", INVALID, "nameConstraintsDN3CACert InvalidDNnameConstraintsTest7EE"),
    ("4.13.8", INVALID, "nameConstraintsDN4CACert InvalidDNnameConstraintsTest8EE"),
    ("4.13.9", INVALID, "nameConstraintsDN4CACert InvalidDNnameConstraintsTest9EE"),
    ("4.13.10", INVALID, "nameConstraintsDN5CACert InvalidDNnameConstraintsTest10EE"),
    ("4.13.11", VALID, "nameConstraintsDN5CACert ValidDNnameConstraintsTest11EE"),
    ("4.13.12", INVALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA1Cert InvalidDNnameConstraintsTest12EE"),
    ("4.13.13", INVALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA2Cert InvalidDNnameConstraintsTest13EE"),
    ("4.13.14", VALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA2Cert ValidDNnameConstraintsTest14EE"),
    ("4.13.15", INVALID, "nameConstraintsDN3CACert nameConstraintsDN3subCA1Cert InvalidDNnameConstraintsTest15EE"),
    ("4.13.16", INVALID, "nameConstraintsDN3CACert nameConstraintsDN3subCA1Cert InvalidDNnameConstraintsTest16EE"),
    ("4.13.17", INVALID, "nameConstraintsDN3CACert nameConstraintsDN3subCA2Cert InvalidDNnameConstraintsTest17EE"),
    ("4.13.18", VALID, "nameConstraintsDN3CACert nameConstraintsDN3subCA2Cert ValidDNnameConstraintsTest18EE"),
    ("4.13.19", VALID, "nameConstraintsDN1CACert nameConstraintsDN1SelfIssuedCACert ValidDNnameConstraintsTest19EE"),
    ("4.13.20", INVALID, "nameConstraintsDN1CACert InvalidDNnameConstraintsTest20EE"),
    ("4.13.21", VALID, "nameConstraintsRFC822CA1Cert ValidRFC822nameConstraintsTest21EE"),
    ("4.13.22", INVALID, "nameConstraintsRFC822CA1Cert InvalidRFC822nameConstraintsTest22EE"),
    ("4.13.23", VALID, "nameConstraintsRFC822CA2Cert ValidRFC822nameConstraintsTest23EE"),
    ("4.13.24", INVALID, "nameConstraintsRFC822CA2Cert InvalidRFC822nameConstraintsTest24EE"),
    ("4.13.25", VALID, "nameConstraintsRFC822CA3Cert ValidRFC822nameConstraintsTest25EE"),
    ("4.13.26", INVALID, "nameConstraintsRFC822CA3Cert InvalidRFC822nameConstraintsTest26EE"),
    ("4.13.27", VALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA3Cert ValidDNandRFC822nameConstraintsTest27EE"),
    ("4.13.28", INVALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA3Cert InvalidDNandRFC822nameConstraintsTest28EE"),
    ("4.13.29", INVALID, "nameConstraintsDN1CACert nameConstraintsDN1subCA3Cert InvalidDNandRFC822nameConstraintsTest29EE"),
    ("4.13.30", VALID, "nameConstraintsDNS1CACert ValidDNSnameConstraintsTest30EE"),
    ("4.13.31", INVALID, "nameConstraintsDNS1CACert InvalidDNSnameConstraintsTest31EE"),
    ("4.13.32", VALID, "nameConstraintsDNS2CACert ValidDNSnameConstraintsTest32EE"),
    ("4.13.33", INVALID, "nameConstraintsDNS2CACert InvalidDNSnameConstraintsTest33EE"),
    ("4.13.34", VALID, "nameConstraintsURI1CACert ValidURInameConstraintsTest34EE"),
    ("4.13.35", INVALID, "nameConstraintsURI1CACert InvalidURInameConstraintsTest35EE"),
    ("4.13.36", VALID, "nameConstraintsURI2CACert ValidURInameConstraintsTest36EE"),
    ("4.13.37", INVALID, "nameConstraintsURI2CACert InvalidURInameConstraintsTest37EE"),
    ("4.13.38", INVALID, "nameConstraintsDNS1CACert InvalidDNSnameConstraintsTest38EE"),
    // 4.16: private certificate extensions.
    ("4.16.1", VALID, "ValidUnknownNotCriticalCertificateExtensionTest1EE"),
    ("4.16.2", INVALID, "InvalidUnknownCriticalCertificateExtensionTest2EE"),
];
