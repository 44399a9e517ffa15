//! A2: the power is cut before each system call, on real file systems: `FS_IOC_SHUTDOWN` without
//! flushing the journal (`xfs_io -x -c shutdown` makes that call, on ext4 too), unmount, mount.

use super::kill::{cases, oracles, struck, verdict};
use crate::disk::Disk;
use crate::rig::{Rig, Tally, Verdict};
use crate::strace;
use crate::strace::without_strace;

/// The file systems that can be cut off.
const FILE_SYSTEMS: [&str; 2] = ["ext4", "xfs"];

/// A2.
pub(crate) fn cut(rig: &Rig) -> Tally {
    if !strace::works() {
        return without_strace();
    }
    let oracles = oracles(&rig.kit);
    let points = cases(&rig.kit, &oracles);
    let (mut tally, mut usable) = (Tally::default(), vec![]);
    for file_system in FILE_SYSTEMS {
        match Disk::mount(file_system, rig.kit.place("trial").path()) {
            Ok(_) => usable.push(file_system),
            Err(why) => tally.leave_out(&format!("{file_system}: {why}"), points.len()),
        }
    }
    let on_each = |case| (0..usable.len()).map(move |disk| (case, disk));
    let cases: Vec<_> = points.iter().flat_map(on_each).collect();
    let place = |worker| {
        let mount = |file_system: &&'static str| {
            let folder = rig.kit.place(&format!("{}-{worker}", *file_system));
            Disk::mount(file_system, folder.path()).unwrap()
        };
        usable.iter().map(mount).collect::<Vec<_>>()
    };
    tally.add(rig.each("power cut", &cases, 250, place, |disks, (case, disk)| {
        let disk = &disks[*disk];
        let place = disk.place();
        rig.kit.prepare(case.oracle.deed(), &place);
        disk.flush();
        let ran = struck(&rig.kit, case, &place);
        let mut lost = false;
        let judged = verdict(case, &place, ran, || lost = disk.cut().unwrap());
        match judged {
            Verdict::Bad(what) => Verdict::Bad(format!("{}: {what}", disk.file_system)),
            Verdict::Held | Verdict::Spared if lost => Verdict::Held,
            Verdict::Held => Verdict::Spared,
            Verdict::Spared | Verdict::NotHit(_) | Verdict::LeftOut(_) => judged,
        }
    }));
    tally
}
