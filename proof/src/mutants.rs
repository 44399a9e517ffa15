//! A4: the protocol with one step wrong, in many ways; each must be caught by one layer at least.
//! A rig that passes the right protocol and these too proves nothing.

use super::run::{Effort, Rig, Tally, Verdict};
use super::scene::{Deed, Programs};
use super::{errors, explore, full, kill, power, race, strace};
use std::path::Path;

/// The environment variable that selects one, in a build with the feature `mutants`.
pub const VARIABLE: &str = "PROOF_MUTANT";

type Layer = (&'static str, fn(&Rig) -> Tally);

const EXPLORER: Layer = ("explorer", explorer);
const KILL: Layer = ("kill", kill::kill);
const POWER: Layer = ("power cut", power::cut);
const ERRORS: Layer = ("errors", errors::fail);
const LIES: Layer = ("lies", errors::disturb);
const RACES: Layer = ("races", race::overtaken);
const TRACE: Layer = ("trace", trace);

/// The columns of the table.
const LAYERS: [Layer; 7] = [KILL, POWER, EXPLORER, ERRORS, LIES, RACES, TRACE];

/// Name in the store's code, and the layer that must catch it.
const MUTANTS: [(&str, Layer); 18] = [
    ("NoFileSync", EXPLORER),
    ("NoGenerationSync", EXPLORER),
    ("NoParentSync", EXPLORER),
    ("NoAccountSync", EXPLORER),
    ("NoStoreSync", EXPLORER),
    ("NoPlaceSync", EXPLORER),
    ("RetriedSync", ERRORS),
    ("StateInPlace", EXPLORER),
    ("NoInitialState", KILL),
    ("EarlyAcknowledgement", EXPLORER),
    ("EarlyPrune", EXPLORER),
    ("NoReadBack", LIES),
    ("NoStateReadBack", LIES),
    ("NoExclusive", TRACE),
    ("LateMode", TRACE),
    ("NoLock", RACES),
    ("NoSequenceCheck", RACES),
    ("ErrorIsAbsent", ERRORS),
];

/// A4.
pub fn gate(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    if !strace::works() || !knows_mutants(&folder) {
        tally.leave_out("no strace, or no build with the feature mutants", MUTANTS.len());
        return tally;
    }
    let programs = Programs::in_folder(&folder, "e2e-");
    tally.notes.push(format!("{:22} {}", "", LAYERS.map(|layer| format!("{:9}", layer.0)).join(" ")));
    for (name, must) in MUTANTS {
        if rig.is_late() {
            tally.leave_out("out of time", 1);
            continue;
        }
        let mutated = |effort| Rig {
            kit: rig.kit.with_mutant(&programs, name),
            effort,
            stop_at_first_bad: true,
            ..*rig
        };
        let caught = |layer: &Layer, effort| !(layer.1)(&mutated(effort)).bad.is_empty();
        let columns = LAYERS.map(|layer| {
            let found = if layer.0 == must.0 {
                caught(&layer, Effort::All)
            } else {
                rig.effort == Effort::All && !rig.is_late() && caught(&layer, Effort::Glance)
            };
            (layer.0, found)
        });
        let marks = columns.map(|(_, found)| format!("{:9}", if found { "caught" } else { "-" }));
        tally.notes.push(format!("{name:22} {}", marks.join(" ")));
        super::run::progress("mutants", tally.cases + 1, MUTANTS.len(), &tally);
        tally.count(match columns.iter().any(|(_, found)| *found) {
            true => Verdict::Held,
            false if rig.is_late() => Verdict::LeftOut("out of time"),
            false => Verdict::Bad(format!("{name} was not caught")),
        });
    }
    tally
}

/// Whether the twins of the commands were built with the switch.
fn knows_mutants(folder: &Path) -> bool {
    let twin = std::fs::read(folder.join("e2e-install_certs")).unwrap_or_default();
    twin.windows(VARIABLE.len()).any(|bytes| bytes == VARIABLE.as_bytes())
}

/// The explorer on the three deeds that together take every step.
fn explorer(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    for deed in [Deed::Rotate, Deed::Request, Deed::RequestRotation] {
        if tally.bad.is_empty() {
            tally.add(explore::explore_deed(rig, &rig.kit, deed, 200));
        }
    }
    tally
}

/// D1, as far as a recording shows it: what is made is new, private from its first moment, and
/// never reached through a link.
pub fn trace(rig: &Rig) -> Tally {
    if !strace::works() {
        return kill::without_strace();
    }
    let mut tally = Tally::default();
    for deed in Deed::ALL {
        let place = rig.kit.place("trace");
        rig.kit.base(deed).write(&place.store());
        let (_, calls) = strace::record(&rig.kit.line(deed, &place), &place, false);
        let store = format!("{}/store", place.path().display());
        for call in calls.iter().filter(|call| call.rest.contains(&format!("<{store}"))) {
            let has = |word: &str| call.rest.contains(word);
            let fine = match call.name.as_str() {
                "openat" if has("O_TMPFILE") => has(", 0600)"),
                "openat" if has("O_CREAT") => {
                    ["O_EXCL", "O_NOFOLLOW", "O_CLOEXEC", ", 0600)"].into_iter().all(has)
                }
                "openat" => has("O_NOFOLLOW") || !has("<"),
                "mkdirat" => has(", 0700)"),
                "open" | "creat" | "link" | "linkat" | "symlinkat" | "chmod" | "chown" => false,
                _ => continue,
            };
            let verdict =
                if fine { Ok(()) } else { Err(format!("{}: {}({}", deed.name(), call.name, call.rest)) };
            tally.count(verdict.into());
        }
        if full::synced_again(&calls).is_some() {
            tally.count(Verdict::Bad(format!("{}: an fsync was repeated after it failed", deed.name())));
        }
    }
    tally
}
