//! Extensions of certificates and of extension requests ([RFC 5280 §4.2](https://www.rfc-editor.org/rfc/rfc5280#section-4.2)), parsed but not judged.

use super::name::GeneralName;
use crate::encoding;
use crate::oid::{self, ObjectIdentifier, Oid};
use common::Untrusted;
use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Sequence};
use std::collections::HashMap;
use std::hash::Hash;
use x509_parser::extensions::{self as x509, ParsedExtension, X509Extension};

/// One parsed extension value, or the reason why it could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// Whether it is marked critical.
    pub critical: bool,
    /// The value; `Err` says why the DER could not be read.
    pub value: Result<T, String>,
}

/// basicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "field names of the standard")]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_len: Option<u32>,
}

/// keyUsage as the nine named bits, digitalSignature is bit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// Bit 0.
    pub const DIGITAL_SIGNATURE: u16 = 1;
    /// Bit 2.
    pub const KEY_ENCIPHERMENT: u16 = 1 << 2;
    /// Bit 4.
    pub const KEY_AGREEMENT: u16 = 1 << 4;
    /// Bit 5.
    pub const KEY_CERT_SIGN: u16 = 1 << 5;
    /// Bit 6.
    pub const CRL_SIGN: u16 = 1 << 6;
    /// The names of bits 0 to 8 ([RFC 5280 §4.2.1.3](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3)).
    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];
    /// Whether all these bits are set.
    pub const fn has(self, bits: u16) -> bool {
        self.0 & bits == bits
    }
    /// The names of the bits that are set, as RFC 5280 spells them.
    pub fn names(self) -> Vec<&'static str> {
        (0..).zip(Self::NAMES).filter(|(bit, _)| self.has(1 << bit)).map(|(_, name)| name).collect()
    }
}

/// nameConstraints: the bases of both kinds of subtrees. An IP subtree is an address and a mask and
/// so is kept as octets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "field names of the standard")]
pub struct NameConstraints {
    pub permitted: Option<Vec<GeneralName>>,
    pub excluded: Option<Vec<GeneralName>>,
}

/// The extensions of one document. Of an extension that occurs twice, the first is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// basicConstraints.
    pub basic_constraints: Option<Found<BasicConstraints>>,
    /// keyUsage.
    pub key_usage: Option<Found<KeyUsage>>,
    /// extendedKeyUsage, in order.
    pub extended_key_usage: Option<Found<Vec<ObjectIdentifier>>>,
    /// subjectAltName.
    pub subject_alt_name: Option<Found<Vec<GeneralName>>>,
    /// subjectKeyIdentifier.
    pub subject_key_id: Option<Found<Vec<u8>>>,
    /// authorityKeyIdentifier, its keyIdentifier if present.
    pub authority_key_id: Option<Found<Option<Vec<u8>>>>,
    /// Whether authorityKeyIdentifier names the issuer's certificate (authorityCertIssuer or
    /// authorityCertSerialNumber).
    pub authority_certificate: bool,
    /// nameConstraints.
    pub name_constraints: Option<Found<NameConstraints>>,
    /// authorityInfoAccess, its caIssuers URIs.
    pub information_access: Option<Found<Vec<Untrusted>>>,
    /// caIssuers URIs of authorityInfoAccess.
    pub ca_issuers: Vec<Untrusted>,
    /// Every extension in order: which, critical.
    pub all: Vec<(ObjectIdentifier, bool)>,
}

impl Extensions {
    /// Parses a list of extensions. Each fault is kept where it belongs; `None` only when an extension's own
    /// OID is one that no strict decoder takes.
    pub(crate) fn parse(extensions: &[X509Extension<'_>]) -> Option<Self> {
        let mut found = Self::default();
        for extension in extensions {
            found.take(extension)?;
        }
        Some(found)
    }

    /// OIDs that occur more than once, each named once.
    pub fn duplicates(&self) -> Vec<ObjectIdentifier> {
        repeated(self.all.iter().map(|(oid, _)| *oid))
    }

    /// Those marked critical, in order.
    pub(crate) fn critical(&self) -> impl Iterator<Item = ObjectIdentifier> {
        self.all.iter().filter(|(_, critical)| *critical).map(|(oid, _)| *oid)
    }

    /// The SANs, empty when absent or unreadable.
    pub fn names(&self) -> &[GeneralName] {
        match &self.subject_alt_name {
            Some(Found { value: Ok(names), .. }) => names,
            Some(Found { value: Err(_), .. }) | None => &[],
        }
    }

    fn take(&mut self, extension: &X509Extension<'_>) -> Option<()> {
        let oid = Oid::read(&extension.oid).held()?;
        match oid {
            oid::BASIC_CONSTRAINTS => keep(&mut self.basic_constraints, extension, basic_constraints),
            oid::KEY_USAGE => keep(&mut self.key_usage, extension, key_usage),
            oid::EXTENDED_KEY_USAGE => keep(&mut self.extended_key_usage, extension, extended_key_usage),
            oid::SUBJECT_ALT_NAME => keep(&mut self.subject_alt_name, extension, subject_alt_name),
            oid::SUBJECT_KEY_ID => keep(&mut self.subject_key_id, extension, subject_key_id),
            oid::AUTHORITY_KEY_ID => {
                keep(&mut self.authority_key_id, extension, authority_key_id);
                self.authority_certificate |= names_a_certificate(extension);
            }
            oid::NAME_CONSTRAINTS => keep(&mut self.name_constraints, extension, name_constraints),
            oid::INFORMATION_ACCESS => {
                keep(&mut self.information_access, extension, information_access);
                self.ca_issuers.extend(information_access(extension).unwrap_or_default());
            }
            _ => {}
        }
        self.all.push((oid, extension.critical));
        Some(())
    }
}

/// What occurs more than once, each named once, in order. A document may hold a hundred thousand.
pub(super) fn repeated<T: Clone + Eq + Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashMap::<_, usize>::new();
    let mut repeated = Vec::new();
    for item in items {
        let count = seen.entry(item.clone()).or_default();
        *count += 1;
        if *count == 2 {
            repeated.push(item);
        }
    }
    repeated
}

fn keep<T>(
    slot: &mut Option<Found<T>>,
    extension: &X509Extension<'_>,
    read: fn(&X509Extension<'_>) -> Result<T, String>,
) {
    slot.get_or_insert_with(|| Found { critical: extension.critical, value: read(extension) });
}

/// The whole value must be one strict encoding; x509-parser ignores what stands behind it.
fn strictly<'a, T: Decode<'a, Error = der::Error>>(extension: &X509Extension<'a>) -> Result<T, String> {
    T::from_der(extension.value).map_err(|error| encoding::fault(&error))
}

/// `cA` is read whether present or not: FALSE written out breaks DER but is common and harmless.
#[derive(Sequence)]
struct RawBasicConstraints {
    ca: Option<bool>,
    path_len: Option<u32>,
}

fn basic_constraints(extension: &X509Extension<'_>) -> Result<BasicConstraints, String> {
    let raw: RawBasicConstraints = strictly(extension)?;
    Ok(BasicConstraints { ca: raw.ca.unwrap_or(false), path_len: raw.path_len })
}

fn key_usage(extension: &X509Extension<'_>) -> Result<KeyUsage, String> {
    let bits: BitStringRef<'_> = strictly(extension)?;
    if bits.bit_len() > KeyUsage::NAMES.len() {
        return Err(format!("{} bits, the standard names 9", bits.bit_len()));
    }
    Ok(KeyUsage((0..).zip(bits.bits()).map(|(bit, set)| u16::from(set) << bit).sum()))
}

fn extended_key_usage(extension: &X509Extension<'_>) -> Result<Vec<ObjectIdentifier>, String> {
    let purposes: Vec<ObjectIdentifier> = strictly(extension)?;
    if purposes.is_empty() {
        return Err("empty, the standard wants one purpose or more".to_owned());
    }
    Ok(purposes.into_iter().map(oid::shortest).collect())
}

fn subject_key_id(extension: &X509Extension<'_>) -> Result<Vec<u8>, String> {
    strictly::<&OctetStringRef>(extension).map(|id| id.as_bytes().to_vec())
}

fn subject_alt_name(extension: &X509Extension<'_>) -> Result<Vec<GeneralName>, String> {
    strictly::<AnyRef<'_>>(extension)?;
    let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else {
        return Err("not a list of names".to_owned());
    };
    Ok(names.general_names.iter().map(GeneralName::from).collect())
}

fn authority_key_id(extension: &X509Extension<'_>) -> Result<Option<Vec<u8>>, String> {
    strictly::<AnyRef<'_>>(extension)?;
    let ParsedExtension::AuthorityKeyIdentifier(issuer) = extension.parsed_extension() else {
        return Err("not an authority key identifier".to_owned());
    };
    Ok(issuer.key_identifier.as_ref().map(|id| id.0.to_vec()))
}

fn names_a_certificate(extension: &X509Extension<'_>) -> bool {
    matches!(
        extension.parsed_extension(),
        ParsedExtension::AuthorityKeyIdentifier(found)
            if found.authority_cert_issuer.is_some() || found.authority_cert_serial.is_some()
    )
}

fn name_constraints(extension: &X509Extension<'_>) -> Result<NameConstraints, String> {
    strictly::<AnyRef<'_>>(extension)?;
    let ParsedExtension::NameConstraints(found) = extension.parsed_extension() else {
        return Err("not a list of subtrees".to_owned());
    };
    let bases = |subtrees: &Vec<x509::GeneralSubtree<'_>>| {
        subtrees.iter().map(|subtree| GeneralName::from(&subtree.base)).collect()
    };
    Ok(NameConstraints {
        permitted: found.permitted_subtrees.as_ref().map(bases),
        excluded: found.excluded_subtrees.as_ref().map(bases),
    })
}

fn information_access(extension: &X509Extension<'_>) -> Result<Vec<Untrusted>, String> {
    strictly::<AnyRef<'_>>(extension)?;
    let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
        return Err("not a list of access descriptions".to_owned());
    };
    let mut issuers = Vec::new();
    for description in &access.accessdescs {
        if matches!(description.access_location, x509::GeneralName::Invalid(..)) {
            return Err("an access location cannot be read".to_owned());
        }
        if let x509::GeneralName::URI(uri) = description.access_location
            && Oid::read(&description.access_method) == Oid::Held(oid::CA_ISSUERS)
        {
            issuers.push(Untrusted::new(uri));
        }
    }
    Ok(issuers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use x509_parser::prelude::FromDer;

    /// An Extension, not critical unless its hex says so.
    fn parse(list: &[&str]) -> Extensions {
        let ders: Vec<Vec<u8>> = list.iter().map(|hex| HEXLOWER.decode(hex.as_bytes()).unwrap()).collect();
        let extensions: Vec<_> = ders.iter().map(|der| X509Extension::from_der(der).unwrap().1).collect();
        Extensions::parse(&extensions).unwrap()
    }

    #[test]
    fn key_usage_is_read_bit_by_bit() {
        for (hex, names) in [
            ("300b0603551d0f040403020780", vec!["digitalSignature"]),
            ("300b0603551d0f0404030205a0", vec!["digitalSignature", "keyEncipherment"]),
            ("300b0603551d0f040403020106", vec!["keyCertSign", "cRLSign"]),
            ("300c0603551d0f040503030 70080", vec!["decipherOnly"]),
            ("300a0603551d0f0403030100", vec![]),
        ] {
            let found = parse(&[&hex.replace(' ', "")]).key_usage.unwrap();
            assert_eq!(found.value.unwrap().names(), names, "{hex}");
            assert!(!found.critical);
        }
    }

    #[test]
    fn basic_constraints_are_read_with_false_left_out_or_written() {
        for (hex, ca, path_len) in [
            ("30090603551d1304023000", false, None),
            ("300c0603551d1304053003010100", false, None),
            ("300f0603551d130101ff040530030101ff", true, None),
            ("30120603551d130101ff040830060101ff020103", true, Some(3)),
        ] {
            let found = parse(&[hex]).basic_constraints.unwrap();
            assert_eq!(found.value, Ok(BasicConstraints { ca, path_len }), "{hex}");
            assert_eq!(found.critical, ca);
        }
    }

    #[test]
    fn purposes_keep_their_order() {
        let found = parse(&["301d0603551d250416301406082b0601050507030206082b06010505070301"]);
        let purposes = found.extended_key_usage.unwrap().value.unwrap();
        assert_eq!(purposes, [oid::CLIENT_AUTH, oid::SERVER_AUTH]);
    }

    #[test]
    fn purposes_are_at_least_one() {
        let found = parse(&["30090603551d2504023000"]);
        assert!(found.extended_key_usage.unwrap().value.unwrap_err().contains("one purpose or more"));
    }

    #[test]
    fn key_identifiers_are_bytes() {
        let found = parse(&["300b0603551d0e04040402aabb", "300d0603551d23040630048002aabb"]);
        assert_eq!(found.subject_key_id.unwrap().value.unwrap(), [0xaa, 0xbb]);
        assert_eq!(found.authority_key_id.unwrap().value.unwrap().unwrap(), [0xaa, 0xbb]);
    }

    #[test]
    fn an_unreadable_value_is_kept_as_its_fault_and_hides_no_other() {
        let found = parse(
            &[
                "300b0603551d0f040403020f80", // 15 unused bits
                "300a0603551d1304033000ff",   // something behind the value
                "30080603551d1104010 0",      // no sequence
                "30090603551d2504023001",     // truncated
                "300b0603551d0e04040402aabb",
            ]
            .map(|hex| Box::leak(hex.replace(' ', "").into_boxed_str()) as &str),
        );
        assert!(found.key_usage.as_ref().unwrap().value.is_err());
        assert!(found.basic_constraints.as_ref().unwrap().value.is_err());
        assert!(found.subject_alt_name.as_ref().unwrap().value.is_err());
        assert!(found.extended_key_usage.as_ref().unwrap().value.is_err());
        assert!(found.subject_key_id.as_ref().unwrap().value.is_ok());
        assert!(found.names().is_empty());
        assert_eq!(found.all.len(), 5);
    }

    #[test]
    fn names_are_found_in_order() {
        let found = parse(&["30160603551d11040f300d8203612e62870401020304 8200".replace(' ', "").as_str()]);
        let names = found.names();
        assert_eq!(names.len(), 3);
        assert_eq!(names[0], GeneralName::Dns(Untrusted::new("a.b")));
        assert_eq!(names[1], GeneralName::Ip([1, 2, 3, 4].into()));
    }

    #[test]
    fn the_first_of_two_counts_and_the_repetition_is_named_once() {
        let (one, two) = ("300b0603551d0f040403020780", "300b0603551d0f0404030205a0");
        let found = parse(&[one, two, one, "300b0603551d0e04040402aabb"]);
        assert_eq!(found.key_usage.as_ref().unwrap().value, Ok(KeyUsage(KeyUsage::DIGITAL_SIGNATURE)));
        assert_eq!(found.duplicates(), [oid::KEY_USAGE]);
    }

    #[test]
    fn issuers_are_taken_from_authority_information_access() {
        let found = parse(&["301e06082b06010505070101041230103 00e06082b060105050730028602612f"
            .replace(' ', "")
            .as_str()]);
        assert_eq!(found.ca_issuers, [Untrusted::new("a/")]);
    }

    #[test]
    fn an_authority_named_by_its_certificate_is_noticed_in_any_of_several() {
        let (by_key, by_serial) = ("300d0603551d23040630048002aabb", "300c0603551d230405300382012a");
        for (list, named) in [
            (&[by_key][..], false),
            (&[by_serial], true),
            (&[by_key, by_serial], true),
            (&[by_serial, by_key], true),
            (&[], false),
        ] {
            assert_eq!(parse(list).authority_certificate, named, "{list:?}");
        }
    }
}
