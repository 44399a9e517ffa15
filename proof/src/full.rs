//! B2, B3, B5, B6: disks that are really full or really broken, outputs that are closed, stores
//! that are not to be written.

use super::oracle::Oracle;
use super::power::{Disk, shell};
use super::run::{Rig, Tally, Verdict};
use super::scene::{Deed, Files, Kit, Place, Ran, command};
use super::strace;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What a resource is limited to.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// Pages of a file system.
    Pages(usize),
    /// Files of a file system.
    Inodes(usize),
    /// Bytes of a file.
    FileSize(usize),
}

/// B2.
pub fn full(rig: &Rig) -> Tally {
    let oracles: Vec<_> = Deed::ALL.map(|deed| Oracle::new(&rig.kit, deed)).into();
    let mut cases = vec![];
    for oracle in &oracles {
        let base = rig.kit.base(oracle.deed());
        let pages: usize = base.0.values().flatten().map(|bytes| bytes.len().div_ceil(4096)).sum();
        cases.extend((0..150).step_by(3).map(|more| (oracle, Limit::Pages(pages + 1 + more))));
        cases.extend((1..24).map(|more| (oracle, Limit::Inodes(base.0.len() + 2 + more))));
        cases.extend((0..16).map(|sixteenth| (oracle, Limit::FileSize(256 * sixteenth))));
    }
    if let Err(why) = shell(&["mount", "-t", "tmpfs", "tmpfs", text(rig.kit.place("trial").path())]) {
        let mut tally = Tally::default();
        tally.leave_out(&why, cases.len());
        return tally;
    }
    shell(&["umount", text(rig.kit.place("trial").path())]).ok();
    let place = |worker| Tmpfs::mount(rig.kit.place(&format!("full-{worker}")).path());
    rig.each("full", &cases, 80, place, |disk, (oracle, limit)| {
        let place = disk.place();
        oracle.prepare(&place);
        let wrapper = match limit {
            Limit::Pages(pages) => disk.resize(&format!("size={}k", pages * 4)),
            Limit::Inodes(inodes) => disk.resize(&format!("nr_inodes={inodes}")),
            Limit::FileSize(bytes) => vec!["prlimit".into(), format!("--fsize={bytes}").into()],
        };
        let mut line = rig.kit.line(oracle.deed(), &place);
        *line.last_mut().unwrap() = "/dev/null".into();
        let ran = Ran::of(command(&wrapper, &line));
        disk.resize("size=64m,nr_inodes=0");
        // A limit on file sizes is delivered as a signal.
        let judged = match (limit, ran.code) {
            (Limit::FileSize(_), None) => oracle.judge(&place, false, &ran.stdout).map(drop),
            (_, _) => oracle.judge_ended(&place, &ran),
        };
        judged.map_err(|what| format!("{} {limit:?}: {what}", oracle.name())).into()
    })
}

/// A file system in memory whose size can be changed.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(path: &Path) -> Self {
        shell(&["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=0,mode=0700", "tmpfs", text(path)])
            .unwrap();
        Self(path.to_owned())
    }

    /// The mount point itself: a folder in it would be one more inode.
    fn place(&self) -> Place {
        Place::at(&self.0)
    }

    fn resize(&self, options: &str) -> Vec<OsString> {
        shell(&["mount", "-o", &format!("remount,{options}"), text(&self.0)]).ok();
        vec![]
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        shell(&["umount", text(&self.0)]).ok();
    }
}

/// B3: the disk under the file system runs out, so that fsync itself fails.
pub fn broken(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let deeds = [Deed::RequestRotation, Deed::Install, Deed::Rotate, Deed::RollBack];
    let oracles = deeds.map(|deed| Oracle::new(&rig.kit, deed));
    for (index, (oracle, room)) in
        oracles.iter().flat_map(|oracle| [0, 8, 32, 64, 128].map(|room| (oracle, room))).enumerate()
    {
        let small = Tmpfs::mount(rig.kit.place(&format!("broken-{index}")).path());
        let disk = match Disk::mount("ext4", &small.0) {
            Ok(disk) => disk,
            Err(why) => {
                tally.leave_out(&why, 1);
                continue;
            }
        };
        let place = disk.place();
        oracle.prepare(&place);
        disk.flush();
        let used = rustix::fs::statvfs(&small.0).map(|stat| (stat.f_blocks - stat.f_bfree) * 4).unwrap();
        small.resize(&format!("size={}k", used + room));
        let (ran, calls) =
            strace::record(&[], &rig.kit.line(oracle.deed(), &place), &rig.kit.place("trace"), false);
        let again = synced_again(&calls);
        small.resize("size=64m");
        tally.count(match again {
            Some(file) => {
                Verdict::Bad(format!("{}: fsync of {file} was repeated after it failed", oracle.name()))
            }
            None => broken_verdict(oracle, &disk, &ran),
        });
    }
    tally
}

/// After the cut everything not durable is gone: what was acknowledged must be there.
fn broken_verdict(oracle: &Oracle<'_>, disk: &Disk, ran: &Ran) -> Verdict {
    if disk.cut().is_err() {
        return Verdict::LeftOut("the file system cannot be mounted again");
    }
    let judged = match oracle.judge(&disk.place(), ran.code == Some(0), &ran.stdout) {
        Ok(_) if matches!(ran.code, Some(0 | 4 | 6)) => Ok(()),
        Ok(_) => Err("no documented end".to_owned()),
        Err(what) => Err(what),
    };
    judged.map_err(|what| format!("{}: {what}; {ran}", oracle.name())).into()
}

/// The file whose fsync failed and was tried again on the same descriptor.
pub fn synced_again(calls: &[strace::Call]) -> Option<String> {
    let of = |call: &strace::Call| call.rest.split(')').next().unwrap_or_default().to_owned();
    let mut failed: Vec<String> = vec![];
    for call in calls {
        match call.name.as_str() {
            "fsync" | "fdatasync" if failed.contains(&of(call)) => return Some(of(call)),
            "fsync" | "fdatasync" if call.rest.contains("= -1") => failed.push(of(call)),
            "openat" => {
                // A descriptor number that is given out anew is another file.
                let opened = call.rest.rsplit_once(" = ").map(|(_, result)| result.to_owned());
                failed.retain(|fd| Some(fd) != opened.as_ref());
            }
            _ => {}
        }
    }
    None
}

/// B5: standard output, standard error and the log closed, full, or a pipe nobody reads.
pub fn mute(rig: &Rig) -> Tally {
    let outputs =
        [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full", "| true"];
    let logs = ["/dev/full", "/nowhere/log", "/", ""];
    let oracles = Deed::ALL.map(|deed| Oracle::new(&rig.kit, deed));
    let mut cases = vec![];
    for oracle in &oracles {
        cases.extend(outputs.map(|output| (oracle, output, logs[3])));
        cases.extend(logs[..3].iter().map(|log| (oracle, "", *log)));
    }
    rig.each(
        "mute",
        &cases,
        80,
        |worker| rig.kit.place(&format!("mute-{worker}")),
        |place, case| {
            let (oracle, output, log) = case;
            oracle.prepare(place);
            let script = format!("\"$@\" {output}");
            let wrapper = ["bash", "-o", "pipefail", "-c", &script, "bash"].map(OsString::from);
            let mut line = rig.kit.line(oracle.deed(), place);
            if !log.is_empty() {
                *line.last_mut().unwrap() = log.into();
            }
            let ran = Ran::of(command(&wrapper, &line));
            mute_verdict(oracle, place, &ran, output)
                .map_err(|what| format!("{} {output}{log}: {what}", oracle.name()))
                .into()
        },
    )
}

/// The work is done whoever listens; that the result could not be printed is exit 1, said on a
/// standard error that is still there, and the requests can be shown again.
fn mute_verdict(oracle: &Oracle<'_>, place: &Place, ran: &Ran, output: &str) -> Result<(), String> {
    let unheard = output.contains(">&-") && !output.starts_with('2')
        || output.contains(">/dev/full") && !output.starts_with('2');
    let ended = match ran.code {
        Some(0) => true,
        Some(1) => unheard || output.contains('|'),
        _ => false,
    };
    if !ended {
        return Err(format!("no documented end; {ran}"));
    }
    if ran.code == Some(1) && !output.contains("2>") && !ran.stderr.contains("standard output") {
        return Err(format!("it is not said that the result was not printed; {ran}"));
    }
    if oracle.judge(place, true, "")? { Ok(()) } else { Err(format!("it was not done; {ran}")) }
}

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
pub fn refused(rig: &Rig) -> Tally {
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

fn with_modes(path: &Path) -> (Files, Vec<u32>) {
    let files = Files::read(path);
    let mode =
        |at: &PathBuf| path.join(at).symlink_metadata().map_or(0, |metadata| metadata.permissions().mode());
    let modes = files.0.keys().map(mode).collect();
    (files, modes)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
