//! `--format` of the desk.

use cli::output;

/// How the result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
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
    /// How a failure is printed beside standard error.
    pub(crate) const fn of_failure(self) -> output::Format {
        match self {
            Self::Json => output::Format::Json,
            Self::Text | Self::Ndjson | Self::Sarif | Self::Markdown => output::Format::Text,
        }
    }
}
