//! The flags that all commands that judge have.

use super::catalogue;
use super::format::Format;
use super::settings::Settings;
use cli::generate::{self, Generate};
use cli::{Exit, Failure};
use common::Untrusted;
use pki::rules::TEMPLATE;
use std::path::PathBuf;

/// Raw flags, to be flattened into those of a command.
#[derive(clap::Args)]
pub(crate) struct DeskFlags {
    /// Policy file (TOML): keys, names, addresses and subjects allowed, severities; --print-policy
    /// prints one to start from
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Count warnings as errors in the exit code
    #[arg(long)]
    strict: bool,
    /// Print what is in each document, too
    #[arg(long)]
    show: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print a policy file to start from, and exit
    #[arg(long, exclusive = true)]
    print_policy: bool,
    /// Print what a rule means, why it matters and how to mend it, and exit
    #[arg(long, value_name = "RULE", exclusive = true)]
    explain: Option<String>,
    /// Print all rules (with --format json or markdown for other programs or pages), and exit
    #[arg(long)]
    list_rules: bool,
    /// Print a man page or shell completions and exit
    #[arg(long, value_enum, value_name = "WHAT", exclusive = true, hide = true)]
    generate: Option<Generate>,
}

/// What the flags ask for.
pub(crate) enum Asked {
    /// A text that needs no document: a man page, a policy file, a rule explained, all rules.
    Print(String),
    /// That documents be judged.
    Judge(Settings),
}

impl DeskFlags {
    /// `--format`.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Reads them; `command` is the definition that `--generate` describes.
    ///
    /// # Errors
    /// [`Exit::Usage`] when `--explain` names no rule.
    pub(crate) fn parse(self, command: clap::Command) -> Result<Asked, Failure> {
        let Self { policy, strict, show, format, print_policy, explain, list_rules, generate } = self;
        Ok(if let Some(what) = generate {
            Asked::Print(generate::generate(command, what))
        } else if print_policy {
            Asked::Print(TEMPLATE.to_owned())
        } else if let Some(id) = explain {
            Asked::Print(catalogue::explain(&id).ok_or_else(|| no_rule(&id))?)
        } else if list_rules {
            Asked::Print(catalogue::list(format))
        } else {
            Asked::Judge(Settings { policy, strict, show, format })
        })
    }
}

/// The failure of `--explain` for an id no rule has.
fn no_rule(id: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, format!("{} is no rule", Untrusted::new(id)));
    match catalogue::similar(id) {
        Some(similar) => {
            failure.hint(format!("did you mean {similar}?")).hint("--list-rules names all rules")
        }
        None => failure.hint("--list-rules names all rules"),
    }
}
