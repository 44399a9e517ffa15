//! A4: the protocol with one step wrong, in many ways; each must be caught by one layer at least.
//! A rig that passes the right protocol and these too proves nothing.
//!
//! A step that only has to be left out is left out by strace, which answers 0 instead of the kernel.

use super::{call_trace, disturbed_calls, failing_calls, kill, lost_writes, overtaken, power_cut};
use crate::model::Parsed;
use crate::rig::{Effort, Rig, Tally, Verdict};
use crate::scene::{Deed, Kit};
use crate::strace::{self, Fault};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) type Layer = (&'static str, fn(&Rig) -> Tally);

pub(crate) const EXPLORER: Layer = ("explorer", explorer);

pub(crate) const KILL: Layer = ("kill", kill::kill);

pub(crate) const POWER: Layer = ("power cut", power_cut::cut);

pub(crate) const ERRORS: Layer = ("errors", failing_calls::fail);

pub(crate) const LIES: Layer = ("lies", disturbed_calls::disturb);

pub(crate) const RACES: Layer = ("races", overtaken::overtaken);

pub(crate) const TRACE: Layer = ("trace", call_trace::trace);

/// The columns of the table.
pub(crate) const LAYERS: [Layer; 7] = [KILL, POWER, EXPLORER, ERRORS, LIES, RACES, TRACE];

/// The protocol with one step wrong.
pub(crate) struct Mutant {
    name: &'static str,
    /// The system call that is left out.
    call: &'static str,
    /// Where it is left out; `*` stands for the rest of a name. Of several runs of such calls the last.
    path: Option<&'static str>,
    /// The layer that must catch it.
    must: Layer,
}

pub(crate) const fn unsynced(name: &'static str, path: &'static str) -> Mutant {
    Mutant { name, call: "fsync", path: Some(path), must: EXPLORER }
}

pub(crate) const MUTANTS: [Mutant; 9] = [
    unsynced("NoFileSync", "store/generations/*/*"),
    unsynced("NoGenerationSync", "store/generations/*"),
    unsynced("NoParentSync", "store/generations"),
    unsynced("NoAccountFileSync", "store/documents/accounts/*"),
    unsynced("NoAccountSync", "store/documents/accounts"),
    unsynced("NoStateSync", "store/.STATE*"),
    unsynced("NoStoreSync", "store"),
    unsynced("NoPlaceSync", ""),
    Mutant { name: "NoLock", call: "flock", path: None, must: RACES },
];

/// A4.
pub(crate) fn gate(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    if !strace::works() {
        tally.leave_out("no strace", MUTANTS.len());
        return tally;
    }
    tally.notes.push(format!("{:22} {}", "", LAYERS.map(|layer| format!("{:9}", layer.0)).join(" ")));
    for mutant in &MUTANTS {
        let verdict = if rig.is_late() {
            Verdict::LeftOut("out of time")
        } else {
            let (marks, verdict) = caught(rig, mutant);
            tally.notes.push(format!("{:22} {marks}", mutant.name));
            verdict
        };
        tally.count(verdict);
        crate::rig::progress("mutants", tally.cases, MUTANTS.len(), &tally);
    }
    tally
}

/// Whether a layer catches it, and one mark for each layer.
pub(crate) fn caught(rig: &Rig, mutant: &Mutant) -> (String, Verdict) {
    let lies = mutant.lies(&rig.kit);
    if lies.is_empty() {
        let what = format!("{}: no command makes such a call", mutant.name);
        return (String::new(), Verdict::Bad(what));
    }
    let kit = rig.kit.lied_to(lies);
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
    /// The calls that are left out of each deed that makes them.
    pub(crate) fn lies(&self, kit: &Kit) -> BTreeMap<Deed, Vec<Fault>> {
        let fault = |when| vec![Fault { name: self.call.to_owned(), what: "retval=0".to_owned(), when }];
        let Some(pattern) = self.path else {
            return Deed::ALL.map(|deed| (deed, fault(String::new()))).into();
        };
        let last_run = |deed| {
            let place = kit.place("left-out");
            kit.base(deed).write(&place.store());
            let (_, calls) = strace::record(&[], &kit.line(deed, &place), &place, false);
            let main = calls.first().map(|call| call.thread);
            let of_name = calls.iter().filter(|call| call.name == self.call && Some(call.thread) == main);
            let here = |path: &Path| path.strip_prefix(place.path()).is_ok_and(|path| matches(path, pattern));
            last_run(of_name.map(|call| Parsed::of(call).path().is_some_and(here)))
        };
        let of = |deed| last_run(deed).map(|(first, last)| (deed, fault(format!("{first}..{last}"))));
        Deed::ALL.into_iter().filter_map(of).collect()
    }
}

/// Whether a path has the components of a pattern.
pub(crate) fn matches(path: &Path, pattern: &str) -> bool {
    let names: Vec<_> = path.components().map(|name| name.as_os_str().to_string_lossy()).collect();
    let wanted: Vec<_> = pattern.split('/').filter(|name| !name.is_empty()).collect();
    names.len() == wanted.len()
        && names.iter().zip(wanted).all(|(name, wanted)| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == wanted,
        })
}

/// First and last number, from 1, of the last neighbours that are chosen.
pub(crate) fn last_run(chosen: impl Iterator<Item = bool>) -> Option<(usize, usize)> {
    let chosen: Vec<_> = chosen.collect();
    let last = chosen.iter().rposition(|chosen| *chosen)?;
    let before = chosen[..last].iter().rposition(|chosen| !*chosen);
    Some((before.map_or(1, |before| before + 2), last + 1))
}

/// The explorer on the three deeds that together take every step.
pub(crate) fn explorer(rig: &Rig) -> Tally {
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

    #[test]
    pub(crate) fn a_pattern_has_as_many_names_as_a_path_it_matches() {
        assert!(matches("store/.STATE.tmp-0011".as_ref(), "store/.STATE*"));
        assert!(matches("store/generations/00000001/main.key".as_ref(), "store/generations/*/*"));
        assert!(!matches("store/generations/00000001".as_ref(), "store/generations/*/*"));
        assert!(!matches("store".as_ref(), "store/*"));
        assert!(matches("".as_ref(), ""));
    }

    #[test]
    pub(crate) fn the_last_neighbours_are_counted_from_one() {
        let run = |bits: &str| last_run(bits.chars().map(|bit| bit == '1'));
        assert_eq!(run("0110100"), Some((5, 5)));
        assert_eq!(run("0110111"), Some((5, 7)));
        assert_eq!(run("11"), Some((1, 2)));
        assert_eq!(run("000"), None);
    }
}
