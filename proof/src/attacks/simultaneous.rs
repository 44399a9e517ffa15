//! C1: two commands at once, and forty at once.

use crate::held::{ended, spawn};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::Deed;
use crate::serial::one_after_the_other;

/// Pairs of commands that both could be the next.
const PAIRS: [(Deed, Deed); 10] = [
    (Deed::Request, Deed::Request),
    (Deed::Install, Deed::Install),
    (Deed::Install, Deed::RequestAgain),
    (Deed::RequestRotation, Deed::RequestRotation),
    (Deed::Rotate, Deed::Rotate),
    (Deed::Rotate, Deed::RotateKeep),
    (Deed::Rotate, Deed::ReplaceStaged),
    (Deed::ReplaceStaged, Deed::ReplaceStaged),
    (Deed::RollBack, Deed::RollBack),
    (Deed::RollBack, Deed::RequestRotation),
];

/// C1: two at once, and forty at once.
pub(crate) fn together(rig: &Rig) -> Tally {
    let crowds = PAIRS.iter().map(|(a, b)| vec![*a, *b]);
    let crowds =
        crowds.flat_map(|pair| vec![pair; 20]).chain([vec![Deed::RollBack; 40], vec![Deed::Rotate; 40]]);
    let crowds: Vec<Vec<Deed>> = crowds.collect();
    rig.each(
        "together",
        &crowds,
        40,
        |worker| rig.kit.place(&format!("together-{worker}")),
        |place, crowd| {
            rig.kit.prepare(crowd[0], place);
            let started: Vec<_> = crowd.iter().map(|deed| spawn(rig.kit.command(*deed, place))).collect();
            let ran: Vec<_> = started.into_iter().map(ended).collect();
            // They met when one of them had to give way.
            let met = ran.iter().any(|ran| ran.code != Some(0));
            let judged = one_after_the_other(&rig.kit, crowd[0], place, &ran);
            Verdict::judged(met, judged.map_err(|what| format!("{crowd:?}: {what}")))
        },
    )
}
