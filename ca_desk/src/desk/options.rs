//! The options that all commands of the desk have.

use super::catalogue;
use cli::generate::{self, Generate};
use cli::{Exit, Failure, input, output};
use common::Untrusted;
use pki::rules::{Policy, Profile, TEMPLATE};
use std::path::{Path, PathBuf};

/// `--format` of the desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table for people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One JSON object per line and document, as they are judged
    Ndjson,
    /// SARIF 2.1.0, for code scanning and dashboards
    Sarif,
    /// Markdown, for tickets
    Markdown,
}

impl Format {
    /// How a failure is printed beside stderr.
    pub const fn of_failure(self) -> output::Format {
        match self {
            Self::Json => output::Format::Json,
            Self::Text | Self::Ndjson | Self::Sarif | Self::Markdown => output::Format::Text,
        }
    }
}

/// Options to be flattened into a command.
#[derive(clap::Args)]
pub struct DeskOptions {
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

/// What can be answered without any document.
pub enum Answer {
    /// This is the whole result.
    Text(String),
    /// No rule has this id.
    NoRule(String),
    /// Documents are to be judged.
    Judge,
}

impl DeskOptions {
    /// `--format`.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// `--show`.
    pub const fn show(&self) -> bool {
        self.show
    }

    /// `--strict`.
    pub const fn strict(&self) -> bool {
        self.strict
    }

    /// The answer to `--print-policy`, `--explain`, `--list-rules` and `--generate`.
    pub fn answer(&self, command: clap::Command) -> Answer {
        if let Some(what) = self.generate {
            Answer::Text(generate::generate(command, what))
        } else if self.print_policy {
            Answer::Text(TEMPLATE.to_owned())
        } else if let Some(id) = &self.explain {
            catalogue::explain(id).map_or_else(|| Answer::NoRule(id.clone()), Answer::Text)
        } else if self.list_rules {
            Answer::Text(catalogue::list(self.format))
        } else {
            Answer::Judge
        }
    }

    /// The policy in force: that of `--policy`, under `profile` where a flag names one, else under
    /// the file's own, else under `otherwise`.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub fn policy(&self, profile: Option<Profile>, otherwise: Profile) -> Result<Policy, Failure> {
        let policy = match &self.policy {
            Some(path) => load(path, otherwise)?,
            None => Policy::of(otherwise),
        };
        Ok(match profile {
            Some(profile) => policy.under(profile),
            None => policy,
        })
    }
}

/// Reads a policy file.
///
/// # Errors
/// [`Exit::Usage`].
pub fn load(path: &Path, otherwise: Profile) -> Result<Policy, Failure> {
    /// A list of 50 000 names fits.
    const LIMIT: usize = 4 << 20;
    let refuse = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(Exit::Usage, format!("cannot use the policy in {}", path.display()))
            .because(error)
            .hint("--print-policy prints a policy with every key explained, --list-rules names all rules")
    };
    let bytes = input::read(path, LIMIT)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| refuse(&error))?;
    Policy::parse(text, otherwise).map_err(|error| refuse(&error))
}

/// The failure of `--explain` for an id no rule has.
pub fn no_rule(id: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, format!("{} is no rule", Untrusted::new(id)));
    match catalogue::similar(id) {
        Some(similar) => {
            failure.hint(format!("did you mean {similar}?")).hint("--list-rules names all rules")
        }
        None => failure.hint("--list-rules names all rules"),
    }
}
