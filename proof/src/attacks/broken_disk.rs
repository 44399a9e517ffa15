//! B3: a disk that is really broken.

use crate::disk::Disk;
use crate::disk::Tmpfs;
use crate::oracle::Oracle;
use crate::rig::{Rig, Tally, Verdict};
use crate::scene::Deed;
use crate::strace;
use tests::Ran;

/// B3: the disk under the file system runs out, so that fsync itself fails.
pub(crate) fn broken(rig: &Rig) -> Tally {
    let mut tally = Tally::default();
    let deeds = [Deed::RequestRotation, Deed::Install, Deed::Rotate, Deed::RollBack];
    let oracles = deeds.map(|deed| Oracle::new(&rig.kit, deed));
    for (index, (oracle, room)) in
        oracles.iter().flat_map(|oracle| [0, 8, 32, 64, 128].map(|room| (oracle, room))).enumerate()
    {
        let small = Tmpfs::mount(rig.kit.place(&format!("broken-{index}")).path());
        let disk = match Disk::mount("ext4", small.path()) {
            Ok(disk) => disk,
            Err(why) => {
                tally.leave_out(&why, 1);
                continue;
            }
        };
        let place = disk.place();
        oracle.prepare(&place);
        disk.flush();
        let used = rustix::fs::statvfs(small.path()).map(|stat| (stat.f_blocks - stat.f_bfree) * 4).unwrap();
        let shrunk = small.resize(&format!("size={}k", used + room));
        let (ran, calls) =
            strace::record(&[], &rig.kit.line(oracle.deed(), &place), &rig.kit.place("trace"), false);
        let again = strace::synced_again(&calls);
        let widened = small.resize("size=64m");
        if let Err(why) = shrunk.and(widened) {
            tally.leave_out(&why, 1);
            continue;
        }
        let struck =
            calls.iter().any(|call| call.rest.contains("= -1 EIO") || call.rest.contains("= -1 ENOSPC"));
        tally.count(match again {
            Some(file) => {
                Verdict::Bad(format!("{}: fsync of {file} was repeated after it failed", oracle.name()))
            }
            None => broken_verdict(oracle, &disk, &ran, struck),
        });
    }
    tally
}

/// After the cut everything not durable is gone: what was acknowledged must be there.
fn broken_verdict(oracle: &Oracle<'_>, disk: &Disk, ran: &Ran, struck: bool) -> Verdict {
    if disk.cut().is_err() {
        return Verdict::LeftOut("the file system cannot be mounted again");
    }
    let judged = match oracle.judge(&disk.place(), ran.code == Some(0), &ran.stdout) {
        Ok(_) if matches!(ran.code, Some(0 | 4 | 6)) => Ok(()),
        Ok(_) => Err("no documented end".to_owned()),
        Err(what) => Err(what),
    };
    Verdict::judged(struck, judged.map_err(|what| format!("{}: {what}; {ran}", oracle.name())))
}
