//! The policy of those who judge: which rules weigh how much, and what they ask beside the catalogue.

mod chains;
mod file;
mod pattern;
mod profile;

pub use file::{PolicyError, TEMPLATE};
pub use pattern::AddressRangeError;
pub(crate) use pattern::{AddressRange, NamePattern};
pub use profile::{Profile, ProfileError};

use super::names::dns;
use super::{Check, Evidence, Outcome, Rule, Severity, catalogue};
use crate::name::{Attribute, AttributeType, DistinguishedName, GeneralName};
use crate::spki::PublicKeyKind;
use common::Untrusted;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

/// How much a rule weighs under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The rule is not checked.
    Off,
    /// As [`Severity::Info`].
    Info,
    /// As [`Severity::Warning`].
    Warning,
    /// As [`Severity::Error`].
    Error,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl Level {
    const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// Rules no policy weakens, by the start of their ids: they keep a stranger's key out, and the
/// services apart.
const PROTECTED: [&str; 4] = ["spki.", "role.", "csr.signature", "csr.malformed"];

fn is_protected(id: &str) -> bool {
    PROTECTED.iter().any(|start| id.starts_with(start))
}

/// What is asked, and how much each rule weighs.
#[derive(Clone, Debug)]
pub struct Policy {
    profile: Profile,
    levels: BTreeMap<&'static str, Level>,
    demands: Demands,
    /// The rules in force, in catalogue order.
    rules: Vec<(&'static Rule, Severity)>,
}

impl Policy {
    /// A profile and nothing else.
    pub fn of(profile: Profile) -> Self {
        Self::new(profile, BTreeMap::new(), Demands::default())
    }

    /// What the product itself applies: profile `cluster`.
    pub fn product() -> &'static Self {
        static PRODUCT: LazyLock<Policy> = LazyLock::new(|| Policy::of(Profile::Cluster));
        &PRODUCT
    }

    /// The same under another profile; what the policy itself says still comes first.
    #[must_use]
    pub fn under(self, profile: Profile) -> Self {
        Self::new(profile, self.levels, self.demands)
    }

    /// Whose requirements are weighed.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The rules in force with the severity each has here, in catalogue order.
    pub fn rules(&self) -> &[(&'static Rule, Severity)] {
        &self.rules
    }

    /// The severity of one rule here; `None` when it is not in force.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.rules.iter().find(|(other, _)| other.id == rule.id).map(|(_, severity)| *severity)
    }

    /// What is asked beside the catalogue.
    pub(crate) const fn demands(&self) -> &Demands {
        &self.demands
    }

    fn new(profile: Profile, levels: BTreeMap<&'static str, Level>, demands: Demands) -> Self {
        let of_profile =
            |rule: &Rule| profile.levels().find(|(id, _)| *id == rule.id).map(|(_, level)| level);
        let level = |rule: &Rule| levels.get(rule.id).copied().or_else(|| of_profile(rule));
        let rules = catalogue()
            .filter_map(|rule| Some((rule, level(rule).unwrap_or(rule.severity.into()).severity()?)))
            .collect();
        Self { profile, levels, demands, rules }
    }
}

/// What a policy asks of keys, names and subjects. What is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Key types allowed.
    pub(crate) keys: Vec<KeyPattern>,
    /// Host names allowed: every one must match one of these.
    pub(crate) names_allowed: Vec<NamePattern>,
    /// Host names denied, allowed or not.
    pub(crate) names_denied: Vec<NamePattern>,
    /// The most SANs of all kinds.
    pub(crate) max_names: Option<usize>,
    /// Addresses allowed.
    pub(crate) addresses_allowed: Vec<AddressRange>,
    /// Addresses denied, allowed or not.
    pub(crate) addresses_denied: Vec<AddressRange>,
    /// Attributes a subject must have.
    pub(crate) subject_required: Vec<AttributeType>,
    /// Attributes a subject must not have.
    pub(crate) subject_forbidden: Vec<AttributeType>,
    /// The values an attribute may have where it occurs.
    pub(crate) subject_values: Vec<(AttributeType, Vec<String>)>,
}

/// A key type a policy allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPattern {
    /// As the policy spells it.
    word: String,
    kind: KeyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    /// RSA of any size the rules `key.*` allow.
    AnyRsa,
    Rsa(usize),
    P256,
    P384,
    P521,
    Ed25519,
}

impl KeyPattern {
    fn matches(&self, found: &PublicKeyKind) -> bool {
        match (self.kind, found) {
            (KeyKind::AnyRsa, PublicKeyKind::Rsa { .. })
            | (KeyKind::P256, PublicKeyKind::P256)
            | (KeyKind::P384, PublicKeyKind::P384)
            | (KeyKind::P521, PublicKeyKind::P521)
            | (KeyKind::Ed25519, PublicKeyKind::Ed25519) => true,
            (KeyKind::Rsa(wanted), PublicKeyKind::Rsa { bits }) => wanted == *bits,
            (
                KeyKind::AnyRsa
                | KeyKind::Rsa(_)
                | KeyKind::P256
                | KeyKind::P384
                | KeyKind::P521
                | KeyKind::Ed25519,
                PublicKeyKind::Rsa { .. }
                | PublicKeyKind::P256
                | PublicKeyKind::P384
                | PublicKeyKind::P521
                | PublicKeyKind::Ed25519
                | PublicKeyKind::Other(_),
            ) => false,
        }
    }
}

/// What a policy looks at: the same of a request and of an end entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyCase<'a> {
    /// What is asked.
    pub(crate) demands: &'a Demands,
    /// subject
    pub(crate) subject: &'a DistinguishedName,
    /// SANs; empty when the extension is absent or cannot be read.
    pub(crate) sans: &'a [GeneralName],
    /// The kind of key.
    pub(crate) key: &'a PublicKeyKind,
}

const CITATION: &str = "the policy file";

/// Rules a policy file fills with its own wishes.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "policy.key_type",
        severity: Severity::Error,
        title: "the key is of a type the policy allows",
        citation: CITATION,
        why: "those who judge decided which keys they certify",
        fix: "make a new key of an allowed type",
        check: Check::Policy(key_type),
    },
    Rule {
        id: "policy.name",
        severity: Severity::Error,
        title: "every host name is one the policy allows and does not deny",
        citation: CITATION,
        why: "those who judge decided which names they certify",
        fix: "ask for names within the policy, or have it changed",
        check: Check::Policy(name),
    },
    Rule {
        id: "policy.address",
        severity: Severity::Error,
        title: "every IP address is in a range the policy allows and does not deny",
        citation: CITATION,
        why: "those who judge decided which addresses they certify",
        fix: "ask for addresses within the policy, or have it changed",
        check: Check::Policy(address),
    },
    Rule {
        id: "policy.too_many_names",
        severity: Severity::Error,
        title: "there are at most as many SANs as the policy allows",
        citation: CITATION,
        why: "those who judge decided how much one key may stand for",
        fix: "ask for fewer names, or for several certificates",
        check: Check::Policy(too_many_names),
    },
    Rule {
        id: "policy.subject",
        severity: Severity::Error,
        title: "the subject has the attributes the policy requires, none it forbids, and only values it allows",
        citation: CITATION,
        why: "those who judge decided what they vouch for",
        fix: "make the request again with the subject the policy asks for",
        check: Check::Policy(subject),
    },
];

fn key_type(case: &PolicyCase<'_>) -> Outcome {
    let allowed = &case.demands.keys;
    if allowed.is_empty() {
        return Outcome::DoesNotApply;
    }
    let words: Vec<_> = allowed.iter().map(|pattern| pattern.word.as_str()).collect();
    Outcome::of(
        (!allowed.iter().any(|pattern| pattern.matches(case.key))).then(|| {
            Evidence::new(format!("the key is {}, the policy allows {}", case.key, words.join(", ")))
        }),
    )
}

fn name(case: &PolicyCase<'_>) -> Outcome {
    let (allowed, denied) = (&case.demands.names_allowed, &case.demands.names_denied);
    if allowed.is_empty() && denied.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(host_names(case).filter_map(|(kind, host)| {
        let shown = Untrusted::new(host);
        if let Some(pattern) = denied.iter().find(|pattern| pattern.matches(host)) {
            return Some(Evidence::new(format!("the {kind} {shown} is denied by {pattern}")));
        }
        let refused = !allowed.is_empty() && !allowed.iter().any(|pattern| pattern.matches(host));
        refused.then(|| Evidence::new(format!("the {kind} {shown} matches no allowed name")))
    }))
}

/// DNS SANs, the hosts of e-mail and URI SANs, and CNs that could be host names and are no SAN.
fn host_names<'a>(case: &PolicyCase<'a>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let sans = case.sans;
    let of_sans = sans.iter().filter_map(|san| match san {
        GeneralName::Dns(name) => Some(("DNS SAN", name.raw())),
        GeneralName::Email(mailbox) => Some(("host of the email SAN", after_at(mailbox.raw()))),
        GeneralName::Uri(uri) => Some(("host of the URI SAN", host_of_uri(uri.raw()))),
        GeneralName::Ip(_)
        | GeneralName::MalformedIp(_)
        | GeneralName::Directory(_)
        | GeneralName::Other(_) => None,
    });
    let is_san = move |cn: &&Untrusted| sans.iter().filter_map(dns).any(|san| san == *cn);
    let host = |cn: &&Untrusted| {
        cn.raw().contains('.') && !cn.raw().contains(' ') && cn.raw().parse::<IpAddr>().is_err()
    };
    let common_names = case.subject.common_names().into_iter().filter(host).filter(move |cn| !is_san(cn));
    of_sans.chain(common_names.map(|cn| ("CN", cn.raw())))
}

fn after_at(mailbox: &str) -> &str {
    mailbox.rsplit_once('@').map_or(mailbox, |(_, host)| host)
}

fn host_of_uri(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = after_at(authority);
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
}

fn address(case: &PolicyCase<'_>) -> Outcome {
    let (allowed, denied) = (&case.demands.addresses_allowed, &case.demands.addresses_denied);
    if allowed.is_empty() && denied.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(case.sans.iter().filter_map(|san| {
        let GeneralName::Ip(address) = san else { return None };
        if let Some(range) = denied.iter().find(|range| range.contains(*address)) {
            return Some(Evidence::new(format!("the IP SAN {address} is denied by {range}")));
        }
        let refused = !allowed.is_empty() && !allowed.iter().any(|range| range.contains(*address));
        refused.then(|| Evidence::new(format!("the IP SAN {address} is in no allowed range")))
    }))
}

fn too_many_names(case: &PolicyCase<'_>) -> Outcome {
    let Some(most) = case.demands.max_names else { return Outcome::DoesNotApply };
    let count = case.sans.len();
    Outcome::of((count > most).then(|| Evidence::new(format!("{count} SANs, the policy allows {most}"))))
}

fn subject(case: &PolicyCase<'_>) -> Outcome {
    let demands = case.demands;
    let of = |kind: AttributeType| {
        let is_kind = move |attribute: &&Attribute| AttributeType::from_oid(&attribute.oid) == Some(kind);
        case.subject.rdns().iter().flatten().filter(is_kind)
    };
    let missing = demands.subject_required.iter().filter(|kind| of(**kind).next().is_none());
    let forbidden = demands.subject_forbidden.iter().filter(|kind| of(**kind).next().is_some());
    let values = demands.subject_values.iter().flat_map(|(kind, allowed)| {
        of(*kind).filter(|found| !allowed.iter().any(|value| value == found.value.raw())).map(move |found| {
            Evidence::new(format!("{kind} is {}, expected {}", found.value, allowed.join(" or ")))
        })
    });
    Outcome::of(
        missing
            .map(|kind| Evidence::new(format!("the subject has no {kind}, which the policy requires")))
            .chain(
                forbidden
                    .map(|kind| Evidence::new(format!("the subject has {kind}, which the policy forbids"))),
            )
            .chain(values),
    )
}

#[cfg(test)]
pub(super) mod tests;
