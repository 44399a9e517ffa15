//! The flags; their doc comments are the help and the man page.

use crate::COMMAND;
use crate::command::{Afterwards, Command, Consent, Hook, Install, Task, Work};
use crate::duration::Duration;
use clap::CommandFactory;
use cli::anchors::AnchorSource;
use cli::generate::{Generate, generate};
use cli::output::Format;
use cli::{Failure, PassphraseArgs, place};
use common::Pair;
use flow::Limits;
use std::path::PathBuf;
use std::time;
use store::rotation::Mode;

/// When `--within` is not given.
const WITHIN: Duration = Duration::days(30);

/// Install both signed certificate chains in one atomic step
///
/// Reads the chains the CA signed for the staged requests (see get_csrs), judges both completely,
/// opens both private keys, completes a TLS handshake for each in memory, and only then switches
/// Main (Cluster) and Assets (UI) together. Whatever fails before that switch leaves the installed
/// pair exactly as it was.
///
/// At a terminal it asks for what is not given, and the chains are pasted. Without a terminal
/// nothing is asked: --main, --assets, a passphrase source and --yes are needed.
#[derive(Debug, clap::Parser)]
#[command(name = "install_certs", bin_name = "install_certs", version, after_long_help = AFTER_HELP)]
#[command(mut_args(in_our_words))]
#[command(group(clap::ArgGroup::new("afterwards").args(["publish", "deploy_hook"]).multiple(true)))]
pub(crate) struct Flags {
    /// Take the signed chain for Main (Cluster) from FILE; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Chains")]
    main: Option<PathBuf>,

    /// Take the signed chain for Assets (UI) from FILE; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Chains")]
    assets: Option<PathBuf>,

    /// Trust the certificates in this PEM file as ends of a chain
    ///
    /// Without --trust-anchors and --system-trust the topmost certificate presented is trusted,
    /// with a warning that says so. Both may be given together.
    #[arg(long, value_name = "FILE", help_heading = "Chains")]
    trust_anchors: Option<PathBuf>,

    /// Trust the system's certificate authorities as ends of a chain
    #[arg(long, help_heading = "Chains")]
    system_trust: bool,

    /// Accept chains in a wrong order, with duplicates or strangers, and install them in path order
    #[arg(long, help_heading = "Chains")]
    reorder: bool,

    #[command(flatten)]
    passphrase: PassphraseArgs,

    /// Replace the installed pair by the staged rotation, and remove the old pair
    #[arg(long)]
    rotate: bool,

    /// Keep the old pair for --rollback
    #[arg(long, requires = "rotate")]
    keep_previous: bool,

    /// Check everything, show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Confirm the plan, warnings included; needed without a terminal
    #[arg(long)]
    yes: bool,

    /// Go back one step to the pair kept by --keep-previous
    #[arg(long, conflicts_with_all = INSTALLING, conflicts_with_all = ["status", "republish"], help_heading = "Instead of installing")]
    rollback: bool,

    /// Show what is staged, current and previous; changes nothing and needs no passphrase
    #[arg(long, conflicts_with_all = INSTALLING, conflicts_with_all = CHANGING, conflicts_with = "republish", help_heading = "Instead of installing")]
    status: bool,

    /// Do what follows an installation again: --publish, --deploy-hook, or both
    ///
    /// For the day a copy or the hook failed after an installation (exit code 8). Changes nothing
    /// in the store.
    #[arg(long, requires = "afterwards", conflicts_with_all = INSTALLING, conflicts_with_all = ["dry_run", "yes"], help_heading = "Instead of installing")]
    republish: bool,

    /// With --status: exit 10 when the current pair ends within this time [default: 30d]
    ///
    /// A number counts days; 36h, 30d, and 4w are understood.
    #[arg(long, value_name = "DURATION", requires = "status", help_heading = "Instead of installing")]
    within: Option<Duration>,

    /// With --status: exit 10 when requests have waited for their certificates longer than this
    #[arg(long, value_name = "DURATION", requires = "status", help_heading = "Instead of installing")]
    staged_longer_than: Option<Duration>,

    /// Afterwards copy the pair to DIR: main.pem, main.key, assets.pem, assets.key
    ///
    /// The keys stay sealed. DIR must exist; nobody but its owner may be able to write to it. With
    /// --status nothing is copied: it is due (exit 10) when DIR holds another pair than the current.
    #[arg(long, value_name = "DIR", help_heading = "Afterwards")]
    publish: Option<PathBuf>,

    /// Afterwards run this command with /bin/sh
    #[arg(long, value_name = "CMD", help_heading = "Afterwards")]
    deploy_hook: Option<String>,

    /// End the deploy hook after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..), requires = "deploy_hook", help_heading = "Afterwards")]
    hook_timeout: u32,

    /// Use the store in DIR
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,

    /// Append events to FILE, one JSON object per line, never a secret
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,

    /// Print the result as text or as one JSON document
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,

    /// Print a man page or shell completions
    #[arg(long, value_enum, value_name = "WHAT", exclusive = true)]
    generate: Option<Generate>,
}

/// The shared flags of the passphrase, as this command explains them. (`mut_arg` would move them to
/// the end of the help.)
fn in_our_words(arg: clap::Arg) -> clap::Arg {
    let help = match arg.get_id().as_str() {
        "passphrase_file" => {
            "Read the passphrase of the private keys from FILE (first line; owner-only mode)"
        }
        "passphrase_fd" => "Read the passphrase of the private keys from the inherited descriptor N",
        _other => return arg,
    };
    arg.help(help).help_heading("Passphrase")
}

/// Flags that only an installation understands.
const INSTALLING: [&str; 9] = [
    "main",
    "assets",
    "trust_anchors",
    "system_trust",
    "reorder",
    "passphrase_file",
    "passphrase_fd",
    "rotate",
    "keep_previous",
];

/// Flags that only a change understands.
const CHANGING: [&str; 3] = ["dry_run", "yes", "deploy_hook"];

const AFTER_HELP: &str = "\
FILES
  /var/lib/cluster-certs       the store for root; else $XDG_STATE_HOME/cluster-certs;
                               --store and CLUSTER_CERTS_STORE name another one
  /var/log/install_certs.log   the log for root; --log-file names another one

  --publish DIR writes main.pem and assets.pem (the chain, end entity first, mode 0644) and
  main.key and assets.key (the sealed key, mode 0600). nginx reads them with ssl_certificate,
  ssl_certificate_key, and ssl_password_file; HAProxy 3.3 with a load line of a crt-store (crt
  and key) and ssl-passphrase-cmd. All four are links into DIR/.cluster-certs, where one rename
  switches them together to what is current then; copies of replaced pairs are removed. Commands
  that publish to one DIR wait for each other, deploy hooks included: a hook must not publish to
  the DIR it is told. Mount DIR as a whole into containers, not the single files. Owner and mode
  of DIR are yours to decide.

PASSPHRASE
  --passphrase-file, --passphrase-fd, or the systemd credential cluster-certs.passphrase;
  else it is asked for at the terminal.

DEPLOY HOOK
  Runs as /bin/sh -c CMD after the switch and after --publish, in a process group of its own,
  with empty standard input, no other descriptors, the umask and the limit on core dumps this
  command was started with, and only these variables; its output is shown, the first 64 KiB of
  it. After --hook-timeout, or by Ctrl-C, it is ended with all it started in its group: SIGTERM,
  and SIGKILL 5 seconds later.
  PATH                               /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  CLUSTER_CERTS_ACTION               install, rotate, rollback, or republish (which it also is
                                     when another command changed the pair meanwhile)
  CLUSTER_CERTS_STORE                the store
  CLUSTER_CERTS_GENERATION           the generation that is now current
  CLUSTER_CERTS_PREVIOUS_GENERATION  the generation that was current before, if any
  CLUSTER_CERTS_PUBLISHED            the directory of --publish, if given
  CLUSTER_CERTS_MAIN_NAME            primary name of Main; CLUSTER_CERTS_ASSETS_NAME likewise
  CLUSTER_CERTS_MAIN_NOT_AFTER       RFC 3339, UTC; CLUSTER_CERTS_ASSETS_NOT_AFTER likewise

EXIT CODES
   0  done
   1  unexpected: a fault of this program
   2  usage: a flag is missing or wrong, or an input file cannot be read
   3  rejected: a chain is at fault; every finding is listed
   4  store: missing, damaged, nothing staged, or --rotate missing or misplaced
   5  passphrase absent or wrong
   6  the outcome is uncertain: run install_certs --status
   7  busy, or the store changed meanwhile: try again
   8  done, the pair is installed, but --publish or the deploy hook failed
  10  --status only: something is due, or DIR of --publish is not up to date
 130  ended by Ctrl-C or by your no before anything changed

EXAMPLES
  At a terminal, pasting both chains:
    install_certs
  Unattended:
    install_certs --main main.pem --assets assets.pem --trust-anchors root.pem \\
        --passphrase-file /run/secrets/passphrase --yes
  A rotation, with nginx reloaded afterwards:
    install_certs --rotate --main main.pem --assets assets.pem --passphrase-fd 3 --yes \\
        --publish /etc/nginx/tls --deploy-hook 'systemctl reload nginx' 3< passphrase
  Ask a monitoring system's question:
    install_certs --status --format json --within 21d --staged-longer-than 14d
";

impl Flags {
    /// What is asked for, and how its end is told.
    pub(crate) fn parse(self) -> (Format, Result<Command, Failure>) {
        (self.format, Ok(self.command()))
    }

    fn command(self) -> Command {
        if let Some(what) = self.generate {
            return Command::Print(generate(<Self as CommandFactory>::command(), what));
        }
        let words = self.words();
        let (store, log_file, format) =
            (place::store(self.store.clone()), self.log_file.clone(), self.format);
        Command::Work(Box::new(Work { task: self.task(), words, store, log_file, format }))
    }

    /// The command without the values of its flags.
    fn words(&self) -> String {
        let flags = [
            (self.rotate, "--rotate"),
            (self.keep_previous, "--keep-previous"),
            (self.rollback, "--rollback"),
            (self.republish, "--republish"),
            (self.dry_run, "--dry-run"),
        ];
        let given = flags.iter().filter(|(given, _)| *given).map(|(_, flag)| *flag);
        std::iter::once(COMMAND).chain(given).collect::<Vec<_>>().join(" ")
    }

    fn task(self) -> Task {
        if self.status {
            let limits = Limits {
                ends_within: self.within.unwrap_or(WITHIN).seconds(),
                staged_longer_than: self.staged_longer_than.map(Duration::seconds),
            };
            return Task::Status { limits, publish: self.publish };
        }
        let limit = time::Duration::from_secs(self.hook_timeout.into());
        let hook = self.deploy_hook.map(|command| Hook { command, limit });
        let afterwards = Afterwards { publish: self.publish, hook };
        if self.republish {
            return Task::Republish(afterwards);
        }
        let consent = match (self.dry_run, self.yes) {
            (true, _) => Consent::DryRun,
            (false, true) => Consent::Given,
            (false, false) => Consent::Ask,
        };
        if self.rollback {
            return Task::RollBack { consent, afterwards };
        }
        Task::Install(Install {
            chains: Pair { main: self.main, assets: self.assets },
            anchors: AnchorSource { file: self.trust_anchors, system: self.system_trust },
            reorder: self.reorder,
            passphrase: self.passphrase.given_or_credential(),
            mode: if self.rotate { Mode::Rotate } else { Mode::First },
            keep_previous: self.keep_previous,
            consent,
            afterwards,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn parse(flags: &str) -> Result<Flags, clap::error::ErrorKind> {
        let words = std::iter::once("install_certs").chain(flags.split_whitespace());
        Flags::try_parse_from(words).map_err(|e| e.kind())
    }

    #[test]
    fn the_definition_is_consistent() {
        <Flags as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn flags_that_contradict_each_other_are_refused() {
        for flags in [
            "--status --main a.pem",
            "--status --deploy-hook true",
            "--status --rollback",
            "--status --yes",
            "--rollback --assets a.pem",
            "--rollback --rotate",
            "--rollback --passphrase-fd 3",
            "--rollback --republish --publish /d",
            "--republish --publish /d --rotate",
            "--passphrase-file p --passphrase-fd 3",
            "--generate man --status",
        ] {
            assert_eq!(parse(flags).unwrap_err(), clap::error::ErrorKind::ArgumentConflict, "{flags}");
        }
    }

    #[test]
    fn flags_that_need_another_are_refused_without_it() {
        for flags in ["--keep-previous", "--within 3", "--staged-longer-than 3d", "--republish"] {
            assert_eq!(parse(flags).unwrap_err(), clap::error::ErrorKind::MissingRequiredArgument, "{flags}");
        }
    }

    #[test]
    fn every_flag_of_an_unattended_rotation_goes_together() {
        let args = parse(
            "--rotate --keep-previous --main - --assets a.pem --trust-anchors r.pem --system-trust --reorder \
             --passphrase-fd 3 --yes --publish /d --deploy-hook true --hook-timeout 60 --store /s --log-file /l --format json",
        );
        assert!(args.is_ok());
        assert!(parse("--rollback --yes --dry-run --publish /d --deploy-hook true").is_ok());
        assert!(parse("--republish --publish /d --deploy-hook true").is_ok());
        assert!(parse("--republish --deploy-hook true").is_ok());
    }

    #[test]
    fn the_long_help_ends_with_the_agreed_sections() {
        let help = <Flags as CommandFactory>::command().render_long_help().to_string();
        let places: Vec<_> =
            ["\nFILES\n", "\nEXIT CODES\n", "\nEXAMPLES\n"].iter().map(|s| help.find(s).unwrap()).collect();
        assert!(places.is_sorted());
    }

    fn task(flags: &str) -> Task {
        match parse(flags).unwrap().command() {
            Command::Work(work) => work.task,
            Command::Print(text) => panic!("{text}"),
        }
    }

    #[test]
    fn each_command_line_is_one_task() {
        let afterwards = Afterwards {
            publish: Some("/d".into()),
            hook: Some(Hook { command: "true".into(), limit: time::Duration::from_secs(600) }),
        };
        assert_eq!(task("--republish --publish /d --deploy-hook true"), Task::Republish(afterwards.clone()));
        assert_eq!(
            task("--rollback --publish /d --deploy-hook true"),
            Task::RollBack { consent: Consent::Ask, afterwards }
        );
        let limits = |ends_within, staged_longer_than| Limits { ends_within, staged_longer_than };
        let status = |limits, publish| Task::Status { limits, publish };
        assert_eq!(task("--status"), status(limits(30 * 86_400, None), None));
        assert_eq!(
            task("--status --within 36h --staged-longer-than 2 --publish /d"),
            status(limits(36 * 3_600, Some(2 * 86_400)), Some("/d".into()))
        );
        assert!(matches!(task("--rotate"), Task::Install(Install { mode: Mode::Rotate, .. })));
    }

    #[test]
    fn a_dry_run_changes_nothing_whatever_else_is_said() {
        for (flags, expected) in
            [("", Consent::Ask), ("--yes", Consent::Given), ("--yes --dry-run", Consent::DryRun)]
        {
            assert!(
                matches!(task(flags), Task::Install(Install { consent, .. }) if consent == expected),
                "{flags}"
            );
        }
    }

    #[test]
    fn the_command_is_recorded_without_its_values() {
        let work = |flags: &str| match parse(flags).unwrap().command() {
            Command::Work(work) => work.words,
            Command::Print(text) => panic!("{text}"),
        };
        assert_eq!(
            work("--rotate --keep-previous --main secret.pem --deploy-hook secret --yes"),
            "install_certs --rotate --keep-previous"
        );
        assert_eq!(work("--rollback --dry-run"), "install_certs --rollback --dry-run");
    }
}
