//! B4: calls are interrupted again and again, or the disk loses bytes without a word.

use super::failing_calls::{oracles, points};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{command, run};
use crate::strace::without_strace;
use crate::strace::{self, Fault};

/// B4: from a point on every second call of its name is interrupted; or a write claims more than
/// it wrote.
pub(crate) fn disturb(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(rig);
    let mut cases = vec![];
    for oracle in &oracles {
        let points = points(rig, oracle);
        for point in &points {
            if point.name == "write" {
                cases.push((oracle, point.clone(), "retval=7"));
            }
            let restarts = ["read", "write", "openat", "fsync", "fdatasync", "flock"];
            if restarts.contains(&point.name.as_str()) && point.number % 4 == 1 {
                cases.push((oracle, point.clone(), "error=EINTR"));
            }
        }
    }
    rig.each(
        "disturbed",
        &cases,
        60,
        |worker| rig.kit.place(&format!("disturb-{worker}")),
        |place, case| {
            let (oracle, point, fault) = case;
            oracle.prepare(place);
            let mut trouble = Fault::at(point, fault);
            if fault.contains("EINTR") {
                trouble.when.push_str("+2");
            }
            let faults = rig.kit.faults(oracle.deed(), trouble);
            let trace = place.path().join("injected");
            let wrapper = strace::injecting(&faults, &trace);
            let ran = run(command(&wrapper, &rig.kit.line(oracle.deed(), place)));
            let judged = oracle.judge_ended(place, &ran);
            let struck = std::fs::read_to_string(&trace).unwrap_or_default().contains("(INJECTED)");
            Verdict::judged(
                struck,
                judged.map_err(|what| format!("{} {point:?} {fault}: {what}", oracle.name())),
            )
        },
    )
}
