//! B2: disks that are really full.

use crate::disk::{ROOM, Tmpfs};
use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Place};
use crate::strace::{self, Call, Fault, without_strace};
use crate::tool::{shell, text};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Mutex;

/// What a resource is limited to.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// Pages a file system has left.
    Pages(u64),
    /// Files a file system has left.
    Inodes(u64),
    /// Bytes of a file.
    FileSize(usize),
}

struct Case<'a> {
    oracle: &'a Oracle<'a>,
    limit: Limit,
    /// Whether the trial of room is answered with "enough", so that the limit is met later.
    past_the_trial: bool,
}

/// B2.
pub(crate) fn full(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles: Vec<_> = Deed::ALL.map(|deed| Oracle::new(&rig.kit, deed)).into();
    let cases = cases(&oracles);
    if let Err(why) = shell(&["mount", "-t", "tmpfs", "tmpfs", text(rig.kit.place("trial").path())]) {
        let mut tally = Tally::default();
        tally.leave_out(&why, cases.len());
        return tally;
    }
    shell(&["umount", text(rig.kit.place("trial").path())]).ok();
    let place = |worker| {
        let disk = Tmpfs::mount(rig.kit.place(&format!("full-{worker}")).path());
        // strace writes what it saw where there is room.
        (disk, rig.kit.place(&format!("full-trace-{worker}")))
    };
    let met = Mutex::new(BTreeMap::new());
    let mut tally =
        rig.each("full", &cases, 120, place, |(disk, trace), case| match limited(rig, disk, trace, case) {
            Ok(calls) => {
                let names = calls.iter().map(|call| call.name.clone());
                let mut met = met.lock().unwrap();
                names.for_each(|name| *met.entry(name).or_insert(0_usize) += 1);
                Verdict::judged(!calls.is_empty(), Ok(()))
            }
            Err(what) => Verdict::Bad(format!("{} {:?}: {what}", case.oracle.name(), case.limit)),
        });
    let met: Vec<_> =
        met.into_inner().unwrap().iter().map(|(name, number)| format!("{name} {number}")).collect();
    tally.notes.push(format!("limits met by {}", met.join(", ")));
    tally
}

fn cases<'a>(oracles: &'a [Oracle<'a>]) -> Vec<Case<'a>> {
    let mut cases = vec![];
    for oracle in oracles {
        // Of a file system without a file a limit of none would be no limit (tmpfs(5)).
        let limits = (1..150).step_by(3).map(Limit::Pages).chain((1..24).map(Limit::Inodes));
        let limits = limits.chain((0..16).map(|sixteenth| Limit::FileSize(256 * sixteenth)));
        for past_the_trial in [false, true] {
            cases.extend(limits.clone().map(|limit| Case { oracle, limit, past_the_trial }));
        }
    }
    cases
}

/// Runs a command under its limit and gives the calls that met it.
fn limited(rig: &Rig, disk: &Tmpfs, trace: &Place, case: &Case<'_>) -> Result<Vec<Call>, String> {
    let Case { oracle, limit, past_the_trial } = case;
    let place = disk.place();
    // Whatever became of the case before.
    disk.resize(ROOM)?;
    oracle.prepare(&place);
    let mut line: Vec<OsString> = vec![];
    match limit {
        Limit::Pages(left) => disk.resize(&format!("size={}k", 4 * (disk.used()?.pages + left)))?,
        Limit::Inodes(left) => disk.resize(&format!("nr_inodes={}", disk.used()?.inodes + left))?,
        Limit::FileSize(bytes) => line.extend(["prlimit".into(), format!("--fsize={bytes}").into()]),
    }
    line.extend(rig.kit.line(oracle.deed(), &place));
    *line.last_mut().unwrap() = "/dev/null".into();
    let trial = Fault { name: "fallocate".to_owned(), what: "retval=0".to_owned(), when: String::new() };
    let faults = if *past_the_trial { vec![trial] } else { vec![] };
    let (ran, mut calls) = strace::record(&faults, &line, trace, false);
    disk.resize(ROOM)?;
    // A limit on file sizes is delivered as a signal.
    match (limit, ran.code) {
        (Limit::FileSize(_), None) => oracle.judge(&place, false, &ran.stdout).map(drop)?,
        (_, _) => oracle.judge_ended(&place, &ran)?,
    }
    calls.retain(|call| ["-1 ENOSPC", "-1 EFBIG"].iter().any(|error| call.rest.contains(error)));
    Ok(calls)
}
