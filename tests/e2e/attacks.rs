//! A glance of every attack of the rig, so that none of them waits for `proof/run`.

use proof::scene::{Kit, Programs};
use proof::{Effort, Rig, Tally, bombs, echo, escapes, files, sealing, secrets};
use std::io::Write;

type Part = (&'static str, fn(&Rig) -> Tally);

/// Those that a build without optimisation can do in seconds.
const PARTS: [Part; 12] = [
    ("umasks", files::umasks),
    ("plants", files::plants),
    ("strangers", files::strangers),
    ("environment", files::environment),
    ("secrets in traces", secrets::traces),
    ("secrets in memory", secrets::memory),
    ("echo", echo::echo),
    ("damaged keys", sealing::keys),
    ("damaged files", sealing::commands),
    ("swapped files", sealing::swaps),
    ("escapes", escapes::escapes),
    ("bombs", bombs::bombs),
];

#[test]
fn no_attack_of_a_glance_succeeds() {
    let folder = std::path::Path::new(crate::PROGRAMS.get_csrs).parent().unwrap();
    let kit = Kit::build(Programs::in_folder(folder, "e2e-")).unwrap();
    let rig = Rig { kit, effort: Effort::Glance, stop_at_first_bad: false, deadline: None, jobs: 2 };
    for (name, part) in PARTS {
        let tally = part(&rig);
        assert!(tally.bad.is_empty(), "{name}: {:#?}", tally.bad);
        assert!(tally.cases + tally.all_left_out() > 0, "{name} tried nothing");
        for why in tally.left_out.keys() {
            // Past the capture of the test harness; `tests/run` lists these lines.
            writeln!(std::io::stderr(), "left out: {name}: {why}").unwrap();
        }
    }
}
