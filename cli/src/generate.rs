//! Man pages and shell completions out of the clap definition itself (`--generate man|bash|zsh|fish`).

/// What `--generate` can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Generate {
    Man,
    Bash,
    Zsh,
    Fish,
}
/// The document asked for.
pub fn generate(command: clap::Command, what: Generate) -> String {
    todo!("{command} {what:?}")
}
