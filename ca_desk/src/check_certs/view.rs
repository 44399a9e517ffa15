//! A chain decoded for people and programs.

use super::key::Held;
use crate::desk::{Field, View};
use common::Untrusted;
use pki::verdict::Examination;
use pki::{Certificate, GeneralName};

/// Whom the chain is for and how long it is: `kms.example.com, 2 certificates`.
pub(super) fn title(examination: &Examination) -> String {
    let count = examination.path.len();
    let plural = if count == 1 { "" } else { "s" };
    let whom = examination.path.first().map_or_else(String::new, |certificate| name(certificate).to_string());
    format!("{whom}, {count} certificate{plural}")
}

fn name(certificate: &Certificate) -> Untrusted {
    certificate.display_name().cloned().unwrap_or_else(|| Untrusted::new("no name"))
}

/// The end entity, and the path that was judged.
pub(super) fn view(examination: &Examination) -> View {
    let Some(end_entity) = examination.path.first() else { return View::default() };
    let names = end_entity.extensions().names();
    let served = examination.path.iter().map(|certificate| certificate.subject().to_string());
    let anchor = examination.anchor.iter().map(|anchor| format!("{} (trust anchor)", anchor.subject()));
    View(vec![
        ("subject", Field::One(end_entity.subject().to_string())),
        ("sans", Field::Many(names.iter().map(GeneralName::tagged).collect())),
        ("serial", Field::One(end_entity.serial())),
        ("not_before", Field::One(end_entity.not_before().to_string())),
        ("not_after", Field::One(end_entity.not_after().to_string())),
        ("key", Field::One(end_entity.spki().kind().to_string())),
        ("signature_algorithm", Field::One(end_entity.signature_algorithm().name())),
        ("spki_sha256", Field::One(end_entity.spki().sha256().to_string())),
        ("certificate_sha256", Field::One(end_entity.sha256().to_string())),
        ("path", Field::Many(served.chain(anchor).collect())),
    ])
}

/// What a sealed key turned out to be: `sealed key, P-256`.
pub(super) fn title_of_key(held: &Held) -> String {
    match held {
        Held::Key(spki) => format!("sealed key, {}", spki.kind()),
        Held::Other(kind) => format!("sealed key, {kind}: not of a type this product uses"),
    }
}

/// The same, with its figure.
pub(super) fn view_of_key(held: &Held) -> View {
    match held {
        Held::Key(spki) => View(vec![
            ("key", Field::One(spki.kind().to_string())),
            ("spki_sha256", Field::One(spki.sha256().to_string())),
        ]),
        Held::Other(kind) => View(vec![("key", Field::One(kind.clone()))]),
    }
}
