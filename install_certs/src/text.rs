//! Requests, certificates and changes as lines of text.

use common::{Pair, Role, Timestamp};
use flow::{CertificateView, Change, RequestView};
use std::fmt::Write;

/// A moment with its distance: `2026-12-22T08:00:00Z (in 30 days)`.
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> String {
    format!("{at} ({})", at.relative_to(now))
}

/// The indented lines of a request.
pub(crate) fn request(view: &RequestView) -> Vec<String> {
    vec![
        format!("  subject     {}", view.subject),
        format!("  SANs        {}", list(&view.sans)),
        format!("  key         {}, SPKI sha256 {}", view.key_type, view.spki_sha256),
    ]
}

/// The indented lines of an end entity.
pub(crate) fn certificate(view: &CertificateView, now: Timestamp) -> Vec<String> {
    let mut lines = vec![
        format!("  subject     {}", view.subject),
        format!("  SANs        {}", list(&view.sans)),
        format!("  issuer      {}", view.issuer),
        format!("  serial      {}", view.serial),
        format!("  key         {}, SPKI sha256 {}", view.key_type, view.spki_sha256.short()),
        format!("  not_before  {}", moment(view.not_before, now)),
        format!("  not_after   {}", moment(view.not_after, now)),
    ];
    if view.chain_not_after < view.not_after {
        lines.push(format!(
            "  chain ends  {}, before the end entity: an intermediate ends first",
            moment(view.chain_not_after, now)
        ));
    }
    lines
}

/// What becomes of both roles.
pub(crate) fn changes(changes: &Pair<Change>, now: Timestamp) -> String {
    let mut text = String::new();
    for (role, change) in changes.iter() {
        // Writing to a String does not fail.
        write_change(role, change, now, &mut text).ok();
    }
    text
}

fn write_change(role: Role, change: &Change, now: Timestamp, text: &mut String) -> std::fmt::Result {
    writeln!(text, "{}", role.title())?;
    for line in certificate(&change.new, now) {
        writeln!(text, "{line}")?;
    }
    if let Some(old) = &change.old {
        writeln!(text, "  replaces    serial {}", old.serial)?;
        let ends = moment(old.not_after, now);
        writeln!(text, "              not_after {ends}, issued by {}", old.issuer)?;
    }
    let than = if change.old.is_some() { "than before" } else { "than requested" };
    for (names, word, direction) in
        [(&change.sans_gained, "gained", "more"), (&change.sans_lost, "lost", "fewer")]
    {
        if !names.is_empty() {
            writeln!(text, "  {word:<10}  {} ({direction} {than})", list(names))?;
        }
    }
    Ok(())
}

/// A list of names on one line.
fn list(names: &[String]) -> String {
    if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::Sha256;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn view(serial: &str, names: &[&str]) -> CertificateView {
        let at = Timestamp::from_unix(0);
        CertificateView {
            subject: "CN=kms.example.com".into(),
            sans: strings(names),
            issuer: "CN=Issuing CA".into(),
            serial: serial.into(),
            key_type: "NISTP256".into(),
            spki_sha256: Sha256::of(b"key"),
            certificate_sha256: Sha256::of(b"certificate"),
            not_before: at,
            not_after: at.plus_seconds(86_400 * 90),
            chain_not_after: at.plus_seconds(86_400 * 30),
            days_left: 30,
        }
    }

    #[test]
    fn the_text_shows_both_serials_the_names_and_an_early_end_of_the_chain() {
        let change = Change {
            new: view("0B", &["DNS:kms.example.com"]),
            old: Some(view("0A", &["DNS:kms.example.com", "DNS:x.example.com"])),
            sans_gained: vec![],
            sans_lost: strings(&["DNS:x.example.com"]),
        };
        let text = changes(&Pair { main: change.clone(), assets: change }, Timestamp::from_unix(0));
        for part in [
            "Main (Cluster)\n  subject     CN=kms.example.com\n",
            "Assets (UI)\n",
            "  serial      0B\n",
            "  replaces    serial 0A\n",
            "  lost        DNS:x.example.com (fewer than before)\n",
            "  chain ends  1970-01-31T00:00:00Z (in 30 days), before the end entity",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("gained"));
    }
}
