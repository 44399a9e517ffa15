//! The flags of `sign_csrs`; their doc comments are the help and the man page.

use super::command::{Command, Sign};
use clap::{CommandFactory, Parser};
use cli::generate::{Generate, generate};
use cli::output::Format;
use cli::{Exit, Failure, PassphraseArgs};
use common::Pair;
use pki::KeyAlgorithm;
use std::path::PathBuf;

/// Sign both certificate requests of a cluster with a local lab CA
///
/// This is a lab CA, for laboratories, tests and small sites that have no certification authority
/// of their own: its keys lie sealed in a directory, it keeps no register of what it signed and
/// revokes nothing. On first use it creates a root and an intermediate in the directory of --ca;
/// with every use it checks both requests against the catalogue of rules, refuses what breaks
/// one, and signs both or neither.
///
/// A certificate gets the subject and the SANs of its request as they are; of keyUsage and
/// extendedKeyUsage what a TLS server may have; and of other requested extensions nothing, which
/// is said.
#[derive(Parser)]
#[command(name = "sign_csrs", bin_name = "sign_csrs", version, after_long_help = AFTER_HELP, max_term_width = 100)]
#[command(mut_arg("passphrase_file", |arg| {
    arg.long("ca-passphrase-file")
        .help("Read the passphrase of the CA's keys from the first line of a file only its owner can read")
        .required_unless_present("passphrase_fd")
}))]
#[command(mut_arg("passphrase_fd", |arg| {
    arg.long("ca-passphrase-fd").help("Read the passphrase of the CA's keys from an open descriptor")
}))]
pub(super) struct Flags {
    /// The request for Main (Cluster), PEM or DER
    #[arg(value_name = "MAIN_CSR", required = true)]
    main: Option<PathBuf>,
    /// The request for Assets (UI), PEM or DER
    #[arg(value_name = "ASSETS_CSR", required = true)]
    assets: Option<PathBuf>,
    /// Sign with the CA in DIR, made with a new root and intermediate when it does not exist
    #[arg(long, value_name = "DIR", required = true)]
    ca: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Write main.pem, assets.pem and root.pem into DIR
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    /// Make the certificates valid for N days; 825 is the most Apple's clients accept from any CA
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=825))]
    days: u32,
    /// Choose the key type of a CA that is made now: RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521
    #[arg(long, value_name = "TYPE")]
    key_type: Option<KeyAlgorithm>,
    /// Judge the requests by a policy file, as check_csrs --policy does
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Check and sign, but write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the result as text or as one JSON document
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print a man page or shell completions
    #[arg(long, value_enum, value_name = "WHAT", exclusive = true)]
    generate: Option<Generate>,
}

const AFTER_HELP: &str = "\
FILES
  CA/root.key, CA/intermediate.key   private keys of the CA, sealed under the passphrase, mode 0600
  CA/root.pem, CA/intermediate.pem   its certificates; the root is what clients trust
  OUT/main.pem, OUT/assets.pem       chains for install_certs: end entity first, intermediate after
  OUT/root.pem                       the trust anchor, for install_certs --trust-anchors and clients

EXIT CODES
   0  both certificates are signed and written
   1  unexpected: a fault of this program
   2  usage: a flag, an input that cannot be read, or an output that cannot be written
   3  rejected: a request is malformed or breaks a rule; every finding is listed
   4  the CA's directory is incomplete or damaged, or the CA ends before the certificates would
   5  the passphrase is absent or wrong
 130  ended by Ctrl-C before anything changed

EXAMPLES
  Sign what get_csrs --out requests wrote; the first run creates the CA:
    sign_csrs --ca lab-ca --ca-passphrase-file ca.pass --out signed \\
        requests/main.csr requests/assets.csr
  See what would be signed for a week:
    sign_csrs --ca lab-ca --ca-passphrase-file ca.pass --out signed \\
        --days 7 --dry-run requests/main.csr requests/assets.csr
";

impl Flags {
    /// What is asked for, and how its end is told.
    pub(super) fn parse(self) -> (Format, Result<Command, Failure>) {
        (self.format, self.command())
    }

    fn command(self) -> Result<Command, Failure> {
        if let Some(what) = self.generate {
            return Ok(Command::Print(generate(<Self as CommandFactory>::command(), what)));
        }
        // clap requires every option of it where --generate is not given.
        let sign =
            self.sign().ok_or_else(|| Failure::new(Exit::Unexpected, "the command line is not complete"));
        Ok(Command::Sign(Box::new(sign?)))
    }

    fn sign(self) -> Option<Sign> {
        Some(Sign {
            requests: Pair { main: self.main?, assets: self.assets? },
            ca: self.ca?,
            passphrase: self.passphrase.given()?,
            out: self.out?,
            days: self.days,
            key_type: self.key_type,
            policy: self.policy,
            dry_run: self.dry_run,
            format: self.format,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Flags::command_for_update().debug_assert();
        <Flags as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn generating_needs_nothing_else() {
        let flags = Flags::try_parse_from(["sign_csrs", "--generate", "man"]).unwrap();
        assert!(matches!(flags.command(), Ok(Command::Print(_))));
    }

    #[test]
    fn a_run_needs_everything_else() {
        let complete = ["sign_csrs", "--ca=ca", "--ca-passphrase-file=f", "--out=o", "m.csr", "a.csr"];
        assert!(matches!(Flags::try_parse_from(complete).unwrap().command(), Ok(Command::Sign(_))));
        for missing in 1..complete.len() {
            let rest =
                complete.iter().enumerate().filter(|(index, _)| *index != missing).map(|(_, word)| word);
            assert!(Flags::try_parse_from(rest).is_err(), "without {}", complete[missing]);
        }
        for days in ["0", "826", "-1", "x"] {
            assert!(Flags::try_parse_from(complete.into_iter().chain(["--days", days])).is_err());
        }
        let both = ["--ca-passphrase-fd", "3"];
        assert!(Flags::try_parse_from(complete.into_iter().chain(both)).is_err());
    }
}
