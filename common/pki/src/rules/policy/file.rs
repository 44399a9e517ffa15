//! The policy file: TOML, every key optional.

use super::level::{Level, is_protected};
use crate::name::{AttributeType, DnsNameError};
use crate::rules::catalogue::find;
use crate::rules::demands::{AddressRange, AddressRangeError, Demands, KeyKind, KeyPattern, NamePattern};
use crate::rules::profile::{Profile, ProfileError};
use common::Untrusted;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A policy to start from: every key explained, nothing asked.
pub const TEMPLATE: &str = include_str!("template.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct File {
    profile: Option<String>,
    keys: Keys,
    names: Names,
    addresses: Addresses,
    subject: SubjectWishes,
    severity: BTreeMap<String, Level>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    allow: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Names {
    allow: Vec<String>,
    deny: Vec<String>,
    max: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Addresses {
    allow: Vec<String>,
    deny: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SubjectWishes {
    require: Vec<String>,
    forbid: Vec<String>,
    values: BTreeMap<String, Vec<String>>,
}

/// What a policy file says.
pub(super) struct Read {
    pub(super) profile: Option<Profile>,
    pub(super) levels: BTreeMap<&'static str, Level>,
    pub(super) demands: Demands,
}

pub(super) fn read(text: &str) -> Result<Read, PolicyError> {
    let File { profile, keys, names, addresses, subject, severity } =
        toml::from_str(text).map_err(|error| toml_error(text, &error))?;
    let demands = Demands {
        keys: keys.allow.iter().map(|word| key_pattern(word)).collect::<Result<_, _>>()?,
        names_allowed: name_patterns(&names.allow)?,
        names_denied: name_patterns(&names.deny)?,
        max_names: names.max,
        addresses_allowed: ranges(&addresses.allow)?,
        addresses_denied: ranges(&addresses.deny)?,
        subject_required: attributes(&subject.require)?,
        subject_forbidden: attributes(&subject.forbid)?,
        subject_values: subject
            .values
            .into_iter()
            .map(|(word, values)| Ok((attribute(&word)?, values)))
            .collect::<Result<_, PolicyError>>()?,
    };
    let levels = severity.into_iter().map(|(id, level)| weighed(&id, level)).collect::<Result<_, _>>()?;
    let profile = profile.map(|word| word.parse()).transpose()?;
    Ok(Read { profile, levels, demands })
}

fn weighed(id: &str, level: Level) -> Result<(&'static str, Level), PolicyError> {
    let rule = find(id).ok_or_else(|| PolicyError::Rule(Untrusted::new(id)))?;
    if is_protected(rule.id) && level < Level::from(rule.severity) {
        return Err(PolicyError::Protected(rule.id));
    }
    Ok((rule.id, level))
}

fn key_pattern(word: &str) -> Result<KeyPattern, PolicyError> {
    let upper = word.to_ascii_uppercase();
    let kind = match (upper.as_str(), upper.strip_prefix("RSA").map(str::parse)) {
        ("RSA", _) => KeyKind::AnyRsa,
        (_, Some(Ok(bits))) => KeyKind::Rsa(bits),
        ("NISTP256", _) => KeyKind::P256,
        ("NISTP384", _) => KeyKind::P384,
        ("NISTP521", _) => KeyKind::P521,
        ("ED25519", _) => KeyKind::Ed25519,
        (_, Some(Err(_)) | None) => return Err(PolicyError::KeyType(Untrusted::new(word))),
    };
    Ok(KeyPattern { word: upper, kind })
}

fn name_patterns(words: &[String]) -> Result<Vec<NamePattern>, PolicyError> {
    Ok(words.iter().map(|word| word.parse()).collect::<Result<_, _>>()?)
}

fn ranges(words: &[String]) -> Result<Vec<AddressRange>, PolicyError> {
    Ok(words.iter().map(|word| word.parse()).collect::<Result<_, _>>()?)
}

fn attributes(words: &[String]) -> Result<Vec<AttributeType>, PolicyError> {
    words.iter().map(|word| attribute(word)).collect()
}

fn attribute(word: &str) -> Result<AttributeType, PolicyError> {
    AttributeType::from_word(word).ok_or_else(|| PolicyError::Attribute(Untrusted::new(word)))
}

/// The reader's own message quotes values of the file; a key, which is no secret, is named.
fn toml_error(text: &str, error: &toml::de::Error) -> PolicyError {
    let span = error.span().unwrap_or_default();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let before = part(0..span.start);
    let line = before.matches('\n').count() + 1;
    let on_its_line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    let is_key = part(span.end..text.len()).trim_start().starts_with(['=', '.'])
        || (on_its_line.starts_with('[') && !on_its_line.contains('='));
    match text.parse::<toml::Table>() {
        Err(_) => PolicyError::NotToml { line },
        Ok(_) if is_key => PolicyError::Key { line, key: Untrusted::new(part(span)) },
        Ok(_) => PolicyError::Value { line },
    }
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML.
    #[error("line {line} is not TOML")]
    NotToml {
        /// 1-based.
        line: usize,
    },
    /// A key or section that no policy has.
    #[error("line {line}: a policy has no key {key} there")]
    Key {
        /// 1-based.
        line: usize,
        /// As it is written.
        key: Untrusted,
    },
    /// A value of another kind than its key takes.
    #[error("line {line}: the value is not of the kind its key takes")]
    Value {
        /// 1-based.
        line: usize,
    },
    /// No rule has this id.
    #[error("[severity] {0} is no rule")]
    Rule(Untrusted),
    /// A rule that may be raised but not lowered.
    #[error("[severity] {0} cannot be lowered: it keeps strangers' keys out or the services apart")]
    Protected(&'static str),
    /// Not a key type.
    #[error(
        "[keys] {0} is no key type: RSA, RSA2048 (or another size), NISTP256, NISTP384, NISTP521, ED25519"
    )]
    KeyType(Untrusted),
    /// Not a name pattern.
    #[error("[names] holds something that is no name or *.name")]
    Name(#[from] DnsNameError),
    /// Not a range.
    #[error("[addresses] holds something that is no range")]
    Address(#[from] AddressRangeError),
    /// Not an attribute of a subject.
    #[error(
        "[subject] {0} is no attribute: C, ST, L, O, OU, CN, emailAddress, serialNumber, street, postalCode, DC"
    )]
    Attribute(Untrusted),
    /// Not a profile.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}
