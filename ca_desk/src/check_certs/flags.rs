//! The flags of `check_certs`; their doc comments are the help and the man page.

use super::command::{Check, Command, Compared, KeyFile};
use crate::desk::{Asked, DeskFlags};
use clap::{CommandFactory, Parser};
use cli::anchors::AnchorSource;
use cli::output::Format;
use cli::{Failure, PassphraseArgs};
use common::Timestamp;
use pki::rules::Profile;
use pki::verdict::ServerName;
use std::path::PathBuf;

/// Judge signed certificate chains before they are sent or installed
///
/// Reads chains from files, folders or standard input and judges each completely, by the rules and
/// the path validation of install_certs: order, missing issuers, signatures, validity, names, form.
/// With the request, the names and the key it was issued for are compared; with the sealed private
/// key, that it is the right one. Every finding names its rule and the clause it is from. Nothing
/// is installed or written.
#[derive(Parser)]
#[command(name = "check_certs", bin_name = "check_certs", version, after_long_help = AFTER_HELP, max_term_width = 100)]
#[command(mut_arg("passphrase_file", |arg| arg.help("File whose first line is the passphrase of the key").requires("key")))]
#[command(mut_arg("passphrase_fd", |arg| arg.help("Open file descriptor to read the passphrase of the key from").requires("key")))]
pub(super) struct Flags {
    /// Chains: files (PEM, DER or PKCS#7), folders of them, or - for standard input
    #[arg(value_name = "CHAIN|DIR|-", required_unless_present_any = ["key", "print_policy", "explain", "list_rules", "generate"])]
    chains: Vec<PathBuf>,
    /// Request the chain should answer
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// Sealed private key the chain should belong to; alone, says what the file holds
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Request or chain of the other role, whose names the chain must not cover
    #[arg(long, value_name = "FILE")]
    other_role: Option<PathBuf>,
    /// Name or address clients connect to; may be given several times
    #[arg(long = "host", value_name = "NAME", value_parser = host)]
    hosts: Vec<ServerName<'static>>,
    /// Moment to judge at instead of now, as 2026-11-22T08:00:00Z or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = moment, allow_negative_numbers = true)]
    at_time: Option<Timestamp>,
    /// File with the trust anchors a chain may end in
    #[arg(long, value_name = "FILE")]
    trust_anchors: Option<PathBuf>,
    /// Trust the system's certification authorities
    #[arg(long)]
    system_trust: bool,
    /// Whose requirements: cluster (Main and Assets of the product), tls-server (any careful
    /// operator) or rfc5280 (path validation alone; with --host, a TLS server's certificate too)
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    profile: Option<Profile>,
    #[command(flatten)]
    desk: DeskFlags,
}

const AFTER_HELP: &str = "\
FILES
  CHAIN                 end entity first, then each issuer; text around the certificates is skipped
  --trust-anchors FILE  certificates; without it the topmost one presented is trusted, with a warning
  --key FILE            private key, sealed: PKCS#8 with PBES2 (PBKDF2 or scrypt, AES)
  --policy FILE         TOML, as for check_csrs (--print-policy prints one)

EXIT CODES
   0  no chain has an error
   1  unexpected: a fault of this program
   2  usage: a flag, or an input that cannot be read
   3  rejected: a chain has an error (with --strict, a warning); every finding is listed
   5  the passphrase of the key is absent or wrong
 130  ended by Ctrl-C

EXAMPLES
  Judge what the CA signed, against what was asked for:
    check_certs --csr requests/main.csr --other-role requests/assets.csr \\
        --trust-anchors root.pem signed/main.pem
  Judge the chain of any TLS server, as clients see it a month from now:
    check_certs --profile tls-server --system-trust --host www.example.com \\
        --at-time 2026-12-22T00:00:00Z chain.pem
  Judge a folder of chains, for a script:
    check_certs --trust-anchors root.pem --format json signed/
";

impl Flags {
    /// What is asked for, and how its end is told.
    pub(super) fn parse(self) -> (Format, Result<Command, Failure>) {
        (self.desk.format().of_failure(), self.command())
    }

    fn command(self) -> Result<Command, Failure> {
        let settings = match self.desk.parse(<Self as CommandFactory>::command())? {
            Asked::Print(text) => return Ok(Command::Print(text)),
            Asked::Judge(settings) => settings,
        };
        let passphrase = self.passphrase.given();
        Ok(Command::Check(Box::new(Check {
            chains: self.chains,
            compared: Compared {
                request: self.csr,
                key: self.key.map(|path| KeyFile { path, passphrase }),
                other_role: self.other_role,
                hosts: self.hosts,
                at: self.at_time,
            },
            anchors: AnchorSource { file: self.trust_anchors, system: self.system_trust },
            profile: self.profile,
            settings,
        })))
    }
}

fn profile(word: &str) -> Result<Profile, String> {
    match word.parse() {
        Ok(profile @ (Profile::Cluster | Profile::TlsServer | Profile::Rfc5280)) => Ok(profile),
        Ok(Profile::Private | Profile::Public | Profile::Rfc5280Host) | Err(_) => {
            Err("expected cluster, tls-server or rfc5280".to_owned())
        }
    }
}

/// A DNS name, or an address as URLs write it or without brackets.
fn host(text: &str) -> Result<ServerName<'static>, String> {
    let address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    ServerName::try_from(address.to_owned()).map_err(|_| "expected a host name or an IP address".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    match text.parse() {
        Ok(seconds) => Some(Timestamp::from_unix(seconds))
            .filter(|time| time.unix() == seconds)
            .ok_or_else(|| "expected a moment between the years 0 and 9999".to_owned()),
        Err(_) => text.parse().map_err(|_| "expected 2026-11-22T08:00:00Z or Unix seconds".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Flags as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn something_to_judge_is_needed() {
        for (words, sound) in [
            (vec!["chain.pem"], true),
            (vec!["-"], true),
            (vec!["a.pem", "b/"], true),
            (vec!["--key", "k", "--passphrase-fd", "3"], true),
            (vec!["--list-rules", "--profile", "rfc5280"], true),
            (vec!["--explain", "san.host"], true),
            (vec!["--print-policy"], true),
            (vec!["--generate", "man"], true),
            (vec![], false),
            (vec!["--csr", "a.csr"], false),
            (vec!["--passphrase-file", "p", "chain.pem"], false),
            (vec!["--profile", "public", "chain.pem"], false),
            (vec!["--host", "a b", "chain.pem"], false),
            (vec!["--at-time", "yesterday", "chain.pem"], false),
        ] {
            let parsed = Flags::try_parse_from(std::iter::once("check_certs").chain(words.iter().copied()));
            assert_eq!(parsed.is_ok(), sound, "{words:?}");
        }
    }

    #[test]
    fn times_and_hosts_are_read_in_their_common_forms() {
        for text in ["1700000000", "2023-11-14T22:13:20Z", "2023-11-14T23:13:20+01:00"] {
            assert_eq!(moment(text).unwrap().unix(), 1_700_000_000, "{text}");
        }
        assert_eq!(moment("-1").unwrap().unix(), -1);
        for (text, shown) in [("[::1]", "::1"), ("192.0.2.1", "192.0.2.1"), ("a_b.example", "a_b.example")] {
            assert_eq!(host(text).unwrap().to_str(), shown);
        }
    }
}
