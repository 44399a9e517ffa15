//! The installation: everything slow, human or doubtful first, then one commit.

use crate::afterwards;
use crate::cli::Args;
use crate::judge::Judged;
use crate::report::{Coming, Report};
use crate::session::{Session, standing, unchanged};
use crate::{chains, judge, unlock};
use cli::anchors::AnchorSource;
use cli::output::{self, Format};
use cli::{Exit, Failure, clock, terminal};
use common::{Pair, Role};
use pki::KeyPair;
use pki::verdict::{Anchors, VerifiedChain};
use store::rotation::{self, Mode};
use store::{Commit, Installed, Snapshot, Staged, State, Store};
use tls::rehearsal::{Handshake, rehearse};

use std::path::PathBuf;

/// Runs the installation.
///
/// # Errors
/// Whatever was found; unless it says otherwise, nothing has changed.
pub(crate) fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    usage(session)?;
    let snapshot = session.snapshot()?;
    let standing = standing(&snapshot);
    let directory = afterwards::directory(session).map_err(|failure| unchanged(failure, &standing))?;
    let (plan, mut report) = prepare(session, &snapshot).map_err(|failure| unchanged(failure, &standing))?;
    if session.args.dry_run {
        output::result(&match session.args.format {
            Format::Text => format!("{}{standing}\n", report.text(session.now)),
            Format::Json => crate::report::document(&report, None),
        })?;
        return Ok(Exit::Done);
    }
    let pair = commit(session, &plan, &mut report).map_err(|failure| unchanged(failure, &standing))?;
    afterwards::conclude(session, report, &pair, directory.as_ref())
}

/// Everything up to the commit.
fn prepare(session: &Session<'_>, snapshot: &Snapshot) -> Result<(Commit, Report), Failure> {
    let mode = if session.args.rotate { Mode::Rotate } else { Mode::First };
    rotation::may_install(snapshot, mode).map_err(|error| Failure::plan(&error))?;
    let staged =
        snapshot.staged.as_ref().ok_or_else(|| Failure::plan(&rotation::PlanError::NothingStaged))?;
    session.store.check_writable(Store::ROOM_FOR_A_GENERATION).map_err(Failure::store)?;
    let (file, system) = (session.args.trust_anchors.clone(), session.args.system_trust);
    let anchors = AnchorSource { file, system }.read()?;
    let judged = judged(session, snapshot, staged, &anchors)?;
    let keys = unlock::open_keys(session, staged)?;
    let handshakes = rehearse_both(&judged.verified, &keys)?;
    // What was secret is wiped before a person thinks about the plan.
    drop(keys);
    let mut report = report(session, snapshot, staged, &judged.verified)?;
    report.findings = judged.findings;
    report.handshakes = Some(handshakes);
    confirm(session, snapshot, &report)?;
    let operation = session.operation();
    let plan = rotation::install(snapshot, &judged.verified, mode, session.args.keep_previous, operation)
        .map_err(|error| Failure::plan(&error))?;
    Ok((plan, report))
}

/// Gets both chains and judges them; a person who pastes may paste again what was refused.
fn judged(
    session: &Session<'_>,
    snapshot: &Snapshot,
    staged: &Staged,
    anchors: &Anchors,
) -> Result<Judged, Failure> {
    let pasted = session.person && (session.args.main.is_none() || session.args.assets.is_none());
    let mut chains = chains::read(session, staged)?;
    loop {
        match judge::judge(session, snapshot, staged, anchors, &chains) {
            Err(refusal) if pasted && refusal.exit == Exit::Rejected => {
                chains = chains::paste_again(staged, chains, refusal)?;
            }
            end => return end,
        }
    }
}

/// What is missing or contradictory, all at once, before anything is read.
fn usage(session: &Session<'_>) -> Result<(), Failure> {
    if session.person {
        return Ok(());
    }
    if standard_input_readers(session.args) > 1 {
        return Err(Failure::new(Exit::Usage, "standard input can be used for one input only").hint(
            "give one of --main and --assets as a file, and the passphrase on a descriptor of its own",
        ));
    }
    let missing = missing(session.args, unlock::is_given(session));
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!("there is no terminal to ask at, and {} values are missing", missing.len());
    Err(missing
        .iter()
        .fold(Failure::new(Exit::Usage, what), |failure, flag| failure.hint(format!("give {flag}"))))
}

/// How many flags want to read standard input, which can be read once.
fn standard_input_readers(args: &Args) -> usize {
    let reads = |path: &Option<PathBuf>| path.as_deref().is_some_and(chains::is_standard_input);
    [reads(&args.main), reads(&args.assets), args.passphrase_fd == Some(0)]
        .iter()
        .filter(|&&reads| reads)
        .count()
}

/// What a person would be asked for.
fn missing(args: &Args, passphrase: bool) -> Vec<&'static str> {
    [
        (args.main.is_some(), "--main FILE"),
        (args.assets.is_some(), "--assets FILE"),
        (passphrase, "--passphrase-file FILE or --passphrase-fd N"),
        (args.yes || args.dry_run, "--yes (or --dry-run)"),
    ]
    .iter()
    .filter(|(given, _)| !given)
    .map(|(_, flag)| *flag)
    .collect()
}

/// Both roles complete both handshakes, or the pair is not installed.
fn rehearse_both(
    verified: &Pair<VerifiedChain>,
    keys: &Pair<KeyPair>,
) -> Result<Pair<[Handshake; 2]>, Failure> {
    let now = clock::now();
    Pair::try_from_fn(|role: Role| {
        rehearse(verified.of(role), keys.of(role), now).map_err(|error| {
            Failure::new(Exit::Rejected, format!("{role}: a client could not connect with this chain"))
                .because(&error)
        })
    })
}

fn report(
    session: &Session<'_>,
    snapshot: &Snapshot,
    staged: &Staged,
    verified: &Pair<VerifiedChain>,
) -> Result<Report, Failure> {
    let chains = verified.as_ref().map(|chain| chain.served().clone());
    let generation = staged.manifest.generation;
    let coming = Coming { generation, requests: &staged.requests, chains: &chains };
    let replaced = snapshot.current.as_ref();
    Ok(Report {
        dry_run: session.args.dry_run,
        generation: None,
        replaced_generation: replaced.map(|pair| pair.manifest.generation),
        removed_generations: removed(snapshot, session.args.keep_previous),
        changes: crate::report::changes(coming, replaced, session.now)?,
        ..Report::unchanged(session, if session.args.rotate { "rotate" } else { "install" }, coming)?
    })
}

/// Shows the plan to a person and asks.
fn confirm(session: &Session<'_>, snapshot: &Snapshot, report: &Report) -> Result<(), Failure> {
    if session.args.dry_run {
        return Ok(());
    }
    if session.person {
        output::say(&format!("\n{}", report.plan(session.now).trim_end()));
    }
    let question = match &snapshot.state.current {
        None => "Install both certificates now?",
        Some(_) => "Replace both certificates now?",
    };
    session.confirm(question)?;
    terminal::check_interrupted()
}

/// The installed generations that go with the commit: `--rollback` goes back one step only.
fn removed(snapshot: &Snapshot, keep_previous: bool) -> Vec<u64> {
    let State { current, previous, .. } = &snapshot.state;
    let current = current.iter().filter(|_| !keep_previous);
    let mut removed: Vec<u64> = previous.iter().chain(current).map(|old| old.number).collect();
    removed.sort_unstable();
    removed
}

/// The one step that changes anything.
fn commit(session: &mut Session<'_>, plan: &Commit, report: &mut Report) -> Result<Installed, Failure> {
    let applied = session.store.apply(plan).map_err(Failure::store)?;
    crate::report::committed(session, report, applied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn args(flags: &str) -> Args {
        Args::parse_from(std::iter::once("install_certs").chain(flags.split_whitespace()))
    }

    #[test]
    fn all_that_is_missing_is_listed_at_once() {
        for (flags, passphrase, count) in [
            ("", false, 4),
            ("", true, 3),
            ("--main a --yes", true, 1),
            ("--main a --assets b --dry-run", true, 0),
            ("--main a --assets - --yes", true, 0),
        ] {
            assert_eq!(missing(&args(flags), passphrase).len(), count, "{flags}");
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
            assert_eq!(standard_input_readers(&args(flags)), readers, "{flags}");
        }
    }
}
