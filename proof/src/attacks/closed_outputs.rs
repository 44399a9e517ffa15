//! B5: standard output, standard error and the log closed, full, or a pipe nobody reads.

use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Place};
use crate::strace::{self, Call, without_strace};
use std::ffi::OsString;
use tests::Ran;

/// B5: standard output, standard error and the log closed, full, or a pipe nobody reads.
pub(crate) fn mute(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let outputs =
        [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full", "| true"];
    let logs = ["/dev/full", "/nowhere/log", "/", ""];
    let oracles = Deed::ALL.map(|deed| Oracle::new(&rig.kit, deed));
    let mut cases = vec![];
    for oracle in &oracles {
        cases.extend(outputs.map(|output| (oracle, output, logs[3])));
        cases.extend(logs[..3].iter().map(|log| (oracle, "", *log)));
    }
    rig.each(
        "mute",
        &cases,
        80,
        |worker| rig.kit.place(&format!("mute-{worker}")),
        |place, case| {
            let (oracle, output, log) = case;
            oracle.prepare(place);
            let script = format!("\"$@\" {output}");
            let mut line: Vec<_> =
                ["bash", "-o", "pipefail", "-c", &script, "bash"].map(OsString::from).into();
            line.extend(rig.kit.line(oracle.deed(), place));
            if !log.is_empty() {
                *line.last_mut().unwrap() = log.into();
            }
            let (ran, calls) = strace::record(&[], &line, place, false);
            let struck = if log.is_empty() {
                calls.iter().any(is_unheard)
            } else {
                ran.stderr.contains("cannot write the log")
            };
            let judged = mute_verdict(oracle, place, &ran, output);
            Verdict::judged(struck, judged.map_err(|what| format!("{} {output}{log}: {what}", oracle.name())))
        },
    )
}

/// Something that was said reached nobody, or an output was closed and the runtime put the bin there.
fn is_unheard(call: &Call) -> bool {
    let failed =
        ["EBADF", "ENOSPC", "EPIPE"].iter().any(|error| call.rest.contains(&format!("= -1 {error}")));
    let replaced = ["= 1</dev/null>", "= 2</dev/null>"].iter().any(|output| call.rest.contains(output));
    (call.name == "write" && failed) || (call.name == "openat" && replaced)
}

/// The work is done whoever listens; that the result could not be printed is exit 1, said on a
/// standard error that is still there, and the requests can be shown again.
fn mute_verdict(oracle: &Oracle<'_>, place: &Place, ran: &Ran, output: &str) -> Result<(), String> {
    let unheard = output.contains(">&-") && !output.starts_with('2')
        || output.contains(">/dev/full") && !output.starts_with('2');
    let ended = match ran.code {
        Some(0) => true,
        Some(1) => unheard || output.contains('|'),
        _ => false,
    };
    if !ended {
        return Err(format!("no documented end; {ran}"));
    }
    if ran.code == Some(1) && !output.contains("2>") && !ran.stderr.contains("standard output") {
        return Err(format!("it is not said that the result was not printed; {ran}"));
    }
    if oracle.judge(place, true, "")? { Ok(()) } else { Err(format!("it was not done; {ran}")) }
}
