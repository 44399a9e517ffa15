//! What `sign_csrs` prints when it is done.

use super::COMMAND;
use super::command::Sign;
use crate::authority::{Issued, Signed};
use cli::{Exit, output};
use common::Role;
use pki::rules::Finding;
use pki::{Certificate, GeneralName};
use serde_json::{Value, json};
use std::fmt::Write;

/// What was signed, for printing.
pub(super) struct Printout<'a> {
    pub(super) wanted: &'a Sign,
    pub(super) created: bool,
    pub(super) signed: &'a Signed,
    pub(super) findings: &'a [Finding],
}

impl Printout<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let (ca, root) = (self.wanted.ca.display(), &self.signed.root);
        match (self.created, self.wanted.dry_run) {
            (true, false) => writeln!(text, "created a lab CA in {ca}")?,
            (true, true) => writeln!(text, "would create a lab CA in {ca}")?,
            (false, _) => {}
        }
        for (role, issued) in self.signed.certificates.iter() {
            let certificate = &issued.certificate;
            writeln!(text, "{}: {}", role.title(), certificate.subject())?;
            writeln!(text, "  request   {}", self.wanted.requests.of(role).display())?;
            writeln!(text, "  SANs      {}", names(certificate).join(", "))?;
            writeln!(text, "  serial    {}", certificate.serial())?;
            writeln!(text, "  validity  {} to {}", certificate.not_before(), certificate.not_after())?;
            writeln!(text, "  SPKI      sha256 {}", certificate.spki().sha256())?;
            writeln!(text, "  issuer    {}", certificate.issuer())?;
            if !self.wanted.dry_run {
                writeln!(text, "  chain     {}", self.path(role.stem()))?;
            }
        }
        writeln!(text, "trust anchor: {}", root.subject())?;
        writeln!(text, "  sha256    {}", root.sha256())?;
        match self.wanted.dry_run {
            true => writeln!(text, "nothing was written (--dry-run)"),
            false => writeln!(text, "  file      {}", self.path("root")),
        }
    }

    pub(super) fn json(&self) -> String {
        let written = |stem: &str| (!self.wanted.dry_run).then(|| self.path(stem));
        let root = &self.signed.root;
        let fields = json!({
            "dry_run": self.wanted.dry_run,
            "ca": {
                "directory": self.wanted.ca.display().to_string(),
                "created": self.created,
                "root": { "subject": root.subject().to_string(), "sha256": root.sha256(), "file": written("root") },
            },
            "main": self.certificate(Role::Main, written("main")),
            "assets": self.certificate(Role::Assets, written("assets")),
            "findings": output::findings_json(self.findings),
        });
        output::document(COMMAND, Exit::Done, fields)
    }

    fn certificate(&self, role: Role, file: Option<String>) -> Value {
        let Issued { certificate, left_out } = self.signed.certificates.of(role);
        let left_out: Vec<_> = left_out.iter().map(ToString::to_string).collect();
        json!({
            "request": self.wanted.requests.of(role).display().to_string(),
            "subject": certificate.subject().to_string(),
            "sans": names(certificate),
            "serial": certificate.serial(),
            "not_before": certificate.not_before(),
            "not_after": certificate.not_after(),
            "spki_sha256": certificate.spki().sha256(),
            "issuer": certificate.issuer().to_string(),
            "extensions_left_out": left_out,
            "file": file,
        })
    }

    fn path(&self, stem: &str) -> String {
        self.wanted.out.join(format!("{stem}.pem")).display().to_string()
    }
}

fn names(certificate: &Certificate) -> Vec<String> {
    let names = certificate.extensions().names();
    names.iter().map(GeneralName::tagged).collect()
}
