//! `--passphrase-file` and `--passphrase-fd`, once for all commands.

use crate::secret::SecretSource;
use std::path::PathBuf;

/// The flags that say where a passphrase comes from, flattened into every command that takes one.
/// (A command that calls it otherwise changes the help, or the name, with `mut_arg`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct PassphraseArgs {
    /// Read the passphrase of the private keys from the first line of a file only its owner can read
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase of the private keys from an open descriptor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    pub passphrase_fd: Option<i32>,
}

impl PassphraseArgs {
    /// The systemd credential that may hold the passphrase of the store's keys.
    const CREDENTIAL: &str = "cluster-certs.passphrase";

    /// What the flags name.
    pub fn given(self) -> Option<SecretSource> {
        let file = self.passphrase_file.map(SecretSource::File);
        file.or_else(|| self.passphrase_fd.map(SecretSource::Descriptor))
    }

    /// What the flags name, else the systemd credential `cluster-certs.passphrase`, if there is one.
    pub fn given_or_credential(self) -> Option<SecretSource> {
        self.given().or_else(|| SecretSource::credential(Self::CREDENTIAL))
    }

    /// These flags, and where there are none, those.
    #[must_use]
    pub fn or(self, those: Self) -> Self {
        let none = self.passphrase_file.is_none() && self.passphrase_fd.is_none();
        if none { those } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    #[command(mut_arg("passphrase_file", |arg| arg.long("ca-passphrase-file")))]
    struct Renamed {
        #[command(flatten)]
        passphrase: PassphraseArgs,
    }

    fn parse(words: &[&str]) -> Result<PassphraseArgs, clap::error::ErrorKind> {
        let words = std::iter::once("command").chain(words.iter().copied());
        Renamed::try_parse_from(words).map(|parsed| parsed.passphrase).map_err(|error| error.kind())
    }

    #[test]
    fn a_passphrase_has_one_source_at_most_and_a_command_may_call_it_otherwise() {
        use clap::error::ErrorKind;
        assert_eq!(parse(&[]).unwrap().given(), None);
        let file = parse(&["--ca-passphrase-file", "p"]).unwrap().given();
        assert_eq!(file, Some(SecretSource::File("p".into())));
        let descriptor = parse(&["--passphrase-fd", "0"]).unwrap().given();
        assert_eq!(descriptor, Some(SecretSource::Descriptor(0)));
        let both = ["--ca-passphrase-file", "p", "--passphrase-fd", "3"];
        assert_eq!(parse(&both).unwrap_err(), ErrorKind::ArgumentConflict);
        for number in ["--passphrase-fd=-1", "--passphrase-fd=hunter2"] {
            assert_eq!(parse(&[number]).unwrap_err(), ErrorKind::ValueValidation, "{number}");
        }
    }

    #[test]
    fn flags_hide_both_sources_of_an_answers_file() {
        let file = PassphraseArgs { passphrase_file: Some("/p".into()), passphrase_fd: None };
        let descriptor = PassphraseArgs { passphrase_file: None, passphrase_fd: Some(3) };
        assert_eq!(descriptor.clone().or(file.clone()), descriptor);
        assert_eq!(PassphraseArgs::default().or(file.clone()), file);
    }

    #[test]
    fn standard_input_is_known_by_every_name() {
        for (source, is_stdin) in [
            (SecretSource::Descriptor(0), true),
            (SecretSource::File("/dev/stdin".into()), true),
            (SecretSource::File("/dev/fd/0".into()), true),
            (SecretSource::Descriptor(3), false),
            (SecretSource::File("p".into()), false),
        ] {
            assert_eq!(source.is_stdin(), is_stdin, "{source:?}");
        }
    }
}
