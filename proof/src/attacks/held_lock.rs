//! C4: the holder of the lock is stopped, then killed: the others are told who it is, and then
//! nothing is in their way.

use crate::held::Stopped;
use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, run};
use crate::strace::without_strace;
use crate::strace::{self, Point};

/// C4: the holder of the lock is stopped, then killed: the others are told who it is, and then
/// nothing is in their way.
pub(crate) fn held(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let deeds = [Deed::RequestRotation, Deed::Install, Deed::Rotate, Deed::RotateKeep, Deed::RollBack];
    rig.each(
        "held",
        &deeds,
        5,
        |worker| rig.kit.place(&format!("held-{worker}")),
        |place, deed| {
            rig.kit.prepare(*deed, place);
            // The first lock is taken to find out whether it can be, the second to keep it.
            let point = Point { name: "flock".to_owned(), number: 2, on_store: true };
            let Some(stopped) = Stopped::at(&[], &rig.kit.line(*deed, place), &point, place) else {
                return Verdict::NotHit(format!("{} at {point}", deed.name()));
            };
            let holder = stopped.pid.as_raw_nonzero().to_string();
            let refused = run(rig.kit.command(*deed, place));
            let killed = stopped.kill();
            let then = Oracle::new(&rig.kit, *deed).judge(place, false, "");
            match then {
                _ if refused.code != Some(7) || !refused.stderr.contains(&holder) => {
                    Verdict::Bad(format!("{deed:?}: the second does not name holder {holder}: {refused}"))
                }
                Ok(false) if killed.code != Some(0) => Verdict::Held,
                other => Verdict::Bad(format!("{deed:?}: after the kill {other:?}")),
            }
        },
    )
}
