//! `--deploy-hook CMD`: a command that runs after the commit. Whatever it does, the commit stands.

use crate::{harden, terminal};
use common::{Role, Untrusted};
use flow::Facts;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::ffi::OsString;
use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// The directories a hook finds its commands in, whatever the caller's environment says.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How much of its output is kept.
const MAX_OUTPUT: usize = 64 << 10;
/// How long output is awaited after the hook itself has ended: a server it started in the
/// background may hold the pipe for ever.
const GRACE: Duration = Duration::from_secs(1);
/// How long a hook that took too long has from SIGTERM to SIGKILL.
const LAST_WORDS: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// A command that runs after a commit, and what it is told.
#[derive(Clone, Copy, Debug)]
pub struct DeployHook<'a> {
    /// For `/bin/sh`.
    pub command: &'a str,
    /// About the change.
    pub facts: &'a Facts,
    /// The directory of the store.
    pub store: &'a Path,
    /// Where copies were published to.
    pub published: Option<&'a Path>,
    /// How long it may take.
    pub limit: Duration,
}

impl DeployHook<'_> {
    /// Runs the hook to its end, or to that of its time. It has a process group of its own, so that
    /// what it started ends with it.
    ///
    /// # Errors
    /// When `/bin/sh` cannot be started.
    pub fn run(&self) -> std::io::Result<HookRun> {
        let (reader, writer) = std::io::pipe()?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", self.command])
            .env_clear()
            .envs(self.variables())
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .process_group(0);
        let mut child = harden::as_inherited(|| command.spawn())?;
        // It holds the other end of the pipe.
        drop(command);
        let (kept, ended) = collect(reader);
        let (status, timed_out) = wait(&mut child, self.limit)?;
        let _still_held_open = ended.recv_timeout(GRACE);
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ran(status, timed_out.then_some(self.limit), &kept))
    }

    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let Facts { action, generation, replaced, names, not_after } = self.facts;
        let mut variables = vec![
            ("PATH", PATH.into()),
            ("CLUSTER_CERTS_ACTION", action.word().into()),
            ("CLUSTER_CERTS_STORE", self.store.into()),
            ("CLUSTER_CERTS_GENERATION", generation.to_string().into()),
            ("CLUSTER_CERTS_MAIN_NAME", names.of(Role::Main).into()),
            ("CLUSTER_CERTS_ASSETS_NAME", names.of(Role::Assets).into()),
            ("CLUSTER_CERTS_MAIN_NOT_AFTER", not_after.of(Role::Main).to_string().into()),
            ("CLUSTER_CERTS_ASSETS_NOT_AFTER", not_after.of(Role::Assets).to_string().into()),
        ];
        if let Some(previous) = replaced {
            variables.push(("CLUSTER_CERTS_PREVIOUS_GENERATION", previous.to_string().into()));
        }
        if let Some(directory) = self.published {
            variables.push(("CLUSTER_CERTS_PUBLISHED", directory.into()));
        }
        variables
    }
}

/// How a hook ended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HookRun {
    /// Its exit status, unless a signal ended it.
    pub exit_status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote to standard output and standard error, line by line, escaped.
    pub output: Vec<String>,
    /// Whether it wrote more than was kept.
    pub truncated: bool,
    /// The seconds it might take, when it took longer and was ended for that.
    pub timed_out: Option<u64>,
}

impl HookRun {
    /// Whether its exit status was 0.
    pub fn succeeded(&self) -> bool {
        self.exit_status == Some(0) && self.timed_out.is_none()
    }

    /// `exited with status 3`, `was ended by signal 9`, `was ended after 600 seconds`.
    pub fn ending(&self) -> String {
        if let Some(seconds) = self.timed_out {
            return format!("was ended after {seconds} second{}", if seconds == 1 { "" } else { "s" });
        }
        match (self.exit_status, self.signal) {
            (Some(status), _) => format!("exited with status {status}"),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) => "ended without a status".to_owned(),
        }
    }
}

/// Reads a pipe to its end in a thread of its own, keeping the first bytes of it.
fn collect(mut reader: PipeReader) -> (Arc<Mutex<Vec<u8>>>, mpsc::Receiver<()>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let (end, ended) = mpsc::channel();
    let sink = Arc::clone(&kept);
    std::thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
            let room = (MAX_OUTPUT + 1).saturating_sub(sink.len()).min(length);
            sink.extend_from_slice(buffer.get(..room).unwrap_or_default());
        }
        end.send(())
    });
    (kept, ended)
}

/// Waits for the end of a child that leads a process group. When its time is over, or a Ctrl-C ends the
/// wait, its group is asked to end, and then ended. Also gives whether its time was over.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<(ExitStatus, bool)> {
    // A process id is a positive i32 (proc(5), pid_max).
    let pid =
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(std::io::ErrorKind::InvalidData)?;
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let ended = terminal::wait_readable(process.as_fd(), Some(limit));
    if !matches!(ended, Ok(true)) {
        // Not waited for yet: its number is still its own. What has ended meanwhile needs no signal.
        let _ended = kill_process_group(pid, Signal::TERM);
        // A second Ctrl-C ends this wait.
        let _ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&LAST_WORDS));
        let _ended = kill_process_group(pid, Signal::KILL);
    }
    Ok((child.wait()?, matches!(ended, Ok(false))))
}

fn ran(status: ExitStatus, over: Option<Duration>, kept: &[u8]) -> HookRun {
    let shown = kept.get(..MAX_OUTPUT).unwrap_or(kept);
    let output =
        String::from_utf8_lossy(shown).lines().map(|line| Untrusted::new(line).to_string()).collect();
    HookRun {
        exit_status: status.code(),
        signal: status.signal(),
        output,
        truncated: kept.len() > MAX_OUTPUT,
        timed_out: over.map(|limit| limit.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::{Pair, Timestamp};
    use flow::Action;
    use std::time::Instant;

    fn run(command: &str) -> std::io::Result<HookRun> {
        run_for(command, Duration::from_secs(300))
    }

    fn run_for(command: &str, limit: Duration) -> std::io::Result<HookRun> {
        let facts = Facts {
            action: Action::Rotate,
            generation: 7,
            replaced: Some(6),
            names: Pair { main: "kms.example.com".into(), assets: "ui.example.com".into() },
            not_after: Pair { main: Timestamp::from_unix(0), assets: Timestamp::from_unix(86_400) },
        };
        let (store, published) = (Path::new("/store"), Some(Path::new("/tls")));
        DeployHook { command, facts: &facts, store, published, limit }.run()
    }

    #[test]
    fn the_environment_is_exactly_what_is_documented() {
        let ran = run("/usr/bin/env | LC_ALL=C sort").unwrap();
        assert!(ran.succeeded());
        // What shells add of their own accord.
        let of_the_shell =
            |line: &&str| ["PWD=", "OLDPWD=", "SHLVL=", "_="].iter().any(|v| line.starts_with(v));
        let ours: Vec<&str> =
            ran.output.iter().map(String::as_str).filter(|line| !of_the_shell(line)).collect();
        assert_eq!(
            ours,
            [
                "CLUSTER_CERTS_ACTION=rotate",
                "CLUSTER_CERTS_ASSETS_NAME=ui.example.com",
                "CLUSTER_CERTS_ASSETS_NOT_AFTER=1970-01-02T00:00:00Z",
                "CLUSTER_CERTS_GENERATION=7",
                "CLUSTER_CERTS_MAIN_NAME=kms.example.com",
                "CLUSTER_CERTS_MAIN_NOT_AFTER=1970-01-01T00:00:00Z",
                "CLUSTER_CERTS_PREVIOUS_GENERATION=6",
                "CLUSTER_CERTS_PUBLISHED=/tls",
                "CLUSTER_CERTS_STORE=/store",
                &format!("PATH={PATH}"),
            ]
        );
    }

    #[test]
    fn failing_and_killed_hooks_are_told_apart() {
        let failed = run("exit 3").unwrap();
        assert_eq!((failed.succeeded(), failed.ending()), (false, "exited with status 3".to_owned()));
        let killed = run("kill -9 $$").unwrap();
        assert_eq!((killed.succeeded(), killed.ending()), (false, "was ended by signal 9".to_owned()));
    }

    #[test]
    fn output_of_both_streams_is_kept_in_order_and_escaped() {
        let ran = run("echo one; printf 'two\\033[2J\\n' >&2; echo three").unwrap();
        assert_eq!(ran.output, ["one", "two\\u{1b}[2J", "three"]);
        assert!(!ran.truncated);
    }

    #[test]
    fn a_flood_is_bounded_and_does_not_block_the_hook() {
        let ran = run("head -c 1000000 /dev/zero | tr '\\0' x").unwrap();
        assert!(ran.succeeded() && ran.truncated);
        assert_eq!(ran.output.concat().len(), MAX_OUTPUT);
    }

    #[test]
    fn nothing_can_be_read_from_standard_input() {
        assert_eq!(run("cat; echo end").unwrap().output, ["end"]);
    }

    #[test]
    fn what_takes_too_long_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let (said, started) = (folder.path().join("said"), folder.path().join("started"));
        let command = format!(
            "(trap '' TERM; exec sleep 600) & echo $! > {}; trap 'echo ending > {}; exit 0' TERM; echo begun; wait",
            started.display(),
            said.display(),
        );
        let ran = run_for(&command, Duration::from_secs(1)).unwrap();
        assert_eq!((ran.succeeded(), ran.ending()), (false, "was ended after 1 second".to_owned()));
        assert_eq!(ran.output, ["begun"]);
        assert_eq!(std::fs::read_to_string(said).unwrap(), "ending\n", "it was asked before it was ended");
        let started = std::fs::read_to_string(started).unwrap();
        let words = std::fs::read(format!("/proc/{}/cmdline", started.trim())).unwrap_or_default();
        assert!(words.is_empty(), "what it started runs on");
    }

    #[test]
    fn a_child_left_in_the_background_does_not_hold_us() {
        let started = Instant::now();
        let ran = run("echo started; sleep 20 &").unwrap();
        assert!(ran.succeeded());
        assert_eq!(ran.output, ["started"]);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
