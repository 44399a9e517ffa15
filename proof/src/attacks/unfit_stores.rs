//! B6: stores that are not to be written.

use crate::disk::Disk;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::{Deed, Files, Kit, Ran, command};
use crate::tool::shell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// One way a store can be that must not be written.
pub(crate) type Spoil = (&'static str, fn(&Path) -> Result<(), String>, fn(&Path));

pub(crate) const SPOILED: [Spoil; 8] = [
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

pub(crate) fn nothing(_: &Path) {}

pub(crate) fn mutable(store: &Path) {
    shell(&["chattr", "-i", text(store)]).ok();
}

pub(crate) fn in_its_place_a_file(store: &Path) -> Result<(), String> {
    shell(&["rm", "-r", text(store)])?;
    std::fs::write(store, "not a store").map_err(|error| error.to_string())
}

pub(crate) fn in_its_place_a_link(store: &Path) -> Result<(), String> {
    let elsewhere = store.with_file_name("elsewhere");
    shell(&["rm", "-rf", text(&elsewhere)])?;
    std::fs::rename(store, &elsewhere).map_err(|error| error.to_string())?;
    std::os::unix::fs::symlink(&elsewhere, store).map_err(|error| error.to_string())
}

pub(crate) fn read_only(store: &Path) -> Result<(), String> {
    shell(&["mount", "-o", "remount,ro", text(store.parent().and_then(Path::parent).unwrap())]).map(drop)
}

pub(crate) fn writable(store: &Path) {
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

pub(crate) fn spoiled(kit: &Kit, disk: &Disk, deed: Deed, (name, spoil, mend): &Spoil) -> Verdict {
    let place = disk.place();
    if place.store().is_file() || place.store().is_symlink() {
        std::fs::remove_file(place.store()).unwrap();
    }
    kit.base(deed).write(&place.store());
    if spoil(&place.store()).is_err() {
        return Verdict::LeftOut("this machine cannot spoil a store like that");
    }
    let before = with_modes(place.path());
    let mut line = kit.line(deed, &place);
    *line.last_mut().unwrap() = "/dev/null".into();
    let ran = Ran::of(command(&[], &line));
    let same = before == with_modes(place.path());
    mend(&place.store());
    let named = ran.stderr.contains("/store");
    match ran.code {
        Some(4) if same && named => Verdict::Held,
        _ => Verdict::Bad(format!("{}, {name}: unchanged {same}; {ran}", deed.name())),
    }
}

pub(crate) fn with_modes(path: &Path) -> (Files, Vec<u32>) {
    let files = Files::read(path);
    let mode =
        |at: &PathBuf| path.join(at).symlink_metadata().map_or(0, |metadata| metadata.permissions().mode());
    let modes = files.0.keys().map(mode).collect();
    (files, modes)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
