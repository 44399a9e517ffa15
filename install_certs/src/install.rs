//! The installation: everything slow, human or doubtful first, then one commit.

use crate::afterwards::Followers;
use crate::command::{Consent, Install};
use crate::session::{Session, standing, unchanged};
use crate::{COMMAND, chains, change, publishing};
use cli::{Exit, Failure, Operator};
use flow::{InstallError, InstallOrder, Plan, plan_install};
use std::path::PathBuf;
use store::rotation::{self, Mode};
use store::{PlanError, Snapshot, Store};

/// Runs the installation.
///
/// # Errors
/// Whatever was found; unless it says otherwise, nothing has changed.
pub(crate) fn run(session: &mut Session, install: &Install) -> Result<Exit, Failure> {
    usage(session, install)?;
    let snapshot = session.snapshot()?;
    let standing = standing(&snapshot);
    let kept = |failure| unchanged(failure, &standing);
    let followers = Followers::of(&install.afterwards).map_err(kept)?;
    let plan =
        may_install(install, &snapshot).and_then(|()| plan(session, install, &snapshot)).map_err(kept)?;
    confirm(session, install, &plan).map_err(kept)?;
    change::carry_out(session, plan, install.consent, &standing, &followers)
}

/// Refuses the wrong moment. Where nothing is staged, the copies of the pair that is installed may be what is wanted.
fn may_install(install: &Install, snapshot: &Snapshot) -> Result<(), Failure> {
    rotation::may_install(snapshot, install.mode).map_err(|error| {
        let failure = Failure::plan(&error);
        let publish = install.afterwards.publish.as_deref();
        let copies = publish.filter(|_| matches!(error, PlanError::NothingStaged)).and_then(|directory| {
            publishing::compare(directory, snapshot).ok().filter(|copies| !copies.up_to_date)
        });
        match copies {
            Some(_) => failure.hint(
                "what is published is not the current pair: install_certs --republish with the same --publish \
                 and --deploy-hook publishes it",
            ),
            None => failure,
        }
    })
}

/// Everything that must be right before a person is asked for consent.
fn plan(session: &Session, install: &Install, snapshot: &Snapshot) -> Result<Plan, Failure> {
    let staged = snapshot.staged.as_ref().ok_or_else(|| Failure::plan(&PlanError::NothingStaged))?;
    session.store.check_writable(Store::ROOM_FOR_A_GENERATION).map_err(Failure::store)?;
    let anchors = install.anchors.read(COMMAND)?;
    let order = InstallOrder {
        snapshot,
        mode: install.mode,
        keep_previous: install.keep_previous,
        anchors: &anchors,
        reorder: install.reorder,
    };
    let mut operator = Operator {
        accepts_warnings: install.consent != Consent::Ask,
        passphrase: install.passphrase.clone(),
        ..Operator::of(COMMAND)
    };
    let mut chains = chains::read(session, &install.chains, staged)?;
    let pasted = session.person && (install.chains.main.is_none() || install.chains.assets.is_none());
    loop {
        match plan_install(&order, &chains, session.operation(), &mut operator) {
            // Whoever pastes may paste again what was refused.
            Err(refused @ InstallError::Rejected(_)) if pasted => {
                chains = chains::paste_again(staged, chains, Failure::install(refused))?;
            }
            end => return end.map_err(Failure::install),
        }
    }
}

fn confirm(session: &Session, install: &Install, plan: &Plan) -> Result<(), Failure> {
    let question = match install.mode {
        Mode::First => "Install both certificates now?",
        Mode::Rotate => "Replace both certificates now?",
    };
    change::confirm(session, &format!("\n{}", change::text(session, plan)), install.consent, question)
}

/// What is missing or contradictory, all at once, before anything is read.
fn usage(session: &Session, install: &Install) -> Result<(), Failure> {
    if session.person {
        return Ok(());
    }
    if standard_input_readers(install) > 1 {
        return Err(Failure::new(Exit::Usage, "standard input can be used for one input only").hint(
            "give one of --main and --assets as a file, and the passphrase on a descriptor of its own",
        ));
    }
    let missing = missing(install);
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!("there is no terminal to ask at, and {} values are missing", missing.len());
    Err(missing
        .iter()
        .fold(Failure::new(Exit::Usage, what), |failure, flag| failure.hint(format!("give {flag}"))))
}

/// How many flags want to read standard input, which can be read once.
fn standard_input_readers(install: &Install) -> usize {
    let reads = |path: &Option<PathBuf>| path.as_deref().is_some_and(chains::is_standard_input);
    let passphrase = install.passphrase.as_ref().is_some_and(cli::SecretSource::is_stdin);
    [reads(&install.chains.main), reads(&install.chains.assets), passphrase]
        .iter()
        .filter(|&&reads| reads)
        .count()
}

/// What a person would be asked for.
fn missing(install: &Install) -> Vec<&'static str> {
    [
        (install.chains.main.is_some(), "--main FILE"),
        (install.chains.assets.is_some(), "--assets FILE"),
        (install.passphrase.is_some(), "--passphrase-file FILE or --passphrase-fd N"),
        (install.consent != Consent::Ask, "--yes (or --dry-run)"),
    ]
    .iter()
    .filter(|(given, _)| !given)
    .map(|(_, flag)| *flag)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Task};
    use crate::flags::Flags;
    use clap::Parser;

    fn install(flags: &str) -> Install {
        let words = std::iter::once("install_certs").chain(flags.split_whitespace());
        let (_, command) = Flags::parse_from(words).parse();
        let Ok(Command::Work(work)) = command else { panic!("{flags}: no work") };
        let Task::Install(install) = work.task else { panic!("{flags}: no installation") };
        install
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        for (flags, count) in [
            ("", 4),
            ("--passphrase-fd 3", 3),
            ("--main a --yes --passphrase-file p", 1),
            ("--main a --assets b --dry-run --passphrase-fd 3", 0),
            ("--main a --assets - --yes --passphrase-fd 3", 0),
        ] {
            assert_eq!(missing(&install(flags)).len(), count, "{flags}");
        }
    }

    #[test]
    fn standard_input_is_wanted_once_at_most() {
        for (flags, readers) in [
            ("--main - --assets -", 2),
            ("--main - --assets /dev/stdin", 2),
            ("--main - --assets b --passphrase-fd 0", 2),
            ("--main - --assets b --passphrase-fd 3", 1),
            ("--main a --assets b", 0),
        ] {
            assert_eq!(standard_input_readers(&install(flags)), readers, "{flags}");
        }
    }
}
