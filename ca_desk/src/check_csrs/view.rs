//! A request decoded for people and programs, with the figures `get_csrs` prints.

use crate::desk::{Field, View};
use common::Untrusted;
use pki::oid::{self, ObjectIdentifier};
use pki::{Csr, Extensions, GeneralName, KeyAlgorithm};

/// Whom the request is for and by which kind of key: `kms.example.com, P-256`.
pub(super) fn title(csr: &Csr) -> String {
    format!("{}, {}", name(csr), csr.spki().kind())
}

/// What the request is called by, else its subject.
pub(super) fn name(csr: &Csr) -> Untrusted {
    let subject = || Untrusted::new(csr.subject().to_string().replace('\\', ""));
    shortened(&csr.display_name().cloned().unwrap_or_else(subject))
}

/// A table has no use for a name of a megabyte.
fn shortened(name: &Untrusted) -> Untrusted {
    /// The longest host name has 253.
    const MOST: usize = 253;
    match name.raw().char_indices().nth(MOST) {
        Some((end, _)) => Untrusted::new(name.raw().get(..end).unwrap_or_default()),
        None => name.clone(),
    }
}

/// Everything in it that a CA decides about.
pub(super) fn view(csr: &Csr) -> View {
    let kind = csr.spki().kind();
    let key_type =
        KeyAlgorithm::of(csr.spki()).map_or_else(|| kind.to_string(), |known| known.name().to_owned());
    let names = csr.extensions().names();
    View(vec![
        ("subject", Field::One(csr.subject().to_string())),
        ("sans", Field::Many(names.iter().map(GeneralName::tagged).collect())),
        ("key_type", Field::One(key_type)),
        ("signature_algorithm", Field::One(csr.signature_algorithm().name())),
        ("extensions", Field::Many(extensions(csr.extensions()))),
        (
            "attributes",
            Field::Many(csr.attributes().iter().map(|oid| oid::name(*oid).into_owned()).collect()),
        ),
        ("version", Field::One((u64::from(csr.version()) + 1).to_string())),
        ("spki_sha256", Field::One(csr.spki().sha256().to_string())),
        ("request_sha256", Field::One(csr.sha256().to_string())),
    ])
}

/// Each extension by its name, `critical` where it is, with a value where that is short.
fn extensions(found: &Extensions) -> Vec<String> {
    let describe = |(oid, critical): &(ObjectIdentifier, bool)| {
        let name = oid::name(*oid);
        let value = match *oid {
            oid::KEY_USAGE => key_usage(found),
            oid::BASIC_CONSTRAINTS => basic_constraints(found),
            oid::EXTENDED_KEY_USAGE => purposes(found),
            _ => None,
        };
        let critical = if *critical { " critical" } else { "" };
        value.map_or_else(|| format!("{name}{critical}"), |value| format!("{name}{critical}: {value}"))
    };
    found.all.iter().map(describe).collect()
}

fn key_usage(found: &Extensions) -> Option<String> {
    let usage = found.key_usage.as_ref()?.value.as_ref().ok()?;
    Some(usage.names().join(", "))
}

fn basic_constraints(found: &Extensions) -> Option<String> {
    let constraints = found.basic_constraints.as_ref()?.value.as_ref().ok()?;
    let path_len = constraints.path_len.map(|length| format!(", path length {length}")).unwrap_or_default();
    Some(format!("CA:{}{path_len}", if constraints.ca { "TRUE" } else { "FALSE" }))
}

fn purposes(found: &Extensions) -> Option<String> {
    let purposes = found.extended_key_usage.as_ref()?.value.as_ref().ok()?;
    Some(purposes.iter().map(|oid| oid::name(*oid)).collect::<Vec<_>>().join(", "))
}
