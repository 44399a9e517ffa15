//! Commands that are still running, and one that is held at a system call.

use crate::scene::{Place, command};
use crate::strace::{self, Fault, Point};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tests::Ran;

/// A command that strace stopped right after a system call.
pub(crate) struct Stopped {
    strace: Child,
    pub(crate) pid: Pid,
}

impl Stopped {
    pub(crate) fn at(
        lies: &[Fault],
        line: &[std::ffi::OsString],
        point: &Point,
        place: &Place,
    ) -> Option<Self> {
        let output = place.path().join("stopped");
        std::fs::remove_file(&output).ok();
        let faults = [lies, &[Fault::at(point, "signal=STOP")]].concat();
        let mut strace = spawn(command(&strace::injecting(&faults, &output), line));
        loop {
            let text = std::fs::read_to_string(&output).unwrap_or_default();
            let stop = text.lines().find(|line| line.contains("stopped by SIGSTOP"));
            if let Some(pid) = stop.and_then(|line| line.split(' ').next()?.parse().ok()) {
                return Some(Self { strace, pid: Pid::from_raw(pid)? });
            }
            if strace.try_wait().unwrap().is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn go_on(self) -> Ran {
        kill_process(self.pid, Signal::CONT).unwrap();
        ended(self.strace)
    }

    pub(crate) fn kill(self) -> Ran {
        kill_process(self.pid, Signal::KILL).unwrap();
        ended(self.strace)
    }
}

pub(crate) fn spawn(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub(crate) fn ended(child: Child) -> Ran {
    child.wait_with_output().unwrap().into()
}
