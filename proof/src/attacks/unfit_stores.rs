//! B6: stores that are not to be written.

use crate::disk::Disk;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Kit, command, run};
use crate::tool::{shell, text};
use std::path::Path;
use tests::tree::Tree;

/// One way a store can be that must not be written.
type Spoil = (&'static str, fn(&Path) -> Result<(), String>, fn(&Path));

const SPOILED: [Spoil; 8] = [
    ("a file in its place", in_its_place_a_file, nothing),
    ("a symbolic link in its place", in_its_place_a_link, nothing),
    ("a foreign owner", |store| shell(&["chown", "nobody", text(store)]).map(drop), nothing),
    ("writable by its group", |store| shell(&["chmod", "0770", text(store)]).map(drop), nothing),
    (
        "STATE readable by all",
        |store| shell(&["chmod", "0644", text(&store.join("STATE"))]).map(drop),
        nothing,
    ),
    ("no STATE", |store| shell(&["rm", text(&store.join("STATE"))]).map(drop), nothing),
    ("an immutable directory", |store| shell(&["chattr", "+i", text(store)]).map(drop), mutable),
    ("a read-only file system", read_only, writable),
];

fn nothing(_: &Path) {}

fn mutable(store: &Path) {
    shell(&["chattr", "-i", text(store)]).ok();
}

fn in_its_place_a_file(store: &Path) -> Result<(), String> {
    shell(&["rm", "-r", text(store)])?;
    std::fs::write(store, "not a store").map_err(|error| error.to_string())
}

fn in_its_place_a_link(store: &Path) -> Result<(), String> {
    let elsewhere = store.with_file_name("elsewhere");
    shell(&["rm", "-rf", text(&elsewhere)])?;
    std::fs::rename(store, &elsewhere).map_err(|error| error.to_string())?;
    std::os::unix::fs::symlink(&elsewhere, store).map_err(|error| error.to_string())
}

fn read_only(store: &Path) -> Result<(), String> {
    shell(&["mount", "-o", "remount,ro", text(store.parent().and_then(Path::parent).unwrap())]).map(drop)
}

fn writable(store: &Path) {
    shell(&["mount", "-o", "remount,rw", text(store.parent().and_then(Path::parent).unwrap())]).ok();
}

/// B6: refused before any change.
pub(crate) fn refused(rig: &Rig) -> Tally {
    let deeds = [Deed::RequestRotation, Deed::Install, Deed::Rotate, Deed::RotateKeep, Deed::RollBack];
    let mut tally = Tally::default();
    let disk = match Disk::mount("ext4", rig.kit.place("refused").path()) {
        Ok(disk) => disk,
        Err(why) => {
            tally.leave_out(&why, deeds.len() * SPOILED.len());
            return tally;
        }
    };
    for deed in deeds {
        for spoil in &SPOILED {
            tally.count(spoiled(&rig.kit, &disk, deed, spoil));
        }
    }
    tally
}

fn spoiled(kit: &Kit, disk: &Disk, deed: Deed, (name, spoil, mend): &Spoil) -> Verdict {
    let place = disk.place();
    if place.store().is_file() || place.store().is_symlink() {
        std::fs::remove_file(place.store()).unwrap();
    }
    kit.prepare(deed, &place);
    if spoil(&place.store()).is_err() {
        return Verdict::LeftOut("this machine cannot spoil a store like that");
    }
    let before = Tree::read(place.path());
    let mut line = kit.line(deed, &place);
    *line.last_mut().unwrap() = "/dev/null".into();
    let ran = run(command(&[], &line));
    let same = before == Tree::read(place.path());
    mend(&place.store());
    let named = ran.stderr.contains("/store");
    match ran.code {
        Some(4) if same && named => Verdict::Held,
        _ => Verdict::Bad(format!("{}, {name}: unchanged {same}; {ran}", deed.name())),
    }
}
