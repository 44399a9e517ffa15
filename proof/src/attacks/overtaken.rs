//! C2: a command is stopped after each of its calls while another runs to its end.

use crate::held::Stopped;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, run};
use crate::serial::one_after_the_other;
use crate::strace::without_strace;
use crate::strace::{self};

/// C2: one stands still after each of its calls while another runs to its end.
pub(crate) fn overtaken(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let pairs = [
        (Deed::RequestRotation, Deed::RequestRotation),
        (Deed::Rotate, Deed::ReplaceStaged),
        (Deed::ReplaceStaged, Deed::Rotate),
        (Deed::RollBack, Deed::RollBack),
        (Deed::Request, Deed::Request),
    ];
    let mut cases = vec![];
    for (slow, fast) in pairs {
        let points = strace::points_of(&rig.kit, slow, &rig.kit.place("baseline"));
        cases.extend(points.into_iter().filter(|point| point.on_store).map(|point| (slow, fast, point)));
    }
    rig.each(
        "overtaken",
        &cases,
        60,
        |worker| rig.kit.place(&format!("overtaken-{worker}")),
        |place, case| {
            let (slow, fast, point) = case;
            rig.kit.prepare(*slow, place);
            let Some(stopped) = Stopped::at(rig.kit.lies(*slow), &rig.kit.line(*slow, place), point, place)
            else {
                return Verdict::NotHit(format!("{} at {point}", slow.name()));
            };
            let second = run(rig.kit.command(*fast, place));
            let first = stopped.go_on();
            one_after_the_other(&rig.kit, *slow, place, &[first, second])
                .map_err(|what| format!("{slow:?} overtaken by {fast:?} at {point:?}: {what}"))
                .into()
        },
    )
}
