//! F3S and F3C: every bit and every length of every file a record accounts for.

use crate::forgery::Change;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, command, run};
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use store::Store;
use tests::tree::Tree;

/// F3, the store: every bit of every file that a record accounts for, read by the library.
pub(crate) fn store(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let step = if rig.effort == crate::Effort::All { 1 } else { 60 };
    let base = rig.kit.base(Deed::RollBack);
    for (name, bytes) in files_of_record(base) {
        let cases = Change::all(bytes.len(), step);
        let all = cases.len();
        let label = name.display().to_string();
        let place = |worker| {
            let place = rig.kit.place(&format!("flips-{worker}"));
            rig.kit.prepare(Deed::RollBack, &place);
            place
        };
        tally.add(rig.each(&label, &cases, all, place, |place, change| {
            let file = place.store().join(&name);
            fs::write(&file, change.of(&bytes)).unwrap();
            let read = catch_unwind(|| Store::on_disk(place.store()).read().map(drop));
            fs::write(&file, &bytes).unwrap();
            match read {
                Ok(Err(_)) => Verdict::Held,
                Ok(Ok(())) => Verdict::Bad(format!("{label} {change:?}: the store was read")),
                Err(_) => Verdict::Bad(format!("{label} {change:?}: a panic")),
            }
        }));
    }
    tally
}

fn files_of_record(base: &Tree) -> Vec<(PathBuf, Vec<u8>)> {
    let files = base.files().filter(|(path, _)| *path != Path::new("audit.log"));
    files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect()
}

/// F3, the commands: a sample through the binaries, each of which must refuse and change nothing.
pub(crate) fn commands(rig: &Rig) -> Tally {
    let deeds = [Deed::Rotate, Deed::RequestRotation, Deed::RollBack, Deed::Install];
    let mut cases = vec![];
    for deed in deeds {
        for (name, bytes) in files_of_record(rig.kit.base(deed)) {
            let some = Change::all(bytes.len(), bytes.len() * 9 / 24 + 1);
            cases.extend(some.into_iter().map(|change| (deed, name.clone(), change)));
        }
    }
    rig.each(
        "flips, commands",
        &cases,
        60,
        |worker| rig.kit.place(&format!("flipped-{worker}")),
        |place, case| {
            let (deed, name, change) = case;
            rig.kit.prepare(*deed, place);
            let file = place.store().join(name);
            fs::write(&file, change.of(&fs::read(&file).unwrap())).unwrap();
            let before = Tree::read(&place.store());
            let runs = [rig.kit.command(*deed, place), command(&[], &rig.kit.status_line(place))];
            let judged = runs.into_iter().map(run).try_for_each(|ran| {
                if ran.code != Some(4) || ran.stderr.is_empty() {
                    Err(format!("not refused as damage: {ran}"))
                } else {
                    Ok(())
                }
            });
            let same = if Tree::read(&place.store()) == before {
                Ok(())
            } else {
                Err("the store changed".to_owned())
            };
            judged.and(same).map_err(|what| format!("{} {name:?} {change:?}: {what}", deed.name())).into()
        },
    )
}
