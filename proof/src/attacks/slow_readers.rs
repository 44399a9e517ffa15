//! C3: readers that stand still after each of their calls while a rotation prunes, and ten thousand
//! reads while a writer works.

use crate::held::Stopped;
use crate::inspect::look;
use crate::oracle::Oracle;
use crate::rig::{Effort, Rig, Tally, Verdict};
use crate::scene::{Deed, command, run};
use crate::strace::without_strace;
use crate::strace::{self};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// C3: readers that stand still after each of their calls while a rotation prunes, and ten thousand
/// reads while a writer works.
pub(crate) fn torn(rig: &Rig) -> Tally {
    let mut tally = if strace::works() { slow_readers(rig) } else { without_strace() };
    let place = rig.kit.place("readers");
    let oracle = Oracle::new(&rig.kit, Deed::RollBack);
    oracle.prepare(&place);
    let wanted = if rig.effort == Effort::All { 10_000 } else { 1000 };
    let (reads, commits, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let counted = std::thread::scope(|scope| {
        scope.spawn(|| {
            for deed in [Deed::RequestRotation, Deed::RollBack, Deed::ReplaceStaged].iter().cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let written = run(rig.kit.command(*deed, &place));
                commits.fetch_add(usize::from(written.code == Some(0)), Ordering::Relaxed);
            }
        });
        let read = || {
            let mut tally = Tally::default();
            while reads.fetch_add(1, Ordering::Relaxed) < wanted && !rig.is_late() {
                let ran = run(command(&[], &rig.kit.status_line(&place)));
                let whole = matches!(ran.code, Some(0 | 10)) && ran.stdout.contains("\"current\": {");
                tally.count(if whole {
                    Verdict::Spared
                } else {
                    Verdict::Bad(format!("a torn read: {ran}"))
                });
            }
            tally
        };
        let readers: Vec<_> = (0..rig.jobs).map(|_| scope.spawn(read)).collect();
        let counted: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        over.store(true, Ordering::Relaxed);
        counted
    });
    let read: usize = counted.iter().map(|counted| counted.cases).sum();
    counted.into_iter().for_each(|counted| tally.add(counted));
    tally.strikes += commits.into_inner();
    if read < wanted {
        tally.leave_out("out of time", wanted - read);
    }
    tally
}

pub(crate) fn slow_readers(rig: &Rig) -> Tally {
    let mut cases = vec![];
    for writer in [Deed::Rotate, Deed::ReplaceStaged, Deed::RollBack] {
        let place = rig.kit.place("baseline");
        rig.kit.prepare(writer, &place);
        let (_, calls) = strace::record(&[], &rig.kit.tried_status_line(&place), &place, false);
        let points = strace::points(&calls, &place.store());
        cases.extend(points.into_iter().filter(|point| point.on_store).map(|point| (writer, point)));
    }
    rig.each(
        "slow reader",
        &cases,
        60,
        |worker| rig.kit.place(&format!("reader-{worker}")),
        |place, case| {
            let (writer, point) = case;
            rig.kit.prepare(*writer, place);
            let before = look(&place.store()).ok().flatten();
            let Some(stopped) = Stopped::at(&[], &rig.kit.tried_status_line(place), point, place) else {
                return Verdict::NotHit(format!("--status at {point}"));
            };
            let written = run(rig.kit.command(*writer, place));
            let read = stopped.go_on();
            let after = look(&place.store()).ok().flatten();
            let status: serde_json::Value = serde_json::from_str(&read.stdout).unwrap_or_default();
            let held = |seen: &Option<crate::inspect::Seen>| {
                seen.as_ref().is_some_and(|seen| {
                    let number =
                        |generation: Option<&crate::inspect::Generation>| generation.map(|g| g.number);
                    ["staged", "current", "previous"].map(|field| status[field]["generation"].as_u64())
                        == seen.holdings().map(number)
                })
            };
            match (written.code, read.code) {
                (Some(0), Some(0 | 10)) if held(&before) || held(&after) => Verdict::Held,
                _ => Verdict::Bad(format!("{writer:?} while a reader stood at {point:?}: {written}; {read}")),
            }
        },
    )
}
