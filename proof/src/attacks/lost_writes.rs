//! A3: every store a power cut could leave under the weakest promise, at every moment of a
//! recorded run, judged by the real reader.

use crate::model::Files;
use crate::model::{Data, Disk, Parsed};
use crate::oracle::Oracle;
use crate::rig::{Effort, Rig, Tally, Verdict};
use crate::scene::{Deed, Kit};
use crate::strace;
use crate::strace::without_strace;
use ::tests::tree::Tree;
use std::collections::HashMap;

/// Up to so many changes of names every subset is tried, beyond it a sample.
const EXACT: usize = 11;

/// Up to so many files each has a fate of its own, beyond it all have the same.
const EACH: usize = 3;

/// A store a power cut could leave.
struct State {
    files: Files,
    /// How many system calls were done.
    moment: usize,
    /// Whether success had been printed by then.
    acknowledged: bool,
    /// Whether the cut took anything.
    lost: bool,
}

/// When a store was found first, and the strictest that can be asked of it.
struct Found {
    moment: usize,
    acknowledged: bool,
    lost: bool,
}

/// A3.
pub(crate) fn explore(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let mut tally = Tally::default();
    for deed in Deed::ALL {
        tally.add(explore_deed(rig, &rig.kit, deed, 90));
    }
    tally
}

/// Everything one deed could leave.
pub(crate) fn explore_deed(rig: &Rig, kit: &Kit, deed: Deed, quick_limit: usize) -> Tally {
    let oracle =
        Oracle::new(kit, deed).trying_next_after_one_in(if rig.effort == Effort::All { 32 } else { 64 });
    let states = match states(kit, deed) {
        Ok(states) => states,
        Err(what) => {
            let mut tally = Tally::default();
            tally.count(Verdict::Bad(format!("{}: {what}", deed.name())));
            return tally;
        }
    };
    let place = |worker| kit.place(&format!("explore-{worker}"));
    let mut tally = rig.each(deed.name(), &states, quick_limit, place, |place, state| {
        state.files.write(&place.store());
        match oracle.judge(place, state.acknowledged, "") {
            Ok(_) => Verdict::judged(state.lost, Ok(())),
            Err(what) => {
                let State { moment, acknowledged, .. } = state;
                Verdict::Bad(format!(
                    "{} after {moment} calls (acknowledged: {acknowledged}): {what}",
                    deed.name()
                ))
            }
        }
    });
    tally.notes.push(format!("{}: {} distinct stores", deed.name(), states.len()));
    tally
}

/// Every distinct one, with the strictest question asked about it.
fn states(kit: &Kit, deed: Deed) -> Result<Vec<State>, String> {
    let place = kit.place("recording");
    kit.prepare(deed, &place);
    let mut disk = Disk::new(place.path(), &Files::of(kit.base(deed)));
    let (ran, calls) = strace::record(kit.lies(deed), &kit.line(deed, &place), &place, true);
    if ran.code != Some(0) {
        return Err(format!("it failed: {ran}"));
    }
    let mut found: HashMap<Files, Found> = HashMap::new();
    let mut acknowledged = false;
    collect(&disk, 0, acknowledged, &mut found);
    for (moment, call) in calls.iter().enumerate() {
        let printed = Parsed::of(call).printed().is_some();
        let changed = disk.apply(call)?;
        if changed || (printed && !acknowledged) {
            acknowledged |= printed;
            collect(&disk, moment + 1, acknowledged, &mut found);
        }
    }
    if disk.after_cut(|_| true, |_| Data::Full) != Files::of(&Tree::read(&place.store())) {
        return Err("the model and the disk disagree at the end".to_owned());
    }
    let state = |(files, Found { moment, acknowledged, lost })| State { files, moment, acknowledged, lost };
    let mut states: Vec<_> = found.into_iter().map(state).collect();
    states.sort_by(|a, b| (a.moment, &a.files).cmp(&(b.moment, &b.files)));
    Ok(states)
}

/// Adds every store a cut at this moment could leave.
fn collect(disk: &Disk, moment: usize, acknowledged: bool, found: &mut HashMap<Files, Found>) {
    let pending = disk.pending();
    let subsets: Vec<u64> = if pending <= EXACT {
        (0..1 << pending).collect()
    } else {
        // Any odd multiplier walks through all of them, in no order.
        (0..1 << EXACT)
            .map(|i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - pending.min(63)))
            .collect()
    };
    let whole = disk.after_cut(|_| true, |_| Data::Full);
    let dirty = disk.dirty();
    for fates in fates(dirty.len()) {
        let fate: HashMap<_, _> = dirty.iter().zip(fates).collect();
        for subset in &subsets {
            let reached = |index: usize| subset >> index & 1 == 1;
            let files = disk.after_cut(reached, |inode| fate.get(&inode).copied().unwrap_or(Data::Full));
            let lost = files != whole;
            let strictest = found.entry(files).or_insert(Found { moment, acknowledged, lost });
            strictest.acknowledged |= acknowledged;
            strictest.lost |= lost;
        }
    }
}

/// What can have become of so many files: of a few each for itself, of many of all the same.
fn fates(files: usize) -> Vec<Vec<Data>> {
    if files > EACH {
        return Data::ALL.map(|data| vec![data; files]).into();
    }
    (0..files).fold(vec![vec![]], |fates, _| {
        fates.iter().flat_map(|one| Data::ALL.map(|data| [&one[..], &[data]].concat())).collect()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_a_few_files_each_has_a_fate_of_its_own() {
        assert_eq!([0, 1, 2, 3, 4, 9].map(|files| super::fates(files).len()), [1, 4, 16, 64, 4, 4]);
        assert!(super::fates(9).iter().all(|fates| fates.len() == 9));
    }
}
