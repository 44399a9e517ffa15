//! One certificate to request: subject, SANs, key type.

use super::csr::Csr;
use crate::key::KeyAlgorithm;
use crate::name::{
    DnsName, DnsNameError, GeneralName, San, SanError, SanSet, SanSetError, Subject, SubjectError,
};

/// One certificate to request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSpec {
    subject: Subject,
    names: SanSet,
    key_algorithm: KeyAlgorithm,
}

impl RequestSpec {
    /// Simple: one DNS name, and SANs.
    /// # Errors
    /// [`SpecError::TooLongForCn`], [`SpecError::Names`].
    pub fn simple(name: DnsName, sans: Vec<San>, key_algorithm: KeyAlgorithm) -> Result<Self, SpecError> {
        let subject = Subject::simple(&name).map_err(|_| SpecError::TooLongForCn(name.clone()))?;
        Ok(Self { subject, names: SanSet::new(name, sans)?, key_algorithm })
    }

    /// Distinguished: a subject, whose CN (or else the first DNS SAN) is the primary name, and SANs.
    /// # Errors
    /// [`SpecError::Names`]; [`SpecError::NoHostName`] when there is neither a CN that is a host
    /// name nor a DNS SAN.
    pub fn distinguished(
        subject: Subject,
        sans: Vec<San>,
        key_algorithm: KeyAlgorithm,
    ) -> Result<Self, SpecError> {
        let common_name = subject.common_name().and_then(|cn| DnsName::parse(cn).ok());
        let primary = common_name.or_else(|| sans.iter().find_map(host_name));
        let primary = primary.ok_or_else(|| SpecError::NoHostName(subject.clone()))?;
        Ok(Self { subject, names: SanSet::new(primary, sans)?, key_algorithm })
    }

    /// Either format, told apart by shape (`=` or a leading `/` means Distinguished).
    /// # Errors
    /// [`SpecError`].
    pub fn parse(name: &str, sans: Vec<San>, key_algorithm: KeyAlgorithm) -> Result<Self, SpecError> {
        if name.contains('=') || name.trim_start().starts_with('/') {
            Self::distinguished(Subject::parse(name)?, sans, key_algorithm)
        } else {
            Self::simple(DnsName::parse(name)?, sans, key_algorithm)
        }
    }

    /// What an existing request asked for, as default for a rotation: its first DNS SAN is the
    /// primary name.
    /// # Errors
    /// [`SpecError`] when it is not a request this product could have made.
    pub fn from_csr(csr: &Csr) -> Result<Self, SpecError> {
        let key_algorithm = KeyAlgorithm::of(csr.spki()).ok_or(SpecError::KeyType)?;
        let subject = Subject::from_found(csr.subject())?;
        let sans = csr.extensions().names().iter().map(as_requested).collect::<Result<Vec<_>, _>>()?;
        let primary = sans.iter().find_map(host_name);
        let primary = primary.ok_or_else(|| SpecError::NoHostName(subject.clone()))?;
        Ok(Self { subject, names: SanSet::new(primary, sans)?, key_algorithm })
    }

    /// The same with another key type.
    #[must_use]
    pub fn with_key_algorithm(self, key_algorithm: KeyAlgorithm) -> Self {
        Self { key_algorithm, ..self }
    }
    /// The subject.
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }
    /// SANs, the primary name first.
    pub const fn names(&self) -> &SanSet {
        &self.names
    }
    /// The key type.
    pub const fn key_algorithm(&self) -> KeyAlgorithm {
        self.key_algorithm
    }
}

fn host_name(san: &San) -> Option<DnsName> {
    match san {
        San::Dns(name) => Some(name.clone()),
        San::Ip(_) | San::Uri(_) | San::Email(_) => None,
    }
}

/// A SAN of an existing request, to be asked for again. Its kind is given: its shape must not decide.
fn as_requested(found: &GeneralName) -> Result<San, SpecError> {
    match found {
        GeneralName::Ip(address) => Ok(San::Ip(*address)),
        GeneralName::Dns(text) | GeneralName::Uri(text) | GeneralName::Email(text) => {
            Ok(San::parse(&format!("{}:{}", found.kind(), text.raw()))?)
        }
        GeneralName::MalformedIp(_) | GeneralName::Directory(_) | GeneralName::Other(_) => {
            Err(SpecError::SanKind(found.clone()))
        }
    }
}

/// Why a request cannot be specified so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The subject.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// A host name over the 64 characters of a CN (X.520 ub-common-name).
    #[error(
        "the host name {0} has {len} characters, a CN at most 64; give a distinguished name without CN, such as O=Example, and the host name as SAN",
        len = .0.as_str().len()
    )]
    TooLongForCn(DnsName),
    /// The name of the Simple format.
    #[error(transparent)]
    HostName(#[from] DnsNameError),
    /// One of the SANs.
    #[error(transparent)]
    San(#[from] SanError),
    /// The SANs together.
    #[error(transparent)]
    Names(#[from] SanSetError),
    /// Clients would have no name to connect to.
    #[error("neither the CN of {0} nor a SAN is a host name; add the name clients connect to")]
    NoHostName(Subject),
    /// A kind of SAN this product does not request, in an existing request.
    #[error("the request holds a SAN that cannot be requested again: {kind} {0}", kind = .0.kind())]
    SanKind(GeneralName),
    /// An existing request with a key of another type.
    #[error("the request has a key of none of the six types")]
    KeyType,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyPair;
    use common::Untrusted;

    fn spec(name: &str, sans: &[&str]) -> Result<RequestSpec, SpecError> {
        let sans = sans.iter().map(|text| San::parse(text)).collect::<Result<_, _>>()?;
        RequestSpec::parse(name, sans, KeyAlgorithm::NistP256)
    }

    #[test]
    fn the_shape_of_a_name_tells_its_format_and_the_primary_name_comes_first() {
        for (name, sans, subject, names) in [
            ("KMS.example.com", "192.0.2.1", "CN=kms.example.com", "kms.example.com 192.0.2.1"),
            ("CN=kms.example.com O=Ex", "b.example", "O=Ex,CN=kms.example.com", "kms.example.com b.example"),
            ("/O=Ex/CN=kms.example.com", "", "CN=kms.example.com,O=Ex", "kms.example.com"),
            ("CN=Key Manager", "::1 a.example b.example", "CN=Key Manager", "a.example ::1 b.example"),
            ("O=Ex", "a.example", "O=Ex", "a.example"),
            ("CN=192.0.2.1", "a.example", "CN=192.0.2.1", "a.example"),
        ] {
            let sans: Vec<_> = sans.split_whitespace().collect();
            let spec = spec(name, &sans).unwrap_or_else(|e| panic!("{name}: {e}"));
            let found: Vec<_> = spec.names().iter().map(ToString::to_string).collect();
            assert_eq!(
                (spec.subject(), found.join(" ").as_str()),
                (&Subject::parse(subject).unwrap(), names)
            );
            assert_eq!(Some(spec.names().primary().as_str()), found.first().map(String::as_str));
        }
    }

    #[test]
    fn a_request_without_host_name_or_with_a_faulty_one_is_refused() {
        let no_host = |subject| {
            format!("neither the CN of {subject} nor a SAN is a host name; add the name clients connect to")
        };
        let wildcard =
            "*.example.com is a catch-all name, which neither certificate may hold; name each host";
        let network = "10.0.0.0/8 is a network; a certificate names single addresses only";
        let slash = "/kms.example.com does not begin with an attribute such as CN=";
        let long = format!("{}.example", "a".repeat(60));
        let too_long = format!(
            "the host name {long} has 68 characters, a CN at most 64; give a distinguished name without CN, such as O=Example, and the host name as SAN"
        );
        for (name, sans, message) in [
            ("CN=Key Manager", &["192.0.2.1"][..], no_host("CN=Key Manager").as_str()),
            ("O=Example", &[], &no_host("O=Example")),
            ("*.example.com", &[], wildcard),
            ("", &[], "the host name is empty"),
            ("/kms.example.com", &[], slash),
            (&long, &[], too_long.as_str()),
            ("kms.example.com", &["10.0.0.0/8"], network),
        ] {
            assert_eq!(spec(name, sans).map_err(|e| e.to_string()), Err(message.to_owned()), "{name}");
        }
        let many: Vec<String> = (0..250).map(|n| format!("n{n}.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(spec("kms.example", &many), Err(SpecError::Names(SanSetError::TooMany(251))));
        assert_eq!(spec("kms.example", &many[1..]).map(|spec| spec.names().len()), Ok(250));
    }

    #[test]
    fn what_a_request_asked_for_can_be_asked_for_again() {
        let key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
        let sans = ["192.0.2.1", "2001:db8::1", "b.example", "https://A.example/x", "ops@example.com"];
        for name in ["kms.example.com", "CN=Key Manager OU=A OU=B O=Exämple, Inc. C=US DC=example DC=com"] {
            let spec = spec(name, &sans).unwrap();
            let csr = Csr::build(&spec, &key).unwrap();
            assert_eq!(RequestSpec::from_csr(&csr), Ok(spec), "{name}");
        }
    }

    #[test]
    fn what_was_found_is_requested_again_in_its_own_kind_only() {
        let dns = |text: &str| GeneralName::Dns(Untrusted::new(text));
        for (found, requested) in [
            (dns("A.example"), Some("a.example")),
            (dns("192.0.2.1"), None),
            (dns("*.example"), None),
            (dns("a.example, b.example"), None),
            (GeneralName::Email(Untrusted::new("https://a.example")), None),
            (GeneralName::MalformedIp(vec![1]), None),
            (GeneralName::Other(0), None),
        ] {
            let san = as_requested(&found).ok().map(|san| san.to_string());
            assert_eq!(san.as_deref(), requested, "{found}");
        }
    }
}
