//! A4: the protocol with one step wrong, in many ways; each must be caught by one layer at least.
//! A rig that passes the right protocol and these too proves nothing.
//!
//! A call that only has to be left out is left out by strace, which answers in the kernel's place; what
//! needs other code is a patch in `proof/mutants`.

use super::{
    call_trace, disturbed_calls, failing_calls, kill, lost_writes, overtaken, power_cut, slow_readers,
};
use crate::model::Parsed;
use crate::rig::{Effort, Rig, Tally, Verdict};
use crate::scene::{Deed, Kit};
use crate::strace::{self, Fault};
use crate::workshop::Workshop;
use std::collections::BTreeMap;
use std::path::Path;

type Layer = (&'static str, fn(&Rig) -> Tally);

const EXPLORER: Layer = ("explorer", explorer);
const KILL: Layer = ("kill", kill::kill);
const POWER: Layer = ("power cut", power_cut::cut);
const ERRORS: Layer = ("errors", failing_calls::fail);
const LIES: Layer = ("lies", disturbed_calls::disturb);
const RACES: Layer = ("races", overtaken::overtaken);
const READERS: Layer = ("readers", slow_readers::slow_readers);
const TRACE: Layer = ("trace", call_trace::trace);

/// The columns of the table.
const LAYERS: [Layer; 8] = [KILL, POWER, EXPLORER, ERRORS, LIES, RACES, READERS, TRACE];

/// The protocol with one step wrong.
struct Mutant {
    name: &'static str,
    mistake: Mistake,
    /// The layer that must catch it.
    must: Layer,
}

/// How it is made.
enum Mistake {
    /// A system call is answered with 0 and not made.
    LeftOut {
        call: &'static str,
        /// Where; `*` stands for the rest of a name. Of several runs of such calls the last.
        path: Option<&'static str>,
    },
    /// A patch of this name.
    Patch,
}

const fn unsynced(name: &'static str, path: &'static str) -> Mutant {
    Mutant { name, mistake: Mistake::LeftOut { call: "fsync", path: Some(path) }, must: EXPLORER }
}

const fn patched(name: &'static str, must: Layer) -> Mutant {
    Mutant { name, mistake: Mistake::Patch, must }
}

const MUTANTS: [Mutant; 23] = [
    unsynced("NoFileSync", "store/generations/*/*"),
    unsynced("NoGenerationSync", "store/generations/*"),
    unsynced("NoParentSync", "store/generations"),
    unsynced("NoAccountFileSync", "store/documents/accounts/*"),
    unsynced("NoAccountSync", "store/documents/accounts"),
    unsynced("NoDocumentsSync", "store/documents"),
    unsynced("NoStateSync", "store/.STATE*"),
    unsynced("NoStoreSync", "store"),
    unsynced("NoPlaceSync", ""),
    Mutant { name: "NoLock", mistake: Mistake::LeftOut { call: "flock", path: None }, must: RACES },
    patched("RetriedSync", ERRORS),
    patched("CertainFailure", ERRORS),
    patched("StateInPlace", EXPLORER),
    patched("NoInitialState", KILL),
    patched("EarlyAcknowledgement", EXPLORER),
    patched("EarlyPrune", EXPLORER),
    patched("NoReadBack", LIES),
    patched("NoStateReadBack", LIES),
    patched("NoExclusive", TRACE),
    patched("LateMode", TRACE),
    patched("NoBaseCheck", RACES),
    patched("NoSecondLook", READERS),
    patched("ErrorIsAbsent", ERRORS),
];

/// A4.
pub(crate) fn gate(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    if !strace::works() {
        tally.leave_out("no strace", MUTANTS.len());
        return tally;
    }
    let workshop = Workshop::open();
    tally.notes.push(format!("{:22} {}", "", LAYERS.map(|layer| format!("{:9}", layer.0)).join(" ")));
    for (done, mutant) in MUTANTS.iter().enumerate() {
        crate::rig::progress("mutants", done, MUTANTS.len(), &tally);
        if rig.is_late() {
            tally.leave_out("out of time", 1);
            continue;
        }
        match mutant.kit(&rig.kit, workshop.as_ref()) {
            Ok(kit) => {
                let (marks, verdict) = caught(rig, mutant, &kit);
                tally.notes.push(format!("{:22} {marks}", mutant.name));
                tally.count(verdict);
            }
            Err(why) => tally.count(Verdict::Bad(format!("{} cannot be made: {why}", mutant.name))),
        }
    }
    tally
}

/// Whether a layer catches it, and one mark for each layer.
fn caught(rig: &Rig, mutant: &Mutant, kit: &Kit) -> (String, Verdict) {
    let mutated = |effort| Rig { kit: kit.clone(), effort, stop_at_first_bad: true, ..*rig };
    let caught = |layer: &Layer, effort| !(layer.1)(&mutated(effort)).bad.is_empty();
    let columns = LAYERS.map(|layer| {
        if layer.0 == mutant.must.0 {
            caught(&layer, Effort::All)
        } else {
            rig.effort == Effort::All && !rig.is_late() && caught(&layer, Effort::Glance)
        }
    });
    let marks = columns.map(|found| format!("{:9}", if found { "caught" } else { "-" }));
    let verdict = match columns.contains(&true) {
        true => Verdict::Held,
        false if rig.is_late() => Verdict::LeftOut("out of time"),
        false => Verdict::Bad(format!("{} was not caught", mutant.name)),
    };
    (marks.join(" "), verdict)
}

impl Mutant {
    /// The commands that make it.
    fn kit(&self, kit: &Kit, workshop: Result<&Workshop, &String>) -> Result<Kit, String> {
        match self.mistake {
            Mistake::Patch => Ok(kit.trying(workshop?.build(self.name, kit.right())?)),
            Mistake::LeftOut { call, path } => {
                let lies = lies(kit, call, path);
                if lies.is_empty() {
                    Err("no command makes such a call".to_owned())
                } else {
                    Ok(kit.lied_to(lies))
                }
            }
        }
    }
}

/// The calls that are left out of each deed that makes them.
fn lies(kit: &Kit, call: &str, path: Option<&str>) -> BTreeMap<Deed, Vec<Fault>> {
    let fault = |when| vec![Fault { name: call.to_owned(), what: "retval=0".to_owned(), when }];
    let Some(pattern) = path else {
        return Deed::ALL.map(|deed| (deed, fault(String::new()))).into();
    };
    let chosen = |deed| {
        let place = kit.place("left-out");
        kit.prepare(deed, &place);
        let (_, calls) = strace::record(&[], &kit.line(deed, &place), &place, false);
        let main = calls.first().map(|call| call.thread);
        let of_name = calls.iter().filter(|made| made.name == call && Some(made.thread) == main);
        let here = |path: &Path| path.strip_prefix(place.path()).is_ok_and(|path| matches(path, pattern));
        last_run(of_name.map(|call| Parsed::of(call).path().is_some_and(here)))
    };
    let of = |deed| chosen(deed).map(|(first, last)| (deed, fault(format!("{first}..{last}"))));
    Deed::ALL.into_iter().filter_map(of).collect()
}

/// Whether a path has the components of a pattern.
fn matches(path: &Path, pattern: &str) -> bool {
    let names: Vec<_> = path.components().map(|name| name.as_os_str().to_string_lossy()).collect();
    let wanted: Vec<_> = pattern.split('/').filter(|name| !name.is_empty()).collect();
    names.len() == wanted.len()
        && names.iter().zip(wanted).all(|(name, wanted)| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == wanted,
        })
}

/// First and last number, from 1, of the last neighbours that are chosen.
fn last_run(chosen: impl Iterator<Item = bool>) -> Option<(usize, usize)> {
    let chosen: Vec<_> = chosen.collect();
    let last = chosen.iter().rposition(|chosen| *chosen)?;
    let before = chosen[..last].iter().rposition(|chosen| !*chosen);
    Some((before.map_or(1, |before| before + 2), last + 1))
}

/// The explorer on the three deeds that together take every step.
fn explorer(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    for deed in [Deed::Rotate, Deed::Request, Deed::RequestRotation] {
        if tally.bad.is_empty() && rig.kit.is_mistaken(deed) {
            tally.add(lost_writes::explore_deed(rig, &rig.kit, deed, 200));
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_patch_is_in_the_table_and_the_other_way_round() {
        let patched = MUTANTS.iter().filter(|mutant| matches!(mutant.mistake, Mistake::Patch));
        let patched: BTreeSet<_> = patched.map(|mutant| mutant.name.to_owned()).collect();
        let patches = std::fs::read_dir(crate::workshop::patches()).unwrap();
        let patches = patches.map(|entry| entry.unwrap().path());
        let patches: BTreeSet<_> =
            patches.map(|patch| patch.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(patched, patches);
    }

    #[test]
    fn a_pattern_has_as_many_names_as_a_path_it_matches() {
        assert!(matches("store/.STATE.tmp-0011".as_ref(), "store/.STATE*"));
        assert!(matches("store/generations/00000001/main.key".as_ref(), "store/generations/*/*"));
        assert!(!matches("store/generations/00000001".as_ref(), "store/generations/*/*"));
        assert!(!matches("store".as_ref(), "store/*"));
        assert!(matches("".as_ref(), ""));
    }

    #[test]
    fn the_last_neighbours_are_counted_from_one() {
        let run = |bits: &str| last_run(bits.chars().map(|bit| bit == '1'));
        assert_eq!(run("0110100"), Some((5, 5)));
        assert_eq!(run("0110111"), Some((5, 7)));
        assert_eq!(run("11"), Some((1, 2)));
        assert_eq!(run("000"), None);
    }
}
