//! C5: nobody is locked out while a command waits for its operator.

use crate::held::{ended, spawn};
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command, run};
use crate::serial::one_after_the_other;
use tests::world::PASSPHRASE;

/// C5: nobody is locked out while a command waits for its operator.
pub(crate) fn waiting(rig: &Rig) -> Tally {
    let deeds = [Deed::RequestRotation, Deed::ReplaceStaged, Deed::Rotate, Deed::Install, Deed::RequestAgain];
    let cases: Vec<_> = deeds.iter().flat_map(|deed| [*deed; 4]).collect();
    rig.each(
        "waiting",
        &cases,
        10,
        |worker| rig.kit.place(&format!("waiting-{worker}")),
        |place, deed| {
            rig.kit.prepare(*deed, place);
            let (line, pipe) = rig.kit.waiting_at_pipe(*deed, place);
            let slow = spawn(command(&[], &line));
            // Opening the pipe for writing waits until the command reads it.
            let mut typed = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            let second = run(rig.kit.command(*deed, place));
            std::io::Write::write_all(&mut typed, PASSPHRASE.as_bytes()).unwrap();
            drop(typed);
            let first = ended(slow);
            if second.code != Some(0) {
                return Verdict::Bad(format!("{deed:?}: the second was kept out: {second}"));
            }
            let told = matches!(first.code, Some(4 | 7));
            let judged = one_after_the_other(&rig.kit, *deed, place, &[first, second]);
            match judged {
                Ok(()) if told => Verdict::Held,
                other => Verdict::Bad(format!("{deed:?}: the first was not told: {other:?}")),
            }
        },
    )
}
