//! B1: every system call on the store fails, in every way it can.

use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command, run};
use crate::strace::without_strace;
use crate::strace::{self, Fault, Point};
use tests::Ran;

/// Everything the kernel may answer.
const ERRORS: [(&str, &str); 11] = [
    ("ENOSPC", "No space left on device"),
    ("EIO", "Input/output error"),
    ("EROFS", "Read-only file system"),
    ("EACCES", "Permission denied"),
    ("EMFILE", "Too many open files"),
    ("EDQUOT", "Disk quota exceeded"),
    ("EINTR", "Interrupted system call"),
    ("ELOOP", "Too many levels of symbolic links"),
    ("ENOENT", "No such file or directory"),
    ("EBUSY", "Device or resource busy"),
    ("ENOLCK", "No locks available"),
];

/// Of calls that only look, in a run that is not to take all day.
const LOOKING: [&str; 3] = ["EIO", "EACCES", "EINTR"];

struct Case<'a> {
    oracle: &'a Oracle<'a>,
    point: Point,
    error: (&'static str, &'static str),
}

/// Commands that change something, and one that must be refused.
pub(crate) fn oracles(rig: &Rig) -> Vec<Oracle<'_>> {
    let deeds = [Deed::Request, Deed::RequestRotation, Deed::Install, Deed::RotateKeep, Deed::RollBack];
    let refused = Oracle::of_refused(&rig.kit, Deed::Request, Deed::RotateKeep);
    deeds.map(|deed| Oracle::new(&rig.kit, deed)).into_iter().chain([refused]).collect()
}

/// The points of a run that touch the store.
pub(crate) fn points(rig: &Rig, oracle: &Oracle<'_>) -> Vec<Point> {
    let place = rig.kit.place("baseline");
    oracle.prepare(&place);
    let (deed, kit) = (oracle.deed(), &rig.kit);
    let (_, calls) = strace::record(kit.lies(deed), &kit.line(deed, &place), &place, false);
    strace::points(&calls, &place.store()).into_iter().filter(|point| point.on_store).collect()
}

/// B1.
pub(crate) fn fail(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(rig);
    let mut cases = vec![];
    for oracle in &oracles {
        for point in points(rig, oracle) {
            // An error given instead of the call leaves the descriptor open, which no close does here.
            if point.name == "close" {
                continue;
            }
            let looks = ["read", "pread64", "fstat", "newfstatat", "getdents64", "fcntl"];
            let looks = looks.contains(&point.name.as_str());
            for error in ERRORS.into_iter().filter(|error| !looks || LOOKING.contains(&error.0)) {
                cases.push(Case { oracle, point: point.clone(), error });
            }
        }
    }
    rig.each(
        "error",
        &cases,
        300,
        |worker| rig.kit.place(&format!("error-{worker}")),
        |place, case| {
            let Case { oracle, point, error } = case;
            oracle.prepare(place);
            let fault = Fault::at(point, &format!("error={}", error.0));
            let trace = place.path().join("injected");
            let wrapper = strace::injecting(&rig.kit.faults(oracle.deed(), fault), &trace);
            let ran = run(command(&wrapper, &rig.kit.line(oracle.deed(), place)));
            if !std::fs::read_to_string(&trace).unwrap_or_default().contains(&format!("{} (", error.0)) {
                return Verdict::NotHit(format!("{} at {point}", oracle.name()));
            }
            let judged = oracle.judge_ended(place, &ran).and_then(|()| says_what(case, &ran));
            judged.map_err(|what| format!("{} {point:?} {}: {what}", oracle.name(), error.0)).into()
        },
    )
}

/// A refusal names the path and the cause; an fsync that failed is never passed over in silence.
fn says_what(case: &Case<'_>, ran: &Ran) -> Result<(), String> {
    let (name, text) = case.error;
    let silent = ran.stderr.trim().is_empty();
    if ran.code == Some(0) {
        let passed_over = silent && case.point.name.contains("sync") && case.oracle.is_for_change();
        return if passed_over { Err(format!("{name} of an fsync was passed over; {ran}")) } else { Ok(()) };
    }
    // Not there and a symbolic link have words of their own.
    let explained = matches!(name, "ENOENT" | "ELOOP") || ran.stderr.contains(text);
    let refused_anyway = !case.oracle.is_for_change()
        && ["is installed", "is staged"].iter().any(|word| ran.stderr.contains(word));
    if (explained && ran.stderr.contains("/store")) || refused_anyway {
        Ok(())
    } else {
        Err(format!("path or cause is not named; {ran}"))
    }
}
