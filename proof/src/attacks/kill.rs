//! A1: the process is killed before each of its system calls. A5: the command after that is too.

use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, Place};
use crate::strace::{self, Fault, Point, without_strace};
use std::os::unix::process::ExitStatusExt;

/// The injection.
const KILL: &str = "signal=KILL";

/// One kill.
pub(crate) struct Case<'a> {
    /// What is running.
    pub(crate) oracle: &'a Oracle<'a>,
    /// Where it is killed; at its end when nowhere.
    pub(crate) point: Option<Point>,
}

impl Case<'_> {
    /// For people.
    fn shown(&self) -> String {
        let at = self.point.as_ref().map_or("its end".to_owned(), Point::to_string);
        format!("{} at {at}", self.oracle.deed().name())
    }
}

/// Every point of every deed.
pub(crate) fn cases<'a>(kit: &Kit, oracles: &'a [Oracle<'a>]) -> Vec<Case<'a>> {
    let of = |oracle: &'a Oracle<'a>| {
        let points = strace::points_of(kit, oracle.deed(), &kit.place("baseline"));
        let points = points.into_iter().map(Some).chain([None]);
        points.map(move |point| Case { oracle, point }).collect::<Vec<_>>()
    };
    oracles.iter().flat_map(of).collect()
}

/// One oracle for each deed.
pub(crate) fn oracles(kit: &Kit) -> Vec<Oracle<'_>> {
    Deed::ALL.map(|deed| Oracle::new(kit, deed)).into()
}

/// A1.
pub(crate) fn kill(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(&rig.kit);
    let cases = cases(&rig.kit, &oracles);
    rig.each(
        "kill",
        &cases,
        250,
        |worker| rig.kit.place(&format!("kill-{worker}")),
        |place, case| {
            rig.kit.prepare(case.oracle.deed(), place);
            verdict(case, place, struck(&rig.kit, case, place), || ())
        },
    )
}

/// Runs a case; `None` when the kill did not happen.
pub(crate) fn struck(kit: &Kit, case: &Case<'_>, place: &Place) -> Option<tests::Ran> {
    let line = kit.line(case.oracle.deed(), place);
    let mut faults = kit.lies(case.oracle.deed()).to_vec();
    faults.extend(case.point.as_ref().map(|point| Fault::at(point, KILL)));
    let wrapper = if faults.is_empty() { vec![] } else { strace::injecting(&faults, "/dev/null".as_ref()) };
    let mut command = crate::scene::command(&wrapper, &line);
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
    (killed == case.point.is_some()).then(|| output.into())
}

/// Judges a case after `then`.
pub(crate) fn verdict(
    case: &Case<'_>,
    place: &Place,
    ran: Option<tests::Ran>,
    then: impl FnOnce(),
) -> Verdict {
    then();
    let Some(ran) = ran else { return Verdict::NotHit(case.shown()) };
    let acknowledged = ran.code == Some(0) || !ran.stdout.is_empty();
    match case.oracle.judge(place, acknowledged, &ran.stdout) {
        // At its end nothing was killed.
        Ok(_) if case.point.is_none() => Verdict::Spared,
        Ok(_) => Verdict::Held,
        Err(what) => Verdict::Bad(format!("{}: {what}", case.shown())),
    }
}

/// A5: killed, and then the command that puts things right is killed too.
pub(crate) fn kill_twice(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(&rig.kit);
    // Once a rollback is done, the same command is another one: it goes forward again.
    let mut firsts = cases(&rig.kit, &oracles);
    firsts.retain(|case| case.oracle.deed() != Deed::RollBack && case.point.is_some());
    // A second kill somewhere else each time: all pairs would be a hundred thousand.
    let pairs: Vec<_> = (0..2000)
        .map(|i| {
            let first = i * 7919 % firsts.len();
            let deed = firsts[first].oracle.deed();
            let same: Vec<_> = firsts.iter().filter(|case| case.oracle.deed() == deed).collect();
            (first, same[i * 104_729 % same.len()])
        })
        .collect();
    rig.each(
        "kill twice",
        &pairs,
        60,
        |worker| rig.kit.place(&format!("twice-{worker}")),
        |place, pair| {
            let (first, second) = (&firsts[pair.0], pair.1);
            rig.kit.prepare(first.oracle.deed(), place);
            let Some(first_ran) = struck(&rig.kit, first, place) else {
                return Verdict::NotHit(first.shown());
            };
            if first_ran.code == Some(0) || crate::inspect::look(&place.store()).is_err() {
                return Verdict::NotHit(format!("{}, it was done", first.shown()));
            }
            let ran = struck(&rig.kit, second, place);
            verdict(second, place, ran.map(|ran| tests::Ran { code: None, ..ran }), || ())
        },
    )
}
